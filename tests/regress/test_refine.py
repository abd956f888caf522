"""NIST's linear sets against exact rationals (METHODS 5: verified in RECIPES, NIST), and the refinement itself."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import public_numbers
from each import each
from integrade.regress import refine
from integrade.regress.ols import ILL, least_squares

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
nist = importlib.import_module("nist")

NAMES = ("Filip", "Longley", *(f"Wampler{i}" for i in range(1, 6)), "NoInt1", "NoInt2")


@pytest.fixture(scope="module", autouse=True)
def _filip_as_retyped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The benchmark reads Filip from the library; here from the numbers in the tree."""
    path = tmp_path_factory.mktemp("nist") / "filip.txt"
    path.write_text("\n".join(" ".join(row) for row in public_numbers.filip()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nist, "FILIP", path)
        yield


def problem(name):
    return {p.name: p for p in nist.problems()}[name]


@each("name", NAMES)
def test_digits(name) -> None:
    """At least 9 correct digits through the formula (Filip 7: its powers do not fit a double), nothing dropped."""
    digits = nist.measure(problem(name))
    assert digits.refined >= digits.required
    assert digits.formula >= digits.required
    assert digits.std_error >= digits.required


@pytest.mark.parametrize("name", ["Wampler4", "Wampler5"])
def test_refinement_is_what_gives_the_digits(name) -> None:
    digits = nist.measure(problem(name))
    assert digits.plain < 9 < digits.refined  # 7.6 and 5.6 without


def test_filip_is_solved_as_well_as_doubles_allow() -> None:
    digits = nist.measure(problem("Filip"))
    assert digits.formula > digits.attainable - 0.5  # x^9:x rounds once more than x^10


def test_exact_solver_agrees_with_the_certified_values() -> None:
    for name in NAMES:
        truth = nist.certify(problem(name))
        own = public_numbers.certified(name)
        assert [float(r["estimate"]) for r in own] == truth.estimate
        # both are rounded once from exact values, here at 40 digits
        assert [float(r["std_error"]) for r in own] == pytest.approx(truth.std_error, rel=1e-15)
        assert float(own[0]["residual_sd"]) == pytest.approx(truth.residual_sd, rel=1e-15)


def weighted_problem(seed: int, spread: float):
    """Integers, so that doubles hold the data exactly, and columns that differ by one part in ``spread``."""
    rng = np.random.default_rng(seed)
    a = rng.integers(1, 1000, 30) * spread
    x = np.column_stack([a, a + rng.integers(0, 2, 30), rng.integers(0, 50, 30)])
    return x, rng.integers(-1000, 1000, 30).astype(float), rng.integers(1, 9, 30).astype(float)


@pytest.mark.parametrize("spread", [1e3, 1e6])  # normal equations and QR
def test_weights_enter_the_refinement(spread) -> None:
    """Weighted least squares is that of rows repeated as often as their weight, solved in rationals."""
    x, y, w = weighted_problem(3, spread)
    assert np.linalg.cond(x) > ILL or spread < 1e6
    times = w.astype(int)
    columns = {f"x{j}": [Fraction(v) for v in np.repeat(x[:, j], times)] for j in range(3)}
    truth = nist.certify(nist.Problem("repeated", "", columns, [Fraction(v) for v in np.repeat(y, times)]))
    found = least_squares(x, y, w)
    assert nist.correct_digits(list(found.coefficients), truth.estimate) > 9
    left = x.T @ (w * found.residuals)
    assert np.abs(left / np.linalg.norm(x, axis=0)).max() < 1e-9 * np.linalg.norm(y)


def test_extended_precision_beyond_the_limit_only() -> None:
    """The same columns in other units change nothing but the road taken."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(200, 3)), rng.normal(size=200)
    units = np.array([1.0, 2.0**30, 2.0**-10])  # powers of two: scaling itself is exact
    plain, scaled = least_squares(x, y), least_squares(x * units, y)
    assert np.linalg.cond(x) < ILL < np.linalg.cond(x * units)
    np.testing.assert_allclose(scaled.coefficients * units, plain.coefficients, rtol=1e-13)  # a few roundings
    np.testing.assert_allclose(scaled.residuals, plain.residuals, atol=1e-13)


def test_gradient_sums_beyond_double() -> None:
    """One large pair that cancels leaves the small terms whole."""
    if np.finfo(np.longdouble).nmant <= 52:
        pytest.skip("long double is a double here")
    x = np.array([[1.0], [1.0], [1.0]])
    y = np.array([2.0**53, 1.0, -(2.0**53)])
    assert refine.gradient(x, y, np.zeros(1), None)[0] == 1.0
    assert refine.gradient(x, y, np.zeros(1), np.ones(3))[0] == 1.0


def test_digits_count_the_worst_term() -> None:
    assert nist.correct_digits([1.001, 2.0], [1.0, 2.0]) == pytest.approx(3, abs=1e-9)
    assert nist.correct_digits([1.0], [1.0]) == 15.0
    assert nist.correct_digits([1e-12], [0.0]) == math.inf
