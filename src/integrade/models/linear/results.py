"""What a model returns: frozen records of numbers, without data. ``report/`` reads only these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """One estimated term. ``statistic`` and ``p_value`` are from t with the fit's ``df_t``; the interval is 95 %."""

    term: str
    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Effect:
    """One set of fixed effects: how many levels, how many are redundant, and whether it is nested in a cluster."""

    name: str
    levels: int
    redundant: int
    nested: bool
    movers: int = 0


@dataclass(frozen=True)
class Wild:
    """Wild cluster bootstrap of one null: p-value, draws, how they were made and the smallest attainable p.

    ``p_equal_tail`` is twice the smaller tail, missing for a joint null. ``conf_set`` holds the values that the test
    does not reject at 5 %, as intervals (None: no bound on that side), from ``conf_low`` to ``conf_high``; it is empty
    where not asked for and for a joint null.
    """

    null: str
    p_value: float
    draws: int
    weights: Literal["enumerated", "rademacher", "webb", "mammen"]
    smallest_p: float
    seed: int
    p_equal_tail: float | None = None
    null_imposed: bool = True
    conf_low: float | None = None
    conf_high: float | None = None
    conf_set: tuple[tuple[float | None, float | None], ...] = ()


@dataclass(frozen=True)
class UTest:
    """Lind-Mehlum test of an inverted U (or U) and the place of the turning point in the data.

    ``p_value`` is the larger one-sided p of the two end slopes, 1 when their signs are wrong. ``fieller_kind``:
    ``interval``; ``two_rays`` (low and high are then the ends of the excluded gap); ``line`` (both missing).
    ``share_past`` is the share of estimation rows beyond the turning point, missing unless the square is negative.
    """

    variable: str
    low: float
    high: float
    slope_low: float
    slope_high: float
    t_low: float
    t_high: float
    p_value: float
    turning_point: float
    delta_low: float
    delta_high: float
    fieller_kind: Literal["interval", "two_rays", "line"]
    fieller_low: float | None
    fieller_high: float | None
    share_past: float | None
    share_past_by_year: Mapping[str, float] = field(default_factory=dict)
    share_past_by_region: Mapping[str, float] = field(default_factory=dict)
    quantile_of_turning_point: float | None = None
    slopes: tuple[tuple[str, float, float, float], ...] = ()  # (where, x, slope, std_error)
    shape: Literal["inverted U", "U"] = "inverted U"  # the sign of the square, whatever the p-value

    def __str__(self) -> str:
        from integrade.models.shape.inverted_u import summary

        return summary(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


@dataclass(frozen=True)
class CurvePoint:
    """One point of the fitted quadratic, relative to its value at a reference, with a pointwise band."""

    x: float
    fit: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """Where a regressor with a square lies in the estimation sample, kept so that tests need no data.

    ``values`` and ``counts``: the distinct values (ascending) and how many rows have each, thinned to at most 2,001
    points (``exact`` says whether they are all). ``past_by_*`` hold, per year or region, the same pair.
    """

    variable: str
    low: float
    high: float
    values: Vector
    counts: Vector
    exact: bool
    by_year: Mapping[str, tuple[Vector, Vector]] = field(default_factory=dict)
    by_region: Mapping[str, tuple[Vector, Vector]] = field(default_factory=dict)


@dataclass(frozen=True)
class FitResult:
    """A linear fit with fixed effects.

    ``vcov`` has shape (k, k) in the order of ``coefficients``. ``r2_within`` treats the fixed effects as absorbed
    (reghdfe, fixest); ``r2_within_xtreg`` counts all effects but the first as regressors (Stata's ``xtreg``).
    """

    formula: str
    outcome: str
    coefficients: tuple[Coefficient, ...]
    vcov: Vector
    nobs: int
    n_singletons: int
    n_missing: int
    dropped: Mapping[str, str]
    effects: tuple[Effect, ...]
    r2: float
    r2_adjusted: float
    r2_within: float
    r2_within_xtreg: float
    rmse: float
    df_t: float
    kind: str  # iid, HC1 ... CR3
    ssc: str
    clusters: Mapping[str, int]
    constant: tuple[float, float | None] | None
    means: Mapping[str, float] = field(default_factory=dict)  # outcome and regressors, estimation sample
    deviations: Mapping[str, float] = field(default_factory=dict)  # standard deviations, same names
    spreads: tuple[Spread, ...] = ()
    wild: tuple[Wild, ...] = ()
    iv: Mapping[str, object] | None = None
    notes: tuple[str, ...] = ()
    df_by_term: Mapping[str, float] = field(default_factory=dict)  # Satterthwaite df, where asked for
    model: Literal["linear", "ppml", "fractional"] = "linear"
    marginal: tuple[Coefficient, ...] = ()  # average marginal effects by variable, where the model is not linear

    def __getitem__(self, term: str) -> Coefficient:
        """The coefficient of a term."""
        return next(c for c in self.coefficients if c.term == term)

    def __str__(self) -> str:
        """The coefficient table with its notes."""
        from integrade.models.linear.fit_text import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from integrade.models.linear.fit_text import html

        return html(self)

    def covariance(self, a: str, b: str) -> float:
        """The covariance of two estimated terms."""
        terms = [c.term for c in self.coefficients]
        return float(self.vcov[terms.index(a), terms.index(b)])


@dataclass(frozen=True)
class Describe:
    """Descriptive statistics of one column over the estimation sample."""

    variable: str
    n: int
    mean: float
    std_dev: float
    minimum: float
    p25: float
    median: float
    p75: float
    maximum: float


@dataclass(frozen=True)
class Correlations:
    """Pearson correlations, shape (k, k), their p-values, and the variance inflation factor of each regressor."""

    variables: tuple[str, ...]
    r: Vector
    p_value: Vector
    n: int
    vif: Mapping[str, float]


@dataclass(frozen=True)
class Hausman:
    """A test of fixed against random effects; ``valid`` says whether the classical form had a positive statistic."""

    method: str
    statistic: float
    df: float
    p_value: float
    valid: bool
    note: str = ""
