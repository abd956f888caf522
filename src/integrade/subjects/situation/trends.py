"""Compute quality by group and year, and the most and least segmented regions of each year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from integrade.engine.exact import average_of, total_of
from integrade.engine.frames import collect, enter
from integrade.errors import EmptyTable, NotANumber, UnknownColumn, did_you_mean
from integrade.records import tidied
from integrade.wording.sheet import Sheet, number, shown


@dataclass(frozen=True)
class GroupYear:
    """One group in one year: number of rows, mean with standard error, median, and mean weighted by value.

    The standard error is clustered by region; it is missing with fewer than two regions. ``regions`` is the number of
    clusters; t has ``regions - 1`` degrees of freedom. The weighted mean is missing without a column of weights.
    """

    by: str
    group: str
    year: int
    n: int
    mean: float
    std_error: float | None
    median: float
    weighted: float | None
    regions: int | None = None


@dataclass(frozen=True)
class GroupChange:
    """The change of a group's mean from the first to the last year, for all units and for those in both years.

    ``regions`` is the number of clusters of the standard error; t has ``regions - 1`` degrees of freedom. The number is
    missing if there is no standard error.
    """

    by: str
    group: str
    first: int
    last: int
    n_first: int
    n_last: int
    change: float
    std_error: float | None
    n_stayers: int
    change_stayers: float | None
    regions: int | None = None


@shown
@dataclass(frozen=True)
class Trends:
    """The mean of a column by group and year, and its change, for each split.

    ``weight`` names the column of weights; it is missing if there is none.
    """

    outcome: str
    weight: str | None
    points: tuple[GroupYear, ...]
    changes: tuple[GroupChange, ...]

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the changes as text."""
        head = ("", "n", "first", "last", "change", "s.e.", "stayers", "their change")
        means = {(p.by, p.group, p.year): p.mean for p in self.points}
        rows = tuple(
            (
                f"{c.by}: {c.group}" if c.by else c.group,
                f"{c.n_first:,} to {c.n_last:,}",
                number(means[c.by, c.group, c.first]),
                number(means[c.by, c.group, c.last]),
                number(c.change),
                number(c.std_error),
                f"{c.n_stayers:,}",
                number(c.change_stayers),
            )
            for c in self.changes
        )
        return Sheet(f"Trends of {self.outcome}", head, rows, ("standard errors clustered by region",))


def group_trends(
    panel: Any, outcome: str = "quality", by: Sequence[str] = (), *, weight: str | None = "value", unit: str = "firm"
) -> Trends:
    """Compute the mean of ``outcome`` in each year, over all rows and for the groups of each column in ``by``.

    Formula: mean_gt = sum y_it / n_gt; se = sqrt(G/(G-1) sum_r (sum_{i in r} (y_it - mean_gt))^2) / n_gt over the G
        regions; the error of the change from first to last year adds the regions' contributions in both years before
        squaring, because a region's errors persist. Stayers: units with a value in both years.
    Missing values: rows without the outcome, the year or the group are left out of that split.
    Returns: `Trends`; all rows first (``by`` is empty, group is "all").

    Args:
        panel: rows by unit and year.
        outcome: a numeric column.
        by: columns of groups, each a separate split.
        weight: column of weights; not used if the panel lacks it.
        unit: column of firms, for stayers; optional.

    Raises:
        UnknownColumn, NotANumber, EmptyTable.

    Example:
        >>> group_trends(panel, "quality", ["ownership"])  # doctest: +SKIP
    """
    frame = enter(panel)
    schema = frame.collect_schema()
    for name in (outcome, "year", *by):
        if name not in schema:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, schema.names()))
    if not schema[outcome].is_numeric():
        raise NotANumber(
            f"column {outcome!r} is {schema[outcome]}, not a number", remedy="convert it, or name another outcome"
        )
    heavy = weight if weight is not None and weight in schema else None
    wanted = dict.fromkeys([outcome, "year", *by, *(c for c in (heavy, unit, "region") if c and c in schema)])
    rows = collect(frame.select(*wanted)).with_columns(pl.col(outcome).cast(pl.Float64))
    rows = rows.filter(pl.col(outcome).is_finite()).drop_nulls([outcome, "year"])
    if not rows.height:
        raise EmptyTable(f"no value of {outcome!r} in the panel", remedy="fill it, or name another outcome")
    points, changes = list[GroupYear](), list[GroupChange]()
    for column in ("", *by):
        whole = (
            rows.with_columns(pl.lit("all").alias("group"))
            if not column
            else rows.drop_nulls(column).with_columns(pl.col(column).cast(pl.String).alias("group"))
        )
        for part in whole.sort("group").partition_by("group", maintain_order=True):
            of_group, change = _group(column, part, outcome, heavy, unit if unit in wanted else None)
            points += of_group
            changes += [change] if change is not None else []
    return Trends(outcome, heavy, tuple(points), tuple(changes))


def _group(
    by: str, rows: pl.DataFrame, outcome: str, weight: str | None, unit: str | None
) -> tuple[list[GroupYear], GroupChange | None]:
    """Return the points of one group, and its change from the first to the last year (None with a single year)."""
    group = str(rows["group"][0])
    years = list(rows.sort("year").partition_by("year", maintain_order=True))
    points = list[GroupYear]()
    for part in years:
        y, weighted = part[outcome], None
        if weight is not None:
            known = part.drop_nulls(weight).filter(pl.col(weight) > 0)
            total = float(known[weight].sum())
            weighted = float((known[outcome] * known[weight]).sum()) / total if total > 0 else None
        mean, median = float(y.mean()), float(y.median())  # type: ignore[arg-type]
        error, regions = _error([(part, 1.0)], outcome)
        clusters = None if error is None else regions
        points.append(GroupYear(by, group, int(part["year"][0]), part.height, mean, error, median, weighted, clusters))
    if len(years) < 2:
        return points, None
    a, b = years[0], years[-1]
    stayers, moved = 0, None
    if unit is not None:
        of_unit = average_of(pl.col(outcome)).alias(outcome)
        both = a.group_by(unit).agg(of_unit).join(b.group_by(unit).agg(of_unit), on=unit, suffix="_last")
        stayers = both.height
        of_stayers = both.select(average_of(pl.col(f"{outcome}_last") - pl.col(outcome))).item()
        moved = float(of_stayers) if stayers else None
    error, regions = _error([(a, -1.0), (b, 1.0)], outcome)
    change = GroupChange(
        by,
        group,
        points[0].year,
        points[-1].year,
        points[0].n,
        points[-1].n,
        points[-1].mean - points[0].mean,
        error,
        stayers,
        moved,
        None if error is None else regions,
    )
    return points, change


def _error(parts: Sequence[tuple[pl.DataFrame, float]], outcome: str) -> tuple[float | None, int]:
    """Return the standard error of the signed sum of the parts' means, and the number of regions.

    The error is clustered by region. It is None without a column of regions, or with fewer than two regions.
    """
    if any("region" not in rows.columns for rows, _ in parts):
        return None, 0
    scores = pl.concat(
        rows.select("region", score=(pl.col(outcome) - average_of(pl.col(outcome))) * (sign / rows.height))
        for rows, sign in parts
    )
    sums = scores.group_by("region").agg(score=total_of(pl.col("score"))).sort("region")["score"]
    regions = len(sums)
    return math.sqrt(regions / (regions - 1) * float((sums**2).sum())) if regions > 1 else None, regions


@dataclass(frozen=True)
class Placed:
    """A region with its value and rank in a year, and its rank in the year before (missing in the first year)."""

    region: str
    value: float
    rank: int
    rank_before: int | None


@shown
@dataclass(frozen=True)
class YearExtremes:
    """The most and the least segmented regions of one year, and the rank correlation with the year before.

    ``rank_correlation`` is Spearman's correlation with the ranks of the year before. Rank 1 is the most segmented (or
    least integrated) region.
    """

    year: int
    most: tuple[Placed, ...]
    least: tuple[Placed, ...]
    regions: int
    rank_correlation: float | None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return one row per region, the most segmented first."""
        head = ("region", "value", "rank", "a year earlier")
        rows = tuple(
            (p.region, number(p.value), str(p.rank), "" if p.rank_before is None else str(p.rank_before))
            for p in (*self.most, *reversed(self.least))
        )
        line = f"{self.regions:,} regions; rank correlation with the year before {number(self.rank_correlation, 3)}"
        return Sheet(f"Most and least segmented regions, {self.year}", head, rows, (line,))


def extremes(index: Any, n: int = 5) -> tuple[YearExtremes, ...]:
    """Return the ``n`` most and ``n`` least segmented regions of each year, with their ranks a year earlier.

    Ranks are among the regions with a value in that year; ties share the smaller rank and are ordered by name. If the
    index has no segmentation, rank 1 is the least integrated region. With fewer than 2n regions each list has at most
    half of them, so that no region is in both; a single region is in both. Raises `EmptyTable` for an index without a
    value.

    Example:
        >>> extremes(index)[-1].most[0].region  # doctest: +SKIP
    """
    frame = enter(index)
    names = frame.collect_schema().names()
    value = "segmentation" if "segmentation" in names else "integration"
    rows = collect(frame.select("region", "year", value)).drop_nulls().filter(pl.col(value).is_finite())
    if not rows.height:
        raise EmptyTable("the index has no value to rank", remedy="give an index with values: see its account")
    rows = rows.group_by("region", "year").agg(average_of(pl.col(value)).alias(value)).sort("year", "region")
    rows = rows.with_columns(pl.col(value).rank("min", descending=value == "segmentation").over("year").alias("rank"))
    by_year, before = list[YearExtremes](), dict[str, int]()
    for part in rows.partition_by("year", maintain_order=True):
        placed = [
            Placed(str(region), float(v), int(rank), before.get(str(region)))
            for region, v, rank in part.sort("rank", "region").select("region", value, "rank").iter_rows()
        ]
        many = min(n, len(placed) // 2) or len(placed)
        by_year.append(
            YearExtremes(
                int(part["year"][0]),
                tuple(placed[:many]),
                tuple(placed[len(placed) - many :]),
                len(placed),
                _spearman(placed),
            )
        )
        before = {p.region: p.rank for p in placed}
    return tuple(by_year)


def _spearman(placed: Sequence[Placed]) -> float | None:
    """Return the rank correlation with the year before, over the regions present in both years.

    Returns None for fewer than three regions, or if all ranks of a year are equal.
    """
    both = pl.DataFrame(
        [(float(p.rank), float(p.rank_before)) for p in placed if p.rank_before is not None],
        schema=["now", "before"],
        orient="row",
    )
    if both.height < 3:
        return None
    r = both.select(pl.corr(pl.col("now").rank("average"), pl.col("before").rank("average"))).item()
    return float(r) if r is not None and math.isfinite(r) else None
