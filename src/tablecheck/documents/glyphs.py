"""Read the characters of a PDF with their positions, and the rules drawn on its pages, with PDFium.

`tablecheck.documents.pdf` runs this file as a separate program, so that a PDF that crashes PDFium ends only this
program. The file imports nothing from the package. Standard input has the content of the PDF. Standard output is a
pickled list of pages, or a text with the reason why there are no pages.
"""

from __future__ import annotations

import ctypes
import math
import pickle
import sys
from array import array
from typing import Any

MOST_PAGES = 2000
MOST_CHARACTERS = 10_000_000
"""Largest number of characters of a document; a convention."""
MOST_PATHS = 4000
"""Largest number of drawn objects of a page that are examined; a convention."""
MEMORY = 1 << 33
"""Largest number of bytes of memory for reading one PDF (8 GiB)."""


def page_of(page: Any, most: int) -> tuple[str, array[float], list[tuple[float, float, float, float]]]:
    """Return the characters of a page and its rules.

    Each character has five numbers: left, right, baseline, height and angle; a blank has five zeros. The angle is in
    quarter turns, and -1 for oblique text. For a letter or digit that its font draws small and raised, 4 is added to
    the angle.
    """
    import pypdfium2.raw as pdfium

    opened = page.get_textpage()
    handle = opened.raw
    n = min(opened.count_chars(), most)
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    at, to_x, to_y = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    tight = [ctypes.c_double() for _ in range(4)]
    edges = [ctypes.byref(edge) for edge in tight]
    unicode_of, box_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    origin_of, angle_of = pdfium.FPDFText_GetCharOrigin, pdfium.FPDFText_GetCharAngle
    ink_of, size_of, matrix_of = pdfium.FPDFText_GetCharBox, pdfium.FPDFText_GetFontSize, pdfium.FPDFText_GetMatrix
    matrix = pdfium.FS_MATRIX()
    to_matrix = ctypes.byref(matrix)
    characters: list[str] = []
    numbers = array("d")
    for i in range(n):
        code = unicode_of(handle, i)
        if code in (9, 10, 13, 32, 160):
            if characters and characters[-1] != " ":
                characters.append(" ")
                numbers.extend((0.0, 0.0, 0.0, 0.0, 0.0))
            continue
        if not (box_of(handle, i, at) and origin_of(handle, i, to_x, to_y)):
            continue
        turned = angle_of(handle, i) / 1.5707963267948966
        characters.append(
            "-" if code == 2 else chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        )
        # Text up to a tenth of a quarter turn off the axes counts as straight; a convention.
        if 0.1 < turned % 1 < 0.9:
            turned = -1.0
        quarter = round(turned) % 4 if turned >= 0 else -1
        if quarter % 2:
            numbers.extend((box.bottom, box.top, x.value, box.right - box.left, quarter))
        else:
            height = box.top - box.bottom
            if ink_of(handle, i, *edges) and matrix_of(handle, i, to_matrix):
                size = size_of(handle, i) * math.hypot(matrix.c, matrix.d)
                height = type_height(height, size, tight[3].value - tight[2].value)
            if quarter == 0 and code < 128 and characters[-1].isalnum() and ink_of(handle, i, *edges):
                bottom, top = tight[2].value, tight[3].value
                # A superscript is raised by more than .2 of the line's height and is lower than .5; conventions.
                quarter += 4 * (bottom - y.value > 0.2 * height and 0 < top - bottom < 0.5 * height)
            numbers.extend((box.left, box.right, y.value, height, quarter))
    return "".join(characters), numbers, rules_of(page, pdfium)


def type_height(height: float, size: float, ink: float) -> float:
    """Return the height of a line of type from a character's line height, its type size and the height of its ink.

    Fonts of mathematical signs state lines of twice the type size and more. Digits beside such a sign then look small
    and raised. For a line higher than 1.6 of the type size, 1.12 of that size is returned, which is usual for fonts of
    text. Both are conventions. A size below the height of the ink is not the type size, and the line height is kept.
    """
    return 1.12 * size if height > 1.6 * size and 0 < ink <= 1.3 * size else height


def rules_of(page: Any, pdfium: Any) -> list[tuple[float, float, float, float]]:
    """Return the thin lines of a page as start, end, position and direction.

    The direction is 0 for horizontal lines (the position is y) and 1 for vertical lines (the position is x).
    """
    rules = []
    for seen, path in enumerate(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=2)):
        if seen >= MOST_PATHS:
            break
        try:
            left, bottom, right, top = path.get_bounds()
        except Exception:  # a path without extent
            continue
        # A rule is thinner than 2.5 points and longer than 8; both are conventions.
        if top - bottom < 2.5 and right - left > 8:
            rules.append((left, right, (bottom + top) / 2, 0.0))
        elif right - left < 2.5 and top - bottom > 8:
            rules.append((bottom, top, (left + right) / 2, 1.0))
    return rules


def pages_of(content: bytes) -> list[Any] | str:
    """Return every page, or the reason why there are no pages."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as problem:
        return str(problem)
    if len(document) > MOST_PAGES:
        return f"pages {len(document)}"
    pages, left = [], MOST_CHARACTERS
    for index in range(len(document)):
        try:
            page = document[index]
            pages.append(page_of(page, left))
            page.close()
        except pypdfium2.PdfiumError:  # a damaged page
            pages.append(("", array("d"), []))
        left -= len(pages[-1][0])
        if left <= 0:
            return "characters"
    return pages


def main() -> None:
    """Read standard input, and write the pages to standard output."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except Exception:  # not on Windows
        pass
    sys.stdout.buffer.write(pickle.dumps(pages_of(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
