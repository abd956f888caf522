"""What is measured in prices and panels is what was drawn."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import integrade as ig
import other_economy
from integrade.errors import NotIdentified, UnknownName
from integrade.estimate.linear import Fit
from integrade.integration.options import RelativePrice
from integrade.subjects.power.measure import described, merged, of_panel, of_prices, persistence_of
from integrade.subjects.power.setting import DEFAULT_NOISE, DEFAULTS


def moving(random: np.random.Generator, shape: tuple[int, int], rho: float) -> np.ndarray:
    """AR(1) of variance one along the first axis."""
    values = random.normal(size=shape)
    for t in range(1, shape[0]):
        values[t] = rho * values[t - 1] + (1 - rho**2) ** 0.5 * values[t]
    return values


def test_an_index_is_described_by_what_it_was_drawn_from() -> None:
    random = np.random.default_rng(2)
    years, regions, noise = 10, 2000, 0.8
    true = moving(random, (years, regions), 0.7)
    net_sd = float((true - true.mean(axis=0)).std())
    values = 1.3 * net_sd * random.normal(size=regions) + true + 2.0 * net_sd * np.linspace(-1, 1, years)[:, None]
    share = noise**2 * 0.9 / (noise**2 * 0.9 + net_sd**2)
    found = described(values + noise * random.normal(size=(years, regions)), share, 10)
    # 2,000 regions: moments to 1 or 2%
    assert found.persistence == pytest.approx(0.7, abs=0.03)
    assert found.between == pytest.approx(1.3, rel=0.05)
    assert found.sd == pytest.approx(net_sd, rel=0.03)
    assert found.movement == pytest.approx(2.0 * np.linspace(-1, 1, years).std(), rel=0.03)


def test_a_persistence_is_that_of_long_series_not_of_short_ones() -> None:
    random = np.random.default_rng(1)
    values = moving(random, (6, 40_000), 0.5)
    net = values - values.mean(axis=0)
    raw = float((net[1:] * net[:-1]).mean() / np.square(net).mean())
    assert raw < 0.2
    assert persistence_of(raw, 6) == pytest.approx(0.5, abs=0.03)
    assert (persistence_of(-0.9, 6), persistence_of(0.999, 6)) == (0.0, 0.99)


def firms(random: np.random.Generator, *, each: int = 6, shock: float = 0.5) -> pl.DataFrame:
    years, regions = 8, 300
    common = shock * moving(random, (years, regions), 0.6)
    index = random.normal(size=(years, regions))
    counts = np.where(np.arange(regions) % 2, each, 2 * each)
    region = np.repeat(np.arange(regions), counts)
    y = common[:, region] + random.normal(size=(years, len(region))) + 0.3 * index[:, region]
    t, firm = np.indices(y.shape).reshape(2, -1)
    return pl.DataFrame(
        {"firm": firm, "region": region[firm], "year": 2000 + t, "y": y.ravel(), "market": index[t, region[firm]]}
    )


def test_a_panel_says_what_firms_of_a_region_share() -> None:
    found = of_panel(firms(np.random.default_rng(3)), "y ~ market | firm + year", "market", Fit())
    # net of means of 8 years the shock has the variance .25 x net, the firms' own 7/8
    gaps = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    shared = 0.25 * (1 - (0.6**gaps).mean())
    assert found.icc == pytest.approx(shared / (shared + 7 / 8), rel=0.1)
    assert found.shock_persistence == pytest.approx(0.6, abs=0.1)
    assert found.sd == pytest.approx((shared + 7 / 8) ** 0.5, rel=0.03)
    assert (found.years, found.firms, found.cells.shape) == (8, 9.0, (8, 300))
    assert found.inequality == pytest.approx(3 / 9)


def test_a_panel_of_regions_has_nothing_but_what_regions_share() -> None:
    rows = firms(np.random.default_rng(4)).group_by("region", "year").agg(pl.col("y", "market").mean())
    found = of_panel(rows, "y ~ market | region + year", "market", Fit())
    assert (found.icc, found.firms) == (1.0, 1.0)


def test_the_treatment_is_asked_for_where_the_formula_lacks_it() -> None:
    with pytest.raises(UnknownName, match="not a regressor"):
        of_panel(firms(np.random.default_rng(4)), "y ~ market | firm + year", "index", Fit())


def test_the_defaults_are_about_those_of_the_demo() -> None:
    economy = ig.simulate(ig.Economy(n_firms=400, n_products=6, n_destinations=4))
    found = of_prices(economy.prices, RelativePrice())
    assert found.noise == pytest.approx(DEFAULT_NOISE, abs=0.03)
    assert found.persistence == pytest.approx(DEFAULTS["persistence"], abs=0.05)
    assert found.error_correlation == pytest.approx(DEFAULTS["error_correlation"], abs=0.05)
    assert found.between == pytest.approx(DEFAULTS["between"], rel=0.1)
    assert found.movement == pytest.approx(DEFAULTS["movement"], rel=0.05)
    some = economy.prices.filter((pl.col("year") < 2009) | (pl.col("region") != economy.prices["region"][0]))
    assert len(of_prices(some, RelativePrice()).left_out) == 1


def test_noise_in_a_panel_is_what_halves_of_the_goods_do_not_share() -> None:
    """Regions with many firms weigh more: in this economy, the plain mean over regions is another number."""
    drawn = other_economy.measured(other_economy.Design(skewed=True, goods=12), 8)
    formula = "y ~ market + m | firm + year"
    panel = of_panel(drawn.panel, formula, "market", Fit())
    firms = dict(zip(panel.regions, panel.weights.tolist(), strict=True))
    noise = merged(of_prices(drawn.prices, RelativePrice(), firms), panel)["noise"][0]
    halves = ig.questions.corrected(drawn.prices, drawn.panel, "y ~ market | firm + year").noise_share
    alone = of_prices(drawn.prices, RelativePrice(), firms).noise
    # two estimates from the same 12 goods; over ten such economies they differ by .03 on average
    assert alone == pytest.approx(halves, abs=0.08)
    assert noise > alone  # the mediator takes some of the index's variation, but none of its noise


def test_prices_of_four_regions_are_too_few() -> None:
    with pytest.raises(NotIdentified, match="too few"):
        described(np.zeros((10, 4)), 0.5, 10)
