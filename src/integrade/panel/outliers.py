"""Winsorise and trim columns at Stata's percentiles, with the cut-offs in the account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from integrade.engine.frames import Data, Table, account_of, bring, enter, give_back, place
from integrade.errors import NotANumber, UnknownColumn, UsageError, did_you_mean
from integrade.records.schema import column_word
from plainwords.account import Entry
from plainwords.texts import say


def winsorise(
    frame: Data,
    columns: Sequence[str],
    *,
    cuts: tuple[float, float] = (1, 99),
    by: str | Sequence[str] | None = None,
    trim: bool = False,
) -> Data:
    """Set values beyond two percentiles of each column to these percentiles, or to missing with ``trim``.

    Formula: percentile p of n values, with k = n p / 100, is the mean of x_(k) and x_(k+1) if k is whole, else
        x_(floor(k)+1) (Stata's ``_pctile``, which ``winsor2`` uses). ``cuts=(1, 99)`` cuts 1% in each tail;
        "winsorised at 5%" may mean ``(5, 95)`` or ``(2.5, 97.5)``.
    Missing values: they stay missing and do not count towards n; NaN and infinities count as missing.

    Args:
        frame: any table.
        columns: the columns to cut; the results keep their names.
        cuts: lower and upper percentile; 0 and 100 leave a tail uncut.
        by: column or columns within whose groups the percentiles are taken, such as ``"year"``.
        trim: set the values beyond the percentiles to missing instead.

    Returns: the table with the columns cut, rows and their order kept; the cut-offs and counts are in the account.

    Raises: `UnknownColumn`, `NotANumber`, `UsageError` for impossible cuts.

    Example:
        >>> winsorise(panel, ["roa", "rdebt"], cuts=(1, 99), by="year")  # doctest: +SKIP
    """
    low, high = cuts
    if not 0 <= low < high <= 100:
        raise UsageError(
            f"cuts={cuts} are not two ascending percentiles",
            remedy="give two between 0 and 100, the lower first: cuts=(1, 99)",
        )
    groups = [by] if isinstance(by, str) else list(by or ())
    lazy = enter(frame)
    rows = bring(lazy, "rows")
    for name in [*columns, *groups]:
        if name not in rows.columns:
            raise UnknownColumn(f"no column {name!r} to winsorise", remedy=did_you_mean(name, rows.columns))
    for name in columns:
        if not rows[name].dtype.is_numeric():
            raise NotANumber(
                f"column {name!r} is {rows[name].dtype}, not a number", remedy="leave it out or convert it"
            )
        if name in groups:
            raise UsageError(f"column {name!r} cannot be cut within groups of itself", remedy="take it out of by=")
    names = list(dict.fromkeys(columns))
    clean = rows.with_columns(pl.col(names).cast(pl.Float64))
    clean = clean.with_columns(pl.when(pl.col(c).is_finite()).then(pl.col(c)).alias(c) for c in names)
    cut = _bounds(clean, names, groups, cuts)
    below = {c: pl.col(c) < pl.col(f"_low_{c}") for c in names}
    above = {c: pl.col(c) > pl.col(f"_high_{c}") for c in names}
    entries = [
        e
        for c in names
        for e in (
            _entry(c, cut, below[c], Cut("panel.cut-below", low, f"_low_{c}"), trim=trim),
            _entry(c, cut, above[c], Cut("panel.cut-above", high, f"_high_{c}"), trim=trim),
        )
    ]
    bounds = {c: (None, None) if trim else (pl.col(f"_low_{c}"), pl.col(f"_high_{c}")) for c in names}
    result = cut.with_columns(
        pl.when(below[c]).then(bounds[c][0]).when(above[c]).then(bounds[c][1]).otherwise(pl.col(c)).alias(c)
        for c in names
    ).select(rows.columns)
    table = frame.name if isinstance(frame, Table) else "table"
    return give_back(place(result, lazy), frame, name=table, account=account_of(frame) + entries)


def _bounds(rows: pl.DataFrame, names: Sequence[str], groups: Sequence[str], cuts: tuple[float, float]) -> pl.DataFrame:
    """Add the columns ``_low_x`` and ``_high_x`` for each column x."""
    if not groups:
        both = {c: _percentiles(rows[c], cuts) for c in names}
        sides = [(f"{side}{c}", both[c][at]) for at, side in enumerate(("_low_", "_high_")) for c in names]
        return rows.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in sides)
    cut = [(f"{side}{c}", _percentile(c, p)) for side, p in zip(("_low_", "_high_"), cuts, strict=True) for c in names]
    return rows.with_columns(e.over(groups).alias(name) for name, e in cut)


def _percentiles(column: pl.Series, cuts: tuple[float, float]) -> list[float | None]:
    """Return Stata's percentiles of the values that are not missing, by partial sorting; None without values."""
    values = column.drop_nulls().to_numpy()
    if not len(values):
        return [None, None]
    positions = [len(values) * percent / 100 for percent in cuts]
    nearest = [round(position) for position in positions]
    whole = [abs(p - n) < 1e-9 for p, n in zip(positions, nearest, strict=True)]  # n p / 100 has rounding error
    pairs = [(n - 1, n) if w else (int(p), int(p)) for p, n, w in zip(positions, nearest, whole, strict=True)]
    at = np.clip(pairs, 0, len(values) - 1)
    ordered = np.partition(values, np.unique(at))
    return [float((ordered[low] + ordered[high]) / 2) for low, high in at]


def _percentile(column: str, percent: float) -> pl.Expr:
    """Return Stata's percentile of the values that are not missing."""
    values = pl.col(column).drop_nulls().sort()
    position = values.len() * percent / 100
    nearest = position.round()
    whole = (position - nearest).abs() < 1e-9  # n p / 100 has rounding error
    last = values.len().cast(pl.Int64) - 1
    first = pl.when(whole).then(nearest - 1).otherwise(position.floor()).cast(pl.Int64).clip(0, last)
    second = pl.when(whole).then(nearest).otherwise(position.floor()).cast(pl.Int64).clip(0, last)
    return (values.get(first, null_on_oob=True) + values.get(second, null_on_oob=True)) / 2


class Cut(NamedTuple):
    """One side of a column: the id of its message, its percentile and the column of its bound."""

    says: str
    percentile: float
    bound: str


def _entry(column: str, rows: pl.DataFrame, beyond: pl.Expr, cut: Cut, *, trim: bool) -> Entry:
    """Return the entry on one side of a column: its bound, or the range over groups, and how many values it cuts."""
    bound, name = pl.col(cut.bound), column_word(column)
    least, most, count = rows.select(least=bound.min(), most=bound.max(), n=beyond.sum()).row(0)
    if least is None:
        return Entry("winsorise", "panel", "clipped", say("panel.no-value", column=name), 0)
    where = f"{least:.6g}" if least == most else f"{least:.6g}..{most:.6g}"
    reason = say(cut.says, column=name, percentile=f"{cut.percentile:g}", bound=where)
    reason = say("panel.set-to-missing", what=reason) if trim else reason
    return Entry("winsorise", "panel", "clipped", reason, count)
