"""Find the columns that files will have after reading, using only their headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import narwhals as nw

from integrade.errors import UnknownColumn, did_you_mean, option
from integrade.records.schema import TABLES, require_columns
from integrade.sources.cells import delimited, stata
from integrade.sources.files import by_format, workbooks
from integrade.sources.files.hive import Own, partition_kinds, scan_partitions
from integrade.sources.files.readers import kind_of, spread_head, told_columns
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import File
from integrade.sources.files.where import parse_where
from integrade.sources.layout import names_across
from integrade.sources.meaning.dating import without_periods
from integrade.sources.meaning.recipe import find_recipe
from integrade.sources.meaning.synonyms import aliases_of, rename
from integrade.sources.origins.addresses import Address
from integrade.sources.origins.zones import check_zones
from rawcells.bytes import formats

Kind = Literal["number", "text", "unknown"]
LARGE = 1 << 26
"""The headings of a text file or workbook with more bytes than this are not read ahead (a convention)."""


class Known(NamedTuple):
    """Columns of a table with their content; ``open``: whether reading the table may show more columns."""

    kinds: Mapping[str, Kind]
    open: bool = False


def kinds_of(schema: Mapping[str, nw.dtypes.DType]) -> dict[str, Kind]:
    """Return the content (number, text or unknown) of columns with these types."""
    return {n: "number" if d.is_numeric() else "text" if d == nw.String else "unknown" for n, d in schema.items()}


def known_columns(table: str, files: Sequence[File], options: Reading) -> Known:
    """Return the columns of a table that its reader will give.

    In text files, the content of columns that the table does not define is not known before reading. No column is
    known, and the table is open, for prices and for files that have a layout of their own, follow a recipe, are not
    local, or are large. Raises `UnknownColumn` for a mapping or a filter with a column that no file has. Also raises
    `BadFormula` and `MissingColumn`.
    """
    if find_recipe(options.source, table) is not None or table == "prices":
        return Known({}, open=True)
    parts = [_headings(file, options, table) for file in files]
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return Known({}, open=True)
    union = {name: kind for part in known for name, kind in part.items()}
    for old in options.columns:
        if old not in union:
            raise UnknownColumn(
                f"{option('column')} maps {old!r}, which the file does not have", remedy=did_you_mean(old, union)
            )
    schema = TABLES.get(table, TABLES["covariates"])
    canonical = {c.name: c.kind for c in schema.columns}
    kinds: dict[str, Kind] = {}
    for part in known:
        kept, _ = rename(list(part), {o: n for o, n in options.columns.items() if o in part}, table)
        if options.where:
            types: Mapping[str, nw.dtypes.DType] = {
                name: nw.Float64() if kind == "number" else nw.String() for name, kind in union.items()
            }
            parse_where(options.where, types, aliases=aliases_of(kept, table))
        for old, new in without_periods(kept, table).items():
            kind: Kind = part[old] if new not in canonical else "text" if canonical[new] == "text" else "number"
            kinds[new] = kind if kinds.get(new, kind) == kind else "text"
    if table == "panel" and "region" in kinds:  # a panel of places is followed by its region
        kinds.setdefault("firm", "text")
    require_columns(schema, kinds)
    return Known(kinds)


def _headings(file: File, options: Reading, table: str) -> dict[str, Kind] | None:
    """Return the headings of a file, or the columns of its layout; None if they are not read ahead."""
    if isinstance(file, Address):
        return None
    form = formats.of(kind_of(file)) or formats.TEXT
    if not form.typed and file.stat().st_size > LARGE:
        return None
    headings: dict[str, Kind] = by_format.function(form.headings)(file, options, table)
    return {**dict.fromkeys((*told_columns(options.layout), *partition_kinds([file])), "unknown"), **headings}


def of_parquet(file: Path, options: Reading, table: str) -> dict[str, Kind]:
    """Return the columns of a Parquet file and of its folders, with their content."""
    check_zones(file)
    return kinds_of(dict(scan_partitions([file], "polars", Own(table, options.columns)).collect_schema()))


def of_workbook(file: Path, options: Reading, table: str) -> dict[str, Kind]:
    """Return the headings of the chosen sheets of a workbook or page; of a text file if the content is plain text."""
    book = workbooks.book_of(file, options.encoding)
    if book is None:
        return of_text(file, options, table)
    sheets = workbooks.chosen_sheets(file, book, options.sheet)
    laid = names_across.find(file, sheets, table, options.columns, options.layout) if table in TABLES else None
    names = names_across.columns_of(laid, options.columns) if laid else workbooks.table_of(file, sheets)[0].columns
    return dict.fromkeys(names, "unknown")


def of_text(file: Path, options: Reading, table: str) -> dict[str, Kind]:
    """Return the headings of a text file."""
    text = delimited.open_text(file, options.encoding)
    laid = spread_head(text, options, table) if table in TABLES else None
    return dict.fromkeys(names_across.columns_of(laid, options.columns) if laid else text.names, "unknown")


def of_stata(file: Path, options: Reading, _table: str) -> dict[str, Kind]:
    """Return the variables of a Stata file with their content."""
    kinds, labelled = stata.variables(file, options.encoding)
    texts = labelled if options.labels == "text" else ()
    return {name: "text" if kind == "string" or name in texts else "number" for name, kind in kinds.items()}
