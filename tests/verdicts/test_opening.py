"""The first page: its numbers by hand, association or effect, the truth beside them, nothing where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import report_example as example
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.noise.verdict import interval_with_noise
from integrade.subjects.truth.model import Truth
from integrade.verdicts.against import against
from integrade.verdicts.opening import size, size_said, turning_said
from plainwords.texts import say, speaking


def estimated(formula: str = "quality ~ market + market^2 | firm + year"):
    rng = np.random.default_rng(11)
    firm, year = np.repeat(np.arange(60), 8), np.tile(np.arange(8), 60)
    market = rng.uniform(1, 5, (12, 8))[firm % 12, year]
    quality = 1.2 * market - 0.2 * market**2 + rng.normal(size=480) * 0.3
    rows = pl.DataFrame({"firm": firm, "year": year, "region": firm % 12, "market": market, "quality": quality})
    return rows, fit(rows, formula, vcov="CR1", cluster="region")


def studied(formula: str = "quality ~ market + market^2 | firm + year", **changes: object):
    rows, found = estimated(formula)
    test = u_test(found, "market") if "^2" in formula else None
    column = replace(example.column("(2)"), headline=found, beside={}, u_test=test)
    return rows, replace(example.study(), benchmark=(column,), truth=(), **changes)


def test_the_size_is_the_difference_of_two_points_of_the_curve() -> None:
    rows, results = studied()
    found, own = size(results), results.benchmark[0].headline
    assert found is not None
    values = np.sort(rows["market"].to_numpy())
    low, high = (float(np.quantile(values, q, method="averaged_inverted_cdf")) for q in (0.25, 0.75))
    b = {c.term: c.estimate for c in own.coefficients}
    assert (found.move.start, found.move.end) == pytest.approx((low, high))
    assert found.move.estimate == pytest.approx(b["market"] * (high - low) + b["market^2"] * (high**2 - low**2))
    g = np.array([high - low, high**2 - low**2])
    names = ("market", "market^2")
    error = float(np.sqrt(g @ np.array([[own.covariance(i, j) for j in names] for i in names]) @ g))
    assert (found.move.high - found.move.low) / (2 * error) == pytest.approx(2.200985, abs=1e-5)  # t(11)
    assert found.in_sd == pytest.approx(found.move.estimate / rows["quality"].std())


def test_without_a_square_the_size_is_that_of_a_standard_deviation() -> None:
    rows, results = studied("quality ~ market | firm + year")
    found = size(results)
    assert found is not None
    assert found.move.end - found.move.start == pytest.approx(float(rows["market"].std()))
    assert found.move.estimate == pytest.approx(
        results.benchmark[0].headline["market"].estimate * float(rows["market"].std())
    )
    assert "by one standard deviation" in size_said(results)[0]
    assert turning_said(results) == []


def test_an_association_is_called_one() -> None:
    _, results = studied()
    said = " ".join(size_said(results))
    assert "is associated with a change of" in said
    assert "an association net of firm and year fixed effects" in said
    assert "effect of the one on the other" not in said


def test_the_truth_stands_beside_size_and_turning_point() -> None:
    _, results = studied()
    own = (
        Truth("market", 1.2, 1.1, 1.0, None, None),
        Truth("market^2", -0.2, -0.19, -0.1, None, None),
        Truth(say("truth.turning-point"), 3.0, 2.9, 3.1, 2.8, 3.3),
    )
    simulated = replace(results, truth=own)
    found = size(simulated)
    assert found is not None
    step, squares = found.move.end - found.move.start, found.move.end**2 - found.move.start**2
    assert found.truth == pytest.approx(1.2 * step - 0.2 * squares)
    assert found.on_true_data == pytest.approx(1.1 * step - 0.19 * squares)
    assert "simulated" in " ".join(size_said(simulated))
    assert (
        "The turning point of the simulated model is 3.000. The same quadratic regression with the true quality and "
        "the true index gives 2.900" in " ".join(turning_said(simulated))
    )
    assert "simulated economy" not in " ".join((*size_said(results), *turning_said(results)))


def test_the_corrected_turning_point_stands_beside_the_truth_as_the_corrected_move_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A correction of the move that led away from the truth was told, one of the turning point was not."""
    _, results = studied()
    own = turning_said(results)
    assert not any("the corrected turning point" in s for s in own)
    told = interval_with_noise(results)
    test = results.benchmark[0].u_test
    assert told is not None
    assert test is not None
    truth = Truth(say("truth.turning-point"), 3.0, test.turning_point + 0.1, test.turning_point, None, None)
    for shift, word in ((-0.2, "farther from"), (0.05, "closer to"), (0.15, "closer to"), (0.3, "farther from")):
        moved = replace(test, turning_point=test.turning_point + shift)
        corrected = replace(told, way="halves", turning=moved)
        monkeypatch.setattr("integrade.verdicts.opening.interval_with_noise", lambda _, found=corrected: found)
        said = turning_said(replace(results, truth=(truth,)))
        assert "the corrected turning point" in said[-1]
        assert word in said[-1]


def test_the_truth_is_found_whatever_language_it_was_stored_in() -> None:
    with speaking("zh"):
        own = (Truth(say("truth.turning-point"), 3.0, 2.9, 3.1, 2.8, 3.3),)
    _, results = studied()
    assert "3.000" in turning_said(replace(results, truth=own))[-1]


def test_a_study_without_a_regression_has_no_answer() -> None:
    empty = replace(example.study(), benchmark=())
    assert size(empty) is None
    assert size_said(empty) == turning_said(empty) == []
    assert against(empty) == ()


def test_a_curve_that_turns_outside_the_data_says_so() -> None:
    rows, _ = estimated()
    bent = rows.filter(pl.col("market") < 2.5)
    found = fit(bent, "quality ~ market + market^2 | firm + year", vcov="CR1", cluster="region")
    test = u_test(found, "market")
    assert not test.low < test.turning_point < test.high
    column: Column = replace(example.column("(2)"), headline=found, beside={}, u_test=test)
    assert "outside the data" in turning_said(replace(example.study(), benchmark=(column,), truth=()))[0]
