"""Money: units of columns, one currency by rates, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.cli import run
from integrade.errors import (
    IntegradeError,
    MixedCurrencies,
    NotANumber,
    RatesContradicted,
    UnitContradicted,
    UsageError,
)
from integrade.sources.meaning.units import split_heading
from integrade.sources.writing.stata_tables import write_labelled
from integrade.study.config import study_model
from integrade.study.data.tables import read_source
from integrade.study.inputs import everything_of

FIRMS = """firm,year,region,assets,net_profit,founded
A,2004,S,380,38,2000
A,2005,S,400,20,2000
B,2004,T,100,5,1999
"""
RATES = "currency,year,per_usd,per_ppp\nMYR,2004,3.8,1.5\nMYR,2005,3.79,1.6\nEUR,2004,0.8,0.9\nEUR,2005,0.8,0.9\n"
RINGGIT = {"assets": "thousand MYR", "net_profit": "thousand MYR"}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "f.csv").write_text(FIRMS, encoding="utf-8")
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    return tmp_path


def read(files: Path, **how: Any) -> pl.DataFrame:
    """The accounts of the folder."""
    table: Any = ig.read_firms(files / "f.csv", **how)
    rows: pl.DataFrame = table.polars()
    return rows


def test_a_unit_makes_single_units_and_is_in_the_account(files: Path) -> None:
    table: Any = ig.read_firms(files / "f.csv", units=RINGGIT)
    assert table.polars()["assets"].to_list() == [380_000, 400_000, 100_000]
    assert "assets, net_profit: in thousand MYR. Values are multiplied by 1,000 and converted to MYR" in str(
        table.account
    )


def test_rates_make_one_currency_by_the_year_of_the_row(files: Path) -> None:
    rates = str(files / "rates.csv")
    found = read(files, units=RINGGIT, currency="USD", rates=rates)
    assert found["assets"].to_list() == pytest.approx([100_000, 400_000 / 3.79, 100_000 / 3.8])
    euros = read(files, units=RINGGIT, currency="EUR", rates=rates)
    assert euros["assets"].to_list() == pytest.approx([80_000, 400_000 * 0.8 / 3.79, 80_000 / 3.8])
    parity = read(files, units=RINGGIT, currency="PPP", rates=rates)
    assert parity["net_profit"].to_list() == pytest.approx([38_000 / 1.5, 20_000 / 1.6, 5_000 / 1.5])
    same = read(files, units=RINGGIT, currency="MYR", rates=rates)
    assert same["assets"].to_list() == [380_000, 400_000, 100_000]
    (files / "other.csv").write_text("currency,year,in_usd\nMYR,2004,0.25\nMYR,2005,0.2\n", encoding="utf-8")
    other = read(files, units=RINGGIT, currency="USD", rates=str(files / "other.csv"))
    assert other["assets"].to_list() == pytest.approx([95_000, 80_000, 25_000])


@pytest.mark.parametrize(
    ("how", "kind", "told"),
    [
        ({"units": {"assets": "thousand MYR", "net_profit": "USD"}}, MixedCurrencies, "several currencies: MYR, USD"),
        ({"units": {"assets": "zorkmid"}}, UsageError, "not a known unit"),
        ({"units": {"assets": "$"}}, UsageError, "not a known unit"),
        ({"units": {"asets": "MYR"}}, UsageError, "no column 'asets'"),
        ({"units": RINGGIT, "currency": "USD"}, UsageError, "needs rates"),
        ({"currency": "USD", "rates": "rates.csv"}, UsageError, "is not stated"),
        ({"units": RINGGIT, "currency": "BRL", "rates": "rates.csv"}, MixedCurrencies, "no rate for"),
        ({"units": RINGGIT, "currency": "USD", "rates": "wrong.csv"}, RatesContradicted, "contradicts its heading"),
        ({"units": RINGGIT, "currency": "USD", "rates": "f.csv"}, UsageError, "not a table of rates"),
        ({"units": {"assets": "MYR"}, "currency": "USD", "rates": "rates.csv"}, UsageError, "currency of net_profit"),
        ({"units": RINGGIT, "currency": "USD", "rates": "zero.csv"}, RatesContradicted, "not positive"),
        ({"units": RINGGIT, "currency": "USD", "rates": "both.csv"}, RatesContradicted, "in both directions"),
        ({"units": RINGGIT, "currency": "USD", "rates": "fiscal.csv"}, NotANumber, "year of fiscal.csv"),
    ],
)
def test_what_is_not_certain_about_money_is_refused_with_a_remedy(
    files: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], kind: type[IntegradeError], told: str
) -> None:
    (files / "zero.csv").write_text("currency,year,in_usd\nMYR,2004,0.263\nMYR,2005,0\n", encoding="utf-8")
    (files / "both.csv").write_text("currency,year,per_usd,in_usd\nMYR,2004,3.8,0.5\n", encoding="utf-8")
    (files / "fiscal.csv").write_text("currency,year,per_usd\nMYR,2004/05,3.8\n", encoding="utf-8")
    (files / "wrong.csv").write_text("currency,year,per_usd\nMYR,2004,0.263\nMYR,2005,0.264\n", encoding="utf-8")
    monkeypatch.chdir(files)
    with pytest.raises(kind, match=told) as caught:
        ig.read_firms("f.csv", **how)
    assert caught.value.remedy


def test_a_column_of_currencies_counts_for_all_money_and_says_what_it_became(files: Path) -> None:
    text = "firm,year,assets,sales,employees,currency\nA,2004,380,38,5,MYR\nB,2004,100,10,5,USD\n"
    (files / "g.csv").write_text(text, encoding="utf-8")
    how: dict[str, Any] = {"currency": "USD", "rates": str(files / "rates.csv")}
    table: Any = ig.read_firms(files / "g.csv", **how)
    rows = table.polars()
    assert rows["assets"].to_list() == pytest.approx([100, 100])
    assert rows["sales"].to_list() == pytest.approx([10, 10])
    assert rows["employees"].to_list() == [5, 5]
    assert rows["currency"].to_list() == ["USD", "USD"]
    with pytest.raises(MixedCurrencies, match="in USD, but its column currency states MYR, USD") as refused:
        ig.read_firms(files / "g.csv", units={"assets": "million USD"}, **how)
    assert "thousand" in refused.value.remedy
    scaled: Any = ig.read_firms(files / "g.csv", units={"assets": "thousand"}, **how)
    assert scaled.polars()["assets"].to_list() == pytest.approx([100_000, 100_000])


CUSTOMS = """firm,product,destination,year,value,quantity,currency
A,010121,USA,2004,380,10,MYR
A,010121,USA,2004,100,5,usd
B,010121,USA,2004,50,5,USD
"""


def test_customs_values_in_several_currencies_are_refused_or_converted_never_summed(files: Path) -> None:
    file = files / "c.csv"
    file.write_text(CUSTOMS, encoding="utf-8")
    with pytest.raises(MixedCurrencies, match="MYR, USD"):
        ig.read_customs(file)
    table: Any = ig.read_customs(file, currency="USD", rates=str(files / "rates.csv"))
    rows = table.polars()
    assert "currency" not in rows.columns
    assert sorted(rows["value"].to_list()) == pytest.approx([50, 100, 100])
    assert rows["value"].sum() == pytest.approx(250)


def test_one_key_in_python_on_the_command_line_and_in_a_study(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--unit", "assets=thousand MYR", "--unit", "net_profit=thousand MYR", "--unit", "sales=thousand MYR"]
    rates = ["--currency", "USD", "--rates", str(files / "rates.csv")]
    text = FIRMS.replace("net_profit", "sales,net_profit").replace(",38,", ",1,38,").replace(",20,", ",1,20,")
    (files / "g.csv").write_text(text.replace(",5,1999", ",1,5,1999"), encoding="utf-8")
    assert (
        run(["clean", str(files / "g.csv"), "--rules", "cai_liu", "--out", str(files / "o.csv"), *flags, *rates]) == 0
    )
    assert pl.read_csv(files / "o.csv")["assets"].to_list() == pytest.approx([100_000, 400_000 / 3.79, 100_000 / 3.8])
    assert "USD by the rates of rates.csv" in capsys.readouterr().err


def test_the_hadlock_pierce_index_needs_the_rate_of_a_currency(files: Path) -> None:
    firms = read(files)
    with pytest.raises(UsageError, match="assets are in MYR") as caught:
        ig.firm_controls(firms, fic="sa_index", currency_unit="thousand MYR")
    assert "per_usd" in caught.value.remedy
    own = ig.firm_controls(firms, fic="sa_index", currency_unit="million MYR", per_usd=3.8)
    dollars = firms.with_columns(pl.col("assets") / 3.8)
    known = ig.firm_controls(dollars, fic="sa_index", currency_unit="million 2004 USD")
    assert own["fic"].to_list() == pytest.approx(known["fic"].to_list())


def test_a_study_says_units_and_rates_in_the_section_of_a_table(files: Path) -> None:
    section = {"files": ["f.csv"], "units": RINGGIT, "currency": "USD", "rates": "rates.csv"}
    study = study_model().model_validate({"title": "t", "firms": section})
    assert study.firms is not None
    assert files / "rates.csv" in everything_of(study.firms, files)  # hashed, so that other rates run it again
    found = read_source("firms", study.firms, files, "polars").polars()
    assert found["assets"][0] == pytest.approx(100_000)


@pytest.mark.parametrize(
    ("euros", "why"),
    [
        ((0.75, 1.39, 0.78), "far from those of adjacent years"),
        ((1.33, 0.72, 0.78), "inverse"),
        ((0.75, 0.72, 1.28), "inverse"),
    ],
)
def test_a_rate_that_is_turned_in_one_year_is_refused(files: Path, euros: tuple[float, ...], why: str) -> None:
    rows = "".join(f"EUR,{2004 + i},{rate}\n" for i, rate in enumerate(euros))
    (files / "rates.csv").write_text(f"currency,year,per_usd\n{rows}", encoding="utf-8")
    with pytest.raises(RatesContradicted, match=why) as caught:
        read(files, units={"assets": "EUR", "net_profit": "EUR"}, currency="USD", rates=str(files / "rates.csv"))
    assert caught.value.example.startswith("EUR 200")
    right = "currency,year,per_usd\nEUR,2004,0.75\nEUR,2005,0.72\nEUR,2006,0.78\n"
    (files / "rates.csv").write_text(right, encoding="utf-8")
    assert (
        read(files, units={"assets": "EUR", "net_profit": "EUR"}, currency="USD", rates=str(files / "rates.csv")).height
        == 3
    )


def test_devaluations_are_no_slips(files: Path) -> None:
    pesos = (1.0, 1.0, 3.06, 2.9)
    rows = "".join(f"ARS,{2003 + i},{rate}\n" for i, rate in enumerate(pesos))
    (files / "rates.csv").write_text(f"currency,year,per_usd\n{rows}", encoding="utf-8")
    assert (
        read(files, units={"assets": "ARS", "net_profit": "ARS"}, currency="USD", rates=str(files / "rates.csv")).height
        == 3
    )


def test_a_file_that_says_no_currency_is_told(tmp_path: Path) -> None:
    for year, heading in ((2010, "Value (USD)"), (2011, "Value")):
        text = f"firm,product,destination,year,{heading},quantity\nF,870322,USA,{year},1000,10\n"
        (tmp_path / f"c{year}.csv").write_text(text, encoding="utf-8")
    table: Any = ig.read_customs(tmp_path)
    (told,) = [e for e in table.account if e.kind == "warning"]
    assert str(told.reason) == (
        "value is in USD by the heading Value (USD); c2011.csv states no unit and is assumed to be in the same"
    )


def test_weights_in_two_units_are_no_currencies(tmp_path: Path) -> None:
    for year, unit in ((2010, "kg"), (2011, "tonnes")):
        text = f"firm,product,destination,year,value,quantity ({unit})\nF,870322,USA,{year},1000,10\n"
        (tmp_path / f"c{year}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(IntegradeError, match="quantity is in different units in the files") as caught:
        ig.read_customs(tmp_path)
    assert "one unit in the files" in str(caught.value.remedy)


@each(
    ("heading", "unit"),
    [
        ("매출액(백만원)", "million KRW"),
        ("자산총계 (천원)", "thousand KRW"),
        ("수출액(천 달러)", "thousand USD"),
        ("직원(명)", "persons"),
        ("Toplam varlıklar (bin TL)", "thousand TRY"),
        ("Satışlar (milyon TL)", "million TRY"),
    ],
)
def test_units_of_korean_and_turkish_headings(heading: str, unit: str) -> None:
    assert str(split_heading(heading)[1]) == unit


LABELLED = {"firm": "Firm", "year": "Year", "assets": "Total aset, juta rupiah", "sales": "Penjualan (juta rupiah)"}


def test_units_of_the_labels_of_a_stata_file_are_those_of_headings(tmp_path: Path) -> None:
    rows = pl.DataFrame({"firm": ["A", "B"], "year": [2004, 2004], "assets": [3.0, 4.0], "sales": [1.0, 2.0]})
    write_labelled(rows, tmp_path / "f.dta", LABELLED, {})
    table: Any = ig.read_firms(str(tmp_path / "f.dta"))
    assert table.polars().sort("firm")["assets"].to_list() == [3e6, 4e6]
    assert table.units["sales"] == "IDR"
    assert "assets, sales: in million IDR, as the file states. Values are multiplied by 1,000,000" in str(table.account)
    write_labelled(rows, tmp_path / "g.dta", {**LABELLED, "sales": "Penjualan"}, {})
    with pytest.raises(
        UnitContradicted, match="assets is in million IDR, but the file does not state the unit of sales"
    ):
        ig.read_firms(str(tmp_path / "g.dta"))
