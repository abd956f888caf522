"""Measure integration from output (METHODS 2.3): regions whose business cycles move together share a market."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from integrade.engine.frames import Data, collect, give_back, place
from integrade.errors import TooFew, UsageError, counted, option
from integrade.integration import filters
from integrade.integration.series import longest_run
from integrade.integration.synchronisation import cerqueira_martins, rolling_correlation
from integrade.integration.transforms import Vector
from integrade.records.catalogue import choose, measure
from integrade.records.schema import conform
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "business_cycle", "integration"


@dataclass(frozen=True)
class BusinessCycle:
    """Options of `business_cycle` (METHODS 2.3).

    Parameters
    ----------
    filter
        The filter that gives the cyclical part of ln real GDP: hp (Hodrick-Prescott), baxter_king, hamilton (regression
        filter), or difference (growth).
    smoothing
        For hp: the smoothing parameter; 6.25 for annual data (Ravn and Uhlig), formerly 100.
    low
        For baxter_king: the shortest period of a cycle in years.
    high
        For baxter_king: the longest period of a cycle in years.
    lead
        For baxter_king: the number of years on each side that enter the average. The same number of years is lost at
        each end.
    horizon
        For hamilton: the number of years ahead.
    lags
        For hamilton: the number of past years.
    synchronisation
        rolling: correlation over ``window`` years. cerqueira_martins: 1 - (z_i - z_j)^2 / 2, which gives a value for
        each year.
    window
        Number of years of the rolling correlation; the row has the last of these years.
    level
        One row per region (mean over its partners), one row per pair, or one row for the nation (mean over pairs).
    """

    filter: Literal["hp", "baxter_king", "hamilton", "difference"] = "hp"
    smoothing: float = 6.25
    low: float = 2
    high: float = 8
    lead: int = 3
    horizon: int = 2
    lags: int = 2
    synchronisation: Literal["rolling", "cerqueira_martins"] = "rolling"
    window: int = 5
    level: Literal["region", "pair", "nation"] = "region"


@dataclass(frozen=True)
class Cycles:
    """Cyclical parts (T, N), NaN where a region has none.

    The years are adjacent; years and regions are in ascending order.
    """

    years: tuple[int, ...]
    regions: tuple[str, ...]
    values: Vector


@measure(
    family="integration",
    needs=("gdp",),
    key=("region", "year"),
    adds={
        "integration": "correlation, -1..1 (Cerqueira-Martins: at most 1)",
        "cycle": "log points",
        "n_pairs": "pairs",
    },
    options=BusinessCycle,
    cite="Xu (2002); Artis and Zhang (1997); Cerqueira and Martins (2009); Hamilton (2018)",
)
def business_cycle(gdp: Data, options: BusinessCycle | None = None, **changes: Any) -> Data:
    """Measure how closely each region's business cycle moves with the cycles of the other regions.

    Formula:
        c_it = cyclical part of ln GDP_it; rolling: r_ijt = corr(c_i, c_j) over the ``window`` years that end at t;
        cerqueira_martins: rho_ijt = 1 - (z_it - z_jt)^2 / 2, where z is c standardised over the pair's years, with
        divisor T (the mean of rho over t is the Pearson correlation). integration_it = mean over j of r_ijt or rho_ijt.

    Missing values:
        A filter needs adjacent years. So each region enters with its longest run of adjacent years, and its other rows
        are dropped and counted. Years without a filtered value (both ends for baxter_king, the start for hamilton and
        differences) have no cycle. A rolling correlation needs a cycle of both regions in every year of the window.
        Years before the first value have no row. A region and year without a partner has missing integration, which is
        counted.

    Args:
        gdp: any frame with region, year, real_gdp (constant prices).
        options: a `BusinessCycle`; single options may be given or changed by name.
        **changes: options by name, for example ``filter='hamilton'``.

    Returns:
        One row per region, year, sorted: integration, cycle, n_pairs (partners with a value). By ``level``, one row per
        region_a, region_b, year (integration), or one row per year (integration, n_pairs). Same kind of frame as the
        input.

    Raises:
        TooFew: there are fewer than two regions, or no region has enough adjacent years (regions are named).
        UsageError, UnknownName: a window is under three years, or options do not exist.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Xu (2002); Cerqueira and Martins (2009); Ravn and Uhlig (2002); Baxter and King (1999); Hamilton (2018).
        METHODS 2.3.

    Example:
        >>> import polars as pl
        >>> gdp = pl.DataFrame({"region": ["A"] * 5 + ["B"] * 5, "year": [*range(2000, 2005)] * 2,
        ...                     "real_gdp": [100.0, 110, 115, 130, 140, 50, 55, 58, 64, 70]})
        >>> business_cycle(gdp, filter="difference", window=3, level="nation")["integration"].round(3).to_list()
        [0.958, 0.888]
    """
    chosen = choose(BusinessCycle, options, changes)
    if chosen.synchronisation == "rolling" and chosen.window < 3:
        raise UsageError(
            f"window={chosen.window}: a correlation needs three years", remedy=f"give {option('window', 5)}"
        )
    if chosen.filter == "baxter_king" and not 2 <= chosen.low < chosen.high:
        raise UsageError(
            f"low={chosen.low:g}, high={chosen.high:g}: a cycle lasts two years or more",
            remedy=f"give {option('low', 2)}, {option('high', 8)}",
        )
    if min(chosen.lead, chosen.horizon, chosen.lags) < 1 or not chosen.smoothing > 0:
        raise UsageError(
            "smoothing, lead, horizon and lags must be positive",
            remedy=f"leave {', '.join(map(option, ('smoothing', 'lead', 'horizon')))} and {option('lags')} out",
        )
    conformed = conform(gdp, "gdp")
    cycles, account = cycles_of(collect(conformed.frame.select("region", "year", "real_gdp")), chosen)
    if chosen.synchronisation == "rolling":
        together = rolling_correlation(cycles.values, chosen.window)
    else:
        together = cerqueira_martins(cycles.values)
    rows = _rows(cycles, together, chosen.level)
    lone = rows["integration"].null_count()
    reason = say("account.of-rows", n=lone, what=say("integration.no-partner"))
    notes = [Entry(STEP, TABLE, "warning", reason, lone)] if lone else []
    parameters = {
        "hp": f"smoothing={chosen.smoothing:g}",
        "baxter_king": f"low={chosen.low:g}, high={chosen.high:g}, lead={chosen.lead}",
        "hamilton": f"horizon={chosen.horizon}, lags={chosen.lags}",
        "difference": say("integration.growth"),
    }[chosen.filter]
    filtered = say("integration.filter-with", filter=chosen.filter, options=parameters)
    kind: str = chosen.synchronisation
    if kind == "rolling":
        kind = say("integration.over-years", synchronisation=kind, years=str(chosen.window))
    settings = say("integration.settings-of-filter", filter=filtered, synchronisation=kind, level=chosen.level)
    notes += [Entry(STEP, TABLE, "note", settings, 0), Entry(STEP, TABLE, "out", say("account.rows"), rows.height)]
    account = conformed.account + account + notes
    return give_back(place(rows, conformed.frame), gdp, name=TABLE, account=account)


def cycles_of(gdp: pl.DataFrame, options: BusinessCycle) -> tuple[Cycles, Account]:
    """Compute the cyclical part for the longest run of adjacent years of every region; raises `TooFew`."""
    regions = tuple(gdp["region"].unique().sort().to_list())
    if len(regions) < 2:
        raise TooFew(
            f"{counted(len(regions), 'region')}: synchronisation needs two", remedy="give the GDP of more regions"
        )
    years = tuple(range(int(gdp["year"].min()), int(gdp["year"].max()) + 1))  # type: ignore[arg-type]
    logs = np.full((len(years), len(regions)), np.nan)
    at = {name: i for i, name in enumerate(regions)}
    for region, year, value in gdp.iter_rows():
        logs[year - years[0], at[region]] = np.log(value)
    needed, judge = _filter(options)
    values, lost, short = np.full_like(logs, np.nan), 0, 0
    for i in range(len(regions)):
        run = longest_run(np.isfinite(logs[:, i]))
        kept = run.stop - run.start
        lost += int(np.isfinite(logs[:, i]).sum()) - kept
        if kept < needed:
            short += kept
            continue
        values[run, i] = judge(logs[run, i])
    if not np.isfinite(values).any():
        raise TooFew(
            f"no region has the {needed} adjacent years that {option('filter', options.filter)} needs",
            remedy=f"give longer series, or {option('filter', 'difference')}, which needs two years",
        )
    few = say("integration.few-adjacent-years", n=str(needed))
    dropped = ((lost, say("integration.outside-run-of-years")), (short, few))
    return Cycles(years, regions, values), Account(tuple(Entry(STEP, "gdp", "dropped", r, n) for n, r in dropped if n))


def _filter(options: BusinessCycle) -> tuple[int, Callable[[Vector], Vector]]:
    """Return the number of years that a filter needs, and the filter itself."""
    match options.filter:
        case "hp":
            return 4, lambda x: filters.hodrick_prescott(x, options.smoothing)
        case "baxter_king":
            return 2 * options.lead + 1, lambda x: filters.baxter_king(x, options.low, options.high, options.lead)
        case "hamilton":
            return options.horizon + 2 * options.lags + 1, lambda x: filters.hamilton(x, options.horizon, options.lags)
        case "difference":
            return 2, filters.difference


def _rows(cycles: Cycles, together: Vector, level: str) -> pl.DataFrame:
    """Convert the array ``together`` (T, N, N) to rows of a level."""
    import polars as pl

    n = len(cycles.regions)
    first, second = np.triu_indices(n, 1)
    pairs = together[:, first, second]
    years, names = np.array(cycles.years), np.array(cycles.regions, dtype=object)
    if level == "pair":
        t, p = np.nonzero(np.isfinite(pairs))
        labels = {"region_a": names[first[p]].tolist(), "region_b": names[second[p]].tolist(), "year": years[t]}
        return pl.DataFrame({**labels, "integration": pairs[t, p]}).sort("region_a", "region_b", "year")
    if level == "nation":
        some = np.isfinite(pairs).any(axis=1)
        many = np.isfinite(pairs).sum(axis=1)[some]
        return pl.DataFrame({"year": years[some], "integration": np.nanmean(pairs[some], axis=1), "n_pairs": many})
    others = np.where(np.eye(n, dtype=bool), np.nan, together)
    many = np.isfinite(others).sum(axis=2)
    mean = np.where(many > 0, np.nansum(others, axis=2) / np.maximum(many, 1), np.nan)
    here = np.isfinite(cycles.values) & (many > 0).any(axis=1)[:, None]
    t, i = np.nonzero(here)
    columns = {"region": names[i].tolist(), "year": years[t], "integration": mean[here], "cycle": cycles.values[here]}
    rows = pl.DataFrame({**columns, "n_pairs": many[here]})
    return rows.with_columns(pl.col(pl.Float64).fill_nan(None)).sort("region", "year")
