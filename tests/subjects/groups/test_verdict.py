"""Hypotheses about groups: differences by every test, and the direction by a contrast of the groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.subjects.groups.compare import adjust_family, compare_groups
from integrade.subjects.groups.order import in_order
from integrade.subjects.groups.records import GroupComparison, GroupSplit
from integrade.subjects.groups.tables import group_table
from integrade.subjects.groups.verdict import adjusted_wild, cells_of_tests
from integrade.verdicts import answers
from integrade.verdicts.bundle import OwnRule, StudyResults, Verdict
from integrade.verdicts.collected import verdicts
from plainwords.texts import speaking


def compared(state: float, others: float, seed: int = 0, **options: int) -> GroupComparison:
    """31 regions, 8 years, 12 firms in each; the curve .5 x - .1 x^2 times a strength in each kind of firm."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(31, 8)).cumsum(axis=1) * 0.5
    region, firm = np.repeat(np.arange(31), 12), np.arange(372)
    kind, at = np.where(firm % 12 < 6, "state", "non_state"), x[region]
    strength = np.where(kind == "state", state, others)[:, None]
    y = rng.normal(size=(372, 1)) + strength * (0.5 * at - 0.1 * at**2) + rng.normal(size=(372, 8))
    names = {"firm": firm, "region": region, "ownership_group": kind}
    rows = pl.DataFrame({k: np.repeat(v, 8) for k, v in names.items()}).with_columns(
        year=pl.Series(np.tile(np.arange(8), 372)), market=pl.Series(at.ravel()), y=pl.Series(y.ravel())
    )
    given = {"permutations": 99, "wild": 199} | options
    return compare_groups(rows, "y ~ market + market^2 | firm + year", "ownership_group", cluster="region", **given)


@pytest.fixture(scope="module")
def weaker() -> GroupComparison:
    """The state-owned three times as strong."""
    return compared(3.0, 1.0)


@pytest.fixture(scope="module")
def stronger() -> GroupComparison:
    return compared(1.0, 3.0)


def study(found: GroupComparison, how: str = "ownership", **more: object) -> StudyResults:
    return example.study(groups=(GroupSplit(how, "ownership", found),), **more)


def judged(results: StudyResults, hypothesis: str = "H4") -> Verdict:
    return next(v for v in verdicts(results) if v.hypothesis == hypothesis)


def test_the_sentence_has_the_joint_test_within_each_group(weaker: GroupComparison) -> None:
    """p = 0.0345 was quoted alone where the wild bootstrap of the same null had 0.0545."""
    sentence = judged(study(weaker)).sentence
    for group in weaker.groups:
        (wild,) = (w for w in group.fit.wild if w.null == "market + market^2")
        changed = replace(group, fit=replace(group.fit, wild=(replace(wild, p_value=0.0545),)))
        others = tuple(changed if g is group else g for g in weaker.groups)
        said = judged(study(replace(weaker, groups=others))).sentence
        assert said == sentence  # the wild bootstrap within a group is in the table only
    none = tuple(replace(g, fit=replace(g.fit, wild=())) for g in weaker.groups)
    within = judged(study(replace(weaker, groups=none))).sentence.split("within each group:")[1]
    assert "wild" not in within.split(".")[0]


def test_an_effect_that_is_larger_in_state_owned_firms_is_no_support(weaker: GroupComparison) -> None:
    """Both effects have p < 1e-10 and the groups differ: that was enough for support once."""
    found = judged(study(weaker))
    assert found.outcome == "contradicted"
    assert found.found == "the effect is stronger in state-owned firms than in firms that are not state-owned"
    assert [(p.key, p.holds) for p in found.parts] == [
        ("equal", True),
        ("wild", True),
        ("permuted", True),
        ("there", True),
        ("there_wild", True),
        ("steeper", False),
    ]
    own, other = (f"{s.estimate:.4f}" for s in weaker.strengths)
    assert f"{own} against {other} in state-owned firms" in found.parts[-1].sentence
    assert "supported if all of these conditions are met. First, the groups differ" in found.rule


def test_a_steeper_curve_is_not_a_stronger_effect_where_none_is_established(weaker: GroupComparison) -> None:
    """Noise draws a flat curve steep: without an effect that is there, the contrast says "steeper" alone."""
    drawn = [
        replace(g, fit=replace(g.fit, wild=tuple(replace(w, p_value=0.3) for w in g.fit.wild))) for g in weaker.groups
    ]
    doubtful = replace(weaker, groups=tuple(drawn))
    assert all(g.fit.wild for g in doubtful.groups)
    pair = "the mean absolute slope is larger in state-owned firms than in firms that are not state-owned"
    want = f"{pair}, but no effect is established in state-owned firms"
    found = judged(study(doubtful))
    assert (found.outcome, found.found) == ("not supported", want)
    difference = judged(study(doubtful, "column"), "H6")
    assert (difference.outcome, difference.found.startswith("the mean absolute slope is larger in ")) == (
        "supported",
        True,
    )
    with speaking("zh"):
        assert "效应不显著" in judged(study(doubtful)).found


def test_an_effect_that_is_larger_in_the_others_is_support(stronger: GroupComparison) -> None:
    found = judged(study(stronger))
    assert (found.outcome, found.about) == ("supported", "stronger:ownership")
    assert all(p.holds for p in found.parts)


def test_groups_that_differ_without_one_being_stronger() -> None:
    """A U against an inverted U of the same steepness: they differ, and neither is stronger."""
    found = judged(study(compared(-1.0, 1.0)))
    assert found.outcome == "not supported"
    assert found.found == "the groups differ, but no single group has a significantly stronger effect"


def test_groups_that_share_no_range_have_no_stronger_one(stronger: GroupComparison) -> None:
    """Early years at low values of the index were called stronger by extrapolation."""
    alone = replace(stronger, strengths=(), stronger=(), shared=0.07)
    found = judged(study(alone))
    assert (found.outcome, found.found) == (
        "not supported",
        "the groups differ; the strength of the effect cannot be compared across groups",
    )
    assert (found.parts[-1].key, found.parts[-1].holds) == ("steeper", None)
    assert "only 7% of the rows of one group lie in the range" in found.sentence
    plain = judged(study(alone, "column"), "H6")
    found = "the groups differ; the strength of the effect cannot be compared across groups"
    assert (plain.outcome, plain.found) == ("supported", found)
    with speaking("zh"):
        assert "未比较各组效应的强弱" in judged(study(alone)).sentence


@pytest.mark.parametrize(("own", "outcome"), [("non_state", "supported"), ("state", "not supported")])
def test_a_rule_of_the_study_may_name_the_stronger_group(stronger: GroupComparison, own: str, outcome: str) -> None:
    rule = OwnRule("H9", "Mine.", f'stronger("ownership: {own}") and difference_wild_p(ownership) < 0.05')
    assert judged(study(stronger, hypotheses=(rule,)), "H9").outcome == outcome


def test_a_difference_needs_the_wild_bootstrap_too(stronger: GroupComparison) -> None:
    """The joint F and the permutation reject too often under shocks of kinds of firms: the wild p decides too."""
    doubtful = replace(stronger, overall_p_wild=0.2)
    found = judged(study(doubtful, "column"), "H6")
    assert (found.outcome, found.found) == ("not supported", "we cannot reject equal effects across groups")
    assert [(p.key, p.holds) for p in found.parts][:2] == [("equal", True), ("wild", False)]
    assert "p = 0.2000" in found.parts[1].sentence
    said = answers.groups(study(doubtful, "column"))
    assert "we cannot reject equal effects" in said[0]
    assert "we cannot reject equal effects (the wild cluster bootstrap: p = 0.2000)" in said[0]
    undrawn = judged(study(replace(stronger, overall_p_wild=None), "column"), "H6")
    assert undrawn.outcome == "supported"
    assert undrawn.parts[1].holds is None


@pytest.mark.parametrize("kind", ["iid", "HC1", "CR1"])
def test_a_joint_test_by_other_errors_than_cr3_needs_the_wild_bootstrap(stronger: GroupComparison, kind: str) -> None:
    """With wild = 0 CR1's joint F alone supported a difference."""
    bare = replace(stronger, overall_p_wild=None, stacked=replace(stronger.stacked, kind=kind))
    found = judged(study(bare, "column"), "H6")
    assert (found.outcome, found.found) == ("not supported", "we cannot reject equal effects across groups")
    assert (found.parts[1].key, found.parts[1].holds, found.parts[1].needed) == ("wild", None, True)
    assert f"(required with {kind} standard errors), p-value below 5%: not run (not tested)" in found.parts[1].sentence
    assert "With CR3 the bootstrap need not be run." in found.rule
    assert "the required wild cluster bootstrap was not run" in answers.groups(study(bare, "column"))[0]
    drawn = judged(study(replace(bare, overall_p_wild=0.001), "column"), "H6")
    assert drawn.outcome == "supported"


def test_wild_p_is_adjusted_over_the_splits(stronger: GroupComparison) -> None:
    one = GroupSplit("ownership", "ownership", replace(stronger, overall_p_wild=0.03))
    other = GroupSplit("column", "kind", replace(stronger, overall_p_wild=0.02))
    family = tuple(adjust_family({s.title: s.comparison for s in (one, other)}))
    results = example.study(groups=(one, other), group_family=family)
    assert adjusted_wild(one, results.groups) == pytest.approx(0.04)
    assert judged(results).outcome == "supported"
    third = GroupSplit("column", "third", replace(stronger, overall_p_wild=0.04))
    assert judged(replace(results, groups=(one, other, third))).outcome == "not supported"
    printed = group_table(one, family, splits=results.groups)
    cells = {r.key: r.cells[1:3] for r in printed.rows}
    assert cells["overall.wild"] == ("0.0300", "")  # nothing stands under the heading of another group
    assert cells["overall.wild.holm"] == ("0.0400", "")
    assert "joint over all groups" in printed.notes[0]


def test_a_missing_permutation_p_has_no_column(stronger: GroupComparison) -> None:
    """Its heading stayed, so that the p adjusted over the splits was printed below it."""
    joint = tuple(replace(j, p_permutation=np.nan) for j in stronger.joint)
    one = GroupSplit("ownership", "ownership", replace(stronger, joint=joint))
    other = GroupSplit("column", "kind", stronger)
    family = tuple(adjust_family({s.title: s.comparison for s in (one, other)}))
    results = example.study(groups=(one, other), group_family=family)
    for split, columns in ((one, 3), (other, 4)):
        rows = group_table(split, family, splits=results.groups).rows
        at = next(i for i, row in enumerate(rows) if row.key == "overall")
        heading, cells = rows[at - 1].cells, rows[at].cells
        assert [c for c in heading if c][-1] == "Holm p over the 2 splits"
        assert len([c for c in heading if c]) == len([c for c in cells if c]) == columns
        assert cells_of_tests(results, split)["adjusted"].column == columns - 1


def test_the_table_shows_steepness_and_whether_the_permutation_is_exact(stronger: GroupComparison) -> None:
    printed = group_table(GroupSplit("ownership", "ownership", stronger), splits=())
    cells = {r.key: r.cells for r in printed.rows}
    assert float(cells["steepness"][1]) == pytest.approx(stronger.strengths[0].estimate, abs=1e-4)
    assert float(cells["steepness"][3]) == pytest.approx(stronger.stronger[0].estimate, abs=1e-4)
    assert cells["steepness.p"][3] == "<0.0001"
    assert any("The permutation test rejects too often" in note for note in printed.notes)
    conditions = " ".join(p.sentence for p in judged(study(stronger)).parts)
    assert "(not exact if units of a group share shocks by region and year" in conditions
    assert "larger mean absolute slope in" in conditions
    with speaking("zh"):
        assert any("平均绝对斜率" in p.sentence for p in judged(study(stronger)).parts)


@pytest.mark.parametrize("order", [("state", "non_state"), ("non_state", "state")])
def test_steepness_is_printed_under_its_group_in_any_order(weaker: GroupComparison, order: tuple[str, str]) -> None:
    """The state-owned curve is three times as steep; once an order printed its number under the other column."""
    found = in_order(weaker, order)
    cells = {r.key: r.cells for r in group_table(GroupSplit("ownership", "ownership", found), splits=()).rows}
    own = {s.name: s.estimate for s in weaker.strengths}
    assert own["state"] > 2 * own["non_state"]
    printed = [float(c) for c in cells["steepness"][1:4]]
    assert printed[:2] == pytest.approx([own[name] for name in order], abs=1e-4)
    assert printed[2] == pytest.approx(printed[0] - printed[1], abs=2e-4)
    assert cells["steepness.p"][1:4] == ("", "", "<0.0001")
    gap = {t.name: t.estimate for t in found.turning_points}[f"turning point: {order[0]} - {order[1]}"]
    assert float(cells["turning_point"][3]) == pytest.approx(gap, abs=1e-3)
