"""Worked tables, of docs/table_audit.md and two more, and its record: what they say is found, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tablecheck import LITERATURE, audit_table

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "table_audit.md").read_text(encoding="utf-8")
WORKED = PAGE + Path(__file__).with_name("worked_tables.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["table1", "table2", "table3"])
def test_worked_table(name: str, tmp_path: Path) -> None:
    section = WORKED.split(f"```csv {name}\n")[1].split("\n##")[0]
    table = tmp_path / f"{name}.csv"
    table.write_text(section.split("```")[0], encoding="utf-8")
    said = re.search(rf"```text {name}\n(.*?)```", section, re.DOTALL)
    text = tmp_path / "paper.txt"
    text.write_text(said[1] if said else "No claims.\n", encoding="utf-8")
    found = audit_table(table, text=text, checks=LITERATURE).findings
    expected = re.findall(r"^\| ([^|]+) \| [^|]*(?:\|t\|[^|]*)?\| `([a-z A-Z2]+)`, (\w+)", section, re.MULTILINE)
    assert expected
    got = {(f.check, f.grade) for f in found if f.grade != "note"}
    assert got == {(check, grade) for _, check, grade in expected}
    cells = {c for f in found for c in f.cells}
    assert cells, "every finding names its cells"


def test_page_states_the_figures_of_the_record() -> None:
    """docs/table_audit_figures.md is written by benchmarks/certify_tables.py; the page has its totals."""
    record = (DOCS / "table_audit_figures.md").read_text(encoding="utf-8")
    figures = record.split("<!-- figures -->")[1].split("<!-- end of figures -->")[0]
    assert "0 false contradictions" in figures
    right = re.findall(r"(\d+) consistent tables .*: 0 false contr", figures)
    told = re.findall(r"\(seed 2027\): .* lets (\d+) be told, of which (\d+) are found \((\d+)", figures)
    assert len(right) == 2
    said = " ".join(PAGE.split())
    assert f"In {sum(map(int, right))} correct tables there was no false contradiction" in said
    for least, found, rate in told:
        assert f"not used in development, {found} of {least} detectable errors were found ({rate}%)" in said
    assert told
