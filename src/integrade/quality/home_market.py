"""Read the regions of firms and the size of their home market, which is the control for variety of METHODS 3.2b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from integrade.engine.frames import Frame, collect, place
from integrade.errors import Coverage, DuplicateKeys, OutOfRange, UsageError, option
from integrade.quality.coding import Coded
from integrade.quality.options import DemandResidual
from integrade.quality.parts import Parts
from integrade.quality.side_tables import numbers, read_side_table, require, text
from plainwords.account import Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP = "quality"


@dataclass(frozen=True)
class Home:
    """Tables in codes: the region of every firm f (by year t if the file has years), and ln GDP by region and year."""

    regions: pl.DataFrame  # f (, t), region
    n_regions: int
    gdp: pl.DataFrame | None  # region, t, gdp

    def join(self, rows: Frame) -> Frame:
        """Add region, and gdp (its log) if it is given; missing if the firm or its region-year is unknown."""
        key: list[str] = [name for name in ("f", "t") if name in self.regions.columns]
        rows = rows.join(place(self.regions, rows), on=key, how="left")
        return rows if self.gdp is None else rows.join(place(self.gdp, rows), on=["region", "t"], how="left")


def read_home(options: DemandResidual, coded: Coded | Parts) -> tuple[Home | None, list[Entry]]:
    """Read and code the tables of ``firm_region`` and ``gdp``; return them and entries on rows without region or GDP.

    Raises `UsageError` if an option needs firm_region and it is not given, or if customs has no firm. Raises `Coverage`
    if the tables have no firm, or no region-year, of customs. Also raises `DuplicateKeys`, `OutOfRange`,
    `MissingColumn`, `NotANumber`, `FileMissing`.
    """

    if options.firm_region is None:
        by_region = isinstance(options.sigma, str) and options.sigma == "iv" and options.no_instrument == "region"
        if options.gdp is not None or by_region:
            needs = "gdp" if options.gdp is not None else "no_instrument='region'"
            raise UsageError(
                f"{needs} needs firm_region", remedy=f"give {option('firm_region', ...)} with firm and region"
            )
        return None, []
    if "f" not in coded.levels:
        raise UsageError(
            "firm_region is by firm, but the customs table has no column firm",
            remedy=f"leave {option('firm_region')} out",
        )
    assert not isinstance(coded, Parts), "`in_parts` asks for no region"
    where, names = _regions(options, coded)
    gdp = None if options.gdp is None else _gdp(options, coded, names)
    home = Home(where, names.len(), gdp)
    known = nw.col("region" if gdp is None else "gdp")
    rows = home.join(coded.frame.select("f", "t"))
    lost, n = collect(rows.select(lost=known.is_null().cast(nw.Int64).sum(), n=nw.len())).row(0)
    what = say("quality.no-region-of-firm" if gdp is None else "quality.no-gdp-of-firm")
    if lost == n:
        raise Coverage(
            f"{what} in any row of customs",
            example=f"firm {coded.levels['f']['firm'][0]}",
            remedy="firm_region must name the firms of customs, gdp their regions and years",
        )
    return home, [
        Entry(STEP, "customs", "note", say("quality.n-rows-of", what=what, n=int(lost)), int(lost))
    ] if lost else []


def _regions(options: DemandResidual, coded: Coded) -> tuple[pl.DataFrame, pl.Series]:
    import polars as pl

    table = read_side_table(options.firm_region, "firm_region")
    require(table, ["firm", "region"], "firm_region")
    yearly = ["year"] if "year" in table.columns else []
    table = text(numbers(table, yearly, "firm_region"), ["firm", "region"]).select("firm", *yearly, "region")
    table = table.drop_nulls().unique()
    _unique(table, ["firm", *yearly], "firm_region")
    names = table["region"].unique().sort()
    firms = coded.levels["f"].with_columns(f=pl.int_range(pl.len(), dtype=pl.Int64))
    regions = pl.DataFrame({"region": names}).with_columns(code=pl.int_range(pl.len(), dtype=pl.Int64))
    joined = table.join(firms, on="firm").join(regions, on="region")
    key = {"f": pl.col("f")} | ({"t": pl.col("year").cast(pl.Int64) - coded.first_year} if yearly else {})
    return joined.select(**key, region=pl.col("code")).sort(*key), names


def _gdp(options: DemandResidual, coded: Coded, names: pl.Series) -> pl.DataFrame:
    import polars as pl

    table = read_side_table(options.gdp, "gdp")
    if "gdp" not in table.columns and "real_gdp" in table.columns:  # its name in the canonical table
        table = table.rename({"real_gdp": "gdp"})
    require(table, ["region", "year", "gdp"], "gdp")
    table = text(numbers(table, ["year", "gdp"], "gdp"), ["region"]).select("region", "year", "gdp").drop_nulls()
    bad = table.filter(pl.col("gdp") <= 0)
    if bad.height:
        raise OutOfRange("gdp not positive", example=str(bad.row(0)), remedy="correct or leave out the rows")
    _unique(table, ["region", "year"], "gdp")
    regions = pl.DataFrame({"region": names}).with_columns(code=pl.int_range(pl.len(), dtype=pl.Int64))
    year = pl.col("year").cast(pl.Int64) - coded.first_year
    return (
        table.join(regions, on="region")
        .select(pl.col("code").alias("region"), t=year, gdp=pl.col("gdp").log())
        .sort("region", "t")
    )


def _unique(table: pl.DataFrame, key: list[str], option: str) -> None:
    import polars as pl

    twice = table.filter(pl.len().over(key) > 1).sort(key)
    if twice.height:
        raise DuplicateKeys(
            f"the table given as {option} has more than one row for the same {', '.join(key)}",
            example=str(twice.row(0)),
            remedy="keep one row per key",
        )
