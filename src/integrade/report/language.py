"""The whole report in a language: composed in it, and the sentences that its results hold said again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from integrade.geography import PROVINCES
from integrade.judge.bundle import StudyResults, Verdict
from integrade.question import Question
from integrade.report.chinese import catalogue, in_chinese
from integrade.report.document import Block, Document, Part, Points, Section, compose
from integrade.report.printed import PrintedTable, Row
from integrade.report.style import Drawing
from integrade.texts import Said, in_language, speaking, with_values

Words = Callable[[str], str]
OWN = ("A4", "A5")  # tables of settings and raw files: what stands in them is the study's


def report_in(language: str, results: StudyResults, asked: Sequence[Question] = ()) -> Document:
    """The report of a study in the language; the labels of the study stay as they are."""
    with speaking(language):
        return spoken(compose(results, asked), language, results.labels.values())


def spoken(document: Document, language: str, names: Iterable[str] = ()) -> Document:
    """The report with every sentence of the catalogues said in the language. ``names`` stay as they are."""
    if language == "en":
        return document
    keep = frozenset(names)

    def words(text: str) -> str:
        if not isinstance(text, Said):
            return unconverted(text, keep)
        with speaking(language):
            return with_values(text, words)

    return replace(
        document,
        title=words(document.title),
        lead=words(document.lead),
        verdicts=tuple(
            Verdict(
                in_language(v.hypothesis, language), v.outcome, words(v.sentence), in_language(v.statement, language)
            )
            for v in document.verdicts
        ),
        numbers=tuple(n._replace(name=words(n.name), value=words(n.value)) for n in document.numbers),
        parts=tuple(_part(part, words) for part in document.parts),
        language=language,
        lineage=spoken_lineage(document.lineage, words) if document.lineage else {},
    )


def unconverted(text: str, keep: frozenset[str]) -> str:
    """A text that has no id yet, by the table of templates: deleted with `integrade.report.chinese`."""
    return in_chinese(text, keep)


HASH = re.compile(r"\s*[0-9a-f]{64} .*")
ENTRY = re.compile(r"( *[\d,]+ )(\w+)( +)(\w+)(?:: (.*))?", re.DOTALL)


def spoken_lineage(block: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Where numbers come from, in Chinese: headings, meanings, accounts; addresses, formulas and hashes as they are."""
    tables = {
        name: table
        | {"caption": _caption(table["caption"], words)}
        | {"rows": [[key, *map(words, texts)] for key, *texts in table["rows"]]}
        | {"columns": [[key, words(text)] for key, text in table["columns"]]}
        for name, table in block["tables"].items()
    }
    figures = {name: f | {"where": [_caption(t, words) for t in f["where"]]} for name, f in block["figures"].items()}
    parts = [[words(heading), [_line(line, words) for line in lines]] for heading, lines in block["parts"]]
    return {**block, "tables": tables, "figures": figures, "parts": parts}


def _caption(text: str, words: Words) -> str:
    """``Table 4. Benchmark regression``: its label and its title."""
    label, dot, title = text.partition(". ")
    return f"{words(label)}  {words(title)}" if dot else words(text)


def _line(line: str, words: Words) -> str:
    entry = ENTRY.fullmatch(line)
    if HASH.match(line):
        return line
    if entry:
        reason = f"：{words(entry[5])}" if entry[5] else ""
        return f"{entry[1]}{words(entry[2])}{entry[3]}{words(entry[4])}{reason}"
    return words(line)


def _part(part: Part, words: Words) -> Part:
    sections = [
        Section(s.key, words(s.short), words(s.title), tuple(_block(b, words) for b in s.blocks)) for s in part.sections
    ]
    return Part(part.key, words(part.name), tuple(sections))


def _block(block: Block, words: Words) -> Block:
    match block:
        case PrintedTable():
            return spoken_table(block, words)
        case Drawing():
            return replace(block, spec=spoken_figure(block.spec, words))
        case Points():
            return Points(words(block.heading), tuple(words(item) for item in block.items))
        case text:
            return words(text)


def spoken_table(table: PrintedTable, words: Words) -> PrintedTable:
    """A table in Chinese; of settings and raw files only the headings."""
    rows = table.rows if table.number in OWN else tuple(_row(row, words) for row in table.rows)
    return replace(
        table,
        title=words(table.title),
        columns=tuple(words(c) for c in table.columns),
        rows=rows,
        notes=tuple(words(n) for n in table.notes),
        language="zh",
    )


def _row(row: Row, words: Words) -> Row:
    return replace(row, cells=tuple(words(c) for c in row.cells))


EXPRESSIONS = ("test", "expr", "filter", "calculate")
QUOTED = re.compile(r"(?<=[\"'])[^\"']+(?=[\"'])")


def spoken_figure(spec: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """A specification with its titles, labels, rows and the names in its expressions in Chinese."""
    return {key: value if key == "config" else _spec(value, words, key) for key, value in spec.items()}


def _spec(value: Any, words: Words, key: str) -> Any:
    if key == "datasets":
        return {name: [_record(row, words) for row in rows] for name, rows in value.items()}
    if key == "values" and isinstance(value, list):
        return [_record(row, words) for row in value]
    if key in ("title", "subtitle", "description", "text") and isinstance(value, str):
        return words(value)
    if key in ("domain", "sort", "subtitle") and isinstance(value, list):
        return [words(v) if isinstance(v, str) else v for v in value]
    if key in EXPRESSIONS and isinstance(value, str):
        return QUOTED.sub(lambda quoted: words(quoted[0]), value)
    if key == "tooltip" and isinstance(value, list):
        return [_titled(_spec(tip, words, "tip")) for tip in value]
    if key == "bind" and isinstance(value, dict):
        return value | {"name": words(value["name"]) if "name" in value else ""}
    if isinstance(value, dict):
        return {k: _spec(v, words, k) for k, v in value.items()}
    return [_spec(v, words, "") for v in value] if isinstance(value, list) else value


def _record(row: Any, words: Words) -> Any:
    if not isinstance(row, dict):
        return row
    return {k: (_tiles().get(v, v) if k == "code" else words(v)) if isinstance(v, str) else v for k, v in row.items()}


def _titled(tip: Any) -> Any:
    """A tooltip with the name of its field, where it has no title."""
    names = catalogue().fields
    named = isinstance(tip, dict) and "title" not in tip and tip.get("field") in names
    return {**tip, "title": names[tip["field"]]} if named else tip


@cache
def _tiles() -> dict[str, str]:
    """Letters of a tile of the map -> the province's short name."""
    from integrade.report.figures import CODES

    return {CODES[p.english]: p.chinese_short for p in PROVINCES if p.english in CODES}
