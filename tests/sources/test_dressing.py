"""Numbers in print: docs/reading.md lists what each becomes, and the program does what it lists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from each import each
from integrade.engine.frames import collect, enter
from integrade.errors import IntegradeError, NotANumber, Problems
from integrade.sources import read_canonical
from integrade.sources.meaning import printed_numbers
from integrade.sources.meaning.decimals import settled
from integrade.sources.meaning.printed_numbers import bare, undress, undressed
from integrade.sources.meaning.statistical_words import is_number, number_of
from integrade.sources.tables.typed import read_table
from rawcells.cells.grid import Sheet

ENGINES = ["polars", "duckdb"]
DOCS = Path(__file__).parents[2] / "docs" / "reading.md"


def listed() -> list[tuple[list[str], list[float | None] | str, str]]:
    """The rows of the table: cells, what they become (or the code of the refusal), what the account says."""
    text = DOCS.read_text(encoding="utf-8").split("| cells of a column |")[1].split("\n\n")[0]
    rows = [re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in text.splitlines()[2:]]
    found = []
    for row in rows:
        cells, become, said = [*row, "", ""][:3]
        refused = re.match(r"refused \((D\d+)\)", become)
        values = [None if v == "missing" else float(v.strip("`")) for v in become.split()] if not refused else []
        found.append((re.findall("`([^`]+)`", cells), refused[1] if refused else values, said.strip("`")))
    return found


ROWS = listed()


def firms(folder: Path, cells: list[str]) -> Path:
    path = folder / "firms.tsv"
    rows = [f"F{i}\t2004\t{cell}" for i, cell in enumerate(cells)]
    path.write_text("\n".join(["firm\tyear\tassets", *rows]) + "\n", encoding="utf-8")
    return path


def codes(problem: IntegradeError) -> set[str]:
    return {p.code for p in problem.problems} if isinstance(problem, Problems) else {problem.code}


def test_the_table_is_long() -> None:
    assert len(ROWS) > 25


@each("engine", ENGINES)
@each(("cells", "become", "said"), ROWS, ids=[" ".join(row[0]) for row in ROWS])
def test_numbers_become_what_the_documentation_says(
    cells: list[str], become: list[float | None] | str, said: str, engine: Any, tmp_path: Path
) -> None:
    path = firms(tmp_path, cells)
    if isinstance(become, str):
        with pytest.raises(IntegradeError) as caught:
            read_canonical("firms", path, engine=engine)
        assert codes(caught.value) == {become}
        assert str(path) in caught.value.where
        assert "row" in caught.value.example or engine == "duckdb"
        return
    table = read_canonical("firms", path, engine=engine)
    assert table.polars().sort("firm")["assets"].to_list() == become
    notes = [str(e.reason) for e in table.account if str(e.reason).startswith("assets")]
    assert any(said in note for note in notes) if said else not notes


@each(("cells", "become"), [r[:2] for r in ROWS], ids=[" ".join(row[0]) for row in ROWS])
def test_text_cells_of_a_workbook_are_read_alike(
    cells: list[str], become: list[float | None] | str, tmp_path: Path
) -> None:
    with xlsxwriter.Workbook(tmp_path / "f.xlsx", {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate([("firm", "year", "assets"), *((f"F{i}", 2004, c) for i, c in enumerate(cells))]):
            sheet.write_row(i, 0, row)
    if isinstance(become, str):
        with pytest.raises(IntegradeError) as caught:
            read_canonical("firms", tmp_path / "f.xlsx")
        assert codes(caught.value) == {become}
    else:
        assert read_canonical("firms", tmp_path / "f.xlsx").polars().sort("firm")["assets"].to_list() == become


@each(("cells", "become"), [row[:2] for row in ROWS if not isinstance(row[1], str)], ids=lambda v: str(v)[:30])
def test_cells_of_statistical_layouts_are_read_alike(cells: list[str], become: list[float | None]) -> None:
    found = settled([Sheet("", [[cell] for cell in cells])], None)
    assert found.problem is None
    assert [number_of(row[0]) for row in found.sheets[0].rows] == become


def test_a_layout_with_per_cents_beside_other_numbers_is_refused() -> None:
    problem = settled([Sheet("a", [["x"], ["3.2%"], ["0.032"]])], None).problem
    assert isinstance(problem, NotANumber)
    assert "cell A2: 3.2%; cell A3: 0.032" in problem.example
    assert settled([Sheet("a", [["x"], ["0.032"], ["3.2%"]])], None).problem is not None
    assert settled([Sheet("a", [["x"], ["2010"], ["3.2%"]])], None).problem is None


def test_a_layouts_dress_is_said_and_superscripts_are_no_digits(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    head = "时间,北京,北京\n时间,食品类居民消费价格指数(上年=100),衣着类居民消费价格指数(上年=100)\n"
    path.write_text(head + "2010年,101.5¹,102.5*\n2011年,103.5,104.5 (p)\n", encoding="utf-8")
    table = read_canonical("prices", path)
    assert sorted(table.polars()["index"].to_list()) == [101.5, 102.5, 103.5, 104.5]
    assert any("footnote marks removed from 3 numbers" in str(e.reason) for e in table.account)


def test_numbers_under_years_across_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("State;item;2010;2011\nA;food;101,5¹;1 002,5\nB;food;99,5p;102,5*\n", encoding="utf-8")
    table = read_canonical("prices", path, columns={"State": "region"})
    assert sorted(table.polars()["index"].to_list()) == [99.5, 101.5, 102.5, 1002.5]
    assert any("footnote marks removed from 3 numbers" in str(e.reason) for e in table.account)


def test_the_decimal_comma_of_the_user_holds_in_a_layout(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    head = "时间;北京;北京\n时间;食品类居民消费价格指数(上年=100);衣着类居民消费价格指数(上年=100)\n"
    path.write_text(head + "2010年;1,015;1,025\n", encoding="utf-8")
    with pytest.raises(IntegradeError, match="D213"):
        read_canonical("prices", path)
    assert sorted(read_canonical("prices", path, decimal=",").polars()["index"].to_list()) == [1.015, 1.025]
    assert sorted(read_canonical("prices", path, decimal=".").polars()["index"].to_list()) == [1015, 1025]


@pytest.mark.parametrize("engine", ENGINES)
def test_columns_without_a_definition_are_numbers_only_where_that_is_certain(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    rows = [
        "firm\tyear\tgrowth\tphone\tseat\tnote\twage\tzone\tarea\tband",
        "F1\t2004\t3.2%\t755 123 456\t12a\t(1)\tRM 1,200.50\tR1\tFr 1\tx",
        "F2\t2005\t-1%\t755 123 457\t12b\t(2)\tRM 900\tR2\tFr 2\t1",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    found = read_table(path, engine=engine).polars()
    assert found["growth"].to_list() == [3.2, -1.0]
    assert found["wage"].to_list() == [1200.5, 900.0]
    assert {found.schema[n] for n in ("phone", "seat", "note", "zone", "area", "band")} == {pl.String}


@each(
    ("text", "number"),
    [
        *(("kg 5", None), ("12-13", None), ("RM", None), ("$-5-", None), ("(5", None), ("5)", None)),
        *(("US$ 5", "5"), ("$(5)", None), ("($5)", "5"), ("5 USD", "5"), ("'5", "5"), ("1.5e3*", "1.5e3")),
    ],
)
def test_what_is_a_number_in_a_dress(text: str, number: str | None) -> None:
    found = undress(text)
    assert (found[0] if found else None) == number


def column(cells: list[str]) -> tuple[list[str], list[tuple[str, int]]]:
    """The cells of one column that must be a number without what is around them, and what is said of them."""
    found = undressed(enter(pl.DataFrame({"x": cells}, schema={"x": pl.String})), ["x"], [], "firms")
    assert not found.problems
    return collect(found.frame)["x"].to_list(), [(str(e.reason), e.rows) for e in found.notes]


@each(
    ("cells", "become"),
    [
        (["12.-", "5-", "7"], ["12", "-5", "7"]),  # a dash after a point is no minus, whatever other cells have
        (["5-", "12.-", "7"], ["-5", "12", "7"]),
        (["(12.5)"], ["-12.5"]),  # one cell alone is negative
        (["(12.5)", "(5)"], ["(12.5)", "(5)"]),  # where all are in brackets they are standard errors or the like
    ],
)
def test_what_stands_around_a_number_is_told_from_a_minus(cells: list[str], become: list[str]) -> None:
    assert column(cells)[0] == become


def test_shapes_of_many_rows_are_those_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the rows that are looked at one by one the engine counts shapes: numbers and notes are the same."""
    cells = ["RM 1,200", "１２", "(34.5)", " RM 7 ", "n/a", "8 (p)", "9"]
    few = column(cells)
    monkeypatch.setattr(printed_numbers, "FEW_ROWS", 3)
    assert column(cells) == few
    assert few[0] == ["1,200", "12", "-34.5", "7", "n/a", "8", "9"]
    assert sorted(n for _, n in few[1]) == [1, 1, 1, 1, 2]  # of full width, in brackets, a mark, n/a; two of RM


@each(
    ("text", "money", "marks"),
    [
        *(("5 Rs", "Rs", ""), ("5 Rp", "IDR", ""), ("5 R s", "R", "s"), ("Rs 5", "Rs", "")),
        *(("RM 5", "MYR", ""), ("$5", "$", ""), ("US$5", "USD", ""), ("5 kr.", "kr", ""), ("SFr 5*", "CHF", "*")),
    ],
)
def test_a_currency_is_not_a_shorter_one_with_a_footnote(text: str, money: str, marks: str) -> None:
    found = undress(text)
    assert found is not None
    assert (found[1].money, found[1].marks) == (money, marks)


def test_whole_numbers_in_brackets_number_columns() -> None:
    assert [is_number(c) for c in ("(1)", "（12）", "(1,234.5)", "12.5*")] == [False, False, True, True]
    assert bare("－１") == "-1"
