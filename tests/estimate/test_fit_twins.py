"""The same regressions with every dummy written out: coefficients and each covariance, weights, movers, singletons."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import UsageError
from integrade.estimate.design import Design
from integrade.estimate.fit import fit
from integrade.estimate.linear import estimate, prepare
from integrade.regress import cells, partial
from panels import annihilator, dummies, panel

TERMS = "y ~ market + market^2 + scale"
EFFECTS = [["firm", "year"], ["firm", "industry", "year"], ["year"], ["firm"], ["region", "industry", "year"]]


class Twin:
    """Weighted least squares on all dummies, rows as the design kept them."""

    def __init__(self, table: pl.DataFrame, effects: list[str], weight: str | None) -> None:
        self.w = table[weight].to_numpy() if weight else np.ones(table.height)
        self.root = np.sqrt(self.w)
        self.effects = [table[e].to_numpy() for e in effects]
        self.region = table["region"].to_numpy()
        market = table["market"].to_numpy()
        self.raw = np.column_stack([market, market**2, table["scale"].to_numpy()])
        self.y = table["y"].to_numpy()
        m = annihilator(self.effects, self.w)
        self.absorbed = round(len(self.w) - np.trace(m))
        self.x = m @ self.raw
        self.bread = np.linalg.inv(self.x.T @ (self.w[:, None] * self.x))
        self.b = self.bread @ self.x.T @ (self.w * (m @ self.y))
        self.u = m @ self.y - self.x @ self.b
        full = np.hstack([dummies(e) for e in self.effects] + [self.raw]) * self.root[:, None]
        self.hat = full @ np.linalg.pinv(full, rcond=1e-10)

    def iid(self) -> np.ndarray:
        return self.bread * (self.u @ (self.w * self.u)) / (len(self.u) - self.absorbed - 3)

    def robust(self, power: float) -> np.ndarray:
        rest = 1 - np.diag(self.hat)
        free = rest > 1e-9
        score = self.x * (self.w * self.u * np.where(free, 1 / np.where(free, rest, 1) ** power, 0))[:, None]
        return self.bread @ score.T @ score @ self.bread

    def without(self, g: str) -> np.ndarray:
        k = self.region != g
        m = annihilator([e[k] for e in self.effects], self.w[k])
        return np.linalg.lstsq(self.root[k, None] * (m @ self.raw[k]), self.root[k] * (m @ self.y[k]), rcond=None)[0]

    def cr3(self) -> np.ndarray:
        groups = np.unique(self.region)
        distance = np.array([self.without(g) - self.b for g in groups])
        return (len(groups) - 1) / len(groups) * distance.T @ distance

    def cr2(self) -> tuple[np.ndarray, np.ndarray]:
        xs, us = self.x * self.root[:, None], self.u * self.root
        meat, parts = np.zeros((3, 3)), []
        for g in np.unique(self.region):
            k = np.flatnonzero(self.region == g)
            values, vectors = np.linalg.eigh(np.eye(len(k)) - self.hat[np.ix_(k, k)])
            half = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-300)), 0)
            adjust = (vectors * half) @ vectors.T
            score = xs[k].T @ adjust @ us[k]
            meat += np.outer(score, score)
            parts.append((np.eye(len(us)) - self.hat)[:, k] @ adjust @ xs[k] @ self.bread)
        df = []
        for j in range(3):
            p = np.array([part[:, j] for part in parts])
            df.append(np.trace(p @ p.T) ** 2 / ((p @ p.T) ** 2).sum())
        return self.bread @ meat @ self.bread, np.array(df)


def make(seed: int, effects: list[str], weight: str | None, singletons: str = "drop") -> tuple[Design, Twin]:
    table = panel(seed)
    design = prepare(
        table, f"{TERMS} | {' + '.join(effects)}", singletons=singletons, weights=weight, also=table.columns
    )
    return design, Twin(design.labels, effects, weight)


# a pseudo-inverse of 250 rows with a condition number of 1e4 in the regressors is good to about 1e-11
CLOSE = 1e-9


@each("weight", [None, "weight"])
@each("effects", EFFECTS, ids="+".join)
def test_coefficients_and_every_covariance(effects: list[str], weight: str | None) -> None:
    design, twin = make(1, effects, weight)
    plain = estimate(design, vcov="iid")
    np.testing.assert_allclose([c.estimate for c in plain.coefficients], twin.b, rtol=CLOSE)
    np.testing.assert_allclose(plain.vcov, twin.iid(), rtol=CLOSE)
    assert plain.df_t == plain.nobs - twin.absorbed - 3
    n = plain.nobs
    np.testing.assert_allclose(estimate(design, vcov="HC1").vcov, twin.robust(0) * n / plain.df_t, rtol=CLOSE)
    np.testing.assert_allclose(estimate(design, vcov="HC2").vcov, twin.robust(0.5), rtol=CLOSE)
    np.testing.assert_allclose(estimate(design, vcov="HC3").vcov, twin.robust(1), rtol=CLOSE)
    cr3 = estimate(design, vcov="CR3", cluster="region")
    np.testing.assert_allclose(cr3.vcov, twin.cr3(), rtol=CLOSE)
    assert cr3.df_t == 8
    vcov, df = twin.cr2()
    cr2 = estimate(design, vcov="CR2", cluster="region")
    np.testing.assert_allclose(cr2.vcov, vcov, rtol=CLOSE)
    np.testing.assert_allclose(list(cr2.df_by_term.values()), df, rtol=CLOSE)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_singletons_change_the_errors_but_not_the_coefficients(seed: int) -> None:
    dropped, _ = make(seed, ["firm", "year"], None)
    kept, twin = make(seed, ["firm", "year"], None, "keep")
    a, b = estimate(dropped, vcov="CR3", cluster="region"), estimate(kept, vcov="CR3", cluster="region")
    np.testing.assert_allclose([c.estimate for c in a.coefficients], [c.estimate for c in b.coefficients], rtol=CLOSE)
    np.testing.assert_allclose(b.vcov, twin.cr3(), rtol=CLOSE)
    assert b.nobs - a.nobs == a.n_singletons
    assert b.n_singletons == 0
    assert (a.n_singletons > 0) == (seed != 0), "panels 2 and 3 have singletons"


def test_several_large_effects_go_to_the_solver_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, _ = make(1, ["firm", "industry", "year"], "weight")
    monkeypatch.setattr(partial, "SMALL", 2)
    iterated, _ = make(1, ["firm", "industry", "year"], "weight")
    assert not iterated.plan.exact
    for options in ({"vcov": "iid"}, {"cluster": "region"}, {"cluster": "region", "vcov": "CR3"}):
        a, b = estimate(exact, **options), estimate(iterated, **options)
        np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-8)  # the solver stops at 1e-14 relative, condition 1e4
        assert a.r2_within == pytest.approx(b.r2_within, rel=1e-10)
        assert a.r2_within_xtreg == pytest.approx(b.r2_within_xtreg, rel=1e-10)


def test_many_dummies_are_summed_cluster_by_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    design, _ = make(1, ["firm", "industry", "year"], "weight")
    kinds = ("CR2", "CR3")
    expected = [estimate(design, vcov=kind, cluster="region").vcov for kind in kinds]
    monkeypatch.setattr(cells, "_LIMIT", 1_500)  # enough for the sums of the columns, not for nine 11 x 11 tables
    for kind, vcov in zip(kinds, expected, strict=True):
        np.testing.assert_allclose(estimate(design, vcov=kind, cluster="region").vcov, vcov, rtol=1e-12)
    monkeypatch.setattr(cells, "_LIMIT", 100)
    with pytest.raises(UsageError, match="too many cluster sums"):
        estimate(design, vcov="CR3", cluster="region")


def test_movers_change_the_answer_and_are_counted() -> None:
    table = panel(1)
    homes = table.group_by("firm").agg(home=pl.col("region").first()).sort("firm")
    settled = table.join(homes, on="firm").with_columns(region="home")
    a, b = (fit(t, f"{TERMS} | firm + year", cluster="region") for t in (table, settled))
    assert (a.effects[0].nested, b.effects[0].nested) == (False, True)
    assert a.effects[0].movers == 3
    assert any(
        "fixed effects (5.1%) cover rows of more than one region. "
        "The degrees of freedom count these effects as parameters" in note
        for note in a.notes
    )
    assert "firm effects are nested in region" in b.notes
    # K falls by the 59 firms but one: the correction is (n-1)/(n-K)
    lenient = fit(table, f"{TERMS} | firm + year", cluster="region", movers_nested=0.1)
    n, k = a.nobs, 3 + a.effects[0].levels + 5
    ratio = (n - k) / (n - (k - a.effects[0].levels + 1))
    np.testing.assert_allclose(lenient.vcov, a.vcov * ratio, rtol=1e-12)
    assert any("as if they were nested" in note for note in lenient.notes)


def test_cr1_by_hand_with_several_clusters() -> None:
    design, twin = make(1, ["firm", "year"], "weight")
    found = estimate(design, cluster="firm+industry")
    n, k = len(twin.u), 3 + 5 + 1  # firm is nested in firm; years count, less one, and the constant
    labels = design.labels
    total = np.zeros((3, 3))
    for sign, keys in ((1, ["firm"]), (1, ["industry"]), (-1, ["firm", "industry"])):
        code = labels.select(pl.struct(keys).rank("dense")).to_series().to_numpy()
        score = dummies(code).T @ (twin.x * (twin.w * twin.u)[:, None])
        total += sign * score.T @ score
    groups = labels["industry"].n_unique()
    expected = twin.bread @ total @ twin.bread * groups / (groups - 1) * (n - 1) / (n - k)
    np.testing.assert_allclose(found.vcov, expected, rtol=CLOSE)
    assert found.df_t == groups - 1


def test_a_multiway_covariance_is_never_negative() -> None:
    for seed in range(40):
        design, _ = make(seed, ["firm", "year"], None)
        result = estimate(design, cluster="year+region")
        assert np.linalg.eigvalsh(result.vcov).min() >= -1e-12 * np.abs(result.vcov).max()
        if any("negative eigenvalues" in note for note in result.notes):
            return
    pytest.fail("no panel needed the repair: the test does not test it")


def test_the_repair_of_a_multiway_covariance_goes_with_the_units_of_regressors() -> None:
    units = np.array([1000.0, 1e6, 1 / 50])
    for seed in range(40):
        table = panel(seed)
        wide = table.with_columns(market=pl.col("market") * 1000, scale=pl.col("scale") / 50)
        here, there = (fit(t, f"{TERMS} | firm + year", cluster="year+region") for t in (table, wide))
        np.testing.assert_allclose(there.vcov * np.outer(units, units), here.vcov, rtol=1e-6, err_msg=str(seed))
        said = [note for note in here.notes if "negative eigenvalues" in note]
        if said:
            assert "use the cluster jackknife (CR3) by year only" in said[0]
            return
    pytest.fail("no panel needed the repair: the test does not test it")


def test_stata_constant_and_its_error() -> None:
    # xtreg regresses demeaned columns plus their means on a constant and reads off _cons
    design, twin = make(1, ["firm"], None)
    names = ("iid", "HC1")
    for kind in names:
        result = estimate(design, vcov=kind, ssc="xtreg")
        m = annihilator(twin.effects, twin.w)
        x = np.column_stack([np.ones(len(twin.y)), twin.x + twin.raw.mean(axis=0)])
        y = m @ twin.y + twin.y.mean()
        bread = np.linalg.inv(x.T @ x)
        b = bread @ x.T @ y
        u = y - x @ b
        df = result.df_t
        meat = x.T @ x * (u @ u) / df if kind == "iid" else (x * u[:, None]).T @ (x * u[:, None]) * len(u) / df
        assert result.constant is not None
        assert result.constant[0] == pytest.approx(b[0], rel=1e-9)
        assert result.constant[1] == pytest.approx(np.sqrt((bread @ meat @ bread)[0, 0]), rel=1e-9)
    without = estimate(design, vcov="iid").constant
    assert without is not None
    assert without[1] is None, "only xtreg prints an error of the constant"
