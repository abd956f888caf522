"""The regression under one change at a time."""

from __future__ import annotations

from integrade.models.samples.robustness import Robustness, Variant, robustness
from integrade.study import config
from integrade.study.questions.asked import Answer, Asked, one, options_of


def answer(asked: Asked) -> Answer:
    """One variant for each change that can be made."""
    found = one(lambda: _robustness(asked), "the table of robustness is", doubt=False)
    return Answer(found.found or (), found.said)


def _robustness(asked: Asked) -> tuple[Variant, ...]:
    section, chosen = asked.study.robustness or config.Robustness(), asked.study.regression
    given = {name: tuple(value) for name, value in section.model_dump(exclude_none=True).items()}
    return tuple(robustness(asked.sample, asked.formula, chosen.treatment, Robustness(fit=options_of(chosen)), **given))
