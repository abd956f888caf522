"""Put a study on one screen: the answer in a sentence, four numbers, and one line for each verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.results import FitResult
from integrade.subjects.noise.verdict import IntervalWithNoise, cell_of_way, interval_with_noise
from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established
from integrade.subjects.truth.verdict import is_wrong
from integrade.verdicts import cells
from integrade.verdicts.against import Against, against, against_the_measures
from integrade.verdicts.bundle import Index, StudyResults, TrendPoint, Verdict, of_the_index, treatment_terms, years_of
from integrade.verdicts.criterion import by_sign_and_stars
from integrade.verdicts.headline import KeyNumber, headline, numbers_of_measures, turns
from integrade.verdicts.moves import Estimated, effect_of_move
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import clusters_by, fieller_text, outcome_word, word_of_outcome, word_of_treatment
from integrade.verdicts.parts import Part
from integrade.verdicts.without_noise import NO_P
from integrade.wording.numerals import by_interval, p_equals, percent, placed, shared
from plainwords.texts import Cell, Said, as_record, from_record, is_message, listed, quoted, say, slug


class VerdictRow(NamedTuple):
    """One line on a hypothesis.

    ``outcome`` is the code of the verdict, ``word`` its word. ``by`` is what decides it, a p-value or
    the number of conditions that hold (`deciding`). ``reason`` is the condition that it fails, or the main objection.
    ``paper``: under the paper's preset, whether the paper's criterion supports the claim (`criterion`); else empty.
    """

    hypothesis: str
    claim: str
    outcome: str
    word: str
    by: str
    reason: str
    paper: str = ""


class _Move(NamedTuple):
    """The effect of a move in standard deviations of the outcome, and how its interval treats noise in the index."""

    name: str
    start: float
    end: float
    estimate: float
    low: float
    high: float
    noise: str


@dataclass(frozen=True)
class Reading:
    """A study as the brief reads it: the results, and what several parts of the brief need, computed once.

    ``leads`` is the corrected effect if the brief reports it, because noise matters and could be corrected.
    ``findings`` are the findings against the headline in the order of the report; empty without a regression.
    """

    results: StudyResults
    leads: IntervalWithNoise | None
    findings: tuple[Against, ...]


def read(results: StudyResults) -> Reading:
    """Compute what several parts of the brief need."""
    column = headline(results)
    corrected = interval_with_noise(results) if column is not None and of_the_index(results) else None
    leads = corrected if corrected is not None and corrected.way != "none" and noise_matters(results) else None
    return Reading(results, leads, against(results) if column is not None else ())


def answer(reading: Reading) -> str:
    """Return the answer of the study in a few short sentences, with its interval.

    The answer is the turning point if the inverted U (or U) is supported, else the effect of moving the treatment
    from its 25th to its 75th percentile. Both take account of noise in the index where the study corrects for it. A
    sentence gives the range of the treatment, and what a larger index means. A study without a regression reports its
    index or its quality.
    """
    results = reading.results
    column = headline(results)
    if column is None:
        return _answer_of_measures(results)
    words = {"treatment": word_of_treatment(results), "outcome": word_of_outcome(results)}
    turn = _turn(reading)
    if turn is not None and turns(turn) and _shape_holds(results):
        return listed([*_answer_turns(reading, turn, words), _scale_of(results, turn)], "sentences")
    if _is_too_noisy(results):
        failed = bool(results.noise and results.noise.uncorrected)  # for another reason than halves that disagree
        return say("brief.answer-not-corrected" if failed else "brief.answer-too-noisy", **words)
    moved = _move(reading)
    if moved is None:
        return say("brief.answer-none", **words)
    kind, size = "iv" if column.headline.iv is not None else "association", _sized(moved)
    return say(
        f"brief.answer-{kind}-open" if moved.low <= 0 <= moved.high else f"brief.answer-{kind}",
        **words,
        move=say("brief.move-deviation" if moved.name == "one s.d." else "brief.move-quartiles"),
        change=quoted(size["estimate"], _cell_of_change(reading)),
        low=size["low"],
        high=size["high"],
        noise=say(f"brief.noise-{moved.noise}") if moved.noise else "",
    )


def _answer_turns(reading: Reading, turn: UTest, words: Mapping[str, str]) -> list[str]:
    """Return the sentences on a curve that turns: where it turns, or that this is poorly known."""
    point, interval = _cells_of_turn(reading)
    values = {"point": quoted(placed(turn.turning_point), point), "interval": quoted(fieller_text(turn), interval)}
    values["point"] = say(
        "brief.index-value" if of_the_index(reading.results) else "brief.value", point=values["point"]
    )
    up = "" if turn.shape == "inverted U" else "-up"
    problem = _not_located(reading)
    if not problem:
        return [say(f"brief.answer-turns{up}", **words, **values)]
    shape = say(f"brief.answer-turns{up}-somewhere", **words)
    return [shape, say("brief.turn-outside", **values) if problem == "outside" else say("brief.turn-unknown")]


def _scale_of(results: StudyResults, turn: UTest) -> str:
    """Return a sentence with the range of the treatment in the data and, for the index, what a larger value means."""
    ends = cells.ends_of_data(turn)
    if not of_the_index(results):
        return say("brief.scale", treatment=word_of_treatment(results), **ends)
    index, (first, last) = results.index, years_of(results.index)
    size = {"regions": str(index.n_regions), "years": f"{first}-{last}" if first < last else str(first)}
    segmentation = index.by_prices and index.transform == "none"
    return say("brief.scale-of-segmentation" if segmentation else "brief.scale-of-index", **ends, **size)


def _not_located(reading: Reading) -> Literal["", "outside", "unknown"]:
    """Return whether the interval of the reported turning point leaves the data, or is no interval; empty if neither.

    The U-test is one-sided, so that it can reject although the two-sided Fieller interval leaves the data.
    """
    turn = _turn(reading)
    corrected = reading.leads.turning if reading.leads is not None else None
    if turn is None or not turns(turn) or (corrected is not None and not turns(corrected)):
        return "unknown"
    low, high = turn.fieller_low, turn.fieller_high
    within = low is not None and high is not None and turn.low <= low and high <= turn.high
    return "" if within else "outside"


def _shape_holds(results: StudyResults) -> bool:
    """Return whether the curve is established: by the verdict on the inverted U, or by the U-test for a U."""
    verdict = next((v for v in results.verdicts if v.about == "inverted_u"), None)
    curve = curve_of_benchmark(results)
    if verdict is not None and curve is not None and curve.test.shape == "inverted U":
        return verdict.outcome == "supported"
    return turn_established(curve)


def _answer_of_measures(results: StudyResults) -> str:
    index, quality = results.index, results.quality_alone
    sentences = list[str]()
    ends = _ends(index)
    if ends is not None:
        sentences += _change_said(index, *ends)
    elif index.there:
        sentences.append(say("brief.answer-index", regions=str(index.n_regions)))
    if quality is not None:
        sentences.append(say("brief.answer-quality", rows=quality.rows, products=quality.products))
    return listed(sentences, "sentences") if sentences else ""


def _ends(index: Index) -> tuple[TrendPoint, TrendPoint] | None:
    """Return the first and the last year of the national series; None without two years."""
    points = sorted((p for p in index.trend if p.series == "nation"), key=lambda p: p.year)
    known = [p for p in points if math.isfinite(p.integration)]
    return (known[0], known[-1]) if len(known) > 1 else None


def _change_said(index: Index, first: TrendPoint, last: TrendPoint) -> list[str]:
    """Return sentences on the change of the mean index, its interval, and the change of segmentation."""
    rose = last.integration > first.integration
    of_segmentation = index.by_prices and index.transform == "none"
    values = {
        "regions": str(index.n_regions),
        "first": str(first.year),
        "low": placed(first.integration),
        "last": str(last.year),
        "high": placed(last.integration),
    }
    name = "segmentation" if of_segmentation else "index"
    sentences: list[str] = [say(f"brief.answer-{name}-{'rose' if rose else 'fell'}", **values)]
    change = index.change
    if change is None:
        sentences.append(say("brief.no-interval-of-change" if index.by_prices else "brief.no-error-of-index"))
    else:
        size = by_interval(change.conf_low, change.conf_high)
        ends = {"low": size(change.conf_low), "high": size(change.conf_high)}
        sentences.append(say("brief.interval-of-change", change=size(change.estimate), **ends))
    if index.by_prices and not of_segmentation and first.segmentation > 0 and math.isfinite(last.segmentation):
        share = last.segmentation / first.segmentation - 1
        key = "brief.segmentation-fell" if share < 0 else "brief.segmentation-rose"
        sentences.append(say(key, share=percent(abs(share), 0)))
    return sentences


def _is_too_noisy(results: StudyResults) -> bool:
    """Return whether a correction for noise was tried and could not be made."""
    noise = results.noise
    if noise is None or not of_the_index(results) or not noise.was_corrected or not noise_matters(results):
        return False
    return bool(noise.uncorrected) or noise.halves is None or not noise.halves.identified


def _move(reading: Reading) -> _Move | None:
    """Return the effect of the move in standard deviations of the outcome; corrected for noise where it leads."""
    results, corrected = reading.results, reading.leads
    column = headline(results)
    x = treatment_terms(column)[0] if column is not None and treatment_terms(column) else ""
    if column is None or not x:
        return None
    fit = column.headline
    moved: Estimated | None = corrected.move if corrected is not None else effect_of_move(fit, fit, x)
    spread = fit.deviations.get(fit.outcome)
    if moved is None or not spread:
        return None
    noise = "counted" if corrected is not None else "ignored" if noise_matters(results) else ""
    low, high = sorted((moved.low / spread, moved.high / spread))
    return _Move(moved.name, moved.start, moved.end, moved.estimate / spread, low, high, noise)


def _cell_of_change(reading: Reading) -> Cell | None:
    return None if reading.leads is not None else cells.of_size(reading.results, "in_s_d")


def _turn(reading: Reading) -> UTest | None:
    """Return the U-test whose turning point the brief reports: corrected for noise where that leads."""
    column, corrected = headline(reading.results), reading.leads
    if column is None or column.u_test is None:
        return None
    if corrected is None:
        return column.u_test
    return corrected.turning if corrected.turning is not None and turns(corrected.turning) else column.u_test


def corrected_curve(reading: Reading) -> tuple[FitResult, UTest] | None:
    """Return the fit and the turning point corrected for noise, if the brief reports them; None if it does not.

    The fit has the distribution of the treatment in the headline's rows, over which its curve is drawn.
    """
    column, corrected, turn = headline(reading.results), reading.leads, _turn(reading)
    if column is None or corrected is None or turn is None or turn is column.u_test:
        return None
    return replace(corrected.fit, spreads=column.headline.spreads), turn


def _cells_of_turn(reading: Reading) -> tuple[Cell | None, Cell | None]:
    """Return the cells that print the reported turning point and its set."""
    results, corrected = reading.results, reading.leads
    column = headline(results)
    if corrected is not None and column is not None and _turn(reading) is not column.u_test:
        return cell_of_way(results, corrected.way, "turning_point"), cell_of_way(results, corrected.way, "fieller")
    return cells.of_headline(results, "turning_point"), cells.of_headline(results, "fieller")


def numbers(reading: Reading) -> list[KeyNumber]:
    """Return the four numbers of the brief: effect, turning point, share beyond it, and N with the clusters.

    The turning point and the share are left out without a curve, and the share also if no turn is established. A study
    without a regression has the numbers of its measures (`headline.numbers_of_measures`).
    """
    results = reading.results
    column = headline(results)
    if column is None:
        return numbers_of_measures(results)
    several = list[KeyNumber]()
    moved, turn, fit = _move(reading), _turn(reading), column.headline
    if moved is not None:
        name = "brief.effect-deviation" if moved.name == "one s.d." else "brief.effect-quartiles"
        if turn is not None and turns(turn) and moved.start < turn.turning_point < moved.end:
            name = "brief.effect-across"
        value = say("brief.estimate-and-interval", **_sized(moved))
        words = {"treatment": word_of_treatment(results), "outcome": word_of_outcome(results)}
        several.append(KeyNumber("change_sd", say(name, **words), value))
    if turn is not None:
        established = turn_established(curve_of_benchmark(results))
        name = "headline.turning-point" if established else "headline.vertex"
        value = say("brief.point-and-set", point=placed(turn.turning_point), interval=fieller_text(turn))
        several.append(KeyNumber("turning", say(name), value))
        if established and turns(turn):
            several.append(KeyNumber("share_past", say("brief.share-past"), percent(_share_past(reading, turn))))
    counts = [clusters_by(name, count) for name, count in fit.clusters.items()]
    size = say("brief.n-and-clusters", n=fit.nobs, clusters=listed(counts, "and")) if counts else f"{fit.nobs:,}"
    several.append(KeyNumber("N", say("headline.observations"), size))
    return [number for number in several if number.value]


def _share_past(reading: Reading, turn: UTest) -> float | None:
    """Return the share of the headline's rows beyond the reported turning point; None without an inverted U."""
    corrected = corrected_curve(reading)
    if corrected is None:
        return turn.share_past
    return u_test(corrected[0], turn.variable, low=turn.low, high=turn.high).share_past


def cell_of_number(reading: Reading, key: str) -> Cell | None:
    """Return the cell that prints a number of the brief; None if no table prints it."""
    if key == "change_sd":
        return _cell_of_change(reading)
    if key == "turning":
        return _cells_of_turn(reading)[0]
    return None if key == "share_past" and corrected_curve(reading) else cells.of_headline(reading.results, key)


def _sized(moved: _Move) -> dict[str, str]:
    """Return an effect and the ends of its interval as texts with two decimals, or more if the interval needs them."""
    size = shared([moved.low, moved.high], [(moved.high - moved.low) / 2], 2)
    return {"estimate": size(moved.estimate), "low": size(moved.low), "high": size(moved.high)}


def strongest(reading: Reading) -> str:
    """Return the strongest objection to the headline in one short sentence; empty if no check gives one."""
    found = _objection(reading)
    return say("brief.sentence", text=found) if found else ""


def labelled_objection(reading: Reading) -> str:
    """Return the strongest objection in sentences that say what it is; empty if no check gives one.

    If it is noise in the index, a second sentence says whether the numbers of the brief are corrected for it.
    """
    found = _objection(reading)
    if not found:
        return ""
    sentence = say("brief.strongest", text=found)
    if not reading.findings or reading.findings[0].kind != "noise":
        return sentence
    return listed([sentence, _correction_said(reading)], "sentences")


def _correction_said(reading: Reading) -> str:
    """Return a sentence on whether the main numbers are corrected for noise in the index."""
    if reading.leads is None:
        return say("brief.noise-not-corrected")
    if _turn(reading) is None:
        return say("brief.noise-corrected-change")
    return say("brief.noise-corrected" if corrected_curve(reading) else "brief.noise-corrected-in-part")


def _objection(reading: Reading) -> str:
    findings: Sequence[str] = [one.sentence for one in reading.findings]
    if headline(reading.results) is None:
        findings = against_the_measures(reading.results)
    return shortened(findings[0]) if findings else ""


def shortened(sentence: str) -> str:
    """Return the short form of a finding: ``brief.NAME`` for ``against.NAME``; without one, the sentence itself."""
    if not isinstance(sentence, Said):
        return sentence
    key = f"brief.{sentence.key.partition('.')[2]}"
    return from_record(as_record(sentence) | {"id": key}) if is_message(key) else sentence.rstrip(".。")


def rows(reading: Reading) -> list[VerdictRow]:
    """Return one row for each verdict of the study, in their order."""
    objection, lines = _objection(reading), list[VerdictRow]()
    for v in reading.results.verdicts:
        reason = _reason(v, objection, reading)
        if objection and reason == objection:  # the brief writes it out beside the table
            reason = say("brief.same")
        lines.append(
            VerdictRow(
                v.hypothesis,
                v.statement,
                v.outcome,
                outcome_word(v.outcome),
                deciding(v),
                reason,
                _by_the_paper(v, reading.results),
            )
        )
    return lines


def _by_the_paper(verdict: Verdict, results: StudyResults) -> str:
    """Return yes or no by the paper's criterion; a dash for a claim that the paper does not make."""
    if not results.of_the_paper:
        return ""
    claimed = by_sign_and_stars(verdict, results)
    return say("brief.no-p") if claimed is None else say("regression.yes" if claimed else "regression.no")


def _is_p(part: Part) -> bool:
    return part.key not in NO_P and part.value is not None and 0 <= part.value <= 1


def _decisive(verdict: Verdict) -> Part | None:
    """Return the condition that decides a verdict.

    Rule: the condition with the largest p-value, among all if the claim stands, otherwise among those that fail. If no
    failing condition has a p-value, the first one.
    """
    stands = verdict.outcome in ("supported", "contradicted")
    parts = [p for p in verdict.parts if p.holds is stands]
    largest = max(filter(_is_p, parts), key=lambda p: p.value or 0.0, default=None)
    return largest if largest is not None or stands or not parts else parts[0]


def deciding(verdict: Verdict) -> str:
    """Return what decides a verdict as text: the p-value of the deciding condition (`_decisive`), as ``p = 0.0161``.

    If that condition has no p-value, return what it compares (the sign of the square, the direction of a channel, a
    rule of the study file); a dash if no condition was tested, or if the verdict is inconclusive.
    """
    part = _decisive(verdict)
    if part is not None and _is_p(part):
        return p_equals(part.value)
    untested = all(p.holds is None for p in verdict.parts)
    if untested or verdict.outcome == "cannot be told":  # the conditions may all hold with the uncorrected index
        return say("brief.no-p")
    key = "" if part is None else slug(part.key).replace("_", "-")
    return say(f"brief.decided-{key}" if is_message(f"brief.decided-{key}") else "brief.decided-rule")


def _reason(verdict: Verdict, objection: str, reading: Reading) -> str:
    """Return why a claim is not supported or, for a claim that is, the strongest objection to it."""
    if is_wrong(verdict):
        return say("brief.true-in-simulation" if verdict.truth else "brief.false-in-simulation")
    if verdict.outcome == "not tested":
        left_out = isinstance(verdict.sentence, Said) and verdict.sentence.key == "verdicts.not-estimated"
        return say("brief.not-estimated" if left_out else "brief.not-tested")
    if verdict.outcome == "cannot be told":
        return say("brief.in-capitals", text=verdict.found) if verdict.found else say("brief.cannot-be-told")
    if verdict.outcome == "not supported":
        part = _decisive(verdict)
        return say("brief.fails-rule") if part is None else _failing(part, verdict, reading.results)
    kind = verdict.about.partition(":")[0]
    if kind == "inverted_u" and verdict.outcome == "supported" and (problem := _not_located(reading)):
        return say(f"brief.poorly-located-{problem}")
    if kind in ("promotes", "acts"):
        return say("brief.assumes-no-confounder")
    if kind == "differs" and verdict.found:
        return say("brief.in-capitals", text=verdict.found)
    return objection or say("brief.nothing")


def _failing(part: Part, verdict: Verdict, results: StudyResults) -> str:
    """Return in a few words that a condition does not hold; a user's rule is only said not to be met."""
    of_groups = verdict.about.partition(":")[0] in ("differs", "stronger")
    key = "equal-wild" if of_groups and part.key == "wild" else slug(part.key).replace("_", "-")
    if is_message(f"brief.fails-{key}"):
        return say(f"brief.fails-{key}")
    if not is_message(f"brief.part-{key}"):
        return say("brief.fails-rule")
    adjusted = key == "equal" and len(results.group_family) > 1
    return say("brief.fails", test=say("brief.part-equal-adjusted" if adjusted else f"brief.part-{key}"))
