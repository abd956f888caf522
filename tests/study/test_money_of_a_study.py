"""From accounts in RM'000 to dollars, international dollars and real terms: a study with tables of rates and prices."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import integrade as ig
from foreign_files import LANGUAGES, YEARS, truth
from integrade.cli import run

PER_USD = dict(zip(YEARS, (3.22, 3.06, 3.09, 3.15, 3.27, 3.91), strict=True))
PER_PPP = dict(zip(YEARS, (1.5, 1.48, 1.45, 1.42, 1.4, 1.41), strict=True))
PRICES = dict(zip(YEARS, (100.0, 103.0, 105.0, 107.0, 110.0, 112.0), strict=True))
UNINVITED = ("yuan", "2004 usd", "rmb", "cny", "state-owned", "province", "人民币")


def headed(table: str) -> pl.DataFrame:
    """A table of the Malaysian files under its English headings."""
    rows = truth()[table]
    return rows.rename(dict(zip(rows.columns, getattr(LANGUAGES["en"], table), strict=True)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Accounts with sales in RM'000, rates and deflators, and the study that is proposed for them."""
    raw = tmp_path / "raw"
    raw.mkdir()
    firms = headed("firms")
    firms.with_columns(pl.col("Total assets (RM'000)").mul(1.3).alias("Sales (RM'000)")).write_csv(raw / "accounts.csv")
    headed("prices").write_csv(raw / "cpi.csv")
    headed("customs").write_csv(raw / "exports.csv")
    rates = {"currency": "MYR", "year": list(YEARS), "per_usd": list(PER_USD.values())}
    pl.DataFrame(rates).with_columns(per_ppp=pl.Series(list(PER_PPP.values()))).write_csv(raw / "rates.csv")
    pl.DataFrame({"year": list(YEARS), "PPI": list(PRICES.values())}).write_csv(raw / "deflators.csv")
    assert run(["new", str(tmp_path / "study"), "--from", str(raw)]) == 0
    return tmp_path / "study"


def converted(folder: Path, currency: str) -> None:
    """Answer the question about currency, and print the report as text alone."""
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8").replace('\n# currency = "USD"', f'\ncurrency = "{currency}"')
    text = text.replace('\n# rates = "../raw/rates.csv"', '\nrates = "../raw/rates.csv"')
    text = text.replace("\ncontrols = ", "\nwild = 0\ncontrols = ")
    file.write_text(f'{text}\n[report]\nformats = ["md"]\n', encoding="utf-8")


def test_rates_and_deflators_are_proposed_and_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "study.toml").read_text(encoding="utf-8")
    study, head = tomllib.loads(text), text.partition("title =")[0]
    assert study["deflators"] == {
        "files": ["../raw/deflators.csv"],
        "output": ["sales"],
        "columns": {"PPI": "output_price"},
    }
    assert 'rates = "../raw/rates.csv"' in head
    assert "currency" not in study["firms"]
    assert run(["check", str(folder), "-v"]) == 0, capsys.readouterr()
    converted(folder, "USD")
    assert run(["check", str(folder), "-v"]) == 0, capsys.readouterr()
    assert "in USD by the rates of rates.csv" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("currency", "rates"), [("USD", PER_USD), ("PPP", PER_PPP)])
def test_accounts_become_that_currency_and_real(
    folder: Path, currency: str, rates: dict[int, float], capsys: pytest.CaptureFixture[str]
) -> None:
    converted(folder, currency)
    assert run(["run", str(folder)]) == 0, capsys.readouterr()
    done: Any = ig.load_run(folder)
    panel = done.panel.polars()
    right = {(f, y): 1000 * a for f, y, a in truth()["firms"].select("firm", "year", "assets").iter_rows()}
    assert panel.height > 400
    for firm, year, scale, sales, real in panel.select("firm", "year", "scale", "sales", "real_sales").iter_rows():
        assets = right[firm, year] / rates[year]
        assert scale == pytest.approx(math.log(assets), rel=1e-12)
        assert sales == pytest.approx(1.3 * assets, rel=1e-12)
        assert real == pytest.approx(1.3 * assets / (PRICES[year] / PRICES[YEARS[0]]), rel=1e-12)
    (report,) = (folder / "runs").glob("*/report/report.md")
    said = report.read_text(encoding="utf-8")
    assert f"Scale: ln total assets in {currency}" in said
    assert not [word for word in UNINVITED if word in said.casefold()]


def test_nothing_chinese_is_in_a_study_of_another_country(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = (folder / "study.toml").read_text(encoding="utf-8").casefold()
    assert not [word for word in (*UNINVITED, "east", "west") if word in said]
    for kind in ("study", "index", "quality", "panel"):
        assert run(["new", str(folder.parent / "kinds" / kind), "--kind", kind]) == 0
        text = (folder.parent / "kinds" / kind / "study.toml").read_text(encoding="utf-8")
        live = "\n".join(line.partition("#")[0] for line in text.splitlines()).casefold()
        assert not [word for word in UNINVITED if word in live], kind
    capsys.readouterr()
