"""Where the figures of a report come from, and the names that everything in it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.bundle import StudyResults
from integrade.judge.headline import headline, key_numbers
from integrade.report.addresses import name_of
from integrade.report.lineage import Lineage, lineage_of_figure
from integrade.report.printed import INDEX, PANEL, Origin, PrintedTable
from integrade.report.style import Chart, title_of
from integrade.sheet import Sheet

HOW: Mapping[str, str] = {
    "trend": "the index of the nation and of groups of regions by year, with jackknife intervals",
    "ranking": "the index of each region in the last year and its mean over the years (Table 1)",
    "map": "the index of each province by year, on a map of tiles",
    "curve": "the fitted quadratic over the range of the data, its turning point, and where the rows lie",
    "share": "the share of the rows of the regression beyond the turning point, by year",
    "truth": "estimates beside the parameters of the simulated economy (Table A1)",
    "waterfall": "the account of every row (Table A3)",
}
OF_THE_INDEX = ("trend", "ranking", "map")
OF_THE_FIT = ("curve", "share")


def figure_origin(name: str, results: StudyResults) -> Origin:
    """What a figure was drawn from."""
    column = headline(results)
    fit = column.headline if column else None
    if name.startswith("inference"):
        how = "a coefficient of the benchmark with its interval under each kind of standard error (Table 4)"
        return Origin(how, fit)
    rests = INDEX if name in OF_THE_INDEX else (*PANEL, "truth") if name == "truth" else PANEL
    how = HOW.get(name, "drawn from the results of the study")
    return Origin(how, fit if name in OF_THE_FIT else None, rests=rests)


def figure_lineages(figures: Mapping[str, Chart], results: StudyResults) -> dict[str, Lineage]:
    """The lineage of every figure; their addresses are ``figure1``, ``figure2`` and so on."""
    found = {}
    for i, (name, chart) in enumerate(figures.items(), start=1):
        title = f"Figure {i}. {title_of(chart)[0]}"
        found[name] = lineage_of_figure(f"figure{i}", title, figure_origin(name, results), results)
    return found


KEYS: Mapping[str, str] = {
    "Turning point": "turning_point",
    "95 % Fieller interval": "fieller",
    "U-test p": "u_test",
    "Wild-bootstrap p, square": "{square}.wild",
    "Past the turning point": "share_past",
    "Observations": "N",
    "Standard errors": "vcov",
    "Clusters": "clusters",
}
"""Where the numbers of the headline box stand in Table 4."""


def answer_addresses(results: StudyResults) -> list[str]:
    """The addresses of the numbers in the headline box, in their order; nothing for one that Table 4 does not print."""
    column = headline(results)
    if column is None:
        return []
    at = next(i for i, c in enumerate(results.benchmark, start=1) if c is column)
    square = f"{column.u_test.variable}^2" if column.u_test else ""
    keys = [KEYS.get(name, "").format(square=square) for name, _ in key_numbers(results)]
    return [f"table4.{at}.{key}" if key else "" for key in keys]


def names_sheet(tables: Sequence[PrintedTable], figures: Mapping[str, Lineage]) -> Sheet:
    """Every name that can be explained, with its title."""
    rows = [(name_of(t), t.title) for t in tables]
    rows += [(f.address, f.where[0].partition(". ")[2]) for f in figures.values()]
    width = max(len(name) for name, _ in rows)
    return Sheet("What can be explained", lines=tuple(f"{name:<{width}}  {title}" for name, title in rows))
