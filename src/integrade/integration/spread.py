"""Compute the dispersion of relative prices over the goods of a pair, or over time (METHODS 1.1 step 4, 1.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from integrade.integration.cube import Cube
from integrade.integration.demean import Component, gap
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Pairs
from integrade.integration.transforms import Vector

ROUNDING = 1e-14  # log points: a smaller dispersion is zero, because logs are exact only to about 1e-16

Subsets = Callable[[NDArray[np.intp]], Vector]  # positions of the goods of a period (K,) -> weights 0/1 (K, M)


def whole(goods: NDArray[np.intp]) -> Vector:
    """Return all goods as the only subset (K, 1)."""
    return np.ones((len(goods), 1))


def whole_and_without_each(goods: NDArray[np.intp]) -> Vector:
    """Return all goods as the first subset, followed by the subsets that leave out one good each: (K, 1 + K)."""
    return np.hstack([np.ones((len(goods), 1)), 1 - np.eye(len(goods))])


def without_each(goods: NDArray[np.intp]) -> Vector:
    """Return the subsets that leave out one good each: (K, K)."""
    return np.asarray(1 - np.eye(len(goods)))


@dataclass(frozen=True)
class Pipeline:
    """Data and options that are the same for all periods."""

    cube: Cube
    pairs: Pairs
    component: Component
    options: RelativePrice


class Moments(NamedTuple):
    """Sums over the goods of each subset (B, M): of weights, of weighted q, of weighted q^2, and of squared weights."""

    weight: Vector
    first: Vector
    second: Vector
    squares: Vector


@dataclass(frozen=True)
class Goods:
    """The goods of a period: their positions (K,), the subsets (K, M), and their weights (K,) or (N, K), or None."""

    at: NDArray[np.intp]
    subsets: Vector
    weights: Vector | None

    def of_pairs(self, pairs: Pairs, rows: slice) -> Vector | None:
        """Return the weights of the goods for pairs, (1, K) or (B, K); None if weights are equal.

        Weights that differ by region are averaged over the two regions of a pair.
        """
        if self.weights is None or self.weights.ndim == 1:
            return None if self.weights is None else self.weights[None, :]
        return np.asarray((self.weights[pairs.first[rows]] + self.weights[pairs.second[rows]]) / 2)


def relative(work: Pipeline, t: int, rows: slice, goods: NDArray[np.intp]) -> Vector:
    """Compute relative prices of pairs less their common component (B, K); missing if a region has no price."""
    x = work.cube.values[t][:, goods]
    q = gap(x, work.pairs.first[rows], work.pairs.second[rows], work.options) - work.component.common[t, goods]
    pair_effects = work.component.pair_effects
    if pair_effects is not None:
        q -= pair_effects[rows] if pair_effects.shape[1] == 1 else pair_effects[rows][:, goods]
    return np.asarray(q)


def dispersion(
    q: Vector, has: NDArray[np.bool_], subsets: Vector, options: RelativePrice, *, weights: Vector | None = None
) -> Vector:
    """Compute the dispersion of ``q`` (B, K) over each subset of goods (B, M).

    ``q`` must be zero where ``has`` is false. The dispersion is missing if a pair has fewer than two goods of the
    subset, and exactly zero if it is below rounding.
    """
    sizes = moments(q, has, subsets, None).weight if weights is not None else None
    with np.errstate(invalid="ignore", divide="ignore"):
        if options.dispersion == "mean_absolute":
            sums = moments(np.abs(q), has, subsets, weights)
            v = sums.first / sums.weight
            v[v < ROUNDING] = 0.0
        else:
            sums = moments(_centred(q, has, weights), has, subsets, weights)
            v = variance(sums, options.ddof)
    v = np.where((sums.weight if sizes is None else sizes) >= 2, v, np.nan)
    return np.sqrt(v) if options.dispersion == "sd" else v


def _centred(q: Vector, has: NDArray[np.bool_], weights: Vector | None) -> Vector:
    """Compute differences from the mean of each pair; they are zero for missing goods."""
    w = has if weights is None else has * weights
    total = w.sum(axis=1, keepdims=True)
    mean = (q if weights is None else q * w).sum(axis=1, keepdims=True)
    return np.asarray((q - np.divide(mean, total, out=np.zeros_like(mean), where=total > 0)) * has)


def moments(q: Vector, has: NDArray[np.bool_], subsets: Vector, weights: Vector | None) -> Moments:
    """Compute sums over the goods of each subset, for each pair."""
    if weights is None:
        shape = len(q), subsets.shape[1]
        size = np.broadcast_to(subsets.sum(axis=0), shape) if has.all() else has @ subsets
        return Moments(size, q @ subsets, (q * q) @ subsets, size)
    w = has * weights
    return Moments(w @ subsets, (w * q) @ subsets, (w * q * q) @ subsets, (w * w) @ subsets)


def variance(sums: Moments, ddof: int) -> Vector:
    """Compute the variance with the divisor for reliability weights.

    The divisor is K - ddof with equal weights, and 1 - sum w^2 with shares. The result is exactly zero if it is below
    the rounding of the values or of their squares.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = sums.second - sums.first**2 / sums.weight
        v = squares / (sums.weight - ddof * sums.squares / sums.weight)
        # differences of squares are exact to a few units in their sixteenth digit
        rounding = np.maximum(ROUNDING**2, 1e-15 * sums.second / sums.weight)
        return np.asarray(np.where(v < rounding, 0.0, v))


def over_time(work: Pipeline, periods: range, rows: slice, goods: Goods) -> tuple[Vector, NDArray[np.bool_]]:
    """Compute the variance over ``periods`` for each pair and good, and which of them exist; both are (B, K).

    A variance needs ceil(max(3, 0.6 W)) of the W periods.
    """
    q = np.array([relative(work, t, rows, goods.at) for t in periods])
    has = np.isfinite(q)
    n = has.sum(axis=0)
    enough = n >= max(3, -(-3 * len(periods) // 5))
    q = np.where(has, q, 0.0)
    away = np.where(has, q - q.sum(axis=0) / np.maximum(n, 1), 0.0)
    v = (away**2).sum(axis=0) / np.maximum(n - work.options.ddof, 1)
    v[v < ROUNDING**2] = 0.0
    return np.where(enough, v, 0.0), enough


def mean_over_goods(v: Vector, has: NDArray[np.bool_], subsets: Vector, weights: Vector | None) -> Vector:
    """Average over the goods of each subset (B, M); missing if a subset has no good."""
    sums = moments(v, has, subsets, weights)
    return np.asarray(np.divide(sums.first, sums.weight, out=np.full_like(sums.first, np.nan), where=sums.weight > 0))
