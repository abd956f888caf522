"""What a table holds comes back from every format."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printed_documents import WRITERS, Rows, read, shown, to_pdf

LABELS = st.lists(
    st.sampled_from(["Market", "Firm size", "市场一体化", "R-squared", "Age (log)", "Debt ratio", "规模", "Constant"]),
    min_size=2,
    max_size=6,
    unique=True,
)
SIGN = st.sampled_from(["", "-", "−"])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A regression table: headings, coefficients with stars, brackets below, some of a variable left out."""
    labels = draw(LABELS)
    n = draw(st.integers(2, 5))
    digits = draw(st.integers(2, 4))
    rows = [["", *(f"({j})" for j in range(1, n + 1))], ["Variables", *draw(_names(n))]]
    for label in labels:
        there = [True, *draw(st.lists(st.booleans(), min_size=n - 1, max_size=n - 1))]
        numbers = [f"{draw(SIGN)}{draw(st.integers(0, 99999)) / 10**digits:.{digits}f}" for _ in range(n)]
        stars = [draw(st.sampled_from(["", "*", "**", "***"])) for _ in range(n)]
        rows.append([label, *(f"{x}{s}" if t else "" for x, s, t in zip(numbers, stars, there, strict=True))])
        errors = [f"({draw(st.integers(1, 9999)) / 10**digits:.{digits}f})" for _ in range(n)]
        rows.append(["", *(e if t else "" for e, t in zip(errors, there, strict=True))])
    return [*rows, ["Observations", *(f"{draw(st.integers(10, 99999)):,}" for _ in range(n))]]


def _names(n: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(["Quality", "Growth", "Exports", "Price"]), min_size=n, max_size=n)


def _comes_back(write: object, suffix: str, rows: Rows) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{suffix}"
        write(path, rows)  # type: ignore[operator]
        document = read(path)
    assert [grid.name for grid in document.grids] == ["table"]
    (grid,) = document.grids
    assert shown(grid) == [list(row) for row in rows]
    assert grid.doubts == ()


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables())
def test_a_table_comes_back_from_every_format(suffix: str, rows: Rows) -> None:
    _comes_back(WRITERS[suffix], suffix, rows)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables())
def test_a_table_comes_back_from_a_page(rows: Rows) -> None:
    plain = [[c.replace("−", "-").replace("市场一体化", "Index").replace("规模", "Scale") for c in row] for row in rows]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.pdf"
        to_pdf(path, plain)
        document = read(path)
    (grid,) = document.grids
    assert [[c.replace("−", "-") for c in row] for row in shown(grid)] == plain
    assert grid.title == "Table 1. Numbers"
    assert document.text == "Some words before the table."
