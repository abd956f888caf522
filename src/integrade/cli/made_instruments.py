"""Make the instruments requested with ``--instrument`` and join them to the panel before the regression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from integrade.engine.frames import Table, collect, enter
from integrade.errors import UsageError, did_you_mean
from integrade.study.asked import OfFit
from rawcells.cells.numbers import whole_number

Maker = Callable[[OfFit, str], Any]


def with_instruments(asked: OfFit, instruments: Sequence[str]) -> tuple[Table, tuple[Any, ...]]:
    """Return the panel with the requested columns, and the shift-share instruments among them."""
    from integrade.subjects.instruments.builders import join_instrument
    from integrade.subjects.instruments.shift_share import ShiftShare

    special, table = [], asked.table
    for text in instruments:
        kind, _, argument = text.partition(":")
        if kind not in _MAKERS:
            raise UsageError(f"--instrument {text}: no builder {kind!r}", remedy=did_you_mean(kind, _MAKERS))
        instrument = _MAKERS[kind](asked._replace(table=table), argument)
        if isinstance(instrument, ShiftShare):
            special.append(instrument)
            instrument = instrument.instrument
        table = join_instrument(table, instrument)
    return table, tuple(special)


def _series(table: Table, treatment: str) -> Any:
    """Return the treatment by region and year, from the panel."""
    import polars as pl

    from integrade.errors import UnknownColumn

    rows = collect(enter(table))
    for column in ("region", "year", treatment):
        if column not in rows.columns:
            raise UnknownColumn(f"no column {column!r} in the panel", remedy=did_you_mean(column, rows.columns))
    series = rows.select("region", "year", pl.col(treatment).cast(pl.Float64)).drop_nulls().unique()
    return series.sort("region", "year", treatment)


def _lag(asked: OfFit, rest: str) -> Any:
    from integrade.subjects.instruments.builders import lagged_index

    if (years := whole_number(rest)) is None:
        raise UsageError(
            f"--instrument lag:{rest}: expected a number of years", remedy="for example --instrument lag:2"
        )
    return lagged_index(_series(asked.table, asked.treatment), years, asked.treatment)


def _neighbours(asked: OfFit, _: str) -> Any:
    from integrade.subjects.instruments.builders import neighbour_instrument

    return neighbour_instrument(asked.prices())


def _halves(asked: OfFit, _: str) -> Any:
    from integrade.subjects.instruments.builders import split_goods

    return split_goods(asked.prices())


def _terrain(_: OfFit, rest: str) -> Any:
    from integrade.sources import read_table
    from integrade.subjects.instruments.builders import terrain_instrument

    files = [f.strip() for f in rest.split(",")]
    if len(files) != 2 or not all(files):
        raise UsageError(
            f"--instrument terrain:{rest}: expected two files",
            remedy="give two files, terrain:TRAITS_BY_REGION,SERIES_BY_YEAR",
        )
    return terrain_instrument(read_table(files[0]), read_table(files[1]))


def _exposure(asked: OfFit, rest: str) -> Any:
    from integrade.sources import read_table
    from integrade.subjects.instruments.shift_share import shift_share_instrument

    if not rest:
        raise UsageError(
            "--instrument exposure: expected a file", remedy="give a file by region, or by region and source"
        )
    return shift_share_instrument(_series(asked.table, asked.treatment), read_table(rest), column=asked.treatment)


_MAKERS: dict[str, Maker] = {
    "lag": _lag,
    "neighbours": _neighbours,
    "halves": _halves,
    "terrain": _terrain,
    "exposure": _exposure,
}
