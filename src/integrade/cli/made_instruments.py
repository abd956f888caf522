"""``--instrument``: columns made for the last part of the formula and joined to the panel before the regression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrade.cli.answers import prices_of
from integrade.cli.questions import Questions
from integrade.errors import UsageError, did_you_mean
from integrade.frames import Table, collect, enter

Maker = Callable[[Table, str, Questions, str], Any]


def with_instruments(table: Table, treatment: str, questions: Questions) -> tuple[Table, tuple[Any, ...]]:
    """The panel with the columns asked for, and the shift-share instruments among them."""
    from integrade.models.instruments.builders import join_instrument
    from integrade.models.instruments.shift_share import ShiftShare

    special = []
    for text in questions.instruments.instrument:
        kind, _, rest = text.partition(":")
        if kind not in _MAKERS:
            raise UsageError(f"--instrument {text}: no builder {kind!r}", remedy=did_you_mean(kind, _MAKERS))
        made = _MAKERS[kind](table, treatment, questions, rest)
        if isinstance(made, ShiftShare):
            special.append(made)
            made = made.instrument
        table = join_instrument(table, made)
    return table, tuple(special)


def _series(table: Table, treatment: str) -> Any:
    """The treatment by region and year, as the panel has it."""
    import polars as pl

    from integrade.errors import UnknownColumn

    rows = collect(enter(table))
    for column in ("region", "year", treatment):
        if column not in rows.columns:
            raise UnknownColumn(f"no column {column!r} in the panel", remedy=did_you_mean(column, rows.columns))
    found = rows.select("region", "year", pl.col(treatment).cast(pl.Float64)).drop_nulls().unique()
    return found.sort("region", "year", treatment)


def _lag(table: Table, treatment: str, _: Questions, rest: str) -> Any:
    from integrade.models.instruments.builders import lagged_index

    if not rest.isdigit():
        raise UsageError(f"--instrument lag:{rest}", remedy="give years back, such as lag:2")
    return lagged_index(_series(table, treatment), int(rest), treatment)


def _neighbours(_: Table, __: str, questions: Questions, ___: str) -> Any:
    from integrade.models.instruments.builders import neighbour_instrument

    return neighbour_instrument(prices_of(questions))


def _halves(_: Table, __: str, questions: Questions, ___: str) -> Any:
    from integrade.models.instruments.builders import split_goods

    return split_goods(prices_of(questions))


def _terrain(_: Table, __: str, ___: Questions, rest: str) -> Any:
    from integrade.models.instruments.builders import terrain_instrument
    from integrade.sources import read_table

    files = [f.strip() for f in rest.split(",")]
    if len(files) != 2 or not all(files):
        raise UsageError(
            f"--instrument terrain:{rest}", remedy="give two files, terrain:TRAITS_BY_REGION,SERIES_BY_YEAR"
        )
    return terrain_instrument(read_table(files[0]), read_table(files[1]))


def _exposure(table: Table, treatment: str, _: Questions, rest: str) -> Any:
    from integrade.models.instruments.shift_share import shift_share_instrument
    from integrade.sources import read_table

    if not rest:
        raise UsageError("--instrument exposure:", remedy="give a file by region, or by region and source")
    return shift_share_instrument(_series(table, treatment), read_table(rest), column=treatment)


_MAKERS: dict[str, Maker] = {
    "lag": _lag,
    "neighbours": _neighbours,
    "halves": _halves,
    "terrain": _terrain,
    "exposure": _exposure,
}
