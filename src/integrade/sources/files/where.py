"""Parse the ``--where`` option, which decides the rows of a file to keep.

    expression  := expression "or" expression | expression "and" expression | "not" expression | "(" expression ")"
                 | operand (== | = | != | <> | < | <= | > | >=) operand ...
                 | operand ["not"] "in" "(" literal, ... ")"          (square brackets too)
                 | operand "is" ["not"] "missing"
    operand     := column | "text" | 'text' | number | true | false
    column      := a bare name (Chinese too), or any name in backticks

Comparisons can be chained as in mathematics: ``2000 <= year < 2010``. A number is compared as a number, even with a
text column (all csv columns are text). The code ``0101`` therefore satisfies ``code = 101`` but not ``code = "101"``. A
comparison with a missing value (=, !=, <, >, in) is never true, also not under ``not``. A text cell that is not a
number is missing in a comparison with a number. Whole numbers are compared in all their digits. Only ``is missing``
finds missing cells (and cells with an empty text).
"""

from __future__ import annotations

import math
import re
import struct
import typing
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import and_, or_
from typing import Any, NamedTuple

import narwhals as nw

from integrade.errors import BadFormula, UnknownColumn, did_you_mean, option
from integrade.records.cells import NUMBER
from integrade.wording.grammar import DEEPEST, Cursor, Messages, Token, parse, tokens

Literal = str | int | float | bool
Form = typing.Literal["text", "lower", "number", "whole"]
"""Form in which a column is compared.

text: as text. lower: as lower-case text, for comparison with true and false. number: as a number. whole: as the text of
a long whole number.
"""


class Name(NamedTuple):
    """Column of the file."""

    column: str


COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
WORDS = ("and", "or", "not", "in", "is", "missing", "true", "false")
MARKS: Mapping[str, str] = {"（": "(", "）": ")", "，": ",", "【": "[", "】": "]"}
EXACT = 2**53
"""Bound below which a float holds every whole number exactly.

Larger numbers, such as codes of 18 digits, are compared as text.
"""
MOST_DIGITS = 300
"""A whole number of more digits may exceed the range of floats, which end near 1.8e308."""
_WHOLE = r"^[+-]?[0-9]+(\.0*)?$"
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|“[^”]*”|‘[^’]*’)
    |(?P<tick>`[^`]+`)
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<name>[^\W\d][\w.]*)
    |(?P<compare>==|!=|<>|<=|>=|=|<|>)
    |(?P<mark>[()\[\],（），【】])""",
    re.VERBOSE,
)


def parse_where(
    text: str, columns: Mapping[str, nw.dtypes.DType], *, aliases: Mapping[str, str] | None = None, of: str = "file"
) -> nw.Expr:
    """Return the condition that keeps a row, as a narwhals expression over a table with these columns and types.

    ``aliases``: other names that expressions may use for the same columns. ``of``: what messages call the table. Raises
    `BadFormula` with the position marked in the text, and `UnknownColumn` with the nearest name.

    Example:
        >>> expression = parse_where('item != "总指数" and year >= 2005', {"item": nw.String(), "year": nw.String()})
    """
    p = _Parser(Cursor(text, list(_tokens(text)), _bad), columns, aliases or {}, of)
    messages = Messages(
        unfinished="expected 'and', 'or' or the end",
        unclosed="expected ')'",
        too_deep=lambda text, at: _bad(text, at, f"'not' and parentheses may be nested at most {DEEPEST} deep"),
    )
    condition: nw.Expr = parse(
        p.cursor,
        messages,
        one=lambda: _condition(p),
        joined=lambda word, parts: _joined(parts, or_ if word == "or" else and_),
        negated=lambda condition: ~condition,
    )
    return condition


def names_in(text: str) -> list[str]:
    """Return the columns that an expression names, in their order. Raises `BadFormula` for an invalid expression.

    Example:
        >>> names_in('2000 <= year and `FOB value` > 0')
        ['year', 'FOB value']
    """
    return list(dict.fromkeys(token.value for token in _tokens(text) if token.kind == "name"))


class Condition(NamedTuple):
    """Condition that every kept row satisfies.

    It has a column, a comparison sign (``in`` for a list) and literals.
    """

    column: str
    sign: str
    values: tuple[Literal, ...]


def necessary(text: str, columns: Collection[str]) -> list[Condition]:
    """Return simple conditions that every kept row satisfies: the parts that ``and`` joins outside parentheses.

    Only these forms are returned: ``column sign literal``, ``literal sign column sign literal`` and ``column in
    (...)``. The column must be in ``columns``. All others are skipped. An expression that cannot be read gives an empty
    list.

    Example:
        >>> necessary('2000 <= year < 2010 and (firm = "A" or firm = "B")', ["year", "firm"])
        [Condition(column='year', sign='>=', values=(2000,)), Condition(column='year', sign='<', values=(2010,))]
    """
    try:
        whole = list(_tokens(text))[:-1]
    except BadFormula:
        return []
    depth, parts = 0, [list[Token]()]
    for token in whole:
        depth += (token.kind == "mark") * (token.value in "([") - (token.kind == "mark") * (token.value in ")]")
        if token.kind == "word" and depth == 0 and token.value == "or":
            return []
        if token.kind == "word" and depth == 0 and token.value == "and":
            parts.append([])
        else:
            parts[-1].append(token)
    return [one for part in parts for one in _simple(part) if one.column in columns]


def _simple(part: Sequence[Token]) -> list[Condition]:
    kinds = "".join({"name": "n", "compare": "c", "text": "l", "number": "l"}.get(t.kind, t.value) for t in part)
    values: list[Literal] = [_number(t.value) if t.kind == "number" else t.value for t in part]
    flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    if kinds == "ncl":
        return [Condition(part[0].value, part[1].value, (values[2],))]
    if kinds in ("lcn", "lcncl"):
        first = Condition(part[2].value, flipped.get(part[1].value, part[1].value), (values[0],))
        return [first, *_simple(part[2:])] if len(part) > 3 else [first]
    if re.fullmatch(r"nin[(\[]l(,l)*[)\]]", kinds):
        return [Condition(part[0].value, "in", tuple(values[3::2]))]
    return []


@dataclass
class _Parser:
    """The position in an expression, and the columns that it may name."""

    cursor: Cursor
    columns: Mapping[str, nw.dtypes.DType]
    aliases: Mapping[str, str]
    of: str = "file"


def _joined(parts: Sequence[nw.Expr], by: Callable[[nw.Expr, nw.Expr], nw.Expr]) -> nw.Expr:
    """Join conditions in pairs, then join the pairs in pairs, and so on.

    Otherwise the expression would be nested as deeply as it has conditions, and engines crash on such expressions.
    """
    while len(parts) > 1:
        parts = [by(*parts[i : i + 2]) if i + 1 < len(parts) else parts[i] for i in range(0, len(parts), 2)]
    return parts[0]


def _condition(p: _Parser) -> nw.Expr:
    start = p.cursor.next.start
    left = _operand(p)
    if p.cursor.take("word", "is"):
        negative = p.cursor.take("word", "not")
        if not p.cursor.take("word", "missing"):
            raise p.cursor.expected("expected 'missing'")
        condition = _is_missing(p, _column_only(p, left, start))
        return ~condition if negative else condition
    negative = p.cursor.take("word", "not")
    if p.cursor.take("word", "in"):
        condition = _is_in(p, _column_only(p, left, start), _list(p), start)
        return ~condition if negative else condition
    if negative:
        raise p.cursor.expected("expected 'in' after 'not'")
    return _chain(p, left)


def _chain(p: _Parser, left: Name | Literal) -> nw.Expr:
    parts = []
    while sign := p.cursor.take("compare"):
        right = _operand(p)
        parts.append(_compare(p, left, right, sign))
        left = right
    if not parts:
        raise p.cursor.expected("expected a comparison (== != < <= > >=), 'in' or 'is missing'")
    return _joined(parts, and_)


def _operand(p: _Parser) -> Name | Literal:
    token = p.cursor.next
    p.cursor.at += 1
    match token.kind:
        case "name":
            return Name(_resolve(p, token))
        case "text":
            return token.value
        case "number":
            return _number(token.value)
        case "word" if token.value in ("true", "false"):
            return token.value == "true"
    raise _bad(p.cursor.text, token.start, "expected a column, a text in quotes or a number")


def _number(text: str) -> int | float:
    """Read a number; without a point and an exponent it is read as a whole number, so that all its digits count."""
    whole = re.fullmatch(r"[+-]?[0-9]+", text.strip()) and len(text) <= MOST_DIGITS
    return int(text) if whole else float(text)


def _resolve(p: _Parser, token: Token) -> str:
    name = token.value
    if name in p.columns:
        return name
    if name in p.aliases:
        return p.aliases[name]
    raise UnknownColumn(
        f"{option('where')} names a column {name!r} that the {p.of} does not have",
        where=_pointer(p.cursor.text, token.start),
        remedy=did_you_mean(name, p.columns),
    )


def _list(p: _Parser) -> list[Literal]:
    opening = p.cursor.take("mark", "(") or p.cursor.take("mark", "[")
    if not opening:
        raise p.cursor.expected("expected '(' after 'in'")
    values: list[Literal] = []
    while True:
        start = p.cursor.next.start
        value = _operand(p)
        if isinstance(value, Name):
            raise _bad(p.cursor.text, start, "a list may contain quoted texts and numbers")
        values.append(value)
        if not p.cursor.take("mark", ","):
            break
    if not p.cursor.take("mark", ")" if opening.value == "(" else "]"):
        raise p.cursor.expected("expected ',' or the closing bracket")
    return values


def _column_only(p: _Parser, operand: Name | Literal, start: int) -> Name:
    if not isinstance(operand, Name):
        raise _bad(p.cursor.text, start, "expected a column (write column names bare or in backticks)")
    return operand


def _compare(p: _Parser, left: Name | Literal, right: Name | Literal, sign: Token) -> nw.Expr:
    test: Callable[[Any, Any], nw.Expr] = COMPARE[sign.value]
    if isinstance(left, Name) and isinstance(right, Name):
        return test(*_two_columns(p, left, right, sign))
    if isinstance(left, Name) and not isinstance(right, Name):
        return test(*_matched(p, left, right, sign.start))
    if isinstance(right, Name) and not isinstance(left, Name):
        column, value = _matched(p, right, left, sign.start)
        return test(nw.lit(value), column)
    raise _bad(p.cursor.text, sign.start, "one side of a comparison is a column")


def _two_columns(p: _Parser, left: Name, right: Name, sign: Token) -> tuple[nw.Expr, nw.Expr]:
    """Bring two columns to one type.

    They are compared as texts if neither holds numbers and the test is = or !=; otherwise as numbers.
    """
    ordered = sign.value not in ("=", "==", "!=", "<>")
    if not ordered and not any(p.columns[n.column].is_numeric() for n in (left, right)):
        return _as_text(p, left), _as_text(p, right)
    return _as_number(p, left, sign.start), _as_number(p, right, sign.start)


def _matched(p: _Parser, name: Name, value: Literal, start: int) -> tuple[nw.Expr, str | int | float]:
    """Bring a column and a literal to one type."""
    form, same = _same_type(p, name, value, start)
    if form == "whole":
        return _order(p, name, int(same), start), 0
    return _FORMS[form](p, name, start), same


def _same_type(p: _Parser, name: Name, value: Literal, start: int) -> tuple[Form, str | int | float]:
    """Return the form in which the column is compared with a literal, and the literal in that form."""
    dtype = p.columns[name.column]
    if isinstance(value, bool):
        return "lower", str(value).lower()
    if isinstance(value, str) and not dtype.is_numeric():
        return "text", value
    if isinstance(value, str) and not re.match(NUMBER, value.strip()):
        raise _bad(p.cursor.text, start, f"column {name.column!r} contains numbers, but {value!r} is not a number")
    number = _number(value) if isinstance(value, str) else value
    if dtype == nw.String and isinstance(number, int) and abs(number) >= EXACT:
        return "whole", number
    if not dtype.is_integer() or not float(number).is_integer():
        return "number", float(number)
    low, high = (0, 2**64) if dtype.is_unsigned_integer() else (-(2**63), 2**63)
    if low <= number < high:
        return "number", int(number)
    return "number", math.copysign(math.inf, number)  # beyond the range of the column


def _is_in(p: _Parser, name: Name, values: list[Literal], start: int) -> nw.Expr:
    """Test membership once for each form of the column.

    Engines take minutes for a chain of thousands of comparisons.
    """
    dtype = p.columns[name.column]
    listed: dict[tuple[Form, type], dict[str | int | float, None]] = {}
    tests = []
    for value in values:
        form, same = _same_type(p, name, value, start)
        if dtype == nw.Float32 and isinstance(same, float) and not _in_single_precision(same):
            tests.append(_FORMS[form](p, name, start) == same)  # engines round a single such number, but not a list
        else:
            listed.setdefault((form, type(same)), {})[same] = None
    for (form, kind), distinct in listed.items():
        if form == "whole":
            tests.append(_is_in_wholes(p, name, [int(one) for one in distinct], start))
            continue
        column = _FORMS[form](p, name, start)
        real = kind is float and not dtype.is_float()
        tests.append((column.cast(nw.Float64) if real else column).is_in(list(distinct)))
    return _joined(tests, or_)


def _is_in_wholes(p: _Parser, name: Name, values: list[int], start: int) -> nw.Expr:
    """Test by digits whether a text is one of several long whole numbers.

    Texts with a fraction or an exponent are compared by size.
    """
    number = _as_number(p, name, start)
    alike = nw.when(_is_whole(name)).then(_digits(name).is_in([str(one) for one in values]))
    return nw.when(~number.is_null()).then(alike.otherwise(number.is_in([float(one) for one in values])))


def _order(p: _Parser, name: Name, value: int, start: int) -> nw.Expr:
    """Compare a text with a long whole number.

    The result is -1 if the text is smaller, 0 if it is equal, 1 if it is larger; missing for any other text.
    """
    number, digits, wanted = _as_number(p, name, start), _digits(name), str(value)
    size, length = digits.str.len_chars(), len(wanted)
    nearer = (size < length) | ((size == length) & (digits < nw.lit(wanted)))
    by_digits = nw.when(digits == nw.lit(wanted)).then(nw.lit(0))
    away = by_digits.otherwise(nw.when(nearer).then(nw.lit(-1)).otherwise(nw.lit(1)))
    sign = 1 if value > 0 else -1
    same_sign = number < 0 if value < 0 else number > 0
    of_whole = nw.when(same_sign).then(away * sign).otherwise(nw.lit(-sign))
    equal = nw.when(number == float(value)).then(nw.lit(0))
    of_other = equal.otherwise(nw.when(number < float(value)).then(nw.lit(-1)).otherwise(nw.lit(1)))
    return nw.when(~number.is_null()).then(nw.when(_is_whole(name)).then(of_whole).otherwise(of_other))


def _is_whole(name: Name) -> nw.Expr:
    return nw.col(name.column).str.strip_chars().str.contains(_WHOLE)


def _digits(name: Name) -> nw.Expr:
    """Return the text of a whole number as Python writes it: no plus sign, leading zeros or zeros after the point."""
    bare = nw.col(name.column).str.strip_chars().str.replace_all(r"\.0*$", "")
    return bare.str.replace_all(r"^\+?0*", "").str.replace_all("^-0*", "-")


def _in_single_precision(number: float) -> bool:
    """Return whether a number can be represented exactly in single precision."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0]) == number
    except OverflowError:
        return False


def _is_missing(p: _Parser, name: Name) -> nw.Expr:
    column, dtype = nw.col(name.column), p.columns[name.column]
    if dtype == nw.String:
        return column.is_null() | (column.str.strip_chars() == "").fill_null(True)
    if dtype.is_float():
        return column.is_null() | column.is_nan().fill_null(True)
    return column.is_null()


def _as_text(p: _Parser, name: Name) -> nw.Expr:
    column = nw.col(name.column)
    return column if p.columns[name.column] == nw.String else column.cast(nw.String)


def _as_number(p: _Parser, name: Name, start: int) -> nw.Expr:
    column, dtype = nw.col(name.column), p.columns[name.column]
    if dtype == nw.String:
        clean = column.str.strip_chars()
        return nw.when(clean.str.contains(NUMBER)).then(clean).cast(nw.Float64)
    if dtype == nw.Boolean:
        return column.cast(nw.Float64)
    if not dtype.is_numeric():
        raise _bad(p.cursor.text, start, f"column {name.column!r} contains neither text nor numbers, but {dtype}")
    return nw.when(~column.is_nan()).then(column) if dtype.is_float() else column


_FORMS: Mapping[Form, Callable[[_Parser, Name, int], nw.Expr]] = {
    "text": lambda p, name, _: _as_text(p, name),
    "lower": lambda p, name, _: _as_text(p, name).str.to_lowercase(),
    "number": _as_number,
    "whole": _as_number,
}


def _tokens(text: str) -> Iterator[Token]:
    return tokens(text, _TOKEN, _read, lambda text, at: _bad(text, at, _why_not(text, at)))


def _read(kind: str, text: str) -> tuple[str, str]:
    """Return the kind and the value of a token: without quotes, and with common marks for Chinese ones."""
    if kind == "tick":
        return "name", text[1:-1]
    if kind == "text":
        return kind, re.sub(r"\\(.)", r"\1", text[1:-1])
    if kind == "name" and text.lower() in WORDS:
        return "word", text.lower()
    return kind, MARKS.get(text, text)


def _why_not(text: str, at: int) -> str:
    if text[at] in "\"'“‘`":
        return f"the quote {text[at]} is not closed"
    if text[at].isdigit():
        return "put a name that begins with a digit in backticks, and text in quotes"
    return f"{text[at]!r} does not belong here (put odd column names in backticks)"


def _bad(text: str, at: int, why: str) -> BadFormula:
    return BadFormula(
        f"{option('where')} cannot be read: {why}",
        where=_pointer(text, at),
        remedy="""for example: item != "All items" and year in (2005, 2006) and not (value is missing)""",
    )


def _pointer(text: str, at: int) -> str:
    """Return the expression with a caret below a position; wide characters take two columns."""
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:at])
    return f"{text}\n{' ' * (len('  where: ') + width)}^"
