"""Find totals among the product codes of customs records: rows of 61 and 6103 next to those of 610342 and 610343.

Files of statistical offices list several levels of the Harmonized System one below the other. Each export is then in
the file once at each level. A code is a total if longer codes begin with it and its value is their sum.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import narwhals as nw

from integrade.engine.exact import totals
from integrade.engine.frames import Frame, collect
from integrade.errors import option
from integrade.records.schema import column_word
from integrade.sources.tables.aggregates import Choice
from plainwords.account import Entry
from plainwords.texts import listed, say

NEAR = 0.005
"""A value differs from the sum of its parts by at most this share of itself, because values are rounded (convention).
"""
MOSTLY = 0.9
"""A code is a total if its value is the sum of its parts in at least this share of its years (a convention)."""
NAMED = 5
"""Largest number of codes that a message names."""
Sums = Mapping[str, Mapping[int, float]]


def without_levels(customs: Frame, choice: Choice) -> tuple[Frame, list[Entry]]:
    """Leave out and count rows of product codes that are totals of longer codes; with ``keep`` only warn about them.

    Codes that begin longer codes, but whose values are not their sums, are a note.
    """
    if collect(customs.select(n=nw.col("product").str.len_chars()).unique()).height < 2:
        return customs, []
    by_code = customs.group_by("product", "year").agg(*totals(customs, "value"), n=nw.len())
    sums, rows = defaultdict[str, dict[int, float]](dict), defaultdict[str, int](int)
    for code, year, value, n in collect(by_code).select("product", "year", "value", "n").iter_rows():
        if code is not None and year is not None:
            sums[code][year] = value or 0.0
            rows[code] += n
    over, wholes = codes_over_others(sums)
    entries = list[Entry]()
    others = [code for code in over if code not in wholes]
    if wholes:
        n = sum(rows[code] for code in wholes)
        named, column = _listed(wholes), column_word("product")
        if choice == "keep":
            reason = say("sources.codes-summed-kept", n=len(wholes), names=named, column=column)
        else:
            customs = customs.filter(~nw.col("product").is_in(wholes))
            reason = say("sources.codes-summed", n=len(wholes), names=named, column=column)
        entries.append(Entry("aggregates", "customs", "warning" if choice == "keep" else "dropped", reason, n))
    if others:
        reason = say("sources.codes-of-two-levels", n=len(others), names=_listed(others), option=option("where"))
        entries.append(Entry("aggregates", "customs", "note", reason, 0))
    return customs, entries


def codes_over_others(sums: Sums) -> tuple[list[str], list[str]]:
    """Return the codes with which longer codes begin, and those of them whose values are the sums of their parts.

    ``sums``: code -> year -> value. The parts of a code are the longer codes that begin no other code.

    Example:
        >>> codes_over_others({"61": {2010: 5.0}, "6103": {2010: 2.0}, "6104": {2010: 3.0}, "62": {2010: 1.0}})
        (['61'], ['61'])
    """
    codes = sorted(sums)
    over = [code for code, following in pairwise(codes) if following.startswith(code)]
    inner = set(over)
    wholes = []
    for code in over:
        parts = [c for c in codes[bisect_left(codes, code) : bisect_left(codes, f"{code}\uffff")] if c not in inner]
        equal = [
            abs(value - sum(sums[part].get(year, 0.0) for part in parts)) <= NEAR * abs(value)
            for year, value in sums[code].items()
        ]
        if sum(equal) >= MOSTLY * len(equal):
            wholes.append(code)
    return over, wholes


def _listed(codes: Sequence[str]) -> str:
    return listed([*codes[:NAMED], *(["..."] if len(codes) > NAMED else [])], "comma")
