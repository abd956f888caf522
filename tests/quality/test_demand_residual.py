"""Demand-residual quality: the golden example, the dense twin, engines, accounts and errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from each import each
from integrade.engine.frames import Table
from integrade.errors import EmptyTable, MissingColumn, NotIdentified, UnknownName, UsageError
from integrade.quality import DemandResidual, Scale, demand_residual
from integrade.quality.demand_residual import _in_parts
from integrade.quality.sigma import read_sigma_option

# METHODS 3.4: firm, product, destination, year, quantity, price
G2 = [
    (1, "h1", "US", 2004, 10, 5.0),
    (2, "h1", "US", 2004, 20, 4.0),
    (3, "h1", "US", 2004, 5, 8.0),
    (1, "h1", "JP", 2004, 8, 5.5),
    (3, "h1", "JP", 2004, 6, 9.0),
    (1, "h2", "US", 2004, 100, 1.0),
    (2, "h2", "US", 2004, 50, 1.5),
    (2, "h2", "JP", 2004, 40, 1.4),
    (3, "h2", "JP", 2004, 70, 1.1),
    (1, "h1", "US", 2005, 12, 5.2),
    (2, "h1", "US", 2005, 18, 4.4),
    (3, "h1", "US", 2005, 7, 7.5),
    (1, "h2", "JP", 2005, 90, 1.05),
    (2, "h2", "JP", 2005, 60, 1.45),
    (3, "h2", "US", 2005, 30, 2.0),
    (1, "h2", "US", 2005, 80, 1.2),
]
EPS = [
    -0.306269,
    -0.282552,
    0.410595,
    -0.338517,
    0.851230,
    -0.172511,
    0.350737,
    -0.174421,
    -0.338291,
    -0.266175,
    -0.361873,
    0.293561,
    -0.281428,
    0.281428,
    0.443067,
    -0.108580,
]
R = [
    0.045836,
    0.065386,
    0.636770,
    0.019252,
    1,
    0.212169,
    0.881834,
    0.209725,
    0,
    0.078886,
    0,
    0.540296,
    0.072776,
    0.793130,
    1,
    0.293989,
]
TQ = {
    3: [0.125545, 0.158255, 0.393901, 0.415176, 0.464742, 0.785471],
    5: [0.151406, 0.167917, 0.376171, 0.368740, 0.513175, 0.843803],
}
PRINTED = 6e-7  # the goldens are printed with six decimals
KEY = ["firm", "product", "destination", "year"]
TIGHT = 1e-11  # sums in another order, and one least-squares solution against another


def golden() -> pl.DataFrame:
    rows = pl.DataFrame(G2, schema=[*KEY, "quantity", "p"], orient="row").with_row_index("i")
    return rows.select(
        "i", pl.col("firm").cast(pl.String), *KEY[1:], "quantity", value=pl.col("p") * pl.col("quantity")
    )


def random_customs(seed: int, n: int = 400, *, units: bool = False) -> pl.DataFrame:
    """Sparse customs with repeated cells, singletons and bridges; keys unique."""
    rng = np.random.default_rng(seed)
    rows = pl.DataFrame(
        {
            "firm": [f"F{i}" for i in rng.integers(0, 30, n)],
            "product": [f"{6100 + 7 * i:06d}" for i in (rng.pareto(1.0, n) * 5).astype(int) % 40],
            "destination": [f"D{i}" for i in (rng.pareto(1.0, n) * 3).astype(int) % 12],
            "year": rng.integers(2000, 2005, n),
            "value": np.exp(rng.normal(8, 1.5, n)),
            "quantity": np.exp(rng.normal(4, 1.5, n)),
        }
    )
    if units:
        rows = rows.with_columns(unit=pl.Series([["kg", "piece", None][i] for i in rng.integers(0, 3, n)]))
    return rows.unique([*KEY, *(["unit"] if units else [])], keep="first", maintain_order=True)


def row_level(data: pl.DataFrame, **options: Any) -> pl.DataFrame:
    """Row results beside the rows they belong to, in the order of ``data``."""
    result = demand_residual(data, level="row", **options)
    keys = [k for k in (*KEY, "unit") if k in data.columns]
    return data.select(keys).join(result, on=keys, how="left", nulls_equal=True, maintain_order="left", validate="1:1")


def codes(data: pl.DataFrame, names: list[str]) -> NDArray[np.intp]:
    return data.select(pl.struct(names).rank("dense")).to_series().to_numpy().astype(np.intp) - 1


def dense(data: pl.DataFrame, terms: list[list[str]], sigma: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """ln quality by dense least squares, missing where the hat matrix has a one on its diagonal."""
    y = (np.log(data["quantity"]) + sigma * np.log(data["value"] / data["quantity"])).to_numpy()
    X = np.hstack([np.eye(c.max() + 1)[c] for c in (codes(data, t) for t in terms)])
    fit = np.linalg.pinv(X, rcond=1e-10)
    leverage = np.einsum("ij,ji->i", X, fit)
    x = (y - X @ (fit @ y)) / (sigma - 1)
    x[leverage > 1 - 1e-8] = np.nan
    return x, leverage


def floats(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def test_golden_residuals_and_standardised_rows() -> None:
    rows = row_level(golden(), sigma=3, standardise="minmax")
    np.testing.assert_allclose(rows["residual"], EPS, atol=PRINTED)
    np.testing.assert_allclose(rows["ln_quality"], np.array(EPS) / 2, atol=PRINTED)
    np.testing.assert_allclose(rows["quality"], R, atol=PRINTED)
    assert rows["sigma"].unique().to_list() == [3.0]


@pytest.mark.parametrize("sigma", [3, 5])
def test_golden_firm_quality(sigma: int) -> None:
    firms = demand_residual(golden(), sigma=sigma, standardise="minmax")
    assert firms.columns == ["firm", "year", "quality", "n_products", "n_rows", "value"]
    assert firms.select("firm", "year").rows() == [(f, y) for f in "123" for y in (2004, 2005)]
    np.testing.assert_allclose(firms["quality"], TQ[sigma], atol=PRINTED)
    assert firms["n_rows"].to_list() == [3, 3, 3, 2, 3, 2]
    assert firms["n_products"].to_list() == [2] * 6
    np.testing.assert_allclose(firms["value"][0], 10 * 5.0 + 8 * 5.5 + 100.0)


def test_equal_weights() -> None:
    firms = demand_residual(golden(), sigma=3, standardise="minmax", weights="equal")
    np.testing.assert_allclose(firms["quality"][0], np.mean([R[0], R[3], R[5]]), atol=PRINTED)


TERMS: Mapping[str, list[list[str]]] = {
    "product+destination:year": [["product"], ["destination", "year"]],
    "product:destination:year": [["product", "destination", "year"]],
    "product:year": [["product", "year"]],
    "product:year+destination:year": [["product", "year"], ["destination", "year"]],
    "destination+year": [["destination"], ["year"]],
    "year:product + product:destination": [["product", "year"], ["product", "destination"]],
}


@pytest.mark.parametrize("effects", TERMS)
@pytest.mark.parametrize("by_product", [False, True])
def test_dense_twin(effects: str, by_product: bool) -> None:
    for seed in range(4):
        data = random_customs(seed)
        given: Any = 4.0
        sigma = np.full(data.height, 4.0)
        if by_product:
            given = {p: 2 + 0.3 * i for i, p in enumerate(data["product"].unique().sort())}
            sigma = np.array([given[p] for p in data["product"]])
        expected, leverage = dense(data, TERMS[effects], sigma)
        rows = row_level(data, sigma=given, effects=effects, standardise="none")
        np.testing.assert_allclose(floats(rows["ln_quality"]), expected, atol=TIGHT)
        np.testing.assert_array_equal(rows["quality"].is_null(), leverage > 1 - 1e-8)
        np.testing.assert_allclose(floats(rows["sigma"]), sigma)


def test_units_are_part_of_the_product() -> None:
    data = random_customs(7, 600, units=True)
    whole = data.with_columns(product=pl.col("product") + pl.col("unit").fill_null("?")).drop("unit")
    mine = row_level(data, sigma=4)
    twin = row_level(whole, sigma=4)
    np.testing.assert_allclose(floats(mine["quality"]), floats(twin["quality"]), atol=TIGHT)
    assert mine["unit"].equals(data["unit"])


def standardised_twin(x: NDArray[np.float64], how: str) -> NDArray[np.float64]:
    here = x[np.isfinite(x)]
    out = np.full(len(x), np.nan)
    if how == "none":
        return x
    if len(here) == 0 or here.max() - here.min() < 1e-9:
        return out
    match how:
        case "minmax_trim":
            low, high = np.quantile(here, [0.01, 0.99])
            return np.clip((x - low) / (high - low), 0, 1)
        case "minmax":
            return np.asarray((x - here.min()) / (here.max() - here.min()))
        case "zscore":
            return np.asarray((x - here.mean()) / here.std(ddof=1))
        case "rank":
            ranks = pd.Series(np.round(x, 9)).rank().to_numpy()
            return np.asarray((ranks - 1) / (len(here) - 1))
    raise AssertionError(how)


@each("how", ["minmax_trim", "minmax", "zscore", "rank", "none"])
@each("pool", ["product", "product_year", "all"])
def test_standardising(how: Any, pool: Any) -> None:
    data = random_customs(3)
    rows = row_level(data, sigma=4, standardise=how, pool=pool)
    by: Any = {"product": ["product"], "product_year": ["product", "year"], "all": []}[pool]
    group = codes(data, by) if by else np.zeros(data.height, dtype=int)
    x, expected = floats(rows["ln_quality"]), np.full(data.height, np.nan)
    for g in np.unique(group):
        expected[group == g] = standardised_twin(x[group == g], how)
    np.testing.assert_allclose(floats(rows["quality"]), expected, atol=1e-9)


def native(data: pl.DataFrame, kind: str) -> Any:
    match kind:
        case "pandas":
            return data.to_pandas()
        case "arrow":
            return data.to_arrow()
        case "duckdb":
            held = data.to_arrow()  # noqa: F841
            return duckdb.connect().sql("from held")
        case "lazy":
            return data.lazy()
    return Table("customs", data)


KINDS = {
    "pandas": pd.DataFrame,
    "arrow": pa.Table,
    "duckdb": duckdb.DuckDBPyRelation,
    "lazy": pl.LazyFrame,
    "table": Table,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", ["firm", "row"])
@pytest.mark.parametrize("effects", ["product+destination:year", "product:destination:year"])
def test_same_kind_and_same_numbers_on_every_engine(kind: str, level: Any, effects: str) -> None:
    data = random_customs(5, units=True)
    data = pl.concat([data, data.head(20)])  # repeated keys
    for standardise in ("minmax_trim", "rank", "zscore"):
        options = DemandResidual(sigma={"61": 4, "6107": 6}, effects=effects, scale=Scale(standardise, level=level))
        expected = demand_residual(data, options)
        result = demand_residual(native(data, kind), options)
        assert isinstance(result, KINDS[kind])
        local = pl.from_pandas(result) if kind == "pandas" else local_of(result)
        keys = [k for k in ("firm", "product", "destination", "year", "unit") if k in expected.columns]
        same = local.sort(keys, nulls_last=False).select(expected.columns)
        other = expected.sort(keys, nulls_last=False)
        for name in expected.columns:
            if expected[name].dtype == pl.Float64:
                # engines add in different orders; ranks of ties are exact after rounding to 1e-9
                np.testing.assert_allclose(floats(same[name]), floats(other[name]), rtol=1e-9, atol=1e-9)
            else:
                assert same[name].to_list() == other[name].to_list()


def local_of(result: Any) -> pl.DataFrame:
    if isinstance(result, duckdb.DuckDBPyRelation):
        return pl.DataFrame(result.to_arrow_table())
    if isinstance(result, pl.LazyFrame):
        return result.collect()
    return result.polars() if isinstance(result, Table) else pl.DataFrame(result)


def test_duckdb_keeps_no_rows_but_the_result() -> None:
    con = duckdb.connect()
    held = random_customs(5).to_arrow()  # noqa: F841
    result = demand_residual(con.sql("from held"), sigma=4)
    assert len(con.sql("show tables").fetchall()) == 1
    assert len(result.fetchall()) > 10


def account(data: pl.DataFrame, **options: Any) -> list[tuple[str, str, int]]:
    return [(e.kind, e.reason, e.rows) for e in demand_residual(Table("customs", data), **options).account]


def test_repeated_keys_are_summed_and_counted() -> None:
    data = golden().drop("i")
    halves = data.with_columns(pl.col("value", "quantity") / 2)
    doubled = pl.concat([halves.with_columns(month=pl.lit(1)), halves.with_columns(month=pl.lit(2))])
    once, twice = (demand_residual(d, sigma=3) for d in (data, doubled))
    np.testing.assert_allclose(once["quality"], twice["quality"], atol=TIGHT)
    assert once["n_rows"].equals(twice["n_rows"])
    merged = "summed into another row with the same firm, product, destination, year"
    assert ("merged", merged, 16) in account(doubled, sigma=3)
    assert not any(kind == "merged" for kind, _, _ in account(data, sigma=3))


LONE = [("9", "h3", "US", 2004, 30.0, 10.0), ("9", "h1", "FR", 2004, 44.0, 8.0), ("1", "h3", "FR", 2004, 50.0, 9.0)]


def test_leverage_one_is_missing_counted_and_without_weight() -> None:
    """h3-US, h3-FR and h1-FR close a cycle: identified. Without h3-US the other two are recursive singletons."""
    extra = pl.DataFrame(LONE, schema=[*KEY, "value", "quantity"], orient="row")
    data = golden().drop("i").with_columns(pl.col("quantity").cast(pl.Float64)).select(extra.columns)
    closed = row_level(pl.concat([data, extra]), sigma=3)
    assert closed["residual"].null_count() == 0
    chain = pl.concat([data, extra[1:]])
    rows = row_level(chain, sigma=3, standardise="minmax")
    assert rows["quality"].is_null().to_list() == [False] * 16 + [True] * 2
    np.testing.assert_allclose(rows["residual"][:16], EPS, atol=PRINTED)
    firms = demand_residual(chain, sigma=3, standardise="minmax")
    assert firms.row(-1) == ("9", 2004, None, 1, 1, 44.0)
    np.testing.assert_allclose(firms["quality"][:6], TQ[3], atol=PRINTED)
    found = account(chain, sigma=3, standardise="minmax")
    assert (
        "dropped",
        "quality missing: its fixed effects (product+destination:year) fit the row exactly (leverage 1)",
        2,
    ) in found
    share = 94 / (data["value"].sum() + 94)
    assert ("note", f"rows without quality hold {100 * share:.2f}% of value", 2) in found
    assert ("warning", "quality missing: 1 firm-years have no row with quality", 1) in found


def test_a_cell_of_one_row_is_missing_under_saturated_effects() -> None:
    rows = row_level(golden().drop("i"), sigma=3, effects="product:destination:year")
    cells = golden().select(pl.len().over("product", "destination", "year")).to_series()
    assert rows["residual"].is_null().to_list() == (cells == 1).to_list()


def test_equal_residuals_are_missing() -> None:
    data = pl.DataFrame(
        {
            "firm": ["a", "b", "a", "b"],
            "product": ["h1", "h1", "h2", "h2"],
            "destination": ["US"] * 4,
            "year": [2004] * 4,
            "value": [10.0, 20, 5, 5],
            "quantity": [5.0, 4, 3, 3],
        }
    )
    rows = row_level(data, sigma=5, effects="product:destination:year")
    assert rows["quality"].is_null().to_list() == [False, False, True, True]
    np.testing.assert_allclose(rows["residual"][2:], 0, atol=TIGHT)
    found = account(data, sigma=5, effects="product:destination:year")
    assert ("dropped", "quality missing: all residuals of its product are equal", 2) in found


def test_trimming_clips_and_counts() -> None:
    rng = np.random.default_rng(1)
    logs = rng.normal(size=(2, 1000))
    data = pl.DataFrame({"firm": [str(i) for i in range(1000)], "value": np.exp(logs[0]), "quantity": np.exp(logs[1])})
    data = data.with_columns(product=pl.lit("610910"), destination=pl.lit("US"), year=pl.lit(2004))
    rows = row_level(data, sigma=5)
    assert (rows["quality"] == 0).sum() == 10
    assert (rows["quality"] == 1).sum() == 10
    assert ("clipped", "beyond the 1st or 99th percentile of its product", 20) in account(data, sigma=5)


def test_bad_rows_are_dropped_and_counted() -> None:
    data = golden().drop("i").with_columns(pl.col("quantity").cast(pl.Float64))
    bad = data.head(3).with_columns(firm=pl.lit("8"), quantity=pl.Series([0.0, -1.0, None]))
    found = account(pl.concat([data, bad]), sigma=3, standardise="minmax")
    assert ("dropped", "quantity not positive", 2) in found
    assert ("dropped", "quantity missing", 1) in found
    firms = demand_residual(pl.concat([data, bad]), sigma=3, standardise="minmax")
    np.testing.assert_allclose(firms["quality"], TQ[3], atol=PRINTED)


def test_without_a_firm_rows_only() -> None:
    data = golden().drop("i").rename({"firm": "variety"})
    rows = demand_residual(data, sigma=3, level="row", standardise="minmax").sort("variety", *KEY[1:])
    with_firm = demand_residual(golden(), sigma=3, level="row", standardise="minmax").sort(KEY)
    np.testing.assert_allclose(rows["quality"], with_firm["quality"], atol=TIGHT)
    with pytest.raises(UsageError, match="level='firm' requires a column 'firm'"):
        demand_residual(data, sigma=3)


@each(
    ("error", "message", "options"),
    [
        (UsageError, "option 'sigma' has no default", {}),
        (UsageError, "sigma must be above 1.05", {"sigma": 1.05}),
        (UsageError, "sigma=None is not an elasticity", {"sigma": None}),
        (UnknownName, "'dest' is not an effect", {"sigma": 5, "effects": "product+dest"}),
        (UsageError, "not one or two different terms", {"sigma": 5, "effects": "product+year+destination"}),
        (UsageError, "not one or two different terms", {"sigma": 5, "effects": "product+product"}),
        (UnknownName, "did you mean 'minmax'|did you mean", {"sigma": 5, "standardise": "minmx"}),
        (UnknownName, "unknown option 'sigmas'", {"sigmas": 5}),
        (
            NotIdentified,
            "fit the row exactly .leverage 1.: 16 rows",
            {"sigma": 5, "effects": "product:destination:year", "lone": True},
        ),
    ],
)
def test_errors_say_what_and_what_to_do(error: type[Exception], message: str, options: dict[str, Any]) -> None:
    data = golden().drop("i")
    if options.pop("lone", False):
        data = data.with_columns(destination=pl.col("destination") + pl.col("firm"))
    with pytest.raises(error, match=message):
        demand_residual(data, **options)


def test_no_usable_row() -> None:
    with pytest.raises(EmptyTable, match="quantity not positive: 16 rows"):
        demand_residual(golden().with_columns(quantity=pl.lit(0.0)), sigma=3)
    with pytest.raises(MissingColumn, match="'quantity'"):
        demand_residual(golden().drop("quantity"), sigma=3)


def test_settings_and_large_sigma_are_noted() -> None:
    found = [reason for _, reason, _ in account(golden().drop("i"), sigma=25)]
    assert any("sigma 25 is above 20" in reason for reason in found)
    assert any("effects=product+destination:year" in reason for reason in found)


def test_options_are_documented_and_shared_default() -> None:
    assert DemandResidual(sigma=5) == DemandResidual(
        sigma=5,
        effects="auto",
        scale=Scale(standardise="minmax_trim", pool="product", level="firm", weights="value", alike="missing"),
        no_instrument="drop",
        fallback_sigma=None,
        sigma_cap=None,
    )
    imposed = [demand_residual(golden(), sigma=5, **e) for e in ({}, {"effects": "product+destination:year"})]
    assert imposed[0].equals(imposed[1])
    assert Path(demand_residual.__code__.co_filename).name == "demand_residual.py"


@pytest.mark.parametrize(("how", "middle"), [("minmax", 0.5), ("minmax_trim", 0.5), ("rank", 0.5), ("zscore", 0.0)])
def test_equal_residuals_stand_in_the_middle_on_request(how: Any, middle: float) -> None:
    data = pl.DataFrame(
        {
            "firm": ["a", "b", "a", "b"],
            "product": ["h1", "h1", "h2", "h2"],
            "destination": ["US"] * 4,
            "year": [2004] * 4,
            "value": [10.0, 20, 5, 5],
            "quantity": [5.0, 4, 3, 3],
        }
    )
    given = {"sigma": 5, "effects": "product:destination:year", "standardise": how}
    rows = row_level(data, **given, alike="middle")
    assert rows["quality"][2:].to_list() == [middle, middle]
    assert rows["quality"][:2].to_list() == row_level(data, **given)["quality"][:2].to_list()
    lone = data.head(3)
    assert row_level(lone, **given, alike="middle")["quality"][2] is None, "leverage 1 is not equality"


def test_dropped_rows_are_placed_by_chapter_and_year() -> None:
    data = golden().drop("i").with_columns(pl.col("quantity").cast(pl.Float64), product=pl.lit("610910"))
    extra = data.head(3).with_columns(firm=pl.lit("8"), quantity=pl.lit(0.0))
    other = data.head(1).with_columns(product=pl.lit("0301"), year=pl.lit(2007, pl.Int64), value=pl.lit(-1.0))
    reasons = [reason for _, reason, _ in account(pl.concat([data, extra, other]), sigma=3)]
    n = data.filter(year=2004).height + 3
    assert f"dropped rows are in HS 61 in 2004: 3 of {n}; HS 03 in 2007: 1 of 1" in reasons
    assert not any("dropped rows are in" in reason for _, reason, _ in account(data, sigma=3))


def test_the_scale_is_a_record_whose_options_are_also_named_alone() -> None:
    data = golden()
    named = demand_residual(data, sigma=5, level="row", standardise="rank")
    assert named.equals(demand_residual(data, sigma=5, scale=Scale(level="row", standardise="rank")))
    both = demand_residual(data, DemandResidual(sigma=5, scale=Scale("rank", level="row")), standardise="none")
    assert both.equals(demand_residual(data, sigma=5, level="row", standardise="none"))
    assert not both.equals(named)
    with pytest.raises(UnknownName, match=r"standardise='ranks' is not a choice") as refused:
        demand_residual(data, sigma=5, standardise="ranks")
    assert "'rank'" in refused.value.remedy
    with pytest.raises(UnknownName, match=r"unknown option 'standardize'") as unknown:
        demand_residual(data, sigma=5, standardize="rank")
    assert "'standardise'" in unknown.value.remedy


@each(
    ("changes", "workers"),
    [
        ({}, True),
        ({"sigma": "iv"}, True),
        ({"scale": Scale(level="row")}, True),
        ({"scale": Scale(weights="equal")}, True),
        ({"scale": Scale(weights="base_year")}, True),
        ({"scale": Scale(level="firm_product")}, True),
        ({"scale": Scale(level="ladder")}, True),
        ({"scale": Scale(level="region")}, False),
        ({"scale": Scale(pool="all")}, False),
        ({"scale": Scale(standardise="rank", pool="product_year")}, True),
        ({"scale": Scale(groups="groups.csv")}, False),
        ({"firm_region": "regions.csv"}, False),
        ({"gdp": "gdp.csv"}, False),
        ({"sigma": "broda_weinstein"}, False),
    ],
    ids=str,
)
def test_workers_compute_only_what_follows_from_the_rows_of_a_product(changes: dict[str, Any], workers: bool) -> None:
    options = DemandResidual(**{"sigma": 5, **changes})
    assert _in_parts(options, read_sigma_option(options.sigma)) is workers
