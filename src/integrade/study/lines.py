"""Find the lines of tables, keys and items in a TOML text, for messages. Values are read by tomllib instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from integrade.errors import IntegradeError, Problems

Path: TypeAlias = tuple[str | int, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}\n#]*")


class Lines(NamedTuple):
    """The name of a file and the line of each path in it (``("groups", 0, "by")``).

    ``repeated``: the names of tables in two brackets ([[tables]]). ``headed``: the names of tables in one bracket
    ([tables]), with keys or without.
    """

    file: str
    at: Mapping[Path, int]
    repeated: frozenset[str] = frozenset()
    headed: frozenset[str] = frozenset()

    def line(self, path: Sequence[str | int]) -> int | None:
        """Return the line of a path, or of the nearest enclosing path; None if it is not in the file."""
        whole = tuple(path)
        for end in range(len(whole), 0, -1):
            some = whole[:end]
            number = self.at.get(some, self.at.get(tuple(p for p in some if isinstance(p, str))))
            if number is not None:
                return number
        return None

    def place(self, path: Sequence[str | int], *, key: bool = True) -> str:
        """Return where a path is, such as ``study.toml:61 [quality] sigma``; without ``key`` only the section."""
        names = [str(p) for p in path if isinstance(p, str)]
        line = self.line(path)
        start = self.file if line is None else f"{self.file}:{line}"
        if len(names) == 1 and (names[0],) in self.at and not self._is_table(names[0]):
            return f"{start} {names[0]}"
        if not names:
            return start
        head = f"[[{names[0]}]]" if names[0] in self.repeated else f"[{names[0]}]"
        keys = ".".join(names[1:]) if key else ""
        return f"{start} {head} {keys}".rstrip()

    def has(self, path: Sequence[str | int]) -> bool:
        """Return whether the file itself contains the path."""
        return tuple(path) in self.at or tuple(p for p in path if isinstance(p, str)) in self.at

    def _is_table(self, name: str) -> bool:
        inside = (p for p in self.at if len(p) > 1 and p[0] == name)
        return name in self.repeated | self.headed or any(isinstance(p[1], str) for p in inside)  # a list has numbers


def locate(text: str, file: str) -> Lines:
    """Return the line of each path in a text; for a text that `tomllib` cannot read, the lines before its error."""
    reader = _Reader(text)
    with suppress(IndexError, ValueError, RecursionError):  # tomllib reports the error and its place
        reader.document()
    return Lines(file, reader.at, frozenset(reader.repeated), frozenset(reader.headed))


class _Reader:
    """Walk through a TOML text and record the line of each path."""

    def __init__(self, text: str) -> None:
        self.text, self.pos = text, 0
        self.at: dict[Path, int] = {}
        self.repeated: dict[str, int] = {}
        self.headed: set[str] = set()

    def document(self) -> None:
        """Read tables and keys to the end of the text."""
        table: Path = ()
        while True:
            self.skip(_SPACE)
            if self.pos >= len(self.text):
                return
            if self.text[self.pos] == "[":
                table = _header(self)
            else:
                _pair(self, table)

    def skip(self, what: re.Pattern[str]) -> str:
        """Move past the text that matches ``what`` at the current position, and return it."""
        match = what.match(self.text, self.pos)
        self.pos = match.end() if match else self.pos
        return match.group() if match else ""

    def note(self, path: Path) -> None:
        """Record the current line for a path."""
        self.at.setdefault(path, self.text.count("\n", 0, self.pos) + 1)


def _header(r: _Reader) -> Path:
    double = r.text.startswith("[[", r.pos)
    start = r.pos
    r.pos += 2 if double else 1
    names = _dotted(r)
    end = r.pos
    r.pos = start
    path: Path = tuple(names)
    if double:
        name = ".".join(names)
        number = r.repeated.get(name, 0)
        r.repeated[name] = number + 1
        r.note(path)
        path = (*path, number)
    elif names[0] in r.repeated:
        path = (names[0], r.repeated[names[0]] - 1, *names[1:])
    if not double:
        r.headed.add(names[0])
    r.note(path)
    r.pos = r.text.index("]", end) + (2 if double else 1)
    return path


def _pair(r: _Reader, table: Path) -> None:
    start = r.pos
    path: Path = (*table, *_dotted(r))
    end, r.pos = r.pos, start
    r.note(path)
    r.pos = r.text.index("=", end) + 1
    r.skip(_BLANK)
    _value(r, path)


def _dotted(r: _Reader) -> list[str]:
    """Read a key, and return its parts (one or several, joined by dots in the text)."""
    names = []
    while True:
        r.skip(_BLANK)
        if r.text[r.pos] in "\"'":
            names.append(_string(r))
        else:
            name = r.skip(_BARE)
            if not name:
                raise ValueError(r.pos)
            names.append(name)
        r.skip(_BLANK)
        if not r.text.startswith(".", r.pos):
            return names
        r.pos += 1


def _value(r: _Reader, path: Path) -> None:
    sign = r.text[r.pos]
    if sign in "\"'":
        _string(r)
    elif sign == "[":
        r.pos += 1
        number = 0
        while r.skip(_SPACE) is not None and r.text[r.pos] != "]":
            r.note((*path, number))
            _value(r, (*path, number))
            number += 1
            r.skip(_SPACE)
            r.pos += r.text[r.pos] == ","
        r.pos += 1
    elif sign == "{":
        r.pos += 1
        while r.skip(_SPACE) is not None and r.text[r.pos] != "}":
            _pair(r, path)
            r.skip(_SPACE)
            r.pos += r.text[r.pos] == ","
        r.pos += 1
    elif not r.skip(_SCALAR):
        raise ValueError(r.pos)


def _string(r: _Reader) -> str:
    """Read a TOML string of any of the four kinds, and return its text with escapes unchanged."""
    quote = r.text[r.pos]
    mark = quote * 3 if r.text.startswith(quote * 3, r.pos) else quote
    start = at = r.pos + len(mark)
    while not r.text.startswith(mark, at):
        at += 2 if quote == '"' and r.text[at] == "\\" else 1
        if at >= len(r.text):
            raise ValueError(at)
    r.pos = at + len(mark)
    while len(mark) == 3 and r.text.startswith(quote, r.pos):  # quotes at the end of the text belong to it
        r.pos += 1
    return r.text[start:at]


def each_of(problem: IntegradeError) -> Sequence[IntegradeError]:
    """Return the problems of `Problems`, or the single problem."""
    return problem.problems if isinstance(problem, Problems) else (problem,)


def placed(problem: IntegradeError, place: str) -> Iterable[IntegradeError]:
    """Yield the problems of ``problem``, each with ``place`` (its position in the study file) put before its text."""
    for inner in each_of(problem):
        about = {"column": inner.column, "file": inner.file}
        yield type(inner)(
            f"{place}: {inner.what}", where=inner.where, example=inner.example, remedy=inner.remedy, **about
        )
