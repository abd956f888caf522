"""Draw a forest plot: one estimate with its interval per row, numbers at the right, and one estimate marked.

The marked estimate is the headline or the pooled estimate.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.rows import minus
from integrade.report.style import (
    ACROSS,
    BLUE,
    INK,
    LINE,
    MUTED,
    X_AT,
    Chart,
    Record,
    colour_where,
    data,
    dressed,
    even_lines,
    in_lines,
    tip,
)
from integrade.verdicts.naming import Pieces, pieces_text
from integrade.wording.numerals import decimals, rounded
from integrade.wording.sheet import width
from plainwords.texts import listed, say

PHONE = 520
"""In a figure narrower than this (in pixels) the numbers at the right are left out.

They are still in the table and the tooltip.
"""
IN_ROWS = alt.expr(f"containerSize()[0] < {PHONE} ? 1 : 0")
"""Number of columns of a legend above a figure.

On a phone it is 1, because a row would be cut; else 0, which means one row.
"""
ROW, TEXT_HIGH, HEADING, LINE_HIGH = 22, 13, 30, 15
"""Pixels of a row whose name has one line, of each line of a name, and of the heading of a panel and its lines."""


@dataclass(frozen=True)
class ForestRow:
    """One row: an estimate, its interval as pieces, and its number of observations.

    An end of a piece is None if there is no bound on that side. There are no pieces if there is no interval.

    ``marked``: whether this is the estimate with which the others are compared. ``panel``: the heading of the rows to
    which it belongs; empty if they have none. ``hollow``: whether the estimate rests on values beyond the data.
    """

    name: str
    estimate: float
    pieces: Pieces
    n: int
    marked: bool = False
    panel: str = ""
    hollow: bool = False


def known(low: float, high: float) -> Pieces:
    """Return an interval as one piece, or no pieces if an end is missing."""
    return ((low, high),) if math.isfinite(low) and math.isfinite(high) else ()


def forest(
    rows: Sequence[ForestRow], *, title: str, x_title: str, subtitle: str = "", reference: float | None = None
) -> Chart:
    """Draw the figure; ``reference`` is the value at which a line is drawn across it (such as zero; None for no line).

    The axis spans the marked interval and values close to it. A value beyond the axis has an arrow at the edge, and its
    numbers are at the right. Rows without a finite estimate are left out.

    Raises `EmptyTable` if no row is left.
    """
    shown = [r for r in rows if math.isfinite(r.estimate)]
    if not shown:
        raise EmptyTable("there is no estimate to draw", remedy="see the notes of the result for why there is none")
    low, high = _span(shown, reference)
    where = _Rows(shown)
    y, first, last = where.y(None), where.y(where.names_axis()), where.y(_numbers_axis(shown, where))
    x = alt.X("a:Q", title=x_title, scale=alt.Scale(domain=[low, high], nice=False, zero=False))
    colour = colour_where("datum.marked", BLUE, MUTED)
    lines, points = _lines(shown, where, low, high), _points(shown, where, low, high)
    base, whole = alt.Chart(data(lines)), alt.Chart(data(points))
    tips = [tip("name:N"), tip("estimate:Q", ".4f"), tip("low:Q", ".4f"), tip("high:Q", ".4f"), tip("n:Q", ",")]
    inside, left, right = "datum.place == 0", "datum.place < 0", "datum.place > 0"
    at = alt.X("x:Q", title=x_title, scale=alt.Scale(domain=[low, high], nice=False, zero=False))
    marked = next((r for r in shown if r.marked), None)
    solid = f"{inside} && !datum.marked && !datum.hollow"
    layers: list[alt.Chart] = [
        *([where.rule(reference, INK, [])] if reference is not None and low <= reference <= high else []),
        *([where.rule(marked.estimate, BLUE, [4, 3])] if marked and low <= marked.estimate <= high else []),
        whole.mark_point(opacity=0).encode(y=first, x=at),
        base.mark_rule(strokeWidth=2.5).encode(y=y, x=x, x2=alt.X2("b:Q"), color=colour),
        base.transform_filter("datum.open_left")
        .mark_point(shape="triangle-left", filled=True, size=45, opacity=1)
        .encode(y=y, x=x, color=colour),
        base.transform_filter("datum.open_right")
        .mark_point(shape="triangle-right", filled=True, size=45, opacity=1)
        .encode(y=y, x=alt.X("b:Q"), color=colour),
        whole.transform_filter(solid).mark_circle(size=60, opacity=1, color=INK).encode(y=y, x=at, tooltip=tips),
        whole.transform_filter(f"{inside} && !datum.marked && datum.hollow")
        .mark_point(size=60, filled=False, color=INK, strokeWidth=1.6, opacity=1)
        .encode(y=y, x=at, tooltip=tips),
        whole.transform_filter(f"{inside} && datum.marked")
        .mark_point(shape="diamond", filled=True, size=130, opacity=1, color=BLUE)
        .encode(y=y, x=at, tooltip=tips),
        *(
            whole.transform_filter(side)
            .mark_point(shape=shape, filled=True, size=80, opacity=1, color=INK)
            .encode(y=y, x=at, tooltip=tips)
            for side, shape in ((left, "triangle-left"), (right, "triangle-right"))
        ),
        *where.headings(),
        whole.mark_point(opacity=0).encode(y=last, x=at),
    ]
    drawn = alt.layer(*layers).resolve_axis(y="independent")
    digits = shared_decimals(shown)
    texts = [say("forest.said", name=name, **_numbers(r, digits)) for name, r in zip(where.said(), shown, strict=True)]
    described = say("figures.sentence", text=listed(texts, "semicolon"))
    return dressed(drawn, title, subtitle=subtitle, description=described, height=where.height)


class _Rows:
    """Where the rows are: rows whose names take several lines are higher, and a panel has its heading above it."""

    def __init__(self, rows: Sequence[ForestRow]) -> None:
        self.names = apart([r.name for r in rows]) if not any(r.panel for r in rows) else [r.name for r in rows]
        self.panels = [r.panel for r in rows]
        self.lines = [even_lines(name, LINE) if width(name) > LINE else [name] for name in self.names]
        self.at, self.heads, self.spans = list[int](), list[tuple[int, str]](), list[tuple[int, int]]()
        self.left = 5 * max(width(line) for lines in self.lines for line in lines) + 10
        top, panel = 2, ""
        for row, lines in zip(rows, self.lines, strict=True):
            if row.panel != panel:
                heading = even_lines(row.panel, ACROSS)
                above = HEADING + LINE_HIGH * (len(heading) - 1)
                self.heads += [(top + HEADING - 8 + LINE_HIGH * i, line) for i, line in enumerate(heading)]
                top += above
            if row.panel != panel or not self.spans:
                self.spans.append((top, top))
            panel = row.panel
            high = max(ROW, TEXT_HIGH * len(lines) + 6)
            self.at.append(top + high // 2)
            top += high
            self.spans[-1] = (self.spans[-1][0], top)
        self.height = top + 4

    def said(self) -> list[str]:
        """Return the names with the panel to which each belongs."""
        both = zip(self.panels, self.names, strict=True)
        return [say("forest.of-panel", panel=panel, name=name) if panel else name for panel, name in both]

    def y(self, axis: alt.Axis | None, field: str = "at") -> alt.Y:
        scale = alt.Scale(domain=[self.height, 0], nice=False, zero=False)
        return alt.Y(f"{field}:Q", title=None, axis=axis, scale=scale)

    def names_axis(self) -> alt.Axis:
        """Return the axis with the names; each of their lines has a place of its own, around the middle of the row."""
        words = dict[str, str]()
        for at, lines in zip(self.at, self.lines, strict=True):
            first = at - TEXT_HIGH * (len(lines) - 1) / 2
            words |= {f"{first + TEXT_HIGH * i:g}": line for i, line in enumerate(lines)}
        return _words_axis(words)

    def rule(self, at: float, colour: str, dash: list[float]) -> alt.Chart:
        """Return a line across the rows, which leaves the headings free."""
        spans: list[Record] = [{"x": at, "at": top, "to": bottom} for top, bottom in self.spans]
        rule: alt.Chart = alt.Chart(data(spans)).mark_rule(color=colour, strokeDash=dash)
        return rule.encode(x=alt.X("x:Q"), y=self.y(None), y2=alt.Y2("to:Q"))

    def headings(self) -> list[alt.Chart]:
        """Return the headings of the panels, from the left end of the names."""
        rows: list[Record] = [{"at": at, "heading": heading} for at, heading in self.heads if heading]
        text = alt.Chart(data(rows)).mark_text(
            align="left", baseline="bottom", dx=-self.left, fontWeight=600, color=INK
        )
        return [text.encode(y=self.y(None), x=X_AT(0), text=alt.Text("heading:N"))] if rows else []


def _words_axis(words: Mapping[str, str], **more: Any) -> alt.Axis:
    """Return an axis that prints texts at positions in pixels."""
    plain = {"grid": False, "domain": False, "ticks": False, "labelColor": INK, "labelLimit": 0, "labelPadding": 10}
    look = {**plain, "labelOverlap": False, "labelExpr": looked_up(words, "value"), **more}
    return alt.Axis(values=[float(place) for place in words], **look)


def apart(names: Sequence[str]) -> list[str]:
    """Return the names with a number appended to repeated names, because a name identifies a row."""
    distinct = list[str]()
    for name in names:
        again, i = name, 2
        while again in distinct:
            again, i = f"{name} ({i})", i + 1
        distinct.append(again)
    return distinct


def _span(rows: Sequence[ForestRow], reference: float | None) -> tuple[float, float]:
    """Return the ends of the axis: all values within two widths of the marked interval, with a margin.

    Two widths are a convention.
    """
    values = [r.estimate for r in rows]
    ends = [e for r in rows for pair in r.pieces for e in pair if e is not None and math.isfinite(e)]
    marked = [e for r in rows if r.marked for pair in r.pieces for e in pair if e is not None and math.isfinite(e)]
    marked += [r.estimate for r in rows if r.marked]
    every = [*values, *ends]
    low, high = min(every), max(every)
    if len(marked) > 1 and max(marked) > min(marked):
        width = max(marked) - min(marked)
        near = [v for v in every if min(marked) - 2 * width <= v <= max(marked) + 2 * width]
        low, high = min(near), max(near)
    if reference is not None:
        low, high = min(low, reference), max(high, reference)
    margin = 0.06 * (high - low) or 0.5 * abs(high) or 1.0
    return low - margin, high + margin


def _lines(rows: Sequence[ForestRow], where: _Rows, low: float, high: float) -> list[Record]:
    """Return the pieces of the intervals inside the axis.

    ``open_left`` and ``open_right`` are true if a piece continues beyond that end of the axis.
    """
    lines: list[Record] = []
    for name, at, row in zip(where.names, where.at, rows, strict=True):
        for a, b in row.pieces:
            start, end = -math.inf if a is None else a, math.inf if b is None else b
            if start <= high and end >= low:
                ends = {"a": max(start, low), "b": min(end, high)}
                lines.append(
                    {"name": name, "at": at, "marked": row.marked, "open_left": start < low, "open_right": end > high}
                    | ends
                )
    return lines


def _points(rows: Sequence[ForestRow], where: _Rows, low: float, high: float) -> list[Record]:
    """Return the estimates; for an estimate beyond the axis, ``place`` is -1 or 1 and ``x`` is the edge of the axis."""
    return [
        {
            "name": name,
            "at": at,
            "hollow": row.hollow,
            "estimate": row.estimate,
            "x": min(max(row.estimate, low), high),
            "place": -1 if row.estimate < low else 1 if row.estimate > high else 0,
            "low": row.pieces[0][0] if row.pieces else None,
            "high": row.pieces[-1][1] if row.pieces else None,
            "marked": row.marked,
            "n": row.n,
        }
        for name, at, row in zip(where.names, where.at, rows, strict=True)
    ]


def _numbers_axis(rows: Sequence[ForestRow], where: _Rows) -> alt.Axis:
    """Return a second axis at the right, with the numbers of every row: ``0.123 [0.100, 0.146], n = 1,234``.

    On a phone the axis is empty, because it would leave no room for the figure.
    """
    digits, words = shared_decimals(rows), dict[str, str]()
    for at, row in zip(where.at, rows, strict=True):
        key = "forest.numbers" if row.pieces else "forest.numbers-alone"
        words[f"{at:g}"] = say(key, **_numbers(row, digits), n=f"{row.n:,}")
    label = f"containerSize()[0] < {PHONE} ? '' : {looked_up(words, 'value')}"
    return _words_axis(words, orient="right", labelExpr=label)


def shared_decimals(rows: Sequence[ForestRow]) -> int:
    """Return the decimals that all numbers of a figure share (`integrade.wording.numerals.decimals`).

    If a row is marked, its interval decides, so that neighbouring figures with the same marked row have the same
    decimals. Every interval has at least one significant digit.
    """
    estimates = [r.estimate for r in rows]
    first = _errors([r for r in rows if r.marked]) or _errors(rows)
    return max(decimals(estimates, first), decimals(estimates, [10 * e for e in _errors(rows)]))


def _errors(rows: Sequence[ForestRow]) -> list[float]:
    """Return a quarter of the width of each bounded interval, which is about a standard error."""
    return [(b - a) / 4 for r in rows for a, b in r.pieces if a is not None and b is not None]


def _numbers(row: ForestRow, digits: int) -> dict[str, str]:
    """Return the estimate and the interval of a row as texts."""
    return {
        "estimate": _number(row.estimate, digits),
        "interval": pieces_text(row.pieces, partial(_number, digits=digits)),
    }


def _number(value: float | None, digits: int) -> str:
    """Return a rounded number with a true minus sign."""
    return minus(rounded(value, digits))


def looked_up(words: Mapping[str, str | list[str]], field: str = "label") -> str:
    """Return the label expression of an axis or a legend that prints ``words`` (value -> text, or lines of text)."""
    return f"{json.dumps(dict(words), ensure_ascii=False)}[datum.{field}]"


def in_legend(words: Mapping[str, str]) -> str:
    """Return the label expression of a legend that prints ``words`` (value -> text), in lines that fit on a phone."""
    return looked_up(
        {name: lines if len(lines := in_lines(said, ACROSS)) > 1 else said for name, said in words.items()}
    )
