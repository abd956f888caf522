"""Simulated estimates against brute force, closed forms, and the real estimator on an economy of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import other_economy
from integrade.estimate.linear import Fit
from integrade.integration.options import RelativePrice
from integrade.regress.students import t_quantile
from integrade.subjects.noise.corrected import CorrectedOptions, correct
from integrade.subjects.noise.halves import halves_of
from integrade.subjects.power.measure import merged, of_panel, of_prices
from integrade.subjects.power.model import smallest
from integrade.subjects.power.setting import PowerOptions, Setting, quantities, setting_of
from integrade.subjects.power.simulate import _solved, scale_of, simulated


def setting(**changes: float) -> Setting:
    return setting_of(quantities(PowerOptions(**changes), {}), None)  # type: ignore[arg-type]


def brute(columns: np.ndarray, weights: np.ndarray, k: int, pair: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """Coefficients of weighted least squares with dummies of regions and years; of halves by summed moments."""
    c, n, t = columns.shape
    rows = columns.reshape(c, -1).T
    region, year = np.divmod(np.arange(n * t), t)
    dummies = np.column_stack([np.eye(n)[region], np.eye(t)[year]])
    root = np.repeat(weights, t)[:, None] ** 0.5

    def net(m: np.ndarray) -> np.ndarray:
        m, d = m * root, dummies * root
        return m - d @ np.linalg.lstsq(d, m, rcond=None)[0]

    gram = net(rows).T @ net(rows)
    if pair is not None:
        products = [net(a.reshape(-1, 1)).T @ net(b.reshape(-1, 1)) for a, b in zip(*pair, strict=True)]
        gram[0, 0] = np.mean(products)
    return np.linalg.solve(gram[:k, :k], gram[:k, k:])


def test_estimates_and_those_without_a_region_are_those_of_dummies() -> None:
    random = np.random.default_rng(5)
    columns, weights = random.normal(size=(2, 4, 6, 5)), random.uniform(1, 9, 6)
    halves = columns[:, :1, None, None] + random.normal(size=(2, 1, 3, 2, 6, 5)) * 0.3
    columns[:, :1] = halves.mean(axis=(2, 3))
    for pairs in (None, halves):
        found, identified = _solved(columns, weights, 1, 1, pairs, None)
        assert identified.all()
        for b in range(2):
            for region in range(-1, 6):
                kept = np.arange(6) != region
                pair = None if pairs is None else (halves[b, 0, :, 0][:, kept], halves[b, 0, :, 1][:, kept])
                by_dummies = brute(columns[b][:, kept], weights[kept], 2, pair)
                np.testing.assert_allclose(found[b, region + 1], by_dummies, rtol=1e-9)


def test_the_slope_is_attenuated_by_the_net_share_of_noise() -> None:
    for noise, goods in ((0.54, 10), (0.3, 7)):
        one = setting(regions=20, noise=noise, goods=goods, inequality=0.5)
        draws = simulated(one, scale_of(one), 5, 200, 1, "effect")
        slopes = draws["printed", "effect"].slope[:, 0, 0]
        # the mean of a ratio of two averages over 200 cells or so: the second-order bias is below .01
        assert abs(slopes.mean() - (1 - noise)) < 3 * slopes.std() / 200**0.5 + 0.01
        corrected = draws["corrected", "effect"].slope[:, 0, 0]
        assert abs(np.median(corrected) - 1) < 3 * 1.25 * corrected.std() / 200**0.5


def test_without_noise_the_three_estimators_agree() -> None:
    one = setting(regions=10, noise=0.0)
    draws = simulated(one, scale_of(one), 3, 20, 1)
    for question in ("effect", "curvature", "second", "groups"):
        for other in ("printed", "corrected"):
            np.testing.assert_allclose(
                draws[other, question].error, draws["exact", question].error, rtol=1e-7, atol=1e-9
            )


def test_the_smallest_effect_is_that_of_the_textbook() -> None:
    """Independent errors, equal firms, no noise: (t_alpha + t_beta) s.e. with G - 1 degrees of freedom."""
    one = setting(noise=0.0, inequality=0.0, icc=0.0, regions=30, firms=20)
    draws = simulated(one, scale_of(one), 2, 400, 1, "effect")["exact", "effect"]
    # net variances are one; the error of a mean of 20 firms has 1/20 of it, and loses its national mean with the year
    error = (1 / 20 / (30 * 10)) ** 0.5 * (30 / 29) ** 0.5
    by_hand = (t_quantile(0.975, 29) + t_quantile(0.8, 29)) * error
    found = smallest(lambda size: draws.share(size), 0.8)
    assert found is not None
    # a power of .8 from 400 draws has a s.e. of .02, which is 2.5% of the size; the jackknife adds 1 to 3%
    assert abs(found / by_hand - 1) < 0.08
    assert 0.02 < draws.share(0.0) < 0.08


def test_group_shocks_that_are_shared_cancel_and_firms_mediators_have_information_of_their_own() -> None:
    one = setting(regions=15, icc=0.3)
    spread = {
        name: changed["exact", question].error[..., 0].std()
        for name, question, change in (
            ("apart", "groups", {"shared": 0.0}),
            ("alike", "groups", {"shared": 1.0}),
            ("region", "second", {"mediator_icc": 1.0}),
            ("firms", "second", {"mediator_icc": 0.5}),
        )
        if (changed := simulated(replace(one, **change), scale_of(replace(one, **change)), 2, 60, 1))
    }
    own, shock = 0.7 * 4 / 50, 0.3 * 2
    # the median firms of a region are fewer than the mean, so that the share of shocks is a bound
    assert spread["alike"] / spread["apart"] < (own / (own + shock)) ** 0.5 * 2
    assert spread["firms"] < 0.8 * spread["region"]


def test_power_and_standard_errors_are_those_of_the_estimator_on_firms() -> None:
    """Measured in prices and panels of an economy that shares no code, they are those of `correct` on them."""
    effect, economies = 0.12, 40
    design = other_economy.Design(goods=10, effect=effect, curve=0.0)
    found, errors, values, sizes = [], [], [], []
    for seed in range(economies):
        drawn = other_economy.measured(design, 5000 + seed)
        halves = halves_of(drawn.prices, RelativePrice(), 20, 1)
        result = correct(halves, drawn.panel, "y ~ market | firm + year", CorrectedOptions())
        both = [result.naive["market"], result.fit["market"]]
        found.append([one.p_value < 0.05 for one in both])
        errors.append([one.std_error for one in both])
        if seed < 15:
            index = of_prices(drawn.prices, RelativePrice())
            panel = of_panel(drawn.panel, "y ~ market | firm + year", "market", Fit())
            values.append({name: value for name, (value, _) in merged(index, panel).items()})
            sizes.append((effect * index.sd / drawn.sd / panel.sd, index.sd / panel.sd))
    means = {name: float(np.mean([v.get(name, 0.7) for v in values])) for name in values[0]}
    sized = {name: int(means.pop(name)) for name in ("regions", "years", "goods")}
    one = setting(**means, **sized)
    draws = simulated(one, scale_of(one), 20, 300, 1, "effect")
    size, unit = np.mean(sizes, axis=0)
    for at, name in enumerate(("printed", "corrected")):
        simulated_draws = draws[name, "effect"]  # type: ignore[index]
        power, real = simulated_draws.share(float(size)), float(np.mean(found, axis=0)[at])
        # 40 economies: s.e. .07; the measured quantities of 15 economies move the power by .04
        assert abs(power - real) < 2.5 * (0.23 / economies + 0.04**2) ** 0.5, (name, power, real)
        b = simulated_draws.error + size * simulated_draws.slope
        error = np.median((30 / 31 * np.square(b[..., 1:] - b[..., :1]).sum(axis=-1)) ** 0.5)
        # standard errors of 40 economies vary by a quarter, their median by 5%
        assert abs(np.median(errors, axis=0)[at] * unit / error - 1) < 0.15, (name, error)
