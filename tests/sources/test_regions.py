"""Regions that are left out of a table, by their names in any script."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from integrade.engine.frames import Table
from integrade.geography import built_in
from integrade.sources import leave_out_regions, read_prices
from integrade.sources.meaning.regions import respell, same_region
from plainwords.account import warnings_of


def test_rows_of_flows_go_at_either_end() -> None:
    flows = pl.DataFrame(
        {"origin": ["A", "西藏", "A", None], "destination": ["B", "A", "Xizang", "A"], "year": [1] * 4}
    )

    found = leave_out_regions(Table("flows", flows), ["Tibet"])
    assert found.polars()["destination"].to_list() == ["B", "A"]
    assert [(e.kind, e.rows) for e in found.account] == [("dropped", 2)]
    same = pl.DataFrame({"firm": ["a"]})
    assert leave_out_regions(same, ["Tibet"]) is same
    assert same_region("São  Paulo", "sao paulo")
    assert not same_region("吉林市", "吉林")


def test_an_alias_ends_the_warning_of_a_name_that_is_no_region(tmp_path: Path) -> None:
    states = ("Johor", "Kedah", "Perak", "Sabah", "Selanger")
    draw = np.random.default_rng(1)
    rows = [(r, y, g, 100 + draw.normal(0, 3)) for r in states for y in range(2010, 2020) for g in ("a", "bc", "d")]
    file = tmp_path / "prices.csv"
    pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row").write_csv(file)
    read = read_prices(file)
    assert ["Selanger" in text for text in warnings_of(read.account)] == [True]
    answered = respell(read, built_in()["MY"].called({"Selanger": "Selangor"}))
    assert warnings_of(answered.account) == ()
    assert "Selangor" in answered.polars()["region"].to_list()
