"""Turn statistical tables with regions or industries in rows and indicators (or years) in columns into canonical rows.

Three layouts are read: an export of the national data portal, a yearbook sheet of regions (`yearbook`), and a yearbook
sheet of industries. An export has lines ``指标：...`` and ``时间：...`` above regions by years, or above the indicators
of one region by years.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from integrade.errors import DuplicateKeys, NotANumber, Unreadable
from integrade.sources.basis.words import year_named
from integrade.sources.layout.names_across import Found
from integrade.sources.layout.yearbook import read_yearbook
from integrade.sources.meaning.periods import Dates, periods_among, readings
from integrade.sources.meaning.recipe import Recipe, plain
from integrade.sources.meaning.statistical_words import NATION, is_number, item_of, key_of, number_of, region_text
from plainwords.account import Entry
from plainwords.texts import say
from rawcells.cells.grid import FOOTNOTES, Row, Sheet, address, in_sheet, of_sheet, text_of

if TYPE_CHECKING:
    import polars as pl

    from integrade.sources.files.readers import Layout

PREAMBLE = re.compile(r"^(数据库|指标|地区|时间|单位)[:：]\s*(.*)$")
FOOT = re.compile(rf"^(数据来源|资料来源|注|说明|sources?|notes?|{FOOTNOTES})\s*[:：]", re.IGNORECASE)
STUBS = ("地区", "指标", "行业", "项目", "分组")
SUBTOTAL = re.compile("(.+)_(?:小计|合计|总计|计|total|both_sexes)")
"""Name of a column, as `plain` writes it: a group of columns and the word for its subtotal."""
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)|\d+[、.](?!\d)|其中[:：]?)\s*")


class Value(NamedTuple):
    """Number of a table, with the labels of its row and of its column, and the title above the table."""

    stub: str
    year: int
    item: str
    number: float
    title: str
    month: int | None = None


def layout_of(recipe: Recipe | None, usual: Layout | None, dates: Dates | None = None) -> Layout | None:
    """Return the function that turns the sheets of a recipe's source into rows.

    Returns ``usual`` if there is no recipe of a source, and None if the recipe says that the sheets are plain tables.
    """
    if recipe is None or recipe.layout == "prices":
        return usual if recipe is None else _first_portal(usual, dates)
    if recipe.layout == "table":
        return None
    stub = "region" if recipe.layout == "regions" else "industry"

    def layout(path: Path, sheets: Sequence[Sheet]) -> tuple[pl.DataFrame, list[Entry]] | None:
        values, notes = list[Value](), list[Entry]()
        for sheet in sheets:
            found_values, more = read_portal(path, sheet, dates) or (_yearbook if stub == "region" else _industries)(
                path, sheet
            )
            values, notes = values + found_values, notes + more
        titled = any("title" in column.headings for column in recipe.columns.values())
        return (_wide(path, values, stub, titled=titled), notes) if values else None

    return layout


def _first_portal(usual: Layout | None, dates: Dates | None) -> Layout:
    """Return a layout for prices: the portal's export if a sheet is one, else ``usual``."""

    def layout(path: Path, sheets: Sequence[Sheet]) -> tuple[pl.DataFrame, list[Entry]] | Found | None:
        import polars as pl

        exports = [export for sheet in sheets if (export := read_portal(path, sheet, dates))]
        if not exports:
            return usual(path, sheets) if usual else None
        values = [v for export in exports for v in export[0]]
        items = {v.item: item_of(v.item) for v in values}
        rows = [(v.stub, v.year, v.month, items[v.item].name, items[v.item].base, v.number) for v in values]
        names = {
            "region": pl.String,
            "year": pl.Int64,
            "month": pl.Int64,
            "commodity": pl.String,
            "base": pl.String,
            "index": pl.Float64,
        }
        frame = pl.DataFrame(rows, schema=names, orient="row")
        frame = frame if any(v.month for v in values) else frame.drop("month")
        return frame, [note for export in exports for note in export[1]]

    return layout


def read_portal(path: Path, sheet: Sheet, dates: Dates | None = None) -> tuple[list[Value], list[Entry]] | None:
    """Return the values of an export of the national data portal; None for any other sheet. Raises `NotANumber`."""
    preamble = {m[1]: m[2] for row in sheet.rows[:6] if row and (m := PREAMBLE.match(text_of(row[0])))}
    top = next((i for i, row in enumerate(sheet.rows[:12]) if _heads_years(row)), -1)
    if not preamble or top < 0:
        return None
    heads = {j: text_of(c) for j, c in enumerate(sheet.rows[top]) if j}
    known = periods_among(heads.values(), named=f"the heading of {path.name}", dates=dates)
    periods = {j: known[text] for j, text in heads.items() if text in known}
    by_region = text_of(sheet.rows[top][0]) == "地区"
    subject = preamble.get("指标" if by_region else "地区", "")
    if not subject:
        raise Unreadable(
            f"{path.name} does not state its {'indicator' if by_region else 'region'}",
            where=str(path),
            remedy="keep the lines above the table that the portal writes (指标：... or 地区：...)",
        )
    values, empty, nation = list[Value](), 0, 0
    for i, row in enumerate(sheet.rows[top + 1 :], top + 1):
        name = region_text(row[0])
        if not name or FOOT.match(name):
            continue
        if by_region and key_of(name) in NATION:
            nation += 1
            continue
        stub, item = (name, subject) if by_region else (subject, text_of(row[0]))
        numbers = {j: _number(path, sheet, i, j) for j in periods}
        empty += sum(n is None for n in numbers.values())
        values += [
            Value(stub, periods[j].year, item, n, subject, periods[j].month)
            for j, n in numbers.items()
            if n is not None
        ]
    notes = [Entry("read", path.name, "note", say("sources.portal-export", title=subject), 0)]
    return values, notes + _lost(path, empty, nation)


def _yearbook(path: Path, sheet: Sheet) -> tuple[list[Value], list[Entry]]:
    """Read regions in rows and indicators in columns, with the reader for yearbook sheets of prices."""
    rows_and_notes = read_yearbook(path, [sheet], variables=True)
    if rows_and_notes is None:
        return [], []
    title = _title(sheet)
    return [
        Value(region, year, item, number, title) for region, year, item, number in rows_and_notes[0].iter_rows()
    ], rows_and_notes[1]


def _industries(path: Path, sheet: Sheet) -> tuple[list[Value], list[Entry]]:
    """Read industries in rows and indicators in columns.

    Raises `NotANumber`, and `Unreadable` if the year cannot be found.
    """
    body = [i for i, row in enumerate(sheet.rows) if _is_body(row)]
    if len(body) < 2:
        return [], []
    first = body[0]
    used = [j for j in range(1, len(sheet.rows[first])) if any(is_number(sheet.rows[i][j]) for i in body)]
    title = _title(sheet, first)
    heads = [r for r in sheet.rows[:first] if len({text_of(c) for c in r[1:] if c is not None}) > 1]
    labels = {j: " ".join(dict.fromkeys(text_of(h[j]) for h in heads if h[j] is not None)) for j in used}
    named = year_named(title, sheet.name, path.stem)
    if named is None:
        raise Unreadable(
            f"the year of {of_sheet(sheet.name)}{path.name} cannot be found",
            where=str(path),
            remedy="put one year (2008) into a cell above the table, or into the name of the sheet or of the file",
        )
    values, empty, nation = list[Value](), 0, 0
    for i in body:
        name = region_text(sheet.rows[i][0])
        while (shorter := _NUMBERING.sub("", name)) != name:
            name = shorter
        if key_of(name) in (*NATION, "全国总计"):
            nation += 1
            continue
        numbers = {j: _number(path, sheet, i, j) for j in used if labels[j]}
        empty += sum(n is None for n in numbers.values())
        values += [Value(name, named[0], labels[j], n, title) for j, n in numbers.items() if n is not None]
    reason = say("sources.industries-down", sheet=repr(sheet.name or path.name), year=str(named[0]))
    return values, [Entry("read", path.name, "note", reason, 0), *_lost(path, empty, nation)]


def _is_body(row: Row) -> bool:
    name = text_of(row[0])
    return bool(name) and not is_number(row[0]) and not FOOT.match(name) and any(is_number(c) for c in row[1:])


def _heads_years(row: Row) -> bool:
    return bool(row) and text_of(row[0]) in STUBS and any(readings(text_of(c)) for c in row[1:])


def _title(sheet: Sheet, first: int = 6) -> str:
    """Return the text above a table; without one, the name of its sheet."""
    above = [text_of(row[0]) for row in sheet.rows[:first] if len({text_of(c) for c in row if c is not None}) == 1]
    return " ".join(dict.fromkeys(t for t in above if t)) or sheet.name


def _number(path: Path, sheet: Sheet, i: int, j: int) -> float | None:
    try:
        return number_of(sheet.rows[i][j])
    except ValueError:
        raise NotANumber(
            f"text in a number cell of {path.name}",
            where=f"{in_sheet(sheet.name)}cell {address(i, j)}",
            example=f"{region_text(sheet.rows[i][0])}: {sheet.rows[i][j]}",
            remedy="correct the cell",
        ) from None


def _lost(path: Path, empty: int, nation: int) -> list[Entry]:
    counted = {say("sources.empty-cell"): empty, say("sources.nation"): nation}
    return [Entry("read", path.name, "dropped", reason, n) for reason, n in counted.items() if n]


def _named_by_group(items: set[str]) -> dict[str, str]:
    """Return item -> heading of its group, for the subtotal of a group (小学 小计, beside 小学 男 and 小学 女).

    A group keeps its names if it has two subtotals, or if another item already has the name of the group.
    """
    parts = [(m[1], item) for item in items if (m := SUBTOTAL.fullmatch(item))]
    groups = [group for group, _ in parts]
    return {item: group for group, item in parts if groups.count(group) == 1 and group not in items}


def _wide(path: Path, values: Sequence[Value], stub: str, *, titled: bool) -> pl.DataFrame:
    """Build one row per region or industry and year (and title), with one column per indicator.

    `plain` turns the heading of an indicator into the name of its column and drops a unit in brackets. Raises
    `DuplicateKeys` if a cell has two different values.
    """
    import polars as pl

    rows: dict[tuple[str, int, str], dict[str, float]] = {}
    named = _named_by_group({plain(v.item) for v in values})
    for v in values:
        cells = rows.setdefault((v.stub, v.year, v.title if titled else ""), {})
        name = named.get(plain(v.item), plain(v.item))
        if cells.setdefault(name, v.number) != v.number:
            raise DuplicateKeys(
                f"{path.name} has two values of {v.item} for {v.stub}, {v.year}",
                example=f"{cells[name]:g} and {v.number:g}",
                remedy="delete one of them",
            )
    items = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    body = [
        {stub: s, "year": y, "title": t} | {name: cells.get(name) for name in items}
        for (s, y, t), cells in rows.items()
    ]
    return pl.DataFrame(body, infer_schema_length=None)
