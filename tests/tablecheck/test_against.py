"""Printed tables beside the outputs that they were made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each
from tablecheck import audit_table

PAPER = """Table 4. Exports,,
,(1),(2)
Market,0.036***,0.041***
,(0.009),(0.010)
Size,0.215***,0.199***
,(0.040),(0.051)
Age,0.012,0.015
,(0.031),(0.029)
Observations,"12,406","5,210"
R2,0.187,0.203
"""
OUTPUT = r"""\begin{tabular}{lcc}
 & (1) & (2) \\ \hline
market\_integration & 0.0362*** & 0.0410*** \\
 & (0.00911) & (0.01010) \\
ln\_size & 0.2153*** & 0.1994*** \\
 & (0.0402) & (0.0512) \\
age & 0.0121 & 0.0149 \\
 & (0.0308) & (0.0291) \\ \hline
Observations & 12406 & 5210 \\
R2 & 0.1871 & 0.2029 \\
\end{tabular}
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "table4.tex").write_text(OUTPUT, encoding="utf-8")
    return tmp_path / "outputs"


def against(tmp_path: Path, made: Path, paper: str) -> list[str]:
    path = tmp_path / "paper.csv"
    path.write_text(paper, encoding="utf-8")
    review = audit_table(path, against=made)
    assert review.checked["columns with an output"] == 2
    return [f.sentence for f in review.findings if f.check == "against"]


def test_numbers_that_round_to_each_other_are_the_same(tmp_path: Path, made: Path) -> None:
    assert not against(tmp_path, made, PAPER)


@each(
    ("right", "wrong", "kind"),
    [
        ("(0.009)", "(0.006)", "0.00911"),
        ("0.199***", "0.191***", "0.1994***"),
        ("0.215***", "0.215**", "the stars are 0.215** here and 0.2153***"),
        ('"12,406"', '"12,460"', "12406"),
        ("0.203", "0.208", "0.2029"),
    ],
)
def test_each_number_that_differs_is_named_with_both_values(
    right: str, wrong: str, kind: str, tmp_path: Path, made: Path
) -> None:
    assert right in PAPER
    (sentence,) = against(tmp_path, made, PAPER.replace(right, wrong))
    assert kind in sentence


def test_a_column_without_an_output_is_counted_and_not_doubted(tmp_path: Path, made: Path) -> None:
    path = tmp_path / "paper.csv"
    path.write_text(
        PAPER.replace("0.041", "0.141").replace("0.199", "0.499").replace("0.015", "0.515"), encoding="utf-8"
    )
    review = audit_table(path, against=made)
    assert review.checked["columns without an output"] == 1
    assert "against" not in {f.check for f in review.findings}
