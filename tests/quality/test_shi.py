"""Sigma product by product (METHODS 3.2b): dense least squares as twin, instruments, gates, fallbacks, GDP."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from each import each
from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import Coverage, IntegradeError, MissingColumn, NotIdentified, UnknownName, UsageError
from integrade.quality import demand_residual, estimated_sigma, products
from plainwords.texts import in_language

KEY = ["firm", "product", "destination", "year"]
TIGHT = 1e-9  # one least-squares solution from cross-products against another by orthogonal factorisation
Array = NDArray[np.float64]


def world(seed: int = 1, n: int = 3000, *, sigma: tuple[float, ...] = (3.0, 6.0), error: float = 0.0) -> pl.DataFrame:
    """Customs of which sigma is known. Prices follow taste (endogeneity); cost of the firm-product-year moves prices in
    all destinations; ``error`` is the standard deviation of the error in ln quantity."""
    rng = np.random.default_rng(seed)
    firms, markets, years = 80, 8, 4
    rows = pl.DataFrame(
        {
            "f": rng.integers(0, firms, n),
            "h": rng.integers(0, len(sigma), n),
            "m": rng.integers(0, markets, n),
            "t": rng.integers(0, years, n),
        }
    ).unique(maintain_order=True)
    f, h, m, t = (rows[name].to_numpy() for name in "fhmt")
    taste = rng.normal(0, 0.5, len(f))
    cost = rng.normal(0, 0.4, (firms, len(sigma), years))[f, h, t]
    ln_p = 1 + cost + 0.3 * taste + rng.normal(0, 0.1, len(f))
    ln_q = 8 + rng.normal(0, 1, (len(sigma), markets, years))[h, m, t] - np.array(sigma)[h] * ln_p + taste
    reported = ln_q + error * rng.normal(size=len(f))
    return rows.select(
        firm=pl.format("F{}", pl.col("f").cast(pl.String).str.zfill(3)),
        product=pl.format("6109{}0", "h"),
        destination=pl.format("D{}", "m"),
        year=pl.col("t") + 2000,
        value=pl.Series(np.exp(ln_p + ln_q)),
        quantity=pl.Series(np.exp(reported)),
    )


def dummies(data: pl.DataFrame, names: list[str]) -> Array:
    code = data.select(pl.struct(names).rank("dense")).to_series().to_numpy().astype(int) - 1
    return np.eye(code.max() + 1)[code]


def logs(data: pl.DataFrame) -> tuple[Array, Array]:
    q = np.log(data["quantity"].to_numpy().astype(float))
    return np.log(data["value"].to_numpy().astype(float)) - q, q


def elsewhere(data: pl.DataFrame) -> Array:
    """Mean ln price of the same firm, product and year over other destinations, by loops."""
    p, _ = logs(data)
    rows = data.select(KEY).rows()
    z = np.full(len(rows), np.nan)
    for i, (f, h, m, t) in enumerate(rows):
        others = [p[j] for j, (g, k, d, u) in enumerate(rows) if (g, k, u) == (f, h, t) and d != m]
        z[i] = np.mean(others) if others else np.nan
    return z


def two_stage(data: pl.DataFrame, z: Array, extra: Array | None = None) -> dict[str, float]:
    """Just-identified instrumental variables with destination-year dummies, by dense matrices."""
    p, q = logs(data)
    W = dummies(data, ["destination", "year"])
    W = W if extra is None else np.column_stack([W, extra])
    X, Z = np.column_stack([p, W]), np.column_stack([z, W])
    b = np.linalg.lstsq(Z.T @ X, Z.T @ q, rcond=None)[0]
    e = q - X @ b
    df = len(q) - np.linalg.matrix_rank(X)
    fitted = Z @ np.linalg.lstsq(Z, p, rcond=None)[0]
    bare = W @ np.linalg.lstsq(W, p, rcond=None)[0]
    rss = float(((p - fitted) ** 2).sum())
    se = np.sqrt(e @ e / df / float(((fitted - bare) ** 2).sum()))
    f = (float(((p - bare) ** 2).sum()) - rss) / (rss / df)
    return {"sigma": -b[0], "se": float(se), "f": f, "n": len(q)}


@pytest.mark.parametrize("seed", [1, 2])
def test_ols_by_product_is_least_squares_with_destination_year_dummies(seed: int) -> None:
    data = world(seed, 900)
    found = estimated_sigma(data, sigma="ols")
    assert found["product"].to_list() == ["610900", "610910"]
    for row in found.iter_rows(named=True):
        here = data.filter(pl.col("product") == row["product"])
        cells = here.filter(pl.len().over("destination", "year") > 1)  # a lone row has no say, and no degree of freedom
        twin = two_stage(cells, logs(cells)[0])
        np.testing.assert_allclose([row["sigma_hat"], row["se"]], [twin["sigma"], twin["se"]], rtol=TIGHT)
        assert row["n_used"] == here.height


@pytest.mark.parametrize("seed", [1, 2])
def test_iv_by_product_is_two_stage_least_squares_on_prices_elsewhere(seed: int) -> None:
    data = world(seed, 700)
    z = elsewhere(data)
    found = estimated_sigma(data, sigma="iv")
    for row in found.iter_rows(named=True):
        here = (data["product"] == row["product"]).to_numpy() & np.isfinite(z)
        twin = two_stage(data.filter(pl.Series(here)), z[here])
        got = [row["sigma_hat"], row["se"], row["first_stage_f"], row["n_used"]]
        np.testing.assert_allclose(got, [twin["sigma"], twin["se"], twin["f"], twin["n"]], rtol=TIGHT)


def test_iv_recovers_sigma_where_ols_does_not() -> None:
    data = world(3, 12_000)
    ols, iv = (estimated_sigma(data, sigma=how) for how in ("ols", "iv"))
    for row, truth in zip(iv.iter_rows(named=True), (3.0, 6.0), strict=True):
        assert abs(row["sigma"] - truth) < 4 * row["se"] < 0.4
        assert row["source"] == "iv"
    # prices rise with taste: ols takes the taste for a flatter demand
    assert all(o < i - 0.2 for o, i in zip(ols["sigma"], iv["sigma"], strict=True))


def test_division_bias_pulls_ols_to_one_and_iv_not() -> None:
    noisy = world(3, 12_000, error=0.8)
    ols, iv = (estimated_sigma(noisy, sigma=how) for how in ("ols", "iv"))
    np.testing.assert_allclose(iv["sigma_hat"], (3.0, 6.0), atol=0.4)  # four standard errors with this noise
    clean = estimated_sigma(world(3, 12_000), sigma="ols")
    for noisy_hat, clean_hat in zip(ols["sigma_hat"], clean["sigma_hat"], strict=True):
        assert 1 < noisy_hat < 0.6 * clean_hat
    said = [e.reason for e in demand_residual(Table("customs", noisy), sigma="ols").account]
    assert any(reason.startswith("division bias") for reason in said)
    assert not any("division bias:" in e.reason for e in demand_residual(Table("customs", noisy), sigma=5).account)


def test_quality_is_the_structural_residual() -> None:
    """y - x b with the price itself: the residual of the second stage, with the fitted price, is something else."""
    data = world(1, 700)
    sigma = dict(estimated_sigma(data, sigma="iv").select("product", "sigma").iter_rows())
    rows = demand_residual(data, sigma="iv", level="row", standardise="none")
    rows = data.join(rows.drop("value", "quantity"), on=KEY, maintain_order="left")
    p, q = logs(data)
    s = np.array([sigma[h] for h in data["product"]])
    W = dummies(data, ["product", "destination", "year"])
    expected = q + s * p
    expected = expected - W @ np.linalg.lstsq(W, expected, rcond=None)[0]
    lone = data.select(pl.len().over("product", "destination", "year") == 1).to_series().to_numpy()
    np.testing.assert_allclose(rows["residual"].to_numpy()[~lone], expected[~lone], atol=TIGHT)
    np.testing.assert_allclose(rows["ln_quality"].to_numpy()[~lone], (expected / (s - 1))[~lone], atol=TIGHT)
    assert rows["residual"].is_null().to_list() == lone.tolist()
    assert set(rows["sigma_source"]) == {"iv"}
    np.testing.assert_allclose(rows["sigma"], s)


def test_the_same_row_twice_by_regime_is_one_destination() -> None:
    """Rows of one destination that differ by regime are no instrument of each other."""
    data = world(1, 700)
    twice = pl.concat(
        [data.with_columns(regime=pl.lit(r), quantity=pl.col("quantity") * k) for r, k in (("a", 1.0), ("b", 1.1))]
    )
    z = elsewhere(twice)
    found = estimated_sigma(twice, sigma="iv")
    for row in found.iter_rows(named=True):
        here = (twice["product"] == row["product"]).to_numpy() & np.isfinite(z)
        twin = two_stage(twice.filter(pl.Series(here)), z[here])
        np.testing.assert_allclose([row["sigma_hat"], row["n_used"]], [twin["sigma"], twin["n"]], rtol=TIGHT)


def regions(data: pl.DataFrame) -> pl.DataFrame:
    firms = data["firm"].unique().sort()
    return pl.DataFrame({"firm": firms, "region": [f"R{i % 5}" for i in range(len(firms))]})


@pytest.mark.parametrize("how", ["drop", "region", "ols"])
def test_rows_without_a_price_elsewhere(how: Any) -> None:
    data = world(5, 500)
    z = elsewhere(data)
    lone = ~np.isfinite(z)
    where = dict(regions(data).iter_rows())
    p, _ = logs(data)
    rows = data.select(KEY).rows()
    if how == "ols":
        z = np.where(lone, p, z)
    if how == "region":
        for i in np.flatnonzero(lone):
            f, *cell = rows[i]
            near = [p[j] for j, (g, *other) in enumerate(rows) if other == cell and g != f and where[g] == where[f]]
            z[i] = np.mean(near) if near else np.nan
    assert 0 < lone.sum() < len(lone)
    options = {"firm_region": regions(data)} if how == "region" else {}
    result = estimated_sigma(Table("customs", data), sigma="iv", no_instrument=how, **options)
    for row in result.polars().iter_rows(named=True):
        here = (data["product"] == row["product"]).to_numpy() & np.isfinite(z)
        twin = two_stage(data.filter(pl.Series(here)), z[here])
        np.testing.assert_allclose([row["sigma_hat"], row["n_used"]], [twin["sigma"], twin["n"]], rtol=1e-8)
    counted = next(e for e in result.account if "in other destinations" in e.reason)
    assert counted.rows == lone.sum()
    assert f"; sigma estimated from {np.isfinite(z).sum():,} rows" in counted.reason


def weak(seed: int = 4) -> pl.DataFrame:
    """A product with sigma of about one, one with independent prices, one of a single row, and a sound one."""
    rng = np.random.default_rng(seed)
    sound = world(seed, 2000, sigma=(4.0,))
    flat = world(seed + 1, 2000, sigma=(0.9,)).with_columns(product=pl.lit("610920"))
    noise = sound.with_columns(product=pl.lit("610930"), value=pl.col("value") * np.exp(rng.normal(0, 3, sound.height)))
    one = sound.head(1).with_columns(product=pl.lit("999999"))
    return pl.concat([sound, flat, noise, one])


def test_gates_and_the_chain_of_fallbacks() -> None:
    data = weak()
    found = estimated_sigma(Table("customs", data), sigma="iv")
    rows = {r["product"]: r for r in found.polars().iter_rows(named=True)}
    assert rows["610900"]["source"] == "iv"
    assert rows["610920"]["source"] == "refused, low-estimate"
    assert rows["610930"]["source"] == "refused, weak-first-stage"
    assert rows["610930"]["first_stage_f"] < 10
    assert rows["999999"]["source"] == "refused, few-rows"
    assert [rows[h]["sigma"] for h in ("610920", "610930", "999999")] == [None] * 3
    external = estimated_sigma(data, sigma="iv", fallback_sigma={"610920": 3.5, "6109": 7.0, "999999": 0.8})
    rows = {r["product"]: r for r in external.iter_rows(named=True)}
    assert rows["610900"]["source"] == "iv"
    assert (rows["610920"]["sigma"], rows["610920"]["source"]) == (3.5, "fallback, its own code")
    assert (rows["610930"]["sigma"], rows["610930"]["source"]) == (7.0, "fallback, the first 4 digits")
    assert (rows["999999"]["sigma"], rows["999999"]["source"]) == (None, "refused, few-rows")
    number = estimated_sigma(Table("customs", data), sigma="iv", fallback_sigma=5)
    said = [e.reason for e in number.account]
    assert any(reason.startswith("sigma rejected, first-stage F below 10") for reason in said)
    assert any(reason.startswith("sigma from fallback, imposed") for reason in said)
    number = number.polars()
    assert number.filter(pl.col("source") == "fallback, imposed")["sigma"].to_list() == [5.0] * 3


def test_why_an_estimate_is_refused_is_said_in_the_language_of_the_report() -> None:
    account = estimated_sigma(Table("customs", weak()), sigma="iv").account
    refused = [in_language(e.reason, "zh") for e in account if e.reason.startswith("sigma rejected")]
    assert len(refused) == 3
    assert all(re.findall("[A-Za-z]{2,}", said) == ["sigma"] for said in refused), refused


def test_a_reason_without_a_sentence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was printed as it stood, in English in every language."""
    monkeypatch.delitem(products.WHY, "weak-first-stage", raising=False)
    with pytest.raises(KeyError, match="weak-first-stage"):
        estimated_sigma(weak(), sigma="iv")


def test_a_refused_sigma_of_a_table_is_said_in_the_language_of_the_report() -> None:
    data = weak()
    found = estimated_sigma(Table("customs", data), sigma={"6109": 0.9, "610920": 4.0, "9999": 3.0})
    sources = dict(found.polars().select("product", "source").iter_rows())
    assert sources["610900"] == "refused, low-sigma: the first 4 digits"
    said = next(e.reason for e in found.account if e.reason.startswith("sigma rejected"))
    assert said.startswith("sigma rejected, at or below 1.05, from the first 4 digits: ")
    assert "不高于 1.05" in in_language(said, "zh")


def test_refused_products_have_no_quality_and_are_counted() -> None:
    data = weak()
    result = demand_residual(Table("customs", data), sigma="iv", level="row")
    rows = result.polars()
    refused = rows.filter(pl.col("sigma").is_null())
    assert set(refused["product"]) == {"610920", "610930", "999999"}
    assert refused["quality"].null_count() == refused.height
    said = {e.reason: e.rows for e in result.account}
    n = dict(data.group_by("product").len().iter_rows())
    assert said[f"quality missing: sigma rejected, {refused.height:,} rows"] == refused.height
    assert said[f"sigma rejected, first-stage F below 10: {n['610930']:,} rows, 1 products"] == n["610930"]
    assert said[f"sigma from iv: {n['610900']:,} rows, 1 products"] == n["610900"]


def test_a_large_sigma_is_counted_and_brought_down_on_request() -> None:
    data = world(6, 3000, sigma=(40.0, 4.0))
    plain = demand_residual(Table("customs", data), sigma="iv", level="row")
    n = data.filter(pl.col("product") == "610900").height
    assert f"sigma above 20, quality barely varies: {n:,} rows, 1 products" in [e.reason for e in plain.account]
    capped = demand_residual(Table("customs", data), sigma="iv", level="row", sigma_cap=20)
    assert capped.polars().filter(pl.col("product") == "610900")["sigma"].unique().to_list() == [20.0]
    assert f"sigma capped at 20: {n:,} rows, 1 products" in [e.reason for e in capped.account]


def gdp() -> pl.DataFrame:
    rng = np.random.default_rng(8)
    keys = [(f"R{i}", t) for i in range(5) for t in range(2000, 2004)]
    return pl.DataFrame(
        {"region": [k[0] for k in keys], "year": [k[1] for k in keys], "gdp": np.exp(rng.normal(9, 1, len(keys)))}
    )


def with_home(data: pl.DataFrame, effect: float) -> tuple[pl.DataFrame, Array]:
    """Quantities that grow with the home market, and ln GDP by row."""
    g = (
        data.join(regions(data), on="firm", maintain_order="left")
        .join(gdp(), on=["region", "year"], maintain_order="left")["gdp"]
        .log()
    )
    more = (effect * g).exp()
    return data.with_columns(pl.col("value", "quantity") * more), g.to_numpy()


@pytest.mark.parametrize("how", ["ols", "iv"])
def test_home_market_as_control_for_variety(how: Any) -> None:
    data, g = with_home(world(7, 900), 0.7)
    z = elsewhere(data) if how == "iv" else logs(data)[0]
    options: Any = {"firm_region": regions(data), "gdp": gdp()}
    found = estimated_sigma(data, sigma=how, **options)
    for row in found.iter_rows(named=True):
        here = (data["product"] == row["product"]).to_numpy() & np.isfinite(z)
        twin = two_stage(data.filter(pl.Series(here)), z[here], g[here])
        np.testing.assert_allclose([row["sigma_hat"]], [twin["sigma"]], rtol=1e-8)
        assert abs(row["phi"] - 0.7) < 0.15
    rows = demand_residual(data, sigma=how, level="row", standardise="none", **options)
    rows = data.join(rows.drop("value", "quantity"), on=KEY, maintain_order="left")
    phi = dict(found.select("product", "phi").iter_rows())
    sigma = dict(found.select("product", "sigma").iter_rows())
    p, q = logs(data)
    y = q + np.array([sigma[h] for h in data["product"]]) * p - np.array([phi[h] for h in data["product"]]) * g
    W = dummies(data, ["product", "destination", "year"])
    expected = y - W @ np.linalg.lstsq(W, y, rcond=None)[0]
    there = rows["residual"].is_not_null().to_numpy()
    np.testing.assert_allclose(rows["residual"].to_numpy()[there], expected[there], atol=TIGHT)


def test_home_market_with_additive_effects() -> None:
    data, g = with_home(world(7, 900), 0.7)
    options: Any = {"firm_region": regions(data), "gdp": gdp(), "sigma": 4.0}
    rows = demand_residual(data, level="row", standardise="none", **options)
    rows = data.join(rows.drop("value", "quantity"), on=KEY, maintain_order="left")
    phi = dict(estimated_sigma(data, **options).select("product", "phi").iter_rows())
    p, q = logs(data)
    y = q + 4.0 * p - np.array([phi[h] for h in data["product"]]) * g
    W = np.hstack([dummies(data, ["product"]), dummies(data, ["destination", "year"])])
    np.testing.assert_allclose(rows["residual"], y - W @ np.linalg.lstsq(W, y, rcond=None)[0], atol=TIGHT)


def test_rows_without_gdp_are_counted_and_have_no_quality() -> None:
    data, _ = with_home(world(7, 900), 0.7)
    known = gdp().filter(pl.col("region") != "R3")
    result = demand_residual(Table("customs", data), sigma="ols", level="row", firm_region=regions(data), gdp=known)
    lost = data.join(regions(data).filter(pl.col("region") == "R3"), on="firm").height
    assert f"no GDP for the firm's region-year: {lost:,} rows" in [e.reason for e in result.account]
    assert f"quality missing: no GDP for the firm's region-year, {lost:,} rows" in [e.reason for e in result.account]
    there = result.polars().join(regions(data), on="firm")
    assert there.filter(pl.col("region") == "R3")["quality"].null_count() == lost


@pytest.mark.parametrize("how", ["ols", "iv"])
def test_duckdb_gives_the_same_numbers(how: Any) -> None:
    data = world(2, 2000)
    options: Any = {"firm_region": regions(data), "gdp": gdp(), "no_instrument": "region"}
    held = data.to_arrow()  # noqa: F841 - DuckDB finds it by name
    con = duckdb.connect()
    for level in ("firm", "row"):
        one = demand_residual(data, sigma=how, level=level, **options)
        two = pl.DataFrame(demand_residual(con.sql("from held"), sigma=how, level=level, **options).to_arrow_table())
        key = [k for k in KEY if k in one.columns]
        one, two = one.sort(key), two.select(one.columns).sort(key)
        assert one.select(key).equals(two.select(key))
        for name in ("quality", *(["sigma", "residual"] if level == "row" else [])):
            # engines add in different orders
            np.testing.assert_allclose(one[name].to_numpy(), two[name].to_numpy(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("how", ["ols", "iv"])
def test_order_and_units_of_measurement_do_not_matter(how: Any) -> None:
    data = world(2, 2000)
    shuffled = data.sample(fraction=1.0, shuffle=True, seed=1)
    pounds = data.with_columns(quantity=pl.col("quantity") * 2.2, value=pl.col("value") * 7)
    base = demand_residual(data, sigma=how)
    for other in (shuffled, pounds):
        np.testing.assert_allclose(base["quality"], demand_residual(other, sigma=how)["quality"], atol=1e-9)


@each(
    ("error", "options", "message"),
    [
        (UsageError, {"sigma": "iv", "no_instrument": "region"}, "needs firm_region"),
        (UsageError, {"sigma": "ols", "gdp": {"a": 1.0}}, "gdp needs firm_region"),
        (UsageError, {"sigma": "ols", "sigma_cap": 1.0}, "sigma_cap=1 is not above"),
        (UsageError, {"sigma": "ols", "fallback_sigma": 0.5}, "fallback_sigma=0.5"),
        (UsageError, {"sigma": "ols", "fallback_sigma": True}, "fallback_sigma=True"),
        (UnknownName, {"sigma": "iv", "no_instrument": "keep"}, "no_instrument='keep'"),
        (MissingColumn, {"sigma": "ols", "firm_region": pl.DataFrame({"firm": ["a"]})}, "'region' is missing"),
        (
            Coverage,
            {"sigma": "ols", "firm_region": pl.DataFrame({"firm": ["a"], "region": ["b"]})},
            "no region for the firm",
        ),
    ],
)
def test_what_is_refused(error: type[IntegradeError], options: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        demand_residual(world(1, 300), **options)


def test_iv_without_firms() -> None:
    with pytest.raises(UsageError, match="sigma='iv' needs a column 'firm'"):
        demand_residual(world(1, 300).drop("firm").unique(KEY[1:]), sigma="iv", level="row")


def test_effects_follow_the_estimator_unless_given() -> None:
    def settings(**options: Any) -> str:
        account = demand_residual(Table("customs", world(1, 600)), **options).account
        return next(e.reason for e in account if e.reason.startswith("settings"))

    assert "effects=product:destination:year" in settings(sigma="iv")
    assert "effects=product+destination:year" in settings(sigma=5)
    assert "effects=product+destination:year" in settings(sigma="iv", effects="product+destination:year")


@pytest.mark.parametrize("how", ["ols", "iv"])
def test_from_the_command_line(how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = weak()
    data.write_csv(tmp_path / "customs.csv")
    regions(data).write_csv(tmp_path / "where.csv")
    gdp().write_csv(tmp_path / "gdp.csv")
    call = [
        "quality",
        str(tmp_path / "customs.csv"),
        "--out",
        str(tmp_path / "q.parquet"),
        "--sigma",
        how,
        "--fallback-sigma",
        "5",
        "--sigma-cap",
        "15",
        "--no-instrument",
        "region",
        "--firm-region",
        str(tmp_path / "where.csv"),
        "--gdp",
        str(tmp_path / "gdp.csv"),
    ]
    assert run(call) == 0
    assert "sigma from fallback, imposed" in capsys.readouterr().err
    expected = demand_residual(
        data, sigma=how, fallback_sigma=5, sigma_cap=15, no_instrument="region", firm_region=regions(data), gdp=gdp()
    )
    got = pl.read_parquet(tmp_path / "q.parquet")
    np.testing.assert_allclose(got["quality"], expected["quality"], atol=1e-9)


def test_where_every_estimate_is_refused_the_error_says_why() -> None:
    draw = np.random.default_rng(3)
    names = [(f"f{i}", d, y) for i in range(12) for d in ("USA", "JPN", "DEU") for y in (2004, 2005)]
    price = {(f, y): draw.lognormal() for f, _, y in names}
    rows = [(f, "610910", d, y, price[f, y] * (q := price[f, y] * draw.lognormal()), q) for f, d, y in names]
    schema = ["firm", "product", "destination", "year", "value", "quantity"]
    with pytest.raises(NotIdentified, match=r"sigma rejected, estimate at or below 1.05: 72 rows, 1 product") as caught:
        demand_residual(pl.DataFrame(rows, schema=schema, orient="row"), sigma="iv")
    assert "quantity must fall with price" in caught.value.remedy
