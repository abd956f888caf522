"""The paper's lists of industries: classes of its text as codes of GB/T 4754, and the rows that no list covers."""

from __future__ import annotations

import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table, account_of
from integrade.errors import EmptyTable
from integrade.subjects.groups.industry_lists import listed_intensity
from integrade.subjects.groups.splits import group_column, is_of_lists

CLASSES = {  # letter of the guide of 2001 -> two-digit codes of GB/T 4754-2002, by the names of the classes
    "B": range(6, 12),
    "C0": (13, 14, 15),
    "C1": (17, 18, 19),
    "C2": (20, 21),
    "D": (44, 45, 46),
    "C3": (22, 23, 24),
    "C4": (25, 26, 28, 29, 30),
    "C6": (31, 32, 33, 34),
    "C5, C7, C8, C9 and G": (27, 35, 36, 37, 39, 40, 41, 42, 43),
}
LABOUR, CAPITAL = ("B", "C0", "C1", "C2", "D"), ("C3", "C4", "C6")


def test_the_lists_are_the_papers_classes() -> None:
    known = listed_intensity("GB/T 4754-2002")
    for letters, codes in CLASSES.items():
        group = "labour_intensive" if letters in LABOUR else "capital_intensive" if letters in CAPITAL else None
        assert {known.get(f"{code:02}") for code in codes} == {group}, letters
    assert set(known) == {f"{code:02}" for letters in (*LABOUR, *CAPITAL) for code in CLASSES[letters]}


@each("edition", ["GB/T 4754-2011", "GB/T 4754-2017"])
def test_later_editions_number_metals_and_machinery_otherwise(edition: str) -> None:
    known = listed_intensity(edition)  # type: ignore[arg-type]
    assert known["33"] == known["29"] == "capital_intensive", "metal products; rubber and plastics"
    assert "34" not in known, "general machinery"


def test_rows_outside_the_lists_have_no_group_and_are_counted() -> None:
    rows = pl.DataFrame({"industry": ["1310", "C17", "2611", "4011", "4012", None]})
    grouped = group_column(Table("panel", rows), "intensity", intensity_from="lists")
    labour, capital = "labour_intensive", "capital_intensive"
    assert grouped.polars()["intensity"].to_list() == [labour, labour, capital, None, None, None]
    cover, without = [e for e in account_of(grouped) if is_of_lists(e.reason)]
    assert (cover.kind, cover.rows, without.kind, without.rows) == ("warning", 2, "warning", 1)
    assert "cover 3 of 5 rows" in cover.reason
    assert "codes 40 (GB/T 4754-2002) are" in cover.reason
    assert "without an industry" in without.reason
    whole = group_column(Table("panel", rows.head(3)), "intensity", intensity_from="lists")
    (note,) = [e for e in account_of(whole) if is_of_lists(e.reason)]
    assert (note.kind, note.rows) == ("note", 0)


def test_codes_that_are_not_of_gbt_4754_are_refused_with_the_other_way() -> None:
    with pytest.raises(EmptyTable) as refused:
        group_column(pl.DataFrame({"industry": ["35", "36", "37"]}), "intensity", intensity_from="lists")
    assert 'intensity_from = "accounts"' in refused.value.remedy


def test_codes_of_the_guide_of_2001_are_known_by_classes_that_later_editions_lack() -> None:
    """C13 is clothing in the guide of 2001 (C1), and food of the division 13 in that of 2012."""
    codes = ["C13", "C31", "C8101", "B01", "C0"]
    grouped = group_column(Table("panel", pl.DataFrame({"industry": codes})), "intensity", intensity_from="lists")
    labour, capital = "labour_intensive", "capital_intensive"
    assert grouped.polars()["intensity"].to_list() == [labour, capital, None, labour, labour]
    (note,) = [e for e in account_of(grouped) if is_of_lists(e.reason)]
    assert "codes C8 (CSRC guide of 2001)" in note.reason
    later = group_column(
        Table("panel", pl.DataFrame({"industry": ["C13", "C31", "C39"]})), "intensity", intensity_from="lists"
    )
    note, doubt = [e for e in account_of(later) if is_of_lists(e.reason)]
    assert "codes 39 (GB/T 4754-2002)" in note.reason
    assert "If they are of the CSRC guide of 2001" in doubt.reason


def doubts(*codes: str, year: int = 2005, **options: str) -> list[str]:
    """Return the warnings of a split, without the one on rows that the lists do not cover."""
    rows = pl.DataFrame({"industry": codes, "year": year, "fixed_assets": range(1, len(codes) + 1), "employment": 1})
    grouped = group_column(Table("panel", rows), "intensity", **options)
    warned = [str(e.reason) for e in account_of(grouped) if e.kind == "warning"]
    return [text for text in warned if "in neither list" not in text]


def test_a_code_that_lost_its_zero_is_read_by_the_lengths_of_the_others() -> None:
    """0610 is mining of coal (06); 61 are hotels, which are not in the survey of industry."""
    rows = pl.DataFrame({"industry": ["610", "610", "1310", "2611", "131"]})
    grouped = group_column(Table("panel", rows), "intensity", intensity_from="lists")
    labour, capital = "labour_intensive", "capital_intensive"
    assert grouped.polars()["intensity"].to_list() == [labour, labour, labour, capital, labour]
    (warning,) = [str(e.reason) for e in account_of(grouped) if e.kind == "warning"]
    assert "code 610 is read as 0610" in warning
    assert "2 rows" in warning
    assert 'pad={"industry": 4}' in warning
    (measured,) = doubts("610", "0620", "1310", "2611")
    assert "code 610 is read as 0610" in measured
    assert doubts("6110", "610", "1310", "2611", intensity_from="lists") == [], "hotels: 610 may be one of them"


def test_codes_that_may_be_of_the_guide_of_2001_are_a_warning() -> None:
    (warning,) = doubts("C13", "C31", "C26", intensity_from="lists")
    assert "codes such as C13 are read as divisions of GB/T 4754-2002" in warning
    assert doubts("C13", "C81", "C31", intensity_from="lists") == [], "C81 is of 2001 alone"


@each("year, edition, warned", [(2001, 0, 0), (2005, 0, 0), (2014, 0, 2011), (2014, 2011, 0), (2001, 2011, 1994)])
def test_years_of_another_edition_are_a_warning(year: int, edition: int, warned: int) -> None:
    """The lists hold the same codes of 1994 and 2002; from 2011 on, 34 is no longer metal products."""
    options = {"edition": f"GB/T 4754-{edition}"} if edition else {}
    texts = doubts("1310", "2611", "3411", year=year, intensity_from="lists", **options)
    assert [f"usually use GB/T 4754-{warned}" in text for text in texts] == ([True] if warned else [])
