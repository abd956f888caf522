"""Read tables of PostgreSQL (Arrow through ADBC), SQLite and DuckDB files as lazy frames of the needed columns.

On Polars a table is a lazy source. When the lazy frame runs, the database gets a query for the columns in use and
returns the rows in pieces. Rows from a server or from SQLite are kept in a temporary Parquet file. Columns are
therefore fetched only once, and every pass sees the same rows. On DuckDB a table of a DuckDB file is scanned in place.
Views of that file, and queries on it, run in a DuckDB instance that sees only the file; their rows are returned.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import narwhals as nw

from integrade.engine.frames import Frame, Running, duckdb_connection, on_engine, require_stage, scan_parquet
from integrade.errors import BadQuery, MissingColumn, UsageError, did_you_mean
from integrade.sources.files.where import Condition, necessary
from integrade.sources.origins.addresses import Address
from integrade.sources.origins.connections import CATALOG, ZONE, attach, duckdb_file, postgres, sqlite_file, told
from integrade.sources.origins.queries import check_query, in_parentheses
from plainwords.account import Entry
from plainwords.texts import say
from rawcells import doors
from rawcells.bytes.encodings import spool

if TYPE_CHECKING:
    import polars as pl

PIECE = 65_536
"""Number of rows fetched at a time."""

_LOCK = Lock()
_FETCHED: dict[Address, list[tuple[frozenset[str], Path]]] = {}


def scan_database(address: Address, engine: Running) -> Frame:
    """Return the table or query of an address as a lazy frame on an engine.

    ``numeric`` and decimal columns become real numbers. Types that Polars lacks (uuid, json ...) become text. Raises
    `Unreachable` and `BadQuery`. Raises `UsageError` if no table is named and the database has several tables or none.
    """
    asked = _one_table(address)
    if engine == "duckdb" and _holds_rows(asked):
        return _in_place(asked)
    _FETCHED.pop(asked, None)
    lazy = _lazy(asked)
    if engine == "polars":
        return on_engine(lazy, engine)
    require_stage(engine, address.name)
    target = spool(".parquet")
    lazy.sink_parquet(target)
    return scan_parquet([str(target)], engine)


def scan_where(address: Address, engine: Running, where: str | None) -> tuple[Frame, list[Entry]]:
    """Scan an address as `scan_database` does, but only rows that can satisfy a filter.

    Rows that the database leaves out are counted. The database gets only a part of the filter (`where.necessary`). This
    part compares whole numbers, and tests whether texts are equal or in a list. The reader still has to apply the whole
    filter.
    """
    asked = _one_table(address)
    zones = _zone_notes(asked)
    if where is None or asked.query or (engine == "duckdb" and _holds_rows(asked)):
        return scan_database(asked, engine), zones
    columns = _columns(asked)
    schema = _schema(asked, columns)
    tests = [
        sql
        for condition_part in necessary(where, columns)
        if (sql := _test(condition_part, schema[condition_part.column]))
    ]
    if not tests:
        return scan_database(asked, engine), zones
    condition = " and ".join(tests)
    every, kept = _first_row(
        asked, f"select count(*), coalesce(sum(case when {condition} then 1 else 0 end), 0) from {_from(asked)}"
    )
    left_out = int(every) - int(kept)
    entry = Entry("where", asked.name, "dropped", say("sources.filtered-by-database", where=where), left_out)
    if not kept:  # the reader then reports that no row is left
        return scan_database(asked, engine), zones
    return scan_database(asked._replace(where=condition), engine), [*zones, entry] if left_out else zones


def _test(one: Condition, kind: pl.DataType) -> str:
    """Return a condition as SQL if the database and the reader give the same result for it; otherwise an empty text."""
    import polars as pl

    column = _quoted(one.column)
    whole = [v for v in one.values if isinstance(v, int) or (isinstance(v, float) and v.is_integer())]
    numbers = [v for v in whole if abs(v) < 1 << (63 if isinstance(v, int) else 53)]
    texts = [v for v in one.values if isinstance(v, str)]
    if kind.is_integer() and len(numbers) == len(one.values):
        listed = [str(int(v)) for v in numbers]
    elif kind == pl.String and len(texts) == len(one.values) and one.sign in ("=", "==", "in"):
        listed = ["'" + v.replace("'", "''") + "'" for v in texts]
    else:
        return ""
    sign = {"==": "=", "!=": "<>"}.get(one.sign, one.sign)
    return f"{column} in ({', '.join(listed)})" if sign == "in" else f"{column} {sign} {listed[0]}"


def count_cells(address: Address, most_columns: int) -> int:
    """Return rows times columns of an address; at most ``most_columns`` columns are counted.

    Raises the same errors as `scan_database`.
    """
    asked = _one_table(address)
    rows = int(_first_row(asked, f"select count(*) from {_from(asked)}")[0])
    return rows * min(len(_sqlite_names(asked) if asked.kind == "sqlite" else _columns(asked)), most_columns)


@cache
def fingerprint(address: Address) -> str:
    """Hash the rows of a PostgreSQL table or query on the server; the order of rows does not matter.

    The hash of a table is cached until ``fingerprint.cache_clear()``.
    """
    asked = _one_table(address)
    hashed = "sum(hashtextextended(rows_asked::text, 0)::numeric)::text"
    count, total = _first_row(asked, f"select count(*), {hashed} from {_from(asked)}")
    return hashlib.sha256(f"{count}:{total}".encode()).hexdigest()


def _one_table(address: Address) -> Address:
    """Return the address with a table; if it names none, with the only table of the database."""
    if address.query:
        check_query(address)
        return address
    known = _tables(address)
    wanted = re.sub(r"^(public|main)\.", "", address.table) or (known[0] if len(known) == 1 else "")
    if not wanted:
        raise UsageError(
            f"{address.name} has {len(known)} tables",
            example=", ".join(known[:10]),
            remedy=f"name one: {address.name}#{known[0] if known else 'TABLE'}, or give a query there",
        )
    if wanted not in known:
        where = address._replace(table="").name
        raise BadQuery(f"no table {wanted!r} in {where}", remedy=did_you_mean(wanted, known))
    return address._replace(table=wanted)


def _tables(address: Address) -> list[str]:
    """List the tables of a database, with the name of the schema before tables outside the default schema."""
    if address.kind == "sqlite":
        question = "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%'"
    else:
        usual = "public" if address.kind == "postgresql" else "main"
        here = f" and table_catalog = '{CATALOG}'" if address.kind == "duckdb" else ""
        question = (
            f"select case when table_schema = '{usual}' then table_name else table_schema || '.' || table_name end "
            f"from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema'){here}"
        )
    with _rows(address, question) as pieces:
        return sorted(str(row[0]) for piece in pieces for row in piece.iter_rows())


def _from(address: Address) -> str:
    if address.query:
        return f"{in_parentheses(address.query)} as rows_asked"
    rows = f"{_named(address, CATALOG)} as rows_asked"
    return f"(select * from {rows} where {address.where}) as rows_asked" if address.where else rows


def _named(address: Address, catalog: str) -> str:
    """Return a table's SQL name; ``catalog`` is the name under which a DuckDB file is attached."""
    parts = [_quoted(part) for part in ([address.table] if address.kind == "sqlite" else address.table.split("."))]
    if address.kind == "duckdb":
        parts = [catalog, *(['"main"'] if len(parts) == 1 else []), *parts]
    return ".".join(parts)


def _columns(address: Address) -> dict[str, str]:
    """Return, for each column, the SQL that casts it to a type that every engine has."""
    empty = f"select * from {_from(address)} limit 0"
    match address.kind:
        case "sqlite":
            return _sqlite_columns(address)
        case "duckdb":
            with duckdb_file(address) as connection:
                relation = connection.sql(empty)
                kinds = {n: str(kind) for n, kind in zip(relation.columns, relation.types, strict=True)}
            columns = {
                n: _cast(n, "double" if kind.startswith(("DECIMAL", "HUGEINT")) else "") for n, kind in kinds.items()
            }
            zoned = [n for n, kind in kinds.items() if kind == "TIMESTAMP WITH TIME ZONE"]
            return columns | {n: f"timezone('{ZONE}', {_quoted(n)}) as {_quoted(n)}" for n in zoned}
        case _:
            with postgres(address) as cursor:
                cursor.execute(empty)
                schema = cursor.fetch_record_batch().schema
            return {field.name: _cast(field.name, _postgres_type(field.type)) for field in schema}


def _zone_notes(address: Address) -> list[Entry]:
    """Return one note for each column whose times have a time zone; such times are converted to `ZONE`."""
    import polars as pl

    if address.kind == "sqlite":
        return []
    columns = _columns(address)
    if address.kind == "duckdb":
        zoned = [name for name, sql in columns.items() if sql.startswith("timezone(")]
    else:
        kinds = _schema(address, columns)
        zoned = [name for name, kind in kinds.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    reasons = [say("sources.times-in-zone", column=repr(name), zone=ZONE) for name in zoned]
    return [Entry("read", address.name, "note", reason, 0) for reason in reasons]


def _postgres_type(kind: Any) -> str:
    """Return the cast for a column that would otherwise be delivered as text of an unknown type.

    ``numeric`` becomes a real number, other types become text; empty if no cast is needed.
    """
    name = getattr(kind, "type_name", "")
    if name == "numeric":
        return "double precision"
    return "text" if name or hasattr(kind, "storage_type") else ""


def _sqlite_columns(address: Address) -> dict[str, str]:
    """Return the columns of an SQLite table with casts.

    SQLite has a type for each cell, not for each column. A column that is not declared as text is therefore checked in
    all its cells. The column is text if any cell is text.
    """
    names = _sqlite_names(address)
    with sqlite_file(address) as connection:
        declared = connection.execute("select name, upper(type) from pragma_table_info(?)", [address.table]).fetchall()
        text = [name for name, kind in declared if "CHAR" in kind or "TEXT" in kind or "CLOB" in kind]
        open_ = [n for n in names if n not in text]
        tests = [
            f"sum(typeof({q}) in ('text', 'blob')), sum(typeof({q}) = 'real'), count({q})" for q in map(_quoted, open_)
        ]
        counts = connection.execute(f"select {', '.join(tests) or '0'} from {_from(address)}").fetchone()
    kinds = dict.fromkeys(names, "text")
    for i, name in enumerate(open_):
        texts, reals, filled = (n or 0 for n in counts[3 * i : 3 * i + 3])
        kinds[name] = "text" if texts or not filled else "real" if reals else "integer"
    return {name: _cast(name, kinds[name]) for name in names}


def _sqlite_names(address: Address) -> list[str]:
    with sqlite_file(address) as connection:
        return [column[0] for column in connection.execute(f"select * from {_from(address)} limit 0").description]


def _cast(name: str, kind: str) -> str:
    return f"cast({_quoted(name)} as {kind}) as {_quoted(name)}" if kind else _quoted(name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lazy(address: Address) -> pl.LazyFrame:
    """Return a lazy Polars frame that, each time it runs, queries only the columns in use."""
    import polars as pl
    from polars.io.plugins import register_io_source

    columns = _columns(address)
    schema = _schema(address, columns)

    def source(
        wanted: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        names = list(schema) if wanted is None else wanted
        left = n_rows
        for piece in _pieces(address, {n: columns[n] for n in names or list(columns)[:1]}):
            rows = piece.select(pl.col(n).cast(schema[n]) for n in names) if names else piece
            rows = rows if predicate is None else rows.filter(predicate)
            yield rows if left is None else rows.head(left)
            left = None if left is None else left - len(rows)
            if left is not None and left <= 0:
                return

    return register_io_source(source, schema=schema)


def _schema(address: Address, columns: Mapping[str, str]) -> dict[str, pl.DataType]:
    import polars as pl

    if not columns:
        raise MissingColumn(f"{address.name} has no columns", remedy="name another table after #")
    if address.kind == "sqlite":
        kinds = {"real": pl.Float64(), "text": pl.String(), "integer": pl.Int64()}
        return {n: kinds[sql.rpartition(" as ")[0].rpartition(" ")[2].rstrip(")")] for n, sql in columns.items()}
    with _rows(address, _select(address, columns) + " limit 0") as pieces:
        first: pl.DataFrame = next(iter(pieces))
    return dict(first.schema)


def _select(address: Address, columns: Mapping[str, str]) -> str:
    return f"select {', '.join(columns.values())} from {_from(address)}"


def _pieces(address: Address, columns: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of these columns in pieces.

    A DuckDB file is queried each time; from other databases the rows are fetched once.
    """
    import polars as pl

    if address.kind == "duckdb":
        with _rows(address, _select(address, columns)) as pieces:
            yield from pieces
        return
    yield from (
        pl.scan_parquet(doors.regular(_fetched(address, columns)))
        .select(list(columns))
        .collect_batches(chunk_size=PIECE)
    )


def _fetched(address: Address, columns: Mapping[str, str]) -> Path:
    """Return a temporary Parquet file with these columns of a table; an earlier file that has them is used again."""
    import pyarrow.parquet as pq

    with _LOCK:
        for columns_held, path in _FETCHED.setdefault(address, []):
            if columns_held >= set(columns):
                return path
        path, writer = spool(".parquet"), None
        with _rows(address, _select(address, columns)) as pieces:
            for piece in pieces:
                rows = piece.to_arrow()
                writer = writer or pq.ParquetWriter(path, rows.schema, compression="zstd")
                writer.write_table(rows)
        if writer is not None:
            writer.close()
        _FETCHED[address].append((frozenset(columns), path))
        return path


def _holds_rows(address: Address) -> bool:
    """Return whether an address is a plain table of a DuckDB file: no view, no query, and no computed column."""
    if address.kind != "duckdb" or address.query:
        return False
    schema, _, name = address.table.rpartition(".")
    wanted = [CATALOG, schema or "main", name]
    with duckdb_file(address) as connection:
        statements = connection.execute(
            "select sql from duckdb_tables() where (database_name, schema_name, table_name) = (?, ?, ?)", wanted
        ).fetchall()
    return len(statements) == 1 and "GENERATED" not in statements[0][0].upper()


def _in_place(address: Address) -> Frame:
    """Attach a DuckDB file to the default connection and return its table as a relation; the file stays attached."""
    columns, shared = _columns(address), duckdb_connection()
    name = "integrade_" + hashlib.sha256(str(Path(address.location).resolve()).encode()).hexdigest()[:12]
    with _LOCK, told(address):
        if not shared.sql("select 1 from duckdb_databases() where database_name = $1", params=[name]).fetchall():
            attach(shared, address, name)
        rows = shared.sql(f"select {', '.join(columns.values())} from {_named(address, name)}")
    frame: Frame = nw.from_native(rows).lazy()
    return frame


def _first_row(address: Address, question: str) -> tuple[Any, ...]:
    with _rows(address, question) as pieces:
        return next(row for piece in pieces for row in piece.iter_rows())


@contextmanager
def _rows(address: Address, question: str) -> Iterator[Iterator[pl.DataFrame]]:
    """Open the result of a query as pieces of rows; there is at least one piece, which may be empty."""
    match address.kind:
        case "sqlite":
            with sqlite_file(address) as connection:
                yield _sqlite_pieces(connection.execute(question))
        case "duckdb":
            with duckdb_file(address) as connection:
                yield _arrow_pieces(connection.sql(question).to_arrow_reader(PIECE))
        case _:
            with postgres(address) as cursor:
                cursor.execute(question)
                yield _arrow_pieces(cursor.fetch_record_batch())


def _arrow_pieces(reader: Any) -> Iterator[pl.DataFrame]:
    import polars as pl

    yield pl.DataFrame(reader.schema.empty_table())
    for batch in reader:
        yield pl.DataFrame(batch)


def _sqlite_pieces(cursor: sqlite3.Cursor) -> Iterator[pl.DataFrame]:
    import polars as pl

    names = [column[0] for column in cursor.description]
    while rows := cursor.fetchmany(PIECE):
        yield pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
