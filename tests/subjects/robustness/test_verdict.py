"""Placebos are tests of the design: read together, never counted among the changes that a result withstands."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.estimate.multiple import holm
from integrade.estimate.results import Wild
from integrade.subjects.lags import question as lags_question
from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.records import LagStudy
from integrade.subjects.robustness import question as robustness_question
from integrade.subjects.robustness.leave_out import Range
from integrade.subjects.robustness.model import Variant, robustness
from integrade.subjects.robustness.tables import robustness_table
from integrade.subjects.robustness.verdict import (
    Placebo,
    _conclusion,
    doubts,
    failed,
    impossible,
    low_alone,
    placebos,
    read_together,
)
from integrade.subjects.situation.verdict import limits
from integrade.verdicts import answers
from integrade.verdicts.against import against
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.collected import verdicts
from plainwords.texts import in_language

FORMULA = "y ~ market + market^2 | firm + year"
LEAD = ("market_f1", "market_f1^2")
NO_SIGN = "no evidence of pre-existing trends"


@cache
def panel(noise: float, seed: int = 3) -> pl.DataFrame:
    """30 regions, 12 years, 6 firms in each: y = 2 x - .5 x^2 with x lasting (0.85 a year); the index is x + noise."""
    random = np.random.default_rng(seed)
    x = np.zeros((30, 12))
    x[:, 0] = random.normal(0, 0.5, 30)
    for t in range(1, 12):
        x[:, t] = 0.85 * x[:, t - 1] + random.normal(0, 0.5 * np.sqrt(1 - 0.85**2), 30)
    x += 4
    seen = x + noise * random.normal(size=x.shape)
    region, year, firm = (a.ravel() for a in np.meshgrid(range(30), range(12), range(6), indexing="ij"))
    y = 2 * x[region, year] - 0.5 * x[region, year] ** 2 + 0.2 * random.normal(size=region.size)
    columns = {"region": region, "year": 2000 + year, "firm": region * 6 + firm, "market": seen[region, year], "y": y}
    return pl.DataFrame(columns)


@cache
def estimated(noise: float, lags: tuple[int, ...] = (1, 2)) -> StudyResults:
    rows = panel(noise)
    found = lag_table(rows, FORMULA, variable="market", lags=lags, leads=(1,), cluster="region", vcov="CR3")
    variants = robustness(rows, FORMULA, "market", checks=("placebo", "winsor"), cluster="region", vcov="CR3")
    return example.study(lags=LagStudy(found, found), robustness=tuple(variants))


def variant(family: str, **changes: object) -> Variant:
    parts: dict[str, object] = {
        "b1": 2.0,
        "se1": 0.1,
        "b2": -0.3,
        "se2": 0.1,
        "turning_point": 4.05,
        "u_test_p": 0.001,
        "shape": "inverted U",
        "nobs": 900,
    }
    label, formula = "changed", "quality ~ market + market^2 | firm + year"
    return Variant(family, label, label, formula, **(parts | changes))  # type: ignore[arg-type]


def lead(p: float, **changes: object) -> Variant:
    formula = "quality ~ market + market^2 + market_f1 + market_f1^2 | firm + year"
    return replace(variant("placebo", joint_p=p, tested=LEAD, turning_point=4.9, **changes), formula=formula)


def beside_the_past(p: float) -> LagStudy:
    """The lag table of the panel with this p of its placebo."""
    lags = estimated(0.0).lags
    assert lags is not None
    assert lags.alone.placebo is not None
    assert lags.alone.placebo.future is not None
    future = replace(lags.alone.placebo.future, p_value=p)
    alone = replace(lags.alone, placebo=replace(lags.alone.placebo, future=future))
    return replace(lags, alone=alone)


def told(p_past: float, p_now: float) -> StudyResults:
    return example.study(lags=beside_the_past(p_past), robustness=(variant("baseline"), lead(p_now)))


def test_each_placebo_is_a_test_of_its_own_with_p_adjusted_over_the_study() -> None:
    results = estimated(0.0)
    past, now = placebos(results)
    assert results.lags is not None
    assert results.lags.alone.placebo is not None
    assert results.lags.alone.placebo.future is not None
    assert (past.table, past.beside, past.terms, past.ahead) == ("5", "this year and the past", LEAD, (1,))
    assert (now.table, now.beside, now.terms, now.ahead) == ("A2", "this year", LEAD, (1,))
    assert past.p_value == results.lags.alone.placebo.future.p_value
    assert now.p_value == next(v.joint_p for v in results.robustness if v.family == "placebo")
    assert [past.p_holm, now.p_holm] == holm([past.p_value, now.p_value]).tolist()
    assert past.n == results.lags.alone.placebo.fit.nobs < now.n


def test_the_same_regression_is_one_placebo() -> None:
    found = placebos(estimated(0.0, lags=()))
    assert [(p.table, p.beside) for p in found] == [("5", "this year")]
    assert found[0].p_holm == found[0].p_value


def test_noise_of_a_lasting_index_makes_a_placebo_reject_where_nothing_comes_first() -> None:
    """What the sentence on sampling error says: y knows this year's x alone, in both panels."""
    true, noisy = (
        next(p for p in placebos(estimated(noise)) if p.beside == "this year").p_value for noise in (0.0, 0.3)
    )
    assert true > 0.05
    assert noisy < 0.001


def test_placebos_that_disagree_are_said_to_disagree() -> None:
    said = read_together(told(0.2849, 0.0036))
    assert "next year's market integration, controlling for current and earlier values (" in said
    assert "Holm-adjusted p = 0.2849" in said
    assert "Table 5" in said
    assert "next year's market integration, controlling for the current value (" in said
    assert "Holm-adjusted p = 0.0072" in said
    assert "1 of 2 placebo tests rejects after Holm's adjustment" in said
    assert "58%" in said  # of the index of the example is sampling error


@pytest.mark.parametrize(
    ("past", "now", "word", "rejects"),
    [
        (0.2849, 0.0036, "1 of 2 placebo tests rejects", True),
        (0.001, 0.002, "All placebo tests reject", True),
        (0.03, 0.6, "none after the adjustment", False),
        (0.3, 0.6, NO_SIGN, False),
        (0.06, 0.6, "significant at the 5% level after the Holm adjustment", False),
    ],
)
def test_no_sentence_denies_trends_that_a_placebo_shows(past: float, now: float, word: str, rejects: bool) -> None:
    results = told(past, now)
    said = " ".join([*answers.lags(results), *answers.robustness(results)])
    assert word in said
    assert (NO_SIGN in said) == (min(past, now) > 0.1)
    assert bool(failed(results)) is rejects
    assert [p.rejects for p in placebos(results)] == [p.p_holm < 0.05 for p in placebos(results)]


def test_one_placebo_stands_alone() -> None:
    only = example.study(robustness=(variant("baseline"), variant("sample"), lead(0.0036)))
    assert "The placebo test rejects at the 5% level, so the design fails this test." in " ".join(
        answers.robustness(only)
    )
    assert "Holm" not in read_together(only)
    assert failed(only).startswith(
        "a placebo test rejects: next year's market integration, controlling for the current value ("
    )
    assert "安慰剂" in in_language(failed(only), "zh")
    passing = example.study(robustness=(variant("baseline"), variant("sample"), lead(0.4)))
    assert NO_SIGN in " ".join(answers.robustness(passing))
    assert failed(passing) == ""
    assert placebos(example.study()) == ()
    assert read_together(example.study()) == ""


def test_samples_that_leave_out_a_level_are_counted_once_in_the_range_and_not_as_variants() -> None:
    ranges = (Range("turning point", 4.0, "2012", 4.2, "2007"),)
    only = example.study(robustness=(variant("baseline"), variant("leave-one-out", ranges=ranges)))
    assert "In 1 of 1 variants" in answers.robustness(only)[0]  # where nothing else was changed


def test_the_p_of_lags_is_the_larger_one() -> None:
    found = estimated(0.0).lags
    assert found is not None
    assert found.alone.distributed is not None
    past = found.alone.distributed
    assert past.past is not None
    drawn = Wild(" + ".join(past.past.terms), 0.9999, 99, "rademacher", 0.01, 1)
    slow = replace(found, alone=replace(found.alone, distributed=replace(past, fit=replace(past.fit, wild=(drawn,)))))
    said = " ".join(answers.lags(example.study(lags=slow)))
    assert "all lags are jointly insignificant (p = 0.9999)" in said


def test_a_placebo_is_not_counted_among_the_changes_that_a_result_withstands() -> None:
    ranges = (Range("turning point", 4.0, "2012", 4.2, "2007"),)
    changes = (variant("sample"), variant("leave-one-out", ranges=ranges), variant("weights", u_test_p=0.2))
    results = example.study(robustness=(variant("baseline"), *changes, lead(0.0036)))
    counted, *apart = answers.robustness(results)
    assert counted.startswith(
        "In 1 of 2 variants of Table A2 that omit no region, year or industry, "
        "the U-test on the uncorrected index finds an inverted U at 5%"
    )
    assert "ranges from 4.000 to 4.200" in counted  # every level left out, and not the 4.9 of the placebo
    assert " ".join(apart).count("joint test p = 0.0036") == 1  # the placebo is described once


def test_the_table_has_placebos_below_the_changes_under_their_own_heading() -> None:
    made = robustness_table((variant("baseline"), lead(0.0036), variant("weights")), "market", {})
    assert [r.kind for r in made.rows] == ["text", "text", "panel", "text"]
    assert made.rows[-1].cells[0].startswith("placebo")
    assert "panel" not in [r.kind for r in robustness_table((variant("baseline"),), "market", {}).rows]


def test_the_holm_p_of_placebos_stands_in_both_tables_and_limits_say_what_it_is_over() -> None:
    """Sentences quoted .0072, adjusted over Tables 5 and A2, which no table printed and the limits denied."""
    results = told(0.2849, 0.0036)
    (of_lags,), (of_changes,) = lags_question.tables(results), robustness_question.tables(results)
    row = next(r for r in of_lags.rows if r.key == "placebo.holm")
    assert row.cells[-1] == "0.2849"
    assert set(row.cells[1:-1]) == {""}
    assert "Holm-adjusted p = 0.0072" in of_changes.rows[-1].cells[-1]
    for table in (of_lags, of_changes):
        assert "covers the 2 placebo tests of Tables 5 and A2" in table.notes[-1]
    several = replace(results, verdicts=verdicts(results) * 2)
    assert "in Tables 5 and A2 are Holm-adjusted together" in limits(several)[-1]
    alone = example.study(robustness=(variant("baseline"), variant("sample"), lead(0.0036)))
    (table,) = robustness_question.tables(alone)
    assert "Holm" not in " ".join((*table.rows[-1].cells, *table.notes))
    assert "Tables" not in limits(replace(alone, verdicts=verdicts(alone) * 2))[-1]


def test_what_is_said_of_a_change_stands_below_the_table_and_why_there_is_none_in_its_row() -> None:
    none = variant("weights", b1=None, note="no weights")
    made = robustness_table((variant("baseline"), variant("estimator", note="few rows a level"), none), "market", {})
    assert [r.cells[-1] for r in made.rows] == ["", "", "no weights"]
    assert made.notes[-1] == "“estimator: changed”: few rows a level."


def test_a_placebo_that_could_not_be_made_says_why() -> None:
    none = Variant("placebo", "lead", "next year is added", "", note="one year alone")
    results = example.study(robustness=(variant("baseline"), variant("sample"), none))
    assert placebos(results) == ()
    assert impossible(results) == (none,)
    assert doubts(results) == ("The placebo test could not be run: one year alone.",)
    said = answers.robustness(results)
    assert said[1] == "The placebo test could not be run: one year alone."
    assert "could not be run; the table" not in " ".join(said)


def test_lags_beside_a_noisy_index_establish_no_delay() -> None:
    """With sampling error, lags are there although y knows this year's x alone; of a measured series they are none."""
    noisy, true = estimated(0.3), estimated(0.0)
    for results in (noisy, true):
        assert results.lags is not None
        assert results.lags.alone.distributed is not None
    past = [r.lags.alone.distributed.past.p_value for r in (noisy, true)]  # type: ignore[union-attr]
    assert past[0] < 0.001
    assert past[1] > 0.05
    assert "This result is not evidence of a delayed effect. An estimated 58%" in " ".join(answers.lags(noisy))
    assert "all lags are jointly insignificant" in " ".join(answers.lags(true))
    exact = replace(noisy, index=replace(noisy.index, noise_share=0.0))
    assert "all lags are jointly significant" in " ".join(answers.lags(exact))


def test_a_placebo_knows_its_level() -> None:
    one = Placebo("market", "this year", (1,), LEAD, "y ~ x", 0.03, 0.06, None, 10, "A2")
    assert (one.is_low, one.rejects, one.p_larger) == (True, False, 0.03)
    drawn = replace(one, p_value=0.2, p_wild=0.01)
    assert (drawn.is_low, drawn.p_larger) == (True, 0.2)


def with_p(*p: float) -> list[Placebo]:
    made = [Placebo("market", "this year", (i + 1,), LEAD, "y ~ x", q, q, None, 10, "5") for i, q in enumerate(p)]
    return [replace(one, p_holm=q) for one, q in zip(made, holm(list(p)).tolist(), strict=True)]


@pytest.mark.parametrize(
    ("p", "begins", "chinese"),
    [
        ((0.04, 0.045), "Each placebo test is significant at 5% before the Holm adjustment", "均于 5% 的水平上显著"),
        (
            (0.03, 0.04, 0.6),
            "2 of the 3 placebo tests are significant at 5% before the Holm adjustment",
            "3 项安慰剂检验中有 2 项在 Holm 校正前",
        ),
        (
            (0.03, 0.6),
            "1 of the 2 placebo tests is significant at 5% before the Holm adjustment",
            "2 项安慰剂检验中有 1 项在 Holm 校正前",
        ),
        (
            (0.001, 0.002, 0.5),
            "2 of 3 placebo tests reject after Holm's adjustment, so the design fails at least in part.",
            "3 项安慰剂检验中有 2 项",
        ),
        (
            (0.001, 0.5),
            "1 of 2 placebo tests rejects after Holm's adjustment, so the design fails at least in part.",
            "2 项安慰剂检验中有 1 项",
        ),
    ],
)
def test_what_is_said_of_several_placebos_is_what_they_found(p: tuple[float, ...], begins: str, chinese: str) -> None:
    said = _conclusion(with_p(*p))
    assert said.startswith(begins)
    assert chinese in in_language(said, "zh")


def test_no_evidence_of_trends_is_said_only_above_ten_per_cent_before_adjustment() -> None:
    """Joint p = .004 and wild p = .027, not corrected for noise: Holm .054 is no absence of evidence."""
    marked = [
        replace(one, p_value=0.004, p_wild=0.027, p_holm=0.054, uncorrected=True) if i == 0 else one
        for i, one in enumerate(with_p(0.004, 0.5))
    ]
    assert _conclusion(marked).startswith("No placebo test is significant at the 5% level after the Holm adjustment")
    assert NO_SIGN not in _conclusion(marked)
    assert "没有证据" not in in_language(_conclusion(marked), "zh")
    assert NO_SIGN not in _conclusion(with_p(0.07))
    assert NO_SIGN in _conclusion(with_p(0.2, 0.5))


def test_of_a_placebo_that_rejects_uncorrected_it_is_said_whether_it_can_be_corrected() -> None:
    tests = [replace(one, p_holm=0.01) for one in with_p(0.004, 0.005)]
    cannot = [replace(one, uncorrected=True) for one in tests]
    does_not = [replace(one, p_corrected=0.4) for one in tests]
    assert "these tests cannot be corrected for noise" in _conclusion(cannot)
    assert "none rejects" in _conclusion(does_not)
    assert "The others cannot be corrected" in _conclusion([cannot[0], does_not[1]])


def test_a_placebo_rejects_where_joint_test_and_wild_bootstrap_do() -> None:
    """Of the simulated demonstration: joint p = .0036, wild p = .028, and .2849 beside the past: Holm .056."""
    doubtful = example.study(
        lags=beside_the_past(0.2849), robustness=(variant("baseline"), variant("sample"), lead(0.0036, wild_p=0.028))
    )
    now = placebos(doubtful)[1]
    assert (now.p_wild, now.p_holm, now.rejects) == (0.028, 0.056, False)
    said = read_together(doubtful)
    assert "joint test p = 0.0036, wild cluster bootstrap p = 0.0280, Holm-adjusted p = 0.0560" in said
    assert "1 of the 2 placebo tests is significant at 5% before the Holm adjustment" in said
    assert NO_SIGN not in said
    assert (failed(doubtful), doubts(doubtful)) == ("", ())
    assert ["suggestive but not conclusive" in a.sentence for a in against(doubtful) if a.kind == "placebo"] == [True]
    apart = " ".join(answers.robustness(doubtful))
    assert (
        "The placebo test (joint test p = 0.0036, wild cluster bootstrap p = 0.0280) is not counted as a variant."
        in apart
    )
    assert "The placebo test rejects" not in apart

    alone = example.study(robustness=(variant("baseline"), lead(0.0036, wild_p=0.08)))
    assert "because only one of its two p-values is below 5%" in read_together(alone)
    assert NO_SIGN not in read_together(alone)
    low = example.study(robustness=(variant("baseline"), lead(0.0036, wild_p=0.03)))
    assert placebos(low)[0].rejects
    assert "joint test p = 0.0036, wild cluster bootstrap p = 0.0300" in failed(low)
    row = robustness_table((variant("baseline"), lead(0.0036, wild_p=0.03)), "market", {}).rows[-1]
    assert "wild cluster bootstrap p = 0.0300" in row.cells[-1]


def test_a_placebo_that_is_low_by_itself_is_a_doubt_on_the_first_page() -> None:
    """Next year's terms p = .03, with earlier years beside them .6: Holm .06."""
    doubted, clear, failed_one = told(0.6, 0.03), told(0.6, 0.3), told(0.6, 0.001)
    assert len(low_alone(doubted)) == 1
    assert low_alone(clear) == low_alone(failed_one) == []
    kinds = [[one.sentence for one in against(r) if one.kind == "placebo"] for r in (doubted, clear, failed_one)]
    assert [len(found) for found in kinds] == [1, 0, 1]
    assert "suggestive but not conclusive" in kinds[0][0]
    assert "rejects" in kinds[2][0]
