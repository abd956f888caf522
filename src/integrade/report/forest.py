"""Draw a forest plot: one estimate with its interval per row, numbers at the right, and one estimate marked.

The marked estimate is the headline or the pooled estimate.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.rows import minus
from integrade.report.style import (
    ACROSS,
    BLUE,
    INK,
    MUTED,
    Chart,
    Record,
    data,
    dressed,
    in_lines,
    names_axis,
    rows_high,
    tip,
)
from integrade.verdicts.naming import Pieces, pieces_text
from integrade.wording.numerals import decimals, rounded
from plainwords.texts import listed, say

PHONE = 520
"""In a figure narrower than this (in pixels) the numbers at the right are left out.

They are still in the table and the tooltip.
"""
IN_ROWS = alt.expr(f"containerSize()[0] < {PHONE} ? 1 : 0")
"""Number of columns of a legend above a figure.

On a phone it is 1, because a row would be cut; else 0, which means one row.
"""
ROW = 24
"""Pixels of a row."""


@dataclass(frozen=True)
class ForestRow:
    """One row: an estimate, its interval as pieces, and its number of observations.

    An end of a piece is None if there is no bound on that side. There are no pieces if there is no interval.

    ``marked``: whether this is the estimate with which the others are compared.
    """

    name: str
    estimate: float
    pieces: Pieces
    n: int
    marked: bool = False


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
    named = apart([r.name for r in shown])
    rows_axis = names_axis(named, labelPadding=10, ticks=False)
    y, first = (alt.Y("name:N", sort=named, title=None, axis=axis) for axis in (None, rows_axis))
    x = alt.X("a:Q", title=x_title, scale=alt.Scale(domain=[low, high], nice=False, zero=False))
    colour = alt.condition("datum.marked", alt.value(BLUE), alt.value(MUTED))
    lines, points = _lines(shown, named, low, high), _points(shown, named, low, high)
    base, whole = alt.Chart(data(lines)), alt.Chart(data(points))
    tips = [tip("name:N"), tip("estimate:Q", ".4f"), tip("low:Q", ".4f"), tip("high:Q", ".4f"), tip("n:Q", ",")]
    inside, left, right = "datum.place == 0", "datum.place < 0", "datum.place > 0"
    at = alt.X("x:Q", title=x_title, scale=alt.Scale(domain=[low, high], nice=False, zero=False))
    marked = next((r for r in shown if r.marked), None)
    layers: list[alt.Chart] = [
        *([_rule(reference, INK, [])] if reference is not None and low <= reference <= high else []),
        *([_rule(marked.estimate, BLUE, [4, 3])] if marked and low <= marked.estimate <= high else []),
        whole.mark_point(opacity=0).encode(y=first, x=at),
        base.mark_rule(strokeWidth=2.5).encode(y=y, x=x, x2="b:Q", color=colour),
        base.transform_filter("datum.open_left")
        .mark_point(shape="triangle-left", filled=True, size=45, opacity=1)
        .encode(y=y, x=x, color=colour),
        base.transform_filter("datum.open_right")
        .mark_point(shape="triangle-right", filled=True, size=45, opacity=1)
        .encode(y=y, x=alt.X("b:Q"), color=colour),
        whole.transform_filter(f"{inside} && !datum.marked")
        .mark_circle(size=70, opacity=1, color=INK)
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
        whole.mark_point(opacity=0).encode(y=_numbers_axis(shown, named), x=at),
    ]
    drawn = alt.layer(*layers).resolve_axis(y="independent")
    digits = shared_decimals(shown)
    texts = [say("forest.said", name=r.name, **_numbers(r, digits)) for r in shown]
    described = say("figures.sentence", text=listed(texts, "semicolon"))
    return dressed(drawn, title, subtitle=subtitle, description=described, height=rows_high(named, ROW) + 10)


def _rule(at: float, colour: str, dash: list[float]) -> alt.Chart:
    rule: alt.Chart = alt.Chart(data([{"x": at}])).mark_rule(color=colour, strokeDash=dash).encode(x="x:Q")
    return rule


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


def _lines(rows: Sequence[ForestRow], named: Sequence[str], low: float, high: float) -> list[Record]:
    """Return the pieces of the intervals inside the axis.

    ``open_left`` and ``open_right`` are true if a piece continues beyond that end of the axis.
    """
    lines: list[Record] = []
    for name, row in zip(named, rows, strict=True):
        for a, b in row.pieces:
            start, end = -math.inf if a is None else a, math.inf if b is None else b
            if start <= high and end >= low:
                ends = {"a": max(start, low), "b": min(end, high)}
                lines.append(
                    {"name": name, "marked": row.marked, "open_left": start < low, "open_right": end > high, **ends}
                )
    return lines


def _points(rows: Sequence[ForestRow], named: Sequence[str], low: float, high: float) -> list[Record]:
    """Return the estimates; for an estimate beyond the axis, ``place`` is -1 or 1 and ``x`` is the edge of the axis."""
    return [
        {
            "name": name,
            "estimate": row.estimate,
            "x": min(max(row.estimate, low), high),
            "place": -1 if row.estimate < low else 1 if row.estimate > high else 0,
            "low": row.pieces[0][0] if row.pieces else None,
            "high": row.pieces[-1][1] if row.pieces else None,
            "marked": row.marked,
            "n": row.n,
        }
        for name, row in zip(named, rows, strict=True)
    ]


def _numbers_axis(rows: Sequence[ForestRow], named: Sequence[str]) -> alt.Y:
    """Return a second axis at the right, with the numbers of every row: ``0.123 [0.100, 0.146], n = 1,234``.

    On a phone the axis is empty, because it would leave no room for the figure.
    """
    digits, words = shared_decimals(rows), dict[str, str]()
    for name, row in zip(named, rows, strict=True):
        key = "forest.numbers" if row.pieces else "forest.numbers-alone"
        words[name] = say(key, **_numbers(row, digits), n=f"{row.n:,}")
    axis = alt.Axis(
        orient="right",
        grid=False,
        domain=False,
        ticks=False,
        labelColor=INK,
        labelLimit=0,
        labelPadding=10,
        labelExpr=f"containerSize()[0] < {PHONE} ? '' : {looked_up(words)}",
    )
    return alt.Y("name:N", sort=list(named), title=None, axis=axis)


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


def looked_up(words: Mapping[str, str | list[str]]) -> str:
    """Return the label expression of an axis or a legend that prints ``words`` (value -> text, or lines of text)."""
    return f"{json.dumps(dict(words), ensure_ascii=False)}[datum.label]"


def in_legend(words: Mapping[str, str]) -> str:
    """Return the label expression of a legend that prints ``words`` (value -> text), in lines that fit on a phone."""
    return looked_up(
        {name: lines if len(lines := in_lines(said, ACROSS)) > 1 else said for name, said in words.items()}
    )
