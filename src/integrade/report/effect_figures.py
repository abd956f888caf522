"""Figures of effects: sizes in standard deviations, years before and after, other outcomes, indices and samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import altair as alt

from integrade.errors import EmptyTable
from integrade.judge.lags import slope_at
from integrade.judge.naming import label_of, move_word
from integrade.models.shape.effect_size import EffectSize, EffectSizes
from integrade.models.timing.records import DistributedLag, LagStudy
from integrade.numerals import p_equals
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, Record, data, dressed, names_axis, rows_high, tip
from integrade.texts import listed, say

Labels = Mapping[str, str]


def effects_figure(found: EffectSizes, labels: Labels | None = None) -> Chart:
    """What moves inside the data do to the outcome, in its standard deviations, with 95 % intervals."""
    labels = labels or {}
    if not found.rows or not found.sd > 0:
        raise EmptyTable("the fit has no effect sizes")
    moves = Counter(e.variable for e in found.rows)
    rows: list[Record] = [
        {
            "name": _moved(e, labels),
            "value": e.in_sd,
            "low": e.conf_low / found.sd,
            "high": e.conf_high / found.sd,
            "curve": moves[e.variable] > 1,
        }
        for e in found.rows
    ]
    names = [str(r["name"]) for r in rows]
    y = alt.Y("name:N", sort=names, title=None, axis=names_axis(names))
    name = label_of(found.outcome, labels)
    x = alt.X("value:Q", title=say("effect_figures.change-in-sd", outcome=name))
    colour = alt.condition("datum.curve", alt.value(BLUE), alt.value(MUTED))
    base = alt.Chart(data(rows))
    tips = [tip("name:N"), *(tip(f"{k}:Q", ".3f") for k in ("value", "low", "high"))]
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x="zero:Q"),
        base.mark_rule(strokeWidth=2.5).encode(y=y, x=alt.X("low:Q"), x2="high:Q", color=colour),
        base.mark_circle(size=70, opacity=1).encode(y=y, x=x, color=colour, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        say("effect_figures.how-large", outcome=name),
        subtitle=say("effect_figures.effects-colours"),
        description=say("figures.sentence", text=listed([_size(r) for r in rows], "semicolon")),
        height=rows_high(names, 26) + 20,
    )


def _moved(e: EffectSize, labels: Labels) -> str:
    return say("effect_figures.variable-and-move", variable=label_of(e.variable, labels), move=move_word(e.move))


def _size(row: Record) -> str:
    return say("effect_figures.size", what=str(row["name"]), size=f"{float(row['value']):.2f}")


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
    name, outcome = label_of(x_name, labels), label_of(found.fit.outcome, labels)
    order = [str(r["when"]) for r in rows]
    x = alt.X(
        "when:N",
        sort=order,
        title=say("effect_figures.year-relative", treatment=name, outcome=outcome),
        axis=alt.Axis(labelAngle=0),
    )
    y = alt.Y("slope:Q", title=say("effect_figures.slope-at-mean", outcome=outcome, treatment=name))
    colour = alt.condition("datum.lead", alt.value(ORANGE), alt.value(BLUE))
    base = alt.Chart(data(rows))
    tips = [tip("when:N"), *(tip(f"{k}:Q", ".4f") for k in ("slope", "low", "high"))]
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(y="zero:Q"),
        base.mark_rule(strokeWidth=2.5).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        base.mark_circle(size=75, opacity=1).encode(x=x, y=y, color=colour, tooltip=tips),
    ]
    ahead = any(r["lead"] for r in rows)
    marks = [say("effect_figures.lags-colours" if ahead else "effect_figures.lags-colours-of-the-past")]
    marks += [say("effect_figures.placebo", p=p_equals(found.future.p_value))] if found.future else []
    slopes = [say("effect_figures.slope-when", when=str(r["when"]), slope=f"{r['slope']:.4f}") for r in rows]
    return dressed(
        alt.layer(*layers),
        say("effect_figures.earlier-and-later", outcome=outcome, treatment=name),
        subtitle=listed(marks, "semicolon"),
        description=say("figures.sentence", text=listed(slopes, "semicolon")),
        height=260,
    )


def _slope(found: DistributedLag, variable: str, shift: int) -> Record | None:
    """The slope of one shift with its interval."""
    slope = slope_at(found, variable, shift)
    if slope is None:
        return None
    return {
        "when": _when(shift),
        "slope": slope.estimate,
        "low": slope.conf_low,
        "high": slope.conf_high,
        "lead": shift < 0,
    }


def _when(shift: int) -> str:
    """How many years before or after; a shift above zero is a lag."""
    if not shift:
        return say("effect_figures.same-year")
    return say("effect_figures.years-earlier" if shift > 0 else "effect_figures.years-later", years=str(abs(shift)))
