"""Tables of databases and objects behind URLs: the same rows as the file, only the columns in use, no passwords."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import os
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from each import each_pair
from integrade.cli import run
from integrade.engine.frames import Engine
from integrade.errors import BadQuery, EmptyTable, FileMissing, Unreachable, UsageError
from integrade.sources import read_customs, read_raw, read_table
from integrade.sources.files import databases
from integrade.sources.origins.addresses import address_of, has_password, without_password
from integrade.study.config import Source
from integrade.study.inputs import described, files_of
from postgres_server import CUSTOMS, ask

ENGINES: tuple[Engine, ...] = ("polars", "duckdb")


def as_duckdb(path: Path) -> str:
    with duckdb.connect(str(path)) as connection:
        frame = CUSTOMS  # noqa: F841 - DuckDB finds it by name
        connection.execute("create table customs as select * replace (value::decimal(12, 2) as value) from frame")
        connection.execute("create schema old; create table old.firms as select 1 as firm, 2004 as year")
    return f"{path}#customs"


def as_sqlite(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute("create table customs (firm, product text, destination, year, value, quantity, remark)")
        connection.executemany("insert into customs values (?, ?, ?, ?, ?, ?, ?)", CUSTOMS.rows())
    connection.close()
    return f"{path}#customs"


MAKERS = {"a.duckdb": as_duckdb, "a.sqlite": as_sqlite}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", MAKERS)
def test_a_database_gives_the_rows_of_the_file(tmp_path: Path, name: str, engine: Engine) -> None:
    CUSTOMS.write_parquet(tmp_path / "customs.parquet")
    here, there = tmp_path / "customs.parquet", MAKERS[name](tmp_path / name)
    key = ["firm", "product", "destination", "year", "value"]
    expected = read_customs(here).polars().sort(key)
    table = read_customs(there, engine=engine)
    assert table.polars().select(expected.columns).sort(key).equals(expected)
    assert table.polars().equals(table.polars()), "a second pass sees the same rows"
    assert read_raw(there, engine=engine, where='year >= 2005 and product = "010121"').polars().height == 66


def test_only_the_columns_in_use_are_asked_for_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = databases._rows
    monkeypatch.setattr(
        databases, "_rows", lambda address, question: asked.append(question) or plain(address, question)
    )
    table = read_raw(as_sqlite(tmp_path / "a.db"), engine="polars")
    asked.clear()
    frame: Any = table.data
    by_year = frame.group_by("year").agg(pl.col("value").sum()).sort("year")
    assert by_year.collect()["value"].to_list() == [15000.0, 25000.0, 35000.0]
    assert len(asked) == 1
    assert "remark" not in asked[0]
    assert '"year"' in asked[0]
    frame.select("value").collect()
    assert len(asked) == 1, "what was fetched is not fetched again"
    frame.select("remark").collect()
    assert len(asked) == 2
    assert "remark" in asked[1]
    assert frame.head(3).collect().height == 3
    assert frame.select(pl.len()).collect().item() == 300


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("year >= 2005", 100),
        ("2004 < year <= 2005", 200),
        ('product in ("010121", "847130")', 100),
        ('year = 2005 and firm = "F1"', 286),
        ("year = 2005 or year = 2004", 0),
        ("not (year = 2005)", 0),
        ("value > 150", 0),
        ("year > 2004.5", 0),
        ("product = 10121", 0),
    ],
)
def test_what_can_be_left_to_the_database_is(tmp_path: Path, name: str, where: str, left: int) -> None:
    CUSTOMS.write_parquet(tmp_path / "customs.parquet")
    expected = read_raw(tmp_path / "customs.parquet", where=where).polars()
    table = read_raw(MAKERS[name](tmp_path / name), where=where, engine="polars")
    assert table.polars().sort(expected.columns).equals(expected.sort(expected.columns))
    by_database = [e.rows for e in table.account if "left out by the database" in e.reason]
    assert sum(by_database) == left
    assert sum(e.rows for e in table.account if e.step == "where") == 300 - expected.height


def test_no_row_left_is_said_by_the_reader(tmp_path: Path) -> None:
    with pytest.raises(EmptyTable, match="no row satisfies where year = 1999"):
        read_raw(as_sqlite(tmp_path / "a.sqlite"), where="year = 1999")


def test_duckdb_file_is_let_go(tmp_path: Path) -> None:
    address = as_duckdb(tmp_path / "a.duckdb")
    assert read_raw(address, engine="polars").polars().height == 300
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("insert into customs select * from customs")
    assert read_raw(address, engine="polars").polars().height == 600


def test_table_query_or_neither(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    as_duckdb(path)
    assert read_raw(f"{path}#old.firms").polars().rows() == [(1, 2004)]
    assert read_raw(f"{path}#select year, count(*) as n from customs where year > 2004 group by year;").columns == [
        "year",
        "n",
    ]
    with pytest.raises(UsageError, match=r"has 2 tables") as several:
        read_raw(str(path))
    assert "a.duckdb#customs" in str(several.value)
    with pytest.raises(BadQuery, match="did you mean 'customs'"):
        read_raw(f"{path}#custom")
    with pytest.raises(BadQuery, match="cannot be read"):
        read_raw(f"{path}#select nothing from customs").polars()
    as_sqlite(tmp_path / "only.sqlite")
    assert read_raw(tmp_path / "only.sqlite").polars().height == 300
    with pytest.raises(FileMissing, match=r"did you mean 'a\.duckdb'"):
        read_raw(f"{tmp_path / 'b.duckdb'}#customs")
    (tmp_path / "no.db").write_text("year,value\n")
    with pytest.raises(UsageError, match="not an SQLite or DuckDB database"):
        read_raw(tmp_path / "no.db")
    with pytest.raises(UsageError, match=r"mysql:// is not a supported kind of address"):
        read_raw("mysql://localhost/trade#customs")


def test_sqlite_cells_of_mixed_types_are_text_and_nothing_is_lost(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "m.db") as connection:
        connection.execute("create table t (code, whole, number, empty)")
        connection.executemany("insert into t values (?, ?, ?, ?)", [("0101", 1, 1.5, None), (2, None, 2, None)])
    connection.close()
    table = read_raw(tmp_path / "m.db", engine="polars").polars()
    assert table.rows() == [("0101", 1, 1.5, None), ("2", None, 2.0, None)]


ENDLESS = "with recursive c(firm) as (select 1 union all select firm + 1 from c) select firm, 2000 as year from c"
VIEWS = {"recursive": ENDLESS, "crossed": "select a.i as firm, 1 as year from t a, t b, t c, t d, t e, t f, t g, t h"}


@each_pair(("engine", ENGINES), ("kind", ["sqlite", "duckdb"]), ("view", VIEWS))
def test_a_view_without_a_last_row_is_refused_by_the_time_it_takes(
    view: str, kind: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{kind}"
    with contextlib.closing(sqlite3.connect(path) if kind == "sqlite" else duckdb.connect(str(path))) as connection:
        connection.execute("create table t (i integer)")
        connection.executemany("insert into t values (?)", [(i,) for i in range(1000)])
        connection.execute(f"create view v as {VIEWS[view]}")
        connection.commit()
    monkeypatch.setenv("INTEGRADE_MOST_SECONDS", "1")
    for asked in (f"{path}#v", f"{path}#{VIEWS[view]}"):
        with pytest.raises(BadQuery, match="longer than 1 seconds") as caught:
            read_table(asked, engine=engine).polars()
        assert "INTEGRADE_MOST_SECONDS=2" in caught.value.remedy
    assert read_table(f"{path}#t", engine=engine).polars().height == 1000


def test_a_hash_in_a_plain_file_name_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "data#1.csv").write_text("a\n1\n")
    assert read_raw(tmp_path / "data#1.csv").columns == ["a"]
    assert address_of(str(tmp_path / "data#1.csv")) is None


@pytest.mark.parametrize(
    "text",
    ["postgresql://me:secret@h/t#x", "postgresql://h/t?user=me&password=secret", "postgresql://me:a/b:secret@h/t"],
)
def test_no_password_is_shown(text: str) -> None:
    assert has_password(text)
    assert "secret" not in without_password(f"cannot reach {text} today")
    address = address_of(text)
    assert "secret" not in f"{address} {address!r}"
    assert not has_password("postgresql://me@localhost:5432/trade")
    with pytest.raises(UsageError, match="must not contain passwords") as refused:
        files_of(Source(files=[text]), Path())
    assert "secret" not in str(refused.value)


def test_study_files_and_manifest_name_the_table(tmp_path: Path) -> None:
    as_duckdb(tmp_path / "a.duckdb")
    (file,) = files_of(Source(files=["a.duckdb#customs"]), tmp_path)
    first = described(file, tmp_path)
    assert first["file"] == "a.duckdb#customs"
    assert first["bytes"] > 0
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("delete from customs where year = 2004")
    assert described(file, tmp_path)["sha256"] != first["sha256"]


def test_commands_take_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address, out = as_duckdb(tmp_path / "a.duckdb"), tmp_path / "q.csv"
    assert run(["quality", address, "--sigma", "5", "--out", str(out)]) == 0
    assert pl.read_csv(out).height > 10
    assert run(["quality", f"{tmp_path}/a.duckdb#customers", "--sigma", "5", "--out", str(out)]) == 2
    assert "U105 no table 'customers'" in capsys.readouterr().err


def test_hive_partitions_are_columns_and_codes_stay_text(tmp_path: Path) -> None:
    for (year, product), rows in CUSTOMS.group_by("year", "product"):
        folder = tmp_path / "customs" / f"year={year}" / f"product={product}"
        folder.mkdir(parents=True)
        rows.drop("year", "product").write_parquet(folder / "part.parquet")
    key = ["firm", "product", "destination", "year", "value"]
    expected = CUSTOMS.select(*key, "quantity").sort(key)
    for engine in ENGINES:
        for name in ("customs", "customs/year=*/*/*.parquet"):
            found = read_customs(str(tmp_path / name), engine=engine).polars()
            assert found.select(*key, "quantity").sort(key).equals(expected), (engine, name)
    assert read_raw(tmp_path / "customs", where="year = 2005").polars().height == 100


@pytest.mark.system
def test_partitions_on_spark(tmp_path: Path, spark: object) -> None:
    assert spark
    for product in ("010121", "847130"):
        folder = tmp_path / "c" / "year=2004" / f"product={product}"
        folder.mkdir(parents=True)
        CUSTOMS.filter(pl.col("product") == product).drop("year", "product").head(3).write_parquet(folder / "p.parquet")
    table = read_raw(tmp_path / "c", engine="spark").polars()
    assert table.schema["year"].is_integer()
    assert table["product"].value_counts(sort=True)["count"].to_list() == [3, 3]
    assert sorted(table["product"].unique()) == ["010121", "847130"]


class Ranged(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, by ranges; counts the bytes sent."""

    sent = 0
    ranges = True

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        asked = self.headers.get("Range") if type(self).ranges else None
        self.send_response(206 if asked else 200)
        if asked:
            low, _, high = asked.removeprefix("bytes=").partition("-")
            first = int(low) if low else max(0, len(body) - int(high))
            last = min(int(high), len(body) - 1) if low and high else len(body) - 1
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
            body = body[first : last + 1]
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        self.wfile.write(body)
        type(self).sent += len(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "web").mkdir()
    handler = functools.partial(Ranged, directory=str(tmp_path / "web"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("engine", ENGINES)
def test_files_behind_a_url(tmp_path: Path, web: str, engine: Engine) -> None:
    CUSTOMS.write_parquet(tmp_path / "web" / "customs.parquet")
    CUSTOMS.write_csv(tmp_path / "web" / "customs.csv")
    expected = read_customs(tmp_path / "web" / "customs.parquet").polars()
    for name in ("customs.parquet", "customs.csv"):
        found = read_customs(f"{web}/{name}", engine=engine).polars()
        assert found.select(expected.columns).sort(expected.columns).equals(expected.sort(expected.columns))
    with pytest.raises(Unreachable, match="404"):
        read_raw(f"{web}/nothing.csv")
    with pytest.raises(Unreachable):
        read_raw("http://127.0.0.1:9/customs.csv")
    with pytest.raises(Unreachable):
        read_raw("http://127.0.0.1:9/customs.parquet")


def test_only_what_is_needed_of_a_remote_parquet_travels(tmp_path: Path, web: str) -> None:
    noise = pl.DataFrame({"year": [2004] * 200_000, "rest": os.urandom(200_000).hex()[:200_000]}).with_columns(
        rest=pl.int_range(200_000).hash().cast(pl.String)
    )
    noise.write_parquet(tmp_path / "web" / "wide.parquet")
    size = (tmp_path / "web" / "wide.parquet").stat().st_size
    Ranged.sent = 0
    table: Any = read_raw(f"{web}/wide.parquet", engine="polars").data
    assert table.select(pl.col("year").sum()).collect().item() == 2004 * 200_000
    assert Ranged.sent < size / 4


def test_a_server_without_ranges_is_read_whole(tmp_path: Path, web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ranged, "ranges", False)
    CUSTOMS.write_parquet(tmp_path / "web" / "customs.parquet")
    assert read_raw(f"{web}/customs.parquet").polars().height == 300


def test_a_store_that_cannot_be_reached_is_a_coded_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ):
        monkeypatch.setenv(name, value)
    for name in ("x.parquet", "x.csv"):
        with pytest.raises(Unreachable, match=f"s3://bucket/{name}") as caught:
            read_raw(f"s3://bucket/{name}")
        assert "invalid value" not in str(caught.value), "the store is at fault, not how it is asked"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_parquet_object_of_a_store_gives_its_rows(
    tmp_path: Path, web: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers as S3 does. Polars starts no client without certificates, even where none is used."""
    where = pytest.importorskip("pip._vendor.certifi").where()
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", web),
        ("AWS_ALLOW_HTTP", "true"),
        ("SSL_CERT_FILE", where),
    ):
        monkeypatch.setenv(name, value)
    (tmp_path / "web" / "bucket").mkdir()
    CUSTOMS.write_parquet(tmp_path / "web" / "bucket" / "customs.parquet")
    found = read_raw("s3://bucket/customs.parquet", engine=engine).polars()
    assert found.select(CUSTOMS.columns).sort(CUSTOMS.columns).equals(CUSTOMS.sort(CUSTOMS.columns))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_machine_without_certificates_is_told_so_or_does_without(
    tmp_path: Path, web: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polars starts no client without certificates: what a web server has is fetched whole, a store is refused."""
    where = pytest.importorskip("pip._vendor.certifi").where()
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", web),
        ("AWS_ALLOW_HTTP", "true"),
        ("SSL_CERT_FILE", str(tmp_path / "none.pem")),
        ("SSL_CERT_DIR", str(tmp_path / "none")),
    ):
        monkeypatch.setenv(name, value)
    (tmp_path / "web" / "other").mkdir()
    for place in ("bare.parquet", "other/bare.parquet"):
        CUSTOMS.write_parquet(tmp_path / "web" / place)
    found = read_raw(f"{web}/bare.parquet", engine=engine).polars()
    assert found.select(CUSTOMS.columns).sort(CUSTOMS.columns).equals(CUSTOMS.sort(CUSTOMS.columns))
    with pytest.raises(Unreachable) as caught:
        read_raw("s3://other/bare.parquet", engine=engine)
    assert "SSL_CERT_FILE" in caught.value.remedy
    monkeypatch.setenv("SSL_CERT_FILE", where)
    assert read_raw("s3://other/bare.parquet", engine=engine).polars().height == CUSTOMS.height


@pytest.mark.system
@pytest.mark.parametrize("engine", ENGINES)
def test_postgresql_gives_the_rows_of_the_file(tmp_path: Path, filled: str, engine: Engine) -> None:
    CUSTOMS.write_parquet(tmp_path / "customs.parquet")
    key = ["firm", "product", "destination", "year", "value"]
    expected = read_customs(tmp_path / "customs.parquet").polars().sort(key)
    table = read_customs(f"{filled}#customs", engine=engine)
    assert table.polars().select(expected.columns).sort(key).equals(expected)
    assert read_customs(f"{filled}#old.late", engine=engine).polars().height == 200
    assert "s3cret" not in str(table.account)
    rows = read_table(f"{filled}#customs", engine=engine).polars()
    assert rows.schema["value"] == pl.Float64
    assert rows.schema["id"] == pl.String
    query = f"{filled}#select firm, year, sum(value) as value from customs where year = 2005 group by 1, 2"
    assert read_raw(query, engine=engine).polars().height == 7
    later = read_raw(f"{filled}#customs", engine=engine, where='year >= 2005 and firm in ("F1", "F2")')
    assert later.polars().height == CUSTOMS.filter((pl.col("year") >= 2005) & pl.col("firm").is_in(["F1", "F2"])).height
    assert "left out by the database" in str(later.account)


@pytest.mark.system
def test_postgresql_is_asked_for_the_columns_in_use(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = databases._rows
    monkeypatch.setattr(
        databases, "_rows", lambda address, question: asked.append(question) or plain(address, question)
    )
    table: Any = read_raw(f"{filled}#customs", engine="polars").data
    asked.clear()
    assert table.select(pl.col("value").sum()).collect().item() == pytest.approx(CUSTOMS["value"].sum(), rel=1e-12)
    assert len(asked) == 1
    assert "remark" not in asked[0]


@pytest.mark.system
def test_postgresql_stops_a_query_without_end(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTEGRADE_MOST_SECONDS", "1")
    with pytest.raises(BadQuery, match="longer than 1 seconds"):
        read_raw(f"{filled}#{ENDLESS.replace(' c(', ' c (')}").polars()


@pytest.mark.system
def test_postgresql_errors_are_coded_and_keep_the_password(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = urllib.parse.urlsplit(filled).port
    with pytest.raises(BadQuery, match="did you mean 'customs'"):
        read_raw(f"{filled}#customers")
    with pytest.raises(BadQuery) as broken:
        read_raw(f"{filled}#select nothing from customs")
    wrong = filled.replace("s3cret", "wr0ng")
    with pytest.raises(Unreachable) as refused:
        read_raw(f"{wrong}#customs")
    with pytest.raises(Unreachable) as gone:
        read_raw(f"{filled.replace(str(port), '9')}#customs")
    for text in (str(broken.value), str(refused.value), str(gone.value)):
        assert "s3cret" not in text
        assert "wr0ng" not in text
        assert "me:***@127.0.0.1" in text
    assert run(["quality", f"{filled}#customs", "--sigma", "5", "--out", "-", "--engine", "polars"]) == 0
    assert "s3cret" not in "".join(capsys.readouterr())


@pytest.mark.system
def test_postgresql_in_a_study_notices_a_changed_row(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cret")
    (file,) = files_of(Source(files=[f"{filled.replace(':s3cret', '')}#customs"]), Path("/tmp"))
    databases.fingerprint.cache_clear()
    before = described(file, Path("/tmp"))
    assert "s3cret" not in json.dumps(before)
    ask(filled, "update customs set value = value where firm = 'F1'")
    databases.fingerprint.cache_clear()
    assert described(file, Path("/tmp"))["sha256"] == before["sha256"], "the order of rows does not matter"
    ask(filled, "update customs set value = value + 1 where firm = 'F1'")
    databases.fingerprint.cache_clear()
    assert described(file, Path("/tmp"))["sha256"] != before["sha256"]
    ask(filled, "update customs set value = value - 1 where firm = 'F1'")


YEARS = """
import sys, integrade as ig
for address in sys.argv[1:]:
    for engine in ("polars", "duckdb"):
        table = ig.read_firms(address, engine=engine)
        print(table.polars().sort("firm")["year"].to_list(), "time zone UTC" in str(table.account))
"""
LATE = "('A', timestamptz '2004-12-31 23:30:00+00'), ('B', timestamptz '2005-01-01 00:30:00+00')"


def years_on(machine: str, *addresses: str) -> list[str]:
    """What a machine in a time zone reads."""
    done = subprocess.run(
        [sys.executable, "-c", YEARS, *addresses],
        env={**os.environ, "TZ": machine, "PGTZ": machine},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("machine", ["Asia/Tokyo", "America/Lima"])
def test_the_year_of_a_time_with_a_zone_is_that_of_utc(machine: str, tmp_path: Path) -> None:
    """It was that of the zone in which the machine stood."""
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute(f"create table t as select * from (values {LATE}) as v(firm, date)")
        made.execute("create view v as select * from t")
    asked = "select firm, year(date) as year from t"
    assert years_on(machine, f"{path}#t", f"{path}#v") == ["[2004, 2005] True"] * 4
    assert years_on(machine, f"{path}#{asked}") == ["[2004, 2005] False"] * 2


@pytest.mark.system
@pytest.mark.parametrize("machine", ["Asia/Tokyo", "America/Lima"])
def test_the_year_of_a_server_is_that_of_utc(machine: str, filled: str) -> None:
    ask(filled, "drop table if exists late", f"create table late as select * from (values {LATE}) as v(firm, date)")
    asked = "select firm, extract(year from date)::int as year from late"
    assert years_on(machine, f"{filled}#late") == ["[2004, 2005] True"] * 2
    assert years_on(machine, f"{filled}#{asked}") == ["[2004, 2005] False"] * 2
