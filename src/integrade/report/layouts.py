"""The layouts of a regression table: ``full`` has every row, ``paper`` what a journal prints and an appendix table.

``paper`` keeps coefficients with what stands below them, observations, within R-squared, fixed effects, clusters, the
turning point, and the one result that a table is about (the past of Table 5, indirect effects, the test over groups).
The rest stands in a table of its own in the last appendix. No number is in both, none is lost but for labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from integrade.report.paper import columns_that_fit
from integrade.report.rows import Row
from integrade.verdicts.naming import dimension_word
from integrade.wording.texts import Said, listed, say

if TYPE_CHECKING:
    from integrade.report.printed import PrintedTable

LONG = 45
"""Rows of a table that stands on one page."""
SHIFTED = re.compile(r"_[lf]\d+")
DIAGNOSTICS = "C"
"""The letter of the appendix with what regression tables leave out."""
LayoutName = Literal["paper", "full"]
Below = Literal["t", "se", "p"]

MAIN = (
    *("N", "R2_within", "clusters", "turning_point", "turning_point.p", "lagged", "first_stage_F"),
    *("past", "placebo", "sum", "sum.t", "sum_of_squares", "sum_of_squares.t", "slope_of_sums", "slope_of_sums.t"),
    *("overall", "overall.wild", "neighbours.F", "neighbours.p", "move.1", "move.2"),
)
"""Rows of counts and tests that a journal prints."""
MORE = {"layouts.more": "layouts.more-apart", "published_layout.more": "published_layout.more-apart"}
"""Notes that name the table with the other rows, and how they say it where it has no number."""
BELOW = {"t": "printed.t-below", "se": "regression.se-below", "p": "regression.p-below"}
NOTES = (
    *(
        *BELOW.values(),
        "instrument_tables.weak-instruments",
        "instrument_tables.instruments",
        "instrument_tables.all-the-same",
    ),
    *("lag_tables.past-of-the-region", "lag_tables.past-of-the-firm", "lag_tables.placebo-note", "regression.dropped"),
    *(
        "group_tables.of-all-groups",
        "group_tables.stars-of-differences",
        "group_tables.one-regression",
        "group_tables.one-regression-without-clusters",
    ),
    *("mediation_tables.intervals", "version_tables.what-differs", "version_tables.different-units"),
    *("row_tables.customs-rows-note", "spillover.without-the-shared-pair", "spillover.with-the-shared-pair"),
)
"""Notes that a journal prints, with what an author wrote; the others speak of the other rows."""


def in_two(table: PrintedTable, number: str = "") -> tuple[PrintedTable, PrintedTable | None]:
    """A regression table as a journal prints it, and an appendix table of that number with its other rows.

    Any other table (none of whose rows says which standard errors it has), and one in layout ``full``, stays as it is.
    """
    if table.layout or not any(row.key == "vcov" for row in table.rows):
        return table, None
    errors = _errors(table)
    kept = [_is_main(row, table) or (row.key == "vcov" and not errors) for row in table.rows]
    if sum(kept) > LONG:
        kept = [k and not _of_a_shifted_control(row, table) for k, row in zip(kept, table.rows, strict=True)]
    first, own, apart = _sorted_notes(table)
    number = (number or f"{DIAGNOSTICS}{table.number}") if table.number else ""
    rows = tuple(_under_panels(table.rows, [not k for k in kept], only_headed=False))
    main = replace(
        table,
        rows=tuple(_under_panels(table.rows, kept, only_headed=True)),
        notes=(*first, *errors, *own, *([say("layouts.more", number=number)] if number and rows else [])),
        layout="paper",
    )
    title = say("layouts.diagnostics-of", title=table.title) if number else table.title
    notes = (*(first if any(row.kind == "statistic" for row in rows) else ()), *apart)
    return main, replace(table, number=number, title=title, rows=rows, notes=notes, layout="paper")


def each_in_two(tables: Sequence[PrintedTable]) -> list[tuple[PrintedTable, PrintedTable | None]]:
    """The tables of a document in two, those of the appendix numbered as they follow each other; none without rows.

    A table of a published study has its other rows beside it already (Table 4a).
    """
    there, made = {t.number for t in tables}, 0
    found: list[tuple[PrintedTable, PrintedTable | None]] = []
    for table in tables:
        own = f"{table.number}a" in there
        main, other = (table, None) if own else in_two(table, f"{DIAGNOSTICS}{made + 1}")
        other = other if other is not None and other.rows else None
        made += other is not None
        found.append((main, other))
    return found


def alone(table: PrintedTable) -> PrintedTable:
    """The table as a journal prints it, without the other: a note says where the rows that it leaves out are."""
    main, other = in_two(table)
    if other is None or not other.rows:
        return apart(main)
    kept = [n for n in main.notes if not (isinstance(n, Said) and n.key in MORE)]
    return replace(main, notes=(*kept, say("layouts.in-full")))


def for_readers(table: PrintedTable) -> PrintedTable:
    """The table of a manuscript, without the note that tells its author how to print the other rows."""
    return replace(
        table, notes=tuple(n for n in table.notes if not (isinstance(n, Said) and n.key == "layouts.in-full"))
    )


def apart(table: PrintedTable) -> PrintedTable:
    """The table as it stands in a document of its own, where no other table has a number."""
    notes = (say(MORE[n.key]) if isinstance(n, Said) and n.key in MORE else n for n in table.notes)
    return replace(table, notes=tuple(notes))


def stacked(table: PrintedTable) -> PrintedTable:
    """A table wider than a page on its side with its columns in panels below each other, each with the row labels.

    The panels have the headings of their columns; a row without a cell in a panel is left out there.
    """
    parts = columns_that_fit(table)
    if len(parts) < 2:
        return table
    first, last = parts[0]
    rows = _of_columns(table, first, last)
    for start, end in parts[1:]:
        heads = table.columns[start:end]
        label = say("layouts.more-columns", first=str(start), last=str(end - 1))
        rows += (Row("panel", (label, *heads)), *_of_columns(table, start, end))
    return replace(table, columns=(table.columns[0], *table.columns[first:last]), rows=rows)


def _of_columns(table: PrintedTable, start: int, end: int) -> tuple[Row, ...]:
    """The rows with the cells of these columns; a panel that heads no columns stays as it is."""
    cut = [
        row if row.spans else replace(row, cells=(cells[0], *cells[start:end]), origins=(), below={})
        for row, cells in zip(table.rows, table.cells(), strict=True)
    ]
    alone = [not any(cells[1:]) for cells in table.cells()]  # a row that is a label stays
    kept = [row.kind == "panel" or any(row.cells[1:]) or label for row, label in zip(cut, alone, strict=True)]
    return tuple(_under_panels(tuple(cut), kept, only_headed=False))


def with_below(table: PrintedTable, below: Below) -> PrintedTable:
    """The table with t, the standard error or p below its coefficients, where its rows know them."""
    rows = tuple(_with_below(row, below) for row in table.rows)
    notes = tuple(
        say(BELOW[below], **note.given) if isinstance(note, Said) and note.key in BELOW.values() else note
        for note in table.notes
    )
    return replace(table, rows=rows, notes=notes) if any(row.below for row in table.rows) else table


def _with_below(row: Row, below: Below) -> Row:
    if below not in row.below:
        return row
    key = f"{row.key.rpartition('.')[0]}.{below}" if row.key else ""
    return replace(row, cells=("", *row.below[below]), key=key)


def _is_main(row: Row, table: PrintedTable) -> bool:
    if row.key.startswith("constant"):
        return not any(r.kind == "fixed_effect" for r in table.rows)
    if row.kind in ("coefficient", "statistic", "fixed_effect", "head"):
        return True
    return row.key in MAIN or row.key.startswith(("indirect.", "clusters."))


def _of_a_shifted_control(row: Row, table: PrintedTable) -> bool:
    """Whether the row is of a control of another year: shifted, and of another variable than the first row."""
    if row.kind not in ("coefficient", "statistic"):
        return False
    first = next(r.key for r in table.rows if r.kind == "coefficient").partition("^")[0]
    variable, *shift = SHIFTED.split(row.key, maxsplit=1)
    return bool(shift) and variable != SHIFTED.split(first, maxsplit=1)[0]


def _under_panels(rows: tuple[Row, ...], kept: list[bool], *, only_headed: bool) -> Iterator[Row]:
    """The rows that are kept, with the headings of their panels: all, or those that also head the columns."""
    panel: Row | None = None
    for row, keep in zip(rows, kept, strict=True):
        if row.kind == "panel":
            panel = row
        elif keep:
            if panel is not None and (not only_headed or any(panel.cells[1:])):
                yield panel
            panel = None
            yield row


def _sorted_notes(table: PrintedTable) -> tuple[list[str], list[str], list[str]]:
    """The note on what stands below coefficients, the others of the table, and those of its other rows."""
    cautions = table.cautions()
    own = [n for n in table.notes if n not in cautions and (not isinstance(n, Said) or n.key in NOTES)]
    first: list[str] = [n for n in own if isinstance(n, Said) and n.key in BELOW.values()]
    return first, [n for n in own if n not in first], [n for n in table.notes if n not in own]


def _errors(table: PrintedTable) -> list[str]:
    """How the standard errors were made, where all columns have the same."""
    fits = [origin.fit for origin in table.origins if origin.fit]
    made = {(fit.kind, tuple(fit.clusters)) for fit in fits}
    if len(made) != 1:
        return []
    kind, clusters = made.pop()
    if not clusters:
        return [say("layouts.errors", kind=kind)]
    return [say("layouts.clustered", kind=kind, clusters=listed([dimension_word(c) for c in clusters], "and"))]
