"""Cycles and their synchronisation (METHODS 2.3): statsmodels, least squares by hand, simulated economies."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import TooFew, UsageError
from integrade.integration import business_cycle, regional_shock
from integrade.integration.filters import baxter_king, difference, hamilton, hodrick_prescott
from integrade.integration.synchronisation import cerqueira_martins, rolling_correlation

SERIES = np.cumsum(np.random.default_rng(5).normal(0.08, 0.03, 40))


def economy(own: float = 0.03, regions: int = 6, years: int = 30, seed: int = 1) -> pl.DataFrame:
    """ln GDP with a trend, a national cycle of s.d. 0.03 and an own one of s.d. ``own``."""
    draw = np.random.default_rng(seed)
    logs = (
        5 + 0.08 * np.arange(years)[:, None] + draw.normal(0, 0.03, (years, 1)) + draw.normal(0, own, (years, regions))
    )
    cells = list(itertools.product(range(regions), range(years)))
    return pl.DataFrame(
        {
            "region": [f"r{i}" for i, _ in cells],
            "year": [1990 + t for _, t in cells],
            "real_gdp": [float(np.exp(logs[t, i])) for i, t in cells],
        }
    )


@pytest.mark.parametrize("smoothing", [6.25, 100])
def test_hodrick_prescott_as_statsmodels(smoothing: float) -> None:
    # both solve the same banded system; 100 has a condition number near 1e4
    from statsmodels.tsa.filters.api import hpfilter

    np.testing.assert_allclose(hodrick_prescott(SERIES, smoothing), hpfilter(SERIES, smoothing)[0], atol=1e-11)


@pytest.mark.parametrize(("low", "high", "lead"), [(2, 8, 3), (3, 10, 5)])
def test_baxter_king_as_statsmodels(low: int, high: int, lead: int) -> None:
    from statsmodels.tsa.filters.api import bkfilter

    found = baxter_king(SERIES, low, high, lead)
    np.testing.assert_allclose(found[lead:-lead], bkfilter(SERIES, low, high, lead), atol=1e-13)
    assert np.isnan(found[:lead]).all()
    assert np.isnan(found[-lead:]).all()


def test_hamilton_is_a_regression_on_the_past() -> None:
    found = hamilton(SERIES, horizon=2, lags=2)
    x = np.array([[1.0, SERIES[t - 2], SERIES[t - 3]] for t in range(3, 40)])
    b = np.linalg.solve(x.T @ x, x.T @ SERIES[3:])
    # normal equations lose half the digits of two collinear lags
    np.testing.assert_allclose(found[3:], SERIES[3:] - x @ b, atol=1e-9)
    assert np.isnan(found[:3]).all()


def test_difference() -> None:
    np.testing.assert_allclose(difference([1.0, 3, 2])[1:], [2, -1])


def test_rolling_correlation_as_numpy() -> None:
    cycles = np.random.default_rng(2).normal(size=(12, 4))
    cycles[7, 2] = np.nan
    found = rolling_correlation(cycles, 5)
    assert np.isnan(found[:4]).all()
    for end in range(4, 12):
        expected = np.corrcoef(cycles[end - 4 : end + 1].T)
        np.testing.assert_allclose(found[end], expected, atol=1e-12, equal_nan=True)


def test_mean_of_cerqueira_martins_is_the_correlation() -> None:
    """METHODS 2.3: with divisor T, and only then, the mean over years is the Pearson r."""
    cycles = np.random.default_rng(3).normal(size=(15, 4))
    cycles[:3, 1] = np.nan  # a later start: the common years of each pair count
    found = cerqueira_martins(cycles)
    for i, j in itertools.combinations(range(4), 2):
        both = np.isfinite(cycles[:, i]) & np.isfinite(cycles[:, j])
        assert np.isnan(found[~both, i, j]).all()
        r = np.corrcoef(cycles[both, i], cycles[both, j])[0, 1]
        assert found[both, i, j].mean() == pytest.approx(r, abs=1e-12)
        z = [(c - c.mean()) / c.std(ddof=1) for c in (cycles[both, i], cycles[both, j])]
        assert np.mean(1 - 0.5 * (z[0] - z[1]) ** 2) != pytest.approx(r, abs=1e-3)


@pytest.mark.parametrize("kind", ["hp", "baxter_king", "hamilton", "difference"])
def test_levels_agree(kind: str) -> None:
    gdp = economy()
    region, pair, nation = (business_cycle(gdp, filter=kind, level=level) for level in ("region", "pair", "nation"))
    both = pl.concat([pair, pair.rename({"region_a": "region_b", "region_b": "region_a"}).select(pair.columns)])
    mean = both.group_by("region_a", "year").agg(pl.col("integration").mean()).sort("region_a", "year")
    known = region.drop_nulls("integration")
    np.testing.assert_allclose(known["integration"], mean["integration"], atol=1e-12)
    assert known["n_pairs"].unique().to_list() == [5]
    by_year = pair.group_by("year").agg(pl.col("integration").mean()).sort("year")
    np.testing.assert_allclose(nation["integration"], by_year["integration"], atol=1e-12)


def test_rows_are_those_of_numpy() -> None:
    gdp = economy(regions=3, years=9)
    logs = np.log(gdp["real_gdp"].to_numpy().reshape(3, 9))
    growth = np.diff(logs, axis=1)
    found = business_cycle(gdp, filter="difference", window=4)
    row = found.filter(pl.col("region") == "r1", pl.col("year") == 1997).row(0, named=True)
    window = growth[:, 3:7]  # growth of 1994 to 1997
    r = np.corrcoef(window)
    assert row["integration"] == pytest.approx((r[1, 0] + r[1, 2]) / 2, abs=1e-12)
    assert row["cycle"] == pytest.approx(growth[1, 6], abs=1e-12)


def test_more_in_common_is_more_integration() -> None:
    own = [0.01, 0.03, 0.09]
    for kind in ("hp", "difference", "hamilton"):
        means = [business_cycle(economy(s), filter=kind, level="nation")["integration"].mean() for s in own]
        assert means[0] > means[1] > means[2]
    # the correlation of two regions is 1/(1 + (own/national)^2), whatever the linear filter: 0.5; s.e. about 0.06
    gdp = economy(0.03, regions=12, years=110, seed=4).with_columns(year=pl.col("year") - 60)
    found = business_cycle(gdp, filter="difference", window=40, level="nation")["integration"].mean()
    assert found == pytest.approx(0.5, abs=0.15)


def test_a_gap_leaves_the_longest_run_and_is_counted() -> None:
    gdp = economy().filter(~((pl.col("region") == "r0") & (pl.col("year") == 1995)))
    table: Table = business_cycle(Table("gdp", gdp))
    dropped = {e.reason: e.rows for e in table.account if e.kind == "dropped"}
    assert dropped == {"not in the region's longest run of adjacent years": 5}
    years = table.polars().filter(pl.col("region") == "r0")["year"]
    assert years.min() == 1996
    whole = table.polars().filter(pl.col("region") == "r0").drop_nulls("integration")["year"].min()
    assert whole == 2000


def test_row_order_and_scale_do_not_matter() -> None:
    gdp = economy()
    shuffled = gdp.sample(fraction=1, shuffle=True, seed=3).with_columns(pl.col("real_gdp") * 1000)
    a, b = business_cycle(gdp), business_cycle(shuffled)
    assert a.select("region", "year", "n_pairs").equals(b.select("region", "year", "n_pairs"))
    np.testing.assert_allclose(a["integration"], b["integration"], atol=1e-9)


def test_bad_requests() -> None:
    with pytest.raises(UsageError, match="a correlation needs three years"):
        business_cycle(economy(), window=2)
    with pytest.raises(UsageError, match="a cycle lasts two years"):
        business_cycle(economy(), filter="baxter_king", low=1)
    with pytest.raises(TooFew, match="no region has the 7 adjacent years"):
        business_cycle(economy(years=5), filter="baxter_king")
    with pytest.raises(TooFew, match="synchronisation needs two"):
        business_cycle(economy(regions=1))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    economy().write_csv(tmp_path / "gdp.csv")
    out = tmp_path / "out.csv"
    call = [
        "integration",
        str(tmp_path / "gdp.csv"),
        "--method",
        "business_cycle",
        "--filter",
        "hamilton",
        "--synchronisation",
        "cerqueira_martins",
        "--out",
        str(out),
    ]
    assert run(call) == 0, capsys.readouterr().err
    expected = business_cycle(economy(), filter="hamilton", synchronisation="cerqueira_martins")
    written = pl.read_csv(out)
    np.testing.assert_allclose(written["integration"], expected["integration"], atol=1e-9)
    assert "filter=hamilton (horizon=2, lags=2)" in capsys.readouterr().err


def industries(own: float, seed: int = 1, regions: int = 8, goods: int = 6, years: int = 12) -> pl.DataFrame:
    """Log growth: nation 0.02, industry 0.03, region ``own``, rest 0.02 (standard deviations)."""
    draw = np.random.default_rng(seed)
    growth = (
        draw.normal(0, 0.02, (years, 1, 1))
        + draw.normal(0, 0.03, (years, 1, goods))
        + draw.normal(0, own, (years, regions, 1))
        + draw.normal(0, 0.02, (years, regions, goods))
    )
    levels = np.exp(np.cumsum(growth, axis=0))
    cells = itertools.product(range(years), range(regions), range(goods))
    return pl.DataFrame(
        [{"region": f"r{i}", "industry": f"k{k}", "year": 2000 + t, "value": levels[t, i, k]} for t, i, k in cells]
    )


def test_regional_shock_is_a_two_way_decomposition() -> None:
    output = industries(0.03)
    found = regional_shock(output)
    g = np.diff(np.log(output["value"].to_numpy().reshape(12, 8, 6)), axis=0)
    # balanced: least squares is means
    nation = g.mean(axis=(1, 2), keepdims=True)
    industry, region = g.mean(axis=1, keepdims=True) - nation, g.mean(axis=2, keepdims=True) - nation
    rest = g - nation - industry - region
    for i in range(8):
        parts = [np.broadcast_to(p, g.shape)[:, i].var() for p in (nation, industry, region, rest)]
        row = found.row(i, named=True)
        names = ("share_nation", "share_industry", "share_region", "share_rest")
        np.testing.assert_allclose([row[n] for n in names], np.array(parts) / sum(parts), atol=1e-12)
        assert row["integration"] == pytest.approx(1 - row["share_region"], abs=1e-15)


def test_regional_shock_recovers_the_truth() -> None:
    for own in (0.01, 0.04):
        found = np.mean([regional_shock(industries(own, s, 20, 12, 25))["share_region"].mean() for s in range(4)])
        # of 0.02^2 + 0.03^2 + own^2 + 0.02^2; the region's effect carries 1/12 of the rest's variance. s.e. about .02
        assert found == pytest.approx((own**2 + 0.02**2 / 12) / (0.0017 + own**2), abs=0.05)


def test_regional_shock_counts_what_it_leaves_out() -> None:
    gone = (pl.col("region") == "r0") & (pl.col("year") == 2005) & (pl.col("industry") == "k1")
    zero = (pl.col("region") == "r1") & (pl.col("year") == 2000)
    output = industries(0.03).filter(~gone).with_columns(value=pl.when(zero).then(0.0).otherwise("value"))
    table: Table = regional_shock(Table("output", output))
    dropped = {e.reason: e.rows for e in table.account if e.kind == "dropped"}
    # 6 zeros; 8 x 6 cells of 2000 less those 6, the year after the zeros, the year after the missing cell
    assert dropped == {"missing or zero": 6, "no value in the previous year": 42 + 6 + 1}
    assert table.polars()["n_cells"].to_list()[:3] == [64, 60, 66]
    with pytest.raises(TooFew, match="two regions and two industries"):
        regional_shock(industries(0.03, regions=1))
