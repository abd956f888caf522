"""Define the flags for input files that commands share, and write the output file of a command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import narwhals as nw
from cyclopts import Parameter

from integrade.cli import say
from integrade.engine.frames import Engine, Table, collect, engine_of, enter
from integrade.errors import UsageError
from integrade.records.catalogue import Measure, options_of
from integrade.sources import Reading, parse_column_flags, write_table
from integrade.sources.files.reading import COLUMN, LAYOUT, PAD, UNIT
from plainwords.account import Account

Out = Annotated[str, Parameter(allow_leading_hyphen=True)]


Kind = TypeVar("Kind", bound=type)


def with_flags_of(options: type, *, without: Sequence[str] = ()) -> Callable[[Kind], Kind]:
    """Return a decorator that adds the flags of a record of options to a dataclass of flags, before its own flags.

    An option whose metadata has a `Flag` becomes a repeatable flag with the name and description of that `Flag`.
    """

    def attach(kind: Kind) -> Kind:
        options_read = {name: option for name, option in options_of(options).items() if name not in without}
        described, fields = list[str](), list[tuple[str, Any, Any]]()
        for name, option in {**options_read, **options_of(kind)}.items():
            flag = option.metadata.get("flag")
            if flag:
                described.append(f"{flag.name}\n    {flag.about}")
                fields.append((flag.name, tuple[str, ...], field(default=())))
            else:
                described.append(f"{name}\n    {option.about}")
                fields.append((name, option.hint, field(default=option.default)))
        first, about = (inspect.getdoc(kind) or "").partition("\n")[0], "\n".join(described)
        flags_class = make_dataclass(
            kind.__name__,
            fields,
            frozen=True,
            namespace={"__module__": kind.__module__, "__doc__": f"{first}\n\nParameters\n----------\n{about}\n"},
        )
        return cast("Kind", flags_class)

    return attach


def given_flags(arguments: Sequence[str], flag: str) -> list[str]:
    """Return the values of a flag from the raw arguments, before the command is built."""
    behind = zip(arguments, (*arguments[1:], None), strict=True)
    values = [word.partition("=")[2] or after for word, after in behind if word.partition("=")[0] == flag]
    return [value for value in values if value is not None]


@Parameter(name="*")
@with_flags_of(Reading, without=("regions",))
@dataclass(frozen=True)
class Input:
    """Flags that determine how the input file is read.

    Parameters
    ----------
    engine
        Engine that processes the rows. auto: Polars, or DuckDB (spilling to disk) for files that would not fit into
        memory.
    quiet
        Print on standard error only dropped rows with reasons, and warnings.
    json
        Print one JSON object on standard output.
    """

    engine: Engine = "auto"
    quiet: bool = False
    json: bool = False


def reading(given: Input, *, beside: Iterable[str] = ()) -> dict[str, Any]:
    """Return the keyword arguments of a ``read_*`` function for the main table of an `Input`.

    ``beside`` are the tables given by ``--with``; their flags begin with the name of the table and are left out.
    """
    others = tuple(f"{table}." for table in beside)
    return _reading_arguments(given, options_of(Reading), lambda flag: None if flag.startswith(others) else flag)


def reading_beside(given: Input, table: str) -> dict[str, Any]:
    """Return the reading arguments for a table of ``--with``.

    Flags about its columns (``--column``, ``--layout``, ``--pad``, ``--unit``) begin with its name. Encoding, decimal
    mark and order of dates are those of the main table. All its rows are read.
    """
    mine = f"{table}."
    return _reading_arguments(
        given,
        ("columns", "layout", "encoding", "decimal", "dates", "units", "pad"),
        lambda flag: flag.removeprefix(mine) if flag.startswith(mine) else None,
    )


def repeated(given: Input) -> tuple[str, ...]:
    """Return the flags that name a column, in the form in which they were typed."""
    return tuple(flag for one in (COLUMN, LAYOUT, PAD, UNIT) for flag in getattr(given, one.name))


def _reading_arguments(given: Input, names: Iterable[str], mine: Callable[[str], str | None]) -> dict[str, Any]:
    """Return the named options; flags about columns are included only if ``mine`` accepts them."""
    chosen: dict[str, Any] = {}
    for name in names:
        flag = options_of(Reading)[name].metadata.get("flag")
        key = flag.name if flag else name
        if hasattr(given, key):
            value = getattr(given, key)
            parse = PARSERS.get(name)
            chosen[name] = parse(mapped for mapped in map(mine, value) if mapped is not None) if parse else value
    return {"engine": given.engine, "options": Reading(**chosen)}


def _lengths(flags: Iterable[str]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for flag in flags:
        name, _, length = flag.partition("=")
        if not re.fullmatch(r"[0-9]{1,9}", length):
            raise UsageError(f"--pad {flag}: expected NAME=LENGTH", remedy="for example --pad product=6")
        lengths[name] = int(length)
    return lengths


def parse_units(flags: Iterable[str]) -> dict[str, str]:
    """Parse ``["assets=thousand MYR"]`` into ``{"assets": "thousand MYR"}``. Raises `UsageError`."""
    return _pairs(flags, "--unit", "NAME=UNIT, each name once", 'assets="thousand MYR"')


def _places(flags: Iterable[str]) -> dict[str, str]:
    return _pairs(flags, "--layout", "PLACE=ROLE, each place once", "sheets=commodity")


def _pairs(texts: Iterable[str], flag: str, form: str, example: str) -> dict[str, str]:
    """Parse the values of a flag, ``["left=right"]``, into left -> right. Raises `UsageError`."""
    pairs: dict[str, str] = {}
    for text in texts:
        left, equals, right = (part.strip() for part in text.partition("="))
        if not (left and equals and right) or left in pairs:
            raise UsageError(f"{flag} {text}: expected {form}", remedy=f"for example {flag} {example}")
        pairs[left] = right
    return pairs


PARSERS: Mapping[str, Callable[[Iterable[str]], Mapping[str, Any]]] = {
    "columns": parse_column_flags,
    "layout": _places,
    "pad": _lengths,
    "units": parse_units,
}
"""Option about columns -> the parser of its flags."""


def finish(
    result: Table,
    out: str,
    given: Input,
    record: Measure | None = None,
    *,
    workbook: Path | None = None,
    write: Callable[[Path], object] = lambda _: None,
) -> None:
    """Print the account on standard error and write the rows to ``out`` and, by ``write``, the ``workbook``, if any.

    An empty ``out`` writes no rows.

    Raises `NotIdentified` if no row of the measure ``record`` has a value; nothing is written then.
    """
    account, rows = result.account, None
    say.account(account, quiet=given.quiet)
    if engine_of(enter(result)) == "polars":  # other engines write tables that memory cannot hold
        result = replace(result, data=result.polars())
    if record is not None:
        rows, missing = record.counts(result)
        more = record.require_values(account, rows, missing)
        say.account(Account(more), quiet=given.quiet)
        account += more
    if workbook is not None:
        write(workbook)
    if out:
        write_table(result, out)
    if workbook is not None and not given.json:
        say.note(f"workbook written to {workbook}", quiet=given.quiet)
    if out == "-":
        return
    rows = int(collect(enter(result).select(n=nw.len())).item()) if rows is None else rows
    if given.json:
        written = ({"out": out} if out else {}) | ({} if workbook is None else {"workbook": str(workbook)})
        say.as_json({**written, "rows": rows, "columns": result.columns, "account": account.records()})
    elif out:
        say.note(f"{rows:,} rows written to {out}", quiet=given.quiet)
