"""Define errors that say what is wrong, where, with an example and a remedy, and how their messages name options.

Every error prints as ``CODE what``, followed by where, an example and the remedy. It also carries the exit code of
the command line: 1 for findings in the data, 2 for usage, 3 for refusals of the operating system.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from plainwords.escaping import for_terminal_line, without_secrets

Surface = Literal["command", "file", "python"]
"""The form in which a user gives options: flags of a command, keys of a study file, arguments of a function."""
_SURFACE: ContextVar[Surface] = ContextVar("surface", default="python")
_PLURAL = {"column": "columns"}
"""Flags that are repeated once per value -> the name of the option that holds all values in a file or in Python."""


class ExplainedError(Exception):
    """Any failure that integrade explains itself; never raised directly.

    ``column`` is the missing column and ``file`` the only file at fault, for code that handles the error.
    ``account`` has the entries of what was read and dropped before the failure (`plainwords.account.carrying`).
    """

    code = "E000"
    exit_code = 1
    account: tuple[Any, ...] = ()

    def __init__(
        self, what: str, *, where: str = "", example: str = "", remedy: str = "", column: str = "", file: str = ""
    ) -> None:
        self.what, self.where, self.example, self.remedy = map(without_secrets, (what, where, example, remedy))
        self.column, self.file = column, file
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"{self.code} {self.what}"]
        lines += [f"  {label}: {text}" for label, text in self._details() if text]
        return "\n".join(for_terminal_line(line) for line in lines)

    def _details(self) -> Sequence[tuple[str, str]]:
        return ("where", self.where), ("example", self.example), ("remedy", self.remedy)


class UsageError(ExplainedError):
    """The call itself is wrong: an unknown option, a bad value, two options that exclude each other."""

    code = "U100"
    exit_code = 2


class UnknownName(UsageError):
    """A key, option, measure or choice that integrade does not have; the message gives the nearest one."""

    code = "U101"


class DataError(ExplainedError):
    """Data that stop the work."""

    code = "D200"
    filters: tuple[str, ...] = ()
    """Filter expressions for rows; any one of them would remove the problem."""


class SystemRefusal(ExplainedError):
    """The operating system refuses: no space, no permission, a name that is too long, too many open files."""

    code = "S301"
    exit_code = 3


class Problems(ExplainedError):
    """Several problems at once, each printed in full."""

    code = "E900"

    def __init__(self, problems: Iterable[ExplainedError]) -> None:
        self.problems = tuple(problems)
        self.exit_code = max((p.exit_code for p in self.problems), default=1)
        super().__init__(f"{len(self.problems)} problems")

    def __str__(self) -> str:
        return "\n".join([str(p) for p in self.problems])


@contextmanager
def speaking(surface: Surface) -> Iterator[None]:
    """Write options in messages in the form of ``surface`` until the block ends."""
    token = _SURFACE.set(surface)
    try:
        yield
    finally:
        _SURFACE.reset(token)


def surface() -> Surface:
    """Return the form in which messages currently write options."""
    return _SURFACE.get()


def option(name: str, value: object = None) -> str:
    """Write an option for a message: ``--vcov CR1`` on the command line, ``vcov = "CR1"`` in a study file.

    The value ``...`` stands for a value that the reader fills in.

    Example:
        >>> option("vcov", "CR1"), option("column")
        ('vcov="CR1"', 'columns')
    """
    if surface() == "command":
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, tuple):
            return " ".join(f"{flag} {as_word(item)}" for item in value)
        return flag if value is None or value is True else f"{flag} {as_word(value)}"
    key = _PLURAL.get(name, name)
    if value is None:
        return key
    return f"{key} = {_in_file(value)}" if surface() == "file" else f"{key}={_in_python(value)}"


def as_word(value: object) -> str:
    """Write a value as one word of a shell command, in quotes where the shell needs them."""
    if value is Ellipsis:
        return "..."
    text = str(value)
    if not re.search(r"[\s\"'()<>|&;$`*?#!\\]", text) and re.search(r"\w", text):
        return text
    plain_in_double = "'" in text and not re.search(r"[\"`$\\!]", text)
    return f'"{text}"' if plain_in_double else f"'{text}'" if "'" not in text else shlex.quote(text)


def said_in_a_file() -> bool:
    """Return whether options are currently given in a study file."""
    return surface() == "file"


def _in_file(value: object) -> str:
    """Write a value as in a study file."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_in_file, value))}]"
    return str(value).lower() if isinstance(value, bool) else _in_python(value)


def _in_python(value: object) -> str:
    """Write a value as Python code, texts in double quotes."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_in_python, value))}{',' if len(value) == 1 else ''})"
    if value is Ellipsis:
        return "..."
    return in_double_quotes(value) if isinstance(value, str) else str(value)


def in_double_quotes(text: str) -> str:
    """Put a text in double quotes, or in single quotes if it contains double quotes and no single quotes."""
    return f"'{text}'" if '"' in text and "'" not in text else '"' + text.replace('"', '\\"') + '"'


def counted(n: int, noun: str) -> str:
    """Return a count with its noun: ``1 row``, ``2,000 rows``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, if any, and list the known names.

    Upper and lower case are not distinguished.

    Example:
        >>> did_you_mean("cr3", ("CR1", "CR3", "iid"))
        "did you mean 'CR3'? known: CR1, CR3, iid"
    """
    names = sorted(set(known))
    others = [n for n in names if n != name]
    lowered = {n.lower(): n for n in others}
    near = [lowered[name.lower()]] if name.lower() in lowered else difflib.get_close_matches(name, others, n=1)
    near = near or [lowered[n] for n in difflib.get_close_matches(name.lower(), lowered, n=1)]
    listed = (", ".join(names[:20]) or "none") + (", ..." if len(names) > 20 else "")
    return (f"did you mean {near[0]!r}? " if near else "") + f"known: {listed}"
