"""Tables and figures are numbered as they stand in the report, one after the other, and every number named is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

import integrade
import report_example as example
import situation_example
from integrade.report.document import Document, Points, in_paper, verdict_blocks
from integrade.report.numbering import numbered, numbers_of
from integrade.report.paper import Reference, pieces
from integrade.report.printed import PrintedTable
from integrade.report.rows import place_of
from integrade.report.tables import all_tables
from integrade.study.printed import compose, report_in
from integrade.verdicts.bundle import StudyResults

SOURCE = Path(integrade.__file__).parent
STUDIES = {"study": example.study, "situation": situation_example.study}


def in_order(document: Document) -> None:
    """Figures 1, 2, 3 ...; tables without a gap, rising in each part; each appendix is a part of its own."""
    assert [d.number for d in document.drawings().values()] == list(range(1, len(document.drawings()) + 1))
    numbers = [place_of(t.number) for t in document.tables() if t.number]
    assert [series for series, _ in groupby(n[0] for n in numbers)] == sorted({n[0] for n in numbers})
    for part in document.parts:
        of_part = [place_of(t.number) for s in part.sections for t in s.blocks if isinstance(t, PrintedTable)]
        assert of_part == sorted(of_part), part.key
    for _, own in groupby(sorted(numbers), key=lambda n: n[0]):
        families = [(family, [n[2] for n in members]) for family, members in groupby(own, key=lambda n: n[1])]
        assert [family for family, _ in families] == list(range(1, len(families) + 1))
        for _, letters in families:
            assert letters == ["", *map(chr, range(ord("b"), ord("b") + len(letters) - 1))]
    for part in document.parts:
        assert len({place_of(t.number)[0] for s in part.sections for t in s.blocks if isinstance(t, PrintedTable)}) < 2
    assert {r.number for text in texts_of(document) for r in pieces(text, ANY) if isinstance(r, Reference)} <= {
        t.number for t in document.tables()
    }


class Anything:
    def __contains__(self, _: object) -> bool:
        return True


ANY: set[str] = Anything()  # type: ignore[assignment]


def texts_of(document: Document) -> Iterator[str]:
    yield document.abstract
    for block in (*document.blocks(), *(b for v in document.verdicts for b in verdict_blocks(v))):
        match block:
            case PrintedTable():
                yield from (*block.notes, *(cell for row in block.rows for cell in row.cells))
            case Points():
                yield from block.items
            case str():
                yield block


@pytest.fixture(scope="module", params=STUDIES)
def results(request: pytest.FixtureRequest) -> StudyResults:
    return STUDIES[request.param]()


def test_a_report_is_in_the_order_of_its_numbers(results: StudyResults) -> None:
    document = compose(results)
    assert len(document.tables()) > 8
    in_order(document)
    in_order(report_in("zh", results))
    in_order(in_paper(document))


def test_a_report_without_some_answers_has_no_gap(results: StudyResults) -> None:
    in_order(in_paper(compose(replace(results, verdicts=(), shape=None, truth=(), situation=None))))


def test_no_sentence_has_the_number_of_an_appendix_table_in_it() -> None:
    """That number is another one in a study without some answers: sentences take it from the results."""
    texts = [text for p in SOURCE.rglob("*.ftl") for text in p.read_text(encoding="utf-8").splitlines()]
    assert texts
    assert [text for text in texts if re.search(r"(?:Table|表) ?[A-Z]\d+", text)] == []


def test_numbers_follow_each_other_and_those_of_a_plugin_stay() -> None:
    assert numbers_of(["1", "1c", "1d", "4", "8", "A2", "A6", "A6c", "R1", "R2"]) == {
        **{"1": "1", "1c": "1b", "1d": "1c", "4": "4", "8": "5"},
        **{"A2": "A1", "A6": "A2", "A6c": "A2b", "R1": "B1", "R2": "B2"},
    }
    assert numbers_of(["2d", "2e", "R1"]) == {"2d": "1", "2e": "1b", "R1": "B1"}
    assert numbers_of(["1", "11", "A6"], published=True) == {"1": "1", "11": "11", "A6": "A1"}
    own, other = (PrintedTable(n, "T", ("", "a"), ()) for n in ("R1", "P1"))
    assert [t.number for t in numbered([own], [other, replace(other, number="B1")], published=False)] == [
        *("B1", "PB1", "P1")
    ]


def test_the_tables_of_a_study_are_listed_in_that_order(results: StudyResults) -> None:
    numbers = [place_of(t.number) for t in all_tables(results)]
    assert numbers == sorted(numbers)
