"""Compare measures of integration: whether they rank regions and years in the same way.

The comparison shows how far results depend on the choice of the measure.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from integrade.engine.exact import average_of
from integrade.engine.frames import collect, enter
from integrade.errors import (
    Coverage,
    MissingColumn,
    TooFew,
    UnknownName,
    UsageError,
    counted,
    did_you_mean,
    mapped_as,
    option,
    used_as,
)
from integrade.integration.transforms import Vector
from integrade.wording.sheet import Sheet, shown

LEAST = 4  # fewer common regions are refused; a correlation over fewer regions or years is missing; a convention


@dataclass(frozen=True)
class Compared:
    """One measure: the cells that have values, its national mean in the first and the last year, and its trend.

    ``trend`` is the slope of the national mean over years, in standard deviations of that series per decade. It is
    missing for a measure without years or with fewer than three years.
    """

    name: str
    n_regions: int
    first_year: int | None
    last_year: int | None
    n_cells: int
    first: float | None
    last: float | None
    trend: float | None


@dataclass(frozen=True)
class Agreement:
    """Agreement of two measures, over the region-years that both have.

    ``spearman`` and ``kendall`` (tau-b) are pooled over region-years. Fields ending in ``_within`` are means over years
    of the correlation between regions within a year. Fields ending in ``_regions`` are correlations between the
    averages of regions over years; a measure without years has no others. ``over_time`` is the correlation of the
    two national means over years, missing for fewer than four common years. ``same_trend`` is true if both national
    means rise or both fall, and missing for fewer than three common years. Years with fewer than four common regions do
    not enter the means over years. A correlation is missing if a measure does not vary. ``chance`` is
    1.96 / sqrt(n - 1). Two unrelated orders of n regions have a larger absolute correlation in 5% of cases.
    """

    a: str
    b: str
    n_cells: int
    n_regions: int
    n_years: int
    spearman: float | None
    kendall: float | None
    spearman_within: float | None
    kendall_within: float | None
    spearman_regions: float | None
    kendall_regions: float | None
    over_time: float | None
    same_trend: bool | None
    chance: float


@dataclass(frozen=True)
class YearAgreement:
    """Rank correlations of two measures between the regions of one year."""

    a: str
    b: str
    year: int
    n_regions: int
    spearman: float | None
    kendall: float | None


@dataclass(frozen=True)
class NationPoint:
    """Mean of a measure over regions in one year.

    ``standardised`` is its distance from the mean over years, in standard deviations.
    """

    name: str
    year: int
    mean: float
    standardised: float | None


@shown
@dataclass(frozen=True)
class Comparison:
    """Comparison of several measures of integration, with one `Agreement` per pair of measures in the given order."""

    measures: tuple[Compared, ...]
    agreements: tuple[Agreement, ...]
    by_year: tuple[YearAgreement, ...]
    nation: tuple[NationPoint, ...]

    def tidy(self) -> pl.DataFrame:
        """Return one row per pair of measures with its rank correlations."""
        return pl.DataFrame([asdict(a) for a in self.agreements])

    def glance(self) -> pl.DataFrame:
        """Return the number of measures and of pairs, in one row."""
        return pl.DataFrame({"n_measures": [len(self.measures)], "n_pairs": [len(self.agreements)]})

    def sheet(self) -> Sheet:
        """Return a sheet with one line per pair of measures, and notes on how to read the correlations."""
        heads = ("", "within years", "pooled", "region averages", "over time", "same trend")
        fewest, most = (pick(a.n_regions for a in self.agreements) for pick in (min, max))
        chance = " to ".join(dict.fromkeys(f"{by_chance(n):.2f} ({n} regions)" for n in (most, fewest)))
        lines = (
            "Rank correlations, Spearman (Kendall), of integration between regions; over time: correlation of national "
            "means.",
            f"The correlation of two unrelated rankings of the regions exceeds {chance} in 5% of cases.",
        )
        title = f"{len(self.measures)} measures of integration"
        return Sheet(title, heads, tuple(_words(a) for a in self.agreements), lines)


class _Cells(NamedTuple):
    """Region, year and value of one measure, sorted; ``dated`` is false if the years are placeholders."""

    rows: pl.DataFrame
    dated: bool


def compare_measures(
    tables: Mapping[str, Any], *, columns: Mapping[str, str] | None = None, reverse: Sequence[str] = ()
) -> Comparison:
    """Compare measures of integration over the regions and years that they share.

    Args:
        tables: for each name of a measure, its table: any frame with region, (year,) (month,) and integration. Months
            are averaged within the year. A table without a year has one value per region; it is compared with other
            measures only by averages of regions over years.
        columns: for each name of a measure, the column with its values, if that is not ``integration``.
        reverse: measures that are high where markets are segmented; the sign of their values is changed.

    Missing values:
        Rows without region, year or value are left out; two measures are compared over the cells that both have.

    Returns:
        A `Comparison`: rank correlations (Spearman, Kendall's tau-b) within years, pooled, and between the averages of
        regions; correlation of the national means over time; signs of trends. ``print`` and notebooks show it.

    Raises:
        TooFew: fewer than two measures. MissingColumn, UnknownName: columns or names that do not exist.
        Coverage: two measures have fewer than four regions in common. UsageError: more than one row per region and
        period.

    Example:
        >>> import polars as pl
        >>> a = pl.DataFrame({"region": list("ABCDE") * 2, "year": [2004] * 5 + [2005] * 5,
        ...                   "integration": [1.0, 2, 3, 4, 5, 2, 3, 4, 5, 6]})
        >>> b = a.with_columns(integration=pl.col("integration") ** 3)
        >>> compare_measures({"a": a, "b": b}).agreements[0].spearman_within
        1.0
    """
    chosen = columns or {}
    for name in (*chosen, *reverse):
        if name not in tables:
            raise UnknownName(f"no measure {name!r} to compare", remedy=did_you_mean(name, tables))
    if len(tables) < 2:
        raise TooFew(
            f"{counted(len(tables), 'measure')}: a comparison needs two", remedy="give the table of another measure too"
        )
    cells = {name: _read(name, t, chosen.get(name, "integration")) for name, t in tables.items()}
    for name in reverse:
        turned = cells[name].rows.with_columns(value=-cells[name].rows["value"])
        cells[name] = cells[name]._replace(rows=turned)
    joined = [(a, b, _common(cells[a], cells[b])) for a, b in itertools.combinations(tables, 2)]
    agreements = tuple(_agreement(a, b, both) for a, b, both in joined)
    by_year = tuple(y for a, b, both in joined if both.dated for y in _by_year(a, b, both.rows))
    measures = tuple(_compared(name, c) for name, c in cells.items())
    nation = tuple(p for name, c in cells.items() if c.dated for p in _nation(name, c.rows))
    return Comparison(measures, agreements, by_year, nation)


def by_chance(n_regions: int) -> float:
    """Return the rank correlation that unrelated orders of ``n_regions`` exceed in absolute value in 5% of cases."""
    return float(1.96 / np.sqrt(n_regions - 1))


def _read(name: str, table: Any, column: str) -> _Cells:
    """Read a measure: average months within the year, and drop NaN and infinite values."""
    frame = enter(table)
    present = frame.collect_schema().names()
    for needed in ("region", column):
        if needed not in present:
            raise MissingColumn(
                f"column {needed!r} is missing from measure {name!r}",
                remedy=(f"map it with {mapped_as('region')}; " if needed == "region" else f"give {used_as(name)}; ")
                + did_you_mean(needed, present),
            )
    time = [c for c in ("year", "month") if c in present]
    rows = collect(
        frame.select(nw.col("region").cast(nw.String), *time, nw.col(column).cast(nw.Float64).alias("value"))
    )
    rows = rows.filter(pl.col("value").is_finite()).drop_nulls(["region", *time])
    twice = rows.filter(rows.select("region", *time).is_duplicated()).sort("region", *time)
    if twice.height:
        shown = ", ".join(f"{c}={v}" for c, v in twice.select("region", *time).row(0, named=True).items())
        raise UsageError(
            f"measure {name!r} has more than one row per {', '.join(['region', *time])}",
            example=shown,
            remedy=f"give a table by region and year: {option('level', 'region')} where the measure has levels",
        )
    dated = "year" in time
    rows = rows.sort("region", *time).with_columns(year=pl.col("year").cast(pl.Int64) if dated else pl.lit(0))
    yearly = rows.group_by("region", "year", maintain_order=True).agg(value=average_of(pl.col("value")))
    return _Cells(yearly.sort("region", "year"), dated)


def _common(a: _Cells, b: _Cells) -> _Cells:
    """Return region, year, x and y for the cells that both measures have.

    If one measure has no years, x and y are averages of regions over years.
    """
    x, y = (c.rows.rename({"value": v}) for c, v in ((a, "x"), (b, "y")))
    if not (a.dated and b.dated):
        x, y = (
            t.group_by("region", maintain_order=True).agg(average_of(pl.col(v)).alias(v), year=pl.lit(0))
            for t, v in ((x, "x"), (y, "y"))
        )
    rows = x.join(y, on=["region", "year"], how="inner").sort("region", "year")
    return _Cells(rows.select("region", "year", "x", "y"), a.dated and b.dated)


def _agreement(a: str, b: str, both: _Cells) -> Agreement:
    n_regions = both.rows["region"].n_unique()
    if n_regions < LEAST:
        raise Coverage(
            f"{a!r} and {b!r} share {n_regions} regions in the same years, and a comparison needs {LEAST}",
            remedy="write region names the same way in all files, and give years that overlap",
        )
    means = {name: average_of(pl.col(name)) for name in ("x", "y")}
    averages = both.rows.group_by("region", maintain_order=True).agg(**means)
    regions = _ranks(averages)
    if not both.dated:
        empty = dict.fromkeys(("spearman", "kendall", "spearman_within", "kendall_within", "over_time", "same_trend"))
        return Agreement(
            a,
            b,
            both.rows.height,
            n_regions,
            0,
            spearman_regions=regions[0],
            kendall_regions=regions[1],
            chance=by_chance(n_regions),
            **empty,
        )
    each = [y for y in _by_year(a, b, both.rows) if y.spearman is not None]
    pooled = _ranks(both.rows)
    nation = both.rows.sort("year").group_by("year", maintain_order=True).agg(**means)
    x, y, years = (nation[c].to_numpy().astype(np.float64) for c in ("x", "y", "year"))
    slopes = [_slope(years, v) for v in (x, y)]
    same = None if None in slopes else bool(np.sign(slopes[0] or 0.0) == np.sign(slopes[1] or 0.0))
    return Agreement(
        a,
        b,
        both.rows.height,
        n_regions,
        nation.height,
        *pooled,
        _mean([e.spearman for e in each]),
        _mean([e.kendall for e in each]),
        *regions,
        _pearson(x, y) if nation.height >= LEAST else None,
        same,
        by_chance(n_regions),
    )


def _by_year(a: str, b: str, rows: pl.DataFrame) -> Iterator[YearAgreement]:
    for (year,), part in sorted(rows.partition_by("year", as_dict=True).items()):
        yield YearAgreement(a, b, int(year), part.height, *_ranks(part))


def _ranks(rows: pl.DataFrame) -> tuple[float | None, float | None]:
    """Compute Spearman (average ranks) and Kendall's tau-b of x and y.

    Both are missing with fewer than four rows, or if x or y is constant.
    """
    x, y = rows["x"], rows["y"]
    if rows.height < LEAST or x.n_unique() < 2 or y.n_unique() < 2:
        return None, None
    from scipy.stats import kendalltau

    order = [v.rank("average").to_numpy() for v in (x, y)]
    return _pearson(*order), float(kendalltau(*order).statistic)


def _pearson(x: Vector, y: Vector) -> float | None:
    a, b = x - x.mean(), y - y.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return max(-1.0, min(1.0, float(a @ b) / scale)) if scale > 0 else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def _slope(years: Vector, values: Vector) -> float | None:
    """Compute the slope over years, in standard deviations of the series per decade.

    It is missing for fewer than three years or a constant series.
    """
    if len(years) < 3 or not values.std() > 0:
        return None
    away = years - years.mean()
    return float(10 * (away @ values) / (away @ away) / values.std())


def _nation(name: str, rows: pl.DataFrame) -> list[NationPoint]:
    means = rows.sort("year", "region").group_by("year", maintain_order=True).agg(value=average_of(pl.col("value")))
    x = means["value"].to_numpy()
    spread = float(x.std())
    z: list[float | None] = [None] * len(x) if not spread > 0 else ((x - x.mean()) / spread).tolist()
    return [NationPoint(name, int(t), float(v), s) for (t, v), s in zip(means.iter_rows(), z, strict=True)]


def _compared(name: str, cells: _Cells) -> Compared:
    rows = cells.rows
    whole = Compared(name, rows["region"].n_unique(), None, None, rows.height, None, None, None)
    if not cells.dated or not rows.height:
        return whole
    points = _nation(name, rows)
    years, values = (np.array([getattr(p, field) for p in points], dtype=np.float64) for field in ("year", "mean"))
    first, last = points[0], points[-1]
    return replace(
        whole, first_year=first.year, last_year=last.year, first=first.mean, last=last.mean, trend=_slope(years, values)
    )


def _words(a: Agreement) -> tuple[str, ...]:
    def both(spearman: float | None, kendall: float | None) -> str:
        return "" if spearman is None or kendall is None else f"{spearman:.2f} ({kendall:.2f})"

    trend = "" if a.same_trend is None else ("yes" if a.same_trend else "no")
    return (
        f"{a.a} ~ {a.b}",
        both(a.spearman_within, a.kendall_within),
        both(a.spearman, a.kendall),
        both(a.spearman_regions, a.kendall_regions),
        "" if a.over_time is None else f"{a.over_time:.2f}",
        trend,
    )
