"""The first page: how large the effect is, where the curve turns, and the truth of a simulated economy beside both."""

from __future__ import annotations

from typing import NamedTuple

from integrade.estimate.results import FitResult, by_term
from integrade.subjects.noise.verdict import WAYS, IntervalWithNoise, interval_with_noise
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.subjects.truth.verdict import by_parameter, true_terms
from integrade.verdicts.bundle import StudyResults, of_the_index, treatment_terms
from integrade.verdicts.headline import headline, turns
from integrade.verdicts.moves import Estimated, effect_of_move
from integrade.verdicts.naming import dimension_word, fieller_text, label_of
from integrade.wording.numerals import coverage_text, fixed, percent, placed
from integrade.wording.texts import listed, say


class Size(NamedTuple):
    """What the outcome does when the treatment moves (`integrade.verdicts.moves.effect_of_move`), by the headline.

    ``in_sd`` is in standard deviations of the outcome. ``truth`` is what the move does in a simulated economy (in the
    firms that the treatment acts on), ``on_true_data`` what the same regression on true data says.
    """

    variable: str
    move: Estimated
    in_sd: float | None
    truth: float | None = None
    on_true_data: float | None = None


def size(results: StudyResults) -> Size | None:
    """The move of the headline's treatment from its 25th to its 75th percentile; without a square, by one s.d.

    Nothing where the headline lacks the treatment.
    """
    column = headline(results)
    x = treatment_terms(column)[0] if column is not None and treatment_terms(column) else ""
    if column is None or x not in by_term(column.headline):
        return None
    fit = column.headline
    moved = effect_of_move(fit, fit, x)
    if moved is None:
        return None
    spread = fit.deviations.get(fit.outcome)
    known = true_terms(results) if f"{x}^2" in by_term(fit) else None
    true = known.move(moved.start, moved.end) if known else (None, None)
    return Size(x, moved, moved.estimate / spread if spread else None, *true)


def size_said(results: StudyResults) -> list[str]:
    """The size in one sentence, the interval that contains the noise, whether it is an association, and the truth."""
    found, column = size(results), headline(results)
    if found is None or column is None:
        return []
    fit, labels, moved = column.headline, results.labels, found.move
    values = {
        "x": label_of(found.variable, labels),
        "outcome": label_of(fit.outcome, labels),
        "start": placed(moved.start),
        "end": placed(moved.end),
        "change": fixed(moved.estimate, 4),
        "low": fixed(moved.low, 4),
        "high": fixed(moved.high, 4),
    }
    said: list[str] = [say("opening.size-by-deviation" if moved.name == "one s.d." else "opening.size", **values)]
    if found.in_sd is not None:
        said.append(say("opening.in-deviations", change=fixed(found.in_sd, 3), outcome=values["outcome"]))
    said.append(_standing(fit))
    corrected = interval_with_noise(results) if of_the_index(results) else None
    if corrected is not None:
        if corrected.way != "none":
            said.append(say("opening.corrected", change=fixed(corrected.estimate, 4)))
        said.append(corrected.sentence)
    if found.truth is not None:
        said.append(_true_size(found, values["outcome"]))
        said += [] if corrected is None or corrected.way == "none" else _correction_beside_truth(found, corrected.move)
    return said


def _standing(fit: FitResult) -> str:
    """An effect by an instrument, if that is valid; an association otherwise."""
    if fit.iv is not None:
        return say("opening.by-instrument")
    effects = listed([dimension_word(e.name) for e in fit.effects], "and")
    return say("opening.association-net-of", effects=effects) if effects else say("opening.association")


def _correction_beside_truth(found: Size, corrected: Estimated) -> list[str]:
    """Whether the correction for noise moved the change towards the same regression on true data, or away from it."""
    if found.on_true_data is None:
        return []
    away = _is_farther(corrected.estimate, found.move.estimate, found.on_true_data)
    return [say("opening.correction-away" if away else "opening.correction-nearer")]


def _is_farther(corrected: float, uncorrected: float, on_true_data: float) -> bool:
    """Whether a correction ends farther from the same regression on true data than what it corrects."""
    return abs(corrected - on_true_data) > abs(uncorrected - on_true_data)


def _true_size(found: Size, outcome: str) -> str:
    values = {"truth": fixed(found.truth, 4), "outcome": outcome}
    if found.on_true_data is None:
        return say("opening.true-size", **values)
    return say("opening.true-size-and-regression", **values, regression=fixed(found.on_true_data, 4))


def turning_said(results: StudyResults) -> list[str]:
    """Where the curve turns, its Fieller set, who is beyond it, the same corrected for noise, and the truth beside it.

    Each set is quoted with the coverage of its own way in the nearest simulated design (`noise.how_often_covered`).
    """
    column = headline(results)
    if column is None or column.u_test is None:
        return []
    test, labels = column.u_test, results.labels
    corrected = interval_with_noise(results) if of_the_index(results) else None
    values, said = {"x": label_of(test.variable, labels), "point": placed(test.turning_point)}, list[str]()
    if not test.low < test.turning_point < test.high:
        said.append(say("opening.turns-outside", **values, low=placed(test.low), high=placed(test.high)))
    elif not turn_established(curve_of_benchmark(results)):
        said.append(say("opening.parabola-turns", **values, interval=fieller_text(test)))
    else:
        said.append(say("opening.turns", **values, interval=fieller_text(test)))
        covered = corrected.own_covered if corrected is not None else None
        if covered is not None:
            said.append(say("opening.own-set-covered", share=coverage_text(covered.turning)))
        if test.share_past is not None and turns(test):
            said.append(say("opening.share-past", share=percent(test.share_past)))
    said += [] if corrected is None else _corrected_turning(corrected)
    true = by_parameter(results, "truth.turning-point")
    if true is not None:
        point = placed(true.truth)
        said.append(
            say("opening.true-point", truth=point)
            if true.oracle is None
            else say("opening.true-point-and-regression", truth=point, regression=placed(true.oracle))
        )
        turned = None if corrected is None or corrected.way == "none" else corrected.turning
        if true.oracle is not None and turned is not None:
            away = _is_farther(turned.turning_point, test.turning_point, true.oracle)
            said.append(say("opening.corrected-turning-away" if away else "opening.corrected-turning-nearer"))
    return said


def _corrected_turning(found: IntervalWithNoise) -> list[str]:
    """The turning point of the corrected way, its own Fieller set and how often such sets covered the truth."""
    if found.way == "none" or found.turning is None:
        return []
    values = {"way": say(WAYS[found.way]), "point": placed(found.turning.turning_point)}
    said: list[str] = [say("opening.corrected-turning", **values, interval=fieller_text(found.turning))]
    if found.covered is not None:
        said.append(say("opening.corrected-set-covered", share=coverage_text(found.covered.turning)))
    return said
