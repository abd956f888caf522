"""Mark raised, lowered and struck parts in the texts of an .xlsx, because 125.3 with a raised 1 is not 125.31.

The reader of workbooks returns texts without their formatting. So the workbook is changed before it is read. Raised or
lowered digits after other digits become raised characters, as in footnotes. Struck digits next to others are separated
from them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from rawcells.bytes import archives
from rawcells.cells.grid import RAISED

_PART = re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+)\.xml", re.IGNORECASE)
_MARKS = (b"vertAlign", b"strike")
_TOKEN = re.compile(rb"<(/?)(?:\w+:)?(\w+)([^<>]*)>|[^<]+|<")
_OFF = re.compile(rb"val\s*=\s*[\"'](?:0|false|baseline)")
_APART = "\u00a0/\u00a0".encode()
"""Separator between two numbers.

Its blanks are non-breaking, because ordinary blanks at the ends of a text would be removed.
"""
PIECE = 1 << 20
_RAISED_BYTES = {chr(digit).encode(): chr(raised).encode() for digit, raised in RAISED.items()}


class Run(NamedTuple):
    """Formatting of one part of a text."""

    raised: bool = False
    struck: bool = False


def with_raised(stream: BinaryIO) -> BinaryIO:
    """Return a copy of the workbook with raised digits marked.

    The workbook itself is returned if it has no raised digits, or if it is no zip archive.
    """
    stream.seek(0)
    try:
        with archives.opened(stream) as book:
            odd = [part for part in book.infolist() if _PART.fullmatch(part.filename) and _is_marked(book, part)]
            copy = _copied(book, {part.filename for part in odd}) if odd else stream
    except BadZipFile:
        copy = stream
    copy.seek(0)
    return copy


def _is_marked(book: ZipFile, part: ZipInfo) -> bool:
    """Return whether a part of a book contains raised or struck text."""
    tail = b""
    with book.open(part) as file:
        while piece := file.read(PIECE):
            if any(mark in tail + piece for mark in _MARKS):
                return True
            tail = piece[-16:]
    return False


def _copied(book: ZipFile, odd: set[str]) -> BinaryIO:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_STORED) as copy:
        for part in book.infolist():
            content = book.read(part)
            copy.writestr(part.filename, b"".join(_marked(content)) if part.filename in odd else content)
    return stream


def _marked(content: bytes) -> Iterator[bytes]:
    """Yield a part of a book piece by piece in one pass, with raised digits marked and struck digits separated."""
    run, before, within = Run(), b"", False
    was_struck = False
    for match in _TOKEN.finditer(content):
        token, (closes, tag, more) = match[0], match.groups()
        if tag is None:
            if within:
                marked = shown(token, run, before, was_struck=was_struck)
                before, was_struck = token, run.struck
                yield marked
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
    """Return a part of a text, in which raised digits after digits are marked and struck digits are separated."""
    if not before[-1:].isdigit():
        return text
    if run.raised:
        return b"".join(_RAISED_BYTES.get(bytes((byte,)), bytes((byte,))) for byte in text)
    return _APART + text if text[:1].isdigit() and run.struck != was_struck else text
