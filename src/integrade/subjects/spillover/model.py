"""Add the mean index of a region's neighbours, computed without the pairs that they share with the region.

The index S_it averages the dispersion V_ijt over all other regions j. S_jt averages over the pairs of j, so it contains
the same pair ij. Part of the correlation of S_it and S_jt comes from that pair and has no economic content (METHODS
5.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import narwhals as nw
import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.engine.frames import Data, Table, account_of, beside, collect, enter
from integrade.errors import Coverage, TooFew, UnknownColumn, UsageError, did_you_mean, option
from integrade.estimate.contrasts import JointTest
from integrade.estimate.inverted_u import UTest
from integrade.estimate.results import FitResult, Vector
from integrade.geography import Geography, place_said
from integrade.integration.given import find, places
from integrade.integration.options import RelativePrice
from integrade.integration.pairs import Index, Pairs, choose_pairs
from integrade.integration.relative_price import relative_price
from integrade.integration.transforms import to_integration
from integrade.records import tidied
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import conform
from integrade.regress.effects import factorise
from integrade.regress.partial import absorber, demean
from integrade.sources.tables.geography import read_geography
from integrade.wording.sheet import Sheet, shown
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

STEP = "spillover"
_KEY = ("region", "year")


@dataclass(frozen=True)
class Spillover:
    """Options of the neighbours of a region and of their index.

    Parameters
    ----------
    neighbours
        adjacent (regions with a common border, and Guangdong-Hainan); nearest:K or within:KM; or a .csv file with two
        columns of region names, in Python also a frame or a list of pairs.
    shared
        drop: leave out of a neighbour's index the pair of prices that it shares with the region. keep: do not. Pairs
        cannot be left out of a finished index.
    name
        The new column.
    square
        Also add its square.
    method
        How prices become the index of a region.
    """

    neighbours: Any = "adjacent"
    shared: Literal["drop", "keep"] = "drop"
    name: str = "market_neighbours"
    square: bool = True
    method: RelativePrice = field(default_factory=RelativePrice)


@shown
@dataclass(frozen=True)
class MechanicalCorrelation:
    """Correlation of a region's index with its neighbours' index, with and without the pairs that they share.

    Numbers named ``*_within`` are net of region and year effects, as in a regression with such effects. ``n`` is the
    number of region-years.
    """

    n: int
    kept: float
    dropped: float
    kept_within: float
    dropped_within: float

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the correlations in one paragraph."""
        return Sheet(
            "V_ij is in S_i and in S_j, so the indices of neighbours are correlated by construction: "
            f"r = {self.kept:.3f} with the shared pairs, {self.dropped:.3f} without; net of region and year effects "
            f"{self.kept_within:.3f} and {self.dropped_within:.3f} ({self.n:,} region-years). Without them the prices "
            "of i reach the neighbours' index only through the mean over all pairs; those of the neighbours stay in S_i"
        )


@keywords(Spillover)
def add_spillover(
    panel: Data, options: Spillover | None = None, *, prices: Any = None, index: Any = None, **changes: Any
) -> Data:
    """Add the mean index of the neighbours of each row's region, and its square.

    Formula: ``market_neighbours_it = mean over neighbours j of f(S_jt without ij)``, S_jt without ij the mean of V_jkt
        over k other than i, f the transform of the index. With a finished ``index``, or shared="keep": the plain mean
        of the neighbours' integration.
    Missing values: a neighbour without an index that year is left out. The column is missing if no neighbour has an
        index, or if the region is not in the prices. Both are counted in the account, which also has the note on
        mechanical correlation.

    Args:
        panel: any table with region and year.
        options: a `Spillover`; single options by name.
        prices: prices by region, year and commodity. index: or the index by region and year (integration).

    Returns:
        The panel with the new columns, in the type that was given. Columns with the same names are replaced.

    Raises:
        UsageError: neither prices nor index is given, or both are; monthly data. UnknownName: with
            neighbours="adjacent", no geography knows the borders of the regions; or a name in the list of neighbours
            has no prices.
        Coverage: no region-year of the panel has neighbours with an index.

    Reference: METHODS 5.8.

    Example:
        >>> wider = add_spillover(panel, prices=prices)  # doctest: +SKIP
        >>> fit(wider, "quality ~ market + market_neighbours | firm + year", cluster="region")  # doctest: +SKIP
    """
    chosen = choose(Spillover, options, changes)
    table = spillover(chosen, prices=prices, index=index)
    frame = enter(panel)
    names = frame.collect_schema().names()
    for column in _KEY:
        if column not in names:
            raise UnknownColumn(f"no column {column!r} in the panel", remedy=did_you_mean(column, names))
    cells = collect(frame.group_by(*_KEY).agg(nw.len().alias("_rows"))).sort(*_KEY)
    added = [chosen.name, *([f"{chosen.name}_square"] if chosen.square else [])]
    placed = _placed(cells, table.polars(), added, read_geography(chosen.method.geography))
    joined = beside(frame.select(*[c for c in names if c not in added]), placed.select(*_KEY, *added), _KEY)
    account = account_of(panel) + table.account + _entries(placed, chosen.name)
    return frames.give_back(joined, panel, name="panel", account=account)


@keywords(Spillover)
def spillover(options: Spillover | None = None, *, prices: Any = None, index: Any = None, **changes: Any) -> Table:
    """Return the neighbours' mean index by region and year, with the note on mechanical correlation in its account.

    Columns: region, year, the name in the options, its square, and n_neighbours (the number of neighbours that have an
        index that year).
    The formula and the errors are those of `add_spillover`.
    """
    chosen = choose(Spillover, options, changes)
    if (prices is None) == (index is None):
        neither = f"give {option('prices', ...)} (the shared pairs can be left out), or {option('index', ...)}"
        one = f"leave {option('index')} out, or leave {option('prices')} out"
        raise UsageError("give either prices or an index", remedy=neither if prices is None else one)
    if prices is None:
        sums, mean, counts = _from_index(index, chosen)
        note = say("models_samples.shared-pairs")
    else:
        sums = _pair_table(prices, chosen)
        both = {shared: _mean_of_neighbours(sums, chosen, drop=shared == "drop") for shared in ("drop", "keep")}
        mean, counts = both[chosen.shared]
        try:
            m = _mechanical(sums, both["keep"][0], both["drop"][0], chosen)
        except TooFew as error:
            note = say("models_samples.not-measured", why=error.what)
        else:
            note = say(
                "models_samples.mechanical",
                kept=f"{m.kept:.3f}",
                dropped=f"{m.dropped:.3f}",
                kept_within=f"{m.kept_within:.3f}",
                dropped_within=f"{m.dropped_within:.3f}",
                n=m.n,
            )
    rows = pl.DataFrame(
        {
            "region": np.repeat(sums.regions, len(sums.years)),
            "year": np.tile(sums.years, len(sums.regions)),
            chosen.name: mean.T.ravel(),
            "n_neighbours": counts.T.ravel(),
        },
        schema_overrides={"year": pl.Int64, "n_neighbours": pl.Int64},
    ).with_columns(pl.col(chosen.name).fill_nan(None))
    if chosen.square:
        rows = rows.with_columns((pl.col(chosen.name) ** 2).alias(f"{chosen.name}_square"))
    entries = [Entry(STEP, "integration", "note", note, 0)]
    lone = [name for i, name in enumerate(sums.regions) if i not in _directed(sums.near)[0]]
    if lone:
        places = listed([place_said(str(name)) for name in lone], "comma")
        entries.append(Entry(STEP, "integration", "note", say("models_samples.no-neighbours", regions=places), 0))
    return Table("spillover", rows, sums.account + entries)


@keywords(Spillover)
def mechanical_correlation(prices: Any, options: Spillover | None = None, **changes: Any) -> MechanicalCorrelation:
    """Measure how much of the correlation between a region's index and its neighbours' comes from shared pairs.

    Formula: correlations over region-years of f(S_it) with the mean of f(S_jt) over neighbours j, and with the mean of
        f(S_jt without ij); the same after region and year effects. Region-years that lack one of the three values are
        left out.
    Errors: as `add_spillover`; also `TooFew` for fewer than three region-years.
    """
    chosen = choose(Spillover, options, changes)
    sums = _pair_table(prices, chosen)
    kept, dropped = (_mean_of_neighbours(sums, chosen, drop=drop)[0] for drop in (False, True))
    return _mechanical(sums, kept, dropped, chosen)


@dataclass(frozen=True)
class _PairSums:
    """Regions (N), years (T), neighbouring pairs (P), and the sums from which the index is computed.

    ``total`` and ``count`` (T, N) hold the sum of V_ijt over j and the number of its terms. ``shared`` (T, P) holds V
    of the neighbouring pairs, NaN if missing.
    """

    regions: tuple[str, ...]
    years: tuple[int, ...]
    near: Pairs
    total: Vector
    count: Vector
    shared: Vector
    account: Account


def _pair_table(prices: Any, chosen: Spillover) -> _PairSums:
    """Sum the dispersion of pairs by region and year, and keep the dispersion of each neighbouring pair."""
    given = prices if isinstance(prices, Table) else Table("prices", prices)
    pair_index = relative_price(given, replace(chosen.method, level="pair", se="none", transform="none"))
    rows = _yearly(pair_index.polars()).drop_nulls("segmentation")
    regions = tuple(sorted(set(rows["region_a"]) | set(rows["region_b"])))
    years = tuple(rows["year"].unique().sort().to_list())
    near = choose_pairs(chosen.neighbours, regions, geography=chosen.method.geography)
    n, shape = len(regions), (len(years), len(regions))
    a, b = (rows[c].cast(pl.Enum(regions)).to_physical().to_numpy().astype(np.intp) for c in ("region_a", "region_b"))
    t, v = np.searchsorted(years, rows["year"].to_numpy()), rows["segmentation"].to_numpy()
    ends, twice = np.r_[t * n + a, t * n + b], np.r_[v, v]
    total = np.bincount(ends, twice, minlength=n * len(years)).astype(np.float64).reshape(shape)
    count = np.bincount(ends, minlength=n * len(years)).astype(np.float64).reshape(shape)
    place = np.full(n * n, -1, dtype=np.intp)
    place[near.first * n + near.second] = np.arange(len(near))
    pair = place[np.minimum(a, b) * n + np.maximum(a, b)]
    shared = np.full((len(years), len(near)), np.nan)
    shared[t[pair >= 0], pair[pair >= 0]] = v[pair >= 0]
    return _PairSums(regions, years, near, total, count, shared, account_of(pair_index))


def _yearly(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows unchanged. Raises `UsageError` if they are monthly."""
    if "month" in rows.columns and rows["month"].null_count() < rows.height:
        raise UsageError("the prices are monthly, but the panel is yearly", remedy="read them with to_year=True")
    return rows


def _mean_of_neighbours(sums: _PairSums, chosen: Spillover, *, drop: bool) -> tuple[Vector, Vector]:
    """Return the mean index of each region's neighbours, and how many neighbours have an index, both (T, N).

    ``drop`` leaves the pair of the region i and its neighbour j out of S_j.
    """
    here, there = _directed(sums.near)
    total, count = sums.total[:, there], sums.count[:, there]
    if drop:
        shared = np.hstack([sums.shared, sums.shared])
        total, count = total - np.nan_to_num(shared), count - np.isfinite(shared)
    return _average(to_integration(_ratio(total, count), chosen.method.transform), here, len(sums.regions))


def _from_index(index: Any, chosen: Spillover) -> tuple[_PairSums, Vector, Vector]:
    """Return the regions and years of an index without sums of pairs, and the two results of `_mean_of_neighbours`."""
    door = conform(index, "integration")
    rows = _yearly(collect(door.frame)).select("region", "year", "integration")
    regions, years = tuple(rows["region"].unique().sort().to_list()), tuple(rows["year"].unique().sort().to_list())
    near = choose_pairs(chosen.neighbours, regions, geography=chosen.method.geography)
    wide = np.full((len(years), len(regions)), np.nan)
    at = rows["region"].cast(pl.Enum(regions)).to_physical().to_numpy()
    wide[np.searchsorted(years, rows["year"].to_numpy()), at] = rows["integration"].fill_null(np.nan).to_numpy()
    here, there = _directed(near)
    mean, counts = _average(wide[:, there], here, len(regions))
    none = np.zeros((0, 0))
    return _PairSums(regions, years, near, none, none, none, door.account), mean, counts


def _directed(near: Pairs) -> tuple[Index, Index]:
    """Return each pair in both directions, as two arrays (2P,): the region and its neighbour."""
    return np.r_[near.first, near.second], np.r_[near.second, near.first]


def _average(values: Vector, here: Index, regions: int) -> tuple[Vector, Vector]:
    """Return, by region, the mean (T, N) and the number (T, N) of the values (T, 2P) that are present."""
    known = np.isfinite(values)
    total = np.array([np.bincount(here, row, minlength=regions) for row in np.where(known, values, 0.0)])
    count = np.array([np.bincount(here, k, minlength=regions) for k in known])
    return _ratio(total, count), count


def _ratio(total: Vector, count: Vector) -> Vector:
    """Divide; the result is NaN if the count is zero."""
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _mechanical(sums: _PairSums, kept: Vector, dropped: Vector, chosen: Spillover) -> MechanicalCorrelation:
    """Correlate the index with the neighbours' index, as it is and net of region and year effects."""
    own_index = to_integration(_ratio(sums.total, sums.count), chosen.method.transform)
    columns = np.stack([own_index, kept, dropped], axis=2)  # (T, N, 3)
    use = np.isfinite(columns).all(axis=2)
    t, i = np.nonzero(use)
    if len(t) < 3:
        raise TooFew(say("impossible.few-neighbours", n=len(t)), remedy="three are needed")
    raw = np.ascontiguousarray(columns[use])
    effects = [factorise("region", pl.Series(i)), factorise("year", pl.Series(t))]
    net = demean(absorber(effects), raw.copy())
    r = [correlation for m in (raw, net) for correlation in _correlations(m, raw)]
    return MechanicalCorrelation(len(t), r[0], r[1], r[2], r[3])


def _correlations(columns: Vector, raw: Vector) -> tuple[float, float]:
    """Return the correlations of the first column with the second and the third.

    ``raw`` holds the columns before effects were removed. A correlation is NaN if the effects leave only rounding of a
    column.
    """
    centred = columns - columns.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    # a norm below 1e-10 of the raw column's is rounding; a convention
    norms[norms < 1e-10 * np.sqrt((raw**2).sum(axis=0))] = np.nan
    r = centred[:, 0] @ centred / norms[0] / norms
    return float(r[1]), float(r[2])


def _placed(
    cells: pl.DataFrame, table: pl.DataFrame, added: Sequence[str], geography: Geography | None
) -> pl.DataFrame:
    """Join the columns of the table to the cells of the panel. A region is found in any of its spellings."""
    known = table["region"].unique().sort().to_list()
    at = places(known, geography)
    names = cells["region"].drop_nulls().unique().sort().to_list()
    spelt = {name: None if (i := find(str(name), at)) is None else known[i] for name in names}
    keyed = cells.with_columns(
        _region=pl.col("region").replace_strict(spelt, default=None, return_dtype=pl.String),
        _year=pl.col("year").cast(pl.Int64),
    )
    right = table.select(pl.col("region").alias("_region"), pl.col("year").alias("_year"), *added, _known=pl.lit(True))
    placed = keyed.join(right, on=["_region", "_year"], how="left").sort(*_KEY)
    if not placed[added[0]].drop_nulls().len():
        raise Coverage(
            say("impossible.no-neighbours"),
            example=f"panel: {', '.join(map(str, list(spelt)[:3]))}; index: {', '.join(known[:3])}",
            remedy="write regions and years the same way in both",
        )
    return placed


def _entries(placed: pl.DataFrame, name: str) -> list[Entry]:
    """Return account entries for the rows without the neighbours' index, by reason."""
    lost = placed.filter(pl.col(name).is_null())
    reasons = {
        say("models_samples.region-year-not-in-index"): lost.filter(pl.col("_known").is_null()),
        say("models_samples.no-neighbour-index"): lost.filter(pl.col("_known").is_not_null()),
    }
    entries = []
    for reason, part in reasons.items():
        if part.height:
            n = int(part["_rows"].sum())
            first = f"region={part['region'][0]}, year={part['year'][0]}"
            called = say("models_samples.neighbours") if name == "neighbours" else name
            text = say("models_samples.neighbours-missing", name=called, n=n, why=reason)
            entries.append(Entry(STEP, "panel", "note", text, n, first))
    return entries


@dataclass(frozen=True)
class SpilloverStudy:
    """The regression with the neighbours' index in addition to the region's own, and their mechanical correlation."""

    name: str
    neighbours: str
    shared: str
    fit: FitResult
    joint: JointTest
    u_test: UTest | None = None
    mechanical: MechanicalCorrelation | None = None
