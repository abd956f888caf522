"""Compute the index with other weights of its goods, its jackknife deviations, and its limit with many goods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from integrade.errors import UsageError
from integrade.estimate.results import Vector
from integrade.integration.cube import Cube
from integrade.integration.demean import common_component
from integrade.integration.dispersion import Pipeline, Subsets, by_period, whole, whole_and_without_each
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import every_pair
from integrade.integration.relative_price import prepare
from integrade.integration.transforms import to_integration
from integrade.integration.units import units_of


def yearly(prices: Any, options: RelativePrice) -> Pipeline:
    """Prepare prices for the index by region and year. Raises `UsageError` for monthly data and windows of years."""
    if options.dispersion == "over_time":
        raise UsageError(
            "dispersion over_time has no value for a single year, so its error cannot be drawn",
            remedy="choose a dispersion over goods for the index: dispersion='relative_to_mean' is the default",
        )
    work = prepare(prices, replace(options, level="region", se="none"))[0]
    if len(work.cube.periods[0]) > 1:
        raise UsageError("the prices are monthly, but the panel is yearly", remedy="read them with to_year=True")
    return work


def cells_of(work: Pipeline) -> list[tuple[str, int]]:
    """Return the pairs (region, year) in the order in which the index (T, N) is flattened."""
    return [(region, period[0]) for period in work.cube.periods for region in work.cube.regions]


def stream(seed: int, draw: int, part: int) -> np.random.Generator:
    """Return the random stream of one draw and purpose. It does not depend on the number of draws."""
    return np.random.default_rng([seed, draw, part])


def measured(work: Pipeline) -> Vector:
    """Return the index of all goods (T, N); NaN for a region and year without an index."""
    return subset_index(work, whole)[:, :, 0]


def reweighted(work: Pipeline, weights: Vector) -> Vector:
    """Return the index (T, N, B) with weight ``weights[k]`` for good k.

    ``weights`` (K, B) has one set of weights in each column.

    Variances use the divisor 1 - sum w^2 of reliability weights, with w summing to one over the goods of the period. So
    unequal weights do not lower the level of the index, although repeated goods would. Pairs that lack goods have the
    divisor of the period's full list. The common component is not reweighted: it is one mean per good.
    """
    chosen = work.options
    if chosen.dispersion == "joint" or not isinstance(chosen.good_weights, str):
        raise UsageError(
            "goods are drawn with equal weights, for a dispersion over the goods of a pair",
            remedy="use good_weights='equal' with dispersion='variance', or simex (jackknife errors)",
        )

    def of_period(goods: NDArray[np.intp]) -> Vector:
        return np.asarray(weights[goods] / weights[goods].mean(axis=0))

    plain = replace(work, options=replace(chosen, ddof=0, transform="none"))
    segmentation = subset_index(plain, of_period)
    if chosen.dispersion != "mean_absolute":
        has: NDArray[np.bool_] = np.asarray(np.isfinite(work.cube.values).any(axis=1))
        for t, goods in enumerate(has):
            share = weights[goods] / weights[goods].sum(axis=0)
            level = 1.0 if chosen.ddof == 1 else 1 - 1 / goods.sum()
            factor = level / (1 - (share**2).sum(axis=0))
            segmentation[t] *= np.sqrt(factor) if chosen.dispersion == "sd" else factor
    return to_integration(segmentation, chosen.transform)


def deviations(work: Pipeline) -> tuple[Vector, Vector]:
    """Return the index (T, N), and deviations by good (T, N, K) whose squares sum to the jackknife variance.

    Formula: ``sqrt((n-1)/n) (index without good k - mean of these)``. Multiplied by independent standard normal draws
        by good and period, their sum has the jackknife's variance, and its covariance between the regions of a period.
    """
    units = units_of(work.cube, work.pairs, work.options)
    index = np.full(work.cube.values.shape[:2], np.nan)
    away = np.zeros(work.cube.values.shape)
    for p in by_period(work, units, whole_and_without_each):
        values = to_integration(p.segmentation, work.options.transform)
        index[p.t] = values[:, 0]
        n = np.maximum(p.used.sum(axis=1, keepdims=True), 1)
        centre = np.where(p.used, values[:, 1:], 0.0).sum(axis=1, keepdims=True) / n
        away[p.t][:, p.goods] = np.where(p.used, (values[:, 1:] - centre) * np.sqrt((n - 1) / n), 0.0)
    return index, away


def simulated(x: Vector, subsets: Subsets) -> Vector:
    """Return the index for each of M subsets of goods (T, N, M), from log price changes (T, N, K).

    The options of the index are the defaults.
    """
    t, n, k = x.shape
    cube = Cube(tuple((at,) for at in range(t)), tuple(map(str, range(n))), tuple(map(str, range(k))), x)
    options, pairs = RelativePrice(), every_pair(n)
    return subset_index(Pipeline(cube, pairs, common_component(cube, pairs, options), options), subsets)


def limit(tau: Vector) -> Vector:
    """Return the index (N,) with infinitely many goods, if shocks are normal and independent.

    ``tau`` (N,) are the standard deviations of the shocks.

    Formula: with s_ij^2 = tau_i^2 + tau_j^2 and r = tau_i^2 / (s_ij s_il) the correlation of two gaps that share region
    i, cov(|d_ij|, |d_il|) = (2/pi) s_ij s_il (sqrt(1 - r^2) + r asin r - 1); gaps without a common region are
    independent. V_ij = var(|d_ij| - mean over pairs), S_i the mean of V_ij over j, index = 0.5 ln(1/S).
    """
    n = len(tau)
    scale = np.sqrt(tau[:, None] ** 2 + tau[None, :] ** 2)
    both = scale[:, :, None] * scale[:, None, :]
    r = np.minimum(tau[:, None, None] ** 2 / both, 1.0)
    shared = (2 / np.pi) * both * (np.sqrt(1 - r * r) + r * np.arcsin(r) - 1)
    at = np.arange(n)
    shared[at, at, :] = shared[at, :, at] = 0.0
    shared[:, at, at] = 0.0
    variances = (1 - 2 / np.pi) * scale**2
    through = shared.sum(axis=2)
    pairs = n * (n - 1) / 2
    with_mean = (variances + through + through.T) / pairs
    off = ~np.eye(n, dtype=np.bool_)
    v = variances - 2 * with_mean + with_mean[off].mean()
    return np.asarray(-0.5 * np.log(np.where(off, v, 0.0).sum(axis=1) / (n - 1)))


def subset_index(work: Pipeline, subsets: Subsets) -> Vector:
    """Return the index by period, region and subset of goods, shape (T, N, M)."""
    units = units_of(work.cube, work.pairs, work.options)
    return np.array([to_integration(p.segmentation, work.options.transform) for p in by_period(work, units, subsets)])
