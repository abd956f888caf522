"""Formulas made from formulas: columns swapped, terms added or left out, and the text that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from integrade.models.linear.formula import Formula, Part, Term

_PLAIN = re.compile(r"[^\W\d][\w.]*\Z")


def has(term: Term, column: str) -> bool:
    """Whether the term contains the column."""
    return column in term.columns


def swapped(term: Term, columns: Mapping[str, str]) -> Term:
    """The term with columns replaced by others."""
    return Term(tuple(replace(p, column=columns.get(p.column, p.column)) for p in term.parts))


def square(column: str) -> Term:
    """``column^2``."""
    return Term((Part(column, 2),))


def with_regressors(formula: Formula, regressors: Sequence[Term], outcome: Term | None = None) -> Formula:
    """The formula with other regressors (and maybe another outcome) and the text to match."""
    return rendered(replace(formula, regressors=tuple(regressors), outcome=outcome or formula.outcome))


def rendered(formula: Formula) -> Formula:
    """The formula with its text written anew from its terms."""
    right = [_term(t) for t in formula.regressors]
    if not formula.intercept and not formula.effects:
        right.append("0")
    text = f"{_term(formula.outcome)} ~ {' + '.join(right) or '1'}"
    if formula.effects or formula.endogenous:
        text += " | " + (" + ".join("^".join(_name(c) for c in e) for e in formula.effects) or "0")
    if formula.endogenous:
        sides = (" + ".join(_term(t) for t in side) for side in (formula.endogenous, formula.instruments))
        text += " | " + " ~ ".join(sides)
    return replace(formula, text=text)


def _term(term: Term) -> str:
    return ":".join(_part(p) for p in term.parts)


def _part(part: Part) -> str:
    base = f"ln({_name(part.column)})" if part.log else _name(part.column)
    return base if part.power == 1 else f"{base}^{part.power}"


def _name(column: str) -> str:
    return column if _PLAIN.match(column) else f"`{column}`"
