"""Several large effects by compiled passes: what the other solver finds, on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest

from integrade.regress import partial, sweeps
from integrade.regress.effects import Factor, Vector, compact
from integrade.regress.ols import cross_products
from integrade.regress.partial import absorber, demean
from integrade.regress.sweeps import swept

ROWS = 6_000


def _effects(rng: np.random.Generator) -> list[Factor]:
    firm = (700 * rng.random(ROWS) ** 1.3).astype(np.intp)
    product = (firm % 90 + rng.integers(0, 6, ROWS)) % 90
    return [compact("product", product, 90), compact("firm", firm, 700), compact("year", rng.integers(0, 8, ROWS), 8)]


def _columns(rng: np.random.Generator, effects: list[Factor]) -> Vector:
    drawn = sum(rng.normal(size=(f.levels, 3))[f.codes] for f in effects)
    return np.ascontiguousarray(rng.normal(size=(ROWS, 3)) + drawn + [0.0, 1e3, -5.0])


@pytest.mark.parametrize("weighted", [False, True])
def test_the_same_as_the_other_solver(weighted: bool) -> None:
    rng = np.random.default_rng(1)
    effects = _effects(rng)
    columns, weights = _columns(rng, effects), rng.uniform(0.2, 3.0, ROWS) if weighted else None
    plan = absorber(effects, weights)  # few enough dummies: exact
    exact, found = demean(plan, columns.copy()), columns.copy()
    assert swept(effects, weights, found)
    assert np.abs(found - exact).max() <= 1e-9
    assert cross_products(found, weights) == pytest.approx(cross_products(exact, weights), rel=1e-12)


def test_threads_change_nothing_and_the_order_of_rows_no_more_than_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    effects = _effects(rng)
    columns = _columns(rng, effects)
    found = []
    for threads in (1, 4):
        monkeypatch.setattr("integrade.engine.compiling.threads", lambda n=threads: n)
        found.append(columns.copy())
        assert swept(effects, None, found[-1])
    assert np.array_equal(*found)
    order = rng.permutation(ROWS)
    other = np.ascontiguousarray(columns[order])
    assert swept([Factor(f.name, f.codes[order], f.levels) for f in effects], None, other)
    assert np.abs(other - found[0][order]).max() <= 1e-10


def test_a_column_of_the_effects_is_left_with_nothing() -> None:
    rng = np.random.default_rng(3)
    effects = _effects(rng)
    own = sum(rng.normal(size=f.levels)[f.codes] for f in effects)
    columns = np.column_stack([own, rng.normal(size=ROWS), effects[2].codes.astype(float), np.ones(ROWS)])
    assert swept(effects, None, columns)
    assert np.abs(columns[:, [0, 2, 3]]).max() <= 1e-9


def test_loosely_connected_effects_are_left_to_the_other_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    chain = np.arange(ROWS) // 6
    effects = [compact("firm", chain, 1000), compact("next", (chain + (np.arange(ROWS) % 6 == 5)) // 2, 501)]
    columns = rng.normal(size=(ROWS, 1))
    found = columns.copy()
    assert not swept(effects, None, found)
    assert np.array_equal(found, columns)
    monkeypatch.setattr(partial, "SMALL", 10)
    monkeypatch.setattr(partial, "MANY", 100)
    monkeypatch.setattr(partial, "_DENSE", 1)
    plan = absorber(effects)
    assert not plan.exact
    monkeypatch.undo()
    left = demean(plan, columns.copy())
    assert left == pytest.approx(demean(absorber(effects), columns.copy()), abs=1e-9)


def test_many_rows_go_through_the_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    effects = _effects(rng)
    columns, asked = _columns(rng, effects), list[int]()
    exact = demean(absorber(effects), columns.copy())
    monkeypatch.setattr(partial, "SMALL", 10)
    monkeypatch.setattr(partial, "swept", lambda *given: (asked.append(1), swept(*given))[1])
    plan = absorber(effects)
    demean(plan, columns.copy())
    assert not asked  # few rows
    monkeypatch.setattr(partial, "MANY", 100)
    assert demean(plan, columns.copy()) == pytest.approx(exact, abs=1e-9)
    assert asked == [1]
    gone = np.column_stack([columns[:, 0], rng.normal(size=90)[effects[0].codes] + 1e-6 * columns[:, 1]])
    both = demean(plan, gone.copy())
    monkeypatch.setattr(partial, "MANY", 10**9)
    assert both[:, 1] == pytest.approx(demean(plan, gone.copy())[:, 1], abs=1e-14)
    assert sweeps._PIECES == 4
