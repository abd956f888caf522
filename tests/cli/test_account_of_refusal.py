"""A refusal is printed with the account of what was read and dropped before it, by every command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from basis_files import Economy, simulate
from integrade.cli import run
from integrade.errors import IntegradeError
from integrade.sources import read_prices
from plainwords.account import carrying

DROPPED = "1 row dropped"
STUDY = 'title = "Markets"\n[prices]\nfiles = ["prices"]\n[integration]\n[report]\nformats = ["html"]\n'


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with prices of two bases, one of them missing, and a file that is not read."""
    folder = tmp_path / "prices"
    folder.mkdir()
    file = simulate(np.random.default_rng(3), "mixed", Economy(1, 24, 12, 8))
    rows = file.rows().with_columns(index=pl.when(pl.int_range(pl.len()) > 0).then("index"))
    rows.write_csv(folder / "p.csv")
    (folder / "notes.zip").touch()
    return folder


def test_a_measure_that_is_refused_prints_what_was_read(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["integration", str(mixed), "--out", "-"]) == 1
    said = capsys.readouterr().err
    assert said.index(DROPPED) < said.index("D230")
    assert "notes.zip" in said
    assert run(["integration", str(mixed), "--quiet", "--out", "-"]) == 1
    quiet = capsys.readouterr().err
    assert DROPPED in quiet
    assert "rows in" not in quiet


def test_reading_that_is_refused_prints_what_was_read(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mixed / "q.csv").write_text("region,year,commodity,index\nA,2001,k000,-3\n,2001,k000,100\n", encoding="utf-8")
    assert run(["integration", str(mixed), "--to-year", "--out", "-"]) == 1
    said = capsys.readouterr().err
    assert said.index("notes.zip") < said.index("D203")


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_study_that_is_refused_prints_what_was_read(
    command: str, mixed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mixed.parent / "study.toml").write_text(STUDY, encoding="utf-8")
    assert run([command, str(mixed.parent), "-v"]) == 1
    said = "".join(capsys.readouterr())
    assert said.count(DROPPED) == 1
    assert (said.index(DROPPED) < said.index("D230")) == (command == "run"), "problems of a check come first"
    assert run([command, str(mixed.parent)]) == 1
    short = capsys.readouterr().err.splitlines()
    assert short[0].startswith("D230")
    assert "-v shows 1" in short[-1]
    assert DROPPED not in short
    assert "notes.zip" in said


def test_an_account_that_was_printed_is_not_printed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.csv").write_text("firm,year,y\nA,2001,1\n", encoding="utf-8")
    (tmp_path / "x.zip").touch()
    assert run(["fit", str(tmp_path), "y ~ absent"]) == 2
    assert capsys.readouterr().err.count("x.zip") == 1


def test_in_python_the_error_has_the_account(mixed: Path) -> None:
    with pytest.raises(IntegradeError) as told, carrying():
        read_prices(mixed, columns={"nothing": "region"})
    assert any("notes.zip" in entry.table for entry in told.value.account)


@pytest.mark.parametrize("cell", ["-1", "ten", "0"])
def test_the_reasons_why_no_row_is_usable_are_printed(
    cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"A,6109{i:02d},USA,2001,{cell},1\n" for i in range(3))
    (tmp_path / "c.csv").write_text("firm,product,destination,year,value,quantity\n" + rows, encoding="utf-8")
    assert run(["quality", str(tmp_path / "c.csv"), "--sigma", "5", "--out", "-"]) == 1
    said = capsys.readouterr().err
    code = "D202" if cell == "ten" else "D205"
    assert said.count("3 rows read") == 1
    assert said.index("3 rows read") < said.index(code)
    assert cell == "ten" or said.index("3 rows dropped") < said.index(code)


def test_rows_of_cells_that_cannot_be_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.csv").write_text("region,year,commodity,index\nA,2001,a,-3\nB,2001,a,100\n", encoding="utf-8")
    assert run(["integration", str(tmp_path / "p.csv"), "--out", "-"]) == 1
    said = capsys.readouterr().err
    assert said.index("2 rows read") < said.index("D203")
