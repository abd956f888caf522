"""Define the records of regressions on the past of a treatment: frozen plain numbers and fits, without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrade.estimate.contrasts import Combination, JointTest
from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import Basis, FitResult
from integrade.records import tidied
from integrade.records.confidence import Level, checked
from integrade.records.drawing import draw
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.account import Account

if TYPE_CHECKING:
    import polars as pl

    from integrade.records.drawing import Chart


@dataclass(frozen=True)
class LagColumn:
    """One regression with the variable at one shift: ``shift`` years back, negative for leads, 0 for current.

    ``joint`` tests the variable and its square jointly. ``p_holm`` is the p of ``joint`` after Holm's adjustment. A lag
    is adjusted over the lags, a lead over the leads. The current value has no adjusted p. ``n_lost`` is the number of
    rows that the regression on the current value has and this one lacks.
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
    """Several shifts in one regression.

    ``all_terms`` tests all terms of the variable jointly. ``past`` tests the terms of the lags only, and ``future`` the
    terms of the leads (the placebo). ``sums`` holds the sums of the linear terms, and of the squares, over the current
    value and the lags. It also holds the slope of these sums at the mean, and their turning point.
    """

    fit: FitResult
    all_terms: JointTest
    past: JointTest | None
    future: JointTest | None
    sums: tuple[Combination, ...]


@shown
@dataclass(frozen=True)
class LagResults:
    """The lag table: each shift separately, the distributed lag, and the distributed lag with leads as placebo.

    ``corrected`` is the same table corrected for noise in the variable (`subjects.noise.corrected`); None if it was not
    asked for. ``uncorrected`` is the reason why it was asked for and could not be made.
    """

    variable: str
    on: str  # regressor, or both: the outcome lagged too (published layout)
    columns: tuple[LagColumn, ...]
    distributed: DistributedLag | None
    placebo: DistributedLag | None
    account: Account
    notes: tuple[str, ...] = ()
    corrected: LagResults | None = None
    uncorrected: str = ""

    def __getitem__(self, shift: int) -> LagColumn:
        """Return the regression with the variable ``shift`` years back."""
        return next(c for c in self.columns if c.shift == shift)

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors and clusters of the regression whose shift is nearest to zero."""
        return min(self.columns, key=lambda c: abs(c.shift)).fit.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    @checked
    def plot(self, *, level: Level = 0.95) -> Chart:
        """Draw the slope of each year with a band for all years together (`integrade.plot.lags`)."""
        return draw("lags", self, level=level)

    def sheet(self) -> Sheet:
        """Return the lag table as text."""
        x = self.variable
        lines = [f"lags of {x}: each alone; the outcome is " + ("lagged too" if self.on == "both" else "this year's")]
        lines += [f"  ! {note}" for note in self.notes]
        lines += [_column_line(c) for c in self.columns]
        for label, lag in (("distributed lag", self.distributed), ("with leads", self.placebo)):
            if lag is None:
                continue
            lines.append(f"{label}: {lag.fit.formula}  (n = {lag.fit.nobs:,})")
            tests = (("all terms", lag.all_terms), ("lags", lag.past), ("leads (placebo)", lag.future))
            lines += [
                f"  {name}: F({t.df1}, {t.df2:,.0f}) = {t.statistic:.4f}, p = {t.p_value:.4f}"
                for name, t in tests
                if t is not None
            ]
            lines += [f"  {s.name:<40} {s.estimate:>12.6g}  ({s.std_error:.6g})  p = {s.p_value:.4f}" for s in lag.sums]
        lines += [str(e) for e in self.account if e.step == "lags"]
        lines += _without_noise(self)
        return of_text("\n".join(lines))


def _without_noise(found: LagResults) -> list[str]:
    """Return the lines on the same regressions with the index corrected for noise."""
    again = found.corrected
    if again is None:
        return [f"  ! not corrected for noise in the index: {found.uncorrected}"] if found.uncorrected else []
    lines = ["with the index corrected for noise:", *(_column_line(c) for c in again.columns)]
    tests = (("lags", again.distributed, "past"), ("leads (placebo)", again.placebo, "future"))
    for label, lag, name in tests:
        if lag is not None and (test := getattr(lag, name)) is not None:
            lines.append(f"  together, {label}: F({test.df1}, {test.df2:,.0f}), p = {larger_p(lag.fit, test):.4f}")
    return [*lines, *(f"  ! {note}" for note in again.notes)]


def larger_p(of: FitResult, test: JointTest) -> float:
    """Return the larger p: that of a joint test or, if drawn, of the wild bootstrap of the same null."""
    drawn = next((w.p_value for w in of.wild if w.null == " + ".join(test.terms)), 0.0)
    return max(test.p_value, drawn)


def _column_line(c: LagColumn) -> str:
    where = "current" if not c.shift else f"lag {c.shift}" if c.shift > 0 else f"lead {-c.shift}"
    estimates = ", ".join(
        f"{e.term} {e.estimate:.6g} ({e.std_error:.6g})" for e in c.fit.coefficients if e.term in c.joint.terms
    )
    joint = f"joint p {c.joint.p_value:.4f}" + ("" if c.p_holm is None else f" (Holm {c.p_holm:.4f})")
    joint += "".join(f", wild {w.p_value:.4f}" for w in c.fit.wild if w.null == " + ".join(c.joint.terms))
    turn = "" if c.u_test is None else f", U-test p {c.u_test.p_value:.4f}, turning point {c.u_test.turning_point:.4g}"
    return f"  {where:<8} {estimates}; {joint}{turn}; n = {c.fit.nobs:,}, {c.n_lost:,} fewer"


@dataclass(frozen=True)
class LagStudy:
    """Two tables of lags: with the controls of this year, and with the controls lagged like the treatment."""

    alone: LagResults
    with_controls: LagResults
