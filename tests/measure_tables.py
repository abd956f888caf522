"""Small canonical tables by name, so that every measure of the catalogue can be run from its record alone.

A table of `schema.TABLES` that is not named here is made from its schema: all combinations of its key, numbers that are
log-normal. Options that must be given get a value by their name (`GIVEN`); an option ``se`` is switched on, and
``draws`` are few.
"""

from __future__ import annotations

import dataclasses
import itertools
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

import numpy as np
import polars as pl

from integrade.geography import PROVINCES, kilometres
from integrade.records.catalogue import Measure, choose
from integrade.records.schema import TABLES, Column
from integrade.simulation import Economy, simulate

REGIONS = ["Beijing", "Tianjin", "Hebei", "Shanxi", "Shandong", "Henan", "Jiangsu", "Anhui"]
YEARS = range(1995, 2013)
LONG = range(1947, 2013)  # of prices: what needs the longest series needs 60 changes
GIVEN: Mapping[str, Any] = {
    "sigma": 5,
    "features": ("power", "cotton"),
    "theta": 0.6,
    "cost": "none",
    "outside": 0.6,
    "industry": 0,
}
"""Values of options that must be given, by name; those that a measure can do without keep their default."""
DRAWS = 99  # of bootstraps and simulated nulls: enough for a number, not for a result


def tables_for(record: Measure) -> dict[str, pl.DataFrame]:
    """Every table that a measure needs, by name."""
    return {name: table(name) for name in record.needs}


def options_for(record: Measure, **changes: Any) -> Any:
    """The measure's options: its defaults, what has none, and standard errors where there is a choice."""
    hints = get_type_hints(record.options)
    for field in dataclasses.fields(record.options):
        if field.default in (dataclasses.MISSING, ()) and field.name in GIVEN:
            changes[field.name] = GIVEN[field.name]
        elif field.name == "draws":
            changes["draws"] = DRAWS
        elif field.name == "se" and field.default == "none":
            changes["se"] = next(choice for choice in get_args(hints["se"]) if choice != "none")
    return choose(record.options, None, changes)


@cache
def table(name: str) -> pl.DataFrame:
    """A canonical table, the same at every call."""
    return MADE[name]() if name in MADE else _by_schema(name)


def geography(regions: Mapping[str, str]) -> dict[str, Any]:
    """What measures know of provinces by their names, as options, under other names: old name -> new."""
    ends = list(itertools.combinations(REGIONS, 2))
    columns = {"from": [regions[a] for a, _ in ends], "to": [regions[b] for _, b in ends]}
    far = pl.DataFrame({**columns, "distance": [kilometres(a, b) for a, b in ends]})
    sides = {regions[p.english]: p.group for p in PROVINCES if p.english in regions}
    return {"distances": far, "groups": sides}


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def _by_schema(name: str, **levels: list[Any]) -> pl.DataFrame:
    """All combinations of the required key columns (``levels`` or invented ones), with log-normal numbers."""
    schema, rng = TABLES[name], _rng(name)
    columns = {column.name: column for column in schema.columns}
    keys = {key: levels.get(key) or _levels(columns[key]) for key in schema.key if columns[key].required}
    rows = pl.DataFrame(list(itertools.product(*keys.values())), schema=list(keys), orient="row")
    numbers = {c.name: np.exp(rng.normal(3, 0.5, rows.height)) for c in schema.columns if c.kind == "number"}
    return rows.with_columns(**{key: pl.Series(values) for key, values in numbers.items()})


def _levels(column: Column) -> list[Any]:
    if column.name in ("region", "origin", "destination"):
        return list(REGIONS)
    if column.kind == "integer":
        return list(YEARS)
    return [f"{n:02}{column.name}" for n in range(1, 7)]


def _prices() -> pl.DataFrame:
    """Link indices: a national and a regional movement of each good, which the region takes back in part."""
    rng, goods = _rng("prices"), ["clothing", "food", "fuel", "housing", "medicine", "transport"]
    level = np.zeros((len(REGIONS), len(goods)))
    rows = []
    for year in LONG:
        change = rng.normal(0.02, 0.01, len(goods)) + rng.normal(0, 0.02, level.shape) - 0.3 * level
        level = level + change - change.mean(axis=0)
        rows += [
            (region, year, good, 100 * np.exp(change[i, k]))
            for i, region in enumerate(REGIONS)
            for k, good in enumerate(goods)
        ]
    return pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")


def _flows() -> pl.DataFrame:
    """Gravity with a border: regions sell seven times as much to themselves; a few pairs do not trade."""
    rng, years, n = _rng("flows"), list(range(2004, 2009)), len(REGIONS)
    seller, buyer = rng.normal(0, 0.5, (2, n, len(years)))
    places = rng.uniform(0, 1000, (n, 2))
    rows = []
    for (i, a), (j, b), (t, year) in itertools.product(enumerate(REGIONS), enumerate(REGIONS), enumerate(years)):
        km = np.hypot(*(places[i] - places[j])) if i != j else 60.0
        border = 0.0 if i == j else -np.log(7) + 0.05 * t
        ln = 10 + seller[i, t] + buyer[j, t] - 0.8 * np.log(km) + border + rng.normal(0, 0.3)
        rows.append((a, b, year, 0.0 if i != j and rng.random() < 0.02 else float(np.exp(ln)), float(km)))
    return pl.DataFrame(rows, schema=["origin", "destination", "year", "value", "distance"], orient="row")


def _output() -> pl.DataFrame:
    made = _by_schema("output", year=list(range(2004, 2009)), industry=["13", "17", "26", "34", "37", "40"])
    whole = pl.col("employment", "plants", "size_squared")
    made = made.with_columns((whole * 100).round())
    return made.with_columns(size_squared=pl.col("employment") ** 2 / pl.col("plants") * 1.5)


def _gdp() -> pl.DataFrame:
    """Trends with a common and an own cycle, in constant prices."""
    rng = _rng("gdp")
    common = rng.normal(0, 0.02, len(YEARS))
    growth = 0.08 + common + rng.normal(0, 0.02, (len(REGIONS), len(YEARS)))
    levels = np.exp(8 + rng.normal(0, 1, (len(REGIONS), 1)) + growth.cumsum(axis=1))
    own = pl.DataFrame({"region": REGIONS, "area": rng.uniform(1e4, 2e5, len(REGIONS))})
    made = pl.DataFrame(
        [(r, y, levels[i, t]) for i, r in enumerate(REGIONS) for t, y in enumerate(YEARS)],
        schema=["region", "year", "real_gdp"],
        orient="row",
    )
    return made.join(own, on="region").with_columns(price=pl.Series(np.exp(rng.normal(1, 0.2, made.height))))


def _survey() -> pl.DataFrame:
    """Answers 1..5 to four questions about local protection; one answer in twenty is missing."""
    rng, rows = _rng("survey"), []
    for (i, region), year, person in itertools.product(enumerate(REGIONS), (2004, 2005), range(12)):
        mood, weight = rng.normal(3 + 0.1 * i, 0.8), rng.uniform(1, 4)
        for item in ("labour", "goods", "capital", "price"):
            score = float(np.clip(np.round(mood + rng.normal(0, 0.6)), 1, 5))
            rows.append((f"P{i}{person:02}", region, year, item, None if rng.random() < 0.05 else score, weight))
    return pl.DataFrame(rows, schema=["respondent", *TABLES["survey"].key[1:], "score", "weight"], orient="row")


@cache
def _economy() -> Any:
    return simulate(Economy(n_firms=60, n_years=4, n_products=6, n_destinations=5))


def _customs() -> pl.DataFrame:
    rows: pl.DataFrame = _economy().customs
    rows = rows.drop_nulls(["value", "quantity"]).filter(pl.col("quantity") > 0)
    draw = _rng("customs")
    return rows.with_columns(power=draw.lognormal(3, 0.3, rows.height), cotton=draw.integers(0, 2, rows.height))


MADE: Mapping[str, Callable[[], pl.DataFrame]] = {
    "prices": _prices,
    "flows": _flows,
    "output": _output,
    "gdp": _gdp,
    "survey": _survey,
    "customs": _customs,
    "firms": lambda: _economy().firms,
}
