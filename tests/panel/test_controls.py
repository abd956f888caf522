"""Controls, schooling and winsorising: goldens (METHODS 4.1, G5, G6), brute-force twins, one result on every engine."""

from __future__ import annotations

import math

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.engine.frames import Table
from integrade.errors import MissingColumn, NotANumber, OutOfRange, UnknownColumn, UnknownName, UsageError
from integrade.panel import firm_controls, human_capital, sa_index, winsorise

FIRMS = pl.DataFrame(
    {
        "firm": ["a", "a", "a", "b", "b", "c"],
        "year": [2004, 2005, 2007, 2004, 2005, 2004],
        "founded": [2004, 2004, 2004, 2010, None, 1950],
        "assets": [100.0, 200.0, 400.0, 0.0, -5.0, None],
        "liabilities": [50.0, 60.0, None, 1.0, 1.0, 1.0],
        "net_profit": [10.0, 30.0, 80.0, 1.0, 1.0, 1.0],
        "inventory": [20.0, 20.0, 20.0, 1.0, 1.0, 1.0],
        "receivables": [25.0, 20.0, 40.0, 1.0, 1.0, 1.0],
    }
)


def made(data=FIRMS, options=None, **changes) -> Table:
    return firm_controls(Table("firms", data), options, **changes)


def reasons(table: Table) -> list[str]:
    return [e.reason for e in table.account]


def test_controls_by_hand() -> None:
    rows = made().polars().sort("firm", "year")
    assert rows["scale"].to_list() == pytest.approx([math.log(100), math.log(200), math.log(400), None, None, None])
    assert rows["age"].to_list() == pytest.approx([0, math.log(2), math.log(4), None, None, math.log(55)])
    assert rows["roa"].to_list() == pytest.approx([0.1, 0.15, 0.2, None, None, None])
    assert rows["rdebt"].to_list() == pytest.approx([0.5, 0.3, None, None, None, None])
    assert rows["invint"].to_list() == pytest.approx([0.2, 0.1, 0.05, None, None, None])
    assert rows["fic"].to_list() == pytest.approx([0.25, 0.1, 0.1, None, None, None])


def test_missing_controls_are_counted_by_the_first_reason() -> None:
    found = reasons(made())
    assert "scale missing in 1 rows: assets missing" in found
    assert "scale missing in 2 rows: assets not positive" in found
    assert "age missing in 1 rows: founded missing" in found
    assert "age missing in 1 rows: founded after the year" in found
    assert "rdebt missing in 1 rows: liabilities missing" in found


def test_a_founding_year_of_zero_is_missing_and_warned_of() -> None:
    coded = FIRMS.with_columns(founded=pl.Series([0, 0, 2004, 98, 1900, 1999]))
    table = made(coded, fic="sa_index", currency_unit="1000 yuan")
    rows = table.polars().sort("firm", "year")
    assert rows["age"].to_list() == pytest.approx([None, None, math.log(4), None, math.log(106), math.log(6)])
    assert rows["fic"].is_null().to_list() == [True, True, False, True, True, True]  # the last three have no assets
    warned = [(e.reason, e.rows) for e in table.account if e.reason.startswith("age")]
    assert warned == [("age missing in 3 rows: founding year before 1700, which is not plausible", 3)]
    assert all(e.kind == "warning" for e in table.account if e.reason.startswith("age"))


def test_lagged_roa_needs_the_very_year_before() -> None:
    table = made(roa_lag=1)
    rows = table.polars().sort("firm", "year")
    assert rows["roa"].to_list()[:3] == pytest.approx([None, 0.1, None])  # 2007 follows 2005: a gap
    assert "roa lagged by one year; missing in 2 rows that have a value for the current year" in reasons(table)


def test_absent_columns_are_said_and_named_ones_required() -> None:
    table = made(FIRMS.drop("inventory", "receivables"))
    assert "invint" not in table.columns
    assert "invint not constructed: no column inventory" in reasons(table)
    assert "fic not constructed: no column receivables" in reasons(table)
    with pytest.raises(MissingColumn, match="did you mean 'receivables'"):
        made(fic_column="recievables")
    with pytest.raises(NotANumber):
        made(fic_column="firm")
    assert made(fic_column="inventory").polars()["fic"][0] == 0.2
    assert "fic" not in made(fic="none").columns
    replaced = made(FIRMS.with_columns(age=pl.lit(1.0)))
    assert "column 'age' of the file is replaced" in reasons(replaced)


def sa(size: float, years: float) -> float:
    frame = nw.from_native(pl.DataFrame({"s": [size], "a": [years]}))
    return frame.select(v=sa_index(nw.col("s"), nw.col("a")))["v"][0]


def test_hadlock_pierce_golden() -> None:
    """METHODS 4.1, G5."""
    assert sa(5, 10) == pytest.approx(-3.010, abs=1e-12)
    assert sa(math.log(4500), 37) == pytest.approx(-4.636887, abs=5e-7)  # printed to 6 decimals
    assert sa(20, 90) == sa(math.log(4500), 37)


def test_hadlock_pierce_needs_a_unit_and_keeps_it() -> None:
    with pytest.raises(UsageError, match="currency_unit"):
        made(fic="sa_index")
    with pytest.raises(UnknownName, match="did you mean 'million yuan'"):
        made(fic="sa_index", currency_unit="milion yuan")
    firms = pl.DataFrame({"firm": ["a"], "year": [2004], "founded": [1995], "assets": [math.exp(5)]})
    assert made(firms, fic="sa_index", currency_unit="million 2004 USD").polars()["fic"][0] == pytest.approx(-3.010)
    yuan = firms.with_columns(assets=pl.col("assets") * 8.2768)
    for unit, per_million in {"million yuan": 1, "10000 yuan": 1e2, "1000 yuan": 1e3, "yuan": 1e6}.items():
        table = made(yuan.with_columns(assets=pl.col("assets") * per_million), fic="sa_index", currency_unit=unit)
        assert table.polars()["fic"][0] == pytest.approx(-3.010)
        assert any("nominal" in reason for reason in reasons(table))
    inflated = yuan.with_columns(assets=pl.col("assets") * 1.25, year=pl.lit(2004))
    table = made(inflated, fic="sa_index", currency_unit="million yuan", deflator={"2004": 1.25})
    assert table.polars()["fic"][0] == pytest.approx(-3.010)
    late = made(yuan, fic="abs_sa", currency_unit="million yuan", deflator={2005: 1.1})
    assert late.polars()["fic"][0] is None
    assert "fic missing in 1 rows: year without deflator" in reasons(late)
    assert made(firms, fic="abs_sa", currency_unit="million 2004 USD").polars()["fic"][0] == pytest.approx(3.010)
    logged = made(firms, fic="ln_abs_sa", currency_unit="million 2004 USD").polars()["fic"][0]
    assert logged == pytest.approx(math.log(3.010))


def test_scale_in_thousands_needs_the_unit_of_assets() -> None:
    """ln(assets / 1000): 6.908 below the log of yuan, whatever the unit in which assets are; unchanged without one."""
    yuan = pl.DataFrame({"firm": ["a"], "year": [2004], "assets": [2e6]})
    read = firm_controls(Table("firms", yuan, units={"assets": "CNY"}), scale_unit="thousand")
    assert read.polars()["scale"][0] == pytest.approx(math.log(2e6) - 6.9078, abs=1e-4)
    for unit, size in {"yuan": 2e6, "1000 yuan": 2e3, "10000 yuan": 200.0, "million yuan": 2.0}.items():
        own = yuan.with_columns(assets=pl.lit(size))
        assert firm_controls(own, scale_unit="thousand", currency_unit=unit)["scale"][0] == pytest.approx(math.log(2e3))
    unknown = made(yuan, scale_unit="thousand")
    assert unknown.polars()["scale"][0] == pytest.approx(math.log(2e6))
    assert any("The unit of assets is not stated" in reason for reason in reasons(unknown))
    assert not any("The unit of assets is not stated" in reason for reason in reasons(made(yuan)))


def test_receivables_without_a_unit_beside_assets_with_one_are_warned_of() -> None:
    rows = pl.DataFrame({"firm": ["a"], "year": [2004], "assets": [2e6], "receivables": [500.0]})
    warned = "fic divides receivables, whose unit is not stated, by assets in CNY: check that both have the same unit"
    assert warned in reasons(firm_controls(Table("firms", rows, units={"assets": "CNY"})))
    alike = Table("firms", rows, units={"assets": "CNY", "receivables": "CNY"})
    assert warned not in reasons(firm_controls(alike))
    bare = Table("firms", rows.drop("receivables"), units={"assets": "CNY"})
    assert warned not in reasons(firm_controls(bare))


def test_controls_do_not_depend_on_the_engine() -> None:
    expected = made(fic="sa_index", currency_unit="1000 yuan", roa_lag=1).polars().sort("firm", "year")
    arrow = FIRMS.to_arrow()  # noqa: F841, DuckDB reads it by name
    duck = firm_controls(duckdb.sql("select * from arrow"), fic="sa_index", currency_unit="1000 yuan", roa_lag=1)
    got = pl.DataFrame(duck.to_arrow_table()).sort("firm", "year")
    for column in ("scale", "age", "roa", "rdebt", "invint", "fic"):
        wanted = [None if v is None else pytest.approx(v, rel=1e-12) for v in expected[column]]
        assert got[column].to_list() == wanted
    assert isinstance(firm_controls(FIRMS.to_pandas()), pd.DataFrame)


SHARES = dict(zip((f"h{i}" for i in range(1, 10)), (2, 17, 47, 5, 12, 1, 9, 6, 1), strict=True))


def test_human_capital_golden() -> None:
    """METHODS 4.1: 9.94 years, ln 2.296567."""
    row = pl.DataFrame({"region": ["A"], "year": [2004], **{k: [v] for k, v in SHARES.items()}})
    assert human_capital(row)["human_capital"][0] == pytest.approx(9.94)
    assert human_capital(row, log=True)["human_capital"][0] == pytest.approx(
        2.296567, abs=5e-7
    )  # printed to 6 decimals


def test_schooling_in_seven_categories_counts_vocational_schools_as_the_yearbook_does() -> None:
    nine = {"h1": 5.0, "h2": 20.0, "h3": 40.0, "h4": 10.0, "h5": 5.0, "h6": 2.0, "h7": 8.0, "h8": 9.0, "h9": 1.0}
    keys = {"region": ["Beijing"], "year": [2004]}
    whole = pl.DataFrame({**keys, **{name: [share] for name, share in nine.items()}})
    seven = whole.with_columns(h4=pl.col("h4") + pl.col("h5"), h7=pl.col("h6") + pl.col("h7")).drop("h5", "h6")
    found = human_capital(Table("education", seven))
    assert found.polars().equals(human_capital(whole))
    assert any("no columns h5, h6: vocational schooling" in reason for reason in reasons(found))
    with pytest.raises(MissingColumn, match="lacks h7"):
        human_capital(seven.drop("h7"))


def test_schooling_in_five_or_six_categories_has_the_higher_degrees_in_the_last() -> None:
    keys = {"region": ["Beijing"], "year": [2004]}
    five = pl.DataFrame({**keys, "h1": [5.0], "h2": [20.0], "h3": [40.0], "h4": [15.0], "h7": [20.0]})
    found = human_capital(Table("education", five))
    assert found.polars()["human_capital"].to_list() == [pytest.approx(1.2 + 3.6 + 1.8 + 3.2)]
    assert any("college or more and counts 16 years" in reason for reason in reasons(found))
    six = five.with_columns(h7=pl.lit(12.0), h8=pl.lit(8.0))
    found = human_capital(Table("education", six))
    assert found.polars()["human_capital"].to_list() == [pytest.approx(1.2 + 3.6 + 1.8 + 1.8 + 1.28)]
    assert any("postgraduates are among h8" in reason for reason in reasons(found))


def test_persons_by_schooling_become_shares() -> None:
    keys = {"region": ["A", "B"], "year": [2004, 2004]}
    persons = pl.DataFrame(
        {**keys, "h1": [50, 100], "h2": [200, 400], "h3": [400, 1000], "h4": [150, 300], "h7": [200, 200]}
    )
    found = human_capital(Table("education", persons))
    expected = [(6 * 200 + 9 * 400 + 12 * 150 + 16 * 200) / 1000, (6 * 400 + 9 * 1000 + 12 * 300 + 16 * 200) / 2000]
    assert found.polars()["human_capital"].to_list() == pytest.approx(expected)
    assert "h1, h2, h3, h4, h7 are persons: shares are of their sum" in reasons(found)
    with pytest.raises(OutOfRange, match=r"B 2004: 101\.00"):
        human_capital(
            pl.DataFrame({**keys, "h1": [5, 5], "h2": [20, 20], "h3": [40, 40], "h4": [15, 15], "h7": [20, 21]})
        )


def test_human_capital_lists_rows_that_do_not_sum() -> None:
    rows = pl.DataFrame({"region": ["A", "B"], "year": [2004, 2005], **{k: [float(v)] * 2 for k, v in SHARES.items()}})
    with pytest.raises(OutOfRange, match=r"B 2005: 101\.00"):
        human_capital(rows.with_columns(h9=pl.Series([1.0, 2.0])))
    human_capital(rows.with_columns(h9=pl.Series([1.0, 1.4])))  # within 100 +/- 0.5
    with pytest.raises(OutOfRange, match="give per cent"):
        human_capital(rows.with_columns(pl.col("^h[1-9]$") / 100))
    with pytest.raises(OutOfRange, match=r"A 2004: 99\.00"):
        human_capital(rows.drop("h9"))
    with pytest.raises(MissingColumn, match="h8"):
        human_capital(rows.drop("h8"))
    gap = human_capital(Table("education", rows.with_columns(h1=pl.Series([None, 2.0]))))
    assert gap.polars()["region"].to_list() == ["B"]
    assert "a schooling share missing" in [e.reason for e in gap.account]


def test_winsorise_golden() -> None:
    """METHODS 4.1, G6: on 1..20 p5, p95 = 1.5, 19.5; on 1..21 the positions are not whole."""
    twenty = winsorise(pl.DataFrame({"x": range(1, 21)}), ["x"], cuts=(5, 95))["x"]
    assert (twenty.min(), twenty.max()) == (1.5, 19.5)
    table = winsorise(Table("panel", pl.DataFrame({"x": range(1, 22)})), ["x"], cuts=(5, 95))
    assert (table.polars()["x"].min(), table.polars()["x"].max()) == (2, 20)
    assert [(e.reason, e.rows) for e in table.account] == [("x below p5 = 2", 1), ("x above p95 = 20", 1)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.one_of(st.none(), st.floats(-9, 9))), min_size=1, max_size=50),
    st.sampled_from([(1, 99), (5, 95), (2.5, 97.5), (0, 90), (10, 100), (25, 75)]),
    st.booleans(),
)
def test_winsorise_agrees_with_numpy_within_groups(pairs, cuts, trim) -> None:
    frame = pl.DataFrame(pairs, schema={"g": pl.String, "x": pl.Float64}, orient="row")
    got = winsorise(frame, ["x"], cuts=cuts, by="g", trim=trim)
    expected = []
    for group, value in pairs:
        values = [v for g, v in pairs if g == group and v is not None]
        if value is None:
            expected.append(None)
            continue
        low, high = np.percentile(values, cuts, method="averaged_inverted_cdf")
        expected.append((None if trim else low) if value < low else (None if trim else high) if value > high else value)
    assert got["x"].to_list() == pytest.approx(expected)
    assert got["g"].to_list() == frame["g"].to_list()


def test_winsorise_leaves_missing_alone_and_refuses_nonsense() -> None:
    frame = pl.DataFrame({"x": [1.0, None, math.nan, 3.0], "g": ["a", "a", "b", None]})
    assert winsorise(frame, ["x"], cuts=(25, 75), by="g")["x"].to_list() == [1, None, None, 3]
    with pytest.raises(UnknownColumn, match="did you mean 'x'"):
        winsorise(frame, ["X"])
    with pytest.raises(NotANumber):
        winsorise(frame, ["g"])
    with pytest.raises(UsageError, match="cuts"):
        winsorise(frame, ["x"], cuts=(99, 1))
    with pytest.raises(UsageError, match="itself"):
        winsorise(frame, ["x"], by="x")
