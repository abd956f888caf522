"""Measure export quality by firm and year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integrade.engine.frames import Table
from integrade.quality.measured import CustomsRows
from integrade.records.catalogue import Measure
from integrade.study.data.tables import keep, read_source
from integrade.study.geography import geography_in
from integrade.study.inputs import quality_files
from integrade.study.measures import measure_of, options_given, tables_of
from integrade.study.setting import Folders, Setting


def run(at: Setting, out: Path, _: Folders) -> None:
    """Measure quality with the study's measure and store it."""
    measure(at, out)


def measure(at: Setting, out: Path, customs: Table | CustomsRows | None = None) -> None:
    """Measure quality from the study's customs records (``customs`` if they are read already) and store it."""
    record, tables, options = asked(at, customs)
    measured = record.whole(record(tables, **options))
    keep(out, measured.account, {"quality": measured.polars()})


def asked(at: Setting, customs: Table | CustomsRows | None = None) -> tuple[Measure, dict[str, Any], dict[str, Any]]:
    """Return the measure of the study, its tables (``customs`` if it is read already) and its options."""
    study, root = at.study, at.root
    where = geography_in(study, root)
    tables = {
        t: customs
        if t == "customs" and customs is not None
        else read_source(t, source, root, at.engine, geography=where)
        for t, source in tables_of(study, "quality").items()
    }
    named = {option: str(path) for option, path in quality_files(study, root).items()}
    return measure_of(study, "quality"), tables, options_given(study, "quality") | named
