"""How the page is read: what folds, the list of contents beside the text, and tables that are wider than the text."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pypdfium2
import pytest
from chromium import PROGRAM, Browser, Page

import report_example as example
import situation_example
from each import each
from integrade.report.html import page_of
from integrade.study.printed import render_html, report_in

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]

FOLDED = ("truth", "account", "settings", "files", "warnings")
OPEN = "document.querySelector('#{} > .fold').open"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("page")
    pages = {
        "english": render_html(example.study()),
        "chinese": page_of(report_in("zh", example.study())),
        "long": render_html(situation_example.study()),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in pages}


def loaded(running: Browser, path: Path, *, scripts: bool) -> Page:
    """A page whose scripts may be switched off."""
    page = Page(running, 1400, "light")
    page.ask("Emulation.setScriptExecutionDisabled", value=not scripts)
    page.ask("Page.navigate", url=path.as_uri())
    page.wait_for("document.readyState === 'complete' && !!document.querySelector('footer')")
    return page


def opened(running: Browser, path: Path, width: int, scheme: str = "light") -> Page:
    page = Page(running, width, scheme)
    page.open(path)
    page.value("document.documentElement.style.scrollBehavior = 'auto'")
    return page


def press(page: Page, key: str, code: int, **more: object) -> None:
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)


@pytest.mark.parametrize("width", [1400, 390])
def test_doubts_and_record_are_headings_until_they_are_opened(
    running: Browser, reports: dict[str, Path], width: int
) -> None:
    page = opened(running, reports["english"], width)
    assert [page.value(OPEN.format(key)) for key in FOLDED] == [False] * len(FOLDED)
    assert page.value("[...document.querySelectorAll('#data-part .fold, #results-part .fold')].length") == 0
    assert page.value("document.querySelector('#files summary h2').textContent.length") > 3
    page.value("document.querySelector('#files summary').focus()")
    press(page, "Enter", 13, text="\r")
    assert page.value(OPEN.format("files")), "a heading opens by the keyboard"
    assert page.value("document.getElementById('tableB3').getBoundingClientRect().height") > 20
    assert page.said() == []


def test_a_link_into_what_is_folded_opens_it(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["english"], 1400)
    page.value("document.querySelector('.contents a[href=\"#settings\"]').click()")
    page.wait_for(OPEN.format("settings"))
    heading = "document.getElementById('h-settings').getBoundingClientRect()"
    page.wait_for(f"{heading}.top >= 0 && {heading}.bottom <= innerHeight")
    assert not page.value(OPEN.format("files"))
    page.value("location.hash = '#tableB3'")
    page.wait_for(OPEN.format("files"))
    page.value("location.hash = '#no-such-place'; location.hash = '#%E0%A4%A'")
    assert page.said() == []


def test_a_page_opened_at_an_address_shows_what_stands_there(running: Browser, reports: dict[str, Path]) -> None:
    page = Page(running, 1400, "light")
    page.ask("Page.navigate", url=reports["english"].as_uri() + "#tableB3")
    page.wait_for("document.documentElement?.dataset.ready === 'yes'")
    assert page.value(OPEN.format("files"))


def test_one_button_opens_a_whole_part_and_closes_it(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["english"], 390)
    button = "document.querySelector('#record-part .folds button')"
    every = "[...document.querySelectorAll('#record-part .fold')].map(f => f.open)"
    assert page.value(f"{button}.textContent") == "Open all sections"
    folds = page.value(f"{every}.length")
    assert folds >= 4
    page.value(f"{button}.click()")
    assert page.value(every) == [True] * folds
    assert page.value(f"{button}.textContent") == "Close all sections"
    page.value(f"{button}.click()")
    assert page.value(every) == [False] * folds
    assert not page.value(OPEN.format("truth"))


def test_a_browser_that_does_not_search_folded_text_gets_all_of_it(running: Browser, reports: dict[str, Path]) -> None:
    page = Page(running, 1400, "light")
    page.ask(
        "Page.addScriptToEvaluateOnNewDocument",
        source="for (const p of [HTMLElement.prototype, Element.prototype]) delete p.onbeforematch;",
    )
    page.open(reports["english"])
    page.value("window.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', ctrlKey: true }))")
    assert page.value("document.querySelectorAll('.fold:not([open])').length") == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_print_has_what_is_folded_with_scripts_and_without(
    running: Browser, reports: dict[str, Path], *, scripts: bool
) -> None:
    page = loaded(running, reports["english"], scripts=scripts)
    if scripts:
        page.wait_for("document.documentElement.dataset.ready === 'yes'")
    printed = pypdfium2.PdfDocument(base64.b64decode(page.ask("Page.printToPDF")["data"]))
    text = " ".join("".join(leaf.get_textpage().get_text_range() for leaf in printed).split())
    for number in ("A2", "B1", "B2", "B3"):
        assert f"Table {number}." in text
    assert "Open all sections" not in text
    if scripts:  # what a reader had closed is closed again
        assert page.value("document.querySelectorAll('.fold[open]').length") == 0


def test_a_figure_that_was_folded_fills_its_place_when_it_is_opened(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["english"], 1400)
    page.value("document.querySelector('#truth summary').click()")
    width = "document.querySelector('#chart-truth{}').getBoundingClientRect().width"
    page.wait_for(f"Math.abs({width.format('')} - {width.format(' svg')}) < 12")


BESIDE = """(() => {
  const list = document.querySelector('.contents').getBoundingClientRect();
  const text = document.querySelector('main').getBoundingClientRect();
  return list.width > 100 && list.right <= text.left && list.top >= 0 && list.top < 40
    && document.querySelector('.contents a[href="#files"]').checkVisibility();
})()"""


@pytest.mark.parametrize("scripts", [True, False])
def test_contents_stay_beside_the_text_where_there_is_room(
    running: Browser, reports: dict[str, Path], *, scripts: bool
) -> None:
    page = loaded(running, reports["english"], scripts=scripts)
    assert page.value(BESIDE)
    page.value("window.scrollTo({ top: 4000, behavior: 'instant' })")
    assert page.value("window.scrollY") == 4000
    assert page.value(BESIDE), "still there after scrolling"


def test_contents_mark_the_section_that_is_read(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["long"], 1400)
    marked = "[...document.querySelectorAll('.contents [aria-current]')].map(a => a.hash)"
    assert page.value(marked) == ["#answer"]
    for key in ("index", "benchmark", "quality"):
        page.value(f"document.getElementById('{key}').scrollIntoView()")
        page.wait_for(f"{marked}.join() === '#{key}'")
    assert page.value("getComputedStyle(document.querySelector('.contents [aria-current]')).fontWeight") == "700"


def test_contents_fold_on_narrow_screens(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["english"], 390)
    link = "document.querySelector('.contents a[href=\"#sample\"]')"
    assert not page.value(f"{link}.checkVisibility()")
    page.value("document.querySelector('.contents summary').click()")
    assert page.value(f"{link}.checkVisibility()")
    page.value(f"{link}.click()")
    page.wait_for("Math.abs(document.getElementById('sample').getBoundingClientRect().top) < 80")
    assert not page.value(f"{link}.checkVisibility()"), "it folds again behind the reader"
    page.ask("Emulation.setDeviceMetricsOverride", width=1400, height=844, deviceScaleFactor=1, mobile=False)
    page.wait_for(f"{link}.checkVisibility()")


WIDEST = "Math.max(...[...document.querySelectorAll('.scroll')].map(b => b.getBoundingClientRect().width))"
TEXT = "Math.max(...[...document.querySelectorAll('main section > p')].map(p => p.getBoundingClientRect().width))"


def test_wide_tables_use_the_width_that_text_leaves(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["long"], 1400)
    assert page.value(TEXT) <= 44 * 16
    assert page.value(WIDEST) > 1000
    cut = "[...document.querySelectorAll('.scroll')].filter(b => b.scrollWidth > b.clientWidth + 1).map(b => b.id)"
    assert page.value(cut) == []


def test_a_table_that_scrolls_shows_it_and_scrolls_by_the_keyboard(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["english"], 390)
    wider = page.value("[...document.querySelectorAll('.scroll.wider')].map(b => b.id)")
    assert wider
    box = f"document.getElementById({json.dumps(wider[0])})"
    assert page.value(f"{box}.tabIndex") == 0
    assert page.value(f"{box}.getAttribute('role')") == "region"
    assert page.value(f"{box}.getAttribute('aria-label')").startswith("Table ")
    assert page.value(f"getComputedStyle({box}).backgroundAttachment") == "local, local, scroll, scroll, scroll"
    page.value(f"{box}.focus()")
    press(page, "ArrowRight", 39)
    page.wait_for(f"{box}.scrollLeft > 0")
    page.wait_for(f"{box}.classList.contains('past')")
    label = f"{box}.querySelector('tbody th[scope=row]')"
    assert page.value(f"{label}.getBoundingClientRect().left >= {box}.getBoundingClientRect().left - 1"), "names stay"


CUT = """(() => {
  const cut = [];
  const walker = document.createTreeWalker(document.querySelector('.layout'), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.textContent.trim() || !node.parentElement.checkVisibility()) continue;
    if (node.parentElement.closest('.skip, .chart, noscript')) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    let held = false;
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at), edge = at.getBoundingClientRect();
      const out = box.right > edge.right + 1.5 || box.left < edge.left - 1.5;
      if (['auto', 'scroll'].includes(style.overflowX)) held = true;
      if (['hidden', 'clip'].includes(style.overflowX) && out) cut.push(['clipped', node.textContent.slice(0, 40)]);
    }
    if (!held && (box.right > innerWidth || box.left < 0)) cut.push(['outside', node.textContent.slice(0, 40)]);
  }
  return cut;
})()"""
STARS = """(() => {
  const bad = [];
  for (const star of document.querySelectorAll('.stars')) {
    if (!star.checkVisibility()) continue;
    const at = star.getBoundingClientRect(), cell = star.closest('td').getBoundingClientRect();
    const box = star.closest('.scroll'), edge = box.getBoundingClientRect(), text = star.parentElement.textContent;
    if (at.right > cell.right + .5) bad.push(['outside its cell', text]);
    if (at.right - edge.left + box.scrollLeft > box.scrollWidth + .5) bad.push(['unreachable', text]);
    if (cell.left < edge.right - 1 && at.right > edge.right + .5) bad.push(['cut at rest', text]);
  }
  return bad;
})()"""


@each("name", ["english", "chinese", "long"])
@each("width", [1400, 800, 390, 320])
def test_nothing_is_cut_and_nothing_but_tables_scrolls_sideways(
    running: Browser, reports: dict[str, Path], width: int, name: str
) -> None:
    page = opened(running, reports[name], width)
    page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.wait_for("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    sideways = page.value(
        "[...document.querySelectorAll('.layout *, .bar *')].filter(e => !e.closest('svg') && "
        "e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))"
        ".filter(e => !e.matches('.scroll')).map(e => e.outerHTML.slice(0, 80))"
    )
    assert sideways == []
    assert page.value(CUT) == []
    assert page.value("document.querySelectorAll('.stars').length") > 5
    assert page.value(STARS) == []
