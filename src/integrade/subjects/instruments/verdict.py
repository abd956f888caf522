"""Judge the strength of instruments, and put Anderson-Rubin sets into words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from integrade.estimate.contrasts import JointTest, joint_test
from integrade.estimate.multiple import holm
from integrade.estimate.results import FitResult, by_term
from integrade.subjects.instruments.weak_iv import ARSet, Instrumented, WeakIV
from integrade.wording.numerals import below, fixed
from plainwords.texts import listed, say

WEAK_BIAS = "10%"
"""The effective F of an instrument is compared with the 5% critical value for this relative bias."""
RULE_OF_THUMB = 10.0
"""With several instrumented regressors, Kleibergen and Paap's F should exceed this value (the usual rule of thumb)."""


class Strength(NamedTuple):
    """Strength of the instruments of a regression: an F, and the value that it should exceed (None if unknown)."""

    kind: Literal["effective", "kleibergen-paap"]
    f: float
    needed: float | None

    @property
    def weak(self) -> bool | None:
        """True if the F is below the needed value; None if the needed value is not known."""
        return None if self.needed is None else self.f < self.needed


def strength_of(fit: FitResult) -> Strength | None:
    """Return the measure of strength that all sentences and tables use; None without instruments or without an F.

    With one instrumented regressor, Montiel Olea and Pflueger's effective F is compared with its critical value for
    `WEAK_BIAS`. With several, Kleibergen and Paap's joint F is compared with `RULE_OF_THUMB`. Sanderson and
    Windmeijer's F of each regressor is printed too, but decides nothing.
    """
    if fit.iv is None:
        return None
    if fit.iv.effective_f is not None:
        return Strength("effective", fit.iv.effective_f, (fit.iv.effective_f_critical or {}).get(WEAK_BIAS))
    return None if math.isnan(fit.iv.kp_f) else Strength("kleibergen-paap", fit.iv.kp_f, RULE_OF_THUMB)


def adjusted_exogeneity(several: Sequence[Instrumented]) -> list[float | None]:
    """Return the p of each instrument's control-function test of exogeneity, Holm-adjusted; None without a test."""
    tests = [None if i.control is None else i.control.exogeneity.p_value for i in several]
    p_values = [p for p in tests if p is not None]
    adjusted = iter(holm(p_values).tolist() if p_values else [])
    return [None if p is None else next(adjusted) for p in tests]


def sets_of(weak: WeakIV) -> tuple[ARSet, ...]:
    """Return the sets from the cluster jackknife if there are any, else the sets from the covariance of the fit."""
    return weak.sets_cr3 or weak.sets


def test_p(weak: WeakIV) -> float:
    """Return the p of the Anderson-Rubin test, from the cluster jackknife if available."""
    return weak.ar_p if weak.ar_p_cr3 is None else weak.ar_p_cr3


def rejected(weak: WeakIV) -> bool:
    """Return whether the Anderson-Rubin test rejects that no endogenous regressor has an effect.

    The size of the test is 1 minus the level of the sets.
    """
    return below(test_p(weak), 1 - weak.level)


def set_words(s: ARSet, *, effect: bool = False) -> str:
    """Return an Anderson-Rubin set in words: bounded, all except a gap, in pieces, everything, or nothing.

    ``effect`` is the result of `rejected`: whether the joint test of all endogenous regressors rejects. If so, a
    projected set may still contain every value of one coefficient, although the data are informative.
    """
    match s.kind:
        case "line":
            return say("sets.no-bound-alone" if effect and s.projected else "sets.every-value")
        case "empty":
            return say("sets.no-value")
        case "interval":
            return _between(*s.intervals[0])
        case _:
            pieces = listed([_between(*pair) for pair in s.intervals], "and")
            unbounded = any(None in pair for pair in s.intervals)
            return say("sets.unbounded" if unbounded else "sets.in-pieces", pieces=pieces)


def _between(low: float | None, high: float | None) -> str:
    match low, high:
        case None, None:
            return say("sets.everything")
        case None, _:
            return say("sets.up-to", high=fixed(high, 4))
        case _, None:
            return say("sets.from-on", low=fixed(low, 4))
        case _:
            return say("sets.from-to", low=fixed(low, 4), high=fixed(high, 4))


def first_stage_test(found: Instrumented, fit: FitResult) -> JointTest | None:
    """Return the joint test of the instruments in a first stage; None for a regression without instruments."""
    terms = [t for t in by_term(fit) if t.removesuffix("^2") in found.columns]
    return joint_test(fit, terms) if terms else None
