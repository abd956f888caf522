"""Summarise a study of quality only: the distribution of quality by year, product and destination, and checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from integrade.engine.exact import average_of, correlation_of, total_of, variance_of

KEY = ("firm", "product", "variety", "destination", "year", "unit", "regime")
"""The columns that form the key of customs rows."""
MOST = 15
"""A table has at most this many products or destinations, those with the largest value (a convention)."""


@dataclass(frozen=True)
class QualityYear:
    """Quality in one year: rows with quality, mean, standard deviation, percentiles, and the mean weighted by value."""

    year: int
    n: int
    mean: float
    std_dev: float | None
    p10: float
    median: float
    p90: float
    weighted: float


@dataclass(frozen=True)
class QualityGroup:
    """Quality of one product or destination over all years: number of rows, share of value, mean and percentiles."""

    name: str
    n: int
    share: float
    mean: float
    p10: float
    p90: float


@dataclass(frozen=True)
class QualityCheck:
    """Quality under another choice: its rank correlation (Spearman) with the study's own quality, within years."""

    choice: str
    n: int
    correlation: float | None


@dataclass(frozen=True)
class QualitySummary:
    """Quality of the rows of the customs records, for a study that measures nothing else.

    ``missing`` is the share of rows without quality, ``missing_value`` the share of these rows in value. ``firms`` is 0
    if the records name no firms. ``sigma`` holds the 10th, 50th and 90th percentile of the elasticities used; it is
    missing if the measure uses none.
    """

    measure: str
    rows: int
    firms: int
    products: int
    destinations: int
    missing: float
    missing_value: float
    sigma: tuple[float, float, float] | None
    years: tuple[QualityYear, ...]
    by_product: tuple[QualityGroup, ...]
    by_destination: tuple[QualityGroup, ...]
    checks: tuple[QualityCheck, ...] = ()


def quality_summary(
    rows: pl.DataFrame, measure: str, others: Mapping[str, pl.DataFrame] | None = None
) -> QualitySummary:
    """Summarise customs rows with their quality. ``others`` holds the same rows under other choices.

    Missing values: rows without quality are not in ``years``, groups and checks; they count in all other numbers.

    Args:
        rows: (firm,) product, destination, year, value, quality (, sigma); one row per key.
        measure: the name of the measure.
        others: for each choice, rows with the same key and the quality under that choice.
    """
    known = rows.filter(pl.col("quality").is_not_null())
    value = _worth(rows)
    sigma = rows["sigma"].drop_nulls() if "sigma" in rows.columns else pl.Series([], dtype=pl.Float64)
    ends = [sigma.quantile(q, "linear") for q in (0.1, 0.5, 0.9)] if sigma.len() else []
    return QualitySummary(
        measure,
        rows.height,
        rows["firm"].n_unique() if "firm" in rows.columns else 0,
        rows["product"].n_unique(),
        rows["destination"].n_unique(),
        1 - known.height / rows.height,
        1 - _worth(known) / value,
        (float(ends[0] or 0), float(ends[1] or 0), float(ends[2] or 0)) if ends else None,
        _years(known),
        _largest(known, "product"),
        _largest(known, "destination"),
        tuple(_check(name, rows, other) for name, other in (others or {}).items()),
    )


def _worth(rows: pl.DataFrame) -> float:
    return float(rows.select(total_of(pl.col("value"))).item())


def _years(known: pl.DataFrame) -> tuple[QualityYear, ...]:
    q, v = pl.col("quality"), pl.col("value")
    middle = known.select(average_of(q)).item() or 0.0
    groups = known.group_by("year").agg(
        n=pl.len(),
        mean=average_of(q),
        std_dev=variance_of(q, about=middle).sqrt(),
        p10=q.quantile(0.1, "linear"),
        median=q.median(),
        p90=q.quantile(0.9, "linear"),
        weighted=total_of(q * v) / total_of(v),
    )
    return tuple(QualityYear(*row) for row in groups.sort("year").iter_rows())


def _largest(known: pl.DataFrame, key: str) -> tuple[QualityGroup, ...]:
    q, v = pl.col("quality"), pl.col("value")
    groups = known.group_by(key).agg(
        n=pl.len(),
        share=total_of(v) / _worth(known),
        mean=average_of(q),
        p10=q.quantile(0.1, "linear"),
        p90=q.quantile(0.9, "linear"),
    )
    rows = groups.sort(["share", key], descending=[True, False]).head(MOST)
    return tuple(QualityGroup(str(name), *numbers) for name, *numbers in rows.iter_rows())


def _check(choice: str, rows: pl.DataFrame, changed: pl.DataFrame) -> QualityCheck:
    """Return the rank correlation, within years, of the quality under both choices.

    The correlation is None for fewer than three rows or constant ranks.
    """
    key = [c for c in rows.columns if c in KEY and c in changed.columns]
    both = rows.select(*key, "quality").join(
        changed.select(*key, pl.col("quality").alias("other")), on=key, nulls_equal=True
    )
    both = both.drop_nulls(["quality", "other"])
    ranked = both.with_columns(pl.col("quality", "other").rank().over("year"))
    within = ranked.with_columns(
        (pl.col(name) - average_of(pl.col(name), ["year"])).alias(name) for name in ("quality", "other")
    )
    correlation = None
    if within.height > 2:
        correlation = within.select(correlation_of(pl.col("quality"), pl.col("other"))).item()
    if correlation is None or math.isnan(correlation):
        return QualityCheck(choice, both.height, None)
    return QualityCheck(choice, both.height, float(correlation))
