"""Build a page of the report as one file.

It needs no network, and has a strict security policy and styles for light and dark screens and print.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from integrade.report.drawing_process import vega
from integrade.report.fonts import figure_faces, text_face
from integrade.report.latex import to_latex
from integrade.report.layouts import apart, each_in_two, stacked
from integrade.report.markup import set_in_html, to_csv, to_html
from integrade.report.printed import PrintedTable
from integrade.report.rows import caption_of, label_of_number, minus
from integrade.report.style import DARK, Chart, Drawing, bare_spec, drawing, title_of
from plainwords.escaping import for_html, json_text
from plainwords.texts import in_language, language_spoken, say, speaking

LONG_TABLE = 25  # prose tables with more rows than this scroll inside their own box


def paragraphs(sentences: Sequence[str]) -> str:
    """Return sentences as HTML paragraphs."""
    return "".join(f"<p>{set_in_html(s)}</p>\n" for s in sentences)


def table_block(table: PrintedTable) -> str:
    """Return the HTML of a table in a box that scrolls, with buttons that copy it."""
    copy = in_language(say("page.copy"), table.language)
    label = label_of_number("table", table.number, table.language)
    long = " long" if table.wide_text and len(table.rows) > LONG_TABLE else ""
    buttons = "".join(
        f'<button type="button" data-copy="{kind}" data-table="{table.number}" '
        f'aria-label="{copy} {name}: {for_html(label)}">{copy} {name}</button>'
        for kind, name in (("word", "Word"), ("tex", "LaTeX"), ("csv", "CSV"))
    )
    return (
        f'<div class="scroll{long}" id="table{table.number}" tabindex="0" role="region" '
        f'aria-label="{set_in_html(table.caption)}">{to_html(table)}</div><div class="tools">{buttons}</div>\n'
    )


def numbered(figures: Mapping[str, Chart]) -> dict[str, str]:
    """Return name -> HTML of the figures, numbered in order, in the current language."""
    drawn = {name: drawing(name, i, chart) for i, (name, chart) in enumerate(figures.items(), start=1)}
    return {name: figure_block(figure, language_spoken()) for name, figure in drawn.items()}


def figure_block(figure: Drawing, language: str = "en") -> str:
    """Return the HTML of a figure: the caption, the element in which it is drawn, and buttons that save it."""
    name, number, spec = figure.name, figure.label, figure.spec
    title, subtitle = title_of(figure, on_screen=True)
    described = str(spec.get("description", title))
    save, label = (
        in_language(say("page.save"), language),
        label_of_number("figure", number, language) if number else title,
    )
    small = f"<small>{set_in_html(subtitle)}</small>" if subtitle else ""
    binding = f'<div class="binding" id="binding-{name}"></div>' if spec.get("params") else ""
    buttons = "".join(
        f'<button type="button" data-save="{kind}" data-figure="{name}" '
        f'aria-label="{save} {kind.upper()}: {label}">{save} {kind.upper()}</button>'
        for kind in ("svg", "png")
    )
    return (
        f'<figure id="figure-{name}"><figcaption>{set_in_html(caption_of("figure", number, title, language))}{small}'
        f"</figcaption>"
        f'<div class="chart" id="chart-{name}" role="img" aria-label="{set_in_html(described)}">'
        f'</div>{binding}<div class="tools">{buttons}</div></figure>\n'
    )


def data_blocks(figures: Mapping[str, Chart | Drawing], tables: Sequence[PrintedTable]) -> dict[str, object]:
    """Return the data for the page's script: figures, their shared look, tables to copy, colours of the dark page."""
    specs = {name: bare_spec(chart) for name, chart in figures.items()}
    look: object = next((spec["config"] for spec in specs.values()), {})
    copied = {}
    for table, (main, other) in zip(tables, each_in_two(tables), strict=True):
        # for a manuscript: the table that a journal prints, and the appendix table with its other rows
        copied[table.number] = _to_copy(table, [apart(main)] if other is None else [main, other])
    return {
        "figures": {name: _without_repeats(spec, look) for name, spec in specs.items()},
        "look": look,
        "tables": packed(copied),
        "dark": DARK,
    }


def _without_repeats(spec: Mapping[str, Any], look: object) -> dict[str, Any]:
    """Return a figure without the shared look, with column names written once per data set and short data names.

    A data set is a list of [columns, rows]; each entry has consecutive rows with the same columns.
    """
    shared = {k: v for k, v in spec.items() if k != "config" or v != look}
    text = json.dumps(shared, ensure_ascii=False)
    for i, name in enumerate(n for n in shared.get("datasets", {}) if n.startswith("data-")):
        text = text.replace(f'"{name}"', f'"d{i}"')
    short_spec: dict[str, Any] = json.loads(text)
    return short_spec | {"datasets": {name: by_columns(rows) for name, rows in short_spec.get("datasets", {}).items()}}


def by_columns(rows: Sequence[Mapping[str, Any]]) -> list[tuple[list[str], list[list[Any]]]]:
    """Return rows as a list of [columns, rows]; each entry has consecutive rows with the same columns.

    Example:
        >>> by_columns([{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"a": 5}])
        [(['a', 'b'], [[1, 2], [3, 4]]), (['a'], [[5]])]
    """
    return [(list(keys), [list(row.values()) for row in run]) for keys, run in groupby(rows, key=tuple)]


def packed(value: object) -> str:
    """Return a value as compressed JSON (zlib) in base 64, a third of its size, for data that readers only copy."""
    return base64.b64encode(zlib.compress(json_text(value, separators=(",", ":")).encode(), 9)).decode()


def _to_copy(table: PrintedTable, parts: Sequence[PrintedTable]) -> dict[str, object]:
    """Return a table as LaTeX and CSV and, for the script that copies to Word, the row numbers of its parts."""
    numbers = [part.number for part in parts]
    tex = "\n".join(to_latex(stacked(part), numbers) for part in parts)
    cut = {} if len(parts) == 1 and parts[0].rows == table.rows else {"parts": [_part_of(table, p) for p in parts]}
    return {"tex": tex, "csv": to_csv(table), **cut}


def _part_of(table: PrintedTable, part: PrintedTable) -> dict[str, object]:
    """Return the row numbers of a part of a table, with the part's own caption and notes."""
    kept = {id(row) for row in part.rows}
    rows = [i for i, row in enumerate(table.rows) if id(row) in kept]
    return {"caption": part.caption, "rows": rows, "notes": [minus(n) for n in part.notes]}


def _as_data(value: object) -> str:
    """Return JSON that cannot close the script element around it."""
    text = json_text(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


ORIGIN = """<dialog id="origin" aria-labelledby="origin-title" data-ask="{ask}" data-hint="{hint}">
<div class="head"><h2 id="origin-title"></h2>
<button type="button" id="origin-copy">{copy}</button>
<button type="button" id="origin-close">{close}</button></div>
<div id="origin-body"></div>
</dialog>"""
"""The dialog with the origin of a number; the script fills it from the data block ``lineage``."""


def script_words() -> dict[str, str]:
    """Return the texts of the page's scripts in the current language.

    Scripts replace the names in braces in these texts.
    """
    return {
        "dark": say("page.dark"),
        "light": say("page.light"),
        "darkPage": say("page.dark-page"),
        "lightPage": say("page.light-page"),
        "copied": say("page.copied"),
        "refused": say("page.refused"),
        "openAll": say("page.open-all"),
        "closeAll": say("page.close-all"),
        "copyingRefused": say("page.copying-refused"),
        "notDrawn": say("page.not-drawn", problem="{problem}"),
        "number": say("lineage.number"),
        "rowAndColumn": say("lineage.row-and-column", row="{row}", column="{column}"),
        "under": say("lineage.under", block="{block}"),
    }


def origin() -> str:
    """Return the empty dialog for the origin of a number, in the current language."""
    words = {
        "ask": say("page.where-from"),
        "copy": say("page.copy"),
        "close": say("page.close"),
        "hint": say("page.hint"),
    }
    return ORIGIN.format(**{name: for_html(text) for name, text in words.items()})


def page(
    title: str,
    links: Sequence[tuple[str, str]],
    body: str,
    blocks: Mapping[str, object],
    language: str = "en",
    contents: str = "",
) -> str:
    """Return the whole HTML document.

    ``links`` are the anchors and labels of the bar at the top; ``contents`` is a list of contents at the side.
    """
    with speaking(language):
        blocks = {**blocks, "words": script_words()}
        has_lineage = "lineage" in blocks
        scripts = [
            vega().result().replace("</script", "<\\/script"),
            _asset("script.js"),
            _asset("reading.js"),
            *([_asset("lineage.js")] if has_lineage else []),
            *([_asset("explorer.js")] if "explorer-data" in blocks else []),
        ]
        listed = "".join(f'<li><a href="#{key}">{for_html(label)}</a></li>' for key, label in links)
        data = "\n".join(f'<script type="application/json" id="{k}">{_as_data(v)}</script>' for k, v in blocks.items())
        code = "\n".join(f"<script>{s}</script>" for s in scripts)
        content = f"""<body>
<a class="skip" href="#main">{for_html(say("page.to-the-content"))}</a>
<header class="bar"><nav aria-label="{for_html(say("page.sections"))}"><ol>{listed}</ol></nav>
<button type="button" id="theme">{for_html(say("page.dark"))}</button></header>
<div class="layout{" beside" if contents else ""}">
{contents}<main id="main" tabindex="-1">
{body}
<noscript><p>{for_html(say("page.needs-javascript"))}</p></noscript>
<footer>{for_html(say("page.made-with-integrade"))}</footer>
<p id="said" role="status" class="skip"></p>
</main>
</div>
{origin() if has_lineage else ""}
{data}
{code}
</body>
</html>
"""
        drawn = "".join(json_text(blocks[key]) for key in ("figures", "look", "explorer-data") if key in blocks)
        faces = figure_faces(drawn) if blocks.get("figures") else ""
        face = text_face(title + content)
        digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        sources = " ".join(f"'sha256-{digest}'" for digest in digests)
        policy = (
            f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; "
            f"img-src data: blob:; {'font-src data:; ' if faces or face else ''}base-uri 'none'; form-action 'none'"
        )
        head = f"""<!DOCTYPE html>
<html lang="{"zh-CN" if language_spoken() == "zh" else "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{for_html(title)}</title>
<style id="faces">{faces}</style>
<style>{face}{_asset("style.css")}</style>
</head>
"""
        return head + content


def sectioned(
    title: str,
    answer: Sequence[str],
    sections: Sequence[tuple[str, str, str, str]],
    figures: Mapping[str, Chart],
    tables: Sequence[PrintedTable],
) -> str:
    """Return a page in the current language: the answer in a box, then sections; empty sections are left out.

    A section is its anchor, its short label, its heading and its content.
    """
    kept = [s for s in sections if s[3]]
    body = "\n".join(
        f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{for_html(head)}</h2>\n{content}\n</section>'
        for key, _, head, content in kept
    )
    opening = (
        f'<h1>{for_html(title)}</h1>\n<section class="box" id="answer" aria-label="{for_html(say("page.the-answer"))}">'
        f"{paragraphs(answer)}</section>\n"
    )
    links = [("answer", str(say("page.answer"))), *((key, label) for key, label, _, _ in kept)]
    return page(title, links, opening + body, data_blocks(figures, tables), language_spoken())


def _asset(name: str) -> str:
    return (files("integrade.report") / "page" / name).read_text(encoding="utf-8")
