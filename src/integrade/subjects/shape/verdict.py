"""Judge H1, that a curve is an inverted U.

The rule is the same for the benchmark, its versions, groups and users' own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import FitResult
from integrade.regress.students import t_one_sided, t_quantile
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.shape.two_lines import ShapeStudy, TwoLinesResult
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.clustering import needs_wild
from integrade.verdicts.parts import LEVEL, Part, all_hold, below_level
from integrade.wording.numerals import Printing, below, fixed, p_equals, percent, shared
from plainwords.texts import Cell, quoted, say

INNER = ("p5", "p95")
"""Ends of the second range of the U-test, as percentiles of the estimation sample."""

Conclusion = Literal["supported", "not supported", "contradicted"]


@dataclass(frozen=True)
class Curve:
    """The curve of one regression: the fit, its U-test over the whole range, and the two-lines test if it was run.

    ``corrected`` is the same curve with the index corrected for noise; None without a correction. ``too_noisy``: the
    correction was tried and could not be made.
    """

    fit: FitResult
    test: UTest
    lines: TwoLinesResult | None = None
    corrected: Curve | None = None
    too_noisy: bool = False


class Ends(NamedTuple):
    """The t statistics of the slopes at both ends of a range, and the degrees of freedom."""

    low: float
    high: float
    df: float

    @property
    def inverted(self) -> float:
        """The p of an inverted U: the larger one-sided p of a rise at the low end and of a fall at the high end."""
        return max(t_one_sided(self.low, self.df), t_one_sided(-self.high, self.df))

    @property
    def upright(self) -> float:
        """The p of a U, which is the p of an inverted U with the signs of the slopes exchanged."""
        return max(t_one_sided(-self.low, self.df), t_one_sided(self.high, self.df))

    def one_way(self, sign: int) -> bool:
        """Return whether both slopes have this sign and are each beyond the two-sided critical value."""
        return min(sign * self.low, sign * self.high) > t_quantile(1 - LEVEL / 2, self.df)


def curve_of_benchmark(results: StudyResults) -> Curve | None:
    """Return the curve of the last benchmark column with a U-test.

    It has the two-lines test of the question on shape, if that question is on the same variable.
    """
    column, shape = next((c for c in reversed(results.benchmark) if c.u_test), None), results.shape
    curve = curve_of(column)
    if column is None or curve is None:
        return curve
    if shape is not None and shape.variable == curve.test.variable:
        curve = replace(curve, lines=shape.two_lines or curve.lines)
    if results.noise is None or not results.noise.was_corrected:
        return curve
    again = curve_of(results.noise.corrected(column))
    if again is None:
        return replace(curve, too_noisy=True)
    return replace(curve, corrected=replace(again, lines=curve.lines))


def size_of_shape(found: ShapeStudy) -> Printing:
    """Return the function that prints every slope of the question on shape, all with the same number of decimals."""
    tests = (found.whole, found.inner)
    slopes = [v for test in tests for v in (test.slope_low, test.slope_high, *(s[2] for s in test.slopes))]
    if found.two_lines is not None:
        slopes += [found.two_lines.first.slope, found.two_lines.second.slope]
    return shared(slopes, (s[3] for s in found.whole.slopes), 4)


def curve_of(column: Column | None) -> Curve | None:
    """Return the curve of a column; None if it has no square."""
    if column is None or column.u_test is None:
        return None
    return Curve(column.headline, column.u_test, column.two_lines)


def inverted_u_parts(curve: Curve, cells: Mapping[str, Cell | None] | None = None) -> tuple[Part, ...]:
    """Return the conditions of an inverted U, each with its number. All conditions that are needed must hold.

    ``cells``: name of a number -> the cell of a table that prints it (`integrade.verdicts.cells.of_the_curve`).

    Formula: (1) b2 < 0; (2) the U-test over the whole range and (3) from p5 to p95 of the sample, each p < 5%; (4) the
        wild-bootstrap p of b2 < 5%; (5) Simonsohn's two lines rise and then fall, each p < 5%.
    Missing values: if the two-lines test was not run, the curve is not established. It is not established either if the
    wild bootstrap was not drawn and the errors are not CR3. With CR3 the bootstrap is not needed, and its absence is
    reported.
    """
    x = curve.test.variable
    square, inner, of = curve.fit[f"{x}^2"], inner_ends(curve), cells or {}
    b = quoted(fixed(square.estimate, 4), of.get("square"))
    whole_p = curve.test.p_value if curve.test.shape == "inverted U" else 1.0
    return (
        Part(
            say("parts.square-negative", b=b, p=p_equals(square.p_value)),
            square.estimate < 0,
            square.estimate,
            "square",
        ),
        below_level("u_test", say("parts.u-test-whole"), whole_p, cell=of.get("u_test")),
        below_level(
            "u_test_inner",
            say("parts.u-test-inner"),
            None if inner is None else inner.inverted,
            cell=of.get("u_test_inner"),
        ),
        _wild_part(curve, of.get("wild")),
        _lines_part(curve, of),
    )


def inverted_u_established(curve: Curve) -> bool | None:
    """Return whether the curve is an inverted U by all parts; None if no part fails but a needed one was not run."""
    return all_hold(inverted_u_parts(curve))


def lacks_wild(curve: Curve) -> bool:
    """Return whether the wild bootstrap was not drawn although these errors need it."""
    return needs_wild(curve.fit) and wild_p(curve.fit, f"{curve.test.variable}^2") is None


def u_established(curve: Curve) -> bool:
    """Return whether the curve is a U by the rule that contradicts H1.

    The U-test must find a U over the whole range and from p5 to p95. The two-lines test must not find an inverted U.
    """
    inner = inner_ends(curve)
    if inner is None or _lines_inverted(curve):
        return False
    return curve.test.shape == "U" and below(curve.test.p_value, LEVEL) and below(inner.upright, LEVEL)


def turn_established(curve: Curve | None) -> bool:
    """Return whether the report may say that the curve turns, because the rule of H1 finds an inverted U or a U.

    If the study corrects for noise in the index, the corrected curve must turn too.

    If not, the vertex is only a number of the fitted parabola. No sentence may then state that the outcome rises before
    it, falls after it, or that rows lie beyond it.
    """
    if curve is None or curve.too_noisy:
        return False
    curves = [curve] if curve.corrected is None else [curve, curve.corrected]
    return all(inverted_u_established(c) is True for c in curves) or all(map(u_established, curves))


def concluded(curve: Curve) -> tuple[Conclusion, str]:
    """Return the outcome of H1 for a curve, and the finding in a few words.

    Contradicted: the two-lines test does not find an inverted U, and one of two findings holds both over the whole
    range and from p5 to p95. Either the U-test finds a U, or the slopes at both ends have one sign and are significant
    (two-sided). For any other curve that is not established, H1 is not supported.
    """
    if inverted_u_established(curve):
        return "supported", say("parts.found-inverted-u")
    whole, inner = _whole_ends(curve), inner_ends(curve)
    if inner is not None and not _lines_inverted(curve):
        if u_established(curve):
            return "contradicted", say("parts.found-u")
        if whole.one_way(1) and inner.one_way(1):
            return "contradicted", say("parts.found-rises")
        if whole.one_way(-1) and inner.one_way(-1):
            return "contradicted", say("parts.found-falls")
    return "not supported", _not_established(curve)


def wild_p(fit: FitResult, null: str) -> float | None:
    """Return the wild-bootstrap p-value of one null hypothesis; None if it was not drawn."""
    return next((w.p_value for w in fit.wild if w.null == null), None)


def inner_ends(curve: Curve) -> Ends | None:
    """Return the t statistics of the slopes at p5 and p95; None if the U-test has no slope at these percentiles."""
    at = {where: slope / error for where, _, slope, error in curve.test.slopes if error > 0}
    low, high = (at.get(place) for place in INNER)
    return None if low is None or high is None else Ends(low, high, _df(curve))


def _whole_ends(curve: Curve) -> Ends:
    return Ends(curve.test.t_low, curve.test.t_high, _df(curve))


def _df(curve: Curve) -> float:
    """Return the degrees of freedom of the U-test.

    If the variable and its square have different degrees of freedom, return the smaller value.
    """
    x, fit = curve.test.variable, curve.fit
    return min(fit.df_by_term.get(term, fit.df_t) for term in (x, f"{x}^2"))


def _wild_part(curve: Curve, cell: Cell | None) -> Part:
    p = wild_p(curve.fit, f"{curve.test.variable}^2")
    if p is None:
        needed, values = needs_wild(curve.fit), {"level": percent(LEVEL, 0), "kind": curve.fit.kind}
        key = "parts.wild-needed" if needed else "parts.wild-not-drawn"
        return Part(say(key, **values), None, None, "wild", needed=needed)
    return below_level("wild", say("parts.wild-square"), p, cell=cell)


def _lines_part(curve: Curve, cells: Mapping[str, Cell | None]) -> Part:
    lines, level = curve.lines, percent(LEVEL, 0)
    if lines is None:
        return Part(say("parts.two-lines-missing", level=level), None, None, "two_lines")
    sentence = say(
        "parts.two-lines",
        level=level,
        first=quoted(fixed(lines.first.slope, 4), cells.get("first")),
        first_p=quoted(p_equals(lines.first.p_value), cells.get("first_p")),
        second=quoted(fixed(lines.second.slope, 4), cells.get("second")),
        second_p=quoted(p_equals(lines.second.p_value), cells.get("second_p")),
    )
    larger = max(lines.first.p_value, lines.second.p_value)
    return Part(sentence, _line_rises(lines) and _line_falls(lines), larger, "two_lines")


def _line_rises(lines: TwoLinesResult) -> bool:
    return lines.first.slope > 0 and below(lines.first.p_value, LEVEL)


def _line_falls(lines: TwoLinesResult) -> bool:
    return lines.second.slope < 0 and below(lines.second.p_value, LEVEL)


def _lines_inverted(curve: Curve) -> bool:
    return curve.lines is not None and _line_rises(curve.lines) and _line_falls(curve.lines)


def _not_established(curve: Curve) -> str:
    """Return the finding, in a few words, for a curve that is not established as an inverted U."""
    x = curve.test.variable
    square, wild = curve.fit[f"{x}^2"], wild_p(curve.fit, f"{x}^2")
    if not below(square.p_value, LEVEL) or (wild is not None and not below(wild, LEVEL)):
        return say("parts.found-no-curvature")
    if square.estimate > 0:
        return say("parts.found-convex")
    # a side is established if all tests that were run find it
    ends = [e for e in (_whole_ends(curve), inner_ends(curve)) if e is not None]
    rises = all(below(t_one_sided(e.low, e.df), LEVEL) for e in ends)
    falls = all(below(t_one_sided(-e.high, e.df), LEVEL) for e in ends)
    if curve.lines is not None:
        rises, falls = rises and _line_rises(curve.lines), falls and _line_falls(curve.lines)
    if falls and rises:
        return say("parts.found-untested" if curve.lines is None else "parts.found-undrawn")
    if falls:
        return say("parts.found-no-rise")
    return say("parts.found-no-fall" if rises else "parts.found-neither")
