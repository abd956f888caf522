"""Compare estimates on a noisy index with the truth, and choose the interval that accounts for the noise."""

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
from integrade.subjects.noise.records import NoiseStudy
from integrade.verdicts import cells, places
from integrade.verdicts.bundle import StudyResults, of_the_index, treatment_terms
from integrade.verdicts.headline import assuming, effective_clusters, headline
from integrade.verdicts.moves import Estimated, effect_of_move, estimated
from integrade.verdicts.naming import dimension_word, term_word
from integrade.verdicts.quoted import effective, noise_between
from integrade.wording.numerals import coverage_text, fixed, noise_text, percent
from plainwords.texts import Cell, listed, quoted, say

WayOfNoise = Literal["halves", "simex_goods", "simex_independent", "none"]
CERTIFIED_REGIONS = 31
"""Number of regions in the simulated designs. The regions have equally many firms; intervals are CR3 by region."""
NEAR_REGIONS, NEAR_GOODS, NEAR_BEND = 1.5, 2.0, 0.2
"""A simulated design is quoted if it differs from the study by at most these values.

They are a factor for the number of regions, a factor for the number of goods, and a difference of bends (conventions).
"""


class Way(NamedTuple):
    """One way to estimate the coefficients: its heading and fit."""

    heading: str
    fit: FitResult


def ways(found: NoiseStudy) -> list[Way]:
    """Return the ways that were estimated: as measured, corrected, and on the true index of a simulated economy."""
    true = [Way(say("ways.true-index"), found.on_true_index)] if found.on_true_index else []
    estimated_ways = [Way(say("ways.as-measured"), found.naive)]
    estimated_ways += [Way(say("ways.halves"), found.halves.fit)] if found.halves and found.halves.identified else []
    estimated_ways += [Way(say("ways.simex"), found.simex.corrected)] if found.simex else []
    return [*true, *estimated_ways]


def cell_of_way(results: StudyResults, way: WayOfNoise, row: str) -> Cell | None:
    """Return the cell of the table of corrections in one row and the column of a way.

    Returns None if the way was not estimated.
    """
    return None if results.noise is None else cell_under(results.noise, say(WAYS[way]), row)


def cell_under(found: NoiseStudy, heading: str, row: str) -> Cell | None:
    """Return the cell of the table of corrections in one row and the column with a heading.

    Returns None if no column has the heading.
    """
    headings = [one.heading for one in ways(found)]
    return Cell(places.NOISE, headings.index(heading) + 1, row) if heading in headings else None


def turning(found: NoiseStudy, fit: FitResult) -> UTest | None:
    """Return the U-test of one way between the lowest and the highest percentile in ``places``.

    Returns None without a square, or with fewer than two percentiles.
    """
    x = found.variable
    if not {x, f"{x}^2"} <= set(by_term(fit)) or len(found.places) < 2:
        return None
    return u_test(fit, x, low=found.places[0][1], high=found.places[-1][1])


def slope_at(fit: FitResult, x: str, value: float) -> tuple[float, float]:
    """Return b1 + 2 b2 value and its standard error."""
    b1, b2 = by_term(fit)[x].estimate, by_term(fit)[f"{x}^2"].estimate
    variance = fit.covariance(x, x) + 4 * value * fit.covariance(x, f"{x}^2")
    variance += 4 * value * value * fit.covariance(f"{x}^2", f"{x}^2")
    return b1 + 2 * b2 * value, math.sqrt(max(variance, 0.0))


def shares_of_truth(found: NoiseStudy, term: str) -> dict[str, float]:
    """Return, by heading, each way's coefficient divided by the coefficient on the true index."""
    if found.on_true_index is None:
        return {}
    truth = by_term(found.on_true_index)[term].estimate
    estimated_ways = [c for c in ways(found) if c.fit is not found.on_true_index]
    return {
        c.heading: by_term(c.fit)[term].estimate / truth for c in estimated_ways if term in by_term(c.fit) and truth
    }


@dataclass(frozen=True)
class Coverage:
    """The share of a method's intervals that covered the truth in the nearest simulated design (docs/certification.md).

    ``slopes`` is the smallest of the shares at p10, p50 and p90. ``move`` is the share for the effect of a move from
    p25 to p75, and ``turning`` the share for the turning point. ``goods``, ``curvature`` and ``bend`` (1 for a curve
    that turns between p10 and p90) describe the design. ``draws`` is its number of samples.
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
    """The size of the effect with an interval that accounts for the sampling error of the index.

    If no such interval was estimated, it is the headline's own.

    ``way`` is the method of the interval. ``halves`` uses halves of the goods. With ``simex_goods``, goods are drawn,
    so regions share the error. With ``simex_independent``, errors of region-years are drawn independently, which leaves
    out the error that regions share. ``none`` takes the index as known. ``estimate``, ``low`` and ``high`` are the
    effect of moving from the 25th to the 75th percentile, or by one standard deviation if the formula has no square;
    ``slopes`` and ``turning`` come from the same ``fit``. ``noise_share`` is the share of sampling error in the
    variation between regions in a year; it is missing if the index is not made of goods. ``noise_net`` is the share of
    sampling error in the variation net of the headline's effects; it is missing without SIMEX. ``covered`` is the
    simulated coverage of this way, ``own_covered`` the coverage of intervals that take the index as known. ``sentence``
    names the interval, the size of the noise, and how often such intervals contained the effect; ``reasons`` are its
    parts without the interval.
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
    reasons: tuple[str, ...] = ()

    @property
    def estimate(self) -> float:
        """Effect of the move on the outcome."""
        return self.move.estimate

    @property
    def low(self) -> float:
        """Lower end of the effect's 95 % interval."""
        return self.move.low

    @property
    def high(self) -> float:
        """Upper end of the effect's 95 % interval."""
        return self.move.high

    @property
    def contains_noise(self) -> bool:
        """True if the interval accounts for the noise that regions share."""
        return self.way in ("halves", "simex_goods")


def interval_with_noise(results: StudyResults) -> IntervalWithNoise | None:
    """Return the size of the effect with an interval that accounts for the noise.

    Returns None without a benchmark, or if its treatment has no coefficient or no move.

    It uses the first available of these: halves of the goods, SIMEX with goods drawn, SIMEX with independent errors,
    the headline's own interval. If the halves agree too little to correct the regression, it is the headline's own:
    SIMEX fails first where noise is large. The effect is evaluated on the headline's sample, so that the ways differ
    only in their coefficients.
    """
    column = headline(results)
    if column is None or not treatment_terms(column):
        return None
    x = treatment_terms(column)[0]
    way, fit = _chosen(results.noise, x, column.headline)
    move = effect_of_move(fit, column.headline, x)
    if move is None:
        return None
    slopes, turn = tuple[Estimated, ...](), None
    spread = next((s for s in column.headline.spreads if s.variable == x), None)
    if spread is not None and f"{x}^2" in by_term(fit):
        percentiles = {f"p{p}": percentile_of(column.headline, x, p) for p in (10, 50, 90)}
        slopes = tuple(estimated(fit, {x: 1.0, f"{x}^2": 2 * v}, name, v, v) for name, v in percentiles.items())
        turn = u_test(fit, x, low=spread.low, high=spread.high)
    is_index, net = of_the_index(results), noise_net(results)
    share = results.index.noise_share if is_index else None
    certain = is_index and like_certified(column.headline)
    covered, own_covered = (
        how_often_covered(way_asked, results.index.n_goods, slopes) if certain else None for way_asked in (way, "none")
    )
    at = cells.of_size(results, "95_interval") if way == "none" else cell_of_way(results, way, "move.interval")
    ends = {"low": quoted(fixed(move.low, 4), at), "high": quoted(fixed(move.high, 4), at)}
    sentence, reasons = say("noise_interval.as-measured", **ends), tuple[str, ...]()  # of a treatment not the index
    if is_index or way != "none":
        parts: list[str] = [say(SENTENCES[way], **ends)]
        parts += _share_said(results, share, net, column.headline, known=way != "none")
        parts += _covered_said(way, covered, None if way == "none" else own_covered, results) if covered else []
        sentence, reasons = listed(parts, "sentences"), tuple(parts[1:])
    return IntervalWithNoise(way, move, slopes, turn, share, net, covered, own_covered, fit, sentence, reasons)


def noise_net(results: StudyResults) -> float | None:
    """Return the share of noise in the index net of the headline's effects (`Simex.noise_share`).

    Returns None without SIMEX on the headline's own formula and rows.
    """
    study, column = results.noise, headline(results)
    if study is None or study.simex is None or column is None:
        return None
    fit, same = column.headline, study.simex.naive
    alike = (fit.formula, fit.nobs) == (same.formula, same.nobs)
    return study.simex.noise_share if alike and study.variable in treatment_terms(column) else None


def effects_of(fit: FitResult) -> str:
    """Return the fixed effects of a fit for a sentence, for example ``firm and year``."""
    return listed([dimension_word(e.name) for e in fit.effects], "and")


def _chosen(study: NoiseStudy | None, x: str, uncorrected: FitResult) -> tuple[WayOfNoise, FitResult]:
    """Return the first of the ways that was estimated, with its fit. SIMEX counts if it has standard errors."""
    if study is None or study.variable != x or study.uncorrected:
        return "none", uncorrected
    if study.halves:
        return ("halves", study.halves.fit) if study.halves.identified else ("none", uncorrected)
    simex = study.simex if study.simex and not math.isnan(by_term(study.simex.corrected)[x].std_error) else None
    if simex and simex.errors == "goods":
        return "simex_goods", simex.corrected
    return ("simex_independent", simex.corrected) if simex else ("none", uncorrected)


def like_certified(own: FitResult) -> bool:
    """Return whether simulated coverage applies to the headline's kind of interval.

    Rule: CR3 clustered by region only, and 21 to 46 regions (31 in the simulation, times or divided by 1.5). The
    simulated regions have equal size. A sentence next to the numbers says so and gives this study's effective number of
    clusters.
    """
    if own.kind != "CR3" or set(own.clusters) != {"region"}:
        return False
    return abs(math.log(own.clusters["region"] / CERTIFIED_REGIONS)) <= math.log(NEAR_REGIONS)


def how_often_covered(way: WayOfNoise, goods: int, slopes: tuple[Estimated, ...]) -> Coverage | None:
    """Return the simulated coverage of the way in the design nearest in the number of goods, then in the bend.

    Bend: |s10 - s90| / (|s10| + |s90|), 0 for a line and 1 for a curve that turns between p10 and p90. Returns None
    without the slopes at p10 and p90, because the simulations use parabolas. Returns None also if the nearest design is
    too different: more than twice or less than half as many goods, or a bend that differs by more than 0.2.
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
    """One way in one simulated design, with the share of intervals that covered the truth for each quantity."""

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
    """Return simulated coverage by way and design, as written by benchmarks/certify_noise.py."""
    text = (files("integrade.subjects.noise") / "noise_coverage.json").read_text(encoding="utf-8")
    return tuple(Certified(**record) for record in json.loads(text))


WAYS: Mapping[WayOfNoise, str] = {
    "simex_goods": "ways.simex",
    "simex_independent": "ways.simex",
    "halves": "ways.halves",
    "none": "ways.as-measured",
}
SENTENCES: Mapping[WayOfNoise, str] = {
    "simex_goods": "noise_interval.simex-goods",
    "halves": "noise_interval.halves",
    "simex_independent": "noise_interval.simex-independent",
    "none": "noise_interval.none",
}


def _share_said(
    results: StudyResults, share: float | None, net: float | None, own: FitResult, *, known: bool
) -> list[str]:
    """Return sentences on the share of noise in the index.

    They give the share between regions in a year (``share``), and the share net of the headline's effects (``net``) if
    it is not None. If ``share`` is None, a sentence says that it is unknown. ``known``: whether the effect was
    corrected for noise; that sentence is then omitted.
    """
    if share is None:
        return [] if known else [say("noise_interval.share-unknown")]
    between = noise_between(share)
    if net is None:
        return [say("noise_interval.share", share=between)]
    values = {"share": net_text(results, net), "between": between}
    if not own.effects:
        return [say("noise_interval.share-of-all", **values)]
    return [say("noise_interval.share-net", **values, effects=effects_of(own))]


def net_text(results: StudyResults, net: float) -> str:
    """Return the share of noise in the index net of the headline's effects, as text with its cell."""
    return quoted(noise_text(net), cell_of_way(results, "none", "noise_net"))


def _points(share: float, draws: int) -> str:
    """Return the standard error of a share of simulated samples, in percentage points.

    Formula (Agresti and Coull 1998): sqrt(p (1 - p) / (n + 4)), p = (n share + 2) / (n + 4). Shares of 0 and 1 then
    have an error above zero too.
    """
    p = (draws * share + 2) / (draws + 4)
    return fixed(100 * math.sqrt(p * (1 - p) / (draws + 4)), 1)


def _covered_said(way: WayOfNoise, covered: Coverage, own_covered: Coverage | None, results: StudyResults) -> list[str]:
    """Return sentences on how often intervals of the move contained the truth, and in which simulated design.

    ``own_covered`` adds the coverage of intervals that take the index as known. A further sentence gives this study's
    numbers of goods and regions if they differ from the design's. Another sentence gives this study's effective number
    of clusters if the clusters are regions.
    """
    ratio = (1 - covered.bend) / (1 + covered.bend)
    turns = covered.bend >= 1
    curve = say("noise_interval.turns") if turns else say("noise_interval.flattens", ratio=percent(ratio, 0))
    values = {
        "goods": str(covered.goods),
        "regions": str(CERTIFIED_REGIONS),
        "curve": curve,
        "draws": str(covered.draws),
        "move": quoted(coverage_text(covered.move), cell_of_way(results, way, "covered.move")),
        "error": _points(covered.move, covered.draws),
    }
    sentences: list[str] = [
        say("noise_interval.how-often-covered", **values)
        if own_covered is None
        else say(
            "noise_interval.how-often-covered-and-own",
            **values,
            own=quoted(coverage_text(own_covered.move), cell_of_way(results, "none", "covered.move")),
            own_error=_points(own_covered.move, own_covered.draws),
        )
    ]
    index = results.index
    if (index.n_goods, index.n_regions) != (covered.goods, CERTIFIED_REGIONS):
        sentences.append(say("noise_interval.own-design", goods=str(index.n_goods), regions=str(index.n_regions)))
    report, term = effective_clusters(results) or (None, None)
    if report is not None and term is not None and report.cluster == "region":
        here = {"clusters": str(report.g), "term": term_word(term.term, results.labels), "assuming": assuming(term)}
        sentences.append(say("noise_interval.effective-here", **here, effective=effective(term)))
    return sentences


def others_covered(told: IntervalWithNoise, results: StudyResults) -> str | None:
    """Return a sentence on how often intervals of slopes and turning points covered the truth.

    It quotes the coverage for the chosen way. If that way accounts for noise, it also quotes the coverage of intervals
    that do not. Returns None if no coverage was simulated.
    """
    if told.covered is None or told.own_covered is None:
        return None

    def shares(way: WayOfNoise, covered: Coverage, name: str) -> dict[str, str]:
        quantities = {"slopes": covered.slopes, "turning": covered.turning}
        return {
            f"{name}{key}": quoted(coverage_text(share), cell_of_way(results, way, f"covered.{key}"))
            for key, share in quantities.items()
        }

    values = shares(told.way, told.covered, "")
    if told.way == "none":
        return say("noise_interval.others-covered", **values)
    uncorrected = shares("none", told.own_covered, "own_")
    return say("noise_interval.others-covered-and-own", **values, **uncorrected)
