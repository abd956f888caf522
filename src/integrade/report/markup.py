"""Write a printed table as HTML, Markdown, CSV and plain text."""

from __future__ import annotations

import csv
import io

from integrade.report.alignment import ALIGNED
from integrade.report.rows import Grid, minus, shown
from integrade.wording.sheet import width
from plainwords.escaping import for_csv, for_html, for_markdown, one_line


def set_in_html(text: str) -> str:
    """Return typeset text for a page."""
    return for_html(minus(text))


def to_html(table: Grid) -> str:
    """Return an HTML ``<table>`` with caption, heading cells with scope, and the notes below the last row."""
    columns = len(table.columns)
    head = "".join(
        f'<th scope="col"{_prose(table, i)}>{set_in_html(c)}</th>' if c else "<td></td>"
        for i, c in enumerate(table.columns)
    )
    body = "\n".join(_html_row(table, i) for i in range(len(table.rows)))
    notes = f'<div class="pinned">{"<br>".join(set_in_html(n) for n in table.notes)}</div>'
    foot = f'\n<tfoot><tr><td colspan="{columns}">{notes}</td></tr></tfoot>' if table.notes else ""
    return (
        f'<table class="printed">\n<caption><div class="pinned">{set_in_html(table.caption)}</div></caption>\n'
        f"<thead>{_html_spanners(table)}<tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>{foot}\n</table>\n"
    )


def _html_spanners(table: Grid) -> str:
    """Return the row of the headings over several columns; empty without them."""
    cells, at = "", 0
    for one in table.spanners:
        cells += "<td></td>" * (one.first - at)
        cells += f'<th scope="colgroup" colspan="{one.last - one.first + 1}">{set_in_html(one.text)}</th>'
        at = one.last + 1
    return f'<tr class="spanners">{cells}{"<td></td>" * (len(table.columns) - at)}</tr>' if cells else ""


def _html_row(table: Grid, at: int) -> str:
    row, cells = table.rows[at], table.cells()[at]
    rule = f" {row.kind} rule" if starts_block(table, at) else f" {row.kind}"
    if row.spans:
        name = f'<div class="pinned">{set_in_html(cells[0])}</div>'
        return f'<tr class="panel"><th scope="colgroup" colspan="{len(cells)}">{name}</th></tr>'
    if row.kind == "panel":
        heads = "".join(f'<th scope="col">{set_in_html(c)}</th>' if c else "<td></td>" for c in cells[1:])
        return f'<tr class="panel heads"><th scope="row">{set_in_html(cells[0])}</th>{heads}</tr>'
    label, *values = (shown(table, i, c) for i, c in enumerate(cells))
    wraps = _prose(table, 0) or (' class="wraps"' if width(label) > BRIEF else "")
    first = f'<th scope="row"{wraps}>{for_html(label)}</th>' if label else "<td></td>"
    others = "".join(f"<td{_prose(table, i)}>{_value(c)}</td>" for i, c in enumerate(values, start=1))
    return f'<tr class="{rule.strip()}">{first}{others}</tr>'


def _value(text: str) -> str:
    """Return the HTML of a cell.

    Stars and a closing bracket are in an element of their own, so that they need not widen the column. A percent sign
    stays with its number.
    """
    number = text.rstrip("*")
    if ALIGNED.fullmatch(text):
        number = number.removesuffix(")")
    mark = text[len(number) :]
    return for_html(number) + (f'<span class="stars">{mark}</span>' if number and mark else "")


BRIEF = 24
"""Most characters of a label on one line, and of a column of prose whose words are not broken."""


def _prose(table: Grid, column: int) -> str:
    if column not in table.wide_text:
        return ""
    brief = max((width(line[column]) for line in table.cells()), default=0) <= BRIEF
    return ' class="prose brief"' if brief else ' class="prose"'


def starts_block(table: Grid, at: int) -> bool:
    """Return whether a thin rule is above a row: after heading rows, and between coefficients and counts or tests."""
    if at == 0:
        return False
    kind, before = table.rows[at].kind, table.rows[at - 1].kind
    if kind in ("count", "test", "fixed_effect"):
        return before in ("coefficient", "statistic", "head")
    return before == "head" and kind != "head"


def heads_with_spanners(table: Grid) -> list[str]:
    """Return the headings, each after the heading over its column, for formats without cells over several columns."""
    above = {at: one.text for one in table.spanners for at in range(one.first, one.last + 1)}
    return [
        f"{above[i]}: {head}" if i in above and head else above.get(i, head) for i, head in enumerate(table.columns)
    ]


def to_markdown(table: Grid) -> str:
    """Return a pipe table of plain text."""
    head = "| " + " | ".join(for_markdown(minus(c)) for c in heads_with_spanners(table)) + " |"
    sides = (
        "|" + "|".join(":---" if i == 0 or i in table.wide_text else "---:" for i in range(len(table.columns))) + "|"
    )
    every = ((shown(table, i, c) for i, c in enumerate(cells)) for cells in table.cells())
    rows = ["| " + " | ".join(map(for_markdown, cells)) + " |" for cells in every]
    notes = [f"\n{for_markdown(minus(n))}" for n in table.notes]
    return "\n".join([f"**{for_markdown(minus(table.caption))}**", "", head, sides, *rows, *notes]) + "\n"


def to_csv(table: Grid) -> str:
    """Return comma-separated values with one heading row.

    t-statistics lose their parentheses, because spreadsheets read ``(7.45)`` as -7.45. If the table has rows
    of such statistics, a second column names the number in each row: ``b`` for a coefficient, otherwise ``t``, ``se``
    or ``p``; it is empty in other rows. A text that a spreadsheet would calculate starts with an apostrophe.
    """
    long = any(r.kind == "statistic" for r in table.rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    first, *others = heads_with_spanners(table)
    head = [first or "variable", "stat", *others] if long else [first, *others]
    writer.writerow(map(for_csv, head))
    label = ""
    for row, cells in zip(table.rows, table.cells(), strict=True):
        label = cells[0] or label
        plain, stat = list(cells[1:]), "b" if row.kind == "coefficient" else ""
        if row.kind == "statistic":
            plain, stat = [c.strip("()") for c in plain], row.key.rpartition(".")[2] or "t"
        writer.writerow(map(for_csv, [label, stat, *plain] if long else cells))
    return out.getvalue()


def to_text(table: Grid) -> str:
    """Return aligned plain text for a terminal; Chinese characters count twice."""
    columns = tuple(map(one_line, heads_with_spanners(table)))
    every = [tuple(map(one_line, cells)) for cells in table.cells()]
    lines = [columns, *(c for c, r in zip(every, table.rows, strict=True) if not r.spans)]
    widths = [max(width(line[i]) for line in lines) for i in range(len(table.columns))]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    out = [one_line(table.caption), rule, _aligned(table, columns, widths), rule]
    for row, cells in zip(table.rows, every, strict=True):
        out.append(cells[0] if row.spans else _aligned(table, cells, widths))
    return "\n".join([*out, rule, *map(one_line, table.notes)]) + "\n"


def _aligned(table: Grid, cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [
        cell + " " * (w - width(cell)) if i == 0 or i in table.wide_text else " " * (w - width(cell)) + cell
        for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
