"""`INTEGRADE_MEMORY` holds for every option of quality, and the disk that rows beyond it need is checked first."""

from __future__ import annotations

import math
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from integrade.cli import run
from integrade.engine import frames
from integrade.engine.frames import Table, require_disk
from integrade.errors import SystemRefusal
from integrade.quality import demand_residual, product_features, standardise
from quality.test_arranged import customs

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ROWS, BUDGET = 1_000_000, 96  # MB: 40% of what `auto` counts for six columns
SLACK = 24  # MB: allowed above the budget, because threads and allocators keep memory; a convention
MANY = 16_900_000
"""Rows of a table whose fortieth, by what `auto` counts, is `BUDGET`."""
TOLD = "may exceed the budget"
LARGE = ("level row", "level firm_product", "level ladder")
"""What holds at a fortieth; results by firm-year take 240 MB there (docs/scale.md)."""
SHORT = ("level row", "pool all, rank", "supply_demand")
LONG = (
    *("effects product+destination:year", "effects product:year+destination", "level row", "level firm_product"),
    *("level industry", "level region, base_year", "level destination", "level ladder", "level firm, base_year"),
    *("pool all, zscore, by row", "pool all, minmax_trim", "pool product_year, rank, by row", "pool product, none"),
    *("weights equal", "sigma iv", "sigma soderbery", "unit_value product:year", "nested_logit", "features by chapter"),
    *("rating", "supply_demand by row", "supply_demand, soderbery"),
)
"""Every value of every option that changes what is in memory; the benchmark has more of their combinations."""
linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


def check_budget(names: tuple[str, ...], folder: Path, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run options of the command line, two at a time, and compare their peaks with the budget."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import quality_memory

    large = quality_memory.table(rows, folder / "large.parquet")
    small = quality_memory.table(quality_memory.BASE, folder / "small.parquet")
    cases = {name: x for name, x in quality_memory.options().items() if name in names}
    assert len(cases) == len(names)
    with ThreadPoolExecutor(2) as pool:
        budget = f"{BUDGET}MB"
        base = quality_memory.run(small, cases[next(iter(cases))], budget, folder).anon
        peaks = dict(
            zip(cases, pool.map(lambda x: quality_memory.run(large, x, budget, folder), cases.values()), strict=True)
        )
    failed = {name: peak.printed for name, peak in peaks.items() if peak.code}
    assert not failed
    above = {name: (peak.anon - base) / 2**20 for name, peak in peaks.items()}
    over = {name: mb for name, mb in above.items() if mb > BUDGET + SLACK and TOLD not in peaks[name].printed}
    assert not over, over
    short = {name: peak.disk for name, peak in peaks.items() if peak.disk > (1 << 20) + quality_memory.told(peak)}
    assert not short, f"more than was said is on disk: {short}"


@linux
def test_the_budget_holds_for_some_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_budget(SHORT, tmp_path, ROWS // 2, monkeypatch)


@linux
@pytest.mark.full
def test_the_budget_holds_for_every_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_budget(LONG, tmp_path, ROWS, monkeypatch)


@linux
@pytest.mark.full
@pytest.mark.parametrize("name", LARGE)
def test_the_budget_holds_for_a_fortieth_of_the_table(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning names what a step needs; beyond a third of the budget this need is allowed, and no more.

    The table takes 5 GB while it is made, and 3 GB of disk while it is measured.
    """
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import quality_memory

    large = quality_memory.table(MANY, tmp_path / "large.parquet")
    small = quality_memory.table(quality_memory.BASE, tmp_path / "small.parquet")
    base, peak = (
        quality_memory.run(t, quality_memory.options()[name], f"{BUDGET}MB", tmp_path) for t in (small, large)
    )
    assert peak.code == 0, peak.printed
    needs = re.findall(r"take about ([\d.]+) MB at once", peak.printed)
    beyond = max([0.0, *(float(need) - BUDGET / 3 for need in needs)])
    assert (peak.anon - base.anon) / 2**20 < BUDGET + SLACK + beyond
    assert peak.disk <= (1 << 20) + quality_memory.told(peak)


def test_a_disk_without_room_is_told_before_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 16))
    monkeypatch.setenv("INTEGRADE_MEMORY", "0.3MB")
    with pytest.raises(SystemRefusal) as refused:
        demand_residual(Table("customs", customs()), sigma=5)
    for word in ("S301", str(tmp_path), "TMPDIR", "0.1 MB free", "0.4 MB"):
        assert word in str(refused.value)


@pytest.mark.parametrize("by", ["python", "command"])
def test_free_memory_is_found_out_once(by: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("INTEGRADE_MEMORY", raising=False)
    asked = list[int]()

    def less_each_time() -> int:
        asked.append((8 << 30) >> len(asked))
        return asked[-1]

    monkeypatch.setattr(frames, "free_memory", less_each_time)
    rows = customs()
    if by == "python":
        demand_residual(Table("customs", rows), sigma=5)
        assert len(asked) == 1
        demand_residual(Table("customs", rows), sigma=5)
        assert len(asked) == 2, "the next call asks again"
    else:
        rows.write_parquet(tmp_path / "customs.parquet")
        assert (
            run(["quality", str(tmp_path / "customs.parquet"), "--sigma", "5", "--out", str(tmp_path / "q.csv")]) == 0
        )
        assert len(asked) == 1


def test_what_goes_to_disk_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="integrade"):
        require_disk(3 << 20)
    assert "3.0 MB" in caplog.text


def test_no_budget_moves_a_digit_of_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum over all rows is that of fixed stretches, whatever the size of pieces."""
    y = np.sort(np.random.default_rng(1).normal(size=300_000))
    starts, found = np.array([0, len(y)]), set()
    for budget in ("6GB", "170MB", "70MB", "5MB"):
        monkeypatch.setenv("INTEGRADE_MEMORY", budget)
        found |= set(standardise._squares(y, np.array([0.1]), starts).tolist())
    (total,) = found
    assert total == pytest.approx(math.fsum((y - 0.1) ** 2), rel=1e-14)  # rounding of sums of 8,192 numbers


@pytest.mark.parametrize("by", ["all", "chapter"])
def test_no_budget_moves_a_digit_of_features(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over products are sums of products, whatever the size of blocks."""
    rows = customs(60_000).with_columns(wage=pl.col("value") / pl.col("quantity") + pl.col("year") / 3)
    found = []
    for budget in ("6GB", "70MB", "5MB"):
        monkeypatch.setenv("INTEGRADE_MEMORY", budget)
        found.append(product_features(Table("customs", rows), features=("wage",), by=by, level="row").polars())
    assert frames.batch_rows() == frames.LEAST_BATCH, "the last budget has pieces of their own size"
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])
