"""Tables and figures stand in the report in the order in which they are numbered."""

from __future__ import annotations

import pytest

import report_example as example
import situation_example
from integrade.judge.bundle import StudyResults
from integrade.report.document import Document
from integrade.report.rows import place_of
from integrade.report.tables import all_tables
from integrade.study.printed import compose, report_in

STUDIES = {"study": example.study, "situation": situation_example.study}


def in_order(document: Document) -> None:
    """Figures 1, 2, 3 ...; tables 1, 1b, 2 ... and those of the appendix, each among themselves."""
    assert [d.number for d in document.drawings().values()] == list(range(1, len(document.drawings()) + 1))
    numbers = [place_of(t.number) for t in document.tables()]
    for series in {n[0] for n in numbers}:
        own = [n for n in numbers if n[0] == series]
        assert own == sorted(own)


@pytest.fixture(scope="module", params=STUDIES)
def results(request: pytest.FixtureRequest) -> StudyResults:
    return STUDIES[request.param]()


def test_a_report_is_in_the_order_of_its_numbers(results: StudyResults) -> None:
    document = compose(results)
    assert len(document.tables()) > 8
    in_order(document)
    in_order(report_in("zh", results))


def test_the_tables_of_a_study_are_listed_in_that_order(results: StudyResults) -> None:
    numbers = [place_of(t.number) for t in all_tables(results)]
    assert numbers == sorted(numbers)
