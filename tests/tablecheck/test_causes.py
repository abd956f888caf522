"""A misprint is in one cell; many contradictions of one kind are one doubt about the reading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from each import each
from tablecheck import Finding, audit_table
from tablecheck.checks.estimates import check_estimates
from tablecheck.checks.gathered import local_only
from tablecheck.digits import Printed, tokens
from tablecheck.grid import Grid
from tablecheck.notes import Notes
from tablecheck.printed import Column, Estimate, PublishedTable

NOTE = '"Standard errors in parentheses. * p<0.10, ** p<0.05, *** p<0.01",,\n'
ROWS = "Treated,0.412,0.648***\n,(0.331),(0.102)\nPost,0.007,-0.043**\n,(0.006),(0.019)\n"


def claims(tmp_path: Path, text: str, suffix: str = ".csv") -> list[Finding]:
    path = tmp_path / f"table{suffix}"
    path.write_text(text, encoding="utf-8")
    return [f for f in audit_table(path).findings if f.grade != "note"]


def test_levels_that_do_not_fit_are_one_doubt_that_names_the_levels_that_do(tmp_path: Path) -> None:
    rows = "".join(f"x{n},{n / 10 + 0.2:.3f}{'*' * (n % 3 + 1)},({s})\n" for n, s in enumerate(SE))
    table = f",Coefficient,SE\n{rows}"
    note = '"* p<0.01, ** p<0.05, *** p<0.10",,\n'
    (one,) = claims(tmp_path, table + note)
    assert (one.check, one.grade) == ("stars", "doubt")
    assert "they all agree with stars at 10, 5 and 1%" in one.sentence
    assert not claims(tmp_path, table + '"* p<0.10, ** p<0.05, *** p<0.01",,\n')


SE = ["0.110", "0.140", "0.125", "0.280", "0.280", "0.220", "0.440", "0.420"]
"""With coefficients .2, .3, ... t is 1.8, 2.1, 3.2, 1.8, 2.1, 3.2, 1.8, 2.1: one, two, three stars at 10, 5 and 1%."""


def test_t_in_brackets_without_a_note_are_one_doubt(tmp_path: Path) -> None:
    rows = "Quantity,-.0530**,-.0479**\n,(6.196),(5.534)\nPolicy,-.1308**,-.1587**\n,(4.945),(5.686)\n"
    (one,) = claims(tmp_path, f",(1),(2)\n{rows}R2,.79,.80\n")
    assert one.grade == "doubt"
    assert "t statistics in place of standard errors" in one.sentence


def test_one_wrong_star_among_many_stays_a_contradiction(tmp_path: Path) -> None:
    (one,) = claims(tmp_path, f",(1),(2)\n{ROWS.replace('0.412,', '0.412***,')}{NOTE}")
    assert (one.grade, one.where) == ("contradiction", "(1), treated")


def test_an_unstated_bracket_is_no_ground_for_a_contradiction_in_a_small_table(tmp_path: Path) -> None:
    table = "4+ years before,.596,.587\n,(1.43),(1.42)\n,{.701},{.686}\n2 years before,-.094,-.099\n"
    found = claims(tmp_path, f",(1),(2)\n{table},(.897),(.895)\n,{{.914}},{{.920}}\nN,6033,6033\n")
    assert [f.grade for f in found] == ["doubt"]


@each(
    "sentence",
    [
        "The sample is a 60% random sample of firms.",
        "The figure shows a 95% confidence interval.",
        "Attrition is balanced (see Appendix Table A.9).",
        "This is Table B.1 of the appendix.",
    ],
)
def test_a_single_letter_is_no_mark_of_significance(sentence: str, tmp_path: Path) -> None:
    assert not claims(tmp_path, f",(1),(2)\n{ROWS}{NOTE.replace('Standard', f'{sentence} Standard')}")


def test_letters_that_a_note_explains_are_marks(tmp_path: Path) -> None:
    rows = ROWS.replace("0.648***", "0.648^a").replace("-0.043**", "-0.043^a")
    note = '"Standard errors in parentheses. a p<0.01, b p<0.05, c p<0.10",,\n'
    (one,) = claims(tmp_path, f",(1),(2)\n{rows}{note}")
    assert one.where == "(2), post"


def test_a_row_of_tests_belongs_to_no_estimate(tmp_path: Path) -> None:
    rows = "French origin,0.51,0.40\n,(0.69),(0.60)\np-value for religion variables,[0.42],[0.30]\n"
    rest = "Protection,1.10***,1.20***\n,(0.30),(0.31)\nNumber of observations,64,64\n"
    assert not claims(tmp_path, f",(1),(2)\n{rows}{rest}")


def test_ratios_are_told_by_a_heading_in_brackets(tmp_path: Path) -> None:
    rows = "Students,0.018**,1.018**\n,(0.006),(0.006)\nPolyarchy,-0.774*,0.461*\n,(0.340),(0.157)\n"
    note = '"* p < 0.05, ** p < 0.01, *** p < 0.001",,\n'
    assert not claims(tmp_path, f",Poisson,Poisson (IRR)\n{rows}{note}")
    assert claims(tmp_path, f",Poisson,Poisson two\n{rows}{note}")


def test_years_are_not_counted_as_periods(tmp_path: Path) -> None:
    rows = "Age,0.120***,0.130***\n,(0.010),(0.011)\nN,4308,1308\n"
    assert not claims(tmp_path, f",Model 1,Model 2\n{rows}Years,1995-2011,2011\n")
    assert [f.check for f in claims(tmp_path, f",Model 1,Model 2\n{rows}Years,17,1409\n")] == ["N"]


def test_columns_with_other_effects_need_not_add_up(tmp_path: Path) -> None:
    heads = ",Full sample,Full sample,High seasons,High seasons,Low seasons,Low seasons\n,(1),(2),(3),(4),(5),(6)\n"
    rows = "Plant,-9.3***,-5.1***,-23.4***,-11.5***,0.9,-0.5\n,(2.6),(1.4),(5.8),(3.2),(1.1),(0.5)\n"
    effects = "Year effects,Yes,No,Yes,No,Yes,No\nPlant-month effects,No,Yes,No,Yes,No,Yes\n"
    table = f"{heads}{rows}{effects}Observations,{{}},{{}},90630,90345,126882,126483\n"
    assert not claims(tmp_path, table.format(217512, 216828))
    assert {f.check for f in claims(tmp_path, table.format(217511, 216828))} == {"sums of N"}


def test_the_degrees_of_freedom_next_to_an_f_count(tmp_path: Path) -> None:
    table = ",Profit\nStaff,3.957*\n,(0.485)\nRevenue,0.0004\n,(0.004)\nF Statistic,{}\nObservations,13\n"
    note = "Standard errors in parentheses. * p<0.1; ** p<0.05; *** p<0.01,\n"
    assert not claims(tmp_path, table.format('"37.223 (df = 4; 1)"') + note)
    assert claims(tmp_path, table.format("37.223") + note)


def test_an_estimate_may_have_its_own_degrees_of_freedom(tmp_path: Path) -> None:
    heads = ",Coefficient,SE,95% CI low,95% CI high,t,df,p\n"
    rows = "(Intercept),2.00,0.57,0.07,3.93,3.53,{},0.046\nLength,0.28,0.06,0.16,0.40,4.58,140.98,< .001\n"
    assert not claims(tmp_path, heads + rows.format("2.67"))
    assert [f.where for f in claims(tmp_path, heads + rows.format("60.5"))] == ["the column, constant"]


def test_p_is_only_as_exact_as_the_machine(tmp_path: Path) -> None:
    row = "z,3.644556,.4443773,8.201488,{},2.773592,4.515519\n"
    heads = ",coef,se,z,p,lower CI,upper CI\n"
    other = "x,.416768,.189209,2.202685,.0276169,.0459251,.7876109\n"
    assert not claims(tmp_path, heads + row.format("2.22e-16") + other)
    assert claims(tmp_path, heads + row.format(".2") + other)


@each("upper", ["9.050384", "6.050384"])
def test_a_wrong_end_of_an_interval_is_found_beside_one_exact_interval(upper: str, tmp_path: Path) -> None:
    heads = ",Coefficient,Std. err.,t,P>|t|,95% CI low,95% CI high\n"
    rows = "x,.0370568,.020179,1.84,0.068,-.0026937,.0768073\n_cons,6.569106,.2443161,26.89,0.000,6.087828,{}\n"
    assert not claims(tmp_path, heads + rows.format("7.050384"))
    assert [(f.grade, f.where) for f in claims(tmp_path, heads + rows.format(upper))] == [
        ("contradiction", "the column, constant")
    ]


def test_two_estimates_that_are_read_as_one_are_never_a_contradiction(tmp_path: Path) -> None:
    rows = "mpg,6,-83.1***\n,,(416.8)\n,8,-120.2\n,,(508.8)\nhp,6,16.2\n,,(81.8)\n,8,20.3\n,,(87.8)\n"
    assert "contradiction" not in {f.grade for f in claims(tmp_path, f",response,(1)\n{rows}")}


def test_a_note_in_bold_is_a_note(tmp_path: Path) -> None:
    rows = "| |(1) |(2) |\n|:--|:-:|:-:|\n|mpg |-9.417* |-0.078* |\n| |(2.676) |(0.004) |\n|hp |0.013 |-0.089+ |\n"
    text = f"{rows}| |(0.012) |(0.050) |\n|N |32 |32 |\n\n__Note:__\n+ p < 0.1, * p < 0.01\n"
    assert not claims(tmp_path, text, ".txt")


@each(("agree", "grade"), [(2, "doubt"), (5, "contradiction")])
def test_a_contradiction_in_a_pdf_needs_cells_that_confirm_how_it_was_read(agree: int, grade: str) -> None:
    """The same table read from a page, where cells are found by their place, and from a file with cells."""

    def number(text: str) -> Printed:
        return tokens(text)[0].values[0]

    def estimate(name: str, b: str) -> Estimate:
        return Estimate(name, name, number(b), number("(0.100)"))

    estimates = {"wrong": estimate("wrong", "0.100***")}
    estimates |= {f"x{n}": estimate(f"x{n}", "0.500***") for n in range(agree)}
    notes = Notes(levels={"*": 0.1, "**": 0.05, "***": 0.01}, brackets={"(": "se"})
    columns = (Column("t", "(1)", "y", estimates, notes=notes),)
    page = PublishedTable(Grid("t", (), file="paper.pdf"), notes, columns)
    assert [f.grade for f in check_estimates(page)] == [grade]
    file = replace(page, grid=Grid("t", (), file="table.csv"))
    assert [f.grade for f in check_estimates(file)] == ["contradiction"]


NESTED = ",{},{}\n,(1),(2)\nSize,0.50***,0.40***\n,(0.05),(0.05)\nAge,,0.30***\n,,(0.05)\nN,900,900\nR2,0.150,0.040\n"


def test_r2_of_another_outcome_may_be_smaller(tmp_path: Path) -> None:
    assert [f.check for f in claims(tmp_path, NESTED.format("Exports", "Exports"))] == ["R2"]
    assert not claims(tmp_path, NESTED.format("Accidents", "Drugs"))


def contradictions(count: int, check: str = "descriptives") -> list[Finding]:
    return [
        Finding(check, "contradiction", "t", f"x{n}", "mean outside [0, 1]", cells=(f"B{n}",)) for n in range(count)
    ]


def test_many_contradictions_of_one_check_are_one_doubt() -> None:
    few, many = contradictions(3), contradictions(8)
    assert local_only(few, frozenset()) == few
    (one,) = local_only(many, frozenset())
    assert (one.grade, len(one.cells)) == ("doubt", 8)
    assert "8 contradictions of this kind" in one.sentence


def test_a_page_is_no_ground_to_contradict_a_statistic() -> None:
    assert [f.grade for f in local_only(contradictions(1), frozenset({"t"}))] == ["doubt"]
    assert [f.grade for f in local_only(contradictions(1, "stars"), frozenset({"t"}))] == ["contradiction"]


def test_exponentiated_coefficients_that_nothing_states_are_one_doubt(tmp_path: Path) -> None:
    rows = "Share,0.312*,0.106***\n,(0.211),(0.083)\nUnion,1.240,1.652***\n,(0.180),(0.175)\nAge,1.110***,1.008\n"
    note = '"Standard errors in parentheses. * p<0.10, ** p<0.05, *** p<0.01",,\n'
    (one,) = claims(tmp_path, f",(1),(2)\n{rows},(0.030),(0.012)\nN,4306,4306\n{note}")
    assert (one.grade, one.check) == ("doubt", "stars")
    assert "they all agree with exponentiated coefficients" in one.sentence


def test_a_row_whose_brackets_do_not_fit_is_said_to_hold_something_else(tmp_path: Path) -> None:
    rows = "".join(f"x{n},0.50,0.40\n,(0.25),(0.20)\n,[2.00],[2.00]\n" for n in range(4))
    wrong = "2SLS,0.0675,0.0809\n,(0.0280),(0.0272)\n,[0.96],[0.90]\n"
    found = claims(tmp_path, f",(1),(2)\n{rows}{wrong}N,900,900\n")
    (one,) = [f for f in found if f.check == "tests"]
    assert (one.grade, one.where) == ("doubt", "2sls")
    assert "the numbers below this term may belong to something else" in one.sentence
