"""Compute residuals and fitted values of a linear fit from its panel, because a result holds no data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.errors import UnknownColumn, UsageError, did_you_mean
from integrade.estimate.formula import Formula, parse_formula, terms_of
from integrade.estimate.ready import Ready, complete_rows, ready
from integrade.estimate.rows import refuse_text
from integrade.regress.effects import Codes, Vector
from integrade.regress.partial import remove

if TYPE_CHECKING:
    from integrade.estimate.results import FitResult

_SAME = 1e-7  # rounding and the solver explain a difference of residual squares up to this share of the total


def residuals(fit: FitResult, panel: Any, weights: str | None = None) -> pl.Series:
    """Return outcome minus fitted values, fixed effects included, one value per row of the panel in its order.

    Formula: e = M (y - X b), M removes the effects (with the weights of the fit).
    Missing values: rows that the fit did not use (a value missing, singletons) have a missing residual.

    Raises `UsageError` without a panel, for a panel on which the fit was not estimated, and for a model that is not
    linear. Refuses a panel if its number of rows or its sum of squared residuals differs from that of the fit. Other
    values or missing weights cause such a difference.
    """
    parsed, data = _table(fit, panel, weights, "resid")
    # the rows that the fit used, and its effects on them
    clusters = [c for name in fit.clusters for c in name.split("^")]
    complete = complete_rows(data, terms_of(parsed), [*parsed.effect_columns, *clusters], weights)
    sample = data.sample(complete.good, complete.of, parsed.effects, weights, keep_singletons=not fit.n_singletons)
    n = sample.n
    if n != fit.nobs:
        raise _another(fit, f"it has {n:,} rows for the regression, which had {fit.nobs:,}")
    rows = slice(None) if sample.rows is None else sample.rows
    values = data.values(parsed.outcome)
    matrix = (values - _linear(fit, parsed, data))[rows][:, None]
    remove(sample.plan, matrix)
    outcome, net = values[rows], matrix[:, 0]
    # the residuals must have the fit's sum of squares
    mass = np.ones(n) if sample.weights is None else sample.weights
    total = float(n) if sample.weights is None else float(mass.sum())
    whole = fit.deviations.get(fit.outcome, float("nan")) ** 2 * total * (n - 1) / n
    if not parsed.effects and not parsed.intercept:
        whole = float(mass @ outcome**2)
    gap = float(mass @ net**2) - (1 - fit.r2) * whole
    if abs(gap) > _SAME * whole:
        raise _another(fit, "its residuals are not those of the fit")
    return _placed("residual", net, rows, data.height)


def predicted(fit: FitResult, panel: Any, weights: str | None = None) -> pl.Series:
    """Return fitted values, one per row of the panel in its order.

    With fixed effects they are outcome minus residual (see `residuals`). They exist only on the rows of the fit,
    because the effects are known only there. Without fixed effects they are X b, for every row of any panel that has
    the regressors.
    """
    parsed, data = _table(fit, panel, weights, "predict", outcome=bool(parse_formula(fit.formula).effects))
    if not parsed.effects:
        values = _linear(fit, parsed, data)
        return _placed("fitted", values[np.isfinite(values)], np.flatnonzero(np.isfinite(values)), data.height)
    return (pl.Series(data.values(parsed.outcome)) - residuals(fit, data, weights)).alias("fitted")


def _table(
    fit: FitResult, panel: Any, weights: str | None, asked: str, *, outcome: bool = True
) -> tuple[Formula, Ready]:
    """Return the formula, and the columns of the panel that it needs, with all rows in their order."""
    if panel is None:
        raise UsageError(
            f"a result stores no data, so {asked} requires the panel", remedy=f"give the panel: fit.{asked}(panel)"
        )
    if fit.model != "linear":
        raise UsageError(
            f"{asked} is for linear models, not {fit.model}",
            where=fit.formula,
            remedy="fit the formula again with model='linear'",
        )
    parsed = parse_formula(fit.formula)
    terms = (*parsed.endogenous, *parsed.regressors)
    columns = parsed.numeric_columns if outcome else tuple(c for t in terms for c in t.columns)
    clusters = [c for name in fit.clusters for c in name.split("^")] if outcome else []
    wanted = dict.fromkeys([*columns, *parsed.effect_columns, *clusters, *([weights] if weights else [])])
    has = panel.columns if isinstance(panel, Ready) else frames.enter(panel).collect_schema().names()
    for column in wanted:
        if column not in has:
            what = f"no column {column!r} in the panel"
            raise UnknownColumn(what, where=fit.formula, remedy=did_you_mean(column, has))
    data = ready(panel, list(wanted) or None)  # with only a constant, every row
    refuse_text({c: data.whole(c) for c in parsed.numeric_columns if c in wanted}, parsed)
    return parsed, data


def _linear(fit: FitResult, parsed: Formula, data: Ready) -> Vector:
    """Return X b, without the effects."""
    terms = {t.name: t for t in (*parsed.endogenous, *parsed.regressors)}
    total = np.zeros(data.height)
    for k in fit.coefficients:
        total += k.estimate * (data.values(terms[k.term]) if k.term in terms else 1.0)
    return total


def _another(fit: FitResult, why: str) -> UsageError:
    return UsageError(
        f"this is not the panel that the fit was estimated on: {why}",
        where=fit.formula,
        remedy="give the same rows and values, with weights=... where the fit had weights",
    )


def _placed(name: str, values: Vector, rows: Codes | slice, height: int) -> pl.Series:
    """Return a series of ``height`` rows with the values at their rows, and missing values at all other rows."""
    column = np.full(height, np.nan)
    column[rows] = values
    return pl.Series(name, column).fill_nan(None)
