"""Binned means: against a dummy-variable regression by hand, and on curves that the quadratic does not describe."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.models.fit.fit import fit
from integrade.models.shape.bins import binned_means


def panel(seed: int = 3, curve=lambda x: x - 0.4 * x**2, firms: int = 40, years: int = 6, noise: float = 0.3):
    rng = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    cells = rng.uniform(0, 3, (8, years))
    x = cells[firm % 8, year]
    w = rng.normal(size=firms * years)
    y = curve(x) + 0.5 * w + rng.normal(size=firms)[firm] + 0.1 * year + noise * rng.normal(size=firms * years)
    region = np.char.add("r", (firm % 8).astype(str))
    return pl.DataFrame({"firm": firm, "year": year, "region": region, "x": x, "w": w, "y": y, "mass": 1.0 + firm % 3})


def by_hand(rows: pl.DataFrame, n: int) -> list[tuple[float, float, int]]:
    """Least squares on dummies, partial residuals, rows sorted into bins by the middle of their ties."""
    x, y, w = (rows[c].to_numpy() for c in ("x", "y", "w"))
    dummies = [rows[c].to_dummies().to_numpy().astype(float) for c in ("firm", "year")]
    X = np.column_stack([x, x**2, w, *dummies])
    b, *_ = np.linalg.lstsq(X, y, rcond=1e-10)
    partial = b[0] * (x - x.mean()) + b[1] * (x**2 - x.mean() ** 2) + y - X @ b
    found: dict[int, list[int]] = {}
    for i in range(len(x)):
        below, same = int((x < x[i]).sum()), int((x == x[i]).sum())
        found.setdefault(min(int((below + same / 2) * n / len(x)), n - 1), []).append(i)
    return [(float(x[k].mean()), float(partial[k].mean()), len(k)) for _, k in sorted(found.items())]


def test_against_dummy_variables() -> None:
    rows = panel()
    found = binned_means(fit(rows, "y ~ x + x^2 + w | firm + year"), rows, "x", 10)
    expected = by_hand(rows, 10)
    assert [b.rows for b in found] == [e[2] for e in expected]
    np.testing.assert_allclose([(b.x, b.y) for b in found], [e[:2] for e in expected], atol=1e-8)
    assert sum(b.rows for b in found) == rows.height


def test_order_of_rows_and_missing_values_do_not_matter() -> None:
    rows = panel()
    more = pl.concat([rows, rows.head(5).with_columns(y=pl.lit(None, pl.Float64))])
    mixed = more.sample(fraction=1.0, shuffle=True, seed=1)
    a = binned_means(fit(rows, "y ~ x + x^2 | firm + year"), rows, "x")
    b = binned_means(fit(mixed, "y ~ x + x^2 | firm + year"), mixed, "x")
    assert [k.rows for k in a] == [k.rows for k in b]
    np.testing.assert_allclose([(k.x, k.y) for k in a], [(k.x, k.y) for k in b], atol=1e-9)


def test_weights_are_those_of_the_fit() -> None:
    """A row of weight 2 is two rows, where each bin is one value of x."""
    rows = panel().with_columns(x=pl.col("x").round(0))
    repeated = rows.select(pl.all().repeat_by(pl.col("mass").cast(pl.UInt32))).explode(pl.all())
    found = binned_means(fit(rows, "y ~ x + x^2 | firm + year", weights="mass"), rows, "x", 50, weights="mass")
    twice = binned_means(fit(repeated, "y ~ x + x^2 | firm + year"), repeated, "x", 50)
    assert len(found) == len(twice) == rows["x"].n_unique()
    levels = [[b.y - k[0].y for b in k] for k in (found, twice)]
    np.testing.assert_allclose(*levels, atol=1e-8)
    assert sum(b.rows for b in found) == rows.height < sum(b.rows for b in twice)


def test_a_curve_that_is_flat_after_a_kink_is_seen_in_the_bins() -> None:
    """The quadratic falls at the end; the bins do not."""
    rows = panel(curve=lambda x: np.minimum(x, 1.2), firms=400, noise=0.05)
    fitted = fit(rows, "y ~ x + x^2 + w | firm + year")
    bins = binned_means(fitted, rows, "x", 12)
    own = {c.term: c.estimate for c in fitted.coefficients}
    drop = own["x"] * (bins[-1].x - bins[-4].x) + own["x^2"] * (bins[-1].x ** 2 - bins[-4].x ** 2)
    assert drop < -0.1
    assert abs(bins[-1].y - bins[-4].y) < 0.05


def test_few_values_have_few_bins_and_one_bin_is_refused() -> None:
    rows = panel().with_columns(x=pl.col("x").round(0))
    fitted = fit(rows, "y ~ x + x^2 | firm + year")
    assert len(binned_means(fitted, rows, "x", 20)) <= rows["x"].n_unique()
    with pytest.raises(UsageError, match="at least two"):
        binned_means(fitted, rows, "x", 1)
