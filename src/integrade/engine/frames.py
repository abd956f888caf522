"""The only file that knows which dataframe engine is running.

Inside integrade every table is a lazy narwhals frame on Polars, DuckDB or Spark. Users hand in whatever they have
(pandas, Polars, Arrow, DuckDB, Spark, or a `Table`) and get the same kind back.
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

from integrade.engine import doors, spark
from integrade.engine.engines import Engine as Engine
from integrade.engine.memory import free_memory
from integrade.engine.scratch import scratch_folder, spill_place
from integrade.engine.sessions import mend_division, session
from integrade.engine.stage import is_address, not_staged, stage_folder, written_as
from integrade.engine.system import refusal_of
from integrade.errors import UsageError, damaged
from integrade.wording.account import Account, Entry
from integrade.wording.escaping import for_terminal
from integrade.wording.texts import say

if TYPE_CHECKING:
    import polars as pl

Frame: TypeAlias = nw.LazyFrame[Any]
Data = TypeVar("Data")
"""The kind of table that a caller gave, and that comes back: a `Table`, pandas, Polars, Arrow, DuckDB or Spark."""
Running = Literal["polars", "duckdb", "spark"]

CELL = 40  # bytes per cell (row x column) that export quality needs on Polars at its peak: 34 measured at 10 m rows
MOST = 6 << 30  # bytes of the memory budget, unless INTEGRADE_MEMORY says otherwise
FEWEST = 1 << 18  # bytes below which INTEGRADE_MEMORY is a slip
LEAST_DUCKDB = 32  # MiB below which DuckDB refuses tables of any size
BATCH = 1 << 19  # rows of a piece where a table is taken in pieces
GROUP = 1 << 17  # rows of a group of a Parquet file: without it groups are what threads happen to hold
log = logging.getLogger("integrade")
_ASKING = Lock()
_OWN: ContextVar[list[Any] | None] = ContextVar("own_connection", default=None)


@dataclass(frozen=True)
class Table:
    """A named table with the account of how it came to be.

    ``data`` is a native frame of whichever engine made it; `polars` materialises it. ``conformed`` names the canonical
    table through whose door it came already (`schema.conform`). ``form`` is the basis of a table of prices that its
    source or its own words say: link, fixed, level, year_on_year or a rate; empty where nothing says it. ``units``:
    column -> the unit that its numbers are in (MYR, USD, PPP), where its file or its reader said so. A table is
    accepted wherever a frame is, and by every library that reads the Arrow stream protocol
    (``pandas.DataFrame.from_arrow``, ``polars.DataFrame``, ``duckdb.from_arrow`` ...).
    """

    name: str
    data: Any
    account: Account = field(default_factory=Account)
    conformed: str = ""
    form: str = ""
    units: Mapping[str, str] = field(default_factory=dict)

    def polars(self) -> pl.DataFrame:
        """The rows as a Polars frame in memory."""
        return collect(enter(self.data))

    def pandas(self) -> Any:
        """The rows as a pandas frame (needs pandas)."""
        return self.polars().to_pandas()

    @property
    def columns(self) -> list[str]:
        """Column names in order."""
        return enter(self.data).collect_schema().names()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow stream protocol."""
        return self.polars().__arrow_c_stream__(requested_schema)

    def __str__(self) -> str:
        """Its name and first rows."""
        return for_terminal(f"{self.name}\n{collect(enter(self.data).head(10))}")

    def _repr_html_(self) -> str:
        return str(self.polars()._repr_html_())


def enter(data: Any) -> Frame:
    """Any supported frame as a lazy narwhals frame; pandas and Arrow tables are taken onto Polars.

    NaN becomes missing on the way from pandas. What holds a Polars frame named ``table`` is that frame. Raises
    `UsageError` for anything that is not a table.
    """
    import polars as pl

    if isinstance(data, Table):
        data = data.data
    if isinstance(data, nw.LazyFrame):
        return data
    if type(data).__module__.startswith("pyspark.sql.connect"):
        mend_division()
    try:
        frame = nw.from_native(data)
    except TypeError:
        if isinstance(table := getattr(data, "table", None), pl.DataFrame):
            return _lazy(table)
        raise UsageError(
            f"expected a table, got {type(data).__name__}",
            remedy="give a pandas, Polars, Arrow, DuckDB or Spark frame, or what read_prices() and its kin return",
        ) from None
    if isinstance(frame, nw.LazyFrame):
        return frame
    if frame.implementation.is_pandas_like():
        return _lazy(pl.from_pandas(frame.to_pandas(), nan_to_null=True))
    return _lazy(frame.to_polars())


def account_of(data: Any) -> Account:
    """The account that a `Table` brings along; empty for a bare frame."""
    return data.account if isinstance(data, Table) else Account()


def units_of(data: Any) -> Mapping[str, str]:
    """The units that a `Table` says its columns are in; none for a bare frame."""
    return data.units if isinstance(data, Table) else {}


def form_of(data: Any) -> str:
    """The basis that a `Table` of prices says it has; empty for a bare frame.

    A validated one of rates of change holds the indices 100 + rate.
    """
    return data.form if isinstance(data, Table) else ""


def _lazy(native: Any) -> Frame:
    frame: Frame = nw.from_native(native).lazy()
    return frame


def give_back(frame: Frame, like: Data, *, name: str, account: Account, conformed: str = "", made: bool = True) -> Data:
    """A result in the kind of frame that came in: a `Table` for a `Table`, pandas for pandas, and so on.

    Numbers that are not finite are missing in it, and counted with a warning. ``made``: rows are computed; those of a
    frame whose columns are made when they are asked for are not looked at, nor are those on Spark, where each look is a
    job. A bare frame cannot carry its account, so the account is logged.
    """
    frame, lost = without_infinite(frame, name) if made and not frame.implementation.is_pyspark() else (frame, ())
    return cast("Data", _alike(frame, like, name, account + lost, conformed))


def without_infinite(frame: Frame, name: str) -> tuple[Frame, tuple[Entry, ...]]:
    """A frame whose numbers are finite or missing, and how many were not, by column."""
    reals = [column for column, kind in frame.collect_schema().items() if kind.is_float()]
    odd = {c: ~nw.col(c).is_null() & ~nw.col(c).is_finite() for c in reals}
    if not odd:
        return frame, ()
    counts = collect(frame.select(*[test.cast(nw.Int64).sum().alias(c) for c, test in odd.items()])).row(0, named=True)
    lost = {c: n for c, n in counts.items() if n}
    said = [Entry("result", name, "warning", say("account.not-finite", column=c, n=n), n) for c, n in lost.items()]
    finite = [nw.when(nw.col(c).is_finite()).then(nw.col(c)).alias(c) for c in lost]
    return (frame.with_columns(*finite) if lost else frame), tuple(said)


def _alike(frame: Frame, like: Any, name: str, account: Account, conformed: str) -> Any:
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
    """Which engine a frame runs on."""
    if frame.implementation.is_polars():
        return "polars"
    return "duckdb" if frame.implementation.is_duckdb() else "spark"


@contextmanager
def _damage_told(native: Any, written: str = "") -> Iterator[None]:
    """What Polars cannot read of a file, or write to one, is told as the coded error."""
    import polars as pl

    try:
        yield
    except pl.exceptions.ComputeError as problem:
        raise refusal_of(problem, written or None) or damaged(problem, native.explain(optimized=False)) from None


def collect(frame: Frame) -> pl.DataFrame:
    """Run a frame and hold the rows in memory, as Polars."""
    import polars as pl

    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            with _damage_told(native):
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
    """As `collect`, of a whole table that a step needs in memory; ``rows``: how many they are, where that is known.

    On Spark its size is said, and `OutOfMemory` raised before any row travels where the memory budget does not hold it.
    """
    if engine_of(frame) == "spark":
        return spark.brought(nw.to_native(frame), what, memory_budget(), rows)
    return collect(frame)


def quantiles(frame: Frame, column: str, by: Sequence[str], shares: Sequence[float]) -> pl.DataFrame:
    """Quantiles of the values of a column by group, linear between order statistics: ``by``, then q0, q1 ..."""
    if engine_of(frame) == "spark":
        return spark.quantiles(nw.to_native(frame), column, by, shares)
    x = nw.col(column)
    wanted = [x.quantile(share, interpolation="linear").alias(f"q{i}") for i, share in enumerate(shares)]
    return collect(frame.group_by(*by).agg(*wanted) if by else frame.select(*wanted))


def write_folder(frame: Frame, place: str) -> None:
    """The rows as a folder of Parquet files, on Spark by its workers; ``place``: a path or an address of a store."""
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
    """Whether there are files at a place where Spark's workers are to write, which is an address or a path.

    Raises `NotShared` for a path that they do not see, what Spark raises for an address that it cannot look at.
    """
    there = session(memory_budget())
    if is_address(place):
        return spark.has_files(there, place)
    written_as(there, os.path.dirname(os.path.abspath(place)))
    return os.path.exists(place)


def collect_coded(frame: Frame) -> pl.DataFrame:
    """As `collect`, text as numbers of a dictionary (`polars.Categorical`): a quarter of its memory."""
    import polars as pl

    coded = pl.col(pl.String).cast(pl.Categorical)
    if engine_of(frame) != "polars":
        return collect(frame).with_columns(coded)
    native: Any = nw.to_native(frame)
    return collect(_lazy(native.with_columns(coded)))


def deferred(make: Callable[[], pl.DataFrame], kinds: Mapping[str, Any]) -> Frame:
    """A frame on Polars whose rows are made when it is run, of columns of these kinds."""
    return _lazy(pl.defer(make, schema=dict(kinds)))


def batches(frame: Frame) -> Iterator[pl.DataFrame]:
    """The rows of a frame in pieces and in any order, as Polars; on Spark in one."""
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            with _damage_told(native):
                yield from native.collect_batches(chunk_size=BATCH, maintain_order=False, engine="streaming")
        case "duckdb":
            yield from (pl.DataFrame(rows) for rows in native.to_arrow_reader(BATCH))
        case "spark":
            yield collect(frame)


def as_ranks(frame: Frame, names: Sequence[str]) -> tuple[Frame, dict[str, pl.Series]] | None:
    """Text as its rank among its sorted values, and those values; None on an engine without a dictionary of text."""
    import polars as pl

    from integrade.engine.ranks import ranked

    if engine_of(frame) != "polars":
        return None
    dictionary = [pl.col(n).cast(pl.Categorical(pl.Categories.random())) for n in names]
    native: Any = nw.to_native(frame)
    rows, values = native.with_columns(dictionary).collect(), dict[str, pl.Series]()
    for name in names:
        ranks, values[name] = ranked(rows[name])
        rows = rows.with_columns(pl.Series(name, ranks))
    return _lazy(rows), values


def write_parquet(frame: Frame, path: str) -> None:
    """The rows as a Parquet file, piece by piece on DuckDB and Polars; whole numbers are of 64 bits."""
    wide = {nw.Int128: nw.Int64, nw.UInt128: nw.Int64, nw.Decimal: nw.Float64}
    kinds = {name: wide[type(kind)] for name, kind in frame.collect_schema().items() if type(kind) in wide}
    match engine_of(frame):
        case "duckdb":
            whole: Any = nw.to_native(frame.with_columns(nw.col(name).cast(kind) for name, kind in kinds.items()))
            whole.write_parquet(path, compression="zstd")
        case "polars":
            native: Any = nw.to_native(frame)
            with _damage_told(native, path):
                native.sink_parquet(path, row_group_size=GROUP)
        case "spark":
            bring(frame, os.path.basename(path)).write_parquet(path)


def place(local: pl.DataFrame, like: Frame) -> Frame:
    """A local table on the engine (and connection) of ``like``, so that the two can be joined."""
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

    On Spark their order is lost: sort what comes back. On DuckDB they become a temporary table of the connection, which
    spills to disk. Give as ``home`` a frame of the same connection that outlives what ``frame`` is made of.
    """
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            return _lazy(native.collect(engine="streaming"))
        case "duckdb":
            return _temporary(native, f"integrade_{uuid4().hex}", native if home is None else nw.to_native(home))
        case "spark":
            return _lazy(spark.kept(native)[0])


def divided(frame: Frame, name: str, by: int) -> Frame:
    """A column of whole numbers, none below 0, divided by one of 1 or more, without what is over.

    Exact up to 2^63: narwhals divides on Spark as floating-point numbers do, which are whole numbers up to 2^53 alone.
    """
    if engine_of(frame) == "spark":
        return _lazy(spark.divided(nw.to_native(frame), name, by))
    return frame.with_columns((nw.col(name) // by).alias(name))


@contextmanager
def held(frame: Frame) -> Iterator[Frame]:
    """A frame run once, its rows kept on the engine until the block ends."""
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
    """Rows on Spark in Parquet files that its workers open by themselves, each whole."""

    native: spark.Files

    def frame(self) -> Frame:
        """The rows of all files."""
        return _lazy(self.native.frame())

    def mapped(self, task: Callable[[int, pl.DataFrame], pl.DataFrame], kinds: Mapping[str, type]) -> Frame:
        """What a task makes of the number of a file and its rows; ``kinds``: int, float or str of every column."""
        return _lazy(self.native.mapped(task, kinds))

    def write_beside(self, local: pl.DataFrame) -> str:
        """A local table as a Parquet file that workers can open: its address."""
        return self.native.write_beside(local)


def files_by(
    frame: Frame,
    by: str,
    n: int,
    look: Callable[[pl.DataFrame], pl.DataFrame],
    kinds: Mapping[str, type],
    kept: ExitStack,
) -> tuple[Files, pl.DataFrame] | None:
    """The rows of a frame on Spark in about ``n`` files, those alike in ``by`` in one, while ``kept``.

    With what its workers see when they ``look`` at each: columns of ``kinds`` (int, float or str) beside the name of
    the file. None where no folder is known that all workers see.
    """
    made = spark.files_by(nw.to_native(frame), by, n, spark.Look(look, kinds), kept)
    return None if made is None else (Files(made[0]), made[1])


def workers_know(frame: Frame, module: str) -> bool:
    """Whether Python code of ``module`` runs on a worker of the session of a frame on Spark."""
    return spark.workers_know(nw.to_native(frame), module)


@contextmanager
def held_pieces(pieces: Iterator[pl.DataFrame], like: Frame) -> Iterator[Frame]:
    """Pieces one after another on the DuckDB connection of ``like``, until the block ends."""
    native: Any = nw.to_native(like)
    name = f"integrade_{uuid4().hex}"
    try:
        yield pieces_on(pieces, like, name)
    finally:
        native.query("unused", f"drop table if exists {name}")


def pieces_on(pieces: Iterator[pl.DataFrame], like: Frame, name: str = "") -> Frame:
    """Pieces one after another as a temporary table on the DuckDB connection of ``like``."""
    native: Any = nw.to_native(like)
    name = name or f"integrade_{uuid4().hex}"
    for i, piece in enumerate(pieces):
        rows: Any = nw.to_native(place(piece, like))
        rows.query("more_rows", f"{f'insert into {name}' if i else f'create temp table {name} as'} from more_rows")
    return _lazy(native.query("unused", f"from {name}"))


def spilled_numbers(n: int, kind: Any) -> Any:
    """Room for so many numbers in a file of `spill_folder` that has no name: gone with the array.

    The file has its size from the start, so that a full disk is an error here and not the end of the process later.
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
    """A Polars frame moved to an engine."""
    match engine:
        case "polars":
            return _lazy(local.lazy())
        case "duckdb":
            return _lazy(duckdb_connection().from_arrow(local.lazy().collect().to_arrow()))
        case "spark":
            return _lazy(spark.placed(local.lazy().collect(), session(memory_budget())))


def require_stage(engine: Running, what: str) -> None:
    """Refuse, before it is made, a file for workers of Spark that could not see it. Raises `NotShared`, `UsageError`.

    ``what``: the file that is to be read, for the message.
    """
    if engine == "spark" and stage_folder(session(memory_budget())) is None:
        raise not_staged(what)


def scan_parquet(paths: Sequence[str], engine: Running, partitions: Mapping[str, type] | None = None) -> Frame:
    """Parquet files as a lazy frame of the needed columns; ``partitions`` are whole or text (``year=2004/...``).

    Engines that know no time zone of a column have its times as clocks in the zone of the file show them, so that a
    year depends neither on the engine nor on where the machine stands. Raises `NotAFile`.
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
            names = [re.sub(r"([*?[])", r"[\1]", path) for path in paths]  # as patterns that stand for themselves
            chosen = f"select * replace ({local}) " if local else ""
            return _lazy(duckdb_connection().sql(f"{chosen}from read_parquet($1, {hive})", params=[names]))
        case "spark":
            return _lazy(spark.scanned(session(memory_budget()), paths, time_zones(paths[0])))


def open_by_spark(location: str, form: str = "parquet") -> Frame:
    """What stands at an address that Spark itself opens. Raises what Spark raises, `LookupError` for nothing."""
    return _lazy(spark.opened(session(memory_budget()), location, form))


def files_of(frame: Frame, location: str) -> list[str]:
    """The files at an address that a frame on Spark is read from. Raises what Spark raises."""
    return spark.files_of(session(memory_budget()), nw.to_native(frame), location)


def folders_as_text(frame: Frame, location: str, names: Sequence[str]) -> Frame:
    """The same Parquet files on Spark with columns that their folders give as text."""
    return _lazy(spark.as_text(session(memory_budget()), nw.to_native(frame), location, names))


def listed_by_spark(location: str) -> list[str]:
    """Names, sizes and times of the files at an address, as Spark lists them. Raises what Spark raises."""
    return spark.listed(session(memory_budget()), location)


def time_zones(path: str | os.PathLike[str]) -> dict[str, str]:
    """The time zones of the columns of a Parquet file that have one."""
    import polars as pl

    kinds = pl.scan_parquet(doors.regular(os.fspath(path)), glob=False).collect_schema().items()
    return {name: kind.time_zone for name, kind in kinds if isinstance(kind, pl.Datetime) and kind.time_zone}


def _quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def foreign_texts(frame: Frame, names: Sequence[str]) -> list[str]:
    """Those of some columns of text in which a cell has a character beyond ASCII, in one pass."""
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
    """The engine for a table of about so many cells (rows x columns), and why when it is not the usual Polars."""
    if wanted != "auto":
        return wanted, ""
    budget = memory_budget()
    if cells * CELL <= budget:
        return "polars", ""
    size, most, folder = _size(cells * CELL), _size(budget), str(spill_folder())
    return "duckdb", say("sources.engine-duckdb", size=size, budget=most, folder=folder)


def _size(n: int) -> str:
    return f"{n / 2**30:,.1f} GB" if n >= 1 << 30 else f"{n / 2**20:,.1f} MB"


def memory_budget() -> int:
    """Bytes that a run may take: ``INTEGRADE_MEMORY`` (as 12GB), else half of the free memory, at most 6 GB.

    Raises `UsageError` for an ``INTEGRADE_MEMORY`` that is no size, or too little for any table.
    """
    return stated_size("INTEGRADE_MEMORY") or min(MOST, free_memory() // 2)


def stated_size(name: str) -> int | None:
    """The bytes that a variable of the environment states (as 12GB); None without it.

    Raises `UsageError` for what is no size, or one that is too small or too large for any work.
    """
    given = os.environ.get(name, "")
    if not given:
        return None
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MGT])i?B?", given.strip(), re.IGNORECASE | re.ASCII)
    if size is None:
        raise UsageError(f"{name}={given!r} is not a size", remedy=f"for example {name}=12GB")
    found = float(size[1]) * 2.0 ** {"M": 20, "G": 30, "T": 40}[size[2].upper()]
    if not FEWEST <= found <= sys.maxsize:
        what = f"{name}={given!r} is {'less than 256 KB' if found < FEWEST else 'more than a machine has'}"
        raise UsageError(what, remedy=f"for example {name}=12GB")
    return int(found)


def return_memory() -> None:
    """Give memory that was freed back to the system, where the C library keeps it for later (glibc).

    Arrays of a few megabytes lie between others: without this a run of many steps holds what its largest ones took.
    """
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


@cache
def spill_folder() -> str:
    """Where rows beyond the memory budget go: a folder of this process in ``TMPDIR`` or /var/tmp, which is on disk."""
    folder = scratch_folder(spill_place()) / "rows"
    folder.mkdir(exist_ok=True)
    return str(folder)


def duckdb_connection() -> Any:
    """DuckDB's default connection, whose tables users can join, or that of an `own_connection`.

    Within the memory budget unless they set a limit.
    """
    made = _OWN.get()
    if made:
        return made[0]
    with _ASKING:
        shared = _within_budget()
        made = [shared] if made is None else made
        if not made:
            made.append(shared.cursor())
        _without_progress(made[0])
    return made[0]


def _without_progress(connection: Any) -> None:
    """No bar of progress where what is printed goes into a file or a pipe; DuckDB draws it where no script runs."""
    if sys.stdout is None or not (sys.stdout.isatty() or "ipykernel" in sys.modules):
        connection.execute("set enable_progress_bar = false")


def _within_budget() -> Any:
    import duckdb

    shared = duckdb.default_connection()
    with duckdb.connect() as fresh:
        untouched = _memory_limit(shared) == _memory_limit(fresh)
    if untouched:
        for name, limit in duckdb_limits().items():
            shared.execute(f"set {name} = $1", [limit])
    return shared


@contextmanager
def own_connection() -> Iterator[None]:
    """Within the block DuckDB is asked on a connection of its own, since one takes no two questions at once.

    Its frames join with each other and not with those of other connections, and end with the block.
    """
    made: list[Any] = []
    token = _OWN.set(made)
    try:
        yield
    finally:
        _OWN.reset(token)
        for connection in made:
            connection.close()


def duckdb_limits() -> dict[str, str]:
    """The settings that keep a DuckDB connection within the memory budget, or the least that it works with."""
    return {"memory_limit": f"{max(LEAST_DUCKDB, memory_budget() >> 20)}MiB", "temp_directory": spill_folder()}


def _memory_limit(connection: Any) -> str:
    return str(connection.sql("select current_setting('memory_limit')").fetchall()[0][0])


def beside(frame: Frame, local: pl.DataFrame, on: Sequence[str]) -> Frame:
    """Every row of the frame with the columns of ``local`` (one row per key) for its key, missing where it has none."""
    if engine_of(frame) != "polars":
        return frame.join(place(local, frame), on=list(on), how="left")
    native: Any = nw.to_native(frame)
    joined: Frame = nw.from_native(native.join(local.lazy(), on=list(on), how="left", maintain_order="left"))
    return joined


_AT = "_place_of_the_row"


def keeping_order(frame: Frame, change: Callable[[Frame], Frame]) -> Frame:
    """The frame after a change (a join, a window) with its rows in the order in which they were given.

    Engines promise no order of what they join. Rows of Spark have none to keep.
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
