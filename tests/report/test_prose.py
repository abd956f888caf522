"""Numbers of sentences that say where they come from: that cell prints them, none is led elsewhere by chance."""

from __future__ import annotations

import html
import json
import pickle
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

import report_example as example
from integrade.report.addresses import find, places, table_named
from integrade.report.document import Document
from integrade.report.html import page_of
from integrade.report.markup import set_in_html
from integrade.report.printed import PrintedTable
from integrade.report.prose import Numbers
from integrade.report.rows import Row
from integrade.study.printed import report_in
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.verdicts.bundle import OwnRule
from integrade.verdicts.cells import of_instrument
from plainwords.texts import Cell, as_record, from_record, listed, quoted, say, speaking, with_values

AMONG = ("95_interval.", "remark.placebo", "result.", "p5_to_p95.two_lines")
"""Cells that print several numbers."""
QUOTED = re.compile(r'<span class="quoted" data-of="([^"]*)">([^<]*)</span>')


def bare(text: str) -> str:
    return re.sub(r"^p\s*=?\s*|[*\s]", "", html.unescape(text).replace("\u2212", "-"))


@pytest.fixture(scope="module", params=["en", "zh"])
def document(request: pytest.FixtureRequest) -> Document:
    study = example.study()
    return report_in(request.param, replace(study, effects=effect_sizes(study.benchmark[-1].headline)))


def test_the_cell_that_a_number_leads_to_prints_it(document: Document) -> None:
    page = page_of(document)
    found = QUOTED.findall(page)
    known = dict(found)
    of_the_curve = {f"table4.2.{row}" for row in ("turning_point", "fieller", "u_test")}
    assert {*of_the_curve, "table4b.change.market.quartiles"} <= set(known)
    for address, text in found:
        name, _, rest = address.partition(".")
        if rest:
            printed = bare(find(table_named(document.tables(), name), rest).text)
            assert printed == bare(text) or (rest.startswith(AMONG) and bare(text) in re.split(r"[^\d.<>-]+", printed))


def test_marks_change_no_word_of_a_sentence(document: Document) -> None:
    quoting = Numbers(document.tables())
    sentences = [v.sentence for v in document.verdicts] + [b for b in document.blocks() if isinstance(b, str)]
    for sentence in sentences:
        with speaking(document.language):
            plain = re.sub(r"<[^>]+>", "", quoting.html(sentence))
            words = re.sub(r"<[^>]+>", "", set_in_html(sentence))
        assert plain == words


def test_a_number_leads_to_the_cell_that_it_is_quoted_from() -> None:
    """Two cells print the same digits, and many a table has a p below 0.0001: the sentence says which is meant."""
    rows = (Row("text", ("Steepness", "0.1330", "0.1330"), "steepness"), Row("text", ("p", "<0.0001", ""), "all.p"))
    table = PrintedTable("8", "Groups", ("", "(1) A", "(2) B"), rows, column_keys=("1", "2"))
    quoting = Numbers([table])

    def led(number: str, cell: Cell | None) -> str:
        return quoting.html(say("situation.group-change", group="<b>", change=quoted(number, cell)))

    assert 'data-of="table8.2.steepness">0.1330<' in led("0.1330", Cell("8", "2", "steepness"))
    assert 'data-of="table8.1.steepness"' in led("0.1330", Cell("8", 1, "steepness"))
    assert 'data-of="table8.1.all.p"' in led("p < 0.0001", Cell("8", "1", "all.p"))
    for nowhere in (None, Cell("8", "2", "all.p"), Cell("9", "1", "steepness"), Cell("8", "1", "none")):
        assert "quoted" not in led("0.1330", nowhere)
    assert "&lt;b&gt;" in led("0.1330", Cell("8", "1", "steepness"))
    assert quoting.html("0.1330") == "0.1330"


def test_a_table_is_found_by_its_place_whatever_its_number_is() -> None:
    """Of a published study, a cell that the paper lacks is in the table with the rest."""
    row = (Row("text", ("Steepness", "0.1330"), "steepness"),)
    said = say("situation.group-change", group="A", change=quoted("0.1330", Cell("8", "1", "steepness")))
    for place, number in (("8", "5"), ("8a", "8a")):
        table = PrintedTable(number, "Groups", ("", "(1)"), row, column_keys=("1",), place=place)
        assert f'data-of="table{number}.1.steepness"' in Numbers([table]).html(said)


def test_sentences_of_sections_lead_to_their_tables_too(document: Document) -> None:
    page = page_of(document)
    assert "quoted" in page[page.index('id="doubts-part"') :]


def test_a_sentence_keeps_its_cells_when_it_is_stored_and_said_in_another_language() -> None:
    table = PrintedTable("8", "", ("", "(1)"), (Row("text", ("", "[1, 2]"), "set"),), column_keys=("1",))
    inner = say("verdicts.fieller", interval=quoted("[1, 2]", Cell("8", 1, "set")))
    record = json.loads(json.dumps(as_record(listed([inner, quoted("[1, 2]", Cell("8", "1", "set"))], "semicolon"))))
    assert record["cells"] == {"v1": ["8", "1", "set"]}
    assert record["values"]["v0"] == {
        "id": "verdicts.fieller",
        "values": {"interval": "[1, 2]"},
        "cells": {"interval": ["8", 1, "set"]},
    }
    with speaking("zh"):
        again = from_record(record)
        assert again.language == "zh"
        assert Numbers([table]).html(again).count('data-of="table8.1.set"') == 2
    copied = pickle.loads(pickle.dumps(inner))
    assert (copied, copied.cells) == (inner, inner.cells)
    assert with_values(inner, lambda value: value).cells == inner.cells
    assert as_record(say("verdicts.fieller", interval="[1, 2]")) == {
        "id": "verdicts.fieller",
        "values": {"interval": "[1, 2]"},
    }


def test_parts_of_rules_lead_to_their_own_cells(document: Document) -> None:
    """One sentence (``p-below``) serves every rule: what it is about says which cell its number stands in."""
    known = {address for address, _ in QUOTED.findall(page_of(document))}
    inner = {"table4f.p5_to_p95.u_test"} & {p.address for t in document.tables() for p in places(t)}
    assert {"table4.2.u_test", "table4.2.market^2.wild", *inner} <= known
    abouts = {v.about for v in document.verdicts}
    for split, number in (("ownership", "8"), ("intensity", "9")):
        if abouts & {f"stronger:{split}", f"differs:{split}"}:
            assert any(address.startswith(f"table{number}.") and "overall" in address for address in known), split


def test_the_numbers_of_an_own_hypothesis_lead_to_their_cells() -> None:
    study = example.study()
    own = OwnRule("H9", "Mine.", 'b(market^2) < 0 and turning_point > 4 and n > 10 and effect("p50 to p90") < 9', None)
    sizes = effect_sizes(replace(study.benchmark[-1].headline, deviations={"quality": 0.107}))
    document = report_in("en", replace(study, effects=sizes, hypotheses=(own,)))
    verdict = next(v for v in document.verdicts if v.hypothesis == "H9")
    quoting = Numbers(document.tables())
    for text in (verdict.sentence, *(part.sentence for part in verdict.parts)):
        for address, number in QUOTED.findall(quoting.html(text)):
            name, _, rest = address.partition(".")
            assert bare(find(table_named(document.tables(), name), rest).text) == bare(number)
    parts = (quoting.html(part.sentence) for part in verdict.parts)
    led = {address for text in parts for address, _ in QUOTED.findall(text)}
    assert led == {"table4.2.market^2", "table4.2.turning_point", "table4.2.N", "table4b.in_s_d.market_2"}


def test_instruments_that_are_called_alike_lead_nowhere() -> None:
    """Rows of the second have other keys than their titles say, so that its numbers would lead to the first."""
    study = example.study()
    one, two, other = (SimpleNamespace(title=title) for title in ("Terrain", "terrain", "Lagged"))
    several = replace(study, instruments=(one, two, other))
    assert of_instrument(several, two, "control_function") is None
    assert of_instrument(several, other, "control_function") == Cell("A6", "result", "lagged.control_function")
