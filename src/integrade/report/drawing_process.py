"""The seam to vl-convert: figures, and the script that draws them on a page, are made in a process beside this one.

vl-convert keeps the interpreter to itself while it draws, so that in this process nothing else could be written
meanwhile; and what makes it stop, such as a control character, does not end this process.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import NamedTuple, TypeVar

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
        self.child = _started()
        self.waiting = ThreadPoolExecutor(1, "drawing")
        atexit.register(self.end)

    def ask(self, make: Callable[[Process, str], T], given: str) -> Future[T]:
        """What will be made, one thing after the other."""
        return self.waiting.submit(make, self, given)

    def answer(self, asked: Mapping[str, object]) -> dict[str, str]:
        """Raises `ValueError` with the words of vl-convert, or where it ended; what is asked next starts it again."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        with suppress(BrokenPipeError):
            self.child.stdin.write(json.dumps(asked) + "\n")
            self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            self.child.kill()
            self.child.wait()
            self.child = _started()
            raise ValueError("the figure makes vl-convert stop")
        told: dict[str, str] = json.loads(line)
        if "problem" in told:
            raise ValueError(told["problem"])
        return told

    def end(self) -> None:
        """Close its input, which ends it."""
        self.waiting.shutdown(cancel_futures=True)
        self.child.communicate()


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD, str(TYPEFACE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="ascii",
        start_new_session=True,  # a key that interrupts this process does not end it
    )


@cache
def _process(_: int) -> Process:
    """That of this process; a fork of it has its own."""
    return Process()
