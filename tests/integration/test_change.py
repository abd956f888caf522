"""The change of national integration between two years, with its delete-one-good interval (METHODS 1.5)."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from integrade.integration.change import NationalChange, national_change
from integrade.integration.relative_price import relative_price

GOODS, REGIONS = tuple("abcdef"), tuple("ABCDE")


def prices(*, without: dict[int, str] | None = None) -> pl.DataFrame:
    random = np.random.default_rng(3)
    rows = [
        (region, year, good, 100 * math.exp(size * random.normal()))
        for year, size in ((2004, 0.02), (2009, 0.015), (2013, 0.01))
        for region in REGIONS
        for good in GOODS
    ]
    gone = without or {}
    return pl.DataFrame(
        [row for row in rows if gone.get(row[1]) != row[2]],
        schema=["region", "year", "commodity", "index"],
        orient="row",
    )


def nation(table: pl.DataFrame, year: int, left_out: str = "") -> float:
    rows = table.filter((pl.col("year") == year) & (pl.col("commodity") != left_out))
    return float(relative_price(rows, level="nation", basis="link", k_min=2)["integration"][0])


def by_hand(table: pl.DataFrame) -> tuple[float, float]:
    """Difference and jackknife of tables from which one good after the other is removed."""
    d = np.array([nation(table, 2013, k) - nation(table, 2004, k) for k in GOODS])
    error = math.sqrt((len(d) - 1) / len(d) * ((d - d.mean()) ** 2).sum())
    return nation(table, 2013) - nation(table, 2004), error


def changed(table: pl.DataFrame, first: int = 2004, last: int = 2013) -> NationalChange:
    change = national_change(table, (first,), (last,), basis="link")
    assert change is not None
    return change


def test_the_change_and_its_error_are_those_of_tables_without_each_good() -> None:
    table = prices()
    change, (estimate, error) = changed(table), by_hand(table)
    assert change.estimate == pytest.approx(estimate, rel=1e-10)
    assert change.std_error == pytest.approx(error, rel=1e-10)
    assert change.n_goods == 6
    # t(5) at .975 is 2.570582
    assert change.conf_high - change.estimate == pytest.approx(2.570582 * error, rel=1e-6)
    assert change.estimate - change.conf_low == pytest.approx(2.570582 * error, rel=1e-6)


def test_a_good_of_one_year_only_counts_there() -> None:
    table = prices(without={2004: "f"})
    change, (estimate, error) = changed(table), by_hand(table)
    assert (change.estimate, change.std_error) == pytest.approx((estimate, error), rel=1e-10)


def test_a_change_back_has_the_opposite_sign_and_the_same_error() -> None:
    forth, back = changed(prices()), changed(prices(), 2013, 2004)
    assert (forth.estimate, forth.std_error) == pytest.approx((-back.estimate, back.std_error))
    assert (forth.conf_low, forth.conf_high) == pytest.approx((-back.conf_high, -back.conf_low))


def test_without_an_index_there_is_no_change() -> None:
    assert national_change(prices(), (2004,), (1999,), basis="link") is None


@pytest.mark.parametrize("demean", ["pairs", "used", "none", "two_way", "regression"])
def test_the_change_is_that_of_the_index_with_every_way_of_removing_what_is_common(demean: str) -> None:
    """Means over time are those of all years, although the change is between two of them."""
    table = prices()
    series = relative_price(table, level="nation", basis="link", demean=demean)
    value = dict(series.select("year", "integration").iter_rows())
    change = national_change(table, (2004,), (2013,), basis="link", demean=demean)
    assert change is not None
    assert change.estimate == pytest.approx(value[2013] - value[2004], rel=1e-9)
