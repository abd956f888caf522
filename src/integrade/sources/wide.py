"""The wide layout of a statistics portal: regions in the first heading row, indicators in the second, time down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.account import Entry
from integrade.errors import DuplicateKeys, NotANumber
from integrade.sources.grid import Row, Sheet, address, text_of
from integrade.sources.periods import Dates, Period, periods_among, readings
from integrade.sources.wording import Item, item_of, number_of, region_text
from integrade.texts import say

if TYPE_CHECKING:
    import polars as pl


class Series(NamedTuple):
    """One column of the sheet: where it stands, what it is about and its values by row."""

    column: int
    region: str
    item: Item
    values: tuple[float | None, ...]


def read_wide(
    path: Path, sheets: Sequence[Sheet], dates: Dates | None = None
) -> tuple[pl.DataFrame, list[Entry]] | None:
    """Rows of region, year(, month), commodity, base, index; None when the sheet is of another layout.

    Empty cells are left out and counted; a column that repeats another of the same region and indicator exactly (a
    portal adds ``.1`` to its name) is left out and counted. Raises `DuplicateKeys` when a repeat differs, `NotANumber`.
    """
    if len(sheets) != 1 or not is_wide(sheets[0].rows):
        return None
    rows = sheets[0].rows
    body = [row for row in rows[2:] if row[0] is not None]
    series, repeated = _distinct(path, _series(path, rows, body))
    stubs = [text_of(row[0]) for row in body]
    found = periods_among(stubs, named=f"the first column of {path.name}", dates=dates)
    periods = [found[stub] for stub in stubs]
    empty = sum(v is None for s in series for v in s.values)
    reason = say("sources.wide-layout", columns=str(len(series)), periods=str(len(body)))
    notes = [Entry("read", path.name, "note", reason, 0)]
    if repeated:
        reason = say("sources.repeated-columns", n=str(len(repeated)))
        notes.append(Entry("read", path.name, "note", reason, 0, repeated[0]))
    if empty:
        notes.append(Entry("read", path.name, "dropped", say("sources.empty-of-wide"), empty))
    return _long(series, periods), notes


def is_wide(rows: Sequence[Row]) -> bool:
    """Two rows of texts, of which the first repeats itself, over rows that begin with a period."""
    if len(rows) < 3 or len(rows[0]) < 3:
        return False
    regions, indicators = [text_of(c) for c in rows[0][1:]], [text_of(c) for c in rows[1][1:]]
    if not all(regions) or not all(indicators) or any(readings(i) for i in indicators):
        return False
    repeats = len(set(regions)) < len(regions) or "=100" in "".join(indicators)
    texts = not any(re.fullmatch(r"[\d.,+-]+", t) for t in (*regions, *indicators))
    return repeats and texts and all(readings(text_of(row[0])) for row in rows[2:] if row[0] is not None)


def _series(path: Path, rows: Sequence[Row], body: Sequence[Row]) -> list[Series]:
    found = []
    for j in range(1, len(rows[0])):
        heading = re.sub(r"\.\d+$", "", text_of(rows[1][j]))
        values = tuple(_number(path, row, i, j) for i, row in enumerate(body))
        found.append(Series(j, region_text(rows[0][j]), item_of(heading), values))
    return found


def _number(path: Path, row: Row, i: int, j: int) -> float | None:
    try:
        return number_of(row[j])
    except ValueError:
        raise NotANumber(
            f"text in a number cell of {path.name}", example=f"{address(i + 2, j)}: {row[j]}", remedy="correct the cell"
        ) from None


def _distinct(path: Path, series: Sequence[Series]) -> tuple[list[Series], list[str]]:
    """Each region and indicator once, and a description of the exact repeats."""
    first: dict[tuple[str, Item], Series] = {}
    repeated = []
    for s in series:
        known = first.setdefault((s.region, s.item), s)
        if known is s:
            continue
        if known.values != s.values:
            raise DuplicateKeys(
                f"{path.name} has two different columns for {s.region}, {s.item.name} ({s.item.base})",
                example=f"columns {address(0, known.column)[:-1]} and {address(0, s.column)[:-1]}",
                remedy="delete one of them",
            )
        repeated.append(f"{s.region}, {s.item.name} ({s.item.base})")
    return list(first.values()), repeated


def _long(series: Sequence[Series], periods: Sequence[Period]) -> pl.DataFrame:
    import polars as pl

    monthly = any(p.month is not None for p in periods)
    rows = [
        (s.region, p.year, p.month, s.item.name, s.item.base, value)
        for s in series
        for p, value in zip(periods, s.values, strict=True)
        if value is not None
    ]
    schema = {
        "region": pl.String,
        "year": pl.Int64,
        "month": pl.Int64,
        "commodity": pl.String,
        "base": pl.String,
        "index": pl.Float64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame if monthly else frame.drop("month")
