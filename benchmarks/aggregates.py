"""How often a good or region without fault is taken for a mean of the others, and how often a true mean is found.

Simulated price tables without an aggregate: regions x goods x periods in several bases (links, fixed base, price
levels), national and regional movements of any weight, calm and lively goods, values rounded to 0.1. The same tables
with an aggregate: weights that differ between regions and drift over time. Prints counts, which docs/reading.md
quotes. Usage: ``python benchmarks/aggregates.py [draws]``.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from integrade.sources.tables.weighted_means import Judged, weighted_means

Cube = NDArray[np.float64]


def economy(rng: np.random.Generator, regions: int, goods: int, periods: int) -> tuple[Cube, str]:
    """Indices or prices (regions x goods x periods), rounded to 0.1, and their form."""
    form = str(rng.choice(["link", "fixed", "level"]))
    drift = rng.normal(0.002 if form != "link" else 0.02, 0.004 if form != "link" else 0.02, (1, goods, 1))
    persistence = rng.choice([0.0, 0.3, 0.6])
    nation = rng.normal(0, rng.choice([0.002, 0.01, 0.03], (1, goods, 1)), (1, goods, periods))
    region = rng.normal(0, rng.choice([0.0005, 0.002, 0.01], (1, 1, 1)), (regions, 1, periods))
    own = rng.normal(0, rng.choice([0.0005, 0.002, 0.01], (1, goods, 1)), (regions, goods, periods))
    moves = nation + region + own
    for t in range(1, periods):
        moves[:, :, t] += persistence * moves[:, :, t - 1]
    if form == "link":
        return np.round(100 * np.exp(drift + moves), 1), form
    path = np.exp(np.cumsum(drift + moves, axis=2))
    scale = rng.lognormal(2, 1, (1, goods, 1)) if form == "level" else np.array(100.0)
    return np.round(scale * path / (path[:, :, :1] if form == "fixed" else 1), 1 if form == "fixed" else 2), form


def aggregate(rng: np.random.Generator, cube: Cube, digits: int = 1) -> tuple[Cube, bool]:
    """A weighted mean of the goods (regions x periods), weights near each other in all regions, and if they drift."""
    regions, goods, periods = cube.shape
    base = rng.dirichlet(np.full(goods, 4.0))
    weights = base * np.exp(rng.normal(0, 0.1, (regions, goods)))
    moving = bool(rng.random() < 0.5)
    drift = np.exp(np.cumsum(rng.normal(0, 0.005 * moving, (goods, periods)), axis=1))
    w = weights[:, :, None] * drift[None]
    w = w / w.sum(axis=1, keepdims=True)
    return np.round((w * cube).sum(axis=1), digits), moving


def by_goods(cube: Cube) -> Judged:
    """Observations of region and period by goods, as prices are judged."""
    regions, goods, periods = cube.shape
    groups = np.repeat(np.arange(regions), periods)
    return weighted_means(cube.transpose(0, 2, 1).reshape(regions * periods, goods), groups, each=True)


def by_regions(cube: Cube) -> Judged:
    """Observations of good and period by regions."""
    regions, goods, periods = cube.shape
    groups = np.repeat(np.arange(goods), periods)
    values = cube.transpose(1, 2, 0).reshape(goods * periods, regions)
    own = weighted_means(values, groups, each=True)
    return own if own.told else weighted_means(values, groups, each=False)


def main(draws: int) -> None:
    """Print false accusations, untold tables and detections, by what stands across."""
    rng = np.random.default_rng(20100713)
    counts: dict[str, int] = {}

    def count(what: str, judged: Judged, at: int | None, whole: float = 0.0) -> None:
        found = [m for m in judged.means if at in (None, m.at) and len(m.parts) >= whole]
        for key, hit in ((f"{what}, told", judged.told), (f"{what}, found", bool(found))):
            counts[key] = counts.get(key, 0) + hit

    for _ in range(draws):
        size = (int(rng.integers(4, 32)), int(rng.integers(4, 16)), int(rng.choice([8, 12, 20, 30, 60, 120])))
        cube, form = economy(rng, *size)
        count("no good is a mean", by_goods(cube), None)
        count("no region is a mean", by_regions(cube), None)
        if form != "level":
            whole, moving = aggregate(rng, cube)
            made = by_goods(np.concatenate([cube, whole[:, None]], axis=1))
            count(f"a good is, weights {'drift' if moving else 'stay'}", made, size[1], 0.5 * size[1])
        nation, moving = aggregate(rng, cube.transpose(1, 0, 2), 2 if form == "level" else 1)
        made = by_regions(np.concatenate([cube, nation[None]], axis=0))
        count(f"a region is, weights {'drift' if moving else 'stay'}", made, size[0], 0.5 * size[0])
    for key, n in counts.items():
        print(f"{key}: {n} of {draws}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
