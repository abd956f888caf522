"""Remedies of files that Spark's workers cannot see."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import deltalake  # noqa: F401 - its compiled part begins once in a process
import polars as pl

from integrade.engine import stage
from integrade.engine.frames import enter
from integrade.engine.stage import STATED
from integrade.sources import read_table
from integrade.sources.files import objects
from integrade.sources.origins import stores
from integrade.sources.origins.addresses import Address
from rawcells.bytes.encodings import spool
from remedies.frame import Cases, Later, done, given, meant
from remedies.tables import FOLDER
from spark_sessions import Session

CASES = Cases()
BUCKET = FOLDER / "bucket"
refused = CASES.refused
SHARED = FOLDER / "shared"


def staged(stated: str = "", session: Session | None = None) -> str | None:
    """The stage of a cluster."""
    SHARED.mkdir(exist_ok=True)
    with patch.dict(os.environ, {STATED: stated}):
        return stage.stage_folder(session or Session(master="yarn"))


def handed(path: str, stated: str = "") -> list[str]:
    """A file as a cluster reads it."""
    SHARED.mkdir(exist_ok=True)
    with patch.dict(os.environ, {STATED: stated}):
        return stage.for_spark(Session(master="yarn"), [path])


def found(name: str) -> Any:
    """What an address of a bucket stands for; the bucket is a folder of this machine."""
    from pyarrow.fs import LocalFileSystem

    BUCKET.mkdir(exist_ok=True)
    (BUCKET / "prices.csv").write_text("a\n1\n", encoding="utf-8")
    (BUCKET / "odd.parquet").mkdir(exist_ok=True)
    (BUCKET / "odd.parquet" / "prices.csv").write_text("a\n1\n", encoding="utf-8")
    there = LocalFileSystem(), str(BUCKET / name)
    both = patch.object(stores, "store_of", lambda _: there), patch.object(objects, "store_of", lambda _: there)
    with both[0], both[1], patch.object(objects, "form_at", lambda _: None):
        address = Address("object", f"s3://bucket/{name}")
        return objects.scan_object(address, "polars") if name.endswith(".parquet") else stores.stored(address)


def lake(form: str, engine: Any = "polars", *, installed: bool = True, rows: bool = False) -> Any:
    """A table of a lakehouse without a package, with a log that is damaged, or as what stands beside it."""
    folder = FOLDER / form
    log = folder / ("metadata" if form == "iceberg" else "_delta_log")
    log.mkdir(parents=True, exist_ok=True)
    (log / ("v1.metadata.json" if form == "iceberg" else f"{0:020}.json")).write_text("{", encoding="utf-8")
    pl.DataFrame({"a": [1]}).write_parquet(FOLDER / f"{form}.parquet")
    if rows:
        return read_table(FOLDER / f"{form}.parquet", engine="polars")
    lacking = {} if installed else {"deltalake": None, "deltalake.exceptions": None}
    with patch.dict(sys.modules, lacking), patch.object(objects, "_of_spark", lambda _: "rows"):
        return objects.scan_object(Address("object", str(folder)), engine)


def of_spark_alone(location: str, engine: Any = "polars") -> Any:
    """An address that only Spark opens."""
    with patch.object(objects, "_of_spark", lambda _: "rows"):
        return objects.scan_object(Address("object", location), engine)


def in_spark(location: str) -> Any:
    """What a session says of an address behind which nothing is, and of one that it may not see."""

    def opened(asked: str, form: str) -> Any:
        if "denied" in asked:
            raise RuntimeError("403 Forbidden\nJVM stacktrace")
        if "nothing" in asked or form == "text":
            raise LookupError(asked)
        return enter(pl.DataFrame({"a": [1]}))

    with patch.object(objects, "open_by_spark", opened), patch.object(objects, "files_of", lambda *_: []):
        return objects.scan_object(Address("object", location), "spark")


def temporary() -> str:
    """A temporary file of this process."""
    file = spool(".parquet")
    file.touch()
    return str(file)


elsewhere = Session(master="yarn", fails="no such path")
shares = done(f"{STATED}=s3://bucket/prefix, or a shared folder", lambda c: c.with_options(stated=str(SHARED)))
shared = done(
    f"the shared folder that {STATED} names",
    lambda c: c.with_args(str(SHARED / "x.parquet")).with_options(stated=str(SHARED)),
)
refused(
    "a stage that workers do not see",
    "U107",
    staged,
    stated=tempfile.gettempdir(),
    session=elsewhere,
    then=done(STATED, lambda c: c.with_options(stated=str(SHARED), session=None)),
)
refused("a temporary file without a stage", "U107", handed, Later(temporary), then=shares)
refused(
    "a file of this machine",
    "U107",
    handed,
    "x.parquet",
    then=lambda c, e: [
        *done("name it by that address", lambda c: c.with_args("s3a://bucket/x.parquet"))(c, e),
        *shared(c, e),
    ],
)
refused(
    "a stage of a kind that cannot be written",
    "U100",
    staged,
    stated="dbfs:/tmp",
    then=done("name a folder that all machines see", lambda c: c.with_options(stated=str(SHARED))),
)
refused(
    "a stage that is no folder",
    "U100",
    staged,
    stated=str(Path(FOLDER) / "nowhere"),
    then=done("name another one", lambda c: c.with_options(stated=str(SHARED))),
)
refused(
    "a stage that is a pattern",
    "U100",
    staged,
    stated=str(FOLDER / "all[1]"),
    then=done("name another one", lambda c: c.with_options(stated=str(SHARED))),
)
refused(
    "a stage that cannot be reached",
    "D212",
    staged,
    stated="hdfs://node/x",
    then=done(f"check {STATED}", lambda c: c.with_options(stated=str(SHARED))),
)
refused("an object that is not there", "D212", found, "price.csv", then=meant("price.csv"))
refused(
    "objects without a Parquet file",
    "D208",
    found,
    "odd.parquet",
    then=done("name one of them", lambda c: c.with_args("odd.parquet/prices.csv")),
)
refused(
    "Delta without its package",
    "U100",
    lake,
    "delta",
    installed=False,
    then=done("pip install 'integrade[delta]'", lambda c: c.with_options(installed=True)),
    later="cannot be read as a Delta table",
)
as_parquet = done("write its rows as Parquet", lambda c: c.with_options(rows=True))
refused("Delta that is damaged", "D208", lake, "delta", then=as_parquet)
refused("Iceberg without Spark", "U100", lake, "iceberg", then=lambda c, e: [*given()(c, e), *as_parquet(c, e)])
refused("an address of Spark alone", "U100", of_spark_alone, "dbfs:/customs")
refused(
    "nothing where Spark looks",
    "D212",
    in_spark,
    "s3a://bucket/nothing",
    then=done("check the bucket and the name", lambda c: c.with_args("s3a://bucket/rows")),
)
refused(
    "what Spark may not see",
    "D212",
    in_spark,
    "s3a://bucket/denied",
    then=done("check the address", lambda c: c.with_args("s3a://bucket/rows")),
)
