"""The study of `report_example` with what its explorer shows: clusters, and a correction by halves of goods."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import report_example as example
from integrade.estimate.results import Coefficient
from integrade.subjects.inference.clusters import ClusterReport, ClusterTerm
from integrade.subjects.inference.randomisation import InferenceStudy
from integrade.subjects.noise.corrected import Corrected
from integrade.subjects.noise.records import NoiseStudy
from integrade.verdicts.bundle import StudyResults


def study() -> StudyResults:
    own = with_deviations()
    fit = own.benchmark[-1].headline
    levels = tuple(sorted({p.region for p in own.index.points}))
    terms = [c.term for c in fit.coefficients]
    without = np.tile([c.estimate for c in fit.coefficients], (len(levels), 1))
    at = levels.index("Hebei")
    without[at, terms.index("market")] = -2 * 4.25 * without[at, terms.index("market^2")]
    partial = np.full((len(levels), len(terms)), 0.6 / (len(levels) - 1))
    partial[at] = 0.4
    each = tuple(ClusterTerm(c.term, c.estimate, 9.0, 5.0, 0.4, "Hebei", "Hebei", 0.0, 1.0) for c in fit.coefficients)
    report = ClusterReport(
        fit.formula, "region", len(levels), fit.nobs, 1, 1.0, 1, each, (), levels, without, (), partial
    )
    return replace(own, inference=InferenceStudy(None, report), noise=NoiseStudy("market", fit, halves=corrected(own)))


def with_deviations() -> StudyResults:
    """The study with the standard deviations of index and outcome in its headline."""
    own = example.study()
    first, last = own.benchmark
    fit = replace(last.headline, deviations={"market": 0.25, "quality": 0.2})
    return replace(own, benchmark=(first, replace(last, headline=fit)))


def corrected(own: StudyResults) -> Corrected:
    """Half of the variation is noise: the true slope is twice the measured one, the true bend four times."""
    fit = own.benchmark[-1].headline
    b1, b2, centre = fit["market"].estimate, fit["market^2"].estimate, example.CENTRE
    true = {"market": 2 * (b1 + 2 * b2 * centre) - 8 * b2 * centre, "market^2": 4 * b2}

    def moved(c: Coefficient) -> Coefficient:
        return replace(c, estimate=true.get(c.term, c.estimate))

    better = replace(fit, coefficients=tuple(moved(c) for c in fit.coefficients))
    noise = {"market": 0.5, "market^2": 0.5}
    return Corrected("market", fit, better, True, noise, 20, 20240101, 10)
