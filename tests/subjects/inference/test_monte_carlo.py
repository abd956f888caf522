"""Size and coverage in a reduced form of the certification (METHODS 5.2), and that its short cuts are exact.

Bands of 2,000 draws move out at each end by 2.576 sqrt(end (1 - end) / draws) here: 99% at the end itself.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from integrade.subjects.mediation.mediate import mediate

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
bands = importlib.import_module("bands")
ci = importlib.import_module("intervals")
mc = importlib.import_module("monte_carlo")
certify_intervals = importlib.import_module("certify_intervals")
certify = importlib.import_module("certify")

DRAWS = 250
FEWER = {"mediation": 40, "instruments": 150, "pipeline": 60, "attenuation": 200}
SHAPES = ("balanced", "skewed")
SEED = 20240101


def simulated(shape):
    return in_a_process(mc.__file__, shape, "40", str(DRAWS), str(SEED))


@cache
def covered(part, shape):
    return in_a_process(ci.__file__, part, shape, "40", str(FEWER[part]), str(SEED))


def in_a_process(*arguments):
    """In a process of its own, where one thread can be set before numpy is imported."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    return {key: np.array(values) for key, values in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def balanced():
    return simulated("balanced")


@pytest.fixture(scope="module")
def skewed():
    return simulated("skewed")


def assert_in_band(draws, band) -> None:
    low, high = bands.widened(band.low, band.high, len(draws[band.key]))
    assert low <= bands.rate(draws, band.key) <= high, band.key


@pytest.mark.slow
@pytest.mark.parametrize("band", certify.BALANCED, ids=lambda b: b.key)
def test_balanced(balanced, band) -> None:
    assert_in_band(balanced, band)


@pytest.mark.slow
@pytest.mark.parametrize("band", certify.SKEWED, ids=lambda b: b.key)
def test_skewed(skewed, band) -> None:
    assert_in_band(skewed, band)


@pytest.mark.slow
@pytest.mark.parametrize("test", ["linear", "square", "joint"])
def test_clusters_by_firm_protect_no_more_than_none(balanced, test) -> None:
    """METHODS 5.2: iid and by firm alike reject several times as often as by province, draw by draw."""
    loose = [bands.rate(balanced, f"{kind} {test}") for kind in ("iid", "firm")]
    assert abs(loose[0] - loose[1]) < 0.03  # the same draws: they differ where p is near 5%
    assert min(loose) > 2 * bands.rate(balanced, f"CR1 {test}")


@pytest.mark.slow
@pytest.mark.parametrize("test", ["linear", "square", "joint"])
def test_cr3_and_wild_correct_cr1(skewed, test) -> None:
    """In the same draws: a paired comparison needs few."""
    cr1 = skewed[f"CR1 {test}"] <= 0.05
    for kind in ("CR3", "WCR"):
        better = skewed[f"{kind} {test}"] <= 0.05
        gained, lost = int((cr1 & ~better).sum()), int((better & ~cr1).sum())
        assert gained > 10 + 3 * lost  # chance alone would split them evenly


@pytest.mark.slow
def test_joint_test_keeps_its_size_by_wild_bootstrap_only(skewed) -> None:
    """METHODS 5.2: CR3 joint F .100 where provinces differ in size."""
    assert bands.rate(skewed, "WCR joint") < bands.rate(skewed, "CR3 joint") < bands.rate(skewed, "CR1 joint")


@pytest.mark.parametrize("design", [mc.balanced(3), mc.skewed(8)], ids=lambda d: d.name)
def test_cells_equal_the_firm_panel(design) -> None:
    """Every p-value of a draw is that of `fit` and `u_test` on the rows of firms (rounding apart)."""
    assert mc.disagreement(mc.layout(design), SEED, range(2)) < 1e-9


def test_fieller_covers_exactly_where_the_slope_at_the_turning_point_is_not_rejected() -> None:
    """So that coverage cannot depend on the curvature, bounded or not."""
    plan = mc.layout(mc.balanced(3))
    rows = [mc.draw(plan, SEED, number) for number in range(40)]
    for kind in ("CR1", "CR3"):
        assert [r[f"{kind} Fieller strong"] for r in rows] == [r[f"{kind} Fieller weak"] for r in rows]
        assert any(r[f"{kind} bounded strong"] != r[f"{kind} bounded weak"] for r in rows)


def test_designs() -> None:
    skew = mc.skewed(40)
    assert len(skew.firms) == len(mc.balanced(40).firms) == 31
    assert skew.total == mc.balanced(40).total == 1240
    assert sum(skew.firms[:5]) / skew.total == pytest.approx(0.78, abs=0.002)  # whole firms
    sample = mc.simulate(skew, (1, 2))
    again = mc.simulate(skew, (1, 2))
    assert np.array_equal(sample.y, again.y)
    assert not np.array_equal(sample.y, mc.simulate(skew, (1, 3)).y)


def test_widening_shrinks_with_draws() -> None:
    low, high = bands.widened(0.05, 0.5, 100)
    assert (low, high) == pytest.approx((0.05 - 2.576 * 0.0217945, 0.5 + 2.576 * 0.05), abs=1e-6)
    assert bands.widened(0.0, 1.0, 10) == (0.0, 1.0)


def test_a_miss_without_a_reason_is_told_from_noise() -> None:
    draws = {"CR1 linear": np.r_[np.zeros(300), np.ones(1700)], "CR1 U edge": np.r_[np.zeros(180), np.ones(1820)]}
    far = bands.Band("CR1 linear", 0.04, 0.08)
    near = bands.Band("CR1 U edge", 0, 0.085)
    found = bands.judge("", draws, (far, near), full=2000, why=certify.reason)
    assert [(f.result, bool(f.reason)) for f in found] == [("outside", False), ("outside", True)]


def test_other_degrees_of_freedom_start_from_the_same_statistic() -> None:
    """With G - 1 instead of Satterthwaite's the rate is that of the p-values themselves; with fewer it is lower."""
    p = np.linspace(0.001, 0.999, 500)
    few = np.full(500, 30.0)
    for test in ("linear", "joint"):
        draws = {f"CR3 {test}": p, "df linear": few, "df square": few}
        assert certify.satterthwaite_rate(draws, test) == np.mean(p <= 0.05)
        assert certify.satterthwaite_rate(draws | {"df linear": few / 5}, test) < np.mean(p <= 0.05)


# ---- coverage of 95% intervals


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_indirect_effects(shape) -> None:
    for band in certify_intervals.MEDIATION[shape == "balanced"]:
        assert_in_band(covered("mediation", shape), band)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_anderson_rubin_sets_cover_what_cr1_accepts(shape, request) -> None:
    """With one instrument, and whatever its strength: draw by draw, the same samples as those of the tests."""
    draws = covered("instruments", shape)
    for band in certify_intervals.INSTRUMENTS[shape == "balanced"]:
        assert_in_band(draws, band)
    tests = {k: v[: FEWER["instruments"]] for k, v in request.getfixturevalue(shape).items()}
    accepted = tests["CR1 linear"] > 0.05
    assert np.array_equal(draws["AR strong covers"] == 1, accepted)
    assert np.array_equal(draws["AR weak covers"] == 1, accepted)
    assert draws["AR weak bounded"].mean() < 0.9 < draws["AR strong bounded"].mean()
    assert np.array_equal(draws["AR joint covers"] == 1, tests["CR1 joint"] > 0.05)
    assert (draws["AR projected covers"] >= draws["AR joint covers"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_pipeline_bootstrap_covers_the_slope_as_measured(shape) -> None:
    """METHODS 5.2: not the structural slope, and its draws are attenuated twice."""
    draws = covered("pipeline", shape)
    target = ci.slope_as_measured(covered("attenuation", shape))
    assert 0.5 < target < 0.75  # METHODS 1.5: attenuation by the noise of ten goods
    found = ci.pipeline_coverage(draws, target)
    for band in certify_intervals.PIPELINE:
        assert_in_band(found, band)
    assert found["pipeline covers structural slope"].mean() < found["pipeline covers slope as measured"].mean() - 0.3
    assert draws["mean"].mean() < 0.95 * draws["estimate"].mean() < 1.05 * target
    error = draws["estimate"].std() / np.sqrt(len(draws["estimate"]))
    assert draws["estimate"].mean() == pytest.approx(target, abs=3 * error)
    assert (draws["error"] > draws["error by provinces"]).mean() > 0.6  # goods add to the error


@pytest.mark.parametrize("design", [mc.balanced(3), mc.skewed(8)], ids=lambda d: d.name)
def test_cells_equal_the_commands_on_the_firm_panel(design) -> None:
    """Sets, two-stage fits and bootstraps are those of `weak_iv` and `pipeline_bootstrap` (rounding apart)."""
    assert ci.disagreement(mc.layout(design), SEED, 1) < 1e-9


def test_mediators_carry_the_effect_that_is_to_be_covered() -> None:
    """The coefficients of the simulated panel are near those that the target is made of."""
    plan = mc.layout(mc.balanced(60))
    panel = ci.mediators(plan, SEED, 0)
    result = mediate(panel, "y ~ x + x^2 | firm + year", ["schools", "skill"], treatment="x", cluster="region", draws=2)
    for name, b in ci.B.items():
        # the s.e. of b is about .03 for schools and .01 for skill, that of the a-path about .06
        assert result[name].b.estimate == pytest.approx(b, abs=0.1)
        assert result[name].a_path["x"].estimate == pytest.approx(ci.A[0], abs=0.2)
        assert result[name].a_path["x^2"].estimate == pytest.approx(ci.A[1], abs=0.1)


def test_an_interval_that_is_too_short_is_explained_by_another() -> None:
    key = "indirect skill p50 percentile covers"
    draws = {key: np.r_[np.zeros(100), np.ones(400)], key.replace("percentile", "sobel"): np.ones(500)}
    (found,) = bands.judge("", draws, (bands.Band(key, 0.88, 0.97),), full=500, why=certify_intervals.too_short)
    assert found.result == "outside"
    assert "1.0000" in found.reason
    (wide,) = bands.judge("", draws, (bands.Band(key, 0.3, 0.7),), full=500, why=certify_intervals.too_short)
    assert not wide.reason
