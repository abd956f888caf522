"""Gandhi, Navarro and Rivers: a simulated truth, and their estimator's limit where the form is Cobb-Douglas."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.panel.productivity import TfpResult, tfp
from integrade.simulation import simulate_production

TRUTH = [0.3, 0.2, 0.5]


def accounts(seed: int = 1, labour_time: float = 1.0) -> pl.DataFrame:
    return simulate_production(seed=seed, n_firms=500, labour_time=labour_time).accounts


def elasticities(result: TfpResult) -> list[float]:
    return [e.estimate for e in result.technologies[0].elasticities[:-1]]


def test_the_truth_is_recovered_and_least_squares_does_not_find_it() -> None:
    data = accounts()
    found = tfp(data, method="gnr", replicates=0)
    # standard deviations over samples of 1,000 firms: 0.006, 0.003, 0.0005
    assert elasticities(found) == pytest.approx(TRUTH, abs=0.03)
    assert elasticities(found)[2] == pytest.approx(0.5, abs=0.003)
    omega = tfp(data, method="gnr", replicates=0, noise="remove").table.polars()["ln_tfp"].to_numpy()
    truth = data["ln_tfp_gross_output"].to_numpy()
    assert np.corrcoef(omega, truth)[0, 1] > 0.99
    kept = found.table.polars()["ln_tfp"].to_numpy()
    assert (kept - omega).std() == pytest.approx(0.1, abs=0.005)
    # materials are a function of the other inputs and productivity: least squares gives them everything
    assert elasticities(tfp(data, method="ols", form="gross_output", replicates=0))[2] > 0.95


def test_labour_that_is_chosen_within_the_year_is_said() -> None:
    data = accounts(labour_time=0.5)
    assert elasticities(tfp(data, method="gnr", labour_set="in_year", replicates=0)) == pytest.approx(TRUTH, abs=0.03)
    assert elasticities(tfp(data, method="gnr", labour_set="before", replicates=0))[0] > 0.4


def test_the_share_is_in_current_prices() -> None:
    data = accounts()
    price = 1 + 0.1 * (pl.col("year") - 1998)
    dear = data.with_columns(
        real_gross_output=pl.col("gross_output"),
        real_intermediate_inputs=pl.col("intermediate_inputs"),
        gross_output=pl.col("gross_output") * price,
        intermediate_inputs=pl.col("intermediate_inputs") * price,
    )
    found = tfp(dear, method="gnr", replicates=0)
    assert found.columns["output"], found.columns["current_output"] == ("real_gross_output", "gross_output")
    assert elasticities(found) == pytest.approx(elasticities(tfp(data, method="gnr", replicates=0)), abs=1e-6)
    shared = data.with_columns(s=pl.col("intermediate_inputs") / pl.col("gross_output"))
    assert elasticities(tfp(shared, method="gnr", material_share="s", replicates=0)) == pytest.approx(
        elasticities(tfp(data, method="gnr", replicates=0)), abs=1e-6
    )


def test_materials_above_output_are_told() -> None:
    data = accounts().with_columns(gross_output=pl.col("gross_output") * 0.4)
    found = tfp(data, method="gnr", replicates=0)
    assert any("check whether the column is value added" in w for w in found.warnings)


def test_a_row_without_current_prices_has_no_share() -> None:
    data = accounts().with_row_index("at")
    found = tfp(
        data.with_columns(
            real_gross_output="gross_output",
            gross_output=pl.when(pl.col("at") < 3).then(None).otherwise("gross_output"),
        ),
        method="gnr",
        replicates=0,
    )
    assert found.dropped == {"gross_output missing": 3}
    assert elasticities(found) == pytest.approx(TRUTH, abs=0.03)
