"""Read tables of flat text, as copied from a PDF or from Word: cells in a row are separated by single blanks.

A table begins with its caption. A line such as ``(1) (2) (3)`` gives the number of its columns. Each later row is a
label and that number of cells. Two blanks together are an empty cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from plainwords.texts import say
from tablecheck.documents.shaping import Draft, Piece, piece
from tablecheck.documents.wording import WORDS, defines_stars, is_caption, is_note, is_number
from tablecheck.words import describes

NEAR = 8
"""Largest number of lines with text between a caption and the first row of numbers; a convention."""
LEAST_ROWS = 3
"""Smallest number of rows of numbers of a flat table; a convention."""
LONGEST = 8
"""A longer line without numbers is a sentence and not a heading or the name of a panel; a convention, in words."""
_NUMBERS = re.compile(r"(?:[^\W\d]\S*\s+)?\(1\) \(2\)(?: \(\d{1,2}\))*\s*")


class Flat(NamedTuple):
    """A flat table: its lines ``start`` to ``end`` in the text, and what it holds."""

    start: int
    end: int
    draft: Draft


def flat_tables(lines: Sequence[str]) -> list[Flat]:
    """Return the flat tables of a text, in their order.

    Example:
        >>> text = ["Table 1: Prices", " (1) (2)", "Size 0.1 0.2", " (0.3) (0.1)", "Age  0.3", "N 20 30"]
        >>> [[cell.text for cell in row] for row in flat_tables(text)[0].draft.rows][3]
        ['Age', '', '0.3']
    """
    tables: list[Flat] = []
    for start, line in enumerate(lines):
        if (tables and start < tables[-1].end) or not is_caption(line.strip()) or len(line) > 300:
            continue
        table = _table(lines, start)
        if table is not None:
            tables.append(table)
    return tables


def _table(lines: Sequence[str], start: int) -> Flat | None:
    """Read the table under a caption; None if no flat table follows it."""
    filled = [i for i in range(start + 1, len(lines)) if _has_text(lines[i])] if start + 1 < len(lines) else []
    first, columns = _shape(lines, filled)
    if not columns or any(is_caption(lines[i].strip()) for i in filled[:first]):
        return None
    draft = Draft(title=" ".join(lines[i].strip() for i in [start, *(i for i in filled[:first] if _titles(lines[i]))]))
    end = start
    rows = 0
    for k in range(first, len(filled)):
        at = filled[k]
        cells = _cells(lines[at], columns)
        if rows and (is_note(lines[at].strip()) or defines_stars(lines[at])):
            draft.notes.append(lines[at].strip())
        elif draft.notes or (rows and is_caption(lines[at].strip())):
            break
        elif cells is not None:
            draft.add([piece(text, f"line {at + 1}, column {j}") for j, text in enumerate(cells, start=1)])
            rows += any(map(is_number, cells[1:])) and not _NUMBERS.fullmatch(lines[at].strip())
        elif (part := _from_the_left(lines[at], columns)) is not None:
            draft.add([piece(text, f"line {at + 1}, column {j}") for j, text in enumerate(part, start=1)])
            rows += 1
            draft.doubts = [say("published_documents.short")]
        elif not rows or _is_panel(lines, filled[k : k + 2], columns):
            draft.add(_heading(lines[at], columns, f"line {at + 1}"))
        else:
            break
        end = at + 1
    return Flat(start, end, draft) if rows >= LEAST_ROWS else None


def _has_text(line: str) -> bool:
    """Return whether a line has more than blanks and signs of a symbol font."""
    return any(not c.isspace() and not 0xE000 <= ord(c) < 0xF900 for c in line)


def _titles(line: str) -> bool:
    """Return whether a line between the caption and the first row continues the title."""
    return len(line.split()) > 3 and _tail(line) < 2


def _shape(lines: Sequence[str], filled: Sequence[int]) -> tuple[int, int]:
    """Return the place of the first row among the lines with text, and the number of columns; 0 if there are none.

    Without a line of numbered columns, the number of cells of most rows counts, if the rows have the same number.
    """
    for k, at in enumerate(filled[:NEAR]):
        if _NUMBERS.fullmatch(lines[at].strip()):
            return k, sum(word.startswith("(") for word in lines[at].split())
        if _tail(lines[at]) or "  " in lines[at].strip():
            break
    tails = [_tail(lines[at]) for at in filled[: NEAR + 12]]
    first = next((k for k, n in enumerate(tails) if n > 1), NEAR)
    usual, times = Counter(tails[first : first + 12]).most_common(1)[0] if first < len(tails) else (0, 0)
    # Without numbered columns, eleven of the first twelve rows must have the same number of cells; a convention.
    single = all("  " not in lines[at].strip() for at in filled[first : first + 12])
    return (max(0, first - 1), usual) if first < NEAR and usual > 2 and times > 10 and single else (0, 0)


def _tail(line: str) -> int:
    """Return how many numbers end a line after its first word."""
    n = 0
    for word in reversed(line.split()[1:]):
        if not is_number(word):
            break
        n += 1
    return n


def _cells(line: str, columns: int) -> list[str] | None:
    """Return the label and the cells of a row of numbers or of words such as ``Yes``; None for another line."""
    words = line.split()
    if _NUMBERS.fullmatch(line.strip()):
        return ["" if words[0].startswith("(") else words[0], *words[-columns:]]
    tail = words[-columns:]
    if len(words) >= columns and all(map(_fills, tail)):
        return [" ".join(words[:-columns]), *tail]
    parts = re.split(r"\s", line.rstrip("\n"))
    if len(parts) > columns + 1 and not parts[-1]:
        parts.pop()  # a blank after the last cell
    tail = parts[-columns:]
    if len(parts) > columns and any(tail) and all(not text or _fills(text) for text in tail):
        label = " ".join(filter(None, parts[:-columns]))
        # The last word of a sentence is no cell: words such as "no" need a blank after them, as cells have.
        only_words = all(text.lower() in WORDS for text in tail if text)
        return None if label and only_words and not line[-1:].isspace() else [label, *tail]
    return None


def _from_the_left(line: str, columns: int) -> list[str] | None:
    """Return the label and the cells of a row of decimals that ends before the last column; None for another line."""
    words = line.split()
    n = _tail(line)
    decimals = n and all("." in word for word in words[-n:])
    if not decimals or n >= columns or len(words) - n > LONGEST or "  " in line.strip():
        return None
    return [" ".join(words[:-n]), *words[-n:], *[""] * (columns - n)]


def _fills(text: str) -> bool:
    """Return whether a word may fill a cell of a row: a number, or a word such as ``Yes``."""
    return is_number(text) or text.lower() in WORDS


def _is_panel(lines: Sequence[str], places: Sequence[int], columns: int) -> bool:
    """Return whether a line is the name of a panel: short, no sentence, and above a row."""
    text = lines[places[0]].strip()
    short = len(text.split()) <= LONGEST and not text.endswith((".", ",", ";"))
    return short and len(places) > 1 and _cells(lines[places[1]], columns) is not None


def _heading(line: str, columns: int, place: str) -> list[Piece]:
    """Split a heading into the cell over the labels and a cell for each column or for each group of columns.

    Words are joined where that gives names of statistics, or where a word begins with a small letter. A heading with
    another number of words stays in one cell.
    """
    words = line.split()
    groups = _continued(words)
    widths = columns // len(groups)
    # A heading such as "First stage All firms" over four columns has two parts of equal width.
    if line[:1].isspace() and 1 < len(groups) < len(words) and columns == widths * len(groups) and widths > 1:
        return [piece("", place), *(piece(text, place)._replace(width=widths) for text in groups)]
    for cells in (words, _statistics(words), groups):
        if len(cells) == columns:
            return [piece(text, place) for text in ("", *cells)]
        if len(cells) == columns + 1 and not line[:1].isspace():
            return [piece(text, place) for text in cells]
    return [piece(text, place) for text in (" ".join(words), *[""] * columns)]


def _continued(words: Sequence[str]) -> list[str]:
    """Join words that begin with a small letter to the word before them."""
    joined: list[str] = []
    for word in words:
        if joined and word[:1].islower():
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


def _statistics(words: Sequence[str]) -> list[str]:
    """Join words that together name a descriptive statistic, such as ``Sample size``."""
    joined: list[str] = []
    k = 0
    while k < len(words):
        width = next((n for n in (3, 2) if k + n <= len(words) and describes(" ".join(words[k : k + n]))), 1)
        joined.append(" ".join(words[k : k + width]))
        k += width
    return joined
