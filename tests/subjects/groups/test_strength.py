"""Average steepness of a fitted curve by numerical integration and numerical derivatives, and its contrasts."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrade.estimate.formula import parse_formula
from integrade.estimate.linear import Fit
from integrade.estimate.multiple import holm
from integrade.estimate.ready import ready
from integrade.subjects.groups import stacking
from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.records import GroupComparison
from integrade.subjects.groups.strength import SHARED, shared_range, steepness
from panels import panel

NUMBER = st.floats(-3, 3).map(lambda v: round(v, 2))


def by_grid(b1: float, b2: float, low: float, high: float) -> float:
    """The mean of |b1 + 2 b2 x| over the middles of 20,000 equal pieces."""
    x = low + (high - low) * (np.arange(20_000) + 0.5) / 20_000
    return float(np.abs(b1 + 2 * b2 * x).mean())


@given(NUMBER, NUMBER, st.floats(-2, 2), st.floats(0.1, 3))
def test_steepness_is_the_mean_absolute_slope(b1: float, b2: float, low: float, width: float) -> None:
    value, gradient = steepness(b1, b2, low, low + width)
    assert value == pytest.approx(by_grid(b1, b2, low, low + width), abs=1e-6)  # the grid's error is below 1e-7
    assert steepness(-b1, -b2, low, low + width)[0] == pytest.approx(value)  # an inverted U is as steep as a U
    for j, step in enumerate(((1e-4, 0.0), (0.0, 1e-4))):
        up, down = (steepness(b1 + s * step[0], b2 + s * step[1], low, low + width)[0] for s in (1, -1))
        if max(abs(b1), abs(b2)) > 0.02:  # at a flat curve there is a kink
            assert gradient[j] == pytest.approx((up - down) / 2e-4, abs=0.02)


def three(seed: int = 5) -> pl.DataFrame:
    rows = panel(seed, firms=150, regions=12, movers=0)
    kind = {f: f"k{i % 3}" for i, f in enumerate(rows["firm"].unique().sort())}
    rows = rows.with_columns(kind=pl.col("firm").replace_strict(kind))
    bend = pl.col("kind").replace_strict({"k0": 0.0, "k1": 2.0, "k2": -6.0}, return_dtype=pl.Float64)
    return rows.with_columns(y=pl.col("y") + bend * (pl.col("market") - 4) ** 2)


@pytest.fixture(scope="module")
def found() -> GroupComparison:
    return compare_groups(three(), "y ~ market + market^2 + scale | firm + year", "kind", cluster="region")


def test_contrasts_are_those_of_the_stacked_regression(found: GroupComparison) -> None:
    """Estimates by the grid; standard errors from numerical derivatives and the stacked covariance."""
    names = [f"{t}:kind={k}" for k in ("k0", "k1", "k2") for t in ("market", "market^2")]
    terms = [c.term for c in found.stacked.coefficients]
    at = [terms.index(n) for n in names]
    b, v = np.array([found.stacked[n].estimate for n in names]), found.stacked.vcov[np.ix_(at, at)]
    parts = [rows["market"] for _, rows in three().group_by("kind")]
    ends = np.array([np.percentile(part, [10, 90], method="averaged_inverted_cdf") for part in parts])
    assert found.middle == pytest.approx((ends[:, 0].max(), ends[:, 1].min()), abs=0.02)  # less singletons
    assert 0.6 < found.shared < 0.82

    def all_three(b: np.ndarray) -> np.ndarray:
        return np.array([by_grid(b[2 * k], b[2 * k + 1], *found.middle) for k in range(3)])

    jacobian = np.array([(all_three(b + h) - all_three(b - h)) / 2e-4 for h in 1e-4 * np.eye(6)]).T
    spread = jacobian @ v @ jacobian.T
    for k, s in enumerate(found.strengths):
        assert s.estimate == pytest.approx(all_three(b)[k], rel=1e-5)
        assert s.std_error == pytest.approx(np.sqrt(spread[k, k]), rel=1e-2)  # the grid is not smooth at the turn
    for (i, j), d in zip(combinations(range(3), 2), found.stronger, strict=True):
        assert (d.a, d.b) == (f"k{i}", f"k{j}")
        assert d.estimate == pytest.approx(all_three(b)[i] - all_three(b)[j], rel=1e-4)
        assert d.std_error == pytest.approx(np.sqrt(spread[i, i] + spread[j, j] - 2 * spread[i, j]), rel=1e-2)
    assert [d.p_holm for d in found.stronger] == pytest.approx(holm([d.p_value for d in found.stronger]))


def test_the_shared_range_is_where_every_group_has_data() -> None:
    """Averaged over p10 to p90 of all rows, the curve of early years was extrapolated to later years' values."""
    x = np.concatenate([np.linspace(0, 10, 1001), np.linspace(5, 15, 1001)])
    names = ["early"] * 1001 + ["late"] * 1001
    (low, high), share = shared_range(x, names)
    assert (low, high, share) == pytest.approx((6.0, 9.0, 0.3), abs=0.011)
    assert shared_range(x[::-1], names[::-1]) == ((low, high), share)
    gap = np.concatenate([np.linspace(0, 1, 50), np.linspace(2, 3, 50)])
    assert shared_range(gap, ["a"] * 50 + ["b"] * 50)[1] == 0.0


def test_groups_without_a_shared_range_are_not_compared() -> None:
    rows = three().with_columns(
        half=pl.when(pl.col("market") < pl.col("market").median()).then(pl.lit("low")).otherwise(pl.lit("up"))
    )
    apart = compare_groups(rows, "y ~ market + market^2 | region", "half", cluster="region", permutations=0)
    assert apart.shared < SHARED
    assert (apart.strengths, apart.stronger) == ((), ())


def test_a_line_is_as_steep_as_its_slope_and_products_are_not_compared() -> None:
    line = compare_groups(three(), "y ~ market | firm + year", "kind", cluster="region", permutations=0)
    assert [s.estimate for s in line.strengths] == pytest.approx([abs(g.fit["market"].estimate) for g in line.groups])
    product = compare_groups(
        three(), "y ~ market + market:scale | firm + year", "kind", cluster="region", permutations=0
    )
    assert (product.strengths, product.stronger) == ((), ())


def test_the_wild_test_of_all_groups_is_that_of_the_pair_where_there_are_two() -> None:
    rows, formula = three(), "y ~ market + market^2 + scale | firm + year"
    two_how = Fit(cluster="region", vcov="CR3", wild=199)
    two = compare_groups(
        rows.filter(pl.col("kind") != "k2"), formula, "kind", cluster="region", permutations=0, wild=199
    )
    pair = stacking.wild_equal(
        ready(rows.filter(pl.col("kind") != "k2")), parse_formula(formula), "market", "kind", ["k0", "k1"], two_how
    )
    assert two.overall_p_wild == two.joint[0].p_wild == pair
    line = compare_groups(
        rows.filter(pl.col("kind") != "k2"), "y ~ market | firm + year", "kind", cluster="region", wild=199
    )
    assert line.overall_p_wild == line.differences[0].p_wild
    many = compare_groups(rows, formula, "kind", cluster="region", permutations=0, wild=199)
    assert many.overall_p_wild == 1 / 200
    again = compare_groups(rows.sample(fraction=1.0, shuffle=True, seed=2), formula, "kind", cluster="region", wild=199)
    assert again.overall_p_wild == many.overall_p_wild
    assert compare_groups(rows, formula, "kind", cluster="region", permutations=0).overall_p_wild is None


def test_permuted_labels_say_whether_they_are_exact(found: GroupComparison) -> None:
    """Firms within the regions of the errors are not exchangeable when they share shocks; whole regions may be."""
    assert found.permuted is not None
    assert (found.permuted.unit, found.permuted.exact) == ("firm", False)
    assert "not exact" in str(found)
    halves = three().with_columns(half=pl.col("region").is_in([f"R{i}" for i in range(6)]))
    regions = compare_groups(halves, "y ~ market | firm + year", "half", cluster="region", permutations=19)
    assert regions.permuted is not None
    assert (regions.permuted.unit, regions.permuted.exact) == ("region", True)
