"""Functions that add columns to a user's rows give the rows back in the order in which they were given.

Joins of Polars promise no order; here they give another one each time (`shuffled`), as threads do on many rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.lazyframe.group_by import LazyGroupBy

import integrade as ig
from each import each
from integrade.engine.frames import enter, keeping_order
from shuffled import shuffle

PATCHED = ((pl.LazyFrame, ("join", "group_by", "unique", "sort")), (LazyGroupBy, ("agg",)))
REGIONS = ("Hebei", "Fujian", "Henan", "Hubei", "Jilin")
YEARS = range(2004, 2010)


@pytest.fixture(autouse=True)
def another_order() -> Iterator[None]:
    """Joins and groups of Polars come in another order, in this test alone."""
    before = [(kind, name, getattr(kind, name)) for kind, names in PATCHED for name in names]
    shuffle(5)
    yield
    for kind, name, function in before:
        setattr(kind, name, function)


def firms() -> pl.DataFrame:
    """100 firms over six years, in no order."""
    rng = np.random.default_rng(2)
    numbers = np.repeat(np.arange(100), len(YEARS))
    money = {c: rng.lognormal(5, 1, len(numbers)) for c in ("output", "materials", "capital_at_cost", "fixed_assets")}
    rows = pl.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in numbers],
            "year": np.tile(YEARS, 100),
            "region": [REGIONS[i % 5] for i in numbers],
            "industry": [("1310", "1320", "2210")[i % 3] for i in numbers],
            "ownership": [("110", "159", "330")[i % 3] for i in numbers],
            "founded": 1990,
            "assets": rng.lognormal(5, 1, len(numbers)),
            "net_profit": rng.normal(0, 10, len(numbers)),
            "employment": rng.lognormal(4, 1, len(numbers)),
            "market": rng.normal(size=len(numbers)),
            **money,
        }
    )
    return rows.sample(fraction=1, shuffle=True, seed=4)


PRICES = pl.DataFrame(
    {"year": YEARS, "output_price": np.linspace(100, 120, 6), "capital_price": np.linspace(90, 99, 6)}
)
INDEX = pl.DataFrame({"region": np.repeat(REGIONS, 6), "year": np.tile(YEARS, 5), "integration": np.arange(30.0)})
BORDERS = pl.DataFrame({"from": REGIONS, "to": [*REGIONS[1:], REGIONS[0]]})
Q = ig.questions
CALLS: dict[str, Callable[[Any], Any]] = {
    "firm_controls": ig.panel.firm_controls,
    "firm_controls, roa_lag": lambda d: ig.panel.firm_controls(d, roa_lag=1),
    "firm_controls, sa_index": lambda d: ig.panel.firm_controls(d, fic="sa_index", currency_unit="1000 yuan"),
    "deflate": lambda d: ig.panel.deflate(d, PRICES, base=2004, output=("output",)),
    "real_capital": lambda d: ig.panel.real_capital(d, PRICES, base=2004),
    "tfp": lambda d: ig.panel.tfp(d, method="ols", output="output", labour="employment", capital="fixed_assets").table,
    "winsorise": lambda d: ig.panel.winsorise(d, ("assets",)),
    "winsorise by": lambda d: ig.panel.winsorise(d, ("assets",), by="industry"),
    "winsorise trim": lambda d: ig.panel.winsorise(d, ("assets",), by="year", trim=True),
    "ownership_classes": ig.panel.ownership_classes,
    "group_column ownership": lambda d: Q.group_column(d, "ownership"),
    "group_column intensity": lambda d: Q.group_column(d, "intensity"),
    "industry_intensity": lambda d: Q.industry_intensity(d, "fixed_assets", "employment", "industry"),
    "add_lags": lambda d: Q.add_lags(d, "market", (1, 2), lives_on=("firm", "year")),
    "add_spillover": lambda d: Q.add_spillover(d, index=INDEX, neighbours=BORDERS),
    "join_instrument": lambda d: Q.join_instrument(d, Q.lagged_index(INDEX, 2)),
    "clean_firms": ig.clean_firms,
}


def keys(found: Any) -> list[Any]:
    rows = found.polars() if hasattr(found, "polars") else found.pl() if hasattr(found, "pl") else found
    return list(rows.select("firm", "year").iter_rows())


@each("engine", ["polars", "duckdb"])
@each("name", CALLS)
def test_rows_come_back_in_the_order_given(name: str, engine: str) -> None:
    given = firms()
    with duckdb.connect() as connection:
        found = keys(CALLS[name](given if engine == "polars" else connection.from_arrow(given.to_arrow())))
    kept = set(found)
    assert found == [key for key in keys(given) if key in kept]
    assert len(found) > 500


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_change_that_loses_the_order_is_put_in_order(engine: str) -> None:
    """`frames.keeping_order` is what a function wraps a join in."""
    given = firms()
    with duckdb.connect() as connection:
        frame = enter(given if engine == "polars" else connection.from_arrow(given.to_arrow()))
        changed = keeping_order(frame, lambda rows: rows.sort("assets"))
        assert changed.collect_schema().names() == given.columns
        assert keys(changed.collect().to_polars()) == keys(given)
