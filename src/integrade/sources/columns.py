"""Types for columns of text files that have no canonical definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from integrade.cells import FREE_WORDS, NUMBER
from integrade.frames import Frame, collect, enter
from integrade.sources.plain import Plain, with_numbers

CODE = r"^[+-]?0[0-9]|^[+-]?[0-9]{16,}$"
"""What looks like a number and is a code: a leading zero, or a whole number of more digits than a float holds."""
PROBE = 1000
"""Rows that are looked at first: a column that has text there is one of text."""


def typed(frame: Frame, *, skip: Sequence[str] = (), known: Mapping[str, Plain] | None = None) -> Frame:
    """Text columns whose every cell is a number or missing become numbers, whole ones integers; codes stay text.

    The words for missing (``NA``, ``.``, ``-`` ...) do not keep a column from being one of numbers. One pass over
    columns whose first rows are numbers, but for those ``known`` to be plain numbers.
    """
    known = known or {}
    own = [n for n, kind in dict(frame.collect_schema()).items() if kind == nw.String and n not in skip]
    frame = with_numbers(frame, known, [n for n in own if n in known and not known[n].code])
    texts = [n for n in own if n not in known]
    if not texts:
        return frame
    few = _counted(enter(collect(frame.select(*texts).head(PROBE))), texts)
    likely = [n for i, n in enumerate(texts) if not few[f"other{i}"]]
    counts = _counted(frame, likely) if likely else {}
    casts = [
        _number(name, whole=bool(counts[f"n{i}"] and not counts[f"real{i}"])).alias(name)
        for i, name in enumerate(likely)
        if not counts[f"other{i}"]
    ]
    return frame.with_columns(*casts) if casts else frame


def _counted(frame: Frame, names: Sequence[str]) -> dict[str, int]:
    tests = [test for i, name in enumerate(names) for test in _tests(i, name)]
    return collect(frame.select(*tests)).row(0, named=True)


def _tests(i: int, name: str) -> list[nw.Expr]:
    clean = nw.col(name).str.strip_chars()
    there = ~clean.is_in(list(FREE_WORDS))
    number = clean.str.contains(NUMBER)
    return [
        there.cast(nw.Int64).sum().alias(f"n{i}"),
        (there & (~number | clean.str.contains(CODE))).cast(nw.Int64).sum().alias(f"other{i}"),
        (there & clean.str.contains(r"[.eE]")).cast(nw.Int64).sum().alias(f"real{i}"),
    ]


def _number(name: str, *, whole: bool) -> nw.Expr:
    clean = nw.col(name).str.strip_chars()
    return nw.when(clean.str.contains(NUMBER)).then(clean).cast(nw.Int64 if whole else nw.Float64)


def logical(frame: Frame, texts: Sequence[str]) -> Frame:
    """Columns of text that say nothing but true and false as logical ones."""
    names = [n for n in texts if dict(frame.collect_schema()).get(n) == nw.String]
    if not names:
        return frame
    tests = [(~nw.col(n).is_in(["true", "false"])).cast(nw.Int64).sum().alias(n) for n in names]
    other = collect(frame.select(*tests)).row(0, named=True)
    found = [n for n in names if other[n] == 0]
    return frame.with_columns((nw.col(n) == "true").alias(n) for n in found) if found else frame
