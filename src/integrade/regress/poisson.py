"""Poisson pseudo-maximum likelihood with fixed effects and clustered errors.

pyfixest finds the coefficients; standard errors are made here from its fitted means, as its own clustered ones depend
on the hash seed with several effects (METHODS 5.2).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from integrade.errors import NoConvergence, UsageError
from integrade.regress.covariance import cluster_scores
from integrade.regress.effects import Factor, Mask, Vector, keep_rows
from integrade.regress.partial import absorber, demean


@dataclass(frozen=True)
class Poisson:
    """Coefficients (k,), their clustered covariance (k, k) with factor G/(G-1), fitted means (n,), clusters G."""

    coefficients: Vector
    vcov: Vector
    means: Vector
    clusters: int


def poisson(y: Vector, x: Vector, effects: Sequence[Factor], cluster: Factor) -> Poisson:
    """E(y) = exp(x'b + effects), every level of an effect with some outcome above zero (`with_outcome`).

    Formula: sum x (y - mu) = 0; V = G/(G-1) (X'MX)^-1 [sum_g s_g s_g'] (X'MX)^-1, X net of the effects with weights
    mu (M = diag mu), s_g = X_g'(y_g - mu_g). Raises `UsageError` when pyfixest is missing, `NoConvergence`.
    """
    mu, b = _means(_pyfixest(), y, x, effects)
    net = demean(absorber(list(effects), mu), x.copy())
    bread = np.linalg.inv(net.T @ (net * mu[:, None]))
    b = b + bread @ (net.T @ (y - mu))  # one more Newton step from where pyfixest stopped
    scores = cluster_scores(net, y - mu, cluster)
    vcov = bread @ (scores.T @ scores) @ bread * cluster.levels / (cluster.levels - 1)
    return Poisson(b, (vcov + vcov.T) / 2, mu, cluster.levels)


def with_outcome(y: Vector, effects: Sequence[Factor]) -> Mask:
    """Rows that stay (n,) when levels whose outcomes are all zero are dropped, over all effects until none is left."""
    keep = np.ones(len(y), dtype=np.bool_)
    while True:
        some = keep.copy()
        for factor in effects:
            some &= (np.bincount(factor.codes[keep], y[keep], minlength=factor.levels) > 0)[factor.codes]
        if (some == keep).all():
            return keep
        keep = some


def on_rows(factors: Sequence[Factor], rows: Mask) -> list[Factor]:
    """Several factors on a subset of rows."""
    return [keep_rows(f, rows) for f in factors]


def _pyfixest() -> Any:
    try:
        return importlib.import_module("pyfixest")
    except ImportError:
        raise UsageError("Poisson regression needs pyfixest", remedy="pip install 'integrade[gravity]'") from None


def _means(package: Any, y: Vector, x: Vector, effects: Sequence[Factor]) -> tuple[Vector, Vector]:
    """Fitted means (n,) and coefficients (k,)."""
    scale = x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    size = float(y.mean())
    data = {f"x{j}": x[:, j] / scale[j] for j in range(x.shape[1])} | {"y": y / size}
    data |= {f"e{j}": f.codes for j, f in enumerate(effects)}
    terms = " + ".join(f"e{j}" for j in range(len(effects)))
    text = f"y ~ {' + '.join(f'x{j}' for j in range(x.shape[1]))} | {terms}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = package.fepois(text, pl.DataFrame(data), vcov="iid", iwls_tol=1e-10, iwls_maxiter=100)
        except Exception as error:
            raise NoConvergence("the Poisson regression failed", example=str(error)) from error
    mu, b = np.asarray(found._Y_hat_response, dtype=np.float64).ravel(), found.coef()
    if len(mu) != len(y) or len(b) != x.shape[1]:
        raise NoConvergence("the Poisson regression dropped rows or regressors",
                            example=f"{len(mu):,} of {len(y):,} rows", remedy="use fewer effects")  # fmt: skip
    return mu * size, np.array([b[f"x{j}"] for j in range(x.shape[1])]) / scale
