"""A stand-in: answer, rows and strongest objection of a study, until the module of this name is there."""

from __future__ import annotations

from typing import NamedTuple

from integrade.verdicts.against import against, against_the_measures
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.headline import names_of_verdicts, summary
from integrade.verdicts.opening import size_said


class VerdictRow(NamedTuple):
    """A verdict in one row."""

    hypothesis: str
    claim: str
    outcome: str
    p: str
    objection: str


def answer(results: StudyResults) -> str:
    """Return the answer in one sentence."""
    said = size_said(results) if results.benchmark else summary(results)[:1]
    return str(said[0]) if said else ""


def rows(results: StudyResults) -> list[VerdictRow]:
    """Return the verdicts."""
    names = names_of_verdicts(results.verdicts)
    return [VerdictRow(n, v.statement, v.outcome, "", "") for n, v in zip(names, results.verdicts, strict=True)]


def strongest(results: StudyResults) -> str:
    """Return the strongest objection in one sentence."""
    if not results.benchmark:
        return next(iter(against_the_measures(results)), "")
    return next((one.sentence for one in against(results)), "")
