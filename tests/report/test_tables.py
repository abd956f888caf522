"""Printed tables: the layout of the paper, stars from p-values, and every format."""

from __future__ import annotations

import csv
import io
import math
import re
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_example as example
from each import each
from integrade.errors import UnknownName, UsageError
from integrade.report.layouts import in_two
from integrade.report.markup import to_html
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.tables import (
    Layout,
    account_table,
    correlation_table,
    descriptive_table,
    ranking_table,
    regression_table,
    truth_table,
)
from integrade.study.printed import all_tables
from integrade.subjects.truth.model import Truth
from integrade.verdicts.naming import inference_key, inference_name, label_of
from integrade.wording.numerals import decimals, fixed, p_equals, p_text, rounded, stars
from plainwords.account import Account, Entry
from plainwords.texts import in_language, speaking
from public_numbers import PUBLIC


def cells_of(table: PrintedTable, label: str) -> tuple[str, ...]:
    return next(c[1:] for c in table.cells() if c[0] == label)


def below(table: PrintedTable, label: str) -> tuple[str, ...]:
    cells = table.cells()
    at = next(i for i, c in enumerate(cells) if c[0] == label)
    return cells[at + 1]


@each(
    ("p", "mark"),
    [(0.0, "***"), (0.0099999, "***"), (0.01, "**"), (0.05, "*"), (0.1, ""), (0.58, ""), (math.nan, ""), (None, "")],
)
def test_stars_compare_the_unrounded_p_value(p: float | None, mark: str) -> None:
    assert stars(p) == mark


def test_a_t_of_0_56_gets_no_star_whatever_the_paper_prints() -> None:
    """AUDIT B10: the paper's Table 5 prints 0.0004* with t = 0.56."""
    fit = example.fit("iid", {}, 1.0)
    weak = replace(fit, coefficients=(example.coefficient("market", 0.0004, 0.0004 / 0.56, 400_000),))
    table = regression_table({"(1)": weak}, layout=Layout(below="t"))
    assert cells_of(table, "Market") == ("0.00040",)
    assert below(table, "Market") == ("", "(0.56)")
    assert below(regression_table({"(1)": weak}), "Market") == ("", "(0.00071)")


@each(
    ("value", "text"),
    [
        (0.714, "0.714"),
        (-0.00001, "-0.0000100"),
        (0.0, "0.000"),
        (1234.5, "1,234.500"),
        (None, ""),
        (float("nan"), ""),
        (0.0004, "0.000400"),
        (-0.0, "0.000"),
        (float("inf"), "infinite"),
    ],
)
def test_numbers_never_print_as_zero_when_they_are_not(value: float | None, text: str) -> None:
    assert fixed(value) == text


def test_p_values() -> None:
    assert [p_equals(p) for p in (0.0, 0.0161)] == ["p < 0.0001", "p = 0.0161"]
    assert [p_text(p) for p in (0.0, 0.00004, 0.0161, 1.0, None)] == ["<0.0001", "<0.0001", "0.0161", ">0.9999", ""]


def test_regression_table_has_the_layout_of_the_papers_table_4() -> None:
    table = regression_table({c.label: c for c in example.study().benchmark})
    labels = [c[0] for c in table.cells()]
    assert labels[:16] == [
        "Market",
        "",
        "Market²",
        "",
        "Scale",
        "",
        "Age",
        "",
        "ROA",
        "",
        "Rdebt",
        "",
        "FIC",
        "",
        "Constant",
        "Observations",
    ]
    assert cells_of(table, "Observations") == ("594,596", "594,596")
    assert cells_of(table, "Firm FE") == cells_of(table, "Year FE") == ("Yes", "Yes")
    assert cells_of(table, "Scale") == ("", "0.01690***")
    assert below(table, "Scale") == ("", "", "(0.00021)")
    assert table.columns == ("", "(1) Quality", "(2) Quality")


def test_regression_table_prints_how_its_inference_was_made() -> None:
    table = regression_table({c.label: c for c in example.study().benchmark})
    assert cells_of(table, "Standard errors")[0] == "CR3"
    assert cells_of(table, "Clusters (region)") == ("31", "31")
    assert cells_of(table, "df of t")[0] == "30"
    assert cells_of(table, "Small-sample correction")[0] == "reghdfe"
    assert cells_of(table, "95% Fieller interval")[0] == "[3.404, 4.346]"
    assert cells_of(table, "Share beyond the parabola's turning point")[0] == "65.2%"
    assert cells_of(table, "Wild cluster bootstrap p: Market²")[0] == "0.0111"
    assert (
        "212 firm fixed effects (0.2%) cover rows of more than one region. "
        "The degrees of freedom do not count these effects, as if they were nested in the clusters." in table.notes
    )
    assert "Wild bootstrap p: Scale" not in [c[0] for c in table.cells()]  # the treatment's alone
    assert any("9,999 Rademacher" in note for note in table.notes)


def test_naive_t_stands_beside_the_headline_with_its_own_stars() -> None:
    table = regression_table({"(2)": example.column("(2)")})
    assert cells_of(table, "Market, iid") == ("7.03***",)
    assert cells_of(table, "Market, clustered by region, CR3 (main result)") == ("2.71**",)
    plain = regression_table({"(2)": example.column("(2)")}, layout=Layout(beside=False))
    assert "Market, iid" not in [c[0] for c in plain.cells()]


def test_labels_statistics_and_layout_can_be_chosen() -> None:
    fit = example.fit("CR3", {"region": 31}, 2.6)
    table = regression_table(
        {"base": fit},
        labels={"market": "Integration", "firm": "Company"},
        stats=["observations", "effects"],
        layout=Layout(below="se", square="{0} squared", digits=3),
    )
    labels = [c[0] for c in table.cells() if c[0]]
    assert labels == [
        "Integration",
        "Integration squared",
        "Scale",
        "Age",
        "ROA",
        "Rdebt",
        "FIC",
        "Constant",
        "Observations",
        "Company FE",
        "Year FE",
    ]
    assert below(table, "Scale") == ("", "(0.00021)")
    assert regression_table({"b": fit}, labels={"market^2": "Market²"}).cells()[2][0] == "Market²"


def test_a_column_without_a_term_or_an_effect_says_so() -> None:
    fit = example.fit("iid", {}, 1.0)
    other = replace(fit, coefficients=fit.coefficients[:1], effects=fit.effects[:1], dropped={"market^2": "collinear"})
    table = regression_table({"(1)": other, "(2)": fit})
    assert cells_of(table, "Year FE") == ("No", "Yes")
    assert cells_of(table, "Market²")[0] == ""
    assert "Market² was dropped: collinear." in table.notes


def test_r_squared_follows_the_rule_of_the_fit() -> None:
    """AUDIT B12: the paper's R-squared is xtreg's within R-squared."""
    fit = example.fit("iid", {}, 1.0)
    assert cells_of(regression_table({"(1)": replace(fit, ssc="xtreg")}), "R-squared") == ("0.260",)
    assert cells_of(regression_table({"(1)": fit}), "R-squared") == ("0.747",)


def test_wrong_calls_are_explained() -> None:
    with pytest.raises(UsageError, match="at least one column"):
        regression_table({})
    with pytest.raises(UnknownName, match="did you mean 'observations'"):
        regression_table({"(1)": example.fit("iid", {}, 1.0)}, stats=["observation"])
    with pytest.raises(UsageError, match="no table format"):
        PrintedTable("", "x", ("a",), ()).save("x.rtf")


def test_ranking_orders() -> None:
    index = example.index()
    by_average, by_first = ranking_table(index), ranking_table(index, order="first")
    assert [row[2] for row in by_average.cells()] == [str(i) for i in range(1, 32)]
    assert [row[4] for row in by_first.cells()] == [str(i) for i in range(31, 0, -1)]  # the paper's Table 1
    assert by_average.columns == ("Region", "Average 2004-2013", "Rank", "2004", "Rank", "2013", "Rank")
    assert by_first.columns == ("Province", "2004-2013 average", "Ranking", "2004", "Ranking", "2013", "Ranking")
    for table in (by_average, by_first):
        assert "segmentation (× 1,000)" in table.title
    for row, region in zip(by_average.cells(), sorted(index.ranking, key=lambda r: r.rank_average or 0), strict=True):
        assert row[1] == f"{1000 * region.average:.3f}"


def test_descriptive_table_keeps_the_papers_columns_and_finds_a_copied_extreme() -> None:
    """AUDIT B1 and row 55: the paper prints the minimum 3.165 for both Market and RD."""
    table = descriptive_table(example.describes())
    assert table.columns[:6] == ("Variable", "N", "Minimum", "Maximum", "Median", "Std. dev.")
    assert cells_of(table, "Quality")[:5] == ("594,596", "0.401", "0.943", "0.714", "0.107")
    assert table.notes == ("Market and R&D have the same minimum, 3.165. Check that these are different columns.",)


def test_descriptive_table_matches_the_paper_as_printed() -> None:
    file = PUBLIC / "printed" / "table2.csv"
    printed = {row["variable"].lower(): row for row in csv.DictReader(io.StringIO(file.read_text()))}
    for d in example.describes():
        row = printed[d.variable]
        ours = cells_of(descriptive_table([d]), label_of(d.variable, {}))
        assert ours[:5] == (
            f"{int(row['sample_size']):,}",
            row["minimum"],
            row["maximum"],
            row["median"],
            row["std_dev"],
        )


def test_correlations_match_the_paper_as_printed() -> None:
    """Stars from p-values reproduce the paper's Table 3, where N makes all but one of them certain."""
    file = PUBLIC / "printed" / "table3.csv"
    printed = list(csv.reader(io.StringIO(file.read_text())))[1:]
    ours = correlation_table(example.correlations()).cells()
    assert [list(row[1:8]) for row in ours] == [row[2:9] for row in printed]


def test_truth_table_says_whether_the_interval_holds_the_truth() -> None:
    on_true = Truth("market", 1.0, 0.9, 0.8, 0.7, 0.95, "noise", 0.85, 1.05)
    table = truth_table((on_true, Truth("rd", 1.0, None, 0.8, None, None)))
    ends = ("[0.850, 1.050]", "yes"), ("[0.700, 0.950]", "no")
    assert cells_of(table, "Market") == ("1.000", "0.900", *ends[0], "0.800", *ends[1])
    assert cells_of(table, "R&D") == ("1.0000", "", "", "", "0.8000", "", "")
    assert "Market: noise." in table.notes


def test_account_table_counts_every_entry_but_notes() -> None:
    account = Account((Entry("read", "firms", "in", "rows", 1234), Entry("x", "firms", "note", "said", 0)))
    assert account_table(account).cells() == (("read", "firms", "in: rows", "1,234"), ("x", "firms", "note: said", ""))


def test_account_table_says_a_note_on_several_files_once() -> None:
    read = [Entry("read", f"cpi_{y}.xlsx", "note", "sheet 'CPI' was read", 0) for y in (2004, 2005, 2006)]
    cells = account_table(Account((*read, Entry("read", "prices", "warning", "few months", 7)))).cells()
    assert [row[1:] for row in cells] == [
        ("3 files", "note: sheet 'CPI' was read (e.g. cpi_2004.xlsx)", ""),
        ("prices", "warning: few months", ""),
    ]


def test_all_tables_are_rectangular_and_numbered_once() -> None:
    tables = all_tables(example.study())
    assert [t.number for t in tables] == ["1", "2", "3", "4", "A1", "A2", "B1", "B2", "B3"]
    for table in tables:
        assert {len(row) for row in table.cells()} == {len(table.columns)}
    assert [t.number for t in all_tables(example.study(truth=(), provenance=()))][-3:] == ["A1", "B1", "B2"]


AWKWARD = PrintedTable(
    "9",
    "A & B_{1}: 50% of 省份",
    ("", "x^2", "a|b"),
    (
        Row("coefficient", ("<b>#1", "-0.5***", "[1, 2]")),
        Row("statistic", ("", "(-7.45)", "")),
        Row("panel", ("Panel $",)),
        Row("text", ("[first", "~", "a" * 30)),
    ),
    ("note \\ with *",),
)


def test_latex_escapes_everything_and_aligns_numbers() -> None:
    text = _saved(AWKWARD, ".tex")
    assert r"\caption{A \& B\_\{1\}: 50\% of 省份}" in text
    assert "-0.5{***}" in text
    assert "{(}-7.45{)}" in text
    assert "S[table-format={(}-1.2{***}]" in text
    assert "{[1, 2]}" in text
    assert r"\usepackage{booktabs,graphicx,siunitx,threeparttable}" in text
    assert "xelatex" in text  # for its Chinese
    assert r"\multicolumn{3}{l}{\textit{Panel \$}}" in text
    assert "{}[first" in text  # a row that starts with [ would be read as the argument of \\
    assert r"a\hspace{0pt}a" in text
    assert text.index(r"\toprule") < text.index(r"\midrule") < text.index(r"\bottomrule")
    assert r"\hline" not in text


def _saved(table: PrintedTable, suffix: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        return table.save(Path(folder) / f"t{suffix}").read_text(encoding="utf-8")


def test_html_escapes_and_marks_headings() -> None:
    text = AWKWARD._repr_html_()
    assert "&lt;b&gt;" in text
    assert "<b>#1" not in text
    assert '<td>−0.5<span class="stars">***</span></td>' in text
    assert '<th scope="colgroup" colspan="3">' in text
    assert '<th scope="col">' in text
    assert len(re.findall(r"<th\b", text)) == 2 + 2 + 1  # two named columns, two row labels and one panel


def test_csv_says_b_and_se_because_spreadsheets_read_parentheses_as_minus() -> None:
    rows = list(csv.reader(io.StringIO(_saved(regression_table({"(2)": example.column("(2)")}), ".csv"))))
    assert rows[0] == ["variable", "stat", "(2) Quality"]
    assert rows[1] == ["Market", "b", "0.0534**"]
    assert rows[2] == ["Market", "se", "0.0197"]
    assert not any(cell.startswith("(") for row in rows[1:] for cell in row)
    plain = list(csv.reader(io.StringIO(_saved(descriptive_table(example.describes()), ".csv"))))
    assert plain[0][:2] == ["Variable", "N"]


def test_markdown_and_text() -> None:
    text = _saved(AWKWARD, ".md")
    assert r"a\|b" in text
    assert "\u22120.5" + r"\*\*\*" in text
    lines = _saved(descriptive_table(example.describes()), ".txt").splitlines()
    assert len({len(line) for line in lines[3:8]}) == 1  # columns are aligned


def test_word_is_a_three_line_table_that_can_be_edited(tmp_path: Path) -> None:
    table = regression_table({c.label: c for c in example.study().benchmark})
    document = docx.Document(str(table.save(tmp_path / "table4.docx")))
    grid = document.tables[0]
    assert [cell.text for cell in grid.rows[1].cells] == ["Market", "0.0534**", "0.0534**"]
    assert document.paragraphs[0].text == table.caption
    borders = grid._tbl.tblPr.xpath("./w:tblBorders/*")
    assert sorted(b.tag.split("}")[1] for b in borders) == ["bottom", "top"]
    heading = grid.rows[0]._tr.xpath(".//w:tcBorders/*")
    assert {b.tag.split("}")[1] for b in heading} == {"bottom"}
    assert not grid._tbl.xpath(".//w:tcBorders/w:left | .//w:tcBorders/w:right | .//w:insideV | .//w:insideH")
    assert grid.rows[0]._tr.xpath(".//w:tblHeader")


def test_word_turns_the_page_for_wide_tables(tmp_path: Path) -> None:
    many = PrintedTable("1", "Wide", ("", *"abcdefghijkl"), (Row("text", ("label", *["-0.228***"] * 12)),))
    wide = docx.Document(str(many.save(tmp_path / "wide.docx"))).sections[0]
    narrow = docx.Document(str(descriptive_table(example.describes()).save(tmp_path / "narrow.docx"))).sections[0]
    assert wide.page_width > wide.page_height
    assert narrow.page_width < narrow.page_height


def test_word_gives_the_same_bytes_and_fixed_dates(tmp_path: Path) -> None:
    table = regression_table({"(2)": example.column("(2)")})
    first, second = table.save(tmp_path / "a.docx"), table.save(tmp_path / "b.docx")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.tex"
    AWKWARD.save(path)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("integrade.report.whole_file.os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        AWKWARD.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.tex"]


def test_a_label_with_an_apostrophe_is_escaped_once() -> None:
    table = PrintedTable("1", "t", ("", "x"), (Row("count", ("the equations' x", "1")),))
    assert "the equations&#x27; x" in to_html(table)


def test_a_row_has_one_number_of_decimals_that_its_smallest_error_asks_for() -> None:
    """No ``2.43e-05 (0.00388)``: estimate and standard error share decimals across the columns of a row."""
    fit = example.fit("iid", {}, 1.0)
    columns = {
        f"({i})": replace(fit, coefficients=(example.coefficient("market", b, e, 400_000),))
        for i, (b, e) in enumerate([(2.43e-05, 0.00388), (-0.0071, 0.00012), (0.5, 0.25)])
    }
    table = regression_table(columns, layout=Layout(below="se"))
    assert cells_of(table, "Market") == ("0.00002", "-0.00710***", "0.50000**")
    assert below(table, "Market") == ("", "(0.00388)", "(0.00012)", "(0.25000)")
    large = replace(fit, coefficients=(example.coefficient("market", 123456.78, 1234.5, 400_000),))
    assert cells_of(regression_table({"(1)": large}), "Market") == ("123,457***",)


@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(1e-7, 1e7)), min_size=1, max_size=5))
def test_standard_errors_keep_two_digits_and_no_number_is_scientific(pairs: list[tuple[float, float]]) -> None:
    digits = decimals((b for b, _ in pairs), (e for _, e in pairs), 4)
    printed = [(rounded(b, digits), rounded(e, digits)) for b, e in pairs]
    assert len({len(text.partition(".")[2]) for pair in printed for text in pair}) == 1
    for (b, e), (first, second) in zip(pairs, printed, strict=True):
        assert "e" not in first + second
        assert abs(float(second.replace(",", "")) - e) <= 0.05 * e or all(b == 0 for b, _ in pairs)
        assert abs(float(first.replace(",", "")) - b) <= 0.501 * 10**-digits + 1e-15 * abs(b)
    assert digits <= 4 or min(e for _, e in pairs) < 0.001


def test_products_are_named_with_a_cross() -> None:
    assert label_of("market:post", {"post": "Post"}) == "Market × Post"
    assert label_of("market^2:scale", {}) == "Market² × Scale"
    assert label_of("A reading needs this: no cause", {}) == "A reading needs this: no cause"


def test_each_cluster_variable_has_a_row_of_its_own() -> None:
    """The number of its clusters, and none in a column that is not clustered by it."""
    both = example.fit("CR1", {"region": 31, "year": 12}, 2.0)
    table = regression_table({"(1)": both, "(2)": example.fit("CR3", {"region": 31}, 2.6)})
    assert cells_of(table, "Clusters (region)") == ("31", "31")
    assert cells_of(table, "Clusters (year)") == ("12", "none")
    rows = {r.key: r.cells[1:] for r in in_two(table)[0].rows}
    assert (rows["clusters.region"], rows["clusters.year"]) == (("31", "31"), ("12", "none"))


def test_counts_stand_in_the_middle_of_a_latex_column_and_whole_numbers_at_the_decimal_marks_of_their_line() -> None:
    counted = example.fit("CR3", {"region": 31}, 2.6)
    assert r"Clusters (region) & {31} & {31} \\" in _saved(regression_table({"(1)": counted, "(2)": counted}), ".tex")
    rows = (Row("text", ("Slope", "0.25", "0")), Row("text", ("N", "7", "9")))
    mixed = PrintedTable("1", "Slopes", ("", "(1)", "(2)"), (*rows, Row("text", ("Share", "1.5", "2.5"))), ())
    lines = _saved(mixed, ".tex")
    assert r"Slope & 0.25 & 0 \\" in lines
    assert r"N & {7} & {9} \\" in lines
    plain = regression_table({"(1)": example.fit("iid", {}, 1.0)})
    assert cells_of(plain, "Clusters") == ("none",)


def test_errors_are_named_by_what_they_are_clustered_by() -> None:
    fits = [example.fit("iid", {}, 1.0), example.fit("CR1", {"region": 31, "year": 12}, 2.0)]
    assert [inference_name(f) for f in fits] == ["iid", "clustered by region and year, CR1"]
    assert [inference_key(f) for f in fits] == ["iid", "CR1_region_year"]
    with speaking("zh"):
        assert in_language(inference_name(fits[1]), "zh") == "按地区和年份聚类的 CR1"


def test_only_variables_that_a_study_uses_are_described() -> None:
    """Inventory intensity, which a panel has and no regression of the study, is left out; the paper describes it."""
    study = example.study()
    unused = replace(study.describe[0], variable="invint")
    given = replace(study, describe=(*study.describe, unused))
    assert "invint" not in [row.key for row in next(t for t in all_tables(given) if t.number == "2").rows]
    paper = replace(given, preset="published")
    assert "invint" in [row.key for row in next(t for t in all_tables(paper) if t.number == "2").rows]


def test_a_note_that_is_not_of_every_column_says_of_which() -> None:
    first, second = example.column("(1)", controls=False), example.column("(2)")
    shared = replace(first.headline, notes=("rows are firm-years", "24 movers"))
    other = replace(second.headline, notes=("rows are firm-years", "11 movers"))
    table = regression_table({"(1)": replace(first, headline=shared), "(2)": replace(second, headline=other)})
    assert [n for n in table.notes if "movers" in n or "firm-years" in n] == [
        "Rows are firm-years.",
        "Column 1: 24 movers.",
        "Column 2: 11 movers.",
    ]
