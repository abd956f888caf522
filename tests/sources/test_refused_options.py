"""Options of reading that make no sense are refused: encodings that are no text, lengths that no code has."""

from __future__ import annotations

import encodings.aliases
from pathlib import Path
from typing import Any

import pytest

from each import each
from integrade.cli import run
from integrade.errors import IntegradeError, UnknownName, UsageError
from integrade.sources import read_table
from rawcells.bytes.encodings import codec_of

NOT_TEXT = ("rot13", "base64", "hex", "zip", "bz2", "uu", "quopri", "undefined", "a\0b", "../x", "idna")


@each("name", sorted({*encodings.aliases.aliases, *NOT_TEXT}))
def test_every_name_of_a_codec_reads_or_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"region,year\nA,2005\n\xb1\xb1\xbe\xa9,2006\n")
    try:
        read_table(path, encoding=name).polars()
    except IntegradeError:
        return
    assert codec_of(name)


@each("name", NOT_TEXT[:-1])
def test_what_is_no_encoding_of_text_is_unknown(name: str) -> None:
    with pytest.raises(UnknownName, match="unknown encoding"):
        codec_of(name)


@each("length", [-3, 0, 65, 10**12, True, 2.5, "6"])
def test_a_length_that_no_code_has_is_refused(length: Any, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("product\n101\n")
    with pytest.raises(UsageError, match="a whole number from 1 to 64 is needed"):
        read_table(tmp_path / "t.csv", pad={"product": length})


@pytest.mark.parametrize("typed", ["product=-3", "product=²", "product=" + "9" * 5000, "product=", "product=0"])
def test_a_length_that_is_no_number_is_refused(typed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("y,x\n1,2\n3,4\n2,1\n")
    assert run(["fit", str(tmp_path / "t.csv"), "y ~ x", "--pad", typed]) == 2
    assert "U100" in capsys.readouterr().err
