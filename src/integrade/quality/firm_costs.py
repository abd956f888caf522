"""Read the input cost over productivity of firms, in logs, from columns of customs or a table of firms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from integrade.errors import MissingColumn, UsageError, mapped_as, option
from integrade.quality.arranged import Arranged, looked_up
from integrade.quality.segments import Vector
from integrade.quality.side_tables import numbers, read_side_table, require, text

if TYPE_CHECKING:
    import polars as pl


class Costs(NamedTuple):
    """The source of costs: the table of firms (None if customs has the costs) and the names of its two columns.

    ``logs``: whether both columns are in logs; ``log_productivity``: whether the column of productivity is in logs.
    """

    firms: Any
    input_cost: str
    productivity: str
    logs: bool
    log_productivity: bool

    @property
    def columns(self) -> list[str]:
        """The two columns."""
        return [self.input_cost, self.productivity]


def cost_columns(names: list[str], costs: Costs) -> list[str]:
    """Return the cost columns that customs must have (empty if a table of firms is given). Raises `MissingColumn`."""
    if costs.firms is not None:
        return []
    missing = [name for name in costs.columns if name not in names]
    if missing:
        raise MissingColumn(
            f"cost='columns' needs the column {missing[0]!r}, but customs has none",
            remedy=f"give {option('firms', ...)} with firm, year and both columns, or name the columns with "
            f"{option('input_cost', ...)} and {option('productivity', ...)}, or assume equal costs: "
            f"{option('cost', 'none')}",
        )
    return costs.columns


def costs_of(rows: Arranged, costs: Costs) -> Vector:
    """Return ln(w / phi) of each row (n,); missing if w or phi is missing, or is neither positive nor in logs."""
    if costs.firms is None:
        w, phi = (rows.carried[f"user_{name}"] for name in costs.columns)
    else:
        table = _of_firms(rows, costs)
        w, phi = (looked_up(rows, table, ["f", "t"], name) for name in costs.columns)

    def ln_cost(at: slice) -> Vector:
        ln_w = w[at] if costs.logs else _log(w[at])
        return ln_w - (phi[at] if costs.logs or costs.log_productivity else _log(phi[at]))

    return rows.filled(ln_cost)


def _log(x: Vector) -> Vector:
    """Return ln x; missing for values that are not positive."""
    return np.log(np.where(x > 0, x, np.nan))


def _of_firms(rows: Arranged, costs: Costs) -> pl.DataFrame:
    import polars as pl

    if "f" not in rows.levels:
        raise UsageError(
            "firms is by firm, but the customs table has no column firm", remedy=f"map it with {mapped_as('firm')}"
        )
    table = read_side_table(costs.firms, "firms")
    require(table, ["firm", "year", *costs.columns], "firms")
    table = numbers(text(table, ["firm"]), ["year", *costs.columns], "firms").drop_nulls(["firm", "year"])
    keyed = table.join(rows.levels["f"].with_row_index("f").cast({"f": pl.Int64}), on="firm")
    keyed = keyed.select("f", *costs.columns, t=pl.col("year").cast(pl.Int64) - rows.first_year)
    if keyed.select("f", "t").is_duplicated().any():
        raise UsageError("the table given as firms has several rows for a firm and year", remedy="keep one row per key")
    return keyed
