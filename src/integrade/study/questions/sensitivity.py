"""How strong an omitted variable would have to be."""

from __future__ import annotations

from dataclasses import replace

from integrade.errors import NotIdentified
from integrade.models.omitted.sensitivity import (
    ConfounderOptions,
    OsterOptions,
    SensitivityStudy,
    omitted_confounder,
    oster,
)
from integrade.study import sections
from integrade.study.questions.asked import Answer, Asked, one


def answer(asked: Asked) -> Answer:
    """The record, or why there is none."""
    section = asked.study.sensitivity or sections.Sensitivity()
    return one(lambda: _sensitivity(asked, section), "The sensitivity to omitted variables is")


def _sensitivity(asked: Asked, section: sections.Sensitivity) -> SensitivityStudy:
    """Oster's bound and Cinelli and Hazlett's robustness values for the slope at each place."""
    plain = replace(asked.fit, wild=0, wild_ci=False)
    if not asked.study.regression.controls:
        raise NotIdentified("the regression has no control to judge omitted variables by")
    bounds = [
        oster(
            asked.sample,
            asked.formula,
            asked.treatment,
            OsterOptions(at=at, r_max=section.r_max, r_factor=section.r_factor, delta=section.delta, fit=plain),
        )
        for at in section.at
        if section.oster
    ]
    strong = [
        omitted_confounder(
            asked.sample,
            asked.formula,
            asked.treatment,
            ConfounderOptions(
                at=at,
                q=section.q,
                alpha=section.alpha,
                fit=plain,
                benchmarks=tuple(section.benchmarks),
                strengths=tuple(section.strengths),
            ),
        )
        for at in section.at
        if section.robustness_value
    ]
    return SensitivityStudy(tuple(bounds), tuple(strong))
