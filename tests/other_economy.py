"""An economy that shares no code with `integrade.simulation`: other prices, other outcomes, a true index of its own.

Regions integrate at their own speed; their distance from the national price has an AR(1) in logs. Goods have their own
volatility. The true index is the limit of the index for very many goods, from numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Vector = NDArray[np.float64]
FIRST_YEAR = 2000


@dataclass(frozen=True)
class Design:
    """What is drawn: sizes, prices, and what the outcome depends on.

    ``spread`` is the innovation of log distances; the smaller, the larger the share of noise. ``tails`` are those of
    price changes. ``shared`` is the share of a good's variance that comes from a national shock, to which regions are
    exposed differently. The outcome is ``effect x + curve x^2 + through m`` in the standardised true index x.
    ``proxy`` is how much the mediator m moves with x, ``direction`` included in its sign. ``groups`` adds ``differs x``
    in firms of the second of two groups of equal size.
    """

    regions: int = 31
    years: int = 10
    goods: int = 10
    firms: float = 6.0
    spread: float = 0.3
    tails: Literal["normal", "t5"] = "normal"
    shared: float = 0.0
    effect: float = 1.0
    curve: float = -0.15
    proxy: float = 0.5
    through: float = 0.0
    differs: float = 0.0
    firm_mediator: bool = False
    skewed: bool = False


@dataclass(frozen=True)
class Drawn:
    """One economy: prices for integrade, the firms' panel with the true index, and the scale of the true index."""

    prices: pl.DataFrame
    panel: pl.DataFrame
    centre: float
    sd: float


def integration(changes: Vector) -> Vector:
    """The paper's index (R, T) of log price changes (T, R, K): -0.5 ln of the mean over partners of the variance over
    goods of the pairs' absolute gaps less the goods' means."""
    years, regions, _ = changes.shape
    first, second = np.triu_indices(regions, 1)
    index = np.empty((regions, years))
    for t in range(years):
        gaps = np.abs(changes[t, first] - changes[t, second])
        variances = (gaps - gaps.mean(axis=0)).var(axis=1, ddof=1)
        sums = np.bincount(first, variances, regions) + np.bincount(second, variances, regions)
        index[:, t] = -0.5 * np.log(sums / (regions - 1))
    return index


def persistent(random: np.random.Generator, shape: tuple[int, int], rho: float, sd: float) -> Vector:
    """A stationary AR(1) along the second axis with innovations of standard deviation ``sd``."""
    values = random.normal(size=shape) * sd
    values[:, 0] /= np.sqrt(1 - rho**2)
    for t in range(1, shape[1]):
        values[:, t] += rho * values[:, t - 1]
    return values


def draw(design: Design, seed: int) -> Drawn:
    """Draw one economy."""
    random = np.random.default_rng([seed, 20261201])
    n, years, k = design.regions, design.years, design.goods
    speed = 0.04 * random.uniform(0.3, 1.7, (n, 1)) * np.arange(years)
    cost = persistent(random, (n, years), 0.75, design.spread) + random.normal(size=(n, 1)) * 0.2 - speed
    distance = 0.012 * np.exp(cost)
    exposure = random.normal(size=(1, n, 1))

    def changes(goods: int) -> Vector:
        volatility = np.exp(random.normal(size=goods) * 0.3)
        shape = (years, n, goods)
        shocks = random.normal(size=shape) if design.tails == "normal" else random.standard_t(5, shape) / np.sqrt(5 / 3)
        national = random.normal(size=(years, 1, goods)) * exposure
        own = np.sqrt(1 - design.shared) * shocks + np.sqrt(design.shared) * national
        return np.asarray(own * distance.T[:, :, None] * volatility)

    true = integration(changes(1200))
    centre, sd = float(true.mean()), float(true.std())
    x = (true - centre) / sd
    prices = changes(k)
    mediator = design.proxy * x + persistent(random, (n, years), 0.7, 0.4) + random.normal(size=(n, 1))
    mean = 3 + np.exp(1.1 * random.normal(size=n)) * design.firms / 2 if design.skewed else np.full(n, design.firms)
    region = np.repeat(np.arange(n), np.maximum(2, random.poisson(mean)))
    firms = len(region)
    group = random.permutation(firms) % 2
    m = mediator[region] + (random.normal(size=(firms, years)) if design.firm_mediator else 0.0)
    shock = persistent(random, (n, years), 0.7, 0.15)
    outcome = random.normal(size=(firms, 1)) + (design.effect * x + design.curve * x**2 + shock)[region]
    outcome += design.through * m + design.differs * group[:, None] * x[region]
    outcome += 0.6 * random.normal(size=(firms, years)) + 0.03 * np.arange(years)
    firm, year = np.nonzero(random.random((firms, years)) < 0.93)
    names = np.array([f"R{i:02d}" for i in range(n)])
    panel = pl.DataFrame(
        {
            "firm": firm,
            "region": names[region[firm]],
            "year": FIRST_YEAR + year,
            "y": outcome[firm, year],
            "m": m[firm, year],
            "group": np.array(["a", "b"])[group[firm]],
            "true": true[region[firm], year],
        }
    )
    t, i, g = np.indices(prices.shape).reshape(3, -1)
    table = pl.DataFrame(
        {
            "region": names[i],
            "year": FIRST_YEAR + t,
            "commodity": np.array([f"g{j:02d}" for j in range(k)])[g],
            "index": 100 * np.exp(prices.ravel()),
        }
    )
    return Drawn(table, panel, centre, sd)


def measured(design: Design, seed: int) -> Drawn:
    """Draw an economy and add its measured index ``market`` to the panel."""
    from integrade.integration import relative_price

    drawn = draw(design, seed)
    index = relative_price(drawn.prices, se="none").select("region", "year", market="integration")
    return replace(drawn, panel=drawn.panel.join(index, on=["region", "year"], how="left", maintain_order="left"))
