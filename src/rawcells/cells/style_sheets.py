"""Find what the style sheets of a page hide: classes and names of elements with ``display: none``.

Only rules for one class or one name (``.note``, ``#old``, ``td.note``) are read, and none inside conditions (``@media
print``). Of two rules for the same selector, the later one applies. One pass is enough for any page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

HIDES = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_SHOWS = re.compile(r"(?:display|visibility)\s*:", re.IGNORECASE)
_OPENS = re.compile(r"<style(?![\w-])[^<>]*>", re.IGNORECASE)
_CLOSES = re.compile(r"</style", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACES = re.compile(r"[{}]|[^{}]+")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?([.#][\w-]+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?:^|\s)(class|id)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def hidden_names(page: str) -> frozenset[str]:
    """Return the selectors (``.note``, ``#old``, ``td.note``) whose elements the style sheets of a page hide.

    Example:
        >>> sorted(hidden_names("<style>.a, td.b {display:none} .a {display:inline}</style>"))
        ['td.b']
    """
    hidden = set[str]()
    for selectors, says in _rules(page):
        names = {
            f"{(m[1] or '').lower()}{m[2]}"
            for selector in selectors.split(",")
            if (m := _SELECTOR.fullmatch(selector.strip()))
        }
        if HIDES.search(says):
            hidden |= names
        elif _SHOWS.search(says):
            hidden -= names
    return frozenset(hidden)


def is_hidden(tag: str, attributes: str, hidden: frozenset[str]) -> bool:
    """Return whether the classes or the name of an element are among those that are hidden."""
    if not hidden:
        return False
    named = [
        f"{'.' if kind.lower() == 'class' else '#'}{word}"
        for kind, *values in _ATTRIBUTE.findall(attributes)
        for word in "".join(values).split()
    ]
    return any(name in hidden or f"{tag}{name}" in hidden for name in named)


def _rules(page: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and declarations of rules that are not inside a condition."""
    at = 0
    while opened := _OPENS.search(page, at):
        closed = _CLOSES.search(page, opened.end())
        at = closed.start() if closed else len(page)
        open_, text = list[str](), ""
        for piece in _BRACES.findall(_COMMENT.sub("", page[opened.end() : at])):
            if piece == "{":
                open_.append(text.rpartition(";")[2].strip())
            elif piece == "}" and open_:
                if len(open_) == 1 and not open_[0].startswith("@"):
                    yield open_[0], text
                open_.pop()
            text = "" if piece in "{}" else piece
