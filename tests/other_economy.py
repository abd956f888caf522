"""An economy that shares no code with `integrade.simulation`: other prices, other outcomes, a true index of its own.

Regions integrate at their own speed; their distance from the national price has an AR(1) in logs. Goods have their own
volatility. The true index is the limit of the index for very many goods, from numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

Vector = NDArray[np.float64]
FIRST_YEAR = 2000
VOLATILITY = 0.3


@dataclass(frozen=True)
class Design:
    """What is drawn: sizes, prices, and what the outcome depends on.

    ``spread`` is the innovation of log distances; the smaller, the larger the share of noise. ``tails`` are those of
    price changes. ``shared`` is the share of a good's variance that comes from a national shock, to which regions are
    exposed differently. The outcome is ``effect x + curve x^2 + through m`` in the standardised true index x.
    ``proxy`` is how much the mediator m moves with x, ``direction`` included in its sign. ``groups`` adds ``differs x``
    in firms of the second of two groups of equal size. ``calm`` multiplies the innovations of log distances in every
    second region, so that noise takes more of the index there.
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
    calm: float = 1.0


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


def price_table(changes: Vector) -> pl.DataFrame:
    """The table of prices (previous year = 100) for log changes (T, R, K)."""
    t, i, g = np.indices(changes.shape).reshape(3, -1)
    _, n, k = changes.shape
    return pl.DataFrame(
        {
            "region": np.array([f"R{j:02d}" for j in range(n)])[i],
            "year": FIRST_YEAR + t,
            "commodity": np.array([f"g{j:02d}" for j in range(k)])[g],
            "index": 100 * np.exp(changes.ravel()),
        }
    )


class Distances(NamedTuple):
    """Distances from the national price (R, T), and each region's exposure to national shocks (R,)."""

    distance: Vector
    exposure: Vector


def distances(design: Design, random: np.random.Generator) -> Distances:
    """Draw how far regions are from the national price."""
    n, years = design.regions, design.years
    speed = 0.04 * random.uniform(0.3, 1.7, (n, 1)) * np.arange(years)
    calm = np.where(np.arange(n) % 2, 1.0, design.calm)[:, None]
    cost = calm * persistent(random, (n, years), 0.75, design.spread) + random.normal(size=(n, 1)) * 0.2 - speed
    return Distances(0.012 * np.exp(cost), random.normal(size=(1, n, 1))[0, :, 0])


def price_changes(design: Design, random: np.random.Generator, drawn: Distances, goods: int) -> Vector:
    """Draw log price changes (T, R, K). Goods differ in volatility: exp(.3 z)."""
    volatility = np.exp(random.normal(size=goods) * VOLATILITY)
    shape = (design.years, design.regions, goods)
    shocks = random.normal(size=shape) if design.tails == "normal" else random.standard_t(5, shape) / np.sqrt(5 / 3)
    national = random.normal(size=(design.years, 1, goods)) * drawn.exposure[:, None]
    own = np.sqrt(1 - design.shared) * shocks + np.sqrt(design.shared) * national
    return np.asarray(own * drawn.distance.T[:, :, None] * volatility)


def limit(design: Design, drawn: Distances) -> Vector:
    """The index (R, T) with infinitely many goods.

    Formula: given a national shock f, the prices of regions are independent with known centres, so that
    m_j(p) = E|p - p_j| has a closed form for the normal and for t(5), and E|p_i - p_j||p_i - p_l| = E m_j(p_i) m_l(p_i)
    is one integral. Both integrals (p_i, f) are taken at fixed nodes. V_ij = E v^2 E q^2 - (E v E q)^2 with
    q = |p_i - p_j| less its mean over pairs and v the volatility of a good.
    """
    f, weight_f = np.polynomial.hermite_e.hermegauss(7) if design.shared else (np.zeros(1), np.ones(1))
    weight_f = weight_f / weight_f.sum()
    n = design.regions
    of_v, of_v2 = np.exp(VOLATILITY**2 / 2), np.exp(2 * VOLATILITY**2)
    index, pairs = np.empty(drawn.distance.shape), n * (n - 1) / 2
    z, weight = NODES[design.tails]
    away = ~np.eye(n, dtype=bool)
    for t in range(design.years):
        own = np.sqrt(1 - design.shared) * drawn.distance[:, t]
        centre = np.sqrt(design.shared) * (drawn.distance[:, t] * drawn.exposure)[:, None] * f  # (R, F)
        p = centre[:, None] + (own[:, None] * z)[:, :, None]  # (R, Z, F)
        unit = own[None, :, None, None]
        gap = unit * ABSOLUTE[design.tails]((p[:, None] - centre[None, :, None]) / unit)
        gap *= away[:, :, None, None]  # (R, R, Z, F): E|p_i - p_j| given p_i and f
        mean = np.einsum("ijzf,z->ijf", gap, weight)
        mean = (mean + mean.transpose(1, 0, 2)) / 2
        total = gap.sum(axis=1)  # (R, Z, F)
        with_own = np.einsum("ijzf,izf,z->ijf", gap, total, weight) - np.einsum("ijzf,ijzf,z->ijf", gap, gap, weight)
        square = (own[:, None] ** 2 + own**2)[:, :, None] + (centre[:, None] - centre) ** 2
        by_region = mean.sum(axis=1)  # (R, F)
        every = by_region.sum(axis=0) / 2
        apart = mean * (every - by_region[:, None] - by_region[None] + mean)  # pairs without a common region
        through = (square + with_own + with_own.transpose(1, 0, 2) + apart) * away[:, :, None]  # E q_ij sum of all gaps
        with_mean = through @ weight_f / pairs
        of_mean = with_mean.sum() / 2 / pairs
        second = (square @ weight_f) - 2 * with_mean + of_mean
        first = mean @ weight_f - (every @ weight_f) / pairs
        v = (of_v2 * second - (of_v * first) ** 2) * away
        index[:, t] = -0.5 * np.log(v.sum(axis=1) / (n - 1))
    return index


def _absolute_normal(z: Vector) -> Vector:
    """E|z - u|, u standard normal."""
    return np.asarray(z * (2 * special.ndtr(z) - 1) + 2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))


def _absolute_t5(z: Vector) -> Vector:
    """E|z - u|, u of t(5) with variance one: for t(v), z (2 F(z) - 1) + 2 f(z) (v + z^2) / (v - 1), rescaled.

    F(z) for v = 5 is elementary: 1/2 + (a + sin a cos a (1 + 2/3 cos^2 a)) / pi with tan a = z / sqrt 5.
    """
    w = z * np.sqrt(5 / 3)
    c2 = 1 / (1 + w * w / 5)
    a = np.arctan(w / np.sqrt(5))
    middle = 2 * (a + w / np.sqrt(5) * c2 * (1 + 2 / 3 * c2)) / np.pi
    density = 8 / (3 * np.pi * np.sqrt(5)) * c2**3
    return np.asarray((w * middle + density * (5 + w * w) / 2) / np.sqrt(5 / 3))


def _nodes(tails: str) -> tuple[Vector, Vector]:
    """Nodes and weights for an expectation over a shock of variance one."""
    if tails == "normal":
        z, weight = np.polynomial.hermite_e.hermegauss(24)
        return z, weight / weight.sum()
    u, weight = np.polynomial.legendre.leggauss(40)
    a = u * np.pi / 2  # z = sqrt 5 tan a: the density of a is proportional to cos^4 a
    weight = weight * np.cos(a) ** 4
    return np.sqrt(3) * np.tan(a), weight / weight.sum()


ABSOLUTE = {"normal": _absolute_normal, "t5": _absolute_t5}
NODES = {tails: _nodes(tails) for tails in ABSOLUTE}


def draw(design: Design, seed: int) -> Drawn:
    """Draw one economy."""
    random = np.random.default_rng([seed, 20261201])
    n, years, k = design.regions, design.years, design.goods
    drawn = distances(design, random)
    true = integration(price_changes(design, random, drawn, 1200))
    centre, sd = float(true.mean()), float(true.std())
    x = (true - centre) / sd
    prices = price_changes(design, random, drawn, k)
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
    return Drawn(price_table(prices), panel, centre, sd)


def measured(design: Design, seed: int) -> Drawn:
    """Draw an economy and add its measured index ``market`` to the panel."""
    from integrade.integration import relative_price

    drawn = draw(design, seed)
    index = relative_price(drawn.prices, se="none").select("region", "year", market="integration")
    return replace(drawn, panel=drawn.panel.join(index, on=["region", "year"], how="left", maintain_order="left"))
