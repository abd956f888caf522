"""From a solved design to the covariance, degrees of freedom and instrument diagnostics that `Fit` asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from integrade.errors import UsageError
from integrade.models.linear.design import Design
from integrade.regress import iv, ssc
from integrade.regress.bias_reduced import bias_reduced
from integrade.regress.covariance import cluster_scores, clustered, iid, robust
from integrade.regress.effects import Factor, Vector
from integrade.regress.jackknife import from_moments, jackknife
from integrade.regress.ols import Solution
from integrade.regress.partial import effect_leverage


@dataclass(frozen=True)
class Setting:
    """Kind of covariance, whose corrections, the clusters, and K without and with nested effects taken out."""

    kind: str
    rule: ssc.Rule
    clusters: tuple[Factor, ...]
    k_full: int
    k: int


@dataclass(frozen=True)
class Inference:
    """Covariance (k, k), df of t, df by coefficient (CR2), SE of the constant (xtreg), diagnostics, notes."""

    vcov: Vector
    df: float
    df_terms: Vector | None
    constant_error: float | None
    iv: Mapping[str, object] | None
    notes: tuple[str, ...]


def infer(design: Design, solution: Solution, projected: Vector | None, setting: Setting) -> Inference:
    """Compute everything that depends on the assumption about the errors."""
    x = design.matrix[:, list(design.kept)] if projected is None and _gaps(design) else projected
    x = design.matrix[:, : len(design.kept)] if x is None else x
    n, kind = len(x), setting.kind
    groups = min((c.levels for c in setting.clusters), default=None) if kind.startswith("CR") else None
    df = ssc.degrees_of_freedom(setting.rule, n, setting.k, groups)
    df_terms: Vector | None = None
    notes: list[str] = []
    match kind:
        case "iid":
            vcov = iid(solution, design.plan.weights, df)
        case "HC1" | "HC2" | "HC3":
            vcov = _robust(design, x, solution, setting)
        case "CR1":
            vcov, notes = _cr1(design, x, solution, setting)
        case "CR2":
            _only_ols(design, kind)
            corrected = bias_reduced(design.plan, x, solution, setting.clusters[0])
            vcov, df_terms = corrected.vcov, corrected.df
        case _:
            vcov, notes = _cr3(design, solution, setting.clusters[0])
    return Inference(
        (vcov + vcov.T) / 2, df, df_terms,
        _constant_error(design, x, solution, setting, vcov),
        _diagnostics(design, solution, setting) if design.endogenous else None,
        tuple(notes),
    )  # fmt: skip


def _gaps(design: Design) -> bool:
    return design.kept != tuple(range(len(design.kept)))


def _only_ols(design: Design, kind: str) -> None:
    if design.endogenous:
        raise UsageError(f"{kind} is not defined with instruments", remedy="use HC1, CR1 or CR3")


def _robust(design: Design, x: Vector, solution: Solution, setting: Setting) -> Vector:
    kind = cast(Literal["HC1", "HC2", "HC3"], setting.kind)
    leverage = None
    if kind != "HC1":
        _only_ols(design, kind)
        if not design.plan.exact:
            what = f"{kind} needs leverages, which are not computed with several large effects"
            raise UsageError(what, remedy="use --vcov HC1 or --cluster")
        leverage = effect_leverage(design.plan) if design.plan.effects else None
    return robust(x, solution, design.plan.weights, kind=kind, leverage=leverage, k=setting.k)


def _cr1(design: Design, x: Vector, solution: Solution, setting: Setting) -> tuple[Vector, list[str]]:
    def scores(cluster: Factor) -> Vector:
        if design.endogenous or _gaps(design):
            return cluster_scores(x, solution.residuals, cluster, design.plan.weights)
        every = cluster_scores(design.matrix, solution.residuals, cluster, design.plan.weights)
        return every[:, : len(design.kept)]

    found = clustered(solution.bread, scores, clusters=setting.clusters, n=len(x), k=setting.k)
    notes = []
    if len(setting.clusters) > 1:
        fewest = min(setting.clusters, key=lambda c: c.levels)
        notes.append(f"multi-way clusters: corrected for the {fewest.levels:,} clusters of {fewest.name}")
    if found.repaired:
        notes.append("the multi-way covariance had negative eigenvalues, set to zero")
    return found.vcov, notes


def _cr3(design: Design, solution: Solution, cluster: Factor) -> tuple[Vector, list[str]]:
    columns = [*design.kept, *design.instruments, len(design.names) - 1]
    every = len(columns) == len(design.names)
    matrix = design.matrix if every else design.matrix[:, columns]
    full = design.gram[np.ix_(columns, columns)]
    p = design.endogenous

    def estimate(gram: Vector) -> tuple[Vector, bool]:
        return iv.from_moments(gram, p, len(design.kept) - p) if p else from_moments(gram, full)

    found = jackknife(design.plan, matrix, cluster, estimate=estimate, coefficients=solution.coefficients)
    notes = []
    if found.unidentified:
        first = design.labels.row(int(np.argmax(cluster.codes == found.unidentified[0])), named=True)
        name = first.get(cluster.name, found.unidentified[0])
        others = f" (or {len(found.unidentified) - 1:,} others)" if len(found.unidentified) > 1 else ""
        what = f"without {cluster.name} {name}{others} a coefficient is not identified"
        notes.append(f"{what}; a generalised inverse was used there")
    return found.vcov, notes


def _constant_error(design: Design, x: Vector, solution: Solution, setting: Setting, vcov: Vector) -> float | None:
    """SE of mean(y) - mean(x)'b as Stata's xtreg: the regression on demeaned columns plus their means."""
    if setting.rule != "xtreg" or not design.plan.effects or setting.kind not in ("iid", "HC1", "CR1"):
        return None
    means = design.means[list(design.kept)]
    weights = design.plan.weights
    u = solution.residuals if weights is None else solution.residuals * weights
    total = float(len(u)) if weights is None else float(weights.sum())
    n, k = len(u), setting.k
    if setting.kind == "iid":
        variance = float(solution.residuals @ u) / (n - k) / total + float(means @ vcov @ means)
        return float(np.sqrt(variance))
    influence = u / total - u * (x @ (solution.bread @ means))
    if setting.kind == "HC1":
        return float(np.sqrt(influence @ influence * n / (n - k)))

    def scores(cluster: Factor) -> Vector:
        sums = np.bincount(cluster.codes, influence, minlength=cluster.levels)
        return sums.astype(np.float64, copy=False)[:, None]

    found = clustered(np.ones((1, 1)), scores, clusters=setting.clusters, n=n, k=k)
    return float(np.sqrt(found.vcov[0, 0]))


def _diagnostics(design: Design, solution: Solution, setting: Setting) -> Mapping[str, object]:
    p, kept = design.endogenous, list(design.kept)
    kind: iv.Kind = "iid" if setting.kind == "iid" else "robust" if setting.kind == "HC1" else "cluster"
    matrix = design.matrix
    errors = iv.Errors(kind, setting.clusters if kind == "cluster" else (), design.plan.weights, setting.k - p)
    found = iv.diagnose(
        matrix[:, kept[:p]], matrix[:, kept[p:]], matrix[:, list(design.instruments)], design.outcome,
        residuals=solution.residuals, errors=errors,
    )  # fmt: skip
    return {
        "first_stage_f": dict(zip(design.regressors[:p], found.first_stage_f, strict=True)),
        "effective_f": found.effective_f,
        "kp_f": found.kp_f,
        "hansen_j": found.overid,
        "hansen_p": found.overid_p,
        "hansen_df": found.overid_df,
        "hansen_kind": "Sargan" if kind == "iid" else "Hansen",
        "ar_f": found.ar_f,
        "ar_p": found.ar_p,
        "endogenous": list(design.regressors[:p]),
        "instruments": [design.names[j] for j in design.instruments],
    }
