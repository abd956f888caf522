"""Relative prices of counties: 2,800 regions, 40 goods, 120 months, every pair (3.9 million a month), no pair table.

The compiled loop beside numpy (on some of the months, as it takes minutes), and the equality of both.
Run: python benchmarks/counties_speed.py [months] [rounds]
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numba import config

from integrade.engine.frames import Table
from integrade.integration import fast, relative_price
from integrade.records.schema import conform

REGIONS, GOODS = 2800, 40


def counties(months: int, *, missing: float = 0.0) -> Table:
    """Monthly link indices of every county and good, already through the door as `read_prices` gives them."""
    regions = pl.DataFrame({"region": [f"county {i:04d}" for i in range(REGIONS)]})
    times = pl.DataFrame(
        {"year": [2010 + t // 12 for t in range(months)], "month": [1 + t % 12 for t in range(months)]}
    )
    goods = pl.DataFrame({"commodity": [f"good {k:02d}" for k in range(GOODS)]})
    table = regions.join(times, how="cross").join(goods, how="cross")
    draw = np.random.default_rng(1)
    table = table.with_columns(index=pl.Series(100 * np.exp(draw.normal(0, 0.02, table.height))))
    if missing:
        table = table.filter(pl.Series(draw.random(table.height) >= missing))
    return Table("prices", table, conformed="prices")


class Time(NamedTuple):
    """Seconds on the clock, and of processors: on a machine that does other work too only the second is its own."""

    clock: float
    processors: float


def timed(run: Callable[[], Any]) -> tuple[Time, Any]:
    start, used = time.perf_counter(), time.process_time()
    result = run()
    return Time(time.perf_counter() - start, time.process_time() - used), result


def in_numpy(table: Table, **options: Any) -> tuple[Time, Any]:
    """The same call with the compiled loop out of reach."""
    least, fast.LEAST = fast.LEAST, sys.maxsize
    try:
        return timed(lambda: relative_price(table, **options))
    finally:
        fast.LEAST = least


def line(label: str, took: Time, months: int) -> None:
    million = REGIONS * (REGIONS - 1) // 2 * GOODS * months / 1e6
    print(f"  {label:<44}{took.clock:9.2f}{took.processors:12.2f}{million / took.clock:16,.0f}")


def main(months: int, rounds: int) -> None:
    table = counties(months)
    few = min(months, 2)
    some = table.polars().filter((pl.col("year") == 2010) & (pl.col("month") <= few))
    short = Table("prices", some, conformed="prices")
    print(f"{REGIONS:,} regions, {GOODS} goods, {months} months, best of {rounds}, {config.NUMBA_NUM_THREADS} threads")
    print(f"  {'':<44}{'clock s':>9}{'processor s':>12}{'m pair-goods/s':>16}")
    relative_price(short)  # compiled, or read from the cache
    relative_price(short, se="jackknife")
    line(
        "compiled, from a table that was read",
        min(timed(lambda: relative_price(table))[0] for _ in range(rounds)),
        months,
    )
    line("  the check of a bare frame before it", timed(lambda: conform(table.polars(), "prices"))[0], months)
    for label, options in (("", {}), (", jackknife", {"se": "jackknife"})):
        quick, got = timed(lambda o=options: relative_price(short, **o))
        slow, expected = in_numpy(short, **options)
        line(f"compiled, {few} months{label}", quick, few)
        line(f"numpy, {few} months{label}", slow, few)
        apart = max(
            float((got.polars()[c] / expected.polars()[c] - 1).abs().max())
            for c in expected.columns
            if expected.polars()[c].dtype == pl.Float64
        )
        ratio = slow.processors / quick.processors
        print(f"  {'':<44}largest relative difference {apart:.1e}; numpy / compiled {ratio:.0f} (processor time)")
    gaps = counties(few, missing=0.05)
    line(f"compiled, {few} months, 5% of prices missing", timed(lambda: relative_price(gaps))[0], few)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"  peak memory of the whole run {peak:.1f} GB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 120, int(sys.argv[2]) if sys.argv[2:] else 2)
