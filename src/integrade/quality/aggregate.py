"""Average quality over the rows of a firm, industry, region, destination or firm-product in a year."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.errors import UsageError, mapped_as, option
from integrade.quality.arranged import Arranged, pieces_of
from integrade.quality.coding import OPTIONAL
from integrade.quality.groups import Grouped
from integrade.quality.scale import Scale
from integrade.quality.segments import Groups, Levels, Places, Vector, joined, runs

LEVELS: Mapping[str, tuple[str, ...]] = {
    "firm": ("f",),
    "firm_product": ("f", "h"),
    "industry": ("i",),
    "region": ("j",),
    "destination": ("m",),
    "ladder": ("h", "m"),
}
"""Level -> the key of a result in letters, without the year."""


def require_columns(names: list[str], scale: Scale) -> None:
    """Refuse a level by firm if customs has no firm. Raises `UsageError`."""
    if scale.level in ("firm", "firm_product") and "firm" not in names:
        raise UsageError(
            f"level={scale.level!r} requires a column 'firm', but the customs table has none",
            remedy=f"map it with {mapped_as('firm')}, or ask for {option('level', 'row')}",
        )


class Sums(NamedTuple):
    """Sums by level and year, which ``order`` sorts by the key ``codes`` (letter -> code).

    ``value``, ``n_rows`` and ``n_products`` are of all rows, ``weight`` and ``weighted`` (weight x r) of rows with r.
    For ladders, ``weighted`` is the ladder and ``weight`` is 1 if at least two rows have quality.
    """

    codes: Mapping[str, NDArray[Any]]
    order: Places
    weighted: Vector
    weight: Vector
    value: Vector
    n_rows: Places
    n_products: Places


SUMS = Sums._fields[2:]


def by_level(rows: Arranged, r: Vector, scale: Scale, group: Grouped | None = None) -> Iterator[pl.DataFrame]:
    """Yield quality by level and year in pieces, sorted by the key: sum w r / sum w over rows with r, or the ladder.

    ``r`` (n,): the standardised quality, or ln quality for ladders. Counts and value are of all rows. Rows whose group
    is unknown are left out.
    """
    return map(with_means, named(sums_by_level(rows, r, scale, group), rows, group))


def with_means(sums: pl.DataFrame) -> pl.DataFrame:
    """Return quality from the sums of `Sums`."""
    quality = pl.when(pl.col("weight") > 0).then(pl.col("weighted") / pl.col("weight"))
    return sums.select(pl.exclude(SUMS), quality.alias("quality"), "n_products", "n_rows", "value")


def named(of: Sums, rows: Arranged, group: Grouped | None = None) -> Iterator[pl.DataFrame]:
    """Yield sums with the texts of their keys and the year, in pieces (at least one)."""
    levels = rows.levels if group is None else {**rows.levels, group.letter: group.levels}
    for at in [*pieces_of(len(of.order))] or [slice(0)]:
        here = of.order[at]
        codes = {x: code[here].astype(np.int64) for x, code in of.codes.items()}
        texts = pl.concat([levels[x][code] for x, code in codes.items() if x != "t"], how="horizontal")
        blank = [pl.when(pl.col(name) != "").then(name).alias(name) for name in OPTIONAL if name in texts.columns]
        numbers = {name: getattr(of, name)[here] for name in SUMS}
        year = pl.Series(codes["t"] + rows.first_year)
        yield texts.with_columns(blank).with_columns(year=year, **numbers)


def sums_by_level(rows: Arranged, r: Vector, scale: Scale, group: Grouped | None = None) -> Sums:
    """Return the sums from which quality by level and year is computed."""
    if scale.level == "ladder":
        return _ladders(rows, r)
    letters, weights = (*LEVELS[scale.level], "t"), _weights(rows, scale)
    if "h" in letters:
        return _within_products(rows, r, weights)
    sizes = [group.levels.height if group and x == group.letter else rows.sizes[x] for x in letters]
    size = math.prod(sizes)

    def joint(at: slice) -> Places:
        first = rows.letter(letters[0], at) if group is None else group.code[at]
        code = joined([first, *(rows.letter(x, at) for x in letters[1:])], sizes)
        assert code is not None, "keys of a level have fewer than 63 bits"
        return code if group is None else np.where(first < 0, size, code)  # the last code is an unknown group

    levels = Levels.of(map(joint, rows.pieces()), size + 1, rows.n)
    sums = np.zeros((4, len(levels.codes)))
    for at in rows.pieces():
        to = levels.position(joint(at))
        for total, x in zip(sums, _summands(rows, r, weights, at), strict=True):
            np.add.at(total, to, x)
    known = int(np.searchsorted(levels.codes, size))  # codes are sorted: views, because a firm-year is no small table
    weighted, weight, value, n_rows = sums[:, :known]
    products = _products(rows, joint, levels)[:known]
    codes, rest = dict[str, NDArray[Any]](), levels.codes[:known]
    for letter, width in zip(reversed(letters), reversed(sizes), strict=True):
        codes[letter], rest = (rest % width).astype(np.int32), rest // width
    codes = {x: codes[x] for x in letters}
    return Sums(codes, np.arange(len(value)), weighted, weight, value, n_rows.astype(np.int64), products)


def _summands(rows: Arranged, r: Vector, weights: Vector | None, at: slice) -> tuple[Vector, Vector, Vector, Vector]:
    """Return weight x r, weight, value and 1 of each row; both weights are 0 without r."""
    v, there = rows.value[at], ~np.isnan(r[at])
    w = np.where(there, v if weights is None else weights[at], 0.0)
    return np.where(there, w * r[at], 0.0), w, v, np.ones(len(v))


def _within_products(rows: Arranged, r: Vector, weights: Vector | None) -> Sums:
    """Return the sums by firm, product and year, which are complete within a block of products."""

    def block(low: int, high: int) -> list[NDArray[Any]]:
        at, sizes = rows.block(low, high), (rows.sizes["f"], rows.years)
        key = joined([rows.letter("h", at) - np.int32(low), *(rows.letter(x, at) for x in "ft")], [high - low, *sizes])
        assert key is not None, "keys of a level have fewer than 63 bits"
        codes, to = np.unique(key, return_inverse=True)
        sums = [np.bincount(to, x) for x in _summands(rows, r, weights, at)]
        return [codes // sizes[1] // sizes[0] + low, codes // sizes[1] % sizes[0], codes % sizes[1], *sums]

    kinds = (np.int32, np.int32, np.int32, np.float64, np.float64, np.float64, np.int64)
    h, f, t, weighted, weight, value, n = rows.gathered(block, kinds)
    order = rows.sorted_by(f, rows.sizes["f"])
    return Sums({"f": f, "h": h, "t": t}, order, weighted, weight, value, n, np.broadcast_to(np.int64(1), len(n)))


def _products(rows: Arranged, joint: Callable[[slice], Places], levels: Levels) -> Places:
    """Return the number of different products of each level."""
    products, n, adding = np.zeros(len(levels.codes), dtype=np.int64), len(levels.codes), Lock()

    def block(low: int, high: int) -> None:
        at = rows.block(low, high)
        product = rows.letter("h", at).astype(np.int64) - low
        pairs = np.sort(product * n + levels.position(joint(at)))
        with adding:
            np.add.at(products, pairs[runs(pairs)[:-1]] % n, 1)

    rows.each(block)
    return products


def _weights(rows: Arranged, scale: Scale) -> Vector | None:
    """Return the weights of rows (n,); None if they are the values.

    With base_year, the weight of a row is the value of its series in the first year of the series.
    """
    if scale.weights == "value":
        return None
    weights = rows.numbers()
    if scale.weights == "equal":
        weights[:] = 1.0
        return weights
    letters = [x for x in rows.letters if x not in "ht"]

    def block(low: int, high: int) -> None:
        at = rows.block(low, high)
        series = [rows.letter("h", at) - np.int32(low), *(rows.letter(x, at) for x in letters), rows.letter("t", at)]
        by = Groups.of(series, [high - low, *(rows.sizes[x] for x in letters), rows.years])
        starts = runs(*(code[by.order] for code in series[:-1]))
        weights[at] = Groups(by.order, starts).back(rows.value[at][by.order][starts[:-1]])

    rows.each(block)
    return weights


def _ladders(rows: Arranged, x: Vector) -> Sums:
    """Return the ladder by product, destination and year: max x - min x, if at least two rows have x."""

    def block(low: int, high: int) -> tuple[NDArray[Any], ...]:
        at = rows.block(low, high)
        product, market = rows.letter("h", at), rows.market[at]
        starts = runs(product, market)
        first = starts[:-1]
        known = np.add.reduceat((~np.isnan(x[at])).astype(np.int64), first)
        span = np.fmax.reduceat(x[at], first) - np.fmin.reduceat(x[at], first)
        value = np.add.reduceat(rows.value[at], first)
        m, t = (rows.letter(x, at)[first] for x in "mt")
        return product[first], m, t, np.where(known > 1, span, 0.0), known > 1, value, np.diff(starts)

    kinds = (np.int32, np.int32, np.int32, np.float64, np.float64, np.float64, np.int64)
    h, m, t, span, known, value, n = rows.gathered(block, kinds)
    order = rows.filled(lambda at: np.arange(at.start, at.stop), np.int64)[: len(n)]
    return Sums({"h": h, "m": m, "t": t}, order, span, known, value, n, np.broadcast_to(np.int64(1), len(n)))
