"""plm, sandwich, clubSandwich and AER on tests/oracles/panel.csv: stored output always, R itself when it is there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.estimate.fit import fit
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.results import FitResult
from library import needs_r

HERE = Path(__file__).parents[1] / "oracles"
FORMULA = "y ~ market + market^2 + scale | firm + year"
STORED: dict[str, Any] = json.loads((HERE / "panel.json").read_text())  # R 4.5.0, packages of Debian 13
# R solves 70 dummies by QR with market and its square correlated .999: nine digits agree
CLOSE = 1e-8


def table() -> pl.DataFrame:
    return pl.read_csv(HERE / "panel.csv")


def errors(result: FitResult) -> list[float]:
    return [c.std_error for c in result.coefficients]


def test_coefficients() -> None:
    found = [c.estimate for c in fit(table(), FORMULA).coefficients]
    np.testing.assert_allclose(found, STORED["coefficients"], rtol=CLOSE)
    np.testing.assert_allclose(found, STORED["plm"], rtol=CLOSE)
    weighted = [c.estimate for c in fit(table(), FORMULA, weights="weight").coefficients]
    np.testing.assert_allclose(weighted, STORED["weighted"], rtol=CLOSE)


@pytest.mark.parametrize("kind", ["iid", "HC1", "HC2", "HC3"])
def test_robust_errors(kind: str) -> None:
    np.testing.assert_allclose(errors(fit(table(), FORMULA, vcov=kind)), STORED[kind], rtol=CLOSE)


def test_iid_errors_of_plm_and_of_weights() -> None:
    np.testing.assert_allclose(errors(fit(table(), FORMULA)), STORED["plm_iid"], rtol=CLOSE)
    np.testing.assert_allclose(errors(fit(table(), FORMULA, weights="weight")), STORED["weighted_iid"], rtol=CLOSE)


def test_bell_mccaffrey_and_satterthwaite() -> None:
    result = fit(table(), FORMULA, vcov="CR2", cluster="region")
    np.testing.assert_allclose(errors(result), STORED["CR2"], rtol=CLOSE)
    np.testing.assert_allclose(list(result.df_by_term.values()), STORED["CR2_df"], rtol=CLOSE)


def test_jackknife_against_refits_and_clubsandwich() -> None:
    result = fit(table(), FORMULA, vcov="CR3", cluster="region")
    np.testing.assert_allclose(errors(result), STORED["CR3"], rtol=CLOSE)
    # clubSandwich's CR3 has no factor (G-1)/G; it cannot take effects nested in clusters, so year effects only
    years = fit(table(), "y ~ market + market^2 + scale | year", vcov="CR3", cluster="region")
    np.testing.assert_allclose(errors(years), np.sqrt(8 / 9) * np.array(STORED["CR3_club_year"]), rtol=CLOSE)


def test_clusters_up_to_the_small_sample_factor() -> None:
    design = prepare(table(), FORMULA)
    one = np.array(errors(estimate(design, cluster="region"))) / STORED["CR0"]
    n, k = 235, 3 + 59 + 5  # firm effects are not nested: three movers
    np.testing.assert_allclose(one, np.sqrt(9 / 8 * (n - 1) / (n - k)), rtol=CLOSE)
    two = np.array(errors(estimate(design, cluster="region+year"))) / STORED["CR0_multiway"]
    k = 3 + 58 + 1  # year effects are nested in year
    np.testing.assert_allclose(two, np.sqrt(6 / 5 * (n - 1) / (n - k)), rtol=CLOSE)


@pytest.mark.parametrize("rule", ["cgm", "multi0"])
def test_two_way_errors_of_sandwich(rule: str) -> None:
    """vcovCL with its defaults, and with multi0 = TRUE: every dummy counts, each part has its own factor."""
    found = fit(table(), FORMULA, cluster="region+year", ssc=rule, singletons="keep")
    np.testing.assert_allclose(errors(found), STORED[rule], rtol=CLOSE)
    assert found.df_t == 5
    assert any("sandwich" in note for note in found.notes)


@pytest.mark.system
def test_petersens_data(tmp_path: Path) -> None:
    """Petersen (2009): 500 firms, 10 years, two-way .0536 (x) and .0651, as cluster2.ado and sandwich print them."""
    file = tmp_path / "petersen.csv"
    data = f'data("PetersenCL", package = "sandwich"); write.csv(PetersenCL, "{file}", row.names = FALSE)'
    subprocess.run([needs_r("sandwich"), "-e", data], check=True, capture_output=True)
    rows = pl.read_csv(file)
    for rule, constant, slope in (("cgm", 0.06506391820, 0.05355802294), ("multi0", 0.06506639058, 0.05356103375)):
        found = fit(rows, "y ~ x", cluster="firm+year", ssc=rule)
        assert found["x"].std_error == pytest.approx(slope, abs=5e-11)  # digits of vcovCL, sandwich 3.1.1
        assert found["constant"].std_error == pytest.approx(constant, abs=5e-11)
    for cluster, published in (("firm", 0.0506), ("year", 0.0334)):
        assert fit(rows, "y ~ x", cluster=cluster, ssc="cgm")["x"].std_error == pytest.approx(published, abs=5e-5)
    least = fit(rows, "y ~ x", cluster="firm+year")["x"].std_error  # every part corrected for the ten years
    assert least == pytest.approx(0.0553, abs=5e-5)


@pytest.mark.parametrize("kind", ["iid", "HC1"])
def test_instruments(kind: str) -> None:
    result = fit(table(), "y ~ scale | region | x ~ z1 + z2", vcov=kind)
    np.testing.assert_allclose([c.estimate for c in result.coefficients], STORED["iv"], rtol=CLOSE)
    np.testing.assert_allclose(errors(result), STORED[f"iv_{kind}"], rtol=CLOSE)
    if kind == "iid":
        assert result.iv is not None
        assert result.iv.first_stage_f["x"] == pytest.approx(STORED["iv_first_f"], rel=CLOSE)
        assert (result.iv.hansen_j, result.iv.hansen_p) == pytest.approx(tuple(STORED["iv_sargan"]), rel=1e-7)


@pytest.mark.system
def test_r_still_prints_what_is_stored() -> None:
    needs_r("plm", "sandwich", "clubSandwich", "AER", "jsonlite")
    command = ["Rscript", str(HERE / "panel.R"), str(HERE / "panel.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fresh = json.loads(done.stdout)
    assert fresh.keys() == STORED.keys()
    for name, numbers in STORED.items():
        np.testing.assert_allclose(fresh[name], numbers, rtol=1e-9, err_msg=name)
