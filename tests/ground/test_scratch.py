"""Temporary folders go with their process, or with the next one where it was killed; nobody else's are touched."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from integrade.errors import IntegradeError
from integrade.sources import read_table
from integrade.study.closure import PACKAGES
from rawcells import scratch
from rawcells.scratch import OWNER, clear_scratch, scratch_folder

MAKES = "import sys; from rawcells.scratch import scratch_folder; print(scratch_folder(sys.argv[1]), flush=True); "
USES = (
    "import sys; from integrade.engine.frames import spill_folder, spilled_numbers; "
    "from rawcells.bytes.encodings import spool; "
    "spool('.csv').write_text('x'); n = spilled_numbers(1000, float); open(spill_folder() + '/rows', 'w').write('x'); "
    "print(spill_folder(), flush=True); "
)


def child(program: str, place: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program + "sys.stdin.read()", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place)},
    )


def said(process: subprocess.Popen[str]) -> Path:
    assert process.stdout
    return Path(process.stdout.readline().strip())


@pytest.mark.parametrize("program", [MAKES, USES])
def test_what_a_killed_process_left_is_removed_and_what_lives_is_not(program: str, tmp_path: Path) -> None:
    killed, living = child(program, tmp_path), child(program, tmp_path)
    try:
        folders = [said(killed), said(living)]
        tops = [next(p for p in (f, *f.parents) if p.parent == tmp_path) for f in folders]
        clear_scratch(tmp_path)
        assert all(folder.is_dir() for folder in folders), "both live"
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert tops[0].is_dir(), "nothing of the killed process itself removes it"
        clear_scratch(tmp_path)
        assert not tops[0].exists()
        assert folders[1].is_dir()
        living.communicate("")
        assert not tops[1].exists(), "it goes with its process"
        assert list(tmp_path.iterdir()) == []
    finally:
        for process in (killed, living):
            process.kill()
            process.wait()


def test_the_next_process_that_needs_one_removes_it(tmp_path: Path) -> None:
    killed = child(USES, tmp_path)
    folder = said(killed)
    killed.kill()
    killed.wait()
    after = child(USES, tmp_path)
    said(after)
    assert not folder.exists()
    after.communicate("")


WRITES = """
import sys
import polars as pl
from integrade.sources import write_table
from integrade.sources.writing import writers
cell = writers._cell
def slowly(sheet, i, j, value):
    cell(sheet, i, j, value)
    if i == 50:
        print("written", flush=True)
        sys.stdin.read()
writers._cell = slowly
write_table(pl.DataFrame({"a": range(100), "b": ["text"] * 100}), sys.argv[1] + "/out/table.xlsx")
"""


def test_a_workbook_whose_writer_is_killed_leaves_nothing_to_the_next_process(tmp_path: Path) -> None:
    place = tmp_path / "place"
    for folder in (place, place / "out"):
        folder.mkdir()
    killed = child(WRITES, place)
    assert said(killed) == Path("written")
    made = [p for p in place.rglob("*") if p.is_file() and "out" not in p.parts]
    assert any(p.name != OWNER for p in made), "the rows are in a temporary file"
    killed.kill()
    killed.wait()
    after = child(MAKES, place)
    said(after)
    after.communicate("")
    assert [p for p in place.rglob("*") if p.is_file()] == []


def test_every_temporary_file_is_in_a_folder_that_the_next_process_removes() -> None:
    """`tempfile` where it gives a file that stays after SIGKILL: only what is named here, with its reason."""
    source = Path(scratch.__file__).parents[1]
    files = [file for package in PACKAGES for file in (source / package).rglob("*.py")]
    pattern = re.compile(r"tempfile\.(mkstemp|mkdtemp|NamedTemporaryFile|TemporaryDirectory)\((.*)")
    found = {
        (file.relative_to(source).as_posix(), match[1])
        for file in files
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
        if "dir=scratch_folder()" not in match[2]
    }
    assert found == {
        ("rawcells/scratch.py", "mkdtemp"),  # the folder itself
        ("integrade/engine/sessions.py", "mkstemp"),  # what Spark said, which an error names
        ("integrade/study/leases.py", "mkstemp"),  # empty, in the store, for the time of its file system
    }
    workbooks = [one for file in files for one in re.findall(r"xlsxwriter\.Workbook\((.*)", file.read_text())]
    assert len(workbooks) == 4
    assert all("settings" in one or "in_memory" in one for one in workbooks)


def test_a_child_that_was_forked_leaves_the_folder_of_its_parent(tmp_path: Path) -> None:
    program = MAKES + "import os; pid = os.fork() or sys.exit(0); os.waitpid(pid, 0); print('after', flush=True); "
    parent = child(program, tmp_path)
    folder = said(parent)
    assert said(parent) == Path("after")
    assert folder.is_dir()
    parent.communicate("")
    assert not folder.exists()


def test_nothing_that_is_not_ours_is_touched(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    place = tmp_path / "place"
    for folder in (outside, place / "integrade-data", place / "other", place / "integrade-link-inside"):
        folder.mkdir(parents=True)
        (folder / "kept").touch()
    (outside / OWNER).touch()
    (place / "other" / OWNER).touch()
    (place / "integrade-link").symlink_to(outside)
    (place / "integrade-link-inside" / OWNER).symlink_to(outside / OWNER)
    (place / "integrade-file").touch()
    for name, make in (("pipe", os.mkfifo), ("folder", os.mkdir)):
        (place / f"integrade-{name}").mkdir()
        make(place / f"integrade-{name}" / OWNER)
    before = sorted(tmp_path.rglob("*"))
    clear_scratch(place)
    assert sorted(tmp_path.rglob("*")) == before
    clear_scratch(tmp_path / "nowhere")


def test_a_folder_is_never_seen_without_its_lock(tmp_path: Path) -> None:
    """Processes that make and clear at once take nothing away from each other."""
    program = (
        "import sys; from rawcells.scratch import scratch_folder, clear_scratch; from pathlib import Path\n"
        "made = []\n"
        "for _ in range(60):\n"
        "    made.append(scratch_folder.__wrapped__(sys.argv[1])); clear_scratch(Path(sys.argv[1]))\n"
        "assert all(p.is_dir() for p in made)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))


TEXT = "地区,年份,数\n" + "北京市,2005,101.5\n" * 20_000


@pytest.mark.parametrize("words", ["read_table(sys.argv[1])", "read_table(sys.argv[1], engine='duckdb')"])
def test_a_full_folder_of_temporary_files_is_told_and_nothing_is_left(words: str, tmp_path: Path) -> None:
    source, place = tmp_path / "f.csv", tmp_path / "place"
    source.write_text(TEXT, encoding="gb18030")
    place.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; from integrade.sources import read_table; {words}", str(source)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=_small_files,
    )
    told = rf"SystemRefusal: S301 temporary files in {place} would be larger than this file system allows"
    assert re.search(told, done.stderr), done.stderr
    assert "environment variable TMPDIR" in done.stderr
    assert list(place.iterdir()) == []


def test_rows_beyond_memory_that_find_no_room_are_told_and_nothing_is_left(tmp_path: Path) -> None:
    from measure_tables import table

    place, source = tmp_path / "place", tmp_path / "customs.parquet"
    place.mkdir()
    rows = table("customs").select("firm", "product", "destination", "year", "value", "quantity")
    rows.select(rows.columns).write_parquet(source)
    done = subprocess.run(
        [sys.executable, "-m", "integrade", "quality", str(source), "--sigma", "5", "--out", str(tmp_path / "q.csv")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(place), "INTEGRADE_MEMORY": "0.3MB", "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 10, 1 << 10)),
    )
    assert done.returncode == 3, done.stderr
    assert "S301" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(place.iterdir()) == []
    assert not (tmp_path / "q.csv").exists()


def test_no_room_for_the_folder_itself_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, os.strerror(28), "owner")

    monkeypatch.setattr(scratch, "_hold", full)
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path / "place"))
    (tmp_path / "place").mkdir()
    (tmp_path / "f.csv").write_text(TEXT, encoding="gb18030")
    scratch_folder.cache_clear()
    try:
        with pytest.raises(IntegradeError, match="S301"):
            read_table(tmp_path / "f.csv")
    finally:
        scratch_folder.cache_clear()
    assert list((tmp_path / "place").iterdir()) == []
