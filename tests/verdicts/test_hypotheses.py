"""A user's own hypotheses: the little language, what it refuses, and verdicts from results alone."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from scipy import stats

import report_example as example
from each import each
from integrade.cli import run
from integrade.errors import BadFormula, Problems, UnknownName
from integrade.study.reading import load
from integrade.study.template import write_new
from integrade.subjects.benchmark.columns import Version
from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.shape.effect_size import EffectSize, effect_sizes
from integrade.subjects.truth.model import Truth
from integrade.verdicts.bundle import GroupSplit, OwnRule, StudyResults, treatment_of
from integrade.verdicts.collected import verdicts
from integrade.verdicts.hypotheses import QUANTITIES, Known, _cell, check_rule
from integrade.verdicts.rule_nodes import Quantity
from integrade.verdicts.rule_words import quantity_word
from integrade.wording.numerals import fixed
from panels import panel
from plainwords.texts import say, speaking

KNOWN = Known(("market", "market^2", "roa"), ("rd",), ("ownership",), ("To 2008",))


@pytest.fixture(scope="module")
def study() -> StudyResults:
    other = example.clear(example.column("(2)"))
    test = other.u_test
    assert test is not None
    late = replace(other, u_test=replace(test, turning_point=4.4, p_value=0.4))
    sizes = effect_sizes(replace(other.headline, deviations={"quality": 0.107}))
    columns = (example.column("(1)", controls=False), other)
    versions = (Version("sample", "To 2008", "year <= 2008", late, None),)
    return example.study(benchmark=columns, versions=versions, effects=sizes)


def judged(study: StudyResults, rule: str, contradicted: str | None = None) -> tuple[str, str]:
    own = replace(study, hypotheses=(OwnRule("H9", "Mine.", rule, contradicted),))
    found = next(v for v in verdicts(own) if v.heading == "H9: Mine.")
    return found.outcome, found.sentence


@each(
    ("rule", "outcome"),
    [
        ("b(market^2) < 0", "supported"),
        ("b(market) < 0", "not supported"),
        ("b(market) < 0 or b(market^2) < 0 and n > 100000", "supported"),  # and binds closer than or
        ("(b(market) < 0 or b(market^2) < 0) and n < 100", "not supported"),
        ("not b(market) < 0", "supported"),
        ("4 < turning_point <= 4.1", "supported"),
        ('turning_point in "To 2008" > turning_point', "supported"),
        ("inverted_u", "supported"),
        ('inverted_u in "To 2008"', "not supported"),
        ("mediated(rd)", "not tested"),
        ("mediated(rd) or b(market^2) < 0", "supported"),  # true whatever the missing part says
        ("mediated(rd) and b(market^2) < 0", "not tested"),
        ("mediated(rd) and b(market) < 0", "not supported"),  # false whatever the missing part says
        ("noise_share > 0.5 and reliability == 0.374", "supported"),
        ("wild_p(market^2) < 0.05 and wild_p(roa) < 0.05", "not tested"),  # roa was not bootstrapped
        ('effect("p10 to p50") > -1', "supported"),
        ("r2_within ＞ 0", None),
    ],
)
def test_rules_decide_as_logic_with_unknowns_does(study: StudyResults, rule: str, outcome: str | None) -> None:
    if outcome is None:
        with pytest.raises(BadFormula, match="has no meaning"):
            judged(study, rule)
        return
    assert judged(study, rule)[0] == outcome


def test_the_sentence_says_the_rule(study: StudyResults) -> None:
    outcome, sentence = judged(study, "b(market) < 0 and u_test_p < 0.05", "b(market) > 0 and n > 10")
    assert outcome == "contradicted"
    rule = "the coefficient of market integration is below 0 and the p-value of the U-test is below 0.05"
    assert sentence.startswith(f"Rule in the study file: {rule}.")


def test_a_claim_with_a_size_needs_the_interval_beyond_that_size(study: StudyResults, tmp_path: Path) -> None:
    """The demo said "by more than a tenth of a s.d." of an estimate of -.183 with the interval [-.315, -.052]."""
    assert study.effects is not None
    demo = EffectSize("market", "p50 to p90", 3.0, 4.0, -0.366, -0.63, -0.104, -0.183, -0.2)
    moved = replace(study, effects=replace(study.effects, sd=2.0, rows=(demo,)))
    for rule, outcome in (
        ('effect("p50 to p90") < -0.1', "supported"),  # what the rule of the demo asked
        ('effect_high("p50 to p90") < -0.1', "not supported"),
        ('effect_high("p50 to p90") < 0', "supported"),
        ('effect_low("p50 to p90") == -0.315', "supported"),
        ('effect_high("p50 to p90") == -0.052', "supported"),
    ):
        assert judged(moved, rule)[0] == outcome, rule
    write_new(tmp_path)
    rule = next(
        line for line in (tmp_path / "study.toml").read_text().splitlines() if line.startswith("rule = 'effect")
    )
    assert judged(moved, rule.split("'")[1])[0] == "not supported"


def test_the_interval_of_a_slope_is_its_estimate_and_t_standard_errors(study: StudyResults) -> None:
    column = study.benchmark[-1]
    assert column.u_test is not None
    fit, x = column.headline, next(x for place, x, *_ in column.u_test.slopes if place == "p90")
    slope = fit["market"].estimate + 2 * x * fit["market^2"].estimate
    (s11, s12), (_, s22) = ([fit.covariance(a, b) for b in ("market", "market^2")] for a in ("market", "market^2"))
    half = float(stats.t.ppf(0.975, fit.df_t)) * math.sqrt(s11 + 4 * x * s12 + 4 * x**2 * s22)
    for name, end in (("slope_low", slope - half), ("slope_high", slope + half)):
        assert judged(study, f"{name}(p90) == {end!r}")[0] == "supported"


def test_numbers_that_differ_by_rounding_are_equal_in_a_rule(study: StudyResults) -> None:
    column = study.benchmark[-1]
    assert column.u_test is not None
    equal = replace(study, benchmark=(replace(column, u_test=replace(column.u_test, p_value=1 - 0.95)),))
    for rule, outcome in (("<", "not supported"), ("<=", "supported"), (">", "not supported"), (">=", "supported")):
        assert judged(equal, f"u_test_p {rule} 0.05")[0] == outcome
    assert judged(equal, "u_test_p == 0.05")[0] == "supported"


def test_the_truth_of_a_move_stands_beside_its_estimate(study: StudyResults) -> None:
    truth = (Truth("market", 4.0, 3.0, 1.0, None, None), Truth("market^2", -0.5, -0.4, -0.1, None, None))
    rule = 'effect("p50 to p90") < -0.1 and u_test_p < 0.05'
    assert "simulated economy" not in judged(replace(study, truth=()), rule)[1]
    said = judged(replace(study, truth=truth), rule)[1]
    assert study.effects is not None
    moved = next(e for e in study.effects.rows if e.move == "p50 to p90")
    step, squares = moved.end - moved.start, moved.end**2 - moved.start**2
    own, other = ((b * step + c * squares) / study.effects.sd for b, c in ((4.0, -0.5), (3.0, -0.4)))
    assert f"{own:.3f} for affected firms. The same regression with true values gives {other:.3f}." in said


@each(
    ("rule", "said"),
    [
        ("turning_point > 1", "the turning point is 3.900. The same regression with true values gives 3.930."),
        ("share_past > 0.5", "beyond the turning point is 0.650. The same regression with true values gives 0.660."),
        ("noise_share > 0.1", " is 0.24."),
        ("b(market) > 1", "the coefficient of market integration is 4.0000 for affected firms. The same regression"),
        ("b(roa) > 0", "return on assets is 0.0784. The same regression with true values gives 0.0783."),
        ("inverted_u", "In the simulated economy, the claim is true: "),
        ("not inverted_u", "In the simulated economy, the claim is true: "),
        ("mediated(rd)", "In the simulated economy, the claim is false: the effect goes through R&D"),
        ("promotes(human_capital)", "In the simulated economy, the claim is false: "),
        ('differs("ownership")', "In the simulated economy, the claim is true: "),
        ('stronger("ownership: non_state")', "In the simulated economy, the claim is true: "),
    ],
)
def test_what_a_rule_names_has_its_truth(study: StudyResults, rule: str, said: str) -> None:
    truth = (
        Truth("market", 4.0, 3.0, 1.0, None, None),
        Truth("market^2", -0.5, -0.4, -0.1, None, None),
        Truth("roa", 0.0784, 0.0783, 0.072, None, None),
        Truth(say("truth.turning-point"), 3.9, 3.93, 4.04, None, None),
        Truth(say("truth.share-past"), 0.65, 0.66, 0.62, None, None),
        Truth(say("truth.noise-between"), 0.242, None, 0.276, None, None),
    )
    claims = {"inverted_u": True, "acts:rd": False, "promotes:human_capital": False}
    claims |= {"differs:ownership": True, "stronger:ownership": True}
    assert "simulated economy" not in judged(replace(study, truth=()), rule)[1]
    assert said in judged(replace(study, truth=truth, claims=claims), rule)[1]


def test_another_group_or_version_has_no_truth(study: StudyResults) -> None:
    known = replace(study, truth=(Truth("market", 4.0, 3.0, 1.0, None, None),), claims={"stronger:ownership": True})
    for rule in ('stronger("ownership: state")', 'b(market) in "To 2008" > 0', "wild_p(market) < 0.05", "r2 > 0"):
        assert "simulated economy" not in judged(known, rule)[1], rule


def test_the_slope_at_a_place_has_its_truth(study: StudyResults) -> None:
    truth = (Truth("market", 4.0, 3.0, 1.0, None, None), Truth("market^2", -0.5, -0.4, -0.1, None, None))
    test = study.benchmark[-1].u_test
    assert test is not None
    x = next(x for place, x, *_ in test.slopes if place == "p10")
    said = judged(replace(study, truth=truth), 'slope("p10") > 0')[1]
    assert f"{4 - x:.4f} for affected firms. The same regression with true values gives {3 - 0.8 * x:.4f}." in said


@each(
    ("rule", "words"),
    [
        ("3.9 < turning_point <= 4.2", "the turning point is above 3.9 and the turning point is at most 4.2"),
        ('turning_point in "To 2008" > turning_point', "the turning point (To 2008) is above the turning point"),
        ("not n < 10", "the number of observations is at least 10"),
        ("not (n < 10 or inverted_u)", "it is not true that the number of observations is below 10 or the curve is"),
        ("n > 1 and (n < 3 or n > 9)", "is above 1 and (the number of observations is below 3 or the number"),
        (
            'effect("p50 to p90") < -0.1',
            "(in standard deviations) as market integration moves from the median to the 90th",
        ),
        ("p(market^2) < 0.01", "the p-value of the square of market integration is below 0.01"),
        ('stronger("ownership: state")', "the effect is stronger in state-owned firms"),
    ],
)
def test_a_rule_is_said_in_words(study: StudyResults, rule: str, words: str) -> None:
    assert words in judged(study, rule)[1]


def test_every_name_of_a_rule_has_words_in_both_languages(study: StudyResults) -> None:
    for name, kind in QUANTITIES.items():
        argument = {"move": "p10 to p50"}.get(kind.needs, "market") if kind.needs else ""
        for language in ("en", "zh"):
            with speaking(language):
                said = quantity_word(Quantity(name, argument), study)
            assert "_" not in said
            assert len(said) > len(name) or language == "zh"
            assert any("\u4e00" <= letter <= "\u9fff" for letter in said) == (language == "zh") or name == "r2"


def test_every_name_can_be_read_from_a_study(study: StudyResults) -> None:
    arguments = {"term": "market", "place": "p50", "move": "p10 to p50", "mediator": "rd", "split": "ownership"} | {
        "group": "ownership: state"
    }
    for name, kind in QUANTITIES.items():
        inner = f'("{arguments[kind.needs]}")' if kind.needs else ""
        outcome, _ = judged(study, f"{name}{inner}" + ("" if kind.truth else " > -1e9"))
        assert (outcome == "not tested") == (kind.needs in ("mediator", "split", "group")), name


@each(
    ("rule", "error", "words"),
    [
        ("b(markt) < 0", UnknownName, "did you mean 'market'"),
        ("u_tst_p < 0.05", UnknownName, "did you mean 'u_test_p'"),
        ('turning_point in "To 208" < 4', UnknownName, "did you mean 'To 2008'"),
        ("differs(owner)", UnknownName, "did you mean 'ownership'"),
        ("b(market) <", BadFormula, "b(market) < ^"),
        ("inverted_u < 3", BadFormula, "yes or no"),
        ("n", BadFormula, "a number alone is not a rule"),
        ("b market > 0", BadFormula, "needs a term in parentheses"),
        ("(n > 3", BadFormula, "not closed"),
        ("n > 3 n", BadFormula, "must end here"),
        ("__import__('os')", UnknownName, "no result is called '__import__'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(rule: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        check_rule(rule, KNOWN)
    assert words in str(caught.value)


HEAD = """
title = "t"
[prices]
files = ["p.csv"]
[customs]
files = ["c.csv"]
[firms]
files = ["f.csv"]
[quality]
sigma = 5
"""


def loaded(folder: Path, more: str, first: str = "") -> None:
    (folder / "study.toml").write_text(first + HEAD + more, encoding="utf-8")
    load(folder)


@pytest.mark.parametrize("text", ["(" * 3000 + "u_test_p < 1" + ")" * 3000, "not " * 3000 + "u_test_p < 1", "(" * 3000])
def test_a_rule_nested_without_bound_is_refused(text: str) -> None:
    """Its reader calls itself for each parenthesis and each ``not``."""
    with pytest.raises(BadFormula, match="nested at most 50 deep") as refused:
        check_rule(text, Known(["x"]))
    assert len(refused.value.where) < 1000
    assert check_rule("(" * 40 + "u_test_p < 1" + ")" * 40, Known(["x"]))


def test_a_study_file_with_bad_rules_and_versions_is_refused_at_once(tmp_path: Path) -> None:
    rules = '[[hypotheses]]\nname = "H6"\nclaim = "c"\nrule = "{}"\n'
    with pytest.raises(Problems) as caught:
        loaded(tmp_path, rules.format("b(scal) > 0") + rules.replace("H6", "H7").format("n >"))
    assert "did you mean 'scale'" in str(caught.value)
    assert "[[hypotheses]] rule of 'H7': " in str(caught.value)
    with pytest.raises(UnknownName, match="did you mean 'pairs'"):
        loaded(tmp_path, '[[indices]]\nname = "a"\npair = "adjacent"\n')
    with pytest.raises(Exception, match="either a column or options"):
        loaded(tmp_path, '[[outcomes]]\nname = "a"\n')
    with pytest.raises(Exception, match=r"two sections \[\[samples\]\] are called 'a'"):
        loaded(tmp_path, '[[samples]]\nname = "a"\nwhere = "year > 3"\n' * 2)
    loaded(tmp_path, rules.format("b(scale) > 0"), first='outcomes = ["unit_value", "roa"]\n')
    first, second = load(tmp_path).outcomes
    assert (first.options(), first.column) == ({"method": "unit_value"}, None)
    assert (second.options(), second.column) == ({}, "roa")


def test_list_rules_names_every_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "rules"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in QUANTITIES)


def parts(study: StudyResults, rule: str, contradicted: str | None = None) -> list[tuple[str, bool | None]]:
    own = replace(study, hypotheses=(OwnRule("H9", "Mine.", rule, contradicted),))
    found = next(v for v in verdicts(own) if v.hypothesis == "H9")
    assert found.rule.startswith("supported if ")
    return [(p.what, p.holds) for p in found.parts]


def test_each_comparison_of_an_own_rule_is_a_part_with_its_numbers(study: StudyResults) -> None:
    found = parts(study, "b(market) > 0 and not (n < 10 or mediated(rd))", "turning_point < 4")
    assert found == [
        ("the coefficient of market integration is above 0: 0.0534", True),
        ("the number of observations is at least 10: 594,596", True),
        ("it is not true that the effect goes through R&D", None),
        ("condition of “contradicted”: the turning point is below 4: 4.045", False),
    ]


def test_an_inverted_u_of_an_own_rule_needs_two_lines_too(study: StudyResults) -> None:
    """The U-test and the wild cluster bootstrap of the square alone made it true."""
    assert judged(study, "inverted_u")[0] == "supported"
    rising = replace(study.benchmark[-1], two_lines=example.two_lines(second=0.01, p_second=0.7))
    assert judged(replace(study, benchmark=(rising,)), "inverted_u")[0] == "not supported"
    assert judged(replace(study, benchmark=(rising,)), "not inverted_u")[0] == "supported"
    missing = replace(study.benchmark[-1], two_lines=None)
    assert judged(replace(study, benchmark=(missing,)), "inverted_u")[0] == "not tested"


def test_one_rule_reads_one_column(study: StudyResults) -> None:
    """The controls of the last column may leave its square out; the coefficients were its own, the curve another's."""
    first, last = study.benchmark[0], study.benchmark[-1]
    kept = tuple(c for c in last.headline.coefficients if c.term not in ("market", "market^2"))
    without = replace(last, headline=replace(last.headline, coefficients=kept, nobs=7), u_test=None, two_lines=None)
    mixed, alone = replace(study, benchmark=(first, without)), replace(study, benchmark=(first,))
    rule = "b(market^2) < 0 and turning_point > 1 and u_test_p < 0.05 and inverted_u and n > 100"
    assert parts(mixed, rule) == parts(alone, rule)
    assert all(holds is not None for _, holds in parts(mixed, rule))
    names = ("turning_point", "u_test_p", "n")
    assert [_cell(Quantity(name), mixed) for name in names] == [_cell(Quantity(name), alone) for name in names]
    assert treatment_of(mixed) == "market"  # not the first control of the last column


def test_quantities_are_read_within_a_group_of_a_split() -> None:
    table = panel(3, firms=120).with_columns(kind=pl.col("industry").cast(pl.String) == "1")
    table = table.with_columns(kind=pl.when("kind").then(pl.lit("state")).otherwise(pl.lit("others")))
    found = compare_groups(table, "y ~ market + scale | region + year", "kind", cluster="region", permutations=0)
    split = GroupSplit("column", "kind", found)
    study = example.study(groups=(split,))
    state = next(g for g in split.comparison.groups if g.group == "state")
    own = f'b(market) in "{split.title}: state" > -1e9'
    assert parts(study, own)[0][0].endswith(f": {fixed(state.fit['market'].estimate, 4)}")
    assert judged(study, f'b(market) in "{split.title}: State-owned" > -1e9')[0] == "supported"
    assert judged(study, f'b(market) in "{split.title}: nobody" > -1e9')[0] == "not tested"
    check_rule('slope(p10) in "ownership: state" > slope(p10) in "ownership: others"', KNOWN)
    with pytest.raises(UnknownName, match=r"ownership: \.\.\."):
        check_rule('slope(p10) in "owner: state" > 0', KNOWN)


def test_stronger_names_a_group_of_its_split() -> None:
    with pytest.raises(BadFormula, match=r'stronger\("ownership: GROUP"\)'):
        check_rule('stronger("ownership")', Known((), splits=("ownership",)))
