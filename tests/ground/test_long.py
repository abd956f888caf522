"""The tests that `make check` and `make test` leave out are there, and none is left out of `make full`."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((TESTS.parent / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_names_of_long_tests_are_those_of_tests() -> None:
    lines = [line.split() for line in (TESTS / "long.txt").read_text(encoding="utf-8").splitlines()]
    names = [name for _, name in lines]
    assert names == sorted(set(names))
    assert all(float(took) > 0 for took, _ in lines)
    gone = [
        name for name in names if name.removesuffix("[spark]").split("::")[-1] not in functions(name.split("::")[0])
    ]
    assert not gone, "pytest --write-long"


def test_what_stays_in_make_check_and_make_test_is_there() -> None:
    lines = (TESTS / "first.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    for where, name in map(str.split, lines):
        assert where in ("check", "test"), name
        file, *function = name.split("::")
        assert set(function[-1:]) <= functions(file), name


def test_every_test_runs_in_make_full() -> None:
    """`make full` runs the tests that `make test` leaves out by their marker."""
    make = (TESTS.parent / "Makefile").read_text(encoding="utf-8")
    assert "MARKS ?= not full\n" in make
    assert '-m "$(MARKS)"' in make
    assert "MARKS=full" in (TESTS.parent / ".ci" / "full").read_text(encoding="utf-8")
