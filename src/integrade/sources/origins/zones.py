"""Check the time zones that a Parquet file names, before Polars reads the schema.

On an unknown zone Polars fails with a panic, whose text it prints even if the panic is caught. Parquet files that Arrow
wrote contain Arrow's schema (a FlatBuffer), which names the zones. Only this schema is read.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from integrade.errors import Unreadable

_TIMESTAMP = 10


def check_zones(source: Path | str, name: str = "", storage: Mapping[str, Any] | None = None) -> None:
    """Refuse a Parquet file, or an object in a store, that has an unknown time zone. Raises `Unreadable`.

    ``name``: the object's name in messages. ``storage``: options for access to the store of the object.
    """
    for zone in sorted(set(zones_of(str(source), storage))):
        if not _is_known(zone):
            raise Unreadable(
                f"{name or Path(source).name} has times in the unknown time zone {zone!r}",
                where=name or str(source),
                remedy="write them in a zone of the IANA database (Asia/Shanghai, Etc/GMT-8), in UTC or without one",
            )


def zones_of(source: str, storage: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield the time zones in Arrow's schema in a Parquet file.

    Nothing is yielded if the file has no such schema, or only part of it.
    """
    import polars as pl

    options = dict(storage) if storage else None
    try:
        schema = pl.read_parquet_metadata(source, storage_options=options).get("ARROW:schema", "")
    except (pl.exceptions.PolarsError, OSError):  # damaged or missing: the reader reports it
        return
    try:
        yield from zones_in(base64.b64decode(schema))
    except (struct.error, ValueError):
        return


def zones_in(message: bytes) -> Iterator[str]:
    """Yield the time zones in an Arrow message that contains a schema.

    Raises `struct.error` for an incomplete message.
    """
    start = 8 if message[:4] == b"\xff\xff\xff\xff" else 4
    if len(message) <= start:
        return
    schema = _table_in(message, start + _number(message, "<I", start), 2)
    waiting = [_table_in(message, schema, 1)] if schema else []
    seen = set[int]()
    while waiting:
        vector = waiting.pop()
        for at in range(vector + 4, vector + 4 + 4 * _number(message, "<I", vector), 4) if vector else ():
            field = at + _number(message, "<I", at)
            if field not in seen:
                seen.add(field)
                waiting.append(_table_in(message, field, 5))
                yield from _zone_of(message, field)


def _zone_of(message: bytes, field: int) -> Iterator[str]:
    kind, place = _table_in(message, field, 3), _slot(message, field, 2)
    if kind and place and _number(message, "<B", place) == _TIMESTAMP and (text := _table_in(message, kind, 1)):
        yield message[text + 4 : text + 4 + _number(message, "<I", text)].decode("utf-8", errors="replace")


def _slot(message: bytes, table: int, slot: int) -> int:
    """Return the position of the value in a slot of a FlatBuffer table; 0 if the slot has none."""
    shape = table - _number(message, "<i", table)
    if shape < 0 or 4 + 2 * slot + 2 > _number(message, "<H", shape):
        return 0
    within = _number(message, "<H", shape + 4 + 2 * slot)
    return table + within if within else 0


def _table_in(message: bytes, table: int, slot: int) -> int:
    """Return the position of the table, text or vector to which a slot of a FlatBuffer table points; 0 without one."""
    place = _slot(message, table, slot)
    return place + _number(message, "<I", place) if place else 0


def _number(message: bytes, kind: str, at: int) -> int:
    number: int = struct.unpack_from(kind, message, at)[0]
    return number


@cache
def _is_known(zone: str) -> bool:
    import polars as pl

    try:
        pl.Series([None], dtype=pl.Datetime("us", zone or None))
    except pl.exceptions.PolarsError:
        return False
    return True
