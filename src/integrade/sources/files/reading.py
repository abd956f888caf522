"""Define how raw files are read, once for Python, the command line and study files.

The command line makes its flags from `Reading` (`integrade.cli.files`), a study file its keys and their schema
(`integrade.study.config`), a reader its keywords (`integrade.records.catalogue.choose`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from integrade.errors import UsageError, padding
from integrade.sources.meaning.decimals import Mark
from integrade.sources.meaning.periods import Dates


class Flag(NamedTuple):
    """Option with a spelling of its own on the command line: the name of the flag, and what it takes."""

    name: str
    about: str


LONGEST_CODE = 64
"""Most characters that a padded code may have."""
COLUMN = Flag("column", "NEW=OLD: the file's column OLD is integrade's NEW; repeatable.")
PAD = Flag("pad", "NAME=LENGTH: restore the leading zeros of a code column that lost them; repeatable.")
UNIT = Flag("unit", 'NAME=UNIT: in what a column is measured, as assets="thousand MYR"; repeatable.')
LAYOUT = Flag(
    "layout",
    "PLACE=ROLE: what rows, columns, sheets or files stand for (sheets=commodity), or the one value of a column "
    "(commodity=Rice); repeatable.",
)
FAMILIES = Flag(
    "families", "A correspondence table between HS revisions or GB/T 4754 editions: codes become families; repeatable."
)


@dataclass(frozen=True)
class Reading:
    """Options for reading raw files.

    Parameters
    ----------
    columns
        The file's column name -> integrade's. A column that is not named here keeps its name or is found by a known
        synonym.
    layout
        What the program cannot find in a layout. "rows", "columns", "sheets" or "files" -> the column that they
        stand for, several joined by + ("columns": "commodity+year"); "values" -> what the numbers are; a column ->
        its one value.
    where
        Keep only rows for which this holds, in the file's own column names: 'item != "总指数"'.
    encoding
        The encoding of text files and of Stata files before version 14; detected and reported when not given.
    sheet
        The sheet of a workbook; the first one that is not empty when not given.
    regions
        Spelling of provinces: as they are (but one way for each within a table), in English, or in short Chinese.
    source
        The public source of the file (`integrade list --sources`), or a recipe: headings, units and traps are known.
    countries
        iso3: countries as ISO three-letter codes.
    families
        Correspondence tables between HS revisions (customs) or editions of GB/T 4754 (firms): codes become families.
    edition
        The edition of all codes (1992 for HS92); by year when not given.
    labels
        Labelled numbers of Stata files: codes, or the text of their value labels.
    decimal
        The decimal mark of numbers stored as text (1,234 is 1234 or 1.234); found from each column when not given.
    dates
        The notation of ambiguous dates: dmy, mdy, ymd (01/02/2010; 2010-11 is a month), my (Jan-10), fiscal (2010-11
        is a fiscal year), excel or stata (numbers of days); found from each column when not given.
    aggregates
        Totals among goods, regions, industries, destinations and products (all items, the nation, the world). ask:
        leave out totals by name, refuse totals that only the numbers show; leave_out: leave out both; keep: keep
        both, with a warning.
    units
        Column -> unit ("thousand MYR", "million USD", "kg"): values become single units; money needs one currency.
    currency
        The currency to which ``rates`` convert money (USD, MYR ..., PPP); unchanged when not given.
    rates
        A table of rates: currency, year, and per_usd, in_usd or per_ppp.
    pad
        Code column -> length: restores leading zeros that the file lost.
    """

    columns: Mapping[str, str] = field(default_factory=dict, metadata={"flag": COLUMN})
    layout: Mapping[str, str] = field(default_factory=dict, metadata={"flag": LAYOUT})
    where: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    regions: Literal["as_is", "english", "chinese"] = "as_is"
    source: str | None = None
    countries: Literal["as_is", "iso3"] = "as_is"
    families: Sequence[str | Path] = field(default=(), metadata={"flag": FAMILIES})
    edition: int | None = None
    labels: Literal["codes", "text"] = "codes"
    decimal: Mark | None = None
    dates: Dates | None = None
    aggregates: Literal["ask", "leave_out", "keep"] = "ask"
    units: Mapping[str, str] = field(default_factory=dict, metadata={"flag": UNIT})
    currency: str | None = None
    rates: str | None = None
    pad: Mapping[str, int] = field(default_factory=dict, metadata={"flag": PAD})

    def __post_init__(self) -> None:
        """Raise `UsageError` for a length that no code has."""
        for name, length in self.pad.items() if isinstance(self.pad, Mapping) else ():
            if isinstance(length, bool) or not isinstance(length, int) or not 0 < length <= LONGEST_CODE:
                raise UsageError(
                    f"the length of {name} is {length!r}: a whole number from 1 to {LONGEST_CODE} is needed",
                    remedy=f"for example {padding(name, 6)}",
                )
