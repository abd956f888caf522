"""Split a cell of a printed table into numbers with their rounding, brackets and stars.

Examples of cells are ``0.0486***``, ``(6.73)``, ``[0.01; 0.03]``, ``0.05* (0.02)``, ``−1 234,5``, ``p < 0.001``,
``2.4 × 10^-5`` and ``1,234``. `tablecheck.layout` decides what the numbers mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

Point = Literal[".", ","]


@dataclass(frozen=True)
class Printed:
    """A printed number, and the range ``low`` to ``high`` of the true values that are printed as this number.

    Both limits are half a unit of the last digit away from ``value``. For ``<0.001``, ``value`` is the bound and
    ``low`` is minus infinity. ``marks`` are the stars or letters next to the number. ``text`` is the whole cell as
    printed, and ``place`` the position of the cell.
    """

    value: float
    low: float
    high: float
    marks: str = ""
    text: str = ""
    place: str = ""
    decimals: int = 0

    @property
    def half(self) -> float:
        """The largest distance between the true and the printed value; infinite for a bound."""
        return max(self.high - self.value, self.value - self.low)

    @property
    def is_whole(self) -> bool:
        """True if no decimals are printed."""
        return self.decimals == 0 and self.value == round(self.value)


@dataclass(frozen=True)
class Token:
    """One number of a cell, or the two numbers of an interval.

    ``bracket`` is the opening bracket (empty, ``(``, ``[``, ``{``, ``|``, ``<``). ``label`` is the name before ``=``,
    ``:``, ``<`` or ``>`` (``t``, ``p``, ``se``).
    """

    values: tuple[Printed, ...]
    bracket: str = ""
    label: str = ""

    @property
    def marks(self) -> str:
        """The stars of the first number."""
        return self.values[0].marks


LONGEST = 120
"""A text with more characters is never read as numbers."""

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("−–‒‐‑﹣⫺", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000\t\n", " "),
        **dict.fromkeys("∗⋆★☆٭", "*"),
        **dict.fromkeys("\u200b\ufeff", ""),
        "’": "'",
        "·": ".",
        "≤": "<",
        "≥": ">",
        "×": "x",
        **{chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)},
    }
)
_MARK = r"[*+†‡§#]"
_EMPTY = {
    "",
    "-",
    "--",
    "---",
    "—",
    ".",
    "..",
    "...",
    "…",
    "(.)",
    "(-)",
    "n/a",
    "n.a.",
    "na",
    "nan",
    "none",
    "[.]",
    "/",
}
_YES = {"yes", "y", "✓", "✔", "x", "√", "是", "included", "incl.", "true", "控制", "包含", "固定", "已控制", "有"}
_NO = {"no", "n", "✗", "✘", "×", "否", "excluded", "false", "不控制", "未控制", "不包含", "未固定", "无", "没有"}


def plain(text: str) -> str:
    """Normalise signs and blanks: a minus becomes a hyphen, full-width signs become narrow, blanks become spaces."""
    return re.sub(r" +", " ", text.translate(_PLAIN).replace("\\n", " ")).strip()


_REFERENCE = re.compile(
    r"\(?(?:1(?:[.,]0+)? ?[\[(]? ?)?ref(?:erence|\.)?(?: (?:group|category|level))?[\])]?", re.IGNORECASE
)


def is_empty(text: str) -> bool:
    """Return whether a cell marks an absent value: empty, a dash, n.a., or a reference category (``1 [Reference]``)."""
    bare = plain(text).lower()
    return bare in _EMPTY or bool(_REFERENCE.fullmatch(bare))


def yes_or_no(text: str) -> bool | None:
    """Return True for a cell such as ``yes``, False for ``no`` or an empty cell, and None for any other text."""
    bare = plain(text).lower()
    return True if bare in _YES else False if bare in _NO or is_empty(bare) else None


def _token(point: Point) -> re.Pattern[str]:
    """Return the pattern of a number of a cell, or of the two numbers of an interval, with brackets and marks."""
    thousands = "," if point == "." else r"\."
    dot = re.escape(point)
    whole = rf"(?:\d{{1,3}}(?:{thousands}\d{{3}})+|\d{{1,3}}(?:[ ']\d{{3}})+(?![\d])|\d+)"
    power = r"[-+]?\d{1,2}(?!\d)"  # with more digits it is text, not a number of a table
    number = rf"[-+]? ?(?:{whole}(?:{dot}\d*)?|{dot}\d+)(?: ?[eE]{power}| ?x ?10\^? ?\{{?\(?{power}\)?\}}?)?"
    between = (
        r"(?:,|;|:| to | - |至|~|" if point == "." else r"(?:;|:| to | - |至|~|"
    ) + r"(?P<hyphen>(?<=\d)-(?=-?[.,]?\d)))"
    label = r"(?:(?P<label{0}>t|z|p|f|se|s\.e\.|chi2|df)(?:-?value| statistic)? ?(?=[=<>:]))?[=:]? ?"
    return re.compile(
        rf"(?P<before>{_MARK}*) ?{label.format(1)}"
        rf"(?P<open>[(\[{{|]|<(?=[^ \d.]))? ?{label.format(2)}"
        rf"(?P<relation>[<>=])? ?(?P<one>{number})(?P<percent> ?%)?"
        rf"(?P<within>{_MARK}*)(?: ?{between} ?(?P<two>{number})(?: ?%)?)? ?(?P<inside>{_MARK}*) ?(?P<close>[)\]}}|>])?"
        rf" ?(?P<after>\^[abc](?![a-z])|\^?{_MARK}*|\.(?=$| ?[(\[{{]))(?=$|[ ,;/(\[{{|])",
        re.IGNORECASE,
    )


_TOKENS = {p: _token(p) for p in (".", ",")}
_CLOSES = {"(": ")", "[": "]", "{": "}", "|": "|", "<": ">", "": ""}


def tokens(text: str, point: Point = ".", *, raised: str = "", place: str = "") -> tuple[Token, ...]:
    """Return the numbers of a cell; empty if it has anything other than numbers, brackets and stars.

    ``raised`` is the superscript after the text: stars and letters in it are marks, digits are footnotes.
    """
    bare = plain(text)
    if not bare or len(bare) > LONGEST or not any(c.isdigit() for c in bare):
        return ()
    read: list[Token] = []
    at = 0
    while at < len(bare):
        match = _TOKENS[point].match(bare, at)
        if (
            not match
            or any(_is_endless(match[g]) for g in ("one", "two"))
            or _CLOSES[match["open"] or ""] != (match["close"] or "")
        ):
            return ()
        read.append(_token_of(match, point, text, place))
        if match["hyphen"] and not _is_range(read[-1]):
            return ()
        at = match.end()
        at += len(bare[at:]) - len(bare[at:].lstrip(" ,;/" if len(read) == 1 else " ,;"))
    marks = "".join(c for c in raised.translate(_PLAIN) if not c.isdigit() and c not in " ,()")
    if marks and read:
        first, *others = read[0].values
        read[0] = replace(read[0], values=(replace(first, marks=first.marks + marks), *others))
    return tuple(read)


def _is_endless(numeral: str | None) -> bool:
    """Return whether a numeral has an exponent beyond 200 (``1e400``)."""
    power = re.search(r"(?:e|x ?10\^? ?\{?\(?)([-+]?\d{3,})", (numeral or "").lower())
    # 200 is well below the largest exponent of a double (308), so that arithmetic on the number stays finite.
    return power is not None and abs(int(power[1])) > 200


def _is_range(token: Token) -> bool:
    """Return whether a text such as ``0.80-1.51`` is an interval.

    Its ends must be in ascending order, and both must have decimals. In brackets, one end with decimals is enough.
    """
    low, high = token.values
    decimals = [low.decimals > 0, high.decimals > 0]
    return low.value <= high.value and (any(decimals) if token.bracket else all(decimals))


def _token_of(match: re.Match[str], point: Point, text: str, place: str) -> Token:
    """Build a token from a match of its pattern; a percentage is divided by 100."""
    marks = "".join(match[g] or "" for g in ("before", "within", "inside", "after")).lstrip("^")
    scale = 100.0 if match["percent"] else 1.0
    relation = match["relation"] or ""
    one = _printed(match["one"], point, scale, marks, text, place, relation)
    two = [_printed(match["two"], point, scale, "", text, place, "")] if match["two"] else []
    label = (match["label1"] or match["label2"] or "").lower().replace(".", "")
    return Token((one, *two), match["open"] or "", label)


def _printed(numeral: str, point: Point, scale: float, marks: str, text: str, place: str, relation: str) -> Printed:
    digits, _, power = re.sub(r" ?e| ?x ?10\^?", "E", numeral.lower()).replace("'", "").partition("E")
    digits = re.sub(r"\s", "", digits).replace("," if point == "." else ".", "").replace(",", ".")
    exponent = int(re.sub(r"[^\d+-]", "", power) or 0)
    decimals = len(digits.partition(".")[2])
    value = float(f"{digits}e{exponent}") / scale
    # The factor 1 + 1e-9 and 1e-15 of the value keep the ends of the range inside despite floating-point error.
    half = float(f"5e{exponent - decimals - 1}") / scale * (1 + 1e-9) + abs(value) * 1e-15  # ends belong to the range
    low = -float("inf") if relation == "<" else value - half
    high = float("inf") if relation == ">" else value + (0.0 if relation == "<" else half)
    shown = decimals - exponent + (2 if scale != 1 else 0)
    return Printed(value, value if relation == ">" else low, high, marks, text.strip(), place, max(shown, 0))


def decimal_point(texts: Iterable[str]) -> Point | None:
    """Return the decimal sign of the cells: a point if no cell shows one, None if cells show both signs.

    ``0,05``, ``,05`` and ``1,2345`` imply a decimal comma, ``0.05`` and ``1.2345`` a point; ``1,234`` implies neither.
    """
    points = {point for text in texts for point in _signs_in(plain(text.translate(_CHINESE_COMMA)))}
    if len(points) == 2:
        return None
    return points.pop() if points else "."


_CHINESE_COMMA = {ord("，"): "; "}
"""Mapping that replaces the full-width comma, which stands between words and is never a decimal comma."""


def _signs_in(text: str) -> Iterator[Point]:
    """Yield the decimal sign of each number that shows it; ``1,234`` shows none."""
    if len(text) > LONGEST:
        return
    for run in re.findall(r"(?<![\d.,])\d*(?:[.,]\d+)+(?![\d.,])", text):
        signs = [c for c in run if c in ".,"]
        last: Point = "," if signs[-1] == "," else "."
        if len(set(signs)) == 2:
            yield last
        elif len(signs) == 1:
            before, _, after = run.partition(last)
            if len(after) != 3 or before in ("", "0") or len(before) > 3:
                yield last
