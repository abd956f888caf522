"""The ways to the coefficients on a noisy index, what each leaves of the truth, and which interval holds the noise."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from integrade.estimate.inverted_u import UTest, percentile_of, u_test
from integrade.estimate.results import FitResult, by_term
from integrade.subjects.noise.oriv import NoiseStudy
from integrade.verdicts.bundle import StudyResults, of_the_index, treatment_terms
from integrade.verdicts.headline import assuming, effective_clusters, headline
from integrade.verdicts.moves import Estimated, effect_of_move, estimated
from integrade.verdicts.naming import dimension_word, term_word
from integrade.wording.numerals import coverage_text, fixed, noise_text, percent
from integrade.wording.texts import listed, say

WayOfNoise = Literal["simex_goods", "oriv", "simex_independent", "none"]
CERTIFIED_REGIONS = 31
"""Regions of the simulated designs, all with as many firms; intervals there are CR3 by region."""
NEAR_REGIONS, NEAR_GOODS, NEAR_BEND = 1.5, 2.0, 0.2
"""How unlike a study may be for a design to be quoted: a factor of regions, one of goods, a difference of bends."""


class Way(NamedTuple):
    """One way to the coefficients: its heading and fit."""

    heading: str
    fit: FitResult


def ways(found: NoiseStudy) -> list[Way]:
    """As it is, ORIV, SIMEX, and on the true index of a simulated economy."""
    true = [Way(say("ways.true-index"), found.on_true_index)] if found.on_true_index else []
    own = [Way(say("ways.as-measured"), found.naive)]
    own += [Way(say("ways.oriv"), found.oriv.fit)] if found.oriv else []
    own += [Way(say("ways.simex"), found.simex.corrected)] if found.simex else []
    return [*true, *own]


def turning(found: NoiseStudy, fit: FitResult) -> UTest | None:
    """The U-test of one way between the outermost places; nothing without a square."""
    x = found.variable
    if not {x, f"{x}^2"} <= set(by_term(fit)) or len(found.places) < 2:
        return None
    return u_test(fit, x, low=found.places[0][1], high=found.places[-1][1])


def slope_at(fit: FitResult, x: str, value: float) -> tuple[float, float]:
    """b1 + 2 b2 value and its standard error."""
    b1, b2 = by_term(fit)[x].estimate, by_term(fit)[f"{x}^2"].estimate
    variance = fit.covariance(x, x) + 4 * value * fit.covariance(x, f"{x}^2")
    variance += 4 * value * value * fit.covariance(f"{x}^2", f"{x}^2")
    return b1 + 2 * b2 * value, math.sqrt(max(variance, 0.0))


def shares_of_truth(found: NoiseStudy, term: str) -> dict[str, float]:
    """Each way's coefficient over that on the true index, by heading."""
    if found.on_true_index is None:
        return {}
    truth = by_term(found.on_true_index)[term].estimate
    own = [c for c in ways(found) if c.fit is not found.on_true_index]
    return {c.heading: by_term(c.fit)[term].estimate / truth for c in own if term in by_term(c.fit) and truth}


@dataclass(frozen=True)
class Coverage:
    """How often intervals of a method covered the truth in the nearest simulated design (docs/certification.md).

    ``slopes`` is the smallest of the shares at p10, p50 and p90, ``move`` that of the effect of p25 to p75, ``turning``
    that of the turning point; ``goods``, ``curvature`` and ``bend`` (1 for a curve that turns between p10 and p90) say
    the design, ``draws`` its samples.
    """

    goods: int
    curvature: float
    bend: float
    draws: int
    slopes: float
    move: float
    turning: float


@dataclass(frozen=True)
class IntervalWithNoise:
    """The size of the effect with an interval that contains the sampling error of the index, or the headline's.

    ``way``: simex_goods (goods drawn, so regions share the error), oriv (halves of the goods), simex_independent
    (errors of region-years drawn one by one: what regions share is left out) or none (the index is taken as known).
    ``estimate``, ``low`` and ``high`` are the effect of moving from the 25th to the 75th percentile, or by one standard
    deviation where the formula has no square; ``slopes`` and ``turning`` come from the same ``fit``. ``noise_share`` is
    the share of the variation between regions in a year that is sampling error, missing where the index has no goods;
    ``noise_net`` that of the variation net of the headline's effects, missing without SIMEX. ``covered``: what
    simulation says of this way, ``own_covered`` what of intervals that take the index as known. ``sentence`` says in a
    line which interval this is, how large the noise is, and how often such intervals held the effect of the move.
    """

    way: WayOfNoise
    move: Estimated
    slopes: tuple[Estimated, ...]
    turning: UTest | None
    noise_share: float | None
    noise_net: float | None
    covered: Coverage | None
    own_covered: Coverage | None
    fit: FitResult
    sentence: str

    @property
    def estimate(self) -> float:
        """The effect of the move."""
        return self.move.estimate

    @property
    def low(self) -> float:
        """Lower end of its 95 % interval."""
        return self.move.low

    @property
    def high(self) -> float:
        """Upper end of its 95 % interval."""
        return self.move.high

    @property
    def contains_noise(self) -> bool:
        """Whether the interval contains the noise that regions share."""
        return self.way in ("simex_goods", "oriv")


def interval_with_noise(results: StudyResults) -> IntervalWithNoise | None:
    """Which interval of the size of the effect contains the index's noise; nothing without a benchmark.

    The first that was made of: SIMEX with goods drawn, ORIV, SIMEX with independent errors, the headline's own. The
    place is that of the headline's sample, so that the ways differ in their coefficients alone.
    """
    column = headline(results)
    if column is None or not treatment_terms(column):
        return None
    x = treatment_terms(column)[0]
    way, fit = _chosen(results.noise, x, column.headline)
    move = effect_of_move(fit, column.headline, x)
    if move is None:
        return None
    slopes = _slopes(fit, column.headline, x)
    turn = _turning(fit, column.headline, x)
    own, net = of_the_index(results), noise_net(results)
    share = results.index.noise_share if own else None
    certain = own and like_certified(column.headline)
    covered, own_covered = (
        how_often_covered(one, results.index.n_goods, slopes) if certain else None for one in (way, "none")
    )
    said = _as_measured(move)
    if own or way != "none":
        parts: list[str] = [say(SENTENCES[way], low=fixed(move.low, 4), high=fixed(move.high, 4))]
        parts += _share_said(share, net, column.headline, known=way != "none")
        parts += _covered_said(covered, None if way == "none" else own_covered, results) if covered else []
        said = listed(parts, "sentences")
    return IntervalWithNoise(way, move, slopes, turn, share, net, covered, own_covered, fit, said)


def noise_net(results: StudyResults) -> float | None:
    """The share of noise in the index net of the headline's effects (`Simex.noise_share`).

    Nothing without SIMEX on the headline's own formula and rows.
    """
    found, column = results.noise, headline(results)
    if found is None or found.simex is None or column is None:
        return None
    own, same = column.headline, found.simex.naive
    alike = (own.formula, own.nobs) == (same.formula, same.nobs)
    return found.simex.noise_share if alike and found.variable in treatment_terms(column) else None


def effects_of(fit: FitResult) -> str:
    """``firm and year``: the effects of a fit, for a sentence."""
    return listed([dimension_word(e.name) for e in fit.effects], "and")


def _chosen(found: NoiseStudy | None, x: str, own: FitResult) -> tuple[WayOfNoise, FitResult]:
    """The first way that was gone, with its fit."""
    if found is None or found.variable != x:
        return "none", own
    simex = found.simex if found.simex and not math.isnan(by_term(found.simex.corrected)[x].std_error) else None
    if simex and simex.errors == "goods":
        return "simex_goods", simex.corrected
    if found.oriv:
        return "oriv", found.oriv.fit
    return ("simex_independent", simex.corrected) if simex else ("none", own)


def _slopes(fit: FitResult, own: FitResult, x: str) -> tuple[Estimated, ...]:
    if f"{x}^2" not in by_term(fit) or not any(s.variable == x for s in own.spreads):
        return ()
    places = {f"p{p}": percentile_of(own, x, p) for p in (10, 50, 90)}
    return tuple(estimated(fit, {x: 1.0, f"{x}^2": 2 * v}, name, v, v) for name, v in places.items())


def _turning(fit: FitResult, own: FitResult, x: str) -> UTest | None:
    """The U-test of the way on the range of the headline's sample; nothing without a square."""
    spread = next((s for s in own.spreads if s.variable == x), None)
    if spread is None or f"{x}^2" not in by_term(fit):
        return None
    return u_test(fit, x, low=spread.low, high=spread.high)


def like_certified(own: FitResult) -> bool:
    """Whether simulated coverage speaks of the headline's kind of interval.

    Rule: CR3 clustered by region alone, and the regions are no more than 1.5 times as many or as few as the 31 of the
    simulation (21 to 46). That regions there are of equal size, and how many effective clusters there are here, is said
    beside the numbers.
    """
    if own.kind != "CR3" or set(own.clusters) != {"region"}:
        return False
    return abs(math.log(own.clusters["region"] / CERTIFIED_REGIONS)) <= math.log(NEAR_REGIONS)


def how_often_covered(way: WayOfNoise, goods: int, slopes: tuple[Estimated, ...]) -> Coverage | None:
    """The simulated coverage of the way in the nearest design: nearest in goods, then in how bent the curve is.

    Bent: |s10 - s90| / (|s10| + |s90|), 0 for a line and 1 for a curve that turns between p10 and p90. Nothing without
    slopes at both, for simulations hold parabolas; and nothing where the nearest design is not near: more than twice or
    less than half as many goods, or a bend that differs by more than 0.2.
    """
    at = {s.name: s.estimate for s in slopes}
    size = abs(at.get("p10", 0.0)) + abs(at.get("p90", 0.0))
    of_way = [d for d in certified() if d.way == way]
    if not of_way or not size or goods < 1:
        return None
    bent = abs(at["p10"] - at["p90"]) / size
    near = min(of_way, key=lambda d: (abs(math.log(d.goods / goods)), abs(d.bend - bent)))
    if abs(math.log(near.goods / goods)) > math.log(NEAR_GOODS) or abs(near.bend - bent) > NEAR_BEND:
        return None
    smallest = min(near.p10, near.p50, near.p90)
    return Coverage(near.goods, near.curvature, near.bend, near.draws, smallest, near.move, near.turning)


class Certified(NamedTuple):
    """A way in a simulated design: shares of intervals that covered the truth, by quantity."""

    way: str
    goods: int
    curvature: float
    bend: float
    draws: int
    p10: float
    p50: float
    p90: float
    move: float
    turning: float


@cache
def certified() -> tuple[Certified, ...]:
    """Simulated coverage by way and design, as benchmarks/certify_noise.py wrote it."""
    text = (files("integrade.subjects.noise") / "noise_coverage.json").read_text(encoding="utf-8")
    return tuple(Certified(**one) for one in json.loads(text))


WAYS: Mapping[WayOfNoise, str] = {
    "simex_goods": "ways.simex",
    "simex_independent": "ways.simex",
    "oriv": "ways.oriv",
    "none": "ways.as-measured",
}
SENTENCES: Mapping[WayOfNoise, str] = {
    "simex_goods": "noise_interval.simex-goods",
    "oriv": "noise_interval.oriv",
    "simex_independent": "noise_interval.simex-independent",
    "none": "noise_interval.none",
}


def _as_measured(move: Estimated) -> str:
    """Of a treatment that is not the index."""
    return say("noise_interval.as-measured", low=fixed(move.low, 4), high=fixed(move.high, 4))


def _share_said(share: float | None, net: float | None, own: FitResult, *, known: bool) -> list[str]:
    """How large the noise is: net of the headline's effects where that is known, else between regions in a year."""
    if share is None:
        return [] if known else [say("noise_interval.share-unknown")]
    between = noise_text(share)
    if net is None:
        return [say("noise_interval.share", share=between)]
    if not own.effects:
        return [say("noise_interval.share-of-all", share=noise_text(net), between=between)]
    return [say("noise_interval.share-net", share=noise_text(net), effects=effects_of(own), between=between)]


def _points(share: float, draws: int) -> str:
    """The standard error of a share of simulated samples, in percentage points.

    Formula (Agresti and Coull 1998): sqrt(p (1 - p) / (n + 4)), p = (n share + 2) / (n + 4), so that 0 and 1 have one.
    """
    p = (draws * share + 2) / (draws + 4)
    return fixed(100 * math.sqrt(p * (1 - p) / (draws + 4)), 1)


def _covered_said(covered: Coverage, own_covered: Coverage | None, results: StudyResults) -> list[str]:
    """How often intervals held the effect of the move, with the noise and without, in which design; clusters here."""
    ratio = (1 - covered.bend) / (1 + covered.bend)
    turns = covered.bend >= 1
    curve = say("noise_interval.turns") if turns else say("noise_interval.flattens", ratio=percent(ratio, 0))
    values = {
        "goods": str(covered.goods),
        "regions": str(CERTIFIED_REGIONS),
        "curve": curve,
        "draws": str(covered.draws),
        "move": coverage_text(covered.move),
        "error": _points(covered.move, covered.draws),
    }
    said: list[str] = [
        say("noise_interval.how-often-covered", **values)
        if own_covered is None
        else say(
            "noise_interval.how-often-covered-and-own",
            **values,
            own=coverage_text(own_covered.move),
            own_error=_points(own_covered.move, own_covered.draws),
        )
    ]
    index = results.index
    if (index.n_goods, index.n_regions) != (covered.goods, CERTIFIED_REGIONS):
        said.append(say("noise_interval.own-design", goods=str(index.n_goods), regions=str(index.n_regions)))
    found, own = effective_clusters(results) or (None, None)
    if found is not None and own is not None and found.cluster == "region":
        here = {"clusters": str(found.g), "term": term_word(own.term, results.labels), "assuming": assuming(own)}
        said.append(say("noise_interval.effective-here", **here, effective=fixed(own.g_star, 1)))
    return said


def others_covered(told: IntervalWithNoise) -> str | None:
    """How often intervals of slopes and turning points covered the truth, with the noise and without."""
    if told.covered is None or told.own_covered is None:
        return None
    values = {"slopes": coverage_text(told.covered.slopes), "turning": coverage_text(told.covered.turning)}
    if told.way == "none":
        return say("noise_interval.others-covered", **values)
    own = {"own_slopes": coverage_text(told.own_covered.slopes), "own_turning": coverage_text(told.own_covered.turning)}
    return say("noise_interval.others-covered-and-own", **values, **own)
