"""Define one exception class per kind of failure. Each docstring states the failure and the remedy, if there is one.

The classes that reading files needs come from `plainwords.errors` and `rawcells.errors`. The functions write options in
messages: as flags of a command, as keys of a study file or as arguments of a function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from plainwords.errors import DataError as DataError
from plainwords.errors import ExplainedError as _ExplainedError
from plainwords.errors import Problems as Problems
from plainwords.errors import Surface as Surface
from plainwords.errors import SystemRefusal as SystemRefusal
from plainwords.errors import UnknownName as UnknownName
from plainwords.errors import UsageError as UsageError
from plainwords.errors import as_word, in_double_quotes, surface
from plainwords.errors import counted as counted
from plainwords.errors import did_you_mean as did_you_mean
from plainwords.errors import option as option
from plainwords.errors import said_in_a_file as said_in_a_file
from plainwords.errors import speaking as speaking
from rawcells.errors import FileMissing as FileMissing
from rawcells.errors import NotAFile as NotAFile
from rawcells.errors import Unreadable as Unreadable

IntegradeError = _ExplainedError
"""Any failure that integrade explains itself; never raised directly."""

for _shared in (DataError, FileMissing, NotAFile, Problems, SystemRefusal, UnknownName, Unreadable, UsageError):
    _shared.__module__ = __name__  # tracebacks and documentation name the module from which users import them


class BadFormula(UsageError):
    """A formula, filter expression or study file that cannot be parsed; the message marks the position."""

    code = "U102"


class UnknownColumn(UsageError):
    """A formula, filter or ``--column`` names a column that the table lacks; the message gives the nearest one."""

    code = "U103"


class BadQuery(UsageError):
    """A database that lacks the named table, or refuses the query; the message gives the nearest table."""

    code = "U105"


class BadPlugin(UsageError):
    """A user's own .py file that cannot be read or that fails; the message gives the file and the line."""

    code = "U106"


class NotShared(UsageError):
    """Spark runs on machines that cannot see a local file; put it where all of them see it."""

    code = "U107"


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
    """Two rows share the key of the table; keep one of them.

    ``keys``: lines of a study file that are the remedy.
    """

    code = "D204"
    keys: tuple[str, ...] = ()


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


class NoCluster(Unreachable):
    """A cluster of Spark that cannot be reached, or refuses access; no file was read."""


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


def __dir__() -> list[str]:
    """List the public names of this module: the error classes, which other code catches."""
    return sorted(
        name
        for name, value in globals().items()
        if isinstance(value, type) and issubclass(value, IntegradeError) and not name.startswith("_")
    )


def mapped_as(new: str, old: str = "OLD", *, of: str = "") -> str:
    """Write how to map a column of a file, such as ``--column region=OLD`` or ``columns = { "OLD" = "region" }``.

    ``of``: the name of an additional table that has the column.

    Example:
        >>> mapped_as("region", "省份")
        'columns={"省份": "region"}'
    """
    match surface():
        case "command":
            return "--column " + as_word(f"{of}.{new}={old}" if of else f"{new}={old}")
        case "file":
            return f"columns = {{ {in_double_quotes(old)} = {in_double_quotes(new)} }}" + (f" in [{of}]" if of else "")
        case _:
            return f"columns={{{in_double_quotes(old)}: {in_double_quotes(new)}}}"


def laid_as(layout: Mapping[str, str]) -> str:
    """Write how to give a layout, such as ``--layout rows=region`` or ``layout = { rows = "region" }``.

    Example:
        >>> laid_as({"rows": "region"})
        'layout={"rows": "region"}'
    """
    match surface():
        case "command":
            return " ".join("--layout " + as_word(f"{place}={role}") for place, role in layout.items())
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
    match surface():
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
    if surface() == "command":
        return f"--use {measure}={column}"
    return f"columns={{{in_double_quotes(measure)}: {in_double_quotes(column)}}}"


def units_told(units: Mapping[str, str]) -> str:
    """Write how to give units: ``--unit "assets=thousand MYR"`` or ``units = { assets = "thousand MYR" }``.

    Example:
        >>> units_told({"assets": "thousand MYR"})
        'units={"assets": "thousand MYR"}'
    """
    match surface():
        case "command":
            return " ".join(f'--unit "{column}={unit}"' for column, unit in units.items())
        case "file":
            return "units = { " + ", ".join(f'{column} = "{unit}"' for column, unit in units.items()) + " }"
        case _:
            return "units={" + ", ".join(f'"{column}": "{unit}"' for column, unit in units.items()) + "}"


def padding(name: str, length: int) -> str:
    """Write how to give the length of a code column: ``--pad product=6`` or ``pad = { product = 6 }``."""
    match surface():
        case "command":
            return f"--pad {name}={length}"
        case "file":
            return f"pad = {{ {name} = {length} }}"
        case _:
            return f'pad={{"{name}": {length}}}'


def damaged(problem: Exception, plan: str) -> Exception:
    """Return the `IntegradeError` for a damaged Parquet file; any other exception is returned unchanged.

    Polars detects the damage only when the rows are read.
    """
    message = str(problem).strip().split("\n")[0][:200]
    files = "; ".join(re.findall(r"Parquet SCAN \[([^\]]*)\]", plan))
    explained = Unreadable(f"a Parquet file is damaged: {message}", where=files, remedy="fetch or write it again")
    return explained if message.startswith("parquet:") else problem
