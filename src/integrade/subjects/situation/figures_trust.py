"""Draw figures of the noise in the index: single goods, sampling error by year, and regions' own components."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.figures import integration_change_title, integration_title
from integrade.report.style import (
    BLUE,
    GRID,
    INK,
    MUTED,
    ORANGE,
    Chart,
    Record,
    data,
    dressed,
    names_axis,
    rows_high,
    tip,
)
from integrade.subjects.situation.model import Situation
from integrade.verdicts.bundle import Index
from integrade.verdicts.naming import good_word, place_word
from integrade.wording.numerals import fixed, noise_text
from plainwords.texts import listed, say

FEW, MANY = 16, 40
"""A figure labels at most `FEW` periods, and shows at most `MANY` goods or regions."""


def goods_figure(found: Situation, index: Index, labels: Mapping[str, str]) -> Chart:
    """Draw how leaving out each good changes the integration of regions: on average, and at most.

    Raises `EmptyTable` if no good was left out.
    """
    rows: list[Record] = [
        {
            "good": good_word(g.commodity, labels),
            "mean": g.mean_change,
            "largest": abs(g.largest_change or 0.0),
            "where": say("trust_figures.where", region=place_word(g.region), period=str(g.period)),
            "r": "" if g.correlation is None else f"r = {g.correlation:.2f}",
        }
        for g in found.goods
        if g.mean_change is not None
    ]
    if not rows:
        raise EmptyTable("no good was left out")
    rows = rows[:MANY]
    order = [str(r["good"]) for r in rows]
    y = alt.Y("good:N", sort=order, title=None, axis=names_axis(order))
    reach = max(float(r["largest"]) for r in rows)
    scale = alt.Scale(domain=[0, reach], nice=False, range=[0, alt.expr("width - 56")])
    title = integration_change_title(index)
    sentences = [
        say(
            "trust_figures.of-good",
            good=str(r["good"]),
            mean=f"{r['mean']:.3f}",
            largest=f"{r['largest']:.3f}",
            where=str(r["where"]),
        )
        for r in rows[:5]
    ]
    base = alt.Chart(data(rows))
    tips = [tip("good:N"), tip("mean:Q", ".3f"), tip("largest:Q", ".3f"), tip("where:N"), tip("r:N")]
    layers = [
        base.mark_rule(color=GRID, strokeWidth=2).encode(y=y, x=alt.X("mean:Q", scale=scale), x2=alt.X2("largest:Q")),
        base.mark_point(color=ORANGE, size=45, filled=False, strokeWidth=1.6).encode(
            y=y, x=alt.X("largest:Q", scale=scale), tooltip=tips
        ),
        base.mark_text(align="left", dx=8, color=MUTED, fontSize=11).encode(
            y=y, x=alt.X("largest:Q", scale=scale), text=alt.Text("r:N")
        ),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(
            y=y, x=alt.X("mean:Q", scale=scale, title=title), tooltip=tips
        ),
    ]
    return dressed(
        alt.layer(*layers),
        say("trust_figures.what-one-good-does"),
        subtitle=say("trust_figures.goods-marks"),
        description=say("figures.sentence", text=listed(sentences, "semicolon")),
        height=rows_high(order, 20) + 30,
    )


def noise_figure(found: Situation, index: Index) -> Chart:
    """Draw the variance of the index between regions in each year, and the part of it due to sampling error.

    Raises `EmptyTable` if no year has a variance.
    """
    known = [p for p in found.noise if p.share is not None]
    if not known:
        raise EmptyTable("no year has a variance between regions")
    rows: list[Record] = [
        {
            "year": p.period,
            "variance": p.variance,
            "noise": min(p.noise, p.variance),
            "text": noise_text(p.share),
            "share": p.share,
        }
        for p in known
    ]
    x = alt.X("year:O", title=say("figures.year"), axis=alt.Axis(labelAngle=0))
    y = alt.Y("variance:Q", title=say("trust_figures.variance"))
    base = alt.Chart(data(rows))
    tips = [
        tip("year:N"),
        tip("variance:Q", ".4f"),
        tip("noise:Q", ".4f"),
        alt.Tooltip("text:N", title=say("tips.share")),
    ]
    size = alt.expr(f"width / {len(rows)} < 32 ? 0 : 11")  # no text if bars are narrower
    words = base.mark_text(dy=-7, fontSize=size, color=INK).encode(x=x, y=y, text=alt.Text("text:N"))
    layers = [
        base.mark_bar(color=BLUE, opacity=0.85).encode(x=x, y=y, tooltip=tips),
        base.mark_bar(color=ORANGE).encode(x=x, y=alt.Y("noise:Q"), tooltip=tips),
        *([words] if len(rows) <= FEW else []),
    ]
    marks = [say("trust_figures.noise-colours")]
    if index.noise_share is not None:
        marks.append(say("trust_figures.over-all-years", share=noise_text(index.noise_share)))
    return dressed(
        alt.layer(*layers),
        say("trust_figures.how-much-is-error"),
        subtitle=listed(marks, "sentences"),
        description=say(
            "figures.sentence", text=listed([f"{p.period} {noise_text(p.share)}" for p in known], "clauses")
        ),
        height=200,
    )


def pure_figure(found: Situation, index: Index) -> Chart:
    """Draw each region's integration next to the integration of its own component, both averaged over the years.

    Raises `EmptyTable` with fewer than three regions.
    """
    if len(found.pure_points) < 3 or found.pure is None:
        raise EmptyTable("the regions' own components are not known")
    ordered = sorted(found.pure_points, key=lambda p: (-p.pure, p.region))
    points = ordered if len(ordered) <= MANY else [*ordered[: MANY // 2], *ordered[-MANY // 2 :]]
    rows = [{"region": place_word(p.region), "index": p.integration, "pure": p.pure} for p in points]
    names = [str(r["region"]) for r in rows]
    y = alt.Y("region:N", sort=names, title=None, axis=names_axis(names))
    scale = alt.Scale(zero=False)
    base = alt.Chart(data(rows))
    tips = [tip("region:N"), tip("index:Q", ".3f"), tip("pure:Q", ".3f")]
    layers = [
        base.mark_rule(color=GRID, strokeWidth=2).encode(y=y, x=alt.X("index:Q", scale=scale), x2=alt.X2("pure:Q")),
        base.mark_point(color=ORANGE, size=45, filled=False, strokeWidth=1.6).encode(
            y=y, x=alt.X("pure:Q", scale=scale), tooltip=tips
        ),
        base.mark_circle(color=BLUE, size=45, opacity=1).encode(
            y=y, x=alt.X("index:Q", scale=scale, title=integration_title(index)), tooltip=tips
        ),
    ]
    wider = fixed(1 / found.pure.compression, 1)
    marks = [say("trust_figures.pure-marks")]
    if len(points) < len(ordered):
        marks.append(say("trust_figures.at-each-end", many=str(MANY // 2), regions=str(len(ordered))))
    return dressed(
        alt.layer(*layers),
        say("trust_figures.index-and-own-component"),
        subtitle=listed(marks, "sentences"),
        description=say("trust_figures.pure-described", regions=str(len(points)), times=wider),
        height=rows_high(names, 17) + 30,
    )
