"""Warn about columns whose values rise or fall by a factor of fifty or more between years; a unit may have changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import narwhals as nw

from integrade.engine.exact import average
from integrade.engine.frames import Frame, collect
from integrade.records.schema import TABLES, column_word
from integrade.wording.numerals import rounded
from plainwords.account import Entry
from plainwords.texts import listed, say

LEAST_FACTOR, LEAST_ROWS = 50.0, 20
"""A warning needs at least this factor between two years, and this number of values in each year (conventions)."""


def unit_changes(frame: Frame, table: str, further: Iterable[str] = ()) -> list[Entry]:
    """Warn about columns whose geometric mean changes by the factor `LEAST_FACTOR` or more between two years.

    Signs are ignored, and zeros are left out. The two years are adjacent in the table. The columns tested are the
    columns of numbers in the table's schema, and ``further``. Columns with the same two years and the same factor share
    one warning.
    """
    schema = frame.collect_schema()
    known = {c.name for c in TABLES[table].columns if c.kind == "number"} | set(further)
    names = [name for name in schema.names() if name in known and schema[name].is_numeric()]
    if "year" not in schema.names() or not names:
        return []
    sizes = [nw.when(nw.col(name) != 0).then(nw.col(name).cast(nw.Float64).abs().log()) for name in names]
    means = [average(frame, size).alias(name) for name, size in zip(names, sizes, strict=True)]
    counts = [size.count().alias(f"{name}_n") for name, size in zip(names, sizes, strict=True)]
    years = collect(frame.group_by("year").agg(*means, *counts)).drop_nulls("year").sort("year")
    moved: dict[tuple[str, str, str], list[str]] = {}
    for name in names:
        for (before, low, m), (after, high, n) in pairwise(years.select("year", name, f"{name}_n").rows()):
            if min(m, n) >= LEAST_ROWS and abs(high - low) >= math.log(LEAST_FACTOR):
                larger, smaller = (after, before) if high > low else (before, after)
                factor = _factor(abs(high - low) / math.log(10))
                moved.setdefault((str(larger), str(smaller), factor), []).append(name)
    entries = []
    for (larger, smaller, factor), columns in sorted(moved.items()):
        words = listed([column_word(c) for c in columns])
        reason = say("sources.unit-changed", columns=words, larger=larger, smaller=smaller, factor=factor)
        entries.append(Entry("units", table, "warning", reason, 0))
    return entries


def _factor(power: float) -> str:
    """Round a factor for a message.

    A factor within a factor of two of 1,000, or of a higher power of ten, becomes that power. Any other keeps two
    digits.
    """
    whole = round(power)
    size = 10.0**whole if whole >= 3 and abs(power - whole) < math.log10(2) else float(f"{10**power:.1e}")
    return f"{rounded(size, 0)}" if size < 1e15 else f"{size:.1e}"
