"""Estimate through which mediators integration acts: three equations on one sample, and indirect effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.errors import IntegradeError, NotIdentified, UnknownName, UsageError, did_you_mean, option
from integrade.estimate.contrasts import joint_test
from integrade.estimate.design import Design
from integrade.estimate.fit import fit, regression_rows
from integrade.estimate.formula import Formula, Part, Term, has, parse_formula, square, with_regressors
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.percentiles import percent_of, value_of
from integrade.estimate.ready import Ready
from integrade.estimate.results import FitResult, Vector
from integrade.records.catalogue import keywords, request
from integrade.records.confidence import Level
from integrade.records.needs import DRAWS
from integrade.records.schema import column_word
from integrade.regress.bootstrap import Equation, bootstrap, clusters, solve
from integrade.regress.jackknife import deleted_moments
from integrade.subjects.mediation.by_clusters import (
    NOT_ESTIMATED,
    by_clusters,
    clusters_of_tests,
    fit_of_tests,
    is_by,
    left_out,
    not_by_clusters,
    without_clusters,
)
from integrade.subjects.mediation.collapsed import cell_path
from integrade.subjects.mediation.decompose import Interval, Judge, Paths, path_has
from integrade.subjects.mediation.indirect import Residuals, residuals
from integrade.subjects.mediation.records import ByClusters, MediationResult, Mediator
from integrade.subjects.noise.corrected import estimator
from integrade.subjects.noise.halves import Halves
from integrade.wording.numerals import below
from plainwords.texts import listed, say

# with fewer clusters the interval gets a note; a convention
_FEW = 10


@dataclass(frozen=True)
class Mediation:
    """Options of the estimation and the verdict of mediation.

    Parameters
    ----------
    treatment
        The regressor whose effect is decomposed, with its square where the formula has it.
    a_path
        same: the mediator's equation has the same terms of the treatment as the outcome's. linear: without its square,
        as in the published tables.
    interval
        percentile or bca (bias-corrected and accelerated) of a bootstrap of whole clusters; monte_carlo: normal draws
        of a and b from their covariances, taken as independent of each other.
    draws
        Replicates of the bootstrap, or normal draws.
    level
        The confidence of the intervals; 1 - level is the size of the tests behind the verdict.
    at
        Places at which the slope of the treatment is decomposed: percentiles of the sample (p10) or values. Their order
        does not matter, and a place named twice counts once.
    cell_level
        Cells at which a mediator may vary. If treatment and mediator hardly vary within these cells, the a-path is
        estimated on one row per cell as well.
    seed
        Seed of the draws; each draw depends only on its number and the seed.
    fit
        How each regression is estimated.
    """

    treatment: str = "market"
    a_path: Literal["same", "linear"] = "same"
    interval: Literal["percentile", "bca", "monte_carlo"] = "percentile"
    draws: Annotated[int, DRAWS] = 1_000
    level: Level = 0.95
    at: tuple[str, ...] = field(default=("p10", "p50", "p90"), metadata={"given": str | float | Sequence[str | float]})
    cell_level: tuple[str, ...] = ("region", "year")
    seed: int = 20240101
    fit: Fit = field(default_factory=Fit)


@keywords(Mediation, within="fit")
def mediate(
    panel: Any,
    formula: str,
    mediator: str | Sequence[str],
    options: Mediation | None = None,
    *,
    halves: Halves | None = None,
    **changes: Any,
) -> MediationResult:
    """Decompose the effect of the treatment into the part through the mediators and the rest.

    Formula: Y = c1 X + c2 X^2 + W; M = a1 X + a2 X^2 + W; Y = c1' X + c2' X^2 + b M + W, all with the same effects on
        the rows that have every value. The indirect effect at x is theta(x) = (a1 + 2 a2 x) b, and c - c' = a b for
        both terms (a sum over several mediators). Tests of a product: Sobel, Aroian, Goodman.
    Missing values: a row with a missing value in any of the columns, mediators included, is in none of the equations.

    Args:
        panel: any table.
        formula: of the outcome without mediators: ``"quality ~ market + market^2 + scale | firm + year"``.
        mediator: a column, or several that are taken jointly; ``ln(x)`` may be written.
        options: see `Mediation`; or single options by name, those of `Fit` included. With a cluster the covariance is
            CR3, and the bootstrap draws the clusters.
        halves: indices of halves of the goods (`halves_of`), if the treatment is an index of prices: the same analysis
            is then made corrected for noise in the index as well.

    Returns:
        One `MediationResult`. It holds, for each mediator and each value in ``at``, whether both paths and their
        product are established, and with which signs. The tests are Holm-adjusted over these values.
        `integrade.subjects.mediation.indirect.verdict` derives the verdict from these findings.

    Raises:
        BadFormula, UnknownColumn, NotANumber: as `fit`. UnknownName: the treatment is not in the formula.
        UsageError: no single cluster variable for the bootstrap, instruments, a mediator that is a regressor already.
        NotIdentified: treatment or mediator is absorbed or collinear.

    Reference: Baron and Kenny (1986); Hayes and Preacher (2010); MacKinnon et al. (2002); Imai, Keele and Yamamoto
        (2010); Efron (1987).

    Example:
        >>> formula = "quality ~ market + market^2 | firm + year"
        >>> print(mediate(panel, formula, "human_capital", cluster="region"))  # doctest: +SKIP
    """
    chosen = request(Mediation, options, changes)
    names = (mediator,) if isinstance(mediator, str) else tuple(mediator)
    parsed = parse_formula(formula)
    terms = _mediator_terms(parsed, names)
    treatment = _treatment_terms(parsed, chosen)
    whole = with_regressors(parsed, [*parsed.regressors, *terms])
    present = frames.enter(panel).collect_schema().names()
    rows = regression_rows(panel, whole, chosen.fit, also=tuple(k for k in chosen.cell_level if k in present))
    fits = _fits(rows, parsed, whole, own=treatment, terms=terms, chosen=chosen)
    design = prepare(rows, whole, chosen.fit)
    judge, lost, split = _judge(rows, design, fits, own=treatment, chosen=chosen)
    total_joint = joint_test(fits[0], judge.own)
    notes = _notes(judge, design, chosen, lost, split)
    judges, untested = _by_clusters(judge, rows, parsed, whole, own=treatment, terms=terms, chosen=chosen)
    notes += [*untested, *left_out(judge, judges)]
    mediators = []
    for j, path in enumerate(fits[2:]):
        in_path = [t for t in treatment if path_has(path, t.name)]
        equation = (rows, parse_formula(path.formula), in_path, chosen.cell_level)
        cells, why = cell_path(*equation, chosen.fit)
        notes += [why] if why else []
        other_regressors = [k for k in design.kept if design.names[k] != path.outcome]
        e = residuals(design.gram, other_regressors, len(design.names) - 1, design.names.index(path.outcome))
        record = judge.mediator(j, e, total_joint.p_value, cells)
        if judges:
            on_cells, _ = cell_path(*equation, replace(chosen.fit, cluster=None))
            record = replace(record, clustered=by_clusters(judges, j, on_cells))
        mediators.append(record)
    if not chosen.fit.cluster:
        # without clustered errors, the a-path of a mediator that varies only by cell looks too precise
        notes += [
            say(
                "models_mediation.lives-on-cells",
                mediator=column_word(m.name),
                keys=listed([column_word(k) for k in m.cells.keys], "comma"),
                cells=m.cells.n_cells,
                n=m.a_path.nobs,
            )
            for m in mediators
            if m.cells is not None
        ]
    result = _result(judge, mediators, parsed, chosen, lost, (*notes, say("models_mediation.ignorability")))
    if halves is None:
        return result
    try:
        return replace(result, corrected=_corrected(rows, result, judge, parsed, chosen, halves))
    except IntegradeError as problem:
        return replace(result, uncorrected=problem.what)


def _result(
    judge: Judge, mediators: Sequence[Mediator], parsed: Formula, chosen: Mediation, lost: int, notes: tuple[str, ...]
) -> MediationResult:
    total, direct = judge.total, judge.direct
    gain = "r2_within" if parsed.effects else "r2"
    return MediationResult(
        parsed.outcome.name,
        chosen.treatment,
        chosen.a_path,
        total,
        joint_test(total, judge.own),
        direct,
        joint_test(direct, judge.own),
        tuple(mediators),
        tuple(judge.decomposition(*place) for place in judge.places),
        judge.identity(),
        getattr(direct, gain) - getattr(total, gain),
        chosen.interval,
        chosen.level,
        chosen.draws,
        lost,
        chosen.seed,
        chosen.fit.cluster,
        notes,
    )


def _corrected(
    rows: Ready, printed: MediationResult, judge: Judge, parsed: Formula, chosen: Mediation, halves: Halves
) -> MediationResult:
    """Return the analysis with every equation corrected for noise in the treatment.

    Errors are CR3 by clusters. The product of both paths is tested with normal draws of each. The tests by clusters are
    therefore the tests of the result itself.
    """
    run = estimator(halves, chosen.treatment)
    fits = tuple(run(rows, fit.formula, chosen.fit) for fit in (judge.total, judge.direct, *judge.mediators))
    order = [[c.term for c in f.coefficients] for f in fits]
    chosen = replace(chosen, interval="monte_carlo", fit=replace(chosen.fit, cluster=next(iter(fits[0].clusters))))
    sample = _paths([np.array([c.estimate for c in f.coefficients]) for f in fits], order, fits, judge.own)
    draws = _paths(_normal(fits, judge.own, chosen), order, fits, judge.own)
    interval = Interval(chosen.interval, chosen.level)
    direct_p = joint_test(fits[1], judge.own).p_value
    again = Judge(fits[0], fits[1], fits[2:], sample, draws, None, judge.own, judge.places, interval, direct_p)
    mediators = []
    for j, own in enumerate(printed.mediators):
        s = own.sensitivity
        e = Residuals(1.0, 1.0, s.rho_zero)  # replaced below: sensitivity is not corrected
        m = again.mediator(j, e, joint_test(fits[0], judge.own).p_value, None)
        groups = fits[1].clusters[str(chosen.fit.cluster)]
        tests = ByClusters(str(chosen.fit.cluster), groups, chosen.draws, None, m.b.p_value, m.indirect)
        mediators.append(replace(m, sensitivity=s, clustered=tests))
    return _result(again, mediators, parsed, chosen, 0, ())


def _mediator_terms(parsed: Formula, names: Sequence[str]) -> list[Term]:
    if not names:
        raise UsageError("no mediator given", remedy='give a column such as "human_capital"')
    if parsed.endogenous:
        raise UsageError(
            "mediation is not available with instruments", where=parsed.text, remedy="leave the instruments out"
        )
    terms = [parse_formula(f"{name} ~ 1").outcome for name in names]
    for i, term in enumerate(terms):
        if term in (parsed.outcome, *parsed.regressors) or term in terms[:i]:
            raise UsageError(
                f"the mediator {term.name!r} is in the equation already",
                where=parsed.text,
                remedy="leave it out of the formula: it enters the last equation by itself",
            )
    return terms


def _treatment_terms(parsed: Formula, chosen: Mediation) -> list[Term]:
    """Return the treatment and, if the formula has it, its square.

    Raises `UsageError` for other terms of the treatment.
    """
    x = chosen.treatment
    plain = Term((Part(x),))
    terms = [t for t in parsed.regressors if has(t, x)]
    if plain not in terms:
        known = [c for t in parsed.regressors for c in t.columns]
        raise UnknownName(
            f"the treatment {x!r} is not a regressor",
            where=parsed.text,
            remedy=did_you_mean(x, known) + f"; give {option('treatment', ...)}",
        )
    mixed = [t for t in terms if t not in (plain, square(x))]
    if mixed:
        raise UsageError(
            f"only {x!r} and its square can be decomposed, not {mixed[0].name!r}",
            where=parsed.text,
            remedy="leave that term out",
        )
    return [plain, square(x)] if square(x) in terms else [plain]


def _fits(
    rows: Ready, parsed: Formula, whole: Formula, *, own: Sequence[Term], terms: Sequence[Term], chosen: Mediation
) -> tuple[FitResult, ...]:
    """Fit the outcome without the mediators, the outcome with the mediators, and each mediator.

    Raises `NotIdentified` if a needed term was dropped.
    """
    path = [t for t in parsed.regressors if chosen.a_path == "same" or t != square(chosen.treatment)]
    in_path = [t for t in own if t in path]
    total, direct = fit(rows, parsed, chosen.fit), fit(rows, whole, chosen.fit)
    mediators = tuple(fit(rows, with_regressors(parsed, path, t), chosen.fit) for t in terms)
    for result, needed in ((total, own), (direct, [*own, *terms]), *((m, in_path) for m in mediators)):
        for term in needed:
            if term.name in result.dropped:
                raise NotIdentified(
                    say("impossible.dropped", term=repr(term.name), why=result.dropped[term.name]),
                    where=result.formula,
                    remedy="remove the fixed effect that absorbs it, or choose another mediator",
                )
    return total, direct, *mediators


def _judge(
    rows: Ready, design: Design, fits: tuple[FitResult, ...], *, own: Sequence[Term], chosen: Mediation
) -> tuple[Judge, int, int]:
    """Return the fits with their draws, and the numbers of lost replicates and of firm effects split by movers."""
    terms, order = tuple(t.name for t in own), [[c.term for c in f.coefficients] for f in fits]

    def paths(values: Sequence[Vector]) -> Paths:
        return _paths(values, order, fits, terms)

    sample = paths([np.array([c.estimate for c in f.coefficients]) for f in fits])
    without, lost, split = None, 0, 0
    if chosen.interval == "monte_carlo":
        draws = paths(_normal(fits, terms, chosen))
    else:
        cluster = design.cluster(_cluster(chosen))
        resampled = clusters(design.plan, design.matrix, cluster)
        at = design.names.index
        equations = [Equation(tuple(at(c.term) for c in f.coefficients), at(f.outcome)) for f in fits]
        values = bootstrap(resampled, equations, draws=chosen.draws, seed=chosen.seed)
        lost, split = int(np.isnan(np.hstack([v[:, :1] for v in values])).any(axis=1).sum()), resampled.split
        draws = paths(values)
        if chosen.interval == "bca":
            moments = deleted_moments(design.plan, design.matrix, cluster)
            without = paths([solve(moments, e, resampled.gram) for e in equations])
    judge = Judge(
        fits[0],
        fits[1],
        fits[2:],
        sample,
        draws,
        without,
        terms,
        _places(rows, chosen),
        Interval(chosen.interval, chosen.level),
        joint_test(fits[1], terms).p_value,
    )
    return judge, lost, split


def _by_clusters(
    judge: Judge,
    rows: Ready,
    parsed: Formula,
    whole: Formula,
    *,
    own: Sequence[Term],
    terms: Sequence[Term],
    chosen: Mediation,
) -> tuple[dict[str, Judge], list[str]]:
    """Return the fits and draws for each cluster variable, and notes on cluster variables for which they fail.

    The judge of the table is reused if its errors are clustered by that variable.
    """
    names = clusters_of_tests(rows, chosen.cell_level, chosen.fit)
    if not names:
        return {}, [without_clusters(chosen.cell_level)]
    interval = "percentile" if chosen.interval == "monte_carlo" else chosen.interval
    judges: dict[str, Judge] = {}
    for cluster in names:
        asked = replace(chosen, interval=interval, fit=fit_of_tests(chosen.fit, cluster))
        if interval == chosen.interval and is_by(judge.direct, cluster):
            judges[cluster] = judge
            continue
        try:
            fits = _fits(rows, parsed, whole, own=own, terms=terms, chosen=asked)
            judges[cluster], _, _ = _judge(rows, prepare(rows, whole, asked.fit), fits, own=own, chosen=asked)
        except NOT_ESTIMATED as problem:
            return judges, [not_by_clusters(cluster, problem)]
    return judges, []


def _cluster(chosen: Mediation) -> str:
    cluster = chosen.fit.cluster
    if not cluster or "+" in cluster:
        raise UsageError(
            f"the {chosen.interval} interval draws whole clusters: one cluster variable is needed",
            remedy=f"give {option('cluster', 'region')}, or {option('interval', 'monte_carlo')}",
        )
    return cluster


def _paths(
    values: Sequence[Vector], order: Sequence[Sequence[str]], fits: Sequence[FitResult], terms: Sequence[str]
) -> Paths:
    """Return the paths from the coefficients (..., k) of each equation, whose terms are in ``order``."""
    picked = [_pick(v, names, terms) for v, names in zip(values, order, strict=True)]
    b = tuple(np.asarray(values[1][..., order[1].index(f.outcome)]) for f in fits[2:])
    return Paths(picked[0], picked[1], tuple(picked[2:]), b)


def _pick(values: Vector, names: Sequence[str], terms: Sequence[str]) -> Vector:
    """Return the coefficients of the treatment and its square (..., 2). A missing term has the coefficient zero."""
    picked = np.zeros((*values.shape[:-1], 2))
    for i, term in enumerate(terms):
        if term in names:
            picked[..., i] = values[..., names.index(term)]
    return picked


def _normal(fits: Sequence[FitResult], terms: Sequence[str], chosen: Mediation) -> list[Vector]:
    """Return normal draws of every equation's coefficients.

    The treatment's coefficients in both equations of the outcome are NaN, because they depend on a and b.
    """
    rng = np.random.default_rng(chosen.seed)
    draws = []
    for i, f in enumerate(fits):
        centre = np.array([c.estimate for c in f.coefficients])
        # with 1e-12 of the diagonal added, the Cholesky factor exists in spite of rounding
        spread = np.linalg.cholesky(f.vcov + np.diag(1e-12 * np.diag(f.vcov)))
        values = centre + rng.standard_normal((chosen.draws, len(centre))) @ spread.T
        if i < 2:
            hidden = [j for j, c in enumerate(f.coefficients) if c.term in terms]
            values[:, hidden] = np.nan
        draws.append(values)
    return draws


def _places(rows: Ready, chosen: Mediation) -> tuple[tuple[str, float], ...]:
    """Return pairs (name, value): percentiles of the treatment over the sample by Stata's rule, or values as given.

    A single text counts as one percentile or value.
    """
    column = rows.series(chosen.treatment).cast(pl.Float64).to_numpy()
    places = []
    named = (chosen.at,) if isinstance(chosen.at, str) else chosen.at
    if not named:
        raise UsageError("at names no value at which the slope is decomposed", remedy='write "p10" or "4.2"')
    for place in dict.fromkeys(map(str, named)):
        percent = percent_of(place)
        if percent is not None:
            places.append((place, float(np.percentile(column, percent, method="averaged_inverted_cdf"))))
        elif (value := value_of(place)) is not None:
            places.append((place, value))
        else:
            remedy = 'write "p10" or "4.2"; no percentile lies outside p0 to p100'
            raise UsageError(f"at={place!r} is neither a percentile nor a value", remedy=remedy)
    return tuple(places)


def _notes(judge: Judge, design: Design, chosen: Mediation, lost: int, split: int) -> list[str]:
    squared = chosen.a_path == "linear" and len(judge.own) > 1
    notes: list[str] = [say("models_mediation.linear")] if squared else []
    if chosen.interval == "monte_carlo":
        notes.append(say("models_mediation.monte-carlo"))
    if not below(2 * len(judge.places) / (chosen.draws + 1), 1 - chosen.level):
        notes.append(say("models_mediation.few-draws", draws=chosen.draws, places=len(judge.places)))
    if lost:
        notes.append(say("models_mediation.lost-replicates", lost=lost, draws=chosen.draws))
    if split:
        notes.append(say("models_mediation.movers-split", n=split))
    if chosen.interval != "monte_carlo" and (groups := design.cluster(_cluster(chosen)).levels) < _FEW:
        notes.append(say("models_mediation.few-clusters", n=str(groups)))
    return notes
