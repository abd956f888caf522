"""Every number of every table is the same in every format: read back from the files, compared with the records."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import report_example as example
import report_readers as readers
from integrade.report.document import Document
from integrade.study.printed import all_tables, compose, report_in, write_report
from library import needs

pytestmark = pytest.mark.slow

LANGUAGES = ("en", "zh")


FILES = ("report", "appendix")
IN_RECORD = {"B2", "B3"}
"""Settings and files, which the page and record.json have."""


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path]:
    """The records of the printed tables, and the folder with the report in every format but PDF, every row in each."""
    folder = tmp_path_factory.mktemp(f"report-{request.param}")
    study = example.study()
    write_report(study, folder, ("html", "docx", "tex", "md"), language=request.param, layout="full", shape="full")
    return report_in(request.param, study), folder


def cells_of(document: Document) -> dict[str, list[list[str]]]:
    """What the records say: rows of a panel have their label alone."""
    found = {}
    for t in document.tables():
        rows = zip(t.rows, t.cells(), strict=True)
        found[t.number] = [[cells[0]] if row.spans else list(cells) for row, cells in rows]
    return found


def test_no_table_is_left_out_of_the_document() -> None:
    study = example.study()
    assert sorted(t.number for t in compose(study).tables()) == sorted(t.number for t in all_tables(study))


def test_html(written: tuple[Document, Path]) -> None:
    document, folder = written
    assert readers.of_html(folder / "report.html") == cells_of(document)


def test_word(written: tuple[Document, Path]) -> None:
    document, folder = written
    found = {k: v for name in FILES for k, v in readers.of_word(folder / f"{name}.docx").items()}
    assert found == {k: v for k, v in cells_of(document).items() if k not in IN_RECORD}


def test_word_files_of_single_tables(written: tuple[Document, Path]) -> None:
    document, folder = written
    for number, cells in cells_of(document).items():
        assert readers.of_word(folder / "tables" / f"table{number}.docx") == {number: cells}


def test_markdown(written: tuple[Document, Path]) -> None:
    document, folder = written
    found = {k: v for name in FILES for k, v in readers.of_markdown(folder / f"{name}.md").items()}
    for number, cells in found.items():
        wanted = [[*row, *[""] * (len(cells[0]) - len(row))] for row in cells_of(document)[number]]
        assert cells == wanted
    assert set(found) == set(cells_of(document)) - IN_RECORD


def test_latex(written: tuple[Document, Path]) -> None:
    document, folder = written
    found = readers.of_latex(folder / "tables")
    assert set(found) == set(cells_of(document))
    for number, cells in cells_of(document).items():
        assert [[c.strip() for c in row] for row in found[number]] == [[c.strip() for c in row] for row in cells]


def test_a_changed_number_is_noticed(written: tuple[Document, Path], tmp_path: Path) -> None:
    document, folder = written
    text = (folder / "report.html").read_text(encoding="utf-8")
    (tmp_path / "report.html").write_text(re.sub(r"0\.0534(?=<)", "0.0543", text, count=1), encoding="utf-8")
    assert readers.of_html(tmp_path / "report.html") != cells_of(document)


@pytest.mark.system
@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf(tmp_path: Path, language: str) -> None:
    needs("pdftotext")
    study = example.study()
    write_report(study, tmp_path, ("pdf",), language=language, layout="full", shape="full")
    found = {k: v for name in FILES for k, v in readers.of_pdf(tmp_path / f"{name}.pdf").items()}
    document = report_in(language, study)
    for table in document.tables():
        if table.number in IN_RECORD:
            continue
        texts = [c for row in table.cells() for i, c in enumerate(row) if i not in table.wide_text]
        wanted = Counter(n.replace("-", "\u2212") for c in texts for n in readers.NUMBER.findall(c))
        there = Counter(n.replace("-", "\u2212") for n in found[table.number])
        assert wanted - there == Counter(), table.number


def test_the_pdf_is_the_same_bytes_twice(tmp_path: Path) -> None:
    study = example.study()
    for name in ("a", "b"):
        write_report(study, tmp_path / name, ("pdf", "docx"))
    for file in ("report.pdf", "report.docx", "figures/trend.png", "figures/trend.svg"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
