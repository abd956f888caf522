"""A label claims a unit or a construction only of a column that integrade made; a user's own is called as it is."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from integrade.report.tables import descriptive_table
from integrade.study.data.panel import made_in
from integrade.study.loaded import load_run
from integrade.study.run import Request, run_study
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.naming import CONSTRUCTED, label_of
from plainwords.texts import in_language, speaking
from studies import edit, new, without_questions

YEARS = "ln years of schooling"


def finished(root: Path) -> StudyResults:
    without_questions(root, '["md"]')
    run_study(root, Request(), tell=lambda _: None)
    return load_run(root).results


def notes(results: StudyResults) -> str:
    return " ".join(descriptive_table(results.describe, results.labels, results.units).notes)


def with_own(root: Path, column: str) -> None:
    """The study with a table of the user's own in place of [education]; its column is in no unit that is known."""
    text = (root / "study.toml").read_text(encoding="utf-8")
    start = text.index("[education]")
    section = text[start : text.index("\n[", start + 1)]
    rows = pl.read_csv(root / "raw" / "education.csv", encoding="gb18030")
    cells = rows.select(region=rows.columns[0], year=rows.columns[1])
    cells.with_columns((pl.int_range(pl.len()) % 7 + 40.0).alias(column)).write_csv(root / "raw" / "own.csv")
    edit(root, (section, '[[covariates]]\nfiles = ["raw/own.csv"]\n'))


@pytest.mark.slow
def test_years_of_schooling_are_named_where_they_were_made(tmp_path: Path) -> None:
    study = new(tmp_path)
    results = finished(study)
    assert results.units["human_capital"] == YEARS
    assert results.units["scale"].startswith("ln total assets")
    assert set(CONSTRUCTED) & set(results.labels) == set()
    panel = next((tmp_path / ".integrade").glob("panel-*"))
    assert {"market", "quality", "human_capital", "scale", "age"} <= set(made_in(panel))


@pytest.mark.slow
def test_years_without_a_log_are_no_log_of_years(tmp_path: Path) -> None:
    study = new(tmp_path)
    edit(study, ("log = true ", "log = false "))
    results = finished(study)
    assert results.units["human_capital"] == "years of schooling"
    assert in_language(results.units["human_capital"], "zh") == "受教育年限（年）"


@pytest.mark.slow
def test_a_column_of_the_user_has_no_unit_that_integrade_would_have_given_it(tmp_path: Path) -> None:
    study = new(tmp_path)
    with_own(study, "human_capital")
    results = finished(study)
    assert "human_capital" not in results.units
    assert "rd" not in results.units  # a table of the user too
    assert YEARS not in notes(results)
    with speaking("zh"):
        assert "受教育年限" not in notes(results)
    assert "ln total assets" in notes(results)  # that of a control, which is made


@pytest.mark.slow
def test_a_constructed_name_of_the_users_own_is_called_as_it_is(tmp_path: Path) -> None:
    """The study makes no financing constraint; the column of that name is another one."""
    study = new(tmp_path)
    with_own(study, "fic")
    edit(study, ('fic = "asset_share"  ', 'fic = "none"  '), ('fic_column = "receivables"', ""))
    results = finished(study)
    assert "fic" not in results.units
    for language in ("en", "zh"):
        with speaking(language):
            assert label_of("fic", results.labels) == "fic"
            assert label_of("scale", results.labels) != "scale"
