"""Percentages of counts against all counts that there are."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from each import each
from tablecheck import Finding, audit_table
from tablecheck.checks.counted import is_count
from tablecheck.digits import Printed, tokens


def printed(text: str) -> Printed:
    return tokens(text)[0].values[0]


def doubts(tmp_path: Path, text: str) -> list[Finding]:
    """The findings on percentages of counts in a table."""
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    found = [f for f in audit_table(path).findings if f.check == "counts"]
    assert {f.grade for f in found} <= {"doubt"}
    return found


@each("decimals", [2, 3, 4])
def test_a_share_is_possible_exactly_if_a_count_is_printed_like_it(decimals: int) -> None:
    for n in (7, 52, 118):
        possible = {f"{k / n:.{decimals}f}" for k in range(n + 1)}
        for value in range(0, 10**decimals + 1, 1 if decimals < 4 else 7):
            text = f"{value / 10**decimals:.{decimals}f}"
            # A half that is exact may be rounded up or down: 1/8 is printed as 0.12 or 0.13.
            halves = {k for k in range(n + 1) if abs(abs(k / n - float(text)) * 10**decimals - 0.5) < 1e-6}
            assert is_count(printed(text), n) == (text in possible or bool(halves)), (text, n)


@each("n", [31, 98], ids=str)
def test_percentages_are_those_of_shares(n: int) -> None:
    possible = {f"{100 * k / n:.1f}" for k in range(n + 1)}
    tried = [f"{value / 10:.1f}" for value in range(1001)]
    assert {text for text in tried if is_count(printed(text), n, 100)} >= possible
    assert sum(is_count(printed(text), n, 100) for text in tried) <= len(possible) + 2


def test_rows_may_be_missing() -> None:
    for n, text in itertools.product((40, 52), (f"{v / 1000:.3f}" for v in range(0, 1001, 3))):
        sizes = range(n - 3, n + 1)
        assert is_count(printed(text), n, 1.0, n - 3) == any(is_count(printed(text), m) for m in sizes)


SUMMARY = "Table 1. Summary,,,,,\nVariable,N,Mean,SD,Min,Max\n{}\nAge,52,33.3,10.2,18,65\nSales,52,4.1,2.2,0.5,9.9\n"


@each(
    ("row", "wrong"),
    [
        ("Exporter dummy,52,0.442,0.50,0,1", False),
        ("Exporter dummy,52,0.452,0.50,0,1", True),
        ("Exporter dummy,52,0.44,0.50,0,1", False),
        ("Exporter dummy,5200,0.452,0.50,0,1", False),
        ("Exporter (= 1),52,0.452,0.50,0,1", True),
        ("Exporters (%),52,44.2,50.1,0,100", False),
        ("Exporters (%),52,45.1,50.2,0,100", True),
        # A share between 0 and 1 within firms: its standard deviation is not that of zeros and ones.
        ("Export share,52,0.452,0.31,0,1", False),
        ("Export share,52,0.452,0.50,0,1", True),
        ("Innovation index,52,0.452,0.50,0,1", False),
        ("Exporter dummy,52,0.452,0.50,0,3", False),
    ],
)
def test_means_of_variables_that_are_0_or_1(tmp_path: Path, row: str, *, wrong: bool) -> None:
    found = doubts(tmp_path, SUMMARY.format(row))
    assert bool(found) == wrong
    assert not doubts(tmp_path, SUMMARY.format(row) + "Means are weighted by employment,,,,,\n")
    if wrong:
        assert found[0].numbers["n"] == 52
        assert found[0].cells == ("line 3, column 3",)


GROUPS = (
    "Table 2. Balance,,,\n,Treatment,Control,Difference\n{}\n,(0.50),(0.50),\nAge,33.2,34.1,-0.9\n,(10.1),(9.9),\n"
    "Observations,52,49,\nStandard deviations in parentheses,,,\n"
)


@each(
    ("row", "wrong"),
    [
        ("Female (dummy),0.442,0.469,-0.027", []),
        ("Female (dummy),0.4420,0.469,-0.027", ["Treatment, Female (dummy)"]),
        # 23 of 51: one value is missing.
        ("Female (dummy),0.451,0.469,-0.018", []),
        # 20 of 44: more than 5% are missing.
        ("Female (dummy),0.442,0.4545,-0.013", ["Control, Female (dummy)"]),
        ("Female dummy (%),44.2,46.9,-2.7", []),
        ("Female dummy (%),44.2,46.4,-2.2", ["Control, Female dummy (%)"]),
        ("Score,0.4420,0.469,-0.027", []),
    ],
)
def test_means_of_groups(tmp_path: Path, row: str, wrong: list[str]) -> None:
    assert [f.where for f in doubts(tmp_path, GROUPS.format(row))] == wrong


CLINICAL = (
    'Table 1. Characteristics,,\n,Drug A (N = 98),Drug B (N = 102)\n"Age, mean (SD)",47 (14.7),47.4 (14.0)\n{}\n'
    "Grade I,35 (36%),33 (32%)\nGrade II,32 (33%),36 (35%)\nGrade III,31 (32%),33 (32%)\n"
)


@each(
    ("row", "wrong"),
    [
        ("Female,40 (41%),51 (50%)", False),
        # 40 of 98 are 40.8%; fewer rows would give more.
        ("Female,40 (40%),51 (50%)", True),
        # 40 of 90: eight values are missing.
        ("Female,40 (44%),51 (50%)", False),
        # Per cent of the row: 40 of 91 and 51 of 91 would be a share of all women.
        ("Female,40 (44.0%),51 (56.0%)", False),
        ("Female,40 (21.1%),150 (78.9%)", False),
        ("Female,40 (38.2%),51 (50%)", True),
        ("Female,0 (0%),0 (0%)", False),
        ("Female,0 (3%),51 (50%)", True),
        ('"Female, n (%)",40 (41),51 (50)', False),
        ('"Female, n (%)",40 (39),51 (50)', True),
        ("Weight at birth,40 (39),51 (50)", False),
    ],
)
def test_counts_with_their_percentage(tmp_path: Path, row: str, *, wrong: bool) -> None:
    found = doubts(tmp_path, CLINICAL.format(row))
    assert [f.where.split(" (")[0] for f in found] == ["Drug A"] * wrong
    assert not doubts(tmp_path, CLINICAL.format(row) + "Percentages are weighted,,\n")


def test_every_count_of_every_size_passes(tmp_path: Path) -> None:
    """Brute force: any table that a program prints from counts, without missing values or with some."""
    lines = [f"Row {k},{k} ({100 * k / 37:.1f}%),{k} ({100 * k / 41:.0f}%)" for k in range(38)]
    fewer = [f"Item {k},{k} ({100 * k / 35:.1f}%),{k} ({100 * k / 39:.0f}%)" for k in range(36)]
    text = "\n".join(["Table 1. Counts,,", ",A (N = 37),B (N = 41)", *lines, *fewer])
    assert not doubts(tmp_path, text)


def test_many_that_fail_are_one_doubt(tmp_path: Path) -> None:
    lines = [f"Item {k},{k} ({100 * k / 60:.1f}%),{k} ({100 * k / 70:.1f}%)" for k in range(3, 20)]
    found = doubts(tmp_path, "\n".join(["Table 1. Counts,,", ",A (N = 37),B (N = 41)", *lines]))
    assert len(found) == 1
    assert found[0].sentence.startswith("34 of 34 percentages are no counts divided by N")


def test_the_doubt_shows_the_count(tmp_path: Path) -> None:
    (found,) = doubts(tmp_path, CLINICAL.format("Female,40 (40%),51 (50%)"))
    assert "40 of 98 rows are 40.82%" in found.sentence
    assert found.numbers == {"share": pytest.approx(0.4), "n": 98}
