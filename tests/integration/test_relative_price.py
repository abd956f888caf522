"""The relative-price index against METHODS 1.6 (G1), a pure-Python twin, and the invariances it must have."""

from __future__ import annotations

import doctest
import importlib
import itertools
import math
import random
import statistics
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import integrade.integration as ig
from each import each, each_pair
from integrade.engine.frames import Table
from integrade.errors import BasisUnknown, FileMissing, OutOfRange, Problems, TooFew, UnknownName, UsageError
from integrade.integration import RelativePrice
from integrade.integration import relative_price as detecting
from integrade.records.catalogue import CATALOGUE
from library import shared
from price_tables import relative_price
from raw_files import NEW, OLD, annual_prices

G1 = {"A": (102, 105, 98), "B": (103, 101, 99), "C": (100, 104, 101), "D": (104, 103, 97)}
# METHODS 1.6, printed to nine significant digits
G1_V = {
    "AB": 2.88567511e-4,
    "AC": 9.7199403e-5,
    "AD": 3.2221160e-5,
    "BC": 3.4528496e-5,
    "BD": 3.4136619e-5,
    "CD": 2.92455565e-4,
}
G1_S = {"A": 1.39329358e-4, "B": 1.19077542e-4, "C": 1.41394488e-4, "D": 1.19604448e-4}
G1_MARKET = {"A": 4.439335, "B": 4.517868, "C": 4.431978, "D": 4.515660}
PRINTED = 5e-13  # half a unit of the last printed digit of V and S


def frame(cells: dict[tuple[Any, ...], float]) -> pl.DataFrame:
    """{(region, year, [month,] commodity): index} as a table."""
    names = ["region", "year", "commodity"] if len(next(iter(cells))) == 3 else ["region", "year", "month", "commodity"]
    rows = [dict(zip(names, key, strict=True)) | {"index": float(value)} for key, value in cells.items()]
    return pl.DataFrame(rows)


def g1() -> pl.DataFrame:
    return frame({(r, 2004, f"k{k}"): x for r, row in G1.items() for k, x in enumerate(row)})


def simulated(n: int = 6, goods: int = 7, years: int = 3, *, missing: float = 0.0, seed: int = 1) -> pl.DataFrame:
    draw = random.Random(seed)
    cells = {}
    for r, t, k in itertools.product(range(n), range(years), range(goods)):
        value = 100 * math.exp(draw.gauss(0.02, 0.03))
        if draw.random() >= missing:
            cells[f"r{r}", 2000 + t, f"k{k}"] = value
    return frame(cells)


def column(result: Any, name: str) -> list[Any]:
    return list(result[name].to_list())


# ---------------------------------------------------------------------------------------------------- golden G1


def test_g1_pairs() -> None:
    pairs = relative_price(g1(), level="pair")
    got = {a + b: v for a, b, v in pairs.select("region_a", "region_b", "segmentation").iter_rows()}
    assert got == pytest.approx(G1_V, abs=PRINTED)
    assert "n_pairs" not in pairs.columns


def test_g1_regions_and_market() -> None:
    result = relative_price(g1())
    assert dict(zip("ABCD", column(result, "segmentation"), strict=True)) == pytest.approx(G1_S, abs=PRINTED)
    # printed to six decimals
    assert dict(zip("ABCD", column(result, "integration"), strict=True)) == pytest.approx(G1_MARKET, abs=5e-7)
    assert column(result, "n_pairs") == [3] * 4
    assert column(result, "n_goods") == [3] * 4
    assert result.columns == ["region", "year", "segmentation", "integration", "n_pairs", "n_goods"]


def test_g1_nation_is_the_mean_over_pairs_and_over_regions() -> None:
    nation = relative_price(g1(), level="nation")
    assert column(nation, "segmentation") == pytest.approx([1.2985145905e-4], abs=5e-15)  # eleven printed digits
    assert column(nation, "segmentation")[0] == pytest.approx(
        statistics.fmean(column(relative_price(g1()), "segmentation")), rel=1e-13
    )
    assert column(nation, "n_pairs") == [6]


def test_g1_ddof_zero() -> None:
    one, zero = relative_price(g1()), relative_price(g1(), ddof=0)
    assert column(zero, "segmentation") == pytest.approx([2 / 3 * s for s in column(one, "segmentation")], rel=1e-12)
    shift = [b - a for a, b in zip(column(one, "integration"), column(zero, "integration"), strict=True)]
    assert shift == pytest.approx([0.202733] * 4, abs=5e-7)


def test_g1_adjacent_pairs_demeaned_over_used_and_over_all() -> None:
    chain = [("A", "B"), ("C", "B"), ("C", "D")]
    used = column(relative_price(g1(), level="pair", pairs=chain, demean="used"), "segmentation")
    assert used == pytest.approx([2.601531e-4, 1.57944e-5, 3.287522e-4], abs=5e-11)  # printed to 1e-10
    everyone = column(relative_price(g1(), level="pair", pairs=chain), "segmentation")
    assert everyone == pytest.approx([G1_V["AB"], G1_V["BC"], G1_V["CD"]], abs=PRINTED)


@pytest.mark.parametrize(
    ("transform", "formula"),
    [
        ("log_inverse_sqrt", lambda s: 0.5 * math.log(1 / s)),
        ("inverse_sqrt", lambda s: (1 / s) ** 0.5),
        ("inverse", lambda s: 1 / s),
        ("neg_log", lambda s: -math.log(s)),
        ("none", lambda s: s),
    ],
)
def test_transforms(transform: Any, formula: Any) -> None:
    result = relative_price(g1(), transform=transform)
    expected = [formula(s) for s in column(result, "segmentation")]
    assert column(result, "integration") == pytest.approx(expected, rel=1e-13)


# ---------------------------------------------------------------------------------------------- pure-Python twin


def twin(
    prices: pl.DataFrame, options: RelativePrice, chosen: list[tuple[str, str]] | None = None, drop: str = ""
) -> dict[tuple[str, int], tuple[float, int, int]]:
    """The index by loops alone: (region, year) -> (S, pairs, goods). ``drop`` deletes a good after pairs are chosen."""
    cells = {(r, t, k): x for r, t, k, x in prices.select("region", "year", "commodity", "index").iter_rows()}
    regions = sorted({key[0] for key in cells})
    everyone = list(itertools.combinations(regions, 2))
    result = {}
    for t in sorted({key[1] for key in cells}):
        goods = sorted({k for _, s, k in cells if s == t})
        needed = options.k_min or math.ceil(max(3, 0.6 * len(goods)))
        d: dict[tuple[str, str], dict[str, float]] = {}
        for a, b in everyone:
            both = [k for k in goods if (a, t, k) in cells and (b, t, k) in cells]
            ratio = {k: cells[a, t, k] / cells[b, t, k] for k in both}
            change = {k: math.log(x) if options.form == "difference" else x - 1 for k, x in ratio.items()}
            d[a, b] = {k: abs(x) if options.absolute else x for k, x in change.items()}
        over = everyone if options.demean == "pairs" else (chosen or everyone)
        mean = {k: statistics.fmean([d[p][k] for p in over if k in d[p]] or [0.0]) for k in goods}
        if options.demean == "none":
            mean = dict.fromkeys(goods, 0.0)
        v, shared = {}, {}
        for p in chosen or everyone:
            if len(d[p]) >= needed:
                q = {k: x - mean[k] for k, x in d[p].items() if k != drop}
                v[p], shared[p] = spread(list(q.values()), options), set(q)
        for r in regions:
            mine = [p for p in v if r in p]
            if mine:
                used = set().union(*(shared[p] for p in mine))
                result[r, t] = statistics.fmean([v[p] for p in mine]), len(mine), len(used)
    return result


def spread(q: list[float], options: RelativePrice) -> float:
    if options.dispersion == "mean_absolute":
        return statistics.fmean([abs(x) for x in q])
    centre = statistics.fmean(q)
    variance = math.fsum((x - centre) ** 2 for x in q) / (len(q) - options.ddof)
    return math.sqrt(variance) if options.dispersion == "sd" else variance


TWINS = [
    {},
    {"ddof": 0},
    {"demean": "none"},
    {"absolute": False},
    {"absolute": False, "demean": "none"},
    {"form": "ratio_change"},
    {"form": "ratio_change", "absolute": False, "demean": "used"},
    {"dispersion": "sd"},
    {"dispersion": "mean_absolute", "demean": "none"},
    {"k_min": 5},
]
CHAIN = [("r0", "r1"), ("r1", "r2"), ("r2", "r3"), ("r0", "r4"), ("r3", "r5"), ("r1", "r5")]


@each_pair(("changes", TWINS), ("chosen", [None, CHAIN]), ("missing", [0.0, 0.15]))
def test_twin(changes: dict[str, Any], chosen: list[tuple[str, str]] | None, missing: float) -> None:
    prices = simulated(missing=missing)
    expected = twin(prices, RelativePrice(**changes), chosen)
    result = relative_price(prices, pairs=chosen or "all", **changes).drop_nulls("segmentation")
    got = {(r, t): row for r, t, *row in result.drop("integration").iter_rows()}
    assert set(got) == set(expected)
    for key, (s, pairs, goods) in expected.items():
        assert got[key][0] == pytest.approx(s, rel=1e-10)  # logs of a quotient against differences of logs
        assert got[key][1:] == [pairs, goods]


@pytest.mark.parametrize("demean", ["two_way", "regression"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_two_way_and_regression_are_least_squares_residuals(demean: Any, missing: float) -> None:
    prices = simulated(5, 6, 4, missing=missing, seed=3)
    cells = {(r, t, k): math.log(x) for r, t, k, x in prices.select("region", "year", "commodity", "index").iter_rows()}
    regions = sorted({key[0] for key in cells})
    goods = sorted({k for _, _, k in cells})
    rows = [
        (a + b, t, k, abs(cells[a, t, k] - cells[b, t, k]))
        for a, b in itertools.combinations(regions, 2)
        for t in range(2000, 2004)
        for k in goods
        if (a, t, k) in cells and (b, t, k) in cells
    ]
    pair = [p if demean == "regression" else p + k for p, _, k, _ in rows]
    design = np.hstack(
        [pd.get_dummies(np.array(x)).to_numpy(float) for x in (pair, [f"{t}{k}" for _, t, k, _ in rows])]
    )
    y = np.array([row[3] for row in rows])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    q: dict[tuple[str, int], list[float]] = {}
    for (p, t, _, _), e in zip(rows, residual, strict=True):
        q.setdefault((p, t), []).append(float(e))
    expected = {key: statistics.variance(e) for key, e in q.items() if len(e) >= 4}
    result = relative_price(prices, level="pair", demean=demean).drop_nulls("segmentation")
    got = {(a + b, t): s for a, b, t, s in result.select("region_a", "region_b", "year", "segmentation").iter_rows()}
    # dense least squares with collinear dummies is exact to about 1e-15 in q, so V to 1e-12
    assert got == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_regression_on_complete_prices_equals_pairs() -> None:
    # the pair effect is constant over goods, so a variance over goods does not see it
    a, b = relative_price(simulated()), relative_price(simulated(), demean="regression")
    assert column(b, "segmentation") == pytest.approx(column(a, "segmentation"), rel=1e-11)


@each("missing", [0.0, 0.15])
@each("dispersion", ["variance", "sd", "mean_absolute"])
def test_jackknife_is_delete_one_good(missing: float, dispersion: Any) -> None:
    prices = simulated(missing=missing, seed=5)
    options = RelativePrice(dispersion=dispersion)
    goods = sorted(set(column(prices, "commodity")))
    cells = set(prices.select("region", "year", "commodity").iter_rows())
    without = {k: twin(prices, options, drop=k) for k in goods}
    result = relative_price(prices, options, se="jackknife").drop_nulls("segmentation")
    assert result.height > 12
    for r, t, s, _, se, se_market, _, n_goods in result.iter_rows():
        mine = [k for k in goods if (r, t, k) in cells]
        assert n_goods == len(mine)
        for f, got in ((lambda x: x, se), (lambda x: 0.5 * math.log(1 / x), se_market)):
            replicates = [f(without[k][r, t][0]) for k in mine]
            n, centre = len(mine), statistics.fmean(replicates)
            expected = math.sqrt((n - 1) / n * math.fsum((x - centre) ** 2 for x in replicates))
            assert got == pytest.approx(expected, rel=1e-9), (r, t, s)


def test_jackknife_of_nation_and_pairs() -> None:
    prices = simulated(seed=6)
    for level, key in (("nation", ["year"]), ("pair", ["region_a", "region_b", "year"])):
        result = relative_price(prices, level=level, se="jackknife", k_min=3)
        without = [
            relative_price(prices.filter(pl.col("commodity") != f"k{k}"), level=level, k_min=3) for k in range(7)
        ]
        replicates = np.array([column(w, "integration") for w in without])
        expected = np.sqrt(6 / 7 * ((replicates - replicates.mean(axis=0)) ** 2).sum(axis=0))
        assert column(result, "se_integration") == pytest.approx(expected.tolist(), rel=1e-9)
        assert result.sort(key).equals(result)


# -------------------------------------------------------------------------------------------------- invariances

indices = st.lists(st.floats(80, 125), min_size=5 * 4, max_size=5 * 4)


def table_of(values: list[float], names: str = "ABCDE", goods: str = "wxyz") -> pl.DataFrame:
    it = iter(values)
    return frame({(r, 2004, k): next(it) for r in names for k in goods})


@settings(max_examples=25, deadline=None)
@given(indices, st.permutations(range(5)), st.permutations(range(4)))
def test_relabelling_regions_and_goods_changes_nothing(values: list[float], regions: Any, goods: Any) -> None:
    names = "".join("ABCDE"[i] for i in regions)
    kinds = "".join("wxyz"[i] for i in goods)
    first = relative_price(table_of(values))
    second = relative_price(table_of(values, names, kinds).sample(fraction=1, shuffle=True, seed=1))
    renamed = dict(zip(names, column(first, "segmentation"), strict=True))
    got = dict(zip(column(second, "region"), column(second, "segmentation"), strict=True))
    assert got == pytest.approx(renamed, rel=1e-9, abs=1e-18)


@settings(max_examples=25, deadline=None)
@given(indices, st.lists(st.floats(0.8, 1.25), min_size=4, max_size=4))
def test_a_common_shock_to_a_good_changes_nothing(values: list[float], shocks: list[float]) -> None:
    shocked = [v * shocks[at % 4] for at, v in enumerate(values)]
    a, b = (column(relative_price(table_of(v)), "segmentation") for v in (values, shocked))
    assert b == pytest.approx(
        a, rel=1e-9, abs=1e-16
    )  # abs: ties leave rounding of logs, about 1e-16 squared log points


@settings(max_examples=25, deadline=None)
@given(indices, st.floats(0.5, 2.0))
def test_segmentation_scales_with_the_square_of_log_changes(values: list[float], power: float) -> None:
    stretched = [100 * (v / 100) ** power for v in values]
    a, b = (column(relative_price(table_of(v)), "segmentation") for v in (values, stretched))
    assert b == pytest.approx([power**2 * s for s in a], rel=1e-8, abs=1e-16)


@pytest.mark.parametrize("monthly", [False, True])
@pytest.mark.parametrize("basis", ["fixed", "level"])
def test_fixed_basis_equals_link_on_exact_chains(monthly: bool, basis: Any) -> None:
    link = simulated(5, 5, 4, seed=8)
    chained = link.sort("region", "commodity", "year").with_columns(
        index=100 * (pl.col("index") / 100).cum_prod().over("region", "commodity")
    )
    base = chained.filter(pl.col("year") == 2000).with_columns(year=pl.lit(1999, pl.Int64), index=pl.lit(100.0))
    fixed = pl.concat([base, chained])
    if monthly:  # December 1999, then January to April 2000
        months = pl.when(pl.col("year") == 1999).then(12).otherwise(pl.col("year") - 1999).alias("month")
        link, fixed = (x.with_columns(months).with_columns(year=pl.col("year").clip(1999, 2000)) for x in (link, fixed))
        link = link.with_columns(year=pl.lit(2000, pl.Int64))
    if basis == "level":  # what each good costs at the beginning
        fixed = fixed.with_columns(index=pl.col("index") * (1.5 + pl.col("commodity").str.slice(1).cast(pl.Float64)))
    a, b = relative_price(link), relative_price(fixed, basis=basis)
    assert a.columns == b.columns
    assert a.drop("segmentation", "integration").equals(b.drop("segmentation", "integration"))
    assert column(b, "segmentation") == pytest.approx(column(a, "segmentation"), rel=1e-10)


def test_fixed_basis_takes_no_change_over_a_gap() -> None:
    prices = simulated(5, 5, 5).filter(pl.col("year") != 2002)
    result = relative_price(Table("prices", prices), basis="fixed")
    assert sorted(set(column(result.polars(), "year"))) == [2001, 2004]
    lost = [e for e in result.account if e.reason == "no price in the previous year"]
    assert [(e.kind, e.rows) for e in lost] == [("dropped", 2 * 25)]
    with pytest.raises(TooFew, match="no two years are adjacent"):
        relative_price(prices.filter(pl.col("year").is_in([2000, 2003])), basis="fixed")


# ------------------------------------------------------------------------------------------- missing and refusal


def test_k_min_rule() -> None:
    prices = simulated(5, 10, 1).filter(
        ~((pl.col("region") == "r0") & pl.col("commodity").is_in(["k0", "k1", "k2", "k3"]))
    )
    six = relative_price(prices)  # r0 has 6 of 10 goods: just enough
    assert column(six, "n_pairs") == [4] * 5
    assert column(six, "n_goods") == [6, 10, 10, 10, 10]
    five = relative_price(Table("p", prices.filter(~((pl.col("region") == "r0") & (pl.col("commodity") == "k4")))))
    assert column(five.polars(), "n_pairs") == [0, 3, 3, 3, 3]
    assert column(five.polars(), "segmentation")[0] is None
    assert column(five.polars(), "integration")[0] is None
    assert any(
        e.reason == "integration missing: no pair of regions with enough goods" and e.rows == 1 for e in five.account
    )
    assert any("share 6 to 10 goods" in e.reason for e in relative_price(Table("p", prices)).account)


def test_missing_region_year_changes_the_divisor_only() -> None:
    prices = simulated(6, 5, 2).filter(~((pl.col("region") == "r5") & (pl.col("year") == 2001)))
    result = relative_price(prices)
    assert column(result.filter(pl.col("year") == 2001), "n_pairs") == [4] * 5
    alone = relative_price(prices.filter(pl.col("year") == 2001))
    assert alone.equals(result.filter(pl.col("year") == 2001))


THREE_REGIONS = (pl.col("year") == 2000) | pl.col("region").is_in(["r0", "r1", "r2"])
TWO_GOODS = (pl.col("year") == 2000) | pl.col("commodity").is_in(["k0", "k1"])


@pytest.mark.parametrize(("thin", "match"), [(THREE_REGIONS, "3 regions in 2001"), (TWO_GOODS, "2 goods in 2001")])
def test_thin_periods_are_left_out_and_named_or_refused(thin: pl.Expr, match: str) -> None:
    prices = simulated(5, 5, 3)
    found = relative_price(Table("prices", prices.filter(thin)))
    assert found.polars().equals(relative_price(prices.filter(pl.col("year") == 2000)))
    said = [e for e in found.account if "too few regions or goods" in e.reason]
    assert [(e.kind, e.rows) for e in said] == [("warning", prices.filter(thin, pl.col("year") > 2000).height)]
    assert said[0].reason.endswith("2001, 2002")
    with pytest.raises(TooFew, match=match) as refused:
        relative_price(prices.filter(thin), thin="refuse")
    assert 'thin="leave_out"' in refused.value.remedy


def test_no_period_left_is_an_error() -> None:
    prices = simulated(5, 5, 2)
    with pytest.raises(TooFew, match=r"3 regions in 2000, and the index needs 4 \(2 such periods\)"):
        relative_price(prices.filter(pl.col("region").is_in(["r0", "r1", "r2"])))
    with pytest.raises(TooFew, match="two periods"):
        relative_price(prices.filter(pl.col("year") == 2000), demean="two_way")


def test_zero_segmentation_has_no_integration_and_is_counted() -> None:
    same = frame({(r, 2004, k): 100 + i for r in "ABCDE" for i, k in enumerate("xyz")})
    result = relative_price(Table("prices", same), se="jackknife")
    assert column(result.polars(), "segmentation") == [0.0] * 5
    assert column(result.polars(), "integration") == [None] * 5
    assert column(result.polars(), "se_integration") == [None] * 5
    assert any("segmentation is zero" in e.reason and e.rows == 5 for e in result.account)
    # all relative prices move alike: zero up to the rounding of logs, which is not segmentation
    alike = frame({(r, 2004, k): (100 + i) * (1 + j / 7) for i, r in enumerate("ABCD") for j, k in enumerate("xyz")})
    assert column(relative_price(alike), "segmentation") == [0.0] * 4


def test_implausible_changes_are_kept_noted_and_addressed() -> None:
    prices = simulated().with_columns(
        index=pl.when((pl.col("region") == "r2") & (pl.col("year") == 2001) & (pl.col("commodity") == "k3"))
        .then(221.6)
        .otherwise("index")
    )
    account = relative_price(Table("prices", prices)).account
    note = next(e for e in account if "outside 50..200" in e.reason)
    assert (note.kind, note.rows) == ("warning", 1)
    assert note.example == "region=r2, 2001, commodity=k3: 221.6"
    with pytest.raises(OutOfRange, match="index not positive"):
        relative_price(prices.with_columns(index=pl.col("index") - 221.6))


def test_a_base_period_of_100_is_that_of_no_link_index() -> None:
    prices = simulated(5, 5, 3).with_columns(index=pl.when(pl.col("year") == 2000).then(100.0).otherwise("index"))
    with pytest.raises(BasisUnknown, match="in 2000 every index equals the base"):
        detecting(prices)
    assert any("in 2000 every index equals the base" in e.reason for e in relative_price(Table("p", prices)).account)
    assert not any("every index" in e.reason for e in relative_price(Table("p", simulated())).account)


@each(
    ("changes", "error", "match"),
    [
        ({"form": "level_ratio"}, UsageError, "compares price levels"),
        ({"form": "level_ratio", "basis": "fixed"}, UsageError, "the basis is 'fixed'"),
        ({"demean": "par"}, UnknownName, "did you mean 'pairs'|not a choice"),
        ({"demeaned": "pairs"}, UnknownName, "did you mean 'demean'"),
        ({"k_min": 1}, UsageError, "needs 2 goods"),
        ({"k_min": 2, "se": "jackknife"}, UsageError, "needs 3 goods"),
        ({"pairs": [("r0", "r3x")]}, UnknownName, "'r3x'.*\n.*did you mean"),
        ({"pairs": [("r0", "r0")]}, UsageError, "with itself"),
        ({"pairs": []}, TooFew, "no pair"),
        ({"pairs": ["r0", "r1"]}, UsageError, "pairs of names"),
        ({"pairs": "adjcent"}, FileMissing, "did you mean 'adjacent'"),
        ({"pairs": "adjacent"}, UnknownName, "needs the places of the regions: 'r0' is not a region"),
        ({"level": "group"}, UsageError, "groups.csv"),
        ({"level": "group", "groups": {"r0": "x"}}, UsageError, "no group for region 'r1'"),
    ],
)
def test_refusals(changes: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        relative_price(simulated(), **changes)


def test_the_door_reports_everything_at_once() -> None:
    with pytest.raises(Problems, match="commodity") as caught:
        relative_price(pl.DataFrame({"region": ["A"], "year": [2004]}))
    assert "index" in str(caught.value)


def test_level_ratio_compares_declared_levels() -> None:
    prices = simulated(5, 5, 1)
    result = relative_price(prices, form="level_ratio", basis="level")
    assert column(result, "segmentation") == pytest.approx(
        [s for s, _, _ in twin(prices, RelativePrice()).values()], rel=1e-9
    )


def test_orientation_is_said() -> None:
    def notes(**changes: Any) -> list[str]:
        return [e.reason for e in relative_price(Table("p", simulated()), **changes).account]

    assert any("order of the regions" in n for n in notes(form="ratio_change"))
    assert any("order of the regions" in n for n in notes(absolute=False))
    assert not any("order of the regions" in n for n in notes())
    assert any("ddof=0" in n and "pairs=all" in n and "demean=pairs" in n for n in notes(ddof=0))


# --------------------------------------------------------------------------------------------- pairs and levels


def test_pairs_from_a_file_a_frame_and_names(tmp_path: Path) -> None:
    expected = relative_price(simulated(), pairs=CHAIN)
    lines = ["von,nach,art", *[f"{b}, {a},x" for a, b in CHAIN]]  # other headings, other order, padded
    (tmp_path / "pairs.csv").write_text("\n".join(lines), encoding="utf-8")
    assert relative_price(simulated(), pairs=str(tmp_path / "pairs.csv")).equals(expected)
    assert relative_price(simulated(), pairs=tmp_path / "pairs.csv").equals(expected)
    assert relative_price(simulated(), pairs=pl.DataFrame(CHAIN, schema=["x", "y"], orient="row")).equals(expected)
    (tmp_path / "one.csv").write_text("a\nr0\n")
    with pytest.raises(UsageError, match="two columns"):
        relative_price(simulated(), pairs=str(tmp_path / "one.csv"))


def test_pairs_file_in_gb18030_and_other_spellings_of_provinces(tmp_path: Path) -> None:
    names = ("北京市", "天津市", "河北省", "山西省")
    prices = frame(
        {(r, 2004, k): 100 + 3 * i + (i + 1) * j**2 for i, r in enumerate(names) for j, k in enumerate("wxyz")}
    )
    (tmp_path / "p.csv").write_bytes("甲,乙\n北京,天津\n河北,北京\nTianjin,Hebei\n山西,河北\n".encode("gb18030"))
    from_file = relative_price(prices, pairs=str(tmp_path / "p.csv"))
    assert dict(zip(column(from_file, "region"), column(from_file, "n_pairs"), strict=True)) == {
        "北京市": 2,
        "天津市": 2,
        "河北省": 3,
        "山西省": 1,
    }
    assert relative_price(prices, pairs="adjacent").equals(from_file)


def test_groups_within_outward_between() -> None:
    prices = simulated(6, 7, 2, missing=0.1)
    groups = {f"r{i}": "low" if i < 3 else "high" for i in range(6)}
    result = relative_price(prices, level="group", groups=groups)
    regions, pairs = relative_price(prices), relative_price(prices, level="pair")
    pairs = pairs.with_columns(a=pl.col("region_a").replace(groups), b=pl.col("region_b").replace(groups))
    assert result.height == 2 * 5
    for kind, group, other, year, s, *_ in result.iter_rows():
        if kind == "outward":
            assert other == "all"
            mine = regions.filter(pl.col("region").replace(groups) == group, pl.col("year") == year)
        else:
            mine = pairs.filter(
                ((pl.col("a") == group) & (pl.col("b") == other)) | ((pl.col("a") == other) & (pl.col("b") == group)),
                pl.col("year") == year,
            )
        assert s == pytest.approx(mine["segmentation"].mean(), rel=1e-12)


# ------------------------------------------------------------------------------------------------- engines, record


@pytest.mark.parametrize("changes", [{}, {"se": "jackknife"}, {"level": "pair"}], ids=str)
def test_every_kind_of_frame_gives_the_same_and_comes_back(changes: dict[str, Any]) -> None:
    prices = simulated(missing=0.05)
    expected = relative_price(prices, **changes)
    relation = duckdb.connect().from_arrow(prices.to_arrow())
    for given_frame, kind in (
        (prices.lazy(), pl.LazyFrame),
        (prices.to_pandas(), pd.DataFrame),
        (prices.to_arrow(), pa.Table),
        (relation, duckdb.DuckDBPyRelation),
        (Table("prices", prices), Table),
    ):
        result = relative_price(given_frame, **changes)
        assert isinstance(result, kind)
        match result:
            case pl.LazyFrame():
                rows = result.collect()
            case pd.DataFrame():
                rows = pl.from_pandas(result)
            case pa.Table():
                rows = pl.DataFrame(result)
            case Table():
                rows = result.polars()
            case _:
                rows = pl.DataFrame(result.to_arrow_table())
        assert rows.columns == expected.columns
        assert_frame_equal(rows, expected, rel_tol=1e-12, abs_tol=0)


def test_months_stay_months_and_an_empty_month_column_is_annual() -> None:
    prices = simulated(5, 5, 3)
    monthly = prices.with_columns(month=pl.col("year") - 1999, year=pl.lit(2000, pl.Int64))
    result = relative_price(monthly)
    assert result.columns[:3] == ["region", "year", "month"]
    assert column(result, "segmentation") == pytest.approx(column(relative_price(prices), "segmentation"), rel=1e-13)
    assert relative_price(prices.with_columns(month=pl.lit(None, pl.Int64))).equals(relative_price(prices))


@pytest.mark.parametrize("module", ["cube", "relative_price", "trust"])
def test_the_examples_run(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"integrade.integration.{module}"))
    assert (failed, tried > 0) == (0, True)


def test_the_record() -> None:
    record = CATALOGUE["relative_price"]
    assert (record.needs, record.key, record.options) == (("prices",), ("region", "year"), RelativePrice)
    assert set(record.adds) == set(relative_price(g1(), se="jackknife").columns) - set(record.key)


# --------------------------------------------------------------------------------------------- changing goods, real


def test_a_change_in_the_list_of_goods_is_named() -> None:
    prices = simulated(5, 8, 4).filter(
        ((pl.col("year") < 2002) & (pl.col("commodity") != "k7"))
        | ((pl.col("year") >= 2002) & ~pl.col("commodity").is_in(["k0", "k1"]))
    )
    sentence = (
        "the list of goods changes in 2002 (k0, k1 discontinued; k7 introduced): levels before and after are not "
        "comparable"
    )
    assert ig.goods_breaks(prices) == (sentence,)
    assert sentence in [e.reason for e in relative_price(Table("prices", prices)).account]
    one_region = simulated(20, 5, 2).filter(
        (pl.col("region") != "r3") | (pl.col("year") == 2000) | (pl.col("commodity") != "k1")
    )
    assert ig.goods_breaks(one_region) == ()


def divisions(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rename({"item": "commodity", "value": "index"}).filter(pl.col("commodity").is_in(OLD + NEW))


def test_china_eight_divisions() -> None:
    china = divisions(pl.read_csv(shared("data/china_cpi/cpi_province_annual_prev_year_100.csv")))
    nation = relative_price(Table("prices", china), level="nation", se="jackknife")
    by_year = dict(nation.polars().select("year", "segmentation").iter_rows())
    # README of the data set, printed to 1e-6
    expected = {2005: 0.000264, 2014: 0.000044, 2017: 0.000181, 2022: 0.000030}
    assert {year: by_year[year] for year in expected} == pytest.approx(expected, abs=5e-7)
    assert set(column(nation.polars(), "n_goods")) == {8}
    breaks = [e.reason for e in nation.account if "list of goods" in e.reason]
    assert len(breaks) == 1
    assert "in 2016" in breaks[0]
    assert "食品烟酒" in breaks[0].split("discontinued")[1]
    assert "家庭设备用品及维修服务" in breaks[0].split("discontinued")[0]


def test_china_adjacent_provinces_and_groups() -> None:
    china = divisions(annual_prices(range(2009, 2012)))
    adjacent = relative_price(china, pairs="adjacent")
    one_year = dict(adjacent.filter(pl.col("year") == 2010).select("region", "n_pairs").iter_rows())
    assert sum(one_year.values()) == 2 * 69
    assert (one_year["海南省"], one_year["内蒙古自治区"]) == (1, 8)
    groups = relative_price(china, level="group").filter(pl.col("year") == 2010)
    within = groups.filter(pl.col("kind") == "within")
    assert dict(within.select("group", "n_pairs").iter_rows()) == {"Central": 28, "East": 55, "West": 66}


def test_quarters_are_adjacent_and_their_changes_are_those_of_the_chain() -> None:
    draw = np.random.default_rng(3)
    logs = np.cumsum(draw.normal(0.01, 0.02, (16, 6, 5)), axis=0)
    rows = [
        (f"r{i}", 2012 + t // 4, 3 * (t % 4) + 3, f"k{k}", 100 * math.exp(logs[t, i, k]), t)
        for t in range(16)
        for i in range(6)
        for k in range(5)
    ]
    fixed = pl.DataFrame(rows, schema=["region", "year", "month", "commodity", "index", "t"], orient="row")
    chain = fixed.with_columns(
        (100 * pl.col("index") / pl.col("index").shift().over("region", "commodity", order_by="t")).alias("index")
    ).drop_nulls()
    found = relative_price(fixed.drop("t"), basis="fixed")
    expected = relative_price(chain.drop("t"), basis="link")
    assert found.height == 15 * 6
    np.testing.assert_allclose(found["segmentation"], expected["segmentation"], rtol=1e-9)
