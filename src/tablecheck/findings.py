"""Define the result of a review of printed tables: findings with their numbers and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

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


@dataclass(frozen=True)
class Review:
    """All findings for all tables.

    ``checked`` counts what was examined, by kind (tables, columns, coefficients, ...). ``doubts`` gives, for each
    table, the doubts about how it was read. ``unread`` gives, for each table that could not be interpreted, the reason.
    ``lost`` are the files and the parts of documents that were not read.
    """

    findings: tuple[Finding, ...]
    checked: Mapping[str, int]
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    tables: tuple[PublishedTable, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the findings, counts and doubts, and everything that was not read, as objects for `json`."""
        return {
            "findings": [{f.name: getattr(finding, f.name) for f in fields(finding)} for finding in self.findings],
            "checked": self.checked,
            "doubts": self.doubts,
            "unread": self.unread,
            "lost": self.lost,
        }

    def frame(self) -> pl.DataFrame:
        """Return one row for each finding: check, grade, table, where, sentence, arithmetic, cells, innocent, ask."""
        import polars as pl

        names = ("check", "grade", "table", "where", "sentence", "arithmetic", "cells", "innocent", "ask")
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
                lines += [f"  [{f.table}{', ' + f.where if f.where else ''}] {f.sentence}" for f in of_grade]
        lines += [f"reading of {table}: {'; '.join(doubts)}" for table, doubts in self.doubts.items() if doubts]
        lines += [f"not read: {table}: {why}" for table, why in self.unread.items()]
        lines += [f"not read: {why}" for why in self.lost]
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
