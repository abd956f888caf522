"""Outcomes that are not negative, or lie between 0 and 1: Poisson and fractional logit with fixed effects.

The estimators are those of `regress.quasi`. What a change of a regressor does to the outcome is in ``marginal`` of the
result: average marginal effects, comparable with the coefficients of least squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from integrade.errors import OutOfRange, UsageError, option
from integrade.frames import collect, enter
from integrade.models.fit.contrasts import at_error
from integrade.models.fit.design import CONSTANT, Design, as_column
from integrade.models.fit.formula import Formula, Term, parse_formula
from integrade.models.fit.linear import Fit, estimate, prepare
from integrade.models.fit.results import Coefficient, FitResult, Vector
from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor
from integrade.regress.jackknife import from_moments, jackknife
from integrade.regress.ols import cross_products
from integrade.regress.quasi import Family, Quasi, curvature, informative, quasi
from integrade.schema import column_word
from integrade.texts import listed, say

__all__ = ["fractional_logit", "ppml"]

_ROW = "integrade_row"
_FEW = 20.0  # rows a level below which the bias of a logit with estimated effects is worth a word


@dataclass(frozen=True)
class _Model:
    """What is estimated: its family, its name in sentences, where outcomes must lie, and which levels say nothing."""

    family: Family
    name: str
    highest: float
    edge: str


_PPML = _Model("poisson", "Poisson pseudo-maximum likelihood", float("inf"), "zero")
_FRACTIONAL = _Model("logit", "fractional logit (quasi-maximum likelihood)", 1.0, "0, or 1")


def ppml(panel: Any, formula: str | Formula, options: Fit | None = None) -> FitResult:
    """E(y) = exp(x'b + effects) by Poisson pseudo-maximum likelihood.

    Formula: sum x (y - mu) = 0; covariances as in `fractional_logit` with M = diag mu.
    Missing values: as in `fit`; levels of an effect whose outcomes are all zero say nothing, are dropped and noted.

    Raises:
        UsageError: instruments, several cluster variables, or a covariance that is not defined here.
        OutOfRange: a negative outcome. NoConvergence: a regressor explains zeros alone.

    Reference: Santos Silva and Tenreyro (2006); Correia, Guimaraes and Zylkin (2020).

    Example:
        >>> ppml(panel, "quality ~ market + market^2 | firm + year", Fit(cluster="region"))  # doctest: +SKIP
    """
    return _estimated(panel, formula, options or Fit(), _PPML)


def fractional_logit(panel: Any, formula: str | Formula, options: Fit | None = None) -> FitResult:
    """E(y) = 1 / (1 + exp(-x'b - effects)) for outcomes from 0 to 1, by quasi-maximum likelihood.

    Formula: sum x (y - mu) = 0; V = (X'MX)^-1 [sum_g s_g s_g'] (X'MX)^-1 with X net of the effects with weights
        mu (1 - mu) (M their diagonal), s_g = X_g'(y_g - mu_g), times G/(G-1) (CR1) or n/(n-1) over rows (HC1); iid: the
        dispersion times (X'MX)^-1; CR3: the cluster jackknife of the last step's regression. t(G - 1), or t(n - K).
        Average marginal effect of x: mean of mu (1 - mu) (b1 + 2 b2 x ...), its error by the delta method with the
        effects following b, given the rows.
    Missing values: as in `fit`; levels of an effect whose outcomes are all 0, or all 1, are dropped and noted.

    A firm's effect rests on its few rows, so with firm effects the coefficients are biased away from zero (incidental
    parameters) as those of any logit with dummies; average marginal effects are so much less. The notes say how many
    rows a level has.

    Raises:
        UsageError: instruments, several cluster variables, or a covariance that is not defined here.
        OutOfRange: an outcome outside 0 to 1. NoConvergence: a regressor explains outcomes at the edge alone.

    Reference: Papke and Wooldridge (1996, 2008); MacKinnon, Nielsen and Webb (2025) for the jackknife.

    Example:
        >>> fractional_logit(panel, "quality ~ market | firm + year", Fit(cluster="region"))  # doctest: +SKIP
    """
    return _estimated(panel, formula, options or Fit(), _FRACTIONAL)


def _estimated(panel: Any, formula: str | Formula, options: Fit, model: _Model) -> FitResult:
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    kind = _kind(parsed, options, model)
    rows = collect(enter(panel)).with_row_index(_ROW)
    design, values, lost = _informative(rows, parsed, options, model)
    y, x = np.ascontiguousarray(values[:, -1]), values[:, :-1]
    found = quasi(model.family, y, x, design.plan.effects, design.plan.weights)
    vcov, df, notes = _covariance(design, found, y, kind, options)
    result = _result(design, found.coefficients, vcov, df, kind)
    own: Literal["ppml", "fractional"] = "ppml" if model is _PPML else "fractional"
    told = say("models_fit.of-model", model=say(f"models_fit.{own}"), errors=notes)
    left: list[str] = [say("models_fit.every-outcome", n=lost, edge=say(f"models_fit.edge-{own}"))] if lost else []
    left += _incidental(design, model)
    return replace(
        result,
        notes=(*design.notes, told, *left),
        warnings=(*design.notes, *left),
        marginal=_marginal(design, found, x, result, model.family),
        model=own,
    )


def _kind(formula: Formula, options: Fit, model: _Model) -> Literal["iid", "HC1", "CR1", "CR3"]:
    if formula.endogenous:
        linear = f"use {option('model', 'linear')}"
        raise UsageError(f"{model.name} takes no instruments", where=formula.text, remedy=linear)
    if options.cluster and "+" in options.cluster:
        raise UsageError(f"{model.name} takes one cluster variable", remedy=f"give {option('cluster', 'region')}")
    if options.df == "satterthwaite":
        rule = option("df", "satterthwaite")
        raise UsageError(f"{rule} is not defined for {model.name}", remedy=f"leave {option('df')} out")
    if options.wild:
        remedy = f"leave {option('wild')} out; {option('vcov', 'CR3')} is offered"
        raise UsageError(f"no wild bootstrap with {model.name}", remedy=remedy)
    kind = options.vcov if options.vcov != "auto" else "CR1" if options.cluster else "HC1"
    if kind not in ("iid", "HC1", "CR1", "CR3"):
        raise UsageError(f"{kind} is not defined for {model.name}", remedy=f"use {option('vcov')} HC1, CR1 or CR3")
    if kind.startswith("CR") != bool(options.cluster):
        without = f"leave {option('cluster')} out, or give {option('vcov', 'CR1')}"
        remedy = f"give {option('cluster', 'region')}" if kind.startswith("CR") else without
        both = f"{option('vcov', kind)} and {option('cluster', options.cluster or 'None')}"
        raise UsageError(f"{both} do not go together", remedy=remedy)
    return kind


def _informative(rows: pl.DataFrame, formula: Formula, options: Fit, model: _Model) -> tuple[Design, Vector, int]:
    """The design, its terms before effects are removed (n, k + 1), and rows lost to levels that say nothing."""
    lost = 0
    while True:
        design = prepare(rows, formula, options, also=(_ROW,))
        terms = {t.name: as_column(t) for t in (*formula.regressors, formula.outcome)}
        terms[CONSTANT] = terms.get(CONSTANT, pl.lit(1.0).alias(CONSTANT))
        sample = rows[design.labels[_ROW].to_numpy()]
        values = sample.select([terms[n] for n in (*design.regressors, formula.outcome.name)]).to_numpy()
        y = values[:, -1]
        outside = (y < 0) | (y > model.highest)
        if outside.any():
            where = "negative values" if model.highest == float("inf") else "values outside 0 to 1"
            raise OutOfRange(
                f"{formula.outcome.name!r} has {int(outside.sum()):,} {where}",
                remedy="use least squares, or another outcome",
            )
        stay = informative(model.family, y, design.plan.effects)
        if stay.all():
            return design, values, lost
        lost += int((~stay).sum())
        rows = sample.filter(pl.Series(stay)).drop(_ROW).with_row_index(_ROW)


def _covariance(design: Design, found: Quasi, y: Vector, kind: str, options: Fit) -> tuple[Vector, float, str]:
    """Covariance, degrees of freedom, and how it was made."""
    weights = design.plan.weights
    prior = np.ones(len(y)) if weights is None else weights
    u = (y - found.means) * prior
    n, k = len(y), found.net.shape[1] + sum(f.levels for f in design.plan.effects)
    k -= sum(max(shared.values(), default=0) for shared in design.components)
    if kind == "iid":
        dispersion = float(u @ ((y - found.means) / (found.weights / prior))) / (n - k)
        return found.bread * dispersion, float(n - k), say("models_fit.iid-dispersion", dispersion=f"{dispersion:.4g}")
    if kind == "HC1":
        s = found.net * u[:, None]
        vcov = found.bread @ (s.T @ s) @ found.bread * n / (n - 1)
        return vcov, float(n - k), say("models_fit.robust-factor")
    assert options.cluster is not None
    cluster = design.cluster(options.cluster)
    groups, name = cluster.levels, column_word(cluster.name)
    if kind == "CR3":
        how = say("models_fit.cr3-last-step", n=str(groups), cluster=name)
        return _linearised(found, y, prior, cluster), float(groups - 1), how
    s = cluster_scores(found.net, u, cluster)
    vcov = found.bread @ (s.T @ s) @ found.bread * groups / (groups - 1)
    return (vcov + vcov.T) / 2, float(groups - 1), say("models_fit.cr1-factor", n=str(groups), cluster=name)


def _linearised(found: Quasi, y: Vector, prior: Vector, cluster: Factor) -> Vector:
    """The cluster jackknife of the weighted regression that the last step solves."""
    surprise = (y - found.means) * prior / found.weights
    matrix = np.column_stack([found.net, found.net @ found.coefficients + surprise])
    full = cross_products(matrix, found.weights)
    left = jackknife(
        found.plan, matrix, cluster, estimate=lambda g: from_moments(g, full), coefficients=found.coefficients
    )
    return left.vcov


def _marginal(design: Design, found: Quasi, x: Vector, result: FitResult, family: Family) -> tuple[Coefficient, ...]:
    """Average marginal effects of the variables that enter alone or in powers; products and logs are left out."""
    first, second = curvature(family, found.means)
    weights = design.plan.weights
    share = np.ones(len(x)) / len(x) if weights is None else weights / weights.sum()
    names, made = design.regressors, []
    terms = {t.name: t for t in design.formula.regressors if t.name in names}
    for variable in dict.fromkeys(c for t in terms.values() for c in t.columns):
        own = [t for t in terms.values() if variable in t.columns]
        if variable not in terms or any(len(t.parts) > 1 or t.parts[0].log for t in own):
            continue
        value = x[:, names.index(variable)]
        slopes = _powers(names, own, value)
        slope = slopes @ found.coefficients
        gradient = (share * first) @ slopes + (share * second * slope) @ found.net
        c = at_error(
            variable, float((share * first) @ slope), float(np.sqrt(gradient @ result.vcov @ gradient)), result.df_t
        )
        made.append(Coefficient(c.name, c.estimate, c.std_error, c.statistic, c.p_value, c.conf_low, c.conf_high))
    return tuple(made)


def _powers(names: Sequence[str], own: Sequence[Term], value: Vector) -> Vector:
    """Derivative of the index in a variable by coefficient, (n, k)."""
    slopes = np.zeros((len(value), len(names)))
    for term in own:
        power = term.parts[0].power
        slopes[:, names.index(term.name)] = power * value ** (power - 1)
    return slopes


def _incidental(design: Design, model: _Model) -> list[str]:
    thin = [f for f in design.plan.effects if len(f.codes) / f.levels < _FEW]
    if model.family != "logit" or not thin:
        return []
    rows = {f.name: f"{len(f.codes) / f.levels:.1f}" for f in thin}
    shown = [say("models_fit.level-rows", effect=column_word(name), rows=n) for name, n in rows.items()]
    return [say("models_fit.rows-a-level", effects=listed(shown, "comma"))]


def _result(design: Design, b: Vector, vcov: Vector, df: float, kind: str) -> FitResult:
    plain = estimate(design, Fit(vcov="iid"))
    terms = []
    for name, value, error in zip(design.regressors, b.tolist(), np.sqrt(np.diag(vcov)).tolist(), strict=True):
        c = at_error(name, value, error, df)
        terms.append(Coefficient(c.name, value, error, c.statistic, c.p_value, c.conf_low, c.conf_high))
    missing = float("nan")
    return replace(
        plain,
        coefficients=tuple(terms),
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
