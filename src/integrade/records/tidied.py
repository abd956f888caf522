"""Convert results to frames with broom's columns: ``tidy`` has one row per estimate, ``glance`` one row per result.

Columns of ``tidy``: ``part`` (position in the result; empty for the result itself), ``term``, ``estimate``,
``std_error``, ``statistic``, ``p_value``, ``conf_low``, ``conf_high`` (95%, or the level of the result). For a result
without estimates, ``tidy`` returns its rows, or its numbers in one row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

COLUMNS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
NAMES = ("term", "name", "label", "variable", "group", "column", "place")
BASIS = ("nobs", "kind", "df_t", "ssc")
SCHEMA = {"part": pl.String, "term": pl.String} | dict.fromkeys(COLUMNS, pl.Float64)


def tidy(record: Any) -> pl.DataFrame:
    """Return every estimate inside a record, one per row."""
    rows = list(_estimates(record, ""))
    if rows:
        return pl.DataFrame(rows, schema=SCHEMA)
    values = [getattr(record, f.name) for f in dataclasses.fields(record)]
    tuples = [v for v in values if isinstance(v, tuple) and v and all(dataclasses.is_dataclass(r) for r in v)]
    listed = [_scalars(row) for row in max(tuples, key=len, default=())]
    return pl.DataFrame(listed) if listed else glance(record)


def glance(record: Any) -> pl.DataFrame:
    """Return the numbers and texts of a record (not of the records in it) in one row, with its basis."""
    basis = getattr(record, "basis", None)
    rests = {name: getattr(basis, name) for name in BASIS} if basis is not None else {}
    return pl.DataFrame([_scalars(record) | rests])


def estimates(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a frame with the columns of ``tidy``; values that a row lacks are missing."""
    return pl.DataFrame(list(rows), schema=SCHEMA)


def name_of(record: Any) -> str:
    """Return the name of a record; empty if it has none."""
    return next((str(v) for n in NAMES if isinstance(v := getattr(record, n, None), str)), "")


def _estimates(value: Any, part: str) -> Iterator[dict[str, Any]]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if isinstance(getattr(value, "estimate", None), float):
            yield {"part": part, "term": name_of(value)} | {n: getattr(value, n, None) for n in COLUMNS}
            return
        for field in dataclasses.fields(value):
            label = "" if field.name == "coefficients" else field.name
            yield from _estimates(getattr(value, field.name), ".".join(p for p in (part, label) if p))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _estimates(inner, f"{part}.{name}")
    elif isinstance(value, tuple):
        for place, inner in enumerate(value, start=1):
            plain = isinstance(getattr(inner, "estimate", None), float)
            label = _pair(inner) if plain else name_of(inner) or str(place)
            yield from _estimates(inner, f"{part}.{label}" if label else part)


def _pair(record: Any) -> str:
    """Return the name of a difference of two groups, such as ``state - private``."""
    a, b = getattr(record, "a", None), getattr(record, "b", None)
    return f"{a} - {b}" if isinstance(a, str) and isinstance(b, str) else ""


def _scalars(record: Any) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}
    return {n: v for n, v in values.items() if v is None or isinstance(v, bool | int | float | str)}
