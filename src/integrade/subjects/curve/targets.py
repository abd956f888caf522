"""Compute b, its covariance and the targets (slopes at fixed points, turning point, U-test) from part of a block."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from integrade.regress import ssc
from integrade.regress.effects import Vector
from integrade.regress.students import t_one_sided, t_two_sided
from integrade.subjects.curve.blocks import SQUARE, Block
from integrade.subjects.curve.records import Target
from integrade.subjects.noise.cell_moments import solve_all

Covariance = Literal["iid", "CR1", "CR3"]


class Choice(NamedTuple):
    """One specification within a block: outcome, index, controls, covariance."""

    outcome: str
    treatment: str
    controls: tuple[str, ...]
    vcov: Covariance


class Quadratic(NamedTuple):
    """The curve b1 (x - c) + b2 (x - c)^2, the covariance of (b1, b2), and the degrees of freedom.

    The covariance is NaN if there is none.
    """

    b: Vector
    vcov: Vector
    df: float
    centre: float


def places(block: Block, choice: Choice) -> list[int]:
    """Return the positions of index, centred square, controls and outcome among the columns of the block."""
    return [block.at[n] for n in (choice.treatment, choice.treatment + SQUARE, *choice.controls, choice.outcome)]


def estimate(block: Block, choice: Choice, centre: float) -> Quadratic:
    """Return the curve with the two coefficients of the index. Both coefficients are NaN if one is not identified."""
    at = places(block, choice)
    gram = block.gram[np.ix_(at, at)]
    b = solve_all(gram[None])[0]
    vcov, df = np.full((2, 2), np.nan), float("nan")
    if np.isfinite(b).all():
        vcov, df = _covariance(block, choice, at, b)
    return Quadratic(b[:2], vcov, df, centre)


def _covariance(block: Block, choice: Choice, at: list[int], b: Vector) -> tuple[Vector, float]:
    n, k, groups = block.nobs, len(b), len(block.within)
    if choice.vcov == "CR3":
        without = solve_all(block.without[:, at][:, :, at])[:, :2] - b[:2]
        return (groups - 1) / groups * (without.T @ without), float(groups - 1)
    gram, c = block.gram[np.ix_(at, at)], np.append(-b, 1.0)
    bread = np.linalg.inv(gram[:-1, :-1])
    if choice.vcov == "iid":
        df = n - k - block.absorbed[0]
        return bread[:2, :2] * float(c @ gram @ c) / df, float(df)
    influence = (block.within[:, at[:-1]][:, :, at] @ c) @ bread[:, :2]
    factor = ssc.cluster_factor(n, k + block.absorbed[1], groups)
    return factor * (influence.T @ influence), float(groups - 1)


def slopes(b: Vector, vcov: Vector, distance: Vector) -> tuple[Vector, Vector]:
    """Return the slope b1 + 2 b2 (x - c) and its t, at every ``distance`` x - c (p,).

    ``b`` has shape (..., 2), ``vcov`` shape (..., 2, 2).
    """
    value = b[..., :1] + 2 * b[..., 1:] * distance
    variance = vcov[..., 0, 0, None] + 4 * distance * vcov[..., 0, 1, None] + 4 * distance**2 * vcov[..., 1, 1, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return value, value / np.sqrt(np.maximum(variance, 0.0))


def z_values(t: Vector, df: float) -> Vector:
    """Return signed normal quantiles with the same tail probabilities as t, limited to 8 in absolute value."""
    tail = special.stdtr(df, -np.abs(t))
    return np.sign(t) * np.minimum(-special.ndtri(np.maximum(tail, 1e-16)), 8.0)


def u_test_p(t_low: Vector, t_high: Vector, df: float) -> Vector:
    """Return the signed p of the U-test: the larger one-sided p at the two ends, negative for a U.

    The p is one if both slopes have the same sign.
    """
    p = special.stdtr(df, -np.minimum(np.abs(t_low), np.abs(t_high)))
    return np.where(t_low * t_high < 0, np.sign(t_low) * p, 1.0)


def slope_target(q: Quadratic, point: float, scale: float) -> Target:
    """Return the slope at a value of the index, times ``scale``."""
    value, t = slopes(q.b, q.vcov, np.array([point - q.centre]))
    slope = float(value[0]) * scale
    if not math.isfinite(t[0]):
        return Target(slope, None, None)
    return Target(slope, float(abs(slope / t[0])) if t[0] else None, t_two_sided(float(t[0]), q.df), q.df)


def turning_target(q: Quadratic) -> Target:
    """Return the turning point c - b1 / (2 b2) with its delta-method error."""
    b1, b2 = (float(v) for v in q.b)
    if not b2:
        return Target(math.inf, None, None)
    gradient = np.array([-1 / (2 * b2), b1 / (2 * b2**2)])
    variance = float(gradient @ q.vcov @ gradient)
    return Target(q.centre - b1 / (2 * b2), math.sqrt(variance) if variance >= 0 else None, None, q.df)


def u_test_of(q: Quadratic, ends: tuple[float, float]) -> float:
    """Return the p of the U-test over a range of the index; NaN without a covariance.

    The p is one if both slopes have the same sign. It is the same for an inverted U and a U.
    """
    _, t = slopes(q.b, q.vcov, np.array(ends) - q.centre)
    low, high = (float(v) for v in t)
    if math.isnan(low * high):
        return math.nan
    return max(t_one_sided(abs(low), q.df), t_one_sided(abs(high), q.df)) if low * high < 0 else 1.0
