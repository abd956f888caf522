"""True tables of other fields are not accused, and one error in each is found."""

from __future__ import annotations

from pathlib import Path

from each import each
from printed_fields import TABLES
from tablecheck import audit_table
from tablecheck.findings import Finding


def said(tmp_path: Path, text: str, suffix: str) -> list[Finding]:
    """Findings but notes."""
    path = tmp_path / f"table{suffix}"
    path.write_text(text, encoding="utf-8")
    return [f for f in audit_table(path).findings if f.grade != "note"]


@each("name", TABLES)
def test_a_true_table_and_one_with_an_error(name: str, tmp_path: Path) -> None:
    table = TABLES[name]()
    assert [f.sentence for f in said(tmp_path, table.text, table.suffix)] == []
    found = said(tmp_path, table.wrong, table.suffix)
    assert table.row in {f.where.split(", ")[-1] for f in found if f.check in table.checks}
    assert {f.where.split(", ")[-1] for f in found} == {table.row}
