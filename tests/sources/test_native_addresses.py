"""Addresses that Spark itself opens, and a stage in a store: a server of Spark Connect (Sail) over one that is as S3.

The program runs in a process of its own, since one process has one kind of session.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from object_store import BUCKET, ENVIRONMENT, ROWS

pytestmark = pytest.mark.system
CLIENT = """
import json, sys
from integrade.errors import IntegradeError
from integrade.sources import read_table
from integrade.sources.files import objects
from integrade.sources.origins.addresses import Address
for name in json.loads(sys.argv[1]):
    try:
        rows = read_table(name, engine="spark").polars().sort("firm")
        found = [rows.height, rows["product"].unique().sort().to_list(), rows["year"].unique().sort().to_list()]
    except IntegradeError as problem:
        found = [problem.code, str(problem)]
    print("FOUND", json.dumps(found), flush=True)
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def sail(s3_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a client of the server."""
    program = os.environ.get("INTEGRADE_SAIL") or shutil.which("sail")
    if not program:
        pytest.skip("needs Sail (pip install pysail pyspark-client==4.2.0, in an environment of its own)")
    port = free_port()
    environment = {**os.environ, **ENVIRONMENT, "AWS_ENDPOINT_URL": s3_server}
    server = subprocess.Popen(
        [program, "spark", "server", "--ip", "127.0.0.1", "--port", str(port)],
        env=environment,
        cwd=tmp_path_factory.mktemp("sail"),  # tables of a catalogue are written there
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield {**environment, "SPARK_REMOTE": f"sc://127.0.0.1:{port}", "PYTHONPATH": os.pathsep.join(sys.path)}
    finally:
        server.terminate()
        server.wait()


def read(environment: dict[str, str], names: list[str], *, program: str = CLIENT, **more: str) -> list[Any]:
    """What a client reads of each name: rows, products and years, or the code and the words of a refusal."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, json.dumps(names)],
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [json.loads(line.removeprefix("FOUND ")) for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert len(found) == len(names), done.stderr[-2000:]
    return found


WHOLE = [60, ["010121", "847130"], [2004, 2005]]


def test_an_address_goes_to_spark_as_it_is(sail: dict[str, str], s3: Any, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    deltalake.write_deltalake(tmp_path / "lake", ROWS.to_arrow(), partition_by=["product"])
    deltalake.DeltaTable(tmp_path / "lake").delete("product = '847130'")
    for file in (tmp_path / "lake").rglob("*"):
        if file.is_file():
            s3.upload_file(str(file), BUCKET, f"sail/{file.relative_to(tmp_path)}")
    names = [
        f"s3a://{BUCKET}/one/rows.parquet",
        f"s3a://{BUCKET}/parts/*.parquet",
        f"s3a://{BUCKET}/hive",
        f"s3://{BUCKET}/hive/",
        f"s3a://{BUCKET}/spark.parquet",
        f"s3a://{BUCKET}/sail/lake",
        str(tmp_path / "lake"),
    ]
    one_product = [40, ["010121"], [2004, 2005]]
    blind = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"), "")
    assert read(sail, names[:1] + names[2:3], **blind) == [WHOLE, WHOLE], "the client has no key, and asks no store"
    assert read(sail, names) == [WHOLE] * 5 + [one_product] * 2


def test_what_is_not_there_is_refused_and_not_empty(sail: dict[str, str]) -> None:
    """Sail gives a table without columns for a name behind which nothing is."""
    names = [f"s3a://{BUCKET}/one/row.parquet", "s3a://nobody/x.parquet", "dbfs:/x.parquet", "/Volumes/a/b/c/x.parquet"]
    for code, said in read(sail, names):
        assert code == "D212"
        assert "there is no object" in said or "Spark cannot read" in said
        assert ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in said


def test_a_stage_in_a_store_is_used_and_left_empty(sail: dict[str, str], s3: Any, tmp_path: Path) -> None:
    """Text of 8 MB and more goes through the stage; the server is said to be elsewhere by a stage that is stated."""
    path = tmp_path / "rows.csv"
    path.write_text("firm,product,year,text\n" + f"a,010121,2004,{'x' * 90}\n" * 100_000, encoding="utf-8")
    far = "import integrade.engine.stage as s; s._is_loopback = lambda _: False\n"
    stated = {"INTEGRADE_STAGE": f"s3://{BUCKET}/staged"}
    program = [sys.executable, "-W", "ignore", "-c", far + CLIENT, json.dumps([str(path)])]
    done = subprocess.run(program, env={**sail, **stated}, capture_output=True, text=True, check=False)
    assert 'FOUND [100000, ["010121"], [2004]]' in done.stdout, done.stdout + done.stderr[-2000:]
    left = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET, Prefix="staged").get("Contents", [])]
    assert left == [], "not even an empty object for the folder"
    refused = subprocess.run(program, env=sail, capture_output=True, text=True, check=False)
    assert '["U107"' in refused.stdout
    assert "INTEGRADE_STAGE=" in refused.stdout


WRITE = """
import json, sys
from integrade.errors import IntegradeError
from integrade.sources import check_target, read_table, write_table
for name in json.loads(sys.argv[1]):
    try:
        check_target(name, engine="spark")
        write_table(read_table("s3a://trade/one/rows.parquet", engine="spark"), name)
        found = read_table(name, engine="spark").polars().height
    except IntegradeError as problem:
        found = str(problem)
    print("FOUND", json.dumps(found), flush=True)
"""


def test_workers_write_to_an_address_where_nothing_is(sail: dict[str, str], s3: Any) -> None:
    names = [f"s3a://{BUCKET}/by_workers/rows", f"s3a://{BUCKET}/by_workers/rows/", f"s3a://{BUCKET}/one/"]
    first, *taken = read(sail, names, program=WRITE)
    assert first == WHOLE[0]
    assert all("exists" in said for said in taken)
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="by_workers")["KeyCount"] > 0


def test_a_table_of_the_catalogue_is_written_once_and_read(sail: dict[str, str]) -> None:
    """An address with settings of Databricks is an address; Sail's catalogue lasts as long as the session."""
    remote = sail["SPARK_REMOTE"] + "/;x-databricks-cluster-id=0101-123456-abc"
    first, again = read(sail, ["table:results", "table:results"], program=WRITE, SPARK_REMOTE=remote)
    assert first == WHOLE[0]
    assert "table:results exists" in again
    ((code, said),) = read(sail, ["table:nothing"])
    assert (code, "the server of Spark has no table nothing" in said) == ("D212", True)


def test_an_iceberg_table_is_read_by_a_server_that_has_it(sail: dict[str, str], tmp_path: Path) -> None:
    make = (
        "import sys; from integrade.engine.frames import on_engine; from object_store import ROWS; "
        "rows = on_engine(ROWS, 'spark').to_native(); "
        "rows.write.format('iceberg').save(sys.argv[1]); "
        "rows.where('year = 2004').write.format('iceberg').mode('overwrite').save(sys.argv[1])"
    )
    place = str(tmp_path / "ice")
    subprocess.run([sys.executable, "-W", "ignore", "-c", make, place], env=sail, check=True)
    assert len(list((tmp_path / "ice").rglob("*.parquet"))) > 1, "files of the version before are still there"
    assert read(sail, [place]) == [[30, ["010121", "847130"], [2004]]]


def test_a_stage_in_a_store_goes_when_its_process_is_stopped(s3: Any) -> None:
    program = (
        "import sys, time; from rawcells.stopping import watch_for_stops; "
        "from integrade.engine.stage import _own_folder; "
        f"watch_for_stops(); print(_own_folder('s3://{BUCKET}/stopped'), flush=True); time.sleep(60)"
    )
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout
    place = running.stdout.readline().decode().strip()
    assert place.startswith(f"s3://{BUCKET}/stopped/integrade.engine.stage-")
    assert names(s3, "stopped")
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    assert names(s3, "stopped") == []
    running.communicate()


def names(s3: Any, folder: str) -> list[str]:
    """The objects below a folder of the bucket."""
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])
    return [one["Key"] for one in found if not one["Key"].endswith("/")]
