"""Make the tables, the document and the files of a study's report, with the sections of all registered questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from integrade.errors import did_you_mean
from integrade.report import document, html, language, tables, write
from integrade.report.document import Document, Front, Shape
from integrade.report.earlier import Earlier
from integrade.report.layouts import LayoutName
from integrade.report.printed import PrintedTable
from integrade.report.style import Chart
from integrade.report.write import FORMATS
from integrade.subjects import questions
from integrade.subjects.audit.switches import Audit
from integrade.verdicts.bundle import StudyResults
from plainwords.texts import say


def all_tables(results: StudyResults) -> tuple[PrintedTable, ...]:
    """Return every table that a study has results for; every cell of a table has an address."""
    return tables.all_tables(results, questions())


def compose(
    results: StudyResults,
    figures: Mapping[str, Chart] | None = None,
    tables: Sequence[PrintedTable] | None = None,
    front: Front | None = None,
) -> Document:
    """Compose the report in the current language; figures and tables are made from the results unless given."""
    return document.compose(results, questions(), figures, tables, front=front or Front())


def report_in(spoken: str, results: StudyResults) -> Document:
    """Return the report of a study in the language ``spoken``."""
    return language.report_in(spoken, results, questions())


def render_html(
    results: StudyResults, figures: Mapping[str, Chart] | None = None, tables: Sequence[PrintedTable] | None = None
) -> str:
    """Return the page in the current language."""
    return html.render_html(results, questions(), figures, tables)


def write_report(
    results: StudyResults,
    directory: str | Path,
    formats: Sequence[str] = FORMATS,
    *,
    language: str = "en",
    layout: LayoutName = "paper",
    shape: Shape = "paper",
    front: Front | None = None,
    audit: Audit | None = None,
    tell: Callable[[str], None] = lambda _: None,
    earlier: Earlier | None = None,
) -> list[Path]:
    """Write the files of a report (`integrade.report.write.write_report`); return their paths.

    ``tell`` is called with a warning on each look of a table that the report does not have, and on each key that
    does not fit its table.
    """
    for number in results.looks:
        if results.tables and number not in ("", *results.tables.values()):
            tell(say("document.no-table", number=number, hint=did_you_mean(number, results.tables.values())))
    for why in tables.misfits_of_looks(results, questions()):
        tell(why)
    return write.write_report(
        results,
        directory,
        formats,
        language=language,
        layout=layout,
        shape=shape,
        front=front,
        asked=questions(),
        audit=audit,
        tell=tell,
        earlier=earlier,
    )
