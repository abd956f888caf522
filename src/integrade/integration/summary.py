"""Summarise the index: rank the regions, and compute the series of the nation and of groups."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import narwhals as nw

from integrade.engine.exact import average_of
from integrade.engine.frames import Data, Table, collect, enter, form_of, give_back, place
from integrade.geography import CHINA, MUNICIPALITIES, Geography, province_of
from integrade.integration.given import known_geography
from integrade.integration.options import RelativePrice
from integrade.integration.relative_price import relative_price
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import conform

NATION = "nation"
CITIES = "Municipalities"
"""Name of the series of the four municipalities, which are also in the East and in the West."""


def ranking(index: Data) -> Data:
    """Rank regions from most to least segmented, by the average over all years and in the first and the last year.

    ``index`` is the result of `relative_price` by region; months are averaged within the year first. Returns region,
    average, rank_average, first, rank_first, last, rank_last, sorted by rank_average. Rank 1 is the most segmented
    region; equal regions share the smaller rank. A region without a value in the first (or last) year has a missing
    value and rank for that year. An index from another measure has no segmentation; its values are integration, and
    rank 1 is the least integrated region.
    """
    import polars as pl

    conformed = conform(index, "integration")
    value = "segmentation" if "segmentation" in conformed.columns else "integration"
    known = collect(conformed.frame).drop_nulls(value).sort("region", "year")
    yearly = known.group_by("region", "year", maintain_order=True).agg(average_of(pl.col(value)).alias(value))
    first, last = yearly["year"].min(), yearly["year"].max()

    def at(year: Any) -> pl.Expr:
        return pl.col(value).filter(pl.col("year") == year).first()

    rows = yearly.group_by("region", maintain_order=True).agg(
        average=average_of(pl.col(value)), first=at(first), last=at(last)
    )
    values = ("average", "first", "last")
    ranks = {f"rank_{v}": pl.col(v).rank("min", descending=value == "segmentation").cast(pl.Int64) for v in values}
    columns = ["region", *[name for v in values for name in (v, f"rank_{v}")]]
    ordered = rows.with_columns(**ranks).sort("rank_average", "region").select(columns)
    return give_back(place(ordered, conformed.frame), index, name="ranking", account=conformed.account)


def trend_of(index: Any) -> Any:
    """Compute the series of the nation from any index by region: the mean over regions of each year.

    Returns series, year, segmentation and se_integration (both missing), integration. It replaces `trend` for an index
    that is not computed from prices.
    """
    import polars as pl

    conformed = conform(index, "integration")
    known = collect(conformed.frame).drop_nulls("integration").sort("region", "year")
    rows = known.group_by("year").agg(integration=average_of(pl.col("integration"))).sort("year")
    missing = pl.lit(None, dtype=pl.Float64)
    series = rows.select(
        pl.lit(NATION).alias("series"),
        "year",
        missing.alias("segmentation"),
        "integration",
        missing.alias("se_integration"),
    )
    return give_back(place(series, conformed.frame), index, name="trend", account=conformed.account)


@keywords(RelativePrice)
def trend(prices: Data, options: RelativePrice | None = None, **changes: Any) -> Data:
    """Compute the series of the nation and of groups of regions.

    Groups are the given ``groups``, or the areas of the geography. Returns series, year (, month), segmentation,
    integration, se_segmentation, se_integration (jackknife over goods), n_pairs, n_goods; the nation comes first. The
    segmentation of a group is the mean over its regions of their segmentation from all other regions, in the group or
    not. Provinces of China have East, Central and West; the municipalities are a further group across these areas.
    """
    import polars as pl

    chosen = dataclasses.replace(choose(RelativePrice, options, changes), se="jackknife")
    conformed = prices.conformed if isinstance(prices, Table) else ""
    table = Table("prices", enter(prices), conformed=conformed, form=form_of(prices))
    nation = relative_price(table, dataclasses.replace(chosen, level="nation"))
    tables = [nation.polars().select(pl.lit(NATION).alias("series"), pl.all())]
    regions = collect(enter(prices).select(nw.col("region").cast(nw.String)).unique())["region"].drop_nulls()
    provinces = {r: province.english in MUNICIPALITIES for r in regions if (province := province_of(r))}
    known = known_geography(regions.to_list(), chosen.geography)
    if chosen.groups is not None or (known is not None and _has_areas(known, regions)):
        tables.append(_outward(table, chosen))
    if chosen.groups is None and len(provinces) == len(regions) and len(set(provinces.values())) == 2:
        across = {r: CITIES if city else "others" for r, city in provinces.items()}
        tables.append(_outward(table, dataclasses.replace(chosen, groups=across)).filter(pl.col("series") == CITIES))
    rows = place(pl.concat(tables), enter(prices))
    return give_back(rows, prices, name="trend", account=nation.account)


def _has_areas(known: Geography, regions: Iterable[str]) -> bool:
    """Return whether every region has an area, and there are several areas.

    For China, one area is enough.
    """
    areas = {region.area if (region := known.region(r)) else "" for r in regions}
    return "" not in areas and (len(areas) > 1 or known.code == CHINA.code)


def _outward(prices: Table, chosen: RelativePrice) -> Any:
    """Compute, for each group, the mean over its regions of their segmentation from all other regions."""
    import polars as pl

    grouped = relative_price(prices, dataclasses.replace(chosen, level="group")).polars()
    return grouped.filter(pl.col("kind") == "outward").rename({"group": "series"}).drop("kind", "other")
