"""Prepare a panel and a formula for estimation: choose rows, remove effects once, find and name collinear columns.

From one `Design`, `integrade.estimate.linear.estimate` can compute any number of covariances.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from operator import mul
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.errors import (
    EmptyTable,
    IntegradeError,
    NotIdentified,
    Problems,
    UnknownColumn,
    UsageError,
    did_you_mean,
    option,
)
from integrade.estimate.dialects import FIRM_YEAR, column_advice
from integrade.estimate.formula import Formula, Part, Term, parse_formula, terms_of
from integrade.estimate.ready import Made, Ready, Sample, assembled, complete_rows, ready
from integrade.estimate.results import UNDEFINED, Spread
from integrade.estimate.rows import refuse_nested, refuse_text
from integrade.estimate.spreads import spread, spread_of_cells
from integrade.regress.effects import Codes, Factor, Vector, combine, factorise
from integrade.regress.ols import cross_products, independent
from integrade.regress.partial import Absorber
from plainwords.texts import Said, say

CONSTANT = "constant"
IDENTIFIERS = ("firm", "region", "year")


@dataclass(frozen=True)
class Design:
    """Rows and columns ready for estimation.

    ``matrix`` (n, m) holds columns with the effects removed: endogenous regressors, other regressors, instruments and
    the outcome, in this order. ``names`` are the names of these columns. ``kept`` and ``instruments`` are the positions
    in ``matrix`` of the independent regressors and instruments. ``labels`` are the columns ``label_names`` of the panel
    on these rows, read on demand from the panel ``held`` at the rows in ``sample``. ``means`` and ``deviations`` (m,)
    are the means and standard deviations of the columns before the effects were removed. ``regions``: how many regions
    the rows come from, if the panel has a column of regions. ``rows`` (n,): positions of the rows in the panel, None
    for all rows. The matrix is read-only because other designs may share it.
    """

    formula: Formula
    names: tuple[str, ...]
    matrix: Vector
    gram: Vector
    kept: tuple[int, ...]
    instruments: tuple[int, ...]
    endogenous: int  # how many of ``kept`` are endogenous; they come first
    plan: Absorber
    components: tuple[Mapping[int, int], ...]
    means: Vector
    deviations: Vector
    first_within: float  # sum of squares of the outcome net of the first effect only
    held: Ready
    sample: Sample
    label_names: tuple[str, ...]
    n_singletons: int
    n_missing: int
    dropped: Mapping[str, str]
    spreads: tuple[Spread, ...] = ()
    notes: tuple[str, ...] = ()
    factors: Mapping[str, Factor] = field(default_factory=dict)
    regions: int | None = None
    rows: Codes | None = None

    @property
    def regressors(self) -> tuple[str, ...]:
        """Names of the independent regressors."""
        return tuple(self.names[j] for j in self.kept)

    @property
    def outcome(self) -> Vector:
        """The outcome with the effects removed, (n,)."""
        return np.asarray(self.matrix[:, -1])

    @property
    def labels(self) -> pl.DataFrame:
        """Columns of the panel, unchanged, on the rows of the design.

        They are identifiers, effects, clusters, and variables whose square is in the formula.
        """
        return self.held.labels(self.sample, self.label_names)

    def label(self, name: str) -> pl.Series:
        """Return one of the columns in `labels`."""
        return self.held.label(self.sample, name)

    def once(self, key: tuple[Any, ...], make: Callable[[], Made], columns: Sequence[str] = ()) -> Made:
        """Return a cached result that depends only on the formula's columns, the rows and further ``columns``.

        It is computed only once for all designs with the same sample, outcome, regressors and instruments.
        """
        columns = (*self.formula.numeric_columns, *self.sample.columns, *columns)
        full_key = (*key, self.sample, self.names, self.kept, self.endogenous, self.instruments)
        return self.held.once(full_key, columns, make)

    def cluster(self, name: str) -> Factor:
        """Return the clusters ``name``: a column, or a combination such as ``industry^year``.

        Raises `UnknownColumn` for a column that the design does not keep, and `UsageError` for a column with missing
        values.
        """
        if name in self.factors:
            return self.factors[name]
        parts = [p.strip() for p in name.split("^")]
        for part in parts:
            if part not in self.label_names:
                remedy = did_you_mean(part, self.label_names) + "; others: prepare(..., also=(...,))"
                raise UnknownColumn(f"no cluster variable {part!r} in this design", remedy=remedy)
            missing = self.label(part).null_count()
            if missing:
                raise UsageError(
                    f"the cluster variable {part!r} is missing in {missing:,} rows", remedy="fill or drop them"
                )
        return combine(name, [factorise(p, self.label(p)) for p in parts])


def build(
    panel: Any,
    formula: str | Formula,
    *,
    clusters: Sequence[str],
    weights: str | None,
    keep_singletons: bool,
    also: Sequence[str] = (),
) -> Design:
    """Collect the needed columns, choose rows, remove the effects and find collinear columns.

    Rows with a missing or infinite value in any column of the formula, the clusters or the weights are dropped and
    counted. Raises `UnknownColumn`, `NotANumber`, `EmptyTable`, or `NotIdentified` if no regressor is left or the
    effects explain the outcome fully.
    """
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    groups = tuple(dict.fromkeys(c for name in clusters for c in name.split("^")))
    data = _collect(panel, parsed, groups=groups, weights=weights, also=also)
    complete = complete_rows(data, terms_of(parsed), [*parsed.effect_columns, *groups], weights)
    sample = data.sample(complete.good, complete.of, parsed.effects, weights, keep_singletons=keep_singletons)
    if not sample.n:
        raise _no_rows(data, parsed, weights, complete.notes)
    identifiers = [c for c in IDENTIFIERS if c in data.columns]
    labels = tuple(dict.fromkeys((*parsed.effect_columns, *groups, *also, *identifiers, *parsed.squared)))
    names, terms = _columns(parsed)
    nets = data.nets(sample, terms)
    matrix, mass = assembled(nets), float(sample.n) if sample.weights is None else float(sample.weights.sum())
    means, deviations = np.array([net.mean for net in nets]), np.array([net.deviation for net in nets])
    first = data.first_within(sample, parsed.outcome)
    gram = cross_products(matrix, sample.weights)
    if sample.n > 1:
        refuse_flat_outcome(parsed, float(gram[-1, -1]), float(means[-1]), float(deviations[-1]), mass)
    # the same limits as in `refuse_flat_outcome`
    noise = 1e-14 * np.abs(means)
    floors = np.sqrt(mass) * np.maximum(1e-9 * deviations, noise) if sample.effects else np.zeros(len(names))
    kept, instruments, dropped = _independent(parsed, names, matrix, gram, floors=floors, weights=sample.weights)
    # groupings of the rows: by each effect, and by each of these columns that has no missing values
    factors = {f.name: f for f in sample.effects}
    for column in dict.fromkeys((*groups, "region", *(["year"] if parsed.squared else []))):
        if column not in labels or column in factors:
            continue
        if data.gap(column) is None or not data.label(sample, column).null_count():
            factors[column] = data.grouping(sample, column)
    regions = None
    if "region" in labels:
        known = factors.get("region")
        regions = data.label(sample, "region").drop_nulls().n_unique() if known is None else known.levels
    return Design(
        parsed,
        names,
        matrix,
        gram,
        tuple(kept),
        tuple(instruments),
        sum(j < len(parsed.endogenous) for j in kept),
        sample.plan,
        sample.components,
        means,
        deviations,
        float(gram[-1, -1] + nets[-1].taken) if first is None else first,
        data,
        sample,
        labels,
        sample.n_singletons,
        complete.n_missing,
        dropped,
        _spreads(data, sample, labels, parsed.squared, factors),
        complete.notes,
        factors,
        regions,
        sample.rows,
    )


def _no_rows(data: Ready, formula: Formula, weights: str | None, notes: Sequence[str]) -> EmptyTable:
    """Return the error that explains why no row is left."""
    if not data.height:
        return EmptyTable("the panel has no rows", remedy=f"check the file and the {option('where')} filter")
    what, example = "no row is left for the regression", "; ".join(notes)
    gaps = {t.name: data.gap(t) for t in terms_of(formula)}
    gaps |= {weights: data.gap(weights, weights=True)} if weights else {}
    bare = [name for name, gap in gaps.items() if gap is not None and not gap.any()]
    if bare:
        listed = ", ".join(map(repr, bare))
        undefined = any(isinstance(note, Said) and note.key in UNDEFINED for note in notes)
        remedy = (
            "use the variable itself, or rows where the term is defined" if undefined else "leave it out, or fill it in"
        )
        return EmptyTable(f"{what}: no row has a value of {listed}", example=example, remedy=remedy)
    if notes:
        return EmptyTable(what, example=example, remedy="leave out the column with most missing values, or fill it in")
    remedy = f"use fewer effects, or {option('singletons', 'keep')}"
    return EmptyTable(f"{what}: every row is a singleton of an effect", remedy=remedy)


def refuse_flat_outcome(formula: Formula, net: float, mean: float, deviation: float, mass: float) -> None:
    """Raise `NotIdentified` for an outcome that is constant, or that the effects explain fully up to rounding.

    ``net`` is the sum of squares of the outcome net of the effects. The limits are the same as for a regressor that the
    effects absorb.
    """
    # 1e-14 bounds the rounding of a mean in double precision. 1e-9 of the standard deviation is the limit below which a
    # column counts as absorbed (METHODS 5.1: 1e-9 to 1e-10).
    name, constant = formula.outcome.name, deviation <= 1e-14 * abs(mean)
    if formula.effects and not constant:
        if net <= mass * max(1e-9 * deviation, 1e-14 * abs(mean)) ** 2:
            listed = ", ".join("^".join(e) for e in formula.effects)
            raise NotIdentified(
                say("impossible.nothing-within", name=repr(name), effects=listed),
                where=formula.text,
                remedy="use fewer effects, or another outcome",
            )
    elif net == 0 or (constant and (formula.effects or formula.intercept)):
        raise NotIdentified(
            say("impossible.constant-outcome", name=repr(name), value=f"{mean:.6g}"),
            where=formula.text,
            remedy="use another outcome, or other rows",
        )


def part_of(design: Design, regressors: Sequence[int], outcome: int) -> Design:
    """Return the design of a least-squares regression of the column ``outcome`` on ``regressors``, on the same rows.

    Columns are given by their positions. The regressors must be independent.
    """
    order = [*regressors, outcome]
    names = tuple(design.names[j] for j in order)
    shown = [n for n in names[:-1] if n != CONSTANT or design.formula.effects]
    text = f"{names[-1]} ~ {' + '.join(shown) or '1'}"
    if design.formula.effects:
        text += " | " + " + ".join("^".join(e) for e in design.formula.effects)
    terms = terms_by_name(design.formula)
    regressors_kept = tuple(terms[n] for n in shown if n != CONSTANT)
    return replace(
        design,
        formula=Formula(text, terms[names[-1]], regressors_kept, design.formula.effects),
        names=names,
        matrix=np.ascontiguousarray(design.matrix[:, order]),
        gram=design.gram[np.ix_(order, order)],
        kept=tuple(range(len(regressors))),
        instruments=(),
        endogenous=0,
        means=design.means[order],
        deviations=design.deviations[order],
        first_within=design.first_within if outcome == len(design.names) - 1 else float("nan"),
        dropped={},
        spreads=(),
    )


def _spreads(
    data: Ready, sample: Sample, kept: Sequence[str], variables: Sequence[str], factors: Mapping[str, Factor]
) -> tuple[Spread, ...]:
    """Return the distribution of each variable by year and region.

    It is computed from cells of region and year if the variable is constant within them, and otherwise from the rows.
    """
    columns: tuple[str, ...] = tuple(c for c in ("year", "region") if c in kept)

    def one(variable: str) -> Spread:
        groups = [c for c in columns if c != variable]
        if all(c in factors for c in groups):
            values = data.label(sample, variable).cast(pl.Float64).to_numpy()
            known = {c: factors[c] for c in groups}
            of_cells = spread_of_cells(variable, values, known, lambda name, few: data.some(sample, name, few))
            if of_cells is not None:
                return of_cells
        return spread(data.labels(sample, tuple(dict.fromkeys((variable, *columns)))), variable)

    return tuple(
        data.once(("spread", sample, v, columns), (v, *columns, *sample.columns), partial(one, v)) for v in variables
    )


def _independent(
    formula: Formula, names: tuple[str, ...], matrix: Vector, gram: Vector, *, floors: Vector, weights: Vector | None
) -> tuple[list[int], list[int], dict[str, str]]:
    """Return the positions of independent regressors and instruments, and why each other column was dropped."""
    p = len(formula.endogenous)
    first_z = len(names) - 1 - len(formula.instruments)
    exogenous = list(range(p, first_z))

    def pick(order: list[int]) -> tuple[list[int], dict[str, str]]:
        places, why = independent(
            matrix[:, order] if order != list(range(len(order))) else matrix[:, : len(order)],
            gram[np.ix_(order, order)],
            floors=floors[order],
            weights=weights,
        )
        reasons = {"collinear": say("models_fit.collinear"), "absorbed by effects": say("models_fit.absorbed")}
        return [order[j] for j in places], {names[order[j]]: reasons[reason] for j, reason in why.items()}

    kept, dropped = pick([*exogenous, *range(p)])
    kept = sorted(kept)
    if not kept:
        shown = ", ".join(f"{n} ({why})" for n, why in dropped.items()) or "none given"
        raise NotIdentified(
            say("impossible.no-regressor"), example=shown, remedy="use fewer effects or other regressors"
        )
    if not p:
        return kept, [], dropped
    w = [j for j in kept if j >= p]
    usable, lost = pick([*w, *range(first_z, len(names) - 1)])
    instruments = [j for j in usable if j >= first_z]
    dropped |= {n: say("models_fit.instrument-dropped", why=why) for n, why in lost.items()}
    if len(instruments) < sum(j < p for j in kept):
        raise NotIdentified(
            say("impossible.few-instruments", endogenous=str(sum(j < p for j in kept)), usable=str(len(instruments))),
            example="; ".join(f"{n}: {why}" for n, why in lost.items()),
            remedy="instruments must vary within the effects",
        )
    return kept, instruments, dropped


def cells_in(frame: frames.Frame) -> Callable[[str], tuple[str, ...]]:
    """Return a function that takes a column and returns the key of the cells in which it is constant.

    The key is region and year, or firm and year.
    """

    def cells(column: str) -> tuple[str, ...]:
        if not {"region", "year"} <= set(frame.collect_schema().names()):
            return FIRM_YEAR
        per = frame.group_by("region", "year").agg(low=nw.col(column).min(), high=nw.col(column).max())
        varies = frames.collect(per).filter(pl.col("low") != pl.col("high")).height
        return FIRM_YEAR if varies else ("region", "year")

    return cells


def _collect(panel: Any, formula: Formula, *, groups: Sequence[str], weights: str | None, also: Sequence[str]) -> Ready:
    """Return the panel ready for regressions. From a frame, only the columns that this formula needs are kept."""
    frame = None if isinstance(panel, Ready) else frames.enter(panel)
    has = panel.columns if frame is None else frame.collect_schema().names()
    wanted = [
        *formula.numeric_columns,
        *formula.effect_columns,
        *groups,
        *also,
        *([] if weights is None else [weights]),
    ]
    unknown = [c for c in dict.fromkeys(wanted) if c not in has]
    if unknown:
        cells = cells_in(frames.enter(panel))
        problems: list[IntegradeError] = [
            UnknownColumn(f"no column {c!r} in the panel", where=formula.text, remedy=column_advice(c, has, cells))
            for c in unknown
        ]
        raise problems[0] if len(problems) == 1 else Problems(problems)
    data = ready(panel, list(dict.fromkeys([*wanted, *(c for c in IDENTIFIERS if c in has)])))
    refuse_text({c: data.whole(c) for c in formula.numeric_columns}, formula)
    labels = (*formula.effect_columns, *groups, *also, *(c for c in IDENTIFIERS if c in has))
    refuse_nested({c: data.whole(c) for c in dict.fromkeys(labels)}, formula)
    return data


def _columns(formula: Formula) -> tuple[tuple[str, ...], tuple[Term | None, ...]]:
    """Return the names and terms of the columns in their order.

    Without effects there is also a constant, whose term is None.
    """
    regressors: list[tuple[str, Term | None]] = [(t.name, t) for t in formula.regressors]
    if formula.intercept and not formula.effects:
        if CONSTANT in (t.name for t in terms_of(formula)):
            remedy = f"rename the column {CONSTANT!r}, or drop the intercept with - 1"
            raise UsageError(f"{CONSTANT!r} is the name of the intercept", where=formula.text, remedy=remedy)
        regressors.insert(0, (CONSTANT, None))
    before = [(t.name, t) for t in formula.endogenous]
    after = [(t.name, t) for t in (*formula.instruments, formula.outcome)]
    names, terms = zip(*before, *regressors, *after, strict=True)
    return names, terms


def terms_by_name(formula: Formula) -> dict[str, Term]:
    """Return the terms of the columns of a formula by their names, without the constant."""
    return {name: term for name, term in zip(*_columns(formula), strict=True) if term is not None}


def as_column(term: Term) -> pl.Expr:
    """Return an expression for the values of a term. The value is missing where a logarithm does not exist."""
    factors = []
    for part in term.parts:
        base = pl.col(part.column).cast(pl.Float64)
        if part.log:
            base = pl.when(base > 0).then(base.log())
        factors.append(base**part.power if part.power > 1 else base)
    return reduce(mul, factors).alias(term.name)


def plain(term: Term) -> Term:
    """Return a term that reads one column, in which the values of ``term`` are stored under its name (`as_column`)."""
    return Term((Part(term.name),))
