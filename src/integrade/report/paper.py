"""Fit a printed table on A4: find its column widths, whether it needs a landscape page, and where words may break."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from integrade.report.alignment import marked
from integrade.report.fonts import has_chinese
from integrade.report.rows import Grid
from integrade.wording.sheet import width

SHORT_SIDE, LONG_SIDE, MARGIN = 21.0, 29.7, 2.2  # centimetres, A4
SMALL = 30  # a table with more rows is set in the smaller type
SIZES = (9.0, 8.0)  # points: the larger size is used if the table has room for it
SMALLEST = 7.0  # points; a table that fits in this size does not need a landscape page
CHARACTER, PADDING = 0.0168, 0.42  # centimetres: of a character per point of type size; of a column
LEADING = 1.2  # distance of lines, as a multiple of the type size
WIDER = 1.2  # width of other text fonts, as a multiple of that of Times New Roman
BOLD, ROOMY, SPARE = 1.15, 1.25, 1.1  # factors of width; SPARE leaves room for a wider font in columns next to prose
PROSE, SHORT_PROSE = 4.0, 36  # characters: a column of prose is 4 times the root of its longest text, at least 36
WRAPPED = 26  # characters in a line of prose in a narrow column
CHINESE_LINE = 10  # width of characters: a word of more than five Chinese characters may wrap
WHOLE, WHOLE_WIDE = 58, 34  # most lines of a table on one page, portrait and landscape
WHOLE_SMALL = 56  # most lines of a landscape table on one page in the smallest type
LONG_UNBROKEN, BREAK_EVERY = 24, 8
WORD, JOINTS = re.compile(r"[!-~]+"), re.compile(r"(?<=[_/=])(?=[!-~])")


class Reference(NamedTuple):
    """A table named in a sentence: its number and the words of the sentence."""

    number: str
    text: str


NAMED = re.compile(r"Table ([A-Z]{0,2}\d+[a-z]?)\b|表 ?([A-Z]{0,2}\d+[a-z]?)(?![\da-z])")


def pieces(text: str, known: Collection[str]) -> Iterator[str | Reference]:
    """Split a sentence at the names of known tables."""
    end = 0
    for match in NAMED.finditer(text):
        number = match[1] or match[2]
        if number in known:
            if match.start() > end:
                yield text[end : match.start()]
            yield Reference(number, match[0])
            end = match.end()
    if end < len(text):
        yield text[end:]


@lru_cache(maxsize=256)
def asked_widths(table: Grid, size: float = SIZES[0]) -> tuple[float, ...]:
    """Return column widths in centimetres that the text needs: headings may wrap, prose needs a few words per line."""
    every = tuple(zip(table.cells(), table.rows, strict=True))
    lines = [c for c, r in every if r.kind != "panel"]
    heads = [table.columns, *(("", *c[1:]) for c, r in every if r.kind == "panel")]
    asked = []
    for i in range(len(table.columns)):
        head = BOLD * max(_of_a_word(word) for names in heads for word in names[i].split(" "))
        if i in table.wide_text:
            whole = max([0, *(width(line[i]) for line in lines)])
            longest = max(head, min(max(whole**0.5 * PROSE, SHORT_PROSE), whole))
        else:
            aligned = sum(map(len, marked(table).widest[i]))
            longest = max([head, aligned, *(_on_one_line(line[i]) if i else width(line[i]) for line in lines)])
        asked.append(PADDING + CHARACTER * size * longest)
    return tuple(asked)


def _of_a_word(word: str) -> int:
    """Return the width that a word needs if it may wrap; Chinese breaks between any two characters."""
    return min(width(word), CHINESE_LINE) if has_chinese(word) else width(word)


def _on_one_line(cell: str) -> int:
    """Return the width of the widest text of a cell that stays on one line: a number, or a word if it has no digits."""
    return width(cell) if any(sign.isdigit() for sign in cell) else max(map(_of_a_word, cell.split(" ")))


def widths(table: Grid, page: float) -> list[float]:
    """Return column widths that fill the page; columns of prose, which wraps, take the room left by other columns.

    Columns of numbers get slightly more room than they need, and short prose gets what it needs.
    """
    asked, room = asked_widths(table, type_size(table)), page - 2 * MARGIN
    least = _wrapped(table, type_size(table), asked)
    more = [a - w for a, w in zip(asked, least, strict=True)]  # of columns that wrap
    if not any(more) or sum(least) > room:
        return [w * room / sum(least) for w in least]
    numbers = [i not in table.wide_text for i in range(len(least))]
    fixed = sum(w for w, number in zip(least, numbers, strict=True) if number)
    roomy = min(ROOMY, (room - sum(least) + fixed) / fixed) if fixed else 1.0
    left = (room - sum(least) - (roomy - 1) * fixed) / sum(more)
    return [roomy * w if n else w + left * m for w, m, n in zip(least, more, numbers, strict=True)]


def is_tight(table: Grid, page: float) -> bool:
    """Return whether numbers of a table would break in columns of a page in a font a fifth wider (`WIDER`)."""
    return WIDER * sum(asked_widths(table, type_size(table))) > page - 2 * MARGIN and not table.wide_text


def _wrapped(table: Grid, size: float, asked: Sequence[float]) -> list[float]:
    """Return column widths with prose wrapped into lines of a few words."""
    narrow = PADDING + CHARACTER * size * WRAPPED
    return [min(w, narrow) if i in table.wide_text else w for i, w in enumerate(asked)]


def lies_on_its_side(table: Grid) -> bool:
    """Return whether the table, with prose wrapped, is wider than a portrait page in the smallest type."""
    return _least(table, SMALLEST) > SHORT_SIDE - 2 * MARGIN


def _least(table: Grid, size: float) -> float:
    return sum(_wrapped(table, size, asked_widths(table, size)))


def columns_that_fit(table: Grid) -> list[tuple[int, int]]:
    """Split the columns after the first into as few runs as fit on a landscape page; each run is (first, last + 1).

    All columns are in one run if they fit, or if there is prose, which wraps. Runs have nearly equal numbers of columns
    if they then fit, which leaves room on the narrower pages of journals.
    """
    label, *others = asked_widths(table, SIZES[-1])
    room, n = LONG_SIDE - 2 * MARGIN - label, len(others)
    if table.wide_text or sum(others) <= room:
        return [(1, n + 1)]
    ends, filled = [1], 0.0
    for i, wide in enumerate(others, start=1):
        if filled and filled + wide > room:
            ends.append(i)
            filled = 0.0
        filled += wide
    runs = len(ends)
    even = list(pairwise([1 + round(n * k / runs) for k in range(runs + 1)]))
    fit = all(sum(others[a - 1 : b - 1]) <= room for a, b in even)
    return even if fit else list(pairwise([*ends, n + 1]))


def type_size(table: Grid) -> float:
    """Return the type size of the cells in points: 9 if the page of the table has room for it, else 8, or 7."""
    side = lies_on_its_side(table)
    room = (LONG_SIDE if side else SHORT_SIDE) - 2 * MARGIN
    spare = SPARE if table.wide_text else 1.0
    asked = sum(w if i in table.wide_text else spare * w for i, w in enumerate(asked_widths(table)))
    if asked <= room and len(table.rows) <= SMALL:
        return SIZES[0]
    if side and WHOLE_WIDE < _height(table) <= WHOLE_SMALL:
        return SMALLEST  # small enough to fit on one page with its notes
    return SIZES[-1] if side or _least(table, SIZES[-1]) <= room else SMALLEST


def printed_height(table: Grid) -> float:
    """Return the height in points of a table with prose columns on its page, with its notes."""
    page, size = LONG_SIDE if lies_on_its_side(table) else SHORT_SIDE, type_size(table)
    in_line = [max(1.0, (w - PADDING) / (CHARACTER * size)) for w in widths(table, page)]
    lines = sum(max(ceil(width(line[i]) / in_line[i]) for i in (0, *table.wide_text)) for line in table.cells())
    of_notes = (page - 2 * MARGIN) / (CHARACTER * SIZES[-1])
    return LEADING * (size * lines + SIZES[-1] * sum(ceil(width(note) / of_notes) for note in table.notes))


def fits_a_page(table: Grid) -> bool:
    """Return whether a table of numbers fits on one page."""
    return not table.wide_text and _height(table) <= (WHOLE_WIDE if lies_on_its_side(table) else WHOLE)


def _height(table: Grid) -> int:
    """Return the number of lines of a table with its notes."""
    return len(table.rows) + 2 * len(table.notes)


def breakable(text: str, mark: str, long: int = LONG_UNBROKEN) -> str:
    """Insert ``mark`` where a long word may break: a word of ``long`` letters or more without Chinese (a hash, a path).

    It may break after an underscore, a slash or an equality sign; a piece of 24 letters or more may break after every
    eight letters.

    Example:
        >>> breakable("a word of raw/truth/rows_of_2004.parquet", "|")
        'a word of raw/|truth/|rows_|of_|2004.parquet'
    """
    return WORD.sub(lambda word: mark.join(_cut(word[0])) if len(word[0]) >= long else word[0], text)


def _cut(word: str) -> list[str]:
    parts = list[str]()
    for piece in JOINTS.split(word):
        in_eights = [piece[i : i + BREAK_EVERY] for i in range(0, len(piece), BREAK_EVERY)]
        parts += in_eights if len(piece) >= LONG_UNBROKEN else [piece]
    return parts
