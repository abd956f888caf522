"""Word documents: merged cells, paragraphs in a cell, superscripts, captions, notes, revisions."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from printed_documents import read, shown, spans
from rawcells.errors import Unreadable


def test_a_table_with_all_that_word_does(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Results", 1)
    document.add_paragraph("Some text here.")
    document.add_paragraph("Table 3. Market and quality", style="Caption")
    table = document.add_table(5, 4)

    def put(i: int, j: int, text: str, raised: str = "") -> None:
        paragraph = table.cell(i, j).paragraphs[0]
        paragraph.add_run(text)
        if raised:
            paragraph.add_run(raised).font.superscript = True

    table.cell(0, 1).merge(table.cell(0, 2))
    put(0, 1, "Full sample")
    put(0, 3, "East")
    for j in (1, 2, 3):
        put(1, j, f"({j})")
    put(2, 0, "Market", "2")
    put(2, 1, "0.05", "***")
    table.cell(2, 1).add_paragraph("(0.02)")
    put(2, 2, "−0.1")
    table.cell(2, 2).add_paragraph("(0.2)")
    table.cell(3, 0).merge(table.cell(4, 0))
    put(3, 0, "Size")
    put(3, 1, "1.0")
    put(4, 1, "(0.2)")
    hidden = table.cell(3, 1).paragraphs[0].add_run("99")
    hidden.font.hidden = True
    deleted = OxmlElement("w:del")
    deleted.append(table.cell(4, 1).paragraphs[0].add_run("77")._r)
    table.cell(4, 1).paragraphs[0]._p.append(deleted)
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    properties[-1].set(qn("w:val"), "true")
    document.add_paragraph("Notes: t in brackets")
    document.add_paragraph("Pearson correlations. * p < 0.1")
    document.add_paragraph("More text.")
    document.save(str(tmp_path / "a.docx"))
    found = read(tmp_path / "a.docx")
    (grid,) = found.grids
    assert shown(grid) == [
        ["", "Full sample", "", "East"],
        ["", "(1)", "(2)", "(3)"],
        ["Market^2", "0.05***", "−0.1", ""],
        ["", "(0.02)", "(0.2)", ""],
        ["Size", "1.0", "", ""],
        ["", "(0.2)", "", ""],
    ]
    assert spans(grid) == {"Full sample": (2, 1), "Size": (1, 2)}
    assert (grid.title, grid.head) == ("Table 3. Market and quality", 1)
    assert grid.notes == ("Notes: t in brackets", "Pearson correlations. * p < 0.1")
    assert found.text == "Results\nSome text here.\nMore text."


def test_what_is_no_word_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    for content in (b"PK\x03\x04 broken", b"no document", b"\xd0\xcf\x11\xe0" + bytes(600)):
        path.write_bytes(content)
        with pytest.raises(Unreadable) as caught:
            read(path)
        assert caught.value.remedy


def test_a_document_that_unpacks_without_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with ZipFile(path, "w", ZIP_DEFLATED) as parts, parts.open("word/document.xml", "w") as part:
        for _ in range(300):
            part.write(bytes(1 << 20))
    with pytest.raises(Unreadable, match="unpacks to"):
        read(path)


def test_a_table_that_goes_on_is_one(tmp_path: Path) -> None:
    document = docx.Document()
    for title, name in (("Table 8. Reform", "Market"), ("Table 8 (continued)", "Size")):
        document.add_paragraph(title)
        table = document.add_table(2, 3)
        for i, row in enumerate((["", "(1)", "(2)"], [name, "0.5", "0.7"])):
            for j, text in enumerate(row):
                table.cell(i, j).text = text
    document.add_paragraph("Standard errors in parentheses.")
    document.save(str(tmp_path / "a.docx"))
    (grid,) = read(tmp_path / "a.docx").grids
    assert shown(grid) == [["", "(1)", "(2)"], ["Market", "0.5", "0.7"], ["Size", "0.5", "0.7"]]
    assert (grid.title, grid.notes) == ("Table 8. Reform", ("Standard errors in parentheses.",))


def test_a_document_whose_parts_have_names_that_are_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    docx.Document().save(str(path))
    content = bytearray(path.read_bytes())
    name = b"word/_rels/document.xml.rels"
    local = content.index(name)
    central = content.index(name, local + 1)
    content[local + 4] = 0xAC
    content[local - 30 + 7] = content[central - 46 + 9] = 0x08  # names are UTF-8
    path.write_bytes(bytes(content))
    with pytest.raises(Unreadable, match="damaged"):
        read(path)
