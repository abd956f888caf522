"""Prices of few goods, the index they give with its errors, and firms whose quality follows the index without error."""

from __future__ import annotations

from functools import cache

import polars as pl

from integrade.integration import relative_price
from integrade.simulation import Economy, Simulated, simulate

FORMULA = "quality ~ market + market^2 + scale | firm + year"


@cache
def economy(n_firms: int, seed: int = 20240101) -> Simulated:
    return simulate(
        Economy(n_firms=n_firms, n_products=4, n_destinations=4, rows_per_firm_year=2, n_years=6, seed=seed)
    )


@cache
def study(n_firms: int, seed: int = 20240101) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Prices, the index with its jackknife errors, and firms with true quality, the true and the measured index."""
    made = economy(n_firms, seed)
    index = relative_price(made.prices, se="jackknife")
    firms = made.true_quality.rename({"market": "true_market"})
    panel = firms.join(index.select("region", "year", market="integration"), on=["region", "year"])
    return made.prices, index, panel.sort("firm", "year")
