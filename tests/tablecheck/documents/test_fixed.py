"""Text of fixed width as packages print it."""

from __future__ import annotations

from pathlib import Path

import pytest

from printed_documents import read_text, spans, texts
from tablecheck.auditing import read_printed
from tablecheck.documents import read_documents

ESTTAB = """
. esttab m1 m2, se

Table 1: Prices
--------------------------------------------
                      (1)             (2)
                    price           price
--------------------------------------------
mpg                -238.9***       -49.51
                   (53.08)         (86.16)

weight                              1.747**
                                  (0.641)
--------------------------------------------
Observations           74              74
R-squared           0.220           0.293
--------------------------------------------
Standard errors in parentheses
* p<0.05, ** p<0.01, *** p<0.001

The second model says more.
"""


def test_esttab(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.txt", ESTTAB)
    (grid,) = document.grids
    assert texts(grid) == [
        ["", "(1)", "(2)"],
        ["", "price", "price"],
        ["mpg", "-238.9***", "-49.51"],
        ["", "(53.08)", "(86.16)"],
        ["weight", "", "1.747**"],
        ["", "", "(0.641)"],
        ["Observations", "74", "74"],
        ["R-squared", "0.220", "0.293"],
    ]
    assert (grid.title, sorted(grid.ruled), grid.doubts) == ("Table 1: Prices", [0, 2, 6], ())
    assert grid.notes == ("Standard errors in parentheses", "* p<0.05, ** p<0.01, *** p<0.001")
    assert "The second model says more." in document.text
    assert grid.rows[2][1].place == "line 9, column 2"


STARGAZER = """
Results
==========================================================================
                                     Dependent variable:
                    ------------------------------------------------------
                                         mpg                         am
                                         OLS                      logistic
                             (1)                    (2)             (3)
--------------------------------------------------------------------------
hp                        -0.068***               -0.135**         -0.008
                           (0.010)                (0.055)         (0.006)





--------------------------------------------------------------------------
Observations                  32                     32              32
F Statistic         45.460*** (df = 1; 30) 25.130*** (df = 4; 27)
==========================================================================
Note:                                          *p<0.1; **p<0.05; ***p<0.01
"""


def test_stargazer_headings_stand_over_several_columns(tmp_path: Path) -> None:
    (grid,) = read_text(tmp_path, "a.txt", STARGAZER).grids
    assert spans(grid) == {"Dependent variable:": (3, 1), "mpg": (2, 1), "OLS": (2, 1)}
    assert texts(grid)[4:6] == [["hp", "-0.068***", "-0.135**", "-0.008"], ["", "(0.010)", "(0.055)", "(0.006)"]]
    assert texts(grid)[-1][:3] == ["F Statistic", "45.460*** (df = 1; 30)", "25.130*** (df = 4; 27)"]
    assert (grid.title, grid.notes) == ("Results", ("Note: *p<0.1; **p<0.05; ***p<0.01",))


def test_statsmodels_columns_that_one_blank_divides(tmp_path: Path) -> None:
    text = """
==============================================
                  y I       y II      y III
----------------------------------------------
Intercept      1.0207*** 0.9942***  0.9920***
               (0.0708)  (0.0679)   (0.0679)
z                        -0.3037*** -0.3016***
                         (0.0632)   (0.0661)
R-squared Adj. 0.1833    0.2591     0.2565
N              200       200        200
==============================================
Standard errors in parentheses.
* p<.1, ** p<.05, ***p<.01"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert texts(grid) == [
        ["", "y I", "y II", "y III"],
        ["Intercept", "1.0207***", "0.9942***", "0.9920***"],
        ["", "(0.0708)", "(0.0679)", "(0.0679)"],
        ["z", "", "-0.3037***", "-0.3016***"],
        ["", "", "(0.0632)", "(0.0661)"],
        ["R-squared Adj.", "0.1833", "0.2591", "0.2565"],
        ["N", "200", "200", "200"],
    ]
    assert grid.doubts == ()


def test_statsmodels_summary_is_three_tables(tmp_path: Path) -> None:
    text = """
                            OLS Regression Results
==============================================================================
Dep. Variable:                      y   R-squared:                       0.267
No. Observations:                 200   AIC:                             551.4
Covariance Type:                  HC1
==============================================================================
                 coef    std err          z      P>|z|      [0.025      0.975]
------------------------------------------------------------------------------
Intercept      0.9942      0.068     14.651      0.000       0.861       1.127
x              0.4765      0.069      6.896      0.000       0.341       0.612
==============================================================================
Omnibus:                        1.326   Durbin-Watson:                   1.900
Skew:                           0.006   Prob(JB):                        0.548
==============================================================================
"""
    first, second, third = read_text(tmp_path, "a.txt", text).grids
    assert texts(first)[:2] == [
        ["Dep. Variable:", "y", "R-squared:", "0.267"],
        ["No. Observations:", "200", "AIC:", "551.4"],
    ]
    assert texts(second) == [
        ["", "coef", "std err", "z", "P>|z|", "[0.025", "0.975]"],
        ["Intercept", "0.9942", "0.068", "14.651", "0.000", "0.861", "1.127"],
        ["x", "0.4765", "0.069", "6.896", "0.000", "0.341", "0.612"],
    ]
    assert texts(third)[0] == ["Omnibus:", "1.326", "Durbin-Watson:", "1.900"]
    assert {g.title for g in (first, second, third)} == {"OLS Regression Results"}


def test_bars_and_corners(tmp_path: Path) -> None:
    text = """
+-------------+-----------+-----------+
|             | OLS                   |
+-------------+-----------+-----------+
|             | (1)       | (2)       |
+=============+===========+===========+
| (Intercept) | 30.099*** | 39.686    |
+-------------+-----------+-----------+
|             | (1.634)   |           |
+=============+===========+===========+
| + p < 0.1, * p < 0.05, ** p < 0.01  |
+=============+===========+===========+
Table: A caption below
"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert texts(grid) == [
        ["", "OLS", ""],
        ["", "(1)", "(2)"],
        ["(Intercept)", "30.099***", "39.686"],
        ["", "(1.634)", ""],
    ]
    assert (grid.rows[0][1].width, grid.head, grid.title) == (2, 2, "A caption below")
    assert grid.notes == ("+ p < 0.1, * p < 0.05, ** p < 0.01",)


def test_rules_that_draw_columns(tmp_path: Path) -> None:
    text = """
                               m1                  m2
Dependent Var.:               mpg                 mpg

hp              -0.068*** (0.010)   -0.0231. (0.0120)
Fixed-Effects:  ----------------- -------------------
cyl                            No                 Yes
_______________ _________________ ___________________
Observations                   32                  32
Within R2                      --             0.46632
---
Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1
"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert texts(grid) == [
        ["", "m1", "m2"],
        ["Dependent Var.:", "mpg", "mpg"],
        ["hp", "-0.068*** (0.010)", "-0.0231. (0.0120)"],
        ["Fixed-Effects:", "", ""],
        ["cyl", "No", "Yes"],
        ["Observations", "32", "32"],
        ["Within R2", "--", "0.46632"],
    ]
    assert grid.notes[-1].startswith("Signif. codes")


def test_chinese_characters_take_two_columns(tmp_path: Path) -> None:
    text = """表1 描述统计
======================================
变量          样本量    均值    标准差
--------------------------------------
市场一体化     1,200   0.531     0.120
质量           1,200   0.662     0.301
======================================
注：数据来源于作者计算。
"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert texts(grid) == [
        ["变量", "样本量", "均值", "标准差"],
        ["市场一体化", "1,200", "0.531", "0.120"],
        ["质量", "1,200", "0.662", "0.301"],
    ]
    assert (grid.title, grid.notes) == ("表1 描述统计", ("注：数据来源于作者计算。",))


def test_numbers_that_share_their_place_are_doubted(tmp_path: Path) -> None:
    text = "\n".join(["-" * 40, "x    1.00  2.00", "y  123.45678", "z       1234.5678", "-" * 40, ""])
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert grid.doubts


def test_prose_is_no_table(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.txt", "In 2010 the share was 0.5.\n\nIt rose to 0.7 in 2020, by 40 %.\n")
    assert document.grids == ()
    assert "0.7 in 2020" in document.text


def test_headings_stand_over_the_brackets_beside(tmp_path: Path) -> None:
    text = """
------------------------------------------------------------------
                      (1)                        (2)
                    lnexp                      lnexp
------------------------------------------------------------------
integ               2.961***      (0.630)      2.551***    (0.549)
size                                           0.579***    (0.038)
------------------------------------------------------------------
N                     600                        582
------------------------------------------------------------------
"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert [(c.text, c.width) for c in grid.rows[0] if c.text] == [("(1)", 2), ("(2)", 2)]
    assert texts(grid)[2:4] == [
        ["integ", "2.961***", "(0.630)", "2.551***", "(0.549)"],
        ["size", "", "", "0.579***", "(0.038)"],
    ]


def test_brackets_that_one_blank_divides(tmp_path: Path) -> None:
    text = """
================================
               lnexp I  lnexp II
--------------------------------
Intercept      1.4451   0.3774
               (0.5342) (0.5022)
R-squared Adj. 0.4020   0.3829
================================
"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert texts(grid)[1:] == [
        ["Intercept", "1.4451", "0.3774"],
        ["", "(0.5342)", "(0.5022)"],
        ["R-squared Adj.", "0.4020", "0.3829"],
    ]


def test_names_of_parts_belong_to_the_table(tmp_path: Path) -> None:
    text = """
------------------------------
                 East     West
Panel A: Exports

Market           0.91    4.20*
               (0.94)   (0.91)

Panel B: Quality

Market           1.52    0.61
               (0.79)   (1.08)
------------------------------
"""
    (grid,) = read_text(tmp_path, "a.txt", text).grids
    assert [row[0] for row in texts(grid)] == ["", "Panel A: Exports", "Market", "", "Panel B: Quality", "Market", ""]


ECHOED = """                          static
Dependent Var.:           profit

treat = TRUE    2.152*** (0.0476)
size            0.310*   (0.1520)
_______________ _________________
Observations               46,500
R2                        0.33790
---
Signif. codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1
"""


@pytest.mark.parametrize("sign", ["#>", "##"])
def test_output_that_knitr_echoes_is_read_as_output(sign: str, tmp_path: Path) -> None:
    plain, echoed = tmp_path / "plain.txt", tmp_path / "echoed.txt"
    plain.write_text(ECHOED, encoding="utf-8")
    echoed.write_text("".join(f"{sign} {line}\n" for line in ECHOED.splitlines()), encoding="utf-8")
    grids = [read_documents([path])[0].grids for path in (plain, echoed)]
    assert [[c.text for c in row] for row in grids[0][0].rows] == [[c.text for c in row] for row in grids[1][0].rows]


def test_a_broken_rule_over_groups_of_columns_does_not_join_them(tmp_path: Path) -> None:
    path = tmp_path / "julia.txt"
    path.write_text(
        "---------------------------------------------------\n"
        "               Width             Length            \n"
        "             ----------   ---------------------    \n"
        "                    (1)         (2)         (3)    \n"
        "---------------------------------------------------\n"
        "Width                       -0.2234   0.3991***    \n"
        "                           (0.1551)    (0.0911)    \n"
        "Petal        0.5059***                0.9721***    \n"
        "              (0.1031)                 (0.0521)    \n"
        "---------------------------------------------------\n"
        "N                  150          150         150    \n"
        "---------------------------------------------------\n",
        encoding="utf-8",
    )
    (table,) = read_printed(path)
    assert [[e.b.text for e in c.estimates.values() if e.b] for c in table.columns] == [
        ["0.5059***"],
        ["-0.2234"],
        ["0.3991***", "0.9721***"],
    ]
