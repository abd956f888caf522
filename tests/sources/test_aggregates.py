"""Totals among goods, regions and industries: left out by name, asked for where only the numbers tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import AggregateFound
from integrade.sources import read_flows, read_gdp, read_output, read_prices
from integrade.sources.tables.aggregates import is_total, whole_regions
from integrade.sources.tables.canonical import read_canonical
from integrade.sources.tables.weighted_means import rounding_unit, weighted_means

STATES = ("Johor", "Kedah", "Perak", "Sabah")
GOODS = ("Bread", "Fish", "Rent", "Shoes", "Tea")


def prices(seed: int = 1, periods: int = 24) -> pl.DataFrame:
    """Links of five goods in four states, to one decimal."""
    rng = np.random.default_rng(seed)
    rows = [
        (state, 2000 + t, good, round(100 + float(rng.normal(0, 3)), 1))
        for state in STATES
        for t in range(periods)
        for good in GOODS
    ]
    return pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")


def with_mean(data: pl.DataFrame, column: str, name: str, digits: int = 1) -> pl.DataFrame:
    """The table with a weighted mean of the others over ``column``, of unequal weights."""
    names = sorted(data[column].unique())
    weights = pl.DataFrame({column: names, "w": [float(i + 1) for i in range(len(names))]})
    key = [c for c in ("region", "year", "commodity") if c != column]
    mean = (pl.col("index") * pl.col("w")).sum() / pl.col("w").sum()
    whole = data.join(weights, on=column).group_by(key).agg(mean.round(digits).alias("index"))
    return pl.concat([data, whole.with_columns(pl.lit(name).alias(column)).select(data.columns)])


def written(folder: Path, data: pl.DataFrame) -> Path:
    path = folder / "a.csv"
    data.write_csv(path)
    return path


def said(table: Table) -> list[str]:
    return [f"{e.kind} {e.rows}: {e.reason}" for e in table.account.entries if e.step == "aggregates"]


@each(
    ("kind", "name"),
    [
        *(
            ("goods", n)
            for n in ("overall", "All items", "ALL ITEMS", "Total", "CPI", "00 Índice general", "Índice Geral")
        ),
        *(
            ("goods", n)
            for n in ("Indeks Keseluruhan", "Chỉ số chung", "总指数", "Ensemble", "Insgesamt", "CP00", "00")
        ),
        *(("goods", n) for n in ("All items less food and energy", "All items (2012=100)", "0.0 Headline")),
        *(("goods", n) for n in ("CPI ex food", "Inti", "Inflasi inti", "核心消费价格")),
        *(
            ("regions", n)
            for n in (
                "Weighted average",
                "State average",
                "Total, all areas",
                "Average of states",
                "National Avg.",
                "Jumlah Besar",
            )
        ),
        *(("goods", n) for n in ("All", "All divisions", "Total CPI", "Average, all groups")),
        *(
            ("regions", n)
            for n in ("Total", "全国", "Nacional", "U.S. city average", "World", "Cả nước", "National level")
        ),
        *(("industries", n) for n in ("Total", "All industries", "合计")),
    ],
)
def test_names_of_the_whole(kind: str, name: str) -> None:
    assert is_total(name, kind)


@each(
    ("kind", "name"),
    [
        *(
            ("goods", n)
            for n in ("Bread", "01 Food", "Other goods", "Total dairy fat", "General practitioners", "食品", "10", "0")
        ),
        *(("goods", n) for n in ("Intimate apparel", "CPI Excise", "All items exam")),
        *(
            ("regions", n)
            for n in (
                "Johor",
                "Central",
                "Distrito Nacional",
                "East",
                "Mean Green",
                "Nationalpark",
                "General Santos",
                "State of Mexico",
                "Grand Est",
            )
        ),
        *(("industries", n) for n in ("13", "C13", "Textiles")),
    ],
)
def test_names_of_parts(kind: str, name: str) -> None:
    assert not is_total(name, kind)


@each(
    "name",
    ["Malaysia - Total", "MALAYSIA (12 states)", "Malaysia 1/", "Malaysia*", "Total Malaysia", "Malaysia, average"],
)
def test_a_country_in_the_dress_of_a_table_is_the_whole(name: str) -> None:
    assert whole_regions(["Johor", "Kedah", "Perak", name]) == [name]
    assert whole_regions(["Nairobi", "Kisumu", "Garissa", "Kenya - average"]) == ["Kenya - average"]
    assert whole_regions(["Jalisco", "Colima", "Estado de México", "State of Mexico", "Sonora"]) == []


def test_weights_and_people_across_are_no_goods(tmp_path: Path) -> None:
    across = prices().pivot(on="commodity", index=["region", "year"], values="index", aggregate_function="first")
    path = tmp_path / "across.csv"
    across.with_columns(Weight=pl.lit(12.5), Population=pl.lit(104_000)).write_csv(path)
    table = read_prices(path, layout={"columns": "commodity"})
    assert sorted(table.polars()["commodity"].unique()) == list(GOODS)
    assert any("'Population', 'Weight': weights or head counts" in line for line in said(table))


def test_goods_that_stand_twice_are_told(tmp_path: Path) -> None:
    tea = prices().filter(commodity="Tea")
    adjusted = tea.with_columns(commodity=pl.lit("Tea (seasonally adjusted)"), index=pl.col("index") + 0.1)
    copy = tea.with_columns(commodity=pl.lit("Chai"))
    table = read_prices(written(tmp_path, pl.concat([prices(), adjusted, copy])))
    assert any(
        "included both seasonally adjusted and unadjusted (such as Tea (seasonally adjusted) and Tea)" in s
        for s in said(table)
    )
    assert any("has the same values as" in s for s in said(table))


def test_a_good_called_the_whole_is_left_out_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path, with_mean(prices(), "commodity", "overall"))
    table = read_prices(path)
    assert sorted(table.polars()["commodity"].unique()) == list(GOODS)
    assert said(table) == ["dropped 96: commodity 'overall': a total, judging by the name"]
    kept = read_prices(path, aggregates="keep")
    assert kept.polars().height == 96 * 6
    assert said(kept) == ["warning 96: commodity 'overall': a total next to its components, kept (aggregates=keep)"]


def test_a_good_that_the_numbers_alone_show_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, with_mean(prices(), "commodity", "Basket A"))
    with pytest.raises(
        AggregateFound, match="commodity 'Basket A' of prices is a weighted mean of the others"
    ) as caught:
        read_prices(path)
    assert caught.value.example.startswith("Tea 0.33, Shoes 0.26, Rent 0.20, Fish 0.13")
    assert 'aggregates="leave_out"' in caught.value.remedy
    out = read_prices(path, aggregates="leave_out")
    assert said(out) == [
        "dropped 96: commodity 'Basket A': the sum or a weighted mean of the others, judging by the numbers"
    ]
    assert "Basket A" in set(read_prices(path, aggregates="keep").polars()["commodity"])


def test_a_name_that_the_numbers_contradict_is_asked_for(tmp_path: Path) -> None:
    high = pl.lit("Total").alias("commodity"), (pl.col("index") + 40).alias("index")
    data = pl.concat([prices(), prices(seed=2).filter(commodity="Tea").with_columns(*high)])
    path = written(tmp_path, data)
    with pytest.raises(AggregateFound, match="is named as a total, but lies outside the range") as caught:
        read_prices(path)
    assert "in 96 of 96 cells" in caught.value.what
    assert "Total" not in set(read_prices(path, aggregates="leave_out").polars()["commodity"])
    assert "Total" in set(read_prices(path, aggregates="keep").polars()["commodity"])


def test_the_country_among_its_states(tmp_path: Path) -> None:
    path = written(tmp_path, with_mean(prices(), "region", "Malaysia"))
    table = read_prices(path)
    assert sorted(table.polars()["region"].unique()) == sorted(STATES)
    assert said(table) == ["dropped 120: region 'Malaysia': a total, judging by the name"]
    unnamed = written(tmp_path, with_mean(prices(), "region", "Semenanjung X"))
    with pytest.raises(AggregateFound, match="region 'Semenanjung X' of prices"):
        read_prices(unnamed)


def test_countries_beside_countries_and_states_that_are_called_like_one_stay(tmp_path: Path) -> None:
    names = dict(zip(STATES, ("Kenya", "Uganda", "Ghana", "Chad"), strict=True))
    data = prices().with_columns(pl.col("region").replace(names))
    assert read_prices(written(tmp_path, data)).polars()["region"].n_unique() == 4
    names = dict(zip(STATES, ("Alabama", "Georgia", "Texas", "Ohio"), strict=True))
    data = prices().with_columns(pl.col("region").replace(names))
    assert read_prices(written(tmp_path, data)).polars()["region"].n_unique() == 4


@each(
    ("names", "whole"),
    [
        (["Kuala Lumpur", "Penang", "Johor", "Perak", "Singapore"], []),
        (["Beijing", "Tianjin", "Hebei", "Shanxi", "Hong Kong"], []),
        (["Nairobi", "Coast", "Rift Valley", "Kenya"], ["Kenya"]),
        (["Bayern", "Hessen", "Sachsen", "Deutschland"], ["Deutschland"]),
        (["Bretagne", "Normandie", "Occitanie", "France"], ["France"]),
        (["Bayern", "Hessen", "Sachsen", "Schweiz"], []),
        (["Lima", "Cusco", "Amazonas", "Peru"], ["Peru"]),  # Amazonas is a state of Brazil, too
    ],
)
def test_a_country_is_the_whole_of_its_own_regions_alone(names: list[str], whole: list[str]) -> None:
    assert whole_regions(names) == whole


def test_a_group_beside_its_parts_is_a_warning(tmp_path: Path) -> None:
    few = prices(periods=40).filter(pl.col("commodity").is_in(["Bread", "Fish"]))
    whole = with_mean(few, "commodity", "Food").filter(commodity="Food")
    more = [prices(seed=9, periods=40).with_columns(pl.col("commodity") + " 2")]
    path = written(tmp_path, pl.concat([prices(periods=40), whole, *more]))
    warning = said(read_prices(path))
    assert len(warning) == 1
    assert "warning 0: commodity Food is a weighted mean of Fish, Bread, which are also listed" in warning[0]
    coded = prices(periods=2).with_columns(
        pl.col("commodity").replace({"Bread": "01 Food", "Fish": "01.1 Fish", "Tea": "01.2 Tea"})
    )
    assert "01 Food with 01.1 Fish, 01.2 Tea" in said(read_prices(written(tmp_path, coded)))[0]


def test_too_few_periods_are_said(tmp_path: Path) -> None:
    path = written(tmp_path, with_mean(prices(periods=6), "commodity", "Basket A"))
    assert said(read_prices(path))[0] == (
        "note 0: with 6 values of commodity and 6 periods, the program cannot test whether one of them is "
        "the average of the others"
    )


def test_one_series_called_total_is_no_total(tmp_path: Path) -> None:
    path = written(tmp_path, prices().filter(commodity="Tea").with_columns(pl.lit("CPI").alias("commodity")))
    assert read_prices(path).polars().height == 96


def test_totals_of_other_tables(tmp_path: Path) -> None:
    rows = [(r, y, float(10 * i + y % 7 + 3)) for i, r in enumerate(STATES) for y in (2010, 2011)]
    totals = [("{}", y, sum(v for _, when, v in rows if when == y)) for y in (2010, 2011)]

    def gdp(name: str) -> Path:
        named: list[Any] = [*rows, *((name, y, v) for _, y, v in totals)]
        return written(tmp_path, pl.DataFrame(named, schema=["region", "year", "real_gdp"], orient="row"))

    assert said(read_gdp(gdp("Total"))) == ["dropped 2: region 'Total': a total, judging by the name"]
    with pytest.raises(AggregateFound, match="region 'Zone' of gdp is the sum of all others in 'real_gdp'"):
        read_gdp(gdp("Zone"))
    out = read_gdp(gdp("Zone"), aggregates="leave_out")
    assert said(out) == ["dropped 2: region 'Zone': the sum or a weighted mean of the others, judging by the numbers"]
    output = [(r, c, 2010, 1.0 + i) for i, r in enumerate(STATES) for c in ("C13", "C14", "C15", "All industries")]
    path = written(tmp_path, pl.DataFrame(output, schema=["region", "industry", "year", "value"], orient="row"))
    assert said(read_output(path)) == ["dropped 4: industry 'All industries': a total, judging by the name"]
    pairs = [(a, b, 2010, 1.0) for a in (*STATES, "Total") for b in (*STATES, "Total")]
    path = written(tmp_path, pl.DataFrame(pairs, schema=["origin", "destination", "year", "value"], orient="row"))
    assert read_flows(path).polars().height == 16


def test_weighted_means_hold_to_their_conditions() -> None:
    rng = np.random.default_rng(3)
    values = np.round(100 + rng.normal(0, 2, (60, 5)), 1)
    groups = np.repeat([0, 1], 30)
    assert weighted_means(values, groups, each=True).means == ()
    made = np.column_stack([values, np.round(values @ [0.4, 0.3, 0.1, 0.1, 0.1], 1)])
    (mean,) = weighted_means(made, groups, each=True).means
    assert mean.at == 5
    assert mean.parts[:2] == (0, 1)
    assert mean.weights[0] == pytest.approx(0.4, abs=0.02)
    copied = np.column_stack([values, values[:, 0]])
    assert weighted_means(copied, groups, each=True).means == ()
    assert not weighted_means(made[:18], groups[:18] * 0 + np.repeat([0, 1], 9), each=True).told
    assert not weighted_means(made * [1, 1, 1, 1, 20, 1], groups, each=True).told
    assert rounding_unit(values) == 0.1
    assert rounding_unit(values / 3) == 0.0


def test_a_country_among_its_states_is_told_in_its_own_language(tmp_path: Path) -> None:
    states = ["Bahia", "Ceará", "Goiás", "Pará", "Brasil"]
    rows = [f"{s};{y};{g};{v}" for s in states for y in (2010, 2011) for g, v in (("Arroz", 101), ("Feijão", 102))]
    path = tmp_path / "p.csv"
    path.write_text("\n".join(["Estado;Ano;Produto;Índice", *rows]) + "\n", encoding="utf-8")
    found = read_prices(path, basis="link")
    assert sorted(set(found.polars()["region"])) == sorted(states[:-1])
    assert "Brasil" in str(found.account)


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (["Jalisco", "Sonora", "México", "Total nacional"], ["Jalisco", "México", "Sonora"]),
        (["Jalisco", "Sonora", "México"], ["Jalisco", "México", "Sonora"]),
        (["Jalisco", "Sonora", "México", "Estado de México"], ["Estado de México", "Jalisco", "Sonora"]),
    ],
)
def test_a_state_that_is_called_like_its_country_is_the_country_only_beside_another_name_of_the_state(
    names: list[str], left: list[str]
) -> None:
    assert sorted(set(names) - set(whole_regions(names))) == left


def test_the_world_is_no_destination_and_all_products_are_no_product(tmp_path: Path) -> None:
    rows = [
        f"f{i},{product},{place},2001,{i + 10},{i + 2}"
        for i in range(3)
        for product in ("010121", "020130", "TOTAL")
        for place in ("USA", "European Union", "World")
    ]
    path = tmp_path / "c.csv"
    path.write_text("firm,product,destination,year,value,quantity\n" + "\n".join(rows) + "\n", encoding="utf-8")
    read = read_canonical("customs", path)
    assert set(read.polars()["destination"]) == {"USA", "European Union"}
    assert set(read.polars()["product"]) == {"010121", "020130"}
    assert said(read) == [
        "dropped 9: destination 'World': a total, judging by the name",
        "dropped 6: product 'TOTAL': a total, judging by the name",
    ]
    assert read_canonical("customs", path, aggregates="keep").polars().height == 27
