"""Define rows that are linked to the year before, polynomials, and weighted least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Firm-years in logs, sorted by firm and year.

    ``output`` (n,); ``inputs`` (n, p): labour, capital and, for gross output, materials. ``proxy`` (n,): investment or
    materials, which reveal productivity; NaN if not available. ``share`` (n,): log of the share of materials in output.
    ``costs`` (n, p): shares of inputs in costs. ``firm``, ``year`` (n,): codes from 0. ``before`` (n,): position of the
    firm's row of the year before, -1 if there is none. ``weight`` (n,): how often the firm was drawn.
    """

    output: Array
    inputs: Array
    proxy: Array
    share: Array
    costs: Array
    firm: Codes
    year: Codes
    before: Codes
    weight: Array

    @property
    def years(self) -> Array:
        """Return year dummies, (n, T)."""
        return np.eye(int(self.year.max()) + 1)[self.year]


def powers(columns: Array, degree: int) -> tuple[tuple[int, ...], ...]:
    """Return the exponents of a complete polynomial without its constant: x, y, x^2, xy, y^2, ..."""
    count = columns.shape[1]
    chosen = (c for d in range(1, degree + 1) for c in combinations_with_replacement(range(count), d))
    return tuple(tuple(c.count(i) for i in range(count)) for c in chosen)


def monomials(columns: Array, exponents: Sequence[tuple[int, ...]]) -> Array:
    """Return products of powers of the columns, (n, len(exponents))."""
    products = np.ones((len(columns), len(exponents)))
    for place, exponent in enumerate(exponents):
        for i, e in enumerate(exponent):
            if e:
                products[:, place] *= columns[:, i] ** e
    return products


def standardised(columns: Array, weight: Array) -> Array:
    """Standardise columns to mean 0 and standard deviation 1, so that their powers can be distinguished numerically."""
    mean = np.average(columns, axis=0, weights=weight)
    spread = np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=weight))
    return (columns - mean) / np.where(spread > 0, spread, 1.0)


def weighted_fit(matrix: Array, outcome: Array, weight: Array) -> Array:
    """Return weighted least squares coefficients; if columns are collinear, the solution with the least norm."""
    root = np.sqrt(weight)
    # rcond: columns that are collinear up to rounding error get the least-norm solution
    coefficients, *_ = np.linalg.lstsq(matrix * root[:, None], outcome * root, rcond=1e-11)
    return np.asarray(coefficients)


def fitted(matrix: Array, outcome: Array, weight: Array) -> Array:
    """Return fitted values of weighted least squares."""
    return matrix @ weighted_fit(matrix, outcome, weight)
