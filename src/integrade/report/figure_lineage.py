"""Trace the figures of a report to their origin, and list the names of everything in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.report.addresses import name_of
from integrade.report.lineage import Lineage, lineage_of_figure
from integrade.report.printed import PrintedTable
from integrade.report.published_layout import is_of_the_paper
from integrade.report.rows import INDEX, PANEL, Origin
from integrade.report.style import Chart, title_of
from integrade.subjects.situation.tables import key_of_effect
from integrade.verdicts.bundle import StudyResults, Verdict, treatment_terms
from integrade.verdicts.headline import headline, key_numbers
from integrade.verdicts.naming import number_of_table
from integrade.wording.sheet import Sheet
from integrade.wording.texts import Said, say, str_or_said

HOW: Mapping[str, str] = {
    "trend": "figure_lineage.trend",
    "ranking": "figure_lineage.ranking",
    "map": "figure_lineage.map",
    "curve": "figure_lineage.curve",
    "share": "figure_lineage.share",
    "truth": "figure_lineage.truth",
    "waterfall": "figure_lineage.waterfall",
    "lags": "figure_lineage.lags",
    "distribution": "figure_lineage.distribution",
    "distribution_groups": "figure_lineage.distribution",
    "robustness": "figure_lineage.robustness",
    "without": "figure_lineage.without",
}
OF_TABLES = {"groups": "figure_lineage.groups", "anderson_rubin": "figure_lineage.anderson-rubin"}
"""Figures that exist once per table, by the part of their name before the table's number."""
OF_THE_INDEX = ("trend", "ranking", "map")
OF_QUALITY = "quality_years"
TRUSTED = ("regions", "goods_per_year", "reliability_spearman_brown", "noise_share")
"""Numbers of a study of the index only that are in the table on trust."""
OF_TABLE = {"lags": "5", "robustness": "A2", "without": "A2", "truth": "A9", "waterfall": "R1"}
"""The place of the table from which a figure is drawn, if its sentence names one."""
OF_THE_FIT = ("curve", "share")


def figure_origin(name: str, results: StudyResults) -> Origin:
    """Return the origin of a figure."""
    column = headline(results)
    fit = column.headline if column else None
    if name.startswith("inference"):
        return Origin(say("figure_lineage.inference"), fit)
    if name == OF_QUALITY:
        return Origin(say("figure_lineage.other"), None, rests=("quality",))
    for own, key in OF_TABLES.items():
        if name.startswith(own):
            named = {"table": number_of_table(results, name.removeprefix(own))}
            sets = {"sets": number_of_table(results, "A6")} if own == "anderson_rubin" else {}
            return Origin(say(key, **named, **sets), None, rests=PANEL)
    rests = INDEX if name in OF_THE_INDEX else (*PANEL, "truth") if name == "truth" else PANEL
    named = {"table": number_of_table(results, OF_TABLE[name])} if name in OF_TABLE else {}
    how = say(HOW.get(name, "figure_lineage.other"), **named)
    return Origin(how, fit if name in OF_THE_FIT else None, rests=rests)


def figure_lineages(figures: Mapping[str, Chart], results: StudyResults) -> dict[str, Lineage]:
    """Return the lineage of every figure; their addresses are ``figure1``, ``figure2`` and so on."""
    lineages = {}
    for i, (name, chart) in enumerate(figures.items(), start=1):
        title = say("figure_lineage.caption", number=str(i), title=title_of(chart)[0])
        lineages[name] = lineage_of_figure(f"figure{i}", title, figure_origin(name, results), results)
    return lineages


def answer_addresses(results: StudyResults) -> list[str]:
    """Return the addresses of the numbers in the headline box, in their order; empty for a number without one."""
    column = headline(results)
    if column is None:
        trust = f"table{number_of_table(results, 'A1')}.value"
        return [f"{trust}.{n.key}" if n.key in TRUSTED else "" for n in key_numbers(results)]
    at = next(i for i, c in enumerate(results.benchmark, start=1) if c is column)
    square = f"{column.u_test.variable}^2" if column.u_test else ""
    keys = [f"{square}.wild" if n.key == "wild" else n.key for n in key_numbers(results)]
    size = address_of_size(results)
    return [size if key == "change" else f"table{number_of_benchmark(results, key)}.{at}.{key}" for key in keys]


def address_of_size(results: StudyResults, part: str = "change") -> str:
    """Return the address of the first page's change in Table 4b, or of another ``part`` of its row.

    Empty without a headline.
    """
    column = headline(results)
    terms = treatment_terms(column) if column else ()
    if not terms:
        return ""
    row = key_of_effect(terms[0], "p25 to p75" if len(terms) > 1 else "one s.d.", results.labels)
    return f"table{number_of_table(results, '4b')}.{part}.{row}"


def number_of_benchmark(results: StudyResults, key: str) -> str:
    """Return the number of the benchmark table that has this row."""
    of_the_paper = results.preset != "published" or is_of_the_paper("4", key)
    return number_of_table(results, "4" if of_the_paper else "4a")


def names_sheet(
    tables: Sequence[PrintedTable], figures: Mapping[str, Lineage], verdicts: Sequence[Verdict] = ()
) -> Sheet:
    """Return every name that can be explained, with its title."""
    rows = [(name_of(t), t.title) for t in tables]
    rows += [(f.address, title_within(f.where[0])) for f in figures.values()]
    rows += [(v.hypothesis, v.statement) for v in verdicts]
    width = max(len(name) for name, _ in rows)
    return Sheet(
        say("figure_lineage.what-can-be-explained"), lines=tuple(f"{name:<{width}}  {title}" for name, title in rows)
    )


def title_within(caption: str) -> str:
    """Return the title of a figure from its caption."""
    return str_or_said(caption.given["title"]) if isinstance(caption, Said) else caption
