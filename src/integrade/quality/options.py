"""The options of the demand-residual measure: the one definition for Python, the command line and study files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class DemandResidual:
    """How customs records become export quality (METHODS 3.2a, 3.3).

    Parameters
    ----------
    sigma
        Elasticity of substitution, above 1.05: a number, or a file, frame or mapping of (product, sigma) with product
        at any HS level. No default: quality depends on it.
    effects
        Fixed effects of the demand equation over product (HS code x unit), destination and year: one or two terms
        joined by +, a term being columns joined by a colon, as product:destination:year or product:year.
    standardise
        Quality within its pool. minmax_trim: between the 1st and 99th percentiles, clipped to 0..1; minmax: between
        the extremes; rank: (rank - 1)/(n - 1); zscore: mean 0, standard deviation 1; none: ln quality itself.
    pool
        What is standardised together: the product over all years, the product in a year, or all rows.
    level
        A row of the result: firm (firm, year) or row (a customs row).
    weights
        Of the rows of a firm-year: their value, or equal.
    """

    sigma: Any
    effects: str = "product+destination:year"
    standardise: Literal["minmax_trim", "minmax", "zscore", "rank", "none"] = "minmax_trim"
    pool: Literal["product", "product_year", "all"] = "product"
    level: Literal["firm", "row"] = "firm"
    weights: Literal["value", "equal"] = "value"
