"""Compare estimates on a noisy index with the truth, and choose the interval that accounts for the noise."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from integrade.estimate.inverted_u import UTest, percentile_of, u_test
from integrade.estimate.results import FitResult, by_term
from integrade.subjects.noise.corrected import Corrected
from integrade.subjects.noise.records import NoiseStudy
from integrade.verdicts import cells, places
from integrade.verdicts.bundle import StudyResults, of_the_index, treatment_terms
from integrade.verdicts.headline import effective_clusters, headline
from integrade.verdicts.moves import Estimated, effect_of_move, estimated
from integrade.verdicts.naming import dimension_word
from integrade.verdicts.quoted import noise_between
from integrade.wording.numerals import by_interval, coverage_text, fixed, noise_text
from plainwords.texts import Cell, listed, quoted, say

WayOfNoise = Literal["halves", "simex_goods", "simex_independent", "none"]
CERTIFIED_REGIONS = 31
"""Number of regions in the simulated designs. Intervals are CR3 by region."""
NEAR_REGIONS, NEAR_CLUSTERS, NEAR_GOODS = 1.5, 1.5, 1.5
"""Largest factors between a study and a simulated design that is quoted for it.

The effective number of clusters differs by about this factor between samples of one design. Simulated numbers of goods
are a factor of 2 apart, so that a factor of 1.5 reaches one of them from every number between 4 and 60.
"""
NEAR_NET, NEAR_TAILS, NEAR_BEND = 0.1, 0.1, 0.2
"""Largest differences between a study and a simulated design that is quoted for it.

Shares of noise are .2 apart in the designs, and a study's own estimate has a standard error of .05 to .1. The
statistic of tails has one of .01 to .05; it is 1 for normal price changes, and 1.03 (5 goods) to 1.45 (40 goods) for
t(5). Bends of the designs are about .35 apart. All are conventions.
"""
FEWEST_SAMPLES = 40
"""Fewest independent samples from which a coverage is quoted: a share of .95 then has a standard error of .03."""
LOGARITHMS = ("log_inverse_sqrt", "neg_log")
"""Transforms of the index that were simulated: logarithms of segmentation."""


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
    """The share of a method's intervals that covered the truth in designs near the study (docs/certification.md).

    ``designs`` is the number of these designs, ``draws`` their number of independent samples (several curves and sizes
    of regions have the same prices). ``slopes`` is the smallest of the shares at p10, p50 and p90. ``move`` is the
    share for the effect of a move from p25 to p75. ``turning`` is the share for the turning point among the sets that
    are not the whole line, ``uninformative`` the share of sets that are.
    """

    designs: int
    draws: int
    slopes: float
    move: float
    turning: float
    uninformative: float


@dataclass(frozen=True)
class Setting:
    """What the coverage of an interval depends on, in a study or in a simulated design.

    ``net`` is the share of noise in the index net of effects, as halves of the goods estimate it. ``tails`` is that of
    the price changes (`halves.tails_of`). ``clusters`` is the effective number of clusters of the square. ``bend`` is
    |s10 - s90| / (|s10| + |s90|) of the slopes at p10 and p90: 0 for a line, 1 for a curve that turns between them.
    """

    goods: float
    net: float
    tails: float
    clusters: float
    bend: float


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
        """Lower end of the effect's 95% interval."""
        return self.move.low

    @property
    def high(self) -> float:
        """Upper end of the effect's 95% interval."""
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
    setting = setting_of(results, slopes) if is_index and like_certified(column.headline) else None
    covered, own_covered = (None, None) if setting is None else both_covered(way, setting)
    at = cells.of_size(results, "95_interval") if way == "none" else cell_of_way(results, way, "move.interval")
    size = by_interval(move.low, move.high)
    ends = {"low": quoted(size(move.low), at), "high": quoted(size(move.high), at)}
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

    Rule: CR3 clustered by region only, and 21 to 46 regions (31 in the simulation, times or divided by 1.5).
    """
    if own.kind != "CR3" or set(own.clusters) != {"region"}:
        return False
    return abs(math.log(own.clusters["region"] / CERTIFIED_REGIONS)) <= math.log(NEAR_REGIONS)


def setting_of(results: StudyResults, slopes: tuple[Estimated, ...]) -> Setting | None:
    """Return what the coverage of the study's interval depends on.

    Returns None if part of it is unknown: without halves of the goods on the headline's own formula and rows, without
    the report on clusters of regions, without the slopes at p10 and p90 (the simulated curves are parabolas), and for
    an index that is not a logarithm of segmentation.
    """
    halves = halves_of_headline(results)
    report, term = effective_clusters(results) or (None, None)
    bent = bend_of(slopes)
    if halves is None or halves.tails is None or report is None or term is None or bent is None:
        return None
    if report.cluster != "region" or results.index.transform not in LOGARITHMS or not halves.identified:
        return None
    return Setting(results.index.n_goods, halves.noise_share, halves.tails, term.g_star, bent)


def halves_of_headline(results: StudyResults) -> Corrected | None:
    """Return the correction by halves of the goods if it is of the headline's own formula and rows."""
    column = headline(results)
    halves = None if results.noise is None else results.noise.halves
    if halves is None or column is None:
        return None
    fit, same = column.headline, halves.naive
    return halves if (fit.formula, fit.nobs) == (same.formula, same.nobs) else None


def bend_of(slopes: tuple[Estimated, ...]) -> float | None:
    """Return |s10 - s90| / (|s10| + |s90|), None without these slopes."""
    at = {s.name: s.estimate for s in slopes}
    size = abs(at.get("p10", 0.0)) + abs(at.get("p90", 0.0))
    return abs(at["p10"] - at["p90"]) / size if size and {"p10", "p90"} <= set(at) else None


def both_covered(way: str, setting: Setting) -> tuple[Coverage | None, Coverage | None]:
    """Return the simulated coverage of a way and of intervals that take the index as known, in the same designs."""
    designs = frozenset(d.design for d in certified() if d.way == way and is_near(d.setting, setting))
    covered = how_often_covered(way, designs)
    return covered, None if covered is None else how_often_covered("none", designs)


def is_near(design: Setting, study: Setting) -> bool:
    """Return whether a simulated design is near enough to a study to be quoted for it (``NEAR_...``)."""
    factors = ((design.goods, study.goods, NEAR_GOODS), (design.clusters, study.clusters, NEAR_CLUSTERS))
    differences = (
        (design.net, study.net, NEAR_NET),
        (design.tails, study.tails, NEAR_TAILS),
        (design.bend, study.bend, NEAR_BEND),
    )
    close = all(a > 0 and b > 0 and abs(math.log(a / b)) <= math.log(most) for a, b, most in factors)
    return close and all(abs(a - b) <= most for a, b, most in differences)


def how_often_covered(way: str, designs: frozenset[int]) -> Coverage | None:
    """Return the coverage of a way over several designs, weighted by their samples.

    Several designs of one economy have the same prices, so that only the largest number of samples of each counts
    towards ``draws``. Returns None if these are fewer than `FEWEST_SAMPLES`.
    """
    of_way = [d for d in certified() if d.way == way and d.design in designs]
    drawn = {d.economy: max(e.draws for e in of_way if e.economy == d.economy) for d in of_way}
    if sum(drawn.values()) < FEWEST_SAMPLES:
        return None

    def share(of: Callable[[Certified], float], weight: Callable[[Certified], float]) -> float:
        total = sum(map(weight, of_way))
        return sum(of(d) * weight(d) for d in of_way) / total if total else float("nan")

    def samples(d: Certified) -> float:
        return d.draws

    slopes = min(share(at, samples) for at in (lambda d: d.p10, lambda d: d.p50, lambda d: d.p90))
    turning = share(lambda d: d.turning, lambda d: d.draws * (1 - d.uninformative))
    move, uninformative = share(lambda d: d.move, samples), share(lambda d: d.uninformative, samples)
    return Coverage(len(of_way), sum(drawn.values()), slopes, move, turning, uninformative)


class Certified(NamedTuple):
    """One way in one simulated design, with the share of intervals that covered the truth for each quantity.

    Designs with the same ``economy`` have the same prices. ``draws`` is the number of samples with an interval;
    ``turning`` is the share among the sets that are not the whole line.
    """

    way: str
    design: int
    economy: int
    goods: int
    net: float
    tails: float
    clusters: float
    bend: float
    draws: int
    p10: float
    p50: float
    p90: float
    move: float
    turning: float
    uninformative: float

    @property
    def setting(self) -> Setting:
        """What the coverage depends on."""
        return Setting(self.goods, self.net, self.tails, self.clusters, self.bend)


@cache
def certified() -> tuple[Certified, ...]:
    """Return simulated coverage by way and design, as written by benchmarks/certify_noise.py."""
    table = json.loads((files("integrade.subjects.noise") / "noise_coverage.json").read_text(encoding="utf-8"))
    return tuple(Certified(**dict(zip(table["columns"], row, strict=True))) for row in table["rows"])


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
    """Return sentences on how often intervals of the move contained the truth in designs near the study.

    ``own_covered`` adds the coverage of intervals that take the index as known.
    """
    values = {
        "intervals": say(f"noise_interval.intervals-{way.partition('_')[0]}"),
        "draws": str(covered.draws),
        "move": quoted(coverage_text(covered.move), cell_of_way(results, way, "covered.move")),
        "error": _points(covered.move, covered.draws),
    }
    if own_covered is None:
        return [say("noise_interval.how-often-covered", **values), say("noise_interval.designs-near")]
    own = quoted(coverage_text(own_covered.move), cell_of_way(results, "none", "covered.move"))
    own_error = _points(own_covered.move, own_covered.draws)
    values["own_draws"] = str(own_covered.draws)
    with_own = say("noise_interval.how-often-covered-and-own", **values, own=own, own_error=own_error)
    return [with_own, say("noise_interval.designs-near")]


def others_covered(told: IntervalWithNoise, results: StudyResults) -> str | None:
    """Return a sentence on how often intervals of slopes and turning points covered the truth.

    It quotes the coverage for the chosen way, and how often its set for the turning point is the whole line. If that
    way accounts for noise, it also quotes the coverage of intervals that do not. Returns None if no coverage was
    simulated.
    """
    if told.covered is None or told.own_covered is None:
        return None

    def shares(way: WayOfNoise, covered: Coverage, name: str) -> dict[str, str]:
        quantities = {"slopes": covered.slopes, "turning": covered.turning, "uninformative": covered.uninformative}
        return {
            f"{name}{key}": quoted(coverage_text(share), cell_of_way(results, way, f"covered.{key}"))
            for key, share in quantities.items()
        }

    values = shares(told.way, told.covered, "")
    if told.way == "none":
        return say("noise_interval.others-covered", **values)
    uncorrected = shares("none", told.own_covered, "own_")
    return say("noise_interval.others-covered-and-own", **values, **uncorrected)
