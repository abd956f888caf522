"""`corrected` against stacked instrumental variables with dense dummies, its invariances, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.errors import Coverage, NotIdentified, TooFew, UnknownName, UsageError
from integrade.integration.options import RelativePrice
from integrade.subjects.lags.shifts import add_lags
from integrade.subjects.noise.corrected import Corrected
from integrade.subjects.noise.halves import halves_of, tails_of
from other_economy import FIRST_YEAR, Design, distances, integration, limit, measured, price_changes

Vector = np.ndarray[Any, np.dtype[np.float64]]
SMALL = Design(regions=9, years=6, goods=6, firms=4, spread=0.8)
EFFECTS = ("firm", "year")


@cache
def small() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Prices of six goods, whose ten splits are all used, and a panel with a lag, a mark and weights."""
    made = measured(SMALL, 5)
    random = np.random.default_rng(1)
    panel = add_lags(made.panel, "market", (1,), ()).with_columns(
        mark=(pl.col("group") == "b").cast(pl.Float64),
        size=pl.Series(random.normal(size=made.panel.height)),
        w=pl.Series(random.uniform(0.5, 2, made.panel.height)),
    )
    return made.prices, panel


def all_halves(prices: pl.DataFrame) -> list[tuple[Vector, Vector]]:
    """The indices (R, T) of every pair of halves of the goods, with the mean of the whole index."""
    wide = prices.sort("year", "region", "commodity")
    shape = [wide[c].n_unique() for c in ("year", "region", "commodity")]
    changes = np.log(wide["index"].to_numpy() / 100).reshape(shape)
    whole, goods = integration(changes), shape[2]

    def half(members: Sequence[int]) -> Vector:
        index = integration(changes[:, :, list(members)])
        return np.asarray(index - index.mean() + whole.mean())

    firsts = [c for c in combinations(range(goods), goods // 2) if goods % 2 or 0 in c]

    return [(half(c), half([g for g in range(goods) if g not in c])) for c in firsts]


@dataclass(frozen=True)
class Case:
    """A formula and the same terms written by hand: functions of the index, of its lag and of the mark."""

    formula: str
    terms: Sequence[Callable[[Vector, Vector, Vector], Vector]]
    names: Sequence[str]
    controls: Sequence[str] = ()
    weights: str | None = None
    effects: Sequence[str] = EFFECTS


def index(x: Vector, *_: Vector) -> Vector:
    return x


def square(x: Vector, *_: Vector) -> Vector:
    return np.asarray(x**2)


def lagged(_: Vector, lag: Vector, __: Vector) -> Vector:
    return lag


def marked(x: Vector, _: Vector, mark: Vector) -> Vector:
    return np.asarray(x * mark)


CASES = {
    "line": Case("y ~ market | firm + year", (index,), ("market",)),
    "square, control": Case(
        "y ~ market + market^2 + size | firm + year", (index, square), ("market", "market^2"), ("size",)
    ),
    "weights": Case(
        "y ~ market + market^2 + m | firm + year", (index, square), ("market", "market^2"), ("m",), weights="w"
    ),
    "groups": Case("y ~ market + market:mark + m | firm + year", (index, marked), ("market", "market:mark"), ("m",)),
    "lag": Case("y ~ market + market_l1 + size | firm + year", (index, lagged), ("market", "market_l1"), ("size",)),
    "one effect": Case("y ~ market + market^2 | year", (index, square), ("market", "market^2"), effects=("year",)),
}


def dummies(rows: pl.DataFrame, effects: Sequence[str]) -> Vector:
    return np.hstack([np.equal.outer(rows[e].to_numpy(), rows[e].unique().to_numpy()).astype(float) for e in effects])


def stacked(case: Case, rows: pl.DataFrame, halves: list[tuple[Vector, Vector]]) -> Vector:
    """Two-stage least squares on all splits and directions stacked, each with dummies of its own; just identified."""
    root = np.ones(rows.height) if case.weights is None else np.sqrt(rows[case.weights].to_numpy())
    d = dummies(rows, case.effects) * root[:, None]
    residual = np.eye(len(d)) - d @ np.linalg.pinv(d)
    region = rows["region"].str.slice(1).cast(pl.Int64).to_numpy()
    year = rows["year"].to_numpy() - FIRST_YEAR
    mark = rows["mark"].to_numpy()
    controls = rows.select(case.controls).to_numpy().reshape(rows.height, -1)
    y, x, z = [], [], []
    for pair in halves:
        columns = []
        for half in pair:
            before = half[region, year - 1]
            columns.append(np.column_stack([term(half[region, year], before, mark) for term in case.terms]))
        for own, other in (columns, columns[::-1]):
            x.append(residual @ (np.hstack([own, controls]) * root[:, None]))
            z.append(residual @ (np.hstack([other, controls]) * root[:, None]))
            y.append(residual @ (rows["y"].to_numpy() * root))
    left, right, outcome = np.vstack(z), np.vstack(x), np.hstack(y)
    return np.asarray(np.linalg.solve(left.T @ right, left.T @ outcome))


@each("name", tuple(CASES))
def test_coefficients_and_errors_by_brute_force(name: str) -> None:
    """Tolerance: dense projections of 300 rows lose at most eight digits."""
    prices, panel = small()
    case = CASES[name]
    rows = panel.drop_nulls("market_l1") if name == "lag" else panel
    found = ig.questions.corrected(prices, rows, case.formula, cluster="region", weights=case.weights)
    assert found.identified
    assert found.splits == 10
    halves, names = all_halves(prices), [*case.names, *case.controls]
    b = stacked(case, rows, halves)
    assert [found.fit[n].estimate for n in names] == pytest.approx(b.tolist(), rel=1e-7)
    regions = sorted(set(rows["region"]))
    without = np.array([stacked(case, rows.filter(pl.col("region") != r), halves) for r in regions])
    vcov = (len(regions) - 1) / len(regions) * (without - b).T @ (without - b)
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            assert found.fit.covariance(one, other) == pytest.approx(
                vcov[i, j], rel=1e-6, abs=1e-7 * np.sqrt(vcov[i, i] * vcov[j, j])
            )
    assert found.fit.df_t == len(regions) - 1
    naive = ig.fit(rows, case.formula, cluster="region", vcov="CR3", weights=case.weights)
    assert found.naive[names[0]].estimate == pytest.approx(naive[names[0]].estimate)
    assert found.naive[names[0]].std_error == pytest.approx(naive[names[0]].std_error)


def test_the_share_of_noise_is_what_halves_do_not_share() -> None:
    """1 - (mean over splits of half A'M half B) / (index'M index), M removing firm and year effects."""
    prices, panel = small()
    d = dummies(panel, EFFECTS)
    residual = np.eye(len(d)) - d @ np.linalg.pinv(d)
    region = panel["region"].str.slice(1).cast(pl.Int64).to_numpy()
    year = panel["year"].to_numpy() - FIRST_YEAR
    shared = np.mean([a[region, year] @ residual @ b[region, year] for a, b in all_halves(prices)])
    w = panel["market"].to_numpy()
    found = ig.questions.corrected(prices, panel, "y ~ market | firm + year", cluster="region")
    assert found.noise_share == pytest.approx(1 - shared / (w @ residual @ w), rel=1e-9)


def same(a: Corrected, b: Corrected, rel: float = 1e-9) -> None:
    assert [c.estimate for c in a.fit.coefficients] == pytest.approx([c.estimate for c in b.fit.coefficients], rel=rel)
    assert a.fit.vcov.ravel().tolist() == pytest.approx(b.fit.vcov.ravel().tolist(), rel=rel * 10)


def test_order_of_rows_and_names_of_goods_do_not_matter() -> None:
    """With six goods all ten splits are used, so that other names give the same splits."""
    prices, panel = small()
    formula = "y ~ market + market^2 + m | firm + year"
    found = ig.questions.corrected(prices, panel, formula, cluster="region")
    shuffled = ig.questions.corrected(
        prices.sample(fraction=1, shuffle=True, seed=1),
        panel.sample(fraction=1, shuffle=True, seed=2),
        formula,
        cluster="region",
    )
    same(found, shuffled)
    turned = prices.with_columns(commodity=pl.format("x{}", 9 - pl.col("commodity").str.slice(1).cast(pl.Int64)))
    same(found, ig.questions.corrected(turned, panel, formula, cluster="region"))


def test_units_of_the_outcome_scale_effects_and_leave_noise() -> None:
    prices, panel = small()
    formula = "y ~ market + market^2 | firm + year"
    found = ig.questions.corrected(prices, panel, formula, cluster="region")
    scaled = ig.questions.corrected(prices, panel.with_columns(pl.col("y") * 1000 + 7), formula, cluster="region")
    assert scaled.fit["market"].estimate == pytest.approx(1000 * found.fit["market"].estimate, rel=1e-9)
    assert scaled.fit["market^2"].std_error == pytest.approx(1000 * found.fit["market^2"].std_error, rel=1e-9)
    assert scaled.noise_share == found.noise_share


def test_the_sheet_names_both_regressions_and_bounds_small_p_values() -> None:
    prices, panel = small()
    exact = panel.with_columns(y=3 * pl.col("size") + 0.01 * pl.col("y"))
    said = str(ig.questions.corrected(prices, exact, "y ~ market + size | firm + year", cluster="region"))
    assert said.count("uncorrected (s.e.) -> corrected (s.e.), p-value") == 1
    assert ", p < 0.0001" in said
    assert "p = 0.0000" not in said


def test_halves_that_share_nothing_identify_nothing() -> None:
    """Prices without any difference between regions: the corrected variance of the index is not above zero."""
    random = np.random.default_rng(3)
    made = measured(SMALL, 5)
    prices = made.prices.with_columns(index=pl.Series(100 * np.exp(0.01 * random.normal(size=made.prices.height))))
    from integrade.integration import relative_price

    table = relative_price(prices, se="none").select("region", "year", market="integration")
    panel = made.panel.drop("market").join(table, on=["region", "year"])
    found = ig.questions.corrected(prices, panel, "y ~ market + market^2 | firm + year", cluster="region")
    assert not found.identified
    assert np.isnan(found.fit["market"].std_error)
    assert "cannot determine" in str(found)
    assert "p =" not in str(found)
    assert "p <" not in str(found)


F = "y ~ market + market^2 | firm + year"


def refused(kind: type[Exception], words: str, prices: Any, panel: Any, formula: str = F, **options: Any) -> None:
    how = {"cluster": "region", "index": RelativePrice(basis="link"), **options}
    with pytest.raises(kind, match=words):
        ig.questions.corrected(prices, panel, formula, **how)


def test_what_cannot_be_corrected_is_refused() -> None:
    prices, panel = small()
    refused(UsageError, "one cluster variable", prices, panel, cluster=None)
    refused(UsageError, "one cluster variable", prices, panel, cluster="region + year")
    refused(UsageError, "halves are the instruments", prices, panel, "y ~ m | firm + year | market ~ size")
    refused(UnknownName, "'market' is not a regressor", prices, panel, "y ~ m | firm + year")
    refused(UsageError, "a logarithm of the index", prices, panel, "y ~ ln(market) | firm + year")
    refused(NotIdentified, "market", prices, panel, "y ~ market | firm + region^year")
    refused(TooFew, "3 goods", prices.filter(pl.col("commodity") < "g03"), panel)
    refused(Coverage, "without an index|no index", prices.filter(pl.col("year") > FIRST_YEAR), panel)
    refused(UsageError, "'market' is not the index of the prices", prices, panel.with_columns(pl.col("market") + 0.01))
    other = prices.filter(pl.col("commodity") > "g00")
    refused(UsageError, "'market' is not the index of the prices", other, panel)


def test_a_split_whose_half_has_no_index_is_not_used() -> None:
    """R00 has g00 to g03 in one year: a half with two of them has an index, one with fewer has none."""
    prices, panel = small()
    gone = (pl.col("region") == "R00") & (pl.col("year") == FIRST_YEAR) & (pl.col("commodity") > "g03")
    fewer = prices.filter(~gone)
    from integrade.integration import relative_price

    table = relative_price(fewer, se="none").select("region", "year", market="integration")
    rows = panel.drop("market").join(table, on=["region", "year"])
    found = ig.questions.corrected(fewer, rows, F, cluster="region")
    members = [set(c) for c in combinations(range(6), 3) if 0 in c]
    complete = [c for c in members if len(c & {0, 1, 2, 3}) >= 2 and len({0, 1, 2, 3} - c) >= 2]
    assert found.splits == len(complete)
    assert 0 < found.splits < 10


def test_the_true_index_is_the_limit_of_many_goods() -> None:
    """20,000 goods of one year, heavy tails and a shared part; that index is off by .02 at most (300,000: .005)."""
    design = Design(years=1, tails="t5", shared=0.3)
    random = np.random.default_rng(4)
    drawn = distances(design, random)
    first, second = np.triu_indices(design.regions, 1)
    total, squares, goods = 0.0, 0.0, 20_000
    for _ in range(10):
        changes = price_changes(design, random, drawn, goods // 10)[0]
        gaps = np.abs(changes[first] - changes[second])
        gaps -= gaps.mean(axis=0)
        total, squares = total + gaps.sum(axis=1), squares + (gaps**2).sum(axis=1)
    variances = squares / goods - (total / goods) ** 2
    sums = np.bincount(first, variances, 31) + np.bincount(second, variances, 31)
    assert limit(design, drawn)[:, 0] == pytest.approx(-0.5 * np.log(sums / 30), abs=0.03)


@each("goods, tails, low, high", [(5, "normal", 0.9, 1.1), (20, "normal", 0.95, 1.05), (20, "t5", 1.15, 1.6)])
def test_tails_are_one_for_normal_changes_and_larger_for_heavy_ones(
    goods: int, tails: Any, low: float, high: float
) -> None:
    """Expectation 1 for normal changes by Fisher's formula; 40 samples of 20 goods have a s.d. of .013 (t5: .037)."""
    made = measured(Design(goods=goods, tails=tails), 3)
    found = halves_of(made.prices, RelativePrice(), 2, 1).tails
    assert found is not None
    assert low < found < high


def test_tails_by_hand() -> None:
    """One year, two regions, four goods of equal scale: the region's moments over goods, less the means over both."""
    x = np.array([[[0.0, 2.0, -1.0, 3.0], [1.0, -2.0, 2.0, 0.0]]])
    e = x - x.mean(axis=1, keepdims=True)
    e = e - e.mean(axis=2, keepdims=True)
    m2 = (e**2).mean(axis=2, keepdims=True)
    u = e / np.sqrt((e**2 / m2).mean(axis=1, keepdims=True))
    u = u - u.mean(axis=2, keepdims=True)
    kurtosis = (u**4).mean(axis=2) / (u**2).mean(axis=2) ** 2
    assert tails_of(x) == pytest.approx(float(kurtosis.mean()) / (3 * 3 / 5))
    assert tails_of(np.full((1, 2, 4), np.nan)) is None
    one = np.concatenate([x, np.full((1, 2, 4), np.nan)])
    assert tails_of(one) == pytest.approx(tails_of(x))
    assert tails_of(5 * x + np.array([1.0, -3.0])[None, :, None]) == pytest.approx(tails_of(x))
