"""Define the options of `power`, their named defaults, and the setting that is simulated.

Units: the true index is in its standard deviation net of region and year effects. The outcome is in the standard
deviation of what the index does not explain, net of firm and year effects. Both are those of a panel with the given
number of years, so that they do not change when other numbers of years are tried.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from integrade.errors import UsageError, option
from integrade.estimate.results import Vector
from integrade.records.confidence import Alpha
from integrade.records.needs import DRAWS, Count

SEED = 20240101
REGIONS = Count(1_000, "a sample of more takes a second")
YEARS = Count(100, "annual panels are shorter")
GOODS = Count(400, "the noise of so many is below that of the regression")
Source = Literal["given", "prices", "panel", "demo", "default"]


@dataclass(frozen=True)
class PowerOptions:
    """Options of `power`; what is not given is taken from the prices, from the panel, or from a named default.

    Parameters
    ----------
    regions
        Number of regions, the clusters of the regression.
    years
        Number of years of the panel.
    goods
        Number of goods in the index.
    firms
        Firms per region and year, on average.
    inequality
        Standard deviation of the number of firms over regions, divided by its mean.
    noise
        Share of sampling error in the index net of region and year effects, with this number of goods and years.
    error_correlation
        Correlation of the sampling errors of two regions in a year, whose goods are the same. It matters for the
        curvature.
    persistence
        Correlation of the true index with that of the year before, within a region.
    between
        Standard deviation of lasting differences of the true index between regions, in its standard deviation net of
        region and year effects. It matters for the curvature.
    movement
        Standard deviation of the national mean of the index over the years, in the same unit. It matters for the
        curvature.
    icc
        Intra-cluster correlation: share of the outcome's residual variance that firms of a region and year have in
        common.
    shock_persistence
        Correlation of that common part with the year before; also of the mediator's own part.
    proxy
        Path from the index to the mediator: standard deviations of the mediator per standard deviation of the index.
    mediator_icc
        Share of the mediator's variance, net of firm and year effects, that firms of a region and year have in common:
        1 for a variable of the region.
    group
        Share of firms that are in the second of two groups.
    shared
        Correlation between the region-year shocks of the two groups.
    effect
        An effect of interest, in standard deviations of the outcome per standard deviation of the true index: its
        power, and the number of goods or years needed to detect it.
    power
        The probability of detecting an effect that the design requires.
    alpha
        Size of the test.
    splits
        Number of splits of the goods into halves.
    draws
        Simulated samples of each design.
    seed
        Seed of the simulation.
    """

    regions: Annotated[int, REGIONS] | None = None
    years: Annotated[int, YEARS] | None = None
    goods: Annotated[int, GOODS] | None = None
    firms: float | None = None
    inequality: float | None = None
    noise: float | None = None
    error_correlation: float | None = None
    persistence: float | None = None
    between: float | None = None
    movement: float | None = None
    icc: float | None = None
    shock_persistence: float | None = None
    proxy: float | None = None
    mediator_icc: float | None = None
    group: float | None = None
    shared: float | None = None
    effect: float | None = None
    power: float = 0.8
    alpha: Alpha = 0.05
    splits: Annotated[int, DRAWS] = 20
    draws: Annotated[int, DRAWS] = 500
    seed: int = SEED


DEFAULT_NOISE, DEFAULT_GOODS = 0.54, 10
"""Share of noise net of effects in the index of the economy of the demo with ten goods (its table of the truth)."""
DEFAULTS: Mapping[str, float] = {
    "regions": 31,
    "years": 10,
    "goods": DEFAULT_GOODS,
    "firms": 50.0,
    "inequality": 1.4,
    "error_correlation": 0.27,
    "persistence": 0.7,
    "between": 1.3,
    "movement": 2.9,
    "icc": 0.05,
    "shock_persistence": 0.7,
    "proxy": 0.5,
    "mediator_icc": 1.0,
    "group": 0.5,
    "shared": 0.0,
}
"""Values for what nobody gave. The default of ``noise`` follows from the number of goods (`default_noise`)."""
OF_THE_DEMO = ("noise", "error_correlation", "inequality", "persistence", "between", "movement")
"""Defaults that are measured in the economy of the demo (a test repeats it); the others are conventions."""
WHOLE = ("regions", "years", "goods")
LEAST = {"regions": 5, "years": 3, "goods": 4}
"""Fewest regions for a jackknife, years for a persistence, and goods for two halves with a variance each."""
MOST = {"regions": REGIONS, "years": YEARS, "goods": GOODS}
RANGES: Mapping[str, tuple[float, float]] = {
    "firms": (1.0, 1e9),
    "inequality": (0.0, 20.0),
    "noise": (0.0, 0.99),
    "error_correlation": (0.0, 0.95),
    "persistence": (0.0, 0.99),
    "between": (0.0, 100.0),
    "movement": (0.0, 100.0),
    "icc": (0.0, 1.0),
    "shock_persistence": (0.0, 0.99),
    "proxy": (-0.99, 0.99),
    "mediator_icc": (0.0, 1.0),
    "group": (0.01, 0.99),
    "shared": (0.0, 1.0),
}
"""Lowest and highest value of each quantity."""
LARGEST = 2.0
"""Largest effect that is tried, in standard deviations; a larger one would show without a regression."""
WANTED = (0.1, 0.99)
"""Lowest and highest probability with which an effect is to be found."""


@dataclass(frozen=True)
class Quantity:
    """One quantity of the design, its value and where the value comes from."""

    name: str
    value: float
    source: Source


@dataclass(frozen=True)
class Setting:
    """All quantities of a design (`PowerOptions` has their meaning); ``weights`` (N,) are the firms of each region."""

    regions: int
    years: int
    goods: int
    firms: float
    inequality: float
    noise: float
    error_correlation: float
    persistence: float
    between: float
    movement: float
    icc: float
    shock_persistence: float
    proxy: float
    mediator_icc: float
    group: float
    shared: float
    weights: tuple[float, ...]


def default_noise(goods: int) -> float:
    """Return the share of noise with this number of goods, from that with ten: its variance falls as 1 / goods."""
    odds = DEFAULT_NOISE / (1 - DEFAULT_NOISE) * DEFAULT_GOODS / goods
    return odds / (1 + odds)


def quantities(options: PowerOptions, measured: Mapping[str, tuple[float, Source]]) -> tuple[Quantity, ...]:
    """Return every quantity: as given, else as measured in prices or panel, else its default."""
    found: dict[str, Quantity] = {}
    for name in (*WHOLE, *RANGES):
        given = getattr(options, name)
        if given is not None:
            found[name] = Quantity(name, float(given), "given")
        elif name in measured:
            found[name] = Quantity(name, *measured[name])
        else:
            value = default_noise(int(found["goods"].value)) if name == "noise" else DEFAULTS[name]
            found[name] = Quantity(name, value, "demo" if name in OF_THE_DEMO else "default")
        _check(name, found[name].value)
    return tuple(found.values())


def _check(name: str, value: float) -> None:
    """Raise `UsageError` for a value out of its range."""
    if name in LEAST and value < LEAST[name]:
        raise UsageError(
            f"{option(name, int(value))} is too few: a power needs at least {LEAST[name]} {name}",
            remedy=f"give {option(name, LEAST[name])} or more",
        )
    if name in MOST:
        MOST[name].check(int(value), name)
    if name in RANGES:
        check_range(name, value, *RANGES[name])


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise `UsageError` for a value out of its range, with the nearest value that is in it."""
    if not low <= value <= high:
        raise UsageError(
            f"{option(name, value)} is out of range: {name} is at least {low:g} and at most {high:g}",
            remedy=f"give {option(name, min(max(value, low), high) if value == value else low)}",
        )


def setting_of(found: tuple[Quantity, ...], weights: Vector | None) -> Setting:
    """Return the setting; ``weights`` are the firms of the panel's regions, else they are spread by ``inequality``."""
    values = {q.name: q.value for q in found}
    regions = int(values["regions"])
    if weights is None or len(weights) != regions:
        weights = spread(regions, values["firms"], values["inequality"])
    if values["proxy"] ** 2 > values["mediator_icc"]:
        raise UsageError(
            f"{option('proxy', values['proxy'])} is more than the mediator has in common within regions: "
            f"{option('mediator_icc', values['mediator_icc'])}",
            remedy=f"give {option('proxy', round(values['mediator_icc'] ** 0.5 / 2, 3))}",
        )
    whole = {name: int(values.pop(name)) for name in WHOLE}
    return Setting(**whole, **values, weights=tuple(map(float, weights)))  # type: ignore[arg-type]


def spread(regions: int, firms: float, inequality: float) -> Vector:
    """Return firms by region (N,): quantiles of a lognormal, with the given mean and ratio of s.d. to mean.

    The s.d. of the quantiles is made exact, because the tails of a lognormal lie beyond the quantiles of few regions.
    """
    from scipy import special

    if inequality == 0:
        return np.full(regions, firms)
    ranks = special.ndtri((np.arange(regions) + 0.5) / regions)

    def relative(sigma: float) -> Vector:
        values = np.exp(sigma * ranks)
        return np.asarray(values / values.mean())

    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if relative(middle).std() < inequality else (low, middle)
    return firms * relative(low)


def net_variance(rho: float, years: int) -> float:
    """Return the expected variance of an AR(1) of variance one around its mean of T years.

    Formula: 1 - 1/T^2 sum_{s,t} rho^|s - t|.
    """
    gaps = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    return float(1 - (np.float64(rho) ** gaps).mean())


def with_size(setting: Setting, goods: int, years: int) -> Setting:
    """Return the setting with other numbers of goods and years, and the units of the first one (see `Drawing`)."""
    return dataclasses.replace(setting, goods=goods, years=years)
