"""docs/python.md: its code runs, and every name that it mentions exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import integrade as ig

TEXT = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(block, names)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["coefficients.svg", "curve.svg", "table.tex"]
    assert len(names["fits"]) == 2  # type: ignore[arg-type]
    assert "Quality and market integration" in (tmp_path / "table.tex").read_text(encoding="utf-8")


def test_every_name_exists() -> None:
    mentioned = re.findall(r"ig\.([a-z_]+)\.([A-Za-z_]+)", TEXT)
    assert len(mentioned) >= 10
    for space, name in mentioned:
        assert hasattr(getattr(ig, space), name), f"{space}.{name}"
