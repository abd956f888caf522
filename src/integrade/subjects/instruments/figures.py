"""Draw the Anderson-Rubin test of every value of a coefficient, and the values that the test does not reject."""

from __future__ import annotations

import math
from collections.abc import Mapping

import altair as alt

from integrade.errors import EmptyTable, UnknownName, did_you_mean
from integrade.report.printed import caption
from integrade.report.rows import minus
from integrade.report.style import BLUE, INK, MUTED, ORANGE, X_AT, Y_AT, Chart, data, dressed, tip
from integrade.subjects.instruments.ar_curve import ARPoint, ar_curve
from integrade.subjects.instruments.verdict import rejected, set_words, sets_of
from integrade.subjects.instruments.weak_iv import ARSet, WeakIV
from integrade.verdicts.naming import errors_words, target_name
from integrade.wording.numerals import capital, decimals, rounded
from plainwords.texts import say

Labels = Mapping[str, str]


def anderson_rubin_figure(
    weak: WeakIV, target: str = "", labels: Labels | None = None, *, instrument: str = ""
) -> Chart:
    """Draw the p of every value of a coefficient or slope. The Anderson-Rubin set, with p above 1 - level, is shaded.

    ``target`` names one of the sets. By default it is the slope at the median if there is one, else the first
    coefficient. The set uses the cluster jackknife if that was computed. An unbounded set is shaded to the edge of the
    figure. ``instrument`` is the name of the instrument in the title.

    Raises `UnknownName` for an unknown target, `EmptyTable` without a statistic to draw.
    """
    labels, sets = labels or {}, {s.target: s for s in sets_of(weak)}
    name = target or usual_target(weak)
    if name not in sets:
        raise UnknownName(f"no set for {name!r}", remedy=did_you_mean(name, list(sets)))
    s = sets[name]
    points = [p for p in ar_curve(s) if math.isfinite(p.p)]
    if not points:
        raise EmptyTable(
            "the set has no statistic to draw", remedy="ask ig.questions.weak_iv again: older results lack it"
        )
    target_words, level = capital(target_name(s, labels)), f"{100 * weak.level:g}"
    words = set_words(s, effect=rejected(weak))
    if weak.sets_cr3:
        errors = say("instrument_figures.jackknife", clusters=f"{min(weak.fit.clusters.values()):,}")
    else:
        errors = say("instrument_figures.errors", errors=errors_words(weak.fit))
    marks = [
        say("instrument_figures.set", level=level, set=words),
        *([say("instrument_figures.projected")] if s.projected else []),
        errors,
        say("instrument_figures.rows", n=weak.fit.nobs),
    ]
    return dressed(
        alt.layer(*_layers(s, points, weak, target_words)),
        say("instrument_figures.title-with", target=target_words, instrument=instrument)
        if instrument
        else say("instrument_figures.title", target=target_words),
        subtitle=caption(marks),
        description=say("instrument_figures.described", target=target_words, level=level, set=words),
        height=220,
    )


def usual_target(weak: WeakIV) -> str:
    """Return the default target: the slope at the median if there is one, else the first coefficient."""
    names = [s.target for s in sets_of(weak)]
    return next((n for n in names if n.endswith(" p50")), names[0] if names else "")


def _layers(s: ARSet, points: list[ARPoint], weak: WeakIV, called: str) -> list[alt.Chart]:
    level, estimator = weak.level, weak.fit.iv.estimator if weak.fit.iv else "2SLS"
    low, high = points[0].value, points[-1].value
    x_scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    top = max(1 - level, *(p.p for p in points))
    y_scale = alt.Scale(domain=[0, 1.15 * top], nice=False)
    rows = [{"x": p.value, "p": p.p, "fit": p.f} for p in points]
    cut = [(max(low, -math.inf if a is None else a), min(high, math.inf if b is None else b)) for a, b in s.intervals]
    spans = [{"a": a, "b": b} for a, b in cut if a < b]
    base = alt.Chart(data(rows))
    x, y = alt.X("x:Q", title=called, scale=x_scale), alt.Y("p:Q", title=say("instrument_figures.p"), scale=y_scale)
    rejected_below = say("instrument_figures.rejected-below", alpha=f"{1 - level:.3g}")
    line = {"y": 1 - level, "text": rejected_below}
    right_half = s.estimate > (low + high) / 2
    errors = [s.behind.spread / 2] if s.behind is not None else []
    estimate = minus(rounded(s.estimate, decimals([s.estimate], errors)))
    mark = {"x": s.estimate, "text": say("instrument_figures.estimate", estimator=estimator, estimate=estimate)}
    text = alt.Chart(data([mark])).mark_text(
        align="right" if right_half else "left",
        dx=-6 if right_half else 6,
        baseline="top",
        dy=3,
        color=ORANGE,
        fontWeight=600,
    )
    layers: list[alt.Chart] = [
        *(
            [
                alt.Chart(data(spans))
                .mark_rect(color=BLUE, opacity=0.15)
                .encode(x=alt.X("a:Q", scale=x_scale), x2=alt.X2("b:Q"))
            ]
            if spans
            else []
        ),
        alt.Chart(data([line])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=alt.Y("y:Q", scale=y_scale)),
        alt.Chart(data([line]))
        .mark_text(align="left", baseline="bottom", dx=4, dy=-2, color=INK)
        .encode(y=alt.Y("y:Q", scale=y_scale), x=X_AT(0), text=alt.Text("text:N")),
        base.mark_line(color=BLUE, strokeWidth=2.2, clip=True).encode(
            x=x, y=y, tooltip=[tip("x:Q", ".4f"), tip("p:Q", ".4f")]
        ),
        alt.Chart(data([mark])).mark_rule(color=ORANGE, strokeDash=[5, 3]).encode(x=alt.X("x:Q", scale=x_scale)),
        text.encode(x=alt.X("x:Q", scale=x_scale), y=Y_AT(0), text=alt.Text("text:N")),
    ]
    return layers
