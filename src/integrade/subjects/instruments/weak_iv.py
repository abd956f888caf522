"""Run inference with instruments that may be weak: Anderson-Rubin sets, LIML, tF, and a test of exogeneity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from integrade.errors import UsageError
from integrade.estimate.contrasts import Combination, at_error
from integrade.estimate.design import Design, part_of
from integrade.estimate.formula import Formula
from integrade.estimate.linear import Fit, drawing, estimate, prepare, setting_of
from integrade.estimate.percentiles import percent_of
from integrade.estimate.results import Basis, FitResult, Vector
from integrade.estimate.solving import errors_of, parts
from integrade.records import tidied
from integrade.records.catalogue import keywords, request
from integrade.records.confidence import Level
from integrade.records.drawing import draw
from integrade.records.needs import DRAWS
from integrade.regress import weak, weak_clusters
from integrade.regress.effects import Factor
from integrade.regress.students import t_quantile
from integrade.subjects.instruments.control_function import ControlFunction
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

    from integrade.records.drawing import Chart

__all__ = ["WeakIV", "WeakIVOptions", "weak_iv"]


@dataclass(frozen=True)
class WeakIVOptions:
    """Options of the tests of instruments.

    Parameters
    ----------
    level
        The confidence of the Anderson-Rubin sets.
    at
        With a regressor and its square instrumented: places where the set of the slope is given, as percentiles of the
        sample (p10).
    draws
        Draws of the null-imposed wild bootstrap behind the third kind of Anderson-Rubin set, 0 for none; only with one
        cluster variable.
    fit
        How the regression is estimated; its covariance decides the form of every test.
    """

    level: Level = 0.95
    at: tuple[str, ...] = ("p10", "p50", "p90")
    draws: Annotated[int, DRAWS] = 9999
    fit: Fit = field(default_factory=Fit)


@dataclass(frozen=True)
class ARStatistic:
    """The Anderson-Rubin statistic behind a set, as a function of the coefficient (`ar_curve`).

    ``of`` holds the parts from which it is computed. ``spread`` is two standard errors of the estimate.
    """

    of: weak.AndersonRubin
    spread: float


@dataclass(frozen=True)
class ARSet:
    """The values of a coefficient, or of a slope, that the Anderson-Rubin test does not reject.

    ``intervals`` are in order; an end of None means no bound. ``kind`` is interval, two_rays (everything except a gap),
    pieces, line (every value, because the data are uninformative) or empty (no value, because the instruments
    contradict each other). ``projected`` is true if the set comes from a joint region; its level is then at least the
    nominal one. ``at`` is the value of the regressor at which a slope is taken.
    """

    target: str
    estimate: float
    kind: weak.SetKind
    intervals: tuple[tuple[float | None, float | None], ...]
    projected: bool
    behind: ARStatistic | None = field(default=None, compare=False, repr=False)
    at: float | None = None

    def __contains__(self, value: float) -> bool:
        return any((a is None or a <= value) and (b is None or value <= b) for a, b in self.intervals)


@dataclass(frozen=True)
class TF:
    """For one regressor and one instrument: a 5% critical value of |t| valid for any strength, and its interval.

    ``critical`` is the larger of two values. The first is the critical value of Lee, McCrary, Moreira and Porter at
    ``first_stage_f``. It ignores degrees of freedom and is 1.96 for a strong instrument. The second is the critical
    value of t with the degrees of freedom of the fit (``df_t``).
    """

    first_stage_f: float
    critical: float
    statistic: float
    conf_low: float
    conf_high: float
    df_t: float = math.inf


@shown
@dataclass(frozen=True)
class WeakIV:
    """A regression with instruments and inference that does not rely on their strength.

    ``sets`` and ``ar_p`` use the covariance of the fit; with clusters this is CR1. With one cluster variable there are
    also sets from the cluster jackknife (``sets_cr3``, ``ar_p_cr3``). ``ar_p_wild`` and, with one endogenous regressor,
    ``sets_wild`` are from the wild bootstrap with the null imposed. ``first_stage`` holds the regressions of each
    endogenous regressor on the instruments, with the same covariance.

    ``fit`` is two-stage least squares with its usual diagnostics (``fit.iv``). ``liml`` has one entry per regressor,
    with the same kind of covariance. ``c_statistic`` tests exogeneity; it is missing with fewer clusters than moments.
    ``verdict`` describes the strength of the instruments and the form of the sets.
    """

    fit: FitResult
    level: float
    ar_f: float
    ar_p: float
    sets: tuple[ARSet, ...]
    liml: tuple[Combination, ...]
    kappa: float
    c_statistic: float | None
    c_df: int
    c_p: float | None
    tf: TF | None
    verdict: str
    notes: tuple[str, ...] = ()
    sets_cr3: tuple[ARSet, ...] = ()
    ar_p_cr3: float | None = None
    sets_wild: tuple[ARSet, ...] = ()
    ar_p_wild: float | None = None
    first_stage: tuple[FitResult, ...] = ()

    def __getitem__(self, target: str) -> ARSet:
        """Return the Anderson-Rubin set of a coefficient or slope."""
        return next(s for s in self.sets if s.target == target)

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom of the result."""
        return self.fit.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def plot(self, target: str = "") -> Chart:
        """Draw the Anderson-Rubin test of every value of a coefficient (`integrade.plot.anderson_rubin`)."""
        return draw("anderson_rubin", self, target)

    def sheet(self) -> Sheet:
        """Return the estimates, the sets and the tests as text."""
        lines = [self.fit.formula, f"  {self.verdict}"]
        for stage in self.first_stage:
            lines.append(f"  first stage of {stage.outcome} ({stage.kind}):")
            lines += [f"    {c.term:<16} {c.estimate:.6g} ({c.std_error:.4g})" for c in stage.coefficients]
        methods = (("jackknife of the clusters", self.ar_p_cr3), ("wild bootstrap", self.ar_p_wild))
        other_p = "".join(f", {how} {p:.4f}" for how, p in methods if p is not None)
        lines.append(f"  Anderson-Rubin test of all endogenous: p = {self.ar_p:.4f}{other_p}")
        estimator = "2SLS" if self.fit.iv is None else self.fit.iv.estimator
        for s in self.sets:
            kind = f"{100 * self.level:g}% Anderson-Rubin set{', projected' if s.projected else ''}"
            lines.append(f"  {s.target}: {estimator} {s.estimate:.6g}, {kind} {_shown(s)}")
            for how, others in (("jackknife of the clusters", self.sets_cr3), ("wild bootstrap", self.sets_wild)):
                lines += [f"    on the {how} {_shown(o)}" for o in others if o.target == s.target]
        lines.append(f"  LIML (kappa {self.kappa:.6f}):")
        lines += [f"    {c.name:<16} {c.estimate:.6g} ({c.std_error:.4g})" for c in self.liml]
        if self.c_statistic is not None:
            lines.append(f"  exogeneity, C({self.c_df}) = {self.c_statistic:.4f}, p = {self.c_p:.4f}")
        if self.tf is not None:
            lines.append(f"  tF interval [{self.tf.conf_low:.6g}, {self.tf.conf_high:.6g}]")
        return of_text("\n".join([*lines, *(f"  ! {n}" for n in self.notes)]))


@dataclass(frozen=True)
class Instrumented:
    """The regression with one instrument: least squares, first stages, all estimators, and sets robust to weakness.

    ``variable`` is the endogenous regressor; for split_goods it is the index from half of the goods. ``estimates`` maps
    2SLS, LIML and GMM to their fits. ``problems`` name what could not be estimated.
    """

    title: str
    builder: str
    variable: str
    columns: tuple[str, ...]
    exclusion: str
    ols: FitResult | None = None
    first: tuple[FitResult, ...] = ()
    estimates: Mapping[str, FitResult] = field(default_factory=dict)
    weak: WeakIV | None = None
    control: ControlFunction | None = None
    problems: tuple[str, ...] = ()


@keywords(WeakIVOptions, within="fit")
def weak_iv(panel: Any, formula: str | Formula, options: WeakIVOptions | None = None, **changes: Any) -> WeakIV:
    """Estimate two-stage least squares with inference that holds when instruments are weak.

    Formula: the Anderson-Rubin set holds every b for which the instruments do not explain y - x b, by F(L, df) at
        ``level``. Its ends are roots of the statistic over the whole line, infinity included. LIML minimises the same
        ratio under iid errors. The C statistic is the difference of two J statistics. With one regressor and one
        instrument, the critical value is that of tF or of t with the fit's degrees of freedom, whichever is larger.
    Missing values: as `fit`.

    Args:
        panel: any table.
        formula: with instruments: ``"quality ~ scale | firm + year | market + market^2 ~ z + z^2"``.
        options: see `WeakIVOptions`; or single options by name, those of `Fit` included. With one cluster the
            covariance of coefficients is CR3; the tests use scores by cluster.

    Returns:
        One `WeakIV`. With one cluster variable each set is computed from CR1, from the cluster jackknife and from the
        wild bootstrap with the null imposed. If few clusters hold most rows, the set from CR1 is too narrow. With two
        endogenous regressors the sets are projections of the joint region: for each coefficient and, for a regressor
        with its square, for the slope at each value in ``at``.

    Raises:
        UsageError: no instruments, or more than two endogenous regressors. Otherwise as `fit`.

    Reference: Anderson and Rubin (1949); Dufour and Taamouti (2005); Lee, McCrary, Moreira and Porter (2022).

    Example:
        >>> weak_iv(panel, "quality ~ scale | firm + year | market ~ z", cluster="region")  # doctest: +SKIP
    """
    chosen = request(WeakIVOptions, options, changes)
    design = prepare(panel, formula, chosen.fit)
    p = design.endogenous
    if not 1 <= p <= 2:
        what = "no instruments in the formula" if not p else f"{p} endogenous regressors: sets are made for one or two"
        raise UsageError(what, where=design.formula.text, remedy='write "y ~ w | firm + year | x ~ z"')
    result = estimate(design, replace(chosen.fit, wild=0))
    setting, _, _ = setting_of(design, chosen.fit)
    x, w, z = parts(design)
    errors = errors_of(design, setting.kind, setting.clusters, setting.k - p)
    ar = weak.anderson_rubin(x, w, z, design.outcome, errors)
    sets = tuple(_sets(ar, result, design, chosen))
    exogeneity = weak.c_statistic(x, w, z, design.outcome, errors)
    assert result.iv is not None
    ar_f, ar_p = result.iv.ar_f, result.iv.ar_p
    liml = estimate(design, replace(chosen.fit, estimator="liml", wild=0))
    columns = [*design.kept, *design.instruments, len(design.names) - 1]
    kappa = weak.liml(design.gram[np.ix_(columns, columns)], p, len(design.kept) - p).kappa
    tf = _tf(result, design)
    f = result.iv.kp_f if result.iv.effective_f is None else result.iv.effective_f
    forms = [say(f"models_instruments.set-{s.kind}", target=s.target) for s in sets]
    verdict = say("models_instruments.verdict", f="." if np.isnan(f) else f"{f:.4g}", sets=listed(forms, "semicolon"))
    first_stages = []
    for name in design.regressors[:p]:
        at = [*design.kept[p:], *design.instruments]
        stage = part_of(design, at, design.names.index(name))
        first_stages.append(estimate(stage, replace(chosen.fit, wild=0, estimator="auto")))
    one = WeakIV(
        result,
        chosen.level,
        ar_f,
        ar_p,
        sets,
        tuple(at_error(c.term, c.estimate, c.std_error, liml.df_t) for c in liml.coefficients),
        kappa,
        exogeneity.statistic if exogeneity else None,
        p,
        exogeneity.p_value if exogeneity else None,
        tf,
        verdict,
        tuple(_notes(result, z.shape[1], tf, exogeneity is None)),
        first_stage=tuple(first_stages),
    )
    return _with_clusters(one, design, setting.clusters, chosen)


def _with_clusters(record: WeakIV, design: Design, clusters: tuple[Factor, ...], chosen: WeakIVOptions) -> WeakIV:
    """Add sets and tests from the cluster jackknife and the wild bootstrap, if there is one cluster variable."""
    if len(clusters) != 1:
        return record
    from integrade.regress.students import f_upper

    columns = [*design.kept, *design.instruments, len(design.names) - 1]
    matrix = np.ascontiguousarray(design.matrix[:, columns])
    size = {"endogenous": design.endogenous, "exogenous": len(design.kept) - design.endogenous}
    ar = weak_clusters.jackknifed(design.plan, matrix, clusters[0], **size)
    zero = np.eye(1 + design.endogenous)[0]
    record = replace(
        record,
        sets_cr3=tuple(_sets(ar, record.fit, design, chosen)),
        ar_p_cr3=f_upper(float(ar.f(zero)), ar.g.shape[1], ar.df),
    )
    if not chosen.draws:
        return record
    how = replace(drawing(chosen.fit), draws=chosen.draws, imposed=True, alpha=None)
    wild = weak_clusters.wild_anderson_rubin(design.plan, matrix, clusters[0], how, **size)
    record = replace(record, ar_p_wild=wild.p_value(zero))
    if design.endogenous > 1:
        return replace(record, notes=(*record.notes, say("models_instruments.wild-sets")))
    c = record.fit.coefficients[0]
    accepted = weak_clusters.wild_set(wild, level=chosen.level, centre=c.estimate, spread=2 * c.std_error)
    ar_set = ARSet(c.term, c.estimate, accepted.kind, accepted.intervals, projected=False)
    return replace(record, sets_wild=(ar_set,))


def _sets(ar: weak.AndersonRubin, result: FitResult, design: Design, chosen: WeakIVOptions) -> list[ARSet]:
    from scipy.special import fdtri

    names = design.regressors[: design.endogenous]
    critical = float(fdtri(ar.g.shape[1], ar.df, chosen.level))

    def one(target: str, weights: Vector, turned: weak.AndersonRubin, at_value: float | None = None) -> ARSet:
        at = [[c.term for c in result.coefficients].index(n) for n in names]
        b = float(weights @ [result.coefficients[j].estimate for j in at])
        spread = 2 * math.sqrt(float(weights @ result.vcov[np.ix_(at, at)] @ weights))
        accepted = weak.confidence_set(turned, critical=critical, centre=b, spread=spread)
        behind = ARStatistic(turned, spread)
        return ARSet(target, b, accepted.kind, accepted.intervals, projected=len(names) > 1, behind=behind, at=at_value)

    if len(names) == 1:
        return [one(names[0], np.ones(1), ar)]
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    sets = [one(names[0], np.array([1.0, 0.0]), ar), one(names[1], np.array([0.0, 1.0]), ar.turned(swap))]
    for variable in design.formula.squared:
        if {variable, f"{variable}^2"} == set(names):
            order = np.eye(2) if names[0] == variable else swap
            column = design.label(variable).cast(float).to_numpy()
            for place in chosen.at:
                v = _percentile(column, place)
                # x b1 + x^2 b2 = x (b1 + 2 v b2) + (x^2 - 2 v x) b2
                turned = ar.turned(order @ np.array([[1.0, -2 * v], [0.0, 1.0]]))
                sets.append(one(say("models_fit.slope-at", place=place), order @ np.array([1.0, 2 * v]), turned, v))
    return sets


def _percentile(column: Vector, place: str) -> float:
    percent = percent_of(place)
    if percent is None:
        raise UsageError(f"at={place!r} is not a percentile", remedy='give at=("p10", "p90")')
    return float(np.percentile(column, percent, method="averaged_inverted_cdf"))


def _tf(result: FitResult, design: Design) -> TF | None:
    """Return the tF interval; None if there are several endogenous regressors or instruments."""
    assert result.iv is not None
    f = result.iv.effective_f
    if len(design.instruments) > 1 or f is None:
        return None
    c = result.coefficients[0]
    df = result.df_by_term.get(c.term, result.df_t)
    critical = max(weak.tf_critical(f), t_quantile(0.975, df))
    return TF(f, critical, c.statistic, c.estimate - critical * c.std_error, c.estimate + critical * c.std_error, df)


def _notes(result: FitResult, many: int, tf: TF | None, no_c: bool) -> list[str]:
    notes: list[str] = []
    assert result.iv is not None
    effective, critical = result.iv.effective_f, result.iv.effective_f_critical
    if effective is not None and critical is not None:
        shown = {bias: f"{value:.2f}" for bias, value in critical.items()}
        values = [say("models_instruments.critical-value", value=v, bias=bias) for bias, v in shown.items()]
        notes.append(say("models_instruments.effective-f", f=f"{effective:.4g}", values=listed(values, "comma")))
    if tf is not None:
        notes.append(say("models_instruments.tf", critical=f"{tf.critical:.4g}", df=f"{tf.df_t:,.0f}"))
    else:
        notes.append(say("models_instruments.no-tf"))
    if no_c:
        notes.append(say("models_instruments.no-c"))
    groups = min(result.clusters.values(), default=many + 1)
    if groups <= many:
        notes.append(say("models_instruments.few-clusters", clusters=str(groups), instruments=str(many)))
    return notes


def _shown(ar_set: ARSet) -> str:
    return " or ".join(f"[{_end(a, '-inf')}, {_end(b, 'inf')}]" for a, b in ar_set.intervals) or "no value"


def _end(value: float | None, none: str) -> str:
    return none if value is None else f"{value:.6g}"
