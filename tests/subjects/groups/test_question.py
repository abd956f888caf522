"""The section [[groups]]: where the groups of a list come from."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from integrade.subjects.groups.question import Groups, grouped, title_of


def test_groups_of_a_list_stand_in_the_panel_under_the_name_of_their_codes(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "kinds.csv").write_text("code,group\n13,labour\n31,capital\n", encoding="utf-8")
    section = Groups(by="industry", how="list", file="lists/kinds.csv")
    rows, by = grouped(pl.DataFrame({"industry": ["1310", "3120", "4010"]}), section, tmp_path)
    assert by == "industry_group"
    assert rows.polars()[by].to_list() == ["labour", "capital", None]
    assert title_of(section) == "industry"
