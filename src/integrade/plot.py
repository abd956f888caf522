"""Figures of results, as Altair charts: ``ig.plot.coefficients(fit)`` shows itself in a notebook, ``.save("x.svg")``
writes it. ``fit.plot()`` draws the one that its result is made for (`integrade.drawing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from integrade.errors import EmptyTable, UnknownName, did_you_mean

if TYPE_CHECKING:
    from integrade.models.curve.records import SpecificationCurve
    from integrade.models.fit.results import FitResult
    from integrade.models.shape.effect_size import EffectSizes
    from integrade.models.shape.inverted_u import UTest
    from integrade.report.style import Chart

WIDTH = 560
"""Pixels of a figure that stands by itself, without axes and legends."""
__all__ = ["coefficients", "curve", "effects", "past", "specifications"]


def __dir__() -> list[str]:
    return __all__


def coefficients(
    fits: FitResult | Mapping[str, FitResult],
    terms: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> Chart:
    """Estimates with their confidence intervals, one row per term; several fits by name in different colours.

    Args:
        fits: one fit, or heading -> fit.
        terms: which, in this order; all where not given.
        labels: term -> what to print.
        level: of the intervals.

    Raises `UnknownName` for a term that no fit has.

    Example:
        >>> coefficients(base, ["market", "market^2"]).save("coefficients.svg")  # doctest: +SKIP
    """
    import altair as alt

    from integrade.report.style import data

    named = dict(fits) if isinstance(fits, Mapping) else {fits.outcome: fits}
    known = list(dict.fromkeys(k.term for fit in named.values() for k in fit.coefficients))
    for term in terms or ():
        if term not in known:
            raise UnknownName(f"no fit has a term {term!r}", remedy=did_you_mean(term, known))
    shown = list(known if terms is None else terms)
    if not shown:
        raise EmptyTable("there is no coefficient to draw", remedy="name terms of the fits, or leave terms out for all")
    rows = [
        {"fit": name, "term": (labels or {}).get(row["term"], row["term"]), **row_of(row)}
        for name, fit in named.items()
        for row in fit.tidy(level=level).iter_rows(named=True)
        if row["term"] in shown
    ]
    order = [(labels or {}).get(term, term) for term in shown]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("term:N", sort=order, title=None), yOffset=alt.YOffset("fit:N", sort=list(named))
    )
    tips = [alt.Tooltip("fit:N"), alt.Tooltip("term:N")]
    tips += [alt.Tooltip(f"{name}:Q", format=".5f") for name in ("estimate", "low", "high")]
    colour = alt.Color("fit:N", sort=list(named), title=None, legend=alt.Legend() if len(named) > 1 else None)
    title = f"Coefficient with {100 * level:g} % interval"
    zero = alt.Chart(data([{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(x="zero:Q")
    ends = base.mark_rule().encode(x=alt.X("low:Q", title=title), x2="high:Q", color=colour)
    points = base.mark_point(filled=True, size=60).encode(x="estimate:Q", color=colour, tooltip=tips)
    drawn: alt.LayerChart = alt.LayerChart(layer=[zero, ends, points])
    return drawn


def row_of(row: Mapping[str, float]) -> dict[str, float]:
    """What a chart needs of one row of `FitResult.tidy`."""
    return {"estimate": row["estimate"], "low": row["conf_low"], "high": row["conf_high"]}


def _of_its_own(chart: Chart) -> Chart:
    """A figure of a report, which fills what holds it, with a width of its own: a file and a notebook hold nothing."""
    sized: Chart = chart.properties(width=WIDTH)
    return sized


def curve(fit: FitResult, variable: str, *, level: float = 0.95, labels: Mapping[str, str] | None = None) -> Chart:
    """The fitted ``b1 x + b2 x^2`` with its band, its turning point with its interval, and where the data lie.

    Raises what `u_test` raises: the fit needs ``variable`` and its square.

    Example:
        >>> curve(base, "market").save("curve.svg")  # doctest: +SKIP
    """
    from integrade.models.shape.inverted_u import curve as points
    from integrade.models.shape.inverted_u import u_test
    from integrade.report.model_figures import curve_figure

    spread = next((s for s in fit.spreads if s.variable == variable), None)
    test, line = u_test(fit, variable, level=level), points(fit, variable, level=level)
    return _of_its_own(curve_figure(line, test, spread, outcome=fit.outcome, labels=labels, level=level))


def past(test: UTest, *, labels: Mapping[str, str] | None = None) -> Chart:
    """The share of rows past the turning point by year, from `u_test`.

    Raises `EmptyTable` where the test has no such shares.
    """
    from integrade.report.model_figures import share_figure

    return _of_its_own(share_figure(test, labels))


def effects(found: EffectSizes, *, labels: Mapping[str, str] | None = None) -> Chart:
    """Moves inside the data and what they do to the outcome, from `effect_sizes`."""
    from integrade.report.effect_figures import effects_figure

    return _of_its_own(effects_figure(found, labels))


def specifications(curve: SpecificationCurve, target: str = "slope_p10") -> Chart:
    """The estimates of ``slope_p10``, ``slope_p90`` or ``turning_quantile`` in every specification, in order.

    Raises `UnknownName` for another target.
    """
    from integrade.models.curve.records import TARGETS
    from integrade.report.curve import curve_figure

    if target not in TARGETS:
        raise UnknownName(f"no target is called {target!r}", remedy=did_you_mean(target, list(TARGETS)))
    return _of_its_own(curve_figure(curve, target))
