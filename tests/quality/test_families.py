"""Unit values, features, supply and demand, nested logit: hand-worked cases, brute-force twins and outside solvers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from polars.testing import assert_frame_equal

from each import each
from integrade.cli import run
from integrade.engine.frames import Table, collect, enter, on_engine
from integrade.errors import DuplicateKeys, IntegradeError, MissingColumn, NotANumber, NotIdentified, UsageError
from integrade.quality import nested_logit, product_features, supply_demand, unit_value
from library import shared

KEY = ["firm", "product", "destination", "year"]
TIGHT = 1e-11  # sums in another order
SOLVED = 1e-8  # two solvers of the same least squares


def customs(seed: int = 1, n: int = 500) -> pl.DataFrame:
    """Sparse customs in two units, with features, costs, regions and instruments; keys unique."""
    rng = np.random.default_rng(seed)
    firm = rng.integers(0, 25, n)
    rows = pl.DataFrame(
        {
            "firm": [f"F{i:02d}" for i in firm],
            "product": [f"61{i:04d}" for i in rng.integers(10, 16, n)],
            "destination": [f"D{i}" for i in rng.integers(0, 6, n)],
            "year": rng.integers(2000, 2004, n),
            "unit": [["kg", "piece"][i] for i in (rng.random(n) < 0.1).astype(int)],
            "value": np.exp(rng.normal(8, 1, n)),
            "quantity": np.exp(rng.normal(4, 1, n)),
            "a": rng.normal(0, 1, n),
            "b": rng.integers(0, 2, n).astype(float),
            "z": rng.normal(0, 1, n),
            "size": np.exp(rng.normal(0, 1, n)),
            "wage": np.exp(rng.normal(0, 0.3, n)),
            "tfp": np.exp(rng.normal(0, 0.3, n)),
            "region": [f"R{i % 4}" for i in firm],
        }
    )
    return rows.unique([*KEY, "unit"], keep="first", maintain_order=True)


def by_row(function: Any, data: pl.DataFrame, **options: Any) -> pl.DataFrame:
    """Row results in the order of ``data``."""
    result = function(data, level="row", **{"standardise": "none", **options})
    keys = [k for k in (*KEY, "unit") if k in data.columns]
    return data.select(keys).join(result, on=keys, how="left", nulls_equal=True, maintain_order="left", validate="1:1")


def floats(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def account(function: Any, data: pl.DataFrame, **options: Any) -> list[str]:
    return [f"{e.kind} {e.rows}: {e.reason}" for e in function(Table("customs", data), **options).account]


def prices(data: pl.DataFrame) -> NDArray[np.float64]:
    return np.log(data["value"].to_numpy() / data["quantity"].to_numpy())


@pytest.mark.parametrize("within", ["product:year", "year:product:destination"])
def test_unit_value_is_the_deviation_from_the_mean_of_its_cell(within: str) -> None:
    data = customs()
    rows = by_row(unit_value, data, within=within)
    cells: dict[Any, list[int]] = {}
    names = ["product", "unit", "year", *(["destination"] if "destination" in within else [])]
    for i, cell in enumerate(data.select(names).iter_rows()):
        cells.setdefault(cell, []).append(i)
    ln_p = prices(data)
    expected = np.full(data.height, np.nan)
    for members in cells.values():
        if len(members) > 1:
            expected[members] = ln_p[members] - ln_p[members].mean()
    np.testing.assert_allclose(floats(rows["ln_quality"]), expected, atol=TIGHT)
    lone = int(np.isnan(expected).sum())
    assert lone
    assert f"dropped {lone}: quality missing: the only row of its {within}" in account(unit_value, data, within=within)


def test_percentile_ranks_of_unit_values() -> None:
    data = customs()
    ranks = by_row(unit_value, data, standardise="rank", pool="product_year")["quality"]
    group = pl.struct("product", "unit", "year")
    ln_p = data.with_columns(p=pl.Series(prices(data)).round(9))
    expected = ln_p.select((pl.col("p").rank() - 1).over(group) / (pl.len().over(group) - 1)).to_series()
    np.testing.assert_allclose(floats(ranks), floats(expected.fill_nan(None)), atol=TIGHT)


@pytest.mark.parametrize("wrong", ["product", "product+year", "destination:year"])
def test_unit_values_are_compared_within_product_and_year(wrong: str) -> None:
    with pytest.raises(UsageError, match="one term with product and year"):
        unit_value(customs(), within=wrong)


def test_features_are_priced_as_statsmodels_prices_them() -> None:
    import statsmodels.api as sm

    data = customs().with_columns(pl.when(pl.col("z") > 1.5).then(None).otherwise("a").alias("a"))
    rows = by_row(product_features, data, features=("a", "b"))
    whole = data.filter(pl.col("a").is_not_null())
    cells = whole.select(pl.struct("product", "unit", "year").rank("dense")).to_series().to_numpy() - 1
    design = np.hstack([whole.select("a", "b").to_numpy(), np.eye(cells.max() + 1)[cells]])
    b = sm.OLS(prices(whole), design).fit().params[:2]
    expected = data.select("a", "b").cast(pl.Float64).fill_null(np.nan).to_numpy() @ b
    np.testing.assert_allclose(floats(rows["ln_quality"]), expected, atol=SOLVED)
    said = account(product_features, data, features=("a", "b"))
    assert f"dropped {data.height - whole.height}: quality missing: a feature missing" in said
    assert any(f"a {b[0]:.6g}, b {b[1]:.6g}" in line for line in said)


@pytest.mark.parametrize("by", ["product", "chapter"])
def test_features_priced_by_product_and_by_chapter(by: str) -> None:
    data = customs().with_columns(pl.col("product").str.replace("^6100(1[0-2])", "6200$1"))
    rows = by_row(product_features, data, features=("a", "b"), by=by)
    part = (pl.col("product") + pl.col("unit")) if by == "product" else pl.col("product").str.head(2)
    seen = 0
    for _, rest in data.with_row_index("i").with_columns(part=part).group_by("part"):
        own = rest.sort("i")
        cells = own.select(pl.struct("product", "unit", "year").rank("dense")).to_series().to_numpy() - 1
        x = own.select("a", "b").to_numpy()
        d = np.eye(cells.max() + 1)[cells]
        net = [m - d @ np.linalg.lstsq(d, m)[0] for m in (x, prices(own))]
        got = floats(rows["ln_quality"])[own["i"].to_numpy()]
        if len(own) - d.shape[1] - np.linalg.matrix_rank(net[0], tol=1e-9) < 1:
            assert np.isnan(got).all()
            continue
        if np.linalg.matrix_rank(net[0], tol=1e-9) == 2:
            np.testing.assert_allclose(got, x @ np.linalg.lstsq(net[0], net[1])[0], atol=SOLVED)
            seen += 1
    assert seen >= 2


def test_features_without_a_price_are_named() -> None:
    data = customs().with_columns(twice=2 * pl.col("a"), same=pl.col("year") + 0.5)
    said = " ".join(account(product_features, data, features=("a", "twice", "same")))
    assert "feature same has no price in 1 of 1 regressions" in said
    one = by_row(product_features, data, features=("a", "twice", "same"))["ln_quality"]
    np.testing.assert_allclose(
        floats(one), floats(by_row(product_features, data, features=("a",))["ln_quality"]), atol=SOLVED
    )


def test_a_rating_is_standardised_within_its_pool() -> None:
    data = customs()
    rows = by_row(product_features, data, rating="a", standardise="minmax")
    scaled = (pl.col("a") - pl.col("a").min()) / (pl.col("a").max() - pl.col("a").min())
    np.testing.assert_allclose(
        floats(rows["quality"]), floats(data.select(scaled.over("product", "unit")).to_series()), atol=TIGHT
    )


def test_summed_rows_have_the_mean_feature_by_value() -> None:
    data = customs(2, 60)
    more = data.with_columns(value=pl.col("value") * 3, a=pl.col("a") + 1)
    rows = by_row(product_features, pl.concat([data, more]).unique([*KEY, "unit"], keep="first"), rating="a")
    both = product_features(pl.concat([data, more]), rating="a", level="row", standardise="none")
    joined = both.join(data, on=[*KEY, "unit"])
    np.testing.assert_allclose(floats(joined["ln_quality"]), floats(joined["a"]) + 0.75, atol=TIGHT)
    assert rows.height == data.height


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (UsageError, "either features or a rating", {}),
        (UsageError, "either features or a rating", {"features": ("a",), "rating": "b"}),
        (MissingColumn, "column 'stars' is missing from customs", {"rating": "stars"}),
        (NotANumber, "text in the number column 'region'", {"rating": "region"}),
        (NotIdentified, "too few rows", {"features": ("year",)}),
    ],
)
def test_features_that_are_none(error: type[IntegradeError], message: str, options: dict[str, Any]) -> None:
    with pytest.raises(error, match=message):
        product_features(customs(), **options)


def test_supply_and_demand_by_hand() -> None:
    """alpha theta (sigma - 1) = 0.5 x 0.8 x 5 = 2, so kappa = 2/3; p = 6, w / phi = 2: z = 2^0.8 by hand."""
    data = pl.DataFrame(
        {
            "firm": ["a", "b"],
            "product": ["610910"] * 2,
            "destination": ["USA"] * 2,
            "year": [2004] * 2,
            "value": [60.0, 30.0],
            "quantity": [10.0, 10.0],
            "w": [4.0, 4.0],
            "tfp": [2.0, 1.0],
            "ratio": [1.1, 1.0],
        }
    )
    rows = by_row(
        supply_demand,
        data,
        sigma=6,
        theta=0.8,
        alpha=0.5,
        cost="columns",
        input_cost="w",
        productivity="tfp",
        cif="ratio",
    )
    ln_z = 0.8 * np.log([2 / 3 * 6 / 2, 2 / 3 * 3 / 4])
    np.testing.assert_allclose(rows["ln_quality"], ln_z, atol=TIGHT)
    np.testing.assert_allclose(rows["ln_price_adjusted"], np.log([6.6, 3.0]) - 0.5 * ln_z, atol=TIGHT)


def test_kappa_is_where_the_firm_chooses_its_quality() -> None:
    """Minimise (w z^(1/theta)/phi + T) / z^alpha over z; the formula gives that z back from the price f.o.b."""
    sigma, theta, alpha, w, phi = 4.0, 0.6, 0.9, 1.7, 1.3
    z = np.exp(np.linspace(-3, 3, 600_001))
    for freight in (0.3, 1.1):
        cost = w * z ** (1 / theta) / phi
        best = int(np.argmin((cost + freight) / z**alpha))
        price = sigma / (sigma - 1) * (cost[best] + freight) - freight
        data = pl.DataFrame(
            {
                "firm": ["a"],
                "product": ["61"],
                "destination": ["U"],
                "year": [2004],
                "value": [price],
                "quantity": [1.0],
                "input_cost": [w],
                "productivity": [phi],
            }
        )
        rows = by_row(supply_demand, data, sigma=sigma, theta=theta, alpha=alpha, cost="columns")
        np.testing.assert_allclose(rows["ln_quality"], np.log(z[best]), atol=2e-5)  # twice the step of the grid


def test_equal_costs_order_rows_of_a_product_as_unit_values() -> None:
    data = customs()
    mine = by_row(supply_demand, data, sigma=5, theta=0.3, cost="none", standardise="rank")
    ln_p = data.with_columns(p=pl.Series(prices(data)).round(9))
    rank = (pl.col("p").rank() - 1) / (pl.len() - 1)
    np.testing.assert_allclose(
        floats(mine["quality"]), floats(ln_p.select(rank.over("product", "unit")).to_series()), atol=1e-9
    )
    assert any("cost=none" in line for line in account(supply_demand, data, sigma=5, theta=0.3, cost="none"))


def test_costs_and_parameters_from_tables_beside(tmp_path: Path) -> None:
    data = customs()
    firms = data.group_by("firm", "year").agg(pl.col("wage", "tfp").first()).sort("firm", "year")
    joined = data.drop("wage", "tfp").join(firms, on=["firm", "year"], maintain_order="left")
    own = by_row(supply_demand, joined, sigma=5, theta=0.6, cost="columns", input_cost="wage", productivity="tfp")
    firms.write_csv(tmp_path / "firms.csv")
    theta = pl.DataFrame({"product": ["61", "610011", "610012"], "theta": [0.6, 0.9, -1.0]})
    beside = by_row(
        supply_demand,
        data.drop("wage", "tfp"),
        sigma={"61": 5},
        theta=theta,
        cost="columns",
        firms=str(tmp_path / "firms.csv"),
        input_cost="wage",
        productivity="tfp",
    )
    usual = (~data["product"].is_in(["610011", "610012"])).to_numpy()
    np.testing.assert_allclose(floats(beside["ln_quality"])[usual], floats(own["ln_quality"])[usual], atol=TIGHT)
    assert (
        beside.filter(pl.col("product") == "610012")["ln_quality"].null_count() == (data["product"] == "610012").sum()
    )
    logs = joined.with_columns(pl.col("wage", "tfp").log())
    same = by_row(
        supply_demand, logs, sigma=5, theta=0.6, cost="columns", input_cost="wage", productivity="tfp", logs=True
    )
    np.testing.assert_allclose(floats(same["ln_quality"]), floats(own["ln_quality"]), atol=TIGHT)


@each(
    ("error", "message", "options"),
    [
        (UsageError, "option 'cost' has no default", {"cost": ...}),
        (MissingColumn, "needs the column 'input_cost'", {"cost": "columns"}),
        (UsageError, "theta=-1 is not positive", {"theta": -1}),
        (UsageError, "takes its parameters from outside", {"sigma": "iv"}),
        (NotIdentified, "no usable sigma, theta and alpha", {"theta": 1.2}),
        (MissingColumn, "column 'theta' is missing", {"theta": pl.DataFrame({"product": ["61"], "x": [1.0]})}),
    ],
)
def test_parameters_that_are_none(error: type[IntegradeError], message: str, options: dict[str, Any]) -> None:
    given = {k: v for k, v in {"sigma": 5, "theta": 0.6, "cost": "none", **options}.items() if v is not ...}
    with pytest.raises(error, match=message):
        supply_demand(customs(), **given)


def logit_data(seed: int = 3) -> pl.DataFrame:
    """Records from a nested logit: alpha -2, nest 0.4, size 0.5; instruments are a cost shock and variety counts."""
    rng = np.random.default_rng(seed)
    firms, products, markets, years = 30, 4, 3, 5
    there = rng.random((firms, products, markets, years)) < 0.6
    f, h, m, t = np.nonzero(there)
    n = len(f)
    cost, xi = rng.normal(0, 0.3, n), rng.normal(0, 0.3, n)
    size = np.exp(rng.normal(0, 0.4, (firms, years)))[f, t]
    ability = rng.normal(0, 0.5, (firms, products, markets))[f, h, m]
    p = np.exp(0.3 * ability + cost + 0.3 * xi)
    delta = ability - 2 * p + 0.5 * np.log(size) + xi
    group = (h * markets + m) * years + t
    inside = np.exp(delta / 0.6)
    d = np.bincount(group, inside, minlength=products * markets * years)
    within = inside / d[group]
    nests = d**0.6
    market = np.arange(len(d)) % (markets * years)
    whole = 1 + np.bincount(market, nests)
    share = within * nests[group] / whole[market[group]]
    quantity = share * (1e6 * (1 + market[group]))
    return pl.DataFrame(
        {
            "firm": [f"F{i:02d}" for i in f],
            "product": [f"6109{i:02d}" for i in h],
            "destination": [f"D{i}" for i in m],
            "year": 2000 + t,
            "value": p * quantity,
            "quantity": quantity,
            "shock": cost,
            "home": size,
            "truth": ability + xi,
            "outside_share": 1 / whole[market[group]],
        }
    )


def outside_of(data: pl.DataFrame) -> pl.DataFrame:
    return (
        data.select("destination", "year", "outside_share").unique(["destination", "year"]).sort("destination", "year")
    )


INSTRUMENTS = ("shock", "n_varieties")


def test_nested_logit_against_linearmodels_and_the_truth() -> None:
    from linearmodels.iv import IV2SLS

    data = logit_data()
    options: dict[str, Any] = {"outside": outside_of(data), "industry": 4, "instruments": INSTRUMENTS, "size": "home"}
    rows = by_row(nested_logit, data, **options)
    full = data.with_columns(
        p=pl.col("value") / pl.col("quantity"),
        g=pl.col("home").log(),
        nest=(pl.col("quantity") / pl.col("quantity").sum().over("product", "destination", "year")).log(),
        s=(pl.col("quantity") / pl.col("quantity").sum().over("destination", "year")).log()
        + (1 - pl.col("outside_share")).log()
        - pl.col("outside_share").log(),
        n=pl.len().over("product", "destination", "year").log(),
        variety=pl.struct("firm", "product", "destination").rank("dense"),
        market=pl.struct("destination", "year").rank("dense"),
    )
    kept = full
    while True:
        few = kept.filter(pl.len().over("variety") > 1).filter(pl.len().over("market") > 1)
        if few.height == kept.height:
            break
        kept = few
    dummies = np.hstack([np.eye(int(kept[c].max()) + 1)[kept[c].to_numpy()] for c in ("variety", "market")])
    columns = kept.select("s", "p", "nest", "g", "shock", "n").to_numpy()
    net = columns - dummies @ np.linalg.lstsq(dummies, columns)[0]
    fit = IV2SLS(net[:, 0], net[:, [3]], net[:, [1, 2]], net[:, [4, 5]]).fit()
    gamma, alpha, nest = fit.params
    np.testing.assert_allclose(rows["alpha"][0], alpha, rtol=SOLVED)
    np.testing.assert_allclose(rows["nest"][0], nest, rtol=SOLVED)
    expected = full["s"] - alpha * full["p"] - nest * full["nest"] - gamma * full["g"]
    np.testing.assert_allclose(floats(rows["ln_quality"]), expected.to_numpy(), atol=1e-7)
    assert np.corrcoef(floats(rows["ln_quality"]), data["truth"])[0, 1] > 0.99


def test_nested_logit_recovers_its_coefficients() -> None:
    found = []
    for seed in range(3, 9):
        data = logit_data(seed)
        rows = by_row(nested_logit, data, outside=outside_of(data), industry=4, instruments=INSTRUMENTS, size="home")
        found.append((rows["alpha"][0], rows["nest"][0]))
    alpha, nest = np.mean(found, axis=0)
    assert abs(alpha + 2) < 0.2  # twice the standard error of the mean of six
    assert abs(nest - 0.4) < 0.08


def test_without_instruments_alpha_is_pulled_towards_zero() -> None:
    data = logit_data()
    options: dict[str, Any] = {"outside": outside_of(data), "industry": 4, "size": "home"}
    free = by_row(nested_logit, data, instruments=("ols",), **options)["alpha"][0]
    assert by_row(nested_logit, data, instruments=INSTRUMENTS, **options)["alpha"][0] + 0.2 < free < 0
    assert any("treated as exogenous" in x for x in account(nested_logit, data, instruments=("ols",), **options))


def test_outside_shares_in_their_three_forms() -> None:
    data = logit_data()
    table = outside_of(data)
    sold = data.group_by("destination", "year").agg(pl.col("value").sum())
    s0 = pl.col("outside_share")
    forms = [
        table,
        table.select("destination", "year", import_penetration=1 - s0),
        table.join(sold, on=["destination", "year"]).select(
            "destination", "year", domestic_sales=pl.col("value") * s0 / (1 - s0)
        ),
    ]
    found = [
        floats(by_row(nested_logit, data, outside=f, industry=4, instruments=INSTRUMENTS)["ln_quality"]) for f in forms
    ]
    np.testing.assert_allclose(found[1], found[0], atol=1e-9)
    np.testing.assert_allclose(found[2], found[0], atol=1e-9)
    some = by_row(nested_logit, data, outside=table.filter(pl.col("year") > 2000), industry=4, instruments=INSTRUMENTS)
    assert some["ln_quality"].is_null().to_list() == (data["year"] == 2000).to_list()


def test_ladders_run_from_the_smallest_to_the_largest() -> None:
    data = logit_data()
    options: dict[str, Any] = {"outside": 0.5, "industry": 4, "instruments": INSTRUMENTS}
    rows = by_row(nested_logit, data, **options)
    ladders = nested_logit(data, level="ladder", **options)
    key = ["product", "destination", "year"]
    x = pl.col("ln_quality")
    twin = rows.group_by(key).agg(length=pl.when(pl.len() > 1).then(x.max() - x.min()), n=pl.len())
    both = ladders.join(twin, on=key, validate="1:1")
    assert both.height == ladders.height == twin.height
    np.testing.assert_allclose(floats(both["quality"]), floats(both["length"]), atol=1e-9)
    assert both["n_rows"].to_list() == both["n"].to_list()


def test_refused_industries_are_counted_by_reason() -> None:
    good = logit_data()
    upside = good.with_columns(product=pl.lit("9999") + pl.col("product").str.tail(2), value=pl.col("quantity") ** 2)
    single = good.filter(pl.col("product") == "610900").head(40).with_columns(product=pl.lit("777700"))
    data = pl.concat([good, upside, single])
    said = account(nested_logit, data, outside=0.5, industry=4, instruments=("ols",))
    assert f"dropped {upside.height}: quality missing: alpha not below 0 in its industry" in said
    assert any(
        line.startswith("dropped 40: quality missing: its industry has too few rows or products") for line in said
    )
    with pytest.raises(NotIdentified, match="too few rows or products"):
        nested_logit(single, outside=0.5, industry=4, instruments=("ols",))


TWICE = pl.DataFrame({"year": [2000] * 2, "outside_share": [0.5] * 2})
BOTH = pl.DataFrame({"product": ["61", "61"], "industry": ["a", "b"]})


@each(
    ("error", "message", "options"),
    [
        (UsageError, "option 'outside' has no default", {"outside": ...}),
        (UsageError, "outside=1.2 is not a share", {"outside": 1.2}),
        (MissingColumn, "needs one of the columns outside_share", {"outside": pl.DataFrame({"year": [2000]})}),
        (MissingColumn, "none of industry, destination and year", {"outside": pl.DataFrame({"outside_share": [0.5]})}),
        (DuplicateKeys, "outside has several rows", {"outside": TWICE}),
        (DuplicateKeys, "several industries", {"industry": BOTH}),
        (MissingColumn, "one instrument", {"instruments": ("n_varieties",)}),
        (MissingColumn, "column 'fuel' is missing", {"instruments": ("fuel", "n_varieties")}),
    ],
)
def test_shares_and_instruments_that_are_none(
    error: type[IntegradeError], message: str, options: dict[str, Any]
) -> None:
    given = {k: v for k, v in {"outside": 0.5, "industry": 4, **options}.items() if v is not ...}
    with pytest.raises(error, match=message):
        nested_logit(logit_data(), **given)


CASES: list[tuple[Any, dict[str, Any]]] = [
    (unit_value, {"within": "product:destination:year"}),
    (product_features, {"features": ("a", "b"), "by": "product"}),
    (supply_demand, {"sigma": 5, "theta": 0.6, "cost": "columns", "input_cost": "wage", "productivity": "tfp"}),
    (nested_logit, {"outside": 0.5, "industry": 2, "instruments": ("a", "z", "n_varieties"), "price": "log"}),
]


@pytest.mark.parametrize(("function", "options"), CASES, ids=[f.__name__ for f, _ in CASES])
@pytest.mark.parametrize("level", ["row", "firm", "region"])
def test_duckdb_gives_the_numbers_of_polars(function: Any, options: dict[str, Any], level: str) -> None:
    data = customs(4)
    if function is nested_logit:
        data = logit_data().with_columns(a="shock", z="home", region=pl.lit("R"), unit=pl.lit("kg"))
    data = pl.concat([data, data.head(20)])
    want = function(data, level=level, **options)
    got = collect(enter(function(on_engine(data, "duckdb"), level=level, **options)))
    key = [c for c in (*KEY, "unit", "region") if c in want.columns]
    assert_frame_equal(  # engines add in different orders
        got.sort(key).select(want.columns), want.sort(key), rel_tol=1e-9, abs_tol=1e-8
    )


def test_every_method_from_the_command_line(tmp_path: Path) -> None:
    data = logit_data().with_columns(wage=1.0, tfp=1.0)
    data.write_csv(tmp_path / "customs.csv")
    outside_of(data).write_csv(tmp_path / "outside.csv")
    file, out = str(tmp_path / "customs.csv"), str(tmp_path / "out.csv")
    calls = {
        "unit_value": ["--within", "product:destination:year", "--standardise", "rank", "--pool", "product_year"],
        "product_features": ["--features", "shock", "--features", "home"],
        "supply_demand": [
            "--sigma",
            "5",
            "--theta",
            "0.6",
            "--cost",
            "columns",
            "--input-cost",
            "wage",
            "--productivity",
            "tfp",
        ],
        "nested_logit": [
            "--outside",
            str(tmp_path / "outside.csv"),
            "--industry",
            "4",
            "--instruments",
            "shock",
            "--instruments",
            "n_varieties",
            "--size",
            "home",
        ],
    }
    for method, flags in calls.items():
        assert (
            run(["quality", file, "--method", method, "--out", out, "--quiet", "--level", "firm_product", *flags]) == 0
        )
        rows = pl.read_csv(out)
        assert rows.columns == ["firm", "product", "year", "quality", "n_products", "n_rows", "value"]
        assert rows["quality"].null_count() < rows.height / 2


def test_indian_unit_values_rise_with_the_income_of_the_destination() -> None:
    """Hallak (2006), Schott (2004): rich countries buy dear varieties of the same product."""
    path = shared("data/india_exports/india_exports_hs8_destination_fy.parquet")
    rows = pl.scan_parquet(path).filter(pl.col("fy_start") == 2023, pl.col("value_inr_crore") >= 0.1)
    names = {"hs8": "product", "country": "destination", "fy_start": "year", "value_usd_from_inr": "value"}
    data = rows.rename(names).select(
        pl.col("product", "destination", "unit").cast(pl.String), "year", "value", "quantity"
    )
    found = unit_value(data.collect(), level="destination", standardise="rank", pool="product_year", weights="equal")
    rank = dict(found.select("destination", "quality").iter_rows())
    rich, poor = ("U S A", "GERMANY", "SWITZERLAND", "NORWAY"), ("BANGLADESH PR", "NEPAL", "KENYA", "PAKISTAN IR")
    assert min(rank[c] for c in rich) > max(rank[c] for c in poor if c in rank) + 0.05
