"""Compose the report independently of its format: parts with sections of paragraphs, tables, figures and lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from integrade.errors import UsageError
from integrade.records.question import Question
from integrade.report.contents import all_figures
from integrade.report.figure_lineage import answer_addresses, figure_lineages
from integrade.report.glossary import explained_in, used_in
from integrade.report.layouts import DIAGNOSTICS, each_in_two, stacked
from integrade.report.lineage_json import lineage_block
from integrade.report.numbering import by_place
from integrade.report.paper import lies_on_its_side
from integrade.report.printed import PrintedTable
from integrade.report.published_layout import MORE
from integrade.report.rows import Row
from integrade.report.style import Chart, Drawing, drawing, title_of
from integrade.report.tables import all_tables
from integrade.subjects.audit.page_switching import switches_of
from integrade.subjects.audit.switches import Audit
from integrade.subjects.quality_alone import verdict as quality_alone
from integrade.subjects.situation import verdict as situation
from integrade.subjects.truth.verdict import beside_truth
from integrade.verdicts import headline as words
from integrade.verdicts import opening, places
from integrade.verdicts.against import Kind, against, against_the_measures, inconclusive
from integrade.verdicts.bundle import StudyResults, Verdict, of_quality
from integrade.verdicts.collected import verdicts
from integrade.verdicts.naming import outcome_word
from integrade.wording.sheet import Sheet
from plainwords.escaping import HIDDEN
from plainwords.texts import language_spoken, listed, say, speaking, worded


class Points(NamedTuple):
    """A list under a small heading."""

    heading: str
    items: tuple[str, ...]


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
    """Sections that belong together."""

    key: str
    name: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Document:
    """A whole report in one language (``en``, ``zh``).

    ``numbers`` are the numbers of the headline box.

    ``first`` is the first page, which answers the question of the study: the curve, the size of the effect, its turning
    point, and the evidence against the effect. The verdicts on the hypotheses follow it, before the sections.

    ``lineage`` gives the origin of every number, as `integrade.report.lineage_json.lineage_block` returns it.

    ``switches`` are the versions of a stored audit that the page can show
    (`integrade.subjects.audit.page_switching.switches_of`).
    """

    title: str
    lead: str
    verdicts: tuple[Verdict, ...]
    numbers: tuple[words.KeyNumber, ...]
    parts: tuple[Part, ...]
    language: str = "en"
    lineage: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    first: tuple[Block, ...] = ()
    switches: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def blocks(self) -> Iterator[Block]:
        """Yield everything below the headings, in order: the first page, then the sections."""
        yield from self.first
        for part in self.parts:
            for section in part.sections:
                yield from section.blocks

    def tables(self) -> tuple[PrintedTable, ...]:
        """Return the tables in their order."""
        return tuple(b for b in self.blocks() if isinstance(b, PrintedTable))

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
    parts = (Points("", tuple(part.sentence for part in verdict.parts)),) if verdict.parts else ()
    return (verdict.sentence, *parts)


def _rules(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the text of each rule once, together with the hypotheses that it judges."""
    judged = dict[str, list[str]]()
    for verdict, name in zip(verdicts, words.names_of_verdicts(verdicts), strict=True):
        if verdict.rule:
            judged.setdefault(verdict.rule, []).append(name)
    for rule, names in judged.items():
        yield say("document.rule-of", hypotheses=listed(names, "semicolon"), rule=rule)


def numbers_table(document: Document) -> PrintedTable:
    """Return the numbers of the headline box as a small unnumbered table, for formats without boxes."""
    rows = tuple(Row("text", (n.name, n.value), n.key) for n in document.numbers)
    columns = (say("document.figure"), say("document.value"))
    return PrintedTable(
        "", say("document.headline-in-numbers"), columns, rows, wide_text=(1,), language=document.language
    )


def verdict_sheet(verdict: Verdict) -> Sheet:
    """Return a verdict with its rule and parts, for the terminal."""
    items = (f"- {item}" for block in verdict_blocks(verdict) if isinstance(block, Points) for item in block.items)
    rule = (say("document.rule", rule=verdict.rule),) if verdict.rule else ()
    texts = (verdict.sentence, *rule)
    return Sheet(verdict_heading(verdict), lines=(*texts, *items))


PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("data", ("index", "sample", "quality", "correlations")),
    ("results", ("benchmark",)),
    ("doubts", ("trust",)),
    ("record", ("rules", "account", "settings", "files", "limits")),
)
"""The parts of the report and the sections that every study has, by key; sections of questions follow these.

Tables and figures are in the order of their numbers: 1, 1b, 2 ... In appendices the order is A1 ..., B1 ...
"""

PARTS_OF_THE_PAPER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("data", ("index", "sample")),
    ("results", ("benchmark",)),
    ("doubts", ("beyond", "quality", "trust")),
    ("record", ("rules", "account", "settings", "files", "limits")),
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
) -> Document:
    """Compose the report in the current language, with the sections of the questions ``asked``.

    Figures and tables are made from the results if they are not given. The page can show the versions of ``audit``.

    Texts in the results keep the language in which they were stored (`integrade.report.language.report_in` translates
    them).

    Raises `UsageError` if a table or figure occurs twice.
    """
    tables = all_tables(results, asked) if tables is None else tables
    results = replace(results, tables=by_place(tables))
    if not results.verdicts:
        results = replace(results, verdicts=verdicts(results))
    figures = all_figures(results) if figures is None else figures
    printed = (results.title, *(text for table in tables for text in texts_of(table)))
    if any(HIDDEN.search(text) for text in printed):
        results = replace(results, warnings=(*results.warnings, say("document.unseen")))
    contents = Made(
        {t.place or t.number: t for t in tables},
        {name: drawing(name, i, chart) for i, (name, chart) in enumerate(figures.items(), start=1)},
    )
    arrangement = PARTS_OF_THE_PAPER if results.preset == "published" else PARTS
    findings = Counter(RESTS.get(one.kind, "") for one in against(results))
    parts = []
    for part_key, keys in arrangement:
        # the sections that every study has, then the sections of questions
        sections = (*(_section(key, results, contents) for key in keys), *_asked(part_key, asked, results, contents))
        parts.append(_part(part_key, tuple(s._replace(findings=findings[s.key]) for s in sections if s.blocks)))
    opened = tuple(_first(results, contents))
    _check_once([(say("page.the-answer"), opened), *((s.title, s.blocks) for part in parts for s in part.sections)])
    document = Document(
        results.title,
        listed(words.summary(results), "sentences"),
        results.verdicts,
        tuple(words.key_numbers(results)),
        tuple(part for part in parts if part.sections),
        language=language_spoken(),
        lineage=lineage_block(tables, figure_lineages(figures, results), answer_addresses(results, tables), results),
        first=opened,
        switches=switches_of(audit, results),
    )
    return _with_terms(document)


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
                        remedy="print each table and figure in one section alone",
                    )
                seen[name] = title


def _with_terms(document: Document) -> Document:
    """Return the report with explanations of the technical terms in it.

    Terms on the first page are explained below the lists of that page. Other terms are explained at the start of the
    section that uses them first.
    """
    verdicts = [t for v in document.verdicts for b in (v.heading, *verdict_blocks(v)) for t in texts_of(b)]
    numbers = [text for n in document.numbers for text in (n.name, n.value)]
    on_page = [document.lead, *(t for b in document.first for t in texts_of(b)), *verdicts, *numbers]
    explained = used_in(on_page)
    glossary = explained_in(explained)
    first = (*document.first, *([glossary] if glossary else []))

    def section(one: Section) -> Section:
        terms = used_in((t for b in one.blocks for t in texts_of(b)), explained)
        explained.extend(terms)
        return one._replace(blocks=(explained_in(terms), *one.blocks)) if terms else one

    parts = tuple(part._replace(sections=tuple(map(section, part.sections))) for part in document.parts)
    return replace(document, first=first, parts=parts)


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


def _first(results: StudyResults, made: Made) -> Iterator[Block]:
    """Yield the first page: the curve, the size of the effect, the turning point, and the evidence against the effect.

    The evidence is ranked. A study without a regression has its index and its quality over time instead, and the
    evidence against these measures.
    """
    if words.headline(results) is None:
        yield from made.figure("trend", "quality_years")
        if results.quality_alone is not None and results.quality_alone.years:
            yield quality_alone.trend(results.quality_alone)
        findings = against_the_measures(results)
        if findings:
            yield Points(say("opening.against-the-measures"), tuple(findings))
        return
    yield from made.figure("curve")
    for sentences in (opening.size_said(results), opening.turning_said(results)):
        if sentences:
            yield listed(sentences, "sentences")
    findings = [one.sentence for one in against(results)]
    yield Points(say("opening.against-it"), tuple(findings or [say("against.nothing")]))
    open_questions = inconclusive(results)
    if open_questions:
        yield Points(say("opening.inconclusive"), tuple(open_questions))


@dataclass(frozen=True)
class Made:
    """The tables that a report has, by their place (number in a full report), and its figures, by name."""

    tables: Mapping[str, PrintedTable]
    figures: Mapping[str, Drawing]

    def table(self, *places: str) -> list[Block]:
        """Return the tables with these numbers, except tables that the report lacks."""
        return [self.tables[place] for place in places if place in self.tables]

    def figure(self, *names: str) -> list[Block]:
        """Return the figures with these names, except figures that the report lacks."""
        return [self.figures[name] for name in names if name in self.figures]


def _section(key: str, results: StudyResults, made: Made) -> Section:
    name = key.replace("_", "-")
    if key == "quality" and not of_quality(results):
        name = "outcome-over-time"
    if key == "trust" and not results.index.there and results.quality_alone is not None:
        name = "trust-in-quality"
    short, title = say(f"document.{name}-short"), say(f"document.{name}")
    blocks = _of_the_paper if results.preset == "published" else _blocks
    return Section(key, short, title, tuple(blocks(key, results, made)))


def _asked(part: str, asked: Sequence[Question], results: StudyResults, made: Made) -> Iterator[Section]:
    """Yield the sections of the questions of a part, in their order."""
    first = TABLED if results.preset == "published" else ()
    for one in sorted(
        (q for q in asked if q.part == part and q.section), key=lambda q: (q.name not in first, q.section)
    ):
        name = one.key.replace("_", "-")
        short, title = one.titles
        if one.name == "lags" and results.preset == "published":
            name = "past"
        yield Section(
            one.key,
            worded(short or f"document.{name}-short"),
            worded(title or f"document.{name}"),
            tuple(one.printed(results, made)),
        )


def _of_the_paper(key: str, results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of a section in the report on a published study.

    They have the paper's tables and figures. The section ``beyond`` has results that the paper does not have.
    """
    match key:
        case "index":
            return [*situation.index(results), *made.figure("trend"), *made.table(places.RANKING)]
        case "sample":
            return made.table(places.DESCRIPTION, places.CORRELATIONS)
        case "benchmark":
            return under([*words.inference(results), *situation.effects(results)], made.table(places.BENCHMARK))
        case "beyond":
            more = [number for number in made.tables if MORE.fullmatch(number)]
            drawn = (
                made.figure("ranking", "map")
                + made.table(places.EXTREMES)
                + made.figure("break")
                + made.table(places.BREAKS, places.SERIES)
            )
            drawn += made.figure("inference1", "inference2", "effects") + made.table(places.EFFECTS)
            return [*drawn, *made.table(*more)]
        case _:
            return _blocks(key, results, made)


def _blocks(key: str, results: StudyResults, made: Made) -> Sequence[Block]:
    match key:
        case "trust":
            goods, noise = (
                made.figure("goods") + made.table(places.GOODS),
                made.figure("noise") + made.table(places.NOISE_BY_YEAR),
            )
            sentences = [*words.trust(results.index), *situation.trust(results)]
            return [
                *sentences,
                *made.table(places.TRUST),
                *goods,
                *noise,
                *made.figure("pure"),
                *made.table(places.TRUST_IN_QUALITY),
            ]
        case "index":
            trend = ("trend",) if results.benchmark else ()  # without a regression, the trend is on the first page
            drawn = (
                made.figure(*trend)
                + made.table(places.RANKING)
                + made.figure("ranking", "map")
                + made.table(places.EXTREMES)
            )
            return [
                *situation.index(results),
                *drawn,
                *made.figure("break"),
                *made.table(places.BREAKS, places.SERIES, places.REGIONS),
            ]
        case "quality":
            lines = made.figure("quality_area", "quality_municipality", "quality_ownership", "quality_intensity")
            if results.quality_alone is not None:
                return made.table(places.QUALITY_BY_YEAR, places.QUALITY_BY_PRODUCT, places.QUALITY_BY_DESTINATION)
            spread = made.figure("distribution", "distribution_groups")
            more = (
                made.table(places.OUTCOME_BY_YEAR)
                + lines
                + spread
                + made.figure("industries")
                + made.table(places.OUTCOME_BY_GROUP)
            )
            return under(situation.quality(results), more)
        case "sample":
            return made.table(places.DESCRIPTION)
        case "correlations":
            return made.table(places.CORRELATIONS)
        case "benchmark":
            sizes = made.figure("effects") + made.table(places.EFFECTS)
            return under(
                [*words.inference(results), *situation.effects(results)],
                made.table(places.BENCHMARK) + made.figure("inference1", "inference2") + sizes,
            )
        case "rules":
            return [Points("", tuple(_rules(results.verdicts)))] if any(v.rule for v in results.verdicts) else []
        case "account":
            return made.figure("waterfall") + made.table(
                places.ACCOUNT, places.MATCHES, places.IDENTITY, places.THRESHOLDS
            )
        case "settings":
            return made.table(places.SETTINGS)
        case "files":
            return made.table(places.FILES)
        case _:
            lists = (
                (say("document.warnings-of-the-run"), results.warnings),
                (say("document.notes-of-the-run"), results.notes),
                (say("document.limits-of-the-study"), words.limits(results)),
            )
            return [Points(heading, tuple(items)) for heading, items in lists if items]


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
