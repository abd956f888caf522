"""The pages of the chapter on the index in a real browser: every figure drawn, the year of the map by keyboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from chromium import PROGRAM, Browser, Page

import situation_example
from integrade.study.printed import render_html
from integrade.verdicts.bundle import StudyResults

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]

NEW = (
    "goods",
    "noise",
    "pure",
    "break",
    "quality_area",
    "quality_ownership",
    "distribution",
    "distribution_groups",
    "industries",
    "effects",
    "share_map",
    "versions",
)


def with_a_break() -> StudyResults:
    """Return the example with a break whose tests reject: a break that is not established has no figure."""
    study = situation_example.study()
    assert study.situation is not None
    level, other = study.situation.breaks
    clear = replace(level, p_value=0.01, p_persistent=0.03, bic_break=99.0)
    return replace(study, situation=replace(study.situation, breaks=(clear, other)))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(with_a_break()), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_every_new_figure_is_drawn_and_fits(running: Browser, report: Path, width: int, scheme: str) -> None:
    page = Page(running, width, scheme)
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    for name in NEW:
        assert page.value(f"document.querySelector('#chart-{name} svg').querySelectorAll('path, text').length") > 10, (
            name
        )
        assert page.value(f"document.querySelector('#chart-{name}').getAttribute('aria-label').length") > 20, name
    assert page.value("document.documentElement.scrollWidth") == width
    outside = page.value(
        "[...document.querySelectorAll('.chart svg text')].filter(t => { const a = t.getBoundingClientRect(), "
        "b = t.ownerSVGElement.getBoundingClientRect(); "
        "return a.width && (a.right > b.right + 2 || a.left < b.left - 2); })"
        ".map(t => [t.closest('.chart').id, t.textContent])"
    )
    assert outside == []
    assert page.said() == []


def test_the_year_slider_is_reached_moved_and_read_without_a_mouse(running: Browser, report: Path) -> None:
    """Arrow keys move one year, End goes to the last, the tiles follow, and the slider has a name and a value."""
    page = Page(running, 1200, "light")
    page.open(report)
    page.value("document.querySelectorAll('.fold').forEach(f => { f.open = true; })")
    tiles = "[...document.querySelectorAll('#chart-map path[fill]')].map(p => p.getAttribute('fill')).join()"
    slider = "document.querySelector('#binding-map input')"
    page.value(f"{slider}.focus()")
    seen = {page.value(f"{slider}.value"): page.value(tiles)}

    def press(key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            page.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    for key, code, year in (
        ("ArrowLeft", 37, "2012"),
        ("ArrowLeft", 37, "2011"),
        ("Home", 36, "2004"),
        ("End", 35, "2013"),
    ):
        press(key, code)
        page.wait_for(f"{slider}.value === '{year}'")
        known = seen.get(year)
        if known is None:
            page.wait_for(f"{tiles} !== {list(seen.values())[-1]!r}")
        seen[year] = page.value(tiles)
        page.wait_for(f"[...document.querySelectorAll('#chart-map text')].some(t => t.textContent === '{year}')")
        assert known is None or known == seen[year]
    assert len(set(seen.values())) == 4
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    sliders = [n for n in nodes if n.get("role", {}).get("value") == "slider"]
    assert [("Year" in n["name"]["value"], n["value"]["value"]) for n in sliders] == [(True, 2013)]
