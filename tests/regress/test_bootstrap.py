"""Cluster bootstrap by cross-products against re-estimation on the resampled rows; intervals against their formulas."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.estimate.design import Design
from integrade.estimate.fit import fit
from integrade.estimate.linear import prepare
from integrade.regress import bootstrap as cb
from panels import panel

FORMULA = "y ~ market + market^2 + scale + age | firm + year"
TOLERANCE = 1e-9  # two routes to one least-squares solution: only rounding may differ


def resampled(rows: pl.DataFrame, labels: list[str], counts: np.ndarray, by: str, *, rename: bool) -> pl.DataFrame:
    """The rows of the drawn clusters, copy after copy; firms get a new name in every copy if ``rename``."""
    parts = []
    for label, times in zip(labels, counts.astype(int), strict=True):
        own = rows.filter(pl.col(by).cast(pl.String) == label)
        for copy in range(times):
            name = pl.col("firm") + f"#{label}#{copy}" if rename else pl.col("firm")
            parts.append(own.with_columns(firm=name))
    return pl.concat(parts)


def draw(design: Design, by: str, draws: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Coefficients of the formula's equation, how often each cluster was drawn, and the clusters' names."""
    cluster = design.cluster(by)
    known = cb.clusters(design.plan, design.matrix, cluster)
    k = len(design.kept)
    found = cb.bootstrap(known, [cb.Equation(tuple(range(k)), k)], draws=draws, seed=seed)[0]
    names = design.labels[by].unique().sort().cast(pl.String).to_list()
    return found, cb.drawn(cluster.levels, np.arange(draws), seed), names


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("movers", [0, 6])
@pytest.mark.parametrize("effects", ["firm + year", "firm + year + industry", "firm"])
def test_replicates_are_fits_on_the_drawn_rows_with_new_firm_names(
    weights: str | None, movers: int, effects: str
) -> None:
    table = panel(3, movers=movers)
    formula = f"y ~ market + market^2 + scale + age | {effects}"
    design = prepare(table, formula, weights=weights)
    found, counts, names = draw(design, "region", 12)
    kept = table.join(design.labels.select("firm", "year"), on=["firm", "year"])
    for b, w in zip(found, counts, strict=True):
        again = fit(resampled(kept, names, w, "region", rename=True), formula, weights=weights, singletons="keep")
        assert not again.dropped
        np.testing.assert_allclose(b, [c.estimate for c in again.coefficients], rtol=0, atol=TOLERANCE)


def test_new_names_matter_only_for_movers() -> None:
    """Without movers copies of a firm have one effect by symmetry; with movers the named and unnamed fits differ."""
    for movers, same in ((0, True), (6, False)):
        table = panel(4, movers=movers)
        design = prepare(table, FORMULA)
        found, counts, names = draw(design, "region", 3)
        kept = table.join(design.labels.select("firm", "year"), on=["firm", "year"])
        gaps = []
        for b, w in zip(found, counts, strict=True):
            again = fit(resampled(kept, names, w, "region", rename=False), FORMULA, singletons="keep")
            gaps.append(np.abs(b - [c.estimate for c in again.coefficients]).max())
        assert (max(gaps) < TOLERANCE) == same


def test_firms_as_clusters() -> None:
    table = panel(5, movers=0)
    design = prepare(table, FORMULA)
    found, counts, names = draw(design, "firm", 6)
    kept = table.join(design.labels.select("firm", "year"), on=["firm", "year"])
    for b, w in zip(found, counts, strict=True):
        again = fit(resampled(kept, names, w, "firm", rename=True), FORMULA, singletons="keep")
        np.testing.assert_allclose(b, [c.estimate for c in again.coefficients], rtol=0, atol=TOLERANCE)


def test_effects_that_cross_the_clusters_keep_their_names() -> None:
    """Clusters of years: nearly every firm is in several, so copies of a firm stay one firm and years are not split."""
    table = panel(6, years=8)
    formula = "y ~ scale + age | firm + industry"
    design = prepare(table, formula)
    found, counts, names = draw(design, "year", 5)
    kept = table.join(design.labels.select("firm", "year"), on=["firm", "year"])
    for b, w in zip(found, counts, strict=True):
        again = fit(resampled(kept, names, w, "year", rename=False), formula, singletons="keep")
        np.testing.assert_allclose(b, [c.estimate for c in again.coefficients], rtol=0, atol=TOLERANCE)


def test_several_large_effects_are_removed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    table = panel(8, movers=3)
    formula = "y ~ market + scale | firm + industry^year"
    exact, _, _ = draw(prepare(table, formula), "region", 4)
    monkeypatch.setattr("integrade.regress.partial.SMALL", 1)
    design = prepare(table, formula)
    assert not design.plan.exact
    iterated, _, _ = draw(design, "region", 4)
    np.testing.assert_allclose(iterated, exact, rtol=0, atol=1e-8)  # the solver stops at a relative norm of 1e-14


def test_without_effects() -> None:
    table = panel(9)
    design = prepare(table, "y ~ scale + age")
    found, counts, names = draw(design, "region", 4)
    for b, w in zip(found, counts, strict=True):
        again = fit(resampled(table, names, w, "region", rename=False), "y ~ scale + age")
        np.testing.assert_allclose(b, [c.estimate for c in again.coefficients], rtol=0, atol=TOLERANCE)


def test_every_cluster_once_is_the_fit_itself() -> None:
    table = panel(10, movers=0)
    design = prepare(table, FORMULA)
    known = cb.clusters(design.plan, design.matrix, design.cluster("region"))
    moments = known.moments(np.ones((1, known.groups)))
    b = cb.solve(moments, cb.Equation((0, 1, 2, 3), 4), known.gram)[0]
    np.testing.assert_allclose(b, [c.estimate for c in fit(table, FORMULA).coefficients], rtol=0, atol=TOLERANCE)
    assert known.split == 0
    moved = prepare(panel(10, movers=6), FORMULA)
    assert cb.clusters(moved.plan, moved.matrix, moved.cluster("region")).split > 0


def test_several_equations_share_the_draws() -> None:
    design = prepare(panel(11), "y ~ market + scale + age | firm + year")
    known = cb.clusters(design.plan, design.matrix, design.cluster("region"))
    long, short, other = (cb.Equation((0, 1, 2), 3), cb.Equation((0, 1), 3), cb.Equation((0, 1), 2))
    b, c, a = cb.bootstrap(known, [long, short, other], draws=20, seed=3)
    # the exact identity of omitted variables: short - long = slope of the omitted times its coefficient
    np.testing.assert_allclose(c - b[:, :2], a * b[:, [2]], rtol=0, atol=TOLERANCE)


def test_draws_depend_on_their_number_and_the_seed_only() -> None:
    every = cb.drawn(31, np.arange(50), 20240101)
    np.testing.assert_array_equal(every[17:20], cb.drawn(31, np.arange(17, 20), 20240101))
    assert (every.sum(axis=1) == 31).all()
    assert not np.array_equal(every, cb.drawn(31, np.arange(50), 1))
    many = cb.drawn(31, np.arange(20_000), 1)
    # binomial(31, 1/31): mean 1, variance 30/31; 620,000 draws leave about .002
    assert abs(many.var() - 30 / 31) < 0.02
    assert np.abs(many.mean(axis=0) - 1).max() < 0.03
    assert abs(np.corrcoef(many[:, 0], many[:, 1])[0, 1] + 1 / 30) < 0.03


def test_a_coefficient_that_a_replicate_cannot_see_is_missing() -> None:
    """Only region R0 has z different from zero, so replicates without it have no slope on z."""
    rng = np.random.default_rng(0)
    region = np.repeat([f"R{i}" for i in range(4)], 12)
    table = pl.DataFrame({"region": region, "x": rng.normal(size=48), "y": rng.normal(size=48)})
    table = table.with_columns(z=pl.when(pl.col("region") == "R0").then(pl.col("x") ** 2).otherwise(0.0))
    design = prepare(table, "y ~ x + z")
    known = cb.clusters(design.plan, design.matrix, design.cluster("region"))
    found = cb.bootstrap(known, [cb.Equation((0, 1, 2), 3), cb.Equation((0, 1), 3)], draws=60, seed=1)
    absent = cb.drawn(4, np.arange(60), 1)[:, 0] == 0
    np.testing.assert_array_equal(np.isnan(found[0]).any(axis=1), absent)
    assert np.isfinite(found[1]).all()


def test_too_many_dummies_for_so_many_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cb, "_LIMIT", 10)
    design = prepare(panel(12), FORMULA)
    with pytest.raises(UsageError, match="too many cluster sums"):
        cb.clusters(design.plan, design.matrix, design.cluster("firm"))


def test_intervals() -> None:
    values = np.arange(1.0, 1000.0)
    assert cb.percentile_interval(values, 0.95) == pytest.approx((25.95, 974.05))
    assert cb.percentile_interval(np.append(values, np.nan), 0.95) == pytest.approx((25.95, 974.05))
    # no bias and no skewness: the two intervals are one
    symmetric = np.array([-1.0, 1.0, -2.0, 2.0])
    assert cb.bca_interval(values, 500.0, symmetric, 0.95) == pytest.approx((25.95, 974.05))
    # 600 of 999 below: z0 = .254902, so the ends are Phi(2 z0 -+ 1.959964) = .0735070, .9932400 of the replicates
    assert cb.bca_interval(values, 600.4, symmetric, 0.95) == pytest.approx((74.3599, 992.2535), rel=1e-5)
    assert np.isnan(cb.bca_interval(values, 0.0, symmetric, 0.95)).all()
    assert np.isnan(cb.percentile_interval(np.array([np.nan]), 0.95)).all()


def test_bca_agrees_with_scipy() -> None:
    """The same replicates, the same jackknife values: scipy.stats.bootstrap's BCa ends."""
    from scipy import stats

    rng = np.random.default_rng(3)
    sample = rng.exponential(size=40)
    reference = stats.bootstrap((sample,), np.mean, n_resamples=2000, method="BCa", rng=np.random.default_rng(1))
    without = np.array([np.delete(sample, i).mean() for i in range(40)])
    ends = cb.bca_interval(reference.bootstrap_distribution, float(sample.mean()), without, 0.95)
    wanted = reference.confidence_interval.low, reference.confidence_interval.high
    assert ends == pytest.approx(wanted, rel=1e-9)  # both interpolate quantiles linearly


@pytest.mark.parametrize("moved", [0.9, 1.4, -1.2])
def test_p_of_the_draws_is_the_level_at_which_the_interval_ends_at_zero(moved: float) -> None:
    """Of 3,999 skewed replicates: an end of the interval at level 1 - p lies within two replicates of zero."""
    rng = np.random.default_rng(7)
    values = rng.gamma(4, 0.25, 3999) - 1 + moved
    without = moved + rng.exponential(size=30) - 1
    near = 2.5 / 4000  # in shares of the replicates
    plain, bca = cb.percentile_p(values), cb.bca_p(values, moved, without)
    for p, ends in (
        (plain, cb.percentile_interval(values, 1 - plain)),
        (bca, cb.bca_interval(values, moved, without, 1 - bca)),
    ):
        assert 0.0004 < p < 0.6
        shares = [float((values < end).mean()) for end in ends]
        assert min(abs(share - float((values < 0).mean())) for share in shares) < near
    assert cb.percentile_p(np.array([1.0, 2.0, 3.0])) == 0.5  # (1 + 0) / (3 + 1), twice
    assert cb.percentile_p(np.array([np.nan])) == 1.0
    assert cb.bca_p(np.abs(values), -1.0, without) == 1.0  # all replicates on one side of the estimate: no interval
