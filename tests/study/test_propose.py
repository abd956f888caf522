"""A study file proposed from a folder of files, and the JSON schema that editors check it with."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

from integrade.cli import run
from integrade.errors import FileMissing, UsageError
from integrade.records.catalogue import CATALOGUE, options_of
from integrade.simulation import Economy, simulate, write_raw
from integrade.sources import read_prices, write_table
from integrade.sources.files.workbooks import book_of
from integrade.study.json_schema import json_schema
from integrade.study.proposal import files, heads
from integrade.study.propose import Guess, propose
from integrade.study.reading import load
from integrade.study.template import STUDY, question_sections, write_new

ECONOMY = Economy(n_firms=120, n_goods=6, n_years=4, seed=3)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write_raw(simulate(ECONOMY), folder)
    shutil.rmtree(folder / "truth")  # no user has it, and its index is no covariate: the panel has those columns
    return folder


@pytest.fixture(scope="module")
def guesses(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Guess]]:
    out = tmp_path_factory.mktemp("study") / "mine"
    found = propose(raw, out)
    return out, {g.files[0].rpartition("/")[2].partition(".")[0]: g for g in found}


def test_each_raw_file_is_taken_for_what_it_is(guesses: tuple[Path, dict[str, Guess]]) -> None:
    found = {name: guess.table for name, guess in guesses[1].items()}
    assert found["firms"] == "firms"
    assert found["education"] == "education"
    assert found["rd"] == "covariates"
    by_table = {g.table: g for g in guesses[1].values()}
    assert len(by_table["prices"].files) == ECONOMY.n_years, "one yearbook sheet a year is one table"
    assert len(by_table["customs"].files) >= 1


@pytest.mark.slow
def test_the_proposed_study_reads_and_passes_the_checks(
    guesses: tuple[Path, dict[str, Guess]], capsys: pytest.CaptureFixture[str]
) -> None:
    study = guesses[0]
    chosen = load(study)
    assert len(chosen.prices.files) == ECONOMY.n_years
    assert run(["check", str(study)]) == 0, capsys.readouterr()


def test_what_fits_no_table_says_what_it_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    pl.DataFrame({"province": ["Hebei"], "year": [2010], "commodity": ["grain"]}).write_csv(folder / "half.csv")
    (found,) = propose(folder, tmp_path / "out")
    assert found.table == ""
    assert found.why == "nearest to prices, but no index"
    text = (tmp_path / "out" / "study.toml").read_text()
    assert "# Files that fit no table:" in text
    assert "No file looks like prices" in text


def test_a_cell_that_the_reader_refuses_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file had every column of prices, and all that was said of it was that it has no index."""
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "half.csv").write_text("region,year,commodity,index\nHebei,2010,grain,n.q.\nHunan,2010,grain,101\n")
    assert run(["new", str(tmp_path / "out"), "--from", str(folder)]) == 0
    says = (
        "read as prices: D202 text in the number column 'index' of prices: 1 cell (for example data row 1: index=n.q."
    )
    assert says in capsys.readouterr().out
    assert says in (tmp_path / "out" / "study.toml").read_text()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_long_file_that_fits_no_table_is_read_by_its_first_lines(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reader looked through every row for a layout: 1.4 ms a row."""
    lines = [f'x{i},"说明 {i}\nof two lines",{i / 7},K{i % 977}' for i in range(20_000)]
    path = tmp_path / "odd.csv"
    path.write_text("\n".join(["id,when,v,code", *lines, ""]), encoding=encoding)
    seen = list[int]()

    def counted(read: Any) -> Any:
        def call(files: Any, **options: Any) -> Any:
            content = Path(files[0]).read_bytes()
            seen.append(content.decode("utf-8" if Path(files[0]) != path else encoding).count("\n"))
            return read(files, **options)

        return call

    monkeypatch.setattr(files, "read_prices", counted(files.read_prices))
    monkeypatch.setattr(files, "READERS", {table: counted(read) for table, read in files.READERS.items()})
    found = files.guess([path], tmp_path / "out")
    assert (found.table, found.why) == ("", "it fits no table")
    assert len(seen) > 1
    assert max(seen) <= heads.LINES + 1


def test_a_long_workbook_that_fits_no_table_is_read_by_its_first_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pl.DataFrame({"id": [f"x{i}" for i in range(9000)], "note": [f"note {i}" for i in range(9000)]})
    write_table(rows, tmp_path / "odd.xlsx")
    seen = list[int]()

    def read(files: Any, **options: Any) -> Any:
        book = book_of(Path(files[0]), None)
        assert book is not None
        seen.extend(len(sheet.rows) for sheet in book.sheets)
        return read_prices(files, **options)

    monkeypatch.setattr(files, "read_prices", read)
    assert files.guess([tmp_path / "odd.xlsx"], tmp_path / "out").why == "it fits no table"
    assert seen
    assert max(seen) <= heads.LINES


def test_files_of_a_folder_that_takes_long_are_named_as_they_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.csv", "other.csv"):
        (tmp_path / name).write_text("colour\nred\n")
    told = list[str]()
    monkeypatch.setattr("integrade.study.propose.SLOW", -1.0)
    propose(tmp_path, tmp_path / "out", tell=told.append)
    assert told == ["a.csv is looked at, 1 of 2", "other.csv is looked at, 2 of 2"]


def test_the_layout_of_a_public_source_is_recognised(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    rows = {
        "t": [2020] * 3,
        "i": [4, 4, 8],
        "j": [8, 12, 12],
        "k": [610910, 30379, 610910],
        "v": [5.0, 3, 8],
        "q": [1.0, 2, 3],
    }
    pl.DataFrame(rows).write_csv(folder / "BACI_HS17_Y2020.csv")
    pl.DataFrame({"colour": ["red"], "size": ["large"]}).write_csv(folder / "notes.csv")
    baci, notes = propose(folder, tmp_path / "out")
    assert (baci.table, baci.source, baci.rows, baci.years) == ("customs", "baci", 3, "2020")
    assert (notes.table, notes.why) == ("", "it fits no table")
    text = (tmp_path / "out" / "study.toml").read_text()
    assert '[customs]\nsource = "baci"' in text


def test_nothing_is_overwritten_and_an_empty_folder_is_named(tmp_path: Path, raw: Path) -> None:
    (tmp_path / "study.toml").write_text("title = 'mine'")
    with pytest.raises(UsageError, match="exists"):
        propose(raw, tmp_path)
    assert (tmp_path / "study.toml").read_text() == "title = 'mine'"
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileMissing):
        propose(tmp_path / "empty", tmp_path / "other")


def test_new_writes_a_schema_that_its_own_study_satisfies(tmp_path: Path) -> None:
    write_new(tmp_path / "s")
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    assert text.startswith("#:schema study.schema.json\n")
    assert (tmp_path / "s" / "study.schema.json").exists()
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    assert list(validator.iter_errors(tomllib.loads(text))) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("integration", "demean", "all of them"),
        ("integration", "pear", "all"),
        ("quality", "effects_", 1),
        ("regression", "vcov", 3),
    ],
)
def test_the_schema_refuses_what_the_study_refuses(section: str, key: str, value: Any) -> None:
    columns = dict.fromkeys(("firms_columns", "rd_columns", "education_columns"), "")
    study = tomllib.loads(STUDY.format(title="t", truth="", preset="sound", questions=question_sections(), **columns))
    validator = jsonschema.Draft202012Validator(json_schema())
    assert not list(validator.iter_errors(study))
    study.setdefault(section, {})[key] = value
    assert list(validator.iter_errors(study))


def test_every_option_of_every_measure_is_a_key_with_words() -> None:
    schema = json_schema()["properties"]
    for record in CATALOGUE.values():
        if record.family in ("integration", "quality"):
            keys = schema[record.family]["properties"]
            for name in options_of(record.options):
                assert keys[name]["description"], f"{record.name}.{name} has no description"


def test_no_hypothesis_on_state_ownership_or_areas_appears_uninvited(tmp_path: Path) -> None:
    assert run(["new", str(tmp_path / "s")]) == 0
    study = load(tmp_path / "s")
    assert [g.how for g in study.section("groups")] == ["intensity", "period"]
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    assert '# how = "ownership"' in text
    assert '# how = "area"' in text
