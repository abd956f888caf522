"""Random prices of six regions, seven goods and four years, and tables of weights and distances that go with them."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

import integrade.integration as ig

N, K, T = 6, 7, 4
REGIONS, GOODS = [f"r{i}" for i in range(N)], [f"k{k}" for k in range(K)]
DRAW = np.random.default_rng(5)
GDP = DRAW.uniform(1, 9, (T, N))
TRADE = DRAW.uniform(0, 5, (T, N, N))
SPENT = DRAW.uniform(1, 4, (T, N, K))
FAR = np.triu(DRAW.uniform(50, 900, (N, N)), 1)
FAR = FAR + FAR.T


def linked(measure: Callable[..., Any]) -> Callable[..., Any]:
    """A measure of tables too small to tell their basis: of link indices, where a test does not say otherwise."""

    @functools.wraps(measure)
    def of_link(prices: Any, options: Any = None, **changes: Any) -> Any:
        if options is not None and options.basis == "detect":
            options = replace(options, basis="link")
        said = {} if options is not None or "basis" in changes else {"basis": "link"}
        return measure(prices, options, **changes, **said)

    return of_link


relative_price = linked(ig.relative_price)
index_trust = linked(ig.index_trust)
pure_regions = linked(ig.pure_regions)
good_influence = linked(ig.good_influence)
noise_share = linked(ig.noise_share)
split_half = linked(ig.split_half)
trend = linked(ig.trend)
without_each_good = linked(ig.without_each_good)


def prices(missing: float = 0.0, seed: int = 1) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    cells = [
        {"region": r, "year": 2000 + t, "commodity": k, "index": 100 * math.exp(draw.normal(0.02, 0.03))}
        for r in REGIONS
        for t in range(T)
        for k in GOODS
    ]
    return pl.DataFrame(cells).filter(pl.Series(draw.random(len(cells)) >= missing))


def by_region() -> pl.DataFrame:
    return pl.DataFrame(
        [{"region": REGIONS[i], "year": 2000 + t, "weight": GDP[t, i]} for t in range(T) for i in range(N)]
    )


def by_pair() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"a": REGIONS[i], "b": REGIONS[j], "year": 2000 + t, "weight": TRADE[t, i, j]}
            for t in range(T)
            for i in range(N)
            for j in range(N)
            if i != j
        ]
    )


def by_good() -> pl.DataFrame:
    return pl.DataFrame([{"commodity": GOODS[k], "weight": SPENT[0, 0, k]} for k in range(K)])


def by_good_and_region() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"commodity": GOODS[k], "region": REGIONS[i], "year": 2000 + t, "weight": SPENT[t, i, k]}
            for t in range(T)
            for i in range(N)
            for k in range(K)
        ]
    )


def distances() -> pl.DataFrame:
    return pl.DataFrame(
        [{"from": REGIONS[j], "to": REGIONS[i], "distance": FAR[i, j]} for i in range(N) for j in range(i)]
    )
