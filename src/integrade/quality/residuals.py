"""Compute residuals from one or two fixed effects over product, destination and year, from the cells of products."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import tell_of_need
from integrade.quality.arranged import Arranged, pieces_of
from integrade.quality.effects import Cells, Side, two_way
from integrade.quality.segments import Places, Vector, runs, sums
from plainwords.texts import say

SYSTEM = 170  # bytes a cell while two effects are solved, measured
Terms: TypeAlias = Sequence[tuple[str, ...]]


class CellTable(NamedTuple):
    """Cells (destination-years of a product) of all rows.

    The first row of each cell (C,); by cell, the product h, destination m and year t, the number of rows with y,
    and their sum of y.
    """

    starts: Places
    codes: Mapping[str, NDArray[Any]]
    n: Places
    total: Vector

    def level(self, sizes: Mapping[str, int], term: Sequence[str], at: slice = slice(None)) -> Places:
        """Return the level of a term for cells ``at`` as one number."""
        code = np.zeros(len(self.n[at]), dtype=np.int64)
        for letter in term:
            code = code * sizes[letter] + self.codes[letter][at]
        return code


def cells_of(rows: Arranged, y: Vector) -> CellTable:
    """Return the cells of the rows; rows without y are not counted."""
    kinds = (np.int64, np.int32, np.int32, np.int32, np.int64, np.float64)
    starts, h, m, t, n, total = rows.gathered(lambda low, high: _cells_of_block(rows, y, low, high), kinds)
    return CellTable(starts, {"h": h, "m": m, "t": t}, n, total)


def _cells_of_block(rows: Arranged, y: Vector, low: int, high: int) -> tuple[NDArray[Any], ...]:
    """Return, by cell, the first row, the codes h, m and t, the number of rows with y, and their sum of y."""
    at = rows.block(low, high)
    starts = runs(rows.letter("h", at), rows.market[at])
    known, first = ~np.isnan(y[at]), starts[:-1]
    codes = (rows.letter(x, at)[first] for x in "hmt")
    return first + at.start, *codes, sums(known.astype(np.int64), starts), sums(np.where(known, y[at], 0.0), starts)


def is_within_products(terms: Terms) -> bool:
    """Return whether the effects of a product are found from its own rows."""
    return len(terms) == 1 and "h" in terms[0]


def residuals(rows: Arranged, y: Vector, terms: Terms) -> Vector:
    """Replace y (n,) by its residual from the effects ``terms``, and return it.

    The residual is missing for a row without y, or with leverage 1: the only row of its level, or a bridge between the
    levels of two effects.
    """
    if not is_within_products(terms):
        cells = cells_of(rows, y)
        return without_fit(rows, y, cells.starts, fit_of(cells, rows.sizes, terms))

    def block(low: int, high: int) -> None:
        first, h, m, t, n, total = _cells_of_block(rows, y, low, high)
        cells = CellTable(first, {"h": h - low, "m": m, "t": t}, n, total)
        fit = fit_of(cells, {**rows.sizes, "h": high - low}, terms)
        y[rows.block(low, high)] -= np.repeat(fit, np.diff(first, append=rows.starts[high]))

    rows.each(block)
    return y


def without_fit(rows: Arranged, y: Vector, starts: Places, fit: Vector) -> Vector:
    """Subtract from y the fit of its cell, in place."""
    firsts = np.searchsorted(starts, rows.starts)

    def block(low: int, high: int) -> None:
        cells = slice(firsts[low], firsts[high])
        y[rows.block(low, high)] -= np.repeat(fit[cells], np.diff(starts[cells], append=rows.starts[high]))

    rows.each(block)
    return y


def fit_of(cells: CellTable, sizes: Mapping[str, int], terms: Terms) -> Vector:
    """Return the sum of the effects in each cell; missing if it is not identified.

    ``sizes``: the number of products h, destinations m and years t.
    """
    if len(terms) == 2:
        return _fit_of_two(sizes, cells, terms)
    # the mean over the level of each cell; a level with one row does not identify it
    if set(terms[0]) == {"h", "m", "t"}:
        return _mean(cells.n, cells.total)
    size = math.prod(sizes[letter] for letter in terms[0])
    n, total = np.zeros((2, size))
    for at in pieces_of(len(cells.n)):
        level = cells.level(sizes, terms[0], at)
        n += np.bincount(level, cells.n[at], size)
        np.add.at(total, level, cells.total[at])
    mean, fit = _mean(n, total), np.empty(len(cells.n))
    for at in pieces_of(len(cells.n)):
        fit[at] = mean[cells.level(sizes, terms[0], at)]
    return fit


def _mean(n: NDArray[Any], total: Vector) -> Vector:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 1, total / n, np.nan)


def _fit_of_two(sizes: Mapping[str, int], cells: CellTable, terms: Terms) -> Vector:
    """Return the sum of both effects of each cell; missing if they are not in the same component."""
    tell_of_need(say("quality.cells-of-two-effects", n=len(cells.n)), SYSTEM * len(cells.n))
    known = cells.n > 0
    pair = [cells.level(sizes, term) for term in terms]
    first, second = (level[known] for level in pair)
    n, total = cells.n[known], cells.total[known]
    if not {"h", "m", "t"} <= {letter for term in terms for letter in term}:
        width = int(second.max(initial=0)) + 1
        joined, at = np.unique(first * width + second, return_inverse=True)
        first, second = joined // width, joined % width
        n, total = np.bincount(at, n).astype(np.int64), np.bincount(at, total).astype(np.float64)
    sides = two_way(Cells(first, second, n, total))
    (a, in_a), (b, in_b) = (_dense(side, level) for side, level in zip(sides, pair, strict=True))
    return np.where(known & (in_a == in_b) & (in_a >= 0), a + b, np.nan)


def _dense(side: Side, level: Places) -> tuple[Vector, Places]:
    """Return the effect and the graph component of each level; the component is -1 for a level without effect."""
    size = int(level.max(initial=0)) + 1
    effect, component = np.full(size, np.nan), np.full(size, -1, dtype=np.int64)
    effect[side.level], component[side.level] = side.effect, side.component
    return effect[level], component[level]
