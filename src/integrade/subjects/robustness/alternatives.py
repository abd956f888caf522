"""Yield the regression changed in one respect: sample, cleaning, effects, weights, outcome, index or model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from integrade.engine.exact import average_of
from integrade.engine.frames import Table
from integrade.errors import IntegradeError, UsageError, did_you_mean
from integrade.estimate.design import as_column, plain
from integrade.estimate.formula import Formula, Part, Term, has, rendered, swapped
from integrade.estimate.linear import Fit
from integrade.geography import province_of
from integrade.panel.outliers import winsorise
from integrade.records.schema import column_word
from integrade.subjects.lags.shifts import add_lags, shifted_name
from plainwords.texts import say

GROUP, AREAS = "group", "areas"  # East, Central or West: the column, and its name in labels if it is computed here
USUAL_EFFECTS = ("region", "industry^year", "group^year")
"""Effects that are added by default. Effects of industries and groups are added only if the panel has the columns."""


@dataclass(frozen=True)
class Study:
    """The regression to be changed.

    ``rows`` are all rows, ``sample`` the rows of the baseline.
    """

    rows: pl.DataFrame
    sample: pl.DataFrame
    formula: Formula
    treatment: str
    fit: Fit


@dataclass(frozen=True)
class Change:
    """One changed regression. ``also`` names further terms that are to be tested jointly."""

    family: str
    label: str
    changed: str
    study: Study
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Impossible:
    """A change that cannot be made with this panel; ``why`` is the reason."""

    family: str
    label: str
    changed: str
    why: str


Changes = Iterator[Change | Impossible]


def balanced(study: Study, unit: str, year: str) -> Changes:
    """Yield the regression on the units that are present in every year of the sample."""
    changed = say("models_samples.in-every-year", unit=column_word(unit))
    what = ("sample", say("models_samples.balanced"), changed)
    if not {unit, year} <= set(study.sample.columns):
        yield Impossible(*what, why=_lacks(study, [unit, year]))
        return
    years = study.sample[year].n_unique()
    kept = study.sample.filter(pl.col(year).n_unique().over(unit) == years)
    yield (
        Change(*what, replace(study, rows=kept))
        if kept.height
        else Impossible(*what, why=say("models_samples.never-in-every-year", unit=column_word(unit), years=str(years)))
    )


def winsorised(study: Study, grid: Sequence[tuple[float, float]]) -> Changes:
    """Yield the regression with outcome and controls cut at percentiles of the sample. The treatment is not cut."""
    cut_columns = [c for c in study.formula.numeric_columns if c != study.treatment]
    for low, high in grid:
        rows = winsorise(Table("panel", study.sample), cut_columns, cuts=(low, high)).polars()
        changed = say("models_samples.winsorised", low=f"{low:g}", high=f"{high:g}")
        yield Change("winsorised", f"p{low:g}-p{high:g}", changed, replace(study, rows=rows))


def more_effects(study: Study, effects: Sequence[str]) -> Changes:
    """Yield the regression with further fixed effects, one at a time.

    ``group`` is East, Central and West if the panel has no such column.

    Of the usual effects, those of industries and groups are skipped without a note if the panel lacks the columns, and
    effects that change nothing because they are constant within an effect of the formula.
    """
    usual = tuple(effects) == USUAL_EFFECTS
    for text in effects:
        columns = tuple(c.strip() for c in text.split("^"))
        rows = _with_group(study.rows) if GROUP in columns else study.rows
        added = GROUP in rows.columns and GROUP not in study.rows.columns
        named = "^".join(AREAS if added and c == GROUP else c for c in columns)
        what = ("effects", named, say("models_samples.effects-added", effects=named))
        present = {tuple(sorted(e)) for e in study.formula.effects}
        if tuple(sorted(columns)) in present:
            yield Impossible(*what, why=say("models_samples.already-there"))
        elif usual and ({"industry", GROUP} & {c for c in columns if c not in rows.columns} or _nested(study, columns)):
            continue
        elif not set(columns) <= set(rows.columns):
            yield Impossible(*what, why=_lacks(replace(study, rows=rows), columns))
        else:
            formula = rendered(replace(study.formula, effects=(*study.formula.effects, columns)))
            yield Change(*what, replace(study, rows=rows, formula=formula))


def _nested(study: Study, columns: Sequence[str]) -> bool:
    """Return whether further effects change nothing, because each level of an effect of the formula has one of them."""
    sample = study.sample
    if not set(columns) <= set(sample.columns):
        return False
    within = [e for e in study.formula.effects if set(e) <= set(sample.columns)]
    return any(
        sample.select(list(dict.fromkeys((*e, *columns)))).unique().height == sample.select(e).unique().height
        for e in within
    )


def weighted(study: Study, columns: Sequence[str]) -> Changes:
    """Yield the regression with rows weighted by each of the columns."""
    for column in columns:
        what = ("weights", column, say("models_samples.weighted-by", column=column_word(column)))
        if column not in study.rows.columns:
            yield Impossible(*what, why=_lacks(study, [column]))
        else:
            yield Change(*what, replace(study, fit=replace(study.fit, weights=column)))


def other_outcomes(study: Study, columns: Sequence[str]) -> Changes:
    """Yield the regression with each of the columns as the outcome."""
    for column in columns:
        old, new = column_word(study.formula.outcome.name), column_word(column)
        what = ("outcome", column, say("models_samples.in-place-of", new=new, old=old))
        if column not in study.rows.columns:
            yield Impossible(*what, why=_lacks(study, [column]))
        else:
            formula = rendered(replace(study.formula, outcome=Term((Part(column),))))
            yield Change(*what, replace(study, formula=formula))


def other_indices(study: Study, columns: Sequence[str]) -> Changes:
    """Yield the regression with each of the columns in place of the treatment, in all its terms."""
    for column in columns:
        old, new = column_word(study.treatment), column_word(column)
        what = ("index", column, say("models_samples.in-place-of", new=new, old=old))
        if column not in study.rows.columns:
            yield Impossible(*what, why=_lacks(study, [column]))
        else:
            terms = tuple(swapped(t, {study.treatment: column}) for t in study.formula.regressors)
            yield Change(
                *what, replace(study, formula=rendered(replace(study.formula, regressors=terms)), treatment=column)
            )


def lead_placebo(study: Study) -> Changes:
    """Yield the regression with next year's treatment added to this year's.

    It is a placebo, because the future cannot act on the present.
    """
    changed = say("models_samples.next-year-added", treatment=column_word(study.treatment))
    what = ("placebo", say("models_samples.lead"), changed)
    try:
        rows = add_lags(study.rows, study.treatment, (), (1,))
    except IntegradeError as error:
        yield Impossible(*what, why=error.what)
        return
    lead = shifted_name(study.treatment, -1)
    terms = [t for t in study.formula.regressors if has(t, study.treatment)]
    more = tuple(swapped(t, {study.treatment: lead}) for t in terms)
    formula = rendered(replace(study.formula, regressors=(*study.formula.regressors, *more)))
    yield Change(*what, replace(study, rows=rows, formula=formula), also=tuple(t.name for t in more))


def collapsed(study: Study) -> Changes:
    """Yield the regression on means of region-years, weighted by number of rows, with region and year effects."""
    what = ("aggregation", say("models_samples.cells"), say("models_samples.means-of-cells"))
    if study.formula.endogenous or study.fit.weights or not {"region", "year"} <= set(study.sample.columns):
        taken = study.formula.endogenous or study.fit.weights
        why = say("models_samples.instruments-or-weights") if taken else _lacks(study, ["region", "year"])
        yield Impossible(*what, why=why)
        return
    treated = [t for t in study.formula.regressors if has(t, study.treatment)]
    others = [study.formula.outcome, *(t for t in study.formula.regressors if t not in treated)]
    columns = list(dict.fromkeys(c for t in treated for c in t.columns))
    terms = study.sample.select("region", "year", *columns, *(as_column(t) for t in others if t.name not in columns))
    means = [average_of(pl.col(c)).alias(c) for c in terms.columns if c not in ("region", "year")]
    cells = terms.group_by("region", "year").agg(*means, integrade_rows=pl.len().cast(pl.Float64))
    regressors = tuple(t if t in treated else plain(t) for t in study.formula.regressors)
    formula = replace(
        study.formula, outcome=plain(study.formula.outcome), regressors=regressors, effects=(("region",), ("year",))
    )
    fit = replace(study.fit, weights="integrade_rows")
    yield Change(*what, replace(study, rows=cells.sort("region", "year"), formula=rendered(formula), fit=fit))


def other_models(study: Study, model: Literal["ppml", "fractional"]) -> Changes:
    """Yield the regression by Poisson pseudo-maximum likelihood or fractional logit, in place of least squares."""
    labels = {
        "ppml": (say("models_samples.poisson"), say("models_samples.log-mean")),
        "fractional": (say("models_samples.fractional"), say("models_samples.logit-mean")),
    }
    kind: Any = {"CR2": "CR3", "HC2": "HC1", "HC3": "HC1"}.get(study.fit.vcov, study.fit.vcov)
    how = replace(study.fit, model=model, vcov=kind, ssc=Fit.ssc, df="auto", wild=0)
    yield Change("estimator", *labels[model], replace(study, fit=how))


def _with_group(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the group (East, Central, West) of each region, if the rows have none and every region is a province."""
    if GROUP in rows.columns or "region" not in rows.columns:
        return rows
    provinces = {str(r): province_of(str(r)) for r in rows["region"].drop_nulls().unique().sort()}
    if any(p is None for p in provinces.values()):
        return rows
    groups = {r: p.group for r, p in provinces.items() if p}
    return rows.with_columns(pl.col("region").cast(pl.String).replace_strict(groups, default=None).alias(GROUP))


def _lacks(study: Study, columns: Sequence[str]) -> str:
    lacking = [c for c in columns if c not in study.rows.columns]
    if GROUP in lacking:
        return say("models_samples.no-group-column")
    hint = did_you_mean(lacking[0], study.rows.columns)
    return say("models_samples.no-column-but", column=repr(lacking[0]), hint=hint)


def require(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise `UsageError` if one of the names is not the name of a check."""
    for name in names:
        if name not in known:
            raise UsageError(f"unknown check {name!r}", remedy=did_you_mean(name, known))
