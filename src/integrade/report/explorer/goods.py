"""Compute what the uncorrected headline would be if the index were made from more or fewer goods."""

from __future__ import annotations

import math
from typing import NamedTuple

from integrade.estimate.inverted_u import parabola
from integrade.estimate.results import by_term
from integrade.report.explorer.estimates import Curve, Estimate, scale_of
from integrade.subjects.noise.verdict import halves_of_headline
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.headline import headline

NUMBERS = (5, 10, 20, 40, 80)
"""Numbers of goods that are shown besides the study's own; a convention."""


class Goods(NamedTuple):
    """The headline with a number of goods (None: without noise): share of noise, curve and quantities.

    ``own`` marks the study's own number.
    """

    number: int | None
    share: float
    curve: Curve
    quantities: dict[str, Estimate]
    own: bool = False


def goods_of(results: StudyResults) -> list[Goods]:
    """Return the headline with several numbers of goods, then without noise.

    The list is empty if halves of the goods do not correct the headline, or if they find no noise.

    Formula: with K goods the index has noise of variance s / K. In the curve a (x - m) + c (x - m)^2, m the mean of the
        index, let k be the ratio of noise to true variation with the study's K0 goods (halves of the goods, net of the
        effects) and t = K0 / K. Noise multiplies a by 1 / (1 + k t) and c by its square, as for a normal index. Both
        are scaled so that t = 1 gives the uncorrected estimate and t = 0 the corrected one.
    """
    halves, column = halves_of_headline(results), headline(results)
    if halves is None or column is None or column.u_test is None or not halves.identified:
        return []
    x, fit = column.u_test.variable, column.headline
    scale, corrected = scale_of(fit, x), by_term(halves.fit)
    noise = halves.noise_share
    if scale is None or not {x, f"{x}^2"} <= set(corrected) or not 0 < noise < 1:
        return []
    own, ratio = parabola(fit, x), noise / (1 - noise)
    b1, b2 = corrected[x].estimate, corrected[f"{x}^2"].estimate
    measured, true = _centred(own.b1, own.b2, own.centre), _centred(b1, b2, own.centre)
    found = list[Goods]()
    for number in (*sorted({*NUMBERS, halves.goods}), None):
        t = 0.0 if number is None else halves.goods / number
        slope, bend = between(true[0], measured[0], ratio, t, 1), between(true[1], measured[1], ratio, t, 2)
        curve = _curve(slope, bend, own.centre, own.low, own.high)
        share = ratio * t / (1 + ratio * t)
        found.append(Goods(number, share, curve, scale.quantities(curve), number == halves.goods))
    return found


def between(true: float, measured: float, ratio: float, t: float, power: int) -> float:
    """Return a coefficient with noise of ``t`` times the study's: ``measured`` at t = 1 and ``true`` at t = 0.

    ``ratio`` is noise over true variation at t = 1. The coefficient falls as ``1 / (1 + ratio t) ** power``.

    Example:
        >>> between(1.0, 0.5, 1.0, 0.5, 1)
        0.6666666666666667
    """
    lost = (1 - (1 + ratio * t) ** -power) / (1 - (1 + ratio) ** -power)
    return true + (measured - true) * lost


def _centred(b1: float, b2: float, centre: float) -> tuple[float, float]:
    """Return slope and curvature of b1 x + b2 x^2 at ``centre``."""
    return b1 + 2 * b2 * centre, b2


def _curve(slope: float, bend: float, centre: float, low: float, high: float) -> Curve:
    point = centre - slope / (2 * bend) if bend else math.nan
    return Curve(low, high, centre, slope - 2 * bend * centre, bend, point=point)
