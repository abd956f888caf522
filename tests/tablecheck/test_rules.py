"""Rules that a table may follow if it does not state its own: the levels of stars, the degrees of freedom, brackets."""

from __future__ import annotations

import math
from pathlib import Path

from each import each
from tablecheck import audit_table
from tablecheck.checks.estimates import check_estimates
from tablecheck.checks.rules import df_range, rules
from tablecheck.digits import Printed
from tablecheck.documents import read_documents
from tablecheck.grid import Grid
from tablecheck.layout import read_table
from tablecheck.notes import Notes
from tablecheck.printed import Column, Estimate, PublishedTable


def read(tmp_path: Path, text: str) -> PublishedTable:
    path = tmp_path / "table1.csv"
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents([path])
    (grid,) = document.grids
    return read_table(grid)


def found(tmp_path: Path, levels: dict[str, float], t: dict[str, float]) -> dict[str, str]:
    """The grades of what is found in a table without a note that prints these marks, and a cell without, at these t.

    The term without a mark has the strictest one in the other column, at t = 9.
    """
    strictest = min(levels, key=lambda mark: levels[mark])
    rows = [f"of {NAMES[n]},{v / 10:.4f}{n},{v / 10:.4f}{n}\n,(0.1000),(0.1000)\n" for n, v in t.items() if n != "none"]
    rows += [f"none,{t['none'] / 10:.4f},0.9000{strictest}\n,(0.1000),(0.1000)\n"]
    text = ",(1),(2)\n" + "".join(rows) + FOOT
    return {f.where: f.grade for f in check_estimates(read(tmp_path, text))}


NAMES = {"+": "cross", "*": "one", "**": "two", "***": "three", "****": "four"}
FOOT = "N,5000,5000\nClusters,900,900\nStandard errors in parentheses,,\n"
CONVENTIONS = [
    {"*": 0.1, "**": 0.05, "***": 0.01},
    {"*": 0.05, "**": 0.01, "***": 0.001},
    {"*": 0.1, "**": 0.05, "***": 0.01, "****": 0.001},
    {"+": 0.1, "*": 0.05, "**": 0.01, "***": 0.001},
    {"+": 0.1, "*": 0.05, "**": 0.01},
    {"*": 0.05, "**": 0.01},
    {"*": 0.1, "**": 0.05},
    {"*": 0.05},
    {"*": 0.01, "**": 0.05, "***": 0.1},
]
"""Those of Stata's outreg2, esttab and estout, of R's stargazer (one to three stars), and of some journals."""
T = {0.1: 1.8, 0.05: 2.2, 0.01: 3.0, 0.001: 4.0}
"""A |t| that a table stars at this level, and at none that is stricter: the normal p is 0.07, 0.03, 0.003, 0.00006."""


@each("levels", CONVENTIONS)
def test_a_table_that_follows_a_convention_is_no_contradiction(levels: dict[str, float], tmp_path: Path) -> None:
    printed = {mark: T[level] for mark, level in levels.items()}
    largest = max(levels.values())
    assert found(tmp_path, levels, printed | {"none": {0.1: 1.5, 0.05: 1.8}[largest]}) == {}
    weak = next(mark for mark, level in levels.items() if level == largest)
    wrong = ("(1), none", f"(1), of{NAMES[weak]}", f"(2), of{NAMES[weak]}")
    assert found(tmp_path, levels, printed | {weak: 0.2, "none": 9.0}) == dict.fromkeys(wrong, "contradiction")


def number(text: str) -> Printed:
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    return Printed(float(text), float(text) - half, float(text) + half, text=text)


@each(
    ("sizes", "few"),
    [
        ({"df": "28", "clusters": "900", "n": "5000"}, 27.5),  # what is printed comes first
        ({"df": "1"}, 0.5),
        ({"clusters": "31", "n": "5000"}, 29.5),
        ({"clusters": "2"}, 0.5),
        ({"n": "5000"}, 4.0),  # five clusters that the table does not name
        ({"n": "5"}, 2.0),  # five rows, two coefficients and the constant
        ({"n": "3"}, 0.5),
        ({}, 4.0),
    ],
)
def test_fewest_degrees_of_freedom(sizes: dict[str, str], few: float) -> None:
    estimates = {name: Estimate(name, name) for name in ("x", "z")}
    column = Column("t", "(1)", "y", estimates, {name: number(text) for name, text in sizes.items()})
    assert df_range(column) == (few, math.inf)


@each(
    ("cells", "kinds"),
    [
        (("-0.50 (0.31)", "-0.40 (0.25)", "-0.60 (0.42)"), {"se", "p"}),  # a t has the sign of its coefficient
        (("-0.50 (0.31)", "-0.40 (0.25)"), {"se", "t", "p"}),  # two may be slips
        (("-0.50 (0.31)", "-0.40 (0.25)", "0.60 (0.42)"), {"se", "t", "p"}),
        (("0.00 (2.31)", "0.00 (1.25)", "0.00 (3.42)"), {"se", "t"}),  # zero has no sign to disagree with
        (("0.50 (2.31)", "-0.40 (-1.25)"), {"t"}),
    ],
)
def test_what_numbers_in_brackets_may_be(cells: tuple[str, ...], kinds: set[str], tmp_path: Path) -> None:
    split = [cell.split() for cell in cells]
    rows = "".join(f"v{n},{b}\n,{inside}\n" for n, (b, inside) in enumerate(split))
    table = read(tmp_path, f",(1)\n{rows}N,500\n")
    assert {rule.loose["("] for rule in rules(table)} == kinds


def test_rows_that_are_read_as_one_estimate_do_not_multiply_the_rules() -> None:
    loose = {key: number("0.5") for key in ("(", *(f"({n}" for n in range(2, 40)))}
    estimates = {"x": Estimate("x", "x", number("1.5"), loose=loose)}
    table = PublishedTable(Grid("t", ()), Notes(), (Column("t", "(1)", "y", estimates),))
    assert len(rules(table)) <= 3**4


FOUR_YEARS = """Regression with Driscoll-Kraay standard errors   Number of obs     =        80
Method: Pooled OLS                               Number of groups  =        20
Group variable (i): city                         {}
maximum lag: 1                                   Prob > F          =    0.0431
                                                 R-squared         =    0.4120

------------------------------------------------------------------------------
             |             Drisc/Kraay
        rent |      Coef.   Std. Err.      t    P>|t|     [95% Conf. Interval]
-------------+----------------------------------------------------------------
      income |   2.350000   .9104000     2.58   0.082    -.5472991     5.247299
       _cons |   14.20000   {}     2.90   {}    {}    29.75834
------------------------------------------------------------------------------
"""


@each("above", ["F(  1,     3)     =      6.66", "Wald chi2(1)      =      6.66"])
def test_three_degrees_of_freedom_are_those_next_to_f_or_of_the_intervals(above: str, tmp_path: Path) -> None:
    path = tmp_path / "rents.log"
    path.write_text(FOUR_YEARS.format(above, "4.888800", "0.062", "-1.358343"), encoding="utf-8")
    assert not [f for f in audit_table(path).findings if f.grade != "note"]
    path.write_text(FOUR_YEARS.format(above, "4.888800", "0.162", "-1.358343"), encoding="utf-8")
    assert {f.grade for f in audit_table(path).findings if f.grade != "note"} == {"contradiction"}
