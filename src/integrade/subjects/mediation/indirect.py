"""Compute results on indirect effects without data: tests of a product, sensitivity, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from integrade.estimate.multiple import holm
from integrade.estimate.results import Vector
from integrade.subjects.mediation.records import Indirect, Sense, Sensitivity, Word, ZTest
from integrade.wording.numerals import below

SAME = 1e-9  # two |z| that differ by less (relatively) count as equal, because rounding can cause it
GRID = tuple(round(-0.9 + 0.1 * i, 1) for i in range(19))  # the step of R's medsens


def product_tests(a: float, a_error: float, b: float, b_error: float) -> tuple[ZTest, ZTest, ZTest]:
    """Compute z = a b / s with three variances of the product: Sobel (1982), Aroian (1947), Goodman (1960).

    s^2 = b^2 s_a^2 + a^2 s_b^2 (Sobel); this + s_a^2 s_b^2 (Aroian); or this - s_a^2 s_b^2 (Goodman; NaN if negative).

    Example:
        >>> round(product_tests(0.0804, 0.0804 / 84.04, -0.0016, 0.0016 / 1.59)[0].z, 3)
        -1.59
    """
    first, second = (b * a_error) ** 2 + (a * b_error) ** 2, (a_error * b_error) ** 2
    return _z(a * b, first), _z(a * b, first + second), _z(a * b, first - second)


def _z(product: float, variance: float) -> ZTest:
    error = math.sqrt(variance) if variance >= 0 else math.nan
    z = product / error if error > 0 else math.nan
    return ZTest(error, z, math.erfc(abs(z) / math.sqrt(2)))


class Residuals(NamedTuple):
    """Standard deviations of the residuals of outcome and mediator, and their correlation.

    Residuals are given treatment and controls.
    """

    outcome: float
    mediator: float
    correlation: float


def residuals(gram: Vector, given: Sequence[int], outcome: int, mediator: int) -> Residuals:
    """Return residuals of outcome and mediator net of the columns ``given``, from cross-products (m, m).

    The standard deviations are correct up to a common factor.
    """
    pair, at = [outcome, mediator], list(given)
    scale = np.sqrt(np.diag(gram))
    unit = gram / np.outer(scale, scale)
    net = unit[np.ix_(pair, pair)] - unit[np.ix_(pair, at)] @ np.linalg.solve(
        unit[np.ix_(at, at)], unit[np.ix_(at, pair)]
    )
    y, m = math.sqrt(net[0, 0]), math.sqrt(net[1, 1])
    return Residuals(y * float(scale[outcome]), m * float(scale[mediator]), float(net[0, 1]) / (y * m))


def slope_if_correlated(e: Residuals, rho: float) -> float:
    """Return b if the errors of the mediator's and the outcome's equation correlate by rho.

    Formula: (s1 / s2) (r - rho sqrt((1 - r^2) / (1 - rho^2))), r the correlation of the residuals of outcome (s1) and
    mediator (s2) given the treatment: zero at rho = r, the least-squares b at rho = 0.

    Reference: Imai, Keele and Yamamoto (2010), theorem 4.
    """
    r = e.correlation
    return e.outcome / e.mediator * (r - rho * math.sqrt((1 - r * r) / (1 - rho * rho)))


def sensitivity(e: Residuals, at: Indirect, unexplained: float) -> Sensitivity:
    """Return the correlation of errors at which the effect is zero, and the effect on a grid of correlations.

    ``unexplained`` = (1 - R2_M)(1 - R2_Y).
    """
    slopes = [(rho, slope_if_correlated(e, rho)) for rho in GRID]
    square = e.correlation**2
    grid = tuple((rho, b, at.a * b) for rho, b in slopes)
    return Sensitivity(e.correlation, square, square * unexplained, at.place, grid)


def excludes_zero(effect: Indirect) -> bool:
    """Return whether the interval lies on one side of zero."""
    return effect.conf_low > 0 or effect.conf_high < 0


def equally_clear(effects: Sequence[Indirect]) -> tuple[Indirect, ...]:
    """Return the effects with the largest |z| (Sobel).

    If intervals of some effects exclude zero, only these effects are considered. Several are returned if |z| is the
    same, for example at all x if the mediator's equation has no square. The returned effects are sorted by `in_order`.
    """
    some = [e for e in effects if excludes_zero(e)] or list(effects)
    most = max(map(_clarity, some))
    tied = [e for e in some if _clarity(e) >= most * (1 - SAME)]
    return tuple(in_order(tied))


def _clarity(effect: Indirect) -> float:
    return 0.0 if math.isnan(effect.sobel.z) else abs(effect.sobel.z)


def over_places(effects: Sequence[Indirect], p_b: float, level: float) -> tuple[Indirect, ...]:
    """Return the effects with their fields ``p_holm`` and ``sense`` filled in.

    Formula: p_holm(x) = max(p_b, Holm over places of max(p_a(x), p_draws(x))). A place is a value x of the treatment.
        The test of b is one test for all x. If b is zero, no effect is established more often than p_b allows. If b is
        not zero, the x without an effect have a(x) = 0, and Holm's adjustment covers them. Values with the same effect
        (a path without a square) count as one test.
    """
    p_values = [max(e.p_a, e.p_draws) for e in effects]
    adjusted = p_values if alike(effects) else holm(p_values).tolist()
    with_p = []
    for e, p in zip(effects, adjusted, strict=True):
        larger = max(p, p_b)
        with_p.append(replace(e, p_holm=larger, sense=sense(e.a, e.b) if below(larger, 1 - level) else "open"))
    return tuple(with_p)


def alike(effects: Sequence[Indirect]) -> bool:
    """Return whether the indirect effect is equal at all values of the treatment.

    This is so, for example, if the mediator's equation has no square.
    """
    values = [e.estimate for e in effects]
    return max(values) - min(values) <= SAME * max(map(abs, values))


def sense(a: float, b: float) -> Sense:
    """Return, in words, what the signs of both paths mean."""
    if a > 0:
        return "rises and raises" if b > 0 else "rises and lowers"
    return "falls and raises" if b > 0 else "falls and lowers"


def established(effects: Sequence[Indirect]) -> tuple[Indirect, ...]:
    """Return the effects at those x where both paths and their product are established, in the order of x."""
    return tuple(e for e in in_order(effects) if e.sense != "open")


def in_order(effects: Sequence[Indirect]) -> list[Indirect]:
    """Return the effects sorted by x, then by name, so that the order in which values are given does not matter."""
    return sorted(effects, key=lambda e: (-math.inf if e.x is None else e.x, e.place))


def verdict(effects: Sequence[int], direct: Sequence[int], direct_significant: bool) -> Word:
    """Return the verdict on a mediator, from all values x of the treatment at which something is established.

    ``effects`` holds the sign of the indirect effect at each of these x. ``direct`` holds the sign of the direct slope
    there, or 0 if the slope's test does not reject. ``direct_significant`` is whether the joint test of the direct
    effect rejects. If nothing is established at any x, the verdict is not mediated. If indirect effects have both
    signs, the verdict is mixed. If ``direct_significant`` is false, the verdict is mediated. Otherwise the x with a
    significant direct slope decide. If the direct slope has the opposite sign at all of these x, the verdict is
    suppression. If it has the opposite sign at none of them, the verdict is partially mediated. If at some of them, the
    verdict is mixed.
    """
    if not effects:
        return "not mediated"
    if len(set(effects)) > 1:
        return "mixed"
    against = {
        indirect_sign * direct_sign < 0
        for indirect_sign, direct_sign in zip(effects, direct, strict=True)
        if direct_sign
    }
    if not direct_significant:
        return "mediated"
    if len(against) > 1:
        return "mixed"
    return "suppression" if against == {True} else "partially mediated"
