"""Measure export quality in a study without firm accounts, and also under other choices for the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.quality.measured import customs_rows
from integrade.quality.unit_value import unit_value
from integrade.records.catalogue import Measure
from integrade.study.data.quality import asked
from integrade.study.data.tables import keep
from integrade.study.records import from_json, to_json
from integrade.study.setting import Folders, Setting
from integrade.subjects.quality_alone.model import QualitySummary, quality_summary
from plainwords.texts import say
from rawcells import doors

if TYPE_CHECKING:
    import polars as pl

SUMMARY = "summary.json"
"""File with the summary of quality by customs row, which only a study without a panel has."""
SIGMAS = (3, 10)
"""Elasticities that are tried if the study imposes an elasticity."""


def run(at: Setting, out: Path, _: Folders) -> None:
    """Measure quality with the study's measure, by firm if the records name firms, and summarise quality by row."""
    record, given, options = asked(at)
    firms = "firm" in given["customs"].columns if "customs" in given else True
    with ExitStack() as kept:
        tables: dict[str, Any] = dict(given)
        if "customs" in given and record.function.__module__.startswith("integrade.quality."):
            # integrade's own measures take customs rows that are read and coded once
            tables["customs"] = kept.enter_context(customs_rows(given["customs"]))
        measured = record.whole(record(tables, **(options if firms else {**options, "level": "row"})))
        keep(out, measured.account, {"quality": measured.polars()})
        (out / SUMMARY).write_text(to_json(_summary(record, tables, options)), encoding="utf-8")


def _summary(record: Measure, tables: Mapping[str, Any], options: Mapping[str, Any]) -> QualitySummary:
    """Return a summary of quality by row, compared with other elasticities and unit values on the same rows."""
    by_row = {**options, "level": "row"}
    rows = record(tables, **by_row).polars()
    others: dict[str, pl.DataFrame] = {}
    if isinstance(options.get("sigma"), int | float):
        for sigma in SIGMAS:
            if sigma != options["sigma"]:
                name = say("quality_tables.other-sigma", sigma=str(sigma))
                others[name] = record(tables, **{**by_row, "sigma": sigma}).polars()
    if record.name != "unit_value" and set(record.needs) == {"customs"}:
        others[say("quality_tables.unit-values")] = unit_value(tables["customs"], level="row").polars()
    return quality_summary(rows, record.name, others)


def summary_in(folder: Path) -> QualitySummary | None:
    """Return the summary that the step stored; None if the study has a panel."""
    file = folder / SUMMARY
    return from_json(QualitySummary, doors.read_text(file)) if file.exists() else None
