"""Olley-Pakes, Levinsohn-Petrin, Ackerberg-Caves-Frazer: against R, and against a printed Monte Carlo.

Table I of Ackerberg, Caves and Frazer (2015), without error in materials: mean (standard deviation) over 1,000 samples
of 1,000 firms in 10 years, the truth being 0.6 and 0.4. It is recalled, not read again.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.panel.productivity import TfpResult, tfp
from integrade.panel.productivity.control_function import solve
from integrade.panel.productivity.series import Array
from integrade.simulation import simulate_production

ORACLES = Path(__file__).parents[2] / "oracles"
STORED: dict[str, Any] = json.loads((ORACLES / "production.json").read_text())
DGP: dict[str, dict[str, float]] = {
    "DGP1": {},
    "DGP2": {"labour_time": 0.0, "labour_error_sd": 0.37, "wage_sd": 0.0},
    "DGP3": {"labour_error_sd": 0.37},
    # investment is a function of productivity alone, and capital has a variation of its own
    "OP": {"labour_time": 0.0, "labour_error_sd": 0.37, "wage_sd": 0.0, "adjustment_sd": 0.0, "capital_shock_sd": 0.2},
}
PRINTED = {
    ("acf", "DGP1"): ((0.600, 0.399), (0.009, 0.015)),
    ("lp", "DGP1"): ((0.000, 1.121), (0.005, 0.028)),
    ("acf", "DGP2"): ((0.600, 0.400), (0.009, 0.016)),
    ("lp", "DGP2"): ((0.600, 0.399), (0.003, 0.013)),
    ("acf", "DGP3"): ((0.596, 0.406), (0.006, 0.014)),
    ("lp", "DGP3"): ((0.473, 0.588), (0.003, 0.016)),
}


@cache
def accounts(dgp: str, seed: int, n_firms: int = 1000) -> pl.DataFrame:
    return simulate_production(seed=seed, n_firms=n_firms, **DGP[dgp]).accounts


def found(result: TfpResult) -> list[float]:
    return [e.estimate for e in result.technologies[0].elasticities[:-1]]


def estimated(data: pl.DataFrame, method: str, **changes: Any) -> list[float]:
    return found(tfp(data, **{"method": method, "replicates": 0, "years": False, **changes}))


@each(
    ("name", "method", "changes"),
    [
        ("op", "op", {}),
        ("lp", "lp", {}),
        ("lp_markov", "lp", {"markov": 3, "years": True}),
        ("acf", "acf", {}),
        ("acf_markov", "acf", {"markov": 2}),
        ("ols", "ols", {"years": True}),
        ("fe", "fe", {"years": True}),
    ],
)
def test_the_same_in_r(name: str, method: str, changes: dict[str, Any]) -> None:
    data = pl.read_csv(ORACLES / "production.csv", schema_overrides={"firm": pl.String})
    # optimize and optim of R stop within 1e-7 of the place where the squares are least
    assert estimated(data, method, **changes) == pytest.approx(STORED[name], abs=1e-6)


def test_the_same_as_prodest() -> None:
    data = pl.read_csv(ORACLES / "production.csv", schema_overrides={"firm": pl.String})
    # its search ends where a sum of squares is 1e-13; its g is fitted to phi, not to output, for lp
    assert estimated(data, "acf") == pytest.approx(STORED["prodest"]["acf"], abs=1e-5)
    assert estimated(data, "lp") == pytest.approx(STORED["prodest"]["lp"], abs=5e-4)


@pytest.mark.parametrize(("method", "dgp"), PRINTED)
def test_one_sample_is_where_the_printed_monte_carlo_has_it(method: str, dgp: str) -> None:
    centre, spread = np.array(PRINTED[method, dgp])
    away = np.abs(np.array(estimated(accounts(dgp, 1), method)) - centre) / spread
    assert (away < 3.5).all(), away


@pytest.mark.slow
@pytest.mark.parametrize(("method", "dgp"), PRINTED)
def test_the_printed_monte_carlo(method: str, dgp: str) -> None:
    n = 12 if method == "acf" else 40  # its search takes half a second each; 40 would find a bias only a fifth smaller
    samples = np.array([estimated(accounts(dgp, seed), method) for seed in range(n)])
    centre, spread = np.array(PRINTED[method, dgp])
    # 3.5 standard errors of the samples, 0.002 for the rounding and 0.02 for what a recalled design may differ in
    near = np.abs(samples.mean(axis=0) - centre) < 3.5 * spread / np.sqrt(n) + 0.002 + 0.02 * np.abs(centre)
    assert near.all(), samples.mean(axis=0)


def test_olley_and_pakes_recover_the_truth_where_investment_shows_productivity_alone() -> None:
    data = accounts("OP", 1)
    assert estimated(data, "op") == pytest.approx([0.6, 0.4], abs=0.02)
    biased = estimated(data, "ols")
    assert biased[0] > 0.85  # labour follows productivity
    # where firms differ in their cost of adjustment, investment does not show productivity
    assert estimated(accounts("DGP2", 1), "op")[0] > 0.8


@pytest.mark.parametrize("dgp", ["DGP1", "DGP3"])
def test_least_squares_and_effects_of_firms_do_not_recover_the_truth(dgp: str) -> None:
    for method in ("ols", "fe"):
        assert estimated(accounts(dgp, 1), method)[0] > 0.75


def test_productivity_is_that_of_the_simulation() -> None:
    data = accounts("DGP1", 1)
    kept = tfp(data, replicates=0).table.polars()["ln_tfp"].to_numpy()
    removed = tfp(data, replicates=0, noise="remove").table.polars()["ln_tfp"].to_numpy()
    truth = data["ln_tfp_value_added"].to_numpy()
    assert np.corrcoef(removed, truth)[0, 1] > 0.99
    # the noise has a standard deviation of 0.1 beside 0.3 of productivity: 0.3 / (0.09 + 0.01)^(1/2) = 0.95
    assert np.corrcoef(kept, truth)[0, 1] == pytest.approx(0.949, abs=0.02)
    assert (kept - truth).std() == pytest.approx(0.1, abs=0.01)


def test_the_solution_that_is_no_elasticity_is_kept_apart() -> None:
    (one,) = tfp(accounts("DGP3", 1), replicates=0).technologies
    assert [e.estimate for e in one.elasticities] == pytest.approx([0.6, 0.4, 1.0], abs=0.05)
    assert any(other == pytest.approx((1.0, 0.0), abs=0.05) for other in one.others)


def test_another_solution_is_one_where_the_equations_hold() -> None:
    def two(b: Array) -> Array:  # zero at (0, 0) and (1, 0)
        return np.array([b[0] * (b[0] - 1), b[1]])

    starts = [np.array([-0.2, 0.1]), np.array([1.2, 0.1])]
    first, others, solved = solve(two, starts, lambda b: (False, b[0]))
    assert solved
    assert first == pytest.approx([0, 0], abs=1e-6)
    ((values, why),) = others
    assert values == pytest.approx((1, 0), abs=1e-6)
    assert why == "less-persistent"
    assert solve(two, starts, lambda b: (b[0] > 0.5, b[0]))[1][0][1] == "beyond"
    assert solve(two, starts, lambda _: (False, 0.0))[1][0][1] == "as-persistent"

    def nowhere(b: Array) -> Array:  # least squares of 1e-4 at both
        return np.array([b[0] * (b[0] - 1), 0.01 * np.sqrt(2) + 0 * b[1]])

    assert solve(nowhere, starts, lambda b: (False, b[0]))[1:] == ((), False)


def test_errors_of_the_bootstrap_are_the_spread_of_estimates() -> None:
    (one,) = tfp(accounts("DGP1", 1, 400), replicates=40).technologies
    labour, capital = one.elasticities[:2]
    # the printed spread is for 1,000 firms; an error from 40 draws is within 25%
    assert labour.std_error == pytest.approx(0.009 * np.sqrt(2.5), rel=0.4)
    assert capital.std_error == pytest.approx(0.015 * np.sqrt(2.5), rel=0.4)
    assert one.draws == 40
