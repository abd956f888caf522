"""The noisy index: twins by brute force, METHODS 1.5 by simulation, SIMEX on an economy whose truth is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from integrade.errors import Coverage, NotIdentified, UnknownName, UsageError
from integrade.integration import relative_price
from integrade.integration.options import RelativePrice
from integrade.models.fit.fit import fit
from integrade.models.fit.linear import Fit, prepare
from integrade.models.measurement_error.attenuation import expected_attenuation, pipeline_bootstrap, simex
from integrade.models.measurement_error.cell_moments import (
    cell_moments,
    on_rows,
    reweighted_moments,
    solve_all,
    solve_cells,
)
from integrade.models.measurement_error.index_draws import deviations, limit, measured, reweighted, stream, yearly
from integrade.models.measurement_error.treatment import treated
from integrade.models.shape.inverted_u import u_test
from integrade.simulation import Economy, Simulated, simulate
from integrade.simulation.prices import segmentation_limit
from panels import panel as small_panel

FORMULA = "quality ~ market + market^2 + scale | firm + year"


@cache
def economy(n_firms: int, seed: int = 20240101) -> Simulated:
    return simulate(
        Economy(n_firms=n_firms, n_products=4, n_destinations=4, rows_per_firm_year=2, n_years=6, seed=seed)
    )


@cache
def study(n_firms: int, seed: int = 20240101) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Prices, the index with its jackknife errors, and firms with true quality, the true and the measured index."""
    made = economy(n_firms, seed)
    index = relative_price(made.prices, se="jackknife")
    firms = made.true_quality.rename({"market": "true_market"})
    panel = firms.join(index.select("region", "year", market="integration"), on=["region", "year"])
    return made.prices, index, panel.sort("firm", "year")


# ---- the index under other weights of its goods


def test_equal_weights_are_the_index_and_weights_are_reliability_weights() -> None:
    prices, index, _ = study(100)
    rng = np.random.default_rng(1)
    weights = np.column_stack([np.full(10, 3.0), rng.exponential(size=10)])
    work = yearly(prices, RelativePrice())
    found = reweighted(work, weights)
    by_year = index.sort("year", "region")["integration"].to_numpy().reshape(6, 31)
    assert found[:, :, 0] == pytest.approx(by_year, rel=1e-12)
    assert measured(work) == pytest.approx(by_year, rel=1e-12)
    x, w = work.cube.values[2], weights[:, 1] / weights[:, 1].sum()
    i, j = np.triu_indices(31, 1)
    q = np.abs(x[i] - x[j])
    q -= q.mean(axis=0)
    v = (w * (q - (q @ w)[:, None]) ** 2).sum(axis=1) / (1 - (w**2).sum())
    segmentation = np.array([v[(i == r) | (j == r)].mean() for r in range(31)])
    assert found[2, :, 1] == pytest.approx(-0.5 * np.log(segmentation), rel=1e-10)


@pytest.mark.parametrize(
    "changes", [{"ddof": 0}, {"dispersion": "sd"}, {"dispersion": "mean_absolute"}, {"transform": "none"}]
)
def test_equal_weights_are_the_index_for_every_dispersion(changes: dict[str, object]) -> None:
    prices, _, _ = study(100)
    options = RelativePrice(**changes)
    work = yearly(prices, options)
    assert reweighted(work, np.ones((10, 1)))[:, :, 0] == pytest.approx(measured(work), rel=1e-10)


@pytest.mark.slow
def test_weights_keep_the_level_that_repeated_goods_lower() -> None:
    """METHODS 1.5: repeated goods shift the index by .04 to .08 at ten goods; reliability weights leave its level."""
    prices, _, _ = study(100)
    work = yearly(prices, RelativePrice())
    draws = np.array([stream(5, d, 0).exponential(size=10) for d in range(200)]).T
    base = -2 * measured(work)
    level = np.log(np.exp(-2 * reweighted(work, draws)).mean(axis=2)) - base
    # the mean segmentation, in units of the index; s.e. over 200 draws and 6 years about .005
    assert abs(level.mean() / 2) < 0.015
    counts = np.array([stream(5, d, 0).multinomial(10, [0.1] * 10) for d in range(200)]).T
    repeated = []
    for d in range(60):
        copies = [
            prices.filter(pl.col("commodity") == good).with_columns(commodity=pl.lit(f"{good}{c}"))
            for good, n in zip(work.cube.goods, counts[:, d], strict=True)
            for c in range(n)
        ]
        repeated.append(relative_price(pl.concat(copies))["segmentation"].mean())
    shift = -0.5 * np.log(np.mean(repeated) / np.exp(base).mean())
    assert shift > 0.03


def test_deviations_have_the_jackknife_variance() -> None:
    prices, index, _ = study(100)
    lacking = prices.filter(~((pl.col("commodity") == "鲜果") & (pl.col("region") == "上海市")))
    for table in (prices, lacking):
        work = yearly(table, RelativePrice())
        _, away = deviations(work)
        index = relative_price(table, se="jackknife").sort("year", "region")
        found = np.sqrt((away**2).sum(axis=2)).ravel()
        assert found == pytest.approx(index["se_integration"].to_numpy(), rel=1e-10)


def test_limit_is_that_of_the_simulated_economy() -> None:
    tau = 0.01 * np.exp(0.4 * np.random.default_rng(3).normal(size=12))
    assert limit(tau) == pytest.approx(-0.5 * np.log(segmentation_limit(np.diag(tau**2))), rel=1e-12)


# ---- regressions by cell


@pytest.mark.parametrize("weights", [None, "weight"])
def test_cells_give_the_regression_on_any_values(weights: str | None) -> None:
    """With movers, singletons, collinear columns and weights."""
    table = small_panel(3).with_columns(double=2 * pl.col("scale"))
    formula = "y ~ scale + double + market + age + market^2 | firm + year"
    sample = treated(table, formula, "market", Fit(weights=weights))
    labels = prepare(table, formula, weights=weights, also=table.columns).labels
    rng = np.random.default_rng(4)
    values = sample.values[:, None] + rng.normal(size=(len(sample.values), 3))
    plan = sample.design.plan
    found = solve_cells(cell_moments(plan, sample.cells, sample.fixed), values, sample.powers)[:, list(sample.order)]
    kept = np.flatnonzero(sample.cells.codes % 7 != 0)
    fewer = solve_cells(on_rows(plan, sample.cells, sample.fixed, kept), values, sample.powers)[:, list(sample.order)]
    for d in range(3):
        other = labels.with_columns(market=pl.Series(values[sample.cells.codes, d]))
        expected = fit(other, formula, weights=weights)
        assert [c.term for c in expected.coefficients] == ["scale", "market", "age", "market^2"]
        assert found[d] == pytest.approx([c.estimate for c in expected.coefficients], rel=1e-8)
        expected = fit(other[kept], formula, weights=weights)
        assert fewer[d] == pytest.approx([c.estimate for c in expected.coefficients], rel=1e-8)


def test_counts_are_copies_of_clusters() -> None:
    table = small_panel(5, movers=0)
    sample = treated(table, "y ~ market + market^2 + scale | firm + year", "market", Fit())
    labels = prepare(table, "y ~ market | firm + year", also=table.columns).labels
    cluster = sample.design.cluster("region")
    counts = np.array([0, 2, 1, 3, 0, 1, 1, 0, 1])[: cluster.levels]
    names = sorted(labels["region"].unique())
    copies = [
        labels.filter(pl.col("region") == r).with_columns(pl.col("firm") + f"_{c}")
        for r, n in zip(names, counts, strict=True)
        for c in range(n)
    ]
    expected = fit(pl.concat(copies), "y ~ market + market^2 + scale | firm + year")
    own = np.column_stack([sample.values, sample.values**2])[sample.cells.codes]
    gram = reweighted_moments(sample.design.plan, np.hstack([own, sample.fixed]), counts[cluster.codes].astype(float))
    assert solve_all(gram[None])[0] == pytest.approx([c.estimate for c in expected.coefficients], rel=1e-8)


def test_collinear_draws_are_missing() -> None:
    gram = np.array([[[1.0, 1, 2], [1, 1, 2], [2, 2, 9]], [[1, 0, 2], [0, 4, 2], [2, 2, 9]]])
    found = solve_all(gram)
    assert np.isnan(found[0]).all()
    assert found[1] == pytest.approx([2, 0.5])


# ---- SIMEX


def test_simex_by_brute_force() -> None:
    """Every draw, level and deletion as a regression of its own."""
    _, index, panel = study(150)
    panel = panel.filter(pl.col("region").is_in(sorted(panel["region"].unique())[:8]))
    draws, levels = 3, (1.0, 2.0)
    found = simex(index, panel, FORMULA, draws=draws, levels=levels, seed=7)
    cells = index.sort("region", "year")
    z = np.array([stream(7, d, 2).normal(size=cells.height) for d in range(draws)])

    def corrected(rows: pl.DataFrame) -> np.ndarray:
        averages = [[c.estimate for c in fit(rows, FORMULA).coefficients]]
        for level in levels:
            each = []
            for d in range(draws):
                noisy = cells["integration"].to_numpy() + np.sqrt(level) * cells["se_integration"].to_numpy() * z[d]
                other = cells.select("region", "year", market=pl.Series(noisy))
                each.append(fit(rows.drop("market").join(other, on=["region", "year"]), FORMULA))
            averages.append(np.mean([[c.estimate for c in f.coefficients] for f in each], axis=0))
        a, b, c = (np.array(row) for row in averages)
        return a - (-3 * a + 4 * b - c) / 2 + (a - 2 * b + c) / 2  # the parabola through 0, 1 and 2, at -1

    b = corrected(panel)
    assert [c.estimate for c in found.corrected.coefficients] == pytest.approx(b.tolist(), rel=1e-6)
    regions = sorted(panel["region"].unique())
    away = np.array([corrected(panel.filter(pl.col("region") != r)) for r in regions]) - b
    assert found.corrected.vcov == pytest.approx(7 / 8 * away.T @ away, rel=1e-5)
    assert found.corrected.df_t == 7
    assert found.path[0].coefficients == pytest.approx([c.estimate for c in found.naive.coefficients], rel=1e-9)


def test_simex_moves_towards_the_true_index() -> None:
    """Six economies: the naive curvature is about 0.7 of what the true index gives, the corrected one about 1."""
    found = []
    for seed in (20240101, 1, 2, 3, 4, 5):
        prices, _, panel = study(1200, seed)
        oracle = fit(panel, FORMULA.replace("market", "true_market"))
        fixed = simex(prices, panel, FORMULA, draws=60, se="none")
        assert fixed.errors == "goods"
        curvature = [abs(p.coefficients[1]) for p in fixed.path]
        assert curvature == sorted(curvature, reverse=True)  # less effect with more error, all the way
        for term in ("market", "market^2"):
            true, naive = oracle[f"true_{term}"].estimate, fixed.naive[term].estimate
            assert abs(naive) < 0.85 * abs(true)
            found.append((naive / true, fixed.corrected[term].estimate / true))
    naive, corrected = np.mean(found, axis=0)
    assert naive < 0.75
    assert corrected == pytest.approx(1, abs=0.15)  # one economy's ratio has an s.d. of about .15, six of them .06


def test_simex_result_is_a_fit() -> None:
    prices, _, panel = study(300)
    found = simex(prices, panel, FORMULA, draws=20)
    test = u_test(found.corrected, "market")
    assert test.turning_point == pytest.approx(
        -found.corrected["market"].estimate / 2 / found.corrected["market^2"].estimate
    )
    assert found.corrected["market"].std_error > found.naive["market"].std_error  # what is gained in bias is paid for
    assert found.corrected.df_t == found.naive.clusters["region"] - 1
    assert "SIMEX" in str(found)
    assert "quadratic" in str(found)
    linear = simex(prices, panel, FORMULA, draws=20, extrapolant="linear", se="none")
    assert abs(linear.corrected["market"].estimate) < abs(found.corrected["market"].estimate)
    assert np.isnan(linear.corrected["market"].std_error)


def test_without_error_nothing_is_corrected() -> None:
    _, index, panel = study(150)
    found = simex(index.with_columns(se_integration=pl.lit(0.0)), panel, FORMULA, draws=5, se="none")
    assert found.error_sd == 0
    for c in found.naive.coefficients:
        assert found.corrected[c.term].estimate == pytest.approx(c.estimate, rel=1e-8)


def test_errors_of_goods_and_independent_ones() -> None:
    prices, index, panel = study(150)
    independent = simex(prices, panel, FORMULA, draws=10, errors="independent", se="none")
    table = simex(index, panel, FORMULA, draws=10, se="none")
    assert table.errors == independent.errors == "independent"
    for c in table.corrected.coefficients:
        assert independent.corrected[c.term].estimate == pytest.approx(c.estimate, rel=1e-8)
    goods = simex(prices, panel, FORMULA, draws=400, se="none")
    table = simex(index, panel, FORMULA, draws=400, se="none")
    assert goods.error_sd == pytest.approx(table.error_sd, rel=0.05)  # the same variances, 400 draws


def test_row_order_does_not_matter() -> None:
    prices, index, panel = study(150)
    mixed = [t.sample(fraction=1, shuffle=True, seed=2) for t in (prices, index, panel)]
    for a, b in (
        (simex(prices, panel, FORMULA, draws=5), simex(mixed[0], mixed[2], FORMULA, draws=5)),
        (simex(index, panel, FORMULA, draws=5), simex(mixed[1], mixed[2], FORMULA, draws=5)),
    ):
        assert b.corrected.vcov == pytest.approx(a.corrected.vcov, rel=1e-6)
        assert b.corrected["market"].estimate == pytest.approx(a.corrected["market"].estimate, rel=1e-9)
    a, b = pipeline_bootstrap(prices, panel, FORMULA, draws=8), pipeline_bootstrap(mixed[0], mixed[2], FORMULA, draws=8)
    assert [q.std_error for q in b.quantities] == pytest.approx(
        [q.std_error for q in a.quantities], rel=1e-8, nan_ok=True
    )


# ---- the pipeline bootstrap


def test_goods_bootstrap_by_brute_force() -> None:
    prices, _, panel = study(150)
    found = pipeline_bootstrap(prices, panel, FORMULA, draws=4, seed=9, resample="goods")
    weights = np.array([stream(9, d, 0).exponential(size=10) for d in range(4)]).T
    work = yearly(prices, RelativePrice())
    drawn = reweighted(work, weights)
    each = []
    for d in range(4):
        table = pl.DataFrame(
            {
                "region": [r for _ in range(6) for r in work.cube.regions],
                "year": [p[0] for p in work.cube.periods for _ in range(31)],
                "market": drawn[:, :, d].ravel(),
            }
        )
        each.append(fit(panel.drop("market").join(table, on=["region", "year"]), FORMULA))
    for term in ("market", "market^2", "scale"):
        values = [f[term].estimate for f in each]
        assert found[term].mean == pytest.approx(np.mean(values), rel=1e-7)
        assert found[term].std_error == pytest.approx(np.std(values, ddof=1), rel=1e-6)
    median = next(x for where, x, *_ in u_test(fit(panel, FORMULA), "market").slopes if where == "p50")
    slopes = [f["market"].estimate + 2 * median * f["market^2"].estimate for f in each]
    assert found["slope at p50"].mean == pytest.approx(np.mean(slopes), rel=1e-6)
    turns = [-f["market"].estimate / 2 / f["market^2"].estimate for f in each]
    assert found["turning point"].mean == pytest.approx(np.median(turns), rel=1e-7)


def test_whole_draws_are_goods_and_clusters_together() -> None:
    prices, _, panel = study(150)
    panel = panel.join(panel.group_by("firm").agg(homes=pl.col("region").n_unique()), on="firm").filter(
        pl.col("homes") == 1
    )
    found = pipeline_bootstrap(prices, panel, FORMULA, draws=3, seed=9)
    work = yearly(prices, RelativePrice())
    drawn = reweighted(work, np.array([stream(9, d, 0).exponential(size=10) for d in range(3)]).T)
    sample = prepare(panel, FORMULA, also=panel.columns).labels
    regions = sorted(sample["region"].unique())
    values = []
    for d in range(3):
        counts = stream(9, d, 1).multinomial(len(regions), [1 / len(regions)] * len(regions))
        table = pl.DataFrame(
            {
                "region": [r for _ in range(6) for r in work.cube.regions],
                "year": [p[0] for p in work.cube.periods for _ in range(31)],
                "market": drawn[:, :, d].ravel(),
            }
        )
        rows = sample.drop("market").join(table, on=["region", "year"])
        copies = [
            rows.filter(pl.col("region") == r).with_columns(pl.col("firm") + f"_{c}")
            for r, n in zip(regions, counts, strict=True)
            for c in range(n)
        ]
        values.append(fit(pl.concat(copies), FORMULA)["market^2"].estimate)
    assert found["market^2"].mean == pytest.approx(np.mean(values), rel=1e-7)
    assert found["market^2"].std_error == pytest.approx(np.std(values, ddof=1), rel=1e-6)


def test_goods_attenuate_again_and_the_record_says_so() -> None:
    """METHODS 5.2: the mean of the draws lies nearer to zero than the estimate, by about as much as that already is."""
    prices, _, panel = study(1200)
    found = pipeline_bootstrap(prices, panel, FORMULA, draws=200, resample="goods")
    assert 0.6 < found["market^2"].mean / found["market^2"].estimate < 0.93
    assert "as measured with 10 goods, not on an index without error" in found.target
    assert "attenuated twice" in str(found)
    assert found.share_inverted == 1
    clusters = pipeline_bootstrap(prices, panel, FORMULA, draws=200, resample="clusters")
    assert clusters["market^2"].mean / clusters["market^2"].estimate == pytest.approx(1, abs=0.06)  # no attenuation
    both = pipeline_bootstrap(prices, panel, FORMULA, draws=200)
    assert both["market^2"].std_error > max(clusters["market^2"].std_error, found["market^2"].std_error)
    # cluster draws alone are another estimate of the cluster-robust error (200 draws: 5 %, and CR3 is the larger)
    cr = fit(panel, FORMULA, cluster="region", vcov="CR3")["market^2"].std_error
    assert clusters["market^2"].std_error == pytest.approx(cr, rel=0.3)
    width = found["market"].conf_high - found["market"].estimate
    assert width == pytest.approx(2.0423 * found["market"].std_error, rel=1e-4)  # t(30) at .975
    assert np.isnan(both["turning point"].conf_low)


# ---- expected attenuation


@pytest.mark.parametrize(
    ("goods", "spread", "correlation", "compression", "halves"),
    [
        (10, 0.1, 0.37, 0.43, 0.08),
        (10, 0.2, 0.62, 0.42, 0.23),
        (10, 0.4, 0.80, 0.37, 0.50),
        (16, 0.2, 0.70, 0.42, 0.33),
        (40, 0.2, 0.84, 0.43, 0.57),
    ],
)
def test_table_of_methods(goods: int, spread: float, correlation: float, compression: float, halves: float) -> None:
    """METHODS 1.5 (G4: 400 years of 31 regions, as here): two simulations, each with an s.e. of about .01 to .015."""
    found = expected_attenuation(31, goods, 1, spread, draws=400)
    assert found.correlation == pytest.approx(correlation, abs=0.03)
    assert found.compression == pytest.approx(compression, abs=0.03)
    assert found.split_half == pytest.approx(halves, abs=0.04)


def test_attenuation_vanishes_with_many_goods_and_deepens_with_region_effects() -> None:
    few, many = (expected_attenuation(20, k, 3, 0.4, draws=20) for k in (8, 800))
    assert few.slope < 0.8 < 0.97 < many.slope < 1.03
    assert few.square < few.slope  # the square suffers more
    assert many.square == pytest.approx(1, abs=0.06)
    assert many.oriv == pytest.approx(1, abs=0.03)
    assert few.oriv > few.slope
    persistent = expected_attenuation(20, 8, 3, (0.33, 0.22), draws=20)
    assert persistent.slope < few.slope - 0.1  # what identifies within regions is smaller, the noise is not
    assert expected_attenuation(20, 8, 3, 0.4, draws=20) == few
    assert "a true slope of 1 is estimated as" in str(few)


# ---- errors


def test_errors() -> None:
    prices, index, panel = study(100)
    with pytest.raises(UsageError, match="is not the index of the prices"):
        simex(prices, panel.with_columns(pl.col("market") + 0.01), FORMULA)
    with pytest.raises(UsageError, match="is not the index"):
        pipeline_bootstrap(prices, panel, FORMULA, index=RelativePrice(ddof=0))
    with pytest.raises(Coverage, match="have no index"):
        simex(index.filter(pl.col("year") > 2004), panel, FORMULA)
    lacking = index.with_columns(se_integration=pl.when(pl.col("year") > 2004).then("se_integration"))
    with pytest.raises(Coverage, match="standard error"):
        simex(lacking, panel, FORMULA)
    with pytest.raises(UsageError, match="no column 'se_integration'"):
        simex(index.drop("se_integration"), panel, FORMULA)
    with pytest.raises(UsageError, match="needs the prices"):
        simex(index, panel, FORMULA, errors="goods")
    with pytest.raises(UsageError, match="only powers"):
        simex(index, panel, "quality ~ market + market:scale | firm + year")
    with pytest.raises(UnknownName, match="did you mean 'market'"):
        simex(index, panel, FORMULA, treatment="markt")
    with pytest.raises(UsageError, match="exogenous"):
        simex(index, panel, "quality ~ market | firm + year | scale ~ age")
    with pytest.raises(UsageError, match="varies within"):
        simex(index, panel.with_columns(pl.col("scale").alias("market")), FORMULA.replace(" + scale", ""))
    with pytest.raises(UsageError, match="one cluster"):
        simex(index, panel, FORMULA, cluster="region+firm")
    with pytest.raises(UsageError, match="levels"):
        simex(index, panel, FORMULA, levels=(1.0,))
    with pytest.raises(NotIdentified):
        simex(index, panel, "quality ~ market + market^2 + scale | firm + region^year")
