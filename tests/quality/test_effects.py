"""Bridges against the hat matrix, and the sparse solver against dense least squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from integrade.errors import NoConvergence, UnknownName, UsageError
from integrade.quality import effects
from integrade.quality.bridges import bridges
from integrade.quality.effects import Cells, parse_effects, two_way

Whole = NDArray[np.int64]


def leverage_one(first: Whole, second: Whole, count: Whole) -> NDArray[np.bool_]:
    """By brute force: cells with one row whose diagonal of the hat matrix is one."""
    a, b = np.repeat(first, count), np.repeat(second, count)
    X = np.hstack([np.eye(first.max() + 1)[a], np.eye(second.max() + 1)[b]])
    hat = np.einsum("ij,ji->i", X, np.linalg.pinv(X, rcond=1e-10))
    return np.array([hat[s] > 1 - 1e-8 for s in np.cumsum(count) - count])


cells = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)), st.sampled_from([1, 1, 1, 2, 3]), min_size=1, max_size=30
)


@given(cells)
@settings(max_examples=150, deadline=None)
def test_bridges_are_the_rows_of_leverage_one(drawn: dict[tuple[int, int], int]) -> None:
    first, second = np.array(sorted(drawn)).T
    count = np.array([drawn[c] for c in sorted(drawn)])
    found = bridges(first, second + 10, count, 20)
    np.testing.assert_array_equal(found, leverage_one(first, second, count))


def residual(cells: Cells, sides: Any) -> NDArray[np.float64]:
    """Mean residual of every cell, missing where not identified."""
    a, b = ({k: (e, c) for k, e, c in zip(s.level, s.effect, s.component, strict=True)} for s in sides)
    out = np.full(len(cells.total), np.nan)
    for i, (h, m) in enumerate(zip(cells.first, cells.second, strict=True)):
        if h in a and m in b and a[h][1] == b[m][1]:
            out[i] = cells.total[i] / cells.count[i] - a[h][0] - b[m][0]
    return out


@given(cells, st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_residuals_are_those_of_least_squares(drawn: dict[tuple[int, int], int], seed: int) -> None:
    first, second = np.array(sorted(drawn)).T
    count = np.array([drawn[c] for c in sorted(drawn)])
    mean = np.random.default_rng(seed).normal(20, 5, len(count))
    X = np.hstack([np.eye(10)[first], np.eye(10)[second]]) * np.sqrt(count)[:, None]
    expected = mean - (X @ np.linalg.lstsq(X, mean * np.sqrt(count), rcond=None)[0]) / np.sqrt(count)
    expected[leverage_one(first, second, count)] = np.nan
    table = Cells(first, second, count, mean * count)
    # two exact solutions of a system with y of about 20
    np.testing.assert_allclose(residual(table, two_way(table)), expected, atol=1e-10)


def test_long_thin_graphs_fall_back_to_a_factorisation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ladder of 3,000 rungs: conjugate gradients need thousands of steps."""
    used = []
    original = effects._factorised
    monkeypatch.setattr(effects, "_factorised", lambda *a: used.append(1) or original(*a))
    n = 3000
    first = np.repeat(np.arange(n), 2)
    second = np.stack([np.arange(n), (np.arange(n) + 1) % n]).T.ravel()
    count = np.ones(2 * n, dtype=np.int64)
    rng = np.random.default_rng(0)
    alpha, beta = rng.normal(size=n), rng.normal(size=n)
    noise = np.where(np.arange(2 * n) % 2, 1.0, -1.0)  # a cycle: residuals alternate, orthogonal to both effects
    table = Cells(first, second, count, alpha[first] + beta[second] + noise)
    # the cycle has a condition number of about n^2
    np.testing.assert_allclose(residual(table, two_way(table)), noise, atol=1e-8)
    assert used


def test_an_unsolved_system_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "_refined", lambda *system: system[2] * 0)
    rng = np.random.default_rng(0)
    table = Cells(
        np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5), np.ones(20, dtype=np.int64), rng.normal(size=20)
    )
    with pytest.raises(NoConvergence, match="could not be solved"):
        two_way(table)


@pytest.mark.slow
def test_a_million_cells_are_solved_exactly() -> None:
    rng = np.random.default_rng(0)
    h = (rng.pareto(1, 1_500_000) * 200).astype(np.int64) % 20_000
    pair = np.unique(h * 4_000 + rng.integers(0, 4_000, len(h)))
    assert len(pair) > 1_000_000
    first, second, count = pair // 4_000, pair % 4_000, rng.integers(1, 3, len(pair))
    y = rng.normal(size=len(pair))
    a, b = two_way(Cells(first, second, count, y))
    effect = np.zeros(20_000), np.zeros(4_000)
    for side, values in zip((a, b), effect, strict=True):
        values[side.level] = side.effect
    residual = y - count * (effect[0][first] + effect[1][second])
    identified = np.isin(first, a.level) & np.isin(second, b.level)
    # the normal equations: residuals sum to zero in every level, up to rounding of some thousand terms of order one
    for codes in (first, second):
        assert np.abs(np.bincount(codes[identified], weights=residual[identified])).max() < 1e-8


def test_bridges_of_a_path_and_of_a_cycle() -> None:
    n = 100_000
    first, second = np.repeat(np.arange(n), 2), np.stack([np.arange(n), np.arange(n) + 1]).T.ravel()
    one = np.ones(2 * n, dtype=np.int64)
    assert bridges(first, second + n, one, 2 * n + 1).all()
    assert not bridges(first, second % n + n, one, 2 * n).any()
    one[1234] = 2  # two rows in one cell are parallel edges
    assert np.flatnonzero(~bridges(first, second + n, one, 2 * n + 1)).tolist() == [1234]


def test_parsing_effects() -> None:
    assert parse_effects("product+destination:year") == (("product",), ("destination", "year"))
    assert parse_effects(" year:product ") == (("product", "year"),)
    with pytest.raises(UnknownName, match=r"did you mean 'destination'"):
        parse_effects("product+destinatio:year")
    with pytest.raises(UsageError, match="one or two"):
        parse_effects("year:year")
