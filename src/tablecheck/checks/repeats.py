"""Check for repeated numbers: columns that are copies, or a benchmark repeated with one number changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from tablecheck.checks.terms import is_difference, places
from tablecheck.findings import Finding
from tablecheck.printed import Column


def check_copies(columns: Sequence[Column]) -> Iterator[Finding]:
    """Doubt two columns with different outcomes or samples that print the same numbers in three or more terms."""
    models = [c for c in columns if not is_difference(c)]
    printed = [{t: _printed(c, t) for t in c.estimates if t != "constant"} for c in models]
    # The share 0.8 of terms in common is a convention.
    others = [len(p) - max(3, int(0.8 * len(c.estimates))) for c, p in zip(models, printed, strict=True)]
    for n, m in pairs_alike(printed, others):
        yield from _copies(models[n], models[m])


def _copies(a: Column, b: Column) -> Iterator[Finding]:
    shared = [t for t in a.estimates if t in b.estimates and t != "constant"]
    if a.table != b.table or len(shared) < 3 or len(shared) < 0.8 * len(a.estimates):
        return
    differs = a.outcome != b.outcome or (a.nobs and b.nobs and a.nobs.value != b.nobs.value)
    if not differs or any(_printed(a, t) != _printed(b, t) for t in shared):
        return
    what = "outcomes" if a.outcome != b.outcome else "numbers of rows"
    yield Finding(
        "copies",
        "doubt",
        a.table,
        f"{a.label} and {b.label}",
        f"{a.label} and {b.label} print the same {len(shared)} coefficients, of different {what}",
        {},
        cells=places(*(a.estimates[t].b for t in shared), *(b.estimates[t].b for t in shared)),
        ask="which column is right",
    )


def check_repeats(columns: Sequence[Column]) -> Iterator[Finding]:
    """Doubt a column that another table repeats with at most a quarter of its terms changed.

    Both columns have the same outcome, rows and terms.
    """
    kinds: dict[Hashable, int] = {}
    # Fewer than four terms are the same by chance too often; a convention.
    models = [c for c in columns if c.nobs is not None and c.outcome and len(c.estimates) >= 4]
    printed: list[dict[str, Hashable]] = []
    for c in models:
        assert c.nobs is not None
        kind = kinds.setdefault((c.outcome, c.nobs.value, frozenset(c.estimates)), len(kinds))
        printed.append({t: (kind, _printed(c, t)) for t in c.estimates})
    for n, m in pairs_alike(printed, [_most_apart(c) for c in models]):
        if models[n].table != models[m].table:
            yield from _repeats(models[n], models[m])


def _most_apart(column: Column) -> int:
    """Return how many terms may differ in a repeated column: a quarter of them, but at least one.

    The quarter is a convention.
    """
    return max(1, len(column.estimates) // 4)


def _repeats(a: Column, b: Column) -> Iterator[Finding]:
    apart = [t for t in a.estimates if _printed(a, t) != _printed(b, t)]
    if len(apart) > _most_apart(a):
        return
    for term in apart:
        first, second = a.estimates[term], b.estimates[term]
        pairs = [(first.b, second.b), (first.t, second.t), (first.se, second.se)]
        shown = next(
            ((x, y) for x, y in pairs if x is not None and y is not None and _apart(x.value, y.value, x.half)), None
        )
        if shown is None:
            continue
        message = (
            f"{term} is {shown[0].text} in {a.table} {a.label} and {shown[1].text} in {b.table} "
            f"{b.label}; the other {len(a.estimates) - len(apart)} terms of this column are the same in both"
        )
        yield Finding(
            "repeats",
            "doubt",
            b.table,
            f"{b.label}, {term}",
            message,
            {"first": shown[0].value, "second": shown[1].value},
            cells=places(*shown),
            innocent="another specification that the table does not describe",
            ask="which of the two is right",
        )


def pairs_alike(columns: Sequence[Mapping[str, Hashable]], others: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of columns (first, second), in order, that may print the same numbers.

    The result includes every pair in which the second column prints all terms of the first, except at most
    ``others[first]`` of them. If the second column may lack ``others[first]`` terms, it must have at least one of any
    ``others[first]`` + 1 terms. So only the rarest terms of the first column are looked up. The work grows with the
    numbers printed and the pairs found, not with all pairs.
    """
    columns_with: dict[tuple[str, Hashable], list[int]] = {}
    for n, column in enumerate(columns):
        for item in column.items():
            columns_with.setdefault(item, []).append(n)
    pairs: set[tuple[int, int]] = set()
    for n, column in enumerate(columns):
        rare = sorted(column.items(), key=lambda item: len(columns_with[item]))[: max(others[n] + 1, 0)]
        pairs |= {(n, m) for item in rare for m in columns_with[item] if m > n}
    return sorted(pairs)


def _apart(x: float, y: float, half: float) -> bool:
    # 1e-9 absorbs floating-point error at equality; a convention.
    return abs(x - y) > half * 2 * (1 + 1e-9)


def _printed(column: Column, term: str) -> tuple[float | None, float | None]:
    e = column.estimates[term]
    error = next((n for n in (e.t, e.se, e.p, *e.loose.values()) if n is not None), None)
    return (e.b.value if e.b is not None else None), (error.value if error is not None else None)
