"""The notebook of examples/ runs from its first cell to its last, and what a cell ends with shows itself."""

from __future__ import annotations

import ast
import contextlib
import io
from pathlib import Path
from typing import Any, NamedTuple

import pytest

TOUR = Path(__file__).parents[1] / "examples" / "tour.ipynb"
nbformat = pytest.importorskip("nbformat")


class Shown(NamedTuple):
    """What a cell ends with (nothing where it ends with a statement), and what it prints."""

    source: str
    value: Any
    printed: str


def execute(source: str, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does: the value of an expression at its end is what it shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def shown() -> list[Shown]:
    names: dict[str, Any] = {}
    found = []
    for cell in nbformat.read(TOUR, as_version=4).cells:
        if cell.cell_type == "code":
            with contextlib.redirect_stdout(io.StringIO()) as said:
                value = execute(cell.source, names)
            found.append(Shown(cell.source, value, said.getvalue()))
    return found


def test_notebook_is_valid_and_stored_without_outputs() -> None:
    notebook = nbformat.read(TOUR, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells if cell.cell_type == "code")
    assert len(notebook.cells) <= 30


def test_every_value_shows_itself_in_a_notebook(shown: list[Shown]) -> None:
    values = [s for s in shown if s.value is not None and not s.source.splitlines()[-1].startswith("print")]
    assert len(values) >= 10
    for cell in values:
        page = cell.value._repr_html_()
        assert "<table" in page or "<pre" in page, cell.source
        assert not str(cell.value).startswith(f"{type(cell.value).__name__}("), cell.source


def test_the_tour_says_what_it_promises(shown: list[Shown]) -> None:
    text = "\n".join([*(s.printed for s in shown), *(str(s.value) for s in shown if s.value is not None)])
    promised = ("firm-years in the result", "clustered by region", "U-test", "seed 20240101", "true turning point")
    for words in promised:
        assert words in text, words
    assert any("inverted U" in str(s.value) for s in shown)
