"""Trade between regions whose border effect is known, for tests."""

from __future__ import annotations

import numpy as np
import polars as pl

BORDER = {2002: -2.0, 2007: -1.6, 2012: -1.1}


def trade(
    *,
    n: int = 12,
    borders: dict[int, float] = BORDER,
    theta: float = 0.9,
    noise: str = "none",
    seed: int = 1,
    scale: float = 1.0,
) -> pl.DataFrame:
    """Flows ``exp(a_it + g_jt - theta ln d_ij + b_t 1[i != j])``: exact, with log-normal errors, or Poisson draws."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0, 2000, (n, 2))
    distance = np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, rng.uniform(60, 250, n))
    rows = []
    for year, border in borders.items():
        seller, buyer = rng.normal(4, 1, n), rng.normal(4, 1, n)
        mean = scale * np.exp(seller[:, None] + buyer[None, :] - theta * np.log(distance) + border * (1 - np.eye(n)))
        value = {
            "none": mean,
            "poisson": rng.poisson(mean).astype(float),
            "lognormal": mean * np.exp(rng.normal(0, 0.3, (n, n)) - 0.045),
        }[noise]
        rows += [
            {
                "origin": f"R{i:02d}",
                "destination": f"R{j:02d}",
                "year": year,
                "value": value[i, j],
                "distance": distance[i, j],
            }
            for i in range(n)
            for j in range(n)
        ]
    return pl.DataFrame(rows)
