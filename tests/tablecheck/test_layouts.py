"""Tables printed by real packages, journals and programs of statistics: every number is read as what it is.

``printed/`` holds the files and beside each what a perfect reader reads (its README explains the keys). None may be
accused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from each import each
from tablecheck import audit_table, read_printed
from tablecheck.digits import Point, Printed, decimal_point, tokens
from tablecheck.documents import read_documents
from tablecheck.layout import read_tables
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.review import review

HERE = Path(__file__).parent / "printed"


@cache
def truths() -> dict[Path, Mapping[str, Any]]:
    found = {}
    for path in sorted(HERE.rglob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "kind" in content:
            found |= {f: content for f in sorted(path.parent.glob(f"{path.stem}.*")) if f.suffix != ".json"}
    return found


FOLDERS = sorted({f.parent.name for f in truths()})


@each("folder", FOLDERS)
def test_every_number_is_read_as_what_it_is(folder: str) -> None:
    wrong = {}
    for file, truth in truths().items():
        if file.parent.name == folder:
            name = file.relative_to(HERE).as_posix()
            tables = [t for d in read_documents([file]) for t in read_tables(d)]
            accused = [f for f in review(tables).findings if f.grade == "contradiction"]
            assert not accused, f"{name}: {accused[0].sentence}"
            misread = list(misreadings(truth, tables))
            if misread:
                wrong[name] = misread[:3]
    assert not wrong


def misreadings(truth: Mapping[str, Any], tables: list[PublishedTable]) -> Iterator[str]:
    """What was read otherwise than it is."""
    if truth["kind"] == "descriptives" and not any(t.described for t in tables):
        yield "no descriptive statistics"
    if truth["kind"] == "correlations" and not any(t.correlated for t in tables):
        yield "no matrix"
    if truth["kind"] != "regressions":
        return
    columns = [c for t in tables for c in t.columns]
    if len(columns) != len(truth["columns"]):
        yield f"{len(columns)} columns"
    point = _point(truth)
    for column, wanted in zip(columns, truth["columns"], strict=False):
        nobs = str(wanted.get("nobs") or "").replace(",", "")
        if nobs.isdigit() and (column.nobs is None or column.nobs.value != float(nobs)):
            yield f"{column.label}: observations {column.nobs}"
        for label, numbers in wanted["estimates"].items():
            yield from _of_estimate(column, label, numbers, point)
    told = {k: v for t in tables for k, v in t.notes.levels.items()}
    if truth.get("levels") and told and told != truth["levels"]:
        yield f"levels {told}"


def _point(truth: Mapping[str, Any]) -> Point:
    texts = [x for c in truth["columns"] for e in c["estimates"].values() for x in e.values() if isinstance(x, str)]
    return decimal_point(texts) or "."


def _of_estimate(column: Column, label: str, numbers: Mapping[str, Any], point: Point) -> Iterator[str]:
    b = _number(numbers.get("b", ""), point)
    found = next((e for e in column.estimates.values() if e.label == label), None)
    same = (e for e in column.estimates.values() if e.b is not None and b is not None and e.b.value == b.value)
    estimate = found or next(same, None)
    if estimate is None:
        yield f"{column.label}: no {label}"
        return
    for kind, text in numbers.items():
        wanted = _number(text, point) if isinstance(text, str) else None
        if wanted is not None and kind in ("b", "se", "t", "p") and wanted.value not in _values(estimate, kind):
            yield f"{column.label}, {label}: {kind} {text}"
    ends = [_number(text, point) for text in numbers.get("ci") or ()]
    read = [n.value for n in estimate.interval or estimate.loose.values()]
    if ends and [n.value for n in ends if n is not None] != read:
        yield f"{column.label}, {label}: interval {numbers['ci']}"


def _number(text: str, point: Point) -> Printed | None:
    found = tokens(text, point)
    return found[0].values[0] if found else None


def _values(estimate: Estimate, kind: str) -> list[float]:
    own: Printed | None = getattr(estimate, kind)
    return [n.value for n in ((own,) if own is not None else estimate.loose.values())]


def test_headings_of_descriptive_statistics_are_words_in_a_heading(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Variable,Number of observations,Mean value,p10,Minimum value,Maximum value\nSize,200,3.1,1.5,2.0,9.0\n",
        encoding="utf-8",
    )
    (table,) = read_printed(path)
    assert set(table.described[0].rows["size"]) == {"n", "mean", "p10", "min", "max"}
    (finding,) = audit_table(path).findings
    assert "min 2.0 above p10 1.5" in finding.sentence
    path.write_text("变量,样本数,平均值,最小,最大\n规模,200,9.5,2.0,9.0\n", encoding="utf-8")
    (finding,) = audit_table(path).findings
    assert "mean 9.5 outside [2.0, 9.0]" in finding.sentence
