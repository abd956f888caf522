"""Codes that are joined into one number, up to 2^62, come apart as they were, on every engine."""

from __future__ import annotations

import narwhals as nw
import polars as pl
import pytest

from integrade.engine.frames import Frame, Running, collect, divided, on_engine
from integrade.quality.aggregate import _split
from integrade.quality.coding import Coded, joint

SIZES = {"f": 2**22 - 3, "h": 2**21 - 9, "m": 2**14 - 3, "t": 31}
"""Firms, products, destinations and years: the product of the numbers of levels is just below 2^62."""
LAST = {letter: size - 1 for letter, size in SIZES.items()}
ROWS = [
    LAST,
    dict.fromkeys(SIZES, 0),
    {**LAST, "t": 0},
    {**LAST, "m": 7, "t": 29},
    {"f": 4_194_299, "h": 1, "m": 16_380, "t": 30},
]
ENGINES = ["polars", "duckdb", pytest.param("spark", marks=pytest.mark.system)]


@pytest.mark.parametrize("engine", ENGINES)
def test_codes_near_the_most_come_apart(engine: Running, request: pytest.FixtureRequest) -> None:
    if engine == "spark":
        request.getfixturevalue("spark")
    assert 2**61 < SIZES["f"] * SIZES["h"] * SIZES["m"] * SIZES["t"] < 2**62
    rows = pl.DataFrame(ROWS)
    coded = Coded(on_engine(rows, engine), {}, SIZES, 0)
    joined: Frame = coded.frame.select(k=joint(coded, tuple(SIZES)), n=nw.lit(1))
    apart = collect(_split(joined, coded, tuple(SIZES)).select(*SIZES)).sort(*SIZES)
    assert apart.rows() == rows.sort(*SIZES).rows()
    coarse = collect(divided(joined, "k", SIZES["t"]).select("k"))["k"].to_list()
    exact = [(one["f"] * SIZES["h"] + one["h"]) * SIZES["m"] + one["m"] for one in ROWS]
    assert sorted(coarse) == sorted(exact), "in whole numbers of Python"
