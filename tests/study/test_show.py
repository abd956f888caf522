"""Tables of a run by their names."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from integrade.errors import UnknownName
from integrade.study import show
from integrade.study.show import Found, find_table


def test_a_printed_table_is_found_by_its_name_and_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("account", "table4", "tableA10")
    printed = {name: Found(name, pl.DataFrame()) for name in names}
    monkeypatch.setattr(show, "last_run", lambda _: tmp_path)
    monkeypatch.setattr(show, "_printed", lambda _: printed)
    (tmp_path / "tables").mkdir()
    for given, name in {"A10": "tableA10", "a10": "tableA10", "tablea10": "tableA10", "4": "table4"}.items():
        assert find_table(given, tmp_path / "study").title == name
    for name in names:
        assert find_table(name, tmp_path / "study").title == name
    with pytest.raises(UnknownName, match="no table 'A11'"):
        find_table("A11", tmp_path / "study")
