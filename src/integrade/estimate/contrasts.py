"""Compute Wald tests and functions of coefficients from a fit only, without data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from integrade.errors import NotIdentified, TooFew
from integrade.estimate.results import Coefficient, FitResult, Vector
from integrade.regress.students import chi2_upper, f_upper, t_quantile, t_two_sided
from integrade.wording.sheet import clustered_by
from plainwords.texts import say

_SINGULAR = 1e-12  # eigenvalue of a correlation matrix below which it is singular up to rounding


@dataclass(frozen=True)
class JointTest:
    """A Wald test that several coefficients (or combinations of them) are zero: F = W / df1, p from F(df1, df2)."""

    terms: tuple[str, ...]
    statistic: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True)
class Combination:
    """A function of coefficients with its standard error (delta method if not linear) and 95% interval from t."""

    name: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


def joint_test(result: FitResult, terms: Sequence[str]) -> JointTest:
    """Test jointly that the coefficients of ``terms`` are zero: F = b' V^-1 b / q with the fit's degrees of freedom.

    Raises `NotIdentified` for a dropped term and `TooFew` when there are too few clusters for so many restrictions.
    """
    restrictions = [{term: 1.0} for term in terms]
    return restricted(result, restrictions, tuple(terms))


def restricted(
    result: FitResult,
    restrictions: Sequence[Mapping[str, float]],
    names: tuple[str, ...],
    values: Sequence[float] | None = None,
) -> JointTest:
    """Test jointly that several linear combinations of coefficients (term -> weight) have these values, or are zero."""
    matrix = np.vstack([_weights(result, r) for r in restrictions])
    b = np.array([c.estimate for c in result.coefficients])
    value, covariance = matrix @ b - (0.0 if values is None else np.array(values)), matrix @ result.vcov @ matrix.T
    q, df = len(restrictions), _df(result, np.abs(matrix).sum(axis=0))
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if (scale <= 0).any() or np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] < _SINGULAR:
        where = clustered_by(result.clusters)
        raise TooFew(
            say("impossible.singular-joint", n=str(q)),
            where=where,
            example=", ".join(names),
            remedy="test fewer terms, or cluster by a column with more levels",
        )
    statistic = float(value @ np.linalg.solve(covariance, value)) / q
    p = chi2_upper(statistic * q, q) if math.isinf(df) else f_upper(statistic, q, df)
    return JointTest(names, statistic, q, df, p)


def combination(result: FitResult, weights: Mapping[str, float], name: str) -> Combination:
    """Return a weighted sum of coefficients: estimate, standard error, t and 95% interval."""
    w = _weights(result, weights)
    estimate = float(w @ np.array([c.estimate for c in result.coefficients]))
    return at_error(name, estimate, math.sqrt(max(float(w @ result.vcov @ w), 0.0)), _df(result, np.abs(w)))


def delta(result: FitResult, estimate: float, gradient: Mapping[str, float], name: str) -> Combination:
    """Return the record of a smooth function of the coefficients, given its value and gradient, by the delta method."""
    g = _weights(result, gradient)
    return at_error(name, estimate, math.sqrt(max(float(g @ result.vcov @ g), 0.0)), _df(result, np.abs(g)))


def at_error(name: str, estimate: float, error: float, df: float) -> Combination:
    """Return the record of an estimate, given its standard error and degrees of freedom."""
    statistic = estimate / error if error > 0 else math.nan
    width = t_quantile(0.975, df) * error
    return Combination(name, estimate, error, statistic, t_two_sided(statistic, df), estimate - width, estimate + width)


def coefficient(name: str, estimate: float, error: float, df: float) -> Coefficient:
    """Return the record of an estimated term, given its standard error and degrees of freedom."""
    c = at_error(name, estimate, error, df)
    return Coefficient(c.name, c.estimate, c.std_error, c.statistic, c.p_value, c.conf_low, c.conf_high)


def _weights(result: FitResult, weights: Mapping[str, float]) -> Vector:
    """Return the weight of each coefficient of the fit (k,). Raise `NotIdentified` for a term without a coefficient."""
    terms = [c.term for c in result.coefficients]
    for term in weights:
        if term not in terms:
            why = result.dropped.get(term) or say("impossible.not-in-formula")
            raise NotIdentified(
                say("impossible.test-needs", term=repr(term), why=why),
                where=result.formula,
                remedy="remove the fixed effect or the collinear regressor that absorbs it",
            )
    return np.array([weights.get(t, 0.0) for t in terms])


def _df(result: FitResult, weight: Vector) -> float:
    """Return the degrees of freedom of the fit; if each term has its own, the smallest among the terms used."""
    used = [c.term for c, w in zip(result.coefficients, weight, strict=True) if w]
    return min(result.df_by_term.get(t, result.df_t) for t in used)
