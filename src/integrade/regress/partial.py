"""Remove fixed effects from the columns of a matrix.

The largest effect is removed by group means. Small effects (at most 3,000 levels together) are then removed as dummies.
This uses ``S = D'WD - D'WF (F'WF)^-1 F'WD``, the Schur complement of their dummies ``D`` net of the dummies ``F`` of
the largest effect. The removal is exact and takes one pass. Several large effects are removed by the iterative solver
of the package within-py.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from integrade.errors import NoConvergence
from integrade.regress.effects import Codes, Factor, Vector, cross_table
from integrade.regress.sweeps import swept
from plainwords.texts import say

SMALL = 3_000  # with more levels of all effects but the largest, the iterative solver is used
MOST_ITERATIONS = 10_000  # iterations of the solver before `NoConvergence`
_TOLERANCE, _TIGHT = 1e-10, 1e-14  # relative residual norms at which the iterative solver stops
_NEARLY_GONE = 1e-4  # a column of which effects leave at most this share of its norm gets the tight tolerance
MANY = 1_000_000  # with this many rows, the iterative solver stops earlier, or compiled passes replace it
_DENSE = 8  # compiled passes are used with at least this many rows per dummy of all but the largest effect
_LONG = 2_000_000  # for a sparse table with this many entries the compiler is imported
_BLOCK = 4_096  # rows at a time, so that temporaries stay in cache
_LARGE = 1_000_000  # for a matrix with this many numbers compiled passes over its rows are faster
_HUGE = 50_000_000  # for a matrix with this many numbers the compiler is imported


@dataclass(frozen=True)
class Absorber:
    """Everything needed to remove the same effects repeatedly.

    ``large`` is the effect removed by means. ``totals`` (levels,) is the weight of each of its levels. For each row,
    ``small`` (n, q) holds which q of the T dummies of the other effects are one. ``table`` (levels, T) holds the weight
    per level and dummy. ``inverse`` (T, T) is a generalised inverse of the Schur complement ``schur``. ``exact`` is
    false if the iterative solver is used; the parts about small effects are then empty.
    """

    effects: tuple[Factor, ...]
    weights: Vector | None
    large: Factor | None
    totals: Vector
    small: Codes
    table: Any
    schur: Vector
    inverse: Vector
    exact: bool


def absorber(effects: Sequence[Factor], weights: Vector | None = None) -> Absorber:
    """Prepare the removal of effects from rows with weights. Without weights, every row has weight one."""
    empty, none = np.zeros((0, 0)), np.zeros((0, 0), dtype=np.intp)
    if not effects:
        return Absorber((), weights, None, np.zeros(0), none, empty, empty, empty, True)
    largest = max(range(len(effects)), key=lambda i: effects[i].levels)
    large = effects[largest]
    others = [f for i, f in enumerate(effects) if i != largest]
    totals = np.bincount(large.codes, weights, minlength=large.levels).astype(np.float64, copy=False)
    width = sum(f.levels for f in others)
    bare = np.zeros((len(large.codes), 0), dtype=np.intp)
    if width > SMALL:
        return Absorber(tuple(effects), weights, large, totals, bare, empty, empty, empty, False)
    if not others:
        return Absorber(tuple(effects), weights, large, totals, bare, np.zeros((large.levels, 0)), empty, empty, True)
    table = _tables(large, others, weights)
    gram = []  # D'WD by pairs of effects
    for a in others:
        mass = np.bincount(a.codes, weights, minlength=a.levels).astype(np.float64, copy=False)
        gram.append([np.diag(mass) if a is b else _plain(cross_table(a, b, weights)) for b in others])
    schur = np.block(gram) - projected(table, totals)
    starts = np.cumsum([0, *(f.levels for f in others[:-1])])
    small = np.asfortranarray(np.column_stack([f.codes + s for f, s in zip(others, starts, strict=True)]))
    return Absorber(tuple(effects), weights, large, totals, small, table, schur, generalised_inverse(schur), True)


def _tables(large: Factor, others: Sequence[Factor], weights: Vector | None) -> Any:
    """Return the weight per level of the largest effect and dummy, (levels, T): dense if all parts are, else sparse."""
    tables = [cross_table(large, f, weights) for f in others]
    if len(tables) == 1:
        return tables[0]
    if all(isinstance(t, np.ndarray) for t in tables):
        return np.hstack(tables)
    from scipy import sparse

    return sparse.hstack([sparse.csr_array(t) for t in tables], format="csr")


def projected(table: Any, totals: Vector) -> Vector:
    """Return ``C' diag(1/W) C`` (T, T), where C is a dense or sparse table (levels, T) and W are the totals."""
    gram = np.zeros((table.shape[1], table.shape[1]))
    if not isinstance(table, np.ndarray):
        if table.nnz < _LONG:
            return _plain(table.T @ table.multiply(1 / totals[:, None]).tocsr())
        from integrade.regress import compiled

        compiled.table_gram(table.indptr, table.indices, table.data, totals, gram)
        return gram + np.triu(gram, 1).T
    for start in range(0, len(table), _BLOCK):
        part = table[start : start + _BLOCK]
        gram += part.T @ (part / totals[start : start + _BLOCK, None])
    return gram


def _plain(table: Any) -> Vector:
    return np.asarray(table if isinstance(table, np.ndarray) else table.toarray(), dtype=np.float64)


def generalised_inverse(gram: Vector) -> Vector:
    """Return a reflexive generalised inverse of a positive semi-definite matrix.

    Rows of the inverse that belong to dependent rows are zero.
    """
    from scipy.linalg import lapack

    inverse = np.zeros_like(gram)
    upper, kept = root(gram)
    if len(kept):
        part, _ = lapack.dpotri(upper, lower=0)
        part = np.triu(part)
        part += np.triu(part, 1).T
        inverse[np.ix_(kept, kept)] = part
    return inverse


Root: TypeAlias = tuple[Vector, Codes]
"""The upper Cholesky factor of the independent rows of a positive semi-definite matrix, and their positions."""


def semidefinite_solve(gram: Vector, right: Vector) -> Vector:
    """Return ``generalised_inverse(gram) @ right`` without computing the inverse."""
    return solved_by(root(gram), right)


def solved_by(factor: Root, right: Vector) -> Vector:
    """Return the result of `semidefinite_solve` for the matrix with this `root`."""
    from scipy.linalg import lapack

    solved = np.zeros_like(right)
    upper, kept = factor
    if len(kept):
        solved[kept] = lapack.dpotrs(upper, right[kept], lower=0)[0]
    return solved


def independent_rows(gram: Vector) -> Codes:
    """Return the positions of independent rows of a positive semi-definite matrix, chosen by largest pivot first."""
    return root(gram)[1]


def root(gram: Vector) -> Root:
    """Return the upper Cholesky factor of the independent rows, and their positions.

    Pivots below 1e-11 of the largest count as zero, because they are rounding errors of a Gram matrix in double
    precision. The limit is a convention.
    """
    from scipy.linalg import lapack

    top = float(np.max(np.diag(gram), initial=0.0))
    if top <= 0:
        return np.zeros((0, 0)), np.zeros(0, dtype=np.intp)
    factor, pivots, rank, _ = lapack.dpstrf(gram, tol=1e-11 * top, lower=0)
    return np.asfortranarray(factor[:rank, :rank]), (pivots[:rank] - 1).astype(np.intp)


def demean(plan: Absorber, matrix: Vector) -> Vector:
    """Remove the effects from a C-ordered (n, k) matrix in place, and return the matrix.

    Raises `NoConvergence` when the iterative solver stops early.
    """
    remove(plan, matrix)
    return matrix


def remove(plan: Absorber, matrix: Vector) -> Vector:
    """Remove the effects from a matrix in place, as `demean` does, but return sums of squares.

    Returns the sum of squares (k,) that the small effects removed from each column after the largest effect had been
    removed.
    """
    if plan.large is None:
        return np.zeros(matrix.shape[1])
    if not plan.exact:
        return _iterate(plan, matrix)
    means = group_sums(plan.large.codes, plan.large.levels, matrix, plan.weights)
    means /= plan.totals[:, None]
    _subtract(matrix, [(plan.large.codes, means)])
    if not plan.small.shape[1]:
        return np.zeros(matrix.shape[1])
    width = len(plan.schur)
    sums = np.zeros((width, matrix.shape[1]))
    for column in plan.small.T:
        sums += group_sums(column, width, matrix, plan.weights)
    slopes = plan.inverse @ sums
    slopes += plan.inverse @ (sums - plan.schur @ slopes)
    shift = _through_table(plan, -slopes)
    _subtract(matrix, [(plan.large.codes, shift), *((column, slopes) for column in plan.small.T)])
    return np.asarray(np.einsum("tk,tk->k", sums, slopes))


def _through_table(plan: Absorber, slopes: Vector) -> Vector:
    """Return ``C slopes / W`` (levels, k), the dummies' contribution to the means by level of the largest effect.

    C is the table of weights per level and dummy, W the weight of each level.
    """
    if not isinstance(plan.table, np.ndarray):
        return np.asarray(plan.table @ slopes) / plan.totals[:, None]
    means = np.empty((len(plan.table), slopes.shape[1]))
    for start in range(0, len(plan.table), _BLOCK):
        rows = slice(start, start + _BLOCK)
        np.matmul(plan.table[rows], slopes, out=means[rows])
        means[rows] /= plan.totals[rows, None]
    return means


def _subtract(matrix: Vector, parts: Sequence[tuple[Codes, Vector]]) -> None:
    """Subtract ``values[codes]`` from the rows, for each pair (codes, values).

    This is done in blocks of rows, or by compiled passes for a large matrix.
    """
    if large(matrix):
        from integrade.regress import passes

        for codes, values in parts:
            passes.subtract(np.ascontiguousarray(codes), np.ascontiguousarray(values), matrix)
        return
    buffer = np.empty((_BLOCK, matrix.shape[1]))
    for start in range(0, len(matrix), _BLOCK):
        block = matrix[start : start + _BLOCK]
        taken = buffer[: len(block)]
        for codes, values in parts:
            np.take(values, codes[start : start + _BLOCK], axis=0, out=taken, mode="clip")
            np.subtract(block, taken, out=block)


def large(matrix: Vector) -> bool:
    """Return whether compiled passes are used on a matrix; it must have many numbers in row-major order.

    If nothing else in the process needs the compiler, it is imported only for huge matrices. The results have the same
    bits with and without it.
    """
    if matrix.size < _LARGE or not matrix.flags.c_contiguous or matrix.dtype != np.float64:
        return False
    return "numba" in sys.modules or matrix.size >= _HUGE


def group_sums(codes: Codes, levels: int, matrix: Vector, weights: Vector | None = None) -> Vector:
    """Return weighted sums of the rows of a C-ordered (n, k) matrix by group, shape (levels, k)."""
    if large(matrix):
        from integrade.regress import passes

        mass = np.zeros(0) if weights is None else np.ascontiguousarray(weights, dtype=np.float64)
        sums = np.zeros((levels, matrix.shape[1]))
        passes.add(np.ascontiguousarray(codes), matrix, mass, sums)
        return sums
    from scipy import sparse

    n = len(codes)
    data = np.ones(n) if weights is None else weights
    indicator = sparse.csc_array((data, codes, np.arange(n + 1)), shape=(levels, n))
    return np.asarray(indicator @ matrix)


def _iterate(plan: Absorber, matrix: Vector) -> Vector:
    """Remove the effects by the iterative solver, up to rounding.

    With many rows the tolerance is 1e-10, except for columns that the effects nearly remove. If there are also many
    rows per dummy, `swept` is used instead of the solver, unless the effects are loosely connected.

    A relative error e in the columns changes their cross-products by e squared, and scores by e.
    """
    if len(matrix) < MANY:
        matrix[:] = _solved(plan, matrix, _TIGHT)
        return np.full(matrix.shape[1], np.nan)
    size = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    widths = sorted(f.levels for f in plan.effects)
    if _DENSE * sum(widths[:-1]) > len(matrix) or not swept(plan.effects, plan.weights, matrix):
        matrix[:] = _solved(plan, matrix, _TOLERANCE)
    gone = np.flatnonzero(np.sqrt(np.einsum("ij,ij->j", matrix, matrix)) <= _NEARLY_GONE * size)
    if len(gone):  # these need full precision, because little is left of them
        matrix[:, gone] = _solved(plan, matrix[:, gone], _TIGHT)
    return np.full(matrix.shape[1], np.nan)


def _solved(plan: Absorber, matrix: Vector, tolerance: float) -> Vector:
    """Return the matrix net of the effects, by the iterative solver. Raise `NoConvergence` if it stops early."""
    import within

    codes = np.empty((len(matrix), len(plan.effects)), dtype=np.uint32, order="F")
    for j, factor in enumerate(plan.effects):
        codes[:, j] = factor.codes
    options = within.LsmrOptions(tol=tolerance, maxiter=MOST_ITERATIONS)
    result = within.solve_batch(codes, np.asfortranarray(matrix), weights=plan.weights, options=options)
    if not all(result.converged):
        worst = max(result.residual)
        raise NoConvergence(
            say("impossible.effects-stay", effects=", ".join(f.name for f in plan.effects)),
            example=f"relative residual norm {worst:.1e} instead of {tolerance:.0e}",
            remedy="drop rows that barely connect the effects, or use fewer effects",
        )
    demeaned: Vector = result.demeaned
    return demeaned


def components_with_large(plan: Absorber) -> dict[tuple[int, int], int]:
    """Return the number of connected components of the two effects, by (earlier, later) position of the effects.

    The result is empty unless the plan is exact with two effects.

    Two dummies share a level of the largest effect where their entry of the Schur complement is not zero.
    """
    from scipy.sparse import csgraph

    if not plan.exact or len(plan.effects) != 2 or plan.large is None:
        return {}
    return {(0, 1): int(csgraph.connected_components(plan.schur != 0, directed=False)[0])}


def effect_leverage(plan: Absorber) -> Vector:
    """Return each row's leverage in the regression on the effects only, shape (n,).

    It is exact for one large effect with small others.

    Formula: ``w_i (1/W_f + d_i' S^- d_i)``, ``d_i = e_t - C_f / W_f`` the dummies of row i net of the large effect, f
    its level of the large effect and e_t its dummies.
    """
    if plan.large is None:
        raise ValueError("no effects")
    codes = plan.large.codes
    leverage = 1 / plan.totals[codes]
    if plan.small.shape[1]:
        centred = _plain(plan.table) / plan.totals[:, None]
        mixed = centred @ plan.inverse  # (levels, T)
        leverage += np.einsum("ft,ft->f", mixed, centred)[codes]
        for a in plan.small.T:
            leverage -= 2 * mixed[codes, a]
            for b in plan.small.T:
                leverage += plan.inverse[a, b]
    return leverage if plan.weights is None else leverage * plan.weights
