"""The only file that knows which dataframe engine is running.

Inside integrade every table is a lazy narwhals frame on Polars, DuckDB or Spark. Users hand in whatever they have
(pandas, Polars, Arrow, DuckDB, Spark, or a `Table`) and get the same kind back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import uuid4

import narwhals as nw

from integrade.account import Account
from integrade.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

Frame: TypeAlias = nw.LazyFrame[Any]
Engine = Literal["polars", "duckdb", "spark"]
ENGINES: tuple[Engine, ...] = ("polars", "duckdb", "spark")

log = logging.getLogger("integrade")


@dataclass(frozen=True)
class Table:
    """A named table with the account of how it came to be.

    ``data`` is a native frame of whichever engine made it; `polars` materialises it. ``conformed`` names the canonical
    table through whose door it came already (`schema.conform`). A table is accepted wherever a frame is, and by every
    library that reads the Arrow stream protocol (``pandas.DataFrame.from_arrow``, ``polars.DataFrame``,
    ``duckdb.from_arrow`` ...).
    """

    name: str
    data: Any
    account: Account = field(default_factory=Account)
    conformed: str = ""

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

    def _repr_html_(self) -> str:
        return str(self.polars()._repr_html_())


def enter(data: Any) -> Frame:
    """Any supported frame as a lazy narwhals frame; pandas and Arrow tables are taken onto Polars.

    NaN becomes missing on the way from pandas. Raises `UsageError` for anything that is not a table.
    """
    import polars as pl

    if isinstance(data, Table):
        data = data.data
    if isinstance(data, nw.LazyFrame):
        return data
    try:
        frame = nw.from_native(data)
    except TypeError:
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


def _lazy(native: Any) -> Frame:
    frame: Frame = nw.from_native(native).lazy()
    return frame


def give_back(frame: Frame, like: Any, *, name: str, account: Account, conformed: str = "") -> Any:
    """A result in the kind of frame that came in: a `Table` for a `Table`, pandas for pandas, and so on.

    A bare frame cannot carry its account, so the account is logged.
    """
    if isinstance(like, Table):
        return Table(name, nw.to_native(frame), account, conformed)
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


def engine_of(frame: Frame) -> Engine:
    """Which engine a frame runs on."""
    if frame.implementation.is_polars():
        return "polars"
    return "duckdb" if frame.implementation.is_duckdb() else "spark"


def collect(frame: Frame) -> pl.DataFrame:
    """Run a frame and hold the rows in memory, as Polars."""
    import polars as pl

    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            local: pl.DataFrame = native.collect(engine="streaming")
            return local
        case "duckdb":
            rows = pl.DataFrame(native.to_arrow_table())
            exact = {n: kind for n, kind in rows.schema.items() if isinstance(kind, pl.Decimal)}
            # sums of integers come as decimals without a fraction
            return rows.cast({n: pl.Float64 if kind.scale else pl.Int64 for n, kind in exact.items()})
        case "spark":
            return pl.DataFrame(native.toArrow())


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
            return _lazy(native.sparkSession.createDataFrame(local.to_pandas()))


def materialise(frame: Frame, home: Frame | None = None) -> Frame:
    """Run a frame once and keep the rows on its engine, for a table that is scanned more than once.

    On DuckDB they become a temporary table of the connection, which spills to disk. Give as ``home`` a frame of the
    same connection that outlives what ``frame`` is made of.
    """
    native: Any = nw.to_native(frame)
    match engine_of(frame):
        case "polars":
            return _lazy(native.collect(engine="streaming"))
        case "duckdb":
            return _temporary(native, f"integrade_{uuid4().hex}", native if home is None else nw.to_native(home))
        case "spark":
            return _lazy(native.persist())


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
            kept: Any = native.persist()
            try:
                yield _lazy(kept)
            finally:
                kept.unpersist()


def _temporary(relation: Any, name: str, home: Any) -> Frame:
    relation.query("rows_to_keep", f"create temp table {name} as from rows_to_keep")
    return _lazy(home.query("unused", f"from {name}"))


def on_engine(local: pl.DataFrame | pl.LazyFrame, engine: Engine) -> Frame:
    """A Polars frame moved to an engine."""
    match engine:
        case "polars":
            return _lazy(local.lazy())
        case "duckdb":
            import duckdb

            return _lazy(duckdb.from_arrow(local.lazy().collect().to_arrow()))
        case "spark":
            return _lazy(_spark().createDataFrame(local.lazy().collect().to_pandas()))


def scan_parquet(paths: Sequence[str], engine: Engine) -> Frame:
    """Parquet files as one lazy frame, only the needed columns read when it runs."""
    match engine:
        case "polars":
            import polars as pl

            return _lazy(pl.scan_parquet(list(paths)))
        case "duckdb":
            import duckdb

            return _lazy(duckdb.read_parquet(list(paths)))
        case "spark":
            return _lazy(_spark().read.parquet(*paths))


def _spark() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("the spark engine is not installed", remedy="pip install 'integrade[spark]'") from None
    builder: Any = SparkSession.builder
    return builder.appName("integrade").config("spark.sql.execution.arrow.pyspark.enabled", "true").getOrCreate()
