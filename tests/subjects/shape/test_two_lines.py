"""Two lines: the whole procedure written out with dense dummies, known shapes, and the test of the cube."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from integrade.errors import NotIdentified, TooFew, UsageError
from integrade.estimate.fit import fit
from integrade.simulation import Economy, simulate
from integrade.study.records import from_json, to_json
from integrade.subjects.shape.two_lines import TwoLinesResult, cubic_test, spline_basis, two_lines
from library import needs_r
from panels import dummies, panel


def shaped(seed: int, shape: str, *, noise: float = 0.3, firms: int = 120) -> pl.DataFrame:
    """Regions by years with a regressor between 0 and 10 and an outcome of known shape, plus firm and year effects."""
    rng = np.random.default_rng(seed)
    years, regions = 8, 12
    x = rng.uniform(0, 10, (regions, years))
    functions = {
        "inverted U": lambda x: -((x - 6) ** 2) / 10,
        "U": lambda x: (x - 4) ** 2 / 10,
        "concave": lambda x: 3 * np.log(x + 0.5),  # a parabola fitted to it turns inside the data: a false inverted U
        "line": lambda x: 0.4 * x,
        "peak": lambda x: np.where(x < 5, x, 10 - x),
    }
    home = np.arange(firms) % regions
    y = (
        functions[shape](x)[home]
        + rng.normal(0, noise, (firms, years))
        + rng.normal(0, 1, (firms, 1))
        + np.arange(years) * 0.2
    )
    f, t = np.indices((firms, years)).reshape(2, -1)
    return pl.DataFrame(
        {
            "firm": [f"F{i:03d}" for i in f],
            "year": 2000 + t,
            "region": [f"R{home[i]:02d}" for i in f],
            "x": x[home][f, t],
            "w": rng.normal(size=len(f)),
            "y": y[f, t],
        }
    )


def by_hand(table: pl.DataFrame, formula_columns: list[str], knots: int) -> tuple[float, float, float, str]:
    """Break, both slopes and the shape by Simonsohn's steps, effects and errors by dense algebra (CR3 by deletion)."""
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    region = table["region"].to_numpy()
    effects = np.hstack([dummies(table["firm"].to_numpy()), dummies(table["year"].to_numpy())])
    others = np.column_stack([table[c] for c in formula_columns]) if formula_columns else np.zeros((len(x), 0))

    def ols(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        def b(rows: np.ndarray) -> np.ndarray:
            full = np.hstack([z, others, effects])[rows]
            return np.linalg.lstsq(full, y[rows], rcond=None)[0][: z.shape[1]]

        groups = np.unique(region)
        own = b(np.ones(len(y), bool))
        moved = np.array([b(region != g) for g in groups]) - own
        return own, (len(groups) - 1) / len(groups) * moved.T @ moved

    def quantile(values: np.ndarray, p: float) -> float:
        s, at = np.sort(values), p * len(values)
        return (s[int(at) - 1] + s[int(at)]) / 2 if at == int(at) else s[int(np.ceil(at)) - 1]

    def lines(cut: float, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = np.column_stack([np.where(low, x - cut, 0), np.where(low, 0, x - cut), ~low])
        b, v = ols(z)
        return b[:2], b[:2] / np.sqrt(np.diag(v)[:2])

    quadratic, _ = ols(np.column_stack([x, x**2]))
    shape = "inverted U" if quadratic[0] + 2 * quadratic[1] * x.min() > 0 else "U"
    places = np.quantile(np.unique(x), np.linspace(0, 1, knots))
    truncated = [np.maximum(x - k, 0) ** 3 for k in places]
    basis = [x]
    for j in range(knots - 2):  # natural: linear beyond the last knot
        a, b_ = places[j], places[-2]
        last = places[-1]
        basis.append(truncated[j] - truncated[-2] * (last - a) / (last - b_) + truncated[-1] * (b_ - a) / (last - b_))
    z = np.column_stack(basis) / np.abs(basis).max(axis=1)
    coefficients, v = ols(z)
    centred = z - z.mean(axis=0)
    fitted, error = centred @ coefficients, np.sqrt(np.einsum("ij,jk,ik->i", centred, v, centred))
    middle = (x > quantile(x, 0.1)) & (x < quantile(x, 0.9))
    if shape == "inverted U":
        flat = x[middle & (fitted + error >= fitted[middle].max())]
    else:
        flat = x[middle & (fitted - error <= fitted[middle].min())]
    cut = quantile(flat, 0.5)
    _, z_values = lines(cut, x < cut)
    break_at = quantile(flat, abs(z_values[1]) / abs(z_values).sum())
    return break_at, lines(break_at, x <= break_at)[0][0], lines(break_at, x < break_at)[0][1], shape


@pytest.mark.parametrize("shape", ["inverted U", "U", "peak"])
def test_the_whole_procedure_by_hand(shape: str) -> None:
    table = shaped(1, shape, firms=36)
    break_at, first, second, looked_for = by_hand(table, ["w"], 6)
    found = two_lines(table, "y ~ x + x^2 + w | firm + year", variable="x", knots=6, cluster="region")
    assert found.shape == looked_for
    assert found.break_at == pytest.approx(break_at, rel=1e-12)
    assert (found.first.slope, found.second.slope) == pytest.approx((first, second), rel=1e-6)  # lstsq on 44 dummies
    assert found.kind == "CR3"
    assert found.first.rows + found.second.rows == table.height + (table["x"] == found.break_at).sum()


@pytest.mark.parametrize(
    ("shape", "verdict"),
    [("inverted U", "inverted U"), ("U", "U"), ("peak", "inverted U"), ("concave", "neither"), ("line", "neither")],
)
def test_known_shapes(shape: str, verdict: str) -> None:
    """A concave rise, for which a parabola finds a turning point inside the data, is no inverted U."""
    found = two_lines(shaped(2, shape), "y ~ x + w | firm + year", variable="x", cluster="region")
    assert found.verdict == verdict
    if verdict != "neither":
        assert found.flat_low <= found.break_at <= found.flat_high
        assert found.flat_low <= found.extreme <= found.flat_high
        assert max(found.first.p_value, found.second.p_value) < 0.05


def test_a_parabola_would_have_been_fooled() -> None:
    table = shaped(2, "concave")
    quadratic = fit(table, "y ~ x + x^2 + w | firm + year", cluster="region", vcov="CR3")
    assert quadratic["x^2"].p_value < 0.01
    assert 0 < -quadratic["x"].estimate / (2 * quadratic["x^2"].estimate) < 10


def test_interrupted_regressions_are_plain_fits() -> None:
    """Rows at the break count below it for the first slope, above it for the second."""
    table = shaped(3, "peak")
    found = two_lines(table, "y ~ x | firm + year", variable="x", cluster="region", wild=99)
    c = found.break_at
    low = pl.col("x") <= c
    one = table.with_columns(
        a=pl.when(low).then(pl.col("x") - c).otherwise(0.0),
        b=pl.when(low).then(0.0).otherwise(pl.col("x") - c),
        jump=(~low).cast(pl.Float64),
    )
    plain = fit(one, "y ~ a + b + jump | firm + year", cluster="region", vcov="CR3", wild=99)
    assert found.first.slope == pytest.approx(plain["a"].estimate, rel=1e-9)
    assert found.first.p_value == pytest.approx(plain["a"].p_value, rel=1e-9)
    assert found.first.p_wild == next(w.p_value for w in plain.wild if w.null == "a")
    assert (table["x"] == c).any(), "the break is a value of the data, so that the side matters"


def test_spline_is_natural_cubic_and_complete() -> None:
    """Linear beyond the outer knots, two continuous derivatives, K - 1 dimensions; it interpolates any K values."""
    knots = np.array([0.0, 1.0, 2.5, 4.0, 7.0])
    x = np.linspace(-3, 10, 1301)
    basis = spline_basis(x, knots)
    assert basis.shape == (1301, 4)
    second = np.diff(basis, 2, axis=0) / 0.01**2
    outside = (x[1:-1] < -0.02) | (x[1:-1] > 7.02)
    np.testing.assert_allclose(second[outside], 0, atol=1e-6)  # differences of numbers near 10
    assert np.abs(np.diff(second, axis=0)).max() < 0.1  # no jump in the second derivative
    at_knots = np.column_stack([np.ones(5), spline_basis(knots, knots)])
    assert np.linalg.matrix_rank(at_knots) == 5


def test_simulated_truth() -> None:
    economy = simulate(Economy(n_firms=2500, n_years=8, state_share=0.0))
    found = two_lines(economy.true_quality, "quality ~ market + market^2 + scale | firm + year", cluster="region")
    assert found.verdict == "inverted U"
    assert found.flat_low < economy.truth["market"]["turning_point"] < found.flat_high
    cube = cubic_test(economy.true_quality, "quality ~ market + market^2 + scale | firm + year", cluster="region")
    assert cube.p_value > 0.05
    flat = simulate(Economy(n_firms=1200, n_years=8, curvature=0.0))
    assert two_lines(flat.true_quality, "quality ~ market | firm + year", cluster="region").verdict == "neither"


def test_cube() -> None:
    table = shaped(4, "concave")
    found = cubic_test(table, "y ~ x + w | firm + year", "x", cluster="region", wild=199)
    plain = fit(table, "y ~ x + x^2 + x^3 + w | firm + year", cluster="region", vcov="CR3", wild=199)
    assert (found.estimate, found.p_value) == pytest.approx((plain["x^3"].estimate, plain["x^3"].p_value), rel=1e-9)
    assert found.p_wild == next(w.p_value for w in plain.wild if w.null == "x^3")
    assert found.p_value < 0.05  # ln is not a parabola
    assert cubic_test(shaped(4, "inverted U"), "y ~ x + x^2 | firm + year", "x", cluster="region").p_value > 0.05
    three = table.with_columns(x=(pl.col("x") / 4).floor())
    with pytest.raises(NotIdentified, match="cube"):
        cubic_test(three, "y ~ x | firm + year", "x", cluster="region")


def test_rows_do_not_matter_and_units_scale() -> None:
    table = shaped(5, "inverted U")
    expected = two_lines(table, "y ~ x | firm + year", variable="x", cluster="region")
    shuffled = table.sample(fraction=1, shuffle=True, seed=2).to_pandas()
    again = two_lines(shuffled, "y ~ x | firm + year", variable="x", cluster="region")
    assert again.break_at == expected.break_at
    assert again.first.slope == pytest.approx(expected.first.slope, rel=1e-9)
    scaled = two_lines(table.with_columns(x=pl.col("x") * 8), "y ~ x | firm + year", variable="x", cluster="region")
    assert scaled.break_at == pytest.approx(8 * expected.break_at, rel=1e-12)
    assert scaled.second.slope == pytest.approx(expected.second.slope / 8, rel=1e-8)
    assert scaled.verdict == expected.verdict


def test_text_and_json() -> None:
    found = two_lines(shaped(6, "U"), "y ~ x | firm + year", variable="x", cluster="region", wild=99)
    assert "two lines in x: U" in str(found)
    assert "wild p" in str(found)
    assert from_json(TwoLinesResult, to_json(found)) == found
    assert "cube of x" in str(cubic_test(shaped(6, "U"), "y ~ x | firm + year", "x", cluster="region"))


def test_refusals() -> None:
    table = panel(1)
    with pytest.raises(UsageError, match="not a regressor"):
        two_lines(table, "y ~ scale | firm + year")
    with pytest.raises(UsageError, match="instruments"):
        two_lines(table, "y ~ scale | firm + year | market ~ z1")
    with pytest.raises(UsageError, match="also appears in 'market:scale'"):
        two_lines(table, "y ~ market + market:scale | firm + year")
    with pytest.raises(TooFew, match="distinct values"):
        two_lines(table.with_columns(market=(pl.col("market") * 2).floor()), "y ~ market | firm + year")
    with pytest.raises(UsageError, match="alpha=2"):
        two_lines(table, "y ~ market | firm + year", alpha=2.0)


@pytest.mark.system
def test_spline_against_r(tmp_path: Path) -> None:
    """The same fitted curve as R's natural spline with the same knots."""
    needs_r()
    table = shaped(7, "peak")
    table.write_csv(tmp_path / "in.csv")
    knots = np.quantile(np.unique(table["x"]), np.linspace(0, 1, 7))
    inner = ", ".join(f"{k:.17g}" for k in knots[1:-1])
    script = (
        "library(splines); d <- read.csv('in.csv');"
        f"b <- ns(d$x, knots = c({inner}), Boundary.knots = c({knots[0]:.17g}, {knots[-1]:.17g}));"
        "m <- lm(y ~ b + factor(firm) + factor(year), d);"
        "cat(sprintf('%.15g', deviance(m)))"
    )
    done = subprocess.run(["Rscript", "-e", script], cwd=tmp_path, check=True, capture_output=True, text=True)
    basis = spline_basis(table["x"].to_numpy(), knots)
    wide = table.with_columns(pl.Series(f"s{j}", basis[:, j]) for j in range(6))
    ours = fit(wide, "y ~ s0 + s1 + s2 + s3 + s4 + s5 | firm + year")
    k = 6 + 120 + 8 - 1
    assert ours.rmse**2 * (table.height - k) == pytest.approx(float(done.stdout), rel=1e-9)
