"""Every file of a folder, a pattern or a list is read, refused, or named in the account with its reason."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from each import each, each_pair
from integrade.engine.frames import Running, Table
from integrade.errors import FileMissing, FolderContradicted, IntegradeError
from integrade.sources import read_canonical, read_customs, read_table
from integrade.sources.files.headings import known_columns
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import find
from integrade.study.config import Source
from integrade.study.data.tables import read_source

ENGINES: tuple[Running, ...] = ("polars", "duckdb")
NAMES = (
    *("a.csv", "b.parquet", "c.dta", "d.xlsx", "_e.csv", "f.CSV", ".hidden.csv", "_SUCCESS", ".a.csv.crc", "~$d.xlsx"),
    *("README.md", "notes", "x.zip", "y.json", "z.pdf", "_metadata", "cu.data.3.AsizeNorthEast", "LICENSE", "g.tsv"),
)
FOLDERS = ("year=2004", "year=2005", "product=010121", "old", ".git", "_temporary", "2004", "a b", "k=")
CUSTOMS = {"firm": ["F"], "product": ["010121"], "destination": ["US"], "value": [10.0], "quantity": [2.0]}


def grown(folder: Path, draw: random.Random, depth: int = 3) -> None:
    """Put files and folders into a folder, some of them empty."""
    for name in draw.sample(NAMES, draw.randint(0, 5)):
        (folder / name).write_bytes(b"" if draw.random() < 0.3 else b"year,x\n2004,1\n")
    if draw.random() < 0.1:
        os.symlink(folder / "nowhere", folder / "link.csv")
    for name in draw.sample(FOLDERS, draw.randint(0, 3)) if depth else ():
        (folder / name).mkdir()
        grown(folder / name, draw, depth - 1)


def every_file(folder: Path) -> set[Path]:
    """The files in a folder, however deep."""
    return {path for path in folder.rglob("*") if not path.is_dir()}


@each("seed", range(150))
@each("pattern", ["", "*", "**/*"])
def test_every_file_of_a_tree_is_read_or_named(seed: int, pattern: str, tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    grown(folder, random.Random(seed))
    (folder / "first.csv").touch()  # a folder without data is refused: see below
    found = find(str(folder / pattern))
    read = set(found.files)
    named = {path for path in every_file(folder) if _is_named(path, folder, found.left)} if not pattern else set()
    assert not read & named
    assert all(entry.reason for entry in found.left)
    if not pattern:
        assert read | named == every_file(folder)
    if pattern == "**/*":
        assert read >= {p for p in every_file(folder) if p.suffix == ".dta" and not _below_hidden(p, folder)}


def _is_named(path: Path, folder: Path, left: tuple[object, ...]) -> bool:
    said = {entry.table for entry in left}  # type: ignore[attr-defined]
    shown = f"raw/{path.relative_to(folder).as_posix()}"
    return shown in said or any(one.endswith("/") and shown.startswith(one) for one in said)


def _below_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def written(path: Path, **columns: object) -> Path:
    """One customs record as a file of the suffix of its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pl.DataFrame({**CUSTOMS, **columns})
    write: dict[str, Callable[[Path], object]] = {".parquet": rows.write_parquet, ".csv": rows.write_csv}
    write[path.suffix](path)
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_a_file_at_the_top_does_not_hide_the_partitions(engine: Running, tmp_path: Path) -> None:
    written(tmp_path / "top.parquet", year=[2003])
    written(tmp_path / "year=2004" / "a.parquet")
    written(tmp_path / "year=2005" / "deep" / "b.csv")
    written(tmp_path / "year=2006" / "c.parquet", year=[2006])
    written(tmp_path / "year=2006" / "month=04" / "c.parquet", year=[2006])
    written(tmp_path / "old" / "d.csv", year=[1999])
    for name in (".", "*"):
        read = read_customs(str(tmp_path / name), engine=engine)
        assert read.polars()["year"].sort().to_list() == [2003, 2004, 2005, 2006, 2006]
        assert [e.kind for e in read.account if e.table.endswith("old/")] == ["warning"]
        assert "1 data file" in str(read.account)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["b.parquet", "b.csv"])
def test_a_folder_that_contradicts_its_file_is_refused(engine: Running, name: str, tmp_path: Path) -> None:
    written(tmp_path / "year=2004" / "a.parquet", year=[2004])
    written(tmp_path / "year=2004" / name, year=[2009])
    with pytest.raises(FolderContradicted) as told:
        read_customs(tmp_path, engine=engine)
    assert told.value.where.endswith(f"year=2004/{name}")
    for said in (name, "year=2004", "'year'", "2009"):
        assert said in told.value.what
    assert "year=2009" in told.value.example
    assert "data row 1" in told.value.example or (engine, name) == ("duckdb", "b.csv")


def test_the_contradiction_is_seen_under_another_heading_and_in_every_table(tmp_path: Path) -> None:
    for table, heading, value in (
        ("firms", "年份", "2009"),
        ("covariates", "Year", "2009"),
        ("prices", "anno", "2009"),
        ("customs", "date", "2009-05-01"),
    ):
        folder = tmp_path / table / "year=2004"
        folder.mkdir(parents=True)
        more = {"firm": "F", "region": "R", "commodity": "Rice", "index": "101", "product": "0101"}
        row = {**more, "destination": "US", "value": "1", "quantity": "1", heading: value}
        (folder / "a.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
        columns = {"anno": "year"} if heading == "anno" else {}
        with pytest.raises(FolderContradicted, match=r"year=2004.*2009"):
            read_canonical(table, [str(tmp_path / table)], columns=columns)


@each("engine", ENGINES)
@each(
    ("folder", "column", "value"),
    [
        ("year=2004", "year", "2004"),
        ("year=2004", "year", 2004),
        ("month=04", "month", 4),
        ("month=4", "month", "04"),
        ("good=fish%2Fmeat", "good", "fish/meat"),
        ("year=2004", "Year", 2004.0),
    ],
)
def test_equal_values_are_fine(engine: Running, folder: str, column: str, value: object, tmp_path: Path) -> None:
    written(tmp_path / folder / "a.parquet", **{column: [value]})
    read = read_table(tmp_path, engine=engine).polars()
    assert read.height == 1
    assert read[column].to_list() == [value]
    assert len(read.columns) == len(CUSTOMS) + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_without_a_value_have_a_folder(engine: Running, tmp_path: Path) -> None:
    written(tmp_path / "year=__HIVE_DEFAULT_PARTITION__" / "a.parquet")
    written(tmp_path / "year=2004" / "a.parquet")
    assert sorted(read_table(tmp_path, engine=engine).polars()["year"].to_list(), key=str) == [2004, None]


def test_headings_know_the_columns_of_folders(tmp_path: Path) -> None:
    path = written(tmp_path / "year=2004" / "a.csv")
    assert "year" in known_columns("customs", [path], Reading()).kinds


def test_a_folder_without_data_is_refused_with_what_is_there(tmp_path: Path) -> None:
    for name in ("x.zip", "_SUCCESS"):
        (tmp_path / name).touch()
    (tmp_path / "old").mkdir()
    written(tmp_path / "old" / "a.csv", year=[2004])
    with pytest.raises(FileMissing, match="no readable file") as told:
        find(str(tmp_path))
    assert all(name in told.value.example for name in ("x.zip", "_SUCCESS", "old/"))


def test_a_file_of_another_format_that_a_pattern_matches_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", year=[2004])
    (tmp_path / "x.zip").write_bytes(b"PK\3\4")
    with pytest.raises(IntegradeError, match=r"x\.zip"):
        read_customs(str(tmp_path / "*"))
    read: Table = read_customs(tmp_path)
    assert any("x.zip" in entry.table for entry in read.account)


def test_a_study_names_what_its_folders_hold_beside_data(tmp_path: Path) -> None:
    written(tmp_path / "raw" / "year=2004" / "a.parquet")
    (tmp_path / "raw" / "notes.zip").touch()
    read = read_source("customs", Source(files=["raw"]), tmp_path, "polars")
    assert read.polars()["year"].to_list() == [2004]
    assert any(entry.table == "raw/notes.zip" for entry in read.account)


@pytest.mark.parametrize("hard", [False, True])
def test_a_file_of_two_names_is_read_once_under_its_own(hard: bool, tmp_path: Path) -> None:
    own = written(tmp_path / "x.csv", year=[2004])
    (own.parent / "lx.csv").hardlink_to(own) if hard else (own.parent / "lx.csv").symlink_to("x.csv")
    found = find(str(tmp_path))
    assert [file.name for file in found.files] == ["lx.csv" if hard else "x.csv"]
    assert [str(entry.reason) for entry in found.left] == [f"not read: the same file as {found.files[0]}"]
    assert found.left[0].kind == "warning"


def test_links_to_folders_do_not_multiply_rows(tmp_path: Path) -> None:
    own = written(tmp_path / "b=2" / "x.csv", year=[2004])
    (tmp_path / "b=2" / "year=2005").symlink_to(".")
    (tmp_path / "b=2" / "c=3").symlink_to("..")
    (tmp_path / "a=1").symlink_to("b=2")
    found = find(str(tmp_path))
    assert found.files == [own]
    assert sorted(entry.table.split("/", 1)[1] for entry in found.left) == ["a=1/", "b=2/c=3/", "b=2/year=2005/"]


def test_a_link_to_a_folder_elsewhere_is_read(tmp_path: Path) -> None:
    written(tmp_path / "other" / "x.csv")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "year=2004").symlink_to("../other")
    assert read_customs(tmp_path / "raw").polars()["year"].to_list() == [2004]


def test_the_same_file_in_two_spellings_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = written(tmp_path / "d" / "x.csv", year=[2004])
    monkeypatch.chdir(tmp_path)
    for other in (str(own), "d/../d/x.csv", "d"):
        read = read_customs(["d/x.csv", other])
        assert read.polars().height == 1
        named = [entry.table for entry in read.account if "the same file as d/x.csv" in entry.reason]
        assert named == ([] if other == "d" else [other])


@each_pair(
    ("engine", ENGINES),
    ("suffix", ["csv", "parquet"]),
    ("folder", ["year=2004", "month=3", "year=2009/month=3", "month=03"]),
)
def test_dates_that_contradict_a_folder_are_refused(engine: Running, suffix: str, folder: str, tmp_path: Path) -> None:
    written(tmp_path / folder / f"a.{suffix}", date=["2009-05-01"])
    with pytest.raises(FolderContradicted, match=r"holds 2009-05-01"):
        read_customs(tmp_path, engine=engine)


@each_pair(
    ("engine", ENGINES),
    ("suffix", ["csv", "parquet"]),
    ("folder", ["year=2009", "month=5", "year=2009/month=05", "quarter=2"]),
)
def test_dates_that_agree_with_a_folder_are_read(engine: Running, suffix: str, folder: str, tmp_path: Path) -> None:
    written(tmp_path / folder / f"a.{suffix}", date=["2009-05-01"])
    assert read_customs(tmp_path, engine=engine).polars()["year"].to_list() == [2009]
    prices = {"region": ["A"], "commodity": ["Rice"], "index": [101.0]}
    written(tmp_path / "prices" / folder / f"a.{suffix}", date=["2009-05-01"], **prices)
    read = read_canonical("prices", [str(tmp_path / "prices")], engine=engine).polars()
    assert read.select("year", "month").rows() == [(2009, 5)]


@each("suffix", ["csv", "parquet"])
@each("folders", ["year=2004/year=2005", "YEAR=2004/year=2005", "anno=2004/x/year=2005"])
def test_folders_of_one_column_with_different_values_are_refused(folders: str, suffix: str, tmp_path: Path) -> None:
    written(tmp_path / folders / f"a.{suffix}")
    with pytest.raises(FolderContradicted, match=r"both \S+=2004 and year=2005"):
        read_canonical("customs", [str(tmp_path)], columns={"anno": "year"})


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_folder_of_dates_contradicts_a_column_of_years(suffix: str, tmp_path: Path) -> None:
    written(tmp_path / "date=2004-03-01" / f"a.{suffix}", year=[2009])
    with pytest.raises(FolderContradicted, match=r"date=2004-03-01.*2009"):
        read_customs(tmp_path)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_number_written_otherwise_is_no_contradiction(suffix: str, tmp_path: Path) -> None:
    for folder, year, value in (("year=04", 2004, 10.0), ("value=10", 2004, 10.0), ("year=2004.0", 2004, 10.0)):
        written(tmp_path / folder / f"a.{suffix}", year=[year], value=[value])
        assert read_customs(tmp_path / folder).polars()["year"].to_list() == [2004]
    written(tmp_path / "product=10121" / "a.csv", year=[2004])
    with pytest.raises(FolderContradicted, match="product=10121"):
        read_customs(tmp_path / "product=10121")
