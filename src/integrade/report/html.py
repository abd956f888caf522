"""The report as one self-contained page: no network, strict security policy, light and dark, phone and print."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from importlib.resources import files

from integrade.models.bundle import StudyResults, Verdict
from integrade.report import answers, words
from integrade.report.contents import all_figures
from integrade.report.latex import to_latex
from integrade.report.markup import to_csv, to_html
from integrade.report.printed import PrintedTable
from integrade.report.style import DARK, Chart, bare_spec, title_of
from integrade.report.tables import all_tables, group_numbers, mediation_numbers
from integrade.report.verdicts import verdicts

LONG_TABLE = 25  # prose tables with more rows than this scroll inside their own box

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
    said = _Said({t.number: _table(t) for t in tables}, _numbered(figures))
    sections = [(key, title, _section(key, results, said)) for key, title in SECTIONS]
    body = "\n".join(
        f'<section id="{key}" aria-labelledby="h-{key}"><h2 id="h-{key}">{title}</h2>\n{text}\n</section>'
        for key, title, text in sections
        if text
    )
    kept = [key for key, _, text in sections if text]
    return _page(results.title, kept, _opening(results) + body, _blocks(figures, tables))


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
            return _paragraphs(words.trust(results.index)) + said.table("A2")
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
    return _paragraphs(sentences) + rest if rest else ""


def _paragraphs(sentences: Sequence[str]) -> str:
    return "".join(f"<p>{escape(s)}</p>\n" for s in sentences)


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


def _table(table: PrintedTable) -> str:
    long = " long" if table.wide_text and len(table.rows) > LONG_TABLE else ""
    buttons = "".join(
        f'<button type="button" data-copy="{kind}" data-table="{table.number}" '
        f'aria-label="Copy {name} of table {table.number}">Copy {name}</button>'
        for kind, name in (("tex", "LaTeX"), ("csv", "CSV"))
    )
    return (
        f'<div class="scroll{long}" id="table{table.number}" tabindex="0" role="region" '
        f'aria-label="{escape(table.caption)}">{to_html(table)}</div><div class="tools">{buttons}</div>\n'
    )


def _numbered(figures: Mapping[str, Chart]) -> dict[str, str]:
    return {name: _figure(name, i, chart) for i, (name, chart) in enumerate(figures.items(), start=1)}


def _figure(name: str, number: int, chart: Chart) -> str:
    title, subtitle = title_of(chart)
    spec = chart.to_dict()
    small = f"<small>{escape(subtitle)}</small>" if subtitle else ""
    binding = f'<div class="binding" id="binding-{name}"></div>' if spec.get("params") else ""
    buttons = "".join(
        f'<button type="button" data-save="{kind}" data-figure="{name}" '
        f'aria-label="Save {kind.upper()} of figure {number}">Save {kind.upper()}</button>'
        for kind in ("svg", "png")
    )
    return (
        f'<figure id="figure-{name}"><figcaption>Figure {number}. {escape(title)}{small}</figcaption>'
        f'<div class="chart" id="chart-{name}" role="img" aria-label="{escape(str(spec.get("description", title)))}">'
        f'</div>{binding}<div class="tools">{buttons}</div></figure>\n'
    )


def _blocks(figures: Mapping[str, Chart], tables: Sequence[PrintedTable]) -> dict[str, object]:
    return {
        "figures": {name: bare_spec(chart) for name, chart in figures.items()},
        "tables": {t.number: {"tex": to_latex(t), "csv": to_csv(t)} for t in tables},
        "dark": DARK,
    }


def _as_data(value: object) -> str:
    """JSON that cannot close the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _page(title: str, sections: Sequence[str], body: str, blocks: Mapping[str, object]) -> str:
    scripts = [_vega(), _asset("script.js")]
    policy = (
        f"default-src 'none'; script-src {' '.join(_digest(s) for s in scripts)}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    links = "".join(f'<li><a href="#{key}">{SHORT[key]}</a></li>' for key in sections)
    data = "\n".join(f'<script type="application/json" id="{k}">{_as_data(v)}</script>' for k, v in blocks.items())
    code = "\n".join(f"<script>{s}</script>" for s in scripts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_asset("style.css")}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header class="bar"><nav aria-label="Sections"><ol><li><a href="#answer">Answer</a></li>{links}</ol></nav>
<button type="button" id="theme">Dark</button></header>
<main id="main" tabindex="-1">
{body}
<noscript><p>The figures need JavaScript; every number they show is also in a table.</p></noscript>
<footer>Made with integrade. This page works without a network and sends nothing.</footer>
<p id="said" role="status" class="skip"></p>
</main>
{data}
{code}
</body>
</html>
"""


@cache
def _vega() -> str:
    """Vega, Vega-Lite and vega-embed in one script."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;")
    return bundle.replace("</script", "<\\/script")


def _asset(name: str) -> str:
    return (files("integrade.report") / "page" / name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"
