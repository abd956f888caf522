"""Parse addresses of tables in a database (``data.duckdb#customs``) or behind a URL (``s3://bucket/x.parquet``).

    postgresql://user@host:port/database#schema.table
    data.duckdb#customs          data.sqlite#customs          data.duckdb#select * from customs where year = 2004
    s3://bucket/customs/*.parquet          https://host/prices.csv          table:catalog.schema.customs

The text after ``#`` is the name of a table, or a query. The text may be omitted if the database has only one table.
Passwords belong in ``PGPASSWORD`` or ~/.pgpass. A password in an address is never printed, and it is refused in a study
file.
"""

from __future__ import annotations

import glob
import re
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from integrade.engine.stage import is_address, table_at
from integrade.errors import FileMissing, UsageError, did_you_mean
from plainwords.escaping import without_secrets
from rawcells import doors

Kind = Literal["postgresql", "duckdb", "sqlite", "object"]
FILES = (".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db")
DATABASES = ("postgresql", "postgres")
OBJECTS = ("s3", "s3a", "gs", "az", "abfs", "abfss", "hdfs", "dbfs", "table", "http", "https")
VOLUMES = "/Volumes/"
"""Beginning of the paths of Databricks volumes, which only Databricks machines have on a disk."""
_SQLITE, _DUCKDB = b"SQLite format 3\x00", b"DUCK"
_PASSWORD = re.compile(r"(://[^:@/\s]*:)\S*(@)|(password=)[^&#\s]*()")


class Address(NamedTuple):
    """Location of a table: a database together with a table or a query, or the URL of an object.

    ``where``: SQL that selects rows of a table in the database; integrade writes it, never a user.
    """

    kind: Kind
    location: str
    table: str = ""
    where: str = ""

    @property
    def query(self) -> str:
        """Return the query, if the text after ``#`` is one; otherwise an empty text."""
        return self.table if re.match(r"(select|with|from)\s", self.table, re.IGNORECASE) else ""

    @property
    def name(self) -> str:
        """Return the name that messages use, which has the table but no password or token."""
        shown = without_secrets(self.location)
        return f"{shown}#{self.table}" if self.table else shown

    @property
    def suffix(self) -> str:
        """Return the suffix that decides how the address is read.

        The suffix is ``.sql`` for a database. An object has its own suffix without .gz. A folder counts as Parquet, as
        does a table of Spark's catalogue.
        """
        if self.kind != "object":
            return ".sql"
        if table_at(self.location):
            return ".parquet"
        suffixes = [s.lower() for s in PurePosixPath(urlsplit(self.location).path).suffixes if s.lower() != ".gz"]
        return suffixes[-1] if suffixes else ".parquet"

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{self.name}>"


def address_of(text: str | Path | Address) -> Address | None:
    """Return the address that a name means; None for a plain file, folder or pattern.

    Raises `FileMissing` for a database file that does not exist, and `UsageError` for an unknown kind of address.

    Example:
        >>> address_of("postgresql://me:secret@localhost/trade#customs")
        <postgresql://me:***@localhost/trade#customs>
    """
    if isinstance(text, Address):
        return text
    if isinstance(text, str) and is_address(text):
        return _remote(text, text.partition(":")[0].lower())
    if isinstance(text, str) and text.startswith(VOLUMES):
        is_here = Path(text).exists() or bool(glob.glob(text, recursive=True))
        if not is_here:  # a path of Databricks
            return Address("object", text)
    location, mark, table = str(text).partition("#")
    path = Path(location)
    if path.suffix.lower() not in FILES or (mark and Path(text).exists()) or path.is_dir():
        return None
    if not doors.is_file(path):
        if any(c in location for c in "*?["):
            return None
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise FileMissing(f"no database {path.name!r} in {path.parent}", remedy=did_you_mean(path.name, names))
    return Address(_kind_of_file(path), str(path), _tidy(table) if mark else "")


def under(root: Path, text: str) -> str:
    """Resolve a name in a study file against the folder ``root``; URLs and absolute paths stay unchanged.

    Raises `UsageError` for a name with a password, because the content of a study file is stored with every run.
    """
    if has_password(text):
        raise UsageError(
            "a study file must not contain passwords",
            where=without_password(text),
            remedy="leave it out of the address, and set PGPASSWORD or ~/.pgpass",
        )
    return text if is_address(text) else str(root / text)


def _remote(text: str, scheme: str) -> Address:
    if scheme in DATABASES:
        location, _, table = text.partition("#")
        return Address("postgresql", location, _tidy(table))
    if scheme not in OBJECTS:
        raise UsageError(
            f"{scheme}:// is not a supported kind of address", remedy=did_you_mean(scheme, (*DATABASES, *OBJECTS))
        )
    if scheme == "table" and not table_at(text):
        raise UsageError("table: names no table", example="table:catalog.schema.customs", remedy="add its name")
    try:
        urlsplit(text)
    except ValueError as problem:
        shown = without_secrets(text)
        raise UsageError(f"{shown} is not an address: {problem}", remedy="copy the address again") from None
    return Address("object", text)


def _tidy(table: str) -> str:
    return table.strip().rstrip(";")


def _kind_of_file(path: Path) -> Kind:
    """Return the kind of a database file, which its first bytes show. Raises `UsageError` for any other file."""
    with doors.open_bytes(path) as file:
        head = file.read(16)
    if head == _SQLITE:
        return "sqlite"
    if head[8:12] == _DUCKDB:
        return "duckdb"
    raise UsageError(
        f"{path.name} is not an SQLite or DuckDB database",
        where=str(path),
        remedy="save its table as csv in the program that created it",
    )


def has_password(text: str) -> bool:
    """Return whether an address holds a password.

    Example:
        >>> has_password("postgresql://me:secret@localhost/trade")
        True
    """
    return without_password(text) != text


def without_password(text: str) -> str:
    """Replace the password in an address, or in a text that contains an address, by ``***``.

    Example:
        >>> without_password("cannot reach postgresql://me:secret@localhost/trade")
        'cannot reach postgresql://me:***@localhost/trade'
    """
    return _PASSWORD.sub(lambda m: f"{m[1] or m[3]}***{m[2] or ''}", text) if "://" in text else text
