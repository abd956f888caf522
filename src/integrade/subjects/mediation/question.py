"""Estimate the part of the effect that goes through each mediator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from integrade.errors import UsageError
from integrade.estimate.ready import ready
from integrade.records.needs import DRAWS, Holds, Precondition, Several, Term, Test
from integrade.records.question import Flags, question
from integrade.study import preconditions as must
from integrade.study.asked import Answer, Asked, OfFit, Told, options_of, tried
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Level, Strict
from integrade.subjects.mediation.mediate import Mediation as Paths
from integrade.subjects.mediation.mediate import mediate
from integrade.subjects.mediation.records import MediationResult

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[mediation]                    # Tables 6 and 7: one mediator each, columns of the panel
mediators = ["human_capital", "rd"]
# a_path = "same"              # the path to the mediator has the square where the outcome has; linear: never
# at = ["p10", "p50", "p90"]   # where the effect is placed; level = 0.95, the confidence of intervals
draws = 1000                   # whole regions are drawn; interval = "bca" or "monte_carlo" for other intervals
"""


def _are_new(section: Any, facts: Any) -> None:
    """Raise an error for a mediator that is in the equation already."""
    for i, name in enumerate(section.mediators):
        if name in (facts.study.regression.outcome, *facts.regressors, *section.mediators[:i]):
            raise UsageError(f"the mediator {name!r} is in the equation already", remedy="leave it out of one of them")


def _clusters_to_draw(section: Any, facts: Any) -> None:
    """Raise an error unless there is exactly one cluster variable for a bootstrap of whole clusters."""
    if section.interval != "monte_carlo" and len(facts.clusters) != 1:
        raise UsageError(
            f"the {section.interval} interval draws whole clusters: [regression] needs one cluster",
            remedy='cluster = "region" in [regression], or interval = "monte_carlo"',
        )


@with_keys_of(Paths, "a_path", "interval", "draws", "level", "at")
class Mediation(Strict):
    """Tables 6 and 7: the effect that goes through each mediator, a column of the panel."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(_are_new, "mediators"), Holds(_clusters_to_draw, "interval"))

    run: bool = True
    mediators: list[Annotated[str, Term()]] = Field(min_length=1, description="columns of the panel, one table each")
    a_path: Any
    interval: Any
    draws: Annotated[int, Field(ge=1), DRAWS]
    level: Level
    at: Annotated[list[Annotated[str, Test(must.place_or_value)]], Field(min_length=1)]


@dataclass(frozen=True)
class MediationFlags:
    """Mediators.

    Parameters
    ----------
    mediator
        A column through which the treatment may act, with a bootstrap of the clusters; repeatable, several act jointly.
    """

    mediator: Annotated[tuple[str, ...], Several()] = ()


def told(asked: OfFit, flags: MediationFlags) -> Iterator[Told]:
    """Yield the joint mediation through all given mediators."""
    if flags.mediator:
        options = Paths(treatment=asked.treatment, fit=asked.fit)
        result = mediate(asked.table, asked.formula, flags.mediator, options)
        yield Told("mediation", result, str(result))


ROWS = {"paths": "meaning.tests-of-paths", "cells": "meaning.tests-on-cells", "omitted": "meaning.omitted-cause"}
"""The meaning of the number in a row, by the key of the row."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return tables 6, 7 and so on: one for each mediator, without the verdict if a hypothesis has it."""
    from integrade.subjects.mediation.tables import mediation_table
    from integrade.verdicts.naming import mediation_numbers

    labels, judged = results.labels, _judged(results)
    through = zip(mediation_numbers(results), results.mediation, strict=True)
    return [
        mediation_table(result, labels, number=number, verdict=result.mediators[0].name not in judged)
        for number, result in through
    ]


def _judged(results: StudyResults) -> set[str]:
    """Return the mediators that a hypothesis is about: ``rd`` of ``acts:rd``."""
    about = (v.about.partition(":") for v in results.verdicts)
    return {name for kind, _, name in about if kind in ("promotes", "acts")}


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.report.document import under
    from integrade.verdicts import answers
    from integrade.verdicts.naming import mediation_numbers

    return under(answers.mediation(results), made.table(*mediation_numbers(results)))


@question(
    "mediation",
    place=20,
    options=Mediation,
    result=tuple[MediationResult, ...],
    steps=("prices", "integration"),
    reads=("noise",),
    published={"a_path": "linear", "interval": "monte_carlo"},
    part="results",
    section=50,
    tables=tables,
    places=("6*", "7*"),
    printed=printed,
    rows=ROWS,
    flags=Flags(MediationFlags, "Mechanisms", told),
    functions=("mediate",),
    example=EXAMPLE,
    seconds=0.3,
)
def mediation(asked: Asked, section: Mediation) -> Answer:
    """Through which mediators does the treatment act?"""
    sentences, rows = list[str](), ready(asked.sample)
    chosen = asked.study.regression
    options = record_of(section, Paths, treatment=chosen.treatment, fit=options_of(chosen))
    make = partial(mediate, rows, asked.formula, options=options, halves=asked.halves())
    results = [tried(sentences, "left_out.mediation", partial(make, m), mediator=m) for m in section.mediators]
    return Answer(tuple(m for m in results if m), tuple(sentences))
