"""The verdict on a mediator, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from integrade.records.schema import column_word
from integrade.subjects.mediation.indirect import alike, in_order, sense
from integrade.subjects.mediation.records import ByClusters, Indirect, MediationResult, Mediator
from integrade.verdicts.naming import label_of, mediator_word
from integrade.verdicts.parts import Part, below_level
from integrade.wording.numerals import Printing, between, p_equals, percent, placed, shared
from integrade.wording.texts import listed, say

Labels = Mapping[str, str]

ALMOST_NONE = 0.02
"""An indirect effect below this share of the total slope, in absolute value, is almost none of it."""


def verdict_sentence(result: MediationResult, labels: Labels) -> str:
    """The verdict on the first mediator with the numbers it rests on, place by place in the order of x."""
    verdict, effects = verdict_alone(result, labels), in_order(result.mediators[0].indirect)
    level = f"{100 * result.level:g}"
    if alike(effects):
        where = where_of(effects[0], result, labels) if len(effects) == 1 else say("mediation.everywhere")
        key = say("mediation.how-to-read", level=level)
        return listed([verdict, _at_place(effects[0], where, result, labels), key], "sentences")
    each = [_at_place(i, where_of(i, result, labels), result, labels) for i in effects]
    key = say("mediation.how-to-read-holm", level=level, places=str(len(effects)))
    return listed([verdict, *each, key], "sentences")


def verdict_alone(result: MediationResult, labels: Labels) -> str:
    """The verdict on the first mediator and the tests of both paths."""
    m = result.mediators[0]
    return say(
        "mediation.verdict",
        mediator=label_of(m.name, labels),
        verdict=mediator_word(m.verdict),
        treatment=label_of(result.treatment, labels),
        outcome=label_of(result.outcome, labels),
        paths=say(f"mediation.paths-{significant_paths(m, 1 - result.level)}"),
        p_to=p_equals(m.a_joint.p_value),
        p_from=p_equals(m.b.p_value),
    )


def significant_paths(m: Mediator, alpha: float) -> Literal["both", "to", "from", "neither"]:
    """Which of the joint test of the path to the mediator and the test of the path from it have p below alpha."""
    to, onward = m.a_joint.p_value < alpha, m.b.p_value < alpha
    if to:
        return "both" if onward else "to"
    return "from" if onward else "neither"


def indirect_size(m: Mediator) -> Printing:
    """How the indirect effects through a mediator are printed, with decimals that all of them share."""
    effects = [*m.indirect, *m.by_term]
    return shared((i.estimate for i in effects), (i.sobel.std_error for i in effects), 4)


def _at_place(i: Indirect, where: str, result: MediationResult, labels: Labels) -> str:
    """What is established at a place, with the indirect effect, its interval and the p behind it."""
    size = indirect_size(result.mediators[0])
    return say(
        "mediation.at-place",
        place=where,
        found=found_at(i, result, labels),
        effect=size(i.estimate),
        interval=between(size, i.conf_low, i.conf_high),
        p=p_equals(i.p_holm),
        share=_share(i),
    )


def _share(i: Indirect) -> str:
    if i.share is None:
        return say("mediation.no-share")
    return say("mediation.almost-none" if abs(i.share) < ALMOST_NONE else "mediation.share", share=percent(i.share))


def found_at(i: Indirect, result: MediationResult, labels: Labels) -> str:
    """What is established at a place in words: how the mediator moves, and what that does to the outcome."""
    return say(f"mediation.{i.sense.replace(' ', '-')}", **_words(result, labels))


def where_of(i: Indirect, result: MediationResult, labels: Labels) -> str:
    """The place of an indirect effect in words: a value of the treatment, or one of its terms."""
    if i.x is None:
        return say("mediation.on-term", term=label_of(i.place, labels))
    x, value = label_of(result.treatment, labels), placed(i.x)
    if i.place.startswith("p"):
        return say("mediation.at-percentile", x=x, value=value, percentile=i.place)
    return say("mediation.at-value", x=x, value=value)


def promoted(effects: Sequence[Indirect]) -> Literal["supported", "not supported", "contradicted"]:
    """Whether the treatment promotes the outcome through the mediator, from what is established at each place.

    Supported: at some place the mediator rises with the treatment and raises the outcome, and at no place anything else
    is established. Contradicted: at some place the indirect effect lowers the outcome, and nothing else is established
    at any. Not supported: nothing is established; both are (the path turns within the data); or the mediator falls and
    less of it raises the outcome, which is an indirect effect above zero but no promotion through more of it.
    """
    senses = {i.sense for i in effects} - {"open"}
    if senses == {"rises and raises"}:
        return "supported"
    harm = {"rises and lowers", "falls and raises"}
    return "contradicted" if senses and senses <= harm else "not supported"


def confirmed(m: Mediator, alpha: float) -> tuple[Indirect, ...]:
    """The effects as both the tests of the table and those by clusters establish them; open where there are no others.

    Verdicts rest on these: errors that take rows as independent do not establish a mediation by themselves.
    """
    others = (None,) * len(m.indirect) if m.clustered is None else m.clustered.indirect
    return tuple(_both(one, other, alpha) for one, other in zip(m.indirect, others, strict=True))


def _both(own: Indirect, other: Indirect | None, alpha: float) -> Indirect:
    """An effect with the larger of both p-values; open where other rows give the paths other signs."""
    if other is None or own.p_holm is None or other.p_holm is None:
        return replace(own, p_holm=None, sense="open")
    if sense(own.a, own.b) != sense(other.a, other.b):
        return replace(own, p_holm=1.0, sense="open")
    p = max(own.p_holm, other.p_holm)
    return replace(own, p_holm=p, sense=own.sense if p < alpha else "open")


def promotion(m: Mediator, alpha: float) -> Literal["supported", "not supported", "contradicted"]:
    """`promoted` by the tests of the table and by those by clusters; not supported where they disagree."""
    outcome = promoted(m.indirect)
    return outcome if outcome == promoted(confirmed(m, alpha)) else "not supported"


def acts(m: Mediator, alpha: float) -> bool:
    """Tell whether both kinds of tests (of the table, by clusters) establish an indirect effect at some place."""
    return any(i.sense != "open" for i in confirmed(m, alpha))


def acts_parts(result: MediationResult) -> tuple[Part, ...]:
    """What "acts through" needs: an indirect effect established at some place, in whatever direction."""
    m, alpha = result.mediators[0], 1 - result.level
    somewhere = below_level("somewhere", say("mediation.part-somewhere"), _least(m.indirect), alpha)
    return somewhere, _clusters_part(m, confirmed(m, alpha), alpha)


def _least(effects: Sequence[Indirect]) -> float | None:
    return min((i.p_holm for i in effects if i.p_holm is not None), default=None)


def _clusters_part(m: Mediator, effects: Sequence[Indirect], alpha: float) -> Part:
    """The condition that the tests by clusters find the same at one of the places."""
    if m.clustered is None:
        return Part(say("mediation.part-clusters-missing", level=percent(alpha, 0)), None, None, "clusters")
    return below_level("clusters", say("mediation.part-clusters", **_tests(m.clustered)), _least(effects), alpha)


def by_clusters_sentence(result: MediationResult) -> str:
    """What the tests by clusters find, with the p-value of each place; that there are none where there are none."""
    found = result.mediators[0].clustered
    if found is None:
        return say("mediation.no-clusters")
    effects = in_order(found.indirect)
    each = [say("mediation.p-at", place=i.place, p=p_equals(i.p_holm)) for i in effects if i.p_holm is not None]
    places = p_equals(effects[0].p_holm) if alike(effects) else listed(each, "comma")
    established = any(i.sense != "open" for i in found.indirect)
    verdict = "mediation.clusters-establish" if established else "mediation.clusters-do-not"
    return say(verdict, **_tests(found), p=places)


def _tests(found: ByClusters) -> dict[str, str]:
    """By which clusters, how many were drawn, and whether the path to the mediator was also tested on cells."""
    drawn = {"cluster": column_word(found.cluster), "n": str(found.n), "draws": f"{found.draws:,}"}
    if found.cells is None:
        tests = say("mediation.tests-by-clusters", **drawn)
    else:
        tests = say("mediation.tests-by-clusters-and-cells", **drawn, cells=f"{found.cells:,}")
    for name, n in found.others:
        tests = say("mediation.tests-by-others", tests=tests, cluster=column_word(name), n=str(n))
    return {"tests": tests}


def promotes_parts(result: MediationResult, labels: Labels) -> tuple[Part, ...]:
    """What "promotes through" needs: more of the mediator raises the outcome somewhere, and nothing else anywhere."""
    m, alpha = result.mediators[0], 1 - result.level
    effects, words = in_order(m.indirect), _words(result, labels)
    least = _least(_right(effects))
    raises, level = say("mediation.part-raises", **words), percent(alpha, 0)
    first = (
        Part(say("mediation.part-never", what=raises, level=level), False, None, "raises")
        if least is None
        else below_level("raises", raises, least, alpha)
    )
    other = [i for i in effects if i.sense not in ("open", "rises and raises")]
    against = say("mediation.part-nothing-else")
    if other:
        where = listed([where_of(i, result, labels) for i in other], "clauses")
        against = say("mediation.part-else", found=found_at(other[0], result, labels), places=where)
    clusters = _clusters_part(m, _right(confirmed(m, alpha)), alpha)
    return first, Part(against, not other, None, "nothing_else"), clusters


def _right(effects: Sequence[Indirect]) -> list[Indirect]:
    """The effects at the places where the mediator rises with the treatment and raises the outcome."""
    return [i for i in effects if i.a > 0 and i.estimate > 0]


def what_was_found(result: MediationResult, labels: Labels) -> str:
    """What the tests of the table and by clusters establish, with the places: how the mediator moves and acts."""
    m = result.mediators[0]
    effects = [i for i in in_order(confirmed(m, 1 - result.level)) if i.sense != "open"]
    if not effects:
        of_the_table = any(i.sense != "open" for i in m.indirect)
        missing = "mediation.not-tested-by-clusters" if m.clustered is None else "mediation.not-by-clusters"
        return say(missing if of_the_table else "mediation.nothing-established")
    words = {k: v for k, v in _words(result, labels).items() if k != "treatment"}
    each = []
    for what in dict.fromkeys(i.sense for i in effects):
        own = [i for i in effects if i.sense == what]
        places = listed([i.place for i in own], "and")
        found = f"mediation.found-{what.replace(' ', '-')}"
        each.append(say(found, places=places, **words))
    return listed(each, "semicolon")


def _words(result: MediationResult, labels: Labels) -> dict[str, str]:
    return {
        "mediator": label_of(result.mediators[0].name, labels),
        "treatment": label_of(result.treatment, labels),
        "outcome": label_of(result.outcome, labels),
    }
