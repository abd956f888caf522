"""Read the regions of firms and the size of their home market, which is the control for variety of METHODS 3.2b."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from integrade.errors import Coverage, DuplicateKeys, OutOfRange, UsageError, option
from integrade.quality.arranged import Arranged
from integrade.quality.options import DemandResidual
from integrade.quality.segments import Vector
from integrade.quality.side_tables import numbers, read_side_table, require, text
from plainwords.account import Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

    from integrade.quality.parts import Parts

STEP = "quality"


@dataclass(frozen=True)
class Home:
    """The region of each firm f (by year t if the file has years; -1 if unknown), and ln GDP by region and year.

    Shapes (F, T) or (F, 1), and (regions + 1, T), whose last row is of unknown regions; unknown GDP is NaN.
    """

    regions: NDArray[np.int32]
    gdp: Vector | None

    @property
    def n_regions(self) -> int:
        """The number of regions."""
        return int(self.regions.max(initial=-1)) + 1

    def region(self, rows: Arranged, at: slice) -> NDArray[np.int32]:
        """Return the region of the firm of each row ``at``; -1 if it is unknown."""
        year = rows.letter("t", at) if self.regions.shape[1] > 1 else 0
        return np.asarray(self.regions[rows.letter("f", at), year])

    def ln_gdp(self, rows: Arranged, at: slice) -> Vector:
        """Return ln GDP of the region and year of each row ``at``; NaN if the firm or its region-year is unknown."""
        assert self.gdp is not None
        return np.asarray(self.gdp[self.region(rows, at), rows.letter("t", at)])


def read_home(options: DemandResidual, rows: Arranged | Parts) -> tuple[Home | None, list[Entry]]:
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
    if "f" not in rows.levels:
        raise UsageError(
            "firm_region is by firm, but the customs table has no column firm",
            remedy=f"leave {option('firm_region')} out",
        )
    assert isinstance(rows, Arranged), "`in_parts` asks for no region"
    where, names = _regions(options, rows)
    gdp = None if options.gdp is None else _gdp(options, rows, names)
    home = Home(where, gdp)
    pieces = list(rows.pieces())
    unknown = (home.region(rows, at) < 0 if gdp is None else np.isnan(home.ln_gdp(rows, at)) for at in pieces)
    lost, n = sum(int(here.sum()) for here in unknown), rows.n
    what = say("quality.no-region-of-firm" if gdp is None else "quality.no-gdp-of-firm")
    if lost == n:
        raise Coverage(
            f"{what} in any row of customs",
            example=f"firm {rows.levels['f']['firm'][0]}",
            remedy="firm_region must name the firms of customs, gdp their regions and years",
        )
    return home, [
        Entry(STEP, "customs", "note", say("quality.n-rows-of", what=what, n=int(lost)), int(lost))
    ] if lost else []


def _regions(options: DemandResidual, rows: Arranged) -> tuple[NDArray[np.int32], pl.Series]:
    import polars as pl

    table = read_side_table(options.firm_region, "firm_region")
    require(table, ["firm", "region"], "firm_region")
    yearly = ["year"] if "year" in table.columns else []
    table = text(numbers(table, yearly, "firm_region"), ["firm", "region"]).select("firm", *yearly, "region")
    table = table.drop_nulls().unique()
    _unique(table, ["firm", *yearly], "firm_region")
    names = table["region"].unique().sort()
    firms = rows.levels["f"].with_columns(f=pl.int_range(pl.len(), dtype=pl.Int64))
    regions = pl.DataFrame({"region": names}).with_columns(code=pl.int_range(pl.len(), dtype=pl.Int64))
    joined = table.join(firms, on="firm").join(regions, on="region")
    out = np.full((firms.height, rows.years if yearly else 1), -1, dtype=np.int32)
    year = pl.col("year").cast(pl.Int64) - rows.first_year if yearly else pl.lit(0)
    keyed = joined.select("f", "code", t=year).filter(pl.col("t").is_between(0, out.shape[1] - 1))
    out[keyed["f"], keyed["t"]] = keyed["code"]
    return out, names


def _gdp(options: DemandResidual, rows: Arranged, names: pl.Series) -> Vector:
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
    keyed = table.join(regions, on="region").select("code", "gdp", t=pl.col("year").cast(pl.Int64) - rows.first_year)
    keyed = keyed.filter(pl.col("t").is_between(0, rows.years - 1))
    out = np.full((len(names) + 1, rows.years), np.nan)
    out[keyed["code"], keyed["t"]] = keyed["gdp"].log()
    return out


def _unique(table: pl.DataFrame, key: list[str], option: str) -> None:
    import polars as pl

    twice = table.filter(pl.len().over(key) > 1).sort(key)
    if twice.height:
        raise DuplicateKeys(
            f"the table given as {option} has more than one row for the same {', '.join(key)}",
            example=str(twice.row(0)),
            remedy="keep one row per key",
        )
