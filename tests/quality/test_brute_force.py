"""Quality computed by brute force, row by row and with dummies, for every level, pool, standardisation and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from each import pairs
from integrade.quality import demand_residual, estimated_sigma, unit_value
from integrade.quality.scale import Level, Pool, Standardise, Weights

TOLERANCE = 1e-12  # the same sums in another order
DUMMIES = 1e-9  # least squares by singular values: errors of rounding times the condition number of dummies
Rows = dict[str, NDArray[Any]]
SIGMA = 5.0


def economy(seed: int, n: int = 400) -> pl.DataFrame:
    """Distinct rows of a small random economy, with a product of equal prices and products of few rows."""
    rng = np.random.default_rng(seed)
    codes = pl.DataFrame(
        {
            "firm": [f"F{i}" for i in rng.integers(0, 15, n)],
            "product": [f"8500{min(i, 11):02}" for i in (rng.pareto(1.0, n) * 2).astype(int)],
            "destination": [("USA", "JPN", "DEU")[i] for i in rng.integers(0, 3, n)],
            "year": rng.integers(2004, 2007, n),
        }
    ).unique(maintain_order=True)
    ln_p = rng.normal(1, 0.3, codes.height)
    ln_p[(codes["product"] == "850003").to_numpy()] = 1.0
    q = np.exp(8 - 4 * ln_p + rng.normal(0, 1, codes.height))
    industry = [None if p == "850001" else p[4:5] + str(int(p[5]) % 3) for p in codes["product"]]
    return codes.with_columns(industry=pl.Series(industry), value=q * np.exp(ln_p), quantity=q).with_columns(
        region=pl.col("firm").replace_strict({f"F{i}": f"R{i % 4}" if i else None for i in range(15)})
    )


def residuals(y: NDArray[Any], effects: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Residuals of least squares on dummies; NaN with leverage 1."""
    dummies = np.hstack([(e[:, None] == np.unique(e)[None, :]).astype(float) for e in effects])
    u, s, _ = np.linalg.svd(dummies, full_matrices=False)
    u = u[:, s > 1e-9 * s.max()]
    left = y - u @ (u.T @ y)
    return np.where((u**2).sum(axis=1) > 1 - 1e-9, np.nan, left)


def standardised(x: NDArray[Any], how: Standardise) -> NDArray[Any]:
    """Standardise the x of one pool without missing values."""
    if how == "none":
        return x
    if x.max() - x.min() <= 1e-9:
        return np.full(len(x), np.nan)
    if how == "zscore":
        return (x - x.mean()) / x.std(ddof=1)
    if how == "rank":
        close = np.round(x, 9)
        return np.array([(np.sum(close < c) + (np.sum(close == c) - 1) / 2) / (len(x) - 1) for c in close])
    low, high = (x.min(), x.max()) if how == "minmax" else np.quantile(x, [0.01, 0.99])
    return np.clip((x - low) / (high - low), 0, 1)


POOLS: dict[str, Callable[[Rows], list[Any]]] = {
    "product": lambda rows: list(rows["product"]),
    "product_year": lambda rows: list(zip(rows["product"], rows["year"], strict=True)),
    "all": lambda rows: [0] * len(rows["year"]),
}
KEYS = {"firm_product": ["firm", "product"], "ladder": ["product", "destination"]}


def quality(rows: Rows, x: NDArray[Any], how: Standardise, pool: Pool) -> NDArray[Any]:
    """Standardise x within pools; NaN where x is."""
    r, of = np.full(len(x), np.nan), POOLS[pool](rows)
    for one in set(of):
        here = np.array([p == one for p in of]) & ~np.isnan(x)
        if here.any():
            r[here] = standardised(x[here], how)
    return r


def weights_of(rows: Rows, weights: Weights) -> NDArray[Any]:
    """Weight of every row."""
    if weights == "equal":
        return np.ones(len(rows["year"]))
    if weights == "value":
        return rows["value"]
    series = list(zip(rows["firm"], rows["product"], rows["destination"], strict=True))
    first: dict[Any, Any] = {}
    for one, year, value in zip(series, rows["year"], rows["value"], strict=True):
        first[one] = min(first.get(one, (year, value)), (year, value))
    return np.array([first[one][1] for one in series])


def averaged(rows: Rows, x: NDArray[Any], r: NDArray[Any], level: Level, weights: Weights) -> dict[Any, list[float]]:
    """Quality, n_products, n_rows and value by key of the level and year."""
    w = weights_of(rows, weights)
    names = [*KEYS.get(level, [level]), "year"]
    keys = list(zip(*(rows[name] for name in names), strict=True))
    out = {}
    for key in set(keys):
        if None in key:
            continue
        at = np.array([k == key for k in keys])
        known = at & ~np.isnan(r)
        mean = float((w * r)[known].sum() / w[known].sum()) if known.any() else np.nan
        if level == "ladder":
            there = x[at & ~np.isnan(x)]
            mean = there.max() - there.min() if len(there) > 1 else np.nan
        out[key] = [mean, len(set(rows["product"][at])), int(at.sum()), rows["value"][at].sum()]
    return out


def check(found: pl.DataFrame, expected: dict[Any, list[float]], tolerance: float) -> None:
    keys = found.columns[: found.columns.index("quality")]
    got = {row[: len(keys)]: row[len(keys) :] for row in found.iter_rows()}
    assert list(got) == sorted(expected)
    for key, numbers in expected.items():
        mean, *counts = got[key]
        assert (np.nan if mean is None else mean) == pytest.approx(
            numbers[0], rel=tolerance, abs=tolerance, nan_ok=True
        )
        assert counts == pytest.approx(numbers[1:], rel=TOLERANCE)


LEVELS = [level for level in get_args(Level) if level != "row"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("how", get_args(Standardise))
def test_every_level_pool_and_weights(how: Standardise, seed: int) -> None:
    data = economy(seed)
    rows: Rows = {name: np.array(data[name].to_list()) for name in data.columns}
    ln_p = np.log(rows["value"]) - np.log(rows["quantity"])
    x = np.full(len(ln_p), np.nan)
    cells = list(zip(rows["product"], rows["year"], strict=True))
    for cell in set(cells):
        at = np.array([one == cell for one in cells])
        if at.sum() > 1:
            x[at] = ln_p[at] - ln_p[at].mean()
    for pool in get_args(Pool):
        r = quality(rows, x, how, pool)
        for level in LEVELS:
            for weights in get_args(Weights):
                found = unit_value(data, standardise=how, pool=pool, level=level, weights=weights)
                check(found, averaged(rows, x, r, level, weights), TOLERANCE)


EFFECTS = {
    "product:destination:year": [("product", "destination", "year")],
    "product+destination:year": [("product",), ("destination", "year")],
    "product:year": [("product", "year")],
    "destination:year": [("destination", "year")],
    "product+year": [("product",), ("year",)],
    "product:year+destination": [("product", "year"), ("destination",)],
}


@pytest.mark.parametrize(("effects", "seed"), pairs(EFFECTS, [1, 2]))
def test_residuals_by_dummies(effects: str, seed: int) -> None:
    data = economy(seed)
    rows: Rows = {name: np.array(data[name].to_list()) for name in data.columns}
    terms = [
        np.array(["|".join(map(str, parts)) for parts in zip(*(rows[n] for n in term), strict=True)])
        for term in EFFECTS[effects]
    ]
    expected = residuals(SIGMA * np.log(rows["value"]) - (SIGMA - 1) * np.log(rows["quantity"]), terms)
    found = demand_residual(data, sigma=SIGMA, effects=effects, level="row")
    key = ["firm", "product", "destination", "year"]
    order = data.select(key).with_row_index("at").sort(key)["at"].to_numpy()
    got = found["residual"].cast(float).fill_null(np.nan).to_numpy()
    assert got == pytest.approx(expected[order], rel=DUMMIES, abs=DUMMIES, nan_ok=True)
    assert found["ln_quality"].fill_null(np.nan).to_numpy() == pytest.approx(got / (SIGMA - 1), nan_ok=True)


@pytest.mark.parametrize("how", ["ols", "iv"])
def test_sigma_by_dummies(how: str) -> None:
    """Sigma of each product by two-stage least squares on dummies of destination-years."""
    data = economy(4, 3_000)
    rows: Rows = {name: np.array(data[name].to_list()) for name in data.columns}
    ln_q = np.log(rows["quantity"])
    ln_p = np.log(rows["value"]) - ln_q
    expected = []
    for product in sorted(set(rows["product"])):
        here = np.flatnonzero(rows["product"] == product)
        z = ln_p.copy()
        if how == "iv":
            for i in here:
                same = here[(rows["firm"][here] == rows["firm"][i]) & (rows["year"][here] == rows["year"][i])]
                elsewhere = same[rows["destination"][same] != rows["destination"][i]]
                z[i] = ln_p[elsewhere].mean() if len(elsewhere) else np.nan
        used = here[~np.isnan(z[here])]
        cell = np.array([f"{m}{t}" for m, t in zip(rows["destination"][used], rows["year"][used], strict=True)])
        net = [np.nan_to_num(residuals(v[used], [cell])) for v in (ln_p, ln_q, z)]
        apart = (net[0] ** 2).sum() > 1e-18 * len(used) and len(used) > len(set(cell)) + 1
        expected.append(-(net[2] @ net[1]) / (net[2] @ net[0]) if apart else np.nan)
    found = estimated_sigma(data, sigma=how, fallback_sigma=4)
    assert found["sigma_hat"].fill_null(np.nan).to_numpy() == pytest.approx(
        np.array(expected), rel=DUMMIES, nan_ok=True
    )
