"""What comparisons of groups return: frozen records of plain numbers and fits, without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrade import tidied
from integrade.models.findings import Combination, JointTest
from integrade.models.fit.results import Basis, FitResult, UTest
from integrade.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl


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

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """As `integrade.models.groups.compare.summary` prints it."""
        from integrade.models.groups.compare import summary

        return of_text(summary(self))


@dataclass(frozen=True)
class GroupSplit:
    """One way of splitting the sample: the kind of groups (ownership, intensity, period, area, column), its tests."""

    how: str
    title: str
    comparison: GroupComparison
