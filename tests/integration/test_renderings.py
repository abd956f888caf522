"""Random renderings of one economy's prices end in the right table and index, or in a coded question."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
from integrade.errors import IntegradeError
from renderings import Plan, drawn, truth, write

MANY = int(os.environ.get("INTEGRADE_RENDERINGS", "100"))
"""How many renderings are read; ``make certify`` reads 2,000."""
BATCH = 50


def outcome(plan: Plan, folder: Path) -> str:
    """right, asked (a coded error at the table or at its index) or, with what is wrong, wrong."""
    try:
        found = ig.read_prices(write(plan, folder)).polars()
    except IntegradeError as question:
        return f"asked {question.code}"
    wrong = difference(found, truth(plan), rates=plan.basis == "rate")
    if wrong:
        return f"wrong table: {wrong}"
    if plan.basis == "year_on_year":
        try:
            ig.relative_price(found)
        except IntegradeError:
            return "right"
        return "wrong index: months on the same month of last year were taken as changes of a month"
    expected = truth(plan)
    if plan.basis == "rate":
        expected = expected.with_columns(pl.col("index") + 100)
    try:
        index = ig.relative_price(found)
    except IntegradeError as question:
        return f"asked {question.code}"
    declared = "link" if plan.basis == "rate" else plan.basis
    return wrong_index(index, ig.relative_price(expected, basis=declared)) or "right"


def difference(found: pl.DataFrame, expected: pl.DataFrame, *, rates: bool) -> str:
    """How a table differs from the true one; nothing where it does not. Rates may have become indices."""
    key = expected.columns[:-1]
    if not set(expected.columns) <= set(found.columns):
        return f"columns {found.columns}"
    found = found.select(pl.col(c).cast(t) for c, t in expected.schema.items()).sort(key)
    expected = expected.sort(key)
    if not found.select(key).equals(expected.select(key)):
        more = found.join(expected, on=key, how="anti").head(2).rows()
        less = expected.join(found, on=key, how="anti").head(2).rows()
        return f"{found.height} rows for {expected.height}; too many: {more}; missing: {less}"
    gap = np.abs(found["index"].to_numpy() - expected["index"].to_numpy())
    if rates:
        gap = np.minimum(gap, np.abs(found["index"].to_numpy() - 100 - expected["index"].to_numpy()))
    return f"values by up to {gap.max()}" if gap.max() > 1e-9 else ""


def wrong_index(found: pl.DataFrame, expected: pl.DataFrame) -> str:
    """How an index differs from the true one; nothing where it does not."""
    key = [c for c in ("region", "year", "month") if c in expected.columns]
    found, expected = found.sort(key), expected.sort(key)
    if found.height != expected.height:
        return f"wrong index: {found.height} rows for {expected.height}"
    gap = np.abs(found["segmentation"].to_numpy() / expected["segmentation"].to_numpy() - 1)
    return f"wrong index: segmentation by {np.nanmax(gap):.2g}" if np.nanmax(gap) > 1e-9 else ""


@pytest.mark.parametrize(
    "batch", [pytest.param(first, marks=pytest.mark.slow if first else ()) for first in range(0, MANY, BATCH)]
)
def test_no_rendering_ends_in_a_wrong_table(batch: int, tmp_path: Path) -> None:
    found = Counter[str]()
    for seed in range(batch, batch + BATCH):
        folder = tmp_path / str(seed)
        folder.mkdir()
        said = outcome(drawn(seed), folder)
        found[said.partition(" ")[0]] += 1
        assert not said.startswith("wrong"), f"{drawn(seed)}: {said}"
    assert found["right"] >= 0.6 * BATCH, found  # a reader that asks about everything is of no use
