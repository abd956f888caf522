"""How far the index can be trusted: METHODS 1.5, and the ranking and trend made from the index."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.engine.frames import Table
from integrade.errors import NotIdentified, TooFew
from integrade.integration import jackknife_coverage, pure_region, ranking
from integrade.study.config import study_model
from integrade.study.rooms import build_steps
from price_tables import (
    good_influence,
    index_trust,
    noise_share,
    pure_regions,
    relative_price,
    split_half,
    trend,
    without_each_good,
)


def simulated(n: int, goods: int, years: int, spread: float, seed: int = 4) -> pl.DataFrame:
    """Normal price shocks; the s.d. of a region's shocks is 0.01 exp(spread z), the same in all years (METHODS 1.5)."""
    draw = np.random.default_rng(seed)
    tau = 0.01 * np.exp(spread * draw.normal(size=n))
    x = draw.normal(size=(n, years, goods)) * tau[:, None, None] + draw.normal(0, 0.02, (years, goods))
    cells = list(itertools.product(range(n), range(years), range(goods)))
    return pl.DataFrame(
        {
            "region": [f"r{i:02d}" for i, _, _ in cells],
            "year": [2000 + t for _, t, _ in cells],
            "commodity": [f"k{k:02d}" for _, _, k in cells],
            "index": 100 * np.exp(x.ravel()),
        }
    )


@pytest.mark.parametrize(("goods", "spread", "expected"), [(10, 0.2, 0.23), (10, 0.4, 0.50), (40, 0.2, 0.57)])
def test_split_half_as_simulated(goods: int, spread: float, expected: float) -> None:
    # METHODS 1.5 (G4): N = 31; those are 400 economies, here 60 periods of new regions' draws pooled over 6 seeds
    found = [split_half(simulated(31, goods, 10, spread, seed), draws=20).correlation for seed in range(12)]
    # 12 economies with s.d. of about .06 each: .05 is 3 standard errors
    assert np.mean(found) == pytest.approx(expected, abs=0.05)


def test_split_half_is_the_correlation_of_two_indices() -> None:
    prices = simulated(8, 4, 3, 0.5)
    result = split_half(prices, draws=60)
    # with four goods there are three ways to halve them, and every draw is one of these
    each = []
    for other in (1, 2, 3):
        first = pl.col("commodity").is_in(["k00", f"k{other:02d}"])
        a, b = (relative_price(prices.filter(part), k_min=2) for part in (first, ~first))
        both = [np.array(h["integration"].to_list()).reshape(8, 3) for h in (a, b)]
        x, y = (h - h.mean(axis=0) for h in both)
        each.append(float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum())))
    assert min(each) <= result.correlation <= max(each)
    assert result.correlation == pytest.approx(np.mean(each), abs=0.25 * (max(each) - min(each)) + 1e-12)
    assert result.spearman_brown == pytest.approx(2 * result.correlation / (1 + result.correlation), rel=1e-12)
    one = split_half(prices, draws=1).correlation
    assert min(abs(one - e) for e in each) < 1e-10


def test_split_half_depends_on_the_seed_alone() -> None:
    prices = simulated(8, 9, 2, 0.3)
    shuffled = prices.sample(fraction=1, shuffle=True, seed=9)
    assert split_half(prices, draws=30) == split_half(shuffled, draws=30)
    assert split_half(prices, draws=30) == split_half(prices.lazy(), draws=30)
    assert split_half(prices, draws=30).correlation != split_half(prices, draws=30, seed=1).correlation
    with pytest.raises(TooFew, match="two halves need four"):
        split_half(simulated(8, 3, 1, 0.2))


def test_noise_share_falls_with_goods_and_with_true_differences() -> None:
    few, many, apart = (noise_share(simulated(31, k, 6, s)) for k, s in ((10, 0.2), (40, 0.2), (10, 0.6)))
    assert many < few
    assert apart < few
    assert 0 < apart < 1
    # what is not noise is reliable: two independent roads to the same share
    reliability = split_half(simulated(31, 40, 6, 0.4)).spearman_brown
    assert 1 - noise_share(simulated(31, 40, 6, 0.4)) == pytest.approx(reliability, abs=0.1)


def test_noise_share_from_replicates() -> None:
    prices = simulated(6, 5, 2, 0.4)
    replicates = without_each_good(prices).join(relative_price(prices), on=["region", "year"])
    noise, spread = 0.0, 0.0
    for year in (2000, 2001):
        rows = replicates.filter(pl.col("year") == year).sort("region", "without")
        left_out = np.array(rows["integration"].to_list()).reshape(6, 5)
        market = np.array(rows["integration_right"].to_list()).reshape(6, 5)[:, 0]
        away = left_out - left_out.mean(axis=0)
        noise += float(np.mean(4 / 5 * ((away - away.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)))
        spread += float(market.var(ddof=1))
    assert noise_share(prices) == pytest.approx(noise / spread, rel=1e-10)
    same = prices.with_columns(index=pl.lit(101.0))
    with pytest.raises(NotIdentified):
        noise_share(same)


@pytest.mark.slow
def test_coverage_of_the_jackknife() -> None:
    # METHODS 1.5: about .89 at K = 10 (31 regions); two decimals printed, 400 x 31 dependent cells here
    assert jackknife_coverage(31, 10) == pytest.approx(0.89, abs=0.015)
    assert jackknife_coverage(31, 10, seed=3) == pytest.approx(0.89, abs=0.015)


def test_index_trust_says_it_all() -> None:
    prices = simulated(10, 8, 3, 0.3)
    trust = index_trust(prices, draws=20)
    halves = split_half(prices, draws=20)
    assert (trust.split_half, trust.spearman_brown) == (halves.correlation, halves.spearman_brown)
    assert trust.noise_share == noise_share(prices)
    assert (trust.n_regions, trust.n_goods, trust.draws) == (10, 8, 20)
    assert f"about {trust.coverage:.2f} of samples" in trust.note


def test_pure_region_closed_form_g1() -> None:
    # METHODS 1.6, two-way decomposition check
    theta = pure_region([1.39329358e-4, 1.19077542e-4, 1.41394488e-4, 1.19604448e-4])
    assert theta.tolist() == pytest.approx([7.9142578e-5, 4.8764854e-5, 8.2240273e-5, 4.9555213e-5], abs=1e-12)
    assert 2 * theta.mean() == pytest.approx(1.29851459e-4, abs=5e-13)
    with pytest.raises(TooFew):
        pure_region([1.0, 2.0])


def test_pure_regions_by_least_squares() -> None:
    prices = simulated(6, 6, 2, 0.5)
    table = pure_regions(prices)
    index = relative_price(prices)
    for year in (2000, 2001):
        s = index.filter(pl.col("year") == year)["segmentation"].to_list()
        got = table.filter(pl.col("year") == year)["theta"].to_list()
        assert got == pytest.approx(pure_region(s).tolist(), rel=1e-10)
    chosen = [("r00", "r01"), ("r01", "r02"), ("r00", "r02"), ("r02", "r03"), ("r03", "r04"), ("r04", "r05")]
    some = pure_regions(prices, pairs=chosen).filter(pl.col("year") == 2000)["theta"].to_list()
    v = relative_price(prices, pairs=chosen, level="pair").filter(pl.col("year") == 2000)
    design = np.array(
        [[float(f"r{i:02d}" in row) for i in range(6)] for row in v.select("region_a", "region_b").rows()]
    )
    assert some == pytest.approx(
        np.linalg.lstsq(design, v["segmentation"].to_numpy(), rcond=None)[0].tolist(), rel=1e-9
    )
    with pytest.raises(NotIdentified, match="do not distinguish the regions"):
        pure_regions(prices, pairs=[("r00", f"r0{i}") for i in range(1, 6)])


def test_theta_that_is_not_positive_has_no_integration() -> None:
    prices = simulated(31, 4, 6, 0.9, seed=2)
    result = pure_regions(Table("prices", prices))
    rows = result.polars()
    lost = rows.filter(pl.col("theta") <= 0)
    assert lost.height > 0
    assert lost["integration"].null_count() == lost.height == rows["integration"].null_count()
    assert [e.rows for e in result.account if "theta not positive" in e.reason] == [lost.height]


def test_without_each_good_is_the_index_of_the_others() -> None:
    prices = simulated(6, 5, 2, 0.3)
    table = without_each_good(prices)
    assert table.columns == ["region", "year", "without", "segmentation", "integration"]
    assert table.height == 6 * 2 * 5
    others = relative_price(prices.filter(pl.col("commodity") != "k02"))
    got = table.filter(pl.col("without") == "k02")
    assert got["segmentation"].to_list() == pytest.approx(others["segmentation"].to_list(), rel=1e-11)


def index_of(rows: dict[str, dict[int, float]]) -> pl.DataFrame:
    flat: list[dict[str, Any]] = [
        {"region": r, "year": t, "segmentation": s, "integration": -0.5 * np.log(s)}
        for r, series in rows.items()
        for t, s in series.items()
    ]
    return pl.DataFrame(flat)


def test_ranking_one_is_the_most_segmented() -> None:
    index = index_of({"A": {2004: 1e-4, 2005: 2e-4}, "B": {2004: 5e-4, 2005: 1e-4}, "C": {2005: 2e-4}})
    table = ranking(index)
    assert table.columns == ["region", "average", "rank_average", "first", "rank_first", "last", "rank_last"]
    assert table.rows() == [
        ("B", pytest.approx(3e-4), 1, 5e-4, 1, 1e-4, 3),
        ("C", pytest.approx(2e-4), 2, None, None, 2e-4, 1),
        ("A", pytest.approx(1.5e-4), 3, 1e-4, 2, 2e-4, 1),
    ]
    assert isinstance(ranking(index.to_pandas()), type(index.to_pandas()))


def test_trend_of_nation_and_groups() -> None:
    prices = simulated(6, 5, 2, 0.3)
    groups = {f"r{i:02d}": "north" if i < 2 else "south" for i in range(6)}
    table = trend(Table("prices", prices), groups=groups)
    rows = table.polars()
    assert rows["series"].to_list() == ["nation"] * 2 + ["north"] * 2 + ["south"] * 2
    nation = relative_price(prices, level="nation", se="jackknife")
    assert rows.head(2).drop("series").equals(nation)
    index = relative_price(prices).filter(pl.col("region") < "r02")
    mean = index.group_by("year").agg(pl.col("segmentation").mean()).sort("year")["segmentation"].to_list()
    assert rows[2:4]["segmentation"].to_list() == pytest.approx(mean, rel=1e-12)
    assert rows["se_integration"].null_count() == 0
    assert trend(prices)["series"].unique().to_list() == ["nation"]  # names that are not provinces have no groups
    assert any("settings" in e.reason for e in table.account)


def test_good_influence_is_the_index_without_the_good() -> None:
    prices = simulated(6, 5, 3, 0.3)
    table = good_influence(prices)
    assert table.columns == ["commodity", "correlation", "mean_change", "largest_change", "region", "period"]
    full = np.array(relative_price(prices)["integration"].to_list()).reshape(6, 3)
    for good, r, mean, largest, region, period in table.iter_rows():
        others = relative_price(prices.filter(pl.col("commodity") != good))
        without = np.array(others["integration"].to_list()).reshape(6, 3)
        change = without - full
        i, t = np.unravel_index(np.argmax(abs(change)), change.shape)
        assert (region, period) == (f"r{i:02d}", str(2000 + t))
        assert largest == pytest.approx(change[i, t], rel=1e-9)
        assert mean == pytest.approx(abs(change).mean(), rel=1e-9)
        a, b = (x - x.mean(axis=0) for x in (without, full))
        assert r == pytest.approx((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()), rel=1e-9)
    sizes = [abs(x) for x in table["largest_change"].to_list()]
    assert sizes == sorted(sizes, reverse=True)


def test_good_influence_of_a_good_that_comes_late() -> None:
    prices = simulated(6, 6, 3, 0.3).filter((pl.col("commodity") != "k05") | (pl.col("year") == 2002))
    row = good_influence(prices).filter(pl.col("commodity") == "k05")
    assert row["period"].to_list() == ["2002"]
    only = good_influence(prices.filter(pl.col("year") == 2002)).filter(pl.col("commodity") == "k05")
    assert_frame_equal(row, only, rel_tol=1e-9)


def test_trust_names_the_goods_and_the_pure_component() -> None:
    prices = simulated(10, 8, 3, 0.6)
    trust = index_trust(prices, draws=10)
    assert [g.commodity for g in trust.goods] == good_influence(prices)["commodity"].to_list()
    assert trust.pure is not None
    theta, index = pure_regions(prices), relative_price(prices)
    both = theta.join(index, on=["region", "year"], suffix="_index").drop_nulls()
    away = both.select(
        pl.col("integration", "integration_index") - pl.col("integration", "integration_index").mean().over("year")
    ).to_numpy()
    assert trust.pure.compression == pytest.approx(np.sqrt((away[:, 1] ** 2).sum() / (away[:, 0] ** 2).sum()), rel=1e-9)
    assert trust.pure.correlation == pytest.approx(np.corrcoef(away.T)[0, 1], abs=1e-9)
    assert (trust.pure.n, trust.pure.not_positive) == (30, theta.filter(pl.col("theta") <= 0).height)
    star = [("r00", f"r{i:02d}") for i in range(1, 10)]
    assert index_trust(prices, draws=10, pairs=star).pure is None


@pytest.mark.slow
def test_the_index_is_compressed_as_simulated() -> None:
    # METHODS 1.5: the index moves by about .4 for one of the truth; a region's own component undoes that, so the ratio
    # of their spreads lies near one half when differences are large and goods many (sampling noise adds to both)
    found = [index_trust(simulated(31, 40, 4, 0.4, seed), draws=2).pure for seed in range(2)]
    assert np.mean([p.compression for p in found if p]) == pytest.approx(0.45, abs=0.1)


def test_a_study_keeps_the_figures_on_trust(tmp_path: Path) -> None:
    prices = simulated(6, 6, 3, 0.4)
    prices.write_csv(tmp_path / "prices.csv")
    gdp = pl.DataFrame({"region": [f"r{i:02d}" for i in range(6)], "weight": [1.0, 2, 3, 4, 5, 6]})
    gdp.write_csv(tmp_path / "gdp.csv")
    sources = {name: {"files": [f"{name}.csv"]} for name in ("prices", "customs", "firms")}
    for name in ("customs", "firms"):
        (tmp_path / f"{name}.csv").write_text("x\n1\n")
    study = study_model().model_validate(
        {
            "title": "t",
            **sources,
            "quality": {"sigma": 5},
            "integration": {"partner_weights": "gdp.csv", "basis": "link"},
        }
    )
    steps = build_steps(study, tmp_path, "polars")
    assert steps["integration"].files == (tmp_path / "gdp.csv",)
    done = {name: tmp_path / f"out-{name}" for name in ("prices", "index_trust", "integration")}
    for name, folder in done.items():
        folder.mkdir()
        steps[name].run(folder, done)
    assert steps["index_trust"].files == (tmp_path / "gdp.csv",)
    trust = json.loads((done["index_trust"] / "trust.json").read_text(encoding="utf-8"))
    expected = index_trust(prices, partner_weights=gdp)
    assert trust["goods"] == [asdict(g) for g in expected.goods]
    assert expected.pure is not None
    assert trust["pure"] == asdict(expected.pure)
    assert trust["noise_share"] == expected.noise_share
    assert pl.read_parquet(done["index_trust"] / "goods.parquet").height == 6
    theta = pl.read_parquet(done["index_trust"] / "pure_regions.parquet")
    assert theta["theta"].to_list() == pytest.approx(pure_regions(prices)["theta"].to_list(), rel=1e-12)
    index = pl.read_parquet(done["integration"] / "integration.parquet")
    assert index["segmentation"].to_list() == relative_price(prices, partner_weights=gdp)["segmentation"].to_list()
