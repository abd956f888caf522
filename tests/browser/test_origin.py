"""A number of the page is asked where it comes from: by mouse and keyboard, with the words of `integrade explain`."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import PROGRAM, Browser, Page

import report_example as example
from integrade.report.addresses import find, table_named
from integrade.report.lineage import lineage_of
from integrade.study.printed import all_tables, render_html
from integrade.verdicts.bundle import StudyResults

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]
SHOWN = "document.getElementById('origin').open"
TEXT = (
    "[document.getElementById('origin-title').textContent, ...[...document.getElementById('origin-body').children]"
    ".flatMap(e => e.tagName === 'H3' ? [e.textContent] : e.textContent.split('\\n').map(l => '  ' + l))].join('\\n')"
)


@pytest.fixture(scope="module")
def results() -> StudyResults:
    return example.study()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, results: StudyResults) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(results), encoding="utf-8")
    return path


def number(address: str) -> str:
    return f"document.querySelector('[data-origin=\"{address}\"].origin')"


def press(page: Page, key: str) -> None:
    codes = {"Enter": 13, "Escape": 27, "ArrowRight": 39, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9}
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key])


def said_by_explain(results: StudyResults, address: str) -> str:
    name, _, rest = address.partition(".")
    return str(lineage_of(find(table_named(all_tables(results), name), rest), results))


@pytest.mark.parametrize(
    "address",
    [
        "table4.2.market",
        "table4.1.market^2.se",
        "table4.2.N",
        "table4.2.u_test",
        "table4.2.market.CR1_region",
        "table1.2004.anhui",
        "table2.mean.market",
        "table3.vif.market",
    ],
)
def test_a_click_says_what_explain_says(running: Browser, report: Path, results: StudyResults, address: str) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    page.value(f"{number(address)}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
    at = page.value(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({number(address)}.getBoundingClientRect())")
    for kind in ("mousePressed", "mouseReleased"):
        page.ask("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left", clickCount=1)
    page.wait_for(SHOWN)
    assert page.value(TEXT).replace("−", "-") == said_by_explain(results, address).replace("−", "-")
    page.value("document.getElementById('origin-close').click()")
    assert page.value(SHOWN) is False
    assert page.said() == []


def test_the_keyboard_moves_between_numbers_and_opens_them(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    stops = page.value("[...document.querySelectorAll('#table4 .origin')].filter(b => b.tabIndex === 0).length")
    assert stops == 1, "one stop of the tab key for a whole table"
    page.value(f"{number('table4.1.market')}.focus()")
    press(page, "ArrowRight")
    press(page, "ArrowDown")
    focused = "document.activeElement.dataset.origin"
    assert page.value(focused) == "table4.2.market.se"
    assert page.value("document.activeElement.tabIndex") == 0
    assert page.value(f"{number('table4.1.market')}.tabIndex") == -1
    press(page, "Enter")
    page.wait_for(SHOWN)
    assert page.value("document.activeElement.closest('dialog') !== null"), "the focus is inside the dialog"
    press(page, "Escape")
    page.wait_for(f"!{SHOWN}")
    assert page.value(focused) == "table4.2.market.se", "the focus is back where it was"
    assert page.said() == []


def test_figures_and_the_numbers_of_the_answer_are_asked_too(running: Browser, report: Path) -> None:
    page = Page(running, 390, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    page.value("document.querySelector('#figure-trend .tools [data-origin]').click()")
    page.wait_for(SHOWN)
    assert page.value("document.getElementById('origin-title').textContent") == "figure2"
    assert "Raw files" in page.value(TEXT)
    assert page.value("document.documentElement.scrollWidth") == 390
    page.value("document.getElementById('origin').close()")
    page.value("document.querySelector('#answer dd .origin').click()")
    assert page.value("document.getElementById('origin-title').textContent") == "table4.2.turning_point = 4.045"


def test_a_number_of_a_sentence_says_what_its_cell_says(running: Browser, report: Path, results: StudyResults) -> None:
    page = Page(running, 390, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    quoted = "[...document.querySelectorAll('main .quoted .origin')]"
    point = f"{quoted}.find(n => n.dataset.origin === 'table4.2.turning_point')"
    assert page.value(f"{point}.tabIndex") == 0
    page.value(f"{point}.focus()")
    press(page, "Enter")
    page.wait_for(SHOWN)
    assert page.value(TEXT) == said_by_explain(results, "table4.2.turning_point")
    press(page, "Escape")
    page.wait_for(f"!{SHOWN}")
    inside = f"{quoted}.filter(n => n.closest('.verdict')).length"
    assert page.value(inside) > 2
    page.value("document.querySelector('.verdict').open = true")
    page.value("document.querySelector('.verdict .quoted .origin').click()")
    page.wait_for(SHOWN)
    assert page.value("document.querySelector('.verdict').open"), "a click on a number leaves the hypothesis open"
    assert page.said() == []


def test_the_text_can_be_copied(running: Browser, report: Path, results: StudyResults) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    page.value(
        f"window.kept = ''; navigator.clipboard.writeText = async t => {{ window.kept = t; }};"
        f"{number('table4.2.market')}.click(); document.getElementById('origin-copy').click()"
    )
    page.wait_for("window.kept !== ''")
    assert page.value("window.kept") == said_by_explain(results, "table4.2.market")


def test_a_reader_of_the_screen_hears_numbers_as_buttons_that_open_a_dialog(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    page.value(f"{number('table4.2.market')}.click()")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    role = [n for n in nodes if n.get("role", {}).get("value") == "dialog"]
    assert [n["name"]["value"] for n in role] == [page.value("document.getElementById('origin-title').textContent")]
    page.value("document.getElementById('origin').close()")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    named = [n["name"]["value"] for n in nodes if n.get("role", {}).get("value") == "button" and "name" in n]
    assert page.value(f"{number('table4.2.market')}.textContent") in [name.replace(" ", "") for name in named]


def test_every_number_of_the_tables_can_be_asked(running: Browser, report: Path, results: StudyResults) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    lacking = page.value(
        "[...document.querySelectorAll('table.printed tbody td:not(.prose)')]"
        ".filter(c => c.cellIndex > 0 && c.textContent.trim() && !c.querySelector('.origin')).length"
    )
    assert lacking == 0
    wanted = page.value("[...document.querySelectorAll('.origin[data-origin]')].map(b => b.dataset.origin)")
    known = all_tables(results)
    for address in dict.fromkeys(wanted):
        name, _, rest = address.partition(".")
        if not rest:
            assert name == "figure1"  # what a sentence says of the curve
            continue
        find(table_named(known, name), rest)  # every address of the page is one that explain knows
