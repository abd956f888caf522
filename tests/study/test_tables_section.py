"""The section [tables] of a study file: its keys, what it refuses, and what a report makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import report_example as example
from integrade.report.numbering import by_place
from integrade.study.printed import all_tables, write_report
from integrade.study.reading import Draft, read_draft
from integrade.study.stored_results import results_from, results_json
from integrade.study.template import write_new
from integrade.verdicts.table_looks import TableLook

SECTION = """
[tables]
statistic = "p"

[tables.4]
rows = ["market", "market^2"]
labels = { market = "Integration" }
gof = ["N"]
add_rows = { "Province trends" = ["No", "Yes"] }
spanners = { "Baseline" = [1, 2] }
digits = 3
scale = { market = 100 }
"""
LOOK = TableLook(
    rows=("market", "market^2"),
    labels={"market": "Integration"},
    gof=("N",),
    add_rows={"Province trends": ("No", "Yes")},
    spanners={"Baseline": (1, 2)},
    digits=3,
    scale={"market": 100},
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Draft]:
    folder = tmp_path_factory.mktemp("study") / "new"
    write_new(folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")

    def draft(section: str) -> Draft:
        (folder / "study.toml").write_text(text + section, encoding="utf-8")
        return read_draft(folder)

    return draft


def test_the_section_has_the_options_of_a_look(read: Callable[[str], Draft]) -> None:
    draft = read(SECTION)
    assert draft.problems == ()
    assert draft.study is not None
    assert draft.study.tables.looks == {"": TableLook(statistic="p"), "4": LOOK}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("[tables]\nstatistik = 't'\n", "did you mean 'statistic'"),
        ("[tables.4]\nrow = ['market']\n", "did you mean 'rows'"),
        ("[tables.benchmark]\nrows = ['market']\n", "[tables.4]"),
        ("[tables]\nstatistic = 'beta'\n", "known: interval, p, se, t"),
        ("[tables.4]\ndigits = -1\n", "digits"),
    ],
)
def test_a_slip_is_refused_with_its_line_and_what_was_meant(
    read: Callable[[str], Draft], section: str, said: str
) -> None:
    (problem,) = read("\n" + section).problems
    assert said in str(problem)
    assert "study.toml, line" in str(problem) or "study.toml" in str(problem)


def test_looks_are_stored_with_the_results_and_printed_with_a_warning_for_a_table_that_is_not_there(
    tmp_path: Path,
) -> None:
    results = replace(example.study(), looks={"": TableLook(statistic="p"), "4": LOOK, "14": TableLook(digits=1)})
    results = results_from(results_json(replace(results, tables=by_place(all_tables(results)))))
    assert results.looks["4"] == LOOK
    said = list[str]()
    write_report(results, tmp_path, ("md",), tell=said.append)
    (warning,) = (one for one in said if "[tables.14]" in one)
    assert "did you mean" in warning
    table = (tmp_path / "tables" / "table4.md").read_text(encoding="utf-8")
    assert "Baseline: (1) Quality" in table
    assert "| Integration (× 100) |" in table or "| Integration |" in table
    assert "Scale" not in table
