"""Tables that a user gives beside the prices (pairs, distances, weights, groups), as a file or as a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.errors import FileMissing, MissingColumn, NotANumber, OutOfRange, UnknownName, UsageError, did_you_mean
from integrade.frames import collect, enter
from integrade.geography import province_of
from integrade.sources.regions import same_region

if TYPE_CHECKING:
    import polars as pl

    from integrade.integration.transforms import Vector


def table_of(choice: Any, option: str, words: Sequence[str] = ()) -> pl.DataFrame:
    """The table behind an option: a file of any format that integrade reads, or a frame.

    Raises `FileMissing` for text that is neither one of ``words`` nor a file, and what the readers raise.
    """
    from integrade.sources import read_table

    if not isinstance(choice, str | Path):
        return collect(enter(choice))
    path = Path(choice)
    if not path.is_file():
        near = sorted(p.name for p in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        known = f"neither {', '.join(words)} nor a file" if words else "not a file"
        raise FileMissing(f"{option}={str(choice)!r} is {known}", remedy=did_you_mean(str(choice), [*words, *near]))
    return read_table(path).polars()


def numbers_of(rows: pl.DataFrame, column: str, option: str) -> Vector:
    """A column of numbers, none of them negative; missing where the cell is.

    Raises `MissingColumn`, `NotANumber`, `OutOfRange`.
    """
    if column not in rows.columns:
        raise MissingColumn(
            f"column {column!r} is missing from {option}",
            remedy=f"give the column of numbers that name; {did_you_mean(column, rows.columns)}",
        )
    if not rows[column].dtype.is_numeric():
        raise NotANumber(f"{column!r} of {option} is not a column of numbers", remedy="correct the cells with text")
    values = rows[column].cast(float).to_numpy()
    if (values < 0).any():
        raise OutOfRange(f"a negative {column} in {option}", example=str(rows.row(int(np.argmax(values < 0)))))
    return np.asarray(values, dtype=np.float64)


def text_of(rows: pl.DataFrame, column: str) -> list[str]:
    """A column as text without padding."""
    import polars as pl

    return list(rows[column].cast(pl.String).fill_null("").str.strip_chars().to_list())


def places(regions: Sequence[str]) -> Mapping[str, int]:
    """Positions by name as written and, for provinces of China, by English name."""
    found = {p.english: i for i, name in enumerate(regions) if (p := province_of(name))}
    return {**found, **{name: i for i, name in enumerate(regions)}}


def find(name: str, at: Mapping[str, int]) -> int | None:
    """The position of a region, written like it or as another spelling of the same province; None when not there."""
    if name in at:
        return at[name]
    province = province_of(name)
    return at.get(province.english) if province else None


def groups_from(choice: Any) -> Mapping[str, str] | None:
    """Region to group: a mapping as it is, or the first two columns of a file or frame."""
    if choice is None or isinstance(choice, Mapping):
        return choice
    rows = table_of(choice, "groups")
    return dict(two_columns(rows, "groups"))


def two_columns(rows: pl.DataFrame, what: str) -> list[tuple[str, str]]:
    """The first two columns as text. Raises `UsageError` when there are fewer."""
    if rows.width < 2:
        raise UsageError(f"{what} needs two columns of names, found {rows.width}")
    both = rows.select(rows.columns[:2]).drop_nulls()
    return list(zip(*(text_of(both, name) for name in both.columns), strict=True))


def pairs_without(path: Path, regions: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of a file of two columns of names in which none of the regions stands."""
    ends = two_columns(table_of(path, "pairs"), str(path))
    return [pair for pair in ends if not any(same_region(name, region) for name in pair for region in regions)]


def ends_of(rows: pl.DataFrame, value: str, option: str) -> tuple[list[str], list[str]]:
    """The two columns of region names beside the column of values (and year).

    Raises `UsageError` for another number of columns.
    """
    names = [c for c in rows.columns if c not in (value, "year")]
    if len(names) != 2:
        found = ", ".join(rows.columns)
        raise UsageError(f"{option} needs two columns of region names and {value!r}, found: {found}")
    return text_of(rows, names[0]), text_of(rows, names[1])


def distances_between(regions: Sequence[str], given: Any) -> Vector:
    """Distances (N, N), missing where the table has none: as given, else kilometres between capitals of provinces.

    A table (from, to, distance; any headings for the names) is used in both directions. Names of regions that have no
    prices are passed over. Raises `UnknownName` for regions that are no provinces when nothing is given.
    """
    if given is None:
        return _between_capitals(regions)
    rows = table_of(given, "distances")
    values, at = numbers_of(rows, "distance", "distances"), places(regions)
    found = np.full((len(regions), len(regions)), np.nan)
    for a, b, distance in zip(*ends_of(rows, "distance", "distances"), values.tolist(), strict=True):
        i, j = find(a, at), find(b, at)
        if i is not None and j is not None and i != j:
            found[i, j] = distance
    return np.where(np.isnan(found), found.T, found)


def _between_capitals(regions: Sequence[str]) -> Vector:
    from integrade.geography import kilometres

    provinces = [province_of(name) for name in regions]
    unknown = [name for name, province in zip(regions, provinces, strict=True) if province is None]
    if unknown:
        raise UnknownName(
            f"distances are known between the capitals of China's provinces, and {unknown[0]!r} is none "
            f"({len(unknown)} such regions)",
            remedy="give a file with from, to and distance: distances='km.csv' (--distances km.csv)",
        )
    names = [p.english for p in provinces if p]
    found = np.array([[kilometres(a, b) for b in names] for a in names])
    np.fill_diagonal(found, np.nan)
    return found
