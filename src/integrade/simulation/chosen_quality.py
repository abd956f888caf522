"""Simulate customs records of firms that choose their quality: the full model of `integrade.quality.supply_demand`.

A firm needs z^(1/theta) / phi units of input at price w for a unit of quality z and bears a freight T per unit. It
chooses z so that its marginal cost is alpha theta times the cost of a delivered unit (marginal cost + T). Its price
free on board is sigma / (sigma - 1) (cost + T) - T.
Sales are A (P / z^alpha)^(1 - sigma) e^demand with P the price that the buyer pays. Freight rises with demand, so that
prices respond to demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

FIRST_YEAR = 2004


@dataclass(frozen=True)
class ChosenQuality:
    """Parameters of the economy, its size, and the measurement errors of the records.

    ``answer``: elasticity of the price to sales; ``quantity_error`` and ``cost_error``: standard deviations of errors
    in ln quantity and in ln cost.
    """

    sigma: float
    theta: float
    alpha: float = 1.0
    firms: int = 40
    markets: int = 5
    years: int = 8
    answer: float = 0.25
    quantity_error: float = 0.0
    cost_error: float = 0.0


def simulate_chosen_quality(economy: ChosenQuality, seed: int) -> pl.DataFrame:
    """Simulate one product.

    Columns: firm, product, destination, year, value, quantity, input_cost, productivity, ln_quality.

    ln_quality is the true value. Shocks to demand and freight differ in size between firms and markets.
    """
    import polars as pl

    rng, e = np.random.default_rng(seed), economy
    shape = (e.firms, e.markets, e.years)
    both = e.alpha * e.theta
    kappa = both * (e.sigma - 1) / (1 + both * (e.sigma - 1))
    b, d = (e.sigma - 1) * (1 - both), (e.sigma - 1) * both
    of_firms, yearly = (e.firms, 1), (e.firms, e.years)
    cost = rng.normal(0, 0.4, of_firms) + np.cumsum(rng.normal(0, 0.15, yearly), axis=1)
    wage = rng.normal(0, 0.2, of_firms) + np.cumsum(rng.normal(0, 0.05, yearly), axis=1)
    demand = np.cumsum(rng.normal(size=shape) * rng.gamma(2, 0.15, shape[:2])[:, :, None], axis=2)
    freight = np.cumsum(rng.normal(size=shape) * rng.gamma(2, 0.08, shape[:2])[:, :, None], axis=2)
    ln_c = np.broadcast_to(cost[:, None, :], shape)
    ln_p = (e.answer * (demand - d * ln_c) + freight) / (1 + e.answer * b)
    ln_z = e.theta * (np.log(kappa) + ln_p - ln_c)
    delivered = np.exp(ln_p) * (1 + kappa * (1 - both) / both)  # with the freight for which this price is chosen
    size = rng.normal(10, 1, (1, e.markets, e.years))
    ln_v = size + (1 - e.sigma) * (np.log(delivered) - e.alpha * ln_z) + demand
    ln_q = ln_v - ln_p + rng.normal(0, e.quantity_error, shape)
    ln_phi = wage - cost - rng.normal(0, e.cost_error, yearly)
    f, m, t = (i.ravel() for i in np.indices(shape))
    return pl.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in f],
            "product": ["610910"] * f.size,
            "destination": [f"M{i}" for i in m],
            "year": FIRST_YEAR + t,
            "value": np.exp(ln_v).ravel(),
            "quantity": np.exp(ln_q).ravel(),
            "input_cost": np.exp(wage)[f, t],
            "productivity": np.exp(ln_phi)[f, t],
            "ln_quality": ln_z.ravel(),
        }
    )
