"""Stata files. Before Stata 14 a .dta does not say how its text is encoded, and Chinese ones are GB18030."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.account import Entry
from integrade.errors import Unreadable
from integrade.frames import Frame, Running, on_engine, scan_parquet
from integrade.sources.encodings import codec_of, guess_legacy, spool

if TYPE_CHECKING:
    import polars as pl

PIECE = 1_000_000
TRIED = ("utf-8", "gb18030", "big5", "latin-1")
STATA_NAMES = {"latin-1": "WINDOWS-1252"}


def read_stata(path: Path, encoding: str | None, engine: Running) -> tuple[Frame, list[Entry]]:
    """A .dta file on an engine, and how its text was encoded.

    Numbers keep Stata's values (value labels are not applied, and named in a note). A file of more than a million rows
    is written piece by piece to temporary Parquet, never held whole. Raises `Unreadable`.
    """
    chosen = codec_of(encoding) if encoding else _detect(path)
    order = [chosen] if encoding else list(dict.fromkeys([chosen, *TRIED]))
    for name in order:
        frame = _frame(path, name, engine)
        if frame is not None:
            return frame, _notes(path, name, "given" if encoding else "detected")
    raise Unreadable(
        f"the text of {path.name} is not {order[0]}",
        where=str(path),
        remedy="leave --encoding out to have it detected" if encoding else "say which with --encoding",
    )


def _notes(path: Path, encoding: str, how: str) -> list[Entry]:
    notes = [Entry("read", path.name, "note", f"encoding {encoding} ({how})", 0)] if encoding != "utf-8" else []
    labelled = sorted(_read(path, encoding, metadataonly=True)[1].variable_value_labels)
    if labelled:
        shown = ", ".join(labelled[:5]) + (", ..." if len(labelled) > 5 else "")
        notes.append(Entry("read", path.name, "note", f"value labels not applied, codes kept: {shown}", 0))
    return notes


def _frame(path: Path, encoding: str, engine: Running) -> Frame | None:
    """The rows, through temporary Parquet when there are many; None when the text is not of this encoding."""
    try:
        rows = _read(path, encoding, metadataonly=True)[1].number_rows or 0
        if rows <= PIECE:
            return on_engine(_read(path, encoding)[0], engine)
        pieces = []
        for start in range(0, rows, PIECE):
            pieces.append(spool(".parquet"))
            piece: pl.DataFrame = _read(path, encoding, row_offset=start, row_limit=PIECE)[0]
            piece.write_parquet(pieces[-1])
    except UnicodeDecodeError:
        return None
    return scan_parquet([str(p) for p in pieces], engine)


def _detect(path: Path) -> str:
    """The encoding of the text in the first rows, read byte for byte as Latin-1."""
    rows: pl.DataFrame = _read(path, "LATIN1", row_limit=PIECE // 5)[0]
    found: list[bytes] = []
    for column in rows.iter_columns():
        if str(column.dtype) == "String":
            texts = column.unique(maintain_order=True).drop_nulls().to_list()
            found += [t.encode("latin-1", errors="ignore") for t in texts if not t.isascii()]
    return "utf-8" if all(map(_is_utf8, found)) else guess_legacy(b"\n".join(found))


def _is_utf8(text: bytes) -> bool:
    """Whether bytes are UTF-8; a last character cut by the column's width is forgiven."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(text)
    except UnicodeDecodeError:
        return False
    return True


def _read(path: Path, encoding: str, **more: Any) -> tuple[Any, Any]:
    """Rows and metadata. Raises `UnicodeDecodeError` for text in another encoding, `Unreadable` for anything else."""
    import pyreadstat

    codec = STATA_NAMES.get(encoding, encoding)
    try:
        return pyreadstat.read_dta(str(path), encoding=codec, output_format="polars", **more)
    except pyreadstat.ReadstatError as problem:
        if "convert string" in str(problem):
            raise UnicodeDecodeError(codec, b"", 0, 1, str(problem)) from None
        raise Unreadable(
            f"{path.name} cannot be read as a Stata file: {problem}", where=str(path), remedy="fetch it again"
        ) from None
