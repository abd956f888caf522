"""Write the sentences of a study of quality only."""

from __future__ import annotations

from integrade.subjects.quality_alone.model import QualitySummary
from integrade.verdicts.naming import Labels, followed
from integrade.wording.numerals import fixed, percent
from plainwords.texts import say

MUCH = 0.05
"""Share of value without quality above which the share is mentioned. A convention."""
ALIKE = 0.9
"""Rank correlation with another choice below which the order of rows depends on that choice. A convention."""


def question(found: QualitySummary, labels: Labels) -> str:
    """Return a sentence on what is measured, for whom (firms, or the author's own word for them), and when."""
    first, last = found.years[0].year, found.years[-1].year
    key = "quality_alone.of-firms" if found.firms else "quality_alone.of-rows"
    return say(
        key,
        measure=found.measure,
        rows=found.rows,
        firms=found.firms,
        units=followed(labels),
        products=found.products,
        destinations=found.destinations,
        first=str(first),
        last=str(last),
    )


def trend(found: QualitySummary) -> str:
    """Return a sentence on how the median and the spread of quality moved."""
    first, last = found.years[0], found.years[-1]
    return say(
        "quality_alone.trend",
        first=str(first.year),
        last=str(last.year),
        before=fixed(first.median),
        after=fixed(last.median),
        spread_before=fixed(first.p90 - first.p10),
        spread_after=fixed(last.p90 - last.p10),
    )


def against(found: QualitySummary) -> list[str]:
    """List the weaknesses of the measure: rows without quality, choices that change the order, and relativity."""
    sentences = list[str]()
    if found.missing_value > MUCH:
        sentences.append(
            say("quality_alone.without", share=percent(found.missing_value, 0), rows=percent(found.missing, 0))
        )
    weak = [c for c in found.checks if c.correlation is not None and c.correlation < ALIKE]
    for check in sorted(weak, key=lambda c: c.correlation or 0.0):
        sentences.append(say("quality_alone.otherwise", choice=check.choice, correlation=fixed(check.correlation, 2)))
    return [*sentences, say("quality_alone.relative")]
