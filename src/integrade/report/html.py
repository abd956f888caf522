"""The report as one self-contained page: no network, strict security policy, light and dark, phone and print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from integrade.models.bundle import StudyResults, Verdict
from integrade.report import answers, doubts, words
from integrade.report.contents import all_figures
from integrade.report.instrument_tables import instrument_numbers
from integrade.report.printed import PrintedTable
from integrade.report.self_contained import data_blocks, numbered, page, paragraphs, table_block
from integrade.report.style import Chart
from integrade.report.tables import all_tables, group_numbers, mediation_numbers
from integrade.report.verdicts import verdicts

PARTS: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("data", "Data", (
        ("trust", "Trust", "How far to trust the index"),
        ("index", "Index", "Market segmentation and integration"),
        ("sample", "Sample", "The sample"),
    )),
    ("results", "Results", (
        ("benchmark", "Regression", "Benchmark regression"),
        ("shape", "Curve", "The curve and its turning point"),
        ("lags", "Lags", "Earlier and later years"),
        ("mediation", "Channels", "Through what it acts"),
        ("groups", "Groups", "Do firms differ?"),
    )),
    ("doubts", "Doubts", (
        ("inference", "Inference", "How much the clusters can carry"),
        ("noise", "Noise", "What the noise of the index does"),
        ("sensitivity", "Omitted variables", "What an omitted variable would have to be"),
        ("instruments", "Instruments", "Cause or coincidence?"),
        ("row_level", "Customs rows", "Customs rows beside firm-years"),
        ("spillover", "Neighbours", "Do the neighbours matter?"),
        ("robustness", "Robustness", "One change at a time"),
        ("truth", "Truth", "Truth beside estimate"),
    )),
    ("record", "Record", (
        ("account", "Rows", "What became of the rows"),
        ("settings", "Settings", "Settings"),
        ("files", "Files", "Raw files"),
        ("limits", "Limits", "Warnings and limits"),
    )),
)  # fmt: skip
"""The parts of the page; of each its sections: key, short name and heading."""


def render_html(
    results: StudyResults,
    figures: Mapping[str, Chart] | None = None,
    tables: Sequence[PrintedTable] | None = None,
) -> str:
    """The page. Figures and tables are made from the results where they are not given."""
    if not results.verdicts:
        results = replace(results, verdicts=verdicts(results))
    figures = all_figures(results) if figures is None else figures
    tables = all_tables(results) if tables is None else tables
    said = _Said({t.number: table_block(t) for t in tables}, numbered(figures))
    parts = [(key, name, _sections(listed, results, said)) for key, name, listed in PARTS]
    parts = [(key, name, made) for key, name, made in parts if made]
    body = "\n".join(
        f'<div class="part" id="{key}-part"><p class="part-name">{name}</p>\n{"".join(m[2] for m in made)}</div>'
        for key, name, made in parts
    )
    links = [("answer", "Answer"), *((f"{key}-part", name) for key, name, _ in parts)]
    return page(results.title, links, _opening(results) + _contents(parts) + body, data_blocks(figures, tables))


Made = list[tuple[str, str, str]]


def _sections(listed: Sequence[tuple[str, str, str]], results: StudyResults, said: _Said) -> Made:
    """Key, short name and markup of the sections that have something to say."""
    found = [(key, short, title, _section(key, results, said)) for key, short, title in listed]
    return [
        (
            key,
            short,
            f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{title}</h2>\n{text}\n</section>\n',
        )
        for key, short, title, text in found
        if text
    ]


def _contents(parts: Sequence[tuple[str, str, Made]]) -> str:
    items = {name: "".join(f'<li><a href="#{key}">{s}</a></li>' for key, s, _ in made) for _, name, made in parts}
    lists = "".join(f"<div><p>{name}</p><ul>{listed}</ul></div>" for name, listed in items.items())
    return f'<nav class="contents" aria-label="Contents">{lists}</nav>\n'


@dataclass(frozen=True)
class _Said:
    """Tables and figures as markup, by number and name; nothing where the study has none."""

    tables: Mapping[str, str]
    figures: Mapping[str, str]

    def table(self, *numbers: str) -> str:
        return "".join(self.tables.get(number, "") for number in numbers)

    def figure(self, *names: str) -> str:
        return "\n".join(self.figures[name] for name in names if name in self.figures)


def _section(key: str, results: StudyResults, said: _Said) -> str:
    match key:
        case "trust":
            return paragraphs(words.trust(results.index)) + said.table("A2")
        case "index":
            return said.figure("trend") + said.table("1") + said.figure("ranking", "map")
        case "sample":
            return said.table("2") + said.table("3")
        case "benchmark":
            return _joined(words.inference(results), said.table("4") + said.figure("inference1", "inference2"))
        case "shape":
            return _joined(
                [*words.shape(results), *doubts.shape(results)], said.figure("curve", "share") + said.table("A7", "A7b")
            )
        case "lags":
            return _joined(answers.lags(results), said.table("5"))
        case "mediation":
            return _joined(answers.mediation(results), said.table(*mediation_numbers(results)))
        case "groups":
            return _joined(answers.groups(results), said.table(*group_numbers(results)))
        case "inference":
            return paragraphs(doubts.inference(results)) + said.table("A8")
        case "noise":
            return paragraphs(doubts.noise(results)) + said.table("A9", "A9b")
        case "sensitivity":
            return paragraphs(doubts.sensitivity(results)) + said.table("A10")
        case "instruments":
            numbers = instrument_numbers(results.instruments)
            return paragraphs(doubts.instruments(results)) + said.table("A11", *numbers)
        case "row_level":
            return paragraphs(doubts.rows(results)) + said.table("A12")
        case "spillover":
            return paragraphs(doubts.spillovers(results)) + said.table("A13")
        case "robustness":
            return _joined(answers.robustness(results), said.table("A6"))
        case "truth":
            return _joined(words.truth(results), said.figure("truth") + said.table("A1")) if results.truth else ""
        case "account":
            return said.figure("waterfall") + said.table("A3")
        case "settings":
            return said.table("A4")
        case "files":
            return said.table("A5")
        case _:
            return _list(results.warnings, "Warnings of the run") + _list(words.limits(results), "Limits")


def _joined(sentences: Sequence[str], rest: str) -> str:
    return paragraphs(sentences) + rest if rest else ""


def _list(items: Sequence[str], heading: str) -> str:
    points = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<h3>{heading}</h3>\n<ul>{points}</ul>\n" if items else ""


def _opening(results: StudyResults) -> str:
    numbers = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in words.key_numbers(results)
    )
    first, *others = [_verdict(v) for v in results.verdicts] or [""]
    return (
        f"<h1>{escape(results.title)}</h1>\n"
        f'<p class="lead">{escape(" ".join(words.summary(results)))}</p>\n'
        f'<section class="box" id="answer" aria-label="The answer">{first}'
        f'<dl class="numbers">{numbers}</dl>{"".join(others)}</section>\n'
    )


def _verdict(v: Verdict) -> str:
    kind = v.outcome.replace(" ", "-")
    return (
        f'<h2>{escape(v.hypothesis)} <span class="outcome {kind}">{escape(v.outcome.capitalize())}.</span></h2>'
        f"<p>{escape(v.sentence)}</p>"
    )
