"""Flat text: tables whose cells are separated by single blanks, as copied from a PDF or from Word."""

from __future__ import annotations

from pathlib import Path

from printed_documents import read_text, shown, spans
from tablecheck import audit_table

REGRESSION = """The text says that firms grow. See
Table 4 for the estimates, which is no caption of its own.

 Table 5: Growth of firms and openness

 (1) (2) (3) (4)

 First stage All firms

VARIABLES growth sales growth sales

Openness 0.0486***  0.0534***{blank}

 (6.73)  (7.45){blank}

c. Size# c. Size -0.0061*** -0.0066*** 0.0010 0.0020

 (-6.75) (-7.37) (0.50) (0.60)

Constant    0.5539***
    (38.25)

Observations 594 594 600 600

Firm FE YES YES NO NO

T-statistics in parentheses

*** p<0.01, ** p<0.05, * p<0.1

5.3 Robustness

The next section examines other measures.
"""


def test_rows_of_flat_text_have_the_cells_that_single_blanks_separate(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.txt", REGRESSION.replace("{blank}", " "))
    (grid,) = document.grids
    assert grid.title == "Table 5: Growth of firms and openness"
    assert shown(grid) == [
        ["", "(1)", "(2)", "(3)", "(4)"],
        ["", "First stage", "", "All firms", ""],
        ["VARIABLES", "growth", "sales", "growth", "sales"],
        ["Openness", "0.0486***", "", "0.0534***", ""],
        ["", "(6.73)", "", "(7.45)", ""],
        ["c. Size# c. Size", "-0.0061***", "-0.0066***", "0.0010", "0.0020"],
        ["", "(-6.75)", "(-7.37)", "(0.50)", "(0.60)"],
        ["Constant", "", "", "", "0.5539***"],
        ["", "", "", "", "(38.25)"],
        ["Observations", "594", "594", "600", "600"],
        ["Firm FE", "YES", "YES", "NO", "NO"],
    ]
    assert spans(grid) == {"First stage": (2, 1), "All firms": (2, 1)}
    assert grid.notes == ("T-statistics in parentheses", "*** p<0.01, ** p<0.05, * p<0.1")
    assert "other measures" in document.text
    assert "0.0486" not in document.text
    assert audit_table(tmp_path / "a.txt").checked["coefficients"] == 7


def test_words_that_name_a_statistic_are_one_heading(tmp_path: Path) -> None:
    text = """Table 2: Descriptive statistics
 (1) (2) (3)
Variable Sample size Minimum value Standard deviation
Quality 596 0.401 0.107
Market 596 3.165 0.271
Scale 596 7.849 1.449
Table 3: Correlations
Variables (1) (2)
(1) quality 1.000
(2) market 0.192*** 1.000
(3) scale 0.217*** 0.154***
"""
    first, second = read_text(tmp_path, "a.txt", text).grids
    assert shown(first)[1] == ["Variable", "Sample size", "Minimum value", "Standard deviation"]
    assert (first.title, second.title) == ("Table 2: Descriptive statistics", "Table 3: Correlations")
    assert shown(second)[2] == ["(2) market", "0.192***", "1.000"]
    assert shown(second)[1] == ["(1) quality", "1.000", ""]
    assert second.doubts == ("Some rows have fewer cells than the table has columns. They are read from the left.",)


def test_a_ranking_without_numbered_columns_is_read(tmp_path: Path) -> None:
    rows = "".join(f"Region{i} 0.0{i + 10} {13 - i} 0.0{30 - i} {i}\n" for i in range(1, 13))
    text = f"Table 1 \n\nRanking of regions by an index from 2004 to 2013 \n\nRegion 2004 Rank 2013 Rank\n{rows}"
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert shown(grid)[:2] == [["Region", "2004", "Rank", "2013", "Rank"], ["Region1", "0.011", "12", "0.029", "1"]]
    assert len(grid.rows) == 13
