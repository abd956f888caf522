"""Seconds and peak memory of following firms over time and matching them to exporters, on simulated registers.

Run: python benchmarks/matching_speed.py [firms exporters years [links]]. With ``links`` also the probabilistic step.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import polars as pl

from integrade.panel.identity import firm_identity
from integrade.panel.matching import match_firms
from integrade.simulate.exporters import simulate_registers


def timed(what: str, work: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what:<34} {time.perf_counter() - start:7.1f} s   peak so far {peak:.2f} GB", flush=True)
    return result


def main(n_firms: int = 300_000, n_exporters: int = 100_000, n_years: int = 10, more: str = "") -> None:
    registers = timed("simulate", lambda: simulate_registers(n_firms, n_exporters=n_exporters, n_years=n_years,
                                                             share=0.005))  # fmt: skip
    print(f"{registers.firms.height:,} firm-years, {registers.exporters.height:,} exporter-years")
    followed = timed("identify", lambda: firm_identity(registers.firms, id_alone="drop"))
    firms = followed.table.polars()
    matched = timed("match", lambda: match_firms(firms, registers.exporters, customs=registers.customs))
    print(followed)
    print(matched)
    truth = registers.true_links.select("customs_firm", "year", true="firm")
    links = matched.links.polars().join(firms.select("firm", "year", "firm_code"), on=["firm", "year"])
    judged = links.join(truth, on=["customs_firm", "year"], how="left")
    right = judged.with_columns(right=(pl.col("firm_code") == pl.col("true")).fill_null(False))
    print(right.group_by("rule").agg(n=pl.len(), precision=pl.col("right").mean()).sort("rule"))
    print(f"recall {right['right'].sum() / truth.height:.4f} of exporter-years with accounts")
    if more == "links":
        from integrade.panel.linkage import link_probabilistically

        rest = timed("probabilistic", lambda: link_probabilistically(firms, registers.exporters, links=matched.links))
        print(rest)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*[int(n) for n in given[:3]], *given[3:])
