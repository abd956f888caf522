"""Estimate the regression under one change at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from integrade.errors import UsageError
from integrade.records.catalogue import flag_of
from integrade.records.needs import Column, Effect, Holds, Name, Precondition, Regressor
from integrade.records.question import Flags, question
from integrade.study.asked import Answer, Asked, OfFit, Told, judging, one, options_of
from integrade.study.keys import with_keys_of
from integrade.study.sections import Cuts, Numbers, Strict
from integrade.subjects.robustness.model import Robustness as Changes
from integrade.subjects.robustness.model import Variant, robustness
from integrade.verdicts import places

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[robustness]                   # the last column of Table 4 under one change at a time
# checks = ["balanced", "leave_out", "winsor", "effects", "weights", "placebo", "collapsed", "poisson"]
# leave_out = ["region", "year"]   # whose levels are left out one at a time
# winsor = [[1, 99], [5, 95]]      # percentiles at which outcome and controls are cut
# effects = ["industry^year"]      # further fixed effects; group is East, Central and West
# weight_columns = ["value"]       # weights; outcomes = ["zscore"], indices = ["other"]: columns in another's place
# gelbach = ["size = scale + age"] # what each group of controls takes out of the coefficients
"""


FAMILY = {name: name for name in ("leave_out", "winsor", "effects", "outcomes", "indices")} | {
    "weight_columns": "weights"
}
"""Option -> the family of changes to which it belongs."""
KEYS = ("checks", *FAMILY, "gelbach")
"""Options that a study file may leave out.

The defaults of the Python function then apply. They are not defaults of the file: the panel need not have their
columns, but must have every column that a file names.
"""


def _checks() -> Iterable[str]:
    """Return the families of changes."""
    return Changes().checks


def _groups_apart(section: Any, _: Any) -> None:
    """Raise an error for a control that is in two groups."""
    seen: list[str] = []
    for text in section.gelbach or ():
        for term in (t.strip() for t in text.partition("=")[2].split("+") if t.strip()):
            if term in seen:
                raise UsageError(f"{term!r} is in two groups", remedy="a control belongs to one group")
            seen.append(term)


@with_keys_of(Changes, *KEYS, defaults=dict.fromkeys(KEYS))
class Robustness(Strict):
    """The regression under one change at a time; the defaults are those of the Python function."""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(_groups_apart, "gelbach"),)

    run: bool = True
    checks: list[Annotated[str, Name(_checks, "check")]] | None
    leave_out: list[Annotated[str, Column()]] | None
    winsor: list[Cuts] | None
    effects: list[Annotated[str, Effect(words=("group",))]] | None
    weight_columns: list[Numbers] | None
    outcomes: list[Numbers] | None
    indices: list[Numbers] | None
    gelbach: list[Annotated[str, Regressor(groups=True)]] | None

    def choices(self) -> dict[str, Any]:
        """Return the options with their defaults, without the options of families that are not requested."""
        given = super().choices()
        checks = given.get("checks", Changes().checks)
        usual = {name: getattr(Changes(), name) for name in type(self).model_fields if name not in ("run", "gelbach")}
        return {
            name: value for name, value in (usual | given).items() if value and FAMILY.get(name, checks[0]) in checks
        }


@dataclass(frozen=True)
class RobustnessFlags:
    """Other samples, outcomes and effects.

    Parameters
    ----------
    robustness
        The regression under one change at a time: sample, cleaning, effects, weights, aggregation, estimator.
    """

    robustness: bool = False
    gelbach: tuple[str, ...] = flag_of(Changes, "gelbach")


def _robustness(asked: Asked, section: Robustness) -> tuple[Variant, ...]:
    chosen = asked.study.regression
    given = {name: tuple(value) for name, value in section.model_dump(exclude={"run"}, exclude_none=True).items()}
    options = Changes(fit=judging(options_of(chosen, wild=chosen.wild), chosen, asked.sample.columns))
    return tuple(robustness(asked.sample, asked.formula, chosen.treatment, options, halves=asked.halves(), **given))


def told(asked: OfFit, flags: RobustnessFlags) -> Iterator[Told]:
    """Yield one variant for each change."""
    from integrade.subjects.robustness.gelbach import Gelbach, gelbach

    if flags.gelbach:
        parts = gelbach(asked.table, asked.formula, flags.gelbach, Gelbach(fit=asked.fit))
        yield Told("gelbach", parts, str(parts))
    if not flags.robustness:
        return
    options = Changes(fit=asked.fit, gelbach=flags.gelbach)
    variants = robustness(asked.table, asked.formula, asked.treatment, options)
    yield Told("robustness", tuple(variants), str(variants))


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of changes to the headline."""
    from integrade.subjects.robustness.tables import robustness_table
    from integrade.subjects.robustness.verdict import adjusted_p, corrected_p, family_said
    from integrade.verdicts.bundle import treatment_of

    variants, adjusted = results.robustness, adjusted_p(results, places.ROBUSTNESS)
    if not variants:
        return []
    x, family = treatment_of(results), family_said(results)
    return [
        robustness_table(variants, x, results.labels, adjusted=adjusted, corrected=corrected_p(results), family=family)
    ]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.report.document import under
    from integrade.verdicts import answers

    return under(
        answers.robustness(results), made.figure("robustness") + made.table(places.ROBUSTNESS) + made.figure("without")
    )


@question(
    "robustness",
    place=40,
    options=Robustness,
    result=tuple[Variant, ...],
    steps=("prices", "integration"),
    reads=("noise",),
    part="doubts",
    section=5,
    tables=tables,
    places=(places.ROBUSTNESS,),
    printed=printed,
    flags=Flags(RobustnessFlags, "Robustness", told),
    functions=("robustness", "gelbach"),
    example=EXAMPLE,
    seconds=0.7,
)
def one_change_at_a_time(asked: Asked, section: Robustness) -> Answer:
    """Does the result depend on a year, a province, a tail, an effect, a weight?"""
    answer = one(lambda: _robustness(asked, section), "left_out.robustness", doubt=False)
    return Answer(answer.found or (), answer.said)
