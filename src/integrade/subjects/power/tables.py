"""Print the power of a design as tables."""

from __future__ import annotations

from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.subjects.power.model import Power
from integrade.subjects.power.sentences import (
    Rows,
    design_head,
    design_rows,
    size_head,
    size_note,
    size_rows,
    smallest_head,
    smallest_notes,
    smallest_rows,
)
from integrade.wording.numerals import percent
from plainwords.texts import language_spoken, say


def power_tables(power: Power) -> list[PrintedTable]:
    """Build three tables: the smallest sizes, the smallest effect by goods and years, and the design."""
    wanted = percent(power.power, 0)
    titles = (
        say("power.smallest-table", power=wanted, alpha=percent(power.alpha, 0)),
        say("power.size-table", power=wanted),
        say("power.design-table"),
    )
    heads = (smallest_head(), size_head(power), design_head())
    bodies = (smallest_rows(power), size_rows(power), design_rows(power))
    notes = (smallest_notes(power), (size_note(power),), ())
    wide = ((0, 1), (), (0, 2, 3))
    return [
        PrintedTable(str(i), str(title), head, _rows(body), note, columns, language=language_spoken())
        for i, (title, head, body, note, columns) in enumerate(
            zip(titles, heads, bodies, notes, wide, strict=True), start=1
        )
    ]


def _rows(body: Rows) -> tuple[Row, ...]:
    return tuple(Row("text", cells) for cells in body)
