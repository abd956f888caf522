"""Read the printed tables of documents and check them: from files to findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rawcells.errors import Unreadable
from tablecheck.added import Added
from tablecheck.against import with_outputs
from tablecheck.documents import left_out, read_documents
from tablecheck.findings import Review
from tablecheck.grid import Document
from tablecheck.layout import read_tables
from tablecheck.missed import missed_tables
from tablecheck.printed import PublishedTable
from tablecheck.review import review

Files = str | Path | Sequence[str | Path]


def read_printed(files: Files) -> tuple[PublishedTable, ...]:
    """Read the printed tables of documents: csv, text, Excel, Word, HTML, Markdown, LaTeX, PDF with a text layer.

    ``files`` are files or folders (with their subfolders). Tables that cannot be checked are returned too; their
    `PublishedTable.is_understood` is false. Raises `FileMissing` for a missing file. Raises `Unreadable` for a file
    that cannot be read, and if no table can be checked. A file in a folder that cannot be read is left out if others
    can. Several errors are raised together as `Problems`.
    """
    return _understood(read_documents(_listed(files)))


def _listed(files: Files) -> list[str | Path]:
    return [files] if isinstance(files, str | Path) else list(files)


def _understood(documents: Sequence[Document]) -> tuple[PublishedTable, ...]:
    """Read the tables of documents. Raises `Unreadable` if none of them can be checked."""
    tables = tuple(table for document in documents for table in read_tables(document))
    if not any(t.is_understood for t in tables):
        names = ", ".join(Path(d.file).name for d in documents[:3])
        heads = next((" | ".join(c.text for c in t.grid.rows[0] if c.text) for t in tables if t.grid.rows), "")
        raise Unreadable(
            f"{names}: no table that can be checked",
            example=f"the first row: {heads[:80]}" if heads else "",
            remedy="regressions (coefficients with standard errors, t or p), descriptive statistics (columns such as "
            "Mean, SD, Min, Max), correlations, or rankings (a column of values and a column Rank after it)",
        )
    return tables


def audit_table(
    files: Files, *, text: Files | None = None, against: Files | None = None, checks: Sequence[Added] = ()
) -> Review:
    """Check printed tables by their own numbers, and the sentences of a text by the tables.

    ``files`` are documents or folders (see `read_printed`). ``text`` is a document with the claims; if not given, the
    running text of the documents themselves is used. ``against`` are outputs of programs (tables, logs) from which the
    tables were made: numbers that differ from them are doubts (`tablecheck.against`). ``checks`` are
    added to the general ones: ``squares``, ``mediation``, ``lags``, ``rankings``, or functions (`tablecheck.review`).

    The review prints itself. ``review.frame()`` has one row for each finding, and ``review.cells()`` one row for each
    cell with its meaning. Raises the errors of `read_printed`.
    """
    documents = read_documents(_listed(files))
    texts = read_documents(_listed(text)) if text is not None else documents
    reviewed = review(_understood(documents), "\n\n".join(d.text for d in texts), checks=checks)
    if against is not None:
        reviewed = with_outputs(reviewed, read_printed(against))
    lost = (f"{d.file}: {why}" for d in documents for why in d.lost)
    missed = (
        f"{d.file}: {why}"
        for d in documents
        if (why := missed_tables(d, [t for t in reviewed.tables if t.grid.file == d.file]))
    )
    damaged = (f"{d.file}: {d.damage}" for d in dict.fromkeys((*documents, *texts)) if d.damage)
    return replace(reviewed, lost=(*left_out(_listed(files)), *lost), missed=(*damaged, *missed))
