"""Judge hypotheses as rules over results.

Each is supported, not supported, contradicted or not tested, and the verdict has the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import FitResult
from integrade.subjects.groups.records import GroupComparison, GroupSplit
from integrade.subjects.groups.verdict import (
    adjusted_p,
    apart,
    cells_of_tests,
    differ,
    difference_parts,
    joint_p,
    not_compared_sentence,
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
from integrade.subjects.shape.verdict import concluded, curve_of_benchmark, inverted_u_parts, turn_established
from integrade.verdicts import cells
from integrade.verdicts.bundle import StudyResults, of_the_index
from integrade.verdicts.mediator_roles import HUMAN_CAPITAL, RESEARCH, by_role
from integrade.verdicts.naming import fieller_text, group_name, prose_of, split_word, word_of_outcome, word_of_treatment
from integrade.verdicts.parts import LEVEL, Part
from integrade.wording.numerals import below, p_equals, percent, placed
from plainwords.texts import listed, quoted, say

Outcome = Literal["supported", "not supported", "contradicted", "cannot be told", "not tested"]


class Finding(NamedTuple):
    """The conclusion of a rule: its outcome, a sentence with its numbers, the conditions tested, and a short finding.

    ``found`` is a text that adds to the outcome if there is more to report: ``concave; a fall is not established``.
    """

    outcome: Outcome
    sentence: str
    parts: tuple[Part, ...] = ()
    found: str = ""


@dataclass(frozen=True)
class Rule:
    """A hypothesis, its claim in words, and the function that judges it from results only.

    ``rule`` states when the hypothesis is supported and when it is contradicted, ``shared`` what rules of its kind have
    in common. ``about`` is a code of the claim that
    is the same in every language: its kind, and after a colon the mediator or the split (``inverted_u``, ``acts:rd``).
    """

    hypothesis: str
    statement: str
    judge: Callable[[StudyResults], Finding]
    rule: str = ""
    about: str = ""
    shared: str = ""


def inverted_u(results: StudyResults) -> Finding:
    """Judge H1 on the last benchmark column with a U-test, by the rule of `integrade.subjects.shape.verdict`."""
    curve = curve_of_benchmark(results)
    if curve is None:
        return Finding("not tested", say("verdicts.no-square"))
    turn = _turn(curve.test, curve.fit.outcome, results, established=turn_established(curve))
    interval = fieller_text(curve.test)
    found = [turn]
    if interval:
        corrected = results.noise is not None and results.noise.halves is not None
        key = "verdicts.fieller-uncorrected" if corrected else "verdicts.fieller"
        found.append(say(key, interval=quoted(interval, cells.of_headline(results, "fieller"))))
    sentence = listed([*found, *_care(curve.fit)], "sentences")
    outcome, conclusion = concluded(curve)
    return Finding(outcome, sentence, inverted_u_parts(curve, cells.of_the_curve(results, curve.test)), conclusion)


def _turn(test: UTest, outcome: str, results: StudyResults, *, established: bool) -> str:
    """Return text on where the curve turns or, if its turn is not established, on the fitted parabola."""
    place = "inside" if test.low < test.turning_point < test.high else "outside"
    values = {
        "outcome": prose_of(outcome, results.labels),
        "x": prose_of(test.variable, results.labels),
        "point": quoted(placed(test.turning_point), cells.of_headline(results, "turning_point")),
        **cells.ends_of_data(test),
    }
    if not established:
        return say(f"verdicts.parabola-{place}", **values)
    x, point = values.pop("x"), values.pop("point")
    shape = "verdicts.rises-and-falls" if test.shape == "inverted U" else "verdicts.falls-and-rises"
    return say(f"verdicts.turns-{place}", **values, turns=say(shape, x=x, point=point))


def _care(fit: FitResult) -> list[str]:
    return [] if fit.clusters else [say("verdicts.rows-not-independent")]


def mediated_by(name: str, *, promotes: bool = False) -> Callable[[StudyResults], Finding]:
    """Return a function that judges whether an indirect effect through one mediator is established.

    It considers all values of the treatment at which the effect is evaluated. At one value the effect is established if
    path a, path b and their product are all significant. The larger p of path a and the product is Holm-adjusted over
    the values; path b has one test for all values (`integrade.subjects.mediation.indirect.over_places`). The tests of
    the table must establish the effect, and so must tests with clusters, which are made whatever errors the table has
    (`integrade.subjects.mediation.verdict.confirmed`). Without ``promotes`` the claim is supported if the effect is
    established at some value, in any direction; nothing contradicts it. With ``promotes`` (H2 and H3) the claim is that
    more of the mediator raises the outcome. It is judged by `integrade.subjects.mediation.verdict.promoted`.
    """

    def judge(results: StudyResults) -> Finding:
        result = next((m for m in results.mediation if m.mediators[0].name == name), None)
        if result is None:
            return Finding("not tested", say("verdicts.no-such-mediator", mediator=prose_of(name, results.labels)))
        m, alpha = result.mediators[0], 1 - result.level
        somewhere: Outcome = "supported" if acts(m, alpha) else "not supported"
        outcome = promotion(m, alpha) if promotes else somewhere
        place = cells.of_channel(results, result)
        verdict = verdict_sentence(result, results.labels, place)
        care = _care(result.total) if m.clustered is None else []
        sentence = listed([verdict, by_clusters_sentence(result), *care], "sentences")
        parts = promotes_parts(result, results.labels, place) if promotes else acts_parts(result, place)
        return Finding(outcome, sentence, parts, what_was_found(result, results.labels))

    return judge


def differs_by(title: str) -> Callable[[StudyResults], Finding]:
    """Return a function that judges a split by testing whether the treatment's effect is the same in all groups.

    Supported: all of `integrade.subjects.groups.verdict.difference_parts` hold. The significance of the effect within
    single groups decides nothing. A group is called stronger only if a contrast of two groups is established and the
    effect is present in that group.
    """

    def judge(results: StudyResults) -> Finding:
        split = next((s for s in results.groups if s.title == title), None)
        if split is None:
            return Finding("not tested", say("verdicts.no-such-split", split=title))
        parts, sentence = difference_parts(results, split), _of_split(results, split)
        if not differ(results, split):
            return Finding("not supported", sentence, parts, say("group_tests.no-difference"))
        return Finding("supported", sentence, parts, which_steeper(split.comparison, results.labels))

    return judge


def stronger_without_state(results: StudyResults) -> Finding:
    """Judge H4: the effect exists in firms that are not state-owned, and is stronger than in state-owned firms.

    Supported: groups differ by the rule of `differs_by`, and the conditions of
    `integrade.subjects.groups.verdict.stronger_parts` hold for firms that are not state-owned: the effect exists there,
    and its fitted curve is steeper on average. Contradicted: groups differ, and the conditions of `stronger_parts` hold
    for state-owned firms.
    """
    split = next((s for s in results.groups if s.how == "ownership"), None)
    if split is None:
        return Finding("not tested", say("verdicts.no-ownership"))
    comparison, labels = split.comparison, results.labels
    place = cells.of_split(results, split)
    parts = (*difference_parts(results, split), *stronger_parts(comparison, "non_state", labels, place))
    sentence, differing = _of_split(results, split), differ(results, split)
    if not comparison.stronger and not apart(comparison):
        return Finding("not tested", sentence, parts)
    if not differing:
        return Finding("not supported", sentence, parts, say("group_tests.no-difference"))
    outcome: Outcome = "supported" if stronger(comparison, "non_state", labels) else "not supported"
    if stronger(comparison, "state", labels):
        outcome = "contradicted"
    return Finding(outcome, sentence, parts, which_steeper(comparison, labels))


def _of_split(results: StudyResults, split: GroupSplit) -> str:
    """Return sentences on the effect within each group, and on what limits the comparison of groups."""
    comparison = split.comparison
    within, limits = _by_group(comparison, results.labels), not_compared_sentence(comparison)
    return listed([*_in_part(results, split), within, *limits, *_care(comparison.stacked)], "sentences")


def _in_part(results: StudyResults, split: GroupSplit) -> list[str]:
    """Return a sentence if the joint test of equal effects rejects but another required test does not; else nothing."""
    p = adjusted_p(split, results.group_family)
    if differ(results, split) or not below(p, LEVEL):
        return []
    text = quoted(p_equals(p), cells_of_tests(results, split)["adjusted"])
    return [
        say(
            "verdicts.effects-differ-in-part",
            x=prose_of(split.comparison.treatment, results.labels),
            split=split_word(split.how, split.title),
            p=say("answers.holm", p=text) if len(results.group_family) > 1 else text,
        )
    ]


def noise_matters(results: StudyResults) -> bool:
    """Return whether the treatment is the index and sampling error is over 5% of its variance between regions."""
    return of_the_index(results) and (results.index.noise_share or 0.0) > LEVEL


def _by_group(comparison: GroupComparison, labels: Mapping[str, str]) -> str:
    """Return text with the joint p of the treatment's terms in each group."""
    each = []
    for g in comparison.groups:
        p = joint_p(g, comparison.treatment)
        test = say("verdicts.no-test") if p is None else p_equals(p)
        each.append(say("verdicts.in-group", group=group_name(g.group, labels), test=test))
    return say("verdicts.within-groups", groups=listed(each, "clauses"))


def size_of_paths(results: StudyResults) -> str:
    """Return the size (significance level) of the tests of a mediation as a percentage."""
    return percent(1 - next((result.level for result in results.mediation), LEVEL), 0)


def named_rules(results: StudyResults) -> tuple[Rule, ...]:
    """Return the hypotheses of the paper, H1 to H4, worded for this study's treatment and outcome."""
    both = {"treatment": word_of_treatment(results), "outcome": word_of_outcome(results)}
    of_paper = by_role(m.mediators[0].name for m in results.mediation)
    schooling, research = (of_paper.get(role, role) for role in (HUMAN_CAPITAL, RESEARCH))
    paths = say("verdicts.rule-paths", size=size_of_paths(results))
    promotes = [
        say("verdicts.rule-promotes", mediator=prose_of(m, results.labels), **both) for m in (schooling, research)
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
            mediated_by(schooling, promotes=True),
            promotes[0],
            f"promotes:{schooling}",
            paths,
        ),
        Rule(
            "H3",
            say("verdicts.claim-research", **both),
            mediated_by(research, promotes=True),
            promotes[1],
            f"promotes:{research}",
            paths,
        ),
        Rule(
            "H4",
            say("verdicts.claim-not-state-owned"),
            stronger_without_state,
            say("verdicts.rule-not-state-owned"),
            "stronger:ownership",
        ),
    )
