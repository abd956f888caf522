"""Do differences in prices die out at all? Panel unit-root tests, with p-values simulated for the very panel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from integrade.account import Entry
from integrade.errors import UsageError
from integrade.frames import give_back, place
from integrade.integration.series import Basis, read_series, span
from integrade.integration.transforms import Vector
from integrade.measure import choose, measure

STEP, TABLE = "panel_unit_root", "convergence"
SEED = 20240101
BOUNDS = {False: (-6.19, 2.61), True: (-6.42, 1.70)}
"""Where the statistics of single regions are cut off in CIPS, by trend (Pesaran 2007): they have moments then."""
AT_ONCE = 4_000_000  # cells of simulated panels in memory


@dataclass(frozen=True)
class PanelUnitRoot:
    """How the tests are made (METHODS 2.5).

    Parameters
    ----------
    basis
        What the index column holds. link: previous period = 100 (month on month for monthly prices). fixed: base
        period = 100. level: prices in currency.
    lags
        Lagged changes in each region's regression.
    trend
        A linear trend of each region beside its mean.
    draws
        Simulated panels behind each p-value.
    seed
        Of the simulation.
    """

    basis: Basis = "link"
    lags: int = 1
    trend: bool = False
    draws: int = 1999
    seed: int = SEED


class Statistics(NamedTuple):
    """t-bar of IPS and CIPS of several panels, each (D,)."""

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
def panel_unit_root(prices: Any, options: PanelUnitRoot | None = None, **changes: Any) -> Any:
    """Panel unit-root tests of the relative prices of each good: rejection says that some differences die out.

    Formula:
        dq_it = a_i (+ d_i t) + b_i q_i,t-1 + sum_l c_il dq_i,t-l + e_it. IPS: t_bar = mean over regions of the t of
        b_i, with q the log price relative to the mean of the regions. CIPS: the same for the log price itself, with
        the cross-section means of q_t-1 and of dq_t, ..., dq_t-l added, each t cut off at -6.19 and 2.61 (with a
        trend -6.42 and 1.70). Null of both: a unit root in every region.
        p = (1 + simulated statistics not above the one found) / (draws + 1): ``draws`` panels of independent random
        walks with exactly this number of regions and periods, treated exactly like the data. No tables, no
        standardisation; the smallest attainable p is 1/(draws + 1).

    Missing values:
        Each good enters with its longest run of adjacent periods and the regions that have all of them; the rest is
        counted.

    Args:
        prices: any frame with region, year, (month,) commodity and index.
        options: a `PanelUnitRoot`; single options may be given or changed by name.
        **changes: options by name, as ``lags=2``.

    Returns:
        One row per commodity, sorted: t_bar, p_ips, cips, p_cips, n_regions, n_periods. The kind of frame that came in.

    Raises:
        TooFew: no good with four regions and enough changes for the regressors.
        UsageError, UnknownName: negative lags, no draws, options that do not exist.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see `integrade.schema.conform`.

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
        raise UsageError("lags is 0 or more and draws 19 or more", remedy="leave them out for the defaults")
    # more changes than regressors (CIPS: 2 + lags of the means, 1 + lags own, constant, trend) by three
    needed = chosen.lags + (4 + 2 * chosen.lags + chosen.trend) + 3
    series, account, frame = read_series(prices, chosen.basis, regions=4, changes=needed, step=STEP)
    rows = []
    for s in series:
        found = statistics(s.levels.T[None], chosen.lags, trend=chosen.trend)
        null = simulated(len(s.regions), len(s.periods), chosen)
        p = [(1 + int(np.sum(n <= f[0] + 1e-9))) / (chosen.draws + 1) for f, n in zip(found, null, strict=True)]
        rows.append({"commodity": s.good, "t_bar": float(found.ips[0]), "p_ips": p[0], "cips": float(found.cips[0]),
                     "p_cips": p[1], "n_regions": len(s.regions), "n_periods": len(s.periods) - 1})  # fmt: skip
    of = f"settings: basis={chosen.basis}, lags={chosen.lags}, trend={chosen.trend}, draws={chosen.draws}"
    notes = [Entry(STEP, TABLE, "note", f"{of}, seed={chosen.seed}; {span(series)}", 0)]
    account += [*notes, Entry(STEP, TABLE, "out", "rows", len(rows))]
    return give_back(place(pl.DataFrame(rows), frame), prices, name=TABLE, account=account)


def statistics(levels: Vector, lags: int, *, trend: bool) -> Statistics:
    """IPS t-bar of deviations from the cross-section mean, and CIPS of the levels, of panels (D, N, T + 1)."""
    mean = levels.mean(axis=1, keepdims=True)
    own = t_statistics(levels - mean, _deterministic(levels.shape, lags, trend=trend), lags)
    d = np.diff(mean, axis=2)
    cross = [mean[:, 0, lags:-1], *(d[:, 0, lags - j : d.shape[2] - j] for j in range(lags + 1))]
    common = np.concatenate([_deterministic(levels.shape, lags, trend=trend), np.stack(cross, axis=2)], axis=2)
    augmented = np.clip(t_statistics(levels, common, lags), *BOUNDS[trend])
    return Statistics(own.mean(axis=1), augmented.mean(axis=1))


def _deterministic(shape: tuple[int, ...], lags: int, *, trend: bool) -> Vector:
    """Constant (and trend) of every panel, (D, T - lags, 1 or 2)."""
    t = shape[2] - 1 - lags
    columns = [np.ones(t), *([np.linspace(-1, 1, t)] if trend else [])]
    return np.broadcast_to(np.stack(columns, axis=1), (shape[0], t, len(columns)))


def t_statistics(levels: Vector, common: Vector, lags: int) -> Vector:
    """t (D, N) of the level before in dq on it, lagged dq and ``common`` (D, T - lags, c), for levels (D, N, T + 1)."""
    d = np.diff(levels, axis=2)
    own = [d[:, :, lags:], levels[:, :, lags:-1], *(d[:, :, lags - j : d.shape[2] - j] for j in range(1, lags + 1))]
    z = np.stack(own, axis=3)
    q = np.linalg.qr(common)[0]
    z = z - np.einsum("dtc,dnca->dnta", q, np.einsum("dtc,dnta->dnca", q, z))
    gram = np.einsum("dnta,dntb->dnab", z, z)
    inverse = np.linalg.inv(gram[..., 1:, 1:])
    b = np.einsum("dnab,dnb->dna", inverse, gram[..., 1:, 0])
    rss = gram[..., 0, 0] - np.einsum("dna,dna->dn", b, gram[..., 1:, 0])
    df = z.shape[2] - common.shape[2] - 1 - lags
    return np.asarray(b[..., 0] / np.sqrt(rss / df * inverse[..., 0, 0]))


def simulated(regions: int, periods: int, options: PanelUnitRoot) -> Statistics:
    """The statistics of ``draws`` panels of independent random walks of that size; draws are indexed by number."""
    return _simulated(regions, periods, options.lags, options.trend, (options.draws, options.seed))


@cache
def _simulated(n: int, periods: int, lags: int, trend: bool, drawn: tuple[int, int]) -> Statistics:
    draws, seed = drawn
    step = max(1, min(draws, AT_ONCE // (n * periods * (2 + lags))))
    random = np.random.default_rng([seed, n, periods])
    parts = []
    for start in range(0, draws, step):
        shocks = random.normal(size=(min(step, draws - start), n, periods))
        parts.append(statistics(np.cumsum(shocks, axis=2), lags, trend=trend))
    return Statistics(np.concatenate([p.ips for p in parts]), np.concatenate([p.cips for p in parts]))
