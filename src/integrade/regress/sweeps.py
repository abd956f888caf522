"""Remove several large effects from many rows: the largest effect by its means, the others by conjugate gradients.

D are the dummies of the other effects; M removes the largest effect. The normal equations ``D'WMD b = D'WM y`` are
solved for all columns at once, preconditioned by the weights of the dummies. One pass over the rows, sorted by the
largest effect, multiplies by the matrix ``D'WMD``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from integrade.regress.effects import Codes, Factor, Vector

_PIECES = 4  # pieces of the rows, summed separately, so that results do not depend on the number of threads
_MOST_STEPS = 100  # steps after which the effects count as too loosely connected for this solver; a convention
_TOLERANCE = 1e-11  # of the preconditioned residual, relative to the first; below the other solver's 1e-10


@dataclass(frozen=True)
class _Rows:
    """Arguments of the compiled passes, the levels at which pieces of rows end, and the weights of the dummies (T,)."""

    packed: tuple[Any, Any, Any, Vector, Vector]
    edges: Codes
    mass: Vector


def swept(effects: Sequence[Factor], weights: Vector | None, matrix: Vector) -> bool:
    """Remove effects from a C-ordered (n, k) matrix in place.

    Returns false, and leaves the matrix unchanged, if the solver takes too many steps.
    """
    from integrade.engine.compiling import threads
    from integrade.regress import compiled

    rows = _sorted(effects, weights)
    shape = (len(rows.mass), matrix.shape[1])
    with ThreadPoolExecutor(min(_PIECES, threads())) as pool:

        def sums(run: Callable[..., None], columns: Vector) -> Vector:
            parts = [np.zeros(shape) for _ in range(_PIECES)]
            _everywhere(pool, rows, run, [(columns, part) for part in parts])
            return np.asarray(np.sum(parts, axis=0))

        slopes = _solved(lambda p: sums(compiled.times, p), sums(compiled.right_side, matrix), rows.mass)
        if slopes is None:
            return False
        _everywhere(pool, rows, compiled.take, [(slopes, matrix)] * _PIECES)
    return True


def _everywhere(
    pool: ThreadPoolExecutor, rows: _Rows, run: Callable[..., None], arguments: Sequence[tuple[Any, Any]]
) -> None:
    """Run a compiled pass over all pieces of the rows at once; ``arguments`` has one pair for each piece."""
    edges = rows.edges.tolist()
    jobs = [
        pool.submit(run, rows.packed, low, high, *pair)
        for low, high, pair in zip(edges[:-1], edges[1:], arguments, strict=True)
    ]
    for job in jobs:
        job.result()


def _sorted(effects: Sequence[Factor], weights: Vector | None) -> _Rows:
    """Sort the rows by the largest effect, and split them at levels into pieces of nearly equal length."""
    from integrade.regress import compiled

    at = max(range(len(effects)), key=lambda i: effects[i].levels)
    large, others = effects[at], [f for i, f in enumerate(effects) if i != at]
    starts = np.r_[0, np.cumsum(np.bincount(large.codes, minlength=large.levels))].astype(np.int64)
    order: Any = np.empty(len(large.codes), dtype=np.int32 if len(large.codes) < 1 << 31 else np.int64)
    compiled.sort(large.codes, starts, order)
    offsets = np.cumsum([0, *(f.levels for f in others[:-1])])
    codes = np.empty((len(order), len(others)), dtype=np.int32)
    for e, (factor, offset) in enumerate(zip(others, offsets, strict=True)):
        np.add(factor.codes.take(order), offset, out=codes[:, e], casting="unsafe")
    mass = np.concatenate([np.bincount(f.codes, weights, minlength=f.levels) for f in others]).astype(np.float64)
    totals = np.bincount(large.codes, weights, minlength=large.levels).astype(np.float64)
    edges = np.searchsorted(starts, np.linspace(0, len(order), _PIECES + 1)).astype(np.intp)
    edges[0], edges[-1] = 0, large.levels
    sorted_weights = np.zeros(0) if weights is None else weights[order]
    return _Rows((starts, order, codes, sorted_weights, totals), edges, mass)


def _solved(times: Callable[[Vector], Vector], right: Vector, mass: Vector) -> Vector | None:
    """Solve by conjugate gradients for all columns (T, k) at once. Returns None if some column does not converge."""
    slopes, left = np.zeros_like(right), right
    scaled = left / mass[:, None]
    size = np.einsum("tk,tk->k", left, scaled)
    least, direction = _TOLERANCE**2 * size, scaled
    for _ in range(_MOST_STEPS):
        if (size <= least).all():
            return slopes
        moved = times(direction)
        curve = np.einsum("tk,tk->k", direction, moved)
        step = np.where((size > least) & (curve > 0), size / np.where(curve > 0, curve, 1.0), 0.0)
        slopes = slopes + step * direction
        left = left - step * moved
        scaled = left / mass[:, None]
        before, size = size, np.einsum("tk,tk->k", left, scaled)
        direction = scaled + np.where(before > 0, size / np.where(before > 0, before, 1.0), 0.0) * direction
    return None
