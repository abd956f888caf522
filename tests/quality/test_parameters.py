"""Sigma and theta from records: brute force on the rows, a simulated truth from the model itself, refusals."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from integrade.engine.frames import Table
from integrade.errors import IntegradeError, MissingColumn, NotIdentified, TooFew, UsageError
from integrade.quality import feenstra, quality_parameters, supply_demand
from integrade.quality.feenstra import Moments
from integrade.quality.sigma import names_a_file
from integrade.simulation.chosen_quality import ChosenQuality, simulate_chosen_quality

FLAGS = {"replicates": 0}


def exports(*, seed: int, **economy: Any) -> pl.DataFrame:
    return simulate_chosen_quality(ChosenQuality(**economy), seed)


def estimated(data: Any, **options: Any) -> pl.DataFrame:
    return quality_parameters(Table("customs", data), **FLAGS | options).polars()


def differences(data: pl.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Firm and market -> rows of changes of p, s and c over time, less the mean of the market's firms, row by row."""
    series: dict[tuple[str, str, int], np.ndarray] = {}
    for r in data.iter_rows(named=True):
        p, c = np.log(r["value"] / r["quantity"]), np.log(r["input_cost"] / r["productivity"])
        series[r["firm"], r["destination"], r["year"]] = np.array([p, np.log(r["value"]), c])
    changed = {(f, m, t): now - series[f, m, t - 1] for (f, m, t), now in series.items() if (f, m, t - 1) in series}
    of_market: dict[tuple[str, int], list[np.ndarray]] = {}
    for (_, m, t), one in changed.items():
        of_market.setdefault((m, t), []).append(one)
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for (f, m, t), one in changed.items():
        if len(of_market[m, t]) > 1:
            found.setdefault((f, m), []).append(one - np.mean(of_market[m, t], axis=0))
    return {key: np.array(rows) for key, rows in found.items() if len(rows) >= 2}


def test_the_moments_are_those_of_the_rows() -> None:
    data = exports(sigma=5, theta=0.6, firms=12, markets=3, years=6, seed=4)
    data = data.sample(fraction=0.9, seed=2)  # gaps, and firms that come and go
    cells = differences(data)
    p, s, c = np.concatenate(list(cells.values())).T
    a, g = (p @ c) / (c @ c), (s @ c) / (c @ c)
    n, mean, second = [], [], []
    for one in cells.values():
        left, right = one[:, 0] - a * one[:, 2], one[:, 1] - g * one[:, 2]
        terms = np.stack([left**2, right**2, left * right], axis=1)
        n.append(float(len(one)))
        mean.append(terms.mean(axis=0))
        second.append(terms.T @ terms / len(one))
    of = Moments(np.array(n), np.array(mean), np.array(second), np.ones(len(n)))
    b = float(feenstra.feenstra(of, np.ones((1, len(n)))).sigma[0]) - 1
    d = -((s + b * p) @ c) / (c @ c)
    (row,) = estimated(data, estimator="feenstra").iter_rows(named=True)
    assert (row["n_firms"], row["n_differences"]) == (len({f for f, _ in cells}), sum(n))
    assert row["sigma"] == pytest.approx(1 + b + d, rel=1e-8)
    assert row["theta"] == pytest.approx(d / (b + d), rel=1e-8)
    for sigma in (3.0, 5.0):
        (row,) = estimated(data, sigma=sigma).iter_rows(named=True)
        want = -((s + (sigma - 1) * p) @ c) / ((sigma - 1) * ((c - p) @ c))  # instrument c in s + (sigma-1)p on (p - c)
        assert row["theta"] == pytest.approx(want, rel=1e-9)
    (row,) = estimated(data, theta=0.5, alpha=0.8, estimator="feenstra").iter_rows(named=True)
    assert row["sigma"] == pytest.approx(1 + b / 0.6, rel=1e-8)


TRUTHS = [(5.0, 0.6, 1.0), (7.0, 0.3, 1.0), (4.0, 0.4, 1.0), (5.0, 0.5, 0.8)]


@pytest.mark.parametrize(("sigma", "theta", "alpha"), TRUTHS)
def test_the_truth_of_the_model_is_found(sigma: float, theta: float, alpha: float) -> None:
    """One large draw; tolerances are four times the standard deviation over twelve seeds (0.03 and 0.004)."""
    data = exports(sigma=sigma, theta=theta, alpha=alpha, firms=100, markets=8, years=14, seed=1)
    (row,) = estimated(data, alpha=alpha).iter_rows(named=True)
    assert row["sigma"] == pytest.approx(sigma, abs=0.15)
    assert row["theta"] == pytest.approx(theta, abs=0.02)
    (row,) = estimated(data, alpha=alpha, sigma=sigma).iter_rows(named=True)
    assert row["theta"] == pytest.approx(theta, abs=0.02)
    (row,) = estimated(data, alpha=alpha, theta=theta).iter_rows(named=True)
    assert row["sigma"] == pytest.approx(sigma, abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "theta", "alpha"), TRUTHS[:3])
def test_medians_and_standard_errors(sigma: float, theta: float, alpha: float) -> None:
    """60 draws of 40 firms, 5 markets, 8 years: medians within 1% of sigma, .01 of theta; errors as they say."""
    rows = [
        estimated(exports(sigma=sigma, theta=theta, alpha=alpha, firms=40, markets=5, years=8, seed=100 + i),
                  replicates=60).row(0, named=True)
        for i in range(60)
    ]  # fmt: skip
    found = pl.DataFrame(rows)
    middle = found.select(pl.col("sigma", "theta", "se_sigma", "se_theta").median()).row(0)
    assert middle[0] == pytest.approx(sigma, rel=0.01)
    assert middle[1] == pytest.approx(theta, abs=0.01)
    for name, se in (("sigma", middle[2]), ("theta", middle[3])):
        low, high = found[name].quantile(0.16), found[name].quantile(0.84)
        assert low is not None
        assert high is not None
        assert 0.6 < se / ((high - low) / 2) < 1.7


def test_naive_regressions_miss_it() -> None:
    """Sales on price and cost by least squares: prices answer demand, so that b comes out too small by far."""
    data = exports(sigma=5, theta=0.6, firms=100, markets=8, years=14, seed=1)
    p, s, c = np.concatenate(list(differences(data).values())).T
    b, d = -np.linalg.lstsq(np.stack([p, c], axis=1), s, rcond=None)[0]
    assert 1 + b + d < 4.5
    (row,) = estimated(data).iter_rows(named=True)
    assert abs(row["sigma"] - 5) < abs(1 + b + d - 5) / 3


def test_order_engine_and_seed_do_not_matter() -> None:
    data = exports(sigma=5, theta=0.6, firms=25, markets=3, years=6, seed=8)
    own = estimated(data, replicates=20)
    again = estimated(data[::-1], replicates=20)
    for name in ("sigma", "theta", "se_sigma", "se_theta"):
        assert again[name][0] == pytest.approx(own[name][0], rel=1e-9)
    duck = quality_parameters(duckdb.from_arrow(data.to_arrow()), replicates=20).pl()
    assert duck["fallback"].to_list() == own["fallback"].to_list()
    for name in ("sigma", "theta", "se_sigma", "se_theta"):
        assert duck[name][0] == pytest.approx(own[name][0], rel=1e-8)
    assert own["se_theta"][0] > 0
    assert 0.5 < own["admissible"][0] <= 1


def test_the_measure_takes_its_own_estimates() -> None:
    """Two products, one of two firms: estimated where there are enough, missing and counted where not."""
    first = exports(sigma=5, theta=0.6, firms=25, markets=3, years=6, seed=8)
    second = first.filter(pl.col("firm").is_in(["f000", "f001"])).with_columns(product=pl.lit("640299"))
    data = pl.concat([first, second])
    table = estimated(data)
    assert table["fallback"].to_list() == ["no", "too few firms"]
    own = supply_demand(Table("customs", data), sigma="estimate", theta="estimate", cost="columns", level="row")
    one = {"sigma": table["sigma"][0], "theta": table["theta"][0]}
    given = supply_demand(Table("customs", data), **one, cost="columns", level="row")
    mine, theirs = (t.polars() for t in (own, given))
    large = (mine["product"] == "610910").to_numpy()
    np.testing.assert_allclose(mine["ln_quality"].to_numpy()[large], theirs["ln_quality"].to_numpy()[large], rtol=1e-9)
    assert mine["ln_quality"].null_count() == second.height
    truth = first.sort("firm", "destination", "year")
    rows = mine.filter(pl.col("product") == "610910").sort("firm", "destination", "year")
    assert np.corrcoef(rows["ln_quality"].to_numpy(), truth["ln_quality"].to_numpy())[0, 1] > 0.999
    said = str(own.account)
    assert "1 product with too few firms" in said
    assert "median sigma" in said


def test_records_that_do_not_identify_are_refused() -> None:
    data = exports(sigma=5, theta=0.6, firms=6, markets=2, years=5, seed=8)
    nobody = data.drop("firm").unique(["product", "destination", "year"])
    alike = data.with_columns(input_cost=pl.lit(1.0), productivity=pl.lit(1.0))
    cases: list[tuple[type[IntegradeError], str, pl.DataFrame, dict[str, Any]]] = [
        (TooFew, r"(?s)no product has 3 firms.*sigma=5 and theta=0\.6", data.filter(pl.col("year") < 2006), {}),
        (TooFew, "no product has 3 firms", data.filter(pl.col("firm").is_in(["f000", "f001"])), {}),
        (UsageError, r"(?s)no firm.*give the parameters", nobody, {}),
        (MissingColumn, "input_cost", data.drop("input_cost"), {}),
        (UsageError, "no parameter remains", data, {"sigma": 5, "theta": 0.6}),
        (NotIdentified, r"(?s)fall in its price.*give the parameters", alike, {}),
        (UsageError, "alpha=True is not a number", data, {"alpha": True}),
        (UsageError, "replicates=-1", data, {"replicates": -1}),
    ]
    for error, message, rows, options in cases:
        with pytest.raises(error, match=message):
            estimated(rows, **options)
    with pytest.raises(UsageError, match=r"(?s)costs are assumed equal.*theta=0\.6"):
        supply_demand(data, sigma="estimate", theta="estimate", cost="none")


def test_productivity_may_be_in_logs() -> None:
    data = exports(sigma=5, theta=0.6, firms=12, markets=2, years=5, seed=8)
    logs = data.with_columns(ln_tfp=pl.col("productivity").log()).drop("productivity")
    (own,), (same,) = (
        estimated(data).iter_rows(named=True),
        estimated(logs, productivity="ln_tfp", log_productivity=True).iter_rows(named=True),
    )
    assert same["theta"] == pytest.approx(own["theta"], rel=1e-9)


def test_the_word_is_no_file() -> None:
    """A study takes text in sigma or theta for a file unless it is a number or a word that stands for an estimate."""
    assert not names_a_file("estimate")
    assert names_a_file("estimates.csv")
