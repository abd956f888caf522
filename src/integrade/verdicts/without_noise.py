"""Judge a claim again with the index corrected for its sampling error, and settle the verdict.

A variable that moves with true integration (a mediator, another year of the index, a group) stands in for what the
noise of the index hides. The regression on the index as printed then finds effects that do not exist. A claim therefore
needs both: the tests with the index as printed, and the same tests in the corrected regression
(`integrade.subjects.noise.corrected`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from integrade.errors import DataError
from integrade.estimate.contrasts import restricted
from integrade.estimate.results import Coefficient, by_term
from integrade.regress.students import t_quantile
from integrade.subjects.benchmark.columns import Version, estimated_anew
from integrade.subjects.groups.compare import adjust_family
from integrade.subjects.groups.records import GroupComparison
from integrade.subjects.groups.stacking import in_group
from integrade.subjects.noise.verdict import (
    NEAR_GOODS,
    NEAR_NET,
    NEAR_TAILS,
    halves_of_headline,
    like_certified,
    net_text,
    noise_net,
)
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.verdicts.bundle import StudyResults, headline, treatment_of
from integrade.verdicts.hypotheses import QUANTITIES
from integrade.verdicts.named_rules import Finding, Rule
from integrade.verdicts.naming import prose_of
from integrade.verdicts.parts import LEVEL, Part
from integrade.wording.numerals import below, p_equals
from plainwords.texts import listed, say, without_cells

CLAIMS = ("supported", "contradicted")
POWER = 0.8
"""Probability with which a study should find an effect; the usual convention."""
MOST_TIMES = 10
"""With more than so many times the years, the report says that no realistic number would do (a convention)."""


def corrected_results(results: StudyResults) -> StudyResults | None:
    """Return the results with every regression on the index replaced by its correction.

    Parts whose correction could not be made are left out, so that a rule that needs them counts as not tested. Returns
    None if no part of the study was corrected, because the treatment is no index made from prices, or because the study
    does not ask for it.
    """
    noise, column = results.noise, headline(results)
    tried = [m.corrected is not None or bool(m.uncorrected) for m in results.mediation]
    tried += [s.comparison.corrected is not None or bool(s.comparison.uncorrected) for s in results.groups]
    if not (any(tried) or (noise is not None and noise.was_corrected)):
        return None
    of_headline = None if noise is None or column is None else noise.corrected(column)
    splits = tuple(
        replace(s, comparison=s.comparison.corrected) for s in results.groups if s.comparison.corrected is not None
    )
    x = treatment_of(results)
    curved = of_headline is not None and f"{x}^2" in by_term(of_headline.headline)
    return replace(
        results,
        benchmark=() if of_headline is None else (of_headline,),
        effects=effect_sizes(of_headline.headline, x) if curved and of_headline is not None else None,
        mediation=tuple(m.corrected for m in results.mediation if m.corrected is not None),
        groups=splits,
        group_family=tuple(adjust_family({s.title: s.comparison for s in splits})) if splits else (),
        versions=tuple(v for v in (_version(v) for v in results.versions) if v is not None),
    )


def _version(version: Version) -> Version | None:
    """Return a version with its corrected regression; None if the correction was tried and could not be made."""
    if version.uncorrected:
        return None
    if version.corrected is None:
        return version
    column = estimated_anew(version.column, version.corrected)
    x = None if column.u_test is None else column.u_test.variable
    return replace(version, column=column, effects=None if x is None else effect_sizes(column.headline, x))


def settled(rule: Rule, results: StudyResults, again: StudyResults | None) -> Finding:
    """Return the finding of a rule, after the same rule was applied to the corrected results.

    Rule: a claim (supported, contradicted) stands if the corrected results give the same outcome, and nothing makes the
    correction unsafe (`_not_safe`). Otherwise it cannot
    be told with this index; but if the corrected interval of the decisive coefficient excludes the printed estimate,
    noise accounts for the size of the finding, and the claim is not supported. That is no evidence that there is no
    effect: in the simulations the same happens with weak effects (docs/verdicts.md).
    """
    printed = rule.judge(results)
    if again is None or printed.outcome not in CLAIMS or not rule.about or of_the_rows(printed):
        return printed
    corrected = rule.judge(again)
    stands = corrected.outcome == printed.outcome
    same, tested = say("without_noise.part" if corrected.parts else "without_noise.not-made"), _tests(corrected)
    part = Part(same, stands, _largest(corrected), "corrected", inner=tested)
    parts = (*printed.parts, part)
    doubt = _not_safe(printed, results) if stands else []
    if stands and not doubt:
        sentence = listed([printed.sentence, say("without_noise.stands")], "sentences")
        return printed._replace(sentence=sentence, parts=parts)
    if stands:
        sentence, found = listed([printed.sentence, *doubt], "sentences"), say("without_noise.found-unsafe")
        return Finding("cannot be told", sentence, parts, found)
    made = corrected.outcome != "not tested"
    gone = made and _accounts(rule, results, again)
    key = "gone" if gone else "open" if made else "open-not-made"
    words: list[str] = [say(f"without_noise.{key}", found=_found(printed))]
    words += [*_cause(rule, results), *([] if gone else [needed(results, corrected)])]
    return Finding(
        "not supported" if gone else "cannot be told",
        listed([printed.sentence, *words], "sentences"),
        parts,
        say(
            "without_noise.found-gone"
            if gone
            else "without_noise.found-open"
            if made
            else "without_noise.found-not-made"
        ),
    )


P_VALUES = ("p", "wild_p", "u_test_p", "difference_p", "difference_wild_p")
"""Quantities of a user's rule that are p-values."""


def _not_safe(printed: Finding, results: StudyResults) -> list[str]:
    """Return why a claim is not safe from noise although the corrected rule holds; empty if it is.

    Goods that share shocks put related errors into both halves. A user's rule that holds because a p-value is large
    holds more often the noisier the index is, and the wider the corrected intervals are.
    """
    halves = halves_of_headline(results)
    if halves is not None and halves.kinship is not None and halves.kinship.matters:
        return [say("without_noise.kinship")]
    if any(p.key in P_VALUES and p.holds and p.value is not None and not below(p.value, LEVEL) for p in printed.parts):
        return [say("without_noise.no-finding")]
    return []


OF_THE_ROWS = ("n", "r2", "r2_within", "reliability", "noise_share")
"""Quantities of a user's rule that describe the rows or the index, and no effect of it."""


def of_the_rows(finding: Finding) -> bool:
    """Return whether a claim rests only on numbers that noise in the index does not bias."""
    return bool(finding.parts) and all(part.key in OF_THE_ROWS for part in finding.parts)


def _found(finding: Finding) -> str:
    return say(f"without_noise.was-{finding.outcome}")


NOT_REPEATED = frozenset({"two_lines"})
"""Keys of conditions whose test is not repeated with the corrected index: the rule applies its uncorrected result."""


def _tests(corrected: Finding) -> tuple[str, ...]:
    """Return the conditions of the corrected rule that were tested again, in words, each with whether it holds.

    Their numbers are those of the corrected regression. The cells that the rule quotes print the numbers of the
    regression on the index as printed, so that the cells are removed.
    """
    repeated = [part for part in corrected.parts if part.key not in NOT_REPEATED]
    tested = [part.sentence for part in repeated if part.needed or part.holds is not None]
    return tuple(say("without_noise.again", condition=without_cells(one)) for one in tested)


def _largest(corrected: Finding) -> float | None:
    """Return the largest p-value among the conditions of the corrected rule; None without any."""
    p = [v for part in corrected.parts if part.key not in NO_P and (v := part.value) is not None and 0 <= v <= 1]
    return max(p, default=None)


NO_P = frozenset({"square", "nothing_else"} | {name for name in QUANTITIES if not name.endswith("p")})
"""Keys of conditions whose number is no p-value: those of the named rules, and quantities of a user's rule."""


def _accounts(rule: Rule, results: StudyResults, again: StudyResults) -> bool:
    """Return whether noise accounts for the size of a finding.

    This is so if the corrected 95% interval of the decisive coefficient includes zero and excludes the printed
    estimate. For groups, the differences of all terms from the first group are tested jointly: that all are zero is not
    rejected, and that all are as printed is.
    """
    kind, _, name = rule.about.partition(":")
    if kind in ("differs", "stronger"):
        splits = [s.comparison for s in results.groups if name in (s.how, s.comparison.by)]
        return any(_gaps_are_smaller(s, s.corrected) for s in splits if s.corrected is not None)
    pairs = list(_decisive(rule, results, again))
    return any(c.conf_low <= 0 <= c.conf_high and not c.conf_low <= printed <= c.conf_high for printed, c in pairs)


def _gaps_are_smaller(printed: GroupComparison, corrected: GroupComparison) -> bool:
    """Return whether the corrected differences of groups may all be zero and are not those as printed.

    Both are Wald tests with the corrected covariance, F(q, df), at 5%.
    """
    by, x, groups = printed.by, printed.treatment, [g.group for g in printed.groups]
    terms = [c.term for c in printed.groups[0].fit.coefficients if c.term in (x, f"{x}^2")]
    gaps = [(in_group(t, by, g), in_group(t, by, groups[0])) for g in groups[1:] for t in terms]
    known = {c.term for c in corrected.stacked.coefficients}
    if not gaps or not {name for gap in gaps for name in gap} <= known:
        return False
    differ = [{a: 1.0, b: -1.0} for a, b in gaps]
    as_printed = [printed.stacked[a].estimate - printed.stacked[b].estimate for a, b in gaps]
    try:
        zero, same = (restricted(corrected.stacked, differ, (), values) for values in (None, as_printed))
    except DataError:
        return False
    return not below(zero.p_value, LEVEL) and below(same.p_value, LEVEL)


def _decisive(rule: Rule, results: StudyResults, again: StudyResults) -> Iterator[tuple[float, Coefficient]]:
    """Yield the coefficients that decide a claim: as printed, and corrected."""
    kind, _, name = rule.about.partition(":")
    if kind == "inverted_u":
        own, other, x = headline(results), headline(again), treatment_of(results)
        if own is not None and other is not None and f"{x}^2" in by_term(other.headline):
            yield own.headline[f"{x}^2"].estimate, other.headline[f"{x}^2"]
    elif kind in ("acts", "promotes"):
        printed = next((m for m in results.mediation if m.mediators[0].name == name), None)
        corrected = next((m for m in again.mediation if m.mediators[0].name == name), None)
        if printed is not None and corrected is not None:
            yield printed.mediators[0].b.estimate, corrected.mediators[0].b


def _cause(rule: Rule, results: StudyResults) -> list[str]:
    """Return a sentence on how noise alone can make such a finding."""
    kind, _, name = rule.about.partition(":")
    net = noise_net(results)
    x = prose_of(treatment_of(results), results.labels)
    key = {"acts": "channel", "promotes": "channel", "differs": "groups", "stronger": "groups"}.get(kind, kind)
    if key not in ("channel", "groups", "inverted_u"):
        return []
    if key == "groups" and not any(s.how in ("period", "area") and s.how == name for s in results.groups):
        return []  # firms of the same regions and years share the index and its noise
    values = {"x": x} | ({"mediator": prose_of(name, results.labels)} if key == "channel" else {})
    rate = _rate(kind, name, results)
    if net is None:
        return [say(f"without_noise.cause-{key.replace('_', '-')}", **values), *rate]
    return [say(f"without_noise.cause-{key.replace('_', '-')}-share", **values, share=net_text(results, net)), *rate]


def _rate(kind: str, mediator: str, results: StudyResults) -> list[str]:
    """Return a sentence on how often such a claim was made as printed in simulated economies where it is false.

    It needs simulated designs near the study (`certified_rate`); without one there is no sentence.
    """
    result = next((m for m in results.mediation if m.mediators[0].name == mediator), None)
    if result is None:
        return []
    found = certified_rate(kind, "firms" if result.mediators[0].cells is None else "cells", results)
    if found is None:
        return []
    values = {"rate": f"{100 * found.printed:.0f}", "draws": f"{found.draws:,}"}
    return [say("without_noise.cause-rate", **values)]


class CertifiedRate(NamedTuple):
    """How often a false claim of one kind was made in one simulated design: as printed, and finally.

    ``kind`` is promotes or acts. ``level`` is cells if the mediator varies by region and year only, and firms if it
    varies between firms of a region too. ``net`` is the share of noise in the index net of effects as halves of the
    goods estimate it, ``tails`` how heavy the tails of price changes are (`halves.tails_of`). Both are averages over
    the ``draws`` samples.
    """

    kind: str
    level: str
    goods: int
    net: float
    tails: float
    printed: float
    final: float
    draws: int


@cache
def certified_rates() -> tuple[CertifiedRate, ...]:
    """Return the rates of false claims as written by benchmarks/certify_verdicts.py."""
    table = json.loads((files("integrade.verdicts") / "noise_rates.json").read_text(encoding="utf-8"))
    return tuple(CertifiedRate(*row) for row in table["rows"])


def certified_rate(kind: str, level: str, results: StudyResults) -> CertifiedRate | None:
    """Return how often a false claim of a kind was made in the simulated designs near a study, pooled over them.

    Near are designs within .1 of the study's share of noise and of its tails, and within a factor of 1.5 of its number
    of goods. Returns None if there is none, if the study has no halves of the goods, or if errors or regions are unlike
    those of the simulation (`like_certified`).
    """
    halves, column = halves_of_headline(results), headline(results)
    if halves is None or column is None or halves.tails is None or not like_certified(column.headline):
        return None
    net, tails, goods = halves.noise_share, halves.tails, results.index.n_goods
    near = [
        r
        for r in certified_rates()
        if (r.kind, r.level) == (kind, level)
        and max(abs(r.net - net) / NEAR_NET, abs(r.tails - tails) / NEAR_TAILS) <= 1
        and max(r.goods, goods) <= NEAR_GOODS * min(r.goods, goods)
    ]
    draws = sum(r.draws for r in near)
    if not near:
        return None
    printed = sum(r.printed * r.draws for r in near) / draws
    final = sum(r.final * r.draws for r in near) / draws
    return CertifiedRate(kind, level, goods, net, tails, printed, final, draws)


def needed(results: StudyResults, corrected: Finding) -> str:
    """Return a sentence on how many years or goods could tell, if the corrected estimates are the true effects.

    Formula: with |t| of the largest p among the corrected tests, r = (t(.975) + t(.8)) / |t| is by how much standard
        errors are too large. They fall with the root of the number of years, so T r^2 years are needed. With K goods
        and a net share of noise s, their squares are proportional to 1 / (1 - s); with K' goods the odds of noise,
        s / (1 - s), are K / K' times as large.
    """
    p, column = _largest(corrected), headline(results)
    if p is None or column is None or not 0 < p <= 1:
        return say("without_noise.needed-unknown")
    df = column.headline.df_t if math.isfinite(column.headline.df_t) else 1e6
    t = t_quantile(1 - p / 2, df)
    times = math.inf if t <= 0 else ((t_quantile(1 - LEVEL / 2, df) + t_quantile(POWER, df)) / t) ** 2
    if times <= 1:  # all tests are clear: what fails is a sign or another condition, and more data need not change it
        return say("without_noise.needed-unknown")
    points = {point.year for point in results.index.points}
    if not points or times > MOST_TIMES:
        return say("without_noise.needed-too-many", p=p_equals(p))
    years, goods = math.ceil(len(points) * times), _goods(results, times)
    values = {"years": str(years), "now": str(len(points))}
    if goods is None:
        return say("without_noise.needed-years", **values)
    return say("without_noise.needed-years-or-goods", **values, goods=str(goods), goods_now=str(results.index.n_goods))


def _goods(results: StudyResults, times: float) -> int | None:
    """Return how many goods would lower squared errors ``times`` times; None if none would or noise is unknown."""
    net, now = noise_net(results), results.index.n_goods
    if net is None or not 0 < net < 1 or (1 - net) * times >= 1:
        return None
    odds, target = net / (1 - net), 1 / ((1 - net) * times) - 1
    return math.ceil(now * odds / target)
