"""Estimate sigma and theta of `supply_demand` from second moments of prices, sales and costs of the user's firms.

All variables are differences over time, less their mean over the firms of a market. Demand in the model of
`supply_demand` is then dln v = -b dln p - d dln c + e with b = (sigma - 1)(1 - alpha theta), d = (sigma - 1) alpha
theta, c = w / phi. The price reduces sales by less than sigma - 1, because an expensive unit is partly a better one.
Costs reduce sales because, at the same price, a firm with low costs puts more quality into a unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias
from zlib import crc32

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Data, enter, give_back, place
from integrade.errors import NotIdentified, TooFew, UsageError, option
from integrade.quality import feenstra, liml
from integrade.quality.arranged import Arranged, arranged_rows
from integrade.quality.feenstra import Array, Moments
from integrade.quality.firm_costs import Costs, cost_columns, costs_of
from integrade.quality.given_parameters import ESTIMATE, parameter_of
from integrade.quality.segments import Vector
from integrade.quality.sigma import SMALLEST
from integrade.quality.varieties import COST_TERMS, Differenced, changes_with_cost, second_moments
from integrade.records.catalogue import choose, keywords
from integrade.records.needs import DRAWS
from integrade.records.schema import conform, to_numbers
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "quality_parameters", "quality_parameters"
Estimator: TypeAlias = Literal["soderbery", "hliml", "feenstra"]
ESTIMATORS = {"soderbery": liml.soderbery, "hliml": liml.hliml, "feenstra": feenstra.feenstra}
FEWEST = 3  # a product with fewer firms has no estimate, because the system of Feenstra has three parameters
PC, SC, CC = (COST_TERMS.index(term) for term in ("pc", "sc", "cc"))


def give() -> str:
    """Return the remedy if parameters cannot be estimated: give sigma and theta as options."""
    return f"give the parameters, such as {option('sigma', 5)} and {option('theta', 0.6)}, or tables by product"


@dataclass(frozen=True)
class QualityParameters:
    """Options of `quality_parameters`: which parameters to estimate, and how.

    Parameters
    ----------
    sigma
        ``estimate``; or the known elasticity of substitution: a number, or a file, frame or mapping of (product,
        sigma).
    theta
        ``estimate``; or the known elasticity of quality to input: a number, or a file, frame or mapping of (product,
        theta).
    alpha
        Taste for quality of the market: a number, or a file, frame or mapping of (product, alpha). Never estimated:
        demand and price identify only the product alpha theta.
    estimator
        Estimator of the price coefficient: soderbery (LIML, searched within bounds if it is not admissible), hliml or
        feenstra.
    firms
        A file or frame of (firm, year, input_cost, productivity) if customs has no such columns.
    input_cost
        The column with the price of the firm's inputs.
    productivity
        The column with the firm's productivity.
    logs
        Whether input_cost and productivity are both in logs.
    log_productivity
        Whether the column of productivity is in logs (for example ``ln_tfp`` of `tfp`), even if input_cost is not.
    replicates
        Bootstrap draws of firms, each with all its markets, for the standard errors; 0 for none.
    seed
        Seed of the draws. The draws of a product depend only on the seed and the product's code.
    """

    sigma: Any = ESTIMATE
    theta: Any = ESTIMATE
    alpha: Any = 1.0
    estimator: Estimator = "soderbery"
    firms: Any = None
    input_cost: str = "input_cost"
    productivity: str = "productivity"
    logs: bool = False
    log_productivity: bool = False
    replicates: Annotated[int, DRAWS] = 200
    seed: int = 20240101

    @property
    def costs(self) -> Costs:
        """The table with the costs of firms, and its columns."""
        return Costs(self.firms, self.input_cost, self.productivity, self.logs, self.log_productivity)


@dataclass(frozen=True)
class Sums:
    """Sums by firm in a market of one product.

    The fields are the number of differences, the means of `COST_TERMS`, the means of their products, the noise, and the
    firm. Shapes (V,), (V, 6), (V, 6, 6), (V,), (V,) for V firms in markets; ``firm`` has codes from 0 on.
    """

    n: Array
    mean: Array
    second: Array
    noise: Array
    firm: NDArray[np.int64]

    @property
    def firms(self) -> int:
        """The number of firms."""
        return len(np.unique(self.firm))


class Given(NamedTuple):
    """The known parameters of a product: sigma, and alpha theta; NaN for a parameter to be estimated."""

    sigma: float
    both: float


class Found(NamedTuple):
    """An estimate: sigma and alpha theta (NaN if there is none), and whether they come from a search within bounds."""

    sigma: float
    both: float
    searched: bool


class Spread(NamedTuple):
    """Standard errors of sigma and alpha theta over draws of firms, and the share of draws with an estimate."""

    sigma: float
    both: float
    admissible: float


NOTHING = Found(math.nan, math.nan, False)
UNKNOWN = Spread(math.nan, math.nan, math.nan)


@keywords(QualityParameters)
def quality_parameters(customs: Data, options: QualityParameters | None = None, **changes: Any) -> Data:
    """Estimate sigma and theta by product from prices, sales and costs of firms, for `supply_demand`.

    Formula: in differences over time, less their mean over the firms of the market (product and destination) in the
        year, with c = w / phi,
        dln v = -b dln p - d dln c + e, b = (sigma - 1)(1 - alpha theta), d = (sigma - 1) alpha theta, and
        dln p = r dln v + g dln c + u (supply). Moments: E[e c] = E[u c] = 0 over the firms of a product, so that c is
        taken out of both, and E[e u] = 0 for every firm in every market (Feenstra 1994), which identifies b and r if
        the variances of the shocks differ between firms; then d = -E[(s + b p) c] / E[c c], sigma = 1 + b + d and
        theta = d / (b + d) / alpha. With sigma given, the first moment is enough:
        alpha theta = -E[(s + (sigma - 1) p) c] / ((sigma - 1) E[(c - p) c]). With theta given,
        sigma = 1 + b / (1 - alpha theta).
        Feenstra and Romalis have no costs of firms. They eliminate costs from countries' trade by free entry, and
        estimate the Pareto dispersion as a third parameter. Here costs are measured and enter the equation.
        An error in costs makes d, and with it theta, too small; an error in quantities does not.

    Missing values: rows without a cost are left out. A year that does not follow the year before gives no difference,
        nor does the only firm in a market. A firm in a market needs two differences, a product three such firms.
        Parameters are missing, with the reason in ``fallback``, for a product with fewer such firms, or with estimates
        that are not admissible. Admissible are sigma > 1.05 and 0 < alpha theta < 1. All are counted.

    Args:
        customs: any frame with firm, product, destination, year, value (money), quantity (, unit, and the columns of
            costs).
        options: a `QualityParameters`; single options may be given by name.
        **changes: options by name.

    Returns:
        One row per product, sorted: sigma, theta, alpha, se_sigma, se_theta (half the distance between the 16th and
        84th percentiles of the bootstrap over firms), admissible (share of draws with an estimate), n_firms,
        n_differences, fallback (no, constrained, inadmissible, too few firms, nothing given). Written to a
        file it is a table for ``sigma`` and ``theta`` of `supply_demand`.

    Raises:
        UsageError: no firm in customs; both parameters given, so that nothing is left to estimate; replicates below 0.
        MissingColumn: no columns of costs.
        TooFew: no product has three firms with two differences each in a market with other firms.
        NotIdentified: no product has admissible estimates.

    Reference:
        Feenstra and Romalis (2014, QJE 129(2)), section on estimation, after Feenstra (1994, AER 84(1)); Soderbery
        (2015, JIE 96(1)); Yu and Zhang (2017), firm version. docs/quality_parameters.md.

    Example:
        >>> quality_parameters("customs.parquet", input_cost="wage", productivity="tfp")  # doctest: +SKIP
    """
    chosen = choose(QualityParameters, options, changes)
    if chosen.replicates < 0:
        raise UsageError(
            f"replicates={chosen.replicates} is below zero", remedy=f"give {option('replicates', 0)} or more"
        )
    door = conform(customs, "customs")
    user = cost_columns(door.frame.collect_schema().names(), chosen.costs)
    frame = to_numbers(door.frame, user, "customs")
    frame = frame.with_columns(nw.col("value"), *[nw.col(name).alias(f"user_{name}") for name in user])
    carried = {f"user_{name}": "number" for name in user}
    rows = arranged_rows(frame, carried)
    table, notes = estimated(rows, costs_of(rows, chosen.costs), chosen)
    account = Account((*door.account, *notes, Entry(STEP, TABLE, "out", say("account.rows"), table.height)))
    return give_back(place(table, enter(customs)), customs, name=TABLE, account=account)


def estimated(rows: Arranged, cost: Vector, options: QualityParameters) -> tuple[pl.DataFrame, list[Entry]]:
    """Return the table of `quality_parameters` and its account entries; ``cost`` (n,) is ln cost."""
    import polars as pl

    if "f" not in rows.levels:
        raise UsageError("parameters are estimated from firms, and the customs table has no firm", remedy=give())
    products = rows.levels["h"]["product"].unique().sort()
    given, notes = _known(products, options)
    known = dict(zip(products, given, strict=True))
    blocks, losses = changes_with_cost(
        rows, cost, lambda moments: [_one(product, of, known[product], options) for product, of in _each(moments)]
    )
    table = pl.DataFrame([line for lines in blocks for line in lines]).with_columns(pl.col(pl.Float64).fill_nan(None))
    _refuse(table)
    lost = {say("quality.no-cost"): sum(int(np.isnan(cost[at]).sum()) for at in rows.pieces()), **losses}
    entries = [Entry(STEP, "customs", "dropped", why, n) for why, n in lost.items() if n and why != "used"]
    if used := losses["used"]:
        entries.append(Entry(STEP, "customs", "note", say("quality.differences-used", n=used), used))
    counts = table.group_by("fallback").len().sort("fallback")
    kinds = [(say(f"quality.parameters-{kind.replace(' ', '-')}", n=n), n) for kind, n in counts.iter_rows()]
    medians = table.select(pl.col("sigma", "theta").median()).row(0)
    medians_note = say("quality.parameters-medians", sigma=f"{medians[0]:.4g}", theta=f"{medians[1]:.4g}")
    return table, [*notes, *entries, *(Entry(STEP, TABLE, "note", text, n) for text, n in [*kinds, (medians_note, 0)])]


class Line(NamedTuple):
    """A row of the table; NaN for a number that is not estimated."""

    product: str
    sigma: float
    theta: float
    alpha: float
    se_sigma: float
    se_theta: float
    admissible: float
    n_firms: int
    n_differences: int
    fallback: str


class At(NamedTuple):
    """The given parameters of a product; NaN for a parameter that is to be estimated or is missing from its table.

    ``lacking``: whether the product is missing from a given table of parameters.
    """

    sigma: float
    theta: float
    alpha: float
    lacking: bool


def _known(products: pl.Series, options: QualityParameters) -> tuple[list[At], list[Entry]]:
    """Return the given parameters of every product, and account entries for unused rows of the given tables.

    Raises `UsageError` if both sigma and theta are given.
    """
    if options.sigma != ESTIMATE and options.theta != ESTIMATE:
        raise UsageError(
            "sigma and theta are both given, so no parameter remains to be estimated",
            remedy=f"give {option('sigma', 'estimate')}, or {option('theta', 'estimate')}",
        )
    columns, notes, lacking = list[Array](), list[Entry](), np.zeros(len(products), dtype=bool)
    for name in ("sigma", "theta", "alpha"):
        given = getattr(options, name)
        if isinstance(given, str) and given == ESTIMATE:
            columns.append(np.full(len(products), np.nan))
            continue
        column, more = parameter_of(name, given, products)
        columns.append(column.cast(float).fill_null(np.nan).to_numpy())
        lacking |= np.isnan(columns[-1])
        notes += more
    rows = zip(*columns, lacking, strict=True)
    return [At(float(s), float(t), float(a), bool(gone)) for s, t, a, gone in rows], notes


def _each(moments: Differenced) -> Iterator[tuple[str, Sums]]:
    """Yield the sums of every product in order, including products without rows."""
    table = moments.table
    ends = np.searchsorted(table["good"].to_numpy(), np.arange(moments.goods.height + 1))
    n, noise = (table[name].cast(float).to_numpy() for name in ("n", "noise"))
    firm = table["f"].cast(int).to_numpy()
    mean = table.select(COST_TERMS).to_numpy()
    second = second_moments(table, COST_TERMS)
    for i, product in enumerate(moments.goods["product"]):
        here = slice(ends[i], ends[i + 1])
        yield product, Sums(n[here], mean[here], second[here], noise[here], firm[here])


def _one(product: str, of: Sums, at: At, options: QualityParameters) -> Line:
    n, differences = of.firms, int(of.n.sum())
    given = Given(at.sigma, at.theta * at.alpha)

    def line(fallback: str, found: Found = NOTHING, errors: Spread = UNKNOWN) -> Line:
        theta, se_theta = found.both / at.alpha, errors.both / at.alpha
        shares = (errors.sigma, se_theta, errors.admissible)
        return Line(product, found.sigma, theta, at.alpha, *shares, n, differences, fallback)

    if at.lacking:
        return line("nothing given")
    if n < FEWEST:
        return line("too few firms")
    found = parameters(of, given, options.estimator, np.ones(len(of.n)))
    if math.isnan(found.both):
        return line("inadmissible")
    errors = UNKNOWN
    if options.replicates:
        errors = spread(of, given, options.estimator, options.replicates, options.seed, product)
    return line("constrained" if found.searched else "no", found, errors)


def _refuse(table: pl.DataFrame) -> None:
    """Refuse a table without any estimate.

    Raises `TooFew` if no product has enough firms, else `NotIdentified`.
    """
    if table["sigma"].null_count() < table.height:
        return
    most = max(table["n_firms"].to_list(), default=0)
    if most < FEWEST:
        raise TooFew(
            f"sigma and theta cannot be estimated: no product has {FEWEST} firms with two differences over time each "
            "in a market with other firms",
            example=f"most: {most}",
            remedy=f"more years, firms or destinations are needed; else {give()}",
        )
    why = "; ".join(f"{n} {kind}" for kind, n in table.group_by("fallback").len().sort("fallback").iter_rows())
    raise NotIdentified(
        "sigma and theta cannot be estimated: no product has sales that fall in its price and in the firm's cost",
        example=f"products: {why}",
        remedy=give(),
    )


def parameters(of: Sums, given: Given, estimator: Estimator, counts: Array) -> Found:
    """Estimate sigma and alpha theta of a product by the formula of `quality_parameters`.

    ``counts`` (V,): how often each firm in a market is counted.
    """
    total = (counts * of.n) @ of.mean
    if not total[CC] > 0:
        return NOTHING
    if not math.isnan(given.sigma):
        slope = given.sigma - 1
        below = slope * (total[CC] - total[PC])
        return _admissible(given.sigma, -(total[SC] + slope * total[PC]) / below if below else math.nan, searched=False)
    of_price, of_sales = float(total[PC] / total[CC]), float(total[SC] / total[CC])
    estimate = ESTIMATORS[estimator](without_cost(of, of_price, of_sales), counts[None])
    b, searched = float(estimate.sigma[0]) - 1, bool(estimate.searched[0])
    if not math.isnan(given.both):
        return _admissible(1 + b / (1 - given.both) if given.both < 1 else math.nan, given.both, searched=searched)
    d = -(of_sales + b * of_price)
    return _admissible(1 + b + d, d / (b + d) if b + d else math.nan, searched=searched)


def without_cost(of: Sums, of_price: float, of_sales: float) -> Moments:
    """Return the moments of p - ``of_price`` c and s - ``of_sales`` c, from the sums of the six `COST_TERMS`."""
    a, g = of_price, of_sales
    terms = np.array([[1, 0, 0, -2 * a, 0, a * a], [0, 1, 0, 0, -2 * g, g * g], [0, 0, 1, -g, -a, a * g]])
    second = np.einsum("ij,vjk,lk->vil", terms, of.second, terms, optimize=True)
    return Moments(of.n, of.mean @ terms.T, second, of.noise)


def _admissible(sigma: float, both: float, *, searched: bool) -> Found:
    return Found(sigma, both, searched) if sigma > SMALLEST and 0 < both < 1 else NOTHING


def spread(of: Sums, given: Given, estimator: Estimator, replicates: int, seed: int, name: str) -> Spread:
    """Return standard errors by bootstrap: half the distance between the 16th and 84th percentiles over draws of firms.

    Firms are drawn with replacement. A drawn firm comes with all its markets, because they share its cost. The draws
    depend only on the seed and the product's name.
    """
    rng = np.random.default_rng([seed, crc32(name.encode())])
    whose = np.unique(of.firm, return_inverse=True)[1]
    size = of.firms
    times = rng.multinomial(size, np.full(size, 1 / size), size=replicates).astype(np.float64)
    drawn = [parameters(of, given, estimator, one[whose]) for one in times if (one > 0).sum() >= FEWEST]
    there = np.array([(f.sigma, f.both) for f in drawn if not math.isnan(f.both)]).reshape(-1, 2)
    if len(there) < 2:
        return Spread(math.nan, math.nan, len(there) / replicates)
    # the standard normal distribution at -1 and 1, so that half the distance is one standard error of a normal estimate
    low, high = np.quantile(there, [0.15865525393145707, 0.8413447460685429], axis=0)
    half = (high - low) / 2
    return Spread(float(half[0]), float(half[1]), len(there) / replicates)
