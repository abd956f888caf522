"""Objects of a store: every form on every engine, what is wrong in words that help, and hashes that follow them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from each import each
from integrade.engine.engines import Engine
from integrade.engine.frames import Running
from integrade.errors import FolderContradicted, IntegradeError, Unreachable, Unreadable, UsageError
from integrade.sources import check_target, read_table, write_table
from integrade.sources.files.objects import fingerprint
from integrade.sources.origins.addresses import Address
from object_store import BUCKET, ROWS, SECRET

ENGINES = ["polars", "duckdb", pytest.param("spark", marks=pytest.mark.system)]
FORMS = [
    "one/rows.parquet",
    "价 格/rows.parquet",
    "parts/*.parquet",
    "parts/part[012].parquet",
    "**/part?.parquet",
    "parts",
    "hive/",
    "hive/year=*/*/*.parquet",
    "spark.parquet",
    "one/rows.csv",
    "价 格/rows.csv",
    "texts/*.csv",
    "texts/",
    "one/rows.xlsx",
    "one/rows.dta",
]

pytestmark = pytest.mark.usefixtures("s3")


@pytest.fixture(autouse=True)
def session(request: pytest.FixtureRequest) -> None:
    """Spark, where the engine of a test is Spark."""
    if "engine" in request.fixturenames and request.getfixturevalue("engine") == "spark":
        request.getfixturevalue("spark")


@pytest.fixture
def closed(s3: Any, s3_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A bucket of a server that does not know the key of the environment, and gives nothing without one.

    Each test has its own, since Polars keeps the client of a bucket.
    """
    name = f"closed{abs(hash(request.node.name))}"
    s3.create_bucket(Bucket=name)
    for key in ("rows.parquet", "rows.csv", "folder/rows.parquet"):
        s3.put_object(Bucket=name, Key=key, Body=b"")
    _admit(s3_server, b"0" if request.getfixturevalue("known") else b"inf")
    yield name
    _admit(s3_server, b"inf")


def _admit(server: str, requests: bytes) -> None:
    """How many requests the server answers without looking at the key."""
    urlopen(Request(f"{server}/moto-api/reset-auth", data=requests, headers={"Content-Type": "text/plain"})).close()


@pytest.mark.parametrize("engine", ENGINES)
@each("name", FORMS)
def test_an_object_gives_its_rows(name: str, engine: Running) -> None:
    read = read_table(f"s3://{BUCKET}/{name}", engine=engine).polars().select(ROWS.columns)
    if not name.endswith((".parquet", "s", "/")) or "texts" in name:
        read = read.with_columns(pl.col("firm", "product").cast(pl.String), pl.col("year").cast(int))
        read = read.with_columns(pl.col("firm").str.zfill(4), pl.col("product").str.zfill(6))
    assert_frame_equal(read.sort("firm"), ROWS, check_exact=False)


@pytest.mark.parametrize("engine", ENGINES)
@each(
    ("name", "says"),
    [
        ("nobody/rows.parquet", "check the bucket"),
        ("nobody/rows.csv", "check the bucket"),
        ("nobody/*.parquet", "check the bucket"),
        (f"{BUCKET}/one/row.parquet", "did you mean 'rows.parquet'"),
        (f"{BUCKET}/one/row.csv", "did you mean 'rows.csv'"),
        (f"{BUCKET}/ons/", "did you mean 'one'"),
        (f"{BUCKET}/one/*.tsv", "check the bucket and the name"),
    ],
)
def test_what_is_not_there_is_said(name: str, says: str, engine: Running) -> None:
    with pytest.raises(Unreachable, match="there is no object s3://") as told:
        read_table(f"s3://{name}", engine=engine)
    assert says in told.value.remedy
    assert "xml" not in str(told.value)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["rows.parquet", "*.parquet", "rows.csv", "folder/"])
@pytest.mark.parametrize("known", [True, False])
def test_where_a_store_refuses_the_variables_that_lack_are_named(
    name: str, engine: Running, known: bool, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in () if known else ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(variable)
    with pytest.raises(Unreachable, match=rf"s3://{closed}/.* cannot be read: ") as told:
        read_table(f"s3://{closed}/{name}", engine=engine)
    said = "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION are not set)"
    assert (said in told.value.remedy) == (not known)
    assert "xml" not in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_region_that_is_not_set_is_found_by_the_store(engine: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    for name in ("one/rows.parquet", "one/rows.csv"):
        assert read_table(f"s3://{BUCKET}/{name}", engine=engine).polars().height == ROWS.height


@pytest.mark.parametrize("name", ["one/rows.csv", "one/rows.parquet"])
def test_no_secret_is_printed(name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for place in ("bucket9", f"me:{SECRET.replace('/', '%2F')}@bucket9"):
        with pytest.raises(IntegradeError) as told:
            read_table(f"s3://{place}/{name}")
        for text in (str(told.value), repr(told.value), caplog.text):
            assert SECRET not in text
            assert SECRET.replace("/", "%2F") not in text


@pytest.mark.parametrize("name", ["one/rows.parquet", "one/rows.csv", "parts/*.parquet", "hive/", "spark.parquet"])
def test_a_fingerprint_follows_every_object(name: str, s3: Any) -> None:
    address = Address("object", f"s3://{BUCKET}/{name}")
    before = fingerprint(address)
    assert fingerprint(address) == before
    key = {"parts/*.parquet": "parts/part1.parquet", "hive/": "hive/year=2005/product=010121/part.parquet"}.get(
        name, "spark.parquet/year=2004/product=847130/part-0.parquet" if name == "spark.parquet" else name
    )
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    try:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body + b" ")
        assert fingerprint(address) != before
    finally:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def test_a_new_object_of_a_pattern_changes_its_fingerprint(s3: Any) -> None:
    address = Address("object", f"s3://{BUCKET}/fresh/*.parquet")
    s3.put_object(Bucket=BUCKET, Key="fresh/a.parquet", Body=b"a")
    before = fingerprint(address)
    s3.put_object(Bucket=BUCKET, Key="fresh/b.csv", Body=b"b")
    assert fingerprint(address) == before
    s3.put_object(Bucket=BUCKET, Key="fresh/b.parquet", Body=b"b")
    assert fingerprint(address) != before


def test_a_fingerprint_of_nothing_is_refused() -> None:
    with pytest.raises(Unreachable, match="there is no object"):
        fingerprint(Address("object", f"s3://{BUCKET}/one/no.parquet"))


def test_a_folder_of_other_files_is_read_by_their_kinds_but_not_as_parquet(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="mixed/a.csv", Body=b"x,y\n1,a\n")
    s3.put_object(Bucket=BUCKET, Key="odd.parquet/a.csv", Body=b"x,y\n1,a\n")
    s3.put_object(Bucket=BUCKET, Key="mixed/b.parquet", Body=_parquet(pl.DataFrame({"x": [2], "y": ["b"]})))
    assert sorted(read_table(f"s3://{BUCKET}/mixed/").polars()["y"]) == ["a", "b"]
    with pytest.raises(Unreadable, match=r"none of the 1 objects of .* is a Parquet file"):
        read_table(f"s3://{BUCKET}/odd.parquet")
    s3.put_object(Bucket=BUCKET, Key="odd.parquet/b.parquet", Body=_parquet(pl.DataFrame({"x": [2], "y": ["b"]})))
    read = read_table(f"s3://{BUCKET}/odd.parquet")
    assert read.polars().height == 1
    assert [e.example for e in read.account if "1 object is not Parquet" in e.reason] == [
        f"s3://{BUCKET}/odd.parquet/a.csv"
    ]


def test_a_folder_of_a_store_does_not_overwrite_a_column(s3: Any) -> None:
    for year, held in ((2004, 2004), (2005, 2009)):
        body = _parquet(pl.DataFrame({"x": [2], "year": [held]}))
        s3.put_object(Bucket=BUCKET, Key=f"years/year={year}/a.parquet", Body=body)
    assert read_table(f"s3://{BUCKET}/years/year=2004/").polars()["year"].to_list() == [2004]
    with pytest.raises(FolderContradicted, match=r"year=2005.*2009"):
        read_table(f"s3://{BUCKET}/years/")


def _parquet(rows: pl.DataFrame) -> bytes:
    held = io.BytesIO()
    rows.write_parquet(held)
    return held.getvalue()


def test_results_go_to_a_folder_of_a_store_where_nothing_is(s3: Any) -> None:
    place = f"s3://{BUCKET}/found/quality"
    check_target(place)
    write_table(ROWS, place)
    assert_frame_equal(read_table(f"{place}/").polars(), ROWS)
    for taken in (place, f"{place}/", f"{place}/part-00000.parquet"):
        for write in (check_target, lambda to: write_table(ROWS, to)):
            with pytest.raises(UsageError, match="exists"):
                write(taken)
    names = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix="found")["Contents"]]
    assert names == ["found/quality/part-00000.parquet"]


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("place", "engine", "said"),
    [
        (f"s3://{BUCKET}/q.csv", "polars", "folders of Parquet"),
        ("https://host/quality/", "spark", "cannot be written to"),
        ("postgresql://me:secret@host/base", "polars", r"cannot be written to postgresql://.*\*\*\*@host"),
        ("hdfs://node/quality/", "duckdb", "only Spark writes"),
        ("dbfs:/quality", "auto", "only Spark writes"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_any_work(place: str, engine: Engine, said: str) -> None:
    with pytest.raises(UsageError, match=said) as told:
        check_target(place, engine=engine)
    assert "secret" not in str(told.value)


@pytest.mark.usefixtures("s3")
def test_a_store_that_does_not_answer_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="cannot be reached"):
        check_target(f"s3://{BUCKET}/found/")


@each("form", ["one/rows.parquet", "parts/*.parquet", "parts", "hive/"])
def test_auto_counts_objects_as_it_counts_files(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrade.engine.frames.CELL", 4_000)  # bytes: 60 rows of four columns take 960,000
    monkeypatch.setenv("INTEGRADE_MEMORY", "0.9MB")
    account = read_table(f"s3://{BUCKET}/{form}").account
    assert [entry for entry in account if "engine duckdb" in str(entry.reason)], "240 cells do not fit"
    monkeypatch.setenv("INTEGRADE_MEMORY", "1MB")
    account = read_table(f"s3://{BUCKET}/{form}").account
    assert not [entry for entry in account if "engine duckdb" in str(entry.reason)], "240 cells fit"
