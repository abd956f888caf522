"""Simulate region-years and estimate them as integrade does: as printed, corrected by halves, and with the true index.

Firms are collapsed into means of region and year, weighted by their number. Every estimate and its cluster jackknife
are linear in the columns of the outcome. So one set of simulated samples gives the power at every size of the effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from integrade.estimate.results import Vector
from integrade.regress.effects import Mask
from integrade.regress.students import t_quantile
from integrade.subjects.noise.halves import distinct_splits
from integrade.subjects.power.setting import Setting, net_variance

Estimator = Literal["printed", "corrected", "exact"]
ESTIMATORS: tuple[Estimator, ...] = ("printed", "corrected", "exact")
"""On the index as measured, corrected by halves of its goods, and on an index without noise."""
ERRORS = 4
"""Draws of the outcome's error for each draw of the index, which take little time."""
_NUMBERS = 200_000  # numbers in the arrays of halves that are held at once: 2 MB, in cache


@dataclass(frozen=True)
class Scale:
    """Standard deviations in the units of a design: of the moving index, its noise, shocks, firms' own errors.

    ``noise`` is a region's own for an index of one good, ``shared_noise`` that of all regions in a year.
    ``own_mediator`` is the firms' own part of the mediator. ``movement`` is the national change of the index from year
    to year, the same in all years.
    """

    index: float
    movement: float
    noise: float
    shared_noise: float
    shock: float
    own: float
    mediator: float
    own_mediator: float


@dataclass(frozen=True)
class Draws:
    """Estimates of one coefficient in simulated samples, as functions of the size of an effect.

    The estimate is ``error + size * slope + assumed * other``: ``error`` (B, J, 1 + G) is from the outcome's error,
    ``slope`` (B, 1, 1 + G) from the effect in question and ``other`` (B, 1, 1 + G) from an effect of the index of size
    one. The last axis has the estimate of all rows first, then those without each cluster. ``identified`` is (B,).
    """

    error: Vector
    slope: Vector
    other: Vector
    identified: Mask

    def rejected(self, size: float, assumed: float, alpha: float) -> Mask:
        """Return in which samples (B, J) the coefficient differs from zero at ``alpha``, by t(G - 1)."""
        values = self.error + size * self.slope + assumed * self.other
        groups = values.shape[-1] - 1
        away = values[..., 1:] - values[..., :1]
        variance = (groups - 1) / groups * np.square(away).sum(axis=-1)
        beyond = values[..., 0] ** 2 > t_quantile(1 - alpha / 2, groups - 1) ** 2 * variance
        return np.asarray(beyond & self.identified[:, None])

    def share(self, size: float, assumed: float = 0.0, alpha: float = 0.05) -> float:
        """Return the share of samples in which the coefficient differs from zero."""
        return float(self.rejected(size, assumed, alpha).mean())

    def reaction(self) -> float:
        """Return the median estimate for an effect of size one, without errors of the outcome."""
        return float(np.median(self.slope[..., 0]))


Question = Literal["effect", "curvature", "first", "second", "groups"]
"""Effect, curvature, both paths of a mediator, and the difference between two groups."""


def scale_of(setting: Setting) -> Scale:
    """Return standard deviations such that the net variances of the setting's own panel are one.

    Net: around means of regions and years, hence 1 - sum of the squared shares of regions in all firms times the
    variance around the mean of T years.
    """
    others = 1 - float(np.square(np.array(setting.weights) / np.sum(setting.weights)).sum())
    independent = (setting.years - 1) / setting.years
    lasting = net_variance(setting.shock_persistence, setting.years) * others
    odds = setting.noise / (1 - setting.noise)
    noise = (odds * setting.goods / (independent * others)) ** 0.5
    shared = setting.error_correlation / (1 - setting.error_correlation)
    moving = net_variance(setting.persistence, setting.years) * others
    return Scale(
        index=moving**-0.5,
        movement=setting.movement / float(np.arange(setting.years).std()),
        noise=noise,
        shared_noise=noise * shared**0.5,
        shock=(setting.icc / lasting) ** 0.5,
        own=((1 - setting.icc) / independent) ** 0.5,
        mediator=(max(setting.mediator_icc - setting.proxy**2, 0.0) / lasting) ** 0.5,
        own_mediator=((1 - setting.mediator_icc) / independent) ** 0.5,
    )


def simulated(
    setting: Setting, scale: Scale, splits: int, draws: int, seed: int, only: Question | None = None
) -> Mapping[tuple[Estimator, Question], Draws]:
    """Simulate ``draws`` samples and return the estimates of every question, or of ``only`` one."""
    first = distinct_splits(setting.goods, splits, seed)
    powers = 1 if only == "effect" else 2
    each = setting.regions * setting.years * 2 * powers * first.shape[1]
    block = max(1, _NUMBERS // each)
    parts = [
        _block(setting, scale, first, _Stream(seed, range(start, min(start + block, draws))), powers, only)
        for start in range(0, draws, block)
    ]
    return {key: _joined([part[key] for part in parts]) for key in parts[0]}


def _joined(parts: list[Draws]) -> Draws:
    return Draws(*(np.concatenate([getattr(p, f) for p in parts]) for f in ("error", "slope", "other", "identified")))


@dataclass(frozen=True)
class _Stream:
    """Random numbers of some samples; each sample and purpose has its own, whatever else is drawn."""

    seed: int
    samples: range

    def normal(self, purpose: int, shape: tuple[int, ...]) -> Vector:
        """Return standard normal numbers (B, shape)."""
        each = [np.random.default_rng([self.seed, b, purpose]).standard_normal(shape) for b in self.samples]
        return np.stack(each)


def _persistent(normal: Vector, rho: float) -> Vector:
    """Turn independent normal numbers into a stationary AR(1) of variance one along the last axis."""
    values = normal.copy()
    for t in range(1, values.shape[-1]):
        values[..., t] = rho * values[..., t - 1] + (1 - rho * rho) ** 0.5 * values[..., t]
    return values


def _block(
    setting: Setting, scale: Scale, first: Vector, random: _Stream, powers: int, only: Question | None
) -> dict[tuple[Estimator, Question], Draws]:
    """Simulate some samples and estimate the questions in them."""
    n, t, weights = setting.regions, setting.years, np.array(setting.weights)
    true, index, whole, halves = _indices(setting, scale, first, random, powers)
    b, per_cell, rho = len(true), weights[:, None] ** -0.5, setting.shock_persistence
    shocks, own = (random.normal(purpose, (2, ERRORS, n, t)) for purpose in (2, 3))
    shocks = scale.shock * _persistent(shocks, rho)
    own = scale.own * per_cell * own
    error = shocks[:, 0] + own[:, 0]  # of the mean of all firms, (B, J, N, T)
    nothing = np.zeros((b, n, t))
    found: dict[tuple[Estimator, Question], Draws] = {}

    def estimate(
        question: Question,
        outcomes: Vector,
        *,
        powers: int = 1,
        others: Vector | None = None,
        within: Vector | None = None,
    ) -> None:
        extra = np.empty((b, 0, n, t)) if others is None else others
        position = powers - 1 if others is None else powers
        measured = (whole, None), (index, halves), (true, None)
        for name, (terms, pair) in zip(ESTIMATORS, measured, strict=True):
            columns = np.concatenate([terms[:, :powers], extra, outcomes], axis=1)
            solved, identified = _solved(columns, weights, powers, extra.shape[1], pair, within)
            values = solved[:, :, position, :].transpose(0, 2, 1)  # (B, outcomes, 1 + N)
            found[name, question] = Draws(values[:, 2:], values[:, :1], values[:, 1:2], identified)

    estimate("effect", _stack(true[:, 0], nothing, error))
    if only == "effect":
        return found
    estimate("curvature", _stack(true[:, 1], true[:, 0], error), powers=2)
    # the difference of two groups: their means have errors of their own, and shocks but for what they share
    apart = (1 - setting.shared) ** 0.5 * (shocks[:, 0] - shocks[:, 1])
    apart += own[:, 0] * setting.group**-0.5 - own[:, 1] * (1 - setting.group) ** -0.5
    estimate("groups", _stack(true[:, 0], nothing, apart))
    parts = random.normal(4, (2, n, t))
    moving = scale.mediator * _persistent(parts[:, 0], rho) + scale.own_mediator * per_cell * parts[:, 1]
    mediator = setting.proxy * true[:, 0] + moving
    estimate("first", _stack(true[:, 0], nothing, moving[:, None]))
    inner = np.maximum(weights - 1, 0) * (t - 1)  # free deviations of firms from the means of region and year
    within = np.zeros((b, n, 4 + ERRORS, 4 + ERRORS))
    within[:, :, 1, 1] = within[:, :, 1, 2] = within[:, :, 2, 1] = inner * scale.own_mediator**2
    products = random.normal(5, (n, ERRORS)) * (scale.own_mediator * scale.own) * inner[:, None] ** 0.5
    within[:, :, 1, 4:] = products
    within[:, :, 4:, 1] = products
    estimate("second", _stack(mediator, true[:, 0], error), others=mediator[:, None], within=within)
    return found


def _stack(effect: Vector, other: Vector, errors: Vector) -> Vector:
    return np.concatenate([effect[:, None], other[:, None], errors], axis=1)


def _indices(
    setting: Setting, scale: Scale, first: Vector, random: _Stream, powers: int
) -> tuple[Vector, Vector, Vector, Vector]:
    """Draw the true index in powers (B, P, N, T), the powers of halves on average, of the whole index, and of halves.

    The halves are (B, P, S, 2, N, T). The mean over splits and halves of a linear moment is that of the mean half.
    """
    n, t, goods = setting.regions, setting.years, setting.goods
    x = setting.between * random.normal(0, (n, 1)) + scale.movement * np.arange(t)
    x = x + scale.index * _persistent(random.normal(1, (n, t)), setting.persistence)
    shares = np.stack([first / first.sum(axis=0), (1 - first) / (1 - first).sum(axis=0)], axis=2)  # (K, S, 2)
    shares = np.column_stack([shares.reshape(goods, -1), np.full(goods, 1 / goods)]).T  # (2 S + 1, K)
    if goods > len(shares):  # fewer normal numbers with the same covariance of the means
        values, vectors = np.linalg.eigh(shares @ shares.T)
        shares = vectors * np.sqrt(np.maximum(values, 0))
    errors = scale.noise * random.normal(6, (shares.shape[1], n, t))
    errors += scale.shared_noise * random.normal(7, (shares.shape[1], 1, t))
    measured = (shares @ errors.reshape(*errors.shape[:2], -1)).reshape(len(x), -1, n, t)
    measured += x[:, None]
    whole, halves = measured[:, -1], measured[:, :-1].reshape(len(x), 1, -1, 2, n, t)
    if powers == 2:
        halves = np.concatenate([halves, halves**2], axis=1)
    w = np.stack([whole**p for p in range(1, powers + 1)], axis=1)
    true = np.stack([x**p for p in range(1, powers + 1)], axis=1)
    return true, halves.mean(axis=(2, 3)), w, halves


def _solved(
    columns: Vector, weights: Vector, p: int, others: int, halves: Vector | None, within: Vector | None
) -> tuple[Vector, Mask]:
    """Return coefficients (B, 1 + N, k, outcomes), and whether they are identified (B,).

    ``columns`` (B, C, N, T) are p terms of the index, other regressors and outcomes. With ``halves`` the products of
    the terms are those of one half with the other. ``within`` is added to the products of each region.
    """
    gram = _grams(columns, columns, weights, within)
    if halves is not None:
        a, c = (halves[:, :p, :, i] for i in (0, 1))
        crossed = _grams_of_pairs(a, c, weights)
        gram[:, :, :p, :p] = (crossed + crossed.swapaxes(-1, -2)) / 2
    k = p + others
    inner, right = gram[:, :, :k, :k], gram[:, :, :k, k:]
    net = inner[:, :, :p, :p]
    if others:
        net = net - inner[:, :, :p, p:] @ np.linalg.solve(inner[:, :, p:, p:], inner[:, :, p:, :p])
    positive = net[..., 0, 0] > 0 if p == 1 else (net[..., 0, 0] > 0) & (np.linalg.det(net) > 0)
    identified = np.asarray(np.all(positive, axis=1))
    safe = np.where(identified[:, None, None, None], inner, np.eye(k))
    return np.asarray(np.linalg.solve(safe, right), dtype=np.float64), identified


def _grams(a: Vector, c: Vector, weights: Vector, within: Vector | None) -> Vector:
    """Return weighted cross-products (B, 1 + N, C, C) net of region and year effects, of all rows and without each
    region."""
    return _grams_of_pairs(a[:, :, None], c[:, :, None], weights, within)


def _grams_of_pairs(a: Vector, c: Vector, weights: Vector, within: Vector | None = None) -> Vector:
    """Return the mean over splits of the products of columns (B, C, S, N, T) as in `_grams`.

    Formula: with columns net of their region means and m_t = sum_n w_n a_nt / W the weighted mean of a year, the net
    product is sum w_n a_n'c_n - W m_a'm_c. Without region g its sums lose the terms of g.
    """
    splits = a.shape[2]
    a, c = (np.moveaxis(m - m.mean(axis=-1, keepdims=True), 3, 1) for m in (a, c))  # (B, N, C, S, T)
    flat = [m.reshape(*m.shape[:3], -1) for m in (a, c)]
    own = weights[:, None, None] * (flat[0] @ flat[1].swapaxes(-1, -2))
    if within is not None:
        own = own + within
    sums = [(weights[:, None, None] * m).sum(axis=1, keepdims=True) for m in flat]  # (B, 1, C, S T)
    total = weights.sum()
    whole = own.sum(axis=1, keepdims=True) - sums[0] @ sums[1].swapaxes(-1, -2) / total
    left = [s - weights[:, None, None] * m for s, m in zip(sums, flat, strict=True)]
    without = own.sum(axis=1, keepdims=True) - own
    without = without - left[0] @ left[1].swapaxes(-1, -2) / (total - weights)[:, None, None]
    return np.asarray(np.concatenate([whole, without], axis=1) / splits)
