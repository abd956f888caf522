"""Texts of an .xlsx of which a part is raised, lowered or struck through: 125.3 with a raised 1 is not 125.31.

The reader of workbooks gives the text of a cell without its dress. Before that digits behind others that stand raised
or lowered become raised ones, as footnotes have them, and struck digits beside others are set apart.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from integrade.sources.cells.grid import RAISED

_PART = re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+)\.xml", re.IGNORECASE)
_MARKS = (b"vertAlign", b"strike")
_TOKEN = re.compile(rb"<(/?)(?:\w+:)?(\w+)([^<>]*)>|[^<]+|<")
_OFF = re.compile(rb"val\s*=\s*[\"'](?:0|false|baseline)")
_APART = "\u00a0/\u00a0".encode()
"""What keeps two numbers two; other blanks at the ends of a text are left out."""
PIECE = 1 << 20
_RAISED_BYTES = {chr(digit).encode(): chr(raised).encode() for digit, raised in RAISED.items()}


class Run(NamedTuple):
    """The dress of a part of a text."""

    raised: bool = False
    struck: bool = False


def with_raised(stream: BinaryIO) -> BinaryIO:
    """The workbook with raised digits as such, in a copy; itself where it has none, or is no zip archive."""
    stream.seek(0)
    try:
        with ZipFile(stream) as book:
            odd = [part for part in book.infolist() if _PART.fullmatch(part.filename) and _is_marked(book, part)]
            made = _copied(book, {part.filename for part in odd}) if odd else stream
    except BadZipFile:
        made = stream
    made.seek(0)
    return made


def _is_marked(book: ZipFile, part: ZipInfo) -> bool:
    """Whether a part of a book has a sign of raised or struck text."""
    rest = b""
    with book.open(part) as file:
        while piece := file.read(PIECE):
            if any(mark in rest + piece for mark in _MARKS):
                return True
            rest = piece[-16:]
    return False


def _copied(book: ZipFile, odd: set[str]) -> BinaryIO:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_STORED) as copy:
        for part in book.infolist():
            content = book.read(part)
            copy.writestr(part.filename, b"".join(_dressed(content)) if part.filename in odd else content)
    return made


def _dressed(content: bytes) -> Iterator[bytes]:
    """A part of a book piece by piece: raised digits behind digits as such, struck ones set apart. One pass."""
    run, before, within = Run(), b"", False
    was_struck = False
    for found in _TOKEN.finditer(content):
        token, (closes, tag, more) = found[0], found.groups()
        if tag is None:
            if within:
                made = shown(token, run, before, was_struck=was_struck)
                before, was_struck = token, run.struck
                yield made
                continue
        elif tag == b"t":
            within = not closes and not more.endswith(b"/")
        elif tag in (b"si", b"is"):
            run, before, was_struck = Run(), b"", False
        elif tag == b"r":
            run = Run()
        elif tag == b"vertAlign":
            run = run._replace(raised=not _OFF.search(more))
        elif tag in (b"strike", b"dstrike"):
            run = run._replace(struck=not _OFF.search(more))
        yield token


def shown(text: bytes, run: Run, before: bytes, *, was_struck: bool) -> bytes:
    """A part of a text behind another: raised digits behind digits as such, struck ones beside others set apart."""
    if not before[-1:].isdigit():
        return text
    if run.raised:
        return b"".join(_RAISED_BYTES.get(bytes((one,)), bytes((one,))) for one in text)
    return _APART + text if text[:1].isdigit() and run.struck != was_struck else text
