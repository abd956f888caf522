"""The placebo of the robustness table, tested again with the index corrected for noise."""

from __future__ import annotations

import pytest

from integrade.estimate.contrasts import joint_test
from integrade.study.records import from_json, to_json
from integrade.subjects.lags.model import add_lags
from integrade.subjects.robustness.model import Variant, Variants, robustness
from twin_economy import FORMULA, NOISY, TOO_NOISY, direct, drawn, halves

PLACEBO = "y ~ market + market^2 + market_f1 + market_f1^2 | firm + year"
TERMS = ("market_f1", "market_f1^2")
CHECKS = {"checks": ("winsor", "placebo"), "cluster": "region"}


def placebo(found: Variants) -> Variant:
    [one] = [v for v in found if v.family == "placebo"]
    return one


def test_its_p_is_that_of_the_corrected_regression() -> None:
    wide = add_lags(drawn().panel, "market", lags=(), leads=(1,))
    want = joint_test(direct(PLACEBO, wide).fit, TERMS).p_value
    found = placebo(robustness(drawn().panel, FORMULA, "market", halves=halves(), **CHECKS))
    assert found.tested == TERMS
    assert found.corrected_p == pytest.approx(want, rel=1e-8)
    assert found.joint_p != found.corrected_p


@pytest.mark.parametrize("draws", [9, 99])
def test_the_larger_of_joint_and_bootstrap_counts(draws: int) -> None:
    wide = add_lags(drawn().panel, "market", lags=(), leads=(1,))
    null = " + ".join(TERMS)
    fit = direct(PLACEBO, wide, wild=draws, wild_joint=null).fit
    [wild] = [w.p_value for w in fit.wild if w.null == null]
    how = {"cluster": "region", "wild": draws}
    found = placebo(robustness(drawn().panel, FORMULA, "market", checks=("placebo",), halves=halves(), **how))
    assert found.corrected_p == pytest.approx(max(wild, joint_test(fit, TERMS).p_value), rel=1e-8)


def test_only_the_placebo_is_corrected_and_nothing_as_printed_changes() -> None:
    found = robustness(drawn().panel, FORMULA, "market", halves=halves(), **CHECKS)
    alone = robustness(drawn().panel, FORMULA, "market", **CHECKS)
    assert [v.corrected_p for v in found if v.family != "placebo"] == [None] * (len(found) - 1)
    assert {(v.corrected_p, v.uncorrected) for v in alone} == {(None, "")}
    assert [(v.b1, v.se1, v.joint_p) for v in found] == [(v.b1, v.se1, v.joint_p) for v in alone]


def test_halves_that_do_not_agree_are_said() -> None:
    found = placebo(robustness(drawn(NOISY).panel, FORMULA, "market", halves=halves(NOISY), **CHECKS))
    assert found.joint_p is not None
    assert found.corrected_p is None
    assert TOO_NOISY in found.uncorrected


def test_another_treatment_is_not_corrected() -> None:
    found = placebo(robustness(drawn().panel, "y ~ m | firm + year", "m", halves=halves(), **CHECKS))
    assert found.joint_p is not None
    assert found.corrected_p is None
    assert "not the index of the prices" in found.uncorrected


def test_the_line_of_the_placebo_has_the_corrected_p() -> None:
    found = placebo(robustness(drawn().panel, FORMULA, "market", halves=halves(), **CHECKS))
    assert f"corrected for noise {found.corrected_p:.4f}" in str(found.sheet())


def test_the_record_survives_json() -> None:
    found = robustness(drawn().panel, FORMULA, "market", halves=halves(), **CHECKS)
    assert to_json(from_json(Variants, to_json(found))) == to_json(found)
