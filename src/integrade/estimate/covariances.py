"""Compute the covariance, degrees of freedom and instrument diagnostics that `Fit` requests from a solved design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from integrade.errors import UsageError, option
from integrade.estimate.design import Design
from integrade.estimate.first_level import first_level, means_at_first
from integrade.estimate.results import IVDiagnostics
from integrade.estimate.solving import Solved, errors_of, parts
from integrade.records.schema import column_word
from integrade.regress import ssc, strength
from integrade.regress.bias_reduced import bias_reduced
from integrade.regress.covariance import cluster_scores, clustered, iid, leverages, robust
from integrade.regress.effects import Factor, Vector
from integrade.regress.jackknife import jackknife, jackknife_least_squares
from integrade.regress.ols import Solution
from integrade.regress.partial import effect_leverage
from plainwords.texts import Said, listed, say

Df = Literal["auto", "clusters", "satterthwaite"]
_POWER = {"CR1": 0.0, "CR2": 0.5, "CR3": 1.0}


@dataclass(frozen=True)
class Setting:
    """Choices of inference: kind of covariance, small-sample rule, clusters and numbers of parameters.

    ``k_full`` counts all parameters. ``k`` leaves out the effects nested in the clusters. ``df`` is the rule for the
    degrees of freedom of t with clusters.
    """

    kind: str
    rule: ssc.Rule
    clusters: tuple[Factor, ...]
    k_full: int
    k: int
    df: Df = "auto"


@dataclass(frozen=True)
class Inference:
    """The covariance (k, k) and the degrees of freedom of t, with diagnostics of the instruments and notes.

    ``df_terms`` holds degrees of freedom for each coefficient (CR2). ``constant_error`` is the standard error of the
    constant; None except under the xtreg rule.
    """

    vcov: Vector
    df: float
    df_terms: Vector | None
    constant_error: float | None
    iv: IVDiagnostics | None
    notes: tuple[str, ...]


def infer(design: Design, solved: Solved, setting: Setting) -> Inference:
    """Compute all results that depend on the assumption about the errors."""
    x, solution = solved.combined, solved.solution
    n, kind = len(x), setting.kind
    groups = min((c.levels for c in setting.clusters), default=None) if kind.startswith("CR") else None
    df = ssc.degrees_of_freedom(setting.rule, n, setting.k, groups)
    df_terms: Vector | None = None
    notes: list[str] = []
    match kind:
        case "iid":
            vcov = iid(solution, design.plan.weights, df)
        case "HC1" | "HC2" | "HC3":
            vcov = _robust(design, solved, setting)
        case "CR1":
            vcov, notes = _cr1(design, x, solution, setting)
        case "CR2":
            _only_ols(design, kind, f"use {option('vcov', 'CR3')}, or {option('vcov', 'CR1')}")
            corrected = bias_reduced(design.plan, x, solution, setting.clusters[0])
            vcov, df_terms = corrected.vcov, corrected.df if setting.df != "clusters" else None
        case _:
            vcov, notes = _cr3(design, solved, setting.clusters[0])
    if setting.df == "satterthwaite" and df_terms is None:
        _only_ols(design, option("df", "satterthwaite"), f"leave {option('df')} out")
        df_terms = bias_reduced(design.plan, x, solution, setting.clusters[0], power=_POWER[kind]).df
    diagnostics = _diagnostics(design, solved, setting) if design.endogenous else None
    if diagnostics is not None and any(map(np.isnan, diagnostics.first_stage_f.values())):
        terms = [column_word(t) for t, f in diagnostics.first_stage_f.items() if np.isnan(f)]
        notes = [*notes, say("models_inference.no-first-stage-f", terms=listed(terms, "and"))]
    error_of_constant = _constant_error(design, x, solution, setting, vcov)
    return Inference((vcov + vcov.T) / 2, df, df_terms, error_of_constant, diagnostics, tuple(notes))


def _only_ols(design: Design, kind: str, remedy: str) -> None:
    """Raise `UsageError` for a design with instruments."""
    if design.endogenous:
        what = f"{kind} corrects for the leverage of clusters on their own fitted values: not defined with instruments"
        raise UsageError(what, where=design.formula.text, remedy=remedy)


def _robust(design: Design, solved: Solved, setting: Setting) -> Vector:
    """Return HC1, HC2 or HC3."""
    kind = cast(Literal["HC1", "HC2", "HC3"], setting.kind)
    hat = None
    if kind != "HC1":
        if not design.plan.exact:
            what = f"{kind} needs leverages, which are not computed with several large effects"
            raise UsageError(what, remedy=f"use {option('vcov', 'HC1')}")
        actual = solved.combined if not design.endogenous else design.matrix[:, list(design.kept)]
        effects = effect_leverage(design.plan) if design.plan.effects else None
        hat = leverages(actual, solved.combined, solved.solution.bread, design.plan.weights, effects=effects)
    return robust(solved.combined, solved.solution, design.plan.weights, kind=kind, hat=hat, k=setting.k)


def _cr1(design: Design, x: Vector, solution: Solution, setting: Setting) -> tuple[Vector, list[str]]:
    """Return CR1 for one or several cluster variables, and notes on the correction."""

    def scores(cluster: Factor) -> Vector:
        if design.endogenous or design.kept != tuple(range(len(design.kept))):
            return cluster_scores(x, solution.residuals, cluster, design.plan.weights)
        every = cluster_scores(design.matrix, solution.residuals, cluster, design.plan.weights)
        return every[:, : len(design.kept)]

    covariance = clustered(solution.bread, scores, clusters=setting.clusters, n=len(x), k=setting.k, rule=setting.rule)
    notes: list[str] = []
    if len(setting.clusters) > 1:
        fewest = min(setting.clusters, key=lambda c: c.levels)
        name = column_word(fewest.name)
        if setting.rule == "cgm":
            notes.append(say("models_inference.multi-way-cgm"))
        elif setting.rule == "multi0":
            notes.append(say("models_inference.multi-way-rows"))
        else:
            notes.append(say("models_inference.multi-way", n=fewest.levels, cluster=name))
        if covariance.repaired:
            notes.append(say("models_inference.repaired", cluster=name))
    return covariance.vcov, notes


def is_of_cluster(note: str) -> bool:
    """Return whether a note reports that a coefficient is not identified without a cluster."""
    keys = ("models_inference.without-cluster", "models_inference.without-clusters")
    return isinstance(note, Said) and note.key in keys


def _cr3(design: Design, solved: Solved, cluster: Factor) -> tuple[Vector, list[str]]:
    """Return the cluster jackknife, and a note if a coefficient is not identified without some cluster."""
    columns = [*design.kept, *design.instruments, len(design.names) - 1]
    every = len(columns) == len(design.names)
    matrix = design.matrix if every else design.matrix[:, columns]
    coefficients = solved.solution.coefficients
    if design.endogenous:
        deleted = jackknife(design.plan, matrix, cluster, estimate=solved.refit, coefficients=coefficients)
    else:
        deleted = jackknife_least_squares(design.plan, matrix, cluster, coefficients)
    notes: list[str] = []
    if deleted.unidentified:
        first = design.labels.row(int(np.argmax(cluster.codes == deleted.unidentified[0])), named=True)
        name = first.get(cluster.name, deleted.unidentified[0])
        words, others = {"cluster": column_word(cluster.name), "name": str(name)}, len(deleted.unidentified) - 1
        notes.append(
            say("models_inference.without-clusters", n=others, **words)
            if others
            else say("models_inference.without-cluster", **words)
        )
    return deleted.vcov, notes


def _constant_error(design: Design, x: Vector, solution: Solution, setting: Setting, vcov: Vector) -> float | None:
    """Return the standard error of the constant of Stata's xtreg (`integrade.estimate.first_level`).

    xtreg adds the overall mean back to each column net of the units, and regresses with a constant and the dummies.
    """
    if setting.rule != "xtreg" or not design.plan.effects or setting.kind not in ("iid", "HC1", "CR1"):
        return None
    at = first_level(design)
    means = means_at_first(design, at)[list(design.kept)]
    weights = design.plan.weights
    u = solution.residuals if weights is None else solution.residuals * weights
    total = float(len(u)) if weights is None else float(weights.sum())
    n, k = len(u), setting.k
    if setting.kind == "iid":
        own = 1 / total + (0.0 if at is None else at.squares)
        variance = float(solution.residuals @ u) / (n - k) * own + float(means @ vcov @ means)
        return float(np.sqrt(variance))
    influence = u / total - u * (x @ (solution.bread @ means)) - (0.0 if at is None else u * at.h)
    if setting.kind == "HC1":
        return float(np.sqrt(influence @ influence * n / (n - k)))

    def scores(cluster: Factor) -> Vector:
        sums = np.bincount(cluster.codes, influence, minlength=cluster.levels)
        return sums.astype(np.float64, copy=False)[:, None]

    covariance = clustered(np.ones((1, 1)), scores, clusters=setting.clusters, n=n, k=k)
    return float(np.sqrt(covariance.vcov[0, 0]))


def _diagnostics(design: Design, solved: Solved, setting: Setting) -> IVDiagnostics:
    """Return the diagnostics of the instruments. They are cached, because they do not depend on the estimator."""
    p = design.endogenous
    errors = errors_of(design, setting.kind, setting.clusters, setting.k - p)
    assert solved.first is not None
    first = solved.first  # residuals of 2SLS, whatever the estimator

    def diagnosed() -> strength.Diagnostics:
        x, w, z = parts(design)
        return strength.diagnose(x, w, z, design.outcome, residuals=first, errors=errors)

    assumed = (errors.kind, tuple(c.name for c in errors.clusters), errors.exogenous)
    columns = [part.strip() for c in errors.clusters for part in c.name.split("^")]
    diagnostics = design.once(("diagnostics", *assumed), diagnosed, columns)
    return IVDiagnostics(
        estimator=solved.estimator,
        first_stage_f=dict(zip(design.regressors[:p], diagnostics.first_stage_f, strict=True)),
        effective_f=diagnostics.effective_f,
        effective_f_critical=diagnostics.critical,
        kp_f=diagnostics.kp_f,
        cragg_donald_f=diagnostics.cragg_donald,
        kp_lm=diagnostics.underid,
        kp_lm_p=diagnostics.underid_p,
        kp_lm_df=diagnostics.underid_df,
        hansen_j=diagnostics.overid,
        hansen_p=diagnostics.overid_p,
        hansen_df=diagnostics.overid_df,
        hansen_kind="Sargan" if errors.kind == "iid" else "Hansen",
        ar_f=diagnostics.ar_f,
        ar_p=diagnostics.ar_p,
        endogenous=tuple(design.regressors[:p]),
        instruments=tuple(design.names[j] for j in design.instruments),
    )
