"""Export quality by firm and year, and by customs row where the study asks for regressions on rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from integrade.catalogue import Measure
from integrade.frames import Table
from integrade.models.descriptive.quality_summary import QualitySummary, quality_summary
from integrade.quality import unit_value
from integrade.sources import write_table
from integrade.study.config import Study
from integrade.study.data.tables import keep, read_source
from integrade.study.geography import geography_in
from integrade.study.inputs import quality_files
from integrade.study.measures import measure_of, options_given, tables_of
from integrade.study.parts import has_panel
from integrade.study.records import from_json, to_json
from integrade.study.setting import Folders, Setting
from integrade.texts import say

ROW_COLUMNS = ("firm", "product", "destination", "year", "unit", "regime", "value", "quality")
"""What regressions on customs rows need."""


def run(at: Setting, out: Path, _: Folders) -> None:
    """Measure it with the measure of the study."""
    study, root = at.study, at.root
    record = measure_of(study, "quality")
    where = geography_in(study, root)
    tables = {
        t: read_source(t, source, root, at.engine, geography=where) for t, source in tables_of(study, "quality").items()
    }
    named = {option: str(path) for option, path in quality_files(study, root).items()}
    options = options_given(study, "quality") | named
    alone = not has_panel(study)
    firms = "firm" in tables["customs"].columns if "customs" in tables else True
    measured = record(tables, **options) if firms or not alone else record(tables, **{**options, "level": "row"})
    keep(out, measured.account, {"quality": measured.polars()})
    if alone:
        summary = _summary(record, tables, options)
        (out / SUMMARY).write_text(to_json(summary), encoding="utf-8")
    elif asks_rows(study):
        rows = record(tables, **{**options, "level": "row"}).polars()
        write_table(rows.select(c for c in ROW_COLUMNS if c in rows.columns), out / "quality_rows.parquet")


SUMMARY = "summary.json"
"""What a study of quality alone shows of the customs rows."""
SIGMAS = (3, 10)
"""Elasticities beside an imposed one."""


def _summary(record: Measure, tables: Mapping[str, Table], options: Mapping[str, Any]) -> QualitySummary:
    """Quality by row, with the same rows under other choices: other elasticities, unit values."""
    by_row = {**options, "level": "row"}
    rows = record(tables, **by_row).polars()
    others = dict[str, pl.DataFrame]()
    if isinstance(options.get("sigma"), int | float):
        for sigma in SIGMAS:
            if sigma != options["sigma"]:
                name = say("quality_tables.other-sigma", sigma=str(sigma))
                others[name] = record(tables, **{**by_row, "sigma": sigma}).polars()
    if record.name != "unit_value" and set(record.needs) == {"customs"}:
        others[say("quality_tables.unit-values")] = unit_value(tables["customs"], level="row").polars()
    return quality_summary(rows, record.name, others)


def summary_in(folder: Path) -> QualitySummary | None:
    """The summary that the step stored, in a study of quality alone."""
    file = folder / SUMMARY
    return from_json(QualitySummary, file.read_text(encoding="utf-8")) if file.exists() else None


def asks_rows(study: Study) -> bool:
    """Whether the study has a regression on customs rows."""
    return study.section("row_level") is not None
