"""Least squares, effects of firms and index numbers, against the regressions of the package and sums by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from integrade.estimate.fit import fit
from integrade.panel.productivity import tfp
from integrade.simulation import simulate_production


def accounts() -> pl.DataFrame:
    made = simulate_production(n_firms=80, n_years=4, seed=3).accounts
    return made.filter((pl.col("firm") != "03") | (pl.col("year") != 1999))


def logs() -> pl.DataFrame:
    return accounts().with_columns(
        y=pl.col("value_added").log(), l=pl.col("employees").log(), k=pl.col("capital").log()
    )


@pytest.mark.parametrize(("method", "effects"), [("ols", "year"), ("fe", "firm + year")])
def test_elasticities_are_those_of_the_regression(method: str, effects: str) -> None:
    found = tfp(accounts(), method=method, replicates=0).technologies[0].elasticities
    regression = fit(logs(), f"y ~ l + k | {effects}", singletons="keep")
    assert [e.estimate for e in found[:2]] == pytest.approx([c.estimate for c in regression.coefficients], rel=1e-9)


def test_errors_are_those_of_clusters_by_firm() -> None:
    found = tfp(accounts(), method="ols", replicates=400).technologies[0].elasticities
    regression = fit(logs(), "y ~ l + k | year", vcov="CR1", cluster="firm")
    # 400 draws: the error of a standard error is 1 / (2 x 400)^(1/2) = 3.5%; CR1 is a little small with 80 firms
    assert [e.std_error for e in found[:2]] == pytest.approx([c.std_error for c in regression.coefficients], rel=0.15)


def test_solow_by_hand() -> None:
    data = accounts()
    share = (data["wages"] / data["value_added"]).mean()
    found = tfp(data, method="solow", replicates=0)
    assert [e.estimate for e in found.technologies[0].elasticities] == pytest.approx([share, 1 - share, 1.0])
    expected = logs().select(pl.col("y") - share * pl.col("l") - (1 - share) * pl.col("k")).to_series()
    assert found.table.polars()["ln_tfp"].to_numpy() == pytest.approx(expected.to_numpy())
    rented = tfp(data, method="solow", rental=0.2, replicates=0).technologies[0].elasticities[0].estimate
    assert rented == pytest.approx((data["wages"] / (data["wages"] + 0.2 * data["capital"])).mean())


def test_shares_of_gross_output_have_materials() -> None:
    data = accounts()
    found = tfp(data, method="solow", form="gross_output", replicates=0).technologies[0].elasticities
    labour = (data["wages"] / data["gross_output"]).mean()
    materials = (data["intermediate_inputs"] / data["gross_output"]).mean()
    assert [e.estimate for e in found] == pytest.approx([labour, 1 - labour - materials, materials, 1.0])


def test_multilateral_index_by_its_formula() -> None:
    rows = logs().with_columns(s=pl.col("wages") / pl.col("value_added"))
    mean = {
        year: tuple(float(part[c].mean()) for c in ("y", "l", "k", "s"))  # type: ignore[arg-type]
        for (year,), part in rows.group_by("year")
    }
    years = sorted(mean)
    expected = []
    for y, lab, k, s, year in rows.select("y", "l", "k", "s", "year").iter_rows():
        my, ml, mk, ms = mean[year]
        value = y - my - 0.5 * ((s + ms) * (lab - ml) + (2 - s - ms) * (k - mk))
        for before, now in pairwise(years):
            if now <= year:
                (ya, la, ka, sa), (yb, lb, kb, sb) = mean[before], mean[now]
                value += yb - ya - 0.5 * ((sa + sb) * (lb - la) + (2 - sa - sb) * (kb - ka))
        expected.append(value)
    assert tfp(accounts(), method="index", replicates=0).table.polars()["ln_tfp"].to_list() == pytest.approx(expected)


def test_units_of_inputs_move_the_level_alone() -> None:
    data = accounts()
    dear = data.with_columns(pl.col("capital", "value_added", "wages") * 1000)
    for method in ("index", "solow", "ols", "fe", "lp", "acf"):
        one = tfp(data, method=method, replicates=0).table.polars()["ln_tfp"].to_numpy()
        other = tfp(dear, method=method, replicates=0).table.polars()["ln_tfp"].to_numpy()
        assert np.ptp(other - one) < 1e-6, method
