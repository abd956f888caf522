"""Read regression tables of three forms.

Standard errors, t or p may be in rows below the estimates, in rows whose kind of number is in a label column, or in
adjacent columns. `tablecheck.layout.by_row` reads tables with one model in each row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tablecheck.digits import Printed, Token, plain, tokens, yes_or_no
from tablecheck.layout.by_row import models_in_rows
from tablecheck.layout.kinds import SAID, estimate_of
from tablecheck.layout.pairs import pairs_in
from tablecheck.layout.parts import GROUPS, Parts, cells, head_at, heads_over, kinds_of_columns
from tablecheck.notes import Notes
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.words import bare, is_number_of_column, kind_of, names_test, statistic, term_name


@dataclass
class _Building:
    """A column of the table while its rows are being read."""

    heads: tuple[str, ...]
    panel: str
    terms: dict[str, dict[str, object]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, Printed] = field(default_factory=dict)
    effects: dict[str, bool | None] = field(default_factory=dict)
    below: set[str] = field(default_factory=set)


def regressions(parts: Parts, empty: PublishedTable) -> PublishedTable | None:
    """Read the columns of a regression table.

    Returns None if no coefficient comes with a second number (standard error, t, p).
    """
    kinds, at = kinds_of_columns(parts), _kinds_in_rows(parts)
    if at is not None:
        reader = _Reader(parts, empty.notes, _other, at=at)
    elif (rows := models_in_rows(parts, empty)) is not None:
        return rows
    elif {"b", "b_std"} & set(kinds.values()) and set(kinds.values()) - {"b", "b_std"}:
        reader = _Reader(parts, empty.notes, _beside, kinds=kinds)
    else:
        reader = _Reader(parts, empty.notes, _stacked)
    reader.read()
    columns = tuple(_columns(reader.built, parts.grid.name, empty.notes))
    doubts = (*empty.doubts, *reader.misprints, *_repeated(columns))
    if not any(e.has_company for c in columns for e in c.estimates.values()):
        return None
    return replace(empty, columns=columns, roles=reader.roles, doubts=doubts)


def _repeated(columns: Sequence[Column]) -> Iterator[str]:
    """Yield a doubt for each term with two numbers in brackets of one form: two estimates were read as one."""
    for label in dict.fromkeys(e.label for c in columns for e in c.estimates.values() if _has_repeated(e)):
        yield f"the rows of {label} have two numbers in brackets of one form"


def _has_repeated(estimate: Estimate) -> bool:
    loose = estimate.loose
    return any(key.rstrip("0123456789") in loose and key[-1:].isdigit() and len(key) > 1 for key in loose)


LONGEST_MISPRINT = 16
"""A cell with more characters is taken for words, and not for a mistyped number."""


def _kinds_in_rows(parts: Parts) -> int | None:
    """Return the label column that gives the kind of the numbers in each row (``b``, ``t``)."""
    for j in range(1, parts.labels):
        words = [parts.text(i, j) for i in parts.rows if parts.text(i, j)]
        if words and all(kind_of(w) for w in words) and {"b", "b_std"} & {kind_of(w) for w in words}:
            return j
    return None


class _Reader:
    """Reads rows into columns.

    ``numbers`` is the function that reads a row of numbers in this form of table. ``at`` is the label column that gives
    the kind of the numbers in a row. ``kinds`` gives the kind of each column. ``model`` gives the first column of the
    model to which a column belongs.
    """

    def __init__(
        self,
        parts: Parts,
        notes: Notes,
        numbers: Numbers,
        *,
        at: int | None = None,
        kinds: Mapping[int, str] | None = None,
    ) -> None:
        self.parts, self.notes, self.numbers, self.at = parts, notes, numbers, at
        self.kinds = kinds or {}
        self.model = _models(parts, self.kinds) if kinds is not None else {}
        self.roles: dict[tuple[int, int], str] = {}
        self.built: list[dict[int, _Building]] = [{}]
        self.panel, self.section, self.label_above = "", "", ""
        self.heads_until: int | None = None
        self.heads_from = 0
        self.term = self.term_label = ""
        self.below = 0
        self.walds = sum(statistic(parts.label(i)) == "wald" for i in parts.rows)
        self.misprints: list[str] = []

    def read(self) -> None:
        """Read all rows below the headings."""
        for i in self.parts.rows:
            self._row(i)

    def column(self, j: int) -> _Building:
        """Return the column that is being read at position j of the present panel."""
        at = self.model.get(j, j)
        current = self.built[-1]
        if at not in current:
            heads = (
                tuple(t for r in range(self.heads_from, self.heads_until) if (t := head_at(self.parts.grid, r, at)))
                if self.heads_until
                else heads_over(self.parts, at)
            )
            current[at] = _Building(self._named(at) if self.model else heads, self.panel)
        return current[at]

    def _named(self, at: int) -> tuple[str, ...]:
        """Return the heading of a model.

        It is over one of the model's columns, and names neither a kind of number nor a statistic. If a model has no
        such heading and there are several models, the heading of its coefficients is used (``Crude OR``).
        """
        columns = (k for k in self.parts.data if self.model.get(k) == at)
        heads = (tuple(h for h in heads_over(self.parts, k) if not kind_of(h) and not statistic(h)) for k in columns)
        several = sum(n > 1 for n in Counter(self.model[k] for k in self.kinds).values()) > 1
        return next(filter(None, heads), heads_over(self.parts, at) if several else ())

    def new_panel(self, name: str) -> None:
        """Begin a panel; if no present column has terms, the present columns are dropped."""
        self.panel = name
        if any(b.terms for b in self.built[-1].values()):
            self.built.append({})
        else:
            self.built[-1].clear()

    def _row(self, i: int) -> None:
        """Classify a row by its label and its cells, and read it."""
        kind = kind_of(self.parts.text(i, self.at)) if self.at is not None else ""
        if kind:
            _stated(self, i, kind)
            return
        label = self.parts.label(i)
        filled = list(cells(self.parts, i))
        if not filled:
            self._section(label)
        elif self._is_new_heading(i, label, filled):
            self._heading(i)
        elif pairs := pairs_in(self.parts, i):
            self._pairs(i, pairs)
        elif (key := statistic(label)) == "wald" and self.term and self.walds > 1:
            self._wald(i)
        elif key:
            self._statistic(i, key)
        elif all(not n for _, n in filled):
            self._effects(i, label, filled)
        else:
            self.numbers(self, i, label, filled)
        self.label_above = "" if filled or label == self.panel else label

    def label_around(self, i: int) -> str:
        """Return the first line of a label of several lines that has the numbers of row i in the middle of its height.

        The rows above and below hold only a label, or the row is the last one.
        """
        is_last = i + 1 not in self.parts.rows
        is_between = is_last or bool(self.parts.label(i + 1) and not list(cells(self.parts, i + 1)))
        return self.label_above if is_between else ""

    def _section(self, label: str) -> None:
        """Read a row with only a label: the name of a panel, or of the section of the terms below it."""
        self.section = label
        if re.match(r"panel|part [a-z]\b|面板|\(?[A-D]\)[.:]? ", label, re.IGNORECASE) or re.match(
            r"[A-D][.:] ", label
        ):
            self.new_panel(label)

    def _is_new_heading(self, i: int, label: str, filled: Sequence[tuple[int, tuple[Token, ...]]]) -> bool:
        """Return whether a row holds headings of further columns: column numbers, or words over several columns."""
        texts = [self.parts.text(i, j) for j, _ in filled]
        awaits_errors = self.term and not self.below
        if _are_numbers_of_columns(texts) and not label and not awaits_errors:
            return bool(any(b.terms for b in self.built[-1].values()))
        words = all(not n and yes_or_no(self.parts.text(i, j)) is None for j, n in filled)
        return (
            words
            and (not label or bool(re.match(r"panel|面板|variables?$|变量", label, re.IGNORECASE)))
            and len(texts) > 1
        )

    def _heading(self, i: int) -> None:
        """Begin a panel under a row of headings; several such rows in succession are the headings of one panel."""
        if self.heads_until == i and self.heads_from < i:
            self.heads_until = i + 1
            self.built[-1].clear()
        else:
            self.heads_from, self.heads_until = i, i + 1
            self.new_panel(self.parts.label(i) or self.panel)
        for j in self.parts.data:
            self.roles[i, j] = "heading"

    def _statistic(self, i: int, key: str) -> None:
        """Read a row of a statistic of the columns, such as N."""
        self.term = ""
        for j, numbers in cells(self.parts, i):
            number = (
                _count(self.parts, i, j) if key in ("clusters", "df") else numbers[0].values[0] if numbers else None
            )
            number = number or _leading(self.parts, i, j)
            if number is not None and not (key == "years" and _is_year(self.parts.text(i, j))):
                self.column(j).sizes.setdefault(key, number)
                self.roles[i, j] = f"{SAID.get(key, key)}"
            residual = _DF_OF_F.search(plain(self.parts.text(i, j))) if key == "f" else None
            if residual:
                place = self.parts.grid.rows[i][j].place
                self.column(j).sizes.setdefault("df_of_f", tokens(residual[1], place=place)[0].values[0])

    def _wald(self, i: int) -> None:
        """Read a row of Wald statistics of the coefficients above it, in a table with several such rows."""
        for j, numbers in cells(self.parts, i):
            if numbers:
                self.take(i, j, numbers, main=False, kind="loose wald")

    def _pairs(self, i: int, pairs: Mapping[int, str]) -> None:
        """Read a row of names and values in adjacent cells as statistics of the only model."""
        self.term = ""
        for j, name in pairs.items():
            key = statistic(name)
            if key:
                self.column(self.parts.data.start).sizes.setdefault(key, self.parts.numbers[i][j][0].values[0])
            self.roles[i, j] = SAID.get(key, key) or f"a statistic that is not known: {name}"

    def _effects(self, i: int, label: str, filled: Sequence[tuple[int, tuple[Token, ...]]]) -> None:
        """Read a row of words: yes and no for effects or controls."""
        self.term = ""
        for j, _ in filled:
            included = yes_or_no(self.parts.text(i, j))
            if included is not None:
                self.column(j).effects[label] = included
                self.roles[i, j] = "yes or no"
            else:
                self.roles[i, j] = "words"

    def misprint(self, i: int, j: int) -> None:
        """Record a cell among coefficients and statistics that has digits but is not a number: ``O.5``, ``0..31``."""
        text = self.parts.text(i, j)
        if re.search(r"\d", text) and len(text) <= LONGEST_MISPRINT:
            place = self.parts.grid.rows[i][j].place or f"row {i + 1}, column {j + 1}"
            self.misprints.append(f"{place} holds {text!r} among numbers")

    def rename(self, label: str) -> None:
        """Rename the present term, because its label continues in the row of bracketed numbers below it."""
        old, new = self.term, term_name(label)
        for b in self.built[-1].values():
            if old in b.terms:
                b.terms = {new if k == old else k: v for k, v in b.terms.items()}
                b.labels = {new if k == old else k: label if k == old else v for k, v in b.labels.items()}
        self.term, self.term_label = new, label

    def put(self, j: int, term: str, kind: str, value: object) -> None:
        """Store a number of a term; a term that begins after a column's statistics or effects is marked as below."""
        column = self.column(j)
        if term not in column.terms and column.terms and (column.sizes or column.effects):
            column.below.add(term)
        column.terms.setdefault(term, {}).setdefault(kind, value)

    def begin(self, label: str) -> str:
        """Name a new term; if the present columns already have the name, add the section's name or a number."""
        name = term_name(label)
        known = any(name in b.terms for b in self.built[-1].values())
        if known and self.section:
            name = f"{term_name(self.section)}:{name}"
        elif known:
            name = f"{name}:{sum(k.split(':')[0] == name for b in self.built[-1].values() for k in b.terms) + 1}"
        self.term, self.term_label, self.below = name, label, 0
        return name

    def take(self, i: int, j: int, numbers: Sequence[Token], *, main: bool, kind: str = "") -> None:
        """Assign the numbers of a cell to the present term.

        In a main row, the first number without brackets is the coefficient.
        """
        for n, token in enumerate(numbers):
            what = self._what(j, token, main=main and n == 0, kind=kind if n == 0 else "")
            value: object = token.values if what == "interval" and len(token.values) == 2 else token.values[0]
            self.put(j, self.term, what, value)
            self.column(j).labels.setdefault(self.term, self.term_label)
            role = f"{SAID.get(what, 'number in brackets of unknown kind')} of {self.term_label}"
            if names_test(self.term_label):
                role = f"a statistic that is not known: {self.term_label}"
            self.roles.setdefault((i, j), role)

    def _what(self, j: int, token: Token, *, main: bool, kind: str) -> str:
        """Return the kind of a number: by its own label, by its row, or by what the notes say of its bracket."""
        if len(token.values) == 2:
            return "interval"
        if token.label in ("t", "z", "p", "se"):
            return {"z": "t"}.get(token.label, token.label)
        if kind:
            return kind
        if main and not token.bracket:
            return "b"
        known = self.column(j).terms.get(self.term, {})
        bracket_kind = self.notes.brackets.get(token.bracket) or (None if main else self.notes.brackets.get("any"))
        if bracket_kind and bracket_kind != "interval" and bracket_kind not in known:
            return bracket_kind
        return f"loose {token.bracket}{self.below if self.below > 1 or not token.bracket else ''}"


Filled = Sequence[tuple[int, tuple[Token, ...]]]
Numbers = Callable[[_Reader, int, str, Filled], None]


def _stacked(reader: _Reader, i: int, label: str, filled: Filled) -> None:
    """Read estimates whose standard errors are in the rows below them, or after them in the same cell."""
    named = kind_of(label)
    named = "" if named in ("low", "high") and not re.search(r"\d|ci|c\.i|conf|limit|bound|限", bare(label)) else named
    bracketed = all(n[0].bracket or n[0].label for _, n in filled if n)
    if not bracketed:
        label = label or reader.label_around(i)
    if reader.term and (bracketed or not label or (named and named not in ("b", "b_std"))):
        if names_test(label) or _P_OF_A_TEST.search(plain(label)):
            _other(reader, i, label, filled)
            reader.term = ""
            return
        reader.below += 1
        # A label in a row of brackets continues the label of the row above.
        if bracketed and label and label != reader.term_label and not kind_of(label):
            reader.rename(f"{reader.term_label} {label}")
        for j, numbers in filled:
            if numbers:
                reader.take(i, j, numbers, main=False, kind=named if named in ("se", "t", "p", "b_std") else "")
            else:
                reader.misprint(i, j)
        return
    if not label:
        return
    reader.begin(label)
    for j, numbers in filled:
        if not numbers:
            reader.misprint(i, j)
        elif not (numbers[0].bracket and len(numbers) == 1) and not _is_other(reader, j):
            reader.take(i, j, numbers, main=True)


_P_OF_A_TEST = re.compile(
    r"^p[- ]?(?:values?|stat\w*)\b.*\b(?:for|of|from|on)\b|p ?值.+检验|检验.*p ?值", re.IGNORECASE
)
"""Labels of rows with the p of a test of several terms: they belong to no single estimate."""


def _is_other(reader: _Reader, j: int) -> bool:
    """Return whether the heading says that a column holds no coefficients: ``s.e. (t)``, ``Market: p``, ``Difference``.

    A heading on several lines counts as one: ``Market: standard error`` over ``(t)``.
    """
    heads = reader.column(j).heads
    for text in {*heads[-1:], "".join(heads), " ".join(heads)}:
        last = re.split(r":\s|：", text)[-1]
        tail = re.sub(r"\s*[(（].*[)）]$", "", plain(last))
        kind = kind_of(tail)
        # A heading that is only "Low" or "High" names a group.
        is_end = kind in ("low", "high") and re.search(r"ci|conf|\d|limit|bound|限", tail, re.IGNORECASE)
        if is_end or kind in ("se", "t", "p", "interval"):
            return True
    return False


def _stated(reader: _Reader, i: int, kind: str) -> None:
    """Read a row whose kind of numbers is in a label column, in a table with columns ``variable, stat, column ...``."""
    texts = [reader.parts.text(i, j) for j in range(reader.parts.labels) if j != reader.at]
    label = " ".join(t for t in texts if t and (len(texts) == 1 or t.lower() not in GROUPS)) or reader.term_label
    if kind in ("b", "b_std") or term_name(label) != term_name(reader.term_label):
        reader.begin(label)
    for j, numbers in cells(reader.parts, i):
        if numbers:
            reader.take(i, j, numbers, main=False, kind=kind)
        else:
            reader.misprint(i, j)


def _other(reader: _Reader, i: int, label: str, filled: Filled) -> None:
    """Record a row of numbers whose kind is not named, in a table that names the kind in its other rows."""
    for j, _ in filled:
        reader.roles[i, j] = f"a statistic that is not known: {label}"


def _beside(reader: _Reader, i: int, label: str, filled: Filled) -> None:
    """Read a row of a table whose kinds of numbers are in adjacent columns, for one model or several."""
    if not label:
        return
    reader.begin(label)
    ends: dict[int, dict[str, Printed]] = {}
    for j, numbers in filled:
        kind = reader.kinds.get(j, "")
        if not numbers:
            if kind in ("b", "b_std", "se", "t", "p", "low", "high"):
                reader.misprint(i, j)
        elif kind in ("low", "high"):
            ends.setdefault(reader.model[j], {})[kind] = numbers[0].values[0]
            reader.roles[i, j] = f"{'lower' if kind == 'low' else 'upper'} end of the interval of {label}"
        elif kind == "interval" and len(numbers) == 2 and len(numbers[0].values) == 1:
            ends.setdefault(reader.model[j], {}).update(low=numbers[0].values[0], high=numbers[1].values[0])
            reader.roles[i, j] = f"interval of {label}"
        elif kind in ("b", "b_std", "se", "t", "p", "df", "interval", "wald"):
            reader.take(i, j, numbers, main=False, kind={"interval": "", "wald": "loose wald"}.get(kind, kind))
    for at, pair in ends.items():
        if {"low", "high"} <= set(pair):
            reader.put(at, reader.term, "interval", (pair["low"], pair["high"]))


def _models(parts: Parts, kinds: Mapping[int, str]) -> dict[int, int]:
    """Return, for every column, the first column of its model.

    A new model begins where a kind is repeated. A new model also begins at a column of the first column's kind that is
    under a new heading. Files without merged cells write such a heading over only one column of a model.
    """
    model: dict[int, int] = {}
    first = kinds.get(parts.data.start, "")
    seen: set[str] = set()
    at, over = parts.labels, ""
    for j in parts.data:
        above = " ".join(h for h in heads_over(parts, j) if not kind_of(h))
        kind = kinds.get(j, "")
        if (kind in seen and kind in ("b", "b_std", "interval", "p")) or (
            above != over and seen and above and kind == first
        ):
            at, seen = j, set()
        over = above or over
        seen.add(kind)
        model[j] = at
    return model


def _are_numbers_of_columns(texts: Sequence[str]) -> bool:
    """Return whether texts number the columns: ``(1) (2) (3)``, at least two, each one more than the one before.

    The t statistics ``(30) (30)`` do not number columns.
    """
    numbers = [int(m[0]) for t in texts if (m := re.search(r"\d{1,9}", t))]
    rises = all(b == a + 1 for a, b in pairwise(numbers))
    return len(texts) > 1 and rises and all(is_number_of_column(t) and not t.isdigit() for t in texts)


def _count(parts: Parts, i: int, j: int) -> Printed | None:
    """Return the smallest count in a cell, which is 12 for ``region 12, year 40``; None if the cell has only words."""
    place = parts.grid.rows[i][j].place or f"row {i + 1}, column {j + 1}"
    if len(parts.numbers[i][j]) == 1:
        return parts.numbers[i][j][0].values[0]
    pieces = re.split(r"[,;]\s+|\s+", parts.text(i, j))
    numbers = [n for part in pieces for t in tokens(part, place=place) for n in t.values]
    return min((n for n in numbers if n.value >= 1), key=lambda n: n.value, default=None)


_DF_OF_F = re.compile(r"\bdf\s*=\s*\d+\s*[;,]\s*(\d+)", re.IGNORECASE)
"""Degrees of freedom next to an F, as stargazer prints them: ``37.2 (df = 4; 1)``; the second are the residual ones."""


def _is_year(text: str) -> bool:
    """Return whether a text is a year, or begins with one: ``2011``, ``1995-2011``. It is no number of years."""
    return bool(re.match(r"(?:1[89]|20)\d\d(?!\d)", plain(text)))


def _leading(parts: Parts, i: int, j: int) -> Printed | None:
    """Return the number at the beginning of a cell, which is 27.9 for ``27.9*** (df = 2; 97)``."""
    first = plain(parts.text(i, j)).split(" ")[0]
    read = tokens(first, place=parts.grid.rows[i][j].place)
    return read[0].values[0] if read else None


def _columns(built: Sequence[Mapping[int, _Building]], table: str, notes: Notes) -> Iterator[Column]:
    """Yield the columns that hold estimates or statistics, panel by panel."""
    # Statistics at the foot of the last panel belong to all panels, if no other panel has any.
    is_shared = len(built) > 1 and not any(b.sizes for group in built[:-1] for b in group.values())
    shared = {j: b.sizes for j, b in built[-1].items()} if is_shared else {}
    for group in built:
        bare_terms = _without_company(group)
        for j, b in sorted(group.items()):
            estimates = {
                term: estimate_of(term, b.labels.get(term, term), cells, is_below=term in b.below)
                for term, cells in b.terms.items()
                if ("b" in cells or "b_std" in cells)
                and term not in bare_terms
                and not names_test(b.labels.get(term, term))
            }
            if not estimates and not b.sizes:
                continue
            label = " ".join(filter(None, (b.panel, *dict.fromkeys(b.heads)))) or "the column"
            sizes = {**shared.get(j, {}), **b.sizes}
            yield Column(table, label, _outcome(b), estimates, sizes, dict(b.effects), b.heads, b.panel, notes)


def _without_company(group: Mapping[int, _Building]) -> set[str]:
    """Return terms that have no second number in any column, and no term below them that has one.

    Such terms are further statistics and not regressors.
    """
    alone: set[str] = set()
    accompanied: set[str] = set()
    for b in group.values():
        waiting: set[str] = set()
        for term, cells_of_term in b.terms.items():
            marked = any(isinstance(n, Printed) and n.marks for n in cells_of_term.values())
            if marked or any(k != "b" for k in cells_of_term):
                accompanied |= {term, *waiting}
                waiting.clear()
            else:
                waiting.add(term)
        alone |= waiting
    return alone - accompanied - {"constant"} if accompanied else set()


def _outcome(b: _Building) -> str:
    """Return the outcome that the headings name.

    The outcome follows ``Dependent variable:``. Without these words, it is the last heading that is not a column
    number.
    """
    for head in b.heads:
        match = re.match(
            r"(?:dep(?:endent)?\.? ?var(?:iable|\.)?|outcome|被解释变量|因变量)\s*[:：]?\s*(.+)", head, re.IGNORECASE
        )
        if match:
            return _named(match[1])
    words = [h for h in b.heads if not is_number_of_column(h) and not re.match(r"dep|被解释|因变量", bare(h))]
    return _named(words[-1]) if words else ""


def _named(text: str) -> str:
    """Convert a heading to an outcome's name: ``c2_humancapital`` and ``(2) Human capital`` -> ``humancapital``."""
    cut = re.sub(r"^\(?(?:c|col|column|model|m)? ?\d{1,2}\)?[_ .:]+", "", plain(text), flags=re.IGNORECASE)
    return term_name(cut or text)
