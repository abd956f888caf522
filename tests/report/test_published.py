"""The preset ``published`` prints Tables 1 to 11 with the row and column labels of the paper, in every format.

The labels are typed here as the paper prints them (it is in English). It writes one label in several ways
(``c. Market# c. Market``, ``C.Market#c.Market``, ``Roa``), so that spaces, hyphens and case do not count.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import report_readers as readers
from integrade.geography import PROVINCES
from integrade.judge.bundle import StudyResults
from integrade.report.document import Document
from integrade.study.printed import compose, report_in, write_report
from integrade.study.reprint import reprint, stored_results
from integrade.study.run import Request, run_study
from integrade.study.show import last_run
from integrade.study.template import write_demo
from library import needs

pytestmark = pytest.mark.slow

FOOT = ["Constant", "Observations", "R-squared", "Firm FE", "Year FE"]
CONTROLS = ["scale", "age", "roa", "rdebt", "fic"]
LAGGED = [f"{lag}.{c}" for lag in ("L", "L2", "L3") for c in CONTROLS]
CURVE = ["Market", "c.Market#c.Market", *CONTROLS, *FOOT]
PAPER: dict[str, tuple[list[str], list[str]]] = {
    "2": (
        ["Minimum", "Maximum", "Median", "Std. dev."],
        ["Quality", "Market", "Scale", "Age", "ROA", "Rdebt", "Fic", "Human capital", "RD", "Invint"],
    ),
    "3": (
        ["1", "2", "3", "4", "5", "6", "7"],
        ["1 quality", "2 Market", "3 scale", "4 age", "5 roa", "6 rdebt", "7 fic"],
    ),
    "4": (["(1) quality", "(2) quality"], CURVE),
    "5": (
        ["(1) L.quality", "(2) L2.quality", "(3) L3.quality", "(4) L.quality", "(5) L2.quality", "(6) L3.quality"],
        ["L.Market", "L2.Market", "L3.Market", *CONTROLS, *LAGGED, *FOOT],
    ),
    "6": (["(1) quality", "(2) human capital", "(3) quality"], ["Market", "human capital", *CURVE[1:]]),
    "7": (["(1) quality", "(2) rd", "(3) quality"], ["Market", "rd", *CURVE[1:]]),
    "8": (["State-owned"], CURVE),
    "9": (["Labour-intensive", "Capital-intensive"], CURVE),
    "10": (["2004-2007", "2008-2013"], CURVE),
    "11": (["East", "West", "Central"], CURVE),
}
"""Table -> its columns and its rows, in the order of the paper. Table 1 has provinces by their segmentation in 2004."""


def same(text: str) -> str:
    return re.sub(r"[\s-]", "", text).lower()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a small simulated economy under the preset, with the paper's sections and no others."""
    folder = tmp_path_factory.mktemp("published") / "study"
    write_demo(folder, firms=500, seed=7)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[robustness]"), text.index("[report]")
    text = (text[:start] + text[end:]).replace('preset = "sound"', 'preset = "published"')
    text = re.sub(r"permutations = \d+", "permutations = 0", text)
    text = text.replace('how = "period" ', 'how = "period"\nfirst_of_later = 2008 ')
    text = re.sub(r"(?m)^formats = .*$", 'formats = ["html"]', text)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    run_study(folder, Request(), tell=lambda _: None)
    return folder


@pytest.fixture(scope="module")
def results(study: Path) -> StudyResults:
    return stored_results(last_run(study))


@pytest.fixture(scope="module")
def document(results: StudyResults) -> Document:
    return compose(results)


def test_tables_1_to_11_are_there(document: Document) -> None:
    assert {str(n) for n in range(1, 12)} <= {t.number for t in document.tables()}


@pytest.mark.parametrize("number", PAPER)
def test_labels_are_the_papers(document: Document, number: str) -> None:
    table = next(t for t in document.tables() if t.number == number)
    columns, rows = PAPER[number]
    heads = [same(c) for c in table.columns]
    assert all(any(same(c) in head for head in heads) for c in columns), heads
    mine = iter(same(cells[0]) for cells in table.cells() if cells[0])
    missing = [label for label in rows if same(label) not in mine]  # in this order: each search goes on from the last
    assert missing == []


def test_table_1_ranks_the_provinces_by_the_first_year(document: Document) -> None:
    """The paper: the least segmented province of 2004 first, so that ranks of 2004 run from 31 to 1."""
    table = next(t for t in document.tables() if t.number == "1")
    assert {c[0] for c in table.cells()} == {p.english for p in PROVINCES}
    assert [c[4] for c in table.cells()] == [str(n) for n in range(31, 0, -1)]
    assert table.columns[1:] == ("Average 2004-2013", "Rank", "2004", "Rank", "2013", "Rank")


def test_t_statistics_stand_below_their_coefficients(document: Document) -> None:
    table = next(t for t in document.tables() if t.number == "4")
    kinds = [row.kind for row in table.rows]
    at = next(i for i, row in enumerate(table.rows) if row.cells[0] == "Market")
    assert kinds[at : at + 2] == ["coefficient", "statistic"]
    assert re.fullmatch(r"\(-?\d+\.\d\d\)", table.rows[at + 1].cells[1])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_format_prints_these_numbers(study: Path, results: StudyResults, tmp_path: Path, language: str) -> None:
    """`integrade report` prints them again without the data: the raw files and steps are out of the way meanwhile."""
    hidden = [(study / name, study / f"{name}.away") for name in ("raw", ".integrade")]
    for there, away in hidden:
        there.rename(away)
    try:
        reprint(study, ("html", "docx", "tex", "md", "pdf"), language, tmp_path)
    finally:
        for there, away in hidden:
            away.rename(there)
    said = report_in(language, results)
    cells = {
        t.number: [[c[0]] if r.kind == "panel" else list(c) for r, c in zip(t.rows, t.cells(), strict=True)]
        for t in said.tables()
    }
    assert readers.of_html(tmp_path / "report.html") == cells
    assert readers.of_word(tmp_path / "report.docx") == cells
    found = readers.of_latex(tmp_path / "tables")
    assert {n: [[c.strip() for c in row] for row in rows] for n, rows in found.items()} == {
        n: [[c.strip() for c in row] for row in rows] for n, rows in cells.items()
    }
    for number, rows in readers.of_markdown(tmp_path / "report.md").items():
        assert [row[: len(mine)] for row, mine in zip(rows, cells[number], strict=True)] == cells[number]


@pytest.mark.full
def test_the_pdf_prints_these_numbers(results: StudyResults, document: Document, tmp_path: Path) -> None:
    needs("pdftotext")
    write_report(results, tmp_path, ("pdf",))
    found = readers.of_pdf(tmp_path / "report.pdf")
    for number in PAPER:
        table = next(t for t in document.tables() if t.number == number)
        texts = [c for row in table.cells() for c in row]
        wanted = Counter(n.replace("-", "\u2212") for c in texts for n in readers.NUMBER.findall(c))
        assert wanted - Counter(n.replace("-", "\u2212") for n in found[number]) == Counter(), number


def test_a_page_of_every_kind_is_small(study: Path, tmp_path: Path) -> None:
    reprint(study, ("html", "pdf", "docx"), "zh", tmp_path)
    for name in ("report.html", "report.pdf", "report.docx"):
        assert (tmp_path / name).stat().st_size < 2_000_000
