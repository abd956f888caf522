"""Which pairs of regions are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew, UnknownName, UsageError, did_you_mean, option
from integrade.geography import CONTIGUITY, province_of
from integrade.integration.given import distances_between, find, places, table_of, two_columns

Index: TypeAlias = NDArray[np.intp]
NAMED = ("all", "adjacent", "within:DISTANCE", "nearest:K")


@dataclass(frozen=True)
class Pairs:
    """Positions of the two regions of each pair, ``first`` < ``second``, shapes (P,).

    ``sides`` (2, P), with k nearest: whether the pair counts for its first and for its second region.
    """

    first: Index
    second: Index
    sides: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """P."""
        return len(self.first)


def every_pair(n: int) -> Pairs:
    """All n(n-1)/2 pairs, in order."""
    return Pairs(*np.triu_indices(n, 1))


def place_among_all(pairs: Pairs, n: int) -> Index:
    """Where each pair stands in `every_pair`."""
    i, j = pairs.first, pairs.second
    return np.asarray(i * n - i * (i + 1) // 2 + j - i - 1, dtype=np.intp)


def choose_pairs(choice: Any, regions: Sequence[str], distances: Any = None) -> Pairs:
    """The pairs that ``choice`` names: all, adjacent, within:D, nearest:K, a file, a frame or a list of name pairs.

    Names match as written, or as spellings of the same province of China. ``distances`` is a table (from, to,
    distance); without one they are kilometres between the capitals of provinces. Of regions equally far away the first
    by name is nearer. Raises `UnknownName` for a name that is not among ``regions``, `FileMissing`, `UsageError` for
    fewer than two columns or a bad distance, `TooFew` for no pair at all.
    """
    if isinstance(choice, str):
        if choice == "all":
            return every_pair(len(regions))
        word, _, number = choice.partition(":")
        if word == "within" and number:
            return _within(_number(choice, number, float), distances_between(regions, distances))
        if word == "nearest" and number:
            return _nearest(_number(choice, number, int), distances_between(regions, distances))
    return _as_named(
        _adjacent(regions) if isinstance(choice, str) and choice == "adjacent" else _listed(choice), regions
    )


def _as_named(named: Sequence[tuple[str, str]], regions: Sequence[str]) -> Pairs:
    at = places(regions)
    missing = [name for name in dict.fromkeys(n for pair in named for n in pair) if find(name, at) is None]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UnknownName(
            f"the pairs name a region that has no prices: {missing[0]!r}{more}",
            remedy=did_you_mean(missing[0], regions),
        )
    found = [(find(a, at), find(b, at)) for a, b in named]
    ends = sorted({(min(i, j), max(i, j)) for i, j in found if i is not None and j is not None})
    same = [i for i, j in ends if i == j]
    if same:
        raise UsageError(f"a pair joins {regions[same[0]]!r} with itself", remedy="give two different regions")
    if not ends:
        raise TooFew("no pair of regions to compare", remedy="give pairs='all'")
    first, second = np.array(ends, dtype=np.intp).T
    return Pairs(first, second)


def _number(choice: str, text: str, kind: type[float] | type[int]) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        what = "a whole number of partners" if kind is int else "a distance above zero"
        raise UsageError(f"pairs={choice!r}: {text!r} is not {what}", remedy="for example within:800 or nearest:5")
    return value


def _within(limit: float, distances: NDArray[np.float64]) -> Pairs:
    first, second = np.nonzero(np.triu(distances <= limit, 1))
    if not len(first):
        shortest = np.nanmin(distances) if np.isfinite(distances).any() else float("nan")
        raise TooFew(f"no pair of regions within {limit:g}", remedy=f"the shortest distance is {shortest:.4g}")
    return Pairs(first, second)


def _nearest(k: float, distances: NDArray[np.float64]) -> Pairs:
    """Each region with its k nearest; a pair counts for a region when the other is among its own nearest."""
    n = len(distances)
    order = np.argsort(distances, axis=1, kind="stable")[:, : int(k)]  # missing last
    near = np.zeros((n, n), dtype=np.bool_)
    np.put_along_axis(near, order, True, axis=1)
    near &= np.isfinite(distances)
    first, second = np.nonzero(np.triu(near | near.T, 1))
    if not len(first):
        raise TooFew("no pair of regions has a distance", remedy="see the names in distances")
    return Pairs(first, second, np.array([near[first, second], near[second, first]]))


def require_provinces(regions: Sequence[str], key: str = "pairs") -> None:
    """Raise `UsageError` where a region is no province of China, whose borders alone are known.

    Example:
        >>> require_provinces(["北京", "Lazio"], "pairs")
        Traceback (most recent call last):
        integrade.errors.UsageError: U100 pairs="adjacent" knows the borders of China's provinces, and 'Lazio' is none
          remedy: give a file of pairs, two columns of region names: pairs="borders.csv"
    """
    others = [name for name in regions if province_of(name) is None]
    if others:
        more = f" (1 of {len(others)} such regions)" if len(others) > 1 else ""
        raise UsageError(
            f"{option(key, 'adjacent')} knows the borders of China's provinces, and {others[0]!r} is none{more}",
            remedy=f"give a file of pairs, two columns of region names: {option(key, 'borders.csv')}",
        )


def _adjacent(regions: Sequence[str]) -> list[tuple[str, str]]:
    require_provinces(regions)
    here = {province.english for name in regions if (province := province_of(name))}
    return [(a, b) for a, b in CONTIGUITY if a in here and b in here]


def _listed(choice: Any) -> list[tuple[str, str]]:
    if isinstance(choice, Sequence) and not isinstance(choice, str):
        wrong = [pair for pair in choice if isinstance(pair, str) or len(pair) != 2]
        if wrong:
            raise UsageError("pairs must be pairs of names", example=repr(wrong[0]), remedy="[('A', 'B'), ('A', 'C')]")
        return [(str(a).strip(), str(b).strip()) for a, b in choice]
    what = str(choice) if isinstance(choice, str | Path) else "the frame of pairs"
    return two_columns(table_of(choice, "pairs", NAMED), what)
