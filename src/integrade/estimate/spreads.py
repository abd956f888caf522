"""Summarise, in a few numbers kept with the fit, the distribution of a regressor whose square is in the formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from integrade.estimate.results import Spread
from integrade.regress.effects import Codes, Factor, Vector, combine

POINTS = 2_001  # points of a stored distribution: shares are then precise to 0.05%; a convention


def spread(table: pl.DataFrame, variable: str) -> Spread:
    """Return the distribution of a variable over the estimation sample, by year and region if present."""
    groups = [c for c in ("year", "region") if c in table.columns and c != variable]
    counted = table.group_by(pl.col(variable).cast(pl.Float64), *groups).len()
    return _spread_of(counted, variable, groups)


def spread_of_cells(
    variable: str, values: Vector, groups: Mapping[str, Factor], named: Callable[[str, Codes], pl.Series]
) -> Spread | None:
    """Return the spread of ``values`` (n,) of a variable; None unless it is constant within each region and year.

    ``groups`` are groupings of the rows by year and region. Without both, None is returned. ``named`` returns the
    values of the column of years or regions at given rows.
    """
    if len(groups) < 2:
        return None
    cell = combine("cell", list(groups.values()))
    row = np.empty(cell.levels, dtype=np.intp)  # one row of each cell
    row[cell.codes] = np.arange(len(values))
    if (values[row][cell.codes] != values).any():
        return None
    names = {c: named(c, row) for c in groups}
    counted = pl.DataFrame({variable: values[row], **names, "len": np.bincount(cell.codes)})
    return _spread_of(counted, variable, list(groups))


def _spread_of(counted: pl.DataFrame, variable: str, groups: Sequence[str]) -> Spread:
    """Return the spread from the counts of values by group."""
    counted = counted.sort(variable, *groups)
    values, counts = _merged(counted[variable].to_numpy(), counted["len"].to_numpy())
    exact = len(values) <= POINTS
    low, high = float(values[0]), float(values[-1])
    thin_values, thin_counts = (values, counts) if exact else _thinned(values, counts)
    return Spread(
        variable,
        low,
        high,
        thin_values,
        thin_counts,
        exact,
        by_year=_by(counted, variable, "year") if "year" in groups else {},
        by_region=_by(counted, variable, "region") if "region" in groups else {},
    )


def _by(counted: pl.DataFrame, variable: str, group: str) -> dict[str, tuple[Vector, Vector]]:
    """Return the pair (values, counts) for each level, in sorted order. Missing levels are left out."""
    ordered = counted.drop_nulls(group).sort(group, variable)
    levels, numbers, weights = ordered[group], ordered[variable].to_numpy(), ordered["len"].to_numpy()
    starts = np.flatnonzero((levels != levels.shift()).fill_null(value=True).to_numpy())
    by_level: dict[str, tuple[Vector, Vector]] = {}
    ends = [*starts[1:], len(numbers)][: len(starts)]  # empty if every level is missing
    for start, end, level in zip(starts, ends, levels.gather(starts).to_list(), strict=True):
        values, counts = _merged(numbers[start:end], weights[start:end])
        by_level[str(level)] = (values, counts) if len(values) <= POINTS else _thinned(values, counts)
    return by_level


def _merged(values: Vector, counts: Vector) -> tuple[Vector, Vector]:
    """Return distinct values of a sorted vector with their total counts."""
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    return values[starts], np.add.reduceat(counts.astype(np.float64), starts)


def _thinned(values: Vector, counts: Vector) -> tuple[Vector, Vector]:
    """Return at most 2,001 points: the extremes, and one value for each of 1,999 runs of nearly equal counts."""
    middle = (np.cumsum(counts) - counts / 2) / counts.sum()
    run = np.minimum((middle * (POINTS - 2)).astype(np.intp), POINTS - 3) + 1
    run[0], run[-1] = 0, POINTS - 1
    starts = np.flatnonzero(np.r_[True, run[1:] != run[:-1]])
    ends = np.r_[starts[1:], len(values)]
    return values[(starts + ends - 1) // 2], np.add.reduceat(counts, starts)
