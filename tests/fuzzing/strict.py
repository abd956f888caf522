"""Parts that take text or values and whose right answer is known: each input is compared with an independent one.

An input is a seed. What is drawn from it is either made from an answer (a number in one of its notations, a filter from
a tree, a formula from its terms), or any text, of which what must hold is known (escaped text is decoded again).
"""

from __future__ import annotations

import csv
import html
import io
import json
import math
import random
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from fuzzing.known import Wrong
from integrade.errors import did_you_mean
from integrade.estimate.formula import parse_formula, rendered
from integrade.estimate.stepwise import expand
from integrade.records.catalogue import CATALOGUE, choices, choose, options_of, plain, values_of
from integrade.regress.students import t_two_sided
from integrade.sources.files.where import names_in, parse_where
from integrade.sources.meaning.periods import Period, read_periods, readings
from integrade.sources.meaning.plain_names import PLAIN, plain_names
from integrade.sources.meaning.statistical_words import number_of
from integrade.study.lines import locate
from integrade.study.seals import damage, seal, sealed, unsealed
from integrade.study.text import read_toml
from integrade.wording import numerals
from plainwords import escaping
from plainwords.texts import slug
from tablecheck import LITERATURE, read_printed, review

Rng = random.Random
Value = str | int | float | bool | None


def must(kind: str, what: str, *, holds: bool) -> None:
    """Raise `Wrong` where something does not hold."""
    if not holds:
        raise Wrong(kind, what)


# --- filters: a tree is drawn, written as text, and evaluated here and by the program

CELLS: Mapping[str, Sequence[Value]] = {
    "item": ["A", "b", "", None, "总指数", "07", "7", " 7.5 ", "1e1", "-3", "x y", "true", "True", 'say "A"', "7,5",
             "-"],
    "code": ["01", "1", "1.0", None, "010", "+1", ".5", "5.", "1e400", "NaN", "inf", "0x1", "１", "", " ", "2"],
    "year": [2000, 2001, 2002, 2003, 2004, 2005, None, 2007, 0, -1, 7, 10, 1, 2, 3, 2**53],
    "value": [0.0, -0.5, 1.5, 2.0, math.nan, None, 1e300, -1e300, 7.0, 7.5, 10.0, 1.0, -3.0, 0.1, 0.5, 2000.0],
    "a b": [True, False, None, True] * 4,
}  # fmt: skip
LITERALS: Sequence[Value] = (
    0, 1, -1, 2000, 2003.0, 7, 7.5, 1.5, 1e300, 0.1, -3, 10, "A", "b", "", "7", "01", " 7.5 ", "总指数", 'say "A"',
    "x y", True, False, "true", "nothing", 2**53,
)  # fmt: skip
SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": eq, "==": eq, "!=": ne, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
TEXTUAL = ("item", "code")
_NUMERIC = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@cache
def _table() -> Any:
    cells = pl.DataFrame(dict(CELLS), strict=False).with_row_index("_row")
    return nw.from_native(cells.lazy())


def _literal(rng: Rng, value: Value) -> str:
    if isinstance(value, bool):
        return rng.choice((str(value).lower(), str(value)))
    if isinstance(value, str):
        plain = value.replace("\\", "\\\\")
        return rng.choice(('"' + plain.replace('"', '\\"') + '"', "'" + plain.replace("'", "\\'") + "'"))
    return repr(value)


def _named(rng: Rng, name: str) -> str:
    return f"`{name}`" if " " in name or rng.random() < 0.2 else name


def _as_number(cell: Value) -> float | None:
    """A cell in a comparison with a number: text that is none is missing."""
    if isinstance(cell, str):
        bare = cell.strip()
        return float(bare) if _NUMERIC.fullmatch(bare) else None
    return None if cell is None or (isinstance(cell, float) and math.isnan(cell)) else float(cell)


def _against(name: str, cell: Value, value: Value, test: Callable[[Any, Any], bool], *, turned: bool) -> bool | None:
    """A cell compared with a literal as the grammar says it; None where the cell is missing."""
    mine: Any
    other: Any
    if isinstance(value, bool):
        if name in TEXTUAL or name == "a b":
            mine, other = (None if cell is None else str(cell).lower()), str(value).lower()
        else:
            mine, other = (None if cell is None else str(cell)), str(value).lower()
    elif isinstance(value, str) and name in (*TEXTUAL, "a b"):
        mine, other = (None if cell is None else str(cell).lower() if name == "a b" else cell), value
    else:
        mine, other = _as_number(cell), float(value or 0)
    if mine is None:
        return None
    return test(other, mine) if turned else test(mine, other)


def _condition(rng: Rng) -> tuple[str, Callable[[int], bool | None]]:
    name = rng.choice(tuple(CELLS))
    cells = CELLS[name]
    kind = rng.randrange(5)
    numbers = [v for v in LITERALS if not isinstance(v, str | bool) or (isinstance(v, str) and _NUMERIC.fullmatch(v))]
    fitting = LITERALS if name in TEXTUAL else numbers
    fitting = [v for v in LITERALS if isinstance(v, bool)] if name == "a b" else fitting
    if kind == 0:
        negative = rng.random() < 0.5

        def missing(i: int) -> bool:
            cell = cells[i]
            gone = cell is None or (isinstance(cell, float) and math.isnan(cell))
            gone = gone or (name in TEXTUAL and not str(cell).strip())
            return gone is not negative

        return f"{_named(rng, name)} is {'not ' * negative}missing", missing
    if kind == 1:
        listed, negative = rng.sample(fitting, rng.randint(1, min(3, len(fitting)))), rng.random() < 0.4

        def among(i: int) -> bool | None:
            found = [_against(name, cells[i], v, eq, turned=False) for v in listed]
            told = True if True in found else None if None in found else False
            return (None if told is None else not told) if negative else told

        left, right = rng.choice(("()", "[]", "（）"))
        text = rng.choice((",", ", ", "，")).join(_literal(rng, v) for v in listed)
        return f"{_named(rng, name)} {'not ' * negative}in {left}{text}{right}", among
    first, sign = rng.choice(fitting), rng.choice(tuple(SIGNS))
    if kind == 2:
        text = f"{_literal(rng, first)} {sign} {_named(rng, name)}"
        return text, lambda i: _against(name, cells[i], first, SIGNS[sign], turned=True)
    if kind == 3:
        last, after = rng.choice(fitting), rng.choice(tuple(SIGNS))

        def chain(i: int) -> bool | None:
            return _both(
                _against(name, cells[i], first, SIGNS[sign], turned=True),
                _against(name, cells[i], last, SIGNS[after], turned=False),
            )

        return f"{_literal(rng, first)} {sign} {_named(rng, name)} {after} {_literal(rng, last)}", chain
    text = f"{_named(rng, name)}{rng.choice((' ', ''))}{sign} {_literal(rng, first)}"
    return text, lambda i: _against(name, cells[i], first, SIGNS[sign], turned=False)


def _both(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def _either(a: bool | None, b: bool | None) -> bool | None:
    return True if a is True or b is True else None if a is None or b is None else False


def _not(a: bool | None) -> bool | None:
    return None if a is None else not a


def _tree(rng: Rng, depth: int) -> tuple[str, Callable[[int], bool | None]]:
    kind = rng.randrange(5) if depth else 4
    if kind == 0:
        text, told = _tree(rng, depth - 1)
        return f"not ({text})", lambda i: _not(told(i))
    if kind in (1, 2):
        word, join = (("and", _both), ("or", _either))[kind - 1]
        (left, one), (right, two) = _tree(rng, depth - 1), _tree(rng, depth - 1)
        return f"({left}) {word} ({right})", lambda i: join(one(i), two(i))
    if kind == 3:
        (left, one), (middle, two), (right, three) = (_condition(rng) for _ in range(3))
        return f"{left} or {middle} AND {right}", lambda i: _either(one(i), _both(two(i), three(i)))
    return _condition(rng)


def filters(rng: Rng) -> None:
    """Which rows a filter keeps: three-valued logic over missing cells, numbers in text compared as numbers."""
    text, told = _tree(rng, rng.randint(0, 3))
    wanted = [i for i in range(16) if told(i) is True]
    frame = _table()
    kept = frame.filter(parse_where(text, dict(frame.collect_schema()))).select("_row")
    found = nw.to_native(kept).collect()["_row"].to_list()
    must("filter", f"{text} keeps {found}, not {wanted}", holds=found == wanted)
    must("names", text, holds=set(names_in(text)) <= set(CELLS))


# --- formulas: terms are drawn, written, and read again

NAMES = ("x", "w", "quality", "市场", "a b", "L1.x", "ln", "c", "a|b", "a~b", "sw", "x.y", "a+b", "i(", "z")


def _part(rng: Rng, used: set[str]) -> tuple[str, str]:
    """A column, perhaps its logarithm or power: as it is written, and as it is named."""
    name = rng.choice([n for n in NAMES if n not in used])
    used.add(name)
    plain = re.fullmatch(r"[^\W\d][\w.]*", name) is not None
    shown = name if plain else f"`{name}`"
    kind = rng.randrange(4)
    if kind == 0:
        return f"{rng.choice(('ln', 'log'))}({shown})", f"ln({name})"
    if kind == 1:
        power = rng.randint(2, 9)
        return f"{shown}{rng.choice(('^', ' ^ '))}{power}", f"{name}^{power}"
    return shown, name


def formulas(rng: Rng) -> None:
    """A formula is read as the terms that it was written from, written anew and read again the same."""
    used = set[str]()
    outcome, outcome_name = _part(rng, used)
    terms = [[_part(rng, used) for _ in range(rng.choice((1, 1, 1, 2)))] for _ in range(rng.randint(1, 3))]
    effects = [[_bare(rng, used) for _ in range(rng.choice((1, 1, 2)))] for _ in range(rng.randint(0, 2))]
    gap = rng.choice((" ", "", "  "))
    right = f"{gap}+{gap}".join(":".join(w for w, _ in t) for t in terms)
    text = f"{outcome} ~{gap}{right}" + (" | " + " + ".join("^".join(w for w, _ in e) for e in effects)) * bool(effects)
    read = parse_formula(text)
    again = parse_formula(rendered(read).text)
    for one in (read, again):
        must("outcome", text, holds=one.outcome.name == outcome_name)
        must("terms", text, holds=[t.name for t in one.regressors] == [":".join(n for _, n in t) for t in terms])
        must("effects", text, holds=[list(e) for e in one.effects] == [[n for _, n in e] for e in effects])
    variants = expand(text)
    must("variants", f"{text}: {variants}", holds=len(variants) == 1)


def _bare(rng: Rng, used: set[str]) -> tuple[str, str]:
    name = rng.choice([n for n in NAMES if n not in used])
    used.add(name)
    return (name if re.fullmatch(r"[^\W\d][\w.]*", name) else f"`{name}`"), name


# --- numbers: a value in one of its notations, and any text

_BEFORE = ("", "", "", "US$", "RM ", "¥", "€ ", "Rp", "+", "'")
_BEHIND = ("", "", "", "", "%", " %", "*", "***", "¹", " (p)", "†", " ", "\u3000")
_MINUSES = ("-", "−", "－", "- ", "(")
_DIGITS = ("0123456789",) * 4 + ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९")
_SIGNS = "0123456789.,'+-()%*eE $¥RM１２．，−–/x:nNaA¹†ª\u00a0\u200b\ufeff"


def numbers(rng: Rng) -> None:
    """A printed number is read as its value or refused; of any other text no digit is lost or invented."""
    _printed_here(rng)
    if rng.random() < 0.5:
        text = "".join(rng.choice(_SIGNS) for _ in range(rng.randint(1, 12)))
        with suppress(ValueError):
            value = number_of(text)
            must("number", f"{text!r} is {value!r}", holds=value is None or _digits_kept(text, value))
            must("missing", f"{text!r} is missing", holds=value is not None or not any(c.isdigit() for c in text))
        return
    whole, decimals = rng.choice((0, 1, 7, 12, 123, 1234, 12345, 1234567)), rng.choice((0, 1, 2, 2, 3))
    fraction = "".join(rng.choice("0123456789") for _ in range(decimals))
    negative, shown = rng.random() < 0.3, str(whole)
    if whole > 999 and rng.random() < 0.5:
        sign = rng.choice((",", " ", "'", "\u00a0", "\u202f", "’"))
        shown = f"{whole:,}".replace(",", sign)
    shown += f".{fraction}" if fraction else ""
    digits = rng.choice(_DIGITS)
    shown = shown.translate(str.maketrans("0123456789", digits))
    minus = rng.choice(_MINUSES) if negative else ""
    text = f"{minus}{shown}{')' if minus == '(' else ''}"
    text = text if negative else rng.choice(_BEFORE) + text
    text += rng.choice(_BEHIND)
    wanted = float(f"{'-' * negative}{whole}.{fraction or 0}")
    with suppress(ValueError):
        found = number_of(text)
        must("number", f"{text!r} is {found!r}, not {wanted!r}", holds=found is not None and found == wanted)


def _digits_kept(text: str, value: float) -> bool:
    """Whether the digits of a value stand in a text, in that order and together."""
    if not math.isfinite(value):
        return bool(re.search(r"[eE]|\d{300}", text))
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
    own = re.sub(r"\D", "", repr(Decimal(repr(value))).partition("(")[2].upper().partition("E")[0]).strip("0")
    return own in digits or len(digits) > 15


def _printed_here(rng: Rng) -> None:
    """What is printed of a number rounds it, and nothing has a sign of nought."""
    value = rng.choice((rng.gauss(0, 1), rng.gauss(0, 1) * 10 ** rng.randint(-12, 12), rng.randint(-9999, 9999) / 1000))
    digits = rng.randint(0, 6)
    text = numerals.fixed(value, digits)
    told = float(text.replace(",", ""))
    half = 0.5 * 10**-digits if abs(value) >= 0.5 * 10**-digits else 0.005 * abs(value)
    must("fixed", f"{value!r} is printed {text}", holds=abs(told - value) <= half * (1 + 1e-9) + 1e-15 * abs(value))
    must("minus nought", text, holds=not text.startswith("-") or told < 0)
    share = numerals.percent(value, digits)
    must(
        "percent",
        share,
        holds=abs(float(share.removesuffix("%")) - 100 * value) <= (0.5 * 10**-digits + 1e-9 * abs(value)) * 1.01,
    )
    p = abs(math.sin(value)) ** rng.randint(1, 9)
    due = sum(p < level for level in (0.1, 0.05, 0.01))
    must("stars", f"{p!r}", holds=numerals.stars(p) == "*" * due)
    shown = numerals.p_text(p)
    must(
        "p",
        f"{p!r} is {shown}",
        holds=(p < 0.00005) == shown.startswith("<") and abs(float(shown.strip("<")) - p) <= 1.0001e-4,
    )


# --- periods: a period in one of its notations, and any text

_WORDS = (
    "january",
    "Feb",
    "mar.",
    "abril",
    "Mai",
    "junho",
    "juillet",
    "ago",
    "September",
    "Okt",
    "novembre",
    "Disember",
)
_OTHERS = "0123456789-/.年月日 QqHhMmSeptJanFY平成令和民國第一二三四季度上下半'’,TZ:"


def _notations(year: int, month: int, day: int) -> Sequence[tuple[str, Period]]:
    """Notations of a period that can be read in one way only."""
    quarter, last = (month + 2) // 3, 3 * ((month + 2) // 3)
    return (
        (f"{year}", Period(year, None, "year")),
        (f"{year}年", Period(year, None, "year")),
        (f"{year}年{month}月", Period(year, month, "month")),
        (f"{year}年{month:02d}月", Period(year, month, "month")),
        (f"{year}M{month:02d}", Period(year, month, "month")),
        (f"{_WORDS[month - 1]} {year}", Period(year, month, "month")),
        (f"{year}Q{quarter}", Period(year, last, "quarter")),
        (f"{year}-Q{quarter}", Period(year, last, "quarter")),
        (f"{year}年第{'一二三四'[quarter - 1]}季度", Period(year, last, "quarter")),
        (f"{year}-{month:02d}-{day:02d}", Period(year, month, "day", day)),
        (f"{year}/{month}/{day}", Period(year, month, "day", day)),
        (f"{year}年{month}月{day}日", Period(year, month, "day", day)),
        (f"{year}-{month:02d}-{day:02d} 00:00:00", Period(year, month, "day", day)),
        (f"{year}-{month:02d}-{day:02d}T23:59:59", Period(year, month, "day", day)),
    )


def periods(rng: Rng) -> None:
    """A period that can be read in one way only is read so; of any text what is read is a day of the calendar."""
    if rng.random() < 0.4:
        made = rng.choice(_notations(rng.randint(1950, 2040), rng.randint(1, 12), rng.randint(1, 28)))[0]
        text = (
            _changed(rng, made, _OTHERS)
            if rng.random() < 0.6
            else "".join(rng.choice(_OTHERS) for _ in range(rng.randint(1, 12)))
        )
        for one in readings(text):
            p = one.period
            month = p.month is None or 1 <= p.month <= 12
            must(
                "calendar",
                f"{text!r} is {p}",
                holds=(month and 0 <= p.day <= 31 and 1000 <= p.year <= 2999) or p.year == 0,
            )
        read_periods([text])
        return
    which = rng.randrange(14)
    drawn = [(rng.randint(1950, 2040), rng.randint(1, 12), rng.randint(1, 28)) for _ in range(rng.randint(1, 6))]
    made = [_notations(*one)[which] for one in drawn]
    found = read_periods([text for text, _ in made]).periods
    for text, wanted in made:
        must("period", f"{text!r} is {found[text]}, not {wanted}", holds=found[text] == wanted)


def _changed(rng: Rng, text: str, signs: str) -> str:
    """A text with one to three of its characters exchanged, put in or left out."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice((rng.choice(signs), "")) + text[at + rng.randrange(2) :]
    return text


# --- escaping: any text, decoded again by the rules of the place where it goes

HOSTILE = (
    "<script>", "</title>", "&amp;", '"', "'", "`", "$", "\\", "%", "#", "_", "{", "}", "~", "^", "[",
    "]", "(", ")", "*", "|",
    "\n", "\r\n", "\t", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\ufffe", "\ud800",
    "\udfff", "\U0001fffe",
    "=1+1", "+", "-", "@", "＝1", "//", "/*", "*/", "///", "$(x)", "`x'", "-1.5***", "1,234", " ", "    ",
    "> ", "1. ", "- ",
    "北京", "é", "²", "−", "×", "x", "A", "0", "://", "https://u:p@h/", "http", "]]>", "<!--", "-->", "{{",
    "%s", "\\n", "\\x",
)  # fmt: skip


def hostile(rng: Rng) -> str:
    """A text of pieces that mean something somewhere."""
    return "".join(rng.choice(HOSTILE) for _ in range(rng.randint(0, 8)))


def escapes(rng: Rng) -> None:
    """Escaped text says the same where it goes, and nothing of it is markup, a macro or a formula there."""
    text = hostile(rng)
    line, plain_text = escaping.one_line(text), escaping.visible(text)
    shown = escaping.for_html(text)
    must("html", repr(text), holds=html.unescape(shown) == plain_text and not re.search("[<>\"']", shown))
    must("toml", repr(text), holds=tomllib.loads(f"x = {escaping.for_toml(text)}")["x"] == plain_text)
    must("typst", repr(text), holds=json.loads(escaping.for_typst(text)) == line)
    must("r", repr(text), holds=json.loads(escaping.for_r_string(text)) == line)
    held = escaping.json_text({text: [text]})
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    must("json", repr(text), holds=json.loads(held) == {paired: [paired]} and not escaping.HIDDEN.search(held))
    must("terminal", repr(text), holds=not escaping.HIDDEN.search(escaping.for_terminal(text)))
    must("lines", repr(text), holds=not re.search("[\n\r\u2028\u2029\x85]", line))
    _for_spreadsheets(text, line)
    _for_latex(text, line)
    _for_scripts(text, line)


def _for_spreadsheets(text: str, line: str) -> None:
    cell = escaping.for_csv(text)
    held = io.StringIO()
    csv.writer(held).writerow([cell])
    must("csv", repr(text), holds=next(csv.reader(io.StringIO(held.getvalue()))) == [cell] and cell.endswith(line))
    number = re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?( ?%)?\**", cell.strip(), re.IGNORECASE)
    calculated = cell.strip()[:1] in tuple("=+-@＝＋－＠") and not number
    must("formula", repr(cell), holds=not calculated)


_LATEX = re.compile(
    r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater)\{\}|\\ensuremath\{(?:-|\^2|\\times)\}|\\[&%$#_{}]"
)


def _for_latex(text: str, line: str) -> None:
    shown = escaping.for_latex(text)
    must("latex", repr(text), holds=not re.search(r"[\\&%$#_{}~^<>]", _LATEX.sub("", shown)))
    words = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">"}
    maths = {"-": "−", "^2": "²", "\\times": "×"}

    def read(found: re.Match[str]) -> str:
        word = re.match(r"\\([a-z]+)\{\}", found[0])
        math_word = re.match(r"\\ensuremath\{(.*)\}", found[0])
        return words[word[1]] if word else maths[math_word[1]] if math_word else found[0][1:]

    must("latex", repr(text), holds=_LATEX.sub(read, shown) == line)


def _for_scripts(text: str, line: str) -> None:
    comment, string = escaping.for_stata(text), escaping.for_stata_string(text)
    must("stata", repr(text), holds=not re.search(r"[`$\n\r]|/\*|\*/|//", comment))
    must("stata string", repr(text), holds=not re.search(r"[`\"$\n\r]", string) and len(string) <= 80)
    name = escaping.for_r_name(text)
    quoted = re.fullmatch(r"`((?:[^`\\]|\\.)*)`", name)
    bare = re.fullmatch(r"(?:[A-Za-z]|\.(?!\d))[A-Za-z0-9._]*", name)
    must("r name", repr(text), holds=bool(bare) or (bool(quoted) and re.sub(r"\\(.)", r"\1", quoted[1]) == line))  # type: ignore[index]
    marked = re.sub(r"\\.", "", escaping.for_markdown(text))
    must("markdown", repr(text), holds=not re.search(r"[`*_\[\]{}<>#|~$&\\\n]", marked))


# --- addresses: what opens them is hidden, the rest stays

_OPENING = (
    "token",
    "access_token",
    "X-Amz-Signature",
    "sig",
    "api_key",
    "apikey",
    "password",
    "secret",
    "Key-Pair-Id",
    "auth",
)
_HARMLESS = ("year", "page", "author", "format", "region")


def secrets(rng: Rng) -> None:
    """No password, user, token or signature of an address stays in a text; its host, path and other parts do."""
    word = "".join(rng.choice("abcXYZ019-_.~%2F+") for _ in range(rng.randint(6, 20)))
    secret = f"S3{word}cr"
    scheme = rng.choice(("https", "http", "s3", "postgresql", "gs", "HTTPS"))
    kind = rng.randrange(3)
    quiet, shown = rng.choice(_HARMLESS), rng.choice(("2004", "a", "北京"))
    if kind == 0:
        address = f"{scheme}://me:{secret}@host.example/a/b.csv"
    elif kind == 1:
        name = rng.choice(_OPENING)
        name = rng.choice((name, name.upper(), name.replace("_", "%5F")))
        address = f"{scheme}://host.example/a/b.csv?{quiet}={shown}&{name}={secret}"
    else:
        address = f"{scheme}://host.example/a/b.csv?{rng.choice(_OPENING)}={secret}&{quiet}={shown}"
    before, behind = rng.choice(("cannot read ", "", "a (", "北京 ")), rng.choice(("", " now", ")", ", and more", "\n"))
    text = f"{before}{address}{behind}"
    told = escaping.without_secrets(text)
    must("secret", f"{text!r} -> {told!r}", holds=secret not in told and word not in told)
    must(
        "kept",
        f"{text!r} -> {told!r}",
        holds="host.example/a/b.csv" in told and (kind == 0 or f"{quiet}={shown}" in told),
    )
    must("twice", told, holds=escaping.without_secrets(told) == told)


# --- seals: a record or a file that was altered is found


def seals(rng: Rng, folder: Path) -> None:
    """A sealed record whose bytes were altered says the same as before or is refused; an altered file is found."""
    record = {
        rng.choice(("files", "a", "é", "")): [rng.choice((1, 1.5, "x", None, True, 1e308, -0.0)) for _ in range(3)],
        "n": rng.random(),
    }
    whole = json.dumps(sealed(record)).encode()
    must("sealed", repr(record), holds=unsealed(whole) == record)
    data = bytearray(whole)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[at] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + rng.randint(1, 4)]
            case 2:
                data[at:at] = data[at : at + 4]
            case _:
                data[at] = rng.choice(b'0123456789abcdef{}[]",:e.-')
    try:
        found = unsealed(bytes(data))
    except ValueError:
        pass
    else:
        must("seal", f"{bytes(data)!r}", holds=found == record)
    if rng.random() < 0.1:
        _sealed_folder(rng, folder)


def _sealed_folder(rng: Rng, folder: Path) -> None:
    place, content = folder / "step", rng.randbytes(rng.randint(1, 200))
    place.mkdir()
    (place / "out.bin").write_bytes(content)
    seal(place, place.name)
    must("whole", "a whole folder is damaged", holds=damage(place) == "" == damage(place, "full"))
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    (place / "out.bin").write_bytes(changed)
    must("damage", f"{content!r}", holds=bool(damage(place)) and bool(damage(place, "full")))


# --- settings: TOML whose lines are known


def settings(rng: Rng) -> None:
    """Where each key of a text in TOML stands is told with its line; a text that is altered is read or refused."""
    lines, at, wanted = list[str](), dict[tuple[str, ...], int](), dict[str, Any]()
    section: tuple[str, ...] = ()
    for n in range(rng.randint(1, 8)):
        while rng.random() < 0.3:
            lines.append(rng.choice(("", "# [x] = 1", "   ", "\t# 'a' \"b\"")))
        if rng.random() < 0.3:
            section = (f"s{n}",)
            lines.append(rng.choice(("[{}]", "[ {} ]", '["{}"]', "['{}']  # = [")).format(section[0]))
            at[section] = len(lines)
            continue
        key, (text, value) = f"k{n}", rng.choice(_VALUES)
        at[*section, key] = len(lines) + 1
        lines += rng.choice(("{}={}", "{} = {}", '"{}" = {} # "')).format(key, text).split("\n")
        (wanted.setdefault(section[0], {}) if section else wanted)[key] = value
    whole = "\n".join(lines) + "\n"
    read = {k: v for k, v in read_toml(whole).items() if v != {}}
    must("toml", whole, holds=read == wanted)
    found = locate(whole, "study.toml").at
    for path, line in at.items():
        must("line", f"{path} is on {line}, told {found.get(path)}: {whole!r}", holds=found.get(path) == line)
    altered = _changed(rng, whole, "[]{}\"'=#.,\n\\0e_")
    locate(altered, "study.toml")
    with suppress(tomllib.TOMLDecodeError):
        read_toml(altered)


_VALUES: Sequence[tuple[str, Any]] = (
    ("1", 1), ("-2.5", -2.5), ('"a # b"', "a # b"), ("'[x]'", "[x]"), ("true", True), ('["a", "b"]', ["a", "b"]),
    ("[\n  1,\n  2, # ]\n]", [1, 2]), ('"""\nx = 1\n"""', "x = 1\n"), ("{a = 1, b = 'c'}", {"a": 1, "b": "c"}),
    ('"\\u5317\\\\"', "北\\"), ("[]", []), ("'''it's'''", "it's"), ('"say \\"x\\""', 'say "x"'),
    ("[[1], ['a']]", [[1], ["a"]]),
)  # fmt: skip

# --- options: any value for any option of any measure

_ODD: Sequence[Any] = (
    None, True, False, 0, 1, -1, 5, 0.5, -0.5, math.nan, math.inf, 1e308, 10**30, "", "x", "auto", "CR3",
    "region", "北京",
    (), ("a",), (1, 2), (1, 2, 3), ["a", "b"], {}, {"a": 1}, b"x", object, 1j, "\0", "region+year",
    (None,), [[]], Decimal(1),
)  # fmt: skip


@cache
def _kinds() -> Sequence[type]:
    return tuple(dict.fromkeys(m.options for m in CATALOGUE.values()))


def options(rng: Rng) -> None:
    """Options are taken as they are given, or refused: a choice that is none, another type, an unknown name."""
    kind = rng.choice(_kinds())
    known = options_of(kind)
    changes = dict[str, Any]()
    for _ in range(rng.randint(0, 3)):
        name = rng.choice((*known, "sigm", "", "__class__")) if known else "x"
        allowed = choices(plain(known[name].hint)) if name in known else ()
        changes[name] = rng.choice(allowed) if allowed and rng.random() < 0.5 else rng.choice(_ODD)
    found = values_of(choose(kind, None, changes))
    for name, value in changes.items():
        allowed = choices(plain(known[name].hint))
        same = found[name] is value or found[name] == value or found[name] != found[name]
        must(
            "option",
            f"{kind.__name__}.{name}: {value!r} is {found[name]!r}",
            holds=same and (not allowed or value in allowed),
        )


# --- names: headings as names of formulas, parts of addresses, and what is near


def names(rng: Rng) -> None:
    """Headings become names that formulas read, each its own; what is offered for a wrong name is one of the known."""
    headings = list(dict.fromkeys(hostile(rng) or "x" for _ in range(rng.randint(1, 6))))
    made = plain_names(headings)
    must("own", f"{headings} -> {made}", holds=len(set(made.values())) == len(headings) == len(made))
    for heading, name in made.items():
        must("plain", f"{heading!r} -> {name!r}", holds=bool(PLAIN.match(name)))
        must("kept", f"{heading!r} -> {name!r}", holds=not PLAIN.match(heading) or name == heading)
    told = did_you_mean(hostile(rng), headings)
    must("near", told, holds=told.startswith(("did you mean", "known: ")))
    part = slug(headings[0])
    must("slug", f"{headings[0]!r} -> {part!r}", holds=re.fullmatch(r"[\w^]*", part) is not None and slug(part) == part)


# --- printed tables: made from numbers, so that nothing in them contradicts itself


def honest(rng: Rng, folder: Path) -> None:
    """A table printed from numbers is read as them, and none of its digits is called a contradiction."""
    digits, kind = rng.randint(2, 4), rng.choice(("t", "se"))
    df = rng.choice((math.inf, 30.0, 120.0, 5000.0))
    rows, wanted = list[list[str]](), dict[str, float]()
    for name in rng.sample(["scale", "age", "roa", "debt", "x1"], rng.randint(1, 4)):
        se = abs(rng.gauss(0, 1)) * 10 ** rng.randint(-1, 1) + 0.05
        b = rng.gauss(0, 2) * se
        stars = sum(t_two_sided(abs(b / se), df) < level for level in (0.1, 0.05, 0.01))
        rows.append([name, "b", f"{b:.{digits}f}{'*' * stars}"])
        rows.append([name, kind, f"({b / se:.2f})" if kind == "t" else f"({se:.{digits}f})"])
        wanted[name] = float(f"{b:.{digits}f}")
    if math.isfinite(df):
        rows.append(["degrees of freedom", "", f"{df:.0f}"])
    n = rng.randint(6000, 90000)
    rows.append(["N", "", rng.choice((f"{n}", f"{n:,}"))])
    path = folder / "honest.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["variable", "stat", "(1)"], *rows])
    tables = read_printed([path])
    column = tables[0].columns[0]
    read = {name: one.b and one.b.value for name, one in column.estimates.items()}
    must("estimates", f"{read}: {rows}", holds=read == wanted and column.nobs is not None and column.nobs.value == n)
    called = [f.sentence for f in review(tables, checks=LITERATURE).findings if f.grade == "contradiction"]
    must("false alarm", f"{called}: {rows}", holds=not called)
