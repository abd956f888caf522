"""Simulate the prices of an economy, and compute the integration index that they imply with infinitely many goods.

ln(link index of good k in province i, year t) = m_tk + tau_it * g_itk: a shock common to all provinces, and a province
shock. The province shock g_itk is standard normal over goods, independent from year to year and correlated between
nearby provinces. tau_it falls over time; it differs persistently between provinces and moves within them.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from integrade.geography import PROVINCES
from integrade.simulation.options import Economy

Array: TypeAlias = npt.NDArray[np.float64]

REGIONS: tuple[str, ...] = tuple(p.chinese_long for p in PROVINCES)
"""Names of the provinces in every simulated table."""

GOODS = (
    "粮食",
    "肉禽及其制品",
    "水产品",
    "鲜菜",
    "鲜果",
    "烟酒及用品",
    "服装",
    "鞋袜帽",
    "耐用消费品",
    "家庭日用杂品",
    "医疗保健",
    "个人用品",
    "交通",
    "通信",
    "教育",
    "文化娱乐",
    "建房及装修材料",
    "水电燃料",
    "油脂",
    "蛋",
    "饮料",
    "衣着加工服务",
    "家庭服务",
    "租房",
)
SPREAD = 0.018  # tau in the middle of the period: segmentation near 3e-4, index near 4
FALL = 0.7  # log points by which tau falls over the whole period
BETWEEN, WITHIN, MEMORY = 0.4, 0.3, 0.3  # s.d. of ln tau over provinces and within them; autocorrelation of the latter
NEAR, REACH = 0.4, 2.0  # correlation of price shocks at distance 0, and the distance (in tiles) at which it is 1/e


def goods(n: int) -> list[str]:
    """Return the names of n goods."""
    return [*GOODS[:n], *(f"其他商品{k + 1}" for k in range(len(GOODS), n))]


def spreads(economy: Economy) -> Array:
    """Draw tau, the standard deviation of a province's price shocks in log points; shape (years, provinces)."""
    rng = economy.stream(1)
    n = len(REGIONS)
    between = rng.permutation(np.linspace(-1, 1, n))
    within = rng.normal(size=(economy.n_years, n))
    for t in range(1, economy.n_years):
        within[t] = MEMORY * within[t - 1] + np.sqrt(1 - MEMORY**2) * within[t]
    deviation = between * BETWEEN / between.std() + WITHIN * np.clip(within, -2, 2)
    trend = FALL * (0.5 - np.arange(economy.n_years) / (economy.n_years - 1))
    return np.asarray(SPREAD * np.exp(trend[:, None] + deviation))


def nearness() -> Array:
    """Compute the correlation of the price shocks of two provinces in the same good and year.

    Shape (provinces, provinces).
    """
    cells = np.array([(p.tile_column, p.tile_row) for p in PROVINCES], dtype=float)
    distance = np.sqrt(((cells[:, None] - cells[None, :]) ** 2).sum(axis=2))
    correlation = NEAR * np.exp(-distance / REACH)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)


def segmentation_limit(covariance: Array) -> Array:
    """Compute the segmentation index of each region as the number of goods goes to infinity; shape (regions,).

    Formula: V_ij = Var(|d_ij| - mean over pairs of |d|), d_ij the difference of two jointly normal price changes with
    the given covariance, and Cov(|x|, |y|) = (2/pi) s_x s_y (sqrt(1 - r^2) + r asin(r) - 1); S_i = mean over j of V_ij.
    The formula is exact. Apart from rounding, it is also the expectation of the measured S_i (divisor K - 1) with any
    number K of goods.

    Reference: Lu and Chen (2009) for the index; the moments of |x| are those of the folded bivariate normal.
    """
    n = len(covariance)
    first, second = np.triu_indices(n, 1)
    rows = covariance[first] - covariance[second]
    pairs = rows[:, first] - rows[:, second]
    scale = np.sqrt(np.diag(pairs))
    scales = np.outer(scale, scale)
    r = np.clip(pairs / scales, -1.0, 1.0)
    cross = (2 / np.pi) * scales * (np.sqrt(1 - r**2) + r * np.arcsin(r) - 1)
    variance = np.diag(cross) - 2 * cross.mean(axis=1) + cross.mean()
    total = np.bincount(first, variance, n) + np.bincount(second, variance, n)
    return np.asarray(total / (n - 1))


def true_index(tau: Array) -> tuple[Array, Array]:
    """Compute (segmentation, integration) without sampling error, integration = ln(1 / sqrt(S)).

    Both have the shape (years, provinces).
    """
    correlation = nearness()
    segmentation = np.array([segmentation_limit(np.outer(t, t) * correlation) for t in tau])
    return segmentation, -0.5 * np.log(segmentation)


def price_links(economy: Economy, tau: Array) -> pl.DataFrame:
    """Draw link indices (previous year = 100) rounded to 0.1, as in yearbooks: one row per region, year, commodity."""
    rng = economy.stream(2)
    years, n, k = economy.n_years, len(REGIONS), economy.n_goods
    common = rng.normal(0.02, 0.01, (years, 1, 1)) + rng.normal(0, 0.03, (years, 1, k))
    shock = np.einsum("ij,tjk->tik", np.linalg.cholesky(nearness()), rng.normal(size=(years, n, k)))
    index = np.round(100 * np.exp(common + tau[:, :, None] * shock), 1)
    year, region, good = np.indices(index.shape).reshape(3, -1)
    return pl.DataFrame(
        {
            "region": pl.Series(REGIONS).gather(region),
            "year": year.astype(np.int64) + economy.first_year,
            "commodity": pl.Series(goods(k)).gather(good),
            "index": index.ravel(),
        }
    )
