"""Measure the reliability of the index, which is a variance over only a few goods (METHODS 1.5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from integrade.engine.frames import Data, give_back, place
from integrade.errors import NotIdentified, TooFew, counted, option
from integrade.integration.cube import Cube, period_name
from integrade.integration.demean import common_component
from integrade.integration.dispersion import (
    Period,
    Pipeline,
    by_period,
    jackknife,
    whole,
    whole_and_without_each,
    without_each,
)
from integrade.integration.influence import GoodInfluence, influence_of, within, within_correlation
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Pairs, every_pair
from integrade.integration.relative_price import prepare
from integrade.integration.transforms import Vector, to_integration
from integrade.integration.units import units_of
from integrade.records import needs, tidied
from integrade.records.catalogue import choose, keywords
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Entry
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

SEED = 20240101
LEAST_GOODS = 4  # each half of the goods needs a variance, and a variance needs two goods


@dataclass(frozen=True)
class SplitHalf:
    """Correlation, within periods, between the indices of two random halves of the goods, averaged over draws.

    ``spearman_brown`` is 2r/(1+r), where r is ``correlation``: the reliability of the index from all goods.
    """

    correlation: float
    spearman_brown: float
    draws: int
    seed: int


@dataclass(frozen=True)
class PureRegion:
    """Comparison of the index with the transform of the region components theta_i (METHODS 1.5).

    The index of a region averages other regions' segmentation too; theta_i does not. ``compression`` is the standard
    deviation of the index between regions, within periods, divided by the standard deviation of the transform.
    ``correlation`` is the correlation of the two within periods. Both use the cells that have an index and a transform.
    ``n`` is the number of cells that have theta; ``not_positive`` is the number of cells whose theta has no transform.
    """

    compression: float
    correlation: float
    n: int
    not_positive: int


@dataclass(frozen=True)
class PeriodNoise:
    """Noise of one period: the average jackknife variance of integration, and its variance between regions.

    Both are variances of the difference from the mean of the period. ``share`` is the first variance divided by the
    second; it is missing if integration does not vary.
    """

    period: str
    noise: float
    variance: float
    share: float | None
    n_regions: int


@shown
@dataclass(frozen=True)
class IndexTrust:
    """Reliability of an index: how much of its variation between regions is not sampling error.

    ``noise_share`` is the average jackknife variance of integration, as a difference from the mean of the period, over
    the variance of the same differences. It is about 1 - ``spearman_brown``. ``coverage`` is the simulated share of
    intervals integration +/- t(K-1) x se that contain the true value; it should be .95. ``goods`` lists the effect of
    leaving out each good, the largest change first. ``pure`` holds the comparison with region components; None if the
    pairs cannot identify them. ``periods`` has the noise share of each period.
    """

    split_half: float
    spearman_brown: float
    noise_share: float
    coverage: float
    n_regions: int
    n_goods: int
    draws: int
    seed: int
    note: str
    goods: tuple[GoodInfluence, ...] = ()
    pure: PureRegion | None = None
    periods: tuple[PeriodNoise, ...] = ()

    def tidy(self) -> pl.DataFrame:
        """Return the estimates (or rows) of the result, one per row.

        The columns are those of broom (`integrade.records.tidied`).
        """
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers that describe the whole result, in one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return a sheet with reliability, noise and coverage."""
        rows = (
            ("split-half correlation", f"{self.split_half:.3f}"),
            ("reliability (Spearman-Brown)", f"{self.spearman_brown:.3f}"),
            ("noise share", f"{self.noise_share:.3f}"),
            ("coverage of the jackknife interval", f"{self.coverage:.3f}"),
        )
        sizes = f"{self.n_regions:,} regions, {self.n_goods:,} goods; {self.draws:,} draws, seed {self.seed}"
        return Sheet("How far the index can be trusted", ("", "value"), rows, (sizes, self.note))


@keywords(RelativePrice)
def index_trust(
    prices: Any, options: RelativePrice | None = None, *, draws: int = 200, seed: int = SEED, **changes: Any
) -> IndexTrust:
    """Compute split-half reliability, noise share and the coverage of the jackknife for one table of prices.

    Periods with fewer than four goods are left out of the halves; ``note`` names them. Raises `TooFew` if no period has
    four goods; with thin='refuse', if any period has fewer than four. Also raises the errors of `relative_price`.
    """
    needs.require_count(needs.DRAWS, draws=draws)
    work = _of_regions(prices, options, changes)
    halved, thin = _with_halves(work)
    halves = _split_half(halved, draws, seed)
    replicates = list(by_period(work, units_of(work.cube, work.pairs, work.options), whole_and_without_each))
    n_regions = len(work.cube.regions)
    n_goods = int(np.median(np.isfinite(work.cube.values).any(axis=1).sum(axis=1)))
    coverage = jackknife_coverage(min(n_regions, 100), n_goods, seed=seed)
    size = {"regions": str(n_regions), "goods": str(n_goods)}
    note = say("integration.coverage", coverage=f"{coverage:.2f}", **size)
    if thin:
        note = say("integration.and-halves-without", note=note, n=len(thin), periods=listed(thin, "comma"))
    return IndexTrust(
        halves.correlation,
        halves.spearman_brown,
        _noise_share(work, replicates),
        coverage,
        n_regions,
        n_goods,
        draws,
        seed,
        note,
        influence_of(work, replicates),
        _pure(work, replicates),
        noise_by_period(work, replicates),
    )


@keywords(RelativePrice)
def split_half(
    prices: Any, options: RelativePrice | None = None, *, draws: int = 200, seed: int = SEED, **changes: Any
) -> SplitHalf:
    """Compute the split-half reliability of the index; goods are divided at random ``draws`` times within each period.

    Each draw depends only on the seed and its own number. So neither the order of rows nor the total number of draws
    changes it. Periods with fewer than four goods are left out. With thin='refuse' such a period raises `TooFew`;
    otherwise `TooFew` is raised only if no period is left.
    Raises `NotIdentified` if the index of half the goods varies between regions in no draw.
    """
    needs.require_count(needs.DRAWS, draws=draws)
    return _split_half(_with_halves(_of_regions(prices, options, changes))[0], draws, seed)


@keywords(RelativePrice)
def noise_share(prices: Any, options: RelativePrice | None = None, **changes: Any) -> float:
    """Compute the average jackknife variance of integration, divided by the variance of integration between regions.

    Both are variances within periods, of the difference from the mean of the period. The same goods enter in all
    regions, so part of the error is common to them. That part moves the mean and not the differences, and it is not
    counted. Raises `NotIdentified` if integration does not vary.
    """
    work = _of_regions(prices, options, changes)
    units = units_of(work.cube, work.pairs, work.options)
    return _noise_share(work, list(by_period(work, units, whole_and_without_each)))


def pure_region(segmentation: ArrayLike) -> Vector:
    """Compute the region components theta_i (N,) of one period from segmentations S_i (N,), if no pair is missing.

    The least-squares fit of V_ij = theta_i + theta_j + e over pairs has the closed form theta_i = (N-1)/(N-2) (S_i - S)
    + S/2, where S is the mean of S_i. S_i itself contains the average of the other regions, which makes differences
    between regions smaller. The fit keeps the mean: 2 mean(theta) = S. A few cells have a theta that is not positive;
    they have no integration. METHODS 1.5 (iv).

    Example:
        >>> pure_region([1.39329358e-4, 1.19077542e-4, 1.41394488e-4, 1.19604448e-4]).round(9).tolist()
        [7.9143e-05, 4.8765e-05, 8.224e-05, 4.9555e-05]
    """
    s = np.asarray(segmentation, dtype=np.float64)
    n = len(s)
    if n < 3:
        raise TooFew(
            f"{counted(n, 'region')}: the component of a region needs three", remedy="give segmentation of more regions"
        )
    return np.asarray((n - 1) / (n - 2) * (s - s.mean()) + s.mean() / 2)


@keywords(RelativePrice)
def pure_regions(prices: Data, options: RelativePrice | None = None, **changes: Any) -> Data:
    """Compute the region component of each region and period, by least squares over all valid pairs.

    Returns the columns region, year (, month), theta (variance of log points) and integration. Integration is the
    transform of theta; it is missing where theta is not positive, and these cells are counted. The result equals that
    of `pure_region` if all pairs are valid.
    Raises `NotIdentified` if the pairs of a period do not identify the region components.
    """
    chosen = dataclasses.replace(choose(RelativePrice, options, changes), level="pair", se="none")
    work, account, frame = prepare(prices, chosen)
    by_time = [components(p, work) for p in by_period(work, units_of(work.cube, work.pairs, work.options), whole)]
    theta = np.array(by_time)
    columns = {"theta": theta, "integration": to_integration(theta, chosen.transform)}
    rows = _by_region(work.cube, columns, np.isfinite(theta))
    lost = int(np.sum(theta <= 0))
    if lost:
        reason = say("integration.missing", why=say("integration.theta-not-positive"))
        account += [Entry("pure_regions", "integration", "warning", reason, lost)]
    return give_back(place(rows, frame), prices, name="integration", account=account)


@keywords(RelativePrice)
def without_each_good(prices: Any, options: RelativePrice | None = None, **changes: Any) -> Any:
    """Compute the index with one good left out at a time, to see how much each good determines it.

    Returns the columns region, year (, month), without (the good left out), segmentation and integration. These are the
    replicates of the jackknife. The pairs are always the pairs that have enough goods when all goods are used.
    """
    import polars as pl

    chosen = dataclasses.replace(choose(RelativePrice, options, changes), level="region", se="none")
    work, account, frame = prepare(prices, chosen)
    tables = []
    for p in by_period(work, units_of(work.cube, work.pairs, work.options), without_each):
        one = dataclasses.replace(work.cube, periods=work.cube.periods[p.t : p.t + 1])
        for at, k in enumerate(p.goods.tolist()):
            s = p.segmentation[None, :, at]
            numbers = {"segmentation": s, "integration": to_integration(s, chosen.transform)}
            rows = _by_region(one, numbers, np.isfinite(s))
            tables.append(rows.with_columns(without=pl.lit(work.cube.goods[k])))
    rows = pl.concat(tables)
    key = [c for c in ("region", "year", "month", "without") if c in rows.columns]
    rows = rows.select(*key, "segmentation", "integration").sort(key)
    return give_back(place(rows, frame), prices, name="integration", account=account)


def jackknife_coverage(
    n_regions: int, n_goods: int, *, spread: float = 0.2, draws: int = 400, seed: int = SEED
) -> float:
    """Simulate the share of intervals integration +/- t(K-1) x (jackknife se) that contain the true value.

    The shocks to prices are normal. The standard deviations of the shocks differ between regions by ``spread``, the
    s.d. of their logs, as in the simulation of METHODS 1.5. The true value is the index from very many goods.
    """
    from scipy.special import ndtri, stdtrit

    needs.require_count(needs.DRAWS, draws=draws)
    tau = 0.01 * np.exp(spread * ndtri((np.arange(n_regions) + 0.5) / n_regions))
    random = np.random.default_rng(seed)
    truth = _simulated(random.normal(0, 1, (1, n_regions, 20_000)) * tau[:, None], whole)[0]
    sample = _simulated(random.normal(0, 1, (draws, n_regions, n_goods)) * tau[:, None], whole_and_without_each)
    target = to_integration(truth.segmentation[:, 0], "log_inverse_sqrt")
    inside = []
    for p in sample:
        index = to_integration(p.segmentation, "log_inverse_sqrt")
        se = jackknife(index[:, 1:], p.used)
        inside.append(np.abs(index[:, 0] - target) <= stdtrit(n_goods - 1, 0.975) * se)
    return float(np.mean(inside))


def _simulated(x: Vector, subsets: Callable[[NDArray[np.intp]], Vector]) -> list[Period]:
    t, n, k = x.shape
    cube = Cube(tuple((at,) for at in range(t)), tuple(map(str, range(n))), tuple(map(str, range(k))), x)
    options, pairs = RelativePrice(), every_pair(n)
    work = Pipeline(cube, pairs, common_component(cube, pairs, options), options)
    return list(by_period(work, units_of(cube, pairs, options), subsets))


def _of_regions(prices: Any, options: RelativePrice | None, changes: Any) -> Pipeline:
    chosen = dataclasses.replace(choose(RelativePrice, options, changes), level="region", se="none")
    return prepare(prices, chosen)[0]


def _with_halves(work: Pipeline) -> tuple[Pipeline, list[str]]:
    """Return the work on periods with at least four goods, which two halves need, and the names of the other periods.

    Raises `TooFew` if no period has four goods; with ``thin='refuse'``, if any period has fewer than four.
    """
    goods = np.isfinite(work.cube.values).any(axis=1).sum(axis=1)
    thin = [period_name(work.cube.periods[t]) for t in np.flatnonzero(goods < LEAST_GOODS)]
    if not thin:
        return work, []
    if len(thin) == len(goods) or work.options.thin == "refuse":
        raise TooFew(
            f"{counted(int(goods.min()), 'good')} in a period: two halves need four",
            remedy="give four goods or more"
            if len(thin) == len(goods)
            else f"{option('thin', 'leave_out')} leaves such periods out",
        )
    at = np.flatnonzero(goods >= LEAST_GOODS)
    cube = dataclasses.replace(work.cube, periods=tuple(work.cube.periods[t] for t in at), values=work.cube.values[at])
    return dataclasses.replace(work, cube=cube, component=common_component(cube, work.pairs, work.options)), thin


def _split_half(work: Pipeline, draws: int, seed: int) -> SplitHalf:
    order = np.array([np.random.default_rng([seed, d]).random(len(work.cube.goods)) for d in range(draws)])

    def halves(goods: NDArray[np.intp]) -> Vector:
        rank = np.argsort(np.argsort(order[:, goods], axis=1), axis=1).T
        first = (rank < len(goods) // 2).astype(np.float64)
        return np.hstack([first, 1 - first])

    units = units_of(work.cube, work.pairs, work.options)
    s = np.array([p.segmentation for p in by_period(work, units, halves)])
    index = to_integration(s, work.options.transform)
    each = [within_correlation(index[:, :, d], index[:, :, draws + d]) for d in range(draws)]
    known = [r for r in each if np.isfinite(r)]
    if not known:
        raise NotIdentified(
            "the index of half the goods does not vary between regions", remedy="give goods whose prices differ"
        )
    r = float(np.mean(known))
    return SplitHalf(r, 2 * r / (1 + r), len(known), seed)


def _pure(work: Pipeline, replicates: Sequence[Period]) -> PureRegion | None:
    by_pair = dataclasses.replace(work, options=dataclasses.replace(work.options, level="pair"))
    units = units_of(by_pair.cube, by_pair.pairs, by_pair.options)
    try:
        theta = np.array([components(p, by_pair) for p in by_period(by_pair, units, whole)])
    except NotIdentified:
        return None
    pure = to_integration(theta, work.options.transform)
    index = to_integration(np.array([p.segmentation[:, 0] for p in replicates]), work.options.transform)
    both = np.isfinite(pure) & np.isfinite(index)
    if not (within(pure, both) ** 2).sum() > 0:
        return None
    compression = float(np.sqrt((within(index, both) ** 2).sum() / (within(pure, both) ** 2).sum()))
    cells = np.isfinite(theta)
    return PureRegion(compression, within_correlation(index, pure), int(cells.sum()), int((theta[cells] <= 0).sum()))


def _noise_share(work: Pipeline, replicates: Sequence[Period]) -> float:
    periods = noise_by_period(work, replicates)
    total = sum(p.variance for p in periods)
    if not total > 0:
        raise NotIdentified("the index does not vary between regions", remedy="give goods whose prices differ")
    return sum(p.noise for p in periods) / total


def noise_by_period(work: Pipeline, replicates: Sequence[Period]) -> tuple[PeriodNoise, ...]:
    """Compute the two variances of `PeriodNoise` for each period with two or more regions that have every replicate."""
    periods = []
    for p in replicates:
        index = to_integration(p.segmentation, work.options.transform)
        index = index[np.isfinite(index).all(axis=1)]
        if len(index) > 1:
            away = index - index.mean(axis=0)
            everything = np.ones(away[:, 1:].shape, dtype=np.bool_)
            noise = float(np.mean(jackknife(away[:, 1:], everything) ** 2))
            variance = float(np.var(away[:, 0], ddof=1))
            share = noise / variance if variance > 0 else None
            periods.append(PeriodNoise(period_name(work.cube.periods[p.t]), noise, variance, share, len(index)))
    return tuple(periods)


def components(p: Period, work: Pipeline) -> Vector:
    """Estimate theta (N,) of one period: the coefficients of V_ij on the dummies of the two regions, by least squares.

    A region without a pair has a missing theta. Raises `NotIdentified` if the pairs do not distinguish the regions.
    """
    n = len(work.cube.regions)
    v = p.segmentation[:, 0]
    valid = np.isfinite(v)
    pairs = Pairs(work.pairs.first[valid], work.pairs.second[valid])
    square, right = np.zeros((n, n)), np.zeros(n)
    for a, b in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
        np.add.at(square, (a, b), 1.0)
        np.add.at(square, (a, a), 1.0)
        np.add.at(right, a, v[valid])
    some = np.flatnonzero(square.diagonal() > 0)
    inner = square[np.ix_(some, some)]
    if np.linalg.matrix_rank(inner) < len(some):
        raise NotIdentified(
            f"the pairs of {'-'.join(map(str, work.cube.periods[p.t]))} do not distinguish the regions",
            remedy="a group of regions compared only in a chain or star cannot be distinguished; use pairs='all'",
        )
    theta = np.full(n, np.nan)
    theta[some] = np.linalg.solve(inner, right[some])
    return theta


def _by_region(cube: Cube, numbers: dict[str, Vector], here: NDArray[np.bool_]) -> Any:
    """Return arrays (T, N) as sorted rows of region and year (, month), for the cells in which ``here`` is true."""
    import polars as pl

    t, i = np.nonzero(here)
    time: Any = np.array(cube.periods).T
    columns = {"region": pl.Series(cube.regions).gather(i)}
    columns |= {name: pl.Series(values[t]) for name, values in zip(("year", "month"), time, strict=False)}
    key = list(columns)
    columns |= {name: pl.Series(values[here]) for name, values in numbers.items()}
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None)).sort(key)
