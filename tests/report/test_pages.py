"""Where the pages of a PDF break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typst

import report_example as example
from filled_pages import pages
from integrade.report.document import Document, Part, Section, in_paper, within_pages
from integrade.report.paper import lies_on_its_side, stays_whole
from integrade.report.pdf import to_pdf
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.typst_source import PREAMBLE, to_typst
from integrade.study.printed import compose

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


def test_a_report_leaves_no_room_that_what_follows_could_fill() -> None:
    """Figures below text float within their section; only short tables stay whole; narrow type comes before a turn."""
    document = compose(example.study())
    source = to_typst(document, {name: f"{name}.svg" for name in document.drawings()}, ())
    assert "placement: top, image(" in source
    sections = sum(len(part.sections) for part in document.parts)
    assert source.count("#place.flush()") == sections
    assert "pair(" in source.split("#let pair")[1].split("\n", 1)[1]
    row = Row("coefficient", ("Market", *["-0.1234***"] * 3))
    columns = ("", *(f"({i}) Quality" for i in range(1, 4)))
    assert [stays_whole(PrintedTable("4", "T", columns, (row,) * n, ("A note.",))) for n in (32, 33)] == [True, False]
    wide = PrintedTable(
        "5", "T", ("", *(f"({i}) Quality" for i in range(1, 9))), (Row("test", ("x", *["-0.1234***"] * 8)),)
    )
    assert not lies_on_its_side(wide)


def printed_pages(document: Document) -> list[tuple[str, float]]:
    return list(pages(to_pdf(document, dict.fromkeys(document.drawings(), SQUARE))))


SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300"><rect width="640" height="300"/></svg>'


def test_a_table_that_breaks_is_named_again_and_no_page_ends_with_the_name_of_a_panel() -> None:
    rows = [Row("panel" if i % 7 == 0 else "test", (f"panel{i}" if i % 7 == 0 else f"row{i}", "")) for i in range(300)]
    long = PrintedTable("7", "Long", ("", "A"), tuple(rows))
    document = Document("T", "", (), (), (Part("data", "D", (Section("s", "S", "S", (long,)),)),))
    texts = [text for text, _ in printed_pages(document)]
    assert len(texts) > 4
    assert ["(continued)" in text for text in texts] == [False, *[True] * (len(texts) - 1)]
    assert all("Table 7 (continued)" in text for text in texts[1:])
    for text in texts[:-1]:
        last = [line.split()[0] for line in text.splitlines() if line.startswith(("row", "panel"))][-1]
        assert last.startswith("row")


def test_few_pages_of_a_report_are_half_empty() -> None:
    """At most a tenth of the pages before the last have less than half of their height in use."""
    filled = [share for _, share in printed_pages(within_pages(in_paper(compose(example.study()))))][:-1]
    assert sum(share < 0.5 for share in filled) <= 0.1 * len(filled)
    assert sum(filled) / len(filled) > 0.8
