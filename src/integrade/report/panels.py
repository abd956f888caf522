"""Draw small multiples: one panel for each line with its band, over the line of all, in one grid with shared axes.

The panels are one Vega-Lite view whose points are moved into their panel. A grid of views would have a fixed width,
which neither a page nor a sheet of paper can fill.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt

from integrade.report.style import BLUE, GRID, INK, MUTED, SMALLEST, Record, data

ACROSS = 3
"""Most panels next to each other."""
GAP = 0.16
"""Room between two panels, as a share of a panel's width."""
HEAD = 0.32
"""Room above a panel for its heading and the years of the panel above, as a share of its height."""
PANEL_HIGH, HIGH = 132, 160
"""Height of a row of panels with its headings in pixels, and the height if there is one row."""


class Panels(NamedTuple):
    """A layered chart, and its height in pixels."""

    chart: alt.LayerChart
    height: int


def panels(
    rows: Sequence[Record],
    names: Sequence[str],
    value: str,
    *,
    y_title: str,
    x_title: str,
    tips: Sequence[alt.Tooltip],
    from_zero: bool = False,
) -> Panels:
    """Draw one panel per name. The first name is the line of all, drawn in grey in every other panel.

    ``rows`` have the keys ``series``, ``year``, ``value`` (the name of the key is given) and, for a band, ``low`` and
    ``high``. ``from_zero``: whether the axis includes zero, which is then a line.
    """
    years = sorted({int(r["year"]) for r in rows})
    heights = [float(r[key]) for r in rows for key in (value, "low", "high") if r.get(key) is not None]
    ticks = round_values(*_ends([*heights, *([0.0] if from_zero else [])]))
    across = 2 if len(names) == 4 else min(ACROSS, len(names))
    grid = _Grid(years, ticks, across, len(names))
    moved = {name: [grid.moved(r, at, value) for r in rows if r["series"] == name] for at, name in enumerate(names)}
    behind = [
        {**grid.moved(r, at, value), "panel": at}
        for at in range(1, len(names))
        for r in rows
        if r["series"] == names[0]
    ]
    own = [row for listed in moved.values() for row in listed]
    x_scale = alt.Scale(domain=[0, grid.wide], nice=False, zero=False)
    y_scale = alt.Scale(domain=[0, grid.high], nice=False, zero=False)
    x = alt.X("x:Q", title=x_title, axis=grid.years_axis(), scale=x_scale)

    def y(field: str = "y") -> alt.Y:
        return alt.Y(f"{field}:Q", title=y_title, axis=grid.values_axis(), scale=y_scale)

    base = alt.Chart(data(own))
    rules = [(grid.lines(at_foot=False), GRID), (grid.lines(at_foot=True), MUTED)]
    layers: list[alt.Chart] = [
        alt.Chart(data(lines)).mark_rule(color=colour).encode(x=x, x2=alt.X2("x2:Q"), y=y()) for lines, colour in rules
    ]
    layers += [
        alt.Chart(data([r for r in listed if "low_y" in r]))
        .mark_area(color=BLUE, opacity=0.18)
        .encode(x=x, y=y("low_y"), y2=alt.Y2("high_y:Q"))
        for listed in moved.values()
        if any("low_y" in r for r in listed)
    ]
    grey = alt.Chart(data(behind)).mark_line(color=MUTED, strokeWidth=1.3)
    layers += [
        *([grey.encode(x=x, y=y(), detail=alt.Detail("panel:N"))] if behind else []),
        base.mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y(), detail=alt.Detail("series:N")),
        base.mark_circle(color=BLUE, size=20, opacity=1).encode(x=x, y=y(), tooltip=list(tips)),
        alt.Chart(data(grid.headings(names)))
        .mark_text(align="left", baseline="bottom", dy=-5, fontWeight=600, color=INK)
        .encode(x=x, y=y(), text=alt.Text("text:N")),
    ]
    if above := grid.years_above():
        layers += [
            alt.Chart(data([r for r in above if r["side"] == side]))
            .mark_text(align=side, baseline="top", dy=5, fontSize=SMALLEST, color=MUTED)
            .encode(x=x, y=y(), text=alt.Text("text:N"))
            for side in ("left", "right")
        ]
    return Panels(alt.LayerChart(layer=layers), HIGH if grid.down == 1 else grid.down * PANEL_HIGH)


class _Grid:
    """The positions of the panels; each is 1 wide and 1 high, counted from the lower left corner."""

    def __init__(self, years: Sequence[int], ticks: Sequence[float], across: int, count: int) -> None:
        self.years, self.ticks = years, ticks
        self.across, self.down, self.count = across, math.ceil(count / across), count
        self.wide = across + GAP * (across - 1)
        self.high = self.down * (1 + HEAD)

    def corner(self, at: int) -> tuple[float, float]:
        row, column = divmod(at, self.across)
        return column * (1 + GAP), (self.down - 1 - row) * (1 + HEAD)

    def x(self, at: int, year: float) -> float:
        first, last = self.years[0], self.years[-1]
        return round(self.corner(at)[0] + 0.02 + 0.96 * (year - first) / ((last - first) or 1), 5)

    def y(self, at: int, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return round(self.corner(at)[1] + (value - low) / ((high - low) or 1.0), 5)

    def moved(self, row: Record, at: int, value: str) -> dict[str, object]:
        """Return the row with its position in a panel."""
        ends = {f"{k}_y": self.y(at, float(row[k])) for k in ("low", "high") if row.get(k) is not None}
        return {**row, "x": self.x(at, float(row["year"])), "y": self.y(at, float(row[value])), **ends}

    def lines(self, *, at_foot: bool) -> list[Record]:
        """Return the line at the foot of every panel, or the lines at the other values of the axis."""
        return [
            {"x": self.corner(at)[0], "x2": self.corner(at)[0] + 1, "y": self.y(at, tick)}
            for at in range(self.count)
            for i, tick in enumerate(self.ticks)
            if at_foot == (i == 0)
        ]

    def headings(self, names: Sequence[str]) -> list[Record]:
        return [{"x": self.corner(at)[0], "y": self.corner(at)[1] + 1, "text": name} for at, name in enumerate(names)]

    def in_last_row(self) -> int:
        """Return the number of panels in the last row."""
        return self.count - self.across * (self.down - 1)

    def years_above(self) -> list[Record]:
        """Return the first and last year below the panels of the row before the last that have no panel below."""
        first, last = self.years[0], self.years[-1]
        empty = range(self.count - self.across, self.across * (self.down - 1)) if self.down > 1 else ()
        return [
            {"x": self.x(at, year), "y": self.corner(at)[1], "text": str(year), "side": side}
            for at in empty
            for year, side in ((first, "left"), (last, "right"))
        ]

    def years_axis(self) -> alt.Axis:
        """Return an axis with the first and the last year of every panel in the last row."""
        first, last = self.years[0], self.years[-1]
        shown = sorted({first, last})
        words = {self.x(at, year): str(year) for at in range(self.in_last_row()) for year in shown}
        return _axis(words, domain=False, ticks=False, labelAlign=_aligned(self, first))

    def values_axis(self) -> alt.Axis:
        """Return an axis with the round values of every row of panels."""
        digits = max(len(f"{tick:.10f}".rstrip("0").partition(".")[2]) for tick in self.ticks)
        words = {
            self.y(row * self.across, tick): f"{tick:.{digits}f}".replace("-", "\u2212")
            for row in range(self.down)
            for tick in self.ticks
        }
        return _axis(words)


def _aligned(grid: _Grid, first: int) -> dict[str, Any]:
    """Return the alignment that sets first years to the right of their place and last years to the left of it."""
    lefts = [grid.x(at, first) for at in range(grid.across)]
    starts = f"indexof({json.dumps(lefts)}, datum.value) >= 0"
    return {"condition": {"test": starts, "value": "left"}, "value": "right"}


def _axis(words: Mapping[float, str], **more: Any) -> alt.Axis:
    """Return an axis with these words at these positions."""
    places, texts = list(words), list(words.values())
    label = f"{json.dumps(texts)}[indexof({json.dumps(places)}, datum.value)]"
    return alt.Axis(values=places, labelExpr=label, grid=False, labelOverlap=False, labelFlush=False, **more)


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def round_values(low: float, high: float, about: int = 4) -> list[float]:
    """Return round values from at most ``low`` to at least ``high``, with about ``about`` steps of 1, 2 or 5.

    Example:
        >>> round_values(0.48, 0.66)
        [0.45, 0.5, 0.55, 0.6, 0.65, 0.7]
    """
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * (1 - 1e-9))
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(start, end + 1)]
