"""Satterthwaite degrees of freedom with CR1, CR2 and CR3, against R's clubSandwich."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.many import fit_many
from integrade.regress import bias_reduced as module
from panels import dummies, panel

FORMULA = "y ~ market + market^2 + scale | year"
DF = {
    "CR1": (4.38797594621, 4.46261878742, 6.35851088407),
    "CR2": (3.71930834727, 3.67365050508, 5.85980314563),
    "CR3": (2.76744454870, 2.64282348753, 5.26055335480),
}
"""R 4.5, clubSandwich: coef_test(lm(y ~ market + market2 + scale + factor(year)), vcov = kind, cluster = d$region,
test = "Satterthwaite")$df_Satt on `panels.panel(7)` written as csv."""


@pytest.mark.parametrize("kind", list(DF))
def test_degrees_of_freedom_are_those_of_clubsandwich(kind: Any) -> None:
    result = fit(panel(7), FORMULA, cluster="region", vcov=kind, df="satterthwaite")
    np.testing.assert_allclose(list(result.df_by_term.values()), DF[kind], rtol=1e-8)
    plain = fit(panel(7), FORMULA, cluster="region", vcov=kind, df="clusters")
    np.testing.assert_array_equal(result.vcov, plain.vcov)
    assert plain.df_by_term == {}
    assert plain.df_t == 8
    assert result["market"].p_value > plain["market"].p_value  # fewer degrees of freedom than G - 1
    assert result["market"].conf_high > plain["market"].conf_high
    assert "Satterthwaite t: market" in str(result)


def test_the_default_is_satterthwaite_with_cr2_alone() -> None:
    for kind, expected in (("CR2", True), ("CR3", False), ("CR1", False)):
        assert bool(fit(panel(7), FORMULA, cluster="region", vcov=kind).df_by_term) == expected


def test_with_firm_effects_and_movers_the_degrees_of_freedom_of_cr2_stay() -> None:
    formula = "y ~ market + market^2 + scale | firm + year"
    two, three = (fit(panel(7), formula, cluster="region", vcov=k, df="satterthwaite") for k in ("CR2", "CR3"))
    for term in ("market", "scale"):  # the more a residual is blown up, the fewer degrees of freedom
        assert 1 < three.df_by_term[term] < two.df_by_term[term] < 8


def test_tables_of_regressions_and_the_u_test_use_them() -> None:
    how: Any = {"cluster": "region", "vcov": "CR3", "df": "satterthwaite"}
    made = fit_many(panel(7), "y ~ market + market^2 + csw0(scale, age) | year", **how)
    alone = fit(panel(7), "y ~ market + market^2 + scale | year", **how)
    assert made["scale"].df_by_term == alone.df_by_term
    plain = fit(panel(7), FORMULA, cluster="region", vcov="CR3")
    assert u_test(alone, "market").p_value > u_test(plain, "market").p_value


def adjusted(x: np.ndarray, w: np.ndarray, groups: np.ndarray, *, club: bool) -> list[np.ndarray]:
    """bread x_g'W_g A_g (I - H)_g for each cluster: the covariance is the sum of squares of its products with y."""
    bread = np.linalg.inv(x.T @ (x * w[:, None]))
    m = np.eye(len(x)) - x @ bread @ x.T * w
    parts = []
    for g in np.unique(groups):
        at = groups == g
        root = np.diag(np.sqrt(w[at]))
        inner = m[at] @ np.diag(1 / w) @ m[at].T
        d = np.linalg.inv(root) if club else root  # Phi^1/2 D'(D . D')^-1/2 D, or the root of rows times w^1/2
        values, vectors = np.linalg.eigh(d @ inner @ d)
        half = (vectors / np.sqrt(values)) @ vectors.T
        a = d @ half @ d if club else np.linalg.inv(root) @ half @ root
        parts.append(bread @ (x[at] * w[at][:, None]).T @ a @ m[at])
    return parts


def test_weighted_cr2_has_another_root_than_clubsandwich_and_is_as_unbiased() -> None:
    """Both by their formulas; each sums to the true covariance (X'WX)^-1 over independent errors of variance 1/w."""
    rows = pl.read_csv(Path(__file__).parents[1] / "oracles" / "panel.csv")
    found = fit(rows, FORMULA, vcov="CR2", cluster="region", weights="weight")
    years = dummies(rows["year"].to_numpy())
    x = np.column_stack([rows["market"] - 4, (rows["market"] - 4) ** 2, rows["scale"], years])
    w, groups, y = rows["weight"].to_numpy(), rows["region"].to_numpy(), rows["y"].to_numpy()
    true = np.linalg.inv(x.T @ (x * w[:, None]))
    errors = {}
    for club in (False, True):
        parts = adjusted(x, w, groups, club=club)
        expected = sum(p @ np.diag(1 / w) @ p.T for p in parts)
        np.testing.assert_allclose(expected, true, atol=1e-9 * np.abs(true).max())
        scores = np.array([p @ y for p in parts])
        errors[club] = np.sqrt((scores.T @ scores)[[1, 2], [1, 2]])
    own = [found[t].std_error for t in ("market^2", "scale")]  # as they are whatever market is measured from
    np.testing.assert_allclose(own, errors[False], rtol=1e-8)
    # clubSandwich 0.5.11: vcovCR(lm(..., weights = weight), cluster = d$region, type = "CR2", inverse_var = TRUE)
    np.testing.assert_allclose(errors[True], [1.9843760003494, 0.0756411614526], rtol=1e-7)


def test_the_most_clusters_are_those_of_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_GROUPS", 9)
    assert fit(panel(7), FORMULA, vcov="CR2", cluster="region").clusters == {"region": 9}
    monkeypatch.setattr(module, "_MOST_GROUPS", 8)
    with pytest.raises(UsageError, match="need at most 5,000 clusters"):
        fit(panel(7), FORMULA, vcov="CR2", cluster="region")


def test_refusals() -> None:
    with pytest.raises(UsageError, match="needs one cluster variable"):
        fit(panel(7), FORMULA, vcov="HC1", df="satterthwaite")
    with pytest.raises(UsageError, match="needs one cluster variable"):
        fit(panel(7), FORMULA, cluster="region+year", df="satterthwaite")
    with pytest.raises(UsageError, match="not defined for several at once"):
        fit(panel(7), FORMULA, cluster="region+year", vcov="CR3")
    with pytest.raises(UsageError, match='df="satterthwaite" corrects'):
        fit(panel(7), "y ~ scale | year | x ~ z1", cluster="region", vcov="CR3", df="satterthwaite")
