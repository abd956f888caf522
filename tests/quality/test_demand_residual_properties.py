"""What must hold whatever the data (METHODS 3.4), a simulated truth, and real exports."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.engine.frames import Table
from integrade.quality import demand_residual
from library import shared

KEY = ["firm", "product", "destination", "year"]
ROUNDING = 1e-9  # log points

row = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["610910", "620520", "850110"]),
    st.sampled_from(["US", "JP", "DE"]),
    st.integers(2004, 2006),
    st.floats(-3, 8),
    st.floats(-3, 8),
)
tables = st.lists(row, min_size=25, max_size=60, unique_by=lambda r: r[:4])


def frame(drawn: list[tuple[Any, ...]]) -> pl.DataFrame:
    rows = pl.DataFrame(drawn, schema=[*KEY, "ln_v", "ln_q"], orient="row")
    logs = rows.with_columns(pl.col("firm").cast(pl.String), value=pl.col("ln_v").exp(), quantity=pl.col("ln_q").exp())
    return logs.select(*KEY, "value", "quantity")


def rows_of(data: pl.DataFrame, **options: Any) -> pl.DataFrame:
    return demand_residual(data, level="row", **{"sigma": 4, **options}).sort(KEY)


@given(tables)
@settings(max_examples=25, deadline=None)
def test_residuals_sum_to_zero_by_product_and_by_destination_year(drawn: list[tuple[Any, ...]]) -> None:
    rows = rows_of(frame(drawn))
    for by in (["product"], ["destination", "year"]):
        sums = rows.group_by(by).agg(pl.col("residual").sum())
        np.testing.assert_allclose(sums["residual"], 0, atol=ROUNDING)


@given(tables, st.floats(0.2, 5), st.permutations(range(3)))
@settings(max_examples=25, deadline=None)
def test_prices_of_a_market_units_order_and_labels_do_not_matter(
    drawn: list[tuple[Any, ...]], factor: float, order: list[int]
) -> None:
    data = frame(drawn)
    base = rows_of(data)
    market = (pl.col("destination") == "US") & (pl.col("year") == 2004)
    dearer = data.with_columns(value=pl.when(market).then(pl.col("value") * factor).otherwise(pl.col("value")))
    product = pl.col("product") == "620520"
    tons = data.with_columns(quantity=pl.when(product).then(pl.col("quantity") * factor).otherwise(pl.col("quantity")))
    shuffled = data.sample(fraction=1, shuffle=True, seed=order[0])
    for other in (dearer, tons, shuffled):
        again = rows_of(other)
        assert again["residual"].is_null().equals(base["residual"].is_null())
        np.testing.assert_allclose(again["residual"].drop_nulls(), base["residual"].drop_nulls(), atol=ROUNDING)
    names = {"US": "a", "JP": "c", "DE": "b"}
    relabelled = rows_of(data.with_columns(pl.col("destination").replace(names)))
    back = relabelled.with_columns(pl.col("destination").replace({v: k for k, v in names.items()})).sort(KEY)
    np.testing.assert_allclose(back["residual"].drop_nulls(), base["residual"].drop_nulls(), atol=ROUNDING)


@given(tables)
@settings(max_examples=15, deadline=None)
def test_quality_lies_in_0_1_and_averages_stay_inside(drawn: list[tuple[Any, ...]]) -> None:
    data = frame(drawn)
    for how in ("minmax", "minmax_trim", "rank"):
        rows = rows_of(data, standardise=how)["quality"].drop_nulls()
        firms = demand_residual(data, sigma=4, standardise=how)["quality"].drop_nulls()
        assert ((rows >= 0) & (rows <= 1)).all()
        assert ((firms >= 0) & (firms <= 1 + 1e-12)).all()
    assert demand_residual(data, sigma=4)["value"].sum() == pytest.approx(data["value"].sum())
    assert demand_residual(data, sigma=4)["n_rows"].sum() == data.height


def test_sigma_only_rescales_a_quality_without_price_differences() -> None:
    """With one price per product, ln q alone is left: r does not depend on sigma."""
    rng = np.random.default_rng(4)
    data = frame(
        [
            (f, p, d, y, float(x), 0.0)
            for f in range(6)
            for p in ("610910", "620520")
            for d in ("US", "JP")
            for y in (2004, 2005)
            for x in rng.normal(size=1)
        ]
    )
    data = data.with_columns(quantity=pl.col("value") / 3)
    np.testing.assert_allclose(rows_of(data, sigma=3)["quality"], rows_of(data, sigma=9)["quality"], atol=ROUNDING)


def test_true_quality_is_recovered_when_demand_is_exact() -> None:
    """ln q = chi - sigma ln p + (sigma - 1) ln lambda without taste shocks: lambda comes back up to the effects."""
    rng = np.random.default_rng(11)
    n, sigma = 3000, np.array([3.0, 5.0, 8.0])
    h, m, t = rng.integers(0, 3, n), rng.integers(0, 5, n), rng.integers(0, 3, n)
    lam = rng.normal(size=n)
    market, product = rng.normal(size=(5, 3)), rng.normal(size=3)
    X = np.hstack([np.eye(3)[h], np.eye(15)[m * 3 + t]])
    demand = (sigma[h] - 1) * lam
    demand = demand - X @ np.linalg.lstsq(X, demand, rcond=None)[0]  # quality orthogonal to the effects
    ln_p = 0.5 * lam + rng.normal(size=n)
    ln_q = market[m, t] + product[h] - sigma[h] * ln_p + demand
    codes = np.array(["610910", "620520", "850110"])
    data = pl.DataFrame(
        {
            "firm": [str(i) for i in range(n)],
            "product": codes[h],
            "destination": [f"D{i}" for i in m],
            "year": 2000 + t,
            "value": np.exp(ln_p + ln_q),
            "quantity": np.exp(ln_q),
        }
    )
    rows = rows_of(data, sigma=dict(zip(codes.tolist(), sigma.tolist(), strict=True)))
    expected = pl.DataFrame({"firm": [str(i) for i in range(n)], "x": demand / (sigma[h] - 1)})
    both = rows.join(expected, on="firm")
    np.testing.assert_allclose(both["ln_quality"], both["x"], atol=ROUNDING)


@pytest.mark.slow
def test_indian_exports() -> None:
    """The README of the data: n = 1,383,045, R2 0.845, quality s.d. 1.25, p1/p99 -3.5/3.7.

    n counts the rows whose HS3 has a Broda-Weinstein sigma (median over importers). R2, of a left-hand side with
    sigma_h ln p, depends on the currency: it is that of value_usd_from_inr. The README keeps 504 rows of leverage 1.
    """
    source = shared("data/india_exports/india_exports_hs8_destination_fy.parquet")
    elasticities = shared("data/sigma_concordance/sigma_hs0.csv.gz")
    raw = pl.scan_parquet(source).filter(pl.col("value_inr_crore") >= 0.1, pl.col("quantity") > 0)
    customs = raw.select(
        product=pl.col("hs8").cast(pl.String),
        destination="country",
        year="fy_start",
        unit="unit",
        value="value_usd_from_inr",
        quantity="quantity",
    ).collect()
    sigma = pl.read_csv(elasticities, infer_schema=False).select(product="HS0_3d", sigma="sigma")
    customs = customs.filter(pl.col("product").str.head(3).is_in(sigma["product"].unique().to_list()))
    assert customs.height == 1_383_045
    result = demand_residual(Table("customs", customs), sigma=sigma, level="row")
    assert any("sigma from the first 3 digits: 1,383,045 rows" in e.reason for e in result.account)
    rows = result.polars()
    x = rows["ln_quality"].drop_nulls()
    assert rows.height - len(x) == 504
    assert [round(float(v), 2) for v in (x.std(), x.quantile(0.01), x.quantile(0.99))] == [1.25, -3.48, 3.71]
    y = rows["quantity"].log() + rows["sigma"] * rows["ln_price"]
    assert 1 - (rows["residual"] ** 2).sum() / ((y - y.mean()) ** 2).sum() == pytest.approx(0.845, abs=0.0005)
