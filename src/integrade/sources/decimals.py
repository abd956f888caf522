"""Numbers as files print them: which of comma and point is the decimal mark, thousands set apart, full-width digits.

``1,234`` is 1234 where thousands are set apart and 1.234 where the comma is the decimal mark. A column tells by any
other number in it (``1,234.5``, ``1.234,5``, ``12,3``, ``1,234,567``, ``0,123``); where none does and the user has not
said, the column is refused, never guessed. A point before three digits is a decimal point, except in a file separated
by ``;`` or with decimal commas in another column: there ``1.234`` is as ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import narwhals as nw

from integrade.account import Entry
from integrade.cells import MISSING_WORDS, NUMBER, first_row
from integrade.errors import AmbiguousNumber, IntegradeError, NotANumber, Problems, counted, option
from integrade.frames import Frame, collect, enter
from integrade.schema import TABLES, Kind
from integrade.sources.grid import Cell, Sheet, address, text_of
from integrade.sources.recipe import ALIKE, Recipe
from integrade.texts import say

Mark = Literal[".", ","]
CODE = r"^[+-]?0[0-9]|^[0-9]{16,}$"
"""What looks like a number and is a code: a leading zero, or more digits than a float holds."""
WIDE = dict(zip("０１２３４５６７８９．，＋－", "0123456789.,+-", strict=True))
SIGMA: Mapping[str, Kind] = {"product": "text", "sigma": "number"}
"""The columns of a file of elasticities, which has no schema."""
PROBE = 1000
"""Rows that are looked at first: a column that has other text there is no column of numbers."""


def _remedy() -> str:
    marks = f"{option('decimal', '.')} or {option('decimal', ',')}"
    return f"say which is the decimal mark ({marks}), or write the numbers without separators of thousands"


def _forms(decimal: str, apart: str) -> tuple[str, str, str]:
    """Patterns for one decimal mark: what tells that it is this one, what does not, and every number printed so."""
    d, o = re.escape(decimal), re.escape(apart)
    grouped, lakh = f"[1-9][0-9]{{0,2}}({o}[0-9]{{3}})", f"[1-9][0-9]?({o}[0-9]{{2}})+{o}[0-9]{{3}}"
    exponent = "([eE][+-]?[0-9]+)?"
    tells = f"^[+-]?({grouped}+{d}[0-9]*|{grouped}{{2,}}|{lakh}({d}[0-9]*)?|[0-9]*{d}[0-9]+{exponent})$"
    both = f"^[+-]?[1-9][0-9]{{0,2}}{d}[0-9]{{3}}$"
    printed = f"^[+-]?({grouped}+({d}[0-9]*)?|{lakh}({d}[0-9]*)?|[0-9]+({d}[0-9]*)?{exponent}|{d}[0-9]+{exponent})$"
    return tells, both, printed


APART: Mapping[Mark, Mark] = {".": ",", ",": "."}
"""What sets thousands apart, by decimal mark."""
FORMS: Mapping[Mark, tuple[str, str, str]] = {mark: _forms(mark, apart) for mark, apart in APART.items()}


class Printed(NamedTuple):
    """Columns that may hold printed numbers: those that must be numbers, the whole ones of them, and the others."""

    numbers: Sequence[str]
    whole: Sequence[str]
    others: Sequence[str]


def number_columns(
    names: Sequence[str], renamed: Sequence[tuple[str, str]], table: str, recipe: Recipe | None, *, others: bool
) -> Printed:
    """The columns of a file that a table defines as numbers, or a recipe scales, and those without a definition.

    ``renamed`` are the file's columns with integrade's names; one heading may give several. Columns that are not in
    ``names`` count only where they are defined; those without a definition only with ``others``.
    """
    schema = TABLES.get(table) or TABLES.get(ALIKE.get(table, ""))
    kinds = {c.name: c.kind for c in schema.columns} if schema else dict(SIGMA if table == "sigma" else {})
    scaled = [n for n, f in recipe.columns.items() if (f.times, f.plus) != (1, 0)] if recipe else []
    found = {old: kinds.get(new, "number") for old, new in renamed if kinds.get(new, "text") != "text" or new in scaled}
    numbers = list(found)
    whole = [old for old in numbers if found[old] == "integer"]
    defined = {old for old, new in renamed if new in kinds}
    free = [n for n in names if n not in found and n not in defined]
    return Printed(numbers, whole, free if others else ())


class _Found(NamedTuple):
    """Cells of one column by what they tell, under either mark."""

    there: int
    numbers: int
    point: int
    comma: int
    either_point: int
    either_comma: int


def written_plainly(
    frame: Frame, columns: Printed, table: str, *, decimal: Mark | None = None, semicolons: bool = False
) -> tuple[Frame, list[Entry]]:
    """Columns of printed numbers as ``1234.5``; which mark was taken and in how many cells is said.

    ``others`` are only changed where every cell is a number or missing. ``semicolons``: they separate the file, as they
    do where commas are decimal marks.
    Raises `AmbiguousNumber` where neither column nor ``decimal`` says, `NotANumber` for numbers against ``decimal``
    (`Problems` for several columns).
    """
    suspects = _suspects(frame, columns, points=semicolons or decimal == ",")
    suspects = [n for n in suspects if n in columns.numbers or _may_be_numbers(frame, n)]
    if not suspects:
        return frame, []
    found = _look(frame, suspects)
    suspects = [n for n in suspects if n in columns.numbers or found[n].numbers == found[n].there]
    if not semicolons and any(found[n].comma for n in suspects):
        return written_plainly(frame, columns, table, decimal=decimal, semicolons=True)
    marks, problems, against = dict[str, Mark](), list[IntegradeError](), list[Entry]()
    for name in suspects:
        mark = decimal or _mark_of(found[name], whole=name in columns.whole, commas=semicolons)
        wrong = _problem(frame, name, found[name], mark, table, given=decimal is not None)
        if wrong is not None and (name in columns.numbers or isinstance(wrong, AmbiguousNumber)):
            problems.append(wrong)
        elif mark and wrong is None:
            marks[name] = mark
        else:
            reason = say("sources.stays", column=name, why=str(wrong and wrong.what))
            against.append(Entry("read", table, "note", reason, 0))
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    plain, entries = _plain(frame, marks, table)
    return plain, [*entries, *against]


def _suspects(frame: Frame, columns: Printed, *, points: bool) -> list[str]:
    """The text columns in which a number may be printed otherwise than plainly; one cheap pass."""
    kinds = dict(frame.collect_schema())
    texts = [n for n in (*columns.numbers, *columns.others) if kinds.get(n) == nw.String]
    if not texts:
        return []
    unusual = "[,，０-９．＋－.]" if points else "[,，０-９．＋－]"
    grouped = "|[.][0-9]{3}[.]"  # 1.234.567, which in a column without a definition may be a code
    patterns = [unusual + (grouped if n in columns.numbers else "") for n in texts]
    tests = [nw.col(n).str.contains(patterns[i]).cast(nw.Int64).sum().alias(f"n{i}") for i, n in enumerate(texts)]
    hits = collect(frame.select(*tests)).row(0)
    return [n for n, hit in zip(texts, hits, strict=True) if hit]


def _may_be_numbers(frame: Frame, name: str) -> bool:
    few = _look(enter(collect(frame.select(name).head(PROBE))), [name])[name]
    return few.numbers == few.there


def _look(frame: Frame, names: Sequence[str]) -> dict[str, _Found]:
    tests = []
    for i, name in enumerate(names):
        cell = _narrow(name)
        there = ~cell.is_in(list(MISSING_WORDS))
        asked = [there, there & _is_number(cell), *(there & test for test in _tells(cell))]
        tests += [
            test.cast(nw.Int64).sum().alias(f"{kind}{i}") for kind, test in zip(_Found._fields, asked, strict=True)
        ]
    row = collect(frame.select(*tests)).row(0, named=True)
    return {name: _Found(*(row[f"{kind}{i}"] or 0 for kind in _Found._fields)) for i, name in enumerate(names)}


def _narrow(name: str) -> nw.Expr:
    """A text column with its ends trimmed and full-width digits and marks made half."""
    clean = nw.col(name).str.strip_chars()
    for wide, narrow in WIDE.items():
        clean = clean.str.replace_all(wide, narrow, literal=True)
    return clean


def _is_number(cell: nw.Expr) -> nw.Expr:
    printed = cell.str.contains(FORMS["."][2]) | cell.str.contains(FORMS[","][2])
    return (cell.str.contains(NUMBER) | printed) & ~cell.str.contains(CODE)


def _tells(cell: nw.Expr) -> list[nw.Expr]:
    either = {mark: cell.str.contains(FORMS[mark][1]) for mark in FORMS}
    sure = [cell.str.contains(FORMS[mark][0]) & ~either[mark] for mark in FORMS]
    return [*sure, either["."], either[","]]


def _mark_of(found: _Found, *, whole: bool, commas: bool) -> Mark | None:
    """The decimal mark that a column tells; None where it does not, or tells both."""
    if found.point and found.comma:
        return None
    if found.point or found.comma:
        return "." if found.point else ","
    if whole:
        return "," if found.either_point and not found.either_comma else "."
    return None if found.either_comma or (found.either_point and commas) else "."


def _problem(
    frame: Frame, name: str, found: _Found, mark: Mark | None, table: str, *, given: bool
) -> IntegradeError | None:
    """Why a column cannot be read as numbers, if that is so."""
    cell = _narrow(name)
    point, comma, either_point, either_comma = _tells(cell)
    if mark is None and found.point and found.comma:
        first, second = (_first(frame, name, test) for test in (point, comma))
        return NotANumber(
            f"{name!r} of {table} has numbers with decimal points and others with decimal commas",
            example=f"{first}; {second}",
            remedy="write them in one way in the file",
        )
    if mark is None:
        test = either_comma if found.either_comma else either_point
        return AmbiguousNumber(
            f"{name!r} of {table} has numbers that may be thousands or decimals: "
            f"{counted(found.either_comma or found.either_point, 'cell')}",
            example=_first(frame, name, test),
            remedy=_remedy(),
        )
    against = found.comma if mark == "." else found.point
    if not given or not against:
        return None
    return NotANumber(
        f"{name!r} of {table} has numbers against {option('decimal', mark)}: {counted(against, 'cell')}",
        example=_first(frame, name, comma if mark == "." else point),
        remedy=f"leave {option('decimal')} out where each column tells its own mark, or correct the cells",
    )


def _first(frame: Frame, name: str, test: nw.Expr) -> str:
    return first_row(frame, test, [name])


def _plain(frame: Frame, marks: Mapping[str, Mark], table: str) -> tuple[Frame, list[Entry]]:
    entries, plain = [], []
    for name, n in _counts(frame, marks).items():
        if not n:
            continue
        mark = marks[name]
        how = "sources.numbers-with-separators" if mark == "." else "sources.numbers-with-commas"
        entries.append(Entry("read", table, "note", say(how, column=name, n=n), n))
        cell = _narrow(name).str.replace_all(APART[mark], "", literal=True).str.replace_all(mark, ".", literal=True)
        plain.append(nw.when(_is_printed(name, mark)).then(cell).otherwise(nw.col(name)).alias(name))
    return (frame.with_columns(*plain) if plain else frame), entries


def _counts(frame: Frame, marks: Mapping[str, Mark]) -> dict[str, int]:
    """How many cells of each column are written otherwise than plainly, or would be read otherwise if they were."""
    if not marks:
        return {}
    sums = []
    for i, (name, mark) in enumerate(marks.items()):
        raw = nw.col(name).str.strip_chars()
        other = ~raw.str.contains(NUMBER) | (nw.lit(mark == ",") & raw.str.contains(".", literal=True))
        sums.append((_is_printed(name, mark) & other).cast(nw.Int64).sum().alias(f"n{i}"))
    return {name: n or 0 for name, n in zip(marks, collect(frame.select(*sums)).row(0), strict=True)}


def _is_printed(name: str, mark: Mark) -> nw.Expr:
    return _narrow(name).str.contains(FORMS[mark][2])


class Settled(NamedTuple):
    """The sheets of one file with the decimal points of their texts, and the refusal if they are a table of numbers."""

    sheets: Sequence[Sheet]
    problem: IntegradeError | None


def settled(sheets: Sequence[Sheet], decimal: Mark | None, *, semicolons: bool = False) -> Settled:
    """Sheets of statistics, whose texts that are numbers are printed in one way: decimal commas as points.

    ``problem`` is there when they may be thousands or decimals, for whoever takes the sheets for numbers to raise.
    """
    commas = any(isinstance(c, str) and ("," in c or "，" in c) for sheet in sheets for row in sheet.rows for c in row)
    if not (commas or semicolons or decimal == ","):
        return Settled(sheets, None)
    texts = [
        (sheet, i, j, re.sub(r"\s+", "", text_of(cell)))
        for sheet in sheets
        for i, row in enumerate(sheet.rows)
        for j, cell in enumerate(row)
        if isinstance(cell, str) and any(c in cell for c in ",，.．")
    ]
    either = {m: [t for t in texts if re.search(FORMS[m][1], t[3])] for m in FORMS}
    sure = {m: any(re.search(FORMS[m][0], t[3]) and not re.search(FORMS[m][1], t[3]) for t in texts) for m in FORMS}
    told = decimal or ("." if sure["."] else "," if sure[","] else None)
    unclear = [*either[","], *(either["."] if semicolons else ())]
    if told is None and unclear:
        sheet, i, j, text = unclear[0]
        what = f"numbers that may be thousands or decimals: {counted(len(unclear), 'cell')}"
        named = f"sheet {sheet.name!r}, " if sheet.name else ""
        return Settled(sheets, AmbiguousNumber(what, example=f"{named}cell {address(i, j)}: {text}", remedy=_remedy()))
    if told == ",":
        return Settled([Sheet(s.name, [[_pointed(c) for c in row] for row in s.rows]) for s in sheets], None)
    return Settled(sheets, None)


def _pointed(cell: Cell) -> Cell:
    text = re.sub(r"\s+", "", text_of(cell)) if isinstance(cell, str) else ""
    return text.replace(".", "").replace(",", ".") if text and re.search(FORMS[","][2], text) else cell
