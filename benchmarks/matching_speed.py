"""Seconds, processor seconds and peak memory of following firms over time and matching them, on simulated registers.

Run: python benchmarks/matching_speed.py [firms exporters years]. Matched twice: by exact steps, and by similar names
after them. 300,000 firms and 100,000 exporters over ten years are 2.4 and 0.86 million records.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import polars as pl

from integrade.panel.identity import firm_identity
from integrade.panel.matching import Matched, match_firms
from integrade.simulation.exporters import Registers, simulate_registers


def timed(what: str, work: Callable[[], Any]) -> Any:
    start, used = time.perf_counter(), time.process_time()
    result = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    spent, wall = time.process_time() - used, time.perf_counter() - start
    print(f"{what:<24} {wall:7.1f} s   {spent:7.1f} s of processors   peak so far {peak:.2f} GB", flush=True)
    return result


def main(n_firms: int = 300_000, n_exporters: int = 100_000, n_years: int = 10) -> None:
    size = {"n_exporters": n_exporters, "n_years": n_years, "share": 0.005}
    registers = timed("simulate", lambda: simulate_registers(n_firms, **size))
    print(f"{registers.firms.height:,} firm-years, {registers.exporters.height:,} exporter-years")
    followed = timed("identify", lambda: firm_identity(registers.firms, id_alone="drop"))
    print(followed)
    firms = followed.table.polars()
    exact = timed("match", lambda: match_firms(firms, registers.exporters, customs=registers.customs))
    print(exact)
    judge(exact, firms, registers)
    everything = {"customs": registers.customs, "similar": True}
    similar = timed("match, similar names", lambda: match_firms(firms, registers.exporters, **everything))
    print(similar.linkage)
    judge(similar, firms, registers)


def judge(matched: Matched, firms: pl.DataFrame, registers: Registers) -> None:
    """Precision by rule, and recall, against the truth."""
    truth = registers.true_links.select("customs_firm", "year", true="firm")
    links = matched.links.polars().join(firms.select("firm", "year", "firm_code"), on=["firm", "year"])
    judged = links.join(truth, on=["customs_firm", "year"], how="left")
    right = judged.with_columns(right=(pl.col("firm_code") == pl.col("true")).fill_null(False))
    print(right.group_by("rule").agg(n=pl.len(), precision=pl.col("right").mean()).sort("rule"))
    print(f"recall {right['right'].sum() / truth.height:.4f} of exporter-years with accounts")


if __name__ == "__main__":
    main(*[int(n) for n in sys.argv[1:4]])
