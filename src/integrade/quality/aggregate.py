"""Average quality over the rows of a firm, industry, region, destination or firm-product in a year."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.errors import UsageError, mapped_as, option
from integrade.quality.arranged import Arranged
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
    """Sums by level and year, sorted by the key ``codes`` (letter -> code).

    ``value``, ``n_rows`` and ``n_products`` are of all rows, ``weight`` and ``weighted`` (weight x r) of rows with r.
    For ladders, ``weighted`` is the ladder and ``weight`` is 1 if at least two rows have quality.
    """

    codes: Mapping[str, Places]
    weighted: Vector
    weight: Vector
    value: Vector
    n_rows: Places
    n_products: Places


SUMS = Sums._fields[1:]


def by_level(rows: Arranged, r: Vector, scale: Scale, group: Grouped | None = None) -> pl.DataFrame:
    """Return quality by level and year, sorted by the key: sum w r / sum w over the rows with r, or the ladder.

    ``r`` (n,): the standardised quality, or ln quality for ladders. Counts and value are of all rows. Rows whose group
    is unknown are left out.
    """
    return with_means(named(sums_by_level(rows, r, scale, group), rows, group))


def with_means(sums: pl.DataFrame) -> pl.DataFrame:
    """Return quality from the sums of `Sums`."""
    quality = pl.when(pl.col("weight") > 0).then(pl.col("weighted") / pl.col("weight"))
    return sums.select(pl.exclude(SUMS), quality.alias("quality"), "n_products", "n_rows", "value")


def named(of: Sums, rows: Arranged, group: Grouped | None = None) -> pl.DataFrame:
    """Return sums with the texts of their keys and the year."""
    levels = rows.levels if group is None else {**rows.levels, group.letter: group.levels}
    texts = pl.concat([levels[x][code] for x, code in of.codes.items() if x != "t"], how="horizontal")
    blank = [pl.when(pl.col(name) != "").then(name).alias(name) for name in OPTIONAL if name in texts.columns]
    numbers = {name: getattr(of, name) for name in SUMS}
    year = pl.Series(of.codes["t"].astype(np.int64) + rows.first_year)
    return texts.with_columns(blank).with_columns(year=year, **numbers)


def sums_by_level(rows: Arranged, r: Vector, scale: Scale, group: Grouped | None = None) -> Sums:
    """Return the sums from which quality by level and year is computed."""
    letters = (*LEVELS[scale.level], "t")
    if scale.level == "ladder":
        return _ladders(rows, r)
    sizes = [group.levels.height if group and x == group.letter else rows.sizes[x] for x in letters]
    size = math.prod(sizes)
    code = rows.numbers(np.int64)
    for at in rows.pieces():
        first = rows.letter(letters[0], at) if group is None else group.code[at]
        joint = joined([first, *(rows.letter(x, at) for x in letters[1:])], sizes)
        assert joint is not None, "keys of a level have fewer than 63 bits"
        code[at] = joint if group is None else np.where(first < 0, size, joint)  # the last code is an unknown group
    levels = Levels.of(code, size + 1)
    weights = _weights(rows, scale)
    sums = np.zeros((4, len(levels.codes)))
    for at in rows.pieces():
        to, v, there = levels.position(code[at]), rows.value[at], ~np.isnan(r[at])
        w = np.where(there, v if weights is None else weights[at], 0.0)
        for total, x in zip(sums, (np.where(there, w * r[at], 0.0), w, v, np.ones(len(v))), strict=True):
            np.add.at(total, to, x)
    weighted, weight, value, n_rows = sums[:, levels.codes < size]
    products = np.ones(len(value), dtype=np.int64) if "h" in letters else _products(rows, code, levels)[: len(value)]
    codes, rest = dict[str, Places](), levels.codes[: len(value)]
    for letter, width in zip(reversed(letters), reversed(sizes), strict=True):
        codes[letter], rest = rest % width, rest // width
    return Sums({x: codes[x] for x in letters}, weighted, weight, value, n_rows.astype(np.int64), products)


def _products(rows: Arranged, code: Places, levels: Levels) -> Places:
    """Return the number of different products of each level."""

    def block(low: int, high: int) -> Places:
        at, n = rows.block(low, high), len(levels.codes)
        product = rows.letter("h", at).astype(np.int64) - low
        pairs = np.sort(product * n + levels.position(code[at]))
        return pairs[runs(pairs)[:-1]] % n

    return np.bincount(np.concatenate(rows.each(block)), minlength=len(levels.codes))


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
        return product[first], market[first], np.where(known > 1, span, 0.0), known > 1, value, np.diff(starts)

    h, market, span, known, value, n = (np.concatenate(parts) for parts in zip(*rows.each(block), strict=True))
    codes = {"h": h, "m": market // rows.years, "t": market % rows.years}
    return Sums(codes, span, known.astype(np.float64), value, n, np.ones(len(n), dtype=np.int64))
