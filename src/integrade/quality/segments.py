"""Sum, group and index rows with numpy. Sorted rows form segments; each segment starts where the one before ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

DENSE = 4  # a table of codes is built if it has at most one entry for this many rows; a convention
_FEW = 1 << 20  # a table with fewer entries is always built
_MOST = 2**63


def runs(*codes: NDArray[Any]) -> Places:
    """Return where each run of rows with equal codes starts, and the number of rows."""
    n = len(codes[0])
    changed = np.zeros(max(n - 1, 0), dtype=np.bool_)
    for code in codes:
        changed |= code[1:] != code[:-1]
    return np.concatenate([[0], np.flatnonzero(changed) + 1, [n]]) if n else np.zeros(1, dtype=np.int64)


def sums(x: NDArray[Any], starts: Places) -> NDArray[Any]:
    """Return the sum of each segment (k,), given k + 1 starts; no segment is empty."""
    return np.add.reduceat(x, starts[:-1]) if len(starts) > 1 else x[:0]


def spread(values: NDArray[Any], starts: Places) -> NDArray[Any]:
    """Return the value of its segment for each row."""
    return np.repeat(values, np.diff(starts))


def joined(codes: Sequence[NDArray[Any]], sizes: Sequence[int]) -> Places | None:
    """Return several codes as one number; the first is the most significant. None if the numbers exceed 63 bits."""
    most = 1
    for size in sizes:
        most *= size
    if most >= _MOST:
        return None
    code = codes[0].astype(np.int64)
    for further, size in zip(codes[1:], sizes[1:], strict=True):
        code *= size
        code += further
    return code


class Groups(NamedTuple):
    """Rows grouped by their codes: the order of rows by group, and where each group starts in that order."""

    order: Places
    starts: Places

    @classmethod
    def of(cls, codes: Sequence[NDArray[Any]], sizes: Sequence[int]) -> Groups:
        """Group rows by codes below ``sizes``; the groups are sorted, and the rows of a group keep their order."""
        key = joined(codes, sizes)
        if key is None:
            order = np.lexsort(codes[::-1])
            return cls(order, runs(*(code[order] for code in codes)))
        order = np.argsort(key, kind="stable")
        return cls(order, runs(key[order]))

    def sums(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return the sum over the group of each row."""
        return self.back(sums(x[self.order], self.starts))

    def counts(self) -> Places:
        """Return the number of rows in the group of each row."""
        return self.back(np.diff(self.starts))

    def back(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the value of its group for each row."""
        return self.unsorted(spread(values, self.starts))

    def unsorted(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return values that are in the order of groups in the order of rows."""
        out = np.empty_like(x)
        out[self.order] = x
        return out


class Levels(NamedTuple):
    """The sorted codes that occur, and the position of every code among them, if there is a table of codes."""

    codes: Places
    table: NDArray[np.int32] | None

    @classmethod
    def of(cls, pieces: Iterable[Places], size: int, rows: int) -> Levels:
        """Find the codes that occur in pieces of ``rows`` codes below ``size``."""
        if size > rows // DENSE + _FEW:
            codes = np.zeros(0, dtype=np.int64)
            for code in pieces:
                codes = np.union1d(codes, code)
            return cls(codes, None)
        used = np.zeros(size, dtype=np.bool_)
        for code in pieces:
            used[code] = True
        return cls(np.flatnonzero(used), np.cumsum(used, dtype=np.int32) - 1)

    def position(self, code: Places) -> Places:
        """Return the position of each code."""
        return np.searchsorted(self.codes, code) if self.table is None else self.table[code].astype(np.int64)


def next_places(cursor: Places, code: NDArray[Any]) -> Places:
    """Return the next free place of each row's code, for sorted codes; ``cursor`` advances by the rows of each code."""
    starts = runs(code)
    levels, n = code[starts[:-1]], np.diff(starts)
    at = np.repeat(cursor[levels] - starts[:-1], n) + np.arange(len(code))
    cursor[levels] += n
    return at


def stable_order(code: NDArray[Any], size: int) -> Places:
    """Return the order of rows by code (below ``size``); rows of a code keep their order."""
    return np.argsort(code.astype(np.uint16) if size <= 1 << 16 else code, kind="stable")
