"""Read tables from the pages of a PDF with a text layer.

Characters with their positions become words, words become lines, and white gutters separate columns. Size and baseline
identify superscripts; drawn strokes are rules. Pages with two columns are read one column after the other. Turned pages
are read as if held upright.
"""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

from plainwords.texts import listed, say
from rawcells import doors
from rawcells.bytes.bounds import beyond
from rawcells.errors import Unreadable
from tablecheck.documents import glyphs
from tablecheck.documents.continued import Found, continued
from tablecheck.documents.fixed import Cut, Where, flow_of_cuts, grids_of, paragraphs
from tablecheck.documents.gutters import Chunk
from tablecheck.documents.shaping import Line, Part, lines_of
from tablecheck.documents.wording import defines_stars, is_caption, is_chinese, is_note, is_number
from tablecheck.grid import EMPTY, Document, Grid, GridCell

PATIENCE = 300
"""Largest number of seconds that reading a PDF may take."""
LEAST_CHARACTERS = 20
"""A PDF with fewer characters per page, on average, has no text layer and consists of scanned pages."""
SPACE, GAP, CLOSE_GAP, NUMBERS_GAP = 0.17, 0.8, 0.5, 0.17
"""Smallest gaps between words, between chunks, between a label and a number, and between two numbers.

The unit is the type size. A chunk (`gutters.Chunk`) consists of adjacent words on a line.
"""
_STARS = str.maketrans({"∗": "*", "⁎": "*", "＊": "*", "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl"})


@dataclass(slots=True)
class Word:
    """Characters close together on one baseline, with the raised or lowered text attached to them."""

    parts: list[Part]
    left: float
    right: float
    base: float
    size: float
    taken: bool = False


@dataclass(slots=True)
class Text:
    """A line of a page: its words from left to right, its baseline and its size of type."""

    words: list[Word]
    base: float
    size: float


SMALLER = 0.88
"""Largest size of a superscript or subscript, as a share of the size of the text next to it."""
_DECIMAL = re.compile(r"[-−–]?\d*[.,]\d*")


class Rule(NamedTuple):
    """A horizontal line drawn on a page."""

    left: float
    right: float
    base: float


@dataclass
class Page:
    """The lines and rules of a page, from top to bottom."""

    number: int
    lines: list[Text] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


def read_pdf(path: Path) -> Document:
    """Read the tables and the text of a PDF.

    Raises `Unreadable` for a damaged or locked file, for a file without a text layer, and for one with too many pages.
    """
    raw = _raw_pages(path)
    many = sum(len(characters.replace(" ", "")) for characters, _, _ in raw)
    if many < LEAST_CHARACTERS * max(1, len(raw)):
        raise Unreadable(
            f"{path.name} has no text layer: its {len(raw):,} pages hold {many:,} characters",
            where=str(path),
            remedy="recognise its text first (ocrmypdf old.pdf new.pdf), or type its tables as csv",
        )
    pages = [page for number, raw_page in enumerate(raw, start=1) for page in _pages(number, *raw_page)]
    _without_running_heads(pages)
    body = _body_size(pages)
    grids: list[Found] = []
    lines: list[str] = []
    for page in pages:
        for cuts in _flows(page, body):
            flow = flow_of_cuts(cuts, Where(f"page {page.number}", 1))
            page_grids, other_lines = grids_of(flow)
            doubted = [_with_broken(_with_unknown(grid)) for grid in page_grids]
            grids += [
                Found(page.number, page.number, _labels_raised(_labels_joined(_stars_joined(grid)))) for grid in doubted
            ]
            lines += [*other_lines, ""]
    whole = continued(grids)
    tables = [table for table in whole if _is_table(table.grid)]
    left = sorted({table.first for table in whole if not _is_table(table.grid)})
    lost = [say("published_documents.figures", pages=listed([str(page) for page in left], "comma"))] if left else []
    return Document(path.name, _named(path, tables), paragraphs(lines), tuple(lost))


def _is_table(grid: Grid) -> bool:
    """Return whether a grid is a table.

    A table has a title, or it has at least two labelled rows of numbers and text in more than a quarter of its cells
    after the labels. The axes of a figure have neither.
    """
    if is_caption(grid.title):
        return True
    rows = [[cell.text for cell in row] for row in grid.rows]
    numbers = [sum(map(is_number, row[1:])) for row in rows]
    labelled = sum(n > 0 and any(c.isalpha() for c in row[0]) for row, n in zip(rows, numbers, strict=True))
    filled = sum(bool(cell) for row in rows for cell in row[1:])
    return labelled > 1 and 4 * filled > len(rows) * (grid.columns - 1)


def _stars_joined(grid: Grid) -> Grid:
    """Add the stars of a row that has only stars to the numbers above them, which have no brackets and no stars yet."""
    rows: list[list[GridCell]] = []
    kept: list[int] = []
    for i, row in enumerate(grid.rows):
        stars = [j for j, cell in enumerate(row) if cell.text or cell.raised]
        only = stars and all(re.fullmatch(r"\*{1,4}", row[j].text + row[j].raised) for j in stars)
        if only and rows and all(_lacks_stars(rows[-1][j]) for j in stars):
            for j in stars:
                rows[-1][j] = replace(rows[-1][j], raised=row[j].text + row[j].raised)
            continue
        rows.append(list(row))
        kept.append(i)
    return _with_rows(grid, rows, kept)


def _with_rows(grid: Grid, rows: Sequence[Sequence[GridCell]], kept: Sequence[int]) -> Grid:
    """Return a grid of which some rows were joined to others; ``kept`` are the former places of its rows."""
    ruled = frozenset(sum(k < r for k in kept) for r in grid.ruled)
    return replace(grid, rows=tuple(map(tuple, rows)), ruled=ruled) if len(rows) < len(grid.rows) else grid


def _lacks_stars(cell: GridCell) -> bool:
    """Return whether a cell is a number without brackets and without stars."""
    return is_number(cell.text) and cell.text[0] not in "([{" and not cell.raised and not cell.text.endswith("*")


def _labels_joined(grid: Grid) -> Grid:
    """Join the two parts of a label that continues on the line of the bracket below the coefficient."""
    kinds = [_kind_of_row(row) for row in grid.rows]
    rows: list[list[GridCell]] = []
    kept: list[int] = []
    for i, row in enumerate(grid.rows):
        below = next((kind for kind in kinds[i:] if kind != "label"), "")
        if kinds[i] == "label" and below == "bracket" and kept and kinds[kept[-1]] == "label value":
            first = rows[-1][0]
            rows[-1][0] = replace(first, text=f"{first.text} {row[0].text}", raised=row[0].raised)
            continue
        rows.append(list(row))
        kept.append(i)
    return _with_rows(grid, rows, kept)


def _labels_raised(grid: Grid) -> Grid:
    """Move labels from the row of a bracket, or the row above it, to the row of the coefficient.

    Labels are moved only if no coefficient above a bracket has a label in its own row. A label that is centred between
    two lines is read on the lower line, or on a line between the two.
    """
    rows = [list(row) for row in grid.rows]
    kinds = [_kind_of_row(row) for row in rows]
    if any(a == "label value" and b == "bracket" for a, b in pairwise(kinds)):
        return grid
    emptied: set[int] = set()
    moved = False
    for i, kind in enumerate(kinds):
        if kind != "value" or i + 1 >= len(rows):
            continue
        between = kinds[i + 1] == "label" and kinds[i + 2 : i + 3] == ["bracket"]
        if between or kinds[i + 1] == "label bracket":
            rows[i][0], rows[i + 1][0] = rows[i + 1][0], EMPTY
            emptied |= {i + 1} if between else set()
            moved = True
    kept = [i for i in range(len(rows)) if i not in emptied]
    ruled = frozenset(sum(k < r for k in kept) for r in grid.ruled)
    if not moved:
        return grid
    doubts = (*grid.doubts, say("published_documents.labels"))
    return replace(grid, rows=tuple(tuple(rows[i]) for i in kept), ruled=ruled, doubts=doubts)


def _kind_of_row(row: Sequence[GridCell]) -> str:
    """Return what a row contains: whether it has a label, and whether it has values, brackets or neither."""
    numbers = [cell.text for cell in row[1:] if cell.text]
    what = ""
    if numbers and all(map(is_number, numbers)):
        brackets = [text[0] in "([{" for text in numbers]
        what = "bracket" if all(brackets) else "value" if not any(brackets) else "both"
    elif numbers:
        what = "words"
    label = "label" if row and row[0].text and not is_number(row[0].text) else ""
    return f"{label} {what}".strip()


def _with_unknown(grid: Grid) -> Grid:
    """Add a doubt if the PDF gives no text for some of its characters."""
    n = sum((cell.text + cell.raised).count("\ufffd") for row in grid.rows for cell in row)
    return replace(grid, doubts=(*grid.doubts, say("published_documents.unknown", n=n))) if n else grid


def _with_broken(grid: Grid) -> Grid:
    """Add a doubt if a number may continue with the digits on the next line of its cell."""
    for above, row in pairwise(grid.rows):
        filled = [j for j, cell in enumerate(row) if cell.text]
        if not filled or filled[0] == 0:
            continue
        continued_at = [j for j in filled if row[j].text.rstrip("*").isdecimal() and _DECIMAL.fullmatch(above[j].text)]
        if continued_at and all(j in continued_at or not is_number(row[j].text) for j in filled):
            doubt = say("published_documents.broken", text=f"{above[continued_at[0]].text} {row[continued_at[0]].text}")
            return replace(grid, doubts=(*grid.doubts, doubt))
    return grid


def _raw_pages(path: Path) -> list[tuple[str, Sequence[float], list[tuple[float, float, float, float]]]]:
    """Read the characters and drawn lines of each page in a child process."""
    command = [sys.executable, "-P", glyphs.__file__]
    try:
        done = subprocess.run(command, input=doors.read_bytes(path), capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise Unreadable(
            f"{path.name} could not be read within {PATIENCE} seconds",
            where=str(path),
            remedy="give the pages with tables",
        ) from None
    result = pickle.loads(done.stdout) if not done.returncode else "the program that reads it fails on this file"
    if isinstance(result, list):
        return result
    if result.startswith("pages "):
        raise beyond(
            path, f"has {int(result[6:]):,} pages", f"{glyphs.MOST_PAGES:,}", "give the pages with tables as a file"
        )
    if result == "characters":
        raise beyond(
            path, "has very many characters", f"{glyphs.MOST_CHARACTERS:,}", "give the pages with tables as a file"
        )
    locked = "assword" in result
    raise Unreadable(
        f"{path.name} is locked with a password" if locked else f"{path.name} cannot be read as a PDF: {result[:200]}",
        where=str(path),
        remedy="save it without a password" if locked else "fetch it again, or print it to a new PDF",
    )


def _pages(
    number: int, characters: str, numbers: Sequence[float], drawn: Iterable[tuple[float, float, float, float]]
) -> list[Page]:
    """Return one page for each direction of text.

    There are two pages if some of the text is turned, for example a table set sideways.
    """
    angles = Counter(
        int(numbers[i]) % 4 if numbers[i] >= 0 else -1 for i in range(4, len(numbers), 5) if numbers[i - 1]
    )
    pages = []
    lines = list(drawn)
    for angle, n in angles.most_common(2):
        # Fewer than 40 characters in one direction are labels of a figure, not text; a convention.
        if angle < 0 or n < 40:
            continue
        page = Page(number, _lines(_words(characters, numbers, angle)))
        flip = -1.0 if angle in (1, 2) else 1.0
        turned = [(a, b, y) for a, b, y, upright in lines if (upright == 1.0) == (angle in (1, 3))]
        sign = -1.0 if angle in (2, 3) else 1.0
        page.rules = _merged(Rule(min(a * flip, b * flip), max(a * flip, b * flip), y * sign) for a, b, y in turned)
        pages.append(page)
    return pages


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules from top to bottom; rules that touch end to end are joined, and duplicates are kept once."""
    merged: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (-round(r.base), r.left)):
        last = merged[-1] if merged else None
        # Rules on the same line within 1.5 points, with gaps of at most 1 point, are one; both are conventions.
        if last and abs(last.base - rule.base) < 1.5 and rule.left <= last.right + 1.0:
            merged[-1] = Rule(last.left, max(last.right, rule.right), last.base)
        else:
            merged.append(rule)
    return merged


def _words(characters: str, numbers: Sequence[float], angle: int) -> list[Word]:
    """Return the words of a page whose text is turned by ``angle`` quarters, with coordinates along the text."""
    flip = -1.0 if angle in (1, 2) else 1.0
    sign = -1.0 if angle in (2, 3) else 1.0
    places = []
    spaced = False
    for i, character in enumerate(characters):
        k = 5 * i
        height = numbers[k + 3]
        if not height:
            spaced = True
            continue
        turned = int(numbers[k + 4])
        if turned != angle and turned != angle + 4:
            continue
        a, b = numbers[k] * flip, numbers[k + 1] * flip
        places.append((numbers[k + 2] * sign, min(a, b), max(a, b), height, character, spaced, turned > 3))
        spaced = False
    places.sort(key=lambda p: (-p[0], p[1]))
    rows: list[list[tuple[float, float, float, float, str, bool, bool]]] = []
    base = 0.0
    for place in places:
        # Characters share a baseline if they are within a tenth of their size; a convention.
        if not rows or base - place[0] > 0.1 * place[3]:
            rows.append([])
            base = place[0]
        rows[-1].append(place)
    return [word for row in rows for word in _words_of_row(sorted(row, key=lambda p: p[1]))]


def _words_of_row(row: Sequence[tuple[float, float, float, float, str, bool, bool]]) -> list[Word]:
    """Split the characters on one baseline into words, from left to right."""
    words: list[Word] = []
    last: Word | None = None
    letters: list[str] = []
    up = False

    def end() -> None:
        if last is not None and letters:
            last.parts.append(Part("".join(letters).translate(_STARS), up))

    for y, left, right, height, character, spaced, raised in row:
        gap = left - last.right if last else 0.0
        # After a blank 3 % of the size suffice to separate words, without one `SPACE` is needed; conventions.
        apart = gap > SPACE * height or (spaced and gap > 0.03 * height)
        if last is None or apart or abs(height - last.size) > 0.12 * height:
            end()
            last = Word([], left, right, y, height)
            words.append(last)
            letters, up = [character], raised
        # Overlap by more than .6 of the width is a second print of the same letter; a convention.
        elif gap < -0.6 * (right - left) and letters and character == letters[-1] and character not in "fil":
            continue  # printed twice to look bold; repeated letters of one ligature are kept
        else:
            if raised != up:
                end()
                letters, up = [], raised
            letters.append(character)
            last.right = max(last.right, right)
    end()
    return words


def _lines(words: Sequence[Word]) -> list[Text]:
    """Group words into lines; small raised or lowered words are attached to the word next to them."""
    rows = _by_baseline(words)
    largest = [max(word.size for word in row) for row in rows]
    for i, row in enumerate(rows):
        # Small words are attached to words in the four rows above and below; a convention.
        near_rows = [j for j in range(max(0, i - 4), min(len(rows), i + 5)) if j != i]
        most = SMALLER * max((largest[j] for j in near_rows), default=0.0)
        small = [word for word in row if word.size <= most]
        near = [near_word for j in near_rows for near_word in rows[j]] if small else []
        for word in small:
            _attach(word, near)
    rows = _by_baseline(sorted((w for w in words if not w.taken), key=lambda w: -w.base))
    lines: list[Text] = []
    for row in rows:
        kept = [word for word in row if not word.taken]
        if not kept:
            continue
        size = max(kept, key=lambda w: w.right - w.left).size
        last = lines[-1] if lines else None
        # Lines closer than .3 of the size without overlapping words are one line; a convention.
        if (
            last
            and last.base - kept[0].base < 0.3 * size
            and not any(a.left < b.right and b.left < a.right for a in last.words for b in kept)
        ):
            last.words = sorted([*last.words, *kept], key=lambda w: w.left)
        else:
            lines.append(Text(sorted(kept, key=lambda w: w.left), kept[0].base, size))
    return lines


def _by_baseline(words: Sequence[Word]) -> list[list[Word]]:
    """Group consecutive words whose baselines differ by at most a tenth of their size, which is a convention."""
    rows: list[list[Word]] = []
    for word in words:
        if not rows or abs(rows[-1][0].base - word.base) > 0.1 * word.size:
            rows.append([])
        rows[-1].append(word)
    return rows


def _attach(word: Word, near: Sequence[Word]) -> None:
    """Attach a small word to the larger word next to it, or move it to the baseline of a nearby word.

    A small word that is raised or lowered next to a larger word becomes part of that word. A raised word that is only
    near another one stays a word of its own, marked as raised on that baseline.
    """
    neighbour: Word | None = None
    for larger in near:
        if larger.taken or larger.size * SMALLER < word.size or larger is word:
            continue
        # Where a superscript or subscript may be, in sizes of the larger word: raised by .1 to .75 or lowered by .08 to
        # .4, and beside it with a gap under .3. The values are conventions.
        shift = (word.base - larger.base) / larger.size
        if not (0.1 < shift < 0.75 or -0.4 < shift < -0.08):
            continue
        if -0.2 * larger.size < word.left - larger.right < 0.3 * larger.size:
            larger.parts += [Part(part.text, shift > 0) for part in word.parts]
            larger.right = max(larger.right, word.right)
            word.taken = True
            return
        if shift > 0 and -0.2 * larger.size < larger.left - word.right < 0.25 * larger.size:
            larger.parts[:0] = [Part(part.text, True) for part in word.parts]
            larger.left = min(larger.left, word.left)
            word.taken = True
            return
        if shift > 0 and max(word.left - larger.right, larger.left - word.right) < 1.5 * larger.size:
            neighbour = larger
    if neighbour is not None:
        word.parts = [Part(part.text, True) for part in word.parts]
        word.base, word.size = neighbour.base, neighbour.size


def _without_running_heads(pages: Sequence[Page]) -> None:
    """Drop first and last lines that are page numbers, or that several pages repeat with only a number changed."""
    ends = [(page, line) for page in pages for line in {id(x): x for x in (page.lines[:1] + page.lines[-1:])}.values()]
    same = Counter(re.sub(r"\d+|[ivxl]+$", "#", _text_of(line)) for _, line in ends)
    for page, line in ends:
        text = _text_of(line)
        if re.fullmatch(r"[-–—\s]*(?:\d{1,5}|[ivxl]{1,6})[-–—\s]*", text) or (
            same[re.sub(r"\d+|[ivxl]+$", "#", text)] > 2
        ):
            page.lines.remove(line)


def _text_of(line: Text) -> str:
    return " ".join("".join(part.text for part in word.parts) for word in line.words)


def _body_size(pages: Sequence[Page]) -> float:
    """Return the type size of most characters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += sum(len(word.parts[0].text) for word in line.words)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _chunks(line: Text, unit: float) -> tuple[Chunk, ...]:
    """Split a line into chunks, with positions in units of the usual character width."""
    groups: list[list[Word]] = []
    for word in line.words:
        gap = (word.left - groups[-1][-1].right) / line.size if groups else 0.0
        if not groups or gap > GAP or _is_lone(groups[-1], word, gap):
            groups.append([])
        groups[-1].append(word)
    chunks: list[Chunk] = []
    for group in groups:
        parts: list[Part] = []
        for before, word in zip([None, *group], group, strict=False):
            if before is not None and word.left - before.right > _space(before, word) * line.size:
                parts.append(Part(" "))
            parts += word.parts
        text_lines = lines_of(parts)
        if text_lines:
            last = None if chunks or len(group) < 2 else _number_at_end(group, unit)
            chunks.append(Chunk(text_lines[0], group[0].left / unit, group[-1].right / unit, last))
    return tuple(chunks)


def _number_at_end(group: Sequence[Word], unit: float) -> tuple[Line, float, Line, float, float] | None:
    """Return the text before the number that ends a chunk, and that number, each with its position.

    Returns None if no number ends the chunk.
    """
    number = lines_of(group[-1].parts)
    if not number or not is_number(number[0].text):
        return None
    parts = [part for word in group[:-1] for part in (*word.parts, Part(" "))]
    before = lines_of(parts)
    ends = group[-2].right / unit, group[-1].left / unit, group[-1].right / unit
    return (before[0], ends[0], number[0], ends[1], ends[2]) if before else None


def _space(before: Word, word: Word) -> float:
    """Return the smallest distance at which two words have a blank between them, in units of the type size."""
    ends = before.parts[-1].text[-1:], word.parts[0].text[:1]
    return 0.4 if any(is_chinese(end or " ") for end in ends) else 0.12


def _is_lone(group: Sequence[Word], word: Word, gap: float) -> bool:
    """Return whether a word is a number that begins a new chunk although the gap before it is at most `GAP`.

    The word before it may be a number or a label. A bracket that belongs to the number before it does not begin a
    chunk. A number after one blank does not begin a chunk if the blank may separate thousands.
    """
    text = "".join(part.text for part in word.parts)
    before = "".join(part.text for part in group[-1].parts)
    if not is_number(text) or (text[:1] in "([{*" and not (before[:1] in "([{" and text[:1] != "*")):
        return False
    if before in ("-", "−", "–", "+", "<", ">"):
        return gap > CLOSE_GAP
    if is_number(before):
        thousands = len(text) == 3 and text.isdecimal() and len(before.lstrip("-−")) <= 3
        return gap > (CLOSE_GAP if thousands else NUMBERS_GAP)
    return gap > CLOSE_GAP and len(group) < 5


def _flows(page: Page, body: float) -> list[list[Cut]]:
    """Return the lines of a page in reading order: lines over the whole width, and columns one after the other."""
    if not page.lines:
        return []
    gutter = _gutter(page)
    if gutter is None:
        return [_cuts(page.lines, page.rules, body)]
    whole = _whole_bands(page, gutter)
    flows: list[list[Cut]] = []
    bands: list[tuple[bool, list[Text]]] = []
    for line in page.lines:
        full = any(low <= line.base <= high for low, high in whole) or any(
            w.left < gutter < w.right for w in line.words
        )
        full = full or _crosses(line, gutter)
        if not bands or bands[-1][0] != full:
            bands.append((full, []))
        bands[-1][1].append(line)
    edges = [float("inf"), *((a[1][-1].base + b[1][0].base) / 2 for a, b in pairwise(bands)), float("-inf")]
    sides: tuple[list[Text], list[Text]] = ([], [])
    for k, (full, lines) in enumerate(bands):
        rules = [r for r in page.rules if edges[k + 1] < r.base <= edges[k]]
        if full:
            flows.append(_cuts(lines, rules, body))
            continue
        for side, side_lines in enumerate(sides):
            side_lines.clear()
            for line in lines:
                words = [w for w in line.words if (w.left > gutter) == bool(side)]
                if words:
                    side_lines.append(Text(words, line.base, max(w.size for w in words)))
            own_rules = [r for r in rules if ((r.left + r.right) / 2 > gutter) == bool(side)]
            flows.append(_cuts(side_lines, own_rules, body))
    return flows


def _crosses(line: Text, gutter: float) -> bool:
    """Return whether a line has words close to the gutter on both sides, so that it runs over both columns."""
    left = max((w.right for w in line.words if w.right <= gutter), default=None)
    right = min((w.left for w in line.words if w.left >= gutter), default=None)
    # Columns of text are further apart than .75 of the size; a convention.
    return left is not None and right is not None and right - left < 0.75 * line.size


def _gutter(page: Page) -> float | None:
    """Return the position of the gutter between two columns of text; None if the page has one column."""
    # At least 12 lines of 5 words are needed to recognise columns of text; both are conventions.
    lines = [line for line in page.lines if len(line.words) > 4]
    if len(lines) < 12:
        return None
    left, right = min(w.left for x in lines for w in x.words), max(w.right for x in lines for w in x.words)
    width = right - left
    # Gaps by the left edge of the word after them, in steps of two points.
    gaps: Counter[int] = Counter()
    for line in lines:
        for a, b in pairwise(line.words):
            middle = (a.right + b.left) / 2
            # The gutter is wider than .9 of the size and within .38 to .62 of the page's width; conventions.
            inner = b.left - a.right > 0.9 * line.size and 0.38 < (middle - left) / width < 0.62
            if inner and _is_prose(line, middle, width):
                gaps[round(b.left / 2)] += 1
    if not gaps:
        return None
    at, _ = gaps.most_common(1)[0]
    n = gaps[at - 1] + gaps[at] + gaps[at + 1]
    # The gutter is just left of the right column, and a sixth of the lines (6 at least) must agree. Conventions.
    return at * 2.0 - 0.45 * lines[0].size if n >= max(6, len(lines) // 6) else None


def _is_prose(line: Text, middle: float, width: float) -> bool:
    """Return whether words of letters fill both sides of a line."""
    sides = ([w for w in line.words if w.right <= middle], [w for w in line.words if w.left >= middle])
    # Each side fills at least .36 of the width, slightly less than half without the gutter; a convention.
    filled = all(side and side[-1].right - side[0].left > 0.36 * width for side in sides)
    letters = sum(any(c.isalpha() for part in w.parts for c in part.text) for w in line.words)
    return filled and 3 * letters > 2 * len(line.words)


def _whole_bands(page: Page, gutter: float) -> list[tuple[float, float]]:
    """Return the top and bottom of each table set over both columns.

    Such tables are between rules across the gutter.
    """
    # A rule over both columns reaches at least 20 points to each side of the gutter; a convention.
    across = sorted((r for r in page.rules if r.left < gutter - 20 and r.right > gutter + 20), key=lambda r: -r.base)
    bands = []
    for rule in across:
        same = [r.base for r in across if abs(r.left - rule.left) < 3 and abs(r.right - rule.right) < 3]
        bands.append((min(same), max(same)))
    return sorted(set(bands))


def _cuts(lines: Sequence[Text], rules: Sequence[Rule], body: float) -> list[Cut]:
    """Classify lines, and insert rules and empty lines between them, in the form that fixed-width text has."""
    if not lines:
        return []
    unit = 0.5 * body
    # Larger gaps than 4 lines of type separate parts of a page and do not count; a convention.
    gaps = [a.base - b.base for a, b in pairwise(lines) if 0 < a.base - b.base < 4 * body]
    usual = median(gaps) if gaps else 1.2 * body
    margin = min(word.left for line in lines for word in line.words) / unit
    cuts: list[Cut] = []
    drawn = sorted(rules, key=lambda r: -r.base)
    bounds = _bounds(drawn)
    k = 0
    for before, line in zip([None, *lines], lines, strict=False):
        groups: list[Rule] = []
        while k < len(drawn) and drawn[k].base > line.base + 0.1 * line.size:
            groups.append(drawn[k])
            k += 1
        if before is not None and not groups:
            gap = before.base - line.base
            # Two sizes of type differ if they are more than 7 % apart. A gap of more than 1.35 times the usual gap is a
            # blank line. Both limits are conventions.
            turned = abs(before.size - line.size) > 0.07 * body and cuts[-1:] and len(cuts[-1].chunks) == 1
            if gap > max(1.35 * usual, 1.5 * line.size) or (turned and gap > 1.07 * max(before.size, line.size)):
                cuts.append(Cut("", "blank"))
        elif before is not None and before.base - groups[0].base > 1.2 * usual:
            cuts.append(Cut("", "blank"))
        cuts += _rule_cuts(groups, unit)
        if groups and groups[-1].base - line.base > 1.2 * usual:
            cuts.append(Cut("", "blank"))
        chunks = _chunks(line, unit)
        if not chunks:
            continue
        inside = next((low for low, top, bottom in bounds if bottom <= line.base <= top), None)
        # Notes are set smaller, by at least 7 % of the body size; a convention.
        small = line.size < 0.93 * body and inside is None
        cuts.append(_kind(chunks, margin if inside is None else inside / unit, small)._replace(size=line.size))
    cuts += _rule_cuts(drawn[k:], unit)
    return cuts


def _bounds(rules: Sequence[Rule]) -> list[tuple[float, float, float]]:
    """Return the left edge, the top and the bottom of each region between rules of equal length."""
    bounds = []
    for rule in rules:
        same = [r.base for r in rules if abs(r.left - rule.left) < 3 and abs(r.right - rule.right) < 3]
        if len(same) > 1:
            bounds.append((rule.left, max(same), min(same)))
    return sorted(set(bounds), key=lambda b: b[1] - b[2])


def _rule_cuts(rules: Sequence[Rule], unit: float) -> list[Cut]:
    """Return one rule for all strokes within 1.5 points of height, which is a convention."""
    groups: list[list[Rule]] = []
    for rule in rules:
        if not groups or abs(groups[-1][0].base - rule.base) > 1.5:
            groups.append([])
        groups[-1].append(rule)
    return [Cut("", "rule", groups=tuple(sorted((r.left / unit, r.right / unit) for r in group))) for group in groups]


def _kind(chunks: tuple[Chunk, ...], margin: float, small: bool) -> Cut:
    """Classify a line of a page by the rules that apply to lines of fixed-width text."""
    text = "  ".join(c.text + c.line.raised for c in chunks)
    data = any(is_number(c.text) and (k > 0 or c.left - margin > 3) for k, c in enumerate(chunks))
    words = len(text.split()) > 3
    if (is_note(text) or defines_stars(text) or (small and len(chunks) == 1 and words)) and not (
        data and len(chunks) > 1 and not is_note(chunks[0].text)
    ):
        return Cut(text, "note", chunks)
    if data:
        return Cut(text, "data", chunks)
    # As in fixed-width text: an inset line begins at least 8 characters from the margin and is short.
    inset = chunks[0].left - margin >= 8 and len(text) < 100
    return Cut(text, "multi" if len(chunks) > 1 else "inset" if inset else "text", chunks)


def _named(path: Path, tables: Sequence[Found]) -> tuple[Grid, ...]:
    """Name the tables by the file if there is only one, otherwise by file, page and number on the page."""
    if len(tables) == 1:
        return (replace(tables[0].grid, name=path.stem, file=path.name),)
    seen: Counter[int] = Counter()
    grids = []
    for page, _, grid in tables:
        seen[page] += 1
        grids.append(replace(grid, name=f"{path.name}, page {page}, table {seen[page]}", file=path.name))
    return tuple(grids)
