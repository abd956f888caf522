"""Measure integration from production: regions that specialise more also trade more (METHODS 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.integration.industries import (
    Absent,
    Basis,
    Industries,
    as_rows,
    complete,
    read_industries,
    settings,
    shares,
)
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Krugman:
    """Options of `krugman` (METHODS 2.1).

    Parameters
    ----------
    basis
        The measure of production: value of output, or employment.
    level
        One row per region, one per pair, or one for the nation (the mean over regions).
    against
        Whether a region is compared with the rest of the nation taken together, or with each other region (mean over
        pairs).
    absent
        What to do if an industry has no number in a region: count it as zero there, or leave the industry out of that
        year for all regions.
    """

    basis: Basis = "value"
    level: Literal["region", "pair", "nation"] = "region"
    against: Literal["rest", "others"] = "rest"
    absent: Absent = "zero"


@dataclass(frozen=True)
class LocationQuotient:
    """Options of `location_quotient` (METHODS 2.1).

    Parameters
    ----------
    basis
        The measure of production: value of output, or employment.
    absent
        What to do if an industry has no number in a region: count it as zero there, or leave the industry out of that
        year for all regions.
    """

    basis: Basis = "value"
    absent: Absent = "zero"


@measure(
    family="integration",
    needs=("output",),
    key=("region", "year"),
    adds={"integration": "0..2", "n_industries": "industries"},
    options=Krugman,
    cite="Krugman (1991)",
)
def krugman(output: Data, options: Krugman | None = None, **changes: Any) -> Data:
    """Compute Krugman's index of regional specialisation: how much the structure of a region differs from the rest.

    Formula:
        K_i = sum over k of abs(s_ik - r_ik), where s_ik is the share of industry k in region i and r_ik its share in
        all other regions together; for a pair K_ij = sum over k of abs(s_ik - s_jk). The index is 0 for the same
        structure and 2 for structures without a common industry. More specialisation is read as more integration.

    Missing values:
        An industry without a number in a region counts as zero there and is counted, or is left out for all regions
        (``absent``). A region that produces nothing in a year has a missing value, which is counted. Years in which the
        list of industries changes are noted.

    Args:
        output: any frame with region, industry, year and value (currency) or employment (persons).
        options: a `Krugman`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per region, year, sorted: integration (0..2), n_industries (industries with output in the region). By
        ``level``, one row per region_a, region_b, year, or one row per year. Same kind of frame as the input.

    Raises:
        TooFew: there is only one region. MissingColumn: the column of ``basis`` is missing. See
        `integrade.records.schema.conform` for others.

    Reference:
        Krugman (1991, Geography and Trade); Bai, Du, Tao and Tong (2004, JIE). METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": list("AABBCC"), "industry": ["01", "02"] * 3, "year": [2004] * 6,
        ...     "value": [30.0, 10, 10, 30, 20, 20],
        ... })
        >>> krugman(output)["integration"].round(4).to_list()
        [0.75, 0.75, 0.0]
    """
    chosen = choose(Krugman, options, changes)
    cube, account, frame = read_industries(output, "krugman")
    values, filled = complete(cube, chosen.basis, chosen.absent, "krugman")
    rows = _pairs(cube, values) if chosen.level == "pair" else _regions(cube, values, chosen)
    account += filled + settings(chosen, "krugman", rows, say("integration.region-or-others-nothing"))
    return give_back(place(rows, frame), output, name="integration", account=account)


def _regions(cube: Industries, values: Vector, options: Krugman) -> pl.DataFrame:
    structure = shares(values, axis=2)
    if options.against == "rest":
        others = np.nansum(values, axis=1, keepdims=True) - np.nan_to_num(values)
        index = np.abs(structure - shares(others, axis=2)).sum(axis=2)
    else:
        index = _mean(_pair_index(structure), axis=2)
    n = (values > 0).sum(axis=2)
    if options.level == "region":
        columns = {"integration": index, "n_industries": n}
        return as_rows({"year": cube.years, "region": cube.regions}, columns, cube.here)
    columns = {"integration": _mean(index, axis=1), "n_industries": (values > 0).any(axis=1).sum(axis=1)}
    return as_rows({"year": cube.years}, columns, cube.here.any(axis=1))


def _mean(values: Vector, axis: int) -> Vector:
    """Average the finite values; NaN if there are none."""
    known = np.isfinite(values).sum(axis=axis)
    return np.asarray(np.nansum(values, axis=axis) / np.where(known > 0, known, np.nan))


def _pair_index(structure: Vector) -> Vector:
    """Compute K_ij (T, N, N), NaN on the diagonal."""
    n = structure.shape[1]
    index = np.stack([np.abs(structure - structure[:, [i], :]).sum(axis=2) for i in range(n)], axis=1)
    index[:, np.arange(n), np.arange(n)] = np.nan
    return index


def _pairs(cube: Industries, values: Vector) -> pl.DataFrame:
    index = _pair_index(shares(values, axis=2))
    some = values > 0
    both = np.stack([(some | some[:, [i], :]).sum(axis=2) for i in range(len(cube.regions))], axis=1)
    upper = np.triu(np.ones(index.shape[1:], dtype=np.bool_), k=1)
    keep = cube.here[:, :, None] & cube.here[:, None, :] & upper
    keys = {"year": cube.years, "region_a": cube.regions, "region_b": cube.regions}
    return as_rows(keys, {"integration": index, "n_industries": both}, keep)


@measure(
    family="integration",
    needs=("output",),
    key=("region", "industry", "year"),
    adds={"location_quotient": "ratio", "share": "ratio"},
    options=LocationQuotient,
    cite="Balassa (1965); Hoover (1936)",
)
def location_quotient(output: Data, options: LocationQuotient | None = None, **changes: Any) -> Data:
    """Compute location quotients: the share of an industry in a region over its share in the nation.

    Formula:
        LQ_ik = s_ik / s_k, s_ik = x_ik / x_i., s_k = x_.k / x_..; it is 1 if the share is as in the nation, and 0 if
        the industry is absent.

    Missing values:
        An industry without a number in a region counts as zero there and is counted, or is left out for all regions
        (``absent``). There are no rows for a region that produces nothing in a year, or for an industry that no region
        has in a year.

    Args:
        output: any frame with region, industry, year and value (currency) or employment (persons).
        options: a `LocationQuotient`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per region, industry, year, sorted: location_quotient (ratio), share (of the region's total). Same kind
        of frame as the input.

    Raises:
        TooFew: there is only one region. MissingColumn: the column of ``basis`` is missing. See
        `integrade.records.schema.conform` for others.

    Reference:
        Hoover (1936, REStat); Balassa (1965). METHODS 2.1.

    Example:
        >>> import polars as pl
        >>> output = pl.DataFrame({
        ...     "region": list("AABBCC"), "industry": ["01", "02"] * 3, "year": [2004] * 6,
        ...     "value": [30.0, 10, 10, 30, 20, 20],
        ... })
        >>> location_quotient(output)["location_quotient"].to_list()
        [1.5, 0.5, 0.5, 1.5, 1.0, 1.0]
    """
    chosen = choose(LocationQuotient, options, changes)
    cube, account, frame = read_industries(output, "location_quotient")
    values, filled = complete(cube, chosen.basis, chosen.absent, "location_quotient")
    share, quotient = shares(values, axis=2), quotients(values)
    keys = {"year": cube.years, "region": cube.regions, "industry": cube.industries}
    rows = as_rows(keys, {"location_quotient": quotient, "share": share}, np.isfinite(quotient))
    account += filled + settings(chosen, "location_quotient", rows, "")
    return give_back(place(rows, frame), output, name="location_quotient", account=account)


def quotients(values: Vector) -> Vector:
    """Compute location quotients (T, N, K), NaN if the region or the industry has no output."""
    total = np.nansum(values, axis=1, keepdims=True)
    nation = shares(total, axis=2)
    return np.asarray(shares(values, axis=2) / np.where(nation > 0, nation, np.nan))
