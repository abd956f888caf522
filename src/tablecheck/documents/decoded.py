"""Read a document that is a text, in whatever encoding it is."""

from __future__ import annotations

from pathlib import Path

from plainwords.errors import option
from rawcells import doors
from rawcells.bytes.encodings import as_utf8
from rawcells.errors import Unreadable


def decoded(path: Path) -> str:
    """Return the text of a file. Raises `Unreadable` for bytes whose encoding cannot be told."""
    try:
        utf8 = as_utf8(path).path
    except Unreadable as problem:
        if option("encoding") not in problem.remedy:
            raise
        remedy = "save it in UTF-8: documents with tables are read without options"
        raise Unreadable(problem.what, where=problem.where, example=problem.example, remedy=remedy) from None
    return doors.read_text(utf8, encoding="utf-8-sig")
