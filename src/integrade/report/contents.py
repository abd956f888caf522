"""Which figures a study has results for, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable

from integrade.errors import IntegradeError
from integrade.models.bundle import Column, StudyResults
from integrade.models.shape.inverted_u import curve
from integrade.report.figures import map_figure, ranking_figure, trend_figure, waterfall_figure
from integrade.report.model_figures import curve_figure, inference_figure, share_figure, truth_figure
from integrade.report.regression import treatment_terms
from integrade.report.style import Chart
from integrade.report.words import headline


def all_figures(results: StudyResults) -> dict[str, Chart]:
    """Every figure that can be drawn, by name; one whose records are absent (no province, no truth) is left out."""
    column = headline(results)
    makers: dict[str, Callable[[], Chart]] = {
        "trend": lambda: trend_figure(results.index),
        "ranking": lambda: ranking_figure(results.index),
        "map": lambda: map_figure(results.index),
        **(_of_column(column, results) if column else {}),
        "truth": lambda: truth_figure(results.truth, results.labels),
        "waterfall": lambda: waterfall_figure(results.account),
    }
    drawn = {name: _drawn(make) for name, make in makers.items()}
    return {name: figure for name, figure in drawn.items() if figure is not None}


def _of_column(column: Column, results: StudyResults) -> dict[str, Callable[[], Chart]]:
    makers: dict[str, Callable[[], Chart]] = {}
    terms = treatment_terms(column) if column.beside else ()
    for at, term in enumerate(terms, start=1):
        makers[f"inference{at}"] = lambda term=term: inference_figure(column, term, results.labels)  # type: ignore[misc]
    test, fit = column.u_test, column.headline
    if test is not None:
        spread = next((s for s in fit.spreads if s.variable == test.variable), None)
        if spread is not None:
            shape = results.shape
            points = shape.curve if shape is not None and shape.curve else curve(fit, test.variable)
            level = shape.level if shape is not None else 0.95
            makers["curve"] = lambda: curve_figure(
                points, test, spread, outcome=fit.outcome, labels=results.labels, level=level
            )
        makers["share"] = lambda: share_figure(test, results.labels)
    return makers


def _drawn(make: Callable[[], Chart]) -> Chart | None:
    """The figure, or nothing where its records are absent."""
    try:
        return make()
    except IntegradeError:
        return None
