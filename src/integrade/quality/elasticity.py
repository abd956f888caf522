"""Estimate elasticities of substitution from the user's records: Feenstra and its successors (METHODS 3.6)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias
from zlib import crc32

import numpy as np

from integrade.engine.frames import Data, enter, give_back, place
from integrade.errors import TooFew, UsageError, option
from integrade.quality import feenstra, liml
from integrade.quality.arranged import Arranged, arranged_rows
from integrade.quality.feenstra import Array, Estimate, Moments
from integrade.quality.varieties import TERMS, Differenced, Identity, difference, find_identity, second_moments
from integrade.records.catalogue import choose, keywords
from integrade.records.needs import DRAWS
from integrade.records.schema import conform
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "elasticity", "elasticities"
Method: TypeAlias = Literal["feenstra", "broda_weinstein", "soderbery", "hliml"]
METHODS: Mapping[str, Callable[[Moments, Array], Estimate]] = {
    "feenstra": feenstra.feenstra,
    "broda_weinstein": feenstra.broda_weinstein,
    "soderbery": liml.soderbery,
    "hliml": liml.hliml,
}
SEARCHED = {"broda_weinstein": "grid", "soderbery": "constrained"}
FEWEST: Mapping[str, int] = {"feenstra": 3, "broda_weinstein": 4, "soderbery": 3, "hliml": 3}
"""Number of varieties, besides the reference, that each method needs: one for each parameter."""


@dataclass(frozen=True)
class Elasticities:
    """Options of the estimation of elasticities of substitution (METHODS 3.6).

    Parameters
    ----------
    method
        feenstra (1994); broda_weinstein (2006): weights and a regressor for noisy unit values, a grid search if the
        result is not admissible; soderbery (2015): LIML, constrained if the result is not admissible; hliml: LIML
        that allows for heteroskedasticity, in closed form.
    variety
        The units that compete within a market, which is a product in a destination. firm: firms. variety: varieties
        (for example exporting countries, if the column of exporters is mapped to variety). destination: the
        destinations of a product compete, for records of one exporter without firms. auto: the first of the three that
        customs has.
    by
        One sigma for a product over all its destinations, or one for each product and destination.
    digits
        Number of leading digits of the product code that define the good; the products of a good are then varieties. 0:
        the whole code.
    replicates
        Bootstrap draws of varieties for the standard error; 0 for none.
    seed
        Seed of the draws. The draws of a product depend only on the seed and the product's code.
    """

    method: Method = "feenstra"
    variety: Identity = "auto"
    by: Literal["product", "product_destination"] = "product"
    digits: int = 0
    replicates: Annotated[int, DRAWS] = 200
    seed: int = 20240101


@dataclass(frozen=True)
class Good:
    """The result for one good; sigma, rho, se and admissible are NaN if there is no estimate."""

    sigma: float
    rho: float
    se: float
    admissible: float
    n_varieties: int
    n_differences: int
    fallback: str


@keywords(Elasticities)
def elasticities(customs: Data, options: Elasticities | None = None, **changes: Any) -> Data:
    """Estimate elasticities of substitution by product, from the volatility of prices and shares within markets.

    Formula:
        With differences over time and to a reference variety of the market (the longest series, then the largest):
        (dln p)^2 = theta0 + theta1 (dln s)^2 + theta2 dln p dln s + u, E u = 0 for every variety;
        rho = 1/2 + sgn(theta2) (1/4 - 1/(4 + theta2^2/theta1))^(1/2), sigma = 1 + (2 rho - 1)/((1 - rho) theta2),
        omega = rho/(sigma - 1 - sigma rho), admissible when theta1 > 0, sigma > 1, 0 <= rho < (sigma - 1)/sigma.
        Identified when shocks to demand and supply are independent and their variances differ between varieties.
        theta0 absorbs noise in unit values. With short series theta1 is too small: feenstra then has no admissible
        solution, or a sigma too large and an omega too small; the two LIML methods correct that.

    Missing values:
        Rows are validated as a customs table (see `integrade.records.schema.conform`). A year that does not follow the
        year before gives no difference. A variety needs two differences, a product three such varieties besides the
        reference (four with broda_weinstein). sigma is missing, with the reason in ``fallback``, for a product with
        fewer such varieties or without an admissible solution. All are counted in the account.

    Args:
        customs: any frame with product, destination, year, value (money), quantity (, firm, variety, unit).
        options: an `Elasticities`; single options may be given or changed by name.
        **changes: options by name, such as ``method="soderbery"``.

    Returns:
        One row per product (, destination), sorted: sigma (positive), omega (inverse elasticity of supply), rho, se
        (half the distance between the 16th and 84th percentiles of the bootstrap), admissible (share of bootstrap draws
        whose closed form is admissible), n_varieties (without references), n_differences, method, fallback (no, grid,
        constrained, inadmissible, too few varieties). Written to a file, the table is a sigma file for
        `demand_residual`.

    Raises:
        TooFew: no product has enough varieties.
        UsageError: a variety that customs does not have; digits or replicates below zero.
        UnknownName: an option or choice that does not exist.

    Reference:
        Feenstra (1994, AER 84(1)); Broda and Weinstein (2006, QJE 121(2)); Soderbery (2015, JIE 96(1)); Hausman,
        Newey, Woutersen, Chao and Swanson (2012, QE 3(2)). METHODS 3.6.

    Example:
        >>> from integrade.simulation.customs import simulate_customs
        >>> found = elasticities(simulate_customs(20_000, seed=1, n_products=2), method="soderbery", replicates=0)
        >>> found.select("product", "method", "fallback").row(0)
        ('030379', 'soderbery', 'no')
    """
    chosen = choose(Elasticities, options, changes)
    _check(chosen)
    door = conform(customs, "customs")
    table, notes = estimate(arranged_rows(door.frame), chosen)
    if table["sigma"].null_count() == table.height and (table["n_varieties"] < FEWEST[chosen.method]).all():
        raise TooFew(
            f"no product has {FEWEST[chosen.method]} varieties besides the reference with two differences each",
            example=f"most: {max(table['n_varieties'].to_list(), default=0)}",
            remedy=f"give longer series, coarser goods ({option('digits', 4)}), or another {option('variety')}",
        )
    account = Account((*door.account, *notes, Entry(STEP, TABLE, "out", say("account.rows"), table.height)))
    return give_back(place(table, enter(customs)), customs, name=TABLE, account=account)


def _check(options: Elasticities) -> None:
    for name in ("digits", "replicates"):
        if getattr(options, name) < 0:
            raise UsageError(f"{name}={getattr(options, name)} is below zero", remedy=f"give {option(name, 0)} or more")
    if options.by == "product_destination" and options.variety == "destination":
        raise UsageError(
            "destinations cannot be both varieties and markets",
            remedy=f"take {option('by', 'product')}, or {option('variety', 'firm')}",
        )


def estimate(rows: Arranged, options: Elasticities) -> tuple[pl.DataFrame, list[Entry]]:
    """Return the table of `elasticities` from arranged rows, and its account entries."""
    import polars as pl

    identity = find_identity(rows, options.variety)
    by_market = options.by == "product_destination" and identity != "m"
    if options.by == "product_destination" and identity == "m":
        _check(dataclasses.replace(options, variety="destination"))
    blocks, losses = difference(
        rows,
        identity,
        options.digits,
        lambda moments: (moments.goods, [_one(of, options, "/".join(name)) for name, of in _each(moments)]),
        by_market=by_market,
    )
    goods = [good for _, found in blocks for good in found]
    table = (
        pl.concat([names for names, _ in blocks])
        .with_columns(
            pl.Series("sigma", [g.sigma for g in goods], dtype=pl.Float64),
            pl.Series("omega", [g.rho / (g.sigma - 1 - g.sigma * g.rho) for g in goods], dtype=pl.Float64),
            pl.Series("rho", [g.rho for g in goods], dtype=pl.Float64),
            pl.Series("se", [g.se for g in goods], dtype=pl.Float64),
            pl.Series("admissible", [g.admissible for g in goods], dtype=pl.Float64),
            pl.Series("n_varieties", [g.n_varieties for g in goods], dtype=pl.Int64),
            pl.Series("n_differences", [g.n_differences for g in goods], dtype=pl.Int64),
            method=pl.lit(options.method),
            fallback=pl.Series([g.fallback for g in goods], dtype=pl.String),
        )
        .with_columns(pl.col("sigma", "omega", "rho", "se", "admissible").fill_nan(None))
    )
    settings = say(f"quality.varieties-are-{identity}", method=options.method)
    entries = [Entry(STEP, "customs", "note", settings, 0)]
    lost = [(reason, n) for reason, n in losses.items() if n and reason != "used"]
    entries += [Entry(STEP, "varieties", "dropped", reason, n) for reason, n in lost]
    if used := losses["used"]:
        entries.append(Entry(STEP, "varieties", "note", say("quality.differences-used", n=used), used))
    counts = table.group_by("fallback").len().sort("fallback")
    kinds = [(say(f"quality.fallback-{kind.replace(' ', '-')}", n=n), n) for kind, n in counts.iter_rows()]
    return table, [*entries, *(Entry(STEP, TABLE, "note", text, n) for text, n in kinds)]


def _each(moments: Differenced) -> Iterator[tuple[tuple[str, ...], Moments]]:
    """Yield the moments of every good in order, including goods without rows."""
    table = moments.table
    ends = np.searchsorted(table["good"].to_numpy(), np.arange(moments.goods.height + 1))
    n, noise = (table[name].cast(float).to_numpy() for name in ("n", "noise"))
    mean = table.select(TERMS).to_numpy()
    second = second_moments(table, TERMS)
    for i, name in enumerate(moments.goods.iter_rows()):
        here = slice(ends[i], ends[i + 1])
        yield name, Moments(n[here], mean[here], second[here], noise[here])


def _one(of: Moments, options: Elasticities, name: str) -> Good:
    n, differences = len(of.n), int(of.n.sum())
    if n < FEWEST[options.method]:
        return Good(math.nan, math.nan, math.nan, math.nan, n, differences, "too few varieties")
    method = METHODS[options.method]
    point = method(of, np.ones((1, n)))
    sigma, rho = float(point.sigma[0]), float(point.rho[0])
    if math.isnan(sigma):
        return Good(sigma, rho, math.nan, math.nan, n, differences, "inadmissible")
    fallback = SEARCHED[options.method] if point.searched[0] else "no"
    se, admissible = _bootstrap(of, options, name) if options.replicates else (math.nan, math.nan)
    return Good(sigma, rho, se, admissible, n, differences, fallback)


def _bootstrap(of: Moments, options: Elasticities, name: str) -> tuple[float, float]:
    """Return the standard error of sigma over draws of varieties, and the share of draws with a closed-form solution.

    Draws with fewer distinct varieties than parameters count as draws without a solution.
    """
    n = len(of.n)
    rng = np.random.default_rng([options.seed, crc32(name.encode())])
    counts = rng.multinomial(n, np.full(n, 1 / n), size=options.replicates).astype(np.float64)
    enough = counts[(counts > 0).sum(axis=1) >= FEWEST[options.method]]
    if not len(enough):
        return math.nan, 0.0
    drawn = METHODS[options.method](of, enough)
    there = drawn.sigma[np.isfinite(drawn.sigma)]
    closed = int((np.isfinite(drawn.sigma) & ~drawn.searched).sum())
    if len(there) < 2:
        return math.nan, closed / options.replicates
    # the standard normal distribution at -1 and 1, so that half the distance is one standard error of a normal estimate
    low, high = np.quantile(there, [0.15865525393145707, 0.8413447460685429])
    return float(high - low) / 2, closed / options.replicates
