"""Build the regression on customs rows and the regression on firm-years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrade.estimate.inverted_u import turning_point
from integrade.report.printed import PrintedTable
from integrade.report.regression import Layout, drop_empty, regression_table
from integrade.report.rows import Row
from integrade.subjects.row_level.model import RowLevelResult
from integrade.subjects.row_level.verdict import size_of_rows
from integrade.verdicts import places
from integrade.verdicts.naming import label_of, prose_of
from integrade.wording.numerals import placed
from plainwords.texts import listed, say

Labels = Mapping[str, str]

HEADS = {
    "firm-years": "row_tables.firm-years",
    "rows": "row_tables.customs-rows",
    "trade=ordinary": "row_tables.ordinary",
    "trade=processing": "row_tables.processing",
}
ALIKE = {"": "slope_alike", "^2": "square_alike"}
"""Power of the treatment -> key of the row of Table A7 that prints its estimate in `RowLevelResult.alike`.

The estimate is from customs rows, with the fixed effects of the firm-year regression.
"""


def row_level_table(found: RowLevelResult, treatment: str, labels: Labels | None = None) -> PrintedTable:
    """Build Table A7: columns for firm-years, all rows, and the rows of each group, each with its turning point."""
    labels = labels or {}
    columns = {f"({i})": fit for i, fit in enumerate(found.columns.values(), start=1)}
    heads = []
    for i, (key, fit) in enumerate(found.columns.items(), start=1):
        name = say(HEADS[key]) if key in HEADS else key.partition("=")[2].capitalize()  # of a group: trade=ordinary
        heads.append(say("row_tables.head", n=str(i), rows=name, outcome=label_of(fit.outcome, labels)))
    stats = ["observations", "r2_within", "effects", "vcov", "clusters", "df", "ssc", "singletons"]
    table = regression_table(columns, labels=labels, stats=stats, layout=Layout(beside=False))
    turns = [placed(turning_point(fit, treatment)) for fit in found.columns.values()]
    rows = [*table.rows, *drop_empty([Row("test", (say("printed.turning-point"), *turns), "turning_point")])]
    for power, key_of_row in ALIKE.items():
        term = f"{treatment}{power}"
        if term in found.alike:
            size = size_of_rows(found, term)
            estimates = (size(found.alike[term]) if key == "rows" else "" for key in found.columns)
            rows.append(Row("test", (say("row_tables.alike", term=label_of(term, labels)), *estimates), key_of_row))
    lost = [
        say("row_tables.rows", n=e.rows, reason=e.reason)
        for e in found.account
        if e.step == "row_level" and e.kind == "dropped"
    ]
    notes = (
        *table.notes,
        say("row_tables.customs-rows-note"),
        *([say("row_tables.left-out-of-the-rows", reasons=listed(lost, "semicolon"))] if lost else []),
    )
    title = say("row_tables.title", outcome=prose_of(found.rows.outcome, labels))
    origins = tuple(
        origin if key == "firm-years" else replace(origin, rests=(*origin.rests, "row_level"))
        for key, origin in zip(found.columns, table.origins, strict=True)
    )
    return replace(
        table,
        number=places.ROW_LEVEL,
        title=title,
        columns=("", *heads),
        rows=tuple(rows),
        notes=notes,
        origins=origins,
    )
