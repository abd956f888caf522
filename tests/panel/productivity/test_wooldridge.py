"""Wooldridge's one-step estimator: against R, prodest, brute force, and economies whose elasticities are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize_scalar

from each import each
from integrade.errors import NotIdentified
from integrade.panel.productivity import TfpResult, tfp
from integrade.panel.productivity.control_function import Choices
from integrade.panel.productivity.options import Tfp, columns_of
from integrade.panel.productivity.rows import prepare, rows_of
from integrade.panel.productivity.series import Array, Rows
from integrade.panel.productivity.wooldridge import second_equation, wooldridge
from integrade.simulation import simulate_production

ORACLES = Path(__file__).parents[2] / "oracles"
STORED: dict[str, Any] = json.loads((ORACLES / "production.json").read_text())
TRUTH = np.array([0.6, 0.4])
VALID: dict[str, Any] = {"labour_time": 0.0, "labour_error_sd": 0.37, "wage_sd": 0.0}
"""DGP2 of Ackerberg, Caves and Frazer (2015): materials follow from capital and productivity alone."""


def oracle() -> pl.DataFrame:
    return pl.read_csv(ORACLES / "production.csv", schema_overrides={"firm": pl.String})


def estimated(data: pl.DataFrame, **changes: Any) -> TfpResult:
    return tfp(data, **{"method": "wooldridge", "years": False, **changes})


def errors(result: TfpResult) -> list[float]:
    return [e.std_error or 0.0 for e in result.technologies[0].elasticities]


def values(result: TfpResult) -> list[float]:
    return [e.estimate for e in result.technologies[0].elasticities]


def rows(data: pl.DataFrame) -> Rows:
    chosen = Tfp(method="wooldridge")
    columns = columns_of(chosen, data.columns)
    ((_, used),) = prepare(data, columns, chosen).groups()
    return rows_of(used, chosen)


@each(("name", "changes"), [("wooldridge", {}), ("wooldridge_markov", {"markov": 2, "years": True})])
def test_the_same_in_r(name: str, changes: dict[str, Any]) -> None:
    found, stored = estimated(oracle(), **changes), STORED[name]
    # both searches end within 1e-9; R solves with year dummies and powers that are not standardised
    assert values(found)[:2] == pytest.approx(stored["elasticities"], abs=1e-8)
    assert errors(found)[:2] == pytest.approx(stored["std_errors"], rel=1e-7)
    total = sum(e**2 for e in stored["std_errors"]) + 2 * stored["covariance"]
    assert errors(found)[2] == pytest.approx(np.sqrt(total), rel=1e-7)
    hansen = found.technologies[0].hansen
    assert hansen is not None
    assert hansen.statistic == pytest.approx(stored["j"], rel=1e-7)


def test_the_second_equation_alone_is_that_of_prodest() -> None:
    found = second_equation(rows(oracle()), Choices(degree=2, markov=1, years=False))
    # ivreg solves with powers that are not standardised, and loses some digits
    assert found == pytest.approx(STORED["prodest"]["rob"], abs=1e-6)


def test_the_stacked_regression_of_prodest_is_another_estimator() -> None:
    # prodestWRDG takes productivity to be a random walk: the slope of g is 1, and labour has its lag as instrument in
    # both equations. Its output is stored to show the difference, which docs/productivity.md describes.
    away = np.array(values(estimated(oracle()))[:2]) - STORED["prodest"]["wrdg"]
    assert np.abs(away).min() > 1
    assert np.abs(np.array(values(estimated(oracle()))[:2]) - STORED["prodest"]["wrdg_gmm"]).max() > 0.05


def brute_force(data: pl.DataFrame, *, before: bool) -> tuple[Array, Array]:
    """Return elasticities and their covariance by dictionaries of firm-years, dummies and a search over the slope."""
    table = {(f, y): v for f, y, *v in data.select(
        "firm", "year", *(pl.col(c).log() for c in ("value_added", "employees", "capital", "intermediate_inputs"))
    ).iter_rows()}  # fmt: skip
    years = sorted({y for _, y in table})

    def h(v: list[float]) -> list[float]:
        return [v[2], v[3], v[2] ** 2, v[2] * v[3], v[3] ** 2]

    def dummies(year: int) -> list[float]:
        return [float(year == y) for y in years]

    seen = list(table)
    pairs = [(f, y) for f, y in table if (f, y - 1) in table]
    none = [0.0] * len(years)
    y1, y2 = (np.array([table[key][0] for key in keys]) for keys in (seen, pairs))
    x1 = np.array([[*table[k][1:3], *h(table[k]), *dummies(k[1]), *none] for k in seen])
    z1 = np.array([[table[k][1], *h(table[k]), *dummies(k[1])] for k in seen])
    last = {k: table[k[0], k[1] - 1] for k in pairs}
    x2 = np.array([[*table[k][1:3], *h(last[k]), *none, *dummies(k[1])] for k in pairs])
    z2 = np.array([[(table[k] if before else last[k])[1], table[k][2], *h(last[k]), *dummies(k[1])] for k in pairs])
    z2 = z2[:, z2.any(axis=0)]
    x2 = np.delete(x2, [2 + 5 + len(years)], axis=1)  # the first year has no year before
    x1 = np.delete(x1, [2 + 5 + len(years)], axis=1)
    root1, root2 = (np.linalg.cholesky(np.linalg.inv(z.T @ z)).T @ z.T for z in (z1, z2))
    outcome = np.concatenate([root1 @ y1, root2 @ y2])

    def matrix(slope: float) -> Array:
        second = x2.copy()
        second[:, 2:7] *= slope
        return np.vstack([root1 @ x1, root2 @ second])

    def lost(slope: float) -> float:
        theta = np.linalg.lstsq(matrix(slope), outcome, rcond=None)[0]
        return float(((outcome - matrix(slope) @ theta) ** 2).sum())

    grid = np.linspace(-1, 2, 61)
    at = grid[int(np.argmin([lost(s) for s in grid]))]
    slope = minimize_scalar(lost, bounds=(at - 0.05, at + 0.05), method="bounded", options={"xatol": 1e-12}).x
    theta = np.linalg.lstsq(matrix(slope), outcome, rcond=None)[0]
    scaled = x2.copy()
    scaled[:, 2:7] *= slope
    derivative = np.column_stack(
        [matrix(slope), np.concatenate([np.zeros(len(root1)), root2 @ x2[:, 2:7] @ theta[2:7]])]
    )
    firms = sorted({f for f, _ in table})
    total = np.zeros((len(firms), len(outcome)))
    for root, residual, keys, columns in (
        (root1, y1 - x1 @ theta, seen, slice(0, len(root1))),
        (root2, y2 - scaled @ theta, pairs, slice(len(root1), None)),
    ):
        for i, (firm, _) in enumerate(keys):
            total[firms.index(firm), columns] += root[:, i] * residual[i]
    bread = np.linalg.pinv(derivative)
    covariance = len(firms) / (len(firms) - 1) * bread @ total.T @ total @ bread.T
    return theta[:2], covariance[:2, :2]


@each("before", [False, True])
def test_brute_force_on_an_unbalanced_panel(before: bool) -> None:
    data = oracle().with_row_index("at").filter(pl.col("at") % 7 != 3)
    found = estimated(data, years=True, labour_set="before" if before else "in_year")
    elasticities, covariance = brute_force(data, before=before)
    # the search over one slope ends within 1e-8 of the place where the squares are least
    assert values(found)[:2] == pytest.approx(elasticities, abs=1e-6)
    assert errors(found) == pytest.approx(np.sqrt([*np.diag(covariance), covariance.sum()]), rel=1e-4)


def test_rows_without_materials_are_left_out() -> None:
    missing = oracle().with_columns(
        pl.when(pl.int_range(pl.len()) % 11 == 5)
        .then(None)
        .otherwise("intermediate_inputs")
        .alias("intermediate_inputs")
    )
    found = estimated(missing)
    assert found.dropped == {"intermediate_inputs missing": 55}
    assert found.technologies == estimated(missing.drop_nulls()).technologies


def samples(n: int, **changes: Any) -> tuple[Array, Array, Array]:
    made = [estimated(simulate_production(seed=s, n_firms=300, **changes).accounts) for s in range(n)]
    tests = [r.technologies[0].hansen for r in made]
    return (
        np.array([values(r)[:2] for r in made]),
        np.array([errors(r)[:2] for r in made]),
        np.array([t.p_value for t in tests if t is not None]),
    )


def test_the_truth_is_recovered_where_materials_show_productivity() -> None:
    b, std_errors, p = samples(12, **VALID)
    # 3.5 standard errors of a mean of 12 samples: the spread over 200 samples is 0.0048 and 0.0239. The estimator's own
    # bias at 300 firms is 0.0014 and -0.0061 (200 samples), and falls with the number of firms
    spread, bias = np.array([0.0048, 0.0239]), np.array([0.0014, 0.0061])
    assert (np.abs(b.mean(axis=0) - TRUTH) < 3.5 * spread / np.sqrt(12) + bias).all()
    # a mean of 12 standard errors varies by some 5%
    assert std_errors.mean(axis=0) == pytest.approx(spread, rel=0.15)
    assert (np.abs(b - TRUTH) < 3.5 * std_errors).all()
    assert (p > 0.05).sum() >= 9  # nominal 11.4 of 12; fewer than 9 has a chance of 0.2%


def test_the_test_of_moments_rejects_where_materials_depend_on_wages() -> None:
    b, _, p = samples(4)  # DGP1: wages differ between firms, so capital and materials do not give productivity
    assert (p < 1e-6).all()
    assert (b.mean(axis=0) - TRUTH)[1] > 0.2
    found = estimated(simulate_production(seed=0, n_firms=300).accounts)
    assert any(
        "Hansen's J rejects the moment conditions (p < 0.0001, 5 degrees of freedom)" in w for w in found.warnings
    )
    held = estimated(simulate_production(seed=0, n_firms=300, **VALID).accounts)
    assert not any("Hansen" in w for w in held.warnings)
    assert "Hansen's J: " in str(held)


def test_standard_errors_are_the_spread_over_draws_of_firms() -> None:
    data = rows(simulate_production(seed=3, n_firms=150, n_years=6, **VALID).accounts)
    how = Choices(degree=2, markov=1, years=False)
    point = wooldridge(data, how)
    assert point.covariance is not None
    draw, firms = np.random.default_rng(11), int(data.firm.max()) + 1
    drawn = []
    for _ in range(60):
        times = np.bincount(draw.integers(0, firms, firms), minlength=firms).astype(float)
        drawn.append(wooldridge(replace(data, weight=times[data.firm]), how, point.parameters).elasticities)
    # a standard deviation of 60 draws is within 25% of its mean in 99 of 100 cases; a second-order difference is added
    assert np.std(drawn, axis=0, ddof=1) == pytest.approx(np.sqrt(np.diag(point.covariance)), rel=0.35)


def test_draws_are_not_needed() -> None:
    data = oracle()
    one, other = (estimated(data, replicates=n) for n in (0, 30))
    assert one.technologies == other.technologies
    assert (other.replicates, other.technologies[0].draws) == (0, 0)
    assert not any("draws" in w for w in other.warnings)
    assert "standard errors clustered by firm" in str(one)


def test_productivity_is_that_of_the_simulation() -> None:
    data = simulate_production(seed=1, n_firms=300, **VALID).accounts
    removed = estimated(data, noise="remove").table.polars()["ln_tfp"].to_numpy()
    kept = estimated(data).table.polars()["ln_tfp"].to_numpy()
    truth = data["ln_tfp_value_added"].to_numpy()
    assert np.corrcoef(removed, truth)[0, 1] > 0.99
    assert np.corrcoef(kept, truth)[0, 1] == pytest.approx(0.949, abs=0.02)  # 0.3 / (0.09 + 0.01)^(1/2)


def test_powers_of_the_state_identify_a_g_of_higher_degree_than_h() -> None:
    data = simulate_production(seed=2, n_firms=300, **VALID).accounts
    line, cubic = (estimated(data, markov=markov, degree=2) for markov in (1, 3))
    # g is a line in this economy; with the terms of h alone as instruments the error of capital rises by a third
    assert errors(cubic)[1] == pytest.approx(errors(line)[1], rel=0.1)
    assert values(cubic)[1] == pytest.approx(values(line)[1], abs=errors(line)[1])


def test_units_do_not_matter() -> None:
    data = oracle()
    scaled = data.with_columns(pl.col("capital") * 1000, pl.col("intermediate_inputs") / 50, pl.col("employees") * 7)
    one, other = estimated(data, markov=2), estimated(scaled, markov=2)
    # both searches end within 1e-9 of the least squares of moments
    assert values(other) == pytest.approx(values(one), abs=1e-7)
    assert errors(other) == pytest.approx(errors(one), rel=1e-5)


def test_moments_that_do_not_determine_the_elasticities_are_refused() -> None:
    data = oracle().with_columns(pl.col("capital").mean().over("firm"))
    data = data.with_columns(intermediate_inputs=2 * pl.col("capital"))
    with pytest.raises(NotIdentified, match="do not identify the elasticities"):
        estimated(data)
