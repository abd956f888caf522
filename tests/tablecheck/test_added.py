"""Checks that a caller adds: named sets of one literature, sets and functions of one's own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tablecheck
from each import each
from plainwords.errors import UnknownName
from tablecheck import LITERATURE, CheckSet, Facts, Finding, PublishedTable, audit_table
from tablecheck.added import Claim
from tablecheck.printed import Column

ROOT = Path(__file__).parents[2]
SQUARE = """Table 4. Profits,,
,(1),(2)
Market,0.40***,0.38***
,(0.02),(0.03)
Market squared,-0.05***,-0.06***
,(0.01),(0.01)
Turning point,9.0,3.2
Observations,900,800
Standard errors in parentheses. * p<0.10; ** p<0.05; *** p<0.01,,
"""
RANKS = "Province,GDP,Rank\nAnhui,0.10,3\nFujian,0.20,2\nGansu,0.30,1\nHebei,0.40,4\nJilin,0.45,5\nHubei,0.47,6\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(SQUARE, encoding="utf-8")
    return path


@each("added", [(), ("mediation",), ("lags", "rankings")], ids=str)
def test_a_set_runs_only_if_it_is_named(table: Path, added: tuple[str, ...]) -> None:
    checks = {f.check for f in audit_table(table, checks=added).findings}
    assert not checks & {"turning point", "printed turning point"}
    assert "printed turning point" in {f.check for f in audit_table(table, checks=["squares"]).findings}


def test_rankings_are_checked_if_named(tmp_path: Path) -> None:
    path = tmp_path / "ranks.csv"
    path.write_text(RANKS, encoding="utf-8")
    assert not [f for f in audit_table(path).findings if f.check == "ranks"]
    assert [f.grade for f in audit_table(path, checks=LITERATURE).findings if f.check == "ranks"] == ["contradiction"]


def test_an_unknown_set_is_refused_with_the_nearest_name(table: Path) -> None:
    with pytest.raises(UnknownName, match=r"no set of checks is called 'square'") as refused:
        audit_table(table, checks=["square"])
    assert "did you mean 'squares'" in str(refused.value)


def test_a_set_is_called_for_tables_columns_and_sentences(table: Path, tmp_path: Path) -> None:
    text = tmp_path / "paper.txt"
    text.write_text("Table 4 shows profits. They rise.", encoding="utf-8")
    called: list[str] = []

    def of_table(one: PublishedTable, facts: Facts) -> Iterator[Finding]:
        called.append(f"{one.name} of {len(facts.tables)}")
        yield Finding("mine", "note", one.name, "", "a table")

    def of_column(column: Column, _facts: Facts) -> Iterator[Finding]:
        called.append(column.label)
        yield from ()

    def of_claim(claim: Claim, _facts: Facts) -> Iterator[Finding]:
        called.append(f"{claim.sentence}|{claim.before}|{claim.table is not None}|{claim.is_of_table}")
        yield from ()

    own = CheckSet(tables=[of_table], columns=[of_column], claims=[of_claim])
    found = audit_table(table, text=text, checks=["squares", own, of_table])
    assert [f.sentence for f in found.findings if f.check == "mine"] == ["a table", "a table"]
    assert len([one for one in called if one.endswith("of 1")]) == 2
    assert len([one for one in called if one.startswith("(")]) == 2
    first, second = called[-2:]
    assert first == "Table 4 shows profits.||True|True"
    assert second == "They rise.|Table 4 shows profits.|True|False"


def test_the_command_adds_named_sets(table: Path) -> None:
    def said(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tablecheck", str(table), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert "turning point" not in said().stdout
    assert "the printed turning point 9" in said("--checks", "lags,squares").stdout
    refused = said("--checks", "square")
    assert refused.returncode == 2
    assert "did you mean 'squares'" in refused.stderr


def test_the_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = (ROOT / "packages" / "tablecheck" / "README.md").read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", pages, re.DOTALL) if "def " in block]
    (tmp_path / "paper.csv").write_text(SQUARE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said: dict[str, object] = {}
    exec(code, said)
    review = said["review"]
    assert isinstance(review, tablecheck.Review)
    mine = [f for f in review.findings if f.check == "few rows"]
    assert [(f.grade, f.where, f.numbers["n"]) for f in mine] == [("note", "(2)", 800)]


def test_the_general_checks_do_not_import_those_of_a_literature() -> None:
    source = Path(tablecheck.__file__).parent
    files = [path for path in source.rglob("*.py") if path.parent.name != "literature"]
    imports = [
        node.module
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    assert len(files) > 50
    assert not [one for one in imports if one.startswith("tablecheck.literature")]
    assert sorted(p.stem for p in (source / "literature").glob("[a-z]*.py")) == sorted(LITERATURE)
