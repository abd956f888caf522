"""Compute many regressions that differ in one variable by cell (region and year). Effects are removed once.

C (n, C) are the dummies of the cells, F (n, m) the other columns, and M (n, n) removes the effects. A variable x = C mu
has one value mu per cell. Every regression on powers of x needs only C'MC, C'MF and F'MF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrade.regress.effects import Codes, Factor, Mask, Vector, keep_rows
from integrade.regress.ols import cross_products
from integrade.regress.partial import Absorber, absorber, demean, group_sums

_COLLINEAR = 1e-11  # regressors whose correlations have a smaller eigenvalue are collinear, as in `partial`
_WIDE = 32  # cell dummies from which effects are removed at a time, which bounds memory


@dataclass(frozen=True)
class CellMoments:
    """Cross-products with effects removed: ``cells`` (C, C), ``mixed`` (C, m) and ``fixed`` (m, m), outcome last."""

    cells: Vector
    mixed: Vector
    fixed: Vector


def cell_moments(plan: Absorber, cells: Factor, fixed: Vector) -> CellMoments:
    """Return the cross-products of cell dummies and of the columns ``fixed`` (n, m), with effects removed."""
    count, weights = cells.levels, plan.weights
    fixed = demean(plan, np.array(fixed, order="C"))
    square = np.empty((count, count))
    for start in range(0, count, _WIDE):
        stop = min(start + _WIDE, count)
        rows = np.flatnonzero((cells.codes >= start) & (cells.codes < stop))
        dummies = np.zeros((len(cells.codes), stop - start))
        dummies[rows, cells.codes[rows] - start] = 1.0
        square[:, start:stop] = group_sums(cells.codes, count, demean(plan, dummies), weights)
    mixed = group_sums(cells.codes, count, fixed, weights)
    return CellMoments((square + square.T) / 2, mixed, cross_products(fixed, weights))


def on_rows(plan: Absorber, cells: Factor, fixed: Vector, rows: Codes) -> CellMoments:
    """Return the cross-products of `cell_moments` on some rows, with effects removed again. Absent cells have zeros."""
    weights = None if plan.weights is None else plan.weights[rows]
    part = absorber([keep_rows(f, rows) for f in plan.effects], weights)
    return cell_moments(part, Factor(cells.name, cells.codes[rows], cells.levels), fixed[rows])


def reweighted_moments(plan: Absorber, columns: Vector, counts: Vector) -> Vector:
    """Return the cross-products (m, m) of columns (n, m) if each row counts ``counts`` times.

    Effects are removed again.
    """
    rows = np.flatnonzero(counts > 0)
    weights = counts[rows] if plan.weights is None else counts[rows] * plan.weights[rows]
    part = absorber([keep_rows(f, rows) for f in plan.effects], weights)
    return cross_products(demean(part, np.ascontiguousarray(columns[rows])), weights)


def solve_cells(moments: CellMoments, values: Vector, powers: Sequence[int]) -> Vector:
    """Return coefficients (B, k) for every column of ``values`` (C, B), the variable by cell.

    The regressors are its ``powers`` followed by the fixed columns. Coefficients are NaN if one is not identified.
    """
    m, p = len(moments.fixed), len(powers)
    raised = [values**power for power in powers]
    through = [moments.cells @ u for u in raised]
    gram = np.empty((values.shape[1], p + m, p + m))
    gram[:, p:, p:] = moments.fixed
    for a in range(p):
        gram[:, a, p:] = gram[:, p:, a] = raised[a].T @ moments.mixed
        for b in range(p):
            gram[:, a, b] = (raised[a] * through[b]).sum(axis=0)
    return solve_all(gram)


def solve_all(gram: Vector) -> Vector:
    """Solve least squares (B, k) from cross-products (B, k + 1, k + 1) with the outcome last; NaN if collinear."""
    inner = gram[:, :-1, :-1]
    scale = np.sqrt(np.maximum(np.diagonal(inner, axis1=1, axis2=2), 0.0))
    good: Mask = np.asarray(np.isfinite(gram).all(axis=(1, 2)) & (scale > 0).all(axis=1))
    b = np.full(scale.shape, np.nan)
    scaled = inner[good] / (scale[good, :, None] * scale[good, None, :])
    clear = np.linalg.eigvalsh(scaled)[:, 0] > _COLLINEAR if good.any() else np.zeros(0, dtype=np.bool_)
    good[np.flatnonzero(good)[~clear]] = False
    right = gram[good, :-1, -1] / scale[good]
    b[good] = np.linalg.solve(scaled[clear], right[:, :, None])[:, :, 0] / scale[good]
    return b
