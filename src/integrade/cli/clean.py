"""The command that cleans firm accounts or customs records by named rules."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from integrade.cli.files import Input, Out, finish, reading
from integrade.frames import Table
from integrade.sources import check_target, clean_customs, clean_firms, read_canonical


def clean(
    files: list[str], /, *, out: Out, rules: Annotated[tuple[str, ...], Parameter(negative=())],
    table: Literal["firms", "customs"] = "firms", min_employees: int = 8,
    currency_unit: Literal["yuan", "1000 yuan", "10000 yuan", "million yuan", None] = None,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:  # fmt: skip
    """Firm accounts or customs records cleaned by named rules; what each rule drops is on standard error.

    Parameters
    ----------
    files
        Files, folders or patterns.
    out
        .csv, .parquet, .dta or .xlsx; - is standard output as csv.
    rules
        Of firms: cai_liu, feenstra_li_yu, brandt, nie_jiang_yang. Of customs: usual, or exports, not_home, chapters,
        ordinary, processing, intermediaries, main_unit, trim. Repeatable, applied in their order.
    table
        What the files hold.
    min_employees
        Fewest persons employed; the literature takes 8 or 10.
    currency_unit
        Unit of the accounts, for rules with a threshold in yuan.
    """
    given = given or Input()
    check_target(out)
    rows = read_canonical(table, files, **reading(given))
    kept: Table = (
        clean_customs(rows, rules=tuple(rules))
        if table == "customs"
        else clean_firms(rows, rules=tuple(rules), min_employees=min_employees, currency_unit=currency_unit)
    )
    finish(kept, out, given)
