"""The seam to PDFium: the characters of a PDF with their places, and the rules drawn on its pages.

Run as a program by `integrade.published.documents.pdf`, so that a file that makes PDFium stop ends there; it imports
nothing of the package. Standard input holds the file, standard output a pickled list of pages, or a text that says why
there are none.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from array import array
from typing import Any

MOST_PAGES = 2000
MOST_CHARACTERS = 10_000_000
"""Characters of a document."""
MOST_PATHS = 4000
"""Drawn things of a page that are looked at."""
MEMORY = 1 << 33
"""Bytes that reading one may take."""


def page_of(page: Any, most: int) -> tuple[str, array[float], list[tuple[float, float, float, float]]]:
    """Characters of a page; for each left, right, baseline, height and angle (1 for each quarter); its rules.

    4 is added to the angle of a letter or digit that its font draws small and raised.
    """
    import pypdfium2.raw as pdfium

    opened = page.get_textpage()
    handle = opened.raw
    n = min(opened.count_chars(), most)
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    at, to_x, to_y = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)
    tight = [ctypes.c_double() for _ in range(4)]
    edges = [ctypes.byref(one) for one in tight]
    unicode_of, box_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    origin_of, angle_of = pdfium.FPDFText_GetCharOrigin, pdfium.FPDFText_GetCharAngle
    ink_of = pdfium.FPDFText_GetCharBox
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
        if 0.1 < turned % 1 < 0.9:
            turned = -1.0
        quarter = round(turned) % 4 if turned >= 0 else -1
        if quarter % 2:
            numbers.extend((box.bottom, box.top, x.value, box.right - box.left, quarter))
        else:
            height = box.top - box.bottom
            if quarter == 0 and code < 128 and characters[-1].isalnum() and ink_of(handle, i, *edges):
                bottom, top = tight[2].value, tight[3].value
                quarter += 4 * (bottom - y.value > 0.2 * height and 0 < top - bottom < 0.5 * height)
            numbers.extend((box.left, box.right, y.value, height, quarter))
    return "".join(characters), numbers, rules_of(page, pdfium)


def rules_of(page: Any, pdfium: Any) -> list[tuple[float, float, float, float]]:
    """Thin lines of a page: from, to and where, then 0 for level ones (y) and 1 for upright ones (x)."""
    found = []
    for seen, one in enumerate(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=2)):
        if seen >= MOST_PATHS:
            break
        try:
            left, bottom, right, top = one.get_bounds()
        except Exception:  # a path without extent
            continue
        if top - bottom < 2.5 and right - left > 8:
            found.append((left, right, (bottom + top) / 2, 0.0))
        elif right - left < 2.5 and top - bottom > 8:
            found.append((bottom, top, (left + right) / 2, 1.0))
    return found


def pages_of(content: bytes) -> list[Any] | str:
    """Every page, or why there is none."""
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
        except pypdfium2.PdfiumError:  # a page that is damaged
            pages.append(("", array("d"), []))
        left -= len(pages[-1][0])
        if left <= 0:
            return "characters"
    return pages


def main() -> None:
    """Read standard input, write the pages to standard output."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except Exception:  # not on Windows
        pass
    sys.stdout.buffer.write(pickle.dumps(pages_of(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
