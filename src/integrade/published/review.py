"""All checks over all printed tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from integrade.published import channels, columns, samples, summaries
from integrade.published.columns import Statistics
from integrade.published.findings import Finding, Review
from integrade.published.printed import PrintedColumn, PrintedTables


def review(tables: PrintedTables) -> Review:
    """Check printed tables from their own numbers.

    Nothing is estimated: every finding follows from printed digits and what rounding allows. Stars are judged on the
    printed t, with the sample size where it is printed; turning points against the printed range and median; parts
    against the whole; groups by the z of their difference; mediation by Sobel and by c - c' = a b; lags by what carries
    them. Where descriptive statistics are not given, the checks that need them are left out.
    """
    described: Statistics = {k: v for rows in tables.descriptives.values() for k, v in rows.items()}
    sizes = [c.nobs for cols in tables.regressions.values() for c in cols if c.nobs]
    total = max(sizes, default=None)
    found: list[Finding] = []
    for name, rows in tables.rankings.items():
        found += [*summaries.check_ranking(name, rows)]
        found += [f for x in _treatments(tables) for f in summaries.check_transform(name, rows, described, x)]
    for name, statistics in tables.descriptives.items():
        found += summaries.check_descriptives(name, statistics)
    for name, cells in tables.correlations.items():
        found += summaries.check_correlations(name, cells, total)
    benchmark = _benchmark(tables, total)
    for cols in tables.regressions.values():
        found += _regression(cols, described, total, benchmark)
    return Review(tuple(found), _counts(tables))


def _treatments(tables: PrintedTables) -> list[str]:
    every = [x for cols in tables.regressions.values() for c in cols for x in columns.squares(c)]
    return list(dict.fromkeys(every))


def _benchmark(tables: PrintedTables, total: int | None) -> PrintedColumn | None:
    """The first table with a square on the whole sample: its longest column."""
    for cols in tables.regressions.values():
        whole = [c for c in cols if c.nobs == total and columns.squares(c)]
        if whole:
            return max(whole, key=lambda c: len(c.estimates))
    return None


def _regression(
    cols: Sequence[PrintedColumn], described: Statistics, total: int | None, benchmark: PrintedColumn | None
) -> Iterator[Finding]:
    for column in cols:
        yield from columns.check_stars(column)
        yield from columns.check_signs(column)
        yield from columns.check_turning_point(column, described)
        yield from columns.check_size(column, described)
        yield from columns.check_fragility(column)
    if total is not None and samples.is_split(cols, total):
        yield from samples.check_sums(cols, total)
        yield from samples.check_differences(cols)
        yield from samples.check_fit(cols)
    for chain in channels.chains(cols):
        yield from channels.check_product(chain)
        yield from channels.check_identity(chain, described)
        yield from channels.check_level(chain, described)
    yield from channels.check_lagged_outcome(cols)
    if benchmark is not None and benchmark not in cols:
        yield from channels.check_same_as_benchmark(cols, benchmark)


def _counts(tables: PrintedTables) -> dict[str, int]:
    cols = [c for group in tables.regressions.values() for c in group]
    count = Counter(tables=sum(len(getattr(tables, k)) for k in vars(tables)), columns=len(cols))
    count["coefficients"] = sum(len(c.estimates) for c in cols)
    count["correlations"] = sum(len(c) for c in tables.correlations.values())
    return dict(count)
