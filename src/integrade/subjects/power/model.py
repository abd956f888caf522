"""Compute the power of a design: what can be found with given regions, years, goods, firms and noise in the index.

Four regressions are simulated: on the index, on the index and its square, with a mediator, and in two groups. Each is
estimated on the index as measured (as printed), corrected by halves of the goods, and on an index without noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from integrade.errors import UsageError, option
from integrade.estimate.linear import Fit
from integrade.integration.options import RelativePrice
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.subjects.power.measure import PanelMeasured, described, merged, of_panel, of_prices
from integrade.subjects.power.sentences import sheet
from integrade.subjects.power.setting import (
    LARGEST,
    LEAST,
    MOST,
    WANTED,
    PowerOptions,
    Quantity,
    Setting,
    check_range,
    default_noise,
    quantities,
    setting_of,
    with_size,
)
from integrade.subjects.power.simulate import ESTIMATORS, Draws, Estimator, Question, scale_of, simulated
from integrade.wording.sheet import Sheet, shown

if TYPE_CHECKING:
    import polars as pl

GOODS, YEARS = (10, 20, 40, 80), (10, 15, 20, 30)
"""Rows and columns of the table of smallest effects; the design's own numbers are added."""
MORE = 4
"""The first sentence compares with an index of four times as many goods."""
POINTS = 25
"""Points of the power curve."""
Asked = Literal["effect", "curvature", "path", "indirect", "groups"]


@dataclass(frozen=True)
class Smallest:
    """The smallest size that is found with the wanted probability, by each estimator; None if none is.

    ``size_*`` is the share of samples in which the test rejects although the size is zero. ``printed`` is None, too,
    for a test that rejects without an effect in more than twice the samples that it should. ``error`` is the Monte
    Carlo standard error of ``corrected``.
    """

    question: Asked
    printed: float | None
    corrected: float | None
    exact: float | None
    size_printed: float
    size_corrected: float
    size_exact: float
    error: float | None


@dataclass(frozen=True)
class Cell:
    """The smallest effect that the corrected regression finds with these numbers of goods and years; None if none."""

    goods: int
    years: int
    effect: float | None


@dataclass(frozen=True)
class Point:
    """The probability that an effect is found, by each estimator."""

    effect: float
    printed: float
    corrected: float
    exact: float


@dataclass(frozen=True)
class Needed:
    """The power of the effect of interest, and the fewest goods or years with which the corrected regression finds it.

    None: not with any number of goods, because an index without noise does not find it either (``goods``), or not with
    up to 100 years.
    """

    effect: float
    printed: float
    corrected: float
    exact: float
    goods: int | None
    years: int | None


@shown
@dataclass(frozen=True)
class Power:
    """The effects that a design can find, computed before the data exist.

    ``slope`` and ``square`` are the shares of a true slope and of a true curvature that the regression on the index as
    measured shows. ``assumed`` is the effect of the index in the regressions with a square and with a mediator: the
    effect of interest, or the smallest effect. ``outcome_sd`` and ``index_sd`` are the units of the outcome's and the
    index's standard deviation, where the panel and the prices have them. ``left_out`` are regions with gaps.
    """

    quantities: tuple[Quantity, ...]
    slope: float
    square: float
    assumed: float
    smallest: tuple[Smallest, ...]
    table: tuple[Cell, ...]
    curve: tuple[Point, ...]
    needed: Needed | None
    power: float
    alpha: float
    splits: int
    draws: int
    seed: int
    outcome_sd: float | None = None
    index_sd: float | None = None
    left_out: tuple[str, ...] = ()

    def __getitem__(self, question: str) -> Smallest:
        """Return the smallest size of a question: effect, curvature, path, indirect or groups."""
        return next(s for s in self.smallest if s.question == question)

    def value(self, name: str) -> float:
        """Return a quantity of the design by name."""
        return next(q.value for q in self.quantities if q.name == name)

    def at(self, goods: int, years: int) -> float | None:
        """Return the smallest effect with these numbers of goods and years; None if none is found or none was tried."""
        return next((c.effect for c in self.table if (c.goods, c.years) == (goods, years)), None)

    @property
    def goods_tried(self) -> tuple[int, ...]:
        """Numbers of goods of the table: 10 to 80, and the design's own."""
        return tuple(sorted({*GOODS, int(self.value("goods"))}))

    @property
    def years_tried(self) -> tuple[int, ...]:
        """Numbers of years of the table: 10 to 30, and the design's own."""
        return tuple(sorted({*YEARS, int(self.value("years"))}))

    @property
    def more_goods(self) -> int | None:
        """Four times as many goods, with which the first sentence compares; None if that is too many to simulate."""
        goods = MORE * int(self.value("goods"))
        return goods if goods <= MOST["goods"].most else None

    def tidy(self) -> pl.DataFrame:
        """Return the smallest sizes, one row per question."""
        import polars as pl

        return pl.DataFrame([vars(s) for s in self.smallest], infer_schema_length=None)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the answer in sentences and tables."""
        return sheet(self)


@keywords(PowerOptions)
def power(
    prices: Any = None,
    panel: Any = None,
    formula: str = "",
    options: PowerOptions | None = None,
    *,
    treatment: str = "market",
    index: RelativePrice | None = None,
    fit: Fit | None = None,
    **changes: Any,
) -> Power:
    """Compute which effects, curvatures, mediators and differences between groups a design can detect.

    What is not given by name is measured in ``prices`` and ``panel``, or taken from a default that the result names.

    Formula: y = d x + e for region-years, x an AR(1) with lasting differences between regions, e a shock of the region
        and year (AR(1)) and the mean of the firms' own errors; the index of K goods is x plus the mean of K normal
        errors, partly shared by regions, and each half of the goods has its own. Effects of regions and years are
        removed, rows weighted by firms. Estimators: least squares, and halves of the goods (`corrected`); cluster
        jackknife by region, t(G - 1). The smallest effect is found by bisection on the share of samples that reject,
        with the same draws at every size.
        A mediator is m = a x + v; its indirect effect is found where both paths differ from zero.
    Missing values: a region without an index in some year is left out of what is measured in the prices.

    Args:
        prices: prices, from which goods, noise, persistence and lasting differences are measured.
        panel: an estimation panel of firms, for sizes, residual variance and intra-cluster correlation.
        formula: the regression of the panel, as in `fit`.
        options: a `PowerOptions`; single options by name.
        treatment: column of the panel that holds the index.
        index: the options with which the index is computed from the prices.
        fit: weights and singletons of the panel's regression.

    Raises:
        UsageError: a quantity out of range, or a panel without a formula. NotIdentified: prices whose index has gaps in
        nearly all regions, or does not vary.

    Reference: METHODS 5.16; MacKinnon, Lockwood, Hoffman, West and Sheets (2002) for the joint test of both paths.

    Example:
        >>> power(regions=31, years=10, goods=10, noise=0.5)["effect"].corrected  # doctest: +SKIP
    """
    chosen = choose(PowerOptions, options, changes)
    if panel is not None and not formula:
        raise UsageError(
            "with a panel, the regression whose residual is measured is required",
            remedy=f"give {option('formula', 'y ~ ' + treatment + ' | firm + year')}",
        )
    check_range("power", chosen.power, *WANTED)
    for name, fewest in (("draws", 2), ("splits", 1)):
        if getattr(chosen, name) < fewest:
            raise UsageError(
                f"{option(name, getattr(chosen, name))} is too small", remedy=f"give {option(name, fewest)} or more"
            )
    of_rows = None if panel is None else of_panel(panel, formula, treatment, fit or Fit())
    firms = None if of_rows is None else dict(zip(of_rows.regions, of_rows.weights.tolist(), strict=True))
    of_index = None if prices is None else of_prices(prices, index or RelativePrice(), firms)
    measured = merged(of_index, of_rows)
    if of_index is None and of_rows is not None:
        measured |= _of_the_panel_alone(of_rows, chosen)
    found = quantities(chosen, measured)
    setting = setting_of(found, None if of_rows is None else of_rows.weights)
    noise = setting.noise
    if of_rows is not None:
        index_sd: float | None = of_rows.index_sd * (1 - noise) ** 0.5
    else:
        index_sd = None if of_index is None else of_index.sd
    return _computed(
        found,
        setting,
        chosen,
        outcome_sd=None if of_rows is None else of_rows.sd,
        index_sd=index_sd,
        left_out=() if of_index is None else of_index.left_out,
    )


def _of_the_panel_alone(panel: PanelMeasured, chosen: PowerOptions) -> Mapping[str, tuple[float, Any]]:
    """Return what the panel's index says, whose noise is given or a default."""
    noise = chosen.noise if chosen.noise is not None else default_noise(chosen.goods or 10)
    found = described(panel.cells, noise, 0, panel.held)
    return {name: (getattr(found, name), "panel") for name in ("persistence", "between", "movement")}


def _computed(found: tuple[Quantity, ...], setting: Setting, chosen: PowerOptions, **more: Any) -> Power:
    """Simulate the design and its neighbours."""
    scale = scale_of(setting)
    wanted, alpha = chosen.power, chosen.alpha
    own = simulated(setting, scale, chosen.splits, chosen.draws, chosen.seed)

    def least(draws: Draws, assumed: float = 0.0) -> float | None:
        return smallest(lambda size: draws.share(size, assumed, alpha), wanted)

    def of_size(goods: int, years: int) -> Draws:
        tried = with_size(setting, goods, years)
        simulated_draws = simulated(tried, scale, chosen.splits, chosen.draws, chosen.seed, "effect")
        return simulated_draws["corrected", "effect"]

    corrected = least(own["corrected", "effect"])
    exact = least(own["exact", "effect"])
    assumed = chosen.effect if chosen.effect is not None else corrected if corrected is not None else exact or 0.0
    answers = [
        _answer("effect", own, "effect", 0.0, chosen),
        _answer("curvature", own, "curvature", assumed, chosen),
        _answer("path", own, "second", assumed, chosen),
        _indirect(own, setting.proxy, assumed, chosen),
        _answer("groups", own, "groups", 0.0, chosen),
    ]
    here, ahead = (setting.goods, setting.years), (MORE * setting.goods, setting.years)
    sizes = {(k, t) for k in (*GOODS, setting.goods) for t in (*YEARS, setting.years)}
    sizes |= {ahead} if ahead[0] <= MOST["goods"].most else set()
    cells = [Cell(k, t, corrected if (k, t) == here else least(of_size(k, t))) for k, t in sorted(sizes)]
    needed = None
    if chosen.effect is not None:
        needed = _needed(chosen.effect, own, setting, of_size, chosen)
    return Power(
        found,
        float(np.mean(own["printed", "effect"].slope[..., 0])),
        float(np.mean(own["printed", "curvature"].slope[..., 0])),
        float(assumed),
        tuple(answers),
        tuple(cells),
        _curve(own, answers[0], alpha),
        needed,
        wanted,
        alpha,
        chosen.splits,
        chosen.draws,
        chosen.seed,
        **more,
    )


def smallest(share: Callable[[float], float], wanted: float) -> float | None:
    """Return the smallest size up to `LARGEST` at which ``share`` reaches ``wanted``; None if none does."""
    high, low = LARGEST / 256, 0.0
    while share(high) < wanted:
        low, high = high, 2 * high
        if high > LARGEST:
            return None
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < wanted else (low, middle)
    return high


def _answer(
    asked: Asked,
    own: Mapping[tuple[Estimator, Question], Draws],
    question: Question,
    assumed: float,
    chosen: PowerOptions,
) -> Smallest:
    def share(name: Estimator) -> Callable[[float], float]:
        return lambda size: own[name, question].share(size, assumed, chosen.alpha)

    return _of_shares(asked, {name: share(name) for name in ESTIMATORS}, chosen)


def _indirect(
    own: Mapping[tuple[Estimator, Question], Draws], proxy: float, assumed: float, chosen: PowerOptions
) -> Smallest:
    """Return the smallest indirect effect, the product of both paths, found where both paths differ from zero."""

    def share(name: Estimator) -> Callable[[float], float]:
        first = own[name, "first"].rejected(proxy, 0.0, chosen.alpha)
        second = own[name, "second"]
        return lambda size: float((first & second.rejected(size / abs(proxy or 1.0), assumed, chosen.alpha)).mean())

    return _of_shares("indirect", {name: share(name) for name in ESTIMATORS}, chosen)


def _of_shares(asked: Asked, shares: Mapping[Estimator, Callable[[float], float]], chosen: PowerOptions) -> Smallest:
    sizes = {name: shares[name](0.0) for name in ESTIMATORS}
    least = {name: smallest(shares[name], chosen.power) for name in ESTIMATORS}
    if sizes["printed"] > 2 * chosen.alpha:
        least["printed"] = None
    error = None
    if (found := least["corrected"]) is not None:
        steep = (shares["corrected"](1.1 * found) - shares["corrected"](0.9 * found)) / (0.2 * found)
        error = (chosen.power * (1 - chosen.power) / chosen.draws) ** 0.5 / steep if steep > 0 else None
    return Smallest(
        asked,
        least["printed"],
        least["corrected"],
        least["exact"],
        sizes["printed"],
        sizes["corrected"],
        sizes["exact"],
        error,
    )


def _curve(own: Mapping[tuple[Estimator, Question], Draws], effect: Smallest, alpha: float) -> tuple[Point, ...]:
    """Return the power of effects from zero to twice the smallest one."""
    found = [v for v in (effect.printed, effect.corrected, effect.exact) if v is not None]
    sizes = np.linspace(0, 1.6 * max(found, default=1.0), POINTS)
    shares = {name: [own[name, "effect"].share(s, 0.0, alpha) for s in sizes] for name in ESTIMATORS}
    return tuple(Point(float(s), *(shares[name][i] for name in ESTIMATORS)) for i, s in enumerate(sizes))


def _needed(
    effect: float,
    own: Mapping[tuple[Estimator, Question], Draws],
    setting: Setting,
    of_size: Callable[[int, int], Draws],
    chosen: PowerOptions,
) -> Needed:
    def fewest(name: Literal["goods", "years"]) -> int | None:
        """Return the fewest goods or years with which the effect is found, by bisection."""

        def finds(number: int) -> bool:
            size = {"goods": setting.goods, "years": setting.years, name: number}
            return of_size(size["goods"], size["years"]).share(effect, 0.0, chosen.alpha) >= chosen.power

        low, high = LEAST[name] - 1, MOST[name].most
        if not finds(high):
            return None
        while high - low > 1:
            middle = round((max(low, 1) * high) ** 0.5) if low < high // 2 else (low + high) // 2
            middle = min(max(middle, low + 1), high - 1)
            low, high = (low, middle) if finds(middle) else (middle, high)
        return high

    shares = {name: own[name, "effect"].share(effect, 0.0, chosen.alpha) for name in ESTIMATORS}
    goods = fewest("goods") if shares["exact"] >= chosen.power else None
    return Needed(effect, shares["printed"], shares["corrected"], shares["exact"], goods, fewest("years"))
