"""One suite over every measure of the catalogue (`integrade list`): adding a measure adds its tests.

Tables and options come from the measure's record (`measure_tables`). Text is compared exactly, numbers to 1e-9: sums in
another order move the last digits, and logs, standard errors and quotients of them a few more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import integrade as ig
import integrade.integration
import integrade.quality
from each import each
from integrade.engine.frames import Running, Table, collect, engine_of, enter, on_engine
from integrade.errors import UsageError
from integrade.records.catalogue import CATALOGUE, Measure
from integrade.records.schema import TABLES
from measure_tables import geography, options_for, tables_for

CLOSE = 1e-9
UNITS: Mapping[str, tuple[str, float]] = {
    "currency": ("money", 1),
    "currency, constant prices": ("money", 1),
    "the row's unit": ("quantity", 1),
    "persons": ("persons", 1),
    "persons or currency, squared": ("persons", 2),
    "km": ("km", 1),
    "square km": ("km", 2),
    "plants": ("plants", 1),
    "respondents": ("respondents", 1),
}
"""Units that can be chosen freely: the kind of a column's unit, and the power in which it enters."""

every_measure = pytest.mark.parametrize("record", CATALOGUE.values(), ids=lambda m: m.name)
in_turn = each("record", CATALOGUE.values(), ids=lambda m: m.name)
Tables = Mapping[str, pl.DataFrame]


def run(record: Measure, tables: Mapping[str, Any], **changes: Any) -> Any:
    return record(tables, options_for(record, **changes))


@cache
def usual(name: str) -> pl.DataFrame:
    """The result on Polars, computed once."""
    result: pl.DataFrame = run(CATALOGUE[name], tables_for(CATALOGUE[name]))
    return result


def key_of(record: Measure, rows: pl.DataFrame) -> list[str]:
    return [*record.key, *(["month"] if "month" in rows.columns and "month" not in record.key else [])]


def same(record: Measure, got: pl.DataFrame, want: pl.DataFrame) -> None:
    key = key_of(record, want)
    assert_frame_equal(got.sort(key), want.sort(key), rel_tol=CLOSE, abs_tol=CLOSE)


@in_turn
def test_promises_columns_with_units_one_row_per_key_and_a_number(record: Measure) -> None:
    rows = usual(record.name)
    assert set(record.key) | set(record.adds) <= set(rows.columns)
    assert all(record.adds.values()), "every added column has a unit"
    assert rows.height
    assert not rows.select(key_of(record, rows)).is_duplicated().any()
    assert rows.select(pl.col(record.key).is_null().any()).row(0) == (False,) * len(record.key)
    numbers = rows.select(pl.col(name) for name in record.adds if rows[name].dtype.is_float())
    assert not any(numbers.select(pl.all().is_nan().any()).row(0)), "what is missing is null, never NaN"
    assert any(numbers.select(pl.all().is_not_null().any()).row(0))


@in_turn
def test_documents_formula_missing_values_and_reference(record: Measure) -> None:
    text = record.function.__doc__ or ""
    for heading in ("Formula:", "Missing values:", "Returns:", "Raises:", "Reference:", "Example:"):
        assert heading in text, f"{record.name} lacks {heading}"
    assert record.cite
    assert set(record.needs) | set(record.uses) <= set(TABLES)


@every_measure
@pytest.mark.parametrize("engine", ["duckdb", pytest.param("spark", marks=[pytest.mark.system, pytest.mark.spark])])
def test_numbers_are_the_same_on_every_engine(record: Measure, engine: Running, request: pytest.FixtureRequest) -> None:
    if engine == "spark":
        request.getfixturevalue("spark")
    result = run(record, {name: on_engine(t, engine) for name, t in tables_for(record).items()})
    assert engine_of(enter(result)) == engine
    same(record, collect(enter(result)).select(usual(record.name).columns), usual(record.name))


@in_turn
def test_order_of_the_rows_does_not_matter(record: Measure) -> None:
    shuffled = {n: t.sample(fraction=1, shuffle=True, seed=7) for n, t in tables_for(record).items()}
    result = run(record, shuffled)
    assert_frame_equal(result, usual(record.name), rel_tol=CLOSE, abs_tol=CLOSE)  # the result is sorted, whatever came


def space_of(column: str) -> str:
    """Columns that hold names of the same things: both ends of a flow or a pair are regions."""
    return "region" if column in ("origin", "region_a", "region_b") else column


def names_of(tables: Tables) -> dict[str, dict[str, str]]:
    """Other names for each kind of thing, in another order; codes change places within their first two digits."""
    known: dict[str, set[str]] = {}
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            if column.kind == "text" and column.name in rows.columns:
                space = "region" if (name, column.name) == ("flows", "destination") else space_of(column.name)
                known.setdefault(space, set()).update(rows[column.name].drop_nulls().to_list())
    codes = {column.name for rows in TABLES.values() for column in rows.columns if column.code}
    return {space: _rotated(names) if space in codes else _invented(names, space) for space, names in known.items()}


def _invented(names: set[str], space: str) -> dict[str, str]:
    return {old: f"{space} {n:03}" for n, old in enumerate(sorted(names, reverse=True))}


def _rotated(codes: set[str]) -> dict[str, str]:
    chapters = [sorted(c for c in codes if c[:2] == chapter) for chapter in sorted({c[:2] for c in codes})]
    return {old: new for same in chapters for old, new in zip(same, same[1:] + same[:1], strict=True)}


def renamed(rows: pl.DataFrame, names: Mapping[str, Mapping[str, str]], regions: bool) -> pl.DataFrame:
    """``regions``: a destination is a region, as in flows."""
    space = {c: "region" if regions and c == "destination" else space_of(c) for c in rows.columns}
    rows = rows.with_columns(
        pl.col(c).replace(dict(names[s])) for c, s in space.items() if s in names and rows[c].dtype == pl.String
    )
    if "region_a" not in rows.columns:
        return rows
    ends = pl.col("region_a", "region_b")  # a pair is written in the order of the names
    return rows.with_columns(region_a=pl.min_horizontal(ends), region_b=pl.max_horizontal(ends))


@in_turn
def test_names_do_not_matter(record: Measure) -> None:
    """Names stand for nothing: a measure that knows of places by their names is told of them.

    Random draws go by the order of the names, so bounds move with it.
    """
    names, flows = names_of(tables_for(record)), "flows" in record.needs
    tables = {name: renamed(rows, names, name == "flows") for name, rows in tables_for(record).items()}
    fields = {f.name for f in dataclasses.fields(record.options)}
    try:
        result = run(record, tables)
    except UsageError:
        result = run(record, tables, **{n: v for n, v in geography(names["region"]).items() if n in fields})
    drawn = [n for n in record.adds if n.endswith(("_low", "_high")) and "seed" in fields]
    same(record, result.drop(drawn), renamed(usual(record.name), names, flows).drop(drawn))


def kinds_of_units(record: Measure) -> list[str]:
    units = {column.unit for name in record.needs for column in TABLES[name].columns if column.unit in UNITS}
    return sorted({UNITS[unit][0] for unit in units})


@each(
    ("record", "kind"),
    [pytest.param(r, kind, id=f"{r.name}-{kind}") for r in CATALOGUE.values() for kind in kinds_of_units(r)],
)
def test_units_scale_as_declared(record: Measure, kind: str) -> None:
    """Everything measured in one kind of unit is four times as large: columns declared in it follow, others stay."""

    def scaled(rows: pl.DataFrame, units: Mapping[str, str]) -> pl.DataFrame:
        powers = {column: UNITS[unit][1] for column, unit in units.items() if UNITS.get(unit, ("",))[0] == kind}
        return rows.with_columns(pl.col(c) * 4.0**power for c, power in powers.items() if c in rows.columns)

    tables = {
        name: scaled(rows, {column.name: column.unit for column in TABLES[name].columns})
        for name, rows in tables_for(record).items()
    }
    assert any(not rows.equals(tables_for(record)[name]) for name, rows in tables.items())
    same(record, run(record, tables), scaled(usual(record.name), record.adds))


KINDS: Mapping[str, tuple[Callable[[pl.DataFrame], Any], Callable[[Any], pl.DataFrame]]] = {
    "pandas": (lambda t: t.to_pandas(), pl.from_pandas),
    "arrow": (lambda t: t.to_arrow(), pl.DataFrame),
    "lazy": (lambda t: t.lazy(), lambda t: t.collect()),
    "table": (lambda t: Table("any", t), lambda t: t.polars()),
}


@in_turn
@each("kind", KINDS)
def test_the_kind_of_frame_that_came_in_comes_out(record: Measure, kind: str) -> None:
    to, back = KINDS[kind]
    given = {name: to(rows) for name, rows in tables_for(record).items()}
    result = run(record, given)
    assert type(result) is type(next(iter(given.values())))
    got = back(result)
    whole = {c: pl.Float64 for c in got.columns if usual(record.name)[c].dtype.is_integer()}
    same(record, got.cast(whole), usual(record.name).cast(whole))  # pandas holds whole numbers with gaps as floats
    if kind == "table":
        assert any(entry.kind == "out" for entry in result.account), "the account says how many rows came out"


def test_a_measure_and_its_options_are_public_by_its_file_alone() -> None:
    """``ig.integration.krugman``, ``ig.krugman`` and ``ig.options.Krugman`` come from the file's record."""
    packages = {"integration": ig.integration, "quality": ig.quality}
    for record in CATALOGUE.values():
        assert getattr(packages[record.family], record.name) is record.function
        assert getattr(ig, record.name) is record.function
        assert getattr(ig.options, record.options.__name__) is record.options
        assert record.options.__name__ in dir(ig.options)
        assert {record.name, record.options.__name__} <= set(packages[record.family].__all__)
