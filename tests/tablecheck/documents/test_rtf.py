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
