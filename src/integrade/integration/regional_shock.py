"""Measure integration from industry growth (METHODS 2.3).

Growth is divided into the parts of the nation, the industry and the region, and a rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from integrade.engine.exact import across, variance_of
from integrade.engine.frames import Data, collect, give_back, place
from integrade.errors import MissingColumn, TooFew, mapped_as, option
from integrade.records.catalogue import choose, measure
from integrade.records.schema import conform
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "regional_shock", "integration"


@dataclass(frozen=True)
class RegionalShock:
    """Options of `regional_shock` (METHODS 2.3).

    Parameters
    ----------
    variable
        The variable that grows: value (constant prices) or employment.
    """

    variable: Literal["value", "employment"] = "value"


@measure(
    family="integration",
    needs=("output",),
    key=("region",),
    adds={
        "integration": "1 - share_region",
        "share_nation": "share of variance",
        "share_industry": "share of variance",
        "share_region": "share of variance",
        "share_rest": "share of variance",
        "n_cells": "industry-years",
    },
    options=RegionalShock,
    cite="Xu (2002)",
)
def regional_shock(output: Data, options: RegionalShock | None = None, **changes: Any) -> Data:
    """Compute the share of a region's industrial growth that comes from the region itself.

    The share is small if regions share a market.

    Formula:
        g_ikt = ln x_ikt - ln x_ik,t-1 = m + n_t + s_kt + p_it + e_ikt, by least squares year by year; s_kt and p_it sum
        to zero over the cells of a year. The share of a part is its variance over the cells of a region, divided by the
        sum of the variances of all four parts. integration = 1 - share_region.

    Missing values:
        A cell needs positive values of this year and of the year before; other cells are dropped and counted. Years
        with fewer than two regions or two industries are dropped and counted. A region with fewer than three cells or
        without any variation has missing shares, which is counted.

    Args:
        output: any frame with region, industry, year and value (constant prices) or employment.
        options: a `RegionalShock`; single options may be given or changed by name.
        **changes: options by name, for example ``variable='employment'``.

    Returns:
        One row per region, sorted: integration, share_nation, share_industry, share_region, share_rest (they sum to
        one), n_cells. Same kind of frame as the input.

    Raises:
        TooFew: no year has growth in two regions and two industries.
        MissingColumn, UnknownName: the variable is not in the table, or options do not exist.
        Problems, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see `integrade.records.schema.conform`.

    Reference:
        Xu (2002, China Economic Review). METHODS 2.3.

    Example:
        >>> import polars as pl
        >>> growth = {("A", "x"): 1.1, ("A", "y"): 1.2, ("B", "x"): 1.0, ("B", "y"): 1.1}
        >>> output = pl.DataFrame([{"region": r, "industry": k, "year": 2000 + t, "value": g ** (t * t)}
        ...                        for (r, k), g in growth.items() for t in range(3)])
        >>> regional_shock(output).select(pl.col("integration").round(2))["integration"].to_list()
        [0.9, 0.9]
    """
    import polars as pl

    chosen = choose(RegionalShock, options, changes)
    conformed = conform(output, "output")
    if chosen.variable not in conformed.columns:
        alternative = "employment" if chosen.variable == "value" else "value"
        raise MissingColumn(
            f"column {chosen.variable!r} is missing from output",
            remedy=f"map it with {mapped_as(chosen.variable)}, or give {option('variable', alternative)}",
        )
    rows = collect(conformed.frame.select("region", "industry", "year", chosen.variable))
    growth, account = _growth(rows, chosen.variable)
    parts = pl.concat([_apart(year) for _, year in growth.group_by("year", maintain_order=True)])
    result = _shares(parts)
    few = result["integration"].null_count()
    reason = say("account.of-rows", n=few, what=say("integration.no-shares"))
    note = [Entry(STEP, TABLE, "warning", reason, few)] if few else []
    settings = Entry(STEP, TABLE, "note", say("account.settings", settings=f"variable={chosen.variable}"), 0)
    account = (
        conformed.account + account + [*note, settings, Entry(STEP, TABLE, "out", say("account.rows"), result.height)]
    )
    return give_back(place(result, conformed.frame), output, name=TABLE, account=account)


def _growth(rows: pl.DataFrame, variable: str) -> tuple[pl.DataFrame, Account]:
    """Compute log growth between adjacent years, for years with at least two regions and two industries."""
    import polars as pl

    known = rows.filter(pl.col(variable) > 0).rename({variable: "x"})
    before = known.with_columns(year=pl.col("year") + 1, before=pl.col("x")).drop("x")
    cells = known.join(before, on=["region", "industry", "year"]).sort("year", "region", "industry")
    cells = cells.select("year", "region", "industry", g=(pl.col("x") / pl.col("before")).log())
    wide = [pl.col(c).n_unique().over("year") > 1 for c in ("region", "industry")]
    kept = cells.filter(*wide)
    if not kept.height:
        raise TooFew(
            "no year has growth in two regions and two industries",
            remedy="give adjacent years of several regions and industries",
        )
    dropped = [
        (rows.height - known.height, say("integration.missing-or-zero")),
        (known.height - cells.height, say("integration.nothing-before")),
        (cells.height - kept.height, say("integration.one-region-or-industry")),
    ]
    return kept, Account(tuple(Entry(STEP, "output", "dropped", reason, n) for n, reason in dropped if n))


def _apart(year: pl.DataFrame) -> pl.DataFrame:
    """Divide the growth of one year into its mean, the industry's part, the region's part and the rest."""
    import polars as pl

    g = year["g"].to_numpy()
    nation = float(g.mean())
    centred = []
    for name in ("industry", "region"):
        dummies = (year[name].to_numpy()[:, None] == year[name].unique().sort().to_numpy()).astype(np.float64)
        centred.append(dummies - dummies.mean(axis=0))
    b = np.linalg.lstsq(np.hstack(centred), g - nation, rcond=None)[0]
    k = centred[0].shape[1]
    industry, region = centred[0] @ b[:k], centred[1] @ b[k:]
    return year.with_columns(
        nation=pl.lit(nation),
        of_industry=pl.Series(industry),
        of_region=pl.Series(region),
        rest=pl.Series(g - nation - industry - region),
    )


def _shares(parts: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    names = ("nation", "of_industry", "of_region", "rest")
    variances = (
        parts.sort("region", "year", "industry")
        .group_by("region", maintain_order=True)
        .agg(*[variance_of(pl.col(n), ddof=0).alias(n) for n in names], n_cells=pl.len().cast(pl.Int64))
    )
    total = across(*map(pl.col, names))
    # 1e-24 is the square of 1e-12 log points: below it growth varies only by floating-point error.
    exists = (pl.col("n_cells") > 2) & (total > 1e-24)
    shares = {f"share_{n.removeprefix('of_')}": pl.when(exists).then(pl.col(n) / total) for n in names}
    result = variances.select("region", "n_cells", **shares)
    order = [*shares, "n_cells"]
    return result.select("region", (1 - pl.col("share_region")).alias("integration"), *order)
