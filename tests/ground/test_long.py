"""The tests that `make check` leaves out are there, and are few enough that it is still a check."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_names_of_long_tests_are_those_of_tests() -> None:
    names = (TESTS / "long.txt").read_text(encoding="utf-8").splitlines()
    assert names == sorted(set(names))
    gone = []
    for name in names:
        file, *_, function = name.split("::")
        tree = ast.parse((TESTS.parent / file).read_text(encoding="utf-8"))
        if function not in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}:
            gone.append(name)
    assert not gone, "pytest --write-long"
