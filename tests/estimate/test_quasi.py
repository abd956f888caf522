"""Fractional logit and Poisson with fixed effects: statsmodels and R with dummies, jackknife, marginal effects."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.errors import NoConvergence, OutOfRange, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.fit_json import to_json
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.quasi import fractional_logit, ppml
from library import needs_r
from panels import dummies, panel

FORMULA = "q ~ market + market^2 + scale | firm + year"


def shares(seed: int = 1, **size: int) -> pl.DataFrame:
    """The panel without singletons, with an outcome in [0, 1] that has some zeros and ones."""
    made = panel(seed, **size)
    made = made.filter(pl.len().over("firm") > 1)
    rng = np.random.default_rng(seed)
    index = made["y"].to_numpy() - made["y"].mean()
    q = 1 / (1 + np.exp(-0.5 * index + 0.6 * rng.normal(size=len(index))))
    q[rng.random(len(q)) < 0.05] = 0.0
    q[rng.random(len(q)) < 0.05] = 1.0
    return made.with_columns(q=pl.Series(q))


def with_dummies(rows: pl.DataFrame) -> np.ndarray:
    x = np.column_stack([rows["market"], rows["market"] ** 2, rows["scale"]])
    return np.hstack([x, dummies(rows["firm"].to_numpy()), dummies(rows["year"].to_numpy())[:, 1:]])


@pytest.mark.parametrize("family", ["fractional", "ppml"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_statsmodels_with_dummies(family: Any, weight: str | None) -> None:
    sm = pytest.importorskip("statsmodels.api")
    rows = shares()
    links = {"fractional": sm.families.Binomial(), "ppml": sm.families.Poisson()}
    weights = None if weight is None else rows[weight].to_numpy()
    model = sm.GLM(rows["q"].to_numpy(), with_dummies(rows), family=links[family], var_weights=weights)
    theirs = model.fit(tol=1e-13, maxiter=300)
    codes = rows["region"].rank("dense").to_numpy().astype(int)
    clustered = model.fit(
        tol=1e-13, maxiter=300, cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}
    )
    ours = fit(rows, FORMULA, model=family, cluster="region", weights=weight)
    np.testing.assert_allclose([c.estimate for c in ours.coefficients], theirs.params[:3], rtol=1e-7)
    np.testing.assert_allclose([c.std_error for c in ours.coefficients], clustered.bse[:3] * np.sqrt(9 / 8), rtol=1e-6)
    assert ours.df_t == 8
    assert ours.model == family
    robust = model.fit(tol=1e-13, maxiter=300, cov_type="HC0")
    n = rows.height
    plain = fit(rows, FORMULA, model=family, weights=weight)
    np.testing.assert_allclose(
        [c.std_error for c in plain.coefficients], robust.bse[:3] * np.sqrt(n / (n - 1)), rtol=1e-6
    )
    assert plain.kind == "HC1"


@pytest.mark.system
def test_r_quasibinomial(tmp_path: Path) -> None:
    program = needs_r()
    rows = shares()
    rows.write_csv(tmp_path / "rows.csv")
    script = (
        f'd <- read.csv("{tmp_path}/rows.csv"); m <- glm(q ~ market + I(market^2) + scale + factor(firm) + '
        "factor(year), family = quasibinomial, data = d, control = glm.control(epsilon = 1e-14, maxit = 100)); "
        's <- summary(m)$coefficients[2:4, 1:2]; cat("[", paste(format(t(s), digits = 15), collapse = ","), "]")'
    )
    said = subprocess.run([program, "-e", script], capture_output=True, text=True, check=True).stdout
    theirs = np.array(json.loads(said)).reshape(3, 2)
    ours = fit(rows, FORMULA, model="fractional", vcov="iid")
    np.testing.assert_allclose([(c.estimate, c.std_error) for c in ours.coefficients], theirs, rtol=1e-7)


def test_marginal_effects_are_derivatives_of_the_mean_outcome() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rows = shares(2)
    ours = fractional_logit(rows, FORMULA, Fit(cluster="region"))
    x = with_dummies(rows)
    theirs = sm.GLM(rows["q"].to_numpy(), x, family=sm.families.Binomial()).fit(tol=1e-13, maxiter=300)

    def mean(b: np.ndarray, shift: float) -> float:
        moved = x.copy()
        m = rows["market"].to_numpy() + shift
        moved[:, 0], moved[:, 1] = m, m**2
        return float(np.mean(1 / (1 + np.exp(-moved @ b))))

    step = 1e-4
    numeric = (mean(theirs.params, step) - mean(theirs.params, -step)) / (2 * step)
    market = next(c for c in ours.marginal if c.term == "market")
    assert market.estimate == pytest.approx(numeric, rel=1e-6)  # central difference, error of order step^2

    # its error: the delta method over all coefficients, dummies among them, with the same clustered covariance
    def effect(b: np.ndarray) -> float:
        return (mean(b, step) - mean(b, -step)) / (2 * step)

    gradient = np.array(
        [(effect(theirs.params + 1e-4 * e) - effect(theirs.params - 1e-4 * e)) / 2e-4 for e in np.eye(x.shape[1])]
    )
    mu = theirs.mu
    bread = np.linalg.inv(x.T @ (x * (mu * (1 - mu))[:, None]))
    d = dummies(rows["region"].to_numpy())
    s = d.T @ (x * (rows["q"].to_numpy() - mu)[:, None])
    vcov = 9 / 8 * bread @ s.T @ s @ bread
    # given rows and effects: these follow b along the first-order condition; b's own part of the covariance counts
    follow = np.vstack(
        [
            np.eye(3),
            -np.linalg.solve(
                x[:, 3:].T @ (x[:, 3:] * (mu * (1 - mu))[:, None]), x[:, 3:].T @ (x[:, :3] * (mu * (1 - mu))[:, None])
            ),
        ]
    )
    own = gradient @ follow
    given = np.sqrt(own @ vcov[:3, :3] @ own)
    assert any(f"(delta method): market {given:.3g}" in n for n in ours.notes)
    # clustered scores of effects within clusters sum to zero: their noise cannot be seen in that covariance
    assert given == pytest.approx(np.sqrt(gradient @ vcov @ gradient), rel=0.2)
    jackknife = fractional_logit(rows, FORMULA, Fit(cluster="region", vcov="CR3"))
    assert market.std_error == jackknife.marginal[0].std_error  # its twin is below

    robust = fractional_logit(rows, FORMULA)
    n, each = len(x), bread @ (x * (rows["q"].to_numpy() - mu)[:, None]).T
    assert robust.marginal[0].std_error == pytest.approx(
        np.sqrt(n / (n - 1) * ((gradient @ each) ** 2).sum()), rel=1e-4
    )
    plain = fractional_logit(rows, FORMULA, Fit(vcov="iid"))
    scale = plain.vcov[0, 0] / bread[0, 0]
    assert plain.marginal[0].std_error == pytest.approx(np.sqrt(scale * gradient @ bread @ gradient), rel=1e-4)
    assert "average marginal effects: market" in str(ours)
    assert to_json(ours)["marginal_effects"]["scale"]["estimate"] == ours.marginal[1].estimate


def test_jackknife_of_the_last_step_is_one_step_without_each_cluster() -> None:
    rows = shares(3)
    ours = fit(rows, FORMULA, model="fractional", cluster="region", vcov="CR3")
    sm = pytest.importorskip("statsmodels.api")
    x, y = with_dummies(rows), rows["q"].to_numpy()
    theirs = sm.GLM(y, x, family=sm.families.Binomial()).fit(tol=1e-13, maxiter=300)
    v = theirs.mu * (1 - theirs.mu)
    z = x @ theirs.params + (y - theirs.mu) / v
    left = []
    for g in np.unique(rows["region"].to_numpy()):
        keep = rows["region"].to_numpy() != g
        root = np.sqrt(v[keep])
        used = np.abs(x[keep]).sum(axis=0) > 0
        left.append(np.linalg.lstsq(root[:, None] * x[keep][:, used], root * z[keep], rcond=None)[0][:3])
    away = np.array(left) - theirs.params[:3]
    np.testing.assert_allclose(ours.vcov, 8 / 9 * away.T @ away, rtol=1e-6)
    assert "CR3" in " ".join(ours.notes)
    assert ours.basis.clusters == {"region": 9}


@pytest.mark.parametrize("family", ["fractional", "ppml"])
@pytest.mark.parametrize("weight", [None, "weight"])
def test_jackknife_of_marginal_effects_contains_the_effects(family: Any, weight: str | None) -> None:
    """One step with all dummies without each region, then the average over the rows that are left; refits agree."""
    sm = pytest.importorskip("statsmodels.api")
    rows = shares(3)
    ours = fit(rows, FORMULA, model=family, cluster="region", vcov="CR3", weights=weight)
    x, y, region = with_dummies(rows), rows["q"].to_numpy(), rows["region"].to_numpy()
    prior = np.ones(len(y)) if weight is None else rows[weight].to_numpy()
    link = {"fractional": sm.families.Binomial(), "ppml": sm.families.Poisson()}[family]
    whole = sm.GLM(y, x, family=link, var_weights=prior).fit(tol=1e-13, maxiter=300)

    def average(b: np.ndarray, keep: np.ndarray) -> float:
        mu = link.fitted(x[keep] @ b)
        first = mu * (1 - mu) if family == "fractional" else mu
        return float(np.average(first * (b[0] + 2 * b[1] * x[keep, 0]), weights=prior[keep]))

    v = whole.mu * (1 - whole.mu) if family == "fractional" else whole.mu
    z = x @ whole.params + (y - whole.mu) / v
    steps, refits = [], []
    for g in np.unique(region):
        keep = region != g
        used = np.abs(x[keep]).sum(axis=0) > 0
        root, b, again = np.sqrt((v * prior)[keep]), np.zeros(x.shape[1]), np.zeros(x.shape[1])
        b[used] = np.linalg.lstsq(root[:, None] * x[keep][:, used], root * z[keep], rcond=None)[0]
        steps.append(average(b, keep))
        model = sm.GLM(y[keep], x[keep][:, used], family=link, var_weights=prior[keep])
        again[used] = model.fit(tol=1e-12, maxiter=300).params
        refits.append(average(again, keep))
    value = average(whole.params, np.ones(len(y), dtype=bool))
    error = ours.marginal[0].std_error
    assert ours.marginal[0].estimate == pytest.approx(value, rel=1e-7)
    assert error == pytest.approx(np.sqrt(8 / 9 * ((np.array(steps) - value) ** 2).sum()), rel=1e-5)
    assert error == pytest.approx(np.sqrt(8 / 9 * ((np.array(refits) - value) ** 2).sum()), rel=0.05)


def test_with_too_many_rows_the_error_leaves_out_the_effects_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = shares(3)
    whole = fit(rows, FORMULA, model="ppml", cluster="region", vcov="CR3")
    monkeypatch.setattr("integrade.estimate.quasi._MOST", 10)
    found = fit(rows, FORMULA, model="ppml", cluster="region", vcov="CR3")
    assert any("ignore estimation error in the fixed effects" in note for note in found.notes)
    assert any(f"market {found.marginal[0].std_error:.4g}" in note for note in whole.notes)


@pytest.mark.slow
def test_errors_of_marginal_effects_with_ten_clusters() -> None:
    """Effects drawn anew for every sample, as errors are: the jackknife is not below the spread of the estimates."""
    rng = np.random.default_rng(5)
    region, firm, year = np.repeat(np.arange(10), 48), np.repeat(np.arange(80), 6), np.tile(np.arange(6), 80)
    found = []
    for _ in range(150):
        x = rng.normal(size=(10, 6))[region, year] + 0.5 * rng.normal(size=480)
        level = (1.5 * rng.normal(size=10))[region] + rng.normal(size=80)[firm]
        index = -0.5 + 0.6 * x + level + 0.4 * rng.normal(size=(10, 6))[region, year] + 0.8 * rng.normal(size=480)
        rows = pl.DataFrame({"region": region, "firm": firm, "year": year, "x": x, "q": 1 / (1 + np.exp(-index))})
        one = fractional_logit(rows, "q ~ x | firm + year", Fit(cluster="region", vcov="CR3"))
        two = fractional_logit(rows, "q ~ x | firm + year", Fit(cluster="region"))
        own = two.marginal[0].estimate / two["x"].estimate * two["x"].std_error  # the error of b alone
        found.append((one.marginal[0].estimate, one.marginal[0].std_error, own))
    estimates, errors, former = np.array(found).T
    spread = estimates.std(ddof=1)
    assert 0.95 < np.sqrt((errors**2).mean()) / spread < 1.35  # 150 draws: the spread has 6% sampling error
    assert np.sqrt((former**2).mean()) / spread < 0.95


def test_firms_at_the_edge_are_dropped_and_counted() -> None:
    rows = shares(4)
    edge = rows.with_columns(
        q=pl.when(pl.col("firm") == "F010").then(0.0).when(pl.col("firm") == "F011").then(1.0).otherwise("q")
    )
    gone = rows.filter(~pl.col("firm").is_in(["F010", "F011"]))
    ours = fit(edge, FORMULA, model="fractional", cluster="region")
    np.testing.assert_allclose(ours.vcov, fit(gone, FORMULA, model="fractional", cluster="region").vcov, rtol=1e-8)
    assert (
        f"{rows.height - gone.height} rows dropped: the outcome is 0, or 1 in all rows of the same fixed effect"
        in ours.notes
    )
    ones = fit(edge, FORMULA, model="ppml", cluster="region")  # ones are no edge of a Poisson mean
    assert f"{rows.filter(pl.col('firm') == 'F010').height} rows dropped" in " ".join(ones.notes)


@pytest.mark.slow
def test_truth_is_recovered_and_the_bias_of_thin_effects_is_named() -> None:
    """With many rows a firm the truth; with few the coefficient is too large and the marginal effect is not."""
    rng = np.random.default_rng(5)

    def economy(firms: int, years: int) -> tuple[pl.DataFrame, float]:
        firm = np.repeat(np.arange(firms), years)
        x = rng.normal(size=len(firm)) + 0.5 * rng.normal(size=firms)[firm]
        p = 1 / (1 + np.exp(-(0.8 * x + rng.normal(size=firms)[firm])))
        q = (rng.random(len(p)) < p).astype(float)  # the worst case: outcomes all at the edges
        return pl.DataFrame({"firm": firm, "x": x, "q": q}), float(np.mean(0.8 * p * (1 - p)))

    rows, _ = economy(300, 100)
    wide = fit(rows, "q ~ x | firm", model="fractional", cluster="firm")
    assert wide["x"].estimate == pytest.approx(0.8, abs=0.03)  # s.e. about .014, bias 1%
    assert not any("incidental" in n for n in wide.notes)
    rows, _ = economy(3000, 6)
    thin = fit(rows, "q ~ x | firm", model="fractional", cluster="firm")
    assert thin["x"].estimate > 0.9
    assert any("rows per fixed effect: firm 6.0" in n for n in thin.notes)


def test_the_turning_point_is_that_of_the_index() -> None:
    result = fit(shares(), FORMULA, model="fractional", cluster="region")
    found = u_test(result, "market")
    assert found.turning_point == pytest.approx(-result["market"].estimate / 2 / result["market^2"].estimate)


def test_separated_outcomes_do_not_settle() -> None:
    x = np.linspace(-1, 1, 40)
    rows = pl.DataFrame({"q": (x > 0).astype(float), "x": x, "g": np.arange(40) % 4})
    with pytest.raises(NoConvergence, match="logit"):
        fit(rows, "q ~ x | g", model="fractional", cluster="g")


def test_refusals() -> None:
    rows = shares()
    with pytest.raises(OutOfRange, match="values outside 0 to 1"):
        fractional_logit(rows, "y ~ market | firm", Fit(cluster="region"))
    with pytest.raises(OutOfRange, match="negative values"):
        ppml(rows.with_columns(pl.col("y") - 100), "y ~ market | firm", Fit(cluster="region"))
    with pytest.raises(UsageError, match="takes no instruments"):
        fit(rows, "q ~ scale | year | x ~ z1", model="fractional")
    with pytest.raises(UsageError, match="HC3 is not defined"):
        fit(rows, FORMULA, model="fractional", vcov="HC3")
    with pytest.raises(UsageError, match="one cluster variable"):
        fit(rows, FORMULA, model="ppml", cluster="region+year")
    with pytest.raises(UsageError, match=r'ssc="fixest" is not used by .*: its factors are G/\(G-1\) and n/\(n-1\)'):
        fit(rows, FORMULA, model="ppml", cluster="region", ssc="fixest")
    with pytest.raises(UsageError, match="no wild bootstrap"):
        fit(rows, FORMULA, model="ppml", cluster="region", wild=99)
    with pytest.raises(UsageError, match="needs a linear model"):
        estimate(prepare(rows, FORMULA), model="ppml")


def test_without_effects_there_is_a_constant() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rows = shares()
    theirs = sm.GLM(rows["q"].to_numpy(), sm.add_constant(rows["scale"].to_numpy()), family=sm.families.Binomial()).fit(
        tol=1e-13
    )
    ours = fit(rows, "q ~ scale", model="fractional")
    np.testing.assert_allclose([c.estimate for c in ours.coefficients], theirs.params, rtol=1e-8)
