"""Solve two crossed fixed effects exactly from cells, without iterating over rows.

The engine groups rows into cells (levels of both effects, number of rows n, sum of y). The normal equations of the
cells are solved here, and two small joins bring the effects back to the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from integrade.engine.frames import tell_of_need
from integrade.errors import NoConvergence, UnknownName, UsageError, did_you_mean, option
from integrade.quality.bridges import Codes, bridges, components
from plainwords.texts import say

Vector: TypeAlias = NDArray[np.float64]

COLUMNS = ("product", "destination", "year")
_STEP, _ITERATIONS = 1e-7, 500  # of conjugate gradients: two solutions of relative accuracy 1e-7 reach 1e-14
_FACTOR = 50  # bytes a pair of levels while a system of effects is factorised, which fills in; measured
_NOISE = 1e-14  # relative size of rounding in a right-hand side
_EXACT = 1e-11  # a mean residual of a level above this share of the largest mean of a level is an error; a convention


@dataclass(frozen=True)
class Cells:
    """One entry per pair of levels that has rows: levels of the first and the second effect, rows, sum of y."""

    first: Codes
    second: Codes
    count: Codes
    total: Vector


@dataclass(frozen=True)
class Side:
    """The identified levels of one effect: level, effect, and the connected component in which it is measured."""

    level: Codes
    effect: Vector
    component: Codes


def parse_effects(text: str) -> tuple[tuple[str, ...], ...]:
    """Parse ``"product+destination:year"`` into ``(("product",), ("destination", "year"))``.

    Raises `UnknownName` for another column, `UsageError` for a text that is not one or two terms.
    """
    terms = tuple(tuple(part.strip() for part in term.split(":")) for term in text.split("+"))
    for name in (name for term in terms for name in term):
        if name not in COLUMNS:
            raise UnknownName(f"effects={text!r}: {name!r} is not an effect", remedy=did_you_mean(name, COLUMNS))
    repeated = any(len(set(term)) < len(term) for term in terms)
    if len(terms) > 2 or repeated or len({tuple(sorted(term)) for term in terms}) < len(terms):
        raise UsageError(
            f"effects={text!r} is not one or two different terms",
            remedy="join two terms by + and the columns of a term by a colon: "
            f"{option('effects', 'product+destination:year')}",
        )
    return tuple(tuple(name for name in COLUMNS if name in term) for term in terms)


def two_way(cells: Cells) -> tuple[Side, Side]:
    """Return both effects by level, without levels that occur only in rows of leverage 1.

    The residual of a row is identified if both its levels are returned and are in the same component; it is y less both
    effects. Effects of a component are relative to the component's own origin, on which no residual depends.
    """
    a, b = _compact(cells.first), _compact(cells.second)
    n_a, n_b = len(a.level), len(b.level)
    lone = bridges(a.code, b.code + n_a, cells.count, n_a + n_b)
    keep = ~lone
    _, component = components(a.code[keep], b.code[keep] + n_a, n_a + n_b)
    used_a, used_b = _compact(a.code[keep]), _compact(b.code[keep])
    counts = sparse.coo_array(
        (cells.count[keep].astype(np.float64), (used_a.code, used_b.code)), shape=(len(used_a.level), len(used_b.level))
    ).tocsr()
    alpha, beta = solve(counts, cells.total[keep], used_a.code, used_b.code)
    return (
        Side(a.level[used_a.level], alpha, component[used_a.level]),
        Side(b.level[used_b.level], beta, component[used_b.level + n_a]),
    )


@dataclass(frozen=True)
class _Compact:
    level: Codes  # (levels,) sorted
    code: Codes  # (cells,) position in level


def _compact(values: Codes) -> _Compact:
    used = np.zeros(int(values.max(initial=-1)) + 1, dtype=np.bool_)
    used[values] = True
    return _Compact(np.flatnonzero(used), (np.cumsum(used) - 1)[values])


def solve(counts: Any, total: Vector, first: Codes, second: Codes) -> tuple[Vector, Vector]:
    """Return least-squares effects alpha (A,) and beta (B,) of cells with sums ``total`` and row numbers ``counts``.

    The matrix N of the formula is ``counts``, a sparse (A, B) array.

    D_a and D_b are diagonal matrices of the number of rows by level, s_a and s_b the sums of y by level. The first
    effect is substituted out: (D_b - N'D_a^-1 N) beta = s_b - N'D_a^-1 s_a. This system is solved by conjugate
    gradients refined to machine precision, or by a sparse factorisation if conjugate gradients are slow (long thin
    graphs).

    Raises `NoConvergence` if the mean residual of a level is not zero.
    """
    d_a, d_b = np.asarray(counts.sum(axis=1)).ravel(), np.asarray(counts.sum(axis=0)).ravel()
    level = total.sum() / d_a.sum() if len(total) else 0.0
    s_a = np.bincount(first, total, minlength=len(d_a)) - level * d_a
    s_b = np.bincount(second, total, minlength=len(d_b)) - level * d_b
    if len(d_a) < len(d_b):
        beta, alpha = _substituted(counts.T.tocsr(), d_b, d_a, s_b, s_a)
    else:
        alpha, beta = _substituted(counts, d_a, d_b, s_a, s_b)
    worst = max(
        _largest((s_b - d_b * beta - counts.T @ alpha) / d_b), _largest((s_a - d_a * alpha - counts @ beta) / d_a)
    )
    if not worst <= _EXACT * max(1.0, _largest(s_a / d_a), _largest(s_b / d_b)):
        raise NoConvergence(
            "the effects could not be solved",
            example=f"mean residual of a level: {worst:.1e}",
            remedy=f"use coarser effects, such as {option('effects', 'product+year')}",
        )
    return alpha + level, beta


def _largest(x: Vector) -> float:
    return float(np.abs(x).max(initial=0.0))


def _substituted(counts: Any, d_a: Vector, d_b: Vector, s_a: Vector, s_b: Vector) -> tuple[Vector, Vector]:
    scale = 1 / np.sqrt(d_b)
    half = sparse.diags_array(1 / np.sqrt(d_a)) @ counts @ sparse.diags_array(scale)
    half = half.tocsr()
    back = half.T.tocsr()
    sums_b, means_a = scale * s_b, scale * (counts.T @ (s_a / d_a))
    z = _refined(half, back, sums_b - means_a, _NOISE * float(np.linalg.norm(sums_b) + np.linalg.norm(means_a)))
    beta = scale * z
    return (s_a - counts @ beta) / d_a, beta


def _refined(half: Any, back: Any, right: Vector, floor: float) -> Vector:
    """Solve (I - H'H) z = right, a consistent singular system, and then solve once more for the remainder.

    H is the matrix N of `solve`, divided by the square roots of the numbers of rows by level. ``half`` and ``back`` are
    H and H'.

    A remainder at or below ``floor`` is rounding.
    """
    from scipy.sparse.linalg import LinearOperator, cg

    def product(z: Vector) -> Vector:
        return np.asarray(z - back @ (half @ z))

    def solver(r: Vector) -> Vector:
        with np.errstate(divide="ignore", invalid="ignore"):  # a breakdown counts as failed
            solution, failed = cg(system, r, rtol=_STEP, atol=floor, maxiter=_ITERATIONS)
        return solution if not failed else _factorised(half, size)(r)

    size = len(right)
    system = LinearOperator((size, size), matvec=product, dtype=np.float64)
    z, left = np.zeros(size), right
    for _ in range(2):
        if np.linalg.norm(left) > floor:
            z = z + solver(left)
            left = right - product(z)
    return z


def _factorised(half: Any, size: int) -> Any:
    """Return a direct solver; it fixes one level of each component at zero."""
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import splu

    tell_of_need(say("quality.levels-of-an-effect", n=size), _FACTOR * size * size)
    matrix = (sparse.eye_array(size) - half.T @ half).tocsc()
    _, labels = connected_components(matrix, directed=False)
    ground = np.zeros(size)
    ground[np.unique(labels, return_index=True)[1]] = 1.0
    return splu((matrix + sparse.diags_array(ground)).tocsc()).solve
