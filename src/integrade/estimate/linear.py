"""Fit linear models with fixed effects: ``prepare`` removes the effects once, ``estimate`` computes any covariance.

`integrade.estimate.fit.fit` does both in one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal

import numpy as np

from integrade.errors import TooFew, UsageError, option
from integrade.estimate.cluster_names import joined_names
from integrade.estimate.contrasts import coefficient
from integrade.estimate.covariances import Df, Inference, Setting, infer
from integrade.estimate.design import CONSTANT, Design, build
from integrade.estimate.first_level import first_level, means_at_first
from integrade.estimate.formula import Formula
from integrade.estimate.results import Effect, FitResult, Wild
from integrade.estimate.solving import Estimator, solve
from integrade.estimate.wild_tests import wild_tests
from integrade.records.catalogue import choose, keywords
from integrade.records.confidence import ALPHA
from integrade.records.needs import DRAWS
from integrade.records.schema import column_word
from integrade.regress import ssc
from integrade.regress.effects import Factor, movers
from integrade.regress.ols import Solution, squares
from integrade.regress.wild import Drawing
from plainwords.texts import listed, say


@dataclass(frozen=True)
class Fit:
    """Options of a regression: sample, estimator, standard errors.

    Parameters
    ----------
    vcov
        Covariance of the coefficients; auto is CR1 with clusters and iid without. CR2 is Bell and McCaffrey's with
        Satterthwaite degrees of freedom, CR3 the cluster jackknife.
    cluster
        Cluster variable, or several joined by + for multi-way clusters; in Python also a list of names.
    ssc
        Program whose small-sample correction is used: reghdfe, fixest or Stata's xtreg. For several cluster variables
        also cgm or multi0, the corrections of Stata's cgmreg and R's sandwich (multi0 = FALSE or TRUE).
    df
        Degrees of freedom of t with clusters: clusters is G - 1; satterthwaite is Bell and McCaffrey's, for each
        coefficient, with CR1, CR2 or CR3 of one cluster variable; auto is satterthwaite with CR2, else clusters.
    singletons
        Drop rows that are the only one of a level of an effect, repeatedly until none is left; or keep them.
    wild
        Number of wild cluster bootstrap draws, 0 for none; all sign vectors are enumerated when there are not more of
        them.
    wild_weights
        Weights of the draws; auto is Webb's six points with fewer than 10 clusters, else Rademacher's signs. Mammen's
        are skewed; with few clusters many of their draws coincide.
    wild_null
        imposed: draw from the residuals with the null imposed. free: draw from those of the estimate itself.
    wild_ci
        Also the 95% confidence set of every coefficient, by inverting the bootstrap test; it may have no bound.
    wild_joint
        Further joint nulls: terms joined by +, several nulls separated by commas.
    seed
        Seed of the bootstrap draws.
    weights
        Column of (analytic) weights.
    estimator
        With instruments: two-stage least squares (auto), limited-information maximum likelihood, or two-step GMM with
        the efficient weight for the errors that vcov assumes.
    model
        linear; ppml: ln E(outcome), Poisson pseudo-maximum likelihood; fractional: logit of E(outcome) for outcomes
        from 0 to 1, quasi-maximum likelihood. The last two also give average marginal effects.
    movers_nested
        Count an effect as nested in the cluster when the share of its levels seen in several clusters is below this.
    """

    vcov: Literal["auto", "iid", "HC1", "HC2", "HC3", "CR1", "CR2", "CR3"] = "auto"
    cluster: str | None = field(default=None, metadata={"given": str | Sequence[str] | None})
    ssc: Literal["reghdfe", "fixest", "xtreg", "cgm", "multi0"] = "reghdfe"
    df: Df = "auto"
    singletons: Literal["drop", "keep"] = "drop"
    wild: Annotated[int, DRAWS] = 0
    wild_weights: Literal["auto", "rademacher", "webb", "mammen"] = "auto"
    wild_null: Literal["imposed", "free"] = "imposed"
    wild_ci: bool = False
    wild_joint: str | None = None
    seed: int = 20240101
    weights: str | None = None
    estimator: Estimator = "auto"
    model: Literal["linear", "ppml", "fractional"] = "linear"
    movers_nested: float = 0.0

    def __post_init__(self) -> None:
        """Join a list of cluster variables into one text. Raises `UsageError` for other types."""
        object.__setattr__(self, "cluster", joined_names(self.cluster))

    def __repr__(self) -> str:
        """Return the options that differ from the defaults: ``Fit(cluster='region', wild=9999)``."""
        changed = [f"{f.name}={value!r}" for f in fields(self) if (value := getattr(self, f.name)) != f.default]
        return f"Fit({', '.join(changed)})"


FOR_STUDIES = {"cluster": "region", "vcov": "CR3", "wild": 9999, "movers_nested": 0.01}
"""Defaults of a study. The index varies by region and year, so regions are the clusters, and clusters are few.

The number of draws and ``movers_nested`` are conventions.
"""


@keywords(Fit)
def prepare(
    panel: Any, formula: str | Formula, options: Fit | None = None, *, also: Sequence[str] = (), **changes: Any
) -> Design:
    """Choose rows and remove the effects. The result serves many calls of `estimate`.

    Of the options, only ``singletons``, ``weights`` and ``cluster`` matter here. Rows without a value of a cluster
    variable are dropped. ``also`` names columns to keep for clusters requested later; firm, region, year and the
    effects are always kept.
    """
    chosen = choose(Fit, options, changes)
    return build(
        panel,
        formula,
        clusters=cluster_names(chosen),
        weights=chosen.weights,
        keep_singletons=chosen.singletons == "keep",
        also=also,
    )


@keywords(Fit)
def estimate(design: Design, options: Fit | None = None, **changes: Any) -> FitResult:
    """Compute coefficients and their covariance from a prepared design.

    Weights and the treatment of singletons come from the design, not from the options. Raises `UsageError` for options
    that exclude each other and `TooFew` for too few rows or clusters.
    """
    chosen = choose(Fit, options, changes)
    if chosen.model != "linear":
        raise UsageError(f"this needs a linear model, not {chosen.model}", remedy=f"leave {option('model')} out")
    setting, effects, notes = setting_of(design, chosen)
    if len(design.matrix) <= setting.k_full:
        rows, parameters = f"{len(design.matrix):,}", f"{setting.k_full:,}"
        what = say("impossible.rows-for-parameters", rows=rows, parameters=parameters)
        raise TooFew(what, remedy="use fewer effects or regressors, or more rows")
    solved = solve(design, chosen.estimator, setting.kind, setting.clusters, setting.k - design.endogenous)
    inference = infer(design, solved, setting)
    if chosen.wild and design.endogenous:
        if chosen.estimator in ("liml", "gmm"):
            raise UsageError(
                f"the wild bootstrap with instruments is for 2SLS, not {chosen.estimator}",
                remedy=f"leave {option('wild')} out, or leave {option('estimator')} out",
            )
        notes.append(say("models_fit.wild-with-instruments"))
        if chosen.wild_ci:
            notes.append(say("models_fit.no-wild-set", how=option("weak_iv")))
    elif not chosen.wild and (chosen.wild_ci or chosen.wild_joint):
        asked = [option(name) for name in ("wild_ci", "wild_joint") if getattr(chosen, name)]
        notes.append(say("models_fit.no-draws", options=listed(asked, "and"), draws=option("wild", 9999)))
    notes = [*design.notes, *notes, *solved.notes, *inference.notes]
    return record(design, solved.solution, inference, setting, chosen, effects=effects, notes=notes)


def setting_of(design: Design, chosen: Fit) -> tuple[Setting, tuple[Effect, ...], list[str]]:
    """Return the choices of inference (`Setting`), the effects with their sizes, and notes about the effects."""
    kind = covariance_kind(chosen)
    clusters = tuple(enough_clusters(design.cluster(name)) for name in cluster_names(chosen))
    effects, sizes, notes = effect_sizes(design, clusters, chosen)
    k_full = ssc.parameters(chosen.ssc, len(design.kept), sizes, clustered=False)
    k_cluster = ssc.parameters(chosen.ssc, len(design.kept), sizes, clustered=True)
    setting = Setting(kind, chosen.ssc, clusters, k_full, k_cluster if kind.startswith("CR") else k_full, chosen.df)
    return setting, effects, notes


def cluster_names(chosen: Fit) -> list[str]:
    """Return the names of the cluster variables."""
    return [] if chosen.cluster is None else [c.strip() for c in chosen.cluster.split("+")]


def covariance_kind(chosen: Fit) -> str:
    """Return the kind of covariance; auto is replaced by the kind it stands for.

    Raises `UsageError` for options that exclude each other.
    """
    kind = chosen.vcov
    if kind == "auto":
        kind = "CR1" if chosen.cluster else "iid"
    if kind.startswith("CR") and not chosen.cluster:
        raise UsageError(f"{kind} needs a cluster variable", remedy=f"give {option('cluster', 'region')}")
    if chosen.cluster and not kind.startswith("CR") and not chosen.wild:
        remedy = f"leave {option('cluster')} out, or give {option('vcov', 'CR1')}, CR2 or CR3"
        raise UsageError(
            f"{option('vcov', kind)} and {option('cluster', chosen.cluster)} exclude each other", remedy=remedy
        )
    if chosen.wild and (not chosen.cluster or "+" in chosen.cluster):
        remedy = f"give {option('cluster', 'region')}, or {option('wild', 0)}"
        raise UsageError("the wild bootstrap needs one cluster variable", remedy=remedy)
    if chosen.wild < 0:
        raise UsageError(
            f"{option('wild', chosen.wild)} is negative",
            remedy=f"give a number of draws, such as {option('wild', 9999)}",
        )
    if kind in ("CR2", "CR3") and "+" in str(chosen.cluster):
        what = f"{kind} takes one cluster variable: leaving out a cluster is not defined for several at once"
        raise UsageError(
            what, remedy=f"use {option('vcov', 'CR1')} for multi-way clusters, or the coarser cluster alone"
        )
    if chosen.df == "satterthwaite" and (not kind.startswith("CR") or "+" in str(chosen.cluster)):
        raise UsageError(
            f"{option('df', 'satterthwaite')} needs one cluster variable", remedy=f"give {option('cluster', 'region')}"
        )
    return kind


def enough_clusters(cluster: Factor) -> Factor:
    """Return the clusters unchanged. Raises `TooFew` if there are fewer than two."""
    if cluster.levels < 2:
        raise TooFew(
            say("impossible.one-level", column=repr(cluster.name), levels=cluster.levels),
            remedy="cluster by a column that has at least two values in the rows of the regression",
        )
    return cluster


def effect_sizes(
    design: Design, clusters: tuple[Factor, ...], chosen: Fit
) -> tuple[tuple[Effect, ...], list[ssc.Size], list[str]]:
    """Return the effects with their sizes and whether they are nested in the clusters, and notes about them."""
    effects, sizes = list[Effect](), list[ssc.Size]()
    notes: list[str] = []
    for factor, shared in zip(design.plan.effects, design.components, strict=True):
        counts = {c.name: 0 if c is factor else movers(factor, c) for c in clusters}
        into, moving = min(counts.items(), key=lambda item: item[1], default=("", 0))
        share = moving / factor.levels
        nested = bool(clusters) and (moving == 0 or share < chosen.movers_nested)
        redundant = max(shared.values(), default=0)
        effects.append(Effect(factor.name, factor.levels, redundant, nested, moving))
        sizes.append(ssc.Size(factor.levels, nested, shared))
        if clusters and moving == 0:
            notes.append(say("models_fit.nested", effect=column_word(factor.name), clusters=column_word(into)))
        elif clusters and share < 0.5:
            notes.append(
                say(
                    "models_fit.not-nested" if nested else "models_fit.not-nested-parameters",
                    effect=column_word(factor.name),
                    clusters=column_word(into),
                    movers=moving,
                    share=f"{100 * share:.1f}%",
                )
            )
    return tuple(effects), sizes, notes


def record(
    design: Design,
    solution: Solution,
    inference: Inference,
    setting: Setting,
    chosen: Fit,
    *,
    effects: tuple[Effect, ...],
    notes: Sequence[str],
) -> FitResult:
    """Build the frozen result from the solution and its covariance, with the sizes of the effects and the notes."""
    n, names = len(design.matrix), design.regressors
    kept = [*design.kept, len(design.names) - 1]
    weights = design.plan.weights
    mass = float(n) if weights is None else float(weights.sum())
    ssr = squares(solution, weights)
    tss = float(design.deviations[-1] ** 2) * mass * (n - 1) / n
    if not design.plan.effects and CONSTANT not in design.names:
        tss = float(design.gram[-1, -1])
    has_effects = bool(design.plan.effects)
    estimates, variances = solution.coefficients.tolist(), np.diag(inference.vcov)
    errors = np.sqrt(np.maximum(variances, 0.0)).tolist()
    df = [inference.df] * len(names) if inference.df_terms is None else inference.df_terms.tolist()
    terms = tuple(map(coefficient, names, estimates, errors, df))
    if has_effects:  # the constant is mean(y) - mean(x)'b; under the rule of xtreg, at the first level of later effects
        means = means_at_first(design, first_level(design)) if chosen.ssc == "xtreg" else design.means
        value = float(means[-1] - means[list(design.kept)] @ solution.coefficients)
        constant: tuple[float, float | None] | None = (value, inference.constant_error)
    else:
        constant = next(((c.estimate, c.std_error) for c in terms if c.term == CONSTANT), None)
    wild: tuple[Wild, ...] = ()
    if chosen.wild and solution.ssr is None:
        wild = wild_tests(design, solution, setting.clusters[0], drawing(chosen), also=chosen.wild_joint)
    return FitResult(
        formula=design.formula.text,
        outcome=design.formula.outcome.name,
        coefficients=terms,
        vcov=inference.vcov,
        nobs=n,
        n_singletons=design.n_singletons,
        n_missing=design.n_missing,
        dropped=dict(design.dropped),
        effects=effects,
        r2=1 - ssr / tss if tss > 0 else float("nan"),
        r2_adjusted=1 - ssr / tss * (n - 1) / (n - setting.k_full) if tss > 0 else float("nan"),
        r2_within=1 - ssr / float(design.gram[-1, -1]) if has_effects else float("nan"),
        r2_within_xtreg=1 - ssr / design.first_within if has_effects else float("nan"),
        rmse=float(np.sqrt(ssr / mass * n / (n - setting.k_full))),
        df_t=inference.df,
        kind=setting.kind,
        ssc=chosen.ssc,
        clusters={c.name: c.levels for c in setting.clusters},
        constant=constant,
        means={design.names[j]: float(design.means[j]) for j in kept},
        deviations={design.names[j]: float(design.deviations[j]) for j in kept},
        spreads=design.spreads,
        wild=wild,
        iv=inference.iv,
        regions=design.regions,
        notes=tuple(notes),
        warnings=(*design.notes, *inference.notes),
        df_by_term={} if inference.df_terms is None else dict(zip(names, df, strict=True)),
    )


def drawing(chosen: Fit) -> Drawing:
    """Return the settings with which the bootstrap draws, from the options of a fit."""
    alpha = ALPHA.usual if chosen.wild_ci else None
    return Drawing(chosen.wild, chosen.seed, chosen.wild_weights, chosen.wild_null == "imposed", alpha)
