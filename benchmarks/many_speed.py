"""A table of twelve regressions at once, beside twelve separate calls and beside one.

594,596 rows, about 150,000 firms, 31 provinces, 10 years. Run: python benchmarks/many_speed.py [rounds]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from fit_speed import CONTROLS, simulate, timed

from integrade.estimate.fit import fit
from integrade.estimate.many import fit_many
from integrade.estimate.stepwise import expand

SAME_ROWS = f"c(quality, price) ~ market + market^2 + csw0({', '.join(CONTROLS)}) | firm + year"
PASTS = "market + market^2, market_l1 + market_l1^2, market_l2 + market_l2^2"
LAGS = f"quality ~ sw({PASTS}) + csw0({', '.join(CONTROLS[:3])}) | firm + year"
GROUPS = f"quality ~ market + market^2 + csw0({', '.join(CONTROLS)}) | firm + year"
KINDS: dict[str, dict[str, Any]] = {
    "CR1": {"cluster": "region"},
    "CR3": {"cluster": "region", "vcov": "CR3"},
    "CR3, 999 wild draws": {"cluster": "region", "vcov": "CR3", "wild": 999},
}


def extended(panel: pl.DataFrame) -> pl.DataFrame:
    """With a second outcome, two lags of the province's series (missing in the first years) and ownership."""
    rng = np.random.default_rng(2)
    past = panel.select("region", "year", "market").unique().sort("region", "year")
    for lag in (1, 2):
        shifted = past.select("region", pl.col("year") + lag, pl.col("market").alias(f"market_l{lag}"))
        panel = panel.join(shifted, on=["region", "year"], how="left", maintain_order="left")
    return panel.with_columns(
        price=0.5 * pl.col("quality") + pl.Series(rng.normal(size=panel.height)),
        ownership=pl.when(pl.col("firm") % 4 == 0).then(pl.lit("state")).otherwise(pl.lit("private")),
    )


def best(run: Callable[[], Any], rounds: int) -> float:
    return min(timed(run)[0] for _ in range(rounds))


def separate(panel: pl.DataFrame, formula: str, split: str | None, how: dict[str, Any]) -> None:
    parts = [panel] if split is None else [panel.filter(pl.col(split) == v) for v in sorted(panel[split].unique())]
    for part in parts:
        for variant in expand(formula):
            fit(part, variant.text, **how)


def main(rounds: int) -> None:
    panel = extended(simulate())
    longest = expand(SAME_ROWS)[len(CONTROLS)].text
    print(f"{panel.height:,} rows, 12 regressions, best of {rounds}; seconds")
    print(f"  {'':<44}{'one fit':>9}{'twelve':>9}{'at once':>9}{'/ one':>7}{'/ twelve':>9}")
    tables = (
        ("two outcomes x six sets of controls", SAME_ROWS, None),
        ("three lags x four sets (three samples)", LAGS, None),
        ("two groups x six sets of controls", GROUPS, "ownership"),
    )
    for title, formula, split in tables:
        for kind, how in KINDS.items():
            one = best(lambda how=how: fit(panel, longest, **how), rounds)
            twelve = best(lambda how=how, f=formula, s=split: separate(panel, f, s, how), rounds)
            once = best(lambda how=how, f=formula, s=split: fit_many(panel, f, split=s, **how), rounds)
            print(
                f"  {title + ', ' + kind if kind == 'CR1' else '  ' + kind:<44}{one:9.3f}{twelve:9.3f}{once:9.3f}"
                f"{once / one:7.2f}{once / twelve:9.2f}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3)
