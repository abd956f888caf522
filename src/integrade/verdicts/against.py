"""Rank the evidence against the headline. Each finding rests on a test or a number of the study, and names it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, get_args

from integrade.estimate.results import by_term
from integrade.subjects.instruments.verdict import Strength, adjusted_exogeneity, rejected, strength_of, test_p
from integrade.subjects.instruments.weak_iv import Instrumented
from integrade.subjects.noise.verdict import cell_of_way, effects_of, halves_of_headline, net_text, noise_net
from integrade.subjects.quality_alone import verdict as quality_alone
from integrade.subjects.robustness.verdict import corrected_p, low_alone, rejecting, said_of_noise
from integrade.subjects.shape.verdict import Curve, curve_of_benchmark, inner_ends, wild_p
from integrade.verdicts import cells, places
from integrade.verdicts.bundle import StudyResults, of_the_index, treatment_terms
from integrade.verdicts.clustering import caution_of
from integrade.verdicts.estimates import estimates
from integrade.verdicts.headline import assuming, effective_clusters, finer_clusters, headline, turns
from integrade.verdicts.moves import effect_of_move
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import (
    dimension_word,
    good_word,
    instrument_opening,
    one_shape,
    part_word,
    place_word,
    prose_of,
)
from integrade.verdicts.parts import LEVEL
from integrade.verdicts.quoted import effective, largest_share, noise_between, reliability_text
from integrade.wording.numerals import below, fixed, p_equals, percent, shared
from plainwords.texts import Cell, listed, quoted, say

Kind = Literal["corrected", "placebo", "errors", "shape", "noise", "clusters", "estimates", "exogeneity", "omitted"]
"""Kinds of findings in the order of the report: findings that invalidate numbers first, findings that limit them last.
"""

FEW_EFFECTIVE = 20
"""With fewer effective clusters, the t statistic of a coefficient alone is not reliable (a convention)."""
SMALL_CONFOUNDER = 0.02
"""With a smaller robustness value, a weak omitted variable would remove the effect.

The value is a convention: 2% of the residual variance.
"""


class Against(NamedTuple):
    """One finding: its kind, and the sentence with its numbers."""

    kind: Kind
    sentence: str


def against(results: StudyResults) -> tuple[Against, ...]:
    """Return every finding against the headline, in the order of `Kind`; empty if no test of the study gives one."""
    return tuple(Against(kind, sentence) for kind in get_args(Kind) for sentence in FINDERS[kind](results))


MOSTLY, PARTLY = 0.5, 0.8
"""Differences between regions are called mostly noise, or partly noise, if the reliability is lower (conventions)."""
CARRIED = 0.9
"""The index is said to depend on a good if its correlation with the index without that good is lower (a convention)."""


def against_the_measures(results: StudyResults) -> list[str]:
    """Return the evidence against the index and the quality of a study without a regression."""
    quality = results.quality_alone
    return [*against_the_index(results), *([] if quality is None else quality_alone.against(quality))]


def against_the_index(results: StudyResults) -> list[str]:
    """Return the evidence against the index of a study without a regression.

    For an index made from prices the order is: reliability, sampling error, single goods, breaks, and that it averages
    over pairs. For any other index there is one sentence, that it is not made from prices.
    """
    index, situation = results.index, results.situation
    if not index.there:
        return []
    if not index.by_prices:
        return [say("headline.not-from-prices", measure=index.measure)]
    sentences = list[str]()
    if index.spearman_brown is not None and index.spearman_brown < PARTLY:
        key = "headline.mostly-noise" if index.spearman_brown < MOSTLY else "headline.partly-noise"
        sentences.append(say(key, goods=str(index.n_goods), correlation=reliability_text(index)))
    if index.noise_share is not None and index.noise_share > LEVEL:
        sentences.append(say("against.index-noise", share=noise_between(index.noise_share)))
    goods = [g for g in situation.goods if g.correlation is not None] if situation else []
    carried = min(goods, key=lambda g: (g.correlation, g.commodity), default=None)
    if carried is not None and carried.correlation is not None and carried.correlation < CARRIED:
        name = good_word(carried.commodity, results.labels)
        correlation = quoted(fixed(carried.correlation), cells.of_good(results, carried.commodity, "correlation"))
        sentences.append(say("against.index-one-good", good=name, correlation=correlation))
    if index.breaks:
        sentences.append(say("headline.breaks", breaks=listed(index.breaks, "semicolon")))
    return [*sentences, say("headline.averages-over-pairs")]


def _corrected(results: StudyResults) -> Iterator[str]:
    """Yield a doubt if the regression cannot be corrected for noise, or if the correction loses the curvature."""
    curve = curve_of_benchmark(results)
    if curve is None or not noise_matters(results):
        return
    if curve.too_noisy:
        why = "" if results.noise is None else results.noise.uncorrected
        yield say("against.not-corrected", why=why) if why else say("against.too-noisy")
        return
    if curve.corrected is None:
        return
    halves = halves_of_headline(results)
    if halves is not None and halves.kinship is not None and halves.kinship.matters:
        yield say("against.kinship")
    term = f"{curve.test.variable}^2"
    printed, corrected = curve.fit[term], curve.corrected.fit[term]
    if below(printed.p_value, LEVEL) and not below(corrected.p_value, LEVEL):
        size = shared([corrected.estimate], [corrected.std_error], 4)
        estimate, error = (cell_of_way(results, "halves", row) for row in (term, f"{term}.se"))
        yield say(
            "against.curvature-lost",
            term=prose_of(term, results.labels),
            estimate=quoted(size(corrected.estimate), estimate),
            error=quoted(size(corrected.std_error), error),
            p=p_equals(corrected.p_value),
        )


def _placebo(results: StudyResults) -> Iterator[str]:
    """Yield a doubt from the placebo tests that reject.

    If none rejects, yield a doubt from the tests whose p-value is low before adjustment.
    """
    low = low_alone(results)
    if low:
        yield say("against.placebo-low", tests=listed(low, "semicolon"))
    if open_tests := said_of_noise(results):
        yield open_tests
    tests = rejecting(results)
    if tests:
        values = {"tests": listed(tests, "semicolon")}
        if noise_matters(results) and not corrected_p(results):
            yield say("against.placebo-or-noise", **values)
        else:
            yield say("against.placebo", **values)


def _errors(results: StudyResults) -> Iterator[str]:
    """Yield a doubt on the errors: no clusters although the treatment is the index, too fine clusters, or a caution."""
    column = headline(results)
    if column is None:
        return
    fit = column.headline
    caution = caution_of(fit)
    if not fit.clusters and of_the_index(results):
        yield say("against.no-clusters")
    elif finer_clusters(results, fit):
        yield say("headline.finer-clusters", clusters=listed(list(map(dimension_word, fit.clusters)), "and"))
    elif caution is not None:
        yield caution


def _shape(results: StudyResults) -> Iterator[str]:
    """Yield doubts if the turn of the curve is not established, or tests of the shape disagree with the parabola."""
    curve, shape = curve_of_benchmark(results), results.shape
    if curve is None:
        yield from _no_slope(results)
        return
    test = curve.test
    if not below(test.p_value, LEVEL):
        key = "against.no-turn" if turns(test) else "against.no-turn-anywhere"
        yield say(key, p=quoted(p_equals(test.p_value), cells.of_headline(results, "u_test")))
        return
    name = one_shape(test.shape)
    low, high, p = _inner(curve, results)
    if not below(p, LEVEL):
        inner = quoted(p_equals(p), cells.of_inner_range(results, test.shape))
        yield say("against.inner-range", shape=name, low=low, high=high, p=inner)
    if curve.lines is not None and curve.lines.verdict != test.shape:
        yield say("against.two-lines", shape=name, lines=one_shape(curve.lines.verdict))
    wild = wild_p(curve.fit, f"{test.variable}^2")
    if wild is not None and not below(wild, LEVEL):
        square = cells.of_headline(results, f"{test.variable}^2.wild")
        yield say("against.wild", p=quoted(p_equals(wild), square))
    if shape is not None and shape.cubic is not None and below(shape.cubic.p_value, LEVEL):
        yield say("against.cube", p=quoted(p_equals(shape.cubic.p_value), Cell(places.SHAPE, 2, "cube")))


def _no_slope(results: StudyResults) -> Iterator[str]:
    """Yield a doubt if the headline has no square and its interval contains zero."""
    column = headline(results)
    x = treatment_terms(column)[0] if column is not None and treatment_terms(column) else ""
    moved = effect_of_move(column.headline, column.headline, x) if column and x in by_term(column.headline) else None
    if column is not None and moved is not None and moved.low <= 0 <= moved.high:
        outcome = prose_of(column.headline.outcome, results.labels)
        yield say("against.zero", x=prose_of(x, results.labels), outcome=outcome)


def _inner(curve: Curve, results: StudyResults) -> tuple[str, str, float]:
    """Return the ends of the inner range, and the p-value of the curve's shape in this range.

    The range is that of the question about shape if it was asked, else p5 to p95.
    """
    shape = results.shape
    if shape is not None:
        same = shape.inner.shape == curve.test.shape
        return (*shape.ends, shape.inner.p_value if same else 1.0)
    ends = inner_ends(curve)
    p = 0.0 if ends is None else ends.inverted if curve.test.shape == "inverted U" else ends.upright
    return "p5", "p95", p


def _noise(results: StudyResults) -> Iterator[str]:
    """Yield a doubt on the sampling error of the index, because this error flattens the curve."""
    share, net, column = results.index.noise_share, noise_net(results), headline(results)
    if column is None or share is None or not noise_matters(results):
        return
    if net is None or not column.headline.effects:
        yield say("against.noise", share=noise_between(share))
        return
    yield say("against.noise-net", share=net_text(results, net), effects=effects_of(column.headline))


def _clusters(results: StudyResults) -> Iterator[str]:
    """Yield a doubt if the effective number of clusters is small; it names the cluster with the largest leverage."""
    report, term = effective_clusters(results) or (None, None)
    if report is not None and term is not None and term.g_star < FEW_EFFECTIVE:
        yield say(
            "against.few-clusters",
            clusters=str(report.g),
            term=prose_of(term.term, results.labels),
            effective=effective(term),
            assuming=assuming(term),
            heaviest=place_word(term.heaviest),
            share=largest_share(term),
        )


def _exogeneity(results: StudyResults) -> Iterator[str]:
    """Yield a doubt if control functions reject that the treatment is exogenous, Holm-adjusted over the instruments.

    For each control function, the doubt says whether the instrument is weak, and whether the C statistic of the same
    hypothesis rejects. The table of instruments has their numbers.
    """
    adjusted = adjusted_exogeneity(results.instruments)
    several = sum(q is not None for q in adjusted) > 1
    low = [(i, q) for i, q in zip(results.instruments, adjusted, strict=True) if q is not None and below(q, LEVEL)]
    if not low:
        return
    each = [
        _by_control_function(results, i, i.control.exogeneity.p_value, q if several else None)
        for i, q in low
        if i.control
    ]
    key = "against.exogeneity-or-noise" if noise_matters(results) else "against.exogeneity"
    yield say(key, tests=listed(each, "semicolon"))


def _by_control_function(results: StudyResults, instrument: Instrumented, p: float, adjusted: float | None) -> str:
    """Return text with the p-value of one instrument's control function, and what the other tests say."""
    cell = cells.of_instrument(results, instrument, "control_function")
    text = quoted(p_equals(p if adjusted is None else adjusted), cell)
    values = {
        "instrument": instrument_opening(instrument.builder, instrument.title),
        "p": text if adjusted is None else say("answers.holm", p=text),
    }
    further = list[str]()
    strength, c = _strength(instrument), None if instrument.weak is None else instrument.weak.c_p
    if strength is not None and strength.weak:
        further.append(say("against.weak"))
    if c is not None and not math.isnan(c):
        further.append(say("against.c-rejects" if below(c, LEVEL) else "against.c-does-not-reject"))
    if not further:
        return say("against.by-control-function", **values)
    return say("against.by-control-function-and-further", **values, further=listed(further, "semicolon"))


def _strength(instrument: Instrumented) -> Strength | None:
    """Return the F of the instrument's first stage and the value that it should exceed; None if either is missing."""
    fit = instrument.estimates.get("2SLS") or (instrument.weak.fit if instrument.weak else None)
    strength = None if fit is None else strength_of(fit)
    return strength if strength is not None and strength.needed is not None else None


def inconclusive(results: StudyResults) -> list[str]:
    """Describe instruments too weak to support or contradict the headline, and the inference that is still valid.

    The F in the table of instruments decides whether an instrument is weak. The Anderson-Rubin test, which is valid at
    any strength, is reported with it.
    """
    sentences = list[str]()
    for instrument in results.instruments:
        strength, weak = _strength(instrument), instrument.weak
        if strength is None or not strength.weak:
            continue
        title = instrument_opening(instrument.builder, instrument.title)
        values = {"f": cells.f_text(results, instrument, strength), "critical": f"{strength.needed:.4g}"}
        sentence: str = say(f"against.weak-by-{strength.kind}-f", instrument=title, **values)
        if weak is not None:
            key = "against.anderson-rubin-rejects" if rejected(weak) else "against.anderson-rubin-does-not"
            cell = cells.of_instrument(results, instrument, "anderson_rubin_test_all_endogenous")
            sentence = listed([sentence, say(key, p=quoted(p_equals(test_p(weak)), cell))], "sentences")
        sentences.append(sentence)
    return sentences


def _omitted(results: StudyResults) -> Iterator[str]:
    """Yield a doubt if a weak omitted variable would be enough to remove the effect."""
    clearest = results.sensitivity.clearest if results.sensitivity else None
    if clearest is not None and clearest.robustness_value < SMALL_CONFOUNDER:
        value = quoted(percent(clearest.robustness_value), cells.of_confounder(results, "robustness_value"))
        yield say("against.omitted", value=value, taken=part_word(clearest.q))


FINDERS: dict[Kind, Callable[[StudyResults], Iterator[str]]] = {
    "corrected": _corrected,
    "placebo": _placebo,
    "errors": _errors,
    "shape": _shape,
    "noise": _noise,
    "clusters": _clusters,
    "estimates": estimates,
    "exogeneity": _exogeneity,
    "omitted": _omitted,
}
