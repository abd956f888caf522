"""What of the effect goes through each mediator."""

from __future__ import annotations

from integrade.models.mediation.mediate import Mediation, mediate
from integrade.models.mediation.records import MediationResult
from integrade.study.questions.asked import Answer, Asked, options_of, tried


def answer(asked: Asked) -> Answer:
    """One record for each mediator that can be judged."""
    said, section = list[str](), asked.study.mediation
    mediators = section.mediators if section else []
    found = [tried(said, f"mediation by {m} is", lambda m=m: _mediation(asked, m)) for m in mediators]  # type: ignore[misc]
    return Answer(tuple(m for m in found if m), tuple(said))


def _mediation(asked: Asked, mediator: str) -> MediationResult:
    section, chosen = asked.study.mediation, asked.study.regression
    given = section.model_dump(exclude={"mediators", "at"}) if section else {}
    options = Mediation(treatment=chosen.treatment, at=tuple(section.at if section else ()), fit=options_of(chosen))
    return mediate(asked.sample, asked.formula, mediator, options, **given)
