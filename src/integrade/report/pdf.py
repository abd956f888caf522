"""Write the report as PDF with Typst.

This needs no other program and no network, and gives the same bytes each time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from integrade.report.document import Document
from integrade.report.fonts import PRINTED, TYPEFACE, beyond, said_of, spelt, unset
from integrade.report.pagination import paginated
from integrade.report.typst_source import MEASURED, SHEET, measured, to_measure, to_typst
from plainwords.texts import in_language, speaking
from rawcells.scratch import scratch_folder
from rawcells.stopping import temporary


def to_pdf(document: Document, drawings: Mapping[str, bytes], tell: Callable[[str], None] = lambda _: None) -> bytes:
    """Return the PDF; ``drawings`` are the figures as .svg, by name.

    A character that no font has is written in Latin letters. A sentence on the replaced characters is passed to
    ``tell`` and printed at the end of the document. The fonts of the machine are used only if a character needs them.
    """
    import typst

    images = {name: f"figures/{name}.svg" for name in drawings}
    drawn = {name: svg.decode() for name, svg in drawings.items()}
    bare = to_typst(document, images, ())
    everything = "".join((bare, *drawn.values()))
    letters = unset(everything)
    own_fonts = not beyond(everything)
    last = ""
    if letters:
        with speaking("en"):
            warning = said_of(letters)
        tell(warning)
        last = f'#text(size: 8pt, "{in_language(warning, document.language)}")\n'
    with tempfile.TemporaryDirectory(dir=scratch_folder()) as folder, temporary(Path(folder)) as root:
        (root / "figures").mkdir()
        for name, svg in drawn.items():
            (root / images[name]).write_text(spelt(svg, letters), encoding="utf-8")
        source = root / "report.typ"
        source.write_text(spelt(to_measure(document, images, PRINTED), letters), encoding="utf-8")
        heights = typst.query(
            source, f"<{MEASURED}>", field="value", root=root, font_paths=[TYPEFACE], ignore_system_fonts=own_fonts
        )
        used, chapters = measured(document, heights)
        plan = paginated(chapters, used, SHEET)
        source.write_text(spelt(to_typst(document, images, PRINTED, plan), letters) + last, encoding="utf-8")
        pdf = typst.compile(
            source, root=root, font_paths=[TYPEFACE], ignore_system_fonts=own_fonts, format="pdf", timestamp=0
        )
    assert isinstance(pdf, bytes)
    return pdf
