"""Measure export quality by customs row, for regressions on rows.

This is a step of its own, because other versions of a study need only its panel and skip this step.
"""

from __future__ import annotations

from pathlib import Path

from integrade.engine.frames import enter
from integrade.sources import write_table
from integrade.study.config import Study
from integrade.study.data.quality import asked
from integrade.study.setting import Folders, Setting

COLUMNS = ("firm", "product", "destination", "year", "unit", "regime", "value", "quality")
"""Columns that regressions on customs rows need."""


def run(at: Setting, out: Path, _: Folders) -> None:
    """Measure quality by row with the choices of the step ``quality``; the account of that step also applies here."""
    record, tables, options = asked(at)
    rows = record(tables, **{**options, "level": "row"})
    here = [name for name in COLUMNS if name in rows.columns]
    write_table(enter(rows).select(*here), out / "quality_rows.parquet")


def asks_rows(study: Study) -> bool:
    """Return whether the study has a question about customs rows."""
    return any(study.section(name) is not None for name in ("row_level", "quality_change"))
