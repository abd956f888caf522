"""Check for repeated numbers: columns that are copies, or a benchmark repeated with one number changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from tablecheck.checks.terms import is_difference, places
from tablecheck.findings import Finding
from tablecheck.printed import Column


def check_copies(columns: Sequence[Column]) -> Iterator[Finding]:
    """Doubt two columns of different outcome or N whose common terms, three or more, all print the same numbers."""
    models = [c for c in columns if not is_difference(c)]
    printed = [{t: _printed(c, t) for t in c.estimates if t != "constant"} for c in models]
    # The share 0.8 of terms in common is a convention.
    others = [len(p) - max(3, int(0.8 * len(c.estimates))) for c, p in zip(models, printed, strict=True)]
    for n, m in pairs_alike(printed, others):
        yield from _copies(models[n], models[m])


def _copies(a: Column, b: Column) -> Iterator[Finding]:
    """Yield the doubt of `check_copies` for two columns of the same table."""
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
    # A quarter of the terms may differ, but at least one; the quarter is a convention.
    most_changed = [max(1, len(c.estimates) // 4) for c in models]
    for n, m in pairs_alike(printed, most_changed):
        a, b = models[n], models[m]
        changed = [t for t in a.estimates if _printed(a, t) != _printed(b, t)]
        if a.table == b.table or len(changed) > most_changed[n]:
            continue
        for term in changed:
            first, second = a.estimates[term], b.estimates[term]
            pairs = [(first.b, second.b), (first.t, second.t), (first.se, second.se)]
            both = [(x, y) for x, y in pairs if x is not None and y is not None]
            # 1e-9 absorbs floating-point error at equality; a convention.
            apart = [(x, y) for x, y in both if abs(x.value - y.value) > x.half * 2 * (1 + 1e-9)]
            if not apart:
                continue
            x, y = apart[0]
            message = (
                f"{term} is {x.text} in {a.table} {a.label} and {y.text} in {b.table} {b.label}; the other "
                f"{len(a.estimates) - len(changed)} terms of this column are the same in both"
            )
            yield Finding(
                "repeats",
                "doubt",
                b.table,
                f"{b.label}, {term}",
                message,
                {"first": x.value, "second": y.value},
                cells=places(x, y),
                innocent="another specification that the table does not describe",
                ask="which of the two is right",
            )


def pairs_alike(columns: Sequence[Mapping[str, Hashable]], others: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of columns (first, second), in order, that may print the same numbers.

    The result includes every pair in which the second column prints all items of the first column, except at most
    ``others[first]``. The second column of such a pair has at least one of any ``others[first]`` + 1 items of the first
    column. So only the ``others[first]`` + 1 rarest items of the first column are looked up, and most pairs of columns
    are never compared.
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


def _printed(column: Column, term: str) -> tuple[float | None, float | None]:
    """Return a coefficient and one number printed with it: t, or else the standard error, p or another number."""
    e = column.estimates[term]
    error = next((n for n in (e.t, e.se, e.p, *e.loose.values()) if n is not None), None)
    return (e.b.value if e.b is not None else None), (error.value if error is not None else None)
