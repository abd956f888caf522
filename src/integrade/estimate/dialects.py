"""Recognise formula syntax of other programs (fixest, R, Stata, patsy), and advise what to write instead.

`advice` is used if a formula cannot be read. `column_advice` is used if a column does not exist: text such as ``L.x``
can be read, because it may also be the name of a column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from integrade.errors import did_you_mean

NAME = r"[^\W\d][\w.]*"
FIRM_YEAR = ("firm", "year")


class Advice(NamedTuple):
    """Position in the formula, the syntax that is not available, and what to write instead."""

    at: int
    what: str
    remedy: str


def advice(text: str) -> Advice | None:
    """Return advice on the first syntax of another program in a formula. Returns None if none is recognised."""
    candidates = [
        Advice(match.start(), *words)
        for pattern, tell in _DIALECTS
        for match in pattern.finditer(text)
        if (words := tell(match)) is not None
    ]
    return min(candidates, key=lambda a: a.at, default=None)


def column_advice(name: str, known: Iterable[str], cells: Callable[[str], Sequence[str]] = lambda _: FIRM_YEAR) -> str:
    """Return what to do about a column that the panel does not have.

    For an operator of Stata this explains what to write instead; otherwise it is the nearest name of a column.

    ``cells`` gives, for a column, the key of the cells in which it is constant: region and year, or firm and year.
    """
    match = re.fullmatch(rf"(?P<letter>[LFDcio])b?(?P<n>\d{{0,6}})\.(?P<name>{NAME})", name)
    if match is None or match["name"] not in (listed := list(known)):
        return did_you_mean(name, known)
    column, letter, n = match["name"], match["letter"], int(match["n"] or 1)
    if letter == "c":
        return f"write {column}: every regressor is continuous"
    if letter in "io":
        return f"{_as_effect(column)}; known: {', '.join(sorted(listed))}"
    within = cells(column)
    if letter == "D":
        lag = _shifted(column, 1, within, lead=False)
        return f'{lag}; then panel.with_columns(d_{column}=pl.col("{column}") - pl.col("{column}_l1"))'
    return _shifted(column, n, within, lead=letter == "F")


def _as_effect(column: str) -> str:
    return f'put {column} among the effects, after |, as in "y ~ x | {column}"'


def _shifted(column: str, n: int, within: Sequence[str] = FIRM_YEAR, *, lead: bool) -> str:
    """Return text on how to add a column's value from some years earlier or later."""
    which, name = ("leads", f"{column}_f{n}") if lead else ("lags", f"{column}_l{n}")
    lags = "lags=(), " if lead else ""
    cells = ", ".join(f'"{name}"' for name in within)
    call = f'ig.questions.add_lags(panel, "{column}", {lags}{which}=({n},), lives_on=({cells}))'
    return f"add the column first: {call} creates {name}"


def _categories(match: re.Match[str]) -> tuple[str, str] | None:
    """Advise on dummies of categories: ``i(year)``, ``C(year)`` or ``factor(year)``."""
    function, inside = match["function"], [part.strip() for part in match["inside"].split(",")]
    what = f"{function}() is not available"
    if len(inside) > 1 and re.fullmatch(NAME, inside[1]):
        by, x = inside[0], inside[1]
        return what, (
            f'compare the groups with ig.compare_groups(panel, "y ~ {x}", by="{by}", treatment="{x}"), or make a '
            f"column of {x} for each value of {by}"
        )
    return what, _as_effect(inside[0])


def _stepwise(match: re.Match[str]) -> tuple[str, str]:
    """Advise on fixest's functions for several regressions."""
    function = match["function"]
    if function == "mvsw":
        return "mvsw() is not available", 'give fit_many a list of formulas: ["y ~ a", "y ~ b", "y ~ a + b"]'
    return f"{function}() expands to several regressions", "fit_many(panel, formula) estimates them all"


def _shift_function(match: re.Match[str]) -> tuple[str, str]:
    """Advise on functions for lags and leads: ``l(x, 1)``, ``lead(x)``."""
    n = int(match["n"] or 1)
    lead = match["function"] in ("f", "lead")
    return f"{match['function']}() is not available", _shifted(match["name"], n, lead=lead)


def _crossed(match: re.Match[str]) -> tuple[str, str]:
    """Advise on Stata's interactions: ``a#b``, ``c.x##c.z``, ``i.group#c.x``."""
    sides = [match["left"], match["right"]]
    plain = [re.sub(r"^c\.", "", side) for side in sides]
    what = f"{match['sign']} is Stata's notation for an interaction"
    category = next((s.partition(".")[2] for s in plain if re.match(r"i(b\d+)?\.", s)), None)
    if category is not None:
        column = next((s for s in plain if not re.match(r"i(b\d+)?\.", s)), None)
        if column is None:
            both = "^".join(s.partition(".")[2] for s in plain)
            return what, f'put {both} among the effects, as in "y ~ x | {both}"'
        return (
            what,
            f'compare the groups: ig.compare_groups(panel, "y ~ {column}", by="{category}", treatment="{column}")',
        )
    a, b = plain
    if match["sign"] == "##":
        return what, f"write {a} + {a}^2" if a == b else f"write {a} * {b}"
    return what, f"write {a}^2" if a == b else f"write {a}:{b}"


def _power(match: re.Match[str]) -> tuple[str, str]:
    return "** is not an operator in formulas", f"write {match['name']}^{match['n']}"


def _polynomial(match: re.Match[str]) -> tuple[str, str]:
    name, degree = match["name"], int(match["n"])
    powers = " + ".join(name if p == 1 else f"{name}^{p}" for p in range(1, min(degree, 9) + 1))
    return "poly() is not available", f"write {powers}"


_Tell = Callable[[re.Match[str]], tuple[str, str] | None]
_DIALECTS: tuple[tuple[re.Pattern[str], _Tell], ...] = (
    (re.compile(r"(?<![\w.])(?P<function>i|C|factor)\s*\((?P<inside>[^()]*)\)"), _categories),
    (re.compile(r"(?<![\w.])(?P<function>mvsw|c?sw0?)\s*\("), _stepwise),
    (re.compile(r"^\s*(?P<function>c)\s*\([^~]*\)\s*~"), _stepwise),
    (
        re.compile(rf"(?<![\w.])(?P<function>l|f|lag|lead)\s*\(\s*(?P<name>{NAME})\s*(,\s*(?P<n>\d{{1,6}})\s*)?\)"),
        _shift_function,
    ),
    (re.compile(rf"(?P<left>{NAME})\s*(?P<sign>##?)\s*(?P<right>{NAME})"), _crossed),
    (re.compile(rf"(?P<name>{NAME})\s*\*\*\s*(?P<n>\d)"), _power),
    (re.compile(rf"(?<![\w.])poly\s*\(\s*(?P<name>{NAME})\s*,\s*(?P<n>\d{{1,6}})[^)]*\)"), _polynomial),
)
"""Patterns of other programs' syntax, each with the function that gives the advice."""
