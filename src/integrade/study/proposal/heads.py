"""Copies of the first rows of large files, by which a proposal recognises them in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from integrade.sources.files.readers import reading
from integrade.sources.files.workbooks import book_of
from rawcells import doors
from rawcells.bytes import formats
from rawcells.bytes.encodings import as_utf8
from rawcells.cells.excel import container
from rawcells.scratch import scratch_folder

LOOKED_THROUGH = 1 << 25
"""All files of a group are read for names of regions if together they have at most so many bytes (a convention)."""
LINES = 1000
"""First lines of a text, or rows of a sheet, from which a price layout or public source is recognised (a convention).
"""
FEW = 1 << 16
"""A file of at most so many bytes (64 KiB) is tried as a whole; of a larger file only the head (a convention)."""


def head_of(path: Path) -> Path | None:
    """Copy the first lines of a text file, or the first rows of a workbook.

    Return the path of the copy; None for short files and for other formats.
    """
    status = path.stat()
    return _copy_of_head(path, status.st_size, status.st_mtime_ns) if status.st_size >= FEW else None


@cache
def _copy_of_head(path: Path, _size: int, _changed: int) -> Path | None:
    suffix, folder = path.suffix.lower(), Path(mkdtemp(dir=scratch_folder()))
    with reading([path]):
        if suffix in formats.TEXT.suffixes or (suffix in formats.WORKBOOK.suffixes and container(path) == "text"):
            return _first_lines(as_utf8(path, most=LOOKED_THROUGH).path, folder / path.name)
        return _first_rows(path, folder / f"{path.stem}.xlsx") if suffix in formats.WORKBOOK.suffixes else None


def _first_lines(path: Path, copy: Path) -> Path:
    """Write the first lines of a text in UTF-8, up to a line after which no quotation mark is open."""
    lines, quotes = 0, 0
    with doors.open_bytes(path) as text, copy.open("wb") as head:
        for line in text:
            lines, quotes = lines + 1, quotes + line.count(b'"')
            head.write(line)
            if lines >= LINES and quotes % 2 == 0:
                break
    return copy


def _first_rows(path: Path, copy: Path) -> Path | None:
    """Write the first rows of each sheet of a workbook; None if no sheet has more rows, or if the file is a text."""
    book = book_of(path, None)
    if book is None or all(len(sheet.rows) <= LINES for sheet in book.sheets):
        return None
    return write_sheets({sheet.name: sheet.rows[:LINES] for sheet in book.sheets}, copy)


def write_sheets(sheets: Mapping[str, Sequence[Sequence[Any]]], copy: Path) -> Path:
    """Write rows of cells to a workbook, one sheet for each name; return its path."""
    import xlsxwriter

    settings = {"nan_inf_to_errors": True, "default_date_format": "yyyy-mm-dd", "in_memory": True}
    with xlsxwriter.Workbook(str(copy), settings) as written:
        for name, rows in sheets.items():
            page = written.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return copy
