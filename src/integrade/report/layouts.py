"""Lay out a regression table: ``full`` has every row, ``paper`` a journal's rows and the others in an appendix.

``paper`` keeps coefficients with the number below them, observations, within R-squared, fixed effects, clusters and the
turning point. It also keeps the main result of the table: the past of the lags, indirect effects, the test over groups.
The other rows go to a table in the last appendix. Every number is in exactly one of the two tables; only labels may be
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from integrade.report.markup import heads_with_spanners
from integrade.report.paper import columns_that_fit
from integrade.report.rows import Row
from integrade.verdicts.naming import dimension_word, errors_kind
from integrade.verdicts.table_looks import Statistic
from plainwords.texts import Said, listed, say

if TYPE_CHECKING:
    from integrade.report.printed import PrintedTable

LONG = 45
"""Largest number of rows of a table on one page."""
SHIFTED = re.compile(r"_[lf]\d+")
DIAGNOSTICS = "C"
"""The letter of the appendix with the rows that regression tables leave out."""
LayoutName = Literal["paper", "full"]

MAIN = (
    *("N", "R2_within", "clusters", "turning_point", "turning_point.p", "lagged", "first_stage_F"),
    *("past", "placebo", "sum", "sum.t", "sum_of_squares", "sum_of_squares.t", "slope_of_sums", "slope_of_sums.t"),
    *("overall", "overall.wild", "neighbours.F", "neighbours.p", "move.1", "move.2"),
)
"""Rows of counts and tests that a journal prints."""
MORE = {"layouts.more": "layouts.more-apart", "published_layout.more": "published_layout.more-apart"}
"""Note that names the table with the other rows -> the note to use if that table has no number."""
BELOW: Mapping[Statistic, str] = {
    "se": "regression.se-below",
    "t": "printed.t-below",
    "p": "regression.p-below",
    "interval": "regression.interval-below",
}
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
"""Notes that a journal prints in addition to the author's own; all others concern the rows that are left out."""


def in_two(table: PrintedTable, number: str = "") -> tuple[PrintedTable, PrintedTable | None]:
    """Split a regression table into the table that a journal prints and an appendix table ``number`` with the rest.

    Other tables (without a row of standard errors) and tables in layout ``full`` stay as they are.
    """
    if table.layout or not _is_of_fits(table):
        return table, None
    errors = _errors(table)
    ordinary = [_is_main(row, table) or (row.key == "vcov" and not errors) for row in table.rows]
    if sum(ordinary) > LONG:
        ordinary = [k and not _of_a_shifted_control(row, table) for k, row in zip(ordinary, table.rows, strict=True)]
    kept = [k or _is_asked(table, at) for at, k in enumerate(ordinary)]
    first, others, apart = _sorted_notes(table)
    if kept != ordinary:  # the notes on the rows that the author has named
        others, apart = [*others, *apart], []
    number = (number or f"{DIAGNOSTICS}{table.number}") if table.number else ""
    rows = tuple(_under_panels(table.rows, [not k for k in kept], only_headed=False))
    main = replace(
        table,
        rows=tuple(_under_panels(table.rows, kept, only_headed=True)),
        notes=(*first, *errors, *others, *([say("layouts.more", number=number)] if number and rows else [])),
        layout="paper",
    )
    title = say("layouts.diagnostics-of", title=table.title) if number else table.title
    notes = (*(first if any(row.kind == "statistic" for row in rows) else ()), *apart)
    return main, replace(table, number=number, title=title, rows=rows, notes=notes, layout="paper")


def each_in_two(tables: Sequence[PrintedTable]) -> list[tuple[PrintedTable, PrintedTable | None]]:
    """Split every table of a document in two and number the appendix tables in order.

    Appendix tables without rows are left out. A table that the report on a published study has already split stays as
    it is.
    """
    numbers, appendices = {t.number for t in tables}, 0
    pairs: list[tuple[PrintedTable, PrintedTable | None]] = []
    for table in tables:
        is_split = f"{table.number}a" in numbers
        main, appendix = (table, None) if is_split else in_two(table, f"{DIAGNOSTICS}{appendices + 1}")
        appendix = appendix if appendix is not None and appendix.rows else None
        appendices += appendix is not None
        pairs.append((main, appendix))
    return pairs


def alone(table: PrintedTable) -> PrintedTable:
    """Return the table that a journal prints, without the appendix table; a note states where the other rows are."""
    main, appendix = in_two(table)
    if appendix is None or not appendix.rows:
        return apart(main)
    kept = [n for n in main.notes if not (isinstance(n, Said) and n.key in MORE)]
    return replace(main, notes=(*kept, say("layouts.in-full")))


def for_readers(table: PrintedTable) -> PrintedTable:
    """Return the table of a manuscript, without the note to the author on how to print the other rows."""
    return replace(
        table, notes=tuple(n for n in table.notes if not (isinstance(n, Said) and n.key == "layouts.in-full"))
    )


def apart(table: PrintedTable) -> PrintedTable:
    """Return the table for a document without other tables: its notes do not refer to the number of another table."""
    notes = (say(MORE[n.key]) if isinstance(n, Said) and n.key in MORE else n for n in table.notes)
    return replace(table, notes=tuple(notes))


def stacked(table: PrintedTable) -> PrintedTable:
    """Split the columns of a table wider than a landscape page into panels below each other; each has the row labels.

    Each panel has the headings of its columns; a row without a cell in a panel is left out of this panel.
    """
    parts = columns_that_fit(table)
    if len(parts) < 2:
        return table
    first, last = parts[0]
    table = replace(table, columns=tuple(heads_with_spanners(table)), spanners=())
    rows = _of_columns(table, first, last)
    for start, end in parts[1:]:
        heads = table.columns[start:end]
        label = say("layouts.more-columns", first=str(start), last=str(end - 1))
        rows += (Row("panel", (label, *heads)), *_of_columns(table, start, end))
    return replace(table, columns=(table.columns[0], *table.columns[first:last]), rows=rows)


def _of_columns(table: PrintedTable, start: int, end: int) -> tuple[Row, ...]:
    """Return the rows with the cells of these columns; a panel without column headings stays as it is."""
    cut = [
        row if row.spans else replace(row, cells=(cells[0], *cells[start:end]), origins=(), below={})
        for row, cells in zip(table.rows, table.cells(), strict=True)
    ]
    only_label = [not any(cells[1:]) for cells in table.cells()]  # such a row stays
    kept = [row.kind == "panel" or any(row.cells[1:]) or label for row, label in zip(cut, only_label, strict=True)]
    return tuple(_under_panels(tuple(cut), kept, only_headed=False))


def with_below(table: PrintedTable, below: Statistic) -> PrintedTable:
    """Return the table with the standard error, t, p or the interval below its coefficients, if it has coefficients."""
    rows = list[Row]()
    for row in table.rows:
        key = f"{row.key.rpartition('.')[0]}.{below}" if row.key else ""
        rows.append(replace(row, cells=("", *row.below[below]), key=key) if below in row.below else row)
    notes = tuple(
        say(BELOW[below], **note.given) if isinstance(note, Said) and note.key in BELOW.values() else note
        for note in table.notes
    )
    return replace(table, rows=tuple(rows), notes=notes) if any(row.below for row in table.rows) else table


def _is_of_fits(table: PrintedTable) -> bool:
    """Return whether a table is one of regressions, whose rows may be in two tables."""
    return any(row.key == "vcov" or (row.kind == "coefficient" and table.asked) for row in table.rows)


def _is_asked(table: PrintedTable, at: int) -> bool:
    """Return whether the author has named a row, or the coefficient above it."""
    row = table.rows[at - 1] if at and table.rows[at].kind == "statistic" else table.rows[at]
    return row.key in table.asked


def _is_main(row: Row, table: PrintedTable) -> bool:
    if row.key.startswith("constant"):
        return not any(r.kind == "fixed_effect" for r in table.rows)
    if row.kind in ("coefficient", "statistic", "fixed_effect", "head"):
        return True
    return row.key in MAIN or row.key.startswith(("indirect.", "clusters."))


def _of_a_shifted_control(row: Row, table: PrintedTable) -> bool:
    """Return whether the row is a control of another year: a shifted term of another variable than the first row's."""
    if row.kind not in ("coefficient", "statistic"):
        return False
    first = next(r.key for r in table.rows if r.kind == "coefficient").partition("^")[0]
    variable, *shift = SHIFTED.split(row.key, maxsplit=1)
    return bool(shift) and variable != SHIFTED.split(first, maxsplit=1)[0]


def _under_panels(rows: tuple[Row, ...], kept: list[bool], *, only_headed: bool) -> Iterator[Row]:
    """Yield the rows that are kept, with the headings of their panels.

    With ``only_headed``, the heading of a panel is yielded only if it also has headings of columns.
    """
    panel: Row | None = None
    for row, keep in zip(rows, kept, strict=True):
        if row.kind == "panel":
            panel = row
        elif keep:
            if panel is not None and (not only_headed or any(panel.cells[1:])):
                yield panel
            panel = None
            yield row


def with_notes_of_a_journal(table: PrintedTable) -> PrintedTable:
    """Return a table without notes on rows that it does not have; the kind of its standard errors is a note.

    Cautions stay that the standard errors of its rows need.
    """
    first, others, _ = _sorted_notes(table)
    return replace(table, notes=(*first, *_errors(table), *others))


def _sorted_notes(table: PrintedTable) -> tuple[list[str], list[str], list[str]]:
    """Return notes on the numbers below coefficients, other notes that stay, and notes on the other rows."""
    cautions = table.cautions()
    kept = [n for n in table.notes if n not in cautions and (not isinstance(n, Said) or n.key in NOTES)]
    first: list[str] = [n for n in kept if isinstance(n, Said) and n.key in BELOW.values()]
    return first, [n for n in kept if n not in first], [n for n in table.notes if n not in kept]


def _errors(table: PrintedTable) -> list[str]:
    """Return a note on the kind of standard errors, if all columns have the same kind."""
    fits = [origin.fit for origin in table.origins if origin.fit]
    kinds = {(fit.kind, tuple(fit.clusters)) for fit in fits}
    if len(kinds) != 1:
        return []
    kind, clusters = kinds.pop()
    if not clusters:
        return [say("layouts.errors", kind=kind)]
    return [
        say("layouts.clustered", kind=errors_kind(kind), clusters=listed([dimension_word(c) for c in clusters], "and"))
    ]
