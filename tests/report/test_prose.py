"""Numbers of sentences that say where they come from: that cell prints them, none is led elsewhere by chance."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

import report_example as example
from integrade.report.addresses import find, places, table_named
from integrade.report.document import Document
from integrade.report.html import page_of
from integrade.report.printed import PrintedTable
from integrade.report.prose import Numbers
from integrade.report.rows import Row
from integrade.study.printed import report_in
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.wording.texts import say, speaking

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


def test_parts_of_rules_lead_to_their_own_cells(document: Document) -> None:
    """One sentence (``p-below``) serves every rule: what it is about says which cell its number stands in."""
    known = {address for address, _ in QUOTED.findall(page_of(document))}
    inner = {"table4f.p5_to_p95.u_test"} & {p.address for t in document.tables() for p in places(t)}
    assert {"table4.2.u_test", "table4.2.market^2.wild", *inner} <= known
    abouts = {v.about for v in document.verdicts}
    for split, number in (("ownership", "8"), ("intensity", "9")):
        if abouts & {f"stronger:{split}", f"differs:{split}"}:
            assert any(address.startswith(f"table{number}.") and "overall" in address for address in known), split


def test_a_sentence_is_led_by_what_it_is_about() -> None:
    rows = tuple(Row("text", (name, "0.0402", "0.0117"), name) for name in ("overall", "other"))
    tables = [PrintedTable(n, "Groups", ("", "(1)", "(2)"), rows, column_keys=("1", "2")) for n in ("8", "9")]
    sources = {
        "differs:area parts.p-below.p": r"table9\.1\.overall",
        "differs:area/wild parts.p-below.p": r"table8\.2\.overall",
        "parts.p-below.p": r"table8\.1\.other",
        "placebo.joint.p": r"~table8\.1\.remark",
    }
    remark = Row("text", ("Next year", "joint: p = 0.0036; bootstrap p = 0.0272", ""), "remark")
    quoting = Numbers([replace(tables[0], rows=(*rows, remark)), tables[1]], sources)
    for about, p, address in (
        ("differs:area", "p = 0.0402", "table9.1.overall"),
        ("differs:area/wild", "p = 0.0117", "table8.2.overall"),
        ("differs:other/wild", "p = 0.0402", "table8.1.other"),
    ):
        said = say("parts.p-below", test="it", level="5 %", p=p)
        assert f'data-of="{address}"' in quoting.html(said, about)
    assert 'data-of="table8.1.remark"' in quoting.html(say("placebo.joint", p="p = 0.0036"))
    assert "quoted" not in quoting.html(say("placebo.joint", p="p = 0.003"))
