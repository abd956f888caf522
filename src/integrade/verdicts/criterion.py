"""Tell what the paper would claim: its criterion is the sign and the stars of coefficients, with errors by rows."""

from __future__ import annotations

from integrade.estimate.results import FitResult, by_term
from integrade.subjects.groups.records import GroupSplit
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.wording.numerals import below

STARRED = 0.1
"""A coefficient has a star in the paper's tables if its p-value is below this level."""


def by_sign_and_stars(verdict: Verdict, results: StudyResults) -> bool | None:
    """Return whether the paper's criterion supports a claim; None for a claim that the paper does not make.

    Inverted U: in the last column of Table 4 the treatment is positive and its square negative, both with stars.
    Channel: the treatment raises the mediator, with stars. (The paper calls H3 verified although research has no stars
    in the equation of the outcome.)
    Stronger in firms that are not state-owned: both terms have stars there, but not in state-owned firms.
    Groups differ: both terms have stars in one group and not in another; no difference is tested.
    All p-values are of the errors that the paper's tables print.
    """
    kind, _, name = verdict.about.partition(":")
    x = next((m.treatment for m in results.mediation), None)
    if kind == "inverted_u":
        columns = results.printed or results.benchmark
        return _inverted(columns[-1].headline) if columns else None
    if kind == "promotes":
        found = next((m for m in results.mediation if m.mediators[0].name == name), None)
        return None if found is None or x is None else _has(found.mediators[0].a_path, x, sign=1)
    splits = {name: s for s in results.groups for name in (s.how, s.comparison.by)}
    if kind not in ("stronger", "differs") or name not in splits:
        return None
    there = _with_stars(splits[name])
    return (
        there.get("non_state", False) and not there.get("state", True)
        if kind == "stronger"
        else len({*there.values()}) > 1
    )


def _inverted(fit: FitResult) -> bool:
    x = next((term for term in by_term(fit) if f"{term}^2" in by_term(fit)), "")
    return _has(fit, x, sign=1) and _has(fit, f"{x}^2", sign=-1)


def _has(fit: FitResult, term: str, *, sign: int) -> bool:
    """Return whether a coefficient has this sign, and stars."""
    found = by_term(fit).get(term)
    return found is not None and sign * found.estimate > 0 and below(found.p_value, STARRED)


def _with_stars(split: GroupSplit) -> dict[str, bool]:
    """Return for each group whether the treatment and its square both have stars."""
    shown = split.printed or split.comparison
    x = shown.treatment
    return {
        g.group: all(below(c.p_value, STARRED) for c in g.fit.coefficients if c.term in (x, f"{x}^2"))
        for g in shown.groups
    }
