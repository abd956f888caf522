"""Simulated files of price indices of every basis, on which the detector of `sources.basis` is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
BASES = ("link", "fixed", "level", "year_on_year", "rate", "rate_year_on_year", "mixed")


@dataclass(frozen=True)
class PriceFile:
    """Values as a file prints them (T, N, K), NaN where there is none; periods ``(year,)`` or ``(year, month)``.

    ``changes`` (T, N, K): the true log change on the period before, of the same cells; ``jump`` the first period of the
    second base of a mixed file.
    """

    basis: str
    periods: tuple[tuple[int, ...], ...]
    values: Vector
    changes: Vector
    jump: int = -1

    def rows(self) -> Any:
        """The file as a table of prices."""
        import polars as pl

        t, i, k = np.nonzero(np.isfinite(self.values))
        time = np.array(self.periods)[t]
        columns = {
            "region": [f"r{n:03d}" for n in i],
            "year": time[:, 0],
            "month": time[:, -1],
            "commodity": [f"k{n:03d}" for n in k],
            "index": self.values[t, i, k],
        }
        return pl.DataFrame(columns if time.shape[1] == 2 else {n: c for n, c in columns.items() if n != "month"})


@dataclass(frozen=True)
class Economy:
    """What the prices of a simulated file do; the rates are of a year, in logs."""

    per_year: int  # 1, 4 or 12 periods
    periods: int
    regions: int
    goods: int
    inflation: float = 0.03
    volatility: float = 0.02  # of the national inflation rate
    permanent: float = 0.015  # sd of the permanent relative change of a year
    transitory: float = 0.01  # sd of the part of relative prices that dies out
    persistence: float = 0.5  # of it, over a year
    differential: float = 0.002  # sd of lasting differences of inflation between regions
    seasonal: float = 0.0
    averaged: bool = False  # means of months
    decimals: int = 1
    missing: float = 0.0
    gaps: int = 0
    typos: int = 0


def draw_economy(random: np.random.Generator, per_year: int, ordinary: bool = True) -> Economy:
    """An economy drawn over the range of real ones, from deflation to 60% inflation a year."""
    u = random.uniform
    least = {1: 8, 4: 12, 12: 24}[per_year] if ordinary else 2
    most = {1: 30, 4: 60, 12: 120}[per_year] if ordinary else least + 6
    kind = random.integers(6)
    permanent, transitory = (float(np.exp(u(np.log(a), np.log(b)))) for a, b in ((0.003, 0.04), (0.002, 0.03)))
    inflation = u(-0.03, 0.0) if kind == 0 else u(0.1, 0.5) if kind == 1 else u(0.0, 0.08)
    return Economy(
        per_year,
        int(random.integers(least, most)),
        int(random.integers(5, 32)) if ordinary else int(random.integers(2, 6)),
        int(random.integers(5, 20)) if ordinary else int(random.integers(1, 6)),
        float(inflation),
        float(u(0.3, 1.0) * (0.01 + 0.4 * abs(inflation))),
        permanent,
        transitory,
        float(u(0.1, 0.9)),
        float(u(0.0, 0.2) * (permanent + transitory)),
        float(u(0.0, 0.02)) if per_year > 1 else 0.0,
        bool(random.integers(2)),
        int(random.integers(1, 3)),
        float(random.choice([0.0, 0.0, 0.02, 0.1])),
        int(random.choice([0, 0, 0, 1])),
        int(random.choice([0, 0, 1, 2])),
    )


def log_levels(random: np.random.Generator, e: Economy, before: int) -> Vector:
    """Log price levels (before + T, N, K) up to the price of each good and region.

    Those of a year or a quarter are the mean of its months where the economy says so.
    """
    if e.averaged and e.per_year < 12:
        step = 12 // e.per_year
        months = replace(e, per_year=12, periods=e.periods * step, averaged=False)
        levels = log_levels(random, months, before * step)
        return np.asarray(np.log(np.exp(levels).reshape(-1, step, *levels.shape[1:]).mean(axis=1)))
    n, shape = before + e.periods, (before + e.periods, e.regions, e.goods)
    normal, m = random.normal, e.per_year
    common, rate, keep = np.zeros(n), e.inflation, 0.6 ** (1 / m)
    for t in range(n):
        rate = e.inflation + keep * (rate - e.inflation) + normal(0, e.volatility * np.sqrt(1 - keep**2))
        common[t] = rate / m
    scale = np.exp(normal(0, 0.5, e.goods))
    own = normal(0, 0.01 / m, e.goods) + scale * normal(0, 0.02 / np.sqrt(m), (n, e.goods))
    nation = np.cumsum(common[:, None] + own, axis=0)
    steps = scale * normal(0, e.permanent / np.sqrt(m), shape) + normal(0, e.differential / m, (e.regions, 1))
    relative, part, rho = np.cumsum(steps, axis=0), np.zeros(shape), e.persistence ** (1 / m)
    part[0] = scale * normal(0, e.transitory, shape[1:])
    for t in range(1, n):
        part[t] = rho * part[t - 1] + scale * normal(0, e.transitory * np.sqrt(1 - rho**2), shape[1:])
    season = e.seasonal * scale * normal(0, 1, (m, 1, e.goods)) + 0.3 * e.seasonal * normal(0, 1, (m, *shape[1:]))
    return np.asarray(nation[:, None, :] + relative + part + season[np.arange(n) % m])


def simulate(random: np.random.Generator, basis: str, e: Economy) -> PriceFile:
    """One file of a basis."""
    m, t0 = e.per_year, 6 * e.per_year
    levels = log_levels(random, e, t0)
    at = np.arange(t0, t0 + e.periods)
    changes, yearly = levels[at] - levels[at - 1], levels[at] - levels[at - m]
    jump = -1
    if basis in ("fixed", "mixed"):
        values = 100 * np.exp(levels[at] - _base(random, levels, int(random.integers(0, t0 + e.periods)), m))
    if basis == "mixed":
        jump = int(random.integers(3, max(4, e.periods - 2)))
        second = t0 + jump - int(random.integers(0, 2 * m))  # in use from its own year on, or up to two years later
        first = second - int(random.integers(4 * m, 6 * m + 1))
        one, two = (_base(random, levels, min(max(b, 0), len(levels) - 1), m) for b in (first, second))
        values = 100 * np.exp(np.where(np.arange(e.periods)[:, None, None] < jump, levels[at] - one, levels[at] - two))
    elif basis == "level":
        price = np.exp(random.normal(2.5, 1.2, e.goods)) * np.exp(random.normal(0, 0.1, (e.regions, e.goods)))
        values = price * np.exp(levels[at] - levels[t0])
    elif basis != "fixed":
        log_change = yearly if "year_on_year" in basis else changes
        values = 100 * np.exp(log_change) - (100 if basis.startswith("rate") else 0)
    values = np.round(values, max(e.decimals, 2) if basis == "level" or basis == "rate" else e.decimals)
    if basis == "level":
        values = np.maximum(values, 0.01)
    values = _damaged(random, values, e)
    return PriceFile(basis, _calendar(e), values, changes, jump)


def observed(random: np.random.Generator, file: PriceFile, missing: float) -> PriceFile:
    """The file as of markets that come and go: each series begins and ends by itself, and lacks many periods.

    Periods without any value are left out.
    """
    n, shape = len(file.values), file.values.shape[1:]
    start, length = random.integers(0, max(1, n // 2), shape), random.integers(n // 3, n, shape)
    at = np.arange(n)[:, None, None]
    there = (at >= start) & (at < start + length) & (random.random(file.values.shape) > missing)
    values = np.where(there, file.values, np.nan)
    kept = [t for t in range(n) if np.isfinite(values[t]).any()]
    periods = tuple(file.periods[t] for t in kept)
    return replace(file, values=values[kept], changes=file.changes[kept], periods=periods)


def market_prices(random: np.random.Generator, markets: int, goods: int, years: int, missing: float) -> PriceFile:
    """Monthly prices in currency of markets, of which most are missing in a month, as agencies collect them."""
    n, shape = years * 12, (markets, goods)
    nation = np.cumsum(0.006 + random.normal(0, 0.02, (n, goods)), axis=0)
    apart = np.zeros((n, *shape))
    apart[0] = random.normal(0, 0.12, shape)
    for t in range(1, n):
        apart[t] = 0.93 * apart[t - 1] + random.normal(0, 0.05, shape)
    price = np.exp(random.normal(3, 1.2, goods)) * np.exp(random.normal(0, 0.1, (markets, 1)))
    values = np.round(price * np.exp(nation[:, None, :] + apart), 2)
    periods = tuple((2010 + t // 12, t % 12 + 1) for t in range(n))
    return observed(random, PriceFile("level", periods, values, np.full(values.shape, np.nan)), missing)


def _base(random: np.random.Generator, levels: Vector, at: int, m: int) -> Vector:
    """Log of the base: one period, or (where there are several) the mean of its year."""
    if m == 1 or random.random() < 0.3:
        return np.asarray(levels[at])
    year = slice(at // m * m, at // m * m + m)
    return np.asarray(np.log(np.exp(levels[year]).mean(axis=0)))


def _damaged(random: np.random.Generator, values: Vector, e: Economy) -> Vector:
    out = np.where(random.random(values.shape) < e.missing, np.nan, values)
    if e.gaps and len(out) > 6:
        out[random.integers(2, len(out) - 2)] = np.nan
    for _ in range(e.typos):
        t, i, k = (random.integers(n) for n in out.shape)
        out[t, i, k] *= 10
    return np.asarray(out)


def _calendar(e: Economy) -> tuple[tuple[int, ...], ...]:
    if e.per_year == 1:
        return tuple((1990 + t,) for t in range(e.periods))
    step = 12 // e.per_year
    return tuple((1990 + t // e.per_year, (t % e.per_year + 1) * step) for t in range(e.periods))
