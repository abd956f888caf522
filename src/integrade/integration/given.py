"""Read tables that a user gives in addition to the prices (pairs, distances, weights, groups), from files or frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from integrade.engine.frames import collect, enter
from integrade.errors import (
    FileMissing,
    MissingColumn,
    NotANumber,
    OutOfRange,
    UnknownName,
    UsageError,
    did_you_mean,
    option,
)
from integrade.geography import Geography, geography_of, key_of
from integrade.geography.telling import alias_line, near_words, why_unknown
from integrade.sources.meaning.regions import same_region
from integrade.sources.tables.geography import read_geography
from rawcells import doors

if TYPE_CHECKING:
    import polars as pl

    from integrade.integration.transforms import Vector


def table_of(choice: Any, name: str, words: Sequence[str] = ()) -> pl.DataFrame:
    """Return the table given to an option: a file of any format that integrade reads, or a frame.

    Raises `FileMissing` for text that is neither one of ``words`` nor a file, and the errors of the readers.
    """
    from integrade.sources import read_table

    if not isinstance(choice, str | Path):
        return collect(enter(choice))
    path = Path(choice)
    if not doors.is_file(path):
        near = sorted(p.name for p in path.parent.glob("*.csv")) if path.parent.is_dir() else []
        known = f"neither {', '.join(words)} nor a file" if words else "not a file"
        raise FileMissing(f"{option(name, str(choice))} is {known}", remedy=did_you_mean(str(choice), [*words, *near]))
    return read_table(path).polars()


def numbers_of(rows: pl.DataFrame, column: str, what: str) -> Vector:
    """Return a column of non-negative numbers; empty cells are missing.

    Raises `MissingColumn`, `NotANumber`, `OutOfRange`.
    """
    if column not in rows.columns:
        raise MissingColumn(
            f"column {column!r} is missing from {what}",
            remedy=f"call the column of numbers {column!r}; {did_you_mean(column, rows.columns)}",
        )
    if not rows[column].dtype.is_numeric():
        raise NotANumber(f"{column!r} of {what} is not a column of numbers", remedy="correct the cells with text")
    values = rows[column].cast(float).to_numpy()
    if (values < 0).any():
        raise OutOfRange(
            f"a negative {column} in {what}",
            example=str(rows.row(int(np.argmax(values < 0)))),
            remedy=f"correct it: a {column} is zero or more, or an empty cell",
        )
    return np.asarray(values, dtype=np.float64)


def text_of(rows: pl.DataFrame, column: str) -> list[str]:
    """Return a column as text without padding."""
    import polars as pl

    return list(rows[column].cast(pl.String).fill_null("").str.strip_chars().to_list())


class Places(NamedTuple):
    """Positions of regions by their names as written, and by the key that all spellings of a region share."""

    by_name: Mapping[str, int]
    by_key: Mapping[str, int]
    geography: Geography | None


def known_geography(regions: Sequence[str], given: Any = None) -> Geography | None:
    """Return ``given`` (a country, a file, a `Geography`) as a geography, else the built-in country of the regions."""
    named = read_geography(given)
    return named if named is not None and named.regions else geography_of(regions)


def places(regions: Sequence[str], geography: Geography | None = None) -> Places:
    """Return the positions of regions, by their names as written and by any spelling that their geography knows."""
    known = geography if geography is not None else geography_of(regions)
    by_key = {key_of(name, known): i for i, name in reversed(list(enumerate(regions)))}
    return Places({name: i for i, name in enumerate(regions)}, by_key, known)


def find(name: str, at: Places) -> int | None:
    """Return the position of a region, found by its name or by another spelling of the region.

    Returns None if it is not found.
    """
    return at.by_name[name] if name in at.by_name else at.by_key.get(key_of(name, at.geography))


def groups_from(choice: Any) -> Mapping[str, str] | None:
    """Return a mapping from region to group: the given mapping, or the first two columns of a file or frame."""
    if choice is None or isinstance(choice, Mapping):
        return choice
    rows = table_of(choice, "groups")
    return dict(two_columns(rows, "groups"))


def two_columns(rows: pl.DataFrame, what: str) -> list[tuple[str, str]]:
    """Return the first two columns as text. Raises `UsageError` if there are fewer than two columns."""
    if rows.width < 2:
        raise UsageError(f"{what} needs two columns of names, found {rows.width}", remedy="give two columns of names")
    both = rows.select(rows.columns[:2]).drop_nulls()
    return list(zip(*(text_of(both, name) for name in both.columns), strict=True))


def pairs_without(path: Path, regions: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of names in a file with two columns, without pairs that include one of ``regions``."""
    ends = two_columns(table_of(path, "pairs"), str(path))
    return [pair for pair in ends if not any(same_region(name, region) for name in pair for region in regions)]


def ends_of(rows: pl.DataFrame, value: str, what: str) -> tuple[list[str], list[str]]:
    """Return the two columns of region names: all columns except the column of values and ``year``.

    Raises `UsageError` if these are not two columns.
    """
    names = [c for c in rows.columns if c not in (value, "year")]
    if len(names) != 2:
        shown = ", ".join(rows.columns)
        raise UsageError(
            f"{what} needs two columns of region names and {value!r}, found: {shown}", remedy="leave other columns out"
        )
    return text_of(rows, names[0]), text_of(rows, names[1])


def distances_between(regions: Sequence[str], given: Any, geography: Any = None) -> Vector:
    """Return distances (N, N); a distance is missing if the given table lacks it.

    Without a table, distances are kilometres between the middles of the regions of `known_geography` (in China, between
    the capitals of the provinces). A table (from, to, distance; any headings for the names) is used in both directions.
    Names of regions without prices are ignored. Raises `UnknownName` if nothing is given and no geography has the
    regions.
    """
    if given is None:
        known = require_geography(regions, geography, "distances", option("distances", "km.csv"))
        distances = np.array([[known.kilometres(a, b) for b in regions] for a in regions])
        np.fill_diagonal(distances, np.nan)
        if np.isnan(distances).all() and len(regions) > 1:
            raise UnknownName(
                f"{known.title} has no coordinates of regions, so distances are not known",
                remedy="add longitude and latitude (or x and y, in km) to the file, "
                f"or give {option('distances', 'km.csv')}",
            )
        return distances
    rows = table_of(given, "distances")
    values, at = numbers_of(rows, "distance", "distances"), places(regions, read_geography(geography))
    distances = np.full((len(regions), len(regions)), np.nan)
    for a, b, distance in zip(*ends_of(rows, "distance", "distances"), values.tolist(), strict=True):
        i, j = find(a, at), find(b, at)
        if i is not None and j is not None and i != j:
            distances[i, j] = distance
    return np.where(np.isnan(distances), distances.T, distances)


def require_geography(regions: Sequence[str], choice: Any, what: str, instead: str) -> Geography:
    """Return the geography that has all of the regions.

    If there is none, raises `UnknownName` with the reason and a remedy.

    Example:
        >>> require_geography(["Mordor", "Shire"], None, "distances", "distances='km.csv'")
        Traceback (most recent call last):
        integrade.errors.UnknownName: U101 distances need the places of the regions: 'Mordor' is not a region of a ...
          remedy: give a file of your regions: geography="regions.csv"; or distances='km.csv'
    """
    known, needs = known_geography(regions, choice), {"distances": "need the places"}.get(what, "needs the places")
    if known is None:
        why, remedy = why_unknown(regions)
        raise UnknownName(f"{what} {needs} of the regions: {why}", remedy=f"{remedy}; or {instead}")
    strange = [name for name in regions if known.region(name) is None]
    if strange:
        perhaps = known.perhaps(strange[0])
        near = None if perhaps else known.nearest(strange[0])
        words = near_words(near, perhaps)
        more = f" ({len(strange)} such regions)" if len(strange) > 1 else ""
        raise UnknownName(
            f"{what} {needs} of the regions, and {strange[0]!r} is not a region of {known.title}{more}"
            + (f", {words}" if words else ""),
            remedy=(f"if this is right: {alias_line(strange[0], near)}; or " if near else "give ") + instead,
        )
    return known
