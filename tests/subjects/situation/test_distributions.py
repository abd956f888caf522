"""Quantiles by group and year: numpy's, repeated rows for weights, and every row that is left out counted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import EmptyTable, NotANumber, UnknownColumn
from integrade.regress.quantiles import weighted_quantiles
from integrade.subjects.situation.distributions import SHARES, distributions

RNG = np.random.default_rng(4)
ROWS = pl.DataFrame(
    {
        "year": RNG.integers(2000, 2003, 400),
        "kind": RNG.choice(["a", "b"], 400),
        "quality": RNG.normal(size=400).round(1),
        "value": RNG.integers(1, 5, 400),
    }
)


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_quantiles_without_weights_are_numpys(n: int) -> None:
    values = np.sort(RNG.normal(size=n))
    own = np.quantile(values, SHARES, method="averaged_inverted_cdf")
    assert weighted_quantiles(values, np.ones(n), SHARES) == pytest.approx(own.tolist())


def test_a_whole_weight_is_that_many_rows_and_a_share_of_it_the_same() -> None:
    values, weights = np.sort(RNG.normal(size=60)), RNG.integers(1, 6, 60)
    repeated = np.repeat(values, weights)
    expected = weighted_quantiles(repeated, np.ones(len(repeated)), SHARES)
    assert weighted_quantiles(values, weights.astype(float), SHARES) == pytest.approx(expected)
    assert weighted_quantiles(values, weights * 2.0**-10, SHARES) == pytest.approx(expected)


def test_each_group_and_year_has_its_own_rows() -> None:
    found = distributions(ROWS, "quality", "kind", weight="value")
    assert [(p.group, p.year) for p in found.points] == [(k, y) for k in "ab" for y in (2000, 2001, 2002)]
    assert found.n == sum(p.n for p in found.points) == 400
    own = ROWS.filter((pl.col("kind") == "b") & (pl.col("year") == 2001))
    repeated = np.repeat(own["quality"].to_numpy(), own["value"].to_numpy())
    point = found.points[4]
    assert (point.p10, point.p50, point.p90) == pytest.approx(
        np.quantile(repeated, (0.1, 0.5, 0.9), method="averaged_inverted_cdf").tolist()
    )
    assert distributions(ROWS.sample(fraction=1, shuffle=True, seed=1), "quality", "kind", weight="value") == found


def test_numeric_groups_stand_in_their_order_and_no_number_is_no_group() -> None:
    rows = ROWS.with_columns(g=pl.when(pl.int_range(400) < 5).then(float("nan")).otherwise(pl.int_range(400) % 12))
    found = distributions(rows.with_columns(whole=pl.col("g").fill_nan(None).cast(pl.Int8)), "quality", "whole")
    assert list(dict.fromkeys(p.group for p in found.points)) == [str(i) for i in range(12)]
    assert distributions(rows, "quality", "g").n_missing == found.n_missing == 5


def test_rows_that_cannot_be_used_are_counted() -> None:
    holes = ROWS.head(6).with_columns(
        quality=pl.Series([1.0, None, float("nan"), float("inf"), 2.0, 3.0]),
        kind=pl.Series(["a", "a", "a", "a", None, "a"]),
        value=pl.Series([1, 1, 1, 1, 1, 0]),
    )
    found = distributions(holes, "quality", "kind", weight="value")
    assert (found.n, found.n_missing) == (1, 5)
    assert distributions(holes, "quality").n == 3
    assert "5 rows with a missing value left out" in str(found.sheet().text())
    with pytest.raises(EmptyTable):
        distributions(holes.filter(pl.col("quality").is_infinite()), "quality")
    with pytest.raises(UnknownColumn, match="did you mean 'quality'"):
        distributions(ROWS, "qualitty")
    with pytest.raises(NotANumber):
        distributions(ROWS, "kind")
