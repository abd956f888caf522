"""Write sentences in which every quoted number refers to the cell of a table that prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from integrade.report.addresses import addresses_of
from integrade.report.markup import set_in_html
from integrade.report.printed import PrintedTable
from plainwords.escaping import for_html
from plainwords.texts import Said, from_record, in_language, language_spoken, str_or_said

OPEN, THEN, CLOSE = "\ue000", "\ue001", "\ue002"
MARKED = re.compile(f"{OPEN}([^{THEN}]*){THEN}([^{CLOSE}]*){CLOSE}")


class Numbers:
    """Write sentences as HTML in which each quoted number has the address of the cell that prints it."""

    def __init__(self, tables: Iterable[PrintedTable]) -> None:
        self._address = addresses_of(tables)

    def html(self, text: str) -> str:
        """Return a sentence as HTML.

        A number whose cell is printed is in an element that the script turns into a button.
        """
        return "".join(self._parts(self._marked(text))) if isinstance(text, Said) else set_in_html(text)

    def _parts(self, text: str) -> Iterator[str]:
        done = 0
        for match in MARKED.finditer(text):
            yield set_in_html(text[done : match.start()])
            yield f'<span class="quoted" data-of="{for_html(match[1])}">{set_in_html(match[2])}</span>'
            done = match.end()
        yield set_in_html(text[done:])

    def _marked(self, text: Said) -> str:
        """Return the sentence with marks around each number whose cell is printed, and the address of the cell."""
        values = dict(text.given)
        for name, given in values.items():
            address = self._address(text.cells[name]) if name in text.cells else ""
            if address:
                values[name] = f"{OPEN}{address}{THEN}{in_language(str_or_said(given), language_spoken())}{CLOSE}"
            elif isinstance(given, Said) and given.given:
                values[name] = self._marked(given)
        return from_record({"id": text.key, "values": values})
