"""Tables of medicine and psychology: ratios with their intervals in one cell, Wald statistics, names of columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each_pair
from tablecheck import Finding, audit_table


def said(tmp_path: Path, text: str, suffix: str = ".csv") -> list[Finding]:
    """Findings but notes."""
    path = tmp_path / f"table2{suffix}"
    path.write_text(text, encoding="utf-8")
    return [f for f in audit_table(path).findings if f.grade != "note"]


RATIOS = (
    ("Old", "1.11", "0.80", "1.53", "0.531"),
    ("Big", "1.63", "1.17", "2.26", "0.003"),
    ("State", "1.51", "1.08", "2.11", "0.015"),
    ("Leverage", "1.12", "0.50", "2.49", "0.787"),
)


@each_pair(
    ("cell", ['"{b} ({low}, {high})"', "{b} ({low}-{high})", "{b} [{low} to {high}]"]),
    ("p", ["P", "p-value", "P value"]),
    (
        "head",
        [
            "OR (95% CI)",
            "Adjusted OR (95% CI)",
            "Odds ratio (95% confidence interval)",
            "HR [95% CI]",
            "aHR (95% CI)",
            "Hazard ratio",
            "IRR (95% CI)",
            "exp(B) (95% CI)",
        ],
    ),
)
def test_a_ratio_with_its_interval_in_the_cell_and_p_beside(head: str, p: str, cell: str, tmp_path: Path) -> None:
    rows = [f"{v},{cell.format(b=b, low=low, high=high)},{value}" for v, b, low, high, value in RATIOS]
    text = "\n".join(["Table 2. Factors,,", f",{head},{p}", *rows, ""])
    assert not said(tmp_path, text)
    for old, new, grade, row in (("0.015", "0.150", "doubt", "state"), ("0.003", "0.300", "contradiction", "big")):
        found = said(tmp_path, text.replace(old, new))
        assert [(f.grade, f.where.split(", ")[-1]) for f in found] == [(grade, row)]
    told = text.replace("1.17", "1.07")
    assert not said(tmp_path, told)  # as far from the middle as intervals of a profile likelihood are
    (one,) = said(tmp_path, f"{told}Wald confidence intervals,,\n")
    assert (one.grade, one.where.split(", ")[-1]) == ("contradiction", "big")


def test_crude_and_adjusted_ratios_are_two_columns_with_their_names(tmp_path: Path) -> None:
    heads = ",Crude OR (95% CI),P,Adjusted OR (95% CI),P"
    other = (("1.05", "0.75", "1.47", "0.777"), ("1.44", "1.02", "2.03", "0.037"), ("1.60", "1.12", "2.29", "0.010"))
    rows = [
        f"{v},{b} ({low}-{high}),{p},{b2} ({low2}-{high2}),{p2}"
        for (v, b, low, high, p), (b2, low2, high2, p2) in zip(RATIOS, other, strict=False)
    ]
    text = "\n".join(["Table 2. Factors,,,,", heads, *rows, ""])
    assert not said(tmp_path, text)
    (one,) = said(tmp_path, text.replace("0.037", "0.370"))
    assert one.where == "Adjusted OR (95% CI), big"


SPSS = (
    ("Tariff", "-.062", ".021", "8.717", "1", ".003", ".940"),
    ("State", ".305", ".196", "2.422", "1", ".120", "1.357"),
    ("Leverage", ".337", ".456", ".546", "1", ".460", "1.401"),
    ("Constant", "-1.204", ".310", "15.084", "1", ".000", ".300"),
)


def wald(values: tuple[tuple[str, ...], ...], *, square: bool = True) -> str:
    rows = [list(v) for v in values]
    if not square:
        for row in rows:
            row[3] = f"{float(row[1]) / float(row[2]):.3f}"
    return "\n".join(["Table 2. Exporters,,,,,,", ",B,S.E.,Wald,df,Sig.,Exp(B)", *map(",".join, rows), ""])


@pytest.mark.parametrize("square", [True, False])
def test_wald_is_z_or_its_square(tmp_path: Path, *, square: bool) -> None:
    text = wald(SPSS, square=square)
    assert not said(tmp_path, text)
    old, new = ("2.422", "4.242") if square else ("1.556", "1.956")
    assert old in text
    (one,) = said(tmp_path, text.replace(old, new))
    assert (one.grade, one.where.split(", ")[-1]) == ("contradiction", "state")
    assert ("Wald = 4.242 is (b / s.e.)^2 of |z| = 2.06" in one.sentence) == square


def test_rows_of_wald_statistics_belong_to_their_terms(tmp_path: Path) -> None:
    terms = "Tariff,-0.062***\n,(0.021)\nWald,8.717\nState,0.305\n,(0.196)\nWald,{}\nSize,0.337\n,(0.456)\nWald,0.546\n"
    text = f"Table 2. Exporters,\n,(1)\n{terms}N,1440\n"
    assert not said(tmp_path, text.format("2.422"))
    assert [f.where.split(", ")[-1] for f in said(tmp_path, text.format("4.242"))] == ["state"]


def test_no_model_is_named_after_a_statistic(tmp_path: Path) -> None:
    for f in said(tmp_path, wald(SPSS).replace(".120", ".520")):
        assert f.where == "the column, state"


PROFILES = (  # logits of simulated rows in R, with `exp(confint(fit))`
    (("X1", "2.02 (0.83, 4.88)", "0.12"), ("X2", "1.68 (0.33, 7.26)", "0.50"), ("X3", "0.88 (0.62, 1.22)", "0.43")),
    (("X1", "0.96 (0.61, 1.48)", "0.85"), ("X2", "0.49 (0.23, 0.97)", "0.05"), ("X3", "0.81 (0.67, 0.96)", "0.02")),
    (("X1", "0.49 (0.22, 1.02)", "0.068"), ("X2", "1.53 (1.16, 2.03)", "0.003"), ("X3", "1.55 (1.17, 2.07)", "0.003")),
)


@pytest.mark.parametrize("rows", PROFILES)
def test_intervals_of_the_profile_likelihood_are_not_even_in_logarithms(
    rows: tuple[tuple[str, str, str], ...], tmp_path: Path
) -> None:
    text = "\n".join(["Table 2. Factors,,", ",OR (95% CI),p", *(f'{v},"{cell}",{p}' for v, cell, p in rows), ""])
    assert not said(tmp_path, text)
    first = rows[0][1].split(" ")[0]
    (one,) = said(tmp_path, text.replace(f'"{first} ', '"9.60 '))
    assert "profile likelihood" in one.innocent
