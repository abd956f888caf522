"""A unit that changes between two years is said; what firms do by themselves is not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
from integrade.engine.frames import enter
from integrade.sources.tables.unit_changes import unit_changes
from plainwords.account import warnings_of
from plainwords.texts import in_language

FIRMS, YEARS = 40, range(2014, 2021)


def accounts(**factors: dict[int, float]) -> pl.DataFrame:
    """Firms with lognormal accounts, which grow by a tenth a year; a column times a factor in some years."""
    rng = np.random.default_rng(4)
    size = rng.lognormal(12, 1.5, FIRMS)
    rows = pl.DataFrame(
        [
            {"firm": f"f{i}", "year": t, "region": "A", "assets": s * 1.1 ** (t - 2014), "net_profit": s * rng.normal()}
            for i, s in enumerate(size)
            for t in YEARS
        ]
    )
    return rows.with_columns(
        pl.col(name) * pl.col("year").replace_strict(list(years), list(years.values()), default=1.0)
        for name, years in factors.items()
    )


def said(rows: pl.DataFrame, **units: str) -> list[str]:
    return [str(e.reason) for e in unit_changes(enter(rows), "firms", units)]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_assets_in_thousands_from_one_year_on(engine: str, tmp_path: Path) -> None:
    accounts(assets=dict.fromkeys(range(2018, 2021), 1000.0)).write_csv(tmp_path / "firms.csv")
    found = [
        text for text in warnings_of(ig.read_firms(tmp_path / "firms.csv", engine=engine).account) if "2018" in text
    ]
    assert [str(text) for text in found] == [
        "assets: values of 2018 are about 1,000 times those of 2017 (geometric means). If the unit or the currency "
        "changed between these years, convert the file to one unit. integrade assumes one unit throughout"
    ]
    assert in_language(found[0], "zh").startswith("资产：2018 年的数值约为 2017 年的 1,000 倍")


def test_one_year_in_another_unit_is_two_steps_and_columns_alike_are_one() -> None:
    rows = accounts(assets={2016: 1e-6}, net_profit={2016: 1e-6})
    assert [text.split(" (")[0] for text in said(rows)] == [
        "assets and net_profit: values of 2015 are about 1,000,000 times those of 2016",
        "assets and net_profit: values of 2017 are about 1,000,000 times those of 2016",
    ]


def test_what_firms_do_is_no_change_of_units() -> None:
    assert said(accounts()) == []
    assert said(accounts(assets={2020: 40.0})) == []
    few = accounts(assets={2020: 1000.0}).filter((pl.col("year") < 2020) | pl.col("firm").is_in(["f1", "f2"]))
    assert said(few) == []
    zeros = accounts().with_columns(assets=pl.when(pl.col("year") == 2020).then(0.0).otherwise("assets"))
    assert said(zeros) == []


def test_a_further_column_with_a_unit_is_looked_at_and_a_code_is_not() -> None:
    rows = accounts().with_columns(sales=pl.col("assets") * pl.when(pl.col("year") > 2016).then(70).otherwise(1))
    assert said(rows) == []
    assert said(rows, sales="MXN")[0].startswith("sales: values of 2017 are about 77 times those of 2016")


def test_the_factor_is_that_of_geometric_means() -> None:
    rows = accounts(assets={2015: 60.0})
    logs = {t: math.fsum(rows.filter(pl.col("year") == t)["assets"].log()) / FIRMS for t in (2014, 2015)}
    assert f"about {math.exp(logs[2015] - logs[2014]):.0f} times" in said(rows)[0]
