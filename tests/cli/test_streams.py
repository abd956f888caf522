"""Standard streams that are closed, full or left, and tables of data in a terminal."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.cli import run, say
from integrade.wording.sheet import width
from plainwords.escaping import one_line

CELLS = itertools.product(range(4), range(2000, 2005), range(5))
PRICES = "region,year,commodity,index\n" + "".join(
    f"R{r},{y},c{c},{100 + (7 * r + 3 * y + 5 * c) % 11}\n" for r, y, c in CELLS
)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "prices.csv").write_text(PRICES)
    call = f"{sys.executable} -m integrade integration prices.csv --basis link --out -"
    return subprocess.run(
        command.replace("CALL", call), shell=True, cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_account_never_enters_the_result_where_standard_error_is_closed(tmp_path: Path) -> None:
    done = shell("CALL 2>&-", tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("region,year,")
    assert len(lines) == 21
    assert {line.count(",") for line in lines} == {lines[0].count(",")}


def test_a_result_that_cannot_be_printed_is_told(tmp_path: Path) -> None:
    for command in ("CALL --quiet >&-", "CALL --quiet > /dev/full"):
        done = shell(command, tmp_path)
        assert done.returncode == 3, command
        assert "S301" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def test_a_full_standard_error_costs_no_result(tmp_path: Path) -> None:
    done = shell("CALL 2>/dev/full", tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 21


MARKS = pl.DataFrame({"market [kg]": ["[/b] x", "[red]y"], "[/b]": ["[bold]", "[link=x]"]})


def test_what_looks_like_a_style_is_shown_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    MARKS.write_parquet(tmp_path / "marks.parquet")
    assert run(["show", str(tmp_path / "marks.parquet")]) == 0
    shown = capsys.readouterr().out
    for text in ("market [kg]", "[/b] x", "[red]y", "[bold]", "[link=x]"):
        assert text in shown


CELL = st.text(max_size=50)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 40), st.data(), st.integers(20, 120))
def test_no_line_of_a_table_is_wider_than_the_terminal(n: int, data: st.DataObject, most: int) -> None:
    """Every column is there, and what fits half a line is not cut."""
    row = st.lists(CELL.map(one_line), min_size=n, max_size=n)
    names, rows = data.draw(row), data.draw(st.lists(row, max_size=4))
    found = say.blocks(names, rows, [False] * len(names), most)
    lines = "\n".join(found).split("\n")
    assert all(width(line) <= most for line in lines)
    for text in [*names, *(c for row in rows for c in row)]:
        if width(text) < most // 2:
            assert any(text.rstrip() in line for line in lines)


def test_a_wide_panel_shows_data_at_80_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    columns = {"firm": ["F1", "F2"], **{f"a_long_column_name_{j}": [j + 0.25, j + 0.5] for j in range(40)}}
    pl.DataFrame(columns).write_parquet(tmp_path / "wide.parquet")
    assert run(["show", str(tmp_path / "wide.parquet")]) == 0
    shown = capsys.readouterr().out
    assert "…" not in shown
    for name, (first, second) in columns.items():
        assert name in shown
        assert str(first) in shown
        assert str(second) in shown
    assert max(map(len, shown.splitlines()[1:])) <= 80  # the first is the path


def test_lines_and_remarks_stand_in_the_order_they_were_said_on_a_pipe() -> None:
    """Standard output waits for a full buffer on a pipe; a remark must not come before the line it follows."""
    code = "from integrade.cli import say; say.line('first'); say.note('second'); say.line('third')"
    made = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    assert made.stdout.splitlines() == ["first", "second", "third"]
