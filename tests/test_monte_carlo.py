"""Size and coverage in a reduced form of the certification (METHODS 5.2), and that its short cuts are exact.

Bands of 2,000 draws move out at each end by 2.576 sqrt(end (1 - end) / draws) here: 99 % at the end itself.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
mc = importlib.import_module("monte_carlo")
certify = importlib.import_module("certify")

DRAWS = 250
SEED = 20240101


def simulated(shape):
    """In a process of its own, where one thread can be set before numpy is imported."""
    command = [sys.executable, mc.__file__, shape, "40", str(DRAWS), str(SEED)]
    done = subprocess.run(command, check=True, capture_output=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    return {key: np.array(values) for key, values in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def balanced():
    return simulated("balanced")


@pytest.fixture(scope="module")
def skewed():
    return simulated("skewed")


def assert_in_band(draws, band) -> None:
    low, high = certify.widened(band.low, band.high, DRAWS)
    assert low <= certify.rate(draws, band.key) <= high, band.key


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
    loose = [certify.rate(balanced, f"{kind} {test}") for kind in ("iid", "firm")]
    assert abs(loose[0] - loose[1]) < 0.03  # the same draws: they differ where p is near 5 %
    assert min(loose) > 2 * certify.rate(balanced, f"CR1 {test}")


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
    assert certify.rate(skewed, "WCR joint") < certify.rate(skewed, "CR3 joint") < certify.rate(skewed, "CR1 joint")


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
    low, high = certify.widened(0.05, 0.5, 100)
    assert (low, high) == pytest.approx((0.05 - 2.576 * 0.0217945, 0.5 + 2.576 * 0.05), abs=1e-6)
    assert certify.widened(0.0, 1.0, 10) == (0.0, 1.0)


def test_a_miss_without_a_reason_is_told_from_noise() -> None:
    draws = {"CR1 linear": np.r_[np.zeros(300), np.ones(1700)], "CR1 U edge": np.r_[np.zeros(180), np.ones(1820)]}
    far = certify.Band("CR1 linear", 0.04, 0.08)
    near = certify.Band("CR1 U edge", 0, 0.085)
    for band, known in ((far, False), (near, True)):
        value = certify.rate(draws, band.key)
        assert bool(certify.reason(band, draws, value, certify.binomial_error(value, 2000))) is known


def test_other_degrees_of_freedom_start_from_the_same_statistic() -> None:
    """With G - 1 instead of Satterthwaite's the rate is that of the p-values themselves; with fewer it is lower."""
    p = np.linspace(0.001, 0.999, 500)
    few = np.full(500, 30.0)
    for test in ("linear", "joint"):
        draws = {f"CR3 {test}": p, "df linear": few, "df square": few}
        assert certify.satterthwaite_rate(draws, test) == np.mean(p <= 0.05)
        assert certify.satterthwaite_rate(draws | {"df linear": few / 5}, test) < np.mean(p <= 0.05)
