"""Compute the weights of a region's partners and of goods, period by period (METHODS 1.2: weights_j, weights_k)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import Coverage, DuplicateKeys, OutOfRange, UsageError, did_you_mean, without_rows
from integrade.integration.cube import Cube, period_name
from integrade.integration.given import (
    distances_between,
    ends_of,
    find,
    groups_from,
    numbers_of,
    places,
    table_of,
    text_of,
)
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Pairs
from integrade.integration.transforms import Vector
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

ByPeriod = Callable[[int], Vector | None]  # position of a period -> weights; None: all are equal


def with_tables(options: RelativePrice) -> RelativePrice:
    """Return the options with all their files read except the file of pairs, so that each file is read only once."""
    tables: dict[str, Any] = {"groups": groups_from(options.groups)}
    if options.distances is not None:
        tables["distances"] = table_of(options.distances, "distances")
    for name, words in (("partner_weights", ("equal", "distance")), ("good_weights", ("equal",))):
        choice = getattr(options, name)
        if not (isinstance(choice, str) and choice in words):
            tables[name] = table_of(choice, name, words)
    return dataclasses.replace(options, **tables)


def partner_weights(cube: Cube, pairs: Pairs, options: RelativePrice) -> ByPeriod:
    """Return a function that gives the weights (2, P) of all pairs in a period.

    The two rows are the weights of a pair in the averages of its first and of its second region. Region i weights its
    pair with j by the weight of region j, by 1/distance, or by the weight of the pair (i, j). The weight is zero if j
    is not among the k nearest of i, or if the distance or the pair is not in the table. Raises `Coverage` for a region
    that has prices in a period and no weight.
    """
    sides = None if pairs.sides is None else pairs.sides.astype(np.float64)
    choice = options.partner_weights
    if isinstance(choice, str) and choice == "equal":
        return lambda _: sides
    weights = _by_distance(cube, pairs, options) if isinstance(choice, str) else _by_table(cube, pairs, choice)

    def of_period(t: int) -> Vector:
        pair_weights = weights(t)
        return pair_weights if sides is None else pair_weights * sides

    return of_period


def without_weight(cube: Cube, pairs: Pairs, options: RelativePrice) -> Account:
    """Note the largest number of pairs, in any period, whose weight is zero for both regions."""
    if pairs.sides is not None or (isinstance(options.partner_weights, str) and options.partner_weights == "equal"):
        return Account()
    weights = partner_weights(cube, pairs, options)
    most = max(
        int((sides.sum(axis=0) == 0).sum()) for t in range(len(cube.periods)) if (sides := weights(t)) is not None
    )
    reason = say("integration.pairs-without-weight", n=most)
    return Account((Entry("relative_price", "integration", "note", reason, most),) if most else ())


def _by_distance(cube: Cube, pairs: Pairs, options: RelativePrice) -> Callable[[int], Vector]:
    """Return weights 1/distance, the same in every period; zero for an unknown distance."""
    distances = distances_between(cube.regions, options.distances, options.geography)[pairs.first, pairs.second]
    if (distances == 0).any():
        p = int(np.argmax(distances == 0))
        names = cube.regions[pairs.first[p]], cube.regions[pairs.second[p]]
        raise OutOfRange(f"the distance of {names[0]!r} and {names[1]!r} is zero", remedy="correct it in distances")
    closeness = np.nan_to_num(1 / distances)
    return lambda _: np.array([closeness, closeness])


def _by_table(cube: Cube, pairs: Pairs, rows: pl.DataFrame) -> Callable[[int], Vector]:
    """Return the weights of a table, which has one weight for each region or one for each pair."""
    names = [c for c in rows.columns if c not in ("weight", "year")]
    numbers_of(rows, "weight", "partner_weights")
    if len(names) not in (1, 2):
        raise UsageError(
            f"partner_weights needs weight, year if it varies, and one or two columns of region names; found: "
            f"{', '.join(rows.columns)}",
            remedy="leave other columns out",
        )
    by_year = _split(rows, "partner_weights")
    make = _of_regions if len(names) == 1 else _of_pairs
    weights_of_year = {year: make(part, cube, pairs) for year, part in by_year.items()}
    if len(names) == 1:
        _require_regions(cube, weights_of_year)
        return lambda t: np.array(
            [_at(weights_of_year, cube, t)[pairs.second], _at(weights_of_year, cube, t)[pairs.first]]
        )
    return lambda t: _at(weights_of_year, cube, t)


def _split(rows: pl.DataFrame, option: str) -> dict[int | None, pl.DataFrame]:
    """Split rows by year; rows without a weight are left out.

    If there is no year, all rows are under None.
    """
    rows = rows.filter(rows["weight"].is_not_null())
    key = [c for c in rows.columns if c != "weight"]
    repeated = rows.filter(rows.select(key).is_duplicated())
    if repeated.height:
        raise DuplicateKeys(
            f"{option} has more than one weight for the same {', '.join(key)}",
            example=str(repeated.row(0)),
            remedy="keep one row of each",
        )
    if "year" not in rows.columns:
        return {None: rows}
    years = sorted(set(rows["year"].drop_nulls().cast(int).to_list()))
    return {year: rows.filter(rows["year"].cast(int) == year).drop("year") for year in years}


def _at(weights_of_year: Mapping[int | None, Vector], cube: Cube, t: int) -> Vector:
    """Return the weights of the year of a period. Raises `Coverage` if the table does not have that year."""
    year = cube.periods[t][0]
    weights = weights_of_year.get(None, weights_of_year.get(year))
    if weights is None:
        known = [y for y in weights_of_year if y is not None]
        raise Coverage(
            f"no weights for {year}",
            where=f"the table of weights has {min(known)} to {max(known)}"
            if known
            else "the table of weights is empty",
            remedy="complete the table, or leave its column year out, or leave the year out: "
            + without_rows("year", year),
        )
    return weights


def _of_regions(rows: pl.DataFrame, cube: Cube, _: Pairs) -> Vector:
    """Return the weights of regions (N,), NaN for a region that the table lacks."""
    at, weights = places(cube.regions), np.full(len(cube.regions), np.nan)
    (column,) = [c for c in rows.columns if c != "weight"]
    for name, weight in zip(text_of(rows, column), rows["weight"].to_list(), strict=True):
        i = find(name, at)
        if i is not None:
            weights[i] = weight
    return weights


def _require_regions(cube: Cube, weights_of_year: Mapping[int | None, Vector]) -> None:
    """Raise `Coverage` for a region that has prices and no weight; other missing weights become zero."""
    here: NDArray[np.bool_] = np.asarray(np.isfinite(cube.values).any(axis=2))
    for t, period in enumerate(cube.periods):
        without = np.flatnonzero(here[t] & np.isnan(_at(weights_of_year, cube, t)))
        if len(without):
            more = f" ({len(without)} such regions)" if len(without) > 1 else ""
            raise Coverage(
                f"no weight for {cube.regions[without[0]]!r} in {period_name(period)}{more}",
                remedy="complete partner_weights, or leave such regions out: "
                + without_rows("region", *(cube.regions[i] for i in without)),
            )
    for year in weights_of_year:
        weights_of_year[year][np.isnan(weights_of_year[year])] = 0.0


def _of_pairs(rows: pl.DataFrame, cube: Cube, pairs: Pairs) -> Vector:
    """Return weights (2, P).

    A pair that is written once has the same weight in both directions. A pair that is written twice has one weight for
    each direction.
    """
    n, at = len(cube.regions), places(cube.regions)
    square = np.full((n, n), np.nan)
    for a, b, weight in zip(*ends_of(rows, "weight", "partner_weights"), rows["weight"].to_list(), strict=True):
        i, j = find(a, at), find(b, at)
        if i is not None and j is not None and i != j:
            square[i, j] = weight
    square = np.nan_to_num(np.where(np.isnan(square), square.T, square))
    return np.array([square[pairs.first, pairs.second], square[pairs.second, pairs.first]])


def good_weights(cube: Cube, options: RelativePrice) -> Callable[[range], Vector | None]:
    """Return a function that gives the shares of goods at the end of a window of periods: (K,), or by region (N, K).

    The shares are relative to all goods that have a price in the window. Raises `Coverage` for a good (of a region)
    that has a price and no positive weight.
    """
    rows = options.good_weights
    if isinstance(rows, str):
        return lambda _: None
    numbers_of(rows, "weight", "good_weights")
    unknown = [c for c in rows.columns if c not in ("commodity", "region", "year", "weight")]
    if unknown or "commodity" not in rows.columns:
        raise UsageError(
            f"good_weights needs commodity, weight and, if they vary, region, year; found: {', '.join(rows.columns)}",
            remedy="call the column of goods 'commodity', and leave other columns out",
        )
    weights_of_year = {year: _of_goods(part, cube) for year, part in _split(rows, "good_weights").items()}

    def of_periods(periods: range) -> Vector:
        t = periods[-1]
        weights, has = _at(weights_of_year, cube, t), np.isfinite(cube.values[periods.start : periods.stop]).any(axis=0)
        has = has if weights.ndim == 2 else has.any(axis=0)
        lacking = np.argwhere(has & ~(weights > 0))
        if len(lacking):
            good, names = cube.goods[lacking[0][-1]], sorted({cube.goods[at[-1]] for at in lacking})
            whose = f" of {cube.regions[lacking[0][0]]!r}" if weights.ndim == 2 else ""
            known = sorted(set(text_of(rows, "commodity")))
            raise Coverage(
                f"no weight above zero for {good!r}{whose} in {period_name(cube.periods[t])}",
                remedy=f"complete good_weights, or leave such goods out: {without_rows('commodity', *names)}; "
                + did_you_mean(good, known),
            )
        kept = np.where(has, weights, 0.0)
        total = kept.sum(axis=-1, keepdims=True)
        return np.asarray(np.divide(kept, total, out=np.zeros_like(kept), where=total > 0))

    return of_periods


def _of_goods(rows: pl.DataFrame, cube: Cube) -> Vector:
    """Return the weights of goods (K,), or (N, K) if they differ by region; NaN for a good that the table lacks."""
    at = {name: k for k, name in enumerate(cube.goods)}
    goods = [at.get(name) for name in text_of(rows, "commodity")]
    regions: Sequence[int | None] = [0] * rows.height
    n = 1
    if "region" in rows.columns:
        where, n = places(cube.regions), len(cube.regions)
        regions = [find(name, where) for name in text_of(rows, "region")]
    weights = np.full((n, len(cube.goods)), np.nan)
    for i, k, weight in zip(regions, goods, rows["weight"].to_list(), strict=True):
        if i is not None and k is not None:
            weights[i, k] = weight
    return weights if "region" in rows.columns else weights[0]
