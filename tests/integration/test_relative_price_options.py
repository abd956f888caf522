"""Every option of METHODS 1.2 against cases worked by hand and a brute-force twin."""

from __future__ import annotations

import dataclasses
import itertools
import math
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each, pairs
from integrade.cli import run
from integrade.engine.frames import Table
from integrade.errors import (
    Coverage,
    DuplicateKeys,
    FileMissing,
    MissingColumn,
    NotANumber,
    OutOfRange,
    TooFew,
    UnknownName,
    UsageError,
)
from integrade.geography import PROVINCES, kilometres
from integrade.integration import RelativePrice
from integrade.integration.options import FILES, file_options
from price_tables import (
    FAR,
    GDP,
    GOODS,
    REGIONS,
    SPENT,
    TRADE,
    K,
    N,
    T,
    by_good,
    by_good_and_region,
    by_pair,
    by_region,
    distances,
    index_trust,
    prices,
    pure_regions,
    relative_price,
    trend,
)

CASES = Path(__file__).parents[1] / "cases" / "relative_price"
BY_HAND: dict[str, dict[str, Any]] = tomllib.loads((CASES / "cases.toml").read_text(encoding="utf-8"))
LABELS = ("kind", "group", "other", "region", "region_a", "region_b")


@each("name", BY_HAND)
def test_cases_by_hand(name: str) -> None:
    case = BY_HAND[name]
    options = {k: str(CASES / v) if str(v).endswith(".csv") else v for k, v in case["options"].items()}
    result = relative_price(pl.read_csv(CASES / case["prices"]), **{"demean": "none", **options})
    labels = [c for c in LABELS if c in result.columns]
    got = {" ".join(row[:-1]): row[-1] for row in result.select(*labels, "segmentation").rows()}
    expected = {key: float(Fraction(value)) * case.get("unit", 1e-4) for key, value in case["segmentation"].items()}
    # fractions are exact: what is left is the rounding of logs and of the indices written with 17 digits
    close = pytest.approx(expected, abs=case["printed"]) if "printed" in case else pytest.approx(expected, rel=1e-10)
    assert got == close


# ------------------------------------------------------------------------------------------------ brute-force twin

PARTNERS: dict[str, Any] = {
    "equal": ("equal", lambda *_: 1.0),
    "distance": ("distance", lambda _, i, j: 1 / FAR[i, j]),
    "gdp": (by_region(), lambda t, _, j: GDP[t, j]),
    "trade": (by_pair(), lambda t, i, j: TRADE[t, i, j]),
}
SPENDING: dict[str, Any] = {
    "equal": ("equal", lambda *_: np.ones(K)),
    "shares": (by_good(), lambda *_: SPENT[0, 0]),
    "by region": (by_good_and_region(), None),
}


def weighted(q: np.ndarray, w: np.ndarray, options: RelativePrice) -> float:
    """Weighted dispersion with the reliability-weight divisor, as METHODS 1.2 writes it."""
    w = w / w.sum()
    if options.dispersion == "mean_absolute":
        return float((w * abs(q)).sum())
    v = float((w * (q - (w * q).sum()) ** 2).sum() / (1 - options.ddof * (w**2).sum()))
    return math.sqrt(v) if options.dispersion == "sd" else v


class Twin:
    """The index by loops over regions, pairs and goods, with weights as functions; nothing shared with the package."""

    def __init__(self, table: pl.DataFrame, options: RelativePrice, partners: str, spending: str) -> None:
        self.options, self.partner, self.good = options, PARTNERS[partners][1], SPENDING[spending][1]
        x = np.full((T, N, K), np.nan)
        for r, year, good, index in table.select("region", "year", "commodity", "index").iter_rows():
            x[year - 2000, int(r[1]), int(good[1])] = math.log(index / 100)
        if options.missing == "listwise":
            for t, k in itertools.product(range(T), range(K)):
                if np.isnan(x[t, :, k]).any():
                    x[t, :, k] = np.nan
        self.x = x
        d = x[:, :, None, :] - x[:, None, :, :]
        d = np.expm1(d) if options.form == "ratio_change" else d
        d = abs(d) if options.absolute else d
        i, j = np.triu_indices(N, 1)
        with np.errstate(invalid="ignore"):
            mean = np.nansum(d[:, i, j], axis=1) / np.isfinite(d[:, i, j]).sum(axis=1)
        mean = mean if options.demean == "pairs" else np.zeros((T, K))
        self.q = {(a, b): d[:, a, b] - mean for a, b in zip(i.tolist(), j.tolist(), strict=True)}
        near = {i: sorted((FAR[i, j], j) for j in range(N) if j != i)[:2] for i in range(N)}
        self.counts = {
            "all": lambda *_: True,
            "within:400": lambda i, j: FAR[i, j] <= 400,
            "nearest:2": lambda i, j: j in [n for _, n in near[i]],
        }[options.pairs]

    def weight(self, t: int, i: int, j: int) -> float:
        return float(self.partner(t, i, j)) if self.counts(i, j) else 0.0

    def shares(self, t: int, i: int, j: int) -> np.ndarray:
        if self.good is not None:
            return np.asarray(self.good(t))
        both = []
        since = t - (self.options.window or T) + 1 if self.options.dispersion == "over_time" else t
        for r in (i, j):
            w = np.where(np.isnan(self.x[since : t + 1, r]).all(axis=0), 0.0, SPENT[t, r])
            both.append(w / w.sum())
        return np.asarray((both[0] + both[1]) / 2)

    def pair(self, t: int, i: int, j: int) -> tuple[np.ndarray, np.ndarray] | None:
        """What is dispersed over the goods of a pair, and the weights; None with too few goods."""
        goods = np.isfinite(self.x[t]).any(axis=0).sum()
        q = self.q[min(i, j), max(i, j)][t]
        if self.options.dispersion == "over_time":
            window = self.options.window or T
            span = range(t - window + 1, t + 1)
            rows = np.array([self.q[min(i, j), max(i, j)][s] for s in span])
            goods = np.isfinite(self.x[span.start : span.stop]).any(axis=(0, 1)).sum()
            needed = max(3, math.ceil(0.6 * window))
            enough = np.isfinite(rows).sum(axis=0) >= needed
            q = np.array([np.nanvar(rows[:, k], ddof=self.options.ddof) if enough[k] else np.nan for k in range(K)])
        has = np.isfinite(q)
        if has.sum() < max(3, math.ceil(0.6 * goods)):
            return None
        return q[has], self.shares(t, i, j)[has]

    def over(self, t: int, members: list[tuple[int, int, float]]) -> float | None:
        """The average, or the joint variance, over pairs with weights."""
        found = [(p, w) for i, j, w in members if w > 0 and (p := self.pair(t, i, j)) is not None]
        if not found:
            return None
        if self.options.dispersion == "joint":
            q = np.concatenate([p[0] for p, _ in found])
            w = np.concatenate([p[1] * weight for p, weight in found])
            return weighted(q, w, self.options)
        if self.options.dispersion == "over_time":
            values = [float(np.average(q, weights=g)) for (q, g), _ in found]
        else:
            values = [weighted(q, g, self.options) for (q, g), _ in found]
        return float(np.average(values, weights=[w for _, w in found]))

    def region(self, t: int, i: int) -> float | None:
        return self.over(t, [(i, j, self.weight(t, i, j)) for j in range(N) if j != i])

    def set_of_pairs(self, t: int, pairs: list[tuple[int, int]]) -> float | None:
        return self.over(t, [(i, j, (self.weight(t, i, j) + self.weight(t, j, i)) / 2) for i, j in pairs])

    def times(self) -> range:
        return range((self.options.window or T) - 1, T) if self.options.dispersion == "over_time" else range(T)


def close(got: float | None, expected: float | None) -> bool:
    """Both missing, or equal up to the rounding of logs."""
    return got == expected if got is None or expected is None else math.isclose(got, expected, rel_tol=1e-9)


EVERYONE = list(itertools.combinations(range(N), 2))
OPTIONS: list[dict[str, Any]] = [
    {},
    {"ddof": 0},
    {"dispersion": "sd"},
    {"dispersion": "mean_absolute", "demean": "none"},
    {"dispersion": "joint"},
    {"dispersion": "joint", "ddof": 0},
    {"dispersion": "over_time", "window": 3},
    {"dispersion": "over_time", "demean": "none", "absolute": False},
    {"missing": "listwise"},
    {"pairs": "within:400"},
    {"pairs": "nearest:2"},
    {"pairs": "nearest:2", "dispersion": "joint"},
    {"form": "ratio_change", "demean": "none"},
]


def call(options: dict[str, Any], partners: str, spending: str, missing: float, **more: Any) -> tuple[Any, Twin]:
    by_distance = partners == "distance" or str(options.get("pairs", "")).startswith(("within", "nearest"))
    # with listwise a random hole would empty the list of goods, so one good alone has holes; a pair needs its goods in
    # most periods of a window, so that fewer holes leave something
    table = prices(missing / 3 if options.get("dispersion") == "over_time" else missing)
    if options.get("missing") == "listwise" and missing:
        table = prices().filter((pl.col("commodity") != "k3") | (pl.col("region") != "r4") | (pl.col("year") != 2001))
    given = {"distances": distances()} if by_distance else {}
    weights = {"partner_weights": PARTNERS[partners][0], "good_weights": SPENDING[spending][0]}
    result = relative_price(table, **options, **given, **weights, **more)
    return result, Twin(table, RelativePrice(**options), partners, spending)


@each(("options", "partners", "spending", "missing"), pairs(OPTIONS, PARTNERS, SPENDING, [0.0, 0.08]), ids=str)
def test_regions_against_the_twin(options: dict[str, Any], partners: str, spending: str, missing: float) -> None:
    result, twin = call(options, partners, spending, missing)
    got = {(r, t): s for r, t, s in result.select("region", "year", "segmentation").iter_rows()}
    expected = {(REGIONS[i], 2000 + t): twin.region(t, i) for t in twin.times() for i in range(N)}
    assert set(got) == set(expected)
    assert {k for k, s in got.items() if s is None} == {k for k, s in expected.items() if s is None}
    known = {k: s for k, s in expected.items() if s is not None}
    assert known
    # ratios against differences of logs, sums in another order
    assert {k: got[k] for k in known} == pytest.approx(known, rel=1e-9)


@pytest.mark.parametrize("partners", ["gdp", "trade"])
@pytest.mark.parametrize("options", [{}, {"dispersion": "joint"}, {"pairs": "nearest:2"}], ids=str)
def test_nation_pairs_and_groups_against_the_twin(options: dict[str, Any], partners: str) -> None:
    nation, twin = call(options, partners, "by region", 0.08, level="nation")
    assert all(close(s, twin.set_of_pairs(t, EVERYONE)) for t, s in enumerate(nation["segmentation"].to_list()))
    pairs, _ = call(options, partners, "by region", 0.08, level="pair")
    for a, b, year, s in pairs.select("region_a", "region_b", "year", "segmentation").iter_rows():
        assert close(s, twin.over(year - 2000, [(int(a[1]), int(b[1]), 1.0)]))
    groups = {r: "north" if i < 3 else "south" for i, r in enumerate(REGIONS)}
    grouped, _ = call(options, partners, "by region", 0.08, level="group", groups=groups)
    mine = {"north": range(3), "south": range(3, 6)}
    for kind, group, other, year, s in grouped.select("kind", "group", "other", "year", "segmentation").iter_rows():
        t = year - 2000
        if kind == "outward":
            each = [twin.region(t, i) for i in mine[group]]
            known = [s for s in each if s is not None]
            expected = float(np.mean(known)) if known else None
        else:
            ends = {tuple(sorted(p)) for p in itertools.product(mine[group], mine[other]) if p[0] != p[1]}
            expected = twin.set_of_pairs(t, sorted(ends))
        assert close(s, expected), (kind, group, other)


@pytest.mark.parametrize("options", [{"dispersion": "joint"}, {"dispersion": "over_time"}, {}], ids=str)
def test_jackknife_under_weights_is_delete_one_good(options: dict[str, Any]) -> None:
    given = {"partner_weights": by_region(), "good_weights": by_good(), "k_min": 3}
    result = relative_price(prices(), se="jackknife", **options, **given)
    cut = [prices().filter(pl.col("commodity") != k) for k in GOODS]
    without = np.array([relative_price(p, **options, **given)["segmentation"].to_list() for p in cut])
    expected = np.sqrt((K - 1) / K * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    assert result["se_segmentation"].to_list() == pytest.approx(expected.tolist(), rel=1e-8)


# -------------------------------------------------------------------------------------------------- invariances

FILES_OF_EQUAL = [
    {"partner_weights": by_region().with_columns(weight=pl.lit(3.0))},
    {"partner_weights": by_pair().with_columns(weight=pl.lit(0.2))},
    {"good_weights": by_good().with_columns(weight=pl.lit(7))},
    {"pairs": "nearest:5", "distances": distances()},
    {"pairs": "within:1e6", "distances": distances()},
    {"missing": "listwise"},
]


@each("given", FILES_OF_EQUAL, ids=lambda g: "-".join(g))
@each("level", ["region", "nation", "pair"])
def test_what_weighs_all_alike_changes_nothing(given: dict[str, Any], level: Any) -> None:
    plain, same = relative_price(prices(), level=level), relative_price(prices(), level=level, **given)
    assert same["segmentation"].to_list() == pytest.approx(plain["segmentation"].to_list(), rel=1e-12)
    assert same.drop("segmentation", "integration").equals(plain.drop("segmentation", "integration"))


WEIGHTED: list[dict[str, Any]] = [
    {"partner_weights": by_region(), "good_weights": by_good_and_region()},
    {"partner_weights": by_pair(), "dispersion": "joint"},
    {"pairs": "nearest:2", "distances": distances(), "dispersion": "over_time"},
]


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(N)), st.permutations(range(K)), st.lists(st.floats(0.9, 1.1), min_size=K, max_size=K))
@pytest.mark.parametrize("options", WEIGHTED, ids=["gdp", "trade", "nearest"])
def test_names_order_and_common_shocks_change_nothing(
    options: dict[str, Any], regions: list[int], goods: list[int], shocks: list[float]
) -> None:
    """METHODS 1.6: relabelling, order, a shock to a good that all regions share, the unit of weights."""
    names = dict(zip(REGIONS, [REGIONS[i] for i in regions], strict=True))
    kinds = dict(zip(GOODS, [GOODS[k] for k in goods], strict=True))
    shock = dict(zip(GOODS, shocks, strict=True))

    def renamed(table: Any) -> Any:
        if not isinstance(table, pl.DataFrame):
            return table
        columns = [c for c in table.columns if c in ("region", "a", "b", "from", "to")]
        table = table.with_columns(pl.col(columns).replace(names))
        if "commodity" in table.columns:
            table = table.with_columns(pl.col("commodity").replace(kinds))
        if "weight" in table.columns:
            table = table.with_columns(weight=pl.col("weight") * 1000)
        return table.sample(fraction=1, shuffle=True, seed=3)

    shocked = prices().with_columns(
        index=pl.col("index") * pl.col("commodity").replace_strict(shock, return_dtype=pl.Float64)
    )
    before = relative_price(prices(), **options)
    after = relative_price(renamed(shocked), **{k: renamed(v) for k, v in options.items()})
    got = {(r, t): s for r, t, s in after.select("region", "year", "segmentation").iter_rows()}
    expected = {(names[r], t): s for r, t, s in before.select("region", "year", "segmentation").iter_rows()}
    assert got == pytest.approx(expected, rel=1e-8)


def test_months_take_the_weights_of_their_year() -> None:
    monthly = prices().with_columns(month=pl.col("year") - 1999, year=pl.lit(2000, pl.Int64))
    weights = by_region().filter(pl.col("year") == 2000)
    result = relative_price(monthly, partner_weights=weights)
    plain = relative_price(prices(), partner_weights=weights.drop("year"))
    assert result["month"].unique().sort().to_list() == [1, 2, 3, 4]
    assert result["segmentation"].to_list() == pytest.approx(plain["segmentation"].to_list(), rel=1e-12)


def test_window_of_time_slides() -> None:
    result = relative_price(prices(), dispersion="over_time", window=3)
    assert result["year"].unique().sort().to_list() == [2002, 2003]
    first = relative_price(prices().filter(pl.col("year") < 2003), dispersion="over_time")
    assert first["year"].unique().to_list() == [2002]
    assert first.equals(result.filter(pl.col("year") == 2002))


def test_distances_between_capitals() -> None:
    some = [p.chinese_long for p in PROVINCES[:8]]
    table = pl.DataFrame(
        [
            {"region": r, "year": 2004, "commodity": f"k{k}", "index": 100.0 + (7 * i + 3 * k * i) % 11}
            for i, r in enumerate(some)
            for k in range(4)
        ]
    )
    result = relative_price(table, pairs="within:500", level="pair")
    english = [p.english for p in PROVINCES[:8]]
    expected = {
        tuple(sorted((some[i], some[j])))
        for i, j in itertools.combinations(range(8), 2)
        if kilometres(english[i], english[j]) <= 500
    }
    assert set(result.select("region_a", "region_b").rows()) == expected
    nearest = relative_price(table, pairs="nearest:2")
    assert nearest["n_pairs"].to_list() == [2] * 8


# ----------------------------------------------------------------------------------------------- refusals, notes

BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"missing": "impute"}, UsageError, "imputed price moves like the others"),
    ({"window": 3}, UsageError, "applies only to dispersion over_time"),
    ({"window": 2, "dispersion": "over_time"}, UsageError, "three periods"),
    ({"window": 5, "dispersion": "over_time"}, TooFew, "4 periods of price changes"),
    ({"distances": distances()}, UsageError, "no option uses them"),
    ({"pairs": "within:far", "distances": distances()}, UsageError, "not a distance above zero"),
    ({"pairs": "nearest:1.5", "distances": distances()}, UsageError, "not a whole number of partners"),
    ({"pairs": "within:1", "distances": distances()}, TooFew, "shortest distance is"),
    ({"pairs": "nearest:2"}, UnknownName, "need the places of the regions: 'r0'"),
    ({"pairs": "nearst:2"}, FileMissing, "neither all, adjacent"),
    ({"partner_weights": "gpd.csv"}, FileMissing, "neither equal, distance nor a file"),
    ({"partner_weights": by_region().rename({"weight": "gdp"})}, MissingColumn, "'weight' is missing"),
    ({"partner_weights": by_region().with_columns(weight=-pl.col("weight"))}, OutOfRange, "negative weight"),
    ({"partner_weights": by_region().with_columns(weight=pl.lit("x"))}, NotANumber, "column of numbers"),
    ({"partner_weights": by_region().filter(pl.col("region") != "r3")}, Coverage, "no weight for 'r3' in 2000"),
    ({"partner_weights": by_region().filter(pl.col("year") != 2002)}, Coverage, "no weights for 2002"),
    ({"partner_weights": pl.concat([by_region(), by_region()])}, DuplicateKeys, "more than one weight"),
    ({"partner_weights": by_good()}, Coverage, "no weight for 'r0'"),
    ({"good_weights": by_good().filter(pl.col("commodity") != "k2")}, Coverage, "no weight above zero for 'k2'"),
    ({"good_weights": by_region()}, UsageError, "good_weights needs commodity"),
    ({"goods_group": "labour", "wages": 1}, UsageError, 'basis="level"'),
    ({"partner_weights": "distance", "distances": distances().with_columns(distance=pl.lit(0.0))}, OutOfRange, "zero"),
]


@each(("changes", "error", "match"), BAD, ids=lambda c: str(c)[:40])
def test_refusals(changes: dict[str, Any], error: type[Exception], match: str) -> None:
    changes = dict(changes)
    table = prices().with_columns(index=pl.col("index") * (300 if changes.pop("wages", 0) else 1))
    with pytest.raises(error, match=match):
        relative_price(table, **changes)


def notes(table: pl.DataFrame, **options: Any) -> list[str]:
    return [e.reason for e in relative_price(Table("prices", table), **options).account]


def test_three_prices_are_warned_of() -> None:
    three = prices().filter(pl.col("commodity").is_in(GOODS[:3]))
    assert any("variance over 3 capital prices is very noisy" in n for n in notes(three, goods_group="capital"))
    assert any("goods_group=capital" in n for n in notes(three, goods_group="capital"))
    assert not any("noisy" in n for n in notes(prices()))


def test_the_warning_says_what_chance_does() -> None:
    # variance of three half-normal values, 200,000 times: s.d. over mean; the warning prints one decimal
    draws = abs(np.random.default_rng(1).normal(size=(200_000, 3))).var(axis=1, ddof=1)
    said = next(n for n in notes(prices().filter(pl.col("commodity").is_in(GOODS[:3]))) if "noisy" in n)
    assert f"about {draws.std() / draws.mean():.1f} times its mean" in said


def test_what_is_left_out_is_counted() -> None:
    holes = prices().filter((pl.col("commodity") != "k3") | (pl.col("region") != "r4") | (pl.col("year") != 2001))
    account = relative_price(Table("p", holes), missing="listwise").account
    assert [(e.kind, e.rows, e.example) for e in account if "listwise" in e.reason and e.kind == "dropped"] == [
        ("dropped", N - 1, "k3 in 2001")
    ]
    some = by_pair().filter((pl.col("a") != "r0") & (pl.col("b") != "r0"))
    assert any("5 pairs without a weight" in n for n in notes(prices(), partner_weights=some))
    assert relative_price(prices(), partner_weights=some)["n_pairs"].to_list() == [0] * T + [N - 2] * (N - 1) * T


def test_the_number_of_goods_of_pairs_is_noted_where_it_differs() -> None:
    """Without k6 in 2001 the five pairs of r0 have six goods; the list of goods is the same in all periods."""
    holes = prices().filter((pl.col("commodity") != "k6") | (pl.col("region") != "r0") | (pl.col("year") != 2001))
    assert any("share 6 to 7 goods" in n for n in notes(holes))
    assert not any("goods" in n for n in notes(prices()) if "share" in n)


def test_a_region_has_rows_from_its_first_price_to_its_last() -> None:
    came, went = (
        (pl.col("region") != "r0") | (pl.col("year") > 2001),
        (pl.col("region") != "r1") | (pl.col("year") < 2002),
    )
    rows = prices().filter(came & went)
    found = relative_price(rows).select("region", "year")
    assert sorted(found.rows()) == sorted(rows.select("region", "year").unique().rows())
    over_time = relative_price(rows, dispersion="over_time", window=3).select("region", "year")
    assert set(over_time.rows()) == {(r, t) for r in REGIONS for t in (2002, 2003)}


def test_no_pair_says_how_many_goods_are_shared_or_that_weights_are_zero() -> None:
    """Three regions have k0 to k2, three k3 to k6: pairs share at most four of seven goods, and five are needed."""
    halves = prices().filter(pl.col("region").is_in(REGIONS[:3]) == pl.col("commodity").is_in(GOODS[:3]))
    with pytest.raises(TooFew, match="at most 4 of 7 are in both, and the index needs 5") as few:
        relative_price(halves)
    assert "k_min=4" in few.value.remedy
    with pytest.raises(TooFew, match="weights are zero"):
        relative_price(prices(), k_min=K, partner_weights=by_region().with_columns(weight=0.0))


def test_every_choice_is_in_the_settings() -> None:
    (said,) = [n for n in notes(prices(), partner_weights=by_region(), dispersion="joint") if "settings" in n]
    for f in dataclasses.fields(RelativePrice):
        if getattr(RelativePrice(), f.name) is not None:
            assert f"{f.name}=" in said
    assert "partner_weights=given" in said


# ---------------------------------------------------------------------------------------------- command, study


def test_every_option_is_a_flag(tmp_path: Path) -> None:
    prices().write_csv(tmp_path / "p.csv")
    distances().write_csv(tmp_path / "km.csv")
    by_region().write_csv(tmp_path / "gdp.csv")
    by_good().write_csv(tmp_path / "spent.csv")
    out = tmp_path / "out.csv"
    flags = [
        "--pairs",
        "nearest:3",
        "--distances",
        str(tmp_path / "km.csv"),
        "--dispersion",
        "over_time",
        "--window",
        "3",
        "--partner-weights",
        str(tmp_path / "gdp.csv"),
        "--good-weights",
        str(tmp_path / "spent.csv"),
        "--missing",
        "listwise",
        "--goods-group",
        "consumer",
        "--basis",
        "link",
        "--quiet",
    ]
    assert run(["integration", str(tmp_path / "p.csv"), "--out", str(out), *flags]) == 0
    expected = relative_price(
        prices(),
        pairs="nearest:3",
        distances=distances(),
        dispersion="over_time",
        window=3,
        missing="listwise",
        partner_weights=by_region(),
        good_weights=by_good(),
    )
    assert pl.read_csv(out)["segmentation"].to_list() == pytest.approx(expected["segmentation"].to_list(), rel=1e-12)
    (tmp_path / "groups.csv").write_text("\n".join(["r,g", *[f"{r},{'x' if r < 'r3' else 'y'}" for r in REGIONS]]))
    flags = ["--basis", "link", "--level", "group", "--groups", str(tmp_path / "groups.csv"), "--quiet"]
    assert run(["integration", str(tmp_path / "p.csv"), "--out", str(out), *flags]) == 0
    assert pl.read_csv(out)["group"].unique().sort().to_list() == ["x", "y"]


def test_files_of_a_study_stand_beside_it(tmp_path: Path) -> None:
    (tmp_path / "gdp.csv").write_text("region,weight\n")
    options = {"pairs": "adjacent", "partner_weights": "gdp.csv", "good_weights": "equal", "ddof": 0}
    assert file_options(options, tmp_path) == {"partner_weights": tmp_path / "gdp.csv"}
    assert set(FILES) <= {f.name for f in dataclasses.fields(RelativePrice)}


def test_trust_and_trend_take_the_weights() -> None:
    given = {"partner_weights": by_region(), "good_weights": by_good()}
    trust = index_trust(prices(), draws=10, **given)
    assert trust.noise_share > 0
    nation = relative_price(prices(), level="nation", se="jackknife", **given)
    assert trend(prices(), **given).drop("series").equals(nation)
    assert pure_regions(prices(), **given).height == N * T
