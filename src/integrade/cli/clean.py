"""Define the command that cleans firm accounts or customs records by named rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from integrade.cli.files import Input, Out, finish, reading
from integrade.engine.frames import Table
from integrade.sources import check_target, clean_customs, clean_firms, read_canonical


@Parameter(name="*")
@dataclass(frozen=True)
class Cleaning:
    """The table to clean, and the rules.

    Parameters
    ----------
    rules
        For firms: cai_liu, feenstra_li_yu, brandt, nie_jiang_yang. For customs: usual, or exports, not_home, chapters,
        ordinary, processing, intermediaries, main_unit, trim. Repeatable; rules are applied in the given order.
    table
        The kind of table in the files (firms or customs).
    min_employees
        Least number of persons employed; the literature uses 8 or 10.
    currency_unit
        Unit of the accounts, for rules with a threshold in yuan.
    """

    rules: Annotated[tuple[str, ...], Parameter(negative=())]
    table: Literal["firms", "customs"] = "firms"
    min_employees: int = 8
    currency_unit: Literal["yuan", "1000 yuan", "10000 yuan", "million yuan", None] = None


def clean(
    files: list[str], /, *, out: Out, how: Cleaning, given: Annotated[Input | None, Parameter(name="*")] = None
) -> None:
    """Clean firm accounts or customs records by named rules; standard error counts the rows that each rule drops.

    Parameters
    ----------
    files
        Files, folders or patterns.
    out
        .csv, .parquet, .dta or .xlsx; - is standard output as csv.
    """
    given = given or Input()
    check_target(out, files, given.engine)
    rows = read_canonical(how.table, files, **reading(given))
    kept: Table = (
        clean_customs(rows, rules=how.rules)
        if how.table == "customs"
        else clean_firms(rows, rules=how.rules, min_employees=how.min_employees, currency_unit=how.currency_unit)
    )
    finish(kept, out, given)
