"""How strong would an omitted variable have to be? Oster (2019) and Cinelli and Hazlett (2020), from cross-products.

Everything is net of the fixed effects: a variance, an R2 or a partial R2 here is one of columns whose effects are
removed. With a square in the formula a single coefficient says little; ``at`` asks for the slope at a value instead,
which is the coefficient of x once x^2 is replaced by ``x^2 - 2 at x``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from integrade.errors import NotIdentified, UnknownName, UsageError, did_you_mean
from integrade.models.design import CONSTANT, Design
from integrade.models.fit import Fit, estimate, prepare
from integrade.models.inverted_u import u_test
from integrade.models.request import request
from integrade.models.results import Vector
from integrade.regress.students import t_quantile

Percentile = Literal["p5", "p10", "p50", "p90", "p95"]


@dataclass(frozen=True)
class OsterOptions:
    """Options of `oster`.

    Parameters
    ----------
    at
        Value (or p5, p10, p50, p90, p95 of the sample) at which the slope is judged; the coefficient itself where not
        given.
    keep
        Controls that stand in the short regression too.
    r_max
        R2 of a regression with the omitted variables, net of effects; ``r_factor`` times that with the controls, at
        most 1, where not given.
    r_factor
        See ``r_max``.
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


@dataclass(frozen=True)
class Oster:
    """Coefficient stability. ``short`` has no controls but ``keep``, ``full`` has all of them.

    ``bound`` is the coefficient that ``delta`` implies, ``delta_zero`` the delta that implies a coefficient of zero,
    both exact (Oster's proposition 3); ``roots`` are all coefficients that ``delta`` allows. ``bound_restricted`` and
    ``delta_zero_restricted`` are her approximation ``bt - delta (b0 - bt) (Rmax - Rt) / (Rt - R0)``. Infinite where
    the controls change nothing.
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

    @property
    def summary(self) -> str:
        """The result in words."""
        return "\n".join([
            f"{_what(self.term, self.at)}: {self.short:.6g} without, {self.full:.6g} with {', '.join(self.controls)}",
            f"  R2 net of effects {self.r2_short:.4f} -> {self.r2_full:.4f}, Rmax {self.r2_max:.4f}; n = {self.nobs:,}",
            f"  delta = {self.delta:g} implies {self.bound:.6g} (approximation {self.bound_restricted:.6g})",
            f"  zero needs delta = {self.delta_zero:.4g} (approximation {self.delta_zero_restricted:.4g})",
        ])  # fmt: skip


@dataclass(frozen=True)
class ConfounderOptions:
    """Options of `omitted_confounder`.

    Parameters
    ----------
    at
        As in `OsterOptions`.
    q
        Share of the estimate that the confounder is to take away.
    alpha
        Significance level of the second robustness value and of the intervals.
    benchmarks
        Controls that confounders are compared with, joined by + for a group; every control where not given.
    strengths
        How many times as strong as the benchmark.
    fit
        Weights and singletons of the regression.
    """

    at: float | Percentile | None = None
    q: float = 1.0
    alpha: float = 0.05
    benchmarks: tuple[str, ...] = ()
    strengths: tuple[float, ...] = (1, 2, 3)
    fit: Fit = field(default_factory=Fit)


@dataclass(frozen=True)
class Benchmark:
    """A confounder ``strength`` times as strong as ``controls``: its partial R2 with treatment and outcome at most,
    and what it would leave of the estimate. ``possible`` is false when no confounder can be so strong: the numbers are
    then missing.
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


@dataclass(frozen=True)
class Confounder:
    """Sensitivity to one omitted confounder.

    ``robustness_value``: a confounder whose partial R2 with both treatment and outcome is that takes away the share
    ``q`` of the estimate; ``robustness_value_alpha``: makes it insignificant at ``alpha``. ``partial_r2``: one that
    explains all the rest of the outcome needs this partial R2 with the treatment. Standard errors are iid: the algebra
    is that of least squares, whatever the covariance of the headline.
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

    @property
    def summary(self) -> str:
        """The result in words."""
        lines = [
            f"{_what(self.term, self.at)} = {self.estimate:.6g} (iid se {self.std_error:.4g}, t({self.df:.0f}) = "
            f"{self.statistic:.3f}); partial R2 {self.partial_r2:.4f}",
            f"  a confounder with partial R2 {self.robustness_value:.4f} with treatment and outcome takes away "
            f"{100 * self.q:g} % of it, one with {self.robustness_value_alpha:.4f} its significance at {self.alpha:g}",
        ]
        lines += [
            f"  {b.strength:g} x {b.controls}: partial R2 {b.r2_treatment:.4f} with treatment, {b.r2_outcome:.4f} "
            f"with outcome -> {b.estimate:.6g} [{b.conf_low:.6g}, {b.conf_high:.6g}]"
            if b.possible else f"  {b.strength:g} x {b.controls}: no confounder can be so strong"
            for b in self.benchmarks
        ]  # fmt: skip
        return "\n".join(lines)


class _Moments(NamedTuple):
    """Cross-products of the treatment (first), the other regressors and the outcome (last), with their names."""

    gram: Vector
    names: tuple[str, ...]
    own: tuple[int, ...]  # the other terms of the treatment
    controls: tuple[int, ...]
    at: float | None
    nobs: int
    df: float


def oster(panel: Any, formula: str, treatment: str, options: OsterOptions | None = None, **changes: Any) -> Oster:
    """Oster's (2019) bound on a coefficient, and the delta that would explain it away.

    Formula, v = bt - b*, s_y and s_x the variances of outcome and treatment net of effects, of the treatment's other
    terms and of ``keep``, t_x that of the treatment net of the controls too:
    delta = [v (Rt - R0) s_y t_x + v s_x t_x (b0 - bt)^2 + 2 v^2 t_x (b0 - bt) s_x + v^3 (t_x s_x - t_x^2)]
    / [(Rmax - Rt) s_y (b0 - bt) s_x + v (Rmax - Rt) s_y (s_x - t_x) + v^2 t_x (b0 - bt) s_x + v^3 (t_x s_x - t_x^2)].
    Of several roots for a given delta the bound is the nearest to bt on the side to which the controls moved it.

    Missing values: as in `fit`; both regressions use the rows of the full one.

    Raises:
        NotIdentified: the treatment was dropped. UsageError: no control beyond ``keep``, instruments, or an Rmax below
        the R2 of the full regression. UnknownName: an unknown term.

    Reference: Oster (2019), Journal of Business and Economic Statistics 37(2). METHODS 5.12.

    Example:
        >>> oster(panel, "y ~ x + x^2 + w | firm + year", "x", at="p50").delta_zero  # doctest: +SKIP
    """
    chosen = request(OsterOptions, options, changes)
    m = _moments(panel, formula, treatment, chosen.at, chosen.fit)
    kept = [m.names.index(_known(k, m)) for k in chosen.keep]
    controls = [j for j in m.controls if j not in kept]
    if not controls:
        raise UsageError("the full regression has no control that the short one lacks", where=formula,
                         remedy="add controls to the formula, or shorten keep")  # fmt: skip
    short, full = [0, *m.own, *kept], [*range(len(m.gram) - 1)]
    base = _rss(m.gram, -1, short[1:])
    r0, rt = (1 - _rss(m.gram, -1, columns) / base for columns in (short, full))
    b0, bt = (_slope(m.gram, columns) for columns in (short, full))
    r_max = min(1.0, chosen.r_factor * rt) if chosen.r_max is None else chosen.r_max
    if not rt <= r_max <= 1:
        raise UsageError(f"Rmax = {r_max:g} is not between {rt:.4f} (with the controls) and 1",
                         remedy="give r_max=1, or leave it out")  # fmt: skip
    s_x, t_x = _rss(m.gram, 0, short[1:]), _rss(m.gram, 0, full[1:])
    n = m.nobs
    numerator, denominator = _proposition(b0 - bt, (rt - r0, r_max - rt), base / n, s_x / n, t_x / n)
    roots = _roots(numerator - chosen.delta * denominator, bt)
    away = [b for b in roots if (bt - b) * (b0 - bt) * chosen.delta >= 0] or roots
    move = (b0 - bt) * (r_max - rt)
    return Oster(
        m.names[0], m.at, tuple(m.names[j] for j in controls), b0, bt, r0, rt, r_max, chosen.delta,
        min(away, key=lambda b: abs(b - bt)) if away else math.nan, roots,
        _ratio(float(np.polyval(numerator, bt)), float(np.polyval(denominator, bt))),
        bt - chosen.delta * _ratio(move, rt - r0), _ratio(bt * (rt - r0), move), n,
    )  # fmt: skip


def omitted_confounder(
    panel: Any, formula: str, treatment: str, options: ConfounderOptions | None = None, **changes: Any
) -> Confounder:
    """Cinelli and Hazlett's robustness values, and confounders as strong as the controls that are there.

    Formula: f = |t| / sqrt(df), partial R2 = t^2 / (t^2 + df), RV_q = 0.5 (sqrt(g^4 + 4 g^2) - g^2) with g = q f;
    RV_q,alpha the same with g = q f - t*_(df-1) / sqrt(df-1) (0 where negative, (q^2 f^2 - c^2) / (1 + q^2 f^2) where
    q f > 1/c, c the critical f). A confounder k times as strong as controls w: R2 with the treatment
    k r / (1 - r), r that of w; the bias is se sqrt(df) sqrt(R2_y R2_d / (1 - R2_d)), towards zero.

    Missing values: as in `fit`.

    Raises: as `oster`.

    Reference: Cinelli and Hazlett (2020), Journal of the Royal Statistical Society B 82(1). METHODS 5.12.

    Example:
        >>> omitted_confounder(panel, "y ~ x + w | firm + year", "x").robustness_value  # doctest: +SKIP
    """
    chosen = request(ConfounderOptions, options, changes)
    m = _moments(panel, formula, treatment, chosen.at, chosen.fit)
    regressors = list(range(len(m.gram) - 1))
    b = _slope(m.gram, regressors)
    error = math.sqrt(_rss(m.gram, -1, regressors) / m.df / _rss(m.gram, 0, regressors[1:]))
    t = b / error
    f, critical = abs(t) / math.sqrt(m.df), t_quantile(1 - chosen.alpha / 2, m.df - 1) / math.sqrt(m.df - 1)
    wanted = chosen.benchmarks or tuple(m.names[j] for j in m.controls)
    groups = {text: [m.names.index(_known(part.strip(), m)) for part in text.split("+")] for text in wanted}
    own = [text for text, group in groups.items() if not set(group) <= set(m.controls)]
    if own:
        raise UsageError(f"{own[0]!r} is the treatment, not a benchmark", remedy="name controls")
    return Confounder(
        m.names[0], m.at, b, error, t, m.df, t * t / (t * t + m.df), chosen.q, chosen.alpha,
        robustness_value(chosen.q * f), robustness_value(chosen.q * f, critical),
        tuple(_benchmark(m, text, groups[text], k, (b, error, chosen.alpha)) for text in wanted
              for k in chosen.strengths), m.nobs,
    )  # fmt: skip


def robustness_value(f: float, critical: float = 0.0) -> float:
    """The partial R2, the same with treatment and outcome, that takes f = q |t| / sqrt(df) down to ``critical``.

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


def _benchmark(m: _Moments, text: str, group: list[int], k: float, given: tuple[float, float, float]) -> Benchmark:
    """The bounds of Cinelli and Hazlett's section 4.4 for one control or group of controls."""
    b, error, alpha = given
    others = [j for j in range(1, len(m.gram) - 1) if j not in group]
    of_treatment = _partial(m.gram, 0, others, group)
    of_outcome = _partial(m.gram, -1, [0, *others], group)
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
    """Estimate and iid standard error with a confounder of these partial R2 that pulls the estimate down in size.

    Formula: bias = se sqrt(df) sqrt(R2_y R2_d / (1 - R2_d)); the new error is
    se sqrt((1 - R2_y) / (1 - R2_d)) sqrt(df / (df - 1)).
    """
    bias = std_error * math.sqrt(df * r2_outcome * r2_treatment / (1 - r2_treatment))
    error = std_error * math.sqrt((1 - r2_outcome) / (1 - r2_treatment) * df / (df - 1))
    return math.copysign(1.0, estimate) * (abs(estimate) - bias), error


def _moments(panel: Any, formula: str, treatment: str, at: float | Percentile | None, fit: Fit) -> _Moments:
    design = prepare(panel, formula, fit)
    if design.endogenous:
        raise UsageError("omitted variables are judged without instruments", where=formula,
                         remedy="give the least-squares formula")  # fmt: skip
    names = design.regressors
    if treatment not in names:
        why = design.dropped.get(treatment)
        if why:
            raise NotIdentified(f"{treatment!r} was dropped: {why}", where=formula)
        raise UnknownName(f"{treatment!r} is not in the formula", where=formula, remedy=did_you_mean(treatment, names))
    place = [names.index(treatment), *(j for j, n in enumerate(names) if n != treatment)]
    columns = [*(design.kept[j] for j in place), len(design.names) - 1]
    ordered = tuple(names[j] for j in place)
    gram, where = design.gram[np.ix_(columns, columns)], _value(design, treatment, at)
    if where is not None:
        turn = np.eye(len(gram))
        turn[0, ordered.index(f"{treatment}^2")] = -2 * where
        gram = turn.T @ gram @ turn
    terms = {t.name: t.columns for t in design.formula.regressors}
    variable = terms[treatment][0]
    own = [j for j, n in enumerate(ordered) if j and variable in terms.get(n, ())]
    free = [j for j, n in enumerate(ordered) if j and j not in own and n != CONSTANT]
    own += [j for j, n in enumerate(ordered) if n == CONSTANT]
    n = len(design.matrix)
    df = estimate(design, Fit(vcov="iid", ssc=fit.ssc)).df_t
    return _Moments(gram, ordered, tuple(own), tuple(free), where, n, df)


def _value(design: Design, treatment: str, at: float | Percentile | None) -> float | None:
    """``at`` as a number; raises `UsageError` where the treatment has no square."""
    if at is None:
        return None
    if f"{treatment}^2" not in design.regressors:
        raise UsageError(f"at={at!r}: the slope of {treatment!r} is the same everywhere, it has no square",
                         remedy=f"leave at out, or add {treatment}^2")  # fmt: skip
    if not isinstance(at, str):
        return float(at)
    places = {where: x for where, x, *_ in u_test(estimate(design, Fit(vcov="iid")), treatment).slopes}
    if at not in places:
        raise UnknownName(f"at={at!r} is neither a value nor a percentile", remedy=did_you_mean(at, places))
    return places[at]


def _known(name: str, m: _Moments) -> str:
    if name not in m.names:
        raise UnknownName(f"{name!r} is not a regressor", remedy=did_you_mean(name, m.names))
    return name


def _solve(gram: Vector, target: int, columns: Sequence[int]) -> Vector:
    """Coefficients of the regression of one column on others, columns scaled to unit length first."""
    scale = np.sqrt(np.diag(gram)[list(columns)])
    left = gram[np.ix_(columns, columns)] / np.outer(scale, scale)
    return np.asarray(np.linalg.solve(left, gram[list(columns), target] / scale) / scale)


def _rss(gram: Vector, target: int, columns: Sequence[int]) -> float:
    """Residual sum of squares of one column on others."""
    if not len(columns):
        return float(gram[target, target])
    return float(gram[target, target] - gram[list(columns), target] @ _solve(gram, target, columns))


def _slope(gram: Vector, columns: Sequence[int]) -> float:
    return float(_solve(gram, -1, columns)[0])


def _partial(gram: Vector, target: int, others: Sequence[int], group: Sequence[int]) -> float:
    """Partial R2 of a group with one column, given others."""
    without = _rss(gram, target, others)
    return (without - _rss(gram, target, [*others, *group])) / without


def _proposition(gap: float, rise: tuple[float, float], s_y: float, s_x: float, t_x: float) -> tuple[Vector, Vector]:
    """Numerator and denominator of delta as polynomials in v = bt - b*, highest power first."""
    (shown, hidden), cube = rise, t_x * s_x - t_x * t_x
    numerator = [cube, 2 * t_x * gap * s_x, shown * s_y * t_x + s_x * t_x * gap * gap, 0.0]
    return np.array(numerator), np.array([cube, t_x * gap * s_x, hidden * s_y * (s_x - t_x), hidden * s_y * gap * s_x])


def _roots(polynomial: Vector, bt: float) -> tuple[float, ...]:
    """Coefficients b* = bt - v at the real roots v, ascending."""
    found = np.roots(polynomial)
    real = found[np.abs(found.imag) <= 1e-7 * np.maximum(1e-12, np.abs(found))].real
    return tuple(sorted(bt - float(v) for v in real))


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.copysign(math.inf, a) if a else math.nan


def _what(term: str, at: float | None) -> str:
    return term if at is None else f"slope of {term} at {at:.6g}"
