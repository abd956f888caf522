"""SIMEX: by brute force, errors that regions share through their goods, an economy whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.errors import Coverage, NotIdentified, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit
from integrade.integration import relative_price
from integrade.integration.options import RelativePrice
from integrade.subjects.noise.index_draws import deviations, stream, yearly
from integrade.subjects.noise.simex import SimexOptions, drawn_errors, simex
from integrade.subjects.noise.treatment import treated
from noisy_index import FORMULA, study
from plainwords.texts import Said


def test_simex_by_brute_force() -> None:
    """Every draw, level and deletion as a regression of its own."""
    _, index, panel = study(150)
    panel = panel.filter(pl.col("region").is_in(sorted(panel["region"].unique())[:8]))
    draws, levels = 3, (1.0, 2.0)
    found = simex(index, panel, FORMULA, draws=draws, levels=levels, seed=7)
    cells = index.sort("region", "year")
    first, second = (stream(7, d, 2).normal(size=cells.height) for d in range(2))
    z = (first, -first, second)

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


def test_goods_by_brute_force() -> None:
    """Goods' deviations times draws that all regions share, regression by regression; the draws' variance is added."""
    prices, _, panel = study(150)
    draws, levels = 12, (0.5, 1.0, 1.5)
    found = simex(prices, panel, FORMULA, draws=draws, seed=7)
    work = yearly(prices, RelativePrice())
    index, away = deviations(work)
    drawn = [stream(7, d, 2).normal(size=(6, 10)) for d in range(6)]
    z = [sign * one for one in drawn for sign in (1, -1)]
    cells = pl.DataFrame(
        {
            "region": [r for _ in range(6) for r in work.cube.regions],
            "year": [p[0] for p in work.cube.periods for _ in range(31)],
        }
    )
    each = np.empty((3, draws, 3))
    for at, level in enumerate(levels):
        for d in range(draws):
            noisy = index + np.sqrt(level) * np.einsum("tnk,tk->tn", away, z[d])
            table = cells.with_columns(market=pl.Series(noisy.ravel()))
            estimated = fit(panel.drop("market").join(table, on=["region", "year"]), FORMULA)
            each[at, d] = [c.estimate for c in estimated.coefficients]
    naive = np.array([c.estimate for c in fit(panel, FORMULA).coefficients])

    def at_minus_one(values: np.ndarray) -> np.ndarray:
        return np.polyval(np.polyfit((0.0, *levels), values, 2), -1.0)

    corrected = at_minus_one(np.vstack([naive, each.mean(axis=1)]))
    assert [c.estimate for c in found.corrected.coefficients] == pytest.approx(corrected.tolist(), rel=1e-6)
    plain = simex(prices, panel, FORMULA, draws=draws, seed=7, errors="independent")
    assert all(np.isnan(plain.noise))
    for term in range(3):
        variances = [0.0, *(float(np.var(one[:, term], ddof=1)) for one in each)]
        assert found.noise[term] ** 2 == pytest.approx(-float(at_minus_one(np.array(variances))), rel=1e-5)
    added = [c.std_error > n > 0 for c, n in zip(found.corrected.coefficients, found.noise, strict=True)]
    assert all(added)


def test_share_of_noise_by_brute_force() -> None:
    """Effects removed by regression: sums of squares of residuals of the errors over that of the index."""
    prices, _, panel = study(150)
    found = simex(prices, panel, FORMULA, draws=6, seed=7)
    sample = treated(panel, FORMULA, "market", Fit(cluster="region"))
    errors, *_ = drawn_errors(prices, sample, SimexOptions(draws=6, seed=7))
    labels = sample.design.labels
    dummies = labels.select("firm", "year").cast(pl.String).to_dummies().to_numpy().astype(float)

    def left(column: np.ndarray) -> float:
        away = column - dummies @ np.linalg.lstsq(dummies, column, rcond=None)[0]
        return float(away @ away)

    rows = errors[sample.cells.codes]
    share = np.mean([left(rows[:, d]) for d in range(6)]) / left(labels["market"].to_numpy())
    assert found.noise_share == pytest.approx(share, rel=1e-8)
    assert 0 < share < 1


def test_noise_is_added_to_the_jackknife() -> None:
    prices, _, panel = study(150)
    found = simex(prices, panel, FORMULA, draws=20)
    regions = sorted(panel["region"].unique())
    b = np.array([c.estimate for c in found.corrected.coefficients])
    # the deletion keeps the goods' draws: every region's index stays in the table of prices
    away = np.array(
        [
            [c.estimate for c in simex(prices, rows, FORMULA, draws=20, se="none").corrected.coefficients]
            for rows in (panel.filter(pl.col("region") != r) for r in regions)
        ]
    )
    g = found.naive.clusters["region"]
    jackknife = (g - 1) / g * ((away - b) ** 2).sum(axis=0)
    total = jackknife + np.array(found.noise) ** 2
    assert np.diag(found.corrected.vcov) == pytest.approx(total, rel=1e-4)
    assert np.linalg.eigvalsh(found.corrected.vcov)[0] > 0


def test_noise_stays_a_covariance_where_the_parabola_bends_it_away() -> None:
    """Two draws of three coefficients: the fallback is the spread at the lowest level in units of its variance."""
    from integrade.subjects.noise import simex as module

    drawn = np.zeros((3, 2, 2))
    drawn[:, 0] = [[1.0, 0.0], [0.1, 1.0], [5.0, 0.2]]
    drawn[:, 1] = -drawn[:, 0]
    weights = np.array([3.0, -3.0, 1.0, 0.0])
    found = module._noise(drawn, weights, (0.5, 1.0, 1.5))
    spread = np.array([2 * np.outer(d, d) for d in drawn[:, 0]])
    indefinite = 3 * spread[0] - spread[1]
    assert np.linalg.eigvalsh(indefinite)[0] < 0
    assert found == pytest.approx(spread[0] / 0.5)


def test_added_errors_correlate_between_regions_as_redrawn_goods_do() -> None:
    """200 years that differ in nothing but the goods drawn: what the index does there, SIMEX's errors do in each."""
    rng = np.random.default_rng(8)
    tau = 0.012 * np.exp(0.4 * rng.normal(size=12))
    t, i, k = np.indices((200, 12, 10)).reshape(3, -1)
    changes = rng.normal(size=(200, 12, 10)) * tau[:, None]
    regions, goods = np.array([f"P{n:02d}" for n in range(12)]), np.array([f"g{n}" for n in range(10)])
    prices = pl.DataFrame(
        {"region": regions[i], "year": 1900 + t, "commodity": goods[k], "index": 100 * np.exp(changes).ravel()}
    )
    index = relative_price(prices, se="jackknife").sort("year", "region")
    redrawn = index["integration"].to_numpy().reshape(200, 12)
    panel = index.select("region", "year", market="integration", y="segmentation").filter(pl.col("year") < 1960)
    sample = treated(panel, "y ~ market | region + year", "market", Fit())

    def between_regions(**options: Any) -> float:
        errors, *_ = drawn_errors(prices, sample, SimexOptions(draws=300, **options))
        years = np.array([year for _, year in sample.keys])
        return float(np.mean([_correlation(errors[years == year]) for year in np.unique(years)]))

    assert _correlation(redrawn.T) > 0.2
    assert between_regions() == pytest.approx(_correlation(redrawn.T), abs=0.04)
    assert abs(between_regions(errors="independent")) < 0.02
    assert np.sqrt(np.mean(index["se_integration"].to_numpy() ** 2)) == pytest.approx(
        redrawn.std(axis=0).mean(), rel=0.1
    )


def _correlation(values: np.ndarray) -> float:
    """Average correlation of rows."""
    return float(np.corrcoef(values)[np.triu_indices(len(values), 1)].mean())


def test_a_good_is_drawn_once_for_all_years_where_prices_have_a_base() -> None:
    prices, _, panel = study(150)
    years = sorted(prices["year"].unique())
    base = prices.sort("year").with_columns(
        index=100 * (pl.col("index") / 100).log().cum_sum().over("region", "commodity").exp()
    )
    fixed = RelativePrice(basis="fixed")
    index = relative_price(base, basis="fixed")
    firms = panel.drop("market").join(
        index.select("region", "year", market="integration"), on=["region", "year"], how="inner"
    )
    assert firms["year"].min() == years[1]  # changes begin a year later
    sample = treated(firms, FORMULA, "market", Fit())
    errors, *_ = drawn_errors(base, sample, SimexOptions(draws=2, index=fixed, seed=3))
    work = yearly(base, fixed)
    _, away = deviations(work)
    z = stream(3, 0, 2).normal(size=(1, 10))[0]
    first = dict(zip(sample.keys, errors[:, 0].tolist(), strict=True))
    for t, (year, *_) in enumerate(work.cube.periods):
        for n, region in enumerate(work.cube.regions):
            if (region, year) in first:
                assert first[region, year] == pytest.approx(float(away[t, n] @ z), rel=1e-9)
    assert simex(base, firms, FORMULA, draws=4, index=fixed, se="none").across_years  # `index` is an option by name
    assert not simex(prices, panel, FORMULA, draws=4, se="none").across_years


def test_an_index_without_its_goods_falls_back_and_says_so() -> None:
    prices, index, panel = study(150)
    table = simex(index, panel, FORMULA, draws=4, se="none")
    assert table.errors == "independent"
    said = [n.key for n in table.corrected.notes[len(table.naive.notes) :] if isinstance(n, Said)]
    assert said == ["models_error.by-simex", "models_error.no-goods"]
    assert "the index was supplied without them" in str(table)
    chosen = simex(prices, panel, FORMULA, draws=4, se="none", errors="independent")
    assert "models_error.no-goods" not in [n.key for n in chosen.corrected.notes if isinstance(n, Said)]
    goods = simex(prices, panel, FORMULA, draws=4, se="none")
    assert "models_error.by-simex-of-goods" in [n.key for n in goods.corrected.notes if isinstance(n, Said)]


@pytest.mark.slow
def test_goods_come_nearer_to_the_truth_and_tell_their_error_better() -> None:
    """Six economies: the median distance to the true index's curvature falls below the naive one's, and the errors of
    estimation are smaller in units of the standard error than those of independent cells."""
    away: dict[str, list[float]] = {"naive": [], "goods": [], "independent": []}
    scaled: dict[str, list[float]] = {"goods": [], "independent": []}
    for seed in (20240101, 1, 2, 3, 4, 5):
        prices, _, panel = study(300, seed)
        oracle = fit(panel, FORMULA.replace("market", "true_market"))["true_market^2"].estimate
        for kind in ("goods", "independent"):
            found = simex(prices, panel, FORMULA, draws=40, errors=kind)
            corrected = found.corrected["market^2"]
            away[kind].append(abs(corrected.estimate - oracle))
            scaled[kind].append(abs(corrected.estimate - oracle) / corrected.std_error)
        away["naive"].append(abs(found.naive["market^2"].estimate - oracle))
    middle = {kind: float(np.median(values)) for kind, values in away.items()}
    assert middle["goods"] < 0.7 * middle["naive"]
    assert np.mean(np.square(scaled["goods"])) < np.mean(np.square(scaled["independent"]))


def test_row_order_does_not_matter() -> None:
    prices, index, panel = study(150)
    mixed = [t.sample(fraction=1, shuffle=True, seed=2) for t in (prices, index, panel)]
    for a, b in (
        (simex(prices, panel, FORMULA, draws=6), simex(mixed[0], mixed[2], FORMULA, draws=6)),
        (simex(index, panel, FORMULA, draws=6), simex(mixed[1], mixed[2], FORMULA, draws=6)),
    ):
        assert b.corrected.vcov == pytest.approx(a.corrected.vcov, rel=1e-6)
        assert b.noise == pytest.approx(a.noise, rel=1e-6, nan_ok=True)
        assert b.corrected["market"].estimate == pytest.approx(a.corrected["market"].estimate, rel=1e-9)


# ---- errors


def test_errors() -> None:
    prices, index, panel = study(100)
    with pytest.raises(UsageError, match="is not the index of the prices"):
        simex(prices, panel.with_columns(pl.col("market") + 0.01), FORMULA)
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
    with pytest.raises(UsageError, match="two draws"):
        simex(index, panel, FORMULA, draws=1)
    with pytest.raises(NotIdentified):
        simex(index, panel, "quality ~ market + market^2 + scale | firm + region^year")
