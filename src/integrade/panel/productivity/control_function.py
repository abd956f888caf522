"""Estimate elasticities by Olley-Pakes, Levinsohn-Petrin and Ackerberg-Caves-Frazer, with a proxy for productivity.

First stage: a regression of output on a polynomial in the determinants of the proxy gives phi, output without noise.
Second stage: productivity w(b) = phi - x b follows w_t = g(w_t-1) + xi, and xi is uncorrelated with earlier choices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from integrade.panel.productivity.least_squares import ols
from integrade.panel.productivity.results import Hansen
from integrade.panel.productivity.series import Array, Codes, Rows, monomials, powers, standardised, weighted_fit

GRID = np.linspace(-0.25, 1.25, 11)
"""Starting values for elasticities: every 0.15, from below to above the range that theory allows (0 to 1)."""
ZERO = 1e-10
"""Solutions with at most this half sum of squared moments (correlations) count as equally good.

Rounding in double precision can leave so much.
"""
HOLDS = 1e-6
"""The equations hold if half the sum of squared correlations is below this; a convention."""
EDGE = 0.14
"""A minimum that lies farther than this beyond the grid is the end of the search, not an interior minimum.

The search ends 0.15 beyond the grid.
"""
REASONS = ("beyond", "less-persistent", "as-persistent")
"""The reasons why a solution is not chosen, one for each element of its rank, and one for an equal rank.

The first element in which its rank differs from that of the chosen solution gives the reason. The reasons are:
elasticities outside the range of the grid, less persistent productivity, and equality in both.
"""
APART = 1e-3
"""Two solutions count as the same if no elasticity differs by more than this; a convention."""


@dataclass(frozen=True)
class Choices:
    """Choices of the estimation.

    ``degree`` and ``markov``: degrees of the first-stage polynomial and of g. ``years``: whether output and g have year
    effects. ``labour_before``: labour is chosen before the year, like capital.
    """

    degree: int
    markov: int
    years: bool
    labour_before: bool = False


@dataclass(frozen=True)
class Solution:
    """The solution of the second stage.

    ``elasticities`` (p,). ``noiseless`` (n,): phi, NaN for rows outside the first stage. ``falling``: share of rows
    where phi falls with the proxy. ``others``: further solutions of the same equations; ``reasons``: why each was not
    chosen (of `REASONS`). ``solved``: whether the equations hold. ``omega`` (n,): productivity, if it is not output
    less elasticities times inputs. ``parameters``: starting values for a search near this solution. ``covariance``
    (p, p): of the elasticities, clustered by firm, if the method gives it without draws. ``hansen``: the test of a
    surplus of moments.
    """

    elasticities: Array
    noiseless: Array
    falling: float | None = None
    others: tuple[tuple[float, ...], ...] = ()
    solved: bool = True
    omega: Array | None = None
    parameters: Array | None = None
    reasons: tuple[str, ...] = ()
    covariance: Array | None = None
    hansen: Hansen | None = None


def two_stage(rows: Rows, choices: Choices, start: Array | None = None) -> Solution:
    """Estimate elasticities by Olley and Pakes (1996) or Levinsohn and Petrin (2003).

    The proxy is investment in the first case, materials in the second.

    First stage: y = bl l + h(k, proxy) + year + e. Second: bk minimises the squares of y - bl l - bk k - g(phi_-1 -
    bl l_-1 - bk k_-1) - year, since capital is chosen the year before. Labour must vary for reasons unrelated to
    productivity and capital. Otherwise bl is not identified (Ackerberg, Caves and Frazer, 2015). The search is near
    ``start`` if given.
    """
    labour, capital = rows.inputs.T
    noiseless, falling, linear = _first_stage(rows, np.column_stack([capital, rows.proxy]), labour[:, None], choices)
    bl = float(linear[0])
    known, net = noiseless - bl * labour, rows.output - bl * labour
    pairs = Pairs.of(rows, np.isfinite(noiseless), choices, now=np.ones(len(labour), dtype=bool))
    output, stock = pairs.net(net[pairs.now]), pairs.net(capital[pairs.now])

    def lost(bk: float) -> float:
        left = output - bk * stock
        xi = pairs.shock(left, known[pairs.past] - bk * capital[pairs.past], choices.markov)
        return float(np.average(xi**2, weights=pairs.weight))

    grid = GRID if start is None else start[1] + 0.1 * np.arange(-2.0, 3.0)
    at, step = float(grid[int(np.argmin([lost(float(b)) for b in grid]))]), float(grid[1] - grid[0])
    from scipy.optimize import minimize_scalar

    # 1e-9: far below any standard error, so that results do not depend on the stopping rule; a convention
    minimum = minimize_scalar(lost, bounds=(at - step, at + step), method="bounded", options={"xatol": 1e-9})
    inside = GRID[0] - EDGE < minimum.x < GRID[-1] + EDGE
    return Solution(np.array([bl, float(minimum.x)]), noiseless, falling, solved=bool(inside))


def ackerberg_caves_frazer(rows: Rows, choices: Choices, start: Array | None = None) -> Solution:
    """Estimate by Ackerberg, Caves and Frazer (2015), who estimate both elasticities in the second stage.

    First stage: y = phi(l, k, m) + year + e. Second: E[xi (l_t-1, k_t)] = 0, with l_t in place of l_t-1 if labour is
    chosen before the year. These equations also have spurious solutions. If labour is chosen given k and w, output less
    the contribution of labour is nearly noise at some elasticities. The equations hold there, because noise is
    uncorrelated with all earlier choices. Of several solutions, one with usual elasticities (`usual`) is preferred;
    among these, the one with the most persistent productivity (largest R2 of g) is chosen. The other solutions are
    returned, too. The search is near ``start`` if given.
    """
    noiseless, falling, _ = _first_stage(rows, np.column_stack([rows.inputs, rows.proxy]), rows.inputs[:, :0], choices)
    seen = np.isfinite(noiseless)
    pairs = Pairs.of(rows, seen, choices, now=seen)
    phi, x = pairs.net(noiseless[pairs.now]), pairs.net(rows.inputs[pairs.now])
    phi_before, x_before = noiseless[pairs.past], rows.inputs[pairs.past]
    used = np.column_stack([x[:, 0] if choices.labour_before else pairs.net(x_before[:, 0]), x[:, 1]])

    def moments(b: Array) -> Array:
        return pairs.correlations(used, pairs.shock(phi - x @ b, phi_before - x_before @ b, choices.markov))

    def persistence(b: Array) -> float:
        return pairs.persistence(phi - x @ b, phi_before - x_before @ b, choices.markov)

    starts = [start] if start is not None else [ols(rows, years=choices.years), *_valleys(moments)]
    elasticities, others, solved = solve(moments, starts, lambda b: (not usual(b), round(-persistence(b), 9)))
    values, reasons = tuple(values for values, _ in others), tuple(reason for _, reason in others)
    return Solution(elasticities, noiseless, falling, values, solved, reasons=reasons)


def solve(
    moments: Callable[[Array], Array], starts: Sequence[Array], rank: Callable[[Array], tuple[float, ...]]
) -> tuple[Array, tuple[tuple[tuple[float, ...], str], ...], bool]:
    """Solve as many equations as unknowns; return the best solution, further solutions, and whether the equations hold.

    A further solution is another minimum at which the equations hold; its reason (`REASONS`) explains its worse rank.
    """
    from scipy.optimize import least_squares

    # tolerances near rounding error, so that starts in one valley end at the same point
    fits = [least_squares(moments, s, xtol=1e-12, ftol=1e-14, gtol=1e-14) for s in starts]
    best = min(float(f.cost) for f in fits)
    equal = [(np.asarray(f.x), float(f.cost)) for f in fits if float(f.cost) <= max(2 * best, ZERO)]
    ranked = sorted(equal, key=lambda f: (*rank(f[0]), *f[0]))
    taken = ranked[0][0]
    others: list[tuple[tuple[float, ...], str]] = []
    for b, cost in ranked[1:]:
        if cost < HOLDS and all(np.abs(b - np.array(o)).max() > APART for o in (taken, *(o for o, _ in others))):
            keys = zip(rank(taken), rank(b), REASONS, strict=False)
            why = next((reason for key_taken, key_other, reason in keys if key_taken != key_other), REASONS[-1])
            others.append((tuple(float(v) for v in b), why))
    return taken, tuple(others), best < HOLDS


def usual(b: Array) -> bool:
    """Return whether all elasticities are in the range of the grid."""
    return bool(((b >= GRID[0]) & (b <= GRID[-1])).all())


def _valleys(moments: Callable[[Array], Array]) -> list[Array]:
    """Return grid points where the sum of squared moments is not larger than at any neighbour."""
    value = np.array([[float((moments(np.array([a, b])) ** 2).sum()) for b in GRID] for a in GRID])
    wide = np.pad(value, 1, constant_values=np.inf)
    n, near = len(GRID), (0, 1, 2)
    around = np.min([wide[i : i + n, j : j + n] for i in near for j in near], axis=0)
    return [np.array([GRID[i], GRID[j]]) for i, j in np.argwhere(value <= around)]


def _first_stage(rows: Rows, state: Array, linear: Array, choices: Choices) -> tuple[Array, float, Array]:
    """Return phi (n,), the share of rows where phi falls with the last state column, and coefficients of ``linear``."""
    seen = np.isfinite(state).all(axis=1)
    weight, scaled = rows.weight[seen], standardised(state[seen], rows.weight[seen])
    exponents = powers(scaled, choices.degree)
    time = rows.years[seen] if choices.years else np.ones((int(seen.sum()), 1))
    matrix = np.hstack([linear[seen], monomials(scaled, exponents), time])
    coefficients = weighted_fit(matrix, rows.output[seen], weight)
    noiseless = np.full(len(state), np.nan)
    noiseless[seen] = matrix @ coefficients
    first = linear.shape[1]
    falling = falling_share(scaled, exponents, coefficients[first : first + len(exponents)], weight)
    return noiseless, falling, coefficients[:first]


def falling_share(scaled: Array, exponents: Sequence[tuple[int, ...]], coefficients: Array, weight: Array) -> float:
    """Return the share of rows where a polynomial in standardised columns falls with the last column."""
    slope = np.zeros(len(scaled))
    for coefficient, exponent in zip(coefficients, exponents, strict=True):
        if exponent[-1]:
            slope += coefficient * exponent[-1] * monomials(scaled, [(*exponent[:-1], exponent[-1] - 1)])[:, 0]
    return float(np.average(slope < 0, weights=weight))


@dataclass(frozen=True)
class Pairs:
    """Rows (``now``), each with the firm's row of the year before (``past``), the groups to demean by, and weights."""

    now: Codes
    past: Codes
    group: Codes
    weight: Array

    @staticmethod
    def of(rows: Rows, seen: NDArray[np.bool_], choices: Choices, *, now: NDArray[np.bool_]) -> Pairs:
        """Pair rows marked in ``now`` with rows of the year before that are marked in ``seen``."""
        at = np.flatnonzero(now & (rows.before >= 0) & seen[rows.before])
        group = rows.year[at] if choices.years else np.zeros_like(at)
        return Pairs(at, rows.before[at], group, rows.weight[at])

    def net(self, columns: Array) -> Array:
        """Subtract group means from columns."""
        total = np.bincount(self.group, self.weight)
        total = np.where(total > 0, total, 1.0)
        if columns.ndim == 1:
            return columns - (np.bincount(self.group, self.weight * columns) / total)[self.group]
        return np.column_stack([self.net(c) for c in columns.T])

    def expected(self, outcome: Array, omega: Array, degree: int) -> Array:
        """Return fitted values of the outcome (net of group means) on powers of last year's productivity."""
        scaled = standardised(omega[:, None], self.weight)[:, 0]
        matrix = self.net(np.column_stack([scaled**d for d in range(1, degree + 1)]))
        weighted = matrix * self.weight[:, None]
        # rcond: collinear powers get the least-norm solution; near rounding error, as cross-products square it
        return np.asarray(matrix @ np.linalg.lstsq(weighted.T @ matrix, weighted.T @ outcome, rcond=1e-13)[0])

    def shock(self, omega: Array, before: Array, degree: int) -> Array:
        """Return the part of productivity (net of group means) that last year's productivity does not predict."""
        return omega - self.expected(omega, before, degree)

    def persistence(self, omega: Array, before: Array, degree: int) -> float:
        """Return the share of the variance of productivity (net of group means) that its value last year predicts."""
        left = np.average(self.shock(omega, before, degree) ** 2, weights=self.weight)
        return 1 - float(left / np.average(omega**2, weights=self.weight))

    def correlations(self, z: Array, xi: Array) -> Array:
        """Return the correlation of each instrument (net of group means) with xi."""
        mean = np.average(z * xi[:, None], axis=0, weights=self.weight)
        size = np.average(z**2, axis=0, weights=self.weight) * np.average(xi**2, weights=self.weight)
        return np.asarray(mean / np.sqrt(np.where(size > 0, size, 1.0)))
