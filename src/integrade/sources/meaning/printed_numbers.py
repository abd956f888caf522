"""Remove the dress of printed numbers: currencies, per cents, footnote marks, brackets and spaces.

Only forms that are certain are read: ``RM 1,200``, ``3.2%``, ``12.5*``, ``12.5 (p)``, ``(1,234)``, ``123-``,
``1'234.50``. The text around and inside a number is called its dress. Each column is checked by the shapes of its
cells. In a shape, each run of digits is written as one 0. A cell of any other shape stays text; the check of the table
then refuses it and names its row. A column with two currencies, or with both per cents and plain numbers, is refused
here. The decimal mark is decided later (`decimals`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import narwhals as nw

from integrade.engine.frames import Frame, collect
from integrade.errors import IntegradeError, MixedCurrencies, NotANumber, counted
from integrade.records.cells import FEW_WORDS, FREE_WORDS, MISSING_WORDS, first_row
from plainwords.account import Entry
from plainwords.texts import listed, say

SCRIPTS = ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙")
"""Digits of full width and of other scripts (Arabic, Persian, Devanagari, Thai)."""
_MINUS = "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
_SPACES = "\u00a0\u2002\u2003\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
_QUOTES = "\u2019\u2018\u02bc\u00b4\u0060\u066c"
NARROW: Mapping[str, str] = {
    **{wide: str(i) for digits in SCRIPTS for i, wide in enumerate(digits)},
    **dict.fromkeys(_MINUS, "-"),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_QUOTES, "'"),
    **dict(zip("（）％＊，．＋￥٫", "()%*,.+¥.", strict=True)),
}
"""For each non-ASCII character that occurs in numbers, the ASCII character that replaces it."""
SYMBOLS = (
    *("US$", "A$", "C$", "NZ$", "HK$", "NT$", "S$", "R$", "MX$", "$", "€", "£", "¥", "₹", "₫", "₩", "฿", "₱", "₽"),
    *("₺", "₦", "₴", "₪", "₡", "₲", "₵", "₸", "RM", "Rp", "Rs", "Tk", "KSh", "TSh", "USh", "S/", "Bs", "Fr", "SFr"),
    *("kr", "zł", "Kč", "Ft", "元", "円", "원", "đ", "lei", "R"),
)
_LISTED = (
    "AED ARS AUD BDT BGN BHD BND BOB BRL CAD CHF CLP CNY COP CRC CZK DKK DOP EGP ETB EUR GBP GHS GTQ HKD HNL "
    "HUF IDR ILS INR IRR ISK JOD JPY KES KHR KRW KWD KZT LAK LKR MAD MMK MNT MXN MYR NGN NOK NPR NZD OMR PAB "
    "PEN PHP PKR PLN PYG QAR RMB RON RSD RUB SAR SEK SGD THB TND TRY TWD TZS UAH UGX USD UYU UZS VES VND XAF "
    "XOF ZAR ZMW "
)
CODES = tuple(_LISTED.split())
_OWN = """
€ EUR £ GBP ₹ INR RM MYR Rp IDR R$ BRL US$ USD zł PLN Kč CZK RMB CNY A$ AUD C$ CAD NZ$ NZD HK$ HKD NT$ TWD S$ SGD
MX$ MXN ₫ VND đ VND ₩ KRW 원 KRW ฿ THB ₱ PHP ₽ RUB ₺ TRY ₦ NGN ₴ UAH ₪ ILS ₡ CRC ₲ PYG ₵ GHS ₸ KZT Tk BDT KSh KES
TSh TZS USh UGX S/ PEN Ft HUF 円 JPY SFr CHF
"""
SAME: Mapping[str, str] = dict(zip(_OWN.split()[::2], _OWN.split()[1::2], strict=True))
"""For each symbol that only one currency has, the code of that currency."""
_CURRENCY = "|".join(re.escape(word) for word in sorted((*SYMBOLS, *CODES), key=len, reverse=True))
_BODY = r"(?:[0-9.,](?:[0-9.,' ]*[0-9.,])?)(?:[eE][+-]?[0-9]+)?"
_INSIDE = _BODY.replace("[0-9.,])?)", "(?:[0-9]|[.,](?!-)))?)")
"""Pattern of the body of a number for Python; the point in ``12.-`` belongs to the text after the number."""
_SUPERSCRIPT = "¹²³⁰⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ"
_FLAG = f"[pre*†‡§0-9/{_SUPERSCRIPT}]"
"""Pattern of marks that may be in all cells of a column: preliminary, revised, estimated, and signs."""
_MARK = rf"(?: ?(?:\*{{1,3}}|[†‡§]|\([a-zA-Z0-9]\)|\[[a-z0-9]\]|[acdefinprsuvz]|[PRE])| [0-9]/|[{_SUPERSCRIPT}]+)"
_DRESSED = re.compile(
    rf"(?P<prefix>'?(?P<star>\*{{1,3}} ?)?(?P<minus>[+-] ?)?(?P<open>\( ?)?"
    rf"(?P<money>(?:{_CURRENCY})\.? ?)?(?P<after>[+-] ?)?)"
    rf"(?P<body>{_INSIDE})"
    rf"(?P<suffix>(?P<percent> ?[%‰])?(?P<paid> ?(?:{_CURRENCY})\.?)?(?P<close> ?\))?(?P<dash>[.,]-)?(?P<behind> ?-)?"
    rf"(?P<marks>(?:{_MARK}){{1,3}})?)"
)
PLAIN = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
GROUPED = r"^[+-]?[1-9][0-9]{0,2}([ '][0-9]{3})+([.,][0-9]*)?$"
"""Pattern of numbers whose thousands are separated by spaces or apostrophes."""
ODD = r"[^0-9.,+\-eE]|.-|[eE]$"
"""Pattern of characters that no plain number contains; the minus sign of an exponent is allowed."""
MOST_SHAPES = 500
FEW_ROWS = 500
"""Up to this number of rows, cells are checked without the engine, whose queries cost more (a convention)."""
_ODD = re.compile(ODD)
_RUNS = re.compile("|".join(f"[{digits[0]}-{digits[-1]}]+" for digits in ("0123456789", *SCRIPTS)))
_ZERO = {one: digits[0] for digits in ("0123456789", *SCRIPTS) for one in digits}


class Dress(NamedTuple):
    """Text before and after the number in a cell, and the meaning of that text.

    In the dress of a shape, all digits are 0.
    """

    prefix: str
    suffix: str
    negative: bool = False
    percent: str = ""
    money: str = ""
    marks: str = ""
    strict: bool = True
    """True if the dress is only a sign before the number, a currency or a per cent.

    A currency counts only if no letter of it touches the number, and if it is not ``R``. Strict dress is removed even
    in columns that need not be numbers.
    """


def narrowed(text: str) -> str:
    """Return trimmed text with ASCII digits and signs."""
    return text.translate(_NARROW).strip() if not text.isascii() else text.strip()


_NARROW = str.maketrans(dict(NARROW))


def undress(text: str) -> tuple[str, Dress] | None:
    """Split a narrowed cell, or its shape, into the number and its dress; None if it is not a number.

    Example:
        >>> undress("RM 1,200")[0], undress("(12.5)")[1].negative, undress("12.5 kg")
        ('1,200', True, None)
    """
    match = _DRESSED.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]) or not any(c.isdigit() for c in match["body"]):
        return None
    signs = [match["minus"], match["after"], match["open"], match["behind"]]
    if sum(bool(s) for s in signs) > 1 or (match["money"] and match["paid"]):
        return None
    named = (match["money"] or match["paid"] or "").strip(" .")
    money = SAME.get(named, named)
    behind = bool(match["open"] or match["behind"])
    negative = behind or any(s and s.startswith("-") for s in signs[:2])
    marks = ((match["star"] or "") + (match["marks"] or "")).replace(" ", "")
    glued = bool(re.search(r"[^\W\d_]$", match["prefix"]) or re.search(r"^[^\W\d_]", match["suffix"]))
    glued = glued or named == "R"  # R1 is more likely a code than an amount
    strict = not (marks or behind or glued or match["dash"] or match["prefix"].startswith("'"))
    dress = Dress(match["prefix"], match["suffix"], negative, (match["percent"] or "").strip(), money, marks, strict)
    return match["body"], dress


def bare(cell: str) -> str:
    """Return a printed number without dress, spaces or apostrophes; other text is returned as it is.

    Example:
        >>> bare("(1 234,50)"), bare("12.5¹"), bare("3.2%"), bare("12 34")
        ('-1234,50', '12.5', '3.2', '12 34')
    """
    text = narrowed(cell)
    if PLAIN.fullmatch(text) or (parts := undress(text)) is None:
        return text
    body, dress = parts
    if re.search("[ ']", body) and not re.fullmatch(GROUPED, body):  # they do not separate thousands
        return text
    return ("-" if dress.negative else "") + re.sub("[ ']", "", body)


# -- columns -----------------------------------------------------------------------------------------------------------


class Undressed(NamedTuple):
    """Frame with undressed numbers, notes, errors for columns that cannot be read, and the currency of each column.

    ``money``: the code of the currency around a column's numbers, or a symbol that several currencies share.
    """

    frame: Frame
    notes: list[Entry]
    problems: list[IntegradeError]
    money: Mapping[str, str]


def undressed(frame: Frame, numbers: Sequence[str], others: Sequence[str], table: str) -> Undressed:
    """Remove the dress of numbers in text columns; cells that are not numbers stay unchanged.

    ``numbers``: columns that must be numbers. ``others``: columns that change only if every cell is a number whose
    dress is signs, currencies, per cents or spaces.
    """
    notes, problems, money = list[Entry](), list[IntegradeError](), dict[str, str]()
    shapes = _shapes(frame, [*numbers, *others])
    for name, shapes_of_column in shapes.items():
        column = _decided(shapes_of_column, strict=name not in numbers)
        if column is None:
            continue
        problem = _problem(frame, name, column, table)
        if problem is not None:
            problems.append(problem)
            continue
        notes += _column_notes(name, column, table)
        sign = next((dress.money for dress in column.dresses if dress.money), "")
        money |= {name: sign} if sign else {}
        if column.dresses or column.letters or column.spaced:
            frame = frame.with_columns(_without(name, column).alias(name))
    return Undressed(frame, notes, problems, money)


class Shape(NamedTuple):
    """Number of cells of a column that have one shape, and an example."""

    n: int
    example: str


class Column(NamedTuple):
    """Column described by its shapes: the shapes that are numbers, their dresses, and other signs and words found."""

    shapes: Mapping[str, Shape]
    dresses: Mapping[Dress, int]
    letters: tuple[str, ...]
    spaced: bool
    words: Mapping[str, int]


def _shapes(frame: Frame, names: Sequence[str]) -> dict[str, dict[str, Shape]]:
    """Return the shapes of the columns that have cells which are not plain numbers.

    One pass finds these columns, and a second pass finds their shapes. For at most `FEW_ROWS` rows one pass is enough.
    """
    if not names:
        return {}
    few = collect(frame.select(*names).head(FEW_ROWS + 1))
    if few.height <= FEW_ROWS:
        cells_by_column = {name: few[name].drop_nulls().to_list() for name in names}
        return {name: _shapes_among(cells) for name, cells in cells_by_column.items() if any(map(_ODD.search, cells))}
    odd = [nw.col(n).str.contains(ODD).cast(nw.Int64).sum().alias(f"o{i}") for i, n in enumerate(names)]
    there = collect(frame.select(*odd)).row(0)
    by_column = {}
    for name, n in zip(names, there, strict=True):
        if n:
            cells = frame.select(_cell=nw.col(name).str.strip_chars()).with_columns(_shape=_shape(nw.col("_cell")))
            counts = collect(cells.group_by("_shape").agg(n=nw.len(), first=nw.col("_cell").min()))
            if counts.height <= MOST_SHAPES:
                by_column[name] = {text: Shape(n, first) for text, n, first in sorted(counts.drop_nulls().iter_rows())}
    return by_column


def _shapes_among(cells: Sequence[str]) -> dict[str, Shape]:
    """Return the shapes of a few cells, each with its number of cells and its first cell in text order."""
    shapes = dict[str, Shape]()
    for cell in sorted(cell.strip() for cell in cells):
        shape = _RUNS.sub(lambda run: _ZERO[run[0][0]], cell)
        known = shapes.get(shape, Shape(0, cell))
        shapes[shape] = Shape(known.n + 1, known.example)
    return dict(sorted(shapes.items()))


def _shape(cell: nw.Expr) -> nw.Expr:
    """Return an expression for a trimmed cell in which each run of digits becomes one 0 of the same script."""
    shape = cell.str.replace_all("[0-9]+", "0")
    for digits in SCRIPTS:
        shape = shape.str.replace_all(f"[{digits[0]}-{digits[-1]}]+", digits[0])
    return shape


def _decided(shapes: Mapping[str, Shape], *, strict: bool) -> Column | None:
    """Return how a column is read, decided from its shapes; None if the column stays unchanged."""
    words = {s: shape_count.n for s, shape_count in shapes.items() if s in (FREE_WORDS if strict else MISSING_WORDS)}
    parsed = {s: undress(narrowed(s)) for s in shapes if s not in words}
    if strict and (not parsed or not all(split and split[1].strict for split in parsed.values())):
        return None
    fit = {s: split for s, split in parsed.items() if split}
    numbers = sum(shapes[s].n for s in fit)
    for mark in {split[1].marks for split in fit.values() if split[1].marks}:
        cells = sum(shapes[s].n for s, split in fit.items() if split[1].marks == mark)
        if not re.fullmatch(rf"(?:\(?{_FLAG}\)?)+", mark.lower()) and 2 * cells > numbers:  # a unit, not a footnote
            fit = {s: split for s, split in fit.items() if split[1].marks != mark}
    if fit and all(split[1].prefix.startswith("(") for split in fit.values()) and numbers > 1:
        return None  # if all are in brackets they are not negative, but standard errors or the like
    dresses: dict[Dress, int] = {}
    for shape, split in fit.items():
        if split[1].prefix or split[1].suffix:
            dresses[split[1]] = dresses.get(split[1], 0) + shapes[shape].n
    letters = tuple(sorted({c for shape in fit for c in shape if c in NARROW}))
    spaced = any(re.search("[ ']", split[0]) for split in fit.values())
    lettered = any(re.search(r"[^\W\d_]", split[1].money) for split in fit.values())
    if strict and (spaced or lettered) and not any(c in split[0] for split in fit.values() for c in ".,"):
        return None  # 123 456 and Fr 1 may be codes
    return Column({s: shapes[s] for s in fit}, dresses, letters, spaced, words)


def _without(name: str, column: Column) -> nw.Expr:
    """Return an expression for a column without the dresses found; cells of any other form stay unchanged."""
    cell = nw.col(name).str.strip_chars()
    for letter in column.letters:  # digits of another script, of which shapes show only the zero, and wide signs
        wide = next((digits for digits in SCRIPTS if letter == digits[0]), letter)
        for digit in wide:
            cell = cell.str.replace_all(digit, NARROW[digit], literal=True)
    cell = cell.str.strip_chars()
    plain = cell
    for dress in sorted(column.dresses, key=lambda d: (len(d.prefix) + len(d.suffix), d)):
        inside = cell.str.slice(len(dress.prefix)).str.replace_all(f"{_pattern(dress.suffix)}$", "")
        inside = nw.concat_str(nw.lit("-"), inside) if dress.negative else inside
        whole = f"^{_pattern(dress.prefix)}{_BODY}{_pattern(dress.suffix)}$"
        plain = nw.when(cell.str.contains(whole)).then(inside).otherwise(plain)
    if column.spaced:
        together = plain.str.replace_all("[ ']", "")
        plain = nw.when(plain.str.contains(GROUPED)).then(together).otherwise(plain)
    number = plain.str.contains(r"^[+-]?[0-9.,]+([eE][+-]?[0-9]+)?$")
    return nw.when(number).then(plain).otherwise(nw.col(name))


def _pattern(text: str) -> str:
    """Return a pattern, valid in every engine, that matches a text literally; a digit in it matches any one digit."""
    return "".join("[0-9]" if c == "0" else f"\\{c}" if c in "$()*+.?[]^{|}\\/-" else c for c in text)


def _problem(frame: Frame, name: str, column: Column, table: str) -> IntegradeError | None:
    """Return the error for a column with two currencies, or with per cents and plain numbers; otherwise None."""
    money: dict[str, str] = {}
    percents: dict[str, str] = {}
    for shape in column.shapes:
        parts = undress(narrowed(shape))
        if parts is not None:
            money.setdefault(parts[1].money, shape)
            percents.setdefault(parts[1].percent, shape)
    named = sorted(filter(None, money))
    if len(named) > 1:
        return MixedCurrencies(
            f"{name!r} of {table} has amounts in several currencies: {', '.join(named)}",
            example="; ".join(_example(frame, name, money[key]) for key in named[:2]),
            remedy="write one currency in the file, or keep each currency in its own column or file",
        )
    if not any(percents) or (len(percents) == 1):
        return None
    plain = nw.col(name).str.strip_chars()
    plain_number = plain.str.contains("[1-9１-９]") & plain.str.contains("^[+-]?[0-9０-９.,' ]+([eE][+-]?[0-9]+)?$")
    if "" in percents and len(percents) == 2 and not collect(frame.select(n=plain_number.cast(nw.Int64).sum()))["n"][0]:
        return None
    signed = sorted(filter(None, percents))
    n = sum(key.n for key in column.shapes.values())
    return NotANumber(
        f"{name!r} of {table} mixes percentages and other numbers: {counted(n, 'cell')}",
        example="; ".join(
            [_example(frame, name, percents[key]) for key in signed]
            + ([first_row(frame, plain_number, [name])] if "" in percents else [])
        ),
        remedy="use one form in the file",
    )


def _example(frame: Frame, name: str, shape: str) -> str:
    """Return the first cell of a shape."""
    return first_row(frame, _shape(nw.col(name).str.strip_chars()) == shape, [name])


def dressed_cells(cells: Sequence[str], named: str, table: str) -> list[Entry]:
    """Return notes on the numbers in a sheet's cells whose dress is removed."""
    shapes: dict[str, Shape] = {}
    for cell in sorted(cells):
        shape = re.sub("[0-9]+", "0", cell.strip())
        shapes[shape] = Shape(shapes[shape].n + 1 if shape in shapes else 1, cell)
    dressed = {s: one for s, one in shapes.items() if undress(narrowed(s))}
    return _column_notes(named, Column(dressed, {}, (), spaced=False, words={}), table)


def _column_notes(name: str, column: Column, table: str) -> list[Entry]:
    """Return notes that count how many cells of a column were read in which way, with one example each."""
    counts: dict[str, int] = {}
    examples: dict[str, str] = {}
    for shape, count in column.shapes.items():
        for kind in _kinds(shape):
            counts[kind] = counts.get(kind, 0) + count.n
            examples.setdefault(kind, count.example)
    notes = [
        Entry("read", table, "note", say(f"sources.numbers-{kind}", column=name, n=n, example=examples[kind]), n)
        for kind, n in counts.items()
    ]
    words = {word: n for word, n in column.words.items() if word not in FEW_WORDS}
    if words:
        shown = listed([f"{word} ({n:,})" for word, n in words.items()], "comma")
        total = sum(words.values())
        notes.append(Entry("read", table, "note", say("sources.no-number", column=name, n=total, words=shown), total))
    return notes


def _kinds(shape: str) -> list[str]:
    """Return the kinds of dress that are removed, or of changes that are made, in the cells of one shape."""
    parts = undress(narrowed(shape))
    if parts is None:
        return []
    body, dress = parts
    before = "-" in dress.prefix
    kinds = {
        "digits": any(digits[0] in shape for digits in SCRIPTS),
        "spaces": bool(re.search("[ ']", body)),
        "money": bool(dress.money),
        "percent": dress.percent == "%",
        "per-mille": dress.percent == "‰",
        "marks": bool(dress.marks),
        "negative": dress.negative and not before,
        "minus": before and any(c in shape for c in _MINUS),
    }
    return [kind for kind, there in kinds.items() if there]
