"""Questions to a regression from the command line: every flag prints its answer and adds JSON, errors are coded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.cli import run
from integrade.simulation import Economy, simulate

FORMULA = "quality ~ market + market^2 + scale + age | firm + year"


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("panel") / "panel.csv"
    made = simulate(Economy(n_firms=250, n_years=7, n_products=6, n_destinations=5, state_share=0.3))
    rows = made.true_quality.join(
        made.true_index.select("region", "year", human_capital="ln_human_capital"), on=["region", "year"]
    ).join(made.rd.select("region", "year", "rd"), on=["region", "year"], how="left")
    rows.write_csv(path)
    return path


def said(capsys: pytest.CaptureFixture[str], *call: str) -> dict[str, Any]:
    assert run([*call, "--json", "--quiet"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=refuse)
    return found


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def fit(panel: Path, *flags: str) -> tuple[str, ...]:
    return ("fit", str(panel), FORMULA, "--cluster", "region", *flags)


def test_groups_are_those_of_the_python_function(panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, *fit(panel, "--by", "ownership", "--permutations", "19"))["groups"]
    rows = pl.read_csv(panel)
    want = ig.compare_groups(rows, FORMULA, "ownership", permutations=19, cluster="region")
    assert [g["group"] for g in found["groups"]] == ["foreign", "private", "state"]
    assert found["joint"][0]["test"]["p_value"] == want.joint[0].test.p_value
    assert found["joint"][0]["p_permutation"] == want.joint[0].p_permutation
    assert found["differences"][0]["p_holm"] == want.differences[0].p_holm
    assert found["groups"][0]["fit"]["coefficients"]["market"]["estimate"] == want.groups[0].fit["market"].estimate


def test_how_makes_the_groups(panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, *fit(panel, "--how", "ownership", "--permutations", "0"))["groups"]
    assert [g["group"] for g in found["groups"]] == ["non_state", "state"]
    assert found["permuted"] is None
    areas = said(capsys, *fit(panel, "--by", "region", "--how", "area", "--permutations", "0"))["groups"]
    assert [g["group"] for g in areas["groups"]] == ["Central", "East", "West"]


def test_lags_follow_the_formula_and_lag_of(panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, *fit(panel, "--lags", "1", "--lags", "2", "--leads", "1"))["lags"]
    assert [c["shift"] for c in found["columns"]] == [0, 1, 2, -1]
    assert found["columns"][1]["joint"]["terms"] == ["market_l1", "market_l1^2"]
    assert found["placebo"]["future"]["terms"] == ["market_f1", "market_f1^2"]
    want = ig.lag_table(pl.read_csv(panel), FORMULA, lags=(1, 2), leads=(1,), cluster="region")
    assert found["columns"][2]["n_lost"] == want[2].n_lost
    call = ("fit", str(panel), "quality ~ human_capital + market | firm + year", "--cluster", "region")
    other = said(capsys, *call, "--lags", "1", "--lag-of", "market")["lags"]
    assert (other["variable"], other["columns"][1]["joint"]["terms"]) == ("market", ["market_l1"])


def test_mediation_through_one_and_several(panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, *fit(panel, "--mediator", "human_capital"))["mediation"]
    want = ig.mediate(pl.read_csv(panel), FORMULA, "human_capital", cluster="region")
    assert found["mediators"][0]["verdict"] == want.mediators[0].verdict
    assert found["mediators"][0]["indirect"][0]["conf_low"] == want.mediators[0].indirect[0].conf_low
    both = said(capsys, *fit(panel, "--mediator", "human_capital", "--mediator", "rd"))["mediation"]
    assert [m["name"] for m in both["mediators"]] == ["human_capital", "rd"]


def test_shape_fixed_effects_and_sensitivity(panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = (
        "--u-test",
        "market",
        "--two-lines",
        "market",
        "--cubic",
        "market",
        "--hausman",
        "mundlak",
        "--sensitivity",
        "market",
    )
    found = said(capsys, *fit(panel, *flags))
    rows = pl.read_csv(panel)
    assert found["two_lines"]["break_at"] == ig.two_lines(rows, FORMULA, cluster="region").break_at
    assert found["cubic"]["p_value"] == ig.cubic_test(rows, FORMULA, cluster="region").p_value
    assert found["hausman"]["statistic"] == ig.hausman(rows, FORMULA, cluster="region").statistic
    want = ig.omitted_confounder(rows, FORMULA, "market", at="p50")
    assert found["sensitivity"]["confounder"]["robustness_value"] == want.robustness_value
    assert found["sensitivity"]["oster"]["delta_zero"] == ig.oster(rows, FORMULA, "market", at="p50").delta_zero
    assert found["u_test"]["shape"] == "inverted U"
    bare = ("fit", str(panel), "quality ~ market | firm + year", "--sensitivity", "market")
    assert said(capsys, *bare)["sensitivity"]["oster"] is None  # no control to judge by


def test_instruments_and_randomisation(panel: Path, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "quality ~ scale | firm + year | market ~ human_capital"
    call = ("fit", str(panel), formula, "--cluster", "region", "--weak-iv")
    want = ig.weak_iv(pl.read_csv(panel), formula, cluster="region")
    assert said(capsys, *call)["weak_iv"]["ar_p"] == want.ar_p
    found = said(capsys, *fit(panel, "--randomise", "49"))["randomisation"]
    drawn = ig.randomisation(pl.read_csv(panel), FORMULA, permutations=49, cluster="region")
    assert found["terms"][0]["p_value"] == drawn.terms[0].p_value


def test_robustness_is_a_list_with_reasons_where_it_cannot_be_made(
    panel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = said(capsys, *fit(panel, "--robustness"))["robustness"]
    by_label = {v["label"]: v for v in found}
    assert by_label["baseline"]["b2"] == said(capsys, *fit(panel))["coefficients"]["market^2"]["estimate"]
    assert "no column 'value'" in by_label["value"]["note"]
    assert by_label["Poisson"]["b1"] is not None or by_label["Poisson"]["note"]


def test_answers_are_printed_below_the_fit_and_written(
    panel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fit.json"
    flags = ("--how", "period", "--lags", "1", "--two-lines", "market", "--hausman", "mundlak", "--out", str(out))
    assert run([*fit(panel, *flags), "--quiet"]) == 0
    text = capsys.readouterr().out
    places = [
        text.index(part)
        for part in (
            "standard errors: CR1",
            "lags of market",
            "differences (stacked regression)",
            "two lines in market",
            "Hausman (mundlak)",
        )
    ]
    assert places == sorted(places)
    assert {"coefficients", "groups", "lags", "two_lines", "hausman"} <= set(json.loads(out.read_text("utf-8")))


@each(
    ("flags", "code", "words"),
    [
        (("--by", "owership"), 2, "did you mean 'ownership'"),
        (("--how", "intensity"), 2, "U103 no column"),
        (("--lag-of", "market"), 2, "give --lags 1"),
        (("--lags", "0"), 2, "U100"),
        (("--mediator", "human_captal"), 2, "did you mean 'human_capital'"),
        (("--two-lines", "scael"), 2, "U100"),
        (("--sensitivity", "markt"), 2, "did you mean 'market'"),
        (("--hausman", "mundlack"), 2, "U100"),
        (("--weak-iv",), 2, "U100"),
        (("--by", "region", "--permutations", "0"), 2, "28 groups"),
    ],
)
def test_errors_are_coded(
    panel: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], code: int, words: str
) -> None:
    assert run([*fit(panel, *flags), "--quiet"]) == code
    heard = capsys.readouterr()
    assert words in heard.err
    assert "Traceback" not in heard.err
    assert heard.out == ""


PUBLIC = """
add_lags lag_table compare_groups group_column mediate two_lines cubic_test robustness oster omitted_confounder
robustness_value simex pipeline_bootstrap expected_attenuation holm romano_wolf weak_iv oriv control_function
split_goods randomisation spillover
"""


def test_every_question_is_public_in_python() -> None:
    for name in PUBLIC.split():
        assert callable(getattr(ig.questions, name))
