"""The benchmark on customs rows, beside the one on firm-years."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from integrade.errors import NotIdentified
from integrade.models.samples.row_level import RowLevel, RowLevelResult, row_level
from integrade.sources import read_table
from integrade.study import sections
from integrade.study.questions.asked import Answer, Asked, named_file, one


def answer(asked: Asked) -> Answer:
    """The record, or why there is none."""
    section = asked.study.row_level or sections.RowLevel()
    found = one(lambda: _customs_rows(asked, section), "The regression on customs rows is")
    counted = found.found.account.entries if found.found else ()
    return replace(found, account=tuple(e for e in counted if e.step == "row_level"))


def _customs_rows(asked: Asked, section: sections.RowLevel) -> RowLevelResult:
    """The benchmark on customs rows, with effects of products and markets, beside firm-years."""
    if asked.rows is None or "firm" not in asked.rows.columns:
        raise NotIdentified("the customs records name no exporting firm: rows have no firm-year to take values from")
    chosen = asked.study.regression
    parts = asked.formula.split(" | ")[0]
    options = RowLevel(
        weights=section.weights,
        regime=section.regime,
        firm_year=asked.formula,
        rauch=None if section.rauch is None else _classes(asked.root / section.rauch),
        fit=replace(asked.fit, cluster=chosen.cluster or "region", vcov=section.vcov, wild=0, wild_ci=False),
    )
    return row_level(asked.rows, asked.sample, f"{parts} | {' + '.join(section.effects)}", options)


def _classes(path: Path) -> pl.DataFrame:
    found: pl.DataFrame = read_table(str(named_file(path.parent, path.name))).polars()
    return found
