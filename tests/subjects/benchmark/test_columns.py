"""Other outcomes, indices and samples beside the benchmark: the same regression by hand, and through a study file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import report_example as example
from integrade.errors import UnknownColumn
from integrade.estimate.fit import fit
from integrade.estimate.hausman import hausman
from integrade.estimate.inverted_u import u_test
from integrade.estimate.multiple import holm
from integrade.report.regression import regression_table
from integrade.study.config import study_model
from integrade.study.stored_results import results_from
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.subjects.versions.question import Base, versions
from integrade.subjects.versions.tables import said, version_tables, versions_figure
from integrade.verdicts.bundle import StudyResults
from panels import panel

FORMULA = "y ~ market + market^2 + scale | firm + year"


def base(**more: object) -> Base:
    study = study_model().model_validate(
        {
            "title": "t",
            "customs": {"files": []},
            "firms": {"files": []},
            "quality": {"sigma": 5},
            "regression": {"outcome": "y", "controls": ["scale"], "wild": 99},
            **more,
        }
    )
    rows = panel(3, firms=120).with_columns(other=pl.col("y") * 2 + pl.col("x"), shifted=pl.col("market") + 1)
    own = fit(rows, FORMULA, vcov="CR3", cluster="region")
    return Base(study, Path(), Path(), "polars", rows, Column("(2)", own, {}, u_test(own, "market")))


def test_versions_are_the_regression_by_hand() -> None:
    given = base(
        outcomes=[{"name": "Other", "column": "other"}],
        indices=[{"name": "Shifted", "column": "shifted"}],
        samples=[{"name": "Late", "where": "year >= 2003"}, {"name": "None", "where": "year > 3000"}],
    )
    found, left = versions(given)
    assert [(v.kind, v.name, v.change) for v in found] == [
        ("outcome", "Other", "column other"),
        ("index", "Shifted", "column shifted"),
        ("sample", "Late", "year >= 2003"),
    ]
    assert left == ("The sample 'None' is not reported: no row is left by 'year > 3000'.",)
    rows = given.panel
    hand = [
        fit(rows.with_columns(y=pl.col("other")), FORMULA, vcov="CR3", cluster="region"),
        fit(rows.with_columns(market=pl.col("shifted")), FORMULA, vcov="CR3", cluster="region"),
        fit(rows.filter(pl.col("year") >= 2003), FORMULA, vcov="CR3", cluster="region"),
    ]
    for version, own in zip(found, hand, strict=True):
        for a, b in zip(version.column.headline.coefficients, own.coefficients, strict=True):
            assert (a.term, a.estimate, a.std_error) == (b.term, pytest.approx(b.estimate), pytest.approx(b.std_error))
        assert version.effects is not None
        assert {w.null for w in version.column.headline.wild} >= {"market", "market^2"}
    tests = [given.column.u_test, found[0].column.u_test]
    assert found[0].p_holm == pytest.approx(float(holm([t.p_value for t in tests if t])[1]))
    assert found[1].p_holm is None
    turns = found[1].column.u_test, given.column.u_test
    assert turns[0] and turns[1] and turns[0].turning_point == pytest.approx(turns[1].turning_point + 1)  # noqa: PT018


def test_the_study_s_own_steps_stay_the_latest(tmp_path: Path) -> None:
    """A later run says why it runs by comparing with the latest stored step, which must not be that of a version."""
    import os

    stamp = tmp_path / "step.json"
    stamp.write_text("{}", encoding="utf-8")
    os.utime(stamp, (1.0, 1.0))
    versions(base(samples=[{"name": "Late", "where": "year >= 2003"}])._replace(own=(tmp_path,)))
    assert stamp.stat().st_mtime > 1.0


def test_a_misspelt_column_is_an_error_of_use() -> None:
    with pytest.raises(UnknownColumn, match="did you mean 'other'"):
        versions(base(outcomes=[{"name": "a", "column": "othr"}]))
    with pytest.raises(UnknownColumn, match="did you mean 'year'"):
        versions(base(samples=[{"name": "a", "where": "yeer > 2003"}]))


def results() -> StudyResults:
    given = base(
        outcomes=[{"name": "Other", "column": "other"}],
        samples=[{"name": "Late", "where": "year >= 2003"}, {"name": "Early", "where": "year < 2003"}],
    )
    found, _ = versions(given)
    own = given.column
    return example.study(benchmark=(own,), versions=found, effects=effect_sizes(own.headline, "market"), verdicts=())


def test_tables_and_figure_hold_the_versions_beside_the_benchmark() -> None:
    study = results()
    outcomes, samples = version_tables(study)
    assert (outcomes.number, samples.number) == ("4c", "4e")
    assert outcomes.columns == ("", "(1) y", "(2) Other")
    assert samples.columns == ("", "(1) Benchmark of the study", "(2) Late", "(3) Early")
    by_label = {row.cells[0]: row.cells[1:] for row in samples.rows}
    assert by_label["Observations"] == tuple(
        f"{c.headline.nobs:,}" for c in (study.benchmark[0], study.versions[1].column, study.versions[2].column)
    )
    assert "Change in s.d., market integration from p10 to p50" in by_label
    assert any(row.cells[0] == "U-test p, Holm over the outcomes" for row in outcomes.rows)
    assert not any(row.cells[0] == "U-test p, Holm over the outcomes" for row in samples.rows)
    assert "(2) year >= 2003; (3) year < 2003" in samples.notes[0]
    spec = versions_figure(study).to_dict()
    rows = (
        next(iter(d for d in spec["datasets"].values() if len(d) > 1))
        if "datasets" in spec
        else (spec["layer"][1]["data"]["values"])
    )
    assert {r["name"] for r in rows} == {"Benchmark of the study", "Outcome: Other", "Sample: Late", "Sample: Early"}
    assert said(study)[0].startswith(
        "The same regression was run on 1 other outcome and 2 parts of the sample. "
        "With the uncorrected index, 0 of 3 meet the conditions of H1."
    )


def test_the_hausman_test_of_the_benchmark_is_not_repeated_beside_versions() -> None:
    study = results()
    test = hausman(panel(3, firms=120), "y ~ market + scale | firm + year", cluster="region")
    own = replace(study.benchmark[0], hausman=test)
    assert any("Hausman" in note for note in regression_table({"(1)": own}).notes)
    for table in version_tables(replace(study, benchmark=(own,))):
        assert not any("Hausman" in text for text in (*(row.cells[0] for row in table.rows), *table.notes))


@pytest.mark.slow
def test_measures_and_rules_travel_from_the_study_file_to_the_page(short_study: Path, tmp_path: Path) -> None:
    import shutil

    from integrade.cli import run

    shutil.copytree(short_study, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = (
        text[: text.index("[report]")]
        + """
[[outcomes]]
name = "Unit value"
method = "unit_value"

[[indices]]
name = "Adjacent pairs"
pairs = "adjacent"

[[samples]]
name = "To 2008"
where = "year <= 2008"

[[hypotheses]]
name = "H6"
claim = "It turns earlier in the first years."
rule = 'turning_point in "To 2008" < turning_point'

[report]
formats = ["html"]
"""
    )
    file.write_text(text, encoding="utf-8")
    assert run(["run", str(tmp_path)]) == 0
    folder = tmp_path / "runs" / (tmp_path / "runs" / "latest").read_text(encoding="utf-8")
    found = results_from((folder / "tables" / "results.json").read_text(encoding="utf-8"))
    assert [v.name for v in found.versions] == ["Unit value", "Adjacent pairs", "To 2008"]
    verdict = next(v for v in found.verdicts if v.hypothesis.startswith("H6"))
    own, early = found.benchmark[-1].u_test, found.versions[2].column.u_test
    assert own is not None
    assert early is not None
    assert verdict.outcome == ("supported" if early.turning_point < own.turning_point else "not supported")
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    for words in ("Table 4c.", "Table 4d.", "Table 4e.", "It turns earlier in the first years."):
        assert words in page
    # unit values by hand: the measure's own function on the same customs rows
    import integrade as ig

    customs = ig.read_customs(str(tmp_path / "raw" / "customs" / "*.parquet"))
    values = ig.unit_value(customs).polars().select("firm", "year", pl.col("quality").alias("own"))
    panel_rows = pl.read_parquet(folder / "tables" / "panel.parquet").join(values, on=["firm", "year"])
    formula = found.benchmark[-1].headline.formula
    hand = fit(panel_rows.with_columns(quality=pl.col("own")), formula, vcov="CR3", cluster="region")
    assert found.versions[0].column.headline["market"].estimate == pytest.approx(hand["market"].estimate, rel=1e-8)
