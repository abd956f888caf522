"""Remedies of the looks of printed tables."""

from __future__ import annotations

from typing import Any

from integrade.report.looks import with_look
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.verdicts.table_looks import TableLook
from remedies.frame import Cases, done, meant
from remedies.of_study import BASE, check

CASES = Cases()
TABLE = PrintedTable(
    "4",
    "A table",
    ("", "(1)", "(2)"),
    (
        Row("coefficient", ("Market", "1.0", "2.0"), "market"),
        Row("coefficient", ("Scale", "1.0", "2.0"), "scale"),
        Row("count", ("Observations", "10", "10"), "N"),
    ),
)


def looked(**options: Any) -> PrintedTable:
    """The table with a look."""
    return with_look(TABLE, TableLook(**options))


CASES.refused("look at a row misspelt", "U101", looked, rows=("makret",), then=meant("makret"))
CASES.refused("look at a row of the foot", "U101", looked, rows=("N",), then=meant("N"))
CASES.refused(
    "look with a short row",
    "U100",
    looked,
    add_rows={"Trends": ("No",)},
    then=done("one cell for each column", lambda c: c.with_options(add_rows={"Trends": ("No", "")})),
)
CASES.refused(
    "look over columns apart",
    "U100",
    looked,
    spanners={"Both": (1, 3)},
    then=done("adjacent columns from 1 to 2", lambda c: c.with_options(spanners={"Both": (1, 2)})),
)
CASES.refused("look of a key misspelt", "U101", check, BASE + '\n[tables]\nstatistik = "t"\n', then=meant("statistik"))
