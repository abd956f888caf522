"""Compare the measure of a study with one measure of each other family, by rank correlations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from integrade.errors import DataError, UsageError
from integrade.integration.comparison import compare_measures
from plainwords.texts import say


class Family(NamedTuple):
    """A family of measures: its key, the measure that stands for it, and the table that it needs."""

    key: str
    measure: str
    table: str


OF_INTEGRATION = (
    Family("production", "krugman", "output"),
    Family("flows", "head_ries", "flows"),
    Family("cycle", "business_cycle", "gdp"),
    Family("survey", "survey_score", "survey"),
    Family("price", "relative_price", "prices"),
)
OF_QUALITY = (
    Family("unit_value", "unit_value", "customs"),
    Family("features", "product_features", "features"),
    Family("supply", "supply_demand", "costs"),
    Family("demand", "demand_residual", "customs"),
)
"""The families of the paper's chapter 2. Columns of ``features`` and ``costs`` are not in plain customs records."""


@dataclass(frozen=True)
class Compared:
    """A family of measures: its measure, the data that it needs, and its agreement with the measure of the study.

    ``own``: it is the measure of the study. The correlations are Spearman's: the mean over years of that between units
    (regions or firms) within a year, and that between averages of units over years; ``over_time`` is the correlation of
    the means over units. They are None for the measure of the study, and where data are missing (``why`` is then empty)
    or the data do not allow the measure (``why`` is the reason).
    """

    family: str
    measure: str
    table: str
    own: bool = False
    n_units: int = 0
    n_years: int = 0
    within: float | None = None
    averages: float | None = None
    over_time: float | None = None
    why: str = ""


@dataclass(frozen=True)
class FamiliesCompared:
    """The families of measures of integration (units: regions) and of quality (units: firms)."""

    integration: tuple[Compared, ...]
    quality: tuple[Compared, ...]


def compared(
    families: tuple[Family, ...],
    own: str,
    of_study: pl.DataFrame | None,
    makers: Mapping[str, Callable[[], pl.DataFrame]],
) -> tuple[Compared, ...]:
    """Return one row per family, in their order; the measure ``own`` comes first if it is of no family.

    ``of_study`` and the result of each of ``makers`` have the columns region, year and integration, where region is the
    unit. ``makers`` has the families, by key, whose data the study has. Without ``of_study`` nothing is compared.
    """
    listed = families
    if of_study is not None and own not in {family.measure for family in families}:
        listed = (Family("other", own, ""), *families)
    return tuple(_row(family, own, of_study, makers.get(family.key)) for family in listed)


def _row(family: Family, own: str, of_study: pl.DataFrame | None, make: Callable[[], Any] | None) -> Compared:
    """Return the row of a family; an error of the data becomes its reason."""
    if of_study is not None and family.measure == own:
        known = of_study.drop_nulls()
        return Compared(*family, own=True, n_units=known["region"].n_unique(), n_years=known["year"].n_unique())
    if make is None:
        return Compared(*family)
    if of_study is None:
        return Compared(*family, why=say("families.nothing-to-compare"))
    try:
        agreement = compare_measures({"own": of_study, "other": make()}).agreements[0]
    except (DataError, UsageError) as problem:
        return Compared(*family, why=problem.what)
    return Compared(
        *family,
        n_units=agreement.n_regions,
        n_years=agreement.n_years,
        within=agreement.spearman_within,
        averages=agreement.spearman_regions,
        over_time=agreement.over_time,
    )
