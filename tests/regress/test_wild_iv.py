"""The wild bootstrap with instruments and Anderson-Rubin sets for few clusters, against re-estimation draw by draw."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import prepare
from integrade.regress import partial
from integrade.regress import wild_iv as wild_iv_module
from integrade.regress.students import f_upper
from integrade.regress.wild import Drawing, draw, forms
from integrade.regress.wild_iv import wild_iv
from integrade.subjects.instruments.weak_iv import weak_iv
from panels import annihilator, dummies, panel

FORMULA = "y ~ scale + age | firm + year | x ~ z1 + z2"
QUADRATIC = "y ~ scale | year | x + x^2 ~ z1 + z1^2 + z2"
DRAWS = 40


class Rows(NamedTuple):
    """[x, w, z, y] by columns with the effects still in, the matrix that removes them, and clusters as dummies."""

    x: np.ndarray
    w: np.ndarray
    z: np.ndarray
    y: np.ndarray
    m: np.ndarray
    clusters: np.ndarray
    weights: np.ndarray


def rows(formula: str, weight: str | None) -> Rows:
    table = prepare(panel(3), formula, also=panel(3).columns).labels
    values = {c: table[c].to_numpy() for c in ("x", "scale", "age", "z1", "z2", "y")}
    weights = table[weight].to_numpy() if weight else np.ones(table.height)
    quadratic = "x^2" in formula
    effects = [table["year"].to_numpy()] if quadratic else [table["firm"].to_numpy(), table["year"].to_numpy()]
    x, z = [values["x"]], [values["z1"], values["z2"]]
    if quadratic:
        x, z = [values["x"], values["x"] ** 2], [values["z1"], values["z1"] ** 2, values["z2"]]
    w = [values["scale"]] if quadratic else [values["scale"], values["age"]]
    codes = np.unique(table["region"].to_numpy(), return_inverse=True)[1]
    return Rows(
        *(np.column_stack(c) for c in (x, w, z)), values["y"], annihilator(effects, weights), dummies(codes), weights
    )


def two_stage(d: Rows, x: np.ndarray, y: np.ndarray, keep: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and CR1 covariance without correction of y on some of [x, w] with all instruments."""
    root = np.sqrt(d.weights)[:, None]
    big_x, big_z = d.m @ np.column_stack([x, d.w])[:, keep], d.m @ np.column_stack([d.z, d.w])
    net = d.m @ y
    fitted = big_z @ np.linalg.lstsq(root * big_z, root * big_x, rcond=None)[0]
    bread = np.linalg.inv(fitted.T @ (d.weights[:, None] * fitted))
    b = bread @ fitted.T @ (d.weights * net)
    s = d.clusters.T @ (fitted * (d.weights * (net - big_x @ b))[:, None])
    return b, bread @ s.T @ s @ bread


@each("weight", [None, "weight"])
@each("imposed", [True, False])
@each(("formula", "null"), [(FORMULA, [0]), (FORMULA, [1]), (QUADRATIC, [1]), (QUADRATIC, [0, 1])])
def test_every_draw_is_that_of_re_estimation(
    monkeypatch: pytest.MonkeyPatch, formula: str, null: list[int], imposed: bool, weight: str | None
) -> None:
    d = rows(formula, weight)
    p, q = d.x.shape[1], d.w.shape[1]
    every = list(range(p + q))
    held = [j for j in every if j not in null] if imposed else every
    start = np.zeros(p + q)
    start[held] = two_stage(d, d.x, d.y, held)[0]
    root = np.sqrt(d.weights)[:, None]
    regressors, instruments = d.m @ np.column_stack([d.x, d.w]), d.m @ np.column_stack([d.z, d.w])
    u = d.m @ d.y - regressors @ start
    both = np.column_stack([instruments, u])
    pi = np.linalg.lstsq(root * both, root * regressors[:, :p], rcond=None)[0][:-1]
    v = regressors[:, :p] - instruments @ pi
    b, vcov = two_stage(d, d.x, d.y, every)

    def wald(b: np.ndarray, vcov: np.ndarray, away: np.ndarray) -> float:
        c = (b - away)[null]
        return float(c @ np.linalg.solve(vcov[np.ix_(null, null)], c))

    observed = wald(b, vcov, np.zeros(p + q))
    w = draw("webb", d.clusters.shape[1], np.arange(DRAWS), 5)
    drawn = []
    for row in w:
        weights = d.clusters @ row
        x = instruments @ pi + v * weights[:, None]
        y = x @ start[:p] + d.w @ start[p:] + u * weights
        drawn.append(wald(*two_stage(d, x, y, every), np.zeros(p + q) if imposed else start))
    design = prepare(panel(3), formula, weights=weight)
    known = forms(design.plan, design.matrix, design.cluster("region"))
    gram = known.gram.sum(axis=0)
    inside = [*range(p + q, len(gram) - 1), *range(p, p + q)]
    for groups in (wild_iv_module.DENSE_GROUPS, 2):
        monkeypatch.setattr(wild_iv_module, "DENSE_GROUPS", groups)
        world = wild_iv_module._world(known, gram, inside, null if imposed else [], p=p, k=p + q)
        found = wild_iv_module._statistics(world, w, p + q, null, np.zeros(p + q) if imposed else start)[0]
        np.testing.assert_allclose(found, drawn, rtol=1e-7)  # ratios of small differences in both
    result = wild_iv(known, endogenous=p, exogenous=q, null=null, how=Drawing(DRAWS, 5, "webb", imposed))
    assert result.p_value == (1 + sum(t >= observed * (1 - 2e-9) for t in drawn)) / (DRAWS + 1)


def test_smallest_p_counts_the_sample_alone() -> None:
    """The first stage is drawn too, so that all weights -1 (or any other point) do not give |t| of the sample again."""
    table = panel(3, regions=10)
    design = prepare(table, FORMULA)
    known = forms(design.plan, design.matrix, design.cluster("region"))
    gram = known.gram.sum(axis=0)
    inside = [*range(3, len(gram) - 1), 1, 2]
    observed = wild_iv_module._observed(known, gram, inside, 3, [0])[0]
    world = wild_iv_module._world(known, gram, inside, [0], p=1, k=3)
    w = draw("enumerated", 10, np.arange(1024), 1)
    stars = wild_iv_module._statistics(world, w, 3, [0], np.zeros(3))[0]  # checked by re-estimation above
    assert np.flatnonzero(np.abs(stars / observed - 1) < 1e-9).tolist() == [0]
    assert w[0].tolist() == [1.0] * 10
    every = wild_iv(known, endogenous=1, exogenous=2, null=[0], how=Drawing(1024, 1))
    assert (every.weights, every.smallest_p) == ("enumerated", 1 / 1024)
    webb = wild_iv(known, endogenous=1, exogenous=2, null=[0], how=Drawing(199, 1, "webb"))
    assert webb.smallest_p == 1 / 200


# ---------------------------------------------------------------- through fit


def test_fit_bootstraps_2sls_and_says_how() -> None:
    result = fit(panel(3), FORMULA, cluster="region", wild=199, wild_joint="x + scale")
    assert [w.null for w in result.wild] == ["x", "scale", "age", "x + scale"]
    assert result.wild[0].draws == 199
    assert result.wild[0].weights == "webb"  # nine clusters
    design = prepare(panel(3), FORMULA)
    known = forms(design.plan, design.matrix, design.cluster("region"))
    alone = wild_iv(known, endogenous=1, exogenous=2, null=[1], how=Drawing(199, 20240101))
    assert result.wild[1].p_value == alone.p_value
    assert "Davidson and MacKinnon" in str(result)
    with pytest.raises(UsageError, match="is for 2SLS, not liml"):
        fit(panel(3), FORMULA, cluster="region", wild=99, estimator="liml")


def test_exact_where_effects_are_removed_by_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fit(panel(3), FORMULA, cluster="region", wild=99).wild
    monkeypatch.setattr(partial, "SMALL", 2)
    assert [w.p_value for w in fit(panel(3), FORMULA, cluster="region", wild=99).wild] == [w.p_value for w in expected]


@pytest.mark.slow
def test_size_with_a_weak_instrument_is_near_the_level() -> None:
    """The null is true and the instrument weak; t of 2SLS rejects wrongly, the efficient bootstrap much less."""
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(15), 12)
    rejected = []
    for number in range(400):
        z = rng.normal(size=180) + rng.normal(size=15)[g]
        u = rng.normal(size=180) + rng.normal(size=15)[g]
        table = pl.DataFrame({"g": g, "z": z, "x": 0.15 * z + u + 0.3 * rng.normal(size=180), "y": u})
        result = fit(table, "y ~ 1 | x ~ z", cluster="g", wild=199, seed=number)
        rejected.append((result["x"].p_value < 0.05, result.wild[-1].p_value <= 0.05))
    by_t, by_bootstrap = np.mean(rejected, axis=0)
    assert by_bootstrap <= 0.10
    assert by_bootstrap < by_t


# ---------------------------------------------------------------- Anderson-Rubin for few clusters


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("value", [0.0, 0.4])
def test_anderson_rubin_is_the_joint_test_of_the_instruments_in_the_reduced_form(
    value: float, weight: str | None
) -> None:
    table = panel(3).with_columns(e=pl.col("y") - value * pl.col("x"))
    reduced = "e ~ z1 + z2 + scale | firm + year"
    jackknife = fit(table, reduced, cluster="region", vcov="CR3", weights=weight)
    b, v = np.array([c.estimate for c in jackknife.coefficients])[:2], jackknife.vcov[:2, :2]
    asked = {"cluster": "region", "weights": weight}
    wild = fit(table, reduced, wild=199, wild_joint="z1 + z2", **asked).wild[-1]
    moved = table.with_columns(y=pl.col("e"))
    found = weak_iv(moved, "y ~ scale | firm + year | x ~ z1 + z2", draws=199, **asked)
    assert found.ar_p_wild == wild.p_value
    f = b @ np.linalg.solve(v, b) / 2
    assert found.ar_p_cr3 == pytest.approx(f_upper(f, 2, 8), rel=1e-9)
    assert (
        found.first_stage[0]["z1"].estimate == fit(table, "x ~ scale + z1 + z2 | firm + year", **asked)["z1"].estimate
    )


@pytest.mark.parametrize("instruments", ["z1", "z1 + z2"])
def test_sets_hold_the_values_that_are_not_rejected(instruments: str) -> None:
    formula = f"y ~ scale | firm + year | x ~ {instruments}"
    found = weak_iv(panel(3), formula, cluster="region", draws=199)
    (ours,), (wild,) = found.sets_cr3, found.sets_wild
    assert ours.kind == wild.kind == "interval"
    for one, name in ((ours, "ar_p_cr3"), (wild, "ar_p_wild")):
        low, high = one.intervals[0]
        assert low is not None
        assert high is not None
        for value, accepted in ((low - 1e-4, False), (low + 1e-4, True), (high - 1e-4, True), (high + 1e-4, False)):
            moved = panel(3).with_columns(y=pl.col("y") - value * pl.col("x"))
            p = getattr(weak_iv(moved, formula, cluster="region", draws=199), name)
            assert (p > 0.05) == accepted
    assert "on the jackknife of the clusters [" in str(found)
    assert "on the wild bootstrap [" in str(found)


def test_a_quadratic_has_projections_on_the_jackknife_and_a_bootstrap_of_the_joint_null() -> None:
    found = weak_iv(panel(3), QUADRATIC, cluster="region", draws=99)
    assert [s.target for s in found.sets_cr3] == [s.target for s in found.sets]
    assert found.sets_wild == ()
    assert found.ar_p_wild is not None
    assert "wild-bootstrap sets require a single endogenous regressor" in found.notes
    reduced = fit(
        panel(3), "y ~ z1 + z1^2 + z2 + scale | year", cluster="region", wild=99, wild_joint="z1 + z1^2 + z2"
    ).wild[-1]
    assert found.ar_p_wild == reduced.p_value
