"""What `integrade.frames` asks of Spark: sessions, and native frames of one; PySpark is imported when it is asked."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integrade.errors import UsageError
from integrade.stage import for_spark
from integrade.texts import say

if TYPE_CHECKING:
    import polars as pl

BROADCAST = 64 << 20  # bytes of a local table that Spark sends to every worker whole
ENVIRONMENT = ("SPARK_REMOTE", "MASTER", "PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR")
LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)),
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.ui.enabled": "false",
}

log = logging.getLogger("integrade")


def session(budget: int) -> Any:
    """The session that is running, else the cluster that the environment names, else one on this machine.

    ``SPARK_REMOTE`` (Spark Connect), ``MASTER``, ``PYSPARK_SUBMIT_ARGS`` and ``SPARK_CONF_DIR`` name a cluster with
    its own settings; `LOCAL` is for none of them, whose driver may take ``budget`` bytes.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("the spark engine is not installed", remedy="pip install 'integrade[spark]'") from None
    running: Any = SparkSession.getActiveSession()
    if running is not None:
        return running
    builder: Any = SparkSession.builder.appName("integrade")
    if "SPARK_REMOTE" not in os.environ:
        builder = builder.config("spark.ui.showConsoleProgress", "false")
    if not any(name in os.environ for name in ENVIRONMENT):
        if not shutil.which("java") and "JAVA_HOME" not in os.environ:
            raise UsageError("the spark engine needs Java", remedy="install a Java runtime, 17 or later")
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the system's, which lacks this program
        for name, value in LOCAL.items():
            builder = builder.config(name, value)
        builder = builder.config("spark.driver.memory", f"{budget >> 20}m")
    return builder.getOrCreate()


def placed(local: pl.DataFrame, session: Any) -> Any:
    """A local table on a session, which has no unsigned integers."""
    import polars.selectors as cs

    return session.createDataFrame(local.with_columns(cs.unsigned_integer().cast(int)).to_arrow())


def placed_beside(local: pl.DataFrame, native: Any) -> Any:
    """A local table on the session of another one, sent to every worker where it is small."""
    there = placed(local, native.sparkSession)
    return there.hint("broadcast") if local.estimated_size() <= BROADCAST else there


def collected(native: Any) -> pl.DataFrame:
    """All rows, in memory."""
    import polars as pl

    return pl.DataFrame(native.toArrow())


def scanned(session: Any, paths: Sequence[str], zones: Mapping[str, str]) -> Any:
    """Parquet files; columns with a time zone have its clocks. Raises `NotShared` as `for_spark`."""
    from pyspark.sql.functions import from_utc_timestamp

    rows = session.read.parquet(*for_spark(session, paths))
    return rows.withColumns({n: from_utc_timestamp(n, zone) for n, zone in zones.items()}) if zones else rows


def divided(native: Any, name: str, by: int) -> Any:
    """A column of whole numbers divided as whole numbers."""
    from pyspark.sql.functions import expr

    return native.withColumn(name, expr(f"`{name}` div {by}L"))


def workers_know(native: Any, module: str) -> bool:
    """Whether Python code of ``module`` runs on a worker."""
    from pyspark.sql.functions import lit, udf

    def ask(name: str) -> str:
        import importlib

        try:
            importlib.import_module("pyarrow")
            importlib.import_module(name)
        except ImportError as problem:
            return str(problem)
        return ""

    asked = udf(ask, "string", useArrow=False)(lit(module))
    try:
        lacking = native.sparkSession.range(1).select(asked.alias("lacking")).toArrow()["lacking"][0].as_py()
    except Exception as problem:  # a worker without Python, or with another one: each kind of session has its own error
        lacking = type(problem).__name__
    if lacking:
        log.info(say("sources.workers-lack", module=module, why=str(lacking)))
    return not lacking


def mapped(native: Any, task: Callable[[pl.DataFrame], pl.DataFrame], kinds: Mapping[str, type]) -> Any:
    """What a task makes of each partition, on its worker; ``kinds``: int, float or str of every column of that."""
    types = {int: "long", float: "double", str: "string"}
    words = ", ".join(f"`{name}` {types[kind]}" for name, kind in kinds.items())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark 4.3 says that pandas 3 is new to it
        return native.mapInArrow(_whole_partition(task, list(kinds)), words)


def _whole_partition(task: Callable[[pl.DataFrame], pl.DataFrame], names: Sequence[str]) -> Callable[[Any], Any]:
    def run(batches: Iterator[Any]) -> Iterator[Any]:
        import polars as pl

        rows = [pl.DataFrame(batch) for batch in batches]
        if rows:
            yield from task(pl.concat(rows)).select(names).to_arrow().to_batches()

    return run
