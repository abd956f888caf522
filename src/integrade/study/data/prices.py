"""Read the tables of the index: prices, or the tables of another measure of integration."""

from __future__ import annotations

from pathlib import Path

from integrade.sources.meaning.regions import leave_out_regions, refuse_unknown_regions
from integrade.study.data.tables import keep, keep_forms, read_source
from integrade.study.geography import geography_in
from integrade.study.measures import tables_of
from integrade.study.setting import Folders, Setting
from plainwords.account import Account


def run(at: Setting, out: Path, _: Folders) -> None:
    """Read and store the tables."""
    named, where = tables_of(at.study, "integration"), geography_in(at.study, at.root)
    tables = {t: read_source(t, source, at.root, "polars", geography=where) for t, source in named.items()}
    without = at.study.without_regions
    refuse_unknown_regions(tables.values(), without)
    tables = {name: leave_out_regions(table, without) for name, table in tables.items()}
    account = sum((table.account for table in tables.values()), Account())
    keep_forms(out, tables)
    keep(out, account, {name: table.polars() for name, table in tables.items()})
