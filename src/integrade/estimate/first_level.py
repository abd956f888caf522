"""Compute the constant that Stata's ``xtreg, fe`` prints when the further effects are dummies (``i.year``).

Formula: ``ybar - xbar'b - dbar'd``, where d are the coefficients of the dummies of all levels but the first of every
effect after the first. So the constant is that of the first year, averaged over the units. Without further effects it
is ``ybar - xbar'b``, as reghdfe prints it. Let M remove the means of the units, and h = M D (D'WMD)^-1 dbar. The
constant is then linear in y: the mean of y minus h'W y, minus the same of x times b.

Reference: StataCorp, Longitudinal-Data/Panel-Data Reference Manual, [XT] xtreg, methods and formulas.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from integrade.estimate.design import Design, terms_by_name
from integrade.estimate.results import Vector
from integrade.regress.effects import Factor

MOST = 1_000
"""Largest number of dummies. With more, or with collinear dummies, the constant is that of reghdfe. A convention."""


class FirstLevel(NamedTuple):
    """The vector h, shape (n,), and its sum of squares h'Wh; both in the units of the dummies."""

    h: Vector
    squares: float


def first_level(design: Design) -> FirstLevel | None:
    """Return h for the effects of a design; None with one effect, too many dummies or collinear dummies."""
    sample = design.sample
    further = [f for f in sample.effects[1:] if f.levels > 1]
    if not further or sum(f.levels - 1 for f in further) > MOST:
        return None
    columns = sample.columns
    return design.held.once(
        ("first level", sample), columns, lambda: _of(sample.effects[0], further, sample.weights, sample.n)
    )


def _of(unit: Factor, further: list[Factor], weights: Vector | None, n: int) -> FirstLevel | None:
    w = np.ones(n) if weights is None else weights
    blocks = [_dummies(f, n) for f in further]
    d = sparse.csr_matrix(sparse.hstack(blocks))
    mass, by_unit = w.sum(), sparse.csr_matrix((w, (unit.codes, np.arange(n))), shape=(unit.levels, n))
    sums, sizes = by_unit @ d, np.asarray(by_unit.sum(axis=1)).ravel()
    inner = (d.T @ d.multiply(w[:, None])).toarray() - (sums.T @ sums.multiply(1 / sizes[:, None])).toarray()
    mean = np.asarray(d.T @ w).ravel() / mass
    scale = np.sqrt(np.maximum(np.diag(inner), np.finfo(float).tiny))
    if np.linalg.eigvalsh(inner / np.outer(scale, scale))[0] < 1e-9:  # a dummy is a combination of others
        return None
    g = np.linalg.solve(inner, mean)
    values = d @ g
    h = values - (by_unit @ values / sizes)[unit.codes]
    return FirstLevel(h, float(g @ mean))


def _dummies(effect: Factor, n: int) -> sparse.csr_matrix:
    """Return the dummies of all levels but the first, shape (n, levels - 1)."""
    rows = np.flatnonzero(effect.codes > 0)
    return sparse.csr_matrix((np.ones(len(rows)), (rows, effect.codes[rows] - 1)), shape=(n, effect.levels - 1))


def means_at_first(design: Design, at: FirstLevel | None) -> Vector:
    """Return, for each column of a design, its mean minus h'W times the column: the mean at the first levels."""
    if at is None:
        return design.means
    weights, rows = design.sample.weights, design.sample.rows
    wh = at.h if weights is None else at.h * weights
    terms = terms_by_name(design.formula)

    def shift(name: str) -> float:
        term = terms[name]
        columns = (*term.columns, *design.sample.columns)
        taken = slice(None) if rows is None else rows
        return design.held.once(
            ("at first", design.sample, term), columns, lambda: float(wh @ design.held.values(term)[taken])
        )

    means = design.means.copy()
    for j in (*design.kept, len(design.names) - 1):
        means[j] -= shift(design.names[j])
    return means
