"""Poisson pseudo-maximum likelihood with fixed effects, for outcomes that are not negative (quality in [0, 1] too).

The estimator is that of `regress.poisson`. A fractional logit with two sets of effects is not offered: no
maintained package estimates one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import OutOfRange, UsageError
from integrade.frames import collect, enter
from integrade.models.linear.contrasts import at_error
from integrade.models.linear.design import Design
from integrade.models.linear.fit import Fit, estimate, prepare
from integrade.models.linear.formula import Formula, parse_formula
from integrade.models.linear.results import Coefficient, FitResult, Vector
from integrade.models.linear.terms import as_column
from integrade.regress.poisson import poisson

_ROW = "integrade_row"


def ppml(panel: Any, formula: str | Formula, options: Fit) -> FitResult:
    """E(y) = exp(x'b + effects) by Poisson pseudo-maximum likelihood, errors clustered.

    Formula: sum x (y - mu) = 0; V = G/(G-1) (X'MX)^-1 [sum_g s_g s_g'] (X'MX)^-1, X net of the effects with weights
        mu (M = diag mu), s_g = X_g'(y_g - mu_g); t(G - 1).
    Missing values: as in `fit`; levels of an effect whose outcomes are all zero say nothing and are dropped and noted.

    Raises:
        UsageError: pyfixest is not installed, instruments, weights, or no single cluster variable.
        OutOfRange: a negative outcome. NoConvergence: pyfixest stopped early or dropped other rows.

    Reference: Santos Silva and Tenreyro (2006); Correia, Guimaraes and Zylkin (2020).
    """
    parsed = parse_formula(formula) if isinstance(formula, str) else formula
    if parsed.endogenous or options.weights or not options.cluster or "+" in options.cluster:
        raise UsageError(
            "Poisson regression takes one cluster variable, no instruments and no weights", where=parsed.text,
            remedy="give cluster='region'",
        )  # fmt: skip
    rows = collect(enter(panel)).with_row_index(_ROW)
    design, values, zero = _without_zeros(rows, parsed, options)
    y, x = values[:, -1], values[:, :-1]
    cluster = design.cluster(options.cluster)
    found = poisson(y, x, design.plan.effects, cluster)
    notes = [f"Poisson pseudo-maximum likelihood, {cluster.levels} clusters of {cluster.name}: CR1, factor G/(G-1)"]
    notes += [f"{zero:,} rows dropped, every outcome of their effect is zero"] if zero else []
    return _result(design, found.coefficients, found.vcov, cluster.levels - 1, tuple(notes))


def _without_zeros(rows: pl.DataFrame, formula: Formula, options: Fit) -> tuple[Design, Vector, int]:
    """The design, its terms before effects are removed (n, k + 1), and rows lost to levels without any outcome."""
    zero = 0
    while True:
        design = prepare(rows, formula, options, also=(_ROW,))
        terms = {t.name: t for t in (*formula.regressors, formula.outcome)}
        wanted = [as_column(terms[n]) for n in (*design.regressors, formula.outcome.name) if n in terms]
        if len(wanted) <= len(design.kept):
            raise UsageError("Poisson regression needs fixed effects here", remedy="add | firm + year")
        sample = rows[design.labels[_ROW].to_numpy()]
        values = sample.select(wanted).to_numpy()
        y = values[:, -1]
        if (y < 0).any():
            raise OutOfRange(f"{formula.outcome.name!r} has {int((y < 0).sum()):,} negative values",
                             remedy="use least squares, or an outcome from 0")  # fmt: skip
        some = np.ones(len(y), dtype=np.bool_)
        for f in design.plan.effects:
            some &= (np.bincount(f.codes, y, minlength=f.levels) > 0)[f.codes]
        if some.all():
            return design, values, zero
        zero += int((~some).sum())
        rows = sample.filter(pl.Series(some)).drop(_ROW).with_row_index(_ROW)


def _result(design: Design, b: Vector, vcov: Vector, df: int, notes: tuple[str, ...]) -> FitResult:
    plain = estimate(design, Fit(vcov="iid"))
    terms = []
    for name, value, error in zip(design.regressors, b.tolist(), np.sqrt(np.diag(vcov)).tolist(), strict=True):
        c = at_error(name, value, error, df)
        terms.append(Coefficient(c.name, value, error, c.statistic, c.p_value, c.conf_low, c.conf_high))
    missing = float("nan")
    return replace(
        plain, coefficients=tuple(terms), vcov=vcov, kind="CR1", df_t=float(df), constant=None, r2=missing,
        r2_adjusted=missing, r2_within=missing, r2_within_xtreg=missing, rmse=missing, notes=notes,
    )  # fmt: skip
