"""Write the sentences of a study of quality only."""

from __future__ import annotations

from integrade.subjects.quality_alone.model import QualitySummary
from integrade.verdicts.naming import Labels, followed
from integrade.wording.numerals import fixed, percent
from plainwords.texts import say

MUCH = 0.05
"""The share of value without quality is mentioned if it is above this share (a convention)."""
ALIKE = 0.9
"""The order of rows depends on another choice if the rank correlation with it is below this value (a convention)."""


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
    """Return a sentence that compares the median and the spread of quality in the first and the last year."""
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
    """List the weaknesses of the measure.

    They are rows without quality, choices that change the order of rows, and that quality is relative.
    """
    sentences = list[str]()
    if found.missing_value > MUCH:
        sentences.append(
            say("quality_alone.without", share=percent(found.missing_value, 0), rows=percent(found.missing, 0))
        )
    weak = [c for c in found.checks if c.correlation is not None and c.correlation < ALIKE]
    for check in sorted(weak, key=lambda c: c.correlation or 0.0):
        sentences.append(say("quality_alone.otherwise", choice=check.choice, correlation=fixed(check.correlation, 2)))
    return [*sentences, say("quality_alone.relative")]
