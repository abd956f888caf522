"""The Anderson-Rubin curve: its p at the ends of the set, at values tested one by one, and without bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from integrade.estimate.fit import fit
from integrade.study.records import from_json, to_json
from integrade.subjects.instruments.ar_curve import ar_curve, ar_window
from integrade.subjects.instruments.weak_iv import ARSet, WeakIV, weak_iv
from panels import panel

ROWS = panel(3, firms=120).with_columns(z1_2=pl.col("z1") ** 2)


@pytest.fixture(scope="module")
def one() -> WeakIV:
    return weak_iv(ROWS, "y ~ scale | firm + year | x ~ z1 + z2", draws=0, vcov="HC1")


def test_the_ends_of_the_set_have_the_p_of_its_level(one: WeakIV) -> None:
    s = one["x"]
    points = ar_curve(s)
    ends = {e for pair in s.intervals for e in pair if e is not None}
    assert len(ends) == 2
    assert {p.value for p in points} >= {*ends, s.estimate}
    for p in points:
        if p.value in ends:
            assert p.p == pytest.approx(0.05, rel=1e-6)
        else:
            assert (p.p > 0.05) == (p.value in s)


def test_a_point_is_the_test_of_its_value(one: WeakIV) -> None:
    """y - x b on the instruments: the test that they do not explain it, from the regression itself."""
    for point in ar_curve(one["x"], 5)[::2]:
        moved = ROWS.with_columns(y=pl.col("y") - point.value * pl.col("x"))
        tested = fit(moved, "y ~ scale | firm + year | x ~ z1 + z2", vcov="HC1").iv
        assert tested is not None
        assert (point.f, point.p) == pytest.approx((tested.ar_f, tested.ar_p), rel=1e-8)


def test_a_set_without_bound_is_shown_around_its_estimate() -> None:
    noise = ROWS.with_columns(z=pl.int_range(pl.len()).hash(1).cast(pl.Float64) / 2**64)
    s = weak_iv(noise, "y ~ scale | firm + year | x ~ z", draws=0)["x"]
    assert s.kind in ("line", "two_rays")
    low, high = ar_window(s)
    assert low < s.estimate < high
    assert len(ar_curve(s)) >= 200


def test_a_projection_is_minimised_over_the_other_coefficient() -> None:
    two = weak_iv(ROWS, "y ~ scale | firm + year | x + age ~ z1 + z2 + z1_2", draws=0)
    for s in two.sets:
        inside = [p for p in ar_curve(s, 41) if p.p > 0.05]
        assert inside
        assert all(p.value in s for p in inside)


def test_results_come_back_from_json_with_their_curve(one: WeakIV) -> None:
    again = from_json(WeakIV, to_json(one))
    assert ar_curve(again["x"]) == ar_curve(one["x"])
    assert ar_curve(replace(one["x"], behind=None)) == ()
    assert ar_curve(ARSet("x", 1.0, "empty", (), projected=False)) == ()


def test_the_result_stays_a_table_of_numbers(one: WeakIV) -> None:
    """What stands behind a set is no test statistic."""
    found = one.tidy()
    assert found.height > 0
    assert found.schema["statistic"] == pl.Float64


@pytest.mark.parametrize("seed", range(4))
def test_several_cluster_variables_never_accept_by_a_negative_f(seed: int) -> None:
    """V1 + V2 - V12 need not be positive at every coefficient; a negative F would be a p of one."""
    rows = panel(seed, firms=72)
    found = weak_iv(rows, "y ~ scale | firm + year | x ~ z1 + z2", draws=0, cluster=["region", "year"], vcov="CR1")
    assert found.ar_f >= 0
    for s in found.sets:
        assert all(p.f >= 0 for p in ar_curve(s))


def test_several_cluster_variables_end_in_a_set_and_not_in_a_traceback() -> None:
    """Moments whose V1 + V2 - V12 is no covariance have no C statistic; the truth is in all but a few of the sets."""
    held = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        f, t = np.indices((72, 8)).reshape(2, -1)
        r = f % 12
        z = rng.normal(size=(12, 8)) + rng.normal(size=(12, 1)) + rng.normal(size=(1, 8))
        u = rng.normal(size=(12, 8))[r, t]
        x = 0.8 * z[r, t] + u + 0.3 * rng.normal(size=len(f))
        y = 0.5 * x + 0.5 * u + rng.normal(size=len(f))
        rows = pl.DataFrame({"firm": f, "year": t, "region": r, "x": x, "z": z[r, t], "y": y})
        found = weak_iv(rows, "y ~ 1 | firm + year | x ~ z", draws=0, cluster=["region", "year"], vcov="CR1")
        held += 0.5 in found["x"]
    assert held >= 17


def test_first_stages_have_the_constant_of_xtreg() -> None:
    """Their formula names the columns of the whole regression, from which the constant's error is computed."""
    whole = weak_iv(ROWS, "y ~ scale | firm + year | x ~ z1 + z2", draws=0, vcov="iid", ssc="xtreg")
    first = fit(ROWS, "x ~ z1 + z2 + scale | firm + year", vcov="iid", ssc="xtreg")
    assert whole.first_stage[0].constant == pytest.approx(first.constant, rel=1e-9)
