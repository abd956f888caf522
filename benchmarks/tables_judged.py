"""A drawn case set in a file, read and checked: its reading against the truth, its findings against the fits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tables_drawn import Case
from tables_planted import Planted
from tables_set import MID, Drawn, Key, Laid, lay, write

from tablecheck.added import LITERATURE
from tablecheck.documents import read_documents
from tablecheck.findings import Finding
from tablecheck.layout import read_tables
from tablecheck.printed import Estimate, Printed, PublishedTable
from tablecheck.review import review
from tablecheck.words import term_name

TRUE_OF_THE_NUMBERS = (
    *("turning point", "group differences", "fit by group", "ranks", "first path", "mediation", "kinds of R2"),
)
"""Doubts that state a fact of the printed numbers (a median past the turning point, ranks that do not last, R2 within
groups under the name of R2 beside the adjusted R2 of the whole model).
"""


@dataclass
class Outcome:
    """What came of a case."""

    laid: list[Laid]
    tables: list[PublishedTable]
    findings: Sequence[Finding]
    wrong: list[str]
    """What was read otherwise than it was set."""
    path: Path


def run(case: Case, folder: Path, name: str = "case") -> Outcome:
    """Set, write, read and check a case."""
    folder.mkdir(parents=True, exist_ok=True)
    laid = [lay(t) for t in case.tables]
    path = write(laid, folder / name, case.tables[0].style.file)
    (document,) = read_documents([path])
    tables = list(read_tables(document))
    wrong = list(readings(case, tables)) if len(tables) == len(laid) else [f"{len(tables)} tables, not {len(laid)}"]
    found = review(tables, f"{document.text}\n\n{case.text}", checks=LITERATURE).findings
    return Outcome(laid, tables, found, wrong, path)


def readings(case: Case, tables: Sequence[PublishedTable]) -> Iterator[str]:
    """Numbers that were read as something else than they were set as."""
    for drawn, table in zip(case.tables, tables, strict=True):
        if drawn.panels:
            yield from _regression(drawn, table)
        elif drawn.kind == "descriptive":
            yield from _described(drawn, table)
        elif drawn.kind == "correlation":
            yield from _correlated(drawn, table)
        else:
            yield from _ranked(drawn, table)


def _value(text: str) -> float:
    return float(text.lstrip("<").rstrip("*+"))


def _same(text: str, read: Printed | None) -> bool:
    return read is not None and math.isclose(_value(text), read.value, rel_tol=1e-9, abs_tol=1e-12)


def _regression(drawn: Drawn, table: PublishedTable) -> Iterator[str]:
    expected = drawn.columns
    if len(table.columns) != len(expected):
        yield f"{len(table.columns)} columns, not {len(expected)}"
        return
    for (_, _, shown), column in zip(expected, table.columns, strict=True):
        for label, found in shown.terms.items():
            estimate = column.estimates.get(term_name(label))
            if estimate is None:
                yield f"{label} is not in {column.label}: {sorted(column.estimates)}"
                continue
            yield from _estimate(drawn, label, found, estimate)
        if extra := set(column.estimates) - {term_name(x) for x in shown.terms}:
            yield f"{column.label} has {sorted(extra)}"
        for key, label in shown.keys.items():
            if key in ("loglik",):
                continue
            if not _same(shown.sizes[label], column.sizes.get(key)):
                yield f"{label} of {column.label} is {shown.sizes[label]}, read as {column.sizes.get(key)}"


def _estimate(drawn: Drawn, label: str, found: dict[str, str], estimate: Estimate) -> Iterator[str]:
    if not _same(found["b"], estimate.b):
        yield f"b of {label} is {found['b']}, read as {estimate.b}"
    if estimate.marks != found.get("marks", ""):
        yield f"marks of {label} are {found.get('marks', '')!r}, read as {estimate.marks!r}"
    for kind in drawn.style.errors:
        if kind == "interval":
            pair = estimate.interval
            if pair is None or not (_same(found["low"], pair[0]) and _same(found["high"], pair[1])):
                yield f"interval of {label} is {found['low']}, {found['high']}, read as {pair}"
            continue
        told = drawn.style.form in ("beside", "stat") or drawn.style.brackets_stated
        read = getattr(estimate, kind)
        if not _same(found[kind], read) and (told or not any(_same(found[kind], v) for v in estimate.loose.values())):
            yield f"{kind} of {label} is {found[kind]}, read as {read}, {dict(estimate.loose)}"


def _described(drawn: Drawn, table: PublishedTable) -> Iterator[str]:
    from tablecheck.words import describes

    rows = {k: v for d in table.described for k, v in d.rows.items()}
    for label, cells in drawn.rows:
        for head, text in zip(drawn.heads, cells, strict=True):
            read = rows.get(term_name(label), {}).get(describes(head))
            if not _same(text, read):
                yield f"{head} of {label} is {text}, read as {read}"


def _correlated(drawn: Drawn, table: PublishedTable) -> Iterator[str]:
    if table.correlated is None:
        yield "no correlation matrix"
        return
    for i, (label, cells) in enumerate(drawn.rows):
        for j, text in enumerate(cells):
            read = table.correlated.cells.get((i, j))
            if text and (not _same(text, read) or read is None or read.marks != re.sub(r"[^*+]", "", text)):
                yield f"correlation {label}, {j + 1} is {text}, read as {read}"


def _ranked(drawn: Drawn, table: PublishedTable) -> Iterator[str]:
    if table.ranked is None:
        yield "no ranking"
        return
    for label, cells in drawn.rows:
        read = list(table.ranked.rows.get(label, {}).values())
        if len(read) != len(cells) or not all(_same(t, r) for t, r in zip(cells, read, strict=True)):
            yield f"{label}: {cells}, read as {read}"


def false_findings(findings: Sequence[Finding], grade: str) -> list[Finding]:
    """Findings of a grade about a consistent case that claim something untrue of it."""
    return [
        f for f in findings if f.grade == grade and (grade == "contradiction" or f.check not in TRUE_OF_THE_NUMBERS)
    ]


def found_by(planted: Planted, before: Outcome, after: Outcome) -> list[Finding]:
    """Findings of the right check on a cell of the planted error that the consistent case does not have."""
    known = {(f.check, f.sentence) for f in before.findings}
    new = [
        f for f in after.findings
        if f.check in planted.checks and f.grade != "note" and (f.check, f.sentence) not in known
    ]  # fmt: skip
    places: dict[int, set[str]] = {}
    for t, key in planted.cells:
        if key in after.laid[t].at and t < len(after.tables):
            places.setdefault(t, set()).update(_places(after, t, key))
    names = {t: {term_name(k[2]) for x, k in planted.cells if x == t} for t in places}
    text_only = planted.checks == ("claims",)
    return [
        f
        for f in new
        for t in places
        if f.table == after.tables[t].name and _is_there(f, places[t], names[t], text_only)
    ]


def _is_there(finding: Finding, places: set[str], names: set[str], anywhere: bool) -> bool:
    return anywhere or bool(set(finding.cells) & places) or finding.where.split(", ")[-1] in names


def _places(outcome: Outcome, t: int, key: Key) -> Iterator[str]:
    """Where a set cell stands in the document, in the reader's words."""
    i, j = outcome.laid[t].at[key]
    cell = outcome.laid[t].rows[i][j]
    text = re.sub(f"[{MID}]", "", cell.text)
    rows = outcome.tables[t].grid.rows
    for r, row in enumerate(rows):
        for c, own in enumerate(row):
            if own.text and re.sub(r"\^", "", own.text) in (text, text + cell.raised):
                yield own.place or f"row {r + 1}, column {c + 1}"
