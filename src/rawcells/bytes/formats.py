"""List the formats of files that are read. A new format is one record here and the module with its functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Mark(NamedTuple):
    """First bytes of a format: its name in messages, a pattern, and the suffix that such a file should have."""

    says: str
    begins: bytes
    suffix: str


@dataclass(frozen=True)
class Format:
    """A format of files: its suffixes, its first bytes and the functions that read it.

    ``part`` and ``headings`` are "module:function"; a module that begins with a dot belongs to the program that reads
    tables. ``part(path, engine, options, layout, table)`` returns the rows of a file, and ``headings(path, options,
    table)`` returns the columns that reading will give, with their content. ``packed``: suffixes of packed files of the
    format. ``offered``: suffixes of the files that a search for tables looks at. ``marks``: the first bytes of its
    files; empty for text. ``typed``: the file declares the types of its columns; its columns are known without reading
    its rows. ``sheets``: the file has named sheets.
    """

    suffixes: tuple[str, ...]
    part: str
    headings: str
    packed: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    typed: bool = False
    sheets: bool = False


EXCEL = Mark("an Excel workbook", rb"(?!)", ".xlsx")
"""An Excel workbook begins like any zip archive, so its pattern is one that never matches.

`contents.kind_at` recognises a workbook by the names of the files in the archive.
"""
_SHEETS = (".readers:workbook_part", ".headings:of_workbook")
TEXT = Format(
    (".csv", ".tsv", ".txt", ".dat"),
    ".readers:text_part",
    ".headings:of_text",
    packed=(".gz",),
    offered=(".csv", ".tsv", ".txt"),
)
WORKBOOK = Format(
    (".xls", ".xlsx", ".xlsm"),
    *_SHEETS,
    offered=(".xls", ".xlsx"),
    marks=(EXCEL, Mark("a workbook or document of old Office", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls")),
    sheets=True,
)
PAGE = Format(
    (".html", ".htm"),
    *_SHEETS,
    marks=(Mark("a page of HTML", rb"(?i:(?:\xef\xbb\xbf)?\s{0,64}(?:<!doctype html|<html))", ".html"),),
)
FORMATS = (
    TEXT,
    Format(
        (".dta",),
        ".readers:stata_part",
        ".headings:of_stata",
        offered=(".dta",),
        marks=(Mark("a Stata file", rb"<stata_dta>|[\x69\x6c\x6e\x6f\x71-\x73][\x01\x02]\x01\0", ".dta"),),
        typed=True,
    ),
    WORKBOOK,
    PAGE,
    Format(
        (".parquet",),
        ".readers:parquet_part",
        ".headings:of_parquet",
        offered=(".parquet", ".pq"),
        marks=(Mark("a Parquet file", rb"PAR1", ".parquet"),),
        typed=True,
    ),
)
"""In the order in which messages name the suffixes."""
SUFFIXES = tuple(suffix for form in FORMATS for suffix in (*form.suffixes, *form.packed))
OFFERED = tuple(suffix for form in FORMATS for suffix in form.offered)
TYPED = tuple(suffix for form in FORMATS if form.typed for suffix in form.suffixes)


def of(suffix: str) -> Format | None:
    """Return the format of a suffix, or None."""
    return next((form for form in FORMATS if suffix in (*form.suffixes, *form.packed)), None)


def read_as(mark: Mark) -> tuple[str, ...]:
    """Return the suffixes under which a file with these first bytes is read; the one that it should have is first.

    Includes the suffixes of all formats that the same ``part`` function reads.
    """
    part = next(form.part for form in FORMATS if mark in form.marks)
    return (mark.suffix, *(suffix for form in FORMATS if form.part == part for suffix in form.suffixes))
