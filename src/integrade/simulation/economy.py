"""Simulate a whole economy with known true parameters; return canonical tables and a dictionary of the parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl

from integrade.engine.exact import across, total_of
from integrade.records.catalogue import choose
from integrade.simulation import customs as trade
from integrade.simulation.covariates import education, human_capital, research
from integrade.simulation.firms import Roster, accounts, exporters, roster
from integrade.simulation.options import CONTROL_EFFECTS, HUMAN_CAPITAL_EFFECT, Economy
from integrade.simulation.prices import REGIONS, Array, price_links, spreads, true_index

CONTROLS = tuple(CONTROL_EFFECTS)
FIRM, MOMENT, REGION_YEAR = 0.30, 0.10, 0.02  # s.d. of the firm effect, of firm-year noise and of province-year noise


@dataclass(frozen=True)
class Simulated:
    """A simulated economy: the data that a researcher would observe, and the true values, which are usually unknown.

    ``prices``, ``firms``, ``exporters``, ``customs``, ``education``, ``rd`` and ``sigma`` (product, sigma) are
    observed. ``true_index``: one row per region, year (segmentation, integration, ln_human_capital). ``true_quality``:
    one row per firm, year for exporters with accounts (quality in log points, the true index, and controls without
    error). ``true_rows``: ln_lambda of every customs row. ``truth``: the parameters, JSON-able.
    """

    economy: Economy
    prices: pl.DataFrame
    firms: pl.DataFrame
    exporters: pl.DataFrame
    customs: pl.DataFrame
    education: pl.DataFrame
    rd: pl.DataFrame
    sigma: pl.DataFrame
    true_index: pl.DataFrame
    true_quality: pl.DataFrame
    true_rows: pl.DataFrame
    truth: dict[str, Any] = field(repr=False)


def simulate(economy: Economy | None = None) -> Simulated:
    """Simulate an economy of 31 provinces.

    Formula: ln quality of a firm in a year = firm effect + effects of its controls
        + [not state-owned] * (curvature_direct * (X - turning_point)^2 + 2 ln(years of schooling))
        + province-year noise + noise, where X is the true index of its province, and ln(years of schooling) itself
        contains curvature_mediated * (X - turning_point)^2 / 2. The two curvatures sum to ``economy.curvature``.

    The true index (ln(1 / sqrt(S))) is the limit of the measured index as the number of goods grows. The true turning
    point is therefore on the scale of the measured index. The measured index adds sampling error.

    Returns: a `Simulated`. The same options give the same tables in every process.

    Example:
        >>> small = simulate(Economy(n_firms=50, n_years=3))
        >>> small.truth["market"]["turning_point"]
        4.05
    """
    economy = choose(Economy, economy, {})
    tau = spreads(economy)
    segmentation, index = true_index(tau)
    schooling = human_capital(economy, index)
    firms = roster(economy)
    books = accounts(economy, firms)
    quality = firm_quality(economy, firms, books, index, schooling)
    rng = economy.stream(10)
    of = trade.markets(
        rng, (economy.n_products, economy.n_destinations, economy.n_years), (economy.sigma_low, economy.sigma_high)
    )
    # the expected number of varieties of each firm; trading companies have three times as many as other firms
    mean = 1.15 * economy.rows_per_firm_year / trade.ACTIVE
    draws = trade.powers(economy.stream(12), len(firms.trader), mean)
    varieties = np.where(firms.trader, 3.0, 1.0) * draws
    at = trade.rows(rng, varieties, firms.alive & firms.exporter[:, None], of)
    shipped = trade.customs_table(of, at, trade.demand(rng, of, at, quality), firms.identity, economy.first_year)
    firm, t = np.nonzero(firms.alive & firms.accounts[:, None])
    true_quality = (
        books.select("firm", "year", "region", "ownership", *CONTROLS)
        .with_columns(quality=quality[firm, t], market=index[t, firms.region[firm, t]])
        .filter(pl.Series(firms.exporter[firm]))
        .select("firm", "year", "region", "ownership", "quality", "market", *CONTROLS)
    )
    year, region = np.indices(index.shape).reshape(2, -1)
    indices = pl.DataFrame(
        {
            "region": pl.Series(REGIONS).gather(region),
            "year": year + economy.first_year,
            "segmentation": segmentation.ravel(),
            "integration": index.ravel(),
            "ln_human_capital": schooling.ravel(),
        }
    )
    sigma = pl.DataFrame({"product": of.product, "sigma": of.sigma})
    truth = _truth(economy, true_quality, shipped, sigma)
    return Simulated(
        economy=economy,
        prices=price_links(economy, tau),
        firms=books.drop("scale", "age", "roa", "rdebt", "fic"),
        exporters=exporters(economy, firms),
        customs=trade.spoil(rng, shipped).drop("ln_lambda"),
        education=education(economy, schooling),
        rd=research(economy),
        sigma=sigma,
        true_index=indices,
        true_quality=true_quality,
        true_rows=shipped.select("firm", "year", "product", "destination", "unit", "value", "ln_lambda"),
        truth=truth,
    )


def firm_quality(economy: Economy, firms: Roster, books: pl.DataFrame, index: Array, schooling: Array) -> Array:
    """Compute ln quality of every firm in every year, shape (firms, years); see `simulate` for the formula."""
    rng = economy.stream(11)
    n, years = firms.alive.shape
    t = np.arange(years)
    firm_effect = rng.normal(0, FIRM, n) - 0.2 * firms.trader
    quality: Array = firm_effect[:, None] + rng.normal(0, MOMENT, (n, years))
    quality += rng.normal(0, REGION_YEAR, index.shape)[t, firms.region]
    moved = economy.pull()[0] * (index - economy.turning_point) ** 2 + HUMAN_CAPITAL_EFFECT * (schooling - 2.24)
    quality += np.where((firms.ownership != 0) & ~firms.trader, 1.0, 0.0)[:, None] * moved[t, firms.region]
    firm, year = np.nonzero(firms.alive & firms.accounts[:, None])
    effects = books.select(effect=across(*[pl.col(c) * b for c, b in CONTROL_EFFECTS.items()])).to_series()
    quality[firm, year] += effects.to_numpy() - 0.3
    return quality


def _truth(economy: Economy, quality: pl.DataFrame, shipped: pl.DataFrame, sigma: pl.DataFrame) -> dict[str, Any]:
    """Return the true parameters, JSON-able."""
    direct, mediated = economy.pull()
    turning = economy.turning_point
    market = quality["market"]
    scale = _log_points_to_standardised(shipped)
    return {
        "options": asdict(economy),
        "market": {
            "turning_point": turning,
            "linear": -2 * economy.curvature * turning,
            "square": economy.curvature,
            "linear_direct": -2 * direct * turning,
            "square_direct": direct,
            "applies_to": "firms that are not state-owned",
            "lowest": market.min(),
            "highest": market.max(),
            "share_past": (market > turning).mean(),
        },
        "state": {"linear": 0.0, "square": 0.0, "share": economy.state_share},
        "human_capital": {
            "linear": -2 * mediated / HUMAN_CAPITAL_EFFECT * turning,
            "square": mediated / HUMAN_CAPITAL_EFFECT,
            "effect": HUMAN_CAPITAL_EFFECT,
            "unit": "ln(years of schooling)",
            "share_of_effect": mediated / economy.curvature if economy.curvature else None,
        },
        "rd": {"linear": 0.0, "square": 0.0, "effect": 0.0},
        "claims": _claims(economy, bool((market < turning).any() and (market > turning).any())),
        "controls": dict(CONTROL_EFFECTS),
        "noise": {"firm": FIRM, "firm_year": MOMENT, "region_year": REGION_YEAR, "taste": trade.TASTE},
        "sigma": dict(zip(sigma["product"].to_list(), sigma["sigma"].to_list(), strict=True)),
        "standardised_per_log_point": scale,
        "note": "coefficients are in log points of quality (ln lambda); times standardised_per_log_point they are "
        "about what the same regression gives on quality standardised by product between its 1st and 99th percentiles",
    }


def _claims(economy: Economy, turns_inside: bool) -> dict[str, bool]:
    """Return which hypotheses hold in this economy, by the code of their claim (`Verdict.about`).

    Schooling rises with integration up to the turning point and falls beyond it. Integration therefore acts through
    schooling, but does not raise quality through schooling everywhere. The effect is the same in all areas, periods and
    industries; in state-owned firms there is no effect.
    """
    acts = economy.curvature != 0
    apart = acts and 0 < economy.state_share < 1
    return {
        "inverted_u": economy.curvature < 0 and turns_inside,
        "acts:human_capital": economy.pull()[1] != 0,
        "promotes:human_capital": False,
        "acts:rd": False,
        "promotes:rd": False,
        "acts:ln(rd_spending)": False,
        "promotes:ln(rd_spending)": False,
        "differs:ownership": apart,
        "stronger:ownership": apart,
        "differs:intensity": False,
        "differs:period": False,
        "differs:area": False,
    }


def _log_points_to_standardised(shipped: pl.DataFrame) -> float:
    """Compute the value-weighted mean of 1 / (p99 - p1), with percentiles of ln_lambda within product and unit."""
    key = ["product", "unit"]
    span = pl.col("ln_lambda").quantile(0.99) - pl.col("ln_lambda").quantile(0.01)
    products = (
        shipped.group_by(key).agg(span=span, value=total_of(pl.col("value"))).filter(pl.col("span") > 0).sort(key)
    )
    value, width = products["value"].to_numpy(), products["span"].to_numpy()
    return float((value / width).sum() / value.sum()) if products.height else 0.0
