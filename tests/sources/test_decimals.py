"""Which of comma and point is the decimal mark: told by the column or by the user, never guessed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import integrade as ig
from each import each, each_pair
from integrade.cli import run
from integrade.engine.frames import collect, enter
from integrade.errors import AmbiguousNumber, IntegradeError, NotANumber, UnknownName
from integrade.sources import read_canonical
from integrade.sources.meaning.decimals import Printed, written_plainly
from integrade.sources.tables.typed import read_table
from integrade.study.data.tables import read_source
from integrade.study.reading import load
from integrade.study.run import check_study
from integrade.study.template import write_new

ENGINES = ["polars", "duckdb"]


def firms(folder: Path, cells: list[str], separator: str = ";", name: str = "firms.csv") -> Path:
    """Firm accounts whose assets are printed so; quoted where the separator needs it."""
    quoted = [f'"{c}"' if separator in c else c for c in cells]
    rows = [separator.join([f"F{i}", "2004", cell]) for i, cell in enumerate(quoted)]
    path = folder / name
    path.write_text("\n".join([separator.join(["firm", "year", "assets"]), *rows]) + "\n", encoding="utf-8")
    return path


def assets(path: Path, engine: Any = "polars", **changes: Any) -> list[float | None]:
    return read_canonical("firms", path, engine=engine, **changes).polars().sort("firm")["assets"].to_list()


@each("engine", ENGINES)
@each("separator", [";", "\t", "|", ","])
def test_a_comma_before_three_digits_is_refused_where_nothing_tells(
    separator: str, engine: Any, tmp_path: Path
) -> None:
    path = firms(tmp_path, ["950", "1,234", "2,345"], separator)
    with pytest.raises(AmbiguousNumber) as caught:
        assets(path, engine)
    assert caught.value.code == "D213"
    assert "2 cells" in caught.value.what
    assert "1,234" in caught.value.example
    assert "decimal=" in caught.value.remedy
    assert str(path) in caught.value.where


@each_pair(
    ("engine", ENGINES),
    ("separator", [";", "\t", "|", ","]),
    (
        ("cells", "values"),
        [
            (["1,234", "1,234.5"], [1234.0, 1234.5]),
            (["1,234", "1,234,567"], [1234.0, 1234567.0]),
            (["1,234", "12.5"], [1234.0, 12.5]),
            (["1,234", "12,34,567"], [1234.0, 1234567.0]),
            (["1,234", "1.234,5"], [1.234, 1234.5]),
            (["1,234", "12,3"], [1.234, 12.3]),
            (["1,234", "0,123"], [1.234, 0.123]),
            (["1,234", "1234,567"], [1.234, 1234.567]),
            (["1.234", "12,3"], [1234.0, 12.3]),
            (["1.234", "1.234.567"], [1234.0, 1234567.0]),
            (["1.234", "12.3"], [1.234, 12.3]),
            (["-1,234", "+1,234.5", "NA"], [-1234.0, 1234.5, None]),
            (["１，２３４", "１，２３４．５"], [1234.0, 1234.5]),
            (["1.5e3", "1,234"], [1500.0, 1234.0]),
        ],
    ),
)
def test_a_column_tells_by_any_other_number(
    cells: list[str], values: list[float], separator: str, engine: Any, tmp_path: Path
) -> None:
    assert assets(firms(tmp_path, cells, separator), engine) == values


@pytest.mark.parametrize(("mark", "value"), [(".", 1234.0), (",", 1.234)])
def test_the_user_says_which(mark: str, value: float, tmp_path: Path) -> None:
    assert assets(firms(tmp_path, ["1,234"]), decimal=mark) == [value]
    assert assets(firms(tmp_path, ["1.234"]), decimal=mark) == [1.234 if mark == "." else 1234.0]


def test_another_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="decimal=';'"):
        assets(firms(tmp_path, ["1,234"]), decimal=";")


def test_a_recipe_may_say_it(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        """name = "mine"
table = "firms"
title = "accounts"
provider = "me"
url = ""
cite = ""
decimal = ","
[columns]
firm = {from = ["firm"]}
year = {from = ["year"]}
assets = {from = ["assets"], times = 1000}
""",
        encoding="utf-8",
    )
    path = firms(tmp_path, ["1,234"])
    assert assets(path, source=str(tmp_path / "mine.toml")) == [pytest.approx(1234.0)]
    assert assets(path, source=str(tmp_path / "mine.toml"), decimal=".") == [1_234_000.0]


def test_a_point_before_three_digits_is_refused_only_where_commas_are_decimal(tmp_path: Path) -> None:
    assert assets(firms(tmp_path, ["1.234", "5.678"], ",")) == [1.234, 5.678]
    for separator in (";", "\t", "|"):
        with pytest.raises(AmbiguousNumber, match="thousands or decimals"):
            assets(firms(tmp_path, ["1.234", "5.678"], separator))
        assert assets(firms(tmp_path, ["1.234", "5.678"], separator), decimal=".") == [1.234, 5.678]
    rows = "firm\tyear\tassets\tinventory\nF1\t2004\t1.234\t12,5\nF2\t2004\t5.678\t13,5\n"
    (tmp_path / "tab.tsv").write_text(rows, encoding="utf-8")
    with pytest.raises(AmbiguousNumber, match="'assets'"):
        assets(tmp_path / "tab.tsv")
    assert assets(tmp_path / "tab.tsv", decimal=",") == [1234.0, 5678.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_numbers_against_what_the_user_says_are_refused(engine: Any, tmp_path: Path) -> None:
    with pytest.raises(NotANumber, match='contradict decimal=","'):
        assets(firms(tmp_path, ["1,234", "12.5"]), engine, decimal=",")
    with pytest.raises(NotANumber):
        assets(firms(tmp_path, ["1,234", "12,5"]), engine, decimal=".")


def test_both_marks_in_one_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotANumber, match="decimal points and others with decimal commas") as caught:
        assets(firms(tmp_path, ["12.5", "13,5"]))
    assert "12.5" in caught.value.example
    assert "13,5" in caught.value.example


def test_whole_columns_have_no_decimals_so_commas_are_thousands(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("firm;year;founded\nF1;2,004;1,990\nF2;2005;1.991\n", encoding="utf-8")
    rows = read_canonical("firms", tmp_path / "f.csv").polars().sort("firm")
    assert rows["year"].to_list() == [2004, 2005]


def test_columns_without_a_definition_follow_the_same_rule(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    path.write_text("firm;year;sales;note\nF1;2004;1.234,5;a,b\nF2;2004;12,5;1,234\n", encoding="utf-8")
    rows = read_table(path).polars()
    assert rows["sales"].to_list() == [1234.5, 12.5]
    assert rows["note"].to_list() == ["a,b", "1,234"], "a column with other text is one of text"
    path.write_text("firm;year;sales\nF1;2004;1,234\n", encoding="utf-8")
    with pytest.raises(AmbiguousNumber, match="'sales'"):
        read_table(path)
    assert read_table(path, decimal=",").polars()["sales"].to_list() == [1.234]


def test_each_file_tells_for_itself(tmp_path: Path) -> None:
    firms(tmp_path, ["1.234,5", "12,5"], name="a.csv")
    path = firms(tmp_path, ["1,234"], name="b.csv")
    path.write_text(path.read_text().replace("2004", "2005"), encoding="utf-8")
    with pytest.raises(AmbiguousNumber) as caught:
        read_canonical("firms", tmp_path)
    assert "b.csv" in caught.value.where
    assert "a.csv" not in caught.value.where


def test_a_filter_sees_the_numbers_not_how_they_are_printed(tmp_path: Path) -> None:
    path = firms(tmp_path, ["1.234,5", "12,5"])
    assert assets(path, where="assets > 100") == [1234.5]


def test_text_cells_of_a_workbook(tmp_path: Path) -> None:
    def write(cells: list[str]) -> Path:
        with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
            sheet = book.add_worksheet("accounts")
            for i, row in enumerate([["firm", "year", "assets"], *[[f"F{i}", 2004, c] for i, c in enumerate(cells)]]):
                sheet.write_row(i, 0, row)
        return tmp_path / "f.xlsx"

    with pytest.raises(AmbiguousNumber) as caught:
        assets(write(["1,234", "950"]))
    assert "'accounts'" in caught.value.where
    assert assets(write(["1,234", "12,5"])) == [1.234, 12.5]
    assert assets(write(["1,234", "950"]), decimal=".") == [1234.0, 950.0]


def test_a_statistical_layout_is_judged_as_one(tmp_path: Path) -> None:
    text = "2005年居民消费价格指数;;\n地区;食品;衣着\n北京;{};102\n天津;101;103\n河北;102;104\n"
    path = tmp_path / "2005.csv"

    def index(cell: str, **changes: Any) -> float:
        path.write_text(text.format(cell), encoding="utf-8")
        rows = ig.read_prices(path, **changes).polars()
        return float(rows.filter((pl.col("region") == "北京") & (pl.col("commodity") == "食品"))["index"][0])

    assert index("101,5") == 101.5
    assert index("1,101.5") == 1101.5
    with pytest.raises(AmbiguousNumber, match="1,101"):
        index("1,101")
    assert index("1,101", decimal=",") == 1.101


def test_the_remedy_works_on_the_command_line_and_in_a_study(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "panel.csv"
    rows = "\n".join(f"F{i};{1 + i % 7},{100 + i * 37 % 900};{1 + i % 5},{100 + i * 53 % 900}" for i in range(40))
    path.write_text(f"firm;y;x\n{rows}\n", encoding="utf-8")
    assert run(["fit", str(path), "y ~ x", "--quiet"]) == 1
    assert "D213" in capsys.readouterr().err
    assert run(["fit", str(path), "y ~ x", "--quiet", "--decimal", ","]) == 0
    comma = capsys.readouterr().out
    assert run(["fit", str(path), "y ~ x", "--quiet", "--decimal", "."]) == 0
    assert capsys.readouterr().out != comma


def test_in_a_study(tmp_path: Path) -> None:
    """What the message says works where the user is: [firms] decimal in study.toml."""
    write_new(tmp_path)
    path = firms(tmp_path, ["1,234"], name="mine.csv")
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    head, section, rest = re.split(r"(?m)(^\[firms\].*\n)", text)
    rest = rest[rest.index("\n[") :]
    for said, value in (("", None), ('decimal = ","\n', 1.234), ('decimal = "."\n', 1234.0)):
        lines = f'{section}files = ["{path.name}"]\n{said}'
        (tmp_path / "study.toml").write_text(head + lines + rest, encoding="utf-8")
        if value is None:
            assert any(problem.code == "D213" for problem in check_study(tmp_path)[0])
        else:
            table = read_source("firms", load(tmp_path).firms, tmp_path, "polars")
            assert table.polars()["assets"].to_list() == [value]


@settings(deadline=None)
@given(
    st.lists(st.decimals(-999_999, 9_999_999, places=2, allow_nan=False), min_size=1, max_size=12),
    st.sampled_from([".", ","]),
)
def test_numbers_printed_with_two_decimals_are_read_back_whatever_the_marks(values: list[Any], mark: str) -> None:
    """Two decimals are never three digits: such a column always tells."""
    apart = "," if mark == "." else "."
    cells = [f"{v:,.2f}".replace(",", "_").replace(".", mark).replace("_", apart) for v in values]
    frame = enter(pl.DataFrame({"x": cells}))
    plain, *_ = written_plainly(frame, Printed(["x"], (), ()), "t", doubtful=True)
    assert [float(c) for c in collect(plain)["x"]] == [float(v) for v in values]


@settings(deadline=None)
@given(st.lists(st.integers(1000, 999_999), min_size=1, max_size=12))
def test_whole_numbers_below_a_million_with_thousands_apart_are_never_guessed(values: list[int]) -> None:
    frame = enter(pl.DataFrame({"x": [f"{v:,}" for v in values]}))
    with pytest.raises(IntegradeError, match="D213"):
        written_plainly(frame, Printed(["x"], (), ()), "t")


HEAD = ["firm", "product", "destination", "year", "value", "quantity"]


def book(folder: Path, *cells: object, codes: tuple[object, ...] = ("010121", "010122", "010123", "010124")) -> str:
    """A workbook of customs records with these cells as values, numbers or texts."""
    path = folder / "c.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for i, cell in enumerate(cells):
            for j, one in enumerate(("A", codes[i], "USA", 2004, cell, 10)):
                (sheet.write_string if isinstance(one, str) else sheet.write)(i + 1, j, one)
    return str(path)


def values_of(path: str, **how: Any) -> list[float]:
    read: Any = ig.read_customs(path, **how)
    found: list[float] = read.polars().sort("product")["value"].to_list()
    return found


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (("1.234,5", "12,25"), [1234.5, 12.25]),
        (("1.234", "7,5"), [1234.0, 7.5]),
        (("1,234.5", "12.25"), [1234.5, 12.25]),
        (("1,234", "0.5"), [1234.0, 0.5]),
    ],
)
def test_texts_beside_numbers_in_a_workbook_tell_their_own_mark(
    tmp_path: Path, texts: tuple[str, str], numbers: list[float]
) -> None:
    path = book(tmp_path, texts[0], 1500.25, texts[1], 3)
    assert values_of(path) == [numbers[0], 1500.25, numbers[1], 3.0]
    assert "value: 2 text cells that contain a number are read as that number" in str(
        ig.read_customs(path).account  # type: ignore[attr-defined]
    )


@pytest.mark.parametrize("text", ["1.234", "1,234"])
def test_texts_beside_numbers_in_doubt_are_asked_for(tmp_path: Path, text: str) -> None:
    """What Excel left as text beside 1500.25 was not written with the mark of the program that read it."""
    path = book(tmp_path, text, 1500.25, 2, 3)
    with pytest.raises(AmbiguousNumber, match="'value' of customs has numbers, and texts that may be"):
        ig.read_customs(path)
    mark = text[1]
    assert values_of(path, decimal=mark)[0] == 1.234
    assert values_of(path, decimal="," if mark == "." else ".") == [1234.0, 1500.25, 2.0, 3.0]


def test_texts_with_both_marks_and_codes_beside_numbers_stay(tmp_path: Path) -> None:
    with pytest.raises(NotANumber, match="decimal points and others with decimal commas"):
        ig.read_customs(book(tmp_path, "1.234,5", 1500.25, "1,234.5", 3))
    codes = ("8471.30", "847131", "847132", "847133")
    read: Any = ig.read_customs(book(tmp_path, 1, 2, 3, 4, codes=codes))
    assert "8471.30" in read.polars()["product"].to_list()
