"""Measure integration from prices: the dispersion over goods of relative price changes between regions (METHODS 1)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from integrade.engine.frames import Data, Frame, give_back, place
from integrade.errors import TooFew, counted, option
from integrade.integration.basis import read_prices_as, refuse_overlapping
from integrade.integration.cube import (
    Cube,
    breaks_of,
    changes,
    few_goods,
    implausible,
    listwise,
    period_name,
    refuse_wages,
    with_goods_list,
)
from integrade.integration.demean import common_component
from integrade.integration.dispersion import (
    Period,
    Pipeline,
    Units,
    by_period,
    jackknife,
    whole,
    whole_and_without_each,
)
from integrade.integration.options import FILES, RelativePrice, check_together, with_basis
from integrade.integration.pairs import choose_pairs
from integrade.integration.transforms import to_integration
from integrade.integration.units import units_of
from integrade.integration.weights import with_tables, without_weight
from integrade.records.catalogue import choose, measure
from plainwords.account import Account, Entry, Kind
from plainwords.texts import listed, say

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "relative_price", "integration"
LEAST_REGIONS = 4  # with fewer, demeaning leaves (nearly) nothing: METHODS 1.4


@measure(
    family="integration",
    needs=("prices",),
    key=("region", "year"),
    adds={
        "segmentation": "variance of log points",
        "integration": "by transform",
        "se_segmentation": "as segmentation",
        "se_integration": "as integration",
        "n_pairs": "pairs",
        "n_goods": "goods",
    },
    options=RelativePrice,
    cite="Parsley and Wei (1996, 2001); Gui, Chen, Lu and Chen (2006); Sheng and Mao (2011)",
)
def relative_price(prices: Data, options: RelativePrice | None = None, **changes: Any) -> Data:
    """Measure the market integration of each region by the relative-price method.

    Formula:
        dQ_ijt^k = ln I_it^k - ln I_jt^k; q = abs(dQ) - mean over pairs of abs(dQ) for good k in period t; V_ijt =
        variance over goods of q, with divisor K_ijt - ddof; segmentation S_it = mean over j of V_ijt; integration = 0.5
        ln(1/S_it). For the nation, S is the mean of V over pairs. With partner weights S_it = sum_j w_ijt V_ijt / sum_j
        w_ijt, where w_ijt is the weight of region j (GDP, population), 1/distance, or the weight of the pair. The
        nation and groups of regions weight a pair by (w_ij + w_ji)/2. The outward line of a group is always the
        unweighted mean of its regions. With good weights V_ijt is the weighted variance with divisor 1 - ddof sum w^2,
        where w are the shares of the goods that the pair has (the mean of both regions' shares). The mean over pairs
        that is subtracted is never weighted.

    Missing values:
        A pair uses the goods that both regions have. It is valid with at least ceil(max(3, 0.6 K)) of the K goods of
        the period (``k_min``). The mean over pairs is taken over the pairs that have the good. A region averages over
        its valid pairs, however many there are. A region and period without a valid pair has a row with missing values.
        The integration of a segmentation of exactly zero is missing. Both are counted in the account. Price changes
        outside 50..200 are kept and noted with their address; changes in the list of goods are noted too.
        missing='listwise' drops a good in a period if any region with prices lacks it. A variance over time needs
        ceil(max(3, 0.6 W)) of the W periods of its window. A pair that is missing from a table of weights or distances
        has weight zero, and is counted.

    Args:
        prices: any frame with region, year, (month,) commodity and index (index points; currency for basis='level').
        options: a `RelativePrice`; single options may be given or changed by name.
        **changes: options by name, for example ``pairs='adjacent'``.

    Returns:
        One row per region, year (, month), sorted: segmentation (variance of log points), integration (by transform),
        n_pairs (valid pairs), n_goods (goods that enter); with se='jackknife' also se_segmentation and se_integration.
        By ``level``, one row per region_a, region_b, year; or one row per year; or one row per kind (within, outward,
        between), group, other, year. Same kind of frame as the input.

    Raises:
        TooFew: every period (with thin='refuse', any period) has fewer than four regions or fewer than k_min goods; no
            pair of regions has k_min goods in any period; or no two periods are adjacent.
        UsageError, UnknownName: options that do not exist or exclude each other, or names in the pairs that have no
        prices.
        Coverage: a region or good that has prices has no weight. OutOfRange: a negative weight or distance.
        Problems, MissingColumn, NotANumber, OutOfRange, DuplicateKeys, EmptyTable: see
        `integrade.records.schema.conform`.

    Reference:
        Parsley and Wei (1996, QJE; 2001, JIE); Gui, Chen, Lu and Chen (2006); Sheng and Mao (2011); Engel and Rogers
        (1996, AER) for the variance over time. METHODS 1.1-1.4.

    Example:
        >>> import polars as pl
        >>> prices = pl.DataFrame({
        ...     "region": [r for r in "ABCD" for _ in range(3)], "year": [2004] * 12,
        ...     "commodity": ["food", "clothing", "fuel"] * 4,
        ...     "index": [102.0, 105, 98, 103, 101, 99, 100, 104, 101, 104, 103, 97.0],
        ... })
        >>> relative_price(prices, basis="link")["integration"].round(4).to_list()
        [4.4393, 4.5179, 4.432, 4.5157]
    """
    chosen = choose(RelativePrice, options, changes)
    work, account, frame = prepare(prices, chosen)
    units = units_of(work.cube, work.pairs, work.options)
    with_errors = chosen.se == "jackknife"
    periods = list(by_period(work, units, whole_and_without_each if with_errors else whole))
    rows = with_goods_list(_rows(periods, units, work.cube, chosen), prices)
    if rows["segmentation"].null_count() == rows.height:
        raise _no_pair(work)
    account += without_weight(work.cube, work.pairs, work.options) + _notes(rows, periods, work.options)
    return give_back(place(rows, frame), prices, name=TABLE, account=account)


def prepare(prices: Any, options: RelativePrice) -> tuple[Pipeline, Account, Frame]:
    """Convert prices to log changes (levels for form level_ratio), with the pairs and the common component.

    Raises the errors of `relative_price`, except the error that no pair has enough goods.
    """
    check_together(options)
    options = with_tables(options)
    cube, basis, account, frame = read_prices_as(prices, options.basis)
    refuse_overlapping(basis, options.basis)
    options = with_basis(options, basis)
    if options.goods_group == "labour" and basis == "link":
        refuse_wages(cube)
    if options.form != "level_ratio":
        if basis not in ("link", "year_on_year"):
            cube, lost = changes(cube)
            account += lost
        account += implausible(cube)
    if options.missing == "listwise":
        cube, lost = listwise(cube)
        account += lost
    cube, thin = without_thin(cube, options)
    account += thin
    account += few_goods(cube, options.goods_group)
    warned = any(e.step == "goods" and e.kind == "warning" for e in account)  # warned where the prices were read
    account += [Entry(STEP, TABLE, "note" if warned else "warning", sentence, 0) for sentence in breaks_of(cube)]
    pairs = choose_pairs(options.pairs, cube.regions, options.distances, options.geography)
    work = Pipeline(cube, pairs, common_component(cube, pairs, options), options)
    return work, account, frame


def without_thin(cube: Cube, options: RelativePrice) -> tuple[Cube, Account]:
    """Drop the periods that have too few regions or goods for an index; they are counted and named.

    Raises `TooFew` if no period is left; with ``thin='refuse'``, if any period has too few.
    """
    has = np.isfinite(cube.values)
    regions, goods = has.any(axis=2).sum(axis=1).tolist(), has.any(axis=1).sum(axis=1).tolist()
    thin: dict[int, tuple[str, int, int]] = {}
    for t, (n, k) in enumerate(zip(regions, goods, strict=True)):
        if n < LEAST_REGIONS:
            thin[t] = ("region", n, LEAST_REGIONS)
        elif k < options.goods_needed(k):
            thin[t] = ("good", k, options.goods_needed(k))
    if not thin:
        return cube, Account()
    first = min(thin)
    what, n, needed = thin[first]
    everywhere = len(thin) == len(cube.periods)
    if everywhere or options.thin == "refuse":
        more = f" ({len(thin)} such periods)" if len(thin) > 1 else ""
        raise TooFew(
            f"{counted(n, what)} in {period_name(cube.periods[first])}, and the index needs {needed}{more}",
            remedy=f"the table needs {needed} {what}s in every period"
            if everywhere
            else f"{option('thin', 'leave_out')} leaves such periods out and counts them",
        )
    kept = [t for t in range(len(cube.periods)) if t not in thin]
    names = listed([period_name(cube.periods[t]) for t in sorted(thin)], "comma")
    lost = int(has[sorted(thin)].sum())
    entry = Entry(STEP, "prices", "warning", say("integration.thin-periods", n=len(thin), periods=names), lost)
    return Cube(tuple(cube.periods[t] for t in kept), cube.regions, cube.goods, cube.values[kept]), Account((entry,))


def _no_pair(work: Pipeline) -> TooFew:
    """Build the error for the case that no pair has a value in any period, with the most goods that a pair shares."""
    options, counts = work.options, []
    for values in work.cube.values:
        has = np.isfinite(values).astype(np.int64)
        counts.append((int((has @ has.T)[work.pairs.first, work.pairs.second].max()), int(has.any(axis=0).sum())))
    shared, goods = max(counts)  # the most goods that a pair shares in a period, and the goods of that period
    needed = options.goods_needed(goods)
    if shared >= needed:
        return TooFew(
            "no pair of regions has a value in any period: weights are zero, or goods have gaps in the window",
            remedy="give partner_weights above zero, or prices without gaps",
        )
    lower = f"{option('k_min', shared)}, or " if shared >= (3 if options.se == "jackknife" else 2) else ""
    return TooFew(
        f"no pair of regions has enough goods in any period: at most {shared} of {goods} are in both, and the index "
        f"needs {needed}",
        remedy=f"{lower}give prices of the same goods in all regions",
    )


def _rows(periods: Sequence[Period], units: Units, cube: Cube, options: RelativePrice) -> pl.DataFrame:
    import polars as pl

    here = np.array([units.here[p.since : p.t + 1].any(axis=0) for p in periods])
    at_t, at_u = np.nonzero(here)
    time = dict(zip(("year", "month"), np.array([cube.periods[p.t] for p in periods]).T, strict=False))
    columns = {name: pl.Series(values, dtype=pl.String).gather(at_u) for name, values in units.labels.items()}
    columns |= {name: pl.Series(values[at_t]) for name, values in time.items()}
    key = list(columns)
    segmentation = np.array([p.segmentation[:, 0] for p in periods])
    integration = to_integration(segmentation, options.transform)
    numbers: dict[str, Any] = {"segmentation": segmentation, "integration": integration}  # each (T, U)
    if options.se == "jackknife":
        numbers["se_segmentation"] = np.array([jackknife(p.segmentation[:, 1:], p.used) for p in periods])
        numbers["se_integration"] = np.array(
            [jackknife(to_integration(p.segmentation[:, 1:], options.transform), p.used) for p in periods]
        )
        numbers["se_integration"][np.isnan(integration)] = np.nan
        numbers["se_segmentation"][np.isnan(segmentation)] = np.nan
    if options.level != "pair":
        numbers["n_pairs"] = np.array([p.n_pairs for p in periods])
    numbers["n_goods"] = np.array([p.used.sum(axis=1) for p in periods])
    columns |= {name: pl.Series(values[here]) for name, values in numbers.items()}
    return pl.DataFrame(columns, nan_to_null=True).with_columns(pl.col(pl.Float64).fill_nan(None)).sort(key)


def _notes(rows: pl.DataFrame, periods: Sequence[Period], options: RelativePrice) -> Account:
    """Record facts that the numbers cannot show: settings, reasons for missing rows, and unequal numbers of goods."""
    lone = rows["segmentation"].is_null()
    exact = (rows["segmentation"] == 0) & rows["integration"].is_null()
    fewest, most = min(p.fewest for p in periods), max(p.most for p in periods)
    uneven = any(p.fewest < p.most for p in periods)
    shared = "integration.goods-shared" if options.ddof else "integration.goods-shared-without-ddof"
    counts: list[tuple[int, Kind, str]] = [
        (int(lone.sum()), "warning", say("integration.missing", why=say("integration.no-pair"))),
        (int(exact.sum()), "warning", say("integration.missing", why=say("integration.no-difference"))),
        (int(uneven), "note", say(shared, fewest=str(fewest), most=str(most))),
        (int(options.oriented), "note", say("integration.oriented")),
    ]
    entries = [Entry(STEP, TABLE, kind, reason, n) for n, kind, reason in counts if n]
    # Every option is written, because none can be recovered from the numbers.
    values = {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    for name in FILES:
        value = values[name].name if isinstance(values[name], Path) else values[name]
        values[name] = value if isinstance(value, str | None) else "given"
    settings = ", ".join(f"{name}={value}" for name, value in values.items() if value is not None)
    entries += [Entry(STEP, TABLE, "note", say("account.settings", settings=settings), 0)]
    return Account((*entries, Entry(STEP, TABLE, "out", say("account.rows"), rows.height)))
