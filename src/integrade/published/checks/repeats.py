"""The same numbers twice: columns that are copies, a benchmark repeated with one number changed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from integrade.published.checks.terms import is_difference, places
from integrade.published.findings import Finding
from integrade.published.printed import Column


def check_copies(columns: Sequence[Column]) -> Iterator[Finding]:
    """Two columns of different outcomes or samples that print the same numbers (three terms or more)."""
    for a, b in itertools.combinations(columns, 2):
        if a.table != b.table or is_difference(a) or is_difference(b):
            continue
        shared = [t for t in a.estimates if t in b.estimates and t != "constant"]
        if len(shared) < 3 or len(shared) < 0.8 * len(a.estimates):
            continue
        same = [t for t in shared if _printed(a, t) == _printed(b, t)]
        differs = a.outcome != b.outcome or (a.nobs and b.nobs and a.nobs.value != b.nobs.value)
        if len(same) == len(shared) and differs:
            said = f"{a.label} and {b.label} print the same {len(same)} coefficients, of different "
            said += "outcomes" if a.outcome != b.outcome else "numbers of rows"
            cells = places(*(a.estimates[t].b for t in same), *(b.estimates[t].b for t in same))
            yield Finding(
                "copies",
                "doubt",
                a.table,
                f"{a.label} and {b.label}",
                said,
                {},
                cells=cells,
                ask="which column is right",
            )


def check_repeats(columns: Sequence[Column]) -> Iterator[Finding]:
    """A column that stands in two tables (same outcome, rows and terms) with one or two numbers changed."""
    for a, b in itertools.combinations(columns, 2):
        if a.table == b.table or not _is_repeat(a, b):
            continue
        pairs = [(t, *_printed(a, t), *_printed(b, t)) for t in a.estimates if t in b.estimates]
        apart = [t for t, b1, o1, b2, o2 in pairs if (b1, o1) != (b2, o2)]
        if not 0 < len(apart) <= max(1, len(pairs) // 4) or len(pairs) < 4:
            continue
        for term in apart:
            one, two = a.estimates[term], b.estimates[term]
            told = [(one.b, two.b), (one.t, two.t), (one.se, two.se)]
            shown = next(
                ((x, y) for x, y in told if x is not None and y is not None and _apart(x.value, y.value, x.half)), None
            )
            if shown is None:
                continue
            said = (
                f"{term} is {shown[0].text} in {a.table} {a.label} and {shown[1].text} in {b.table} "
                f"{b.label}; the other "
            )
            yield Finding(
                "repeats",
                "doubt",
                b.table,
                f"{b.label}, {term}",
                f"{said}{len(pairs) - len(apart)} terms of this column are the same in both",
                {"first": shown[0].value, "second": shown[1].value},
                cells=places(*shown),
                innocent="another specification that the table does not describe",
                ask="which of the two is right",
            )


def _apart(x: float, y: float, half: float) -> bool:
    return abs(x - y) > half * 2 * (1 + 1e-9)


def _is_repeat(a: Column, b: Column) -> bool:
    same = a.nobs is not None and b.nobs is not None and a.nobs.value == b.nobs.value
    return same and bool(a.outcome) and a.outcome == b.outcome and set(a.estimates) == set(b.estimates)


def _printed(column: Column, term: str) -> tuple[float | None, float | None]:
    e = column.estimates[term]
    other = next((n for n in (e.t, e.se, e.p, *e.loose.values()) if n is not None), None)
    return (e.b.value if e.b is not None else None), (other.value if other is not None else None)
