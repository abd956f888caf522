"""Files that are not what their names say: told by their first bytes, with what reads them; each remedy is followed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.errors import IntegradeError, Unreadable, UsageError
from integrade.sources import read_table
from integrade.sources.writing.writers import write_table
from rawcells.bytes.contents import KINDS, kind_in

ROWS = pl.DataFrame({"firm": ["a", "b"], "size": [1.5, 2.5]})
TEXT = ROWS.write_csv().encode()


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.csv", TEXT)
    return held.getvalue()


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        member = tarfile.TarInfo("inner.csv")
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT))
    return held.getvalue()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "bzip2": bz2.compress(TEXT),
    "xz": lzma.compress(TEXT),
    "zip": _zip(),
    "tar": _tar(),
}
NAMES = (
    "f.csv",
    "f.txt",
    "f.tsv",
    "f.xlsx",
    "f.xls",
    "f.html",
    "f.parquet",
    "f.dta",
    "f.csv.gz",
    "f.dat",
    "f.data",
    "f",
)


def refused(path: Path, *, of_encoding: bool = False) -> IntegradeError:
    with pytest.raises((Unreadable, UsageError)) as caught:
        read_table(path)
    assert "tr -d" not in caught.value.remedy
    assert ("encoding" in caught.value.remedy) is of_encoding
    assert "fetch" not in caught.value.remedy
    return caught.value


def read_again(path: Path, remedy: str) -> pl.DataFrame:
    """The table that is found when a remedy is followed in the folder of the file."""
    before = {*path.parent.iterdir()}
    if named := re.search(r"name it '?([^' ]+?)'?$", remedy):
        return read_table(path.rename(path.with_name(named[1]))).polars()
    command = re.search(r"unpack it: (.+?)(?: and read its files)?$", remedy)
    assert command, remedy
    if not shutil.which(command[1].split()[0]):
        pytest.skip(f"{command[1].split()[0]} is not installed")
    subprocess.run(command[1], shell=True, cwd=path.parent, check=True, capture_output=True)
    (new,) = {*path.parent.iterdir()} - before
    return read_table(new).polars()


@each("name", NAMES)
@each("kind", PACKED)
def test_a_packed_file_says_what_it_is_and_its_remedy_reads_it(kind: str, name: str, tmp_path: Path) -> None:
    if (kind == "gzip" and name.endswith(".gz")) or (kind not in ("zip", "tar") and name in ("f.parquet", "f.dta")):
        return  # read as it is; or what is in it is taken for what its name says
    path = tmp_path / name
    path.write_bytes(PACKED[kind])
    problem = refused(path)
    assert {"gzip": "gzip"}.get(kind, kind) in problem.what
    found = read_again(path, problem.remedy)
    assert found.columns == ROWS.columns
    assert found["size"].cast(pl.Float64).to_list() == [1.5, 2.5]


@pytest.mark.skipif(not shutil.which("zstd"), reason="zstd is not installed")
@pytest.mark.parametrize("name", ["f.csv", "f.csv.zst", "a b's.csv"])
def test_a_zstd_file_says_so_and_its_remedy_reads_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(subprocess.run(["zstd", "-c"], input=TEXT, capture_output=True, check=True).stdout)
    assert read_again(path, refused(path).remedy).columns == ROWS.columns


@each("kept", [".parquet", ".xlsx", ".dta"])
@each("name", ["f.csv", "f.txt", "f.xls", "f.dta", "f.parquet", "f.csv.gz", "f"])
def test_a_table_of_another_format_is_told_the_name_under_which_it_is_read(
    kept: str, name: str, tmp_path: Path
) -> None:
    if name.endswith(kept) or (kept, name) == (".xlsx", "f.xls"):
        return
    made = tmp_path / "made"
    made.mkdir()
    write_table(ROWS, made / f"t{kept}")
    path = (made / f"t{kept}").rename(tmp_path / name)
    found = read_again(path, refused(path).remedy)
    assert found["size"].cast(pl.Float64).to_list() == [1.5, 2.5]


@each(
    "head",
    [
        b"7z\xbc\xaf\x27\x1c\x00\x04",
        b"Rar!\x1a\x07\x01\x00",
        b"%PDF-1.7\nfirm,size\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"<!DOCTYPE html><html><body>sign in, please</body></html>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
        b"SQLite format 3\0" + bytes(84),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        b"$FL2@(#) SPSS DATA FILE" + bytes(100),
    ],
    ids=lambda head: repr(head[:5]),
)
def test_what_is_no_table_of_text_says_what_it_is(head: bytes, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(head)
    assert "zero byte" not in refused(path).what


def test_what_a_packed_text_holds_is_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(_zip()))
    assert "zip" in refused(path).what


def test_a_text_named_gz_is_told_its_name(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(TEXT)
    assert read_again(path, refused(path).remedy).columns == ROWS.columns


@each("text", [TEXT.decode(), "地区,规模\n北京市,1.5\n上海市,2.5\n"])
@each("codec", ["utf-32", "utf-32-le", "utf-32-be", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_two_or_four_bytes_a_character_is_read_or_told_so(codec: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode(codec))
    if codec in ("utf-16", "utf-32"):  # with a mark
        found = read_table(path).polars()
    else:
        problem = refused(path, of_encoding=True)
        told = re.search(r'encoding="([\w-]+)"', problem.remedy)
        assert told, problem.remedy
        found = read_table(path, encoding=told[1]).polars()
    assert found.columns == text.splitlines()[0].split(",")
    assert found[:, 1].cast(pl.Float64).to_list()[:2] == [1.5, 2.5]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=300))
def test_text_with_separators_is_never_taken_for_another_kind(text: str) -> None:
    found = kind_in(f"firm,{text}".encode())
    assert found is None


def test_names_of_kinds_differ() -> None:
    assert len({one.says for one in KINDS}) == len(KINDS)
