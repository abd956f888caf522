"""The columns a set of regressions needs, in memory once, and the rows that a regression uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from integrade import frames
from integrade.errors import UnknownColumn
from integrade.models.fit.design import IDENTIFIERS
from integrade.models.fit.dialects import column_advice
from integrade.models.fit.fit import Fit, prepare
from integrade.models.fit.formula import Formula

ROW = "row of the panel"


def gather(panel: Any, formula: Formula, how: Fit, *, also: Sequence[str] = ()) -> pl.DataFrame:
    """The columns of the formula, clusters, weights and ``also``, with firm, region and year where there are such."""
    frame = frames.enter(panel)
    has = frame.collect_schema().names()
    clusters = [] if how.cluster is None else [c.strip() for part in how.cluster.split("+") for c in part.split("^")]
    wanted = [
        *formula.numeric_columns,
        *formula.effect_columns,
        *clusters,
        *([how.weights] if how.weights else []),
        *also,
    ]
    for column in wanted:
        if column not in has:
            what = f"no column {column!r} in the panel"
            raise UnknownColumn(what, where=formula.text, remedy=column_advice(column, has))
    chosen = dict.fromkeys([*wanted, *(c for c in IDENTIFIERS if c in has)])
    return frames.collect(frame.select(*chosen))


def estimation_rows(rows: pl.DataFrame, formula: Formula, how: Fit) -> pl.DataFrame:
    """The rows that the regression keeps: complete, and without singletons when those are dropped."""
    design = prepare(rows.with_row_index(ROW), formula, how, also=(ROW,))
    return rows[design.labels[ROW].to_list()]
