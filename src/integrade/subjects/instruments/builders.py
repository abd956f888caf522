"""Build instruments for an index of market integration.

An instrument is one or more columns by region and year, with the exclusion restriction as a sentence.

An instrument is as good as its exclusion restriction; none of these instruments is valid by construction. `oriv` and
`weak_iv` estimate with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.engine.frames import Data, Table, beside
from integrade.errors import DuplicateKeys, NotANumber, TooFew, UnknownColumn, UsageError, did_you_mean
from integrade.estimate.results import Vector
from integrade.integration.cube import Cube
from integrade.integration.demean import common_component
from integrade.integration.dispersion import Pipeline, by_period, whole
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Index, Pairs, choose_pairs
from integrade.integration.transforms import to_integration
from integrade.integration.trust import components
from integrade.integration.units import units_of
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word
from integrade.subjects.noise.index_draws import measured, yearly
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Account, Entry
from plainwords.texts import say

__all__ = ["Instrument", "join_instrument", "lagged_index", "neighbour_instrument", "split_goods", "terrain_instrument"]

SEED = 20240101
_FEWEST = 5  # regions: four must remain for an index when one is left out (METHODS 1.4: at least 4)


@shown
@dataclass(frozen=True)
class Instrument:
    """Columns by region and year, and the assumption under which these columns are instruments.

    ``table`` has region, year and ``columns``, sorted, and an account. ``exclusion`` is a sentence with the assumption
    to defend.
    """

    name: str
    table: Table
    columns: tuple[str, ...]
    exclusion: str

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the name, the columns, the number of region-years with a value, and the sentence on exclusion."""
        rows = self.table.polars()
        known = rows.drop_nulls(list(self.columns)).height
        count = f"  {known:,} of {rows.height:,} rows have a value"
        return Sheet(f"{self.name}: {', '.join(self.columns)}", lines=(f"  {self.exclusion}", count))


def join_instrument(panel: Data, instrument: Instrument) -> Data:
    """Join the instrument's columns to the panel by region and year. Columns of the same name are replaced.

    The result has the type of the panel. Rows for which the instrument has no value are kept with a missing value and
    counted in the account.
    """
    frame = frames.enter(panel)
    names = frame.collect_schema().names()
    for key in ("region", "year"):
        if key not in names:
            raise UnknownColumn(f"no column {key!r} in the panel", remedy=did_you_mean(key, names))
    kept = frame.select(*[c for c in names if c not in instrument.columns])
    joined = beside(kept, instrument.table.polars(), ["region", "year"])
    lacking = frames.collect(joined.select(*instrument.columns)).null_count().row(0)
    entries = [
        Entry("instrument", "panel", "warning", say("account.missing", column=column_word(column)), n)
        for column, n in zip(instrument.columns, lacking, strict=True)
        if n
    ]
    account = frames.account_of(panel) + instrument.table.account + entries
    return frames.give_back(joined, panel, name="panel", account=account)


def terrain_instrument(static: Any, series: Any, *, of: str | None = None, times: str | None = None) -> Instrument:
    """Multiply a fixed trait of each region by a national series: ``z_it = trait_i series_t``.

    Fixed effects of regions absorb geography itself. They do not absorb its product with a national series, such as the
    road stock or the national mean of integration.

    Args:
        static: one row per region: region and the trait (relief, ruggedness, kilometres of waterway).
        series: one row per year: year and the national series.
        of: the column of the trait, if ``static`` has several columns. times: the column of the series, likewise.

    Raises: `UnknownColumn`, `NotANumber`, `DuplicateKeys`; `UsageError` when the column is not clear.

    Example:
        >>> import polars as pl
        >>> relief = pl.DataFrame({"region": ["A", "B"], "relief": [1.0, 3.0]})
        >>> roads = pl.DataFrame({"year": [2004, 2005], "roads": [10.0, 12.0]})
        >>> terrain_instrument(relief, roads).table.polars()["relief_x_roads"].to_list()
        [10.0, 12.0, 30.0, 36.0]
    """
    traits, trait = _keyed(static, "region", of)
    years, national = _keyed(series, "year", times)
    name = f"{trait}_x_{national}"
    table = traits.join(years, how="cross").select("region", "year", (pl.col(trait) * pl.col(national)).alias(name))
    return Instrument(
        name,
        Table("instrument", table.sort("region", "year")),
        (name,),
        say("models_instruments.excludes-product", national=national, trait=trait),
    )


@keywords(RelativePrice)
def neighbour_instrument(
    prices: Any,
    pairs: Any = "adjacent",
    options: RelativePrice | None = None,
    *,
    component: Literal["pure", "index"] = "pure",
    **changes: Any,
) -> Instrument:
    """Compute the mean integration of a region's neighbours as if the region had no prices.

    The index of region i averages the dispersion V_ij of its pairs ij, and the index of a neighbour j contains the same
    pair. So the plain mean of the neighbours moves with i's own prices by construction. Here every pair that includes i
    is left out, and so is i's part in the common component. ``component="index"`` takes the neighbours' indices
    computed in this way. An index also contains the average of all other regions. Leaving i out of that average
    subtracts a share of i, net of year effects. Their mean is then negatively correlated with the index of i by
    construction. ``pure`` avoids both problems. It takes the neighbours' own components theta (V_ij = theta_i + theta_j
    + e, METHODS 1.5 iv), averaged before the transform.

    Args:
        prices: as for `relative_price`. pairs: which regions are neighbours: adjacent, a file, a frame or a list of
            pairs.
        options: options of the index; or single options by name.

    Returns: the column ``neighbours``. It is missing, and counted, for a region that has no neighbour with an index.

    Raises: `TooFew` for fewer than five regions; errors of `relative_price`.
    """
    work = yearly(prices, choose(RelativePrice, options, changes))
    regions, years = work.cube.regions, [p[0] for p in work.cube.periods]
    if len(regions) < _FEWEST:
        raise TooFew(
            say("impossible.few-regions", regions=str(len(regions)), needed=str(_FEWEST)),
            remedy="give the prices of more regions",
        )
    near = choose_pairs(pairs, regions, work.options.distances, work.options.geography)
    values = np.full((len(years), len(regions)), np.nan)
    for i in range(len(regions)):
        others = np.sort(np.concatenate([near.second[near.first == i], near.first[near.second == i]]))
        if len(others):
            without, at = _without(work, i), others - (others > i)
            pure = component == "pure"
            neighbours = _theta(without)[:, at] if pure else measured(without)[:, at]
            # the mean over the neighbours that have a value
            has_value = np.isfinite(neighbours)
            total, count = np.where(has_value, neighbours, 0.0).sum(axis=1), has_value.sum(axis=1)
            mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
            values[:, i] = to_integration(mean, work.options.transform) if pure else mean
    table = _by_region(regions, years, {"neighbours": values})
    return Instrument(
        "neighbours",
        _counted(table, say("models_instruments.no-neighbour")),
        ("neighbours",),
        say("models_instruments.excludes-neighbours"),
    )


def _theta(work: Pipeline) -> Vector:
    """Return the regions' own components theta, shape (T, N)."""
    by_pair = replace(work, options=replace(work.options, level="pair"))
    return np.array(
        [
            components(p, by_pair)
            for p in by_period(by_pair, units_of(by_pair.cube, by_pair.pairs, by_pair.options), whole)
        ]
    )


def lagged_index(index: Any, lags: int = 2, column: str = "integration") -> Instrument:
    """Return the index ``lags`` calendar years earlier. It is missing if there is no value exactly that long ago.

    ``index`` has one row per region and year, with ``column``. The new column is ``<column>_l<lags>``.

    Raises: `UsageError` for lags below one; `UnknownColumn`, `NotANumber`, `DuplicateKeys`.
    """
    if lags < 1:
        raise UsageError(f"a lag of {lags} years is not possible", remedy="give whole years, 1 or more")
    table = frames.collect(frames.enter(index))
    require_columns(table, ["region", "year", column])
    require_unique(table, ["region", "year"])
    name = f"{column}_l{lags}"
    past = table.select("region", pl.col("year") + lags, pl.col(column).cast(pl.Float64).alias(name))
    lagged = table.select("region", "year").join(past, on=["region", "year"], how="left").sort("region", "year")
    return Instrument(
        name,
        _counted(lagged, say("models_instruments.nothing-earlier", years=str(lags))),
        (name,),
        say("models_instruments.excludes-past", years=str(lags)),
    )


@keywords(RelativePrice)
def split_goods(prices: Any, seed: int = SEED, options: RelativePrice | None = None, **changes: Any) -> Instrument:
    """Compute two indices from two random halves of the goods. A good stays in the same half in all years.

    Their sampling errors are nearly independent, so one index is an instrument for the other: see `oriv`. Both halves
    use the pairs of regions that have enough of all goods.

    Returns: the columns ``market_a`` and ``market_b`` (in the unit of ``transform``), missing if a half has fewer than
        two goods.

    Raises: `TooFew` for fewer than four goods; errors of `relative_price`.
    """
    work = yearly(prices, choose(RelativePrice, options, changes))
    goods = len(work.cube.goods)
    if goods < 4:
        raise TooFew(say("impossible.few-goods", goods=str(goods)), remedy="give the prices of more goods")
    rank = np.argsort(np.argsort(np.random.default_rng(seed).random(goods)))
    first = (rank < goods // 2).astype(np.float64)

    def halves(present: Index) -> Vector:
        return np.column_stack([first[present], 1 - first[present]])

    units = units_of(work.cube, work.pairs, work.options)
    by_half = np.array([to_integration(p.segmentation, work.options.transform) for p in by_period(work, units, halves)])
    columns = {"market_a": by_half[:, :, 0], "market_b": by_half[:, :, 1]}
    table = _by_region(work.cube.regions, [p[0] for p in work.cube.periods], columns)
    return Instrument(
        say("models_instruments.halves-of-goods"),
        _counted(table, say("models_instruments.half-missing")),
        tuple(columns),
        say("models_instruments.excludes-halves"),
    )


def _counted(table: pl.DataFrame, why: str) -> Table:
    """Return the table with an account of its missing values."""
    lacking = sum(table.null_count().row(0))
    return Table(
        "instrument", table, Account((Entry("instrument", "instrument", "note", why, lacking),) if lacking else ())
    )


def _without(work: Pipeline, i: int) -> Pipeline:
    """Return the pipeline of the index as if region i had no prices at all."""
    cube = Cube(
        work.cube.periods,
        tuple(r for at, r in enumerate(work.cube.regions) if at != i),
        work.cube.goods,
        np.delete(work.cube.values, i, axis=1),
    )
    stay = (work.pairs.first != i) & (work.pairs.second != i)
    ends = [e[stay] - (e[stay] > i) for e in (work.pairs.first, work.pairs.second)]
    sides = None if work.pairs.sides is None else work.pairs.sides[:, stay]
    pairs = Pairs(ends[0].astype(np.intp), ends[1].astype(np.intp), sides)
    return replace(work, cube=cube, pairs=pairs, component=common_component(cube, pairs, work.options))


def _by_region(regions: Sequence[str], years: Sequence[int], columns: dict[str, Vector]) -> pl.DataFrame:
    """Return arrays (T, N) as a table with one row per region and year, sorted. NaN becomes missing."""
    year, region = np.indices((len(years), len(regions))).reshape(2, -1)
    table = pl.DataFrame(
        {
            "region": pl.Series(list(regions)).gather(region),
            "year": pl.Series(list(years), dtype=pl.Int64).gather(year),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
    return table.with_columns(pl.col(*columns).fill_nan(None)).sort("region", "year")


def _keyed(data: Any, key: str, wanted: str | None) -> tuple[pl.DataFrame, str]:
    """Return a table with the key and one column of numbers, and the name of that column."""
    table = frames.collect(frames.enter(data))
    require_columns(table, [key] if wanted is None else [key, wanted])
    others = [c for c in table.columns if c != key and table[c].dtype.is_numeric()]
    if wanted is None and len(others) != 1:
        raise UsageError(
            f"{len(others)} columns of numbers in addition to {key!r}",
            example=", ".join(others) or "none",
            remedy="give only one column of numbers, or name it (of=... for the trait, times=... for the series)",
        )
    column = wanted or others[0]
    if not table[column].dtype.is_numeric():
        raise NotANumber(f"{column!r} holds {table[column].dtype}, not numbers", remedy="convert the column")
    require_unique(table, [key])
    return table.select(key, pl.col(column).cast(pl.Float64)), column


def require_columns(table: pl.DataFrame, columns: Sequence[str]) -> None:
    """Raise `UnknownColumn` for the first column that the table lacks."""
    for column in columns:
        if column not in table.columns:
            raise UnknownColumn(f"no column {column!r}", remedy=did_you_mean(column, table.columns))


def require_unique(table: pl.DataFrame, keys: Sequence[str]) -> None:
    """Raise `DuplicateKeys` if two rows have the same keys."""
    again = table.filter(pl.struct(keys).is_duplicated()).sort(keys)
    if again.height:
        shown = ", ".join(f"{k}={again[k][0]}" for k in keys)
        raise DuplicateKeys(f"more than one row for the same {', '.join(keys)}", example=shown, remedy="keep one")
