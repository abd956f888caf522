"""List the figures for which a study has results, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TypeAlias

from altair.utils.schemapi import debug_mode

from integrade.errors import IntegradeError
from integrade.estimate.inverted_u import curve
from integrade.records.presets import of_the_paper
from integrade.report.figures import map_figure, ranking_figure, trend_figure, waterfall_figure
from integrade.report.model_figures import curve_figure, inference_figure, share_figure, truth_figure
from integrade.report.style import Chart
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.groups.figures import groups_figure, heterogeneity_figure
from integrade.subjects.instruments.figures import anderson_rubin_figure
from integrade.subjects.instruments.tables import instrument_numbers
from integrade.subjects.lags.figures import lag_band_figure
from integrade.subjects.quality_alone.tables import quality_figure
from integrade.subjects.robustness.figures import leave_out_figure, robustness_figure
from integrade.subjects.shape.figures import effects_figure
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.subjects.situation.figures import break_figure, industries_figure, past_map_figure, trends_figure
from integrade.subjects.situation.figures_distribution import distributions_figure
from integrade.subjects.situation.figures_trust import goods_figure, noise_figure, pure_figure
from integrade.subjects.situation.verdict import break_established
from integrade.subjects.truth.verdict import true_curve
from integrade.subjects.versions.tables import versions_figure
from integrade.verdicts.brief import corrected_curve, read
from integrade.verdicts.bundle import StudyResults, treatment_of, treatment_terms
from integrade.verdicts.headline import curve_of, headline
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import group_numbers, instrument_word, names_of


def all_figures(results: StudyResults) -> dict[str, Chart]:
    """Draw every figure for which there are records; return name -> figure.

    Figures without records are left out, such as a map if no region has a position on it.
    """
    column, lags = headline(results), results.lags
    of_column = _of_column(column, results) if column else {}
    pooled = column.headline if column else None
    best = break_established(results)
    splits = sorted(zip(group_numbers(results), results.groups, strict=True), key=lambda one: int(one[0]))
    makers: dict[str, Callable[[], Chart]] = {
        **{name: make for name, make in of_column.items() if name == "curve"},
        "trend": lambda: trend_figure(results.index),
        "heterogeneity": lambda: heterogeneity_figure(
            [split for _, split in splits], pooled, results.labels, noisy=noise_matters(results)
        ),
        **_of_robustness(results, "robustness"),
        "ranking": lambda: ranking_figure(results.index),
        "map": lambda: map_figure(results.index),
        **({} if best is None else {"break": lambda: break_figure(best, results.index)}),
        **_of_quality(results),
        **{name: make for name, make in of_column.items() if name not in ("curve", "share", "share_map")},
        "versions": lambda: versions_figure(results),
        **{name: make for name, make in of_column.items() if name in ("share", "share_map")},
        **({} if lags is None else {"lags": lambda: lag_band_figure(lags.alone, results.labels)}),
        **{f"groups{number}": partial(groups_figure, split, pooled, results.labels) for number, split in splits},
        **_of_trust(results),
        **_of_robustness(results, "without"),
        **_of_instruments(results),
        "truth": lambda: truth_figure(results.truth, results.labels),
        "waterfall": lambda: waterfall_figure(results.account),
    }
    if not results.benchmark:
        first = {"trend": makers["trend"], "quality_years": lambda: quality_figure(results.quality_alone)}
        makers = first | makers  # without a benchmark, these two figures are on the first page
    if results.of_the_paper:
        makers = {name: makers[name] for name in in_order_of_the_paper(makers, results.preset)}
    figures: dict[str, Chart] = {}
    for name, make in makers.items():
        with suppress(IntegradeError), debug_mode(False):  # no records; and a chart is not validated part by part
            figures[name] = make()
    return figures


ORDER_OF_THE_PAPER = (
    *("curve", "trend", "lags", "heterogeneity", "groups", "ranking", "map", "break"),
    *("quality_area", "quality_municipality", "quality_ownership", "quality_intensity"),
    *("distribution", "distribution_groups", "industries"),
    *("inference1", "inference2", "effects", "versions", "share", "share_map"),
    *("goods", "noise", "pure", "robustness", "without", "anderson_rubin", "truth", "waterfall"),
)
"""The order in which the report of a published study prints its figures; ``groups`` is the figure of every split."""
ANNOUNCED = ("versions", "anderson_rubin")
"""Figures that the preset ``complete`` prints behind those of the groups, in sections that the paper announces."""


def in_order_of_the_paper(names: Iterable[str], preset: str) -> list[str]:
    """Return the names of figures in the order in which the report of a published study prints them.

    Figures with the number of a table in their names stay in their order. Unknown figures come last.
    """
    order = [name for name in ORDER_OF_THE_PAPER if preset != "complete" or name not in ANNOUNCED]
    if preset == "complete":
        order[order.index("groups") + 1 : order.index("groups") + 1] = ANNOUNCED
    place = {name: i for i, name in enumerate(order)}

    def at(name: str) -> int:
        family = next((f for f in ("groups", "anderson_rubin") if name.startswith(f)), name)
        return place.get(family, len(place))

    return sorted(names, key=at)


def figure_numbers(names: Iterable[str], preset: str) -> dict[str, int]:
    """Return the number of each figure, in order.

    In a published study the curve on the first page has no number (0), because the paper's Figure 1 is the trend.
    """
    listed = list(names)
    unnumbered = "curve" if of_the_paper(preset) and "trend" in listed else ""
    counted = [name for name in listed if name != unnumbered]
    return {name: counted.index(name) + 1 if name in counted else 0 for name in listed}


Makers: TypeAlias = dict[str, Callable[[], Chart]]


def _of_instruments(results: StudyResults) -> Makers:
    """Return table number -> function that draws the Anderson-Rubin curve, for each instrumented regression."""
    makers: Makers = {}
    for number, one in zip(instrument_numbers(results.instruments), results.instruments, strict=True):
        if (weak := one.weak) is not None:
            instrument = instrument_word(one.builder, one.title)
            draw = partial(anderson_rubin_figure, weak, "", names_of(one, results.labels), instrument=instrument)
            makers[f"anderson_rubin{number}"] = draw
    return makers


def _of_robustness(results: StudyResults, name: str) -> Makers:
    """Return the function that draws the headline under one change at a time, or without each cluster, by name."""
    variants, treatment, labels = results.robustness, treatment_of(results), results.labels
    column = headline(results)
    if not variants or column is None:
        return {}
    established = turn_established(curve_of_benchmark(results))
    left = {v.column for v in variants if v.each}
    by = next((c for c in (*column.headline.clusters, "region") if c in left), None)
    makers: Makers = {"robustness": lambda: robustness_figure(variants, treatment, labels, established=established)}
    if by is not None:
        makers["without"] = lambda: leave_out_figure(variants, by, treatment, labels, established=established)
    return {name: makers[name]} if name in makers else {}


def _of_trust(results: StudyResults) -> Makers:
    situation, index = results.situation, results.index
    if situation is None:
        return {}
    return {
        "goods": lambda: goods_figure(situation, index, results.labels),
        "noise": lambda: noise_figure(situation, index),
        "pure": lambda: pure_figure(situation, index),
    }


def _of_quality(results: StudyResults) -> Makers:
    trends, labels = results.situation.trends if results.situation else None, results.labels
    if trends is None:
        return {}
    unit = results.units.get(trends.outcome, "")
    splits = ("area", "municipality", "ownership", "intensity")
    by_split: Makers = {f"quality_{by}": partial(trends_figure, trends, by, labels, unit) for by in splits}
    spread = results.situation.distributions if results.situation else ()
    of_rows: Makers = {
        "distribution_groups" if d.by else "distribution": partial(distributions_figure, d, labels, unit)
        for d in spread
    }
    return {**by_split, **of_rows, "industries": lambda: industries_figure(trends, labels, unit=unit)}


def _of_column(column: Column, results: StudyResults) -> dict[str, Callable[[], Chart]]:
    makers: dict[str, Callable[[], Chart]] = {}
    terms = treatment_terms(column) if column.beside else ()
    for at, term in enumerate(terms, start=1):
        makers[f"inference{at}"] = lambda term=term: inference_figure(column, term, results.labels)  # type: ignore[misc]
    test, fit = column.u_test, column.headline
    if (sizes := results.effects) is not None:
        makers["effects"] = lambda: effects_figure(sizes, results.labels)
    turns = turn_established(curve_of_benchmark(results))
    if test is not None:
        spread = next((s for s in fit.spreads if s.variable == test.variable), None)
        if spread is not None:
            shape = results.shape
            corrected = corrected_curve(read(results))
            shown_fit, shown_test = corrected or (fit, test)
            points = curve(shown_fit, test.variable) if corrected else curve_of(results, fit, test)
            level = shape.level if shape is not None else 0.95
            makers["curve"] = lambda: curve_figure(
                points,
                shown_test,
                spread,
                outcome=fit.outcome,
                labels=results.labels,
                level=level,
                bins=shape.bins if shape is not None else (),
                binning=shape.binning if shape is not None else None,
                truth=true_curve(results, points),
                established=turns,
                corrected=corrected is not None,
                units=results.units,
            )
        makers["share"] = lambda: share_figure(test, results.labels)
        makers["share_map"] = lambda: past_map_figure(test, results.labels, results.index.places)
    return makers
