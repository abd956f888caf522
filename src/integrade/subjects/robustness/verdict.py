"""Test placebos, which are effects that should not exist: each by itself, and all of them together.

A placebo is the treatment of later years in the regression of this year's outcome, together with this year's treatment.
A placebo tests the design and is not a variant of the result. If it rejects, the curve of the same regression does not
support the result. Two other tests are not placebos. One has the treatment of a later year without the treatment of
this year. If the series persists, the later treatment then picks up the effect of this year's treatment. The other test
permutes the paths of regions, and tests the effect itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from integrade.estimate.formula import parse_formula
from integrade.estimate.multiple import holm
from integrade.subjects.lags.records import larger_p
from integrade.subjects.robustness.model import Variant
from integrade.subjects.shape.verdict import wild_p
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults, treatment_of
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import number_of_table, prose_of
from integrade.verdicts.parts import LEVEL
from integrade.verdicts.quoted import noise_between
from integrade.wording.numerals import below, p_equals
from plainwords.texts import Cell, in_language, listed, quoted, say, slug

Beside = Literal["this year", "this year and the past"]

PLACEBO = "placebo"
"""Name of the family of variants in the robustness table that are tests of the design."""

NOTHING = 0.1
"""Unadjusted p-value above which a placebo is no evidence of pre-existing trends. The value is a convention."""


@dataclass(frozen=True)
class Placebo:
    """One test that later years of the treatment have no effect, given this year's treatment in the regression.

    ``beside`` states which other years of the treatment are in the regression. ``ahead`` has the numbers of years
    ahead. ``terms`` are the terms of ``formula`` that are tested jointly; ``p_value`` is the p of this test. ``p_wild``
    is the p of the wild cluster bootstrap, None if it was not drawn. ``p_holm`` is the larger of the two p-values,
    adjusted over the placebos of the study. ``n`` is the number of rows. ``table`` is the place of the table that
    prints the test, and ``cells`` are its cells with the three p-values: joint, wild, Holm-adjusted.

    ``p_corrected`` tests the same null with the index corrected for noise, Holm-adjusted over the corrected placebos;
    None without a correction. ``uncorrected``: the correction was tried, and halves of the goods agree too little for
    it. Next year's index stands in for what noise hides of this year's. A rejection as printed therefore counts only if
    the corrected test rejects too.
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
    cells: tuple[Cell | None, Cell | None, Cell | None] = (None, None, None)
    p_corrected: float | None = None
    uncorrected: bool = False
    cell_corrected: Cell | None = None

    @property
    def stands(self) -> bool:
        """True unless noise in the index alone may have made the finding."""
        return not self.uncorrected and (self.p_corrected is None or below(self.p_corrected, LEVEL))

    @property
    def rejects(self) -> bool:
        """True if the placebo is evidence against the design.

        Its Holm-adjusted p (``p_holm``) is below 5%, with the index as printed and corrected for noise.
        """
        return below(self.p_holm, LEVEL) and self.stands

    @property
    def is_low(self) -> bool:
        """True if one of the placebo's own p-values is below 5% before adjustment, and the corrected p is too."""
        return self.is_low_as_printed and self.stands

    @property
    def is_low_as_printed(self) -> bool:
        """True if one of the placebo's own p-values is below 5% before adjustment, with the index as printed."""
        return below(self.p_value, LEVEL) or (self.p_wild is not None and below(self.p_wild, LEVEL))

    @property
    def shows_nothing(self) -> bool:
        """True if every unadjusted p-value of the placebo is above 10%, with the index as printed."""
        return min(self.p_value, self.p_value if self.p_wild is None else self.p_wild) > NOTHING

    @property
    def p_larger(self) -> float:
        """The larger of the p-values of the joint test and, if drawn, of the wild bootstrap.

        With few, unequal clusters the joint F by CR3 alone rejects a true null in up to .118 of samples
        (docs/certification.md).
        """
        return self.p_value if self.p_wild is None else max(self.p_value, self.p_wild)


def placebos(results: StudyResults) -> tuple[Placebo, ...]:
    """Return the placebos of a study in the order of their tables, with p-values Holm-adjusted over all of them.

    Each regression is returned once, with the first table that has it. Two placebos are the same regression if they
    test the same terms in the same formula on equally many rows.

    Missing values: a placebo that could not be estimated is left out; `impossible` returns it.
    """
    once: dict[object, Placebo] = {}
    for p in [*_of_lags(results), *_of_variants(results)]:
        parsed = parse_formula(p.formula)
        same = (parsed.outcome, frozenset(parsed.regressors), frozenset(parsed.effects), frozenset(p.terms), p.n)
        once.setdefault(same, p)
    tests = list(once.values())
    adjusted = holm([p.p_larger for p in tests]).tolist()
    tests = [replace(p, p_holm=q) for p, q in zip(tests, adjusted, strict=True)]
    with_p = [i for i, p in enumerate(tests) if p.p_corrected is not None]
    corrected = holm([float(tests[i].p_corrected or 0.0) for i in with_p]).tolist()
    for i, q in zip(with_p, corrected, strict=True):
        tests[i] = replace(tests[i], p_corrected=q)
    return tuple(tests)


def adjusted_p(results: StudyResults, table: str) -> Mapping[str, float]:
    """Return the Holm-adjusted p of a table's placebos, by formula; empty if the study has only one placebo."""
    tests = placebos(results)
    return {p.formula: p.p_holm for p in tests if p.table == table} if len(tests) > 1 else {}


def corrected_p(results: StudyResults) -> Mapping[str, float]:
    """Return the p of each placebo with the index corrected for noise, by formula."""
    return {p.formula: p.p_corrected for p in placebos(results) if p.p_corrected is not None}


def family_said(results: StudyResults) -> str:
    """Return a sentence on the placebos over which p-values are adjusted, and their tables.

    It is empty if there is only one placebo.
    """
    tests = placebos(results)
    if len(tests) < 2:
        return ""
    tables = [number_of_table(results, t) for t in dict.fromkeys(p.table for p in tests)]
    key = "placebo.family" if len(tables) > 1 else "placebo.family-in-one-table"
    return say(key, tests=str(len(tests)), tables=listed(tables, "and"))


def impossible(results: StudyResults) -> tuple[Variant, ...]:
    """Return the placebos of the robustness table that could not be tested. Their notes give the reason."""
    return tuple(v for v in results.robustness if v.family == PLACEBO and v.joint_p is None)


def _of_lags(results: StudyResults) -> list[Placebo]:
    study = results.lags
    placebo = None if study is None else study.alone.placebo
    if study is None or placebo is None or placebo.future is None:
        return []
    alone = study.alone
    shifts = [c.shift for c in alone.columns]
    past = any(s > 0 for s in shifts)
    # the leads are in the last column of the table of lags
    own, controls = (sum(c.shift > 0 for c in one.columns) for one in (alone, study.with_controls))
    at = own + controls + (alone.distributed is not None) + 1
    rows = ("placebo", "placebo.wild", "placebo.holm", "placebo.corrected")
    joint, wild, adjusted, without_noise = (Cell(places.LAGS, str(at), row) for row in rows)
    corrected = alone.corrected.placebo if alone.corrected else None
    p_corrected = None if corrected is None or corrected.future is None else larger_p(corrected.fit, corrected.future)
    tried = bool(alone.uncorrected) or alone.corrected is not None
    return [
        Placebo(
            alone.variable,
            "this year and the past" if past else "this year",
            tuple(-s for s in shifts if s < 0),
            placebo.future.terms,
            placebo.fit.formula,
            placebo.future.p_value,
            placebo.future.p_value,
            wild_p(placebo.fit, " + ".join(placebo.future.terms)),
            placebo.fit.nobs,
            places.LAGS,
            (joint, wild, adjusted),
            p_corrected,
            tried and p_corrected is None,
            without_noise,
        )
    ]


def key_of_variant(v: Variant) -> str:
    """Return the key of the row of a change of the headline."""
    return slug(v.family if v.family == v.label else f"{in_language(v.family, 'en')} {in_language(v.label, 'en')}")


def _of_variants(results: StudyResults) -> list[Placebo]:
    x, table = treatment_of(results), places.ROBUSTNESS
    tests = []
    for v in results.robustness:
        if v.family == PLACEBO and v.joint_p is not None:
            remark = Cell(table, "remark", key_of_variant(v))  # holds all of the variant's p-values
            numbers = (v.joint_p, v.joint_p, v.wild_p, v.nobs)
            corrected = (v.corrected_p, bool(v.uncorrected), remark)
            three = (remark, remark, remark)
            tests.append(Placebo(x, "this year", (1,), v.tested, v.formula, *numbers, table, three, *corrected))
    return tests


def read_together(results: StudyResults) -> str:
    """Describe all placebos in one text: the p of each, whether they agree, and possible reasons for a low p.

    The text is empty if the study has no placebo.
    """
    all_placebos = placebos(results)
    if not all_placebos:
        return ""
    tests = [say("placebo.one-test", test=_test(p, results, len(all_placebos))) for p in all_placebos]
    sentences = [say("placebo.tests"), *tests, _conclusion(all_placebos)]
    if any(p.rejects for p in all_placebos):
        corrected = all(p.p_corrected is not None for p in all_placebos if p.rejects)
        sentences.append(say("placebo.reasons-but-noise" if corrected else "placebo.reasons"))
        if noise_matters(results) and not corrected:  # noise of the index is a reason only if it is large enough
            sentences.append(say("placebo.noise", share=noise_between(results.index.noise_share)))
    return listed(sentences, "sentences")


def _test(p: Placebo, results: StudyResults, family: int) -> str:
    x = prose_of(p.treatment, results.labels)
    years = listed([str(k) for k in p.ahead], "and")
    what = say("placebo.next-year", x=x) if p.ahead == (1,) else say("placebo.later-years", x=x, years=years)
    key = "placebo.beside-this-year" if p.beside == "this year" else "placebo.beside-the-past"
    low = p.is_low_as_printed and not below(p.p_holm, LEVEL)
    numbers = own_p(p) if family == 1 or low else []
    if family > 1:
        numbers.append(say("placebo.holm", p=quoted(p_equals(p.p_holm), p.cells[2])))
    if p.p_corrected is not None:
        numbers.append(say("placebo.corrected", p=quoted(p_equals(p.p_corrected), p.cell_corrected)))
    elif p.uncorrected:
        numbers.append(say("placebo.uncorrected"))
    return say(key, what=what, table=number_of_table(results, p.table), numbers=listed(numbers, "clauses"))


def own_p(p: Placebo) -> list[str]:
    """Return the unadjusted p of the joint test and, if it was drawn, of the wild bootstrap."""
    joint, wild, _ = p.cells
    drawn = [] if p.p_wild is None else [say("placebo.wild", p=quoted(p_equals(p.p_wild), wild))]
    return [say("placebo.joint", p=quoted(p_equals(p.p_value), joint)), *drawn]


def by_noise(results: StudyResults) -> list[str]:
    """Return the placebos that reject as printed and not with the index corrected for noise, each as a clause.

    A placebo whose correction cannot be made is among them. They neither speak against the design nor for it.
    """
    tests = placebos(results)
    return [_test(p, results, len(tests)) for p in tests if below(p.p_holm, LEVEL) and not p.stands]


def _conclusion(family: Sequence[Placebo]) -> str:
    open_tests = sum(below(p.p_holm, LEVEL) and not p.stands for p in family)
    if open_tests and not any(p.rejects for p in family):
        key = _by_correction("placebo.open", "placebo.open-uncorrected", "placebo.open-in-part", family)
        return say(key, open=open_tests, tests=len(family))
    rejecting, low, tests = sum(p.rejects for p in family), sum(p.is_low for p in family), len(family)
    nothing = all(p.shows_nothing for p in family)
    if tests == 1 and not (rejecting or low or nothing):
        return say("placebo.it-is-not-significant", p=p_equals(family[0].p_holm))
    if tests == 1:
        return say("placebo.it-rejects" if rejecting else "placebo.it-is-low" if low else "placebo.it-passes")
    if rejecting == tests:
        return say("placebo.all-reject")
    if rejecting:
        return say("placebo.disagree", rejecting=rejecting, tests=tests)
    if low == tests:
        return say("placebo.all-low")
    if low:
        return say("placebo.low-alone", low=low, tests=tests)
    if nothing:
        return say("placebo.none-rejects")
    return say("placebo.none-is-significant", p=p_equals(min(p.p_holm for p in family)))


def _by_correction(corrected: str, uncorrected: str, in_part: str, family: Sequence[Placebo]) -> str:
    """Return the key for placebos that reject uncorrected only: by whether they can be corrected for noise."""
    kinds = {p.uncorrected for p in family if below(p.p_holm, LEVEL) and not p.stands}
    return in_part if len(kinds) > 1 else uncorrected if True in kinds else corrected


def said_of_noise(results: StudyResults) -> str:
    """Return a sentence on the placebos that reject as printed only (`by_noise`); empty if there are none."""
    tests = by_noise(results)
    if not tests:
        return ""
    keys = ("against.placebo-open", "against.placebo-uncorrected", "against.placebo-open-in-part")
    return say(_by_correction(*keys, placebos(results)), tests=listed(tests, "semicolon"))


def failed(results: StudyResults) -> str:
    """Return a clause that names the placebos that reject; empty if none does."""
    tests = rejecting(results)
    return say("placebo.failed", tests=listed(tests, "semicolon")) if tests else ""


def low_alone(results: StudyResults) -> list[str]:
    """Return clauses on the placebos with an unadjusted p below 5%, if none rejects after Holm's adjustment."""
    tests = placebos(results)
    if any(p.rejects for p in tests):
        return []
    return [_test(p, results, len(tests)) for p in tests if p.is_low]


def rejecting(results: StudyResults) -> list[str]:
    """Return the placebos that reject, each as a clause with its p."""
    tests = placebos(results)
    return [_test(p, results, len(tests)) for p in tests if p.rejects]


def doubts(results: StudyResults) -> tuple[str, ...]:
    """Return the study's warnings about placebos: placebos that reject, and placebos that could not be estimated."""
    sentences = [failed(results), *(say("placebo.not-made", why=v.note) for v in impossible(results))]
    return tuple(text for text in sentences if text)
