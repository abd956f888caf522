"""Simulate firms with known production function and productivity (design of Ackerberg, Caves and Frazer, 2015)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.errors import UsageError
from integrade.records.catalogue import choose
from integrade.records.needs import FIRMS, YEARS

Array: TypeAlias = NDArray[np.float64]
BURN_IN = 100
"""Simulated years before the first year of the table.

A firm starts without capital. At the default depreciation of 0.2, only the share 0.8^100 of any earlier capital would
be left in the first year of the table.
"""
HORIZON = 100
"""Years over which a firm looks ahead.

Later years have at most the weight (0.95 * 0.8)^100 = 1e-12, at the default discount and depreciation.
"""


@dataclass(frozen=True)
class Production:
    """Options of `simulate_production`. The defaults are DGP1 of Ackerberg, Caves and Frazer (2015).

    Parameters
    ----------
    seed
        Every number follows from the seed and the other options.
    n_firms, first_year, n_years
        Size of the balanced panel.
    labour, capital
        Elasticities of value added; they sum to 1.
    materials
        Elasticity of gross output to materials.
    persistence, productivity_sd
        The AR(1) of log productivity and its stationary standard deviation.
    noise_sd
        Standard deviation of the noise in log output, which is unknown when inputs are chosen.
    labour_time
        b: labour is chosen at t - b. With 1, only last year's productivity is then known; with 0, this year's
        productivity.
    labour_error_sd
        Standard deviation of the error in choosing labour, which is unrelated to everything else.
    wage_sd, wage_persistence
        Log wages, an AR(1) by firm; a standard deviation of 0 gives all firms the same wage.
    adjustment_sd
        Standard deviation of the log of the cost of adjusting capital, which differs between firms.
    capital_shock_sd
        Standard deviation of the log of unforeseen factors (mean 1) by which capital grows or shrinks. They separate
        capital from productivity if all firms have the same cost of adjustment.
    depreciation, discount
        Depreciation of capital and discount factor of the future.
    """

    seed: int = 20240101
    n_firms: Annotated[int, FIRMS] = 1000
    first_year: int = 1998
    n_years: Annotated[int, YEARS] = 10
    labour: float = 0.6
    capital: float = 0.4
    materials: float = 0.5
    persistence: float = 0.7
    productivity_sd: float = 0.3
    noise_sd: float = 0.1
    labour_time: float = 0.5
    labour_error_sd: float = 0.0
    wage_sd: float = 0.1
    wage_persistence: float = 0.3
    adjustment_sd: float = 0.6
    capital_shock_sd: float = 0.0
    depreciation: float = 0.2
    discount: float = 0.95


@dataclass(frozen=True)
class SimulatedProduction:
    """The simulated accounts and the options that generated them.

    ``accounts``: one row per firm and year, with capital, investment, employees, wages, intermediate_inputs,
    value_added and gross_output. It also has ln_tfp_value_added and ln_tfp_gross_output (without the noise), which real
    data lack. ``options``: the true parameters.
    """

    accounts: pl.DataFrame
    options: Production

    @property
    def gross(self) -> dict[str, float]:
        """The elasticities of gross output."""
        value_added_share = 1 - self.options.materials
        return {
            "labour": value_added_share * self.options.labour,
            "capital": value_added_share * self.options.capital,
            "materials": self.options.materials,
        }


def simulate_production(options: Production | None = None, **changes: Any) -> SimulatedProduction:
    """Simulate a balanced panel of firms that choose labour, materials and investment optimally.

    Formula: value added Y = exp(w + e) L^bl K^bk with w an AR(1); K_t+1 = (1 - d) K_t + I_t at the cost phi_i I^2 / 2,
        so that phi_i I_t = sum over h >= 1 of r^h (1 - d)^(h-1) E_t[marginal product of capital in t + h], in closed
        form as L* is proportional to K; L* maximises expected profit with what is known at t - b, and L = L*
        exp(error). Materials are in proportion to planned value added without the noise (Leontief). Gross output is
        exp((1 - bm) w + e) (L^bl K^bk)^(1 - bm) M^bm, where materials maximise expected profit given planned labour;
        this gives the same proportion. Prices are 1.

    Raises: `UsageError` for elasticities of value added that do not sum to 1 or are not positive.

    Reference: Ackerberg, Caves and Frazer (2015, Econometrica 83(6)), section 5 and appendix; the closed form of
        investment was derived for this simulation.

    Example:
        >>> made = simulate_production(n_firms=2, n_years=2, seed=1)
        >>> made.accounts.select("firm", "year").rows()
        [('1', 1998), ('1', 1999), ('2', 1998), ('2', 1999)]
    """
    chosen = choose(Production, options, changes)
    # 1e-9 allows shares that sum to 1 only up to floating-point error; a convention.
    if min(chosen.labour, chosen.capital) <= 0 or abs(chosen.labour + chosen.capital - 1) > 1e-9:
        raise UsageError(
            "labour and capital do not sum to 1", remedy="give two shares that do, such as labour=0.6, capital=0.4"
        )
    draw = np.random.default_rng(chosen.seed)
    early, omega = _productivity(chosen, draw)
    wage = _wages(chosen, draw)
    invested = _investment(chosen, omega, wage) * np.exp(chosen.adjustment_sd * draw.standard_normal(chosen.n_firms))
    stock = np.zeros_like(invested)
    for year in range(1, len(stock)):
        luck = chosen.capital_shock_sd * draw.standard_normal(chosen.n_firms) - chosen.capital_shock_sd**2 / 2
        stock[year] = ((1 - chosen.depreciation) * stock[year - 1] + invested[year - 1]) * np.exp(luck)
    kept = slice(BURN_IN, None)
    early, omega, wage, invested, stock = (a[kept] for a in (early, omega, wage, invested, stock))
    known = _known(chosen)
    planned = (known.level + np.log(chosen.labour) + known.share * early - wage) / chosen.capital + np.log(stock)
    labour = planned + chosen.labour_error_sd * draw.standard_normal(planned.shape)
    noise = chosen.noise_sd * draw.standard_normal(planned.shape)
    plan = omega + chosen.labour * planned + chosen.capital * np.log(stock)
    bm = chosen.materials
    materials = plan + (np.log(bm) + chosen.noise_sd**2 / 2) / (1 - bm)
    gross = (1 - bm) * omega
    output = gross + (1 - bm) * (chosen.labour * labour + chosen.capital * np.log(stock)) + bm * materials + noise
    value_added = omega + chosen.labour * labour + chosen.capital * np.log(stock) + noise
    columns = {
        "capital": stock,
        "investment": invested,
        "employees": np.exp(labour),
        "wages": np.exp(labour + wage),
        "intermediate_inputs": np.exp(materials),
        "value_added": np.exp(value_added),
        "gross_output": np.exp(output),
        "ln_tfp_value_added": omega,
        "ln_tfp_gross_output": gross,
    }
    firms = np.repeat(np.arange(1, chosen.n_firms + 1), chosen.n_years)
    years = np.tile(np.arange(chosen.first_year, chosen.first_year + chosen.n_years), chosen.n_firms)
    width = len(str(chosen.n_firms))
    keys = {"firm": [f"{f:0{width}d}" for f in firms], "year": years}
    accounts = pl.DataFrame({**keys, **{name: values.T.ravel() for name, values in columns.items()}})
    return SimulatedProduction(accounts, chosen)


@dataclass(frozen=True)
class _Known:
    """The part of productivity at t that is known at t - b.

    Expected productivity is ``share`` of its value at t - b; ``rest`` is the standard deviation of the unknown part.

    ``level`` is ln E[exp(unknown part)].
    """

    share: float
    rest: float

    @property
    def level(self) -> float:
        return self.rest**2 / 2


def _known(chosen: Production) -> _Known:
    share = chosen.persistence**chosen.labour_time
    return _Known(share, chosen.productivity_sd * np.sqrt(1 - share**2))


def _productivity(chosen: Production, draw: np.random.Generator) -> tuple[Array, Array]:
    """Draw log productivity at t - b and at t, two arrays of shape (years, firms)."""
    years, known = BURN_IN + chosen.n_years, _known(chosen)
    first = chosen.persistence ** (1 - chosen.labour_time)
    spread = chosen.productivity_sd * np.sqrt(1 - first**2)
    early, now = np.zeros((years, chosen.n_firms)), np.zeros((years, chosen.n_firms))
    last = chosen.productivity_sd * draw.standard_normal(chosen.n_firms)
    for year in range(years):
        early[year] = first * last + spread * draw.standard_normal(chosen.n_firms)
        now[year] = known.share * early[year] + known.rest * draw.standard_normal(chosen.n_firms)
        last = now[year]
    return early, now


def _wages(chosen: Production, draw: np.random.Generator) -> Array:
    """Draw log wages, an array of shape (years, firms)."""
    wage = np.zeros((BURN_IN + chosen.n_years, chosen.n_firms))
    last = chosen.wage_sd * draw.standard_normal(chosen.n_firms)
    spread = chosen.wage_sd * np.sqrt(1 - chosen.wage_persistence**2)
    for year in range(len(wage)):
        wage[year] = last = chosen.wage_persistence * last + spread * draw.standard_normal(chosen.n_firms)
    return wage


def _investment(chosen: Production, omega: Array, wage: Array) -> Array:
    """Compute investment if the cost of adjustment is 1, an array of shape (years, firms)."""
    bl, power, known = chosen.labour, 1 / chosen.capital, _known(chosen)
    error = chosen.labour_error_sd**2 / 2
    profit = bl ** (bl * power) * np.exp(bl**2 * error) - bl**power * np.exp(error)
    total = np.zeros_like(omega)
    for ahead in range(1, HORIZON + 1):
        later = chosen.persistence ** (2 * (ahead - chosen.labour_time))
        spread = (power * known.share * chosen.productivity_sd) ** 2 * (1 - later)
        spread += (power * bl * chosen.wage_sd) ** 2 * (1 - chosen.wage_persistence ** (2 * ahead))
        mean = chosen.persistence**ahead * omega - bl * chosen.wage_persistence**ahead * wage + known.level
        weight = chosen.discount**ahead * (1 - chosen.depreciation) ** (ahead - 1)
        total += weight * np.exp(power * mean + spread / 2)
    return np.asarray(profit * total)
