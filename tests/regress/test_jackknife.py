"""CR3 with many clusters, done as stacks: the same as leaving every cluster out and starting again."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from integrade.regress import jackknife as module
from integrade.regress.cells import gram_by_group
from integrade.regress.effects import Factor, Vector, compact, keep_rows
from integrade.regress.jackknife import all_from_moments, deleted_moments, from_moments, moments_by_cluster
from integrade.regress.ols import cross_products
from integrade.regress.partial import absorber, demean
from integrade.regress.stacks import back_substitute, eliminate

FIRMS, YEARS = 400, 8


def _sample(seed: int = 3) -> tuple[dict[str, Factor], Vector, Vector]:
    """Firms (some with one row) in cities; some firms move; the last year is seen in one firm alone."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, FIRMS)
    sizes[17] = 4
    firm = np.repeat(np.arange(FIRMS), sizes)
    year = np.concatenate([rng.choice(YEARS - 1, n, replace=n > YEARS - 1) for n in sizes])
    year[np.argmax(firm == 17)] = YEARS - 1
    city = rng.integers(0, 300, FIRMS)[firm]
    moves = rng.random(len(firm)) < 0.1
    city[moves] = rng.integers(0, 300, moves.sum())
    x = rng.normal(size=(len(firm), 3)) + rng.normal(size=(FIRMS, 3))[firm] + 0.3 * year[:, None]
    y = x @ [1.0, -0.5, 0.2] + rng.normal(size=FIRMS)[firm] + rng.normal(size=len(firm))
    factors = {
        "firm": Factor("firm", firm, FIRMS),
        "year": compact("year", year, YEARS),
        "kind": compact("kind", (firm % 5 + (rng.random(len(firm)) < 0.2)) % 5, 5),
        "city": compact("city", city, 300),
    }
    return factors, np.column_stack([x, y]), rng.uniform(0.5, 2.0, len(firm))


def _brute(effects: list[Factor], columns: Vector, cluster: Factor, weights: Vector | None) -> Vector:
    found = []
    for g in range(cluster.levels):
        rows = cluster.codes != g
        own = None if weights is None else weights[rows]
        plan = absorber([keep_rows(f, rows) for f in effects], own)
        found.append(cross_products(demean(plan, np.ascontiguousarray(columns[rows])), own))
    return np.array(found)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("by", ["firm", "city"])
@pytest.mark.parametrize(
    "names", [("firm", "year"), ("firm", "year", "kind"), ("year",), ("year", "kind")], ids="-".join
)
def test_leaving_out_and_starting_again(
    names: tuple[str, ...], by: str, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    factors, columns, mass = _sample()
    effects, cluster, weights = [factors[n] for n in names], factors[by], mass if weighted else None
    plan = absorber(effects, weights)
    net = demean(plan, columns.copy())
    found = deleted_moments(plan, net, cluster)
    scale = np.abs(cross_products(net, weights)).max()
    assert cluster.levels > module._FEW
    assert np.abs(found - _brute(effects, columns, cluster, weights)).max() <= 1e-12 * scale
    monkeypatch.setattr(module, "_FEW", 10**9)  # one by one
    assert np.abs(found - deleted_moments(plan, net, cluster)).max() <= 1e-12 * scale


def test_several_sets_of_columns_get_the_bits_that_each_gets_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    factors, columns, mass = _sample()
    plan = absorber([factors[n] for n in ("firm", "year", "kind")], mass)
    sets = [demean(plan, np.ascontiguousarray(columns[:, order])) for order in ([0, 3], [2, 1, 3], [1, 0, 2, 3])]
    monkeypatch.setattr(module, "_FEW", 10**9)  # one by one
    roots, plain = list[int](), module.root
    monkeypatch.setattr(module, "root", lambda gram: (roots.append(1), plain(gram))[1])
    together = list(moments_by_cluster(plan, iter(sets), factors["city"]))
    assert len(roots) == factors["city"].levels  # not once for each set
    for found, own in zip(together, sets, strict=True):
        assert np.array_equal(found.without, deleted_moments(plan, own, factors["city"]))
        assert np.array_equal(found.within, gram_by_group(own, mass, factors["city"]))


def test_a_deletion_that_takes_a_year_along_is_done_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    factors, columns, _ = _sample()
    alone, plain = list[int](), module._without
    monkeypatch.setattr(module, "_without", lambda parts, g, gone: (alone.append(g), plain(parts, g, gone))[1])
    plan = absorber([factors["firm"], factors["year"]])
    deleted_moments(plan, demean(plan, columns.copy()), factors["firm"])
    assert alone == [17]


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    factors, columns, _ = _sample()
    plan = absorber([factors["firm"], factors["year"]])
    net = demean(plan, columns.copy())
    whole = deleted_moments(plan, net, factors["city"])
    for clusters in (7, 1):
        monkeypatch.setattr(module, "_NUMBERS", clusters * (len(plan.schur) + 4) ** 2)
        assert np.abs(whole - deleted_moments(plan, net, factors["city"])).max() <= 1e-13 * np.abs(whole).max()


@pytest.mark.parametrize("weighted", [False, True])
def test_clusters_in_which_no_firm_stays(weighted: bool) -> None:
    rng = np.random.default_rng(1)
    firm, year = np.repeat(np.arange(FIRMS), YEARS), np.tile(np.arange(YEARS), FIRMS)
    region = rng.integers(0, 31, FIRMS)[firm]
    cluster = compact("region^year", region * YEARS + year, 31 * YEARS)
    kind = compact("kind", rng.integers(0, 3, len(firm)), 3)
    columns, weights = rng.normal(size=(len(firm), 3)), rng.uniform(0.5, 2.0, len(firm)) if weighted else None
    effects = [Factor("firm", firm, FIRMS), Factor("year", year, YEARS), kind]
    plan = absorber(effects, weights)
    net = demean(plan, columns.copy())
    found = deleted_moments(plan, net, cluster)
    scale = np.abs(cross_products(net, weights)).max()
    assert cluster.levels > module._FEW
    assert np.abs(found - _brute(effects, columns, cluster, weights)).max() <= 1e-12 * scale


def _many_firms(moves: bool) -> tuple[list[Factor], Factor, Vector]:
    """6,000 firms in 250 cities, which they change or not, with 30 kinds."""
    rng = np.random.default_rng(6)
    firm = np.repeat(np.arange(6_000), 3)
    city = rng.integers(0, 250, len(firm)) if moves else firm % 250
    kind = rng.integers(0, 30, len(firm))
    effects = [Factor("firm", firm, 6_000), Factor("kind", kind, 30)]
    return effects, Factor("city", city, 250), rng.normal(size=(len(firm), 3))


@pytest.mark.parametrize("moves", [False, True])
def test_many_firms_to_a_cluster(moves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    effects, cluster, columns = _many_firms(moves)
    plan = absorber(effects)
    net = demean(plan, columns)
    alone, plain = list[int](), module._without
    monkeypatch.setattr(module, "_without", lambda parts, g, gone: (alone.append(g), plain(parts, g, gone))[1])
    one_by_one = deleted_moments(plan, net, cluster)
    assert alone == list(range(250))  # their firms times dummies squared cost more in stacks
    monkeypatch.setattr(module, "_CHEAP", 10**9)
    tracemalloc.start()
    stacked = deleted_moments(plan, net, cluster)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(alone) == 250
    assert np.abs(stacked - one_by_one).max() <= 1e-12 * np.abs(cross_products(net)).max()
    assert peak < 8 * 8 * module._NUMBERS  # bytes; all firms at once would be 43 MB and more


def test_rows_in_another_order() -> None:
    factors, columns, _ = _sample()
    order = np.random.default_rng(5).permutation(len(columns))

    def left(rows: np.ndarray) -> Vector:
        parts = {n: Factor(n, f.codes[rows], f.levels) for n, f in factors.items()}
        plan = absorber([parts["firm"], parts["year"]])
        return deleted_moments(plan, demean(plan, np.ascontiguousarray(columns[rows])), parts["firm"])

    assert left(order) == pytest.approx(left(np.arange(len(columns))), rel=1e-12, abs=1e-9)


def test_systems_that_are_not_identified_are_found_one_by_one() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(500, 30, 5))
    z[::50, :, 1] = 0.0  # gone
    z[1::50, :, 2] = z[1::50, :, 0]  # collinear
    z[2::50, :, 2] = z[2::50, :, 0] + 1e-4 * rng.normal(size=(10, 30))  # nearly
    grams = z.transpose(0, 2, 1) @ z
    full = grams.sum(axis=0)
    b, identified = all_from_moments(grams, full)
    for g, gram in enumerate(grams):
        one, known = from_moments(gram, full)
        assert identified[g] == known
        assert b[g] == pytest.approx(one, rel=1e-10, abs=1e-12)
    assert (~identified).sum() == 20


def test_elimination_is_the_schur_complement() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(size=(6, 9, 5))
    grams = z.transpose(0, 2, 1) @ z
    stack = np.ascontiguousarray(grams.transpose(1, 2, 0))
    pivots = eliminate(stack, 3)
    for g, gram in enumerate(grams):
        schur = gram[3:, 3:] - gram[3:, :3] @ np.linalg.solve(gram[:3, :3], gram[:3, 3:])
        assert np.tril(stack[3:, 3:, g]) == pytest.approx(np.tril(schur), rel=1e-12)
        assert np.prod(pivots[:, g]) == pytest.approx(np.linalg.det(gram[:3, :3]), rel=1e-12)
    stack = np.ascontiguousarray(grams.transpose(1, 2, 0))
    solved = back_substitute(stack, eliminate(stack, 4))
    for g, gram in enumerate(grams):
        assert solved[:, g] == pytest.approx(np.linalg.solve(gram[:4, :4], gram[:4, 4]), rel=1e-10)


def _far(shift: float) -> tuple[Vector, Vector, Factor, Vector]:
    """A constant, a regressor whose mean is ``shift`` standard deviations from zero, and a dummy of one cluster."""
    rng = np.random.default_rng(5)
    code = np.repeat(np.arange(8), 30)
    x, rare = rng.normal(size=8)[code] + rng.normal(size=240), (code == 3) * rng.normal(size=240)
    y = 0.5 * x + rng.normal(size=8)[code] + rng.normal(size=240)
    columns = np.column_stack([np.ones(240), x + shift, rng.normal(size=240), rare])
    return columns, y, Factor("g", code, 8), rng.uniform(0.5, 2, 240)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("columns", [3, 4], ids=["identified", "one lost"])
def test_a_mean_far_from_zero_leaves_the_jackknife_as_it_is(columns: int, weighted: bool) -> None:
    """The twin: each cluster left out in turn, on the centred regressor, by least squares on the rows."""
    every, y, cluster, mass = _far(3e5)
    x, near = every[:, :columns], every[:, :columns] - [0, 3e5, 0, 0][:columns]
    plan, root = absorber([], mass if weighted else None), np.sqrt(mass if weighted else np.ones(240))
    b = np.linalg.lstsq(near * root[:, None], y * root)[0]
    twin = np.array(
        [
            np.linalg.lstsq(near[rows] * root[rows, None], y[rows] * root[rows], rcond=1e-9)[0]
            for rows in (cluster.codes != g for g in range(8))
        ]
    )
    b[0], twin[:, 0] = b[0] - 3e5 * b[1], twin[:, 0] - 3e5 * twin[:, 1]
    without, identified = module.least_squares_without(plan, np.column_stack([x, y]), cluster, b)
    assert identified.tolist() == [columns == 3 or g != 3 for g in range(8)]
    # x + 3e5 keeps 1e-11 of x, and b of the whole sample is passed at 1e-16 of 3e5
    assert np.allclose(without[:, 1:3], twin[:, 1:3], rtol=0, atol=1e-9)
    assert np.allclose(without[:, 0], twin[:, 0], rtol=0, atol=1e-4)
    assert np.allclose(without[:, 3:], twin[:, 3:], rtol=0, atol=1e-4)  # zero without its cluster, up to 1e-16 of b[0]


def test_the_jackknife_of_columns_near_and_far_from_collinear_is_one_method(monkeypatch: pytest.MonkeyPatch) -> None:
    factors, columns, mass = _sample()
    plan = absorber([factors["firm"], factors["year"]], mass)
    net = demean(plan, columns.copy())
    b = np.linalg.solve(cross_products(net[:, :3], mass), cross_products(net, mass)[:3, 3])
    plain, all_identified = module.least_squares_without(plan, net, factors["city"], b)
    monkeypatch.setattr(module, "needs_rows", lambda _: True)
    orthonormal, identified = module.least_squares_without(plan, net, factors["city"], b)
    assert (identified == all_identified).all()
    assert np.allclose(orthonormal, plain, rtol=0, atol=1e-11)
