"""Define the records of comparisons of groups: frozen plain numbers and fits, without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrade.estimate.contrasts import Combination, JointTest
from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import Basis, FitResult
from integrade.records import tidied
from integrade.records.drawing import draw
from integrade.wording.sheet import Sheet, clustered_by, of_text, shown

if TYPE_CHECKING:
    import polars as pl

    from integrade.records.drawing import Chart


@dataclass(frozen=True)
class GroupFit:
    """The regression within one group, and its test of an inverted U."""

    group: str
    fit: FitResult
    u_test: UTest | None


@dataclass(frozen=True)
class Difference:
    """One coefficient of group ``a`` minus the same coefficient of group ``b``, from the stacked regression.

    ``p_permutation`` is missing if labels were not permuted, ``p_wild`` if no wild bootstrap was requested. ``p_holm``
    and ``p_bh`` adjust ``p_value`` over all differences of coefficients in the comparison.
    """

    term: str
    a: str
    b: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    p_permutation: float | None
    p_wild: float | None
    p_holm: float
    p_bh: float


@dataclass(frozen=True)
class JointDifference:
    """Test that all terms of the treatment are equal in two groups.

    ``p_holm`` and ``p_bh`` are adjusted over the pairs of groups.
    """

    a: str
    b: str
    test: JointTest
    p_permutation: float | None
    p_wild: float | None
    p_holm: float
    p_bh: float


@dataclass(frozen=True)
class Permuted:
    """The permutation of group labels: the units, their number, the number of draws, and the seed.

    ``exact`` is true if every cluster of the errors lies within one unit. The permutation test is then exact if the
    units are exchangeable. Units may be finer than clusters, for example firms within the regions by which the errors
    are clustered. Units of one group then share shocks of a region and year and are not exchangeable, and the test
    rejects too often.
    """

    unit: str
    units: int
    draws: int
    seed: int
    exact: bool


@shown
@dataclass(frozen=True)
class GroupComparison:
    """Estimates in each group, and tests of their differences from one stacked, fully interacted regression.

    ``stacked`` has terms such as ``market:ownership=state``. ``turning_points`` are differences a - b of -b1 / (2 b2)
    by the delta method. ``overall`` tests equality in all groups; with two groups it is None. ``overall_p_wild`` is the
    wild bootstrap p of equality in all groups, given for two groups too. It is None if no wild bootstrap was drawn.

    ``strengths`` holds the average steepness of each group's fitted curve over ``middle``. This is the range of the
    treatment that all groups share (largest p10 to smallest p90). ``stronger`` holds the differences a - b of steepness
    (`integrade.subjects.groups.strength`). ``strengths`` and ``stronger`` are empty if the treatment has terms other
    than itself and its square. They are also empty if ``shared``, the smallest share of a group's rows within
    ``middle``, is too small.

    ``corrected`` is the same comparison corrected for noise in the treatment (`subjects.noise.corrected`), without
    permutation and bootstrap; None if it was not asked for. ``uncorrected`` is the reason why it was asked for and
    could not be made.
    """

    by: str
    treatment: str
    groups: tuple[GroupFit, ...]
    stacked: FitResult
    differences: tuple[Difference, ...]
    joint: tuple[JointDifference, ...]
    overall: JointTest | None
    overall_p_permutation: float | None
    overall_p_wild: float | None
    turning_points: tuple[Combination, ...]
    permuted: Permuted | None
    middle: tuple[float, float]
    strengths: tuple[Combination, ...]
    stronger: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
    shared: float = 1.0
    corrected: GroupComparison | None = None
    uncorrected: str = ""

    def difference(self, term: str, a: str, b: str) -> Difference:
        """Return the difference of a term between two groups, which must be named in the order of the record."""
        return next(d for d in self.differences if (d.term, d.a, d.b) == (term, a, b))

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors and clusters of the stacked regression."""
        return self.stacked.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def plot(self, pooled: FitResult | None = None, target: str = "") -> Chart:
        """Draw a forest plot of the groups (`integrade.plot.groups`)."""
        return draw("groups", self, pooled, target)

    def sheet(self) -> Sheet:
        """Return the comparison as text: groups, differences, joint tests, turning points."""
        clusters = clustered_by(self.stacked.clusters) or "no clusters"
        lines = [f"{self.treatment} by {self.by} ({self.stacked.kind}, {clusters})"]
        for g in self.groups:
            shown = ", ".join(
                f"{c.term} {c.estimate:.6g} ({c.std_error:.6g})"
                for c in g.fit.coefficients
                if c.term in (self.treatment, f"{self.treatment}^2")
            )
            turn = (
                ""
                if g.u_test is None
                else f"; turning point {g.u_test.turning_point:.4g}, U-test p {g.u_test.p_value:.4f}"
            )
            lines.append(f"  {g.group:<20} {shown}{turn}; n = {g.fit.nobs:,}")
        lines.append("differences (stacked regression)")
        lines += [_difference_line(d) for d in self.differences]
        lines += [_joint_line(f"{j.a} - {j.b}", j.test, _more_p(j)) for j in self.joint]
        if self.overall is not None:
            also = ((self.overall_p_permutation, "permutation"), (self.overall_p_wild, "wild"))
            more = "".join(f", {name} {p:.4f}" for p, name in also if p is not None)
            lines.append(_joint_line("all groups equal", self.overall, more))
        lines += [f"  {t.name}: {t.estimate:.6g} ({t.std_error:.6g}), p = {t.p_value:.4f}" for t in self.turning_points]
        if self.strengths:
            low, high = self.middle
            each = ", ".join(f"{s.name} {s.estimate:.6g} ({s.std_error:.6g})" for s in self.strengths)
            lines.append(f"average steepness from {low:.4g} to {high:.4g}: {each}")
        lines += [_difference_line(d) for d in self.stronger]
        if self.permuted is not None:
            r = self.permuted
            exact = "exact where they are exchangeable" if r.exact else "not exact where they share shocks of a cluster"
            lines.append(f"labels permuted {r.draws:,} times over {r.units:,} units ({r.unit}), seed {r.seed}; {exact}")
        return of_text("\n".join([*lines, *self.notes, *_without_noise(self)]))


def _without_noise(found: GroupComparison) -> list[str]:
    """Return the lines on the same differences with the index corrected for noise."""
    again = found.corrected
    if again is None:
        return [f"not corrected for noise in the index: {found.uncorrected}"] if found.uncorrected else []
    lines = ["with the index corrected for noise", *(_difference_line(d) for d in again.differences)]
    lines += [_joint_line(f"{j.a} - {j.b}", j.test, _more_p(j)) for j in again.joint]
    return lines + ([] if again.overall is None else [_joint_line("all groups equal", again.overall, "")])


def _difference_line(d: Difference) -> str:
    numbers = f"{d.estimate:.6g} ({d.std_error:.6g}), t = {d.statistic:.3f}, p = {d.p_value:.4f}"
    return f"  {d.term:<12} {d.a} - {d.b}: {numbers}{_more_p(d)}"


def _joint_line(label: str, test: JointTest, more: str) -> str:
    f = f"F({test.df1}, {test.df2:,.0f}) = {test.statistic:.4f}"
    return f"  {'all terms':<12} {label}: {f}, p = {test.p_value:.4f}{more}"


def _more_p(difference: Difference | JointDifference) -> str:
    """Return text with the further p-values of a test."""
    p_values = (
        (difference.p_permutation, "permutation"),
        (difference.p_wild, "wild"),
        (difference.p_holm, "Holm"),
        (difference.p_bh, "BH"),
    )
    return "".join(f", {label} {p:.4f}" for p, label in p_values if p is not None)


@dataclass(frozen=True)
class GroupSplit:
    """One split of the sample: its kind (ownership, intensity, period, area, list or column), its title and tests.

    ``printed`` is the comparison with the errors of the paper's tables; None if the tables print ``comparison``.
    """

    how: str
    title: str
    comparison: GroupComparison
    printed: GroupComparison | None = None
