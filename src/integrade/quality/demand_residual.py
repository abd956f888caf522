"""Measure export quality as the residual of demand: the sales that the price does not explain (METHODS 3.2a)."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from typing import Any

import numpy as np

from integrade.engine.frames import Data
from integrade.errors import option
from integrade.quality.coding import LETTER
from integrade.quality.demand import columns_by_row, demand, ln_quality
from integrade.quality.effects import parse_effects
from integrade.quality.groups import GROUP
from integrade.quality.measured import ADDS, Scored, finish, open_customs
from integrade.quality.options import DemandResidual
from integrade.quality.parts import Parts
from integrade.quality.products import ADDITIVE, SATURATED, WITHIN, find_elasticity, is_own
from integrade.quality.residuals import is_within_products, residuals
from integrade.quality.sigma import SMALLEST, Given, read_sigma_option
from integrade.records.catalogue import choose, measure
from plainwords.texts import Said, say

REMEDY = {
    False: "use coarser effects, such as {effects}",
    True: "give {fallback_sigma} for products whose estimate is refused, or another sigma. An estimate needs several "
    "firms (or varieties) of a product in a destination and year. Their prices must differ, and quantity must fall "
    "with price",
}
"""Remedies if no row has a quality, by whether sigma is estimated."""


@measure(
    family="quality",
    needs=("customs",),
    key=("firm", "year"),
    adds=ADDS,
    options=DemandResidual,
    cite="Khandelwal, Schott and Wei (2013); Fan, Li and Yeaple (2015)",
)
def demand_residual(customs: Data, options: DemandResidual | None = None, **changes: Any) -> Data:
    """Measure export quality by firm and year from the residuals of demand, with an imposed elasticity.

    Formula:
        ln q_fhmt + sigma_h ln p_fhmt = phi_h + phi_mt + eps_fhmt, p = v / q, one regression over all rows;
        ln lambda = eps / (sigma_h - 1); r = ln lambda between the 1st and 99th percentiles of product h over all years
        (linear interpolation between order statistics), clipped to 0..1; TQ_ft = sum v r / sum v over the rows of the
        firm-year. Products h are HS codes x units. Other effects, scales and weights: `DemandResidual`.
        An error u in ln q makes an error of -u in ln p. With sigma imposed, it also makes an error of -u in ln lambda.

    Missing values:
        Rows without product, destination, year, firm, or a positive value and quantity are dropped and counted. Rows
        with the same firm, product, destination, year (, unit, variety, regime) are summed. Quality is missing for a
        product whose sigma is at or below 1.05 or whose residuals are all equal. It is also missing for a row of
        leverage 1, whose residual is not identified: the only row of its cell, or a bridge of the product x
        destination-year graph. The mean of a firm-year is over its rows with quality; firm-years without any have a row
        with quality missing. All are counted in the account, with their share of value.

    Args:
        customs: any frame with (firm,) product, destination, year, value (money), quantity (, unit, variety, month,
            regime); months are summed into years.
        options: a `DemandResidual`; single options may be given or changed by name. sigma has no default.
        **changes: options by name, such as ``sigma=5``.

    Returns:
        One row per firm, year, sorted: quality (0..1), n_products, n_rows and value (of all its rows). With
        level='row' one row per customs key: value, quantity, ln_price (log value per unit), residual (eps, log points),
        ln_quality (ln lambda, log points), quality, sigma. The kind of frame that came in.

    Raises:
        UsageError: sigma missing or at or below 1.05; level='firm' without a column firm; effects that are not one or
            two terms.
        UnknownName: an option, choice or effect that does not exist.
        NotIdentified: every row has leverage 1 or a refused sigma.
        NoConvergence: the effects could not be solved.
        MissingColumn, NotANumber, CodesReadAsNumbers, EmptyTable, FileMissing: see `integrade.records.schema.conform`
            and `integrade.quality.sigma`.

    Reference:
        Khandelwal, Schott and Wei (2013, AER 103(6)); Fan, Li and Yeaple (2015, REStat 97(5)), section 5.1.2.
        METHODS 3.2a, 3.3.

    Example:
        >>> import polars as pl
        >>> customs = pl.DataFrame({
        ...     "firm": ["a", "b", "c"] * 2, "product": ["610910"] * 6,
        ...     "destination": ["USA"] * 3 + ["JPN"] * 3,
        ...     "year": [2004] * 6, "value": [50.0, 80, 40, 44, 70, 30], "quantity": [10.0, 20, 5, 8, 20, 3],
        ... })
        >>> demand_residual(customs, sigma=5, standardise="minmax")["quality"].round(4).to_list()
        [0.3707, 0.1163, 0.9077]
    """
    chosen = choose(DemandResidual, options, changes)
    given = read_sigma_option(chosen.sigma)
    if chosen.effects == "auto":
        within = isinstance(given.value, str) and given.value in WITHIN
        chosen = dataclasses.replace(chosen, effects=SATURATED if within else ADDITIVE)
    terms = [tuple(LETTER[name] for name in term) for term in parse_effects(chosen.effects)]
    with ExitStack() as kept:
        # y and the residual; or y and the cells that effects across products need
        opened = open_customs(customs, chosen.scale, kept, arrays=2 if is_within_products(terms) else 6)
        rows = opened.rows_for(in_parts=_in_parts(chosen, given))
        elasticity = find_elasticity(given, opened, rows, chosen)
        estimated = isinstance(given.value, str)
        remedy = REMEDY[estimated].format(
            effects=option("effects", "product+year"), fallback_sigma=option("fallback_sigma", 5)
        )
        scored = Scored(
            np.zeros(0),
            dict.fromkeys((_no_sigma(estimated=estimated), _leverage(chosen))),
            notes=elasticity.notes,
            remedy=remedy,
            refused=elasticity.refused,
            called="residuals",
            relative_to=chosen.effects,
        )
        if isinstance(rows, Parts):
            from integrade.quality.on_workers import measure_in_parts

            return measure_in_parts(scored, opened, terms, elasticity, chosen, customs)
        sigma = elasticity.by_product("sigma", rows.products)
        y = demand(rows, sigma, elasticity)
        reasons = {_no_sigma(estimated=estimated): rows.where(np.isnan(sigma))}
        if (home := elasticity.home) is not None:
            reasons[say("quality.no-gdp-of-firm")] = lambda at: np.isnan(home.ln_gdp(rows, at))
        residual = residuals(rows, y, terms)
        shown = columns_by_row(residual, sigma, elasticity.sources) if chosen.scale.level == "row" else {}
        x = ln_quality(rows, residual, sigma, chosen.scale)
        if shown:
            shown["ln_quality"] = x
        scored = dataclasses.replace(scored, x=x, reasons=reasons | {_leverage(chosen): None}, shown=shown)
        return finish(scored, opened, chosen, customs)


def _no_sigma(*, estimated: bool) -> Said:
    """Return the reason why a row's product has no sigma."""
    if estimated:
        return say("quality.sigma-was-refused")
    return say("quality.sigma-at-or-below", least=str(SMALLEST))


def _leverage(options: DemandResidual) -> Said:
    return say("quality.leverage-1", effects=options.effects)


def _in_parts(options: DemandResidual, given: Given) -> bool:
    """Return whether workers can compute everything from files of whole products."""
    scale = options.scale
    plain = options.firm_region is None and options.gdp is None and scale.groups is None
    return is_own(given) and plain and scale.pool != "all" and scale.level not in GROUP
