"""The slope of each earlier and later year, with the interval of each and a band that holds all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from integrade.regress.uniform import DRAWS, SEED
from integrade.report.forest import looked_up
from integrade.report.rows import minus
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, Record, data, dressed, names_axis, tip
from integrade.subjects.lags.bands import lag_band
from integrade.subjects.lags.records import LagResults
from integrade.verdicts.naming import errors_words, label_of
from integrade.wording.numerals import p_equals
from integrade.wording.texts import listed, say

Labels = Mapping[str, str]


def lag_band_figure(
    results: LagResults,
    labels: Labels | None = None,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
    leads: bool = True,
) -> Chart:
    """Points with thick bars (each year alone) and thin bars over an area (all years together), from one regression.

    The band is `integrade.subjects.lags.bands.lag_band`'s. Years that were not estimated are gaps, and are named.
    """
    labels = labels or {}
    found = lag_band(results, level=level, draws=draws, seed=seed, leads=leads)
    there = {s.shift: s for s in found.slopes}
    shifts = sorted([*there, *found.missing], reverse=True)
    rows: list[Record] = [
        {
            "when": year_word(shift),
            "lead": shift < 0,
            "slope": s.estimate if (s := there.get(shift)) else None,
            "low": s.conf_low if s else None,
            "high": s.conf_high if s else None,
            "band_low": s.band_low if s else None,
            "band_high": s.band_high if s else None,
        }
        for shift in shifts
    ]
    name, outcome = label_of(results.variable, labels), label_of(found.of.fit.outcome, labels)
    x = alt.X(
        "when:N",
        sort=[str(r["when"]) for r in rows],
        title=say("effect_figures.year-relative", treatment=name, outcome=outcome),
        axis=_years_axis(shifts),
    )
    y_name = say("effect_figures.slope-at-mean", outcome=outcome, treatment=name)
    colour = alt.condition("datum.lead", alt.value(ORANGE), alt.value(BLUE))
    base = alt.Chart(data(rows))
    estimated = base.transform_filter("isValid(datum.slope)")
    tips = [tip("when:N"), *(tip(f"{k}:Q", ".4f") for k in ("slope", "low", "high", "band_low", "band_high"))]
    layers: list[alt.Chart] = [
        base.mark_area(color=MUTED, opacity=0.15).encode(x=x, y=alt.Y("band_low:Q", title=y_name), y2="band_high:Q"),
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(y=alt.Y("zero:Q", title=y_name)),
        estimated.mark_rule(strokeWidth=1).encode(x=x, y=alt.Y("band_low:Q"), y2="band_high:Q", color=colour),
        estimated.mark_rule(strokeWidth=4).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        estimated.mark_circle(size=80, opacity=1).encode(x=x, y=alt.Y("slope:Q"), color=colour, tooltip=tips),
    ]
    marks = [
        say("lag_figures.bars", level=f"{100 * level:g}", pointwise=f"{found.pointwise:.2f}"),
        say(
            "lag_figures.band",
            level=f"{100 * level:g}",
            uniform=f"{found.uniform:.2f}",
            draws=found.draws,
            seed=str(found.seed),
        ),
        say("lag_figures.errors", errors=errors_words(found.of.fit), n=found.of.fit.nobs),
    ]
    marks += [say("lag_figures.ahead")] if any(s.shift < 0 for s in found.slopes) else []
    marks += [say("effect_figures.placebo", p=p_equals(found.of.future.p_value))] if found.of.future and leads else []
    if found.missing:
        marks.append(say("lag_figures.missing", years=listed([year_word(s) for s in found.missing], "comma")))
    slopes = [
        say("effect_figures.slope-when", when=year_word(s.shift), slope=f"{s.estimate:.4f}") for s in found.slopes
    ]
    return dressed(
        alt.layer(*layers),
        say("effect_figures.earlier-and-later", outcome=outcome, treatment=name),
        subtitle=listed(marks, "semicolon"),
        description=say("figures.sentence", text=listed(slopes, "semicolon")),
        height=280,
    )


def _years_axis(shifts: Sequence[int]) -> alt.Axis:
    """Every year has its words, in two lines; where they have no room, the number of years, with its sign."""
    words = {word: word.split(" ", 1) if word.isascii() else [word] for word in map(year_word, shifts)}
    signs = {year_word(s): signed(-s) for s in shifts}
    roomy = f"containerSize()[0] >= {80 + 52 * len(shifts)}"
    said = f"{roomy} ? {looked_up(words)} : {looked_up(signs)}"
    return names_axis([], labelAngle=0, labelExpr=said)


def signed(shift: int) -> str:
    """``+1``, ``−2`` with a true minus sign, ``0``."""
    return minus(f"{shift:+d}") if shift else "0"


def year_word(shift: int) -> str:
    """How many years before or after; a shift above zero is a lag."""
    if not shift:
        return say("effect_figures.same-year")
    return say("effect_figures.years-earlier" if shift > 0 else "effect_figures.years-later", years=str(abs(shift)))
