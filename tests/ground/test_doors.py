"""Files are opened by name in one place, which refuses pipes, sockets and devices instead of waiting for them."""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from each import each
from integrade.cli import run
from integrade.errors import SystemRefusal
from rawcells import doors

ROOT = Path(__file__).parents[2] / "src"
ELSEWHERE = {
    "rawcells/doors.py": "the place itself",
    "integrade/cli/say.py": "standard streams that are closed, and the null device",
    "rawcells/stopping.py": "the null device",
    "rawcells/scratch.py": "locks of folders of temporary files, opened without waiting and without following links",
    "integrade/engine/frames.py": "Parquet files that were checked before, and rows written to our own folder",
    "integrade/engine/sessions.py": "the log of Spark's Java, in our own temporary folder, to which lines are added",
    "integrade/engine/shipped.py": "modules of the package, perhaps in an archive, and an archive in memory",
    "integrade/records/catalogue.py": "modules of the package, perhaps in an archive",
    "plainwords/texts.py": "catalogues of the package, perhaps in an archive",
    "integrade/surface/former.py": "a table of the package, perhaps in an archive",
    "integrade/subjects/noise/verdict.py": "a table of the package, perhaps in an archive",
    "integrade/verdicts/without_noise.py": "a table of the package, perhaps in an archive",
    "integrade/report/self_contained.py": "scripts of the package, perhaps in an archive",
    "integrade/sources/files/objects.py": "addresses of stores; copies in our own temporary folder",
    "integrade/sources/origins/zones.py": "addresses of stores, and files that were scanned before",
    "integrade/sources/origins/connections.py": "databases, whose first bytes `addresses` has read",
    "rawcells/bytes/encodings.py": "copies in our own temporary folder",
    "integrade/study/proposal/heads.py": "the first lines of a long file, in our own temporary folder",
    "integrade/sources/writing/writers.py": "what is written, under a temporary name, after `check_target`",
}
"""Modules that open files by name without the doors, and why."""
IN_MEMORY = ("stream", "BytesIO(content)", "made", "held", "raw", "buffer", "content", "plain", "io.BytesIO")
"""Arguments of readers that are no names: bytes in memory."""
READERS = {
    "read_parquet",
    "scan_parquet",
    "read_parquet_metadata",
    "read_csv",
    "scan_csv",
    "read_dta",
    "read_sav",
    "memmap",
    "OleFileIO",
}
READERS |= {"ZipFile", "Document", "ParquetFile", "read_table", "read_excel", "OfficeFile", "PdfDocument"}
LIBRARIES = ("pl", "pq", "pyreadstat", "docx", "pypdfium2", "olefile", "zipfile", "msoffcrypto", "pa", "np")


def opened(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls that open a file by its name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function, text = node.func, ast.unparse(node)
        owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if owner == "doors":
            continue
        own = owner and name in ("read_text", "read_bytes")
        by_name = name == "open" and owner not in ("book", "gzip", "archive")
        known = owner in LIBRARIES if owner else name in ("ZipFile", "OleFileIO", "CalamineWorkbook")
        library = known and name in READERS and not _is_safe(node)
        connected = text.startswith(("sqlite3.connect(", "duckdb.connect(f", "gzip.open(path"))
        if own or by_name or library or connected:
            yield node.lineno, text[:100]


def _is_safe(node: ast.Call) -> bool:
    """Whether a reader is given bytes, or a name that was looked at."""
    first = ast.unparse(node.args[0]) if node.args else ""
    return (
        not node.args
        or first.startswith(("doors.regular(", "list(map(doors.regular,", "BytesIO(", *IN_MEMORY))
        or "b'" in first
    )


def test_no_module_opens_a_file_by_name_but_through_the_doors() -> None:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if calls := list(opened(ast.parse(path.read_text(encoding="utf-8")))):
            found[name] = calls
    assert {name: calls for name, calls in found.items() if name not in ELSEWHERE} == {}
    assert set(ELSEWHERE) == set(found), "those that no longer open a file leave the list"


@each(
    "text",
    [
        "path.read_text()", "Path(name).read_bytes()", "open(name)", "path.open('rb')", "pl.read_parquet(path)",
        "pl.scan_parquet(folder / 'x')", "ZipFile(path)", "docx.Document(str(path))", "pyreadstat.read_dta(name)",
        "sqlite3.connect(name)", "os.open(name, 0)",
    ],
)  # fmt: skip
def test_the_search_sees_every_way(text: str) -> None:
    assert list(opened(ast.parse(text)))


# --- what is refused


def fifo(path: Path) -> None:
    os.mkfifo(path)


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


KINDS: dict[str, Callable[[Path], None]] = {
    "a named pipe": fifo, "a socket": bound, "a device": device, "in a circle": circle
}  # fmt: skip
WAYS: dict[str, Callable[[Path], object]] = {
    "regular": doors.regular,
    "is_file": doors.is_file,
    "open_bytes": doors.open_bytes,
    "open_text": doors.open_text,
    "change_bytes": doors.change_bytes,
    "read_bytes": doors.read_bytes,
    "read_text": doors.read_text,
}
posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes with names in folders")


@posix
@each("way", WAYS)
@each("kind", KINDS)
def test_what_is_no_file_is_refused(kind: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.csv"
    KINDS[kind](path)
    with pytest.raises(SystemRefusal, match=kind) as caught:
        WAYS[way](path)
    assert caught.value.remedy
    assert isinstance(caught.value, OSError), "what takes a damaged file for none takes this for none"


def test_files_folders_and_nothing_are_left_to_the_system(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(b"a\r\nb\rc\n")
    assert doors.read_text(file) == file.read_text(encoding="utf-8") == "a\nb\nc\n"
    assert doors.read_bytes(file) == file.read_bytes()
    assert doors.is_file(file)
    assert not doors.is_file(tmp_path)
    assert not doors.is_file(tmp_path / "none")
    assert doors.regular(tmp_path / "none" / "x") == tmp_path / "none" / "x"
    with pytest.raises(FileNotFoundError):
        doors.read_text(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        doors.read_bytes(tmp_path)


def test_a_file_beyond_the_budget_is_refused_and_no_more_of_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "MOST", 10)
    (tmp_path / "x").write_bytes(b"x" * 11)
    with pytest.raises(SystemRefusal, match="at once"):
        doors.read_bytes(tmp_path / "x")


# --- every name that a user gives: a pipe is refused with a code, where it once was waited for

PRICES = "region,year,commodity,index\n" + "".join(
    f"R{r},{y},c{c},{100 + r + c + y % 7}\n" for r in range(4) for y in range(2000, 2006) for c in range(5)
)
COMMANDS = {
    "prices": ("integration", "PIPE.csv", "--out", "out.csv"),
    "prices as a table of Stata": ("integration", "PIPE.dta", "--out", "out.csv"),
    "prices as Parquet": ("integration", "PIPE.parquet", "--out", "out.csv"),
    "prices as a workbook": ("integration", "PIPE.xlsx", "--out", "out.csv"),
    "a database": ("integration", "PIPE.sqlite#prices", "--out", "out.csv"),
    "a database of DuckDB": ("integration", "PIPE.duckdb", "--out", "out.csv"),
    "a panel": ("fit", "PIPE.csv", "y ~ x"),
    "what is written": ("integration", "prices.csv", "--out", "PIPE.csv"),
    "pairs": ("integration", "prices.csv", "--basis", "link", "--pairs", "PIPE.csv", "--out", "out.csv"),
    "a recipe": ("integration", "prices.csv", "--source", "PIPE.toml", "--out", "out.csv"),
    "a printed table": ("audit", "--table", "PIPE.csv"),
    "a printed table in LaTeX": ("audit", "--table", "PIPE.tex"),
    "a printed table in Word": ("audit", "--table", "PIPE.docx"),
    "a printed table as PDF": ("audit", "--table", "PIPE.pdf"),
    "the text beside a table": ("audit", "--table", "table.csv", "--text", "PIPE.txt"),
    "the page of an audit": ("audit", "--table", "table.csv", "--out", "PIPE.html"),
    "a study": ("check", "PIPE.toml"),
    "a study that is run": ("run", "PIPE.toml"),
}
TABLE = "variable,stat,(1)\nmarket,b,0.5***\nmarket,t,3.2\nN,n,900\n"


def told(script: Path, *calls: tuple[Path, list[str]]) -> list[tuple[int, str]]:
    """What commands return and say, each in its folder, one after another in a process of their own.

    It is ended where it waits: that is a failure, which names the command.
    """
    script.write_text(ONE_BY_ONE, encoding="utf-8")
    asked = json.dumps([[str(folder), words] for folder, words in calls])
    command = [sys.executable, str(script), asked]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.communicate(timeout=240 * len(calls))[0]
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[0]
    found = [(code, text) for code, text in map(json.loads, said.splitlines())]
    waits = calls[len(found) :]
    assert not waits, f"ended or waits: {' '.join(waits[0][1])}"
    return found


ONE_BY_ONE = """
import contextlib, io, json, os, sys
from integrade.cli import run
for folder, words in json.loads(sys.argv[1]):
    os.chdir(folder)
    heard = io.StringIO()
    with contextlib.redirect_stderr(heard), contextlib.redirect_stdout(io.StringIO()):
        code = run(words)
    print(json.dumps([code, heard.getvalue()]), flush=True)
"""


@posix
def test_a_pipe_in_place_of_a_file_is_refused_on_the_command_line(tmp_path: Path) -> None:
    calls, pipes = [], []
    for at, command in enumerate(COMMANDS.values()):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / "prices.csv").write_text(PRICES)
        (folder / "table.csv").write_text(TABLE)
        words = [word.replace("PIPE", "pipe") for word in command]
        pipes.append(folder / next(word.partition("#")[0] for word in words if word.startswith("pipe")))
        os.mkfifo(pipes[-1])
        calls.append((folder, words))
    found = dict(zip(COMMANDS, zip(pipes, told(tmp_path / "calls.py", *calls), strict=True), strict=True))

    @each("name", COMMANDS)
    def is_refused(name: str) -> None:
        pipe, (code, said) = found[name]
        assert "S301" in said
        assert f"{pipe.name} is a named pipe" in said
        assert code == 3
        assert pipe.is_fifo(), "it is not written over"

    is_refused()


@posix
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash")
def test_a_substituted_process_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(PRICES)
    script = f"{sys.executable} -m integrade integration <(cat prices.csv) --out out.csv"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert "is a named pipe" in done.stderr, done.stderr
    assert "save its output to a file" in done.stderr


STUDY = """title = "Index"
[prices]
files = ["prices.csv"]
basis = "link"
"""


@posix
def test_a_pipe_in_the_folders_of_a_study_is_a_damaged_file(tmp_path: Path) -> None:
    """A stranger's study may bring its runs; nothing in them is waited for."""
    (tmp_path / "prices.csv").write_text(PRICES)
    (tmp_path / "study.toml").write_text(STUDY)
    code = run(["run", str(tmp_path / "study.toml")])
    assert code == 0
    files = [p for p in (*(tmp_path / "runs").rglob("*"), *(tmp_path / ".integrade").rglob("*.json")) if p.is_file()]
    assert any(p.name == "latest" for p in files)
    for file in files:
        file.unlink()
        os.mkfifo(file)
    commands = [["run"], ["show", "integration"], ["explain", "table1.1.x"], ["report"], ["check"]]
    for _, said in told(tmp_path.parent / "calls.py", *((tmp_path, words) for words in commands)):
        assert "Traceback" not in said, said
