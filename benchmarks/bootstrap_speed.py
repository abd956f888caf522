"""Cluster bootstrap after a fit: 1,000 replicates by province and by firm, beside re-estimating the first few.

594,596 rows, about 150,000 firms, 31 provinces, 10 years, the quadratic with its controls. A replicate drawn with
counts w_g is the fit with weights w_g (firms lie within the clusters, years keep their names), which is what the first
ones are compared with. Run: python benchmarks/bootstrap_speed.py [replicates]
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
from fit_speed import FORMULA, simulate, timed

from integrade.estimate.fit import fit
from integrade.estimate.linear import prepare
from integrade.regress.bootstrap import Equation, bootstrap, clusters, drawn

SEED, AGAIN = 20240101, 3
ROUNDS = {"region": 3, "firm": 1}  # the best of so many


def main(replicates: int) -> None:
    panel = simulate()
    seconds, design = timed(lambda: prepare(panel, FORMULA, cluster="region"))
    equation = Equation(design.kept, len(design.names) - 1)
    print(f"{panel.height:,} rows, {len(design.regressors)} regressors; effects removed once in {seconds:.2f} s")
    rows = design.labels.select("firm", "year").join(panel, on=["firm", "year"], how="left", maintain_order="left")
    for level in ("region", "firm"):
        factor = design.cluster(level)
        ready, known = timed(lambda f=factor: clusters(design.plan, design.matrix, f))
        busy, (found,) = min(
            (
                timed(lambda k=known: bootstrap(k, [equation], draws=replicates, seed=SEED))
                for _ in range(ROUNDS[level])
            ),
            key=lambda run: run[0],
        )
        refits, gap = 0.0, 0.0
        for i, counts in enumerate(drawn(factor.levels, np.arange(AGAIN), SEED)):
            weighted = rows.with_columns(w=pl.Series(counts[factor.codes])).filter(pl.col("w") > 0)
            spent, again = timed(lambda r=weighted: fit(r, FORMULA, weights="w"))
            refits += spent / AGAIN
            gap = max(gap, *(abs(found[i, j] / again[t].estimate - 1) for j, t in enumerate(design.regressors)))
        print(
            f"  {level:<7} {factor.levels:>8,} clusters: prepared {ready:.3f} s, {replicates:,} replicates {busy:.3f} s"
        )
        print(f"          one re-estimation {refits:.2f} s; largest relative difference {gap:.1e}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1000)
