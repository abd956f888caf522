"""Sound tables that a check would accuse if it took for granted what the table does not say; each beside one that is
wrong, so that no check is merely silent.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from tablecheck import LITERATURE, audit_table
from tablecheck.digits import tokens
from tablecheck.documents import read_documents
from tablecheck.layout import read_table
from tablecheck.literature.rankings import _misranked
from tablecheck.notes import read_notes
from tablecheck.review import review

NOTE = '"Standard errors in parentheses. * p<0.10; ** p<0.05; *** p<0.01"\n'
TERMS = (
    "Market,0.031***,0.044***,0.041***\n,(0.0082),(0.0121),(0.0111)\n"
    "Size,0.215***,0.199***,0.189***\n,(0.04),(0.05),(0.05)\n"
)


def accused(tmp_path: Path, text: str, grade: str = "contradiction") -> list[str]:
    """The checks that find a contradiction, or a doubt."""
    path = tmp_path / "table1.csv"
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents([path])
    found = review([read_table(g) for g in document.grids], checks=LITERATURE).findings
    return [f.check for f in found if f.grade == grade]


@each(
    ("heads", "sizes", "wrong"),
    [
        ("Total factor productivity,Export value,Unit value", "8406,9210,9300", False),
        ("Baseline,Unbalanced panel,Winsorised", "8406,9210,8406", False),
        ("Full sample,Before matching,After matching", "8406,8406,7100", False),
        ("全样本,匹配前,匹配后", "8406,8406,7100", False),
        ("All firms 2005,SOE,Non-SOE", "8406,9210,7100", False),
        ("All,SOE,Non-SOE", "8406,9210,7100", True),
        ("Full sample,Before 2008,After 2008", "8406,8006,7100", True),
        ("全样本,东部,西部", "8406,8006,7100", True),
    ],
)
def test_the_whole_is_what_a_heading_calls_so(tmp_path: Path, heads: str, sizes: str, *, wrong: bool) -> None:
    text = f"Table 1. Parts,,,\n,(1),(2),(3)\n,{heads}\n{TERMS}Observations,{sizes}\n{NOTE}"
    assert ("sums of N" in accused(tmp_path, text)) == wrong


def test_outcomes_over_samples_are_told_apart(tmp_path: Path) -> None:
    heads = ",(1),(2),(3)\n,Quality,Price,Price\n,All,All firms,SOE\n"
    text = f"Table 1. Parts,,,\n{heads}{TERMS}Observations,8406,7000,9210\n{NOTE}"
    assert accused(tmp_path, text) == ["sums of N"]


@pytest.mark.parametrize("second", ["0.080***", "0.020"])
def test_differences_are_those_of_their_panel(tmp_path: Path, second: str) -> None:
    panel = "Market,0.031***,0.011,0.020\n,(0.0082),(0.0121),(0.0150)\nObservations,8406,7100,\n"
    other = f"Market,0.131***,0.051***,{second}\n,(0.0082),(0.0121),(0.0150)\nObservations,8406,7100,\n"
    text = f"Table 1. Panels,,,\n,(1),(2),(1)-(2)\nPanel A. Quality,,,\n{panel}Panel B. Price,,,\n{other}{NOTE}"
    assert ("printed differences" in accused(tmp_path, text, "doubt")) == (second == "0.020")


@pytest.mark.parametrize(
    ("title", "rows", "wrong"),
    [
        ("Effects (odds ratios)", "Total effect,1.560\nDirect effect,1.300\nIndirect effect,1.200\n", False),
        (
            "Effects",
            "Total effect,0.560\nDirect effect,0.300\nIndirect effect,0.260\nIndirect effect via capital,0.160\n"
            "Indirect effect via labour,0.100\n",
            False,
        ),
        ("Effects", "Total effect,0.560\nDirect effect,0.300\nIndirect effect,0.160\n", True),
    ],
)
def test_effects_that_make_up_the_total(tmp_path: Path, title: str, rows: str, *, wrong: bool) -> None:
    rows = re.sub(r"\n", "***\n,(0.05)\n", rows)
    text = f"Table 1. {title},\n,(1)\n{rows}Observations,8406\n{NOTE}"
    assert ("effects" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(
    ("title", "heads", "effects", "wrong"),
    [
        ("Mediation", "OLS,OLS,OLS", "Yes,Yes,Yes", True),
        ("Mediation", "Logit,OLS,Logit", "Yes,Yes,Yes", False),
        ("Mediation: probit", "a,b,c", "Yes,Yes,Yes", False),
        ("Mediation", "a,b,c", "Yes,No,Yes", False),
    ],
)
def test_the_identity_of_mediation_is_of_least_squares(
    tmp_path: Path, title: str, heads: str, effects: str, *, wrong: bool
) -> None:
    rows = "Market,0.412***,0.350***,0.461***\n,(0.06),(0.05),(0.065)\nHuman capital,,,0.140***\n,,,(0.02)\n"
    text = (
        f"Table 1. {title},,,\n,(1),(2),(3)\n,{heads}\n,Quality,Human capital,Quality\n{rows}"
        f"Firm fixed effects,{effects}\nObservations,8316,8316,8316\n{NOTE}"
    )
    assert ("mediation identity" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(
    ("title", "row", "wrong"),
    [
        ("Quadratic", "Turning point,3.96", False),
        ("Quadratic of ln(1 + x)", "Turning point,51.6", False),
        ("Quadratic", "Turning point (percentile),63", False),
        ("Odds ratios", "Turning point,1.92", False),
        ("Quadratic", "Turning point,4.96", True),
    ],
)
def test_turning_points_in_other_units(tmp_path: Path, title: str, row: str, *, wrong: bool) -> None:
    rows = "Market,0.412***\n,(0.06)\nMarket squared,-0.0520***\n,(0.01)\n"
    text = f"Table 1. {title},\n,(1)\n{rows}{row}\nObservations,8316\n{NOTE}"
    assert ("printed turning point" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(("title", "wrong"), [("Estimates", True), ("IV estimates", False)])
def test_r2_may_fall_in_other_fits(tmp_path: Path, title: str, *, wrong: bool) -> None:
    rows = "Market,0.412***,0.350***\n,(0.06),(0.05)\nSize,,0.140***\n,,(0.02)\n"
    text = f"Table 3. {title},,\n,(1),(2)\n,Quality,Quality\n{rows}Observations,8316,8316\nR2,0.21,0.15\n{NOTE}"
    assert ("R2" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(
    ("constant", "below", "adjusted", "wrong"),
    [
        ("", "", "0.4444", False),  # 1 - 0.5 x 20 / 18
        ("", "", "0.4460", True),
        ("Constant,0.54***\n,(0.02)\n", "", "0.4412", False),  # 1 - 0.5 x 19 / 17
        ("Constant,0.54***\n,(0.02)\n", "", "0.4444", True),
        ("Constant,0.54***\n,(0.02)\n", "Joint effect,0.552***\n,(0.06)\n", "0.4412", False),
    ],
)
def test_the_largest_adjusted_r2(tmp_path: Path, constant: str, below: str, adjusted: str, *, wrong: bool) -> None:
    rows = f"Market,0.412***\n,(0.06)\nSize,0.140***\n,(0.02)\n{constant}Region effects,No\n"
    text = f"Table 3. Growth,\n,(1)\n{rows}Observations,20\nR2,0.5000\nAdjusted R2,{adjusted}\n{below}{NOTE}"
    assert ("R2" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(
    ("title", "note", "cell", "wrong"),
    [
        ("Correlations", "N = 400. * p < 0.05", "0.11", True),
        ("Correlations", "N = 400. Bonferroni-adjusted. * p < 0.05", "0.11", False),
        ("Correlations", "N = 400. * p < 0.05", "0.08*", True),
        ("Kendall correlations", "N = 400. * p < 0.05", "0.08*", False),
    ],
)
def test_stars_of_correlations_by_the_test_they_come_from(
    tmp_path: Path, title: str, note: str, cell: str, *, wrong: bool
) -> None:
    rows = f"Market,1.00,,\nSize,{cell},1.00,\nLeverage,0.31*,0.42*,1.00\n"
    text = f"Table 2. {title},,,\n,Market,Size,Leverage\n{rows}{note},,,\n"
    assert ("correlations" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(("title", "wrong"), [("Correlations", True), ("Pairwise correlations", False)])
def test_pairs_with_rows_of_their_own_need_not_be_definite(tmp_path: Path, title: str, *, wrong: bool) -> None:
    text = f"Table 2. {title},,,\n,Market,Size,Leverage\nMarket,1.00,,\nSize,0.90,1.00,\nLeverage,0.90,0.55,1.00\n"
    assert ("correlations" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("4,0.25,0.5,0,1,2.0,4.0", False),  # 0, 0, 0, 1 in pandas
        ("100,0.50,0.503,0,1,0.0,-2.04", False),  # fifty ones of a hundred
        ("100,0.50,0.503,0,1,0.0,-2.40", True),
        ("100,0.50,0.503,0,1,14.0,300", True),
    ],
)
def test_moments_adjusted_for_n(tmp_path: Path, row: str, *, wrong: bool) -> None:
    head = "Table 2. Descriptive statistics,,,,,,,\n,N,Mean,SD,Min,Max,Skewness,Kurtosis\n"
    text = f"{head}Market,{row}\nSize,10,5.0,2.0,0,10,0.1,-0.5\n"
    assert ("descriptives" in accused(tmp_path, text)) == wrong


@pytest.mark.parametrize(
    ("ranks", "growth", "wrong"),
    [
        ((1, 2, 3, 4, 5), (0.5, 0.4, 0.3, 0.2, 0.1), False),
        ((1, 4, 9, 20, 31), (0.5, 0.4, 0.3, 0.2, 0.1), False),  # five of 31 provinces
        ((1, 2, 3, 4, 5), (0.1, 0.3, 0.2, 0.5, 0.4), False),  # ranks of the column before
        ((1, 2, 3, 5, 4), (0.5, 0.4, 0.3, 0.2, 0.1), True),
        ((1, 9, 4, 20, 31), (0.5, 0.4, 0.3, 0.2, 0.1), True),
    ],
)
def test_ranks_of_a_part_and_of_another_column(
    tmp_path: Path, ranks: tuple[int, ...], growth: tuple[float, ...], *, wrong: bool
) -> None:
    names = ("Beijing", "Hebei", "Anhui", "Gansu", "Hubei")
    rows = "".join(f"{n},{50 - 5 * k},{growth[k]},{ranks[k]}\n" for k, n in enumerate(names))
    assert ("ranks" in accused(tmp_path, f"Table 2. Ranks,,,\nProvince,GDP,Growth,Rank\n{rows}")) == wrong


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), min_size=1, max_size=10), st.sampled_from((1, -1)))
def test_misranked_is_what_pairs_of_values_say(rows: list[tuple[int, int]], sign: int) -> None:
    values = {str(n): tokens(f"{v / 10:.1f}")[0].values[0] for n, (v, _) in enumerate(rows)}
    ranks = {str(n): rank for n, (_, rank) in enumerate(rows)}
    most = max(len(rows), *ranks.values())

    def is_above(one: str, other: str) -> bool:
        return sign * (rows[int(one)][0] - rows[int(other)][0]) >= 1  # a tenth apart: at most their ends touch

    def is_wrong(name: str) -> bool:
        above = [n for n in values if is_above(n, name)]
        below = [n for n in values if is_above(name, n)]
        passed = most > len(rows) and any(ranks[n] > ranks[name] for n in above)
        return passed or not len(above) + 1 <= ranks[name] <= most - len(below)

    assert set(_misranked(values, ranks, sign)) == set(filter(is_wrong, values))


@pytest.mark.parametrize("piece", ["{}, ", "{}/", "{} and ", "0.{}, ", "{}%, "])
def test_notes_with_long_lists_are_read(piece: str) -> None:
    """One way to match: twenty codes in a list once took seconds, thirty an hour."""
    said = "Industries " + "".join(piece.format(10 + n % 80) for n in range(400)) + ". * p<0.1, ** p<0.05"
    assert read_notes([said]).levels == {"*": 0.1, "**": 0.05}


@pytest.mark.parametrize("piece", ["=", "a, ", "*, ", "* and ", ": "])
def test_notes_with_long_runs_of_signs_are_read(piece: str) -> None:
    assert read_notes(["* " + piece * 400]).levels == {}


def test_ranks_within_groups(tmp_path: Path) -> None:
    """The groups' names stand in rows of their own, or nowhere."""
    east, west = "Beijing,0.50,1\nHebei,0.45,2\nShandong,0.35,3\n", "Gansu,0.48,1\nYunnan,0.30,2\nGuizhou,0.20,3\n"
    head = "Table 2. Ranks,,\nProvince,Value,Rank\n"
    assert accused(tmp_path, f"{head}East,,\n{east}West,,\n{west}") == []
    assert "ranks" in accused(tmp_path, f"{head}{east}Gansu,0.30,3\n")


def test_a_matrix_whose_correlations_have_likelihoods_of_their_own_is_a_doubt_at_most(tmp_path: Path) -> None:
    rows = ",a,b,c\na,1.00,,\nb,0.90,1.00,\nc,0.90,-0.90,1.00\n"
    for note, grade in (
        ("Notes: polychoric correlations.", "doubt"),
        ("Notes: pair-wise rows.", "doubt"),
        ("Note: all rows.", "contradiction"),
    ):
        path = tmp_path / "m.csv"
        path.write_text(f"{rows}{note}\n", encoding="utf-8")
        assert {f.grade for f in audit_table(path).findings if f.check == "correlations"} == {grade}, note
