"""What `integrade.engine.frames` asks of Spark: native frames of a session; PySpark is imported when it is asked."""

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

from integrade.engine import doors
from integrade.engine.sessions import lost, text_of
from integrade.engine.stage import (
    NOT_THERE,
    discard,
    for_spark,
    is_address,
    readable_by_workers,
    stage_below,
    stage_folder,
    written_as,
)
from integrade.errors import OutOfMemory
from integrade.wording.texts import say

if TYPE_CHECKING:
    import polars as pl

TEXT, NUMBER = 24, 8  # bytes of a cell that is brought to this process
ACCURACY = 10_000  # of Spark's approximate quantiles: ranks are within 1/10,000 of all rows
BROADCAST = 64 << 20  # bytes of a local table that Spark sends to every worker whole
log = logging.getLogger("integrade")
_KNOWN: WeakKeyDictionary[Any, dict[str, bool]] = WeakKeyDictionary()


def placed(local: pl.DataFrame, session: Any) -> Any:
    """A local table on a session, which has no unsigned integers; its times are clocks in every time zone."""
    import polars.selectors as cs
    from pyspark.sql.pandas.types import from_arrow_schema

    rows = local.with_columns(cs.unsigned_integer().cast(int)).to_arrow()
    small = rows.cast(_short_texts(rows.schema))
    kinds = from_arrow_schema(small.schema, prefer_timestamp_ntz=True)
    if _takes_arrow():
        return session.createDataFrame(small, kinds)
    return session.createDataFrame(local.rows(), kinds)


def _short_texts(schema: Any) -> Any:
    """A schema of Arrow with the kind of text that every PySpark knows."""
    import pyarrow as pa

    return pa.schema([one.with_type(pa.string()) if pa.types.is_large_string(one.type) else one for one in schema])


def _takes_arrow() -> bool:
    """Whether tables of Arrow go in and out by PySpark's own functions, as from 4.0 on."""
    from pyspark import __version__

    return int(__version__.split(".")[0]) >= 4


def placed_beside(local: pl.DataFrame, native: Any) -> Any:
    """A local table on the session of another one, sent to every worker where it is small."""
    there = placed(local, native.sparkSession)
    return there.hint("broadcast") if local.estimated_size() <= BROADCAST else there


def collected(native: Any) -> pl.DataFrame:
    """All rows, in memory."""
    import polars as pl

    return pl.DataFrame(arrow_of(native))


def arrow_of(native: Any) -> Any:
    """All rows as a table of Arrow."""
    if _takes_arrow():
        return native.toArrow()
    from pyspark.sql.pandas.types import to_arrow_schema

    if hasattr(type(native), "_collect_as_arrow"):  # PySpark 3.5, its driver here
        import pyarrow as pa

        return pa.Table.from_batches(native._collect_as_arrow(), to_arrow_schema(native.schema))
    client = native.sparkSession.client
    return client.to_table(native._plan.to_proto(client))[0]


def scanned(session: Any, paths: Sequence[str], zones: Mapping[str, str]) -> Any:
    """Parquet files; columns with a time zone have its clocks. Raises `NotShared` as `for_spark`."""
    rows = session.read.parquet(*for_spark(session, paths))
    return rows.withColumns({n: _clock(n, zone) for n, zone in zones.items()}) if zones else rows


def _clock(name: str, zone: str) -> Any:
    """What a clock of a zone shows at the time of a column, whichever zone the session is in.

    The time there less that of UTC is a number that no zone of the session touches; added to the clock of 1970, which
    has none, it is a clock.
    """
    from pyspark.sql import functions as f

    there = f.unix_micros(f.from_utc_timestamp(f.col(f"`{name.replace('`', '``')}`"), zone))
    seconds = there.cast("decimal(20,0)") / f.lit(1_000_000).cast("decimal(7,0)")
    return f.expr("timestamp_ntz'1970-01-01 00:00:00'") + f.make_dt_interval(secs=seconds.cast("decimal(18,6)"))


def opened(session: Any, location: str, form: str) -> Any:
    """A Parquet folder, file or pattern, or a table of another form, at an address that Spark itself opens.

    Raises what Spark raises, `LookupError` where there is nothing.
    """
    rows = session.read.format(form).load(for_spark(session, [location])[0])
    if not rows.columns:
        raise LookupError(location)
    return rows


def as_text(session: Any, rows: Any, location: str, names: Sequence[str]) -> Any:
    """The same Parquet files, some columns of their folders as text, which Spark takes for numbers where it can."""
    from pyspark.sql.types import StringType, StructField, StructType

    fields = [StructField(one.name, StringType()) if one.name in names else one for one in rows.schema]
    return session.read.schema(StructType(fields)).parquet(location)


def files_of(session: Any, rows: Any, location: str) -> list[str]:
    """The files that rows are read from; as they are listed where a server (Sail) does not say it of a table."""
    try:
        return list(rows.inputFiles())
    except Exception:
        return [path for (path,) in _files(session, location).select("path").collect()]


def listed(session: Any, location: str) -> list[str]:
    """Names, sizes and times of the files at an address, as Spark lists them."""
    files = _files(session, location).select("path", "length", "modificationTime")
    return sorted(" ".join(map(str, one)) for one in files.collect())


def _files(session: Any, location: str) -> Any:
    return session.read.format("binaryFile").option("recursiveFileLookup", "true").load(location)


def has_files(session: Any, location: str) -> bool:
    """Whether there are files at an address already. Raises what Spark raises for one that it cannot look at."""
    try:
        return bool(_files(session, location).select("path").head(1))
    except Exception as problem:  # each kind of session has its own errors
        if lost(problem) is None and any(words in text_of(problem) for words in NOT_THERE):
            return False
        raise


def divided(native: Any, name: str, by: int) -> Any:
    """A column of whole numbers divided as whole numbers."""
    from pyspark.sql.functions import expr

    return native.withColumn(name, expr(f"`{name}` div {by}L"))


def workers_know(native: Any, module: str) -> bool:
    """Whether a worker runs Python code of ``module``, of the version of this program. Asked once a session."""
    known = _KNOWN.setdefault(native.sparkSession, {})
    if module not in known:
        lacking = _lacking(native.sparkSession, module)
        if lacking:
            log.info(say("sources.workers-lack", module=module, why=lacking))
        known[module] = not lacking
    return known[module]


def _lacking(session: Any, module: str) -> str:
    """Why a worker does not run a module; empty where it does."""
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
        one = session.range(1)  # first, which tells a lost session apart: a column needs a session that lives
        return str(one.select(udf(ask, "string", useArrow=False)(lit(module)).alias("lacking")).collect()[0][0])
    except Exception as problem:  # a worker without Python, or with another one: each kind of session has its own error
        if told := lost(problem):
            raise told from None
        return type(problem).__name__


def kept(native: Any, *, now: bool = True) -> tuple[Any, Callable[[], Any]]:
    """Rows made once, ``now`` where what they are made of may go before they are used, and what lets them go.

    They go to the stage, in no order: what executors keep is made again when one of them is lost, of files that may be
    gone, and servers without executors (Sail) or with many users (Databricks' serverless) keep nothing. A classic
    session keeps in its executors what is let go before that of which it is made, and all where there is no stage.

    On Spark Connect what is in the stage goes with the last frame that is made of it.
    """
    session = native.sparkSession
    classic = is_classic(session)
    place = None if classic and not now else stage_folder(session)
    if place is None:
        held = native.persist()
        if now:
            held.count()
        return held, held.unpersist
    folder = f"{place}/{uuid4().hex}"
    native.write.parquet(folder)
    rows = session.read.parquet(folder)
    if not classic:  # plans of further frames are made of that of the first one
        finalize(rows._plan, _let_go, folder, os.getpid()).atexit = False
    return rows, partial(discard, folder)


def _let_go(folder: str, process: int) -> None:
    """Remove rows that nothing is made of any longer, from a store in a thread of its own; no forked child does."""
    if os.getpid() != process:
        return
    if is_address(folder):
        Thread(target=discard, args=(folder,), daemon=True).start()
    else:
        discard(folder)


def brought(native: Any, what: str, budget: int, rows: int | None = None) -> pl.DataFrame:
    """All rows of a table, which is made once: its size is said before they travel, as `announce` says it.

    In their order, unless it is known how many ``rows`` there are: then nothing has to be kept to count them.
    """
    from pyspark.sql.functions import monotonically_increasing_id

    if rows is not None:
        announce(native, rows, what, budget)
        return collected(native)
    at = f"at_{uuid4().hex}"
    ordered = native if is_classic(native.sparkSession) else native.withColumn(at, monotonically_increasing_id())
    held, let_go = kept(ordered, now=False)
    try:
        announce(held.drop(at), held.count(), what, budget)
        found = collected(held)
    finally:
        let_go()
    return found.sort(at).drop(at) if at in found.columns else found


def announce(native: Any, rows: int, what: str, budget: int) -> None:
    """Say how large a table of so many rows is that is brought to this process, where that takes a while.

    Raises `OutOfMemory` before any row travels where ``budget`` bytes do not hold it.
    """
    size = sum(TEXT if kind == "string" else NUMBER for _, kind in native.dtypes)
    if rows * size > budget:
        sizes = {"size": f"{rows * size / 2**30:,.1f}", "budget": f"{budget / 2**30:,.1f}"}
        remedy = str(say("sources.too-large-remedy"))
        raise OutOfMemory(str(say("sources.too-large-here", what=what, n=rows, **sizes)), remedy=remedy)
    if rows * size > BROADCAST:
        log.info(say("sources.brought", what=what, n=rows, size=f"{rows * size / 2**20:,.0f}"))


def quantiles(native: Any, column: str, by: Sequence[str], shares: Sequence[float]) -> pl.DataFrame:
    """Quantiles by group, linear between order statistics: a row per group, q0, q1 ... beside ``by``.

    Spark's own keep every different value of a group in the memory of one worker. Here a group is sorted, which goes
    to the disks of its worker; where all rows are one group (``by`` is empty), order statistics are those of the few
    rows between two approximate quantiles, whose ranks are counted. Missing where a group has no value.
    """
    import polars as pl
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    x, names = f.col(column), [f"by{i}" for i in range(len(by))]
    rows = native.select(*[f.col(name).alias(new) for name, new in zip(by, names, strict=True)], x.alias("x"))
    if not by:
        return _quantiles_of_all(rows.where(f.col("x").isNotNull()), shares)
    counts = rows.groupBy(*names).agg(f.count("x").alias("n"))
    counts = counts.select(*[f.col(name).alias(f"of_{name}") for name in names], "n")
    same = [f.col(name).eqNullSafe(f.col(f"of_{name}")) for name in names]
    order = Window.partitionBy(*names).orderBy(f.col("x").asc_nulls_last())
    ranked = rows.withColumn("at", f.row_number().over(order) - 1).join(counts, same)
    found = []
    for i, share in enumerate(shares):
        low, known = f.floor((f.col("n") - 1) * f.lit(share)), f.col("at") < f.col("n")
        for name, at in ((f"low{i}", low), (f"high{i}", low + 1)):
            found.append(f.sum(f.when((f.col("at") == at) & known, f.col("x"))).alias(name))
    ends = collected(ranked.groupBy(*names, "n").agg(*found))
    quantiles = []
    for i, share in enumerate(shares):
        place = (pl.col("n") - 1) * share
        part, first = place - place.floor(), pl.col(f"low{i}").cast(float)
        between = first + (pl.col(f"high{i}") - first) * part
        quantiles.append(pl.when(part > 0).then(between).otherwise(first).alias(f"q{i}"))
    return ends.select(*[pl.col(new).alias(name) for name, new in zip(by, names, strict=True)], *quantiles)


def _quantiles_of_all(native: Any, shares: Sequence[float]) -> pl.DataFrame:
    import polars as pl
    from pyspark.sql import functions as f

    n, values = native.count(), f.col("x")
    if not n:
        return pl.DataFrame([pl.Series(f"q{i}", [None], dtype=pl.Float64) for i in range(len(shares))])
    found: dict[str, float] = {}
    for i, share in enumerate(shares):
        place, slack = share * (n - 1), 3 / ACCURACY
        while True:
            ends = [max(share - slack, 0.0), min(share + slack, 1.0)]
            asked = [f.percentile_approx(values, end, ACCURACY).alias(str(k)) for k, end in enumerate(ends)]
            low, high = collected(native.select(*asked)).row(0)
            low, high = None if ends[0] == 0.0 else low, None if ends[1] == 1.0 else high
            inside = native
            inside = inside if low is None else inside.where(values >= low)
            inside = inside if high is None else inside.where(values <= high)
            before = 0 if low is None else native.where(values < low).count()
            near = collected(inside.groupBy("x").agg(f.count(f.lit(1)).alias("n"))).sort("x")
            last = before + int(near["n"].sum() or 0) - 1
            if before <= int(place) and (int(place) + 1 <= last or last == n - 1):
                break
            slack *= 2
        ranks = near["n"].cum_sum() + before  # how many rows there are up to each value

        def statistic(k: int, ranks: pl.Series = ranks, near: pl.DataFrame = near) -> float:
            return float(near["x"][int((ranks <= k).sum())])

        a, part = int(place), place - int(place)
        found[f"q{i}"] = statistic(a) + ((statistic(a + 1) - statistic(a)) * part if part else 0.0)
    return pl.DataFrame(found)


def write_folder(native: Any, place: str) -> None:
    """Rows as a folder of Parquet files that workers write; on a disk of here it has its name when it is whole.

    Marks and sums that Spark writes beside them are no Parquet files, over which other programs stumble.
    """
    if is_address(place):
        native.write.parquet(place)
        return
    target = Path(place)
    name = f"{uuid4().hex}.part"
    try:
        native.write.parquet(f"{written_as(native.sparkSession, str(target.parent))}/{name}")
        for one in (target.parent / name).iterdir():
            if one.name.startswith((".", "_")) and one.is_file():
                one.unlink()
        (target.parent / name).rename(target)
    finally:
        shutil.rmtree(target.parent / name, ignore_errors=True)


def is_classic(session: Any) -> bool:
    """Whether a session runs Java in this process, rather than asking a server of Spark Connect."""
    return hasattr(session, "_jsparkSession")


class Look(NamedTuple):
    """What is asked of the rows of a file, and int, float or str of every column of the answer."""

    task: Callable[[pl.DataFrame], pl.DataFrame]
    kinds: Mapping[str, type]


@dataclass(frozen=True)
class Files:
    """Parquet files in a folder that all workers see; each is opened whole by one of them."""

    session: Any
    folder: str
    paths: tuple[str, ...]

    def frame(self) -> Any:
        """The rows of all files."""
        return self.session.read.parquet(*self.paths)

    def mapped(self, task: Callable[[int, pl.DataFrame], pl.DataFrame], kinds: Mapping[str, type]) -> Any:
        """What a task makes of the number of a file and its rows.

        ``kinds``: int, float or str of every column of that. Lazy: files are opened each time that it is run.
        """
        numbers = self.session.range(0, len(self.paths), 1, len(self.paths))
        return _mapped(numbers, _each_file(task, self.paths, kinds), kinds)

    def write_beside(self, local: pl.DataFrame) -> str:
        """A local table as a Parquet file that workers can open: its path."""
        path = plain(f"{self.folder}/{uuid4().hex}.parquet")
        local.write_parquet(path)
        readable_by_workers(path)
        return path


def files_by(native: Any, by: str, n: int, look: Look, kept: ExitStack) -> tuple[Files, pl.DataFrame] | None:
    """Rows in about ``n`` files, those alike in ``by`` in one, which the worker that has them writes and looks at.

    What it sees of each comes back. None where no folder is known that all workers see and Polars writes to.
    """
    session = native.sparkSession
    place = stage_folder(session)
    if place is None or place.startswith("hdfs://"):
        return None
    folder = stage_below(place)
    kept.callback(discard, folder)
    found = collected(_mapped(native.repartition(n, by), _write_and_look(folder, look), {"file": str, **look.kinds}))
    return Files(session, folder, tuple(sorted(found["file"].unique()))), found


def _mapped(native: Any, task: Callable[[Any], Any], kinds: Mapping[str, type]) -> Any:
    types = {int: "long", float: "double", str: "string"}
    words = ", ".join(f"`{name}` {types[kind]}" for name, kind in kinds.items())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark 4.3 says that pandas 3 is new to it
        return native.mapInArrow(task, words)


def one_thread_each() -> None:
    """On a worker that is a process for one task of Spark: as many threads as that has cores, for libraries which count
    processors as they are imported.
    """
    from pyspark.taskcontext import TaskContext

    if context := TaskContext.get():
        for library, name in (("polars", "POLARS_MAX_THREADS"), ("numba", "NUMBA_NUM_THREADS")):
            if library not in sys.modules:
                os.environ.setdefault(name, str(context.cpus()))


def _unpacked(task: bytes) -> Any:
    """A task on a worker, which brings its libraries."""
    from pyspark import cloudpickle

    one_thread_each()
    return cloudpickle.loads(task)


def _packed(task: Callable[..., Any]) -> bytes:
    from pyspark import cloudpickle

    dumps: Any = cloudpickle.dumps
    return bytes(dumps(task))


def _write_and_look(folder: str, look: Look) -> Callable[[Any], Any]:
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


def _typed(found: pl.DataFrame, kinds: Mapping[str, type]) -> Any:
    import polars as pl

    return found.select(pl.col(name).cast(kind) for name, kind in kinds.items()).to_arrow().to_batches()


def plain(address: str) -> str:
    """The name that Polars gives to a file of Spark.

    Example:
        >>> [plain(name) for name in ("file:///stage/part%201.parquet", "s3a://bucket/x.parquet", "/stage/x.parquet")]
        ['/stage/part 1.parquet', 's3://bucket/x.parquet', '/stage/x.parquet']
    """
    scheme, colon, rest = address.partition(":/")
    if scheme == "file":
        return unquote("/" + rest.lstrip("/"))
    return f"s3:/{rest}" if scheme == "s3a" and colon else address


def _each_file(
    task: Callable[[int, pl.DataFrame], pl.DataFrame], paths: Sequence[str], kinds: Mapping[str, type]
) -> Callable[[Any], Any]:
    packed = _packed(task)

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        made = _unpacked(packed)
        import polars as pl

        for batch in batches:
            for i in batch.column(0).to_pylist():
                rows = pl.read_parquet(doors.regular(plain(paths[i])), hive_partitioning=False, glob=False)
                yield from _typed(made(i, rows), kinds)

    return run
