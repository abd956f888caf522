"""Files in and a file out: what every stage command takes, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import narwhals as nw
from cyclopts import Parameter

from integrade.cli import say
from integrade.errors import UsageError
from integrade.frames import Engine, Table, collect, engine_of, enter
from integrade.sources import Reading, parse_column_flags, write_table

Out = Annotated[str, Parameter(allow_leading_hyphen=True)]


@Parameter(name="*")
@dataclass(frozen=True)
class Input:
    """How the input file is read.

    Parameters
    ----------
    column
        NEW=OLD: the file's column OLD is integrade's NEW; repeatable.
    where
        Keep only rows for which this holds, in the file's own column names: 'item != "总指数"'.
    encoding
        The encoding of text files; detected and reported when not given.
    source
        The public source of the file (`integrade list --sources`), or a recipe: headings, units and traps are known.
    countries
        iso3: countries as ISO three-letter codes.
    families
        A correspondence table between HS revisions or GB/T 4754 editions: codes become families; repeatable.
    edition
        The edition of all codes (1992 for HS92); by year when not given.
    labels
        Labelled numbers of Stata files: codes, or the text of their value labels.
    decimal
        The decimal mark of numbers that are texts (1,234 is 1234 or 1.234); what each column tells when not given.
    pad
        NAME=LENGTH: restore the leading zeros of a code column that lost them; repeatable.
    engine
        What the rows run on. auto: Polars, or DuckDB (spilling to disk) for files that would not fit into memory.
    quiet
        On standard error only what was dropped and why.
    json
        Print one JSON object on standard output.
    """

    column: tuple[str, ...] = ()
    where: str | None = None
    encoding: str | None = None
    source: str | None = None
    countries: Literal["as_is", "iso3"] = "as_is"
    families: tuple[str, ...] = ()
    edition: int | None = None
    labels: Literal["codes", "text"] = "codes"
    decimal: Literal[".", ","] | None = None
    pad: tuple[str, ...] = ()
    engine: Engine = "auto"
    quiet: bool = False
    json: bool = False


def reading(given: Input, *, beside: Iterable[str] = ()) -> dict[str, Any]:
    """The keyword arguments of a ``read_*`` function that an `Input` asks for, for its main table.

    ``beside`` are the tables given by ``--with``, whose flags begin with their name.
    """
    others = tuple(f"{table}." for table in beside)
    return {
        "engine": given.engine,
        "options": Reading(
            columns=parse_column_flags(f for f in given.column if not f.startswith(others)),
            where=given.where,
            encoding=given.encoding,
            source=given.source,
            countries=given.countries,
            families=given.families,
            edition=given.edition,
            labels=given.labels,
            decimal=given.decimal,
            pad=_lengths(f for f in given.pad if not f.startswith(others)),
        ),
    }


def reading_beside(given: Input, table: str) -> dict[str, Any]:
    """The same for a table given by ``--with``: its own ``--column`` and ``--pad`` flags, every row."""
    mine = f"{table}."
    return {
        "engine": given.engine,
        "options": Reading(
            columns=parse_column_flags(f.removeprefix(mine) for f in given.column if f.startswith(mine)),
            encoding=given.encoding,
            decimal=given.decimal,
            pad=_lengths(f.removeprefix(mine) for f in given.pad if f.startswith(mine)),
        ),
    }


def _lengths(flags: Iterable[str]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for flag in flags:
        name, _, length = flag.partition("=")
        if not length.isdigit():
            raise UsageError(f"--pad {flag}: expected NAME=LENGTH", remedy="for example --pad product=6")
        lengths[name] = int(length)
    return lengths


def finish(result: Table, out: str, given: Input) -> None:
    """Say the account on standard error and write the rows to ``out``."""
    say.account(result.account, quiet=given.quiet)
    data = result if engine_of(enter(result)) == "duckdb" else result.polars()  # DuckDB writes what memory cannot hold
    write_table(data, out)
    if out == "-":
        return
    rows = int(collect(enter(data).select(n=nw.len())).item())
    if given.json:
        say.as_json({"out": out, "rows": rows, "columns": result.columns, "account": result.account.records()})
    else:
        say.note(f"{rows:,} rows written to {out}", quiet=given.quiet)
