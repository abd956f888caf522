"""The benchmarks say what got worse, how costs grow, and run: not how long anything takes."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("bench")
    for name in ("bench", "contests"):
        sys.modules.pop(name, None)


def figures(measured: float, *, ratio: bool = True, cpu: float = 1.0, size: int = 10) -> dict[str, object]:
    target = {"tool": "ours", "target": 1.0, "measured": measured, "ratio": ratio}
    return {"contests": {"fit": {"size": size, "targets": [target], "tools": {"ours": {"cpu": cpu}}}}}


def test_what_got_worse_is_told(bench: ModuleType) -> None:
    assert bench.worsened(figures(0.2), figures(0.22)) == []
    assert bench.worsened(figures(0.2), figures(0.24)) == ["fit, ours: 0.20 -> 0.24 x"]
    assert bench.worsened(figures(9, ratio=False), figures(20, ratio=False)) == []  # a busy machine: the same processor
    assert bench.worsened(figures(9, ratio=False), figures(9, ratio=False, cpu=1.2)) != []
    assert bench.worsened(figures(0.2, size=11), figures(0.4)) == []


def test_slopes_and_ratios(bench: ModuleType) -> None:
    sizes = [10, 100, 1000, 10_000]
    assert bench.slope(sizes, [s**1.5 for s in sizes]) == pytest.approx(1.5)
    found = {"ours": {"rounds": (2.0, 9.0, 3.0)}, "a": {"rounds": (1.0, 3.0, 4.0)}, "b": {"rounds": (4.0, 4.0, 1.0)}}
    assert bench.against(found, "ours", ("a", "b", "absent")) == 3.0


def test_a_contest_runs(bench: ModuleType) -> None:
    found = bench.measure("limits", 1, ("bytes read", "bytes copied"), 2, None)
    assert list(found) == ["bytes read", "bytes copied"]
    assert all(len(one.rounds) == 2 and one.peak > 0 for one in found.values())


SMALL = {"fit": 2000, "three": 5000, "cr3": 1, "quality": 100_000, "read": 1, "matching": 600, "regions": 5}


@pytest.mark.slow
@pytest.mark.parametrize("key", SMALL)
def test_every_contest_runs(bench: ModuleType, key: str) -> None:
    tools = tuple(t for t in bench.CONTESTS[key].tools if not t.startswith(("pyfixest", "R ", "peer: R")))
    assert set(bench.measure(key, SMALL[key], tools, 1, None)) == set(tools)


def test_a_file_of_figures(tmp_path: Path) -> None:
    out = tmp_path / "b.json"
    command = [sys.executable, FOLDER / "bench.py", "--only", "limits", "--rounds", "1", "--out", out]
    subprocess.run([*command, "--no-curves"], check=True, cwd=tmp_path, capture_output=True)
    again = subprocess.run([*command, "--compare", out], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert "nothing is more than 15% worse" in again.stdout
    assert set(json.loads(out.read_text())) == {"machine", "contests", "curves"}
