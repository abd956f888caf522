"""Simulate customs records whose demand follows the models from which quality is estimated.

ln q = chi_destination,year + phi_product - sigma ln p + (sigma - 1) ln lambda + taste, sigma by product;
ln p = cost of the product + 0.5 ln lambda + cost shocks of firm, firm-product, firm-product-year and row.
Prices rise with quality, so a regression of quantity on price without quality gives a biased sigma. Tastes affect only
quantity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from integrade.errors import UsageError
from integrade.records import needs
from integrade.simulation.prices import Array

Whole = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

HS6 = (
    "030379",
    "030420",
    "070320",
    "080810",
    "090210",
    "160414",
    "200290",
    "210690",
    "280700",
    "291814",
    "300490",
    "390110",
    "392410",
    "392690",
    "401110",
    "420212",
    "420222",
    "440290",
    "482010",
    "500720",
    "520852",
    "540752",
    "551341",
    "570330",
    "590310",
    "610910",
    "611020",
    "620342",
    "620462",
    "630260",
    "640299",
    "640399",
    "650590",
    "660199",
    "670290",
    "680293",
    "690890",
    "691110",
    "701349",
    "711319",
    "721049",
    "730890",
    "732393",
    "760612",
    "761510",
    "820551",
    "830140",
    "841430",
    "841510",
    "847130",
    "848180",
    "850440",
    "851640",
    "852520",
    "852812",
    "853400",
    "854140",
    "870829",
    "871200",
    "900150",
    "910211",
    "940161",
    "940360",
    "940540",
    "950390",
    "950510",
    "960810",
)
MARKETS = (
    "USA",
    "JPN",
    "HKG",
    "KOR",
    "DEU",
    "NLD",
    "GBR",
    "SGP",
    "IND",
    "RUS",
    "AUS",
    "ITA",
    "FRA",
    "MYS",
    "CAN",
    "THA",
    "ARE",
    "VNM",
    "BRA",
    "IDN",
    "ESP",
    "MEX",
    "BEL",
    "TUR",
    "ZAF",
    "SAU",
    "PHL",
    "POL",
    "PAK",
    "CHL",
    "NGA",
    "IRN",
    "EGY",
    "FIN",
    "DNK",
    "SWE",
    "GRC",
    "PRT",
    "HUN",
    "CZE",
    "ISR",
    "ARG",
    "COL",
    "PER",
    "NZL",
    "KAZ",
    "UKR",
    "BGD",
    "LKA",
    "KEN",
    "GHA",
    "MAR",
    "DZA",
    "IRL",
    "NOR",
    "AUT",
    "CHE",
    "ROU",
    "PAN",
    "ECU",
)
UNITS = ("千克", "件")
REGIMES = ("一般贸易", "进料加工贸易", "来料加工装配贸易")
PASS_ON = 0.5  # elasticity of marginal cost to quality
TASTE = 0.3  # s.d. of the taste shocks
ACTIVE = 0.75  # share of a firm's varieties that are shipped in a year
ZERO, BLANK = 0.001, 0.001  # shares of rows with quantity zero, and with quantity or value missing


@dataclass(frozen=True)
class Markets:
    """Properties of products and destinations that are common to all firms."""

    product: pl.Series
    destination: pl.Series
    sigma: Array  # by product
    cost: Array  # ln cost by product
    taste: Array  # phi by product
    size: Array  # chi, (destinations, years)
    pieces: Truths  # the usual unit is the piece
    mixed: Truths  # some firms report the other unit


@dataclass(frozen=True)
class Rows:
    """Customs rows as integer codes of firm, product, destination, year, unit and regime.

    ``pair`` is the code of firm x product.
    """

    firm: Whole
    product: Whole
    destination: Whole
    year: Whole
    unit: Whole
    regime: Whole
    pair: Whole
    n_pairs: int


def product_codes(n: int) -> list[str]:
    """Return n HS6 codes as text, some of chapters 01 to 09.

    Real codes come first, then invented codes in real chapters.
    """
    if n <= len(HS6):
        return [HS6[int(i)] for i in np.linspace(0, len(HS6) - 1, n)]
    chapters = [c for c in range(1, 93) if c not in (77,)]
    invented = (f"{c:02d}{h:02d}{s:02d}" for s in range(10, 100, 7) for h in range(1, 20, 2) for c in chapters)
    known = set(HS6)
    fresh = (code for code in invented if code not in known)
    return sorted([*HS6, *(next(fresh) for _ in range(n - len(HS6)))])


def market_names(n: int) -> list[str]:
    """Return n destinations: ISO codes of the largest markets first, then numbered names."""
    return [*MARKETS[:n], *(f"M{i:03d}" for i in range(len(MARKETS), n))]


def markets(rng: np.random.Generator, shape: tuple[int, int, int], sigma: tuple[float, float]) -> Markets:
    """Draw the products and destinations; ``shape`` is (products, destinations, years)."""
    products, destinations, years = shape
    growth = rng.normal(0.06, 0.03, (destinations, 1)) * np.arange(years) + rng.normal(0, 0.1, (destinations, years))
    return Markets(
        product=pl.Series(product_codes(products)),
        destination=pl.Series(market_names(destinations)),
        sigma=np.round(rng.uniform(*sigma, products), 2),
        cost=rng.normal(1.0, 0.8, products),
        taste=rng.normal(0, 1.0, products),
        size=(9.0 - 0.8 * np.log(np.arange(destinations) + 1))[:, None] + growth,
        pieces=rng.random(products) < 0.6,
        mixed=rng.random(products) < 0.2,
    )


def rows(rng: np.random.Generator, trading: Array, alive: Truths, of: Markets) -> Rows:
    """Draw which firm ships which product to which destination in which year.

    ``trading`` (firms,) is the expected number of varieties (products x destinations) of a firm. ``alive`` (firms,
    years) is true in years with exports. A firm draws its products near a core product and its destinations by
    popularity. Most firms therefore have few products and destinations, and a few firms have many. Rows are sorted by
    year, firm, product, destination.
    """
    products, destinations = len(of.product), len(of.destination)
    n = rng.poisson(trading).clip(1)
    firm = np.repeat(np.arange(len(n)), n)
    breadth = np.minimum(np.ceil(np.sqrt(n)), products)[firm]
    core = rng.integers(products, size=len(trading))[firm]
    rank = (breadth * rng.random(len(firm), dtype=np.float32) ** 1.5).astype(np.int64)
    product = (core + rank * (rank + 1) // 2) % products
    popular = np.cumsum(1 / np.arange(1, destinations + 1))
    destination = np.searchsorted(popular, rng.random(len(firm)) * popular[-1])
    code = np.unique((firm * products + product) * destinations + destination)
    pair, destination = np.divmod(code, destinations)
    firm, product = np.divmod(pair, products)
    first = np.concatenate([[True], pair[1:] != pair[:-1]])
    number = np.cumsum(first) - 1
    uses_other_unit = of.mixed[product[first]] & (rng.random(first.sum()) < 0.15)
    unit = np.where(uses_other_unit, ~of.pieces[product[first]], of.pieces[product[first]]).astype(np.int64)[number]
    regime = np.searchsorted((0.65, 0.93), rng.random(len(code)))
    shipped = alive.T[:, firm] & (rng.random((alive.shape[1], len(code)), dtype=np.float32) < ACTIVE)
    year, at = np.nonzero(shipped)
    return Rows(firm[at], product[at], destination[at], year, unit[at], regime[at], number[at], int(first.sum()))


def demand(rng: np.random.Generator, of: Markets, at: Rows, quality: Array) -> pl.DataFrame:
    """Draw prices and quantities of the rows; ``quality`` (firms, years) is ln quality of the firm in the year.

    ln quality of a row is the quality of the firm plus a part by firm and product and a part by row. Value and quantity
    are rounded as in customs records. The last column is ln_lambda.
    """
    firms, years = quality.shape
    n = len(at.firm)
    pair_quality = rng.normal(0, 0.2, at.n_pairs)
    cost = rng.normal(0, 0.15, at.n_pairs)[:, None] + rng.normal(0, 0.15, (at.n_pairs, years))
    ln_lambda = quality[at.firm, at.year] + pair_quality[at.pair] + 0.1 * rng.standard_normal(n)
    ln_p = of.cost[at.product] + PASS_ON * ln_lambda + rng.normal(0, 0.1, (firms,))[at.firm] + cost[at.pair, at.year]
    ln_p += 0.1 * rng.standard_normal(n)
    sigma = of.sigma[at.product]
    ln_q = of.size[at.destination, at.year] + of.taste[at.product] + (sigma - 1) * ln_lambda
    ln_q -= sigma * (ln_p - of.cost[at.product]) - TASTE * rng.standard_normal(n)
    return pl.DataFrame(
        {
            "year": at.year,
            "value": np.round(np.exp(ln_p + ln_q), 2),
            "quantity": np.round(np.exp(ln_q), 3),
            "ln_lambda": ln_lambda,
        }
    )


def customs_table(of: Markets, at: Rows, traded: pl.DataFrame, identity: pl.Series, first_year: int) -> pl.DataFrame:
    """Return a customs table: one row per firm, product, destination, year, unit and regime."""
    return pl.DataFrame(
        {
            "firm": identity.gather(at.firm),
            "product": of.product.gather(at.product),
            "destination": of.destination.gather(at.destination),
            "year": at.year + first_year,
            "unit": pl.Series(UNITS).gather(at.unit),
            "regime": pl.Series(REGIMES).gather(at.regime),
            "value": traded["value"],
            "quantity": traded["quantity"],
            "ln_lambda": traded["ln_lambda"],
        }
    )


def spoil(rng: np.random.Generator, customs: pl.DataFrame) -> pl.DataFrame:
    """Add the defects of raw records: some quantities of zero, some quantities and values missing."""
    chance = pl.Series(rng.random(customs.height, dtype=np.float32))
    quantity = pl.when(chance < ZERO).then(0.0).when(chance >= ZERO + BLANK).then("quantity")
    return customs.with_columns(
        quantity.alias("quantity"), pl.when(chance < 1 - BLANK / 2).then("value").alias("value")
    )


def powers(rng: np.random.Generator, n: int, mean: float) -> Array:
    """Draw n numbers, at least 1, with about this mean from a power law (exponent 1.6, cut at 100 times the scale)."""
    low, high = 1.0, 100.0**-1.6
    draws = (high + (low - high) * rng.random(n)) ** (-1 / 1.6)
    average = 1.6 / 0.6 * (1 - 100.0**-0.6) / (1 - high)
    return np.asarray(np.maximum(draws * mean / average, 1.0))


def simulate_customs(
    n_rows: int,
    seed: int = 20240101,
    *,
    n_products: int = 1000,
    n_destinations: int = 100,
    n_years: int = 10,
    sigma: tuple[float, float] = (3.0, 8.0),
) -> pl.DataFrame:
    """Simulate a customs table of exactly ``n_rows`` rows, for measuring speed and memory.

    Structure and demand are the same as in `simulate`, with firm quality drawn at random. There is one row per firm,
    product, destination and year; rows are sorted by year, firm, product, destination. Raises `UsageError` if so many
    rows are not possible with the given products, destinations and years.

    Example:
        >>> simulate_customs(1000, seed=1).height
        1000
    """
    needs.require_count(needs.ROWS, n_rows=n_rows)
    needs.require_count(needs.PLACES, n_products=n_products, n_destinations=n_destinations)
    needs.require_count(needs.YEARS, n_years=n_years)
    rng = np.random.default_rng([seed, n_rows])
    of = markets(rng, (n_products, n_destinations, n_years), sigma)
    n_firms = max(n_rows // 80, 10)
    alive = rng.random((n_firms, n_years)) < 0.8
    need = 1.6 * n_rows / (n_firms * n_years * 0.8 * ACTIVE)
    at = rows(rng, powers(rng, n_firms, need), alive, of)
    while len(at.firm) < n_rows:
        need *= 1.3
        if need > 100 * n_products * n_destinations:
            raise UsageError(
                f"{n_products} products x {n_destinations} destinations x {n_years} years are too few for {n_rows:,} "
                "rows",
                remedy="give more products, destinations or years",
            )
        at = rows(rng, powers(rng, n_firms, need), alive, of)
    keep = np.sort(rng.permutation(len(at.firm))[:n_rows])  # a random subset in the same order
    parts = ("firm", "product", "destination", "year", "unit", "regime", "pair")
    at = replace(at, **{part: getattr(at, part)[keep] for part in parts})
    traded = demand(rng, of, at, rng.normal(0, 0.35, n_firms)[:, None] + rng.normal(0, 0.1, (n_firms, n_years)))
    identity = pl.Series([f"F{i:08d}" for i in range(n_firms)])
    return spoil(rng, customs_table(of, at, traded, identity, 2004)).drop("ln_lambda")
