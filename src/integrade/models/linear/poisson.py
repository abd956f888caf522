"""Poisson pseudo-maximum likelihood with fixed effects, for outcomes that are not negative (quality in [0, 1] too).

pyfixest finds the coefficients; standard errors are made here from its fitted means, as its own clustered ones depend
on the hash seed with several effects (METHODS 5.2). A fractional logit with two sets of effects is not offered: no
maintained package estimates one.
"""

from __future__ import annotations

import importlib
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import NoConvergence, OutOfRange, UsageError
from integrade.frames import collect, enter
from integrade.models.linear.contrasts import at_error
from integrade.models.linear.design import Design
from integrade.models.linear.fit import Fit, estimate, prepare
from integrade.models.linear.formula import Formula, parse_formula
from integrade.models.linear.results import Coefficient, FitResult, Vector
from integrade.models.linear.terms import as_column
from integrade.regress.covariance import cluster_scores
from integrade.regress.partial import absorber, demean

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
    package = _pyfixest()
    parsed = parse_formula(formula) if isinstance(formula, str) else formula
    if parsed.endogenous or options.weights or not options.cluster or "+" in options.cluster:
        raise UsageError(
            "Poisson regression takes one cluster variable, no instruments and no weights", where=parsed.text,
            remedy="give cluster='region'",
        )  # fmt: skip
    rows = collect(enter(panel)).with_row_index(_ROW)
    design, values, zero = _without_zeros(rows, parsed, options)
    y, x = values[:, -1], values[:, :-1]
    mu, b = _means(package, design, y, x)
    weighted = absorber(list(design.plan.effects), mu)
    net = demean(weighted, x.copy())
    bread = np.linalg.inv(net.T @ (net * mu[:, None]))
    b = b + bread @ (net.T @ (y - mu))  # one more Newton step from where pyfixest stopped
    cluster = design.cluster(options.cluster)
    scores = cluster_scores(net, y - mu, cluster)
    vcov = bread @ (scores.T @ scores) @ bread * cluster.levels / (cluster.levels - 1)
    notes = [f"Poisson pseudo-maximum likelihood, {cluster.levels} clusters of {cluster.name}: CR1, factor G/(G-1)"]
    notes += [f"{zero:,} rows dropped, every outcome of their effect is zero"] if zero else []
    return _result(design, b, (vcov + vcov.T) / 2, cluster.levels - 1, tuple(notes))


def _pyfixest() -> Any:
    try:
        return importlib.import_module("pyfixest")
    except ImportError:
        raise UsageError("Poisson regression needs pyfixest", remedy="pip install 'integrade[gravity]'") from None


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


def _means(package: Any, design: Design, y: Vector, x: Vector) -> tuple[Vector, Vector]:
    """Fitted means (n,) and coefficients (k,)."""
    scale = x.std(axis=0)
    data = {f"x{j}": x[:, j] / scale[j] for j in range(x.shape[1])} | {"y": y}
    data |= {f"e{j}": f.codes for j, f in enumerate(design.plan.effects)}
    effects = " + ".join(f"e{j}" for j in range(len(design.plan.effects)))
    text = f"y ~ {' + '.join(f'x{j}' for j in range(x.shape[1]))} | {effects}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = package.fepois(text, pl.DataFrame(data), vcov="iid", iwls_tol=1e-10, iwls_maxiter=100)
        except Exception as error:
            raise NoConvergence("the Poisson regression failed", example=str(error)) from error
    mu, b = np.asarray(found._Y_hat_response, dtype=np.float64).ravel(), found.coef()
    if len(mu) != len(y) or len(b) != x.shape[1]:
        raise NoConvergence("the Poisson regression dropped rows or regressors",
                            example=f"{len(mu):,} of {len(y):,} rows", remedy="use fewer effects")  # fmt: skip
    return mu, np.array([b[f"x{j}"] for j in range(x.shape[1])]) / scale


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
