"""What could be an error and may be explained: a doubt that says how, or nothing; beside it what nothing explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each
from tablecheck import LITERATURE, Finding, audit_table
from tablecheck.notes import read_notes


def said(tmp_path: Path, text: str) -> list[Finding]:
    """Every finding of a table."""
    path = tmp_path / "table1.csv"
    path.write_text(text, encoding="utf-8")
    return list(audit_table(path, checks=LITERATURE).findings)


def grades(found: list[Finding], *checks: str) -> set[tuple[str, str]]:
    """Checks and grades without notes, of these checks where any are named."""
    return {(f.check, f.grade) for f in found if f.grade != "note" and (not checks or f.check in checks)}


ROWS = "Tariff,-0.051***\n,(0.006)\nSize,0.120***\n,(0.031)\n"
FITS = "Observations,1440\nR2,0.132\nAdjusted R2,0.871\n"


@pytest.mark.parametrize(
    ("effects", "note", "grade"),
    [
        ("Firm FE,Yes\n", "", "doubt"),
        ("", "", "doubt"),
        ("", "Firm and year fixed effects in all columns.,\n", "doubt"),
        ("Firm FE,No\nControls,Yes\n", "", "contradiction"),
        ("Year fixed effects,No\n", "", "doubt"),
    ],
)
def test_adjusted_r2_above_a_r2_that_may_be_the_within(effects: str, note: str, grade: str, tmp_path: Path) -> None:
    found = said(tmp_path, f"Table 3. Exports,\n,(1)\n{ROWS}{effects}{FITS}{note}")
    check = "R2" if grade == "contradiction" else "kinds of R2"
    assert grades(found) == {(check, grade)}
    (one,) = [f for f in found if f.check == check]
    if grade == "doubt":
        assert "within" in one.sentence
        assert "adjusted R2 of the whole model" in one.innocent
    assert not grades(said(tmp_path, f"Table 3. Exports,\n,(1)\n{ROWS}{effects}{FITS.replace('0.871', '0.131')}{note}"))


def test_adjusted_r2_above_what_n_and_terms_allow_is_certain_where_no_effects_are(tmp_path: Path) -> None:
    text = "Table 3. Exports,\n,(1)\n{}{}Observations,20\nR2,0.5000\nAdjusted R2,0.4460\n"
    assert grades(said(tmp_path, text.format(ROWS, "Firm FE,No\n"))) == {("R2", "contradiction")}
    assert grades(said(tmp_path, text.format(ROWS, ""))) == {("kinds of R2", "doubt")}


def test_a_difference_may_have_controls_that_no_note_names(tmp_path: Path) -> None:
    rows = "Age of firm,21.320,22.742,{}*\n,(0.547),(0.371),(0.663)\nObservations,400,380,780\n"
    text = f"Table 1. Balance,,,\n,Treatment,Control,(1)-(2)\n,(1),(2),(3)\n{rows}"
    found = said(tmp_path, text.format("-1.206"))
    assert grades(found) == {("printed differences", "doubt")}
    (one,) = [f for f in found if f.check == "printed differences"]
    assert "controls" in one.innocent
    assert not grades(said(tmp_path, text.format("-1.422")))


@each(
    ("note", "nobs"),
    [
        ("N = 400.", 400),
        ("N = 400 at most", None),
        ("N = 400 or fewer, by item", None),
        ("N = 400 (maximum)", None),
        ("Maximum N = 400", None),
        ("up to N = 400", None),
        ("at most n = 400", None),
        ("N = 380 to 400", None),
        ("N between 380 and 400; min. N = 380", None),
    ],
)
def test_the_largest_number_of_rows_is_not_that_of_every_pair(note: str, nobs: float | None, tmp_path: Path) -> None:
    assert read_notes([note]).nobs == nobs
    rows = "Market,1.00,,\nSize,0.11,1.00,\nLeverage,0.31*,0.42*,1.00\n"
    text = f"Table 2. Correlations,,,\n,Market,Size,Leverage\n{rows}{note} * p < 0.05,,,\n"
    assert grades(said(tmp_path, text)) == ({("correlations", "contradiction")} if nobs else set())


def test_a_bound_is_no_number_of_rows(tmp_path: Path) -> None:
    rows = "Table 1. Exports,\n,(1)\nTariff,-0.051***\n,(0.006)\nClusters,1600\nObservations,{}\n"
    assert grades(said(tmp_path, rows.format("1440"))) == {("N", "contradiction")}
    assert not grades(said(tmp_path, rows.format("<2000")))


CURVE = "Market,{}\n,({})\nMarket squared,{}\n,({})\nObservations,1440\n"
SPAN = "Table 1. Variables,,,,\n,N,Mean,Min,Max\nMarket,1440,2.0,0.1,6.0\n"
NOTE = '"Standard errors in parentheses. * p<0.10, ** p<0.05, *** p<0.01"\n'


@pytest.mark.parametrize(
    ("square", "se", "words", "grade"),
    [
        ("-0.0500***", "0.0060", "inverted U turns at market = 4.000", "note"),
        ("-0.0500", "0.0600", "not significant at 10%", "note"),
        ("-0.0300", "0.0600", "not significant at 10%", "note"),  # turns outside the data
    ],
)
def test_a_square_that_is_not_significant_bears_out_no_turn(
    square: str, se: str, words: str, grade: str, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(SPAN, encoding="utf-8")
    text = f"Table 2. Exports,\n,(1)\n{CURVE.format('0.4000***', '0.0500', square, se)}{NOTE}"
    (tmp_path / "b.csv").write_text(text, encoding="utf-8")
    (one,) = [f for f in audit_table(tmp_path, checks=LITERATURE).findings if f.check == "turning point"]
    assert words in one.sentence
    assert ("inverted U turns" in one.sentence) == ("not significant" not in words)
    assert one.grade == grade


def test_a_sum_without_a_lost_row_names_the_usual_reason_only_as_that(tmp_path: Path) -> None:
    rows = "Market,0.031***,0.044***,0.041***\n,(0.0082),(0.0121),(0.0111)\nObservations,8406,5000,3406\n"
    text = f"Table 1. Parts,,,\n,(1),(2),(3)\n,All,SOE,Non-SOE\n{rows}"
    parts = f"Table 2. Parts,,\n,(1),(2)\n,SOE,Non-SOE\n{rows.replace(',0.031***', '').replace(',(0.0082)', '')}"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (tmp_path / "b.csv").write_text(parts.replace("8406,", ""), encoding="utf-8")
    (one,) = [f for f in audit_table(tmp_path).findings if f.check == "sums of N"]
    assert "the usual reason" in one.sentence
    assert "that is a" not in one.sentence


TRIPLE = {"*": 0.1, "**": 0.05, "***": 0.01}


@pytest.mark.parametrize(
    "note",
    [
        "* p<0.10 ** p<0.05 *** p<0.01",
        "*** p<0.01 ** p<0.05 * p<0.1",
        "Standard errors in parentheses * p<.1 ** p<.05 *** p<.01",
        "10% (*), 5% (**), 1% (***)",
    ],
)
def test_levels_without_signs_between_them(note: str) -> None:
    assert (read_notes([note]).levels, read_notes([note]).doubts) == (TRIPLE, ())


def test_low_and_high_are_terms_and_no_ends_of_intervals(tmp_path: Path) -> None:
    rows = "High x Post,0.081***,0.104***\n,(0.018),(0.017)\nLow x Post,{},0.010\n,(0.015),(0.016)\n"
    text = (
        f"Table 10. Equality,,\n,(1),(2)\n{rows}Low,0.500***,0.400***\n,(0.100),(0.080)\nObservations,604,704\n{NOTE}"
    )
    assert not grades(said(tmp_path, text.format("0.012")))
    assert grades(said(tmp_path, text.format("0.012***"))) == {("stars", "contradiction")}


def test_an_outcome_that_is_a_ratio_is_no_odds_ratio(tmp_path: Path) -> None:
    rows = "Tariff,0.081{}\n,(0.018)\nSize,0.104***\n,(0.017)\nAge,0.210***\n,(0.020)\nObservations,604\n"
    text = f"Table 1. Debt,\n,Debt ratio\n,(1)\n{rows}{NOTE}"
    assert not grades(said(tmp_path, text.format("***")))
    assert grades(said(tmp_path, text.format("*"))) == {("stars", "contradiction")}


def test_bias_corrected_p_are_of_another_test(tmp_path: Path) -> None:
    rows = "RD estimate,0.235**,0.198\n,(0.101),(0.115)\n,[0.062],[0.184]\nObservations,812,640\n"
    text = f"Table 3. RD,,\n,(1),(2)\n{rows}" + '"Standard errors in parentheses, {}p-values in brackets. ** p<0.05"\n'
    assert not grades(said(tmp_path, text.format("robust bias-corrected ")))
    assert ("tests", "contradiction") in grades(said(tmp_path, text.format("")))


def test_a_table_with_r2_in_per_cent_throughout_is_no_doubt(tmp_path: Path) -> None:
    rows = "Reform,1.20**,0.90*\n,(0.50),(0.50)\nFirm FE,No,No\nObservations,604,604\nR2 (%),{},24.5\n"
    text = f"Table 5. Reform,,\n,(1),(2)\n{rows}Adjusted R2 (%),{{}},24.2\n{NOTE}"
    assert not grades(said(tmp_path, text.format("0.9", "0.6")))
    assert grades(said(tmp_path, text.format("21.3", "22.4"))) == {("R2", "contradiction")}
    alone = text.replace("24.5", "0.245").replace("24.2", "0.242")
    assert grades(said(tmp_path, alone.format("21.3", "0.211"))) == {("R2", "doubt")}
    assert grades(said(tmp_path, text.format("121.3", "21.1"))) == {("R2", "contradiction")}
