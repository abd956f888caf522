"""How full the pages of a PDF are, and what stands on each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2


def pages(pdf: bytes | Path) -> Iterator[tuple[str, float]]:
    """The text of every page, and the share of its height that has something within a twentieth of a page."""
    for page in pypdfium2.PdfDocument(pdf):
        ink = (page.render(scale=0.5, grayscale=True).to_numpy() < 200).any(axis=1)
        ink = ink[int(0.07 * len(ink)) : int(0.92 * len(ink))]  # without margins and the number of the page
        near = np.convolve(ink, np.ones(len(ink) // 20), "same") > 0
        yield page.get_textpage().get_text_bounded(), float(near.mean())


def ink_at_the_right_edge(pdf: bytes | Path) -> list[int]:
    """The pages that have something in their right margin, as a table that is wider than the page has."""
    found = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), start=1):
        ink = page.render(scale=0.5, grayscale=True).to_numpy() < 200
        found += [number] if ink[:, int(0.95 * ink.shape[1]) :].any() else []
    return found
