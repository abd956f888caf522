"""Read parameters that a user gives: one number for all products, or a table by HS code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from integrade.errors import UsageError, option
from integrade.quality.side_tables import by_code, number_of, numbers, read_side_table, require, text
from integrade.quality.sigma import ESTIMATE as ESTIMATE
from integrade.quality.sigma import look_up, read_sigma_option
from plainwords.account import Entry

if TYPE_CHECKING:
    import polars as pl


def parameter_of(name: str, given: Any, products: pl.Series) -> tuple[pl.Series, Sequence[Entry]]:
    """Return one parameter by product (missing if the table has none) and account entries on unused rows of the table.

    Raises `UsageError` for an unusable number and for the name of an estimator. Also raises the errors of
    `read_sigma_option`.
    """
    import polars as pl

    if name == "sigma":
        sigma = read_sigma_option(given)
        if isinstance(sigma.value, str):
            raise UsageError(
                f"sigma={sigma.value!r}: this method takes its parameters from outside, or estimates them with theta",
                remedy=f"give a number, such as {option('sigma', 5)}, a table of product and sigma, "
                f"or {option('sigma', 'estimate')}",
            )
        if isinstance(sigma.value, float):
            return pl.repeat(sigma.value, len(products), eager=True), sigma.notes
        return look_up(products, sigma.value)["sigma"], sigma.notes
    if given is None or isinstance(given, bool):
        raise UsageError(
            f"{name}={given!r} is not a number",
            remedy=f"give a number, such as {option(name, 0.6)}, or a table of product and {name}",
        )
    number = number_of(given)
    if number is not None:
        if not number > 0:
            raise UsageError(
                f"{name}={number:g} is not positive", remedy=f"give a positive number, such as {option(name, 0.6)}"
            )
        return pl.repeat(number, len(products), eager=True), ()
    table = read_side_table(given, name)
    require(table, ["product", name], name)
    table = numbers(text(table, ["product"]), [name], name).drop_nulls(["product", name])
    medians = table.group_by("product").agg(pl.col(name).median()).sort("product")
    return by_code(products, medians, name), ()
