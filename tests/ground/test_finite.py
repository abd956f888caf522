"""Numbers that a computer cannot add or multiply never reach an output: they are counted or refused where they come in.

A last guard looks at what every measure gives back.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import polars.selectors as cs
import pytest

import integrade as ig
from each import each
from integrade.engine.frames import Running, Table, enter, give_back, on_engine
from integrade.errors import IntegradeError
from integrade.records.catalogue import CATALOGUE
from integrade.records.schema import TABLES, conform
from measure_tables import options_for, tables_for
from plainwords.account import Account


def all_finite(rows: pl.DataFrame) -> bool:
    """Whether every real number of a table is finite or missing."""
    return all(series.is_finite().all() for series in rows.select(cs.float()))


@pytest.mark.parametrize("value", [1e308, 5e-324])
@pytest.mark.parametrize("column", ["value", "quantity"])
def test_customs_records_of_an_impossible_size_are_counted(column: str, value: float) -> None:
    rows = pl.DataFrame(
        {
            "firm": ["A", "A", "B", "B", "C", "C"] * 4,
            "product": ["010121"] * 24,
            "destination": ["US", "JP", "DE"] * 8,
            "year": [2004 + i // 6 for i in range(24)],
            "value": [float(10 + i % 7) for i in range(24)],
            "quantity": [float(1 + i % 5) for i in range(24)],
        }
    ).with_columns(pl.when(pl.int_range(24) < 3).then(value).otherwise(column).alias(column))
    read = conform(rows, "customs")
    assert [e.rows for e in read.account if "1e+100" in str(e.reason)] == [3]
    found: Any = ig.demand_residual(Table("customs", rows), sigma=4.0)
    assert all_finite(found.polars())
    assert found.polars()["value"].max() < 1e10


@each("name", sorted(CATALOGUE))
@each("value", [1e308, 1e99])
def test_no_measure_gives_back_a_number_that_is_not_finite(name: str, value: float) -> None:
    record = CATALOGUE[name]
    tables = tables_for(record)
    main = record.needs[0]
    numbers = [c.name for c in TABLES[main].columns if c.kind == "number" and c.name in tables[main].columns]
    for column in numbers:
        changed = tables[main].with_columns(
            pl.when(pl.int_range(pl.len()) < 3).then(value).otherwise(pl.col(column).cast(pl.Float64)).alias(column)
        )
        try:
            found = record(
                {**{t: Table(t, one) for t, one in tables.items()}, main: Table(main, changed)}, options_for(record)
            )
        except IntegradeError:
            continue
        assert all_finite(found.polars())


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_what_is_not_finite_is_missing_and_counted_when_it_is_given_back(engine: Running) -> None:
    rows = pl.DataFrame({"region": ["A", "B", "C"], "integration": [1.0, float("inf"), float("nan")], "n": [1, 2, 3]})
    found = give_back(on_engine(rows, engine), Table("prices", rows), name="integration", account=Account())
    assert enter(found).collect().to_polars()["integration"].to_list() == [1.0, None, None]
    assert [(e.kind, e.rows) for e in found.account] == [("warning", 2)]
