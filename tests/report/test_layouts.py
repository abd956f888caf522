"""Regression tables as a journal prints them, their appendix, and panels with headings of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import docx
import pytest

import report_example as example
from each import each
from filled_pages import pages
from integrade.errors import UnknownName
from integrade.report.document import in_paper
from integrade.report.fonts import has_chinese
from integrade.report.latex import to_latex
from integrade.report.layouts import apart, in_two, stacked, with_below
from integrade.report.markup import to_csv, to_html, to_text
from integrade.report.paper import LONG_SIDE, MARGIN, NAMED, SIZES, asked_widths, fits_a_page, lies_on_its_side
from integrade.report.printed import PrintedTable
from integrade.report.regression import Layout, regression_table
from integrade.report.rows import Row
from integrade.report.self_contained import data_blocks
from integrade.report.tables import all_tables
from integrade.verdicts.table_looks import TableLook
from library import needs, needs_tex
from report_readers import unpacked

TABLE4 = next(t for t in all_tables(example.study()) if t.number == "4")
HEADED = PrintedTable(
    "7",
    "Headed",
    ("", "(1) Quality", "(2) Human capital"),
    (
        Row("coefficient", ("Market", "-0.5***", "0.25")),
        Row("statistic", ("", "(-7.45)", "(1.20)"), "market.t"),
        Row("panel", ("Indirect effect", "Estimate", "95% interval")),
        Row("test", ("At the median", "-0.0463", "[-0.0788, -0.0116]")),
    ),
)


def test_a_journal_prints_coefficients_counts_effects_clusters_and_the_turning_point() -> None:
    main, appendix = in_two(TABLE4)
    assert [r.cells[0] for r in main.rows if r.kind != "statistic"] == [
        *("Market", "Market²", "Scale", "Age", "ROA", "Rdebt", "FIC"),
        *("Observations", "R-squared within", "Firm FE", "Year FE", "Clusters (region)", "Turning point"),
    ]
    assert appendix is not None
    assert appendix.number == "C4"
    assert "CR3 (jackknife) standard errors clustered by region." in main.notes
    assert any("Table C4" in note for note in main.notes)
    assert not any("Rademacher" in note for note in main.notes)
    assert any("Rademacher" in note for note in appendix.notes)
    assert any("(main result)" in row.cells[0] for row in appendix.rows)


def test_columns_with_other_standard_errors_each_say_theirs() -> None:
    """One note says them where all columns have the same; else the row stays beside the coefficients."""
    fits = [origin.fit for origin in TABLE4.origins if origin.fit]
    mixed = regression_table({"(1)": fits[0], "(2)": replace(fits[1], kind="CR1")})
    main, _ = in_two(mixed)
    assert [r.cells[1:] for r in main.rows if r.key == "vcov"] == [("CR3", "CR1")]
    assert not any(r.key == "vcov" for r in in_two(TABLE4)[0].rows)


def test_every_row_stands_in_one_of_the_two_tables() -> None:
    """No number is lost and none is printed twice."""
    main, appendix = in_two(TABLE4)
    assert appendix is not None
    there = Counter(row.cells[1:] for part in (main, appendix) for row in part.rows if row.kind != "panel")
    assert there == Counter(row.cells[1:] for row in TABLE4.rows if row.kind != "panel")
    assert {*main.notes, *appendix.notes} >= {*TABLE4.notes}


def test_the_two_parts_and_other_tables_are_not_cut_again() -> None:
    main, appendix = in_two(TABLE4)
    assert appendix is not None
    assert in_two(main) == (main, None)
    assert in_two(appendix) == (appendix, None)
    assert [in_two(t) for t in (HEADED,)] == [(HEADED, None)]


def test_a_file_of_a_paper_has_the_papers_rows_unless_it_is_asked_for_all(tmp_path: Path) -> None:
    fits = {c.label: c for c in example.study().benchmark}
    table = regression_table(fits)
    assert "Hausman" not in table.save(tmp_path / "a.tex").read_text(encoding="utf-8")
    assert "Hausman" in table.save(tmp_path / "b.tex", "full").read_text(encoding="utf-8")
    assert "Hausman" in table.save(tmp_path / "a.md").read_text(encoding="utf-8")
    assert "Hausman" in regression_table(fits, layout="full").save(tmp_path / "c.tex").read_text(encoding="utf-8")
    assert "Hausman" not in str(regression_table(fits, layout="paper"))
    words = docx.Document(str(table.save(tmp_path / "a.docx"))).tables[0]
    assert "Hausman p" not in {row.cells[0].text for row in words.rows}
    with pytest.raises(UnknownName, match="no layout 'papr'"):
        regression_table(fits, layout="papr")  # type: ignore[arg-type]


def test_standard_errors_stand_below_coefficients_unless_another_number_is_asked_for() -> None:
    assert "Standard errors in parentheses" in TABLE4.notes[0]
    assert any(row.key == "market.se" for row in TABLE4.rows)
    assert ",se," in to_csv(TABLE4)
    fits = {c.label: c for c in example.study().benchmark}
    for statistic, note in (
        ("t", "t statistics in"),
        ("p", "p-values in"),
        ("interval", "95% confidence intervals in"),
    ):
        changed = with_below(TABLE4, statistic)
        asked = regression_table(fits, layout=Layout(below=statistic))
        assert [r.cells for r in changed.rows] == [r.cells for r in asked.rows]
        assert changed.notes[0] == asked.notes[0]
        assert changed.notes[0].startswith(note)
        assert f",{statistic}," in to_csv(changed)
        every = replace(example.study(), looks={"": TableLook(statistic=statistic)})
        printed = next(t for t in all_tables(every) if t.number == "4")
        assert any(row.key == f"market.{statistic}" for row in printed.rows)
    paper = next(t for t in all_tables(replace(example.study(), preset="published")) if t.number == "4")
    assert any(row.key == "market.t" for row in paper.rows), "the paper's layout has t"


def test_the_report_has_an_appendix_of_diagnostics() -> None:
    document = in_paper(example.composed())
    numbers = [t.number for t in document.tables()]
    assert numbers[-1] == "C1"
    assert "Table C1" in document.tables()[numbers.index("4")].notes[-1]
    assert document.parts[-1].key == "appendix"
    assert len(numbers) == len(set(numbers))


GROUPS = PrintedTable(
    "7b",
    "Many groups",
    ("", *(f"({i}) Municipality {i}" for i in range(1, 21))),
    (
        Row("coefficient", ("Market", *(f"-{i}.1234***" for i in range(1, 21)))),
        Row("statistic", ("", *(f"(-{i}.45)" for i in range(1, 21))), "market.t"),
        Row("panel", ("Tests",)),
        Row("test", ("Only of the first", "0.5")),
        Row("panel", ("Others",)),
        Row("count", ("Observations", *(f"{i},000" for i in range(1, 21)))),
    ),
    ("A note.",),
)


def test_a_table_wider_than_a_page_on_its_side_breaks_by_columns() -> None:
    """Panels of columns below each other, each cell once, with the labels of its row and the heading of its column."""
    found = stacked(GROUPS)
    assert sum(asked_widths(found, SIZES[-1])) <= LONG_SIDE - 2 * MARGIN
    assert sum(asked_widths(GROUPS, SIZES[-1])) > LONG_SIDE - 2 * MARGIN
    assert (found.notes, found.number) == (GROUPS.notes, "7b")
    heads, seen = list(found.columns), []
    for row in found.rows:
        if row.kind == "panel" and not row.spans:
            assert re.fullmatch(r"Columns \d+ to \d+", row.cells[0])
            heads = list(row.cells)
        elif row.kind != "panel":
            seen += [(row.cells[0], head, cell) for head, cell in zip(heads[1:], row.cells[1:], strict=True) if cell]
    wanted = [
        (row.cells[0], head, cell)
        for row in GROUPS.rows
        for head, cell in zip(GROUPS.columns[1:], row.cells[1:], strict=False)
        if cell
    ]
    assert Counter(seen) == Counter(wanted)
    assert Counter(r.cells[0] for r in found.rows if r.spans) == {"Tests": 1, "Others": heads_of(found)}
    assert stacked(TABLE4) == TABLE4
    assert stacked(replace(GROUPS, wide_text=(1,))).columns == GROUPS.columns


def heads_of(table: PrintedTable) -> int:
    """How often a table heads its columns."""
    return 1 + sum(r.kind == "panel" and not r.spans for r in table.rows)


def test_a_panel_heads_its_own_columns_in_every_format(tmp_path: Path) -> None:
    page = to_html(HEADED)
    assert '<tr class="panel heads"><th scope="row">Indirect effect</th><th scope="col">Estimate</th>' in page
    assert "[\u22120.0788, \u22120.0116]" in page
    tex = to_latex(HEADED)
    assert r"\multicolumn{3}{l}{\textit{Indirect effect}} \\" in tex
    assert r" & {\textit{Estimate}} & {\textit{95\% interval}} \\" in tex
    assert "Indirect effect  Estimate" in " ".join(to_text(HEADED).split("  ")).replace(
        "  ", " "
    ) or "Estimate" in to_text(HEADED)
    word = docx.Document(str(HEADED.save(tmp_path / "t.docx"))).tables[0]
    assert [c.text for c in word.rows[3].cells] == ["Indirect effect", "Estimate", "95% interval"]


def test_standard_errors_are_said_below_tables_of_groups_and_instruments_too() -> None:
    """The note on what stands below coefficients is one message in every table, so that `with_below` can change it."""
    for source in ("group_tables", "instrument_tables", "lag_tables", "mediation_tables"):
        for language in ("en", "zh"):
            [path] = SOURCE.rglob(f"{language}/{source}.ftl")
            text = path.read_text(encoding="utf-8")
            assert "t statistics in parentheses" not in text
            assert "括号内为 t" not in text


def test_latex_copied_from_the_page_is_that_of_a_manuscript() -> None:
    copied = unpacked(data_blocks({}, [TABLE4, HEADED])["tables"])
    main, appendix = in_two(TABLE4, "C1")
    assert appendix is not None
    assert copied["4"]["tex"] == "\n".join(to_latex(part, ["4", "C1"]) for part in (main, appendix))
    assert copied["7"]["tex"] == to_latex(HEADED)
    assert copied["4"]["csv"] == to_csv(TABLE4)


def test_a_table_wider_than_a_column_of_two_spans_both() -> None:
    assert r"\begin{table}" in to_latex(in_two(TABLE4)[0])
    cells = ("Market of the past", *["-0.1234***"] * 5)
    columns = ("", *(f"({i}) Quality" for i in range(1, 6)))
    assert r"\begin{table*}[htbp]" in to_latex(PrintedTable("5", "Broad", columns, (Row("coefficient", cells),)))


def test_a_long_wide_table_stands_upright_rather_than_break() -> None:
    cells = ("Market of the past", *["-0.1234***"] * 8)
    long = PrintedTable("5", "Long", ("", *(f"({i}) Quality" for i in range(1, 9))), (Row("coefficient", cells),) * 45)
    assert not lies_on_its_side(long)
    assert fits_a_page(long)
    short = replace(long, rows=long.rows[:20], columns=("", *["A long word Pneumonoultramicro"] * 8))
    assert lies_on_its_side(short)


SOURCE = Path(__file__).parents[2] / "src" / "integrade"
CLASSES = {
    "article": r"\documentclass{article}",
    "two columns": r"\documentclass[twocolumn]{article}",
    "elsarticle": r"\documentclass[preprint,review]{elsarticle}",
}
FRONT = r"\begin{frontmatter}\title{Of a journal}\end{frontmatter}"
"""After it the lines of a manuscript in review are wide."""
LOADED = r"\usepackage{booktabs,graphicx,siunitx,threeparttable,rotating,longtable,pdflscape}"
CHINESE = r"\usepackage{xeCJK}"


def manuscript_tables() -> list[PrintedTable]:
    """Every table of a study in two parts, wide ones, long ones, and prose with names that may break."""
    columns = lambda n: ("", *(f"({i}) Quality" for i in range(1, n + 1)))  # noqa: E731
    cells = lambda n: ("Market of the past", *["-0.1234***", "(-2.45)"] * (n // 2))  # noqa: E731
    prose = tuple(Row("text", ("read", "a_long_name_of_a_table", "what happened " * 8, f"{i},000")) for i in range(30))
    made = (
        HEADED,
        GROUPS,
        PrintedTable("5b", "Broad", columns(8), (Row("coefficient", cells(8)),) * 30, ("A note of it.",) * 3),
        PrintedTable("A3", "Long", columns(4), (Row("coefficient", cells(4)),) * 60),
        PrintedTable("A3b", "Long and broad", columns(8), (Row("coefficient", cells(8)),) * 60, ("A note of it.",)),
        PrintedTable("A15b", "Prose", ("Step", "Table", "What happened", "Rows"), prose[:9], wide_text=(1, 2)),
        PrintedTable("A15c", "Long prose", ("Step", "Table", "What happened", "Rows"), prose, wide_text=(1, 2)),
    )
    parts = [part for t in all_tables(example.study()) for part in in_two(t) if part is not None and part.rows]
    return [stacked(table) for table in (*parts, *made)]


@pytest.mark.system
@each("engine", ["pdflatex", "xelatex", "lualatex"])
@each("name", CLASSES)
def test_a_table_is_pasted_into_the_manuscript_of_a_journal(tmp_path: Path, name: str, engine: str) -> None:
    """No table runs over the margin: those that are wider than the text of the class become smaller."""
    needs_tex("siunitx.sty", "threeparttable.sty", "rotating.sty", "elsarticle.cls")
    needs(engine)
    tables = [t for t in manuscript_tables() if engine == "xelatex" or not has_chinese(to_latex(t))]
    assert {t.number for t in tables} >= {"4", "C4", "5b", "A3b", "A15c"}
    numbers = [t.number for t in tables]
    for table in tables:
        (tmp_path / f"t{table.number}.tex").write_text(to_latex(table, numbers), encoding="utf-8")
    loaded = LOADED + (CHINESE if engine == "xelatex" else "")
    every = "".join(rf"\input{{t{number}}}\clearpage " for number in numbers)
    front = FRONT if name == "elsarticle" else ""
    text = rf"{CLASSES[name]}{loaded}\begin{{document}}{front}Text~\ref{{tab:4}}.{every} End.\end{{document}}"
    (tmp_path / "m.tex").write_text(text, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "m.tex"]
    for _ in range(2):  # references are known the second time
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
        assert made.returncode == 0, made.stdout[-2000:]
    said = made.stdout.replace("\n", "")
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \((.*?)pt too wide", said)]
    assert max(wide, default=0) <= 1
    assert "undefined references" not in said
    assert re.findall(r"Float too large for page by .{0,60}", said) == []
    if shutil.which("pdftotext"):
        shown = subprocess.run(
            ["pdftotext", "-layout", "m.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert "\u22120.0066***" in shown.stdout.replace(" ", "")


@pytest.mark.system
def test_the_first_line_of_a_table_names_the_encoding_that_its_letters_need(tmp_path: Path) -> None:
    """The letters of Computer Modern have no ogonek, no thorn and no dj."""
    table = PrintedTable("1", "Regions", ("", "Index"), (Row("text", ("świętokrzyskie", "1.5")),))
    first = to_latex(table).splitlines()[0]
    assert r"\usepackage[T1]{fontenc}" in first
    plain = replace(table, rows=(Row("text", ("Silesia", "1.5")),))
    assert "fontenc" not in to_latex(plain)
    document = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx,siunitx,threeparttable}"
    (tmp_path / "t.tex").write_text(to_latex(table), encoding="utf-8")
    (tmp_path / "m.tex").write_text(document + r"\begin{document}\input{t}\end{document}", encoding="utf-8")
    needs_tex("siunitx.sty", "threeparttable.sty")
    command = [needs("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "m.tex"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
    assert made.returncode == 0, made.stdout[-2000:]


def test_a_table_names_others_only_where_they_stand_with_it(tmp_path: Path) -> None:
    """A number in a whole report and where both tables are copied; words in a file of its own."""
    main, appendix = in_two(TABLE4)
    assert appendix is not None
    named = r"\ifcsname r@tab\string:C4\endcsname Table~\ref{tab:C4}\else Table C4 of the integrade report\fi{}."
    assert f"tests: {named}" in to_latex(main, ["4", "C4"])
    assert "\\else integrade 报告的表 C4\\fi" in to_latex(
        replace(main, language="zh", notes=("其余检验：表 C4。",)), ["4", "C4"]
    )
    copied = unpacked(data_blocks({}, [TABLE4])["tables"])
    assert r"Table~\ref{tab:C1}" in copied["4"]["tex"]
    saved = TABLE4.save(tmp_path / "t.tex").read_text(encoding="utf-8")
    assert "Table C4" not in saved
    assert "layout" not in saved.replace("% ", "")
    assert 'printed with layout = "full".' in TABLE4.save(tmp_path / "t.txt", "paper").read_text(encoding="utf-8")
    plain = regression_table({c.label: c for c in example.study().benchmark}, layout="paper")
    assert plain.notes[-1] == 'Other rows, standard errors and tests are printed with layout = "full".'
    assert "Table" not in " ".join(apart(main).notes)
    for table in all_tables(example.study()):  # nothing else in a table names one by its number
        texts = (table.title, *table.notes, *(cell for row in table.rows for cell in row.cells))
        assert [t for t in texts if NAMED.search(t)] == []
    assert not any("of Table" in cell for row in appendix.rows for cell in row.cells)


def referring_tables() -> list[PrintedTable]:
    """Tables of every kind of LaTeX, each with a note that names Table C4, which is the last of them."""
    every = manuscript_tables()
    named = [replace(t, notes=(*t.notes, "表 C4。" if has_chinese(to_latex(t)) else "More: Table C4.")) for t in every]
    return [t for t in named if t.number != "C4"] + [t for t in every if t.number == "C4"]


def test_a_table_file_refers_to_another_only_where_the_paper_has_it() -> None:
    """Every reference of a file is asked for only where its label is defined."""
    tables = [*referring_tables(), *in_paper(example.composed()).tables()]
    form = r"\\ifcsname r@tab\\string:(\w+)\\endcsname [^\\]*~\\ref\{tab:\1\}\\else [^\\]*\1[^\\]*\\fi\{\}"
    counts = []
    for table in tables:
        source = to_latex(table, [t.number for t in tables])
        counts.append(source.count(r"\ref{"))
        assert counts[-1] == len(re.findall(form, source)), table.number
    assert sum(counts) >= len(manuscript_tables())


@pytest.mark.system
@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
def test_a_table_alone_in_a_paper_prints_no_question_marks(engine: str, tmp_path: Path) -> None:
    """Each table that names another, by itself in a document; one with the table that it names has its number."""
    needs_tex("siunitx.sty", "threeparttable.sty", *(["xeCJK.sty"] if engine == "xelatex" else []))
    needs(engine)
    needs("pdftotext")
    tables = [t for t in referring_tables() if engine == "xelatex" or not has_chinese(to_latex(t))]
    for table in tables:
        source = to_latex(table, [t.number for t in tables])
        (tmp_path / f"table{table.number}.tex").write_text(source, encoding="utf-8")
    loaded = LOADED + (CHINESE if engine == "xelatex" else "")
    papers = {table.number: (table.number,) for table in tables[:-1]} | {"both": (tables[0].number, "C4")}
    for paper, numbers in papers.items():
        inputs = "".join(rf"\input{{table{number}}}" for number in numbers)
        text = rf"\documentclass{{article}}{loaded}\begin{{document}}{inputs}\end{{document}}"
        (tmp_path / f"{paper}.tex").write_text(text, encoding="utf-8")
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", f"{paper}.tex"]
        for _ in range(2):  # labels are known the second time
            made = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=180, check=False)
        said = made.stdout.decode(errors="replace").replace("\n", "")
        assert made.returncode == 0, said[-2000:]
        assert "undefined" not in said, paper
        read = ["pdftotext", f"{paper}.pdf", "-"]
        printed = re.sub(
            r"\s", "", subprocess.run(read, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        )
        assert "??" not in printed, paper
        assert ("integrade" in printed) == (paper != "both"), paper


@pytest.mark.system
def test_notes_of_a_table_that_breaks_stay_with_its_last_rows(tmp_path: Path) -> None:
    needs_tex("siunitx.sty", "longtable.sty")
    needs("pdflatex")
    rows = tuple(
        Row("test", (f"row{i}", "A sentence of some words that is as long as a line and then goes on.", "1"))
        for i in range(48)
    )
    table = PrintedTable("9", "Long", ("", "How to read it", "N"), rows, ("The only note " * 40,), wide_text=(1,))
    source = to_latex(table)
    assert r"\begin{longtable}" in source
    (tmp_path / "t.tex").write_text(source, encoding="utf-8")
    every = "".join(rf"\vspace*{{{high}cm}}\input{{t}}\clearpage " for high in range(0, 21, 2))
    text = rf"\documentclass[a4paper]{{article}}{LOADED}\begin{{document}}{every}\end{{document}}"
    (tmp_path / "m.tex").write_text(text, encoding="utf-8")
    for _ in range(2):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "m.tex"]
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
        assert made.returncode == 0, made.stdout[-2000:]
    noted = [text for text, _ in pages(tmp_path / "m.pdf") if "The only note" in text]
    assert len(noted) == 11
    assert min(text.count("row") for text in noted) >= 4
