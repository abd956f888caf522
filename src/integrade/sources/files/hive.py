"""Columns that folders give: ``customs/year=2004/product=010121/part.parquet``.

A column that the file has itself stays as the file has it. A folder that names another value for it is refused: either
of the two may be wrong, and the rows would be counted in the wrong year.
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
from integrade.sources.cells.grid import text_of
from integrade.sources.meaning.periods import month_of, period
from integrade.sources.meaning.synonyms import rename

WHOLE = ("year", "quarter", "month", "day")
MISSING = "__HIVE_DEFAULT_PARTITION__"
"""The folder of the rows that have no value."""
PERIOD = "period"
"""What `rename` calls a column of dates in a file without a year."""
_HAS_YEAR = re.compile(r"(19|20)\d\d")
_FOLDER = re.compile(r"([^=/\\]+)=([^/\\]*)")


class Own(NamedTuple):
    """What the columns of a file become: its own names by integrade's names, and the user's mapping of the table."""

    table: str
    columns: Mapping[str, str] = {}

    def column_for(self, key: str, names: Sequence[str]) -> str | None:
        """The file's own column for the name of a folder; None where it has none."""
        mapping = {old: new for old, new in self.columns.items() if old in names}
        new = self.columns.get(key) or rename([key], {}, self.table)[0][key]
        kept = rename(names, mapping, self.table)[0] if len(set(mapping.values())) == len(mapping) else {}
        return next((n for n in names if n.casefold() == key.casefold() or kept.get(n) == new), None)

    def dates_for(self, key: str, names: Sequence[str]) -> str | None:
        """The file's column of dates, where a folder is of a part of a date: a year, quarter, month or day."""
        kept = rename(names, {}, self.table)[0] if key.lower() in WHOLE else {}
        return next((old for old, new in kept.items() if new == PERIOD), None)

    def name_of(self, key: str) -> str:
        """What the name of a folder becomes: two folders of one such name are the same column."""
        return (self.columns.get(key) or rename([key], {}, self.table)[0][key]).casefold()


def is_partition(name: str) -> bool:
    """Whether a folder is named as a column and its value."""
    return bool(_FOLDER.fullmatch(name))


def scan_partitions(files: Sequence[Path], engine: Running, own: Own) -> Frame:
    """Parquet files of one schema as one frame, with the columns that their folders give and they lack.

    Raises `FolderContradicted`.
    """
    named = {str(file): file for file in files}
    spark = engine == "spark"  # it would read the code 010121 as a number
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
    """Parquet files, or objects of a store, as `scan_partitions` gives them.

    ``scan`` reads several with the columns of their folders, ``scan_one`` reads one to look at its own columns.
    ``by_value``: the engine reads no columns of folders as text, so that each value is scanned by itself.
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
    """The rows of one file with the columns that its folders give and it lacks. Raises `FolderContradicted`."""
    kinds = partition_kinds([file])
    if not kinds:
        return frame
    _refuse_nested(file, own)
    given = check_folders(frame, file, own)
    names = frame.collect_schema().names()
    lacking = {key: kind for key, kind in kinds.items() if own.column_for(key, names) is None and key not in given}
    return frame.with_columns(*constants(folders_of(file), lacking)) if lacking else frame


def constants(values: Mapping[str, str | None], kinds: Mapping[str, type]) -> Iterator[nw.Expr]:
    """The columns of these kinds, each of one value."""
    for name, kind in kinds.items():
        value = values[name]
        yield nw.lit(None if value is None else kind(value), nw.Int64 if kind is int else nw.String).alias(name)


def check_folders(frame: Frame, file: PurePath, own: Own) -> frozenset[str]:
    """Refuse a file whose folder names another value than its own column has. Raises `FolderContradicted`.

    Returns the names of the folders that every date of the file says, too: the dates need no column of them.
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
                if (column := own.column_for(part, names)) is not None and (said := _part(part, value)) is not None:
                    _refuse_others(frame, file, f"{key}={value}", column, partial(_is_same, part, value=str(said)))
    return frozenset(given)


def _refuse_others(
    frame: Frame, file: PurePath, folder: str, column: str, agrees: Callable[[Any], bool]
) -> Sequence[Any]:
    """The different cells of a column. Raises `FolderContradicted` where one does not agree with the folder."""
    cells = collect(frame.select(nw.col(column)).unique())[column].to_list()
    others = [cell for cell in cells if cell is not None and not agrees(cell)]
    if others:
        raise FolderContradicted(
            f"the folder of {file.name} says {folder}, but its own column {column!r} holds {text_of(others[0])}",
            where=str(file),
            example=first_row(frame, nw.col(column).is_in(others), [column]),
            remedy=f"move the file out of the folder {folder}, or correct its column {column!r}",
        )
    return cells


def _refuse_nested(file: PurePath, own: Own) -> None:
    """Raise `FolderContradicted` for two folders of one column, one in the other, that say different values."""
    first: dict[str, tuple[str, str]] = {}
    for folder in file.parts[:-1]:
        if (found := _FOLDER.fullmatch(folder)) is None:
            continue
        outer, value = first.setdefault(own.name_of(found[1]), (folder, unquote(found[2])))
        if not _is_same(own.name_of(found[1]), value, unquote(found[2])):
            raise FolderContradicted(
                f"the folders of {file.name} say both {outer} and {folder}",
                where=str(file),
                remedy=f"move the file out of the folder {outer}, or rename the folder {folder}",
            )


def _is_same(key: str, cell: Any, value: str | None) -> bool:
    """Whether a cell holds the value of a folder: the same text or number, a year of two digits that of four.

    Codes differ by their zeros: 010121 is not 10121.
    """
    shown = cell.strip() if isinstance(cell, str) else text_of(cell)
    if value is None or shown in (value, ""):
        return value is not None
    numbers = _number(shown), _number(value)
    if None not in numbers and (not isinstance(cell, str) or key.lower() in WHOLE or not _is_code(shown, value)):
        return numbers[0] == numbers[1] or (key.lower() == "year" and _is_short(shown, value))
    if key.lower() not in WHOLE:
        return False
    said = _part(key, value)
    return said is not None and _part(key, shown) == said


def _is_code(*texts: str) -> bool:
    """Whether zeros lead one of the texts."""
    return any(re.match(r"0\d", text) for text in texts)


def _is_short(one: str, other: str) -> bool:
    """Whether one of two years is the last two digits of the other."""
    short, long = sorted((one.split(".")[0], other.split(".")[0]), key=len)
    return len(short) == 2 and len(long) == 4 and long.endswith(short)


def _is_in_date(key: str, cell: Any, value: str | None) -> bool:
    """Whether a date may be of the year, quarter, month or day of a folder."""
    text = text_of(cell)
    found = _part(key, text)
    if found is None and key.lower() == "year" and (year := _HAS_YEAR.search(text)):
        found = int(year[0])
    if found is None:
        return True
    return value is not None and _is_same(key, str(found), value)


def _part(key: str, text: str) -> int | None:
    """The year, quarter, month or day of a period; None where it says none."""
    found = period(text)
    if key.lower() == "month" and (found is None or not found.month):
        return month_of(text)
    if found is None:
        return None
    quarter = (found.month + 2) // 3 if found.month else None
    return {"year": found.year, "quarter": quarter, "month": found.month, "day": found.day or None}[key.lower()]


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d*)?", text) else None


def partition_kinds(files: Sequence[PurePath]) -> dict[str, type]:
    """The columns that the folders of all these files give: years and months are whole numbers, all else is text.

    Example:
        >>> partition_kinds([Path("a/year=2004/hs=010121/x.parquet"), Path("a/year=2005/hs=847130/x.parquet")])
        {'year': <class 'int'>, 'hs': <class 'str'>}
    """
    found = [folders_of(file) for file in files]
    shared = [name for name in found[0] if all(name in one for one in found)]
    return {n: int if n.lower() in WHOLE and all(_is_whole(one[n]) for one in found) else str for n in shared}


def _is_whole(value: str | None) -> bool:
    return value is None or value.isdecimal()


def folders_of(file: PurePath) -> dict[str, str | None]:
    """The names of the folders of a file with their values; None for the folder of rows without a value.

    Example:
        >>> folders_of(Path("a/year=2004/good=fish%2Fmeat/x.parquet"))
        {'year': '2004', 'good': 'fish/meat'}
    """
    named = [m for part in file.parts[:-1] if (m := _FOLDER.fullmatch(part))]
    return {m[1]: None if m[2] == MISSING else unquote(m[2]) for m in named}


def in_same_folders(files: Sequence[Path], about: Callable[[Path], object]) -> list[list[Path]]:
    """The files in groups that have the same names of folders, and are alike in what ``about`` says of them."""
    groups: dict[object, list[Path]] = {}
    for file in files:
        groups.setdefault((tuple(folders_of(file)), about(file)), []).append(file)
    return list(groups.values())
