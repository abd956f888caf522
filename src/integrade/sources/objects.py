"""What stands behind a URL: Parquet is scanned where it is (only the needed columns travel), other files are fetched.

``s3://``, ``gs://``, ``az://`` and ``abfs://`` are opened with the credentials that the environment holds (Polars reads
Parquet, PyArrow fetches); ``https://`` and ``http://`` are read by ranges where the server gives them.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from integrade.errors import IntegradeError, Unreachable
from integrade.frames import Frame, Running, on_engine, scan_parquet
from integrade.sources.addresses import Address
from integrade.sources.encodings import spool

WEB = ("http", "https")
PATIENCE = 60
"""Seconds without an answer after which a server counts as gone."""


def scan_object(address: Address, engine: Running) -> Frame:
    """A Parquet object (or a pattern of them) as a lazy frame. Raises `Unreachable`."""
    import polars as pl

    if _scheme(address) in WEB and not _gives_ranges(address.location):
        return scan_parquet([str(fetched(address))], engine)
    with _told(address):
        patience = None if _scheme(address) in WEB else {"max_retries": "2"}
        lazy = pl.scan_parquet(address.location, storage_options=patience)
        lazy.collect_schema()
        if engine == "polars":
            return on_engine(lazy, engine)
        target = spool(".parquet")
        lazy.sink_parquet(target)
    return scan_parquet([str(target)], engine)


@cache
def fetched(address: Address) -> Path:
    """A temporary copy of an object, named as it is named; fetched once. Raises `Unreachable`."""
    folder = spool("")
    folder.mkdir()
    copy = folder / PureWindowsPath(unquote(urlsplit(address.location).path)).name
    with _told(address), copy.open("wb") as out:
        if _scheme(address) in WEB:
            with urlopen(address.location, timeout=PATIENCE) as answer:
                shutil.copyfileobj(answer, out)
        else:
            system, path = _store(address)
            with system.open_input_stream(path) as source:
                shutil.copyfileobj(source, out)
    return copy


def fingerprint(address: Address) -> str:
    """A hash of what a store says about an object: its tag, size and time. Raises `Unreachable`."""
    with _told(address):
        if _scheme(address) in WEB:
            with urlopen(Request(address.location, method="HEAD"), timeout=PATIENCE) as answer:
                said = [answer.headers.get(name, "") for name in ("ETag", "Content-Length", "Last-Modified")]
        else:
            system, path = _store(address)
            info = system.get_file_info(path)
            said = [str(info.size), str(info.mtime_ns)]
    return hashlib.sha256("|".join([address.location, *said]).encode()).hexdigest()


def _scheme(address: Address) -> str:
    return urlsplit(address.location).scheme.lower()


def _store(address: Address) -> tuple[Any, str]:
    from pyarrow import fs

    system, path = fs.FileSystem.from_uri(address.location)
    return system, path


def _gives_ranges(url: str) -> bool:
    try:
        with urlopen(Request(url, headers={"Range": "bytes=0-3"}), timeout=PATIENCE) as answer:
            return bool(answer.status == 206)
    except (URLError, OSError):
        return False


@contextmanager
def _told(address: Address) -> Iterator[None]:
    """What a store raises as a coded error."""
    import polars.exceptions

    try:
        yield
    except IntegradeError:
        raise
    except (URLError, OSError, ValueError, polars.exceptions.PolarsError) as problem:
        why = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        raise Unreachable(
            f"{address.name} cannot be read: {why}",
            remedy="check the address and the network; a store with credentials reads them from the environment",
        ) from None
