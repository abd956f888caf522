"""Code fixed effects as integers; find singletons, redundant levels, and effects nested in clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.engine.ranks import ranked

Codes: TypeAlias = NDArray[np.intp]
Vector: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

_SHORT = 20_000  # of more texts, only distinct texts are sorted
_DENSE = 4_000_000  # a cross-table with more cells is stored sparsely (this many take 32 MB)
_GROWTH = 12  # rounds in which the component of one level is grown over all rows, before a search of the graph


@dataclass(frozen=True)
class Factor:
    """A grouping of rows. ``codes`` (n,) are integers 0..levels-1 in the order of the values; every level has a row."""

    name: str
    codes: Codes
    levels: int


def factorise(name: str, values: pl.Series) -> Factor:
    """Number the distinct values 0, 1, ... in sorted order.

    The values may have any type. Text sorts by code point. No value may be missing.
    """
    if isinstance(values.dtype, pl.Categorical | pl.Enum):
        ranks, levels = ranked(values)
        return Factor(name, ranks, len(levels))
    if values.dtype == pl.Boolean:
        values = values.cast(pl.Int8)
    if values.dtype in (pl.Int128, pl.UInt128):  # numpy has none
        values = values.rank("dense").cast(pl.Int64)
    if values.dtype.is_integer() and len(values):
        low, high = int(values.min()), int(values.max())  # type: ignore[arg-type]
        if high - low <= 8 * len(values) + 1000:
            codes = values.to_numpy().astype(np.intp, copy=False)
            return compact(name, codes - low if low else codes, high - low + 1)
    if values.dtype == pl.String and len(values) > _SHORT:
        return _text(name, values)
    ranks = values.rank("dense").to_numpy().astype(np.intp) - 1
    return Factor(name, ranks, int(ranks.max(initial=-1)) + 1)


def _text(name: str, values: pl.Series) -> Factor:
    """Return codes of many texts.

    To save time only the distinct texts are sorted, or only the first of each run of equal texts.
    """
    run = values.rle_id().to_numpy()
    runs = int(run[-1]) + 1
    if 2 * runs > len(run):
        levels = values.unique().sort()
        return Factor(name, values.cast(pl.Enum(levels)).to_physical().to_numpy().astype(np.intp), len(levels))
    first = values.gather(np.flatnonzero(np.r_[True, run[1:] != run[:-1]]))
    if first.is_sorted():
        return Factor(name, run.astype(np.intp), runs)
    known = factorise(name, first)
    return Factor(name, known.codes[run], known.levels)


def by_level(factor: Factor) -> Codes:
    """Return the positions of the rows ordered by level. Rows of one level keep their order."""
    narrow = factor.codes.astype(np.uint16) if factor.levels <= 1 << 16 else factor.codes
    return np.argsort(narrow, kind="stable")


def first_rows(factor: Factor) -> Codes:
    """Return the position of the first row of each level, in the order of the codes."""
    first = np.zeros(factor.levels, dtype=np.intp)
    first[factor.codes[::-1]] = np.arange(len(factor.codes))[::-1]  # of several rows the last assignment is kept
    return first


def compact(name: str, codes: Codes, size: int) -> Factor:
    """Renumber codes so that only levels in use remain, in the same order."""
    used = np.zeros(size, dtype=np.bool_)
    used[codes] = True
    if used.all():
        return Factor(name, codes, size)
    place = np.cumsum(used) - 1
    return Factor(name, place[codes], int(place[-1]) + 1 if size else 0)


def keep_rows(factor: Factor, rows: Codes | Mask) -> Factor:
    """Return the factor on a subset of rows."""
    return compact(factor.name, factor.codes[rows], factor.levels)


def combine(name: str, factors: Sequence[Factor]) -> Factor:
    """Combine several factors (``industry^year``), ordered by the first, then the second, ..."""
    joint = factors[0]
    for factor in factors[1:]:
        codes = joint.codes * factor.levels + factor.codes
        size = joint.levels * factor.levels
        if size <= 8 * len(codes) + 1000:
            joint = compact(name, codes, size)
        else:
            distinct, places = np.unique(codes, return_inverse=True)
            joint = Factor(name, places.astype(np.intp), len(distinct))
    return Factor(name, joint.codes, joint.levels)


def without_singletons(factors: Sequence[Factor], rows: int) -> Mask:
    """Return a mask of the rows that remain after dropping singletons of all effects repeatedly, as reghdfe does."""
    keep = np.ones(rows, dtype=np.bool_)
    changed = bool(factors)
    while changed:
        changed = False
        for factor in factors:
            counts = np.bincount(factor.codes[keep], minlength=factor.levels)
            if (counts == 1).any():
                keep &= (counts != 1)[factor.codes]
                changed = True
    return keep


def cross_table(a: Factor, b: Factor, weights: Vector | None = None) -> Any:
    """Return the weight (or count) of every pair of levels, (a.levels, b.levels): dense if small, else sparse."""
    if a.levels * b.levels <= _DENSE:
        cells = np.bincount(a.codes * b.levels + b.codes, weights, minlength=a.levels * b.levels)
        return cells.astype(np.float64, copy=False).reshape(a.levels, b.levels)
    from scipy import sparse

    ones = np.ones(len(a.codes)) if weights is None else weights
    return sparse.coo_array((ones, (a.codes, b.codes)), shape=(a.levels, b.levels)).tocsr()


def connected_components(a: Factor, b: Factor) -> int:
    """Return the number of connected components of the graph that joins two effects through the rows.

    First the component of one level is grown over the rows. It nearly always is the whole graph, or leaves few rows.
    """
    if min(a.levels, b.levels) <= 1:
        return 1
    if a.levels < b.levels:
        a, b = b, a
    in_a, in_b = np.zeros(a.levels, dtype=np.bool_), np.zeros(b.levels, dtype=np.bool_)
    in_b[np.argmax(np.bincount(b.codes, minlength=b.levels))] = True
    reached = 0
    for _ in range(_GROWTH):
        in_a[a.codes[in_b[b.codes]]] = True
        in_b[b.codes[in_a[a.codes]]] = True
        before, reached = reached, int(in_b.sum())
        if reached == before:
            break
    else:
        return _components(a, b)
    unreached = np.flatnonzero(~in_b[b.codes])
    return 1 + (_components(keep_rows(a, unreached), keep_rows(b, unreached)) if len(unreached) else 0)


def _components(a: Factor, b: Factor) -> int:
    """Return the number of connected components of two effects by a search of the whole graph."""
    from scipy import sparse
    from scipy.sparse import csgraph

    table = cross_table(a, b)
    if isinstance(table, np.ndarray) and b.levels <= 200:
        touches = (table > 0).astype(np.float32)
        return int(csgraph.connected_components(np.asarray(touches.T @ touches > 0), directed=False)[0])
    graph = sparse.coo_matrix(table)
    size = a.levels + b.levels
    both = sparse.csr_matrix((graph.data, (graph.row, graph.col + a.levels)), shape=(size, size))
    return int(csgraph.connected_components(both, directed=False)[0])


def pair_components(
    factors: Sequence[Factor], known: Mapping[tuple[int, int], int] | None = None
) -> tuple[dict[int, int], ...]:
    """Return, for each effect, the number of connected components with each earlier effect, by position.

    ``known`` gives numbers of components that were computed elsewhere, by (earlier, later) position.
    """
    counts = known or {}
    return tuple(
        {j: counts[j, i] if (j, i) in counts else connected_components(factors[j], factor) for j in range(i)}
        for i, factor in enumerate(factors)
    )


def movers(effect: Factor, cluster: Factor) -> int:
    """Return how many levels of an effect are in more than one cluster. 0 means that the effect is nested."""
    return int(moving_levels(effect, cluster).sum())


def moving_levels(effect: Factor, cluster: Factor) -> Mask:
    """Return a mask of the levels of an effect that are in more than one cluster, shape (levels,)."""
    home = np.empty(effect.levels, dtype=np.intp)
    home[effect.codes] = cluster.codes
    moving = np.zeros(effect.levels, dtype=np.bool_)
    moving[effect.codes[cluster.codes != home[effect.codes]]] = True
    return moving
