"""Read sheets of statistical yearbooks: titles, headings over several rows, and provinces and goods in rows or columns.

The year is read from a cell above the table, else from the sheet's name, else from the file's name. Merged headings are
repeated in each of their cells. Footnotes and rank columns are left out. A continued table, which repeats the provinces
further down, is another block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from integrade.errors import NotANumber, Unreadable
from integrade.geography import province_of
from integrade.sources.basis.words import basis_said, year_named
from integrade.sources.layout.roles import is_variable
from integrade.sources.meaning.statistical_words import (
    GOODS_HEADS,
    NATION,
    REGION_HEADS,
    YEAR_HEADS,
    is_number,
    item_of,
    key_of,
    names_codes,
    number_of,
    region_text,
    years_in,
)
from integrade.sources.meaning.synonyms import synonyms
from plainwords.account import Entry
from plainwords.texts import say
from rawcells.cells.grid import Cell, Row, Sheet, address, in_sheet, of_sheet, text_of
from rawcells.cells.numbers import whole_number

if TYPE_CHECKING:
    import polars as pl

FEWEST = 3
"""A row or column with at least this many known provinces has the regions of a sheet.

With fewer provinces, a heading such as ``地区`` or ``项目`` shows where the regions are.
"""


_CONTINUED = re.compile(r"续|[Cc]ontinued|[Cc]ont\.")


class Place(NamedTuple):
    """Sheet with its regions in rows. ``turned``: whether the file has the regions in columns."""

    name: str
    rows: list[Row]
    column: int
    turned: bool


class Block(NamedTuple):
    """Rows of regions under one heading, the column of years (None without one), and the good of each column.

    ``unused``: columns of numbers that have no heading, or a heading for ranks or codes.
    """

    regions: tuple[int, ...]
    years: int | None
    goods: Mapping[int, str]
    unused: tuple[int, ...]


Value: TypeAlias = tuple[str, int, str, float]
"""Region, year, commodity, index."""


def read_yearbook(
    path: Path, sheets: Sequence[Sheet], *, variables: bool = False
) -> tuple[pl.DataFrame, list[Entry]] | None:
    """Return rows of region, year, commodity, index from every sheet with a table; None if no sheet has one.

    ``variables``: whether the source has variables (output, employment) in its columns instead of goods. Missing cells
    (``-``, ``…``, empty) and rows of the whole nation are left out and counted. Raises `NotANumber` with the cell's
    address, `Unreadable` if the year cannot be found.
    """
    import polars as pl

    values: list[Value] = []
    notes: list[Entry] = []
    before: int | None = None
    for sheet in sheets:
        place = _placed(sheet)
        blocks = _blocks(place, variables=variables) if place else ()
        if blocks and all(_as_year(good) > 0 for block in blocks for good in block.goods.values()):
            raise Unreadable(
                f"the columns of {of_sheet(sheet.name)}{path.name} are years, but the good is not stated",
                where=str(path),
                remedy="write the indicator above the table, as the data portal does (指标：...)",
            )
        if place is None or not blocks:
            notes.append(
                Entry("read", path.name, "note", say("sources.no-regions", sheet=repr(sheet.name or path.name)), 0)
            )
            continue
        year = _year_of(path, sheet, place, blocks, before)
        values_of_sheet, more = _sheet_values(path, place, blocks, year)
        before = year
        values += values_of_sheet
        notes += more
    if not values:
        return None
    schema = {"region": pl.String, "year": pl.Int64, "commodity": pl.String, "index": pl.Float64}
    return pl.DataFrame(values, schema=schema, orient="row"), notes


def _placed(sheet: Sheet) -> Place | None:
    """Find the column or row of regions.

    The one with most provinces is taken, if it has at least `FEWEST`; else the one with the heading ``地区`` or
    ``项目``.
    """
    rows = sheet.rows
    turned: list[Row] = [list(column) for column in zip(*rows, strict=True)]
    down = max(((_provinces(c), -j) for j, c in enumerate(turned)), default=(0, 0))
    across = max(((_provinces(r), -i) for i, r in enumerate(rows)), default=(0, 0))
    if max(down[0], across[0]) >= FEWEST:
        if down[0] >= across[0]:
            return Place(sheet.name, rows, -down[1], turned=False)
        return Place(sheet.name, turned, -across[1], turned=True)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            word = key_of(region_text(cell))
            if word in REGION_HEADS:
                return Place(sheet.name, rows, j, turned=False)
            if word in GOODS_HEADS and sum(c is not None for c in row) > FEWEST:
                return Place(sheet.name, turned, i, turned=True)
    return None


def _provinces(cells: Sequence[Cell]) -> int:
    return len({p.english for c in cells if isinstance(c, str) and (p := province_of(region_text(c)))})


def _blocks(place: Place, *, variables: bool = False) -> tuple[Block, ...]:
    """Return the tables of a sheet from top to bottom; the result is empty if the sheet is a long table."""
    runs: list[list[int]] = []
    for i, row in enumerate(place.rows):
        if not _is_region_row(row, place.column):
            continue
        between = range(runs[-1][-1] + 1, i) if runs else ()
        if not runs or any(_is_heading(place.rows[k], place.column) for k in between):
            runs.append([])
        runs[-1].append(i)
    starts = [0, *(run[-1] + 1 for run in runs)]
    blocks = tuple(_block(place, range(start, run[0]), run) for start, run in zip(starts, runs, strict=False))
    return blocks if all(_is_layout(place, block, variables=variables) for block in blocks) else ()


def _is_layout(place: Place, block: Block, *, variables: bool) -> bool:
    """Return whether regions (and years) name the rows and goods the columns.

    In a long table goods name the rows too, so the result is False.
    """
    known = synonyms("prices")
    heading_words = {key_of(word) for new in ("index", "month", "commodity") for word in (new, *known[new])}
    across = block.goods.values()
    if not across or any(key_of(good) in heading_words or (is_variable(good) and not variables) for good in across):
        return False
    years = [None if block.years is None else text_of(place.rows[i][block.years]) for i in block.regions]
    names = [region_text(place.rows[i][place.column]) for i in block.regions]
    return len(set(zip(names, years, strict=True))) == len(names)


def _is_region_row(row: Row, column: int) -> bool:
    """Return whether a row has the name of a region (no number, year or heading) and numbers beside it."""
    name = row[column]
    if not isinstance(name, str) or is_number(name) or years_in(name) == [_as_year(name)]:
        return False
    if key_of(region_text(name)) in (*REGION_HEADS, *GOODS_HEADS, *YEAR_HEADS):
        return False
    return any(is_number(c) for j, c in enumerate(row) if j != column)


def _is_heading(row: Row, column: int) -> bool:
    """Return whether a row has at least two different texts, besides numbers, next to the column of regions."""
    texts = {text_of(c) for j, c in enumerate(row) if j != column and c is not None and not is_number(c)}
    return len(texts) >= 2


def _is_title(row: Row, column: int) -> bool:
    """Return whether a row has only one text, in one cell or in cells merged across the table."""
    texts = [text_of(c) for c in row if c is not None]
    return len(texts) < 2 or (len(set(texts)) < 2 and row[column] is not None)


def _as_year(cell: Cell) -> int:
    year = whole_number(text_of(cell).rstrip("年 "))
    return year if year is not None and 1900 <= year <= 2100 else -1


def _sheet_values(
    path: Path, place: Place, blocks: Sequence[Block], year: int | None
) -> tuple[list[Value], list[Entry]]:
    """Read the numbers of a sheet, and note what was read and left out.

    Rows of the nation and empty cells are counted. ``year``: the year of the sheet; None if a column has the years.
    """
    values: list[Value] = []
    missing = nation = 0
    for block in blocks:
        for i in block.regions:
            row = place.rows[i]
            region = region_text(row[place.column])
            if key_of(region) in NATION:
                nation += 1
                continue
            row_year = year if block.years is None else _as_year(row[block.years])
            if row_year is None or row_year < 0:
                raise _no_year(path, place.name)
            for j, good in block.goods.items():
                number = _number(path, place, i, j)
                missing += number is None
                if number is not None:
                    values.append((region, row_year, good, number))
    # a text file has one sheet without a name
    named = say("sources.sheet-named", sheet=repr(place.name)) if place.name else say("sources.sheet-of-text")
    when = str(year) if year else say("sources.by-row")
    turned = "sources.goods-down" if place.turned else "sources.regions-down"
    notes = [Entry("read", path.name, "note", say(turned, sheet=named, year=when), 0)]
    titles = [
        text_of(c) for row in place.rows[: blocks[0].regions[0]] for c in row if c is not None and not is_number(c)
    ]
    if words := basis_said(titles):
        reason = say("sources.title-says-basis", sheet=repr(place.name or path.name), words=words.text)
        notes.append(Entry("read", path.name, "note", reason, 0))
    unused = sum(len(block.unused) for block in blocks)
    if unused:
        reason = say("sources.unused-columns", n=str(unused), sheet=named)
        notes.append(Entry("read", path.name, "note", reason, 0))
    if nation:
        notes.append(Entry("read", path.name, "dropped", say("sources.nation-of-sheet", sheet=named), nation))
    if missing:
        notes.append(Entry("read", path.name, "dropped", say("sources.empty-of-sheet", sheet=named), missing))
    return values, notes


def _block(place: Place, above: Iterable[int], regions: Sequence[int]) -> Block:
    """Find the column of years and the goods from the heading rows above the regions."""
    heads = [place.rows[i] for i in above if not _is_title(place.rows[i], place.column)]
    used = [
        j for j in range(len(place.rows[0])) if j != place.column and any(is_number(place.rows[i][j]) for i in regions)
    ]
    labels = {j: [text_of(h[j]) for h in heads if h[j] is not None and not is_number(h[j])] for j in used}
    labels = {j: list(dict.fromkeys(parts)) for j, parts in labels.items()}
    if all(any(_has_han(t) for t in parts) for parts in labels.values()):
        labels = {j: [t for t in parts if _has_han(t)] for j, parts in labels.items()}
    years = next((j for j, parts in labels.items() if any(key_of(t) in YEAR_HEADS for t in parts)), None)
    kept = {j: p for j, p in labels.items() if p and j != years and not any(names_codes(t) for t in p)}
    unused = tuple(j for j in used if j not in kept and j != years)
    # A good is the lowest heading of its column; if several columns share it, all headings of each are joined.
    lowest = {j: item_of(parts[-1]).name for j, parts in kept.items()}
    names = list(lowest.values())
    goods = {
        j: name if names.count(name) == 1 else " ".join(dict.fromkeys(item_of(p).name for p in kept[j]))
        for j, name in lowest.items()
    }
    return Block(tuple(regions), years, goods, unused)


def _has_han(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" for c in text)


def _year_of(path: Path, sheet: Sheet, place: Place, blocks: Sequence[Block], before: int | None) -> int | None:
    """Return the only year in the cells above the table, in the sheet's name or in the file's name, in this order.

    A sheet that continues a table has the year of the previous sheet. Returns None if the table has a column of years.
    """
    if all(block.years is not None for block in blocks):
        return None
    top = place.column if place.turned else blocks[0].regions[0]
    above = " ".join(text_of(c) for row in sheet.rows[:top] for c in row)
    if year_and_text := year_named(above, sheet.name, path.stem):
        return year_and_text[0]
    if before is not None and _CONTINUED.search(f"{above} {sheet.name}"):
        return before
    raise _no_year(path, sheet.name)


def _no_year(path: Path, sheet: str) -> Unreadable:
    return Unreadable(
        f"the year of {of_sheet(sheet)}{path.name} cannot be found",
        where=str(path),
        remedy="put one year (2008) into a cell above the table, or into the name of the sheet or of the file",
    )


def _number(path: Path, place: Place, i: int, j: int) -> float | None:
    cell = place.rows[i][j]
    try:
        return number_of(cell)
    except ValueError:
        where = address(j, i) if place.turned else address(i, j)
        raise NotANumber(
            f"text in a number cell of {path.name}",
            where=f"{in_sheet(place.name)}cell {where}",
            example=f"{region_text(place.rows[i][place.column])}: {cell}",
            remedy="correct the cell",
        ) from None
