"""The preset ``published`` prints Figure 1 and Tables 1 to 11 with the layout of the paper, in every format."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import scipy.stats

import report_readers as readers
from each import each
from integrade.geography import PROVINCES
from integrade.report.contents import ORDER_OF_THE_PAPER, all_figures, in_order_of_the_paper
from integrade.report.document import Document, within_pages
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row, minus
from integrade.report.style import title_of
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
from library import needs, shared
from paper_tables import DOCS, FIGURE, PAPER, RENAMED, layout_of, of_the_page, of_the_paper, page, problems, same, trend

pytestmark = pytest.mark.slow


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
def test_each_part_of_the_papers_table_is_at_its_place(document: Document, number: str) -> None:
    """Every heading, row and note, none more and none less, but for what docs/paper.md lists."""
    assert problems(next(t for t in document.tables() if t.number == number), number) == []


def test_the_page_has_the_tables_side_by_side(document: Document) -> None:
    path = DOCS / "paper_tables.md"
    text = page(document)
    if os.environ.get("INTEGRADE_UPDATE") == "1":
        path.write_text(text, encoding="utf-8")
    written = path.read_text(encoding="utf-8")
    assert written == text, "stale: INTEGRADE_UPDATE=1 pytest tests/report/test_published.py -k side_by_side"


def _without(table: PrintedTable, at: int) -> PrintedTable:
    return replace(table, rows=(*table.rows[:at], *table.rows[at + 1 :]))


CHANGES: dict[str, Callable[[PrintedTable], PrintedTable]] = {
    "heading 'VARIABLES · quality · quality' of": lambda t: _without(t, 0),
    "row, t below 'Market' of": lambda t: _without(t, 2),
    "row (2), t below 'Age' of": lambda t: replace(t, rows=(*t.rows[:5], *t.rows[7:9], *t.rows[5:7], *t.rows[9:])),
    "columns '(1) · (2)' of": lambda t: replace(t, columns=("", "Quality", "Quality 2")),
    "note 'T-statistics in parentheses' of": lambda t: replace(t, notes=t.notes[1:]),
    "row 'Clusters' is not in": lambda t: replace(t, rows=(*t.rows, Row("count", ("Clusters", "31", "31")))),
    "row (2), t below 'FIC' of": lambda t: replace(t, rows=tuple(_full(r) for r in t.rows)),
}
"""What is said -> what has happened to Table 4."""


def _full(row: Row) -> Row:
    return replace(row, cells=(row.cells[0], row.cells[2], row.cells[2])) if row.cells[0] == "FIC" else row


@each("said", CHANGES)
def test_what_a_reader_does_not_find_is_named(document: Document, said: str) -> None:
    table = CHANGES[said](next(t for t in document.tables() if t.number == "4"))
    assert [one for one in problems(table, "4") if one.startswith(f"Table 4: {said}")]


@each("number", PAPER)
def test_the_layout_is_that_of_the_paper(number: str) -> None:
    printed, layout = layout_of(shared("paper") / "printed" / f"table{number}.csv"), PAPER[number]
    assert layout["about"].lower() in printed["caption"].lower()
    assert printed["columns"] == layout["columns"]
    if "falling" in layout:
        assert printed["ranks"][layout["falling"]] == [str(n) for n in range(31, 0, -1)]
        assert set(printed["rows"]) == {p.english for p in PROVINCES}
        return
    empty: dict[str, Any] = {"heads": [], "partly": {}, "t_until": "", "notes": []}
    wanted = empty | {key: value for key, value in layout.items() if key not in ("about", "columns")}
    assert {key: printed[key] for key in wanted} == wanted


def test_figure_1_is_the_papers_trend(document: Document) -> None:
    """Before Table 1; its title says segmentation, which the paper's text describes below a caption on integration."""
    section, drawn = trend(document)
    tables = [b.number for b in section.blocks[section.blocks.index(drawn) :] if isinstance(b, PrintedTable)]
    assert (drawn.name, f"Table {tables[0]}") == ("trend", FIGURE["before"])
    assert title_of(drawn)[0].startswith("Market segmentation by year")
    text = " ".join((shared("paper") / "paper.txt").read_text(encoding="utf-8").split())
    caption = text.index("Fig 1: ")
    assert FIGURE["about"] in text[caption : caption + 80]
    assert FIGURE["years"] in text[caption : caption + 80]
    assert caption < text.index(FIGURE["before"], caption)
    assert "segmentation index" in text[caption : text.index(FIGURE["before"], caption)]


def test_the_page_renames_what_the_paper_has() -> None:
    """No line of docs/paper.md is about words that are not in the paper, or are the same after all."""
    said = {n: {*(w for part in of_the_paper(t) for w in part.words), *t.get("notes", [])} for n, t in PAPER.items()}
    assert all(paper in said[number] for number, paper in RENAMED)
    assert {number for number, *_ in of_the_page("Tables")} <= {"all", *PAPER}
    assert all(same(paper) != same(ours) for (_, paper), (ours, _) in RENAMED.items())


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
    assert "use the clustered standard errors of Table" in " ".join(tables["4"].notes)


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
    """The trend is Figure 1; the curve on the first page has no number. No number is left out."""
    numbers = [drawing.number for drawing in document.drawings().values()]
    assert numbers == [*range(len(numbers))]
    assert document.drawings()["trend"].number == 1


@pytest.mark.parametrize("preset", ["published", "complete"])
def test_every_figure_that_a_study_can_have_is_numbered_where_it_appears(results: StudyResults, preset: str) -> None:
    """Also figures for which this study has no records: each name gets the same picture."""
    results = replace(results, preset=preset)
    picture = all_figures(results)["waterfall"]
    splits = [f"groups{number}" for number in group_numbers(results)]
    curves = {"groups", "anderson_rubin"}
    names = [*(name for name in ORDER_OF_THE_PAPER if name not in curves), *sorted(splits, key=lambda n: int(n[6:]))]
    drawn = compose(results, figures=dict.fromkeys(in_order_of_the_paper(names, preset), picture)).drawings()
    numbers = [drawing.number for drawing in drawn.values()]
    assert numbers == sorted(numbers)
    assert set(names) - set(drawn) <= {"lags"}
    assert "groups8" in drawn


def place_of(number: str) -> tuple[str, int, str]:
    """Where a number is among the numbers of tables: 2, 2a, 10, A1, A1b."""
    found = re.fullmatch(r"([A-Z]?)(\d+)([a-z]?)", number)
    assert found
    return found[1], int(found[2]), found[3]


def test_tables_are_numbered_as_they_appear(document: Document) -> None:
    """1 to 11; what they leave out, which begins with Table 1 again; then the other tables and the appendices."""
    sections = {
        s.key: [b.number for b in s.blocks if isinstance(b, PrintedTable)] for p in document.parts for s in p.sections
    }
    beyond = sections.pop("beyond")
    others = [number for numbers in sections.values() for number in numbers]
    rest = [number for number in others if not number.isdigit()]
    assert [number for number in others if number.isdigit()] == [str(n) for n in range(1, 12)]
    assert beyond == sorted(beyond, key=place_of)
    assert rest == sorted(rest, key=place_of)
    assert {"2b", "4b"} <= {*rest}


@each("language", ["en", "zh"])
def test_a_note_is_once_below_its_table(results: StudyResults, language: str) -> None:
    """No sentence twice; one sentence on the numbers below coefficients and one on stars."""
    ends = {"en": r"(?<=\.) +(?=[A-Z*])", "zh": r"(?<=。)"}[language]
    for table in report_in(language, results).tables():
        sentences = [s.strip() for note in table.notes for s in re.split(ends, str(note)) if s.strip()]
        repeated = {s for s, n in Counter(sentences).items() if n > 1}
        assert repeated == set(), table.number
        text = " ".join(sentences)
        with_t = "t_until" in PAPER.get(table.number, {})
        assert text.count("***") in ((1,) if with_t else (0, 1)), table.number
        if with_t:
            assert len(re.findall("t statistics in parentheses|括号内为 t 统计量", text)) == 1, table.number


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


def test_table_5_says_that_its_outcome_is_lagged(document: Document) -> None:
    table = next(t for t in document.tables() if t.number == "5")
    assert sum("the outcome and the regressors are lagged together" in note for note in table.notes) == 1


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
