"""Estimate the a-path on one row per region and year, for mediators that vary by region and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from integrade.engine.exact import total_of
from integrade.errors import EmptyTable, NotIdentified, TooFew
from integrade.estimate.contrasts import joint_test
from integrade.estimate.fit import fit
from integrade.estimate.formula import Formula, Part, Term, rendered
from integrade.estimate.linear import Fit
from integrade.estimate.ready import Ready
from integrade.records.schema import column_word
from integrade.subjects.mediation.records import CellPath
from plainwords.texts import listed, say

_SAME = 1e-9  # two values of one cell that differ by less (relatively) count as equal; a convention
# At most 1% of the variation behind the slope then lies within cells. Means of cells leave this variation out, which
# costs half a percent of a standard error. A few odd rows (a missing region, a revised value) do not change the answer.
MOSTLY = 0.99
"""A column counts as constant in cells under one of two conditions.

At least this share of its rows has the value of the cell, or at least this share of its variance net of effects lies
between cells.
"""
_ROWS = "rows of the cell"
_VALUE, _WITHIN = "value of the row", "value of the row less that of its cell"


def cell_path(
    rows: Ready, path: Formula, own: Sequence[Term], keys: Sequence[str], how: Fit
) -> tuple[CellPath | None, str]:
    """Estimate the equation ``path`` of a mediator on cells, with the keys as effects.

    If the equation cannot be estimated, the result is None and the reason.

    Treatment and mediator must vary mostly between cells (`MOSTLY`); a cell has the mean of its rows. One fit weights
    the cells by their numbers of rows, the other does not. Controls that vary within cells, and rows without a key, are
    left out. The cluster variable is that of ``how`` if it is a key, else the first key. The covariance is CR3.
    """
    name = path.outcome.name
    mediator = column_word(name)
    lacking = [k for k in keys if k not in rows.columns]
    if lacking:
        return None, say("models_mediation.cells-lack", mediator=mediator, column=column_word(lacking[0]))
    needed = list(dict.fromkeys(c for t in (path.outcome, *path.regressors) for c in t.columns))
    own_columns = [*needed, *keys, *([how.weights] if how.weights else [])]
    cells = _cells(rows.select(own_columns).drop_nulls(list(keys)), needed, keys, how.weights)
    of_cells = {
        c
        for c in needed
        if cells.select(_has_one_value(c)).to_series().all() or _mostly_between(rows, c, keys, path, how.weights)
    }
    varying = [c for t in (path.outcome, *own) for c in t.columns if c not in of_cells]
    if varying:
        cells_of = listed([column_word(k) for k in keys], "comma")
        varies = column_word(varying[0])
        return None, say("models_mediation.varies-within", mediator=mediator, column=varies, keys=cells_of)
    kept = tuple(t for t in path.regressors if of_cells.issuperset(t.columns))
    left_out = tuple(t.name for t in path.regressors if t not in kept)
    formula = rendered(replace(path, regressors=kept, effects=tuple((k,) for k in keys)))
    # a cell has the value of its rows if they share one value, else their mean
    values = [
        pl.when(_has_one_value(c)).then(pl.col(f"{c} low")).otherwise(pl.col(f"{c} mean")).alias(c) for c in needed
    ]
    table = cells.select(*keys, _ROWS, *values)
    cluster = how.cluster if how.cluster in keys else keys[0]
    plain = Fit(vcov="CR3", cluster=cluster, ssc=how.ssc, singletons=how.singletons)
    try:
        weighted, unweighted = fit(table, formula, replace(plain, weights=_ROWS)), fit(table, formula, plain)
        terms = [t.name for t in own]
        joint = [joint_test(f, terms) for f in (weighted, unweighted)]
    except (NotIdentified, TooFew, EmptyTable) as error:
        return None, say("models_mediation.cells-not-estimated", mediator=mediator, why=error.what)
    return CellPath(tuple(keys), weighted.nobs, weighted, joint[0], unweighted, joint[1], left_out), ""


def _mostly_between(rows: Ready, column: str, keys: Sequence[str], path: Formula, weights: str | None) -> bool:
    """Return whether a column hardly varies within cells.

    Either at least `MOSTLY` of its rows have the median of their cell, or at least `MOSTLY` of its variance net of the
    effects lies between cells.
    """
    keyed = rows.select(keys).select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy()
    if not keyed.any():
        return False
    part = rows.on(keyed)
    value = pl.col(column).cast(pl.Float64)
    table = part.select(list(dict.fromkeys((column, *keys)))).select(
        value.alias("value"),
        (value - value.mean().over(*keys)).alias("within"),
        ((value - value.median().over(*keys)).abs() <= _SAME * (1 + value.abs())).alias("same"),
    )
    if table["same"].mean() >= MOSTLY:  # type: ignore[operator]
        return True
    with_values = part.plus({_VALUE: table["value"], _WITHIN: table["within"]})
    sample = with_values.sample(None, (), path.effects, weights, keep_singletons=True)
    whole, within = (
        float(np.average((z - np.average(z, weights=sample.weights)) ** 2, weights=sample.weights))
        for z in (n.matrix[:, n.at] for n in with_values.nets(sample, [Term((Part(_VALUE),)), Term((Part(_WITHIN),))]))
    )
    return within <= (1 - MOSTLY) * whole


def _has_one_value(column: str) -> pl.Expr:
    low, high = pl.col(f"{column} low"), pl.col(f"{column} high")
    return (high - low) <= _SAME * (1 + high.abs())


def _cells(rows: pl.DataFrame, needed: Sequence[str], keys: Sequence[str], weights: str | None) -> pl.DataFrame:
    size = pl.len().cast(pl.Float64) if weights is None else total_of(pl.col(weights))
    sums = []
    for c in needed:
        value = pl.col(c).cast(pl.Float64)
        total = total_of(value if weights is None else value * pl.col(weights))
        sums += [value.min().alias(f"{c} low"), value.max().alias(f"{c} high"), (total / size).alias(f"{c} mean")]
    return rows.group_by(*keys).agg(size.alias(_ROWS), *sums).sort(*keys)
