"""Binned means: against binsreg, against dummy variables by hand, on curves that no quadratic describes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.errors import UsageError
from integrade.estimate.fit import fit
from integrade.estimate.formula import parse_formula
from integrade.estimate.inverted_u import curve as curve_of
from integrade.estimate.linear import Fit
from integrade.subjects.shape import bins as module
from integrade.subjects.shape.bins import FEWEST, MOST, Bin, Binning, binned_means

ORACLES = Path(__file__).parents[2] / "oracles"


def panel(seed: int = 3, curve=lambda x: x - 0.4 * x**2, firms: int = 120, years: int = 6, noise: float = 0.3):
    rng = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    cells = rng.uniform(0, 3, (12, years))
    x = cells[firm % 12, year]
    w = rng.normal(size=firms * years) + 0.5 * x
    y = curve(x) + 0.5 * w + rng.normal(size=firms)[firm] + 0.1 * year + noise * rng.normal(size=firms * years)
    region = np.char.add("r", (firm % 12).astype(str))
    return pl.DataFrame({"firm": firm, "year": year, "region": region, "x": x, "w": w, "y": y, "mass": 1.0 + firm % 3})


def means(rows: pl.DataFrame, formula: str, n: int | None, **how: object) -> tuple[tuple[Bin, ...], Binning]:
    asked = Fit(**how)  # type: ignore[arg-type]
    return binned_means(rows, fit(rows, formula, asked), "x", asked, n)


def levels(found: tuple[Bin, ...]) -> np.ndarray:
    y, rows = np.array([b.y for b in found]), np.array([b.rows for b in found])
    return y - np.average(y, weights=rows)


# Against binsreg (tests/oracles/binscatter.py): the rule, the bias of the plug-in, ends of bins, means


@pytest.mark.parametrize("case", ["continuous, no cluster", "continuous, firm", "points, no cluster", "points, firm"])
def test_against_binsreg(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST", 1)
    expected = json.loads((ORACLES / "binscatter.json").read_text())[case]
    name, _, cluster = case.partition(", ")
    table = pl.read_csv(ORACLES / "panel.csv")
    rows = table.select("firm", "year", "y", w=pl.col("scale"), x=pl.col("market" if name == "points" else "x"))
    how = Fit(cluster="firm", vcov="CR1") if cluster == "firm" else Fit(vcov="iid")
    fitted = fit(rows, "y ~ x + x^2 + w | year", how)
    made = module._rows(rows, parse_formula(fitted.formula), "x", how)
    bias, variance = module.rule_of_thumb(made, fitted, "x")
    assert (bias, variance) == pytest.approx((expected["bias"], expected["variance"]), rel=1e-9)
    effective = min(len(made.x), len(np.unique(made.x)), *fitted.clusters.values())
    assert module._power(2 * bias / variance * effective) == expected["rule"]
    pilot = max(expected["rule"], module._power(2 * effective))
    assert pilot == expected["regularised"]
    ends = module._ends(made.x, pilot)
    place = module._within(made.x, ends)
    assert module._bias(made, place, ends) * (place.max() + 1) ** 2 == pytest.approx(expected["plug_in_bias"], rel=1e-8)
    for n in (4, 9):
        found, _ = binned_means(rows, fitted, "x", how, n)
        counts = np.array([b.rows for b in found])
        fits = np.array(expected[str(n)]["fit"])
        np.testing.assert_allclose([b.x for b in found], expected[str(n)]["x"], atol=1e-10)
        np.testing.assert_allclose(levels(found), fits - np.average(fits, weights=counts), atol=1e-9)


# Against dummy variables


def by_hand(rows: pl.DataFrame, edges: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Least squares on dummies of bins, firms and years: each bin less the mean of all, and its iid error."""
    x, y, w = (rows[c].to_numpy() for c in ("x", "y", "w"))
    place = np.searchsorted(edges, x)
    own = np.eye(len(edges) + 1)[place]
    dummies = [rows[c].to_dummies().to_numpy().astype(float)[:, 1:] for c in ("firm", "year")]
    X = np.column_stack([own, w, *dummies])
    inverse = np.linalg.inv(X.T @ X)
    b = inverse @ X.T @ y
    e = y - X @ b
    vcov = inverse * (e @ e) / (len(y) - X.shape[1])
    c = np.eye(len(edges) + 1) - np.bincount(place) / len(x)
    m = len(edges) + 1
    return c @ b[:m], np.sqrt(np.diag(c @ vcov[:m, :m] @ c.T))


def test_points_and_errors_are_those_of_a_regression_on_dummies() -> None:
    rows = panel()
    found, how = means(rows, "y ~ x + x^2 + w | firm + year", 7, vcov="iid")
    assert (how.asked, how.by_rule, how.joined, how.kind) == (7, False, 0, "iid")
    edges = list(np.quantile(rows["x"].to_numpy(), np.arange(1, 7) / 7, method="averaged_inverted_cdf"))
    values, errors = by_hand(rows, edges)
    np.testing.assert_allclose(levels(found), values, atol=1e-9)
    half = [(b.high - b.low) / 2 for b in found if b.high is not None and b.low is not None]
    fitted = fit(rows, "y ~ x + x^2 + w | firm + year", vcov="iid")
    lost = 5  # bins less one in place of x and x^2
    t = 1.9639  # of some 580 degrees of freedom at 97.5%
    np.testing.assert_allclose(np.array(half) / t, errors, rtol=2e-3)
    assert fitted.df_t - lost > 500


def test_the_number_of_bins_is_that_of_the_formula_in_plain_numpy() -> None:
    rows, formula = panel(), "y ~ x + x^2 + w | firm + year"
    x = rows["x"].to_numpy()
    dummies = [rows[c].to_dummies().to_numpy().astype(float) for c in ("firm", "year")]
    y, w = rows["y"].to_numpy(), rows["w"].to_numpy()

    def fitted(*columns: np.ndarray) -> tuple[np.ndarray, float]:
        X = np.column_stack([*columns, w, *dummies])
        b, *_ = np.linalg.lstsq(X, y, rcond=1e-12)
        return b, float(((y - X @ b) ** 2).mean())

    (b1, b2, *_), v0 = fitted(x, x**2)
    z = (x - x.mean()) / x.std(ddof=1)
    f = np.exp(-(np.minimum(abs(z), 1.959964) ** 2) / 2) / x.std(ddof=1) / math.sqrt(2 * math.pi)
    b0 = (((b1 + 2 * b2 * x) / f) ** 2).mean() / 12
    m = len(np.unique(x))
    pilot = max(math.ceil((2 * b0 / v0 * m) ** (1 / 3)), math.ceil((2 * m) ** (1 / 3)))
    edges = np.unique(np.quantile(x, np.arange(1, pilot) / pilot, method="averaged_inverted_cdf"))
    place = np.searchsorted(edges, x)
    line, _ = fitted(x, *(np.maximum(x - edge, 0) for edge in edges))
    slopes = np.cumsum(line[: len(edges) + 1])
    shares = np.bincount(place) / len(x)
    bias = sum(s * d**2 * x[place == j].var() for j, (s, d) in enumerate(zip(shares, slopes, strict=True)))
    _, errors = by_hand(rows, list(edges))
    j0 = len(edges) + 1
    expected = math.ceil((2 * bias * j0**2 / (shares @ errors**2 / j0)) ** (1 / 3))
    found, how = means(rows, formula, None, vcov="iid")
    assert how.by_rule
    assert how.asked == expected
    assert 2 < expected < MOST
    assert len(found) + how.joined == len(np.unique(module._within(x, module._ends(x, expected))))


def test_points_and_curve_have_one_scale() -> None:
    """Where the curve is right, the curve passes through the intervals; the mean of both over the rows is the same."""
    rows = panel(noise=0.05)
    how = Fit(cluster="region", vcov="CR1")
    fitted = fit(rows, "y ~ x + x^2 + w | firm + year", how)
    found, _ = binned_means(rows, fitted, "x", how, 12)
    line = curve_of(fitted, "x", 401)
    at = np.interp([b.x for b in found], [p.x for p in line], [p.fit for p in line])
    np.testing.assert_allclose([b.y for b in found], at, atol=0.06)
    whole = np.interp(rows["x"].to_numpy(), [p.x for p in line], [p.fit for p in line]).mean()
    assert np.average([b.y for b in found], weights=[b.rows for b in found]) == pytest.approx(whole, abs=1e-4)


def test_a_curve_that_is_flat_after_a_kink_is_seen_in_the_bins() -> None:
    """The quadratic falls at the end; the bins do not."""
    rows = panel(curve=lambda x: np.minimum(x, 1.2), firms=400, noise=0.05)
    how = Fit(cluster="region", vcov="CR1")
    fitted = fit(rows, "y ~ x + x^2 + w | firm + year", how)
    found, _ = binned_means(rows, fitted, "x", how, 12)
    own = fitted.params
    drop = own["x"] * (found[-1].x - found[-4].x) + own["x^2"] * (found[-1].x ** 2 - found[-4].x ** 2)
    assert drop < -0.1
    assert abs(found[-1].y - found[-4].y) < 0.05


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Pointwise: over 60 panels and their bins, 95% of intervals hold the mean of the true curve in the bin."""
    inside = []
    for seed in range(60):
        rows = panel(seed, firms=60, noise=0.5)
        found, _ = means(rows, "y ~ x + x^2 + w | firm + year", 6, vcov="HC1")
        x = rows["x"].to_numpy()
        f = x - 0.4 * x**2
        place = module._within(x, module._ends(x, 6))
        true = np.bincount(place, f) / np.bincount(place) - f.mean()
        shift = np.average([b.y for b in found], weights=[b.rows for b in found])
        inside += [b.low - shift <= t <= b.high - shift for b, t in zip(found, true, strict=True)]  # type: ignore[operator]
    assert 0.90 < np.mean(inside) < 0.99


# What may not move it, and what it refuses


def test_order_of_rows_missing_values_and_units_of_x_do_not_matter() -> None:
    rows = panel()
    more = pl.concat([rows, rows.head(5).with_columns(y=pl.lit(None, pl.Float64))])
    mixed = more.sample(fraction=1.0, shuffle=True, seed=1).with_columns(x=3.0 * pl.col("x") + 7)
    formula = "y ~ x + x^2 + w | firm + year"
    (a, first), (b, second) = (means(t, formula, None, cluster="region", vcov="CR3") for t in (rows, mixed))
    assert first == second
    assert [k.rows for k in a] == [k.rows for k in b]
    one, other = [[3 * k.x + 7, k.y, k.low, k.high] for k in a], [[k.x, k.y, k.low, k.high] for k in b]
    np.testing.assert_allclose(one, other, atol=1e-7)


def test_weights_are_those_of_the_fit() -> None:
    """A row of weight 2 is two rows, where each bin is one value of x."""
    rows = panel().with_columns(x=pl.col("x").round(0))
    repeated = rows.select(pl.all().repeat_by(pl.col("mass").cast(pl.UInt32))).explode(pl.all())
    found, _ = means(rows, "y ~ x + x^2 | firm + year", 50, weights="mass")
    twice, _ = means(repeated, "y ~ x + x^2 | firm + year", 50)
    assert len(found) == len(twice) == rows["x"].n_unique()
    np.testing.assert_allclose(*([b.y - k[0].y for b in k] for k in (found, twice)), atol=1e-8)
    assert sum(b.rows for b in found) == rows.height < sum(b.rows for b in twice)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 30)), min_size=2, max_size=200))
def test_no_bin_shows_fewer_firms_than_ten(cells: list[tuple[int, int]]) -> None:
    place = np.unique([b for b, _ in cells], return_inverse=True)[1]
    firms = np.array([f for _, f in cells])
    joined = module._joined(place, firms)
    counts = [len(np.unique(firms[joined == j])) for j in range(int(joined.max()) + 1)]
    assert len(counts) == 1 or min(counts) >= FEWEST
    assert all(np.diff(joined[np.argsort(place, kind="stable")]) >= 0)


def test_bins_of_few_firms_are_joined_and_counted() -> None:
    rows = panel(firms=14)
    found, how = means(rows, "y ~ x + x^2 | firm + year", 12, vcov="iid")
    assert all(b.units is not None and b.units >= FEWEST for b in found)
    assert how.joined == 12 - len(found) > 0
    none, how = means(panel(firms=9), "y ~ x + x^2 | firm + year", 4, vcov="iid")
    assert none == ()
    assert how.joined == 4


def test_a_bin_that_the_effects_absorb_is_joined() -> None:
    """Where a year has one value of x of its own, its bin is the effect of that year."""
    rows = panel().with_columns(x=pl.when(pl.col("year") == 5).then(9.0).otherwise(pl.col("x")))
    found, how = means(rows, "y ~ x + x^2 | firm + year", 6, vcov="iid")
    assert how.joined >= 1
    assert sum(b.rows for b in found) == rows.height


def test_few_values_have_few_bins_and_what_is_no_binscatter_is_refused() -> None:
    rows = panel().with_columns(x=pl.col("x").round(0))
    assert len(means(rows, "y ~ x + x^2 | firm + year", 20)[0]) <= rows["x"].n_unique()
    with pytest.raises(UsageError, match="at least two"):
        means(rows, "y ~ x + x^2 | firm + year", 1)
    assert module.separable(parse_formula("y ~ x + x^2 + w | firm"), "x")
    assert not module.separable(parse_formula("y ~ x + x^2 + x:w | firm"), "x")
    assert not module.separable(parse_formula("y ~ w | firm | x ~ z"), "x")


def test_a_curve_without_noise_has_bins() -> None:
    rows = panel().with_columns(y=pl.col("x") - 0.4 * pl.col("x") ** 2)
    found, binning = means(rows, "y ~ x + x^2", None)
    assert binning.by_rule
    assert len(found) > 2


def test_intervals_of_bins_have_the_degrees_of_freedom_of_their_terms() -> None:
    """CR2 with Satterthwaite's: fewer than clusters less one, with which the same errors give narrower bars."""
    narrow = means(panel(), "y ~ x + x^2 + w | firm + year", 6, cluster="region", vcov="CR2", df="clusters")[0]
    wide = means(panel(), "y ~ x + x^2 + w | firm + year", 6, cluster="region", vcov="CR2")[0]
    assert all(b.high - b.low > a.high - a.low for a, b in zip(narrow, wide, strict=True))
