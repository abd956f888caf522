"""Figures of effects: sizes in standard deviations, years before and after, other outcomes, indices and samples."""

from __future__ import annotations

import math
from collections.abc import Mapping

import altair as alt

from integrade.errors import EmptyTable
from integrade.judge.bundle import LagStudy
from integrade.judge.naming import label_of
from integrade.models.fit.contrasts import combination
from integrade.models.shape.effect_size import EffectSizes
from integrade.models.timing.records import DistributedLag
from integrade.models.timing.shifts import shifted_name
from integrade.numerals import p_equals
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, Record, data, dressed

Labels = Mapping[str, str]


def effects_figure(found: EffectSizes, labels: Labels | None = None) -> Chart:
    """What moves inside the data do to the outcome, in its standard deviations, with 95 % intervals."""
    labels = labels or {}
    if not found.rows or not found.sd > 0:
        raise EmptyTable("the fit has no effect sizes")
    rows: list[Record] = [
        {
            "name": f"{label_of(e.variable, labels)}, {e.move}",
            "value": e.in_sd,
            "low": e.conf_low / found.sd,
            "high": e.conf_high / found.sd,
            "curve": e.move != "one s.d.",
        }
        for e in found.rows
    ]
    y = alt.Y(
        "name:N",
        sort=[str(r["name"]) for r in rows],
        title=None,
        axis=alt.Axis(grid=False, labelColor=INK, labelLimit=220),
    )
    name = label_of(found.outcome, labels)
    x = alt.X("value:Q", title=f"Change in s.d. of {name}")
    colour = alt.condition("datum.curve", alt.value(BLUE), alt.value(MUTED))
    base = alt.Chart(data(rows))
    tips = ["name:N", *(alt.Tooltip(f"{k}:Q", format=".3f") for k in ("value", "low", "high"))]
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x="zero:Q"),
        base.mark_rule(strokeWidth=2.5).encode(y=y, x=alt.X("low:Q"), x2="high:Q", color=colour),
        base.mark_circle(size=70, opacity=1).encode(y=y, x=x, color=colour, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        f"How large the effects on {name} are",
        subtitle="Moves inside the data, 95 % intervals. Blue: along the curve. Grey: one s.d. of a control",
        description="; ".join(f"{r['name']}: {float(str(r['value'])):.2f} s.d." for r in rows) + ".",
        height=26 * len(rows) + 20,
    )


def lags_figure(study: LagStudy, labels: Labels | None = None) -> Chart:
    """The slope of each year's treatment at its mean, years before and after in one regression, with 95 % intervals."""
    labels = labels or {}
    found = study.alone.placebo or study.alone.distributed
    if found is None:
        raise EmptyTable("no regression has several years of the treatment")
    x_name = study.alone.variable
    shifts = sorted({c.shift for c in study.alone.columns} | {0}, reverse=True)
    rows = [row for s in shifts if (row := _slope(found, x_name, s)) is not None]
    if len(rows) < 2:
        raise EmptyTable("no regression has several years of the treatment")
    name = label_of(x_name, labels)
    order = [str(r["when"]) for r in rows]
    x = alt.X(
        "when:N",
        sort=order,
        title=f"Year of {name}, relative to that of {label_of(found.fit.outcome, labels)}",
        axis=alt.Axis(labelAngle=0),
    )
    outcome = label_of(found.fit.outcome, labels)
    y = alt.Y("slope:Q", title=f"Slope of {outcome} at the mean of {name}")
    colour = alt.condition("datum.lead", alt.value(ORANGE), alt.value(BLUE))
    base = alt.Chart(data(rows))
    tips = ["when:N", *(alt.Tooltip(f"{k}:Q", format=".4f") for k in ("slope", "low", "high"))]
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(y="zero:Q"),
        base.mark_rule(strokeWidth=2.5).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        base.mark_circle(size=75, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    said = f"; placebo {p_equals(found.future.p_value)}" if found.future else ""
    return dressed(
        alt.layer(*layers),
        f"{outcome} and {name} of earlier and later years",
        subtitle="All years in one regression, 95 % intervals. Blue: this year and the past. Orange: the future, "
        f"which cannot act{said}",
        description="; ".join(f"{r['when']}: slope {float(str(r['slope'])):.4f}" for r in rows) + ".",
        height=260,
    )


def _slope(found: DistributedLag, variable: str, shift: int) -> Record | None:
    """b1 + 2 b2 at the mean of the shifted variable, its interval from the covariance of both."""
    fit, name = found.fit, shifted_name(variable, shift) if shift else variable
    terms, square = [c.term for c in fit.coefficients], f"{name}^2"
    if name not in terms:
        return None
    weights = {name: 1.0} | ({square: 2 * fit.means.get(name, math.nan)} if square in terms else {})
    slope = combination(fit, weights, name)
    when = "same year" if not shift else f"{abs(shift)} {'earlier' if shift > 0 else 'later'}"
    return {"when": when, "slope": slope.estimate, "low": slope.conf_low, "high": slope.conf_high, "lead": shift < 0}
