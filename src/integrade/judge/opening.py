"""The first page: how large the effect is, where the curve turns, and the truth of a simulated economy beside both."""

from __future__ import annotations

from typing import NamedTuple

from integrade.errors import IntegradeError
from integrade.judge.bundle import StudyResults
from integrade.judge.headline import headline
from integrade.judge.naming import dimension_word, fieller_text, label_of
from integrade.judge.truths import by_parameter, true_terms
from integrade.models.fit.contrasts import combination
from integrade.models.fit.results import FitResult, by_term
from integrade.models.shape.inverted_u import percentile_of
from integrade.numerals import fixed, percent
from integrade.texts import listed, say

LOW, HIGH = 25, 75


class Size(NamedTuple):
    """What the outcome does when the treatment moves from ``start`` to ``end``, with its 95 % interval.

    ``in_sd`` is in standard deviations of the outcome. ``truth`` is what the move does in a simulated economy (in the
    units that the treatment acts on), ``on_true_data`` what the same regression on true data says.
    """

    variable: str
    start: float
    end: float
    change: float
    low: float
    high: float
    in_sd: float | None
    truth: float | None = None
    on_true_data: float | None = None


def size(results: StudyResults) -> Size | None:
    """The move of the headline's treatment from its 25th to its 75th percentile; without a square, by one s.d.

    Formula: b1 (q75 - q25) + b2 (q75^2 - q25^2), percentiles over the rows of the regression as Stata counts, the
    interval from the covariance of the headline with its t. Nothing where the headline lacks the treatment.
    """
    column = headline(results)
    if column is None:
        return None
    fit = column.headline
    x = column.u_test.variable if column.u_test else next(iter(by_term(fit)), "")
    ends = _ends(fit, x)
    if ends is None:
        return None
    start, end = ends
    weights = {x: end - start} | ({f"{x}^2": end**2 - start**2} if f"{x}^2" in by_term(fit) else {})
    moved = combination(fit, weights, x)
    spread = fit.deviations.get(fit.outcome)
    known = true_terms(results) if f"{x}^2" in by_term(fit) else None
    true = known.move(start, end) if known else (None, None)
    sizes = (moved.estimate, moved.conf_low, moved.conf_high, moved.estimate / spread if spread else None)
    return Size(x, start, end, *sizes, *true)


def _ends(fit: FitResult, x: str) -> tuple[float, float] | None:
    if x not in by_term(fit):
        return None
    if any(s.variable == x for s in fit.spreads):
        try:
            return percentile_of(fit, x, LOW), percentile_of(fit, x, HIGH)
        except IntegradeError:
            return None
    mean, deviation = fit.means.get(x), fit.deviations.get(x)
    return None if mean is None or not deviation else (mean, mean + deviation)


def size_said(results: StudyResults) -> list[str]:
    """The size in one sentence, whether it is an association, and the truth beside it."""
    found, column = size(results), headline(results)
    if found is None or column is None:
        return []
    fit, labels = column.headline, results.labels
    values = {
        "x": label_of(found.variable, labels),
        "outcome": label_of(fit.outcome, labels),
        "start": fixed(found.start),
        "end": fixed(found.end),
        "change": fixed(found.change, 4),
        "low": fixed(found.low, 4),
        "high": fixed(found.high, 4),
    }
    squared = any(s.variable == found.variable for s in fit.spreads)
    said: list[str] = [say("opening.size" if squared else "opening.size-by-deviation", **values)]
    if found.in_sd is not None:
        said.append(say("opening.in-deviations", change=fixed(found.in_sd, 3), outcome=values["outcome"]))
    said.append(_standing(fit))
    if found.truth is not None:
        said.append(_true_size(found, values["outcome"]))
    return said


def _standing(fit: FitResult) -> str:
    """An effect by an instrument, if that is valid; an association otherwise."""
    if fit.iv is not None:
        return say("opening.by-instrument")
    effects = listed([dimension_word(e.name) for e in fit.effects], "and")
    return say("opening.association-net-of", effects=effects) if effects else say("opening.association")


def _true_size(found: Size, outcome: str) -> str:
    values = {"truth": fixed(found.truth, 4), "outcome": outcome}
    if found.on_true_data is None:
        return say("opening.true-size", **values)
    return say("opening.true-size-and-regression", **values, regression=fixed(found.on_true_data, 4))


def turning_said(results: StudyResults) -> list[str]:
    """Where the curve turns, its interval, who is beyond it, and the truth beside it."""
    column = headline(results)
    if column is None or column.u_test is None:
        return []
    test, labels = column.u_test, results.labels
    values, said = {"x": label_of(test.variable, labels), "point": fixed(test.turning_point)}, list[str]()
    if not test.low < test.turning_point < test.high:
        said.append(say("opening.turns-outside", **values, low=fixed(test.low), high=fixed(test.high)))
    else:
        said.append(say("opening.turns", **values, interval=fieller_text(test)))
        if test.share_past is not None:
            said.append(say("opening.share-past", share=percent(test.share_past)))
    true = by_parameter(results, "truth.turning-point")
    if true is not None:
        point = fixed(true.truth)
        said.append(
            say("opening.true-point", truth=point)
            if true.oracle is None
            else say("opening.true-point-and-regression", truth=point, regression=fixed(true.oracle))
        )
    return said
