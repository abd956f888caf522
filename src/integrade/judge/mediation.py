"""The verdict on a mediator, with the numbers it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrade.judge.naming import label_of
from integrade.models.mediation.indirect import equally_clear
from integrade.models.mediation.records import Indirect, MediationResult
from integrade.numerals import fixed, interval, p_equals, percent

Labels = Mapping[str, str]


def verdict_sentence(result: MediationResult, labels: Labels) -> str:
    """The verdict on the first mediator with the numbers it rests on."""
    m = result.mediators[0]
    name, leads = label_of(m.name, labels), equally_clear(m.indirect)
    place = leads[0]
    return (
        f"{name}: {m.verdict}. Paths {p_equals(m.a_joint.p_value)} (of {label_of(result.treatment, labels)} to {name}) "
        f"and {p_equals(m.b.p_value)} (of {name} to {label_of(result.outcome, labels)}); indirect effect "
        f"{fixed(place.estimate, 4)}, {100 * result.level:g} % interval {interval(place.conf_low, place.conf_high, 4)} "
        f"{_where(place, result, labels)}, where it is {percent(place.share, 0)} of the total slope."
    ) + _elsewhere(leads, result, labels)


def _elsewhere(leads: Sequence[Indirect], result: MediationResult, labels: Labels) -> str:
    """The other places where the indirect effect is as clear, which have other shares of the total slope."""
    others = [i for i in leads[1:] if percent(i.share, 0) != percent(leads[0].share, 0)]
    each = (f"It is as clear {_where(i, result, labels)}: {percent(i.share, 0)} of the total slope." for i in others)
    return "".join(f" {one}" for one in each)


def _where(i: Indirect, result: MediationResult, labels: Labels) -> str:
    x = label_of(result.treatment, labels)
    if i.x is None:
        return f"on {label_of(i.place, labels)}"
    return f"at {x} = {fixed(i.x)}" + (f" ({i.place})" if i.place.startswith("p") else "")
