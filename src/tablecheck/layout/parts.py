"""Split a grid into notes, rows of headings, columns of labels, and the numbers of each cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rawcells.cells.numbers import whole_number
from tablecheck.digits import Printed, Token, decimal_point, is_empty, plain, tokens, yes_or_no
from tablecheck.grid import EMPTY, Grid, GridCell
from tablecheck.words import bare, describes, is_number_of_column, kind_of, statistic


@dataclass(frozen=True)
class Parts:
    """A grid without its note lines.

    ``head`` is the number of heading rows; ``labels`` is the number of label columns. ``numbers[i][j]`` holds the
    numbers of the cell in row i and column j; it is empty for a cell of words.
    """

    grid: Grid
    head: int
    labels: int
    numbers: tuple[tuple[tuple[Token, ...], ...], ...]
    doubts: tuple[str, ...] = ()

    @property
    def rows(self) -> range:
        """Return the rows below the headings."""
        return range(self.head, len(self.grid.rows))

    @property
    def data(self) -> range:
        """Return the columns after the labels."""
        return range(self.labels, self.grid.columns)

    def text(self, i: int, j: int) -> str:
        """Return the text of a cell."""
        return self.grid.rows[i][j].text

    def label(self, i: int) -> str:
        """Return the label of a row: the texts of its label columns."""
        texts = dict.fromkeys(c.text for c in self.grid.rows[i][: self.labels] if c.text)
        return " ".join([t for t in texts if len(texts) == 1 or t.lower() not in GROUPS])

    def is_filled(self, i: int, j: int) -> bool:
        """Return whether a cell has any content other than a dash."""
        cell = self.grid.rows[i][j]
        return bool(cell.raised) or not is_empty(cell.text) or (yes_or_no(cell.text) is False and bool(cell.text))


GROUPS = {"coef", "fe", "stats", "estimates", "gof", "part", "term"}
"""Group names that statistical packages write before the row labels when they export data frames."""


def parts_of(grid: Grid) -> Parts:
    """Split a grid into its parts; ``doubts`` of the result names what is ambiguous in its cells."""
    grid = _untupled(grid)
    grid = _without_split_thousands(grid)
    grid = _without_row_numbers(grid)
    grid = _without_notes(grid)
    grid = _without_star_columns(grid)
    grid = _without_bracket_columns(grid)
    texts = [
        # Texts of more than 40 characters are sentences, whose commas are not decimal; a convention.
        c.text
        for row in grid.rows
        for c in row
        if len(c.text) <= 40 and not (describes(c.text) or kind_of(c.text))
    ]
    point = decimal_point(texts)
    doubts = list(grid.doubts)
    if point is None:
        doubts.append("both a decimal point and a decimal comma are used")
    pointless = next((c.text for row in grid.rows for c in row if _POINTLESS.match(c.text)), "")
    if pointless:
        doubts.append(f"numbers such as {pointless} begin with a zero: their decimal point may be lost")
    numbers = tuple(
        tuple(
            tokens(c.text, point or ".", raised=c.raised, place=c.place or f"row {i + 1}, column {j + 1}")
            for j, c in enumerate(row)
        )
        for i, row in enumerate(grid.rows)
    )
    head = _heads(grid, numbers)
    # A column without a heading is doubtful if all other columns have one.
    over = [any(head_at(grid, i, j) for i in range(head)) for j in range(grid.columns)]
    if head and any(over[1:]) and sum(over[1:]) >= len(over) - 2:
        doubts += [f"column {j + 1} has no heading" for j in range(1, grid.columns) if not over[j]]
    return Parts(grid, head, _labels(grid, numbers, head), numbers, tuple(doubts))


_POINTLESS = re.compile(r"[(\[]?-?0\d{2,}[)\]]?\**$")


def _untupled(grid: Grid) -> Grid:
    """Simplify headings and labels that pandas wrote as tuples.

    ``('coef', 'x')`` and ``('x', '')`` become x, ``('x', 's.e.')`` becomes s.e., ``('y', '(1)')`` becomes y (1).
    """
    tuples = re.compile(r"\('(.*)', ?'(.*)'\)")
    if not any(tuples.fullmatch(row[0].text) for row in grid.rows):
        return grid

    def bare(cell: GridCell, j: int) -> GridCell:
        match = tuples.fullmatch(cell.text)
        if not match:
            return cell
        return replace(cell, text=(match[2] or match[1] if j == 0 else f"{match[1]} {match[2]}").strip())

    return replace(grid, rows=tuple(tuple(bare(c, j) for j, c in enumerate(row)) for row in grid.rows))


def _without_row_numbers(grid: Grid) -> Grid:
    """Drop a first column that only numbers the rows and is followed by the column of labels."""
    counted = [n for row in grid.rows if (n := whole_number(row[0].text)) is not None]
    words = [row[1].text for row in grid.rows if len(row) > 2 and whole_number(row[0].text) is not None]
    if len(counted) < 3 or counted != list(range(counted[0], counted[0] + len(counted))):
        return grid
    # Up to two rows may lack a number, and up to a quarter of the next texts may hold numbers; conventions.
    if len(counted) < len(grid.rows) - 2 or sum(bool(tokens(w)) for w in words) > len(words) / 4:
        return grid
    return replace(grid, rows=tuple(row[1:] for row in grid.rows))


def _without_notes(grid: Grid) -> Grid:
    """Move rows with one text at the foot to the notes, and a first row with one text over all columns to the title."""
    rows, notes, title = list(grid.rows), list(grid.notes), grid.title
    while len(rows) > 1 and (text := _all_text(rows[-1])) and _is_note(text):
        notes.insert(0, text)
        rows.pop()
    while len(rows) > 2:
        row = rows[0]
        filled = [c for c in row if c.text]
        if len(filled) != 1 or not (row[0].text or row[-1].text == ""):
            break
        if filled[0].width < len(row) and not re.match(r"(?:table|表)\s*[\dIVXA-Z]", filled[0].text, re.IGNORECASE):
            break
        title = f"{title} {filled[0].text}".strip()
        rows.pop(0)
    first = len(grid.rows) - len(rows) - (len(notes) - len(grid.notes))
    ruled = frozenset(r - first for r in grid.ruled if first <= r <= first + len(rows))
    head = max(grid.head - first, 0)
    return replace(grid, rows=tuple(rows), notes=tuple(notes), title=title, ruled=ruled, head=head)


def _all_text(row: Sequence[GridCell]) -> str:
    """Return the joined texts of a row, as of a note cut at its commas; empty for several texts with numbers."""
    filled = [c.text for c in row if c.text]
    # Numbers that explain stars (``* p<0.1``) are words of a note.
    has_numbers = any(tokens(t) and not re.search(r"[*+†]\s*p\s*[<=]", t, re.IGNORECASE) for t in filled)
    return ", ".join(filled) if len(filled) == 1 or not has_numbers else ""


def _is_note(text: str) -> bool:
    """Return whether a text is a note, by its words and its length."""
    words = (
        r"^(?:notes?|source|sources|注|说明|资料来源)\b|^注|\*\s*p|p\s*<|parenthes|brackets|braces"
        r"|standard errors|confidence intervals|括号|显著|signif"
    )
    # Notes are longer than 12 characters; shorter texts are labels. A convention.
    return len(text) > 12 and bool(re.search(words, text, re.IGNORECASE))


def _without_star_columns(grid: Grid) -> Grid:
    """Merge columns that hold only stars into the column before them."""
    stars = [j for j in range(1, grid.columns) if _only_stars([row[j] for row in grid.rows])]
    if not stars:
        return grid
    rows = []
    for row in grid.rows:
        cells = list(row)
        for j in stars:
            cells[j - 1] = replace(cells[j - 1], raised=cells[j - 1].raised + cells[j].text + cells[j].raised)
        rows.append(tuple(c for j, c in enumerate(cells) if j not in stars))
    return replace(grid, rows=tuple(rows))


def _without_split_thousands(grid: Grid) -> Grid:
    """Join the two cells into which fixed-width text split a number such as ``1 106``.

    The first cell has one to three digits and the second exactly three digits.
    """
    for j in range(1, grid.columns - 1):
        pairs = [(plain(r[j].text), plain(r[j + 1].text)) for r in grid.rows]
        numbers = [(a, b) for a, b in pairs if a]
        if len(numbers) >= 2 and all(re.fullmatch(r"\d{1,3} \d{3}", f"{a} {b}") for a, b in numbers):
            whole = [replace(r[j + 1], text=f"{r[j].text} {r[j + 1].text}".strip()) for r in grid.rows]
            rows = [(*r[:j], cell, *r[j + 2 :]) for r, cell in zip(grid.rows, whole, strict=True)]
            return _without_split_thousands(replace(grid, rows=tuple(rows)))
    return grid


def _without_bracket_columns(grid: Grid) -> Grid:
    """Merge a column into the column before it if it has no heading and one number in brackets in each row."""
    brackets = [j for j in range(2, grid.columns) if _only_brackets(grid, j)]
    if not brackets:
        return grid
    rows = []
    for row in grid.rows:
        cells = list(row)
        for j in brackets:
            stars = f"{cells[j - 1].raised}" if cells[j].text else ""
            joined = f"{cells[j - 1].text}{stars} {cells[j].text}".strip()
            raised = "" if cells[j].text else cells[j - 1].raised
            cells[j - 1] = replace(cells[j - 1], text=joined, raised=raised)
        rows.append(tuple(c for j, c in enumerate(cells) if j not in brackets))
    return replace(grid, rows=tuple(rows))


def _only_brackets(grid: Grid, j: int) -> bool:
    """Return whether a column has no heading, and one number in brackets next to each of two or more numbers."""
    first = next((i for i, row in enumerate(grid.rows) if tokens(row[j].text)), len(grid.rows))
    over = [grid.rows[i][j].text for i in range(first)]
    pairs = [(tokens(row[j].text), tokens(row[j - 1].text)) for row in grid.rows[first:] if row[j].text]
    are_pairs = all(
        len(bracketed) == 1 and bracketed[0].bracket and len(before) == 1 and not before[0].bracket
        for bracketed, before in pairs
    )
    return len(pairs) >= 2 and are_pairs and not any(over)


def _only_stars(cells: Sequence[GridCell]) -> bool:
    """Return whether cells hold stars or crosses, and nothing else."""
    filled = [plain(c.text or c.raised) for c in cells if c.text or c.raised]
    return bool(filled) and all(set(t) <= set("*+†‡") for t in filled)


def _heads(grid: Grid, numbers: Sequence[Sequence[tuple[Token, ...]]]) -> int:
    """Return the number of heading rows.

    These are the rows that the document marks as headings, and the next rows of column numbers, kinds of numbers or
    words. If the document marks none, they are all rows above the first row with results.
    """
    first = next((i for i in range(len(grid.rows)) if _holds_estimates(grid.rows[i], numbers[i])), len(grid.rows))
    named = next((i for i in range(first, min(first + 3, len(grid.rows))) if _names_statistics(grid.rows[i])), None)
    if named is not None and all(_is_group_row(grid.rows[i]) for i in range(first, named)):
        first = named + 1  # the rows above the statistics name groups, for example 0 and 1
    headings = min(grid.head, first) if grid.head else 0
    if not headings:
        return min(first, len(grid.rows))
    while headings < first and _is_heading(grid.rows[headings], numbers[headings]):
        headings += 1
    return headings


def _names_statistics(row: Sequence[GridCell]) -> bool:
    """Return whether every text after the label names a statistic or a kind of number, and several names differ."""
    texts = [c.text for c in row[1:] if c.text]
    names = [describes(t) or kind_of(t) for t in texts]
    return all(names) and len(set(names)) > 1


def _is_group_row(row: Sequence[GridCell]) -> bool:
    """Return whether a row without a label names groups of columns, because it has fewer texts than columns."""
    return not row[0].text and 0 < sum(bool(c.text) for c in row[1:]) < len(row) - 1


def _holds_estimates(row: Sequence[GridCell], numbers: Sequence[tuple[Token, ...]]) -> bool:
    """Return whether a row holds results.

    These are numbers with decimals or stars, or numbers next to the name of a statistic. The headings ``25%`` and
    ``[0.025`` are names of statistics, not results.
    """
    named = [bool(describes(c.text) or kind_of(c.text)) for c in row]
    for token in (t for cell, is_name in zip(numbers[1:], named[1:], strict=True) if not is_name for t in cell):
        number = token.values[0]
        if number.decimals or number.marks or len(token.values) == 2:
            return True
    label = row[0].text or (row[1].text if len(row) > 1 else "")
    has = sum(bool(cell) and not is_name for cell, is_name in zip(numbers[1:], named[1:], strict=True))
    return bool(has) and bool(label) and (bool(statistic(label)) or _is_count(row, numbers))


def _is_count(row: Sequence[GridCell], numbers: Sequence[tuple[Token, ...]]) -> bool:
    """Return whether a row holds whole numbers that are neither column numbers ``(1) (2)`` nor years."""
    values = [cell[0].values[0].value for cell in numbers[1:] if cell]
    if any(cell and cell[0].bracket for cell in numbers[1:]) or len(values) < sum(bool(c.text) for c in row[1:]):
        return False
    is_numbering = values == list(range(1, len(values) + 1)) and (len(values) > 1 or len(row) == 2)
    # Whole numbers from 1800 to 2100 are taken for years; a convention.
    return not all(1800 <= v <= 2100 for v in values) and not is_numbering


def _is_heading(row: Sequence[GridCell], numbers: Sequence[tuple[Token, ...]]) -> bool:
    """Return whether a row holds only column numbers, kinds of numbers, and words other than yes and no."""
    filled = [(c, n) for c, n in zip(row[1:], numbers[1:], strict=True) if c.text]
    if not filled:
        return False
    return all(
        is_number_of_column(c.text) or bool(kind_of(c.text)) or (not n and yes_or_no(c.text) is None) for c, n in filled
    )


def _labels(grid: Grid, numbers: Sequence[Sequence[tuple[Token, ...]]], head: int) -> int:
    """Return the number of leading columns with labels, from one to three: columns with more words than numbers."""
    last = 0
    for j in range(min(3, grid.columns - 1)):
        below = [(grid.rows[i][j], numbers[i][j]) for i in range(head, len(grid.rows)) if grid.rows[i][j].text]
        words = sum(not n and (yes_or_no(c.text) is None or bool(kind_of(c.text))) for c, n in below)
        if words > len(below) / 2:
            last = j + 1
        elif j > 0:
            break
    return max(last, 1)


def heads_over(parts: Parts, j: int, until: int | None = None) -> tuple[str, ...]:
    """Return the headings over a column from top to bottom; a heading over several columns belongs to each of them."""
    return tuple(t for i in range(parts.head if until is None else until) if (t := head_at(parts.grid, i, j)))


def head_at(grid: Grid, i: int, j: int) -> str:
    """Return the heading of column j in row i, also from a cell that begins further left and spans column j."""
    for start in range(j, -1, -1):
        cell = grid.rows[i][start]
        if cell.text:
            return cell.text if start == j or start + cell.width > j else ""
        if cell is not EMPTY and cell != EMPTY and start + cell.width <= j:
            return ""
    return ""


def described_heads(parts: Parts) -> dict[int, str]:
    """Return the descriptive statistic of each column, from the last of its headings that names one."""
    names = ((j, next((d for h in reversed(heads_over(parts, j)) if (d := described_by(h))), "")) for j in parts.data)
    return {j: name for j, name in names if name}


def described_by(head: str) -> str:
    """Return the descriptive statistic that a heading names; two are joined by a blank: ``Mean (S.D.)``."""
    single = describes(head)
    match = re.fullmatch(r"(.+?)\s*[(\[/]\s*(.+?)\s*[)\]]?", head) if not single else None
    both = (describes(match[1]), describes(match[2])) if match else ("", "")
    return single or (" ".join(both) if all(both) else "")


_RATIO = re.compile(r"exp ?\(|odds|hazard|\b(?:or|irr|hr|rr)\b", re.IGNORECASE)


def kinds_of_columns(parts: Parts) -> dict[int, str]:
    """Return the kind of each column whose heading names it: coefficient, standard error, t, p, interval."""
    kinds_by_column = {j: _kind_over(heads_over(parts, j)) for j in parts.data}
    kinds_by_column |= {
        j: "b_std" for j in parts.data if kinds_by_column[j] == "b" and "b_std" in map(kind_of, heads_over(parts, j))
    }
    # A column headed ``β`` holds standardised coefficients if another column is headed ``B``.
    last = {j: bare((heads_over(parts, j) or ("",))[-1]) for j, kind in kinds_by_column.items() if kind == "b"}
    if "b" in last.values():
        kinds_by_column |= {j: "b_std" for j, head in last.items() if head in ("β", "beta")}
    for row in parts.grid.rows[: parts.head]:
        for j, cell in enumerate(row):
            kinds = kinds_in(cell.text, cell.width) if cell.width > 1 else ()
            kinds_by_column |= {j + n: kind for n, kind in enumerate(kinds) if not kinds_by_column.get(j + n)}
    kinds_by_column |= _ends_of_intervals(parts, kinds_by_column)
    kinds_by_column = {j: kind for j, kind in kinds_by_column.items() if kind}
    # The interval of a ratio (``95% C.I. for EXP(B)``) is left out if the coefficients are not ratios.
    ratios = {j for j in kinds_by_column if _RATIO.search(" ".join(heads_over(parts, j)))}
    if "b" not in kinds_by_column.values() or any(kinds_by_column[j] == "b" for j in ratios):
        return kinds_by_column
    intervals = {j for j in ratios if kinds_by_column[j] in ("low", "high", "interval")}
    return {j: kind for j, kind in kinds_by_column.items() if j not in intervals}


def _kind_over(heads: Sequence[str]) -> str:
    """Return the kind of number that the headings over a column name.

    It is the kind of the last heading that names one, else of all headings joined.
    """
    single = next((k for h in reversed(heads) if (k := kind_of(h))), "")
    return single or (kind_of(" ".join(heads)) or kind_of("".join(heads)) if len(heads) > 1 else "")


def _ends_of_intervals(parts: Parts, kinds: Mapping[int, str]) -> dict[int, str]:
    """Return the columns that hold the ends of intervals: two columns of single numbers under one interval heading.

    The second column has no heading of its own.
    """
    ends: dict[int, str] = {}
    for j in parts.data:
        if j in ends or kinds.get(j) != "interval" or j + 1 not in parts.data:
            continue
        under = heads_over(parts, j + 1)
        is_one_cell = any(c[j].width > 1 and kind_of(c[j].text) == "interval" for c in parts.grid.rows[: parts.head])
        if under and (under != heads_over(parts, j) or not is_one_cell):
            continue
        single = [
            all(len(parts.numbers[i][k]) == 1 and len(parts.numbers[i][k][0].values) == 1 for k in (j, j + 1))
            for i in parts.rows
            if parts.numbers[i][j] or parts.numbers[i][j + 1]
        ]
        if single and all(single):
            ends |= {j: "low", j + 1: "high"}
    return ends


def kinds_in(text: str, count: int) -> tuple[str, ...]:
    """Split a heading over several columns into the kind of each: ``Estimate Std. Error t value Pr(>|t|)``."""
    words = text.split()
    if not count <= len(words) <= 3 * count:
        return ()
    ways: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    for _ in range(count):
        ways = [
            (b, (*k, kind)) for a, k in ways for b in range(a + 1, a + 4) if (kind := kind_of(" ".join(words[a:b])))
        ]
    return next((kinds for end, kinds in ways if end == len(words)), ())


def first_number(numbers: Sequence[Token]) -> Printed | None:
    """Return the first number of a cell, or None."""
    return numbers[0].values[0] if numbers else None


def cells(parts: Parts, i: int) -> Iterator[tuple[int, tuple[Token, ...]]]:
    """Yield the filled cells of a row with their numbers."""
    for j in parts.data:
        if parts.is_filled(i, j):
            yield j, parts.numbers[i][j]
