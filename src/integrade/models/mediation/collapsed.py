"""The a-path on one row per region and year, for mediators that live there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from integrade.errors import EmptyTable, NotIdentified, TooFew
from integrade.exact import total_of
from integrade.models.fit.contrasts import joint_test
from integrade.models.fit.fit import fit
from integrade.models.fit.formula import Formula, Term, rendered
from integrade.models.fit.linear import Fit
from integrade.models.fit.ready import Ready
from integrade.models.fit.results import FitResult
from integrade.models.mediation.records import CellPath
from integrade.schema import column_word
from integrade.texts import listed, say

_SAME = 1e-9  # two values of one cell that differ by less (relatively) are one
_ROWS = "rows of the cell"


def cell_path(
    rows: Ready, path: Formula, own: Sequence[Term], keys: Sequence[str], how: Fit
) -> tuple[CellPath | None, str]:
    """The equation ``path`` of a mediator on cells, with the keys as effects; or None and why not.

    Controls that vary within cells are left out. The clusters are those of ``how`` where they are a key, else the first
    key; the covariance is CR3.
    """
    name = path.outcome.name
    called = column_word(name)
    lacking = [k for k in keys if k not in rows.columns]
    if lacking:
        return None, say("models_mediation.cells-lack", mediator=called, column=column_word(lacking[0]))
    needed = list(dict.fromkeys(c for t in (path.outcome, *path.regressors) for c in t.columns))
    own_columns = [*needed, *keys, *([how.weights] if how.weights else [])]
    cells = _cells(rows.select(own_columns), needed, keys, how.weights)
    constant = {c for c in needed if _constant(cells, c)}
    varying = [c for t in (path.outcome, *own) for c in t.columns if c not in constant]
    if varying:
        cells_of = listed([column_word(k) for k in keys], "comma")
        varies = column_word(varying[0])
        return None, say("models_mediation.varies-within", mediator=called, column=varies, keys=cells_of)
    kept = tuple(t for t in path.regressors if constant.issuperset(t.columns))
    left_out = tuple(t.name for t in path.regressors if t not in kept)
    formula = rendered(replace(path, regressors=kept, effects=tuple((k,) for k in keys)))
    table = cells.select(*keys, _ROWS, *(pl.col(f"{c} low").alias(c) for c in needed))
    cluster = how.cluster if how.cluster in keys else keys[0]
    plain = Fit(vcov="CR3", cluster=cluster, ssc=how.ssc, singletons=how.singletons)
    try:
        weighted, unweighted = fit(table, formula, replace(plain, weights=_ROWS)), fit(table, formula, plain)
        terms = [t.name for t in own]
        joint = [joint_test(f, terms) for f in (weighted, unweighted)]
    except (NotIdentified, TooFew, EmptyTable) as error:
        return None, say("models_mediation.cells-not-estimated", mediator=called, why=error.what)
    return CellPath(tuple(keys), _used(weighted), weighted, joint[0], unweighted, joint[1], left_out), ""


def varies_within(rows: Ready, column: str, keys: Sequence[str]) -> bool:
    """Whether a column has several values in some cell of the keys."""
    return not _constant(_cells(rows.select(list(dict.fromkeys((column, *keys)))), [column], keys, None), column)


def _used(result: FitResult) -> int:
    return result.nobs


def _cells(rows: pl.DataFrame, needed: Sequence[str], keys: Sequence[str], weights: str | None) -> pl.DataFrame:
    size = pl.len().cast(pl.Float64) if weights is None else total_of(pl.col(weights))
    ends = [
        pl.col(c).cast(pl.Float64).min().alias(f"{c} low")
        if end == "low"
        else pl.col(c).cast(pl.Float64).max().alias(f"{c} high")
        for c in needed
        for end in ("low", "high")
    ]
    return rows.group_by(*keys).agg(size.alias(_ROWS), *ends).sort(*keys)


def _constant(cells: pl.DataFrame, column: str) -> bool:
    low, high = cells[f"{column} low"], cells[f"{column} high"]
    return bool(((high - low) <= _SAME * (1 + high.abs())).all())
