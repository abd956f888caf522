"""Elasticities from prices and shares (METHODS 3.6): golden G3, dense twins, recovery, engines, BACI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import IntegradeError, TooFew, UnknownName, UsageError
from integrade.quality import demand_residual, elasticities
from integrade.quality.elasticity import METHODS
from integrade.quality.feenstra import Moments, feenstra, forward, invert, supply
from raw_files import write_baci

Array = NDArray[np.float64]

GOLDEN = [
    (4.0, 0.3, 0.0476190476, -0.1904761905, 1 / 6),
    (2.5, 0.1, 0.0493827160, -0.5925925926, 0.08),
    (6.0, 0.6, 0.06, 0.1, 0.4285714286),
    (3.0, 0.05, 0.0131578947, -0.4736842105, 0.0270270270),
]
PRINTED = 5e-11  # ten decimals are printed


@pytest.mark.parametrize(("sigma", "rho", "theta1", "theta2", "omega"), GOLDEN)
def test_golden_inversions(sigma: float, rho: float, theta1: float, theta2: float, omega: float) -> None:
    theta = forward(np.array([sigma]), np.array([rho]))
    np.testing.assert_allclose([t[0] for t in theta], [theta1, theta2], atol=PRINTED)
    back = invert(*theta)
    np.testing.assert_allclose([b[0] for b in back], [sigma, rho], rtol=1e-12)
    np.testing.assert_allclose(supply(*back)[0], omega, atol=PRINTED)


def test_inversion_at_its_edges() -> None:
    """theta2 = 0 is rho = 1/2; theta1 <= 0 and rho at or beyond (sigma - 1)/sigma are not admissible."""
    sigma, rho = invert(np.array([0.25, 0.0, -0.1, 1.0]), np.array([0.0, -0.5, -0.5, 5.0]))
    np.testing.assert_allclose([sigma[0], rho[0]], [3.0, 0.5])
    assert np.isnan(sigma[1:]).all()
    assert np.isnan(rho[1:]).all()


def differences(rng: np.random.Generator, sigma: float, omega: float, shape: tuple[int, int]) -> tuple[Array, Array]:
    """dln s and dln p as in golden/g3.py: demand and supply with shocks of different variance by variety."""
    sd_e, sd_d = rng.uniform(0.05, 0.6, shape[0]), rng.uniform(0.05, 0.6, shape[0])
    e, d = rng.normal(0, 1, shape) * sd_e[:, None], rng.normal(0, 1, shape) * sd_d[:, None]
    ds = (e - (sigma - 1) * d) / (1 + (sigma - 1) * omega / (1 + omega))
    return ds, omega / (1 + omega) * ds + d


def moments(ds: Array, dp: Array) -> Moments:
    z = np.stack([dp**2, ds**2, ds * dp], axis=-1)
    second = np.einsum("vti,vtj->vij", z, z) / ds.shape[1]
    return Moments(np.full(len(ds), float(ds.shape[1])), z.mean(axis=1), second, np.linspace(1, 2, len(ds)))


def monte_carlo(method: str, draws: int, shape: tuple[int, int], seed: int = 20260101) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(seed)
    found = [METHODS[method](moments(*differences(rng, 4.0, 0.5, shape)), np.ones((1, shape[0]))) for _ in range(draws)]
    sigma, rho = np.array([f.sigma[0] for f in found]), np.array([f.rho[0] for f in found])
    return sigma, supply(sigma, rho), np.array([f.searched[0] for f in found])


def test_golden_monte_carlo() -> None:
    """golden/g3.out, same seed: median 4.0195935541937615, IQR 3.9900001933 4.04466902, no failure."""
    sigma, _, _ = monte_carlo("feenstra", 200, (40, 30))
    assert not np.isnan(sigma).any()
    # u^2 from second moments instead of row by row
    np.testing.assert_allclose(np.median(sigma), 4.0195935541937615, rtol=1e-9)
    np.testing.assert_allclose(np.percentile(sigma, [25, 75]), [3.9900001933, 4.04466902], atol=1e-8)


def test_feenstra_is_two_stage_least_squares_with_variety_dummies() -> None:
    """First step of the unbalanced case against the row-level estimator; METHODS 3.6."""
    rng = np.random.default_rng(5)
    ds, dp = differences(rng, 4.0, 0.5, (8, 20))
    rows = [(v, dp[v, t], ds[v, t]) for v in range(8) for t in range(5 + v)]
    v, p, s = (np.array(c) for c in zip(*rows, strict=True))
    Y, X = p**2, np.column_stack([np.ones(len(p)), s**2, p * s])
    D = np.eye(8)[v.astype(int)]
    fitted = D @ np.linalg.lstsq(D, X, rcond=None)[0]
    b = np.linalg.lstsq(fitted, Y, rcond=None)[0]
    u = Y - X @ b
    weight = 1 / np.array([np.mean(u[v == c] ** 2) for c in range(8)])[v.astype(int)]
    b = np.linalg.lstsq(fitted * np.sqrt(weight)[:, None], Y * np.sqrt(weight), rcond=None)[0]
    z = np.column_stack([Y, X[:, 1:]])
    mean = np.array([z[v == c].mean(axis=0) for c in range(8)])
    second = np.array([z[v == c].T @ z[v == c] / (v == c).sum() for c in range(8)])
    of = Moments(np.bincount(v.astype(int)).astype(float), mean, second, np.ones(8))
    got = feenstra(of, np.ones((1, 8)))
    np.testing.assert_allclose([got.sigma[0], got.rho[0]], [x[0] for x in invert(b[1:2], b[2:])], rtol=1e-8)


def test_liml_against_linearmodels() -> None:
    """Step one of the hybrid: Fuller's LIML with variety dummies as instruments."""
    iv = pytest.importorskip("linearmodels.iv")
    from integrade.quality.liml import _fuller

    ds, dp = differences(np.random.default_rng(6), 4.0, 0.5, (10, 12))
    D = np.repeat(np.eye(10), 12, axis=0)
    z = np.column_stack([(dp**2).ravel(), (ds**2).ravel(), (ds * dp).ravel()])
    fit = iv.IVLIML(z[:, 0], np.ones((120, 1)), z[:, 1:], D[:, 1:], fuller=1).fit()
    theta = _fuller(moments(ds, dp), np.ones((1, 10)))
    np.testing.assert_allclose(theta[0], fit.params.to_numpy(), rtol=1e-8)


def test_hliml_minimises_its_criterion() -> None:
    """A'(P - D)A / A'A at the solution is the smallest eigenvalue, by dense matrices; and no point near it is lower."""
    ds, dp = differences(np.random.default_rng(7), 4.0, 0.5, (12, 15))
    got = METHODS["hliml"](moments(ds, dp), np.ones((1, 12)))
    Z = np.repeat(np.eye(12), 15, axis=0)
    P = Z @ Z.T / 15
    P = P - np.diag(np.diag(P))
    X = np.column_stack([(dp**2).ravel(), np.ones(180), (ds**2).ravel(), (ds * dp).ravel()])
    values, vectors = np.linalg.eig(np.linalg.solve(X.T @ X, X.T @ P @ X))
    vector = vectors[:, np.argmin(values.real)].real
    theta = -vector / vector[0]
    np.testing.assert_allclose([got.sigma[0], got.rho[0]], [x[0] for x in invert(theta[2:3], theta[3:])], rtol=1e-7)


RECOVERY = {
    # method: short series (6 differences): sigma at the median, omega at the median, share without a closed form
    "feenstra": (0.10, 0.45, (0.3, 0.7)),
    "broda_weinstein": (0.20, 0.50, (0.3, 0.8)),
    "soderbery": (0.06, 0.15, (0.0, 0.15)),
    "hliml": (0.10, 0.15, (0.0, 0.35)),
}


@pytest.mark.parametrize("method", RECOVERY)
def test_what_recovers_what(method: str) -> None:
    """True sigma 4, omega 0.5. Long series: all find sigma. Short ones: Feenstra and Broda-Weinstein lose omega and
    often have no admissible solution, as squares of few differences are noisy; the LIML methods correct for that."""
    sigma, _, searched = monte_carlo(method, 60, (40, 60), seed=1)
    assert abs(np.nanmedian(sigma) - 4) < 0.05  # three times the error of the median of 60
    assert np.isnan(sigma).sum() + searched.sum() == 0
    off, loss, (low, high) = RECOVERY[method]
    sigma, omega, searched = monte_carlo(method, 200, (30, 6), seed=2)
    assert abs(np.nanmedian(sigma) - 4) < off
    assert low <= np.mean(np.isnan(sigma) | searched) <= high
    lost = 0.5 - np.nanmedian(omega)
    assert lost <= loss
    if method in ("feenstra", "broda_weinstein"):
        assert lost > 0.25


def test_grid_and_constrained_solutions_are_admissible_and_best() -> None:
    rng = np.random.default_rng(9)
    seen = dict.fromkeys(("broda_weinstein", "soderbery"), 0)
    for _ in range(40):
        of = moments(*differences(rng, 4.0, 0.5, (20, 5)))
        for method in seen:
            found = METHODS[method](of, np.ones((1, 20)))
            if found.searched[0]:
                seen[method] += 1
                assert 1 < found.sigma[0] <= 131.5
                assert 0 <= found.rho[0] < (found.sigma[0] - 1) / found.sigma[0]
    assert min(seen.values()) > 2


def customs(seed: int = 1, *, goods: int = 2, markets: int = 2, firms: int = 40, years: int = 30) -> pl.DataFrame:
    """Records whose prices and shares follow the model with sigma 4, omega 0.5."""
    rng, rows = np.random.default_rng(seed), []
    for h in range(goods):
        for m in range(markets):
            ds, dp = differences(rng, 4.0, 0.5, (firms, years))
            v, p = np.exp(8 + np.cumsum(ds, axis=1)), np.exp(np.cumsum(dp, axis=1))
            rows += [
                (f"F{f}", f"0{h}0110", f"D{m}", 1980 + t, v[f, t], v[f, t] / p[f, t])
                for f in range(firms)
                for t in range(years)
            ]
    return pl.DataFrame(rows, schema=["firm", "product", "destination", "year", "value", "quantity"], orient="row")


def brute(data: pl.DataFrame) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Differences to the reference of every variety, by loops: (market, firm) -> [(dln s, dln p)]."""
    cell = {(d, f, t): (v, q) for f, _, d, t, v, q in data.iter_rows()}
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for market in sorted({k[0] for k in cell}):
        firms = sorted({k[1] for k in cell if k[0] == market})
        years = sorted({k[2] for k in cell if k[0] == market})
        total = {t: sum(cell[market, f, t][0] for f in firms if (market, f, t) in cell) for t in years}

        def change(f: str, t: int, market: str = market, total: dict[int, float] = total) -> tuple[float, float] | None:
            if (market, f, t) not in cell or (market, f, t - 1) not in cell:
                return None
            (v, q), (v0, q0) = cell[market, f, t], cell[market, f, t - 1]
            return np.log(v / total[t]) - np.log(v0 / total[t - 1]), np.log(v / q) - np.log(v0 / q0)

        known = {f: {t: c for t in years if (c := change(f, t))} for f in firms}
        worth = {f: sum(cell[market, f, t][0] for t in years if (market, f, t) in cell) for f in firms}
        reference = max(firms, key=lambda f: (len(known[f]), worth[f]))
        for f in firms:
            pairs = [
                (known[f][t][0] - known[reference][t][0], known[f][t][1] - known[reference][t][1])
                for t in years
                if t in known[f] and t in known[reference]
            ]
            if f != reference and len(pairs) > 1:
                found[market, f] = pairs
    return found


@pytest.mark.parametrize("method", METHODS)
def test_differences_reference_and_gaps_by_brute_force(method: Any) -> None:
    """Holes in the records: differences over a hole are not made, the longest series is the reference."""
    data = customs(3, goods=1).sample(fraction=0.8, seed=2).sort("firm", "destination", "year")
    pairs = brute(data)
    n = np.array([float(len(p)) for p in pairs.values()])
    z = [np.array([(p * p, s * s, s * p) for s, p in pair]) for pair in pairs.values()]
    got = elasticities(Table("customs", data), method=method, replicates=0)
    row = got.polars().row(0, named=True)
    assert (row["n_varieties"], row["n_differences"]) == (len(pairs), int(n.sum()))
    if method != "broda_weinstein":  # whose weights need quantities
        of = Moments(n, np.array([m.mean(axis=0) for m in z]), np.array([m.T @ m / len(m) for m in z]), np.ones(len(n)))
        twin = METHODS[method](of, np.ones((1, len(n))))
        np.testing.assert_allclose(
            [row["sigma"] or np.nan, row["rho"] or np.nan], [twin.sigma[0], twin.rho[0]], rtol=1e-7
        )
    counts = {e.reason: e.rows for e in got.account if e.kind == "dropped"}
    consecutive = data.join(data.with_columns(pl.col("year") + 1), on=["firm", "product", "destination", "year"]).height
    assert counts["first year of the variety, or after a gap"] == data.height - consecutive


def test_shares_need_no_total_and_units_do_not_matter() -> None:
    data = customs(4)
    tons = data.with_columns(quantity=pl.col("quantity") / 1000, value=pl.col("value") * 7)
    for method in METHODS:
        one, two = (elasticities(d, method=method, replicates=0) for d in (data, tons))
        np.testing.assert_allclose(one["sigma"].fill_null(0), two["sigma"].fill_null(0), rtol=1e-9)


def test_bootstrap_error_is_about_the_spread_over_samples() -> None:
    """120 worlds against the mean bootstrap error of ten of them."""
    rng = np.random.default_rng(11)
    of = [moments(*differences(rng, 4.0, 0.5, (40, 30))) for _ in range(120)]
    spread = np.std([METHODS["soderbery"](m, np.ones((1, 40))).sigma[0] for m in of])
    counts = rng.multinomial(40, np.full(40, 1 / 40), size=200).astype(float)
    draws = [METHODS["soderbery"](m, counts).sigma for m in of[:10]]
    errors = np.mean([(np.quantile(d, 0.8413) - np.quantile(d, 0.1587)) / 2 for d in draws])
    assert 0.7 < errors / spread < 1.4


def test_bootstrap_is_seeded_by_product() -> None:
    data = customs(5, goods=2)
    both = elasticities(data, method="soderbery", replicates=50)
    alone = elasticities(data.filter(product="010110"), method="soderbery", replicates=50)
    assert both["se"].null_count() == 0
    np.testing.assert_allclose(both["se"][1], alone["se"][0], rtol=1e-9)
    other = elasticities(data, method="soderbery", replicates=50, seed=1)
    assert not np.allclose(both["se"], other["se"])
    assert both["admissible"].is_between(0.1, 1).all()


def test_duckdb_and_row_order() -> None:
    data = customs(6)
    held = data.to_arrow()  # noqa: F841 - DuckDB finds it by name
    base = elasticities(data, method="soderbery", replicates=20)
    other = elasticities(duckdb.connect().sql("from held"), method="soderbery", replicates=20)
    shuffled = elasticities(data.sample(fraction=1.0, shuffle=True, seed=3), method="soderbery", replicates=20)
    for same in (pl.DataFrame(other.to_arrow_table()), shuffled):
        assert same.columns == base.columns
        for name in ("sigma", "omega", "se"):
            np.testing.assert_allclose(same[name], base[name], rtol=1e-8)


def test_units_and_products_within_a_good() -> None:
    """Two units of a code, and two codes of a heading, are varieties of one good; their prices are not compared."""
    data = customs(7, goods=1)
    pieces = customs(8, goods=1).with_columns(unit=pl.lit("piece"), quantity=pl.col("quantity") * 50)
    both = pl.concat([data.with_columns(unit=pl.lit("kg")), pieces])
    assert elasticities(both, replicates=0)["n_varieties"].to_list() == [2 * 79]
    codes = pl.concat([data, customs(8, goods=1).with_columns(product=pl.lit("000999"))])
    coarse = elasticities(codes, digits=3, replicates=0)
    assert coarse["product"].to_list() == ["000"]
    assert coarse["n_varieties"].to_list() == [2 * 79]
    assert elasticities(codes, replicates=0)["n_varieties"].to_list() == [2 * 39] * 2


def test_by_market_and_destinations_as_varieties() -> None:
    data = customs(9)
    markets = elasticities(data, by="product_destination", method="hliml", replicates=0)
    assert markets.select("product", "destination").rows() == [(f"0{h}0110", f"D{m}") for h in (0, 1) for m in (0, 1)]
    alone = elasticities(data.filter(destination="D1"), method="hliml", replicates=0)
    np.testing.assert_allclose(markets.filter(destination="D1")["sigma"], alone["sigma"], rtol=1e-9)
    turned = data.filter(destination="D0").drop("destination").rename({"firm": "destination"})
    np.testing.assert_allclose(
        elasticities(turned, method="hliml", replicates=0)["sigma"],
        elasticities(data.filter(destination="D0"), method="hliml", replicates=0)["sigma"],
        rtol=1e-9,
    )


def test_too_few_varieties_and_years() -> None:
    """Three varieties beside the reference, two differences each: one less of either is too few."""
    enough = customs(10, goods=1, markets=1, firms=4, years=3)
    assert elasticities(enough, replicates=0)["fallback"][0] in ("no", "inadmissible")
    for data in (enough.filter(pl.col("firm") != "F3"), enough.filter(pl.col("year") < 1982)):
        with pytest.raises(TooFew, match="3 varieties besides the reference"):
            elasticities(data, replicates=0)
    with pytest.raises(TooFew, match="4 varieties"):
        elasticities(enough, method="broda_weinstein", replicates=0)
    mixed = pl.concat([customs(1, goods=1), enough.with_columns(product=pl.lit("999999")).head(9)])
    result = elasticities(Table("customs", mixed), method="hliml", replicates=0)
    assert result.polars()["fallback"].to_list() == ["no", "too few varieties"]
    assert any(e.reason == "products with too few varieties: 1" for e in result.account)


@pytest.mark.parametrize(
    ("error", "options", "message"),
    [
        (UnknownName, {"method": "bw"}, "method='bw'"),
        (UsageError, {"variety": "variety"}, "needs a column 'variety'"),
        (UsageError, {"digits": -1}, "digits=-1"),
        (UsageError, {"by": "product_destination", "variety": "destination"}, "both varieties and markets"),
    ],
)
def test_what_is_refused(error: type[IntegradeError], options: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        elasticities(customs(1, goods=1, markets=1, firms=5, years=4), **options)


def test_the_file_is_a_sigma_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = customs(12)
    data.write_csv(tmp_path / "customs.csv")
    sigma, out = str(tmp_path / "sigma.csv"), str(tmp_path / "quality.csv")
    assert (
        run(
            ["elasticity", str(tmp_path / "customs.csv"), "--out", sigma, "--method", "soderbery", "--replicates", "20"]
        )
        == 0
    )
    said = capsys.readouterr().err
    assert "first year of the variety, or after a gap" in said
    assert "products solved in closed form: 2" in said
    assert run(["quality", str(tmp_path / "customs.csv"), "--out", out, "--sigma", sigma]) == 0
    assert "sigma from its own code: 4,800 rows, 2 products" in capsys.readouterr().err
    direct = demand_residual(data, sigma="soderbery", level="row")
    assert set(direct["sigma_source"]) == {"soderbery"}
    found = elasticities(data, method="soderbery", replicates=0)
    np.testing.assert_allclose(sorted(direct["sigma"].unique()), sorted(found["sigma"]), rtol=1e-9)
    written = pl.read_csv(out, infer_schema=False)["quality"].cast(float)
    np.testing.assert_allclose(written, demand_residual(data, sigma="soderbery")["quality"], atol=1e-6)


def test_feenstra_in_quality_falls_back() -> None:
    mixed = pl.concat(
        [customs(1, goods=1), customs(2, goods=1, firms=2, years=3).with_columns(product=pl.lit("999999"))]
    )
    rows = demand_residual(mixed, sigma="soderbery", fallback_sigma=6, level="row")
    sources = dict(rows.select("product", "sigma_source").unique().iter_rows())
    assert sources["999999"] == "fallback, imposed"
    assert rows.filter(product="999999")["sigma"].unique().to_list() == [6.0]
    refused = demand_residual(mixed, sigma="soderbery", level="row")
    assert dict(refused.select("product", "sigma_source").unique().iter_rows())["999999"] == (
        "refused, too-few-varieties"
    )


def test_baci_has_too_few_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One year of exports of several exporters to importers: read as varieties within importers, and refused."""
    file = str(write_baci(tmp_path / "baci_hs92_2021.csv"))
    call = [
        "elasticity",
        file,
        "--out",
        str(tmp_path / "s.csv"),
        "--column",
        "firm=i",
        "--column",
        "destination=j",
        "--column",
        "product=k",
        "--column",
        "year=t",
        "--column",
        "value=v",
        "--column",
        "quantity=q",
    ]
    assert run([*call, "--pad", "product=6"]) == 1
    assert TooFew.code in capsys.readouterr().err
    assert not (tmp_path / "s.csv").exists()
