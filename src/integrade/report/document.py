"""The report before it has a format: parts, sections, and in each paragraphs, tables, figures and lists, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from integrade.escaping import HIDDEN
from integrade.judge import answers, doubts, situation
from integrade.judge import headline as words
from integrade.judge.bundle import StudyResults, Verdict
from integrade.judge.naming import group_numbers, mediation_numbers
from integrade.judge.verdicts import verdicts
from integrade.report import version_tables
from integrade.report.chinese import translated
from integrade.report.contents import all_figures
from integrade.report.figure_lineage import answer_addresses, figure_lineages
from integrade.report.instrument_tables import instrument_numbers
from integrade.report.lineage_json import lineage_block
from integrade.report.printed import PrintedTable, Row
from integrade.report.style import Chart, Drawing, drawing
from integrade.report.tables import all_tables


class Points(NamedTuple):
    """A list under a small heading."""

    heading: str
    items: tuple[str, ...]


Block: TypeAlias = str | PrintedTable | Drawing | Points
"""What a section is made of; text is a paragraph."""


class Section(NamedTuple):
    """A key (the anchor), a short name for lists of contents, the heading, and what stands below it."""

    key: str
    short: str
    title: str
    blocks: tuple[Block, ...]


class Part(NamedTuple):
    """Sections that belong together."""

    key: str
    name: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Document:
    """A whole report in one language (``en``, ``zh``). ``numbers`` are those of the headline box: name, value.

    ``lineage`` says where every number comes from, as `integrade.report.lineage_json.lineage_block` makes it.
    """

    title: str
    lead: str
    verdicts: tuple[Verdict, ...]
    numbers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    language: str = "en"
    lineage: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def blocks(self) -> Iterator[Block]:
        """Everything below the headings, in order."""
        return (block for part in self.parts for section in part.sections for block in section.blocks)

    def tables(self) -> tuple[PrintedTable, ...]:
        """The tables in their order."""
        return tuple(b for b in self.blocks() if isinstance(b, PrintedTable))

    def drawings(self) -> dict[str, Drawing]:
        """The figures by name, in their order."""
        return {b.name: b for b in self.blocks() if isinstance(b, Drawing)}


def numbers_table(document: Document) -> PrintedTable:
    """The numbers of the headline box as a small table without a number, for formats without boxes."""
    rows = tuple(Row("text", pair) for pair in document.numbers)
    title, *columns = (translated(t, document.language) for t in ("The headline in numbers", "Figure", "Value"))
    return PrintedTable("", title, tuple(columns), rows, wide_text=(1,), language=document.language)


PARTS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "data",
        "Data",
        (
            ("trust", "Trust", "How far to trust the index"),
            ("index", "Index", "Market segmentation and integration"),
            ("quality", "Quality", "Export quality over time"),
            ("sample", "Sample", "The sample"),
        ),
    ),
    (
        "results",
        "Results",
        (
            ("benchmark", "Regression", "Benchmark regression"),
            ("shape", "Curve", "The curve and its turning point"),
            ("versions", "Versions", "Other outcomes, indices and samples"),
            ("lags", "Lags", "Earlier and later years"),
            ("mediation", "Channels", "Through what it acts"),
            ("groups", "Groups", "Do firms differ?"),
        ),
    ),
    (
        "doubts",
        "Doubts",
        (
            ("inference", "Inference", "How much the clusters can carry"),
            ("noise", "Noise", "What the noise of the index does"),
            ("sensitivity", "Omitted variables", "What an omitted variable would have to be"),
            ("instruments", "Instruments", "Cause or coincidence?"),
            ("row_level", "Customs rows", "Customs rows beside firm-years"),
            ("spillover", "Neighbours", "Do the neighbours matter?"),
            ("robustness", "Robustness", "One change at a time"),
            ("truth", "Truth", "Truth beside estimate"),
        ),
    ),
    (
        "record",
        "Record",
        (
            ("account", "Rows", "What became of the rows"),
            ("settings", "Settings", "Settings"),
            ("files", "Files", "Raw files"),
            ("limits", "Limits", "Warnings and limits"),
        ),
    ),
)
"""The parts of the report; of each its sections: key, short name and heading."""


def compose(
    results: StudyResults, figures: Mapping[str, Chart] | None = None, tables: Sequence[PrintedTable] | None = None
) -> Document:
    """The report in English. Figures and tables are made from the results where they are not given."""
    if not results.verdicts:
        results = replace(results, verdicts=verdicts(results))
    figures = all_figures(results) if figures is None else figures
    tables = all_tables(results) if tables is None else tables
    if any(HIDDEN.search(text) for text in _texts(results.title, tables)):
        results = replace(results, warnings=(*results.warnings, UNSEEN))
    made = _Made(
        {t.number: t for t in tables},
        {name: drawing(name, i, chart) for i, (name, chart) in enumerate(figures.items(), start=1)},
    )
    parts = [
        Part(key, name, tuple(s for s in (_section(one, results, made) for one in listed) if s.blocks))
        for key, name, listed in PARTS
    ]
    return Document(
        results.title,
        " ".join(words.summary(results)),
        results.verdicts,
        tuple(words.key_numbers(results)),
        tuple(part for part in parts if part.sections),
        lineage=lineage_block(tables, figure_lineages(figures, results), answer_addresses(results), results),
    )


UNSEEN = (
    "Titles or names hold characters that cannot be printed (control characters, halves of characters, marks that turn "
    "the direction of text); they are left out here."
)


def _texts(title: str, tables: Sequence[PrintedTable]) -> Iterator[str]:
    yield title
    for table in tables:
        yield from (table.title, *table.columns, *table.notes, *(cell for row in table.rows for cell in row.cells))


@dataclass(frozen=True)
class _Made:
    """Tables and figures by number and name; nothing where the study has none."""

    tables: Mapping[str, PrintedTable]
    figures: Mapping[str, Drawing]

    def table(self, *numbers: str) -> list[Block]:
        return [self.tables[number] for number in numbers if number in self.tables]

    def figure(self, *names: str) -> list[Block]:
        return [self.figures[name] for name in names if name in self.figures]


def _section(named: tuple[str, str, str], results: StudyResults, made: _Made) -> Section:
    key, short, title = named
    return Section(key, short, title, tuple(_blocks(key, results, made)))


def _blocks(key: str, results: StudyResults, made: _Made) -> Sequence[Block]:  # noqa: C901
    match key:
        case "trust":
            goods, noise = made.figure("goods") + made.table("A2b"), made.figure("noise") + made.table("A2c")
            said = [*words.trust(results.index), *situation.trust(results)]
            return [*said, *made.table("A2"), *goods, *noise, *made.figure("pure")]
        case "index":
            drawn = made.figure("trend", "break") + made.table("1c", "1d", "1") + made.figure("ranking", "map")
            return [*situation.index(results), *drawn, *made.table("1b")]
        case "quality":
            lines = made.figure("quality_area", "quality_municipality", "quality_ownership", "quality_intensity")
            more = made.table("2b") + lines + made.figure("industries") + made.table("2c")
            return _under(situation.quality(results), more)
        case "sample":
            return made.table("2", "3")
        case "benchmark":
            sizes = made.figure("effects") + made.table("4b")
            return _under(
                [*words.inference(results), *situation.effects(results)],
                made.table("4") + made.figure("inference1", "inference2") + sizes,
            )
        case "shape":
            return _under(
                [*words.shape(results), *doubts.shape(results)],
                made.figure("curve", "share", "share_map") + made.table("A7", "A7b"),
            )
        case "versions":
            shown = made.figure("versions") + made.table("4c", "4d", "4e")
            return _under(version_tables.said(results), shown)
        case "lags":
            return _under(answers.lags(results), made.figure("lags") + made.table("5"))
        case "mediation":
            return _under(answers.mediation(results), made.table(*mediation_numbers(results)))
        case "groups":
            return _under(answers.groups(results), made.table(*group_numbers(results)))
        case "inference":
            return [*doubts.inference(results), *made.table("A8")]
        case "noise":
            return [*doubts.noise(results), *made.table("A9", "A9b")]
        case "sensitivity":
            return [*doubts.sensitivity(results), *made.table("A10")]
        case "instruments":
            numbers = instrument_numbers(results.instruments)
            return [*doubts.instruments(results), *made.table("A11", *numbers)]
        case "row_level":
            return [*doubts.rows(results), *made.table("A12")]
        case "spillover":
            return [*doubts.spillovers(results), *made.table("A13")]
        case "robustness":
            return _under(answers.robustness(results), made.table("A6"))
        case "truth":
            return _under(words.truth(results), made.figure("truth") + made.table("A1")) if results.truth else []
        case "account":
            return made.figure("waterfall") + made.table("A3", "A3b", "A3c", "A3d")
        case "settings":
            return made.table("A4")
        case "files":
            return made.table("A5")
        case _:
            listed = (("Warnings of the run", results.warnings), ("Limits", words.limits(results)))
            return [Points(heading, tuple(items)) for heading, items in listed if items]


def _under(sentences: Sequence[str], shown: list[Block]) -> list[Block]:
    """Sentences above what they speak of; nothing where there is nothing to show."""
    return [*sentences, *shown] if shown else []
