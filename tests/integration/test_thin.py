"""A thin period, region or good is left out and counted; it stops a measure only where nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import integrade as ig
from integrade.engine.frames import Table
from integrade.errors import IntegradeError, NotIdentified, TooFew
from integrade.records.catalogue import CATALOGUE
from measure_tables import REGIONS, geography, options_for, table, tables_for
from plainwords.account import Entry

c = pl.col
PLACES = geography({r: r for r in REGIONS})
VERSIONS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "half_life": ({}, {"by": "region"}, {"by": "all"}),
    "border_width": (PLACES, {**PLACES, "by": "all"}),
    "threshold_band": ({"least": 20}, {"least": 20, "level": "pair"}),
    "factor_share": ({}, {"window": 0}),
    "relative_price": ({}, {"level": "nation"}, {"dispersion": "over_time"}, {"demean": "two_way"}),
    "gravity": ({}, {"effects": "three_way"}),
    "log_odds": ({}, {"slopes": "year"}, {"level": "nation", "slopes": "year"}),
    "border_regression": ({}, {"level": "region"}, {"slopes": "pooled"}),
}
MEASURES = [
    pytest.param(
        record, changes, id=f"{record.name}-{n}", marks=pytest.mark.slow if record.name == "threshold_band" else ()
    )
    for record in CATALOGUE.values()
    if record.family == "integration"
    for n, changes in enumerate(VERSIONS.get(record.name, ({},)))
]
GOOD = {"prices": "commodity", "output": "industry", "survey": "item"}


def thinned(name: str, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """A table with one thin period, one thin good or a region that enters late."""
    ends = ["origin", "destination"] if name == "flows" else ["region"]
    regions, years = sorted(rows[ends[0]].unique()), sorted(rows["year"].unique())

    def only(year: int, few: list[str]) -> pl.DataFrame:
        return rows.filter((c("year") != year) | pl.all_horizontal(c(end).is_in(few) for end in ends))

    late = pl.any_horizontal(c(end) == regions[0] for end in ends)
    middle = years[len(years) // 2]
    found = {
        "one region in a period": only(middle, regions[:1]),
        "two regions in a period": only(middle, regions[:2]),
        "three regions in the first period": only(years[0], regions[:3]),
        "one region in the last period": only(years[-1], regions[:1]),
        "a region that enters late": rows.filter(~late | (c("year") >= years[-2])),
        "a period that is not there": rows.filter(c("year") != middle),
    }
    if (good := GOOD.get(name)) is not None:
        goods = sorted(rows[good].unique())
        elsewhere = (c(good) != goods[0]) | (c("region") == regions[0])
        found |= {
            "one good in a period": rows.filter((c("year") != middle) | (c(good) == goods[0])),
            "three goods in a period": rows.filter((c("year") != middle) | c(good).is_in(goods[:3])),
            "a good in one region in a period": rows.filter((c("year") != middle) | elsewhere),
            "a good in one region": rows.filter(elsewhere),
            "a good in one period": rows.filter((c("year") == middle) | (c(good) != goods[0])),
        }
    return found


@pytest.mark.parametrize(("record", "changes"), MEASURES)
def test_what_is_thin_stops_no_measure(record: Any, changes: dict[str, Any]) -> None:
    tables = tables_for(record)
    main = record.needs[0]
    for what, rows in thinned(main, tables[main]).items():
        try:
            found = record({**tables, main: rows}, options_for(record, **changes))
        except IntegradeError as problem:
            pytest.fail(f"{what}: {problem}")
        assert len(found), what


TRUST: tuple[Callable[..., Any], ...] = (
    ig.index_trust,
    ig.integration.split_half,
    ig.integration.noise_share,
    ig.integration.good_influence,
    ig.integration.pure_regions,
    ig.integration.without_each_good,
)


@pytest.mark.parametrize("measured", TRUST, ids=lambda f: str(f.__name__))
def test_what_is_thin_stops_no_measure_of_trust(measured: Callable[..., Any]) -> None:
    for what, rows in thinned("prices", table("prices").filter(c("year") > 1990)).items():
        try:
            measured(rows)
        except IntegradeError as problem:
            pytest.fail(f"{what}: {problem}")


def said(found: Table, words: str) -> Entry:
    """The line of the account that says so."""
    lines = [e for e in found.account if words in str(e.reason)]
    assert lines, "\n".join(str(e.reason) for e in found.account)
    return lines[0]


FLOWS = table("flows")
THIN_FLOWS = thinned("flows", FLOWS)["two regions in a period"]
SLOPES: dict[str, Any] = {"slopes": "year"}


@pytest.mark.parametrize("name", ["log_odds", "border_regression"])
def test_a_year_with_too_few_flows_is_left_out_and_named(name: str) -> None:
    measured = getattr(ig.integration, name)
    found = measured(Table("flows", THIN_FLOWS), **SLOPES)
    line = said(found, "too few flows")
    assert (line.kind, "2006" in str(line.reason)) == ("warning", True)
    whole = measured(Table("flows", FLOWS.filter(c("year") != 2006)), **SLOPES)
    assert_frame_equal(found.polars(), whole.polars())
    with pytest.raises(TooFew, match="in 2006"):
        measured(THIN_FLOWS, thin="refuse", **SLOPES)


def test_a_year_whose_border_the_effects_absorb_is_left_out_and_named() -> None:
    a, b, *others = REGIONS
    one, two, three, four, five = others[:5]
    bridge = [(a, one), (a, two), (b, one), (b, two), (a, a), (three, a), (three, four), (five, a), (five, four)]
    joined = pl.DataFrame(
        [(i, j, 2006, True) for i, j in bridge], schema=["origin", "destination", "year", "kept"], orient="row"
    )
    rows = FLOWS.join(joined, on=["origin", "destination", "year"], how="left")
    rows = rows.filter((c("year") != 2006) | c("kept")).with_columns(value=pl.max_horizontal("value", 1.0)).drop("kept")
    options: dict[str, Any] = {"distance": "none"}
    found = ig.integration.gravity(Table("flows", rows), **options)
    assert "2006" in str(said(found, "too few flows").reason)
    whole = ig.integration.gravity(Table("flows", rows.filter(c("year") != 2006)), **options)
    assert_frame_equal(found.polars(), whole.polars())
    with pytest.raises(NotIdentified, match="border effect of 2006"):
        ig.integration.gravity(rows, thin="refuse", **options)


def test_a_region_with_few_goods_is_left_out_and_named() -> None:
    prices = table("prices")
    few = prices.filter((c("region") != REGIONS[0]) | c("commodity").is_in(["food", "fuel"]))
    found = ig.integration.half_life(Table("prices", few), by="region")
    assert REGIONS[0] in str(said(found, "three goods").reason)
    assert REGIONS[0] not in found.polars()["region"].to_list()
    with pytest.raises(TooFew, match="has 2 goods"):
        ig.integration.half_life(few, by="region", thin="refuse")


def test_a_good_on_one_side_of_the_border_is_left_out_and_named() -> None:
    prices, sides = table("prices"), PLACES["groups"]
    east = [r for r in REGIONS if sides[r] == "East"]
    one_sided = prices.filter((c("commodity") != "food") | c("region").is_in(east))
    found = ig.integration.border_width(Table("prices", one_sided), **PLACES, draws=99)
    assert "food" in str(said(found, "border").reason)
    assert "food" not in found.polars()["commodity"].to_list()
    with pytest.raises(IntegradeError, match="food"):
        ig.integration.border_width(one_sided, **PLACES, draws=99, thin="refuse")


def test_halves_need_four_goods_in_a_period_and_others_are_left_out() -> None:
    prices = table("prices").filter(c("year") > 1990)
    three = thinned("prices", prices)["three goods in a period"]
    middle = three.group_by("year").len().sort("len", "year")["year"][0]
    trust = ig.index_trust(three, draws=20)
    assert str(middle) in str(trust.note)
    whole = ig.integration.split_half(prices.filter(c("year") != middle), draws=20)
    assert ig.integration.split_half(three, draws=20).correlation == pytest.approx(whole.correlation)
    with pytest.raises(TooFew, match="two halves need four"):
        ig.integration.split_half(three, thin="refuse")


def test_a_good_with_a_series_shorter_than_the_window_is_counted() -> None:
    prices = table("prices")
    short = prices.filter((c("commodity") != "food") | (c("year") > 2008))
    found = ig.integration.factor_share(Table("prices", short), window=5)
    line = said(found, "window")
    assert line.kind == "dropped"
    assert line.rows == 4 * len(REGIONS)
