"""Compute one coefficient before and after controls, from cross-products with the effects removed.

With a square in the formula a single coefficient is hard to interpret. With ``at``, the slope at that value is used
instead. This slope is the coefficient of x if x^2 is replaced by ``x^2 - 2 at x``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from integrade.errors import NotIdentified, UnknownName, UsageError, did_you_mean, option
from integrade.estimate.design import CONSTANT, Design
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.results import Basis, Vector
from integrade.records.schema import column_word
from plainwords.texts import say

Percentile = Literal["p5", "p10", "p50", "p90", "p95"]


class Omitted(NamedTuple):
    """Cross-products of the treatment (first), the other regressors and the outcome (last), with their names."""

    gram: Vector
    names: tuple[str, ...]
    own: tuple[int, ...]  # the other terms of the treatment
    controls: tuple[int, ...]
    at: float | None
    nobs: int
    df: float
    basis: Basis


def omitted(panel: Any, formula: str, treatment: str, at: float | Percentile | None, fit: Fit) -> Omitted:
    """Return the cross-products of a formula's design with one term first.

    If ``at`` is given, the coefficient of this term is the slope at this value.
    """
    design = prepare(panel, formula, fit)
    if design.endogenous:
        raise UsageError(
            "sensitivity to omitted variables requires a regression without instruments",
            where=formula,
            remedy="give the least-squares formula",
        )
    names = design.regressors
    if treatment not in names:
        why = design.dropped.get(treatment)
        if why:
            raise NotIdentified(
                say("impossible.dropped", term=repr(treatment), why=why),
                where=formula,
                remedy="remove the fixed effect that absorbs it, or name another",
            )
        raise UnknownName(f"{treatment!r} is not in the formula", where=formula, remedy=did_you_mean(treatment, names))
    place = [names.index(treatment), *(j for j, n in enumerate(names) if n != treatment)]
    columns = [*(design.kept[j] for j in place), len(design.names) - 1]
    ordered = tuple(names[j] for j in place)
    gram, where = design.gram[np.ix_(columns, columns)], _value(design, treatment, at)
    if where is not None:
        turn = np.eye(len(gram))
        turn[0, ordered.index(f"{treatment}^2")] = -2 * where
        gram = turn.T @ gram @ turn
    terms = {t.name: t.columns for t in design.formula.regressors}
    variable = terms[treatment][0]
    own_terms = [j for j, n in enumerate(ordered) if j and variable in terms.get(n, ())]
    free = [j for j, n in enumerate(ordered) if j and j not in own_terms and n != CONSTANT]
    own_terms += [j for j, n in enumerate(ordered) if n == CONSTANT]
    n = len(design.matrix)
    basis = estimate(design, Fit(vcov="iid", ssc=fit.ssc)).basis
    return Omitted(gram, ordered, tuple(own_terms), tuple(free), where, n, basis.df_t, basis)


def _value(design: Design, treatment: str, at: float | Percentile | None) -> float | None:
    """Return ``at`` as a number. Raises `UsageError` if the treatment has no square."""
    if at is None:
        return None
    if f"{treatment}^2" not in design.regressors:
        raise UsageError(
            f"at={at!r}: the slope of {treatment!r} is the same everywhere, it has no square",
            remedy=f"leave {option('at')} out, or add {treatment}^2 to the formula",
        )
    if not isinstance(at, str):
        return float(at)
    places = {where: x for where, x, *_ in u_test(estimate(design, Fit(vcov="iid")), treatment).slopes}
    return places[at]


def known(name: str, m: Omitted) -> str:
    """Raise `UnknownName` if no regressor has this name; otherwise return the name unchanged."""
    if name not in m.names:
        raise UnknownName(f"{name!r} is not a regressor", remedy=did_you_mean(name, m.names))
    return name


def _solve(gram: Vector, target: int, columns: Sequence[int]) -> Vector:
    """Return the coefficients of the regression of one column on others. Columns are scaled to unit length first."""
    scale = np.sqrt(np.diag(gram)[list(columns)])
    left = gram[np.ix_(columns, columns)] / np.outer(scale, scale)
    return np.asarray(np.linalg.solve(left, gram[list(columns), target] / scale) / scale)


def residual_squares(gram: Vector, target: int, columns: Sequence[int]) -> float:
    """Return the residual sum of squares of one column on others."""
    if not len(columns):
        return float(gram[target, target])
    return float(gram[target, target] - gram[list(columns), target] @ _solve(gram, target, columns))


def first_slope(gram: Vector, columns: Sequence[int]) -> float:
    """Return the coefficient of the first column in the regression of the outcome on the columns."""
    return float(_solve(gram, -1, columns)[0])


def partial_r2(gram: Vector, target: int, others: Sequence[int], group: Sequence[int]) -> float:
    """Return the partial R2 of a group of columns with one column, given other columns."""
    without = residual_squares(gram, target, others)
    return (without - residual_squares(gram, target, [*others, *group])) / without


def described(term: str, at: float | None) -> str:
    """Return words for the coefficient or slope that is judged."""
    return term if at is None else say("models_omitted.slope-of", term=column_word(term), at=f"{at:.6g}")
