"""Run the Spark operations behind `engine.frames` on native Spark frames; PySpark is imported only when used."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote
from uuid import uuid4
from weakref import WeakKeyDictionary, finalize

from integrade.engine import shipped
from integrade.engine.sessions import lost, text_of
from integrade.engine.stage import (
    NOT_THERE,
    discard,
    for_spark,
    is_address,
    readable_by_workers,
    stage_below,
    stage_folder,
    table_at,
    written_as,
)
from integrade.errors import OutOfMemory
from plainwords.texts import say
from rawcells import doors

if TYPE_CHECKING:
    import polars as pl

TEXT, NUMBER = 24, 8  # bytes assumed per cell of text and of numbers brought to this process; 24 is a convention
BROADCAST = 64 << 20  # a local table of at most this many bytes is sent whole to every worker; a convention
log = logging.getLogger("integrade")
_KNOWN: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()
_SHIPPED = "shipped"  # the entry of a session whose workers get integrade's modules with each task


def placed(local: pl.DataFrame, session: Any) -> Any:
    """Move a local table to a Spark session; unsigned integers become signed, and times have no time zone."""
    import polars.selectors as cs
    import pyarrow as pa
    from pyspark.sql.pandas.types import from_arrow_schema

    rows = local.with_columns(cs.unsigned_integer().cast(int)).to_arrow()
    # Every PySpark version knows Arrow's type string; not all know large_string.
    kinds_of_text = [
        field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field for field in rows.schema
    ]
    small = rows.cast(pa.schema(kinds_of_text))
    kinds = from_arrow_schema(small.schema, prefer_timestamp_ntz=True)
    if _takes_arrow():
        return session.createDataFrame(small, kinds)
    return session.createDataFrame(local.rows(), kinds)


def _takes_arrow() -> bool:
    """Return whether this PySpark converts Arrow tables by public functions (4.0 or later)."""
    from pyspark import __version__

    return int(__version__.split(".")[0]) >= 4


def placed_beside(local: pl.DataFrame, native: Any) -> Any:
    """Move a local table to the session of another frame; a small table is broadcast to every worker."""
    there = placed(local, native.sparkSession)
    return there.hint("broadcast") if local.estimated_size() <= BROADCAST else there


def collected(native: Any) -> pl.DataFrame:
    """Return all rows in memory."""
    import polars as pl

    return pl.DataFrame(arrow_of(native))


def arrow_of(native: Any) -> Any:
    """Return all rows as an Arrow table."""
    if _takes_arrow():
        return native.toArrow()
    from pyspark.sql.pandas.types import to_arrow_schema

    if hasattr(type(native), "_collect_as_arrow"):  # PySpark 3.5, its driver here
        import pyarrow as pa

        return pa.Table.from_batches(native._collect_as_arrow(), to_arrow_schema(native.schema))
    client = native.sparkSession.client
    return client.to_table(native._plan.to_proto(client))[0]


def scanned(session: Any, paths: Sequence[str], zones: Mapping[str, str]) -> Any:
    """Read Parquet files; columns with a time zone become local times in that zone.

    Raises `NotShared` for a path that workers cannot see (`for_spark`).
    """
    rows = session.read.parquet(*for_spark(session, paths))
    return rows.withColumns({n: _clock(n, zone) for n, zone in zones.items()}) if zones else rows


def _clock(name: str, zone: str) -> Any:
    """Convert a column to local time in a zone, whatever the session's time zone.

    The local time in microseconds since 1970 does not depend on the session's zone. Adding it to the time-zone-free
    timestamp of 1970 gives a timestamp without a zone.
    """
    from pyspark.sql import functions as f

    there = f.unix_micros(f.from_utc_timestamp(f.col(f"`{name.replace('`', '``')}`"), zone))
    seconds = there.cast("decimal(20,0)") / f.lit(1_000_000).cast("decimal(7,0)")
    return f.expr("timestamp_ntz'1970-01-01 00:00:00'") + f.make_dt_interval(secs=seconds.cast("decimal(18,6)"))


def opened(session: Any, location: str, form: str) -> Any:
    """Read a Parquet folder, file or pattern, or a table of another format, at an address that Spark itself opens.

    ``form`` does not matter for a table of the catalogue. Raises Spark's own errors, and `LookupError` if there is no
    table.
    """
    if name := table_at(location):
        if not session.catalog.tableExists(name):
            raise LookupError(location)
        return session.table(name)
    rows = session.read.format(form).load(for_spark(session, [location])[0])
    if not rows.columns:
        raise LookupError(location)
    return rows


def as_text(session: Any, rows: Any, location: str, names: Sequence[str]) -> Any:
    """Reread Parquet files with the named folder columns as text; Spark would otherwise infer numbers."""
    from pyspark.sql.types import StringType, StructField, StructType

    fields = [StructField(field.name, StringType()) if field.name in names else field for field in rows.schema]
    return session.read.schema(StructType(fields)).parquet(location)


def files_of(session: Any, rows: Any, location: str) -> list[str]:
    """List the files that rows are read from.

    A server that does not report the files of a frame (Sail) is asked for all files at the address.
    """
    try:
        return list(rows.inputFiles())
    except Exception:
        return [path for (path,) in _files(session, location).select("path").collect()]


def listed(session: Any, location: str) -> list[str]:
    """List names, sizes and times of the files at an address, as Spark reports them.

    For a table of the catalogue, return its number of rows and a sum of hashes of its rows, in any order.
    """
    if name := table_at(location):
        from pyspark.sql import functions as f

        rows = session.table(name)
        hashed = f.xxhash64(*[f.col(f"`{column.replace('`', '``')}`").cast("string") for column in rows.columns])
        counted = rows.select(f.count(f.lit(1)), f.sum(hashed.cast("decimal(20,0)"))).collect()[0]
        return [" ".join(map(str, counted))]
    files = _files(session, location).select("path", "length", "modificationTime")
    return sorted(" ".join(map(str, row)) for row in files.collect())


def _files(session: Any, location: str) -> Any:
    return session.read.format("binaryFile").option("recursiveFileLookup", "true").load(location)


def has_files(session: Any, location: str) -> bool:
    """Return whether files, or a table of the catalogue, exist at an address.

    Raises Spark's own error if Spark cannot list the address.
    """
    if name := table_at(location):
        return bool(session.catalog.tableExists(name))
    try:
        return bool(_files(session, location).select("path").head(1))
    except Exception as problem:  # each kind of session has its own errors
        if lost(problem) is None and any(words in text_of(problem) for words in NOT_THERE):
            return False
        raise


def workers_know(native: Any, module: str) -> bool:
    """Return whether the workers can run ``module`` in this program's version; a session is asked once per module.

    Workers without integrade get its modules with each task (`shipped`).
    """
    session = native.sparkSession
    known = _KNOWN.setdefault(session, {})
    if module not in known:
        lacking = _lacking(session, module)
        if lacking:
            known[_SHIPPED] = True
            lacking = _lacking(session, module)
        if lacking:
            known.pop(_SHIPPED, None)
            libraries = ", ".join(shipped.LIBRARIES)
            log.info(say("sources.workers-lack", module=module, why=lacking, libraries=libraries))
        elif known.get(_SHIPPED):
            log.info(say("sources.workers-get-modules"))
        known[module] = not lacking
    return known[module]


def _for_workers(session: Any, task: Callable[..., Any]) -> Callable[..., Any]:
    """Return a task as the session's workers can load it: with integrade's modules, if the workers lack them."""
    return shipped.with_modules(shipped.by_value(task)) if _KNOWN.get(session, {}).get(_SHIPPED) else task


def _lacking(session: Any, module: str) -> str:
    """Return why a worker cannot run a module; empty if it can."""
    from pyspark.sql.functions import lit, udf

    from integrade import __version__ as here

    def ask(name: str) -> str:
        import importlib

        try:
            from integrade import __version__ as there

            if there != here:
                return f"integrade {there} there, {here} here"
            importlib.import_module("integrade.engine.spark").one_thread_each()
            importlib.import_module("pyarrow")
            importlib.import_module(name)
        except ImportError as problem:
            return str(problem)
        return ""

    try:
        single_row = session.range(1)  # before the column, so that a lost session raises an error that `lost` knows
        asked = udf(_for_workers(session, ask), "string", useArrow=False)
        return str(single_row.select(asked(lit(module)).alias("lacking")).collect()[0][0])
    except Exception as problem:  # the worker has no Python or another version; error types differ between sessions
        if error := lost(problem):
            raise error from None
        return type(problem).__name__


def kept(native: Any, *, now: bool = True) -> tuple[Any, Callable[[], Any]]:
    """Compute rows once and keep them; also return the function that removes them.

    Rows are written to the stage folder, without order. They are not kept in the executors' storage, because rows lost
    there would be recomputed from files that may be gone. Servers without executors (Sail) or with many users
    (Databricks serverless) have no such storage. The exception is a session without a stage, or a classic session with
    ``now=False``: both use the executors' storage. On Spark Connect the files in the stage are removed with the last
    frame made from them.

    ``now``: compute at once, for rows whose inputs may disappear before the rows are used.
    """
    session = native.sparkSession
    classic = is_classic(session)
    place = None if classic and not now else stage_folder(session)
    if place is None:
        persisted = native.persist()
        if now:
            persisted.count()
        return persisted, persisted.unpersist
    folder = f"{place}/{uuid4().hex}"
    native.write.parquet(folder)
    rows = session.read.parquet(folder)
    if not classic:  # every frame derived from these rows refers to this first plan
        finalize(rows._plan, _let_go, folder, os.getpid()).atexit = False
    return rows, partial(discard, folder)


def _let_go(folder: str, process: int) -> None:
    """Remove rows that are no longer used; in an object store by a thread.

    A forked child process does nothing.
    """
    if os.getpid() != process:
        return
    if is_address(folder):
        Thread(target=discard, args=(folder,), daemon=True).start()
    else:
        discard(folder)


def brought(native: Any, what: str, budget: int, rows: int | None = None) -> pl.DataFrame:
    """Compute a table once and collect all its rows; `announce` reports the size before the transfer.

    The rows keep their order. If their number ``rows`` is given, the rows are not stored to be counted, and their order
    may be lost.
    """
    from pyspark.sql.functions import monotonically_increasing_id

    if rows is not None:
        announce(native, rows, what, budget)
        return collected(native)
    at = f"at_{uuid4().hex}"
    ordered = native if is_classic(native.sparkSession) else native.withColumn(at, monotonically_increasing_id())
    stored, let_go = kept(ordered, now=False)
    try:
        announce(stored.drop(at), stored.count(), what, budget)
        local = collected(stored)
    finally:
        let_go()
    return local.sort(at).drop(at) if at in local.columns else local


def staged(native: Any, kept: ExitStack) -> str | None:
    """Write rows as Parquet to a folder of the stage, removed with ``kept``; return None if the stage is a store."""
    place = stage_folder(native.sparkSession)
    if place is None or is_address(place):
        return None
    folder = f"{place}/{uuid4().hex}"
    kept.callback(discard, folder)
    native.write.parquet(folder)
    return folder


def announce(native: Any, rows: int, what: str, budget: int) -> None:
    """Log the size of a table brought to this process, if it is large.

    Raises `OutOfMemory` before any row is transferred if the table exceeds ``budget`` bytes.
    """
    size = sum(TEXT if kind == "string" else NUMBER for _, kind in native.dtypes)
    if rows * size > budget:
        sizes = {"size": f"{rows * size / 2**30:,.1f}", "budget": f"{budget / 2**30:,.1f}"}
        remedy = str(say("sources.too-large-remedy"))
        raise OutOfMemory(str(say("sources.too-large-here", what=what, n=rows, **sizes)), remedy=remedy)
    if rows * size > BROADCAST:
        log.info(say("sources.brought", what=what, n=rows, size=f"{rows * size / 2**20:,.0f}"))


def write_folder(native: Any, place: str) -> None:
    """Write rows as a folder of Parquet files by the workers; a local folder gets its name only when it is complete.

    At the address of a table, the workers write a table of the catalogue, in its own format. In a local folder, marker
    and checksum files of Spark are removed, because other programs read them as Parquet.
    """
    if name := table_at(place):
        native.write.saveAsTable(name)
        return
    if is_address(place):
        native.write.parquet(place)
        return
    target = Path(place)
    name = f"{uuid4().hex}.part"
    try:
        native.write.parquet(f"{written_as(native.sparkSession, str(target.parent))}/{name}")
        for file in (target.parent / name).iterdir():
            if file.name.startswith((".", "_")) and file.is_file():
                file.unlink()
        (target.parent / name).rename(target)
    finally:
        shutil.rmtree(target.parent / name, ignore_errors=True)


def is_classic(session: Any) -> bool:
    """Return whether a session drives Java from this process instead of using a Spark Connect server."""
    return hasattr(session, "_jsparkSession")


class Look(NamedTuple):
    """A task on the rows of one file, with the type (int, float or str) of every column of its result."""

    task: Callable[[pl.DataFrame], pl.DataFrame]
    kinds: Mapping[str, type]


@dataclass(frozen=True)
class Files:
    """Parquet files in a folder that all workers see; a worker opens a file as a whole."""

    session: Any
    folder: str
    paths: tuple[str, ...]

    def frame(self) -> Any:
        """Return the rows of all files."""
        return self.session.read.parquet(*self.paths)

    def mapped(self, task: Callable[[int, pl.DataFrame], pl.DataFrame], kinds: Mapping[str, type]) -> Any:
        """Apply a task to the number and the rows of each file, lazily.

        ``kinds``: int, float or str for every output column. Files are opened again each time the result is run.
        """
        numbers = self.session.range(0, len(self.paths), 1, len(self.paths))
        return _mapped(numbers, _each_file(task, self.paths, kinds), kinds)

    def write_beside(self, local: pl.DataFrame) -> str:
        """Write a local table as a Parquet file that workers can open, and return its path."""
        path = plain(f"{self.folder}/{uuid4().hex}.parquet")
        local.write_parquet(path)
        readable_by_workers(path)
        return path


def files_by(native: Any, by: str, n: int, look: Look, kept: ExitStack) -> tuple[Files, pl.DataFrame] | None:
    """Write rows into about ``n`` files and run ``look`` on each; rows with equal ``by`` share a file.

    The worker that has the rows writes the file and runs ``look``, whose results are returned with the files.
    Return None if there is no folder that all workers see and to which Polars can write.
    """
    session = native.sparkSession
    place = stage_folder(session)
    if place is None or place.startswith("hdfs://"):
        return None
    folder = stage_below(place)
    kept.callback(discard, folder)
    looks = collected(_mapped(native.repartition(n, by), _write_and_look(folder, look), {"file": str, **look.kinds}))
    return Files(session, folder, tuple(sorted(looks["file"].unique()))), looks


def _mapped(native: Any, task: Callable[[Any], Any], kinds: Mapping[str, type]) -> Any:
    task = _for_workers(native.sparkSession, task)
    types = {int: "long", float: "double", str: "string"}
    words = ", ".join(f"`{name}` {types[kind]}" for name, kind in kinds.items())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark 4.3 warns that it does not support pandas 3 yet
        return native.mapInArrow(task, words)


def one_thread_each() -> None:
    """Limit the threads of Polars and numba on a worker process to the cores of its Spark task.

    Both libraries count processors when they are imported, so this function has to run before.
    """
    from pyspark.taskcontext import TaskContext

    if context := TaskContext.get():
        for library, name in (("polars", "POLARS_MAX_THREADS"), ("numba", "NUMBA_NUM_THREADS")):
            if library not in sys.modules:
                os.environ.setdefault(name, str(context.cpus()))


def _unpacked(task: bytes) -> Any:
    """Load a pickled task on a worker, with the libraries that it needs."""
    from pyspark import cloudpickle

    one_thread_each()
    return cloudpickle.loads(task)


def _packed(task: Callable[..., Any]) -> bytes:
    from pyspark import cloudpickle

    dumps: Any = cloudpickle.dumps
    return bytes(dumps(task))


def _write_and_look(folder: str, look: Look) -> Callable[[Any], Any]:
    """Return a task for workers: write the rows of a partition into one file, and yield what ``look`` computes."""
    task = _packed(look.task)
    kinds = {"file": str, **look.kinds}

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        seen = _unpacked(task)
        import polars as pl

        parts = [pl.DataFrame(batch) for batch in batches]
        rows = pl.concat(parts) if parts else pl.DataFrame()
        if rows.height:
            file = f"{folder}/{uuid4().hex}.parquet"
            rows.write_parquet(plain(file))
            yield from _typed(seen(rows).with_columns(file=pl.lit(file)), kinds)

    return run


def _typed(results: pl.DataFrame, kinds: Mapping[str, type]) -> Any:
    import polars as pl

    return results.select(pl.col(name).cast(kind) for name, kind in kinds.items()).to_arrow().to_batches()


def plain(address: str) -> str:
    """Return the path that Polars uses for a file address of Spark.

    Example:
        >>> [plain(name) for name in ("file:///stage/part%201.parquet", "s3a://bucket/x.parquet", "/stage/x.parquet")]
        ['/stage/part 1.parquet', 's3://bucket/x.parquet', '/stage/x.parquet']
    """
    scheme, colon, path = address.partition(":/")
    if scheme == "file":
        return unquote("/" + path.lstrip("/"))
    return f"s3:/{path}" if scheme == "s3a" and colon else address


def _each_file(
    task: Callable[[int, pl.DataFrame], pl.DataFrame], paths: Sequence[str], kinds: Mapping[str, type]
) -> Callable[[Any], Any]:
    """Return a task for workers: open the files whose numbers a partition has, and yield the results for each."""
    packed = _packed(task)

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        run_task = _unpacked(packed)
        import polars as pl

        for batch in batches:
            for i in batch.column(0).to_pylist():
                rows = pl.read_parquet(doors.regular(plain(paths[i])), hive_partitioning=False, glob=False)
                yield from _typed(run_task(i, rows), kinds)

    return run
