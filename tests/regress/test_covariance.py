"""Covariances of multi-way clusters: the repair of a difference that is not positive semi-definite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.regress.covariance import positive


def parts(seed: int, k: int, groups: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """V1 + V2 - V12 and V1 + V2 + V12 of random scores of cells that are crossed by two cluster variables."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(cells, k)) * rng.gamma(1, 1, size=(cells, 1))
    first, second = (np.arange(groups)[:, None] == rng.integers(0, groups, cells) for _ in range(2))
    one, two, both = (s.T @ s for s in (first @ scores, second @ scores, scores))
    return one + two - both, one + two + both


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), exponents=st.lists(st.integers(-6, 6), min_size=3, max_size=3))
def test_the_repair_goes_with_the_units_of_regressors(seed: int, exponents: list[int]) -> None:
    vcov, metric = parts(seed, 3, 4, 24)
    units = 10.0 ** np.array(exponents)
    here, there = positive(vcov, metric), positive(vcov / np.outer(units, units), metric / np.outer(units, units))
    assert here.repaired == there.repaired
    # rounding relative to the standard errors; 1e-9 leaves room for the eigenvalues near zero
    errors = np.sqrt(np.diag(metric))
    np.testing.assert_allclose(
        there.vcov * np.outer(units, units) / np.outer(errors, errors), here.vcov / np.outer(errors, errors), atol=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), groups=st.integers(2, 4))
def test_it_goes_with_any_other_choice_of_columns_and_is_never_negative(seed: int, groups: int) -> None:
    vcov, metric = parts(seed, 5, groups, 20)
    turn = np.random.default_rng(seed + 1).normal(size=(5, 5)) + 3 * np.eye(5)
    here, there = positive(vcov, metric), positive(turn @ vcov @ turn.T, turn @ metric @ turn.T)
    size = np.abs(turn @ metric @ turn.T).max()
    np.testing.assert_allclose(there.vcov, turn @ here.vcov @ turn.T, atol=1e-8 * size)
    assert np.linalg.eigvalsh(here.vcov).min() >= -1e-12 * np.abs(metric).max()
    assert here.repaired == (np.linalg.eigvalsh(vcov).min() < -1e-9 * np.abs(metric).max())
    if not here.repaired:
        np.testing.assert_array_equal(here.vcov, vcov)


def test_directions_that_no_cluster_moves_stay_without_variance() -> None:
    """Two columns that sum to a third: the metric is singular, and so is what comes back."""
    vcov, metric = parts(3, 2, 2, 12)
    both = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    alone, found = positive(vcov, metric), positive(both @ vcov @ both.T, both @ metric @ both.T)
    assert alone.repaired
    np.testing.assert_allclose(found.vcov, both @ alone.vcov @ both.T, atol=1e-10 * np.abs(metric).max())
    assert found.repaired


def test_a_repair_only_takes_the_negative_part_away() -> None:
    """In the metric of L L' the eigenvalues are 0.8, 0.5 and -0.3: what is left is 0.8 and 0.5, as large as before."""
    rng = np.random.default_rng(2)
    root = np.tril(rng.normal(size=(3, 3))) + 3 * np.eye(3)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    before, after = (root @ turn @ np.diag([0.8, 0.5, last]) @ turn.T @ root.T for last in (-0.3, 0.0))
    found = positive(before, root @ root.T)
    assert found.repaired
    np.testing.assert_allclose(found.vcov, after, atol=1e-12)  # rounding of numbers near 10


def test_what_is_nested_is_no_reason_for_a_repair() -> None:
    """V1 + V2 - V12 = V1 where each cluster of the second variable lies within one of the first."""
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(30, 3))
    inner = scores.T @ scores
    outer = scores.reshape(5, 6, 3).sum(axis=1)
    vcov = outer.T @ outer + inner - inner
    found = positive(vcov, outer.T @ outer + 2 * inner)
    assert not found.repaired
    assert found.vcov == pytest.approx(outer.T @ outer)
