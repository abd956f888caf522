"""Take logarithms of the columns of a joined table."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from integrade.engine.frames import Table
from plainwords.account import Entry
from plainwords.texts import say

KEYS = ("region", "industry", "firm", "year")


def in_logs(table: Table) -> Table:
    """Return the table with the natural logarithm of every column of numbers that is not a key, under the same name.

    Missing values: a value of zero or below has no logarithm and becomes missing; a warning counts these values by
    column. A missing value stays missing.
    """
    rows = table.polars()
    names = [name for name, kind in rows.schema.items() if kind.is_numeric() and name not in KEYS]
    values = {name: pl.col(name).cast(pl.Float64).fill_nan(None) for name in names}
    lost = {name: rows.select((value <= 0).sum()).item() for name, value in values.items()}
    logs = {name: pl.when(value > 0).then(value.log()) for name, value in values.items()}
    entries = [
        Entry("covariates", table.name, "warning", say("panel.no-log", column=name, n=n), n)
        for name, n in lost.items()
        if n
    ]
    units = {name: unit for name, unit in table.units.items() if name not in names}
    return replace(table, data=rows.with_columns(**logs), account=table.account + entries, units=units)
