"""What the Anderson-Rubin sets of an instrument say."""

from __future__ import annotations

from integrade.models.fit.contrasts import JointTest, joint_test
from integrade.models.fit.results import FitResult, by_term
from integrade.models.instruments.weak_iv import ARSet, Instrumented, WeakIV
from integrade.numerals import fixed
from integrade.texts import listed, say


def sets_of(weak: WeakIV) -> tuple[ARSet, ...]:
    """The sets on the cluster jackknife where there are such, else those on the covariance of the fit."""
    return weak.sets_cr3 or weak.sets


def test_p(weak: WeakIV) -> float:
    """The p of the Anderson-Rubin test, likewise."""
    return weak.ar_p if weak.ar_p_cr3 is None else weak.ar_p_cr3


def set_words(s: ARSet) -> str:
    """An Anderson-Rubin set in words: bounded, all but a gap, in pieces, everything, or nothing."""
    match s.kind:
        case "line":
            return say("sets.every-value")
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
    """The joint test of the instruments in a first stage; nothing in a regression that has none of them."""
    own = [t for t in by_term(fit) if t.removesuffix("^2") in found.columns]
    return joint_test(fit, own) if own else None
