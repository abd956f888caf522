"""Accounts in several files, joined by firm and year."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import integrade as ig
from foreign_files import LANGUAGES, truth, workbook
from integrade.cli import run
from integrade.errors import MixedCurrencies, UnitContradicted
from integrade.sources.tables.several_files import with_accounts_beside
from integrade.study.config import study_model
from integrade.study.data.tables import read_source
from integrade.study.inputs import everything_of

BALANCE = "Company ID,Year,State,Total assets (RM'000)\nA,2004,Johor,3\nA,2005,Johor,4\nB,2004,Perak,5\n"
INCOME = "Firm code,FY,State,Net profit (RM)\nA,2004,Johor,30\nA,2005,Kedah,40\nC,2004,Perak,50\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "balance.csv").write_text(BALANCE, encoding="utf-8")
    (tmp_path / "income.csv").write_text(INCOME, encoding="utf-8")
    return tmp_path


def read(path: Path, **how: Any) -> Any:
    return ig.read_firms(path, **how)


def test_accounts_of_two_files_are_one_table_and_every_row_is_counted(files: Path) -> None:
    other = read(files / "income.csv", columns={"Firm code": "firm"})
    both = with_accounts_beside(read(files / "balance.csv"), other)
    assert both.polars().rows() == [
        ("A", 2004, "Johor", 3000.0, 30.0),
        ("A", 2005, "Johor", 4000.0, 40.0),
        ("B", 2004, "Perak", 5000.0, None),
    ]
    assert both.units == {"assets": "MYR", "net_profit": "MYR"}
    said = str(both.account)
    assert "net_profit; 2 of 3 firm-years have them" in said
    assert "1 row dropped: firm-years of further accounts that are absent from the first file" in said
    assert "region differs between two files of accounts in 1 rows" in said


@pytest.mark.parametrize(
    ("heading", "kind", "told"),
    [
        ("Net profit (USD)", MixedCurrencies, "are in MYR and in USD"),
        ("Net profit", UnitContradicted, "does not state the unit of net_profit"),
    ],
)
def test_two_files_in_different_or_unknown_units_are_refused(
    files: Path, heading: str, kind: type[Exception], told: str
) -> None:
    text = INCOME.replace("Net profit (RM)", heading)
    (files / "income.csv").write_text(text, encoding="utf-8")
    with pytest.raises(kind, match=told):
        with_accounts_beside(read(files / "balance.csv"), read(files / "income.csv", columns={"Firm code": "firm"}))


def test_a_section_of_a_study_reads_them(files: Path) -> None:
    beside = [{"files": ["income.csv"], "columns": {"Firm code": "firm"}}]
    study = study_model().model_validate({"title": "t", "firms": {"files": ["balance.csv"], "beside": beside}})
    assert study.firms is not None
    assert files / "income.csv" in everything_of(study.firms, files)
    rows = read_source("firms", study.firms, files, "polars").polars()
    assert rows["net_profit"].to_list() == [30, 40, None]


def test_an_income_statement_beside_a_balance_sheet_is_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, named = tmp_path / "raw", LANGUAGES["en"].firms
    raw.mkdir()
    for table in ("prices", "customs"):
        rows = truth()[table]
        rows.rename(dict(zip(rows.columns, getattr(LANGUAGES["en"], table), strict=True))).write_csv(
            raw / f"{table}.csv"
        )
    firms = truth()["firms"].rename(dict(zip(truth()["firms"].columns, named, strict=True)))
    workbook(raw / "balance_sheet.xlsx", firms.drop("Net profit (RM'000)"), "Balance sheets")
    firms.select("Company ID", "Financial year", "Net profit (RM'000)").write_csv(raw / "income.csv")
    assert run(["new", str(tmp_path / "study"), "--from", str(raw)]) == 0
    text = (tmp_path / "study" / "study.toml").read_text(encoding="utf-8")
    study = tomllib.loads(text)
    (one,) = study["firms"]["beside"]
    assert one["files"] == ["../raw/income.csv"]
    assert one["units"] == {"net_profit": "thousand MYR"}
    assert "90 of 90 firms are in both" in text
    assert "roa" in study["regression"]["controls"]
    assert run(["check", str(tmp_path / "study"), "-v"]) == 0, capsys.readouterr()
    assert "540 of 540 firm-years have them" in capsys.readouterr().err
    other = truth()["firms"].select(pl.col("firm").str.replace("MY", "TH"), "year", "net_profit")
    other.rename({"firm": "Company ID", "net_profit": "Net profit (RM'000)"}).write_csv(raw / "income.csv")
    assert run(["new", str(tmp_path / "again"), "--from", str(raw)]) == 0
    assert "[[firms.beside]]" not in (tmp_path / "again" / "study.toml").read_text(encoding="utf-8")
