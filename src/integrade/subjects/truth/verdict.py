"""Compare estimates with a simulated economy, through the same regression on its true data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from integrade.estimate.inverted_u import CurvePoint
from integrade.subjects.truth.model import Truth
from integrade.verdicts.bundle import StudyResults, Verdict, headline, treatment_terms
from integrade.wording.numerals import Printing, by_interval, fixed, noise_text, percent, placed
from plainwords.texts import Said, say


class Terms(NamedTuple):
    """Coefficients of the treatment and its square: in the economy itself, and by the regression on its true data.

    The economy's coefficients hold for the firms that the treatment affects. If the sample has other firms too, the
    coefficients of the regression are the right comparison.
    """

    economy: tuple[float, float]
    on_true_data: tuple[float, float] | None

    def move(self, start: float, end: float) -> tuple[float, float | None]:
        """Return the effect of a move of the treatment: in the economy, and by the regression."""
        regression = None if self.on_true_data is None else _moved(self.on_true_data, start, end)
        return _moved(self.economy, start, end), regression

    def slope(self, x: float) -> tuple[float, float | None]:
        """Return the slope at a value of the treatment: in the economy, and by the regression."""
        return _slope(self.economy, x), None if self.on_true_data is None else _slope(self.on_true_data, x)


def _slope(b: tuple[float, float], x: float) -> float:
    return b[0] + 2 * b[1] * x


def _moved(b: tuple[float, float], start: float, end: float) -> float:
    return b[0] * (end - start) + b[1] * (end**2 - start**2)


def true_terms(results: StudyResults) -> Terms | None:
    """Return the true coefficients of the headline's treatment and its square; None if the truth is not known."""
    column = headline(results)
    known = [by_parameter(results, t) for t in (treatment_terms(column) if column else ())]
    if len(known) != 2 or known[0] is None or known[1] is None:
        return None
    linear, square = known[0], known[1]
    both = None if linear.oracle is None or square.oracle is None else (linear.oracle, square.oracle)
    return Terms((linear.truth, square.truth), both)


def by_parameter(results: StudyResults, name: str) -> Truth | None:
    """Return the comparison of a parameter with its truth; None if there is none.

    ``name`` is the name of the parameter, or the key of the text that names it.
    """
    for t in results.truth:
        if t.parameter == name or (isinstance(t.parameter, Said) and t.parameter.key == name):
            return t
    return None


def true_curve(results: StudyResults, points: Sequence[CurvePoint]) -> tuple[tuple[float, float], ...]:
    """Return the curve of the regression on true data at the points of a fitted curve.

    The true curve is shifted to meet the fitted curve where the band of the fitted curve is narrowest.
    """
    terms = true_terms(results)
    if terms is None or terms.on_true_data is None or not points:
        return ()
    at, b = min(points, key=lambda p: p.high - p.low), terms.on_true_data
    return tuple((p.x, at.fit + _moved(b, at.x, p.x)) for p in points)


def beside_truth(verdict: Verdict) -> str:
    """Return text on whether a verdict is right, is wrong, or misses a true claim in a simulated economy.

    The text is empty if the truth is not known or the hypothesis was not tested.
    """
    if verdict.truth is None or verdict.outcome == "not tested":
        return ""
    if verdict.outcome == "supported":
        return say("truths.right" if verdict.truth else "truths.wrongly-supported")
    if verdict.outcome == "contradicted":
        return say("truths.wrongly-contradicted" if verdict.truth else "truths.rightly-contradicted")
    if verdict.outcome == "cannot be told":
        return say("truths.open-true" if verdict.truth else "truths.open-false")
    return say("truths.missed" if verdict.truth else "truths.rightly-not-supported")


def is_wrong(verdict: Verdict) -> bool:
    """Return whether a verdict is the opposite of the truth. A verdict that finds nothing is not the opposite."""
    return verdict.outcome in ("supported", "contradicted") and verdict.truth == (verdict.outcome == "contradicted")


def is_missed(verdict: Verdict) -> bool:
    """Return whether a claim that is true in a simulated economy was tested and neither supported nor contradicted."""
    return verdict.truth is True and verdict.outcome in ("not supported", "cannot be told")


def size_of_truth(t: Truth) -> Printing:
    """Return the function that prints a parameter, its estimates and their intervals.

    They have the decimals that the shorter interval needs, and four without an interval.
    """
    narrow = min([(t.oracle_low, t.oracle_high), (t.conf_low, t.conf_high)], key=_length)
    own = partial(fixed, digits=4) if _length(narrow) == math.inf else by_interval(*narrow)
    return PRINTED.get(t.parameter.key if isinstance(t.parameter, Said) else t.parameter, own)


def _length(ends: tuple[float | None, float | None]) -> float:
    low, high = ends
    return math.inf if low is None or high is None or not math.isfinite(high - low) else high - low


PRINTED: Mapping[str, Printing] = {
    "truth.turning-point": placed,
    "truth.share-past": percent,
    "truth.share-through": percent,
    "truth.noise-between": noise_text,
    "truth.noise-net": noise_text,
}
"""Parameter that is not a coefficient -> function that prints it as the rest of the report prints the same quantity."""
