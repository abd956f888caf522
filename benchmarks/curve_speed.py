"""A specification curve on 594,596 rows: 1,000 specifications, then with 500 permutations and 500 wild draws.

Run: python benchmarks/curve_speed.py. Prints seconds and peak memory beside one warm fit of the headline.
"""

from __future__ import annotations

import resource
import time

import numpy as np
import polars as pl
from fit_speed import CONTROLS, FORMULA, simulate

from integrade.estimate.fit import fit
from integrade.subjects.curve.model import specification_curve


def wide_panel() -> pl.DataFrame:
    """The panel of `fit_speed` with further indices and outcomes, an industry and a sample of years."""
    panel = simulate()
    rng = np.random.default_rng(2)
    cells = panel.group_by("region", "year").agg(pl.col("market").first()).sort("region", "year")
    cells = cells.with_columns(
        adjacent=pl.col("market") + pl.Series(rng.normal(0, 0.1, cells.height)),
        pure=pl.col("market") * 1.4 + pl.Series(rng.normal(0, 0.1, cells.height)),
    ).drop("market")
    panel = panel.join(cells, on=["region", "year"]).sort("firm", "year")
    noise = pl.Series(rng.normal(0, 0.5, panel.height))
    return panel.with_columns(industry=pl.col("firm") % 30, zscore=pl.col("quality") + noise)


def main() -> None:
    """The figures of the closing note."""
    panel = wide_panel()
    choices = {
        "outcomes": ("quality", "zscore"),
        "indices": ("market", "adjacent", "pure"),
        "controls": CONTROLS,
        "effects": ("firm + year", "firm + industry^year"),
        "samples": {"to 2010": "year <= 2010", "from 2008": "year >= 2008"},
    }
    start = time.perf_counter()
    fit(panel, FORMULA, cluster="region", vcov="CR3")
    one = time.perf_counter() - start
    for permutations, draws in ((0, 0), (500, 0), (500, 500)):
        start = time.perf_counter()
        found = specification_curve(panel, permutations=permutations, draws=draws, **choices)
        spent = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{len(found.specifications):,} specifications, {permutations} permutations, {draws} wild draws: "
            f"{spent:.1f} s ({spent / one:.0f} x one CR3 fit of {one:.2f} s), peak {memory:,.0f} MB"
        )


if __name__ == "__main__":
    main()
