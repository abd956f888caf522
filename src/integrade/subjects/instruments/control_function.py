"""Estimate a quadratic with instruments by a control function: the first-stage residual, and its product with x."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import EmptyTable, NotIdentified, TooFew, UsageError, option
from integrade.estimate.contrasts import JointTest, at_error, joint_test
from integrade.estimate.design import Design
from integrade.estimate.fit import fit, regression_rows
from integrade.estimate.formula import Formula, Part, Term, parse_formula, rendered, square, with_regressors
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.ready import Ready
from integrade.estimate.results import Basis, Coefficient, FitResult, Vector
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.regress.ols import least_squares
from integrade.subjects.instruments.two_stages import Stages, sums_would_fit, without_each
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

__all__ = ["ControlFunction", "control_function"]


@shown
@dataclass(frozen=True)
class ControlFunction:
    """The second stage, with errors that account for the first stage; the first stage; and the exogeneity test.

    ``fit`` has the terms of the formula, the residual ``<x>_residual`` and its product with x; its covariance is the
    cluster jackknife of both stages. ``exogeneity`` tests the residual and the product jointly.
    """

    variable: str
    fit: FitResult
    first: FitResult
    instruments: JointTest
    exogeneity: JointTest
    u_test: UTest
    notes: tuple[str, ...] = ()

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

    def sheet(self) -> Sheet:
        """Return coefficients, the first stage and the test of exogeneity as text."""
        lines = [self.fit.formula]
        lines += [
            f"  {c.term:<28} {c.estimate:>12.6g} ({c.std_error:.4g})  p = {c.p_value:.4f}"
            for c in self.fit.coefficients
        ]
        i, e, u = self.instruments, self.exogeneity, self.u_test
        lines += [
            f"  first stage: F({i.df1}, {i.df2:g}) of the instruments = {i.statistic:.4g}",
            f"  exogeneity (residual and product): F({e.df1}, {e.df2:g}) = {e.statistic:.4g}, p = {e.p_value:.4f}",
            f"  U-test p {u.p_value:.4f}, turning point {u.turning_point:.4g}",
        ]
        return of_text("\n".join([*lines, *(f"  ! {n}" for n in self.notes)]))


@keywords(Fit)
def control_function(panel: Any, formula: str, options: Fit | None = None, **changes: Any) -> ControlFunction:
    """Estimate y = b1 x + b2 x^2 + w with x endogenous by adding the residual of x on the instruments.

    Formula: v = the residual of x on z, w and the effects; then y on x, x^2, w, v and x v with the same effects. There
        is one first stage, for x alone. The estimate is more precise than 2SLS with (z, z^2). It is wrong if E(u | v,
        x) is not linear in v and x v.
        Covariance: (G-1)/G sum of (b without the cluster - b)^2, where both stages are estimated without each cluster.
    Missing values: rows with a missing value in any column are in neither stage.

    Args:
        panel: any table.
        formula: ``"quality ~ scale | firm + year | market + market^2 ~ z1 + z2"``. With one instrument, write the
            square among the regressors: ``"quality ~ market^2 + scale | firm + year | market ~ z"``.
        options: a `Fit` with one cluster variable; or single options by name.

    Raises:
        UsageError: there are other endogenous regressors, or there is not exactly one cluster variable. NotIdentified:
            the instruments do not move the regressor, or explain it exactly. Otherwise as `fit`.

    Reference: Wooldridge (2015, Journal of Human Resources), section 2 and 4.

    Example:
        >>> formula = "quality ~ market^2 + scale | firm + year | market ~ z"
        >>> control_function(panel, formula, cluster="region")  # doctest: +SKIP
    """
    chosen = choose(Fit, options, changes)
    parsed = parse_formula(formula)
    endogenous = {t.name for t in parsed.endogenous}
    x = next((v for v in parsed.squared if endogenous in ({v, f"{v}^2"}, {v})), None)
    if x is None:
        raise UsageError(
            f"a control function here is for a regressor and its square, not {', '.join(sorted(endogenous)) or 'none'}",
            where=parsed.text,
            remedy='write "y ~ x^2 + w | firm + year | x ~ z"',
        )
    if not chosen.cluster or "+" in chosen.cluster:
        raise UsageError(
            "the jackknife of both stages requires one cluster variable", remedy=f"give {option('cluster', 'region')}"
        )
    every = rendered(
        replace(
            parsed,
            regressors=(*parsed.endogenous, *parsed.regressors, *parsed.instruments),
            endogenous=(),
            instruments=(),
        )
    )
    rows = regression_rows(panel, every, chosen)
    plain = replace(chosen, singletons="keep", vcov="CR3", df="auto", wild=0)
    exogenous = tuple(t for t in parsed.regressors if t != square(x))
    first_formula = with_regressors(every, [*parsed.instruments, *exogenous], Term((Part(x),)))
    stage = prepare(rows, first_formula, plain)
    first = estimate(stage, plain)
    usable = [t.name for t in parsed.instruments if t.name not in first.dropped]
    if not usable:
        raise NotIdentified(
            say("impossible.no-instrument"),
            where=formula,
            example="; ".join(f"{term}: {why}" for term, why in first.dropped.items()),
            remedy="instruments must vary within the effects",
        )
    residual = Part(f"{x}_residual")
    treatment, added = [Term((Part(x),)), square(x)], [Term((residual,)), Term((Part(x), residual))]
    second = with_regressors(every, [*treatment, *exogenous, *added])
    result = fit(_with_residual(rows, stage, x), second, plain)
    needed = {t.name for t in second.regressors[:2] + second.regressors[-2:]}
    for term, why in result.dropped.items():
        if term in needed:
            raise NotIdentified(
                say("impossible.dropped", term=repr(term), why=why),
                where=result.formula,
                remedy="remove the fixed effect that absorbs it; the square of a binary regressor is collinear with it",
            )
    vcov, notes = _jackknife(rows, stage, second, x, result, plain)
    corrected = _corrected(result, vcov)
    exogeneity = joint_test(corrected, [f"{x}_residual", f"{x}:{x}_residual"])
    return ControlFunction(
        x, corrected, first, joint_test(first, usable), exogeneity, u_test(corrected, x), tuple(notes)
    )


def _with_residual(rows: Ready, design: Design, x: str) -> Ready:
    """Add the residual of the first stage to the rows. The first stage includes the effects."""
    residuals = least_squares(design.matrix[:, list(design.kept)], design.outcome, design.plan.weights).residuals
    # a first stage that is exact up to rounding: 1e-20 is the square of 1e-10
    if residuals @ residuals <= 1e-20 * (design.outcome @ design.outcome):
        raise NotIdentified(
            say("impossible.exact-first-stage", x=repr(x)), where=design.formula.text, remedy="give other instruments"
        )
    values = np.empty(rows.height)
    values[slice(None) if design.rows is None else design.rows] = residuals
    return rows.plus({f"{x}_residual": values})


def _jackknife(
    rows: Ready, stage: Design, second: Formula, x: str, result: FitResult, how: Fit
) -> tuple[Vector, list[str]]:
    """Estimate both stages without each cluster: from sums if they are precise enough, else from the rows."""
    assert how.cluster is not None
    cluster = stage.cluster(how.cluster)
    names = [c.term for c in result.coefficients]
    full = np.array([c.estimate for c in result.coefficients])
    first = stage.formula
    stages = Stages(
        np.column_stack([rows.values(t) for t in (first.outcome, *first.regressors)]),
        rows.values(second.outcome),
        len(second.regressors) - 4,
    )
    all_used = len(stage.matrix) == rows.height and not (stage.dropped or result.dropped)
    from_sums: Iterable[Vector | None] = [None] * cluster.levels
    if all_used and sums_would_fit(stage.plan, stages):
        from_sums = without_each(stage.plan, stages, cluster)
    distances = list[Vector]()
    for g, quick in enumerate(from_sums):
        b = quick if quick is not None else _refitted(rows.on(cluster.codes != g), stage, second, x, how, names)
        if b is not None:
            distances.append(b - full)
    lost = cluster.levels - len(distances)
    if len(distances) < 2:
        raise TooFew(say("impossible.few-stages"), remedy="use other clusters")
    d = np.array(distances)
    note = say("models_instruments.lost-clusters", n=str(lost))
    return (len(d) - 1) / len(d) * (d.T @ d), [note] if lost else []


def _refitted(part: Ready, stage: Design, second: Formula, x: str, how: Fit, names: Sequence[str]) -> Vector | None:
    """Estimate both stages on some of the rows. Returns None if a coefficient is not identified there."""
    try:
        first = prepare(part, stage.formula, how)
        result = fit(_with_residual(part, first, x), second, replace(how, vcov="iid", df="auto", cluster=None))
    except (NotIdentified, TooFew, EmptyTable):
        return None
    estimates = {c.term: c.estimate for c in result.coefficients}
    return np.array([estimates[n] for n in names]) if set(names) <= set(estimates) else None


def _corrected(result: FitResult, vcov: Vector) -> FitResult:
    """Return the fit with another covariance and t(G - 1)."""
    df = float(min(result.clusters.values()) - 1)
    coefficients = []
    for c, variance in zip(result.coefficients, np.diag(vcov), strict=True):
        e = at_error(c.term, c.estimate, float(np.sqrt(variance)), df)
        coefficients.append(
            Coefficient(c.term, e.estimate, e.std_error, e.statistic, e.p_value, e.conf_low, e.conf_high)
        )
    note = say("models_instruments.both-stages")
    return replace(result, coefficients=tuple(coefficients), vcov=vcov, df_t=df, notes=(*result.notes, note))
