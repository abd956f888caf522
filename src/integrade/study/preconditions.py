"""Check preconditions of a section in addition to option types: order of values, agreement with other sections.

Functions that check a value raise ValueError or an `IntegradeError`. Functions that check a section take the section
and the facts of the study (`integrade.study.checking.Facts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from integrade.errors import UnknownColumn, UsageError, did_you_mean
from integrade.estimate.percentiles import percent_of, value_of
from integrade.geography import is_country


def ascending_percentiles(cuts: tuple[float, float]) -> tuple[float, float]:
    """Require two percentiles between 0 and 100 in ascending order."""
    low, high = cuts
    if not 0 <= low < high <= 100:
        raise ValueError(
            UsageError(
                f"[{low:g}, {high:g}] are not two ascending percentiles",
                remedy="write for example [1, 99], both between 0 and 100",
            )
        )
    return cuts


def ascending_ends(ends: tuple[float | str, float | str]) -> tuple[float | str, float | str]:
    """Require two ends of a range, as values or percentiles, in ascending order if both are of one kind."""
    values = []
    for end in ends:
        value = percent_of(end) if isinstance(end, str) else end
        if value is None:
            raise ValueError(UsageError(f"{end!r} is neither a value nor a percentile", remedy='write "p5", or 3.2'))
        values.append(value)
    if isinstance(ends[0], str) == isinstance(ends[1], str) and not values[0] < values[1]:
        raise ValueError(
            UsageError(f"the range from {ends[0]} to {ends[1]} is empty", remedy="write the lower end first")
        )
    return ends


def place_or_value(text: str) -> None:
    """Require a percentile, or a number as text."""
    if percent_of(text) is None and value_of(text) is None:
        raise UsageError(f"{text!r} is neither a percentile nor a value", remedy='write "p10" or "4.2"')


def rule_sets() -> Iterable[str]:
    """Return the names of the rule sets for cleaning firm accounts."""
    from integrade.sources.tables.rules import CITED

    return CITED


def customs_rules() -> Iterable[str]:
    """Return the names of the rules for cleaning customs records."""
    from integrade.sources.tables.cleaning_customs import STEPS

    return ("usual", *STEPS)


def formula_reads(_: Any, facts: Any) -> None:
    """Require that the benchmark is a valid formula: no term twice, no outcome among its regressors."""
    from integrade.estimate.formula import parse_formula

    parse_formula(facts.formula)


def covariance_exists(section: Any, facts: Any) -> None:
    """Require that the covariance, its clusters and the bootstrap are compatible."""
    from integrade.estimate.linear import covariance_kind
    from integrade.study.asked import options_of

    for fit in (options_of(section), options_of(section, wild=section.wild, settings=facts.study.section("inference"))):
        covariance_kind(fit)


def hausman_clusters(section: Any, facts: Any) -> None:
    """Require at most two sets of clusters for the Hausman test."""
    if section.hausman != "none" and len(facts.clusters) > 2:
        raise UsageError("the Hausman test takes one or two sets of clusters", remedy='write hausman = "none"')


def not_within_itself(section: Any, _: Any) -> None:
    """Refuse to cut a column within groups of itself."""
    if section.by in section.columns:
        raise UsageError(
            f"column {section.by!r} cannot be cut within groups of itself",
            remedy="leave by out, or name another column",
        )


def regions_have_paths(section: Any, facts: Any) -> None:
    """Require regions in the panel if their paths of the treatment are permuted."""
    panel = facts.tables.get("panel")
    if section.run and section.randomisation and panel is not None and not panel.open and "region" not in panel.kinds:
        raise UnknownColumn(
            "randomisation permutes the paths of regions, but the panel has no column 'region'",
            remedy='give randomisation = 0, or map the column with columns = { "OLD" = "region" } in [panel]',
        )


def something_to_deflate(section: Any, facts: Any) -> None:
    """Require a column of the accounts that can be deflated."""
    firms, wanted = facts.tables.get("firms"), (*section.output, *section.inputs)
    if firms is not None and not firms.open and not set(wanted) & set(firms.kinds):
        raise UsageError(
            f"the accounts have none of {', '.join(wanted)}", remedy="name columns of [firms] in output = [...]"
        )


def prices_are_there(section: Any, facts: Any) -> None:
    """Require the price of every deflated column in the deflators."""
    firms, prices = facts.tables.get("firms"), facts.tables.get("deflators")
    if firms is None or prices is None or prices.open:
        return
    for key, wanted in (("output_price", section.output), ("input_price", section.inputs)):
        name = getattr(section, key)
        if name not in prices.kinds and set(wanted) & set(firms.kinds):
            raise UsageError(
                f"the deflators have no column {name!r}",
                remedy=f"name it with {key} = ...; {did_you_mean(name, prices.kinds)}",
            )


def firms_of_the_records(_: Any, facts: Any) -> None:
    """Require a column of firms in the customs records if the study has accounts of firms."""
    customs = facts.tables.get("customs")
    if facts.study.firms is None or customs is None or customs.open or "firm" in customs.kinds:
        return
    what = "this needs a column 'firm', which customs will not have"
    raise UnknownColumn(what, remedy=did_you_mean("firm", customs.kinds))


def yearly_prices(section: Any, facts: Any) -> None:
    """Require yearly prices, because the accounts and the report are yearly."""
    prices = facts.tables.get("prices")
    method = facts.study.integration.get("method", "relative_price")
    if prices is not None and "month" in prices.kinds and not section.to_year and method == "relative_price":
        what = "the accounts" if facts.study.firms is not None else "the report"
        raise UsageError(f"the prices are monthly, but {what} yearly", remedy="add to_year = true")


def python_file(name: str) -> None:
    """Require that a plugin is a .py file. Raises `UsageError`."""
    if not name.endswith(".py"):
        raise UsageError(f"{name!r} is not a .py file", remedy='plugins = ["mine.py"]')


SUMMED = ("covariates", "output", "firms")
"""Tables whose columns a ratio may sum."""


def summed_by(section: Any, _: Any) -> None:
    """Require that the sums of a ratio are by year and a unit (industry or region)."""
    from integrade.panel.ratios import by_unit_and_year

    by_unit_and_year(section.by)


def numerator_is_there(section: Any, facts: Any) -> None:
    """Require a table with the numerator of a ratio."""
    _summed_column(section.numerator, section.by, facts)


def denominator_is_there(section: Any, facts: Any) -> None:
    """Require a table with the denominator of a ratio."""
    _summed_column(section.denominator, section.by, facts)


def _summed_column(name: str, by: Iterable[str], facts: Any) -> None:
    tables = [(section, one) for section, one in facts.raw if section in SUMMED]
    if any(one.open for _, one in tables):
        return
    table, _, own = name.rpartition(".")
    matches = [(t, one) for t, one in tables if name in one.kinds or (t == table and own in one.kinds)]
    if not matches:
        what = f"no column {name!r} in {', '.join(dict.fromkeys(t for t, _ in tables))}"
        raise UnknownColumn(what, remedy=did_you_mean(own, [column for _, one in tables for column in one.kinds]))
    (section, one), *others = matches
    if others:
        where = ", ".join(t for t, _ in matches)
        remedy = f'write the table before it: "{section}.{own}"'
        raise UsageError(f"column {own!r} is in several tables: {where}", remedy=remedy)
    if one.kinds[own if own in one.kinds else name] == "text":
        raise UsageError(
            f"column {own!r} of {section} contains text, but numbers are required", remedy="name another column"
        )
    lacking = [key for key in by if key not in one.kinds]
    if lacking:
        what = f"{section} has {own!r} and no column {lacking[0]!r}, by which it is summed"
        raise UnknownColumn(what, remedy=did_you_mean(lacking[0], one.kinds))


def regions_are_known(section: Any, facts: Any) -> None:
    """Require that [geography] can be read and its aliases name its regions; missing files are reported elsewhere."""
    from integrade.study.geography import named_geography

    there = not section.file or (facts.root / section.file).is_file()
    if there and (section.country is None or is_country(section.country)):
        named_geography(section, facts.root)
