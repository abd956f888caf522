"""More questions to a regression from the command line: each flag gives what the Python function gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.cli import run
from integrade.simulation import Economy, simulate
from integrade.subjects.instruments.builders import join_instrument, split_goods

FORMULA = "quality ~ market + market^2 + scale + age | firm + year"


class Files(NamedTuple):
    """Where the panel, the prices behind its index, customs rows and traits are."""

    panel: Path
    prices: Path
    rows: Path
    ports: Path
    roads: Path

    def call(self, formula: str, *flags: str) -> tuple[str, ...]:
        return ("fit", str(self.panel), formula, "--cluster", "region", *flags)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("questions")
    found = Files(*(folder / name for name in ("panel.csv", "prices.csv", "rows.parquet", "ports.csv", "roads.csv")))
    made = simulate(Economy(n_firms=200, n_years=6, n_products=6, n_destinations=4, state_share=0.3))
    index = ig.relative_price(made.prices).select("region", "year", market="integration")
    rows = made.true_quality.drop("market").join(index, on=["region", "year"], how="left")
    rows.with_columns(share=1 / (1 + (-pl.col("quality")).exp())).write_csv(found.panel)
    made.prices.write_csv(found.prices)
    ig.demand_residual(made.customs, sigma=5, level="row").write_parquet(found.rows)
    regions = sorted(set(rows["region"]))
    pl.DataFrame({"region": regions, "ports": [(7 * i % 11) / 10 for i in range(len(regions))]}).write_csv(found.ports)
    years = list(range(2000, 2015))
    pl.DataFrame({"year": years, "roads": [float((y - 1999) ** 1.5) for y in years]}).write_csv(found.roads)
    return found


def said(capsys: pytest.CaptureFixture[str], *call: str) -> dict[str, Any]:
    assert run([*call, "--json", "--quiet"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_estimators_models_and_degrees_of_freedom(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    rows = pl.read_csv(files.panel)
    iv = "quality ~ age | firm + year | market ~ scale + roa"
    for estimator in ("liml", "gmm"):
        found = said(capsys, *files.call(iv, "--estimator", estimator))
        want = ig.fit(rows, iv, cluster="region", estimator=estimator)
        assert found["coefficients"]["market"]["std_error"] == want["market"].std_error
        assert found["iv"]["estimator"] == estimator.upper()
        assert set(found["iv"]["effective_f_critical"]) == {"5%", "10%", "20%", "30%"}
    for model in ("ppml", "fractional"):
        found = said(capsys, *files.call("share ~ market + scale | firm + year", "--model", model))
        want = ig.fit(rows, "share ~ market + scale | firm + year", cluster="region", model=model)
        assert found["model"] == model
        assert found["marginal_effects"]["market"]["estimate"] == want.marginal[0].estimate
    found = said(capsys, *files.call(FORMULA, "--vcov", "CR3", "--df", "satterthwaite"))
    assert found["df_by_term"]["market"] < 27
    found = said(capsys, *files.call(iv, "--wild", "199"))
    assert found["wild"]["market"]["p_value"] == ig.fit(rows, iv, cluster="region", wild=199).wild[0].p_value


def test_clusters_family_placebo_and_decomposition(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--clusters", "--romano-wolf", "199", "--placebo", "--gelbach", "size = scale + age")
    found, rows = said(capsys, *files.call(FORMULA, *flags)), pl.read_csv(files.panel)
    assert found["cluster_report"]["terms"][0]["g_star"] == ig.cluster_report(rows, FORMULA).terms[0].g_star
    family = ig.romano_wolf_family(rows, FORMULA, cluster="region", wild=199)
    assert [t["p_romano_wolf"] for t in found["romano_wolf"]["tests"]] == [t.p_romano_wolf for t in family.tests]
    lead = ig.robustness(rows, FORMULA, "market", checks=("placebo",), cluster="region")[1]
    assert found["placebo"]["joint_p"] == lead.joint_p
    parts = ig.gelbach(rows, FORMULA, ["size = scale + age"], cluster="region")
    assert found["gelbach"]["parts"][0]["change"]["estimate"] == parts["market", "size"].change.estimate


def test_decomposition_stands_among_the_robustness_checks(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, *files.call(FORMULA, "--robustness", "--gelbach", "size = scale", "--gelbach", "age"))
    explained = {v["label"]: v for v in found["robustness"] if v["family"] == "explained by"}
    assert list(explained) == ["size", "age", "all groups"]
    assert explained["size"]["b1"] + explained["age"]["b1"] == pytest.approx(explained["all groups"]["b1"])
    assert next(v["note"] for v in found["robustness"] if v["label"] == "fractional logit").startswith("'quality' has")


def test_several_regressions_make_a_table(files: Files, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    formula = "c(quality, scale) ~ market + market^2 + csw0(age, roa) | firm + year"
    found = said(capsys, *files.call(formula, "--vcov", "CR3"))["regressions"]
    want = ig.fit_many(pl.read_csv(files.panel), formula, cluster="region", vcov="CR3")
    assert list(found) == list(want)
    for label, one in want.items():
        assert found[label]["coefficients"]["market"]["std_error"] == one["market"].std_error
    split = said(capsys, *files.call("quality ~ market | firm + year", "--split", "ownership"))["regressions"]
    assert list(split) == ["ownership=foreign", "ownership=private", "ownership=state"]
    assert run([*files.call(formula, "--quiet", "--out", str(tmp_path / "table.csv"))]) == 0
    text = capsys.readouterr().out
    assert "(6)" in text
    assert "(6) scale, age + roa" in text
    assert pl.read_csv(tmp_path / "table.csv")["regression"].unique(maintain_order=True).to_list() == list(want)
    assert run([*files.call(formula, "--quiet", "--out", str(tmp_path / "table.tex"))]) == 0
    assert r"\begin{tabular" in (tmp_path / "table.tex").read_text("utf-8")
    capsys.readouterr()
    assert run([*files.call(formula, "--hausman", "mundlak")]) == 2
    assert "cannot answer questions" in capsys.readouterr().err


@pytest.mark.slow  # 40 simulated economies for the bias of the halves
def test_noise_of_the_index(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "quality ~ market + market^2 + scale | firm + year"
    flags = ("--prices", str(files.prices), "--halves", "20", "--simex", "20", "--pipeline", "29")
    found, rows, prices = (
        said(capsys, *files.call(formula, *flags)),
        pl.read_csv(files.panel),
        pl.read_csv(files.prices),
    )
    both = ig.questions.corrected(prices, rows, formula, splits=20, cluster="region")
    assert found["corrected"]["fit"]["coefficients"]["market"]["estimate"] == pytest.approx(both.fit["market"].estimate)
    assert found["corrected"]["splits"] == 20
    simex = ig.simex(prices, rows, formula, draws=20, cluster="region")
    assert found["simex"]["corrected"]["coefficients"]["market"]["estimate"] == pytest.approx(
        simex.corrected["market"].estimate, rel=1e-8
    )
    draws = ig.pipeline_bootstrap(prices, rows, formula, draws=29, cluster="region")
    assert found["pipeline"]["quantities"][0]["std_error"] == pytest.approx(draws["market"].std_error, rel=1e-8)
    assert run([*files.call(formula, "--halves", "20")]) == 2
    assert "--prices" in capsys.readouterr().err


def test_neighbours_and_customs_rows(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "quality ~ market + market^2 + scale | firm + year"
    flags = ("--prices", str(files.prices), "--spillover", "--row-level", str(files.rows))
    found, rows = said(capsys, *files.call(formula, *flags)), pl.read_csv(files.panel)
    wider = ig.add_spillover(rows, prices=pl.read_csv(files.prices))
    more = "quality ~ market + market^2 + scale + market_neighbours + market_neighbours^2 | firm + year"
    want = ig.fit(wider, more, cluster="region")
    assert found["spillover"]["fit"]["coefficients"]["market_neighbours"]["estimate"] == pytest.approx(
        want["market_neighbours"].estimate, rel=1e-7
    )
    columns = found["row_level"]["columns"]
    by_hand = ig.row_level(
        pl.read_parquet(files.rows),
        rows,
        "quality ~ market + market^2 + scale | firm + product + destination^year",
        cluster="region",
    )
    assert columns["rows"]["coefficients"]["market"]["estimate"] == pytest.approx(
        by_hand.rows["market"].estimate, rel=1e-7
    )
    assert {"firm-years", "rows", "trade=ordinary", "trade=processing"} <= set(columns)


def test_instruments_are_made_before_the_regression(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    rows, prices = pl.read_csv(files.panel), pl.read_csv(files.prices)
    lagged = said(capsys, *files.call("quality ~ scale | firm + year | market ~ market_l2", "--instrument", "lag:2"))
    series = rows.select("region", "year", "market").unique()
    z = ig.lagged_index(series, 2, "market")
    want = ig.fit(join_instrument(rows, z), "quality ~ scale | firm + year | market ~ market_l2", cluster="region")
    assert lagged["coefficients"]["market"]["estimate"] == pytest.approx(want["market"].estimate, rel=1e-9)
    made = (
        "--instrument",
        "neighbours",
        "--instrument",
        f"terrain:{files.ports},{files.roads}",
        "--instrument",
        "halves",
        "--prices",
        str(files.prices),
    )
    formula = "quality ~ scale | firm + year | market ~ neighbours + ports_x_roads + market_a"
    found = said(capsys, *files.call(formula, *made))
    panel = join_instrument(rows, ig.neighbour_instrument(prices))
    panel = join_instrument(panel, ig.terrain_instrument(pl.read_csv(files.ports), pl.read_csv(files.roads)))
    panel = join_instrument(panel, split_goods(prices))
    assert found["iv"]["kp_f"] == pytest.approx(ig.fit(panel, formula, cluster="region").iv.kp_f, rel=1e-7)
    shares = said(
        capsys,
        *files.call("quality ~ scale | firm + year | market ~ shift_share", "--instrument", f"exposure:{files.ports}"),
    )["shift_share"]
    made_by_hand = ig.shift_share_instrument(series, pl.read_csv(files.ports), column="market")
    errors = ig.shift_share_errors(
        join_instrument(rows, made_by_hand.instrument),
        "quality ~ scale | firm + year | market ~ shift_share",
        made_by_hand,
    )
    assert shares["exposure"]["std_error"] == pytest.approx(errors.exposure.std_error, rel=1e-6)
    assert shares["by"] == "year"


def test_weak_instruments_have_three_sets(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "quality ~ scale | firm + year | market ~ market_l2"
    flags = ("--instrument", "lag:2", "--weak-iv", "--wild", "399")
    found = said(capsys, *files.call(formula, *flags))["weak_iv"]
    assert [len(found[key]) for key in ("sets", "sets_cr3", "sets_wild")] == [1, 1, 1]
    assert found["ar_p_wild"] * 400 == pytest.approx(round(found["ar_p_wild"] * 400))
    assert found["first_stage"][0]["coefficients"]["market_l2"]["estimate"] != 0


@each(
    ("flags", "words"),
    [
        (("--instrument", "lagg:2"), "did you mean 'lag'"),
        (("--instrument", "lag:x"), "a number of years"),
        (("--instrument", "terrain:a.csv"), "TRAITS_BY_REGION"),
        (("--instrument", "neighbours"), "give --prices"),
        (("--gelbach", "scael"), "did you mean 'scale'"),
        (("--estimator", "gmm"), "needs instruments"),
        (("--row-level", "nowhere.parquet"), "U104"),
    ],
)
def test_errors_are_coded(files: Files, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], words: str) -> None:
    assert run([*files.call(FORMULA, *flags)]) == 2
    assert words in capsys.readouterr().err


def test_help_is_grouped(capsys: pytest.CaptureFixture[str]) -> None:
    run(["fit", "--help"])
    text = capsys.readouterr().out
    headings = (
        "Estimation and errors",
        "Further checks of inference",
        "Shape of the effect",
        "Instruments",
        "Noise in the index",
        "Robustness",
        "Files and output",
    )
    places = [text.index(name) for name in headings]
    assert places == sorted(places)


def test_effect_sizes_are_those_of_the_function(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, *files.call(FORMULA, "--effect-sizes"))["effect_sizes"]
    own = ig.effect_sizes(ig.fit(pl.read_csv(files.panel), FORMULA, cluster="region"))
    assert [(r["variable"], r["move"]) for r in found["rows"]] == [(e.variable, e.move) for e in own.rows]
    for row, effect in zip(found["rows"], own.rows, strict=True):
        assert row["in_sd"] == pytest.approx(effect.in_sd, rel=1e-9)
        assert row["conf_low"] == pytest.approx(effect.conf_low, rel=1e-9)
