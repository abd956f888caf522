"""The Anderson-Rubin statistic at many values of the coefficients."""

from __future__ import annotations

import numpy as np
import pytest

from integrade.regress.weak import AndersonRubin


@pytest.mark.parametrize("instruments", [1, 2, 3])
def test_the_statistic_is_the_quadratic_form_of_the_scores(instruments: int) -> None:
    """Against the inverse of each covariance, which need not be symmetric to the last digit."""
    draw = np.random.default_rng(instruments)
    scores = draw.normal(size=(40, 3, instruments))
    t = np.einsum("gil,gjm->ijlm", scores, scores)
    ar = AndersonRubin(draw.normal(size=(3, instruments)), t, 0.7, 30)
    directions = draw.normal(size=(5, 4, 3))
    expected = np.empty((5, 4))
    for at in np.ndindex(5, 4):
        d = directions[at]
        s = sum(d[i] * d[j] * t[i, j] for i in range(3) for j in range(3))
        g = d @ ar.g
        expected[at] = 0.7 * g @ np.linalg.inv(s) @ g
    assert ar.f(directions) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("instruments", [1, 2, 3])
def test_a_singular_covariance_is_an_error(instruments: int) -> None:
    ar = AndersonRubin(np.ones((2, instruments)), np.zeros((2, 2, instruments, instruments)), 1.0, 30)
    with pytest.raises(np.linalg.LinAlgError):
        ar.f(np.ones((3, 2)))
