"""Measure the share of a region's price movements that a common national factor explains (METHODS 2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.engine.exact import average_of
from integrade.engine.frames import Data, give_back, place
from integrade.errors import UsageError, option
from integrade.integration.series import GoodSeries, read_series, span
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.sources.basis.detection import Declared
from plainwords.account import Entry
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "factor_share", "integration"
SEED = 20240101


@dataclass(frozen=True)
class FactorShare:
    """Options of `factor_share` (METHODS 2.5).

    Parameters
    ----------
    basis
        The meaning of the index column. detect: read from the data, or refuse. link: previous period = 100. fixed: base
        period = 100. level: prices in currency. rate: changes in per cent.
    window
        Number of years of each estimate; the row has the last of these years. 0: one estimate over all years, with one
        row per region.
    """

    basis: Declared = "detect"
    window: int = 5


@measure(
    family="integration",
    needs=("prices",),
    key=("region", "year"),
    adds={
        "integration": "share of variance (R2), 0..1",
        "by_chance": "R2 of unrelated series",
        "n_goods": "goods",
        "n_periods": "changes per series",
    },
    options=FactorShare,
    cite="Stock and Watson (2002)",
)
def factor_share(prices: Data, options: FactorShare | None = None, **changes: Any) -> Data:
    """Compute the share of a region's price changes that a national factor of each good explains.

    Formula:
        For each good: z_it = price changes ln I_it of region i, standardised over the window; F_t = the first principal
        component of z over regions; R2_i = squared correlation of z_i and F. integration = mean of R2 over goods.
        by_chance: the mean of R2 for independent normal series of the same number of regions and periods (200 panels,
        fixed seed). With few periods a factor fits any series, so integration is to be compared with by_chance and not
        with zero.

    Missing values:
        Each good enters with its longest run of adjacent periods and the regions that have all of them; all other rows
        are counted. Within a window, a series without variation has no share and is left out of the mean. A region and
        window without any share has missing integration, which is counted.

    Args:
        prices: any frame with region, year, (month,) commodity and index.
        options: a `FactorShare`; single options may be given or changed by name.
        **changes: options by name, for example ``window=0``.

    Returns:
        One row per region, year, sorted: integration, by_chance, n_goods, n_periods; the first year is the last year of
        the first whole window. Same kind of frame as the input.

    Raises:
        TooFew: no good has three regions and enough changes for the window.
        UsageError, UnknownName: a window has fewer than three years of annual prices, or is longer than every series;
            options do not exist.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Stock and Watson (2002, JASA). METHODS 2.5.

    Example:
        >>> import numpy as np, polars as pl
        >>> nation, own = np.random.default_rng(0).normal(size=(12, 1)), np.random.default_rng(1).normal(size=(12, 6))
        >>> d = 0.02 * nation + 0.01 * own  # the truth is 4/5
        >>> prices = pl.DataFrame([{"region": f"r{i}", "year": 2000 + t, "commodity": "food",
        ...                         "index": 100 * np.exp(d[t, i])} for t in range(12) for i in range(6)])
        >>> factor_share(prices, window=0, basis="link")["integration"].mean().__round__(2)
        0.8
    """
    import polars as pl

    chosen = choose(FactorShare, options, changes)
    if chosen.window < 0:
        raise UsageError(
            f"window={chosen.window}: a window has at least 1 year", remedy=f"give {option('window', 0)} for all years"
        )
    series, account, frame, basis = read_series(prices, chosen.basis, regions=3, changes=3, step=STEP)
    per_year = 12 if len(series[0].periods[0]) == 2 else 1
    if 0 < chosen.window * per_year < 3:
        raise UsageError(
            f"window={chosen.window}: a correlation needs three changes", remedy=f"give {option('window', 5)}"
        )
    longest = max(len(s.periods) - 1 for s in series)
    if chosen.window * per_year > longest:
        raise UsageError(
            f"window={chosen.window} years, and the longest series has {longest} changes",
            remedy=f"give {option('window', longest // per_year)}, or {option('window', 0)} for all years",
        )
    short = [s for s in series if len(s.periods) - 1 < chosen.window * per_year]
    n = sum((len(s.periods) - 1) * len(s.regions) for s in short)
    reason = say("integration.shorter-than-window", goods=listed([s.good for s in short], "comma"))
    account += [Entry(STEP, "prices", "dropped", reason, n)] if n else []
    rows = pl.concat([_shares(s, chosen.window) for s in series])
    result = (
        rows.group_by("region", "year", maintain_order=True)
        .agg(
            integration=average_of(pl.col("share")),
            by_chance=average_of(pl.when(pl.col("share").is_not_null()).then(pl.col("by_chance"))),
            n_goods=pl.col("share").count().cast(pl.Int64),
            n_periods=pl.col("n_periods").max(),
        )
        .sort("region", "year")
    )
    still = result["integration"].null_count()
    reason = say("account.of-rows", n=still, what=say("integration.no-price-moves"))
    account += [Entry(STEP, TABLE, "warning", reason, still)] if still else []
    window = str(chosen.window) if chosen.window else say("integration.all-years")
    of = say("integration.settings-of-window", basis=basis, window=window, over=span(series))
    account += [Entry(STEP, TABLE, "note", of, 0), Entry(STEP, TABLE, "out", say("account.rows"), result.height)]
    return give_back(place(result, frame), prices, name=TABLE, account=account)


def _shares(s: GoodSeries, window: int) -> pl.DataFrame:
    """Return region, year, share, by_chance and n_periods of one good, for every window."""
    import polars as pl

    d, years = np.diff(s.levels, axis=0), np.array([p[0] for p in s.periods[1:]])
    per_year = 12 if len(s.periods[0]) == 2 else 1
    tables = []
    for end in np.unique(years):
        inside = (years <= end) & (years > end - window) if window else years <= years[-1]
        whole = int(inside.sum()) == window * per_year if window else end == years[-1]
        if whole:
            share = common_share(d[inside])
            chance = np.full(len(share), by_chance(len(s.regions), int(inside.sum())))
            columns = {"region": list(s.regions), "year": int(end), "share": share, "by_chance": chance}
            tables.append(pl.DataFrame({**columns, "n_periods": int(inside.sum())}))
    empty = {"region": pl.String, "year": pl.Int64, "share": pl.Float64, "by_chance": pl.Float64, "n_periods": pl.Int64}
    rows = pl.concat([pl.DataFrame(schema=empty), *(t.cast(empty) for t in tables)])  # type: ignore[arg-type]
    return rows.with_columns(pl.col("share").fill_nan(None))


def common_share(changes: Vector) -> Vector:
    """Compute the squared correlation (N,) of each series of (T, N) with the first principal component of all series.

    A series that does not vary has no value (NaN) and does not enter the component. With fewer than two series that
    vary, all values are NaN.
    """
    away = changes - changes.mean(axis=0)
    scale = np.sqrt((away**2).sum(axis=0))
    # Below 1e-12 log points a series moves only by floating-point error; a convention.
    moves = scale > 1e-12
    share = np.full(changes.shape[1], np.nan)
    if moves.sum() > 1:
        z = away[:, moves] / scale[moves]
        factor = np.linalg.svd(z, full_matrices=False)[0][:, 0]
        share[moves] = np.minimum((z.T @ factor) ** 2, 1.0)
    return share


@cache
def by_chance(regions: int, periods: int) -> float:
    """Simulate the mean share that the first component explains of independent normal series (200 panels)."""
    random = np.random.default_rng([SEED, regions, periods])
    return float(np.mean([common_share(random.normal(size=(periods, regions))).mean() for _ in range(200)]))
