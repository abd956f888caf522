"""What a printed number is, in words, by the key of its row: how it was computed from the model."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.report.addresses import origin_of, term_of
from integrade.report.printed import PrintedTable

OF_A_TERM: Mapping[str, str] = {
    "": "estimated coefficient; its stars are from its p-value",
    "t": "t statistic: estimate over standard error",
    "se": "standard error",
    "p": "two-sided p-value of a coefficient of zero",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "wild": "p-value of the wild cluster bootstrap of a coefficient of zero",
    "share_of_truth": "coefficient over that on the true index",
}
"""Of the rows about one coefficient, by what follows the term."""

MEANINGS: Mapping[str, str] = {
    "constant": "mean of the outcome less the coefficients times the means of the regressors",
    "constant.t": "t statistic of the constant",
    "constant.se": "standard error of the constant",
    "N": "rows in the regression, without missing values and singletons",
    "R2": "share of the variance of the outcome that regressors and effects explain",
    "R2_within": "the same after the fixed effects are removed from outcome and regressors",
    "hausman": "p of the test of fixed against random effects; its form is in the notes of the table",
    "vcov": "kind of the standard errors",
    "clusters": "by what the errors are clustered, and how many clusters there are",
    "df": "degrees of freedom of the t distribution of tests and intervals",
    "ssc": "the package whose small-sample corrections are used",
    "singletons": "rows alone in a fixed effect, which identify nothing and are dropped",
    "shape": "inverted U or U, by the sign of the square",
    "turning_point": "-b1 / (2 b2): where the slope changes its sign",
    "turning_point.p": "p of equal turning points, by the delta method",
    "fieller": "95 % interval of the turning point by Fieller's method from the covariance of both coefficients",
    "delta": "interval of the turning point by the delta method",
    "u_test": "Lind and Mehlum: the larger one-sided p of the slopes at both ends of the range",
    "u_test.holm": "p of the U-test, Holm-adjusted over the outcomes",
    "move.1": "what a move of the treatment between these percentiles does, in standard deviations of the outcome",
    "move.2": "what a move of the treatment between these percentiles does, in standard deviations of the outcome",
    "share_past": "share of the rows of the regression beyond the turning point",
    "lagged": "which columns are taken from earlier years",
    "rows_lost": "rows whose earlier value is missing",
    "past": "joint test that all terms of earlier years are zero",
    "past.holm": "the same, Holm-adjusted over the lags of this kind of column",
    "past.wild": "the same by the wild cluster bootstrap",
    "placebo": "joint test that the terms of later years are zero",
    "sum": "sum of the coefficients of this year and the lags",
    "sum.t": "t statistic of that sum",
    "sum_of_squares.t": "t statistic of that sum",
    "slope_of_sums.t": "t statistic of that slope",
    "sum_of_squares": "sum of the coefficients of the squares",
    "slope_of_sums": "slope that both sums imply at the mean",
    "paths": "tests of both paths",
    "cells": "joint tests on cells",
    "omitted": "what an omitted common cause would have to be for the indirect effect to vanish",
    "first_stage_F": "joint F test of the instruments in this first stage, and its p",
    "neighbours.F": "F of the terms of the neighbours",
    "neighbours.p": "p of that F",
    "range": "the range between whose ends the slopes are tested",
    "slope_low": "slope at the low end and its t",
    "slope_high": "slope at the high end and its t",
    "quantile": "which percentile of the sample the turning point is",
    "wild": "p of the wild cluster bootstrap",
    "wild.equal_tails": "p of the wild cluster bootstrap: twice the smaller tail",
    "wild.set": "values that the wild bootstrap test does not reject at 5 %",
    "wild.both": "p of the wild cluster bootstrap for both terms together",
    "effective_number_g": "effective number of clusters (Carter, Schnepel and Steigerwald)",
    "largest_share_in_what_identifies_it": "partial leverage of the heaviest cluster",
    "moved_most_by_leaving_out": "the cluster whose absence moves the coefficient most",
    "estimate_without_it": "the coefficient without that cluster",
    "moved_by_in_cr3_s_e": "the difference in CR3 standard errors",
    "short": "slope without the controls",
    "full": "slope with the controls",
    "r2": "R-squared net of effects of the regressions without and with controls",
    "r2_max": "R-squared that a regression with everything omitted may have",
    "oster": "slope that would be left if what is omitted were as selective as the controls (Oster)",
    "delta_zero": "selection on what is omitted, relative to the controls, that would leave nothing (Oster)",
    "slope": "slope at the place and its iid t",
    "partial_r2": "share of the residual variance of the outcome that the treatment explains",
    "robustness_value": "partial R-squared of a confounder that takes the estimate away (Cinelli and Hazlett)",
    "robustness_value.p": "partial R-squared of a confounder that takes its significance away",
}
"""Of the other rows, by their key."""

OF_A_DIFFERENCE: Mapping[str, str] = {
    "": "difference of the coefficients; stars from its Holm-adjusted p",
    "t": "t statistic of the difference",
    "p": "p of the difference",
    "permutation": "p of the difference against group labels dealt anew",
    "wild": "p of the difference by the wild cluster bootstrap",
    "holm": "p of the difference, Holm-adjusted over the terms and pairs of the table",
}


def meaning_of(table: PrintedTable, row: int, column: int, quantity: str = "") -> str:
    """How the number of a cell was computed, in words."""
    origin, key = origin_of(table, row, column), table.rows[row].key
    term = term_of(origin.fit, key)
    if term is not None:
        tail = quantity or key.removeprefix(term.term).removeprefix(".")
        known = OF_A_TERM.get(tail, f"t statistic under {tail.replace('_', ' ')}; the stars that it would print")
        return f"{known} ({origin.how})" if origin.how else known
    known = MEANINGS.get(key) or _by_ending(key, origin.how)
    return "; ".join(dict.fromkeys(text for text in (known, origin.how) if text)) or "as its row and heading say"


def _by_ending(key: str, how: str) -> str:
    """Fixed effects, slopes at places, differences of groups."""
    if key.endswith("_fe"):
        return "whether these fixed effects are in the regression"
    if key.startswith("slope."):
        return f"slope at {key.removeprefix('slope.')} and its standard error, from both coefficients and covariances"
    if key.startswith("like."):
        return "slope and interval that a confounder so many times as strong as this control would leave"
    if key.endswith(".wild") and "+" in key:
        return "p of the wild cluster bootstrap of all these coefficients zero"
    head, _, tail = key.partition(".")
    if " less " in how and (not tail or tail in OF_A_DIFFERENCE):
        return OF_A_DIFFERENCE[tail] if head != "all" else f"all terms: {OF_A_DIFFERENCE[tail]}"
    return ""
