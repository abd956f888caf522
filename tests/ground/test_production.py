"""The simulated firms do what theory says of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.simulation import simulate_production


def test_without_risk_investment_is_a_geometric_sum() -> None:
    calm = {"productivity_sd": 0.0, "wage_sd": 0.0, "noise_sd": 0.0, "adjustment_sd": 0.0}
    made = simulate_production(n_firms=1, n_years=3, **calm).accounts
    # profit of a unit of capital: max over L of L^0.6 - L = 0.6^1.5 - 0.6^2.5; a year later 0.8 of the unit is left
    profit = 0.6**1.5 - 0.6**2.5
    worth = 0.95 * profit / (1 - 0.95 * 0.8)
    assert made["investment"].to_list() == pytest.approx([worth] * 3)
    assert made["capital"].to_list() == pytest.approx([worth / 0.2] * 3, rel=1e-9)
    assert (made["wages"] / made["value_added"]).to_list() == pytest.approx([0.6] * 3)
    assert (made["intermediate_inputs"] / made["gross_output"]).to_list() == pytest.approx([0.5] * 3)


def test_investment_is_what_capital_is_expected_to_earn() -> None:
    made = simulate_production(n_firms=4000, n_years=30, adjustment_sd=0.0, seed=3).accounts
    # the profit of a unit of capital in a year is (value added - wages) / capital, by constant returns
    earned = (made["value_added"] - made["wages"]).to_numpy() / made["capital"].to_numpy() / np.exp(0.1**2 / 2)
    earned, invested = earned.reshape(4000, 30), made["investment"].to_numpy().reshape(4000, 30)
    weight = 0.95 * (0.95 * 0.8) ** np.arange(29)
    late = 0.95 * (0.95 * 0.8) ** 29 / (1 - 0.95 * 0.8)
    realised = earned[:, 1:] @ weight + late * earned.mean()
    # the mean over firms of what was realised after the first year, for firms that invested much and little
    much = invested[:, 0] > np.median(invested[:, 0])
    for group in (much, ~much):
        error = realised[group].std() / np.sqrt(group.sum())
        assert abs(realised[group].mean() - invested[group, 0].mean()) < 3.5 * error


def test_firms_are_reproducible_and_differ_by_seed() -> None:
    assert simulate_production(n_firms=5).accounts.equals(simulate_production(n_firms=5).accounts)
    assert not simulate_production(n_firms=5).accounts.equals(simulate_production(n_firms=5, seed=1).accounts)
    stock = simulate_production(n_firms=50, n_years=5).accounts.with_columns(
        made=(0.8 * pl.col("capital") + pl.col("investment")).shift(1).over("firm")
    )
    assert stock.filter(pl.col("made").is_not_null())["made"].to_list() == pytest.approx(
        stock.filter(pl.col("made").is_not_null())["capital"].to_list()
    )


def test_elasticities_sum_to_one() -> None:
    with pytest.raises(UsageError, match="do not sum to 1"):
        simulate_production(labour=0.7)
