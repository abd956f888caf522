"""Export quality by firm and year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integrade.catalogue import Measure
from integrade.frames import Table
from integrade.study.data.tables import keep, read_source
from integrade.study.geography import geography_in
from integrade.study.inputs import quality_files
from integrade.study.measures import measure_of, options_given, tables_of
from integrade.study.setting import Folders, Setting


def run(at: Setting, out: Path, _: Folders) -> None:
    """Measure it with the measure of the study."""
    record, tables, options = asked(at)
    measured = record(tables, **options)
    keep(out, measured.account, {"quality": measured.polars()})


def asked(at: Setting) -> tuple[Measure, dict[str, Table], dict[str, Any]]:
    """The measure of the study, the tables that it reads and its options."""
    study, root = at.study, at.root
    where = geography_in(study, root)
    tables = {
        t: read_source(t, source, root, at.engine, geography=where) for t, source in tables_of(study, "quality").items()
    }
    named = {option: str(path) for option, path in quality_files(study, root).items()}
    return measure_of(study, "quality"), tables, options_given(study, "quality") | named
