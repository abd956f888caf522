"""Where Spark's workers read and write: the stated place or this machine's disk, and nothing that they do not see."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from each import each
from integrade.engine import stage
from integrade.engine.stage import STATED, discard, for_spark, is_here, stage_folder
from integrade.errors import NotShared, SessionLost, UsageError
from rawcells.bytes.encodings import spool
from spark_sessions import Session

MAKES = "import sys; from integrade.engine.stage import _own_folder; print(_own_folder(sys.argv[1]), flush=True); "


@pytest.fixture(autouse=True)
def unstated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STATED, raising=False)


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setenv(STATED, str(folder))
    return folder


@each(
    ("session", "here"),
    [
        (Session(master="local[2]"), True),
        (Session(master="spark://127.0.0.1:7077"), True),
        (Session(master="spark://10.0.0.5:7077"), False),
        (Session(master="yarn"), False),
        (Session(master="k8s://https://127.0.0.1:6443"), False),
        (Session(server="localhost"), True),
        (Session(server="::1", master="local[*]"), True),
        (Session(server="127.0.0.1", master="yarn"), False),
        (Session(server="spark.example.org"), False),
        (Session(server="localhost", fails="PATH_NOT_FOUND"), False),  # a tunnel
        (Session(server="localhost", writes=False), False),  # a folder of the same name on another machine
    ],
)
def test_the_disk_of_this_machine_is_the_place_where_spark_runs_on_it(session: Session, here: bool) -> None:
    assert is_here(session) == here
    assert (stage_folder(session) is None) == (not here)
    if here:
        assert os.access(stage_folder(session) or "", os.W_OK)


@pytest.mark.usefixtures("shared")
def test_a_worker_is_asked_once() -> None:
    session = Session(master="yarn")
    assert stage_folder(session) == stage_folder(session)
    assert session.probes == 1
    assert [path.name for path in Path(stage_folder(session) or "").iterdir()] == [".integrade-owner"]


def test_a_stated_folder_has_one_for_this_process_with_its_rights(shared: Path) -> None:
    shared.chmod(0o2775)
    place = Path(stage_folder(Session(master="local[2]")) or "")
    assert place.parent == shared
    assert place.stat().st_mode & 0o7777 == 0o2775, "workers of the same group write there"


def test_everybody_does_not_write_into_a_folder_of_a_place_for_all(shared: Path) -> None:
    shared.chmod(0o1777)
    assert Path(stage_folder(Session(master="yarn")) or "").stat().st_mode & 0o7777 == 0o775


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("session", "why"),
    [
        (Session(master="yarn", fails="[PATH_NOT_FOUND] no such path"), "no such path"),
        (Session(master="yarn", writes=False), "are not visible here"),
    ],
)
def test_a_stated_folder_that_workers_do_not_see_is_refused(session: Session, why: str) -> None:
    with pytest.raises(NotShared, match=re.escape(why)) as told:
        stage_folder(session)
    assert "JVM" not in str(told.value)
    assert f"{STATED}=" in told.value.remedy


@pytest.mark.parametrize("stated", ["/no/such/folder", "http://host/folder", "dbfs:/tmp"])
def test_a_stated_place_that_is_none_is_refused(stated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATED, stated)
    with pytest.raises(UsageError, match=STATED):
        stage_folder(Session(master="yarn"))


def test_files_are_named_as_spark_sees_them(shared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    far, here = Session(master="yarn"), Session(master="local[2]")
    addresses = ["s3a://bucket/x.parquet", "dbfs:/x.parquet", "hdfs://node/x.parquet"]
    assert for_spark(here, [*addresses, "x.parquet"]) == [*addresses, str(tmp_path / "x.parquet")]
    assert for_spark(far, ["shared/x.parquet"]) == [str(shared / "x.parquet")], "all machines see it"
    own = spool(".parquet")
    own.write_bytes(b"rows")
    (copy,) = for_spark(far, [str(own)])
    assert Path(copy).parent == Path(stage_folder(far) or "")
    assert Path(copy).suffix == ".parquet"
    assert Path(copy).read_bytes() == b"rows"
    discard(copy)
    assert not Path(copy).exists()
    with pytest.raises(NotShared, match=r"do not see .*/x\.parquet"):
        for_spark(far, ["x.parquet"])


@pytest.mark.usefixtures("shared")
def test_two_temporary_files_of_one_name_stay_two() -> None:
    own = [spool(""), spool("")]
    for folder in own:
        folder.mkdir()
        (folder / "rows.csv").write_text(folder.name, encoding="utf-8")
    copies = for_spark(Session(master="yarn"), [str(folder / "rows.csv") for folder in own])
    assert [Path(copy).read_text(encoding="utf-8") for copy in copies] == [folder.name for folder in own]


def test_workers_of_another_user_may_read_what_this_process_puts_there(shared: Path) -> None:
    """As files made under the umask of a careful user; the folder says who may."""
    shared.chmod(0o2775)
    own = spool(".parquet")
    own.write_bytes(b"rows")
    before = os.umask(0o077)
    try:
        far = Session(master="yarn")
        (copy,) = for_spark(far, [str(own)])
        folder = stage.stage_below(stage_folder(far) or "")
    finally:
        os.umask(before)
    assert Path(copy).stat().st_mode & 0o777 == 0o664
    assert Path(folder).stat().st_mode & 0o7777 == 0o2775


def test_what_cannot_be_removed_from_the_stage_stays(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What workers of another user hold there is theirs."""

    def refuses(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    (shared / "rows").mkdir()
    (shared / "rows" / "part.parquet").touch()
    (shared / "file").touch()
    for name in ("rmdir", "unlink"):
        monkeypatch.setattr(os, name, refuses)
    discard(str(shared / "rows"))
    discard(str(shared / "file"))
    monkeypatch.undo()
    assert (shared / "rows" / "part.parquet").exists()
    assert (shared / "file").exists()


def test_a_shared_folder_may_be_stated_as_an_address(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaced = shared / "of all"
    spaced.mkdir()
    far = Session(master="yarn")
    for stated in (f"file://{shared}/of%20all", f"file:{shared}/of%20all"):
        monkeypatch.setenv(STATED, stated)
        assert for_spark(far, [str(spaced / "x.parquet")]) == [str(spaced / "x.parquet")]
        assert Path(stage_folder(far) or "").parent == spaced


def test_a_shared_file_that_is_a_pattern_to_spark_has_a_link_that_all_machines_see(shared: Path) -> None:
    odd = shared / "rows[1].parquet"
    odd.write_bytes(b"rows")
    (link,) = for_spark(Session(master="yarn"), [str(odd)])
    assert Path(link).is_relative_to(shared)
    assert Path(link).read_bytes() == b"rows"
    assert "[" not in link


def test_a_place_that_is_a_pattern_to_spark_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "all[1]").mkdir()
    monkeypatch.setenv(STATED, str(tmp_path / "all[1]"))
    with pytest.raises(UsageError, match="reads as a pattern"):
        stage_folder(Session(master="yarn"))


def test_a_lost_session_is_not_a_place_that_workers_do_not_see(shared: Path) -> None:
    class Lost(Exception):
        __module__ = "pyspark.errors.exceptions.connect"

    session = Session(master="yarn", fails="UNAVAILABLE: Socket closed", kind=Lost)
    with pytest.raises(SessionLost):
        stage_folder(session)
    assert [one.name for one in shared.rglob("probe*")] == []


def test_without_a_stage_a_cluster_gets_no_file_of_this_machine() -> None:
    far = Session(master="yarn")
    for own in (spool(".parquet"), Path("x.parquet")):
        own.touch() if own.is_absolute() else None
        with pytest.raises(NotShared) as told:
            for_spark(far, [str(own)])
        assert STATED in told.value.remedy


def child(place: Path) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", f"{MAKES}sys.stdin.read()", str(place)], **pipes)


def said(process: subprocess.Popen[str]) -> Path:
    assert process.stdout
    return Path(process.stdout.readline().strip())


def test_folders_go_with_their_process_or_with_the_next_of_the_same_machine(tmp_path: Path) -> None:
    other = tmp_path / f"{stage.PREFIX}elsewhere-x"
    other.mkdir()
    killed, living = child(tmp_path), child(tmp_path)
    try:
        gone, held = said(killed), said(living)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert gone.is_dir()
        child(tmp_path).communicate("")
        assert not gone.exists()
        assert held.is_dir()
        living.communicate("")
        assert list(tmp_path.iterdir()) == [other], "locks of another machine are not seen from here"
    finally:
        killed.kill()
        living.kill()


@pytest.mark.system
@pytest.mark.usefixtures("shared")
def test_a_real_session_copies_through_a_stated_folder(spark: Any) -> None:
    place = stage_folder(spark)
    assert place
    spark.range(3).write.parquet(f"{place}/rows")
    assert spark.read.parquet(*for_spark(spark, [f"{place}/rows"])).count() == 3
    discard(f"{place}/rows")
    assert [path.name for path in Path(place).iterdir()] == [".integrade-owner"]
