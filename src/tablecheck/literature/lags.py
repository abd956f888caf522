"""Check tables of lags: an outcome lagged by mistake, a square that is left out, coefficients that do not decay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tablecheck.added import CheckSet, Facts
from tablecheck.checks.terms import places, squares, t_range
from tablecheck.findings import Finding
from tablecheck.printed import Column, Estimate, PublishedTable

_LAG = re.compile(r"^[LF]\d*\.")


def check_lagged_outcome(columns: Sequence[Column]) -> Iterator[Finding]:
    """Doubt a table of lags in which the outcome itself is lagged."""
    lagged = [c for c in columns if any(_LAG.match(t) for t in c.estimates)]
    for column in lagged:
        if _LAG.match(column.outcome):
            every = all(_LAG.match(t) for t in column.estimates if t != "constant")
            what = (
                "every regressor carries it too: a regression within the same year on fewer rows"
                if every
                else "controls of this year explain the outcome of an earlier one"
            )
            message = (
                f"the outcome is lagged ({column.outcome}): {what}; nothing here relates the "
                f"outcome to the past of the treatment"
            )
            yield Finding(
                "lags", "doubt", column.table, column.label, message, ask="whether the outcome was lagged on purpose"
            )


def check_square_in_lags(columns: Sequence[Column], benchmark: Column | None) -> Iterator[Finding]:
    """Doubt a table of lags that lacks a square which the benchmark has for the same variable."""
    lagged = [c for c in columns if any(_LAG.match(t) for t in c.estimates)]
    wanted = set(squares(benchmark)) if benchmark is not None else set()
    bare = {_LAG.sub("", t) for c in lagged for t in c.estimates if _LAG.match(t)}
    if lagged and wanted & bare and not any(squares(c) for c in lagged):
        message = "no column has a squared term: nothing here can confirm a U or an inverted U"
        yield Finding("lags", "doubt", lagged[0].table, "", message)


def check_same_as_benchmark(columns: Sequence[Column], benchmark: Column) -> Iterator[Finding]:
    """Doubt columns whose lagged controls have nearly the coefficients of the same controls in the benchmark.

    Probably the outcome was then lagged too. Only controls with |t| > 2 in the benchmark count.
    """
    compared = []
    for term, estimate in benchmark.estimates.items():
        span = t_range(estimate)
        is_clear = span is not None and span[0] > 2
        if is_clear and not {term, term.removesuffix("^2")} & {*squares(benchmark), "constant"}:
            compared.append(term)
    for column in columns:
        pairs = [
            (estimate, benchmark.estimates[bare])
            for term, estimate in column.estimates.items()
            if _LAG.match(term) and (bare := _LAG.sub("", term)) in compared
        ]
        near = [a for a, b in pairs if _near(a, b)]
        # The shares 0.6 and 25% are conventions.
        if len(pairs) >= 3 and len(near) >= 0.6 * len(pairs):
            rows = f" on {column.nobs.value:,.0f} rows" if column.nobs is not None else ""
            yield Finding(
                "lags",
                "doubt",
                column.table,
                column.label,
                f"{len(near)} of {len(pairs)} lagged coefficients are those of {benchmark.table} {benchmark.label} "
                f"(within 25%): they do not decay, as in a regression within one year{rows}",
                {"near": float(len(near)), "of": float(len(pairs))},
                cells=places(*(a.b for a in near)),
            )


def _near(a: Estimate, b: Estimate) -> bool:
    """Return whether two coefficients have the same sign and about the same size."""
    if a.b is None or b.b is None:
        return False
    # Within a quarter counts as the same coefficient; a convention.
    return a.b.value * b.b.value > 0 and abs(a.b.value - b.b.value) <= 0.25 * abs(b.b.value)


def check_table_of_lags(table: PublishedTable, facts: Facts) -> Iterator[Finding]:
    """Check the columns of a table against each other and against the benchmark of all tables."""
    columns = table.columns
    if not any(_LAG.match(t) for c in columns for t in c.estimates):
        return
    benchmark = _benchmark(facts.tables)
    yield from check_lagged_outcome(columns)
    yield from check_square_in_lags(columns, benchmark)
    if benchmark is not None and benchmark not in columns:
        yield from check_same_as_benchmark(columns, benchmark)


def _benchmark(tables: Sequence[PublishedTable]) -> Column | None:
    """Return the whole-sample column with a square and the most terms, from the first table that has such a column."""
    total = max((c.nobs.value for t in tables for c in t.columns if c.nobs is not None), default=None)
    for table in tables:
        whole = [c for c in table.columns if c.nobs is not None and c.nobs.value == total and squares(c)]
        if whole:
            return max(whole, key=lambda c: len(c.estimates))
    return None


CHECKS = CheckSet(tables=(check_table_of_lags,))
