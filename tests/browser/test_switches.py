"""Switches of the page over a stored audit: sentences, numbers and curve of a version, one change at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import PROGRAM, Browser, Page

import audit_example
import report_example as example
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
            document = compose(example.study(), audit=audit_example.audit())
        made[language] = tmp_path_factory.mktemp("page") / f"{language}.html"
        made[language].write_text(page_of(said_in(language, document)), encoding="utf-8")
    return made


def opened(running: Browser, path: Path, width: int = 1400, scheme: str = "light") -> Page:
    page = Page(running, width, scheme)
    page.open(path)
    page.value("document.querySelector('.switches').open = true")
    return page


def choose(page: Page, choice: int, option: int) -> None:
    page.value(
        f"(() => {{ const s = document.querySelectorAll('.choices select')[{choice}]; s.selectedIndex = {option};"
        " s.dispatchEvent(new Event('change')); })()"
    )


NUMBER = "document.querySelector('#answer [data-number={}]').textContent"
VERSION = "document.getElementById('version').innerText"
DRAWN = "document.querySelector('.version-curve .line')?.getAttribute('d')"


def test_a_version_changes_sentences_numbers_and_curve_at_once(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["en"])
    before = page.value(NUMBER.format("N"))
    choose(page, 0, 1)
    said = page.value(VERSION)
    assert "the audit's version “Quality: elasticity of substitution: 3”" in said
    assert "one change from the study's own choices (5)" in said
    assert "a change of \u22120.0123 in" in said
    assert "Fieller interval [3.800, 4.000]" in said
    assert "N = 545,000" in said
    assert page.value(NUMBER.format("N")) == "545,000"
    assert page.value(NUMBER.format("turning")) == "3.900 [3.800, 4.000]"
    assert not page.value("document.getElementById('chart-curve').checkVisibility()")
    first = page.value(DRAWN)
    assert first.startswith("M")
    assert page.value("document.querySelectorAll('#answer .own:not([hidden])').length") == 0
    page.value("document.querySelector('.switches button').click()")
    assert page.value(VERSION) == ""
    assert page.value(NUMBER.format("N")) == before
    assert page.value("document.getElementById('chart-curve').checkVisibility()")
    assert not page.value("document.querySelector('.version-curve').checkVisibility()")
    assert page.value("document.querySelectorAll('#answer .own').length") == 2
    assert page.value("document.querySelectorAll('#answer .own[hidden]').length") == 0
    page.value("document.querySelector('#answer [data-number=N] .origin').click()")
    assert page.value("document.getElementById('origin').open"), "numbers that came back explain themselves"
    assert page.said() == []


def test_the_curve_drawn_is_that_of_the_numbers(running: Browser, reports: dict[str, Path]) -> None:
    """Standard errors alone move the band and not the line; the study's own curve lies beside it."""
    page = opened(running, reports["en"])
    choose(page, 1, 1)
    assert page.value(DRAWN) == page.value("document.querySelector('.version-curve .before').getAttribute('d')")
    choose(page, 1, 0)
    choose(page, 0, 1)  # another unit: its curve stands alone
    assert page.value("document.querySelectorAll('.version-curve .before').length") == 0
    at = page.value(
        f"(() => {{ const p = {DRAWN}.split(/[ML]/).slice(1).map(t => t.split(' ').map(Number));"
        " const top = p.reduce((a, b) => (b[1] < a[1] ? b : a));"
        " return (top[0] - p[0][0]) / (p.at(-1)[0] - p[0][0]); })()"
    )
    low, high, _, b1, b2, *_ = audit_example.audit().switches[0].found.drawn.curve  # type: ignore[union-attr]
    assert at == pytest.approx((-b1 / (2 * b2) - low) / (high - low), abs=0.03)  # flat at its top


def test_one_choice_at_a_time_and_none_that_was_not_made(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["en"])
    off = "[...document.querySelectorAll('.choices select')].map(s => s.disabled)"
    assert page.value(off) == [False, False, False]
    options = "[...document.querySelectorAll('.choices select')[0].options].map(o => [o.disabled, o.textContent])"
    assert page.value(options)[0] == [False, "5 (the study)"]
    assert page.value(options)[2] == [True, "iv (not possible: no instrument for bread)"]
    choose(page, 2, 1)
    assert page.value(off) == [True, True, False]
    assert "The audit changes one choice at a time" in page.value(VERSION)
    assert "Fieller interval every number" in page.value(VERSION)
    choose(page, 2, 0)
    assert page.value(off) == [False, False, False]


def test_switches_are_reached_by_the_keyboard_and_heard(running: Browser, reports: dict[str, Path]) -> None:
    page = opened(running, reports["zh"], 390, "dark")
    page.value("document.querySelector('.choices select').focus()")
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key="ArrowDown", code="ArrowDown", windowsVirtualKeyCode=40)
    page.wait_for(f"{VERSION}.includes('替代弹性: 3')")
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    boxes = [n["name"]["value"] for n in nodes if n.get("role", {}).get("value") == "combobox"]
    assert boxes == ["质量：替代弹性", "标准误", "样本"]
    assert [n for n in nodes if n.get("role", {}).get("value") == "status" and not n.get("ignored")]
    assert page.value("document.documentElement.scrollWidth") == 390
    assert page.said() == []


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1400, "light"), ("zh", 390, "dark")])
def test_axe_finds_no_violation_in_a_version(
    running: Browser, reports: dict[str, Path], axe: str, language: str, width: int, scheme: str
) -> None:
    page = opened(running, reports[language], width, scheme)
    choose(page, 0, 1)
    world = page.isolated()
    page.value(axe, contextId=world)
    found = page.value("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))", contextId=world)
    assert found == []
