"""Read numbers as files print them: find the decimal mark and remove separators of thousands.

``1,234`` is 1234 if commas separate thousands, and 1.234 if the comma is the decimal mark. Any other number of the
column can decide this (``1,234.5``, ``1.234,5``, ``12,3``, ``1,234,567``, ``0,123``). If no number decides and the user
has not declared the decimal mark, the column is refused; nothing is guessed. In two kinds of files a point before three
digits is a decimal point: in workbooks, and in comma-separated files in which no column has decimal commas. In other
files ``1.234`` is ambiguous too. `printed_numbers` first removes everything else around or inside a number (currencies,
per cents, footnote marks, spaces, other digits).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import narwhals as nw

from integrade.engine.frames import Frame, collect
from integrade.errors import AmbiguousNumber, IntegradeError, NotANumber, Problems, counted, option
from integrade.records.cells import MISSING_WORDS, NUMBER, first_row
from integrade.records.schema import TABLES, Kind
from integrade.sources.cells.plain import Plain
from integrade.sources.meaning.printed_numbers import bare, narrowed, undressed
from integrade.sources.meaning.recipe import ALIKE, Recipe
from plainwords.account import Entry
from plainwords.texts import say
from rawcells.cells.grid import Cell, Sheet, address, in_sheet

Mark = Literal[".", ","]
CODE = r"^[+-]?0[0-9]|^[0-9]{16,}$"
"""Pattern of codes that look like numbers: a leading zero, or more digits than a float holds."""
SIGMA: Mapping[str, Kind] = {"product": "text", "sigma": "number"}
"""Columns of a file of elasticities, which has no schema."""
PROBE = 1000
"""Number of rows checked first; a column with other text in these rows is not a column of numbers (a convention)."""


def _remedy() -> str:
    marks = f"{option('decimal', '.')} or {option('decimal', ',')}"
    return f"specify the decimal mark: {marks}; or write the numbers without separators of thousands"


def _forms(decimal: str, apart: str) -> tuple[str, str, str]:
    """Return three patterns for one decimal mark.

    The first pattern matches numbers that prove this mark. The second matches numbers that fit either mark. The third
    matches every number that can be printed with this mark.
    """
    d, o = re.escape(decimal), re.escape(apart)
    grouped, lakh = f"[1-9][0-9]{{0,2}}({o}[0-9]{{3}})", f"[1-9][0-9]?({o}[0-9]{{2}})+{o}[0-9]{{3}}"
    exponent = "([eE][+-]?[0-9]+)?"
    tells = f"^[+-]?({grouped}+{d}[0-9]*|{grouped}{{2,}}|{lakh}({d}[0-9]*)?|[0-9]*{d}[0-9]+{exponent})$"
    both = f"^[+-]?[1-9][0-9]{{0,2}}{d}[0-9]{{3}}$"
    printed = f"^[+-]?({grouped}+({d}[0-9]*)?|{lakh}({d}[0-9]*)?|[0-9]+({d}[0-9]*)?{exponent}|{d}[0-9]+{exponent})$"
    return tells, both, printed


APART: Mapping[Mark, Mark] = {".": ",", ",": "."}
"""For each decimal mark, the mark that separates thousands."""
FORMS: Mapping[Mark, tuple[str, str, str]] = {mark: _forms(mark, apart) for mark, apart in APART.items()}


class Printed(NamedTuple):
    """Columns that may hold printed numbers.

    ``numbers``: columns that must be numbers. ``whole``: the columns of ``numbers`` that must hold whole numbers.
    ``others``: columns that the table does not define.
    """

    numbers: Sequence[str]
    whole: Sequence[str]
    others: Sequence[str]


def number_columns(
    names: Sequence[str], renamed: Sequence[tuple[str, str]], table: str, recipe: Recipe | None, *, others: bool
) -> Printed:
    """Return the columns that a table defines as numbers or a recipe scales, and the columns without a definition.

    ``renamed``: pairs of a column of the file and its name in integrade; one column may have several names. ``names``:
    the columns of the file. Columns that the table does not define are returned only with ``others``.
    """
    schema = TABLES.get(table) or TABLES.get(ALIKE.get(table, ""))
    kinds = {c.name: c.kind for c in schema.columns} if schema else dict(SIGMA if table == "sigma" else {})
    scaled = [n for n, f in recipe.columns.items() if (f.times, f.plus) != (1, 0)] if recipe else []
    kind_of_number = {
        old: kinds.get(new, "number") for old, new in renamed if kinds.get(new, "text") != "text" or new in scaled
    }
    numbers = list(kind_of_number)
    whole = [old for old in numbers if kind_of_number[old] == "integer"]
    defined = {old for old, new in renamed if new in kinds}
    free = [n for n in names if n not in kind_of_number and n not in defined]
    return Printed(numbers, whole, free if others else ())


class _Found(NamedTuple):
    """Numbers of cells of one column that prove a decimal point, prove a decimal comma, or fit either."""

    there: int
    numbers: int
    point: int
    comma: int
    either_point: int
    either_comma: int


class Written(NamedTuple):
    """Frame with plain numbers, notes for the account, and for each column the currency found around its numbers."""

    frame: Frame
    notes: list[Entry]
    money: Mapping[str, str]


def written_plainly(
    frame: Frame,
    columns: Printed,
    table: str,
    *,
    decimal: Mark | None = None,
    doubtful: bool = False,
    known: Mapping[str, Plain] | None = None,
) -> Written:
    """Rewrite printed numbers in the form ``1234.5``, and record how many cells used which decimal mark.

    Columns of ``others`` change only if every cell is a number or missing. ``doubtful``: whether a point before three
    digits is ambiguous too, for example in a file that is not comma-separated. ``known``: columns that hold plain
    numbers; they are skipped if a point is a decimal point.
    Raises `AmbiguousNumber` if neither the column nor ``decimal`` decides the mark. Raises `NotANumber` for numbers
    that contradict ``decimal`` (`Problems` if this concerns several columns).
    """
    kinds = dict(frame.collect_schema())
    numbers = [n for n in columns.numbers if kinds.get(n) == nw.String]
    known = known or {}
    others = [n for n in columns.others if kinds.get(n) == nw.String]
    likely = {*known, *_may_be_numbers(frame, [n for n in others if n not in known])}
    free = [n for n in others if n in likely]
    unknown = [[n for n in names if n not in known] for names in (numbers, free)]
    frame, notes, problems, money = undressed(frame, unknown[0], unknown[1], table)
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    plain, entries = _marked(frame, Printed(numbers, columns.whole, free), table, decimal, known, doubtful=doubtful)
    return Written(plain, [*notes, *entries], money)


def _marked(
    frame: Frame, columns: Printed, table: str, decimal: Mark | None, known: Mapping[str, Plain], *, doubtful: bool
) -> tuple[Frame, list[Entry]]:
    """Rewrite columns of undressed numbers with a decimal point.

    A decimal comma in one column makes points in the other columns doubtful.
    """
    suspects = _suspects(frame, columns, known, points=doubtful or decimal == ",")
    if not suspects:
        return frame, []
    counts = _look(frame, suspects)
    suspects = [n for n in suspects if n in columns.numbers or counts[n].numbers == counts[n].there]
    if not doubtful and any(counts[n].comma for n in suspects):
        return _marked(frame, columns, table, decimal, known, doubtful=True)
    marks, problems, against = dict[str, Mark](), list[IntegradeError](), list[Entry]()
    for name in suspects:
        mark = decimal or _mark_of(counts[name], whole=name in columns.whole, commas=doubtful)
        wrong = _problem(frame, name, counts[name], mark, table, given=decimal is not None)
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


def _suspects(frame: Frame, columns: Printed, known: Mapping[str, Plain], *, points: bool) -> list[str]:
    """Return the text columns with numbers that may not be plain."""
    texts = [n for n in (*columns.numbers, *columns.others) if n not in known or (points and known[n].real)]
    if not texts:
        return []
    unusual = "[,.]" if points else "[,]"
    grouped = "|[.][0-9]{3}[.]"  # 1.234.567, which in a column without a definition may be a code
    asked = {unusual + grouped: [n for n in texts if n in columns.numbers]}
    asked[unusual] = [n for n in texts if n not in columns.numbers]
    tests = [nw.col(*names).str.contains(text).cast(nw.Int64).sum() for text, names in asked.items() if names]
    hits = collect(frame.select(*tests)).row(0, named=True)
    return [n for n in texts if hits[n]]


def _may_be_numbers(frame: Frame, names: Sequence[str]) -> list[str]:
    """Return the columns whose first cells are all numbers or missing."""
    if not names:
        return []
    few = collect(frame.select(*[nw.col(n) for n in names]).head(PROBE))
    return [n for n in names if all(_like_number(cell) for cell in few[n].unique().drop_nulls().to_list())]


def _like_number(cell: str) -> bool:
    text = cell.strip()
    return (
        text in MISSING_WORDS or re.fullmatch(r"[+-]?[0-9.,]+", bare(text)) is not None or bool(re.match(NUMBER, text))
    )


def _look(frame: Frame, names: Sequence[str]) -> dict[str, _Found]:
    """Count in one pass, for each column, the cells that are numbers and those that prove a decimal mark."""
    tests = []
    for i, name in enumerate(names):
        cell = _cell(name)
        there = ~cell.is_in(list(MISSING_WORDS))
        asked = [there, there & _is_number(cell), *(there & test for test in _tells(cell))]
        tests += [
            test.cast(nw.Int64).sum().alias(f"{kind}{i}") for kind, test in zip(_Found._fields, asked, strict=True)
        ]
    row = collect(frame.select(*tests)).row(0, named=True)
    return {name: _Found(*(row[f"{kind}{i}"] or 0 for kind in _Found._fields)) for i, name in enumerate(names)}


def _cell(name: str) -> nw.Expr:
    return nw.col(name).str.strip_chars()


def _is_number(cell: nw.Expr) -> nw.Expr:
    printed = cell.str.contains(FORMS["."][2]) | cell.str.contains(FORMS[","][2])
    return (cell.str.contains(NUMBER) | printed) & ~cell.str.contains(CODE)


def _tells(cell: nw.Expr) -> list[nw.Expr]:
    either = {mark: cell.str.contains(FORMS[mark][1]) for mark in FORMS}
    sure = [cell.str.contains(FORMS[mark][0]) & ~either[mark] for mark in FORMS]
    return [*sure, either["."], either[","]]


def _mark_of(found: _Found, *, whole: bool, commas: bool) -> Mark | None:
    """Return the decimal mark of a column; None if its numbers prove both, or may be thousands or decimals."""
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
    """Return the error for a column that cannot be read as numbers; None if it can be read."""
    cell = _cell(name)
    point, comma, either_point, either_comma = _tells(cell)
    if mark is None and found.point and found.comma:
        first, second = (_first(frame, name, test) for test in (point, comma))
        return NotANumber(
            f"{name!r} of {table} has numbers with decimal points and others with decimal commas",
            example=f"{first}; {second}",
            remedy="use one form in the file",
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
        f"{name!r} of {table} has numbers that contradict {option('decimal', mark)}: {counted(against, 'cell')}",
        example=_first(frame, name, comma if mark == "." else point),
        remedy=f"leave {option('decimal')} out if each column shows its own mark, or correct the cells",
    )


def _first(frame: Frame, name: str, test: nw.Expr) -> str:
    return first_row(frame, test, [name])


def _plain(frame: Frame, marks: Mapping[str, Mark], table: str) -> tuple[Frame, list[Entry]]:
    """Rewrite columns with a decimal point, and count the cells that are not plain numbers.

    A cell with a point also counts if the decimal mark is a comma.
    """
    if not marks:
        return frame, []
    sums = []
    for i, (name, mark) in enumerate(marks.items()):
        raw = _cell(name)
        not_plain = ~raw.str.contains(NUMBER) | (nw.lit(mark == ",") & raw.str.contains(".", literal=True))
        sums.append((_is_printed(name, mark) & not_plain).cast(nw.Int64).sum().alias(f"n{i}"))
    counts = collect(frame.select(*sums)).row(0)
    entries, plain = [], []
    for (name, mark), n in zip(marks.items(), counts, strict=True):
        if not n:
            continue
        how = "sources.numbers-with-separators" if mark == "." else "sources.numbers-with-commas"
        entries.append(Entry("read", table, "note", say(how, column=name, n=n), n))
        cell = _cell(name).str.replace_all(APART[mark], "", literal=True).str.replace_all(mark, ".", literal=True)
        plain.append(nw.when(_is_printed(name, mark)).then(cell).otherwise(nw.col(name)).alias(name))
    return (frame.with_columns(*plain) if plain else frame), entries


def _is_printed(name: str, mark: Mark) -> nw.Expr:
    return _cell(name).str.contains(FORMS[mark][2])


class Settled(NamedTuple):
    """Sheets of one file with decimal points in their texts.

    ``problem``: the error to raise if these texts are read as numbers. ``dressed``: cells in which a number has
    something around it, or spaces inside.
    """

    sheets: Sequence[Sheet]
    problem: IntegradeError | None
    dressed: tuple[str, ...] = ()


def settled(sheets: Sequence[Sheet], decimal: Mark | None, *, doubtful: bool = False) -> Settled:
    """Rewrite decimal commas as points in the sheets of a statistical file, whose numbers share one decimal mark.

    ``problem`` is set if numbers may be thousands or decimals; a caller that reads the sheets as numbers must raise it.
    """
    texts_of = [c for sheet in sheets for row in sheet.rows for c in row if isinstance(c, str)]
    dressed = tuple(c for c in texts_of if _is_dressed(c))
    mixed = _mixed_percents(sheets) if any("%" in c or "％" in c for c in dressed) else None
    if mixed or not (doubtful or decimal == "," or any(re.search("[,，٫]", c) for c in texts_of)):
        return Settled(sheets, mixed, dressed)
    texts = [
        (sheet, i, j, bare(cell))
        for sheet in sheets
        for i, row in enumerate(sheet.rows)
        for j, cell in enumerate(row)
        if isinstance(cell, str) and any(c in cell for c in ",，.．٫")
    ]
    either = {m: [t for t in texts if re.search(FORMS[m][1], t[3])] for m in FORMS}
    sure = {m: any(_tells_mark(t[3], m) for t in texts) for m in FORMS}
    mark = decimal or ("." if sure["."] else "," if sure[","] else None)
    unclear = [*either[","], *(either["."] if doubtful else ())]
    if mark is None and unclear:
        sheet, i, j, text = unclear[0]
        what = f"numbers that may be thousands or decimals: {counted(len(unclear), 'cell')}"
        example = f"{in_sheet(sheet.name)}cell {address(i, j)}: {text}"
        return Settled(sheets, AmbiguousNumber(what, example=example, remedy=_remedy()))
    if mark == ",":
        sheets = [Sheet(s.name, [[_pointed(c) for c in row] for row in s.rows]) for s in sheets]
    return Settled(sheets, None, dressed)


def _is_dressed(cell: str) -> bool:
    """Return whether a cell is a number with something around it.

    A whole number in brackets does not count, because it only numbers a row or column.
    """
    text = cell.strip()
    return bare(text) != text and re.fullmatch(r"[+-]?[0-9.,]+", bare(text)) is not None and not NUMBERING.match(text)


NUMBERING = re.compile(r"[(（]\s*\d{1,3}\s*[)）]$|\d{4}\D")
"""Pattern of the number of a row or column in brackets, and of a year with a footnote mark."""


def _mixed_percents(sheets: Sequence[Sheet]) -> IntegradeError | None:
    """Return the error for a column of a sheet that mixes per cents with other numbers; None if no column does."""
    for sheet in sheets:
        for j in range(len(sheet.rows[0]) if sheet.rows else 0):
            cells = [(i, str(row[j]).strip()) for i, row in enumerate(sheet.rows) if row[j] is not None]
            signed = next((one for one in cells if re.search("[0-9][ ]?[%％]$", one[1])), None)
            plain = next((one for one in cells if signed and _is_other(one[1], below=one[0] > signed[0])), None)
            if signed and plain:
                shown = "; ".join(f"cell {address(i, j)}: {text}" for i, text in (signed, plain))
                return NotANumber(
                    "a column mixes percentages and other numbers",
                    example=f"{in_sheet(sheet.name)}{shown}",
                    remedy="use one form in the file",
                )
    return None


def _is_other(cell: str, *, below: bool) -> bool:
    """Return whether a cell is a number without a per cent sign.

    A whole number above the first per cent may be a heading and does not count.
    """
    number = re.fullmatch(r"[+-]?[0-9][0-9., ']*", cell) is not None and re.search("[1-9]", cell) is not None
    return number and (below or re.search("[.,]", cell) is not None)


def _pointed(cell: Cell) -> Cell:
    """Rewrite a number with a decimal comma as one with a point; keep the text around it."""
    printed = isinstance(cell, str) and re.search(FORMS[","][2], bare(cell))
    return narrowed(str(cell)).replace(".", "").replace(",", ".") if printed else cell


class Beside(NamedTuple):
    """Sheet in which texts in columns of numbers are read as numbers, if their decimal mark is certain.

    ``read``: for each heading, the number of texts read in this way. ``doubtful``: for each heading, a text that may be
    thousands or decimals.
    """

    sheet: Sheet
    read: Mapping[str, int]
    doubtful: Mapping[str, str]


def beside_numbers(sheet: Sheet, names: Mapping[int, str], body: int, decimal: Mark | None) -> Beside:
    """Read texts such as ``1.234,5`` as numbers in workbook columns that also hold numbers.

    ``names``: the headings of the columns that may hold amounts, by position. ``body``: the first row below the
    headings. The decimal mark of a column is decided by its texts, not by cells that are numbers already. A column with
    other texts, or with texts that prove both marks, stays unchanged.
    """
    rows, read, doubtful = [list(row) for row in sheet.rows], dict[str, int](), dict[str, str]()
    for j, name in names.items():
        cells = [(i, rows[i][j]) for i in range(body, len(rows)) if j < len(rows[i]) and rows[i][j] is not None]
        texts = [(i, narrowed(c).strip()) for i, c in cells if isinstance(c, str)]
        printed = [(i, c) for i, c in texts if c not in MISSING_WORDS]
        if not printed or len(texts) == len(cells) or not all(_is_print(c) for _, c in printed):
            continue
        sure = {m for m in FORMS if any(_tells_mark(c, m) for _, c in printed)}
        either = next((c for _, c in printed if any(re.search(FORMS[m][1], c) for m in FORMS)), None)
        mark = decimal or (next(iter(sure)) if len(sure) == 1 else None)
        if mark is None and not sure and either is not None:
            doubtful[name] = either
        if mark is None or (sure - {mark}) or not all(re.search(FORMS[mark][2], c) for _, c in printed):
            continue
        for i, c in texts:
            rows[i][j] = None if c in MISSING_WORDS else float(c.replace(APART[mark], "").replace(mark, "."))
        read[name] = len(printed)
    return Beside(Sheet(sheet.name, rows) if read else sheet, read, doubtful)


def _is_print(cell: str) -> bool:
    """Return whether a cell is a number printed with either decimal mark, and not a code."""
    return re.search(CODE, cell) is None and any(re.search(FORMS[m][2], cell) for m in FORMS)


def _tells_mark(cell: str, mark: Mark) -> bool:
    """Return whether a printed number proves this decimal mark."""
    return re.search(FORMS[mark][0], cell) is not None and re.search(FORMS[mark][1], cell) is None


def refuse_doubtful(doubtful: Mapping[str, str], columns: Printed, table: str) -> None:
    """Raise `AmbiguousNumber` for columns of numbers in which some texts may be thousands or decimals."""
    problems = [
        AmbiguousNumber(
            f"{name!r} of {table} has numbers, and texts that may be thousands or decimals",
            example=cell,
            remedy=_remedy(),
        )
        for name, cell in doubtful.items()
        if name in columns.numbers
    ]
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
