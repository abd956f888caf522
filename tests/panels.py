"""Small random panels with every difficulty at once, and the same regressions with explicit dummies."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl


def panel(
    seed: int, *, firms: int = 60, regions: int = 9, years: int = 6, movers: int = 4, industries: int = 5
) -> pl.DataFrame:
    """Unbalanced, with singletons, movers, weights and a region-year regressor."""
    rng = np.random.default_rng(seed)
    home, trade = rng.integers(0, regions, firms), rng.integers(0, industries, firms)
    market = rng.normal(4, 0.3, (regions, years))
    rows = []
    for f, t in product(range(firms), range(years)):
        if rng.random() < 0.35:
            continue
        region = home[f] if f >= movers or t < years // 2 else (home[f] + 1) % regions
        switched = trade[f] if rng.random() < 0.8 else rng.integers(0, industries)
        rows.append((f"F{f:03d}", 2000 + t, f"R{region}", int(switched), market[region, t]))
    table = pl.DataFrame(rows, schema=["firm", "year", "region", "industry", "market"], orient="row")
    n = table.height
    table = table.with_columns(
        scale=pl.Series(rng.normal(10, 2, n)),
        age=pl.Series(rng.gamma(2, 3, n)),
        weight=pl.Series(rng.uniform(0.5, 3, n)),
        z1=pl.Series(rng.normal(size=n)),
        z2=pl.Series(rng.normal(size=n)),
    )
    noise = pl.Series(rng.normal(size=n) * rng.uniform(0.5, 2, n))
    table = table.with_columns(x=0.8 * pl.col("z1") - 0.5 * pl.col("z2") + 0.6 * noise + pl.Series(rng.normal(size=n)))
    return table.with_columns(
        y=1.5 * pl.col("market") - 0.2 * pl.col("market") ** 2 + 0.1 * pl.col("scale") + 0.5 * pl.col("x") + noise
    )


def dummies(codes: np.ndarray) -> np.ndarray:
    """One column per level."""
    return (codes[:, None] == np.unique(codes)[None, :]).astype(float)


def annihilator(effects: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """The matrix that removes the effects in weighted least squares, by a pseudo-inverse of all dummies."""
    d = np.hstack([dummies(e) for e in effects])
    root = np.sqrt(weights)
    left = np.eye(len(weights)) - (root[:, None] * d) @ np.linalg.pinv(root[:, None] * d, rcond=1e-10)
    return left * root[None, :] / root[:, None]
