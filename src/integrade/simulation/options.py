"""Define the options of a simulated economy, and the true coefficients of quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from integrade.errors import UsageError
from integrade.records.needs import FIRMS, PLACES, YEARS

CONTROL_EFFECTS: Mapping[str, float] = {"scale": 0.03, "age": 0.02, "roa": 0.15, "rdebt": -0.05, "fic": 0.10}
"""Effect on ln quality of each control of `firm_controls` (fic is receivables as a share of assets)."""

HUMAN_CAPITAL_EFFECT = 2.0
"""Effect on ln quality of ln(years of schooling) in the firm's province, for firms that are not state-owned."""

HUMAN_CAPITAL_SHARE = 0.2
"""Share of the effect of market integration on quality that goes through human capital."""


@dataclass(frozen=True)
class Economy:
    """Size and true parameters of a simulated economy of 31 provinces.

    Parameters
    ----------
    seed
        Seed of all random draws; the same seed and options give the same numbers.
    n_firms
        Number of firms with accounts. Exporters without accounts and trading companies are added to these.
    n_products, n_destinations
        HS6 products and destination markets of the customs records.
    n_goods
        Goods of the price yearbooks. Fewer goods make the measured index noisier; the true index has no such noise.
    first_year, n_years
        Years of all tables.
    rows_per_firm_year
        Average number of customs rows of an exporter in a year. It is approximate, because a firm's products and
        markets follow a power law.
    turning_point, curvature
        Effect of market integration X on ln quality: curvature * (X - turning_point)^2, in firms that are not
        state-owned.
    state_share
        Share of firms that are state-owned; integration has no effect on them.
    sigma_low, sigma_high
        Range of the elasticity of substitution over products.
    """

    seed: int = 20240101
    n_firms: Annotated[int, FIRMS] = 5000
    n_products: Annotated[int, PLACES] = 60
    n_destinations: Annotated[int, PLACES] = 30
    n_goods: Annotated[int, PLACES] = 10
    first_year: int = 2004
    n_years: Annotated[int, YEARS] = 10
    rows_per_firm_year: float = 12.0
    turning_point: float = 4.05
    curvature: float = -1.0
    state_share: float = 0.05
    sigma_low: float = 3.0
    sigma_high: float = 8.0

    def __post_init__(self) -> None:
        """Refuse sizes and parameters for which no economy exists; raises `UsageError`."""
        least = {
            "seed": 0,
            "n_firms": 20,
            "n_products": 2,
            "n_destinations": 2,
            "n_goods": 3,
            "first_year": 1980,
            "n_years": 2,
            "rows_per_firm_year": 1,
            "turning_point": 0,
        }
        for name, low in least.items():
            if getattr(self, name) < low:
                raise UsageError(
                    f"{name} = {getattr(self, name)} is too small", remedy=f"give {low} or more: {name}={low}"
                )
        if not 0 <= self.state_share < 1:
            raise UsageError(
                f"state_share = {self.state_share} is not a share",
                remedy="give 0 or more and less than 1, such as state_share=0.3",
            )
        if not 1 < self.sigma_low <= self.sigma_high:
            raise UsageError(
                "sigma_low and sigma_high must be elasticities above 1, the lower first",
                remedy="give for example sigma_low=3, sigma_high=8",
            )

    @property
    def years(self) -> range:
        """The years of every table."""
        return range(self.first_year, self.first_year + self.n_years)

    def stream(self, part: int) -> np.random.Generator:
        """Return the random stream of one part of the simulation; a change in one part does not change other parts."""
        return np.random.default_rng([self.seed, part])

    def pull(self) -> tuple[float, float]:
        """Return two curvatures of integration's effect on ln quality: direct, and through human capital."""
        mediated = HUMAN_CAPITAL_SHARE * self.curvature
        return self.curvature - mediated, mediated
