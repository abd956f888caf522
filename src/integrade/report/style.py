"""The look of every figure: colours that survive colour blindness and dark pages, type, axes, export."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import altair as alt

from integrade.errors import UsageError
from integrade.report.drawing_process import Picture, drawn
from integrade.report.fonts import OWN, figure_faces, has_chinese
from integrade.report.whole_file import write_bytes
from integrade.wording.escaping import one_line, one_line_each
from integrade.wording.sheet import width
from integrade.wording.texts import say

Chart: TypeAlias = alt.Chart | alt.LayerChart
Record: TypeAlias = Mapping[str, Any]

INK, MUTED, GRID = "#1f2328", "#68717d", "#e1e4e8"
BLUE, ORANGE, GREEN, PURPLE = "#0b5cad", "#b4470f", "#00725b", "#7a4b9b"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, MUTED)
PALE, DEEP = "#e4eef8", "#08417b"
BLACK, WHITE = "#000000", "#ffffff"  # letters on a tile, which stay as they are on a dark page

DARK = {
    INK: "#e6e8eb",
    MUTED: "#9aa3ad",
    GRID: "#2f363d",
    BLUE: "#6cb2f5",
    ORANGE: "#f0924f",
    GREEN: "#4cc2a0",
    PURPLE: "#c39be0",
}
"""What each colour of a specification becomes on a dark page. ``PALE`` and ``DEEP`` (map tiles) stay."""

FONT = f"'{OWN}', sans-serif"
"""The typeface of the package comes first everywhere: what measures a text and what draws it take the same widths."""
EXPORT_WIDTH = 640

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "aria": False,
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "color": INK,
        "subtitleColor": MUTED,
        "fontSize": 14,
        "subtitleFontSize": 12,
        "fontWeight": 600,
        "offset": 12,
    },
    "axis": {
        "labelColor": MUTED,
        "titleColor": INK,
        "titleFontWeight": 400,
        "titleFontSize": 12,
        "labelFontSize": 11,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "gridColor": GRID,
        "labelOverlap": True,
        "labelSeparation": 6,
        "titlePadding": 8,
    },
    "axisY": {"domain": False, "ticks": False},
    "axisXQuantitative": {"tickCount": {"expr": "ceil(width / 70)"}},
    "axisX": {"grid": False, "titleAnchor": {"expr": "width < 280 ? 'end' : 'middle'"}},
    "legend": {"labelLimit": 0, "titleLimit": 0, "labelColor": MUTED, "titleColor": INK, "titleFontWeight": 400},
    "text": {"color": INK, "fontSize": 12},
}


def data(records: Sequence[Record]) -> Any:
    """Rows inlined in the specification; what is not a finite number becomes null, every text one plain line.

    A control character ends the process that draws, which may be the user's own.
    """
    return alt.InlineData(values=[one_line_each({k: None if _odd(v) else v for k, v in r.items()}) for r in records])


def _odd(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def tip(field: str, form: str = "") -> alt.Tooltip:
    """A line of a tooltip: a field (``year:Q``) under its name in the language that is spoken."""
    title = say(f"tips.{field.partition(':')[0]}")
    return alt.Tooltip(field, title=title, format=form) if form else alt.Tooltip(field, title=title)


def percent_axis() -> alt.Axis:
    """An axis of shares as the text has them: ``20 %``."""
    return alt.Axis(labelExpr=PERCENT.format(value="datum.value"))


PERCENT = "format(100 * {value}, ',.3~r') + ' %'"
"""The expression of a share as per cent, with a space before the sign as in the text."""

LINE = 26
"""Letters in a line of a name beside an axis; a Chinese character is two."""


def in_lines(text: str, wide: int = LINE) -> list[str]:
    """A text in lines of at most ``wide`` letters: broken between words, a longer word and Chinese within.

    Example:
        >>> in_lines("Meat, poultry and processed products", 16)
        ['Meat, poultry', 'and processed', 'products']
    """
    lines = [""]
    for piece in re.findall(r"\s*[^\s\u2e80-\uffef]+|\s*[\u2e80-\uffef]", text):
        if width(lines[-1] + piece) > wide and lines[-1]:
            lines.append("")
            piece = piece.lstrip()
        while width(lines[-1] + piece) > wide:
            lines[-1], piece = piece[:wide], piece[wide:]
            lines.append("")
        lines[-1] += piece
    return [line for line in lines if line] or [""]


def even_lines(text: str, wide: int) -> list[str]:
    """A text in as few lines of at most ``wide`` letters as it needs, none much longer than another.

    Example:
        >>> even_lines("integration.transform = none", 26)
        ['integration.transform', '= none']
    """
    needed = len(in_lines(text, wide))
    longest = max((width(word) for word in text.split() if not has_chinese(word)), default=1)
    least = min(longest, wide)  # no word is broken that fits in a line
    return next(lines for w in range(least, wide + 1) if len(lines := in_lines(text, w)) == needed)


def names_axis(names: Iterable[str], wide: int = LINE, **more: Any) -> alt.Axis:
    """The axis of names beside rows or below columns: every name whole, long ones in several lines."""
    broken = {name: lines for name in names if len(lines := even_lines(name, wide)) > 1}
    if broken:
        more["labelExpr"] = f"({json.dumps(broken)})[datum.label] || datum.label"
    more = {"grid": False, "labelColor": INK, "labelLimit": 0, "labelOverlap": False, **more}
    return alt.Axis(**more)


def rows_high(names: Iterable[str], step: int, wide: int = LINE) -> int:
    """How high rows of names are together: ``step`` each, more where a name takes more lines than fit."""
    every = list(names)
    most = max((len(in_lines(name, wide)) for name in every), default=1)
    return max(step, 13 * most + 4) * len(every)


def contrast(one: str, other: str) -> float:
    """How far two colours differ in luminance, 1 to 21 (WCAG 2.2): letters need 4.5 against what they stand on."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def shade(share: float) -> str:
    """The colour of a tile whose value lies at ``share`` of the way from ``PALE`` to ``DEEP``."""
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(_rgb(PALE), _rgb(DEEP), strict=True))


def letters_on(tile: str) -> str:
    """Black or white, whichever is read better on a colour: one of them has a contrast of at least 4.58."""
    return max(BLACK, WHITE, key=lambda ink: contrast(ink, tile))


def dressed(chart: Any, title: str, *, subtitle: str = "", description: str = "", height: int = 300) -> Chart:
    """Title, description for readers who cannot see the figure, width of the container, house style."""
    title, subtitle, description = map(one_line, (title, subtitle, description))
    heading = alt.Title(title, subtitle=[subtitle]) if subtitle else alt.Title(title)
    _break_titles(chart, height)
    full = chart.properties(title=heading, description=description or title, width="container", height=height)
    finished: Chart = full.configure(**CONFIG)
    return finished


ACROSS = 48
"""Letters in a line of a title below an axis or above a legend, which fit on a phone."""


def _break_titles(chart: Any, height: int) -> None:
    """Titles of axes and legends in lines that fit: beside the figure by its height, below it by a phone's width."""
    room = {"x": ACROSS, "y": max(int(height / 6.1), 20), "color": ACROSS}
    for layer in getattr(chart, "layer", [chart]):
        for channel, wide in room.items():
            of = _given(layer.encoding, channel)
            for one in (of, *(_given(of, part) for part in ("axis", "legend"))):
                said = _given(one, "title")
                if isinstance(said, str) and len(lines := even_lines(said, wide)) > 1:
                    one["title"] = lines


def _given(node: Any, name: str) -> Any:
    """What a node of a specification was given under a name; an attribute of that name may set it."""
    return node._kwds.get(name) if isinstance(node, alt.SchemaBase) else None


@dataclass(frozen=True)
class Drawing:
    """A figure of a document: its name, its number and its Vega-Lite specification."""

    name: str
    number: int
    spec: Mapping[str, Any]


def drawing(name: str, number: int, chart: Chart) -> Drawing:
    """A chart as a numbered figure."""
    return Drawing(name, number, specification(chart))


def specification(chart: Chart | Drawing) -> dict[str, Any]:
    """The chart as Vega-Lite; not validated, which costs more than drawing it.

    Its texts are plain (`one_line`): a control character in a name ends the process that draws.
    """
    if isinstance(chart, Drawing):
        return dict(chart.spec)
    found: dict[str, Any] = one_line_each(chart.to_dict(validate=False))
    return found | {k: _told_apart(v) for k, v in found.items() if k != "datasets"}


MEANT = {"if", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"}
MEANT |= {"valueOf"}
"""Titles that Vega 6 takes for functions of its expressions or JavaScript's, and stops."""


def _told_apart(part: Any, key: str = "") -> Any:
    """A specification where no title is one of `MEANT`: a blank follows it, which is not seen."""
    if isinstance(part, dict):
        return {k: _told_apart(v, k) for k, v in part.items()}
    if isinstance(part, list):
        return [_told_apart(v, key) for v in part]
    return f"{part} " if key in ("title", "text", "subtitle") and part in MEANT else part


def title_of(chart: Chart | Drawing) -> tuple[str, str]:
    """Title and subtitle of a dressed chart."""
    heading = specification(chart)["title"]
    return str(heading["text"]), " ".join(heading.get("subtitle", []))


def untitled(figure: Drawing) -> Drawing:
    """The figure without its title, for a document that prints the title as its caption."""
    return replace(figure, spec={k: v for k, v in figure.spec.items() if k != "title"})


def bare_spec(chart: Chart | Drawing) -> dict[str, Any]:
    """The specification without its title, for a page that prints the title as text; numbers have nine digits."""
    spec = specification(chart)
    spec.pop("title", None)
    spec.pop("$schema", None)
    rows = spec.get("datasets", {})
    return spec | {"datasets": {name: [_shortened(row) for row in listed] for name, listed in rows.items()}}


def _shortened(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with as many digits as a picture and its tooltips show, and more: half of a page's figures was digits."""
    return {k: float(f"{v:.9g}") if isinstance(v, float) else v for k, v in row.items()}


def image(chart: Chart | Drawing, kind: str) -> bytes:
    """The chart as the bytes of a png or svg, 640 points wide, on white."""
    picture = to_draw(chart).result()
    return picture.png if kind == "png" else with_letters(picture.svg).encode()


def to_draw(chart: Chart | Drawing) -> Future[Picture]:
    """The picture of a chart, drawn while other things are made; drawn once for every format."""
    spec = specification(chart)
    look = {**spec["config"], "background": "white"}
    return _drawn(json.dumps({**spec, "width": EXPORT_WIDTH, "config": look}, sort_keys=True))


@lru_cache(maxsize=64)
def _drawn(specified: str) -> Future[Picture]:
    return drawn(specified)


def with_letters(svg: str) -> str:
    """Put the glyphs of its texts into a picture, so that it looks the same wherever a browser shows it."""
    start = svg.index(">") + 1
    return f"{svg[:start]}<style>{figure_faces(svg)}</style>{svg[start:]}"


def save_figure(chart: Chart | Drawing, path: str | Path) -> Path:
    """Write .png or .svg without a browser, or .json for the Vega-Lite specification. Raises `UsageError`."""
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind == "json":
        return write_bytes(path, json.dumps(specification(chart), ensure_ascii=False).encode())
    if kind not in ("png", "svg"):
        raise UsageError(f"no figure format {path.suffix!r}", where=str(path), remedy="known: .png, .svg, .json")
    return write_bytes(path, image(chart, kind))


def spread_labels(places: Sequence[float], gap: float) -> list[float]:
    """Label positions near ``places``, at least ``gap`` apart, in the same order; the mean place is kept."""
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    moved: list[float] = []
    for i in order:
        moved.append(max(places[i], moved[-1] + gap) if moved else places[i])
    shift = (sum(moved) - sum(places)) / len(places) if places else 0.0
    result = [0.0] * len(places)
    for at, i in enumerate(order):
        result[i] = moved[at] - shift
    return result
