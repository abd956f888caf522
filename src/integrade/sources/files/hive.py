"""Add the columns that folder names give: ``customs/year=2004/product=010121/part.parquet``.

A column that the file has itself stays unchanged. A folder that names another value than this column is refused. Either
value may be wrong, and rows could be counted in the wrong year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple
from urllib.parse import unquote

import narwhals as nw

from integrade.engine.frames import Frame, Running, collect, scan_parquet
from integrade.errors import FolderContradicted
from integrade.records.cells import first_row
from integrade.sources.meaning.periods import month_of, period
from integrade.sources.meaning.synonyms import rename
from rawcells.cells.grid import text_of

WHOLE = ("year", "quarter", "month", "day")
MISSING = "__HIVE_DEFAULT_PARTITION__"
"""Value in a folder name for rows that have no value."""
PERIOD = "period"
"""Name that `rename` gives to a column of dates in a file without a column of years."""
_HAS_YEAR = re.compile(r"(19|20)\d\d")
_FOLDER = re.compile(r"([^=/\\]+)=([^/\\]*)")


class Own(NamedTuple):
    """Names that integrade gives to the columns of a file, for one table and the user's mapping."""

    table: str
    columns: Mapping[str, str] = {}

    def column_for(self, key: str, names: Sequence[str]) -> str | None:
        """Return the file's own column that a folder name means; None if the file has no such column."""
        mapping = {old: new for old, new in self.columns.items() if old in names}
        new = self.columns.get(key) or rename([key], {}, self.table)[0][key]
        kept = rename(names, mapping, self.table)[0] if len(set(mapping.values())) == len(mapping) else {}
        return next((n for n in names if n.casefold() == key.casefold() or kept.get(n) == new), None)

    def dates_for(self, key: str, names: Sequence[str]) -> str | None:
        """Return the file's column of dates, if the name of a folder is a year, quarter, month or day."""
        kept = rename(names, {}, self.table)[0] if key.lower() in WHOLE else {}
        return next((old for old, new in kept.items() if new == PERIOD), None)

    def name_of(self, key: str) -> str:
        """Return the name of the column that a folder gives; different folder names may give one column."""
        return (self.columns.get(key) or rename([key], {}, self.table)[0][key]).casefold()


def is_partition(name: str) -> bool:
    """Return whether the name of a folder has the form of a column and its value."""
    return bool(_FOLDER.fullmatch(name))


def scan_partitions(files: Sequence[Path], engine: Running, own: Own) -> Frame:
    """Scan Parquet files of one schema as one frame, and add the columns that only their folders give.

    Raises `FolderContradicted`.
    """
    named = {str(file): file for file in files}
    spark = engine == "spark"  # Spark would read the code 010121 as a number
    return scan_named(
        named,
        own,
        lambda paths, kinds: scan_parquet(paths, engine, kinds),
        lambda file: scan_parquet([file], "polars"),
        by_value=spark,
    )


def scan_named(
    named: Mapping[str, PurePath],
    own: Own,
    scan: Callable[[Sequence[str], Mapping[str, type] | None], Frame],
    scan_one: Callable[[str], Frame],
    *,
    by_value: bool = False,
) -> Frame:
    """Scan Parquet files, or objects of a store, as `scan_partitions` does.

    ``scan``: reads several files with the columns of their folders. ``scan_one``: reads one file, in order to check its
    own columns. ``by_value``: whether each value of a folder is scanned separately, because the engine cannot read
    folder columns as text.
    """
    for path in named.values():
        _refuse_nested(path, own)
    kinds = partition_kinds([*named.values()])
    if not kinds:
        return scan([*named], None)
    names = scan_one(next(iter(named))).collect_schema().names()
    columns = {key: own.column_for(key, names) for key in kinds}
    compared = any(columns[key] or own.dates_for(key, names) or own.name_of(key) == PERIOD for key in kinds)
    dated = [check_folders(scan_one(location), path, own) for location, path in named.items() if compared]
    given = frozenset.intersection(*dated) if dated else frozenset()
    added = {key: kind for key, kind in kinds.items() if columns[key] is None and key not in given}
    if not added:
        return scan([*named], None)
    if not by_value and added == kinds:
        return scan([*named], kinds)
    parts: dict[tuple[str | None, ...], list[str]] = {}
    for location, path in named.items():
        parts.setdefault(tuple(folders_of(path)[name] for name in added), []).append(location)
    scans = [
        scan(paths, None).with_columns(*constants(dict(zip(added, values, strict=True)), added))
        for values, paths in parts.items()
    ]
    return scans[0] if len(scans) == 1 else nw.concat(scans, how="vertical")


def with_folders(frame: Frame, file: PurePath, own: Own) -> Frame:
    """Add to the rows of one file the columns that only its folders give. Raises `FolderContradicted`."""
    kinds = partition_kinds([file])
    if not kinds:
        return frame
    _refuse_nested(file, own)
    given = check_folders(frame, file, own)
    names = frame.collect_schema().names()
    lacking = {key: kind for key, kind in kinds.items() if own.column_for(key, names) is None and key not in given}
    return frame.with_columns(*constants(folders_of(file), lacking)) if lacking else frame


def constants(values: Mapping[str, str | None], kinds: Mapping[str, type]) -> Iterator[nw.Expr]:
    """Yield columns of the given types, each with one value."""
    for name, kind in kinds.items():
        value = values[name]
        yield nw.lit(None if value is None else kind(value), nw.Int64 if kind is int else nw.String).alias(name)


def check_folders(frame: Frame, file: PurePath, own: Own) -> frozenset[str]:
    """Refuse a file if a folder names another value than the file's own column has. Raises `FolderContradicted`.

    Returns the names of folders whose value is also in every date of the file, so that no column is needed for them.
    """
    names = frame.collect_schema().names()
    given = set()
    for key, value in folders_of(file).items():
        if (column := own.column_for(key, names)) is not None:
            _refuse_others(frame, file, f"{key}={value}", column, partial(_is_same, key, value=value))
        elif (column := own.dates_for(key, names)) is not None:
            agrees = partial(_is_in_date, key, value=value)
            cells = _refuse_others(frame, file, f"{key}={value}", column, agrees)
            if cells and all(cell is not None and _part(key, text_of(cell)) is not None for cell in cells):
                given.add(key)
        elif own.name_of(key) == PERIOD and value is not None:
            for part in ("year", "month"):
                if (column := own.column_for(part, names)) is not None and (
                    part_of_folder := _part(part, value)
                ) is not None:
                    _refuse_others(
                        frame, file, f"{key}={value}", column, partial(_is_same, part, value=str(part_of_folder))
                    )
    return frozenset(given)


def _refuse_others(
    frame: Frame, file: PurePath, folder: str, column: str, agrees: Callable[[Any], bool]
) -> Sequence[Any]:
    """Raise `FolderContradicted` if a cell of a column does not agree with the folder; return the distinct cells."""
    cells = collect(frame.select(nw.col(column)).unique())[column].to_list()
    others = [cell for cell in cells if cell is not None and not agrees(cell)]
    if others:
        raise FolderContradicted(
            f"the folder of {file.name} states {folder}, but its column {column!r} holds {text_of(others[0])}",
            where=str(file),
            example=first_row(frame, nw.col(column).is_in(others), [column]),
            remedy=f"move the file out of the folder {folder}, or correct its column {column!r}",
        )
    return cells


def _refuse_nested(file: PurePath, own: Own) -> None:
    """Raise `FolderContradicted` if two nested folders give different values for one column."""
    first: dict[str, tuple[str, str]] = {}
    for folder in file.parts[:-1]:
        if (match := _FOLDER.fullmatch(folder)) is None:
            continue
        outer, value = first.setdefault(own.name_of(match[1]), (folder, unquote(match[2])))
        if not _is_same(own.name_of(match[1]), value, unquote(match[2])):
            raise FolderContradicted(
                f"the folders of {file.name} state both {outer} and {folder}",
                where=str(file),
                remedy=f"move the file out of the folder {outer}, or rename the folder {folder}",
            )


def _is_same(key: str, cell: Any, value: str | None) -> bool:
    """Return whether a cell holds the same text or number as the folder.

    A two-digit year equals the four-digit year that ends in it. Leading zeros count: code 010121 is not 10121.
    """
    shown = cell.strip() if isinstance(cell, str) else text_of(cell)
    if value is None or shown in (value, ""):
        return value is not None
    numbers = _number(shown), _number(value)
    if None not in numbers and (not isinstance(cell, str) or key.lower() in WHOLE or not _is_code(shown, value)):
        return numbers[0] == numbers[1] or (key.lower() == "year" and _is_short(shown, value))
    if key.lower() not in WHOLE:
        return False
    part = _part(key, value)
    return part is not None and _part(key, shown) == part


def _is_code(*texts: str) -> bool:
    """Return whether one of the texts has leading zeros."""
    return any(re.match(r"0\d", text) for text in texts)


def _is_short(one: str, other: str) -> bool:
    """Return whether one of two years is written as only the last two digits of the other."""
    short, long = sorted((one.split(".")[0], other.split(".")[0]), key=len)
    return len(short) == 2 and len(long) == 4 and long.endswith(short)


def _is_in_date(key: str, cell: Any, value: str | None) -> bool:
    """Return whether a date may be in the year, quarter, month or day of a folder."""
    text = text_of(cell)
    part = _part(key, text)
    if part is None and key.lower() == "year" and (year := _HAS_YEAR.search(text)):
        part = int(year[0])
    if part is None:
        return True
    return value is not None and _is_same(key, str(part), value)


def _part(key: str, text: str) -> int | None:
    """Return the year, quarter, month or day in a text of a period; None if it has none."""
    date = period(text)
    if key.lower() == "month" and (date is None or not date.month):
        return month_of(text)
    if date is None:
        return None
    quarter = (date.month + 2) // 3 if date.month else None
    return {"year": date.year, "quarter": quarter, "month": date.month, "day": date.day or None}[key.lower()]


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d*)?", text) else None


def partition_kinds(files: Sequence[PurePath]) -> dict[str, type]:
    """Return the columns that the folders of all these files give, with their types.

    Years, quarters, months and days are whole numbers; all other columns are text.

    Example:
        >>> partition_kinds([Path("a/year=2004/hs=010121/x.parquet"), Path("a/year=2005/hs=847130/x.parquet")])
        {'year': <class 'int'>, 'hs': <class 'str'>}
    """
    folders = [folders_of(file) for file in files]
    shared = [name for name in folders[0] if all(name in values for values in folders)]
    return {n: int if n.lower() in WHOLE and all(_is_whole(values[n]) for values in folders) else str for n in shared}


def _is_whole(value: str | None) -> bool:
    return value is None or value.isdecimal()


def folders_of(file: PurePath) -> dict[str, str | None]:
    """Return the names and values of a file's folders; None for the folder of rows without a value.

    Example:
        >>> folders_of(Path("a/year=2004/good=fish%2Fmeat/x.parquet"))
        {'year': '2004', 'good': 'fish/meat'}
    """
    named = [m for part in file.parts[:-1] if (m := _FOLDER.fullmatch(part))]
    return {m[1]: None if m[2] == MISSING else unquote(m[2]) for m in named}


def in_same_folders(files: Sequence[Path], about: Callable[[Path], object]) -> list[list[Path]]:
    """Group the files that have the same folder names and the same result of ``about``."""
    groups: dict[object, list[Path]] = {}
    for file in files:
        groups.setdefault((tuple(folders_of(file)), about(file)), []).append(file)
    return list(groups.values())
