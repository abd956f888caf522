"""Compute CR2 (Bell and McCaffrey 2002) and Satterthwaite degrees of freedom for CR1, CR2 and CR3.

``V = bread [sum_g x_g'A_g u_g u_g'A_g x_g] bread`` with ``A_g`` the generalised inverse of ``(I - H_gg)`` to the power
0 (CR1), 1/2 (CR2) or 1 (CR3, which is the jackknife except for its centre). H (n, n) is the hat matrix of regressors
and effects, H_gg its block for cluster g. The working model has independent errors of equal variance (with weights w,
variance 1/w). Net of the levels inside the cluster, H_gg is a product of few columns Y_g: the dummies of the small
effects, the regressors, and one column per mover. So everything is computed from ``B_g = Y_g'Y_g``. The degrees of
freedom are ``(tr P'P)^2 / |P'P|^2`` with ``P_g = (I - H)_g'A_g x_g bread c`` (Imbens and Kolesar 2016; Pustejovsky and
Tipton 2018).

With weights, x, u and H belong to rows multiplied by the square root of their weight, and A_g is the symmetric root for
these rows. For the rows themselves A_g is ``W^-1/2 (I - H_gg)^-1/2 W^1/2``. clubSandwich (``inverse_var = TRUE``, as
for ``plm``) takes ``D'(D (I - H)_g Phi (I - H)_g' D')^-1/2 D`` with D = Phi^1/2 = W^-1/2, which takes the symmetric
root of another matrix. Either A_g solves ``A_g (I - H)_g Phi (I - H)_g' A_g' = Phi_g``, so both covariances are
unbiased under the working model. With weights they differ a little in a sample; without weights they are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from integrade.errors import UsageError, option
from integrade.regress.cells import Cells, cluster_cells, dummy_weights, table_rows
from integrade.regress.effects import Factor, Vector
from integrade.regress.ols import Solution, cross_products, needs_rows, orthonormal
from integrade.regress.partial import Absorber

_MOST_GROUPS = 5_000  # with more clusters CR2 is refused, because the degrees of freedom need a (G, G) matrix
_MOST_MOVERS = 3_000  # with more movers of one cluster CR2 is refused, because each adds a column to Y_g
_ZERO = 1e-10  # a relative eigenvalue, or a 1 - leverage, up to this counts as zero; a convention


@dataclass(frozen=True)
class BiasReduced:
    """The covariance (k, k) without a small-sample factor, and the degrees of freedom of each coefficient (k,)."""

    vcov: Vector
    df: Vector


def _remedy() -> str:
    return " or ".join(f"use {option('vcov', kind)} with {option('df', 'clusters')}" for kind in ("CR3", "CR1"))


@dataclass(frozen=True)
class _Basis:
    """Y_g of one cluster, through ``Y_g'Y_g`` (p, p), the hat weights (p, p), Y_g'u (p,) and its movers (levels)."""

    gram: Vector
    hat: Vector
    with_u: Vector
    movers: np.ndarray


def bias_reduced(plan: Absorber, x: Vector, fit: Solution, cluster: Factor, *, power: float = 0.5) -> BiasReduced:
    """Compute the covariance and degrees of freedom of CR2; with ``power`` 0 of CR1, with ``power`` 1 of CR3.

    Raises `UsageError` with more than 5,000 clusters. Raises it also if, for the exact computation, the effects are too
    large or too little nested in the clusters.
    """
    if not plan.exact or cluster.levels > _MOST_GROUPS:
        raise UsageError(
            "CR2 and Satterthwaite's degrees of freedom need at most 5,000 clusters and one large effect (the others "
            "3,000 levels together)",
            remedy=_remedy(),
        )
    # nearly collinear columns are replaced by orthonormal combinations; ``to_b`` turns scores into coefficients of x
    bread, to_b = fit.bread, fit.bread
    if needs_rows(cross_products(x, plan.weights)):
        x, to_b = orthonormal(x, plan.weights)
        bread = np.eye(x.shape[1])
    cells = cluster_cells(plan, np.column_stack([x, fit.residuals]), cluster)
    k, width = x.shape[1], plan.schur.shape[0]
    scores = np.empty((cluster.levels, k))
    squares = np.empty((cluster.levels, k))
    shared = np.empty((cluster.levels, width + k, k))
    moved: list[tuple[np.ndarray, Vector]] = []
    for g, gone in enumerate(dummy_weights(plan, cluster)):
        basis = _basis(plan, cells, gone, g, bread)
        adjust = _adjustment(basis, power)
        regressors = np.zeros((len(basis.gram), k))
        regressors[width : width + k] = np.eye(k)
        adjusted = adjust @ regressors
        scores[g] = adjusted.T @ basis.with_u
        alpha = adjusted @ to_b.T
        inner = basis.gram @ alpha
        squares[g] = np.einsum("pk,pk->k", alpha, inner)
        shared[g] = inner[: width + k]
        moved.append((basis.movers, inner[width + k :]))
    vcov = np.asarray(to_b @ (scores.T @ scores) @ to_b.T)
    return BiasReduced(vcov, _satterthwaite(plan, bread, squares, shared, moved))


def _basis(plan: Absorber, cells: Cells, gone: Vector, g: int, bread: Vector) -> _Basis:
    """Return ``B_g`` of one cluster, collected from the cluster sums. Dummies are net of the largest effect."""
    k, width = len(bread), plan.schur.shape[0]
    gram, dummies = cells.gram[g], cells.dummies[g]
    at_home = np.flatnonzero(cells.home == g)
    start, end = np.searchsorted(cells.movers.group, [g, g + 1])
    levels, weight, sums = cells.movers.level[start:end], cells.movers.weight[start:end], cells.movers.sums[start:end]
    if len(levels) > _MOST_MOVERS:
        what = "CR2 and Satterthwaite's degrees of freedom need effects that are mostly nested in the clusters"
        raise UsageError(what, remedy=_remedy())
    totals = plan.totals
    dd, dz = gone, dummies
    counts = cells.movers.counts[start:end].toarray()
    centre = np.zeros((len(levels), width))
    if width and plan.large is not None:
        home = table_rows(plan, at_home)
        centre = table_rows(plan, levels) / totals[levels, None]
        cross = counts.T @ centre
        dd = gone - (home / totals[at_home, None]).T @ home - cross - cross.T + (centre * weight[:, None]).T @ centre
        dz = dummies - centre.T @ sums
    de = (counts - centre * weight[:, None]).T
    xe = sums[:, :k].T
    full = np.block([[dd, dz[:, :k], de], [dz[:, :k].T, gram[:k, :k], xe], [de.T, xe.T, np.diag(weight)]])
    hat = np.zeros_like(full)
    hat[:width, :width] = plan.inverse
    hat[width : width + k, width : width + k] = bread
    hat[width + k :, width + k :] = np.diag(1 / totals[levels])
    return _Basis(full, hat, np.concatenate([dz[:, k], gram[:k, k], sums[:, k]]), levels)


def _adjustment(basis: _Basis, power: float) -> Vector:
    """Return T (p, p) with ``A_g Y_g = Y_g T``."""
    scale = np.sqrt(np.maximum(np.diag(basis.gram), 0.0))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(basis.gram / np.outer(scale, scale))
    kept = values > _ZERO * max(float(values.max(initial=0.0)), 1e-300)
    root, vectors = np.sqrt(values[kept]), vectors[:, kept]
    to_unit = (vectors * root).T  # coordinates of scaled Y in the orthonormal basis
    inner = to_unit @ (basis.hat * np.outer(scale, scale)) @ to_unit.T
    shares, turn = np.linalg.eigh((inner + inner.T) / 2)
    free = 1 - shares > _ZERO
    stretch = np.where(free, np.where(free, 1 - shares, 1.0) ** -power, 0.0) - 1 if power else np.zeros_like(shares)
    unit = (turn * stretch) @ turn.T
    change = (vectors / root) @ unit @ to_unit
    return np.asarray(np.eye(len(scale)) + change / scale[:, None] * scale)


def _satterthwaite(
    plan: Absorber, bread: Vector, squares: Vector, shared: Vector, moved: list[tuple[np.ndarray, Vector]]
) -> Vector:
    """Return ``(tr P'P)^2 / |P'P|^2`` for each coefficient (k,).

    ``squares`` (G, k) is the part of P'P within a cluster. ``shared`` (G, T + k, k) and ``moved`` hold each cluster's
    columns that other clusters share: dummies and regressors, and the movers with their levels.
    """
    from scipy import sparse

    width, groups = plan.schur.shape[0], len(squares)
    levels = np.concatenate([places for places, _ in moved])
    rows = np.repeat(np.arange(groups), [len(places) for places, _ in moved])
    df = np.empty(squares.shape[1])
    for j in range(len(df)):
        theta = shared[:, :, j]
        product = np.diag(squares[:, j]) - theta[:, :width] @ plan.inverse @ theta[:, :width].T
        product -= theta[:, width:] @ bread @ theta[:, width:].T
        if len(levels):
            values = np.concatenate([sums[:, j] for _, sums in moved]) / np.sqrt(plan.totals[levels])
            table = sparse.csr_array((values, (rows, levels)), shape=(groups, len(plan.totals)))
            product -= np.asarray((table @ table.T).toarray())
        df[j] = np.trace(product) ** 2 / np.sum(product**2)
    return df
