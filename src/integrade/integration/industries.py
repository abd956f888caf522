"""Represent output as arrays, year x region x industry, and convert indices over them to tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Frame, collect
from integrade.errors import MissingColumn, TooFew, mapped_as, option
from integrade.integration.transforms import Vector
from integrade.records.schema import column_word, conform
from plainwords.account import Account, Entry, Kind
from plainwords.texts import Said, listed, say

if TYPE_CHECKING:
    import polars as pl

TABLE = "output"
Basis: TypeAlias = Literal["value", "employment"]
Absent: TypeAlias = Literal["zero", "leave_out"]


@dataclass(frozen=True)
class Industries:
    """Columns of output, each (T, N, K), NaN if there is no number; years, regions and industries in ascending order.

    ``here`` (T, N): whether the table has the region in the year.
    """

    years: tuple[int, ...]
    regions: tuple[str, ...]
    industries: tuple[str, ...]
    columns: Mapping[str, Vector]
    here: NDArray[np.bool_]

    def __getitem__(self, column: str) -> Vector:
        """Return a column. Raises `MissingColumn` if the table has no column of that name."""
        if column not in self.columns:
            raise MissingColumn(f"column {column!r} is missing from output", remedy=give_column(column))
        return self.columns[column]


def give_column(column: str) -> str:
    """Return the remedy for a missing column of output: another heading, or another measure of size."""
    alternative = {"value": "employment", "employment": "value"}.get(column)
    if column in ("plants", "size_squared"):
        return f"map one with {mapped_as('plants')} (how many) or {mapped_as('size_squared')} (squared sizes, summed)"
    return f"map it with {mapped_as(column)}" + (
        f", or measure by {option('basis', alternative)}" if alternative else ""
    )


def read_industries(output: Any, step: str) -> tuple[Industries, Account, Frame]:
    """Convert any frame of output to `Industries`; also return the account of validation and the frame.

    Raises `TooFew` if there is only one region.
    """
    import polars as pl

    conformed = conform(output, TABLE)
    rows = collect(conformed.frame)
    levels = {c: sorted(set(rows[c].to_list())) for c in ("year", "region", "industry")}
    if len(levels["region"]) < 2:
        raise TooFew("output of one region, and an index compares regions", remedy="give output of more regions")
    codes = rows.select(
        pl.col(c).replace_strict(names, list(range(len(names))), return_dtype=pl.Int64) for c, names in levels.items()
    )
    t, i, k = codes.to_numpy().T
    shape = tuple(len(names) for names in levels.values())
    columns: dict[str, Vector] = {}
    for name in ("value", "employment", "capital", "plants", "size_squared"):
        if name in rows.columns:
            columns[name] = np.full(shape, np.nan)
            columns[name][t, i, k] = rows[name].fill_null(np.nan).to_numpy()
    here = np.zeros(shape[:2], dtype=np.bool_)
    here[t, i] = True
    cube = Industries(tuple(levels["year"]), tuple(levels["region"]), tuple(levels["industry"]), columns, here)
    return cube, conformed.account + _breaks(cube, step), conformed.frame


def _breaks(cube: Industries, step: str) -> Account:
    """Warn about each year in which industries enter or leave, because a new classification causes spurious change."""
    first = next(iter(cube.columns.values()))
    has = np.nansum(first, axis=1) > 0
    entries = []
    for t in range(1, len(cube.years)):
        come = [n for n, a, b in zip(cube.industries, has[t - 1], has[t], strict=True) if b and not a]
        leave = [n for n, a, b in zip(cube.industries, has[t - 1], has[t], strict=True) if a and not b]
        if come or leave:
            moves = [say("integration.leave", names=_few(leave))] if leave else []
            moves += [say("integration.come", names=_few(come))] if come else []
            year, what = str(cube.years[t]), listed(moves, "semicolon")
            entries.append(
                Entry(step, TABLE, "warning", say("integration.list-of-industries", year=year, moves=what), 0)
            )
    return Account(tuple(entries))


def _few(names: Sequence[str]) -> Said:
    first = listed(names[:3], "comma")
    return say("integration.and-others", names=first, n=str(len(names) - 3)) if len(names) > 3 else first


def complete(cube: Industries, column: str, absent: Absent, step: str) -> tuple[Vector, Account]:
    """Return a column (T, N, K) without gaps.

    A gap becomes zero, or its industry is left out of that year for all regions. A region that the table lacks in a
    year has only NaN.
    """
    here = cube.here[:, :, None]
    values = np.where(here, cube[column], np.nan)
    exists = np.asarray(np.isfinite(values).any(axis=1))[:, None, :]
    gaps = np.isnan(values) & here & exists
    lost = np.asarray(gaps.any(axis=1))[:, None, :] if absent == "leave_out" else np.zeros_like(exists)
    complete_values = np.where(here & (np.isnan(values) | lost), 0.0, values)
    counts: list[tuple[Kind, str, int]] = [
        ("dropped", say("integration.industry-without-number"), int((~gaps & lost & here).sum())),
        ("filled", say("integration.taken-as-zero", column=column_word(column)), int((gaps & ~lost).sum())),
    ]
    entries = [Entry(step, TABLE, kind, reason, n) for kind, reason, n in counts if n]
    return complete_values, Account(tuple(entries))


def shares(values: Vector, axis: int) -> Vector:
    """Compute shares along an axis; NaN if the total is zero or all values are missing."""
    total = np.nansum(values, axis=axis, keepdims=True)
    return np.asarray(values / np.where(total > 0, total, np.nan))


def as_rows(keys: Mapping[str, Sequence[Any]], columns: Mapping[str, NDArray[Any]], keep: Any) -> pl.DataFrame:
    """Convert arrays (T, A) or (T, A, B) to a table.

    ``keys`` has the name and the labels of each axis, with the year first. ``keep`` (of the same shape) selects the
    cells that become rows. The rows are sorted by the keys, with the year last.
    """
    import polars as pl

    where = np.nonzero(np.asarray(keep, dtype=np.bool_))
    labels = {name: [values[int(i)] for i in at] for (name, values), at in zip(keys.items(), where, strict=True)}
    order = [n for n in labels if n != "year"] + ["year"]
    data = {name: labels[name] for name in order}
    rows = pl.DataFrame({**data, **{name: values[where] for name, values in columns.items()}})
    return rows.with_columns(pl.selectors.float().fill_nan(None)).sort(order)


def settings(options: Any, step: str, rows: pl.DataFrame, why_missing: str) -> Account:
    """Record missing values with their reason, every option as text, and the number of rows."""
    lone = rows["integration"].null_count() if "integration" in rows.columns else 0
    lacking = say("integration.missing", why=why_missing)
    entries = [Entry(step, "integration", "warning", lacking, lone)] if lone else []
    text = ", ".join(f"{f.name}={getattr(options, f.name)}" for f in dataclasses.fields(options))
    entries.append(Entry(step, "integration", "note", say("account.settings", settings=text), 0))
    return Account((*entries, Entry(step, "integration", "out", say("account.rows"), rows.height)))
