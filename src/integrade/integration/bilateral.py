"""Represent trade flows as an array, year x origin x destination, with distances and data on each region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from integrade.engine.frames import Frame, collect
from integrade.errors import MissingColumn, NotIdentified, TooFew, counted
from integrade.integration.given import distances_between
from integrade.integration.transforms import Vector
from integrade.records.schema import conform
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

TABLE = "flows"
LEAST_REGIONS = 3
Absent = Literal["missing", "zero"]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Flows:
    """Trade flows and distances between regions.

    In ``value`` and ``distance`` (T, N, N), rows are origins and columns are destinations; unknown cells are NaN. Years
    and regions are in ascending order. ``about`` holds real_gdp, price and area from the table of GDP, each (T, N).
    """

    years: tuple[int, ...]
    regions: tuple[str, ...]
    value: Vector
    distance: Vector
    about: dict[str, Vector]

    @property
    def internal(self) -> Vector:
        """Flows of each region to itself (T, N); NaN if a flow is missing or zero."""
        flows = np.diagonal(self.value, axis1=1, axis2=2)
        return np.where(flows > 0, flows, np.nan)


def internal_distance(area: ArrayLike) -> Vector:
    """Compute the distance within a region from its area (square km): ``d_ii = (2/3) sqrt(area / pi)``, in km.

    The distance is the mean distance of the points of a disc from its centre. Takes and returns a number or an array; a
    missing area gives a missing distance. Reference: Head and Mayer (2000).

    Example:
        >>> round(float(internal_distance(16_410.0)), 2)
        48.18
    """
    return 2 / 3 * np.sqrt(np.asarray(area, dtype=np.float64) / np.pi)


def read_bilateral(
    flows: Any, gdp: Any, absent: Absent, step: str, geography: Any = None
) -> tuple[Flows, Account, Frame]:
    """Convert any frame of flows (and one of GDP) to `Flows`; also return the account of validation and the frame.

    If a ``geography`` is given, missing distances between regions are computed between their middles. Missing distances
    within regions are computed from areas. Raises `TooFew` for fewer than three regions.
    """
    conformed = conform(flows, TABLE)
    rows = collect(conformed.frame)
    names = sorted(set(rows["origin"].to_list()) | set(rows["destination"].to_list()))
    years = sorted(set(rows["year"].to_list()))
    if len(names) < LEAST_REGIONS:
        raise TooFew(
            f"flows between {counted(len(names), 'region')}, and trade costs need {LEAST_REGIONS}",
            remedy="give flows between more regions",
        )
    at = rows.select(t=_codes("year", years), i=_codes("origin", names), j=_codes("destination", names)).to_numpy().T
    shape = (len(years), len(names), len(names))
    value, distance = np.full(shape, np.nan), np.full(shape, np.nan)
    value[tuple(at)] = rows["value"].to_numpy()
    if "distance" in rows.columns:
        distance[tuple(at)] = rows["distance"].fill_null(np.nan).to_numpy()
    about, more = _about(gdp, years, names)
    account = conformed.account + more
    if geography is not None:
        middles = distances_between(names, None, geography)
        lacks = np.isnan(distance) & np.isfinite(middles)
        distance = np.where(lacks, middles, distance)
        filled, reason = int(lacks.any(axis=0).sum()), say("integration.distances-between-middles")
        account += [Entry(step, TABLE, "filled", reason, filled)] if filled else []
    if "area" in about:
        i = np.arange(len(names))
        internal = distance[:, i, i]
        lacks = np.isnan(internal) & np.isfinite(about["area"])
        distance[:, i, i] = np.where(lacks, internal_distance(about["area"]), internal)
        filled = int(lacks.sum())
        account += [Entry(step, TABLE, "filled", say("integration.internal-distances"), filled)] if filled else []
    account += _fill_absent(value, absent, step)
    return Flows(tuple(years), tuple(names), value, distance, about), account, conformed.frame


def _codes(column: str, levels: list[Any]) -> pl.Expr:
    import polars as pl

    return pl.col(column).replace_strict(levels, list(range(len(levels))), return_dtype=pl.Int64)


def _about(gdp: Any, years: list[int], names: list[str]) -> tuple[dict[str, Vector], Account]:
    """Return those of real_gdp, price and area that the table of GDP has, for each year and region of the flows."""
    import polars as pl

    if gdp is None:
        return {}, Account()
    conformed = conform(gdp, "gdp")
    rows = collect(conformed.frame).filter(pl.col("year").is_in(years) & pl.col("region").is_in(names))
    t, i = rows.select(t=_codes("year", years), i=_codes("region", names)).to_numpy().T
    columns: dict[str, Vector] = {}
    for column in ("real_gdp", "price", "area"):
        if column in rows.columns:
            columns[column] = np.full((len(years), len(names)), np.nan)
            columns[column][t, i] = rows[column].fill_null(np.nan).to_numpy()
    return columns, conformed.account


def _fill_absent(value: Vector, absent: Absent, step: str) -> Account:
    """Fill flows between regions that the table does not list with zeros, if the user asks for it.

    Internal flows are never filled.
    """
    lacks = np.isnan(value)
    inside = np.broadcast_to(np.eye(value.shape[1], dtype=bool), value.shape)
    across, within = int((lacks & ~inside).sum()), int((lacks & inside).sum())
    entries = []
    if across and absent == "zero":
        value[lacks & ~inside] = 0.0
        entries.append(Entry(step, TABLE, "filled", say("integration.flows-as-zero"), across))
    elif across:
        entries.append(Entry(step, TABLE, "note", say("integration.no-flows-between", n=across), across))
    if within:
        entries.append(Entry(step, TABLE, "note", say("integration.no-internal-flows", n=within), within))
    return Account(tuple(entries))


def need_distances(flows: Flows, remedy: str) -> None:
    """Raise `MissingColumn` if no distance between regions, or none within any region, is known."""
    inside = np.eye(len(flows.regions), dtype=bool)
    known = np.isfinite(flows.distance)
    if not known[:, ~inside].any():
        raise MissingColumn("column 'distance' (km) is missing from flows", remedy=remedy)
    if not known[:, inside].any():
        raise MissingColumn(
            "no distance within a region is known",
            remedy="give it in the rows with origin = destination, or the area of each region in a table gdp",
        )


def both_kinds(usable: Mask, step: str) -> tuple[Mask, Account]:
    """Leave out years that do not have flows both within and between regions.

    Raises `NotIdentified` if no year has both.
    """
    inside = np.eye(usable.shape[1], dtype=np.bool_)
    good = np.asarray((usable & inside).any(axis=(1, 2)) & (usable & ~inside).any(axis=(1, 2)))
    if not good.any():
        raise NotIdentified(
            "no year has usable flows both within and between regions",
            remedy="give internal flows (origin = destination) with distances, or areas of regions in a table gdp",
        )
    n = int(usable[~good].sum())
    reason = say("integration.not-both-kinds")
    return usable & good[:, None, None], Account((Entry(step, TABLE, "dropped", reason, n),) if n else ())
