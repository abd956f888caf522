"""Estimate exactly, from cross-products, without one region, year or industry at a time (METHODS 5.12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrade.errors import TooFew
from integrade.estimate.design import Design
from integrade.estimate.results import FitResult, Vector
from integrade.regress import iv
from integrade.regress.effects import first_rows
from integrade.regress.jackknife import deleted_moments, each, least_squares_without
from plainwords.texts import say


@dataclass(frozen=True)
class Range:
    """The range of a quantity over all deletions, and the level whose deletion gives each end."""

    quantity: str
    low: float
    low_without: str
    high: float
    high_without: str


@dataclass(frozen=True)
class LeftOut:
    """Coefficients (L, k) without each level. They are missing if one is not identified.

    ``influence`` (L,) is Cook's distance of the treatment's coefficients, measured with their covariance. ``worst`` is
    the level with the largest influence.
    """

    levels: tuple[str, ...]
    coefficients: Vector
    influence: Vector
    worst: str


def leave_one_out(design: Design, result: FitResult, column: str, terms: Sequence[str]) -> LeftOut:
    """Estimate without each level of ``column``, with effects removed again.

    Formula: influence = d' V^-1 d / q, d the change of the q coefficients of ``terms`` and V their covariance.

    Raises:
        TooFew: there is only one level. UsageError: the column is missing in a row, or has too many levels.
    """
    factor = design.cluster(column)
    if factor.levels < 2:
        raise TooFew(
            say("impossible.nothing-without", column=repr(column)), remedy="leave out the levels of another column"
        )
    kept, p = len(design.kept), design.endogenous
    columns = [*design.kept, *design.instruments, len(design.names) - 1]
    matrix = design.matrix[:, columns]
    if p:
        of_moments = each(lambda gram: iv.from_moments(gram, p, kept - p))
        estimates, identified = of_moments(deleted_moments(design.plan, matrix, factor))
    else:
        coefficients = np.array([c.estimate for c in result.coefficients])
        estimates, identified = least_squares_without(design.plan, matrix, factor, coefficients)
    estimates[~identified] = np.nan
    names = [c.term for c in result.coefficients]
    at = [names.index(t) for t in terms]
    away = estimates[:, at] - np.array([result[t].estimate for t in terms])
    inverse = np.linalg.pinv(result.vcov[np.ix_(at, at)])
    influence = np.einsum("gi,ij,gj->g", away, inverse, away) / len(at)
    if not np.isfinite(influence).any():
        raise TooFew(
            say("impossible.not-without-any", column=repr(column)),
            remedy="leave out the levels of another column, or use fewer regressors",
        )
    levels = tuple(str(v) for v in design.labels[column][first_rows(factor)])
    return LeftOut(levels, estimates, influence, levels[int(np.nanargmax(influence))])


def ranges(left: LeftOut, result: FitResult, treatment: str, places: Sequence[tuple[str, float]]) -> tuple[Range, ...]:
    """Return ranges over all deletions: of the treatment's coefficients, turning point, and slopes at ``places``."""
    names = [c.term for c in result.coefficients]
    b1 = left.coefficients[:, names.index(treatment)]
    quantities: dict[str, Vector] = {treatment: b1}
    if f"{treatment}^2" in names:
        b2 = left.coefficients[:, names.index(f"{treatment}^2")]
        quantities |= {f"{treatment}^2": b2, say("models_fit.turning-point"): -b1 / (2 * b2)}
        quantities |= {say("models_fit.slope-at", place=where): b1 + 2 * x * b2 for where, x in places}
    extremes = []
    for name, values in quantities.items():
        low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
        extremes.append(Range(name, float(values[low]), left.levels[low], float(values[high]), left.levels[high]))
    return tuple(extremes)
