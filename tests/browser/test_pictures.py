"""The page beside a reviewed set: where its parts lie at three widths, and how it looks from afar.

`pages/layout.json` has the boxes of landmarks, headings of folded parts, tables and figures; `pages/*.png` are
pictures at a sixteenth of the size, so that letters are grey and only weight, colour and place remain. Every letter is
a block of one size, in a typeface made here, so that lines break alike on every machine whatever its fonts; what a
browser rounds otherwise is within the tolerances below. What a broken style does is tried beside them, and is beyond
them.

`INTEGRADE_UPDATE=1 pytest tests/browser/test_pictures.py` writes the set anew; look at the page before you keep it.
"""

from __future__ import annotations

import base64
import io
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from chromium import PROGRAM, Browser, Page
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

import report_example as example
from each import each
from integrade.study.printed import render_html

pytestmark = [pytest.mark.system, pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")]

KEPT = Path(__file__).parent / "pages"
UPDATE = bool(os.environ.get("INTEGRADE_UPDATE"))
WIDTHS = (1400, 800, 390)
VIEWS = [(1400, "light"), (1400, "dark"), (800, "light"), (390, "light"), (390, "dark")]
HEIGHT, SMALLER = 1600, 16
"""Pixels in height of a picture: below them the page is headings of folded parts, whose places `layout.json` has."""
BOXES = (
    "header.bar, nav.contents, main, h1, #answer, #answer figure, .numbers, main .part, main section > h2,"
    " .fold > summary, main .scroll, main figure .chart, footer"
)
ASIDE, WIDER, HIGHER = 6, 0.02, 0.06
"""A box may lie 6 px aside, be 2% wider or narrower (and 6 px), and 6% (and 6 px) higher or lower: rounding, and
lines that another version of the browser breaks elsewhere."""
NEAR, SHARE = 18, 0.03
"""Two small pictures are alike where fewer than 3% of their points differ by more than 18 of 255 in any colour.
Figures that are not drawn differ in 7%, text without ink in 10%, another theme in 98%."""

MEASURED = f"""[...document.querySelectorAll({json.dumps(BOXES)})].filter(e => e.checkVisibility()).map(e => {{
  const box = e.getBoundingClientRect();
  const name = e.id || e.closest('[id]')?.id + ' ' + (e.className || e.tagName.toLowerCase());
  return [name, Math.round(box.left), Math.round(box.width), Math.round(box.height)];
}})"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(example.study()), encoding="utf-8")
    return path


@cache
def letters() -> bytes:
    """A typeface whose letters, digits and signs are blocks, a little more than half as wide as high."""
    pen = TTGlyphPen(None)
    for at in ((60, 0), (60, 600), (480, 600), (480, 0)):
        (pen.lineTo if at != (60, 0) else pen.moveTo)(at)
    pen.closePath()
    block, empty = pen.glyph(), TTGlyphPen(None).glyph()
    made = FontBuilder(1000)
    made.setupGlyphOrder([".notdef", "space", "block"])
    signs = (range(0x21, 0x250), range(0x2010, 0x2028), range(0x2030, 0x2600))
    made.setupCharacterMap({0x20: "space", 0xA0: "space"} | {c: "block" for r in signs for c in r if c != 0xA0})
    made.setupGlyf({".notdef": block, "space": empty, "block": block})
    made.setupHorizontalMetrics({".notdef": (540, 60), "space": (280, 0), "block": (540, 60)})
    made.setupHorizontalHeader(ascent=900, descent=-250)
    made.setupNameTable({"familyName": "reviewed", "styleName": "Regular"})
    made.setupOS2(sTypoAscender=900, sTypoDescender=-250, usWinAscent=900, usWinDescent=250)
    made.setupPost()
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def opened(running: Browser, report: Path, width: int, scheme: str = "light", style: str = "") -> Page:
    """The page in the letters of the set, with a style of a test."""
    page = Page(running, width, scheme)
    page.ask("Page.setBypassCSP", enabled=True)
    page.open(report)
    source = f"url(data:font/ttf;base64,{base64.b64encode(letters()).decode()})"
    face = f"@font-face {{ font-family: reviewed; src: {source}; }} * {{ font-family: reviewed !important; }}"
    add = f"document.head.insertAdjacentHTML('beforeend', {json.dumps(f'<style>{face}{style}</style>')})"
    page.value(f"{add}; document.fonts.load('16px reviewed').then(f => f.length)")
    assert page.value("document.fonts.check('16px reviewed') && [...document.fonts].some(f => f.status === 'loaded')")
    page.value("window.dispatchEvent(new Event('resize')); document.fonts.ready.then(() => true)")
    return page


Boxes = list[list[Any]]


def moved(found: Boxes, kept: Boxes) -> list[str]:
    """What lies elsewhere, has another size, or is there in one of the two alone."""
    names, known = [b[0] for b in found], [b[0] for b in kept]
    if names != known:
        return [f"{name} is new or gone" for name in sorted({*names} ^ {*known})] or ["another order"]
    out = []
    for (name, left, width, height), (_, x, w, h) in zip(found, kept, strict=True):
        if abs(left - x) > ASIDE:
            out.append(f"{name}: {left} px from the left, was {x}")
        if abs(width - w) > max(6, WIDER * w):
            out.append(f"{name}: {width} px wide, was {w}")
        if abs(height - h) > max(6, HIGHER * h):
            out.append(f"{name}: {height} px high, was {h}")
    return out


def picture(page: Page, width: int) -> str:
    """The first screens from afar, as PNG in base64."""
    clip = {"x": 0, "y": 0, "width": width, "height": HEIGHT, "scale": 1 / SMALLER}
    return str(page.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"])


def points(running: Browser, png: str) -> list[int]:
    """Red, green, blue and alpha of every point of a picture, read by the browser."""
    page = Page(running, 400, "light")
    return page.value(
        f"""(async () => {{
          const image = new Image();
          image.src = 'data:image/png;base64,{png}';
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext('2d');
          context.drawImage(image, 0, 0);
          return [...context.getImageData(0, 0, image.width, image.height).data];
        }})()"""
    )


def unlike(found: list[int], kept: list[int]) -> float:
    """The share of points that differ; all of them where the pictures have another size."""
    if len(found) != len(kept):
        return 1.0
    pairs = zip(found, kept, strict=True)
    far = [abs(a - b) > NEAR for a, b in pairs]
    return sum(any(far[i : i + 3]) for i in range(0, len(far), 4)) / (len(far) // 4)


@pytest.mark.parametrize("width", WIDTHS)
def test_parts_of_the_page_lie_where_they_were_reviewed(running: Browser, report: Path, width: int) -> None:
    found = opened(running, report, width).value(MEASURED)
    file = KEPT / "layout.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if UPDATE:
        kept[str(width)] = found
        KEPT.mkdir(exist_ok=True)
        lines = [f"{json.dumps(w)}: [\n" + ",\n".join(map(json.dumps, boxes)) + "\n]" for w, boxes in kept.items()]
        file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    assert len(found) > 25
    assert moved(found, kept[str(width)]) == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_page_looks_as_it_was_reviewed(running: Browser, report: Path, width: int, scheme: str) -> None:
    png = picture(opened(running, report, width, scheme), width)
    file = KEPT / f"{width}-{scheme}.png"
    if UPDATE:
        KEPT.mkdir(exist_ok=True)
        file.write_bytes(base64.b64decode(png))
    kept = file.read_bytes()
    assert len(kept) <= 30_000
    assert unlike(points(running, png), points(running, base64.b64encode(kept).decode())) < SHARE


BROKEN = {
    "contents above the text": (1400, ".beside { display: block !important; }"),
    "text as wide as the page": (1400, "main p { max-width: none !important; } main { max-width: 40rem; }"),
    "tables in the text column": (1400, ".scroll { max-width: 24rem !important; }"),
    "all folds open": (800, ".fold::details-content { content-visibility: visible; block-size: auto; }"),
    "box without padding": (390, ".box { padding: 0 !important; border: 0; }"),
    "figures half as wide": (800, "figure { max-width: 50% !important; }"),
    "larger letters": (390, "body { font-size: 26px !important; }"),
}


@pytest.mark.skipif(UPDATE, reason="the set is written anew")
@each("name", BROKEN)
def test_a_broken_style_lies_elsewhere(running: Browser, report: Path, name: str) -> None:
    width, style = BROKEN[name]
    page = opened(running, report, width, style=style)
    kept = json.loads((KEPT / "layout.json").read_text(encoding="utf-8"))
    assert moved(page.value(MEASURED), kept[str(width)]) != []


PAINTED = {
    "colours of the other theme": (390, "light", ":root { --paper: #0f1419; --ink: #e6e8eb; --raised: #171d24; }"),
    "figures not drawn": (800, "light", ".chart svg { visibility: hidden; }"),
    "text without ink": (1400, "dark", "main, main * { color: var(--paper) !important; }"),
    "a coloured box": (1400, "light", ".box { background: #ffd9b3 !important; }"),
}


@pytest.mark.skipif(UPDATE, reason="the set is written anew")
@pytest.mark.parametrize("name", PAINTED)
def test_a_page_painted_otherwise_looks_otherwise(running: Browser, report: Path, name: str) -> None:
    width, scheme, style = PAINTED[name]
    png = picture(opened(running, report, width, scheme, style), width)
    kept = base64.b64encode((KEPT / f"{width}-{scheme}.png").read_bytes()).decode()
    assert unlike(points(running, png), points(running, kept)) >= 1.5 * SHARE
