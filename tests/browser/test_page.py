"""The page in a real browser: it draws, asks nobody for anything, fits a phone, and can be used without a mouse."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pypdfium2
import pytest
from chromium import PROGRAM, Browser, Page

import report_example as example
from each import each
from integrade.report.html import page_of
from integrade.report.latex import to_latex
from integrade.report.layouts import in_two
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.self_contained import sectioned, table_block
from integrade.study.printed import all_tables, render_html, report_in

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]

VIEWS = [(width, scheme) for width in (1400, 800, 390) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(example.study()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page-zh") / "report.html"
    path.write_text(page_of(report_in("zh", example.study())), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_page_draws_every_figure_without_a_word_on_the_console(
    running: Browser, report: Path, width: int, scheme: str
) -> None:
    page = Page(running, width, scheme)
    page.open(report)
    assert page.value("[...document.querySelectorAll('.chart')].filter(c => !c.dataset.drawn).map(c => c.id)") == []
    marks = page.value("[...document.querySelectorAll('.chart svg')].map(s => s.querySelectorAll('path').length)")
    assert len(marks) == 9
    assert min(marks) > 3
    assert page.said() == []


FACES = """[...document.fonts].filter(f => f.family.includes('Integrade Sans'))
  .map(f => f.weight + ' ' + f.status).sort()"""
FAMILIES = (
    """[...new Set([...document.querySelectorAll('.chart svg text')].map(t => getComputedStyle(t).fontFamily))]"""
)
SAVED = """new Promise(resolve => {
  const make = URL.createObjectURL;
  URL.createObjectURL = file => { file.text().then(resolve); return make(file); };
  document.querySelector('[data-save="svg"]').click();
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_set_in_the_typeface_of_the_page(running: Browser, chinese: Path, scheme: str) -> None:
    """It is there before Vega measures a text, and in a figure that is saved."""
    page = Page(running, 800, scheme)
    page.open(chinese)
    assert page.value(FACES) == ["400 loaded", "700 loaded"]
    assert page.value(FAMILIES) == ['"Integrade Sans", sans-serif']
    saved = page.value(SAVED)
    assert saved.startswith("<svg")
    assert saved.count("@font-face{font-family:'Integrade Sans'") == 2


OUTSIDE = """[...document.querySelectorAll('.chart svg')].flatMap(svg => {
  const page = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(t => {
    const box = t.getBoundingClientRect();
    const beside = box.left < page.left - 1 || box.right > page.right + 1;
    const out = beside || box.top < page.top - 1 || box.bottom > page.bottom + 1;
    return t.textContent.trim() && box.width && (out || t.textContent.includes('…'));
  }).map(t => svg.closest('.chart').id + ': ' + t.textContent);
})"""


@each("width", [1400, 800, 390])
@each("language", ["en", "zh"])
def test_every_word_of_a_figure_is_whole_and_within_it(
    running: Browser, report: Path, chinese: Path, width: int, language: str
) -> None:
    page = Page(running, width, "light")
    page.open(report if language == "en" else chinese)
    assert page.value(OUTSIDE) == []


HIDDEN_COLUMNS = """[...document.querySelectorAll('.scroll')].flatMap(box => {
  const row = [...box.querySelectorAll('tbody tr:not(.panel)')].find(r => r.children.length > 1);
  if (!row) return [];
  const edge = box.getBoundingClientRect().right + 1, cells = [...row.children].slice(1);
  const shown = cells.filter(c => c.getBoundingClientRect().right <= edge).length;
  return shown < Math.min(LEAST, cells.length) ? [`${box.id}: ${shown} of ${cells.length}`] : [];
})"""


@pytest.mark.parametrize(("width", "least"), [(390, 3), (800, 5)])
def test_every_table_shows_its_first_columns_of_numbers(running: Browser, report: Path, width: int, least: int) -> None:
    page = Page(running, width, "light")
    page.open(report)
    page.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert page.value(HIDDEN_COLUMNS.replace("LEAST", str(least))) == []


@pytest.mark.parametrize("width", [1200, 390, 320])
def test_nothing_is_wider_than_the_page(running: Browser, report: Path, width: int) -> None:
    page = Page(running, width, "light")
    page.open(report)
    assert page.value("document.documentElement.scrollWidth") == width
    widest = page.value("Math.max(...[...document.querySelectorAll('.chart svg')].map(s => s.clientWidth))")
    assert widest <= width - 32  # the margins of the page
    names = page.value(
        "[...document.querySelectorAll('#chart-trend text')].filter(t => t.textContent === 'Central')"
        ".map(t => t.getBoundingClientRect().right)"
    )
    assert max(names) <= width  # labels at the ends of the lines are not cut


def test_colours_follow_the_system_and_the_button(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "dark")
    page.open(report)
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.value(paper) == "rgb(15, 20, 25)"
    assert "#6cb2f5" in page.value("document.querySelector('#chart-curve').innerHTML")
    page.value("document.getElementById('theme').click()")
    page.wait_for("document.querySelector('#chart-curve').innerHTML.includes('#0b5cad')")
    assert page.value(paper) == "rgb(255, 255, 255)"
    assert page.value("document.getElementById('theme').textContent") == "Dark"


def test_a_page_of_a_dark_system_prints_dark_letters(running: Browser, report: Path) -> None:
    """The colours of a dark system won over those of print: pale letters on white paper."""
    page = Page(running, 1200, "dark")
    page.open(report)
    scheme = [{"name": "prefers-color-scheme", "value": "dark"}]
    page.ask("Emulation.setEmulatedMedia", media="print", features=scheme)
    colour = "getComputedStyle(document.querySelector({0})).color"
    assert page.value(colour.format("'h1'")) == "rgb(0, 0, 0)"
    assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.value(colour.format("'.answer'")) != "rgb(230, 232, 235)"
    assert page.value("getComputedStyle(document.querySelector('.box')).breakInside") == "auto", "it is pages long"


def test_a_table_wider_than_paper_is_printed_whole(running: Browser, tmp_path: Path) -> None:
    """Twenty columns: paper does not scroll, and thirteen of them were cut off."""
    cells = [("Market", *(f"-{i}.1234***" for i in range(1, n + 1))) for n in (20, 3)]
    tables = [
        PrintedTable(
            str(i), "Groups", ("", *(f"({c}) Quality" for c in range(1, len(row)))), (Row("coefficient", row),)
        )
        for i, row in enumerate(cells, start=1)
    ]
    body = "".join(table_block(t) for t in tables)
    (tmp_path / "wide.html").write_text(sectioned("Wide", ["One"], [("a", "A", "Tables", body)], {}, tables), "utf-8")
    page = Page(running, 1000, "light")
    page.open(tmp_path / "wide.html")
    page.value("window.dispatchEvent(new Event('beforeprint'))")
    at = "document.querySelector('#table{} table')"
    assert 0 < float(page.value(at.format(1) + ".style.zoom")) < 1
    assert page.value(at.format(1) + ".closest('.sideways') !== null")
    assert page.value(at.format(2) + ".style.zoom") == ""
    page.value("window.dispatchEvent(new Event('afterprint'))")
    assert page.value(at.format(1) + ".style.zoom") == ""
    assert page.value("document.querySelector('.sideways')") is None
    printed = pypdfium2.PdfDocument(base64.b64decode(page.ask("Page.printToPDF")["data"]))
    text = " ".join(leaf.get_textpage().get_text_range() for leaf in printed).replace("\u2212", "-")
    assert "20.1234" in text


def test_a_dark_page_prints_in_light_colours(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "dark")
    page.open(report)
    page.value("window.dispatchEvent(new Event('beforeprint'))")
    drawn = page.value("document.querySelector('#chart-curve').innerHTML")
    assert "#0b5cad" in drawn
    assert "#6cb2f5" not in drawn


def test_the_year_of_the_map_moves_with_the_keyboard(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    tiles = "[...document.querySelectorAll('#chart-map path[fill]')].map(p => p.getAttribute('fill')).join()"
    before = page.value(tiles)
    page.value("document.querySelector('#binding-map input').focus()")
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key="Home", code="Home", windowsVirtualKeyCode=36)
    page.wait_for(f"{tiles} !== {json.dumps(before)}")
    assert page.value("document.querySelector('#binding-map input').value") == "2004"


def test_tables_are_copied_and_the_reader_is_told(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value(
        "window.kept = ''; navigator.clipboard.writeText = async (t) => { window.kept = t; };"
        "document.querySelector('button[data-copy=csv][data-table=\"4\"]').click()"
    )
    page.wait_for("document.getElementById('said').textContent === 'Copied'")
    assert page.value("window.kept").startswith("variable,stat,(1) Quality,(2) Quality\nMarket,b,0.0534**")
    page.value("document.querySelector('button[data-copy=tex][data-table=\"4\"]').click()")
    page.wait_for("window.kept.startsWith('% needs')")
    main, appendix = in_two(next(t for t in all_tables(example.study()) if t.number == "4"), "C1")
    assert appendix is not None
    assert page.value("window.kept") == "\n".join(to_latex(part, ["4", "C1"]) for part in (main, appendix))


def test_every_control_can_be_reached_and_named(running: Browser, report: Path) -> None:
    page = Page(running, 390, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    controls = [n for n in nodes if n.get("role", {}).get("value") in ("button", "slider", "link", "region", "image")]
    assert len(controls) > 40
    assert [n for n in controls if not n.get("ignored") and not n.get("name", {}).get("value")] == []


def test_a_table_of_text_is_sorted_by_a_click_on_its_heading(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    column = "[...document.querySelectorAll('#table1 tbody tr')].map(r => Number(r.cells[2].textContent))"
    head = "document.querySelector('#table1 thead').rows[0].cells[2]"
    ranks = page.value(column)
    page.value(f"{head}.querySelector('button').click()")
    assert page.value(column) == sorted(ranks)
    assert page.value(f"{head}.getAttribute('aria-sort')") == "ascending"
    page.value(f"{head}.querySelector('button').click()")
    assert page.value(column) == sorted(ranks, reverse=True)
    assert page.value(f"{head}.getAttribute('aria-sort')") == "descending"
    assert page.value("document.querySelectorAll('#table4 thead button').length") == 0  # t belongs to its coefficient


def test_a_table_is_copied_for_word_with_its_three_lines(running: Browser, report: Path) -> None:
    page = Page(running, 1200, "light")
    page.open(report)
    page.value(
        "window.kept = ''; navigator.clipboard.write = async ([item]) => {"
        " window.text = await (await item.getType('text/plain')).text();"
        " window.kept = await (await item.getType('text/html')).text(); };"
        "document.querySelector('button[data-copy=word][data-table=\"4\"]').click()"
    )
    page.wait_for("document.getElementById('said').textContent === 'Copied'")
    html, text = page.value("window.kept"), page.value("window.text")
    main, appendix = html.split("</table>")[:2]  # as a journal prints it, and its other rows
    assert ("Hausman" in main, "Hausman" in appendix) == (False, True)
    assert ("Scale" in main, "Scale" in appendix) == (True, False)
    assert "Table 4. Benchmark" in main
    assert "Table C1. Diagnostics" in appendix
    assert "CR3 (jackknife) standard errors clustered by region." in main
    assert "\nMarket\t0.0534**\t0.0534**\n" in text
    assert text.index("Table 4.") < text.index("Turning point") < text.index("Table C1.") < text.index("Hausman p")
    assert "0.0534**" in html
    assert "<span" not in html
    assert "<button" not in html
    assert main.count("border-top: 1.5pt solid black") == main.count("border-bottom: 1.5pt solid black") == 3
    page.value("document.querySelector('button[data-copy=word][data-table=\"2\"]').click()")
    page.wait_for("window.kept.includes('Table 2.')")
    assert page.value("window.kept").count("<table") == 1


def test_a_chinese_page_speaks_chinese_to_its_last_button(running: Browser, chinese: Path) -> None:
    page = Page(running, 390, "light")
    page.open(chinese)
    assert page.said() == []
    assert page.value("document.documentElement.lang") == "zh-CN"
    assert page.value("document.documentElement.scrollWidth") == 390
    kept = "Word|LaTeX|CSV|SVG|PNG|VIF"
    told = page.value("[...document.querySelectorAll('button')].map(b => b.textContent + b.ariaLabel)")
    english = [t for t in told if re.search(r"[A-Za-z]{3,}", re.sub(kept, "", t.replace("null", "")))]
    assert [t for t in english if not t.startswith("来源？")] == []  # that one names an address
    drawn = page.value("document.querySelector('#chart-trend svg').textContent")
    assert "全国" in drawn
    assert "年份" in drawn


@pytest.mark.parametrize("language", ["english", "chinese"])
@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_axe_finds_no_violation(
    running: Browser, request: pytest.FixtureRequest, axe: str, width: int, scheme: str, language: str
) -> None:
    page = Page(running, width, scheme)
    page.open(request.getfixturevalue({"english": "report", "chinese": "chinese"}[language]))
    world = page.isolated()
    page.value(axe, contextId=world)
    found = page.value("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))", contextId=world)
    assert found == []
    page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    unfolded = page.value("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))", contextId=world)
    assert unfolded == []
    page.value("document.querySelector('#table4 .origin').click()")
    assert page.value("document.getElementById('origin').open")
    opened = page.value("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))", contextId=world)
    assert opened == []
