"""Write the whole report in a language: compose it, and translate the sentences stored in its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from integrade.records.question import Question
from integrade.report.document import Block, Document, Part, Points, Section, compose
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.style import Drawing
from integrade.verdicts.brief import VerdictRow
from integrade.verdicts.bundle import StudyResults
from plainwords.texts import Said, as_record, from_record, in_language, speaking


def report_in(language: str, results: StudyResults, asked: Sequence[Question] = ()) -> Document:
    """Return the report of a study in the language; labels of the study and texts in its data stay unchanged."""
    with speaking(language):
        return said_in(language, compose(results, asked))


def said_in(language: str, document: Document) -> Document:
    """Return the report with stored sentences translated from another language into ``language``."""

    def words(text: str) -> str:
        if not isinstance(text, Said) or text.language == language:
            return text
        with speaking(language):
            return from_record(as_record(text))

    def block(one: Block) -> Block:
        match one:
            case PrintedTable():
                return table_in(language, one)
            case Drawing():
                return one
            case Points():
                return one._replace(heading=words(one.heading), items=tuple(words(item) for item in one.items))
            case text:
                return words(text)

    def section(one: Section) -> Section:
        return one._replace(short=words(one.short), title=words(one.title), blocks=tuple(block(b) for b in one.blocks))

    brief = document.brief
    return replace(
        document,
        title=words(document.title),
        byline=words(document.byline),
        abstract=words(document.abstract),
        brief=replace(
            brief,
            answer=words(brief.answer),
            numbers=tuple(n._replace(name=words(n.name), value=words(n.value)) for n in brief.numbers),
            rows=tuple(VerdictRow(*map(words, row)) for row in brief.rows),
            objection=words(brief.objection),
            stamp=words(brief.stamp),
        ),
        verdicts=tuple(
            replace(
                v,
                hypothesis=words(v.hypothesis),
                sentence=words(v.sentence),
                statement=words(v.statement),
                rule=words(v.rule),
                shared=tuple(map(words, v.shared)),
                found=words(v.found),
                parts=tuple(replace(p, what=words(p.what), inner=tuple(map(words, p.inner))) for p in v.parts),
            )
            for v in document.verdicts
        ),
        parts=tuple(Part(p.key, words(p.name), tuple(section(s) for s in p.sections)) for p in document.parts),
        language=language,
    )


def table_in(language: str, table: PrintedTable) -> PrintedTable:
    """Return a table with its stored sentences in the language."""

    def words(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(in_language(text, language) for text in texts)

    def row(one: Row) -> Row:
        return replace(one, cells=words(one.cells))

    with speaking(language):  # cautions on standard errors are added in the current language
        return replace(
            table,
            title=in_language(table.title, language),
            columns=words(table.columns),
            spanners=tuple(one._replace(text=in_language(one.text, language)) for one in table.spanners),
            rows=tuple(row(r) for r in table.rows),
            notes=words(table.notes),
            language=language,
        )
