"""Open read-only connections to databases.

Anything that a file or a query requests beyond its own rows is refused. A DuckDB file is opened in a DuckDB instance of
its own. That instance reads no other file, loads no extension, sees no Python variable and accepts no setting. Views in
the file therefore cannot do these things either. SQLite is opened read-only and compiles only SELECT statements.
PostgreSQL is queried in a read-only transaction. Every query is limited to the time that `budgets` allows, because a
view may never end.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from integrade.engine.frames import duckdb_limits
from integrade.errors import BadQuery, Unreachable, UsageError
from integrade.sources.origins.addresses import Address, without_password
from integrade.sources.origins.budgets import SECONDS, interrupted_late, most_seconds

CATALOG = "integrade_file"
"""Name of a DuckDB file in the instance that reads it."""
ZONE = "UTC"
"""Time zone of every connection, on which the year of a time depends.

The zone is the same on every machine and server.
"""
SEALED: dict[str, str | bool | int | float | list[str]] = {
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
PRAGMAS = ("table_info", "table_xinfo", "data_version")
"""SQLite pragmas that only return information."""
PATIENCE = 60
"""Seconds without an answer after which a PostgreSQL server counts as unreachable (a convention)."""
MOST_TIMEOUT = 2_000_000
"""Largest statement timeout of PostgreSQL in seconds."""
TIMEOUT = "due to statement timeout"
"""Part of PostgreSQL's message about a statement that took too long."""
UNSAFE = ("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer")
"""SQLite functions that access more than the file; most builds lack them."""


@contextmanager
def duckdb_file(address: Address) -> Iterator[Any]:
    """Open a read-only connection that sees only a DuckDB file; it is closed at the end of the block."""
    import duckdb

    with closing(duckdb.connect(config=SEALED)) as connection:
        with told(address, reached=False):
            for name, limit in duckdb_limits().items():
                connection.execute(f"set {name} = {_text(limit)}")
            connection.execute(f"set timezone = {_text(ZONE)}")
            connection.execute("set enable_progress_bar = false")
            attach(connection, address, CATALOG)
            connection.execute(f"use {CATALOG}")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
        with told(address), _in_time(address, connection):
            yield connection


def attach(connection: Any, address: Address, name: str) -> None:
    """Attach a DuckDB file read-only under the given name.

    The file is given by its absolute path, so that it is not mistaken for another database.
    """
    location = str(Path(address.location).resolve())
    connection.execute(f"attach {_text(location)} as {name} (type duckdb, read_only)")


@contextmanager
def sqlite_file(address: Address) -> Iterator[sqlite3.Connection]:
    """Open a connection to an SQLite file that compiles only SELECT statements.

    The connection is closed at the end of the block.
    """
    with told(address), closing(sqlite3.connect(f"file:{quote(address.location)}?mode=ro", uri=True)) as connection:
        connection.execute("pragma trusted_schema = off")
        connection.set_authorizer(_allowed)
        with _in_time(address, connection):
            yield connection


@contextmanager
def _in_time(address: Address, connection: Any) -> Iterator[None]:
    """Interrupt a connection that takes too much time within the block. Raises `BadQuery` in that case."""
    with interrupted_late(connection.interrupt) as late:
        try:
            yield
        except Exception:
            if not late.is_set():
                raise
            raise _too_long(address) from None


def _too_long(address: Address) -> BadQuery:
    seconds = most_seconds()
    return BadQuery(
        f"{address.name} takes longer than {seconds:,} seconds; the view or the query may not end",
        remedy=f"name a table, or a query that ends, after #; or allow more time: {SECONDS}={2 * seconds}",
    )


def _allowed(action: int, first: str | None, second: str | None, _database: str | None, _inside: str | None) -> int:
    """Return whether SQLite may compile a step of a statement (its authorizer callback)."""
    match action:
        case sqlite3.SQLITE_SELECT | sqlite3.SQLITE_READ | sqlite3.SQLITE_RECURSIVE:
            fine = True
        case sqlite3.SQLITE_FUNCTION:
            fine = (second or "").lower() not in UNSAFE
        case sqlite3.SQLITE_PRAGMA:
            fine = (first or "").lower() in PRAGMAS
        case _:
            fine = False
    return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY


@contextmanager
def postgres(address: Address) -> Iterator[Any]:
    """Open a cursor on a PostgreSQL server in a transaction that is read-only from its first statement."""
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        raise UsageError("PostgreSQL needs a driver", remedy="pip install 'integrade[sql]'") from None
    location = address.location
    if "connect_timeout" not in location and "PGCONNECT_TIMEOUT" not in os.environ:
        location = f"{location}{'&' if '?' in location else '?'}connect_timeout={PATIENCE}"
    with told(address, reached=False):
        connected = dbapi.connect(location)
    with told(address), connected as connection, connection.cursor() as cursor:
        cursor.execute("set transaction read only")
        cursor.execute(f"set local statement_timeout = {1000 * min(most_seconds(), MOST_TIMEOUT)}")
        cursor.execute("set local standard_conforming_strings = on")  # a backslash in a text is a backslash
        cursor.execute(f"set local timezone = {_text(ZONE)}")
        yield cursor


def _text(value: str) -> str:
    """Quote a text as SQL."""
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def told(address: Address, *, reached: bool = True) -> Iterator[None]:
    """Turn an exception of a driver into a coded error without passwords.

    The error is `Unreachable` if the database was not reached, else `BadQuery`.
    """
    import duckdb

    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, duckdb.Error) as problem:
        raise _coded(address, problem, reached and "unable to open" not in str(problem)) from None
    except Exception as problem:
        if not (type(problem).__module__.startswith("adbc_driver_manager") or "[libpq]" in str(problem)):
            raise
        raise _coded(address, problem, reached) from None


def _coded(address: Address, problem: Exception, reached: bool) -> BadQuery | Unreachable:
    lines = [line.strip() for line in without_password(str(problem)).splitlines() if line.strip()]
    why = lines[0] if lines else type(problem).__name__
    if TIMEOUT in str(problem):
        return _too_long(address)
    if not reached:
        where = address._replace(table="").name
        remedy = "is it running, is the address right, is PGPASSWORD set, has another program opened it for writing?"
        return Unreachable(f"{where} cannot be reached: {why}", remedy=remedy)
    return BadQuery(f"{address.name} cannot be read: {why}", remedy="check the table or the query after #")
