"""Compute how strong an omitted variable would have to be, by Cinelli and Hazlett (2020).

The module `oster` has the method of Oster (2019).

All partial R2 are net of the fixed effects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from integrade.errors import UsageError
from integrade.estimate.linear import Fit
from integrade.estimate.results import Basis
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.confidence import Alpha
from integrade.regress.students import t_quantile
from integrade.subjects.sensitivity.one_coefficient import (
    Omitted,
    Percentile,
    described,
    first_slope,
    known,
    omitted,
    partial_r2,
    residual_squares,
)
from integrade.subjects.sensitivity.oster import FOR_STUDIES, Oster, OsterOptions, oster
from integrade.wording.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "FOR_STUDIES",
    "Benchmark",
    "Confounder",
    "ConfounderOptions",
    "Oster",
    "OsterOptions",
    "adjusted",
    "omitted_confounder",
    "oster",
    "robustness_value",
]


@dataclass(frozen=True)
class ConfounderOptions:
    """Options of `omitted_confounder`.

    Parameters
    ----------
    at
        Value (or p5, p10, p50, p90, p95 of the sample) at which the slope is judged; by default the coefficient itself.
    q
        Share of the estimate that the confounder removes.
    alpha
        The size of the test behind the second robustness value; the intervals have confidence 1 - alpha.
    benchmarks
        Controls that confounders are compared with, joined by + for a group; by default every control.
    strengths
        Strengths of the confounder, as multiples of the benchmark's.
    fit
        Weights and singletons of the regression.
    """

    at: float | Percentile | None = None
    q: float = 1.0
    alpha: Alpha = 0.05
    benchmarks: tuple[str, ...] = ()
    strengths: tuple[float, ...] = (1, 2, 3)
    fit: Fit = field(default_factory=Fit)


@dataclass(frozen=True)
class Benchmark:
    """A confounder ``strength`` times as strong as ``controls``, and the estimate that it would leave.

    ``r2_treatment`` and ``r2_outcome`` are the largest partial R2 that such a confounder has with treatment and
    outcome. ``possible`` is false if no confounder can be so strong; the numbers are then missing.
    """

    controls: str
    strength: float
    r2_treatment: float
    r2_outcome: float
    estimate: float
    std_error: float
    statistic: float
    conf_low: float
    conf_high: float
    possible: bool


@shown
@dataclass(frozen=True)
class Confounder:
    """Sensitivity to one omitted confounder.

    ``robustness_value``: a confounder with this partial R2 with both treatment and outcome removes the share ``q`` of
    the estimate. ``robustness_value_alpha``: a confounder with this partial R2 with both makes the estimate
    insignificant at ``alpha``. ``partial_r2``: a confounder that explains the whole residual of the outcome removes the
    estimate if it has this partial R2 with the treatment. Standard errors are iid: the algebra is that of least
    squares, whatever the covariance of the main regression.
    """

    term: str
    at: float | None
    estimate: float
    std_error: float
    statistic: float
    df: float
    partial_r2: float
    q: float
    alpha: float
    robustness_value: float
    robustness_value_alpha: float
    benchmarks: tuple[Benchmark, ...]
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
        lines = [
            f"{described(self.term, self.at)} = {self.estimate:.6g} (iid se {self.std_error:.4g}, t({self.df:.0f}) = "
            f"{self.statistic:.3f}); partial R2 {self.partial_r2:.4f}",
            f"  a confounder with partial R2 {self.robustness_value:.4f} with treatment and outcome takes away "
            f"{100 * self.q:g}% of it, one with {self.robustness_value_alpha:.4f} its significance at {self.alpha:g}",
        ]
        lines += [
            f"  {b.strength:g} x {b.controls}: partial R2 {b.r2_treatment:.4f} with treatment, {b.r2_outcome:.4f} "
            f"with outcome -> {b.estimate:.6g} [{b.conf_low:.6g}, {b.conf_high:.6g}]"
            if b.possible
            else f"  {b.strength:g} x {b.controls}: no confounder can be so strong"
            for b in self.benchmarks
        ]
        return of_text("\n".join(lines))


@dataclass(frozen=True)
class SensitivityStudy:
    """The strength that an omitted variable would need, for the slope at each value of the treatment."""

    oster: tuple[Oster, ...] = ()
    confounders: tuple[Confounder, ...] = ()

    @property
    def clearest(self) -> Confounder | None:
        """The confounder for the value of the treatment at which the slope has the largest |t|."""
        return max(self.confounders, key=lambda one: abs(one.statistic), default=None)


@keywords(ConfounderOptions, within="fit")
def omitted_confounder(
    panel: Any, formula: str, treatment: str, options: ConfounderOptions | None = None, **changes: Any
) -> Confounder:
    """Compute Cinelli and Hazlett's robustness values, and estimates under confounders as strong as the controls.

    Formula: f = |t| / sqrt(df), partial R2 = t^2 / (t^2 + df), RV_q = 0.5 (sqrt(g^4 + 4 g^2) - g^2) with g = q f;
    RV_q,alpha the same with g = q f - t*_(df-1) / sqrt(df-1) (0 where negative, (q^2 f^2 - c^2) / (1 + q^2 f^2) where q
    f > 1/c, c the critical f). A confounder k times as strong as controls w: R2_d = k r / (1 - r), r the partial R2 of
    w with the treatment; the bias is se sqrt(df) sqrt(R2_y R2_d / (1 - R2_d)), towards zero.

    Missing values: as in `fit`.

    Raises: as `oster`.

    Reference: Cinelli and Hazlett (2020), Journal of the Royal Statistical Society B 82(1). METHODS 5.12.

    Example:
        >>> omitted_confounder(panel, "y ~ x + w | firm + year", "x").robustness_value  # doctest: +SKIP
    """
    chosen = request(ConfounderOptions, options, changes)
    m = omitted(panel, formula, treatment, chosen.at, chosen.fit)
    regressors = list(range(len(m.gram) - 1))
    b = first_slope(m.gram, regressors)
    error = math.sqrt(residual_squares(m.gram, -1, regressors) / m.df / residual_squares(m.gram, 0, regressors[1:]))
    t = b / error
    f, critical = abs(t) / math.sqrt(m.df), t_quantile(1 - chosen.alpha / 2, m.df - 1) / math.sqrt(m.df - 1)
    wanted = chosen.benchmarks or tuple(m.names[j] for j in m.controls)
    groups = {text: [m.names.index(known(part.strip(), m)) for part in text.split("+")] for text in wanted}
    not_controls = [text for text, group in groups.items() if not set(group) <= set(m.controls)]
    if not_controls:
        raise UsageError(
            f"{not_controls[0]!r} is the treatment, not a benchmark",
            remedy=f"name controls: {', '.join(m.names[j] for j in m.controls) or 'the formula has none'}",
        )
    return Confounder(
        m.names[0],
        m.at,
        b,
        error,
        t,
        m.df,
        t * t / (t * t + m.df),
        chosen.q,
        chosen.alpha,
        robustness_value(chosen.q * f),
        robustness_value(chosen.q * f, critical),
        tuple(
            _benchmark(m, text, groups[text], k, b=b, error=error, alpha=chosen.alpha)
            for text in wanted
            for k in chosen.strengths
        ),
        m.nobs,
        m.basis,
    )


def robustness_value(f: float, critical: float = 0.0) -> float:
    """Return the partial R2 with both treatment and outcome that reduces f = q |t| / sqrt(df) to ``critical``.

    Example:
        >>> round(robustness_value(1.0), 6)
        0.618034
    """
    gap = f - critical
    if gap <= 0:
        return 0.0
    if critical > 0 and f > 1 / critical:
        return (f * f - critical * critical) / (1 + f * f)
    return 0.5 * (math.sqrt(gap**4 + 4 * gap**2) - gap**2)


def _benchmark(m: Omitted, text: str, group: list[int], k: float, *, b: float, error: float, alpha: float) -> Benchmark:
    """Compute the bounds of Cinelli and Hazlett's section 4.4 for one control or group of controls."""
    others = [j for j in range(1, len(m.gram) - 1) if j not in group]
    of_treatment = partial_r2(m.gram, 0, others, group)
    of_outcome = partial_r2(m.gram, -1, [0, *others], group)
    r2_treatment = k * of_treatment / (1 - of_treatment)
    missing = (math.nan,) * 5
    if not (r2_treatment < 1 and k * of_treatment < 1):
        return Benchmark(text, k, r2_treatment, math.nan, *missing, possible=False)
    shared = k * of_treatment**2 / ((1 - k * of_treatment) * (1 - of_treatment))
    if shared >= 1:
        return Benchmark(text, k, r2_treatment, math.nan, *missing, possible=False)
    r2_outcome = min(1.0, ((math.sqrt(k) + math.sqrt(shared)) ** 2 / (1 - shared)) * of_outcome / (1 - of_outcome))
    left, new_error = adjusted(b, error, m.df, r2_treatment, r2_outcome)
    width = t_quantile(1 - alpha / 2, m.df - 1) * new_error
    statistic = left / new_error if new_error > 0 else math.nan
    return Benchmark(text, k, r2_treatment, r2_outcome, left, new_error, statistic, left - width, left + width, True)


def adjusted(
    estimate: float, std_error: float, df: float, r2_treatment: float, r2_outcome: float
) -> tuple[float, float]:
    """Return the estimate and its iid standard error with a confounder of these partial R2.

    The confounder moves the estimate towards zero.

    Formula: bias = se sqrt(df) sqrt(R2_y R2_d / (1 - R2_d)); the new error is
    se sqrt((1 - R2_y) / (1 - R2_d)) sqrt(df / (df - 1)).
    """
    bias = std_error * math.sqrt(df * r2_outcome * r2_treatment / (1 - r2_treatment))
    error = std_error * math.sqrt((1 - r2_outcome) / (1 - r2_treatment) * df / (df - 1))
    return math.copysign(1.0, estimate) * (abs(estimate) - bias), error
