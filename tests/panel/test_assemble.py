"""The panel: every row in is a row out or a counted loss; joins by key; Chinese province names; Chinese headings."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.engine.frames import Table
from integrade.errors import Coverage, DuplicateKeys, MissingColumn, UnknownName, UnknownRegion, UsageError
from integrade.geography import Geography
from integrade.panel import Controls, assemble, human_capital
from plainwords.account import Account, Entry
from raw_files import listed_firms

FIRMS = pl.DataFrame(
    {
        "firm": ["a", "a", "a", "b", "b", "c", "d"],
        "year": [2004, 2005, 2006, 2004, 2005, 2004, 2004],
        "region": ["East", "East", "West", "West", "West", "Easst", None],
        "industry": ["13", "13", "13", "14", "14", "14", "14"],
        "assets": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
        "net_profit": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        "note": ["n"] * 7,
    }
)
INDEX = pl.DataFrame(
    {
        "region": ["East", "West"] * 3,
        "year": [2004] * 2 + [2005] * 2 + [2003] * 2,
        "integration": [4.0, 4.1, 4.2, 4.3, 3.9, 3.8],
    }
)
QUALITY = pl.DataFrame(
    {"firm": list("aaabcdz"), "year": [2004, 2005, 2006, 2004, 2004, 2004, 2004], "quality": [0.1] * 7}
)


def panel(firms=FIRMS, *, integration=INDEX, quality=QUALITY, **more) -> Table:
    return assemble(Table("firms", firms), integration=integration, quality=quality, **more)


def lost(table: Table, where: str = "panel") -> dict[str, int]:
    return {e.reason: e.rows for e in table.account if e.table == where and e.kind == "dropped"}


def notes(table: Table) -> str:
    return "\n".join(e.reason for e in table.account if e.is_remark)


def test_every_lost_row_is_counted_once() -> None:
    table = panel()
    assert lost(table) == {
        "firm and year not in quality": 1,
        "region missing": 1,
        "region not in integration: 1 names": 1,
        "year not in integration": 1,
    }
    assert lost(table, "quality") == {"exports without accounts": 1}
    rows = table.polars()
    assert rows.select("firm", "year", "market").rows() == [("a", 2004, 4.0), ("a", 2005, 4.2), ("b", 2004, 4.1)]
    kinds = {(e.kind, e.table): e.rows for e in table.account}
    assert kinds["in", "panel"] - sum(lost(table).values()) == kinds["out", "panel"] == rows.height == 3


def test_account_shows_coverage_spelling_movers_and_singletons() -> None:
    table = panel()
    assert "integration covers 2003-2005, firms 2004-2006: 1 year missing (2006), 1 rows dropped" in notes(table)
    assert "Easst (did you mean 'East'?)" in str(table.account)
    assert "firms with a single row (rows with missing values count), which firm effects absorb: 1" in notes(table)
    assert "firms located in more than one region over time: 0" in notes(table)
    moved = panel(integration=pl.concat([INDEX, INDEX.head(2).with_columns(year=2006)], how="vertical_relaxed"))
    assert "firms located in more than one region over time: 1" in notes(moved)


def test_column_order_and_controls() -> None:
    rd = pl.DataFrame({"industry": ["13", "14"], "year": [2004, 2004], "rd": [0.1, 0.2]})
    table = panel(covariates=rd, controls=Controls(fic="none"))
    head = ["firm", "year", "region", "industry", "quality", "market", "scale", "roa", "rd"]
    assert table.columns == [*head, "assets", "net_profit", "note"]
    assert table.polars()["roa"].to_list() == pytest.approx([0.1, 0.1, 0.1])
    assert table.name == "panel"
    assert "fic" in panel(controls={"fic_column": "net_profit"}).columns
    with pytest.raises(UnknownName, match="did you mean 'none'"):
        panel(controls={"fic": "nonne"})


def test_covariates_of_four_kinds_keep_rows_and_count_gaps() -> None:
    region = pl.DataFrame({"region": ["East", "West", "East"], "year": [2004, 2004, 2005], "hc": [9.0, 8.0, 9.1]})
    industry = pl.DataFrame({"industry": ["13"], "year": [2004], "rd": [0.1]})
    both = pl.DataFrame({"region": ["East"], "industry": ["13"], "year": [2005], "agglomeration": [1.5]})
    firm = pl.DataFrame({"firm": ["b"], "year": [2004], "tfp": [2.0]})
    table = panel(covariates=[region, industry, both, firm])
    rows = table.polars()
    assert rows["hc"].to_list() == [9, 9.1, 8]
    assert rows["rd"].to_list() == [0.1, None, None]
    assert rows["agglomeration"].to_list() == [None, 1.5, None]
    assert rows["tfp"].to_list() == [None, None, 2]
    assert "1 rows without covariates 2: industry not in covariates 2: 1 names" in notes(table)
    assert "1 rows without covariates 2: year not in covariates 2" in notes(table)
    assert "1 rows without covariates 4: firm not in covariates 4" in notes(table)


def test_accounts_of_the_inputs_travel_along() -> None:
    tables = [
        Table(name, frame, Account((Entry("read", name, "dropped", f"bad {name}", 7),)))
        for name, frame in (("firms", FIRMS), ("integration", INDEX), ("quality", QUALITY))
    ]
    table = assemble(tables[0], integration=tables[1], quality=tables[2])
    assert [e.table for e in table.account if e.reason.startswith("bad")] == ["firms", "quality", "integration"]
    assert "3 firm-years in the result" in str(table.account)


def test_provinces_are_unified_in_the_spelling_of_the_index() -> None:
    firms = FIRMS.with_columns(
        region=pl.Series(["北京", "北京市", "Guangxi", "广西", "广西壮族自治区", "吉林市", "北 京"])
    )
    index = INDEX.with_columns(region=pl.col("region").replace({"East": "北京市", "West": "广西壮族自治区"}))
    table = panel(firms, integration=index)
    assert table.polars()["region"].to_list() == ["北京市", "北京市", "广西壮族自治区", "北京市"]
    assert "4 spellings of provinces harmonised, 4 rows" in notes(table)
    assert "region not in integration: 1 names" in lost(table)  # 吉林市 is a city, not the province
    with pytest.raises(DuplicateKeys, match="two spellings"):
        panel(firms, integration=pl.concat([index, index.head(1).with_columns(region=pl.lit("北京"))]))


def test_regions_are_one_but_for_case_accents_and_signs_and_losses_are_counted_by_region() -> None:
    names = {"East": "São Paulo", "West": "Rio de Janeiro"}
    index = INDEX.with_columns(region=pl.col("region").replace(names))
    firms = FIRMS.with_columns(region=pl.col("region").replace({"East": "SAO PAULO", "West": "Rio-de-Janeiro"}))
    table = panel(firms, integration=index)
    assert set(table.polars()["region"]) == {"São Paulo", "Rio de Janeiro"}
    assert "2 spellings of regions harmonised" in notes(table)
    warned = [e.reason for e in table.account if e.kind == "warning"]
    assert any("1 region of firms without integration: Easst (1 row)" in w for w in warned), warned


def test_names_that_differ_by_a_letter_on_both_sides_are_refused(tmp_path: Path) -> None:
    index = INDEX.with_columns(region=pl.col("region").replace({"East": "Pulau Pinang"}))
    firms = FIRMS.with_columns(region=pl.col("region").replace({"East": "Pulau Pinag"}))
    with pytest.raises(UnknownRegion, match="is not a region of integration, nearest 'Pulau Pinang'") as caught:
        panel(firms, integration=index)
    assert "if they are two: geography=\"regions.csv\", a file with a row for 'Pulau Pinag'" in caught.value.remedy
    own = tmp_path / "regions.csv"
    own.write_text("region\nPulau Pinang\nPulau Pinag\nWest\nEasst\n", encoding="utf-8")
    two = panel(firms, integration=index, geography=str(own))
    assert any("without integration: " in str(e.reason) and "Pulau Pinag" in str(e.reason) for e in two.account)
    said = Geography("", "ours").called({"Pulau Pinag": "Pulau Pinang"})
    assert "Pulau Pinang" in set(panel(firms, integration=index, geography=said).polars()["region"])


def test_names_that_agree_are_left_alone() -> None:
    firms = FIRMS.with_columns(region=pl.col("region").replace({"East": "北京", "West": "河北"}))
    index = INDEX.with_columns(region=pl.col("region").replace({"East": "北京", "West": "河北"}))
    assert "harmonised" not in notes(panel(firms, integration=index))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"integration": INDEX.with_columns(pl.col("year") + 10)}, r"integration covers 2013-2015, firms 2004-2006"),
        (
            {"integration": INDEX.with_columns(region="Nord" + pl.col("region"))},
            r"no region of integration .*\n.*NordEast, NordWest; firms: Easst, East",
        ),
        ({"quality": QUALITY.with_columns(firm="0" + pl.col("firm"))}, r"no firm of quality (.|\n)*leading zeros"),
        ({"covariates": pl.DataFrame({"industry": ["1"], "year": [2004], "rd": [1.0]})}, "no industry of covariates"),
        (
            {"quality": pl.DataFrame({"firm": ["a", "z"], "year": [2003, 2004], "quality": [0.1, 0.2]})},
            "no firm-year is left after joining quality",
        ),
    ],
)
def test_tables_that_do_not_overlap_are_refused(inputs, message) -> None:
    with pytest.raises(Coverage, match=message):
        panel(**inputs)


def test_a_measure_that_gives_no_row_is_refused() -> None:
    """As one of a plugin may, whose table comes to the panel as it is."""
    none = Table("quality", QUALITY.clear(), conformed="quality")
    with pytest.raises(Coverage, match="quality covers no year, firms 2004-2006"):
        panel(quality=none)


def test_duplicates_clashes_and_missing_keys_are_refused() -> None:
    with pytest.raises(DuplicateKeys, match="region=East, year=2004"):
        panel(integration=pl.concat([INDEX, INDEX.head(1)]))
    with pytest.raises(DuplicateKeys, match="firm=a, year=2004"):
        panel(pl.concat([FIRMS, FIRMS.head(1)]))
    with pytest.raises(UsageError, match="'assets' is in both firms and quality"):
        panel(quality=QUALITY.with_columns(assets=pl.lit(1.0)))
    with pytest.raises(MissingColumn, match=r"firms has no column 'region'"):
        panel(FIRMS.drop("region"))
    with pytest.raises(UsageError, match="monthly"):
        panel(integration=INDEX.with_columns(month=pl.lit(1)))
    with pytest.raises(UnknownName, match="did you mean 'winsorise'"):
        panel(winsorize=("roa",))


def test_winsorising_happens_on_the_finished_panel() -> None:
    table = panel(winsorise=("market",), cuts=(0, 50))
    assert table.polars()["market"].to_list() == [4.0, 4.1, 4.1]
    assert ("market above p50 = 4.1", 1) in [(e.reason, e.rows) for e in table.account]
    trimmed = panel(winsorise=("market",), cuts=(0, 50), trim=True)
    assert trimmed.polars()["market"].to_list() == [4.0, None, 4.1]
    assert ("market above p50 = 4.1, set to missing", 1) in [(e.reason, e.rows) for e in trimmed.account]


def test_any_kind_of_frame_gives_the_same_panel() -> None:
    expected = panel().polars()
    other = assemble(FIRMS.to_pandas(), integration=INDEX.to_arrow(), quality=QUALITY.to_pandas())
    assert other.polars().equals(expected)
    rows = FIRMS.to_arrow()  # noqa: F841, DuckDB reads it by name
    assert assemble(duckdb.sql("select * from rows"), integration=INDEX, quality=QUALITY).polars().equals(expected)
    assert isinstance(other.pandas(), pd.DataFrame)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_panel_is_the_brute_force_join_whatever_the_order(data) -> None:
    firm_years = data.draw(st.sets(st.tuples(st.sampled_from("abcd"), st.integers(2004, 2007)), min_size=2))
    regions = {key: data.draw(st.sampled_from(["N", "S", None])) for key in sorted(firm_years)}
    exports = data.draw(st.sets(st.sampled_from(sorted(firm_years)), min_size=1)) | {("z", 2004)}
    cells = data.draw(st.sets(st.tuples(st.sampled_from("NS"), st.integers(2004, 2007)), min_size=1))
    order = data.draw(st.permutations(sorted(firm_years)))
    firms = pl.DataFrame([(*key, regions[key]) for key in order], orient="row", schema=["firm", "year", "region"])
    firms = firms.with_columns(pl.col("region").cast(pl.String))
    quality = pl.DataFrame([(*k, 0.5) for k in sorted(exports)], orient="row", schema=["firm", "year", "quality"])
    index = pl.DataFrame(
        [(r, y, y / 1000) for r, y in sorted(cells)], orient="row", schema=["region", "year", "integration"]
    )
    wanted = sorted((f, y) for f, y in firm_years & exports if (regions[f, y], y) in cells)
    try:
        table = assemble(firms, integration=index, quality=quality)
    except Coverage:
        assert not wanted
        return
    assert table.polars().select("firm", "year").rows() == wanted
    assert len(firm_years) - sum(lost(table).values()) == len(wanted)


def test_listed_machinery_by_province() -> None:
    """Accounts with Chinese headings and short province names against an index in long names."""
    names = {
        "股票": "firm",
        "年份": "year",
        "省份": "region",
        "所有制": "ownership",
        "创立日期": "founded",
        "总资产": "assets",
        "总负债": "liabilities",
        "净利润": "net_profit",
        "应收账款": "receivables",
    }
    raw = listed_firms().rename(names)
    years = range(2006, 2017)
    provinces = sorted(raw["region"].unique())
    long = {"北京": "北京市", "上海": "上海市", "江苏": "江苏省", "内蒙古": "内蒙古自治区", "广西": "广西壮族自治区"}
    index = pl.DataFrame(
        [(long.get(p, p), y, 4 + i / 100 + y / 1e4) for i, p in enumerate(provinces) for y in years],
        orient="row",
        schema=["region", "year", "integration"],
    )
    table = assemble(Table("firms", raw), integration=index, winsorise=("roa",))
    rows = table.polars()
    inside = raw.filter(pl.col("year").is_in(list(years)))
    assert rows.height == inside.height
    assert lost(table) == {"year not in integration": raw.height - inside.height}
    assert "内蒙古 -> 内蒙古自治区" in str(table.account) or "上海 -> 上海市" in str(table.account)
    assert re.search(r"integration covers 2006-2016, firms 2000-2017: 7 years missing", notes(table))
    assert set(long.values()) & set(rows["region"]) >= {"北京市", "上海市", "江苏省"}
    shares = rows.filter(pl.col("assets") > 0)
    assert (shares["rdebt"] - shares["liabilities"] / shares["assets"]).abs().max() == 0
    assert rows["scale"].null_count() == (inside["assets"].is_null() | (inside["assets"] <= 0)).sum()
    assert "invint not constructed: no column inventory" in notes(table)


def test_human_capital_is_a_covariate() -> None:
    shares = {f"h{i}": [float(v)] * 2 for i, v in enumerate((2, 17, 47, 5, 12, 1, 9, 6, 1), start=1)}
    education = Table("education", pl.DataFrame({"region": ["East", "West"], "year": [2004, 2004], **shares}))
    table = panel(covariates=human_capital(education))
    assert table.polars()["human_capital"].to_list() == pytest.approx([9.94, None, 9.94])


def test_a_covariate_may_have_the_name_of_a_control_that_is_not_made() -> None:
    own = pl.DataFrame({"region": ["East", "West"], "year": [2004, 2004], "fic": [1.0, 2.0]})
    found = panel(covariates=own, controls=Controls(fic="none")).polars()
    assert found.columns.count("fic") == 1
    assert found.filter(pl.col("year") == 2004)["fic"].to_list() == [1.0, 2.0]
