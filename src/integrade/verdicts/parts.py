"""Define the tested conditions of a rule, each with the number it rests on, and combine them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from integrade.records.confidence import Alpha
from integrade.wording.numerals import below, p_equals, percent
from plainwords.texts import Cell, quoted, say

LEVEL = 0.05
"""Size of the tests behind every verdict: the usual 5%."""


@dataclass(frozen=True)
class Part:
    """One tested condition of a rule: its sentence with the number it rests on, and whether it holds.

    ``holds`` is None if the condition was not tested. ``key`` is the same in every language (``u_test``); ``value`` is
    the number, None if there is none. A part whose ``needed`` is false counts only if it was tested. ``inner`` are the
    sentences of the conditions that this one consists of.
    """

    what: str
    holds: bool | None
    value: float | None = None
    key: str = ""
    needed: bool = True
    inner: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The condition and whether it holds."""
        if self.holds is None:
            return say("parts.not-tested" if self.needed else "parts.not-needed", what=self.what)
        return say("parts.holds" if self.holds else "parts.fails", what=self.what)


def below_level(key: str, test: str, p: float | None, alpha: Alpha = LEVEL, *, cell: Cell | None = None) -> Part:
    """Return the condition that a p-value is below the test's size. ``test`` is the test's name within a sentence.

    ``cell`` prints that p-value.
    """
    if p is None:
        return Part(say("parts.p-missing", test=test, level=percent(alpha, 0)), None, None, key)
    condition = say("parts.p-below", test=test, level=percent(alpha, 0), p=quoted(p_equals(p), cell))
    return Part(condition, below(p, alpha), p, key)


def all_hold(parts: Iterable[Part]) -> bool | None:
    """Return whether every part holds (Kleene's and): False if one fails, else None if a needed one was not tested."""
    outcomes = [part.holds for part in parts if part.needed or part.holds is not None]
    return False if False in outcomes else None if None in outcomes else True
