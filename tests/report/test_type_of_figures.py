"""Nothing in a printed figure is smaller than 7 points, and no figure is higher than a page."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2 import raw

import situation_example
from integrade.report.contents import all_figures
from integrade.report.pagination import SHARES
from integrade.report.style import PRINTED_WIDTH, drawing, image, untitled
from integrade.report.typst_source import SHEET
from plainwords.texts import speaking

LEAST = 7.0
"""Points: the smallest type that journals print (Elsevier and Springer ask for 7 to 8 in figures)."""
TEXT_WIDTH = (21.0 - 2 * 2.2) / 2.54 * 72
"""Points between the margins of 2.2 cm on A4."""


def sizes(svg: str) -> set[float]:
    """The sizes of the texts of a figure that are seen, in pixels."""
    texts = re.findall(r"<text[^>]*>", svg)
    shown = [one for one in texts if 'opacity="0"' not in one]
    found = {float(re.search(r'font-size="([\d.]+)px"', one)[1]) for one in shown}  # type: ignore[index]
    return {size for size in found if size > 0}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_is_as_wide_as_it_is_printed_in_type_of_seven_points(language: str) -> None:
    with speaking(language):
        figures = all_figures(situation_example.study())
        for name, chart in figures.items():
            svg = image(untitled(drawing(name, 1, chart)), "svg").decode()
            width, height = (float(re.search(rf' {side}="([\d.]+)"', svg)[1]) for side in ("width", "height"))  # type: ignore[index]
            assert width == PRINTED_WIDTH, name
            scale = TEXT_WIDTH / width
            assert min(sizes(svg)) * scale * min(SHARES) >= LEAST, (name, sizes(svg))
            assert height * scale * min(SHARES) < SHEET.upright, name


def letters(pdf: Path) -> Iterator[tuple[str, float, int]]:
    """The typeface, the size in points and the page of every character of a PDF."""
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), start=1):
        text = page.get_textpage()
        for i in range(text.count_chars()):
            name, flags, matrix = ctypes.create_string_buffer(100), ctypes.c_int(), raw.FS_MATRIX()
            raw.FPDFText_GetFontInfo(text, i, name, 100, flags)
            raw.FPDFText_GetMatrix(text, i, matrix)
            size = raw.FPDFText_GetFontSize(text, i) * math.hypot(matrix.a, matrix.b)
            if name.value:  # line ends have no typeface
                yield name.value.decode(), size, number


def test_all_figures_of_a_printed_report_have_type_of_seven_points(whole_study: Path) -> None:
    (report,) = (whole_study / "runs").glob("*/report")
    both = [(pdf, letter) for pdf in ("report", "appendix") for letter in letters(report / f"{pdf}.pdf")]
    of_figures = [(size, (pdf, page)) for pdf, (name, size, page) in both if "IntegradeSans" in name]
    assert len({page for _, page in of_figures}) > 10
    assert min(of_figures)[0] >= LEAST
