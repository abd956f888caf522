"""Trends by group, extremes by year and effect sizes against their definitions."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from integrade.errors import EmptyTable, NotANumber, UnknownColumn
from integrade.estimate.fit import fit
from integrade.geography import MUNICIPALITIES, PROVINCES
from integrade.integration.summary import CITIES, trend
from integrade.subjects.shape.effect_size import effect_sizes
from integrade.subjects.situation.trends import extremes, group_trends


def panel(seed: int = 4) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    rows = [
        {
            "firm": f"f{i}",
            "year": year,
            "region": f"r{i % 6}",
            "kind": "a" if i % 3 else "b",
            "quality": 0.4 + 0.02 * (year - 2004) + random.normal(0, 0.1),
            "value": float(random.uniform(1, 9)),
        }
        for i in range(60)
        for year in range(2004, 2008)
        if (i + year) % 5
    ]
    return pl.DataFrame(rows)


def test_means_errors_and_stayers_are_those_of_the_definition() -> None:
    data = panel()
    found = group_trends(data, "quality", ["kind"])
    one = next(p for p in found.points if (p.group, p.year) == ("b", 2006))
    rows = data.filter((pl.col("kind") == "b") & (pl.col("year") == 2006))
    y = rows["quality"].to_numpy()
    sums = [float((y[rows["region"].to_numpy() == r] - y.mean()).sum()) for r in sorted(set(rows["region"]))]
    g = len(sums)
    assert one.n == len(y)
    assert one.mean == pytest.approx(y.mean(), rel=1e-12)
    assert one.median == pytest.approx(float(np.median(y)), rel=1e-12)
    assert one.std_error == pytest.approx(math.sqrt(g / (g - 1) * sum(s * s for s in sums)) / len(y), rel=1e-12)
    assert one.weighted == pytest.approx(float(np.average(y, weights=rows["value"].to_numpy())), rel=1e-12)
    change = next(c for c in found.changes if c.group == "all")
    first, last = (data.filter(pl.col("year") == t).sort("firm") for t in (2004, 2007))
    both = sorted(set(first["firm"]) & set(last["firm"]))
    assert change.n_stayers == len(both)
    pairs = [
        (first.filter(pl.col("firm") == f)["quality"][0], last.filter(pl.col("firm") == f)["quality"][0]) for f in both
    ]
    assert change.change_stayers == pytest.approx(float(np.mean([b - a for a, b in pairs])), rel=1e-12)


def test_error_of_the_change_is_that_of_a_regression_on_the_last_year() -> None:
    """CR1 with G/(G-1) alone is reghdfe's times sqrt((n - k)/(n - 1)); k = 2 here."""
    data = (
        panel().filter(pl.col("year").is_in([2004, 2007])).with_columns(late=(pl.col("year") == 2007).cast(pl.Float64))
    )
    found = group_trends(data).changes[0]
    base = fit(data, "quality ~ late", vcov="CR1", cluster="region")
    assert found.change == pytest.approx(base["late"].estimate, rel=1e-10)
    assert found.regions == base.clusters["region"]
    n = data.height
    assert found.std_error == pytest.approx(base["late"].std_error * math.sqrt((n - 2) / (n - 1)), rel=1e-8)


def test_panels_without_firms_regions_or_values_have_no_numbers_made_up() -> None:
    found = group_trends(panel().select("year", "quality"))
    assert found.weight is None
    assert all(p.std_error is None and p.weighted is None for p in found.points)
    assert (found.changes[0].n_stayers, found.changes[0].change_stayers) == (0, None)
    with pytest.raises(UnknownColumn, match="did you mean 'quality'"):
        group_trends(panel(), "qualty")
    with pytest.raises(NotANumber):
        group_trends(panel(), "kind")
    with pytest.raises(EmptyTable):
        group_trends(panel().with_columns(quality=pl.lit(None, pl.Float64)))


def test_extremes_rank_each_year_and_remember_the_year_before() -> None:
    rows = [
        (r, y, s)
        for y, values in ((2004, (5, 4, 3, 2, 1)), (2005, (1, 2, 3, 4, 9)))
        for r, s in zip("ABCDE", values, strict=True)
    ]
    index = pl.DataFrame(rows, schema=["region", "year", "segmentation"], orient="row").with_columns(
        pl.col("segmentation").cast(pl.Float64)
    )
    first, second = extremes(index, n=2)
    assert [(p.region, p.rank, p.rank_before) for p in first.most] == [("A", 1, None), ("B", 2, None)]
    assert [(p.region, p.rank, p.rank_before) for p in second.most] == [("E", 1, 5), ("D", 2, 4)]
    assert [(p.region, p.rank, p.rank_before) for p in second.least] == [("B", 4, 2), ("A", 5, 1)]
    assert first.rank_correlation is None
    assert second.rank_correlation == pytest.approx(-1.0)
    by_integration = index.rename({"segmentation": "integration"})
    assert [p.region for p in extremes(by_integration, n=2)[0].most] == ["E", "D"]  # the least integrated first
    assert len(extremes(index, n=5)[0].most) == 2  # five regions: the lists do not overlap


def test_municipalities_are_a_series_of_their_own() -> None:
    random = np.random.default_rng(1)
    prices = pl.DataFrame(
        [
            {"region": p.english, "year": y, "commodity": k, "index": 100 * math.exp(random.normal(0, 0.02))}
            for p in PROVINCES
            for y in (2004, 2005)
            for k in ("food", "cloth", "fuel", "rent", "books")
        ]
    )
    found = trend(prices, basis="link")
    assert found["series"].unique(maintain_order=True).to_list() == ["nation", "Central", "East", "West", CITIES]
    import integrade as ig

    own = ig.relative_price(prices, basis="link").filter(
        pl.col("region").is_in(MUNICIPALITIES) & (pl.col("year") == 2005)
    )
    line = found.filter((pl.col("series") == CITIES) & (pl.col("year") == 2005))
    assert line["segmentation"][0] == pytest.approx(own["segmentation"].mean(), rel=1e-12)  # outward: mean of S_it


def test_effect_sizes_are_differences_of_the_curve_in_deviations_of_the_outcome() -> None:
    random = np.random.default_rng(9)
    n = 600
    x, z = random.uniform(2, 6, n), random.normal(0, 2, n)
    firm = [f"f{i % 50}" for i in range(n)]
    own = {f: random.normal(0, 1) for f in sorted(set(firm))}
    y = 1.6 * x - 0.2 * x**2 + 0.3 * z + np.array([own[f] for f in firm]) + random.normal(0, 0.3, n)
    base = fit(pl.DataFrame({"y": y, "x": x, "z": z, "firm": firm}), "y ~ x + x^2 + z | firm", vcov="HC1")
    found = effect_sizes(base)
    moves = {(e.variable, e.move): e for e in found.rows}
    b1, b2 = base["x"].estimate, base["x^2"].estimate
    one = moves["x", "p10 to p50"]
    assert one.change == pytest.approx(b1 * (one.end - one.start) + b2 * (one.end**2 - one.start**2), rel=1e-12)
    assert one.in_sd == pytest.approx(one.change / np.std(y, ddof=1), rel=1e-9)
    inside = y - np.array([np.mean([v for v, f in zip(y, firm, strict=True) if f == g]) for g in firm])
    assert one.in_within == pytest.approx(one.change / math.sqrt(float(inside @ inside) / (n - 1)), rel=1e-6)
    turn = -b1 / (2 * b2)
    up, down = moves["x", "lowest to turning point"], moves["x", "turning point to highest"]
    assert (up.end, down.start) == (turn, turn)
    assert up.change > 0 > down.change
    assert moves["z", "one s.d."].change == pytest.approx(base["z"].estimate * np.std(z, ddof=1), rel=1e-9)
    # the interval is that of the same contrast in a regression whose regressor is the move itself
    step = (one.end - one.start, one.end**2 - one.start**2)
    v = step[0] ** 2 * base.covariance("x", "x") + 2 * step[0] * step[1] * base.covariance("x", "x^2")
    v += step[1] ** 2 * base.covariance("x^2", "x^2")
    assert (one.conf_high - one.conf_low) / 2 == pytest.approx(1.964 * math.sqrt(v), rel=1e-3)  # t with 500 df and more
