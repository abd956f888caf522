"""Define what a caller adds to the general checks: functions of tables, columns or sentences, and sets of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

from plainwords.errors import UnknownName, did_you_mean
from tablecheck.checks.terms import Statistics
from tablecheck.findings import Finding
from tablecheck.printed import Column, PublishedTable


class Facts(NamedTuple):
    """The tables of a review, and the descriptive statistics of the whole sample by variable."""

    tables: Sequence[PublishedTable]
    statistics: Statistics


class Claim(NamedTuple):
    """A sentence of the text, with the sentence before it and the table that was named last.

    ``is_of_table`` is true if this sentence names the table.
    """

    sentence: str
    before: str
    table: PublishedTable | None
    is_of_table: bool


TableCheck = Callable[[PublishedTable, Facts], Iterable[Finding]]
ColumnCheck = Callable[[Column, Facts], Iterable[Finding]]
ClaimCheck = Callable[[Claim, Facts], Iterable[Finding]]


@dataclass(frozen=True)
class CheckSet:
    """Checks that belong together: functions called for each table, for each column of a regression, for each sentence.

    Each function takes what it checks and the `Facts` of all tables, and yields findings.
    """

    tables: Sequence[TableCheck] = ()
    columns: Sequence[ColumnCheck] = ()
    claims: Sequence[ClaimCheck] = ()

    def of_table(self, table: PublishedTable, facts: Facts) -> Iterator[Finding]:
        """Run the checks of tables on one table."""
        return (finding for check in self.tables for finding in check(table, facts))

    def of_column(self, column: Column, facts: Facts) -> Iterator[Finding]:
        """Run the checks of columns on one column."""
        return (finding for check in self.columns for finding in check(column, facts))

    def of_claim(self, claim: Claim, facts: Facts) -> Iterator[Finding]:
        """Run the checks of sentences on one sentence."""
        return (finding for check in self.claims for finding in check(claim, facts))


LITERATURE = ("squares", "mediation", "lags", "rankings")
"""Names of the sets in the folder ``literature``; `tablecheck` runs none of them unless it is named."""
Added = str | CheckSet | TableCheck


def added_checks(added: Iterable[Added]) -> CheckSet:
    """Join what a caller adds: names of `LITERATURE`, sets, and functions of a table. Raises `UnknownName`."""
    sets = [_as_set(one) for one in added]
    return CheckSet(
        [check for one in sets for check in one.tables],
        [check for one in sets for check in one.columns],
        [check for one in sets for check in one.claims],
    )


def _as_set(one: Added) -> CheckSet:
    if isinstance(one, CheckSet):
        return one
    if not isinstance(one, str):
        return CheckSet(tables=[one])
    if one not in LITERATURE:
        raise UnknownName(f"no set of checks is called {one!r}", remedy=did_you_mean(one, LITERATURE))
    chosen: CheckSet = import_module(f"tablecheck.literature.{one}").CHECKS
    return chosen
