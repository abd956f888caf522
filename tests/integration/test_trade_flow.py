"""Trade-flow measures: known border effects recovered, twins by dummies, zeros, limits, what users are told."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
from flows import BORDER, trade
from integrade.engine.frames import Table
from integrade.errors import MissingColumn, NotIdentified, OutOfRange, TooFew, UsageError
from integrade.regress.effects import factorise
from integrade.regress.poisson import poisson
from library import needs_r

LEVEL = {"rel": 1e-7, "abs": 1e-9}  # iterative solvers


def reasons(result: Table) -> str:
    return str(result.account)


# gravity -----------------------------------------------------------------------------------------------------------


def test_gravity_recovers_the_border_of_each_year_exactly_without_noise() -> None:
    found = ig.gravity(trade())
    assert found["year"].to_list() == list(BORDER)
    assert found["integration"].to_list() == pytest.approx(list(BORDER.values()), **LEVEL)
    assert found["border_effect"].to_list() == pytest.approx(np.exp([2.0, 1.6, 1.1]), **LEVEL)
    assert found["tariff_equivalent"].to_list() == pytest.approx(np.exp(np.array([2.0, 1.6, 1.1]) / 7) - 1, **LEVEL)
    five = ig.gravity(trade(), sigma=5)["tariff_equivalent"].to_list()
    assert five == pytest.approx(np.exp(np.array([2.0, 1.6, 1.1]) / 4) - 1, **LEVEL)


def test_gravity_recovers_borders_from_counts_with_many_zeros() -> None:
    flows = trade(n=20, noise="poisson", seed=3, scale=0.1)
    assert (flows["value"] == 0).mean() > 0.3
    found = ig.gravity(flows)
    miss = (found["integration"] - pl.Series(list(BORDER.values()))) / found["se_integration"]
    assert miss.abs().max() < 3  # three years, fixed seed: within three standard errors
    assert found["se_integration"].max() < 0.25


def dummies(codes: np.ndarray) -> np.ndarray:
    return (codes[:, None] == np.unique(codes)).astype(float)


def test_gravity_is_poisson_with_dummies_and_its_errors_are_the_clustered_sandwich() -> None:
    import pandas as pd
    import pyfixest as pf
    import statsmodels.api as sm

    flows = trade(n=6, noise="lognormal", seed=5).with_columns(
        value=pl.when(pl.int_range(pl.len()) % 17 == 3).then(0.0).otherwise("value")
    )
    frame = flows.to_pandas()
    frame["ot"], frame["dt"] = frame.origin + frame.year.astype(str), frame.destination + frame.year.astype(str)
    frame["ld"], frame["cross"] = np.log(frame.distance), (frame.origin != frame.destination).astype(float)
    for year in BORDER:
        frame[f"b{year}"] = frame.cross * (frame.year == year)
    frame["pair"] = [min(a, b) + max(a, b) for a, b in zip(frame.origin, frame.destination, strict=True)]
    names = [f"b{y}" for y in BORDER]
    fixed = pf.fepois("value ~ " + " + ".join([*names, "ld"]) + " | ot + dt", frame, vcov="iid", iwls_tol=1e-12)
    found = ig.gravity(flows)
    assert found["integration"].to_list() == pytest.approx(fixed.coef()[names].tolist(), rel=1e-7)

    blocks = [dummies(frame.ot.to_numpy()), *[dummies(frame.dt.to_numpy())[:, t * 6 + 1 : t * 6 + 6] for t in range(3)]]
    order = np.argsort([d[-4:] + d[:-4] for d in np.unique(frame.dt)])  # importers by year, one of each year left out
    second = dummies(frame.dt.to_numpy())[:, order]
    blocks[1:] = [second[:, t * 6 + 1 : t * 6 + 6] for t in range(3)]
    x = np.column_stack([frame[[*names, "ld"]].to_numpy(), *blocks])
    model = sm.GLM(frame.value.to_numpy(), x, family=sm.families.Poisson()).fit(
        tol=1e-13, maxiter=200, cov_type="cluster", cov_kwds={"groups": pd.factorize(frame.pair)[0]}
    )
    assert found["integration"].to_list() == pytest.approx(model.params[:3].tolist(), rel=1e-6)
    n, k, clusters = len(frame), x.shape[1], frame.pair.nunique()
    # statsmodels multiplies by G/(G-1) (n-1)/(n-k), Stata's Poisson (and this) by G/(G-1)
    errors = model.bse[:3] / np.sqrt((n - 1) / (n - k))
    assert clusters == 21
    assert found["se_integration"].to_list() == pytest.approx(errors.tolist(), rel=1e-5)
    by_direction = ig.gravity(flows, cluster="direction")["se_integration"].to_list()
    assert by_direction != pytest.approx(errors.tolist(), rel=1e-3)


@pytest.mark.slow
def test_gravity_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    trade(n=6, noise="lognormal").write_csv(tmp_path / "f.csv")
    script = "import integrade as ig, sys; print(ig.gravity(ig.read_flows(sys.argv[1])).polars().to_dicts())"
    said = [
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "f.csv")],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": "1"},
        ).stdout
        for seed in ("0", "1")
    ]
    first, *others = [ast.literal_eval(text) for text in said]
    for other in others:
        for a, b in zip(first, other, strict=True):
            assert a == pytest.approx(b, rel=1e-12)  # the promise: floats to 1e-12 across runs


def test_three_way_effects_give_changes_of_the_border_since_the_first_year() -> None:
    found = ig.gravity(trade().drop("distance"), effects="three_way")
    assert found["integration"].to_list() == pytest.approx([0.0, 0.4, 0.9], abs=1e-7)
    assert found["se_integration"].to_list()[0] is None
    with pytest.raises(UsageError, match="single year"):
        ig.gravity(trade(borders={2007: -1.0}), effects="three_way")


def test_a_region_that_sells_nothing_is_left_out_and_counted() -> None:
    flows = trade(n=8, noise="lognormal")
    mute = pl.when((pl.col("origin") == "R03") & (pl.col("year") == 2007)).then(0.0).otherwise("value")
    found = ig.gravity(Table("flows", flows.with_columns(value=mute)))
    without = flows.filter(~((pl.col("origin") == "R03") & (pl.col("year") == 2007)))
    assert found.polars()["integration"].to_list() == pytest.approx(
        ig.gravity(without)["integration"].to_list(), **LEVEL
    )
    assert "8 rows dropped: the region sells or buys nothing in the year" in reasons(found)
    assert found.polars()["n_flows"].to_list() == [64, 56, 64]


def test_gravity_keeps_zeros_that_the_user_declares() -> None:
    flows = trade(n=14, noise="poisson", scale=0.3, seed=2)
    positive = flows.filter((pl.col("value") > 0) | (pl.col("origin") == pl.col("destination")))
    whole = ig.gravity(flows.drop("distance"), distance="none")
    assert positive.height < flows.height
    declared = ig.gravity(Table("flows", positive.drop("distance")), distance="none", absent="zero")
    assert declared.polars()["integration"].to_list() == pytest.approx(whole["integration"].to_list(), **LEVEL)
    assert "treated as zero" in reasons(declared)
    left = ig.gravity(positive.drop("distance"), distance="none")["integration"].to_list()
    assert left != pytest.approx(whole["integration"].to_list(), rel=1e-3)


def test_flows_without_internal_ones_identify_no_border() -> None:
    between = trade().filter(pl.col("origin") != pl.col("destination"))
    for measure in (ig.gravity, ig.border_regression):
        with pytest.raises((NotIdentified, MissingColumn), match="within"):
            measure(between)
    with pytest.raises(NotIdentified, match="within"):
        ig.gravity(between, distance="none")
    with pytest.raises(NotIdentified, match="internal flow"):
        ig.head_ries(between)


def test_gravity_needs_the_standard_install_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyfixest", None)
    assert ig.gravity(trade(n=4))["integration"].to_list() == pytest.approx(list(BORDER.values()), **LEVEL)
    extras = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert "gravity" not in extras["optional-dependencies"]
    assert not any("pyfixest" in one for one in extras["dependencies"])


def test_a_regressor_that_only_separated_rows_move_is_not_identified() -> None:
    """x is one in rows of zeros alone: they are separated, and nothing of x is left."""
    rng = np.random.default_rng(1)
    y, x = rng.poisson(5.0, 60) + 1.0, np.zeros((60, 1))
    y[[3, 17]], x[[3, 17]] = 0.0, 1.0
    effect = factorise("e", pl.Series(np.arange(60) % 6))
    with pytest.raises(NotIdentified, match="58 rows"):
        poisson(y, x, [effect], factorise("g", pl.Series(np.arange(60) % 10)))


@pytest.mark.system
def test_gravity_is_rs_quasipoisson_with_the_clustered_sandwich(tmp_path: Path) -> None:
    """glm(quasipoisson) with dummies, vcovCL by pair: HC0 with G/(G-1), as here."""
    program = needs_r("sandwich")
    flows = trade(n=7, noise="poisson", seed=11, scale=0.5)
    flows.write_csv(tmp_path / "f.csv")
    script = (
        f'library(sandwich); d <- read.csv("{tmp_path}/f.csv"); d$b <- ifelse(d$origin != d$destination, d$year, 0); '
        "d$pair <- paste(pmin(d$origin, d$destination), pmax(d$origin, d$destination)); "
        "for (t in unique(d$year)) d[[paste0('b', t)]] <- as.numeric(d$b == t); "
        "x <- model.matrix(as.formula(paste('~ 0 +', paste0('b', sort(unique(d$year)), collapse = '+'), "
        "'+ log(distance) + factor(paste(origin, year)) + factor(paste(destination, year))')), d); "
        "x <- x[, qr(x)$pivot[seq_len(qr(x)$rank)]]; "
        "m <- glm(d$value ~ 0 + x, family = quasipoisson, control = glm.control(epsilon = 1e-14, maxit = 100)); "
        "k <- match(paste0('xb', sort(unique(d$year))), names(coef(m))); "
        "v <- vcovCL(m, cluster = d$pair, type = 'HC0'); "
        'cat("[", paste(format(c(coef(m)[k], sqrt(diag(v)[k])), digits = 15), collapse = ","), "]")'
    )
    said = subprocess.run([program, "-e", script], capture_output=True, text=True, check=True).stdout
    theirs = np.array(json.loads(said[said.index("[") :])).reshape(2, 3)
    found = ig.gravity(flows)
    np.testing.assert_allclose(found["integration"], theirs[0], rtol=1e-8)
    np.testing.assert_allclose(found["se_integration"], theirs[1], rtol=1e-7)


# regressions on logs -----------------------------------------------------------------------------------------------


def size_model(seed: int = 4, noise: float = 0.3) -> tuple[pl.DataFrame, pl.DataFrame]:
    """ln X = 1 + 0.8 ln Y_i + 0.7 ln Y_j - 1.1 ln d + 1.5 home + e: what the border regression assumes."""
    rng = np.random.default_rng(seed)
    flows = trade(n=10, seed=seed)
    names, years = sorted(flows["origin"].unique()), list(BORDER)
    gdp = pl.DataFrame(
        [{"region": r, "year": y, "real_gdp": float(np.exp(rng.normal(5, 1)))} for r in names for y in years]
    )
    size = {(r, y): g for r, y, g in gdp.iter_rows()}
    value = [
        np.exp(
            1
            + 0.8 * np.log(size[o, y])
            + 0.7 * np.log(size[d, y])
            - 1.1 * np.log(km)
            + 1.5 * (o == d)
            + noise * rng.normal()
        )
        for o, d, y, _, km in flows.iter_rows()
    ]
    return flows.with_columns(value=pl.Series(value)), gdp


def test_the_border_regression_recovers_its_model_and_is_ols_with_clustered_errors() -> None:
    import statsmodels.api as sm

    exact, gdp = size_model(noise=0.0)
    assert ig.border_regression(exact, gdp, mass="gdp")["integration"].to_list() == pytest.approx([-1.5] * 3, abs=1e-9)
    flows, gdp = size_model()
    found = ig.border_regression(flows, gdp, mass="gdp")
    size = {(r, y): g for r, y, g in gdp.iter_rows()}
    for year, g, error in zip(found["year"], found["integration"], found["se_integration"], strict=True):
        part = flows.filter(pl.col("year") == year)
        x = np.array(
            [
                [o == d, 1, np.log(size[o, year]), np.log(size[d, year]), np.log(km)]
                for o, d, _, _, km in part.iter_rows()
            ],
            dtype=float,
        )
        pairs = np.unique(
            [min(o, d) + max(o, d) for o, d in part.select("origin", "destination").iter_rows()], return_inverse=True
        )[1]
        model = sm.OLS(np.log(part["value"].to_numpy()), x).fit(cov_type="cluster", cov_kwds={"groups": pairs})
        assert g == pytest.approx(-model.params[0], rel=1e-10)
        assert error == pytest.approx(model.bse[0], rel=1e-9)


def test_the_border_of_a_region_is_a_dummy_for_its_internal_flow() -> None:
    import statsmodels.api as sm

    flows, _ = size_model()
    one = flows.filter(pl.col("year") == 2007)
    sold = dict(one.group_by("origin").agg(pl.col("value").sum()).iter_rows())
    bought = dict(one.group_by("destination").agg(pl.col("value").sum()).iter_rows())
    names = sorted(sold)
    x = np.array(
        [
            [*[o == d == r for r in names], 1, np.log(sold[o]), np.log(bought[d]), np.log(km)]
            for o, d, _, _, km in one.iter_rows()
        ],
        dtype=float,
    )
    model = sm.OLS(np.log(one["value"].to_numpy()), x).fit()
    found = ig.border_regression(flows, level="region").filter(pl.col("year") == 2007)
    assert found["region"].to_list() == names
    assert found["integration"].to_list() == pytest.approx((-model.params[:10]).tolist(), rel=1e-9)
    assert found["se_integration"].to_list() == pytest.approx(model.bse[:10].tolist(), rel=1e-9)


def test_pooled_slopes_are_one_regression_with_year_effects() -> None:
    import statsmodels.api as sm

    flows, gdp = size_model()
    size = {(r, y): g for r, y, g in gdp.iter_rows()}
    x = np.array(
        [
            [
                *[(o == d) & (y == t) for t in BORDER],
                *[y == t for t in BORDER],
                np.log(size[o, y]),
                np.log(size[d, y]),
                np.log(km),
            ]
            for o, d, y, _, km in flows.iter_rows()
        ],
        dtype=float,
    )
    pairs = np.unique(
        [min(o, d) + max(o, d) for o, d in flows.select("origin", "destination").iter_rows()], return_inverse=True
    )[1]
    model = sm.OLS(np.log(flows["value"].to_numpy()), x).fit(cov_type="cluster", cov_kwds={"groups": pairs})
    found = ig.border_regression(flows, gdp, mass="gdp", slopes="pooled")
    assert found["integration"].to_list() == pytest.approx((-model.params[:3]).tolist(), rel=1e-9)
    assert found["se_integration"].to_list() == pytest.approx(model.bse[:3].tolist(), rel=1e-9)


@pytest.mark.parametrize("level", ["region", "nation"])
@pytest.mark.parametrize("slopes", ["pooled", "year"])
def test_log_odds_are_least_squares_with_a_dummy_for_each_border(level: str, slopes: str) -> None:
    import statsmodels.api as sm

    flows = trade(n=7, noise="lognormal", seed=8)
    rng = np.random.default_rng(0)
    gdp = pl.DataFrame(
        [
            {"region": f"R{i:02d}", "year": y, "real_gdp": 1.0, "price": float(np.exp(rng.normal(0, 0.2)))}
            for i in range(7)
            for y in BORDER
        ]
    )
    found = ig.log_odds(flows, gdp, level=level, slopes=slopes, price=True, elasticity="estimated")
    price = {(r, y): p for r, y, _, p in gdp.iter_rows()}
    sold = {(r, y): v for r, y, v in flows.group_by("origin", "year").agg(pl.col("value").sum()).iter_rows()}
    own = {(o, y): (v, km) for o, d, y, v, km in flows.iter_rows() if o == d}
    rows = [
        (
            d if level == "region" else "",
            y,
            min(o, d) + max(o, d),
            np.log(v / own[d, y][0]),
            np.log(km / own[d, y][1]),
            np.log(price[o, y] / price[d, y]),
            np.log(sold[o, y] / sold[d, y]),
        )
        for o, d, y, v, km in flows.iter_rows()
        if o != d
    ]
    blocks = [list(BORDER)] if slopes == "pooled" else [[y] for y in BORDER]
    want = {}
    for years in blocks:
        part = [r for r in rows if r[1] in years]
        groups = sorted({r[:2] for r in part})
        x = np.array([[*[r[:2] == g for g in groups], *r[4:]] for r in part], dtype=float)
        pairs = np.unique([r[2] for r in part], return_inverse=True)[1]
        model = sm.OLS(np.array([r[3] for r in part]), x).fit(cov_type="cluster", cov_kwds={"groups": pairs})
        want |= {g: (model.params[i], model.bse[i]) for i, g in enumerate(groups)}
    assert found["integration"].to_list() == pytest.approx([want[g][0] for g in sorted(want)], rel=1e-9)
    assert found["se_integration"].to_list() == pytest.approx([want[g][1] for g in sorted(want)], rel=1e-9)


def test_log_odds_recover_one_border_when_the_model_holds() -> None:
    """X_ij = v_i / d_ij^theta times something of the buyer: its own effect cancels in the odds."""
    n, rng = 9, np.random.default_rng(3)
    place = rng.uniform(0, 1000, n)
    km = np.abs(place[:, None] - place) + np.eye(n) * 80
    supply, buyer = rng.uniform(1, 5, n), rng.uniform(1, 5, n)
    value = supply[:, None] * buyer * km**-0.8 * np.exp(-2.3 * (1 - np.eye(n)))
    flows = pl.DataFrame(
        [
            {"origin": f"R{i}", "destination": f"R{j}", "year": 2007, "value": value[i, j], "distance": km[i, j]}
            for i in range(n)
            for j in range(n)
        ]
    )
    gdp = pl.DataFrame({"region": [f"R{i}" for i in range(n)], "year": [2007] * n, "real_gdp": supply})
    found = ig.log_odds(flows, gdp, supply="gdp")
    assert found["border_effect"].to_list() == pytest.approx([np.exp(2.3)] * n, rel=1e-10)


def test_zeros_are_left_out_of_logs_and_counted() -> None:
    flows = trade(n=8, noise="poisson", scale=0.05, seed=2)
    zeros = flows.filter((pl.col("value") == 0) & (pl.col("origin") != pl.col("destination"))).height
    assert zeros > 0
    found = ig.log_odds(Table("flows", flows))
    assert f"{zeros} rows dropped: flow is zero, so its log does not exist" in reasons(found)
    assert "flow is zero, so its log does not exist" in reasons(ig.border_regression(Table("flows", flows)))


def test_internal_distances_follow_from_areas() -> None:
    flows = trade(n=8, noise="lognormal")
    own = flows.filter(pl.col("origin") == pl.col("destination"), pl.col("year") == 2002)
    area = own.select(region="origin", area=np.pi * (1.5 * pl.col("distance")) ** 2)
    gdp = area.join(pl.DataFrame({"year": list(BORDER)}), how="cross").with_columns(real_gdp=pl.lit(1.0))
    without = flows.with_columns(
        distance=pl.when(pl.col("origin") == pl.col("destination")).then(None).otherwise("distance")
    )
    found = ig.gravity(Table("flows", without), gdp)
    assert found.polars()["integration"].to_list() == pytest.approx(ig.gravity(flows)["integration"].to_list(), **LEVEL)
    assert "24 rows filled: internal distances are computed from areas" in reasons(found)
    with pytest.raises(MissingColumn, match="no distance within a region"):
        ig.gravity(without)


# Head-Ries ---------------------------------------------------------------------------------------------------------


def test_head_ries_by_hand() -> None:
    """Two regions: X = (100, 20; 5, 25). phi = sqrt(20 x 5 / (100 x 25)) = 0.2; sigma 5: 0.2^(-1/4) - 1 = 0.495349."""
    flows = pl.DataFrame(
        {"origin": list("AABBC"), "destination": list("ABABC"), "year": [2007] * 5, "value": [100.0, 20, 5, 25, 1]}
    )
    found = ig.head_ries(flows, level="pair", sigma=5)
    assert found.select("region_a", "region_b").rows() == [("A", "B")]
    assert found["integration"][0] == pytest.approx(np.log(0.2), rel=1e-14)
    assert found["tariff_equivalent"][0] == pytest.approx(0.4953487812, rel=1e-9)


def test_head_ries_twin_in_loops_with_censored_pairs() -> None:
    flows = trade(n=7, noise="poisson", scale=0.03, seed=6)
    flows = flows.with_columns(value=pl.when(pl.col("origin") == pl.col("destination")).then(5.0).otherwise("value"))
    value = {(o, d, y): v for o, d, y, v, _ in flows.iter_rows()}
    names = sorted(flows["origin"].unique())
    found = ig.head_ries(flows, sigma=4)
    medians = ig.head_ries(flows, sigma=4, average="median")
    assert found["n_censored"].sum() > 0
    for row, median in zip(found.iter_rows(named=True), medians["integration"], strict=True):
        i, y = row["region"], row["year"]
        phi = [np.sqrt(value[i, j, y] * value[j, i, y] / (value[i, i, y] * value[j, j, y])) for j in names if j != i]
        some = np.array([p for p in phi if p > 0])
        assert row["n_pairs"] == len(some)
        assert row["n_censored"] == len(phi) - len(some)
        if len(some):
            assert row["integration"] == pytest.approx(np.log(some).mean(), rel=1e-12)
            assert row["tariff_equivalent"] == pytest.approx((some ** (-1 / 3) - 1).mean(), rel=1e-12)
        else:
            assert row["integration"] is None
        middle = sorted(phi)[2:4]  # of six partners
        assert median is None if middle[0] == 0 else median == pytest.approx(np.log(middle).mean(), rel=1e-12)
    pairs, nation = ig.head_ries(flows, sigma=4, level="pair"), ig.head_ries(flows, sigma=4, level="nation")
    by_year = pairs.group_by("year").agg(pl.col("integration").mean(), pl.col("n_censored").sum()).sort("year")
    for got, want in zip(nation["integration"], by_year["integration"], strict=True):
        assert got == want if want is None else got == pytest.approx(want, rel=1e-12)
    assert nation["n_censored"].to_list() == by_year["n_censored"].to_list()


def test_without_borders_trade_is_free() -> None:
    """X_ij = Y_i Y_j: phi = 1 and no tariff equivalent, whatever the sizes."""
    flows = trade(borders={2007: 0.0}, theta=0.0)
    found = ig.head_ries(flows, level="pair")
    assert found["integration"].to_list() == pytest.approx([0.0] * 66, abs=1e-12)
    assert found["tariff_equivalent"].to_list() == pytest.approx([0.0] * 66, abs=1e-12)
    assert ig.gravity(flows)["integration"][0] == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("name", ["gravity", "border_regression", "log_odds", "head_ries"])
def test_row_order_currency_and_names_do_not_matter(name: str) -> None:
    flows, measure = trade(n=7, noise="lognormal"), getattr(ig, name)
    found = measure(flows)
    again = measure(flows.sample(fraction=1.0, shuffle=True, seed=2).with_columns(value=pl.col("value") * 6.83))
    assert (
        again.drop("integration", strict=False)
        .select(pl.exclude(pl.Float64))
        .equals(found.drop("integration", strict=False).select(pl.exclude(pl.Float64)))
    )
    for column in found.select(pl.col(pl.Float64)).columns:
        assert again[column].to_list() == pytest.approx(found[column].to_list(), rel=1e-8, abs=1e-10)
    renamed = measure(flows.with_columns(pl.col("origin", "destination").str.replace("R", "省")))
    assert renamed["integration"].to_list() == pytest.approx(found["integration"].to_list(), rel=1e-8, abs=1e-10)


def test_bad_calls_are_explained() -> None:
    flows = trade(n=5)
    with pytest.raises(OutOfRange, match="sigma"):
        ig.head_ries(flows, sigma=1)
    with pytest.raises(UsageError, match="table gdp"):
        ig.border_regression(flows, mass="gdp")
    with pytest.raises(UsageError, match="table gdp"):
        ig.log_odds(flows, price=True)
    with pytest.raises(MissingColumn, match="distance"):
        ig.log_odds(flows.drop("distance"))
    with pytest.raises(TooFew, match="2 regions"):
        ig.head_ries(flows.filter(pl.col("origin").is_in(["R00", "R01"]), pl.col("destination").is_in(["R00", "R01"])))


def test_chinese_headings_and_spellings_of_flows(tmp_path: Path) -> None:
    rows = "流出地,流入地,年份,贸易额,距离\n北京市,上海,2007,5,1000\n北京,北京,2007,50,30\n上海,北京市,2007,0,1000\n"
    (tmp_path / "f.csv").write_text(rows, encoding="gb18030")
    flows = ig.read_flows(tmp_path / "f.csv")
    assert set(flows.columns) == {"origin", "destination", "year", "value", "distance"}
    assert sorted(flows.polars()["origin"].unique()) == sorted(["北京", "上海"])
    assert sorted(flows.polars()["destination"].unique()) == sorted(["北京", "上海"])
    assert flows.polars().filter(pl.col("value") == 0).height == 1


def test_zeros_that_effects_explain_alone_are_found_and_change_nothing() -> None:
    """Four regions buy nothing from four others and nobody looks the other way: effects can send those flows to zero
    without moving a positive one (separation), so their rows may as well be absent.
    """
    flows = trade(n=8, noise="lognormal", borders={2007: -1.0})
    left, right = ["R00", "R01", "R02", "R03"], ["R04", "R05", "R06", "R07"]
    across = pl.col("origin").is_in(left) & pl.col("destination").is_in(right)
    back = pl.col("origin").is_in(right) & pl.col("destination").is_in(left)
    zeros = flows.with_columns(value=pl.when(across).then(0.0).otherwise("value")).filter(~back)
    found, without = ig.gravity(Table("flows", zeros)), ig.gravity(flows.filter(~back & ~across))
    assert "16 rows dropped: zero flow that the fixed effects predict perfectly" in reasons(found)
    for column in ("integration", "se_integration"):
        assert found.polars()[column].to_list() == pytest.approx(without[column].to_list(), rel=1e-9)
    assert found.polars()["n_flows"].to_list() == without["n_flows"].to_list() == [32]
