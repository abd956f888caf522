"""Remedies of files that Spark's workers cannot see."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from integrade import stage
from integrade.sources import objects, stores
from integrade.sources.addresses import Address
from integrade.sources.encodings import spool
from integrade.stage import STATED
from remedies.frame import Cases, done, meant
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
    with patch.object(stores, "store_of", lambda _: there), patch.object(objects, "store_of", lambda _: there):
        address = Address("object", f"s3://bucket/{name}")
        return objects.scan_object(address, "polars") if name.endswith(".parquet") else stores.stored(address)


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
refused("a temporary file without a stage", "U107", handed, temporary(), then=shares)
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
