"""Read tables in fixed-width text, as terminals and logs print them; columns come from white gutters, rules or bars."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, east_asian_width

from tablecheck.documents.flat import flat_tables
from tablecheck.documents.gutters import Chunk, Column, Row, is_model, laid_out, number_columns, overlap
from tablecheck.documents.shaping import Draft, Line, grid_of, named, piece
from tablecheck.documents.wording import (
    MISSING,
    WORDS,
    begins_with_number,
    defines_stars,
    is_caption,
    is_chinese,
    is_note,
    is_number,
    tidy,
)
from tablecheck.grid import Document, Grid

TAB = 8
LONGEST_LINE = 4000
"""A line with more characters is text outside tables."""
MOST_TEXT_LINES = 400_000
"""Largest number of lines of a text."""
MOST_LINES = 20_000
"""Largest number of lines of a table."""
_RULE = re.compile(r"^[\s\-=_─━═—–~+|┼╋╪├┤┌┐└┘┬┴:*]+$")
_STROKES = re.compile(r"[-=_─━═—–~+┼╋╪┬┴├┤┌┐└┘]{3,}|(?<=\s)-{1,2}(?=\s)")
_LONG = re.compile(r"[-=_─━═—–~]{4,}|-{3}[+|]|\{[-=hline]+\}")
_DRAWN = re.compile(r"^[-=_+ ]{5,}$")
_BELOW = re.compile(r"^\s*(?:Table)?\s?:\s+(\S.*)$")
_PROMPT = re.compile(r"^(?:\. |>>> |> |\$ |In \[\d+\]:|\.\.\. )")
_SMCL = re.compile(r"\{(?:hline|\.-)(?: (\d+))?\}")
_SMCL_TAG = re.compile(
    r"\{(?:txt|res|com|err|sf|bf|it|ul|smcl|[rl]align \d+:|space (\d+)|col (\d+)|c \|?[-+TBLR]+\|?|[a-z]+:)[^{}]*\}"
)
_BARS = re.compile(r"^\s*[|│┃].*[|│┃]\s*$")
_CORNERS = re.compile(r"^\s*[+┌├└╞┼][-=_─━═+:┬┼┴┐┤┘╪╡]+[+┐┤┘╡┼]\s*$")
LONGEST_PART = 50
"""A line of text with this many characters is too long for a label or the name of a panel."""
_PAUSES = 3
"""Largest number of text lines directly above a table that form its title."""


class Cut(NamedTuple):
    """A line of text: its chunks by columns of characters, and its kind."""

    text: str
    kind: str
    chunks: tuple[Chunk, ...] = ()
    groups: tuple[tuple[float, float], ...] = ()
    size: float = 0.0
    """Type size of a line of a PDF page; 0 if sizes are unknown."""


def width_of(character: str) -> int:
    """Return how many terminal columns a character takes: two for Chinese ones, none for combining ones."""
    if character < "\u0300":
        return 1
    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1


def cells_of_line(text: str) -> list[str]:
    """Return one text for each terminal column; a wide character is followed by an empty text."""
    cells: list[str] = []
    for character in text:
        if character == "\t":
            cells += [" "] * (TAB - len(cells) % TAB)
            continue
        wide = width_of(character)
        if wide == 0 and cells:
            cells[-1] += character
        else:
            cells += [" " if character.isspace() else character, *[""] * (wide - 1)]
    return cells


def chunks_of(text: str, gap: int = 2) -> tuple[Chunk, ...]:
    """Split a line into chunks: words with fewer than ``gap`` blanks between them."""
    cells = cells_of_line(text)
    chunks: list[Chunk] = []
    start = end = -1
    for i, cell in enumerate([*cells, *[" "] * gap]):
        if cell != " ":
            start, end = (i if start < 0 else start), i + 1
        elif start >= 0 and i + 1 - end >= gap:
            chunks.append(Chunk(Line(tidy("".join(cells[start:end]))), start, end))
            start = -1
    return tuple(chunk for chunk in chunks if chunk.text)


def cut(text: str) -> Cut:
    """Classify a line of fixed-width text.

    The kinds are: blank, rule, bars, corners, note, prompt, caption, data (numbers), multi (several texts), inset and
    text.
    """
    bare = text.strip()
    if not bare or len(text) > LONGEST_LINE:
        return Cut(text, "text" if bare else "blank")
    if _CORNERS.match(text):
        return Cut(text, "corners")
    if _RULE.match(text) and _LONG.search(text):
        return Cut(text, "rule", groups=tuple((float(m.start()), float(m.end())) for m in _STROKES.finditer(text)))
    if _BARS.match(text) and bare.count("|") + bare.count("│") + bare.count("┃") > 1:
        return Cut(text, "bars")
    if _PROMPT.match(text):
        return Cut(text, "prompt")
    if _BELOW.match(text):
        return Cut(text, "caption")
    chunks = chunks_of(re.sub(r"(?<=\s)[|│](?=\s|$)|^[|│](?=\s)", " ", text))
    if not chunks:
        return Cut(text, "blank")
    data = any(is_number(c.text) and (k > 0 or c.left > 3) for k, c in enumerate(chunks))
    if (is_note(bare) or defines_stars(bare)) and not (data and len(chunks) > 1 and not is_note(chunks[0].text)):
        return Cut(text, "note", chunks)
    if data:
        return Cut(text, "data", chunks)
    # A heading over columns begins at least 8 characters from the margin and is short; both are conventions.
    kind = "multi" if len(chunks) > 1 else "inset" if chunks[0].left >= 8 and len(bare) < 100 else "text"
    return Cut(text, kind, chunks)


def read_fixed(path: Path, text: str) -> Document:
    """Read the tables of a fixed-width text and the lines between them.

    Raises `OverflowError` for a text with too many lines, and for a table with too many lines or cells.
    """
    grids, lines = grids_of(flow_of_text(text))
    return Document(path.name, named(grids, path.stem, path.name), "\n".join(lines).strip("\n"))


def flow_of_text(text: str, first: int = 1) -> list[str | Draft]:
    """Return the tables and the other lines of a text in their order; ``first`` is the number of the first line."""
    lines = _without_comments(_without_smcl(text).splitlines())
    if len(lines) > MOST_TEXT_LINES:
        raise OverflowError
    flow: list[str | Draft] = []
    at = 0
    for table in flat_tables(lines):
        flow += flow_of_cuts([cut(line) for line in lines[at : table.start]], Where("", first + at))
        flow.append(table.draft)
        at = table.end
    return [*flow, *flow_of_cuts([cut(line) for line in lines[at:]], Where("", first + at))]


def flow_of_cuts(lines: Sequence[Cut], where: Where) -> list[str | Draft]:
    """Return the tables and the other lines in their order, from lines that are already classified.

    Raises `OverflowError` for a table of more than `MOST_LINES`.
    """
    flow: list[str | Draft] = []
    between: list[str] = []
    at = 0
    while at < len(lines):
        region = _table(lines, at)
        if isinstance(region, int):
            between += [line.text for line in lines[at:region]]
            at = region
            continue
        if region.end - region.start > MOST_LINES:
            raise OverflowError
        title = _title_above(between)
        if not title:
            title, region = _caption_below(lines, region)
        below = _next(lines, region.after)
        if (
            not title
            and below < len(lines)
            and below - region.after < 2
            and (caption := _BELOW.match(lines[below].text))
        ):
            title, region = tidy(caption[1]), region._replace(after=below + 1)
        flow += between
        between = []
        for draft in _drafts(lines, region, where):
            draft.title, draft.notes = title, [*draft.notes, *region.notes]
            flow.append(draft)
        at = region.after
    return [*flow, *between]


def grids_of(flow: Sequence[str | Draft]) -> tuple[list[Grid], list[str]]:
    """Split a flow into grids and lines. Raises `OverflowError` for a table of too many cells."""
    grids = [grid_of(item) for item in flow if isinstance(item, Draft)]
    return [grid for grid in grids if grid is not None], [item for item in flow if isinstance(item, str)]


class Where(NamedTuple):
    """The position of a line as messages write it: its number counted from ``first``, behind its page if it has one."""

    place: str
    first: int

    def line(self, i: int) -> str:
        """Return the position of the i-th line as messages write it."""
        return f"{self.place}, line {self.first + i}" if self.place else f"line {self.first + i}"


class Region(NamedTuple):
    """Lines of a table from ``start`` to ``end``, its notes, and the line at which the text after it continues."""

    start: int
    end: int
    after: int
    notes: tuple[str, ...] = ()


_INSIDE = ("rule", "data", "multi", "inset")


def _without_smcl(text: str) -> str:
    """Return a text without the directives of Stata's SMCL logs."""
    if not text.lstrip().startswith("{smcl}") and "{hline" not in text:
        return text
    ruled = _SMCL.sub(lambda m: "-" * min(int(m[1] or 78), 300), text)
    return _SMCL_TAG.sub(lambda m: " " * min(int(m[1] or 0), 300), ruled.replace("{c |}", "|"))


_COMMENTED = re.compile(r"(#>|##)(?: |$)")
"""The beginning of each line of output that knitr and reprex print."""


def _without_comments(lines: list[str]) -> list[str]:
    """Return lines without the signs ``#>`` or ``##`` before printed output, where three lines in a row have them."""
    signs = [m[1] if (m := _COMMENTED.match(line)) else "" for line in lines]
    bare = list(lines)
    start = 0
    for sign, run in groupby(signs):
        end = start + len(list(run))
        if sign and end - start >= 3:
            bare[start:end] = [line[len(sign) + 1 :] for line in lines[start:end]]
        start = end
    return bare


def _table(lines: Sequence[Cut], at: int) -> Region | int:
    """Return the region of the table that begins at a line.

    If none begins there, return the line at which the next table may begin.
    """
    if lines[at].kind in ("corners", "bars"):
        end = at
        while end < len(lines) and lines[end].kind in ("corners", "bars", "rule"):
            end += 1
        if sum(lines[i].kind == "bars" for i in range(at, end)) < 2:
            return end
        notes, after = _notes(lines, end)
        return Region(at, end, after, notes)
    if lines[at].kind not in _INSIDE or (lines[at].kind == "inset" and _next_is(lines, at + 1, ("rule",))):
        return at + 1
    end = max(_end(lines, at), at + 1)
    data = [i for i in range(at, end) if lines[i].kind == "data"]
    ruled = any(lines[i].kind == "rule" for i in range(at, end))
    # Without rules, lines of numbers are a table if at least two of them have more than one chunk.
    is_tabular = len(data) > 1 and sum(len(lines[i].chunks) > 1 for i in data) > 1
    several = len(data) > 1 or ruled or any(lines[i].kind == "multi" for i in range(at, end))
    if not data or not several or not (ruled or is_tabular):
        return end
    notes, after = _notes(lines, end)
    return Region(at, end, after, notes)


def _end(lines: Sequence[Cut], at: int) -> int:
    """Return the line after the last line of the table that begins at ``at``."""
    end, seen, ruled, i = at, False, 0, at
    while i < len(lines):
        kind = lines[i].kind
        if kind in ("prompt", "note", "corners", "bars", "caption") or is_caption(lines[i].text.strip()):
            break
        if kind == "blank":
            below = _next(lines, i)
            if (below - i > 2 and seen and ruled == 0) or below == len(lines):
                break
            if not _goes_on(lines, below, seen, ruled, closed=lines[i - 1].kind == "rule"):
                break
            i = below
            continue
        closed = i > at and lines[i - 1].kind == "rule" and seen
        inside = (ruled and not seen) or _rule_below(lines, i, ruled) or (not closed and _leads_to_data(lines, i))
        if kind == "text" and not (inside or _next_is(lines, i + 1, ("data",))):
            break
        seen = seen or kind == "data"
        ruled += kind == "rule"
        i += 1
        end = i
    return end


def _next(lines: Sequence[Cut], at: int) -> int:
    """Return the index of the next line that is not blank."""
    return next((k for k in range(at, len(lines)) if lines[k].kind != "blank"), len(lines))


def _next_is(lines: Sequence[Cut], at: int, kinds: Sequence[str]) -> bool:
    return at < len(lines) and lines[at].kind in kinds


def _rule_below(lines: Sequence[Cut], at: int, ruled: int) -> bool:
    """Return whether a text line may be a row of a table.

    The table must have a rule above the line. Data or a rule must follow within three lines, and before a blank line, a
    note or a prompt.
    """
    for k in range(at, min(at + 4, len(lines))):
        if lines[k].kind in ("blank", "note", "prompt"):
            return False
        if lines[k].kind in ("data", "rule"):
            return ruled > 0
    return False


def _goes_on(lines: Sequence[Cut], below: int, seen: bool, ruled: int, *, closed: bool) -> bool:
    """Return whether a table continues at the line below a blank line."""
    kind = lines[below].kind
    if kind == "rule":
        return not (seen and closed)
    if kind == "data":
        return not (closed and ruled >= 3) or not seen
    if kind in ("multi", "inset"):
        if not seen:
            return True
        words = all(is_number(c.text) or len(c.text) < 5 for c in lines[below].chunks[1:])
        return (ruled in (1, 2) and not closed) or (ruled == 0 and words and kind == "multi")
    return kind == "text" and _leads_to_data(lines, below) and not closed


def _leads_to_data(lines: Sequence[Cut], at: int) -> bool:
    """Return whether short lines of text (a label on several lines, the name of a panel) lead to numbers."""
    for k in range(at, min(at + 5, len(lines))):
        # A label followed by "yes" or "no" in each column counts as data.
        is_words = lines[k].kind == "multi" and all(c.text.lower() in WORDS | MISSING for c in lines[k].chunks[1:])
        if lines[k].kind == "data" or is_words:
            return True
        short = lines[k].kind == "text" and len(lines[k].text.strip()) < LONGEST_PART
        if not (short and not is_caption(lines[k].text.strip())) and lines[k].kind != "blank":
            return False
    return False


def _notes(lines: Sequence[Cut], at: int) -> tuple[tuple[str, ...], int]:
    """Return the notes below a table and the line after them.

    Notes are directly below the table. After a blank line, and on PDF pages, the first of them must be of the kind
    "note".
    """
    start = at
    while start < len(lines) and lines[start].kind in ("blank", "rule") and start - at < 2:
        start += 1
    after_blank = any(lines[k].kind == "blank" for k in range(at, start))
    if start >= len(lines) or ((after_blank or lines[start].size) and lines[start].kind != "note"):
        return (), at
    size = lines[start].size
    notes: list[str] = []
    while start < len(lines) and lines[start].kind in ("note", "text", "multi", "inset", "data"):
        line = lines[start]
        # Notes have one size of type, up to 7 % of measurement error; a convention.
        if (line.kind != "note" and is_caption(line.text.strip())) or abs(line.size - size) > 0.07 * size:
            break
        if not notes and line.kind not in ("note", "text"):
            break
        text = tidy(line.text)
        if size and notes and line.kind != "note" and not _is_full(lines, at, start - 1):
            break
        if size and notes and not is_note(text):
            notes[-1] = _run_on(notes[-1], text)
        else:
            notes.append(text)
        start += 1
    return tuple(notes), start if notes else at


def _is_full(lines: Sequence[Cut], at: int, line: int) -> bool:
    """Return whether a line of notes is as wide as the lines above it, so that it continues on the next line."""
    widest = max(c.right for k in range(max(0, at - 6), line + 1) for c in lines[k].chunks[-1:])
    # A line that ends within 12 characters of the widest one is full; a convention.
    return lines[line].chunks[-1].right > widest - 12


def _caption_below(lines: Sequence[Cut], region: Region) -> tuple[str, Region]:
    """Return the title below a table and the notes below that title, unless the title belongs to the next table."""
    at = _next(lines, region.after)
    if at - region.after > 1 or at >= len(lines) or not is_caption(lines[at].text.strip()):
        return "", region
    end = at + 1
    while (
        end < len(lines)
        and end - at < _PAUSES
        and lines[end].kind in ("text", "inset")
        and lines[end].size == lines[at].size
    ):
        end += 1
    if _next(lines, end) < len(lines) and isinstance(_table(lines, _next(lines, end)), Region):
        return "", region
    notes, after = _notes(lines, end)
    return " ".join(tidy(line.text) for line in lines[at:end]), region._replace(
        after=after, notes=(*region.notes, *notes)
    )


def _run_on(above: str, below: str) -> str:
    """Join two lines of a paragraph; a word hyphenated at the end of the first line becomes whole."""
    cut = above.endswith("-") and below[:1].islower() and above[-2:-1].isalpha()
    if is_chinese(above[-1:] or " ") and is_chinese(below[:1] or " "):
        return above + below
    return above[:-1] + below if cut else f"{above} {below}".strip()


def paragraphs(lines: Sequence[str]) -> str:
    """Join the lines of a page to one line for each paragraph; a blank line ends a paragraph."""
    joined: list[str] = []
    fresh = True
    for line in map(tidy, lines):
        if line and not fresh:
            joined[-1] = _run_on(joined[-1], line)
        elif line:
            joined.append(line)
        fresh = not line
    return "\n".join(joined)


def _title_above(before: list[str]) -> str:
    """Take the title directly above a table from the lines before it.

    A line that begins with a word for a title (Table 1) may be up to three lines above the table.
    """
    at = len(before)
    while at and not before[at - 1].strip() and len(before) - at < 2:
        at -= 1
    taken: list[str] = []
    k = at
    while k and before[k - 1].strip() and at - k < _PAUSES and not _PROMPT.match(before[k - 1]):
        k -= 1
        taken.insert(0, tidy(before[k]))
    caption = next((i for i, line in enumerate(taken) if is_caption(line) or _BELOW.match(line)), None)
    if caption is not None:
        taken = taken[caption:]
        taken[0] = (_BELOW.match(taken[0]) or ["", taken[0]])[1]
    # A title without a number has at most 200 characters; a convention.
    elif at < len(before) or len(taken) > 1 or not taken or len(taken[0]) > 200 or taken[0].endswith("."):
        return ""
    del before[at - len(taken) :]
    return " ".join(taken)


def _drafts(lines: Sequence[Cut], region: Region, where: Where) -> list[Draft]:
    """Return the table of a region; several tables if the parts between rules do not share their columns."""
    if lines[region.start].kind in ("corners", "bars"):
        return [_bars(lines, region, where.first)]
    sections: list[list[int]] = [[]]
    for i in range(region.start, region.end):
        if lines[i].kind == "rule" and sections[-1]:
            sections.append([])
        if lines[i].kind != "blank":
            sections[-1].append(i)
    sliced = None if where.place else _sliced(lines, region, where.first)
    if sliced is not None:
        return [sliced]
    margin = min((lines[i].chunks[0].left for i in range(region.start, region.end) if lines[i].chunks), default=0.0)
    parts: list[list[int]] = [[]]
    headings: list[int] = []
    for section in sections:
        if all(_is_heading(lines[i], margin) for i in section):
            headings += section
            continue
        if parts[-1] and not _share(lines, parts[-1], section):
            parts.append([])
        parts[-1] += [*headings, *section]
        headings = []
    parts[-1] += headings
    return [draft for part in parts if (draft := _draft(lines, part, where)).rows]


def _is_heading(line: Cut, margin: float) -> bool:
    """Return whether a line names columns.

    It has no numbers except column numbers such as (1), or its first text is far from the margin.
    """
    if line.kind != "data":
        return True
    first = line.chunks[0]
    return all(is_model(c.text) for c in line.chunks if is_number(c.text)) or (
        not is_number(first.text) and first.left - margin >= 8
    )


def _share(lines: Sequence[Cut], above: Sequence[int], below: Sequence[int]) -> bool:
    """Return whether the numbers of two parts are in the same columns.

    The numbers of both parts together must form at least as many columns as those of either part alone. The columns
    must also be as certain as those of the parts, and no text may lie over two columns.
    """
    first, second = ([Row(lines[i].chunks) for i in part if lines[i].kind == "data"] for part in (above, below))
    if not first or not second:
        return True
    alone = max(len(number_columns(rows, 1.0)[0]) for rows in (first, second))
    together, sure = number_columns([*first, *second], 1.0)
    mixed = not sure and all(number_columns(rows, 1.0)[1] for rows in (first, second))
    words = [c for row in (*first, *second) for c in row.chunks[1:] if not is_number(c.text)]
    across = any(sum(overlap(c, column) > 0 for column in together) > 1 for c in words)
    return len(together) >= alone and not mixed and not across


def _draft(lines: Sequence[Cut], part: Sequence[int], where: Where) -> Draft:
    """Read some lines as one table whose columns are separated by white gutters."""
    rows: list[Row] = []
    draft = Draft()
    margin = min((line.groups[0][0] for line in (lines[i] for i in part) if line.groups), default=0.0)
    data = [lines[i] for i in part if lines[i].kind == "data"]
    # Character columns that are blank in every line of numbers, up to the end of the longest line; none on PDF pages.
    texts = [] if where.place else [line.text for line in data]
    filled = {k for text in texts for k, cell in enumerate(cells_of_line(text)) if cell != " "}
    cuts = frozenset(range(max(filled, default=0))) - filled
    columns, _ = number_columns([Row(line.chunks) for line in data], 1.0)
    for i in part:
        line = lines[i]
        if line.kind == "rule":
            # A rule is partial if it begins more than 4 characters from the margin; a convention.
            partial = len(line.groups) > 1 or (line.groups and line.groups[0][0] > margin + 4)
            if rows and partial:
                rows[-1] = rows[-1]._replace(below=line.groups)
            if not (partial and line.groups[0][0] > margin + 4):
                draft.ruled.add(len(rows))
            continue
        chunks = line.chunks or (Chunk(Line(tidy(line.text)), 0, len(line.text)),)
        parted = (part_of_chunk for k, c in enumerate(chunks) for part_of_chunk in _parted(c, k, line, cuts, columns))
        rows.append(Row(tuple(c for c in parted if not _DRAWN.match(c.text)), where.line(i)))
    laid = laid_out(rows, 1.0)
    draft.rows, draft.doubts = laid.rows, laid.doubts
    return draft


def _parted(chunk: Chunk, k: int, line: Cut, cuts: frozenset[int], columns: Sequence[Column]) -> list[Chunk]:
    """Split a chunk in which only one blank separates numbers of two columns, or a label from the next cell."""
    if not cuts or " " not in chunk.text:
        return [chunk]
    cells = cells_of_line(line.text)
    parts: list[Chunk] = []
    left, right = int(chunk.left), int(chunk.right)
    for at in (i for i in range(left + 1, right - 1) if cells[i] == " "):
        before = Chunk(Line(tidy("".join(cells[left:at]))), left, at)
        end = next((i for i in range(at + 1, right) if cells[i] == " "), right)
        word = Chunk(Line(tidy("".join(cells[at + 1 : end]))), at + 1, end)
        if any(before.text.count(a) > before.text.count(b) for a, b in ("()", "[]", "{}")):
            continue
        first = k == 0 and not parts
        remainder = word._replace(right=right)
        # In ``45.4 (df = 1) 25.1 (df = 4)`` the second cell begins at 25.1.
        is_next_cell = before.text.endswith(")") and word.text[:1] in "-−0123456789" and begins_with_number(before.text)
        if is_next_cell or (at in cuts and _is_own_cell(before, word, remainder, first, line.kind, columns)):
            parts.append(before)
            left = at + 1
    return [*parts, Chunk(Line(tidy("".join(cells[left:right]))), left, right)]


def _is_own_cell(
    before: Chunk, word: Chunk, remainder: Chunk, first: bool, kind: str, columns: Sequence[Column]
) -> bool:
    """Return whether the text after a blank is a cell of its own.

    The blank is at a position that is blank in all lines of numbers.
    """
    if is_number(word.text.rstrip(",;")) and not (
        is_number(before.text) and word.text[:1] in "([{" and before.text[:1] not in "([{"
    ):
        return not first or any(overlap(word, c) > 0 for c in columns)
    labelled = first and bool(columns) and remainder.left >= columns[0].left - 1 and kind != "data"
    return labelled and sum(overlap(remainder, c) > 0 for c in columns) == 1 and remainder.right <= columns[0].right + 1


def _sliced(lines: Sequence[Cut], region: Region, first: int) -> Draft | None:
    """Read a table whose columns are shown by a broken rule (``---- ---- ----``).

    Returns None if a text crosses a column edge, or if the rule is over groups of columns: lines then have two numbers
    under one part of it.
    """
    rules = [lines[i] for i in range(region.start, region.end) if lines[i].kind == "rule" and len(lines[i].groups) > 2]
    if not rules:
        return None
    groups = max((rule.groups for rule in rules), key=len)
    starts = [int(a) for a, _ in groups]
    if any(_has_two_numbers(lines[i], starts) for i in range(region.start, region.end)):
        return None
    draft = Draft()
    for i in range(region.start, region.end):
        line = lines[i]
        if line.kind == "rule":
            draft.ruled.add(len(draft.rows))
            continue
        if line.kind == "blank":
            continue
        cells = cells_of_line(line.text)
        cuts = [0, *starts[1:], len(cells)]
        if any(k < len(cells) and cells[k - 1] != " " for k in starts[1:]):
            return None
        texts = ["".join(cells[a:b]) for a, b in pairwise(cuts)]
        texts = ["" if _DRAWN.match(t.strip()) else t for t in texts]
        draft.rows.append([piece(t, f"line {first + i}, column {j + 1}") for j, t in enumerate(texts)])
    return draft


def _has_two_numbers(line: Cut, starts: Sequence[int]) -> bool:
    """Return whether a line has two numbers without brackets under one part of a broken rule."""
    numbers = [c for c in line.chunks if is_number(c.text) and c.text[:1] not in "([{"]
    parts = [bisect_right(starts, c.left) for c in numbers]
    return line.kind == "data" and len(set(parts)) < len(parts)


def _bars(lines: Sequence[Cut], region: Region, first: int) -> Draft:
    """Read the cells between bars.

    A cell that lacks bars which other rows have spans the columns between them. If rules separate all rows, the lines
    between two rules form one row.
    """
    bodies = [re.sub("[│┃]", "|", lines[i].text) for i in range(region.start, region.end)]
    rules = [bool(re.match(r"^[\s|+:\-=_─━═┼├┤┌┐└┘┬┴╞╡╪]+$", body)) for body in bodies]
    kept = [i for i, body in enumerate(bodies) if not rules[i]]
    marks = [[k for k, c in enumerate(cells_of_line(bodies[i])) if c == "|"] for i in kept]
    places = sorted({k for row in marks for k in row})
    inner = sum(rules[i] for i in range(1, len(rules) - 1))
    aligned = all(len(row) == len(places) for row in marks) or any(_CORNERS.match(body) for body in bodies)
    draft = Draft()
    stacked = inner >= max(2, len(kept) // 2) and any(not rules[i] and not rules[i - 1] for i in range(1, len(rules)))
    fresh = True
    for i, body in enumerate(bodies):
        if rules[i]:
            draft.ruled.add(len(draft.rows))
            draft.head = draft.head or (len(draft.rows) if "=" in body or not any("=" in one for one in bodies) else 0)
            fresh = True
            continue
        cells = cells_of_line(body)
        at = [k for k, c in enumerate(cells) if c == "|"]
        pieces = []
        for j, (a, b) in enumerate(pairwise(at)):
            width = sum(a < k <= b for k in places) if aligned else 1
            pieces.append(
                piece("".join(cells[a + 1 : b]), f"line {first + region.start + i}, column {j + 1}")._replace(
                    width=width
                )
            )
        if stacked and not fresh and draft.rows and len(draft.rows[-1]) == len(pieces):
            draft.rows[-1] = [
                above._replace(lines=(*above.lines, *(below.lines or (Line(""),))))
                for above, below in zip(draft.rows[-1], pieces, strict=True)
            ]
        else:
            draft.rows.append(pieces)
        fresh = False
    return draft
