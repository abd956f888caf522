"""Draw the slope of each earlier and later year, with pointwise intervals and a band for all years together."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from integrade.regress.uniform import DRAWS, SEED
from integrade.report.forest import looked_up
from integrade.report.printed import caption
from integrade.report.rows import minus
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, Record, colour_where, data, dressed, names_axis, tip
from integrade.subjects.lags.bands import lag_band
from integrade.subjects.lags.records import LagResults
from integrade.verdicts.naming import errors_words, prose_of
from integrade.wording.numerals import p_equals
from plainwords.texts import listed, say

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
    """Draw the slopes of one regression as points, with intervals and a band (`lag_band`).

    Thick bars are the intervals of single years. Thin bars over an area are the band for all years. Years that were not
    estimated are gaps, and the figure names them.
    """
    labels = labels or {}
    band = lag_band(results, level=level, draws=draws, seed=seed, leads=leads)
    estimated_slopes = {s.shift: s for s in band.slopes}
    shifts = sorted([*estimated_slopes, *band.missing], reverse=True)
    rows: list[Record] = [
        {
            "when": year_word(shift),
            "lead": shift < 0,
            "slope": s.estimate if (s := estimated_slopes.get(shift)) else None,
            "low": s.conf_low if s else None,
            "high": s.conf_high if s else None,
            "band_low": s.band_low if s else None,
            "band_high": s.band_high if s else None,
        }
        for shift in shifts
    ]
    name, outcome = prose_of(results.variable, labels), prose_of(band.of.fit.outcome, labels)
    # the axis names every year in words on two lines; if they do not fit, it has signed numbers of years
    words = {word: word.split(" ", 1) if word.isascii() else [word] for word in map(year_word, shifts)}
    signs = {year_word(s): signed(-s) for s in shifts}
    roomy = f"containerSize()[0] >= {80 + 52 * len(shifts)}"
    x = alt.X(
        "when:N",
        sort=[str(r["when"]) for r in rows],
        title=say("effect_figures.year-relative", treatment=name, outcome=outcome),
        axis=names_axis([], labelAngle=0, labelExpr=f"{roomy} ? {looked_up(words)} : {looked_up(signs)}"),
    )
    y_name = say("effect_figures.slope-at-mean", outcome=outcome, treatment=name)
    colour = colour_where("datum.lead", ORANGE, BLUE)
    base = alt.Chart(data(rows))
    estimated = base.transform_filter("isValid(datum.slope)")
    tips = [tip("when:N"), *(tip(f"{k}:Q", ".4f") for k in ("slope", "low", "high", "band_low", "band_high"))]
    layers: list[alt.Chart] = [
        base.mark_area(color=MUTED, opacity=0.15).encode(
            x=x, y=alt.Y("band_low:Q", title=y_name), y2=alt.Y2("band_high:Q")
        ),
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(y=alt.Y("zero:Q", title=y_name)),
        estimated.mark_rule(strokeWidth=1).encode(x=x, y=alt.Y("band_low:Q"), y2=alt.Y2("band_high:Q"), color=colour),
        estimated.mark_rule(strokeWidth=4).encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour),
        estimated.mark_circle(size=80, opacity=1).encode(x=x, y=alt.Y("slope:Q"), color=colour, tooltip=tips),
    ]
    marks = [
        say("lag_figures.bars", level=f"{100 * level:g}", pointwise=f"{band.pointwise:.2f}"),
        say(
            "lag_figures.band",
            level=f"{100 * level:g}",
            uniform=f"{band.uniform:.2f}",
            draws=band.draws,
            seed=str(band.seed),
        ),
        say("lag_figures.errors", errors=errors_words(band.of.fit), n=band.of.fit.nobs),
    ]
    marks += [say("lag_figures.ahead")] if any(s.shift < 0 for s in band.slopes) else []
    marks += [say("effect_figures.placebo", p=p_equals(band.of.future.p_value))] if band.of.future and leads else []
    if band.missing:
        marks.append(say("lag_figures.missing", years=listed([year_word(s) for s in band.missing], "comma")))
    slopes = [say("effect_figures.slope-when", when=year_word(s.shift), slope=f"{s.estimate:.4f}") for s in band.slopes]
    return dressed(
        alt.layer(*layers),
        say("effect_figures.earlier-and-later", outcome=outcome, treatment=name),
        subtitle=caption(marks),
        description=say("figures.sentence", text=listed(slopes, "semicolon")),
        height=230,
    )


def signed(shift: int) -> str:
    """Return a shift as text with its sign: ``+1``, ``−2`` (with a true minus sign), or ``0``."""
    return minus(f"{shift:+d}") if shift else "0"


def year_word(shift: int) -> str:
    """Return the words for a number of years before or after. A shift above zero is a lag."""
    if not shift:
        return say("effect_figures.same-year")
    return say("effect_figures.years-earlier" if shift > 0 else "effect_figures.years-later", years=str(abs(shift)))
