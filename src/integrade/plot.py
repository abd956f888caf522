"""Draw figures of results as Altair charts, for notebooks and files.

``ig.plot.coefficients(fit)`` displays itself in a notebook, and ``.save("x.svg")`` writes it. ``fit.plot()`` draws the
default figure of a result (`integrade.records.drawing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from integrade.errors import EmptyTable, UnknownName, did_you_mean
from integrade.records.confidence import Level, checked

if TYPE_CHECKING:
    from integrade.estimate.inverted_u import UTest
    from integrade.estimate.results import FitResult
    from integrade.report.style import Chart
    from integrade.subjects.curve.records import SpecificationCurve
    from integrade.subjects.groups.records import GroupComparison
    from integrade.subjects.instruments.weak_iv import WeakIV
    from integrade.subjects.lags.records import LagResults
    from integrade.subjects.robustness.model import Variants
    from integrade.subjects.shape.effect_size import EffectSizes

WIDTH = 560
"""Width in pixels of a stand-alone figure, without axes and legends; a convention."""
LETTERS = 96
"""Most characters in a line of a subtitle, so that it fits the width of the figure."""
__all__ = [
    "anderson_rubin",
    "coefficients",
    "curve",
    "distributions",
    "effects",
    "groups",
    "lags",
    "leave_one_out",
    "past",
    "robustness",
    "specifications",
]


def __dir__() -> list[str]:
    return __all__


@checked
def coefficients(
    fits: FitResult | Mapping[str, FitResult],
    terms: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    level: Level = 0.95,
    reference: float | None = 0.0,
    order: Literal["given", "size"] = "given",
) -> Chart:
    """Draw estimates with their confidence intervals, one row per term and, for several named fits, one colour per fit.

    Formula: b -+ t(df) se, with each fit's own standard errors and degrees of freedom.
    Missing values: a fit without a term has no point in its row; an estimate without a standard error has no bar.

    Args:
        fits: one fit, or heading -> fit.
        terms: terms to draw, in this order; default: all.
        labels: term -> text to print; default: the usual words.
        level: confidence level of the intervals.
        reference: value at which a vertical line is drawn; None for no line.
        order: ``given`` (the order of ``terms``) or ``size`` (from the largest estimate to the smallest). The estimate
        is the one of the first fit that has the term.

    Raises `UnknownName` for a term that no fit has, or for another value of ``order``.

    Example:
        >>> coefficients(base, ["market", "market^2"]).save("coefficients.svg")  # doctest: +SKIP
    """
    from integrade.report.coefficient_figures import coefficients_figure

    named = dict(fits) if isinstance(fits, Mapping) else {fits.outcome: fits}
    known = list(dict.fromkeys(k.term for fit in named.values() for k in fit.coefficients))
    for term in terms or ():
        if term not in known:
            raise UnknownName(f"no fit has a term {term!r}", remedy=did_you_mean(term, known))
    if order not in ("given", "size"):
        raise UnknownName(f"no order is called {order!r}", remedy=did_you_mean(order, ["given", "size"]))
    shown = list(known if terms is None else dict.fromkeys(terms))
    if not shown:
        raise EmptyTable("there is no coefficient to draw", remedy="name terms of the fits, or leave terms out for all")
    drawn = coefficients_figure(named, shown, labels, level=level, reference=reference, by_size=order == "size")
    return _of_its_own(drawn)


def _of_its_own(chart: Chart) -> Chart:
    """Give a report figure its own width and white background, for use in a file.

    On a transparent background, letters are unreadable on a dark page and pale areas lose their colour in png. The
    subtitle is broken into lines, because no report prints it as a caption.
    """
    from integrade.report.saved import saved_whole
    from integrade.report.style import in_lines

    sized = saved_whole(chart.properties(width=WIDTH, background="white"))
    heading: Any = sized.title
    if isinstance(heading.subtitle, list):
        heading.subtitle = [line for paragraph in heading.subtitle for line in in_lines(paragraph, LETTERS)]
    return sized


@checked
def curve(fit: FitResult, variable: str, *, level: Level = 0.95, labels: Mapping[str, str] | None = None) -> Chart:
    """Draw the fitted ``b1 x + b2 x^2`` with its band, the turning point with its interval, and the spread of the data.

    Raises the errors of `u_test`: the fit needs ``variable`` and its square.

    Example:
        >>> curve(base, "market").save("curve.svg")  # doctest: +SKIP
    """
    from integrade.estimate.inverted_u import curve as points
    from integrade.estimate.inverted_u import u_test
    from integrade.report.model_figures import curve_figure

    spread = next((s for s in fit.spreads if s.variable == variable), None)
    test, line = u_test(fit, variable, level=level), points(fit, variable, level=level)
    return _of_its_own(curve_figure(line, test, spread, outcome=fit.outcome, labels=labels, level=level))


def past(test: UTest, *, labels: Mapping[str, str] | None = None) -> Chart:
    """Draw the share of rows past the turning point by year, from `u_test`.

    Raises `EmptyTable` if the test has no such shares.
    """
    from integrade.report.model_figures import share_figure

    return _of_its_own(share_figure(test, labels))


def effects(found: EffectSizes, *, labels: Mapping[str, str] | None = None) -> Chart:
    """Draw the change in the outcome for moves inside the data, from `effect_sizes`."""
    from integrade.subjects.shape.figures import effects_figure

    return _of_its_own(effects_figure(found, labels))


def specifications(curve: SpecificationCurve, target: str = "slope_p10") -> Chart:
    """Draw the estimates of ``slope_p10``, ``slope_p90`` or ``turning_quantile`` in all specifications, in order.

    Raises `UnknownName` for another target.
    """
    from integrade.subjects.curve.page import curve_figure
    from integrade.subjects.curve.records import TARGETS

    if target not in TARGETS:
        raise UnknownName(f"no target is called {target!r}", remedy=did_you_mean(target, list(TARGETS)))
    return _of_its_own(curve_figure(curve, target))


def groups(
    found: GroupComparison,
    pooled: FitResult | None = None,
    target: str = "",
    *,
    labels: Mapping[str, str] | None = None,
) -> Chart:
    """Draw a forest plot of groups: the effect in each group with its 95% interval, and the test of equal effects.

    Formula: the slope b1 + 2 b2 x of each group's own fit at one value of the treatment. The value is the median of all
        rows if it lies in the range that all groups share, else the middle of that range. Without a square the
        coefficient is drawn. ``steepness`` is the mean |slope| over that range, with its interval by the delta method;
        it is biased upwards if a curve is flat. ``turning_point`` has Fieller's interval. The test shown is the test of
        the quantity drawn, if ``compare_groups`` has one. Otherwise it is the joint test of all terms of the treatment,
        with the p-values of permuted labels and wild bootstrap if these were computed.
    Missing values: a group whose regression lacks the term is left out; an estimate without a standard error has no
        bar.

    Args:
        found: result of `integrade.compare_groups`.
        pooled: the same regression of all groups, drawn as a diamond.
        target: ``slope``, ``steepness``, ``turning_point`` or a term of the regression. Default: the slope if there is
            a square, else the treatment.
        labels: term or group -> text to print.

    Raises:
        UnknownName: no group has the term. EmptyTable: the groups share no range of the treatment.

    Example:
        >>> groups(ig.compare_groups(panel, formula, "ownership"), base).save("groups.svg")  # doctest: +SKIP
    """
    from integrade.subjects.groups.figures import groups_figure
    from integrade.subjects.groups.records import GroupSplit

    split = GroupSplit("column", (labels or {}).get(found.by, found.by), found)
    return _of_its_own(groups_figure(split, pooled, labels, target=target))


def robustness(
    found: Variants,
    treatment: str,
    quantity: str = "",
    *,
    established: bool | None = None,
    labels: Mapping[str, str] | None = None,
) -> Chart:
    """Draw a forest plot of robustness: one quantity in every variant with its 95% interval; the headline is marked.

    Formula: the turning point has Fieller's interval. The coefficient of the treatment, or its slope at a percentile,
        has an interval from the t distribution. Variants in other units are not drawn, and the figure gives their
        number. These are variants with another index and, for slopes, also variants with another outcome or estimator.
    Missing values: variants without an estimate are left out and counted in the subtitle.

    Args:
        found: result of `integrade.robustness`; the first variant is the headline.
        treatment: the regressor whose effect is drawn.
        quantity: ``turning_point``, ``coefficient``, ``p10``, ``p50`` or ``p90``. Default: the turning point if there
            is a square, else the coefficient.
        established: whether the curve is known to turn. Default: whether the U-test of the headline rejects at 5%. If
            False, the turning point is called the vertex of the parabola.
        labels: term -> text to print.

    Raises `UnknownName` for another quantity, `EmptyTable` if no variant has it.

    Example:
        >>> robustness(ig.robustness(panel, formula, "market"), "market").save("robustness.svg")  # doctest: +SKIP
    """
    from integrade.subjects.robustness.figures import robustness_figure

    return _of_its_own(robustness_figure(tuple(found), treatment, labels, quantity=quantity, established=established))


def leave_one_out(
    found: Variants,
    treatment: str,
    by: str = "region",
    *,
    established: bool | None = None,
    labels: Mapping[str, str] | None = None,
) -> Chart:
    """Draw the turning point estimated without each level of ``by`` in turn, next to the full-sample estimate.

    If the regression has no square, the coefficient is drawn instead of the turning point.

    Formula: see `integrade.robustness`: the cross-products are computed without the level, with effects removed again.
        The most influential level has the largest d' V^-1 d / q. Here d is the change in the q coefficients of the
        treatment, and V their covariance matrix.
    Missing values: levels whose removal leaves the regression unidentified are left out and counted in the subtitle.

    Args:
        found: result of `integrade.robustness` with the check ``leave_out``.
        treatment: the regressor whose effect is drawn.
        by: the column whose levels were left out.
        established: whether the curve is known to turn. Default: whether the U-test of the headline rejects at 5%. If
            False, the turning point is called the vertex of the parabola.
        labels: term -> text to print.

    Raises `UnknownName` for a column whose levels were not left out, `EmptyTable` if no level could be left out.

    Example:
        >>> leave_one_out(ig.robustness(panel, formula, "market"), "market").save("loo.svg")  # doctest: +SKIP
    """
    from integrade.subjects.robustness.figures import leave_out_figure

    return _of_its_own(leave_out_figure(tuple(found), by, treatment, labels, established=established))


def distributions(
    panel: Any,
    outcome: str = "quality",
    by: str | None = None,
    *,
    weight: str | None = None,
    year: str = "year",
    labels: Mapping[str, str] | None = None,
) -> Chart:
    """Draw the distribution of a column by year, and by group if ``by`` is given: median, middle half and middle 80%.

    Formula: the q quantile is the smallest value at which the cumulated weight reaches q of the total. If it is reached
        exactly, the quantile is the mean of this value and the next (Stata's ``_pctile``).
    Missing values: rows without the column, the year, the group or a weight above zero are left out and counted. Groups
        of fewer than 10 rows in a year are counted but not drawn, because they would reveal single rows.

    Args:
        panel: any table, by unit and year.
        outcome: a numeric column.
        by: a column of groups; the five largest groups are drawn. Default: the whole panel as one group.
        weight: a column of weights.
        year: the column of periods.
        labels: column or group -> text to print.

    Raises `UnknownColumn`, `NotANumber`, `EmptyTable`.

    Example:
        >>> distributions(panel, "quality", "ownership", weight="value").save("quality.svg")  # doctest: +SKIP
    """
    from integrade.subjects.situation.distributions import distributions as quantiles
    from integrade.subjects.situation.figures_distribution import distributions_figure

    return _of_its_own(distributions_figure(quantiles(panel, outcome, by, weight=weight, year=year), labels))


def anderson_rubin(found: WeakIV, target: str = "", *, labels: Mapping[str, str] | None = None) -> Chart:
    """Draw the p-value of the Anderson-Rubin test for every value of a coefficient; values not rejected are shaded.

    Formula: F(b) is the statistic for the hypothesis that the coefficient is b, with p from F(L, df). With two
        coefficients, F is minimised over the second (the set is then a projection). With one cluster variable, F uses
        the cluster jackknife.
    Missing values: an unbounded set is shaded to the edge, and an empty set is not shaded; the subtitle states which
    case holds.

    Args:
        found: result of `integrade.questions.weak_iv`.
        target: a coefficient or a slope (``slope at p50``). Default: the slope at p50 if there is one, else the first
            coefficient.
        labels: term -> text to print.

    Raises `UnknownName` for another target, `EmptyTable` for results of an older version.

    Reference: Anderson and Rubin (1949); Dufour and Taamouti (2005).

    Example:
        >>> anderson_rubin(ig.questions.weak_iv(panel, formula, cluster="region")).save("ar.svg")  # doctest: +SKIP
    """
    from integrade.subjects.instruments.figures import anderson_rubin_figure

    return _of_its_own(anderson_rubin_figure(found, target, labels))


@checked
def lags(
    found: LagResults,
    *,
    level: Level = 0.95,
    draws: int = 100_000,
    seed: int = 20240101,
    leads: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Chart:
    """Draw the slope of each earlier and later year with its own interval, and a band that covers all of them jointly.

    Formula: slope_k = b1_k + 2 b2_k mean(x_k) from the regression with all years; intervals -+ t se_k; the band -+ c
        se_k. c is the ``level`` quantile of max_k |t_k|, where the t_k have the correlation of the slopes. It is
        computed from ``draws`` random draws with ``seed``.
    Missing values: a year whose terms were dropped is a gap and is named in the subtitle.

    Args:
        found: result of `integrade.lag_table`.
        level: confidence level of intervals and band.
        draws: number of draws for the critical value of the band; its error is about 0.006 with 100,000.
        seed: seed of the draws.
        leads: also draw later years, if they were estimated.
        labels: term -> text to print.

    Raises `EmptyTable` if no regression has several years, `UsageError` for a level below 0.5.

    Reference: Montiel Olea and Plagborg-Moller (2019, Journal of Applied Econometrics).

    Example:
        >>> lags(ig.lag_table(panel, formula, cluster="region")).save("lags.svg")  # doctest: +SKIP
    """
    from integrade.subjects.lags.figures import lag_band_figure

    return _of_its_own(lag_band_figure(found, labels, level=level, draws=draws, seed=seed, leads=leads))
