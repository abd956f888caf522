"""Omitted variables (METHODS 5.12): the formulas against confounders built to have exactly the claimed strength."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from integrade.errors import NotIdentified, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.subjects.sensitivity.model import adjusted, omitted_confounder, oster, robustness_value
from panels import panel


def exact(n: int, *columns: int, seed: int = 3) -> np.ndarray:
    """Orthogonal columns with mean zero and variance one (divisor n) exactly."""
    z = np.random.default_rng(seed).normal(size=(n, *columns))
    q, _ = np.linalg.qr(z - z.mean(axis=0))
    return q * math.sqrt(n)


def residual(y: np.ndarray, *x: np.ndarray) -> np.ndarray:
    z = np.column_stack([np.ones(len(y)), *x])
    return y - z @ np.linalg.lstsq(z, y, rcond=None)[0]


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x)


def partial(a: np.ndarray, b: np.ndarray, *given: np.ndarray) -> float:
    return float(unit(residual(a, *given)) @ unit(residual(b, *given))) ** 2


@pytest.mark.parametrize(("beta", "share", "w2"), [(0.0, 0.7, 0.5), (0.0, -0.4, 0.6), (0.4, 1.0, 0.3), (0.0, 2.0, 0.8)])
def test_oster_is_exact_when_selection_is_proportional(beta: float, share: float, w2: float) -> None:
    """y = beta x + w1 + w2 with cov(w2, x)/var(w2) = delta cov(w1, x)/var(w1): delta and beta come back exactly."""
    w1_unit, w2_unit, own = exact(400, 3).T
    w1, hidden = 0.9 * w1_unit, w2 * w2_unit
    x = 0.5 * w1 + share * 0.5 * hidden + own
    y = beta * x + w1 + hidden
    table = pl.DataFrame({"y": y, "x": x, "w": w1})
    found = oster(table, "y ~ x + w", "x", r_max=1.0, delta=share)
    assert min(abs(b - beta) for b in found.roots) < 1e-9
    if beta == 0:
        assert found.delta_zero == pytest.approx(share, rel=1e-9)
    assert found.full == pytest.approx(np.polyfit(residual(x, w1), residual(y, w1), 1)[0])
    assert found.short == pytest.approx(np.polyfit(x, y, 1)[0])
    if share == 1.0:
        assert found.bound == pytest.approx(beta, abs=1e-9)


def test_oster_with_noise_below_rmax() -> None:
    """An outcome with noise: Rmax is the R2 with the hidden variable, not 1."""
    w1, hidden, own, noise = exact(500, 4).T
    x = 0.5 * w1 + 0.5 * hidden + own
    y = w1 + hidden + 1.5 * noise  # beta = 0, equal selection
    r_max = 1 - (residual(y, x, w1, hidden) ** 2).sum() / (residual(y) ** 2).sum()
    found = oster(pl.DataFrame({"y": y, "x": x, "w": w1}), "y ~ x + w", "x", r_max=r_max)
    assert found.delta_zero == pytest.approx(1, rel=1e-9)
    assert found.bound == pytest.approx(0, abs=1e-9)


def test_oster_approximation_by_hand() -> None:
    """METHODS 5.12: b* = bt - delta (b0 - bt)(Rmax - Rt)/(Rt - R0), with R2 net of the effects."""
    table = panel(1)
    found = oster(table, "y ~ x + scale + z1 | firm + year", "x", delta=0.8)
    short, full = fit(table, "y ~ x | firm + year"), fit(table, "y ~ x + scale + z1 | firm + year")
    b0, bt, r0, rt = short["x"].estimate, full["x"].estimate, short.r2_within, full.r2_within
    assert (found.short, found.full) == pytest.approx((b0, bt))
    assert (found.r2_short, found.r2_full, found.r2_max) == pytest.approx((r0, rt, min(1, 1.3 * rt)))
    assert found.bound_restricted == pytest.approx(bt - 0.8 * (b0 - bt) * (found.r2_max - rt) / (rt - r0))
    assert found.delta_zero_restricted == pytest.approx(bt * (rt - r0) / ((b0 - bt) * (found.r2_max - rt)))
    assert found.controls == ("scale", "z1")
    assert "zero needs delta" in str(found)
    kept = oster(table, "y ~ x + scale + z1 | firm + year", "x", keep=("z1",))
    assert kept.short == pytest.approx(fit(table, "y ~ x + z1 | firm + year")["x"].estimate)


def test_slope_at_a_value_is_the_coefficient_of_the_centred_square() -> None:
    table = panel(2).with_columns(c=(pl.col("x") - 0.7) ** 2)
    at = oster(table, "y ~ x + x^2 + scale | firm + year", "x", at=0.7)
    centred = fit(table, "y ~ x + c + scale | firm + year")
    assert at.full == pytest.approx(centred["x"].estimate)
    assert at.short == pytest.approx(fit(table, "y ~ x + c | firm + year")["x"].estimate)
    sensitive = omitted_confounder(table, "y ~ x + x^2 + scale | firm + year", "x", at=0.7)
    assert sensitive.estimate == pytest.approx(centred["x"].estimate)
    assert sensitive.std_error == pytest.approx(centred["x"].std_error)
    median = omitted_confounder(table, "y ~ x + x^2 + scale | firm + year", "x", at="p50")
    assert median.at == pytest.approx(np.percentile(table["x"], 50), abs=0.1)  # over the rows less the singletons


@pytest.mark.parametrize("q", [1.0, 0.5])
def test_a_confounder_of_the_robustness_value_takes_the_estimate_away(q: float) -> None:
    rng = np.random.default_rng(5)
    w, n = rng.normal(size=300), 300
    d = 0.4 * w + rng.normal(size=n)
    y = 0.3 * d + 0.5 * w + rng.normal(size=n)
    found = omitted_confounder(pl.DataFrame({"y": y, "d": d, "w": w}), "y ~ d + w", "d", q=q)
    rv = found.robustness_value
    of_d, of_y = unit(residual(d, w)), unit(residual(y, d, w))
    noise = unit(residual(rng.normal(size=n), w, d, y))
    z = math.sqrt(rv) * of_d + math.sqrt(1 - rv) * (math.sqrt(rv) * of_y + math.sqrt(1 - rv) * noise)
    assert partial(z, d, w) == pytest.approx(rv)
    assert partial(z, y, d, w) == pytest.approx(rv)
    left = np.linalg.lstsq(np.column_stack([np.ones(n), d, w, z]), y, rcond=None)[0][1]
    assert left == pytest.approx((1 - q) * found.estimate, abs=1e-10)
    assert rv == pytest.approx(robustness_value(q * abs(found.statistic) / math.sqrt(found.df)))
    assert found.df == n - 3


def test_a_confounder_of_the_second_value_takes_the_significance_away() -> None:
    rng = np.random.default_rng(6)
    n = 200
    d = rng.normal(size=n)
    y = 0.4 * d + rng.normal(size=n)
    found = omitted_confounder(pl.DataFrame({"y": y, "d": d}), "y ~ d", "d")
    rv = found.robustness_value_alpha
    noise = unit(residual(rng.normal(size=n), d, y))
    shared = math.sqrt(rv) * unit(residual(y, d)) + math.sqrt(1 - rv) * noise
    table = pl.DataFrame({"y": y, "d": d, "z": math.sqrt(rv) * unit(residual(d)) + math.sqrt(1 - rv) * shared})
    assert fit(table, "y ~ d + z")["d"].p_value == pytest.approx(0.05, abs=1e-9)
    strong = omitted_confounder(pl.DataFrame({"y": 50 * d + y, "d": d}), "y ~ d", "d")
    assert strong.robustness_value_alpha < strong.robustness_value
    assert omitted_confounder(pl.DataFrame({"y": rng.normal(size=n), "d": d}), "y ~ d", "d").robustness_value_alpha == 0


def test_strong_confounder_branch_of_the_second_value() -> None:
    """Where f > 1/critical the binding confounder explains less of the outcome than of the treatment."""
    f, critical = 30.0, 0.1
    rv = robustness_value(f, critical)
    assert rv == pytest.approx((f**2 - critical**2) / (1 + f**2))
    # with R2 of the treatment at RV and the worst R2 of the outcome below it, |t| touches the critical value
    df = 1e8  # large, so that df / (df - 1) does not matter
    worst = min(
        np.divide(*adjusted(f / math.sqrt(df), 1 / df, df, rv, r)) / math.sqrt(df) for r in np.linspace(0, rv, 20_001)
    )
    assert worst == pytest.approx(critical, rel=1e-3)  # a grid of 20,001 points


def test_adjusted_is_the_regression_with_the_confounder() -> None:
    rng = np.random.default_rng(8)
    n = 250
    w, z = rng.normal(size=(2, n))
    d = 0.5 * z + 0.3 * w + rng.normal(size=n)
    y = 0.6 * d + 0.7 * z + w + rng.normal(size=n)  # z pulls the estimate up: with it the estimate is smaller
    table = pl.DataFrame({"y": y, "d": d, "w": w, "z": z})
    without, with_z = omitted_confounder(table, "y ~ d + w", "d"), fit(table, "y ~ d + w + z")["d"]
    r2_d, r2_y = partial(d, z, w), partial(y, z, d, w)
    found = adjusted(without.estimate, without.std_error, without.df, r2_d, r2_y)
    assert found == pytest.approx((with_z.estimate, with_z.std_error))


@pytest.mark.parametrize("k", [1.0, 2.0])
def test_benchmark_bounds_confounders_as_strong_as_a_control(k: float) -> None:
    """z orthogonal to w and k times as strong as w: its partial R2 meet the bounds, one sign with equality."""
    rng = np.random.default_rng(9)
    n = 400
    w, v = rng.normal(size=(2, n))
    d = 0.3 * w + 0.2 * v + rng.normal(size=n)
    y = 0.5 * d + 0.3 * w + 0.4 * v + rng.normal(size=n)
    table = pl.DataFrame({"y": y, "d": d, "w": w, "v": v})
    found = omitted_confounder(table, "y ~ d + w + v", "d", benchmarks=("w",), strengths=(k,)).benchmarks[0]
    wish_d, wish_y = k * partial(d, w, v), k * partial(y, w, d, v)
    basis = np.column_stack(
        [unit(residual(d, v, w)), unit(residual(y, d, v, w)), unit(residual(rng.normal(size=n), d, y, w, v))]
    )
    reached = []
    for sign in (-1, 1):
        # z = a e_d + b e_y + c e_0, orthogonal to v and w: choose a for the treatment, then b for the outcome
        a = math.sqrt(wish_d * (residual(d, v) ** 2).sum() / (residual(d, v, w) ** 2).sum())
        low, high = 0.0, math.sqrt(1 - a * a)
        for _ in range(100):
            b = (low + high) / 2
            z = basis @ [a, sign * b, math.sqrt(max(1 - a * a - b * b, 0))]
            low, high = (b, high) if partial(y, z, d, v) < wish_y else (low, b)
        assert partial(d, z, v) == pytest.approx(wish_d)
        assert partial(d, z, v, w) == pytest.approx(found.r2_treatment)
        if partial(y, z, d, v) == pytest.approx(wish_y):
            reached.append(partial(y, z, d, v, w))
    assert reached
    assert max(reached) <= found.r2_outcome + 1e-9
    assert max(reached) == pytest.approx(found.r2_outcome, rel=1e-6)  # the bound is attained


def test_benchmarks_of_groups_and_too_strong_ones() -> None:
    table = panel(4)
    formula = "y ~ x + scale + age + z1 | firm + year"
    found = omitted_confounder(table, formula, "x", benchmarks=("scale+age", "z1"), strengths=(1, 500))
    labels = [(b.controls, b.strength, b.possible) for b in found.benchmarks]
    assert labels == [("scale+age", 1, True), ("scale+age", 500, False), ("z1", 1, True), ("z1", 500, False)]
    assert math.isnan(found.benchmarks[1].estimate)
    assert abs(found.benchmarks[0].estimate) < abs(found.estimate)
    assert "no confounder can be so strong" in str(found)
    every = omitted_confounder(table, formula, "x")
    assert [b.controls for b in every.benchmarks] == [c for c in ("scale", "age", "z1") for _ in range(3)]


def test_row_order_and_weights() -> None:
    table = panel(6)
    formula = "y ~ x + scale + z1 | firm + year"
    shuffled = table.sample(fraction=1, shuffle=True, seed=1)
    for question in (oster, omitted_confounder):
        a, b = question(table, formula, "x", weights="weight"), question(shuffled, formula, "x", weights="weight")
        value = "bound" if question is oster else "robustness_value"
        assert getattr(a, value) == pytest.approx(getattr(b, value), rel=1e-12)
    weighted = fit(table, formula, weights="weight")["x"]
    found = omitted_confounder(table, formula, "x", weights="weight")
    assert found.statistic == pytest.approx(weighted.statistic)


def test_errors() -> None:
    table = panel(7)
    with pytest.raises(UnknownName, match="did you mean 'scale'"):
        oster(table, "y ~ x + scale | firm + year", "scal")
    with pytest.raises(UsageError, match="no control"):
        oster(table, "y ~ x + x^2 | firm + year", "x")
    with pytest.raises(UsageError, match="Rmax"):
        oster(table, "y ~ x + scale | firm + year", "x", r_max=0.001)
    with pytest.raises(UsageError, match="without instruments"):
        oster(table, "y ~ scale | firm + year | x ~ z1", "x")
    with pytest.raises(UsageError, match="no square"):
        omitted_confounder(table, "y ~ x + scale | firm + year", "x", at=1.0)
    with pytest.raises(UsageError, match="not a benchmark"):
        omitted_confounder(table, "y ~ x + x^2 + scale | firm + year", "x", benchmarks=("x^2",))
    with pytest.raises(NotIdentified, match="was dropped"):
        oster(table.with_columns(same=pl.lit(1.0)), "y ~ same + x | firm + year", "same")
