"""Text files with columns (csv, tsv, txt, also gzipped): every column is text, ends trimmed, empty is missing."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.account import Entry
from integrade.errors import EmptyTable, option
from integrade.sources.encodings import ONE_BYTE, Text, as_utf8, spool
from integrade.sources.grid import Sheet, headings, squared
from integrade.texts import Said, listed, say

if TYPE_CHECKING:
    import polars as pl

SEPARATORS = (",", "\t", ";", "|")
SAMPLE = 1 << 16
SHOWN = 400
"""Lines among which a word is looked for that shows whether an encoding is right."""
TITLES = 20
"""Lines among which headings are looked for below titles."""


class Delimited(NamedTuple):
    """A text file as UTF-8, what separates its columns, and what was noticed.

    ``texts``: columns whose every cell stands in quotes, where another column has cells without.
    """

    path: Path
    utf8: Path
    separator: str
    names: tuple[str, ...]
    notes: tuple[Entry, ...]
    texts: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


def open_text(path: Path, encoding: str | None) -> Delimited:
    """Find out encoding, separator and headings. Raises `EmptyTable` for a file without a heading row."""
    text = as_utf8(path, encoding)
    separator, above = _separator(text.path)
    titles = tuple(" ".join(filter(None, row)) for row in islice(_rows(text.path, separator), above))
    if above:
        text = text._replace(path=_without(text.path, above))
    first, second = [*islice(_rows(text.path, separator), 2), [], []][:2]
    if not any(cell.strip() for cell in first):
        raise EmptyTable(f"{path.name} is empty", where=str(path), remedy="the first row holds the column names")
    notes = []
    if text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(Entry("read", path.name, "note", _encoding(text), 0))
    usual = "\t" if path.suffix.lower() == ".tsv" else ","
    if separator != usual:
        notes.append(Entry("read", path.name, "note", say("sources.separator", separator=repr(separator)), 0))
    if len(second) == len(first) + 1 and not second[-1].strip():
        reason = say("sources.empty-last-column", separator=repr(separator))
        notes.append(Entry("read", path.name, "note", reason, 0))
        text, first = text._replace(path=_one_more(text.path, separator)), [*first, ""]
    if said := [t for t in titles if t]:
        reason = say("sources.above-headings", titles=listed(said[:3], "semicolon"))
        notes.append(Entry("read", path.name, "note", reason, 0))
    names = tuple(headings(list(first)))
    return Delimited(path, text.path, separator, names, tuple(notes), _texts(text.path, separator, names), titles)


def _encoding(text: Text) -> Said:
    """The encoding and how it is known; of one byte for each character with a word that shows whether it is right."""
    if not text.detected:
        return say("sources.encoding-given", encoding=text.encoding)
    word = next(iter(_foreign_words(text.path)), "") if text.encoding in ONE_BYTE else ""
    if not word:
        return say("sources.encoding-detected", encoding=text.encoding)
    central = text.encoding in ("cp1250", "iso8859-2")
    other = option("encoding", "cp1252" if central else "cp1250")
    how = "sources.encoding-central" if central else "sources.encoding-western"
    return say(how, encoding=text.encoding, word=word, other=other)


def _foreign_words(path: Path) -> Iterator[str]:
    """Words of four letters and more, some beyond ASCII, from the first rows of a text."""
    with path.open(encoding="utf-8") as file:
        for line in islice(file, SHOWN):
            yield from (w for w in re.findall(r"[^\W\d_]{4,}", line) if not w.isascii())


def _without(path: Path, lines: int) -> Path:
    """A copy without the first lines, which are titles."""
    copy = spool(".csv")
    with path.open("rb") as file, copy.open("wb") as out:
        for _ in range(lines):
            file.readline()
        shutil.copyfileobj(file, out)
    return copy


def _one_more(path: Path, separator: str) -> Path:
    """A copy whose heading ends in a separator as its rows do (UN Comtrade writes such files)."""
    copy = spool(".csv")
    with path.open("rb") as file, copy.open("wb") as out:
        heading = file.readline()
        out.write(heading.rstrip(b"\r\n") + separator.encode() + b"\n")
        shutil.copyfileobj(file, out)
    return copy


def _texts(path: Path, separator: str, names: Sequence[str]) -> tuple[str, ...]:
    """Columns that the writer put in quotes, which integrade, R and others do with text alone; from the first cells."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        sample = file.read(SAMPLE)
    if '"' not in sample:
        return ()
    cell = re.compile(rf'("(?:[^"]|"")*"|[^{re.escape(separator)}\r\n]*)({re.escape(separator)}|\r\n|\n|\r|\Z)')
    quoted, bare, column, row = set[int](), set[int](), 0, 0
    for match in cell.finditer(sample):
        if row and match[1]:
            (quoted if match[1].startswith('"') else bare).add(column)
        ends = match[2] != separator
        column, row = (0, row + 1) if ends else (column + 1, row)
        if match.end() == len(sample):
            break
    return tuple(n for i, n in enumerate(names) if i in quoted and i not in bare) if bare else ()


def scan_text(file: Delimited) -> pl.LazyFrame:
    """The rows as a lazy Polars frame of text columns, blank lines left out."""
    import polars as pl

    rows = pl.scan_csv(
        file.utf8, separator=file.separator, infer_schema=False, new_columns=list(file.names), glob=False
    )
    stripped = pl.all().str.strip_chars()
    clean = rows.with_columns(pl.when(stripped != "").then(stripped))
    return clean.filter(pl.any_horizontal(pl.all().is_not_null()))


def as_sheet(file: Delimited) -> Sheet:
    """The whole file as one sheet of cells, for layouts that are no table."""
    return _sheet(file, _rows(file.utf8, file.separator))


def head_of(file: Delimited, n: int) -> Sheet:
    """The first rows as a sheet of cells, which tell how a large file is laid out."""
    return _sheet(file, islice(_rows(file.utf8, file.separator), n))


def _sheet(file: Delimited, rows: Iterable[Sequence[str]]) -> Sheet:
    """Rows with the titles that stand above them."""
    above = ([title or None] for title in file.titles)
    return Sheet("", squared([*above, *([cell.strip() or None for cell in row] for row in rows)]))


def to_parquet(file: Delimited) -> str:
    """Stream the rows into a temporary Parquet file: parsed once, by one parser for every engine, never held whole."""
    target = spool(".parquet")
    scan_text(file).sink_parquet(target, compression="lz4")
    if file.utf8 != file.path:
        file.utf8.unlink()
    return str(target)


def ragged_line(file: Delimited) -> str:
    """Where a row has more cells than there are headings, for the error message."""
    for number, row in enumerate(_rows(file.utf8, file.separator), 1 + len(file.titles)):
        if len(row) > len(file.names):
            return f"row {number} has {len(row)} cells, the heading has {len(file.names)}"
    return ""


def _rows(path: Path, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file, delimiter=separator)


def _separator(path: Path) -> tuple[str, int]:
    """The separator that cuts the headings into most cells (a comma when none does), and how many lines stand above.

    Headings stand in the first row, or below titles: rows of one cell, before one of at least three that the next has,
    too.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(islice(file, TITLES))
    if not lines:
        return ",", 0
    cells = {s: len(next(csv.reader(lines[:3], delimiter=s), [])) for s in SEPARATORS}
    first = max(SEPARATORS, key=lambda s: cells[s])
    if cells[first] > 1 and sum(bool(c.strip()) for c in next(csv.reader(lines[:3], delimiter=first))) > 1:
        return first, 0
    found = {s: _headed(lines, s) for s in SEPARATORS}
    best = max(SEPARATORS, key=lambda s: found[s][0])
    return (best, found[best][1]) if found[best][0] > 2 else (first, 0)


def _headed(lines: Sequence[str], separator: str) -> tuple[int, int]:
    """How many cells the headings below titles have, and how many lines stand above; none where a cell has lines."""
    rows = [[c for c in row if c.strip()] for row in csv.reader(lines, delimiter=separator)]
    if len(rows) != len(lines):
        return 0, 0
    top = next((i for i, row in enumerate(rows) if len(row) > 1), 0)
    below = len(rows[top + 1]) if top + 1 < len(rows) else 0
    return (len(rows[top]), top) if len(rows[top]) > 2 and 2 * below >= len(rows[top]) else (0, 0)
