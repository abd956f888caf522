"""Choose the pairs of regions to compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew, UnknownName, UsageError, did_you_mean, option
from integrade.geography import Geography
from integrade.integration.given import (
    distances_between,
    find,
    known_geography,
    places,
    require_geography,
    table_of,
    two_columns,
)

Index: TypeAlias = NDArray[np.intp]
NAMED = ("all", "adjacent", "within:DISTANCE", "nearest:K")


@dataclass(frozen=True)
class Pairs:
    """Positions of the two regions of each pair, with ``first`` < ``second``; both have the shape (P,).

    ``sides`` (2, P): whether the pair counts for its first and for its second region; None if every pair counts for
    both, as for all choices except nearest:K.
    """

    first: Index
    second: Index
    sides: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        """Return the number of pairs P."""
        return len(self.first)


def every_pair(n: int) -> Pairs:
    """Return all n(n-1)/2 pairs, in order."""
    return Pairs(*np.triu_indices(n, 1))


def place_among_all(pairs: Pairs, n: int) -> Index:
    """Return the position of each pair in `every_pair`."""
    i, j = pairs.first, pairs.second
    return np.asarray(i * n - i * (i + 1) // 2 + j - i - 1, dtype=np.intp)


def choose_pairs(choice: Any, regions: Sequence[str], distances: Any = None, geography: Any = None) -> Pairs:
    """Return the chosen pairs: all, adjacent, within:D, nearest:K, a file, a frame or a list of name pairs.

    Names match if they are equal or are spellings of the same region. ``geography`` identifies the regions (a country,
    a file, a `Geography`). If it is not given, the built-in country that has all regions is used. ``distances`` is a
    table (from, to, distance); without one, distances are kilometres between the middles of the regions. Of regions at
    the same distance, the first by name counts as nearer.
    Raises `UnknownName` for a name that is not among ``regions``, and `FileMissing`. Raises `UsageError` for fewer than
    two columns or an invalid distance, and `TooFew` if there is no pair.
    """
    if isinstance(choice, str):
        if choice == "all":
            return every_pair(len(regions))
        word, _, number = choice.partition(":")
        if word == "within" and number:
            return _within(_number(choice, number, float), distances_between(regions, distances, geography))
        if word == "nearest" and number:
            return _nearest(_number(choice, number, int), distances_between(regions, distances, geography))
        if choice == "adjacent":
            known = require_borders(regions, geography=geography)
            here = {known.usual(name) for name in regions}
            return _as_named([(a, b) for a, b in known.borders or () if a in here and b in here], regions, geography)
    elif isinstance(choice, Sequence):
        wrong = [pair for pair in choice if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2]
        if wrong:
            raise UsageError("pairs must be pairs of names", example=repr(wrong[0]), remedy="[('A', 'B'), ('A', 'C')]")
        return _as_named([(str(a).strip(), str(b).strip()) for a, b in choice], regions, geography)
    what = str(choice) if isinstance(choice, str | Path) else "the frame of pairs"
    return _as_named(two_columns(table_of(choice, "pairs", NAMED), what), regions, geography)


def _as_named(named: Sequence[tuple[str, str]], regions: Sequence[str], geography: Any) -> Pairs:
    """Return the positions of pairs of names, each pair once; raises the errors of `choose_pairs`."""
    at = places(regions, known_geography(regions, geography))
    missing = [name for name in dict.fromkeys(n for pair in named for n in pair) if find(name, at) is None]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UnknownName(
            f"the pairs include a region without prices: {missing[0]!r}{more}", remedy=did_you_mean(missing[0], regions)
        )
    positions = [(find(a, at), find(b, at)) for a, b in named]
    ends = sorted({(min(i, j), max(i, j)) for i, j in positions if i is not None and j is not None})
    same = [i for i, j in ends if i == j]
    if same:
        raise UsageError(f"a pair joins {regions[same[0]]!r} with itself", remedy="give two different regions")
    if not ends:
        raise TooFew("no pair of regions to compare", remedy=f"give {option('pairs', 'all')}")
    first, second = np.array(ends, dtype=np.intp).T
    return Pairs(first, second)


def _number(choice: str, text: str, kind: type[float] | type[int]) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        what = "a whole number of partners" if kind is int else "a distance above zero"
        raise UsageError(
            f"pairs={choice!r}: {text!r} is not {what}",
            remedy=f"for example {option('pairs', 'within:800')} or {option('pairs', 'nearest:5')}",
        )
    return value


def _within(limit: float, distances: NDArray[np.float64]) -> Pairs:
    first, second = np.nonzero(np.triu(distances <= limit, 1))
    if not len(first):
        shortest = np.nanmin(distances) if np.isfinite(distances).any() else float("nan")
        raise TooFew(
            f"no pair of regions within {limit:g}",
            remedy=f"the shortest distance is {shortest:.4g}: give {option('pairs', f'within:{math.ceil(shortest)}')}",
        )
    return Pairs(first, second)


def _nearest(k: float, distances: NDArray[np.float64]) -> Pairs:
    """Pair each region with its k nearest regions.

    A pair counts for a region only if the other region is among the k nearest of that region.
    """
    n = len(distances)
    order = np.argsort(distances, axis=1, kind="stable")[:, : int(k)]  # missing last
    near = np.zeros((n, n), dtype=np.bool_)
    np.put_along_axis(near, order, True, axis=1)
    near &= np.isfinite(distances)
    first, second = np.nonzero(np.triu(near | near.T, 1))
    if not len(first):
        raise TooFew("no pair of regions has a distance", remedy="check the region names in distances")
    return Pairs(first, second, np.array([near[first, second], near[second, first]]))


def require_borders(regions: Sequence[str], key: str = "pairs", geography: Any = None) -> Geography:
    """Return the geography that has all of the regions and knows the neighbours of each.

    Raises `UnknownName` if no geography has the regions, or if it does not know the neighbours of all of them.

    Example:
        >>> require_borders(["北京", "Nairobi"], "pairs")
        Traceback (most recent call last):
        integrade.errors.UnknownName: U101 pairs="adjacent" needs the places of the regions: 'Nairobi' is not a ...
          remedy: give a file of your regions: geography="regions.csv"; or a file of pairs, ...
    """
    asked, instead = (
        option(key, "adjacent"),
        f"a file of pairs, two columns of region names: {option(key, 'borders.csv')}",
    )
    known = require_geography(regions, geography, asked, instead)
    if known.borders is None:
        raise UnknownName(
            f"{asked} needs the borders of the regions, and {known.title} has none",
            remedy=f"add a column of neighbours to the file (names with ; between), or give {instead}",
        )
    lacking = known.without_neighbours_known(regions)
    if lacking:
        shown = ", ".join(lacking[:8]) + (" and others" if len(lacking) > 8 else "")
        raise UnknownName(
            f"{asked}: {known.title} has no neighbours for {len(lacking)} of the {len(regions)} regions: {shown}",
            remedy=f"give a file with their outlines (docs/geography.md), {instead}, or {option(key, 'nearest:4')}",
        )
    return known
