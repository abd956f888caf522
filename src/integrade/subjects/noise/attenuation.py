"""Measure the effect of a noisy index on the regression, and correct for it (METHODS 1.5 and 5.9).

`pipeline_bootstrap` resamples goods and clusters through index and regression. `simex` adds error to the index and
extrapolates back to none. `expected_attenuation` simulates the bias of an index from a given number of goods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from integrade.errors import TooFew, UsageError
from integrade.estimate.results import Vector
from integrade.records import needs, tidied
from integrade.subjects.noise.index_draws import limit, simulated, stream
from integrade.subjects.noise.pipeline import PipelineBootstrap, PipelineOptions, Replicated, pipeline_bootstrap
from integrade.subjects.noise.simex import Simex, SimexOptions, SimexPoint, simex
from integrade.wording.sheet import Sheet, of_text, shown
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Attenuation",
    "PipelineBootstrap",
    "PipelineOptions",
    "Replicated",
    "Simex",
    "SimexOptions",
    "SimexPoint",
    "expected_attenuation",
    "pipeline_bootstrap",
    "simex",
]

SEED = 20240101
_MOST = 100  # largest number of simulated regions: more hardly change the result, and `limit` has arrays of R^3


@shown
@dataclass(frozen=True)
class Attenuation:
    """Simulated relation between an index from ``n_goods`` goods and the index from infinitely many goods.

    All numbers are over region-years with year means removed, and with several years region means too. tau is a
    region's true standard deviation of price shocks. ``correlation`` and ``compression`` are the correlation and the
    slope of the index with -ln tau. ``split_half`` is the correlation of the indices from two halves of the goods. If
    the outcome equals the true index, ``slope`` is its slope on the measured index (1 without noise), and ``oriv`` is
    the stacked instrumental estimate with the two halves. If the outcome equals the square of the true index,
    ``square`` is the coefficient of the measured index squared. Numbers are averages over samples; ``slope_sd`` is the
    standard deviation of ``slope`` over samples. ``oriv`` is a median, because an instrumental estimate has no mean.
    """

    n_regions: int
    n_goods: int
    n_years: int
    spread: float
    between: float
    correlation: float
    compression: float
    split_half: float
    slope: float
    slope_sd: float
    square: float
    oriv: float
    draws: int
    seed: int

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the numbers in words."""
        return of_text(
            "\n".join(
                [
                    f"{self.n_regions} regions, {self.n_goods} goods, {self.n_years} years, "
                    f"s.d. of ln tau {self.spread:g} within regions, {self.between:g} between them; "
                    f"{self.draws:,} samples, seed {self.seed}",
                    f"  index and -ln tau: correlation {self.correlation:.2f}, slope {self.compression:.2f}; "
                    f"halves of the goods {self.split_half:.2f}",
                    f"  a true slope of 1 is estimated as {self.slope:.2f} (s.d. {self.slope_sd:.2f}), with split-half "
                    f"instruments as {self.oriv:.2f}; a true square of 1 as {self.square:.2f}",
                ]
            )
        )


def expected_attenuation(
    n_regions: int,
    n_goods: int,
    n_years: int = 10,
    spread: float | tuple[float, float] = 0.2,
    seed: int = SEED,
    *,
    draws: int = 100,
) -> Attenuation:
    """Simulate by how much the sampling error of an index flattens a regression on the index.

    Price shocks are normal and independent over regions, goods and years, with standard deviation tau. ln tau is normal
    with standard deviation ``spread`` and drawn again each year. With ``spread=(between, within)`` ln tau also differs
    permanently between regions; with several years, region effects remove this difference. The true index is the limit
    of the measured index with many goods (METHODS 1.5). The true index is compressed in the same way as the measured
    one, so ``slope`` shows attenuation by noise only.

    Raises:
        TooFew: fewer than four regions or goods (two halves need two each). UsageError: impossible sizes.

    Example:
        >>> expected_attenuation(31, 10, 1, 0.2, draws=200).compression  # METHODS 1.5: .42  # doctest: +SKIP
    """
    needs.require_count(needs.DRAWS, draws=draws)
    needs.require_count(needs.YEARS, n_years=n_years)
    needs.require_count(needs.SIZE, n_goods=n_goods)
    if n_regions < 4 or n_goods < 4:
        raise TooFew(
            say("impossible.four-of-each", regions=str(n_regions), goods=str(n_goods)),
            remedy="give n_regions=4 and n_goods=4 at least",
        )
    between, within = spread if isinstance(spread, tuple) else (0.0, spread)
    if n_years < 1 or draws < 2 or not (within > 0 and between >= 0):
        raise UsageError(
            f"n_years={n_years}, draws={draws}, spread={spread} cannot be simulated",
            remedy="give at least n_years=1, draws=2 and a positive spread, such as spread=0.2",
        )
    size = n_years, min(n_regions, _MOST), n_goods
    grams = np.array([_gram(stream(seed, d, 3), size, (between, within)) for d in range(draws)])
    sums = grams.sum(axis=0)
    scale = np.sqrt(np.diag(sums))
    pooled = sums / np.outer(scale, scale)
    whole, square, first_half, second_half, tau, true, squared = range(7)
    slope = grams[:, whole, true] / grams[:, whole, whole]
    regressors = np.ix_(range(draws), (whole, square), (whole, square))
    curved = np.linalg.solve(grams[regressors], grams[:, [whole, square], squared][:, :, None])[:, 1, 0]
    instrumental = (grams[:, first_half, true] + grams[:, second_half, true]) / (2 * grams[:, first_half, second_half])
    return Attenuation(
        size[1],
        n_goods,
        n_years,
        within,
        between,
        float(pooled[whole, tau]),
        float(sums[whole, tau] / sums[tau, tau]),
        float(pooled[first_half, second_half]),
        float(slope.mean()),
        float(slope.std(ddof=1)),
        float(curved.mean()),
        float(np.median(instrumental)),
        draws,
        seed,
    )


def _gram(random: np.random.Generator, size: tuple[int, int, int], spread: tuple[float, float]) -> Vector:
    """Return the cross-products of the columns of one simulated sample.

    The columns are the index, its square, the indices of two halves, -ln tau, the true index, and its square.
    """
    t, n, k = size
    permanent, moving = random.normal(size=n), random.normal(size=(t, n))
    ln_tau = spread[0] * permanent + spread[1] * moving
    shocks = random.normal(size=(t, n, k)) * (0.01 * np.exp(ln_tau))[:, :, None]
    index = simulated(shocks, _whole_and_halves)
    true = np.array([limit(0.01 * np.exp(row)) for row in ln_tau])
    # centred, so that an index and its square are not nearly collinear
    whole, true = index[:, :, 0] - index[:, :, 0].mean(), true - true.mean()
    columns = np.stack([whole, whole**2, index[:, :, 1], index[:, :, 2], -ln_tau, true, true**2])
    columns -= columns.mean(axis=2, keepdims=True)
    if t > 1:
        columns -= columns.mean(axis=1, keepdims=True)
    flat = columns.reshape(len(columns), -1)
    return np.asarray(flat @ flat.T)


def _whole_and_halves(goods: NDArray[np.intp]) -> Vector:
    first = (np.arange(len(goods)) < len(goods) // 2).astype(np.float64)
    return np.column_stack([np.ones(len(goods)), first, 1 - first])
