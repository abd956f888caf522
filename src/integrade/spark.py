"""What `integrade.frames` asks of Spark: native frames of a session; PySpark is imported when it is asked."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integrade.stage import for_spark
from integrade.texts import say

if TYPE_CHECKING:
    import polars as pl

BROADCAST = 64 << 20  # bytes of a local table that Spark sends to every worker whole
log = logging.getLogger("integrade")


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
