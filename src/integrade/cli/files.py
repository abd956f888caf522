"""Files in and a file out: what every stage command takes, and how it ends."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from typing import Annotated, Any, TypeVar, cast

import narwhals as nw
from cyclopts import Parameter

from integrade.cli import say
from integrade.engine.frames import Engine, Table, collect, engine_of, enter
from integrade.errors import UsageError
from integrade.records.catalogue import Measure, options_of
from integrade.sources import Reading, parse_column_flags, write_table
from integrade.sources.files.reading import COLUMN, LAYOUT, PAD, UNIT
from integrade.wording.account import Account

Out = Annotated[str, Parameter(allow_leading_hyphen=True)]


Kind = TypeVar("Kind", bound=type)


def with_flags_of(options: type, *, without: Sequence[str] = ()) -> Callable[[Kind], Kind]:
    """A dataclass of flags with those that another record of options becomes, which come first.

    An option whose metadata has a `Flag` is one that is repeated, spelt and described as the flag says.
    """

    def attach(kind: Kind) -> Kind:
        flags = {name: one for name, one in options_of(options).items() if name not in without}
        taken = {name: (one, one.metadata.get("flag")) for name, one in {**flags, **options_of(kind)}.items()}
        listed = [(flag.name, flag.about) if flag else (name, one.about) for name, (one, flag) in taken.items()]
        about = "\n".join(f"{name}\n    {text}" for name, text in listed)
        first = (inspect.getdoc(kind) or "").partition("\n")[0]
        made = make_dataclass(
            kind.__name__,
            [
                (flag.name, tuple[str, ...], field(default=()))
                if flag
                else (name, one.hint, field(default=one.default))
                for name, (one, flag) in taken.items()
            ],
            frozen=True,
            namespace={"__module__": kind.__module__, "__doc__": f"{first}\n\nParameters\n----------\n{about}\n"},
        )
        return cast("Kind", made)

    return attach


def given_flags(arguments: Sequence[str], flag: str) -> list[str]:
    """The values of a flag, read before the command is made."""
    behind = zip(arguments, (*arguments[1:], None), strict=True)
    found = [word.partition("=")[2] or after for word, after in behind if word.partition("=")[0] == flag]
    return [value for value in found if value is not None]


@Parameter(name="*")
@with_flags_of(Reading, without=("sheet", "regions"))
@dataclass(frozen=True)
class Input:
    """How the input file is read.

    Parameters
    ----------
    engine
        What the rows run on. auto: Polars, or DuckDB (spilling to disk) for files that would not fit into memory.
    quiet
        On standard error only what was dropped and why, and warnings.
    json
        Print one JSON object on standard output.
    """

    engine: Engine = "auto"
    quiet: bool = False
    json: bool = False


def reading(given: Input, *, beside: Iterable[str] = ()) -> dict[str, Any]:
    """The keyword arguments of a ``read_*`` function that an `Input` asks for, for its main table.

    ``beside`` are the tables given by ``--with``, whose flags begin with their name.
    """
    others = tuple(f"{table}." for table in beside)
    return _asked(given, options_of(Reading), lambda flag: None if flag.startswith(others) else flag)


def reading_beside(given: Input, table: str) -> dict[str, Any]:
    """The same for a table given by ``--with``: its own ``--column``, ``--layout`` and ``--pad`` flags, every row."""
    mine = f"{table}."
    return _asked(
        given,
        ("columns", "layout", "encoding", "decimal", "dates", "units", "pad"),
        lambda flag: flag.removeprefix(mine) if flag.startswith(mine) else None,
    )


def repeated(given: Input) -> tuple[str, ...]:
    """The flags that name a column, each as it was typed."""
    return tuple(flag for one in (COLUMN, LAYOUT, PAD, UNIT) for flag in getattr(given, one.name))


def _asked(given: Input, names: Iterable[str], mine: Callable[[str], str | None]) -> dict[str, Any]:
    """The options of that name, of the flags about columns those that are ``mine``."""
    chosen: dict[str, Any] = {}
    for name in names:
        flag = options_of(Reading)[name].metadata.get("flag")
        key = flag.name if flag else name
        if hasattr(given, key):
            value = getattr(given, key)
            parse = PARSERS.get(name)
            chosen[name] = parse(own for own in map(mine, value) if own is not None) if parse else value
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
    """``["assets=thousand MYR"]`` as ``{"assets": "thousand MYR"}``. Raises `UsageError`."""
    units: dict[str, str] = {}
    for flag in flags:
        name, equals, unit = (part.strip() for part in flag.partition("="))
        if not (name and equals and unit) or name in units:
            raise UsageError(
                f"--unit {flag}: expected NAME=UNIT, each name once", remedy='for example --unit assets="thousand MYR"'
            )
        units[name] = unit
    return units


def _places(flags: Iterable[str]) -> dict[str, str]:
    places: dict[str, str] = {}
    for flag in flags:
        place, equals, role = (part.strip() for part in flag.partition("="))
        if not (place and equals and role) or place in places:
            raise UsageError(
                f"--layout {flag}: expected PLACE=ROLE, each place once", remedy="for example --layout sheets=commodity"
            )
        places[place] = role
    return places


PARSERS: Mapping[str, Callable[[Iterable[str]], Mapping[str, Any]]] = {
    "columns": parse_column_flags,
    "layout": _places,
    "pad": _lengths,
    "units": parse_units,
}
"""How the flags about columns are read, by the option that they give."""


def finish(result: Table, out: str, given: Input, record: Measure | None = None) -> None:
    """Say the account on standard error and write the rows to ``out``.

    Raises `NotIdentified` where they are those of the measure ``record`` and none has a value; nothing is written then.
    """
    account, rows = result.account, None
    say.account(account, quiet=given.quiet)
    if engine_of(enter(result)) == "polars":  # others write what memory cannot hold
        result = replace(result, data=result.polars())
    if record is not None:
        rows, missing = record.counts(result)
        more = record.require_values(account, rows, missing)
        say.account(Account(more), quiet=given.quiet)
        account += more
    write_table(result, out)
    if out == "-":
        return
    rows = int(collect(enter(result).select(n=nw.len())).item()) if rows is None else rows
    if given.json:
        say.as_json({"out": out, "rows": rows, "columns": result.columns, "account": account.records()})
    else:
        say.note(f"{rows:,} rows written to {out}", quiet=given.quiet)
