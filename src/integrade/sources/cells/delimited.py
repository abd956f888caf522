"""Read text files with columns (csv, tsv, txt, also gzipped).

Every column is text, cells are trimmed, and empty cells are missing.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.errors import EmptyTable, Unreadable, option
from integrade.sources.cells.plain import Plain, of_all, plain
from integrade.sources.cells.structure import flaw, is_misfit, may_be_odd, structure
from plainwords.account import Entry
from plainwords.texts import Said, listed, say
from rawcells import doors
from rawcells.bytes.bounds import MOST_FIELD, MOST_LINE, beyond, check_columns, most_cells
from rawcells.bytes.encodings import SMALL, Text, as_utf8, blocks, endless_line, otherwise, spool, zero_byte
from rawcells.bytes.legacy import ONE_BYTE
from rawcells.cells.cells_of_text import CellError, rows_of_lines
from rawcells.cells.grid import FOOTNOTE, Sheet, alike, headings, squared

if TYPE_CHECKING:
    import polars as pl

SEPARATORS = (",", "\t", ";", "|")
SAMPLE = 1 << 16
SHOWN = 400
"""This many lines are searched for a word that shows the user whether an encoding is right (a convention)."""
BLANKS = (b"\xc2\x85", b"\xc2\xa0", b"\xe1\x9a\x80", b"\xe2\x80", b"\xe2\x81\x9f", b"\xe3\x80\x80")
"""First bytes, in UTF-8, of blanks that are not ASCII."""
LINE_END = re.compile(rb"\r\n|\n|\r")
TAIL = 50
"""Number of rows at the end of a file that are searched for footnotes (a convention)."""
SENTENCE = 4
"""The only text of a row, in the first of three or more columns, is a footnote if it has this many words or more."""
TITLES = 20
"""Number of lines that are searched for headings below titles (a convention)."""


class Delimited(NamedTuple):
    """Text file as UTF-8, with its separator, its headings and notes about it.

    ``skip``: number of lines up to and including the headings. ``texts``: columns in which every cell is in quotes, if
    another column has cells without quotes. ``titles``: the rows above the headings.
    """

    path: Path
    text: Text
    separator: str
    names: tuple[str, ...]
    skip: int
    notes: tuple[Entry, ...]
    texts: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


def open_text(path: Path, encoding: str | None) -> Delimited:
    """Open a text file and find its encoding, separator and headings.

    Raises `EmptyTable` for a file without a heading row.
    """
    return _opened(path, as_utf8(path, encoding, SMALL))


def reopened(file: Delimited) -> Delimited:
    """Open a file again as latin-1, because some bytes do not fit the detected one-byte encoding.

    Raises `Unreadable` if no such encoding was detected.
    """
    return _opened(file.path, otherwise(file.path, file.text.encoding, detected=file.text.detected, most=SMALL))


def _opened(path: Path, text: Text) -> Delimited:
    with _bounded(path):
        return _with_headings(path, text)


@contextmanager
def _bounded(path: Path) -> Iterator[None]:
    """Raise `Unreadable` instead of Python's own error for a cell that is too long."""
    try:
        yield
    except CellError as problem:
        remedy = "close the quotes that are open, or leave the column out"
        raise beyond(path, f"has a cell that is too long ({problem})", f"{MOST_FIELD:,} characters", remedy) from None


def _with_headings(path: Path, text: Text) -> Delimited:
    lines = _first_lines(path, text)
    separator, above = _separator(lines)
    with doors.open_text(text.path, encoding="utf-8-sig", newline="") as opened:
        rows = rows_of_lines(opened, separator)
        titles = tuple(" ".join(filter(None, row)) for row in islice(rows, above))
        first: list[str] = next(rows, [])
        skip = rows.line_num
        second: list[str] = next(rows, [])
        third: list[str] = next(rows, [])
    if not any(cell.strip() for cell in first):
        raise EmptyTable(
            f"{path.name} is empty", where=str(path), remedy="give a file whose first row has the column names"
        )
    check_columns(path, first)
    notes = []
    if text.encoding not in ("utf-8", "utf-8-sig"):
        notes.append(Entry("read", path.name, "note", _encoding(text), 0))
    usual = "\t" if path.suffix.lower() == ".tsv" else ","
    if separator != usual:
        notes.append(Entry("read", path.name, "note", say("sources.separator", separator=repr(separator)), 0))
    if len(second) == len(first) + 1 and not second[-1].strip():
        reason = say("sources.empty-last-column", separator=repr(separator))
        notes.append(Entry("read", path.name, "note", reason, 0))
        first = [*first, ""]
    if texts_above := [t for t in titles if t]:
        reason = say("sources.above-headings", titles=listed(texts_above[:3], "semicolon"))
        notes.append(Entry("read", path.name, "note", reason, 0))
    names = tuple(headings(list(first)))
    notes += [] if _two_rows_of_headings(first, second, third) else told_alike(path, names, first)
    texts = _texts(text.path, separator, names, above)
    return Delimited(path, text, separator, names, skip, tuple(notes), texts, titles)


_LETTERS = re.compile(r"[^\W\d_]")


def _two_rows_of_headings(first: Sequence[str], second: Sequence[str], third: Sequence[str]) -> bool:
    """Return whether a second row of headings is needed to distinguish equal headings in the first row, above numbers.

    Example:
        >>> _two_rows_of_headings(["", "Sonora", "Sonora"], ["", "Food", "Rent"], ["2014", "99.1", "101.3"])
        True
    """
    alike_in = [i for i, name in enumerate(first) if first.count(name) > 1]
    if max(alike_in, default=0) >= min(len(second), len(third)):
        return False
    pairs = {(first[i], second[i].strip()) for i in alike_in if _LETTERS.search(second[i])}
    numbers = all(re.search(r"\d", third[i]) and not _LETTERS.search(third[i]) for i in alike_in)
    return bool(alike_in) and len(pairs) == len(alike_in) and numbers


def told_alike(path: Path, names: Sequence[str], own: Sequence[str] = ()) -> list[Entry]:
    """Return notes about headings that differ only slightly.

    Headings that the file writes exactly in this way (``own``) get no note.
    """
    pairs = [pair for pair in alike(names) if pair[3] not in own]
    return [
        Entry("read", path.name, "note", say("sources.headings-alike", name=n, first=i, second=j, other=m), 0)
        for n, i, j, m in pairs[:3]
    ]


def _encoding(text: Text) -> Said:
    """Describe the encoding and how it was found.

    For a one-byte encoding, a word from the file lets the user check it.
    """
    if not text.detected:
        return say("sources.encoding-given", encoding=text.encoding)
    words = list(_foreign_words(text.path)) if text.encoding in ONE_BYTE else []
    word = next((word for word in words if _reads_otherwise(word, text.encoding)), next(iter(words), ""))
    if not word:
        return say("sources.encoding-detected", encoding=text.encoding)
    central = text.encoding in ("cp1250", "iso8859-2")
    alternative = option("encoding", "cp1252" if central else "cp1250")
    how = "sources.encoding-central" if central else "sources.encoding-western"
    return say(how, encoding=text.encoding, word=word, other=alternative)


def _reads_otherwise(word: str, encoding: str) -> bool:
    """Return whether a word would read differently in an encoding of another part of Europe."""
    return any(
        word.encode(encoding).decode(encoding_elsewhere, errors="replace") != word
        for encoding_elsewhere in ("cp1250", "cp1252", "cp1254")
    )


def _foreign_words(path: Path) -> Iterator[str]:
    """Yield words of four or more letters that have a non-ASCII letter, from the first rows of a text."""
    with doors.open_text(path, encoding="utf-8") as file:
        for line in islice(file, SHOWN):
            yield from (w for w in re.findall(r"[^\W\d_]{4,}", line) if not w.isascii())


def _texts(path: Path, separator: str, names: Sequence[str], above: int) -> tuple[str, ...]:
    """Return the columns that the writer put in quotes, judged from the first cells.

    integrade, R and others quote only text.
    """
    with doors.open_text(path, encoding="utf-8-sig", newline="") as file:
        for _ in range(above):
            file.readline()
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


def rows_of(file: Delimited) -> tuple[pl.DataFrame, dict[str, Plain], list[Entry]]:
    """Read a small file as text columns without blank lines and footnotes.

    Returns the rows and the columns that hold plain numbers. Also returns notes on footnotes, on rows with too few
    cells and on rows of several lines. Raises `Unreadable` if a text in quotes contains whole rows.
    """
    with _row_named(file):
        rows, odd = _rows_of(b"".join(_bodies(file)), file)
    rows, footnotes = _without_footnotes(rows)
    notes = _structure_notes(file, rows.height, footnotes) if odd else []
    return rows, of_all([_seen(rows)]), [*notes, *_footnote_notes(file, footnotes)]


def _without_footnotes(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Remove the footnotes at the end, which are rows with a text in the first column only.

    The footnotes begin at the first such row that starts with a footnote mark or word, or that is a sentence
    (`SENTENCE`). A row that the separator cut into pieces is also a footnote if it begins like one and no other cell is
    a number. Returns the remaining rows and the footnotes.
    """
    tail = rows.tail(TAIL).rows()
    alone = 0
    while alone < len(tail) and _may_be_footnote(tail[-1 - alone]):
        alone += 1
    last = tail[len(tail) - alone :]
    words = SENTENCE if rows.width > 2 else TAIL
    first = next((i for i, r in enumerate(last) if FOOTNOTE.match(r[0]) or len(r[0].split()) >= words), len(last))
    left_out = [" ".join(filter(None, row)) for row in last[first:]]
    return rows.head(rows.height - len(left_out)), left_out


def _may_be_footnote(row: Sequence[str | None]) -> bool:
    """Return whether a row may be a footnote.

    Only its first cell is filled, or it is cut into pieces without numbers.
    """
    if len(row) < 2 or not row[0]:
        return False
    beside = [cell for cell in row[1:] if cell]
    return not beside or bool(
        row[-1] is None and FOOTNOTE.match(row[0]) and not any(re.fullmatch(r"[\d.,]+", cell) for cell in beside)
    )


def _footnote_notes(file: Delimited, footnotes: Sequence[str]) -> list[Entry]:
    if not footnotes:
        return []
    return [
        Entry("read", file.path.name, "dropped", say("sources.footnotes-of-text"), len(footnotes), footnotes[0][:60])
    ]


@contextmanager
def _row_named(file: Delimited) -> Iterator[None]:
    """Add the row to an error of Polars, if a row has too many cells or unmatched quotes."""
    from polars.exceptions import PolarsError

    try:
        yield
    except PolarsError:
        if not (why := flawed_row(file)):
            raise
        raise _flawed(file, why) from None


def _flawed(file: Delimited, why: str) -> Unreadable:
    remedy = "correct that row; put quotes around whole cells, and double each quote inside a cell"
    return Unreadable(f"{file.path.name} cannot be read: {why}", where=str(file.path), remedy=remedy)


class Streamed(NamedTuple):
    """Large file as temporary Parquet files, which every engine reads.

    ``plain``: columns that hold plain numbers. ``notes``: notes on rows with too few cells and on rows of several
    lines. ``ascii``: all rows are ASCII.
    """

    paths: list[str]
    plain: dict[str, Plain]
    notes: list[Entry]
    ascii: bool


def to_parquet(file: Delimited) -> Streamed:
    """Stream the rows into temporary Parquet files.

    While one block is decoded, the previous block is parsed and written; at most three blocks are in memory. Raises
    `UnicodeDecodeError`, even if a row before the bad byte cannot be read either.
    """
    from polars.exceptions import PolarsError

    stored, waiting = list[_Stored](), deque[Future[_Stored]]()
    bodies = _bodies(file)
    with ThreadPoolExecutor(1) as pool:
        try:
            for body in bodies:
                waiting.append(pool.submit(_store, body, file))
                if len(waiting) > 1:
                    stored.append(waiting.popleft().result())
            stored += [block.result() for block in waiting]
        except PolarsError:
            deque(bodies, maxlen=0)  # check the encoding of every byte before a row is refused
            with _row_named(file):
                raise
    footnotes = _cut_footnotes(stored)
    rows = sum(block.rows for block in stored)
    notes = _structure_notes(file, rows, footnotes) if any(block.odd for block in stored) else []
    if not file.text.whole:
        file.text.path.unlink()
    known = of_all([block.seen for block in stored])
    notes += _footnote_notes(file, footnotes)
    return Streamed([block.path for block in stored], known, notes, all(block.ascii for block in stored))


def _cut_footnotes(stored: list[_Stored]) -> list[str]:
    """Remove the footnotes from the last block that has rows, and return them."""
    import polars as pl

    at = next((i for i in range(len(stored) - 1, -1, -1) if stored[i].rows), None)
    if at is None:
        return []
    rows, footnotes = _without_footnotes(pl.read_parquet(doors.regular(stored[at].path)))
    if footnotes:
        rows.write_parquet(stored[at].path, compression="lz4", statistics=False)
        stored[at] = stored[at]._replace(rows=rows.height, seen=_seen(rows))
    return footnotes


class _Stored(NamedTuple):
    """Block of rows stored as Parquet.

    ``rows``: the number of rows. ``seen``: the facts about columns of plain numbers. ``odd``: whether a row may have
    too few cells or several lines. ``ascii``: whether all bytes are ASCII.
    """

    path: str
    rows: int
    seen: dict[str, Plain | None]
    odd: bool
    ascii: bool


def _store(body: bytes, file: Delimited) -> _Stored:
    (rows, odd), target = _rows_of(body, file), spool(".parquet")
    rows.write_parquet(target, compression="lz4", statistics=False)
    return _Stored(str(target), rows.height, _seen(rows), odd, body.isascii())


def _structure_notes(file: Delimited, rows: int, footnotes: Sequence[str]) -> list[Entry]:
    """Return notes on rows with too few cells and on rows of several lines; footnotes do not count.

    The rows are read one by one. Raises `Unreadable` for a row in which a text in quotes contains whole rows, because a
    quote is not closed. Also raises `Unreadable` for unmatched quotes if the reading in blocks gives another number of
    rows: the two readers then differ on where a cell ends.
    """
    width, start = len(file.names), 2 + len(file.titles)
    with _bounded(file.path):
        table = (row for row in islice(_rows(file), 1, None) if not footnotes or _text_of_row(row) not in footnotes)
        odd = structure(table, width, file.separator, start)
    if odd.swallows.rows:
        raise Unreadable(
            f"{file.path.name}: one quoted cell of row {odd.swallows.first:,} contains {odd.swallows.has:,} lines, "
            f"each of {width:,} cells",
            where=str(file.path),
            remedy="a quote is opened there and not closed: close or delete it",
        )
    if odd.rows != rows and (why := flawed_row(file)):
        raise _flawed(file, why)
    reasons = []
    if odd.short.rows:
        row, has = odd.short.first, odd.short.has
        reasons.append(say("sources.short-rows", n=odd.short.rows, row=row, has=has, width=width))
    if odd.broken.rows:
        reasons.append(say("sources.broken-rows", n=odd.broken.rows, row=odd.broken.first))
    return [Entry("read", file.path.name, "note", reason, 0) for reason in reasons]


def _text_of_row(row: Sequence[str]) -> str:
    return " ".join(cell.strip() for cell in row if cell.strip())


def _seen(rows: pl.DataFrame) -> dict[str, Plain | None]:
    return {cells.name: plain(cells) for cells in rows}


def _bodies(file: Delimited) -> Iterator[bytes]:
    """Yield the lines below the headings in blocks of whole lines; one empty block without such lines.

    Raises `Unreadable` if the headings end in a bare carriage return, because the reader does not accept it as a line
    end.
    """
    skip = file.skip
    for block in blocks(file.path, file.text.encoding):
        start = 0
        while skip and start < len(block):
            end = LINE_END.search(block, start)
            start, skip = end.end() if end else len(block), skip - 1
            if end and end[0] == b"\r" and not skip:
                raise Unreadable(
                    f"{file.path.name}: the headings end in only a carriage return, as lines of old Macintosh files do",
                    where=str(file.path),
                    remedy="convert them to line feeds: tr '\\r' '\\n' < old.csv > new.csv",
                )
        yield block[start:]


def _rows_of(body: bytes, file: Delimited) -> tuple[pl.DataFrame, bool]:
    """Read lines below the headings; every column is text.

    Cells are trimmed, empty cells are missing, and blank lines are left out. Also returns whether a row may have too
    few cells or several lines. Raises `PolarsError` for text after a closing quote.
    """
    import polars as pl

    if b'"' in body and is_misfit(body, file.separator.encode()):
        raise pl.exceptions.ComputeError("text follows a closing quote")

    heading = file.separator.join(f"c{i}" for i in range(len(file.names))).encode()
    rows = pl.read_csv(
        b"\n".join((heading, body)), separator=file.separator, infer_schema=False, new_columns=list(file.names)
    )
    separator, gaps = file.separator.encode(), bool(rows[:, -1].null_count())
    blank = rows.select(pl.all_horizontal(pl.all().is_null()).sum()).item() if gaps else 0
    odd = may_be_odd(body, separator, rows.height, blank, len(file.names), gaps=gaps)
    if not _is_trimmed(body, file.separator.encode()):
        stripped = pl.all().str.strip_chars()
        rows = rows.lazy().with_columns(pl.when(stripped != "").then(stripped)).collect()
    if all(cells.null_count() for cells in rows):
        rows = rows.filter(pl.any_horizontal(pl.all().is_not_null()))
    return rows, odd


def _is_trimmed(lines: bytes, separator: bytes) -> bool:
    """Return whether no cell has quotes or blanks at its ends; False if the bytes leave a doubt."""
    if b'"' in lines or lines.count(b"\r") != lines.count(b"\r\n"):
        return False
    if not lines.isascii() and any(blank in lines for blank in BLANKS):
        return False
    ends = (separator, b"\n", b"\r")
    return not any(
        blank in lines
        and (
            lines.startswith(blank)
            or lines.endswith(blank)
            or any(e + blank in lines or blank + e in lines for e in ends)
        )
        for blank in (b" ", b"\t", b"\v", b"\f")
        if blank != separator
    )


def as_sheet(file: Delimited) -> Sheet:
    """Return the whole of a small file as one sheet of cells, for layouts that are not tables."""
    return _sheet(file, _rows(file))


def head_of(file: Delimited, n: int) -> Sheet:
    """Return the first ``n`` rows as a sheet of cells, in which the layout of a large file is searched."""
    return _sheet(file, islice(_rows(file), n))


def _sheet(file: Delimited, rows: Iterable[Sequence[str]]) -> Sheet:
    """Build a sheet from rows and the titles above them. Raises `Unreadable` if they have too many columns or cells."""
    above = ([title or None] for title in file.titles)
    cells = [*above, *([cell.strip() or None for cell in row] for row in rows)]
    widest = max(cells, key=len, default=[])
    check_columns(file.path, widest)
    most = most_cells(file.text.path.stat().st_size)
    if len(cells) * len(widest) > most:
        remedy = "write rows of one length"
        raise beyond(file.path, "has rows of very different lengths", f"{most:,} cells", remedy)
    return Sheet("", squared(cells))


def flawed_row(file: Delimited) -> str:
    """Return the first row that cannot be read and the reason (too many cells, quotes).

    Returns an empty text if there is no such row.
    """
    try:
        with _lines(file) as lines:
            return flaw(lines, file.separator, len(file.names), len(file.titles))
    except UnicodeDecodeError:  # the encoding is not the detected one
        return flawed_row(reopened(file)) if file.text.encoding in ONE_BYTE else ""


def _rows(file: Delimited) -> Iterator[list[str]]:
    """Yield the headings and the rows below; a large file that is not UTF-8 is decoded again."""
    with _lines(file) as lines:
        yield from islice(rows_of_lines(lines, file.separator), len(file.titles), None)


@contextmanager
def _lines(file: Delimited) -> Iterator[Iterator[str]]:
    """Yield the lines of a file. Raises `Unreadable` for a zero byte."""
    with ExitStack() as stack:
        if file.text.whole:
            lines: Iterable[str] = stack.enter_context(
                doors.open_text(file.text.path, encoding="utf-8-sig", newline="")
            )
        else:
            pieces = blocks(file.path, file.text.encoding)
            lines = (line for block in pieces for line in io.StringIO(block.decode("utf-8"), newline=""))
        yield _without_zero_bytes(lines, file)


def _without_zero_bytes(lines: Iterable[str], file: Delimited) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise zero_byte(file.path, file.text.encoding)
        yield line


def _first_lines(path: Path, text: Text) -> list[str]:
    """Return the first lines, which contain the headings. Raises `Unreadable` for a zero byte or an endless line."""
    with doors.open_text(text.path, encoding="utf-8-sig", newline="") as file:
        lines = [line for line in (file.readline(MOST_LINE + 1) for _ in range(TITLES)) if line]
    if any(len(line) > MOST_LINE for line in lines):
        raise endless_line(path)
    if any("\0" in line for line in lines):
        raise zero_byte(path, text.encoding)
    return lines


def _separator(lines: Sequence[str]) -> tuple[str, int]:
    """Return the separator that cuts the headings into most cells, and the number of lines above them.

    The separator is a comma if none cuts the headings. Headings are in the first row, or below titles. Titles are rows
    of one cell. The row below them has at least three cells, and the row after that has at least half as many.
    """
    if not lines:
        return ",", 0
    cells = {s: len(next(rows_of_lines(lines[:3], s), [])) for s in SEPARATORS}
    first = max(SEPARATORS, key=lambda s: cells[s])
    if cells[first] > 1 and sum(bool(c.strip()) for c in next(rows_of_lines(lines[:3], first))) > 1:
        return first, 0
    by_separator = {s: _headed(lines, s) for s in SEPARATORS}
    best = max(SEPARATORS, key=lambda s: by_separator[s][0])
    return (best, by_separator[best][1]) if by_separator[best][0] > 2 else (first, 0)


def _headed(lines: Sequence[str], separator: str) -> tuple[int, int]:
    """Return the number of cells in headings below titles, and the number of lines above them.

    Returns (0, 0) if a cell has several lines.
    """
    rows = [[c for c in row if c.strip()] for row in rows_of_lines(lines, separator)]
    if len(rows) != len(lines):
        return 0, 0
    top = next((i for i, row in enumerate(rows) if len(row) > 1), 0)
    below = len(rows[top + 1]) if top + 1 < len(rows) else 0
    return (len(rows[top]), top) if len(rows[top]) > 2 and 2 * below >= len(rows[top]) else (0, 0)
