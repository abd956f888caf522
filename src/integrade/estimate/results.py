"""Define the frozen records that models return. They hold numbers and no data; ``report/`` reads only these records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.records import tidied
from integrade.records.cautions import caution
from integrade.records.confidence import Level, checked
from integrade.records.drawing import draw
from integrade.regress.students import t_quantile, t_two_sided
from integrade.wording.sheet import Sheet, clustered_by, listed
from plainwords.texts import Said

if TYPE_CHECKING:
    from integrade.records.drawing import Chart

Vector: TypeAlias = NDArray[np.float64]


UNDEFINED = ("models_fit.not-positive", "models_fit.infinite", "models_fit.beyond-range")
"""Keys of the notes on rows that have values in all columns but an undefined term."""
_GLANCED = (
    *("outcome", "model", "nobs", "n_singletons", "n_missing", "r2", "r2_adjusted", "r2_within", "rmse"),
    *("df_t", "kind", "ssc"),
)


@dataclass(frozen=True)
class Coefficient:
    """One estimated term.

    ``statistic`` is a t statistic. ``p_value`` and the 95% interval use t with the degrees of freedom of the fit: the
    term's own in ``df_by_term``, else ``df_t``.
    """

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
    """Basis of a result: its rows, effects, kind of errors, clusters, degrees of freedom, small-sample rule.

    ``regions``: how many regions the rows come from, if the panel has a column of regions.
    """

    nobs: int
    effects: tuple[str, ...]
    kind: str
    clusters: Mapping[str, int]
    df_t: float
    ssc: str
    regions: int | None = None

    def __str__(self) -> str:
        """Return the basis as one line."""
        clusters = f", {clustered_by(self.clusters)}" if self.clusters else ""
        return (
            f"n = {self.nobs:,}; effects {listed(self.effects)}; standard errors {self.kind}{clusters}; "
            f"t({self.df_t:,.0f}); corrections as {self.ssc}"
        )


@dataclass(frozen=True)
class Wild:
    """Wild cluster bootstrap of one null: p-value, draws, kind of weights and the smallest attainable p.

    ``p_equal_tail`` is twice the probability of the smaller tail; it is missing for a joint null. ``conf_set`` holds
    the values that the test does not reject at 5%, as intervals (None: no bound on that side). ``conf_low`` and
    ``conf_high`` are its ends. The set is empty for a joint null, or if no set was requested.
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
class Spread:
    """Distribution, over the estimation sample, of a regressor whose square is in the formula.

    With it, tests need no data. ``values`` and ``counts``: the distinct values (ascending) and how many rows have each.
    They are thinned to at most 2,001 points; ``exact`` is true if no value was left out. ``by_year`` and ``by_region``
    hold such a pair for each year or region.
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
class IVDiagnostics:
    """Strength of the instruments of a fit and tests of their validity; statistics follow Stata's ivreg2.

    ``first_stage_f`` is the F of Sanderson and Windmeijer, for each endogenous regressor. ``effective_f`` is the F of
    Montiel Olea and Pflueger, for one endogenous regressor. Its critical values at 5% are given for each tolerated
    bias. ``kp_f`` and ``kp_lm`` are the statistics of Kleibergen and Paap. ``hansen_j`` tests overidentification
    (Sargan's test under iid errors); it is missing if there are as many instruments as endogenous regressors. ``ar_f``
    is Anderson and Rubin's test that no endogenous regressor has an effect.
    """

    estimator: str
    first_stage_f: Mapping[str, float]
    effective_f: float | None
    effective_f_critical: Mapping[str, float] | None
    kp_f: float
    cragg_donald_f: float
    kp_lm: float
    kp_lm_p: float
    kp_lm_df: int
    hansen_j: float | None
    hansen_p: float | None
    hansen_df: int
    hansen_kind: Literal["Sargan", "Hansen"]
    ar_f: float
    ar_p: float
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class FitResult:
    """A fit with fixed effects: linear, Poisson or fractional logit (``model``).

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
    iv: IVDiagnostics | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # notes about rows left out, or about a method that had to be replaced
    df_by_term: Mapping[str, float] = field(default_factory=dict)  # Satterthwaite df, if requested
    model: Literal["linear", "ppml", "fractional"] = "linear"
    marginal: tuple[Coefficient, ...] = ()  # average marginal effects by variable, where the model is not linear
    regions: int | None = None  # how many regions the rows come from, where the panel names them

    def __getitem__(self, term: str) -> Coefficient:
        """Return the coefficient of a term."""
        return next(c for c in self.coefficients if c.term == term)

    def __repr__(self) -> str:
        """Return one line: formula, rows, kind of standard errors, clusters."""
        by = f" by {' and '.join(self.clusters)}" if self.clusters else ""
        model = "" if self.model == "linear" else f"{self.model}, "
        return f"FitResult({self.formula}; {model}n = {self.nobs:,}, {self.kind}{by})"

    @property
    def constant_p(self) -> float | None:
        """Two-sided p-value of the constant from t(df_t).

        None if the fit has no constant, or no standard error of it.
        """
        p = next((c.p_value for c in self.coefficients if c.term == "constant"), None)
        value, error = self.constant or (0.0, None)
        return t_two_sided(value / error, self.df_t) if p is None and error else p

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

    @checked
    def conf_int(self, level: Level = 0.95) -> pl.DataFrame:
        """Return confidence intervals at ``level``: term, conf_low, conf_high. A level below 0.5 is a `UsageError`."""
        return self.tidy(level=level).select("term", "conf_low", "conf_high")

    @checked
    def tidy(self, level: Level = 0.95) -> pl.DataFrame:
        """Return one row per term, with broom's columns: estimate, std_error, statistic, p_value, conf_low, conf_high.

        ``level`` is the confidence level of the intervals. They use t with the fit's degrees of freedom, or with those
        of each term if the fit has them.
        """
        rows = []
        for k in self.coefficients:
            width = t_quantile((1 + level) / 2, self.df_by_term.get(k.term, self.df_t)) * k.std_error
            ends = {"conf_low": k.estimate - width, "conf_high": k.estimate + width}
            rows.append({"term": k.term, **{n: getattr(k, n) for n in tidied.COLUMNS}, **ends})
        return pl.DataFrame(rows, schema={"term": pl.String, **dict.fromkeys(tidied.COLUMNS, pl.Float64)})

    def glance(self) -> pl.DataFrame:
        """Return one row for the fit as a whole: rows, R-squared, degrees of freedom, kind of errors, clusters."""
        clusters = {f"clusters_{name}": count for name, count in self.clusters.items()}
        return pl.DataFrame([{name: getattr(self, name) for name in _GLANCED} | clusters])

    def resid(self, panel: object = None, *, weights: str | None = None) -> pl.Series:
        """Return residuals net of fixed effects, one per row of the panel that the fit was estimated on.

        ``weights`` names the column of weights of a weighted fit. Rows that the fit did not use have a missing value.
        Raises `UsageError` without a panel, or for a panel on which the fit was not estimated.
        """
        from integrade.estimate.residuals import residuals

        return residuals(self, panel, weights)

    def predict(self, panel: object = None, *, weights: str | None = None) -> pl.Series:
        """Return fitted values, one per row.

        With fixed effects only the rows that the fit used have a value; without effects every row has one. Raises
        `UsageError` without a panel and, with fixed effects, for a panel on which the fit was not estimated.
        """
        from integrade.estimate.residuals import predicted

        return predicted(self, panel, weights)

    @checked
    def plot(self, variable: str | None = None, *, level: Level = 0.95) -> Chart:
        """Draw the curve of a variable whose square is in the fit; without a square, draw all coefficients.

        Without ``variable`` the curve is for the first variable whose square is in the fit. See `integrade.plot`.
        """
        terms = self.params
        squared = variable or next((t for t in terms if f"{t}^2" in terms), None)
        if squared is not None:
            return draw("curve", self, squared, level=level)
        return draw("coefficients", self, level=level)

    def sheet(self) -> Sheet:
        """Return the coefficients, followed by everything needed to read them."""
        headings = ("", "estimate", "std. error", "t", "p", "95% low", "95% high")
        rows = []
        for c in self.coefficients:
            estimate, error, low, high = (_number(v) for v in (c.estimate, c.std_error, c.conf_low, c.conf_high))
            rows.append((c.term, estimate, error, f"{c.statistic:.3f}", f"{c.p_value:.4f}", low, high))
        return Sheet(self.formula, headings, tuple(rows), tuple(_lines(self)))

    def __str__(self) -> str:
        return self.sheet().text()

    def _repr_html_(self) -> str:
        return self.sheet().html()

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom.

        Results derived from the fit carry this record.
        """
        effects = tuple(e.name for e in self.effects)
        return Basis(self.nobs, effects, self.kind, self.clusters, self.df_t, self.ssc, self.regions)

    def covariance(self, a: str, b: str) -> float:
        """Return the covariance of two estimated terms."""
        terms = [c.term for c in self.coefficients]
        return float(self.vcov[terms.index(a), terms.index(b)])


def by_term(fit: FitResult) -> dict[str, Coefficient]:
    """Return a dictionary from each term to its coefficient."""
    return {k.term: k for k in fit.coefficients}


def summary(result: FitResult) -> str:
    """Return a text with coefficients, effects, clusters, corrections, bootstrap and dropped terms.

    ``print(result)`` shows the same text.
    """
    return str(result)


def _lines(result: FitResult) -> list[str]:
    """Return the lines under the table, one fact a line."""
    undefined = any(isinstance(note, Said) and note.key in UNDEFINED for note in result.notes)
    lacking = "missing or undefined" if undefined else "missing"
    n_missing = f", {result.n_missing:,} with a {lacking} value dropped" if result.n_missing else ""
    singles = f", {result.n_singletons:,} singletons dropped" if result.n_singletons else ""
    clusters = f", {clustered_by(result.clusters)}" if result.clusters else ""
    df = f"t({result.df_t:,.0f})"
    if result.df_by_term:
        df = "Satterthwaite t: " + ", ".join(f"{t} {d:.1f}" for t, d in result.df_by_term.items())
    errors = f"standard errors: {result.kind}{clusters}; {df}; corrections as {result.ssc}"
    lines = [f"n = {result.nobs:,}{n_missing}{singles}", _fit_line(result), errors]
    warning = caution(result)
    lines += [] if warning is None else [warning]
    for e in result.effects:
        redundant = f", {e.redundant:,} redundant" if e.redundant else ""
        nested = f", {'nested' if e.nested else 'not nested'} in the clusters" if result.clusters else ""
        moving = f" ({e.movers:,} movers)" if result.clusters and 0 < e.movers < e.levels else ""
        lines.append(f"effect {e.name}: {e.levels:,} levels{redundant}{nested}{moving}")
    if result.constant is not None and result.effects:
        value, error = result.constant
        lines.append(
            f"constant (mean of y less mean of x times b): {_number(value)}" + (f" ({_number(error)})" if error else "")
        )
    lines += [line for w in result.wild for line in _wild_lines(w)]
    lines += [f"dropped {term}: {why}" for term, why in result.dropped.items()]
    if result.iv is not None:
        lines += _iv_lines(result.iv)
    return [*lines, *result.notes]


def _wild_lines(w: Wild) -> list[str]:
    """Return the lines on the bootstrap of one null, with at most three pieces of the confidence set."""
    free = "" if w.null_imposed else ", null not imposed"
    tail = "" if w.p_equal_tail is None else f", equal tails {w.p_equal_tail:.6f}"
    how = f"{w.draws:,} {w.weights}, smallest p {w.smallest_p:.2g}, seed {w.seed}{free}"
    lines = [f"wild bootstrap, {w.null} = 0: p = {w.p_value:.6f}{tail} ({how})"]
    if w.conf_set:
        pieces = " and ".join(_interval(low, high) for low, high in w.conf_set[:3])
        more = f" and {len(w.conf_set) - 3:,} more pieces" if len(w.conf_set) > 3 else ""
        bound = "; not bounded" if None in (w.conf_low, w.conf_high) else ""
        lines.append(f"  {w.null}, 95% by inverting the test: {pieces}{more}{bound}")
    return lines


def _interval(low: float | None, high: float | None) -> str:
    left = "(-infinity" if low is None else f"[{_number(low)}"
    return f"{left}, infinity)" if high is None else f"{left}, {_number(high)}]"


def _number(value: float) -> str:
    return "." if math.isnan(value) else f"{value:.6g}"


def _fit_line(result: FitResult) -> str:
    if result.model != "linear":
        shown = "; ".join(f"{c.term} {_number(c.estimate)} ({_number(c.std_error)})" for c in result.marginal)
        return f"average marginal effects: {shown or 'none, for products and logarithms'}"
    if not result.effects:
        return f"R2 {result.r2:.4f}, adjusted {result.r2_adjusted:.4f}, rmse {_number(result.rmse)}"
    return (
        f"R2 {result.r2:.4f}, adjusted {result.r2_adjusted:.4f}, within {result.r2_within:.4f} (effects absorbed), "
        f"{result.r2_within_xtreg:.4f} (xtreg: all effects but the first are regressors), rmse {_number(result.rmse)}"
    )


def _iv_lines(iv: IVDiagnostics) -> list[str]:
    lines = [f"estimator: {iv.estimator}, endogenous {', '.join(iv.first_stage_f)}"]
    lines += [f"first stage F (Sanderson-Windmeijer), {t}: {_number(f)}" for t, f in iv.first_stage_f.items()]
    if iv.effective_f is not None:
        critical = ", ".join(f"{c:.2f} ({bias})" for bias, c in (iv.effective_f_critical or {}).items())
        tolerated = f"; critical by bias tolerated: {critical}" if critical else ""
        lines.append(f"effective F: {_number(iv.effective_f)}{tolerated}")
    p_of_rank = "." if math.isnan(iv.kp_lm_p) else f"{iv.kp_lm_p:.4f}"
    lines.append(
        f"Kleibergen-Paap F {_number(iv.kp_f)}; Cragg-Donald F {_number(iv.cragg_donald_f)}; "
        f"rank LM {_number(iv.kp_lm)}, p = {p_of_rank} of no identification"
    )
    lines.append(f"Anderson-Rubin p: {_number(iv.ar_p)}")
    if iv.hansen_j is not None and iv.hansen_p is not None:
        lines.append(f"{iv.hansen_kind} test of overidentification: {_number(iv.hansen_j)}, p = {iv.hansen_p:.4f}")
    return lines
