"""The families of measures as a question: rank correlations, what is missing, and the sections under the presets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.engine.frames import Table
from integrade.errors import DataError
from integrade.integration import head_ries
from integrade.integration.comparison import compare_measures
from integrade.report.document import compose
from integrade.study.asked import Asked
from integrade.study.config import study_model, with_preset
from integrade.study.inputs import family_sources, raw_files
from integrade.study.printed import all_tables
from integrade.study.records import read_as, read_json, to_json
from integrade.subjects import question_named
from integrade.subjects.families.model import OF_INTEGRATION, OF_QUALITY, FamiliesCompared, compared
from integrade.subjects.families.question import Families, families, families_tables
from plainwords.texts import speaking

REGIONS = ("A", "B", "C", "D", "E", "F")


def index(turn: float = 1.0) -> pl.DataFrame:
    """An index of six regions over five years; a negative ``turn`` reverses the order of the regions."""
    rows = [(r, 2004 + t, turn * (i + 0.1 * t * t)) for i, r in enumerate(REGIONS) for t in range(5)]
    return pl.DataFrame(rows, schema=["region", "year", "integration"], orient="row")


def flows(folder: Path) -> pl.DataFrame:
    """Trade between all regions, also within each, in raw/flows.csv."""
    rng = np.random.default_rng(4)
    rows = [(a, b, 2004 + t, float(rng.uniform(1, 9))) for a in REGIONS for b in REGIONS for t in range(5)]
    table = pl.DataFrame(rows, schema=["origin", "destination", "year", "value"], orient="row")
    table.write_csv(folder / "flows.csv")
    return table


def test_the_order_of_regions_is_compared() -> None:
    found = compared(OF_INTEGRATION, "relative_price", index(), {"flows": index, "cycle": lambda: index(-1)})
    rows = {row.family: row for row in found}
    assert (rows["flows"].within, rows["flows"].averages) == (1, 1)
    assert (rows["cycle"].within, rows["cycle"].averages) == (-1, -1)
    assert (rows["flows"].n_units, rows["flows"].n_years) == (6, 5)
    assert [row.family for row in found if row.own] == ["price"]


def test_a_study_without_an_index_does_not_lack_the_data_that_it_has() -> None:
    rows = {row.family: row for row in compared(OF_INTEGRATION, "relative_price", None, {"flows": index})}
    assert rows["flows"].why == "the study has no measure of its own to compare with"
    assert rows["cycle"].why == ""  # printed as the table that it needs


def test_a_family_without_data_and_one_that_the_data_do_not_allow() -> None:
    def fails() -> pl.DataFrame:
        raise DataError("too few years")

    rows = {row.family: row for row in compared(OF_INTEGRATION, "relative_price", index(), {"flows": fails})}
    assert (rows["flows"].why, rows["flows"].within) == ("too few years", None)
    assert (rows["survey"].why, rows["survey"].n_units) == ("", 0)


def test_a_measure_of_no_family_is_the_first_row() -> None:
    found = compared(OF_QUALITY, "nested_logit", index(), {"unit_value": index})
    assert [row.family for row in found] == ["other", "unit_value", "features", "supply", "demand"]
    assert found[0].own
    assert found[1].within == 1


def test_without_a_measure_nothing_is_compared() -> None:
    found = compared(OF_INTEGRATION, "relative_price", None, {"flows": index})
    assert [row.family for row in found] == [family.key for family in OF_INTEGRATION]
    assert not any(row.own or row.n_units for row in found)


def asked(folder: Path, **sections: Any) -> Asked:
    """The inputs of the question in a study with an index, which its step stored."""
    given = {"title": "t", "prices": {"files": ["p.csv"]}, **sections}
    study = study_model().model_validate(with_preset({**given, "preset": "complete"}))
    (folder / "step").mkdir()
    index().write_parquet(folder / "step" / "integration.parquet")
    return Asked(study, pl.DataFrame(), "", root=folder, done={"integration": folder / "step"})


def test_it_reads_the_tables_that_the_study_has(tmp_path: Path) -> None:
    table = flows(tmp_path)
    one = asked(tmp_path, flows={"files": ["flows.csv"]})
    found = families(one, Families())
    by_hand = compare_measures({"own": index(), "other": head_ries(Table("flows", table)).polars()}).agreements[0]
    row = next(row for row in found.integration if row.family == "flows")
    assert (row.within, row.averages) == (by_hand.spearman_within, by_hand.spearman_regions)
    assert [r.family for r in found.integration if r.n_units] == ["flows", "price"]
    assert not any(r.n_units for r in found.quality)
    read = {raw.table: raw.steps for raw in raw_files(one.study, tmp_path)}
    assert read["flows"] == ("families",)
    assert read_as(FamiliesCompared, read_json(to_json(found))) == found


def test_only_a_study_that_asks_reads_further_files(tmp_path: Path) -> None:
    flows(tmp_path)
    given = {"title": "t", "flows": {"files": ["flows.csv"]}}
    study = study_model().model_validate(with_preset({**given, "preset": "published"}))
    assert family_sources(study) == {}
    assert raw_files(study, tmp_path) == ()


def test_notes_explain_only_the_families_that_are_compared() -> None:
    alone = compared(OF_INTEGRATION, "relative_price", index(), {})
    hedonic = compared(OF_QUALITY, "unit_value", index(), {"demand": index})
    own = compared(OF_QUALITY, "demand_residual", index(), {"unit_value": index})
    one, other = families_tables(FamiliesCompared(alone, own))
    assert one.notes == ()
    assert not any("The elasticity of the demand residual" in note for note in other.notes)
    assert "The elasticity of the demand residual" in families_tables(FamiliesCompared(alone, hedonic))[1].notes[1]


@pytest.mark.parametrize(
    ("language", "word", "need"), [("en", "no comparison", "needs real GDP"), ("zh", "没有列出", "需要")]
)
def test_only_complete_says_that_the_paper_announces_it(language: str, word: str, need: str) -> None:
    one = question_named("families")
    assert one is not None
    answers = {
        "families": FamiliesCompared(
            compared(OF_INTEGRATION, "relative_price", index(), {"flows": index}),
            compared(OF_QUALITY, "demand_residual", index(), {"unit_value": index}),
        )
    }
    first = {}
    with speaking(language):
        for preset in ("sound", "published", "complete"):
            results = replace(example.study(), preset=preset, answers=answers)
            document = compose(results, (one,), figures={}, tables=all_tables(results))
            section, part = next((s, p.key) for p in document.parts for s in p.sections if s.key == one.key)
            first[preset] = word in str(section.blocks[0]), part
        table, _ = families_tables(answers["families"])
        assert next(row for row in table.rows if row.key == "cycle").cells[-1].startswith(need)
    assert first == {"sound": (False, "doubts"), "published": (False, "doubts"), "complete": (True, "paper")}
