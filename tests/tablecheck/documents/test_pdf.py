"""Pages: words by places, superscripts, columns of text, turned pages, tables that go on, notes, what is no text."""

from __future__ import annotations

from pathlib import Path

import pytest

from printed_documents import read, shown, spans, texts, typeset
from rawcells.errors import Unreadable

TABLE = r"""
#figure(caption: [Table 3. Market and quality], supplement: none, table(columns: 4, stroke: none,
 table.hline(), [], table.cell(colspan: 2)[Full sample], [East], [], [(1)], [(2)], [(3)], table.hline(),
 [Market], [0.051#super[\*\*\*]], [-0.1], [], [], [(0.012)], [(0.2)], [],
 [Market#super[2]], [], [1.5], [2.25#super[a]], [Observations], [1,200], [980], [77], table.hline()))
#text(size: 8pt)[Notes: standard errors in parentheses, which this note says at such length that it goes on in a second
line of the page on which it stands. #super[\*\*\*] p < 0.01.]
"""
CELLS = [
    ["", "Full sample", "", "East"],
    ["", "(1)", "(2)", "(3)"],
    ["Market", "0.051***", "−0.1", ""],
    ["", "(0.012)", "(0.2)", ""],
    ["Market^2", "", "1.5", "2.25a"],
    ["Observations", "1,200", "980", "77"],
]


def test_a_table_on_a_page_of_text(tmp_path: Path) -> None:
    typeset(tmp_path / "a.pdf", f"= Results\n#lorem(40)\n{TABLE}\n#lorem(60)")
    document = read(tmp_path / "a.pdf")
    (grid,) = document.grids
    assert shown(grid) == CELLS
    assert (grid.rows[2][1].raised, spans(grid)) == ("***", {"Full sample": (2, 1)})
    assert (grid.title, grid.doubts) == ("Table 3. Market and quality", ())
    assert len(grid.notes) == 1
    assert grid.notes[0].startswith("Notes: standard errors")
    assert "p < 0.01" in grid.notes[0]
    assert grid.rows[2][1].place == "page 1, line 10, column 2"
    assert "Lorem ipsum" in document.text
    assert "0.051" not in document.text


def test_columns_of_text_are_read_one_after_the_other(tmp_path: Path) -> None:
    source = (
        f"#set page(columns: 2)\n#set par(justify: true)\n#lorem(250)\n\n{TABLE.replace('8pt', '7pt')}\n\n#lorem(250)"
    )
    typeset(tmp_path / "a.pdf", source)
    document = read(tmp_path / "a.pdf")
    (grid,) = document.grids
    assert shown(grid) == CELLS
    assert document.text.startswith(
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt"
    )


def test_a_page_that_is_turned(tmp_path: Path) -> None:
    typeset(tmp_path / "a.pdf", f"#rotate(-90deg, reflow: true)[#box(width: 16cm)[{TABLE}]]")
    (grid,) = read(tmp_path / "a.pdf").grids
    assert shown(grid)[:4] == CELLS[:4]
    assert grid.title == "Table 3. Market and quality"


def test_a_table_that_goes_on_is_one(tmp_path: Path) -> None:
    rows = [f"[Variable {i}], [{i / 100:.2f}], [({i / 1000:.3f})]," for i in range(1, 9)]
    part = "#table(columns: 3, stroke: none, table.hline(), [], [(1)], [(2)], table.hline(), {}, table.hline())"
    source = "Table 2. Long\n" + part.format("".join(rows[:4]).rstrip(",")) + "\n#pagebreak()\nTable 2 (continued)\n"
    typeset(tmp_path / "a.pdf", source + part.format("".join(rows[4:]).rstrip(",")))
    (grid,) = read(tmp_path / "a.pdf").grids
    assert texts(grid) == [
        ["", "(1)", "(2)"],
        *([f"Variable {i}", f"{i / 100:.2f}", f"({i / 1000:.3f})"] for i in range(1, 9)),
    ]
    assert grid.title == "Table 2. Long"


def test_names_say_pages(tmp_path: Path) -> None:
    typeset(tmp_path / "a.pdf", f"{TABLE}\n#pagebreak()\n{TABLE}\n#lorem(20)\n{TABLE}")
    names = [grid.name for grid in read(tmp_path / "a.pdf").grids]
    assert names == ["a.pdf, page 1, table 1", "a.pdf, page 2, table 1", "a.pdf, page 2, table 2"]


def test_the_axes_of_a_figure_are_no_table(tmp_path: Path) -> None:
    ticks = "".join(f"#place(dx: {i}cm, dy: 8cm)[{2000 + i}]\n#place(dx: 0cm, dy: {i}cm)[0.{i}]\n" for i in range(1, 8))
    typeset(tmp_path / "a.pdf", f"#lorem(30)\n#box(width: 10cm, height: 9cm)[{ticks}]\n#lorem(30)")
    document = read(tmp_path / "a.pdf")
    assert document.grids == ()
    assert all("1" in one for one in document.lost)


def test_what_is_no_text_layer_or_no_pdf_is_refused(tmp_path: Path) -> None:
    typeset(tmp_path / "a.pdf", "#rect(width: 5cm, height: 5cm, fill: gray)")
    with pytest.raises(Unreadable, match="no text layer") as caught:
        read(tmp_path / "a.pdf")
    assert "ocrmypdf" in caught.value.remedy
    for content in (b"%PDF-1.7\n broken", b"no pdf at all"):
        (tmp_path / "b.pdf").write_bytes(content)
        with pytest.raises(Unreadable) as caught:
            read(tmp_path / "b.pdf")
        assert caught.value.remedy


def test_labels_in_the_middle_of_two_lines_go_to_the_coefficient(tmp_path: Path) -> None:
    rows = "".join(
        f"table.cell(rowspan: 2, align: horizon)[{name}], [0.{k}1\\*], [1.{k}], [(0.0{k})], [(0.{k})],"
        for k, name in enumerate(("Market", "Size", "Age"), start=1)
    )
    cells = f"table.hline(), [], [(1)], [(2)], table.hline(), {rows} table.hline()"
    typeset(tmp_path / "a.pdf", f"Table 1. Middle\n\n#table(columns: 3, stroke: none, {cells})\n#lorem(30)")
    (grid,) = read(tmp_path / "a.pdf").grids
    assert texts(grid)[:4] == [
        ["", "(1)", "(2)"],
        ["Market", "0.11*", "1.1"],
        ["", "(0.01)", "(0.1)"],
        ["Size", "0.21*", "1.2"],
    ]
    assert len(grid.doubts) == 1


def test_a_label_on_several_lines_is_one(tmp_path: Path) -> None:
    label = "[#box(width: 2.2cm)[Market integration squared]]"
    rows = f"{label}, [0.11\\*], [1.1], [], [(0.01)], [(0.1)], [Size], [0.5], [0.6], [], [(0.2)], [(0.3)],"
    table = f"columns: 3, stroke: none, inset: 3pt, table.hline(), [], [(1)], [(2)], {rows} table.hline()"
    typeset(tmp_path / "a.pdf", f"Table 1. Long labels\n\n#table({table})")
    (grid,) = read(tmp_path / "a.pdf").grids
    assert texts(grid) == [
        ["", "(1)", "(2)"],
        ["Market integration squared", "0.11*", "1.1"],
        ["", "(0.01)", "(0.1)"],
        ["Size", "0.5", "0.6"],
        ["", "(0.2)", "(0.3)"],
    ]
    assert grid.doubts == ()


def _pdf(content: str, ascent: int) -> bytes:
    """A page in Times, with a font of signs whose lines have the given height above the baseline."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R"
        " /Resources << /Font << /T 5 0 R /S 6 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Signs /FirstChar 40 /LastChar 45 /Widths [333 333 500 564 250 564]"
        " /FontDescriptor 7 0 R >>",
        f"<< /Type /FontDescriptor /FontName /Signs /Flags 4 /FontBBox [0 -700 1000 {ascent}] /ItalicAngle 0"
        f" /Ascent {ascent} /Descent -700 /CapHeight 700 /StemV 80 >>",
    ]
    text, places = "%PDF-1.4\n", []
    for n, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{n} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(text)
    text += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    return (text + f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").encode("ascii")


def _at(x: int, y: int, *parts: tuple[str, str]) -> str:
    return f"BT {x} {y} Td " + " ".join(f"/{font} 8 Tf ({text}) Tj" for font, text in parts) + " ET\n"


def test_digits_beside_signs_of_a_tall_font_are_no_superscripts(tmp_path: Path) -> None:
    content = _at(40, 250, ("T", "Table 1. Prices and distance to the next town, all firms"))
    for x, head in ((200, r"\(1\)"), (270, r"\(2\)")):
        content += _at(x, 232, ("T", head))
    for y, label, values in ((214, "Distance", ("1.320***", "0.513**")), (194, "Size of firm", ("0.425", "0.368"))):
        content += _at(40, y, ("T", label))
        for x, value in zip((200, 270), values, strict=True):
            content += _at(x, y, ("S", "-"), ("T", value))
            content += _at(x + 3, y - 9, ("S", r"\("), ("T", "0.281"), ("S", r"\)"))
    (tmp_path / "a.pdf").write_bytes(_pdf(content, 1500))
    (grid,) = read(tmp_path / "a.pdf").grids
    assert shown(grid) == [
        ["", "(1)", "(2)"],
        ["Distance", "-1.320***", "-0.513**"],
        ["", "(0.281)", "(0.281)"],
        ["Size of firm", "-0.425", "-0.368"],
        ["", "(0.281)", "(0.281)"],
    ]


def test_stars_on_a_line_of_their_own_belong_to_the_numbers_above(tmp_path: Path) -> None:
    source = r"""Table 2. Prices
#table(columns: 3, stroke: none, table.hline(), [], [(1)], [(2)], table.hline(),
 [Market], [0.05], [0.07], [], [\*\*\*], [\*], [], [(0.01)], [(0.04)], table.hline())
"""
    typeset(tmp_path / "a.pdf", source)
    (grid,) = read(tmp_path / "a.pdf").grids
    assert shown(grid)[1:] == [["Market", "0.05***", "0.07*"], ["", "(0.01)", "(0.04)"]]


def test_stars_below_a_bracket_are_not_those_of_the_estimate_above(tmp_path: Path) -> None:
    source = r"""Table 2. Prices
#table(columns: 3, stroke: none, table.hline(), [], [(1)], [(2)], table.hline(),
 [Market], [0.05], [0.07], [], [(0.04)], [(0.06)], [], [], [\*\*], [Size], [0.2], [0.8], [], [(0.3)], [(0.4)],
 table.hline())
"""
    typeset(tmp_path / "a.pdf", source)
    (grid,) = read(tmp_path / "a.pdf").grids
    assert [row[2].raised for row in grid.rows if row[0].text == "Market" or row[2].text == "(0.06)"] == ["", ""]
