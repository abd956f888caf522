"""Adjust the p-values of several tests: Holm, Benjamini-Hochberg, Benjamini-Yekutieli, and Romano-Wolf from draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from integrade.errors import UsageError
from integrade.records import tidied
from integrade.regress.effects import Vector
from integrade.wording.sheet import Sheet, p_number, shown

_TIE = 1e-9  # a draw this close (relatively) to the statistic counts as reaching it


@dataclass(frozen=True)
class Adjusted:
    """One test of a family: its own p-value, and its p-value adjusted over the family in three ways."""

    name: str
    p_value: float
    p_holm: float
    p_bh: float
    p_by: float


@shown
@dataclass(frozen=True)
class AdjustedFamily:
    """The tests of a family, in order. The record is a sequence of `Adjusted`."""

    tests: tuple[Adjusted, ...]

    def __iter__(self) -> Iterator[Adjusted]:
        return iter(self.tests)

    def __len__(self) -> int:
        return len(self.tests)

    def __getitem__(self, place: int) -> Adjusted:
        return self.tests[place]

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return one row per test."""
        head = ("", "p", "Holm", "Benjamini-Hochberg", "Benjamini-Yekutieli")
        rows = [(t.name, *(p_number(p) for p in (t.p_value, t.p_holm, t.p_bh, t.p_by))) for t in self.tests]
        return Sheet(f"{len(self.tests)} tests, adjusted over the family", head, tuple(rows))


def holm(p_values: Sequence[float] | Vector) -> Vector:
    """Return Holm's step-down p-values, shape (m,): ``max_{j <= i} min(1, (m - j + 1) p_(j))``.

    Controls the probability of any false rejection, whatever the dependence. Reference: Holm (1979).

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(10).tolist()
        [0.03, 0.06, 0.06]
    """
    p, order = _sorted(p_values)
    m = len(p)
    return _back(np.maximum.accumulate(np.minimum(p * (m - np.arange(m)), 1.0)), order)


def benjamini_hochberg(p_values: Sequence[float] | Vector) -> Vector:
    """Return Benjamini and Hochberg's (1995) p-values, shape (m,): ``min_{j >= i} min(1, m p_(j) / j)``.

    Controls the expected share of false rejections for independent or positively dependent tests.
    """
    return _step_up(p_values, 1.0)


def benjamini_yekutieli(p_values: Sequence[float] | Vector) -> Vector:
    """Return Benjamini and Yekutieli's (2001) p-values, shape (m,), valid for any dependence.

    Formula: Benjamini and Hochberg's p-values with the factor ``sum_i 1/i``.
    """
    return _step_up(p_values, float((1 / np.arange(1, len(p_values) + 1)).sum()))


def romano_wolf(statistics: Sequence[float] | Vector, draws: Vector) -> Vector:
    """Return step-down p-values from the joint distribution of the statistics under the null, shape (m,).

    Formula: with ``|t|_(1) >= |t|_(2) >= ...``,
        ``p_(i) = max(p_(i-1), (1 + #{max_{j >= i} |t*_(j)| >= |t|_(i)}) / (B + 1))``.

    Args:
        statistics: t of each test, (m,).
        draws: t* of each bootstrap or permutation draw under the null (or centred at the estimate), (B, m).

    Raises: `UsageError` when the shapes do not agree or a value is missing.

    Reference: Romano and Wolf (2005, 2016, equation 4.7).
    """
    observed, drawn = np.abs(np.asarray(statistics, dtype=np.float64)), np.abs(np.asarray(draws, dtype=np.float64))
    if observed.ndim != 1 or drawn.ndim != 2 or drawn.shape[1] != len(observed) or not len(drawn):
        what = f"draws have shape {drawn.shape} for {observed.shape} statistics"
        raise UsageError(what, remedy="give draws with one row per draw and one column per statistic")
    if np.isnan(observed).any() or np.isnan(drawn).any():
        raise UsageError("a statistic is missing", remedy="leave the test out of the family")
    order = np.argsort(-observed, kind="stable")
    largest = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]  # max over the tests not yet passed
    reached = (largest >= observed[order] * (1 - _TIE)).sum(axis=0)
    return _back(np.maximum.accumulate((1 + reached) / (len(drawn) + 1)), order)


def adjust(tests: Mapping[str, float]) -> tuple[Adjusted, ...]:
    """Adjust a family of named p-values in all three ways; return the tests in the order given.

    Example:
        >>> adjust({"ownership": 0.01, "period": 0.04})[0].p_holm
        0.02
    """
    p = np.array(list(tests.values()), dtype=np.float64)
    rows = zip(
        tests,
        p.tolist(),
        holm(p).tolist(),
        benjamini_hochberg(p).tolist(),
        benjamini_yekutieli(p).tolist(),
        strict=True,
    )
    return tuple(Adjusted(*row) for row in rows)


def _sorted(p_values: Sequence[float] | Vector) -> tuple[Vector, np.ndarray]:
    """Return p-values in ascending order, and their positions. Raise `UsageError` for numbers outside 0 to 1."""
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise UsageError("p-values lie between 0 and 1", example=str(p.tolist()), remedy="leave missing ones out")
    order = np.argsort(p, kind="stable")
    return p[order], order


def _step_up(p_values: Sequence[float] | Vector, factor: float) -> Vector:
    """Return the step-up p-values ``min_{j >= i} min(1, factor m p_(j) / j)``."""
    p, order = _sorted(p_values)
    m = len(p)
    scaled = p * factor * m / np.arange(1, m + 1)
    return _back(np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0), order)


def _back(values: Vector, order: np.ndarray) -> Vector:
    """Return sorted values in the original order."""
    ordered = np.empty(len(values))
    ordered[order] = values
    return ordered
