"""LIML and two-step GMM against linearmodels, HC2 and HC3 with instruments against R, how strong instruments are."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import public_numbers
from integrade.errors import TooFew, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import estimate, prepare
from integrade.regress.strength import BIASES, effective_critical
from integrade.subjects.instruments.weak_iv import weak_iv
from panels import annihilator, dummies, panel

G11 = "ln(packs) ~ ln(rincome) | 0 | ln(rprice) ~ tdiff + rtax"
PANEL = "y ~ scale | firm + year | x ~ z1 + z2"


@pytest.fixture(scope="module")
def cigarettes() -> pl.DataFrame:
    return public_numbers.cigarettes()


def logs(rows: pl.DataFrame) -> Any:
    named = rows.select(
        packs=pl.col("packs").log(),
        price=pl.col("rprice").log(),
        income=pl.col("rincome").log(),
        tdiff="tdiff",
        rtax="rtax",
        group=pl.int_range(pl.len()) % 12,
    )
    return named.with_columns(constant=1.0).to_pandas()


# ---------------------------------------------------------------- estimators


@pytest.mark.parametrize("clusters", [None, "group"])
def test_gmm_is_that_of_linearmodels(cigarettes: pl.DataFrame, clusters: str | None) -> None:
    from linearmodels.iv import IVGMM

    d = logs(cigarettes)
    how: dict[str, Any] = {"cov_type": "robust"}
    weight: dict[str, Any] = {"weight_type": "robust"}
    if clusters:
        how, weight = ({k: "clustered", "clusters": d[clusters]} for k in ("cov_type", "weight_type"))
    model = IVGMM(d["packs"], d[["constant", "income"]], d[["price"]], d[["tdiff", "rtax"]], **weight)
    theirs = model.fit(**how)
    rows = pl.from_pandas(d)
    ours = fit(
        rows,
        "packs ~ income | 0 | price ~ tdiff + rtax",
        estimator="gmm",
        cluster=clusters,
        vcov="CR1" if clusters else "HC1",
    )
    names = {"price": "price", "constant": "constant", "income": "income"}
    n, k, groups = 48, 3, 12
    factor = groups / (groups - 1) * (n - 1) / (n - k) if clusters else n / (n - k)
    for term, name in names.items():
        assert ours[term].estimate == pytest.approx(theirs.params[name], rel=1e-7)
        raw = ours[term].std_error / np.sqrt(factor)
        assert raw == pytest.approx(theirs.std_errors[name], rel=1e-6)
    assert ours.iv is not None
    assert ours.iv.estimator == "GMM"
    if not clusters:
        assert ours.iv.hansen_j == pytest.approx(0.334736, abs=6e-7)  # METHODS 5.8, G11
        assert ours.iv.hansen_j == pytest.approx(theirs.j_stat.stat, rel=1e-8)
    assert "two-step GMM" in str(ours)


def test_gmm_with_iid_errors_is_two_stage_least_squares() -> None:
    gmm, two = (fit(panel(1), PANEL, estimator=e) for e in ("gmm", "2sls"))
    np.testing.assert_allclose(gmm.vcov, two.vcov, rtol=1e-9)
    assert gmm["x"].estimate == pytest.approx(two["x"].estimate, rel=1e-10)
    just = "y ~ scale | firm + year | x ~ z1"  # as many instruments as regressors: the weight does not matter
    gmm, two = (fit(panel(1), just, estimator=e, cluster="region") for e in ("gmm", "2sls"))
    np.testing.assert_allclose(gmm.vcov, two.vcov, rtol=1e-8)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_gmm_with_effects_clusters_and_weights_by_hand(weight: str | None) -> None:
    table = prepare(panel(1), PANEL, also=panel(1).columns).labels
    w = table[weight].to_numpy() if weight else np.ones(table.height)
    m = annihilator([table["firm"].to_numpy(), table["year"].to_numpy()], w)
    x, scale, z1, z2, y = (m @ table[c].to_numpy() for c in ("x", "scale", "z1", "z2", "y"))
    d = dummies(np.unique(table["region"].to_numpy(), return_inverse=True)[1])
    big_x, big_z = np.column_stack([x, scale]), np.column_stack([z1, z2, scale])
    zx, zy = big_z.T @ (w[:, None] * big_x), big_z.T @ (w * y)

    def step(inverse: np.ndarray) -> np.ndarray:
        return np.linalg.solve(zx.T @ inverse @ zx, zx.T @ inverse @ zy)

    def moments(b: np.ndarray) -> np.ndarray:
        s = d.T @ (big_z * (w * (y - big_x @ b))[:, None])
        return s.T @ s

    inverse = np.linalg.inv(moments(step(np.linalg.inv(big_z.T @ (w[:, None] * big_z)))))
    b = step(inverse)
    bread = np.linalg.inv(zx.T @ inverse @ zx)
    vcov = bread @ zx.T @ inverse @ moments(b) @ inverse @ zx @ bread
    ours = fit(panel(1), PANEL, estimator="gmm", cluster="region", weights=weight)
    np.testing.assert_allclose([c.estimate for c in ours.coefficients], b, rtol=1e-9)
    n, k = len(y), 2 + 59 + 5  # movers: firm effects count
    np.testing.assert_allclose(ours.vcov, vcov * 9 / 8 * (n - 1) / (n - k), rtol=1e-8)


@pytest.mark.parametrize("estimator", ["liml", "gmm"])
def test_jackknife_of_each_estimator_by_deletion(estimator: str) -> None:
    table = panel(1)
    result = fit(table, PANEL, estimator=estimator, cluster="region", vcov="CR3")
    kept = table.join(prepare(table, PANEL).labels.select("firm").unique(), on="firm", how="semi")
    full = np.array([c.estimate for c in result.coefficients])
    if estimator == "liml":
        left = np.array(
            [
                [
                    c.estimate
                    for c in fit(kept.filter(pl.col("region") != f"R{g}"), PANEL, estimator="liml").coefficients
                ]
                for g in range(9)
            ]
        )
        np.testing.assert_allclose(result.vcov, 8 / 9 * (left - full).T @ (left - full), rtol=1e-7)
        return
    # the weight of the sample is held: each deletion is then linear in its own moments
    assert "takes the GMM weight matrix as given" in " ".join(result.notes)
    design = prepare(kept, PANEL)
    p = design.matrix[:, list(design.kept)]
    z = np.column_stack([design.matrix[:, list(design.instruments)], p[:, 1:]])
    u = design.outcome - p @ np.array([c.estimate for c in fit(kept, PANEL).coefficients])
    region = np.unique(design.labels["region"].to_numpy(), return_inverse=True)[1]
    s = dummies(region).T @ (z * u[:, None])
    inverse = np.linalg.inv(s.T @ s)
    left = []
    for g in range(9):
        one = prepare(kept.filter(pl.col("region") != f"R{g}"), PANEL)
        x = one.matrix[:, list(one.kept)]
        own = np.column_stack([one.matrix[:, list(one.instruments)], x[:, 1:]])
        zx, zy = own.T @ x, own.T @ one.outcome
        left.append(np.linalg.solve(zx.T @ inverse @ zx, zx.T @ inverse @ zy))
    away = np.array(left) - full
    np.testing.assert_allclose(result.vcov, 8 / 9 * away.T @ away, rtol=1e-7)


def test_liml_errors_are_those_of_linearmodels(cigarettes: pl.DataFrame) -> None:
    from linearmodels.iv import IVLIML

    d = logs(cigarettes)
    theirs = IVLIML(d["packs"], d[["constant", "income"]], d[["price"]], d[["tdiff", "rtax"]]).fit(
        cov_type="robust", debiased=True
    )
    ours = fit(cigarettes, G11, estimator="liml", vcov="HC1")
    assert ours["ln(rprice)"].estimate == pytest.approx(-1.27644190, abs=5e-9)  # METHODS 5.8, G11
    assert ours["ln(rprice)"].std_error == pytest.approx(theirs.std_errors["price"], rel=1e-7)
    assert "kappa 1.0069777" in str(ours)
    beside = weak_iv(cigarettes, G11, vcov="HC1").liml[0]
    assert (beside.name, beside.estimate, beside.std_error) == (
        "ln(rprice)",
        ours["ln(rprice)"].estimate,
        ours["ln(rprice)"].std_error,
    )


@pytest.mark.parametrize(("kind", "golden"), [("HC2", 0.2539032381), ("HC3", 0.2670358102)])
def test_leverage_of_instruments_as_in_r(cigarettes: pl.DataFrame, kind: str, golden: float) -> None:
    """R: sqrt(diag(sandwich::vcovHC(AER::ivreg(...), type = kind))), AER 1.2.14, on the data of G11."""
    assert fit(cigarettes, G11, vcov=kind)["ln(rprice)"].std_error == pytest.approx(golden, abs=5e-10)


def test_leverage_of_instruments_and_effects_is_that_of_dummies() -> None:
    table = panel(1)
    ours = fit(table, PANEL, vcov="HC3")
    rows = prepare(table, PANEL, also=table.columns).labels
    d = np.column_stack([dummies(rows["firm"].to_numpy()), dummies(rows["year"].to_numpy())[:, 1:]])
    x = np.column_stack([rows["x"], rows["scale"], d])
    z = np.column_stack([rows["z1"], rows["z2"], rows["scale"], d])
    fitted = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    bread = np.linalg.inv(fitted.T @ x)
    y = rows["y"].to_numpy()
    u = y - x @ (bread @ fitted.T @ y)
    h = np.einsum("ij,jk,ik->i", x, bread, fitted)
    s = fitted * (u / (1 - h))[:, None]
    np.testing.assert_allclose(ours.vcov, (bread @ s.T @ s @ bread)[:2, :2], rtol=1e-8)


def test_estimators_refuse_what_they_cannot_do() -> None:
    with pytest.raises(UsageError, match='estimator="liml" needs instruments'):
        fit(panel(1), "y ~ market | firm + year", estimator="liml")
    many = "y ~ 1 | year | x ~ z1 + z2 + scale + age + z1^2 + z2^2 + scale^2 + age^2 + z1:z2 + age:z1"
    with pytest.raises(TooFew, match="10 instruments and 9 clusters"):
        fit(panel(1), many, estimator="gmm", cluster="region")


# ---------------------------------------------------------------- strength


def test_cragg_donald_stays_beside_the_robust_statistic(cigarettes: pl.DataFrame) -> None:
    found = fit(cigarettes, G11, vcov="HC1").iv
    assert found is not None
    assert found.cragg_donald_f == pytest.approx(244.733754, abs=6e-7)  # METHODS 5.8, G11
    assert found.kp_f == pytest.approx(209.676269, abs=6e-7)


@pytest.mark.parametrize("kind", ["iid", "HC1", "CR1"])
def test_underidentification_of_one_regressor_by_hand(kind: str) -> None:
    design = prepare(panel(1), PANEL, cluster="region")
    result = estimate(design, vcov=kind, cluster="region" if kind == "CR1" else None)
    names = list(design.names)
    scale = design.matrix[:, names.index("scale")]

    def net(c: np.ndarray) -> np.ndarray:
        return c - scale * (scale @ c) / (scale @ scale)

    x = net(design.matrix[:, names.index("x")])
    z = np.column_stack([net(design.matrix[:, names.index(c)]) for c in ("z1", "z2")])
    n, absorbed = len(x), 59 + 5
    if kind == "iid":
        fitted = z @ np.linalg.lstsq(z, x, rcond=None)[0]
        lm = (n - absorbed) * (fitted @ fitted) / (x @ x)  # n R2: Anderson's statistic of one regressor
    else:
        s = z * x[:, None]
        if kind == "CR1":
            s = dummies(np.unique(design.labels["region"].to_numpy(), return_inverse=True)[1]).T @ s
        g = z.T @ x
        lm = g @ np.linalg.solve(s.T @ s, g) * ((n - absorbed) / n if kind == "HC1" else 1)
    assert result.iv is not None
    assert result.iv.kp_lm == pytest.approx(lm, rel=1e-9)
    assert result.iv.kp_lm_df == 2


def test_critical_values_of_the_effective_f() -> None:
    """Montiel Olea and Pflueger (2013), simplified values; several instruments by simulation of the chi-squared."""
    assert [round(effective_critical(np.ones(1), b), 2) for b in BIASES] == [37.42, 23.11, 15.06, 12.05]
    rng = np.random.default_rng(0)
    drawn = (rng.normal(size=(400_000, 3)) + np.sqrt(10.0)).__pow__(2).sum(axis=1)  # noncentrality 3 x 10
    assert effective_critical(np.ones(3), 0.1) == pytest.approx(np.quantile(drawn, 0.95) / 3, rel=4e-3)  # 400,000 draws
    # one instrument carries everything: as with that one alone
    assert effective_critical(np.array([1.0, 1e-9]), 0.1) == pytest.approx(23.11, abs=0.01)
    found = fit(panel(1), PANEL, cluster="region").iv
    assert found is not None
    assert set(found.effective_f_critical) == {"5%", "10%", "20%", "30%"}
