"""Distributions of a column by group and year: ribbons of quantiles, or bars of them side by side."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from integrade.judge.naming import dimension_word, group_name, label_of
from integrade.models.descriptive.distributions import Distributions, GroupQuantiles
from integrade.numerals import fixed
from integrade.report.forest import apart, looked_up
from integrade.report.style import BLUE, SERIES, Chart, Record, data, dressed, tip
from integrade.texts import listed, say

Labels = Mapping[str, str]
MOST = len(SERIES)
"""Groups that colours tell apart."""


def distributions_figure(found: Distributions, labels: Labels | None = None) -> Chart:
    """The median with the middle half and the middle 80 % of rows in each year.

    One group: ribbons. Several: side by side in each year, thick from p25 to p75, thin from p10 to p90. Of more than
    five groups those with the most rows are drawn, and it is said.
    """
    labels = labels or {}
    sizes: dict[str, int] = {}
    for p in found.points:
        sizes[p.group] = sizes.get(p.group, 0) + p.n
    largest = sorted(sizes, key=lambda g: (-sizes[g], g))[:MOST]
    groups = [g for g in sizes if g in largest]
    points = [p for p in found.points if p.group in largest]
    names = dict(zip(groups, apart([group_name(g, labels) for g in groups]), strict=True))
    outcome = label_of(found.outcome, labels)
    said = [say("distribution_figures.ribbons" if len(groups) == 1 else "distribution_figures.bars")]
    said += [say("distribution_figures.weighted", weight=label_of(found.weight, labels))] if found.weight else []
    said += [say("distribution_figures.rows", n=found.n)]
    said += [say("distribution_figures.missing", n=found.n_missing)] if found.n_missing else []
    said += [say("distribution_figures.largest", shown=len(groups), all=len(sizes))] if len(groups) < len(sizes) else []
    rows = [_row(p, names[p.group]) for p in points]
    counted = {names[g]: say("distribution_figures.group-and-n", group=names[g], n=sizes[g]) for g in groups}
    drawn = _ribbons(rows, outcome) if len(groups) == 1 else _bars(rows, counted, outcome)
    title = (
        say("distribution_figures.by-group", outcome=outcome, by=dimension_word(found.by))
        if found.by
        else say("distribution_figures.by-year", outcome=outcome)
    )
    ends = [f for g in groups if (f := _ends(points, g, names[g]))]
    return dressed(
        drawn,
        title,
        subtitle=listed(said, "semicolon"),
        description=say("figures.sentence", text=listed(ends, "semicolon")),
        height=300,
    )


def _row(p: GroupQuantiles, name: str) -> Record:
    return {"group": name, "year": p.year, "n": p.n, **{q: getattr(p, q) for q in ("p10", "p25", "p50", "p75", "p90")}}


def _ends(points: list[GroupQuantiles], group: str, name: str) -> str:
    own = [p for p in points if p.group == group]
    numbers = {"first": str(own[0].year), "last": str(own[-1].year)}
    medians = {"from": fixed(own[0].p50), "to": fixed(own[-1].p50)}
    of = say("groups.all") if not group else name
    return say("distribution_figures.median-moves", group=of, **numbers, **medians)


def _tips() -> list[alt.Tooltip]:
    quantiles = (tip(f"{q}:Q", ".3f") for q in ("p10", "p25", "p50", "p75", "p90"))
    return [tip("group:N"), tip("year:O"), tip("n:Q", ","), *quantiles]


def _y(field: str, title: str) -> alt.Y:
    return alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False))


def _ribbons(rows: list[Record], outcome: str) -> alt.LayerChart:
    """The median as a line over two ribbons; a year alone as a bar and a point."""
    base = alt.Chart(data(rows))
    x = alt.X("year:O", title=say("figures.year"), axis=alt.Axis(labelAngle=0))
    if len(rows) == 1:
        wide = [base.mark_rule(strokeWidth=w, color=BLUE, opacity=o) for w, o in ((3, 0.5), (12, 0.5))]
        pairs = (("p10", "p90"), ("p25", "p75"))
        bars = [m.encode(x=x, y=_y(a, outcome), y2=f"{b}:Q") for m, (a, b) in zip(wide, pairs, strict=True)]
    else:
        bars = [
            base.mark_area(color=BLUE, opacity=o).encode(x=x, y=_y(a, outcome), y2=f"{b}:Q")
            for o, a, b in ((0.15, "p10", "p90"), (0.25, "p25", "p75"))
        ]
    line = base.mark_line(color=BLUE, strokeWidth=2.2).encode(x=x, y=_y("p50", outcome))
    dots = base.mark_circle(color=BLUE, size=36, opacity=1).encode(x=x, y=_y("p50", outcome), tooltip=_tips())
    return alt.LayerChart(layer=[*bars, line, dots])


def _bars(rows: list[Record], counted: Mapping[str, str], outcome: str) -> alt.LayerChart:
    """Each group beside the others in each year; ``counted``: what the legend says of each."""
    order = list(counted)
    base = alt.Chart(data(rows))
    x = alt.X("year:O", title=say("figures.year"), axis=alt.Axis(labelAngle=0))
    offset = alt.XOffset("group:N", sort=order)
    legend = alt.Legend(orient="top", title=None, labelExpr=looked_up(counted), labelLimit=240)
    scale = alt.Scale(domain=order, range=list(SERIES[: len(order)]))
    colour = alt.Color("group:N", scale=scale, legend=legend)
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(
            x=x, xOffset=offset, y=_y("p10", outcome), y2="p90:Q", color=colour, tooltip=_tips()
        ),
        base.mark_rule(strokeWidth=5, opacity=0.55).encode(
            x=x, xOffset=offset, y=_y("p25", outcome), y2="p75:Q", color=colour, tooltip=_tips()
        ),
        base.mark_circle(size=42, opacity=1).encode(
            x=x, xOffset=offset, y=_y("p50", outcome), color=colour, tooltip=_tips()
        ),
    ]
    return alt.LayerChart(layer=layers)
