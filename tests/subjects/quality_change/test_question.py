"""The decomposition of mean quality as a question: terms that add up, its table, its sections under the presets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.errors import NotIdentified
from integrade.report.document import compose
from integrade.study.asked import Asked
from integrade.study.printed import all_tables
from integrade.study.records import read_as, read_json, to_json
from integrade.subjects import question_named
from integrade.subjects.quality_change.model import TERMS, ChangeOfQuality, changes_by_year
from integrade.subjects.quality_change.question import ChangeSection, change_of_quality, change_table
from plainwords.texts import speaking


def rows(seed: int = 1) -> pl.DataFrame:
    """Rows of six firms with three products over four years; about a third of them is missing."""
    rng = np.random.default_rng(seed)
    cells = [
        (f"f{i}", f"p{k}", y, float(rng.uniform()), float(rng.uniform(1, 9)))
        for i in range(6)
        for k in range(3)
        for y in range(2004, 2008)
        if rng.uniform() > 0.35
    ]
    return pl.DataFrame(cells, schema=["firm", "product", "year", "quality", "value"], orient="row")


def mean(given: pl.DataFrame, year: int) -> float:
    now = given.filter(pl.col("year") == year)
    return float((now["quality"] * now["value"]).sum() / now["value"].sum())


@pytest.mark.parametrize("method", ["griliches_regev", "melitz_polanec"])
def test_terms_add_up_to_the_change_of_the_mean(method: str) -> None:
    given = rows()
    found = changes_by_year(given, ["firm", "product"], method)
    assert [y.year for y in found.years] == [2005, 2006, 2007]
    for y in found.years:
        assert y.change == pytest.approx(mean(given, y.year) - mean(given, y.year - 1), abs=1e-14)
        within, between, entry, exits = (getattr(y, name) for name in TERMS)
        assert within + between + entry - exits == pytest.approx(y.change, abs=1e-14)
    assert found.total is not None
    assert found.total[0] == pytest.approx(mean(given, 2007) - mean(given, 2004), abs=1e-14)


def test_units_decide_what_is_new() -> None:
    """A firm that changes its product stays as a firm and is new as a product."""
    given = pl.DataFrame(
        {
            "firm": ["a", "a", "b", "b"],
            "product": ["x", "y", "x", "x"],
            "year": [2004, 2005] * 2,
            "quality": [0.2, 0.8, 0.5, 0.5],
            "value": [1.0] * 4,
        }
    )
    firms, products = (changes_by_year(given, units) for units in (["firm"], ["firm", "product"]))
    assert (firms.years[0].n_entered, products.years[0].n_entered, products.years[0].n_exited) == (0, 1, 1)
    assert firms.years[0].within == pytest.approx(0.3)
    assert products.years[0].within == 0


def test_years_apart_have_no_sum() -> None:
    assert changes_by_year(rows(), ["firm"], span=2).total is None
    assert changes_by_year(rows().filter(pl.col("year") < 2006), ["firm"]).total is None


def test_the_printed_terms_add_up_but_for_rounding() -> None:
    table = change_table(changes_by_year(rows(), ["firm", "product"]))
    assert [row.key for row in table.rows] == ["2005", "2006", "2007", "total"]
    for row in table.rows:
        change, *terms = (float(cell.replace("−", "-")) for cell in row.cells[2:7])
        assert sum(terms) == pytest.approx(change, abs=4 * 0.5e-4 + 0.5e-4)  # five numbers, each rounded to 4 decimals


def test_it_is_stored_and_read_again() -> None:
    found = changes_by_year(rows(), ["firm"])
    assert read_as(ChangeOfQuality, read_json(to_json(found))) == found


def test_without_customs_rows_it_is_refused() -> None:
    asked = Asked(None, pl.DataFrame(), "")  # type: ignore[arg-type]
    with pytest.raises(NotIdentified):
        change_of_quality(asked, ChangeSection())
    found = change_of_quality(asked._replace(rows=rows().drop("firm")), ChangeSection())
    assert found.units == ("product",)


@pytest.mark.parametrize(("language", "word"), [("en", "announces an analysis"), ("zh", "原文预告")])
def test_only_complete_says_that_the_paper_announces_it(language: str, word: str) -> None:
    one = question_named("quality_change")
    assert one is not None
    found = changes_by_year(rows(), ["firm", "product"])
    first = {}
    with speaking(language):
        for preset in ("sound", "published", "complete"):
            results = replace(example.study(), preset=preset, answers={"quality_change": found})
            document = compose(results, (one,), figures={}, tables=all_tables(results))
            section, part = next((s, p.key) for p in document.parts for s in p.sections if s.key == one.key)
            first[preset] = word in str(section.blocks[0]), part
    assert first == {"sound": (False, "doubts"), "published": (False, "doubts"), "complete": (True, "paper")}


@pytest.mark.parametrize(
    ("units", "word", "other"), [(["firm"], "firms", "products"), (["firm", "product"], "products", "firms")]
)
def test_the_sentence_names_the_units_that_continue(units: list[str], word: str, other: str) -> None:
    one = question_named("quality_change")
    assert one is not None
    results = replace(example.study(), answers={"quality_change": changes_by_year(rows(), units)})
    document = compose(results, (one,), figures={}, tables=all_tables(results))
    text = str(next(s.blocks for p in document.parts for s in p.sections if s.key == one.key))
    assert f"Continuing {word} contribute" in text
    assert f"Continuing {other}" not in text


@pytest.mark.parametrize("method", ["griliches_regev", "melitz_polanec"])
def test_new_and_dropped_units_that_do_not_exist_add_exactly_nothing(method: str) -> None:
    """Sums of shares are not exactly 1, and their rounding error was printed as −1.11e-16."""
    rng = np.random.default_rng(0)
    cells = [(f"f{i}", "p", y, float(rng.uniform()), float(rng.uniform(1, 9))) for i in range(50) for y in range(9)]
    given = pl.DataFrame(cells, schema=["firm", "product", "year", "quality", "value"], orient="row")
    found = changes_by_year(given, ["firm"], method)
    assert [(y.entry, y.exit) for y in found.years] == [(0.0, 0.0)] * 8
    assert not [cell for row in change_table(found).rows for cell in row.cells if "e-" in cell]
