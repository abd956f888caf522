"""What a review of printed tables says: findings with the numbers they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from integrade.escaping import for_html

Grade = Literal["contradiction", "weakness", "note"]
GRADES: tuple[Grade, ...] = ("contradiction", "weakness", "note")


@dataclass(frozen=True)
class Finding:
    """One finding. A contradiction follows from the printed digits alone, whatever was rounded; a weakness is what the
    numbers do not support; a note is worth knowing.
    """

    check: str
    grade: Grade
    table: str
    where: str
    sentence: str
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Review:
    """All findings over all tables, in the order of the tables; ``checked`` counts what each check looked at."""

    findings: tuple[Finding, ...]
    checked: Mapping[str, int]

    def __str__(self) -> str:
        lines = []
        for grade in GRADES:
            here = [f for f in self.findings if f.grade == grade]
            if here:
                lines.append(f"{grade} ({len(here)})")
                lines += [f"  [{f.table}{', ' + f.where if f.where else ''}] {f.sentence}" for f in here]
        looked = ", ".join(f"{name} {count:,}" for name, count in self.checked.items())
        return "\n".join([*lines, f"checked: {looked}"])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{f.grade}</td><td>{for_html(f.table)}</td><td>{for_html(f.where)}</td><td>{for_html(f.sentence)}</td></tr>"
            for grade in GRADES
            for f in self.findings
            if f.grade == grade
        )
        return f"<table><tr><th>grade</th><th>table</th><th>where</th><th>finding</th></tr>{rows}</table>"
