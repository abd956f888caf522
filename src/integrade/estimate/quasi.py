"""Fit models with fixed effects for outcomes that are not negative (Poisson) or lie between 0 and 1 (fractional logit).

The estimators are in `regress.quasi`. The field ``marginal`` of the result holds average marginal effects, which are
comparable with the coefficients of least squares.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from integrade.errors import OutOfRange, UsageError, option
from integrade.estimate.contrasts import coefficient
from integrade.estimate.design import Design
from integrade.estimate.formula import Formula, parse_formula
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import Coefficient, FitResult, Vector
from integrade.records.schema import column_word
from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, keep_rows
from integrade.regress.jackknife import jackknife_least_squares, least_squares_without
from integrade.regress.partial import absorber, demean
from integrade.regress.quasi import Family, Quasi, curvature, informative, mean_of, quasi
from plainwords.texts import listed, say

__all__ = ["fractional_logit", "ppml"]

_MOST = 50_000_000  # with more rows times clusters, average marginal effects have no jackknife errors
_FEW = 20.0  # with fewer rows per level, a note reports the bias of a logit with effects; a convention


@dataclass(frozen=True)
class _Model:
    """A model: its family, its name in sentences, and the highest possible outcome.

    ``edge``: the outcomes, in words, that all rows of a level have if the level carries no information.
    """

    family: Family
    name: str
    highest: float
    edge: str


_PPML = _Model("poisson", "Poisson pseudo-maximum likelihood", float("inf"), "zero")
_FRACTIONAL = _Model("logit", "fractional logit (quasi-maximum likelihood)", 1.0, "0, or 1")


def ppml(panel: Any, formula: str | Formula, options: Fit | None = None) -> FitResult:
    """Estimate E(y) = exp(x'b + effects) by Poisson pseudo-maximum likelihood.

    Formula: sum x (y - mu) = 0; covariances as in `fractional_logit` with M = diag mu. CR1 has the factor G/(G-1) and
        HC1 n/(n-1), as in Stata's poisson; R's fixest and pyfixest also multiply by (n-1)/(n-K), as for least squares.
    Missing values: as in `fit`. A level of an effect whose outcomes are all zero carries no information: it is dropped
        and noted.

    Raises:
        UsageError: instruments, several cluster variables, or a covariance that is not defined here.
        OutOfRange: a negative outcome. NoConvergence: some regressor explains zeros perfectly.

    Reference: Santos Silva and Tenreyro (2006); Correia, Guimaraes and Zylkin (2020).

    Example:
        >>> ppml(panel, "quality ~ market + market^2 | firm + year", Fit(cluster="region"))  # doctest: +SKIP
    """
    return _estimated(panel, formula, options or Fit(), _PPML)


def fractional_logit(panel: Any, formula: str | Formula, options: Fit | None = None) -> FitResult:
    """Estimate E(y) = 1 / (1 + exp(-x'b - effects)) for outcomes from 0 to 1, by quasi-maximum likelihood.

    Formula: sum x (y - mu) = 0; V = (X'MX)^-1 [sum_g s_g s_g'] (X'MX)^-1 with X net of the effects with weights
        mu (1 - mu) (M their diagonal), s_g = X_g'(y_g - mu_g), times G/(G-1) (CR1) or n/(n-1) over rows (HC1); iid: the
        dispersion times (X'MX)^-1; CR3: the cluster jackknife of the last step's regression. t(G - 1), or t(n - K).
        Average marginal effect of x: mean of mu (1 - mu) (b1 + 2 b2 x ...). Its error includes the noise of the
        effects. With clusters: the jackknife of the whole average over the remaining rows, one step from the estimates,
        so that it also reflects how clusters differ. Else: the delta method over all parameters, effects included,
        given the rows. (Clustered scores cannot show the noise of effects nested in the clusters: within each they sum
        to zero.) The notes also give the errors given rows and effects.
    Missing values: as in `fit`; levels of an effect whose outcomes are all 0, or all 1, are dropped and noted.

    A firm's effect is estimated from its few rows. With firm effects the coefficients are therefore biased away from
    zero (incidental parameters), as in any logit with dummies; average marginal effects are biased much less. A note
    reports effects with fewer than 20 rows per level.

    Raises:
        UsageError: instruments, several cluster variables, or a covariance that is not defined here.
        OutOfRange: an outcome outside 0 to 1. NoConvergence: some regressor explains outcomes at the edge perfectly.

    Reference: Papke and Wooldridge (1996, 2008); MacKinnon, Nielsen and Webb (2025) for the jackknife.

    Example:
        >>> fractional_logit(panel, "quality ~ market | firm + year", Fit(cluster="region"))  # doctest: +SKIP
    """
    return _estimated(panel, formula, options or Fit(), _FRACTIONAL)


def _estimated(panel: Any, formula: str | Formula, options: Fit, model: _Model) -> FitResult:
    """Estimate one of the models, with average marginal effects and notes."""
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    kind = _kind(parsed, options, model)
    design, values, lost = _informative(ready(panel), parsed, options, model)
    y, x = np.ascontiguousarray(values[:, -1]), values[:, :-1]
    solution = quasi(model.family, y, x, design.plan.effects, design.plan.weights)
    vcov, df, notes = _covariance(design, solution, y, kind, options)
    result = _result(design, solution.coefficients, vcov, df, kind)
    cluster = None if options.cluster is None else design.cluster(options.cluster)
    marginal, about = _marginal(design, solution, _Rows(y, x, cluster), result, model.family)
    name: Literal["ppml", "fractional"] = "ppml" if model is _PPML else "fractional"
    description = say("models_fit.of-model", model=say(f"models_fit.{name}"), errors=notes)
    left: list[str] = [say("models_fit.every-outcome", n=lost, edge=say(f"models_fit.edge-{name}"))] if lost else []
    thin = [f for f in design.plan.effects if len(f.codes) / f.levels < _FEW]
    if model.family == "logit" and thin:
        rows = {f.name: f"{len(f.codes) / f.levels:.1f}" for f in thin}
        shown = [say("models_fit.level-rows", effect=column_word(effect), rows=n) for effect, n in rows.items()]
        left.append(say("models_fit.rows-a-level", effects=listed(shown, "comma")))
    return replace(
        result,
        notes=(*design.notes, description, *about, *left),
        warnings=(*design.notes, *left),
        marginal=marginal,
        model=name,
        clusters={} if cluster is None else {cluster.name: cluster.levels},
    )


def _kind(formula: Formula, options: Fit, model: _Model) -> Literal["iid", "HC1", "CR1", "CR3"]:
    """Return the kind of covariance. Raise `UsageError` for options that the model does not have."""
    if formula.endogenous:
        linear = f"use {option('model', 'linear')}"
        raise UsageError(f"{model.name} takes no instruments", where=formula.text, remedy=linear)
    if options.cluster and "+" in options.cluster:
        raise UsageError(f"{model.name} takes one cluster variable", remedy=f"give {option('cluster', 'region')}")
    if options.df == "satterthwaite":
        rule = option("df", "satterthwaite")
        raise UsageError(f"{rule} is not defined for {model.name}", remedy=f"leave {option('df')} out")
    if options.ssc != Fit.ssc:
        what = f"{option('ssc', options.ssc)} is not used by {model.name}: its factors are G/(G-1) and n/(n-1)"
        raise UsageError(what, remedy=f"leave {option('ssc')} out")
    if options.wild:
        remedy = f"leave {option('wild')} out; {option('vcov', 'CR3')} is offered"
        raise UsageError(f"no wild bootstrap with {model.name}", remedy=remedy)
    kind = options.vcov if options.vcov != "auto" else "CR1" if options.cluster else "HC1"
    if kind not in ("iid", "HC1", "CR1", "CR3"):
        raise UsageError(
            f"{kind} is not defined for {model.name}",
            remedy="use "
            + " or ".join(option("vcov", k) for k in (("CR1", "CR3") if options.cluster else ("HC1", "iid"))),
        )
    if kind.startswith("CR") != bool(options.cluster):
        without = f"leave {option('cluster')} out, or give {option('vcov', 'CR1')}"
        remedy = f"give {option('cluster', 'region')}" if kind.startswith("CR") else without
        both = f"{option('vcov', kind)} and {option('cluster', options.cluster or 'None')}"
        raise UsageError(f"{both} cannot be combined", remedy=remedy)
    return kind


def _informative(rows: Ready, formula: Formula, options: Fit, model: _Model) -> tuple[Design, Vector, int]:
    """Return the design, the values of its regressors and outcome (n, k + 1), and how many rows were dropped.

    The values are from before the removal of effects. Rows that carry no information are dropped and are not in the
    design.
    """
    lost, terms = 0, {t.name: t for t in (*formula.regressors, formula.outcome)}
    while True:
        design = prepare(rows, formula, options)
        used = slice(None) if design.rows is None else design.rows
        ones = np.ones(len(design.matrix))
        names = (*design.regressors, formula.outcome.name)
        values = np.array([ones if n not in terms else rows.values(terms[n])[used] for n in names]).T
        y = values[:, -1]
        outside = (y < 0) | (y > model.highest)
        if outside.any():
            kind = "negative" if model.highest == float("inf") else "outside"
            raise OutOfRange(
                say(f"impossible.{kind}-values", name=repr(formula.outcome.name), n=int(outside.sum())),
                remedy="use least squares, or another outcome",
            )
        stay = informative(model.family, y, design.plan.effects)
        if stay.all():
            return design, values, lost
        lost += int((~stay).sum())
        rows = rows.on(np.flatnonzero(stay) if design.rows is None else design.rows[stay])


def _covariance(design: Design, solution: Quasi, y: Vector, kind: str, options: Fit) -> tuple[Vector, float, str]:
    """Return the covariance, its degrees of freedom, and a text that says how it was computed."""
    weights = design.plan.weights
    prior = np.ones(len(y)) if weights is None else weights
    u = (y - solution.means) * prior
    n, k = len(y), solution.net.shape[1] + sum(f.levels for f in design.plan.effects)
    k -= sum(max(shared.values(), default=0) for shared in design.components)
    if kind == "iid":
        dispersion = float(u @ ((y - solution.means) / (solution.weights / prior))) / (n - k)
        return (
            solution.bread * dispersion,
            float(n - k),
            say("models_fit.iid-dispersion", dispersion=f"{dispersion:.4g}"),
        )
    if kind == "HC1":
        s = solution.net * u[:, None]
        vcov = solution.bread @ (s.T @ s) @ solution.bread * n / (n - 1)
        return vcov, float(n - k), say("models_fit.robust-factor")
    assert options.cluster is not None
    cluster = design.cluster(options.cluster)
    groups, name = cluster.levels, column_word(cluster.name)
    if kind == "CR3":  # the cluster jackknife of the weighted regression solved in the estimator's last step
        how = say("models_fit.cr3-last-step", n=str(groups), cluster=name)
        surprise = (y - solution.means) * prior / solution.weights
        matrix = np.column_stack([solution.net, solution.net @ solution.coefficients + surprise])
        deleted = jackknife_least_squares(solution.plan, matrix, cluster, solution.coefficients)
        return deleted.vcov, float(groups - 1), how
    s = cluster_scores(solution.net, u, cluster)
    vcov = solution.bread @ (s.T @ s) @ solution.bread * groups / (groups - 1)
    return (vcov + vcov.T) / 2, float(groups - 1), say("models_fit.cr1-factor", n=str(groups), cluster=name)


@dataclass(frozen=True)
class _Rows:
    """Outcome (n,), terms before the effects are removed (n, k), and the clusters of the errors."""

    y: Vector
    x: Vector
    cluster: Factor | None


class _Slopes(NamedTuple):
    """Derivative of the linear index x'b with respect to one variable, as weights on the coefficients.

    ``by`` (n, p) holds the weights of the p coefficients at the positions ``places``; the weights of all other
    coefficients are 0.
    """

    places: list[int]
    by: Vector

    def times(self, b: Vector) -> Vector:
        """Return the derivative in every row (n,), for coefficients b (k,)."""
        return np.asarray(self.by @ b[self.places])

    def summed(self, share: Vector, k: int) -> Vector:
        """Return, for each of the k coefficients, the sum over rows of ``share`` times the coefficient's weight."""
        sums = np.zeros(k)
        sums[self.places] = share @ self.by
        return sums


def _marginal(
    design: Design, solution: Quasi, rows: _Rows, result: FitResult, family: Family
) -> tuple[tuple[Coefficient, ...], list[str]]:
    """Return average marginal effects of variables that enter by themselves or as powers, and notes on their errors.

    Variables that enter a product or a logarithm are left out.
    """
    weights = design.plan.weights
    prior = np.ones(len(rows.y)) if weights is None else weights
    variables = dict(_single_variables(design, rows.x))
    share = curvature(family, mean_of(family, solution.index))[0] * (prior / prior.sum())
    values = {name: _effect(share, solution.coefficients, slopes) for name, slopes in variables.items()}
    conditional = {
        name: _error_given_effects(family, solution, prior, slopes, result) for name, slopes in variables.items()
    }
    about: list[str] = []
    if rows.cluster is None:
        errors = {
            name: _delta_error(family, solution, rows, prior, slopes, result) for name, slopes in variables.items()
        }
    elif rows.cluster.levels * len(rows.y) > _MOST:
        errors, about = conditional, [say("models_fit.marginal-given")]
    else:
        errors = _jackknife_errors(family, solution, rows.y, prior, rows.cluster, variables, values)
        each = [say("models_fit.error-of", term=column_word(name), error=f"{e:.4g}") for name, e in conditional.items()]
        about = [
            say(
                "models_fit.marginal-jackknife",
                n=str(rows.cluster.levels),
                cluster=column_word(rows.cluster.name),
                given=listed(each, "comma"),
            )
        ]
    effects = tuple(coefficient(name, value, errors[name], result.df_t) for name, value in values.items())
    return effects, about if effects else []


def _single_variables(design: Design, x: Vector) -> Iterator[tuple[str, _Slopes]]:
    """Yield variables that enter only by themselves or as powers, with the derivative of the index by each."""
    names = design.regressors
    terms = {t.name: t for t in design.formula.regressors if t.name in names}
    for variable in dict.fromkeys(c for t in terms.values() for c in t.columns):
        powers = {t.name: t.parts[0].power for t in terms.values() if variable in t.columns}
        if variable not in terms or any(len(terms[t].parts) > 1 or terms[t].parts[0].log for t in powers):
            continue
        value = x[:, names.index(variable)]
        by = np.column_stack([p * value ** (p - 1) for p in powers.values()])
        yield variable, _Slopes([names.index(t) for t in powers], by)


def _effect(share: Vector, b: Vector, slopes: _Slopes) -> float:
    """Return the average marginal effect: the sum over rows of ``share`` times the slope.

    A row's share is its weight in the average times the derivative of the mean with respect to the index.
    """
    return float((share @ slopes.by) @ b[slopes.places])


def _error_given_effects(family: Family, solution: Quasi, prior: Vector, slopes: _Slopes, result: FitResult) -> float:
    """Return the delta-method standard error over the coefficients only, given the rows and the effects."""
    first, second = curvature(family, solution.means)
    share = prior / prior.sum()
    b = solution.coefficients
    gradient = slopes.summed(share * first, len(b)) + (share * second * slopes.times(b)) @ solution.net
    return math.sqrt(float(gradient @ result.vcov @ gradient))


def _delta_error(
    family: Family, solution: Quasi, rows: _Rows, prior: Vector, slopes: _Slopes, result: FitResult
) -> float:
    """Return the delta-method standard error from errors of both the coefficients and the effects, given the rows.

    Errors are taken as independent between rows.

    Let Z = [X, effects], W the weights, and D the derivative of the average in all parameters. Then the error of the
    average is p'(y - mu) with p = Z (Z'WZ)^-1 D. The code computes p by a weighted regression on Z, plus the part of D
    that comes from b directly.
    """
    first, second = curvature(family, solution.means)
    share = prior / prior.sum()
    moved = share * second * slopes.times(solution.coefficients) / solution.weights
    net = demean(solution.plan, moved[:, None].copy())[:, 0]
    left = net - solution.net @ (solution.bread @ (solution.net.T @ (solution.weights * net)))
    p = moved - left + solution.net @ (solution.bread @ slopes.summed(share * first, len(solution.bread)))
    u = (rows.y - solution.means) * prior
    if result.kind == "iid":
        dispersion = float(u @ (u / solution.weights)) / result.df_t
        return math.sqrt(dispersion * float(solution.weights @ p**2))
    n = len(u)
    return math.sqrt(n / (n - 1) * float((p * u) @ (p * u)))


def _jackknife_errors(
    family: Family,
    solution: Quasi,
    y: Vector,
    prior: Vector,
    cluster: Factor,
    variables: Mapping[str, _Slopes],
    values: Mapping[str, float],
) -> dict[str, float]:
    """Return the cluster-jackknife standard error of each average marginal effect.

    For each cluster, the estimator takes one step on the rows of the other clusters.

    The change of the coefficients follows from cross-products without the cluster. The surprise is y - mu divided by
    the derivative of the mean in the index. The index moves by the surprise minus its residual from regressing it on
    effects and regressors.
    """
    away: dict[str, list[float]] = {name: [] for name in variables}
    surprise = (y - solution.means) * prior / solution.weights
    matrix = np.column_stack([solution.net, demean(solution.plan, surprise[:, None].copy())])
    none = np.zeros(len(solution.coefficients))  # of all rows the change is zero
    changes, identified = least_squares_without(solution.plan, matrix, cluster, none)
    for g in range(cluster.levels):
        others = np.flatnonzero(cluster.codes != g)
        plan = absorber([keep_rows(f, others) for f in solution.plan.effects], solution.weights[others])
        change = changes[g] if identified[g] else _least_change(demean(plan, matrix[others]), solution.weights[others])
        left = (surprise - solution.net @ change)[others]
        index = solution.index[others] + surprise[others] - demean(plan, left[:, None])[:, 0]
        share = np.zeros(len(y))
        share[others] = curvature(family, mean_of(family, index))[0] * (prior[others] / prior[others].sum())
        for name, slopes in variables.items():
            away[name].append(_effect(share, solution.coefficients + change, slopes) - values[name])
    factor = (cluster.levels - 1) / cluster.levels
    return {name: math.sqrt(factor * float(np.square(moves).sum())) for name, moves in away.items()}


def _least_change(net: Vector, weights: Vector) -> Vector:
    """Return the coefficients of least norm among all that fit the last column equally well."""
    root = np.sqrt(weights)[:, None]
    # singular values below 1e-9 of the largest count as zero, as collinear regressors do (METHODS 5.1)
    return np.asarray(np.linalg.lstsq(net[:, :-1] * root, net[:, -1] * root[:, 0], rcond=1e-9)[0])


def _result(design: Design, b: Vector, vcov: Vector, df: float, kind: str) -> FitResult:
    """Return the linear fit of the same design, with these coefficients, errors and no measure of linear fit."""
    plain = estimate(design, Fit(vcov="iid"))
    errors = np.sqrt(np.diag(vcov)).tolist()
    terms = tuple(coefficient(*term, df) for term in zip(design.regressors, b.tolist(), errors, strict=True))
    missing = float("nan")
    return replace(
        plain,
        coefficients=terms,
        vcov=vcov,
        kind=kind,
        df_t=df,
        constant=None,
        r2=missing,
        r2_adjusted=missing,
        r2_within=missing,
        r2_within_xtreg=missing,
        rmse=missing,
    )
