"""Cell moments from sums by cluster, against the rows of every deletion and of every draw."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.estimate.linear import Fit
from integrade.regress import partial
from integrade.regress.effects import Factor, Vector, keep_rows
from integrade.regress.partial import absorber
from integrade.subjects.noise.attenuation import pipeline_bootstrap, simex
from integrade.subjects.noise.cell_moments import CellMoments, cell_moments
from integrade.subjects.noise.counted_clusters import cluster_sums, counted
from integrade.subjects.noise.treatment import Treated, treated
from noisy_index import FORMULA, study
from panels import panel as small_panel


def _by_rows(sample: Treated, cluster: Factor, counts: Vector) -> CellMoments:
    """The rows of the clusters that count, weighted by how often, with the effects of their own."""
    plan, often = sample.design.plan, counts[cluster.codes]
    rows = np.flatnonzero(often > 0)
    weights = often[rows] if plan.weights is None else often[rows] * plan.weights[rows]
    part = absorber([keep_rows(f, rows) for f in plan.effects], weights)
    cells = Factor(sample.cells.name, sample.cells.codes[rows], sample.cells.levels)
    return cell_moments(part, cells, sample.fixed[rows])


def _same(found: CellMoments, expected: CellMoments) -> None:
    for own, other in zip(
        (found.cells, found.mixed, found.fixed), (expected.cells, expected.mixed, expected.fixed), strict=True
    ):
        assert own == pytest.approx(other, rel=0, abs=1e-12 * max(1.0, float(np.abs(other).max())))


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("effects", ["firm + year", "firm", "year", "firm + industry^year + year", ""])
def test_deletions_and_counts_are_those_of_the_rows(effects: str, weights: str | None) -> None:
    """Firms move between regions; clusters of every draw count 0, 1 or several times."""
    table = small_panel(3, movers=5)
    formula = "y ~ market + scale + market^2" + (f" | {effects}" if effects else "")
    sample = treated(table, formula, "market", Fit(weights=weights, singletons="keep"))
    cluster = sample.cluster("region")
    sums = cluster_sums(sample.design.plan, sample.cells, sample.fixed, cluster)
    _same(counted(sums, np.ones(cluster.levels)), cell_moments(sample.design.plan, sample.cells, sample.fixed))
    for kept in 1.0 - np.eye(cluster.levels):
        _same(counted(sums, kept), _by_rows(sample, cluster, kept))
    rng = np.random.default_rng(2)
    for _ in range(3):
        counts = rng.multinomial(cluster.levels, np.full(cluster.levels, 1 / cluster.levels)).astype(float)
        _same(counted(sums, counts), _by_rows(sample, cluster, counts))


def test_the_index_is_net_of_year_effects_to_the_last_digit() -> None:
    """Dummies of all regions in a year add up to that of the year, which is an effect: nothing may be left of it."""
    sample = treated(small_panel(3, movers=5), "y ~ market + scale | firm + year", "market", Fit())
    cluster = sample.cluster("region")
    found = counted(
        cluster_sums(sample.design.plan, sample.cells, sample.fixed, cluster), np.ones(cluster.levels)
    ).cells
    years = np.array([year for _, year in sample.keys])
    for year in set(years.tolist()):
        assert np.abs(found[:, years == year].sum(axis=1)).max() < 1e-13 * found.max()


def test_rows_serve_where_several_large_effects_leave_no_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    prices, _, panel = study(150)
    panel = panel.filter(pl.col("region").is_in(sorted(panel["region"].unique())[:8]))
    exact = simex(prices, panel, FORMULA, draws=4), pipeline_bootstrap(prices, panel, FORMULA, draws=6)
    monkeypatch.setattr(partial, "SMALL", 1)
    rows = simex(prices, panel, FORMULA, draws=4), pipeline_bootstrap(prices, panel, FORMULA, draws=6)
    assert rows[0].corrected.vcov == pytest.approx(exact[0].corrected.vcov, rel=1e-5)
    for one, other in zip(rows[1].quantities, exact[1].quantities, strict=True):
        assert one.mean == pytest.approx(other.mean, rel=1e-6)
        assert one.percentile_low == pytest.approx(other.percentile_low, rel=1e-6)
