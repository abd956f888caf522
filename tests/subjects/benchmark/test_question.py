"""The benchmark has two lines beside the U-test of each column, whatever is asked of the shape."""

from __future__ import annotations

import polars as pl
import pytest

from integrade.study.asked import options_of
from integrade.study.config import Regression
from integrade.subjects.benchmark.question import benchmark, lines_of
from integrade.subjects.shape.two_lines import two_lines
from panels import panel

CHOSEN = Regression(outcome="y", controls=["scale"], wild=0, hausman="none")


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return panel(5, firms=150)


def test_each_column_has_the_two_lines_of_its_own_formula(rows: pl.DataFrame) -> None:
    columns = benchmark(rows, CHOSEN)
    assert len(columns) == 2
    for column in columns:
        own = two_lines(rows, column.headline.formula, cluster="region")
        assert column.two_lines is not None
        assert column.two_lines.kind == "CR3"
        assert column.two_lines.second.p_value == pytest.approx(own.second.p_value, rel=1e-9)
        assert column.two_lines.break_at == own.break_at
    assert columns[0].two_lines != columns[1].two_lines


def test_two_lines_that_cannot_be_estimated_are_missing(rows: pl.DataFrame) -> None:
    formula, how = "y ~ market + market^2 + scale | firm + year", options_of(CHOSEN)
    coarse = rows.with_columns(market=pl.col("market").round(0).clip(-1, 1))
    assert lines_of(coarse, formula, "market", how) is None, "fewer than five distinct values"
    assert lines_of(rows, "y ~ market + market^2 + market:scale | firm + year", "market", how) is None
    assert lines_of(rows, formula, "market", how) is not None
