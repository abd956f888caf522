"""Figures of how noisy the index is: single goods, sampling error by year, the regions' own components."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from integrade.errors import EmptyTable
from integrade.judge.bundle import Index
from integrade.judge.naming import good_word
from integrade.models.descriptive.situation import Situation
from integrade.numerals import fixed, percent
from integrade.report.figures import integration_title
from integrade.report.style import BLUE, GRID, INK, MUTED, ORANGE, Chart, Record, data, dressed

FEW, MANY = 16, 40
"""Periods that a figure has room to label, and goods or regions it has room for."""


def goods_figure(found: Situation, index: Index, labels: Mapping[str, str]) -> Chart:
    """What leaving out each good does to the integration of regions: on average, and where it does most."""
    rows = [
        {
            "good": good_word(g.commodity, labels),
            "mean": g.mean_change,
            "largest": abs(g.largest_change or 0.0),
            "where": f"{g.region}, {g.period}",
            "r": "" if g.correlation is None else f"r = {g.correlation:.2f}",
        }
        for g in found.goods
        if g.mean_change is not None
    ]
    if not rows:
        raise EmptyTable("no good was left out")
    rows = rows[:MANY]
    order = [str(r["good"]) for r in rows]
    y = alt.Y("good:N", sort=order, title=None, axis=alt.Axis(grid=False, labelColor=INK))
    reach = max(float(str(r["largest"])) for r in rows)
    scale = alt.Scale(domain=[0, 1.2 * reach], nice=False)
    title = f"Change of {integration_title(index)[:1].lower()}{integration_title(index)[1:]}"
    base = alt.Chart(data(rows))
    tips = ["good:N", alt.Tooltip("mean:Q", format=".3f"), alt.Tooltip("largest:Q", format=".3f"), "where:N", "r:N"]
    layers = [
        base.mark_rule(color=GRID, strokeWidth=2).encode(y=y, x=alt.X("mean:Q", scale=scale), x2="largest:Q"),
        base.mark_point(color=ORANGE, size=45, filled=False, strokeWidth=1.6).encode(
            y=y, x=alt.X("largest:Q", scale=scale), tooltip=tips
        ),
        base.mark_text(align="left", dx=8, color=MUTED, fontSize=11).encode(
            y=y, x=alt.X("largest:Q", scale=scale), text="r:N"
        ),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(
            y=y, x=alt.X("mean:Q", scale=scale, title=title), tooltip=tips
        ),
    ]
    return dressed(
        alt.layer(*layers),
        "What one good does to the index",
        subtitle="Each good left out. Dot: mean absolute change. Ring: the largest. r: with the whole index",
        description="; ".join(
            f"{r['good']}: mean {r['mean']:.3f}, largest {r['largest']:.3f} in {r['where']}" for r in rows[:5]
        )
        + ".",
        height=20 * len(rows) + 30,
    )


def noise_figure(found: Situation, index: Index) -> Chart:
    """The variance of the index between regions in each year, and what of it is sampling error."""
    known = [p for p in found.noise if p.share is not None]
    if not known:
        raise EmptyTable("no year has a variance between regions")
    rows: list[Record] = [
        {
            "year": p.period,
            "variance": p.variance,
            "noise": min(p.noise, p.variance),
            "text": percent(p.share, 0),
            "share": p.share,
        }
        for p in known
    ]
    x = alt.X("year:O", title="Year", axis=alt.Axis(labelAngle=0))
    y = alt.Y("variance:Q", title="Variance of integration between regions")
    base = alt.Chart(data(rows))
    tips = [
        "year:N",
        alt.Tooltip("variance:Q", format=".4f"),
        alt.Tooltip("noise:Q", format=".4f"),
        alt.Tooltip("share:Q", format=".0%"),
    ]
    layers = [
        base.mark_bar(color=BLUE, opacity=0.85).encode(x=x, y=y, tooltip=tips),
        base.mark_bar(color=ORANGE).encode(x=x, y=alt.Y("noise:Q"), tooltip=tips),
        *([base.mark_text(dy=-7, fontSize=11, color=INK).encode(x=x, y=y, text="text:N")] if len(rows) <= FEW else []),
    ]
    whole = f"{percent(index.noise_share, 0)} over all years" if index.noise_share is not None else ""
    return dressed(
        alt.layer(*layers),
        "How much of the differences between regions is sampling error",
        subtitle=f"Orange: sampling error of the index, as a share of the variance above each bar. {whole}".strip(),
        description=", ".join(f"{p.period} {percent(p.share, 0)}" for p in known) + ".",
        height=240,
    )


def pure_figure(found: Situation, index: Index) -> Chart:
    """Each region's integration beside that of its own component, averaged over the years."""
    if len(found.pure_points) < 3 or found.pure is None:
        raise EmptyTable("the regions' own components are not known")
    ordered = sorted(found.pure_points, key=lambda p: (-p.pure, p.region))
    points = ordered if len(ordered) <= MANY else [*ordered[: MANY // 2], *ordered[-MANY // 2 :]]
    rows = [{"region": p.region, "index": p.integration, "pure": p.pure} for p in points]
    y = alt.Y("region:N", sort=[p.region for p in points], title=None, axis=alt.Axis(grid=False, labelColor=INK))
    scale = alt.Scale(zero=False)
    base = alt.Chart(data(rows))
    tips = ["region:N", alt.Tooltip("index:Q", format=".3f"), alt.Tooltip("pure:Q", format=".3f")]
    layers = [
        base.mark_rule(color=GRID, strokeWidth=2).encode(y=y, x=alt.X("index:Q", scale=scale), x2="pure:Q"),
        base.mark_point(color=ORANGE, size=45, filled=False, strokeWidth=1.6).encode(
            y=y, x=alt.X("pure:Q", scale=scale), tooltip=tips
        ),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(
            y=y, x=alt.X("index:Q", scale=scale, title=integration_title(index)), tooltip=tips
        ),
    ]
    wider = fixed(1 / found.pure.compression, 1)
    left = "" if len(points) == len(ordered) else f" The {MANY // 2} at each end of {len(ordered)} regions"
    return dressed(
        alt.layer(*layers),
        "The index of a region and its own component",
        subtitle=f"Means over the years. Dot: index. Ring: own component, which varies {wider} times as much.{left}",
        description=f"Dot plot of {len(points)} regions. The index averages in all other regions, so that differences "
        f"between regions are {wider} times as large in their own components.",
        height=17 * len(points) + 30,
    )
