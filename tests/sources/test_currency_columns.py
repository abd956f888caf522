"""Columns that say row by row in which currency money is: by headings of any language, by cells under any heading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import integrade as ig
from each import each
from integrade.errors import MixedCurrencies

WORDS = (
    "Currency CURRENCY Valuta Moneda Moeda Devise Währung валюта 币种 币制 통화 通貨 Curr",
    "Mata Uang|Para Birimi|Kode Valuta|Mata wang|Loại tiền",
)
HEADINGS = [*WORDS[0].split(), *WORDS[1].split("|")]


def customs(
    folder: Path, heading: str, *, value: str = "value", codes: tuple[str, ...] = ("USD", "USD", "IDR")
) -> Path:
    """Customs records of one firm, a row for each of the currencies."""
    rows = [f"A,01012{i % 10},USA,{2004 + i // 10},{100 + i},10,{code}" for i, code in enumerate(codes)]
    file = folder / "c.csv"
    file.write_text("\n".join([f"firm,product,destination,year,{value},quantity,{heading}", *rows]), encoding="utf-8")
    return file


@each("heading", HEADINGS)
def test_a_column_of_currencies_is_known_by_its_heading(tmp_path: Path, heading: str) -> None:
    with pytest.raises(MixedCurrencies, match="IDR, USD"):
        ig.read_customs(customs(tmp_path, heading))
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,year,per_usd\nIDR,2004,10000\n", encoding="utf-8")
    table: Any = ig.read_customs(tmp_path / "c.csv", currency="USD", rates=str(rates))
    assert sorted(table.polars()["value"].to_list()) == pytest.approx([0.0102, 100, 101])


def test_accounts_in_several_currencies_are_refused_under_any_heading(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    for heading in ("Moneda", "zzz"):
        file.write_text(f"firm,year,assets,{heading}\nA,2004,3,MYR\nB,2004,4,USD\n", encoding="utf-8")
        with pytest.raises(MixedCurrencies, match="MYR, USD"):
            ig.read_firms(file)


def test_codes_of_several_currencies_are_asked_for_under_a_heading_that_nobody_knows(tmp_path: Path) -> None:
    codes = ("USD", "usd", "IDR", "USD") * 30 + ("??",)
    with pytest.raises(MixedCurrencies, match=r"'zzz' contains currencies \(IDR, USD") as caught:
        ig.read_customs(customs(tmp_path, "zzz", codes=codes))
    assert "'zzz': 'currency'" in caught.value.remedy.replace('"', "'")
    assert "'value': 'USD'" in caught.value.remedy.replace('"', "'")
    for told in ({"units": {"value": "USD"}}, {"columns": {"zzz": "invoices"}}):
        assert len(ig.read_customs(customs(tmp_path, "zzz", codes=codes), **told).polars()) == len(codes)


@pytest.mark.parametrize(
    "codes",
    [("USD", "USD", "USD"), ("USA", "CHN", "DEU"), ("KGM", "PCE", "USD"), ("", "", ""), ("Rupiah", "IDR", "rupiah")],
)
def test_other_texts_and_one_currency_pass(tmp_path: Path, codes: tuple[str, ...]) -> None:
    assert len(ig.read_customs(customs(tmp_path, "zzz", codes=codes)).polars()) == 3


@pytest.mark.parametrize("heading", ["Valuta", "zzz"])
def test_the_currency_of_invoices_is_no_matter_where_the_heading_of_the_value_states_its_own(
    tmp_path: Path, heading: str
) -> None:
    for columns in ({}, {"FOB value (USD)": "value"}):
        table: Any = ig.read_customs(customs(tmp_path, heading, value="FOB value (USD)"), columns=columns)
        assert sorted(table.polars()["value"].to_list()) == [100, 101, 102]


@pytest.mark.parametrize("heading", ["Valuta", "zzz"])
def test_currencies_in_words_are_those_of_their_codes(tmp_path: Path, heading: str) -> None:
    words = ("US Dollar", "Dólar", "Rupiah")
    with pytest.raises(MixedCurrencies, match="IDR, USD"):
        ig.read_customs(customs(tmp_path, heading, codes=words))
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,year,per_usd\nIDR,2004,10000\n", encoding="utf-8")
    told: Any = {"currency": "USD", "rates": str(rates), "columns": {heading: "currency"}}
    table: Any = ig.read_customs(tmp_path / "c.csv", **told)
    assert sorted(table.polars()["value"].to_list()) == pytest.approx([0.0102, 100, 101])
    assert "Dólar = USD; Rupiah = IDR; US Dollar = USD" in str(table.account)


def test_money_of_several_countries_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(MixedCurrencies, match=r"'zzz' contains currencies \(MXN, PESO"):
        ig.read_customs(customs(tmp_path, "zzz", codes=("Peso", "MXN", "Peso")))
