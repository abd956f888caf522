"""The seam to vl-convert: figures, and the script that draws them on a page, are made in a process beside this one.

vl-convert keeps the interpreter to itself while it draws, so that in this process nothing else could be written
meanwhile; and what makes it stop, such as a control character, does not end this process.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import BinaryIO, NamedTuple, TypeVar

from integrade.engine import memory
from integrade.errors import OutOfMemory
from integrade.report.fonts import TYPEFACE

CHILD = """
import base64, json, sys
import vl_convert
vl_convert.register_font_directory(sys.argv[1])
for line in sys.stdin:
    asked = json.loads(line)
    try:
        if "bundle" in asked:
            told = {"text": vl_convert.javascript_bundle(asked["bundle"])}
        else:
            svg = vl_convert.vegalite_to_svg(asked["figure"])
            png = bytes(vl_convert.svg_to_png(svg, scale=asked["scale"]))
            told = {"text": svg, "png": base64.b64encode(png).decode()}
    except Exception as problem:
        told = {"problem": str(problem)}
    sys.stdout.write(json.dumps(told) + chr(10))
    sys.stdout.flush()
"""

SCALE = 2  # pixels of a .png to a point


class Picture(NamedTuple):
    """A figure as it is drawn."""

    svg: str
    png: bytes


def drawn(specification: str) -> Future[Picture]:
    """A Vega-Lite specification as it is drawn. The result raises `ValueError` for what cannot be drawn."""
    return _process(os.getpid()).ask(_drawn, specification)


def script(snippet: str) -> Future[str]:
    """Vega, Vega-Lite and vega-embed with what ``snippet`` says, in one script."""
    return _process(os.getpid()).ask(_script, snippet)


def _drawn(process: Process, specification: str) -> Picture:
    told = process.answer({"figure": specification, "scale": SCALE})
    return Picture(told["text"], base64.b64decode(told["png"]))


def _script(process: Process, snippet: str) -> str:
    return process.answer({"bundle": snippet})["text"]


T = TypeVar("T")


class Process:
    """The process, which takes one line and gives one line; a thread waits for it, so that what is asked is a future.

    It ends with this one, whose end closes its input.
    """

    def __init__(self) -> None:
        self.start()
        self.waiting = ThreadPoolExecutor(1, "drawing")
        atexit.register(self.end)

    def start(self) -> None:
        """Start it; what it prints as it ends is kept."""
        self.words = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        self.child = _started(self.words)

    def ask(self, make: Callable[[Process, str], T], given: str) -> Future[T]:
        """What will be made, one thing after the other."""
        return self.waiting.submit(make, self, given)

    def answer(self, asked: Mapping[str, object]) -> dict[str, str]:
        """Raises `ValueError` with the words of vl-convert, or where it ended; what is asked next starts it again.

        `OutOfMemory` where it ended under a limit of the memory that a process may address.
        """
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        with suppress(BrokenPipeError):
            self.child.stdin.write(json.dumps(asked) + "\n")
            self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            self.child.kill()
            self.child.wait()
            said, limit = _last_words(self.words), memory.addresses()
            self.words.close()
            self.start()
            if limit:
                raise OutOfMemory(
                    f"the process that draws figures has too little memory to address: {limit / 2**30:.1f} GB",
                    example=said,
                    remedy="lift that limit (ulimit -v unlimited); limits of control groups do no harm",
                )
            raise ValueError(f"the figure makes vl-convert stop: {said}")
        told: dict[str, str] = json.loads(line)
        if "problem" in told:
            raise ValueError(told["problem"])
        return told

    def end(self) -> None:
        """Close its input, which ends it."""
        self.waiting.shutdown(cancel_futures=True)
        self.child.communicate()
        self.words.close()


def _last_words(words: BinaryIO) -> str:
    """What a process said before it ended, its first line with letters."""
    words.seek(0)
    lines = words.read(1000).decode(errors="replace").splitlines()
    return next((line.strip()[:200] for line in lines if re.search("[a-z]", line)), "")


def _started(words: BinaryIO) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD, str(TYPEFACE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        encoding="ascii",
        start_new_session=True,  # a key that interrupts this process does not end it
    )


@cache
def _process(_: int) -> Process:
    """That of this process; a fork of it has its own."""
    return Process()
