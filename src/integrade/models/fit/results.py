"""What a model returns: frozen records of numbers, without data. ``report/`` reads only these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade import tidied
from integrade.errors import UsageError
from integrade.regress.students import t_quantile
from integrade.sheet import Sheet, listed, number, of_text, shown

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
class Basis:
    """What a result rests on: its rows, effects, kind of errors, clusters, degrees of freedom, small-sample rule."""

    nobs: int
    effects: tuple[str, ...]
    kind: str
    clusters: Mapping[str, int]
    df_t: float
    ssc: str

    def __str__(self) -> str:
        """One line."""
        clusters = "".join(f", {count:,} clusters of {name}" for name, count in self.clusters.items())
        return (
            f"n = {self.nobs:,}; effects {listed(self.effects)}; standard errors {self.kind}{clusters}; "
            f"t({self.df_t:,.0f}); corrections as {self.ssc}"
        )


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


@shown
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
    basis: Basis | None = None

    def tidy(self) -> pl.DataFrame:
        """The slopes at both ends and the turning point.

        The interval of the turning point is by the delta method; Fieller's is in `glance`.
        """
        ends = (("low end", self.slope_low, self.t_low), ("high end", self.slope_high, self.t_high))
        rows: list[dict[str, object]] = [
            {"part": "slope", "term": where, "estimate": slope, "std_error": slope / t if t else None, "statistic": t}
            for where, slope, t in ends
        ]
        turn = {"estimate": self.turning_point, "conf_low": self.delta_low, "conf_high": self.delta_high}
        return tidied.estimates([*rows, {"part": "turning point", "term": self.variable, **turn}])

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """As `summary` prints it."""
        from integrade.models.shape.inverted_u import summary

        return of_text(summary(self))


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

    def __repr__(self) -> str:
        """One line: formula, rows, kind of standard errors, clusters."""
        by = f" by {' and '.join(self.clusters)}" if self.clusters else ""
        model = "" if self.model == "linear" else f"{self.model}, "
        return f"FitResult({self.formula}; {model}n = {self.nobs:,}, {self.kind}{by})"

    @property
    def params(self) -> dict[str, float]:
        """Term -> estimate, in the order of the formula."""
        return {k.term: k.estimate for k in self.coefficients}

    @property
    def std_errors(self) -> dict[str, float]:
        """Term -> standard error."""
        return {k.term: k.std_error for k in self.coefficients}

    @property
    def p_values(self) -> dict[str, float]:
        """Term -> two-sided p-value."""
        return {k.term: k.p_value for k in self.coefficients}

    def conf_int(self, level: float = 0.95) -> pl.DataFrame:
        """Confidence intervals at ``level``: term, conf_low, conf_high. A level outside 0..1 is a `UsageError`."""
        return self.tidy(level=level).select("term", "conf_low", "conf_high")

    def tidy(self, level: float = 0.95) -> pl.DataFrame:
        """One row per term: term, estimate, std_error, statistic, p_value, conf_low, conf_high (broom's columns).

        ``level`` is that of the intervals, from t with the fit's degrees of freedom (by term where it has them).
        """
        if not 0 < level < 1:
            raise UsageError(f"level={level} is not between 0 and 1", remedy="give level=0.95")
        rows = []
        for k in self.coefficients:
            width = t_quantile((1 + level) / 2, self.df_by_term.get(k.term, self.df_t)) * k.std_error
            ends = {"conf_low": k.estimate - width, "conf_high": k.estimate + width}
            rows.append({"term": k.term, **{n: getattr(k, n) for n in tidied.COLUMNS}, **ends})
        return pl.DataFrame(rows, schema={"term": pl.String, **dict.fromkeys(tidied.COLUMNS, pl.Float64)})

    def glance(self) -> pl.DataFrame:
        """One row: the fit as a whole (rows, R-squared, degrees of freedom, kind of standard errors, clusters)."""
        clusters = {f"clusters_{name}": count for name, count in self.clusters.items()}
        return pl.DataFrame([_glanced(self) | clusters])

    def resid(self, panel: object = None, *, weights: str | None = None) -> pl.Series:
        """Residuals, one per row of the panel that the fit was estimated on, fixed effects taken out.

        ``weights`` names the column of weights of a weighted fit. Rows that the fit did not use have a missing value.
        Raises `UsageError` without a panel, or for another one.
        """
        from integrade.models.fit.residuals import residuals

        return residuals(self, panel, weights)

    def predict(self, panel: object = None, *, weights: str | None = None) -> pl.Series:
        """Fitted values, one per row: with fixed effects for the rows of the fit alone, else for every row.

        Raises `UsageError` without a panel, and with fixed effects for another one.
        """
        from integrade.models.fit.residuals import predicted

        return predicted(self, panel, weights)

    def __str__(self) -> str:
        """The coefficient table with its notes."""
        from integrade.models.fit.fit_text import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from integrade.models.fit.fit_text import html

        return html(self)

    @property
    def basis(self) -> Basis:
        """What the fit rests on, for results that are made from it."""
        effects = tuple(e.name for e in self.effects)
        return Basis(self.nobs, effects, self.kind, self.clusters, self.df_t, self.ssc)

    def covariance(self, a: str, b: str) -> float:
        """The covariance of two estimated terms."""
        terms = [c.term for c in self.coefficients]
        return float(self.vcov[terms.index(a), terms.index(b)])


_GLANCED = (
    *("outcome", "model", "nobs", "n_singletons", "n_missing", "r2", "r2_adjusted", "r2_within", "rmse"),
    *("df_t", "kind", "ssc"),
)


def _glanced(fit: FitResult) -> dict[str, object]:
    return {name: getattr(fit, name) for name in _GLANCED}


@shown
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

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """One row."""
        return Descriptives((self,)).sheet()


@shown
@dataclass(frozen=True)
class Descriptives:
    """The descriptive statistics of several columns, in order; a sequence."""

    columns: tuple[Describe, ...]

    def __iter__(self) -> Iterator[Describe]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, place: int) -> Describe:
        return self.columns[place]

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """One row per column."""
        head = ("", "n", "mean", "std. dev.", "minimum", "p25", "median", "p75", "maximum")
        rows = [
            (
                d.variable,
                f"{d.n:,}",
                *(number(v, 5) for v in (d.mean, d.std_dev, d.minimum, d.p25, d.median, d.p75, d.maximum)),
            )
            for d in self.columns
        ]
        return Sheet("Descriptive statistics", head, tuple(rows))


@shown
@dataclass(frozen=True)
class Correlations:
    """Pearson correlations, shape (k, k), their p-values, and the variance inflation factor of each regressor."""

    variables: tuple[str, ...]
    r: Vector
    p_value: Vector
    n: int
    vif: Mapping[str, float]

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """The lower triangle with p-values below, and the inflation factors."""
        rows = []
        for i, name in enumerate(self.variables):
            blank = ("",) * (len(self.variables) - i - 1)
            r, p = ([f"{m[i, j]:.3f}" for j in range(i + 1)] for m in (self.r, self.p_value))
            rows.append((f"{i + 1} {name}", *r, *blank, number(self.vif.get(name), 4)))
            rows.append(("", *(f"({v})" if j < i else "" for j, v in enumerate(p)), *blank, ""))
        head = ("", *(str(i + 1) for i in range(len(self.variables))), "VIF")
        return Sheet(f"Pearson correlations (p), n = {self.n:,}", head, tuple(rows))


@shown
@dataclass(frozen=True)
class Hausman:
    """A test of fixed against random effects; ``valid`` says whether the classical form had a positive statistic."""

    method: str
    statistic: float
    df: float
    p_value: float
    valid: bool
    note: str = ""
    nobs: int = 0
    units: int = 0
    effects: tuple[str, ...] = ()

    def tidy(self) -> pl.DataFrame:
        """Its estimates (or rows), one each, with broom's columns (`integrade.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Its numbers in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """The test with its sample."""
        p = f"p = {self.p_value:.4f}" if self.valid else "no valid test"
        said = f"Hausman ({self.method}): {number(self.statistic)} for {self.df:g} coefficients, {p}"
        sample = f"n = {self.nobs:,}, {self.units:,} units; effects {listed(self.effects)}"
        return Sheet(said, lines=(self.note, sample))


def by_term(fit: FitResult) -> dict[str, Coefficient]:
    """The coefficients of a fit by their term."""
    return {k.term: k for k in fit.coefficients}
