"""Audit one document of the corpus; `corpus` does so in a process for each document."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus import hash_of

from plainwords.errors import ExplainedError
from tablecheck.added import LITERATURE
from tablecheck.digits import tokens
from tablecheck.documents import read_documents
from tablecheck.findings import Finding
from tablecheck.grid import Document
from tablecheck.layout import read_tables
from tablecheck.printed import PublishedTable
from tablecheck.review import review


def texts_of(finding: Finding, tables: Sequence[PublishedTable]) -> Iterator[tuple[str, str]]:
    """Yield each position that a finding names, with the text of the cell there.

    A position in a PDF is that of a column. Of several cells at a position, those with a number of the finding count.
    """
    values = {abs(v) for v in finding.numbers.values()}
    for place in set(finding.cells):
        there = [
            table.grid.rows[i][j].text
            for table in tables
            if table.name == finding.table
            for i, j in table.roles
            if table.place(i, j) == place
        ]
        named = [t for t in there if any(abs(n.value) in values for token in tokens(t) for n in token.values)]
        yield place, " ".join(sorted(named if len(there) > 1 and named else there))


def errors_planted(document: Document, name: str) -> list[tuple[str, bool, bool, str]]:
    """Plant errors; the modules that this needs are slow to load."""
    from corpus_planted import planted

    return planted(document, name)


def audited(file: Path, repository: str, path: str, *, plant: bool) -> dict[str, object]:
    """Read and check one document."""
    started = time.process_time()
    try:
        documents = read_documents([file])
    except ExplainedError as problem:
        seconds = time.process_time() - started
        return {"problem": f"not read: {problem}"[:300], "seconds": seconds, "said": [], "planted": []}
    tables = [table for document in documents for table in read_tables(document)]
    text = "\n\n".join(d.text for d in documents)
    found = review(tables, text, checks=LITERATURE) if any(t.is_understood for t in tables) else None
    seconds = time.process_time() - started
    said = [
        {
            "hash": hash_of(repository, path, f.check, texts_of(f, tables), f.numbers.values()),
            "grade": f.grade,
            "check": f.check,
            "table": f.table,
            "where": f.where,
            "sentence": f.sentence,
        }
        for f in (found.findings if found else ())
        if f.grade != "note"
    ]
    return {
        "understood": sum(t.is_understood for t in tables),
        "other": sum(not t.is_understood for t in tables),
        "coefficients": found.checked.get("coefficients", 0) if found else 0,
        "seconds": seconds,
        "said": said,
        "planted": errors_planted(documents[0], f"{repository} {path}") if plant and found else [],
    }
