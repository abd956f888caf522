"""True tables in forms that journals use and that were once called contradictory."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each
from rawcells.errors import Unreadable
from tablecheck import LITERATURE, Finding, audit_table, read_printed

HEAD = "Table 3,,\n,Sales,Profit\n,(1),(2)\n"
FOOT = '"*, **, *** denote significance at the 10, 5 and 1 percent level. Standard errors in parentheses. '


def claims(tmp_path: Path, text: str, suffix: str = ".csv") -> list[Finding]:
    path = tmp_path / f"table{suffix}"
    path.write_text(text, encoding="utf-8")
    return [f for f in audit_table(path, checks=LITERATURE).findings if f.grade != "note"]


@each(
    "source",
    [
        "Wild cluster bootstrap p-values",
        "Randomization-inference p-values",
        "Anderson-Rubin p-values",
        "Weak-instrument robust p-values",
        "Romano-Wolf stepdown p-values",
        "FDR-adjusted p-values",
        "p-values adjusted for multiple hypothesis testing",
        "Family-wise error rate adjusted p-values",
        "p-values of the Westfall-Young procedure",
        "p-values of Fisher's exact test",
    ],
)
def test_p_of_another_test_need_not_be_that_of_the_standard_error(source: str, tmp_path: Path) -> None:
    rows = "Training,0.261**,-0.015\n,(0.105),(0.066)\n,[0.038],[0.934]\nCash,0.131,0.205***\n,(0.106),(0.069)\n"
    said = f"{HEAD}{rows},[0.482],[0.012]\nObservations,1440,1440\n{FOOT}{source} in brackets."
    assert not claims(tmp_path, f'{said}"\n')
    plain = said.replace(source, "p-values")
    assert {f.grade for f in claims(tmp_path, f'{plain}"\n')} == {"contradiction"}
    neither = said.replace("-0.015,", "-0.015***,").replace("-0.015\n", "-0.015***\n")
    assert [f.check for f in claims(tmp_path, f'{neither}"\n')] == ["stars"]


MATRIX = "Table 2. Correlations,,,,\n,a,b,c,d\na,{},,,\nb,0.31,{},,\nc,-0.12,0.22,{},\nd,0.05,0.41,0.33,{}\n"


def test_reliabilities_on_the_diagonal_are_no_correlations(tmp_path: Path) -> None:
    assert not claims(tmp_path, MATRIX.format("0.82", "0.79", "0.91", "0.74"))
    found = claims(tmp_path, MATRIX.format("1.00", "1.00", "0.91", "1.00"))
    assert [f.sentence for f in found] == ["the correlation of c with itself is 0.91"]


def test_pairwise_deletion_may_leave_a_matrix_that_no_variables_have(tmp_path: Path) -> None:
    matrix = "Table 2. Correlations,,,\n,A,B,C\nA,1,,\nB,0.900,1,\nC,0.900,0.300,1\n"
    assert {f.grade for f in claims(tmp_path, matrix)} == {"contradiction"}
    assert {f.grade for f in claims(tmp_path, f"{matrix}Note: pairwise deletion of missing values.,,,\n")} == {"doubt"}


def test_the_interval_of_exp_b_is_not_that_of_b(tmp_path: Path) -> None:
    heads = (
        "<tr><th rowspan=2></th><th rowspan=2>B</th><th rowspan=2>S.E.</th><th rowspan=2>Sig.</th>"
        "<th rowspan=2>Exp(B)</th><th colspan=2>95% C.I. for EXP(B)</th></tr><tr><th>Lower</th><th>Upper</th></tr>"
    )
    values = [
        ("soe", ".305", ".196", ".120", "1.357", ".924", "1.992"),
        ("tar", "-.062", ".021", ".003", ".940", ".902", ".978"),
        ("lev", ".337", ".456", ".460", "1.401", ".574", "3.424"),
    ]
    rows = "".join(f"<tr>{''.join(f'<td>{v}</td>' for v in row)}</tr>" for row in values)
    assert not claims(tmp_path, f"<table>{heads}{rows}</table>", ".html")
    wrong = rows.replace(".003", ".300")
    assert [f.where for f in claims(tmp_path, f"<table>{heads}{wrong}</table>", ".html")]


def test_firms_and_years_do_not_bound_rows_that_are_finer(tmp_path: Path) -> None:
    rows = "Tariff,-0.051***\n,(0.006)\nNumber of firms,60\nNumber of years,6\nObservations,1440\n"
    assert [f.grade for f in claims(tmp_path, f"Table 1,\n,(1)\n{rows}")] == ["doubt"]
    assert not claims(tmp_path, f"Table 1,\n,(1)\n{rows}A row is a firm-product-year; standard errors in brackets.,\n")


def test_dense_ranks_are_ranks(tmp_path: Path) -> None:
    rows = "Region,Index,Rank\nA,5.9,1\nB,5.7,2\nC,5.7,2\nD,5.5,3\nE,5.1,4\n"
    assert not claims(tmp_path, f"Table 2. Ranks,,\n{rows}")
    assert claims(tmp_path, f"Table 2. Ranks,,\n{rows.replace('5.1,4', '5.1,3').replace('5.5,3', '5.5,4')}")


def test_the_turn_of_a_centred_variable_may_be_in_its_own_units(tmp_path: Path) -> None:
    rows = "Age,0.0218***\n,(0.0025)\nAge squared,-0.0039***\n,(0.0002)\nTurning point,25.05\nObservations,1440\n"
    assert [f.check for f in claims(tmp_path, f"Table 4,\n,(1)\n{rows}")] == ["printed turning point"]
    assert not claims(tmp_path, f"Table 4,\n,(1)\n{rows}Note: age is mean-centred. Standard errors in parentheses.,\n")


def test_a_part_of_another_outcome_may_have_more_rows_than_the_whole(tmp_path: Path) -> None:
    heads = "Table 8,,,\n,Full sample,SOE,SOE\n,Quality,Quality,{}\n,(1),(2),(3)\n"
    rows = "Tariff,-0.051***,-0.032***,-0.022***\n,(0.006),(0.009),(0.004)\nObservations,1440,492,3444\n"
    assert not claims(tmp_path, heads.format("Price") + rows)
    assert {f.check for f in claims(tmp_path, heads.format("Quality") + rows)} == {"sums of N"}


def test_a_negative_r2_of_instrumented_columns_is_no_doubt(tmp_path: Path) -> None:
    rows = "Imports,0.524***\n,(0.148)\nObservations,1440\nR-squared,-0.706\n"
    assert not claims(tmp_path, f"Table 4. IV estimates,\n,(1)\n{rows}")
    assert claims(tmp_path, f"Table 4. Estimates,\n,(1)\n{rows}")


RATIOS = (
    ("old", "1.11", "0.80", "1.53", "0.531"),
    ("big", "1.63", "1.17", "2.26", "0.003"),
    ("soe", "1.51", "1.08", "2.11", "0.015"),
    ("lev", "1.12", "0.50", "2.49", "0.787"),
)


@each("cell", ["{b},{low}-{high}", "{b},{low}–{high}", '{b},"{low}, {high}"', "{b},{low} to {high}"])
@each("head", ["OR", "aOR", "Hazard ratio", "exp(b)"])
def test_ratios_in_the_middle_of_logarithms_need_no_word_that_says_so(head: str, cell: str, tmp_path: Path) -> None:
    rows = [f"{v},{cell.format(b=b, low=low, high=high)},{p}" for v, b, low, high, p in RATIOS]
    text = "\n".join(["Table 2. Factors of exporting,,,", f",{head},95% CI,P", *rows, ""])
    assert not claims(tmp_path, text)
    assert [f.where.split(", ")[-1] for f in claims(tmp_path, text.replace("1.63", "1.36"))] == ["big"]
    assert [f.where.split(", ")[-1] for f in claims(tmp_path, text.replace("0.015", "0.150"))] == ["soe"]


@pytest.mark.parametrize("between", ["-", "–", ", ", " to "])
def test_ratios_with_their_intervals_in_the_cell(between: str, tmp_path: Path) -> None:
    rows = [f"| {v} | {b} ({low}{between}{high}) | {p} |" for v, b, low, high, p in RATIOS]
    head = "| | Adjusted OR (95% CI) | P value |\n|--|--|--|\n| State | 1 [Reference] | |\n"
    assert not claims(tmp_path, head + "\n".join(rows) + "\n", ".md")
    wrong = [row.replace("1.63", "1.36") for row in rows]
    assert {f.where.split(", ")[-1] for f in claims(tmp_path, head + "\n".join(wrong) + "\n", ".md")} == {"big"}


def test_the_first_variable_of_a_matrix_is_no_heading(tmp_path: Path) -> None:
    path = tmp_path / "matrix.csv"
    path.write_text("Table 2. Correlations,,,\n,A,B,C\nA,1,,\nB,0.9,1,\nC,0.9,0.3,1\n", encoding="utf-8")
    assert len(audit_table(path).tables[0].correlated.cells) == 6  # type: ignore[union-attr]


@pytest.mark.parametrize("names", [("q1", "q2", "q3"), ("25%", "50%", "75%")])
def test_items_and_quantile_regressions_are_no_quantiles(names: tuple[str, str, str], tmp_path: Path) -> None:
    one, two, three = names
    rows = f"{one},.82,.10,.68\n{two},.79,.05,.63\n{three},.12,.88,.79\nEigenvalue,2.1,1.4,\n"
    path = tmp_path / "items.csv"
    path.write_text(f"Table 2. Factor loadings,,,\nItem,F1,F2,h2\n{rows}", encoding="utf-8")
    with pytest.raises(Unreadable):
        audit_table(path)
    text = f"Table 5. Quantile regressions,,,\n,{one},{two},{three}\nTariff,-0.055***,-0.048***,-0.051***\n"
    assert not claims(tmp_path, f"{text},(0.009),(0.008),(0.008)\nN,1440,1440,1440\n")


APA = (
    "Variable,M,SD,1,2,3,4\n1. Quality,1.93,1.34,{0},,,\n2. Tariff,6.51,4.78,-.14*,{0},,\n"
    "3. Size,4.98,1.26,.15*,.13,{0},\n"
    "4. Skill,1.47,1.13,.23**,-.03,.38**,{0}\n"
)


@each("diagonal", ["", "—", "(.85)", ".85", "1", "1.00"])
def test_a_matrix_with_numbers_over_its_columns(diagonal: str, tmp_path: Path) -> None:
    text = f"{APA.format(diagonal)}Note. N = 212. * p < .05. ** p < .01.,,,,,,\n"
    path = tmp_path / "apa.csv"
    path.write_text(text, encoding="utf-8")
    found = audit_table(path, checks=LITERATURE)
    assert found.tables[0].correlated is not None
    assert found.tables[0].correlated.names == ("quality", "tariff", "size", "skill")
    assert not [f for f in found.findings if f.grade != "note"]
    assert [f.where for f in claims(tmp_path, text.replace(",.13,", ",.13**,"))] == ["size and tariff"]
    assert not claims(tmp_path, text.replace(",.13,", ",.13*,").replace("212", "205-212"))
    assert not claims(tmp_path, text.replace(",.13,", ",.13*,").replace("05.", "05, one-tailed."))


def test_a_beta_beside_b_is_standardised(tmp_path: Path) -> None:
    rows = "Age,-.012,.016,-.05,-.72,.475\nSize,.171,.074,.16,2.31,.022\nTariff,-.040,.019,-.14,-2.09,.038\n"
    text = f"Variable,B,SE B,β,t,p\n{rows}Note. N = 212.,,,,,\n"
    assert not claims(tmp_path, text)
    assert [f.where.split(", ")[-1] for f in claims(tmp_path, text.replace(".074", ".047"))] == ["size"]


def test_what_is_said_of_a_wrong_matrix(tmp_path: Path) -> None:
    text = f"{APA.format('')}Note. N = 212. * p < .05. ** p < .01.,,,,,,\n"
    none = claims(tmp_path, text.replace(".38**", ".38"))
    assert [f.sentence for f in none] == [".38 over 212 rows has p < 0.001: no star is printed"]
    more = claims(tmp_path, text.replace(",.13,", ",.13**,"))
    assert [f.sentence for f in more] == [".13** over 212 rows has p = 0.059: ** does not match this p"]
    assert "-1.14* is beyond one" in [f.sentence for f in claims(tmp_path, text.replace("-.14", "-1.14"))]


def test_what_is_said_of_a_wrong_ratio_and_of_a_mean_outside_the_range(tmp_path: Path) -> None:
    rows = [f"{v},{b},{low}-{high},{p}" for v, b, low, high, p in RATIOS]
    text = "\n".join(["Table 2. Factors of exporting,,,", ",OR,95% CI,P", *rows, ""]).replace("1.63", "1.36")
    assert "in logarithms, at 1.626" in claims(tmp_path, text)[0].sentence
    wrong = "Table 1,,,,\n,Mean,SD,Min,Max\nSOE,1.64,0.47,0,1\nSize,5.02,1.23,1.10,9.40\n"
    assert [f.sentence for f in claims(tmp_path, wrong)] == ["mean 1.64 outside [0, 1]"]


def test_descriptive_statistics_of_two_variables_are_no_matrix(tmp_path: Path) -> None:
    assert not claims(tmp_path, "Table 1,,,,\n,Mean,SD,Min,Max\nSOE,0.34,0.47,0,1\nSize,5.02,1.23,1.10,9.40\n")


def test_powers_that_no_machine_counts_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "powers.csv"
    path.write_text(",(1)\nx,1e400\n,(1e-400)\ny,0.5***\n,(0.1)\n", encoding="utf-8")
    assert list(audit_table(path).tables[0].columns[0].estimates) == ["y"]


@pytest.mark.parametrize("note", ["with strata fixed effects", "which controls for regions"])
def test_a_difference_with_controls_is_not_that_of_the_means(note: str, tmp_path: Path) -> None:
    rows = "Age of firm,21.320,22.742,-1.206*\n,(0.547),(0.371),(0.663)\n"
    text = f"Table 1. Balance,,,\n,Treatment,Control,(1)-(2)\n,(1),(2),(3)\n{rows}"
    assert [f.check for f in claims(tmp_path, text)] == ["printed differences"]
    assert not claims(
        tmp_path, f'{text}"Notes: Column 3 is from a regression {note}. Standard errors in parentheses."\n'
    )


@pytest.mark.parametrize(("estimate", "accused"), [("2.750", False), ("2.800", True)])
def test_few_clusters_that_are_not_printed_may_take_a_star(estimate: str, accused: bool, tmp_path: Path) -> None:
    """With five clusters the critical value at 5 % is 2.776 (t with 4 degrees of freedom), with six 2.571."""
    rows = f"Training,{estimate}*,0.015\n,(1.000),(1.066)\nCash,2.000*,8.000***\n,(1.000),(1.000)\n"
    text = f"{HEAD}{rows}Observations,1440,1440\n" + FOOT.removesuffix(" ") + '"\n'
    assert [f.check for f in claims(tmp_path, text)] == (["stars"] if accused else [])


WRAPPED = """Table 5. Attrition,,
,(1),(2)
Rents land,-0.75***,0.71***
Spending on clothes,34,28
Had a loan in the,,
,-0.018,-0.020
past twelve months,,
Would take a loan of 300,,
,0.057,0.061
for nine months,,
Owns a radio,-0.420***,0.390***
"*, **, *** denote significance at the 10, 5 and 1 percent level.",,
"""


def test_numbers_between_two_lines_of_their_label_are_no_statistics_of_the_term_before(tmp_path: Path) -> None:
    assert not claims(tmp_path, WRAPPED)
    (table,) = read_printed(tmp_path / "table.csv")
    read = [[e.b.value for e in c.estimates.values() if e.b is not None and not e.loose] for c in table.columns]
    assert read == [[-0.75, 34, -0.018, 0.057, -0.42], [0.71, 28, -0.02, 0.061, 0.39]]


def test_rows_without_labels_below_the_name_of_a_group_are_not_one_term(tmp_path: Path) -> None:
    claims(tmp_path, WRAPPED.replace("past twelve months,,\n", ",0.300,0.200\n"))
    (table,) = read_printed(tmp_path / "table.csv")
    assert all("hadaloaninthe" not in c.estimates for c in table.columns)
