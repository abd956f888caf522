"""Show a result as a title, a small table and lines, as text for a terminal and as HTML for a notebook.

A result record has a method ``sheet``. `shown` makes ``print(record)`` and ``_repr_html_`` from this method. It adds
the ``basis``, the number of draws and the seed of the record, if the record has them.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from plainwords.escaping import for_html, for_terminal, one_line


@dataclass(frozen=True)
class Sheet:
    """A title, a table, and lines below it.

    ``head`` and ``rows`` of the table have the same width; if they are empty, there is no table.
    """

    title: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()

    def text(self) -> str:
        """Return aligned plain text; Chinese characters count as two columns."""
        table = [tuple(map(one_line, row)) for row in (self.head, *self.rows)] if self.rows else []
        widths = [max(width(row[i]) for row in table) for i in range(len(self.head))] if table else []
        aligned = ["  ".join(_padded(c, w, i) for i, (c, w) in enumerate(zip(r, widths, strict=True))) for r in table]
        below = [for_terminal(line) for line in self.lines]
        return "\n".join([for_terminal(self.title), *(line.rstrip() for line in aligned), *below])

    def html(self) -> str:
        """Return a ``<table>`` with the title as caption, and the lines below it with their spaces kept."""
        head = "".join(f"<th>{for_html(h)}</th>" for h in self.head)
        body = "".join("<tr>" + "".join(f"<td>{for_html(c)}</td>" for c in row) + "</tr>" for row in self.rows)
        caption = f"<caption>{for_html(self.title)}</caption>"
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        lines = "\n".join(for_html(line) for line in (self.lines if self.rows else (self.title, *self.lines)))
        return (table if self.rows else "") + (f"<pre>{lines}</pre>" if lines else "")


class Showable(Protocol):
    """A record that can be shown."""

    def sheet(self) -> Sheet:
        """Return the title, the table and the lines of the record."""
        ...


Record = TypeVar("Record", bound=Showable)


def shown(kind: type[Record]) -> type[Record]:
    """Give a record class ``__str__``, ``_repr_html_`` and a one-line ``__repr__``, all from its ``sheet``."""
    kind.__repr__ = _in_one_line  # type: ignore[method-assign]
    kind.__str__ = lambda self: complete(self).text()  # type: ignore[method-assign]
    kind._repr_html_ = lambda self: complete(self).html()  # type: ignore[attr-defined]
    return kind


def _in_one_line(record: Any) -> str:
    """Return one line: ``UTest(U-test of market: inverted U, p = 0.01)``."""
    return f"{type(record).__name__}({one_line(record.sheet().title)})"


def complete(record: Any) -> Sheet:
    """Return the sheet of a record; basis, draws and seed are added as last lines unless the sheet mentions them."""
    sheet: Sheet = record.sheet()
    text = "\n".join((sheet.title, *sheet.lines))
    additions = [str(basis)] if (basis := getattr(record, "basis", None)) is not None else []
    draws, seed = getattr(record, "draws", None), getattr(record, "seed", None)
    if draws and "draws" not in text:
        additions.append(f"{draws:,} draws")
    if seed is not None and "seed" not in text:
        additions.append(f"seed {seed}")
    return replace(sheet, lines=(*sheet.lines, *(line for line in additions if line not in text)))


def of_text(text: str) -> Sheet:
    """Make a sheet without a table; the first line of the text is the title."""
    title, *lines = text.split("\n")
    return Sheet(title, lines=tuple(lines))


def number(value: float | None, digits: int = 6) -> str:
    """Write a number with ``digits`` significant digits; a dot if it is missing."""
    return "." if value is None or math.isnan(value) else f"{value:.{digits}g}"


def p_number(value: float | None) -> str:
    """Write a p-value with four decimals; a dot if it is missing."""
    return "." if value is None or math.isnan(value) else f"{value:.4f}"


def listed(names: Sequence[str]) -> str:
    """Join names: ``firm, year``; without names the result is ``none``."""
    return ", ".join(names) or "none"


def clustered_by(clusters: Mapping[str, int]) -> str:
    """Write ``clustered by firm (300 clusters) and region (31 clusters)``; empty if there are no clusters."""
    return (
        "clustered by " + " and ".join(f"{name} ({n:,} clusters)" for name, n in clusters.items()) if clusters else ""
    )


def width(text: str) -> int:
    """Return the number of terminal columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(cell: str, to: int, place: int) -> str:
    space = " " * (to - width(cell))
    return cell + space if place == 0 else space + cell
