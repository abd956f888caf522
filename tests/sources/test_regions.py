"""Regions that are left out of a table, by their names in any script."""

from __future__ import annotations

import polars as pl

from integrade.frames import Table
from integrade.sources import leave_out_regions
from integrade.sources.regions import same_region


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
