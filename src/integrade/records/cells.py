"""Classify cells of a table: texts that are numbers, numbers that cannot be codes, and words for missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals as nw

from integrade.engine.frames import Frame, collect
from integrade.errors import CodesReadAsNumbers, IntegradeError, Problems, counted
from rawcells.cells.numbers import EXACT

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"  # \d matches digits of any script on some engines
FEW_WORDS = ("", ".", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "--", "…", "...")
MORE_WORDS = (
    *(
        "n.a.",
        "N.A.",
        "n.a",
        "na",
        "n/a",
        "n. a.",
        "#N/A",
        "#N/D",
        "..",
        "....",
        "—",
        "–",
        "−",
        "－",
        "——",
        ":",
        "x",
        "X",
    ),
    *(
        "c",
        "C",
        "(c)",
        "(D)",
        "(S)",
        "(X)",
        "(NA)",
        "D.",
        "n/d",
        "N/D",
        "n.d.",
        "N.D.",
        "nd",
        "ND",
        "s/d",
        "S/D",
        "s.d.",
        "S.D.",
    ),
    *("sin dato", "sin datos", "no disponible", "não disponível", "nao disponivel", "não informado", "n.disp."),
    *("non disponible", "non dispo", "k.A.", "k. A.", "keine Angabe", "keine Angaben", "không có", "không có số liệu"),
    *(
        "tidak ada",
        "tidak tersedia",
        "t.t.",
        "tiada",
        "tiada data",
        "缺失",
        "缺",
        "无",
        "暂无",
        "無",
        "不详",
        "missing",
        "not available",
    ),
)
"""Words and signs for missing numbers in the statistics of eight languages; the account counts them."""
MISSING_WORDS = (*FEW_WORDS, *MORE_WORDS)
FREE_WORDS = tuple(word for word in MISSING_WORDS if word not in ("x", "X", "c", "C"))
"""Words for missing values in a column that may hold text, where a single letter may be a code."""


def first_row(frame: Frame, test: nw.Expr, names: Sequence[str]) -> str:
    """Describe the first row for which a test holds, with its number in the file if the engine keeps row order."""
    has = frame.collect_schema().names()
    names = [n for n in dict.fromkeys(names) if n in has]
    ordered = frame.implementation.is_polars()
    if ordered:
        frame = nw.from_native(nw.to_native(frame).with_row_index("_row"))
    row = collect(frame.filter(test).head(1)).row(0, named=True)
    where = f"data row {row['_row'] + 1}: " if ordered else ""
    return where + ", ".join(f"{n}={row[n]}" for n in names)


def check_codes(frame: Frame, names: Mapping[str, str], table: str, beside: Sequence[str] = ()) -> None:
    """Refuse floats that cannot be codes, because they have decimals or are too large to keep all digits.

    ``names``: columns of codes -> their names in messages; whole numbers such as 101.0 are codes. ``beside``: further
    columns for the example. Raises `CodesReadAsNumbers` (`Problems` for several columns).
    """
    kinds = dict(frame.collect_schema())
    real = [n for n in names if n in kinds and kinds[n].is_float()]
    if not real:
        return
    most = {n: EXACT[kinds[n] != nw.Float32] for n in real}
    tests = {n: (_fraction(n), _inexact(n, most[n])) for n in real}
    sums = [t.cast(nw.Int64).sum().alias(f"{k}{i}") for i, n in enumerate(real) for k, t in enumerate(tests[n])]
    row = collect(frame.select(*sums)).row(0, named=True)
    problems: list[IntegradeError] = []
    for i, name in enumerate(real):
        parts, large = (row[f"{k}{i}"] or 0 for k in (0, 1))
        if not parts and not large:
            continue
        n, test = (parts, tests[name][0]) if parts else (large, tests[name][1])
        lost = f"real numbers from {most[name]:,.0f} on, whose last digits are lost"
        what = "numbers with decimals" if parts else lost
        problems.append(
            CodesReadAsNumbers(
                f"{names[name]!r} of {table} holds {what}: {counted(n, 'row')}",
                example=first_row(frame, test, [name, *beside]),
                remedy="store the full codes of the source as text in the file",
            )
        )
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)


def _fraction(name: str) -> nw.Expr:
    value = nw.col(name)
    return value.is_finite() & (value != value.round(0))


def _inexact(name: str, most: float) -> nw.Expr:
    value = nw.col(name)
    return value.is_finite() & ((value >= most) | (value <= -most))
