"""Read objects behind URLs.

Parquet objects are scanned in place, so that only the needed columns are transferred; other files are copied first.
``s3://``, ``gs://``, ``az://`` and ``abfs://`` are opened with credentials from the environment (Polars reads Parquet,
PyArrow fetches other files). ``https://`` and ``http://`` are read by byte ranges if the server supports them.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPException, IncompleteRead
from pathlib import Path, PurePosixPath, PureWindowsPath
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

import narwhals as nw

from integrade.engine.frames import (
    Frame,
    Running,
    collect,
    files_of,
    folders_as_text,
    listed_by_spark,
    on_engine,
    open_by_spark,
    require_stage,
    scan_parquet,
)
from integrade.engine.sessions import first_line, for_store, lost, text_of
from integrade.engine.stage import NOT_THERE, is_address, store_of, table_at
from integrade.engine.system import refusal_of
from integrade.errors import IntegradeError, Unreachable, Unreadable, UsageError, option
from integrade.sources.files.hive import Own, partition_kinds, scan_named
from integrade.sources.origins.addresses import VOLUMES, Address
from integrade.sources.origins.budgets import BYTES, SECONDS, most_bytes, most_seconds
from integrade.sources.origins.lakes import ENDS, LOGS, form_at, scan_delta, versions
from integrade.sources.origins.stores import is_parquet, is_pattern, no_object, stored
from integrade.sources.origins.zones import check_zones
from rawcells import doors
from rawcells.bytes.encodings import spool

if TYPE_CHECKING:
    import polars as pl

WEB, SPARKS, NATIVE = ("http", "https"), ("hdfs", "dbfs", "table"), ("s3a", "abfss")
"""Schemes of web servers, schemes that only Spark opens, and Spark's own names for other schemes."""
NOT_IN_SPARK = (
    "No FileSystem for scheme",
    "ClassNotFoundException",
    "DATA_SOURCE_NOT_FOUND",
    "Failed to find the data source",
    "unsupported",
)
"""Parts of the messages in which Spark reports that its session lacks the package for an address or a format."""
PATIENCE = 60
"""Seconds without an answer after which a server counts as unreachable (a convention)."""
LEAST, PIECE = 1 << 12, 1 << 16
"""Bytes that must arrive in `PATIENCE` seconds, unless the answer ends; and bytes written at a time."""
ATTEMPTS, PAUSE = 3, 0.5
"""Number of attempts to fetch an object, and seconds to wait after the first failure (twice as long after the second).

Both values are conventions; they bridge a short break of the connection.
"""
PATIENT = {"max_retries": 2}
"""Options with which Polars sends requests to a store."""
WHOLE = 200
"""HTTP status of an answer that contains the whole file."""
NO_ANSWER = (400, 403, 404, 405, 500, 501)
"""HTTP status codes of servers that send a file but do not answer HEAD requests about it."""
KEPT = "%/:=&?~+!$,;'@()*[]"
"""Characters of an address that are sent as they are, without percent encoding."""
NO_CLIENT = "No CA certificates"
"""Polars' message when it finds no certificates; its HTTP client needs them even for plain HTTP."""
UNTRUSTED = (NO_CLIENT, "CERTIFICATE_VERIFY_FAILED", "UnknownIssuer")
"""Parts of libraries' messages about a server whose certificate is not trusted."""
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
REGIONLESS = r".*region' not set"
"""Warning that Polars gives when it has to ask the store for the region of a bucket."""
DENIED, RETRIED = "ACCESS_DENIED", "AWS Error NETWORK_CONNECTION"
"""Parts of PyArrow's messages about a store that refuses access, and about a store that it has asked several times."""
ANY = Own("table")
"""Column options for a file that belongs to no known table."""
LONGEST = 200
"""Longest file name of a copy in bytes; file systems allow 255, and a suffix is added."""
BUSY = (408, 425, 429, 500, 502, 503, 504)
"""HTTP status codes after which another attempt may succeed."""


def scan_object(address: Address, engine: Running, own: Own = ANY) -> Frame:
    """Scan a Parquet object, or all objects that match a pattern, as a lazy frame.

    Raises `Unreachable`, `FolderContradicted`. A file on a web server is fetched whole if the server does not support
    ranges. The file is also fetched whole if Polars cannot start its HTTP client, for example on a machine without
    certificates.
    """
    with _coded_errors(address):
        if engine == "spark" and (native := _of_spark(address)) is not None:
            return native
        lazy = _of_web(address) if _scheme(address) in WEB else _of_store(address, own)
        if lazy is None:
            return scan_parquet([str(fetched(address))], engine)
        if engine == "polars":
            return on_engine(lazy, engine)
        require_stage(engine, address.name)
        target = spool(".parquet")
        lazy.sink_parquet(target)
    return scan_parquet([str(target)], engine)


def count_cells(address: Address, most_columns: int) -> int:
    """Return the rows times the columns (at most ``most_columns``) of the Parquet objects of an address.

    Only the footers of the objects are read. Raises what `scan_object` raises.
    """
    frame = scan_object(address, "polars")
    columns = min(most_columns, len(frame.collect_schema()))
    with _coded_errors(address):
        return int(collect(frame.select(n=nw.len())).item()) * columns


def _of_web(address: Address) -> pl.LazyFrame | None:
    """Scan a Parquet file on a web server by byte ranges; None if the whole file must be fetched."""
    import polars as pl

    location = web_address(address.location)
    if not _gives_ranges(location):
        return None
    try:
        check_zones(location, address.name)
        lazy = pl.scan_parquet(location, glob=False)
        lazy.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as problem:
        if NO_CLIENT not in str(problem):
            raise
        return None
    return lazy


def _of_spark(address: Address) -> Frame | None:
    """Open an address with Spark; None if the Spark session cannot open the address but this machine can.

    Raises `Unreachable` if the object does not exist or Spark has no access to it.
    """
    if _scheme(address) in WEB:
        return None
    location = address.location
    try:
        form = _form_in_spark(location)
        frame = open_by_spark(location, form)
        if form != "parquet" or table_at(location):
            return frame
        files = [PurePosixPath(unquote(file)) for file in files_of(frame, location)]
        kinds = partition_kinds(files) if files else {}
        schema = dict(frame.collect_schema())
        wrong = [name for name, kind in kinds.items() if kind is str and schema.get(name) != nw.String]
        frame = folders_as_text(frame, location, wrong) if wrong else frame
        whole = [nw.col(name).cast(nw.Int64) for name, kind in kinds.items() if kind is int]
        return frame.with_columns(*whole) if whole else frame
    except IntegradeError:
        raise
    except LookupError:
        if name := table_at(location):
            what = f"the server of Spark has no table {name}"
            raise Unreachable(what, remedy="check catalog, schema and table (catalog.schema.table)") from None
        raise Unreachable(f"there is no object {address.name}", remedy="check the bucket and the name") from None
    except Exception as problem:  # each kind of session has its own errors
        if lost_session := lost(problem):
            raise lost_session from None
        if any(words in text_of(problem) for words in NOT_IN_SPARK) and not _is_sparks(address):
            return None
        raise Unreachable(
            f"Spark cannot read {address.name}: {first_line(problem)}", remedy=f"check the address; {for_store()}"
        ) from None


def _form_in_spark(location: str) -> str:
    """Return the format of a folder as Spark sees it: "delta" or "iceberg" if it has such a log, else "parquet"."""
    if not is_address(location) and not location.startswith(VOLUMES):
        return form_at(location) or "parquet"
    if is_pattern(location) or table_at(location):
        return "parquet"
    for form, folder in LOGS.items():
        try:
            log = open_by_spark(f"{location.rstrip('/')}/{folder}/*{ENDS[form]}", "text")
            if collect(log.head(1)).height:
                return form
        except LookupError:
            continue
        except Exception as problem:  # each kind of session has its own errors
            if not any(words in text_of(problem) for words in NOT_THERE):
                raise
    return "parquet"


def _is_sparks(address: Address) -> bool:
    """Return whether only Spark opens an address."""
    return _scheme(address) in SPARKS or address.location.startswith(VOLUMES)


def _of_store(address: Address, own: Own) -> pl.LazyFrame:
    """Scan the Parquet objects of an address in a store, with the columns that their folder names give."""
    if _is_sparks(address):
        raise UsageError(f"only Spark reads {address.name}", remedy=f"give {option('engine', 'spark')}")
    if is_parquet(address.location) and not is_pattern(address.location) and _is_one(address):
        return _scanned([address.location], address, own)
    match form_at(address.location):
        case "delta":
            return scan_delta(address.location)
        case "iceberg":
            remedy = f"give {option('engine', 'spark')} with a session that has Iceberg, or write its rows as Parquet"
            raise UsageError(f"{address.name} is an Iceberg table", remedy=remedy)

    locations = [stored_object.location for stored_object in stored(address)]
    parquet = [location for location in locations if _is_scanned(location, address)]
    if not parquet:
        what = f"none of the {len(locations)} objects of {address.name} is a Parquet file"
        raise Unreadable(what, remedy="name one of them, or a pattern of their names (s3://bucket/prices/*.csv)")
    return _scanned(parquet, address, own)


def _is_scanned(location: str, address: Address) -> bool:
    return is_parquet(location) or location == address.location


def left_in(address: Address) -> list[str]:
    """Return the objects of a folder or pattern that are not read, as they are not Parquet. Raises `Unreachable`."""
    location = address.location
    if _scheme(address) in WEB or _is_sparks(address):
        return []
    with _coded_errors(address):
        if form_at(location) or (is_parquet(location) and not is_pattern(location) and _is_one(address)):
            return []
        return [
            stored_object.location
            for stored_object in stored(address)
            if not _is_scanned(stored_object.location, address)
        ]


def _is_one(address: Address) -> bool:
    """Return whether an object has exactly the name of the address; also True if this machine may not ask the store."""
    system, path = store_of(address.location)
    try:
        return bool(system.get_file_info(path).is_file)
    except OSError as problem:
        if DENIED in str(problem):
            return True
        raise


def _scanned(locations: Sequence[str], address: Address, own: Own) -> pl.LazyFrame:
    check_zones(locations[0], address.name, PATIENT)
    named = {location: PurePosixPath(location) for location in locations}
    lazy: pl.LazyFrame = nw.to_native(scan_named(named, own, _scan_stored, lambda location: _scan_stored([location])))
    lazy.collect_schema()
    return lazy


def _scan_stored(locations: Sequence[str], partitions: Mapping[str, type] | None = None) -> Frame:
    import polars as pl

    kinds = {n: pl.Int64 if kind is int else pl.String for n, kind in (partitions or {}).items()}
    lazy = pl.scan_parquet(
        [*locations], glob=False, storage_options=PATIENT, hive_schema=kinds or None, hive_partitioning=bool(kinds)
    )
    return on_engine(lazy, "polars")


def expanded(address: Address) -> list[Path | Address]:
    """Return the files or addresses that have to be read for an address.

    An address of Parquet is returned itself, to be scanned in place. For any other address, copies of its objects are
    returned.
    """
    location = address.location
    if _scheme(address) in WEB or (address.suffix != ".parquet" and not is_pattern(location)):
        return [address if address.suffix == ".parquet" else fetched(address)]
    native = _is_sparks(address) or (_scheme(address) in NATIVE and address.suffix == ".parquet")
    if is_parquet(location) or native:
        return [address]
    with _coded_errors(address):
        locations = [each_address.location for each_address in stored(address)]
    each = [Address("object", location) for location in locations]
    if all(each_address.suffix == ".parquet" for each_address in each):
        return [address]
    return [each_address if each_address.suffix == ".parquet" else fetched(each_address) for each_address in each]


@dataclass
class _Copy:
    """Copy of an object, with a lock that makes several threads fetch it only once."""

    lock: Lock = field(default_factory=Lock)
    path: Path | None = None


_COPIES: ContextVar[defaultdict[Address, _Copy] | None] = ContextVar("copies", default=None)
_MAKING = Lock()


@contextmanager
def one_copy_each() -> Iterator[None]:
    """Fetch each object only once within the block, so that the bytes read are the bytes hashed.

    All threads of the block share the copies. An inner block uses the copies of the outer one. Outside any block, each
    call fetches the current object.
    """
    if _COPIES.get() is not None:
        yield
        return
    token = _COPIES.set(defaultdict(_Copy))
    try:
        yield
    finally:
        _COPIES.reset(token)


def fetched(address: Address) -> Path:
    """Return the path of a complete temporary copy of an object, under its own name.

    Within `one_copy_each` the object is fetched only once.
    """
    copies = _COPIES.get()
    if copies is None:
        return _fetched_now(address)
    with _MAKING:
        shared = copies[address]
    with shared.lock:
        shared.path = shared.path or _fetched_now(address)
        return shared.path


def _fetched_now(address: Address) -> Path:
    """Fetch a temporary copy of an object.

    The object is fetched again, up to `ATTEMPTS` times in all, if the connection breaks, the server is busy, or fewer
    bytes arrive than announced. Raises `Unreachable`. An answer with neither a length nor chunks cannot be checked for
    completeness.
    """
    folder = spool("")
    folder.mkdir()
    copy = folder / _file_name(address)
    part = copy.with_name(f".{copy.name}.part")
    with _coded_errors(address):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                _fetch(address, part)
                break
            except (HTTPException, OSError) as problem:
                if attempt == ATTEMPTS or not _may_pass(problem):
                    raise
                time.sleep(PAUSE * attempt)
    return part.replace(copy)


def _fetch(address: Address, target: Path) -> None:
    """Fetch an object once.

    Raises `ConnectionError` for fewer bytes than announced, and any error of the connection.
    """
    if _scheme(address) in WEB:
        with _answer(Request(web_address(address.location))) as answer:
            if answer.status != WHOLE:
                raise ConnectionError(f"the server answers {answer.status} {answer.reason}, not with the whole file")
            length = answer.headers.get("Content-Length", "").strip()
            announced = int(length) if length.isdecimal() and not answer.headers.get("Transfer-Encoding") else None
            _copy(answer.read1, target, address, announced)
    else:
        system, path = store_of(address.location)
        known = system.get_file_info(path)
        if not known.is_file:
            raise no_object(address, system, path)
        announced = known.size
        with system.open_input_stream(path) as source:
            _copy(source.read, target, address, announced)
    arrived = target.stat().st_size
    if announced is not None and arrived != announced:
        raise ConnectionError(f"cut short: {arrived:,} of {announced:,} bytes arrived")


def _copy(read: Callable[[int], bytes], target: Path, address: Address, announced: int | None) -> None:
    """Write the bytes that a server sends, within the limits on bytes and seconds.

    Raises `Unreachable` if a limit is exceeded, and `ConnectionError` if fewer than `LEAST` bytes arrive in `PATIENCE`
    seconds.
    """
    most, arrived = most_bytes(), 0
    _check_size(address, announced or 0, most)
    seconds = most_seconds()
    ends = time.monotonic() + seconds
    looked, before = time.monotonic(), 0
    with target.open("wb") as out:
        while piece := read(PIECE):
            out.write(piece)
            arrived += len(piece)
            _check_size(address, arrived, most)
            now = time.monotonic()
            if now > ends:
                what = f"{address.name} takes longer than {seconds:,} seconds; {arrived:,} bytes arrived"
                remedy = f"check the address and the network, or allow more: {SECONDS}={2 * seconds}"
                raise Unreachable(what, remedy=remedy)
            if now - looked > PATIENCE:
                if arrived - before < LEAST:
                    raise ConnectionError(f"{arrived - before:,} bytes arrived in {PATIENCE} seconds")
                looked, before = now, arrived


def _check_size(address: Address, size: int, most: int) -> None:
    """Refuse an object with more bytes than the budget. Raises `Unreachable`."""
    if size > most:
        what = f"{address.name} has {size:,} bytes or more; at most {most:,} are fetched"
        needed = -(-size // (1 << 30)) * 2
        raise Unreachable(what, remedy=f"check the address, or allow more: {BYTES}={needed}GB")


@contextmanager
def _answer(asked: Request) -> Iterator[Any]:
    """Open the answer of a web server so that its body can be read, and close it at the end of the block.

    A separate thread waits for the answer, because a server can send its headers letter by letter without end.
    Raises what `urlopen` raises. Raises `ConnectionError` if the headers are not complete within `PATIENCE` seconds, or
    within the seconds that the user allows.
    """
    future: Future[Any] = Future()
    patience = min(PATIENCE, most_seconds())

    def ask() -> None:
        try:
            answer = urlopen(asked, timeout=PATIENCE)
        except BaseException as problem:
            future.set_exception(problem)
            return
        future.set_result(answer)

    Thread(target=ask, daemon=True).start()
    try:
        answer = future.result(patience)
    except TimeoutError:
        if future.done():
            raise
        future.add_done_callback(lambda late: None if late.exception() else late.result().close())
        raise ConnectionError(f"no answer in {patience} seconds") from None
    with closing(answer):
        yield answer


def web_address(location: str) -> str:
    """Encode an address for sending.

    Blanks and non-ASCII letters become percent codes; a non-ASCII host is encoded by IDNA.

    Example:
        >>> web_address("https://host/price index/食品.csv?year=2004")
        'https://host/price%20index/%E9%A3%9F%E5%93%81.csv?year=2004'
    """
    parts = urlsplit(location)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    return urlunsplit((parts.scheme, host, *(quote(part, safe=KEPT) for part in parts[2:4]), ""))


def _file_name(address: Address) -> str:
    """Return a file name for the copy: the name of the object, without characters that file systems do not allow."""
    name = PureWindowsPath(unquote(urlsplit(address.location).path)).name
    plain = re.sub(r"[\x00-\x1f/\\:]", "_", name)
    return plain if plain.strip(".") and len(os.fsencode(plain)) <= LONGEST else f"object{address.suffix}"


def _may_pass(problem: Exception) -> bool:
    """Return whether another attempt may succeed, because the connection broke or the server was busy."""
    if _is_ours(problem) or any(words in str(problem) for words in (*UNTRUSTED, RETRIED, DENIED)):
        return False
    if isinstance(problem, HTTPError):
        return problem.code in BUSY
    return not isinstance(problem, FileNotFoundError | PermissionError)


def _is_ours(problem: Exception) -> bool:
    """Return whether the cause of an error is this machine: disk full, quota, file too large, too many open files."""
    return isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE)


def fingerprint(address: Address) -> str:
    """Hash what a store reports about an object: its tag, size and time. Raises `Unreachable`.

    If a web server reports neither tag nor time, the content is hashed.
    """
    with _coded_errors(address):
        if _scheme(address) in WEB:
            facts = _server_facts(address)
            if not (facts[0] or facts[2]):
                with doors.open_bytes(fetched(address)) as copy:
                    facts = [hashlib.file_digest(copy, "sha256").hexdigest()]
        else:
            facts = _listed(address)
    return hashlib.sha256("|".join([address.location, *facts]).encode()).hexdigest()


def _listed(address: Address) -> list[str]:
    """List the objects of an address with their sizes and times; for a Delta or Iceberg table, list its log.

    If only Spark can reach the address, Spark lists the objects.
    """
    location = address.location
    if _is_sparks(address):
        return listed_by_spark(location)
    try:
        if form := form_at(location):
            return versions(location, form)
        return [
            f"{stored_object.location} {stored_object.size} {stored_object.changed}"
            for stored_object in stored(address)
        ]
    except OSError:
        if _scheme(address) not in NATIVE:
            raise
        return listed_by_spark(location)


def _server_facts(address: Address) -> list[str]:
    """Return the tag, size and time of an object, as its server reports them. Raises `HTTPError` for a missing file.

    If the server does not answer HEAD requests, the file itself is requested.
    """
    asked = Request(web_address(address.location), method="HEAD")
    try:
        return _headers(asked)
    except HTTPError as problem:
        if problem.code not in NO_ANSWER:
            raise
    return _headers(Request(asked.full_url))


def _headers(asked: Request) -> list[str]:
    with _answer(asked) as answer:
        return [answer.headers.get(name, "") for name in ("ETag", "Content-Length", "Last-Modified")]


def _scheme(address: Address) -> str:
    return urlsplit(address.location).scheme.lower()


def _gives_ranges(url: str) -> bool:
    """Return whether a web server answers a request for a range of bytes with that range (HTTP status 206)."""
    try:
        with _answer(Request(url, headers={"Range": "bytes=0-3"})) as answer:
            return bool(answer.status == 206)
    except (URLError, HTTPException, OSError):
        return False


def _of_answer(message: str) -> str:
    """Return the error code in a store's message; the whole message if it has none."""
    code = re.search(r"<Code>(\w+)</Code>", message)
    return f"the store answers {code[1]}" if code else message


@contextmanager
def _coded_errors(address: Address) -> Iterator[None]:
    """Turn the errors of a store into coded errors."""
    import polars.exceptions

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", REGIONLESS)
            yield
    except IntegradeError:
        raise
    except (URLError, HTTPException, OSError, ValueError, polars.exceptions.PolarsError) as problem:
        if _is_ours(problem) and (refused := refusal_of(problem)):
            raise refused from None
        cut = isinstance(problem, IncompleteRead)
        message = "cut short: the end of the answer is missing" if cut else _of_answer(str(problem).strip())
        lines = message.splitlines() or [type(problem).__name__]
        why = f"{lines[0]} ({lines[-1].strip()})" if "Caused by:" in lines else lines[0]
        what = f"{address.name} cannot be read: {why}"
        if any(words in str(problem) for words in UNTRUSTED):
            remedy = "install certificates of authorities (the package ca-certificates), or name a file of them in the "
            raise Unreachable(what, remedy=f"{remedy}environment variable SSL_CERT_FILE") from None
        remedy = "check the address and the network; a store with credentials reads them from the environment"
        if _scheme(address) in ("s3", "s3a"):
            lacking = [name for name in KEYS if name not in os.environ]
            lacking += [REGIONS[0]] if not any(name in os.environ for name in REGIONS) else []
            remedy += f" ({', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not set)" if lacking else ""
        raise Unreachable(what, remedy=remedy) from None
