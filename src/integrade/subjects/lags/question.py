"""Estimate effects of the treatment of earlier and later years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from integrade.errors import UsageError, option
from integrade.records.catalogue import flag_of
from integrade.records.needs import Columns, Precondition, Several
from integrade.records.question import Flags, question
from integrade.study.asked import Answer, Asked, OfFit, Told, options_of
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Strict
from integrade.subjects.lags.model import Lags as Shifts
from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.records import LagResults, LagStudy
from integrade.verdicts import places
from plainwords.account import Entry

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[lags]                         # Table 5: the treatment of earlier years, from the region's own series
lags = [1, 2, 3]
leads = [1]                    # later years beside them, as a placebo: the future cannot act on the present
# include_square = true        # with the square of each lag; same_sample = true: all columns on the same rows
# on = "both"                  # lag the outcome as well, as the published table seems to do (preset published does)
"""


Years = Annotated[int, Field(ge=1)]


@with_keys_of(Shifts, "lags", "leads", "include_square", "on", "same_sample")
class Lags(Strict):
    """Table 5: the treatment of earlier years, each by itself and all together, and of later years as a placebo."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("region", "year")),)

    run: bool = True
    lags: list[Years]
    leads: list[Years]


@dataclass(frozen=True)
class LagFlags:
    """Earlier and later years of the treatment.

    Parameters
    ----------
    lag_of
        The variable that is lagged, by region and year; the treatment by default.
    placebo
        Next year's treatment in the same terms as this year's, in one regression: it should have no effect.
    """

    lags: Annotated[tuple[int, ...], Several()] = flag_of(Shifts, "lags", default=())
    leads: Annotated[tuple[int, ...], Several()] = flag_of(Shifts, "leads", default=())
    lag_of: str | None = None
    placebo: bool = False


def told(asked: OfFit, flags: LagFlags) -> Iterator[Told]:
    """Yield the table of lags, and the placebo test of next year's treatment."""
    from integrade.estimate.formula import parse_formula, square
    from integrade.subjects.robustness.model import Robustness, robustness

    if flags.lag_of and not (flags.lags or flags.leads):
        raise UsageError(
            f"--lag-of {flags.lag_of} names the variable, but not the number of years",
            remedy=f"give {option('lags', (1, 2))}",
        )
    if flags.lags or flags.leads:
        variable = flags.lag_of or asked.treatment
        squared = square(variable) in parse_formula(asked.formula).regressors
        options = Shifts(variable=variable, lags=flags.lags, leads=flags.leads, include_square=squared, fit=asked.fit)
        table = lag_table(asked.table, asked.formula, options)
        yield Told("lags", table, table.sheet().text())
    if flags.placebo:
        how = Robustness(checks=("placebo",), fit=asked.fit)
        variants = robustness(asked.table, asked.formula, asked.treatment, how)
        yield Told("placebo", variants[1], "\n".join(variants.sheet().lines))


ROWS = {
    "lagged": "meaning.lagged",
    "rows_lost": "meaning.rows-lost",
    "past": "meaning.past-years",
    "past.holm": "meaning.past-holm",
    "past.wild": "meaning.past-wild",
    "past.corrected": "meaning.past-corrected",
    "placebo": "meaning.later-years",
    "placebo.wild": "meaning.past-wild",
    "placebo.holm": "meaning.placebo-holm",
    "placebo.corrected": "meaning.past-corrected",
    "sum": "meaning.sum-of-coefficients",
    "sum.t": "meaning.t-of-sum",
    "sum_of_squares.t": "meaning.t-of-sum",
    "slope_of_sums.t": "meaning.t-of-slope",
    "sum_of_squares": "meaning.sum-of-squares",
    "slope_of_sums": "meaning.slope-of-sums",
}
"""The meaning of the number in a row, by the key of the row."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of lags."""
    from integrade.subjects.lags.tables import lags_table
    from integrade.subjects.robustness.verdict import adjusted_p, corrected_p, family_said

    if results.lags is None:
        return []
    adjusted, family = adjusted_p(results, places.LAGS), family_said(results)
    corrected = corrected_p(results)
    return [lags_table(results.lags, results.labels, adjusted=adjusted, corrected=corrected, family=family)]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.report.document import under
    from integrade.verdicts import answers

    return under(answers.lags(results), made.figure("lags") + made.table(places.LAGS))


@question(
    "lags",
    place=10,
    options=Lags,
    result=LagStudy | None,
    left_out="left_out.lags",
    doubt=False,
    steps=("prices", "integration"),
    reads=("noise",),
    published={"on": "both", "include_square": False},
    part="results",
    section=40,
    tables=tables,
    places=("5*",),
    printed=printed,
    rows=ROWS,
    flags=Flags(LagFlags, "Time", told),
    functions=("lag_table", "add_lags"),
    example=EXAMPLE,
    seconds=1.2,
)
def lags(asked: Asked, section: Lags) -> Answer:
    """Does the treatment act with a delay, and does the future seem to act on the present?

    Estimates columns with current controls and columns with lagged controls. Only the columns with current controls,
    which the table shows, are bootstrapped.
    """
    chosen = asked.study.regression
    options = record_of(section, Shifts, variable=chosen.treatment)
    fit, plain = options_of(chosen, wild=chosen.wild), options_of(chosen)
    current = lag_table(asked.sample, asked.formula, options, series=asked.series, halves=asked.halves(), fit=fit)
    lagged = lag_table(asked.sample, asked.formula, options, series=asked.series, fit=plain, controls="lagged")
    return Answer(LagStudy(current, lagged), account=left_out(current))


def left_out(found: LagResults) -> tuple[Entry, ...]:
    """Return warnings that the distributed lag, or the one with leads (the placebo), could not be estimated."""
    if found.on == "both":  # the published layout never has a distributed lag
        return ()
    return tuple(Entry("lags", "panel", "warning", note, 0) for note in found.notes)
