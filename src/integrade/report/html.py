"""The report as one self-contained page: no network, strict security policy, light and dark, phone and print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from integrade.models.bundle import StudyResults, Verdict
from integrade.report import answers, words
from integrade.report.contents import all_figures
from integrade.report.printed import PrintedTable
from integrade.report.self_contained import data_blocks, numbered, page, paragraphs, table_block
from integrade.report.style import Chart
from integrade.report.tables import all_tables, group_numbers, mediation_numbers
from integrade.report.verdicts import verdicts

SECTIONS: tuple[tuple[str, str], ...] = (
    ("trust", "How far to trust the index"),
    ("index", "Market segmentation and integration"),
    ("sample", "The sample"),
    ("benchmark", "Benchmark regression"),
    ("shape", "The curve and its turning point"),
    ("lags", "Earlier and later years"),
    ("mediation", "Through what it acts"),
    ("groups", "Do firms differ?"),
    ("robustness", "One change at a time"),
    ("truth", "Truth beside estimate"),
    ("account", "What became of the rows"),
    ("settings", "Settings"),
    ("files", "Raw files"),
    ("limits", "Warnings and limits"),
)
SHORT = {
    "trust": "Trust", "index": "Index", "sample": "Sample", "benchmark": "Regression", "shape": "Curve",
    "lags": "Lags", "mediation": "Channels", "groups": "Groups", "robustness": "Robustness",
    "truth": "Truth", "account": "Rows", "settings": "Settings", "files": "Files", "limits": "Limits",
}  # fmt: skip


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
    sections = [(key, title, _section(key, results, said)) for key, title in SECTIONS]
    body = "\n".join(
        f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{title}</h2>\n{text}\n</section>'
        for key, title, text in sections
        if text
    )
    links = [("answer", "Answer"), *((key, SHORT[key]) for key, _, text in sections if text)]
    return page(results.title, links, _opening(results) + body, data_blocks(figures, tables))


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
            return _joined(words.shape(results), said.figure("curve", "share"))
        case "lags":
            return _joined(answers.lags(results), said.table("5"))
        case "mediation":
            return _joined(answers.mediation(results), said.table(*mediation_numbers(results)))
        case "groups":
            return _joined(answers.groups(results), said.table(*group_numbers(results)))
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
