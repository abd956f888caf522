"""Both stages of a control function without each cluster, against the two regressions on the rows that are left."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.estimate.fit import ROW, fit
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.rows import term_values
from integrade.regress.ols import least_squares
from integrade.subjects.instruments.control_function import control_function
from integrade.subjects.instruments.two_stages import Stages, sums_would_fit, without_each
from panels import panel

TERMS = ["x", "x^2", "scale", "age", "v", "x:v"]


def _refitted(rows: pl.DataFrame, effects: str, how: Fit) -> np.ndarray:
    design = prepare(rows.with_row_index(ROW), f"x ~ z1 + z2 + scale + age | {effects}", how, also=(ROW,))
    left = least_squares(design.matrix[:, list(design.kept)], design.outcome, design.plan.weights).residuals
    with_residual = rows[design.labels[ROW].to_list()].with_columns(v=pl.Series(left))
    found = fit(with_residual, f"y ~ {' + '.join(TERMS)} | {effects}", how)
    return np.array([found[term].estimate for term in TERMS])


@each("weights", [None, "weight"])
@each("effects", ["firm + year", "firm", "firm + year + industry"])
def test_sums_give_what_the_rows_give(effects: str, weights: str | None) -> None:
    """Some firms move between regions: without one of them they have other means."""
    table = panel(5, movers=8, firms=70, regions=6).with_columns(x=pl.col("x") + 4)
    how = Fit(singletons="keep", weights=weights)
    design = prepare(table, f"x ~ z1 + z2 + scale + age | {effects}", how, also=("region",))
    names = ("x", "z1", "z2", "scale", "age")
    columns = {t.name: term_values(table, t) for t in (design.formula.outcome, *design.formula.regressors)}
    stages = Stages(np.column_stack([columns[n] for n in names]), table["y"].to_numpy(), 2)
    assert sums_would_fit(design.plan, stages)
    found = list(without_each(design.plan, stages, design.cluster("region")))
    regions = table["region"].unique().sort().to_list()
    assert len(found) == len(regions) == 6
    for region, b in zip(regions, found, strict=True):
        expected = _refitted(table.filter(pl.col("region") != region), effects, how)
        assert b is not None
        assert b == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


def test_what_sums_do_not_tell_is_left_to_the_rows() -> None:
    """A regressor that is alive in one region only is not identified without it: the deletion is counted as lost."""
    table = panel(5, movers=0, firms=70, regions=6)
    alone = table.with_columns(scale=pl.when(pl.col("region") == "R2").then(pl.col("scale")).otherwise(0.0))
    found = control_function(alone, "y ~ scale | firm + year | x + x^2 ~ z1 + z2", cluster="region")
    assert any("1" in note for note in found.notes)
    whole = control_function(table, "y ~ scale | firm + year | x + x^2 ~ z1 + z2", cluster="region")
    assert not whole.notes
