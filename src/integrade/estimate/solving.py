"""Solve a design for coefficients: by least squares, or with instruments by 2SLS, LIML or two-step GMM.

For every estimator the estimate differs from the truth by ``bread combined'Wu``, where W are the weights and u the
errors. The columns ``combined`` (n, k) depend on the estimator. Covariances need only ``bread`` and ``combined``. The
coefficients without a cluster need only cross-products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from integrade.errors import TooFew, UsageError, option
from integrade.estimate.design import Design
from integrade.regress import iv, weak
from integrade.regress.effects import Factor, Vector
from integrade.regress.jackknife import Estimates, all_from_moments, each
from integrade.regress.ols import Solution, least_squares
from plainwords.texts import say

Estimator = Literal["auto", "2sls", "liml", "gmm"]


@dataclass(frozen=True)
class Solved:
    """The coefficients, and the columns ``combined`` (n, k) of the module docstring, which are the regressors for OLS.

    ``refit`` maps cross-products (G, m, m) of the independent [regressors, instruments, outcome] to (b, identified).
    For GMM it uses the weight matrix of the full sample. ``first`` (n,) holds the residuals of 2SLS if there are
    instruments.
    """

    solution: Solution
    combined: Vector
    refit: Estimates
    estimator: str
    first: Vector | None = None
    notes: tuple[str, ...] = ()


def solve(design: Design, estimator: Estimator, kind: str, clusters: tuple[Factor, ...], exogenous: int) -> Solved:
    """Compute the coefficients. The ``kind`` of covariance and the ``clusters`` decide the weight matrix of GMM.

    Raises `UsageError` for an estimator that needs instruments when there are none. Raises `TooFew` if there are no
    more clusters than instruments, or for GMM no more clusters than moments.
    """
    if not design.endogenous:
        if estimator in ("liml", "gmm", "2sls"):
            raise UsageError(
                f"{option('estimator', estimator)} needs instruments",
                where=design.formula.text,
                remedy=f'write "y ~ w | firm + year | x ~ z", or leave {option("estimator")} out',
            )
        return _least_squares(design)
    x, w, z = parts(design)
    p, q, y = x.shape[1], w.shape[1], design.outcome
    fewest = min((c.levels for c in clusters), default=0)
    if clusters and z.shape[1] >= fewest:
        raise TooFew(
            say("impossible.no-clustered-strength", instruments=str(z.shape[1]), clusters=f"{fewest:,}"),
            where=design.formula.text,
            remedy="use fewer instruments than clusters, or cluster by a column with more levels",
        )
    two = design.once(("two stages",), lambda: iv.two_stage(x, w, z, y, design.plan.weights))
    if estimator in ("auto", "2sls"):
        return Solved(
            two.solution, two.fitted, each(lambda g: iv.from_moments(g, p, q)), "2SLS", two.solution.residuals
        )
    if estimator == "liml":
        return _liml(design, two, x, w)
    errors = errors_of(design, kind, clusters, exogenous)
    gmm = iv.two_step(x, w, z, y, first=two.solution.residuals, errors=errors)
    if gmm is None:
        moments = str(z.shape[1] + q)
        what = say("impossible.singular-weight", moments=moments)
        if clusters:
            least = f"{min(c.levels for c in clusters):,}"
            what = say("impossible.singular-weight-of-clusters", moments=moments, clusters=least)
        raise TooFew(what, where=design.formula.text, remedy=f"use {option('estimator', '2sls')}, or fewer controls")
    note = say("models_fit.gmm", errors=say(f"models_fit.gmm-{errors.kind}"))
    weight_note = (say("models_fit.gmm-held"),) if kind == "CR3" else ()
    return Solved(
        gmm.solution,
        gmm.combined,
        each(lambda g: iv.gmm_from_moments(g, p, q, gmm.inner)),
        "GMM",
        two.solution.residuals,
        (note, *weight_note),
    )


def parts(design: Design) -> tuple[Vector, Vector, Vector]:
    """Return the independent endogenous regressors, other regressors and instruments."""
    kept, p = list(design.kept), design.endogenous
    return design.matrix[:, kept[:p]], design.matrix[:, kept[p:]], design.matrix[:, list(design.instruments)]


def errors_of(design: Design, kind: str, clusters: tuple[Factor, ...], exogenous: int) -> iv.Errors:
    """Return the assumptions on the errors of moments and first stages that belong to a kind of covariance."""
    form: iv.Kind = "iid" if kind == "iid" else "robust" if kind.startswith("HC") else "cluster"
    return iv.Errors(form, clusters if form == "cluster" else (), design.plan.weights, exogenous)


def _least_squares(design: Design) -> Solved:
    kept = list(design.kept)
    columns = [*kept, len(design.names) - 1]
    leading = kept == list(range(len(kept)))
    x = design.matrix[:, : len(kept)] if leading else design.matrix[:, kept]
    known = design.gram[np.ix_(kept, kept)], design.gram[kept, -1]
    full = design.gram[np.ix_(columns, columns)]
    solution = least_squares(x, design.outcome, design.plan.weights, known=known)
    return Solved(solution, x, lambda g: all_from_moments(g, full), "OLS")


def _liml(design: Design, two: iv.TwoStage, x: Vector, w: Vector) -> Solved:
    """Compute LIML. Scores use the regressors projected on the instruments, as in ivreg2 and linearmodels."""
    p, q = x.shape[1], w.shape[1]
    columns = [*design.kept, *design.instruments, len(design.names) - 1]
    solution = weak.liml(design.gram[np.ix_(columns, columns)], p, q)

    def refit(gram: Vector) -> tuple[Vector, bool]:
        deleted = weak.liml(gram, p, q)
        return deleted.coefficients, deleted.identified

    residuals = design.outcome - np.hstack((x, w)) @ solution.coefficients
    return Solved(
        Solution(solution.coefficients, solution.bread, residuals),
        two.fitted,
        each(refit),
        "LIML",
        two.solution.residuals,
        (say("models_fit.liml", kappa=f"{solution.kappa:.8g}"),),
    )
