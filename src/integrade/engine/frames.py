"""Adapt tables to their dataframe engine: Polars, DuckDB or Spark.

Inside integrade every table is a lazy narwhals frame on one of these engines. Users pass pandas, Polars, Arrow, DuckDB
or Spark frames, or a `Table`, and get a result of the same kind.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast
from uuid import uuid4

import narwhals as nw
import polars as pl

from integrade.engine import spark
from integrade.engine.engines import Engine as Engine
from integrade.engine.memory import free_memory, once
from integrade.engine.sessions import mend_division, session
from integrade.engine.stage import is_address, not_staged, stage_folder, written_as
from integrade.engine.system import refusal_of
from integrade.errors import SystemRefusal, UsageError, damaged
from plainwords.account import Account, Entry
from plainwords.escaping import for_terminal
from plainwords.texts import say
from rawcells import doors
from rawcells.scratch import scratch_folder, spill_place

if TYPE_CHECKING:
    import polars as pl

Frame: TypeAlias = nw.LazyFrame[Any]
Data = TypeVar("Data")
"""The type of table that a caller passes and gets back: a `Table` or a pandas, Polars, Arrow, DuckDB or Spark frame."""
Running = Literal["polars", "duckdb", "spark"]

CELL = 40  # bytes per cell (row x column) that export quality needs on Polars at its peak: 34 measured at 10 m rows
MOST = 6 << 30  # bytes: cap on the default memory budget (a convention); INTEGRADE_MEMORY overrides it
FEWEST = 1 << 18  # bytes: a smaller INTEGRADE_MEMORY is taken for a typing error (a convention)
LEAST_DUCKDB = 48  # MiB: with less, DuckDB cannot write a table of any size as Parquet
BATCH = 1 << 19  # rows per piece when a table is processed in pieces: bounds memory; the size is a convention
LEAST_BATCH = 1 << 13  # rows: smaller pieces cost more time than they save memory; a convention
PIECE = 2000  # bytes of the memory budget for each row of a piece; the pieces in work take about a third of them
GROUP = 1 << 17  # rows per Parquet row group: without it, group sizes depend on how threads split the rows
log = logging.getLogger("integrade")
_ASKING = Lock()
_OWN: ContextVar[list[Any] | None] = ContextVar("own_connection", default=None)


@dataclass(frozen=True)
class Table:
    """A named table with the account of how it was made.

    ``data`` is a native frame of the engine that made the table; `polars` loads it into memory.
    ``conformed`` is the canonical table that it was already checked against (`schema.conform`).
    ``form`` is the basis of a table of prices (link, fixed, level, year_on_year or a rate), if its source or a text in
    its file states one; otherwise empty.
    ``units``: column -> unit of its numbers (MYR, USD, PPP), if its file or its reader stated one.
    A `Table` is accepted wherever a frame is, and by every library that reads the Arrow stream protocol
    (``pandas.DataFrame.from_arrow``, ``polars.DataFrame``, ``duckdb.from_arrow`` ...).
    """

    name: str
    data: Any
    account: Account = field(default_factory=Account)
    conformed: str = ""
    form: str = ""
    units: Mapping[str, str] = field(default_factory=dict)

    def polars(self) -> pl.DataFrame:
        """Return the rows as a Polars frame in memory."""
        return collect(enter(self.data))

    def pandas(self) -> Any:
        """Return the rows as a pandas frame (needs pandas)."""
        return self.polars().to_pandas()

    @property
    def columns(self) -> list[str]:
        """Column names in order."""
        return enter(self.data).collect_schema().names()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Export the rows by the Arrow stream protocol."""
        return self.polars().__arrow_c_stream__(requested_schema)

    def __str__(self) -> str:
        """Show the name and the first ten rows."""
        return for_terminal(f"{self.name}\n{collect(enter(self.data).head(10))}")

    def _repr_html_(self) -> str:
        return str(self.polars()._repr_html_())


def enter(data: Any) -> Frame:
    """Convert any supported frame to a lazy narwhals frame; pandas and Arrow tables are moved to Polars.

    NaN in pandas becomes missing. An object with a Polars frame in its attribute ``table`` is read as that frame.
    Raises `UsageError` for anything that is not a table.
    """
    import polars as pl

    if isinstance(data, Table):
        data = data.data
    if isinstance(data, nw.LazyFrame):
        return data
    if type(data).__module__.startswith("pyspark.sql.connect"):
        mend_division(data.sparkSession)
    try:
        frame = nw.from_native(data)
    except TypeError:
        if isinstance(table := getattr(data, "table", None), pl.DataFrame):
            return _lazy(table)
        raise UsageError(
            f"expected a table, got {type(data).__name__}",
            remedy="give a pandas, Polars, Arrow, DuckDB or Spark frame, or the result of read_prices() or another "
            "reader",
        ) from None
    if isinstance(frame, nw.LazyFrame):
        return frame
    if frame.implementation.is_pandas_like():
        return _lazy(pl.from_pandas(frame.to_pandas(), nan_to_null=True))
    return _lazy(frame.to_polars())


def account_of(data: Any) -> Account:
    """Return the account of a `Table`; an empty account for a bare frame."""
    return data.account if isinstance(data, Table) else Account()


def units_of(data: Any) -> Mapping[str, str]:
    """Return the units that a `Table` states for its columns; an empty mapping for a bare frame."""
    return data.units if isinstance(data, Table) else {}


def form_of(data: Any) -> str:
    """Return the basis that a `Table` of prices states; empty for a bare frame.

    If the basis is a rate of change, a validated table holds the indices 100 + rate instead of the rates.
    """
    return data.form if isinstance(data, Table) else ""


def _lazy(native: Any) -> Frame:
    frame: Frame = nw.from_native(native).lazy()
    return frame


def give_back(frame: Frame, like: Data, *, name: str, account: Account, conformed: str = "", made: bool = True) -> Data:
    """Return a result in the kind of frame that the caller passed: `Table` for `Table`, pandas for pandas, and so on.

    Numbers that are not finite become missing and are counted in a warning. This check needs a pass over the rows. It
    is skipped on Spark and with ``made=False``, for frames whose columns are computed only on request. A bare frame
    cannot carry an account, so the account is logged.
    """
    frame, lost = without_infinite(frame, name) if made and not frame.implementation.is_pyspark() else (frame, ())
    return cast("Data", _alike(frame, like, name, account + lost, conformed))


def without_infinite(frame: Frame, name: str) -> tuple[Frame, tuple[Entry, ...]]:
    """Set numbers that are not finite to missing; also return a warning for each column with their number."""
    reals = [column for column, kind in frame.collect_schema().items() if kind.is_float()]
    odd = {c: ~nw.col(c).is_null() & ~nw.col(c).is_finite() for c in reals}
    if not odd:
        return frame, ()
    counts = collect(frame.select(*[test.cast(nw.Int64).sum().alias(c) for c, test in odd.items()])).row(0, named=True)
    lost = {c: n for c, n in counts.items() if n}
    entries = [Entry("result", name, "warning", say("account.not-finite", column=c, n=n), n) for c, n in lost.items()]
    finite = [nw.when(nw.col(c).is_finite()).then(nw.col(c)).alias(c) for c in lost]
    return (frame.with_columns(*finite) if lost else frame), tuple(entries)


def _alike(frame: Frame, like: Any, name: str, account: Account, conformed: str) -> Any:
    """Convert a frame to the kind of ``like``; log the account of a frame that cannot carry it."""
    if isinstance(like, Table):
        return Table(name, nw.to_native(frame), account, conformed, units=units_of(like))
    for entry in account:
        if entry.kind not in ("in", "out"):
            log.info("%s", entry)
    if isinstance(like, nw.LazyFrame):
        return frame
    native = nw.from_native(like)
    if isinstance(native, nw.LazyFrame):
        return nw.to_native(frame)
    local = collect(frame)
    if native.implementation.is_pandas_like():
        return local.to_pandas()
    return local.to_arrow() if native.implementation.is_pyarrow() else local


def engine_of(frame: Frame) -> Running:
    """Return the engine that a frame runs on."""
    if frame.implementation.is_polars():
        return "polars"
    return "duckdb" if frame.implementation.is_duckdb() else "spark"


@contextmanager
def _polars_errors_coded(native: Any, written: str = "") -> Iterator[None]:
    """Turn a Polars failure to read a file, or to write the file ``written``, into the matching `IntegradeError`."""
    import polars as pl

    try:
        yield
    except pl.exceptions.ComputeError as problem:
        raise refusal_of(problem, written or None) or damaged(problem, native.explain(optimized=False)) from None


def collect(frame: Frame) -> pl.DataFrame:
    """Run a frame and return the rows in memory, as Polars."""
    import polars as pl

    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            with _polars_errors_coded(native):
                local: pl.DataFrame = native.collect(engine="streaming")
            return local
        case "duckdb":
            rows = pl.DataFrame(native.to_arrow_table())
            exact = {n: kind for n, kind in rows.schema.items() if isinstance(kind, pl.Decimal)}
            # sums of integers come as decimals without a fraction
            return rows.cast({n: pl.Float64 if kind.scale else pl.Int64 for n, kind in exact.items()})
        case "spark":
            return spark.collected(native)


def bring(frame: Frame, what: str, rows: int | None = None) -> pl.DataFrame:
    """Collect a whole table that a step needs in memory; ``rows``: its number of rows, if known.

    On Spark a message gives the size of a large table, and a table beyond the memory budget raises `OutOfMemory` before
    any row is transferred.
    """
    if engine_of(frame) == "spark":
        return spark.brought(nw.to_native(frame), what, memory_budget(), rows)
    return collect(frame)


def write_folder(frame: Frame, place: str) -> None:
    """Write the rows as a folder of Parquet files; on Spark the workers write them.

    ``place``: a path, or an address in an object store.
    """
    native: Any = nw.to_native(frame)
    if engine_of(frame) == "spark":
        spark.write_folder(native, place)
        return
    if is_address(place):
        write_parquet(on_engine(collect(frame), "polars"), f"{place.rstrip('/')}/part-00000.parquet")
        return
    target = Path(place)
    part = target.with_name(f"{target.name}.part-{uuid4().hex[:8]}")
    try:
        part.mkdir()
        write_parquet(frame, str(part / "part-00000.parquet"))
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def taken_on_spark(place: str) -> bool:
    """Return whether files exist at the path or address to which Spark's workers are to write.

    Raises `NotShared` for a path that workers cannot see, and Spark's own error for an address that it cannot list.
    """
    there = session(memory_budget())
    if is_address(place):
        return spark.has_files(there, place)
    written_as(there, os.path.dirname(os.path.abspath(place)))
    return os.path.exists(place)


def collect_coded(frame: Frame) -> pl.DataFrame:
    """Collect a frame with text as dictionary-coded `polars.Categorical`, which takes a quarter of the memory."""
    import polars as pl

    coded = pl.col(pl.String).cast(pl.Categorical)
    if engine_of(frame) != "polars":
        return collect(frame).with_columns(coded)
    native: Any = nw.to_native(frame)
    return collect(_lazy(native.with_columns(coded)))


@contextmanager
def on_this_machine(frame: Frame, what: str, rows: int, *, fits: bool) -> Iterator[Frame]:
    """Yield the rows of a frame (at most ``rows``) on Polars or DuckDB.

    Rows of Spark come in memory if they fit, else through Parquet files in the stage, which are removed at the end of
    the block. Without a stage on this machine, rows beyond the memory budget raise `OutOfMemory`.
    """
    import polars as pl

    if engine_of(frame) != "spark":
        yield frame
        return
    with ExitStack() as kept:
        folder = None if fits else spark.staged(nw.to_native(frame), kept)
        yield _lazy(pl.scan_parquet(f"{folder}/*.parquet") if folder else bring(frame, what, rows).lazy())


def batch_rows() -> int:
    """Return the number of rows of a piece: `BATCH`, or fewer under a small budget; a multiple of `LEAST_BATCH`."""
    return min(BATCH, max(1, memory_budget() // (PIECE * LEAST_BATCH)) * LEAST_BATCH)


def batches(frame: Frame) -> Iterator[pl.DataFrame]:
    """Yield the rows of a frame on Polars or DuckDB in pieces, in any order, as Polars."""
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            with _polars_errors_coded(native):
                yield from native.collect_batches(chunk_size=batch_rows(), maintain_order=False, engine="streaming")
        case "duckdb":
            yield from (pl.DataFrame(rows) for rows in native.to_arrow_reader(batch_rows()))
        case "spark":
            raise TypeError("rows of Spark come to this machine first (`on_this_machine`)")


def write_parquet(frame: Frame, path: str) -> None:
    """Write the rows as a Parquet file with 64-bit integers; DuckDB and Polars write piece by piece."""
    wide = {nw.Int128: nw.Int64, nw.UInt128: nw.Int64, nw.Decimal: nw.Float64}
    kinds = {name: wide[type(kind)] for name, kind in frame.collect_schema().items() if type(kind) in wide}
    match engine_of(frame):
        case "duckdb":
            whole: Any = nw.to_native(frame.with_columns(nw.col(name).cast(kind) for name, kind in kinds.items()))
            whole.write_parquet(path, compression="zstd")
        case "polars":
            native: Any = nw.to_native(frame)
            with _polars_errors_coded(native, path):
                native.sink_parquet(path, row_group_size=GROUP)
        case "spark":
            bring(frame, os.path.basename(path)).write_parquet(path)


def place(local: pl.DataFrame, like: Frame) -> Frame:
    """Move a local table to the engine (and connection) of ``like``, so that the two can be joined."""
    native: Any = nw.to_native(like)
    match engine_of(like):
        case "polars":
            return _lazy(local.lazy())
        case "duckdb":
            placed_rows = local.to_arrow()  # noqa: F841 - DuckDB finds it by name
            return _lazy(native.query("unused", "select * from placed_rows"))
        case "spark":
            return _lazy(spark.placed_beside(local, native))


def materialise(frame: Frame, home: Frame | None = None) -> Frame:
    """Run a frame once and keep the rows on its engine, for a table that is scanned more than once.

    On Spark the row order is lost: sort the result. On DuckDB the rows become a temporary table of the connection,
    which spills to disk. ``home``: a frame of the same connection that outlives the inputs of ``frame``.
    """
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            return _lazy(native.collect(engine="streaming"))
        case "duckdb":
            return _temporary(native, f"integrade_{uuid4().hex}", native if home is None else nw.to_native(home))
        case "spark":
            return _lazy(spark.kept(native)[0])


@contextmanager
def held(frame: Frame) -> Iterator[Frame]:
    """Run a frame once and keep its rows on the engine until the block ends."""
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            yield materialise(frame)
        case "duckdb":
            name = f"integrade_{uuid4().hex}"
            try:
                yield _temporary(native, name, native)
            finally:
                native.query("unused", f"drop table if exists {name}")
        case "spark":
            kept, let_go = spark.kept(native, now=False)
            try:
                yield _lazy(kept)
            finally:
                let_go()


@dataclass(frozen=True)
class Files:
    """Rows of a Spark frame that were written to Parquet files; a worker opens each file as a whole."""

    native: spark.Files

    def frame(self) -> Frame:
        """Return the rows of all files."""
        return _lazy(self.native.frame())

    def mapped(self, task: Callable[[int, pl.DataFrame], pl.DataFrame], kinds: Mapping[str, type]) -> Frame:
        """Apply a task to the number and the rows of each file; ``kinds``: int, float or str for each output column."""
        return _lazy(self.native.mapped(task, kinds))

    def write_beside(self, local: pl.DataFrame) -> str:
        """Write a local table as a Parquet file that workers can open, and return its address."""
        return self.native.write_beside(local)


def files_by(
    frame: Frame,
    by: str,
    n: int,
    look: Callable[[pl.DataFrame], pl.DataFrame],
    kinds: Mapping[str, type],
    kept: ExitStack,
) -> tuple[Files, pl.DataFrame] | None:
    """Split the rows of a frame on Spark into about ``n`` files; rows with equal ``by`` share a file.

    The files last as long as ``kept``. Also return what ``look`` computes from each file: columns of ``kinds``
    (int, float or str) and the name of the file. Return None if no folder is known that all workers see.
    """
    written = spark.files_by(nw.to_native(frame), by, n, spark.Look(look, kinds), kept)
    return None if written is None else (Files(written[0]), written[1])


def workers_know(frame: Frame, module: str) -> bool:
    """Return whether Python code of ``module`` runs on the workers of a Spark frame's session."""
    return spark.workers_know(nw.to_native(frame), module)


def pieces_on(pieces: Iterator[pl.DataFrame], like: Frame) -> Frame:
    """Append pieces to a temporary table on the DuckDB connection of ``like``."""
    native: Any = nw.to_native(like)
    name = f"integrade_{uuid4().hex}"
    for i, piece in enumerate(pieces):
        rows: Any = nw.to_native(place(piece, like))
        rows.query("more_rows", f"{f'insert into {name}' if i else f'create temp table {name} as'} from more_rows")
    return _lazy(native.query("unused", f"from {name}"))


def spilled_numbers(n: int, kind: Any) -> Any:
    """Allocate an array of ``n`` numbers, backed by an unnamed file in `spill_folder` that is deleted with the array.

    The file gets its full size at once, so that a full disk raises an error here instead of ending the process later.
    """
    import numpy as np

    with tempfile.TemporaryFile(dir=spill_folder()) as file:
        size = n * np.dtype(kind).itemsize
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            for at in range(0, size, 1 << 24):
                file.write(bytes(min(1 << 24, size - at)))
            file.flush()
        return np.memmap(file, dtype=kind, mode="r+", shape=(n,)).view(np.ndarray)


def _temporary(relation: Any, name: str, home: Any) -> Frame:
    relation.query("rows_to_keep", f"create temp table {name} as from rows_to_keep")
    return _lazy(home.query("unused", f"from {name}"))


def on_engine(local: pl.DataFrame | pl.LazyFrame, engine: Running) -> Frame:
    """Move a Polars frame to an engine."""
    match engine:
        case "polars":
            return _lazy(local.lazy())
        case "duckdb":
            return _lazy(duckdb_connection().from_arrow(local.lazy().collect().to_arrow()))
        case "spark":
            return _lazy(spark.placed(local.lazy().collect(), session(memory_budget())))


def require_stage(engine: Running, what: str) -> None:
    """Check that Spark's workers will see a file that this process makes. Raises `NotShared`, `UsageError`.

    ``what``: the name of the file in the message.
    """
    if engine == "spark" and stage_folder(session(memory_budget())) is None:
        raise not_staged(what)


def scan_parquet(paths: Sequence[str], engine: Running, partitions: Mapping[str, type] | None = None) -> Frame:
    """Scan Parquet files as a lazy frame that reads only the needed columns.

    ``partitions`` are columns in folder names (``year=2004/...``), whole numbers or text.
    On engines without time zones per column, times become local times in the zone that the file states. The year of a
    time therefore depends neither on the engine nor on the time zone of the machine. Raises `NotAFile`.
    """
    paths = list(map(doors.regular, paths))
    match engine:
        case "polars":
            import polars as pl

            kinds = {name: pl.Int64 if kind is int else pl.String for name, kind in (partitions or {}).items()}
            schema = kinds or None
            return _lazy(pl.scan_parquet(list(paths), glob=False, hive_schema=schema, hive_partitioning=bool(kinds)))
        case "duckdb":
            quoted = {name.replace("'", "''"): kind for name, kind in (partitions or {}).items()}
            types = [f"'{name}': {'BIGINT' if kind is int else 'VARCHAR'}" for name, kind in quoted.items()]
            hive = f"hive_types={{{', '.join(types)}}}" if types else "hive_partitioning=false"
            there = {_quoted(name): zone.replace("'", "''") for name, zone in time_zones(paths[0]).items()}
            local = ", ".join(f"timezone('{zone}', {name}) as {name}" for name, zone in there.items())
            names = [re.sub(r"([*?[])", r"[\1]", path) for path in paths]  # escape DuckDB's patterns in paths
            chosen = f"select * replace ({local}) " if local else ""
            return _lazy(duckdb_connection().sql(f"{chosen}from read_parquet($1, {hive})", params=[names]))
        case "spark":
            return _lazy(spark.scanned(session(memory_budget()), paths, time_zones(paths[0])))


def open_by_spark(location: str, form: str = "parquet") -> Frame:
    """Open the table at an address that Spark reads. Raises Spark's own errors, `LookupError` if it is empty."""
    return _lazy(spark.opened(session(memory_budget()), location, form))


def files_of(frame: Frame, location: str) -> list[str]:
    """List the files from which a Spark frame at an address is read. Raises Spark's own errors."""
    return spark.files_of(session(memory_budget()), nw.to_native(frame), location)


def folders_as_text(frame: Frame, location: str, names: Sequence[str]) -> Frame:
    """Reread the same Parquet files on Spark, with the named folder columns as text."""
    return _lazy(spark.as_text(session(memory_budget()), nw.to_native(frame), location, names))


def listed_by_spark(location: str) -> list[str]:
    """List names, sizes and times of the files at an address, as Spark reports them. Raises Spark's own errors."""
    return spark.listed(session(memory_budget()), location)


def time_zones(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return the time zone of each column of a Parquet file that has one."""
    import polars as pl

    kinds = pl.scan_parquet(doors.regular(os.fspath(path)), glob=False).collect_schema().items()
    return {name: kind.time_zone for name, kind in kinds if isinstance(kind, pl.Datetime) and kind.time_zone}


def _quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def foreign_texts(frame: Frame, names: Sequence[str]) -> list[str]:
    """Return the columns of ``names`` with a character beyond ASCII; on Spark, all of ``names``."""
    if not names:
        return []
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            import polars as pl

            tests = [(pl.col(n).str.len_bytes() != pl.col(n).str.len_chars()).any() for n in names]
            asked = native.select(test.alias(str(i)) for i, test in enumerate(tests))
        case "duckdb":
            sql = ", ".join(f'bool_or(strlen({q}) <> length({q})) as "{i}"' for i, q in enumerate(map(_quoted, names)))
            asked = native.query("rows_asked", f"select {sql} from rows_asked")
        case "spark":
            return list(names)
    row = collect(_lazy(asked)).row(0)
    return [name for name, foreign in zip(names, row, strict=True) if foreign]


def choose_engine(wanted: Engine, cells: int) -> tuple[Running, str]:
    """Choose the engine for a table of about ``cells`` cells (rows x columns); also return the reason for DuckDB."""
    if wanted != "auto":
        return wanted, ""
    budget = memory_budget()
    if cells * CELL <= budget:
        return "polars", ""
    size, most, folder = size_of(cells * CELL), size_of(budget), str(spill_folder())
    return "duckdb", say("sources.engine-duckdb", size=size, budget=most, folder=folder)


def require_engine(engine: Engine) -> None:
    """Open the session of Spark before any file is read, so that a cluster is asked once and not for every file.

    The other engines need nothing. Raises what `sessions.session` raises.
    """
    if engine == "spark":
        session(memory_budget())


def size_of(n: int) -> str:
    """Return a number of bytes in words, such as 1.5 GB."""
    return f"{n / 2**30:,.1f} GB" if n >= 1 << 30 else f"{n / 2**20:,.1f} MB"


def memory_budget() -> int:
    """Return the bytes that a run may use: ``INTEGRADE_MEMORY`` (as 12GB), else half of the free memory, at most 6 GB.

    A command, and a measure of quality in Python, finds it out once (`one_budget`). Raises `UsageError` if
    ``INTEGRADE_MEMORY`` is not a size, or is too small for any table.
    """
    return once(_asked_budget, os.environ.get("INTEGRADE_MEMORY", ""))


def _asked_budget() -> int:
    return stated_size("INTEGRADE_MEMORY") or min(MOST, free_memory() // 2)


def share_of_budget() -> int:
    """Return a third of the memory budget: for DuckDB, for arrays as long as a table, and for pieces and blocks."""
    return memory_budget() // 3


def tell_of_need(what: str, need: int) -> None:
    """Warn before work on ``what`` that holds more bytes at once than a third of the memory budget."""
    if need > share_of_budget():
        log.warning(say("sources.beyond-budget", what=what, need=size_of(need), budget=size_of(memory_budget())))


def stated_size(name: str) -> int | None:
    """Return the bytes that an environment variable states (as 12GB); None if it is unset.

    Raises `UsageError` if the value is not a size, or is too small or too large to be meant.
    """
    given = os.environ.get(name, "")
    if not given:
        return None
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MGT])i?B?", given.strip(), re.IGNORECASE | re.ASCII)
    if size is None:
        raise UsageError(f"{name}={given!r} is not a size", remedy=f"for example {name}=12GB")
    n_bytes = float(size[1]) * 2.0 ** {"M": 20, "G": 30, "T": 40}[size[2].upper()]
    if not FEWEST <= n_bytes <= sys.maxsize:
        what = f"{name}={given!r} is {'less than 256 KB' if n_bytes < FEWEST else 'more than a machine has'}"
        raise UsageError(what, remedy=f"for example {name}=12GB")
    return int(n_bytes)


def return_memory() -> None:
    """Return freed memory to the operating system; otherwise the C library (glibc) keeps it for later allocations.

    The C library keeps freed arrays of a few megabytes if they lie between arrays in use. Without this call, a run of
    many steps would keep its largest memory until its end.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


@cache
def spill_folder() -> str:
    """Create and return this process's folder, in ``TMPDIR`` or /var/tmp, for rows that exceed the memory budget."""
    folder = scratch_folder(spill_place()) / "rows"
    folder.mkdir(exist_ok=True)
    return str(folder)


def require_disk(need: int) -> None:
    """Check that the disk of the spill folder has room for ``need`` bytes, and report them in the log.

    Raises `SystemRefusal`.
    """
    folder = spill_place()
    free = shutil.disk_usage(folder).free
    if need > free:
        raise SystemRefusal(
            f"rows beyond the memory budget need about {size_of(need)} on the disk of {folder}, which has "
            f"{size_of(free)} free",
            where=folder,
            remedy="free space on that disk, name a folder on another disk in the environment variable TMPDIR, or "
            "raise INTEGRADE_MEMORY",
        )
    log.info(say("sources.spilled", need=size_of(need), folder=folder, free=size_of(free)))


def duckdb_connection() -> Any:
    """Return DuckDB's default connection, whose tables users can join, or the connection of `own_connection`.

    The connection is limited to the memory budget, unless the user has set a limit.
    """
    connections = _OWN.get()
    if connections:
        return connections[0]
    import duckdb

    with _ASKING:
        shared = duckdb.default_connection()
        with duckdb.connect() as fresh:
            untouched = _memory_limit(shared) == _memory_limit(fresh)
        if untouched:
            for name, limit in duckdb_limits().items():
                shared.execute(f"set {name} = $1", [limit])
        connections = [shared] if connections is None else connections
        if not connections:
            connections.append(shared.cursor())
        # DuckDB draws its progress bar in an interactive session, also if the output goes to a file or a pipe.
        if sys.stdout is None or not (sys.stdout.isatty() or "ipykernel" in sys.modules):
            connections[0].execute("set enable_progress_bar = false")
    return connections[0]


@contextmanager
def own_connection() -> Iterator[None]:
    """Give DuckDB queries in this block their own connection, because one connection runs one query at a time.

    Frames of this connection can be joined with each other, but not with frames of other connections. No frame of this
    connection can be used after the block.
    """
    connections: list[Any] = []
    token = _OWN.set(connections)
    try:
        yield
    finally:
        _OWN.reset(token)
        for connection in connections:
            connection.close()


def duckdb_limits() -> dict[str, str]:
    """Return the settings that give a DuckDB connection its share of the memory budget, but at least `LEAST_DUCKDB`."""
    return {"memory_limit": f"{max(LEAST_DUCKDB, share_of_budget() >> 20)}MiB", "temp_directory": spill_folder()}


def _memory_limit(connection: Any) -> str:
    return str(connection.sql("select current_setting('memory_limit')").fetchall()[0][0])


def beside(frame: Frame, local: pl.DataFrame, on: Sequence[str]) -> Frame:
    """Left-join ``local`` (one row per key) to the frame on ``on``. Keys that ``local`` lacks get missing values."""
    if engine_of(frame) != "polars":
        return frame.join(place(local, frame), on=list(on), how="left")
    native: Any = nw.to_native(frame)
    joined: Frame = nw.from_native(native.join(local.lazy(), on=list(on), how="left", maintain_order="left"))
    return joined


_AT = "_place_of_the_row"


def keeping_order(frame: Frame, change: Callable[[Frame], Frame]) -> Frame:
    """Apply a change (a join, a window), and restore the order of the rows.

    Engines do not guarantee the order of a join. On Spark rows have no order to keep.
    """
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            numbered = _lazy(native.with_row_index(_AT))
        case "duckdb":
            numbered = _lazy(native.project(f"*, row_number() over () as {_AT}"))
        case "spark":
            return change(frame)
    return change(numbered).sort(_AT).drop(_AT)
