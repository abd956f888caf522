"""Draw a report in both languages and a plot, and print what test_typeface.py compares between machines.

Hashes of the pixels of every page of the PDF and of the figures, hashes of the files, and the characters of the PDF in
whose boxes nothing is drawn.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pypdfium2.raw as raw
import typst
from PIL import Image

import report_example as example
from integrade import plot
from integrade.report.document import Document
from integrade.report.html import page_of
from integrade.report.pdf import to_pdf
from integrade.report.style import image
from integrade.report.word_document import document_to_word
from integrade.study.printed import report_in
from integrade.verdicts.bundle import StudyResults

OF_TYPST = {"DejaVu Sans Mono", "Libertinus Serif", "New Computer Modern", "New Computer Modern Math"}
SCALE = 3


def short(language: str, study: StudyResults) -> Document:
    """A report with all of its figures and little else."""
    whole = report_in(language, study)
    parts = []
    for part in whole.parts:
        sections = [s._replace(blocks=tuple(b for b in s.blocks if hasattr(b, "spec"))) for s in part.sections]
        kept = tuple(s for s in sections if s.blocks)
        parts += [part._replace(sections=kept)] if kept else []
    return replace(whole, parts=tuple(parts))


def shown(svg: bytes) -> bytes:
    """A figure without the labels that Vega hides because others would lie on them."""
    return re.sub(rb'<text[^>]* opacity="0"[^>]*>[^<]*</text>', b"", svg)


def labels(svg: bytes) -> set[str]:
    """The texts of a figure without spaces."""
    return {
        "".join(text.itertext()).replace(" ", "")
        for text in ElementTree.fromstring(svg).iter()
        if text.tag.endswith("text")
    }


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def pixels(png: bytes) -> str:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return hashed(repr(picture.size).encode() + picture.tobytes())


def drawn(page: pypdfium2.PdfPage) -> np.ndarray:
    return page.render(scale=SCALE, rev_byteorder=True).to_numpy()[:, :, :3].astype(int)


def without_ink(page: pypdfium2.PdfPage) -> tuple[list[str], str]:
    """The characters of a page whose boxes look the same when no text is drawn, and all that were looked at."""
    whole = drawn(page)
    for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        raw.FPDFTextObj_SetTextRenderMode(one, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    ink = np.abs(whole - drawn(page)).max(axis=2)
    text, found, seen, height = page.get_textpage(), [], [], page.get_height()
    for i in range(text.count_chars()):
        character = text.get_text_range(i, 1)
        if not character.strip() or not character.isprintable():
            continue
        left, bottom, right, top = text.get_charbox(i, loose=True)
        rows = slice(int(max(height - top, 0) * SCALE), int((height - bottom) * SCALE) + 1)
        seen.append(character)
        if not (ink[rows, int(max(left, 0) * SCALE) : int(right * SCALE) + 1] > 16).any():
            found.append(f"{character} at {left:.0f}, {bottom:.0f}")
    return found, "".join(seen)


def main() -> None:
    study = replace(example.study(labels={"market": "市场一体化 Łódź"}), title="示例 Łódź")
    result: dict[str, dict[str, object]] = {"pixels": {}, "bytes": {}, "without ink": {}, "unread": {}}
    for language in ("en", "zh"):
        document = short(language, study)
        svg = {name: shown(image(one, "svg")) for name, one in document.drawings().items()}
        png = {name: image(one, "png") for name, one in document.drawings().items()}
        pdf, page = to_pdf(document, svg), page_of(document).encode()
        word = document_to_word(document, png)
        result["bytes"][language] = [hashed(one) for one in (pdf, page, word, *svg.values(), *png.values())]
        faint, seen, pages = [], "", []
        for number, one in enumerate(pypdfium2.PdfDocument(pdf), start=1):
            pages.append(hashed(drawn(one).tobytes()))
            found, letters = without_ink(one)
            faint += [f"page {number}: {each}" for each in found]
            seen += letters
        result["pixels"][language] = [pages, *(pixels(one) for one in png.values())]
        result["without ink"][language] = faint
        result["unread"][language] = sorted(one for each in svg.values() for one in labels(each) if one not in seen)
    with TemporaryDirectory() as folder:
        for kind in ("png", "svg", "pdf"):
            file = Path(folder) / f"plot.{kind}"
            plot.coefficients({"示例 Łódź": study.benchmark[-1].headline}, labels={"market": "市场一体化"}).save(
                str(file)
            )
            if kind == "pdf":  # in which vl-convert writes the parts of the file in another order each time
                result["pixels"]["plot"] = [hashed(drawn(one).tobytes()) for one in pypdfium2.PdfDocument(file)]
            else:
                result["bytes"][f"plot.{kind}"] = hashed(file.read_bytes())
    fonts = sorted(set(typst.Fonts(include_system_fonts=True).families()) - OF_TYPST)
    json.dump(result | {"fonts": fonts}, sys.stdout)


if __name__ == "__main__":
    main()
