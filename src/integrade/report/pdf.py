"""The report as PDF, set by Typst: no other program, no network, the same bytes for the same report."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from integrade.report.document import Document
from integrade.report.fonts import print_fonts
from integrade.report.typst_source import to_typst


def to_pdf(document: Document, drawings: Mapping[str, bytes]) -> bytes:
    """The PDF; ``drawings`` are the figures as .svg, by name. Raises `FontMissing` for Chinese text without a font."""
    import typst

    images = {name: f"figures/{name}.svg" for name in drawings}
    bare = to_typst(document, images, ())
    source = to_typst(document, images, print_fonts(bare))
    with tempfile.TemporaryDirectory(prefix="integrade-") as folder:
        root = Path(folder)
        (root / "figures").mkdir()
        for name, svg in drawings.items():
            (root / images[name]).write_bytes(svg)
        (root / "report.typ").write_text(source, encoding="utf-8")
        made = typst.compile(root / "report.typ", root=root, format="pdf", timestamp=0)
    assert isinstance(made, bytes)
    return made
