"""Mark raised, lowered and struck parts in the texts of an .xls, as the module `superscripts` does for an .xlsx.

The workbook stores each text once, with the fonts of its parts; cells refer to a text by its number. A workbook without
raised, lowered or struck fonts is not searched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from rawcells.cells.superscripts import Run, shown
from rawcells.cells.xls_records import FONT, LABEL_SST, SST, continued, records, workbook_of

WIDE, RICH, PHONETIC = 0x01, 0x08, 0x04
"""Flags of a text: it has two bytes per character, it has runs of fonts, phonetic data follow it."""
STRUCK = 0x08


def raised_in_xls(stream: BinaryIO) -> dict[tuple[str, int, int], tuple[str, str]]:
    """Return the cells (sheet, row, column from 0) whose text has raised, lowered or struck parts.

    Each has the stored text, and the text with raised digits. The result is empty for another kind of file. If a record
    is damaged, only cells before it are returned.
    """
    book = workbook_of(stream)
    fonts, texts, raised = list[Run](), None, dict[tuple[str, int, int], tuple[str, str]]()
    for at, kind, content, sheet, _ in records(book, {FONT, SST, LABEL_SST}):
        if kind == FONT:
            fonts.append(_run(content))
        elif kind == SST and texts is None:
            if all(font == Run() for font in fonts):
                break
            texts = dict(_Texts([*continued(book, at)]).dressed(fonts))
        elif kind == LABEL_SST and texts and len(content) >= 10:
            row, column, _, number = struct.unpack_from("<3HI", content)
            if number in texts:
                raised[sheet, row, column] = texts[number]
    return raised


def _run(font: bytes) -> Run:
    if len(font) < 10:
        return Run()
    flags, raised = int.from_bytes(font[2:4], "little"), int.from_bytes(font[8:10], "little")
    return Run(raised=raised in (1, 2), struck=bool(flags & STRUCK))


class _Texts:
    """List of texts, which continues over several records.

    If a text continues in a new record, that record begins with a flag for the width of its characters.
    """

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.piece, self.at = pieces, 0, 8

    def dressed(self, fonts: list[Run]) -> Iterator[tuple[int, tuple[str, str]]]:
        """Yield the number, the stored text and the marked text of each text that has one of these fonts."""
        number = 0
        while self._more():
            try:
                text, runs = self._text()
            except (struct.error, IndexError):
                return
            marked = _marked(text, runs, fonts)
            if marked != text:
                yield number, (text, marked)
            number += 1

    def _more(self) -> bool:
        while self.piece < len(self.pieces) and self.at >= len(self.pieces[self.piece]):
            self.piece, self.at = self.piece + 1, 0
        return self.piece < len(self.pieces)

    def _bytes(self, n: int) -> bytes:
        """Return the next n bytes, which may be in several records. Raises `IndexError` after the last byte."""
        content = b""
        while len(content) < n:
            if not self._more():
                raise IndexError
            got = self.pieces[self.piece][self.at : self.at + n - len(content)]
            content, self.at = content + got, self.at + len(got)
        return content

    def _text(self) -> tuple[str, list[tuple[int, int]]]:
        length, flags = struct.unpack("<HB", self._bytes(3))
        runs = struct.unpack("<H", self._bytes(2))[0] if flags & RICH else 0
        sound = struct.unpack("<I", self._bytes(4))[0] if flags & PHONETIC else 0
        text, wide = "", bool(flags & WIDE)
        while len(text) < length:
            if self.at >= len(self.pieces[self.piece]):
                wide = bool(self._bytes(1)[0] & WIDE)
            left = (len(self.pieces[self.piece]) - self.at) // (1 + wide)
            got = self._bytes(max(1, min(left, length - len(text))) * (1 + wide))
            text += "".join(map(chr, struct.unpack(f"<{len(got) // 2}H", got))) if wide else got.decode("latin-1")
        runs_of_fonts = [struct.unpack("<2H", self._bytes(4)) for _ in range(runs)]
        self._bytes(sound)
        return text, [(start, font) for start, font in runs_of_fonts]


def _marked(text: str, runs: list[tuple[int, int]], fonts: list[Run]) -> str:
    """Mark the raised digits of a text and separate its struck digits.

    The numbering of fonts leaves out 4.
    """
    cuts = [(0, Run()), *((start, _font(fonts, font)) for start, font in runs), (len(text), Run())]
    made, before, struck = "", b"", False
    for (start, run), (end, _) in pairwise(cuts):
        part = text[start:end].encode("utf-8", errors="surrogatepass")
        if part:
            made += shown(part, run, before, was_struck=struck).decode("utf-8", errors="surrogatepass")
            before, struck = part, run.struck
    return made


def _font(fonts: list[Run], number: int) -> Run:
    place = number - (number > 4)
    return fonts[place] if place < len(fonts) else Run()
