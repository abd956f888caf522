"""What stands around and inside printed numbers: currencies, per cents, footnote marks, brackets, spaces.

A number is taken out of its dress only where that is certain: ``RM 1,200``, ``3.2%``, ``12.5*``, ``12.5 (p)``,
``(1,234)``, ``123-``, ``1'234.50``. Each column is looked at by its shapes (digits as one 0), which are few; what no
shape allows stays text, which whoever checks the table refuses with its row. Two currencies, and per cents beside plain
numbers, are refused here. Which of comma and point is the decimal mark is told afterwards (`decimals`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import narwhals as nw

from integrade.engine.frames import Frame, collect
from integrade.errors import IntegradeError, MixedCurrencies, NotANumber, counted
from integrade.records.cells import FEW_WORDS, FREE_WORDS, MISSING_WORDS, first_row
from integrade.wording.account import Entry
from integrade.wording.texts import listed, say

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
"""Characters of numbers and what each is written as here."""
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
"""Symbols that are one currency's alone, and its code."""
_CURRENCY = "|".join(re.escape(word) for word in sorted((*SYMBOLS, *CODES), key=len, reverse=True))
_BODY = r"(?:[0-9.,](?:[0-9.,' ]*[0-9.,])?)(?:[eE][+-]?[0-9]+)?"
_INSIDE = _BODY.replace("[0-9.,])?)", "(?:[0-9]|[.,](?!-)))?)")
"""The same for Python's own patterns: the point of ``12.-`` belongs to what stands behind."""
_SUPERSCRIPT = "¹²³⁰⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉ"
_FLAG = f"[pre*†‡§0-9/{_SUPERSCRIPT}]"
"""Marks that a whole column may have: preliminary, revised, estimated, and signs."""
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
"""Thousands set apart by spaces or apostrophes."""
ODD = r"[^0-9.,+\-eE]|.-|[eE]$"
"""What no plain number has, but for the minus of an exponent."""
MOST_SHAPES = 500
FEW_ROWS = 500
"""Rows that are looked at without the engine, whose every question costs as much as they do."""
_ODD = re.compile(ODD)
_RUNS = re.compile("|".join(f"[{digits[0]}-{digits[-1]}]+" for digits in ("0123456789", *SCRIPTS)))
_ZERO = {one: digits[0] for digits in ("0123456789", *SCRIPTS) for one in digits}


class Dress(NamedTuple):
    """What stands before and behind a number (digits as 0), and what it says."""

    prefix: str
    suffix: str
    negative: bool = False
    percent: str = ""
    money: str = ""
    marks: str = ""
    strict: bool = True
    """Whether nothing but a sign, a currency or per cent stands there: also where no number is expected."""


def narrowed(text: str) -> str:
    """A text with its digits and signs as ASCII writes them, ends trimmed."""
    return text.translate(_NARROW).strip() if not text.isascii() else text.strip()


_NARROW = str.maketrans(dict(NARROW))


def undress(text: str) -> tuple[str, Dress] | None:
    """A narrowed cell, or its shape, as the number inside and what stands around it; None where it is not a number.

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
    glued = glued or named == "R"  # R1 is sooner a code than an amount
    strict = not (marks or behind or glued or match["dash"] or match["prefix"].startswith("'"))
    dress = Dress(match["prefix"], match["suffix"], negative, (match["percent"] or "").strip(), money, marks, strict)
    return match["body"], dress


def bare(cell: str) -> str:
    """A printed number without its dress and without spaces or apostrophes between its digits; other text as it is.

    Example:
        >>> bare("(1 234,50)"), bare("12.5¹"), bare("3.2%"), bare("12 34")
        ('-1234,50', '12.5', '3.2', '12 34')
    """
    text = narrowed(cell)
    if PLAIN.fullmatch(text) or (found := undress(text)) is None:
        return text
    body, dress = found
    if not _fits(body):
        return text
    return ("-" if dress.negative else "") + re.sub("[ ']", "", body)


def _fits(body: str) -> bool:
    """Whether spaces and apostrophes in a number stand between thousands."""
    return not re.search("[ ']", body) or re.fullmatch(GROUPED, body) is not None


# -- columns -----------------------------------------------------------------------------------------------------------


class Undressed(NamedTuple):
    """A frame with numbers out of their dress, what the account says, why columns cannot be read, and the currency
    that stood around the numbers of each column (its code, or a sign of several currencies).
    """

    frame: Frame
    notes: list[Entry]
    problems: list[IntegradeError]
    money: Mapping[str, str]


def undressed(frame: Frame, numbers: Sequence[str], others: Sequence[str], table: str) -> Undressed:
    """Columns of texts with the numbers taken out of their dress, cells that are none as they are.

    ``numbers`` must be numbers; ``others`` are changed only where every cell is one, and where nothing but signs,
    currencies, per cents and spaces stands there.
    """
    notes, problems, money = list[Entry](), list[IntegradeError](), dict[str, str]()
    shapes = _shapes(frame, [*numbers, *others])
    for name, found in shapes.items():
        column = _decided(found, strict=name not in numbers)
        if column is None:
            continue
        problem = _problem(frame, name, column, table)
        if problem is not None:
            problems.append(problem)
            continue
        notes += _said(name, column, table)
        sign = next((dress.money for dress in column.dresses if dress.money), "")
        money |= {name: sign} if sign else {}
        if column.dresses or column.letters or column.spaced:
            frame = frame.with_columns(_without(name, column).alias(name))
    return Undressed(frame, notes, problems, money)


class Shape(NamedTuple):
    """How many cells of a column have one shape, and one of them."""

    n: int
    example: str


class Column(NamedTuple):
    """One column by its shapes: those that are numbers, their dresses, and what else was seen."""

    shapes: Mapping[str, Shape]
    dresses: Mapping[Dress, int]
    letters: tuple[str, ...]
    spaced: bool
    words: Mapping[str, int]


def _shapes(frame: Frame, names: Sequence[str]) -> dict[str, dict[str, Shape]]:
    """The shapes of the columns that have cells which are no plain numbers; two passes, the second for those alone.

    A few rows, of however many columns, are looked at in one.
    """
    if not names:
        return {}
    few = collect(frame.select(*names).head(FEW_ROWS + 1))
    if few.height <= FEW_ROWS:
        held = {name: few[name].drop_nulls().to_list() for name in names}
        return {name: _shapes_among(cells) for name, cells in held.items() if any(map(_ODD.search, cells))}
    odd = [nw.col(n).str.contains(ODD).cast(nw.Int64).sum().alias(f"o{i}") for i, n in enumerate(names)]
    there = collect(frame.select(*odd)).row(0)
    found = {}
    for name, n in zip(names, there, strict=True):
        if n:
            cells = frame.select(_cell=nw.col(name).str.strip_chars()).with_columns(_shape=_shape(nw.col("_cell")))
            counts = collect(cells.group_by("_shape").agg(n=nw.len(), first=nw.col("_cell").min()))
            if counts.height <= MOST_SHAPES:
                found[name] = {text: Shape(n, first) for text, n, first in sorted(counts.drop_nulls().iter_rows())}
    return found


def _shapes_among(cells: Sequence[str]) -> dict[str, Shape]:
    """The shapes of a few cells, each with its number and the first of its cells in the order of text."""
    found = dict[str, Shape]()
    for cell in sorted(cell.strip() for cell in cells):
        shape = _RUNS.sub(lambda run: _ZERO[run[0][0]], cell)
        known = found.get(shape, Shape(0, cell))
        found[shape] = Shape(known.n + 1, known.example)
    return dict(sorted(found.items()))


def _shape(cell: nw.Expr) -> nw.Expr:
    """A trimmed cell with each run of digits as one 0 of its script."""
    shape = cell.str.replace_all("[0-9]+", "0")
    for digits in SCRIPTS:
        shape = shape.str.replace_all(f"[{digits[0]}-{digits[-1]}]+", digits[0])
    return shape


def _decided(shapes: Mapping[str, Shape], *, strict: bool) -> Column | None:
    """What the shapes of a column say; None where it is left as it is."""
    words = {s: one.n for s, one in shapes.items() if s in (FREE_WORDS if strict else MISSING_WORDS)}
    parsed = {s: undress(narrowed(s)) for s in shapes if s not in words}
    if strict and (not parsed or not all(found and found[1].strict for found in parsed.values())):
        return None
    fit = {s: found for s, found in parsed.items() if found}
    numbers = sum(shapes[s].n for s in fit)
    for mark in {found[1].marks for found in fit.values() if found[1].marks}:
        cells = sum(shapes[s].n for s, found in fit.items() if found[1].marks == mark)
        if not re.fullmatch(rf"(?:\(?{_FLAG}\)?)+", mark.lower()) and 2 * cells > numbers:  # a unit, not a footnote
            fit = {s: found for s, found in fit.items() if found[1].marks != mark}
    if fit and all(found[1].prefix.startswith("(") for found in fit.values()) and numbers > 1:
        return None  # numbers that all stand in brackets are no negative ones, but errors of estimates or the like
    dresses: dict[Dress, int] = {}
    for shape, found in fit.items():
        if found[1].prefix or found[1].suffix:
            dresses[found[1]] = dresses.get(found[1], 0) + shapes[shape].n
    letters = tuple(sorted({c for shape in fit for c in shape if c in NARROW}))
    spaced = any(re.search("[ ']", found[0]) for found in fit.values())
    lettered = any(re.search(r"[^\W\d_]", found[1].money) for found in fit.values())
    if strict and (spaced or lettered) and not any(c in found[0] for found in fit.values() for c in ".,"):
        return None  # 123 456 and Fr 1 may be codes
    return Column({s: shapes[s] for s in fit}, dresses, letters, spaced, words)


def _narrow(cell: nw.Expr, letters: Sequence[str]) -> nw.Expr:
    for letter in letters:
        wide = next((digits for digits in SCRIPTS if letter == digits[0]), letter)
        for one in wide:
            cell = cell.str.replace_all(one, NARROW[one], literal=True)
    return cell.str.strip_chars()


def _without(name: str, column: Column) -> nw.Expr:
    """A column with its numbers alone, where a cell has one of the dresses that were found."""
    cell = _narrow(nw.col(name).str.strip_chars(), column.letters)
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
    """A literal text as a pattern of every engine; a digit is any one digit."""
    return "".join("[0-9]" if c == "0" else f"\\{c}" if c in "$()*+.?[]^{|}\\/-" else c for c in text)


def _problem(frame: Frame, name: str, column: Column, table: str) -> IntegradeError | None:
    """Two currencies, or per cents beside plain numbers."""
    money: dict[str, str] = {}
    percents: dict[str, str] = {}
    for shape in column.shapes:
        found = undress(narrowed(shape))
        if found is not None:
            money.setdefault(found[1].money, shape)
            percents.setdefault(found[1].percent, shape)
    named = sorted(filter(None, money))
    if len(named) > 1:
        return MixedCurrencies(
            f"{name!r} of {table} has amounts in several currencies: {', '.join(named)}",
            example="; ".join(_example(frame, name, money[one]) for one in named[:2]),
            remedy="write one currency in the file, or keep each in a column or file of its own",
        )
    if not any(percents) or (len(percents) == 1):
        return None
    plain = nw.col(name).str.strip_chars()
    other = plain.str.contains("[1-9１-９]") & plain.str.contains("^[+-]?[0-9０-９.,' ]+([eE][+-]?[0-9]+)?$")
    if "" in percents and len(percents) == 2 and not collect(frame.select(n=other.cast(nw.Int64).sum()))["n"][0]:
        return None
    signed = sorted(filter(None, percents))
    n = sum(one.n for one in column.shapes.values())
    return NotANumber(
        f"{name!r} of {table} mixes percentages and other numbers: {counted(n, 'cell')}",
        example="; ".join(
            [_example(frame, name, percents[one]) for one in signed]
            + ([first_row(frame, other, [name])] if "" in percents else [])
        ),
        remedy="write them in one way in the file",
    )


def _example(frame: Frame, name: str, shape: str) -> str:
    """The first cell of a shape."""
    return first_row(frame, _shape(nw.col(name).str.strip_chars()) == shape, [name])


def dressed_cells(cells: Sequence[str], named: str, table: str) -> list[Entry]:
    """What the account says of the numbers among the cells of a sheet that are taken out of their dress."""
    shapes: dict[str, Shape] = {}
    for cell in sorted(cells):
        shape = re.sub("[0-9]+", "0", cell.strip())
        shapes[shape] = Shape(shapes[shape].n + 1 if shape in shapes else 1, cell)
    found = {s: one for s, one in shapes.items() if undress(narrowed(s))}
    return _said(named, Column(found, {}, (), spaced=False, words={}), table)


def _said(name: str, column: Column, table: str) -> list[Entry]:
    """What the account says of a column: how many cells were read in which way, with one as an example."""
    counts: dict[str, int] = {}
    examples: dict[str, str] = {}
    for shape, one in column.shapes.items():
        for kind in _kinds(shape):
            counts[kind] = counts.get(kind, 0) + one.n
            examples.setdefault(kind, one.example)
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
    """What was taken off or changed in the cells of one shape."""
    found = undress(narrowed(shape))
    if found is None:
        return []
    body, dress = found
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
