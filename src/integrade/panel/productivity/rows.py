"""Prepare firm accounts as rows of a production function, and count rows that are left out by reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import NotANumber, option
from integrade.panel.productivity.options import SEEN_BY, Tfp
from integrade.panel.productivity.series import Array, Codes, Rows
from plainwords.texts import Said, say

FEWEST = 50
"""Least number of rows for a production function; a convention.

For methods that use the year before, only rows with the year before count.
"""
NEEDED = ("output", "labour", "capital", "materials", "wages", "material_share", "current_output", "current_materials")
"""Columns that must be present and positive in a row, in the order in which reasons are reported."""


@dataclass(frozen=True)
class Accounts:
    """Accounts with the columns of a production function.

    ``rows`` has firm, year, group, the columns by role, and ``why`` a row is left out (null if it is used).

    ``reasons``: the number of rows left out by reason.
    """

    rows: pl.DataFrame
    reasons: Mapping[Said, int]

    def groups(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the rows that are used, by group in order."""
        used = self.rows.filter(pl.col("why").is_null())
        for name in sorted(used["group"].unique().to_list()):
            yield name, used.filter(pl.col("group") == name)


def prepare(frame: pl.DataFrame, columns: Mapping[str, str], chosen: Tfp) -> Accounts:
    """Sort the accounts by firm and year and rename columns to their roles; raises `NotANumber`."""
    for role, name in columns.items():
        if role != "by" and not frame[name].dtype.is_numeric():
            raise NotANumber(
                f"{name!r} of firms contains text",
                remedy=f"convert it to numbers, or name another column with {option(role, ...)}",
            )
    group = pl.lit("")
    if chosen.by is not None:
        group = pl.col(chosen.by).cast(pl.String)
        group = group.str.slice(0, chosen.digits) if chosen.digits else group
    taken = {role: pl.col(n).cast(pl.Float64).fill_nan(None) for role, n in columns.items() if role != "by"}
    rows = frame.select("firm", "year", group=group, **taken).sort("firm", "year")
    if chosen.method == "op" and "investment" not in columns:
        # next year's capital less this year's after depreciation; missing without the next year
        next_year = pl.col("year").shift(-1) == pl.col("year") + 1
        follows = (pl.col("firm").shift(-1) == pl.col("firm")) & next_year
        investment = pl.col("capital").shift(-1) - (1 - chosen.depreciation) * pl.col("capital")
        rows = rows.with_columns(investment=pl.when(follows).then(investment))
    asked = [r for r in NEEDED if r in rows.columns]
    tests: dict[Said, pl.Expr] = {}
    if chosen.by is not None:
        tests[say("productivity.no-group", column=chosen.by)] = pl.col("group").is_null()
    for role in asked:
        tests[say("productivity.missing", column=columns[role])] = pl.col(role).is_null()
        tests[say("productivity.not-finite", column=columns[role])] = pl.col(role).is_infinite()
        tests[say("productivity.not-positive", column=columns[role])] = pl.col(role) <= 0
    reasons = list(tests)
    why = pl.coalesce([pl.when(t).then(i) for i, t in enumerate(tests.values())])
    rows = rows.with_columns(why=why.cast(pl.Int64))
    counts = rows["why"].drop_nulls().value_counts().rows()
    return Accounts(rows, {reasons[i]: n for i, n in sorted(counts)})


def rows_of(used: pl.DataFrame, chosen: Tfp) -> Rows:
    """Return the rows of one group in logs, each with the position of the firm's row of the year before."""
    firm, year = _codes(used["firm"]), used["year"].to_numpy().astype(np.int64)
    before = np.arange(len(firm)) - 1
    before[(firm[before] != firm) | (year[before] != year - 1)] = -1
    before[:1] = -1
    inputs = ["labour", "capital", *(["materials"] if chosen.gross else [])]
    proxy = _logs(used, SEEN_BY[chosen.method]) if chosen.method in SEEN_BY else np.full(len(firm), np.nan)
    return Rows(
        output=_logs(used, "output"),
        inputs=np.column_stack([_logs(used, name) for name in inputs]),
        proxy=proxy,
        share=np.log(_share(used)) if chosen.gross else np.full(len(firm), np.nan),
        costs=_costs(used, chosen),
        firm=firm,
        year=_codes(used["year"]),
        before=before,
        weight=np.ones(len(firm)),
    )


def _codes(keys: pl.Series) -> Codes:
    return np.unique(keys.to_numpy(), return_inverse=True)[1].astype(np.int64)


def _logs(used: pl.DataFrame, name: str) -> Array:
    """Return the logs of a column; NaN if the value is missing, infinite or not positive."""
    values = used[name].fill_null(float("nan")).to_numpy()
    logs: Array = np.log(np.where((values > 0) & np.isfinite(values), values, np.nan))
    return logs


def _share(used: pl.DataFrame) -> Array:
    """Return the share of materials in output (n,)."""
    if "material_share" in used.columns:
        return used["material_share"].to_numpy()
    shares: Array = (used["current_materials"] / used["current_output"]).to_numpy()
    return shares


def _costs(used: pl.DataFrame, chosen: Tfp) -> Array:
    """Return shares of labour, capital (and materials) in costs, (n, p); without a rental rate, shares in output."""
    if "wages" not in used.columns:
        return np.zeros((used.height, 3 if chosen.gross else 2))
    output: Any = used["current_output" if "current_output" in used.columns else "output"].to_numpy()
    others = [used["wages"].to_numpy(), *([_share(used) * output] if chosen.gross else [])]
    if chosen.rental is None:
        others = [cost / output for cost in others]
        return np.column_stack([others[0], 1 - sum(others), *others[1:]])
    costs = np.column_stack([others[0], chosen.rental * used["capital"].to_numpy(), *others[1:]])
    return np.asarray(costs / costs.sum(axis=1, keepdims=True))
