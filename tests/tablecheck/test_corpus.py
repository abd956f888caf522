"""The corpus of real documents: its list, its verdicts, its hashes, and the errors planted in tables."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from each import each

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import corpus
import corpus_planted
from corpus_planted import PLANTS, Ready, changed, in_cell, planted, starred

from tablecheck.digits import tokens
from tablecheck.documents import read_documents
from tablecheck.grid import Document, GridCell
from tablecheck.layout import read_tables

PRINTED = """Table 1: Wages
,(1),(2)
Schooling,0.081***,0.074***
,(0.010),(0.012)
t,[8.10],[6.17]
Tenure,0.012,-0.011
,(0.009),(0.010)
t,[1.33],[-1.10]
Observations,500,480
R2,0.210,0.305
Standard errors in parentheses. t statistics in brackets. * p<0.1; ** p<0.05; *** p<0.01.
"""
DESCRIBED = """Table 2: Variables
,Mean,SD,Min,Max
Wage,12.30,3.10,2.00,40.00
Tenure,4.20,1.90,0.00,11.00
"""


def _document(tmp_path: Path, text: str, name: str = "table.csv") -> Document:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    (document,) = read_documents([path])
    return document


def test_the_sets_share_no_repository() -> None:
    items = corpus.items()
    halves = {half: {i.repository for i in items if i.half == half} for half in corpus.HALVES}
    assert {i.half for i in items} == set(corpus.HALVES)
    assert sum(map(len, halves.values())) == len({i.repository for i in items})


def test_the_list_names_each_document_once_by_its_commit() -> None:
    items = corpus.items()
    assert len({(i.repository, i.path) for i in items}) == len(items)
    assert all(re.fullmatch(r"[0-9a-f]{40}", i.commit) for i in items)
    assert all(i.repository.count("/") == 1 and not i.path.startswith("/") for i in items)
    for half, repositories in (("hidden", 1), ("third", 60)):
        some = [i for i in items if i.half == half]
        assert len(some) >= 150
        assert sum(i.kind == "PDF" for i in some) >= 70
        assert len({i.repository for i in some}) >= repositories
    assert {i.kind for i in items} <= set(corpus.KINDS)


def test_documents_are_drawn_in_an_order_that_does_not_depend_on_their_number() -> None:
    items = corpus.items()
    few, many = corpus.drawn(items, 8), corpus.drawn(items, 100)
    assert few < many
    assert (len(few), len(many)) == (8, 100)
    assert corpus.drawn(items, None) == set(items)
    assert {i.half for i in many} == set(corpus.HALVES)


def test_verdicts_are_known_and_of_documents_in_the_list() -> None:
    judged = corpus.verdicts()  # raises for an unknown verdict and for a hash that occurs twice
    listed = {(i.repository, i.path) for i in corpus.items()}
    assert {(v.repository, v.path) for v in judged.values()} <= listed
    assert all(v.reason and re.fullmatch(r"[0-9a-f]{12}", k) for k, v in judged.items())


@each("rows", ["abc\ta/b\tc.md\tmaybe\twhy", "abc\ta/b\tc.md\ttrue\twhy\nabc\ta/b\tc.md\tfalse\twhy"])
def test_an_unknown_or_second_verdict_is_refused(rows: str, tmp_path: Path) -> None:
    file = tmp_path / "judged.tsv"
    file.write_text(f"hash\trepository\tpath\tverdict\treason\n{rows}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="abc"):
        corpus.verdicts(file)


def test_a_hash_keeps_when_a_finding_is_worded_or_ordered_otherwise() -> None:
    cells = [("B3", "0.081***"), ("B4", "(0.010)")]
    one = corpus.hash_of("a/b", "c.csv", "stars", cells, [8.1])
    assert one == corpus.hash_of("a/b", "c.csv", "stars", cells[::-1], [8.1000001, 3])
    assert one != corpus.hash_of("a/b", "c.csv", "stars", [("B3", "0.081**"), cells[1]], [8.1])
    assert one != corpus.hash_of("a/b", "c.csv", "tests", cells, [8.1])
    assert one != corpus.hash_of("a/b", "d.csv", "stars", cells, [8.1])
    assert corpus.hash_of("a/b", "c.csv", "N", [], [1]) != corpus.hash_of("a/b", "c.csv", "N", [], [2])


def test_counts_keep_true_false_and_unjudged_contradictions_apart() -> None:
    item = corpus.Item("a/b", "0" * 40, "c.pdf", "seen")
    said = [corpus.Said(h, "contradiction", "stars", "t", "w", "s") for h in ("one", "two", "new")]
    results = [corpus.Result(item, understood=1, said=said), corpus.Result(item, understood=1)]
    judged = {h: corpus.Verdict("a/b", "c.pdf", v, "why") for h, v in (("one", "true"), ("two", "false"))}
    counts = corpus.counted(results, judged)["all"]
    assert isinstance(counts, dict)
    wanted = {"contradictions": 3, "true": 1, "false": 1, "cannot be told": 0, "not judged": 1}
    assert {k: counts[k] for k in wanted} == wanted
    assert counts["documents with a false one"] == 1
    assert not corpus.passes(corpus.counted(results, judged))
    right = {h: replace(v, verdict="true") for h, v in judged.items()} | {"new": judged["one"]}
    assert corpus.passes(corpus.counted(results, right))


def test_pages_have_the_markers_and_are_filled_between_them() -> None:
    docs = Path(__file__).parents[2] / "docs"
    for name in ("table_audit.md", "table_audit_figures.md"):
        page = (docs / name).read_text(encoding="utf-8")
        new = corpus.filled(page, ["one", "two"])
        assert corpus.filled(new, ["one", "two"]) == new
        assert new.split(corpus.START)[0] == page.split(corpus.START)[0]
        assert new.split(corpus.END)[1] == page.split(corpus.END)[1]
    with pytest.raises(ValueError, match="corpus"):
        corpus.filled("a page", ["one"])


@each("text, value, new, wanted", [
    ("0.081***", 0.081, "0.810", "0.810***"),
    ("-0.5 (0.2)", -0.5, "0.5", "0.5 (0.2)"),
    ("0.5 (0.2)", 0.2, "2.0", "0.5 (2.0)"),
    ("1,250", 1250, "125", "125"),
    ("0.5 (0.5)", 0.5, "5.0", None),
])  # fmt: skip
def test_one_number_of_a_cell_is_exchanged(text: str, value: float, new: str, wanted: str | None) -> None:
    number = next(n for t in tokens(text) for n in t.values if n.value == value)
    cell = in_cell(GridCell(text), number, new)
    assert (cell.text if cell else None) == wanted


def test_stars_are_exchanged_in_the_text_and_where_they_are_raised() -> None:
    assert starred(GridCell("0.5**"), "**", "") == GridCell("0.5")
    assert starred(GridCell("0.5"), "", "***") == GridCell("0.5***")
    assert starred(GridCell("0.5", raised="*"), "*", "") == GridCell("0.5", raised="")
    assert starred(GridCell("0.5a"), "a", "") is None


@each("kind", [k for k in PLANTS if k not in ("digits of p", "end of interval")])
def test_a_planted_error_changes_one_cell_and_is_found(kind: str, tmp_path: Path) -> None:
    document = _document(tmp_path, DESCRIBED if kind == "mean above max" else PRINTED)
    (table,) = read_tables(document)
    change = next(PLANTS[kind](np.random.default_rng(1), Ready(0, table)))
    (old,), (new,) = document.grids, changed(document, change, [table.grid]).grids
    differ = [(i, j) for i, row in enumerate(old.rows) for j, cell in enumerate(row) if new.rows[i][j] != cell]
    assert differ == [(change.row, change.column)]
    assert change.told
    (result,) = [r for r in planted(document, "name") if r[0] == kind]
    assert result[1:3] == (True, True)


def test_an_error_that_rounding_hides_cannot_be_told(tmp_path: Path) -> None:
    (table,) = read_tables(_document(tmp_path, PRINTED))
    ready = Ready(0, table)
    one = next(s for s in ready.shown if s.b == "0.081")
    assert ready.rules
    assert not ready.told(replace(one, b="0.082"))  # 0.0816 / 0.01007 prints as 8.10
    assert ready.told(replace(one, marks=""))
    assert not replace(ready).told(one)


def test_planting_is_the_same_each_time(tmp_path: Path) -> None:
    document = _document(tmp_path, PRINTED)
    assert planted(document, "name") == planted(document, "name")
    assert corpus_planted.TRIES >= 1
