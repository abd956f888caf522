"""Add lags and leads of a column by the calendar, on the column's own key. A gap in the years gives a missing value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.engine.frames import Data, beside
from integrade.errors import Coverage, DuplicateKeys, NotANumber, UnknownColumn, UsageError, did_you_mean
from integrade.records.schema import column_word
from integrade.regress.effects import combine, factorise
from plainwords.account import Account, Entry
from plainwords.texts import Said, listed, say

_SAME = 1e-9  # two values of one cell that differ by less (relatively) count as equal; a convention


def shifted_name(variable: str, shift: int) -> str:
    """Return the name of a shifted column: ``market_l1`` one year back, ``market_f1`` one ahead, ``market`` for 0."""
    return variable if not shift else f"{variable}_{'l' if shift > 0 else 'f'}{abs(shift)}"


def add_lags(
    panel: Data,
    variable: str,
    lags: Sequence[int] = (1, 2, 3),
    leads: Sequence[int] = (),
    *,
    lives_on: Sequence[str] = ("region", "year"),
    series: Any = None,
) -> Data:
    """Add lags and leads of a column, taken from its series by unit and period (``lives_on``).

    Formula: ``market_l2`` of a row = the value of its region two years earlier. The lag belongs to the province's
        series, so a firm that is new this year has it too. A firm that moved gets the past of its current province.
    Missing values: a lag is missing if the series has no value exactly that many years away; gaps are never bridged.
        The account counts missing lags by reason.

    Args:
        panel: any table with the variable and the columns of ``lives_on``.
        variable: the column to shift.
        lags: years back. leads: years ahead.
        lives_on: the key of the series, with the period last: ``("firm", "year")`` for a column of the firm.
        series: a table with the key and the variable that covers more years than the panel, so that no row is lost.

    Returns:
        The panel with ``<variable>_l1``, ``<variable>_f1`` ..., in the type that was given. Columns with the same names
        are replaced.

    Raises:
        UsageError: the variable differs within a key. DuplicateKeys: the series repeats a key.
        Coverage: the series and the panel have no key in common. UnknownColumn: a column is missing.

    Example:
        >>> import polars as pl
        >>> panel = pl.DataFrame({"region": ["A", "A", "A"], "year": [2001, 2002, 2004], "market": [1.0, 2.0, 4.0]})
        >>> add_lags(panel, "market", (1,))["market_l1"].to_list()
        [None, 1.0, None]
    """
    return _added(panel, [variable], _signed(lags, leads), list(lives_on), series)


def add_lags_of(
    panel: Data, variables: Sequence[str], lags: Sequence[int], leads: Sequence[int], *, lives_on: Sequence[str]
) -> Data:
    """Add lags and leads as `add_lags` does, for several columns that vary by the same keys, in one pass."""
    shifts, keys = _signed(lags, leads), list(lives_on)
    names = {shifted_name(v, s) for v in variables for s in shifts}
    if names.isdisjoint([*variables, *keys]):
        return _added(panel, variables, shifts, keys, None)
    for variable in variables:  # a column that is added is itself shifted
        panel = _added(panel, [variable], shifts, keys, None)
    return panel


def _added(panel: Data, variables: Sequence[str], shifts: list[int], keys: list[str], series: Any) -> Data:
    frame = frames.enter(panel)
    names = frame.collect_schema().names()
    _present([*keys, *(variables if series is None else [])], names, "the panel")
    cells = _cells(frame, variables if series is None else (), keys)
    known, source = (cells, "panel") if series is None else (_read_series(series, variables[0], cells, keys), "series")
    history = known.drop_nulls(keys).select(*keys, *variables)
    table = _shifted(cells.drop_nulls(keys), history, keys, shifts)
    added = table.drop("_rows")
    kept = frame.select(*[c for c in names if c not in added.columns or c in keys])
    joined = beside(kept, added, keys)
    total, entries = int(cells["_rows"].sum()), list[Entry]()
    for variable in variables:
        values = history.select(*keys, variable).drop_nulls(variable)
        entries += _entries(table, values, keys, shifts, total=total, source=source)
    account = frames.account_of(panel) + entries
    return frames.give_back(joined, panel, name="panel", account=account)


def _signed(lags: Sequence[int], leads: Sequence[int]) -> list[int]:
    for shift in (*lags, *leads):
        if shift < 1:
            raise UsageError(f"a lag or lead of {shift} years is not possible", remedy="give whole years, 1 or more")
    return list(dict.fromkeys([*lags, *(-s for s in leads)]))


def _present(columns: Sequence[str], names: Sequence[str], where: str) -> None:
    for column in columns:
        if column not in names:
            raise UnknownColumn(f"no column {column!r} in {where}", remedy=did_you_mean(column, names))


def _cells(frame: frames.Frame, variables: Sequence[str], keys: list[str]) -> pl.DataFrame:
    """Return one row per key, with its number of rows and the value of each variable.

    Raises `UsageError` if a variable has several values within a key.
    """
    wanted = [nw.len().alias("_rows")]
    for j, variable in enumerate(variables):
        wanted += [nw.col(variable).min().alias(f"_low{j}"), nw.col(variable).max().alias(f"_high{j}")]
    cells = frames.collect(frame.group_by(*keys).agg(*wanted)).sort(keys)
    if not cells[keys[-1]].dtype.is_numeric():
        raise NotANumber(f"{keys[-1]!r} holds {cells[keys[-1]].dtype}, not years", remedy="give the period as a number")
    for j, variable in enumerate(variables):
        low, high = f"_low{j}", f"_high{j}"
        if not cells[low].dtype.is_numeric():
            raise NotANumber(f"{variable!r} holds {cells[low].dtype}, not numbers", remedy="convert the column")
        cells = cells.with_columns(pl.col(low, high).cast(pl.Float64).fill_nan(None))
        varied = cells.filter((pl.col(high) - pl.col(low)) > _SAME * (1 + pl.col(high).abs()))
        if varied.height:
            shown = ", ".join(f"{k}={varied[k][0]}" for k in keys)
            raise UsageError(
                f"{variable!r} differs within {', '.join(keys)}, so it is not constant within them",
                example=f"{shown}: {varied[low][0]:.6g} to {varied[high][0]:.6g}",
                remedy='give lives_on=("firm", "year") for a column of the firm',
            )
    named = {f"_high{j}": variable for j, variable in enumerate(variables)}
    return cells.drop(f"_low{j}" for j in range(len(variables))).rename(named)


def _read_series(series: Any, variable: str, cells: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return the series, with its keys cast to the types that they have in the panel."""
    frame = frames.enter(series)
    _present([*keys, variable], frame.collect_schema().names(), "the series")
    rows = frames.collect(frame.select(*keys, variable))
    rows = rows.with_columns(*(pl.col(k).cast(cells.schema[k]) for k in keys), pl.col(variable).cast(pl.Float64))
    twice = rows.filter(rows.select(keys).is_duplicated()).sort(keys)
    if twice.height:
        shown = ", ".join(f"{k}={twice[k][0]}" for k in keys)
        raise DuplicateKeys(f"the series repeats {', '.join(keys)}", example=shown, remedy="keep one row per key")
    if not rows.join(cells, on=keys[:-1], how="semi").height:
        raise Coverage(
            say("impossible.nothing-in-common", keys=", ".join(keys[:-1])),
            example=f"series: {rows[keys[0]][0]}; panel: {cells[keys[0]].drop_nulls()[0]}",
            remedy="write names the same way in both",
        )
    return rows.with_columns(pl.col(variable).fill_nan(None))


def _shifted(cells: pl.DataFrame, history: pl.DataFrame, keys: list[str], shifts: Sequence[int]) -> pl.DataFrame:
    """Return the cells of the panel with the values of the series at each shift, sorted by the keys."""
    period, variables = keys[-1], history.columns[len(keys) :]
    table = cells.select(*keys, "_rows").sort(keys)
    if not (history.height and history.schema[period].is_integer() and table.schema[period].is_integer()):
        for shift in shifts:
            moved = history.with_columns((pl.col(period) + shift).cast(history.schema[period]))
            named = {variable: shifted_name(variable, shift) for variable in variables}
            table = table.join(moved.rename(named), on=keys, how="left")
        return table.sort(keys)
    stacked = pl.concat([history.select(keys), table.select(keys)])
    unit = combine("unit", [factorise(k, stacked[k]) for k in keys[:-1]]) if keys[:-1] else None
    years, room = stacked[period].cast(pl.Int64).to_numpy(), max(map(abs, shifts), default=0)
    years = years - years.min() + room
    span = int(years.max()) + 1 + room
    place = years if unit is None else unit.codes * span + years
    known, wanted = place[: history.height], place[history.height :]
    order = np.argsort(known, kind="stable")
    known = known[order]
    values = {variable: history[variable].cast(pl.Float64).to_numpy()[order] for variable in variables}
    columns: dict[str, pl.Series] = {}
    for shift in shifts:
        at = np.minimum(np.searchsorted(known, wanted - shift), len(known) - 1)
        present = known[at] == wanted - shift
        for variable, numbers in values.items():
            name = shifted_name(variable, shift)
            columns[name] = pl.Series(name, np.where(present, numbers[at], np.nan)).fill_nan(None)
    return table.with_columns(columns[shifted_name(v, s)] for v in variables for s in shifts)


def _entries(
    table: pl.DataFrame, history: pl.DataFrame, keys: list[str], shifts: Sequence[int], *, total: int, source: str
) -> list[Entry]:
    """Return one note per shift: the number of rows without the shifted value, by reason.

    There are three reasons: the year is beyond the ends of the unit's series, it is in a gap of the series, or the row
    has no key.
    """
    period, variable = keys[-1], history.columns[-1]
    ends = history.group_by(keys[:-1]).agg(pl.col(period).min().alias("_first"), pl.col(period).max().alias("_last"))
    placed = table.join(ends, on=keys[:-1], how="left")
    keyless = total - int(table["_rows"].sum())
    entries = []
    for shift in shifts:
        name = shifted_name(variable, shift)
        at = pl.col(period) - shift
        outside = (at < pl.col("_first")) | (at > pl.col("_last")) | pl.col("_first").is_null()
        lacking = placed.filter(pl.col(name).is_null())
        beyond = int(lacking.filter(outside)["_rows"].sum())
        gap = int(lacking["_rows"].sum()) - beyond
        why = (
            [say("models_timing.beyond-ends", n=beyond, source=say(f"models_timing.source-{source}"))] if beyond else []
        )
        why += [say("models_timing.in-a-gap", n=gap)] if gap else []
        without = listed([column_word(k) for k in keys], "comma")
        why += [say("models_timing.without-keys", n=keyless, keys=without)] if keyless else []
        rows = beyond + gap + keyless
        reason = say("models_timing.lacking", column=name, n=rows, all=total)
        if why:
            reason = say("models_timing.lacking-why", column=name, n=rows, all=total, why=listed(why, "comma"))
        entries.append(Entry("lags", "panel", "note", reason, rows))
    return entries


def without_lags(account: Account) -> dict[str, int]:
    """Return the number of rows that lack each lag, by column, as an account reports it."""
    lacking = [(e.reason, e.rows) for e in account if e.step == "lags" and isinstance(e.reason, Said)]
    return {str(reason.given["column"]): rows for reason, rows in lacking}
