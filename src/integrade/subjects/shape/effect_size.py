"""Compute effect sizes: by how many standard deviations the outcome changes when a regressor moves within the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrade.estimate.inverted_u import percentile_of, u_test
from integrade.estimate.results import Basis, FitResult
from integrade.records import tidied
from integrade.records.drawing import draw
from integrade.regress.students import t_quantile
from integrade.wording.sheet import Sheet, number, shown

if TYPE_CHECKING:
    import polars as pl

    from integrade.records.drawing import Chart


@dataclass(frozen=True)
class EffectSize:
    """The change of the fitted outcome when a regressor moves from ``start`` to ``end``.

    ``in_sd`` divides the change by the standard deviation of the outcome over all rows. ``in_within`` divides it by the
    standard deviation net of the fixed effects.
    """

    variable: str
    move: str
    start: float
    end: float
    change: float
    conf_low: float
    conf_high: float
    in_sd: float
    in_within: float


@shown
@dataclass(frozen=True)
class EffectSizes:
    """The effect sizes of a regression, with the standard deviations of the outcome."""

    outcome: str
    sd: float
    sd_within: float
    rows: tuple[EffectSize, ...]
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def plot(self) -> Chart:
        """Draw the moves with their intervals (`integrade.plot.effects`)."""
        return draw("effects", self)

    def sheet(self) -> Sheet:
        """Return one row per move."""
        head = ("", "move", "change", "95% interval", "in s.d.", "in s.d. net of effects")
        rows = tuple(
            (
                e.variable,
                e.move,
                number(e.change),
                f"[{number(e.conf_low)}, {number(e.conf_high)}]",
                number(e.in_sd, 3),
                number(e.in_within, 3),
            )
            for e in self.rows
        )
        spread = f"s.d. of {self.outcome}: {number(self.sd)} over all rows, {number(self.sd_within)} net of the effects"
        return Sheet(f"Effect sizes on {self.outcome}", head, rows, (spread,))


def effect_sizes(fit: FitResult, variable: str | None = None) -> EffectSizes:
    """Compute the change of the fitted outcome as the regressor moves between percentiles, in standard deviations.

    Formula: for x with its square, f(b) - f(a) = b1 (b - a) + b2 (b^2 - a^2) for a, b = p25 and p75, p10 and p50, p50
        and p90, lowest value and turning point, turning point and highest value (the last two only if the curve turns
        inside the data, with the turning point taken as known); se from the covariance of (b1, b2). Every other
        regressor moves by one standard deviation. The s.d. net of effects is sd sqrt((1 - R2) / (1 - R2_within)).
    Returns: `EffectSizes`; the variable first, then the regressors of the fit in order.

    Args:
        fit: with ``deviations``; with ``spreads`` for a variable and its square.
        variable: a variable whose square is in the formula; by default the first such variable.

    Raises:
        NotIdentified: the variable or its square was dropped. UnknownName: the formula of the fit does not have it.

    Example:
        >>> effect_sizes(base)  # doctest: +SKIP
    """
    terms = [c.term for c in fit.coefficients]
    x = variable if variable is not None else next((t for t in terms if f"{t}^2" in terms), None)
    sd = fit.deviations.get(fit.outcome, math.nan)
    left = (1 - fit.r2) / (1 - fit.r2_within) if fit.r2_within < 1 else math.nan
    within = sd * math.sqrt(left) if left >= 0 else math.nan
    rows = list[EffectSize]()
    if x is not None:
        test = u_test(fit, x)
        pairs = ((25, 75), (10, 50), (50, 90))
        moves = [(f"p{a} to p{b}", percentile_of(fit, x, a), percentile_of(fit, x, b)) for a, b in pairs]
        if test.low < test.turning_point < test.high:
            turn = test.turning_point
            moves += [("lowest to turning point", test.low, turn), ("turning point to highest", turn, test.high)]
        b1, b2 = fit[x].estimate, fit[f"{x}^2"].estimate
        s11, s12, s22 = (fit.covariance(a, b) for a, b in ((x, x), (x, f"{x}^2"), (f"{x}^2", f"{x}^2")))
        df = min(fit.df_by_term.get(t, fit.df_t) for t in (x, f"{x}^2"))
        for name, a, b in moves:
            g1, g2 = b - a, b * b - a * a
            change = b1 * g1 + b2 * g2
            half = t_quantile(0.975, df) * math.sqrt(max(g1 * g1 * s11 + 2 * g1 * g2 * s12 + g2 * g2 * s22, 0.0))
            rows.append(EffectSize(x, name, a, b, change, change - half, change + half, change / sd, change / within))
    for c in fit.coefficients:
        step = fit.deviations.get(c.term, math.nan)
        if x is not None and c.term in (x, f"{x}^2"):
            continue
        change, low, high = (step * v for v in (c.estimate, c.conf_low, c.conf_high))
        start = fit.means.get(c.term, math.nan)
        rows.append(
            EffectSize(c.term, "one s.d.", start, start + step, change, low, high, change / sd, change / within)
        )
    return EffectSizes(fit.outcome, sd, within, tuple(rows), fit.basis)
