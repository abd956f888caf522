"""Define one exception class per kind of failure. Each docstring states the failure and the remedy, if there is one.

Every error prints as ``CODE what``, followed by where, an example and the remedy. It also carries the exit code of
the command line: 1 for findings in the data, 2 for usage, 3 for refusals of the operating system.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from integrade.wording.escaping import for_terminal_line, without_secrets

Surface = Literal["command", "file", "python"]
"""The form in which a user gives options: flags of a command, keys of a study file, arguments of a function."""
_SURFACE: ContextVar[Surface] = ContextVar("surface", default="python")
_PLURAL = {"column": "columns"}
"""Flags that are repeated once per value -> the name of the option that holds all values in a file or in Python."""


class IntegradeError(Exception):
    """Any failure that integrade explains itself; never raised directly.

    ``column`` is the missing column and ``file`` the only file at fault, for code that handles the error.
    ``account`` has the entries of what was read and dropped before the failure (`integrade.wording.account.carrying`).
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


class UsageError(IntegradeError):
    """The call itself is wrong: an unknown option, a bad value, two options that exclude each other."""

    code = "U100"
    exit_code = 2


class UnknownName(UsageError):
    """A key, option, measure or choice that integrade does not have; the message gives the nearest one."""

    code = "U101"


class BadFormula(UsageError):
    """A formula, filter expression or study file that cannot be parsed; the message marks the position."""

    code = "U102"


class UnknownColumn(UsageError):
    """A formula, filter or ``--column`` names a column that the table lacks; the message gives the nearest one."""

    code = "U103"


class FileMissing(UsageError):
    """No file at that path; the message gives the nearest name in the folder."""

    code = "U104"


class BadQuery(UsageError):
    """A database that lacks the named table, or refuses the query; the message gives the nearest table."""

    code = "U105"


class BadPlugin(UsageError):
    """A user's own .py file that cannot be read or that fails; the message gives the file and the line."""

    code = "U106"


class NotShared(UsageError):
    """Spark runs on machines that cannot see a local file; put it where all of them see it."""

    code = "U107"


class DataError(IntegradeError):
    """Data that stop the work."""

    code = "D200"
    filters: tuple[str, ...] = ()
    """Filter expressions for rows; any one of them would remove the problem."""


class MissingColumn(DataError):
    """A required column is not in the file; map one with ``--column``."""

    code = "D201"


class NotANumber(DataError):
    """Text where a number is needed; correct the cell, or filter the row with ``--where``."""

    code = "D202"


class OutOfRange(DataError):
    """A value that cannot be right (a price index of zero, a year of 20013); correct or filter the row."""

    code = "D203"


class DuplicateKeys(DataError):
    """Two rows share the key of the table; keep one of them."""

    code = "D204"


class EmptyTable(DataError):
    """No row in the file, or none left after the checks."""

    code = "D205"


class NothingKept(EmptyTable):
    """The filter keeps no row; check the spelling of the values in it."""


class TooFew(DataError):
    """Too few regions, goods, observations or clusters for the quantity to exist."""

    code = "D206"


class CodesReadAsNumbers(DataError):
    """A code column holds numbers: leading zeros (101 may be 0101), decimals or last digits may be lost; store text."""

    code = "D207"


class Unreadable(DataError):
    """The file is damaged, truncated, encrypted or of another format than its name suggests."""

    code = "D208"


class NotIdentified(DataError):
    """A requested quantity is not identified in these data: its regressor is collinear or absorbed by the effects."""

    code = "D209"


class Coverage(DataError):
    """Tables that must be joined do not overlap: different years, regions or firms."""

    code = "D210"


class NoConvergence(DataError):
    """A solver stopped before its tolerance; the residual norm is given."""

    code = "D211"


class Unreachable(DataError):
    """A database, a cluster or a URL cannot be reached, or refuses access; check the address and whether it runs."""

    code = "D212"


class AmbiguousNumber(DataError):
    """1,234 may be 1234 or 1.234, and no other number of its column decides which; give ``--decimal``."""

    code = "D213"


class AmbiguousDate(DataError):
    """01/02/2010 may be 1 February or January 2, and no other date of its column decides which; give ``--dates``."""

    code = "D214"


class NotADate(DataError):
    """Text that is not a period in a column of dates, or dates that share no format; correct or filter the rows."""

    code = "D215"


class HalfMonths(DataError):
    """Periods of half a month, which are not supported; take the monthly file, or average the halves of each month."""

    code = "D221"


class InputChanged(DataError):
    """A raw file was changed or replaced while a run read it; run again when it is complete."""

    code = "D219"


class FolderContradicted(DataError):
    """A folder such as year=2004 and a column of a file in it have different values; move the file or correct it."""

    code = "D222"


class UnknownRegion(DataError):
    """A name that is not a region of the study's geography, or one region in two spellings; map it with an alias."""

    code = "D220"


class UnclearLayout(DataError):
    """The layout of a table does not show what its rows, columns, sheets or files contain; give ``--layout``."""

    code = "D216"


class BasisUnknown(DataError):
    """The prices alone do not show whether they are link, fixed-base or year-on-year indices; give ``--basis``."""

    code = "D230"


class BasisContradicted(DataError):
    """The prices are declared to have one basis, but their numbers have another; correct or leave out ``--basis``."""

    code = "D231"


class AggregateFound(DataError):
    """A good, region or industry that is the mean or sum of the others, or has the name of one; declare what it is."""

    code = "D218"


class MixedCurrencies(DataError):
    """Money in several currencies where one is needed, or in a currency without an exchange rate."""

    code = "D240"


class UnitContradicted(DataError):
    """A unit that contradicts the one stated in the file, or accounts that state a scale for only some columns."""

    code = "D242"


class RatesContradicted(DataError):
    """Exchange rates that cannot be right: inverted rates, a US dollar rate other than 1, two rates for one period."""

    code = "D241"


class SystemRefusal(IntegradeError):
    """The operating system refuses: no space, no permission, a name that is too long, too many open files."""

    code = "S301"
    exit_code = 3


class NotAFile(SystemRefusal, OSError):
    """A pipe, a socket, a device or a circle of links where a file is needed, or too large a file; name another one.

    It is also an `OSError`, so that code which skips unreadable files also skips this one.
    """


class OutOfMemory(IntegradeError):
    """The memory of the machine, of its control group or of the process is used up."""

    code = "S302"
    exit_code = 3


class SessionLost(IntegradeError):
    """The Spark session ended during work: its server, its driver or the network failed; start it again."""

    code = "S303"
    exit_code = 3


class SparkRefusal(IntegradeError):
    """Spark refuses an operation; the message gives the versions of client and server if they differ."""

    code = "S304"
    exit_code = 3


class Problems(IntegradeError):
    """Several problems at once, each printed in full."""

    code = "E900"

    def __init__(self, problems: Iterable[IntegradeError]) -> None:
        self.problems = tuple(problems)
        self.exit_code = max((p.exit_code for p in self.problems), default=1)
        super().__init__(f"{len(self.problems)} problems")

    def __str__(self) -> str:
        return "\n".join([str(p) for p in self.problems])


def __dir__() -> list[str]:
    """List the public names of this module: the error classes, which other code catches."""
    return sorted(n for n, value in globals().items() if isinstance(value, type) and issubclass(value, IntegradeError))


@contextmanager
def speaking(surface: Surface) -> Iterator[None]:
    """Write options in messages in the form of ``surface`` until the block ends."""
    token = _SURFACE.set(surface)
    try:
        yield
    finally:
        _SURFACE.reset(token)


def option(name: str, value: object = None) -> str:
    """Write an option for a message: ``--vcov CR1`` on the command line, ``vcov = "CR1"`` in a study file.

    The value ``...`` stands for a value that the reader fills in.

    Example:
        >>> option("vcov", "CR1"), option("column")
        ('vcov="CR1"', 'columns')
    """
    if _SURFACE.get() == "command":
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, tuple):
            return " ".join(f"{flag} {_as_word(item)}" for item in value)
        return flag if value is None or value is True else f"{flag} {_as_word(value)}"
    key = _PLURAL.get(name, name)
    if value is None:
        return key
    return f"{key} = {_in_file(value)}" if _SURFACE.get() == "file" else f"{key}={_in_python(value)}"


def _as_word(value: object) -> str:
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
    return _SURFACE.get() == "file"


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
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    """Put a text in double quotes, or in single quotes if it contains double quotes."""
    return f"'{text}'" if '"' in text and "'" not in text else '"' + text.replace('"', '\\"') + '"'


def mapped_as(new: str, old: str = "OLD", *, of: str = "") -> str:
    """Write how to map a column of a file, such as ``--column region=OLD`` or ``columns = { "OLD" = "region" }``.

    ``of``: the name of an additional table that has the column.

    Example:
        >>> mapped_as("region", "省份")
        'columns={"省份": "region"}'
    """
    match _SURFACE.get():
        case "command":
            return "--column " + _as_word(f"{of}.{new}={old}" if of else f"{new}={old}")
        case "file":
            return f"columns = {{ {_quoted(old)} = {_quoted(new)} }}" + (f" in [{of}]" if of else "")
        case _:
            return f"columns={{{_quoted(old)}: {_quoted(new)}}}"


def laid_as(layout: Mapping[str, str]) -> str:
    """Write how to give a layout, such as ``--layout rows=region`` or ``layout = { rows = "region" }``.

    Example:
        >>> laid_as({"rows": "region"})
        'layout={"rows": "region"}'
    """
    match _SURFACE.get():
        case "command":
            return " ".join("--layout " + _as_word(f"{place}={role}") for place, role in layout.items())
        case "file":
            return "layout = { " + ", ".join(f'{place} = "{role}"' for place, role in layout.items()) + " }"
        case _:
            return "layout={" + ", ".join(f'"{place}": "{role}"' for place, role in layout.items()) + "}"


def without_rows(column: str, *values: str | int) -> str:
    """Write the filter that leaves out rows with some values of a column when files are read.

    Example:
        >>> without_rows("year", 2005, 2006)
        'where="year not in (2005, 2006)"'
    """
    texts = [f"{value!r}" for value in values]
    return option("where", f"{column} != {texts[0]}" if len(texts) == 1 else f"{column} not in ({', '.join(texts)})")


def given_beside(table: str) -> str:
    """Write how to give an additional table: ``--with gdp=FILE``, a section ``[gdp]`` with its files, or ``gdp=...``.

    Example:
        >>> given_beside("gdp")
        'gdp=...'
    """
    match _SURFACE.get():
        case "command":
            return f"--with {table}=FILE"
        case "file":
            return f"[{table}] with files = [...]"
        case _:
            return f"{table}=..."


def used_as(measure: str, column: str = "COLUMN") -> str:
    """Write how to choose the column of a measure to compare: ``--use krugman=COLUMN`` or ``columns={"krugman": ...}``.

    Example:
        >>> used_as("krugman", "index")
        'columns={"krugman": "index"}'
    """
    if _SURFACE.get() == "command":
        return f"--use {measure}={column}"
    return f"columns={{{_quoted(measure)}: {_quoted(column)}}}"


def units_told(units: Mapping[str, str]) -> str:
    """Write how to give units: ``--unit "assets=thousand MYR"`` or ``units = { assets = "thousand MYR" }``.

    Example:
        >>> units_told({"assets": "thousand MYR"})
        'units={"assets": "thousand MYR"}'
    """
    match _SURFACE.get():
        case "command":
            return " ".join(f'--unit "{column}={unit}"' for column, unit in units.items())
        case "file":
            return "units = { " + ", ".join(f'{column} = "{unit}"' for column, unit in units.items()) + " }"
        case _:
            return "units={" + ", ".join(f'"{column}": "{unit}"' for column, unit in units.items()) + "}"


def padding(name: str, length: int) -> str:
    """Write how to give the length of a code column: ``--pad product=6`` or ``pad = { product = 6 }``."""
    match _SURFACE.get():
        case "command":
            return f"--pad {name}={length}"
        case "file":
            return f"pad = {{ {name} = {length} }}"
        case _:
            return f'pad={{"{name}": {length}}}'


def counted(n: int, noun: str) -> str:
    """Return a count with its noun: ``1 row``, ``2,000 rows``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def damaged(problem: Exception, plan: str) -> Exception:
    """Return the `IntegradeError` for a damaged Parquet file; any other exception is returned unchanged.

    Polars detects the damage only when the rows are read.
    """
    message = str(problem).strip().split("\n")[0][:200]
    files = "; ".join(re.findall(r"Parquet SCAN \[([^\]]*)\]", plan))
    explained = Unreadable(f"a Parquet file is damaged: {message}", where=files, remedy="fetch or write it again")
    return explained if message.startswith("parquet:") else problem


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name: ``"did you mean 'market'? known: age, market, scale"``; else list known names.

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
