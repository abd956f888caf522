"""Lay out the tables of preset ``published`` with the paper's rows and columns; other results are in separate tables.

Table n has the paper's columns, with the outcome or group of each column in rows at the top. It has coefficients with t
below, the constant, observations, R-squared and effects (in Table 4 also the Hausman test). Further results are in a
table with the number n and the letter ``a``, which follows Table n. ``docs/paper.md`` lists the remaining differences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from integrade.report.layouts import BELOW
from integrade.report.printed import BY_CLUSTERS, PrintedTable
from integrade.report.rows import Row
from integrade.verdicts import places
from integrade.verdicts.naming import label_of
from plainwords.texts import Said, say

Labels = Mapping[str, str]

KEPT = ("N", "R2", "hausman")
"""Rows of a regression table that the paper has, in addition to terms, the constant and effects."""
HEADED = ("printed.numbered", "regression.head")
"""Message keys of headings that have a number and a name."""
DESCRIBED = ("sample-size", "minimum-value", "maximum", "median", "standard-deviation")
KEPT_NOTES = ("models_groups.lists-", "models_timing.published")
"""Notes that stay below the paper's table: the rows that its lists of industries cover, and a lagged outcome."""
MORE = re.compile(rf"(\d+){places.BEYOND_THE_PAPER}")
"""The number of a table with results that the paper does not have."""


def as_in_the_paper(
    tables: Sequence[PrintedTable], labels: Labels, printed: Sequence[PrintedTable] = ()
) -> list[PrintedTable]:
    """Return Tables 2 to 11 in the paper's form, each followed by a table of its other results.

    Other tables are unchanged. ``printed`` holds tables with the paper's standard errors: the table in the paper's form
    is made from them, and the table of other results from ``tables``.
    """
    with_errors_of_paper = {table.number: table for table in printed}
    parts = list[PrintedTable]()
    for table in tables:
        match table.number:
            case places.DESCRIPTION:
                parts += _described(table)
            case places.CORRELATIONS:
                parts += _correlations(table)
            case number if number in (places.BENCHMARK, places.LAGS, *places.MEDIATORS, *places.SPLITS):
                parts += _regression(with_errors_of_paper.get(number, table), table, labels)
            case _:
                parts.append(table)
    return parts


def _pointed(number: str, *, clustered: bool = False) -> Said:
    """Return the note that names the table of further results, and what its standard errors are for."""
    key = BY_CLUSTERS if clustered else "published_layout.more"
    return say(key, number=f"{number}{places.BEYOND_THE_PAPER}")


def _title_of_more(table: PrintedTable) -> Said:
    return say("published_layout.beyond", title=table.title)


def _described(table: PrintedTable) -> tuple[PrintedTable, ...]:
    """Split off the means; the paper's columns have numbers, with their names in a row at the top."""
    heads = Row("head", (table.columns[0], *(say(f"published_layout.{head}") for head in DESCRIBED)), "statistic")
    numbers = ("", *(f"({i + 1})" for i in range(len(DESCRIBED))))
    paper, more = _without_last_column(table)
    return replace(paper, columns=numbers, rows=(heads, *paper.rows)), more


def _correlations(table: PrintedTable) -> tuple[PrintedTable, ...]:
    """Split off the variance inflation factors."""
    paper, more = _without_last_column(table)
    columns = (say("published_layout.variables"), *paper.columns[1:])
    return replace(paper, title=say("published_layout.correlations"), columns=columns), more


def _without_last_column(table: PrintedTable) -> tuple[PrintedTable, PrintedTable]:
    """Split off the last column; the second table has only this column."""
    columns, rows = table.columns, table.rows
    paper = replace(
        table,
        columns=columns[:-1],
        rows=tuple(replace(r, cells=r.cells[:-1], numbers=r.numbers[:-1]) for r in rows),
        notes=(*table.notes[:1], _pointed(table.number)),
        origins=table.origins if len(table.origins) == 1 else table.origins[:-1],
        column_keys=table.column_keys[:-1],
    )
    more = replace(
        table,
        number=f"{table.number}{places.BEYOND_THE_PAPER}",
        title=_title_of_more(table),
        columns=(columns[0], columns[-1]),
        rows=tuple(replace(r, cells=(r.cells[0], r.cells[-1]), numbers=r.numbers[-1:]) for r in rows),
        notes=table.notes[1:],
        origins=table.origins[-1:],
        column_keys=table.column_keys[-1:],
    )
    return paper, more


def _regression(own: PrintedTable, table: PrintedTable, labels: Labels) -> tuple[PrintedTable, ...]:
    """Return a table with the paper's columns (one for each fit) and rows, and a table with all others.

    The first is made from ``own``, which has the paper's standard errors, the second from ``table``. If these are two
    tables, the second has the coefficients too, with its own standard errors.
    """
    rows = [r for r in own.rows if _is_kept(r, own.number)]
    fits = _fits(own)
    heads = [own.columns[i] for i in fits]
    numbers = [f"({i})" if _is_numbered(head) else head for i, head in zip(fits, heads, strict=True)]
    paper = replace(
        own,
        columns=("", *numbers),
        rows=(*_head(own, fits, labels), *(_cut(r, fits) for r in rows)),
        notes=(
            *(n for n in own.notes if _is_below(n) or _inner(n).startswith(KEPT_NOTES)),
            _pointed(own.number, clustered=own is not table),
        ),
        origins=tuple(own.origins[i - 1] for i in fits),
        column_keys=tuple(own.column_keys[i - 1] for i in fits),
    )
    below = _further_rows(table, whole=own is not table)
    plain = not any(r.kind == "statistic" for r in below)
    notes = tuple(n for n in table.notes if not (plain and _is_below(n)))
    more = replace(
        table,
        number=f"{table.number}{places.BEYOND_THE_PAPER}",
        title=_title_of_more(table),
        rows=tuple(below),
        notes=notes,
    )
    return (paper, more) if below else (paper,)


def _fits(table: PrintedTable) -> list[int]:
    """Return the columns of a table that are regressions."""
    return [i for i, origin in enumerate(table.origins, start=1) if origin.kind != "difference" and origin.fit]


def _further_rows(table: PrintedTable, *, whole: bool) -> list[Row]:
    """Return the rows that the paper's table lacks; with ``whole`` also all coefficients."""
    others = [r for r in table.rows if not _is_kept(r, table.number) and r.key != "lagged"]
    if whole:
        return [*(r for r in table.rows if r.kind in ("coefficient", "statistic")), *others]
    fits = _fits(table)
    gaps = [i for i in range(1, len(table.columns)) if i not in fits]
    rows = [r for r in table.rows if _is_kept(r, table.number)]
    return [*(r for r in rows if any(cell for i in gaps for cell in r.cells[i : i + 1])), *others]


def _is_below(note: str) -> bool:
    """Return whether a note explains the numbers below coefficients."""
    return isinstance(note, Said) and note.key in BELOW.values()


def _inner(note: str) -> str:
    """Return the key of a note, or of the sentence that the note contains."""
    inner = note.given.get("text", note) if isinstance(note, Said) else note
    return inner.key if isinstance(inner, Said) else ""


def _is_kept(row: Row, number: str) -> bool:
    """Return whether the paper's table ``number`` has the row."""
    if row.kind in ("coefficient", "statistic", "fixed_effect"):
        return True
    return row.key in KEPT and (row.key != "hausman" or number == places.BENCHMARK)


def _cut(row: Row, fits: Sequence[int]) -> Row:
    """Return the row with only the cells of the fits."""
    cells = tuple(row.cells[i] if i < len(row.cells) else "" for i in fits)
    label = say("published_layout.hausman") if row.key == "hausman" else row.cells[0]
    origins = (
        row.origins if len(row.origins) <= 1 else tuple(o for i, o in enumerate(row.origins, start=1) if i in fits)
    )
    return replace(row, cells=(label, *cells), origins=origins, **_numbers_cut(row, fits))


def _numbers_cut(row: Row, fits: Sequence[int]) -> dict[str, Any]:
    """Return the numbers of a row, and the cells that may be printed below coefficients, of the fits only."""
    below = {kind: tuple(cells[i - 1] for i in fits if i <= len(cells)) for kind, cells in row.below.items()}
    return {"numbers": tuple(row.numbers[i - 1] for i in fits if i <= len(row.numbers)), "below": below}


def _head(table: PrintedTable, fits: Sequence[int], labels: Labels) -> list[Row]:
    """Return heading rows with the outcome of each column, and its group or the variables that are lagged."""
    named = [_name(table.columns[i]) for i in fits]
    rows = []
    if table.number in places.SPLITS:
        rows.append(Row("head", ("", *named), "groups"))
        named = [label_of(fit.outcome, labels) for i in fits if (fit := table.origins[i - 1].fit)]
    if table.number == places.LAGS:
        every = [_lags_all(table, i) for i in fits]
        kinds = (say("published_layout.explanatory-lag"), say("published_layout.all-lag"))
        first = [i == 0 or every[i] != every[i - 1] for i in range(len(every))]
        named_once = (kinds[e] if begins else "" for e, begins in zip(every, first, strict=True))
        rows.append(Row("head", ("", *named_once), "lagged"))
    return [*rows, Row("head", (say("published_layout.variables"), *named), "outcome")]


def _is_numbered(head: str) -> TypeGuard[Said]:
    """Return whether a heading has a number and a name."""
    return isinstance(head, Said) and head.key in HEADED


def _name(head: str) -> str:
    """Return the outcome or the name in a heading with a number, else the whole heading."""
    values = head.given if _is_numbered(head) else {}
    name = values.get("outcome", values.get("name", head))
    return name if isinstance(name, str) else str(name)  # str() would drop the message of a name that has one


def _lags_all(table: PrintedTable, column: int) -> bool:
    """Return whether the controls of a column are lagged like the treatment: none is of the current year."""
    fit = table.origins[column - 1].fit
    others = [c.term for c in fit.coefficients][1:] if fit else []
    return bool(others) and all(re.search(r"_l\d+(\^2)?$", t) for t in others)
