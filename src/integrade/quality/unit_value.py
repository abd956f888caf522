"""Measure export quality by the unit value relative to other exports of the product and year (METHODS 3.1)."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Annotated, Any

from integrade.engine.frames import Data
from integrade.errors import UsageError, option
from integrade.quality.coding import LETTER
from integrade.quality.effects import parse_effects
from integrade.quality.measured import ADDS, Scored, finish, open_customs
from integrade.quality.residuals import residuals
from integrade.quality.scale import Scale
from integrade.records.catalogue import SHARED, choose, measure
from integrade.records.needs import Test
from plainwords.texts import say


def _one(text: str) -> None:
    one_cell(text, "within")


@dataclass(frozen=True)
class UnitValue:
    """Options of export quality from unit values (METHODS 3.1).

    For percentile ranks of unit values within the product and year (0 the cheapest, 1 the dearest), set standardise to
    rank and pool to product_year.

    Parameters
    ----------
    within
        Unit values are compared within the cells of these columns, joined by a colon: product:year, or
        product:destination:year to compare exporters to the same market.
    scale
        Standardisation, level and weights: a `Scale`; its options may also be given by name.
    """

    within: Annotated[str, Test(_one)] = "product:year"
    scale: Scale = field(default=Scale(), metadata=SHARED)


@measure(
    family="quality",
    needs=("customs",),
    key=("firm", "year"),
    adds=ADDS,
    options=UnitValue,
    cite="Schott (2004); Hallak (2006)",
)
def unit_value(customs: Data, options: UnitValue | None = None, **changes: Any) -> Data:
    """Measure export quality by firm and year from unit values relative to the product's mean of the year.

    Formula:
        ln p_fhmt = ln v - ln q; ln quality = ln p_fhmt - mean of ln p over product h (HS code x unit) and year t, each
        row counting once (within='product:destination:year': over h, destination m and t); then standardised and
        averaged as in `demand_residual`. Percentile ranks: standardise='rank', pool='product_year'.
        The measure takes price for quality: a good that is expensive because it is costly to make gets a high quality.
        An error u in ln q is an error of -u in ln quality.

    Missing values:
        Rows without product, destination, year, firm, or a positive value and quantity are dropped and counted. Rows
        with the same firm, product, destination, year (, unit, variety, regime) are summed. Quality is missing for the
        only row of a cell (there is nothing to compare it with) and for a product whose relative unit values are all
        equal. All are counted in the account, with their share of value.

    Args:
        customs: any frame with (firm,) product, destination, year, value (money), quantity (, unit, variety, month,
            regime, region, industry); months are summed into years.
        options: a `UnitValue`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per firm, year, sorted: quality (0..1), n_products, n_rows and value (of all its rows); other levels
        have their own key. With level='row' one row per customs key: value, quantity, ln_price (log value per unit),
        ln_quality (log points), quality. The kind of frame that came in.

    Raises:
        UsageError: level='firm' without a column firm; ``within`` that is not one term with product and year.
        UnknownName: an option, choice or column of ``within`` that does not exist.
        NotIdentified: every row is the only one of its cell.
        MissingColumn, NotANumber, CodesReadAsNumbers, EmptyTable: see `integrade.records.schema.conform`.

    Reference:
        Schott (2004, QJE 119(2)); Hallak (2006, JIE 68(1)). METHODS 3.1, 3.3.

    Example:
        >>> import polars as pl
        >>> customs = pl.DataFrame({
        ...     "firm": ["a", "b", "c"], "product": ["610910"] * 3, "destination": ["USA"] * 3, "year": [2004] * 3,
        ...     "value": [50.0, 80, 40], "quantity": [10.0, 20, 5],
        ... })
        >>> unit_value(customs, standardise="rank", pool="product_year")["quality"].to_list()
        [0.5, 0.0, 1.0]
    """
    chosen = choose(UnitValue, options, changes)
    cell = one_cell(chosen.within, "within")
    with ExitStack() as kept:
        opened = open_customs(customs, chosen.scale, kept)
        rows = opened.rows
        alone = say("quality.only-row-of", cell=chosen.within)  # it has nothing to compare it with
        scored = Scored(
            residuals(rows, rows.filled(rows.ln_price), [cell]),
            {alone: None},
            remedy=f"compare within coarser cells: {option('within', 'product:year')}",
            called="relative-prices",
            relative_to=chosen.within,
        )
        return finish(scored, opened, chosen, customs)


def one_cell(text: str, name: str) -> tuple[str, ...]:
    """Return the letters of ``text``, which must be one term with product and year.

    Raises `UsageError`, `UnknownName`.
    """
    terms = parse_effects(text)
    if len(terms) != 1 or not {"product", "year"} <= set(terms[0]):
        raise UsageError(
            f"{name}={text!r} is not one term with product and year",
            remedy=f"give {option(name, 'product:year')}, or {option(name, 'product:destination:year')}",
        )
    return tuple(LETTER[column] for column in terms[0])
