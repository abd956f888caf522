"""Eigenvalues of symmetric matrices without numpy, against those of numpy."""

from __future__ import annotations

import numpy as np
import pytest

from each import each
from tablecheck.checks.definite import is_definite, largest_eigenvalue, smallest_eigenvalue


def symmetric(n: int, seed: int) -> np.ndarray:
    """Correlations of n variables, made inconsistent by noise; for an odd seed two variables are the same."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(n + 3, n))
    if seed % 2:
        drawn[:, 0] = drawn[:, 1]
    noise = rng.normal(size=(n, n)) * 0.2
    matrix: np.ndarray = np.round(np.corrcoef(drawn, rowvar=False) + (noise + noise.T) * (seed % 3), 2)
    return matrix


@each("n", [4, 5, 9, 30], ids=str)
def test_the_smallest_eigenvalue_and_its_vector(n: int) -> None:
    for seed in range(12):
        matrix = symmetric(n, seed)
        roots, vectors = np.linalg.eigh(matrix)
        least, vector = smallest_eigenvalue(matrix.tolist())
        assert least == pytest.approx(roots[0], abs=1e-10)
        # A vector is only as exact as its eigenvalue is apart from the next one.
        if roots[1] - roots[0] > 0.01:
            assert abs(np.dot(vector, vectors[:, 0])) == pytest.approx(1, abs=1e-9)
        assert is_definite(matrix.tolist(), -least + 1e-9)
        assert not is_definite(matrix.tolist(), -least - 1e-9)


@each("n", [2, 4, 17], ids=str)
def test_the_norm_of_rounding_errors(n: int) -> None:
    for seed in range(8):
        halves = np.abs(symmetric(n, seed + 3))
        np.fill_diagonal(halves, 0)
        norm = np.linalg.norm(halves, 2)
        assert norm * (1 - 1e-12) <= largest_eigenvalue(halves.tolist()) <= norm * 1.02
    same = np.full((n, n), 0.005) - 0.005 * np.eye(n)
    assert largest_eigenvalue(same.tolist()) == pytest.approx(0.005 * (n - 1), rel=1e-12)
    assert largest_eigenvalue([[0.0] * n] * n) == 0
