"""The noisy index: twins by brute force, METHODS 1.5 by simulation, the pipeline bootstrap."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, prepare
from integrade.integration import relative_price
from integrade.integration.options import RelativePrice
from integrade.simulation.prices import segmentation_limit
from integrade.subjects.noise.attenuation import expected_attenuation, pipeline_bootstrap
from integrade.subjects.noise.cell_moments import cell_moments, on_rows, reweighted_moments, solve_all, solve_cells
from integrade.subjects.noise.index_draws import deviations, limit, measured, reweighted, stream, yearly
from integrade.subjects.noise.treatment import treated
from noisy_index import FORMULA, study
from panels import panel as small_panel

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
    assert "the slope on an index of 10 goods, not on an error-free index" in found.target
    assert "attenuated twice" in str(found)
    assert found.share_inverted == 1
    clusters = pipeline_bootstrap(prices, panel, FORMULA, draws=200, resample="clusters")
    assert clusters["market^2"].mean / clusters["market^2"].estimate == pytest.approx(1, abs=0.06)  # no attenuation
    both = pipeline_bootstrap(prices, panel, FORMULA, draws=200)
    assert both["market^2"].std_error > max(clusters["market^2"].std_error, found["market^2"].std_error)
    # cluster draws alone are another estimate of the cluster-robust error (200 draws: 5%, and CR3 is the larger)
    cr = fit(panel, FORMULA, cluster="region", vcov="CR3")["market^2"].std_error
    assert clusters["market^2"].std_error == pytest.approx(cr, rel=0.3)
    width = found["market"].conf_high - found["market"].estimate
    assert width == pytest.approx(2.0423 * found["market"].std_error, rel=1e-4)  # t(30) at .975
    assert np.isnan(both["turning point"].conf_low)


def test_row_order_does_not_matter() -> None:
    prices, _, panel = study(150)
    mixed = [t.sample(fraction=1, shuffle=True, seed=2) for t in (prices, panel)]
    a, b = pipeline_bootstrap(prices, panel, FORMULA, draws=8), pipeline_bootstrap(mixed[0], mixed[1], FORMULA, draws=8)
    assert [q.std_error for q in b.quantities] == pytest.approx(
        [q.std_error for q in a.quantities], rel=1e-8, nan_ok=True
    )


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
    prices, _, panel = study(100)
    with pytest.raises(UsageError, match="is not the index"):
        pipeline_bootstrap(prices, panel, FORMULA, index=RelativePrice(ddof=0))
