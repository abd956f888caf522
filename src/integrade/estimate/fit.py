"""Estimate a regression of any model on a panel; collect the columns and the rows that regressions need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from integrade.engine import frames
from integrade.errors import UnknownColumn
from integrade.estimate.design import IDENTIFIERS, cells_in
from integrade.estimate.dialects import column_advice
from integrade.estimate.formula import Formula
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.quasi import fractional_logit, ppml
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.records.catalogue import choose, keywords

ROW = "row of the panel"


@keywords(Fit)
def fit(panel: Any, formula: str | Formula, options: Fit | None = None, **changes: Any) -> FitResult:
    """Estimate a model with fixed effects: by default linear, by least squares or 2SLS.

    Formula: ``b = (X'M X)^-1 X'M y``, M removes the effects; covariances and corrections as described in `Fit`.
    Missing values: rows with a missing or infinite value in any column used are dropped and counted.

    Args:
        panel: any frame or table.
        formula: ``"quality ~ market + market^2 + scale | firm + year"``, with instruments
            ``"quality ~ scale | firm + year | market ~ z"``.
        options: a `Fit`; single options can be given by name.

    Returns:
        One `FitResult`, without data. A collinear or absorbed regressor is in ``dropped`` with its reason.

    Raises:
        BadFormula, UnknownColumn: the formula cannot be read, or names a column that the panel does not have.
        NotANumber: a regressor holds text.
        TooFew: too few rows or clusters. NotIdentified: no regressor is left.

    Example:
        >>> base = fit(panel, "quality ~ market + market^2 | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = choose(Fit, options, changes)
    if chosen.model != "linear":
        return (ppml if chosen.model == "ppml" else fractional_logit)(panel, formula, chosen)
    return estimate(prepare(panel, formula, chosen), chosen)


def gather(panel: Any, formula: Formula, how: Fit, *, also: Sequence[str] = ()) -> pl.DataFrame:
    """Return the columns of the formula, clusters, weights and ``also``, with firm, region and year if present."""
    data = collected(panel, formula, how, also=also)
    return data.select(columns_of(data.columns, formula, how, also))


def collected(panel: Any, formula: Formula, how: Fit, *, also: Sequence[str] = ()) -> Ready:
    """Return the columns that `gather` returns, ready for several regressions.

    A `Ready` panel keeps all its columns.
    """
    has = panel.columns if isinstance(panel, Ready) else frames.enter(panel).collect_schema().names()
    wanted = columns_of(has, formula, how, also)
    for column in wanted:
        if column not in has:
            what = f"no column {column!r} in the panel"
            advice = column_advice(column, has, cells_in(frames.enter(panel)))
            raise UnknownColumn(what, where=formula.text, remedy=advice)
    return ready(panel, wanted)


def columns_of(has: Sequence[str], formula: Formula, how: Fit, also: Sequence[str] = ()) -> list[str]:
    """Return the columns that a regression needs, with the identifiers that are among the columns ``has``.

    Terms and combinations are split into their columns.
    """
    clusters = [] if how.cluster is None else [c.strip() for part in how.cluster.split("+") for c in part.split("^")]
    weights = [how.weights] if how.weights else []
    known = [c for c in IDENTIFIERS if c in has]
    columns = (*formula.numeric_columns, *formula.effect_columns, *clusters, *weights, *also, *known)
    return list(dict.fromkeys(columns))


def estimation_rows(rows: pl.DataFrame, formula: Formula, how: Fit) -> pl.DataFrame:
    """Return the rows that the regression keeps: complete rows, without singletons if the options drop them."""
    kept = prepare(rows, formula, how).rows
    return rows if kept is None else rows[kept]


def regression_rows(panel: Any, formula: Formula, how: Fit, *, also: Sequence[str] = ()) -> Ready:
    """Return the same rows as `estimation_rows`, in the same order, ready for further regressions."""
    data = collected(panel, formula, how, also=also)
    kept = prepare(data, formula, how).rows
    if kept is None:
        return data
    return data.shared(kept)
