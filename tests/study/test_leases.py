"""Folders that runs fill: who is gone loses them, who lives keeps them, whatever names and clocks say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from each import each
from integrade.study import leases
from integrade.study.leases import BEAT, LEASE, LEASED, SURE, Look, clear_leavings, leased

DEAD = next(p for p in range(4_000_000, 5_000_000) if not Path(f"/proc/{p}").exists())


def left(parent: Path, name: str, silent: float, **holder: object) -> Path:
    """A folder whose holder beat the last time so many seconds ago."""
    folder = parent / f".{name}-abc.work"
    (folder / "made").mkdir(parents=True)
    known = {"place": leases._place(), "process": DEAD, "began": "1", **holder}
    (folder / LEASED).write_text(json.dumps(known), encoding="utf-8")
    at = time.time() - silent
    os.utime(folder / LEASED, (at, at))
    return folder


def later(look: Look) -> Look:
    """A look of long ago."""
    return look._replace(at=look.at - 3 * BEAT)


needs_proc = pytest.mark.skipif(not leases._place(), reason="the system does not tell processes apart")


@needs_proc
def test_what_a_killed_process_of_this_machine_left_goes_at_once_but_not_before_it_is_sure(tmp_path: Path) -> None:
    old, fresh = left(tmp_path, "quality", 2 * SURE), left(tmp_path, "panel", 0)
    look = clear_leavings(tmp_path)
    assert not old.exists()
    assert fresh.exists()
    clear_leavings(tmp_path, later(look))
    assert not fresh.exists(), "the second look finds the same beat"


@needs_proc
def test_a_number_given_to_another_process_is_not_the_holder(tmp_path: Path) -> None:
    folder = left(tmp_path, "quality", 2 * SURE, process=os.getpid(), began="1")
    clear_leavings(tmp_path)
    assert not folder.exists()


def test_a_container_with_the_same_host_name_and_process_keeps_its_work(tmp_path: Path) -> None:
    """Its process is not ours to see: it lives as long as it beats, and a clock that jumped is no proof."""
    silent = left(tmp_path, "quality", 2 * LEASE, place="another boot", process=DEAD)
    beating = left(tmp_path, "panel", 2 * LEASE, place="another boot", process=DEAD)
    short = left(tmp_path, "prices", LEASE / 2, place="another boot", process=DEAD)
    look = clear_leavings(tmp_path)
    assert silent.exists(), "one look proves nothing"
    os.utime(beating / LEASED)
    clear_leavings(tmp_path, later(look))
    assert not silent.exists()
    assert beating.exists()
    assert short.exists()


@each("text", ["", "{", "[1]", '{"place": 1}', '{"process": 1e400}', "null"])
def test_a_damaged_lease_is_that_of_someone_elsewhere(text: str, tmp_path: Path) -> None:
    folder = left(tmp_path, "quality", 2 * SURE)
    (folder / LEASED).write_text(text, encoding="utf-8")
    os.utime(folder / LEASED, (1, 1))
    look = clear_leavings(tmp_path)
    assert folder.exists()
    clear_leavings(tmp_path, later(look))
    assert not folder.exists()


def test_a_folder_is_kept_while_it_is_filled_and_beats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "BEAT", 0.01)
    with leased("quality", tmp_path) as work:
        lease = work.parent / LEASED
        os.utime(lease, (1, 1))
        until = time.monotonic() + 20
        while lease.stat().st_mtime < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert lease.stat().st_mtime > 2
        os.utime(lease, (1, 1))
        clear_leavings(tmp_path, Look({work.parent: lease.stat().st_mtime_ns}, -1e6))
        assert work.is_dir()
    assert list(tmp_path.iterdir()) == []
    clear_leavings(tmp_path / "nothing")


@needs_proc
def test_the_folder_of_a_living_process_is_kept_by_another(tmp_path: Path) -> None:
    """Also where its beats have stopped: it may be suspended."""
    code = f"""
import sys
from pathlib import Path
from integrade.study import leases
leases.BEAT = 1e6
with leases.leased("quality", Path({str(tmp_path)!r})):
    print("filled", flush=True)
    sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()
    [folder] = tmp_path.iterdir()
    os.utime(folder / LEASED, (time.time() - LEASE / 2, time.time() - LEASE / 2))
    look = clear_leavings(tmp_path)
    clear_leavings(tmp_path, later(look))
    assert folder.exists()
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    clear_leavings(tmp_path)
    assert not folder.exists()
