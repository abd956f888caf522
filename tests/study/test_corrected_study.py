"""A study corrects every question for noise in its index: its records by direct calls, its tables, its addresses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.cli import run
from integrade.engine.frames import Table
from integrade.estimate.contrasts import joint_test
from integrade.estimate.results import FitResult
from integrade.integration import relative_price
from integrade.integration.options import RelativePrice
from integrade.report.addresses import find
from integrade.study.asked import Asked, ask
from integrade.study.asking import index_series
from integrade.study.printed import all_tables, compose
from integrade.study.reading import load
from integrade.study.stored_results import results_from
from integrade.subjects import questions
from integrade.subjects.noise.corrected import corrected
from integrade.subjects.robustness.verdict import placebos
from integrade.verdicts.against import against
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.collected import verdicts
from plainwords.texts import Said
from studies import run_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(whole_study: Path) -> Path:
    return run_folder(whole_study)


@pytest.fixture(scope="module")
def results(folder: Path) -> StudyResults:
    return results_from((folder / "tables" / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(folder: Path, whole_study: Path) -> pl.DataFrame:
    controls = load(whole_study).regression.controls
    return pl.read_parquet(folder / "tables" / "panel.parquet").drop_nulls(["quality", "market", *controls])


@pytest.fixture(scope="module")
def prices(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "tables" / "prices.parquet")


Direct = Callable[..., FitResult]


@pytest.fixture(scope="module")
def direct(results: StudyResults, rows: pl.DataFrame, prices: pl.DataFrame) -> Direct:
    """The corrected regression of a formula, with the splits that a study takes by default."""

    def call(formula: str | None = None, panel: pl.DataFrame | None = None, **options: Any) -> FitResult:
        own = results.benchmark[-1].headline.formula if formula is None else formula
        return corrected(prices, rows if panel is None else panel, own, splits=20, cluster="region", **options).fit

    return call


def same(a: FitResult | None, b: FitResult) -> None:
    assert a is not None
    assert (a.nobs, a.df_t) == (b.nobs, b.df_t)
    for x, y in zip(a.coefficients, b.coefficients, strict=True):
        # sums in another order of rows
        assert (x.estimate, x.std_error) == pytest.approx((y.estimate, y.std_error), rel=1e-6)


def test_the_records_of_a_run_are_the_corrected_regressions(results: StudyResults, direct: Direct) -> None:
    assert results.noise is not None
    assert results.noise.halves is not None
    same(results.noise.halves.fit, direct())
    own = results.benchmark[-1].headline.formula
    for found in results.mediation:
        name = found.mediators[0].name
        assert found.corrected is not None
        same(found.corrected.direct, direct(own.replace(" | ", f" + {name} | ")))
        same(found.corrected.mediators[0].a_path, direct(own.replace("quality ~", f"{name} ~")))
    assert results.lags is not None
    assert results.lags.alone.corrected is not None
    same(results.lags.alone.corrected[0].fit, direct())
    assert results.lags.with_controls.corrected is None


def test_groups_of_a_run_are_corrected_by_group(results: StudyResults, rows: pl.DataFrame, direct: Direct) -> None:
    split = next(s for s in results.groups if s.how == "period")
    found = split.comparison.corrected
    assert found is not None
    for g in found.groups:
        first, last = map(int, g.group.split("-"))
        same(g.fit, direct(panel=rows.filter(pl.col("year").is_between(first, last))))


def test_versions_of_a_run_are_corrected_on_their_rows_and_with_their_index(
    results: StudyResults, rows: pl.DataFrame, prices: pl.DataFrame, direct: Direct
) -> None:
    by_name = {v.name: v for v in results.versions}
    same(by_name["To 2008"].corrected, direct(panel=rows.filter(pl.col("year") <= 2008)))
    options = RelativePrice(pairs="adjacent")
    index = relative_price(prices, options, se="none").select("region", "year", market="integration")
    other = rows.drop("market").join(index, on=["region", "year"], how="left", maintain_order="left")
    same(by_name["Adjacent pairs"].corrected, direct(panel=other, index=options))
    outcome = by_name["Unit value"]
    assert outcome.corrected is not None
    assert outcome.corrected["market"].estimate != results.noise.halves.fit["market"].estimate  # type: ignore[union-attr]
    assert outcome.corrected.nobs == outcome.column.headline.nobs


def test_the_corrected_headline_has_the_bootstrap_that_a_rule_may_need(results: StudyResults) -> None:
    assert results.noise is not None
    assert results.noise.halves is not None
    fit = results.noise.halves.fit
    assert {"market", "market^2", "market + market^2"} <= {w.null for w in fit.wild}
    printed = {w.null: w.draws for w in results.benchmark[-1].headline.wild}
    assert {w.draws for w in fit.wild} == {printed["market^2"]}
    [h1] = [v for v in results.verdicts if v.hypothesis == "H1"]
    if h1.parts[-1].key == "corrected":
        assert any("wild" in condition for condition in h1.parts[-1].inner)


def test_the_file_of_results_has_the_records(folder: Path) -> None:
    stored = json.loads((folder / "tables" / "results.json").read_text(encoding="utf-8"))
    text = json.dumps(stored)
    assert '"corrected_p"' in text
    mediation = stored["mediation"] if "mediation" in stored else stored["results"]["mediation"]
    assert mediation[0]["corrected"]["mediators"]
    assert mediation[0]["corrected"]["corrected"] is None


def test_corrected_rows_are_printed_with_addresses_that_explain(
    results: StudyResults, whole_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = set()
    for table in all_tables(results):
        for row in table.rows:
            if "corrected" not in row.key:
                continue
            at = next(i for i, cell in enumerate(row.cells) if i and cell)
            address = f"table{table.number}.{at}.{row.key}"
            assert find(table, f"{at}.{row.key}") is not None
            if table.place not in ("5", "6", "8", "11") or (table.place, row.key) in seen:
                continue
            seen.add((table.place, row.key))
            assert run(["explain", address, str(whole_study)]) == 0, address
            said = capsys.readouterr().out
            assert row.cells[at].split()[0].rstrip("*") in said, address
    assert seen >= {
        ("5", "past.corrected"),
        ("6", "corrected.from"),
        ("8", "corrected.market"),
        ("11", "corrected.overall"),
    }
    split = next(s for s in results.groups if s.how == "ownership")
    assert run(["explain", "table8.1.corrected.market", str(whole_study)]) == 0
    assert f"{split.comparison.groups[0].fit.nobs:,} rows" in capsys.readouterr().out  # of the group, not of all


def test_the_placebo_on_the_first_page_follows_the_corrected_test(results: StudyResults) -> None:
    [variant] = [v for v in results.robustness if v.family == "placebo"]
    assert variant.corrected_p is not None

    def with_p(printed: float, clean: float | None, why: str = "") -> StudyResults:
        one = replace(variant, joint_p=printed, wild_p=printed, corrected_p=clean, uncorrected=why)
        return replace(results, lags=None, robustness=(results.robustness[0], one))

    def said(changed: StudyResults) -> list[str]:
        return [e.sentence.key for e in against(changed) if e.kind == "placebo" and isinstance(e.sentence, Said)]

    assert said(with_p(0.001, 0.001)) == ["against.placebo"]
    assert said(with_p(0.001, 0.4)) == ["against.placebo-open"]  # neither against the design nor for it
    assert said(with_p(0.4, 0.001)) == []
    assert said(with_p(0.001, None, "halves do not agree")) == ["against.placebo-uncorrected"]
    assert said(with_p(0.001, None)) == ["against.placebo-or-noise"]
    [test] = placebos(with_p(0.001, 0.4))
    assert (test.p_corrected, test.rejects, test.is_low) == (0.4, False, False)


def test_the_p_of_the_placebo_is_that_of_a_direct_call(
    results: StudyResults, rows: pl.DataFrame, direct: Direct, prices: pl.DataFrame
) -> None:
    [variant] = [v for v in results.robustness if v.family == "placebo"]
    index = relative_price(prices, se="none").select("region", pl.col("year") - 1, market_f1="integration")
    wide = rows.join(index, on=["region", "year"], how="left", maintain_order="left")
    fit = direct(variant.formula, wide)
    joint = joint_test(fit, variant.tested).p_value
    assert fit.nobs == variant.nobs
    assert variant.corrected_p is not None
    assert variant.corrected_p >= joint * (1 - 1e-6)  # the larger of the joint p and the bootstrap's


def test_a_study_without_noise_or_with_no_halves_is_judged_as_printed(
    results: StudyResults, whole_study: Path, folder: Path, rows: pl.DataFrame
) -> None:
    study, tables = load(whole_study), folder / "tables"
    table = Table("prices", pl.read_parquet(tables / "prices.parquet"), conformed="prices")
    asked = Asked(study, rows, results.benchmark[-1].headline.formula, index_series(study, tables), whole_study, table)
    assert asked.halves() is not None
    noise = study.section("noise")
    for section in (None, noise.model_copy(update={"halves": 0}), noise.model_copy(update={"run": False})):
        other = asked._replace(study=study.model_copy(update={"noise": section}))
        assert other.halves() is None
    assert asked._replace(prices=None).halves() is None
    few = table.polars().filter(pl.col("commodity").is_in(table.polars()["commodity"].unique().sort()[:3].to_list()))
    assert asked._replace(prices=Table("prices", few, conformed="prices")).halves() is None
    plain = replace(
        results,
        noise=None,
        mediation=tuple(replace(m, corrected=None) for m in results.mediation),
        groups=tuple(replace(s, comparison=replace(s.comparison, corrected=None)) for s in results.groups),
    )
    assert not [p for v in verdicts(plain) for p in v.parts if p.key == "corrected"]


def test_an_index_over_time_is_no_error_of_the_other_questions(
    results: StudyResults, whole_study: Path, folder: Path, rows: pl.DataFrame
) -> None:
    """Its value of a single year has no halves: lags are then answered as printed, and the study runs."""
    study, tables = load(whole_study), folder / "tables"
    table = Table("prices", pl.read_parquet(tables / "prices.parquet"), conformed="prices")
    asked = Asked(
        study,
        rows,
        results.benchmark[-1].headline.formula,
        index_series(study, tables),
        whole_study,
        table,
        index_options=RelativePrice(dispersion="over_time", window=3),
        how=None,
    )
    assert asked.halves() is None
    quick = study.model_copy(update={"regression": study.regression.model_copy(update={"wild": 0})})
    asked = asked._replace(study=quick)
    question = next(q for q in questions() if q.name == "lags")
    found = ask(question, asked, quick.section("lags")).found
    assert found.alone.corrected is None
    assert found.alone.uncorrected == ""


def test_the_report_names_the_correction(results: StudyResults) -> None:
    tables = {t.place: t for t in compose(results).tables()}
    assert any("Corrected for noise" in note for note in tables["5"].notes)
    assert any("Corrected for noise" in note for note in tables["6"].notes)
    assert any("Corrected for noise" in note for note in tables["8"].notes)
    remark = next(r.cells[-1] for r in tables["A2"].rows if "corrected for noise p" in r.cells[-1])
    [variant] = [v for v in results.robustness if v.family == "placebo"]
    assert np.isclose(float(remark.rsplit("=", 1)[1]), variant.corrected_p or 0, atol=1e-4)
