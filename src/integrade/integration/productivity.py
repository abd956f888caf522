"""Measure integration from productivity (METHODS 2.1).

In one market, output per worker and per unit of capital are similar in all regions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import Data, give_back, place
from integrade.errors import TooFew
from integrade.integration.industries import Industries, as_rows, read_industries, settings
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

RATIOS = {
    "output_per_worker": ("value", "employment"),
    "capital_output": ("capital", "value"),
    "capital_per_worker": ("capital", "employment"),
    "output_per_capital": ("value", "capital"),
}


@dataclass(frozen=True)
class Theil:
    """Options of `theil` (METHODS 2.1).

    Parameters
    ----------
    level
        One row for the nation (industries are added up in each region), or one row per industry.
    """

    level: Literal["nation", "industry"] = "nation"


@dataclass(frozen=True)
class FactorDispersion:
    """Options of `factor_dispersion` (METHODS 2.1).

    Parameters
    ----------
    ratio
        output_per_worker, capital_output, capital_per_worker or output_per_capital.
    level
        One row for the nation (industries are added up in each region), or one row per industry.
    weights
        Whether regions count equally, or by their output (divisor 1 - sum of squared weights).
    """

    ratio: Literal["output_per_worker", "capital_output", "capital_per_worker", "output_per_capital"] = (
        "output_per_worker"
    )
    level: Literal["nation", "industry"] = "nation"
    weights: Literal["equal", "output"] = "equal"


@measure(
    family="integration",
    needs=("output",),
    key=("year",),
    adds={"integration": "-theil", "theil": "index", "n_regions": "regions"},
    options=Theil,
    cite="Theil (1967)",
)
def theil(output: Data, options: Theil | None = None, **changes: Any) -> Data:
    """Compute the Theil index of output per worker across regions; a more equal distribution means more integration.

    Formula:
        T = sum over i of y_i ln(y_i / l_i), where y_i and l_i are the shares of region i in output and employment, and
        0 ln 0 = 0; integration = -T. The index is 0 if output per worker is equal everywhere.

    Missing values:
        A region and industry that has only one of output and employment is left out and counted. A region without
        workers is left out and counted too. A year (or an industry in a year) with fewer than two regions has a missing
        value, which is counted.

    Args:
        output: any frame with region, industry, year, value (currency) and employment (persons).
        options: a `Theil`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per year (per industry, year with level='industry'), sorted: integration (-T), theil, n_regions. Same
        kind of frame as the input.

    Raises:
        MissingColumn: value or employment is missing. TooFew: there is only one region. See
        `integrade.records.schema.conform` for others.

    Reference:
        Theil (1967, Economics and Information Theory). METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": ["A", "B"], "industry": ["01", "01"], "year": [2004, 2004], "value": [3.0, 1.0],
        ...     "employment": [1.0, 1.0],
        ... })
        >>> theil(output)["theil"].round(6).to_list()
        [0.130812]
    """
    chosen = choose(Theil, options, changes)
    cube, account, frame = read_industries(output, "theil")
    (value, workers), lost = _both(cube, ("value", "employment"), chosen.level, "theil")
    some = workers > 0
    y, workers = (np.where(some, x, 0.0) for x in (value, workers))
    y = y / _positive(y.sum(axis=1, keepdims=True))
    shares = workers / _positive(workers.sum(axis=1, keepdims=True))
    ratio = np.where(y > 0, y, 1.0) / np.where(y > 0, shares, 1.0)
    index = np.where(some.sum(axis=1) > 1, (y * np.log(ratio)).sum(axis=1), np.nan)
    rows = _rows(cube, {"integration": -index, "theil": index, "n_regions": some.sum(axis=1)}, chosen.level)
    account += lost + settings(chosen, "theil", rows, say("integration.two-regions-with-output"))
    return give_back(place(rows, frame), output, name="integration", account=account)


@measure(
    family="integration",
    needs=("output",),
    key=("year",),
    adds={"integration": "-dispersion", "dispersion": "log points", "n_regions": "regions"},
    options=FactorDispersion,
    cite="Bai, Du, Tao and Tong (2004)",
)
def factor_dispersion(output: Data, options: FactorDispersion | None = None, **changes: Any) -> Data:
    """Compute the dispersion of factor productivity across regions: the standard deviation of a log ratio.

    Formula:
        dispersion = s.d. over regions of ln(ratio_i), with divisor N - 1 (with weights w: 1 - sum w^2); integration =
        -dispersion. Ratios: output per worker, capital over output, capital per worker, output per capital.

    Missing values:
        A region and industry that lacks one of the two columns is left out and counted. A region in which one of them
        is zero is left out and counted too. A year (or an industry in a year) with fewer than two regions has a missing
        value, which is counted.

    Args:
        output: any frame with region, industry, year, and two of value (currency), employment (persons), capital.
        options: a `FactorDispersion`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per year (per industry, year with level='industry'), sorted: integration (-dispersion), dispersion (log
        points), n_regions. Same kind of frame as the input.

    Raises:
        MissingColumn: a column of the ratio is missing. TooFew: there is only one region. See
        `integrade.records.schema.conform` for others.

    Reference:
        Young (2000, QJE); Bai, Du, Tao and Tong (2004, JIE). METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": ["A", "B"], "industry": ["01", "01"], "year": [2004, 2004], "value": [2.0, 1.0],
        ...     "employment": [1.0, 1.0],
        ... })
        >>> factor_dispersion(output)["dispersion"].round(6).to_list()
        [0.490129]
    """
    chosen = choose(FactorDispersion, options, changes)
    cube, account, frame = read_industries(output, "factor_dispersion")
    (top, bottom), lost = _both(cube, RATIOS[chosen.ratio], chosen.level, "factor_dispersion")
    some = (top > 0) & (bottom > 0)
    logs = np.log(np.where(some, top, 1.0)) - np.log(np.where(some, bottom, 1.0))
    size = np.ones_like(logs)
    if chosen.weights == "output":
        size = _add_up(np.nan_to_num(cube["value"]), chosen.level)
    weight = np.where(some, size, 0.0)
    weight = weight / _positive(weight.sum(axis=1, keepdims=True))
    mean = (weight * logs).sum(axis=1, keepdims=True)
    free = 1 - (weight**2).sum(axis=1)
    # With one region 1 - sum of w^2 is 0; 1e-12 recognises it despite floating-point error.
    variance = (weight * (logs - mean) ** 2).sum(axis=1) / np.where(free > 1e-12, free, np.nan)
    dispersion = np.where(some.sum(axis=1) > 1, np.sqrt(variance), np.nan)
    columns = {"integration": -dispersion, "dispersion": dispersion, "n_regions": some.sum(axis=1)}
    rows = _rows(cube, columns, chosen.level)
    account += lost + settings(chosen, "factor_dispersion", rows, say("integration.two-regions-with-both"))
    return give_back(place(rows, frame), output, name="integration", account=account)


def _both(cube: Industries, names: tuple[str, str], level: str, step: str) -> tuple[list[Vector], Account]:
    """Return two columns (T, N, K or 1); a cell that lacks one of the columns is zero in both.

    Cells with only one of the two columns are counted.
    """
    a, b = (cube[name] for name in names)
    both, one = np.isfinite(a) & np.isfinite(b), np.isfinite(a) ^ np.isfinite(b)
    parts = [_add_up(np.where(both, x, 0.0), level) for x in (a, b)]
    if not both.any():
        raise TooFew(f"no region and industry has both {names[0]} and {names[1]}", remedy="give both columns")
    n = int(one.sum())
    reason = say("integration.only-one-of", first=names[0], second=names[1])
    entries = [Entry(step, "output", "dropped", reason, n)] if n else []
    zero = int(((parts[0] > 0) ^ (parts[1] > 0)).sum())
    if zero:
        entries.append(
            Entry(step, "output", "note", say("integration.zero-in-a-region", first=names[0], second=names[1]), zero)
        )
    return parts, Account(tuple(entries))


def _add_up(values: Vector, level: str) -> Vector:
    """Add up industries in each region (T, N, 1); with level='industry', return the values unchanged."""
    return values if level == "industry" else values.sum(axis=2, keepdims=True)


def _positive(values: Vector) -> Vector:
    return np.where(values > 0, values, 1.0)


def _rows(cube: Industries, columns: dict[str, NDArray[Any]], level: str) -> pl.DataFrame:
    if level == "industry":
        keep = np.asarray(cube.here.any(axis=1))[:, None] & (columns["n_regions"] > 0)
        return as_rows({"year": cube.years, "industry": cube.industries}, columns, keep)
    flat = {name: values[:, 0] for name, values in columns.items()}
    return as_rows({"year": cube.years}, flat, cube.here.any(axis=1))
