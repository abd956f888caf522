"""What the operating system refuses is a coded error with the path, whoever meets it; limits of memory are seen."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import duckdb
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.cli import run
from integrade.engine.memory import deadly, free_memory, limits
from integrade.engine.system import REFUSALS, coded, refusal_of
from integrade.errors import OutOfMemory, SystemRefusal
from integrade.report.whole_file import write_bytes
from integrade.simulation import raw
from integrade.sources.writing.stata_tables import write_labelled

ROWS = pl.DataFrame({"region": ["a", "b"], "year": [2001, 2002]})


@each("name", REFUSALS)
@each("suffix", ["csv", "parquet", "dta", "xlsx"])
def test_every_refusal_of_a_written_table_is_coded(
    name: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, target = getattr(errno, name), tmp_path / f"out.{suffix}"

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number), "a temporary name")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(SystemRefusal) as found:
        ig.write_table(ROWS, target)
    assert found.value.where == str(target)
    assert found.value.remedy == REFUSALS[name][1]
    assert not list(tmp_path.iterdir()), "nothing half-written stays"


def test_a_refusal_of_a_report_or_an_export_is_coded(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SystemRefusal, match="is of another kind"):
        write_bytes(tmp_path / "file" / "report.html", b"")
    with pytest.raises(SystemRefusal, match="is a folder"):
        write_bytes(tmp_path, b"")
    with pytest.raises(SystemRefusal, match="too long"):
        write_bytes(tmp_path / ("n" * 300), b"")


@pytest.mark.parametrize("suffix", ["csv", "parquet", "dta", "xlsx"])
def test_a_name_as_long_as_the_system_allows_is_written(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / ("n" * (255 - 1 - len(suffix)) + f".{suffix}")
    ig.write_table(ROWS, target)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_tables_of_long_names_that_begin_alike_are_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (tmp_path / f"{'a' * 50}{i}.csv" for i in (1, 2))
    replace = os.replace

    def between(part: str, target: str) -> None:
        monkeypatch.setattr("os.replace", replace)
        ig.write_table(ROWS.head(1), second)
        replace(part, target)

    monkeypatch.setattr("os.replace", between)
    ig.write_table(ROWS, first)
    assert [ig.read_table(path).polars().height for path in (first, second)] == [2, 1]


def test_a_name_that_is_too_long_to_read_is_coded(tmp_path: Path) -> None:
    with pytest.raises(SystemRefusal, match="too long"):
        ig.read_table(tmp_path / ("n" * 300 + ".csv"))


def test_a_library_for_which_memory_has_no_room_is_told_as_that() -> None:
    """``ulimit -v`` ended in the traceback of an import; a library that is not installed is another matter."""
    lacks = ImportError("libscipy_openblas64_.so: failed to map segment from shared object")
    assert isinstance(refusal_of(lacks), OutOfMemory)
    assert refusal_of(ImportError("No module named 'pyspark'")) is None


def test_links_in_a_circle_are_coded(tmp_path: Path) -> None:
    """pathlib raises RuntimeError for them, which is no OSError."""
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    with pytest.raises(SystemRefusal, match="lead in a circle") as refused, coded():
        loop.resolve(strict=True)
    assert str(loop) in refused.value.where
    (tmp_path / "prices.csv").write_text("region,year,commodity,index\n", encoding="utf-8")
    for table, out in ((loop, tmp_path / "out.csv"), (tmp_path / "prices.csv", loop)):
        assert run(["integration", str(table), "--out", str(out)]), "without a traceback"


FULL = """
    import resource, sys
    import duckdb, numpy as np, polars as pl
    from pathlib import Path
    import integrade as ig
    from integrade.errors import SystemRefusal
    from integrade.sources.writing.stata_tables import write_labelled

    rows = pl.DataFrame({"a": np.arange(50_000) * 1.7, "b": ["x" * 20] * 50_000})
    ig.write_table(rows.head(2), "small.parquet")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    for suffix in ("csv", "parquet", "dta", "xlsx"):
        for data in (rows, duckdb.from_arrow(rows.to_arrow())):
            try:
                ig.write_table(data, f"big.{suffix}")
            except SystemRefusal as told:
                print(suffix, told.where)
    try:
        write_labelled(rows, Path("panel.dta"), {}, {})
    except OSError as told:
        print("panel", told.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of POSIX")
def test_a_disk_that_takes_no_more_is_told_by_every_writer(tmp_path: Path) -> None:
    """Real writes that fail in the middle, in the libraries of each format: a .dta was cut short in silence."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    told = [f"{suffix} big.{suffix}" for suffix in ("csv", "parquet", "dta", "xlsx") for _ in range(2)]
    assert done.stdout.split("\n")[:-1] == [*told, f"panel {errno.ENOSPC}"], done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["small.parquet"]


def test_the_file_of_a_new_study_that_a_full_disk_refuses_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workbooks of simulated data were written by zipfile, which prints what fails when it is closed again."""

    def refuse(_: Path, __: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    prices = pl.DataFrame({"region": ["A", "A"], "year": 2005, "commodity": ["a", "b"], "index": 101.5})
    with pytest.raises(SystemRefusal) as caught:
        raw._sheet(prices, 2005, tmp_path)
    assert caught.value.where == str(tmp_path / "cpi_2005.xlsx")


def test_a_whole_stata_file_is_taken_for_whole(tmp_path: Path) -> None:
    write_labelled(ROWS, tmp_path / "panel.dta", {"year": "Year"}, {})
    assert ig.read_table(tmp_path / "panel.dta").polars()["year"].to_list() == [2001, 2002]


def test_words_of_libraries_are_understood() -> None:
    for said, code in (
        (OSError(errno.EMFILE, "Too many open files"), "too many files are open at once"),
        (pl.exceptions.ComputeError("could not write: Disk quota exceeded (os error 122)"), "quota"),
        (duckdb.IOException('IO Error: x {"errno":"28"}'), "no space is left"),
        (RuntimeError("can't start new thread"), "cannot start another process or thread"),
        (RuntimeError("Permission denied"), "no permission"),
        (RuntimeError("Unable to write data"), "no space is left"),
    ):
        told = refusal_of(said)
        assert isinstance(told, SystemRefusal)
        assert code in str(told)
    for said in (
        MemoryError(),
        duckdb.OutOfMemoryException("x"),
        OSError(errno.ENOMEM, ""),
        RuntimeError("std::bad_alloc"),
    ):
        assert isinstance(refusal_of(said), OutOfMemory)
    assert refusal_of(ValueError("a mistake of ours")) is None
    with pytest.raises(ValueError, match="ours"), coded():
        raise ValueError("ours")


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


MACHINE = {"proc/meminfo": "MemTotal:  16000000 kB\nMemFree: 1 kB\nMemAvailable:  8000000 kB\n"}
SECOND = {
    "proc/self/cgroup": "0::/job/step\n",
    "sys/fs/cgroup/job/step/memory.max": "max\n",
    "sys/fs/cgroup/job/memory.max": "1000000000\n",
    "sys/fs/cgroup/job/memory.current": "700000000\n",
    "sys/fs/cgroup/job/memory.stat": "anon 300000000\nfile 400000000\nshmem 100000000\nslab_reclaimable 50000000\n",
}
FIRST = {
    "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/abc\n0::/\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "2000000000\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "1500000000\n",
    "sys/fs/cgroup/memory/memory.stat": "cache 1\ntotal_cache 700000000\ntotal_shmem 200000000\n",
}
UNLIMITED = {"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}


@each(
    ("files", "free"),
    [
        (MACHINE, 8_000_000 << 10),
        ({**MACHINE, **SECOND}, 1_000_000_000 - (700_000_000 - 350_000_000)),
        ({**MACHINE, **SECOND, "sys/fs/cgroup/job/memory.high": "800000000\n"}, 450_000_000),
        ({**MACHINE, **FIRST}, 2_000_000_000 - (1_500_000_000 - 500_000_000)),
        ({**MACHINE, **UNLIMITED}, 8_000_000 << 10),
        ({**MACHINE, "proc/self/cgroup": "nonsense\n\n0::\n", "sys/fs/cgroup/memory.max": "x"}, 8_000_000 << 10),
        ({**MACHINE, **SECOND, "sys/fs/cgroup/job/memory.current": "2000000000\n"}, 0),
    ],
    ids=["machine", "second version", "its soft limit", "first version", "no limit", "nonsense", "beyond it"],
)
def test_limits_of_control_groups_are_seen(files: dict[str, str], free: int, tmp_path: Path) -> None:
    assert free_memory(tree(tmp_path, files)) == free


def test_a_group_that_is_slowed_down_ends_no_job(tmp_path: Path) -> None:
    """Beyond ``memory.high`` the kernel throttles and reclaims and never kills: the budget goes by it, no job's end."""
    slowed = {"sys/fs/cgroup/job/memory.high": "300000000\n", "sys/fs/cgroup/job/step/memory.high": "200000000\n"}
    root = tree(tmp_path, {**MACHINE, **SECOND, **slowed, "sys/fs/cgroup/job/step/memory.current": "250000000\n"})
    assert free_memory(root) == 0
    assert min(one.free for one in deadly(root)) == 650_000_000


def test_a_machine_that_can_swap_ends_no_job(tmp_path: Path) -> None:
    """Little memory is at hand, and some more on disk: the budget goes by the first, the end of a job by both."""
    text = "MemTotal: 16000000 kB\nMemAvailable: 1000 kB\nSwapFree: 4000000 kB\n"
    root = tree(tmp_path, {"proc/meminfo": text})
    assert free_memory(root) == 1000 << 10
    assert min(one.free for one in deadly(root)) == 4_001_000 << 10


def test_the_limit_of_the_process_is_seen() -> None:
    if sys.platform == "win32":
        pytest.skip("limits of address spaces are of POSIX")
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30));"
        "from integrade.engine.memory import free_memory; print(free_memory())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert 0 < int(said) < 6 << 30


GREEDY = """
    import os, resource, time
    import integrade.engine.memory as memory

    most = int(next(l for l in open("/proc/self/status") if l.startswith("VmSize")).split()[1]) * 1024 + (1 << 28)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    memory.watch()
    held = []
    while True:
        try:
            held.append(bytearray(1 << 20))
        except MemoryError:  # on a busy machine the watch comes later than that
            pass
        time.sleep(0.005)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is looked at on Linux")
def test_a_job_that_takes_too_much_ends_by_its_own_message() -> None:
    asked = [sys.executable, "-c", textwrap.dedent(GREEDY)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == OutOfMemory.exit_code
    assert re.match(r"S302 this job has used all the memory that it may use\n  example: ended before", done.stderr)
    assert "Traceback" not in done.stderr


ENDING = """
    import os, sys
    from pathlib import Path
    import integrade.engine.memory as memory
    from rawcells.stopping import temporary

    os.close(2)
    with temporary(Path(sys.argv[1]), Path.mkdir):
        memory._end()
"""


def test_it_ends_and_leaves_nothing_also_where_its_message_cannot_be_written(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(ENDING), str(tmp_path / "half")], check=False)
    assert done.returncode == OutOfMemory.exit_code
    assert not list(tmp_path.iterdir())


def test_limits_are_there_on_this_machine() -> None:
    assert all(one.most > 0 for one in limits())


@pytest.mark.parametrize(
    ("problem", "folder"),
    [
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to offload data block of size 256.0 KiB"), "spilt"),
        (pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)"), "usual"),
        (duckdb.IOException('IO Error: write to "/disk/rows.tmp": No space left on device'), "/disk/rows.tmp"),
    ],
)
def test_a_full_folder_of_temporary_files_is_named(
    problem: Exception, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB says that memory lacks, Polars names no file: neither named the place."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    told = refusal_of(problem)
    assert isinstance(told, SystemRefusal)
    place = folder if folder.startswith("/") else str(tmp_path)
    assert told.where == place
    assert place in told.what
    assert "TMPDIR" in told.remedy
