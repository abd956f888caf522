"""The explorer of the page: versions, regions, numbers of goods, and a search over all numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium import PROGRAM, Browser, Page

import audit_example
import explorer_example
from integrade.report.document import compose
from integrade.report.html import page_of
from integrade.report.language import said_in
from plainwords.texts import speaking

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for language in ("en", "zh"):
        with speaking(language):
            document = compose(explorer_example.study(), audit=audit_example.audit())
        made[language] = tmp_path_factory.mktemp("page") / f"{language}.html"
        made[language].write_text(page_of(said_in(language, document)), encoding="utf-8")
    return made


def opened(running: Browser, path: Path, width: int = 1400, scheme: str = "light") -> Page:
    page = Page(running, width, scheme)
    page.open(path)
    return page


def choose(page: Page, name: str) -> None:
    """Choose a version by its name in the list."""
    page.value(
        "(() => { const s = document.getElementById('explorer-version');"
        f" s.value = [...s.options].find(o => o.text === {json.dumps(name)}).value;"
        " s.dispatchEvent(new Event('change')); })()"
    )


def press(page: Page, key: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


def look_for(page: Page, query: str) -> None:
    page.value(
        "(() => { const box = document.getElementById('explorer-find');"
        f" box.value = {json.dumps(query)}; box.dispatchEvent(new Event('input')); }})()"
    )


SAID = "document.getElementById('explorer-said').innerText"
LINE = "document.querySelector('#explorer-curve .line').getAttribute('d')"
BEFORE = "document.querySelectorAll('#explorer-curve .before').length"
ANSWER = "document.getElementById('answer').innerText"


def test_a_version_shows_its_curve_and_sentences_and_the_brief_stays(
    running: Browser, reports: dict[str, Path]
) -> None:
    page = opened(running, reports["en"])
    answer, line = page.value(ANSWER), page.value(LINE)
    assert "The study's own choices" in page.value(SAID)
    choose(page, "3")
    assert page.value(SAID).startswith("Quality: elasticity of substitution: 3")
    assert "The turning point of market integration is 3.900 (95% interval [3.800, 4.000])" in page.value(SAID)
    assert "N = 545,000" in page.value(SAID)
    assert page.value(BEFORE) == 0, "a version in other units stands alone"
    assert page.value(LINE) != line
    choose(page, "independent errors")
    assert page.value(BEFORE) == 1
    assert (
        page.value(LINE).split("L")[40]
        == page.value("document.querySelector('#explorer-curve .before').getAttribute('d')").split("L")[40]
    )
    page.value("document.getElementById('explorer-reset').click()")
    assert page.value(LINE) == line
    assert page.value(ANSWER) == answer
    assert page.said() == []


def test_each_version_is_one_dot_in_order_and_a_click_chooses_it(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["en"])
    page.value(
        "(() => { const s = document.getElementById('explorer-quantity'); s.value = 'p10';"
        " s.dispatchEvent(new Event('change')); })()"
    )
    heights = page.value(
        "[...document.querySelectorAll('#explorer-dots .dot')]"
        ".map(g => Number(g.querySelector('circle').getAttribute('cy')))"
    )
    assert len(heights) == 3
    assert heights == sorted(heights, reverse=True)
    titles = page.value("[...document.querySelectorAll('#explorer-dots title')].map(t => t.textContent)")
    assert any(t.startswith("Sample: years up to 2007") for t in titles), "hovering says what was chosen"
    page.value(
        "[...document.querySelectorAll('#explorer-dots .column')]"
        ".find(c => c.textContent.startsWith('Standard errors')).dispatchEvent(new Event('click'))"
    )
    assert page.value(SAID).startswith("Standard errors: independent errors")
    assert page.value("document.querySelectorAll('#explorer-dots .chosen').length") == 1
    assert page.value("document.getElementById('explorer-version').selectedOptions[0].text") == "independent errors"


def test_a_region_shows_its_series_weight_and_the_curve_without_it(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["en"])
    page.value("document.querySelector('.tile[title=Hebei]').focus()")
    said = page.value(SAID)
    assert "The index of Hebei was" in said
    assert "Hebei contributes 40% of the variation that identifies the effect." in said
    assert "Without Hebei the turning point is 4.250" in said
    assert page.value("document.querySelector('.tile[title=Hebei]').getAttribute('aria-pressed')") == "true"
    assert page.value("document.querySelector('#explorer-series .line').getAttribute('d')").startswith("M")
    assert page.value("document.querySelectorAll('#explorer-dots .turn').length") == 1, "linked to the dots"
    press(page, "Escape", 27)
    assert "The study's own choices" in page.value(SAID)
    assert page.value("document.getElementById('explorer-series').hidden")


def test_the_slider_goes_from_few_goods_to_no_noise(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["en"])
    page.value("document.getElementById('explorer-goods').focus()")
    assert page.value("document.getElementById('explorer-goods-label').textContent") == "10 goods"
    press(page, "ArrowRight", 39)
    assert page.value(SAID).startswith("If the index used 20 goods")
    assert "Share of noise in the variation of the index" in page.value(SAID)
    press(page, "End", 35)
    assert page.value(SAID).startswith("An index without noise")
    assert page.value("document.getElementById('explorer-goods').getAttribute('aria-valuetext')") == "no noise"


def test_a_number_is_found_and_opens_its_origin(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["en"])
    look_for(page, "turning 4.0")
    hits = page.value("[...document.querySelectorAll('#explorer-hits a')].map(a => a.textContent)")
    assert hits
    assert all("4.0" in text and "turning" in text.lower() for text in hits)
    page.value("document.querySelector('#explorer-hits a').click()")
    page.wait_for("document.getElementById('origin').open")
    look_for(page, "no such number 77777")
    assert page.value("document.getElementById('explorer-found').textContent") == "No number found"


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1400, "light"), ("zh", 390, "dark")])
def test_axe_finds_no_violation_and_a_phone_does_not_scroll(
    running: Browser, reports: dict[str, Path], axe: str, language: str, width: int, scheme: str
) -> None:
    page = opened(running, reports[language], width, scheme)
    page.value("document.querySelector('.tile').focus()")
    assert page.value("document.documentElement.scrollWidth") == width
    world = page.isolated()
    page.value(axe, contextId=world)
    found = page.value(
        "axe.run('#explorer').then(r => r.violations.map(v => [v.id, v.nodes[0].html]))", contextId=world
    )
    assert found == []
    assert page.said() == []
