"""The basis of price indices, told from the numbers: simulated files of every basis, and cases worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from basis_files import BASES, Economy, draw_economy, log_levels, market_prices, observed, simulate
from each import each
from integrade.sources.basis.detection import SURE_OF_YEARS, base_periods, correlation, detect, on_grid, relative

TRUE: dict[str, tuple[str, ...]] = {
    "fixed": ("fixed", "fixed_or_level"),
    "level": ("level", "fixed_or_level"),
    **{b: (b,) for b in BASES if b not in ("fixed", "level")},
}
PLAIN = Economy(1, 14, 10, 8, averaged=True)


PACED = [(b, n) for b in BASES for n in (1, 4, 12) if n > 1 or "year_on_year" not in b]
"""A basis and periods a year: of years, last year is the previous period."""


@pytest.mark.parametrize(("basis", "per_year"), PACED)
def test_no_wrong_basis_is_accepted(basis: str, per_year: int) -> None:
    random = np.random.default_rng([7, BASES.index(basis), per_year])
    files = [simulate(random, basis, draw_economy(random, per_year)) for _ in range(6)]
    found = [detect(f.values, f.periods) for f in files]
    refused = [f for f in found if f.basis in ("unknown", "mixed")]
    assert all(f.basis in (*TRUE[basis], "unknown", "mixed") for f in found)
    assert all(f.sure >= SURE_OF_YEARS for f in found if f not in refused)
    if basis != "mixed":
        assert len(refused) <= 1  # of six; benchmarks/certify_basis.py counts them in thousands


@each("basis", BASES)
def test_short_and_small_files_are_refused_rather_than_guessed(basis: str) -> None:
    random = np.random.default_rng([8, BASES.index(basis)])
    for per_year in (1, 12):
        if per_year == 1 and "year_on_year" in basis:
            continue
        for _ in range(12):
            f = simulate(random, basis, draw_economy(random, per_year, ordinary=False))
            if f.jump < len(f.periods) - 1:
                assert detect(f.values, f.periods).basis in (*TRUE[basis], "unknown", "mixed")


@each("seed", range(4))
@each(("markets", "goods", "missing"), [(40, 12, 0.6), (40, 12, 0.3), (80, 20, 0.7)])
def test_prices_of_markets_that_come_and_go_are_levels(seed: int, markets: int, goods: int, missing: float) -> None:
    file = market_prices(np.random.default_rng(seed), markets, goods, 14, missing)
    assert detect(file.values, file.periods).basis in TRUE["level"]


@each(("basis", "per_year"), PACED)
def test_no_wrong_basis_is_accepted_where_most_values_are_missing(basis: str, per_year: int) -> None:
    random = np.random.default_rng([9, BASES.index(basis), per_year])
    for missing in (0.3, 0.6, 0.8):
        for _ in range(3):
            f = observed(random, simulate(random, basis, draw_economy(random, per_year)), missing)
            assert detect(f.values, f.periods).basis in (*TRUE[basis], "unknown", "mixed")


@pytest.mark.parametrize("missing", [0.3, 0.6])
def test_a_second_base_is_seen_where_most_values_are_missing(missing: float) -> None:
    random = np.random.default_rng(3)
    economy = Economy(12, 120, 30, 12)
    files = [observed(random, simulate(random, "mixed", economy), missing) for _ in range(6)]
    late = [f for f in files if 36 < f.jump < 100]
    assert late
    assert all(detect(f.values, f.periods).basis in ("mixed", "unknown") for f in late)


def of(basis: str, seed: int = 0, economy: Economy = PLAIN) -> Any:
    return simulate(np.random.default_rng(seed), basis, economy)


def test_persistence_is_about_nothing_for_changes_and_high_for_levels() -> None:
    assert abs(detect(of("link").values, of("link").periods).persistence) < 0.3
    assert detect(of("level").values, of("level").periods).persistence > 0.7


def test_persistence_by_hand() -> None:
    # two regions and one good around a median of zero: +-1, +-2, +-1; lag 1: (2 + 2) each, lag 2: 1 each
    x = np.array([[[1.0], [-1.0]], [[2.0], [-2.0]], [[1.0], [-1.0]]])
    # sums of products 5 per region; of squares, later (4 + 1) + 1, earlier (1 + 4) + 1
    assert correlation(x, [1, 2]).value == pytest.approx(5 / 6)
    assert math.isnan(correlation(x, [3]).value)


def test_one_wild_cell_does_not_decide() -> None:
    f = of("fixed")
    values = f.values.copy()
    values[4, 2, 3] *= 100
    assert detect(values, f.periods).basis in TRUE["fixed"]


def test_the_base_period_is_found_and_named() -> None:
    levels = log_levels(np.random.default_rng(1), PLAIN, 0)
    found = detect(np.round(100 * np.exp(levels - levels[5]), 1), [(2000 + t,) for t in range(14)])
    assert (found.basis, found.at, found.sure) == ("fixed", (2005,), math.inf)


def test_the_base_year_of_months_is_the_one_whose_mean_is_100() -> None:
    e = Economy(12, 48, 6, 6, seasonal=0.01)
    levels = np.exp(log_levels(np.random.default_rng(2), e, 0))
    periods = [(2010 + t // 12, t % 12 + 1) for t in range(48)]
    values = np.round(100 * levels / levels[12:24].mean(axis=0), 1)
    assert base_periods(values, periods, 12) == tuple((2011, m) for m in range(1, 13))
    assert detect(values, periods).basis == "fixed"


def test_a_second_base_is_dated() -> None:
    levels = log_levels(np.random.default_rng(3), PLAIN, 0)
    late = (np.arange(14) >= 8)[:, None, None]
    values = 100 * np.exp(levels - np.where(late, levels[8], levels[1]))
    found = detect(np.round(values, 1), [(2000 + t,) for t in range(14)])
    assert (found.basis, found.at) == ("mixed", (2008,))


@pytest.mark.parametrize("times", [0.01, 1.0])
def test_rates_in_per_cent_and_as_shares(times: float) -> None:
    f = of("rate")
    found = detect(f.values * times, f.periods)
    assert found.basis == ("rate" if times == 1 else "unknown")
    if times != 1:
        assert found.why.key == "basis.rates-of-what"


def test_steps_of_a_file_are_its_own() -> None:
    quarters = [(2010, 3), (2010, 6), (2010, 12), (2011, 3)]
    grid, names, per_year = on_grid(np.arange(4.0).reshape(4, 1, 1), quarters)
    assert per_year == 4
    assert names == ((2010, 3), (2010, 6), (2010, 9), (2010, 12), (2011, 3))
    assert np.isnan(grid[2, 0, 0])
    assert on_grid(np.zeros((2, 1, 1)), [(2010, 3), (2010, 4)])[2] == 12
    assert on_grid(np.zeros((2, 1, 1)), [(2010,), (2013,)])[0].shape[0] == 4


def test_goods_without_differences_are_left_out() -> None:
    values = np.random.default_rng(0).normal(size=(5, 4, 3))
    values[:, :, 1] = 7.0
    assert relative(values).shape == (5, 4, 2)


def test_scale_and_order_of_regions_make_no_difference() -> None:
    f = of("level")
    one, other = detect(f.values, f.periods), detect(3.7 * f.values[:, ::-1], f.periods)
    assert one.persistence == pytest.approx(other.persistence, rel=1e-12)
    assert one.basis == other.basis


def test_nothing_in_nothing_out() -> None:
    assert detect(np.full((3, 2, 2), np.nan), [(2000,), (2001,), (2002,)]).basis == "unknown"
    one_year = detect(np.full((1, 6, 6), 103.0), [(2000,)])
    assert (one_year.basis, one_year.why.key) == ("unknown", "basis.few-periods")


@pytest.mark.parametrize("seed", [0, 2])
def test_rates_of_a_high_inflation_are_no_indices_of_a_deep_deflation(seed: int) -> None:
    economy = Economy(12, 51, 10, 8, inflation=0.64, permanent=0.0186, transitory=0.006, seasonal=0.0075)
    assert of("rate_year_on_year", seed, economy).basis in ("rate_year_on_year", "unknown")


def test_a_year_whose_months_together_are_the_base_is_named() -> None:
    file = simulate(np.random.default_rng(2), "fixed", Economy(12, 48, 6, 6))
    months = file.values * 100 / file.values[12:24].mean(axis=0)
    found = detect(months, file.periods)
    assert (found.basis, found.why.given["period"]) == ("fixed", str(file.periods[12][0]))
    found = detect(file.values * 100 / file.values[13], file.periods)
    assert found.why.given["period"] == "-".join(f"{part:02d}" for part in file.periods[13])


@pytest.mark.parametrize("year", [1991, 1992, 1993, 1994, 1995])
def test_a_year_that_is_not_there_is_no_second_base(year: int) -> None:
    """One base outside the file; the change over the gap is that of twelve months."""
    random = np.random.default_rng(7)
    levels = log_levels(random, Economy(12, 84, 14, 8, inflation=0.03, permanent=0.02), 0)
    values = np.round(100 * np.exp(levels - levels[55]), 3)
    periods = [(1990 + t // 12, t % 12 + 1) for t in range(84)]
    there = [t for t, (y, _) in enumerate(periods) if y != year]
    found = detect(values[there], [periods[t] for t in there])
    assert found.basis in TRUE["fixed"], found


@pytest.mark.parametrize("lost", [1, 2, 5, 11, 24])
def test_a_second_base_after_lost_months_is_seen(lost: int) -> None:
    """Years are made of the months on both sides, so that a change of base over a gap counts."""
    levels = log_levels(np.random.default_rng(3), Economy(12, 96, 10, 8), 0)
    late = (np.arange(96) >= 50)[:, None, None]
    values = np.round(100 * np.exp(levels - np.where(late, levels[50], levels[2])), 1)
    there = [t for t in range(96) if not 50 - lost <= t < 50]
    found = detect(values[there], [(1990 + t // 12, t % 12 + 1) for t in there])
    assert found.basis in ("mixed", "unknown"), found


@pytest.mark.parametrize("lost", range(5, 9))
def test_years_over_a_gap_are_no_second_base(lost: int) -> None:
    levels = log_levels(np.random.default_rng(5), Economy(1, 14, 14, 8, inflation=0.1), 0)
    values, there = 100 * np.exp(levels - levels[10]), [t for t in range(14) if t not in (lost, lost + 1, lost + 2)]
    found = detect(np.round(values[there], 1), [(2000 + t,) for t in there])
    assert found.basis in TRUE["fixed"], found
