"""The code blocks of a page, executed in a folder: the page with what they say and draw put where it belongs.

- ``console``: each line that begins with ``$ integrade`` is run; what it prints on standard output, or where that is
  nothing on standard error, stands below it. A block that already quotes output is left as it is written.
- ``python``: run in one namespace for the page; what it prints stands in a block of its own below.
- a block whose first line is ``# file: NAME`` (in LaTeX ``% file: NAME``) is written to that file, ``# added to NAME``
  is put at its end.
- ``<!-- picture: NAME | what it shows -->`` becomes the picture of that name, copied from the folder.
- a number behind ``console`` or ``python`` cuts what is shown to as many lines: the first ones, ``...``, and the last
  if it is short.

Other blocks (``text``, ``stata``, ``r``, ``toml`` without a file) are not executed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from integrade.cli import run

FENCE = re.compile(r"^```(\w*)(?: (\d+)$)?[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^(?:#|%|<!--) (file:|added to) (\S+)")
WIDTH = 92
FOLDED: dict[str, Any] = {"subsequent_indent": "    ", "replace_whitespace": False, "break_long_words": False}
QUOTED, CHANGED = re.compile(r"'[^']*'"), re.compile(r"[`$]")
"""What a shell takes as it is written, and what it replaces elsewhere."""
TIMED = re.compile(r"^done in [\d.]+ s(?: \(.*\))?$|\s+20\d\d-\d\d-\d\d \d\d:\d\d$", re.MULTILINE)
"""How long a run took and when a step was stored, which differ at each build."""
SHORT = 60
PICTURE = re.compile(r"<!-- picture: (\S+) \| (.*?) -->")


class Block(NamedTuple):
    """A fenced block: its language and what stands in it."""

    kind: str
    body: str


class Failed(Exception):
    """A block that does not run; the page, the call and what it said."""


def blocks(text: str) -> Iterator[Block]:
    """Every fenced block of a page."""
    return (Block(kind, body) for kind, _, body in FENCE.findall(text))


def execute(text: str, folder: Path) -> str:
    """Run a page's blocks in order; the page with their outputs. `Failed` at the first that does not run."""
    names: dict[str, Any] = {"__name__": "__page__"}

    def done(found: re.Match[str]) -> str:
        kind, lines, body = found[1], int(found[2] or 0), found[3]
        if named := FILE.match(body):
            write(folder / named[2], body.partition("\n")[2], added=named[1] == "added to")
            return found[0]
        if kind == "console":
            return f"```console\n{_console(body, folder, lines)}```"
        if kind == "python":
            return f"```python\n{body}```" + _below(_python(body, names, folder), lines)
        return found[0]

    return FENCE.sub(done, text)


def write(path: Path, body: str, *, added: bool) -> None:
    """A file of a page: new, or with more at its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") + "\n" if added else ""
    path.write_text(before + body, encoding="utf-8")


def shortened(said: list[str], lines: int) -> list[str]:
    """The first of the lines, ``...`` and the last one if it is short; all of them for 0."""
    if not lines or len(said) <= lines + 1:
        return said
    short = len(said[-1]) < SHORT
    return [*said[: lines - short], "...", *said[-1:][: int(short)]]


def _console(body: str, folder: Path, most: int) -> str:
    lines = body.splitlines()
    quoted = any(not line.startswith("$ ") for line in lines)
    shown = []
    for line in lines:
        shown.append(line)
        if line.startswith("$ "):
            said = call(line.removeprefix("$ "), folder, most)
            shown += [] if quoted else said
    return "\n".join(shown) + "\n"


def call(line: str, folder: Path, most: int = 0) -> list[str]:
    """Return what an integrade command prints, cut to a number of lines, with long lines folded."""
    if CHANGED.search(QUOTED.sub("", line)):
        raise Failed(f"{line}: a shell changes backticks and dollars, unless they are in single quotes")
    program, *words = shlex.split(line, comments=True)
    if program != "integrade":
        raise Failed(f"{line}: only integrade is run in a page")
    said, told = io.StringIO(), io.StringIO()
    with _within(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        code = run(words)
    if code:
        raise Failed(f"{line}\n{said.getvalue()}\n{told.getvalue()}")
    lines = TIMED.sub("", said.getvalue().rstrip() or told.getvalue().rstrip()).rstrip().splitlines()
    lines = shortened(lines, most)
    return [piece for line in lines for piece in textwrap.wrap(line.rstrip(), WIDTH, **FOLDED) or [""]]


@contextlib.contextmanager
def _within(folder: Path) -> Iterator[None]:
    """In the folder, with a terminal of a fixed width and without colours."""
    here, before = Path.cwd(), {name: os.environ.get(name) for name in ("COLUMNS", "NO_COLOR")}
    os.environ.update(COLUMNS="92", NO_COLOR="1")
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _python(body: str, names: dict[str, Any], folder: Path) -> str:
    try:
        with _within(folder), contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(body, "page", "exec"), names)
    except Exception as wrong:
        raise Failed(f"{body}\n{type(wrong).__name__}: {wrong}") from wrong
    return said.getvalue()


def _below(said: str, most: int) -> str:
    text = "\n".join(shortened([line.rstrip() for line in said.rstrip().splitlines()], most))
    return f"\n\n```text\n{text}\n```" if text else ""


def pictures(text: str) -> list[tuple[str, str]]:
    """(name, what it shows) of each picture that a page makes."""
    return PICTURE.findall(text)
