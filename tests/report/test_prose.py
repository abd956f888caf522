"""Numbers of sentences that say where they come from: that cell prints them, none is led elsewhere by chance."""

from __future__ import annotations

import html
import re

import pytest

import report_example as example
from integrade.report.addresses import find, table_named
from integrade.report.document import Document
from integrade.report.html import page_of
from integrade.report.printed import PrintedTable
from integrade.report.prose import Numbers
from integrade.report.rows import Row
from integrade.study.printed import report_in
from integrade.texts import say, speaking

QUOTED = re.compile(r'<span class="quoted" data-of="([^"]*)">([^<]*)</span>')


def bare(text: str) -> str:
    return re.sub(r"^p\s*=?\s*|[*\s]", "", html.unescape(text).replace("\u2212", "-"))


@pytest.fixture(scope="module", params=["en", "zh"])
def document(request: pytest.FixtureRequest) -> Document:
    return report_in(request.param, example.study())


def test_the_cell_that_a_number_leads_to_prints_it(document: Document) -> None:
    page = page_of(document)
    found = QUOTED.findall(page)
    known = dict(found)
    assert {"table4.2.turning_point", "table4.2.fieller", "table4.2.u_test", "figure1"} <= set(known)
    for address, text in found:
        name, _, rest = address.partition(".")
        if rest:
            assert bare(find(table_named(document.tables(), name), rest).text) == bare(text)


def test_marks_change_no_word_of_a_sentence(document: Document) -> None:
    quoting = Numbers(document.tables(), document.sources)
    for verdict in document.verdicts:
        with speaking(document.language):
            plain = re.sub(r"<[^>]+>", "", quoting.html(verdict.sentence))
        assert html.unescape(plain).replace("\u2212", "-") == str(verdict.sentence).replace("\u2212", "-")


def test_a_number_that_two_cells_print_or_that_is_common_leads_nowhere() -> None:
    rows = (Row("text", ("Steepness", "0.1330", "0.1330"), "steepness"), Row("text", ("p", "<0.0001", ""), "all.p"))
    table = PrintedTable("8", "Groups", ("", "(1) A", "(2) B"), rows, column_keys=("1", "2"))
    said = say("group_tests.steepness-in", group="A", value="0.1330")
    assert "quoted" not in Numbers([table], {"group_tests.steepness-in.value": r"table\d+\.\d\.steepness"}).html(said)
    one = Numbers([table], {"group_tests.steepness-in.value": r"table8\.1\.steepness"}).html(said)
    assert 'data-of="table8.1.steepness"' in one
    below = say("group_tests.steepness-in", group="A", value="p < 0.0001")
    assert "quoted" not in Numbers([table], {"group_tests.steepness-in.value": r"table\d+\.1\.all\.p"}).html(below)
    assert "quoted" in Numbers([table], {"group_tests.steepness-in.value": r"table8\.1\.all\.p"}).html(below)
    odd = Numbers([table], {"group_tests.steepness-in.value": r"table8\.1\.steepness"})
    assert "&lt;b&gt;" in odd.html(say("group_tests.steepness-in", group="<b>", value="0.1330"))
