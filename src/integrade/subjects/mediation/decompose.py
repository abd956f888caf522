"""Turn the fits and their replicates into indirect effects with intervals, shares, the identity and the verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from integrade.estimate.contrasts import Combination, combination, joint_test
from integrade.estimate.results import FitResult, Vector
from integrade.regress.bootstrap import bca_interval, bca_p, percentile_interval, percentile_p
from integrade.subjects.mediation.indirect import (
    Residuals,
    equally_clear,
    established,
    in_order,
    over_places,
    product_tests,
    sensitivity,
    verdict,
)
from integrade.subjects.mediation.records import CellPath, Decomposition, Identity, Indirect, Mediator, Step
from integrade.wording.numerals import below


class Paths(NamedTuple):
    """Coefficients of the equations of a mediation analysis.

    ``total`` and ``direct`` (..., 2) are the coefficients of the treatment and its square in the outcome's equation,
    without and with the mediators. ``a`` holds the coefficients of the same two terms in each mediator's equation.
    ``b`` (...,) holds the coefficients of the mediators.
    """

    total: Vector
    direct: Vector
    a: tuple[Vector, ...]
    b: tuple[Vector, ...]

    def through(self, j: int, at: Vector) -> Vector:
        """Return the indirect effect ``(a @ at) b`` through mediator j.

        ``at`` is (1, 2x) for the slope at x, or selects a term.
        """
        return np.asarray((self.a[j] @ at) * self.b[j])

    def together(self, at: Vector) -> Vector:
        """Return the sum over the mediators of the indirect effects that `through` returns."""
        return np.asarray(sum(self.through(j, at) for j in range(len(self.a))))


class Interval(NamedTuple):
    """The method of an interval (percentile, bca or monte_carlo), and its level."""

    kind: str
    level: float


@dataclass(frozen=True)
class Judge:
    """The fits of the equations, and the paths in the sample, in the draws and, for bca, without each cluster.

    ``own`` names the terms of the treatment (x, then x^2 if present). ``places`` holds the values of the treatment at
    which effects are evaluated. ``direct_p`` is the joint p of the direct effect.
    """

    total: FitResult
    direct: FitResult
    mediators: tuple[FitResult, ...]
    sample: Paths
    draws: Paths
    without: Paths | None
    own: tuple[str, ...]
    places: tuple[tuple[str, float], ...]
    interval: Interval
    direct_p: float

    def ends(self, at: Vector, j: int | None, *, of_total: bool) -> tuple[float, float]:
        """Return the interval of an indirect effect, or of its share of the total effect.

        With j None, the effect is the sum over all mediators.
        """

        def value(paths: Paths) -> Vector:
            effect = paths.together(at) if j is None else paths.through(j, at)
            return _ratio(effect, paths.total @ at) if of_total else effect

        values = value(self.draws)
        if self.interval.kind == "bca" and self.without is not None:
            without = np.atleast_1d(value(self.without))
            return bca_interval(values, float(value(self.sample)), without, self.interval.level)
        return percentile_interval(values, self.interval.level)

    def p_draws(self, at: Vector, j: int) -> float:
        """Return the two-sided p of no indirect effect through mediator j, from the draws behind its interval."""
        values = self.draws.through(j, at)
        if self.interval.kind == "bca" and self.without is not None:
            without = np.atleast_1d(self.without.through(j, at))
            return bca_p(values, float(self.sample.through(j, at)), without)
        return percentile_p(values)

    def slope(self, of: FitResult, at: Vector, place: str) -> Combination:
        """Return the slope of a fit at ``at``, from those terms of the treatment that the fit has."""
        weights = {t: float(w) for t, w in zip(self.own, at[: len(self.own)], strict=True) if path_has(of, t)}
        return combination(of, weights, place)

    def shares(self, at: Vector, j: int | None, place: str) -> tuple[float | None, float | None, float | None]:
        """Return the share of the total slope and its interval; None if the slope's 95% interval includes zero."""
        total = self.slope(self.total, at, place)
        if not total.conf_low * total.conf_high > 0:
            return None, None, None
        part = self.sample.together(at) if j is None else self.sample.through(j, at)
        return float(_ratio(part, self.sample.total @ at)), *self.ends(at, j, of_total=True)

    def effect(self, j: int, place: str, x: float | None) -> Indirect:
        """Return the indirect effect through mediator j at x, or for the term ``place``.

        Its p-values are not yet adjusted over the values of the treatment.
        """
        at = _slope_at(x, len(self.own)) if x is not None else np.eye(2)[self.own.index(place)]
        path = self.mediators[j]
        a, b = self.slope(path, at, place), self.direct[path.outcome]
        tests = product_tests(a.estimate, a.std_error, b.estimate, b.std_error)
        low, high = self.ends(at, j, of_total=False)
        p_draws = self.p_draws(at, j)
        return Indirect(
            place,
            x,
            a.estimate,
            a.std_error,
            b.estimate,
            b.std_error,
            a.estimate * b.estimate,
            *tests,
            low,
            high,
            *self.shares(at, j, place),
            a.p_value,
            p_draws,
            max(a.p_value, b.p_value, p_draws),
            None,
            "open",
        )

    def mediator(self, j: int, e: Residuals, total_p: float, cells: CellPath | None) -> Mediator:
        """Return all results on mediator j. ``e`` holds residuals given treatment, controls and other mediators."""
        path = self.mediators[j]
        alpha = 1 - self.interval.level
        a_joint = joint_test(path, [t for t in self.own if path_has(path, t)])
        b = self.direct[path.outcome]
        indirect = over_places([self.effect(j, place, x) for place, x in self.places], b.p_value, self.interval.level)
        by_term = tuple(self.effect(j, t, None) for t in self.own if path_has(path, t))
        findings = established(indirect)
        signs, direct_signs = [_sign(i.estimate) for i in findings], [self.direct_sign(i) for i in findings]
        word = verdict(signs, direct_signs, below(self.direct_p, alpha))
        steps = (
            Step(1, "the treatment moves the outcome", total_p, below(total_p, alpha)),
            Step(2, f"the treatment moves {path.outcome}", a_joint.p_value, below(a_joint.p_value, alpha)),
            Step(3, f"{path.outcome} moves the outcome given the treatment", b.p_value, below(b.p_value, alpha)),
            Step(4, "nothing is left of the direct effect", self.direct_p, not below(self.direct_p, alpha)),
        )
        unexplained = (1 - path.r2) * (1 - self.direct.r2)
        sentence = _sentence(path.outcome, word, indirect, (a_joint.p_value, b.p_value))
        return Mediator(
            path.outcome,
            path,
            a_joint,
            b,
            indirect,
            by_term,
            steps,
            sensitivity(e, equally_clear(indirect)[0], unexplained),
            cells,
            word,
            word == "suppression",
            sentence,
        )

    def direct_sign(self, effect: Indirect) -> int:
        """Return the sign of the direct slope at the effect's x; 0 if the slope's test does not reject."""
        x = math.nan if effect.x is None else effect.x
        slope = self.slope(self.direct, _slope_at(x, len(self.own)), effect.place)
        return _sign(slope.estimate) if below(slope.p_value, 1 - self.interval.level) else 0

    def decomposition(self, place: str, x: float) -> Decomposition:
        """Return the total, direct and indirect slope at x."""
        at = _slope_at(x, len(self.own))
        total, direct = (self.slope(f, at, place) for f in (self.total, self.direct))
        indirect = float(self.sample.together(at))
        ends = (*self.ends(at, None, of_total=False), *self.shares(at, None, place))
        return Decomposition(
            place, x, total.estimate, total.std_error, direct.estimate, direct.std_error, indirect, *ends
        )

    def identity(self) -> tuple[Identity, ...]:
        """Return, term by term, c - c' and the sum of a b over the mediators."""
        identities = []
        for i, term in enumerate(self.own):
            c, direct = float(self.sample.total[i]), float(self.sample.direct[i])
            indirect = float(self.sample.together(np.eye(2)[i]))
            identities.append(Identity(term, c, direct, indirect, c - direct - indirect))
        return tuple(identities)


def path_has(path: FitResult, term: str) -> bool:
    """Return whether the fit has a coefficient of the term."""
    return any(c.term == term for c in path.coefficients)


def _slope_at(x: float, terms: int) -> Vector:
    return np.array([1.0, 2 * x if terms > 1 else 0.0])


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _ratio(part: Vector | np.float64, whole: Vector | np.float64) -> Vector:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / whole)


def _sentence(name: str, word: str, effects: Sequence[Indirect], p: tuple[float, float]) -> str:
    """Return the verdict on a mediator with the numbers behind it, for each value of the treatment."""
    findings = []
    for i in in_order(effects):
        place = i.place if i.x is None else f"{i.place} ({i.x:.4g})"
        finding = "not established" if i.sense == "open" else f"the mediator {i.sense} the outcome"
        if i.p_holm is not None:
            finding += f" (Holm p = {i.p_holm:.4f})"
        findings.append(f"at {place} {i.estimate:.4g} [{i.conf_low:.4g}, {i.conf_high:.4g}], {finding}")
    return f"{name}: {word}. Indirect effect {'; '.join(findings)}; p = {p[0]:.4f} (a) and {p[1]:.4f} (b)"
