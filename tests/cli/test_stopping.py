"""A command that is stopped ends, whatever it waits for, says what is kept and leaves nothing half-made."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rawcells import stopping

CHILD = """
import hashlib, os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from integrade import cli
from integrade.engine.frames import spill_folder
from integrade.report import whole_file
from rawcells.bytes.encodings import spool
from integrade.study.leases import leased
from integrade.study.performing import perform_all
from integrade.study.progress import Watch
from integrade.study.steps import Step, perform

STORE, HOW = Path(sys.argv[1]), sys.argv[2]

def kept(out, _):
    (out / "made").touch()

def never(out, _):
    (out / "half").write_text("x")
    (Path(spill_folder()) / "rows").touch()
    spool(".csv").touch()
    print("filling")
    os.write(2, b"filling" + bytes([10]))
    if HOW == "computing":
        hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)  # lets go of the interpreter, and of nothing else
    if HOW == "busy":
        while True:
            with leased("again", STORE) as work:
                (work / "file").touch()
    threading.Event().wait()

def step(name, run, *needs):
    return Step(name, needs, None, (), (), run)

def call(_):
    steps = [step("prices", kept), step("quality", never, "prices")]
    if HOW in ("pool", "busy"):
        perform(steps[0], STORE, {})
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda n: perform(step(n, never), STORE, {}), ("panel", "models")))
    perform_all(steps, STORE, Watch(lambda _: None, lambda _: None), jobs=2 if HOW == "jobs" else 1)
    return 0

cli.run = call
cli.main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("how", ["alone", "jobs", "pool", "computing", "busy"])
def test_it_ends_says_what_is_kept_and_leaves_no_work(how: str, number: signal.Signals, tmp_path: Path) -> None:
    store, spilled = tmp_path / "store", tmp_path / "spilled"
    spilled.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(store), how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(spilled)},
    )
    assert process.stderr is not None
    for _ in range(2 if how in ("pool", "busy") else 1):
        assert process.stderr.readline() == "filling\n"
    process.send_signal(number)
    out, said = process.communicate(timeout=60)  # without the thread it never ends
    assert process.returncode == 128 + number
    assert said == f"stopped; finished steps are kept (prices in {store}), and the next run goes on from them\n"
    assert out.startswith("filling\n"), "what standard output held is written"
    assert [p.name.partition("-")[0] for p in store.iterdir()] == ["prices"]
    assert list(spilled.iterdir()) == []


def test_a_temporary_file_is_removed_or_renamed(tmp_path: Path) -> None:
    kept, gone, folder = tmp_path / "kept", tmp_path / "gone", tmp_path / "folder"
    with stopping.temporary(kept), stopping.temporary(gone), stopping.temporary(folder):
        kept.touch()
        gone.touch()
        folder.mkdir()
        assert stopping.is_temporary(folder)
        kept.rename(tmp_path / "name")
    assert [p.name for p in tmp_path.iterdir()] == ["name"]
    assert not stopping.is_temporary(folder)


def test_what_cannot_be_made_whole_is_not_left_behind(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        folder.mkdir()
        (folder / "half").touch()
        raise OSError(errno.ENOSPC, "")

    work = stopping.beside(tmp_path / "name")
    with pytest.raises(OSError, match="28"), stopping.temporary(work, half):
        pytest.fail("the block does not begin")
    assert not work.exists()
    assert not stopping.is_temporary(work)
