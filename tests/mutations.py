"""A valid study file with one thing broken: a name misspelt, a number moved, a list emptied, a key left out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

import polars as pl

PAIR = re.compile(r"^(?P<key>[A-Za-z_][\w.]*)(?P<equals> *= *)(?P<value>[^#]*?)(?P<rest>\s*(?:#.*)?)$")
TEXT = re.compile(r'"([^"]+)"')
NUMBER = re.compile(r"(?<![\w.\"])-?\d+(?:\.\d+)?(?![\w.\"])")
DRAWS = ("simex", "pipeline", "samples", "permutations", "draws", "randomisation", "wild", "curve", "most")
"""A thousand times as many of them are no mistake, but take their time."""
LEFT_ALONE = ("title", "claim", "exclusion")
"""Keys whose text may be anything."""
OPTIONS = re.compile(r"^# (?P<pair>[a-z_]+ = [^#]*?)(?P<rest>\s*(?:#.*)?)$")
NOT_TAKEN = {
    "intensity_from",  # its lists need neither capital nor labour, whose columns other tests break
    "files",
    "columns",
    "where",
    "to_year",
    "breaks",
    "source",
    "countries",
    "pad",
    "decimal",
    "method",
    "similar",
    "reviewed",
    "id_alone",
    "base",
    "lags",
    "trait",
    "series",
    "exclusion",
    "name",
    "column",
    "rauch",
    "state",
    "builder",
    "language",
    "on",
    "file",
    "numerator",
    "denominator",
}
"""Comments of the template that are no further option of the section above them, or need files that are not there."""


class Broken(NamedTuple):
    """The text, and what was done to which line."""

    text: str
    line: str
    how: str
    at: int


def with_options(text: str) -> str:
    """The template with the options that stand in comments, each at the value that it shows."""
    lines, seen = [], set[str]()
    for line in text.split("\n"):
        seen = set() if line.startswith("[") else seen
        match = OPTIONS.match(line)
        key = match["pair"].partition(" =")[0] if match else ""
        if match and key not in NOT_TAKEN and key not in seen and not re.search(r"[,;:]$", match["pair"].strip()):
            line = match["pair"] + match["rest"]
        found = PAIR.match(line)
        seen |= {found["key"]} if found else set()
        lines.append(line)
    return "\n".join(lines)


def broken(text: str, seed: int) -> Broken:
    """One change drawn at random."""
    rng = random.Random(seed)
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if (m := PAIR.match(line)) and m["key"] not in LEFT_ALONE]
    while True:
        at = rng.choice(places)
        match = PAIR.match(lines[at])
        assert match is not None
        how = rng.choice(list(WAYS))
        if how == "number large" and match["key"] in DRAWS:
            continue
        value = WAYS[how](match["value"].strip(), rng)
        if how == "key misspelt":
            line = f"{misspelt(match['key'], rng)}{match['equals']}{match['value']}{match['rest']}"
        elif how == "key left out":
            line = ""
        elif value is None or value == match["value"].strip():
            continue
        else:
            line = f"{match['key']}{match['equals']}{value}{match['rest']}"
        return Broken("\n".join([*lines[:at], line, *lines[at + 1 :]]), lines[at], f"{how}: {line}", at)


def misspelt(name: str, rng: random.Random) -> str:
    """The name with two letters exchanged, one doubled, or one lost."""
    if len(name) < 2:
        return name + "x"
    at = rng.randrange(len(name) - 1)
    return rng.choice(
        [
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            name[:at] + name[at] + name[at:],
            name[:at] + name[at + 1 :],
        ]
    )


def _some(pattern: re.Pattern[str], change: Callable[[re.Match[str], random.Random], str]) -> Callable[..., str | None]:
    def way(value: str, rng: random.Random) -> str | None:
        found = list(pattern.finditer(value))
        if not found:
            return None
        one = rng.choice(found)
        return value[: one.start()] + change(one, rng) + value[one.end() :]

    return way


def _swapped(value: str, _: random.Random) -> str | None:
    """The first two items of a list exchanged."""
    found = re.match(r"^\[([^,\[\]]+), *([^,\[\]]+)(.*)\]$", value)
    return f"[{found[2].strip()}, {found[1].strip()}{found[3]}]" if found else None


WAYS: dict[str, Callable[[str, random.Random], str | None]] = {
    "key misspelt": lambda value, _: value,
    "key left out": lambda value, _: value,
    "name misspelt": _some(TEXT, lambda m, rng: f'"{misspelt(m[1], rng)}"'),
    "name misspelt again": _some(TEXT, lambda m, rng: f'"{misspelt(m[1], rng)}"'),
    "another word": _some(TEXT, lambda _, rng: rng.choice(['"none"', '"year"', '"firm"', '"region"', '""'])),
    "number negated": _some(NUMBER, lambda m, _: f"-{m[0]}" if not m[0].startswith("-") else m[0][1:]),
    "number zero": _some(NUMBER, lambda _, __: "0"),
    "number large": _some(NUMBER, lambda m, _: f"{float(m[0]) * 1000:g}"),
    "list emptied": lambda value, _: "[]" if value.startswith("[") else None,
    "items exchanged": _swapped,
    "another type": lambda _, rng: rng.choice(["true", "7", '"x"', "[1]"]),
}


ALONE = {
    "lags",
    "mediation",
    "groups",
    "robustness",
    "shape",
    "inference",
    "noise",
    "sensitivity",
    "instruments",
    "row_level",
    "spillover",
    "quality_change",
    "families",
    "outcomes",
    "indices",
    "samples",
    "hypotheses",
    "curve",
}
"""Sections that answer a question of their own: a change in one can be seen without the others."""


def without_others(text: str, changed: int) -> tuple[str, str]:
    """The study without the questions that a change of that line (counted from 0) does not touch, and its section."""
    blocks, section = list[tuple[str, list[str]]](), ""
    blocks.append(("", []))
    own = 0
    for i, line in enumerate(text.split("\n")):
        if line.startswith("["):
            blocks.append((line.strip("[").partition("]")[0], []))
        blocks[-1][1].append(line)
        if i == changed:
            own, section = len(blocks) - 1, blocks[-1][0]
    if section not in ALONE:
        return text, section
    kept = [b for i, (name, b) in enumerate(blocks) if name not in ALONE or i == own]
    return "\n".join(line for block in kept for line in block), section


def _monthly(prices: pl.DataFrame) -> pl.DataFrame:
    moved = pl.col("CPI") + 0.01 * pl.col("Month") * (pl.col("CPI") - 100)
    return prices.join(pl.DataFrame({"Month": range(1, 13)}), how="cross").with_columns(CPI=moved)


def _number(column: str) -> pl.Expr:
    return pl.col(column).rank("dense").cast(pl.Int64)


def _shared(number: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Keep that many of the goods of each region, others than those of the next region."""
    return lambda prices: prices.filter((_number("Item") - _number("State")) % pl.col("Item").n_unique() < number)


OF_YEARS = ('"Year" = "year", ', '"Year" = "year", "Month" = "month", ')
DECLARED = ('files = ["raw/prices.csv"]', 'basis = "link"\nfiles = ["raw/prices.csv"]')
ON_LAST_YEAR = ('files = ["raw/prices.csv"]', 'basis = "year_on_year"\nfiles = ["raw/prices.csv"]')

PRICES_BROKEN: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], tuple[tuple[str, str], ...]]] = {
    "months, whose basis is declared": (_monthly, (OF_YEARS, ON_LAST_YEAR)),
    "months": (_monthly, (OF_YEARS,)),
    "pairs share too few goods": (_shared(3), ()),
    "pairs share enough goods by k_min": (_shared(3), (('se = "jackknife"', 'se = "jackknife"\nk_min = 3'),)),
    "no pair shares a good": (_shared(1), (DECLARED,)),
    "most pairs share too few goods": (_shared(7), ()),
    "three goods": (lambda prices: prices.filter(_number("Item") <= 3), ()),
    "two goods": (lambda prices: prices.filter(_number("Item") <= 2), ()),
    "three regions": (lambda prices: prices.filter(_number("State") <= 3), (DECLARED,)),
    "one year": (lambda prices: prices.filter(pl.col("Year") == 2005), (DECLARED,)),
    "years apart": (lambda prices: prices.filter(pl.col("Year") % 2 == 0), (DECLARED, ("link", "fixed"))),
    "no differences": (lambda prices: prices.with_columns(CPI=pl.lit(101.0)), (DECLARED,)),
    "prices missing": (lambda prices: prices.with_columns(CPI=pl.lit(None, pl.Float64)), (DECLARED,)),
    "a third of the rows": (lambda prices: prices.filter((_number("Item") + 2 * _number("State")) % 3 == 0), ()),
    "groups without most regions": (lambda prices: prices, (('se = "jackknife"', 'groups = { "Beijing" = "north" }'),)),
    "a window longer than the years": (
        lambda prices: prices,
        (('se = "jackknife"', 'dispersion = "over_time"\nwindow = 20'),),
    ),
}
"""Prices of `integrade new --kind index` with one thing broken, and what the study file says of them."""
