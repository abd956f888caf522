"""Expand one formula into many regressions: ``c(y1, y2) ~ x + csw0(a, b) | firm + sw(year, industry^year)``.

``sw(a, b)`` enters each alternative in turn. ``csw(a, b)`` enters the first, then the first two, and so on. ``sw0`` and
``csw0`` begin with a regression that has none of them. An alternative may be a sum (``sw(a + a^2, b)``). A formula with
several of these functions describes all combinations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, product
from math import prod

from integrade.errors import BadFormula

_STEP = re.compile(r"(c?sw0?)\s*\((.*)\)", re.DOTALL)
_ANY_STEP = re.compile(r"(?<![\w.])c?sw0?\s*\(")
_OUTCOMES = re.compile(r"c\s*\((.*)\)", re.DOTALL)
MOST = 1000
"""Largest number of regressions in one formula; a convention."""
_REMEDY = 'write e.g. "c(y1, y2) ~ x + csw0(a, b) | firm + year"'


@dataclass(frozen=True)
class Variant:
    """One regression that a formula describes: its own formula, and the alternatives chosen."""

    text: str
    chosen: tuple[str, ...]


def expand(text: str) -> tuple[Variant, ...]:
    """Return the regressions of a formula, ordered by outcome, then by effects, then by regressors.

    Raises `BadFormula` for an alternative that is empty, nested or part of a product.
    """
    head, *after = pieces(text, "|")
    sides = pieces(head, "~")
    if len(sides) != 2:
        return (Variant(text, ()),)  # the formula's own parser reports the error
    outcomes = _outcomes(text, sides[0])
    right = _sums(text, sides[1], empty="1")
    steps_among_effects = bool(after) and len(pieces(after[0], "~")) == 1
    effects = _sums(text, after[0], empty="0") if steps_among_effects else [("", ())]
    tail = "".join(f" | {p.strip()}" for p in after[1:]) if steps_among_effects else "".join(f" |{p}" for p in after)
    many = len(outcomes) > 1
    _require_few(text, len(outcomes) * len(right) * len(effects))
    stepwise = _ANY_STEP.search(text) or _OUTCOMES.match(text.strip())  # even with a single alternative
    if not many and len(right) == len(effects) == 1 and not stepwise:
        return (Variant(text, ()),)
    variants = []
    for y, (among_effects, e_chosen), (regressors, x_chosen) in product(outcomes, effects, right):
        whole = f"{y} ~ {regressors}" + (f" | {among_effects}" if steps_among_effects else "") + tail
        variants.append(Variant(whole, (*((y,) if many else ()), *x_chosen, *e_chosen)))
    return tuple(variants)


def _require_few(text: str, n: int) -> None:
    if n > MOST:
        raise BadFormula(f"the formula expands to more than {MOST:,} regressions", where=text[:200], remedy=_REMEDY)


def pieces(text: str, sign: str) -> list[str]:
    """Split the text at every sign that is outside parentheses and backticks."""
    parts, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == "`"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == sign and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _outcomes(text: str, left: str) -> list[str]:
    """Return the outcomes on the left side: one, or those in ``c(y1, y2)``."""
    match = _OUTCOMES.fullmatch(left.strip())
    if match is None:
        return [left.strip()]
    names = [p.strip() for p in pieces(match[1], ",")]
    if not all(names) or len(set(names)) < len(names):
        raise BadFormula("an outcome is missing or appears twice", where=text, remedy=_REMEDY)
    return names


def _sums(text: str, side: str, *, empty: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return every sum of terms that one side of a formula describes, each with the alternatives chosen."""
    options = [list(_alternatives(text, term.strip())) for term in pieces(side, "+")]
    _require_few(text, prod(map(len, options)))
    sums = []
    for choice in product(*options):
        terms = [term for term, _ in choice if term]
        sums.append((" + ".join(terms) or empty, tuple(label for _, label in choice if label)))
    return sums


def _alternatives(text: str, term: str) -> Iterator[tuple[str, str]]:
    """Yield (term, label) for each alternative; the label is empty where there is no choice."""
    match = _STEP.fullmatch(term)
    inner = term if match is None else match[2]
    if _ANY_STEP.search(inner):
        what = "sw(), csw(), sw0() and csw0() must be separate terms between + signs and cannot be nested"
        raise BadFormula(what, where=f"{term!r} in {text!r}", remedy=_REMEDY)
    if match is None:
        yield term, ""
        return
    listed = [p.strip() for p in pieces(inner, ",")]
    if not all(listed) or len(set(listed)) < len(listed):
        raise BadFormula("an alternative is empty or appears twice", where=f"{term!r} in {text!r}", remedy=_REMEDY)
    if match[1].endswith("0"):
        yield "", "none"
    steps = accumulate(listed, "{} + {}".format) if match[1].startswith("c") else listed
    yield from ((step, step) for step in steps)
