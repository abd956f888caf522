"""Is it an inverted U, whatever the form of the curve, and who is past its turning point?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import polars as pl
from pydantic import AfterValidator, Field

from integrade.errors import UsageError
from integrade.estimate.fit import regression_rows
from integrade.estimate.formula import parse_formula
from integrade.estimate.inverted_u import curve, u_test
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.records.needs import KNOTS, SIZE, NoNegative
from integrade.records.question import Flags, question
from integrade.study.asked import Asked, OfFit, Told
from integrade.study.sections import Ends, Level, Strict
from integrade.subjects.shape.bins import Bin, Binning, binned_means, separable
from integrade.subjects.shape.past import shares_past
from integrade.subjects.shape.two_lines import ShapeStudy, TwoLines, cubic_test, two_lines

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
    """The rule's, no bins, or at least two."""
    if bins == 1:
        raise ValueError(UsageError("one bin has nothing to stand beside", remedy="write bins = 20, or 0 for none"))
    return bins


class Shape(Strict):
    """Is it an inverted U, whatever the form of the curve, and who is past its turning point?"""

    run: bool = True
    ends: Ends = Field(
        default=("p5", "p95"), description="a second range of the U-test: values, or percentiles of the sample"
    )
    level: Level = Field(
        default=0.95, description="confidence of the intervals of the turning point and of the curve's band"
    )
    two_lines: bool = Field(default=True, description="Simonsohn's test: two slopes of opposite sign")
    knots: Annotated[int, KNOTS] = Field(
        default=10, ge=4, description="of the spline that places the break of the two lines"
    )
    cubic: bool = Field(default=True, description="is a cube needed beside the square?")
    curve: Annotated[int, SIZE] = Field(default=101, ge=2, description="points of the fitted curve with its band")
    bins: Annotated[Annotated[int, SIZE] | None, AfterValidator(_none_or_two)] = Field(
        default=None,
        ge=0,
        description="binned means with intervals beside the curve; the IMSE-optimal number where not given; 0: none",
    )


@dataclass(frozen=True)
class ShapeFlags:
    """Is it an inverted U?

    Parameters
    ----------
    u_test
        A variable that also enters squared: test the (inverted) U and place its turning point.
    two_lines
        A variable: Simonsohn's two-lines test of a U, whatever the form of the curve.
    cubic
        A variable: is its cube needed beside the square?
    effect_sizes
        What moves inside the data do, in standard deviations of the outcome.
    """

    u_test: str | None = None
    two_lines: str | None = None
    cubic: str | None = None
    effect_sizes: Annotated[bool, NoNegative()] = False


def _estimated(asked: Asked, rows: Ready, base: FitResult) -> pl.DataFrame:
    """Where the rows of the regression are: those of the sample less the singletons of its effects."""
    keys = [k for k in (asked.treatment, "firm", "region", "year") if k in rows.columns]
    if not base.n_singletons:
        return rows.select(keys)
    return regression_rows(rows, parse_formula(asked.formula), asked.fit).select(keys)


def told(asked: OfFit, flags: ShapeFlags) -> Iterator[Told]:
    """Two lines, the cube, effect sizes."""
    from integrade.estimate.fit import fit
    from integrade.subjects.shape.effect_size import effect_sizes

    if flags.two_lines:
        found = two_lines(asked.table, asked.formula, TwoLines(variable=flags.two_lines, fit=asked.fit))
        yield Told("two_lines", found, found.sheet().text())
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
"""What the number of a row is, by its key."""


def tables(results: StudyResults) -> list[PrintedTable]:
    """Tables 4f and 4g."""
    from integrade.subjects.shape.tables import past_table, shape_table
    from integrade.subjects.shape.verdict import curve_of_benchmark, turn_established

    found = results.shape
    if found is None:
        return []
    past = past_table(found, results.labels, established=turn_established(curve_of_benchmark(results)))
    return [shape_table(found, results.labels), past]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """What stands in its section."""
    from integrade.report.document import under
    from integrade.verdicts import doubts, headline

    said = [*headline.shape(results), *doubts.shape(results)]
    return under(said, made.figure("share", "share_map") + made.table("4f", "4g"))


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
    places=("4f", "4g"),
    printed=printed,
    rows=ROWS,
    flags=Flags(ShapeFlags, "Shape of the effect", told),
    functions=("u_test", "two_lines", "cubic_test", "effect_sizes"),
    example=EXAMPLE,
    seconds=0.6,
)
def shape(asked: Asked, section: Shape) -> ShapeStudy:
    """Is it an inverted U, whatever the form of the curve, and who is past its turning point?

    The U-test over both ranges, who is past, two lines and the cube, with the wild bootstrap where there is one.
    """
    x, how = asked.treatment, replace(asked.fit, wild=asked.wild, wild_ci=False)
    rows = ready(asked.sample)
    base = estimate(prepare(rows, asked.formula, asked.fit), asked.fit)
    low, high = section.ends
    whole = u_test(base, x, level=section.level)
    return ShapeStudy(
        x,
        whole,
        u_test(base, x, level=section.level, low=low, high=high),
        (str(low), str(high)),
        section.level,
        shares_past(_estimated(asked, rows, base), whole)
        if whole.shape == "inverted U" and "region" in asked.sample.columns
        else (),
        two_lines(rows, asked.formula, TwoLines(variable=x, knots=section.knots, fit=how))
        if section.two_lines
        else None,
        cubic_test(rows, asked.formula, x, how) if section.cubic else None,
        curve(base, x, section.curve, level=section.level),
        *_binned(asked, rows, base, section),
    )


def _binned(asked: Asked, rows: Ready, base: FitResult, section: Shape) -> tuple[tuple[Bin, ...], Binning | None]:
    """Binned means beside the curve, where they are asked for and no other term holds the treatment."""
    x = asked.treatment
    if section.bins == 0 or not separable(parse_formula(asked.formula), x):
        return (), None
    return binned_means(rows, base, x, asked.fit, section.bins, level=section.level)
