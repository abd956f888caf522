"""The truth of a simulated economy beside estimates: moves along the curve, and nothing where it is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

import report_example as example
from integrade.judge.truths import Terms, true_curve, true_terms
from integrade.models.descriptive.truth import Truth
from integrade.models.shape.inverted_u import curve


def known(results, oracle: tuple[float, float] | None):
    pair = oracle or (None, None)
    own = (Truth("market", 2.0, pair[0], 1.0, None, None), Truth("market^2", -0.25, pair[1], -0.1, None, None))
    return replace(results, truth=own)


def test_a_move_is_the_difference_of_two_squares() -> None:
    economy, regression = Terms((2.0, -0.25), (1.0, -0.125)).move(2.0, 4.0)
    assert economy == pytest.approx(2 * 2 - 0.25 * 12)
    assert regression == pytest.approx(2 - 1.5)
    assert Terms((2.0, -0.25), None).move(2.0, 4.0)[1] is None


def test_the_true_curve_meets_the_fitted_one_at_its_reference() -> None:
    results = known(example.study(), (1.0, -0.125))
    points = curve(example.fit("CR3", {"region": 31}, 2.6), "market")
    drawn = true_curve(results, points)
    at = min(range(len(points)), key=lambda i: points[i].high - points[i].low)
    assert drawn[at] == pytest.approx((points[at].x, points[at].fit))
    assert drawn[-1][1] - drawn[0][1] == pytest.approx(
        (points[-1].x - points[0].x) - 0.125 * (points[-1].x ** 2 - points[0].x ** 2)
    )


def test_real_data_have_no_true_curve() -> None:
    results = replace(example.study(), truth=())
    points = curve(example.fit("CR3", {"region": 31}, 2.6), "market")
    assert true_terms(results) is None
    assert true_curve(results, points) == ()
    assert true_curve(known(results, None), points) == ()
