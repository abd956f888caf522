"""Gelbach's decomposition: the identity, pyfixest, the covariance by hand and by deletion."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import NotIdentified, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import prepare
from integrade.subjects.robustness.gelbach import EVERY, gelbach
from panels import annihilator, dummies, panel

FULL = "y ~ market + market^2 + scale + age + x | firm + year"
GROUPS = {"size": ("scale", "age"), "x": ("x",)}


def rows() -> pl.DataFrame:
    made = panel(2)
    made = made.with_columns(scale=pl.col("scale") + 3 * pl.col("market"), x=pl.col("x") - pl.col("market"))
    return made.filter(pl.len().over("firm") > 1)


def test_parts_sum_to_the_change_and_do_not_depend_on_the_order() -> None:
    found = gelbach(rows(), FULL, GROUPS, cluster="region", vcov="CR1")
    assert found.identity < 1e-10
    for term in ("market", "market^2"):
        whole = found[term, EVERY].change.estimate
        assert whole == pytest.approx(found.base[term].estimate - found.full[term].estimate, rel=1e-9)
        assert whole == pytest.approx(sum(found[term, g].change.estimate for g in GROUPS), rel=1e-10)
        assert found[term, "size"].share + found[term, "x"].share == pytest.approx(1)
    assert found.base.nobs == found.full.nobs
    assert found.base["market"].estimate == pytest.approx(
        fit(rows(), "y ~ market + market^2 | firm + year", cluster="region")["market"].estimate, rel=1e-10
    )
    again = {"x": ["x"], "s": ["age", "scale"]}
    other = gelbach(
        rows(), "y ~ x + age + market^2 + market + scale | firm + year", again, cluster="region", vcov="CR1"
    )
    assert other["market", "s"].change.estimate == pytest.approx(found["market", "size"].change.estimate, rel=1e-9)
    assert other["market", "s"].change.std_error == pytest.approx(found["market", "size"].change.std_error, rel=1e-7)


def test_pyfixest_finds_the_same_parts() -> None:
    pf = pytest.importorskip("pyfixest")
    frame = rows().to_pandas()
    model = pf.feols("y ~ market + scale + age + x", frame)
    theirs = model.decompose(
        decomp_var="market", combine_covariates={"size": ["scale", "age"], "x": ["x"]}, only_coef=True
    ).tidy()
    ours = gelbach(rows(), "y ~ market + scale + age + x", GROUPS, terms=("market",))
    levels = theirs[theirs["panels"] == "Levels (units)"]["coefficients"]
    for group in GROUPS:
        assert ours["market", group].change.estimate == pytest.approx(levels.loc[group], rel=1e-8)
    assert ours.base.formula == "y ~ market"


@pytest.mark.parametrize("weight", [None, "weight"])
def test_covariance_by_stacked_moments(weight: str | None) -> None:
    """The parts as M-estimators: stacked moments of the auxiliary regressions and of the full one, by hand."""
    table = rows()
    w = table[weight].to_numpy() if weight else np.ones(table.height)
    m = annihilator([table["firm"].to_numpy(), table["year"].to_numpy()], w)
    x1 = m @ np.column_stack([table["market"], table["market"] ** 2])
    x2 = m @ np.column_stack([table["scale"], table["age"], table["x"]])
    y = m @ table["y"].to_numpy()
    x = np.hstack([x1, x2])
    b = np.linalg.solve(x.T @ (w[:, None] * x), x.T @ (w * y))
    gamma = np.linalg.solve(x1.T @ (w[:, None] * x1), x1.T @ (w[:, None] * x2))
    size = [0, 1]
    delta = gamma[:, size] @ b[2:][size]
    # Jacobian of [vec gamma (controls of the group), b] and of their function delta
    v, u = x2 - x1 @ gamma, y - x @ b
    inner, bread = np.linalg.inv(x1.T @ (w[:, None] * x1)), np.linalg.inv(x.T @ (w[:, None] * x))
    influence = np.hstack([(x1 @ inner) * v[:, [j]] for j in size] + [x @ bread * u[:, None]]) * w[:, None]
    jacobian = np.hstack([np.eye(2) * b[2 + j] for j in size] + [np.zeros((2, 2)), gamma[:, size], np.zeros((2, 1))])
    s = dummies(table["region"].to_numpy()).T @ influence
    n, k = table.height, 5 + 5 + table["firm"].n_unique()  # movers: firm effects count; six years less one
    vcov = jacobian @ s.T @ s @ jacobian.T * 9 / 8 * (n - 1) / (n - k)
    found = gelbach(table, FULL, GROUPS, cluster="region", vcov="CR1", weights=weight)
    for j, term in enumerate(("market", "market^2")):
        part = found[term, "size"].change
        assert part.estimate == pytest.approx(delta[j], rel=1e-8)
        assert part.std_error == pytest.approx(np.sqrt(vcov[j, j]), rel=1e-7)
    assert part.std_error > 0


def test_jackknife_deletes_from_both_regressions() -> None:
    table = rows()
    found = gelbach(table, FULL, GROUPS, cluster="region")
    assert found.kind == "CR3"
    kept = table.join(prepare(table, FULL).labels.select("firm").unique(), on="firm", how="semi")
    parts = [gelbach(kept.filter(pl.col("region") != f"R{g}"), FULL, GROUPS, singletons="keep") for g in range(9)]
    left = np.array([p["market", "x"].change.estimate for p in parts])
    part = found["market", "x"].change
    assert part.std_error == pytest.approx(np.sqrt(8 / 9 * ((left - part.estimate) ** 2).sum()), rel=1e-6)


def test_text_groups_and_what_is_printed() -> None:
    found = gelbach(rows(), FULL, ["size = scale + age", "x"], cluster="region", terms=("market",))
    assert {p.term for p in found.parts} == {"market"}
    assert dict(found.groups) == GROUPS
    text = str(found)
    assert "base: y ~ market + market^2 | firm + year" in text
    assert "size (scale + age)" in text
    assert "errors: CR3, clustered by region (9 clusters)" in text


def test_mistakes_are_named() -> None:
    with pytest.raises(UnknownName, match="did you mean 'scale'"):
        gelbach(rows(), FULL, ["scael"])
    with pytest.raises(UsageError, match="two groups"):
        gelbach(rows(), FULL, ["a = scale + age", "b = age"])
    with pytest.raises(UsageError, match="no regressor"):
        gelbach(rows(), "y ~ scale | firm", ["scale"])
    with pytest.raises(UsageError, match="least squares"):
        gelbach(rows(), "y ~ scale | firm | x ~ z1", ["scale"])
    with pytest.raises(UnknownName, match="not in the base"):
        gelbach(rows(), FULL, ["scale"], terms=("scale",))
    fixed = rows().with_columns(home=pl.col("firm").str.slice(1).cast(pl.Float64))
    with pytest.raises(NotIdentified, match="absorbed"):
        gelbach(fixed, "y ~ home + scale + market | firm", ["scale"], terms=("home",))
    found = gelbach(fixed, "y ~ market + scale + home | firm", ["scale", "home"])
    assert "home was dropped" in found.notes[0]
    assert found["market", "home"].change.estimate == 0
