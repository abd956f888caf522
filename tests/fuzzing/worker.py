"""A process that makes cases and says what came of each; the campaign watches it.

What it says are lines of JSON. Which case is running stands in a file of eight bytes that both have mapped, so that a
case which hangs or ends the process is known.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import shutil
import struct
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TextIO

LIMIT = 6 << 30
"""Bytes of address space of the process."""
GROWTH = 1 << 30
"""Bytes of memory that one case may take."""
BATCH = 50
"""Cases between two lines of counts."""


def work(seed: int, start: int, step: int, place: Path, only: str) -> None:
    """Cases without end."""
    import resource

    from fuzzing.cases import case, outcome

    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    noise = Path(os.environ["FUZZ_FOLDER"]) / f"noise-{start % step}"
    os.dup2(os.open(noise, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND), 2)
    os.dup2(2, 1)
    with place.open("r+b") as file:
        running = mmap.mmap(file.fileno(), 8)
    _warm(only)
    number, counts, heard, most, folder = start, Counter[str](), 0, _peak(), _folder(start % step)
    while True:
        running[:8] = struct.pack("q", number)
        began = time.process_time()
        name, data = case(seed, number, only)
        found = outcome(name, data, folder)
        _empty(folder)
        counts[f"{name} {found.kind} {found.told if found.kind == 'refused' else ''}".strip()] += 1
        counts[f"{name} microseconds"] += int(1e6 * (time.process_time() - began))
        if found.kind not in ("result", "refused"):
            _say(said, number, name, found.kind, found.told, found.text)
        size = noise.stat().st_size
        if size > heard and found.kind in ("result", "refused"):
            _say(said, number, name, "printed", _last(noise, heard), "")
        heard = size
        peak = _peak()
        if peak > most + GROWTH:
            _say(said, number, name, "memory", f"{(peak - most) >> 20} MB", "")
        most = max(most, peak)
        if (number - start) // step % BATCH == BATCH - 1:
            print(json.dumps({"counts": counts, "number": number}), file=said, flush=True)
            counts = Counter()
        number += step


def _folder(which: int) -> Path:
    """What a case may write in; it is emptied after each."""
    folder = Path(os.environ["FUZZ_FOLDER"]) / f"case-{which}"
    folder.mkdir(exist_ok=True)
    return folder


def _warm(only: str) -> None:
    """What is imported and compiled at the first use is no time of a case."""
    from fuzzing.cases import TARGETS, outcome

    folder = _folder(os.getpid())
    for name, one in TARGETS.items():
        for seed in range(4 if only in ("", name) else 0):
            outcome(name, one.make(random.Random(seed)), folder)
            _empty(folder)


def _say(said: TextIO, number: int, name: str, kind: str, told: str, text: str) -> None:
    found = {"number": number, "target": name, "kind": kind, "told": told, "text": text}
    print(json.dumps({"finding": found}), file=said, flush=True)


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _last(noise: Path, start: int) -> str:
    return noise.read_bytes()[start : start + 300].decode(errors="replace").strip().split("\n")[0]


def _empty(folder: Path) -> None:
    with os.scandir(folder) as inside:
        for one in inside:
            if one.is_dir(follow_symlinks=False):
                shutil.rmtree(one.path, ignore_errors=True)
            else:
                os.unlink(one.path)


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
