"""Placebos: what a study tests that should not be there, each a test of its own, and one reading of them together.

A placebo is the treatment of later years in the regression of this year's outcome, with this year's treatment beside
it. It is a test of the design, not a variant of the result: that the curve is there with the placebo's terms beside it
says nothing for the result where those terms reject. Not among them are the treatment of a later year alone, which
stands for this year's where the series persists, and permuted paths of regions, which test the effect itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from integrade.estimate.formula import parse_formula
from integrade.estimate.multiple import holm
from integrade.subjects.robustness.model import Variant
from integrade.subjects.shape.verdict import wild_p
from integrade.verdicts.bundle import StudyResults, treatment_of
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import label_of, number_of_table
from integrade.verdicts.parts import LEVEL
from integrade.wording.numerals import noise_text, p_equals
from integrade.wording.texts import listed, say

Beside = Literal["this year", "this year and the past"]

PLACEBO = "placebo"
"""The family of variants of the robustness table that are tests of the design."""


@dataclass(frozen=True)
class Placebo:
    """One test that later years of the treatment do nothing, with this year's in the same regression.

    ``beside``: what of the treatment stands in the regression with them; ``ahead``: how many years ahead; ``terms``:
    what is tested together, in ``formula``, with ``p_value``; ``p_wild`` is the wild cluster bootstrap's, missing where
    none was drawn. ``p_holm``: the larger of the two, adjusted over the placebos of the study. ``n``: rows. ``table``:
    where it stands.
    """

    treatment: str
    beside: Beside
    ahead: tuple[int, ...]
    terms: tuple[str, ...]
    formula: str
    p_value: float
    p_holm: float
    p_wild: float | None
    n: int
    table: str

    @property
    def rejects(self) -> bool:
        """Whether it speaks against the design: both p below 5 % after Holm's adjustment."""
        return self.p_holm < LEVEL

    @property
    def is_low(self) -> bool:
        """Whether one of its own p is below 5 %, before it is adjusted."""
        return self.p_value < LEVEL or (self.p_wild is not None and self.p_wild < LEVEL)

    @property
    def p_larger(self) -> float:
        """The larger of the p of the joint test and of the wild bootstrap, where that was drawn.

        The joint F on CR3 alone rejects in up to .118 of samples of few, unlike clusters (docs/certification.md).
        """
        return self.p_value if self.p_wild is None else max(self.p_value, self.p_wild)


def placebos(results: StudyResults) -> tuple[Placebo, ...]:
    """The placebos of a study in the order of their tables, each regression once, Holm-adjusted together.

    Missing values: a placebo that could not be estimated is not among them (`impossible` says which).
    """
    found = _distinct([*_of_lags(results), *_of_variants(results)])
    adjusted = holm([p.p_larger for p in found]).tolist()
    return tuple(replace(p, p_holm=q) for p, q in zip(found, adjusted, strict=True))


def adjusted_p(results: StudyResults, table: str) -> Mapping[str, float]:
    """The Holm-adjusted p of the placebos that stand in a table, by formula; empty where there is one placebo alone."""
    found = placebos(results)
    return {p.formula: p.p_holm for p in found if p.table == table} if len(found) > 1 else {}


def family_said(results: StudyResults) -> str:
    """Over which placebos their p are adjusted, and in which tables these stand; empty where there is one alone."""
    found = placebos(results)
    if len(found) < 2:
        return ""
    tables = [number_of_table(results, t) for t in dict.fromkeys(p.table for p in found)]
    key = "placebo.family" if len(tables) > 1 else "placebo.family-in-one-table"
    return say(key, tests=str(len(found)), tables=listed(tables, "and"))


def impossible(results: StudyResults) -> tuple[Variant, ...]:
    """Placebos of the robustness table without a test; their notes say why."""
    return tuple(v for v in results.robustness if v.family == PLACEBO and v.joint_p is None)


def _of_lags(results: StudyResults) -> list[Placebo]:
    study = results.lags
    if study is None or study.alone.placebo is None or study.alone.placebo.future is None:
        return []
    found, alone = study.alone.placebo, study.alone
    assert found.future is not None
    shifts = [c.shift for c in alone.columns]
    past = any(s > 0 for s in shifts)
    return [
        Placebo(
            alone.variable,
            "this year and the past" if past else "this year",
            tuple(-s for s in shifts if s < 0),
            found.future.terms,
            found.fit.formula,
            found.future.p_value,
            found.future.p_value,
            wild_p(found.fit, " + ".join(found.future.terms)),
            found.fit.nobs,
            "5",
        )
    ]


def _of_variants(results: StudyResults) -> list[Placebo]:
    x = treatment_of(results)
    return [
        Placebo(x, "this year", (1,), v.tested, v.formula, v.joint_p, v.joint_p, v.wild_p, v.nobs, "A2")
        for v in results.robustness
        if v.family == PLACEBO and v.joint_p is not None
    ]


def _distinct(found: Sequence[Placebo]) -> list[Placebo]:
    """Each regression once, where it stands first: the same terms tested in the same formula on as many rows."""
    once: dict[object, Placebo] = {}
    for p in found:
        parsed = parse_formula(p.formula)
        same = (parsed.outcome, frozenset(parsed.regressors), frozenset(parsed.effects), frozenset(p.terms), p.n)
        once.setdefault(same, p)
    return list(once.values())


def read_together(results: StudyResults) -> str:
    """The placebos of a study in one text: each with its p, whether they agree, and what a low p may come from.

    Empty where the study has none.
    """
    found = placebos(results)
    if not found:
        return ""
    tests = say("placebo.tests", tests=listed([_test(p, results, len(found)) for p in found], "semicolon"))
    return listed([tests, _conclusion(found), *_reasons(found, results)], "sentences")


def _test(p: Placebo, results: StudyResults, family: int) -> str:
    x = label_of(p.treatment, results.labels)
    years = listed([str(k) for k in p.ahead], "and")
    what = say("placebo.next-year", x=x) if p.ahead == (1,) else say("placebo.later-years", x=x, years=years)
    key = "placebo.beside-this-year" if p.beside == "this year" else "placebo.beside-the-past"
    numbers = own_p(p)
    if family > 1:
        held = "placebo.holm" if p.p_wild is None else "placebo.holm-of-larger"
        numbers.append(say(held, p=p_equals(p.p_holm)))
    return say(key, what=what, table=number_of_table(results, p.table), n=p.n, numbers=listed(numbers, "clauses"))


def own_p(p: Placebo) -> list[str]:
    """The p of its joint test, and of the wild bootstrap where it was drawn, before they are adjusted."""
    wild = [] if p.p_wild is None else [say("placebo.wild", p=p_equals(p.p_wild))]
    return [say("placebo.joint", p=p_equals(p.p_value)), *wild]


def _conclusion(found: Sequence[Placebo]) -> str:
    rejecting, low, tests = sum(p.rejects for p in found), sum(p.is_low for p in found), len(found)
    if tests == 1:
        return say("placebo.it-rejects" if rejecting else "placebo.it-is-low" if low else "placebo.it-passes")
    if rejecting == tests:
        return say("placebo.all-reject")
    if rejecting:
        return say("placebo.disagree", rejecting=rejecting, tests=tests)
    if low == tests:
        return say("placebo.all-low")
    return say("placebo.low-alone", low=low, tests=tests) if low else say("placebo.none-rejects")


def _reasons(found: Sequence[Placebo], results: StudyResults) -> list[str]:
    """What a rejection may come from; the noise of the index only where it matters."""
    if not any(p.rejects for p in found):
        return []
    said: list[str] = [say("placebo.reasons")]
    if noise_matters(results):
        said.append(say("placebo.noise", share=noise_text(results.index.noise_share)))
    return said


def failed(results: StudyResults) -> str:
    """Which placebos reject, in a clause; empty where none does."""
    tests = rejecting(results)
    return say("placebo.failed", tests=listed(tests, "semicolon")) if tests else ""


def low_alone(results: StudyResults) -> list[str]:
    """The placebos with a p below 5 % by itself, as clauses, where none rejects after Holm's adjustment."""
    found = placebos(results)
    if any(p.rejects for p in found):
        return []
    return [_test(p, results, len(found)) for p in found if p.is_low]


def rejecting(results: StudyResults) -> list[str]:
    """The placebos that reject, each as a clause with its p."""
    found = placebos(results)
    return [_test(p, results, len(found)) for p in found if p.rejects]


def doubts(results: StudyResults) -> tuple[str, ...]:
    """The warnings of a study about its placebos: which reject, and which could not be made."""
    said = [failed(results), *(say("placebo.not-made", why=v.note) for v in impossible(results))]
    return tuple(text for text in said if text)
