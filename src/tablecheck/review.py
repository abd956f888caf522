"""Run all checks on all printed tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tablecheck.added import Added, CheckSet, Facts, added_checks
from tablecheck.checks import (
    balance,
    correlations,
    counted,
    coverage,
    digits,
    estimates,
    fits,
    repeats,
    samples,
    summaries,
)
from tablecheck.checks.claims import check_claims, check_definitions
from tablecheck.checks.gathered import OF_ESTIMATES, local_only
from tablecheck.checks.terms import described
from tablecheck.findings import Finding, Review
from tablecheck.printed import PublishedTable


def review(tables: Sequence[PublishedTable], text: str = "", *, checks: Sequence[Added] = ()) -> Review:
    """Check printed tables by their own numbers, and the sentences of ``text`` by the tables.

    Nothing is estimated: every finding follows from printed digits and their rounding. A contradiction is reported only
    if no true values would be printed like this, under any rule that the table may follow. A rule fixes the levels of
    stars and the kind of number in each bracket. If the table does not state them, all common levels and all kinds are
    tried. The degrees of freedom may have every value that the table allows. If the reading of a table is doubtful, the
    contradictions of its estimates are reported as doubts.

    ``checks`` are added to the general ones: names of `tablecheck.added.LITERATURE`, a `CheckSet`, or a function of a
    table and of the `Facts` of all tables that yields findings.
    """
    added = added_checks(checks)
    facts = Facts(tables, described(tables))
    statistics = facts.statistics
    every = [c for t in tables for c in t.columns]
    total = max((c.nobs.value for c in every if c.nobs is not None), default=None)
    findings: list[Finding] = []
    for table in tables:
        findings += _summaries(table, facts, added)
    for table in tables:
        findings += _regressions(table, facts, added, total)
    findings += repeats.check_repeats(every)
    findings += coverage.check_described(tables, statistics)
    findings += digits.check_last_digits(tables)
    if text:
        findings += check_claims(text, facts, added)
        findings += check_definitions(text, tables, statistics)
    drawn = frozenset(t.name for t in tables if t.grid.file.lower().endswith(".pdf"))
    findings = local_only(findings, drawn)
    count = _counts(tables)
    if count["coefficients"]:
        count["compared coefficients"] = sum(estimates.count_compared(balance.without_means(t)) for t in tables)
        count["contradicting coefficients"] = sum(
            f.check in OF_ESTIMATES and f.grade == "contradiction" for f in findings
        )
    doubts = {t.name: t.doubts for t in tables if t.doubts}
    unread = {t.name: "this table is of no kind that can be checked" for t in tables if not t.is_understood}
    return Review(tuple(findings), count, doubts, unread, tables=tuple(tables))


def _summaries(table: PublishedTable, facts: Facts, added: CheckSet) -> Iterator[Finding]:
    """Check the descriptive statistics and correlations of a table; if it has no regressions, run the added checks."""
    statistics = facts.statistics
    if not table.columns:
        yield from added.of_table(table, facts)
    for part in table.described:
        yield from summaries.check_descriptives(table.name, part.rows)
    yield from counted.check_counted(table)
    if table.correlated is not None:
        # If the notes have no number of rows, use the only number that the descriptive statistics print for the names.
        names = table.correlated.names
        sizes = {row["n"].value for name, row in statistics.items() if name in names and "n" in row}
        nobs = table.notes.nobs or (sizes.pop() if len(sizes) == 1 else None)
        yield from correlations.check_correlations(table.name, table.correlated, nobs, table.notes)
        columns = [c for t in facts.tables for c in t.columns]
        yield from correlations.check_against_regressions(table.name, table.correlated, columns)
        yield from coverage.check_correlated(table.name, table.correlated, statistics, columns)


def _regressions(table: PublishedTable, facts: Facts, added: CheckSet, total: float | None) -> Iterator[Finding]:
    """Check the regressions of a table; if it has any, run the added checks."""
    columns = table.columns
    tested = balance.without_means(table)
    yield from estimates.check_estimates(tested)
    yield from estimates.check_thresholds(tested)
    yield from balance.check_balance(table)
    per_cent = fits.prints_per_cent(columns)
    for column in columns:
        yield from added.of_column(column, facts)
        yield from fits.check_bounds(column, per_cent=per_cent)
        yield from fits.check_f(column)
    yield from coverage.check_bare_tests(table)
    yield from fits.check_nested(columns)
    yield from fits.check_lags(columns)
    yield from samples.check_whole(columns)
    yield from samples.check_printed_differences(columns)
    yield from repeats.check_copies(columns)
    if total is not None and samples.is_split(columns, total):
        yield from samples.check_sums(columns, total)
        yield from samples.check_differences(columns)
        yield from samples.check_fit(columns)
        yield from coverage.check_parts(columns)
    if columns:
        yield from added.of_table(table, facts)


def _counts(tables: Sequence[PublishedTable]) -> dict[str, int]:
    """Count what was checked, by kind; correlations and descriptive statistics are left out if there are none."""
    columns = [c for t in tables for c in t.columns]
    count = Counter(tables=len(tables), columns=len(columns))
    count["coefficients"] = sum(len(c.estimates) for c in columns)
    count["correlations"] = sum(i > j for t in tables if t.correlated for i, j in t.correlated.cells)
    count["descriptive statistics"] = sum(len(row) for t in tables for d in t.described for row in d.rows.values())
    return {k: v for k, v in count.items() if v or k in ("tables", "columns", "coefficients")}
