"""Draw figures and build the page's drawing script with vl-convert in a separate process.

vl-convert holds the interpreter's lock while it draws; in this process nothing else could run in the meantime. Input
that crashes vl-convert, such as a control character, ends only the separate process.
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
    request = json.loads(line)
    try:
        if "bundle" in request:
            answer = {"text": vl_convert.javascript_bundle(request["bundle"])}
        else:
            svg = vl_convert.vegalite_to_svg(request["figure"])
            png = bytes(vl_convert.svg_to_png(svg, scale=request["scale"]))
            answer = {"text": svg, "png": base64.b64encode(png).decode()}
    except Exception as problem:
        answer = {"problem": str(problem)}
    sys.stdout.write(json.dumps(answer) + chr(10))
    sys.stdout.flush()
"""

SCALE = 2  # pixels of a .png per point


class Picture(NamedTuple):
    """The result of drawing a figure."""

    svg: str
    png: bytes


def drawn(specification: str) -> Future[Picture]:
    """Draw a Vega-Lite specification. The result raises `ValueError` if it cannot be drawn."""
    return _process(os.getpid()).ask(_drawn, specification)


def script(snippet: str) -> Future[str]:
    """Build one script of Vega, Vega-Lite, vega-embed and ``snippet``."""
    return _process(os.getpid()).ask(_script, snippet)


@cache
def vega() -> Future[str]:
    """Start building one script of Vega, Vega-Lite and vega-embed in the background."""
    return script("window.vegaEmbed=vegaEmbed;")


def warm_up(*, page: bool) -> None:
    """Start the process, which takes seconds: build the script of a ``page``, and draw a figure so that Vega is loaded.

    A run calls this before it has a report to print.
    """
    if page:
        vega()
    drawn('{"mark": "point"}')


def _drawn(process: Process, specification: str) -> Picture:
    answer = process.answer({"figure": specification, "scale": SCALE})
    return Picture(answer["text"], base64.b64decode(answer["png"]))


def _script(process: Process, snippet: str) -> str:
    return process.answer({"bundle": snippet})["text"]


T = TypeVar("T")


class Process:
    """The drawing process, which answers each request with one line.

    A thread waits for answers, so results are futures. The drawing process ends when this process ends and thereby
    closes its input.
    """

    def __init__(self) -> None:
        self.start()
        self.waiting = ThreadPoolExecutor(1, "drawing")
        atexit.register(self.end)

    def start(self) -> None:
        """Start the process; its error output is kept."""
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        self.child = subprocess.Popen(
            [sys.executable, "-P", "-c", CHILD, str(TYPEFACE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            encoding="ascii",
            start_new_session=True,  # an interrupt key for this process does not end it
        )

    def ask(self, make: Callable[[Process, str], T], source: str) -> Future[T]:
        """Queue a request; requests are answered one after another."""
        return self.waiting.submit(make, self, source)

    def answer(self, request: Mapping[str, object]) -> dict[str, str]:
        """Return the answer to a request.

        Raises `ValueError` with the message of vl-convert, also if the drawing process ended; the next request starts
        it again. Raises `OutOfMemory` if it ended while the memory that a process may address is limited.
        """
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        with suppress(BrokenPipeError):
            self.child.stdin.write(json.dumps(request) + "\n")
            self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            self.child.kill()
            self.child.wait()
            message, limit = _last_words(self.errors), memory.addresses()
            self.errors.close()
            self.start()
            if limit:
                raise OutOfMemory(
                    f"the process that draws figures has too little address space: {limit / 2**30:.1f} GB",
                    example=message,
                    remedy="raise that limit (ulimit -v unlimited); limits of control groups are harmless",
                )
            raise ValueError(f"vl-convert cannot draw the figure: {message}")
        reply: dict[str, str] = json.loads(line)
        if "problem" in reply:
            raise ValueError(reply["problem"])
        return reply

    def end(self) -> None:
        """Close the input of the drawing process, which ends it."""
        self.waiting.shutdown(cancel_futures=True)
        self.child.communicate()
        self.errors.close()


def _last_words(errors: BinaryIO) -> str:
    """Return the first line with letters that a process wrote before it ended."""
    errors.seek(0)
    lines = errors.read(1000).decode(errors="replace").splitlines()
    return next((line.strip()[:200] for line in lines if re.search("[a-z]", line)), "")


@cache
def _process(_: int) -> Process:
    """Return the drawing process that belongs to this process; a forked child has its own."""
    return Process()
