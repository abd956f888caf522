"""Links of simulated registers beside the truth."""

from __future__ import annotations

import polars as pl

from integrade.engine.frames import Table
from integrade.panel.matching import Matched
from integrade.simulation.exporters import Registers


def judged(matched: Matched, accounts: Table, registers: Registers) -> pl.DataFrame:
    """Links beside the truth: right is missing for exporters that have no accounts."""
    codes = accounts.polars().select("firm", "year", "firm_code", "name")
    who = codes.join(registers.true_firms, left_on=["firm_code", "year", "name"], right_on=["firm", "year", "name"])
    links = matched.links.polars().join(who.select("firm", "year", "entity"), on=["firm", "year"], how="left")
    truth = registers.true_links.select("customs_firm", "year", "trap", true="entity")
    rows = links.join(truth, on=["customs_firm", "year"], how="full", coalesce=True)
    return rows.with_columns(right=(pl.col("entity") == pl.col("true")).fill_null(False))
