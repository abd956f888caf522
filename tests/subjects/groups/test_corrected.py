"""The corrected twin of a comparison of groups: each group and the stacked regression by direct calls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import special

from integrade.estimate.multiple import holm
from integrade.estimate.results import FitResult
from integrade.study.records import from_json, to_json
from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.order import in_order
from integrade.subjects.groups.records import GroupComparison, GroupSplit
from integrade.subjects.groups.tables import group_table
from twin_economy import FORMULA, NOISY, TOO_NOISY, direct, drawn, halves

HOW = {"cluster": "region", "permutations": 0, "wild": 99}


@pytest.fixture(scope="module")
def both() -> GroupComparison:
    return compare_groups(drawn().panel, FORMULA, "group", halves=halves(), **HOW)


@pytest.fixture(scope="module")
def twin(both: GroupComparison) -> GroupComparison:
    assert both.uncorrected == ""
    assert both.corrected is not None
    return both.corrected


def same(a: FitResult, b: FitResult) -> None:
    assert (a.nobs, a.kind, a.df_t) == (b.nobs, b.kind, b.df_t)
    for x, y in zip(a.coefficients, b.coefficients, strict=True):
        assert (x.estimate, x.std_error) == pytest.approx((y.estimate, y.std_error), rel=1e-9)  # the same arithmetic
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-8)


def of_group(name: str, by: str = "group") -> pl.DataFrame:
    return drawn().panel.filter(pl.col(by) == name)


def test_the_stacked_regression_is_the_corrected_one_of_that_formula(twin: GroupComparison) -> None:
    marks = {f"is_{g}": (pl.col("group") == g).cast(pl.Float64) for g in "ab"}
    panel = drawn().panel.with_columns(**marks)
    terms = " + ".join(f"{t}:is_{g}" for g in "ab" for t in ("market", "market^2"))
    same(twin.stacked, direct(f"y ~ {terms} | firm^group + year^group", panel).fit)


def test_groups_are_the_parts_of_the_stacked_regression_and_regressions_of_their_own(twin: GroupComparison) -> None:
    stacked = twin.stacked
    names = [c.term for c in stacked.coefficients]
    for g in twin.groups:
        same(g.fit, direct(FORMULA, of_group(g.group)).fit)
        own = [f"{t}:group={g.group}" for t in ("market", "market^2")]
        at = [names.index(t) for t in own]
        assert [c.estimate for c in g.fit.coefficients] == pytest.approx([stacked[t].estimate for t in own], rel=1e-8)
        # both jackknives leave out the same regions: the group's own has (n - 1) / n of its n regions in front
        n = of_group(g.group)["region"].n_unique()
        own_factor = (n - 1) / n / (15 / 16)
        np.testing.assert_allclose(g.fit.vcov, own_factor * stacked.vcov[np.ix_(at, at)], rtol=1e-7)
        assert g.u_test is not None
        assert g.u_test.turning_point == pytest.approx(-g.fit["market"].estimate / 2 / g.fit["market^2"].estimate)


def test_groups_of_regions_have_the_clusters_of_their_own_regions() -> None:
    found = compare_groups(drawn().panel, FORMULA, "area", halves=halves(), **HOW).corrected
    assert found is not None
    for g, regions in zip(found.groups, (8, 8), strict=True):
        one = direct(FORMULA, of_group(g.group, "area")).fit
        same(g.fit, one)
        assert (g.fit.df_t, g.fit.clusters) == (regions - 1, {"region": regions})
        # the stacked jackknife of 16 regions has 15/16 in front, that of the 8 regions 7/8
        se = found.stacked[f"market:area={g.group}"].std_error
        assert g.fit["market"].std_error == pytest.approx(se * np.sqrt(7 / 8 / (15 / 16)), rel=1e-8)


def test_the_bootstrap_within_groups_is_drawn_from_the_corrected_regression(twin: GroupComparison) -> None:
    want = direct(FORMULA, of_group("b"), wild=99).fit.wild
    assert twin.groups[1].fit.wild == want
    assert "market + market^2" in {w.null for w in want}


def test_differences_and_their_joint_test_follow_from_the_stacked_covariance(twin: GroupComparison) -> None:
    fit = twin.stacked
    names = [c.term for c in fit.coefficients]
    b = np.array([c.estimate for c in fit.coefficients])
    rows = np.zeros((2, 4))
    for i, t in enumerate(("market", "market^2")):
        rows[i, names.index(f"{t}:group=a")], rows[i, names.index(f"{t}:group=b")] = 1.0, -1.0
    gaps, spread = rows @ b, rows @ fit.vcov @ rows.T
    assert [d.estimate for d in twin.differences] == pytest.approx(gaps, rel=1e-9)
    assert [d.std_error for d in twin.differences] == pytest.approx(np.sqrt(np.diag(spread)), rel=1e-9)
    f = gaps @ np.linalg.solve(spread, gaps) / 2
    assert twin.joint[0].test.p_value == pytest.approx(special.fdtrc(2, 15, f), rel=1e-6)
    assert [d.p_holm for d in twin.differences] == pytest.approx(holm([d.p_value for d in twin.differences]))


def test_nothing_is_permuted_or_drawn_again_for_differences(both: GroupComparison, twin: GroupComparison) -> None:
    assert both.differences[0].p_wild is not None
    assert {(d.p_wild, d.p_permutation) for d in twin.differences} == {(None, None)}
    assert (twin.permuted, twin.overall_p_wild, twin.overall_p_permutation) == (None, None, None)


def test_the_comparison_as_printed_does_not_change(both: GroupComparison) -> None:
    alone = compare_groups(drawn().panel, FORMULA, "group", **HOW)
    assert to_json(replace(both, corrected=None)) == to_json(alone)


def test_three_groups_have_one_test_of_all_which_the_table_prints() -> None:
    panel = drawn().panel.with_columns(three=pl.lit("g") + (pl.col("firm") % 3).cast(pl.String))
    found = compare_groups(panel, FORMULA, "three", halves=halves(), cluster="region", permutations=0)
    assert found.corrected is not None
    overall = found.corrected.overall
    assert overall is not None
    assert overall.df1 == 4
    fit = found.corrected.stacked
    names = [c.term for c in fit.coefficients]
    rows = np.zeros((4, 6))
    for i, (t, g) in enumerate((t, g) for g in ("g1", "g2") for t in ("market", "market^2")):
        rows[i, names.index(f"{t}:three={g}")], rows[i, names.index(f"{t}:three=g0")] = 1.0, -1.0
    gaps = rows @ [c.estimate for c in fit.coefficients]
    f = gaps @ np.linalg.solve(rows @ fit.vcov @ rows.T, gaps) / 4
    assert overall.p_value == pytest.approx(special.fdtrc(4, 15, f), rel=1e-6)
    printed = group_table(GroupSplit("column", "three", found))
    [line] = [r for r in printed.rows if r.key == "corrected.overall"]
    assert line.cells[1] == f"{overall.p_value:.4f}"


def test_halves_that_do_not_agree_are_said() -> None:
    found = compare_groups(drawn(NOISY).panel, FORMULA, "group", halves=halves(NOISY), **HOW)
    assert found.corrected is None
    assert TOO_NOISY in found.uncorrected
    printed = group_table(GroupSplit("column", "kind", found))
    assert any(TOO_NOISY in note for note in printed.notes)
    assert not [r for r in printed.rows if r.key.startswith("corrected")]


def test_another_treatment_and_instruments_are_not_corrected() -> None:
    other = compare_groups(drawn().panel, "y ~ m | firm + year", "group", treatment="m", halves=halves(), **HOW)
    assert other.corrected is None
    assert "not the index of the prices" in other.uncorrected
    instrumented = "y ~ 1 | firm + year | market ~ true"
    found = compare_groups(drawn().panel, instrumented, "group", halves=halves(), cluster="region", permutations=0)
    assert found.corrected is None
    assert "must not contain" in found.uncorrected


def test_the_table_prints_the_corrected_numbers(both: GroupComparison, twin: GroupComparison) -> None:
    printed = group_table(GroupSplit("column", "kind", both))
    [line] = [r for r in printed.rows if r.key == "corrected.market"]
    shown = [float(cell.split()[0]) for cell in line.cells[1:4]]
    want = [twin.groups[0].fit["market"].estimate, twin.groups[1].fit["market"].estimate, twin.differences[0].estimate]
    assert shown == pytest.approx(want, abs=6e-4)  # printed to four decimals or three


def test_the_printed_record_has_both(both: GroupComparison, twin: GroupComparison) -> None:
    after = both.sheet().text().split("with the index corrected for noise")[1]
    assert f"p = {twin.joint[0].test.p_value:.4f}" in after


def test_the_record_survives_json(both: GroupComparison) -> None:
    again = from_json(GroupComparison, to_json(both))
    assert to_json(again) == to_json(both)
    assert again.corrected is not None
    assert again.corrected.differences == both.corrected.differences  # type: ignore[union-attr]


def test_in_another_order_the_corrected_numbers_stand_below_their_groups(both: GroupComparison) -> None:
    first = [g.group for g in both.groups][::-1]
    other = in_order(both, first)
    assert other.corrected is not None
    assert [g.group for g in other.corrected.groups] == [g.group for g in other.groups] == first
    for d in other.corrected.differences:
        a, b = (next(g.fit for g in other.corrected.groups if g.group == name) for name in (d.a, d.b))
        assert (d.a, d.b) == tuple(first)
        assert d.estimate == pytest.approx(a[d.term].estimate - b[d.term].estimate, rel=1e-8)
