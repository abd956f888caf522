"""The constant of xtreg, fe with dummies of further effects: against least squares with every dummy written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from each import each
from integrade import fit


def panel(seed: int = 3) -> pl.DataFrame:
    """An unbalanced panel of 40 firms in 7 regions, with years that differ in level and weights that differ by row."""
    draw, rows = np.random.default_rng(seed), []
    for firm in range(40):
        own = draw.normal()
        for year in range(2004, 2010):
            if draw.random() < 0.7:
                x, w = 0.3 * own + 0.1 * (year - 2004) + draw.normal(), draw.normal()
                y = own + 0.5 * x - 0.1 * x * x + 0.2 * w + 0.3 * (year - 2004) ** 0.5 + draw.normal()
                rows.append((f"f{firm}", year, f"r{firm % 7}", x, w, draw.uniform(0.5, 2), y))
    return pl.DataFrame(rows, schema=["firm", "year", "region", "x", "w", "mass", "y"], orient="row")


def by_hand(data: pd.DataFrame, weights: str | None, kind: str, cluster: str | None) -> tuple[float, float]:
    """The constant and its error: each column net of its firm mean plus its overall mean, on a constant and dummies."""
    w = np.ones(len(data)) if weights is None else data[weights].to_numpy()

    def within(column: np.ndarray) -> np.ndarray:
        sums, sizes = (pd.Series(v).groupby(data["firm"]).transform("sum") for v in (column * w, w))
        return np.asarray(column - (sums / sizes).to_numpy() + column @ w / w.sum())

    dummies = pd.get_dummies(data["year"]).iloc[:, 1:].to_numpy(float)
    raw = [data["x"].to_numpy(), data["x"].to_numpy() ** 2, data["w"].to_numpy(), *dummies.T]
    x = np.column_stack([*(within(c) for c in raw), np.ones(len(data))])
    y = within(data["y"].to_numpy())
    bread = np.linalg.inv(x.T * w @ x)
    b = bread @ (x.T * w @ y)
    u, n, k = y - x @ b, len(y), x.shape[1]
    df = n - data["firm"].nunique() - k + 1
    scores = x * (u * w)[:, None]
    if kind == "iid":
        return b[-1], float(np.sqrt(bread[-1, -1] * (w * u * u).sum() / df))
    if kind == "HC1":
        return b[-1], float(np.sqrt((bread @ scores.T @ scores @ bread)[-1, -1] * n / df))
    sums = pd.DataFrame(scores).groupby(data[str(cluster)].to_numpy()).sum().to_numpy()
    g = len(sums)
    return b[-1], float(np.sqrt((bread @ sums.T @ sums @ bread)[-1, -1] * g / (g - 1) * (n - 1) / (n - k)))


@each("weights", [None, "mass"])
@each("kind, cluster", [("iid", None), ("HC1", None), ("CR1", "firm"), ("CR1", "region")])
def test_it_is_that_of_the_first_year(kind: str, cluster: str | None, weights: str | None) -> None:
    found = fit(
        panel(), "y ~ x + x^2 + w | firm + year", vcov=kind, cluster=cluster, weights=weights, ssc="xtreg"
    ).constant
    assert found == pytest.approx(by_hand(panel().to_pandas(), weights, kind, cluster), rel=1e-9)


def test_other_rules_print_the_mean_of_all_effects() -> None:
    """reghdfe has no base year: its constant differs by the mean of the coefficients of the dummies."""
    stata, other = (fit(panel(), "y ~ x + w | firm + year", ssc=rule).constant for rule in ("xtreg", "reghdfe"))
    assert stata is not None
    assert other is not None
    assert abs(stata[0] - other[0]) > 0.1
    one = [fit(panel(), "y ~ x + w | firm", ssc=rule).constant for rule in ("xtreg", "reghdfe")]
    assert one[0] is not None
    assert one[1] is not None
    assert one[0][0] == pytest.approx(one[1][0], rel=1e-12)


def test_collinear_dummies_leave_the_constant_of_reghdfe() -> None:
    """The base of collinear dummies is a choice of the program, so none is made."""
    rows = panel().with_columns(late=pl.col("year") >= 2007)
    found = [fit(rows, "y ~ x + w | firm + year + late", ssc=rule).constant for rule in ("xtreg", "reghdfe")]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-9)
