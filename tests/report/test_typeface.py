"""Figures and Chinese are set in the typeface of the package alone: the same pixels on machines with other fonts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import altair as alt
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from integrade.report.fonts import FREQUENT, TYPEFACE, USUAL
from integrade.report.style import dressed, image
from library import needs_fonts

WORLDS = {"DejaVu": "truetype/dejavu", "Liberation": "truetype/liberation", "Noto CJK": "opentype/noto"}
PROGRAM = Path(__file__).with_name("typeface_world.py")


@cache
def pictures(fonts: Path | None, folder: Path) -> dict[str, object]:
    """What `typeface_world.py` draws and counts on a machine whose only fonts are in a folder."""
    (folder / "none").mkdir(exist_ok=True)
    config = folder / "fonts.conf"
    config.write_text(f"<?xml version='1.0'?><fontconfig><dir>{fonts or folder / 'none'}</dir></fontconfig>")
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])])
    env = os.environ | {"FONTCONFIG_FILE": str(config), "PYTHONPATH": path, "HOME": str(folder)}
    done = subprocess.run([sys.executable, str(PROGRAM)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return pictures(None, tmp_path_factory.mktemp("none"))


def test_every_character_of_a_report_has_ink_on_a_machine_without_fonts(bare: dict[str, object]) -> None:
    assert bare["fonts"] == []
    assert bare["unread"] == {"en": [], "zh": []}  # labels of figures whose glyphs are not in the PDF
    assert bare["without ink"] == {"en": [], "zh": []}


@pytest.mark.parametrize("name", WORLDS)
def test_other_fonts_of_the_machine_change_no_pixel(
    name: str, bare: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    there = pictures(needs_fonts(WORLDS[name]), tmp_path_factory.mktemp("fonts"))
    assert any(name.split()[0] in family for family in there["fonts"])  # type: ignore[attr-defined]
    assert there["pixels"] == bare["pixels"]
    assert there["bytes"] == bare["bytes"]


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_every_usual_character_has_a_glyph_with_ink(style: str) -> None:
    font = TTFont(str(TYPEFACE / f"IntegradeSans-{style}.otf"))
    letters, glyphs = font.getBestCmap(), font.getGlyphSet()
    usual = {c for c in map(chr, range(0x20, 0x2300)) if c.isprintable() and USUAL.match(c)} | set(FREQUENT)
    assert usual - {chr(code) for code in letters} == set()

    def ink(character: str) -> bool:
        pen = BoundsPen(glyphs)
        glyphs[letters[ord(character)]].draw(pen)
        return pen.bounds is not None

    signs = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃βρ−–—→≤≥≠≈×·■●▲△✓市场一体化进出口進貿"
    assert {c for c in usual | set(signs) if not ink(c)} == {" ", "\u00a0"}


def test_vega_measures_texts_in_the_typeface() -> None:
    """A label beside an axis moves the axis to the right by as much as the glyphs of the label advance."""
    labels = ("n = 25,721", "Inner Mongolia", "内蒙古 2013")
    font = TTFont(str(TYPEFACE / "IntegradeSans-Regular.otf"))

    def advance(text: str) -> float:
        return 11 / 1000 * sum(font["hmtx"][font.getBestCmap()[ord(c)]][0] for c in text)

    def left(text: str) -> float:
        bars = alt.Chart(alt.InlineData(values=[{"name": text, "x": 1}])).mark_bar()
        svg = image(dressed(bars.encode(x="x:Q", y=alt.Y("name:N", title=None)), ""), "svg").decode()
        found = re.search(r"translate\(([\d.]+),", svg)
        assert found is not None
        return float(found[1])

    for label in labels:
        assert abs(left(label) - left("n") - (advance(label) - advance("n"))) <= 2  # sizes are whole pixels
