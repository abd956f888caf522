"""Estimate convergence: the time until half of a price difference has disappeared (METHODS 2.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import TooFew, UsageError, counted, option
from integrade.integration.series import GoodSeries, read_series, span
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.records.confidence import Level
from integrade.regress.students import t_quantile
from integrade.sources.basis.detection import Declared
from plainwords.account import Account, Entry, Kind
from plainwords.texts import listed, say

STEP, TABLE = "half_life", "convergence"
LEAST_GOODS = 3  # with by='region', a region with fewer goods has no row; a convention
Bias = Literal["half_panel", "nickell", "none"]


@dataclass(frozen=True)
class HalfLife:
    """Options of `half_life` (METHODS 2.5).

    Parameters
    ----------
    basis
        The meaning of the index column. detect: read from the data, or refuse. link: previous period = 100 (month on
        month for monthly prices). fixed: base period = 100. level: prices in currency. rate: changes in per cent.
    by
        One row per commodity (its regions pooled), per region (its goods pooled), or one row for everything (all).
    lags
        Number of lagged changes in the regression.
    bias
        Correction for the bias of a dynamic panel with fixed effects. half_panel: the half-panel jackknife of Dhaene
        and Jochmans. nickell: the coefficient that solves Nickell's bias formula (only without lags). none: no
        correction.
    thin
        What to do, with by='region', with a region that has fewer than three goods: leave it out, with a warning that
        names it, or refuse.
    confidence
        Confidence level of the interval.
    """

    basis: Declared = "detect"
    by: Literal["commodity", "region", "all"] = "commodity"
    lags: int = 0
    bias: Bias = "half_panel"
    thin: Literal["leave_out", "refuse"] = "leave_out"
    confidence: Level = 0.95


@dataclass(frozen=True)
class _Moments:
    """Cross-products of (change, level before, lagged changes) within series, for all clusters and without each one.

    ``whole`` has the shape (W, m, m) and ``without`` the shape (C, W, m, m), for C clusters, m variables and W windows
    of time. The first window is all periods; the others are the halves.
    """

    whole: Vector
    without: Vector
    periods: float
    series: int
    goods: int


@measure(
    family="integration",
    needs=("prices",),
    key=("commodity",),
    adds={
        "beta": "per period",
        "se_beta": "as beta",
        "half_life": "periods",
        "half_life_low": "periods",
        "half_life_high": "periods",
        "bounded": "whether the interval ends",
        "integration": "-ln(1 + beta), speed per period",
        "n_regions": "regions",
        "n_goods": "goods",
        "n_periods": "changes per series",
    },
    options=HalfLife,
    cite="Parsley and Wei (1996); Nickell (1981); Dhaene and Jochmans (2015); Goes and Matheson (2017)",
)
def half_life(prices: Data, options: HalfLife | None = None, **changes: Any) -> Data:
    """Estimate the half-life of price differences between regions, corrected for the bias of short panels.

    Formula:
        dq_it = alpha_i + beta q_i,t-1 + sum_l c_l dq_i,t-l + e_it for each good, where q is the log price relative to
        the mean of the regions; half-life = ln 0.5 / ln(1 + beta). The estimate equals that from the panel of all pairs
        of regions, because pairwise differences have the same cross-products. half_panel: 2 b - (b_1 + b_2)/2, where
        b_1 and b_2 are the estimates from the two halves of the years (for an odd number of years, the average over
        both splits). nickell: the rho = 1 + beta at which the expected estimate is the observed one. se:
        delete-one-region jackknife of the corrected estimate (by region: delete-one-good), with t(G - 1). The interval
        of the half-life comes from the ends of the interval of beta, never from a delta method. It has no upper end if
        the interval of beta reaches 0.

    Missing values:
        Each good enters with its longest run of adjacent periods and the regions that have all of them; all other rows
        are counted. half_life is missing where beta >= 0 (no convergence) and zero where beta <= -1 (the difference
        disappears within the period); both are counted. half_life_high is missing and ``bounded`` is false where the
        interval of beta reaches zero, because the half-life then has no upper bound; these are counted too. With
        by='region', a region with fewer than three goods has no row, with a warning (``thin``).

    Args:
        prices: any frame with region, year, (month,) commodity and index.
        options: a `HalfLife`; single options may be given or changed by name.
        **changes: options by name, for example ``by='region'``.

    Returns:
        One row per commodity (by='commodity'), per region (by='region') or one row (by='all'): beta, se_beta,
        half_life, half_life_low, half_life_high (years or months), bounded, integration (speed), n_regions, n_goods,
        n_periods. Same kind of frame as the input.

    Raises:
        TooFew: no good has four regions and enough changes. With by='region', also if no region has three goods, or,
            with thin='refuse', if any region has fewer than three.
        UsageError, UnknownName: nickell together with lags, a confidence below 0.5, options that do not exist.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Parsley and Wei (1996, QJE); Nickell (1981, Econometrica, eq. 18); Dhaene and Jochmans (2015, REStud).
        METHODS 2.5.

    Example:
        >>> import numpy as np, polars as pl
        >>> draw, rows, q = np.random.default_rng(1), [], np.zeros(20)
        >>> for year in range(1980, 2020):
        ...     before, q = q, 0.7 * q + draw.normal(0, 0.02, 20)
        ...     rows += [{"region": f"r{i:02d}", "year": year, "commodity": "food", "index": 100 * np.exp(x)}
        ...              for i, x in enumerate(q - before)]
        >>> half_life(pl.DataFrame(rows)).select(pl.col("half_life").round(1)).item()  # truth: 1.94
        2.0
    """
    import polars as pl

    chosen = choose(HalfLife, options, changes)
    if chosen.bias == "nickell" and chosen.lags:
        raise UsageError(
            "Nickell's formula is for a regression without lags", remedy=f"give {option('bias', 'half_panel')}"
        )
    if chosen.lags < 0:
        raise UsageError("lags must be 0 or more", remedy=f"give {option('lags', 0)}")
    # two halves, each with more changes than regressors and a mean
    needed = chosen.lags + 2 * (chosen.lags + 3)
    series, account, frame, basis = read_series(prices, chosen.basis, regions=4, changes=needed, step=STEP)
    if chosen.by == "region":
        account += _without_thin(series, chosen)
    estimates = [_row(label, m, chosen) for label, m in _panels(series, chosen)]
    rows = pl.DataFrame(estimates).with_columns(pl.col(pl.Float64).fill_nan(None))
    counts: list[tuple[int, Kind, str]] = [
        (int((rows["beta"] >= 0).sum()), "warning", say("integration.no-convergence")),
        (int((rows["beta"] <= -1).sum()), "note", say("integration.gone-within-period")),
        (int((~rows["bounded"]).sum()), "warning", say("integration.not-bounded")),
    ]
    account += [
        Entry(STEP, TABLE, kind, say("account.of-rows", n=n, what=reason), n) for n, kind, reason in counts if n
    ]
    of = f"basis={basis}, by={chosen.by}, lags={chosen.lags}, bias={chosen.bias}, confidence={chosen.confidence:g}"
    account += [Entry(STEP, TABLE, "note", say("integration.settings-over", settings=of, over=span(series)), 0)]
    account += [Entry(STEP, TABLE, "out", say("account.rows"), rows.height)]
    return give_back(place(rows, frame), prices, name=TABLE, account=account)


def _without_thin(series: tuple[GoodSeries, ...], options: HalfLife) -> Account:
    """Return a warning that names the regions with fewer than three goods; the result by region has no row for them.

    Raises `TooFew` if no region has three goods; with ``thin='refuse'``, if any region has fewer than three.
    """
    goods = Counter(name for s in series for name in s.regions)
    thin = {name: n for name, n in sorted(goods.items()) if n < LEAST_GOODS}
    if not thin:
        return Account()
    by_commodity = option("by", "commodity")
    if len(thin) == len(goods) or options.thin == "refuse":
        name, n = next(iter(thin.items()))
        raise TooFew(
            f"{name!r} has {counted(n, 'good')} with a complete series, and {option('by', 'region')} needs three",
            remedy=f"use {by_commodity}"
            if len(thin) == len(goods)
            else f"{option('thin', 'leave_out')} leaves such regions out and counts them, or use {by_commodity}",
        )
    reason = say("integration.thin-regions", n=len(thin), regions=listed(list(thin), "comma"))
    return Account((Entry(STEP, TABLE, "warning", reason, len(thin)),))


def _panels(series: tuple[GoodSeries, ...], options: HalfLife) -> Iterator[tuple[dict[str, str], _Moments]]:
    """Yield, for each row of the result, its label and its panel."""
    if options.by == "region":
        yield from _regions(series, options)
        return
    groups: list[tuple[dict[str, str], tuple[GoodSeries, ...]]] = [({}, series)]
    if options.by == "commodity":
        groups = [({"commodity": s.good}, (s,)) for s in series]
    for label, group in groups:
        names = sorted({r for s in group for r in s.regions})
        parts = [_pooled(s, options) for s in group]
        whole = np.sum([w for w, _ in parts], axis=0)
        without = np.array([np.sum([d.get(name, w) for w, d in parts], axis=0) for name in names])
        units = sum(len(s.regions) for s in group)
        changes = sum(len(s.regions) * (len(s.periods) - 1 - options.lags) for s in group) / units
        yield label, _Moments(whole, without, changes, len(names), len(group))


def _regions(series: tuple[GoodSeries, ...], options: HalfLife) -> Iterator[tuple[dict[str, str], _Moments]]:
    each: dict[str, list[tuple[Vector, int]]] = {}
    for s in series:
        products = np.einsum("wtia,wtib->iwab", *[_stack(s.relative, options.lags)] * 2)
        for i, name in enumerate(s.regions):
            each.setdefault(name, []).append((products[i], len(s.periods) - 1 - options.lags))
    for name, parts in sorted(each.items()):
        if len(parts) < LEAST_GOODS:
            continue
        whole = np.sum([m for m, _ in parts], axis=0)
        changes = float(np.mean([t for _, t in parts]))
        yield {"region": name}, _Moments(whole, np.array([whole - m for m, _ in parts]), changes, 1, len(parts))


def _pooled(s: GoodSeries, options: HalfLife) -> tuple[Vector, Mapping[str, Vector]]:
    """Compute cross-products (W, m, m) of one good relative to the mean of its regions; also without each region.

    Without region j, the other regions are relative to their own mean: sum_{i != j} z_i z_i' - (Z - z_j)(Z - z_j)'/(N -
    1), where Z is the sum of all z_i.
    """
    z = _stack(s.levels, options.lags)
    n = z.shape[2]
    total = z.sum(axis=2)
    products = np.einsum("wtia,wtib->iwab", z, z)
    without_j = total[:, :, None, :] - z
    means = np.einsum("wtia,wtib->iwab", without_j, without_j) / (n - 1)
    raw = products.sum(axis=0)
    whole = raw - np.einsum("wta,wtb->wab", total, total) / n
    return whole, dict(zip(s.regions, raw - products - means, strict=True))


def _stack(levels: Vector, lags: int) -> Vector:
    """Stack change, level before and lagged changes, each less its mean over time, for each window: (W, T, N, m).

    The windows are all periods, then the halves of both splits. Outside a window the rows are zero.
    """
    d = np.diff(levels, axis=0)
    columns = [d[lags:], levels[lags:-1], *(d[lags - j : len(d) - j] for j in range(1, lags + 1))]
    z = np.stack(columns, axis=2)
    t = len(z)
    cuts = (t // 2, t - t // 2)
    windows = [(0, t), *(w for cut in cuts for w in ((0, cut), (cut, t)))]
    stacked = np.zeros((len(windows), *z.shape))
    for at, (start, stop) in enumerate(windows):
        part = z[start:stop]
        stacked[at, start:stop] = part - part.mean(axis=0)
    return stacked


def _estimate(moments: Vector, options: HalfLife, periods: float) -> Vector:
    """Compute the corrected beta (R,) from cross-products (R, W, m, m)."""
    b: Vector = np.asarray(np.linalg.solve(moments[..., 1:, 1:], moments[..., 1:, :1])[..., 0, 0], dtype=np.float64)
    if options.bias == "half_panel":
        return np.asarray(2 * b[:, 0] - b[:, 1:].mean(axis=1))
    return nickell_inverse(1 + b[:, 0], periods) - 1 if options.bias == "nickell" else b[:, 0]


def nickell_bias(rho: Vector, periods: float) -> Vector:
    """Return the limit of (estimate - rho) for many units with ``periods`` changes each (Nickell 1981, eq. 18).

    The bias is about -(1 + rho)/(T - 1), and -3/(T+1) at rho = 1.

    Example:
        >>> nickell_bias(np.array([0.0, 0.8]), 10).round(4).tolist()
        [-0.1, -0.2181]
    """
    # The formula is 0/0 at rho = 1, so it is evaluated at 1 - 1e-4 at most; the error is below 0.1% there.
    t, r = periods, np.minimum(rho, 1 - 1e-4)
    inner = 1 - (1 - r**t) / (t * (1 - r))
    return np.asarray(-(1 + r) / (t - 1) * inner / (1 - 2 * r * inner / ((1 - r) * (t - 1))))


def nickell_inverse(estimate: Vector, periods: float) -> Vector:
    """Return the rho at which the expected estimate is ``estimate``.

    Beyond rho = 1 the grid is extrapolated linearly.
    """
    grid = np.linspace(-0.99, 1 - 1e-4, 4001)
    expected = grid + nickell_bias(grid, periods)
    slope = (grid[-1] - grid[-2]) / (expected[-1] - expected[-2])
    beyond = grid[-1] + slope * (estimate - expected[-1])
    return np.asarray(np.where(estimate > expected[-1], beyond, np.interp(estimate, expected, grid)))


def _row(label: Mapping[str, str], m: _Moments, options: HalfLife) -> dict[str, object]:
    beta = float(_estimate(m.whole[None], options, m.periods)[0])
    replicates = _estimate(m.without, options, m.periods)
    g = len(replicates)
    se = float(np.sqrt((g - 1) / g * np.sum((replicates - replicates.mean()) ** 2)))
    half = t_quantile(0.5 + options.confidence / 2, g - 1) * se
    return {
        **label,
        "beta": beta,
        "se_beta": se,
        "half_life": half_life_of(beta),
        "half_life_low": half_life_of(beta - half),
        "half_life_high": half_life_of(beta + half),
        "bounded": beta + half < 0,
        "integration": -np.log1p(beta) if -1 < beta < 0 else np.nan,
        "n_regions": m.series,
        "n_goods": m.goods,
        "n_periods": m.periods,
    }


def half_life_of(beta: float) -> float:
    """Return ln 0.5 / ln(1 + beta); missing (NaN) if beta >= 0 (no convergence), and zero if beta <= -1."""
    if beta >= 0:
        return np.nan
    return float(np.log(0.5) / np.log1p(beta)) if beta > -1 else 0.0
