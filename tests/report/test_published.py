"""The preset ``published`` prints Tables 1 to 11 with the row and column labels of the paper, in every format.

Its labels are in ``tests/public/printed/layout.toml``. It writes one label in several ways (``c. Market# c. Market``,
``C.Market#c.Market``, ``Roa``), so that spaces, hyphens and case do not count; ``docs/paper.md`` lists the others.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import scipy.stats

import report_readers as readers
from each import each
from integrade.geography import PROVINCES
from integrade.report.document import Document, within_pages
from integrade.report.printed import PrintedTable
from integrade.report.rows import minus
from integrade.study.finished import results_in
from integrade.study.printed import compose, report_in, write_report
from integrade.study.reprint import reprint
from integrade.study.run import Request, run_study
from integrade.study.show import last_run
from integrade.study.template import write_demo
from integrade.verdicts import brief
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.criterion import by_sign_and_stars
from integrade.verdicts.naming import group_numbers, mediation_numbers
from library import needs
from public_numbers import PUBLIC

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAPER: dict[str, Any] = tomllib.loads((PUBLIC / "printed" / "layout.toml").read_text(encoding="utf-8"))
"""Table -> its headings, the rows at its head, and its labels, in the order of the paper."""
PAGE = (ROOT / "docs" / "paper.md").read_text(encoding="utf-8")


def of_the_page(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/paper.md."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


RENAMED = {(number, paper): ours for number, paper, ours, _ in of_the_page("Labels")}


def expected(number: str, label: str) -> str:
    """A label of the paper, or what docs/paper.md says stands in its place; squares and lags are not Stata's."""
    label = re.sub(r"^c\. ?(\w+)# ?c\. ?\1$", r"\1²", label, flags=re.IGNORECASE)
    label = re.sub(r"^L(\d?)\.(\w+)$", lambda m: f"{m[2]} (t-{m[1] or 1})", label)
    return same(RENAMED.get((number, label), label))


def same(text: str) -> str:
    return re.sub(r"[\s-]", "", text).lower().replace("r&d", "rd")  # the paper prints RD


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a small simulated economy under the preset, with the paper's sections and no others."""
    folder = tmp_path_factory.mktemp("published") / "study"
    write_demo(folder, firms=500, seed=7, preset="published")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[robustness]"), text.index("[report]")
    text = text[:start] + text[end:]
    text = re.sub(r"permutations = \d+", "permutations = 0", text)
    text = re.sub(r"(?m)^formats = .*$", 'formats = ["html"]', text)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    run_study(folder, Request(), tell=lambda _: None)
    return folder


@pytest.fixture(scope="module")
def results(study: Path) -> StudyResults:
    return results_in(last_run(study))


@pytest.fixture(scope="module")
def document(results: StudyResults) -> Document:
    return compose(results)


def test_the_page_has_the_hypotheses_of_the_preset(results: StudyResults) -> None:
    page = {row[0]: row[-1].strip("`") for row in of_the_page("The paper")}
    assert page == {v.hypothesis: v.about for v in results.verdicts if v.hypothesis in page}
    assert list(page) == ["H1", "H2", "H3", "H4", "H5"]


def test_tables_1_to_11_are_there(document: Document) -> None:
    assert {str(n) for n in range(1, 12)} <= {t.number for t in document.tables()}


@each("number", PAPER)
def test_headings_and_rows_are_the_papers_in_its_order(document: Document, number: str) -> None:
    """Every heading, head and row, none more and none less, but for the labels that docs/paper.md lists."""
    table = next(t for t in document.tables() if t.number == number)
    paper = PAPER[number]
    assert [same(c) for c in table.columns] == [expected(number, c) for c in paper["columns"]]
    heads = [[same(c) for c in r.cells] for r in table.rows if r.kind == "head"]
    assert heads == [[expected(number, c) for c in row] for row in paper.get("heads", [])]
    assert [r.kind for r in table.rows[: len(heads)]] == ["head"] * len(heads)
    if "rows" in paper:
        labels = [same(r.cells[0]) for r in table.rows[len(heads) :] if r.kind != "statistic"]
        assert labels == [expected(number, label) for label in paper["rows"]]


def test_the_page_renames_what_the_paper_has() -> None:
    """No line of docs/paper.md is about a label that is not in the paper, or is the same after all."""
    said = {
        n: {*t["columns"], *t.get("rows", []), *(c for r in t.get("heads", []) for c in r)} for n, t in PAPER.items()
    }
    assert all(paper in said[number] for number, paper in RENAMED)
    assert all(same(paper) != same(ours) for (_, paper), ours in RENAMED.items())


def test_what_the_paper_does_not_have_is_behind_its_tables(document: Document) -> None:
    """As docs/paper.md lists it, in a section of its own; the order of what the paper has is the paper's."""
    sections = {
        s.key: [b.number for b in s.blocks if isinstance(b, PrintedTable)] for p in document.parts for s in p.sections
    }
    more = [number for number, _ in of_the_page("What the paper's tables leave out")]
    assert [n for n in sections["beyond"] if re.fullmatch(r"\d+a", n)] == more
    numbers = [t.number for t in document.tables()]
    assert [n for n in numbers if n.isdigit()] == [str(n) for n in range(1, 12)]
    assert numbers.index("11") < min(numbers.index(n) for n in (*more, "1b", "1c", "1d", "A1"))
    assert document.drawings()["trend"].number == 1


def test_differences_of_groups_are_beyond_the_papers_table(document: Document) -> None:
    tables = {t.number: t for t in document.tables()}
    assert "(1)-(2)" in tables["8a"].columns
    cells = {r.key: r.cells for r in tables["8a"].rows}
    own = {r.key: r.cells for r in tables["8"].rows}
    assert [c.rstrip("*") for c in cells["market"][1:3]] == [c.rstrip("*") for c in own["market"][1:3]]
    first, second, gap = (float(c.rstrip("*")) for c in cells["market"][1:4])
    assert gap == pytest.approx(first - second, abs=2e-4)
    assert "turning_point" in cells
    assert "turning_point" not in own


def test_the_constant_has_its_stars(results: StudyResults, document: Document) -> None:
    table = next(t for t in document.tables() if t.number == "4")
    row = next(r for r in table.rows if r.key == "constant")
    for cell, column in zip(row.cells[1:], results.printed, strict=True):
        value, error = column.headline.constant or (0.0, None)
        assert error is not None
        p = 2 * scipy.stats.t.sf(abs(value / error), column.headline.df_t)
        assert cell == f"{value:.4f}" + "*" * sum(p < cut for cut in (0.01, 0.05, 0.1))


def test_tables_have_the_papers_errors_and_verdicts_the_jackknifes(results: StudyResults, document: Document) -> None:
    """Table 4 prints t of independent errors, Table 4a t of CR3 by region; the same holds for each split."""
    tables = {t.number: t for t in document.tables()}
    for column, printed in zip(results.benchmark, results.printed, strict=True):
        assert (column.headline.kind, list(column.headline.clusters)) == ("CR3", ["region"])
        assert (printed.headline.kind, dict(printed.headline.clusters)) == ("iid", {})
        assert [c.estimate for c in column.headline.coefficients] == [c.estimate for c in printed.headline.coefficients]
    for number, fits in (("4", [c.headline for c in results.printed]), ("4a", [c.headline for c in results.benchmark])):
        below = next(r for r in tables[number].rows if r.kind == "statistic")
        expected = [f"({fit['market'].statistic:.2f})" for fit in fits]
        assert [minus(cell).strip() for cell in below.cells[1:]] == [minus(text) for text in expected]
    for split in results.groups:
        assert split.printed is not None
        assert (split.comparison.stacked.kind, split.printed.stacked.kind) == ("CR3", "iid")
    assert "which the paper does not print" in " ".join(tables["4"].notes)


def test_the_papers_criterion_is_beside_the_verdict(results: StudyResults, document: Document) -> None:
    """Signs and stars of the printed tables; a changed sign changes the answer, own hypotheses have none."""
    rows = {row.hypothesis: row.paper for row in document.brief.rows}
    judged = {v.hypothesis: v for v in results.verdicts}
    last = results.printed[-1].headline
    starred = last["market"].estimate > 0 > last["market^2"].estimate
    starred = starred and max(last["market"].p_value, last["market^2"].p_value) < 0.1
    assert by_sign_and_stars(judged["H1"], results) is starred
    assert rows["H1"] == ("Yes" if starred else "No")
    assert set(rows.values()) <= {"Yes", "No", "–"}
    turned = replace(last, coefficients=tuple(replace(c, estimate=-c.estimate) for c in last.coefficients))
    other = replace(results, printed=(replace(results.printed[-1], headline=turned),))
    assert by_sign_and_stars(judged["H1"], other) is False
    assert by_sign_and_stars(replace(judged["H1"], about="own"), results) is None
    sound = replace(results, preset="sound")
    assert {row.paper for row in brief.rows(brief.read(sound))} == {""}


def test_figures_are_numbered_as_they_appear(document: Document) -> None:
    """The trend is Figure 1; the curve on the first page has no number."""
    numbers = [drawing.number for drawing in document.drawings().values()]
    assert numbers[0] == 0
    assert numbers[1:] == sorted(numbers[1:])
    assert document.drawings()["trend"].number == 1


def test_hausman_as_stata_stands_in_table_4_and_its_other_forms_behind(
    results: StudyResults, document: Document
) -> None:
    tables = {t.number: t for t in document.tables()}
    assert [c.hausman.method for c in results.printed if c.hausman] == ["stata", "stata"]
    keys = [row.key for row in tables["4a"].rows]
    assert {"hausman.stata_without_dummies", "hausman.classical"} <= set(keys)


def test_table_5_promises_no_later_years(document: Document) -> None:
    table = next(t for t in document.tables() if t.number == "5")
    assert table.title == "Market integration of earlier years"
    section = next(s for part in document.parts for s in part.sections if s.key == "lags")
    assert (section.title, section.short) == ("Earlier years", "Earlier years")


def test_the_papers_tables_keep_its_numbers(results: StudyResults) -> None:
    """Where one is not asked, is asked in another order, or there are more than the paper has."""
    ownership, intensity, period, area = results.groups
    fewer = replace(results, groups=(area, intensity), mediation=results.mediation[1:])
    assert (group_numbers(fewer), mediation_numbers(fewer)) == (["11", "9"], ["7"])
    more = replace(
        results, groups=(period, replace(ownership, how="column"), replace(intensity, how="list"), intensity)
    )
    assert group_numbers(more) == ["10", "12", "9", "13"]
    assert group_numbers(replace(fewer, preset="sound")) == ["8", "9"]
    printed = [t.number for t in compose(fewer).tables()]
    assert [n for n in printed if n.isdigit()] == ["1", "2", "3", "4", "5", "7", "9", "11"]


def test_table_1_ranks_the_provinces_by_the_first_year(document: Document) -> None:
    """The paper: the least segmented province of 2004 first, so that ranks of 2004 run from 31 to 1."""
    table = next(t for t in document.tables() if t.number == "1")
    assert {c[0] for c in table.cells()} == {p.english for p in PROVINCES}
    assert [c[4] for c in table.cells()] == [str(n) for n in range(31, 0, -1)]


def test_t_statistics_stand_below_their_coefficients(document: Document) -> None:
    table = next(t for t in document.tables() if t.number == "4")
    kinds = [row.kind for row in table.rows]
    at = next(i for i, row in enumerate(table.rows) if row.cells[0] == "Market")
    assert kinds[at : at + 2] == ["coefficient", "statistic"]
    assert re.fullmatch(r"\(-?\d+\.\d\d\)", table.rows[at + 1].cells[1])


def hyphens(found: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    """What was read, with the hyphens that dashes of ranges were made of."""
    return {n: [[c.replace("\u2013", "-") for c in row] for row in rows] for n, rows in found.items()}


RECORD = {"B2", "B3"}
"""Settings and files are on the page and in record.json."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_format_prints_these_numbers(study: Path, results: StudyResults, tmp_path: Path, language: str) -> None:
    """`integrade report` prints them again without the data: the raw files and steps are out of the way meanwhile."""
    hidden = [(study / name, study / f"{name}.away") for name in ("raw", ".integrade")]
    for there, away in hidden:
        there.rename(away)
    try:
        reprint(study, ("html", "docx", "tex", "md", "pdf"), language, tmp_path, "full", shape="full")
    finally:
        for there, away in hidden:
            away.rename(there)
    said = report_in(language, results)
    cells = {
        t.number: [[c[0]] if r.spans else list(c) for r, c in zip(t.rows, t.cells(), strict=True)]
        for t in said.tables()
    }
    assert hyphens(readers.of_html(tmp_path / "report.html")) == cells
    said = within_pages(said)  # a table wider than a page is broken by columns on paper
    on_paper = {
        t.number: [[c[0]] if r.spans else list(c) for r, c in zip(t.rows, t.cells(), strict=True)]
        for t in said.tables()
    }
    in_word = {**readers.of_word(tmp_path / "report.docx"), **readers.of_word(tmp_path / "appendix.docx")}
    assert hyphens(in_word) == {n: rows for n, rows in on_paper.items() if n not in RECORD}
    found = hyphens(readers.of_latex(tmp_path / "tables"))
    in_tex = {
        t.number: [
            line
            for r, c in zip(t.rows, t.cells(), strict=True)
            for line in (
                [[c[0]], ["", *c[1:]]] if r.kind == "panel" and not r.spans else [[c[0]] if r.spans else list(c)]
            )
        ]
        for t in said.tables()
    }
    assert {n: [[c.strip() for c in row] for row in rows] for n, rows in found.items()} == {
        n: [[c.strip() for c in row] for row in rows] for n, rows in in_tex.items()
    }
    in_text = {**readers.of_markdown(tmp_path / "report.md"), **readers.of_markdown(tmp_path / "appendix.md")}
    assert set(in_text) == set(cells) - RECORD
    for number, rows in hyphens(in_text).items():
        assert [row[: len(mine)] for row, mine in zip(rows, cells[number], strict=True)] == cells[number]


@pytest.mark.system
def test_the_pdf_prints_these_numbers(results: StudyResults, document: Document, tmp_path: Path) -> None:
    needs("pdftotext")
    write_report(results, tmp_path, ("pdf",))
    found = readers.of_pdf(tmp_path / "report.pdf")
    for number in PAPER:
        table = next(t for t in document.tables() if t.number == number)
        texts = [minus(c) for row in table.cells() for c in row]
        wanted = Counter(n.replace("-", "\u2212") for c in texts for n in readers.NUMBER.findall(c))
        assert wanted - Counter(n.replace("-", "\u2212") for n in found[number]) == Counter(), number


def test_a_page_of_every_kind_is_small(study: Path, tmp_path: Path) -> None:
    reprint(study, ("html", "pdf", "docx"), "zh", tmp_path)
    for name in ("report.html", "report.pdf", "report.docx"):
        assert (tmp_path / name).stat().st_size < 2_000_000
