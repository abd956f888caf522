"""Remedies of the power of a design."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

import integrade as ig
from integrade.subjects.power.measure import described
from remedies.frame import Cases, command, done, given
from remedies.tables import FOLDER, PANEL, PRICES

CASES = Cases()
refused = CASES.refused
QUICK: dict[str, Any] = {"draws": 2, "splits": 2}
POWER = ig.questions.power
FEW = PRICES.filter(pl.col("region").is_in(["R0", "R1", "R2", "R3"]))
MOVING = np.random.default_rng(1).normal(size=(6, 8))


def of_prices(prices: pl.DataFrame) -> Any:
    """The power of a design whose prices are known."""
    return POWER(prices, **QUICK)


refused("power of three goods", "U100", POWER, goods=3, regions=6, years=4, **QUICK, then=given())
refused("power of no draws", "U100", POWER, regions=6, years=4, draws=0, splits=2, then=given())
refused("power of many goods", "U100", POWER, goods=500, regions=6, years=4, **QUICK, then=given())
refused("power of noise alone", "U100", POWER, noise=1.5, regions=6, years=4, **QUICK, then=given())
refused("power of a mediator of firms", "U100", POWER, proxy=0.9, mediator_icc=0.5, regions=6, **QUICK, then=given())
refused("power of a panel without a formula", "U100", POWER, None, PANEL, treatment="m", **QUICK, then=given())
refused(
    "power of a panel without the index",
    "U101",
    POWER,
    None,
    PANEL,
    "y ~ m | firm + year",
    **QUICK,
    then=given(treatment="m"),
)
refused(
    "power of few regions",
    "D209",
    of_prices,
    FEW,
    then=done("regions and 3 years or more", lambda call: call.with_args(PRICES)),
)
refused(
    "power of a flat index",
    "D209",
    described,
    np.ones((6, 8)),
    0.5,
    10,
    then=done(
        "goods whose prices differ", lambda c: c.with_args(np.random.default_rng(1).normal(size=(6, 8)), 0.5, 10)
    ),
)
refused(
    "power in a format unknown",
    "U100",
    command,
    *("power", "--regions", "6", "--years", "4", "--draws", "2", "--splits", "2", "--out", str(FOLDER / "power.xyz")),
    then=done("known: .html", lambda call: call.with_args(*call.args[:-1], str(FOLDER / "power.csv"))),
)
