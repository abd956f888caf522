"""Show numbers of a workbook as Excel displays them, from the number formats of cells.

Excel stores 0.0534217 and shows 0.053; a printed table has the number that Excel shows. Formats of dates and fractions
are not supported; such a cell is read as stored.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

from lxml import etree

from rawcells.bytes import archives

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    37: "#,##0_);(#,##0)", 38: "#,##0_);(#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);(#,##0.00)",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Built-in formats, which workbooks use without defining them."""
DIGITS = 11
"""Largest number of digits that Excel shows of a number without a format, in a column that is wide enough."""
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|([0#?](?:[0#?,]*)(?:\.[0#?]*)?|\.[0#?]+)|(E[+-]0+)|(%)|(.)', re.DOTALL
)

_COLOUR = re.compile(r"(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)", re.IGNORECASE)


class Format(NamedTuple):
    """One section of a format: the text before the digits, the text after them, and the form of the digits."""

    before: str
    after: str
    least: int
    most: int
    whole: int
    grouped: bool
    percent: int
    exponent: int
    digits: bool


def shown(value: float, code: str) -> str | None:
    """Show a number in a format; None for a format that is not supported.

    Example:
        >>> [shown(0.0534217, c) for c in ("0.000", "0.0%", "0.00E+00", '0.000"***"', "(0.00)", "dd/mm/yyyy")]
        ['0.053', '5.3%', '5.34E-02', '0.053***', '(0.05)', None]
        >>> shown(-1234.5, "#,##0.00_);(#,##0.00)"), shown(0.5, "General")
        ('(1,234.50)', '0.5')
    """
    if code.lower() == "general" or code == "@":
        return general(value)
    sections = _sections(code)
    at = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    form = _parsed(sections[at])
    if form is None:
        return None
    text = _digits(abs(value), form) if form.digits else ""
    sign = "-" if value < 0 and at == 0 and any(c in "123456789" for c in text) else ""
    return f"{sign}{form.before}{text}{form.after}".strip()


def general(value: float) -> str:
    """Show a number that has no format, with at most eleven digits."""
    if value == int(value) and abs(value) < 10**DIGITS:
        return str(int(value))
    text = f"{value:.{DIGITS - 1}g}"
    return text if "e" in text else text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[str, ...]:
    """Return the sections of a format that apply to positive numbers, to negative numbers and to zero."""
    parts = [""]
    for match in re.finditer(r'"[^"]*"|\\.|\[[^\]]*\]|;|.', code, re.DOTALL):
        if match[0] == ";":
            parts.append("")
        else:
            parts[-1] += match[0]
    return tuple(parts[:3])


@lru_cache(maxsize=512)
def _parsed(section: str) -> Format | None:
    """Parse a section; None for dates, fractions or conditions."""
    before, after, placeholders = "", "", ""
    percent = exponent = 0
    for literal, escaped, _, _, bracket, digits, power, hundred, sign in _TOKEN.findall(section):
        if bracket:
            currency = re.match(r"\$([^-]*)", bracket)
            if currency is None and not _COLOUR.fullmatch(bracket):
                return None
            literal = currency[1] if currency else ""
        if digits:
            if placeholders:
                return None
            placeholders = digits
            continue
        if power:
            exponent = len(power) - 2
            continue
        text = literal or escaped or ("%" if hundred else "") or sign
        percent += bool(hundred)
        if sign and sign.lower() in "dmyhsge/":
            return None
        before, after = (before, after + text) if placeholders else (before + text, after)
    whole, _, decimals = placeholders.partition(".")
    return Format(
        before, after, decimals.count("0"), len(decimals), whole.count("0"), "," in whole.rstrip(","), percent,
        exponent, bool(placeholders),
    )  # fmt: skip


def _digits(value: float, form: Format) -> str:
    """Round a number as its format states, and write its digits; halves are rounded up, as Excel does."""
    try:
        number = Decimal(repr(value)) * 100**form.percent
        if form.exponent:
            power = number.adjusted() if number else 0
            mantissa = (number.scaleb(-power)).quantize(Decimal(1).scaleb(-form.most), ROUND_HALF_UP)
            if mantissa >= 10:
                mantissa, power = (mantissa / 10).quantize(Decimal(1).scaleb(-form.most), ROUND_HALF_UP), power + 1
            return f"{mantissa}E{'-' if power < 0 else '+'}{abs(power):0{form.exponent}d}"
        rounded = number.quantize(Decimal(1).scaleb(-form.most), ROUND_HALF_UP)
    except InvalidOperation:
        return repr(value)
    text = f"{rounded:,f}" if form.grouped else f"{rounded:f}"
    whole, _, decimals = text.partition(".")
    while len(decimals) > form.least and decimals.endswith("0"):
        decimals = decimals[:-1]
    whole = "" if whole == "0" and not form.whole else whole.rjust(form.whole, "0")
    return f"{whole}.{decimals}" if decimals else whole


def formats_of(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Return the formats of the cells of numbers in an .xlsx, by sheet, then by row and column counted from 0."""
    with archives.opened(BytesIO(content)) as book:
        names = set(book.namelist())
        if not {"xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        codes = _codes(book.read("xl/styles.xml"))
        formats = {}
        for name, part in _parts(book).items():
            if part in names:
                with book.open(part) as file:
                    formats[name] = _formats(file, codes)
    return formats


def _root(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _codes(content: bytes) -> list[str]:
    """Return the number format of each cell style."""
    root = _root(content)
    custom = {int(element.get("numFmtId") or 0): element.get("formatCode") or "" for element in root.iter("{*}numFmt")}
    styles = root.find("{*}cellXfs")
    ids = [int(element.get("numFmtId") or 0) for element in (styles if styles is not None else [])]
    return [custom.get(number, BUILT_IN.get(number, "?d")) for number in ids]


def _parts(book: ZipFile) -> dict[str, str]:
    """Return the file within the workbook that holds each sheet."""
    links = {
        element.get("Id"): element.get("Target") or "" for element in _root(book.read("xl/_rels/workbook.xml.rels"))
    }
    parts = {}
    for element in _root(book.read("xl/workbook.xml")).iter("{*}sheet"):
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        parts[element.get("name") or ""] = "xl/" + links.get(link, "").removeprefix("/").removeprefix("xl/")
    return parts


def _formats(file: object, codes: list[str]) -> dict[tuple[int, int], str]:
    """Return the formats of the cells of numbers in a sheet, by row and column counted from 0."""
    formats = {}
    for _, element in etree.iterparse(file, tag="{*}c", resolve_entities=False, no_network=True):
        place = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", element.get("r") or "")
        style = element.get("s") or "0"
        if place and element.get("t", "n") == "n" and style.isdecimal() and int(style) < len(codes):
            column = 0
            for letter in place[1]:
                column = 26 * column + ord(letter) - 64
            formats[int(place[2]) - 1, column - 1] = codes[int(style)]
        element.clear()
    return formats
