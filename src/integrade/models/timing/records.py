"""What regressions on the past of a treatment return: frozen records of plain numbers and fits, without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrade import tidied
from integrade.account import Account
from integrade.models.findings import Combination, JointTest
from integrade.models.fit.results import Basis, FitResult, UTest
from integrade.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl


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

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """As `integrade.models.timing.lags.summary` prints it."""
        from integrade.models.timing.lags import summary

        return of_text(summary(self))


@dataclass(frozen=True)
class LagStudy:
    """The past of the treatment with the controls of this year, and with the controls lagged as well."""

    alone: LagResults
    with_controls: LagResults
