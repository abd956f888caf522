"""Ways of setting and wording tables that were read wrongly or accused once: each mechanism with its smallest table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tablecheck.checks.samples import are_opposite
from tablecheck.digits import tokens
from tablecheck.documents import read_documents
from tablecheck.findings import Finding
from tablecheck.layout import read_table
from tablecheck.notes import read_notes
from tablecheck.printed import PublishedTable
from tablecheck.review import review
from tablecheck.words import term_name


def tables(tmp_path: Path, text: str, name: str = "table1.csv") -> list[PublishedTable]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents([path])
    return [read_table(g) for g in document.grids]


def checked(tmp_path: Path, text: str, said: str = "") -> list[Finding]:
    return [f for f in review(tables(tmp_path, text), said).findings if f.grade != "note"]


STARS = '"* p<0.10, ** p<0.05, *** p<0.01",,\n'
SE = "Standard errors in parentheses,,\n"


def test_percentiles_are_headings(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, ",N,Mean,SD,25%,50%\nsize,91,1.99,0.08,1.94,1.99\nlev,91,2.20,1.01,1.53,2.27\n")
    assert table.described[0].rows["size"]["p25"].value == 1.94
    assert table.described[0].rows["lev"]["n"].value == 91


def test_bounds_of_intervals_are_headings_of_a_table_with_decimal_commas(tmp_path: Path) -> None:
    rows = "| x | 0,027 | 0,067 | -0,002 | 0,056 |\n| v | 0,100 | 0,500 | -0,190 | 0,390 |\n"
    text = f"|  | (1) y |  |  |  |\n|---|---|---|---|---|\n|  | Estimate | p-value | 2.5 % | 97.5 % |\n{rows}"
    (table,) = tables(tmp_path, text, "table1.md")
    interval = table.columns[0].estimates["x"].interval
    assert interval is not None
    assert [n.value for n in interval] == [-0.002, 0.056]
    assert table.doubts == ()


def test_low_and_high_are_groups(tmp_path: Path) -> None:
    (table,) = tables(
        tmp_path, f",(1),(2),(3)\n,All,Low,High\nx,0.05***,0.06***,0.04\n,(0.01),(0.01),(0.02)\n{STARS}{SE}"
    )
    assert [len(c.estimates) for c in table.columns] == [1, 1, 1]


def test_levels_below_one_per_cent() -> None:
    said = "***, **, and * denote significance at the 0.1%, 1%, and 5% levels, respectively."
    assert read_notes([said]).levels == {"***": 0.001, "**": 0.01, "*": 0.05}
    assert read_notes(["*** p<0.1%, ** p<1%, * p<5%"]).levels == {"***": 0.001, "**": 0.01, "*": 0.05}


def test_chinese_notes_name_what_each_bracket_holds() -> None:
    assert read_notes(["注：括号内为p值。"]).brackets == {"(": "p"}
    assert read_notes(["注：括号内为稳健标准误，方括号内为p值。"]).brackets == {"(": "se", "[": "p"}
    assert read_notes(["括号内为t值"]).brackets == {"(": "t"}


def test_t_statistics_that_look_like_numbers_of_columns(tmp_path: Path) -> None:
    rows = "size,0.081***,0.081***\n,(30),(30)\nlev,0.013,0.014\n,(1),(2)\nN,805,805\n"
    text = f",(1),(2)\n{rows}t statistics in parentheses,,\n"
    (table,) = tables(tmp_path, text)
    assert len(table.columns) == 2
    assert [c.estimates["lev"].t.value for c in table.columns if c.estimates["lev"].t] == [1, 2]


def test_a_second_panel_begins_where_columns_are_numbered_again(tmp_path: Path) -> None:
    text = ",(1),(2)\nx,0.081,0.081\n,(0.30),(0.30)\nN,805,805\n,(3),(4)\nx,0.1,0.2\n,(0.1),(0.2)\nN,805,805\n"
    (table,) = tables(tmp_path, text)
    assert len(table.columns) == 4


def test_models_side_by_side_without_merged_cells(tmp_path: Path) -> None:
    text = ",(1) y,,(2) y,\n,Coefficient,t,Coefficient,t\nx,2.913,1.22,2.944,1.23\nv,0.5,2.1,0.6,2.2\n"
    (table,) = tables(tmp_path, text)
    assert [c.estimates["x"].t.value for c in table.columns if c.estimates["x"].t] == [1.22, 1.23]


def test_counts_with_blanks_between_thousands(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, ",(1),(2)\nx,0.5,0.6\n,(0.1),(0.2)\nDegrees of freedom,1 746,720\nN,1 750,724\n")
    assert [c.sizes["df"].value for c in table.columns] == [1746, 720]
    assert all(c.sizes["df"].place for c in table.columns)


def test_marks_of_footnotes_at_labels() -> None:
    assert [term_name(t) for t in ("Constant^1", "Market^a", "Market^2")] == ["constant", "market", "market^2"]


def test_letters_inside_a_cell() -> None:
    first, second = tokens("8.692^a {1.228}")
    assert (first.marks, second.bracket) == ("a", "{")


def test_numbers_of_a_cell_with_an_interval_are_printed_ones(tmp_path: Path) -> None:
    text = 'Table 1. Results,,\n,(1),(2)\nx,"-0.559*** (-0.787, -0.331)",0.459\nv,0.100,0.200\nR2,0.459,0.5\n'
    assert [
        f for f in checked(tmp_path, text, "In Table 1 the coefficient of x is -0.559.") if f.check == "claims"
    ] == []


def test_ratios_have_no_t_from_their_error(tmp_path: Path) -> None:
    """exp(b) = 0.30, error 0.08: b / se would be 3.7 for the ratio, ln b b / se is 4.5, and 1.05 / 0.6 is no test."""
    text = f"Table 1. Odds ratios,,\n,(1),(2)\nsize,1.050***,1.060***\n,(0.600),(0.010)\nN,500,500\n{STARS}{SE}"
    assert [
        f for f in checked(tmp_path, text, "In Table 1 size is significant at the 1% level.") if f.check == "claims"
    ] == []


def test_t_and_p_contradict_each_other_without_a_standard_error(tmp_path: Path) -> None:
    text = ",(1),,\n,Coef.,t,p\nx,-0.056,-1.46,0.515\nv,0.488,1.31,0.192\nN,750,,\n"
    assert [(f.check, f.grade) for f in checked(tmp_path, text)] == [("tests", "contradiction")]


def test_all_tests_of_an_estimate_share_their_degrees_of_freedom(tmp_path: Path) -> None:
    """An interval of 1.96 standard errors is one of many degrees of freedom, one star at t = 2.5 of few."""
    values = (("x", "2.500*", 0.54, 4.46), ("v", "4.000***", 2.04, 5.96), ("w", "5.000***", 3.04, 6.96))
    rows = "".join(f'{x},{b},"[{low:.3f}, {high:.3f}]"\n' for x, b, low, high in values)
    text = f',(1) y,\n,Coef.,95% CI\n{rows}N,500,\n"* p<0.10, ** p<0.05, *** p<0.01. 95% confidence intervals",,\n'
    assert [(f.check, f.where.split(", ")[-1]) for f in checked(tmp_path, text)] == [("stars", "x")]


def test_stars_below_a_bound_of_p(tmp_path: Path) -> None:
    """``<0.001`` is not two stars of 1 %, whatever the levels."""
    rows = "x,2.3**,6.80,<0.001\nv,1.9***,6.69,<0.001\nw,1.2***,6.10,<0.001\n"
    assert [f.where.split(", ")[-1] for f in checked(tmp_path, f",(1) y,,\n,Coef.,t,p\n{rows}N,860,,\n")] == ["x"]


def test_a_missing_star_is_judged_from_the_others(tmp_path: Path) -> None:
    head, foot = ",(1),(2)\n", f"N,5000,5000\nClusters,900,900\n{STARS}{SE}"
    forgotten = "x,0.50,0.50***\n,(0.05),(0.05)\nv,0.40***,0.40***\n,(0.05),(0.05)\n"
    assert [(f.grade, f.where) for f in checked(tmp_path, head + forgotten + foot)] == [("contradiction", "(1), x")]
    only_of_interest = "x,0.50***,0.50***\n,(0.05),(0.05)\nv,0.40,0.40\n,(0.05),(0.05)\n"
    assert checked(tmp_path, head + only_of_interest + foot) == []
    one_other = "x,0.50***,\n,(0.05),\nv,0.40,0.10\n,(0.05),(0.05)\n"
    assert [f.grade for f in checked(tmp_path, head + one_other + foot)] == ["doubt"]


def test_counts_are_exact(tmp_path: Path) -> None:
    """A doubt: a firm may have several rows in a year."""
    text = ",(1),(2)\nx,0.05,0.06\n,(0.05),(0.05)\nN,1075,900\nFirms,195,195\nYears,5,5\n"
    assert [(f.check, f.grade) for f in checked(tmp_path, text)] == [("N", "doubt")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("SOE (2)", "Non-SOE (3)"), ("(2) East", "(3) West"), ("东部 (2)", "西部 (3)"), ("Low (2)", "High (3)")],
)
def test_groups_that_share_no_row(one: str, other: str) -> None:
    assert are_opposite(one, other)
    assert not are_opposite(one, one)


def test_f_against_the_t_that_are_known(tmp_path: Path) -> None:
    """One coefficient prints as 0.00 (0.00): the others suffice."""
    rows = "x,0.00,0.00\n,(0.00),(0.00)\nv,2.78***,2.80***\n,(0.35),(0.35)\nN,516,516\nF,12.37,39.95\n"
    text = f",(1),(2)\n{rows}{STARS}{SE}"
    assert [(f.check, f.where) for f in checked(tmp_path, text)] == [("F", "(1)")]


def test_a_column_of_differences_with_a_word_under_it(tmp_path: Path) -> None:
    rows = "x,0.50***,0.30***,0.20\n,(0.05),(0.05),(0.07)\nN,500,400,\n"
    text = f",(1),(2),(2)-(1)\n,small,large,Difference\n{rows}{STARS}{SE}"
    assert [f.check for f in checked(tmp_path, text) if f.check == "printed differences"] == ["printed differences"]


def test_a_matrix_that_is_not_semidefinite_names_its_cells(tmp_path: Path) -> None:
    rows = "a,1.00,,,\nb,0.60,1.00,,\nc,0.60,0.60,1.00,\nd,-0.55,0.60,0.60,1.00\n"
    found = checked(tmp_path, f"Correlations,,,,\n,a,b,c,d\n{rows}")
    assert found
    assert all(f.cells for f in found)
    assert any("line 6, column 2" in f.cells for f in found)


def test_t_without_signs_are_a_doubt_where_one_coefficient_is_negative(tmp_path: Path) -> None:
    text = ",(1),,\n,Coef.,t,p\nx,-0.56,1.46,0.145\nv,0.488,1.31,0.191\nN,750,,\n"
    assert [(f.check, f.grade) for f in checked(tmp_path, text)] == [("signs", "doubt")]


def test_four_digits_that_two_variables_share_are_a_note(tmp_path: Path) -> None:
    text = ",Mean,SD,Min,Max\nsize,1.99,1.233,0,5\nlev,2.20,1.233,0,6\n"
    assert [f for f in checked(tmp_path, text) if f.check == "descriptives"] == []


def test_thousands_that_a_blank_separates_in_text_of_fixed_width(tmp_path: Path) -> None:
    text = """Table 1. Descriptive statistics
----------------------------
              N      Mean      SD
----------------------------
quality     1 106   -0.434    1.279
market      1 106    2.319    1.221
size          900   -7.419   12.336
----------------------------
"""
    (table,) = tables(tmp_path, text, "table1.txt")
    assert [row["n"].value for row in table.described[0].rows.values()] == [1106, 1106, 900]


def test_counts_of_two_columns_are_not_joined(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, ",Firms,N,Mean,SD\nquality,12,106,0.434,1.279\nmarket,12,106,2.319,1.221\n")
    assert [row["n"].value for row in table.described[0].rows.values()] == [106, 106]


def test_notes_that_begin_with_the_number_of_rows(tmp_path: Path) -> None:
    rows = "| a | 1.00 | |\n| b | 0.81 | 1.00 |\n| c | 0.02 | 0.10* |\n"
    text = f"Table 2. Correlations\n\n|  | a | b |\n|---|---|---|\n{rows}"
    (table,) = tables(tmp_path, f"{text}\n\nN = 1107\n\n\\* p<0.05, \\*\\* p<0.01\n", "table2.md")
    assert table.notes.nobs == 1107
    assert table.notes.levels == {"*": 0.05, "**": 0.01}


def test_a_lag_in_a_sentence_does_not_name_the_variable_itself(tmp_path: Path) -> None:
    text = f",(1),(2)\nsize,0.500***,\n,(0.050),\nL.size,,0.010\n,,(0.050)\nN,500,450\n{STARS}{SE}"
    found = checked(tmp_path, f"Table 1. Lags,,\n{text}", "In Table 1, L.size is significant at the 1% level.")
    assert [(f.check, f.where) for f in found] == [("claims", "L.size")]
