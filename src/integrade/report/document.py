"""Compose the report independently of its format: parts with sections of paragraphs, tables, figures and lists."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from integrade.errors import UsageError
from integrade.records.question import Question
from integrade.report.cited import cited, cited_in_paper
from integrade.report.contents import all_figures, figure_numbers
from integrade.report.explorer.block import explorer_of
from integrade.report.figure_lineage import answer_addresses, figure_lineages
from integrade.report.glossary import explained_in, used_in
from integrade.report.layouts import DIAGNOSTICS, each_in_two, stacked
from integrade.report.lineage_json import lineage_block
from integrade.report.numbering import by_place
from integrade.report.paper import lies_on_its_side
from integrade.report.printed import PrintedTable
from integrade.report.published_layout import MORE
from integrade.report.references import Reference, lettered, printed
from integrade.report.rows import Row, label_of_number
from integrade.report.style import Chart, Drawing, drawing, title_of
from integrade.report.tables import all_tables, is_built_in
from integrade.subjects.audit.switches import Audit
from integrade.subjects.quality_alone import verdict as quality_alone
from integrade.subjects.situation import verdict as situation
from integrade.subjects.truth.verdict import beside_truth
from integrade.verdicts import answers, brief, opening, places
from integrade.verdicts import headline as words
from integrade.verdicts.against import Kind, against, against_the_measures, inconclusive
from integrade.verdicts.bundle import StudyResults, Verdict, of_quality
from integrade.verdicts.collected import verdicts
from integrade.verdicts.doubts import left_out
from integrade.verdicts.naming import outcome_word
from integrade.wording.sheet import Sheet
from plainwords.account import warnings_of
from plainwords.escaping import HIDDEN
from plainwords.texts import language_spoken, listed, say, slug, speaking, worded


class Points(NamedTuple):
    """A list under a small heading; ``small`` sets it in small type in print, as reference lists are."""

    heading: str
    items: tuple[str, ...]
    small: bool = False


Block: TypeAlias = str | PrintedTable | Drawing | Points
"""A block of a section; text is a paragraph."""


class Section(NamedTuple):
    """A section: a key (the anchor), a short name for lists of contents, the heading, and the blocks below it.

    ``findings``: the number of findings against the headline that rest on this section.
    """

    key: str
    short: str
    title: str
    blocks: tuple[Block, ...]
    findings: int = 0


class Part(NamedTuple):
    """Sections that belong together. The part ``paper`` is what a journal prints; the others are appendices."""

    key: str
    name: str
    sections: tuple[Section, ...]


PAPER = "paper"
"""Key of the part with the sections of a paper."""


@dataclass(frozen=True)
class Front:
    """What stands at the head of a report: author, date, abstract, and the run that it prints.

    ``run`` are details of the run by name (``run``, ``integrade``, ``python``, ``libraries``). An empty abstract is
    composed from the results.
    """

    author: str = ""
    date: str = ""
    abstract: str = ""
    run: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Brief:
    """The study on one screen: the answer, the figure, four numbers, a row for each verdict, and the run.

    ``objection`` is the strongest objection, ``stamp`` names run, version, data and date.
    """

    answer: str
    drawings: tuple[Drawing, ...] = ()
    numbers: tuple[words.KeyNumber, ...] = ()
    rows: tuple[brief.VerdictRow, ...] = ()
    objection: str = ""
    stamp: str = ""

    def blocks(self) -> Iterator[Block]:
        """Yield the brief for formats that print one block after the other."""
        if self.answer:
            yield self.answer
        if self.objection:
            yield self.objection
        yield from self.drawings
        if self.numbers:
            yield numbers_table(self.numbers)
        if self.rows:
            yield verdicts_table(self.rows)
        if self.stamp:
            yield self.stamp


@dataclass(frozen=True)
class Document:
    """A whole report in one language (``en``, ``zh``).

    ``brief`` is the first screen and the first page. ``parts`` are the paper and the appendices. The page has all of
    them; `shaped` returns what Word, PDF, LaTeX and Markdown print. ``byline`` is the author and the date, ``abstract``
    the abstract. ``contents``: whether a list of contents is printed, which only appendices need.

    ``lineage`` gives the origin of every number, as `integrade.report.lineage_json.lineage_block` returns it.

    ``explorer`` is what the page can show on request: versions, regions, numbers of goods
    (`integrade.report.explorer.block.explorer_of`).
    """

    title: str
    brief: Brief
    verdicts: tuple[Verdict, ...]
    parts: tuple[Part, ...]
    language: str = "en"
    byline: str = ""
    abstract: str = ""
    contents: bool = False
    lineage: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    explorer: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def blocks(self) -> Iterator[Block]:
        """Yield everything below the headings, in order: the brief, then the sections."""
        with speaking(self.language):
            yield from self.brief.blocks()
        for part in self.parts:
            for section in part.sections:
                yield from section.blocks

    def tables(self) -> tuple[PrintedTable, ...]:
        """Return the numbered tables in their order."""
        return tuple(b for b in self.blocks() if isinstance(b, PrintedTable) and b.number)

    def drawings(self) -> dict[str, Drawing]:
        """Return the figures by name, in their order."""
        return {b.name: b for b in self.blocks() if isinstance(b, Drawing)}


def verdict_heading(verdict: Verdict) -> str:
    """Return the heading of a verdict: the hypothesis and the conclusion of its rule."""
    return listed([verdict.heading, say("document.verdict", outcome=verdict_outcome(verdict))], "sentences")


def verdict_outcome(verdict: Verdict) -> str:
    """Return the conclusion of a rule, with its finding if there is one.

    For simulated data it also states whether the conclusion is right (`integrade.subjects.truth.verdict.beside_truth`).
    """
    word = outcome_word(verdict.outcome)
    outcome = say("document.outcome-found", outcome=word, found=verdict.found) if verdict.found else word
    truth = beside_truth(verdict)
    return listed([outcome, truth], "semicolon") if truth else outcome


def verdict_blocks(verdict: Verdict) -> tuple[Block, ...]:
    """Return the blocks below the heading of a verdict: the sentence with the numbers, and each part of the rule."""
    parts = (Points("", tuple(_conditions(verdict))),) if verdict.parts else ()
    return (verdict.sentence, *parts)


def _conditions(verdict: Verdict) -> Iterator[str]:
    """Yield the sentence of each condition of a verdict, followed by those of the conditions that it consists of.

    A condition that was neither tested nor required is left out.
    """
    for part in verdict.parts:
        if part.needed or part.holds is not None:
            yield part.sentence
            yield from part.inner


def _rules(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield each rule once with the hypotheses that it judges, then what several rules have in common."""
    judged, shared = dict[str, list[str]](), dict[str, list[str]]()
    for verdict, name in zip(verdicts, words.names_of_verdicts(verdicts), strict=True):
        if verdict.rule:
            judged.setdefault(verdict.rule, []).append(name)
        for text in verdict.shared:
            shared.setdefault(text, []).append(name)
    for rule, names in (*judged.items(), *shared.items()):
        yield say("document.rule-of", hypotheses=listed(names, "semicolon"), rule=rule)


def numbers_table(numbers: Sequence[words.KeyNumber]) -> PrintedTable:
    """Return the numbers of the brief as a small unnumbered table."""
    rows = tuple(Row("text", (n.name, n.value), n.key) for n in numbers)
    columns = (say("document.number"), say("document.value"))
    return PrintedTable("", say("brief.numbers"), columns, rows, wide_text=(0, 1))


def verdicts_table(rows: Sequence[brief.VerdictRow]) -> PrintedTable:
    """Return the verdicts as an unnumbered table: claim, verdict, what decides it, reason or strongest objection."""
    of_paper = any(r.paper for r in rows)
    lines = tuple(
        Row("text", (claim_of(r), r.word, *([r.paper] if of_paper else []), r.by, r.reason), slug(r.hypothesis))
        for r in rows
    )
    second = [say("brief.by-the-paper")] if of_paper else []
    columns = (say("brief.claim"), say("brief.verdict"), *second, say("brief.decided-by"), say("brief.reason"))
    return PrintedTable("", say("brief.verdicts"), columns, lines, wide_text=(0, len(columns) - 2, len(columns) - 1))


def claim_of(row: brief.VerdictRow) -> str:
    """Return the hypothesis of a row with its claim."""
    if not row.claim:
        return row.hypothesis
    return say("verdicts.heading", hypothesis=row.hypothesis, statement=row.claim)


def verdict_sheet(verdict: Verdict) -> Sheet:
    """Return a verdict with its rule and parts, for the terminal."""
    items = (f"- {item}" for block in verdict_blocks(verdict) if isinstance(block, Points) for item in block.items)
    rule = (say("document.rule", rule=verdict.rule),) if verdict.rule else ()
    texts = (verdict.sentence, *rule, *verdict.shared)
    return Sheet(verdict_heading(verdict), lines=(*texts, *items))


QUESTIONS = "questions"
"""Where the sections of questions are in a part; they are last in a part that does not say so."""

Arrangement: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

APPENDICES: Arrangement = (("doubts", ("trust",)), ("record", ("rules", "account", "settings", "files", "warnings")))
PARTS: Arrangement = (
    (PAPER, ("data", "measures", "sample", "benchmark", "groups-in-one", "checks", "against", "limits", "references")),
    ("details", ("hypotheses", "index", "quality", "effect")),
    *APPENDICES,
)
"""The parts of the report and the sections that every study has, by key; sections of questions follow these.

A block that an earlier section has is left out of later ones. Tables and figures of a part are in the order of their
numbers. In appendices the order is A1 ..., B1 ...
"""

PARTS_OF_THE_PAPER: Arrangement = (
    (PAPER, ("data", "index", "sample", "benchmark", QUESTIONS, "against", "limits", "references")),
    ("details", ("hypotheses", "beyond", "quality", "effect")),
    *APPENDICES,
)
"""The parts and sections of the report on a published study.

They have the tables of the paper in the paper's order, then results that the paper does not have.
"""

RESTS: Mapping[Kind, str] = {
    "placebo": "robustness",
    "errors": "inference",
    "clusters": "inference",
    "estimates": "inference",
    "exogeneity": "instruments",
    "shape": "shape",
    "noise": "noise",
    "omitted": "sensitivity",
}
"""Kind of a finding against the headline -> the section with the tests that it rests on."""

TABLED = ("lags", "mediation", "groups")
"""The questions that the paper's tables answer; their sections come first in the report on a published study."""


def compose(
    results: StudyResults,
    asked: Sequence[Question] = (),
    figures: Mapping[str, Chart] | None = None,
    tables: Sequence[PrintedTable] | None = None,
    audit: Audit | None = None,
    front: Front = Front(),
) -> Document:
    """Compose the report in the current language, with the sections of the questions ``asked``.

    Figures and tables are made from the results if they are not given. The page also has the versions of
    ``audit``. ``front`` is printed at the head.

    Texts in the results keep the language in which they were stored (`integrade.report.language.report_in` translates
    them).

    Raises `UsageError` if a table or figure occurs twice.
    """
    tables = all_tables(results, asked) if tables is None else tables
    results = replace(results, tables=by_place(tables))
    if not results.verdicts:
        results = replace(results, verdicts=verdicts(results))
    figures = all_figures(results) if figures is None else figures
    everything = (results.title, *(text for table in tables for text in texts_of(table)))
    if any(HIDDEN.search(text) for text in everything):
        results = replace(results, warnings=(*results.warnings, say("document.unseen")))
    counted = figure_numbers(figures, results.preset)
    drawings = {name: drawing(name, counted[name], chart) for name, chart in figures.items()}
    reading = brief.read(results)
    contents = Made({t.place or t.number: t for t in tables}, drawings)
    opened = _brief(reading, contents, front)
    left = contents.without(opened.blocks())
    question, abstract = words.summary(results)[:1], listed([opened.answer, opened.objection], "sentences")
    if not front.abstract:  # the abstract states the question, so that the section on data does not
        abstract = listed([*question, abstract], "sentences")
    said = set[str]() if front.abstract else {str(text) for text in question}
    parts = tuple(part for part in _parts(reading, asked, left, said) if part.sections)
    parts = _with_references(parts, opened, results)
    _check_once([(say("page.the-answer"), opened.drawings), *((s.title, s.blocks) for p in parts for s in p.sections)])
    return Document(
        results.title,
        opened,
        results.verdicts,
        parts,
        language=language_spoken(),
        byline=listed([text for text in (front.author, front.date) if text], "comma"),
        abstract=front.abstract or abstract,
        lineage=lineage_block(
            tables, figure_lineages(figures, results), answer_addresses(reading, tables), results, front.run
        ),
        explorer=explorer_of(results, audit),
    )


def _brief(reading: brief.Reading, made: Made, front: Front) -> Brief:
    """Return the first screen; without a regression its figure is the index or the quality over time."""
    results = reading.results
    names = ("curve",) if words.headline(results) is not None else ("trend", "quality_years")
    return Brief(
        brief.answer(reading),
        tuple(b for b in made.figure(*names) if isinstance(b, Drawing)),
        tuple(brief.numbers(reading)),
        tuple(brief.rows(reading)),
        brief.labelled_objection(reading),
        _stamp(results, front),
    )


def _stamp(results: StudyResults, front: Front) -> str:
    """Return the run, the version of integrade, the fingerprint of the raw files, and the date; what is known of them.

    The fingerprint is the beginning of the SHA-256 of the sorted hashes of all raw files.
    """
    hashes = sorted(f["sha256"] for f in results.provenance if f.get("sha256"))
    known = {
        "run": front.run.get("run", ""),
        "integrade": front.run.get("integrade", ""),
        "data": hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:12] if hashes else "",
    }
    texts = [say(f"brief.stamp-{name}", value=value) for name, value in known.items() if value]
    return listed([*texts, *([front.date] if front.date else [])], "comma")


def _parts(reading: brief.Reading, asked: Sequence[Question], made: Made, said: set[str]) -> Iterator[Part]:
    """Yield the parts; a table, figure or sentence that an earlier section has is left out of later ones.

    ``said`` are sentences that are printed before the first part.
    """
    results = reading.results
    arrangement = PARTS_OF_THE_PAPER if results.of_the_paper else PARTS
    findings = Counter(RESTS.get(one.kind, "") for one in reading.findings)
    for part_key, keys in arrangement:
        kept = list[Section]()
        at = keys.index(QUESTIONS) if QUESTIONS in keys else len(keys)
        for make in (
            *(partial(_section, key, results) for key in keys[:at]),
            *(partial(_of_question, one, results) for one in _asked(part_key, asked, results)),
            *(partial(_section, key, results) for key in keys[at + 1 :]),
        ):
            section = make(made)
            section = section._replace(findings=findings[section.key], blocks=_unsaid(section.blocks, said))
            made = made.without(section.blocks)
            if section.blocks:
                kept.append(section)
        yield _part(part_key, tuple(kept))


def _unsaid(blocks: Iterable[Block], said: set[str]) -> tuple[Block, ...]:
    """Return the blocks without sentences that are in ``said``; the sentences that remain are added to it.

    A list with a heading keeps all its items, because they belong together.
    """

    def is_new(text: str) -> bool:
        known = str(text) in said
        said.add(str(text))
        return not known

    kept = list[Block]()
    for block in blocks:
        match block:
            case PrintedTable() | Drawing():
                kept.append(block)
            case Points():
                items = tuple(item for item in block.items if is_new(item) or block.heading)
                kept += [block._replace(items=items)] if items else []
            case text:
                kept += [text] if is_new(text) else []
    return tuple(kept)


def _check_once(sections: Iterable[tuple[str, Sequence[Block]]]) -> None:
    """Refuse a document that has a table or figure twice, because an address must name only one.

    Raises `UsageError`.
    """
    seen = dict[str, str]()
    for title, blocks in sections:
        for block in blocks:
            if isinstance(block, PrintedTable | Drawing):
                name = f"table {block.number}" if isinstance(block, PrintedTable) else f"figure {block.name!r}"
                if name in seen:
                    raise UsageError(
                        f"the report has the {name} twice",
                        where=f"the sections {seen[name]!r} and {title!r}",
                        remedy="print each table and figure in only one section",
                    )
                seen[name] = title


def with_terms(document: Document) -> Document:
    """Return the report with each technical term explained at the start of the section that uses it first."""
    explained = list[str]()

    def section(one: Section) -> Section:
        terms = used_in((t for b in one.blocks for t in texts_of(b)), explained)
        explained.extend(terms)
        return one._replace(blocks=(*one.blocks, explained_in(terms))) if terms else one

    return replace(document, parts=tuple(p._replace(sections=tuple(map(section, p.sections))) for p in document.parts))


def texts_of(block: Block) -> tuple[str, ...]:
    """Return the texts of a block; the texts of a figure are its title and subtitle."""
    match block:
        case PrintedTable():
            cells = (cell for row in block.rows for cell in row.cells)
            return (block.title, *(one.text for one in block.spanners), *block.columns, *cells, *block.notes)
        case Drawing():
            return title_of(block)
        case Points():
            return (block.heading, *block.items)
        case text:
            return (text,)


def _part(key: str, sections: tuple[Section, ...]) -> Part:
    """Return a part with its heading; it is an appendix if all its table numbers start with the same letter."""
    letters = {t.number[:1] for s in sections for t in s.blocks if isinstance(t, PrintedTable) and t.number[:1] != "P"}
    name, letter = say(f"document.part-{key}"), "".join(sorted(letters))
    appendix = len(letters) == 1 and letter.isalpha()
    return Part(key, say("document.appendix", letter=letter, name=name) if appendix else name, sections)


@dataclass(frozen=True)
class Made:
    """The tables that a report has, by their place (number in a full report), and its figures, by name.

    ``gone`` are the tables of earlier sections; if ``refers``, a section that asks for one has a line that names it.
    """

    tables: Mapping[str, PrintedTable]
    figures: Mapping[str, Drawing]
    gone: Mapping[str, PrintedTable] = field(default_factory=dict)
    refers: bool = False

    def table(self, *places: str) -> list[Block]:
        """Return the tables with these numbers, except tables that the report lacks."""
        found = list[Block]()
        for place in places:
            if place in self.tables:
                found.append(self.tables[place])
            elif self.refers and place in self.gone:
                named = label_of_number("table", self.gone[place].number, language_spoken())
                found.append(say("document.printed-earlier", table=named))
        return found

    def figure(self, *names: str) -> list[Block]:
        """Return the figures with these names, except figures that the report lacks."""
        return [self.figures[name] for name in names if name in self.figures]

    def without(self, blocks: Iterable[Block]) -> Made:
        """Return what is left when the tables and figures among the blocks are printed."""
        gone = {id(block) for block in blocks if isinstance(block, PrintedTable | Drawing)}
        return Made(
            {place: one for place, one in self.tables.items() if id(one) not in gone},
            {name: one for name, one in self.figures.items() if id(one) not in gone},
            {**self.gone, **{place: one for place, one in self.tables.items() if id(one) in gone}},
        )


def _section(key: str, results: StudyResults, made: Made) -> Section:
    name = key.replace("_", "-")
    if key == "quality" and not of_quality(results):
        name = "outcome-over-time"
    if key == "trust" and not results.index.there and results.quality_alone is not None:
        name = "trust-in-quality"
    short, title = say(f"document.{name}-short"), say(f"document.{name}")
    blocks = OF_THE_PAPER.get(key) if results.of_the_paper else None
    return Section(key, short, title, tuple((blocks or BLOCKS[key])(results, made)))


def _asked(part: str, asked: Sequence[Question], results: StudyResults) -> list[Question]:
    """Return the questions with a section in a part, in their order.

    The paper of a published study has the questions that its tables answer; under the preset complete, those that it
    announces follow.
    """
    of_paper = TABLED if results.of_the_paper else ()

    def part_of(question: Question) -> str:
        in_paper = question.name in of_paper or _is_announced(question, results)
        return PAPER if in_paper else "details" if question.part in ("data", "results") else "doubts"

    return sorted(
        (q for q in asked if q.part and q.section and part_of(q) == part),
        key=lambda q: (_is_announced(q, results), _is_announced(q, results) and q.part == "doubts", q.part, q.section),
    )


def _is_announced(question: Question, results: StudyResults) -> bool:
    """Return whether the section of a question says that the paper announces it and prints nothing."""
    return bool(question.announced) and results.preset == "complete"


def _of_question(one: Question, results: StudyResults, made: Made) -> Section:
    """Return the section of a question; it ends with the reasons for results that the question asks for and lacks."""
    name = "past" if one.name == "lags" and results.of_the_paper else one.key.replace("_", "-")
    short, title = one.titles
    blocks = tuple(one.printed(results, made if is_built_in(one) else replace(made, refers=True)))
    printed = {text for block in blocks for text in texts_of(block)}
    blocks += tuple(text for text in left_out(results, one.name) if text not in printed)
    if blocks and _is_announced(one, results):
        blocks = (say(one.announced), *blocks)
    return Section(one.key, worded(short or f"document.{name}-short"), worded(title or f"document.{name}"), blocks)


def _data(results: StudyResults, _: Made) -> Sequence[Block]:
    return words.summary(results)


def _measures(results: StudyResults, made: Made) -> Sequence[Block]:
    sentences: list[Block] = []
    if results.index.by_prices:
        sentences += [say("document.segmentation-is"), *words.trust(results.index)[:1]]
    if results.quality_alone is not None and results.quality_alone.years:
        sentences.append(quality_alone.trend(results.quality_alone))
    shown = [*made.figure("trend"), *made.table(places.RANKING, places.QUALITY_BY_YEAR)]
    return [*sentences, *shown]


def _sample(_: StudyResults, made: Made) -> Sequence[Block]:
    return made.table(places.DESCRIPTION, places.CORRELATIONS)


SIZES_IN_PAPER, TURNS_IN_PAPER = 3, 1
"""Number of sentences on the effect and on the turning point in the paper; the others are in an appendix."""


def _benchmark(results: StudyResults, made: Made) -> Sequence[Block]:
    sizes, turns = opening.size_said(results)[:SIZES_IN_PAPER], opening.turning_said(results)[:TURNS_IN_PAPER]
    return under([*sizes, *turns, *words.inference(results)], made.table(places.BENCHMARK))


def _groups_in_one(results: StudyResults, made: Made) -> Sequence[Block]:
    shown = made.figure("heterogeneity")
    return under(answers.groups(results), shown)


def _checks(results: StudyResults, made: Made) -> Sequence[Block]:
    return under(answers.robustness(results)[:1], made.figure("robustness"))


def _against(results: StudyResults, _: Made) -> Sequence[Block]:
    if words.headline(results) is None:
        findings: Sequence[str] = against_the_measures(results)
        return [Points("", tuple(findings))] if findings else []
    findings = [one.sentence for one in against(results)]
    # under the preset complete, the paper has a section on the instruments, with their strength and tests
    weak = [] if results.preset == "complete" else inconclusive(results)
    return [
        Points("", tuple(findings or [say("against.nothing")])),
        *([Points(say("opening.inconclusive"), tuple(weak))] if weak else []),
    ]


def _limits(results: StudyResults, _: Made) -> Sequence[Block]:
    items = words.limits(results)
    return [Points("", tuple(items))] if items else []


def _references(results: StudyResults, _: Made) -> Sequence[Block]:
    """Return the works that the study cites; `_with_references` keeps those of the paper."""
    return _list_of(cited(results))


def _list_of(works: Iterable[Reference]) -> list[Block]:
    listed_works = tuple(printed(work, language_spoken()) for work in works)
    return [Points("", listed_works, small=True)] if listed_works else []


def _with_references(parts: Sequence[Part], opened: Brief, results: StudyResults) -> tuple[Part, ...]:
    """Return the parts with the works that the paper names in its references, and the others at the end of the last.

    A paper prints its regression tables without rows of diagnostics (`each_in_two`), so that these name no work there.
    """
    paper = next((part for part in parts if part.key == PAPER), None)
    if paper is None or not any(s.key == "references" for s in paper.sections):
        return tuple(parts)
    shown = [*opened.blocks(), *(b for s in paper.sections if s.key != "references" for b in s.blocks)]
    texts = [text for block in shown for text in texts_of(_of_a_journal(block))]
    works = cited_in_paper(results, texts)
    keys = {work.key for work in works}
    both = lettered([*works, *(work for work in cited(results) if work.key not in keys)])
    of_paper, others = _list_of(both[: len(works)]), _list_of(both[len(works) :])
    sections = (s._replace(blocks=tuple(of_paper)) if s.key == "references" else s for s in paper.sections)
    changed = [
        part._replace(sections=tuple(s for s in sections if s.blocks)) if part is paper else part for part in parts
    ]
    if others:
        titles = say("document.other-references-short"), say("document.other-references")
        last = changed[-1]
        changed[-1] = last._replace(sections=(*last.sections, Section("other-references", *titles, tuple(others))))
    return tuple(part for part in changed if part.sections)


def _of_a_journal(block: Block) -> Block:
    """Return a table with the rows that a paper prints; any other block as it is."""
    return each_in_two([block])[0][0] if isinstance(block, PrintedTable) else block


def _hypotheses(results: StudyResults, _: Made) -> Sequence[Block]:
    """Return each verdict with its sentence and the conditions of its rule; the page folds them."""
    return [Points(verdict_heading(v), (v.sentence, *_conditions(v))) for v in results.verdicts]


def _effect(results: StudyResults, made: Made) -> Sequence[Block]:
    sentences = [*opening.size_said(results), *opening.turning_said(results)]
    shown = made.figure("inference1", "inference2", "effects") + made.table(places.EFFECTS)
    return [*sentences, *situation.effects(results), *shown]


def _index(results: StudyResults, made: Made) -> Sequence[Block]:
    drawn = made.figure("trend", "ranking", "map") + made.table(places.RANKING, places.EXTREMES)
    more = made.figure("break") + made.table(places.BREAKS, places.SERIES, places.REGIONS)
    return [*situation.index(results), *drawn, *more]


def _quality(results: StudyResults, made: Made) -> Sequence[Block]:
    if results.quality_alone is not None:
        return made.table(places.QUALITY_BY_YEAR, places.QUALITY_BY_PRODUCT, places.QUALITY_BY_DESTINATION)
    lines = made.figure("quality_area", "quality_municipality", "quality_ownership", "quality_intensity")
    spread = made.figure("distribution", "distribution_groups")
    more = made.table(places.OUTCOME_BY_YEAR) + lines + spread + made.figure("industries")
    return under(situation.quality(results), more + made.table(places.OUTCOME_BY_GROUP))


def _trust(results: StudyResults, made: Made) -> Sequence[Block]:
    goods = made.figure("goods") + made.table(places.GOODS)
    noise = made.figure("noise") + made.table(places.NOISE_BY_YEAR)
    sentences = [*words.trust(results.index), *situation.trust(results)]
    last = made.figure("pure") + made.table(places.TRUST_IN_QUALITY)
    return [*sentences, *made.table(places.TRUST), *goods, *noise, *last]


def _rules_of(results: StudyResults, _: Made) -> Sequence[Block]:
    return [Points("", tuple(_rules(results.verdicts)))] if any(v.rule for v in results.verdicts) else []


def _account(_: StudyResults, made: Made) -> Sequence[Block]:
    counts = made.table(places.ACCOUNT, places.MATCHES, places.IDENTITY, places.THRESHOLDS)
    return made.figure("waterfall") + counts


def _settings(_: StudyResults, made: Made) -> Sequence[Block]:
    return made.table(places.SETTINGS)


def _files(_: StudyResults, made: Made) -> Sequence[Block]:
    return made.table(places.FILES)


def _warnings(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the warnings and notes of the run, except warnings that the printed account has."""
    account = made.gone.get(places.ACCOUNT, made.tables.get(places.ACCOUNT))
    counted = warnings_of(results.account) if account is not None else ()
    further = [warning for warning in results.warnings if warning not in counted]
    heading: str = say("document.warnings-of-the-run")
    if account is not None and len(further) < len(results.warnings):
        heading = say("document.further-warnings", table=label_of_number("table", account.number, language_spoken()))
    lists = ((heading, further), (say("document.notes-of-the-run"), results.notes))
    return [Points(heading, tuple(items)) for heading, items in lists if items]


def _beyond(_: StudyResults, made: Made) -> Sequence[Block]:
    """Return the results of a published study that the paper does not have."""
    more = [number for number in made.tables if MORE.fullmatch(number)]
    drawn = made.figure("ranking", "map") + made.table(places.EXTREMES) + made.figure("break")
    return [*drawn, *made.table(places.BREAKS, places.SERIES, *more)]


def _index_of_the_paper(results: StudyResults, made: Made) -> Sequence[Block]:
    return [*situation.index(results), *made.figure("trend"), *made.table(places.RANKING)]


Blocks: TypeAlias = Callable[[StudyResults, "Made"], Sequence[Block]]

BLOCKS: Mapping[str, Blocks] = {
    "data": _data,
    "measures": _measures,
    "sample": _sample,
    "benchmark": _benchmark,
    "groups-in-one": _groups_in_one,
    "checks": _checks,
    "against": _against,
    "limits": _limits,
    "references": _references,
    "hypotheses": _hypotheses,
    "effect": _effect,
    "index": _index,
    "quality": _quality,
    "trust": _trust,
    "rules": _rules_of,
    "account": _account,
    "settings": _settings,
    "files": _files,
    "warnings": _warnings,
    "beyond": _beyond,
}
"""What each section prints, by its key."""

OF_THE_PAPER: Mapping[str, Blocks] = {"index": _index_of_the_paper}
"""Sections that a published study prints otherwise."""


def in_paper(document: Document) -> Document:
    """Return the report with its regression tables as a journal prints them, and their other rows in an appendix.

    In the report on a published study, the tables are already split.
    """
    tables = document.tables()
    with speaking(document.language):
        parts = each_in_two(tables)
    main = {id(table): one for table, (one, _) in zip(tables, parts, strict=True)}
    appendix = [other for _, other in parts if other is not None]
    changed = _with_tables(document, lambda table: main[id(table)])
    with speaking(document.language):
        words = say("document.diagnostics-short"), say("document.diagnostics")
        section = Section("diagnostics", *words, (say("document.diagnostics-said"), *appendix))
        appendix_parts = (
            [Part("appendix", say("document.appendix", letter=DIAGNOSTICS, name=words[0]), (section,))]
            if appendix
            else []
        )
    return replace(changed, parts=(*changed.parts, *appendix_parts))


Shape = Literal["brief", "paper", "full"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


def shaped(document: Document, shape: Shape) -> dict[str, Document]:
    """Return the documents that Word, PDF, LaTeX and Markdown print, by the name of their files.

    ``brief`` has the first page alone, ``paper`` the sections of a paper after it. ``full`` also has the appendices, in
    a document of their own.
    """
    short = replace(document, parts=())
    if shape == "brief":
        return {"report": replace(short, abstract="")}
    paper = replace(short, parts=_in_print(document, [p for p in document.parts if p.key == PAPER]))
    if str(document.brief.answer) in str(document.abstract):  # the abstract answers
        paper = replace(paper, brief=replace(document.brief, answer="", objection=""))
    paper = _cautioned_once(paper)
    if shape == "paper":
        return {"report": paper}
    with speaking(document.language):
        title = say("document.appendix-of", title=document.title)
        others = with_terms(document).parts
    others = _in_print(document, [p for p in others if p.key != PAPER])
    appendix = replace(short, title=title, brief=Brief(""), byline="", abstract="", parts=others, contents=True)
    return {"report": paper, "appendix": _cautioned_once(appendix)}


def _cautioned_once(document: Document) -> Document:
    """Return the report with each caution on a kind of standard errors in full below the first table that needs it.

    Later tables name that table.
    """
    first = dict[str, str]()

    def cautioned(table: PrintedTable) -> PrintedTable:
        kinds = table.kinds_cautioned() if table.number else ()
        known = {kind: first[kind] for kind in kinds if kind in first}
        for kind in kinds:
            first.setdefault(kind, label_of_number("table", table.number, table.language))
        return replace(table, cautioned=known) if known else table

    return _with_tables(document, cautioned)


def _in_print(document: Document, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts with their sentences in paragraphs, and without the tables of settings and of files.

    These two tables are in record.json and on the page.
    """

    def in_print(part: Part) -> Part:
        kept = (s for s in part.sections if s.key not in ("settings", "files"))
        return part._replace(sections=tuple(s._replace(blocks=in_paragraphs(s.blocks)) for s in kept))

    with speaking(document.language):
        return tuple(map(in_print, parts))


PARAGRAPH = 500
"""A paragraph of short sentences has about so many characters."""


def in_paragraphs(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Return the blocks with sentences that follow each other joined to paragraphs."""
    joined, run = list[Block](), list[str]()

    def end() -> None:
        if run:
            joined.append(listed(run, "sentences") if len(run) > 1 else run[0])
            run.clear()

    for block in blocks:
        if not isinstance(block, str):
            end()
            joined.append(block)
            continue
        if run and sum(map(len, run)) + len(block) > PARAGRAPH:
            end()
        run.append(block)
    end()
    return tuple(joined)


def within_pages(document: Document) -> Document:
    """Return the report with tables wider than a landscape page split by columns."""
    return _with_tables(document, stacked)


def _with_tables(document: Document, change: Callable[[PrintedTable], PrintedTable]) -> Document:
    """Return the report with ``change`` applied, in the report's language, to each table of its sections."""

    def changed(section: Section) -> Section:
        return section._replace(blocks=tuple(change(b) if isinstance(b, PrintedTable) else b for b in section.blocks))

    with speaking(document.language):
        parts = tuple(part._replace(sections=tuple(map(changed, part.sections))) for part in document.parts)
    return replace(document, parts=parts)


def under(sentences: Sequence[str], shown: list[Block]) -> list[Block]:
    """Return sentences followed by the blocks they describe; nothing if there are no blocks."""
    return [*sentences, *shown] if shown else []


def arranged(blocks: Sequence[Block]) -> list[tuple[Block, bool]]:
    """Return the blocks of a section, each with whether it is on a landscape page; wide tables come last.

    If all tables and figures are wide, their text goes on the landscape page too. No portrait page then has only a
    sentence.
    """
    wide = [isinstance(b, PrintedTable) and lies_on_its_side(b) for b in blocks]
    shown = [w for b, w in zip(blocks, wide, strict=True) if not isinstance(b, str)]
    if shown and all(shown):
        return [(b, True) for b in blocks]
    return sorted(zip(blocks, wide, strict=True), key=lambda pair: pair[1])
