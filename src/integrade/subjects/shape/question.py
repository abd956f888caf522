"""Test whether the curve is an inverted U, whatever its form, and which observations are past its turning point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from integrade.errors import UsageError
from integrade.estimate.fit import regression_rows
from integrade.estimate.formula import parse_formula
from integrade.estimate.inverted_u import curve, u_test
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.ready import ready
from integrade.records.needs import KNOTS, SIZE, Holds, NoNegative, Precondition
from integrade.records.question import Flags, question
from integrade.study.asked import Asked, OfFit, Told
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Ends, Level, Strict
from integrade.subjects.shape.bins import binned_means, separable
from integrade.subjects.shape.past import PastShare, shares_past
from integrade.subjects.shape.two_lines import ShapeStudy, TwoLines, cubic_test, two_lines
from integrade.verdicts import places

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[shape]                        # is it an inverted U, and who is past its turning point, year by year?
ends = ["p5", "p95"]           # a second range of the U-test: percentiles of the sample, or values
# level = 0.95                 # confidence of the Fieller and delta intervals, and of the curve's band
# two_lines = true             # Simonsohn's test: two slopes of opposite sign; knots = 10 of its spline
# cubic = true                 # is a cube needed beside the square?
# curve = 101                  # points of the fitted curve
# bins = 20                    # binned means beside it (IMSE-optimal number where not given); 0: none
"""


def _none_or_two(bins: int | None) -> int | None:
    """Refuse one bin, because one bin shows no shape.

    None leaves the number of bins to the rule, and 0 means no bins.
    """
    if bins == 1:
        raise ValueError(UsageError("one bin cannot be compared with others", remedy="write bins = 20, or 0 for none"))
    return bins


def _has_square(_: Shape, facts: Any) -> None:
    """Require a square of the treatment: a formula without one has no curve that could turn."""
    chosen = facts.study.regression
    if not chosen.square:
        raise UsageError(
            f"this tests a curve, but the formula has no square of {chosen.treatment!r}",
            remedy=f"write {chosen.treatment} + {chosen.treatment}^2 in the formula, or leave [shape] out",
        )


@with_keys_of(TwoLines, "knots")
class Shape(Strict):
    """Is the curve an inverted U, whatever its functional form, and who is past its turning point?"""

    needs: ClassVar[tuple[Precondition, ...]] = (Holds(_has_square),)
    run: bool = True
    ends: Ends = Field(
        default=("p5", "p95"), description="a second range of the U-test: values, or percentiles of the sample"
    )
    level: Level = Field(
        default=0.95, description="confidence of the intervals of the turning point and of the curve's band"
    )
    two_lines: bool = Field(default=True, description="Simonsohn's test: two slopes of opposite sign")
    knots: Annotated[int, Field(ge=4), KNOTS]
    cubic: bool = Field(default=True, description="test whether a cubic term is needed")
    curve: Annotated[int, SIZE] = Field(default=101, ge=2, description="points of the fitted curve with its band")
    bins: Annotated[Annotated[int, SIZE] | None, AfterValidator(_none_or_two)] = Field(
        default=None,
        ge=0,
        description="number of binned means next to the curve; by default the IMSE-optimal number; 0 for none",
    )


@dataclass(frozen=True)
class ShapeFlags:
    """Is it an inverted U?

    Parameters
    ----------
    u_test
        A variable that also enters squared: test the (inverted) U and locate its turning point.
    two_lines
        A variable: Simonsohn's two-lines test of a U, whatever the form of the curve.
    cubic
        A variable: test whether its cube is needed in addition to the square.
    effect_sizes
        Effect of moving the treatment between its percentiles, in standard deviations of the outcome.
    """

    u_test: str | None = None
    two_lines: str | None = None
    cubic: str | None = None
    effect_sizes: Annotated[bool, NoNegative()] = False


def told(asked: OfFit, flags: ShapeFlags) -> Iterator[Told]:
    """Yield the two-lines test, the test of the cube, and effect sizes."""
    from integrade.estimate.fit import fit
    from integrade.subjects.shape.effect_size import effect_sizes

    if flags.two_lines:
        lines = two_lines(asked.table, asked.formula, TwoLines(variable=flags.two_lines, fit=asked.fit))
        yield Told("two_lines", lines, lines.sheet().text())
    if flags.cubic:
        cube = cubic_test(asked.table, asked.formula, flags.cubic, asked.fit)
        yield Told("cubic", cube, cube.sheet().title)
    if flags.effect_sizes:
        sizes = effect_sizes(fit(asked.table, asked.formula, asked.fit))
        yield Told("effect_sizes", sizes, str(sizes))


ROWS = {
    "range": "meaning.range-of-test",
    "slope_low": "meaning.slope-low",
    "slope_high": "meaning.slope-high",
    "quantile": "meaning.percentile-of-turning-point",
}
"""The meaning of the number in a row, by the key of the row."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return tables 4f and 4g."""
    from integrade.subjects.shape.tables import past_table, shape_table
    from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established

    result = results.shape
    if result is None:
        return []
    past = past_table(result, results.labels, established=turn_established(curve_of_benchmark(results)))
    return [shape_table(result, results.labels), past]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.report.document import under
    from integrade.verdicts import doubts, headline

    sentences = [*headline.shape(results), *doubts.shape(results)]
    return under(sentences, made.figure("share", "share_map") + made.table(places.SHAPE, places.PAST))


@question(
    "shape",
    place=50,
    options=Shape,
    result=ShapeStudy | None,
    left_out="left_out.shape",
    published={"run": False},
    part="results",
    section=35,
    tables=tables,
    places=(places.SHAPE, places.PAST),
    printed=printed,
    rows=ROWS,
    flags=Flags(ShapeFlags, "Shape of the effect", told),
    functions=("u_test", "two_lines", "cubic_test", "effect_sizes"),
    example=EXAMPLE,
    seconds=0.6,
)
def shape(asked: Asked, section: Shape) -> ShapeStudy:
    """Is the curve an inverted U, whatever its functional form, and who is past its turning point?

    Runs the U-test over both ranges, the shares past the turning point, the two-lines test and the test of the cube,
    with the wild bootstrap if the study has one.
    """
    x, how = asked.treatment, replace(asked.fit, wild=asked.wild, wild_ci=False)
    rows = ready(asked.sample)
    base = estimate(prepare(rows, asked.formula, asked.fit), asked.fit)
    low, high = section.ends
    whole = u_test(base, x, level=section.level)
    inner = u_test(base, x, level=section.level, low=low, high=high)
    past = tuple[PastShare, ...]()
    if whole.shape == "inverted U" and "region" in asked.sample.columns:
        used = regression_rows(rows, parse_formula(asked.formula), asked.fit) if base.n_singletons else rows
        past = shares_past(used.select([k for k in (x, "firm", "region", "year") if k in rows.columns]), whole)
    lines = None
    if section.two_lines:
        lines = two_lines(rows, asked.formula, record_of(section, TwoLines, variable=x, fit=how))
    cube = cubic_test(rows, asked.formula, x, how) if section.cubic else None
    points = curve(base, x, section.curve, level=section.level)
    ends = (str(low), str(high))
    study = ShapeStudy(x, whole, inner, ends, section.level, past, lines, cube, points)
    # bins cannot replace a treatment that is multiplied by another column or instrumented
    if section.bins == 0 or not separable(parse_formula(asked.formula), x):
        return study
    bins, binning = binned_means(rows, base, x, asked.fit, section.bins, level=section.level)
    return replace(study, bins=bins, binning=binning)
