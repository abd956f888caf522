"""Draw distributions of a column by group and year, as ribbons of quantiles or as bars side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.forest import IN_ROWS, apart, in_legend
from integrade.report.printed import caption
from integrade.report.style import BLUE, SERIES, Chart, Record, data, dressed, tip
from integrade.subjects.situation.distributions import Distributions, GroupQuantiles
from integrade.subjects.situation.tables import split_name
from integrade.verdicts.naming import dimension_word, group_name, prose_of, with_unit
from integrade.wording.numerals import fixed
from plainwords.texts import listed, say

Labels = Mapping[str, str]
MOST = len(SERIES)
"""Largest number of groups in a figure: one for each colour."""
LEAST = 10
"""A group with fewer rows in a year is not drawn, because quantiles would show values of single rows (a convention)."""


def distributions_figure(found: Distributions, labels: Labels | None = None, unit: str = "") -> Chart:
    """Draw, in each year, the median with the middle half and the middle 80% of rows.

    One group is drawn as ribbons. Several groups are drawn as bars side by side in each year: thick from p25 to p75,
    thin from p10 to p90. With more than five groups, the five with the most rows are drawn, and the subtitle says so. A
    group with fewer than ten rows in a year is not drawn in that year; the subtitle gives the number of these rows.
    ``unit`` is the unit of the outcome, for the axis.

    Raises `EmptyTable` if no group has ten rows in a year.
    """
    labels = labels or {}
    enough, few = [p for p in found.points if p.n >= LEAST], [p for p in found.points if p.n < LEAST]
    if not enough:
        raise EmptyTable(
            f"no group has {LEAST} rows in a year: quantiles would show the values of single rows",
            remedy="leave `by` out, or name a column of larger groups",
        )
    sizes: dict[str, int] = {}
    for p in enough:
        sizes[p.group] = sizes.get(p.group, 0) + p.n
    largest = sorted(sizes, key=lambda g: (-sizes[g], g))[:MOST]
    groups = [g for g in sizes if g in largest]
    points = [p for p in enough if p.group in largest]
    names = dict(zip(groups, apart([group_name(g, labels) for g in groups]), strict=True))
    outcome = prose_of(found.outcome, labels)
    axis = with_unit(outcome, unit)
    marks = [say("distribution_figures.ribbons" if len(groups) == 1 else "distribution_figures.bars")]
    marks += [say("distribution_figures.weighted", weight=prose_of(found.weight, labels))] if found.weight else []
    marks += [say("distribution_figures.rows", n=sum(p.n for p in points))]
    marks += [say("distribution_figures.missing", n=found.n_missing)] if found.n_missing else []
    marks += (
        [say("distribution_figures.largest", shown=len(groups), all=len(sizes))] if len(groups) < len(sizes) else []
    )
    if few:
        marks.append(say("distribution_figures.few", n=sum(p.n for p in few), cells=len(few), least=LEAST))
    rows: list[Record] = [
        {
            "group": names[p.group],
            "year": p.year,
            "at": p.year,
            "n": p.n,
            **{q: getattr(p, q) for q in ("p10", "p25", "p50", "p75", "p90")},
        }
        for p in points
    ]
    counted = {names[g]: say("distribution_figures.group-and-n", group=names[g], n=sizes[g]) for g in groups}
    drawn = _ribbons(rows, axis) if len(groups) == 1 else _bars(rows, counted, axis)
    title = (
        say("distribution_figures.by-group", outcome=outcome, by=_split(found.by, labels))
        if found.by
        else say("distribution_figures.by-year", outcome=outcome)
    )
    ends = [_median_moves(points, g, names[g]) for g in groups]
    return dressed(
        drawn,
        title,
        subtitle=caption(marks),
        description=say("figures.sentence", text=listed(ends, "semicolon")),
        height=230,
    )


def _split(by: str, labels: Labels) -> str:
    """Return the name of the groups for a title: a label, the usual word of a split or column, or the column's name."""
    name = split_name(by, labels)
    return dimension_word(by) if name == by else name if by in labels else name[:1].lower() + name[1:]


def _median_moves(points: list[GroupQuantiles], group: str, name: str) -> str:
    """Return a clause with a group's median in its first and last year."""
    in_group = [p for p in points if p.group == group]
    numbers = {"first": str(in_group[0].year), "last": str(in_group[-1].year)}
    medians = {"from": fixed(in_group[0].p50), "to": fixed(in_group[-1].p50)}
    of = say("groups.all") if not group else name
    return say("distribution_figures.median-moves", group=of, **numbers, **medians)


def _tips() -> list[alt.Tooltip]:
    quantiles = (tip(f"{q}:Q", ".3f") for q in ("p10", "p25", "p50", "p75", "p90"))
    return [tip("group:N"), tip("year:Q", "d"), tip("n:Q", ","), *quantiles]


def _y(field: str, title: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False))


def _x(years: Sequence[int]) -> alt.X:
    """Return an axis of years that are spaced by time, with a tick at each year of the data."""
    scale = alt.Scale(domain=[min(years) - 0.5, max(years) + 0.5], nice=False, zero=False)
    axis = alt.Axis(labelAngle=0, format="d", values=sorted(set(years)))
    return alt.X("at:Q", title=say("figures.year"), scale=scale, axis=axis)


def _ribbons(rows: list[Record], outcome: str) -> alt.LayerChart:
    """Draw the median over two ribbons, with a gap at a missing year. An isolated year is drawn as bars and a point."""
    years = [int(r["year"]) for r in rows]
    step = min((b - a for a, b in pairwise(years)), default=1)
    gaps = [y for y in range(years[0], years[-1], step) if y not in years]
    lone = [r for r in rows if not {int(r["year"]) - step, int(r["year"]) + step} & set(years)]
    blank = dict.fromkeys(("p10", "p25", "p50", "p75", "p90"))
    whole = sorted([*rows, *({"group": "", "year": y, "at": y, **blank} for y in gaps)], key=lambda r: int(r["year"]))
    base, each, x = alt.Chart(data(whole)), alt.Chart(data(rows)), _x(years)
    pairs = ((0.15, "p10", "p90"), (0.25, "p25", "p75"))
    layers = [
        base.mark_area(color=BLUE, opacity=o).encode(x=x, y=_y(a, outcome), y2=alt.Y2(f"{b}:Q")) for o, a, b in pairs
    ]
    layers += [
        alt.Chart(data(lone))
        .mark_rule(color=BLUE, strokeWidth=w, opacity=0.5)
        .encode(x=x, y=_y(a, outcome), y2=alt.Y2(f"{b}:Q"))
        for w, (_, a, b) in zip((3, 12), pairs, strict=True)
        if lone
    ]
    layers.append(base.mark_line(color=BLUE, strokeWidth=2.2).encode(x=x, y=_y("p50", outcome)))
    layers.append(each.mark_circle(color=BLUE, size=36, opacity=1).encode(x=x, y=_y("p50", outcome), tooltip=_tips()))
    return alt.LayerChart(layer=layers)


def _bars(rows: list[Record], counted: Mapping[str, str], outcome: str) -> alt.LayerChart:
    """Draw the groups side by side in each year. ``counted``: group -> its text in the legend."""
    order, years = list(counted), sorted({int(r["year"]) for r in rows})
    apart_by = 0.7 * min((b - a for a, b in pairwise(years)), default=1) / len(order)
    aside = {name: (i - (len(order) - 1) / 2) * apart_by for i, name in enumerate(order)}
    base = alt.Chart(data([{**r, "at": r["year"] + aside[r["group"]]} for r in rows]))
    x = _x(years)
    legend = alt.Legend(orient="top", title=None, labelExpr=in_legend(counted), columns=IN_ROWS)
    scale = alt.Scale(domain=order, range=list(SERIES[: len(order)]))
    colour = alt.Color("group:N", scale=scale, legend=legend)
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(
            x=x, y=_y("p10", outcome), y2=alt.Y2("p90:Q"), color=colour, tooltip=_tips()
        ),
        base.mark_rule(strokeWidth=5, opacity=0.55).encode(
            x=x, y=_y("p25", outcome), y2=alt.Y2("p75:Q"), color=colour, tooltip=_tips()
        ),
        base.mark_circle(size=42, opacity=1).encode(x=x, y=_y("p50", outcome), color=colour, tooltip=_tips()),
    ]
    return alt.LayerChart(layer=layers)
