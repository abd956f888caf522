"""Find headings, row names and values in sheets with periods or names across the columns.

A `Block` is one table of a sheet. Above its values are one or more *levels* (rows of headings); at most one level holds
periods (``2010``, ``2010-01``, ``assets_2010``). Next to its values are *stubs*, which are the columns that name the
rows. `roles` decides what a level or a stub means (region, good ...).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from integrade.errors import Unreadable
from integrade.sources.meaning.periods import ROMAN, month_of, readings
from integrade.sources.meaning.statistical_words import is_number, key_of, number_of
from integrade.wording.months import are_months, languages_of, may_be_quarters, months_named, numeral, roman_months
from rawcells.cells.grid import RAISED, Cell, Row, heading_at, headings, text_of

DEPTH = 40
"""Number of rows from the top that are searched for headings (a convention)."""
LONGEST = 200
"""A cell with more characters than this is never read as the heading of a period.

The limit keeps the patterns from running over long texts; its value is a convention.
"""
SEEN = 300
"""Number of rows of a table that are examined to find what its columns contain (a convention)."""

_YEAR_WORDS = "x y yr fy cy year years año anio ano année annee an jahr tahun năm nam 年 年份 年度".split()  # noqa: SIM905
_PERIOD = r"(?:19|20)\d{2}(?:年(?:\d{1,2}月)?|[-/._ ]?[MmQq]?\d{1,2})?"
_BEHIND = re.compile(rf"(?P<label>.*[^\W\d_].*?)[\s_.:,\-]*[(\[]?(?P<period>(?<!\d){_PERIOD})[)\]]?")
_BEFORE = re.compile(rf"[(\[]?(?P<period>{_PERIOD}(?!\d))[)\]]?(?:[\s_.:,\-]+|(?<=年)|(?<=月))(?P<label>.*[^\W\d_].*)")
_YEAR = r"(?<!\d)(?:19|20)\d{2}"
_MONTH = r"(?:[-._/ ]?[mq]\d{1,2})?"
_WORD = r"(?:[rpe]|pr|prov|prel|est|provisional|preliminary|revised|estimated?)"
_SIGN = r"[*＊†‡§#＃]+"
_MARK = rf"(?:{_SIGN}|\s*\((?:{_WORD}|[a-df]|\d)\)|\s*\[(?:[rpe]|\d)\]|\s*\(?(?:[rpe]|pr|est|\d)[)/]+)"
_MARKED = re.compile(rf"^({_YEAR}{_MONTH})\s*(?:{_MARK}|[rpe]|\s(?:pr|est)\.?)$", re.IGNORECASE)
"""Pattern of a year followed by a footnote mark: 2021R (revised), 2022 p/ (preliminary), 2023*."""
_MARKED_WITHIN = re.compile(rf"({_YEAR}(?:[-._/]?[mq]?\d{{1,2}})?[)\]]?){_MARK}(?=$|[\s_.:,\-])", re.IGNORECASE)
"""Pattern of a year with a footnote mark inside a longer heading: ``assets_2018*``, ``2018 (p) assets``, ``2018-01*``.
"""
_MARKED_BEHIND = re.compile(rf"(?:{_SIGN}|\s*\({_WORD}\))$", re.IGNORECASE)
"""Pattern of a footnote mark after a label: ``2018 assets*``."""
_LETTER = re.compile(rf"({_YEAR}{_MONTH})[a-hpr](?=$|[\s_.:,\-])", re.IGNORECASE)
"""Pattern of a year followed by a letter.

The letter is a footnote mark if the other columns of the same label have years without a letter.
"""
_BEGUN = re.compile(rf"(?:(?P<label>.*[^\W\d_])[\s_.:\-]+|)(?P<year>{_YEAR})(?:\D|\d\)).*")
"""Pattern of a heading that begins like a period (``2018abc``, ``assets 2018.1)``) and is not a code (190110)."""
_BLANK_NAME = re.compile(r"unnamed: ?\d+(_level_\d+)?|x\.?\d*|\.\.\.\d+|v\d+", re.IGNORECASE)
"""Pattern of names that pandas and R give to a column without a heading."""


class Head(NamedTuple):
    """Column of values: its position, its period as written, and its labels in the other levels, from top to bottom.

    ``marked``: the whole text of the heading, if its period has a footnote mark.
    """

    at: int
    period: str | None
    labels: tuple[str, ...]
    marked: str = ""


class Stub(NamedTuple):
    """Column next to the values: its position, its heading, and the cells of its first rows."""

    at: int
    name: str
    said: tuple[Cell, ...]


class Block(NamedTuple):
    """One table of a sheet: its first row of headings, its rows of values, its stubs and its columns of values.

    ``left``: rows below the headings without a value (titles, footnotes, headings of groups). ``dropped``: columns of
    values that are left out, because their headings are not months and other headings are.
    """

    top: int
    body: tuple[int, ...]
    stubs: tuple[Stub, ...]
    heads: tuple[Head, ...]
    left: tuple[int, ...] = ()
    dropped: tuple[Head, ...] = ()

    @property
    def depth(self) -> int:
        """Number of levels, not counting the level of periods."""
        return len(self.heads[0].labels)

    def level(self, k: int) -> tuple[str, ...]:
        """Return the distinct labels of a level in their order."""
        return tuple(dict.fromkeys(head.labels[k] for head in self.heads))


def heading_period(cell: Cell, *, numbered: bool = False) -> tuple[str, str] | None:
    """Split a heading into its label and its period.

    The period is written in a form that `periods` can read: ``Jan 2010``, ``assets_2010``, ``2010 [YR2010]``.

    If a year has a Roman numeral, the numeral is its label. With ``numbered`` this includes the numeral X; without it,
    X before a year is taken for the letter that R writes there. Returns None for a cell that is no period. Also returns
    None for a letter with one or two digits (H10), which is more likely a code than the year of a reign.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, datetime.date):
        return "", cell.isoformat()[:10]
    text = unmarked(re.sub(r"^(\d{4}) \[YR\1\]$", r"\1", text_of(cell)))
    if len(text) > LONGEST:
        return None
    periods = readings(text)
    if periods and periods[0].form != ROMAN:
        return None if re.fullmatch(r"[A-Za-z]\d{1,2}", text) else ("", text)
    for pattern in (_BEHIND, _BEFORE):
        match = pattern.fullmatch(text)
        if match and readings(match["period"]):
            label = match["label"].strip(" _.:,-/([")
            named = key_of(label) in _YEAR_WORDS and not (numbered and numeral(label))
            return ("" if named else label), match["period"]
    return None


def unmarked(text: str) -> str:
    """Remove footnote marks (provisional, revised ...) from the heading of a period; leave other headings unchanged.

    Example:
        >>> [unmarked(text) for text in ("2018*", "assets_2018 (p)", "2018 assets†", "price (p)", "H10*")]
        ['2018', 'assets_2018', '2018 assets', 'price (p)', 'H10*']
    """
    if len(text) > LONGEST or not re.search(_YEAR, text):
        return text
    plain = _MARKED_WITHIN.sub(r"\1", _MARKED.sub(r"\1", text))
    return _MARKED_BEHIND.sub("", plain) or plain


def not_understood(block: Block) -> list[Stub]:
    """Return columns of numbers among periods whose heading begins with a year but does not continue as periods do.

    A label may come before the year: ``assets_2018abc``. If several headings have the same year and label, they are
    names of variables and are not returned.
    """
    labels = {label for head in block.heads for label in head.labels if label}
    by_year: dict[tuple[str, str], list[Stub]] = {}
    for stub in block.stubs:
        match = _BEGUN.fullmatch(stub.name)
        if match and (match["label"] or "") in {"", *labels} and all(_numeric(cell) for cell in stub.said):
            by_year.setdefault((match["label"] or "", match["year"]), []).append(stub)
    several = len({head.period for head in block.heads}) > 1
    return [stubs[0] for stubs in by_year.values() if len(stubs) == 1] if several else []


def periods_across(rows: Sequence[Row]) -> list[Block]:
    """Return the tables of a sheet whose columns are periods, from top to bottom; an empty list if there are none.

    Raises `Unreadable` for a second table under other headings.
    """
    top = next((i for i in range(min(DEPTH, len(rows))) if _is_period_row(rows, i)), None)
    if top is None:
        return []
    first = _block(rows, top, len(rows))
    if first is None:
        return []
    starts = [i for i in range(first.body[0] + 1, len(rows)) if _repeats(rows, top, i)]
    _refuse_other_headings(rows, top, first.body[0] + 1, starts)
    if not starts:
        return [first]
    edges = [top, *starts, len(rows)]
    blocks = [_block(rows, a, b, above=rows[top]) for a, b in pairwise(edges)]
    return [b for b in blocks if b is not None]


def has_months_across(rows: Sequence[Row]) -> bool:
    """Return whether a row of headings names at least two months or quarters.

    Years may then be in a column or in a row above. The numerals I to IV may be months or quarters.
    """
    return any(sum(months_among(row)) > 1 or _has_quarters(row) for row in rows[:DEPTH])


def _has_quarters(row: Row) -> bool:
    numerals = [c for c in row if isinstance(c, str) and numeral(c)]
    return len(numerals) > 1 and may_be_quarters(numerals)


def is_month(cell: Cell) -> bool:
    """Return whether a heading names a month or a quarter in words: Jan, 3月, Q1."""
    return isinstance(cell, str) and not is_number(cell) and month_of(cell) is not None


def months_among(cells: Sequence[Cell]) -> list[bool]:
    """Return for each heading whether it is a month or quarter.

    Short names such as ``maj`` count if the other headings are months in one language.

    Roman numerals beyond IV are months, even if parts of a year (``I-III``, ``I-XII``) or means are next to them; no
    numeral is a month if XIII is a heading too. A letter with a digit (``q3``) is a quarter only if the quarters before
    it are present and there is no fifth. Questionnaires also number their questions in this way.
    """
    numbered = [isinstance(c, str) and numeral(c) is not None for c in cells]
    if roman_months([str(c) for c, is_one in zip(cells, numbered, strict=True) if is_one]):
        others = {text_of(c) for c, is_one in zip(cells, numbered, strict=True) if not is_one}
        beyond = any(re.fullmatch("[IVXL]{2,}", label) for label in others)
        return numbered if not beyond and (not others or sum(numbered) >= HALF) else [False] * len(cells)
    odd = _odd_quarters(cells)
    alone = [is_month(c) and c not in odd for c in cells]
    names = [c for c in cells if isinstance(c, str) and months_named(c)]
    if sum(alone) > 1 and len(names) > sum(alone) and languages_of(names):
        return [is_one_alone or c in names for is_one_alone, c in zip(alone, cells, strict=True)]
    return alone if sum(alone) > 1 or len(names) < HALF or not languages_of(names) else [c in names for c in cells]


def _odd_quarters(cells: Sequence[Cell]) -> set[Cell]:
    """Return headings of a letter and a digit if the digits in the row are not exactly 1 to 2, 1 to 3 or 1 to 4."""
    lettered = [
        (c, m[1].lower(), int(m[2])) for c in cells if isinstance(c, str) and (m := _LETTERED.fullmatch(c.strip()))
    ]
    digits = {letter: {d for _, own_letter, d in lettered if own_letter == letter} for _, letter, _ in lettered}
    odd = {
        letter
        for letter, digits_of_letter in digits.items()
        if digits_of_letter not in ({1, 2}, {1, 2, 3}, {1, 2, 3, 4})
    }
    return {cell for cell, letter, _ in lettered if letter in odd}


_LETTERED = re.compile(r"([A-LN-Za-ln-z])[ ._-]?(\d+)")  # M is left out: M1 to M12 are months
HALF = 6
"""At least this many headings (half a year) count as months although it is not certain that they are.

Roman numerals are not certain if other headings, or parts of a year, are next to them. Short names are not certain if
at most one heading is known to be a month by itself.
"""


def beside(rows: list[Row]) -> list[list[Row]]:
    """Split tables that are side by side, each with its own copy of the headings; leave other rows unchanged."""
    top = next((i for i in range(min(DEPTH, len(rows))) if _is_period_row(rows, i)), None)
    if top is None:
        return [rows]
    periods = _periods(rows[top])
    names = [(j, text_of(c)) for j, c in enumerate(rows[top]) if j not in periods and c is not None]
    first = names[0][1] if names else ""
    starts = [j for j, name in names if name == first]
    if len(starts) < 2 or any(not any(a < j < b for j in periods) for a, b in pairwise([*starts, len(rows[top])])):
        return [rows]
    edges = [0, *starts[1:], len(rows[top])]
    return [[row[a:b] for row in rows] for a, b in pairwise(edges)]


def names_across(rows: Sequence[Row], names_rows: Callable[[str], bool]) -> list[Block]:
    """Find the table of a sheet that has one row of headings.

    ``names_rows`` returns for a heading over numbers whether these numbers name the rows (years, codes). All other
    headings over numbers are names or variables. Returns a list of one block, or an empty list.
    """
    width = max((len(row) for row in rows), default=0)
    for top in range(min(DEPTH, len(rows))):
        texts = [text_of(c) for c in rows[top] if c is not None]
        if len(set(texts)) < max(2, width // 2) or any(is_number(c) for c in rows[top]):
            continue
        block = _named_block(rows, top, names_rows)
        return [block] if block else []
    return []


def _named_block(rows: Sequence[Row], top: int, names_rows: Callable[[str], bool]) -> Block | None:
    numbered = (i for i in range(top + 1, len(rows)) if any(_numeric(c) for c in rows[i]))
    body = [i for i in numbered if not _counts_columns(rows[i])]
    heads, stubs = list[Head](), list[Stub]()
    for j, name in enumerate(headings(rows[top])):
        cells = tuple(rows[i][j] for i in body[:SEEN] if not _missing(rows[i][j]))
        texts = {text_of(c) for c in cells}
        if cells and all(_numeric(c) for c in cells) and not names_rows(name) and not is_time(texts):
            heads.append(Head(j, None, (name,)))
        elif cells:
            stubs.append(Stub(j, name, cells))
    inside = set(body)
    left = tuple(i for i in range(top + 1, len(rows)) if i not in inside and any(c is not None for c in rows[i]))
    return Block(top, tuple(body), tuple(stubs), tuple(heads), left) if heads else None


def is_time(texts: Collection[str]) -> bool:
    """Return whether the cells of a column are months, years without a gap, or periods with words (Ene 2014)."""
    return are_months(texts) or are_years(texts) or are_periods(texts)


def are_periods(texts: Collection[str]) -> bool:
    """Return whether all texts are periods and none is a number."""
    split = [None if is_number(text) else heading_period(text) for text in texts]
    return bool(split) and all(label_and_period is not None and not label_and_period[0] for label_and_period in split)


def are_years(texts: Collection[str]) -> bool:
    """Return whether texts are years that follow each other without a gap."""
    years = {int(text) for text in texts if re.fullmatch(r"(?:19|20)\d\d", text)}
    return bool(years) and len(years) == len(set(texts)) == max(years) - min(years) + 1


def _is_period_row(rows: Sequence[Row], i: int) -> bool:
    """Return whether a row holds the periods of a table.

    Such a row has two or more periods. Below them are columns of numbers that are not years; above them are only
    headings.
    """
    periods = _periods(rows[i])
    labelled = {label for label, _ in periods.values()}
    per_label = [len({p for period_label, p in periods.values() if period_label == label}) for label in labelled]
    if max(per_label, default=0) < 2:
        return False
    others = [c for j, c in enumerate(rows[i]) if j not in periods and c is not None]
    if any(is_number(c) for c in others):
        return False
    if any(is_number(rows[k][j]) and not heading_period(rows[k][j]) for k in range(i) for j in periods):
        return False
    if _is_headed(rows, i) and any(_is_year_column(rows, i, j) for j in periods):
        return False
    cells = [c for row in rows[i + 1 : i + 1 + SEEN] for j, c in enumerate(row) if j in periods and not _missing(c)]
    numbers = [c for c in cells if _numeric(c)]
    return bool(numbers) and len(numbers) * 2 >= len(cells) and not all(_is_year(c) for c in numbers)


def _is_headed(rows: Sequence[Row], i: int) -> bool:
    """Return whether one row above gives each cell of a row a heading of its own, as in a plain table."""
    cells = {j: text_of(c) for j, c in enumerate(rows[i]) if c is not None}
    for above in rows[:i]:
        names = [above[j] if j < len(above) else None for j in cells]
        words = {text_of(c) for c in names if c is not None and not is_number(c)}
        if len(words) == len(names) and words.isdisjoint(cells.values()):
            return True
    return False


def _is_year_column(rows: Sequence[Row], i: int, j: int) -> bool:
    """Return whether all numbers of a column below a row are years."""
    below = [row[j] for row in rows[i + 1 : i + 1 + SEEN] if j < len(row) and _numeric(row[j])]
    return bool(below) and all(map(_is_year, below))


def _periods(row: Row) -> dict[int, tuple[str, str]]:
    periods = {j: period for j, cell in enumerate(row) if (period := heading_period(cell))}
    periods |= _lettered_years(row, periods)
    if sum(numeral(label) is not None for label, _ in periods.values()) < 2:
        return periods
    return {j: period for j, cell in enumerate(row) if (period := heading_period(cell, numbered=True))}


def _lettered_years(row: Row, found: Mapping[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """Read headings such as ``2018a`` that are next to two plain years with the same label.

    The letter is a footnote mark if no year has more than one letter. If one year has several letters, they are part of
    the names of variables (``q2018a``, ``q2018b``).
    """
    periods: dict[str, set[str]] = {}
    for label, period in found.values():
        periods.setdefault(label, set()).add(period)
    plain = {j: _LETTER.sub(r"\1", cell) for j, cell in enumerate(row) if isinstance(cell, str) and j not in found}
    read = {j: one for j, text in plain.items() if text != row[j] and (one := heading_period(text))}
    kept = {j: one for j, one in read.items() if len(periods.get(one[0], ())) > 1}
    return {j: one for j, one in kept.items() if list(kept.values()).count(one) == 1}


def _marked(cell: Cell) -> str:
    """Return the heading if its period has a footnote mark; an empty text for any other cell."""
    if not isinstance(cell, str):
        return ""
    raised = any(chr(digit) in cell for digit in RAISED.values())
    return cell if raised or unmarked(cell) != cell or heading_period(cell) is None else ""


def _is_year(cell: Cell) -> bool:
    return bool(re.fullmatch(r"(19|20)\d{2}", text_of(cell)))


def _missing(cell: Cell) -> bool:
    try:
        return number_of(cell) is None
    except ValueError:
        return text_of(cell) in ("..", "…", "n.a.", "n/a", ":")


def _numeric(cell: Cell) -> bool:
    """Return whether a cell is a number, possibly followed by a footnote mark."""
    if is_number(cell):
        return True
    text = text_of(cell)
    if re.match(r"[^\W\d_]+\d|0\d", text):  # a code: letters before digits, or a leading zero
        return False
    return bool(re.fullmatch(r"[-+(]?[^\W\d_]{0,3}\s?\d[\d.,' \u00a0]*[)%]?\s?[^\W\d_]?[*)]*", text))


def _repeats(rows: Sequence[Row], top: int, i: int) -> bool:
    """Return whether a row below repeats the headings, with the same or other periods, as a continued table does."""
    here, first = _periods(rows[i]), _periods(rows[top])
    if len(here) < 2 or not set(here) & set(first):
        return False
    others = [(rows[i][j], rows[top][j]) for j in range(len(rows[i])) if j not in here]
    return all(c is None or (j is not None and text_of(c) == text_of(j)) for c, j in others) and (
        any(c is not None for c, _ in others) or here == first
    )


def _refuse_other_headings(rows: Sequence[Row], top: int, below: int, starts: Sequence[int]) -> None:
    """Raise `Unreadable` if a row among the values is the heading of a second table.

    Such a row has three or more consecutive years under the periods of the first table.
    """
    at, known = sorted(_periods(rows[top])), set(starts)
    for i in range(below, len(rows)) if len(at) > 2 else ():
        if i in known or not all(_is_year(rows[i][j]) for j in at):
            continue
        years = [int(text_of(rows[i][j])) for j in at]
        if all(b - a == 1 for a, b in pairwise(years)):
            raise Unreadable(
                "a second table follows the first, under other headings",
                example=", ".join(text_of(c) for c in rows[i] if c is not None)[:80],
                remedy="save each table in its own file or sheet",
            )


def _block(rows: Sequence[Row], top: int, end: int, above: Row | None = None) -> Block | None:
    """Read the table under a row of periods: levels above and below it, stubs and rows of values."""
    periods = _periods(rows[top])
    numbered = [i for i in range(top + 1, end) if any(_numeric(rows[i][j]) for j in periods)]
    body = next((i for i in numbered if not _counts_columns(rows[i])), None)
    if body is None:
        return None
    under = [i for i in range(top + 1, body) if not _counts_columns(rows[i])]
    below = [i for i in under if _is_level(rows[i], periods)]
    columns = sorted(periods)
    if below:  # a period may be written only above the first of its names
        named = [j for j in range(min(periods), len(rows[body])) if any(rows[i][j] is not None for i in below)]
        columns = [j for j in named if any(_numeric(rows[i][j]) for i in range(body, min(end, body + SEEN)))]
    upper = _upper(rows, top, columns)
    levels = [_filled(rows[i], columns) for i in upper]
    lower = [[text_of(rows[i][j]) for j in columns] for i in below]
    spread: list[tuple[str, str | None]] = []
    last: tuple[str, str | None] = ("", None)
    for j in columns:
        last = periods.get(j, last)
        spread.append(last)
    period_labels = [label for label, _ in spread]
    labels = [level for level in [*levels, period_labels, *lower] if any(level)]
    constant = [level for level in labels if len(set(level)) < 2]
    if len(columns) > 1:
        labels = [level for level in labels if level not in constant or level is period_labels]
    heads = tuple(
        Head(j, spread[n][1], tuple(level[n] for level in labels), _marked(rows[top][j]) if j in periods else "")
        for n, j in enumerate(columns)
        if spread[n][1]
    )
    used = {h.at for h in heads}
    rows_of = [i for i in range(body, end) if any(_numeric(rows[i][h.at]) for h in heads)]
    inside = set(rows_of)
    left = tuple(i for i in range(body, end) if i not in inside and any(c is not None for c in rows[i]))
    titles = [*upper, top, *(i for i in under if any(rows[i][h.at] is not None for h in heads))]
    stubs = []
    for j in range(max((len(row) for row in rows), default=0)):
        cells = tuple(rows[i][j] for i in rows_of[:SEEN] if rows[i][j] is not None)
        if j not in used and cells:
            names = [rows[i][j] for i in titles if rows[i][j] is not None] or [above[j] if above else None]
            stubs.append(Stub(j, heading_at(names[-1], j), cells))
    return Block(min([*upper, top]), tuple(rows_of), tuple(stubs), heads, left)


def _counts_columns(row: Row) -> bool:
    """Return whether a row below the headings numbers the columns: (1), (2), (3)."""
    numbers = [text_of(c).strip("()[] ") for c in row if c is not None]
    return len(numbers) > 2 and numbers in ([str(k + first) for k in range(len(numbers))] for first in (0, 1, 2))


def _is_level(row: Row, periods: Mapping[int, object]) -> bool:
    """Return whether a row below the periods names the columns: it has at least two different texts.

    A row with only one text states a unit.
    """
    texts = {text_of(row[j]) for j in range(min(periods), len(row)) if row[j] is not None and not is_number(row[j])}
    return len(texts) >= 2


def _upper(rows: Sequence[Row], top: int, columns: Sequence[int]) -> list[int]:
    """Return the rows directly above the periods that name groups of columns.

    A row with only one text, or with a number, is not such a row.
    """
    upper: list[int] = []
    for i in range(top - 1, -1, -1):
        texts = [text_of(rows[i][j]) for j in columns if rows[i][j] is not None]
        if len(set(texts)) < 2 or any(is_number(rows[i][j]) for j in columns):
            break
        upper.insert(0, i)
    return upper


def _filled(row: Row, columns: Sequence[int]) -> list[str]:
    """Repeat each label over the empty columns to its right."""
    labels, last = [], ""
    for j in columns:
        last = text_of(row[j]) or last
        labels.append(last)
    return labels


def has_no_heading(name: str) -> bool:
    """Return whether a name is one that integrade, pandas or R gives to a column that has no heading."""
    return bool(re.fullmatch(r"column_\d+", name) or _BLANK_NAME.fullmatch(name))
