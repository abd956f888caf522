"""Collect what the explorer says about a region: its series, its weight in the estimate, the estimate without it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from integrade.estimate.inverted_u import parabola
from integrade.report.explorer.estimates import Curve, Estimate, scale_of
from integrade.report.figures import places_of
from integrade.subjects.inference.clusters import ClusterReport
from integrade.verdicts.bundle import Index, StudyResults, treatment_terms
from integrade.verdicts.headline import headline


class Region(NamedTuple):
    """A region: its name and label, its tile on the map (None without a position), and its series by year.

    ``weight`` is its share in the variation that identifies the treatment's coefficients: the mean of its partial
    leverages on them. ``curve`` is the headline's curve without the region, with ``quantities``. All three are missing
    if the study has not computed them.
    """

    name: str
    label: str
    tile: tuple[int, int] | None
    series: tuple[tuple[int, float], ...]
    weight: float | None = None
    curve: Curve | None = None
    quantities: Mapping[str, Estimate] = {}


def regions_of(results: StudyResults) -> list[Region]:
    """Return the regions of the index, by name."""
    tiles, series = places_of(results.index), _series(results.index)
    without, weights = _without(results), _weights(results)
    found = list[Region]()
    for name in sorted(series):
        tile = tiles.get(name)
        curve, quantities = without.get(name, (None, {}))
        place = (tile.column, tile.row) if tile is not None else None
        label = tile.label if tile is not None else name
        found.append(Region(name, label, place, series[name], weights.get(name), curve, quantities))
    return found


def _series(index: Index) -> dict[str, tuple[tuple[int, float], ...]]:
    """Return integration by year for each region; years with several periods have their mean."""
    values = dict[str, dict[int, list[float]]]()
    for p in index.points:
        if math.isfinite(p.integration):
            values.setdefault(p.region, {}).setdefault(p.year, []).append(p.integration)
    return {r: tuple((year, sum(v) / len(v)) for year, v in sorted(years.items())) for r, years in values.items()}


def _clusters(results: StudyResults) -> ClusterReport | None:
    """Return the report on clusters if the headline's clusters are regions."""
    report, column = results.inference.clusters if results.inference else None, headline(results)
    if report is None or column is None or report.cluster != "region":
        return None
    return report if (report.formula, report.nobs) == (column.headline.formula, column.headline.nobs) else None


def _weights(results: StudyResults) -> dict[str, float]:
    report, column = _clusters(results), headline(results)
    if report is None or report.partial is None or column is None:
        return {}
    terms = [t.term for t in report.terms]
    own = [terms.index(t) for t in treatment_terms(column) if t in terms]
    if not own:
        return {}
    return {level: float(report.partial[g, own].mean()) for g, level in enumerate(report.levels)}


def _without(results: StudyResults) -> dict[str, tuple[Curve, Mapping[str, Estimate]]]:
    """Return the headline's curve without each region, from the report on clusters or the robustness checks."""
    column = headline(results)
    if column is None or column.u_test is None:
        return {}
    x, fit = column.u_test.variable, column.headline
    scale = scale_of(fit, x)
    if scale is None:
        return {}
    own, found = parabola(fit, x), dict[str, tuple[Curve, Mapping[str, Estimate]]]()
    for level, b1, b2 in _coefficients(results, x):
        point = -b1 / (2 * b2) if b2 else math.nan
        curve = Curve(own.low, own.high, own.centre, b1, b2, point=point)
        found[level] = (curve, scale.quantities(curve))
    return found


def _coefficients(results: StudyResults, x: str) -> list[tuple[str, float, float]]:
    """Return each region with both coefficients of the headline without it."""
    report = _clusters(results)
    terms = [t.term for t in report.terms] if report is not None else []
    if report is not None and {x, f"{x}^2"} <= set(terms):
        pairs = report.without[:, [terms.index(x), terms.index(f"{x}^2")]].tolist()
        rows = [(level, b1, b2) for level, (b1, b2) in zip(report.levels, pairs, strict=True)]
    else:
        left = next((v for v in results.robustness if v.column == "region"), None)
        each = left.each if left is not None else ()
        rows = [(w.level, w.b1, w.b2) for w in each if w.b1 is not None and w.b2 is not None]
    return [row for row in rows if math.isfinite(row[1]) and math.isfinite(row[2])]
