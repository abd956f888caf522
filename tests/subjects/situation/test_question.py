"""The description of a study's data, from the tables of its steps."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from integrade.subjects.groups.question import Groups
from integrade.subjects.situation.question import situation


def test_without_a_split_the_distribution_of_the_panel_is_computed_once(tmp_path: Path) -> None:
    panel = pl.DataFrame({"firm": ["a", "b", "c"] * 2, "year": [2001] * 3 + [2002] * 3})
    panel = panel.with_columns(quality=pl.Series([1.0, 2, 3, 4, 5, 6]), ownership=pl.Series(["state", "b", "b"] * 2))
    panel.write_parquet(tmp_path / "panel.parquet")
    for sections, splits in (((), [""]), ((Groups(by="ownership", how="ownership"),), ["", "ownership"])):
        regression, report = SimpleNamespace(outcome="quality"), SimpleNamespace(industries=None)
        study: Any = SimpleNamespace(section=lambda _, s=sections: s, regression=regression, report=report)
        found = situation(study, {"panel": tmp_path})
        assert [d.by for d in found.distributions] == splits
