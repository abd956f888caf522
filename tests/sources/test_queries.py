"""What stands behind ``#`` is read, never run: one SELECT that opens no other file, writes nothing, changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.cli import run
from integrade.engine.frames import Engine, duckdb_connection
from integrade.errors import BadQuery, IntegradeError
from integrade.sources import read_raw
from integrade.sources.files import databases
from integrade.sources.origins.addresses import Address, address_of
from integrade.sources.origins.queries import check_query
from postgres_server import ask

ENGINES: tuple[Engine, ...] = ("polars", "duckdb")
SECRET = "the text of another file"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Both databases, with views that read the file beside them, and that file."""
    (tmp_path / "secret.csv").write_text(f"line\n{SECRET}\n")
    with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
        connection.execute("create table customs as select 2004 + range as year, 'F1' as firm from range(3)")
        connection.execute("create table computed (year int, twice int generated always as (2 * year))")
        connection.execute("insert into computed values (2004)")
        connection.execute("create view late as select * from customs where year > 2004")
        connection.execute(f"create view outside as select * from read_csv('{tmp_path}/secret.csv')")
        connection.execute(f"create macro told() as (select content from read_text('{tmp_path}/secret.csv'))")
        connection.execute("create view inside as select told() as line")
    with sqlite3.connect(tmp_path / "t.sqlite") as lite:
        lite.execute("create table customs as select 2004 as year, 'F1' as firm")
        lite.execute("create view late as select * from customs where year > 2003")
    lite.close()
    return tmp_path


def escapes(out: Path) -> list[str]:
    return [
        f"select * from customs) as q; copy (select 'x' as a) to '{out}' (header false);"
        " select * from (select * from customs",
        f"select 1; copy (select 'x' as a) to '{out}'",
        f"select 1) as q; copy (select 'x' as a) to '{out}'; --",
        f"with a as (select 1) select * from a) as q; attach '{out}' as other; create table other.t (a int); --",
        f"select * from customs); attach '{out}'; --",
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("file", ["t.duckdb", "t.sqlite"])
@pytest.mark.parametrize("at", range(5))
def test_a_query_writes_no_file(folder: Path, file: str, at: int, engine: Engine) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(BadQuery):
        read_raw(f"{folder}/{file}#{escapes(folder / 'written')[at]}", engine=engine).polars()
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_checking_a_study_runs_nothing(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, out = tmp_path / "study", tmp_path / "bashrc"
    assert run(["new", str(study)]) == 0
    shutil.copy(folder / "t.duckdb", study / "raw" / "t.duckdb")
    text = (study / "study.toml").read_text()
    first = next(line for line in text.splitlines() if line.startswith("files = "))
    query = f"raw/t.duckdb#{escapes(out)[0]}".replace('"', '\\"')
    (study / "study.toml").write_text(text.replace(first, f'files = ["{query}"]', 1))
    assert run(["check", str(study)]) != 0
    assert not out.exists()
    assert "U105" in "".join(capsys.readouterr())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "table",
    [
        "outside",
        "inside",
        "select * from outside",
        "select told() as line from customs",
        "select * from read_csv('{}/secret.csv')",
        "select content from read_text('{}/secret.csv')",
        "from '{}/secret.csv'",
        "select * from glob('{}/*')",
        "from read_blob('{}/*')",
        "from sniff_csv('{}/secret.csv')",
        "from query('from read_text(''{}/secret.csv'')')",
    ],
)
def test_no_other_file_is_read(folder: Path, table: str, engine: Engine) -> None:
    with pytest.raises(IntegradeError) as refused:
        read_raw(f"{folder}/t.duckdb#{table.format(folder)}", engine=engine).polars()
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_views_tables_and_queries_of_the_file_itself_are_read(folder: Path, engine: Engine) -> None:
    for file, rows in (("t.duckdb", 2), ("t.sqlite", 1)):
        for table in ("late", "select * from late", "with a as (select * from late) select * from a -- the late ones"):
            assert read_raw(f"{folder}/{file}#{table}", engine=engine).polars().height == rows
    assert read_raw(f"{folder}/t.duckdb#customs", engine=engine, where="year > 2005").polars().height == 1
    assert read_raw(f"{folder}/t.duckdb#late", engine=engine, where="year > 2005").polars().height == 1
    assert read_raw(f"{folder}/t.duckdb#computed", engine=engine).polars().rows() == [(2004, 4008)]
    assert read_raw(f"{folder}/t.duckdb#from customs select year", engine=engine).polars().height == 3


def test_only_rows_are_attached_to_the_connection_of_the_user(folder: Path) -> None:
    for table in ("late", "computed", "select * from customs"):
        read_raw(f"{folder}/t.duckdb#{table}", engine="duckdb").polars()
    assert str(folder) not in str(duckdb_connection().sql("from duckdb_databases()").fetchall())


def test_variables_of_the_program_are_no_tables(folder: Path) -> None:
    hidden = pl.DataFrame({"a": [1]})
    with pytest.raises(BadQuery):
        read_raw(f"{folder}/t.duckdb#select * from hidden").polars()
    assert hidden.height == 1


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as a; select 2",
        "with x as (insert into customs values (1, 'a') returning *) from x",
        "select $1 as a",
        "select 1 as a /*",
    ],
)
def test_anything_but_one_select_is_refused_on_duckdb(folder: Path, query: str) -> None:
    with pytest.raises(BadQuery):
        read_raw(f"{folder}/t.duckdb#{query}").polars()


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as a; select 2",
        "with x as (select 1) insert into customs select 1, 'a'",
        "select load_extension('/tmp/x.so')",
        "select * from pragma_database_list",
        "select 1 as a /*",
        "with x as (select 1) delete from customs",
    ],
)
def test_anything_but_one_select_is_refused_on_sqlite(folder: Path, query: str) -> None:
    before = (folder / "t.sqlite").read_bytes()
    with pytest.raises(BadQuery):
        read_raw(f"{folder}/t.sqlite#{query}").polars()
    assert (folder / "t.sqlite").read_bytes() == before


@given(
    st.lists(
        st.sampled_from(
            [
                "select",
                "1",
                "*",
                "from",
                "customs",
                "(",
                ")",
                ";",
                "--",
                "/*",
                "*/",
                "\n",
                "'",
                '"',
                " ",
                "as q",
                ",",
                "$$",
                "copy (select 1) to 'never'",
                "attach 'never'",
                "with a as (select 1)",
                "union all",
                "E'\\'",
            ]
        ),
        max_size=14,
    )
)
@settings(max_examples=150, deadline=None)
def test_what_is_accepted_stays_within_its_parentheses(words: list[str]) -> None:
    """A query that passes by itself gives, as a part of another, one statement of the same kind."""
    made = Address("duckdb", str(SHARED), "select " + " ".join(words))
    try:
        check_query(made)
        found = duckdb.extract_statements(f"select count(*) from {databases._from(made)}")
    except (IntegradeError, duckdb.ParserException):  # refused: nothing has run
        return
    assert [one.type.name for one in found] == ["SELECT"]
    assert not Path("never").exists()


SHARED = Path("/nowhere.duckdb")


@pytest.fixture(autouse=True, scope="module")
def shared_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    global SHARED
    SHARED = tmp_path_factory.mktemp("shared") / "t.duckdb"
    with duckdb.connect(str(SHARED)) as connection:
        connection.execute("create table customs as select 1 as a")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_name_of_a_folder_is_no_sql(tmp_path: Path, engine: Engine) -> None:
    out = tmp_path / "written"
    name = f"a': BIGINT}}); copy (select 1) to '{out.name}'; --"
    inner = tmp_path / "customs" / f"{name}=1"
    inner.mkdir(parents=True)
    pl.DataFrame({"year": [2004]}).write_parquet(inner / "part.parquet")
    with pytest.MonkeyPatch.context() as at:
        at.chdir(tmp_path)
        assert read_raw(tmp_path / "customs", engine=engine).polars().height == 1
    assert not out.exists()


POSTGRES_REFUSED = [
    "select pg_sleep(1) as a",
    "select pg_read_file('/etc/passwd') as a",
    "select lo_export(1, '/tmp/x') as a",
    'select "pg_sleep"(1) as a',
    "select pg_catalog.pg_sleep(1) as a",
    "select pg_sleep /* */ (1) as a",
    'select U&"\\0070g_sleep"(1) as a',
    "select E'\\'' || pg_sleep(1) || '' as a",
    "select $$a$$ as a",
    "select 1 as a -- a",
    "select query_to_xml('select pg_sleep(1)', true, true, '') as a",
    "select set_config('transaction_read_only', 'off', true) as a",
    "select nextval('s') as a",
    "select dblink_exec('dbname=x', 'drop table y') as a",
    "select public.sum(1) as a",
    "select 'a as a",
    "select 1) as q; drop table customs; select * from (select 1 as a",
    "select (('/etc/hostname'::text).pg_read_file) as a",
    "select ((3::float8).pg_sleep) as a",
    "select (array[3.0::float8])[1] . pg_sleep as a",
    'select (3::float8)."pg_sleep" as a',
    "select f😀(1) as a",
]


@each("query", POSTGRES_REFUSED)
def test_a_query_on_a_server_calls_what_is_known(query: str) -> None:
    address = address_of(f"postgresql://127.0.0.1:9/t?connect_timeout=1#{query}")
    assert address is not None
    with pytest.raises(IntegradeError) as refused:
        check_query(address)
    if ";" not in query:
        assert isinstance(refused.value, BadQuery), "before the server is asked"


@pytest.mark.system
def test_a_server_is_asked_what_a_query_may_be(filled: str) -> None:
    before = read_raw(f"{filled}#customs", engine="polars").polars().height
    for query in (
        "select 1) as q; drop table customs; select * from (select 1 as a",
        "select 1 as a; drop table customs",
        "with gone as (delete from customs returning *) select * from gone",
        "select 1 as a into other",
        "select 1 as a) as q, lateral (select 2 as b",
        "select * from customs for update",
    ):
        with pytest.raises(BadQuery):
            read_raw(f"{filled}#{query}", engine="polars").polars()
    assert read_raw(f"{filled}#customs", engine="polars").polars().height == before
    fine = """with recursive n(i) as (select 1 union all select i + 1 from n where i < 3)
        select cast(i as numeric(4, 1)) as i, row_number() over (order by i) as place, 'it''s (so)' as said from n"""
    assert read_raw(f"{filled}#{fine}", engine="polars").polars().height == 3


@pytest.mark.system
def test_a_query_on_a_server_calls_nothing_after_a_dot(filled: str) -> None:
    long = "w" * 63
    ask(
        filled,
        "create table pairs (pid int, file text, area float8, date date)",
        "insert into pairs values (1, 'a', 2, '2004-01-01')",
        f"create function {long}(p pairs) returns int language sql as 'select 1'",
        "create function two(p pairs, q int default 1) returns int language sql immutable as 'select q'",
    )
    for query in (
        "select a.pg_cancel_backend from (select pid from pairs) as q(a)",
        "select a.pg_sleep from (select 0::float8) as q(a)",
        'select a."pg_sleep" from (select 0::float8) as q(a)',
        "select a . PG_SLEEP from (select 0::float8) as q(a)",
        "select pairs.file.pg_read_file as a from pairs",
        "select p.to_json from pairs as p",
        f"select p.{long} from pairs as p",
        f"select p.{long}w from pairs as p",
        "select public.pairs.two from pairs",
        "select p.area, p.two from public.pairs as p",
    ):
        with pytest.raises(BadQuery, match="may not call"):
            read_raw(f"{filled}#{query}", engine="polars").polars()
    fine = """select a.firm, b.area, "b"."date", 1.5 as half from public.customs as a
        join public.pairs as b on a.year = extract(year from b.date) where a.value > 100.5"""
    assert read_raw(f"{filled}#{fine}", engine="polars").polars().height == 99


@pytest.mark.system
def test_a_view_of_the_server_may_not_write(filled: str) -> None:
    ask(
        filled,
        "create table written (a int)",
        "create sequence counted",
        "create view counting as select nextval('counted') as a",
        "create function write_it() returns int language sql as 'insert into written values (1) returning a'",
        "create view writing as select write_it() as a",
    )
    for view in ("counting", "writing"):
        with pytest.raises(BadQuery, match="read-only"):
            read_raw(f"{filled}#{view}", engine="polars").polars()


def test_connections_are_let_go(folder: Path) -> None:
    before = threading.active_count()
    for _ in range(5):
        read_raw(f"{folder}/t.duckdb#late").polars()
    with duckdb.connect(str(folder / "t.duckdb")) as connection:  # for writing
        connection.execute("insert into customs values (2009, 'F2')")
    assert read_raw(f"{folder}/t.duckdb#late").polars().height == 3
    assert threading.active_count() <= before + 1
