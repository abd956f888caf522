"""Hypotheses as rules over results: supported, not supported, contradicted or not tested, with the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import FitResult
from integrade.subjects.groups.records import GroupComparison, GroupSplit
from integrade.subjects.groups.verdict import (
    adjusted_p,
    adjusted_wild,
    apart,
    differ,
    difference_parts,
    joint_p,
    joint_wild_p,
    overall,
    permuted_words,
    steepness_sentence,
    stronger,
    stronger_parts,
    which_steeper,
)
from integrade.subjects.mediation.verdict import (
    acts,
    acts_parts,
    by_clusters_sentence,
    promotes_parts,
    promotion,
    verdict_sentence,
    what_was_found,
)
from integrade.subjects.shape.verdict import (
    Curve,
    concluded,
    curve_of_benchmark,
    inverted_u_parts,
    turn_established,
    wild_p,
)
from integrade.verdicts.bundle import StudyResults, of_the_index
from integrade.verdicts.naming import (
    errors_words,
    fieller_text,
    group_name,
    label_of,
    split_word,
    word_of_outcome,
    word_of_treatment,
)
from integrade.verdicts.parts import LEVEL, Part
from integrade.wording.numerals import p_equals, percent, placed
from integrade.wording.texts import listed, say

Outcome = Literal["supported", "not supported", "contradicted", "not tested"]


class Finding(NamedTuple):
    """What a rule concludes, the sentence that carries its numbers, its tested conditions, and the conclusion in words.

    ``found`` says more than the outcome where there is more to say: ``concave; a fall is not established``.
    """

    outcome: Outcome
    sentence: str
    parts: tuple[Part, ...] = ()
    found: str = ""


@dataclass(frozen=True)
class Rule:
    """A hypothesis, what it says in words, and the function that judges it from results alone.

    ``rule`` says when the hypothesis is supported and when contradicted; ``about`` is a code of the claim that is the
    same in every language: its kind, and after a colon the mediator or the split (``inverted_u``, ``acts:rd``).
    """

    hypothesis: str
    statement: str
    judge: Callable[[StudyResults], Finding]
    rule: str = ""
    about: str = ""


def inverted_u(results: StudyResults) -> Finding:
    """H1: the last benchmark column with a U-test decides, by the rule of `integrade.subjects.shape.verdict`."""
    curve = curve_of_benchmark(results)
    if curve is None:
        return Finding("not tested", say("verdicts.no-square"))
    outcome, found = concluded(curve)
    return Finding(outcome, _sentence(results, curve), inverted_u_parts(curve), found)


def _sentence(results: StudyResults, curve: Curve) -> str:
    fit, test, established = curve.fit, curve.test, turn_established(curve)
    found = [
        _turn(test, fit.outcome, results.labels, established=established),
        say("verdicts.fieller", interval=fieller_text(test)),
        say("verdicts.u-test", p=p_equals(test.p_value)),
    ]
    wild = wild_p(fit, f"{test.variable}^2")
    if wild is not None:
        found.append(say("verdicts.wild", p=p_equals(wild)))
    if established and test.share_past is not None:
        found.append(say("verdicts.share-past", share=percent(test.share_past)))
    whole = say("verdicts.with-errors", findings=listed(found, "semicolon"), errors=errors_words(fit))
    return listed([whole, *_care(fit)], "sentences")


def _turn(test: UTest, outcome: str, labels: Mapping[str, str], *, established: bool) -> str:
    """Where the curve turns; where that is not established, where the fitted parabola does."""
    place = "inside" if test.low < test.turning_point < test.high else "outside"
    values = {
        "outcome": label_of(outcome, labels),
        "x": label_of(test.variable, labels),
        "point": placed(test.turning_point),
        "low": placed(test.low),
        "high": placed(test.high),
    }
    if not established:
        return say(f"verdicts.parabola-{place}", **values)
    x, point = values.pop("x"), values.pop("point")
    shape = "verdicts.rises-and-falls" if test.shape == "inverted U" else "verdicts.falls-and-rises"
    return say(f"verdicts.turns-{place}", **values, turns=say(shape, x=x, point=point))


def _care(fit: FitResult) -> list[str]:
    return [] if fit.clusters else [say("verdicts.rows-not-independent")]


def mediated_by(name: str, *, promotes: bool = False) -> Callable[[StudyResults], Finding]:
    """Channels: what is established of the indirect effect through one mediator, at all places.

    At a place the effect is established where both paths and their product are, Holm-adjusted over the places
    (`integrade.subjects.mediation.indirect.over_places`), by the tests of the table and by those by clusters, which are
    made whatever the errors of the table (`integrade.subjects.mediation.verdict.confirmed`). Without a direction the claim is
    supported where it is
    established at some place, in whatever direction; nothing contradicts it. ``promotes`` (H2 and H3) is the claim that
    more of the mediator raises the outcome: `integrade.subjects.mediation.verdict.promoted`.
    """

    def judge(results: StudyResults) -> Finding:
        found = next((m for m in results.mediation if m.mediators[0].name == name), None)
        if found is None:
            return Finding("not tested", say("verdicts.no-such-mediator", mediator=label_of(name, results.labels)))
        m, alpha = found.mediators[0], 1 - found.level
        somewhere: Outcome = "supported" if acts(m, alpha) else "not supported"
        outcome = promotion(m, alpha) if promotes else somewhere
        tests = [verdict_sentence(found, results.labels), by_clusters_sentence(found), *_care(found.total)]
        sentence = listed(tests, "sentences")
        parts = promotes_parts(found, results.labels) if promotes else acts_parts(found)
        return Finding(outcome, sentence, parts, what_was_found(found, results.labels))

    return judge


def differs_by(title: str) -> Callable[[StudyResults], Finding]:
    """Groups: the tests that the treatment's effect is the same in all of them decide.

    Supported: all of `integrade.subjects.groups.verdict.difference_parts` hold. Stars within groups decide nothing, and a
    group is called stronger only where a contrast of two groups is established and the effect is there in it.
    """

    def judge(results: StudyResults) -> Finding:
        split = next(s for s in results.groups if s.title == title)
        parts, sentence = difference_parts(results, split), _of_split(results, split)
        if not differ(results, split):
            return Finding("not supported", sentence, parts, say("group_tests.no-difference"))
        return Finding("supported", sentence, parts, which_steeper(split.comparison, results.labels))

    return judge


def stronger_without_state(results: StudyResults) -> Finding:
    """H4: the effect is there in firms that are not state-owned, and stronger than in state-owned ones.

    Supported: groups differ by the rule of `differs_by`, and the conditions of
    `integrade.subjects.groups.verdict.stronger_parts` hold for firms that are not state-owned: the effect is there, and its fitted
    curve is steeper on average. Contradicted: groups differ, and those conditions hold for the state-owned.
    """
    split = next((s for s in results.groups if s.how == "ownership"), None)
    if split is None:
        return Finding("not tested", say("verdicts.no-ownership"))
    found, labels = split.comparison, results.labels
    parts = (*difference_parts(results, split), *stronger_parts(found, "non_state", labels))
    sentence, differing = _of_split(results, split), differ(results, split)
    if not found.stronger and not apart(found):
        return Finding("not tested", sentence, parts)
    if not differing:
        return Finding("not supported", sentence, parts, say("group_tests.no-difference"))
    outcome: Outcome = "supported" if stronger(found, "non_state", labels) else "not supported"
    if stronger(found, "state", labels):
        outcome = "contradicted"
    return Finding(outcome, sentence, parts, which_steeper(found, labels))


def _of_split(results: StudyResults, split: GroupSplit) -> str:
    test = overall(split)
    labels, found, family = results.labels, split.comparison, len(results.group_family)
    by = split_word(split.how, split.title)
    tests = [say("verdicts.one-effect", x=label_of(found.treatment, labels), split=by, p=p_equals(test.p))]
    wild = adjusted_wild(split, results.groups)
    if family > 1:
        adjusted = p_equals(adjusted_p(split, results.group_family))
        tests.append(say("verdicts.holm", splits=str(family), p=adjusted))
    if test.wild is not None:
        p = p_equals(test.wild)
        with_holm = "group_tests.wild-with-holm" if family > 1 else "group_tests.wild-alone"
        tests.append(say(with_holm, p=p, adjusted=p_equals(wild)))
    if test.permuted is not None and found.permuted is not None:
        tests.append(say("group_tests.of", test=permuted_words(found.permuted), p=p_equals(test.permuted)))
    noisy = split.how in ("period", "area") and differ(results, split) and noise_matters(results)
    sentences = [say("verdicts.tests", tests=listed(tests, "semicolon")), _by_group(found, labels)]
    noise = [noise_flattens()] if noisy else []
    return listed([*sentences, *steepness_sentence(found, labels), *noise, *_care(found.stacked)], "sentences")


def noise_flattens() -> str:
    """What noise of the index does to a comparison of groups of years or regions."""
    return say("verdicts.noise-flattens")


def noise_matters(results: StudyResults) -> bool:
    """Whether the treatment is the index, of which more than 5 % between regions in a year is sampling error."""
    return of_the_index(results) and (results.index.noise_share or 0.0) > LEVEL


def _by_group(found: GroupComparison, labels: Mapping[str, str]) -> str:
    """What the treatment does in each group: p of its terms together, and the wild bootstrap's where it was drawn."""
    each = []
    for g in found.groups:
        p, wild, name = joint_p(g, found.treatment), joint_wild_p(g, found.treatment), group_name(g.group, labels)
        tests = [say("verdicts.no-test") if p is None else p_equals(p)]
        tests += [] if wild is None else [say("group_tests.wild-alone", p=p_equals(wild))]
        each.append(say("verdicts.in-group", group=name, n=g.fit.nobs, test=listed(tests, "clauses")))
    return say("verdicts.within-groups", groups=listed(each, "semicolon"))


def size_of_paths(results: StudyResults) -> str:
    """Give the size of the tests of a mediation as a percentage."""
    return percent(1 - next((found.level for found in results.mediation), LEVEL), 0)


def named_rules(results: StudyResults) -> tuple[Rule, ...]:
    """The hypotheses of the study that the package is made for, on the treatment and the outcome of this one."""
    both = {"treatment": word_of_treatment(results), "outcome": word_of_outcome(results)}
    mediators = ("human_capital", "rd")
    size = size_of_paths(results)
    promotes = [
        say("verdicts.rule-promotes", mediator=label_of(m, results.labels), size=size, **both) for m in mediators
    ]
    return (
        Rule(
            "H1",
            say("verdicts.claim-inverted-u", **both),
            inverted_u,
            say("verdicts.rule-inverted-u", level=percent(LEVEL, 0)),
            "inverted_u",
        ),
        Rule(
            "H2",
            say("verdicts.claim-human-capital", **both),
            mediated_by("human_capital", promotes=True),
            promotes[0],
            "promotes:human_capital",
        ),
        Rule(
            "H3", say("verdicts.claim-research", **both), mediated_by("rd", promotes=True), promotes[1], "promotes:rd"
        ),
        Rule(
            "H4",
            say("verdicts.claim-not-state-owned"),
            stronger_without_state,
            say("verdicts.rule-not-state-owned"),
            "stronger:ownership",
        ),
    )
