"""Write the first page: the size of the effect, where the curve turns, and the truth of a simulated economy."""

from __future__ import annotations

from typing import NamedTuple

from integrade.estimate.results import FitResult, by_term
from integrade.subjects.noise.verdict import IntervalWithNoise, cell_of_way, interval_with_noise
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.subjects.truth.verdict import by_parameter, size_of_truth, true_terms
from integrade.verdicts import cells, places
from integrade.verdicts.bundle import StudyResults, of_the_index, treatment_terms
from integrade.verdicts.headline import headline, turns
from integrade.verdicts.moves import Estimated, effect_of_move
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import dimension_word, fieller_text, number_of_table, prose_of
from integrade.wording.numerals import by_interval, coverage_text, fixed, percent, placed
from plainwords.texts import listed, quoted, say


class Size(NamedTuple):
    """The change of the outcome when the treatment moves, by the headline (`integrade.verdicts.moves.effect_of_move`).

    ``in_sd`` is in standard deviations of the outcome. ``truth`` is the effect of the move in a simulated economy, in
    the firms that the treatment affects. ``on_true_data`` is the estimate of the effect by the same regression on true
    data.
    """

    variable: str
    move: Estimated
    in_sd: float | None
    truth: float | None = None
    on_true_data: float | None = None


def size(results: StudyResults) -> Size | None:
    """Return the effect of moving the treatment from p25 to p75 or, without a square, by one standard deviation.

    Returns None if the headline lacks the treatment, or if the ends of the move are not known.
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
    """Return sentences on the effect: its size, its kind, the correction for noise, and the truth.

    The kind of effect is an association or an estimate by an instrument.
    """
    effect, column = size(results), headline(results)
    if effect is None or column is None:
        return []
    fit, labels, moved = column.headline, results.labels, effect.move
    corrected = interval_with_noise(results) if of_the_index(results) else None
    size_of = by_interval(moved.low, moved.high)
    values = {
        "x": prose_of(effect.variable, labels),
        "outcome": prose_of(fit.outcome, labels),
        "start": quoted(placed(moved.start), cells.of_size(results, "from")),
        "end": quoted(placed(moved.end), cells.of_size(results, "to")),
        "change": quoted(size_of(moved.estimate), cells.of_size(results, "change")),
        "low": quoted(size_of(moved.low), cells.of_size(results, "95_interval")),
        "high": quoted(size_of(moved.high), cells.of_size(results, "95_interval")),
    }
    leads = corrected is not None and corrected.way != "none" and noise_matters(results)
    if corrected is not None and leads:
        sentences = _corrected_size(corrected, values, results)
        in_sd, cell = corrected.estimate / moved.estimate * effect.in_sd if effect.in_sd else None, None
    else:
        by = "opening.size-by-deviation" if moved.name == "one s.d." else "opening.size"
        in_sd, cell = effect.in_sd, cells.of_size(results, "in_s_d")
        sentences = [*_too_noisy(results), say(by, **values)]
    if in_sd is not None:
        change = quoted(fixed(in_sd, 3), cell)
        sentences.append(say("opening.in-deviations", change=change, outcome=values["outcome"]))
    sentences.append(_standing(fit))
    if corrected is not None and leads:
        sentences += [say("opening.as-printed", **values), *corrected.reasons]
    elif corrected is not None:
        if corrected.way != "none":
            change = by_interval(corrected.low, corrected.high)(corrected.estimate)
            change = quoted(change, cell_of_way(results, corrected.way, "move"))
            sentences.append(say("opening.corrected", change=change))
        sentences.append(corrected.sentence)
    if effect.truth is not None:
        known = by_parameter(results, "truth.move")
        size_true = size_of if known is None else size_of_truth(known)
        in_truth, on_true_data = (cells.of_truth(results, "truth.move", column) for column in ("truth", "on_true_data"))
        true = {"truth": quoted(size_true(effect.truth), in_truth), "outcome": values["outcome"]}
        if effect.on_true_data is None:
            return [*sentences, say("opening.true-size", **true)]
        regression = quoted(size_true(effect.on_true_data), on_true_data)
        sentences.append(say("opening.true-size-and-regression", **true, regression=regression))
        if corrected is not None and corrected.way != "none":
            # whether the correction for noise came nearer to the same regression on true data
            away = _is_farther(corrected.move.estimate, moved.estimate, effect.on_true_data)
            near, of_move = by_interval(corrected.low, corrected.high), cell_of_way(results, corrected.way, "move")
            both = {"corrected": quoted(near(corrected.estimate), of_move), "uncorrected": values["change"]}
            sentences.append(say("opening.correction-away" if away else "opening.correction-nearer", **both))
    return sentences


def _corrected_size(corrected: IntervalWithNoise, values: dict[str, str], results: StudyResults) -> list[str]:
    """Return the sentence on the size of the effect with the index corrected for noise."""
    change, ends = (cell_of_way(results, corrected.way, row) for row in ("move", "move.interval"))
    size_of = by_interval(corrected.low, corrected.high)
    numbers = {
        "change": quoted(size_of(corrected.estimate), change),
        "low": quoted(size_of(corrected.low), ends),
        "high": quoted(size_of(corrected.high), ends),
    }
    by = "opening.size-corrected-by-deviation" if corrected.move.name == "one s.d." else "opening.size-corrected"
    return [say(by, **{**values, **numbers})]


def _too_noisy(results: StudyResults) -> list[str]:
    """Return a sentence that noise leaves the size of the effect open, if the correction could not be made."""
    noise = results.noise
    if noise is None or not noise.was_corrected or (noise.halves and noise.halves.identified):
        return []
    if not noise_matters(results):
        return []
    return [say("opening.not-corrected", why=noise.uncorrected) if noise.uncorrected else say("opening.too-noisy")]


def _standing(fit: FitResult) -> str:
    """Return a sentence that the effect is estimated by an instrument or, without an instrument, is an association."""
    if fit.iv is not None:
        return say("opening.by-instrument")
    effects = listed([dimension_word(e.name) for e in fit.effects], "and")
    return say("opening.association-net-of", effects=effects) if effects else say("opening.association")


def _is_farther(corrected: float, uncorrected: float, on_true_data: float) -> bool:
    """Return whether a corrected estimate is farther from the same regression on true data than the uncorrected one."""
    return abs(corrected - on_true_data) > abs(uncorrected - on_true_data)


def turning_said(results: StudyResults) -> list[str]:
    """Return sentences on where the curve turns, its Fieller set, the share beyond it, the correction, and the truth.

    Each set is quoted with the simulated coverage of its own method in near designs (`noise.how_often_covered`).
    """
    column = headline(results)
    if column is None or column.u_test is None:
        return []
    test, labels = column.u_test, results.labels
    corrected = interval_with_noise(results) if of_the_index(results) else None
    point, interval = (cells.of_headline(results, row) for row in ("turning_point", "fieller"))
    values = {"x": prose_of(test.variable, labels), "point": quoted(placed(test.turning_point), point)}
    fieller, sentences = quoted(fieller_text(test), interval), list[str]()
    if not test.low < test.turning_point < test.high:
        sentences.append(say("opening.turns-outside", **values, **cells.ends_of_data(test)))
    elif not turn_established(curve_of_benchmark(results)):
        sentences.append(say("opening.parabola-turns", **values, interval=fieller))
    else:
        sentences.append(say("opening.turns", **values, interval=fieller))
        covered = corrected.own_covered if corrected is not None else None
        if covered is not None:
            share = quoted(coverage_text(covered.turning), cell_of_way(results, "none", "covered.turning"))
            sentences.append(say("opening.own-set-covered", share=share))
        if test.share_past is not None and turns(test):
            share = quoted(percent(test.share_past), cells.of_headline(results, "share_past"))
            sentences.append(say("opening.share-past", share=share))
    without_noise = [] if corrected is None else _corrected_turning(corrected, results)
    # where noise matters, the corrected turn comes first
    sentences = [*without_noise, *sentences] if noise_matters(results) else [*sentences, *without_noise]
    true, uncorrected = by_parameter(results, TURNING), values["point"]
    if true is not None:
        truth, regression = (cells.of_truth(results, TURNING, column) for column in ("truth", "on_true_data"))
        values = {"truth": quoted(placed(true.truth), truth)}
        sentences.append(
            say("opening.true-point", **values)
            if true.oracle is None
            else say("opening.true-point-and-regression", **values, regression=quoted(placed(true.oracle), regression))
        )
        turned = None if corrected is None or corrected.way == "none" else corrected.turning
        moved = turned is not None and placed(turned.turning_point) != placed(test.turning_point)
        if true.oracle is not None and corrected is not None and turned is not None and moved:
            away = _is_farther(turned.turning_point, test.turning_point, true.oracle)
            of_turn = quoted(placed(turned.turning_point), cell_of_way(results, corrected.way, "turning_point"))
            key = "opening.corrected-turning-away" if away else "opening.corrected-turning-nearer"
            sentences.append(say(key, corrected=of_turn, uncorrected=uncorrected))
    return sentences


TURNING = "truth.turning-point"
"""Key of the name of a parameter of a simulated economy: the turning point of its curve."""


def _corrected_turning(corrected: IntervalWithNoise, results: StudyResults) -> list[str]:
    """Return sentences with the corrected turning point, its Fieller set, and how often such sets covered the truth."""
    if corrected.way == "none" or corrected.turning is None:
        return []
    point, interval, covered = (
        cell_of_way(results, corrected.way, row) for row in ("turning_point", "fieller", "covered.turning")
    )
    values = {
        "way": say(f"opening.by-{corrected.way}"),
        "point": quoted(placed(corrected.turning.turning_point), point),
    }
    fieller = quoted(fieller_text(corrected.turning), interval)
    table = number_of_table(results, places.BENCHMARK)
    sentences: list[str] = [say("opening.corrected-turning", **values, interval=fieller, table=table)]
    if corrected.covered is not None:
        share = quoted(coverage_text(corrected.covered.turning), covered)
        row = cell_of_way(results, corrected.way, "covered.uninformative")
        whole = quoted(coverage_text(corrected.covered.uninformative), row)
        sentences.append(say("opening.corrected-set-covered", share=share, uninformative=whole))
    return sentences
