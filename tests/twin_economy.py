"""An economy whose index is noisy but can be corrected by halves of its goods, and one whose halves do not agree."""

from __future__ import annotations

from functools import cache

import polars as pl

from integrade.integration.options import RelativePrice
from integrade.subjects.noise.corrected import Corrected, corrected
from integrade.subjects.noise.halves import Halves, halves_of
from other_economy import Design, Drawn, measured

FORMULA = "y ~ market + market^2 | firm + year"
SPLITS, SEED = 5, 7
CLEAR = Design(regions=16, years=7, goods=40, firms=4, spread=0.6)
NOISY = Design(regions=12, years=7, goods=6, firms=4, spread=0.1)
TOO_NOISY = "agree too little"


@cache
def drawn(design: Design = CLEAR) -> Drawn:
    found = measured(design, 1)
    area = pl.when(pl.col("region") < "R08").then(pl.lit("east")).otherwise(pl.lit("west"))
    return Drawn(found.prices, found.panel.with_columns(area=area), found.centre, found.sd)


@cache
def halves(design: Design = CLEAR) -> Halves:
    return halves_of(drawn(design).prices, RelativePrice(), SPLITS, SEED)


def direct(formula: str, panel: pl.DataFrame | None = None, **options: object) -> Corrected:
    """`corrected` called by itself, with the splits of `halves`."""
    rows = drawn().panel if panel is None else panel
    return corrected(drawn().prices, rows, formula, splits=SPLITS, seed=SEED, **options)
