"""What lags, group comparisons and two lines return: frozen records of plain numbers and fits, without data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from integrade.account import Account
from integrade.models.linear.results import Basis, FitResult, UTest
from integrade.sheet import Sheet, of_text, p_number, shown


@dataclass(frozen=True)
class JointTest:
    """A Wald test that several coefficients (or combinations of them) are zero: F = W / df1, p from F(df1, df2)."""

    terms: tuple[str, ...]
    statistic: float
    df1: int
    df2: float
    p_value: float


@dataclass(frozen=True)
class Combination:
    """A function of coefficients with its standard error (delta where it is not linear) and 95 % interval from t."""

    name: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class LagColumn:
    """One regression with the variable at one distance: ``shift`` years back, negative for leads, 0 for current.

    ``joint`` tests the variable and its square; ``p_holm`` is its p adjusted over the lags (over the leads for a lead;
    missing for the current value). ``n_lost``: rows of the current-value regression that this one lacks.
    """

    shift: int
    column: str
    fit: FitResult
    joint: JointTest
    p_holm: float | None
    u_test: UTest | None
    n_lost: int


@dataclass(frozen=True)
class DistributedLag:
    """Several distances in one regression.

    ``all_terms`` tests every term of the variable, ``past`` those of the lags alone, ``future`` those of the leads
    (the placebo). ``sums`` holds the sum over current value and lags of the linear terms and of the squares, the slope
    of the sums at the mean and their turning point.
    """

    fit: FitResult
    all_terms: JointTest
    past: JointTest | None
    future: JointTest | None
    sums: tuple[Combination, ...]


@shown
@dataclass(frozen=True)
class LagResults:
    """The lag table: each distance alone, the distributed lag, and the distributed lag with leads as placebo."""

    variable: str
    on: str  # regressor, or both: the outcome lagged too (published layout)
    columns: tuple[LagColumn, ...]
    distributed: DistributedLag | None
    placebo: DistributedLag | None
    account: Account
    notes: tuple[str, ...] = ()

    def __getitem__(self, shift: int) -> LagColumn:
        """The regression with the variable ``shift`` years back."""
        return next(c for c in self.columns if c.shift == shift)

    @property
    def basis(self) -> Basis:
        """What the regression without a lag, or the first, rests on."""
        return min(self.columns, key=lambda c: abs(c.shift)).fit.basis

    def sheet(self) -> Sheet:
        """As `integrade.models.timing.lags.summary` prints it."""
        from integrade.models.timing.lags import summary

        return of_text(summary(self))


@dataclass(frozen=True)
class GroupFit:
    """The regression within one group, its test of an inverted U, and how many clusters and rows it has."""

    group: str
    fit: FitResult
    u_test: UTest | None


@dataclass(frozen=True)
class Difference:
    """One coefficient of group ``a`` minus that of group ``b``, from the stacked regression.

    ``p_permutation`` is missing where labels were not permuted, ``p_wild`` where no wild bootstrap was asked for.
    ``p_holm`` and ``p_bh`` adjust ``p_value`` over all differences of coefficients in the comparison.
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
    """Whether all terms of the treatment are equal in two groups; adjusted over the pairs of groups."""

    a: str
    b: str
    test: JointTest
    p_permutation: float | None
    p_wild: float | None
    p_holm: float
    p_bh: float


@dataclass(frozen=True)
class Permuted:
    """How group labels were permuted: over which units, how many, how often, with which seed."""

    unit: str
    units: int
    draws: int
    seed: int


@shown
@dataclass(frozen=True)
class GroupComparison:
    """Split-sample estimates and tests of their differences from one stacked, fully interacted regression.

    ``stacked`` holds the terms as ``market:ownership=state``. ``turning_points`` are differences a - b of -b1 / (2 b2)
    by the delta method. ``overall`` tests equality in all groups (more than two; else None).
    """

    by: str
    treatment: str
    groups: tuple[GroupFit, ...]
    stacked: FitResult
    differences: tuple[Difference, ...]
    joint: tuple[JointDifference, ...]
    overall: JointTest | None
    overall_p_permutation: float | None
    turning_points: tuple[Combination, ...]
    permuted: Permuted | None
    notes: tuple[str, ...] = ()

    def difference(self, term: str, a: str, b: str) -> Difference:
        """The difference of a term between two groups, in the order of the record."""
        return next(d for d in self.differences if (d.term, d.a, d.b) == (term, a, b))

    @property
    def basis(self) -> Basis:
        """What the stacked regression rests on."""
        return self.stacked.basis

    def sheet(self) -> Sheet:
        """As `integrade.models.groups.compare.summary` prints it."""
        from integrade.models.groups.compare import summary

        return of_text(summary(self))


@dataclass(frozen=True)
class Adjusted:
    """One test of a family: its p-value and the p-values adjusted over the family."""

    name: str
    p_value: float
    p_holm: float
    p_bh: float
    p_by: float


@shown
@dataclass(frozen=True)
class AdjustedFamily:
    """The tests of a family, in order; a sequence."""

    tests: tuple[Adjusted, ...]

    def __iter__(self) -> Iterator[Adjusted]:
        return iter(self.tests)

    def __len__(self) -> int:
        return len(self.tests)

    def __getitem__(self, place: int) -> Adjusted:
        return self.tests[place]

    def sheet(self) -> Sheet:
        """One row per test."""
        head = ("", "p", "Holm", "Benjamini-Hochberg", "Benjamini-Yekutieli")
        rows = [(t.name, *(p_number(p) for p in (t.p_value, t.p_holm, t.p_bh, t.p_by))) for t in self.tests]
        return Sheet(f"{len(self.tests)} tests, adjusted over the family", head, tuple(rows))


@dataclass(frozen=True)
class Line:
    """One of the two lines: slope, its error and p, and the rows on its side of the break (those at it on both)."""

    slope: float
    std_error: float
    statistic: float
    p_value: float
    rows: int
    p_wild: float | None = None


@shown
@dataclass(frozen=True)
class TwoLinesResult:
    """Simonsohn's two-lines test. ``verdict``: U, inverted U or neither (slopes of opposite sign, both p < level).

    ``shape`` is the one looked for, from the slope of a quadratic at the smallest value. ``flat_low`` and ``flat_high``
    bound the values whose smoothed outcome is within one standard error of the extreme one, at ``extreme``;
    ``first_break`` is their median and ``break_at`` the Robin Hood break.
    """

    variable: str
    verdict: str
    shape: str
    break_at: float
    first_break: float
    extreme: float
    flat_low: float
    flat_high: float
    knots: int
    first: Line
    second: Line
    level: float
    nobs: int
    kind: str
    notes: tuple[str, ...] = ()
    basis: Basis | None = None

    def sheet(self) -> Sheet:
        """As `integrade.models.shape.two_lines.summary` prints it."""
        from integrade.models.shape.two_lines import summary

        return of_text(summary(self))


@shown
@dataclass(frozen=True)
class CubicTest:
    """The coefficient of the cube beside x and x^2: a significant one says that a quadratic is not enough."""

    variable: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_wild: float | None
    fit: FitResult = field(repr=False)

    @property
    def basis(self) -> Basis:
        """What the regression with the cube rests on."""
        return self.fit.basis

    def sheet(self) -> Sheet:
        """As `integrade.models.shape.two_lines.summary` prints it, with the draws of the wild p."""
        from integrade.models.shape.two_lines import summary

        drawn = (f"wild bootstrap: {w.draws:,} draws, seed {w.seed}" for w in self.fit.wild[:1])
        return of_text("\n".join([summary(self), *drawn]))
