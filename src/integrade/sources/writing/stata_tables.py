"""Write tables for Stata without failing: content that the format cannot hold is converted and reported."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat

from plainwords.escaping import one_line, visible
from rawcells import doors
from rawcells.stopping import beside, temporary

LABEL = 80
"""Largest number of characters of a label of a variable."""
TEXT_BYTES = 2045
EXACT = 1 << 53
LARGEST = 2_147_483_620
END = b"</stata_dta>"
"""Last bytes of a complete file."""
HEAD = 1024
"""Number of first bytes of a .dta that contain its creation time."""
TIME, MADE = b"<timestamp>\x11", b"01 Jan 2000 00:00"


def as_stata_holds_it(rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Convert rows to types of Stata; also return, for each column, a message key that says what was lost.

    Whole numbers beyond 2^53 become text. Infinite numbers become missing. Texts are cut after 2,045 bytes, and hidden
    characters are left out. Values of other types become text. Booleans become 0 and 1.
    """
    columns, lost = list[pl.Series](), dict[str, str]()
    for name, kind in rows.schema.items():
        column, why = _column(rows[name], kind)
        columns.append(column)
        if why:
            lost[name] = why
    return pl.DataFrame(columns), lost


def _column(column: pl.Series, kind: pl.DataType) -> tuple[pl.Series, str]:
    """Convert one column, as `as_stata_holds_it` describes. The message key is empty if nothing was lost."""
    if kind == pl.Boolean:
        return column.cast(pl.Int8), ""
    if kind.is_integer():
        ends: list[Any] = [column.min(), column.max()]
        largest = max((abs(int(v)) for v in ends if v is not None), default=0)
        if largest > EXACT:
            return column.cast(pl.String), "exported.as-text"
        return column.cast(pl.Int32 if largest <= LARGEST else pl.Float64), ""
    if kind.is_float():
        finite = pl.select(pl.when(column.is_finite()).then(column.cast(pl.Float64)).alias(column.name)).to_series()
        return finite, "exported.infinite" if column.is_infinite().any() else ""
    if kind in (pl.Date, pl.Datetime):
        return column, ""
    if kind == pl.Null:
        return column.cast(pl.Float64), ""
    texts = column if kind == pl.String else column.cast(pl.String, strict=False)
    shown = texts.map_elements(visible, return_dtype=pl.String)
    if not (shown.str.len_bytes() > TEXT_BYTES).any():
        return shown, ""
    cut = shown.map_elements(lambda t: t.encode()[:TEXT_BYTES].decode(errors="ignore"), return_dtype=pl.String)
    return cut, "exported.long-text"


def undate(path: Path) -> None:
    """Set the creation time in a .dta of format 118 to a fixed time, so that equal tables give equal bytes."""
    with doors.change_bytes(path) as file:
        head = file.read(HEAD)
        file.seek(head.index(TIME) + len(TIME))
        file.write(MADE)


def write_labelled(
    rows: pl.DataFrame, path: Path, labels: Mapping[str, str], values: Mapping[str, Mapping[int, str]]
) -> None:
    """Write a .dta of Stata 14 and later (UTF-8), with labels of variables and values.

    The file is complete or absent.
    """
    of_values: dict[str, Any] = {name: dict(known) for name, known in values.items()}
    column_labels: list[str | None] = [one_line(labels.get(name, ""))[:LABEL] for name in rows.columns]
    with temporary(beside(path)) as part:
        pyreadstat.write_dta(rows, str(part), version=14, column_labels=column_labels, variable_value_labels=of_values)
        require_whole(part)
        undate(part)
        os.replace(part, path)


def require_whole(path: Path) -> None:
    """Raise `OSError` for a .dta that was written only in part, because pyreadstat does not report a full disk."""
    with doors.open_bytes(path) as file:
        file.seek(-min(len(END), path.stat().st_size), os.SEEK_END)
        if file.read() != END:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
