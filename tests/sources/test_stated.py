"""Units that files state themselves: in headings and around numbers; what is refused where they contradict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

import integrade as ig
from each import each
from integrade.cli import run
from integrade.errors import IntegradeError, MixedCurrencies, UnitContradicted
from integrade.panel.controls import Controls, _controls, firm_controls
from integrade.sources.meaning.stated import money_columns, unit_with_sign
from integrade.sources.meaning.units import split_heading

KEYS = "Company ID,Year"
RATES = "currency,year,per_usd\nMYR,2004,3.8\nMYR,2005,3.79\n"


def firms(folder: Path, headings: str, *rows: str, name: str = "f.csv", **how: Any) -> Any:
    """Accounts under such headings, read."""
    text = "\n".join([f"{KEYS},{headings}", *(f"A,{2004 + i},{row}" for i, row in enumerate(rows))])
    (folder / name).write_text(text + "\n", encoding="utf-8")
    return ig.read_firms(folder / name, **how)


@each(
    ("heading", "factor", "unit"),
    [
        ("Total assets (RM'000)", 1_000, "MYR"),
        ("Total assets, USD million", 1_000_000, "USD"),
        ("总资产（万元）", 10_000, "CNY"),
        ("Total assets (in thousands)", 1_000, ""),
        ("Ativo total (mil reais)", 1_000, "BRL"),
        ("Total assets (₹ crore)", 10_000_000, "INR"),
        ("Bilanzsumme (Tsd. EUR)", 1_000, "EUR"),
        ("Tổng tài sản (triệu đồng)", 1_000_000, "VND"),
        ("Total aset (juta rupiah)", 1_000_000, "IDR"),
        ("Total assets (Rs. crore)", 10_000_000, ""),
        ("Total assets ($)", 1, ""),
        ("Total assets (USD mil)", 1, ""),
    ],
)
def test_the_unit_of_a_heading_is_applied_where_it_is_certain(
    tmp_path: Path, heading: str, factor: int, unit: str
) -> None:
    table = firms(tmp_path, f'"{heading}"', "3", "4")
    assert table.polars()["assets"].to_list() == [3 * factor, 4 * factor]
    assert table.units == ({"assets": unit} if unit else {})
    assert ("alues are multiplied by" in str(table.account)) == (factor > 1)
    assert ("whose scale is uncertain" in str(table.account)) == ("mil)" in heading)


@each("heading", ["receivables", "应收账款", "应收账款净额", "Accounts receivable"])
def test_one_unit_above_a_sheet_holds_for_all_that_a_control_divides(tmp_path: Path, heading: str) -> None:
    """A title gives thousands; receivables over assets stay the ratio of the cells, whatever the column is called."""
    book = tmp_path / "accounts.xlsx"
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "单位：千元")
        for i, row in enumerate(
            [["法人代码", "年份", "资产总计", heading], ["A1", 2004, 400, 100], ["A1", 2005, 500, 50]]
        ):
            sheet.write_row(1 + i, 0, row)
    read = ig.read_firms(book, columns={"法人代码": "firm", heading: "receivables"})
    assert read.units == {"assets": "CNY", "receivables": "CNY"}
    assert firm_controls(read).polars()["fic"].to_list() == [0.25, 0.1]


def test_every_account_that_a_control_divides_is_money() -> None:
    made_from = {name for control in _controls(Controls()) for name in control.needs}
    assert made_from - {"founded"} <= set(money_columns("firms"))


def test_columns_in_different_scales_become_comparable(tmp_path: Path) -> None:
    table = firms(tmp_path, 'Total assets (RM\'000),"Total liabilities, RM million",Net profit (RM)', "380,0.1,38000")
    assert table.polars().row(0)[2:] == (380_000, 100_000, 38_000)


def test_rates_need_no_unit_beside_the_headings(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    table = firms(tmp_path, "Total assets (RM'000)", "380", currency="USD", rates=str(tmp_path / "rates.csv"))
    assert table.polars()["assets"].to_list() == pytest.approx([100_000])
    assert table.units == {"assets": "USD"}


def test_other_columns_of_money_go_with_the_accounts_and_shares_stay(tmp_path: Path) -> None:
    table = firms(tmp_path, "Total assets (RM'000),Cash (RM'000),Share of exports (%),Orders (thousand kg)", "2,1,30,4")
    assert table.polars().row(0)[2:] == (2000, 1000, 30, 4)


def test_what_the_user_says_and_the_heading_must_agree(tmp_path: Path) -> None:
    own = firms(tmp_path, "Total assets (RM'000)", "2", units={"assets": "thousand MYR"})
    assert own.polars()["assets"].to_list() == [2000]
    named = firms(tmp_path, "Total assets (in thousands)", "2", units={"assets": "thousand MYR"})
    assert named.units == {"assets": "MYR"}
    open_ = firms(tmp_path, "Total assets (USD mil)", "2", units={"assets": "million USD"})
    assert open_.polars()["assets"].to_list() == [2_000_000]
    for wrong in ("million MYR", "thousand USD"):
        with pytest.raises(UnitContradicted, match=r'heading "Total assets .* states thousand MYR'):
            firms(tmp_path, "Total assets (RM'000)", "2", units={"assets": wrong})


def test_accounts_of_which_some_tell_no_unit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnitContradicted, match="the file does not state the unit of net_profit") as caught:
        firms(tmp_path, "Total assets (RM'000),Net profit", "380,38")
    assert 'units={"net_profit": "thousand MYR"}' in caught.value.remedy
    found = firms(tmp_path, "Total assets (RM'000),Net profit", "380,38", units={"net_profit": "thousand MYR"})
    assert found.polars()["net_profit"].to_list() == [38_000]
    given = firms(tmp_path, "Total assets,Net profit", "380,38", units={"assets": "thousand MYR"})
    assert "the unit of net_profit is not given" in str(given.account)
    assert firms(tmp_path, "Total assets (RM),Net profit", "380,38").polars()["net_profit"].to_list() == [38]


def test_the_currency_around_numbers_is_read_and_said(tmp_path: Path) -> None:
    table = firms(tmp_path, "Total assets", '"RM 1,234.50"', '"(RM 7.25)"')
    assert table.polars()["assets"].to_list() == [1234.5, -7.25]
    assert table.units == {"assets": "MYR"}
    assert "assets is in MYR, as its cells state" in str(table.account)
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    how = {"currency": "USD", "rates": str(tmp_path / "rates.csv")}
    assert firms(tmp_path, "Total assets", "RM 380", **how).polars()["assets"].to_list() == pytest.approx([100])
    german = firms(tmp_path, "Total assets", '"€1.234,50"', '"€7,25"')
    assert (german.polars()["assets"].to_list(), german.units) == ([1234.5, 7.25], {"assets": "EUR"})
    both = firms(tmp_path, "Total assets ('000)", "R$ 10", "R$ 20")
    assert (both.polars()["assets"].to_list(), both.units) == ([10_000, 20_000], {"assets": "BRL"})


@pytest.mark.parametrize("cells", [("RM 12.50", "$5.00"), ("$5", "€5"), ("¥5", "R$ 10"), ("100 USD", "100 EUR")])
def test_several_currencies_in_a_column_are_refused_with_two_rows(tmp_path: Path, cells: tuple[str, str]) -> None:
    with pytest.raises(MixedCurrencies) as caught:
        firms(tmp_path, "Total assets", *cells)
    assert caught.value.code == "D240"
    for i, cell in enumerate(cells, 1):
        assert f"data row {i}: Total assets={cell}" in caught.value.example
    book = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        for i, row in enumerate([("firm", "year", "assets"), *((f"F{k}", 2004, c) for k, c in enumerate(cells))]):
            sheet.write_row(i, 0, row)
    with pytest.raises(MixedCurrencies):
        ig.read_firms(book)


def test_one_currency_written_in_two_ways_is_one(tmp_path: Path) -> None:
    assert firms(tmp_path, "Total assets", "RM 5", "6 MYR").units == {"assets": "MYR"}


def test_a_heading_and_its_cells_must_agree(tmp_path: Path) -> None:
    with pytest.raises(MixedCurrencies, match="states MYR, but its cells state USD"):
        firms(tmp_path, "Total assets (RM)", "US$ 5")
    assert firms(tmp_path, "Total assets (USD)", "$5").units == {"assets": "USD"}
    assert str(unit_with_sign("x", split_heading("x ($'000)")[1], "USD")) == "thousand USD"


def test_files_of_one_table_must_agree(tmp_path: Path) -> None:
    firms(tmp_path, "Total assets (RM'000)", "2", name="2004.csv")
    for heading, kind in (("Total assets (USD)", MixedCurrencies), ("Total assets (RM million)", UnitContradicted)):
        (tmp_path / "2005.csv").write_text(f"{KEYS},{heading}\nA,2005,2\n", encoding="utf-8")
        with pytest.raises(kind, match="in different units in the files") as caught:
            ig.read_firms([tmp_path / "2004.csv", tmp_path / "2005.csv"])
        assert "2004.csv: thousand MYR; 2005.csv: " in caught.value.example


def test_a_declared_unit_is_that_of_files_that_state_none(tmp_path: Path) -> None:
    firms(tmp_path, "Total assets (RM'000)", "2", name="2004.csv")
    (tmp_path / "2005.csv").write_text(f"{KEYS},Total assets\nA,2005,3\n", encoding="utf-8")
    files = [tmp_path / "2004.csv", tmp_path / "2005.csv"]
    with pytest.raises(UnitContradicted) as caught:
        ig.read_firms(files)
    assert 'units={"assets": "thousand MYR"}' in caught.value.remedy
    assert ig.read_firms(files, units={"assets": "thousand MYR"}).polars()["assets"].to_list() == [2000, 3000]
    with pytest.raises(UnitContradicted, match="is given as million MYR"):
        ig.read_firms(files, units={"assets": "million MYR"})


def test_sales_are_converted_with_the_rows_currency(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    rows = ("MYR,380,38", "USD,100,10")
    how = {"currency": "USD", "rates": str(tmp_path / "rates.csv")}
    found = firms(tmp_path, "currency,assets,sales", *rows, **how).polars()
    assert found["sales"].to_list() == pytest.approx([10, 10])


def test_customs_values_are_in_single_units(tmp_path: Path) -> None:
    text = "firm,product,destination,year,FOB value (USD'000),quantity\nA,010121,USA,2004,2,3\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    table: Any = ig.read_customs(tmp_path / "c.csv")
    assert (table.polars()["value"].to_list(), table.units) == ([2000], {"value": "USD"})


def test_covariates_keep_the_unit_that_their_author_chose(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("region,year,Spending (RM million)\nJohor,2004,2\n", encoding="utf-8")
    table: Any = ig.read_covariates(tmp_path / "c.csv")
    assert table.polars()["Spending (RM million)"].to_list() == [2]


def test_the_hadlock_pierce_index_takes_the_unit_that_was_read(tmp_path: Path) -> None:
    table = firms(tmp_path, "Total assets (RM'000),founded", "380,1990", "400,1990")
    own = ig.firm_controls(table, fic="sa_index", per_usd=3.8)
    dollars = table.polars().with_columns(pl.col("assets") / 3.8)
    right = ig.firm_controls(dollars, fic="sa_index", currency_unit="USD")
    assert own.polars()["fic"].to_list() == pytest.approx(right["fic"].to_list())
    chinese = firms(tmp_path, "总资产（千元）,founded", "380,1990")
    given: list[dict[str, Any]] = [{}, {"currency_unit": "1000 yuan"}]
    same = [ig.firm_controls(chinese, fic="sa_index", **how).polars()["fic"][0] for how in given]
    plain = ig.firm_controls(chinese.polars(), fic="sa_index", currency_unit="yuan")["fic"][0]
    assert same == pytest.approx([plain, plain])
    with pytest.raises(UnitContradicted, match="assets are in MYR since they were read"):
        ig.firm_controls(table, fic="sa_index", currency_unit="1000 yuan")


def test_rules_in_yuan_take_the_unit_that_was_read(tmp_path: Path) -> None:
    rows = [f"{v},{v},{v},20,{v / 2},{v / 3},1990" for v in (4_000, 6_000)]
    told_in = "总资产（千元）,主营业务收入（千元）,工业总产值（千元）"
    headings = f"{told_in},从业人员,固定资产净值（千元）,流动资产合计（千元）,founded"
    table = firms(tmp_path, headings, *rows)
    told = ig.clean_firms(table, rules="nie_jiang_yang")
    assert "not applied, because currency_unit is not given" not in str(told.account)
    assert told.polars()["sales"].to_list() == [6_000_000]
    ringgit = firms(tmp_path, headings.replace("千元", "RM'000"), *rows)
    assert "not applied, because currency_unit is not given" in str(
        ig.clean_firms(ringgit, rules="nie_jiang_yang").account
    )
    with pytest.raises(IntegradeError, match="sales are in MYR"):
        ig.clean_firms(ringgit, rules="nie_jiang_yang", currency_unit="yuan")


def test_the_command_line_reads_units_from_headings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    text = f"{KEYS},Sales (RM'000),Total assets (RM'000),Net profit\nA,2004,1,380,38\n"
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    call = ["clean", str(tmp_path / "f.csv"), "--rules", "cai_liu", "--out", str(tmp_path / "o.csv")]
    assert run(call) == 1
    assert '--unit "net_profit=thousand MYR"' in capsys.readouterr().err
    money = ["--currency", "USD", "--rates", str(tmp_path / "rates.csv")]
    assert run([*call, "--unit", "net_profit=thousand MYR", *money]) == 0
    assert pl.read_csv(tmp_path / "o.csv")["assets"].to_list() == pytest.approx([100_000])


@each(
    "above",
    [
        "(in RM'000)",
        "Unit: RM'000",
        "单位：千元",
        "Valores em R$ mil",
        "Balance general (miles de pesos mexicanos)",
        "Bilanz (Tsd. EUR)",
        "Accounts in RM'000",
    ],
)
def test_the_unit_above_the_headings_is_that_of_all_money(tmp_path: Path, above: str) -> None:
    rows = [
        ("Annual accounts",),
        (above,),
        (),
        ("Company ID", "Year", "Total assets", "Sales (USD)", "Employees"),
        ("A", 2004, 3, 4, 5),
    ]
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as made:
        sheet = made.add_worksheet()
        for i, row in enumerate([*rows, ("B", 2004, 3, 4, 5)]):
            sheet.write_row(i, 0, row)
    table: Any = ig.read_firms(tmp_path / "f.xlsx", columns={"Sales (USD)": "exports"})
    certain = not above.startswith("Accounts")
    assert table.polars()["assets"].to_list() == [3000 if certain else 3] * 2
    assert table.polars()["exports"].to_list() == [4, 4]
    assert table.polars()["employees"].to_list() == [5, 5]
