"""Adjusted p-values: statsmodels for Holm, Benjamini-Hochberg and Benjamini-Yekutieli; Romano-Wolf by definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.errors import UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.multiple import adjust, benjamini_hochberg, benjamini_yekutieli, holm, romano_wolf
from integrade.regress.wild import Drawing, forms, statistics
from integrade.subjects.inference.family import romano_wolf_family
from panels import panel

P_VALUES = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0])), min_size=1, max_size=12)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(P_VALUES)
def test_against_statsmodels(p: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    ours = (("holm", holm), ("fdr_bh", benjamini_hochberg), ("fdr_by", benjamini_yekutieli))
    for method, function in ours:
        expected = multipletests(p, method=method)[1]
        np.testing.assert_allclose(function(p), expected, rtol=1e-12, atol=1e-300)  # same formula, rounding only


def test_family_keeps_names_and_order() -> None:
    family = adjust({"ownership": 0.04, "period": 0.001, "area": 0.5})
    assert [a.name for a in family] == ["ownership", "period", "area"]
    assert [a.p_holm for a in family] == pytest.approx([0.08, 0.003, 0.5])
    assert [a.p_bh for a in family] == pytest.approx([0.06, 0.003, 0.5])
    assert family[0].p_by == pytest.approx(0.06 * (1 + 1 / 2 + 1 / 3))


def stepdown(observed: np.ndarray, draws: np.ndarray) -> list[float]:
    """Romano and Wolf (2016) by definition: test the largest against the maximum over all that are left, and so on."""
    left, adjusted, previous = list(np.argsort(-abs(observed), kind="stable")), {}, 0.0
    while left:
        first = left[0]
        reached = sum(max(abs(draw[j]) for j in left) >= abs(observed[first]) * (1 - 1e-9) for draw in draws)
        previous = adjusted[first] = max(previous, (1 + reached) / (len(draws) + 1))
        left.pop(0)
    return [adjusted[j] for j in range(len(observed))]


@pytest.mark.parametrize("seed", range(5))
def test_romano_wolf_by_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(199, 1))
    draws = 0.7 * common + 0.7 * rng.normal(size=(199, 5))
    observed = rng.normal(size=5) * 2
    draws[:5] = observed  # ties count as reached
    assert romano_wolf(observed, draws).tolist() == stepdown(observed, draws)


def test_romano_wolf_uses_dependence() -> None:
    """With identical statistics there is one test, and nothing to pay for several; Holm cannot know."""
    draws = np.repeat(np.random.default_rng(1).normal(size=(999, 1)), 4, axis=1)
    p = romano_wolf([2.5] * 4, draws)
    alone = (1 + (abs(draws[:, 0]) >= 2.5).sum()) / 1000
    assert p.tolist() == [alone] * 4
    assert holm([alone] * 4)[0] == pytest.approx(4 * alone)


@pytest.mark.parametrize("bad", [[0.5, 1.2], [-0.1], [float("nan"), 0.2]])
def test_what_is_no_p_value_is_refused(bad: list[float]) -> None:
    for function in (holm, benjamini_hochberg, benjamini_yekutieli):
        with pytest.raises(UsageError, match="between 0 and 1"):
            function(bad)


def test_romano_wolf_refuses_other_shapes() -> None:
    with pytest.raises(UsageError, match="shape"):
        romano_wolf([1.0, 2.0], np.zeros((5, 3)))
    with pytest.raises(UsageError, match="missing"):
        romano_wolf([1.0, float("nan")], np.zeros((5, 2)))


def test_a_family_of_coefficients_has_the_draws_of_the_wild_bootstrap() -> None:
    formula = "y ~ market + scale + age + x | firm + year"
    found = romano_wolf_family(panel(2), formula, cluster="region", wild=399)
    alone = {w.null: w.p_value for w in fit(panel(2), formula, cluster="region", wild=399).wild}
    assert [t.p_value for t in found.tests] == [alone[t.term] for t in found.tests]
    assert all(t.p_value <= t.p_romano_wolf + 1e-12 for t in found.tests)
    # the step-down by its definition, on draws made one coefficient at a time
    design = prepare(panel(2), formula)
    known = forms(design.plan, design.matrix, design.cluster("region"))
    b = np.array([c.estimate for c in estimate(design).coefficients])
    pairs = [statistics(known, np.linalg.inv(design.gram[:-1, :-1]), b, j, Drawing(399, 20240101)) for j in range(4)]
    t, drawn = np.abs([p[0] for p in pairs]), np.abs(np.column_stack([p[1] for p in pairs]))
    order, floor = np.argsort(-t), 0.0
    for place, j in enumerate(order):
        rest = order[place:]
        floor = max(floor, (1 + (drawn[:, rest].max(axis=1) >= t[j] * (1 - 1e-9)).sum()) / 400)
        assert found.tests[j].p_romano_wolf == pytest.approx(floor)
    two = romano_wolf_family(panel(2), formula, ("market", "scale"), cluster="region", wild=399)
    assert [t.term for t in two.tests] == ["market", "scale"]
    assert two["market"].p_romano_wolf <= found["market"].p_romano_wolf
    assert "Romano-Wolf" in str(found)
    with pytest.raises(UsageError, match="one cluster"):
        romano_wolf_family(panel(2), formula)
