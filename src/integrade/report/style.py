"""Set the look of every figure (colours, type, axes) and export figures.

The colours can be told apart by colour-blind readers and have versions for dark pages.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from integrade.wording.sheet import width
from plainwords.escaping import one_line, one_line_each
from plainwords.texts import say

Chart: TypeAlias = alt.Chart | alt.LayerChart
Record: TypeAlias = Mapping[str, Any]

INK, MUTED, GRID = "#1f2328", "#68717d", "#e1e4e8"
BLUE, ORANGE, GREEN, PURPLE, SLATE = "#0b5cad", "#b4470f", "#006b47", "#492556", "#8a929c"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SLATE)
"""Colours of lines and bars. They differ in lightness too, so that readers who see no red or no green tell them apart.
"""
PALE, DEEP = "#e4eef8", "#08417b"
BLACK, WHITE = "#000000", "#ffffff"  # letters on a tile, which keep their colour on a dark page

DARK = {
    INK: "#e6e8eb",
    MUTED: "#9aa3ad",
    GRID: "#2f363d",
    BLUE: "#6cb2f5",
    ORANGE: "#f0924f",
    GREEN: "#7fe0c4",
    PURPLE: "#a85af6",
    SLATE: "#7d8691",
}
"""Colour of a specification -> its colour on a dark page. ``PALE`` and ``DEEP`` (map tiles) stay the same."""

FONT = f"'{OWN}', sans-serif"
"""The package's own typeface comes first everywhere, so that measured widths of text match the drawn ones."""
PRINTED_WIDTH = 588
"""Width of a figure in a file, in pixels, with its axes and legends.

A figure is printed as wide as the text (470 points on A4), or as 0.8 of it where a page is short of room. `SMALLEST`
pixels are then 8.8 or 7 points.
"""
SMALLEST = 11
"""The smallest type of a figure in pixels, so that nothing is printed in type below 7 points."""

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
        "labelFontSize": SMALLEST,
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
    "legend": {
        "labelLimit": 0,
        "titleLimit": 0,
        "labelColor": MUTED,
        "titleColor": INK,
        "titleFontWeight": 400,
        "titleFontSize": 12,
        "labelFontSize": SMALLEST,
    },
    "text": {"color": INK, "fontSize": 12},
}


def data(records: Sequence[Record]) -> Any:
    """Return rows for a specification: numbers that are not finite become null, and texts become one plain line.

    A control character would crash the drawing process, which may be the user's own.
    """
    rows = []
    for record in records:
        finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}
        rows.append(one_line_each(finite))
    finished = alt.InlineData(values=rows)
    # Altair copies each chart of a layer several times; as rows are never changed, the copies share them
    object.__setattr__(finished, "__deepcopy__", lambda _: finished)
    return finished


def tip(field: str, form: str = "") -> alt.Tooltip:
    """Return a line of a tooltip: a field (``year:Q``) with its name in the current language."""
    title = say(f"tips.{field.partition(':')[0]}")
    return alt.Tooltip(field, title=title, format=form) if form else alt.Tooltip(field, title=title)


def colour_where(test: Any, colour: str, otherwise: str) -> alt.ColorValue:
    """Return a colour for the rows that pass a test (``datum.marked``), and another colour for the other rows.

    The channels of all figures are objects of their class, not texts: Altair would search its schemas for each text.
    """
    return alt.ColorValue(**alt.condition(test, alt.value(colour), alt.value(otherwise)))


X_AT: Callable[[float], Any] = alt.XValue
Y_AT: Callable[[float], Any] = alt.YValue
"""Channels of a fixed place in pixels, for `encode`; Altair gives their functions no types."""


def percent_axis() -> alt.Axis:
    """Return an axis of shares, printed as in the text: ``20%``."""
    return alt.Axis(labelExpr=PERCENT.format(value="datum.value"))


PERCENT = "format(100 * {value}, ',.3~r') + '%'"
"""The Vega expression for a share in per cent, with a space before the sign as in the text."""

LINE = 26
"""Most letters in a line of a name next to an axis; a Chinese character counts as two."""


def in_lines(text: str, wide: int = LINE) -> list[str]:
    """Split a text between words into lines of at most ``wide`` letters; long words and Chinese texts break anywhere.

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
    """Split a text into as few lines of at most ``wide`` letters as it needs, of about equal length.

    Example:
        >>> even_lines("integration.transform = none", 26)
        ['integration.transform', '= none']
    """
    needed = len(in_lines(text, wide))
    longest = max((width(word) for word in text.split() if not has_chinese(word)), default=1)
    least = min(longest, wide)  # a word that fits in a line is not broken
    return next(lines for w in range(least, wide + 1) if len(lines := in_lines(text, w)) == needed)


def names_axis(names: Iterable[str], wide: int = LINE, **more: Any) -> alt.Axis:
    """Return the axis with the names of rows or columns; long names take several lines instead of being cut."""
    broken = {name: lines for name in names if len(lines := even_lines(name, wide)) > 1}
    if broken:
        more["labelExpr"] = f"({json.dumps(broken)})[datum.label] || datum.label"
    more = {"grid": False, "labelColor": INK, "labelLimit": 0, "labelOverlap": False, **more}
    return alt.Axis(**more)


def rows_high(names: Iterable[str], step: int, wide: int = LINE) -> int:
    """Return the total height of rows with names in pixels: ``step`` for each row, more if a name needs more lines."""
    every = list(names)
    most = max((len(in_lines(name, wide)) for name in every), default=1)
    return max(step, 13 * most + 4) * len(every)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2); text needs at least 4.5 on its background."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _rgb(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def shade(share: float) -> str:
    """Return the colour of a tile whose value lies at ``share`` of the way from ``PALE`` to ``DEEP``."""
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(_rgb(PALE), _rgb(DEEP), strict=True))


def letters_on(tile: str) -> str:
    """Return black or white, whichever has more contrast with a colour; the contrast is at least 4.58."""
    return max(BLACK, WHITE, key=lambda ink: contrast(ink, tile))


def dressed(chart: Any, title: str, *, subtitle: str = "", description: str = "", height: int = 300) -> Chart:
    """Return the chart with title, description (for readers who cannot see it), container width and house style."""
    title, subtitle, description = map(one_line, (title, subtitle, description))
    heading = alt.Title(title, subtitle=[subtitle]) if subtitle else alt.Title(title)
    _break_titles(chart, height)
    full = chart.properties(title=heading, description=description or title, width="container", height=height)
    finished: Chart = full.configure(**CONFIG)
    return finished


ACROSS = 48
"""Most letters in a line of a title below an axis or above a legend, so that it fits on a phone."""


def _break_titles(chart: Any, height: int) -> None:
    """Break titles of axes and legends into lines that fit the figure's height (y axis) or a phone's width (others)."""
    room = {"x": ACROSS, "y": max(int(height / 6.1), 20), "color": ACROSS}
    for layer in getattr(chart, "layer", [chart]):
        for channel, wide in room.items():
            of = _given(layer.encoding, channel)
            for one in (of, *(_given(of, part) for part in ("axis", "legend"))):
                title = _given(one, "title")
                if isinstance(title, str) and len(lines := even_lines(title, wide)) > 1:
                    one["title"] = lines


def _given(node: Any, name: str) -> Any:
    """Return a setting of a node of a specification.

    It is not read as an attribute, because Altair may have a setter method of that name.
    """
    return node._kwds.get(name) if isinstance(node, alt.SchemaBase) else None


@dataclass(frozen=True)
class Drawing:
    """A figure of a document: its name, its number (0: none) and its Vega-Lite specification."""

    name: str
    number: int
    spec: Mapping[str, Any]

    @property
    def label(self) -> str:
        """The number as text; empty for a figure without one."""
        return str(self.number) if self.number else ""


def drawing(name: str, number: int, chart: Chart) -> Drawing:
    """Return a chart as a numbered figure."""
    return Drawing(name, number, specification(chart))


def specification(chart: Chart | Drawing) -> dict[str, Any]:
    """Return the chart as Vega-Lite. It is not validated, because validation takes longer than drawing.

    Its texts are plain (`one_line`): a control character in a name would crash the drawing process.
    """
    if isinstance(chart, Drawing):
        return dict(chart.spec)
    spec: dict[str, Any] = one_line_each(chart.to_dict(validate=False))
    return spec | {k: _without_reserved(v) for k, v in spec.items() if k != "datasets"}


MEANT = {"if", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString"}
MEANT |= {"toString", "valueOf"}
"""Titles at which Vega 6 fails, because it takes them for functions of its expressions or of JavaScript."""


def _without_reserved(part: Any, key: str = "") -> Any:
    """Return a specification in which every title that is in `MEANT` is followed by an invisible blank."""
    if isinstance(part, dict):
        return {k: _without_reserved(v, k) for k, v in part.items()}
    if isinstance(part, list):
        return [_without_reserved(v, key) for v in part]
    return f"{part} " if key in ("title", "text", "subtitle") and part in MEANT else part


def title_of(chart: Chart | Drawing, *, on_screen: bool = False) -> tuple[str, str]:
    """Return the title and the subtitle of a chart that has a title, as printed or as on the page."""
    spec = specification(chart)
    heading = (spec if on_screen else printed(spec))["title"]
    return str(heading["text"]), " ".join(heading.get("subtitle", []))


def untitled(figure: Drawing) -> Drawing:
    """Return the figure without its title, for a document that prints the title as its caption."""
    return replace(figure, spec={k: v for k, v in printed(figure.spec).items() if k != "title"})


def bare_spec(chart: Chart | Drawing) -> dict[str, Any]:
    """Return the specification without its title, which a page prints as text, and with nine digits per number."""
    spec = specification(chart)
    for unused in ("title", "$schema", "usermeta"):
        spec.pop(unused, None)
    rows = spec.get("datasets", {})
    return spec | {"datasets": {name: [_shortened(row) for row in listed] for name, listed in rows.items()}}


def _shortened(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with nine digits per number, which exceeds what pictures and tooltips show.

    Longer numbers would about double the size of a page's figures.
    """
    return {k: float(f"{v:.9g}") if isinstance(v, float) else v for k, v in row.items()}


def image(chart: Chart | Drawing, kind: str) -> bytes:
    """Return the chart as it is printed, on white, as the bytes of a png or svg."""
    picture = to_draw(chart).result()
    return picture.png if kind == "png" else with_letters(picture.svg).encode()


def to_draw(chart: Chart | Drawing) -> Future[Picture]:
    """Start drawing a chart in the background; each is drawn once for all formats."""
    return _drawn(specified(chart))


def specified(chart: Chart | Drawing) -> str:
    """Return the Vega-Lite specification from which a chart is drawn, as it is printed."""
    spec = _with_short_lines(printed(specification(chart)))
    look = {**spec["config"], "background": "white", "autosize": {"type": "fit-x", "contains": "padding"}}
    return json.dumps({**spec, "width": PRINTED_WIDTH, "config": look}, sort_keys=True)


TITLE_LINE, SUBTITLE_LINE = 66, 92
"""Most letters in a line of a title and of a subtitle in a file, so that they are no wider than the figure."""


def _with_short_lines(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a specification whose title and subtitle are broken into lines: a longer line would squeeze the figure."""
    heading = spec.get("title")
    if not heading:
        return spec
    lines = {
        "text": even_lines(str(heading["text"]), TITLE_LINE),
        "subtitle": even_lines(" ".join(heading.get("subtitle", ())), SUBTITLE_LINE),
    }
    return {**spec, "title": {**heading, **{key: broken for key, broken in lines.items() if len(broken) > 1}}}


def with_print(screen: Chart, paper: Chart) -> Chart:
    """Return a chart for the screen that is replaced by another one, ``paper``, in files and printed documents."""
    both: Chart = screen.properties(usermeta={"print": specification(paper)})
    return both


def printed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the specification that is drawn in files and printed documents (`with_print`)."""
    return dict(spec.get("usermeta", {}).get("print", spec))


@lru_cache(maxsize=64)
def _drawn(specified: str) -> Future[Picture]:
    return drawn(specified)


def with_letters(svg: str) -> str:
    """Embed the glyphs of a picture's texts in the picture, so that it looks the same in every browser."""
    start = svg.index(">") + 1
    return f"{svg[:start]}<style>{figure_faces(svg)}</style>{svg[start:]}"


def save_figure(chart: Chart | Drawing, path: str | Path) -> Path:
    """Write .png or .svg without a browser, or .json for the Vega-Lite specification.

    Raises `UsageError` for another format.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind == "json":
        return write_bytes(path, json.dumps(specification(chart), ensure_ascii=False).encode())
    if kind not in ("png", "svg"):
        raise UsageError(f"no figure format {path.suffix!r}", where=str(path), remedy="known: .png, .svg, .json")
    return write_bytes(path, image(chart, kind))


def spread_labels(places: Sequence[float], gap: float) -> list[float]:
    """Return label positions near ``places`` that are at least ``gap`` apart, with the same order and mean."""
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    moved: list[float] = []
    for i in order:
        moved.append(max(places[i], moved[-1] + gap) if moved else places[i])
    shift = (sum(moved) - sum(places)) / len(places) if places else 0.0
    result = [0.0] * len(places)
    for at, i in enumerate(order):
        result[i] = moved[at] - shift
    return result
