"""The worked tables of docs/table_audit.md: what the page says is found, and nothing else, from the cells it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tablecheck import audit_table

PAGE = (Path(__file__).parents[2] / "docs" / "table_audit.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["table1", "table2", "table3"])
def test_worked_table(name: str, tmp_path: Path) -> None:
    section = PAGE.split(f"```csv {name}\n")[1].split("\n##")[0]
    table = tmp_path / f"{name}.csv"
    table.write_text(section.split("```")[0], encoding="utf-8")
    said = re.search(rf"```text {name}\n(.*?)```", section, re.DOTALL)
    text = tmp_path / "paper.txt"
    text.write_text(said[1] if said else "No claims.\n", encoding="utf-8")
    found = audit_table(table, text=text).findings
    expected = re.findall(r"^\| ([^|]+) \| [^|]*(?:\|t\|[^|]*)?\| `([a-z A-Z2]+)`, (\w+)", section, re.MULTILINE)
    assert expected
    got = {(f.check, f.grade) for f in found if f.grade != "note"}
    assert got == {(check, grade) for _, check, grade in expected}
    cells = {c for f in found for c in f.cells}
    assert cells, "every finding names its cells"


def test_page_has_its_figures() -> None:
    """Written by benchmarks/certify_tables.py."""
    figures = PAGE.split("<!-- figures -->")[1].split("<!-- end of figures -->")[0]
    assert "0 false contradictions" in figures
