"""Measure export quality as the residual of demand: the sales that the price does not explain (METHODS 3.2a)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import narwhals as nw

from integrade.engine.exact import average, total_of, totals
from integrade.engine.frames import Data, Frame, collect, held, place
from integrade.errors import option
from integrade.quality.aggregate import needed
from integrade.quality.coding import LETTER, Coded, joint, split
from integrade.quality.effects import Cells, parse_effects, two_way
from integrade.quality.measured import ADDS, Scored, finish, open_customs
from integrade.quality.options import DemandResidual
from integrade.quality.parts import Parts
from integrade.quality.products import ADDITIVE, SATURATED, WITHIN, Elasticity, find_elasticity, is_own
from integrade.quality.scale import goes_by_product
from integrade.quality.sigma import SMALLEST, Given, read_sigma_option
from integrade.records.catalogue import choose, measure
from plainwords.texts import say

SHOWN = {"residual": "residual", "ln_quality": "x", "quality": "r", "sigma": "sigma", "sigma_source": "source"}
REMEDY = {
    False: "use coarser effects, such as {effects}",
    True: "give {fallback_sigma} for products whose estimate is refused, or another sigma. An estimate needs several "
    "firms (or varieties) of a product in a destination and year. Their prices must differ, and quantity must fall "
    "with price",
}
"""Remedies if no row has a quality, by whether sigma is estimated."""
Terms = Sequence[tuple[str, ...]]


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
        opened = open_customs(customs, chosen.scale, kept)
        rows = opened.rows_for(in_parts=_in_parts(chosen, given))
        elasticity = find_elasticity(given, rows, chosen, kept)
        estimated = isinstance(given.value, str)
        low = say("quality.sigma-at-or-below", least=str(SMALLEST))
        refused = say("quality.sigma-was-refused") if estimated else low
        reasons: dict[str, nw.Expr] = {refused: nw.col("sigma").is_null()}
        if elasticity.home is not None:
            reasons[say("quality.no-gdp-of-firm")] = nw.col("gdp").is_null()
        reasons[say("quality.leverage-1", effects=chosen.effects)] = nw.lit(True)
        remedy = REMEDY[estimated].format(
            effects=option("effects", "product+year"), fallback_sigma=option("fallback_sigma", 5)
        )
        scored = Scored(
            opened.home if isinstance(rows, Parts) else rows.frame,
            reasons=reasons,
            shown={name: nw.col(old) for name, old in SHOWN.items()},
            notes=elasticity.notes,
            remedy=remedy,
            refused=elasticity.refused,
            called="residuals",
            relative_to=chosen.effects,
        )
        if isinstance(rows, Parts):
            from integrade.quality.compiled import measure_in_parts

            return measure_in_parts(scored, opened, terms, elasticity, chosen, customs)
        if rows.arranged is not None and elasticity.home is None:
            from integrade.quality.compiled import measure_by_product

            return measure_by_product(scored, opened, terms, elasticity, chosen, customs, kept)
        residuals = kept.enter_context(held(_residuals(rows, terms, elasticity, chosen)))
        return finish(dataclasses.replace(scored, rows=residuals), opened, chosen, customs)


def _in_parts(options: DemandResidual, given: Given) -> bool:
    """Return whether workers can compute everything from files of whole products."""
    scale = options.scale
    plain = options.firm_region is None and options.gdp is None and scale.groups is None
    return (
        is_own(given)
        and plain
        and goes_by_product(scale)
        and scale.level in ("firm", "row")
        and scale.weights != "base_year"
    )


def _residuals(coded: Coded, terms: Terms, elasticity: Elasticity, options: DemandResidual) -> Frame:
    """Return rows with sigma, residual and x (ln quality)."""
    if elasticity.centred is not None and tuple(terms) == (("h", "m", "t"),):
        # from the deviations of ln q and ln p that gave sigma
        assert elasticity.table is not None
        sigmas = place(elasticity.table.drop("source"), elasticity.centred)
        rows = elasticity.centred.join(sigmas, on="h", how="left")
        residual: nw.Expr = nw.when(nw.col("size") > 1).then(nw.col("dev_q") + nw.col("sigma") * nw.col("dev_p"))
    elif len(terms) == 1:
        rows = _with_sigma(coded.frame, elasticity)
        rows = rows.with_columns(cell=nw.when(~nw.col("y").is_null()).then(joint(coded, terms[0])))
        mean, n = average(rows, nw.col("y"), ("cell",)), nw.col("y").count().over("cell")
        residual = nw.when(n > 1).then(nw.col("y") - mean)
    else:
        rows, residual = _crossed(coded, terms, elasticity)
    rows = rows.with_columns(residual=residual).with_columns(x=nw.col("residual") / (nw.col("sigma") - 1))
    home = ["gdp"] if elasticity.home is not None else []
    if options.scale.level == "row":
        return elasticity.with_source(rows).select(*coded.letters, *home, "v", "q", "sigma", "source", "residual", "x")
    return rows.select(*needed(coded, options.scale), *home, "v", "sigma", "x")


def _with_sigma(rows: Frame, elasticity: Elasticity) -> Frame:
    """Add sigma and y = ln q + sigma ln p = sigma ln v - (sigma - 1) ln q, less phi ln GDP if home GDP is given."""
    if elasticity.table is None:
        rows = rows.with_columns(sigma=nw.lit(elasticity.number, dtype=nw.Float64))
    else:
        rows = rows.join(place(elasticity.table.drop("source"), rows), on="h", how="left")
    y = nw.col("sigma") * nw.col("v").log() - (nw.col("sigma") - 1) * nw.col("q").log()
    if elasticity.home is None:
        return rows.with_columns(y=y)
    return elasticity.home.join(rows).with_columns(y=y - nw.col("phi") * nw.col("gdp"))


def _crossed(coded: Coded, terms: Terms, elasticity: Elasticity) -> tuple[Frame, nw.Expr]:
    """Estimate two effects from totals of cells; return the rows, and the expression of their residuals."""
    import polars as pl

    rows = _with_sigma(coded.frame, elasticity)
    for name, term, side in zip("ab", terms, two_way(_cells(coded, terms, elasticity)), strict=True):
        rows = rows.with_columns(joint(coded, term).alias(name))
        levels = pl.DataFrame({name: side.level, f"effect_{name}": side.effect, f"in_{name}": side.component})
        rows = rows.join(place(levels, rows), on=name, how="left")
    same = nw.col("in_a") == nw.col("in_b")
    return rows, nw.when(same).then(nw.col("y") - nw.col("effect_a") - nw.col("effect_b"))


def _cells(coded: Coded, terms: Terms, elasticity: Elasticity) -> Cells:
    """Return the number of rows and the sum of y for each pair of levels of the two effects.

    Sums of ln v, ln q and ln GDP suffice, because sigma and phi are constant within a product.
    """
    import numpy as np
    import polars as pl

    table, home = elasticity.table, elasticity.home
    letters = tuple(x for x in ("h", "m", "t") if any(x in term for term in terms) or (table is not None and x == "h"))
    rows, summed = coded.frame, ["ln_v", "ln_q"]
    if home is not None:
        rows, summed = home.join(rows).filter(~nw.col("gdp").is_null()), [*summed, "gdp"]
    sums = rows.with_columns(k=joint(coded, letters), ln_v=nw.col("v").log(), ln_q=nw.col("q").log())
    sums = sums.select("k", *summed).group_by("k").agg(*totals(rows, *summed), n=nw.len())
    cells = collect(sums).sort("k")
    parts = split(coded, letters, cells["k"].to_numpy())
    codes = {f"k{i}": _joined(coded, term, parts) for i, term in enumerate(terms)}
    sigma: Any = pl.lit(elasticity.number)
    if table is not None:
        codes |= {n: table[n].to_numpy()[parts["h"]] for n in ("sigma", "phi") if n in table.columns}
        sigma = pl.col("sigma")
    cells = cells.with_columns(pl.Series(name, values) for name, values in codes.items())
    y = sigma * pl.col("ln_v") - (sigma - 1) * pl.col("ln_q")
    cells = cells.with_columns(y=y if home is None else y - pl.col("phi") * pl.col("gdp"))
    cells = cells.filter(pl.col("y").is_not_nan() & pl.col("y").is_not_null())
    if not all(any(x in term for term in terms) for x in letters):
        cells = cells.group_by("k0", "k1").agg(pl.col("n").sum(), y=total_of(pl.col("y"))).sort("k0", "k1")
    counts = cells["n"].to_numpy().astype(np.int64)
    return Cells(cells["k0"].to_numpy(), cells["k1"].to_numpy(), counts, cells["y"].to_numpy())


def _joined(coded: Coded, term: tuple[str, ...], parts: Mapping[str, Any]) -> Any:
    """Combine the codes of a term's letters into one number, as `joint` does on the engine."""
    code = parts[term[0]]
    for letter in term[1:]:
        code = code * coded.sizes[letter] + parts[letter]
    return code
