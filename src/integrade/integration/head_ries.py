"""Measure trade costs from flows, without a regression: Head and Ries (2001), Novy (2013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from integrade.engine.frames import Data, give_back, place
from integrade.errors import NotIdentified, OutOfRange, option
from integrade.integration.bilateral import Absent, Flows, read_bilateral
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from plainwords.account import Entry, Kind
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "head_ries", "integration"


@dataclass(frozen=True)
class HeadRies:
    """Options of `head_ries` (METHODS 2.2).

    Parameters
    ----------
    sigma
        Elasticity of substitution between origins, above 1. Tariff equivalents depend on it; the index does not.
    level
        One row per region (over its partners), one row per pair, or one row for the nation (over all pairs).
    average
        How pairs are averaged. mean: over the pairs with positive flows in both directions. median: a pair with a zero
        flow counts as the least integrated (the median is missing if half of the pairs or more have a zero flow).
    absent
        The meaning of a flow between regions that the table does not list: missing, or zero.
    """

    sigma: float = 8.0
    level: Literal["region", "pair", "nation"] = "region"
    average: Literal["mean", "median"] = "mean"
    absent: Absent = "missing"


@measure(
    family="integration",
    needs=("flows",),
    key=("region", "year"),
    adds={
        "integration": "log points (ln phi)",
        "tariff_equivalent": "ratio to the price",
        "n_pairs": "pairs",
        "n_censored": "pairs",
    },
    options=HeadRies,
    cite="Head and Ries (2001); Novy (2013)",
)
def head_ries(flows: Data, options: HeadRies | None = None, **changes: Any) -> Data:
    """Measure the freeness of trade of each region with the others, from flows between and within regions.

    Formula:
        phi_ij = sqrt(X_ij X_ji / (X_ii X_jj)); integration = ln phi; tariff equivalent = phi^(-1/(sigma - 1)) - 1. The
        value of a region is the mean (or median) over its partners; the value of the nation is the mean (or median)
        over all pairs.

    Missing values:
        A pair needs all four flows, and its internal flows must be above zero. If a flow between the two regions is
        zero, the cost is infinite: the pair is censored, counted (n_censored) and left out of means. With level='pair',
        a censored pair has a row with missing values. A region and year without a usable pair has a row with missing
        values. All these cases are counted in the account.

    Args:
        flows: any frame with origin, destination, year and value (currency; origin = destination within a region).
        options: a `HeadRies`; single options may be given or changed by name.
        **changes: options by name.

    Returns:
        One row per region, year, sorted: integration (ln phi, 0 when borders do not matter), tariff_equivalent (0.5 is
        50 per cent), n_pairs (pairs that enter), n_censored (pairs with a zero flow). By ``level``, one row per
        region_a, region_b, year, or one row per year. Same kind of frame as the input.

    Raises:
        OutOfRange: sigma is not above 1. NotIdentified: no region has an internal flow. TooFew: there are fewer than
        three regions.
        UnknownName, MissingColumn, DuplicateKeys and the other errors of `integrade.records.schema.conform`.

    Reference:
        Head and Ries (2001, AER); Novy (2013, Economic Inquiry). METHODS 2.2.

    Example:
        >>> import polars as pl
        >>> flows = pl.DataFrame({
        ...     "origin": list("AAABBBCCC"), "destination": list("ABCABCABC"), "year": [2007] * 9,
        ...     "value": [40.0, 10, 0, 10, 90, 30, 5, 20, 60],
        ... })
        >>> head_ries(flows, sigma=5, level="pair")["tariff_equivalent"].round(4).to_list()
        [0.5651, None, 0.3161]
    """
    chosen = choose(HeadRies, options, changes)
    if not chosen.sigma > 1:
        raise OutOfRange(
            f"sigma is {chosen.sigma}, and it must exceed 1",
            remedy=f"give an elasticity above 1, such as {option('sigma', 8.0)}",
        )
    cube, account, frame = read_bilateral(flows, None, chosen.absent, STEP)
    phi = freeness(cube)
    rows = _by_pair(cube, phi, chosen) if chosen.level == "pair" else _averaged(cube, phi, chosen)
    a, b = np.triu_indices(phi.shape[1], k=1)
    pairs = phi[:, a, b]
    counts: list[tuple[int, Kind, str]] = [
        (int((pairs == 0).sum()), "note", "integration.pairs-with-zero"),
        (int(np.isnan(pairs).sum()), "warning", "integration.pairs-left-out"),
    ]
    account += [Entry(STEP, "flows", kind, say(reason, n=n), n) for n, kind, reason in counts if n]
    lone = rows["integration"].null_count()
    lacking = say("integration.missing", why=say("integration.no-flows-both-ways"))
    account += [Entry(STEP, TABLE, "warning", lacking, lone)] if lone else []
    settings = f"sigma={chosen.sigma}, level={chosen.level}, average={chosen.average}, absent={chosen.absent}"
    account += [Entry(STEP, TABLE, "note", say("account.settings", settings=settings), 0)]
    account += [Entry(STEP, TABLE, "out", say("account.rows"), rows.height)]
    return give_back(place(rows, frame), flows, name=TABLE, account=account)


def freeness(flows: Flows) -> Vector:
    """Compute phi (T, N, N), which is symmetric.

    phi is 1 on the diagonal, 0 if a flow between the two regions is zero, and NaN if one of the four flows is missing.
    Raises `NotIdentified` if no internal flow is above zero.
    """
    internal = flows.internal
    if not np.isfinite(internal).any():
        raise NotIdentified(
            "no region has an internal flow above zero",
            remedy="give rows with origin = destination: output less exports",
        )
    product = flows.value * flows.value.transpose(0, 2, 1)
    return np.asarray(np.sqrt(product / (internal[:, :, None] * internal[:, None, :])))


def tariff_equivalent(ln_phi: Vector, sigma: float) -> Vector:
    """Compute ``phi^(-1/(sigma - 1)) - 1``.

    A tariff of this size on all flows between two regions would by itself lower phi from 1 to its value.
    """
    return np.asarray(np.expm1(-ln_phi / (sigma - 1)))


def _by_pair(flows: Flows, phi: Vector, options: HeadRies) -> pl.DataFrame:
    import polars as pl

    a, b = np.triu_indices(len(flows.regions), k=1)
    names = np.array(flows.regions, dtype=object)
    values = phi[:, a, b]
    there = np.isfinite(values)
    logs = _logs(values)
    years = np.repeat(flows.years, len(a))
    rows = pl.DataFrame(
        {
            "region_a": np.tile(names[a], len(flows.years)).tolist(),
            "region_b": np.tile(names[b], len(flows.years)).tolist(),
            "year": years,
            "integration": logs.ravel(),
            "tariff_equivalent": tariff_equivalent(logs, options.sigma).ravel(),
            "n_pairs": (values > 0).astype(np.int64).ravel(),
            "n_censored": (values == 0).astype(np.int64).ravel(),
        }
    )
    kept = rows.filter(pl.Series(there.ravel()))
    return kept.fill_nan(None).sort("region_a", "region_b", "year")


def _logs(phi: Vector) -> Vector:
    """Compute ln phi, NaN if phi is zero or unknown."""
    return np.log(np.where(phi > 0, phi, np.nan))


def _averaged(flows: Flows, phi: Vector, options: HeadRies) -> pl.DataFrame:
    import polars as pl

    n = len(flows.regions)
    if options.level == "region":
        others = np.array([[j for j in range(n) if j != i] for i in range(n)])
        values = phi[:, np.arange(n)[:, None], others]  # (T, N, N - 1)
        keys = {
            "region": np.tile(np.array(flows.regions, dtype=object), len(flows.years)).tolist(),
            "year": np.repeat(flows.years, n),
        }
    else:
        a, b = np.triu_indices(n, k=1)
        values = phi[:, None, a, b]  # (T, 1, pairs)
        keys = {"year": np.array(flows.years)}
    logs, tariffs = _average(values, options)
    rows = pl.DataFrame(
        {
            **keys,
            "integration": logs.ravel(),
            "tariff_equivalent": tariffs.ravel(),
            "n_pairs": (values > 0).sum(axis=-1).ravel(),
            "n_censored": (values == 0).sum(axis=-1).ravel(),
        }
    )
    return rows.fill_nan(None).sort([k for k in ("region", "year") if k in rows.columns])


def _average(phi: Vector, options: HeadRies) -> tuple[Vector, Vector]:
    """Average ln phi and tariff equivalents over the last axis; NaN if there is no pair."""
    if options.average == "mean":
        logs = _logs(phi)
        counts = np.isfinite(logs).sum(axis=-1)
        tariffs = tariff_equivalent(logs, options.sigma)
        with np.errstate(invalid="ignore"):
            return np.nansum(logs, axis=-1) / counts, np.nansum(tariffs, axis=-1) / counts
    with np.errstate(divide="ignore"):
        logs = np.log(phi)
    some = np.isfinite(phi).any(axis=-1)
    middle = np.full(some.shape, np.nan)
    middle[some] = np.nanmedian(logs[some], axis=-1)
    middle = np.where(np.isneginf(middle), np.nan, middle)
    return middle, tariff_equivalent(middle, options.sigma)
