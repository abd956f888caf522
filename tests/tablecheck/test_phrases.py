"""Sentences that name a column, a sign, a count or a kind of number are compared with the table that they name."""

from __future__ import annotations

from pathlib import Path

from each import each
from tablecheck import audit_table

TABLE = """Table 2. Fires,,,
,(1),(2),(3)
Plants,-9.270***,-5.075***,-4.836***
,(2.621),(1.370),(1.326)
Rain,0.012,0.015,-0.003
,(0.031),(0.029),(0.043)
Observations,217512,216828,216828
"Standard errors in parentheses. * p<0.10, ** p<0.05, *** p<0.01",,,
"""


def said(tmp_path: Path, sentence: str, table: str = TABLE) -> list[str]:
    path, text = tmp_path / "table2.csv", tmp_path / "paper.md"
    path.write_text(table, encoding="utf-8")
    text.write_text(sentence, encoding="utf-8")
    return [f.sentence for f in audit_table(path, text=text).findings if f.check in ("claims", "definitions")]


@each(
    ("wrong", "right", "printed"),
    [
        (
            "The coefficient in column (2) of Table 2 is -5.705, and smaller than in column (1).",
            "The coefficient in column (2) of Table 2 is -5.075, and smaller than in column (1).",
            "5.075",
        ),
        (
            "Plants lower the number of fires by 4.863 a month (Table 2, column 3).",
            "Plants lower the number of fires by 4.836 a month (Table 2, column 3).",
            "4.836",
        ),
        ("The effect of plants in Table 2 is 4.836.", "The effect of plants in Table 2 is -4.836.", "-4.836***"),
        ("表 2 第 3 列中 Plants 的系数为 -4.863。", "表 2 第 3 列中 Plants 的系数为 -4.836。", "4.836"),
    ],
)
def test_a_quoted_number_has_the_digits_and_the_sign_of_its_column(
    wrong: str, right: str, printed: str, tmp_path: Path
) -> None:
    assert not said(tmp_path, right)
    (one,) = said(tmp_path, wrong)
    assert f"which prints {printed}" in one


def test_a_decrease_may_be_quoted_without_its_sign(tmp_path: Path) -> None:
    assert not said(
        tmp_path, "The estimate in Table 2 is a reduction; the effect of plants is 4.836 fires fewer or less."
    )


@each(
    ("wrong", "right"),
    [
        ("Table 2 shows that plants significantly increase fires.", "Table 2 shows that plants reduce fires."),
        ("In Table 2, rain has a significant effect on fires.", "In Table 2, rain has no significant effect on fires."),
        ("In Table 2, rain has a significant effect on fires.", "In Table 2, plants have a significant effect."),
    ],
)
def test_direction_and_significance_are_those_of_the_table(wrong: str, right: str, tmp_path: Path) -> None:
    assert not said(tmp_path, right)
    assert len(said(tmp_path, wrong)) == 1


RANKING = "Table 3. Index by province,,\nProvince,Index,Rank\n{}"
ROWS = "".join(f"Province {chr(65 + n)},{3 - n / 10:.2f},{n + 1}\n" for n in range(8))


def test_a_count_of_units_is_that_of_the_ranking(tmp_path: Path) -> None:
    table = RANKING.format(ROWS)
    assert not said(tmp_path, "Table 3 ranks the 8 provinces.", table)
    (one,) = said(tmp_path, "Table 3 ranks the 7 provinces.", table)
    assert "has 8 rows" in one
    assert not said(tmp_path, "Table 3 shows the 3 provinces with the largest index.", table)


DESCRIBED = "Table 1. Variables,,,,,\n,N,Mean,SD,Min,Max\nRD,900,5.1,0.8,{},7.3\nsize,900,10.2,1.1,7.0,14.0\n"


def test_a_ratio_is_not_above_one_throughout(tmp_path: Path) -> None:
    text = "R&D intensity (RD) is measured as the ratio of spending to output; see Table 1."
    (one,) = said(tmp_path, text, DESCRIBED.format("3.2"))
    assert "its values run from 3.2 to 7.3" in one
    assert not said(tmp_path, text, DESCRIBED.format("0.2"))
    assert not said(tmp_path, text.replace("the ratio", "the logarithm of the ratio"), DESCRIBED.format("3.2"))


@each(
    ("wrong", "right"),
    [
        ("In Table 3, Province C ranks fifth.", "In Table 3, Province C ranks third."),
        ("Province H is ranked 2 in Table 3.", "Province H is ranked 8 in Table 3."),
        ("表 3 中 Province B 排名第三。", "表 3 中 Province B 排名第二。"),
        (
            "Table 3 ranks provinces. Province A and Province B rank 1 and 4.",
            "Table 3 ranks provinces. Province A, Province B and Province D rank 1, 2 and 4.",
        ),
        (
            "Province A leads in Table 3, ranking second and fourth in Province B and Province C.",
            "Province A leads in Table 3, ranking second and third in Province B and Province C.",
        ),
        ("In Table 3, Province B ranks third.", "In Table 3, Province G ranks second from the bottom."),
    ],
)
def test_a_rank_is_one_that_the_table_gives_to_the_unit(wrong: str, right: str, tmp_path: Path) -> None:
    table = RANKING.format(ROWS)
    assert not said(tmp_path, right, table)
    (one,) = said(tmp_path, wrong, table)
    assert "its ranks in" in one


def test_a_rank_in_a_year_is_that_of_the_year(tmp_path: Path) -> None:
    table = (
        "Table 3. Index by province,,,,\nProvince,2004,Rank,2013,Rank\nNorth,4.0,1,1.0,4\nSouth,3.0,2,2.0,3\n"
        "East,2.0,3,3.0,2\nWest,1.0,4,4.0,1\n"
    )
    assert not said(tmp_path, "As Table 3 shows, South ranks second.", table)
    assert not said(tmp_path, "As Table 3 shows, South ranks third in 2013.", table)
    (one,) = said(tmp_path, "As Table 3 shows, South ranks second in 2013.", table)
    assert "are 3: " in one


@each(
    ("wrong", "right"),
    [
        ("In Table 1, RD ranges from 2.2 to 7.3.", "In Table 1, RD ranges from 3.2 to 7.3."),
        ("In Table 1, size varies between 7 and 41.", "In Table 1, size varies between 7 and 14."),
        ("表 1 中 RD 的最小值为 3.2，最大值为 8.3。", "表 1 中 RD 的最小值为 3.2，最大值为 7.3。"),
    ],
)
def test_a_range_is_that_of_the_descriptive_statistics(wrong: str, right: str, tmp_path: Path) -> None:
    table = DESCRIBED.format("3.2")
    assert not said(tmp_path, right, table)
    (one,) = said(tmp_path, wrong, table)
    assert "the text gives" in one
