"""Estimate elasticities of gross output by Gandhi, Navarro and Rivers (2020), from the materials condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrade.panel.productivity.control_function import Choices, Pairs, Solution, solve, usual
from integrade.panel.productivity.series import Array, Rows, monomials, powers, weighted_fit

STEPS = 200
"""Largest number of Gauss-Newton steps of the share regression; a few usually suffice."""
HALVINGS = 30  # of a Gauss-Newton step before the search stops: the step is then below 1e-9 of its length


@dataclass(frozen=True)
class _Share:
    """Results of the first stage (the share regression).

    ``elasticity`` (n,) is the elasticity of output to materials, ``noise`` (n,) the noise of output. ``integral`` (n,)
    is the integral of the elasticity over log materials; ``slopes`` (n, 2) are its derivatives by log labour and log
    capital.
    """

    elasticity: Array
    noise: Array
    integral: Array
    slopes: Array


def gandhi_navarro_rivers(rows: Rows, choices: Choices, start: Array | None = None) -> Solution:
    """Estimate mean elasticities (labour, capital, materials) of a production function without a given form.

    First stage: ln share = ln(E D(l, k, m)) - e by nonlinear least squares, with D a polynomial and E = E[exp(e)]. This
    is the first-order condition of materials if all firms face the same prices.
    Second: Y = y - e - integral of D dm = C(k, l) + w with w_t = g(w_t-1) + xi and E[xi x powers of (l_t, k_t)] = 0,
    with l_t-1 in place of l_t if labour is chosen within the year. ``start``: parameters of C near the solution.

    Reference: Gandhi, Navarro and Rivers (2020).
    """
    centre = np.average(rows.inputs, axis=0, weights=rows.weight)
    spread = np.sqrt(np.average((rows.inputs - centre) ** 2, axis=0, weights=rows.weight))
    z = (rows.inputs - centre) / spread
    share = _first_stage(rows, z, spread, choices.degree)
    exponents = powers(z[:, :2], choices.degree)
    base = monomials(z[:, :2], exponents)
    net_output = rows.output - share.noise - share.integral
    pairs = Pairs.of(rows, np.ones(len(z), dtype=bool), choices, now=np.ones(len(z), dtype=bool))
    now, past = pairs.now, pairs.past
    labour = z[now, 0] if choices.labour_before else z[past, 0]
    used = pairs.net(monomials(np.column_stack([labour, z[now, 1]]), exponents))
    y, c = pairs.net(net_output[now]), pairs.net(base[now])

    def shock(a: Array) -> Array:
        return pairs.shock(y - c @ a, net_output[past] - base[past] @ a, choices.markov)

    def rank(a: Array) -> tuple[float, ...]:
        persistence = pairs.persistence(y - c @ a, net_output[past] - base[past] @ a, choices.markov)
        return float(not usual(_mean(rows, share, _slopes(z, exponents, a, spread)))), round(-persistence, 9)

    free = weighted_fit(np.column_stack([base, np.ones(len(z))]), net_output, rows.weight)[:-1]
    starts = [start] if start is not None else [free, free / 2, np.zeros_like(free)]
    parameters, others, solved = solve(lambda a: pairs.correlations(used, shock(a)), starts, rank)
    means = [
        _mean(rows, share, _slopes(z, exponents, np.array(a), spread))
        for a in (parameters, *(values for values, _ in others))
    ]
    omega = net_output - base @ parameters
    return Solution(
        means[0],
        rows.output - share.noise,
        others=tuple(tuple(float(v) for v in m) for m in means[1:]),
        solved=solved,
        omega=omega,
        parameters=parameters,
        reasons=tuple(reason for _, reason in others),
    )


def _first_stage(rows: Rows, z: Array, spread: Array, degree: int) -> _Share:
    """Run the share regression on standardised inputs ``z`` (n, 3), and integrate its polynomial over materials."""
    exponents = ((0, 0, 0), *powers(z, degree))
    matrix = monomials(z, exponents)
    scaled = _log_series(matrix, rows.share, rows.weight)
    left = np.log(matrix @ scaled) - rows.share
    gamma = scaled / np.average(np.exp(left), weights=rows.weight)
    raised = [(a, b, c + 1) for a, b, c in exponents]
    over = gamma * spread[2] / np.array([c for *_, c in raised])
    integral = monomials(z, raised) @ over
    slopes = _slopes(z, raised, over, spread)
    return _Share(matrix @ gamma, left, integral, slopes)


def _log_series(matrix: Array, outcome: Array, weight: Array) -> Array:
    """Return coefficients g that minimise the squares of outcome - ln(matrix g), by damped Gauss-Newton.

    The first step starts from a constant.
    """
    coefficients = np.zeros(matrix.shape[1])
    coefficients[0] = np.exp(np.average(outcome, weights=weight))
    lost = _lost(matrix, outcome, weight, coefficients)
    for _ in range(STEPS):
        level = matrix @ coefficients
        step = weighted_fit(matrix / level[:, None], outcome - np.log(level), weight)
        for halving in range(HALVINGS):
            tried = coefficients + step / 2**halving
            new = _lost(matrix, outcome, weight, tried)
            if new <= lost:
                break
        else:
            return coefficients
        done = lost - new <= 1e-14 * lost  # no more progress than rounding error in double precision
        coefficients, lost = np.asarray(tried), new
        if done:
            break
    return coefficients


def _lost(matrix: Array, outcome: Array, weight: Array, g: Array) -> float:
    """Return the mean square of outcome - ln(matrix g); infinite if a value of the series is not positive."""
    level = matrix @ g
    return float(np.average((outcome - np.log(level)) ** 2, weights=weight)) if (level > 0).all() else float("inf")


def _slopes(z: Array, exponents: Sequence[tuple[int, ...]], coefficients: Array, spread: Array) -> Array:
    """Return derivatives of a polynomial in standardised inputs by log labour and log capital, (n, 2)."""
    slopes = np.zeros((len(z), 2))
    for exponent, coefficient in zip(exponents, coefficients, strict=True):
        for i in (0, 1):
            if exponent[i]:
                lower = tuple(e - (j == i) for j, e in enumerate(exponent))
                slopes[:, i] += coefficient * exponent[i] / spread[i] * monomials(z, [lower])[:, 0]
    return slopes


def _mean(rows: Rows, share: _Share, slopes: Array) -> Array:
    """Return mean elasticities (labour, capital, materials); ``slopes`` (n, 2) are the derivatives of C."""
    every = np.column_stack([share.slopes + slopes, share.elasticity])
    return np.asarray(np.average(every, axis=0, weights=rows.weight))
