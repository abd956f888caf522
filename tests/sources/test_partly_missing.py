"""A column that only some of the files have is empty in the rows of the others: a warning names it and the files."""

from __future__ import annotations

from pathlib import Path

import integrade as ig
from integrade.engine.frames import Table

HEAD = "firm,year,region,assets,liabilities"


def accounts(folder: Path, **headings: str) -> Table:
    """Accounts in one file per year: the name of a file -> the heading of its last column."""
    for year, (name, heading) in enumerate(headings.items(), 2001):
        last = ",1990" if heading else ""
        (folder / f"{name}.csv").write_text(f"{HEAD}{',' if heading else ''}{heading}\nA,{year},北京,10,5{last}\n")
    return ig.read_firms(sorted(folder.glob("*.csv")))


def warnings(table: Table) -> list[str]:
    return [str(entry.reason) for entry in table.account if entry.kind == "warning"]


def test_a_column_of_some_files_is_named_with_the_files_that_lack_it(tmp_path: Path) -> None:
    table = accounts(tmp_path, a="founded", b="", c="")
    assert table.polars().sort("year")["founded"].to_list() == [1990, None, None]
    assert warnings(table) == ["'founded': missing in 2 of 3 files, whose rows have no value there (b.csv, c.csv)"]


def test_a_heading_that_only_these_files_have_is_offered(tmp_path: Path) -> None:
    table = accounts(tmp_path, a="开业时间", b="创办于")
    (warning,) = warnings(table)
    assert "'founded': missing in 1 of 2 files, whose rows have no value there (b.csv)" in warning
    assert (
        """Only these files have '创办于': if one of them is the column, map it with columns={"创办于": "founded"}"""
        in warning
    )
    mapped = ig.read_firms(sorted(tmp_path.glob("*.csv")), columns={"开业时间": "founded", "创办于": "founded"})
    assert mapped.polars().sort("year")["founded"].to_list() == [1990, 1990]
    assert warnings(mapped) == []


def test_months_of_some_files_and_files_that_agree_are_silent(tmp_path: Path) -> None:
    assert warnings(accounts(tmp_path, a="founded", b="founded")) == []
    (tmp_path / "x1.csv").write_text("firm,product,destination,year,value,quantity\nA,010110,JPN,2006,5,1\n")
    (tmp_path / "x2.csv").write_text("firm,product,destination,month,value,quantity\nA,010110,JPN,200703,5,1\n")
    assert warnings(ig.read_customs(sorted(tmp_path.glob("x*.csv")))) == []


def test_a_heading_that_differs_in_its_unit_alone_is_not_offered(tmp_path: Path) -> None:
    """利润总额(千元) of one file is 利润总额 of the others, and cannot be the column that the file lacks."""
    (tmp_path / "a.csv").write_text(f"{HEAD},founded,利润总额\nA,2001,北京,10,5,1990,7\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"{HEAD},利润总额（千元）\nA,2002,北京,10,5,7\n", encoding="utf-8")
    (warning,) = warnings(ig.read_firms(sorted(tmp_path.glob("*.csv"))))
    assert warning == "'founded': missing in 1 of 2 files, whose rows have no value there (b.csv)"
