"""Compute quantiles of a column by group and year. They are weighted if a column of weights is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from integrade.engine.frames import collect, enter
from integrade.errors import EmptyTable, NotANumber, UnknownColumn, did_you_mean
from integrade.records import tidied
from integrade.regress.quantiles import weighted_quantiles
from integrade.wording.sheet import Sheet, number, shown

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class GroupQuantiles:
    """The quantiles of one group in one year, over ``n`` rows."""

    group: str
    year: int
    n: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


@shown
@dataclass(frozen=True)
class Distributions:
    """Quantiles of a column by group and year. ``by`` and the group are empty if the panel is not split.

    ``n_missing`` is the number of rows without the outcome, the year, the group, or a weight above zero.
    """

    outcome: str
    by: str
    weight: str
    points: tuple[GroupQuantiles, ...]
    n: int
    n_missing: int

    def tidy(self) -> pl.DataFrame:
        """Return one row per group and year (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return one row per group and year."""
        head = ("group", "year", "n", "p10", "p25", "median", "p75", "p90")
        rows = tuple(
            (p.group, str(p.year), f"{p.n:,}", *map(number, (p.p10, p.p25, p.p50, p.p75, p.p90))) for p in self.points
        )
        weighted = f", weighted by {self.weight}" if self.weight else ""
        missing = f"; {self.n_missing:,} rows with a missing value left out" if self.n_missing else ""
        return Sheet(f"{self.outcome}: quantiles{weighted}", head, rows, (f"n = {self.n:,}{missing}",))


def distributions(
    panel: Any, outcome: str = "quality", by: str | None = None, *, weight: str | None = None, year: str = "year"
) -> Distributions:
    """Compute the 10th, 25th, 50th, 75th and 90th percentile of a column in each group and year.

    Formula: the q quantile is the smallest value at which the cumulated weight reaches q of the total. If the cumulated
        weight equals q of the total there, the quantile is the mean of this value and the next (Stata's ``_pctile``;
        without weights every row weighs one).
    Missing values: rows without the outcome (or not finite), the year, the group or a weight above zero are left out
        and counted in ``n_missing``.

    Args:
        panel: rows by unit and year.
        outcome: a numeric column.
        by: a column of groups; by default the whole panel is one group.
        weight: a column of weights.
        year: the column of periods, whole numbers.

    Returns:
        One `Distributions`, by group and then year.

    Raises:
        UnknownColumn, NotANumber, EmptyTable.

    Example:
        >>> distributions(panel, "quality", "ownership", weight="value")  # doctest: +SKIP
    """
    frame = enter(panel)
    schema = frame.collect_schema()
    columns = list(dict.fromkeys(c for c in (outcome, year, by, weight) if c))
    for name in columns:
        if name not in schema:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, schema.names()))
    for name in dict.fromkeys(c for c in (outcome, year, weight) if c):
        if not schema[name].is_numeric():
            raise NotANumber(f"column {name!r} is {schema[name]}, not a number", remedy="convert it, or name another")
    key = pl.lit("")
    if by:  # groups keep their type, so that numbers sort by value; NaN is not a group
        kind, group = schema[by], pl.col(by)
        key = group.fill_nan(None) if kind.is_float() else group if kind.is_numeric() else group.cast(pl.String)
    whole = collect(frame.select(columns)).select(
        y=pl.col(outcome).cast(pl.Float64),
        year=pl.col(year).cast(pl.Float64),
        key=key,
        w=pl.col(weight).cast(pl.Float64) if weight else pl.lit(1.0),
    )
    rows = whole.drop_nulls().filter(
        pl.col("y").is_finite() & pl.col("year").is_finite() & pl.col("w").is_finite() & (pl.col("w") > 0)
    )
    if not rows.height:
        raise EmptyTable(f"no value of {outcome!r} in the panel", remedy="fill it, or name another column")
    points = []
    for part in rows.sort("key", "year", "y").partition_by("key", "year"):
        quantiles = weighted_quantiles(part["y"].to_numpy(), part["w"].to_numpy(), SHARES)
        name = str(part["key"].cast(pl.String)[0])
        points.append(GroupQuantiles(name, int(part["year"][0]), part.height, *quantiles))
    return Distributions(outcome, by or "", weight or "", tuple(points), rows.height, whole.height - rows.height)
