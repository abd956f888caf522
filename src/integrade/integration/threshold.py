"""Estimate the band of trade costs within which prices may drift, by threshold autoregression (METHODS 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import UsageError, option
from integrade.geography import is_country
from integrade.integration.pairs import choose_pairs
from integrade.integration.series import GoodSeries, read_series, span
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.records.needs import DRAWS, File
from integrade.sources.basis.detection import Declared
from integrade.wording.numerals import below
from plainwords.account import Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "threshold_band", "convergence"
FEWEST = 20  # the option least may not be smaller; a convention
SEED = 20240101
GRID = np.linspace(0.10, 0.90, 81)  # quantiles of |x| among which the threshold is searched (METHODS 2.5)


@dataclass(frozen=True)
class ThresholdBand:
    """Options of `threshold_band` (METHODS 2.5).

    Parameters
    ----------
    basis
        The meaning of the index column. detect: read from the data, or refuse. link: previous period = 100 (month on
        month for monthly prices). fixed: base period = 100. level: prices in currency. rate: changes in per cent.
    level
        Whether prices are compared between the two regions of each pair, or between each region and the mean of the
        regions.
    pairs
        For level pair: all, adjacent, or a file, frame or list of pairs, as in `relative_price`.
    draws
        Number of bootstrap samples for the linearity test of each series; 0 for none.
    seed
        Seed of the bootstrap.
    least
        Smallest number of price changes that a series must have.
    geography
        The regions, for adjacent pairs: a country (MY), a file or a `Geography`. If not given, it is the built-in
        country that has all the regions.
    """

    basis: Declared = "detect"
    level: Literal["pair", "region"] = "pair"
    pairs: Any = "all"
    draws: Annotated[int, DRAWS] = 199
    seed: int = SEED
    least: int = 60
    geography: Annotated[Any, File(like=is_country)] = None


class Band(NamedTuple):
    """Least-squares bands of several series, each field (S,): threshold, adjustment, sums of squares, share outside."""

    threshold: Vector
    adjustment: Vector
    rss: Vector
    rss_linear: Vector
    outside: Vector

    @property
    def f(self) -> Vector:
        """(RSS of the line - RSS of the band) / RSS of the band.

        The result is zero if no band on the grid fits better than the line.
        """
        return np.asarray(np.maximum(self.rss_linear - self.rss, 0.0) / self.rss)


@measure(
    family="integration",
    needs=("prices",),
    key=("region_a", "region_b", "commodity"),
    adds={
        "band": "log points",
        "adjustment": "per period",
        "half_life": "periods",
        "share_outside": "share of the periods",
        "sup_f": "F statistic",
        "p_linear": "p-value",
        "n_periods": "changes",
    },
    options=ThresholdBand,
    cite="Obstfeld and Taylor (1997); Taylor (2001); Hansen (1999)",
)
def threshold_band(prices: Data, options: ThresholdBand | None = None, **changes: Any) -> Data:
    """Estimate the band of no arbitrage between regions, in log points.

    Within the band prices drift apart; outside it trade moves them back together.

    Formula:
        dx_t = lam (x_t-1 - c) where x_t-1 > c, lam (x_t-1 + c) where x_t-1 < -c, 0 within the band, + e_t, where x is
        the log relative price less its mean over time. c is the value among the 10 to 90% quantiles of abs(x_t-1) (81
        points) with the smallest sum of squares, and lam follows by least squares; half-life outside the band = ln 0.5
        / ln(1 + lam). sup_f = T (RSS of the linear autoregression - RSS) / RSS. p_linear comes from Hansen's bootstrap:
        series of the linear model with redrawn residuals are estimated in the same way, and p = (1 + number of
        statistics at least as large)/(draws + 1). The linear model is the band with c = 0.

    Missing values:
        Each good enters with its longest run of adjacent periods and the regions that have all of them; goods with
        fewer than ``least`` changes are dropped. half_life is missing if lam is not in (-1, 0), and such cases are
        counted.

    Args:
        prices: any frame with region, year, (month,) commodity and index; at least 60 changes are needed for a useful
        result.
        options: a `ThresholdBand`; single options may be given or changed by name.
        **changes: options by name, for example ``pairs='adjacent'``.

    Returns:
        One row per region_a, region_b, commodity (level='region': per region, commodity), sorted: band, adjustment
        (lam), half_life, share_outside, sup_f, p_linear (missing with draws=0), n_periods. A band is an estimate of
        trade costs only if linearity is rejected; otherwise it is just the best of many bands with a similar fit.

    Raises:
        TooFew: no good has two regions and ``least`` changes.
        UsageError, UnknownName: ``least`` is under 20, options do not exist, or names in the pairs have no prices.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Obstfeld and Taylor (1997, JJIE); Taylor (2001, Econometrica); Hansen (1999, J. of Economic Surveys).
        METHODS 2.5.

    Example:
        >>> import numpy as np, polars as pl
        >>> draw, x, rows = np.random.default_rng(2), 0.0, []
        >>> for t in range(1200):
        ...     before, x = x, x - 0.5 * np.sign(x) * max(abs(x) - 0.1, 0) + draw.normal(0, 0.05)
        ...     rows += [{"region": r, "year": 1900 + t // 12, "month": t % 12 + 1, "commodity": "food",
        ...               "index": 100 * np.exp(d)} for r, d in (("A", x - before), ("B", 0.0))]
        >>> threshold_band(pl.DataFrame(rows), draws=0)["band"].round(2).item()  # truth: 0.1
        0.09
    """
    chosen = choose(ThresholdBand, options, changes)
    if chosen.least < FEWEST or chosen.draws < 0:
        raise UsageError(
            "least must be 20 or more, and draws 0 or more",
            remedy=f"give {option('least', 60)}, {option('draws', 199)}",
        )
    series, account, frame, basis = read_series(
        prices, chosen.basis, regions=2, changes=chosen.least, step=STEP, shorter=_shorter
    )
    rows = _rows([_block(s, chosen) for s in series], chosen)
    odd = rows["half_life"].null_count()
    reason = say("account.of-rows", n=odd, what=say("integration.half-life-outside"))
    account += [Entry(STEP, TABLE, "warning", reason, odd)] if odd else []
    if chosen.draws:
        # 0.05 is the conventional level of significance.
        many = sum(below(p, 0.05) for p in rows["p_linear"].drop_nulls())
        reason = say("integration.linearity", rejected=many, n=rows.height)
        account += [Entry(STEP, TABLE, "note", reason, many)]
    pairs = chosen.pairs if isinstance(chosen.pairs, str) else "listed"
    of = f"basis={basis}, level={chosen.level}, pairs={pairs}, draws={chosen.draws}, seed={chosen.seed}"
    account += [Entry(STEP, TABLE, "note", say("integration.settings-over", settings=of, over=span(series)), 0)]
    account += [Entry(STEP, TABLE, "out", say("account.rows"), rows.height)]
    return give_back(place(rows, frame), prices, name=TABLE, account=account)


def _block(s: GoodSeries, options: ThresholdBand) -> tuple[Mapping[str, Any], Vector]:
    """Return the labels and the demeaned log relative prices (S, T + 1) of one good."""
    if options.level == "region":
        labels, x = {"region": list(s.regions)}, s.relative.T
    else:
        pairs = choose_pairs(options.pairs, s.regions, geography=options.geography)
        names = np.array(s.regions, dtype=object)
        labels = {"region_a": names[pairs.first].tolist(), "region_b": names[pairs.second].tolist()}
        x = (s.levels[:, pairs.first] - s.levels[:, pairs.second]).T
    return {**labels, "commodity": [s.good] * len(x)}, x - x.mean(axis=1, keepdims=True)


def _rows(blocks: list[tuple[Mapping[str, Any], Vector]], options: ThresholdBand) -> pl.DataFrame:
    import polars as pl

    tables = []
    for labels, x in blocks:
        t = x.shape[1] - 1
        band = fit_band(x)
        converges = (band.adjustment > -1) & (band.adjustment < 0)
        half_lives = np.log(0.5) / np.log1p(np.where(converges, band.adjustment, -0.5))
        numbers = {
            "band": band.threshold,
            "adjustment": band.adjustment,
            "half_life": np.where(converges, half_lives, np.nan),
            "share_outside": band.outside,
            "sup_f": t * band.f,
            "p_linear": linearity(x, band.f, options.draws, options.seed),
            "n_periods": np.full(len(x), t),
        }
        tables.append(pl.DataFrame({**labels, **numbers}))
    key = list(blocks[0][0])
    return pl.concat(tables).with_columns(pl.col(pl.Float64).fill_nan(None)).sort(key)


def _shorter(longest: int) -> str:
    return f", or take shorter series: {option('least', longest)}" if longest >= FEWEST else ""


def fit_band(x: Vector) -> Band:
    """Estimate the band of each series x (S, T + 1) by least squares over the grid of thresholds.

    If several thresholds fit equally well, the smallest is taken.
    """
    before, d = x[:, :-1], np.diff(x, axis=1)
    size, sign = np.abs(before), np.sign(before)
    total = (d * d).sum(axis=1)
    lam, rss_linear = _slope(before, d, total)
    best = [np.zeros(len(x)), lam, np.full(len(x), np.inf), np.zeros(len(x))]
    ordered = np.sort(size, axis=1)
    for q in GRID:
        c = ordered[:, int(q * (size.shape[1] - 1))]
        beyond = size - c[:, None]
        lam, rss = _slope(sign * np.maximum(beyond, 0.0), d, total)
        better = rss < best[2]
        new = (c, lam, rss, (beyond > 0).mean(axis=1))
        best = [np.where(better, b, a) for a, b in zip(best, new, strict=True)]
    c, lam, rss, outside = best
    return Band(c, lam, rss, rss_linear, outside)


def _slope(z: Vector, d: Vector, total: Vector) -> tuple[Vector, Vector]:
    """Compute, for each row, the slope of d on z without a constant, and the sum of squares."""
    zz, zd = np.einsum("st,st->s", z, z), np.einsum("st,st->s", z, d)
    slope = np.where(zz > 0, zd / np.where(zz > 0, zz, 1.0), 0.0)
    return slope, total - slope * zd


def linearity(x: Vector, observed: Vector, draws: int, seed: int) -> Vector:
    """Compute the bootstrap p-value (S,) of F against the linear autoregression, for x (S, T + 1) (Hansen 1999).

    The p-value is missing if ``draws`` is 0. All series use the same draws of positions, so the p-value of a series
    does not depend on the other series in the table.
    """
    if not draws:
        return np.full(len(x), np.nan)
    t = x.shape[1] - 1
    picks = np.random.default_rng([seed, t]).integers(0, t, size=(draws, t))
    return np.array([_p_value(row, float(f), picks) for row, f in zip(x, observed, strict=True)])


def _p_value(x: Vector, observed: float, picks: Any) -> float:
    before, d = x[:-1], np.diff(x)
    lam = float(before @ d / (before @ before))
    residual = d - lam * before
    shocks = (residual - residual.mean())[picks]
    paths = np.empty((len(picks), len(x)))
    paths[:, 0] = x[0]
    for t in range(len(d)):
        paths[:, t + 1] = (1 + lam) * paths[:, t] + shocks[:, t]
    drawn = fit_band(paths - paths.mean(axis=1, keepdims=True)).f
    # 1e-9 counts draws equal to the statistic despite floating-point error; a convention.
    return (1 + int(np.sum(drawn >= observed * (1 - 1e-9)))) / (len(picks) + 1)
