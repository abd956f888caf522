"""Read Stata files.

Before Stata 14 a .dta file does not record the encoding of its text; Chinese files of that time are in GB18030.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.engine.frames import Frame, Running, on_engine, require_stage, scan_parquet
from integrade.errors import EmptyTable, Unreadable, option
from plainwords.account import Entry
from plainwords.texts import listed, say
from rawcells import doors
from rawcells.bytes.bounds import check_columns
from rawcells.bytes.damage import parsing
from rawcells.bytes.encodings import codec_of, spool, told_legacy
from rawcells.bytes.legacy import is_doubtful_utf8

if TYPE_CHECKING:
    import polars as pl

PIECE = 1_000_000
TRIED = ("utf-8", "gb18030", "big5", "latin-1")
STATA_NAMES = {"latin-1": "WINDOWS-1252", "shift_jis": "CP932", "euc_kr": "CP949", "euc_jp": "EUC-JP"}


def read_stata(path: Path, encoding: str | None, engine: Running, *, labels: bool = False) -> tuple[Frame, list[Entry]]:
    """Read a .dta file on an engine, with a note on the encoding of its text.

    Numbers keep the values that Stata stores, and a note lists value labels. With ``labels``, a column with value
    labels becomes text: each number becomes its label, or its digits if it has no label. A file of more than a million
    rows is written piece by piece to temporary Parquet, so that it is never in memory as a whole. Raises `Unreadable`,
    `EmptyTable` for a file without variables.
    """
    chosen = codec_of(encoding) if encoding else _detect(path)
    order = [chosen] if encoding else list(dict.fromkeys([chosen, *TRIED]))
    for name in order:
        frame = _frame(path, name, engine, labels=labels)
        if frame is not None:
            return frame, _notes(path, name, "given" if encoding else "detected", labels=labels)
    raise Unreadable(
        f"the text of {path.name} is not {order[0]}",
        where=str(path),
        remedy=f"leave {option('encoding')} out to have it detected"
        if encoding
        else f"specify it with {option('encoding')}",
    )


def variables(path: Path, encoding: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the variables of a .dta file with their types (``string``, ``double`` ...), and those with value labels.

    No row is read.
    """
    chosen = codec_of(encoding) if encoding else "LATIN1"  # takes every byte, which windows-1252 does not
    known = _read(path, chosen, metadataonly=True)[1]
    if not encoding and not all(name.isascii() for name in known.column_names):
        known = _read(path, _detect(path), metadataonly=True)[1]
    kinds = dict(known.readstat_variable_types) | dict.fromkeys(_counts(known), "string")
    return kinds, tuple(known.variable_value_labels)


def labels_of(path: Path, encoding: str | None) -> dict[str, str]:
    """Return the labels of the variables of a .dta file, where there is one: ``Total assets, thousand pesos``."""
    chosen = codec_of(encoding) if encoding else "LATIN1"
    known = _read(path, chosen, metadataonly=True)[1]
    if not encoding and not all(text.isascii() for text in (*known.column_names, *filter(None, known.column_labels))):
        known = _read(path, _detect(path), metadataonly=True)[1]
    return {name: label for name, label in zip(known.column_names, known.column_labels, strict=True) if label}


def narrow(path: Path, encoding: str | None) -> tuple[str, ...]:
    """Return the variables of Stata's type ``float``, whose 32-bit numbers are read as 64-bit numbers."""
    return tuple(name for name, kind in variables(path, encoding)[0].items() if kind == "float")


def _notes(path: Path, encoding: str, how: str, *, labels: bool) -> list[Entry]:
    reason = say(f"sources.encoding-{how}", encoding=encoding)
    notes = [Entry("read", path.name, "note", reason, 0)] if encoding != "utf-8" else []
    labels_by_name = _read(path, encoding, metadataonly=True)[1].variable_value_labels
    if labels_by_name:
        names = listed(sorted(labels_by_name)[:5], "comma")
        shown = say("account.and-others", items=names) if len(labels_by_name) > 5 else names
        first = labels_by_name[min(labels_by_name)]
        example = f"{min(labels_by_name)}: " + "; ".join(
            f"{_written(code)} = {text}" for code, text in list(first.items())[:3]
        )
        fate = say("sources.labels-for-codes" if labels else "sources.labels-not-applied", variables=shown)
        notes.append(Entry("read", path.name, "note", fate, 0, example))
    return notes


def _frame(path: Path, encoding: str, engine: Running, *, labels: bool) -> Frame | None:
    """Read the rows, through temporary Parquet if there are many; None if the text is not in this encoding."""
    more = {"apply_value_formats": labels, "formats_as_category": False}
    try:
        known = _read(path, encoding, metadataonly=True)[1]
        if not known.column_names:
            raise EmptyTable(
                f"{path.name} has no variables", where=str(path), remedy="save it again in Stata with its variables"
            )
        labels_by_name, rows = known.variable_value_labels if labels else {}, known.number_rows or 0
        check_columns(path, known.column_names)
        if rows <= PIECE:
            return on_engine(_as_text(_with_periods(*_read(path, encoding, **more)), labels_by_name), engine)
        require_stage(engine, path.name)
        pieces = []
        for start in range(0, rows, PIECE):
            pieces.append(spool(".parquet"))
            piece = _read(path, encoding, row_offset=start, row_limit=PIECE, **more)
            _as_text(_with_periods(*piece), labels_by_name).write_parquet(pieces[-1])
    except UnicodeDecodeError:
        return None
    return scan_parquet([str(p) for p in pieces], engine)


COUNTED = {"%tm": 12, "%tq": 4, "%th": 2}
"""Stata's formats for numbers that count periods from 1960, each with the number of periods in a year."""


def _counts(known: Any) -> dict[str, str]:
    """Return the variables that count months, quarters or half-years, with their formats."""
    return {name: kind[:3] for name, kind in known.original_variable_types.items() if (kind or "")[:3] in COUNTED}


def _with_periods(rows: pl.DataFrame, known: Any) -> pl.DataFrame:
    """Turn numbers that count months, quarters or half-years into text: 600 in the format %tm is ``2010M01``."""
    import polars as pl

    def text(name: str, form: str) -> pl.Expr:
        year, of_year = pl.col(name).floordiv(COUNTED[form]) + 1960, pl.col(name).mod(COUNTED[form]) + 1
        digits = of_year.cast(pl.Int64).cast(pl.String).str.zfill(2 if form == "%tm" else 1)
        return pl.concat_str(year.cast(pl.Int64).cast(pl.String), pl.lit(form[2].upper()), digits).alias(name)

    counted = [(n, form) for n, form in _counts(known).items() if rows.schema[n].is_numeric()]
    return rows.with_columns(text(name, form) for name, form in counted) if counted else rows


def _as_text(rows: pl.DataFrame, labelled: Iterable[str]) -> pl.DataFrame:
    """Turn columns with value labels into text, even if no number in this piece has a label; empty text is missing."""
    import polars as pl

    def text(name: str) -> pl.Series:
        cells = rows[name].to_list()
        plain = [None if c is None else _written(c) for c in cells]
        return pl.Series(name, plain, dtype=pl.String)

    rows = rows.with_columns(text(name) for name in labelled)
    strings = pl.col(pl.String)
    return rows.with_columns(pl.when(strings != "").then(strings)).cast({pl.Null: pl.Float64})


def _written(cell: str | float) -> str:
    """Return a cell as text; whole numbers keep all their digits."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _detect(path: Path) -> str:
    """Detect the encoding of text and labels from the first rows, which are read byte for byte as Latin-1."""
    rows, known = _read(path, "LATIN1", row_limit=PIECE // 5)
    texts = [t for t in known.column_labels if t]
    texts += [str(text) for labels in known.variable_value_labels.values() for text in labels.values()]
    for column in rows.iter_columns():
        if str(column.dtype) == "String":
            texts += column.unique(maintain_order=True).drop_nulls().to_list()
    foreign = [t.encode("latin-1", errors="ignore") for t in texts if not t.isascii()]
    sample = b"\n".join(foreign)
    is_utf8 = all(map(_is_utf8, foreign)) and not is_doubtful_utf8(sample)
    return "utf-8" if is_utf8 else told_legacy(path, sample)


def _is_utf8(text: bytes) -> bool:
    """Return whether bytes are UTF-8, except that the end of the column may cut off the last character."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(text)
    except UnicodeDecodeError:
        return False
    return True


def _read(path: Path, encoding: str, **more: Any) -> tuple[Any, Any]:
    """Read rows and metadata.

    Raises `UnicodeDecodeError` if the encoding is another one, and `Unreadable` for other damage.
    """
    import pyreadstat

    codec = STATA_NAMES.get(encoding, encoding)
    with parsing(path, "a Stata file", "fetch it again, or save it again in Stata"):
        try:
            return pyreadstat.read_dta(doors.regular(str(path)), encoding=codec, output_format="polars", **more)
        except pyreadstat.ReadstatError as problem:
            if "convert string" in str(problem):
                raise UnicodeDecodeError(codec, b"", 0, 1, str(problem)) from None
            raise
