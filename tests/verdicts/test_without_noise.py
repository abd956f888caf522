"""A claim is settled by the same rule on the corrected results: it stands, cannot be told, or noise accounts for it."""

from __future__ import annotations

import math
import re
import zipfile
from dataclasses import replace
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import report_example as example
from each import each
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.results import FitResult, Wild
from integrade.report.terminal import OUTCOMES, ending
from integrade.study.printed import write_report
from integrade.subjects.benchmark.columns import Column, Version
from integrade.subjects.groups.compare import adjust_family, compare_groups
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.mediation.mediate import mediate
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.noise.corrected import Corrected
from integrade.subjects.noise.halves import Kinship
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.verdicts import without_noise
from integrade.verdicts.bundle import OwnRule, StudyResults, Verdict
from integrade.verdicts.collected import rules_of, verdicts
from integrade.verdicts.named_rules import Finding, Rule
from integrade.verdicts.naming import outcome_word
from integrade.verdicts.parts import Part
from integrade.verdicts.without_noise import corrected_results, needed, settled
from plainwords.texts import Said, in_language, messages, say, speaking
from twin_economy import FORMULA, direct, drawn, halves


def scaled(own: FitResult, size: float, errors: float, *, wild: tuple[Wild, ...] = ()) -> FitResult:
    """A fit whose coefficients are ``size`` times those of another, and their standard errors ``errors`` times."""
    df = own.df_t
    coefficients = tuple(
        example.coefficient(c.term, size * c.estimate, errors * c.std_error, df) for c in own.coefficients
    )
    return replace(own, coefficients=coefficients, vcov=errors**2 * own.vcov, wild=wild)


def of_noise(size: float = 1.5, errors: float = 1.0, *, identified: bool = True, **changes: Any) -> NoiseStudy:
    """The headline of the example, corrected: coefficients and standard errors are so many times the printed ones."""
    own = example.column("(2)").headline
    fits = scaled(own, size, errors, **changes)
    halved = Corrected("market", own, fits, identified, {"market": 0.4, "market^2": 0.4}, 20, 1, 10)
    return NoiseStudy("market", own, halves=halved)


def of_example(noise: NoiseStudy | None, *rules: str, **changes: Any) -> StudyResults:
    """The example, whose slopes are clear enough for H1, with own rules H6, H7 and so on."""
    own = tuple(OwnRule(f"H{i}", "A claim.", rule) for i, rule in enumerate(rules, 6))
    parts = {"benchmark": (example.clear(example.column("(2)")),), "noise": noise, "hypotheses": own}
    return example.study(**parts | changes)


def judged(results: StudyResults) -> dict[str, Verdict]:
    return {v.hypothesis: v for v in verdicts(results)}


def ids(text: str) -> list[str]:
    """Every id in a text, with those of its values."""
    if not isinstance(text, Said):
        return []
    return [text.key, *(i for v in text.given.values() if isinstance(v, str) for i in ids(v))]


STANDS, OPEN, GONE = (1.5, 1.0), (1.0, 20.0), (0.05, 1.0)
"""Sizes and errors of a corrected curve that is as clear as the printed one, one that is not, and one that is gone."""


def test_the_example_supports_its_claim_without_a_correction() -> None:
    assert judged(of_example(None))["H1"].outcome == "supported"


def test_a_claim_that_holds_after_the_correction_stands() -> None:
    found = judged(of_example(of_noise(*STANDS)))["H1"]
    assert found.outcome == "supported"
    assert "without_noise.stands" in ids(found.sentence)
    last = found.parts[-1]
    assert (last.key, last.holds) == ("corrected", True)


def test_a_claim_that_the_correction_does_not_establish_cannot_be_told() -> None:
    found = judged(of_example(of_noise(*OPEN)))["H1"]
    assert found.outcome == "cannot be told"
    assert {"without_noise.open", "without_noise.cause-inverted-u"} <= set(ids(found.sentence))
    assert "without_noise.gone" not in ids(found.sentence)
    assert (found.parts[-1].key, found.parts[-1].holds) == ("corrected", False)
    assert ids(found.found) == ["without_noise.found-open"]


def test_a_corrected_effect_at_zero_whose_interval_excludes_the_printed_one_is_accounted_for_by_noise() -> None:
    found = judged(of_example(of_noise(*GONE)))["H1"]
    assert found.outcome == "not supported"
    assert "without_noise.gone" in ids(found.sentence)
    assert not [i for i in ids(found.sentence) if i.startswith("without_noise.needed")]
    own = example.column("(2)").headline["market^2"]
    corrected = of_noise(*GONE).halves.fit["market^2"]  # type: ignore[union-attr]
    assert corrected.conf_low < 0 < corrected.conf_high
    assert own.estimate < corrected.conf_low


def test_an_interval_that_holds_both_zero_and_the_printed_estimate_leaves_the_claim_open() -> None:
    """The same centre as a curve that is gone, with an interval that reaches the printed estimate."""
    assert judged(of_example(of_noise(0.05, 5.0)))["H1"].outcome == "cannot be told"


def test_an_interval_without_zero_is_no_account_even_if_it_excludes_the_printed_estimate() -> None:
    """The corrected slope is smaller but there; what fails is another part, the two lines."""
    results = of_example(of_noise(0.5, 0.1))
    rule = next(r for r in rules_of(results) if r.hypothesis == "H1")

    def judge(given: StudyResults) -> Finding:
        return rule.judge(given) if given is results else Finding("not supported", "", (Part("x", False, 0.2, "t"),))

    again = corrected_results(results)
    assert settled(replace(rule, judge=judge), results, again).outcome == "cannot be told"


def test_a_claim_that_is_not_made_is_not_judged_again() -> None:
    flat = of_example(of_noise(*STANDS), benchmark=(example.column("(2)"),))  # slopes are not clear: H1 not supported
    plain = of_example(None, benchmark=(example.column("(2)"),))
    one, other = (replace(judged(study)["H1"], shared=(), sentence="") for study in (flat, plain))
    assert one == other
    assert "without_noise.rule" in ids(judged(flat)["H1"].shared[-1])


def test_halves_that_do_not_agree_leave_no_claim_on_the_headline() -> None:
    for noise in (of_noise(identified=False), replace(of_noise(), halves=None, uncorrected="too few goods")):
        found = judged(of_example(noise))["H1"]
        assert found.outcome == "cannot be told"
        assert "without_noise.not-made" in ids(found.parts[-1].what)
        assert "without_noise.needed-unknown" in ids(found.sentence)


def test_a_correction_of_other_rows_is_no_correction_of_the_headline() -> None:
    noise = of_noise(*STANDS)
    assert noise.halves is not None
    other = replace(noise, halves=replace(noise.halves, naive=replace(noise.halves.naive, nobs=10)))
    assert judged(of_example(other))["H1"].outcome == "cannot be told"


@each(
    "noise",
    [None, NoiseStudy("market", example.column("(2)").headline)],
    ids=["the treatment is no index made from prices", "halves = 0"],
)
def test_a_study_without_the_correction_is_judged_as_printed(noise: NoiseStudy | None) -> None:
    results = of_example(noise, "b(market^2) < 0")
    assert corrected_results(results) is None
    found = judged(results)
    assert (found["H1"].outcome, found["H6"].outcome) == ("supported", "supported")
    assert [p.key for v in found.values() for p in v.parts if p.key == "corrected"] == []


def test_a_plugin_judges_its_own_claim() -> None:
    rule = Rule("P", "A claim.", lambda _: Finding("supported", "So it is."))
    found = settled(rule, of_example(of_noise(*GONE)), corrected_results(of_example(of_noise(*GONE))))
    assert found == Finding("supported", "So it is.")


# own rules
@each(
    "rule,outcome",
    [
        ("b(market^2) < 0", "cannot be told"),  # the corrected curve is upright: size -1
        ("b(market^2) < -0.001 or b(market^2) > 0.001", "supported"),
        ("p(market^2) < 0.05", "supported"),
        ("low(market^2) < 0", "cannot be told"),
        ("slope(p10) > 0", "cannot be told"),
        ("fieller_low > 0", "supported"),
        ("n > 1000", "supported"),
        ("r2 > 0.5 and noise_share > 0.1", "supported"),
        ("wild_p(market^2) < 0.05", "supported"),
        ("wild_p(scale) < 0.05", "cannot be told"),
        ("b(market^2) < 0 or n > 1000", "supported"),
        ("not b(market^2) > 0", "cannot be told"),
    ],
)
def test_own_rules_read_the_corrected_regression(rule: str, outcome: str) -> None:
    """The corrected coefficients have the opposite sign, their errors are the printed ones; p of the square only."""
    noise = of_noise(-1.0, 1.0, wild=(Wild("market^2", 0.0111, 9999, "rademacher", 1e-4, 1),))
    assert judged(of_example(None, rule))["H6"].outcome == "supported"
    assert judged(of_example(noise, rule))["H6"].outcome == outcome


@each("excess,outcome", [(0.1, "cannot be told"), (0.01, "supported")])
def test_goods_that_share_shocks_leave_a_claim_open(excess: float, outcome: str) -> None:
    noise = of_noise(*STANDS)
    assert noise.halves is not None
    found = judged(of_example(replace(noise, halves=replace(noise.halves, kinship=Kinship(excess, 0.005)))))["H1"]
    assert found.outcome == outcome
    assert ("without_noise.kinship" in ids(found.sentence)) == (outcome != "supported")
    assert ("without_noise.stands" in ids(found.sentence)) == (outcome == "supported")


@each("rule,outcome", [("p(market^2) > 0.05", "cannot be told"), ("high(market^2) < 5", "supported")])
def test_a_test_that_does_not_reject_supports_nothing(rule: str, outcome: str) -> None:
    """The noisier the index, the larger are p-values: printed and corrected."""
    column = example.column("(2)")
    weak = replace(column, headline=scaled(column.headline, 0.01, 1.0))
    noise = of_noise(0.01, 1.0)
    assert noise.halves is not None
    noise = replace(noise, halves=replace(noise.halves, naive=weak.headline))
    found = judged(of_example(noise, rule, benchmark=(weak,)))["H6"]
    assert found.outcome == outcome
    assert ("without_noise.no-finding" in ids(found.sentence)) == (outcome != "supported")


def test_a_fieller_set_that_is_no_interval_has_no_ends() -> None:
    column = example.column("(2)")
    test = column.u_test
    assert test is not None
    for kind, outcome in (("interval", "supported"), ("two_rays", "not tested")):
        own = replace(column, u_test=replace(test, fieller_kind=kind, fieller_low=3.5, fieller_high=4.5))
        found = judged(of_example(None, "fieller_low > 3 and fieller_high < 5", benchmark=(own,)))["H6"]
        assert found.outcome == outcome


def test_an_own_rule_on_rows_and_index_stands_where_the_correction_could_not_be_made() -> None:
    noise = of_noise(identified=False)
    found = judged(of_example(noise, "n > 1000 and r2 > 0.5", "n > 1000 and b(market) > 0"))
    assert found["H6"].outcome == "supported"
    assert found["H6"].parts[-1].key != "corrected"
    assert found["H7"].outcome == "cannot be told"


def test_a_number_that_is_no_p_value_does_not_say_how_many_years_are_needed() -> None:
    """An R2 of .747 or an effect of .2 must not be read as a p-value."""
    noise = of_noise(-1.0, 1.0)
    sentence = judged(of_example(noise, "b(market) > 0 and r2 > 0.5"))["H6"].sentence
    assert "without_noise.needed-unknown" in ids(sentence)


def version(name: str, own: FitResult, *, corrected: FitResult | None = None, why: str = "") -> Version:
    return Version("sample", name, "", Column(name, own, u_test=u_test(own, "market")), None, None, corrected, why)


def test_own_rules_read_the_corrected_regression_of_a_version() -> None:
    own = example.column("(2)").headline
    turned = scaled(own, -1.0, 1.0)
    versions = (
        version("stands", own, corrected=scaled(own, 2.0, 1.0)),
        version("turns", own, corrected=turned),
        version("fails", own, why="halves do not agree"),
        version("given", own),
    )
    rules = [f'b(market^2) in "{v.name}" < 0' for v in versions]
    found = judged(of_example(of_noise(*STANDS), *rules, versions=versions))
    assert [found[f"H{i}"].outcome for i in range(6, 10)] == [
        "supported",
        "cannot be told",
        "cannot be told",
        "supported",  # the index of that version is not made from prices: there is no correction to ask for
    ]


# mediators and groups, from regressions
@pytest.fixture(scope="module")
def real() -> StudyResults:
    panel = drawn().panel
    own = fit(panel, FORMULA, cluster="region")
    m = mediate(panel, FORMULA, "m", cluster="region", draws=49, halves=halves())
    comparison = compare_groups(panel, FORMULA, "group", cluster="region", permutations=0, halves=halves())
    split = GroupSplit("column", "kind", comparison)
    return example.study(
        benchmark=(Column("(1)", own, u_test=u_test(own, "market")),),
        noise=NoiseStudy("market", own, halves=direct(FORMULA)),
        mediation=(m,),
        groups=(split,),
        group_family=tuple(adjust_family({"kind": comparison})),
        effects=effect_sizes(own, "market"),
    )


def test_every_part_of_the_corrected_results_is_corrected(real: StudyResults) -> None:
    again = corrected_results(real)
    assert again is not None
    assert again.benchmark[-1].headline["market"] == direct(FORMULA).fit["market"]
    assert again.benchmark[-1].headline.r2 == real.benchmark[-1].headline.r2
    test = again.benchmark[-1].u_test
    assert test is not None
    b1, b2 = (direct(FORMULA).fit[t].estimate for t in ("market", "market^2"))
    assert test.turning_point == pytest.approx(-b1 / 2 / b2)
    assert again.mediation == (real.mediation[0].corrected,)
    assert again.groups[0].comparison is real.groups[0].comparison.corrected
    corrected = real.groups[0].comparison.corrected
    assert corrected is not None
    assert [a.p_value for a in again.group_family] == [corrected.joint[0].test.p_value]


def moved(fit_: FitResult, low: float, high: float) -> float:
    """The change of the outcome, in s.d. of the outcome, from one value of the index to another."""
    b1, b2 = fit_["market"].estimate, fit_["market^2"].estimate
    return (b1 * (high - low) + b2 * (high**2 - low**2)) / fit_.deviations["y"]


def test_effect_sizes_are_those_of_the_corrected_curve_on_the_rows_of_the_headline(real: StudyResults) -> None:
    own, clean = real.benchmark[-1].headline, direct(FORMULA).fit
    again = corrected_results(real)
    assert again is not None
    assert again.effects is not None
    row = next(r for r in again.effects.rows if r.move == "p25 to p75")
    kept = replace(clean, deviations=own.deviations)
    assert row.in_sd == pytest.approx(moved(kept, row.start, row.end), rel=1e-9)
    printed, corrected = (moved(f, row.start, row.end) for f in (own, kept))
    sign = "<" if printed < corrected else ">"
    rules = (
        f'effect("p25 to p75") {sign} {(printed + corrected) / 2}',
        f'effect("p25 to p75") != {printed + corrected}',
    )
    hypotheses = tuple(OwnRule(f"H{i}", "A claim.", rule) for i, rule in enumerate(rules, 6))
    found = [v.outcome for v in verdicts(replace(real, hypotheses=hypotheses)) if v.about == "own"]
    assert found == ["cannot be told", "supported"]


def test_own_rules_read_the_corrected_regression_within_a_group(real: StudyResults) -> None:
    corrected = real.groups[0].comparison.corrected
    assert corrected is not None
    printed, clean = (c.groups[0].fit["market"].estimate for c in (real.groups[0].comparison, corrected))
    between = (printed + clean) / 2
    sign = "<" if printed < clean else ">"
    rules = (f'b(market) in "kind: a" {sign} {between}', f'b(market) in "kind: a" {sign} {clean + (clean - printed)}')
    own = tuple(OwnRule(f"H{i}", "A claim.", rule) for i, rule in enumerate(rules, 1))
    found = [v.outcome for v in verdicts(replace(real, hypotheses=own)) if v.about == "own"]
    assert found == ["cannot be told", "supported"]
    lost = replace(real.groups[0].comparison, corrected=None, uncorrected="halves do not agree")
    blind = replace(real, hypotheses=own, groups=(replace(real.groups[0], comparison=lost),))
    assert {v.outcome for v in verdicts(blind) if v.about == "own"} == {"cannot be told"}


def with_senses(result: MediationResult, senses: str, **of_b: float) -> MediationResult:
    m = result.mediators[0]
    p = 0.9 if senses == "open" else 0.001
    places = tuple(replace(i, sense=senses, p_value=p, p_holm=p) for i in m.indirect)
    clustered = None if m.clustered is None else replace(m.clustered, indirect=places)
    b = replace(m.b, **of_b) if of_b else m.b
    return replace(result, mediators=(replace(m, indirect=places, clustered=clustered, b=b),))


@each(
    "corrected,of_b,outcome",
    [
        ("rises and raises", {}, "supported"),
        ("open", {"estimate": 0.4, "conf_low": -0.2, "conf_high": 1.0}, "cannot be told"),
        ("open", {"estimate": 0.0, "conf_low": -0.1, "conf_high": 0.1}, "not supported"),
        ("open", {"estimate": 0.2, "conf_low": 0.1, "conf_high": 0.3}, "cannot be told"),
        ("falls and lowers", {}, "supported"),  # a channel has no direction
    ],
    ids=["stands", "cannot be told", "noise accounts for it", "the path from it is there", "the other direction"],
)
def test_a_channel(corrected: str, of_b: dict[str, float], outcome: str, real: StudyResults) -> None:
    [found] = real.mediation
    assert found.corrected is not None
    printed = with_senses(found, "rises and raises", estimate=0.5, conf_low=0.3, conf_high=0.7)
    changed = replace(printed, corrected=with_senses(found.corrected, corrected, **of_b))
    [verdict] = [v for v in verdicts(replace(real, mediation=(changed,))) if v.about == "acts:m"]
    assert verdict.outcome == outcome
    if outcome == "cannot be told":
        assert "without_noise.cause-channel" in ids(verdict.sentence)


def test_a_channel_whose_correction_could_not_be_made_cannot_be_told(real: StudyResults) -> None:
    printed = replace(with_senses(real.mediation[0], "rises and raises"), corrected=None, uncorrected="no halves")
    [verdict] = [v for v in verdicts(replace(real, mediation=(printed,))) if v.about == "acts:m"]
    assert verdict.outcome == "cannot be told"


def with_p(results: StudyResults, p: float, gap: tuple[float, float] | None = None) -> GroupSplit:
    """The split whose printed slopes differ by one, corrected with this p, this difference and this error of each."""
    comparison = results.groups[0].comparison
    assert comparison.corrected is not None

    def tested(found: Any, p: float) -> Any:
        joint = (replace(found.joint[0], test=replace(found.joint[0].test, p_value=p), p_wild=None),)
        return replace(found, joint=joint, overall_p_wild=None)

    clean, printed = tested(comparison.corrected, p), tested(comparison, 0.001)
    if gap is not None:
        differs, error = gap
        terms = [c.term for c in comparison.stacked.coefficients]
        first, second = (terms.index(f"market:{comparison.by}={g.group}") for g in comparison.groups)
        for found, value in ((clean, differs), (printed, 1.0)):
            b = [replace(c, estimate=0.0) for c in comparison.stacked.coefficients]
            b[second] = replace(b[second], estimate=value)
            stacked = replace(found.stacked, coefficients=tuple(b), vcov=np.eye(len(b)) * error**2)
            clean, printed = (replace(one, stacked=stacked) if one is found else one for one in (clean, printed))
        assert first != second
    return replace(results.groups[0], comparison=replace(printed, corrected=clean))


@each(
    "p,gap,outcome",
    [(0.01, None, "supported"), (0.3, (0.5, 0.5), "cannot be told"), (0.9, (0.0, 0.1), "not supported")],
)
def test_a_difference_between_groups(
    p: float, gap: tuple[float, float] | None, outcome: str, real: StudyResults
) -> None:
    split = with_p(real, p, gap)
    family = tuple(adjust_family({"kind": split.comparison}))
    [verdict] = [
        v for v in verdicts(replace(real, groups=(split,), group_family=family)) if v.about.startswith("differs")
    ]
    assert verdict.outcome == outcome
    assert "without_noise.cause-groups" not in ids(verdict.sentence)  # firms of one region share the index
    if outcome != "supported":
        by_period = replace(split, how="period")
        judged_again = verdicts(replace(real, groups=(by_period,), group_family=family))
        [of_years] = [v for v in judged_again if v.about.startswith("differs")]
        assert "without_noise.cause-groups" in ids(of_years.sentence)


# how much would be needed
def finding(p: float) -> Finding:
    return Finding("not supported", "", (Part("t", False, p, "u_test"), Part("b", True, 0.9, "square")))


def values(text: str) -> dict[str, Any]:
    assert isinstance(text, Said)
    return dict(text.given)


def by_hand(p: float, df: float = 30) -> float:
    """(t(.975) + t(.8))^2 / t^2, by which squared standard errors are too large; 30 degrees of freedom."""
    t = stats.t(df)
    return float(((t.ppf(0.975) + t.ppf(0.8)) / t.ppf(1 - p / 2)) ** 2)


@each("p", [0.03, 0.06, 0.2, 0.3])
def test_years_that_are_needed(p: float) -> None:
    """The example has 10 years and 30 degrees of freedom; without SIMEX, the net share of noise is unknown."""
    said = needed(example.study(), finding(p))
    assert said.key == "without_noise.needed-years"  # type: ignore[attr-defined]
    assert values(said) == {"years": str(math.ceil(10 * by_hand(p))), "now": "10"}


def test_a_p_of_six_percent_needs_about_twice_the_years() -> None:
    """(2.042 + 0.854)^2 / 1.955^2 = 2.19."""
    assert values(needed(example.study(), finding(0.06)))["years"] == "22"


@each("p,net", [(0.06, 0.4), (0.1, 0.5), (0.03, 0.3), (0.06, 0.8)])
def test_goods_that_are_needed(p: float, net: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Squared errors are in proportion to 1 / (1 - s), and the odds of noise to 1 / K: solved for K by bisection."""
    monkeypatch.setattr(without_noise, "noise_net", lambda _: net)
    said = needed(example.study(), finding(p))
    times = by_hand(p)

    def gain(goods: float) -> float:
        odds = net / (1 - net) * 10 / goods
        return (1 / (1 - net)) / (1 + odds)  # 1 / (1 - s) now over 1 / (1 - s) with so many goods

    if gain(1e12) < times:
        assert said.key == "without_noise.needed-years"  # type: ignore[attr-defined]
        return
    low, high = 10.0, 1e12
    for _ in range(200):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if gain(middle) < times else (low, middle)
    assert values(said)["goods"] == str(math.ceil(high - 1e-6))
    assert values(said)["goods_now"] == "10"


@each("p", [0.8, 1.0])
def test_no_realistic_number_of_years(p: float) -> None:
    assert needed(example.study(), finding(p)).key == "without_noise.needed-too-many"  # type: ignore[attr-defined]


@each("p", [0.0, 1e-6, 0.004, math.nan])
def test_fewer_years_than_there_are_cannot_be_what_is_needed(p: float) -> None:
    """All tests of the corrected rule are clear: what fails is a sign, and data need not change it."""
    assert needed(example.study(), finding(p)).key == "without_noise.needed-unknown"  # type: ignore[attr-defined]


def test_errors_without_clusters_have_normal_quantiles() -> None:
    own = replace(example.column("(2)").headline, df_t=math.inf)
    results = example.study(benchmark=(Column("(2)", own, u_test=u_test(own, "market")),))
    z = stats.norm
    times = ((z.ppf(0.975) + z.ppf(0.8)) / z.ppf(0.97)) ** 2
    assert values(needed(results, finding(0.06)))["years"] == str(math.ceil(10 * times))


# what is said
def all_said(results: StudyResults) -> list[Said]:
    found = []
    for v in verdicts(results):
        found += [t for t in (v.sentence, v.found, *(p.sentence for p in v.parts)) if isinstance(t, Said)]
    return found


@each("size,language", list(product((STANDS, OPEN, GONE), ("en", "zh"))))
def test_every_sentence_is_whole_in_both_languages(size: tuple[float, float], language: str) -> None:
    results = of_example(of_noise(*size), "b(market^2) < 0", "u_test_p < 0.05")
    for text in all_said(results):
        words = in_language(text, language)
        assert not re.search(r"\{|\}|None|\bnan\b", words), words
        assert language == "en" or not re.search(r"noise|index|claim|regression", words), words
        assert language == "zh" or not re.search("[\u3400-\u9fff]", words.replace("示例", "")), words


def test_every_message_of_the_catalogue_reads_in_both_languages() -> None:
    both = [messages(language, "without_noise") for language in ("en", "zh")]
    assert both[0] == both[1]
    for key, names in both[0].items():
        text = say(f"without_noise.{key}", **{name: f"<{name}>" for name in names})
        for name in names:
            assert f"<{name}>" in text, key
            assert f"<{name}>" in in_language(text, "zh"), key


def test_numbers_of_the_corrected_rule_are_quoted_from_no_cell_of_the_printed_table() -> None:
    """The cell of Table 4 prints the coefficient on the index as measured."""
    part = judged(of_example(of_noise(*STANDS), "b(market^2) < 0"))["H6"].parts[-1]
    printed = judged(of_example(None, "b(market^2) < 0"))["H6"].parts[0]

    def cells(text: Any) -> list[Any]:
        if not isinstance(text, Said):
            return []
        return [*text.cells.values(), *(c for v in text.given.values() for c in cells(v))]

    assert cells(printed.what)
    assert [cells(one) for one in part.inner] == [[]]
    assert f"{1.5 * example.B2:.4f}" in part.inner[0]


def test_the_terminal_counts_claims_that_cannot_be_told() -> None:
    assert "cannot be told" in OUTCOMES


@each("language,words", [("en", "Inconclusive because of noise\tH1"), ("zh", "因测量误差无法判断\tH1")])
def test_the_terminal_says_the_outcome(language: str, words: str) -> None:
    results = of_example(of_noise(*OPEN))
    with speaking(language):
        said = ending(replace(results, verdicts=verdicts(results)))
    assert any(part.text.startswith(words) for part in said)


def text_of(folder: Path) -> dict[str, str]:
    """The words of the report in each format."""
    docx = ""
    for name in ("report", "appendix"):
        with zipfile.ZipFile(folder / f"{name}.docx") as word:
            docx += word.read("word/document.xml").decode("utf-8")
    pages = {"html": (folder / "report.html").read_text("utf-8"), "docx": docx}
    pages |= {"tex": "".join(f.read_text("utf-8") for f in sorted(folder.rglob("*.tex")))}
    bare = {name: unescape(re.sub(r"<[^>]+>", "", page)) for name, page in pages.items()}
    return {name: " ".join(page.split()) for name, page in bare.items()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_format_says_the_outcome_its_reason_and_the_corrected_condition(language: str, tmp_path: Path) -> None:
    results = of_example(of_noise(*OPEN))
    results = replace(results, verdicts=verdicts(results))
    write_report(results, tmp_path, ("html", "docx", "tex"), language=language, shape="full")
    with speaking(language):
        [h1] = [v for v in verdicts(results) if v.hypothesis == "H1"]
        outcome = outcome_word(h1.outcome)
    part = in_language(say("without_noise.part"), language)
    reason = in_language(say("without_noise.open", found=say("without_noise.was-supported")), language)
    for kind, text in text_of(tmp_path).items():
        for words in (outcome, part, reason.replace("“", "").split("，")[-1][-12:]):
            assert words in text, (kind, words)


def test_a_test_that_is_not_corrected_is_not_listed_as_repeated() -> None:
    """The two-lines test has no corrected index: its uncorrected slopes were printed among the corrected conditions."""
    parts = (Part("square", True, -0.4, "square"), Part("two lines", True, 0.01, "two_lines"))
    assert without_noise._tests(Finding("supported", "", parts)) == ("with the corrected index: square (met)",)
