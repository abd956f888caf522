"""RTF as esttab writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from printed_documents import read, read_text, shown, spans
from rawcells.errors import Unreadable

EDGES = r"\cellx1060\cellx2248\cellx3436"


def row(*cells: str, edges: str = EDGES) -> str:
    return rf"\trowd\trgaph108\trleft-108{edges}" + "".join(rf"\pard\intbl\qc {{{c}}}\cell" for c in cells) + "\\row\n"


def test_a_table_of_esttab(tmp_path: Path) -> None:
    text = "{\\rtf1\\ansi\\deff0 {\\fonttbl{\\f0\\fnil Times New Roman;}}\n{\\pard\\keepn\\ql Table 1: Prices\\par}\n"
    text += row("", "(1)", "(2)") + row("", "price", edges=r"\cellx1060\cellx3436")
    text += row("mpg", r"-238.9{\super ***}", "-49.51") + row("", "(53.08)", r"1\line (2)") + row(r"{\i N}", "74", "74")
    text += "{\\pard\\ql\\fs20 Standard errors in parentheses\\par}\n"
    text += "{\\pard {\\super *} {\\i p} < 0.05\\par}\nThe end.\\par}"
    document = read_text(tmp_path, "a.rtf", text)
    (grid,) = document.grids
    assert shown(grid)[:3] == [["", "(1)", "(2)"], ["", "price", ""], ["mpg", "-238.9***", "-49.51"]]
    assert (grid.rows[2][1].raised, spans(grid)) == ("***", {"price": (2, 1)})
    assert (grid.title, grid.notes) == ("Table 1: Prices", ("Standard errors in parentheses", "* p < 0.05"))
    assert document.text == "The end."


def of_huxtable(*cells: str) -> str:
    """A row as huxtable sets it: a group of its own, with borders and padding of each cell, and groups within cells."""
    edges = "".join(
        rf"\clvertalt\clbrdrb\brdrs\brdrw8\brdrcf0 \clpadfr3\clpadr80 \clpadfl3\clpadl80 \cellx{1440 * (j + 1)}"
        for j in range(len(cells))
    )
    texts = "".join(rf"\pard\intbl\qc {{\fs20\f0 {{{c}}}}}\cell" + "\n" for c in cells)
    return "{\n\\trowd\n\\trqc\\trleft0 " + edges + "\n" + texts + "\\row\n}\n"


def test_a_table_of_huxtable(tmp_path: Path) -> None:
    text = "{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Times;}}{\\colortbl;\\red0\\green0\\blue0;}\n"
    text += of_huxtable("", "(1)", "(2)") + of_huxtable("x", "0.50 ***", "0.41 ***")
    text += of_huxtable("", "(0.10)\\~", "(0.11)\\~") + of_huxtable("N", "900", "900") + "}"
    (grid,) = read_text(tmp_path, "a.rtf", text).grids
    cells = [[c.strip() for c in row] for row in shown(grid)]
    assert cells == [["", "(1)", "(2)"], ["x", "0.50 ***", "0.41 ***"], ["", "(0.10)", "(0.11)"], ["N", "900", "900"]]


def test_rtf_under_the_name_of_a_word_document(tmp_path: Path) -> None:
    text = "{\\rtf1\\ansi " + row("x", "1.5", "2.5") + "}"
    (grid,) = read_text(tmp_path, "a.doc", text).grids
    assert shown(grid) == [["x", "1.5", "2.5"]]


def test_braces_without_bound_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_text("{\\rtf1 " + "{" * 5000 + "}" * 5000 + "}", encoding="utf-8")
    with pytest.raises(Unreadable) as caught:
        read(path)
    assert caught.value.remedy
