"""Describe the estimation sample: descriptive statistics, correlations and variance inflation factors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from integrade.engine.frames import collect, enter
from integrade.errors import EmptyTable, NotANumber, NotIdentified, TooFew, UnknownColumn, did_you_mean
from integrade.estimate.results import Vector
from integrade.records import tidied
from integrade.wording.sheet import Sheet, number, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl


@shown
@dataclass(frozen=True)
class Describe:
    """Descriptive statistics of one column over the estimation sample."""

    variable: str
    n: int
    mean: float
    std_dev: float
    minimum: float
    p25: float
    median: float
    p75: float
    maximum: float

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the statistics of the column as a table of one row."""
        return Descriptives((self,)).sheet()


@shown
@dataclass(frozen=True)
class Descriptives:
    """The descriptive statistics of several columns, in order. The record is a sequence of `Describe`."""

    columns: tuple[Describe, ...]

    def __iter__(self) -> Iterator[Describe]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, place: int) -> Describe:
        return self.columns[place]

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return one row per column."""
        head = ("", "n", "mean", "std. dev.", "minimum", "p25", "median", "p75", "maximum")
        rows = [
            (
                d.variable,
                f"{d.n:,}",
                *(number(v, 5) for v in (d.mean, d.std_dev, d.minimum, d.p25, d.median, d.p75, d.maximum)),
            )
            for d in self.columns
        ]
        return Sheet("Descriptive statistics", head, tuple(rows))


@shown
@dataclass(frozen=True)
class Correlations:
    """Pearson correlations, shape (k, k), their p-values, and the variance inflation factor of each regressor."""

    variables: tuple[str, ...]
    r: Vector
    p_value: Vector
    n: int
    vif: Mapping[str, float]

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the lower triangle of correlations with p-values below them, and the inflation factors."""
        rows = []
        for i, name in enumerate(self.variables):
            blank = ("",) * (len(self.variables) - i - 1)
            r, p = ([f"{m[i, j]:.3f}" for j in range(i + 1)] for m in (self.r, self.p_value))
            rows.append((f"{i + 1} {name}", *r, *blank, number(self.vif.get(name), 4)))
            rows.append(("", *(f"({v})" if j < i else "" for j, v in enumerate(p)), *blank, ""))
        head = ("", *(str(i + 1) for i in range(len(self.variables))), "VIF")
        return Sheet(f"Pearson correlations (p), n = {self.n:,}", head, tuple(rows))


def describe(panel: Any, columns: Sequence[str], *, complete: bool = True) -> Descriptives:
    """Compute number, mean, standard deviation (divisor n - 1), extremes and quartiles of each column.

    Quartiles follow Stata: if n p / 100 is a whole number k, the quartile is the mean of the sorted values k and k + 1.
    With ``complete``, a row with a missing value in any listed column is left out, so that all columns describe one
    sample. Without it, each column uses its own values. Raises `UnknownColumn`, `NotANumber` and `EmptyTable`.
    """
    rows = _numbers(panel, columns)
    rows = rows.drop_nulls() if complete else rows
    described: list[Describe] = []
    for name in columns:
        values = rows[name].drop_nulls().to_numpy()
        if not len(values):
            raise EmptyTable(f"no value of {name!r} in the sample", remedy="leave it out, or fill it")
        p25, median, p75 = np.percentile(values, [25, 50, 75], method="averaged_inverted_cdf").tolist()
        with np.errstate(over="ignore", invalid="ignore"):  # squares of numbers near the largest float are infinite
            mean, spread = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
        low, high = float(values.min()), float(values.max())
        described.append(Describe(name, len(values), mean, spread, low, p25, median, p75, high))
    return Descriptives(tuple(described))


def correlate(panel: Any, columns: Sequence[str], regressors: Sequence[str] | None = None) -> Correlations:
    """Compute Pearson correlations with two-sided p-values, and the variance inflation factor of each regressor.

    Formula: t = r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of freedom; VIF = 1 / (1 - R^2), R^2 of the regressor
    on the other regressors and a constant, infinite for a collinear regressor.

    Missing values: rows with a missing value in any listed column are left out.

    Args:
        panel: any frame with the columns.
        columns: the columns that are correlated, the outcome first.
        regressors: columns whose variance inflation factors are computed; by default all columns except the first.

    Returns: one `Correlations`.

    Raises: `NotIdentified` for a constant column; `TooFew` for fewer than three rows.
    """
    chosen = list(columns[1:] if regressors is None else regressors)
    names = list(dict.fromkeys([*columns, *chosen]))
    x = _numbers(panel, names).drop_nulls().to_numpy()
    n = len(x)
    if n < 3:
        raise TooFew(
            say("impossible.three-rows", n=str(n)),
            where=", ".join(names),
            remedy="leave out the column that is missing most, or give more rows",
        )
    centred = x - x.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    for name, norm, size in zip(names, norms, np.abs(x).max(axis=0), strict=True):
        # a norm this small relative to the largest value is rounding of a constant column
        if norm <= 1e-12 * size * np.sqrt(n):
            raise NotIdentified(say("impossible.constant", name=repr(name)), remedy="leave it out")
    unit = centred / norms
    k = len(columns)
    r = np.clip(unit[:, :k].T @ unit[:, :k], -1.0, 1.0)
    np.fill_diagonal(r, 1.0)
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / (1 - r**2))
    at = [names.index(name) for name in chosen]
    factors = {name: _inflation(unit[:, at], i) for i, name in enumerate(chosen)}
    return Correlations(tuple(columns), r, 2 * special.stdtr(n - 2, -t), n, factors)


def _numbers(panel: Any, columns: Sequence[str]) -> pl.DataFrame:
    """Return the listed columns as floats in memory. NaN and infinite values become missing."""
    import polars as pl

    frame = enter(panel)
    present = frame.collect_schema()
    for name in columns:
        if name not in present:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, present.names()))
        if not present[name].is_numeric():
            raise NotANumber(f"column {name!r} is {present[name]}, not a number", remedy="leave it out or convert it")
    rows = collect(frame.select(*dict.fromkeys(columns))).cast(pl.Float64)
    return rows.select(pl.when(pl.all().is_finite()).then(pl.all()))


def _inflation(unit: Vector, i: int) -> float:
    """Return 1 / (1 - R^2) of column ``i`` of standardised regressors, shape (n, k).

    An unexplained share below 1e-12 counts as rounding; the column is then collinear.
    """
    others = np.delete(unit, i, axis=1)
    residual = unit[:, i] - others @ np.linalg.lstsq(others, unit[:, i], rcond=None)[0]
    unexplained = float(residual @ residual)  # columns have norm one, so this is 1 - R^2
    return np.inf if unexplained < 1e-12 else 1 / unexplained
