"""Types for columns of text files that have no canonical definition."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from integrade.frames import Frame, collect
from integrade.schema import MISSING_WORDS

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
CODE = r"^[+-]?0\d|^[+-]?\d{16,}$"
"""What looks like a number and is a code: a leading zero, or a whole number of more digits than a float holds."""


def typed(frame: Frame, *, skip: Sequence[str] = ()) -> Frame:
    """Text columns whose every cell is a number or missing become numbers, whole ones integers; codes stay text.

    The words for missing (``NA``, ``.``, ``-`` ...) do not keep a column from being one of numbers. One pass.
    """
    texts = [n for n, kind in dict(frame.collect_schema()).items() if kind == nw.String and n not in skip]
    if not texts:
        return frame
    tests = [test for i, name in enumerate(texts) for test in _tests(i, name)]
    counts = collect(frame.select(*tests)).row(0, named=True)
    casts = []
    for i, name in enumerate(texts):
        if not counts[f"other{i}"]:
            whole = counts[f"n{i}"] and not counts[f"real{i}"]
            casts.append(_number(name, whole=whole).alias(name))
    return frame.with_columns(*casts) if casts else frame


def _tests(i: int, name: str) -> list[nw.Expr]:
    clean = nw.col(name).str.strip_chars()
    there = ~clean.is_in(list(MISSING_WORDS))
    number = clean.str.contains(NUMBER)
    return [
        there.cast(nw.Int64).sum().alias(f"n{i}"),
        (there & (~number | clean.str.contains(CODE))).cast(nw.Int64).sum().alias(f"other{i}"),
        (there & clean.str.contains(r"[.eE]")).cast(nw.Int64).sum().alias(f"real{i}"),
    ]


def _number(name: str, *, whole: bool) -> nw.Expr:
    clean = nw.col(name).str.strip_chars()
    return nw.when(clean.str.contains(NUMBER)).then(clean).cast(nw.Int64 if whole else nw.Float64)
