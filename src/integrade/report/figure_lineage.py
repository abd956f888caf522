"""Trace the figures of a report to their origin, and list the names of all numbers, tables and figures in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from integrade.report.addresses import addresses_of, name_of
from integrade.report.contents import figure_numbers
from integrade.report.lineage import Lineage, lineage_of_figure
from integrade.report.printed import PrintedTable
from integrade.report.rows import INDEX, PANEL, Origin
from integrade.report.style import Chart, title_of
from integrade.verdicts import brief, places
from integrade.verdicts.bundle import StudyResults, Verdict
from integrade.verdicts.headline import headline
from integrade.verdicts.naming import number_of_table
from integrade.wording.sheet import Sheet
from plainwords.texts import Cell, Said, say, str_or_said

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
    "heterogeneity": "figure_lineage.heterogeneity",
    "robustness": "figure_lineage.robustness",
    "without": "figure_lineage.without",
}
OF_TABLES = {"groups": "figure_lineage.groups", "anderson_rubin": "figure_lineage.anderson-rubin"}
"""Figures that exist once per table: the part of their name before the table's number -> the message with their title.
"""

OF_TABLE = {
    "lags": places.LAGS,
    "robustness": places.ROBUSTNESS,
    "without": places.ROBUSTNESS,
    "truth": places.TRUTH,
    "waterfall": places.ACCOUNT,
}
"""Figure -> number of the table from which it is drawn, for figures whose sentence names a table."""

OF_QUALITY = ("rows", "firms", "products", "destinations", "missing_value")
"""Key numbers of a study without a regression that the table on quality prints; the table on the index has the others.
"""


def figure_origin(name: str, results: StudyResults) -> Origin:
    """Return the origin of a figure."""
    column = headline(results)
    fit = column.headline if column else None
    if name.startswith("inference"):
        return Origin(say("figure_lineage.inference"), fit)
    if name == "quality_years":
        return Origin(say("figure_lineage.other"), None, rests=("quality",))
    for family, key in OF_TABLES.items():
        if name.startswith(family):
            named = {"table": number_of_table(results, name.removeprefix(family))}
            sets = {"sets": number_of_table(results, places.INSTRUMENTS)} if family == "anderson_rubin" else {}
            return Origin(say(key, **named, **sets), None, rests=PANEL)
    rests = INDEX if name in ("trend", "ranking", "map") else (*PANEL, "truth") if name == "truth" else PANEL
    named = {"table": number_of_table(results, OF_TABLE[name])} if name in OF_TABLE else {}
    how = say(HOW.get(name, "figure_lineage.other"), **named)
    return Origin(how, fit if name in ("curve", "share") else None, rests=rests)


def figure_lineages(figures: Mapping[str, Chart], results: StudyResults) -> dict[str, Lineage]:
    """Return the lineage of every figure; their addresses are ``figure1``, ``figure2`` and so on.

    A figure without a number has the address ``figure0``.
    """
    lineages = {}
    numbers = figure_numbers(figures, results.preset)
    for name, chart in figures.items():
        title, i = title_of(chart)[0], numbers[name]
        title = say("figure_lineage.caption", number=str(i), title=title) if i else title
        lineages[name] = lineage_of_figure(f"figure{i}", title, figure_origin(name, results), results)
    return lineages


def answer_addresses(reading: brief.Reading, tables: Iterable[PrintedTable]) -> list[str]:
    """Return the addresses of the numbers of the brief, in order.

    An address is empty if no cell prints the number.
    """
    address, quoted = addresses_of(tables), (_cell_of_key_number(reading, n.key) for n in brief.numbers(reading))
    return [address(cell) if cell is not None else "" for cell in quoted]


def _cell_of_key_number(reading: brief.Reading, key: str) -> Cell | None:
    column = headline(reading.results)
    if column is None:
        return Cell(places.TRUST_IN_QUALITY if key in OF_QUALITY else places.TRUST, "value", key)
    return brief.cell_of_number(reading, key)


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
