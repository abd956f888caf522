"""Define the result of a review of printed tables: findings with their numbers and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

from plainwords.escaping import for_html
from tablecheck.printed import PublishedTable

if TYPE_CHECKING:
    import polars as pl

Grade = Literal["contradiction", "doubt", "note"]
GRADES: tuple[Grade, ...] = ("contradiction", "doubt", "note")


@dataclass(frozen=True)
class Finding:
    """One finding of a check.

    A ``contradiction`` follows from the printed digits alone: no true values that round to these digits satisfy the
    identity. A ``doubt`` needs an assumption that the table does not state but that most tables follow, or concerns a
    claim that the numbers do not support. A ``note`` is a fact that readers should know. ``arithmetic`` shows the
    calculation. ``cells`` are the positions of the cells used. ``innocent`` explains the finding without an error of
    the authors. ``ask`` is a question to the authors.
    """

    check: str
    grade: Grade
    table: str
    where: str
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    arithmetic: str = ""
    cells: tuple[str, ...] = ()
    innocent: str = ""
    ask: str = ""

    @property
    def key(self) -> str:
        """Eight digits that name this finding in its document: they change with its cells, numbers and quotations."""
        numbers = ",".join(f"{name}={value:.10g}" for name, value in sorted(self.numbers.items()))
        quoted = self.sentence if self.check == "claims" else ""
        said = "|".join((self.check, self.table, self.where, ",".join(self.cells), numbers, quoted))
        return sha256(said.encode()).hexdigest()[:8]


class Accepted(NamedTuple):
    """A finding that an editor has settled, with the reason."""

    finding: Finding
    reason: str


def _counted(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"


class Verdict(NamedTuple):
    """Numbers of tables, coefficients, contradictions and doubts of one document."""

    file: str
    tables: int
    unread: int
    coefficients: int
    contradictions: int
    doubts: int

    def __str__(self) -> str:
        counts = [_counted(n, word) for n, word in zip(self[4:], GRADES, strict=False) if n]
        unread = f", {self.unread} not read" if self.unread else ""
        tables = f"{_counted(self.tables, 'table')}{unread}, {_counted(self.coefficients, 'coefficient')}"
        return f"{self.file}: {', '.join(counts) or 'no contradiction or doubt about its numbers'} ({tables})"


UNREAD = 4
"""Exit code of the command if there is no contradiction, but a captioned table or a file was not read."""


@dataclass(frozen=True)
class Review:
    """All findings for all tables.

    ``checked`` counts what was examined, by kind (tables, columns, coefficients, ...). ``doubts`` gives, for each
    table, the doubts about how it was read. ``unread`` gives, for each table that could not be interpreted, the reason.
    ``lost`` are the files and the parts of documents that were not read. ``missed`` names the captioned tables that
    were not read and the damaged files of a folder: without findings, such a review is no clean bill. ``accepted`` are
    findings that an editor has settled (`tablecheck.accepting`); they are not among ``findings``. ``unused`` are keys
    of settled findings that no longer occur.
    """

    findings: tuple[Finding, ...]
    checked: Mapping[str, int]
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    unused: tuple[str, ...] = ()
    tables: tuple[PublishedTable, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 1 for a contradiction, else `UNREAD` if anything is missed, else 0."""
        return 1 if any(f.grade == "contradiction" for f in self.findings) else UNREAD if self.missed else 0

    def as_json(self) -> dict[str, object]:
        """Return the findings, counts and doubts, and everything that was not read, as objects for `json`."""
        return {
            "findings": [
                {"key": finding.key, **{f.name: getattr(finding, f.name) for f in fields(finding)}}
                for finding in self.findings
            ],
            "checked": self.checked,
            "doubts": self.doubts,
            "unread": self.unread,
            "lost": self.lost,
            "missed": self.missed,
            "accepted": [{"finding": one.finding.key, "reason": one.reason} for one in self.accepted],
            "unused": self.unused,
        }

    def verdicts(self) -> list[Verdict]:
        """Return one verdict for each document, in the order of the documents."""
        return [self._verdict(file) for file in dict.fromkeys(t.grid.file for t in self.tables)]

    def _verdict(self, file: str) -> Verdict:
        tables = [t for t in self.tables if t.grid.file == file]
        names = {t.name for t in tables}
        grades = [f.grade for f in self.findings if f.table in names]
        return Verdict(
            file,
            len(tables),
            sum(not t.is_understood for t in tables),
            sum(len(c.estimates) for t in tables for c in t.columns),
            grades.count("contradiction"),
            grades.count("doubt"),
        )

    def frame(self) -> pl.DataFrame:
        """Return one row for each finding: key, check, grade, table, where, sentence and the rest of its fields."""
        import polars as pl

        names = ("key", "check", "grade", "table", "where", "sentence", "arithmetic", "cells", "innocent", "ask")
        rows = [{n: "; ".join(f.cells) if n == "cells" else getattr(f, n) for n in names} for f in self.findings]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))

    def cells(self) -> pl.DataFrame:
        """Return one row for each cell with content other than a dash: table, place (its position), text, role."""
        import polars as pl

        names = ("table", "place", "text", "role")
        rows = [
            dict(zip(names, (t.name, t.place(i, j), t.grid.rows[i][j].text, role), strict=True))
            for t in self.tables
            for (i, j), role in sorted(t.roles.items())
        ]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))

    def __str__(self) -> str:
        lines = []
        for grade in GRADES:
            of_grade = [f for f in self.findings if f.grade == grade]
            if of_grade:
                lines.append(f"{grade} ({len(of_grade)})")
                lines += [f"  {f.key} [{f.table}{', ' + f.where if f.where else ''}] {f.sentence}" for f in of_grade]
        if self.accepted:
            lines.append(f"settled ({len(self.accepted)})")
            lines += [f"  {one.finding.key} [{one.finding.table}] {one.reason}" for one in self.accepted]
        lines += [f"the settled finding {key} no longer occurs" for key in self.unused]
        lines += [f"reading of {table}: {'; '.join(doubts)}" for table, doubts in self.doubts.items() if doubts]
        lines += [f"not read: {table}: {why}" for table, why in self.unread.items()]
        lines += [f"not read: {why}" for why in (*self.lost, *self.missed)]
        verdicts = self.verdicts()
        lines += map(str, verdicts if len(verdicts) > 1 else ())
        counts = ", ".join(f"{name} {count:,}" for name, count in self.checked.items())
        return "\n".join([*lines, f"checked: {counts}"])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{f.grade}</td><td>{for_html(f.table)}</td><td>{for_html(f.where)}</td>"
            f"<td>{for_html(f.sentence)}</td></tr>"
            for grade in GRADES
            for f in self.findings
            if f.grade == grade
        )
        return f"<table><tr><th>grade</th><th>table</th><th>where</th><th>finding</th></tr>{rows}</table>"
