"""The verdict on a mediator, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.naming import label_of, mediator_word
from integrade.models.mediation.indirect import equally_clear
from integrade.models.mediation.records import Indirect, MediationResult
from integrade.numerals import fixed, interval, p_equals, percent
from integrade.texts import listed, say

Labels = Mapping[str, str]


def verdict_sentence(result: MediationResult, labels: Labels) -> str:
    """The verdict on the first mediator with the numbers it rests on."""
    m = result.mediators[0]
    leads = equally_clear(m.indirect)
    first = leads[0]
    verdict = say(
        "mediation.verdict",
        mediator=label_of(m.name, labels),
        verdict=mediator_word(m.verdict),
        treatment=label_of(result.treatment, labels),
        outcome=label_of(result.outcome, labels),
        p_to=p_equals(m.a_joint.p_value),
        p_from=p_equals(m.b.p_value),
        effect=fixed(first.estimate, 4),
        level=f"{100 * result.level:g}",
        interval=interval(first.conf_low, first.conf_high, 4),
        place=_where(first, result, labels),
        share=percent(first.share, 0),
    )
    return listed([verdict, *_elsewhere(leads, result, labels)], "sentences")


def _elsewhere(leads: Sequence[Indirect], result: MediationResult, labels: Labels) -> list[str]:
    """The other places where the indirect effect is as clear, which have other shares of the total slope.

    None where nothing is mediated: no effect is clear there.
    """
    if result.mediators[0].verdict == "not mediated":
        return []
    others = [i for i in leads[1:] if percent(i.share, 0) != percent(leads[0].share, 0)]
    return [say("mediation.as-clear", place=_where(i, result, labels), share=percent(i.share, 0)) for i in others]


def _where(i: Indirect, result: MediationResult, labels: Labels) -> str:
    if i.x is None:
        return say("mediation.on-term", term=label_of(i.place, labels))
    x, value = label_of(result.treatment, labels), fixed(i.x)
    if i.place.startswith("p"):
        return say("mediation.at-percentile", x=x, value=value, percentile=i.place)
    return say("mediation.at-value", x=x, value=value)
