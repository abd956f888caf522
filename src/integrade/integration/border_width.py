"""Estimate the width of a border (METHODS 2.5).

The additional price dispersion across the border is compared with the dispersion that distance causes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Data, give_back, place
from integrade.errors import Coverage, NotIdentified, UsageError, counted, option
from integrade.geography import is_country
from integrade.integration.given import distances_between, groups_from
from integrade.integration.pairs import every_pair
from integrade.integration.series import GoodSeries, read_series, span
from integrade.integration.transforms import Vector
from integrade.integration.units import groups_of
from integrade.records.catalogue import choose, measure
from integrade.records.confidence import Level
from integrade.records.needs import DRAWS, File
from integrade.sources.basis.detection import Declared
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

STEP, TABLE = "border_width", "convergence"
SEED = 20240101


@dataclass(frozen=True)
class BorderWidth:
    """Options of `border_width` (METHODS 2.5).

    Parameters
    ----------
    distances
        A file or frame with the columns from, to and distance (the two names may have any heading). Each distance is
        used in both directions. If not given, the distances are the kilometres between the middles of the regions (in
        China, between the capitals of the provinces).
    groups
        File with two columns, the region and its side of the border, or a mapping. If not given, the sides are the
        areas of the geography (East, Central and West in China).
    geography
        The regions: a country (MY), a file or a `Geography`. If not given, it is the built-in country that has all the
        regions.
    basis
        The meaning of the index column. detect: read from the data, or refuse. link: previous period = 100. fixed: base
        period = 100. level: prices in currency. rate: changes in per cent.
    by
        One row per commodity, or one row for the mean over goods (all).
    thin
        What to do with a good that has regions on only one side of the border, or fewer than two pairs within the
        sides. It is left out, with a warning that names it, or refused.
    draws
        Number of bootstrap samples of regions for the intervals.
    seed
        Seed of the bootstrap.
    confidence
        Confidence level of the intervals.
    """

    distances: Annotated[Any, File()] = None
    groups: Annotated[Any, File()] = None
    geography: Annotated[Any, File(like=is_country)] = None
    basis: Declared = "detect"
    by: Literal["commodity", "all"] = "commodity"
    thin: Literal["leave_out", "refuse"] = "leave_out"
    draws: Annotated[int, DRAWS] = 999
    seed: int = SEED
    confidence: Level = 0.95


@dataclass(frozen=True)
class _Sample:
    """Pairs of regions with dispersion ``v`` and ``ln_distance`` (P,), positions of their ends, side of each region."""

    v: Vector
    ln_distance: Vector
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    sides: NDArray[np.intp]

    @property
    def across(self) -> NDArray[np.bool_]:
        """True for pairs whose regions are on different sides of the border."""
        return np.asarray(self.sides[self.first] != self.sides[self.second])

    @property
    def has_both(self) -> bool:
        """True if at least one pair is across the border and at least two are within its sides."""
        return bool(self.across.any() and (~self.across).sum() > 1)


@measure(
    family="integration",
    needs=("prices",),
    key=("commodity",),
    adds={
        "border": "standard deviation of log points",
        "border_low": "as border",
        "border_high": "as border",
        "border_least": "as border",
        "border_most": "as border",
        "distance": "standard deviation of log points per log of the distance",
        "distance_low": "as distance",
        "distance_high": "as distance",
        "ln_width": "log of a ratio of distances",
        "ln_width_low": "as ln_width",
        "ln_width_high": "as ln_width",
        "n_pairs": "pairs",
        "n_across": "pairs",
    },
    options=BorderWidth,
    cite="Engel and Rogers (1996); Gorodnichenko and Tesar (2009)",
)
def border_width(prices: Data, options: BorderWidth | None = None, **changes: Any) -> Data:
    """Estimate the border effect on price dispersion, in units of dispersion and as a distance, with bounds.

    Formula:
        V_ij = sd over time of d ln(P_i/P_j) = b1 ln d_ij + b2 border_ij + D_i + D_j + e, where D are effects of
        regions; border = b2, distance = b1, ln_width = b2/b1: crossing the border multiplies the distance by
        exp(b2/b1). Intervals: percentiles over samples of regions drawn with replacement on each side (a pair weighs
        the product of its regions' counts). Bounds (Gorodnichenko and Tesar): prices may be more variable on one side
        than on the other. The effects D split that difference in the middle. border_least and border_most are the least
        and the largest excess of the dispersion of pairs across the border over pairs within one side, given distance.

    Missing values:
        Each good enters with its longest run of adjacent periods and the regions that have all of them. Pairs without a
        distance are left out. All are counted. A good that lacks pairs across the border or within its sides is left
        out, with a warning (``thin``). ln_width and its interval are missing if the interval of b1 includes zero,
        because no distance is then known to equal the border; these cases are counted.

    Args:
        prices: any frame with region, year, (month,) commodity and index.
        options: a `BorderWidth`; single options may be given or changed by name.
        **changes: options by name, as ``distances='distances.csv'``.

    Returns:
        One row per commodity, or one row (by='all': the dispersion is the mean over goods, each less its own mean):
        border, distance and ln_width with intervals, border_least, border_most, n_pairs, n_across.

    Raises:
        UsageError, UnknownName: options that do not exist; regions that are in no geography, if distances or groups are
        not given.
        Coverage: no pair of regions with prices has a distance.
        NotIdentified: regions on only one side of the border, or fewer than two pairs within its sides.
        TooFew: no good with four regions and three price changes.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Engel and Rogers (1996, AER 86:1112-1125); Gorodnichenko and Tesar (2009, AEJ Macro). METHODS 2.5.

    Example:
        >>> import numpy as np, polars as pl
        >>> draw, side = np.random.default_rng(2), "AAAAABBBBB"
        >>> d = draw.normal(0, 0.02, (40, 10)) + draw.normal(0, 0.05, (40, 2)).repeat(5, axis=1)
        >>> prices = pl.DataFrame([{"region": f"{side[i]}{i}", "year": 1980 + t, "commodity": "food",
        ...                         "index": 100 * np.exp(d[t, i])} for t in range(40) for i in range(10)])
        >>> places = [(f"{side[i]}{i}", f"{side[j]}{j}", 100 * (j - i)) for i in range(10) for j in range(i + 1, 10)]
        >>> km = pl.DataFrame(places, schema=["from", "to", "distance"], orient="row")
        >>> sides = {f"{s}{i}": s for i, s in enumerate(side)}
        >>> border_width(prices, distances=km, groups=sides, draws=99)["border"].round(2).item()
        0.06
    """
    import polars as pl

    chosen = choose(BorderWidth, options, changes)
    if chosen.draws < 19:
        raise UsageError("draws must be 19 or more", remedy=f"give {option('draws', 999)}")
    series, account, frame, basis = read_series(prices, chosen.basis, regions=4, changes=3, step=STEP)
    regions = tuple(sorted({r for s in series for r in s.regions}))
    distance, pairs = distances_between(regions, chosen.distances, chosen.geography), every_pair(len(regions))
    unknown = int(np.isnan(distance[pairs.first, pairs.second]).sum())
    if unknown == len(pairs):
        raise Coverage(
            "no pair of regions with prices has a distance",
            example=f"prices have {regions[0]!r}",
            remedy="write region names the same way in both files",
        )
    sides = groups_of(regions, groups_from(chosen.groups), chosen.geography)
    samples, thin = _without_thin(list(_samples(series, regions, distance, sides, chosen)), chosen)
    account += thin
    rows = pl.DataFrame([{**label, **_row(sample, chosen)} for label, sample in samples])
    rows = rows.with_columns(pl.col(pl.Float64).fill_nan(None))
    reason = say("integration.pairs-without-distance", n=unknown)
    account += [Entry(STEP, "distances", "note", reason, unknown)] if unknown else []
    wide = rows["ln_width"].null_count()
    reason = say("account.of-rows", n=wide, what=say("integration.width-reaches-zero"))
    account += [Entry(STEP, TABLE, "warning", reason, wide)] if wide else []
    of = f"basis={basis}, by={chosen.by}, draws={chosen.draws}, seed={chosen.seed}"
    names = listed(sorted(set(sides)), "comma")
    settings = say("integration.settings-of-sides", settings=of, sides=names, over=span(series))
    account += [Entry(STEP, TABLE, "note", settings, 0)]
    account += [Entry(STEP, TABLE, "out", say("account.rows"), rows.height)]
    return give_back(place(rows, frame), prices, name=TABLE, account=account)


def _samples(
    series: tuple[GoodSeries, ...],
    regions: tuple[str, ...],
    distance: Vector,
    sides: tuple[str, ...],
    options: BorderWidth,
) -> Iterator[tuple[dict[str, str], _Sample]]:
    """Yield the pairs of each row of the result, with its label."""
    pairs = every_pair(len(regions))
    codes = np.array([sorted(set(sides)).index(s) for s in sides], dtype=np.intp)
    known = distance[pairs.first, pairs.second] > 0
    dispersion = np.array([_dispersion(s, regions)[pairs.first, pairs.second] for s in series])
    labels: list[dict[str, str]] = [{"commodity": s.good} for s in series]
    if options.by == "all":
        used = np.where(known, dispersion, np.nan)
        away = dispersion - np.nanmean(used, axis=1, keepdims=True) + np.nanmean(used)
        many = np.isfinite(away).sum(axis=0)
        dispersion = np.where(many > 0, np.nansum(away, axis=0) / np.maximum(many, 1), np.nan)[None]
        labels = [{}]
    for label, v in zip(labels, dispersion, strict=True):
        here = known & np.isfinite(v)
        first, second = pairs.first[here], pairs.second[here]
        sample = _Sample(v[here], np.log(distance[first, second]), first, second, codes)
        yield label, sample


def _dispersion(s: GoodSeries, regions: tuple[str, ...]) -> Vector:
    """Compute the sd over time of changes of the relative price of every two regions (N, N).

    A region without a series has NaN.
    """
    d = np.diff(s.levels, axis=0)
    c = np.cov(d.T, ddof=1)
    variances = np.diag(c)
    dispersion = np.full((len(regions), len(regions)), np.nan)
    at = [regions.index(r) for r in s.regions]
    dispersion[np.ix_(at, at)] = np.sqrt(np.maximum(variances[:, None] + variances - 2 * c, 0.0))
    return dispersion


def _without_thin(
    samples: list[tuple[dict[str, str], _Sample]], options: BorderWidth
) -> tuple[list[tuple[dict[str, str], _Sample]], Account]:
    """Return the samples with pairs across the border and within its sides.

    The goods left out are counted and named. Raises `NotIdentified` if no good has both kinds of pairs, and with
    ``thin='refuse'`` if any good lacks them.
    """
    thin = [label.get("commodity", "") for label, sample in samples if not sample.has_both]
    if not thin:
        return samples, Account()
    everywhere = len(thin) == len(samples)
    if everywhere or options.thin == "refuse":
        _, sample = next(labelled for labelled in samples if not labelled[1].has_both)
        across = int(sample.across.sum())
        raise NotIdentified(
            f"{thin[0] or 'all goods'}: {counted(across, 'pair')} across the border and {len(sample.v) - across} "
            f"within its sides, among {counted(len(sample.sides), 'region')}",
            remedy=f"divide the regions with prices by their sides: {option('groups', 'sides.csv')}"
            if everywhere
            else f"{option('thin', 'leave_out')} leaves such goods out and counts them",
        )
    reason = say("integration.thin-goods", n=len(thin), goods=listed(thin, "comma"))
    kept = [labelled for labelled in samples if labelled[1].has_both]
    return kept, Account((Entry(STEP, TABLE, "warning", reason, len(thin)),))


def _row(sample: _Sample, options: BorderWidth) -> dict[str, object]:
    ones = np.ones(len(sample.sides))
    distance, border = _engel_rogers(sample, ones)
    drawn = np.array([_engel_rogers(sample, w) for w in _counts(sample.sides, options)])
    tails = [(1 - options.confidence) / 2, (1 + options.confidence) / 2]
    (b1_low, b1_high), (b2_low, b2_high) = np.nanquantile(drawn, tails, axis=0).T.tolist()
    bounded = b1_low > 0 or b1_high < 0
    width = np.nanquantile(drawn[:, 1] / drawn[:, 0], tails).tolist() if bounded else [np.nan, np.nan]
    least, most = _bounds(sample)
    return {
        "border": border,
        "border_low": b2_low,
        "border_high": b2_high,
        "border_least": least,
        "border_most": most,
        "distance": distance,
        "distance_low": b1_low,
        "distance_high": b1_high,
        "ln_width": border / distance if bounded else np.nan,
        "ln_width_low": width[0],
        "ln_width_high": width[1],
        "n_pairs": len(sample.v),
        "n_across": int(sample.across.sum()),
    }


def _counts(sides: NDArray[np.intp], options: BorderWidth) -> Iterator[Vector]:
    """Yield, for every draw, how often each region is drawn within its side.

    A draw depends only on the seed and on the number of the draw.
    """
    for draw in range(options.draws):
        random = np.random.default_rng([options.seed, draw])
        counts = np.zeros(len(sides))
        for side in range(int(sides.max()) + 1):
            regions = np.flatnonzero(sides == side)
            counts[regions] = np.bincount(random.integers(0, len(regions), len(regions)), minlength=len(regions))
        yield counts


def _engel_rogers(sample: _Sample, counts: Vector) -> tuple[float, float]:
    """Estimate b1 and b2 with effects of regions; each pair is weighted by the product of its regions' counts."""
    w = counts[sample.first] * counts[sample.second]
    kept = w > 0
    effects = np.zeros((int(kept.sum()), len(counts)))
    rows = np.arange(len(effects))
    effects[rows, sample.first[kept]] += 1
    effects[rows, sample.second[kept]] += 1
    x = np.column_stack([sample.ln_distance[kept], sample.across[kept], effects[:, counts > 0]])
    root = np.sqrt(w[kept])
    b, _, rank, _ = np.linalg.lstsq(x * root[:, None], sample.v[kept] * root, rcond=None)
    return (float(b[0]), float(b[1])) if rank == x.shape[1] else (np.nan, np.nan)


def _bounds(sample: _Sample) -> tuple[float, float]:
    """Return the least and the largest excess of dispersion across the border over dispersion within one side.

    A regression without region effects holds distance constant.
    """
    inside = np.where(sample.across, -1, sample.sides[sample.first])
    kinds = np.unique(inside)
    x = np.column_stack([sample.ln_distance, *(inside == kind for kind in kinds)])
    b = np.linalg.lstsq(x, sample.v, rcond=None)[0][1:]
    excess = b[0] - b[1:]
    return float(excess.min()), float(excess.max())
