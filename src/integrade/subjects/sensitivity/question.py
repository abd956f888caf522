"""Measure how strong an omitted variable would have to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from integrade.errors import NotIdentified
from integrade.estimate.ready import ready
from integrade.records.needs import Regressor
from integrade.records.question import Flags, question
from integrade.study.asked import Asked, OfFit, Told
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Alpha, Place, Strict
from integrade.subjects.sensitivity.model import (
    FOR_STUDIES,
    ConfounderOptions,
    OsterOptions,
    SensitivityStudy,
    omitted_confounder,
    oster,
)
from integrade.verdicts import places
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[sensitivity]                  # how strong would an omitted variable have to be?
at = ["p10", "p50", "p90"]     # where on the curve the slope is judged: p5, p10, p50, p90, p95
# oster = true                 # Oster's bound and delta; r_factor = 1.3 (or r_max = 1.0), delta = 1.0
# robustness_value = true      # Cinelli and Hazlett; q = 1.0 (share of the estimate to take away), alpha = 0.05
# benchmarks = ["scale"]       # confounders as strong as these controls (all of them where not given),
# strengths = [1, 2, 3]        # or so many times as strong
"""


@with_keys_of(ConfounderOptions, "at", "q", "alpha", "benchmarks", "strengths", defaults=FOR_STUDIES)
@with_keys_of(OsterOptions, "at", "r_factor", "r_max", "delta", defaults=FOR_STUDIES)
class Sensitivity(Strict):
    """How strong an omitted variable would have to be to remove the effect."""

    run: bool = True
    at: tuple[Place, ...] = Field(description="percentiles of the treatment at which the slope is evaluated")
    oster: bool = Field(default=True, description="Oster's bound and delta")
    r_factor: Annotated[float, Field(ge=1)]
    r_max: Annotated[float, Field(gt=0, le=1)] | None
    delta: float
    robustness_value: bool = Field(default=True, description="Cinelli and Hazlett's values")
    q: Annotated[float, Field(gt=0)]
    alpha: Alpha
    benchmarks: tuple[Annotated[str, Regressor(control=True)], ...] = Field(
        description="controls to which confounders are compared; by default all controls"
    )
    strengths: tuple[Annotated[float, Field(gt=0)], ...]


@dataclass(frozen=True)
class SensitivityFlags:
    """Omitted variables.

    Parameters
    ----------
    sensitivity
        A regressor: how strong must an omitted variable be? At its median if it enters squared.
    """

    sensitivity: str | None = None


def told(asked: OfFit, flags: SensitivityFlags) -> Iterator[Told]:
    """Yield Cinelli and Hazlett's values, and Oster's bound if the regression has controls."""
    from integrade.estimate.formula import parse_formula, square

    if not flags.sensitivity:
        return
    x = flags.sensitivity
    at: Any = "p50" if square(x) in parse_formula(asked.formula).regressors else None
    confounder = omitted_confounder(asked.table, asked.formula, x, ConfounderOptions(at=at, fit=asked.fit))
    if not confounder.benchmarks:
        yield Told("sensitivity", {"confounder": confounder, "oster": None}, confounder.sheet().text())
        return
    stability = oster(asked.table, asked.formula, x, OsterOptions(at=at, fit=asked.fit))
    results = {"confounder": confounder, "oster": stability}
    yield Told("sensitivity", results, f"{confounder.sheet().text()}\n{stability.sheet().text()}")


ROWS = {
    "short": "meaning.slope-without-controls",
    "full": "meaning.slope-with-controls",
    "r2": "meaning.r-squared-without-and-with",
    "r2_max": "meaning.largest-r-squared",
    "oster": "meaning.oster-slope",
    "delta_zero": "meaning.oster-delta",
    "slope": "meaning.slope-at-place-iid",
    "partial_r2": "meaning.partial-r-squared",
    "robustness_value": "meaning.robustness-value",
    "robustness_value.p": "meaning.robustness-value-of-significance",
}
"""The meaning of the number in a row, by the key of the row."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of omitted variables."""
    from integrade.subjects.inference.tables import sensitivity_table

    return [sensitivity_table(results.sensitivity, results.labels)] if results.sensitivity else []


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.verdicts import doubts

    return [*doubts.sensitivity(results), *made.table(places.SENSITIVITY)]


@question(
    "sensitivity",
    place=80,
    options=Sensitivity,
    result=SensitivityStudy | None,
    left_out="left_out.sensitivity",
    published={"run": False},
    part="doubts",
    section=30,
    tables=tables,
    places=(places.SENSITIVITY,),
    printed=printed,
    rows=ROWS,
    flags=Flags(SensitivityFlags, "Robustness", told),
    functions=("oster", "omitted_confounder", "robustness_value"),
    example=EXAMPLE,
    seconds=0.2,
)
def sensitivity(asked: Asked, section: Sensitivity) -> SensitivityStudy:
    """How strong would an omitted variable have to be?

    Computes Oster's bound and Cinelli and Hazlett's robustness values for the slope at each value of the treatment.
    """
    plain = replace(asked.fit, wild=0, wild_ci=False)
    if not asked.study.regression.controls:
        raise NotIdentified(say("left_out.no-control"))
    rows = ready(asked.sample)
    bounds = [
        oster(rows, asked.formula, asked.treatment, record_of(section, OsterOptions, at=at, fit=plain))
        for at in section.at
        if section.oster
    ]
    strong = [
        omitted_confounder(
            rows, asked.formula, asked.treatment, record_of(section, ConfounderOptions, at=at, fit=plain)
        )
        for at in section.at
        if section.robustness_value
    ]
    return SensitivityStudy(tuple(bounds), tuple(strong))
