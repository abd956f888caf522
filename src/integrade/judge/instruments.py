"""What the Anderson-Rubin sets of an instrument say."""

from __future__ import annotations

from integrade.models.instruments.weak_iv import ARSet, WeakIV
from integrade.numerals import fixed


def sets_of(weak: WeakIV) -> tuple[ARSet, ...]:
    """The sets on the cluster jackknife where there are such, else those on the covariance of the fit."""
    return weak.sets_cr3 or weak.sets


def test_p(weak: WeakIV) -> float:
    """The p of the Anderson-Rubin test, likewise."""
    return weak.ar_p if weak.ar_p_cr3 is None else weak.ar_p_cr3


def set_words(s: ARSet) -> str:
    """An Anderson-Rubin set in words: bounded, all but a gap, in pieces, everything, or nothing."""
    ends = [
        f"from {fixed(a, 4)} to {fixed(b, 4)}"
        if a is not None and b is not None
        else f"up to {fixed(b, 4)}"
        if b is not None
        else f"from {fixed(a, 4)} on"
        if a is not None
        else "everything"
        for a, b in s.intervals
    ]
    match s.kind:
        case "line":
            return "unbounded: every value, the data say nothing"
        case "empty":
            return "empty: no value agrees with all instruments"
        case "interval":
            return ends[0]
        case _:
            bound = any(None in pair for pair in s.intervals)
            return ("unbounded: " if bound else "in pieces: ") + " and ".join(ends)
