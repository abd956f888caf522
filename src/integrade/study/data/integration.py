"""Measure the index of integration by region and year, and rank the regions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integrade.engine.frames import Table
from integrade.integration import ranking, trend_of
from integrade.records.catalogue import Measure
from integrade.study.data.tables import keep, measured_from
from integrade.study.inputs import index_given
from integrade.study.measures import by_prices, measure_of, options_given, tables_of
from integrade.study.setting import Folders, Setting


def run(at: Setting, out: Path, done: Folders) -> None:
    """Measure the index and store it. The trends of an index made of prices are stored by the step index_trust."""
    record, tables, options = asked(at, done)
    region = record.whole(record(tables, **options))
    rows = region.polars()
    measured = {"integration": rows, "ranking": ranking(rows)}
    if not by_prices(at.study):
        measured["trend"] = trend_of(rows)
    keep(out, region.account, measured)


def asked(at: Setting, done: Folders) -> tuple[Measure, dict[str, Table], dict[str, Any]]:
    """Return the measure of the study, the tables that it reads and its options."""
    study, root = at.study, at.root
    tables = {t: measured_from(done["prices"], t) for t in tables_of(study, "integration")}
    return measure_of(study, "integration"), tables, options_given(study, "integration") | index_given(study, root)
