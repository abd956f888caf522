"""Years across with the mark of a footnote or of a provisional value: they are periods, and the mark is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each, each_pair
from integrade.errors import DuplicateKeys, UnclearLayout
from integrade.sources import read_canonical

MARKS = (
    "2018*",
    "2018**",
    "2018¹",
    "2018 (p)",
    "2018 (prov)",
    "2018a",
    "2018p",
    "2018r",
    "2018†",
    "2018[1]",
    "2018 1)",
)
TABLES = {
    "firms": ("firm,name,{0}_2016,{0}_2017,{1}\nF1,a,1.5,2.5,3.5\nF2,b,2.5,3.5,4.5\n", "assets"),
    "covariates": ("region,{0} 2016,{0} 2017,{1}\nA,1.5,2.5,3.5\nB,2.5,3.5,4.5\n", "rd"),
}


def read(tmp_path: Path, table: str, text: str, **options: object) -> object:
    """A table from a file of this text."""
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    return read_canonical(table, tmp_path / "f.csv", **options)  # type: ignore[arg-type]


@each_pair(("mark", MARKS), ("table", TABLES), ("form", ["{0}_{1}", "{0} {1}", "{1} {0}"]))
def test_a_mark_does_not_make_a_variable_constant(form: str, table: str, mark: str, tmp_path: Path) -> None:
    text, variable = TABLES[table]
    heading = form.format(variable, mark)
    found: object = read(tmp_path, table, text.format(variable, heading))
    rows = found.polars().sort("year")  # type: ignore[attr-defined]
    assert rows["year"].unique().sort().to_list() == [2016, 2017, 2018]
    assert rows.filter(rows["year"] == 2018)[variable].sort().to_list() == [3.5, 4.5]
    assert not [name for name in rows.columns if "2018" in name]
    assert heading in str(found.account)  # type: ignore[attr-defined]


@each("mark", MARKS)
def test_years_alone_have_marks_too(mark: str, tmp_path: Path) -> None:
    layouts = {
        "firms": ("firm,2016,2017,{}\nF1,1.5,2.5,3.5\nF2,2.5,3.5,4.5\n", {"columns": "year", "values": "assets"}),
        "covariates": ("region,2016,2017,{}\nA,1.5,2.5,3.5\nB,2.5,3.5,4.5\n", {"values": "rd"}),
        "prices": ("region,commodity,2016,2017,{}\nA,Rice,101,102,103\nB,Rice,102,103,104\n", {}),
    }
    for table, (text, layout) in layouts.items():
        found: object = read(tmp_path, table, text.format(mark), layout=layout)
        assert found.polars()["year"].unique().sort().to_list() == [2016, 2017, 2018]  # type: ignore[attr-defined]
        assert mark in str(found.account)  # type: ignore[attr-defined]


@each("mark", MARKS)
@each("table", TABLES)
def test_a_year_with_and_without_a_mark_is_refused(table: str, mark: str, tmp_path: Path) -> None:
    text, variable = TABLES[table]
    text = text.format(variable, f"{variable}_{mark}").replace(f"{variable}_2016", f"{variable}_2018")
    text = text.replace(f"{variable} 2016", f"{variable} 2018").replace("\n", ",9\n")
    text = text.replace(",9\n", f",{variable}_2015\n", 1)
    with pytest.raises(DuplicateKeys, match="one of them under the heading") as told:
        read(tmp_path, table, text)
    assert mark in told.value.what


def test_several_letters_of_one_year_are_names_of_variables(tmp_path: Path) -> None:
    text = "region,q2016,q2017,q2018a,q2018b\nA,1.5,2.5,3.5,4\nB,2.5,3.5,4.5,5\n"
    found: object = read(tmp_path, "covariates", text)
    assert {"q2018a", "q2018b"} <= set(found.polars().columns)  # type: ignore[attr-defined]


@pytest.mark.parametrize("heading", ["2018abc", "2018.1)", "2018年预计", "2018M03xyz"])
def test_a_heading_that_only_begins_as_a_period_is_refused(heading: str, tmp_path: Path) -> None:
    text, variable = TABLES["firms"]
    text = text.format(variable, named := f"{variable}_{heading}")
    with pytest.raises(UnclearLayout, match="is not understood") as told:
        read(tmp_path, "firms", text)
    assert repr(named) in told.value.what
    found: object = read(tmp_path, "firms", text, columns={named: "other"})
    assert "other" in found.polars().columns  # type: ignore[attr-defined]


def test_months_and_full_width_signs_have_marks(tmp_path: Path) -> None:
    prices = "region,commodity,{},{},{}\nA,Rice,101,102,103\nB,Rice,102,103,104\n"
    for marked, headings in (("2018M03p", ("2018M01", "2018M02")), ("2018＊", ("2016", "2017"))):
        found: object = read(tmp_path, "prices", prices.format(*headings, marked))
        assert found.polars().height == 6  # type: ignore[attr-defined]
        assert marked in str(found.account)  # type: ignore[attr-defined]
