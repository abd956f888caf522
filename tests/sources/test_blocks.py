"""Text files in blocks: the same rows as of the whole file at once, wherever blocks end, and the same refusals."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from each import each
from integrade.engine.frames import Engine, collect, enter
from integrade.errors import Unreadable
from integrade.sources import read_raw, read_table
from integrade.sources.cells import delimited
from integrade.sources.cells.plain import plain
from integrade.sources.files import readers
from integrade.sources.meaning.columns import typed
from rawcells.bytes import encodings

CELLS = (
    "",
    "1",
    "-2.50",
    "007",
    "1e5",
    ".5",
    "12345678901234567",
    " x",
    "y ",
    "　宁波",
    "美国\u3000",
    "a b",
    "北京",
    "\xa0",
)
QUOTED = ('"1"', '""', '" z "', '"a,b"', '"two\nlines"', '"say ""so"""', '"宁,波"')


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Blocks of a few bytes, and nothing is a small file."""
    monkeypatch.setattr(encodings, "BLOCK", 7)
    monkeypatch.setattr(encodings, "CHUNK", 16)
    monkeypatch.setattr(delimited, "SMALL", 20)
    monkeypatch.setattr(readers, "SMALL", 20)
    return monkeypatch


def whole(text: str, separator: str, names: list[str]) -> pl.DataFrame:
    """The former way: one parser over the whole text, every cell trimmed."""
    rows = pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema=False, new_columns=names)
    stripped = pl.all().str.strip_chars()
    clean = rows.with_columns(pl.when(stripped != "").then(stripped))
    return clean.filter(pl.any_horizontal(pl.all().is_not_null()))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    separator = draw(st.sampled_from([",", ";", "\t"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    width = draw(st.integers(2, 4))
    cells = CELLS + (QUOTED if draw(st.booleans()) else ())
    row = st.lists(st.sampled_from(cells), min_size=width, max_size=width).map(separator.join)
    rows = draw(st.lists(st.one_of(row, row, row, st.just("")), max_size=12))
    names = [f"h{i}" for i in range(width)]
    last = draw(st.sampled_from(["", end]))
    return end.join([separator.join(names), *rows]) + last, separator, names


@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), st.integers(1, 60))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_give_the_rows_of_the_whole(
    tiny: pytest.MonkeyPatch, tmp_path: Path, table: tuple[str, str, list[str]], encoding: str, block: int
) -> None:
    text, separator, names = table
    tiny.setattr(encodings, "BLOCK", block)
    path = tmp_path / "t.csv"
    path.write_bytes(text.replace("\xa0", "b" if encoding == "gb18030" else "\xa0").encode(encoding))
    text = text.replace("\xa0", "b") if encoding == "gb18030" else text
    expected = whole(text, separator, names)
    file = delimited.open_text(path, encoding)
    assert (file.separator, list(file.names)) == (separator, names)
    parts, known, *_ = delimited.to_parquet(file)
    assert pl.read_parquet(parts).equals(expected)
    file = delimited.open_text(path, encoding)
    rows, seen, _ = delimited.rows_of(file)
    assert rows.equals(expected)
    assert seen == known
    assert {name: plain(expected[name]) for name in names if plain(expected[name])} == known
    assert collect(typed(enter(rows), known=known)).equals(collect(typed(enter(rows))))


def test_plain_is_what_the_pattern_says() -> None:
    """Every text of up to four characters, among them digits of other scripts."""
    number = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
    for n in range(1, 5):
        for cell in map("".join, itertools.product("+-.019e_ ,٣", repeat=n)):
            if cell.strip() == cell and "  " not in cell:
                found = plain(pl.Series([cell]))
                assert (found is not None) == bool(number.fullmatch(cell)), cell
                if found:
                    assert found.real == ("." in cell), cell
                    assert found.code == bool(re.match(r"[+-]?0[0-9]", cell)), cell


def test_long_numbers_are_codes() -> None:
    assert [plain(pl.Series([t])) and plain(pl.Series([t])).code for t in ("1" * 15, "1" * 16, "-" + "1" * 16)] == [  # type: ignore[union-attr]
        False,
        True,
        True,
    ]
    assert not plain(pl.Series(["1." + "1" * 16])).code  # type: ignore[union-attr]


def test_a_word_for_missing_below_the_first_cells_is_no_plain_number() -> None:
    assert plain(pl.Series(["1"] * 2000 + ["NA"])) is None
    assert plain(pl.Series(["1.5"] * 2000 + ["1e5"])) is None


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_large_file_is_typed_as_the_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{i:06d},宁波{i},{i},{i / 4},{'n.a.' if i == 77 else i},{i:02d}" for i in range(100)]
    path.write_bytes("\n".join(["code,企业,whole,real,gaps,short", *rows]).encode("gb18030"))
    small = read_table(path, engine=engine)
    monkeypatch.setattr(delimited, "SMALL", 100)
    monkeypatch.setattr(encodings, "CHUNK", 64)
    monkeypatch.setattr(encodings, "BLOCK", 256)
    large = read_table(path, engine=engine)
    assert large.polars().equals(small.polars())
    assert large.polars().dtypes == [pl.String, pl.String, pl.Int64, pl.Float64, pl.Int64, pl.String]
    assert large.account == small.account
    filtered = read_table(path, engine=engine, where="whole < 0 or real < 1")
    assert filtered.polars().height == 4


def test_titles_and_an_empty_last_column_of_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(("表一 出口\n单位：元\n企业,年份,金额\n" + "宁波,2004,5,\n" * 50).encode("gb18030"))
    small = read_table(path)
    monkeypatch.setattr(delimited, "SMALL", 100)
    monkeypatch.setattr(encodings, "CHUNK", 64)
    monkeypatch.setattr(encodings, "BLOCK", 64)
    large = read_table(path)
    assert large.polars().equals(small.polars())
    assert large.account == small.account
    assert large.polars().shape == (50, 4)


@pytest.mark.usefixtures("tiny")
def test_a_bad_byte_far_down_in_a_large_file_is_found_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("企业,年份\n".encode("gb18030") + "宁波市,2004\n".encode("gb18030") * 400 + b"\xb1,2005\n")
    with pytest.raises(Unreadable, match=r"t.csv is not gb18030: byte 0xb1 in line 402"):
        read_raw(path)
    with pytest.raises(Unreadable, match=r"t.csv is not gb18030: byte 0xb1 in line 402"):
        read_raw(path, encoding="gbk")


def test_a_byte_beyond_the_sample_makes_it_latin(tiny: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    tiny.setattr(encodings, "SAMPLE", 64)
    path.write_bytes(b"region,word\n" + "Kraków,Wrocław\n".encode("cp1250") * 400 + b"\x81\xe9,x\n")
    assert encodings.detect(path) == "cp1250"
    table = read_raw(path)
    assert "latin-1" in str(table.account)
    assert table.polars()["region"][-1] == "\x81é"


@pytest.mark.usefixtures("tiny")
def test_a_row_too_long_in_a_large_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(("企业,年份\n" + "宁波市,2004\n" * 300 + "宁波,市,2004\n").encode("gb18030"))
    with pytest.raises(Unreadable, match="row 302 has 3 cells, the heading has 2"):
        read_raw(path)


BADLY_QUOTED = 'a "b" c,"x"y\n'


@pytest.mark.parametrize("early", [BADLY_QUOTED, "宁,波,2004\n"], ids=["quotes", "too long"])
@pytest.mark.parametrize("encoding", [None, "gbk"])
def test_a_bad_byte_is_told_before_a_row_that_cannot_be_read(
    early: str, encoding: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a small file, whose bytes are looked at before its rows."""
    path = tmp_path / "t.csv"
    line = "宁波市,2004\n"
    path.write_bytes(("企业,年份\n" + line * 5 + early + line * 400).encode("gb18030") + b"\xff,2005\n" + b"x,1\n" * 9)
    said = []
    for large in (False, True):
        if large:
            monkeypatch.setattr(encodings, "BLOCK", 64)
            monkeypatch.setattr(encodings, "CHUNK", 32)
            monkeypatch.setattr(delimited, "SMALL", 20)
            monkeypatch.setattr(readers, "SMALL", 20)
        with pytest.raises(Unreadable, match=r"t.csv is not gb18030: byte 0xff in line 408") as problem:
            read_raw(path, encoding=encoding)
        said.append(str(problem.value))
    assert said[0] == said[1]


@pytest.mark.usefixtures("tiny")
def test_a_row_that_cannot_be_read_in_the_encoding_given(tmp_path: Path) -> None:
    """What the bytes look like is another encoding, of which some are not."""
    path = tmp_path / "t.csv"
    text = ("企业,年份\n" + "宁波市,2004\n" * 50 + BADLY_QUOTED).encode("gb18030") + b"\xff\xff,2005\n"
    path.write_bytes(text)
    with pytest.raises(Unreadable, match=r"t\.csv cannot be read: row 52 has text after a closing quote"):
        read_raw(path, encoding="latin-1")


def test_a_row_too_long_in_a_file_that_turned_out_latin(tiny: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    tiny.setattr(encodings, "SAMPLE", 64)
    path.write_bytes(b"region,word\n" + "Kraków,Wrocław\n".encode("cp1250") * 400 + b"\x81\xe9,x\n" + b"a,b,c\n")
    with pytest.raises(Unreadable, match="row 403 has 3 cells, the heading has 2"):
        read_raw(path)


@each("small", [True, False])
@each("encoding", ["utf-8", "gb18030"])
@each("rest", ["\r", "\n", "\r\n"])
def test_headings_that_end_in_a_carriage_return_are_refused(
    rest: str, encoding: str, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not small:
        monkeypatch.setattr(encodings, "BLOCK", 64)
        monkeypatch.setattr(encodings, "CHUNK", 32)
        monkeypatch.setattr(delimited, "SMALL", 20)
        monkeypatch.setattr(readers, "SMALL", 20)
    path = tmp_path / "t.csv"
    path.write_bytes(("企业,年份\r" + f"宁波市,2004{rest}" * 40).encode(encoding))
    with pytest.raises(Unreadable, match=r"t\.csv: the headings end in only a carriage return") as problem:
        read_raw(path)
    assert "tr '\\r' '\\n'" in problem.value.remedy
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    assert read_raw(path).polars().shape == (40, 2)


@pytest.mark.parametrize("inside", ["\r", "\n", "\r\n"])
def test_a_heading_of_two_lines_costs_no_row(inside: str, tiny: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes((f'"企{inside}业",年份\n' + "宁波市,2004\n" * 40).encode("gb18030"))
    assert read_raw(path).polars().height == 40
    tiny.undo()
    assert read_raw(path).polars().height == 40
