"""Estimate elasticities by Wooldridge (2009): both equations of the proxy method together, by GMM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from integrade.errors import NotIdentified, option
from integrade.panel.productivity.control_function import Choices, Pairs, Solution, falling_share
from integrade.panel.productivity.results import Hansen
from integrade.panel.productivity.series import Array, Codes, Rows, monomials, powers, standardised

PERSISTENCE = np.linspace(-0.5, 1.5, 21)
"""Starting values of the persistence of productivity: every 0.1, beyond the range that theory allows (0 to 1)."""
COLLINEAR = 1e-9
"""Directions with a singular value below this share of the largest are collinear up to rounding error."""


@dataclass(frozen=True)
class Equation:
    """One equation: its rows and, net of year effects, output (n,), inputs (n, p) and instruments (n, r).

    ``terms`` (n, q): the polynomial in capital and the proxy, of the year (first equation) or of the year before. The
    instruments are orthonormal after multiplication by the square root of the weight.
    """

    rows: Pairs
    output: Array
    inputs: Array
    terms: Array
    instruments: Array

    @staticmethod
    def of(rows: Pairs, output: Array, inputs: Array, terms: Array, instruments: Array) -> Equation:
        """Take year effects out of output, inputs and instruments, and make the instruments orthonormal."""
        root = np.sqrt(rows.weight)[:, None]
        left, sizes, _ = np.linalg.svd(root * rows.net(instruments), full_matrices=False)
        basis = left[:, sizes > COLLINEAR * sizes[0]]
        return Equation(rows, rows.net(output), rows.net(inputs), terms, basis)

    def moment(self, columns: Array) -> Array:
        """Return the instruments' products with columns, (r,) or (r, c)."""
        weight = np.sqrt(self.rows.weight)
        return self.instruments.T @ (columns * (weight if columns.ndim == 1 else weight[:, None]))


@dataclass(frozen=True)
class System:
    """Both equations, and the degree of g. Parameters: elasticities (p,), coefficients of h (q,) and of g (markov,)."""

    first: Equation
    second: Equation
    markov: int

    def split(self, theta: Array) -> tuple[Array, Array, Array]:
        """Return the elasticities, the coefficients of h, and those of g."""
        p, q = self.first.inputs.shape[1], self.first.terms.shape[1]
        return theta[:p], theta[p : p + q], theta[p + q :]

    def residuals(self, theta: Array) -> tuple[Array, Array]:
        """Return y - x b - h and y - x b - g(h of the year before), net of year effects."""
        b, h, g = self.split(theta)
        one, two = self.first, self.second
        before = two.terms @ h
        known = np.column_stack([before**j for j in range(1, self.markov + 1)]) @ g
        return (
            one.output - one.inputs @ b - one.rows.net(one.terms @ h),
            two.output - two.inputs @ b - two.rows.net(known),
        )

    def moments(self, theta: Array) -> Array:
        """Return the moments of both equations, (r,)."""
        first, second = self.residuals(theta)
        return np.concatenate([self.first.moment(first), self.second.moment(second)])

    def slopes(self, theta: Array) -> Array:
        """Return the derivatives of the moments by the parameters, (r, parameters)."""
        _, h, g = self.split(theta)
        one, two = self.first, self.second
        before = two.terms @ h
        raised = np.column_stack([before**j for j in range(self.markov + 1)])
        rise = raised[:, :-1] @ (g * np.arange(1, self.markov + 1))
        upper = np.hstack([one.inputs, one.terms, np.zeros((len(one.output), self.markov))])
        lower = np.hstack([two.inputs, two.terms * rise[:, None], raised[:, 1:]])
        # instruments are net of year effects, so terms need not be
        return -np.vstack([one.moment(upper), two.moment(lower)])

    def by_firm(self, theta: Array, firm: Codes) -> Array:
        """Return the moments of each firm over its years and both equations, (firms, r)."""
        parts = []
        for equation, residual in zip((self.first, self.second), self.residuals(theta), strict=True):
            each = equation.instruments * (residual * np.sqrt(equation.rows.weight))[:, None]
            total = np.zeros((int(firm.max()) + 1, each.shape[1]))
            np.add.at(total, firm[equation.rows.now], each)
            parts.append(total)
        return np.hstack(parts)


def wooldridge(rows: Rows, choices: Choices, start: Array | None = None) -> Solution:
    """Estimate both elasticities in one step by Wooldridge (2009). The search is near ``start`` if given.

    Formula: (1) y = bl l + bk k + h + year + e, with E[e (l, terms of h)] = 0. (2) y = bl l + bk k + g(h_-1) + year +
        xi + e, with E[(xi + e) (k, l_-1, terms of h_-1)] = 0; l in place of l_-1 if labour is chosen before the year.
        h is a polynomial in capital and materials, the same in both equations; g is a polynomial in h of the year
        before. If its degree is above that of h, terms up to that degree are instruments of (2), too, as those of h do
        not identify it. Parameters minimise u'Z (Z'Z)^-1 Z'u, summed over both equations. The covariance is F / (F - 1)
        (D'D)^-1 D'SD (D'D)^-1, with D the derivatives of the moments and S the sum over F firms of products of a firm's
        moments. So it allows for correlation between the equations and over the years of a firm.

    Missing values: equation 1 uses rows with the proxy, equation 2 rows whose year before has it.

    Materials must follow from capital and productivity alone, as in Levinsohn and Petrin (2003). Equation 1 identifies
    bl only if labour varies for other reasons than capital and materials; else equation 2 alone identifies it. Hansen's
    J tests the surplus of moments at the estimate with the weight S^-1. That estimate is not the one returned: its
    standard errors are too small if firms are few, and in simulations it varies as much (docs/productivity.md).

    Raises: `NotIdentified` if the moments do not determine the elasticities.

    Reference: Wooldridge (2009). Petrin and Levinsohn (2012) estimate equation 2 alone (`second_equation`).
    """
    from scipy.optimize import least_squares

    system = _system(rows, choices)
    starts = [start] if start is not None else _starts(system)
    # tolerances near rounding error, so that the results do not depend on the start
    fits = [least_squares(system.moments, s, system.slopes, xtol=1e-13, ftol=1e-14, gtol=1e-14) for s in starts]
    best = min(fits, key=lambda fit: float(fit.cost))
    theta, at, weight = np.asarray(best.x), system.first.rows.now, system.first.rows.weight
    inverse, rank = _inverse(system, theta)
    each = system.by_firm(theta, rows.firm)
    spread, firms = each.T @ each, int(each.any(axis=1).sum())
    elasticities, h, _ = system.split(theta)
    noiseless = np.full(len(rows.output), np.nan)
    noiseless[at] = rows.output[at] - system.residuals(theta)[0]
    scaled, exponents = _state(rows, at, choices.degree)
    return Solution(
        elasticities,
        noiseless,
        falling_share(scaled, exponents, h, weight),
        solved=bool(best.status > 0),
        parameters=theta,
        covariance=firms / (firms - 1) * inverse @ spread @ inverse.T,
        hansen=_hansen(system, theta, spread, rank),
    )


def _state(rows: Rows, at: Codes, degree: int) -> tuple[Array, tuple[tuple[int, ...], ...]]:
    """Return standardised capital and proxy (n, 2) of rows, and the exponents of the terms of h."""
    scaled = standardised(np.column_stack([rows.inputs[at, 1], rows.proxy[at]]), rows.weight[at])
    return scaled, powers(scaled, degree)


def _system(rows: Rows, choices: Choices) -> System:
    """Return both equations: the first of rows with the proxy, the second of rows whose year before has it."""
    seen = np.isfinite(rows.proxy)
    at = np.flatnonzero(seen)
    scaled, exponents = _state(rows, at, choices.degree)
    further = powers(scaled, max(choices.degree, choices.markov))  # starts with the exponents of h
    every = np.full((len(seen), len(further)), np.nan)
    every[at] = monomials(scaled, further)
    terms = every[:, : len(exponents)]
    levels = Pairs(at, at, rows.year[at] if choices.years else np.zeros_like(at), rows.weight[at])
    pairs = Pairs.of(rows, seen, choices, now=np.ones(len(seen), dtype=bool))
    now, past = pairs.now, pairs.past
    labour, capital = rows.inputs.T
    chosen = labour[now] if choices.labour_before else labour[past]
    first = np.column_stack([labour[at], terms[at]])
    second = np.column_stack([chosen, capital[now], every[past]])
    return System(
        Equation.of(levels, rows.output[at], rows.inputs[at], terms[at], first),
        Equation.of(pairs, rows.output[now], rows.inputs[now], terms[past], second),
        choices.markov,
    )


def second_equation(rows: Rows, choices: Choices) -> Array:
    """Return the elasticities by instruments in the second equation alone, (p,), with a linear g.

    The terms of h of the year before then have coefficients of their own, and there are as many instruments as
    coefficients.

    Reference: Petrin and Levinsohn (2012).
    """
    two = _system(rows, choices).second
    matrix = two.moment(np.hstack([two.inputs, two.terms]))
    return np.asarray(np.linalg.lstsq(matrix, two.moment(two.output), rcond=COLLINEAR)[0][: two.inputs.shape[1]])


def _starts(system: System) -> list[Array]:
    """Return starts of the search, each with a linear g.

    Given the slope of g, the other parameters follow by linear least squares. Starts are the slopes of `PERSISTENCE` at
    which the sum of squared moments is not larger than at their neighbours.
    """
    one, two = system.first, system.second
    upper = one.moment(np.hstack([one.inputs, one.terms]))
    inputs, terms = two.moment(two.inputs), two.moment(two.terms)
    outcome = np.concatenate([one.moment(one.output), two.moment(two.output)])
    tried, costs = list[Array](), list[float]()
    for slope in PERSISTENCE:
        matrix = np.vstack([upper, np.hstack([inputs, slope * terms])])
        coefficients = np.linalg.lstsq(matrix, outcome, rcond=COLLINEAR)[0]
        tried.append(np.concatenate([coefficients, [slope], np.zeros(system.markov - 1)]))
        costs.append(float(((outcome - matrix @ coefficients) ** 2).sum()))
    wide = np.pad(np.array(costs), 1, constant_values=np.inf)
    return [theta for i, theta in enumerate(tried) if wide[i + 1] <= min(wide[i], wide[i + 2])]


def _inverse(system: System, theta: Array) -> tuple[Array, int]:
    """Return (D'D)^-1 D' for the elasticities, (p, r), and the rank of D.

    Terms of h may be collinear, but no change of the elasticities may leave the moments as they are: `NotIdentified`.
    """
    slopes, p = system.slopes(theta), system.first.inputs.shape[1]
    scale = np.linalg.norm(slopes, axis=0)
    scale[scale == 0] = 1.0
    left, sizes, directions = np.linalg.svd(slopes / scale, full_matrices=False)
    kept = sizes > COLLINEAR * sizes[0]
    # 1e-6: far above rounding error, far below the share of an elasticity in a direction that involves it
    if len(slopes) < len(theta) or np.abs(directions[~kept, :p]).max(initial=0.0) > 1e-6:
        raise NotIdentified(
            "the two equations of Wooldridge do not identify the elasticities: capital and materials are constant "
            "within firms, or one is an exact function of the other",
            remedy=f"name another column with {option('materials', ...)}, or with {option('capital', ...)}",
        )
    inverse = (directions[kept].T / sizes[kept]) @ left[:, kept].T / scale[:, None]
    return inverse[:p], int(kept.sum())


def _hansen(system: System, theta: Array, spread: Array, rank: int) -> Hansen | None:
    """Return Hansen's J at the two-step estimate, whose weight is the inverse of ``spread``.

    None without a surplus of moments, or with so few firms that the weight does not exist.
    """
    from scipy.optimize import least_squares
    from scipy.stats import chi2

    surplus = len(spread) - rank
    if surplus <= 0 or np.linalg.matrix_rank(spread) < len(spread):
        return None
    root = np.linalg.inv(np.linalg.cholesky(spread))  # root'root is the weight

    def moments(t: Array) -> Array:
        return np.asarray(root @ system.moments(t))

    def slopes(t: Array) -> Array:
        return np.asarray(root @ system.slopes(t))

    fit = least_squares(moments, theta, slopes)
    statistic = float(2 * fit.cost)
    return Hansen(statistic, surplus, float(chi2.sf(statistic, surplus)))
