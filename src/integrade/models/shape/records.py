"""What tests of a curve's shape return: frozen records of plain numbers and fits, without data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from integrade import tidied
from integrade.models.fit.results import Basis, CurvePoint, FitResult, UTest
from integrade.models.shape.past import PastShare
from integrade.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl


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

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

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

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """As `integrade.models.shape.two_lines.summary` prints it, with the draws of the wild p."""
        from integrade.models.shape.two_lines import summary

        drawn = (f"wild bootstrap: {w.draws:,} draws, seed {w.seed}" for w in self.fit.wild[:1])
        return of_text("\n".join([summary(self), *drawn]))


@dataclass(frozen=True)
class ShapeStudy:
    """The shape of the curve: U-tests of the whole and of a second range, who is past, two lines, a cube, the curve.

    ``ends`` names the second range (p5, p95); ``level`` is that of the intervals and of the curve's pointwise band.
    """

    variable: str
    whole: UTest
    inner: UTest
    ends: tuple[str, str]
    level: float
    past: tuple[PastShare, ...] = ()
    two_lines: TwoLinesResult | None = None
    cubic: CubicTest | None = None
    curve: tuple[CurvePoint, ...] = ()
