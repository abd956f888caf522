"""Convergence (METHODS 2.5): half-lives and panel unit roots, against dummies, statsmodels, plm and a known truth."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import TooFew, UsageError
from integrade.integration import half_life, panel_unit_root
from integrade.integration.half_life import half_life_of, nickell_bias, nickell_inverse
from integrade.integration.panel_unit_root import PanelUnitRoot, simulated, statistics
from integrade.integration.series import read_series
from library import needs_r

ORACLES = Path(__file__).parents[1] / "oracles"


def prices(rho: float, n: int = 12, years: int = 20, goods: int = 1, seed: int = 1) -> pl.DataFrame:
    """Link indices: q_it = alpha_i + rho q_i,t-1 + e (stationary start; rho = 1: a random walk) + national shocks."""
    draw = np.random.default_rng(seed)
    rows = []
    for k in range(goods):
        alpha = draw.normal(0, 0.01, n)
        q = alpha / (1 - rho) + draw.normal(0, 0.02 / np.sqrt(1 - rho**2), n) if rho < 1 else np.zeros(n)
        for t in range(years):
            before, q = q, (alpha if rho < 1 else 0) + rho * q + draw.normal(0, 0.02, n)
            index = 100 * np.exp(q - before + draw.normal(0.02, 0.03))
            rows += [(f"r{i:02d}", 1990 + t, f"k{k}", float(x)) for i, x in enumerate(index)]
    return pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")


def levels(table: pl.DataFrame, good: str = "k0") -> np.ndarray:
    """Log levels (T + 1, N), zero in the year before the first."""
    wide = table.filter(pl.col("commodity") == good).pivot("region", index="year", values="index").sort("year")
    return np.vstack([np.zeros(wide.width - 1), np.cumsum(np.log(wide.drop("year").to_numpy() / 100), axis=0)])


def by_dummies(q: np.ndarray, lags: int = 0, *, years: bool = True) -> float:
    """beta by least squares on region and year dummies, for q (T + 1, N)."""
    d = np.diff(q, axis=0)
    t, n = d[lags:].shape
    x = [q[lags:-1], *(d[lags - j : len(d) - j] for j in range(1, lags + 1))]
    dummies = [np.tile(np.eye(n), (t, 1)), *([np.repeat(np.eye(t), n, axis=0)[:, 1:]] if years else [])]
    design = np.column_stack([*(v.ravel() for v in x), *dummies])
    return float(np.linalg.lstsq(design, d[lags:].ravel(), rcond=None)[0][0])


@pytest.mark.parametrize("lags", [0, 2])
def test_beta_is_the_regression_with_region_and_year_dummies(lags: int) -> None:
    table = prices(0.7)
    found = half_life(table, bias="none", lags=lags)["beta"].item()
    assert found == pytest.approx(by_dummies(levels(table), lags), rel=1e-10)


def test_all_pairs_say_the_same() -> None:
    """Pairwise differences with pair dummies: the cross-products are N times those of deviations from the mean."""
    table = prices(0.7, n=6)
    q = levels(table)
    i, j = np.triu_indices(6, 1)
    found = half_life(table, bias="none")["beta"].item()
    assert found == pytest.approx(by_dummies(q[:, i] - q[:, j], years=False), rel=1e-10)


def test_half_panel_and_its_jackknife_by_refitting() -> None:
    table = prices(0.7, n=7, years=15)

    def corrected(q: np.ndarray) -> float:
        # 15 changes: splits 7 | 8 and 8 | 7; a half of changes a..b needs levels a..b+1
        halves = [by_dummies(part) for cut in (7, 8) for part in (q[: cut + 1], q[cut:])]
        return 2 * by_dummies(q) - float(np.mean(halves))

    q = levels(table)
    row = half_life(table).row(0, named=True)
    assert row["beta"] == pytest.approx(corrected(q), rel=1e-9)
    without = np.array([corrected(np.delete(q, i, axis=1)) for i in range(7)])
    se = np.sqrt(6 / 7 * ((without - without.mean()) ** 2).sum())
    assert row["se_beta"] == pytest.approx(se, rel=1e-8)
    t = 2.446911851  # t(6), two-sided 5%, from printed tables to nine decimals
    ends = [half_life_of(row["beta"] + s * t * se) for s in (-1, 1)]
    assert row["half_life_low"] == pytest.approx(ends[0], rel=1e-6)
    assert np.isnan(ends[1])  # beta + t se >= 0: no upper end
    assert (row["half_life_high"], row["bounded"]) == (None, False)
    assert row["half_life"] == pytest.approx(np.log(0.5) / np.log(1 + row["beta"]), rel=1e-12)


def test_pooled_goods_and_regions() -> None:
    table = prices(0.6, n=6, goods=4)
    blocks = [levels(table, f"k{k}") for k in range(4)]
    relative = [q - q.mean(axis=1, keepdims=True) for q in blocks]
    both = np.hstack(relative)
    assert half_life(table, by="all", bias="none")["beta"].item() == pytest.approx(
        by_dummies(both, years=False), rel=1e-9
    )
    third = np.column_stack([q[:, 2] for q in relative])
    by_region = half_life(table, by="region", bias="none")
    assert by_region["region"].to_list() == [f"r{i:02d}" for i in range(6)]
    assert by_region["beta"][2] == pytest.approx(by_dummies(third, years=False), rel=1e-9)
    assert by_region["integration"][2] == pytest.approx(-np.log1p(by_region["beta"][2]), rel=1e-12)
    assert by_region["n_goods"].to_list() == [4] * 6


def test_nickells_formula() -> None:
    # rho = 0 gives -1/T, rho -> 1 gives -3/(T+1) (Nickell 1981); else about -(1 + rho)/(T - 1): METHODS 2.5
    for t in (5, 10, 40):
        assert nickell_bias(np.array([0.0]), t)[0] == pytest.approx(-1 / t, rel=1e-12)
        assert nickell_bias(np.array([1.0]), t)[0] == pytest.approx(-3 / (t + 1), rel=1e-3)  # evaluated at 1 - 1e-4
    rho = np.array([-0.5, 0.0, 0.5])
    np.testing.assert_allclose(nickell_bias(rho, 40), -(1 + rho) / 39, rtol=0.04)
    np.testing.assert_allclose(nickell_inverse(rho + nickell_bias(rho, 12), 12), rho, atol=1e-6)


@pytest.mark.parametrize(("bias", "tolerance"), [("half_panel", 0.02), ("nickell", 0.015)])
def test_the_correction_recovers_the_truth(bias: str, tolerance: float) -> None:
    # 40 goods of 30 regions and 20 years in one call each way; means have s.e. .049/sqrt(40) = .008 and .006, and
    # half_panel leaves a bias of order 1/T^2 (here about +.01)
    table = prices(0.8, n=30, years=20, goods=40)
    raw, corrected = (half_life(table, bias=b)["beta"].mean() for b in ("none", bias))
    assert raw == pytest.approx(-0.2 + nickell_bias(np.array([0.8]), 20)[0], abs=0.015)
    assert corrected == pytest.approx(-0.2, abs=tolerance + 0.01)
    found = half_life(table, bias=bias)
    truth = np.log(0.5) / np.log(0.8)
    inside = (found["half_life_low"] <= truth) & (~found["bounded"] | (found["half_life_high"] >= truth))
    # 40 intervals at a nominal .95: fewer than 33 happen in one of a thousand cases
    assert inside.sum() >= 33


@pytest.mark.slow
@pytest.mark.parametrize("bias", ["half_panel", "nickell"])
def test_coverage_of_the_half_life(bias: str) -> None:
    truth, inside = np.log(0.5) / np.log(0.8), []
    for seed in range(10):
        found = half_life(prices(0.8, 30, 20, 50, 100 + seed), bias=bias)
        inside += (
            (found["half_life_low"] <= truth) & (~found["bounded"] | (found["half_life_high"] >= truth))
        ).to_list()
    # 500 intervals: s.e. of .01
    assert np.mean(inside) == pytest.approx(0.94, abs=0.03)


def test_no_convergence_has_no_half_life_and_no_upper_end() -> None:
    table: Table = half_life(Table("prices", prices(1.0, n=20, years=25, goods=8)))
    rows = table.polars()
    endless = (~rows["bounded"]).sum()
    assert endless >= 6  # size 5% each
    assert rows["half_life_high"].null_count() == endless
    assert rows.filter(pl.col("beta") >= 0)["half_life"].null_count() == (rows["beta"] >= 0).sum()
    said = [e.reason for e in table.account]
    assert f"{endless} rows: half_life_high missing (unbounded): the interval of beta includes zero" in said


def test_gaps_and_late_regions_are_left_out_and_counted() -> None:
    table = prices(0.7, n=10)
    late = (pl.col("region") == "r00") & (pl.col("year") < 1995)
    hole = (pl.col("region") == "r01") & (pl.col("year") == 2000)
    whole: Table = half_life(Table("prices", table.filter(~late & ~hole)))
    assert whole.polars()["n_regions"].item() == 8
    dropped = {e.reason: e.rows for e in whole.account if e.kind == "dropped"}
    assert dropped == {"outside the good's longest run of periods, or in a region's series with a gap": 15 + 19}
    kept = table.filter(~pl.col("region").is_in(["r00", "r01"]))
    assert half_life(kept)["beta"].item() == pytest.approx(whole.polars()["beta"].item(), rel=1e-12)


def test_bases_agree() -> None:
    """A chained link index and a fixed-base index of the same prices, which has one year more."""
    link = prices(0.7)
    q = levels(link)
    fixed = pl.DataFrame(
        [
            {"region": f"r{i:02d}", "year": 1989 + t, "commodity": "k0", "index": 100 * float(np.exp(q[t, i]))}
            for t in range(len(q))
            for i in range(q.shape[1])
        ]
    )
    a, b = half_life(link).row(0), half_life(fixed, basis="fixed").row(0)
    np.testing.assert_allclose(a[1:], b[1:], rtol=1e-8)


def test_monthly_series_run_across_years() -> None:
    table = prices(0.7, years=30).with_columns(
        month=(pl.col("year") - 1990) % 12 + 1, year=2000 + (pl.col("year") - 1990) // 12
    )
    found = read_series(table, "link", regions=4, changes=3, step="test")[0][0]
    assert (found.periods[0], found.periods[-1]) == ((1999, 12), (2002, 6))
    annual = half_life(prices(0.7, years=30))
    assert half_life(table)["beta"].item() == pytest.approx(annual["beta"].item(), rel=1e-12)


def test_invariances() -> None:
    table = prices(0.7, goods=3)
    base = half_life(table)
    shuffled = half_life(table.sample(fraction=1, shuffle=True, seed=4))
    assert base["commodity"].equals(shuffled["commodity"])
    np.testing.assert_allclose(base["beta"], shuffled["beta"], rtol=1e-10)
    # a national shock moves every region alike; a factor on one region's levels is its fixed effect
    shocked = half_life(table.with_columns(pl.col("index") * (1 + 0.05 * (pl.col("year") % 3))))
    np.testing.assert_allclose(base["beta"], shocked["beta"], rtol=1e-8)
    np.testing.assert_allclose(base["se_beta"], shocked["se_beta"], rtol=1e-6)


def test_bad_requests() -> None:
    with pytest.raises(UsageError, match="without lags"):
        half_life(prices(0.7), bias="nickell", lags=1)
    with pytest.raises(TooFew, match="no good has 4 regions with 6 price changes") as caught:
        half_life(prices(0.7, years=4), basis="link")
    assert "4 changes" in str(caught.value)
    with pytest.raises(TooFew, match='by="region" needs three'):
        half_life(prices(0.7), by="region")


def test_unit_root_statistics_as_statsmodels() -> None:
    from statsmodels.tsa.stattools import adfuller

    q = levels(prices(0.8, n=5, years=25)).T
    relative = q - q.mean(axis=0)
    for lags, trend in ((0, False), (2, False), (1, True)):
        each = [
            adfuller(x, maxlag=lags, regression="ct" if trend else "c", autolag=None, result_object=False)[0]
            for x in relative
        ]
        assert statistics(q, lags, trend=trend).ips[0] == pytest.approx(np.mean(each), rel=1e-9)


def _oracle() -> np.ndarray:
    return pl.read_csv(ORACLES / "roots.csv")["x"].to_numpy().reshape(12, 40)


def test_unit_root_statistics_as_plm() -> None:
    stored = json.loads((ORACLES / "roots.json").read_text())
    for lags in (1, 2):
        for trend, kind in ((False, "intercept"), (True, "trend")):
            found = statistics(_oracle(), lags, trend=trend)
            np.testing.assert_allclose([found.ips[0], found.cips[0]], stored[f"{lags} {kind}"], rtol=1e-9)


@pytest.mark.system
def test_plm_still_says_so() -> None:
    needs_r("plm", "jsonlite")
    call = ["Rscript", str(ORACLES / "roots.R"), str(ORACLES / "roots.csv")]
    said = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
    for key, values in json.loads((ORACLES / "roots.json").read_text()).items():
        np.testing.assert_allclose(said[key], values, rtol=1e-9)


def test_simulated_quantiles_are_the_published_ones() -> None:
    # Pesaran (2007), table II(b): the 5% point of CIPS with an intercept is about -2.15 at N = 30, T = 100 (recalled,
    # not looked up). It is an average over national paths: 60 random walks, 30 panels each, s.e. about .02
    draw = np.random.default_rng(6)
    walks = [np.cumsum(draw.normal(size=101)) for _ in range(60)]
    cips = [simulated(w, 30, PanelUnitRoot(lags=0, draws=30, seed=i)).cips for i, w in enumerate(walks)]
    assert np.quantile(np.concatenate(cips), 0.05) == pytest.approx(-2.15, abs=0.08)


def test_the_null_has_the_national_path() -> None:
    """With a drift the mean of the levels is a trend, and the statistic of a true null is lower."""
    walk = np.cumsum(np.random.default_rng(6).normal(size=21))
    flat, steep = (
        simulated(walk + slope * np.arange(21), 12, PanelUnitRoot(lags=0, draws=600)) for slope in (0.0, 3.0)
    )
    assert np.quantile(steep.cips, 0.05) < np.quantile(flat.cips, 0.05) - 0.2
    np.testing.assert_allclose(steep.ips, flat.ips, atol=1e-9)  # deviations from the mean do not see it


def test_unit_roots_kept_and_rejected() -> None:
    options = {"lags": 0, "draws": 399}
    still = panel_unit_root(prices(1.0, n=10, years=25, goods=60, seed=8), **options)
    gone = panel_unit_root(prices(0.3, n=10, years=25, goods=10, seed=8), **options)
    for p in ("p_ips", "p_cips"):
        # 60 tests at 5%: 3 expected, more than 9 in one of a thousand cases
        assert (still[p] <= 0.05).sum() <= 9
        assert gone[p].max() <= 0.01
    assert gone["p_ips"].min() == 1 / 400


@pytest.mark.slow
@pytest.mark.parametrize("lags", [0, 1])
def test_size_near_five_per_cent(lags: int) -> None:
    shares = []
    for seed in range(5):
        found = panel_unit_root(prices(1.0, n=12, years=20, goods=100, seed=seed), lags=lags, draws=999)
        shares.append([(found[p] <= 0.05).mean() for p in ("p_ips", "p_cips")])
    # 500 panels: s.e. of .01
    np.testing.assert_allclose(np.mean(shares, axis=0), 0.05, atol=0.03)


def test_unit_roots_depend_on_the_seed_alone() -> None:
    table = prices(0.8, n=6, years=18, goods=2)
    a = panel_unit_root(table, draws=99)
    b = panel_unit_root(table.sample(fraction=1, shuffle=True, seed=2), draws=99)
    assert a.select("commodity", "p_ips", "p_cips").equals(b.select("commodity", "p_ips", "p_cips"))


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = prices(0.7, goods=3)
    table.write_csv(tmp_path / "prices.csv")
    for method, flags in (
        ("half_life", ["--by", "region", "--bias", "nickell"]),
        ("panel_unit_root", ["--draws", "99"]),
    ):
        out = tmp_path / f"{method}.csv"
        assert run(["integration", str(tmp_path / "prices.csv"), "--method", method, *flags, "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "by=region, lags=0, bias=nickell" in said
    written = pl.read_csv(tmp_path / "half_life.csv")
    np.testing.assert_allclose(written["beta"], half_life(table, by="region", bias="nickell")["beta"], rtol=1e-9)
    np.testing.assert_allclose(
        pl.read_csv(tmp_path / "panel_unit_root.csv")["p_cips"], panel_unit_root(table, draws=99)["p_cips"], rtol=1e-12
    )
