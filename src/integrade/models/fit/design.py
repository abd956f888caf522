"""A panel and a formula made ready for estimation: rows chosen, effects removed once, collinear columns named.

One `Design` serves any number of covariances (`integrade.models.fit.linear.estimate`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import mul
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from integrade import frames
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
from integrade.models.fit.dialects import FIRM_YEAR, column_advice
from integrade.models.fit.formula import Formula, Part, Term, parse_formula
from integrade.models.fit.results import Spread
from integrade.models.fit.rows import effect_factors, refuse_text, term_values, weight_values
from integrade.models.fit.spreads import spreads
from integrade.regress.effects import (
    Codes,
    Factor,
    Mask,
    Vector,
    combine,
    factorise,
    keep_rows,
    pair_components,
    without_singletons,
)
from integrade.regress.ols import Why, cross_products, independent, moments
from integrade.regress.partial import Absorber, absorber, components_with_large, group_sums, remove
from integrade.schema import column_word
from integrade.texts import listed, say

CONSTANT = "constant"
IDENTIFIERS = ("firm", "region", "year")
_BLOCK = 4_096


@dataclass(frozen=True)
class Design:
    """Rows and columns ready for estimation.

    ``matrix`` (n, m) holds, effects removed, the endogenous regressors, the others, the instruments and the outcome,
    named by ``names``; ``kept`` and ``instruments`` are the positions of independent regressors and instruments in it.
    ``means`` and ``deviations`` (m,) are those of the columns before the effects were removed. ``regions``: how many
    regions the rows come from, where the panel names them.
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
    first_within: float  # sum of squares of the outcome net of the first effect alone
    labels: pl.DataFrame
    n_singletons: int
    n_missing: int
    dropped: Mapping[str, str]
    spreads: tuple[Spread, ...] = ()
    notes: tuple[str, ...] = ()
    factors: Mapping[str, Factor] = field(default_factory=dict)
    regions: int | None = None

    @property
    def regressors(self) -> tuple[str, ...]:
        """Names of the independent regressors."""
        return tuple(self.names[j] for j in self.kept)

    @property
    def outcome(self) -> Vector:
        """The outcome with the effects removed, (n,)."""
        return np.asarray(self.matrix[:, -1])

    def cluster(self, name: str) -> Factor:
        """The clusters ``name``: a column, or a combination such as ``industry^year``."""
        if name in self.factors:
            return self.factors[name]
        parts = [p.strip() for p in name.split("^")]
        for part in parts:
            if part not in self.labels.columns:
                remedy = did_you_mean(part, self.labels.columns) + "; others: prepare(..., also=(...,))"
                raise UnknownColumn(f"no cluster variable {part!r} in this design", remedy=remedy)
            missing = self.labels[part].null_count()
            if missing:
                raise UsageError(
                    f"the cluster variable {part!r} is missing in {missing:,} rows", remedy="fill or drop them"
                )
        return combine(name, [factorise(p, self.labels[p]) for p in parts])


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
    counted. Raises `UnknownColumn`, `NotANumber`, `EmptyTable` or `NotIdentified` (no regressor is left, or nothing of
    the outcome).
    """
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    groups = tuple(dict.fromkeys(c for name in clusters for c in name.split("^")))
    table = _collect(panel, parsed, groups=groups, weights=weights, also=also)
    terms = (*parsed.endogenous, *parsed.regressors, *parsed.instruments, parsed.outcome)
    values = {t.name: term_values(table, t) for t in terms}
    if weights:
        values[weights] = weight_values(table[weights])
    rows, n_missing, notes = complete_rows(table, values, [*parsed.effect_columns, *groups])
    effects = effect_factors(table if rows is None else table[rows], parsed)
    n_singletons = 0
    if not keep_singletons:
        stay = without_singletons(effects, table.height if rows is None else len(rows))
        n_singletons = int((~stay).sum())
        if n_singletons:
            rows = np.flatnonzero(stay) if rows is None else rows[stay]
            effects = [keep_rows(f, stay) for f in effects]
    n = table.height if rows is None else len(rows)
    if not n:
        raise _no_rows(table, values, notes)
    labels = table.select(_labels(table, parsed, groups=groups, also=also))
    if rows is not None and labels.width:
        labels = labels[rows]
    wide = None if weights is None else values[weights][slice(None) if rows is None else rows]
    names, matrix = _matrix(parsed, values, rows, n)
    return _finish(
        parsed, names, matrix, effects=effects, weights=wide, rest=(labels, n_singletons, n_missing, tuple(notes))
    )


def _no_rows(table: pl.DataFrame, values: Mapping[str, Vector], notes: Sequence[str]) -> EmptyTable:
    """Why no row is left."""
    if table.is_empty():
        return EmptyTable("the panel has no rows", remedy=f"check the file and the {option('where')} filter")
    what, example = "no row is left for the regression", "; ".join(notes)
    bare = [name for name, column in values.items() if not np.isfinite(column).any()]
    if bare:
        listed = ", ".join(map(repr, bare))
        return EmptyTable(f"{what}: no row has a value of {listed}", example=example, remedy="leave it out, or fill it")
    if notes:
        return EmptyTable(what, example=example, remedy="leave out what is missing most, or fill it")
    remedy = f"use fewer effects, or {option('singletons', 'keep')}"
    return EmptyTable(f"{what}: every one is alone in an effect", remedy=remedy)


def refuse_flat_outcome(formula: Formula, net: float, mean: float, deviation: float, mass: float) -> None:
    """Raise `NotIdentified` for an outcome that is constant, or of which the effects leave nothing but rounding.

    ``net`` is the sum of its squares net of the effects; the limits are those of an absorbed regressor.
    """
    name, constant = formula.outcome.name, deviation <= 1e-14 * abs(mean)
    if formula.effects and not constant:
        if net <= mass * max(1e-9 * deviation, 1e-14 * abs(mean)) ** 2:
            listed = ", ".join("^".join(e) for e in formula.effects)
            raise NotIdentified(
                f"nothing of the outcome {name!r} is left within the effects {listed}",
                where=formula.text,
                remedy="use fewer effects, or another outcome",
            )
    elif net == 0 or (constant and (formula.effects or formula.intercept)):
        raise NotIdentified(
            f"the outcome {name!r} does not vary: it is {mean:.6g} in every row",
            where=formula.text,
            remedy="use another outcome, or other rows",
        )


def part_of(design: Design, regressors: Sequence[int], outcome: int) -> Design:
    """Least squares of one column on some others (positions), on the rows of a design; they must be independent."""
    order = [*regressors, outcome]
    names = tuple(design.names[j] for j in order)
    shown = [n for n in names[:-1] if n != CONSTANT or design.formula.effects]
    text = f"{names[-1]} ~ {' + '.join(shown) or '1'}"
    if design.formula.effects:
        text += " | " + " + ".join("^".join(e) for e in design.formula.effects)
    asked = Formula(text, Term((Part(names[-1]),)), (), design.formula.effects)
    return replace(
        design,
        formula=asked,
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


def _finish(
    formula: Formula,
    names: tuple[str, ...],
    matrix: Vector,
    *,
    effects: Sequence[Factor],
    weights: Vector | None,
    rest: tuple[pl.DataFrame, int, int, tuple[str, ...]],
) -> Design:
    table, n_singletons, n_missing, notes = rest
    means, deviations = moments(matrix, weights)
    plan = absorber(effects, weights)
    first = _first_within(effects, matrix[:, -1], weights, plan)
    taken = remove(plan, matrix)
    gram = cross_products(matrix, weights)
    mass = float(len(matrix)) if weights is None else float(weights.sum())
    if len(matrix) > 1:
        refuse_flat_outcome(formula, float(gram[-1, -1]), float(means[-1]), float(deviations[-1]), mass)
    noise = 1e-14 * np.abs(means)
    floors = np.sqrt(mass) * np.maximum(1e-9 * deviations, noise) if effects else np.zeros(len(names))
    factors = {f.name: f for f in effects}
    components = pair_components(effects, components_with_large(plan))
    kept, instruments, dropped = _independent(formula, names, matrix, gram, floors=floors, weights=weights)
    return Design(
        formula,
        names,
        matrix,
        gram,
        tuple(kept),
        tuple(instruments),
        sum(j < len(formula.endogenous) for j in kept),
        plan,
        components,
        means,
        deviations,
        float(gram[-1, -1] + taken[-1]) if first is None else first,
        table,
        n_singletons,
        n_missing,
        dropped,
        spreads(table, formula.squared, factors),
        notes,
        factors,
        table["region"].drop_nulls().n_unique() if "region" in table.columns else None,
    )


def _first_within(effects: Sequence[Factor], outcome: Vector, weights: Vector | None, plan: Absorber) -> float | None:
    """Sum of squares of the outcome net of the first effect; None when it is the one removed by means."""
    if not effects or (plan.exact and effects[0] is plan.large):
        return None
    first = effects[0]
    column = np.ascontiguousarray(outcome)[:, None]
    totals = plan.totals if first is plan.large else np.bincount(first.codes, weights, minlength=first.levels)
    net = column[:, 0] - (group_sums(first.codes, first.levels, column, weights)[:, 0] / totals)[first.codes]
    return float(net @ (net if weights is None else net * weights))


def _why(reason: Why) -> str:
    return say("models_fit.collinear" if reason == "collinear" else "models_fit.absorbed")


def _independent(
    formula: Formula, names: tuple[str, ...], matrix: Vector, gram: Vector, *, floors: Vector, weights: Vector | None
) -> tuple[list[int], list[int], dict[str, str]]:
    """Positions of independent regressors and instruments, and why the others were dropped."""
    p = len(formula.endogenous)
    first_z = len(names) - 1 - len(formula.instruments)
    exogenous = list(range(p, first_z))

    def pick(order: list[int]) -> tuple[list[int], dict[str, str]]:
        found, why = independent(
            matrix[:, order] if order != list(range(len(order))) else matrix[:, : len(order)],
            gram[np.ix_(order, order)],
            floors=floors[order],
            weights=weights,
        )
        return [order[j] for j in found], {names[order[j]]: _why(reason) for j, reason in why.items()}

    kept, dropped = pick([*exogenous, *range(p)])
    kept = sorted(kept)
    if not kept:
        shown = ", ".join(f"{n} ({why})" for n, why in dropped.items()) or "none given"
        raise NotIdentified("no regressor is left", example=shown, remedy="use fewer effects or other regressors")
    if not p:
        return kept, [], dropped
    w = [j for j in kept if j >= p]
    usable, lost = pick([*w, *range(first_z, len(names) - 1)])
    instruments = [j for j in usable if j >= first_z]
    dropped |= {n: say("models_fit.instrument-dropped", why=why) for n, why in lost.items()}
    if len(instruments) < sum(j < p for j in kept):
        raise NotIdentified(
            f"{sum(j < p for j in kept)} endogenous regressors but {len(instruments)} usable instruments",
            example="; ".join(f"{n}: {why}" for n, why in lost.items()),
            remedy="instruments must vary within the effects",
        )
    return kept, instruments, dropped


def cells_in(frame: frames.Frame) -> Callable[[str], tuple[str, ...]]:
    """Of a column: the cells of the panel in which it has one value, by region and year or by firm and year."""

    def cells(column: str) -> tuple[str, ...]:
        if not {"region", "year"} <= set(frame.collect_schema().names()):
            return FIRM_YEAR
        per = frame.group_by("region", "year").agg(low=nw.col(column).min(), high=nw.col(column).max())
        varies = frames.collect(per).filter(pl.col("low") != pl.col("high")).height
        return FIRM_YEAR if varies else ("region", "year")

    return cells


def _collect(
    panel: Any, formula: Formula, *, groups: Sequence[str], weights: str | None, also: Sequence[str]
) -> pl.DataFrame:
    frame = frames.enter(panel)
    has = frame.collect_schema().names()
    wanted = [*formula.numeric_columns, *formula.effect_columns, *groups, *also, *([weights] if weights else [])]
    unknown = [c for c in dict.fromkeys(wanted) if c not in has]
    if unknown:
        cells = cells_in(frame)
        problems: list[IntegradeError] = [
            UnknownColumn(f"no column {c!r} in the panel", where=formula.text, remedy=column_advice(c, has, cells))
            for c in unknown
        ]
        raise problems[0] if len(problems) == 1 else Problems(problems)
    chosen = dict.fromkeys([*wanted, *(c for c in IDENTIFIERS if c in has)])
    table = frames.collect(frame.select(*chosen))
    refuse_text(table, formula)
    return table


def _labels(table: pl.DataFrame, formula: Formula, *, groups: Sequence[str], also: Sequence[str]) -> list[str]:
    """The columns that stay with a design: identifiers, effects, clusters, and variables with a square."""
    kept = (*formula.effect_columns, *groups, *also, *(c for c in IDENTIFIERS if c in table.columns), *formula.squared)
    return list(dict.fromkeys(kept))


def complete_rows(
    table: pl.DataFrame, values: Mapping[str, Vector], groups: Sequence[str]
) -> tuple[Codes | None, int, list[str]]:
    """Rows where everything is there (None for all), how many are not, and a note that says which columns lack."""
    ok: Mask | None = None
    lacking: list[str] = []

    def mark(name: str, good: Mask) -> None:
        nonlocal ok
        if not good.all():
            lacking.append(say("models_fit.level-rows", effect=column_word(name), rows=f"{int((~good).sum()):,}"))
            ok = good if ok is None else ok & good

    for name, column in values.items():
        if not np.isfinite(column.sum()):
            mark(name, np.isfinite(column))
    for name in dict.fromkeys(groups):
        if table[name].null_count():
            mark(name, table[name].is_not_null().to_numpy())
        if table[name].dtype.is_float() and not np.isfinite(table[name].to_numpy()).all():
            mark(name, np.isfinite(table[name].to_numpy()))
    if ok is None:
        return None, 0, []
    missing = int((~ok).sum())
    return np.flatnonzero(ok), missing, [say("models_fit.missing-dropped", n=missing, columns=listed(lacking, "comma"))]


def _matrix(
    formula: Formula, values: Mapping[str, Vector], rows: Codes | None, n: int
) -> tuple[tuple[str, ...], Vector]:
    """The columns side by side in row-major order, filled block by block; a constant where there are no effects."""
    own: list[tuple[str, Vector | None]] = [(t.name, values[t.name]) for t in formula.regressors]
    if formula.intercept and not formula.effects:
        if CONSTANT in values:
            remedy = f"rename the column {CONSTANT!r}, or take the intercept away with - 1"
            raise UsageError(f"{CONSTANT!r} is the name of the intercept", where=formula.text, remedy=remedy)
        own.insert(0, (CONSTANT, None))
    before = [(t.name, values[t.name]) for t in formula.endogenous]
    after = [(t.name, values[t.name]) for t in (*formula.instruments, formula.outcome)]
    names, columns = zip(*before, *own, *after, strict=True)
    matrix = np.empty((n, len(names)))
    for start in range(0, n, _BLOCK):
        block = matrix[start : start + _BLOCK]
        picked: Any = slice(start, start + _BLOCK) if rows is None else rows[start : start + _BLOCK]
        for j, column in enumerate(columns):
            block[:, j] = 1.0 if column is None else column[picked]
    return names, matrix


def as_column(term: Term) -> pl.Expr:
    """The values of a term; missing where a logarithm does not exist."""
    return reduce(mul, [_part(p) for p in term.parts]).alias(term.name)


def plain(term: Term) -> Term:
    """The term as a column of its own, as `as_column` names it."""
    return Term((Part(term.name),))


def _part(part: Part) -> pl.Expr:
    base = pl.col(part.column).cast(pl.Float64)
    if part.log:
        base = pl.when(base > 0).then(base.log())
    return base**part.power if part.power > 1 else base
