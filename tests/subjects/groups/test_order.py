"""Groups in another order: the columns move, differences of turned pairs change signs, tests stay."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.order import in_order
from integrade.subjects.groups.records import GroupComparison


@pytest.fixture(scope="module")
def found() -> GroupComparison:
    rng = np.random.default_rng(4)
    n = 900
    x, area = rng.normal(size=n), rng.choice(["Central", "East", "West"], n)
    slope = np.select([area == "East", area == "West"], [1.0, 0.4], 0.1)
    y = slope * x - 0.3 * x**2 + rng.normal(size=n)
    rows = pl.DataFrame({"y": y, "x": x, "area": area, "firm": rng.integers(0, 60, n).astype(str)})
    return compare_groups(rows, "y ~ x + x^2", "area", treatment="x", permutations=19)


def test_the_paper_prints_east_west_central(found: GroupComparison) -> None:
    other = in_order(found, ("East", "West", "Central"))
    assert [g.group for g in other.groups] == ["East", "West", "Central"]
    pairs = [("East", "West"), ("East", "Central"), ("West", "Central")]
    assert [(j.a, j.b) for j in other.joint] == pairs
    assert [(d.a, d.b, d.term) for d in other.differences] == [(*p, t) for p in pairs for t in ("x", "x^2")]
    assert [t.name for t in other.turning_points] == [f"turning point: {a} - {b}" for a, b in pairs]


def test_differences_are_those_of_the_columns_and_tests_stay(found: GroupComparison) -> None:
    other = in_order(found, ("East", "West", "Central"))
    fits = {g.group: g for g in other.groups}
    for d in other.differences:
        assert d.estimate == pytest.approx(fits[d.a].fit[d.term].estimate - fits[d.b].fit[d.term].estimate, abs=1e-9)
        assert d.conf_low < d.estimate < d.conf_high
        assert d.statistic == pytest.approx(d.estimate / d.std_error)
    turned, kept = other.difference("x", "East", "Central"), found.difference("x", "Central", "East")
    assert (turned.estimate, turned.conf_low, turned.conf_high) == (-kept.estimate, -kept.conf_high, -kept.conf_low)
    assert (turned.p_value, turned.p_holm, turned.p_permutation) == (kept.p_value, kept.p_holm, kept.p_permutation)
    points = {t.name.removeprefix("turning point: "): t.estimate for t in other.turning_points}
    tests = {g: f.u_test.turning_point for g, f in fits.items() if f.u_test}
    assert points["East - Central"] == pytest.approx(tests["East"] - tests["Central"])
    joint = {frozenset((j.a, j.b)): j.test.p_value for j in found.joint}
    assert {frozenset((j.a, j.b)): j.test.p_value for j in other.joint} == joint
    assert (other.overall, other.stacked) == (found.overall, found.stacked)


def test_steepness_stands_with_its_group(found: GroupComparison) -> None:
    """The number of a group goes with it, and differences are those of the numbers."""
    other = in_order(found, ("West", "Central"))
    assert [s.name for s in other.strengths] == ["West", "Central", "East"]
    assert {s.name: s for s in other.strengths} == {s.name: s for s in found.strengths}
    own = {s.name: s.estimate for s in other.strengths}
    assert [(d.a, d.b) for d in other.stronger] == [("West", "Central"), ("West", "East"), ("Central", "East")]
    for d in other.stronger:
        assert d.estimate == pytest.approx(own[d.a] - own[d.b])
        assert d.conf_low < d.estimate < d.conf_high
    tests = {frozenset((d.a, d.b)): (abs(d.statistic), d.p_value, d.p_holm) for d in found.stronger}
    assert {frozenset((d.a, d.b)): (abs(d.statistic), d.p_value, d.p_holm) for d in other.stronger} == tests


def test_names_that_are_no_group_are_passed_over(found: GroupComparison) -> None:
    assert in_order(found, ("state", "non_state")) == found
    assert [g.group for g in in_order(found, ("West",)).groups] == ["West", "Central", "East"]
