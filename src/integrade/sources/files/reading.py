"""Define how raw files are read, once for Python, the command line and study files.

The command line makes its flags from `Reading` (`integrade.cli.files`). A study file makes its keys and their schema
from it (`integrade.study.config`). A reader makes its keywords from it (`integrade.records.catalogue.choose`).
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
    """Option that has a different form on the command line: the name of its flag, and the values of the flag."""

    name: str
    about: str


LONGEST_CODE = 64
"""Largest number of characters that a padded code may have."""
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
        For each column of the file, its name in integrade. A column that is not named here keeps its name or is found
        by a known synonym.
    layout
        The parts of a layout that the program cannot find itself. "rows", "columns", "sheets" or "files" -> the column
        of the table that they hold; several columns are joined by + ("columns": "commodity+year"). "values" -> what the
        numbers are. A column -> its one value for all rows.
    where
        A condition in the file's own column names: 'item != "总指数"'. Only rows for which it holds are kept.
    encoding
        The encoding of text files and of Stata files before version 14; detected and reported when not given.
    sheet
        The sheet of a workbook; the first one that is not empty when not given.
    regions
        Spelling of provinces: as they are (but one spelling for each province within a table), in English, or in short
        Chinese.
    source
        The public source of the file (`integrade list --sources`), or a recipe file; its headings and units are then
        known.
    countries
        iso3: countries as ISO three-letter codes.
    families
        Correspondence tables between HS revisions (customs) or editions of GB/T 4754 (firms): codes become families.
    edition
        The edition of all codes (1992 for HS92); when not given, the edition of each row follows from its year.
    labels
        What the labelled numbers of Stata files become: codes, or the text of their value labels.
    decimal
        The decimal mark of numbers stored as text (1,234 is 1234 or 1.234); when not given, each column shows its own.
    dates
        How ambiguous dates are read: dmy, mdy, ymd (01/02/2010; 2010-11 is a month), my (Jan-10), fiscal (2010-11 is a
        fiscal year), excel or stata (numbers of days). When not given, this is found from each column.
    aggregates
        What to do with totals among goods, regions, industries, destinations and products (all items, the nation, the
        world). ask: leave out totals that a name shows, and refuse totals that only the numbers show; leave_out: leave
        out both kinds; keep: keep both, with a warning.
    duplicates
        Rows that are the same in every column of the table. keep: they stay, and a table with one row per key refuses
        them; drop: one of them is kept, and the others are counted. Two shipments in customs may be truly the same.
    units
        Column -> unit ("thousand MYR", "million USD", "kg"): its values are converted to single units. All money must
        be in one currency.
    currency
        The currency to which ``rates`` convert money (USD, MYR ..., PPP); unchanged when not given.
    rates
        A table of exchange rates: currency, year, and per_usd, in_usd or per_ppp.
    pad
        Column of codes -> length of its codes: restores leading zeros that the file lost.
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
    duplicates: Literal["keep", "drop"] = "keep"
    units: Mapping[str, str] = field(default_factory=dict, metadata={"flag": UNIT})
    currency: str | None = None
    rates: str | None = None
    pad: Mapping[str, int] = field(default_factory=dict, metadata={"flag": PAD})

    def __post_init__(self) -> None:
        """Raise `UsageError` for a length that no code can have."""
        for name, length in self.pad.items() if isinstance(self.pad, Mapping) else ():
            if isinstance(length, bool) or not isinstance(length, int) or not 0 < length <= LONGEST_CODE:
                raise UsageError(
                    f"the length of {name} is {length!r}: a whole number from 1 to {LONGEST_CODE} is needed",
                    remedy=f"for example {padding(name, 6)}",
                )
