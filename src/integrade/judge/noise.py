"""The ways to the coefficients on a noisy index, and what each leaves of the truth."""

from __future__ import annotations

import math
from typing import NamedTuple

from integrade.models.fit.results import FitResult, by_term
from integrade.models.measurement_error.oriv import NoiseStudy
from integrade.models.shape.inverted_u import UTest, u_test
from integrade.texts import say


class Way(NamedTuple):
    """One way to the coefficients: its heading and fit."""

    heading: str
    fit: FitResult


def ways(found: NoiseStudy) -> list[Way]:
    """As it is, ORIV, SIMEX, and on the true index of a simulated economy."""
    true = [Way(say("ways.true-index"), found.on_true_index)] if found.on_true_index else []
    own = [Way(say("ways.as-measured"), found.naive)]
    own += [Way(say("ways.oriv"), found.oriv.fit)] if found.oriv else []
    own += [Way(say("ways.simex"), found.simex.corrected)] if found.simex else []
    return [*true, *own]


def turning(found: NoiseStudy, fit: FitResult) -> UTest | None:
    """The U-test of one way between the outermost places; nothing without a square."""
    x = found.variable
    if not {x, f"{x}^2"} <= set(by_term(fit)) or len(found.places) < 2:
        return None
    return u_test(fit, x, low=found.places[0][1], high=found.places[-1][1])


def slope_at(fit: FitResult, x: str, value: float) -> tuple[float, float]:
    """b1 + 2 b2 value and its standard error."""
    b1, b2 = by_term(fit)[x].estimate, by_term(fit)[f"{x}^2"].estimate
    variance = fit.covariance(x, x) + 4 * value * fit.covariance(x, f"{x}^2")
    variance += 4 * value * value * fit.covariance(f"{x}^2", f"{x}^2")
    return b1 + 2 * b2 * value, math.sqrt(max(variance, 0.0))


def shares_of_truth(found: NoiseStudy, term: str) -> dict[str, float]:
    """Each way's coefficient over that on the true index, by heading."""
    if found.on_true_index is None:
        return {}
    truth = by_term(found.on_true_index)[term].estimate
    own = [c for c in ways(found) if c.fit is not found.on_true_index]
    return {c.heading: by_term(c.fit)[term].estimate / truth for c in own if term in by_term(c.fit) and truth}
