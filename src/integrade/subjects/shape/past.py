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

    A firm or a region is past in a year if the mean of its rows of that year is past. Over all years it is past if the
    mean of its yearly means is past; each year counts once. ``share_units`` is missing if the panel has no column of
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

    Formula: share of rows with x > x*; of firms, and of regions, whose mean x of the year is (over all years: whose
        mean over their years is, with the mean x of each year counting once, however many rows it has).
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
    wanted = [test.variable, region, year, *([unit] if unit in names else [])]
    rows = collect(frame.select(*dict.fromkeys(wanted))).drop_nulls([test.variable, region, year])
    rows = rows.with_columns(pl.col(test.variable).cast(pl.Float64)).filter(pl.col(test.variable).is_finite())
    years = [rows.filter(pl.col(year) == y) for y in rows[year].unique().sort().to_list()]
    parts = [("all", rows), *((str(part[year][0]), part) for part in years)] if rows.height else []
    return tuple(_share(name, part, test, (unit if unit in names else "", region), year) for name, part in parts)


def _share(name: str, rows: pl.DataFrame, test: UTest, keys: tuple[str, str], year: str) -> PastShare:
    """Return the shares of some rows. ``keys`` are the columns of firms (empty if there is none) and of regions."""
    past = pl.col(test.variable) > test.turning_point
    mean = average_of(pl.col(test.variable)).alias(test.variable)
    yearly = [rows.drop_nulls(k).group_by(k, year).agg(mean).sort(k, year) if k else None for k in keys]
    means = [None if y is None else y.group_by(k).agg(mean).sort(k) for k, y in zip(keys, yearly, strict=True)]
    counts = [(0, None) if m is None else (m.height, float(m.select(past.mean()).item())) for m in means]
    (units, share_units), (regions, share_regions) = counts
    return PastShare(
        name, rows.height, float(rows.select(past.mean()).item()), units, share_units, regions, share_regions or 0.0
    )
