"""A throw-away PostgreSQL server with customs records, for tests that need one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

CUSTOMS = pl.DataFrame(
    {
        "firm": [f"F{i % 7}" for i in range(300)],
        "product": [("010121", "847130", "610910")[i % 3] for i in range(300)],
        "destination": [("JPN", "USA")[i % 2] for i in range(300)],
        "year": [2004 + i // 100 for i in range(300)],
        "value": [100.5 + i for i in range(300)],
        "quantity": [1.0 + i % 11 for i in range(300)],
        "remark": ["x" * 50] * 300,
    }
)


def postgres_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A throw-away server with a password, run by an unprivileged user (it refuses root)."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("needs PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="integrade-pg-", dir="/tmp"))
    lower = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if lower:
        os.chown(folder, 65534, 65534)
    (folder / "password").write_text("s3cret\n")
    (folder / "password").chmod(0o644)
    port, data = free_port(), folder / "data"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [*lower, str(programs / program), "-D", str(data), *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
        )

    call("initdb", "-U", "me", "-A", "scram-sha-256", "--pwfile", str(folder / "password"), "-E", "UTF8", "--no-sync")
    call(
        "pg_ctl",
        "-w",
        "-l",
        str(folder / "log"),
        "-o",
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off",
        "start",
    )
    try:
        yield f"postgresql://me:s3cret@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def ask(server: str, *statements: str) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(server) as connection:
        for statement in statements:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        connection.commit()


@pytest.fixture(scope="module")
def filled(postgres: str) -> str:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("plain", CUSTOMS.to_arrow(), mode="create")
        connection.commit()
    ask(
        postgres,
        "create table customs as select firm, product, destination, year::int, value::numeric(12, 2),"
        " quantity, remark, gen_random_uuid() as id, now() as written from plain",
        "create schema old",
        "create view old.late as select * from customs where year > 2004",
    )
    return postgres
