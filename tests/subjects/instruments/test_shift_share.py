"""Shift-share instruments: the instrument by hand, errors against explicit shares, their size by simulation."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import DuplicateKeys, TooFew, UnknownColumn, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import prepare
from integrade.subjects.instruments.builders import join_instrument
from integrade.subjects.instruments.shift_share import ShiftShare, shift_share_errors, shift_share_instrument
from panels import annihilator

REGIONS, YEARS = 12, 8
NAMES = [f"R{r:02}" for r in range(REGIONS)]
FORMULA = "y ~ w | firm + year | market ~ shift_share"


def index(rng: np.random.Generator) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "region": np.repeat(NAMES, YEARS),
            "year": np.tile(np.arange(2000, 2000 + YEARS), REGIONS),
            "integration": rng.normal(size=REGIONS * YEARS),
        }
    )


def shares(rng: np.random.Generator, *, complete: bool) -> pl.DataFrame:
    table = rng.gamma(0.5, size=(REGIONS, REGIONS))
    np.fill_diagonal(table, 0)
    table /= table.sum(axis=1, keepdims=True)
    if not complete:
        table *= rng.uniform(0.3, 1, REGIONS)[:, None]
    return pl.DataFrame(
        {"region": np.repeat(NAMES, REGIONS), "source": np.tile(NAMES, REGIONS), "share": table.ravel()}
    )


def economy(rng: np.random.Generator, z: ShiftShare, *, b: float = 0.5, shared: float = 1.0) -> pl.DataFrame:
    """Firms in regions; market moves with z; the errors have the same shares in shocks of their own."""
    own = (
        z.shares.join(
            z.shocks.select("source", "year")
            .unique()
            .sort("source", "year")
            .with_columns(hidden=pl.Series(rng.normal(size=z.shocks.height))),
            on=["source", "year"],
        )
        .group_by("region", "year")
        .agg((pl.col("hidden") * pl.col("share")).sum())
    )
    cells = z.instrument.table.polars().join(own, on=["region", "year"]).sort("region", "year")
    cells = cells.with_columns(market=0.8 * pl.col("shift_share") + pl.Series(0.3 * rng.normal(size=cells.height)))
    firms = pl.concat([cells.with_columns(firm=pl.format("{}-{}", "region", pl.lit(f))) for f in range(3)])
    n = firms.height
    return firms.with_columns(w=pl.Series(rng.normal(size=n))).with_columns(
        y=b * pl.col("market") + 0.2 * pl.col("w") + shared * pl.col("hidden") + pl.Series(0.2 * rng.normal(size=n))
    )


def test_the_national_mean_leaves_the_own_region_out() -> None:
    rng = np.random.default_rng(1)
    made = index(rng).filter(~((pl.col("region") == "R03") & (pl.col("year") == 2002)))
    exposure = pl.DataFrame({"region": NAMES, "ports": rng.uniform(size=REGIONS)})
    found = shift_share_instrument(made, exposure)
    assert found.national
    g = {(r, t): v for r, t, v in made.iter_rows()}
    e = dict(exposure.iter_rows())
    for region, year, value in found.instrument.table.polars().iter_rows():
        others = [g[r, year] for r in NAMES if r != region and (r, year) in g]
        assert value == pytest.approx(e[region] * np.mean(others), rel=1e-12)
    assert "leave" not in found.instrument.exclusion
    assert "shift_share_errors" in str(found)


def test_shares_by_source_and_a_source_that_is_missing() -> None:
    rng = np.random.default_rng(2)
    made, by_source = index(rng), shares(rng, complete=True)
    found = shift_share_instrument(made.filter(~((pl.col("region") == "R05") & (pl.col("year") == 2001))), by_source)
    table = by_source.pivot(on="source", index="region", values="share").select(NAMES).to_numpy()
    g = made.pivot(on="year", index="region", values="integration").drop("region").to_numpy()
    z = found.instrument.table.polars().pivot(on="year", index="region", values="shift_share").drop("region").to_numpy()
    np.testing.assert_allclose(z[:, 0], table @ g[:, 0], rtol=1e-12)
    rest = table.copy()
    rest[:, 5] = 0
    np.testing.assert_allclose(z[:, 1], (rest / rest.sum(axis=1, keepdims=True)) @ g[:, 1], rtol=1e-12)


@pytest.mark.parametrize("complete", [True, False])
def test_errors_and_weights_by_explicit_shares(complete: bool) -> None:
    rng = np.random.default_rng(3)
    z = shift_share_instrument(index(rng), shares(rng, complete=complete))
    panel = economy(rng, z)
    found = shift_share_errors(panel, FORMULA, z, cluster="region")
    # rows x shocks, by hand
    labels = prepare(panel, FORMULA, also=panel.columns).labels
    m = annihilator([labels["firm"].to_numpy(), labels["year"].to_numpy()], np.ones(labels.height))
    w = m @ labels["w"].to_numpy()
    x, y = ((n := m @ labels[c].to_numpy()) - w * (w @ n) / (w @ w) for c in ("market", "y"))
    share = {(r, s, t): v for r, s, t, v in z.shares.iter_rows()}
    keys = [(s, t) for s, t, _ in z.shocks.iter_rows()]
    big = np.array(
        [
            [share.get((r, s, t), 0.0) if t == year else 0.0 for s, t in keys]
            for r, year in labels.select("region", "year").iter_rows()
        ]
    )
    g = z.shocks["shock"].to_numpy()
    np.testing.assert_allclose(big @ g, labels["shift_share"], rtol=1e-10)
    total = big.sum(axis=0)
    year = np.array([t for _, t in keys])
    if complete:
        assert found.centred == "year"
        g = g - np.array([np.average(g[year == t], weights=total[year == t]) for t in year])
    else:
        assert found.centred == "mean"  # shares do not vary over years: firm effects absorb their sum
        g = g - np.average(g, weights=total)
    b = (g @ big.T @ y) / (g @ big.T @ x)
    assert found.exposure.estimate == pytest.approx(b, rel=1e-8)
    assert found.fit["market"].estimate == pytest.approx(b, rel=1e-8)
    source = np.array([s for s, _ in keys])
    moments = np.array([(g * (big.T @ (y - b * x)))[source == s].sum() for s in NAMES])
    error = np.sqrt(REGIONS / (REGIONS - 1) * (moments**2).sum()) / abs(g @ big.T @ x)
    assert found.exposure.std_error == pytest.approx(error, rel=1e-8)
    alpha = np.array([(g * (big.T @ x))[source == s].sum() for s in NAMES]) / (g @ big.T @ x)
    beta = np.array([(g * (big.T @ y))[source == s].sum() / (g * (big.T @ x))[source == s].sum() for s in NAMES])
    assert alpha @ beta == pytest.approx(b, rel=1e-8)
    top = found.rotemberg[0]
    largest = int(np.argmax(np.abs(alpha)))
    assert (top.group, top.weight, top.estimate) == (
        NAMES[largest],
        pytest.approx(alpha[largest]),
        pytest.approx(beta[largest]),
    )
    assert found.negative == pytest.approx(alpha[alpha < 0].sum(), abs=1e-12)
    assert found.effective == pytest.approx(total.sum() ** 2 / (total**2).sum())


def test_shock_level_regression_is_the_same_estimate() -> None:
    """Borusyak, Hull and Jaravel (2022), proposition 1: IV of average outcome on average regressor by shocks."""
    rng = np.random.default_rng(4)
    z = shift_share_instrument(index(rng), shares(rng, complete=True))
    panel = economy(rng, z)
    found = shift_share_errors(panel, FORMULA, z, cluster="region")
    labels = prepare(panel, FORMULA, also=panel.columns).labels
    m = annihilator([labels["firm"].to_numpy(), labels["year"].to_numpy()], np.ones(labels.height))
    w = m @ labels["w"].to_numpy()
    net = {c: (n := m @ labels[c].to_numpy()) - w * (w @ n) / (w @ w) for c in ("market", "y")}
    rows = labels.select("region", "year").with_columns(**{k: pl.Series(v) for k, v in net.items()})
    by_shock = (
        z.shares.join(rows, on=["region", "year"])
        .group_by("source", "year")
        .agg(
            x=(pl.col("market") * pl.col("share")).sum() / pl.col("share").sum(),
            y=(pl.col("y") * pl.col("share")).sum() / pl.col("share").sum(),
            s=pl.col("share").sum(),
        )
        .join(z.shocks, on=["source", "year"])
    )
    shocks = fit(by_shock, "y ~ 1 | year | x ~ shock", weights="s", cluster="source")
    assert shocks["x"].estimate == pytest.approx(found.exposure.estimate, rel=1e-8)
    n, k = by_shock.height, 1 + YEARS
    assert shocks["x"].std_error == pytest.approx(found.exposure.std_error * np.sqrt((n - 1) / (n - k)), rel=1e-8)


@pytest.mark.slow
def test_size_where_regions_share_their_errors() -> None:
    """The errors have the structure of the instrument: clusters by region reject too often, shocks by source do not."""
    rejected = []
    for number in range(80):
        rng = np.random.default_rng([7, number])
        z = shift_share_instrument(index(rng), shares(rng, complete=True))
        found = shift_share_errors(economy(rng, z, b=0.0, shared=2.0), FORMULA, z, cluster="region", vcov="CR1")
        rejected.append((found.fit["market"].p_value < 0.05, found.exposure.p_value < 0.05, found.p_null < 0.05))
    usual, exposure, null = np.mean(rejected, axis=0)
    assert usual > 0.12
    assert exposure < 0.12
    assert null < 0.10
    assert exposure < usual


def test_a_national_mean_has_as_many_shocks_as_years() -> None:
    rng = np.random.default_rng(5)
    z = shift_share_instrument(index(rng), pl.DataFrame({"region": NAMES, "ports": rng.uniform(size=REGIONS)}))
    cells = z.instrument.table.polars()
    panel = cells.with_columns(
        firm="region",
        w=pl.Series(rng.normal(size=cells.height)),
        market=pl.col("shift_share") + pl.Series(0.1 * rng.normal(size=cells.height)),
    ).with_columns(y=pl.col("market") + pl.Series(rng.normal(size=cells.height)))
    found = shift_share_errors(panel, FORMULA, z, cluster="region")
    assert (found.by, found.groups) == ("year", YEARS)
    assert "only as many shocks as years" in found.notes[0]
    assert "exposure-robust, 8 groups of shocks by year" in str(found)
    other = shift_share_errors(panel, FORMULA, z, cluster="region", shocks="source")
    assert other.exposure.estimate == found.exposure.estimate
    assert "treat the years of a national series as independent" in other.notes[1]


def test_mistakes_are_named() -> None:
    rng = np.random.default_rng(6)
    made = index(rng)
    z = shift_share_instrument(made, shares(rng, complete=True))
    panel = economy(rng, z)
    with pytest.raises(UsageError, match="do not give the estimate"):
        shift_share_errors(panel.with_columns(pl.col("shift_share") ** 2), FORMULA, z)
    with pytest.raises(UsageError, match="only the instrument 'shift_share'"):
        shift_share_errors(panel, "y ~ w | firm + year | market ~ hidden", z)
    with pytest.raises(UnknownColumn):
        shift_share_instrument(made, pl.DataFrame({"province": NAMES, "ports": 1.0}))
    with pytest.raises(DuplicateKeys):
        shift_share_instrument(pl.concat([made, made]), pl.DataFrame({"region": NAMES, "ports": 1.0}))
    with pytest.raises(UsageError, match="2 columns of numbers"):
        shift_share_instrument(made, pl.DataFrame({"region": NAMES, "a": 1.0, "b": 1.0}))
    with pytest.raises(UsageError, match="negative"):
        shift_share_instrument(made, shares(rng, complete=True).with_columns(-pl.col("share")))
    with pytest.raises(TooFew):
        shift_share_instrument(made.filter(pl.col("region") < "R02"), pl.DataFrame({"region": NAMES, "ports": 1.0}))
    assert join_instrument(panel.drop("shift_share"), z.instrument).height == panel.height
