"""How much the clusters can carry, and second opinions on the headline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integrade.errors import TooFew
from integrade.models.inference.clusters import cluster_report
from integrade.models.inference.randomisation import InferenceStudy, Randomise, randomisation
from integrade.study import sections
from integrade.study.questions.asked import Answer, Asked, one


def answer(asked: Asked) -> Answer:
    """The record, or why there is none."""
    section = asked.study.inference or sections.Inference()
    return one(lambda: _inference(asked, section), "The permutation of paths and the report on clusters are")


def _inference(asked: Asked, section: sections.Inference) -> InferenceStudy:
    """Permutations of the regions' paths under the covariance of the headline, and the report on its clusters."""
    cluster = asked.fit.cluster or "region"
    vcov: Any = asked.fit.vcov if asked.fit.vcov in ("CR1", "CR3") else "CR3"
    how = replace(asked.fit, cluster=cluster, vcov=vcov, wild=0, wild_ci=False)
    if "+" in cluster:
        raise TooFew("the regression has several sets of clusters: paths and leverage are those of one")
    options = Randomise(permutations=section.randomisation, seed=section.seed, fit=how)
    return InferenceStudy(
        randomisation(asked.sample, asked.formula, asked.treatment, options) if section.randomisation else None,
        cluster_report(asked.sample, asked.formula, cluster, how) if section.clusters else None,
    )
