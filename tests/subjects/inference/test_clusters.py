"""Effective clusters, leverage and influence against dense matrices (METHODS 5.2, 5.12)."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import TooFew, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.fit_json import plain
from integrade.subjects.inference.clusters import cluster_report, effective_clusters
from panels import dummies, panel

FORMULA = "y ~ market + market^2 + scale | firm + year"
NAMES = ["market", "market^2", "scale"]


def dense(table: pl.DataFrame, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All columns, dummies included, as in the paper: (X'WX)^+ X'W, the regressors, cluster indicators (G, n)."""
    market = table["market"].to_numpy()
    x = np.column_stack([market, market**2, table["scale"].to_numpy()])
    full = np.hstack([x, dummies(table["firm"].to_numpy()), dummies(table["year"].to_numpy())])
    root = np.sqrt(weights)[:, None]
    solver = np.linalg.pinv(root * full, rcond=1e-10) * root.T
    return solver[:3], full, dummies(table["region"].to_numpy()).T


@pytest.mark.parametrize("weighted", [False, True])
def test_g_star_equals_the_formula_with_dense_matrices(weighted: bool) -> None:
    table = panel(4, regions=9, movers=5)
    weights = table["weight"].to_numpy() if weighted else np.ones(table.height)
    found = cluster_report(table, FORMULA, singletons="keep", weights="weight" if weighted else None)
    solver, _, inside = dense(table, weights)
    variance = np.diag(1 / weights)
    for j, term in enumerate(found.terms):
        for value, omega in ((term.g_star, variance), (term.g_star_correlated, np.ones_like(variance))):
            gammas = []
            for own in inside.astype(bool):
                a = solver[j, own]
                gammas.append(a @ omega[np.ix_(own, own)] @ a)
            gamma = np.array(gammas)
            g = len(gamma)
            expected = g / (1 + ((gamma - gamma.mean()) ** 2).sum() / g / gamma.mean() ** 2)
            assert value == pytest.approx(expected, rel=1e-8)  # a pseudo-inverse of all dummies
            assert 1 <= expected <= g


def test_leverage_and_influence() -> None:
    table = panel(6, regions=9, movers=4)
    found = cluster_report(table, FORMULA, singletons="keep")
    _, full, inside = dense(table, np.ones(table.height))
    effects = full[:, 3:]
    x = full[:, :3] - effects @ np.linalg.lstsq(effects, full[:, :3], rcond=None)[0]
    hat = np.einsum("ij,ji->i", x @ np.linalg.inv(x.T @ x), x.T)
    leverage = inside @ hat
    order = np.argsort(-leverage)[:5]
    assert [c.level for c in found.top] == [f"R{g}" for g in order]
    np.testing.assert_allclose([c.leverage for c in found.top], leverage[order], rtol=1e-8)
    assert leverage.sum() == pytest.approx(3)
    assert [c.rows for c in found.top] == [int(inside[g].sum()) for g in order]
    for j, term in enumerate(found.terms):
        others = np.delete(full, j, axis=1)
        own = full[:, j] - others @ np.linalg.lstsq(others, full[:, j], rcond=None)[0]
        partial = inside @ own**2 / (own @ own)
        assert (term.partial_leverage, term.heaviest) == (
            pytest.approx(partial.max(), rel=1e-6),
            f"R{partial.argmax()}",
        )
        np.testing.assert_allclose([c.partial[j] for c in found.top], partial[order], rtol=1e-6)


def test_most_moving_cluster_is_found_by_refitting() -> None:
    table = panel(6, regions=9, movers=4)
    found = cluster_report(table, FORMULA)
    whole = fit(table, FORMULA, cluster="region", vcov="CR3")
    kept = table  # singletons that a deletion makes change no coefficient
    for j, term in enumerate(found.terms):
        without = [fit(kept.filter(pl.col("region") != r), FORMULA)[term.term].estimate for r in found.levels]
        np.testing.assert_allclose(found.without[:, j], without, rtol=1e-7)
        moved = np.array(without) - whole[term.term].estimate
        g = int(np.abs(moved).argmax())
        assert term.most_moving == found.levels[g]
        assert term.without == pytest.approx(without[g], rel=1e-7)
        assert term.moved == pytest.approx(moved[g] / whole[term.term].std_error, rel=1e-7)


def test_equal_clusters_count_in_full_and_one_heavy_cluster_alone() -> None:
    assert effective_clusters(np.full(31, 2.5)) == pytest.approx(31)
    assert effective_clusters(np.array([1.0, 0, 0, 0])) == pytest.approx(1)
    # every region the same treatment path and size: all count
    rows = [(f"F{r}{f}", 2000 + t, f"R{r}", np.sin(3.0 * t)) for r in range(6) for f in range(3) for t in range(5)]
    table = pl.DataFrame(rows, schema=["firm", "year", "region", "x"], orient="row")
    table = table.with_columns(y=pl.Series(np.random.default_rng(1).normal(size=table.height)) + pl.col("x"))
    found = cluster_report(table, "y ~ x | firm")
    assert found.terms[0].g_star == pytest.approx(6)
    assert found.terms[0].g_star_correlated is None  # firm effects remove what a region has in common
    assert any("is not available, because the fixed effects remove" in n for n in found.notes)
    assert (found.rows_min, found.rows_median, found.rows_max, found.g, found.nobs) == (15, 15, 15, 6, 90)
    one = table.with_columns(x=pl.when(pl.col("region") == "R2").then(100 * pl.col("x")).otherwise("x"))
    heavy = cluster_report(one, "y ~ x | firm")
    assert heavy.terms[0].g_star < 1.01
    assert heavy.terms[0].heaviest == heavy.terms[0].most_moving == "R2"
    assert any("less than half" in n for n in heavy.notes)


def test_combined_clusters_text_and_refusals() -> None:
    table = panel(6)
    found = cluster_report(table, FORMULA, "region^year")
    assert "^20" in found.levels[0]
    text = str(cluster_report(table, FORMULA))
    assert "9 clusters (region)" in text
    assert "most moving" in text
    assert plain(found)["terms"][2]["term"] == "scale"
    with pytest.raises(UsageError, match="instruments"):
        cluster_report(table, "y ~ scale | firm | x ~ z1")
    with pytest.raises(UsageError, match="one cluster"):
        cluster_report(table, FORMULA, "firm+region")
    with pytest.raises(TooFew):
        cluster_report(table.with_columns(region=pl.lit("one")), FORMULA)
