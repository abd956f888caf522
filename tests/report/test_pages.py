"""Where the pages of a PDF break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typst

import report_example as example
from each import each
from filled_pages import ink_at_the_right_edge, pages
from integrade.report.document import Brief, Document, Part, Section, in_paper, within_pages
from integrade.report.paper import (
    CHARACTER,
    PADDING,
    SHORT_SIDE,
    SMALLEST,
    asked_widths,
    lies_on_its_side,
    type_size,
    widths,
)
from integrade.report.pdf import to_pdf
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.style import Drawing
from integrade.report.typst_source import MEASURED, PREAMBLE, measured, to_measure
from integrade.verdicts.headline import KeyNumber

FIGURE = """
#show figure.where(kind: table): set block(breakable: true)
#v(HEIGHTcm)
#figure(kind: table, supplement: none, caption: [The caption #context [#metadata(here().page()) <page>]], {
  table(columns: (auto, auto), table.header([*A*], [*B #context [#metadata(here().page()) <page>]*]),
    ..range(80).map(i => ([#i], [b])).flatten())
})
"""


@pytest.mark.parametrize("height", [22.5, 23.0, 23.5, 24.0])
def test_the_caption_of_a_long_table_stays_with_it(tmp_path: Path, height: float) -> None:
    rules = "\n".join(line for line in PREAMBLE.splitlines() if "figure" in line)
    source = tmp_path / "page.typ"
    source.write_text(
        f'#set page(paper: "a4", margin: 2.2cm)\n{rules}\n{FIGURE.replace("HEIGHT", str(height))}', encoding="utf-8"
    )
    pages = json.loads(typst.query(str(source), "<page>", field="value"))
    assert pages[0] == pages[1]


PAIRS = """
#v(HEIGHTcm)
#table(columns: 2,
  ..range(70).map(i => ([#i], pair([#metadata(here) <first>], [#metadata(here) <second>]))).flatten())
#context [#metadata(query(<first>).map(m => m.location().page())) <above>]
#context [#metadata(query(<second>).map(m => m.location().page())) <below>]
"""


@pytest.mark.parametrize("height", [0.0, 0.2, 0.4, 0.6])
def test_no_page_ends_between_a_coefficient_and_its_t(tmp_path: Path, height: float) -> None:
    rules = "\n".join(line for line in PREAMBLE.splitlines() if line.startswith("#let pair"))
    source = tmp_path / "page.typ"
    text = f'#set page(paper: "a4", margin: 2.2cm)\n{rules}\n{PAIRS.replace("HEIGHT", str(height))}'
    source.write_text(text.replace("metadata(here)", "metadata(0)"), encoding="utf-8")
    above, below = (json.loads(typst.query(str(source), f"<{part}>", field="value"))[0] for part in ("above", "below"))
    assert above == below
    assert len(set(above)) > 1


def test_narrow_type_and_wrapped_prose_come_before_a_turn() -> None:
    columns = ("", *(f"({i}) Quality" for i in range(1, 9)))
    assert not lies_on_its_side(PrintedTable("5", "T", columns, (Row("test", ("x", *["-0.1234***"] * 8)),)))
    named = ("Change", *(f"({i}) Quality" for i in range(1, 6)), "Remark")
    row = Row("test", ("leave one region out", *["-0.1234"] * 5, "the largest without one region, named here " * 3))
    assert not lies_on_its_side(PrintedTable("5", "T", named, (row,), wide_text=(0, 6)))


def test_short_prose_stays_on_its_line_where_there_is_room() -> None:
    moves = ("p10 to p50", "turning point to highest")
    columns = ("Regressor", "Move", "from", "to", "Change", "95% interval", "in s.d.", "in s.d. net of effects")
    numbers = ("3.740", "4.163", "0.0258", "[-0.0087, 0.0428]", "0.132", "0.322")
    table = PrintedTable("4b", "T", columns, tuple(Row("test", ("Market", m, *numbers)) for m in moves), wide_text=(1,))
    at = type_size(table)
    assert widths(table, SHORT_SIDE)[1] >= PADDING + CHARACTER * at * len(moves[1])
    assert all(w >= a for w, a in zip(widths(table, SHORT_SIDE), asked_widths(table, at), strict=True))


def test_a_table_has_larger_type_where_its_numbers_have_room(tmp_path: Path) -> None:
    columns = ("", *(f"({i}) Quality" for i in range(1, 5)))

    def found(label: int) -> float:
        numbers = Row("test", ("x" * label, *["8" * 18] * 4))
        table = PrintedTable("5", "T", columns, (Row("test", ("a label of words " * 3, "", "", "", "")), numbers))
        assert type_size(table) == SMALLEST
        document = Document("T", Brief(""), (), (Part("a", "A", (Section("b", "B", "B", (table,)),)),))
        source = tmp_path / "page.typ"
        source.write_text(to_measure(document, {}, ("Libertinus Serif",)), encoding="utf-8")
        _, (chapter,) = measured(document, typst.query(str(source), f"<{MEASURED}>", field="value"))
        return chapter.pieces[0].type

    assert found(20) == 8.0
    assert found(50) < 8.0


def printed_pages(document: Document) -> list[tuple[str, float]]:
    return list(pages(to_pdf(document, dict.fromkeys(document.drawings(), SQUARE))))


SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300"><rect width="640" height="300"/></svg>'


def test_a_table_that_breaks_is_named_again_and_no_page_ends_with_the_name_of_a_panel() -> None:
    rows = [Row("panel" if i % 7 == 0 else "test", (f"panel{i}" if i % 7 == 0 else f"row{i}", "")) for i in range(300)]
    long = PrintedTable("7", "Long", ("", "A"), tuple(rows))
    document = Document("T", Brief(""), (), (Part("data", "D", (Section("s", "S", "S", (long,)),)),))
    texts = [text for text, _ in printed_pages(document)]
    assert len(texts) > 4
    assert ["(continued)" in text for text in texts] == [False, *[True] * (len(texts) - 1)]
    assert all("Table 7 (continued)" in text for text in texts[1:])
    for text in texts[:-1]:
        last = [line.split()[0] for line in text.splitlines() if line.startswith(("row", "panel"))][-1]
        assert last.startswith("row")


def a_report() -> Document:
    return within_pages(in_paper(example.composed()))


@pytest.fixture(scope="module")
def printed() -> list[tuple[str, float]]:
    return printed_pages(a_report())


def test_the_numbers_of_the_brief_wrap_and_stay_on_the_page() -> None:
    name = "Change in export quality, in standard deviations, as market integration moves from its 25th to its 75th"
    size = KeyNumber("N", "N", "27,005 (31 clusters by region)")
    numbers = (KeyNumber("change_sd", f"{name} percentile", "-0.16 (-0.42 to 0.10)"), size)
    document = Document("A study", Brief("The answer.", numbers=numbers), (), ())
    assert ink_at_the_right_edge(to_pdf(document, {})) == []


def test_no_page_of_a_report_is_half_empty_but_a_few(printed: list[tuple[str, float]]) -> None:
    filled = [share for _, share in printed][:-1]
    assert sum(share < 0.6 for share in filled) <= 0.1 * len(filled)
    assert sum(filled) / len(filled) > 0.8


def starts_of(texts: list[str], start: str) -> list[int]:
    """The pages on which a line starts so."""
    return [n for n, text in enumerate(texts) for line in text.splitlines() if line.startswith(start)]


def test_figures_and_tables_stand_below_their_heading_and_in_their_order(printed: list[tuple[str, float]]) -> None:
    texts = [text.replace("\r", "") for text, _ in printed]
    document, last = a_report(), 0
    for section in (s for part in document.parts for s in part.sections):
        heading = starts_of(texts, section.title)[-1]  # an earlier one is that of the contents
        for words, number in (
            *(("Figure", str(b.number)) for b in section.blocks if isinstance(b, Drawing)),
            *(("Table", b.number) for b in section.blocks if isinstance(b, PrintedTable)),
        ):
            at = starts_of(texts, f"{words} {number}. ")[0]
            lines = texts[at].splitlines()
            caption = next(n for n, line in enumerate(lines) if line.startswith(f"{words} {number}. "))
            above = next((n for n, line in enumerate(lines) if line.startswith(section.title)), -1)
            assert (heading, above) < (at, caption), (section.title, words, number)
        assert heading >= last
        last = heading


def test_no_notes_stand_on_a_page_without_rows_of_their_table(printed: list[tuple[str, float]]) -> None:
    """Neither of a table that a page holds nor of one that breaks, whatever is above it."""
    for text, _ in printed:
        first = next(line for line in text.splitlines() if line.strip())
        assert not first.startswith(("t statistics in parentheses", "Standard errors"))


@each("above", range(8, 44, 6))
def test_a_table_that_breaks_leaves_rows_with_its_notes(above: int) -> None:
    rows = tuple(Row("test", (f"row{i}", "0.1")) for i in range(90))
    notes = tuple(f"Note {i} of the table." for i in range(6))
    table = PrintedTable("7", "Long", ("", "A"), rows, notes)
    section = Section("s", "S", "S", (*["A paragraph of a line."] * above, table))
    texts = [text for text, _ in printed_pages(Document("T", Brief(""), (), (Part("data", "D", (section,)),)))]
    counts = [sum(line.startswith("row") for line in text.splitlines()) for text in texts]
    assert sum(counts) == 90
    assert all(n == 0 or n >= 4 for n in counts)
    assert all("Note 0" not in text or n >= 4 for text, n in zip(texts, counts, strict=True))
    assert all(("Note 0" in text) == ("Note 5" in text) for text in texts)
