"""Read the wide layout of a statistics portal: two heading rows for regions and indicators, and periods in rows.

There may be titles above the headings and footnotes below the values. A name of the first row applies to the empty
cells to its right. The first row has the regions. Only if most names of the second row, and not of the first, are
regions of one built-in country, the second row has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.errors import DuplicateKeys, NotANumber
from integrade.geography.countries import candidates
from integrade.sources.meaning.periods import Dates, Period, periods_among, readings
from integrade.sources.meaning.statistical_words import Item, item_of, number_of, region_text
from plainwords.account import Entry
from plainwords.texts import say
from rawcells.cells.grid import Row, Sheet, address, text_of

if TYPE_CHECKING:
    import polars as pl


DEPTH = 30
"""The first heading row is searched in this many rows from the top (a convention)."""


class Heads(NamedTuple):
    """Position of the upper heading row, regions and indicators by column, the rows of values, and the footnotes."""

    top: int
    regions: list[str]
    indicators: list[str]
    body: list[tuple[int, Row]]
    footnotes: list[str]


class Series(NamedTuple):
    """Column of the sheet: its position, region and item, and its values by row."""

    column: int
    region: str
    item: Item
    values: tuple[float | None, ...]


def read_wide(
    path: Path, sheets: Sequence[Sheet], dates: Dates | None = None
) -> tuple[pl.DataFrame, list[Entry]] | None:
    """Return rows of region, year(, month), commodity, base, index; None for a sheet with another layout.

    Empty cells are left out and counted. A column that exactly repeats another column of the same region and indicator
    is left out and counted (a portal adds ``.1`` to its name). Raises `DuplicateKeys` if such a column differs from the
    other, and `NotANumber`.
    """
    heads = heads_of(sheets[0].rows) if len(sheets) == 1 else None
    if heads is None:
        return None
    series, repeated = _distinct(path, _series(path, heads), heads.top)
    stubs = [text_of(row[0]) for _, row in heads.body]
    period_of_stub = periods_among(stubs, named=f"the first column of {path.name}", dates=dates)
    periods = [period_of_stub[stub] for stub in stubs]
    empty = sum(v is None for s in series for v in s.values)
    region, good = series[0].region, series[0].item.name
    counts = {"columns": str(len(series)), "periods": str(len(stubs))}
    reason = say("sources.wide-layout", **counts, region=region, good=good)
    notes = [Entry("read", path.name, "note", reason, 0)]
    if heads.footnotes:
        reason = say("sources.footnotes", sheet=repr(sheets[0].name or path.name))
        notes.append(Entry("read", path.name, "dropped", reason, len(heads.footnotes), heads.footnotes[0][:60]))
    if repeated:
        reason = say("sources.repeated-columns", n=str(len(repeated)))
        notes.append(Entry("read", path.name, "note", reason, 0, repeated[0]))
    if empty:
        notes.append(Entry("read", path.name, "dropped", say("sources.empty-of-wide"), empty))
    return _long(series, periods), notes


def heads_of(rows: Sequence[Row]) -> Heads | None:
    """Return the parts of a sheet that has two rows of names above rows of periods; None for any other sheet.

    The upper row must repeat its names, or the lower row must state a base (=100). Rows with a single text are titles
    above the headings, and footnotes below the values.
    """
    top = next((i for i, row in enumerate(rows[:DEPTH]) if len(_distinct_texts(row)) > 1), None)
    if top is None or len(rows) < top + 3 or len(rows[top]) < 3:
        return None
    upper, lower = _to_the_right(rows[top][1:]), [text_of(c) for c in rows[top + 1][1:]]
    if not all(upper) or not all(lower) or any(readings(name) for name in lower):
        return None
    if any(re.fullmatch(r"[\d.,+-]+", name) for name in (*upper, *lower)):
        return None
    if len(set(upper)) == len(upper) and "=100" not in "".join(lower):
        return None
    below = [(i, row) for i, row in enumerate(rows[top + 2 :], top + 2) if _distinct_texts(row)]
    body = [
        (i, row)
        for i, row in below
        if row[0] is not None and (len(_distinct_texts(row)) > 1 or readings(text_of(row[0])))
    ]
    if not body or not all(readings(text_of(row[0])) for _, row in body):
        return None
    footnotes = [next(iter(_distinct_texts(row))) for i, row in below if i > body[-1][0]]
    if _are_regions(lower) and not _are_regions(upper):
        upper, lower = lower, upper
    return Heads(top, upper, lower, body, footnotes)


def _distinct_texts(row: Row) -> dict[str, None]:
    return dict.fromkeys(text_of(c) for c in row if c is not None)


def _to_the_right(row: Row) -> list[str]:
    """Repeat each name of a heading row over the empty cells to its right."""
    names: list[str] = []
    for cell in row:
        names.append(text_of(cell) or (names[-1] if names else ""))
    return names


def _are_regions(names: Sequence[str]) -> bool:
    """Return whether most of the names are regions of one built-in country."""
    different = set(names)
    countries = candidates(different)
    return bool(countries) and 2 * countries[0].known > len(different)


def _series(path: Path, heads: Heads) -> list[Series]:
    series = []
    for j, (region, indicator) in enumerate(zip(heads.regions, heads.indicators, strict=True), 1):
        heading = re.sub(r"\.\d+$", "", indicator)
        values = tuple(_number(path, row, i, j) for i, row in heads.body)
        series.append(Series(j, region_text(region), item_of(heading), values))
    return series


def _number(path: Path, row: Row, i: int, j: int) -> float | None:
    try:
        return number_of(row[j])
    except ValueError:
        raise NotANumber(
            f"text in a number cell of {path.name}", example=f"{address(i, j)}: {row[j]}", remedy="correct the cell"
        ) from None


def _distinct(path: Path, series: Sequence[Series], top: int) -> tuple[list[Series], list[str]]:
    """Return each region and indicator once, and a description of the columns that exactly repeat another."""
    first: dict[tuple[str, Item], Series] = {}
    repeated = []
    for s in series:
        known = first.setdefault((s.region, s.item), s)
        if known is s:
            continue
        if known.values != s.values:
            raise DuplicateKeys(
                f"{path.name} has two different columns for {s.region}, {s.item.name} ({s.item.base})",
                example=f"columns {address(top, known.column)[:-1]} and {address(top, s.column)[:-1]}",
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
