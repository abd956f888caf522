"""Test whether price differences disappear, by panel unit-root tests with p-values simulated for the observed panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import UsageError, option
from integrade.integration.series import read_series, span
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.records.needs import DRAWS
from integrade.sources.basis.detection import Declared
from plainwords.account import Entry
from plainwords.texts import say

STEP, TABLE = "panel_unit_root", "convergence"
SEED = 20240101
BOUNDS = {False: (-6.19, 2.61), True: (-6.42, 1.70)}
"""Bounds at which CIPS truncates the statistics of single regions so that their moments exist (Pesaran 2007).

True: the regression has a trend. False: it has none.
"""
AT_ONCE = 4_000_000  # cells of simulated panels in memory; a convention


@dataclass(frozen=True)
class PanelUnitRoot:
    """Options of `panel_unit_root` (METHODS 2.5).

    Parameters
    ----------
    basis
        The meaning of the index column. detect: read from the data, or refuse. link: previous period = 100 (month on
        month for monthly prices). fixed: base period = 100. level: prices in currency. rate: changes in per cent.
    lags
        Number of lagged changes in each region's regression.
    trend
        Whether the regression of each region has a linear trend in addition to its mean.
    draws
        Number of simulated panels for each p-value.
    seed
        Seed of the simulation.
    """

    basis: Declared = "detect"
    lags: int = 1
    trend: bool = False
    draws: Annotated[int, DRAWS] = 999
    seed: int = SEED


class Statistics(NamedTuple):
    """t-bar of IPS and CIPS for D panels, each (D,)."""

    ips: Vector
    cips: Vector


@measure(
    family="integration",
    needs=("prices",),
    key=("commodity",),
    adds={
        "t_bar": "mean t-statistic (IPS)",
        "p_ips": "p-value",
        "cips": "mean cross-sectionally augmented t-statistic",
        "p_cips": "p-value",
        "n_regions": "regions",
        "n_periods": "changes per series",
    },
    options=PanelUnitRoot,
    cite="Im, Pesaran and Shin (2003); Pesaran (2007)",
)
def panel_unit_root(prices: Data, options: PanelUnitRoot | None = None, **changes: Any) -> Data:
    """Test the relative prices of each good for panel unit roots; rejection means that some differences disappear.

    Formula:
        dq_it = a_i (+ d_i t) + b_i q_i,t-1 + sum_l c_il dq_i,t-l + e_it. IPS: t_bar = mean over regions of the t of
        b_i, where q is the log price relative to the mean of the regions. CIPS: the same mean, where q is the log price
        itself. The cross-section means of q_t-1 and of dq_t, ..., dq_t-l are regressors, and each t is truncated at
        -6.19 and 2.61 (with a trend, at -6.42 and 1.70). The null hypothesis of both is a unit root in every region. p
        = (1 + number of simulated statistics not above the observed one) / (draws + 1). The simulation draws ``draws``
        panels of the observed size, in which each region is an independent random walk around the observed national
        mean; it tests them like the data. So drift and breaks of the nation are part of the null hypothesis. Critical
        values from tables ignore them and reject a true null of CIPS too often; no tables and no standardisation are
        used. The test is exact if the nation moves all regions alike and shocks are normal; the smallest possible p is
        1/(draws + 1).

    Missing values:
        Each good enters with its longest run of adjacent periods and the regions that have all of them; all other rows
        are counted.

    Args:
        prices: any frame with region, year, (month,) commodity and index.
        options: a `PanelUnitRoot`; single options may be given or changed by name.
        **changes: options by name, for example ``lags=2``.

    Returns:
        One row per commodity, sorted: t_bar, p_ips, cips, p_cips, n_regions, n_periods. Same kind of frame as the
        input.

    Raises:
        TooFew: no good has four regions and enough changes for the regressors.
        UsageError, UnknownName: lags are negative, draws are fewer than 19, or options do not exist.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Im, Pesaran and Shin (2003, Journal of Econometrics); Pesaran (2007, Journal of Applied Econometrics).
        METHODS 2.5.

    Example:
        >>> import numpy as np, polars as pl
        >>> q = np.random.default_rng(3).normal(0, 0.02, (31, 8))  # differences that are gone after a year
        >>> prices = pl.DataFrame([
        ...     {"region": f"r{i}", "year": 1990 + t, "commodity": "food", "index": 100 * np.exp(q[t + 1, i] - q[t, i])}
        ...     for t in range(30) for i in range(8)])
        >>> panel_unit_root(prices, draws=199).select("p_ips", "p_cips").row(0)
        (0.005, 0.005)
    """
    import polars as pl

    chosen = choose(PanelUnitRoot, options, changes)
    if chosen.lags < 0 or chosen.draws < 19:
        raise UsageError(
            "lags must be 0 or more, and draws 19 or more", remedy=f"give {option('lags', 1)}, {option('draws', 999)}"
        )
    # three more changes than regressors (CIPS: 2 + lags of the means, 1 + lags of the series, constant, trend)
    needed = chosen.lags + (4 + 2 * chosen.lags + chosen.trend) + 3
    series, account, frame, basis = read_series(prices, chosen.basis, regions=4, changes=needed, step=STEP)
    rows = []
    for s in series:
        observed = statistics(s.levels.T, chosen.lags, trend=chosen.trend)
        null = simulated(s.levels.mean(axis=1), len(s.regions), chosen)
        # 1e-9 counts simulated statistics equal to the observed one despite floating-point error; a convention.
        p = [(1 + int(np.sum(n <= f[0] + 1e-9))) / (chosen.draws + 1) for f, n in zip(observed, null, strict=True)]
        rows.append(
            {
                "commodity": s.good,
                "t_bar": float(observed.ips[0]),
                "p_ips": p[0],
                "cips": float(observed.cips[0]),
                "p_cips": p[1],
                "n_regions": len(s.regions),
                "n_periods": len(s.periods) - 1,
            }
        )
    of = f"basis={basis}, lags={chosen.lags}, trend={chosen.trend}, draws={chosen.draws}, seed={chosen.seed}"
    notes = [Entry(STEP, TABLE, "note", say("integration.settings-over", settings=of, over=span(series)), 0)]
    account += [*notes, Entry(STEP, TABLE, "out", say("account.rows"), len(rows))]
    return give_back(place(pl.DataFrame(rows), frame), prices, name=TABLE, account=account)


def statistics(levels: Vector, lags: int, *, trend: bool) -> Statistics:
    """Compute the statistics of one panel (N, T + 1).

    Both t-bar of IPS and CIPS are computed from differences to the cross-section mean; `_statistics` says why.
    """
    mean = levels.mean(axis=0)
    return _statistics((levels - mean)[None], mean, lags, trend=trend)


def simulated(mean: Vector, regions: int, options: PanelUnitRoot) -> Statistics:
    """Simulate the statistics of ``draws`` panels of independent random walks around the mean path (T + 1,)."""
    step = max(1, min(options.draws, AT_ONCE // (regions * len(mean) * (2 + options.lags))))
    random = np.random.default_rng([options.seed, regions, len(mean)])
    parts = []
    for start in range(0, options.draws, step):
        shocks = random.normal(size=(min(step, options.draws - start), regions, len(mean)))
        walks = np.cumsum(shocks - shocks.mean(axis=1, keepdims=True), axis=2)
        parts.append(_statistics(walks, mean, options.lags, trend=options.trend))
    return Statistics(np.concatenate([p.ips for p in parts]), np.concatenate([p.cips for p in parts]))


def _statistics(relative: Vector, mean: Vector, lags: int, *, trend: bool) -> Statistics:
    """Compute the statistics from differences (D, N, T + 1) to the mean path (T + 1,).

    CIPS is the same from these differences as from levels. Differences and levels differ only by the level and the
    changes of the mean, which are regressors in CIPS.
    """
    t, d = len(mean) - 1 - lags, np.diff(mean)
    deterministic = np.column_stack([np.ones(t), *([np.linspace(-1, 1, t)] if trend else [])])
    cross = np.column_stack([mean[lags:-1], *(d[lags - j : len(d) - j] for j in range(lags + 1))])
    augmented = np.clip(t_statistics(relative, np.hstack([deterministic, cross]), lags), *BOUNDS[trend])
    return Statistics(t_statistics(relative, deterministic, lags).mean(axis=1), augmented.mean(axis=1))


def t_statistics(levels: Vector, common: Vector, lags: int) -> Vector:
    """Compute the t (D, N) of the lagged level in a regression for each region, from levels (D, N, T + 1).

    The regression explains dq by the lagged level, lagged dq and ``common`` (T - lags, c).
    """
    d = np.diff(levels, axis=2)
    variables = [
        d[:, :, lags:],
        levels[:, :, lags:-1],
        *(d[:, :, lags - j : d.shape[2] - j] for j in range(1, lags + 1)),
    ]
    q = np.linalg.qr(common)[0]
    z = np.stack([v - (v @ q) @ q.T for v in variables], axis=2)
    gram = z @ z.swapaxes(2, 3)
    inverse = np.linalg.inv(gram[..., 1:, 1:])
    b = np.einsum("dnab,dnb->dna", inverse, gram[..., 1:, 0])
    rss = gram[..., 0, 0] - np.einsum("dna,dna->dn", b, gram[..., 1:, 0])
    df = z.shape[3] - common.shape[1] - 1 - lags
    return np.asarray(b[..., 0] / np.sqrt(rss / df * inverse[..., 0, 0]))
