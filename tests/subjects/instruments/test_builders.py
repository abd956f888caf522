"""Instruments: builders against the index itself, sets against grids, ORIV and control function against truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from each import each, each_pair
from integrade.errors import DuplicateKeys, NotANumber, TooFew, UnknownColumn, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import prepare
from integrade.geography import CONTIGUITY, PROVINCES
from integrade.integration import RelativePrice
from integrade.integration.pairs import choose_pairs
from integrade.regress import weak
from integrade.regress.iv import Errors
from integrade.simulation import Economy, simulate
from integrade.study.records import from_json, to_json
from integrade.subjects.instruments.builders import (
    join_instrument,
    lagged_index,
    neighbour_instrument,
    split_goods,
    terrain_instrument,
)
from integrade.subjects.instruments.control_function import ControlFunction, control_function
from integrade.subjects.instruments.weak_iv import WeakIV, weak_iv
from integrade.subjects.noise.oriv import OrivResult, oriv
from panels import dummies, panel
from price_tables import pure_regions, relative_price
from public_numbers import cigarettes

G11 = "ln(packs) ~ ln(rincome) | 0 | ln(rprice) ~ tdiff + rtax"


# ---------------------------------------------------------------- goldens


def test_golden_anderson_rubin_set_and_liml() -> None:
    """METHODS 5.8, G11: R's AER data; LIML from linearmodels, the set from a grid of step 1e-4."""
    result = weak_iv(cigarettes(), G11)
    assert result["ln(rprice)"].kind == "interval"
    assert result["ln(rprice)"].intervals[0] == pytest.approx((-1.917, -0.5963), abs=1e-4)  # the grid's step
    named = {c.name: c for c in result.liml}
    assert named["ln(rprice)"].estimate == pytest.approx(-1.27644190, abs=1e-8)
    assert result.kappa == pytest.approx(1.00697767, abs=1e-8)
    for term, error in (("constant", 1.05885341), ("ln(rincome)", 0.23859807), ("ln(rprice)", 0.26329289)):
        assert named[term].std_error == pytest.approx(error, abs=1e-8)
    assert result.ar_f == pytest.approx(10.099122, abs=1e-6)


def test_golden_exogeneity() -> None:
    """Under iid errors C = n q / RSS of the Durbin form of G11's Wu F 3.067816 on (1, 44): C = 48 F / (44 + F)."""
    result = weak_iv(cigarettes(), G11)
    assert result.c_statistic == pytest.approx(48 * 3.0678162729 / (44 + 3.0678162729), abs=1e-7)
    assert result.c_df == 1


@each(
    ("f", "critical"),
    [(4.0, 18.66), (4.41, 9.74), (4.84, 7.37), (5.76, 5.43), (9.0, 3.65), (10.0, 3.43), (25.0, 2.46), (104.7, 1.96)],
)
def test_tf_critical_values_are_the_published_ones(f: float, critical: float) -> None:
    """Lee, McCrary, Moreira and Porter (2022), table 3; printed rounded up to two decimals."""
    assert weak.tf_critical(f) == pytest.approx(critical, abs=0.011)


def test_tf_has_its_size_in_the_worst_case() -> None:
    z = np.random.default_rng(1).normal(size=400_000)
    curve = {f: weak.tf_critical(f) for f in np.linspace(0.01, 200, 4000)}
    grid, values = np.array(list(curve)), np.array(list(curve.values()))
    for mean in (0.5, 1.0, 2.0, 4.0, 8.0):
        s = mean + z
        at = np.interp(s**2, grid[np.isfinite(values)], values[np.isfinite(values)], left=np.inf)
        rejected = np.mean(np.abs(z * s / mean) > at)
        assert rejected == pytest.approx(0.05, abs=0.004)  # s.e. .0003, and the curve is interpolated
    assert weak.tf_critical(3.8) == math.inf
    assert weak.tf_critical(1e6) == pytest.approx(1.959964, abs=1e-6)


# ---------------------------------------------------------------- sets by grid


def made(seed: int, strength: float, n: int = 240, many: int = 2) -> pl.DataFrame:
    """Clusters of rows with common errors; the instruments move x with this strength."""
    rng = np.random.default_rng(seed)
    g = rng.integers(0, 24, n)
    z = rng.normal(size=(n, many)) + rng.normal(size=(24, many))[g]
    u = rng.normal(size=n) + 0.5 * rng.normal(size=24)[g]
    x = strength * z.sum(axis=1) + 0.8 * u + rng.normal(size=n)
    columns = {f"z{j}": z[:, j] for j in range(many)}
    w = rng.normal(size=n)
    return pl.DataFrame(
        {"g": g, "w": w, "x": x, "y": 0.7 * x + 0.3 * w + u, "weight": rng.uniform(0.5, 2, n), **columns}
    )


def f_by_hand(rows: pl.DataFrame, e: np.ndarray, z: np.ndarray, kind: str, weights: np.ndarray | None) -> float:
    """F of the instruments in a regression of y - x b on [1, w, z], by explicit matrices."""
    n, many = z.shape
    wt = np.ones(n) if weights is None else weights
    w = np.column_stack([np.ones(n), rows["w"].to_numpy()])
    root = np.sqrt(wt)[:, None]

    def net(m: np.ndarray) -> np.ndarray:
        return m - w @ np.linalg.lstsq(root * w, root * m, rcond=None)[0]

    zt, et = net(z), net(e[:, None])[:, 0]
    q = zt.T @ (wt[:, None] * zt)
    d = np.linalg.solve(q, zt.T @ (wt * et))
    left = et - zt @ d
    rest = n - 2 - many
    if kind == "iid":
        s, scale = q * float(left @ (wt * left)) / n, rest / n
    elif kind == "HC1":
        s = (zt * (wt * left)[:, None]).T @ (zt * (wt * left)[:, None])
        scale = rest / n
    else:
        sums = dummies(rows["g"].to_numpy()).T @ (zt * (wt * left)[:, None])
        s, scale = sums.T @ sums, rest / (n - 1) * 23 / 24
    return float(d @ q @ np.linalg.solve(s, q @ d)) / many * scale


@each_pair(
    ("kind", ["iid", "HC1", "CR1"]),
    (("seed", "strength"), [(1, 0.5), (2, 0.05), (3, 0.12), (4, 0.0), (5, 0.08)]),
    ("weights", [None, "weight"]),
)
def test_the_set_is_what_a_grid_accepts(kind: str, seed: int, strength: float, weights: str | None) -> None:
    from scipy import stats

    rows = made(seed, strength)
    options: dict[str, Any] = {"vcov": kind, "weights": weights} | ({"cluster": "g"} if kind == "CR1" else {})
    result = weak_iv(rows, "y ~ w | 0 | x ~ z0 + z1", **options)
    found = result["x"]
    z = rows.select("z0", "z1").to_numpy()
    y, x = rows["y"].to_numpy(), rows["x"].to_numpy()
    wt = None if weights is None else rows["weight"].to_numpy()
    critical = stats.f.isf(0.05, 2, 23 if kind == "CR1" else 240 - 4)
    ends = [e for pair in found.intervals for e in pair if e is not None]
    for b in [*np.linspace(-6, 8, 141), -1e4, 1e4]:
        if ends and min(abs(b - e) for e in ends) < 1e-6:
            continue
        assert (f_by_hand(rows, y - b * x, z, kind, wt) <= critical) == (b in found)
    for end in ends:
        assert f_by_hand(rows, y - end * x, z, kind, wt) == pytest.approx(critical, rel=1e-6)
    # unbounded exactly when the first stage is not significant: AR at infinity is the first-stage F
    assert (f_by_hand(rows, x, z, kind, wt) <= critical) == any(None in pair for pair in found.intervals)


def test_every_shape_of_a_set_occurs_and_is_named() -> None:
    kinds = {}
    for seed in range(60):
        result = weak_iv(made(seed, (0.0, 0.07, 0.3)[seed % 3], n=120), "y ~ w | 0 | x ~ z0 + z1")
        kinds.setdefault(result["x"].kind, result)
    assert {"interval", "two_rays", "line"} <= set(kinds)
    assert "excludes only a bounded interval" in kinds["two_rays"].verdict
    assert len(kinds["two_rays"]["x"].intervals) == 2
    assert "do not identify" in kinds["line"].verdict
    assert kinds["line"]["x"].intervals == ((None, None),)


def test_instruments_that_contradict_each_other_leave_no_value() -> None:
    rows = made(1, 1.0, n=2000)
    rows = rows.with_columns(y=pl.col("y") + 2 * pl.col("z0"))
    result = weak_iv(rows, "y ~ w | 0 | x ~ z0 + z1")
    assert result["x"].kind == "empty"
    assert "the test rejects every value" in result.verdict


def quadratic(seed: int, strength: float = 0.8, n: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    z, u = rng.normal(size=n), rng.normal(size=n)
    x = 4 + strength * z + 0.5 * u + 0.4 * rng.normal(size=n)
    w = rng.normal(size=n)
    return pl.DataFrame({"z": z, "x": x, "w": w, "g": rng.integers(0, 30, n), "y": 2 * x - 0.25 * x**2 + 0.1 * w + u})


@pytest.mark.parametrize("kind", ["iid", "CR1"])
def test_projected_sets_for_a_quadratic(kind: str) -> None:
    """A value belongs to the projection when some value of the other coefficient is accepted with it."""
    from scipy import stats
    from scipy.optimize import minimize_scalar

    rows = quadratic(3).with_columns(g=pl.col("g") % 24)
    options: dict[str, Any] = {"vcov": kind} | ({"cluster": "g"} if kind == "CR1" else {})
    result = weak_iv(rows, "y ~ w | 0 | x + x^2 ~ z + z^2", **options)
    assert [s.target for s in result.sets] == ["x", "x^2", "slope at p10", "slope at p50", "slope at p90"]
    assert all(s.projected for s in result.sets)
    z = np.column_stack([rows["z"], rows["z"] ** 2])
    y, x = rows["y"].to_numpy(), rows["x"].to_numpy()
    critical = stats.f.isf(0.05, 2, 23 if kind == "CR1" else 400 - 4)
    v = float(np.percentile(x, 90, method="averaged_inverted_cdf"))
    b2 = result.fit["x^2"].estimate

    def least(e: np.ndarray, other: np.ndarray, near: float, width: float) -> float:
        def f(b: float) -> float:
            return f_by_hand(rows, e - b * other, z, kind, None)

        grid = near + np.linspace(-width, width, 81)
        start = float(grid[int(np.argmin([f(b) for b in grid]))])
        step = float(grid[1] - grid[0])
        return float(minimize_scalar(f, bounds=(start - step, start + step), method="bounded").fun)

    assert result["slope at p90"].estimate == pytest.approx(result.fit["x"].estimate + 2 * v * b2)
    for target, mine, other, near in (
        ("slope at p90", x, x**2 - 2 * v * x, b2),
        ("x^2", x**2, x, result.fit["x"].estimate),
    ):
        ((low, high),) = result[target].intervals
        assert low is not None
        assert high is not None
        assert low < result[target].estimate < high
        for end in (low, high):
            assert least(y - end * mine, other, near, 20 * abs(near)) == pytest.approx(critical, rel=1e-3)


def test_with_effects_the_set_matches_dummies() -> None:
    table = panel(2, movers=0)
    result = weak_iv(table, "y ~ scale | firm + year | x ~ z1 + z2", cluster="region")
    design = prepare(table, "y ~ scale | firm + year | x ~ z1 + z2")
    kept = table.join(design.labels.select("firm", "year"), on=["firm", "year"])
    every = kept.to_dummies(["firm", "year"], drop_first=False)
    names = [c for c in every.columns if c.startswith(("firm_", "year_"))]
    odd = [f"`{n}`" for n in names]
    long = f"y ~ scale + {' + '.join(odd)} - 1 | 0 | x ~ z1 + z2"
    plain = weak_iv(every, long, vcov="iid")
    effects = weak_iv(table, "y ~ scale | firm + year | x ~ z1 + z2", vcov="iid")
    assert effects["x"].intervals[0] == pytest.approx(plain["x"].intervals[0], rel=1e-7)
    assert effects.kappa == pytest.approx(plain.kappa, rel=1e-9)
    assert effects.liml[0].estimate == pytest.approx(plain.liml[0].estimate, rel=1e-9)
    assert effects.liml[0].std_error == pytest.approx(plain.liml[0].std_error, rel=1e-8)
    assert result.fit.kind == "CR3"


# ---------------------------------------------------------------- LIML and exogeneity by other packages


@pytest.mark.parametrize("kind", ["iid", "HC1", "CR1"])
def test_liml_agrees_with_linearmodels(kind: str) -> None:
    from linearmodels.iv import IVLIML

    rows = made(7, 0.2, many=3)
    options: dict[str, Any] = {"vcov": kind} | ({"cluster": "g"} if kind == "CR1" else {})
    result = weak_iv(rows, "y ~ w | 0 | x ~ z0 + z1 + z2", **options)
    frame = rows.with_columns(constant=1.0).to_pandas()
    how = {
        "iid": {"cov_type": "unadjusted"},
        "HC1": {"cov_type": "robust"},
        "CR1": {"cov_type": "clustered", "clusters": frame["g"]},
    }[kind]
    ref = IVLIML(frame["y"], frame[["constant", "w"]], frame["x"], frame[["z0", "z1", "z2"]]).fit(debiased=True, **how)
    assert result.kappa == pytest.approx(ref.kappa, rel=1e-10)
    for c in result.liml:
        assert c.estimate == pytest.approx(ref.params[c.name], rel=1e-9)
        assert c.std_error == pytest.approx(ref.std_errors[c.name], rel=1e-8)


def test_liml_jackknife_is_re_estimation() -> None:
    rows = made(8, 0.3)
    formula = "y ~ w | 0 | x ~ z0 + z1"
    result = weak_iv(rows, formula, cluster="g")
    away = np.array(
        [[c.estimate for c in weak_iv(rows.filter(pl.col("g") != g), formula, vcov="iid").liml] for g in range(24)]
    ) - [c.estimate for c in result.liml]
    errors = np.sqrt(np.diag(23 / 24 * away.T @ away))
    assert [c.std_error for c in result.liml] == pytest.approx(errors, rel=1e-8)


@pytest.mark.parametrize("kind", ["HC1", "CR1"])
def test_c_statistic_by_hand(kind: str) -> None:
    """Two J statistics with one weight, the inverse covariance of all moments at least-squares residuals."""
    rows = made(9, 0.3)
    options: dict[str, Any] = {"vcov": kind} | ({"cluster": "g"} if kind == "CR1" else {})
    result = weak_iv(rows, "y ~ w | 0 | x ~ z0 + z1", **options)
    n = rows.height
    w = np.column_stack([np.ones(n), rows["w"]])
    x, z, y = rows["x"].to_numpy()[:, None], rows.select("z0", "z1").to_numpy(), rows["y"].to_numpy()
    regressors, every = np.hstack([x, w]), np.hstack([x, z, w])
    u = y - regressors @ np.linalg.lstsq(regressors, y, rcond=None)[0]
    scores = every * u[:, None]
    if kind == "CR1":
        scores = dummies(rows["g"].to_numpy()).T @ scores
    s = scores.T @ scores

    def j(moments: np.ndarray, weight: np.ndarray) -> float:
        a = moments.T @ regressors
        b = np.linalg.solve(a.T @ np.linalg.solve(weight, a), a.T @ np.linalg.solve(weight, moments.T @ y))
        g = moments.T @ (y - regressors @ b)
        return float(g @ np.linalg.solve(weight, g))

    assert result.c_statistic == pytest.approx(j(every, s) - j(every[:, 1:], s[1:, 1:]), rel=1e-7)
    assert result.c_p is not None
    assert result.c_p < 0.05  # x was made endogenous


def test_c_statistic_has_its_size_and_needs_clusters() -> None:
    rng = np.random.default_rng(2)
    rejected = 0
    for _ in range(300):
        z, u = rng.normal(size=(200, 2)), rng.normal(size=200)
        x = z.sum(axis=1) + rng.normal(size=200)
        w = np.ones((200, 1))
        found = weak.c_statistic(x[:, None], w, z, x + u, Errors("robust", (), None, 1))
        assert found is not None
        rejected += found.p_value < 0.05
    assert rejected / 300 == pytest.approx(0.05, abs=0.04)  # three binomial s.e. are .038
    few = made(1, 0.5).with_columns(g=pl.col("g") % 3)
    result = weak_iv(few, "y ~ w | 0 | x ~ z0 + z1", vcov="CR1", cluster="g")
    assert result.c_statistic is None
    assert any("fewer clusters than moments" in n for n in result.notes)


def test_tf_interval_is_for_one_instrument() -> None:
    one = weak_iv(made(3, 0.5), "y ~ w | 0 | x ~ z0", vcov="HC1")
    assert one.tf is not None
    assert one.tf.first_stage_f == pytest.approx(one.fit.iv.effective_f)
    c = one.fit["x"]
    assert one.tf.conf_high - one.tf.conf_low == pytest.approx(2 * one.tf.critical * c.std_error)
    assert one.tf.critical == weak.tf_critical(one.tf.first_stage_f) > 1.98  # t(n - k) asks for less
    assert any("37.42" in n for n in one.notes)
    two = weak_iv(made(3, 0.5), "y ~ w | 0 | x ~ z0 + z1", vcov="HC1")
    assert two.tf is None


def test_tf_interval_is_never_narrower_than_that_of_t() -> None:
    """tF knows no degrees of freedom: 1.96 at a huge F, where t(8) of nine clusters needs 2.306."""
    table = panel(1, regions=9)
    rng = np.random.default_rng(0)
    table = table.with_columns(z=pl.col("market") + pl.Series(0.05 * rng.normal(size=table.height)))
    found = weak_iv(table, "y ~ scale | firm + year | market ~ z", cluster="region", draws=0, vcov="CR3")
    c = found.fit["market"]
    assert found.tf is not None
    assert found.tf.first_stage_f > 104.7
    assert found.tf.critical == pytest.approx(2.306004, abs=1e-6)  # tables of t: 8 degrees of freedom, 97.5%
    assert (found.tf.conf_low, found.tf.conf_high) == pytest.approx((c.conf_low, c.conf_high))
    assert any("2.306" in n and "t(8)" in n for n in found.notes)


# ---------------------------------------------------------------- builders


def prices(seed: int = 1, *, years: int = 3, goods: int = 8) -> pl.DataFrame:
    """Random link indices of all 31 provinces with one spread everywhere."""
    economy = simulate(Economy(n_firms=20, n_years=years, n_goods=goods, rows_per_firm_year=1, seed=seed))
    english = {p.chinese_short: p.english for p in PROVINCES} | {p.chinese_long: p.english for p in PROVINCES}
    rows = economy.prices.with_columns(pl.col("region").replace(english))
    rng = np.random.default_rng(seed)
    return rows.with_columns(index=pl.Series(100 * np.exp(rng.normal(0, 0.02, rows.height))))


@pytest.mark.parametrize("component", ["index", "pure"])
def test_neighbours_are_indexed_without_the_region(component: Any) -> None:
    table = prices(2)
    found = neighbour_instrument(table, component=component, basis="link")
    values = {(r, y): v for r, y, v in found.table.polars().iter_rows()}
    assert len(values) == 31 * 3
    for region in ("Beijing", "Guangdong", "Hainan"):
        without = table.filter(pl.col("region") != region)
        rest = relative_price(without) if component == "index" else pure_regions(without)
        near = [b if a == region else a for a, b in CONTIGUITY if region in (a, b)]
        for year in (2004, 2006):
            own = rest.filter((pl.col("year") == year) & pl.col("region").is_in(near))
            assert own.height == len(near)
            wanted = own["integration"].mean() if component == "index" else -0.5 * math.log(own["theta"].mean())
            assert values[region, year] == pytest.approx(wanted, rel=1e-12)
    assert "own integration" in found.exclusion


def test_a_region_does_not_move_its_own_instrument() -> None:
    """Other prices in Beijing move the plain mean of its neighbours' indices, and not this instrument."""
    table = prices(3, years=2)
    here = pl.col("region") == "Beijing"
    noise = pl.Series(np.random.default_rng(5).normal(0, 0.1, table.height)).exp()
    other = table.with_columns(index=pl.when(here).then(pl.col("index") * noise).otherwise("index"))
    for component in ("index", "pure"):
        before, after = (
            neighbour_instrument(t, component=component, basis="link")  # type: ignore[arg-type]
            .table.polars()
            .filter(here)["neighbours"]
            for t in (table, other)
        )
        assert before.to_list() == pytest.approx(after.to_list(), rel=1e-13)
    near = pl.col("region").is_in(["Hebei", "Tianjin"])
    plain = [relative_price(t).filter(near)["integration"].mean() for t in (table, other)]
    assert abs(plain[0] - plain[1]) > 0.05


def test_pure_components_are_not_correlated_by_construction() -> None:
    """Independent prices with one spread: any correlation with the own index, beside year effects, is construction."""
    table = prices(3, years=40, goods=6)
    both = relative_price(table)
    for name in ("index", "pure"):
        column = neighbour_instrument(table, component=name).table.polars()  # type: ignore[arg-type]
        both = both.join(column.rename({"neighbours": name}), on=["region", "year"])
    columns = pl.col("integration", "index", "pure")
    within = both.select(columns - columns.mean().over("year"))
    index, pure = (within.select(pl.corr("integration", c)).item() for c in ("index", "pure"))
    assert index < -0.07  # 1,240 cells: s.e. about .03
    assert abs(pure) < 0.05


def test_a_neighbour_counts_the_pairs_that_it_chose() -> None:
    """With one nearest partner a neighbour's index is that pair, whoever else has the neighbour as nearest."""
    table = prices(4, years=2).filter(pl.col("year") == 2004)
    found = neighbour_instrument(
        table, component="index", options=RelativePrice(basis="link", pairs="nearest:1", demean="none")
    )
    value = found.table.polars().filter(region="Hebei")["neighbours"].item()
    regions = sorted(table["region"].unique())
    chosen = choose_pairs("nearest:1", regions)
    assert chosen.sides is not None
    nearest: dict[str, str] = {}
    for a, b, first, second in zip(chosen.first, chosen.second, *chosen.sides, strict=True):
        nearest |= {regions[a]: regions[b]} if first else {}
        nearest |= {regions[b]: regions[a]} if second else {}
    pairs = relative_price(table, pairs="all", demean="none", level="pair")
    by_pair = {frozenset(r[:2]): r[2] for r in pairs.select("region_a", "region_b", "integration").iter_rows()}
    near = [b if a == "Hebei" else a for a, b in CONTIGUITY if "Hebei" in (a, b)]
    wanted = [by_pair[frozenset((j, nearest[j]))] for j in near if nearest[j] != "Hebei"]
    assert len(set(nearest.values())) < 31, "some region is nearest to several"
    assert value == pytest.approx(sum(wanted) / len(wanted), rel=1e-12)


def test_regions_without_neighbours_are_missing_and_counted() -> None:
    table = prices(4, years=2)
    found = neighbour_instrument(table, pairs=[("Beijing", "Tianjin"), ("Beijing", "Hebei")], basis="link")
    rows = found.table.polars()
    assert rows["neighbours"].null_count() == 28 * 2
    assert [(e.reason, e.rows) for e in found.table.account if e.rows] == [("no neighbour with an index", 56)]
    four = table.filter(pl.col("region").is_in(["Beijing", "Tianjin", "Hebei", "Shanxi"]))
    with pytest.raises(TooFew, match="an index that leaves out one"):
        neighbour_instrument(four, basis="link")


def test_halves_are_indices_of_their_goods() -> None:
    table = prices(5, goods=9)
    halves = split_goods(table, seed=11, basis="link")
    rows = halves.table.polars()
    assert halves.columns == ("market_a", "market_b")
    goods = sorted(table["commodity"].unique().to_list())
    rank = np.argsort(np.argsort(np.random.default_rng(11).random(9)))
    for column, chosen in (("market_a", rank < 4), ("market_b", rank >= 4)):
        own = relative_price(
            table.filter(pl.col("commodity").is_in([g for g, in_ in zip(goods, chosen, strict=True) if in_]))
        )
        both = rows.join(own, on=["region", "year"])
        assert both.height == 93
        assert (both[column] - both["integration"]).abs().max() < 1e-12
    assert split_goods(table, seed=11, basis="link").table.polars().equals(rows)
    assert split_goods(table.sample(fraction=1.0, shuffle=True, seed=1), seed=11).table.polars().equals(rows)
    assert not split_goods(table, seed=12).table.polars().equals(rows)
    with pytest.raises(TooFew, match="two halves require four"):
        split_goods(table.filter(pl.col("commodity").is_in(goods[:3])))


def test_terrain_times_series() -> None:
    relief = pl.DataFrame({"region": ["B", "A"], "relief": [3.0, 1.0], "note": ["x", "y"]})
    roads = pl.DataFrame({"year": [2005, 2004], "roads": [12.0, 10.0]})
    built = terrain_instrument(relief, roads)
    assert built.table.polars().rows() == [("A", 2004, 10.0), ("A", 2005, 12.0), ("B", 2004, 30.0), ("B", 2005, 36.0)]
    assert built.columns == ("relief_x_roads",)
    assert "relief" in built.exclusion
    assert "only through market integration" in str(built)
    for static, series, options, error in (
        (relief.with_columns(slope=1.0), roads, {}, UsageError),
        (relief, roads, {"of": "height"}, UnknownColumn),
        (relief, roads, {"of": "note"}, NotANumber),
        (pl.concat([relief, relief]), roads, {}, DuplicateKeys),
        (relief.drop("region"), roads, {}, UnknownColumn),
    ):
        with pytest.raises(error):
            terrain_instrument(static, series, **options)


def test_lags_go_by_the_calendar() -> None:
    index = pl.DataFrame({"region": ["A"] * 4, "year": [2001, 2002, 2004, 2005], "integration": [1.0, 2.0, 4.0, 5.0]})
    built = lagged_index(index)
    assert built.table.polars()["integration_l2"].to_list() == [None, None, 2.0, None]
    assert built.table.account.entries[0].rows == 3
    with pytest.raises(UsageError):
        lagged_index(index, lags=0)
    with pytest.raises(DuplicateKeys):
        lagged_index(pl.concat([index, index]))


def test_joining_keeps_rows_order_and_kind() -> None:
    table = panel(1).select("firm", "region", "year", "y").sample(fraction=1.0, shuffle=True, seed=2)
    cells = table.select("region", "year", integration=1.0 * pl.col("year")).unique()
    built = lagged_index(cells, lags=1)
    joined = join_instrument(table, built)
    assert joined.drop("integration_l1").equals(table)
    assert set(joined.drop_nulls("integration_l1").select(pl.col("year") - pl.col("integration_l1")).to_series()) == {
        1.0
    }
    assert join_instrument(joined, built).equals(joined)
    assert type(join_instrument(table.to_pandas(), built)).__module__.startswith("pandas")
    with pytest.raises(UnknownColumn):
        join_instrument(table.drop("year"), built)


# ---------------------------------------------------------------- ORIV


def halved(seed: int, *, noise: float = 0.25, firms: int = 400) -> pl.DataFrame:
    """A true index by region and year seen twice with independent noise; quality is 1 x - .5 (x - 1)^2."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 0.5, (30, 8)) + 1
    a, b = (truth + rng.normal(0, noise, truth.shape) for _ in range(2))
    f, t = np.indices((firms, 8)).reshape(2, -1)
    r = rng.integers(0, 30, firms)[f]
    x = truth[r, t]
    return pl.DataFrame(
        {
            "firm": f,
            "year": t,
            "region": r,
            "market_a": a[r, t],
            "market_b": b[r, t],
            "market": (a + b)[r, t] / 2,
            "scale": rng.normal(size=len(f)),
            "quality": x - 0.5 * x**2 + rng.normal(0, 0.2, len(f)) + rng.normal(size=firms)[f],
        }
    )


def test_oriv_undoes_independent_noise() -> None:
    found, naive = [], []
    for seed in range(8):
        result = oriv(halved(seed), "quality ~ market + market^2 + scale | firm + year", cluster="region")
        found.append([result.fit["market"].estimate, result.fit["market^2"].estimate])
        naive.append([result.naive[0][1]["market_a"].estimate, result.naive[0][1]["market_a^2"].estimate])
    # METHODS 1.5 (iii): (.997, -.498) for a truth of (1, -.5); eight samples leave an s.e. of about .03 and .015
    assert np.mean(found, axis=0) == pytest.approx((1, -0.5), abs=0.1)
    assert abs(np.mean(naive, axis=0)[1]) < 0.4


def test_oriv_is_two_stage_least_squares_on_the_stack() -> None:
    rows = halved(3, firms=40)
    result = oriv(rows, "quality ~ market + market^2 + scale | firm + year")
    n = rows.height
    firm, year = dummies(rows["firm"].to_numpy()), dummies(rows["year"].to_numpy())
    each = np.hstack([firm, year[:, 1:]])
    nothing = np.zeros_like(each)
    scale = rows["scale"].to_numpy()
    w = np.column_stack([np.tile(scale, 2), np.vstack([np.hstack([each, nothing]), np.hstack([nothing, each])])])
    a, b, y = (rows[c].to_numpy() for c in ("market_a", "market_b", "quality"))
    one, other = np.r_[a, b], np.r_[b, a]
    x, z = np.column_stack([one, one**2, w]), np.column_stack([other, other**2, w])
    hat = z @ np.linalg.lstsq(z, x, rcond=None)[0]
    beta = np.linalg.solve(hat.T @ x, hat.T @ np.tile(y, 2))
    assert [c.estimate for c in result.fit.coefficients] == pytest.approx(beta[:3], abs=1e-8)
    assert result.fit.nobs == 2 * n
    assert result.fit.df_t == rows["region"].n_unique() - 1


def test_copies_of_a_row_count_once() -> None:
    """If both halves are (all but) one index, the stack is least squares, with its errors: no root of two smaller."""
    rows = halved(4)
    tiny = pl.Series(np.random.default_rng(1).normal(0, 1e-5, rows.height))
    rows = rows.with_columns(market_b=pl.col("market_a") + tiny)
    result = oriv(rows, "quality ~ market + market^2 + scale | firm + year")
    plain = result.naive[0][1]
    for term in ("market", "market^2"):
        mine, ref = result.fit[term], plain[term.replace("market", "market_a")]
        assert mine.estimate == pytest.approx(ref.estimate, rel=1e-3)  # the halves differ by 1e-5
        assert mine.std_error == pytest.approx(ref.std_error, rel=1e-3)
    assert result.correlation == pytest.approx(1.0, abs=1e-6)


def test_oriv_on_an_index_of_few_goods() -> None:
    """The whole way: prices, halves, panel; with the simulated bias for so many regions, goods and years."""
    economy = simulate(Economy(n_firms=600, n_years=6, n_goods=16, rows_per_firm_year=1, seed=3))
    rows = join_instrument(economy.true_quality.drop("market"), split_goods(economy.prices))
    result = oriv(rows, "quality ~ market + scale | firm + year", goods=16, samples=4, spreads=(0.2,))
    assert [n for n, _ in result.naive] == ["market_a", "market_b"]
    expected = result.expected[0]
    assert (expected.n_regions, expected.n_goods, expected.n_years) == (rows["region"].n_unique(), 16, 6)
    assert result.u_test is None
    text = str(result)
    assert "can over-correct" in text
    assert expected.sheet().text() in text
    assert "the simulated bias is not available" in str(oriv(rows, "quality ~ market + scale | firm + year"))


def test_rows_with_one_half_are_in_neither_copy() -> None:
    rows = halved(5, firms=60)
    less = rows.with_columns(market_b=pl.when(pl.col("year") == 2).then(float("nan")).otherwise("market_b"))
    result = oriv(less, "quality ~ market | firm + year")
    assert result.fit.nobs == 2 * rows.filter(pl.col("year") != 2).height
    assert result.naive[2][0] == "market"
    assert result.naive[2][1].nobs == result.fit.nobs // 2
    without = oriv(rows, "quality ~ market + scale")
    assert without.fit.nobs == 2 * rows.height
    assert "goods_half" in without.fit.formula


@pytest.mark.parametrize(
    ("formula", "options", "error"),
    [
        ("quality ~ market | firm | scale ~ market_a", {}, UsageError),
        ("quality ~ market | firm", {"cluster": None}, UsageError),
        ("quality ~ scale | firm", {}, UnknownName),
        ("quality ~ market + market:scale | firm", {}, UsageError),
        ("quality ~ market | firm", {"halves": ("market_a", "market_c")}, UnknownColumn),
    ],
)
def test_oriv_refuses(formula: str, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        oriv(halved(1, firms=30), formula, **options)


# ---------------------------------------------------------------- control function


def test_control_function_finds_the_quadratic() -> None:
    """x moves with u: least squares is off the truth (2, -.25), the control function is not."""
    rows = quadratic(11, n=8_000)
    result = control_function(rows, "y ~ w + x^2 | 0 | x ~ z", cluster="g")
    assert result.fit["x"].estimate == pytest.approx(2, abs=5 * result.fit["x"].std_error)
    assert result.fit["x^2"].estimate == pytest.approx(-0.25, abs=4 * result.fit["x^2"].std_error)
    plain = fit(rows, "y ~ w + x + x^2", cluster="g")
    slope = plain["x"].estimate + 8 * plain["x^2"].estimate
    assert abs(slope) > 0.4  # the truth at x = 4 is 0
    assert abs(result.fit["x"].estimate + 8 * result.fit["x^2"].estimate) < 0.05
    assert result.exogeneity.p_value < 1e-6
    assert result.u_test.turning_point == pytest.approx(4, abs=0.1)
    noise = pl.Series(np.random.default_rng(1).normal(size=rows.height))
    exogenous = rows.with_columns(y=2 * pl.col("x") - 0.25 * pl.col("x") ** 2 + noise)
    assert control_function(exogenous, "y ~ w + x^2 | 0 | x ~ z", cluster="g").exogeneity.p_value > 0.01


def test_control_function_by_hand() -> None:
    table = panel(5, movers=0, firms=40, regions=6)
    formula = "y ~ scale | firm + year | x + x^2 ~ z1 + z2"
    result = control_function(table, formula, cluster="region")
    kept = _without_singletons(table)
    b, first = _two_steps(kept)
    terms = ["x", "x^2", "scale", "x_residual", "x:x_residual"]
    assert [c.term for c in result.fit.coefficients] == terms
    assert [c.estimate for c in result.fit.coefficients] == pytest.approx(b, abs=1e-8)
    assert result.first["z1"].estimate == pytest.approx(first, abs=1e-9)
    regions = kept["region"].unique().sort().to_list()
    away = np.array([_two_steps(kept.filter(pl.col("region") != r))[0] for r in regions]) - b
    errors = np.sqrt(np.diag((len(regions) - 1) / len(regions) * away.T @ away))
    assert [c.std_error for c in result.fit.coefficients] == pytest.approx(errors, rel=1e-6)
    assert result.fit.df_t == len(regions) - 1


def _without_singletons(rows: pl.DataFrame) -> pl.DataFrame:
    while True:
        kept = rows.filter((pl.len().over("firm") > 1) & (pl.len().over("year") > 1))
        if kept.height == rows.height:
            return kept
        rows = kept


def _two_steps(rows: pl.DataFrame) -> tuple[np.ndarray, float]:
    d = np.hstack([dummies(rows["firm"].to_numpy()), dummies(rows["year"].to_numpy())])
    z = np.column_stack([*(rows[c] for c in ("z1", "z2", "scale")), d])
    x, y = rows["x"].to_numpy(), rows["y"].to_numpy()
    first = np.linalg.lstsq(z, x, rcond=None)[0]
    v = x - z @ first
    second = np.column_stack([x, x**2, rows["scale"], v, x * v, d])
    return np.linalg.lstsq(second, y, rcond=None)[0][:5], float(first[0])


# ---------------------------------------------------------------- records and refusals


def test_records_are_plain_and_printable() -> None:
    one = weak_iv(quadratic(1), "y ~ w | 0 | x + x^2 ~ z + z^2", cluster="g")
    assert from_json(WeakIV, to_json(one)).sets == one.sets
    for part in ("Anderson-Rubin set, projected", "LIML", "exogeneity, C(2)", "slope at p50"):
        assert part in str(one)
    two = control_function(quadratic(1), "y ~ w + x^2 | 0 | x ~ z", cluster="g")
    assert to_json(from_json(ControlFunction, to_json(two))) == to_json(two)
    assert "exogeneity (residual and product)" in str(two)
    three = oriv(halved(1, firms=30), "quality ~ market + market^2 | firm + year")
    assert to_json(from_json(OrivResult, to_json(three))) == to_json(three)
    assert "turning point" in str(three)


@pytest.mark.parametrize(
    ("formula", "options", "error"),
    [
        ("y ~ x + w", {}, UsageError),
        ("y ~ w | 0 | x + x^2 + x^3 ~ z + z^2 + z^3", {}, UsageError),
        ("y ~ w | 0 | x ~ z", {"levels": 0.9}, UnknownName),
        ("y ~ w | 0 | x + x^2 ~ z + z^2", {"at": ("q10",)}, UsageError),
    ],
)
def test_weak_iv_refuses(formula: str, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        weak_iv(quadratic(1), formula, **options)


@pytest.mark.parametrize(
    ("formula", "options"),
    [("y ~ w | 0 | x ~ z", {"cluster": "g"}), ("y ~ w + x^2 | 0 | x ~ z", {}), ("y ~ w + x", {"cluster": "g"})],
)
def test_control_function_refuses(formula: str, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        control_function(quadratic(1), formula, **options)
