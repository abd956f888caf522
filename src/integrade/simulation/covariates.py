"""Simulate human capital and research spending of provinces.

Human capital is a true mediator of the effect of integration; research spending is not a mediator.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from integrade.geography import PROVINCES
from integrade.simulation.options import HUMAN_CAPITAL_EFFECT, Economy
from integrade.simulation.prices import REGIONS, Array

SCHOOLING = (0, 6, 9, 12, 12, 15, 15, 16, 19)
"""Years of schooling of the nine classes h1..h9."""

CLASSES = ("未上过学", "小学", "初中", "高中", "中等职业教育", "高等职业教育", "大学专科", "大学本科", "研究生")
LOW = np.array([15, 38, 36, 4, 2, 2, 1.5, 1.4, 0.1])
HIGH = np.array([1, 5, 25, 10, 9, 10, 12, 22, 6.0])


def human_capital(economy: Economy, index: Array) -> Array:
    """Draw ln(years of schooling) = province + trend + a (X - turning_point)^2 + noise; shape (years, provinces)."""
    rng = economy.stream(7)
    home = 2.24 + rng.normal(0, 0.05, len(REGIONS)) + np.array([0.08 * (p.chinese_long[-1] == "市") for p in PROVINCES])
    trend = 0.006 * np.arange(economy.n_years)[:, None]
    pull = economy.pull()[1] / HUMAN_CAPITAL_EFFECT
    value = home + trend + pull * (index - economy.turning_point) ** 2 + rng.normal(0, 0.006, index.shape)
    shares = np.array([LOW, HIGH])
    low, high = np.log(shares @ np.array(SCHOOLING) / 100)
    return np.asarray(np.clip(value, low, high))


def education(economy: Economy, ln_years: Array) -> pl.DataFrame:
    """Draw shares of employed persons by schooling, h1..h9 in per cent, 100 in sum: one row per region, year.

    Years of schooling computed from the shares equal exp(ln_years) up to the rounding of the shares to 0.01.
    """
    rng = economy.stream(8)
    school = np.array(SCHOOLING)
    low, high = LOW @ school / 100, HIGH @ school / 100
    mix = ((np.exp(ln_years) - low) / (high - low))[..., None]
    shares = LOW + mix * (HIGH - LOW)
    for one, other in ((3, 4), (5, 6)):  # classes of equal length: shifts between them leave the years unchanged
        moved = shares[..., one] * rng.uniform(-0.3, 0.3, ln_years.shape[1])
        shares[..., one] -= moved
        shares[..., other] += moved
    shares = np.round(shares, 2)
    shares[..., 2] = np.round(100 - shares.sum(axis=-1) + shares[..., 2], 2)
    year, region = np.indices(ln_years.shape).reshape(2, -1)
    columns = {f"h{c + 1}": shares[..., c].ravel() for c in range(len(SCHOOLING))}
    return pl.DataFrame({"region": pl.Series(REGIONS).gather(region), "year": year + economy.first_year, **columns})


def research(economy: Economy) -> pl.DataFrame:
    """Draw research spending (100 million yuan) and its ratio to GDP, unrelated to integration and to quality."""
    rng = economy.stream(9)
    shape = economy.n_years, len(REGIONS)
    east = np.array([p.group == "East" for p in PROVINCES])
    gdp = np.exp(rng.normal(8.6, 0.5, shape[1]) + 0.6 * east + 0.11 * np.arange(shape[0])[:, None])
    ratio = np.exp(
        np.log(0.010)
        + 0.5 * east
        + rng.normal(0, 0.3, shape[1])
        + rng.normal(0, 0.06, shape)
        + 0.04 * np.arange(shape[0])[:, None]
    )
    year, region = np.indices(shape).reshape(2, -1)
    return pl.DataFrame(
        {
            "region": pl.Series(REGIONS).gather(region),
            "year": year + economy.first_year,
            "rd_spending": np.round(gdp * ratio, 2).ravel(),
            "rd": np.round(ratio, 5).ravel(),
        }
    )
