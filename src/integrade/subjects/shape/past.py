"""Compute the shares of rows, firms and regions past the turning point, by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from integrade.engine.exact import average_of
from integrade.engine.frames import collect, enter
from integrade.errors import UnknownColumn, did_you_mean
from integrade.estimate.inverted_u import UTest

__all__ = ["PastShare", "shares_past"]


@dataclass(frozen=True)
class PastShare:
    """One year (or ``all``): numbers of rows, firms and regions, and the share of each that is past the turning point.

    A firm or a region is past in a year if the mean of its rows of that year is past. Over all years, a firm or a
    region is past if the mean of its yearly means is past. ``share_units`` is missing if the panel has no column of
    firms.
    """

    year: str
    rows: int
    share_rows: float
    units: int
    share_units: float | None
    regions: int
    share_regions: float


def shares_past(
    panel: Any, test: UTest, *, unit: str = "firm", region: str = "region", year: str = "year"
) -> tuple[PastShare, ...]:
    """Return the shares past the turning point of a U-test, first over all years, then for each year.

    Formula: share of rows with x > x*; share of firms, and of regions, whose mean x of the year is above x*. Over all
        years, the mean of the yearly means counts, so that each year counts once.
    Missing values: rows without the variable, the year or the region are left out.

    Args:
        panel: the rows of the regression: the estimation sample.
        test: a U-test of the variable; its turning point is used.
        unit: the column of firms; optional. region, year: the columns of regions and of years.

    Raises:
        UnknownColumn: the panel lacks the variable, the region or the year.

    Example:
        >>> shares_past(panel, u_test(base, "market"))[0].share_regions  # doctest: +SKIP
    """
    frame = enter(panel)
    names = frame.collect_schema().names()
    for column in (test.variable, region, year):
        if column not in names:
            raise UnknownColumn(f"no column {column!r} in the panel", remedy=did_you_mean(column, names))
    keys = [unit, region] if unit in names else [region]
    wanted = dict.fromkeys([test.variable, region, year, *keys])
    rows = collect(frame.select(*wanted)).drop_nulls([test.variable, region, year])
    rows = rows.with_columns(pl.col(test.variable).cast(pl.Float64)).filter(pl.col(test.variable).is_finite())
    years = [rows.filter(pl.col(year) == y) for y in rows[year].unique().sort().to_list()]
    parts = [("all", rows), *((str(part[year][0]), part) for part in years)] if rows.height else []
    past = pl.col(test.variable) > test.turning_point
    mean = average_of(pl.col(test.variable)).alias(test.variable)
    shares = []
    for name, part in parts:
        counts = dict[str, tuple[int, float]]()
        for key in keys:
            yearly = part.drop_nulls(key).group_by(key, year).agg(mean).sort(key, year)
            means = yearly.group_by(key).agg(mean).sort(key)
            counts[key] = means.height, float(means.select(past.mean()).item())
        of_rows = float(part.select(past.mean()).item())
        units, share_units = counts.get(unit, (0, None))
        regions, share_regions = counts[region]
        shares.append(PastShare(name, part.height, of_rows, units, share_units, regions, share_regions))
    return tuple(shares)
