"""Columns side by side: do split samples add up, and do groups differ, or only their stars?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from integrade.published.columns import p_of, squares, standard_error, stars_of, t_range
from integrade.published.findings import Finding
from integrade.published.printed import PrintedColumn


def is_split(columns: Sequence[PrintedColumn], total: int | None) -> bool:
    """Whether the columns are one regression on parts of the sample: the same terms, sizes that sum to about all."""
    sizes = [c.nobs for c in columns]
    if len(columns) < 2 or any(n is None for n in sizes) or not total:
        return False
    same = all(set(c.estimates) == set(columns[0].estimates) for c in columns)
    return same and len(set(sizes)) > 1 and 0.5 * total < sum(n or 0 for n in sizes) <= 1.1 * total


def check_sums(columns: Sequence[PrintedColumn], total: int) -> Iterator[Finding]:
    """Whether the parts add up to the whole, and what it says about singletons."""
    table, parts = columns[0].table, [c.nobs or 0 for c in columns]
    listed = " + ".join(f"{n:,}" for n in parts)
    numbers = {"sum": float(sum(parts)), "total": float(total)}
    if sum(parts) == total:
        yield Finding(
            "sums of N",
            "note",
            table,
            "",
            f"{listed} = {total:,} exactly: no singleton was dropped, although splitting makes new ones; "
            "that is a within estimator that keeps them (xtreg), not one that drops them (reghdfe)",
            numbers,
        )
    else:
        yield Finding(
            "sums of N",
            "weakness",
            table,
            "",
            f"{listed} = {sum(parts):,}, not {total:,}: {abs(total - sum(parts)):,} rows are "
            f"{'missing' if sum(parts) < total else 'counted twice'} and the table does not say which",
            numbers,
        )


def check_differences(columns: Sequence[PrintedColumn]) -> Iterator[Finding]:
    """z of the difference of every two columns, with the printed standard errors and independent samples assumed."""
    names = list(dict.fromkeys(name for c in columns for s in squares(c) for name in (s, f"{s}^2")))
    for first, second in itertools.combinations(columns, 2):
        for name in names:
            yield from _difference(first, second, name)


def _difference(first: PrintedColumn, second: PrintedColumn, name: str) -> Iterator[Finding]:
    a, b = first.estimates[name], second.estimates[name]
    sa, sb = standard_error(a), standard_error(b)
    if sa is None or sb is None or not math.hypot(sa, sb):
        return
    z = (a.b.value - b.b.value) / math.hypot(sa, sb)
    p = math.erfc(abs(z) / math.sqrt(2))
    starred = [bool(stars_of(p_of(sum(t_range(e) or (0, 0)) / 2, c))) for e, c in ((a, first), (b, second))]
    misread = p >= 0.05 and starred[0] != starred[1]
    verdict = "a difference" if p < 0.05 else "no difference"
    claim = ", although one of the two is significant and the other is not" if misread else ""
    yield Finding(
        "group differences",
        "weakness" if misread else "note",
        first.table,
        f"{first.label} and {second.label}",
        f"{name} differs by {a.b.value - b.b.value:+.4f}, z = {z:.2f}, p = {_small(p)} (independent samples "
        f"assumed): {verdict}{claim}",
        {"difference": a.b.value - b.b.value, "z": z, "p": p},
    )


def _small(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"


def check_fit(columns: Sequence[PrintedColumn]) -> Iterator[Finding]:
    """R2 that differ so much between parts of one sample that the outcome may be measured differently."""
    printed = [(c.r2.value, c) for c in columns if c.r2 is not None and c.r2.value > 0]
    if len(printed) < 2:
        return
    (low, worst), (high, best) = min(printed, key=lambda x: x[0]), max(printed, key=lambda x: x[0])
    if high / low >= 5:
        yield Finding(
            "fit by group",
            "weakness",
            columns[0].table,
            f"{best.label} and {worst.label}",
            f"R2 is {high:g} in one part and {low:g} in the other: common year shifts, or a break in how the "
            "outcome is measured; look at the outcome by year",
            {"high": high, "low": low},
        )
