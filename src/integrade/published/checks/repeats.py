"""The same numbers twice: columns that are copies, a benchmark repeated with one number changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from integrade.published.checks.terms import is_difference, places
from integrade.published.findings import Finding
from integrade.published.printed import Column


def check_copies(columns: Sequence[Column]) -> Iterator[Finding]:
    """Two columns of different outcomes or samples that print the same numbers (three terms or more)."""
    models = [c for c in columns if not is_difference(c)]
    printed = [{t: _printed(c, t) for t in c.estimates if t != "constant"} for c in models]
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
    """A column that stands in two tables (same outcome, rows and terms) with one or two numbers changed."""
    kinds: dict[Hashable, int] = {}
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
    """How many terms of a repeated column may differ."""
    return max(1, len(column.estimates) // 4)


def _repeats(a: Column, b: Column) -> Iterator[Finding]:
    apart = [t for t in a.estimates if _printed(a, t) != _printed(b, t)]
    if len(apart) > _most_apart(a):
        return
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
            f"{b.label}; the other {len(a.estimates) - len(apart)} terms of this column are the same in both"
        )
        yield Finding(
            "repeats",
            "doubt",
            b.table,
            f"{b.label}, {term}",
            said,
            {"first": shown[0].value, "second": shown[1].value},
            cells=places(*shown),
            innocent="another specification that the table does not describe",
            ask="which of the two is right",
        )


def pairs_alike(columns: Sequence[Mapping[str, Hashable]], others: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs (first, second) in order, among them all in which the first prints what the second does but for at most
    ``others[first]`` of its terms.

    Of one more of its terms than those, one at least must stand in the second: the rarest are looked up, so that the
    work grows with the numbers printed and with the pairs found, not with all pairs.
    """
    held: dict[tuple[str, Hashable], list[int]] = {}
    for n, column in enumerate(columns):
        for item in column.items():
            held.setdefault(item, []).append(n)
    found: set[tuple[int, int]] = set()
    for n, column in enumerate(columns):
        rare = sorted(column.items(), key=lambda item: len(held[item]))[: max(others[n] + 1, 0)]
        found |= {(n, m) for item in rare for m in held[item] if m > n}
    return sorted(found)


def _apart(x: float, y: float, half: float) -> bool:
    return abs(x - y) > half * 2 * (1 + 1e-9)


def _printed(column: Column, term: str) -> tuple[float | None, float | None]:
    e = column.estimates[term]
    other = next((n for n in (e.t, e.se, e.p, *e.loose.values()) if n is not None), None)
    return (e.b.value if e.b is not None else None), (other.value if other is not None else None)
