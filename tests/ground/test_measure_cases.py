"""Measures worked by hand: the cases of `tests/cases/*.toml`, each through the measure's record alone."""

from __future__ import annotations

import ast
import math
import operator
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import integrade.integration
import integrade.quality  # noqa: F401
from each import each
from integrade.records.catalogue import CATALOGUE

FILES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "cases").glob("*.toml"))
}
CASES = {f"{file}-{name}": case for file, cases in FILES.items() for name, case in cases.items()}
FUNCTIONS = {"ln": math.log, "exp": math.exp, "sqrt": math.sqrt}
OPERATIONS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value(text: str) -> float:
    """An expression of numbers, + - * / and ln, exp, sqrt."""

    def of(node: ast.expr) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.BinOp(left=left, op=op, right=right):
                return float(OPERATIONS[type(op)](of(left), of(right)))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -of(inner)
            case ast.Call(func=ast.Name(id=name), args=[inner]):
                return FUNCTIONS[name](of(inner))
        raise ValueError(ast.dump(node))

    return of(ast.parse(text, mode="eval").body)


def tables(case: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """The tables of a case; a table without a year is of 2004, nan is a missing value."""
    found = {}
    for name, columns in case["tables"].items():
        frame = pl.DataFrame(columns, strict=False).with_columns(pl.col(pl.Float64).fill_nan(None))
        found[name] = frame if "year" in frame.columns else frame.with_columns(year=pl.lit(2004))
    return found


@each("name", CASES)
def test_by_hand(name: str) -> None:
    case = CASES[name]
    assert case["how"]
    assert case["source"]
    result = CATALOGUE[case["measure"]].function(**tables(case), **case.get("options", {}))
    for row in case["expect"]:
        key = {c: v for c, v in row.items() if c == "year" or result.schema[c] == pl.String}
        found = result.filter(**key) if key else result
        assert found.height == 1, f"{key}: {found}"
        for column in row.keys() - key.keys():
            wanted, tolerance = value(row[column]), case.get("tolerance", 1e-12)
            assert found[column].item() == pytest.approx(wanted, rel=tolerance, abs=tolerance), (key, column)


def test_every_family_has_a_case() -> None:
    worked = {CATALOGUE[c["measure"]].family for c in CASES.values()}
    assert worked == {"integration", "quality"}
    assert len({c["measure"] for c in CASES.values()}) >= 13
