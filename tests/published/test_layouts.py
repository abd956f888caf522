"""Tables printed by real packages, journals and programs of statistics: every number is read as what it is.

``printed/`` holds the files and beside each what a perfect reader reads (its README explains the keys). What is not
read rightly is named here with its reason; it must stay without an accusation all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from integrade.published.digits import Point, Printed, decimal_point, tokens
from integrade.published.documents import read_documents
from integrade.published.layout import read_tables
from integrade.published.printed import Column, Estimate, PublishedTable
from integrade.published.review import review

HERE = Path(__file__).parent / "printed"
NOT_READ = {
    "fixest/console.txt": "a point as the star of 10 % behind a number without brackets",
    "fixest/frame_bare.csv": "as fixest/console.txt",
    "journal/models_in_rows.csv": "a model a row: the observations in a column are not taken for it",
    "journal/models_in_rows.docx": "as models_in_rows.csv",
    "modelsummary/by_group.md": "groups of columns that pandoc draws with signs",
    "modelsummary/by_group.tex": "as by_group.md",
    "pandas/levels.md": "levels of an index as columns without words",
    "pdf/browser_summary_col.pdf": "a page of typewriter letters without rules",
    "pdf/office_merged.pdf": "a heading over three columns, set at their left without a rule",
    "pdf/office_asdoc.pdf": "two tables set as one",
    "pdf/office_journal.pdf": "two tables set as one",
    "pdf/two_pages.pdf": "a coefficient and its error on two pages",
    "r/tidy.csv": "names of columns of a frame",
    "stargazer/style_asr.tex": "a coefficient without star or error is no estimate that can be checked",
    "stata/asdoc.docx": "statistics in rows of several pairs",
    "stata/esttab_wide.txt": "errors beside without heads of their own, in letters of one width",
    "stata/regress.txt": "the table of variances beside the statistics",
    "statsmodels/summary_col_plain.txt": "columns one blank apart",
    "statsmodels/summary_robust.csv": "three tables of a summary in one file",
}


@cache
def truths() -> dict[Path, Mapping[str, Any]]:
    found = {}
    for path in sorted(HERE.rglob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "kind" in content:
            found |= {f: content for f in sorted(path.parent.glob(f"{path.stem}.*")) if f.suffix != ".json"}
    return found


FOLDERS = sorted({f.parent.name for f in truths()})


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_number_is_read_as_what_it_is(folder: str) -> None:
    wrong = {}
    for file, truth in truths().items():
        if file.parent.name == folder:
            name = file.relative_to(HERE).as_posix()
            tables = [t for d in read_documents([file]) for t in read_tables(d)]
            accused = [f for f in review(tables).findings if f.grade == "contradiction"]
            assert not accused, f"{name}: {accused[0].sentence}"
            misread = list(misreadings(truth, tables))
            if misread and name not in NOT_READ:
                wrong[name] = misread[:3]
    assert not wrong


def test_what_is_not_read_is_named_with_files_that_exist() -> None:
    assert set(NOT_READ) <= {f.relative_to(HERE).as_posix() for f in truths()}
    assert len(NOT_READ) < 0.08 * len(truths())


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


def _number(text: str, point: Point) -> Printed | None:
    found = tokens(text, point)
    return found[0].values[0] if found else None


def _values(estimate: Estimate, kind: str) -> list[float]:
    own: Printed | None = getattr(estimate, kind)
    return [n.value for n in ((own,) if own is not None else estimate.loose.values())]
