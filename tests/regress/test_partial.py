"""Numbers only: coding of effects, partialling out, collinearity, small-sample corrections."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.errors import NoConvergence
from integrade.estimate.fit import fit
from integrade.regress import effects, partial, ssc
from integrade.regress.effects import (
    Factor,
    combine,
    connected_components,
    factorise,
    movers,
    pair_components,
    without_singletons,
)
from integrade.regress.ols import block_moments, cross_products, independent, least_squares, moments
from integrade.regress.students import chi2_upper, f_upper, t_one_sided, t_quantile, t_two_sided
from panels import annihilator, dummies, panel


def factor(name: str, values: list[object]) -> Factor:
    return factorise(name, pl.Series(name, values))


@each(
    "values",
    [
        [30, 10, 20, 10],
        [10**15, 1, 7, 1],
        ["c", "a", "b", "a"],
        ["浙江", "北京", "江苏", "北京"],
        [2.5, -1.0, 0.0, -1.0],
        [True, False, False, True],
    ],
    ids=str,
)
def test_codes_follow_the_sorted_values(values: list[object]) -> None:
    f = factor("x", values)
    levels = sorted(set(values))  # type: ignore[type-var]
    assert f.levels == len(levels)
    assert f.codes.tolist() == [levels.index(v) for v in values]


def test_categories_are_coded_by_their_text_not_by_first_appearance() -> None:
    text = pl.Series("x", ["b", "a", "c", "a"])
    assert factorise("x", text.cast(pl.Categorical)).codes.tolist() == [1, 0, 2, 0]
    assert factorise("x", text.cast(pl.Enum(["c", "b", "a"]))).codes.tolist() == [1, 0, 2, 0]


def test_combination_keeps_only_pairs_in_use() -> None:
    joint = combine("a^b", [factor("a", [1, 1, 2, 2]), factor("b", ["x", "y", "y", "y"])])
    assert joint.codes.tolist() == [0, 1, 2, 2]
    assert joint.levels == 3


def test_singletons_are_dropped_until_none_is_left() -> None:
    # dropping firm 1 leaves year 1 with one row, which leaves firm 2 with one row, and so on
    firm, year = factor("firm", [1, 2, 2, 3, 3, 3]), factor("year", [1, 1, 2, 2, 3, 3])
    assert without_singletons([firm, year], 6).tolist() == [False, False, False, False, True, True]
    assert without_singletons([], 3).all()


def test_connected_components() -> None:
    firm, year = factor("firm", [1, 1, 2, 2, 3]), factor("year", [1, 2, 3, 4, 4])
    assert connected_components(firm, year) == 2
    assert connected_components(year, firm) == 2
    # many levels on both sides: the sparse graph instead of the table of shared levels
    n = 4_000
    chain = factor("a", list(range(n)) * 2), factor("b", [*range(n), *range(1, n), n - 1])
    assert connected_components(*chain) == 1
    apart = factor("a", list(range(n))), factor("b", list(range(n)))
    assert connected_components(*apart) == n


def test_components_from_the_schur_complement_agree_with_the_graph() -> None:
    rng = np.random.default_rng(0)
    firm = factor("firm", rng.integers(0, 40, 90).tolist())
    year = factor("year", (firm.codes // 14 * 5 + rng.integers(0, 4, 90)).tolist())
    known = partial.components_with_large(partial.absorber([firm, year]))
    assert known[0, 1] == connected_components(firm, year) == 3
    assert pair_components([firm, year], known) == pair_components([firm, year])


def test_movers_count_levels_in_several_clusters() -> None:
    firm = factor("firm", ["a", "a", "b", "b", "c"])
    assert movers(firm, factor("region", [1, 1, 2, 2, 2])) == 0
    assert movers(firm, factor("region", [1, 2, 2, 2, 2])) == 1


def random_effects(seed: int, sizes: tuple[int, ...], n: int = 120) -> tuple[list[Factor], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    effects = [factor(f"e{i}", rng.integers(0, size, n).tolist()) for i, size in enumerate(sizes)]
    return effects, rng.uniform(0.2, 3, n), rng.normal(5, 2, (n, 3))


@each("weighted", [False, True])
@each("sizes", [(7,), (30, 5), (5, 30), (25, 6, 4), (3, 4, 5, 40)])
@each("small", [partial.SMALL, 2], ids=["exact", "iterative"])
def test_partialling_out_equals_all_dummies(
    sizes: tuple[int, ...], weighted: bool, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial, "SMALL", small)
    effects, weights, matrix = random_effects(len(sizes), sizes)
    plan = partial.absorber(effects, weights if weighted else None)
    assert plan.exact == (len(sizes) == 1 or small > 2)
    expected = annihilator([e.codes for e in effects], weights if weighted else np.ones(len(weights))) @ matrix
    found = partial.demean(plan, matrix.copy())
    np.testing.assert_allclose(found, expected, atol=1e-12)  # a pseudo-inverse of 120 rows is good to 1e-13


def test_sparse_and_dense_tables_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    effects, weights, matrix = random_effects(3, (30, 6, 4))
    dense = partial.absorber(effects, weights)
    monkeypatch.setattr("integrade.regress.effects._DENSE", 0)
    sparse = partial.absorber(effects, weights)
    assert not isinstance(sparse.table, np.ndarray)
    a, b = partial.demean(dense, matrix.copy()), partial.demean(sparse, matrix.copy())
    np.testing.assert_allclose(a, b, atol=1e-13)
    np.testing.assert_allclose(partial.effect_leverage(dense), partial.effect_leverage(sparse), rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("sizes", [(30,), (30, 6, 4)])
def test_compiled_passes_give_the_same_bits(
    sizes: tuple[int, ...], weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    effects, weights, matrix = random_effects(4, sizes)
    plan = partial.absorber(effects, weights if weighted else None)
    plain, alone = partial.demean(plan, matrix.copy()), partial.demean(plan, matrix[:, :1].copy())
    sums = partial.group_sums(effects[0].codes, 30, matrix, plan.weights)
    monkeypatch.setattr(partial, "_LARGE", 0)
    monkeypatch.setattr(partial, "_HUGE", 0)
    assert (partial.demean(plan, matrix.copy()) == plain).all()
    assert (partial.demean(plan, matrix[:, :1].copy()) == alone).all()
    assert (partial.group_sums(effects[0].codes, 30, matrix, plan.weights) == sums).all()
    turned = np.asfortranarray(matrix)  # columns one after the other: the former way
    assert (partial.group_sums(effects[0].codes, 30, turned, plan.weights) == sums).all()


@pytest.mark.parametrize("order", [1, -1])
def test_long_sparse_tables_are_multiplied_by_a_compiled_loop(order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In whatever order the columns of a row stand."""
    from scipy import sparse

    rng = np.random.default_rng(2)
    dense = rng.integers(0, 3, (40, 7)) * rng.random((40, 7))
    rows = [np.flatnonzero(row)[::order] for row in dense]
    starts = np.cumsum([0, *map(len, rows)])
    cells = np.concatenate([row[r] for row, r in zip(dense, rows, strict=True)])
    table = sparse.csr_array((cells, np.concatenate(rows), starts), shape=dense.shape)
    totals = dense.sum(axis=1) + 1
    monkeypatch.setattr(partial, "_LONG", 0)
    found = partial.projected(table, totals)
    np.testing.assert_allclose(found, dense.T @ (dense / totals[:, None]), rtol=1e-14)
    assert (found == found.T).all()


def test_leverage_of_the_effects() -> None:
    effects, weights, _ = random_effects(5, (20, 6, 4))
    root = np.sqrt(weights)[:, None]
    d = np.hstack([dummies(e.codes) for e in effects]) * root
    expected = np.diag(d @ np.linalg.pinv(d, rcond=1e-10))
    np.testing.assert_allclose(partial.effect_leverage(partial.absorber(effects, weights)), expected, rtol=1e-10)


def test_a_solver_that_stops_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "SMALL", 2)
    monkeypatch.setattr(partial, "MOST_ITERATIONS", 1)
    effects, _, matrix = random_effects(1, (50, 40))
    with pytest.raises(NoConvergence, match="e0, e1"):
        partial.demean(partial.absorber(effects), matrix)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_partialling_out_twice_changes_nothing_and_constants_vanish(seed: int) -> None:
    effects, _, matrix = random_effects(seed, (15, 5), n=60)
    plan = partial.absorber(effects)
    once = partial.demean(plan, np.column_stack([matrix, np.ones(60)]))
    np.testing.assert_allclose(partial.demean(plan, once.copy()), once, atol=1e-12)
    np.testing.assert_allclose(once[:, -1], 0, atol=1e-13)


def keep(matrix: np.ndarray) -> tuple[list[int], dict[int, str]]:
    kept, why = independent(matrix, cross_products(matrix), floors=np.full(matrix.shape[1], 1e-9))
    return kept, {j: str(w) for j, w in why.items()}


def test_collinear_columns_go_from_the_right() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 50))
    assert keep(np.column_stack([a, b, a + b, 3 * b])) == ([0, 1], {2: "collinear", 3: "collinear"})
    assert keep(np.column_stack([a + b, a, b])) == ([0, 1], {2: "collinear"})
    assert keep(np.column_stack([a, 0 * a, b])) == ([0, 2], {1: "absorbed by effects"})


@pytest.mark.parametrize(("apart", "kept"), [(1e-8, 2), (1e-10, 1)])
def test_collinearity_tolerance(apart: float, kept: int) -> None:
    # scaled tolerance 1e-9 (METHODS 5.1); units of the column do not matter
    rng = np.random.default_rng(0)
    a, e = rng.normal(size=(2, 200))
    e -= a * (a @ e) / (a @ a)
    for scale in (1.0, 1e7, 1e-6):
        assert len(keep(np.column_stack([a, scale * (a + apart * e)]))[0]) == kept


@pytest.mark.parametrize("apart", [1.0, 1e-3, 1e-7])
def test_least_squares_near_collinearity(apart: float) -> None:
    rng = np.random.default_rng(1)
    a, e, u = rng.normal(size=(3, 300))
    x = np.column_stack([a, a + apart * e])
    truth = np.array([2.0, -3.0])
    fit = least_squares(x, x @ truth + 0 * u)
    np.testing.assert_allclose(fit.coefficients, truth, rtol=1e-8 if apart < 1e-5 else 1e-12)  # condition 1e7: 9 digits
    np.testing.assert_allclose(fit.bread, np.linalg.pinv(x, rcond=1e-10) @ np.linalg.pinv(x).T, rtol=1e-6)


def test_moments_are_those_of_the_repeated_rows() -> None:
    x, weights = np.array([[1.0], [2.0], [5.0]]), np.array([1.0, 2.0, 1.0])
    means, _ = moments([block_moments(x[:1].T, weights[:1]), block_moments(x[1:].T, weights[1:])], 3)
    assert means[0] == pytest.approx(2.5)
    assert moments([block_moments(x.T)], 3)[1][0] == pytest.approx(np.std(x, ddof=1))
    assert moments([block_moments(part.T) for part in (x[:1], x[1:])], 3)[1][0] == pytest.approx(np.std(x, ddof=1))


EXAMPLE = [ssc.Size(3, True, {}), ssc.Size(5, False, {0: 2})]


@pytest.mark.parametrize(
    ("rule", "clustered", "k"),
    # fixest's own example (METHODS 5.2): one slope, irregular effects of 3 and 5 levels in two components
    [("fixest", True, 6), ("fixest", False, 8), ("reghdfe", False, 7), ("reghdfe", True, 6), ("xtreg", True, 6)],
)
def test_parameters_of_the_fixest_example(rule: ssc.Rule, clustered: bool, k: int) -> None:
    assert ssc.parameters(rule, 1, EXAMPLE, clustered=clustered) == k


def test_parameters_of_other_shapes() -> None:
    two = [ssc.Size(10, False, {}), ssc.Size(20, False, {0: 1})]
    assert ssc.parameters("reghdfe", 2, two, clustered=True) == 2 + 10 + 19
    swapped = [ssc.Size(20, False, {}), ssc.Size(10, True, {0: 1})]
    assert ssc.parameters("reghdfe", 2, swapped, clustered=True) == 2 + 19 + 1, "the order of effects does not matter"
    both = [ssc.Size(10, True, {}), ssc.Size(20, True, {0: 1})]
    assert ssc.parameters("reghdfe", 2, both, clustered=True) == 3
    assert ssc.parameters("reghdfe", 3, [], clustered=True) == 3


def test_degrees_of_freedom() -> None:
    assert ssc.degrees_of_freedom("reghdfe", 200, 21, 10) == 9
    assert ssc.degrees_of_freedom("reghdfe", 30, 25, 10) == 5
    assert ssc.degrees_of_freedom("fixest", 30, 25, 10) == 9
    assert ssc.degrees_of_freedom("reghdfe", 200, 30, None) == 170


def test_tails() -> None:
    # R 4.5: 2*pt(-2.5, 7); pt(1.2, 3, lower=FALSE); qt(.975, 9); 2*pt(-40, 30)
    assert t_two_sided(-2.5, 7) == pytest.approx(0.0409922185858, rel=1e-11)
    assert t_one_sided(1.2, 3) == pytest.approx(0.158131057349, rel=1e-11)
    assert t_one_sided(-1.2, 3) == pytest.approx(1 - t_one_sided(1.2, 3))
    assert t_quantile(0.975, 9) == pytest.approx(2.2621571628, rel=1e-9)
    assert f_upper(3, 2, 44) == pytest.approx((1 + 2 * 3 / 44) ** -22, rel=1e-10)  # closed form for two numerator df
    assert chi2_upper(3.84, 1) == pytest.approx(t_two_sided(np.sqrt(3.84), float("inf")), rel=1e-12)
    assert t_two_sided(40, 30) == pytest.approx(1.37260451944e-27, rel=1e-10), "far tails do not underflow to zero"
    assert np.isnan(t_two_sided(1, 0))


def test_many_rows_stop_the_solver_earlier_without_moving_the_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    """With e = 1e-10 times the conditioning, coefficients move by e squared and their errors by e."""
    table = panel(5, firms=200).with_columns(twin=pl.col("firm").str.slice(1).cast(pl.Float64))
    formula = "y ~ market + scale + x + twin | firm + industry + year"
    monkeypatch.setattr(partial, "SMALL", 2)
    exact = fit(table, formula, cluster="region")
    monkeypatch.setattr(partial, "MANY", 0)
    quick = fit(table, formula, cluster="region")
    assert quick.dropped == exact.dropped == {"twin": "absorbed by effects"}
    for a, b in zip(quick.coefficients, exact.coefficients, strict=True):
        assert a.estimate == pytest.approx(b.estimate, rel=1e-12)
        assert a.std_error == pytest.approx(b.std_error, rel=1e-8)


@each("seed", range(6))
def test_components_grown_from_one_level_are_those_of_the_graph(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(5, 60))
    a, b = (factorise(n, pl.Series(rng.integers(0, k, rows))) for n, k in (("a", 40), ("b", 25)))
    chain = factorise("c", pl.Series(np.arange(rows))), factorise("d", pl.Series((np.arange(rows) + 1) // 2))
    for one, other in ((a, b), chain):
        assert connected_components(one, other) == effects._components(one, other)
    steps = np.r_[0, np.repeat(np.arange(1, 50), 2), 50]
    path = factorise("a", pl.Series(np.repeat(np.arange(50), 2))), factorise("b", pl.Series(steps))
    assert connected_components(*path) == 1  # longer than the rounds in which it is grown
