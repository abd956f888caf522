"""Find the types of text columns that have no canonical definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import narwhals as nw
import polars as pl

from integrade.engine.frames import Frame, collect
from integrade.records.cells import FREE_WORDS, NUMBER
from integrade.sources.cells.plain import Plain, with_numbers

CODE = r"^[+-]?0[0-9]|^[+-]?[0-9]{16,}$|^[+-]?[0-9]{309}|[eE][+]?0*(309|3[1-9][0-9]|[4-9][0-9]{2}|[1-9][0-9]{3})"
"""Pattern of numbers that stay text, because they are codes or no float can store them.

The pattern matches numbers with a leading zero, whole numbers with more digits than a float holds, and numbers beyond
the range of floats.
"""
PROBE = 1000
"""Number of rows that are checked first (a convention).

If one of these cells is a word or a code (`CODE`), the column stays text and its other rows are not checked.
"""


def typed(frame: Frame, *, skip: Sequence[str] = (), known: Mapping[str, Plain] | None = None) -> Frame:
    """Turn text columns with only numbers and missing cells into numbers.

    Columns of whole numbers become integers, and codes stay text. Words for missing values (``NA``, ``.``, ``-`` ...)
    are allowed. One pass checks the columns whose first rows are numbers. Columns of ``known`` are not checked: they
    hold plain numbers.
    """
    known = known or {}
    text_columns = [n for n, kind in dict(frame.collect_schema()).items() if kind == nw.String and n not in skip]
    frame = with_numbers(frame, known, [n for n in text_columns if n in known and not known[n].code])
    texts = [n for n in text_columns if n not in known]
    if not texts:
        return frame
    few = collect(frame.select(*texts).head(PROBE + 1))
    first = _seen(few)
    likely = [n for n in texts if not first[n].other]
    counts = first if few.height <= PROBE else _counted(frame, likely)
    casts = []
    for name in likely:
        if counts[name].other:
            continue
        whole = counts[name].n and not counts[name].real
        clean = nw.col(name).str.strip_chars()
        number = nw.when(clean.str.contains(NUMBER)).then(clean).cast(nw.Int64 if whole else nw.Float64)
        casts.append(number.alias(name))
    return frame.with_columns(*casts) if casts else frame


class _Seen(NamedTuple):
    """Counts of cells: not missing (``n``), no number or a code (``other``), with a point or exponent (``real``)."""

    n: int
    other: int
    real: int


def _seen(few: pl.DataFrame) -> dict[str, _Seen]:
    """Count the first cells of all columns in three queries, because each query is costly."""
    clean, cell = few.select(pl.all().str.strip_chars()), pl.all()
    there = cell.is_not_null() & ~cell.is_in(FREE_WORDS)
    asked = there, there & (~cell.str.contains(NUMBER) | cell.str.contains(CODE)), there & cell.str.contains(r"[.eE]")
    counts = [clean.select(test.sum()).row(0) for test in asked]
    return {name: _Seen(*counts_of_column) for name, *counts_of_column in zip(few.columns, *counts, strict=True)}


def _counted(frame: Frame, names: Sequence[str]) -> dict[str, _Seen]:
    """Count all cells of columns in one pass, as `_seen` counts their first cells."""
    if not names:
        return {}
    tests = []
    for i, name in enumerate(names):
        clean = nw.col(name).str.strip_chars()
        there = ~clean.is_in(list(FREE_WORDS))
        other = ~clean.str.contains(NUMBER) | clean.str.contains(CODE)
        tests += [
            there.cast(nw.Int64).sum().alias(f"n{i}"),
            (there & other).cast(nw.Int64).sum().alias(f"other{i}"),
            (there & clean.str.contains(r"[.eE]")).cast(nw.Int64).sum().alias(f"real{i}"),
        ]
    row = collect(frame.select(*tests)).row(0)
    return {name: _Seen(*(n or 0 for n in row[3 * i : 3 * i + 3])) for i, name in enumerate(names)}


def logical(frame: Frame, texts: Sequence[str]) -> Frame:
    """Turn text columns that hold only true and false into logical columns."""
    names = [n for n in texts if dict(frame.collect_schema()).get(n) == nw.String]
    if not names:
        return frame
    tests = [(~nw.col(n).is_in(["true", "false"])).cast(nw.Int64).sum().alias(n) for n in names]
    not_logical = collect(frame.select(*tests)).row(0, named=True)
    logical_columns = [n for n in names if not_logical[n] == 0]
    return frame.with_columns((nw.col(n) == "true").alias(n) for n in logical_columns) if logical_columns else frame
