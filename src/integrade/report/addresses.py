"""Find what a report prints by its address.

``table4.2.market.se`` names a table, a column, a row and, if the address has a fourth part, a quantity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from integrade.errors import UnknownName, did_you_mean
from integrade.estimate.results import Coefficient, FitResult
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.verdicts.places import BEYOND_THE_PAPER
from plainwords.texts import Cell, slug
from rawcells.cells.numbers import whole_number

QUANTITIES: Mapping[str, str] = {
    "se": "std_error",
    "t": "statistic",
    "p": "p_value",
    "low": "conf_low",
    "high": "conf_high",
}
"""Quantity of a coefficient that an address may name, other than the estimate -> its field in the record."""

ALIASES = {"nobs": "N", "n": "N", "observations": "N", "r_squared": "R2", "r-squared": "R2", "estimate": ""}


class Place(NamedTuple):
    """A cell of a table (row and column count from 0, the label column is 0) and the quantity asked for."""

    table: PrintedTable
    row: int
    column: int
    quantity: str = ""

    @property
    def text(self) -> str:
        """The cell as it is printed."""
        cells = self.table.rows[self.row].cells
        return cells[self.column] if self.column < len(cells) else ""

    @property
    def address(self) -> str:
        """The full address."""
        t = self.table
        named = f"{name_of(t)}.{t.column_keys[self.column - 1]}.{t.rows[self.row].key}"
        return f"{named}.{self.quantity}" if self.quantity else named


def name_of(table: PrintedTable) -> str:
    """Return the name of a table in an address: ``table4``, ``tableA1``."""
    return f"table{table.number}"


def addressed(table: PrintedTable) -> PrintedTable:
    """Return the table with a key for every column and for every row that is not the heading of a panel.

    Keys that exist already are kept; a key that occurs again gets a number.
    """
    rows, last, taken = [], "", set[str]()
    for row in table.rows:
        key = row.key or (slug(row.cells[0]) if row.cells[0] else f"{last}.below")
        if row.kind != "panel":
            key = _free(key, taken)
            last = key if row.cells[0] else last
        rows.append(replace(row, key="" if row.kind == "panel" else key))
    heads, used = [], set[str]()
    keys = table.column_keys or tuple(_column_key(head) for head in table.columns[1:])
    for place, key in enumerate(keys, start=1):
        heads.append(_free(key or str(place), used))
    return replace(table, rows=tuple(rows), column_keys=tuple(heads))


def _column_key(head: str) -> str:
    """Return the key of a column: 2 for ``(2) Quality``, 1-2 for ``(1)-(2)``, otherwise the words of the heading."""
    pair = re.match(r"\((\d+)\)-\((\d+)\)", head)
    if pair:
        return f"{pair[1]}-{pair[2]}"
    numbered = re.match(r"\((\d+)\)", head)
    return numbered[1] if numbered else slug(head)


def _free(key: str, taken: set[str]) -> str:
    """Return the key, with a number if it is taken already, and add it to ``taken``."""
    free = next(k for k in (key, *(f"{key}_{i}" for i in range(2, len(taken) + 3))) if k not in taken)
    taken.add(free)
    return free


def places(table: PrintedTable) -> Iterator[Place]:
    """Yield the place of every cell that is not empty, row by row; rows of headings have no places."""
    for r, (row, cells) in enumerate(zip(table.rows, table.cells(), strict=True)):
        if row.kind not in ("panel", "head"):
            yield from (Place(table, r, c) for c in range(1, len(cells)) if cells[c])


def addresses_of(tables: Iterable[PrintedTable]) -> Callable[[Cell], str]:
    """Return a function that returns the address of a cell that a sentence quotes; empty if the cell is not printed.

    In a study with the published preset, a cell that the paper's table lacks is in a further table.
    """
    known = dict[Cell, str]()
    for place in (place for table in tables for place in places(table)):
        table, row = place.table.place or place.table.number, place.table.rows[place.row].key
        for column in (place.table.column_keys[place.column - 1], place.column):
            known.setdefault(Cell(table, column, row), place.address)

    def address(cell: Cell) -> str:
        own = known.get(cell) or known.get(cell._replace(table=f"{cell.table}{BEYOND_THE_PAPER}"), "")
        row, _, quantity = cell.row.rpartition(".")
        if own or quantity not in QUANTITIES:
            return own
        of_estimate = known.get(cell._replace(row=row), "")  # t of a coefficient below which its error is printed
        return f"{of_estimate}.{quantity}" if of_estimate else ""

    return address


def origin_of(table: PrintedTable, row: int, column: int) -> Origin:
    """Return what a cell was computed from: the origin of the cell, else of its row, its column or its table."""
    cells: Sequence[Origin | None] = table.rows[row].origins
    origin = cells[0] if len(cells) == 1 else cells[column - 1] if column <= len(cells) else None
    if origin is not None:
        return origin
    columns = table.origins
    return columns[0] if len(columns) == 1 else columns[column - 1] if column <= len(columns) else Origin()


def term_of(fit: FitResult | None, key: str) -> Coefficient | None:
    """Return the coefficient that a row is about; None if there is none.

    It is the coefficient with the longest term that the key of the row begins with.
    """
    matches = [c for c in (fit.coefficients if fit else ()) if key == c.term or key.startswith(f"{c.term}.")]
    return max(matches, key=lambda c: len(c.term), default=None)


def table_named(tables: Sequence[PrintedTable], name: str, others: Sequence[str] = ()) -> PrintedTable:
    """Return the table with a name (``table4``, ``tableA1``; case does not matter).

    Raises `UnknownName`, which suggests the nearest name of a table or of ``others``.
    """
    table = next((t for t in tables if name_of(t).lower() == name.lower()), None)
    if table is None:
        raise UnknownName(
            f"no table or figure {name!r} in the report", remedy=did_you_mean(name, [*map(name_of, tables), *others])
        )
    return table


def find(table: PrintedTable, rest: str) -> Place:
    """Return the place in a table that the rest of an address names, such as ``2.market.se``.

    Raises `UnknownName` for a column, row or quantity that the table does not have, and for a blank cell.
    """
    column_name, _, wanted = rest.partition(".")
    column = _column(table, column_name)
    keys = {row.key: i for i, row in enumerate(table.rows) if row.key}
    whole = _row_with_key(keys, wanted)  # the row, if all that is left of the address is its key
    key, _, quantity = wanted.rpartition(".")
    row = _row_with_key(keys, key)  # the row, if the last part is a quantity
    asked = row is not None and quantity in (*QUANTITIES, "estimate")
    if whole is not None and (Place(table, whole, column).text or not asked):
        return _printed(table, whole, column, "")
    if row is not None and asked:
        if term_of(origin_of(table, row, column).fit, table.rows[row].key) is not None:
            return _printed(table, row, column, ALIASES.get(quantity, quantity))
        raise UnknownName(
            f"{table.rows[row].key!r} is not a coefficient of column {table.column_keys[column - 1]} "
            f"of {name_of(table)}",
            remedy=f"ask for {name_of(table)}.{table.column_keys[column - 1]}.{table.rows[row].key}",
        )
    if row is not None:
        raise UnknownName(f"no quantity {quantity!r} of {key!r}", remedy=did_you_mean(quantity, QUANTITIES))
    raise UnknownName(f"no row {wanted!r} in {name_of(table)}", remedy=did_you_mean(wanted, keys))


def _printed(table: PrintedTable, row: int, column: int, quantity: str) -> Place:
    place = Place(table, row, column, quantity)
    if not place.text:
        filled = [k for c, k in enumerate(table.column_keys, start=1) if Place(table, row, c).text]
        raise UnknownName(
            f"{place.address} is blank", remedy=f"row {table.rows[row].key!r} is printed in column {', '.join(filled)}"
        )
    return place


def _column(table: PrintedTable, name: str) -> int:
    """Return the position of a column, which is given by its key or by its position from 1."""
    keys = table.column_keys
    lower = [k.lower() for k in keys]
    if name.lower() in lower:
        return lower.index(name.lower()) + 1
    position = whole_number(name)
    if position is not None and 1 <= position <= len(keys):
        return position
    raise UnknownName(f"no column {name!r} in {name_of(table)}", remedy=did_you_mean(name, keys))


def _row_with_key(keys: Mapping[str, int], wanted: str) -> int | None:
    if wanted in keys:
        return keys[wanted]
    alias = ALIASES.get(wanted.lower(), "")
    if alias in keys:
        return keys[alias]
    return next((i for k, i in keys.items() if k.lower() == wanted.lower()), None)


def keyed(row: Row, key: str, *origins: Origin | None) -> Row:
    """Return the row with a key and, if its numbers do not come from its columns, the origins of its cells."""
    return replace(row, key=key, origins=origins)
