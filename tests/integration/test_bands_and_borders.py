"""Threshold bands, border width and the national factor (METHODS 2.5): twins by hand, statsmodels, a known truth."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import Coverage, NotIdentified, TooFew, UnknownName, UsageError
from integrade.integration import border_width, factor_share, threshold_band
from integrade.integration.factor_share import by_chance, common_share
from integrade.integration.threshold import fit_band, linearity


def bands(series: int, periods: int, c: float, lam: float, sd: float, seed: int = 1) -> np.ndarray:
    """dx = lam (x - c) above the band, lam (x + c) below, nothing within, + noise: (S, T + 1), demeaned."""
    draw = np.random.default_rng(seed)
    x = np.zeros((series, periods + 1))
    for t in range(periods):
        b = x[:, t]
        x[:, t + 1] = b + lam * np.sign(b) * np.maximum(np.abs(b) - c, 0) + draw.normal(0, sd, series)
    return x - x.mean(axis=1, keepdims=True)


def as_prices(x: np.ndarray, monthly: bool = True) -> pl.DataFrame:
    """Link indices of regions with log levels x (N, T + 1)."""
    d = 100 * np.exp(np.diff(x, axis=1))
    cells = itertools.product(range(d.shape[0]), range(d.shape[1]))
    return pl.DataFrame(
        [
            {
                "region": f"r{i:02d}",
                "year": (1990 + t // 12) if monthly else 1950 + t,
                **({"month": t % 12 + 1} if monthly else {}),
                "commodity": "food",
                "index": float(d[i, t]),
            }
            for i, t in cells
        ]
    )


def test_the_band_by_brute_force() -> None:
    x = bands(3, 120, 0.1, -0.5, 0.08)
    found = fit_band(x)
    for s in range(3):
        before, d = x[s, :-1], np.diff(x[s])
        ordered = np.sort(np.abs(before))
        best = (np.inf, 0.0, 0.0)
        for q in np.linspace(0.10, 0.90, 81):
            c = ordered[int(q * 119)]
            z = np.where(before > c, before - c, np.where(before < -c, before + c, 0.0))
            lam = np.linalg.lstsq(z[:, None], d, rcond=None)[0][0]
            best = min(best, (float(((d - lam * z) ** 2).sum()), c, lam))
        got = (found.rss[s], found.threshold[s], found.adjustment[s])
        np.testing.assert_allclose(got, best, rtol=1e-9)
        line = np.linalg.lstsq(before[:, None], d, rcond=None)
        assert found.rss_linear[s] == pytest.approx(line[1][0], rel=1e-10)
        assert found.outside[s] == (np.abs(before) > best[1]).mean()


def test_the_band_recovers_the_truth() -> None:
    found = fit_band(bands(60, 1500, 0.1, -0.5, 0.1))
    # s.d. of one threshold is about .012, of one adjustment .05; 60 series
    assert found.threshold.mean() == pytest.approx(0.1, abs=0.006)
    assert found.adjustment.mean() == pytest.approx(-0.5, abs=0.03)
    wider = fit_band(bands(60, 1500, 0.2, -0.5, 0.1))
    assert wider.threshold.mean() == pytest.approx(0.2, abs=0.01)


def test_linearity_is_rejected_where_there_is_a_band() -> None:
    banded, line = bands(8, 500, 0.15, -0.8, 0.06), bands(20, 500, 0.0, -0.3, 0.06)
    assert (linearity(banded, fit_band(banded).f, 99, 1) <= 0.05).sum() >= 7
    # 20 tests at 5%: one expected, more than four in three of a thousand cases
    assert (linearity(line, fit_band(line).f, 99, 1) <= 0.05).sum() <= 4


@pytest.mark.slow
def test_size_of_the_linearity_test() -> None:
    line = bands(400, 150, 0.0, -0.3, 0.06, seed=3)
    p = linearity(line, fit_band(line).f, 199, 1)
    # 400 tests: s.e. of .011
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.03)


def test_rows_of_pairs_and_regions() -> None:
    x = bands(4, 80, 0.1, -0.5, 0.1)
    prices = as_prices(x)
    found = threshold_band(prices, draws=19)
    assert found.height == 6
    x = x - x[:, [0]]
    pair = x[0] - x[2]
    row = found.filter(pl.col("region_a") == "r00", pl.col("region_b") == "r02").row(0, named=True)
    alone = fit_band((pair - pair.mean())[None])
    assert row["band"] == pytest.approx(alone.threshold[0], rel=1e-9)
    assert row["sup_f"] == pytest.approx(80 * alone.f[0], rel=1e-7)
    assert row["half_life"] == pytest.approx(np.log(0.5) / np.log(1 + alone.adjustment[0]), rel=1e-8)
    own = threshold_band(prices, level="region", draws=0)
    relative = x[1] - x.mean(axis=0)
    assert own["band"][1] == pytest.approx(fit_band((relative - relative.mean())[None]).threshold[0], rel=1e-9)
    assert own["p_linear"].null_count() == 4
    chosen = threshold_band(prices, pairs=[("r02", "r00")], draws=19)
    assert chosen["p_linear"].item() == row["p_linear"]  # whoever the neighbours are


def test_bands_need_sixty_changes() -> None:
    prices = as_prices(bands(3, 59, 0.1, -0.5, 0.1))
    with pytest.raises(TooFew, match="no good has 2 regions with 60 price changes"):
        threshold_band(prices, basis="link")
    assert threshold_band(prices, least=40, draws=0, basis="link")["n_periods"].to_list() == [59] * 3
    with pytest.raises(UsageError, match="least must be 20 or more"):
        threshold_band(prices, least=10)


def test_bands_row_order_does_not_matter() -> None:
    prices = as_prices(bands(3, 70, 0.1, -0.5, 0.1))
    a = threshold_band(prices, draws=19, basis="link")
    b = threshold_band(prices.sample(fraction=1, shuffle=True, seed=1), draws=19, basis="link")
    assert a.equals(b)


SIDES = {f"r{i:02d}": "AB"[i // 6] for i in range(12)}
PLACES = np.random.default_rng(9).uniform(0, 1000, (12, 2))
KM = {(i, j): float(np.hypot(*(PLACES[i] - PLACES[j]))) for i in range(12) for j in range(i + 1, 12)}
DISTANCES = pl.DataFrame([{"from": f"r{i:02d}", "to": f"r{j:02d}", "distance": d} for (i, j), d in KM.items()])


def across(border: float, years: int = 60, seed: int = 1, scale: tuple[float, float] = (1, 1)) -> pl.DataFrame:
    """A national shock of s.d. ``border`` on each side, smooth shocks over space, own shocks."""
    draw = np.random.default_rng(seed)
    d = np.array([[0 if i == j else KM[min(i, j), max(i, j)] for j in range(12)] for i in range(12)])
    smooth = np.linalg.cholesky(np.exp(-d / 500) + 1e-9 * np.eye(12))
    size = np.repeat(scale, 6)
    shocks = draw.normal(0, border, (years, 2)).repeat(6, axis=1) + 0.03 * draw.normal(size=(years, 12)) @ smooth.T
    shocks += 0.01 * size * draw.normal(size=(years, 12))
    levels = np.vstack([np.zeros(12), np.cumsum(shocks, axis=0)])
    return as_prices(levels.T, monthly=False)


def border_by_hand(prices: pl.DataFrame, multiplicity: np.ndarray | None = None) -> tuple[float, float]:
    """b1 and b2 from a list of pairs, regions repeated as often as drawn."""
    wide = prices.pivot("region", index="year", values="index").sort("year").drop("year")
    logs = {name: np.log(wide[name].to_numpy()) for name in wide.columns}
    times = np.ones(12, dtype=int) if multiplicity is None else multiplicity
    copies = [i for i in range(12) for _ in range(times[i])]
    rows, y = [], []
    for a, b in itertools.combinations(copies, 2):
        if a != b:
            i, j = min(a, b), max(a, b)
            effects = np.zeros(12)
            effects[[i, j]] = 1
            rows.append([np.log(KM[i, j]), float(SIDES[f"r{i:02d}"] != SIDES[f"r{j:02d}"]), *effects])
            y.append(np.std(logs[f"r{i:02d}"] - logs[f"r{j:02d}"], ddof=1))
    b = np.linalg.lstsq(np.array(rows), np.array(y), rcond=None)[0]
    return float(b[0]), float(b[1])


def test_the_border_by_hand() -> None:
    prices = across(0.03)
    row = border_width(prices, distances=DISTANCES, groups=SIDES, draws=99).row(0, named=True)
    b1, b2 = border_by_hand(prices)
    np.testing.assert_allclose((row["distance"], row["border"]), (b1, b2), rtol=1e-8)
    assert row["ln_width"] == pytest.approx(b2 / b1, rel=1e-8)
    assert (row["n_pairs"], row["n_across"]) == (66, 36)
    assert row["border_low"] < b2 < row["border_high"]
    assert row["ln_width_low"] < row["ln_width"] < row["ln_width_high"]


def test_the_interval_is_that_of_repeated_regions() -> None:
    prices = across(0.03)
    row = border_width(prices, distances=DISTANCES, groups=SIDES, draws=60, seed=5).row(0, named=True)
    drawn = []
    for draw in range(60):
        random = np.random.default_rng([5, draw])
        times = [np.bincount(random.integers(0, 6, 6), minlength=6) for _ in range(2)]
        drawn.append(border_by_hand(prices, np.concatenate(times)))
    (b1, b2) = np.quantile(drawn, [0.025, 0.975], axis=0).T
    np.testing.assert_allclose((row["distance_low"], row["distance_high"]), b1, rtol=1e-6)
    np.testing.assert_allclose((row["border_low"], row["border_high"]), b2, rtol=1e-6)


def test_no_border_no_effect_and_a_wide_one_is_found() -> None:
    found = [border_width(across(b, seed=3), distances=DISTANCES, groups=SIDES, draws=199) for b in (0.0, 0.05)]
    none, wide = (f.row(0, named=True) for f in found)
    assert none["border_low"] < 0.003
    assert abs(none["border"]) < 0.006
    assert wide["border_low"] > 0.02
    assert wide["border_least"] > 0.02


def test_bounds_open_when_one_side_is_more_variable() -> None:
    """Gorodnichenko and Tesar: then the border is wide seen from one side, negative from the other."""
    same, unlike = (
        border_width(across(0.0, 140, 4, scale), distances=DISTANCES, groups=SIDES, draws=19).row(0, named=True)
        for scale in ((1.0, 1.0), (0.5, 4.0))
    )
    assert unlike["border_most"] - unlike["border_least"] > 5 * (same["border_most"] - same["border_least"])
    assert unlike["border_least"] < 0 < unlike["border_most"]


def test_no_distance_effect_no_width() -> None:
    draw = np.random.default_rng(1)
    levels = np.cumsum(draw.normal(0, 0.03, (12, 41)), axis=1)
    table: Table = border_width(
        Table("prices", as_prices(levels, monthly=False)), distances=DISTANCES, groups=SIDES, draws=99
    )
    row = table.polars().row(0, named=True)
    assert row["distance_low"] < 0 < row["distance_high"]
    assert (row["ln_width"], row["ln_width_low"], row["ln_width_high"]) == (None, None, None)
    assert "1 row: ln_width missing: the interval of the distance effect includes zero" in [
        e.reason for e in table.account
    ]


def test_borders_pool_goods_and_miss_distances() -> None:
    one, two = across(0.03, seed=1), across(0.03, seed=2).with_columns(commodity=pl.lit("fuel"))
    both = pl.concat([one, two])
    each = border_width(both, distances=DISTANCES, groups=SIDES, draws=19)
    pooled = border_width(both, distances=DISTANCES, groups=SIDES, draws=19, by="all")
    # the regression is linear in dispersion, and the pairs are the same
    assert pooled["border"].item() == pytest.approx(each["border"].mean(), rel=1e-8)
    table: Table = border_width(Table("prices", one), distances=DISTANCES.head(60), groups=SIDES, draws=19)
    assert table.polars()["n_pairs"].item() == 60
    assert "6 pairs without a distance, left out" in [e.reason for e in table.account]


def test_bad_borders() -> None:
    prices = across(0.03)
    with pytest.raises(UnknownName, match="distances need the places of the regions"):
        border_width(prices, groups=SIDES)
    with pytest.raises(NotIdentified, match="0 pairs across the border"):
        border_width(prices, distances=DISTANCES, groups=dict.fromkeys(SIDES, "A"))
    with pytest.raises(Coverage, match="no pair of regions with prices has a distance"):
        border_width(prices, distances=DISTANCES.with_columns(pl.col("from") + "x"), groups=SIDES)
    with pytest.raises(UsageError, match="draws must be 19 or more"):
        border_width(prices, distances=DISTANCES, groups=SIDES, draws=5)


def test_factor_share_as_statsmodels() -> None:
    from statsmodels.multivariate.pca import PCA

    x = np.random.default_rng(4).normal(size=(25, 6)) + np.random.default_rng(5).normal(size=(25, 1))
    factor = np.asarray(PCA(x, ncomp=1, standardize=True).factors).ravel()
    expected = [np.corrcoef(column, factor)[0, 1] ** 2 for column in x.T]
    np.testing.assert_allclose(common_share(x), expected, rtol=1e-9)


def national(common: float, regions: int = 10, years: int = 30, goods: int = 3, seed: int = 1) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    rows = []
    for k in range(goods):
        d = common * draw.normal(size=(years, 1)) + 0.02 * draw.normal(size=(years, regions))
        rows += [
            {"region": f"r{i}", "year": 1980 + t, "commodity": f"k{k}", "index": 100 * float(np.exp(d[t, i]))}
            for t in range(years)
            for i in range(regions)
        ]
    return pl.DataFrame(rows)


def test_factor_share_recovers_the_truth_and_says_what_chance_gives() -> None:
    for common, truth in ((0.04, 0.8), (0.02, 0.5)):
        found = factor_share(national(common, regions=30, years=60, goods=6), window=0)["integration"].mean()
        # the component of 30 series is nearly the factor; a share from 60 years has a s.e. of .08, 6 goods
        assert found == pytest.approx(truth, abs=0.07)
    alone = factor_share(national(0.0, years=6), window=5)
    assert alone["integration"].mean() == pytest.approx(alone["by_chance"].mean(), abs=0.08)
    assert by_chance(10, 5) > by_chance(10, 20) > by_chance(10, 80)


def test_factor_share_windows() -> None:
    prices = national(0.03)
    found = factor_share(prices, window=8)
    assert found["year"].unique().sort().to_list() == list(range(1987, 2010))
    part = prices.filter(pl.col("year").is_between(1990, 1997))
    alone = factor_share(part, window=0)
    now = found.filter(pl.col("year") == 1997)
    np.testing.assert_allclose(now["integration"], alone["integration"], rtol=1e-10)
    assert now["n_goods"].to_list() == [3] * 10
    assert now["n_periods"].to_list() == [8] * 10
    with pytest.raises(UsageError, match="the longest series has 30 changes"):
        factor_share(prices, window=31)
    with pytest.raises(UsageError, match="needs three changes"):
        factor_share(prices, window=2)


def test_a_price_that_stands_still_has_no_share() -> None:
    prices = national(0.03, goods=2).with_columns(
        index=pl.when((pl.col("region") == "r3") & (pl.col("commodity") == "k0")).then(100.0).otherwise("index")
    )
    found = factor_share(prices, window=0).filter(pl.col("region") == "r3").row(0, named=True)
    other = factor_share(prices.filter(pl.col("commodity") == "k1"), window=0).filter(pl.col("region") == "r3")
    assert found["n_goods"] == 1
    assert found["integration"] == pytest.approx(other["integration"].item(), rel=1e-12)


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    across(0.03).write_csv(tmp_path / "prices.csv")
    DISTANCES.write_csv(tmp_path / "km.csv")
    as_prices(bands(3, 70, 0.1, -0.5, 0.1)).write_csv(tmp_path / "monthly.csv")
    pl.DataFrame({"region": list(SIDES), "side": list(SIDES.values())}).write_csv(tmp_path / "sides.csv")
    calls = {
        "border_width": [
            str(tmp_path / "prices.csv"),
            "--distances",
            str(tmp_path / "km.csv"),
            "--groups",
            str(tmp_path / "sides.csv"),
            "--draws",
            "19",
        ],
        "factor_share": [str(tmp_path / "prices.csv"), "--window", "10"],
        "threshold_band": [str(tmp_path / "monthly.csv"), "--level", "region", "--draws", "19", "--basis", "link"],
    }
    for method, flags in calls.items():
        code = run(["integration", *flags, "--method", method, "--out", str(tmp_path / f"{method}.csv")])
        assert code == 0, capsys.readouterr().err
    expected = border_width(across(0.03), distances=DISTANCES, groups=SIDES, draws=19)
    written = pl.read_csv(tmp_path / "border_width.csv")
    assert written["border_high"].item() == pytest.approx(expected["border_high"].item(), rel=1e-6)
    assert pl.read_csv(tmp_path / "threshold_band.csv").columns[:3] == ["region", "commodity", "band"]
    assert pl.read_csv(tmp_path / "factor_share.csv").height == 12 * 51


def test_same_numbers_on_duckdb() -> None:
    """The eight measures of cycles, surveys and price dynamics, from rows on another engine."""
    from integrade.engine.frames import on_engine
    from integrade.integration import business_cycle, half_life, panel_unit_root, regional_shock, survey_score

    output = pl.DataFrame(
        [
            {"region": f"r{i}", "industry": f"k{k}", "year": 2000 + t, "value": 1.0 + (7 * i + 5 * k + 3 * t) % 11}
            for i in range(4)
            for k in range(3)
            for t in range(5)
        ]
    )
    gdp = output.group_by("region", "year").agg(real_gdp=pl.col("value").sum())
    survey = output.rename({"industry": "item"}).select(
        "region", "year", "item", score=1 + pl.col("value") % 5, respondent=pl.lit("a")
    )
    cases = [
        (border_width, across(0.03), {"distances": DISTANCES, "groups": SIDES, "draws": 19}),
        (factor_share, across(0.03), {}),
        (half_life, across(0.03), {}),
        (panel_unit_root, across(0.03), {"draws": 19}),
        (threshold_band, across(0.03, 70), {"draws": 0, "level": "region"}),
        (business_cycle, gdp, {"filter": "difference", "window": 3}),
        (regional_shock, output, {}),
        (survey_score, survey, {}),
    ]
    for measure, table, options in cases:
        here = measure(Table("t", table), **options).polars()
        there = measure(Table("t", on_engine(table, "duckdb").to_native()), **options).polars()
        assert here.columns == there.columns
        # sums of the same floats in another order
        assert_frame_equal(here, there, rel_tol=1e-9, check_dtypes=False)
