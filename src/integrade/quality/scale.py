"""Define the options that all measures of quality share: how a row's quality is scaled and how it is aggregated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, TypeAlias

from integrade.records.needs import File

Standardise: TypeAlias = Literal["minmax_trim", "minmax", "zscore", "rank", "none"]
Pool: TypeAlias = Literal["product", "product_year", "all"]
Level: TypeAlias = Literal["firm", "row", "firm_product", "industry", "region", "destination", "ladder"]
Weights: TypeAlias = Literal["value", "equal", "base_year"]
Alike: TypeAlias = Literal["missing", "middle"]


@dataclass(frozen=True)
class Scale:
    """Options for standardising the quality of rows and averaging it.

    Parameters
    ----------
    standardise
        Quality within its pool. minmax_trim: between the 1st and 99th percentiles, clipped to 0..1; minmax: between
        the extremes; rank: (rank - 1)/(n - 1); zscore: mean 0, standard deviation 1; none: ln quality itself.
    pool
        The rows that are standardised together: the product over all years, the product in a year, or all rows.
    level
        A row of the result: firm (firm, year), row (a customs row), firm_product, industry, region or destination
        (each by year), or ladder (product, destination, year: the largest less the smallest ln quality).
    weights
        Weights of the rows of a firm-year (industry-year ...). value: their value; equal: equal weights; base_year: the
        value of the series (firm, product, destination) in its first year in the records, so that growth does not
        change weights.
    alike
        Quality in a pool whose rows are all equal, or that has one row: missing, or the middle of the scale (0.5; 0
        for zscore).
    groups
        The industry or region for the level, if customs has no such column: a file or frame of (product, industry) with
        product at any HS level, of (firm, industry) or of (firm, year, industry). For regions the column is region
        instead of industry.
    """

    standardise: Standardise = "minmax_trim"
    pool: Pool = "product"
    level: Level = "firm"
    weights: Weights = "value"
    alike: Alike = "missing"
    groups: Annotated[Any, File()] = None


class Scaled(Protocol):
    """Options of a measure of quality."""

    @property
    def scale(self) -> Scale:
        """Standardisation, level and weights."""
