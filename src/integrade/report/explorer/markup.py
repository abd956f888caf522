"""Write the explorer's part of the page: controls and the places that its script fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plainwords.escaping import for_html
from plainwords.texts import say


def explorer(block: Mapping[str, Any]) -> str:
    """Return the HTML of the explorer in the current language; the script fills it from its data block.

    It is hidden without a script, and in print.
    """
    own, regions = block["own"], block["regions"]
    wide = _versions(block) if block["versions"]["list"] else ""
    tiles = '<div id="explorer-map" class="tiles"></div>'
    left = _panel("regions", regions["about"], tiles) if regions["list"] else ""
    right = (_goods() if block["goods"] else "") + _find()
    hint = f'<p class="hint">{for_html(block["notGoods"])}</p>' if block["notGoods"] else ""
    reset, name = for_html(say("explorer.reset")), for_html(block["heading"])  # the script names what it draws
    drawing = f'role="img" aria-label="{name}"'
    shown = (
        f'<div class="explored"><div id="explorer-curve"{"" if own else " hidden"} {drawing}></div>'
        f'<div><div id="explorer-said" role="status"></div><div id="explorer-series" {drawing} hidden></div>'
        f'<button type="button" id="explorer-reset" disabled>{reset}</button></div></div>'
    )
    return (
        f'<section id="explorer" aria-labelledby="h-explorer" hidden>'
        f'<h2 id="h-explorer">{for_html(block["heading"])}</h2>'
        f'<p>{for_html(block["lead"])}</p>\n<div class="explorer">{shown}{wide}'
        f'<div class="two"><div>{left}</div><div>{hint}{right}</div></div></div></section>\n'
    )


def _panel(key: str, about: str, content: str) -> str:
    return (
        f'<div class="explorer-panel"><h3 id="h-explorer-{key}">{for_html(say(f"explorer.{key}"))}</h3>'
        f'<p class="about">{for_html(about)}</p>{content}</div>\n'
    )


def _versions(block: Mapping[str, Any]) -> str:
    controls = "".join(
        f'<label>{for_html(say(f"explorer.{name}"))}<select id="explorer-{name}"></select></label>'
        for name in ("version", "quantity")
    )
    impossible = block["versions"]["impossible"]
    items = "".join(f"<li>{for_html(text)}</li>" for text in impossible)
    name = for_html(say("audit.could-not-be-made"))
    left = f"<details><summary>{name}</summary><ul>{items}</ul></details>" if impossible else ""
    heading = for_html(say("explorer.versions"))
    dots = (
        f'<div class="scroll dots" tabindex="0" role="region" aria-label="{heading}">'
        f'<div id="explorer-dots" role="img" aria-label="{heading}"></div></div>'
    )
    more = f'<p class="hint">{for_html(block["more"])}</p>' if block["more"] else ""
    content = f'<div class="choices">{controls}</div>{dots}<p class="hint" id="explorer-undrawn"></p>{more}{left}'
    return _panel("versions", block["versions"]["about"], content)


def _goods() -> str:
    name = for_html(say("explorer.number-of-goods"))
    slider = (
        f'<label class="slider">{name}<input type="range" id="explorer-goods" min="0" step="1">'
        f'<output id="explorer-goods-label"></output></label>'
    )
    return _panel("more-goods", say("explorer.about-goods"), slider)


def _find() -> str:
    label, hint = for_html(say("explorer.find-label")), for_html(say("explorer.find-hint"))
    search = f'<label>{label}<input type="search" id="explorer-find" placeholder="{hint}" autocomplete="off"></label>'
    found = '<p id="explorer-found" role="status"></p><ul id="explorer-hits"></ul>'
    return _panel("find", "", search + found)
