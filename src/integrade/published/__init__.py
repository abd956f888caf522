"""Check a published table from the numbers that it prints, by the package `tablecheck` and its checks of this field."""

from __future__ import annotations

from collections.abc import Sequence

import tablecheck
from tablecheck import LITERATURE, CheckSet, Facts, Finding, PublishedTable, Review, read_printed
from tablecheck.added import Added
from tablecheck.auditing import Files

__all__ = ["CheckSet", "Facts", "Finding", "PublishedTable", "Review", "audit_table", "read_printed", "review"]


def audit_table(
    files: Files, *, text: Files | None = None, against: Files | None = None, checks: Sequence[Added] = LITERATURE
) -> Review:
    """Check printed tables by their own numbers, and the sentences of a text by the tables.

    ``files`` are documents or folders. ``text`` is a document with the claims; if not given, the running text of the
    documents themselves is used. ``against`` are outputs of programs (tables, logs) from which the tables were made:
    numbers that differ from them are doubts.

    ``checks`` are added to the general checks of `tablecheck`. By default these are the sets of this literature:
    squares (turning points), mediation, lags and rankings. A function of your own takes a `PublishedTable` and the
    `Facts` of all tables, and yields findings.

    The review prints itself. ``review.frame()`` has one row for each finding, and ``review.cells()`` one row for each
    cell with its meaning. Raises `FileMissing` for a missing file, `Unreadable` for one that cannot be read or if no
    table can be checked, and `UnknownName` for an unknown set.
    """
    return tablecheck.audit_table(files, text=text, against=against, checks=checks)


def review(tables: Sequence[PublishedTable], text: str = "", *, checks: Sequence[Added] = LITERATURE) -> Review:
    """Check tables that `read_printed` returned, and the sentences of ``text`` by the tables, as `audit_table` does."""
    return tablecheck.review(tables, text, checks=checks)
