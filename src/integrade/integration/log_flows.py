"""Provide common code for regressions on log flows: selection of flows, blocks of years, table of border effects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from integrade.errors import OutOfRange, TooFew, UsageError, counted, given_beside, option
from integrade.integration.bilateral import Flows, Mask
from integrade.integration.transforms import Vector
from integrade.regress.effects import Factor, factorise
from integrade.regress.ols import Solution, cross_products, independent, least_squares
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

Codes: TypeAlias = NDArray[np.intp]
TABLE = "integration"
Thin = Literal["leave_out", "refuse"]
ADDS = {
    "integration": "log points",
    "se_integration": "log points",
    "border_effect": "ratio",
    "tariff_equivalent": "ratio to the price",
    "n_flows": "flows",
}


class Border(NamedTuple):
    """One border coefficient: positions of year and region (-1: the nation), -ln of the border effect, error, rows."""

    year: int
    region: int
    integration: float
    error: float
    n: int


class Rows(NamedTuple):
    """The flows of a block of years that enter, by the positions of year, origin and destination, each (n,)."""

    year: Codes
    origin: Codes
    destination: Codes


def give_distance(*, pair_effects: bool = False) -> str:
    """Return the remedy for flows without distances.

    ``pair_effects``: whether the measure offers effects of pairs, which replace the distance.
    """
    pairs = f", or {option('effects', 'three_way')}" if pair_effects else ""
    return (
        f"give a column distance, or {option('geography', ...)}, or {option('distance', 'none')} (the border "
        f"effect then includes the effect of distance){pairs}"
    )


def check_sigma(sigma: float) -> None:
    """Raise `OutOfRange` unless the elasticity exceeds 1."""
    if not sigma > 1:
        raise OutOfRange(
            f"sigma is {sigma}, and it must exceed 1",
            remedy=f"give an elasticity above 1, such as {option('sigma', 8.0)}",
        )


def need_gdp(gdp: Any, needed: bool, setting: str) -> None:
    """Raise `UsageError` if an option needs the table of GDP and the user does not give it."""
    if needed and gdp is None:
        raise UsageError(f"{setting} needs the table gdp", remedy=f"give it: {given_beside('gdp')}")


def logs_of(parts: Sequence[Vector]) -> Vector:
    """Compute logs of positive numbers (k, T, N, N), NaN elsewhere."""
    values = np.array(np.broadcast_arrays(*parts), dtype=np.float64)
    return np.asarray(np.log(np.where(values > 0, values, np.nan)))


def enter(usable: Mask, years: Sequence[int]) -> Rows:
    """Return the usable flows of some years, sorted by year, origin, destination."""
    t, i, j = np.nonzero(usable[list(years)])
    return Rows(np.asarray(years, dtype=np.intp)[t], i, j)


def blocks(usable: Mask, *, pooled: bool) -> list[list[int]]:
    """Return lists of years that are estimated together: one list for each year with flows, or one list of all of them.

    Raises `TooFew` if no year has usable flows.
    """
    years = [int(t) for t in np.flatnonzero(usable.any(axis=(1, 2)))]
    if not years:
        raise TooFew(
            "no flow is left for the regression",
            remedy="give flows above zero, within regions too (origin = destination), of regions whose sizes are known",
        )
    return [years] if pooled else [[t] for t in years]


def pairs_of(rows: Rows) -> Factor:
    """Return the unordered pair of regions of each row."""
    import polars as pl

    low, high = np.minimum(rows.origin, rows.destination), np.maximum(rows.origin, rows.destination)
    return factorise("pair", pl.Series(low * (high.max() + 1) + high))


def estimated(
    flows: Flows,
    parts: Sequence[list[int]],
    estimate: Callable[[list[int]], Iterable[Border]],
    usable: Mask,
    *,
    thin: Thin,
    step: str,
) -> tuple[list[Border], Account]:
    """Estimate the borders of all blocks of years; blocks with too few flows are left out, counted and named.

    Raises the error of ``estimate`` if no block is left; with ``thin='refuse'``, for the first block with too few
    flows.
    """
    borders: list[Border] = []
    left: dict[int, TooFew] = {}
    for years in parts:
        try:
            borders += estimate(years)
        except TooFew as problem:
            left[years[0]] = problem
    if left and (thin == "refuse" or not borders):
        if len(parts) == 1:
            remedy = f"give flows of more regions or years, or fewer coefficients: {option('distance', 'none')}"
        else:
            remedy = f"pool the slopes over years: {option('slopes', 'pooled')}"
            remedy += f", or {leaving_out()}" if thin == "refuse" else ""
        raise TooFew(next(iter(left.values())).what, remedy=remedy)
    return borders, without_years(flows, usable, list(left), step)


def without_years(flows: Flows, usable: Mask, years: Sequence[int], step: str) -> Account:
    """Return the line of the account for the years that are left out (given by position); empty if there are none."""
    if not years:
        return Account()
    names = listed([str(flows.years[t]) for t in years], "comma")
    reason = say("integration.thin-years", n=len(years), years=names)
    return Account((Entry(step, "flows", "warning", reason, int(usable[list(years)].sum())),))


def leaving_out() -> str:
    """Return the remedy for a year with too few flows under ``thin='refuse'``: leave it out."""
    return f"{option('thin', 'leave_out')} leaves such years out and counts them"


def solve(x: Vector, y: Vector, *, where: str) -> tuple[Solution, list[int]]:
    """Compute least squares without collinear columns; of collinear columns, the leftmost is kept.

    Raises `TooFew` if there are not more rows than columns.
    """
    if len(y) <= x.shape[1]:
        raise TooFew(f"{counted(len(y), 'flow')} for {x.shape[1]} coefficients {where}")
    gram = cross_products(x)
    kept, _ = independent(x, gram, floors=np.zeros(x.shape[1]))
    return least_squares(np.ascontiguousarray(x[:, kept]), y), kept


def left_out(value: Vector, usable: Mask, step: str, *, inside: bool) -> Account:
    """Count flows of zero and other flows that cannot be used.

    ``inside``: whether internal flows are rows of the regression.
    """
    counts = np.ones(value.shape, dtype=np.bool_)
    if not inside:
        counts &= ~np.eye(value.shape[1], dtype=np.bool_)
    zero, there = int((counts & (value == 0)).sum()), counts & (value > 0) & ~usable
    dropped = [(zero, say("integration.zero-flow")), (int(there.sum()), say("integration.unusable-flow"))]
    return Account(tuple(Entry(step, "flows", "dropped", reason, n) for n, reason in dropped if n))


def border_rows(flows: Flows, borders: Iterable[Border], level: str, sigma: float) -> pl.DataFrame:
    """Return border coefficients as a table: one row per year, or per region and year."""
    import polars as pl

    listed_borders = list(borders)
    integration = np.array([b.integration for b in listed_borders], dtype=np.float64)
    keys: dict[str, list[Any]] = {"year": [flows.years[b.year] for b in listed_borders]}
    if level == "region":
        keys = {"region": [flows.regions[b.region] for b in listed_borders], **keys}
    rows = pl.DataFrame(
        {
            **keys,
            "integration": integration,
            "se_integration": np.array([b.error for b in listed_borders]),
            "border_effect": np.exp(-integration),
            "tariff_equivalent": np.expm1(-integration / (sigma - 1)),
            "n_flows": np.array([b.n for b in listed_borders], dtype=np.int64),
        }
    )
    return rows.fill_nan(None).sort(*keys)


def settings(options: Any, step: str, rows: pl.DataFrame) -> Account:
    """Record every option as text, and the number of rows."""
    text = ", ".join(f"{f.name}={getattr(options, f.name)}" for f in dataclasses.fields(options))
    chosen = Entry(step, TABLE, "note", say("account.settings", settings=text), 0)
    return Account((chosen, Entry(step, TABLE, "out", say("account.rows"), rows.height)))
