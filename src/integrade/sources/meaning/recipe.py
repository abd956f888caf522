"""Load recipes of public sources: one file each (``recipes/*.toml``) with columns, units, traps and citation.

    name, table, title, provider, url, cite, layout, traps     the source, its origin, and known errors in its files
    decimal                                                    decimal mark of texts in columns that do not show it
    form                                                       for prices: what the index column holds (docs/basis.md)
    dates                                                      how dates are written that can be read in two ways
    files                                                      pattern of the names of files without a known suffix
    others                                                     whether columns that the recipe does not name are kept
    [columns.NAME]  from = [...]                               headings; the first that the file has is taken
                    times, plus, cut, pad, also, words, find, between, value, default, optional, hidden, country,
                    counted
    [[rows]]        keep = "...", because = "..."              rows that are kept, in terms of the names of [columns]

A user's own recipe is a file of the same form: ``source="mine.toml"``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from integrade.errors import BadFormula, FileMissing, UnknownName, UsageError, did_you_mean
from integrade.records.schema import TABLES
from integrade.sources.meaning.periods import Dates
from integrade.sources.meaning.synonyms import require_one_each
from rawcells import doors
from rawcells.bytes.encodings import as_utf8

ALIKE = {"education": "covariates", "deflators": "covariates", "registry": "firms", "exporters": "customs"}
"""For some tables, another table whose recipes may be used too."""

FOLDER = Path(__file__).parent / "recipes"
LIKE = f"a recipe that can be read: {FOLDER / 'baci.toml'}"


NO_OTHER_KEYS = {"extra": "forbid"}


@dataclass(frozen=True)
class Field:
    """Rules that make one column from a file, in the order of application; rules that are not given are skipped.

    ``value``: a constant. ``pad``: restore leading zeros up to this length. ``also``: append further columns.
    ``words``: replacements for exact texts. ``cut``: [start, length] of the part of the text that is used. ``find``:
    pattern whose first group is used; ``words`` then replace the group. ``times`` and ``plus``: the number becomes
    number x times + plus. ``between``: numbers outside these limits become missing. ``optional``: whether the file may
    lack the column. ``default``: the value that is used if the file lacks the column. ``hidden``: whether the column is
    used only in [[rows]]. ``country``: whether the column holds countries. ``counted``: whether the account counts the
    rows by the values of this column.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = NO_OTHER_KEYS

    headings: tuple[str, ...] = ()
    about: str = ""
    unit: str = ""
    optional: bool = False
    default: float | None = None
    value: str | None = None
    also: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    cut: tuple[int, int] | None = None
    find: str = ""
    times: float = 1.0
    plus: float = 0.0
    between: tuple[float, float] | None = None
    pad: int = 0
    hidden: bool = False
    country: bool = False
    counted: bool = False


@dataclass(frozen=True)
class Rule:
    """Condition for rows that are kept, and the reason why all others are dropped."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = NO_OTHER_KEYS

    keep: str
    because: str


@dataclass(frozen=True)
class Recipe:
    """Recipe of one source: its description, the rules that make the columns of a canonical table, and its traps."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = NO_OTHER_KEYS

    name: str
    table: str
    title: str
    provider: str
    url: str
    cite: str
    columns: Mapping[str, Field]
    layout: Literal["table", "regions", "industries", "prices"] = "table"
    traps: tuple[str, ...] = ()
    rows: tuple[Rule, ...] = ()
    others: bool = False
    decimal: Literal[".", ","] | None = None
    form: Literal["", "link", "fixed", "level", "year_on_year", "rate", "rate_year_on_year"] = ""
    dates: Dates | None = None
    files: str = ""


@cache
def recipes() -> Mapping[str, Recipe]:
    """Return all built-in sources by name.

    Example:
        >>> recipes()["baci"].table
        'customs'
    """
    return {name: load_recipe(FOLDER / f"{name}.toml") for name in _names()}


def _names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def find_recipe(source: str | None, table: str) -> Recipe | None:
    """Return the recipe for a table from a source, which is given by its name or by a file; None if no source is named.

    Raises `UnknownName` with the nearest name, `UsageError` for a source of another table, `FileMissing`, `BadFormula`.
    """
    if source is None:
        return None
    if source.endswith(".toml"):
        return _for_table(load_recipe(Path(source)), table)
    if source not in recipes():
        raise UnknownName(f"no source {source!r}", remedy=did_you_mean(source, recipes()))
    return _for_table(recipes()[source], table)


def load_recipe(path: Path) -> Recipe:
    """Load a recipe from its file.

    Raises `FileMissing`, `BadFormula` for invalid TOML, and `UnknownName` for an unknown key.
    """
    if not doors.is_file(path):
        beside = [p.name for p in path.parent.glob("*.toml")]
        raise FileMissing(f"no recipe {path}", remedy=did_you_mean(path.name, [*beside, *_names()]))
    try:
        raw = tomllib.loads(doors.read_text(as_utf8(path).path, encoding="utf-8-sig"))
    except (ValueError, RecursionError) as problem:  # a number of thousands of digits; unlimited nesting
        message = (
            "brackets are nested too deep" if isinstance(problem, RecursionError) else str(problem).partition(";")[0]
        )
        raise BadFormula(f"{path.name} is not valid TOML: {message}", remedy=f"correct that line; {LIKE}") from None
    return _checked(path, {"name": path.stem, **raw})


def headings_of(recipe: Recipe, names: Sequence[str], mapped: Mapping[str, str]) -> dict[str, str]:
    """Return the heading of the file for each column, from the user's mapping, else from the recipe's headings.

    If the file has several headings of the recipe, the first in the recipe's order is used.

    Raises `UsageError` if two columns of the file are mapped to one column.
    """
    require_one_each(names, mapped)
    user_headings = {new: old for old, new in mapped.items() if old in names}
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain(name), name)
    heading_of_column = {}
    for new, spec in recipe.columns.items():
        hits = [known[plain(h)] for h in spec.headings if plain(h) in known]
        if new in user_headings or hits:
            heading_of_column[new] = user_headings.get(new) or hits[0]
    return heading_of_column


def absent_columns(recipe: Recipe, found: Mapping[str, str]) -> list[str]:
    """Return the required columns that the file lacks."""
    free = {
        n for n, spec in recipe.columns.items() if spec.optional or spec.value is not None or spec.default is not None
    }
    return [name for name in recipe.columns if name not in found and name not in free]


def looks_like(table: str, names: Sequence[str]) -> list[str]:
    """Return the sources of a table whose required columns are all among the headings of a file."""
    of_table = [r for r in recipes().values() if r.table == table and r.layout == "table"]
    return [r.name for r in of_table if not absent_columns(r, headings_of(r, names, {}))]


def published_as(name: str) -> str:
    """Return the pattern of file names of a public source that matches a name without known suffix; otherwise "".

    Example:
        >>> published_as("cu.data.3.AsizeNorthEast"), published_as("notes.docx")
        ('cu.data.*', '')
    """
    return next((r.files for r in recipes().values() if r.files and fnmatchcase(name, r.files)), "")


def plain(heading: str) -> str:
    """Normalise a heading, so that width, case, outer blanks and a unit in brackets do not matter."""
    text = unicodedata.normalize("NFKC", heading).strip().casefold().lstrip("_")
    head, bracket, _ = text.rpartition("(")
    text = head if bracket and text.endswith(")") and head.strip() else text
    return "_".join(text.split())


def _for_table(recipe: Recipe, table: str) -> Recipe:
    if recipe.table not in (table, ALIKE.get(table)):
        same = [r.name for r in recipes().values() if r.table == table]
        raise UsageError(
            f"the source {recipe.name!r} gives {recipe.table}, not {table}",
            remedy=f"sources of {table}: {', '.join(same) or 'none'}",
        )
    return recipe


def _checked(path: Path, raw: Mapping[str, Any]) -> Recipe:
    """Validate the content of a recipe file.

    Raises `UnknownName` for an unknown key or choice, and `UsageError` for a value of the wrong type.
    """
    from pydantic import ValidationError

    columns = raw.get("columns", {})
    named = {name: _with_headings(spec) for name, spec in columns.items()} if isinstance(columns, dict) else columns
    try:
        recipe: Recipe = _schema().validate_python({**raw, "columns": named})
    except ValidationError as problem:
        raise _explained(path, sorted(problem.errors(), key=_urgency)) from None
    if not recipe.columns:
        raise _lacking(path, ["columns"])
    if recipe.table not in (*TABLES, "sigma"):
        raise UnknownName(f"{path.name}: no table {recipe.table!r}", remedy=did_you_mean(recipe.table, TABLES))
    for name, spec in recipe.columns.items():
        if not spec.headings and spec.value is None:
            raise UsageError(
                f"{path.name}: column {name!r} has no source", remedy='give from = ["..."] or value = "..."'
            )
    return recipe


_CALLED = {"from": "headings", "headings": "from"}
"""Mapping between the key ``from`` of a column and the field of `Field`, in both directions; ``from`` is a keyword."""


def _with_headings(column: Any) -> Any:
    """Rename the keys of a column to the fields of `Field`."""
    if not isinstance(column, dict):
        return column
    given = {_CALLED.get(key, key): value for key, value in column.items()}
    alone = isinstance(given.get("headings"), str)
    return {**given, "headings": [given["headings"]]} if alone else given


@cache
def _schema() -> Any:
    """Return the validator of recipes, which is built from the classes above."""
    from pydantic import TypeAdapter

    return TypeAdapter(Recipe)


def _urgency(error: Any) -> int:
    """Return the sort position of an error; errors about unknown keys come first.

    A misspelt key is reported both as unknown and as missing.
    """
    return ("unexpected_keyword_argument", "missing", error["type"]).index(error["type"])


def _lacking(path: Path, names: Sequence[str]) -> UsageError:
    lines = ", ".join(f'{name} = "..."' for name in names if name != "columns") or '[columns.NAME], from = ["..."]'
    return UsageError(f"{path.name} lacks {', '.join(names)}", remedy=f"add {lines}; {LIKE}")


def _explained(path: Path, errors: Sequence[Any]) -> UnknownName | UsageError:
    """Build the error for the first problem that pydantic found; missing keys are reported together."""
    error = errors[0]
    *section, key = (_CALLED.get(str(part), str(part)) for part in error["loc"])
    if error["type"] == "unexpected_keyword_argument":
        kind = {"columns": Field, "rows": Rule}.get(section[0] if section else "", Recipe)
        known = [_CALLED.get(f.name, f.name) for f in fields(kind)]
        return UnknownName(f"unknown key {key!r} in {path.name}", remedy=did_you_mean(key, known))
    if error["type"] == "missing":
        return _lacking(
            path, [".".join(map(str, problem["loc"])) for problem in errors if problem["type"] == "missing"]
        )
    if error["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
        given = str(error["input"])[:80]
        return UnknownName(f"{path.name}: no {key} {given!r}", remedy=did_you_mean(given, filter(None, choices)))
    place = ".".join([*section, key])
    return UsageError(f"{path.name} {place}: {error['msg']}", example=repr(error["input"])[:80], remedy=LIKE)
