"""Types for columns of text files that have no canonical definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from integrade.account import Entry
from integrade.errors import IntegradeError
from integrade.frames import Frame, collect, enter
from integrade.schema import MISSING_WORDS, NUMBER, TABLES, Conformed, conform

CODE = r"^[+-]?0[0-9]|^[+-]?[0-9]{16,}$"
"""What looks like a number and is a code: a leading zero, or a whole number of more digits than a float holds."""


WRITTEN = r"^[+\-＋－]?([0-9０-９]{1,3}([,，][0-9０-９]{3})+|[0-9０-９]+)([.．][0-9０-９]*)?$"
"""A number as tables print it: thousands set apart, digits in full width."""
PROBE = 1000
"""Rows that are looked at first: a column that has text there is one of text."""
WIDE_CODE = r"^[+\-＋－]?[0０][0-9０-９]|^[0-9０-９]{16,}$"
WIDE = dict(zip("０１２３４５６７８９．＋－", "0123456789.+-", strict=True))


def typed(frame: Frame, *, skip: Sequence[str] = ()) -> Frame:
    """Text columns whose every cell is a number or missing become numbers, whole ones integers; codes stay text.

    The words for missing (``NA``, ``.``, ``-`` ...) do not keep a column from being one of numbers, nor do thousands
    separators and full-width digits. One pass over columns whose first rows are numbers.
    """
    texts = [n for n, kind in dict(frame.collect_schema()).items() if kind == nw.String and n not in skip]
    if not texts:
        return frame
    few = _counted(enter(collect(frame.select(*texts).head(PROBE))), texts)
    likely = [n for i, n in enumerate(texts) if few[f"other{i}"] == few[f"written{i}"]]
    counts = _counted(frame, likely) if likely else {}
    casts = []
    for i, name in enumerate(likely):
        if counts[f"other{i}"] == counts[f"written{i}"]:
            whole = counts[f"n{i}"] and not counts[f"real{i}"]
            casts.append(_number(name, whole=bool(whole), written=bool(counts[f"written{i}"])).alias(name))
    return frame.with_columns(*casts) if casts else frame


def _counted(frame: Frame, names: Sequence[str]) -> dict[str, int]:
    tests = [test for i, name in enumerate(names) for test in _tests(i, name)]
    return collect(frame.select(*tests)).row(0, named=True)


def _tests(i: int, name: str) -> list[nw.Expr]:
    clean = nw.col(name).str.strip_chars()
    there = ~clean.is_in(list(MISSING_WORDS))
    number = clean.str.contains(NUMBER)
    return [
        there.cast(nw.Int64).sum().alias(f"n{i}"),
        (there & (~number | clean.str.contains(CODE))).cast(nw.Int64).sum().alias(f"other{i}"),
        (there & ~number & clean.str.contains(WRITTEN) & ~clean.str.contains(WIDE_CODE))
        .cast(nw.Int64)
        .sum()
        .alias(f"written{i}"),
        (there & clean.str.contains(r"[.．eE]")).cast(nw.Int64).sum().alias(f"real{i}"),
    ]


def _number(name: str, *, whole: bool, written: bool) -> nw.Expr:
    clean = _plain(name) if written else nw.col(name).str.strip_chars()
    return nw.when(clean.str.contains(NUMBER)).then(clean).cast(nw.Int64 if whole else nw.Float64)


def _plain(name: str) -> nw.Expr:
    """A number as tables print it, written plainly."""
    clean = nw.col(name).str.strip_chars().str.replace_all("[,，]", "")
    for wide, narrow in WIDE.items():
        clean = clean.str.replace_all(wide, narrow, literal=True)
    return clean


def conform_printed(
    frame: Frame, table: str, *, pad: Mapping[str, int] | None = None, printed: bool = True
) -> tuple[Conformed, list[Entry]]:
    """`conform`; where it refuses, printed numbers are written plainly and it is asked again: clean files pay nothing.

    ``printed``: whether this kind of file holds such numbers at all. Raises what `conform` raises of a table without
    them, or of what else is wrong.
    """
    try:
        return conform(frame, table, pad=pad), []
    except IntegradeError:
        plain, entries = plain_numbers(frame, table) if printed else (frame, [])
        if not entries:
            raise
    return conform(plain, table, pad=pad), entries


def plain_numbers(frame: Frame, table: str) -> tuple[Frame, list[Entry]]:
    """Numbers of canonical columns that are printed with thousands separators or full-width digits, written plainly.

    Each column and its count of such cells is said; other text is left for `integrade.schema.conform` to refuse.
    """
    present = dict(frame.collect_schema())
    names = [c.name for c in TABLES[table].columns if c.kind != "text" and present.get(c.name) == nw.String]
    if not names:
        return frame, []
    cells = {n: nw.col(n).str.strip_chars() for n in names}
    tests = {n: c.str.contains(WRITTEN) & ~c.str.contains(NUMBER) for n, c in cells.items()}
    counts = collect(frame.select(*[t.cast(nw.Int64).sum().alias(n) for n, t in tests.items()])).row(0, named=True)
    found = [n for n in names if counts[n]]
    entries = [
        Entry("read", table, "note", f"{n}: {counts[n]:,} numbers with thousands separators or wide digits", counts[n])
        for n in found
    ]
    plain = [nw.when(tests[n]).then(_plain(n)).otherwise(nw.col(n)).alias(n) for n in found]
    return (frame.with_columns(*plain) if plain else frame), entries


def logical(frame: Frame, texts: Sequence[str]) -> Frame:
    """Columns of text that say nothing but true and false as logical ones."""
    names = [n for n in texts if dict(frame.collect_schema()).get(n) == nw.String]
    if not names:
        return frame
    tests = [(~nw.col(n).is_in(["true", "false"])).cast(nw.Int64).sum().alias(n) for n in names]
    other = collect(frame.select(*tests)).row(0, named=True)
    found = [n for n in names if other[n] == 0]
    return frame.with_columns((nw.col(n) == "true").alias(n) for n in found) if found else frame
