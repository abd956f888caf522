"""Bound a coefficient against omitted controls, from the movement that observed controls cause (Oster 2019).

All variances and R2 are net of the fixed effects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.errors import UsageError, option
from integrade.estimate.linear import Fit
from integrade.estimate.results import Basis
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.subjects.sensitivity.one_coefficient import (
    Percentile,
    described,
    first_slope,
    known,
    omitted,
    residual_squares,
)
from integrade.wording.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class OsterOptions:
    """Options of `oster`.

    Parameters
    ----------
    at
        Value (or p5, p10, p50, p90, p95 of the sample) at which the slope is judged; by default the coefficient itself.
    keep
        Controls that are in the short regression too.
    r_max
        R2 of a regression with the omitted variables, net of effects; by default ``r_factor`` times that with the
        controls, at most 1.
    r_factor
        Largest R2 (see ``r_max``) as a multiple of that with the controls.
    delta
        Selection on unobservables relative to that on observables, for the bound.
    fit
        Weights and singletons of the regressions.
    """

    at: float | Percentile | None = None
    keep: tuple[str, ...] = ()
    r_max: float | None = None
    r_factor: float = 1.3
    delta: float = 1.0
    fit: Fit = field(default_factory=Fit)


FOR_STUDIES = {"at": ("p10", "p50", "p90")}
"""Defaults of a study.

A study judges the slope at three places, with one call of `oster` for each.
"""


@shown
@dataclass(frozen=True)
class Oster:
    """Stability of a coefficient. ``short`` is the regression with no controls except ``keep``; ``full`` has all
    controls.

    ``bound`` is the coefficient that ``delta`` implies, ``delta_zero`` the delta that implies a coefficient of zero,
    both exact (Oster's proposition 3). ``roots`` are all coefficients that ``delta`` allows. ``bound_restricted`` and
    ``delta_zero_restricted`` are Oster's approximation ``bt - delta (b0 - bt) (Rmax - Rt) / (Rt - R0)``. They are
    infinite if the controls change nothing.
    """

    term: str
    at: float | None
    controls: tuple[str, ...]
    short: float
    full: float
    r2_short: float
    r2_full: float
    r2_max: float
    delta: float
    bound: float
    roots: tuple[float, ...]
    delta_zero: float
    bound_restricted: float
    delta_zero_restricted: float
    nobs: int
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the result in words."""
        listed = ", ".join(self.controls)
        return of_text(
            "\n".join(
                [
                    f"{described(self.term, self.at)}: {self.short:.6g} without, {self.full:.6g} with {listed}",
                    f"  R2 net of effects {self.r2_short:.4f} -> {self.r2_full:.4f}, Rmax {self.r2_max:.4f}; "
                    f"n = {self.nobs:,}",
                    f"  delta = {self.delta:g} implies {self.bound:.6g} (approximation {self.bound_restricted:.6g})",
                    f"  zero needs delta = {self.delta_zero:.4g} (approximation {self.delta_zero_restricted:.4g})",
                ]
            )
        )


@keywords(OsterOptions, within="fit")
def oster(panel: Any, formula: str, treatment: str, options: OsterOptions | None = None, **changes: Any) -> Oster:
    """Compute Oster's (2019) bound on a coefficient, and the delta that would explain it away.

    Formula, with v = bt - b*; s_y and s_x are the variances of outcome and treatment net of the effects, the
    treatment's other terms and ``keep``; t_x is the variance of the treatment net of the controls too: delta = [v (Rt -
    R0) s_y t_x + v s_x t_x (b0 - bt)^2 + 2 v^2 t_x (b0 - bt) s_x + v^3 (t_x s_x - t_x^2)] / [(Rmax - Rt) s_y (b0 - bt)
    s_x + v (Rmax - Rt) s_y (s_x - t_x) + v^2 t_x (b0 - bt) s_x + v^3 (t_x s_x - t_x^2)]. If there are several roots for
    a given delta, the bound is the one nearest to bt on the side to which the controls moved it.

    Missing values: as in `fit`; both regressions use the rows of the full regression.

    Raises:
        NotIdentified: the treatment was dropped. UsageError: no control beyond ``keep``, instruments, or an Rmax below
        the R2 of the full regression. UnknownName: an unknown term.

    Reference: Oster (2019), Journal of Business and Economic Statistics 37(2). METHODS 5.12.

    Example:
        >>> oster(panel, "y ~ x + x^2 + w | firm + year", "x", at="p50").delta_zero  # doctest: +SKIP
    """
    chosen = request(OsterOptions, options, changes)
    m = omitted(panel, formula, treatment, chosen.at, chosen.fit)
    kept = [m.names.index(known(k, m)) for k in chosen.keep]
    controls = [j for j in m.controls if j not in kept]
    if not controls:
        raise UsageError(
            "the full regression has no control that the short one lacks",
            where=formula,
            remedy="add controls to the formula, or shorten keep",
        )
    short, full = [0, *m.own, *kept], [*range(len(m.gram) - 1)]
    base = residual_squares(m.gram, -1, short[1:])
    r0, rt = (1 - residual_squares(m.gram, -1, columns) / base for columns in (short, full))
    b0, bt = (first_slope(m.gram, columns) for columns in (short, full))
    r_max = min(1.0, chosen.r_factor * rt) if chosen.r_max is None else chosen.r_max
    if not rt <= r_max <= 1:
        raise UsageError(
            f"Rmax = {r_max:g} is not between {rt:.4f} (with the controls) and 1",
            remedy=f"give {option('r_max', 1)}, or leave {option('r_max')} out",
        )
    n, s_y = m.nobs, base / m.nobs
    s_x, t_x = (residual_squares(m.gram, 0, columns[1:]) / n for columns in (short, full))
    gap, shown, hidden, cube = b0 - bt, rt - r0, r_max - rt, t_x * s_x - t_x * t_x
    # delta is a ratio of two polynomials in v = bt - b*, highest power first
    numerator = np.array([cube, 2 * t_x * gap * s_x, shown * s_y * t_x + s_x * t_x * gap * gap, 0.0])
    denominator = np.array([cube, t_x * gap * s_x, hidden * s_y * (s_x - t_x), hidden * s_y * gap * s_x])
    v = np.roots(numerator - chosen.delta * denominator)
    # An imaginary part below 1e-7 of the root's size is rounding: a double root is precise only to sqrt(1e-15).
    real = v[np.abs(v.imag) <= 1e-7 * np.maximum(1e-12, np.abs(v))].real
    roots = tuple(sorted(bt - float(root) for root in real))
    on_the_side = [b for b in roots if (bt - b) * gap * chosen.delta >= 0] or roots
    move = gap * hidden
    return Oster(
        m.names[0],
        m.at,
        tuple(m.names[j] for j in controls),
        b0,
        bt,
        r0,
        rt,
        r_max,
        chosen.delta,
        min(on_the_side, key=lambda b: abs(b - bt)) if on_the_side else math.nan,
        roots,
        _ratio(float(np.polyval(numerator, bt)), float(np.polyval(denominator, bt))),
        bt - chosen.delta * _ratio(move, shown),
        _ratio(bt * shown, move),
        n,
        m.basis,
    )


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.copysign(math.inf, a) if a else math.nan
