"""The filter grammar on both engines: what is kept, and how errors point at the place."""

from __future__ import annotations

import operator
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, each_pair
from integrade.engine.frames import Frame, collect, on_engine
from integrade.errors import BadFormula, UnknownColumn
from integrade.sources.files.where import necessary, parse_where

ROWS = pl.DataFrame(
    {
        "row": [1, 2, 3, 4, 5],
        "item": ["总指数", "食品", None, "a b", ""],
        "text": ["1", "02", "x", None, "3.5"],
        "year": [2004, 2005, 2006, None, 2008],
        "ratio": [0.5, float("nan"), 1.5, None, 2.0],
        "odd name (%)": [1.0, 2.0, 3.0, 4.0, 5.0],
        "flag": [True, False, None, True, False],
        "other": ["1", "2", "3", "4", "3.50"],
    }
)


def kept(text: str, engine: Any = "polars", **more: Any) -> list[int]:
    frame: Frame = on_engine(ROWS, engine)
    expression = parse_where(text, dict(frame.collect_schema()), **more)
    return sorted(collect(frame.filter(expression))["row"].to_list())


CASES = {
    'item == "食品"': [2],
    "item = '食品'": [2],
    'item != "食品"': [1, 4, 5],  # the missing cell is not unequal
    'not item == "食品"': [1, 4, 5],  # nor does "not" make it so
    "item <> “总指数”": [2, 4, 5],
    'item in ("食品", "总指数")': [1, 2],
    'item in ["食品"]': [2],
    'item not in ("食品")': [1, 4, 5],
    'item in （"食品"，"总指数"）': [1, 2],
    "item is missing": [3, 5],
    "item is not missing": [1, 2, 4],
    "ratio is missing": [2, 4],
    "ratio != 0.5": [3, 5],
    "text >= 2": [2, 5],
    "text == 2": [2],
    'text == "2"': [],
    "text != 1": [2, 5],
    "text in (1, 2)": [1, 2],
    "year >= 2005 and year < 2008": [2, 3],
    "2005 <= year <= 2006": [2, 3],
    'year == "2005"': [2],
    "year == 2005.5": [],
    "not (year > 2004 or ratio > 1)": [1],
    "year == 2004 or year == 2005 and ratio > 5": [1],  # and binds tighter than or
    "(year == 2004 or year == 2005) and ratio < 5": [1],
    "`odd name (%)` > 3.5": [4, 5],
    "flag == true": [1, 4],
    "flag != TRUE": [2, 5],
    "text == other": [1],
    "text >= other": [1, 2, 5],  # an ordered comparison of two text columns is by number: 02 >= 2, 3.5 >= 3.50
    "odd_alias > 4": [5],
    "year < 1e300": [1, 2, 3, 5],  # beyond every whole number
    "year = 1e300": [],
    "year in (2005, 1e19)": [2],
}


@each("engine", ["polars", "duckdb"])
@each("text", CASES)
def test_kept_rows(text: str, engine: str) -> None:
    assert kept(text, engine, aliases={"odd_alias": "odd name (%)"}) == CASES[text]


LISTED = ("1", "02", "2.5", "0.1", "1e19", "300", "2005", '"1"', '"02"', '"x"', "true")
EVERY_TYPE = pl.DataFrame(
    {
        "row": range(6),
        "text": ["1", "02", "x", None, "", "true"],
        "whole": [1, 2, 300, None, 2005, -1],
        "small": pl.Series([1, 2, None, 4, 5, 6], dtype=pl.Int8),
        "real": [0.1, 2.5, float("nan"), None, 1e19, 300.0],
        "single": pl.Series([0.1, 2.5, float("nan"), None, 1e19, 300.0], dtype=pl.Float32),
        "flag": [True, False, None, True, False, True],
    }
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(EVERY_TYPE.columns[1:]),
    st.lists(st.sampled_from(LISTED), min_size=1, max_size=6),
    st.sampled_from(["polars", "duckdb"]),
    st.booleans(),
)
def test_a_list_keeps_the_rows_of_its_comparisons(column: str, values: list[str], engine: Any, negative: bool) -> None:
    """A list and the chain of comparisons that it stands for agree in every type, missing cells too."""
    frame = on_engine(EVERY_TYPE, engine)
    listed = f"{column} {'not ' if negative else ''}in ({', '.join(values)})"
    chain = f"{'not ' if negative else ''}({' or '.join(f'{column} = {one}' for one in values)})"
    rows = []
    for text in (listed, chain):
        try:
            kept_rows = frame.filter(parse_where(text, dict(frame.collect_schema())))
            rows.append(sorted(collect(kept_rows)["row"].to_list()))
        except BadFormula as problem:  # a text that is no number beside a column of numbers
            rows.append([problem.code])
    assert rows[0] == rows[1]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("negative", ["", "not "])
def test_a_list_of_any_length_is_one_test(engine: Any, negative: str) -> None:
    """50,000 values: a chain of comparisons, even a balanced one, took minutes and gigabytes."""
    many, rows = 50_000, pl.DataFrame({"row": range(100), "firm": [f"F{i * 1000}" for i in range(100)]})
    frame = on_engine(rows, engine)
    values = ", ".join(f"'F{i}'" for i in range(many))
    kept_rows = frame.filter(parse_where(f"firm {negative}in ({values})", dict(frame.collect_schema())))
    if engine == "polars":
        plan = nw.to_native(kept_rows).explain(optimized=False)
        assert plan.count("is_in(") == 1
        assert "==" not in plan
    found = sorted(collect(kept_rows)["row"].to_list())
    assert found == (list(range(50, 100)) if negative else list(range(50)))


@each(
    ("text", "caret", "why"),
    [
        ("year >", 6, "expected a column"),
        ("year > 2000 year", 12, "expected 'and'"),
        ("(year > 2000", 12, "expected ')'"),
        ('item == "食品', 8, "is not closed"),
        ("item is empty", 8, "expected 'missing'"),
        ("item not like 'x'", 9, "expected 'in'"),
        ("year in 2005", 8, "expected '('"),
        ("year in (2005, item)", 15, "a list may contain"),
        ("1 == 1", 2, "one side"),
        ("year", 4, "expected a comparison"),
        ("2017年 > 1", 0, "begins with a digit"),
        ("year ; drop", 5, "does not belong"),
        ('year == "many"', 5, "contains numbers"),
        ("'year' is missing", 0, "expected a column"),
        ("", 0, "expected a column"),
    ],
)
def test_errors_point_at_the_place(text: str, caret: int, why: str) -> None:
    with pytest.raises(BadFormula) as caught:
        kept(text)
    assert why in caught.value.what
    shown, mark = caught.value.where.split("\n")
    assert shown == text
    assert mark == " " * (len("  where: ") + caret) + "^"


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_digits_of_other_scripts_in_text_are_no_numbers_to_compare(engine: Any) -> None:
    """Engines cast ASCII alone: such a cell ended the comparison, and the file was called damaged."""
    frame = on_engine(pl.DataFrame({"row": [1, 2, 3, 4], "code": ["１", "1", "١", "A"]}), engine)
    expression = parse_where("code = 1", dict(frame.collect_schema()))
    assert collect(frame.filter(expression))["row"].to_list() == [2]


def test_caret_counts_wide_characters_twice() -> None:
    with pytest.raises(BadFormula) as caught:
        kept('item == "食品" item')
    assert caught.value.where.split("\n")[1].index("^") == len("  where: ") + 15


def test_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UnknownColumn, match="did you mean 'year'") as caught:
        kept("yaer > 2000")
    assert caught.value.exit_code == 2


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="iteyar ()\"'`=<>!,0159.[]食isnotmissing", max_size=25))
def test_any_text_is_an_expression_or_a_coded_error(text: str) -> None:
    try:
        found = parse_where(text, {"item": nw.String(), "year": nw.Int64()})
    except (BadFormula, UnknownColumn):
        return
    assert isinstance(found, nw.Expr)


@each(
    ("text", "found"),
    [
        ("year = 2005", [("year", "=", (2005,))]),
        ("2005 > year", [("year", "<", (2005,))]),
        (
            "2000 <= year < 2010 and item != 'a'",
            [("year", ">=", (2000,)), ("year", "<", (2010,)), ("item", "!=", ("a",))],
        ),
        ("item in ('a', 'b') and year >= 1", [("item", "in", ("a", "b")), ("year", ">=", (1,))]),
        ("year = 1 or year = 2", []),
        ("(year = 1 or year = 2) and item = 'a'", [("item", "=", ("a",))]),
        ("not year = 1", []),
        ("year is missing", []),
        ("year = other", []),
        ("unknown = 1", []),
        ("item not in ('a')", []),
        ("year ==", []),
        ("'", []),
    ],
)
def test_conditions_that_every_kept_row_satisfies(text: str, found: list[tuple[str, str, tuple[Any, ...]]]) -> None:
    assert necessary(text, ["year", "item", "other"]) == found


WHOLES = [sign * (2**power + near) for power in (53, 63) for near in (-2, -1, 0, 1, 2) for sign in (1, -1)]
WHOLES += [913100001234567891, 913100001234567936, 5, 0, -7]
SIGNS = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@each_pair(("engine", ["polars", "duckdb"]), ("kind", [pl.Int64, pl.UInt64, pl.String]), ("sign", list(SIGNS)))
def test_long_whole_numbers_are_compared_by_all_their_digits(engine: Any, kind: Any, sign: str) -> None:
    low, high = {pl.Int64: (-(2**63), 2**63), pl.UInt64: (0, 2**64)}.get(kind, (-(2**70), 2**70))
    held = [n for n in WHOLES if low <= n < high]
    cells = [f" {n:+022d}" if kind == pl.String else n for n in held]
    frame: Frame = on_engine(pl.DataFrame({"row": range(len(cells)), "firm": pl.Series(cells, dtype=kind)}), engine)
    columns = dict(frame.collect_schema())
    asked = {f"firm {sign} {n}": (lambda x, n=n: SIGNS[sign](x, n)) for n in WHOLES}
    asked |= {f"firm in ({n}, {n + 4})": (lambda x, n=n: x in (n, n + 4)) for n in WHOLES}
    if kind != pl.String:
        asked |= {f"firm {sign} '{n}'": (lambda x, n=n: SIGNS[sign](x, n)) for n in WHOLES}
    tests = [parse_where(text, columns).alias(str(i)) for i, text in enumerate(asked)]
    found = collect(frame.select("row", *tests)).sort("row")
    for i, (text, holds) in enumerate(asked.items()):
        assert found[str(i)].to_list() == [holds(n) for n in held], text


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_other_cells_of_text_beside_a_long_whole_number_are_compared_by_size(engine: Any) -> None:
    cells = ["1e18", "913100001234567891.0", "12.5", "-3", "n.a.", None, ""]
    frame: Frame = on_engine(pl.DataFrame({"row": range(7), "firm": cells}), engine)
    tests = {sign: parse_where(f"firm {sign} 913100001234567891", dict(frame.collect_schema())) for sign in SIGNS}
    found = collect(frame.select("row", **tests)).sort("row")
    assert found[">"].to_list() == [True, False, False, False, None, None, None]
    assert found["="].to_list() == [False, True, False, False, None, None, None]
