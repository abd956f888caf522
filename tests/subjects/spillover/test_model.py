"""Neighbours' mean index: by hand from the table of pairs, without the pairs that touch the region."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import Coverage, UnknownColumn, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.geography import PROVINCES, neighbours
from integrade.integration import RelativePrice
from integrade.subjects.spillover.model import Spillover, add_spillover, mechanical_correlation, spillover
from price_tables import relative_price

RING = [("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"), ("E", "A"), ("A", "C")]
REGIONS = ("A", "B", "C", "D", "E", "Z")  # Z has no neighbour


LINK = RelativePrice(basis="link")


def prices(seed: int, regions: Any = REGIONS, years: int = 4, goods: int = 6) -> pl.DataFrame:
    """Link indices; C has no prices in the last year, and B only three goods in the first."""
    rng = np.random.default_rng(seed)
    rows = [
        (r, 2004 + t, f"g{k}", 100 + float(rng.normal(0, 2)))
        for r in regions
        for t in range(years)
        for k in range(goods)
        if not (r == "C" and t == years - 1) and not (r == "B" and t == 0 and k > 2)
    ]
    return pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")


def by_hand(
    given: pl.DataFrame, near: list[tuple[str, str]], *, drop: bool, **index: Any
) -> dict[tuple[str, int], float | None]:
    """The formula in loops over the table of pairs."""
    made = relative_price(given, RelativePrice(level="pair", transform="none", **index))
    v = {}
    for a, b, t, x in made.select("region_a", "region_b", "year", "segmentation").iter_rows():
        if x is not None:
            v[a, b, t] = v[b, a, t] = x
    found: dict[tuple[str, int], float | None] = {}
    names, years = sorted(given["region"].unique()), sorted(given["year"].unique())
    for i in names:
        for t in years:
            own = []
            for j in names:
                if (i, j) in near or (j, i) in near:
                    pairs = [v[j, k, t] for k in names if (j, k, t) in v and not (drop and k == i)]
                    if pairs:
                        own.append(0.5 * np.log(1 / np.mean(pairs)))
            found[i, t] = float(np.mean(own)) if own else None
    return found


@pytest.mark.parametrize("drop", [True, False])
@pytest.mark.parametrize("pairs", ["all", "listed"])
def test_by_hand(drop: bool, pairs: str) -> None:
    given = prices(1)
    chosen = "all" if pairs == "all" else list(combinations("ABCDEZ", 2))[:-3]
    shared = "drop" if drop else "keep"
    table = spillover(
        prices=given, neighbours=RING, shared=shared, method=RelativePrice(basis="link", pairs=chosen)
    ).polars()
    twin = by_hand(given, RING, drop=drop, pairs=chosen)
    assert table.height == len(twin)
    for row in table.iter_rows(named=True):
        expected = twin[row["region"], row["year"]]
        value = row["market_neighbours"]
        assert value is None if expected is None else value == pytest.approx(expected, rel=1e-12)
        assert row["market_neighbours_square"] is None or row["market_neighbours_square"] == value**2
    assert table.filter(region="Z")["market_neighbours"].null_count() == 4


def test_the_region_s_own_prices_stay_out() -> None:
    """Undemeaned, prices of A move the neighbours' index of A only where the shared pairs are kept."""
    given = prices(2)
    moved = given.with_columns(
        index=pl.when(region="A").then(pl.col("index") + 5 * (pl.col("commodity") == "g1")).otherwise("index")
    )
    plain = RelativePrice(basis="link", demean="none")
    for shared, differs in (("drop", False), ("keep", True)):
        both = [
            spillover(prices=p, neighbours=RING, shared=shared, method=plain).polars().filter(region="A")
            for p in (given, moved)
        ]
        values = [b["market_neighbours"].to_numpy() for b in both]
        assert np.allclose(values[0], values[1], rtol=1e-12) != differs


def test_a_finished_index_gives_the_plain_mean() -> None:
    given = prices(3)
    index = relative_price(Table("prices", given))
    from_index = spillover(index=index, neighbours=RING)
    from_prices = spillover(prices=given, method=LINK, neighbours=RING, shared="keep")
    a, b = (t.polars().drop_nulls("market_neighbours") for t in (from_index, from_prices))
    assert a.select("region", "year", "n_neighbours").equals(b.select("region", "year", "n_neighbours"))
    np.testing.assert_allclose(a["market_neighbours"], b["market_neighbours"], rtol=1e-12)
    assert "includes the pairs that they share" in str(from_index.account)


def test_provinces_of_china_in_any_spelling() -> None:
    """The panel writes 北京, the prices Beijing; neighbours are those of the map, Hainan's is Guangdong."""
    names = [p.english for p in PROVINCES]
    given = prices(4, names, years=2)
    panel = pl.DataFrame(
        {"firm": [f"F{i}" for i in range(31)], "region": [p.chinese_short for p in PROVINCES], "year": [2005] * 31}
    )
    added = add_spillover(panel, prices=given, method=LINK)
    near = [(a, b) for a in names for b in neighbours(a)]
    twin = by_hand(given, near, drop=True)
    assert added["firm"].to_list() == panel["firm"].to_list()
    for english, value in zip(names, added["market_neighbours"], strict=True):
        assert value == pytest.approx(twin[english, 2005], rel=1e-12)


@pytest.mark.parametrize("kind", ["polars", "pandas", "duckdb", "table"])
def test_every_kind_of_frame(kind: str) -> None:
    panel = pl.DataFrame({"region": ["B", "A", "A", None, "Q"], "year": [2004, 2004, 2005, 2005, 2004]})
    given: Any = {
        "polars": panel,
        "pandas": panel.to_pandas(),
        "duckdb": duckdb.from_arrow(panel.to_arrow()),
        "table": Table("panel", panel),
    }[kind]
    added = add_spillover(given, prices=prices(5), method=LINK, neighbours=RING, square=False)
    if kind == "pandas":
        assert isinstance(added, pd.DataFrame)
    local = {"pandas": pl.from_pandas, "table": lambda t: t.polars(), "duckdb": lambda d: d.pl()}.get(
        kind, lambda p: p
    )(added)
    assert local.columns == ["region", "year", "market_neighbours"]
    twin = by_hand(prices(5), RING, drop=True)
    for region, year, value in local.iter_rows():
        assert value == (None if region in (None, "Q") else pytest.approx(twin[region, year]))
    if kind == "table":
        text = str(added.account)
        assert "market_neighbours missing in 2 rows: the region-year is not in the index" in text
        assert "correlated by construction" in text
        assert "regions without neighbours: Z" in text


def test_columns_are_replaced_and_named() -> None:
    panel = pl.DataFrame({"region": ["A", "B"], "year": [2004, 2004]})
    once = add_spillover(panel, prices=prices(6), method=LINK, neighbours=RING, name="near")
    assert once.columns == ["region", "year", "near", "near_square"]
    assert add_spillover(once, prices=prices(6), method=LINK, neighbours=RING, name="near").equals(once)


def test_mechanical_correlation_is_measured() -> None:
    """Regions whose prices are independent: their indices go together through the shared pairs, in every draw."""
    names = [f"R{i}" for i in range(8)]
    ring = [(names[i], names[(i + 1) % 8]) for i in range(8)]
    across = [(names[i], names[i + 4]) for i in range(4)]
    method = RelativePrice(basis="link", demean="none", pairs=ring + across)
    drawn = [
        mechanical_correlation(prices(s, names, years=12, goods=5), neighbours=ring, method=method) for s in range(30)
    ]
    for kind in ("", "_within"):
        kept, dropped = (np.array([getattr(d, n + kind) for d in drawn]) for n in ("kept", "dropped"))
        assert (kept > dropped).all()
        assert kept.mean() > 0.25
        assert kept.mean() - dropped.mean() > 0.3
    assert drawn[0].n == 8 * 12
    assert f"r = {drawn[0].kept:.3f} with the shared pairs, {drawn[0].dropped:.3f} without" in str(drawn[0])


def test_correlations_by_hand() -> None:
    given = prices(7, "ABCDE", years=5)
    found = mechanical_correlation(given, method=LINK, neighbours=RING)
    own = relative_price(given).rename({"integration": "own"}).select("region", "year", "own")
    kept = spillover(prices=given, method=LINK, neighbours=RING, shared="keep", name="kept", square=False).polars()
    dropped = spillover(prices=given, method=LINK, neighbours=RING, name="dropped", square=False).polars()
    rows = own.join(kept, on=["region", "year"]).join(dropped, on=["region", "year"]).drop_nulls()
    assert found.n == rows.height
    assert found.kept == pytest.approx(np.corrcoef(rows["own"], rows["kept"])[0, 1], rel=1e-10)
    assert found.dropped == pytest.approx(np.corrcoef(rows["own"], rows["dropped"])[0, 1], rel=1e-10)
    net = [_residuals(rows, c) for c in ("own", "kept", "dropped")]
    assert found.kept_within == pytest.approx(np.corrcoef(net[0], net[1])[0, 1], rel=1e-8)
    assert found.dropped_within == pytest.approx(np.corrcoef(net[0], net[2])[0, 1], rel=1e-8)


def _residuals(rows: pl.DataFrame, column: str) -> np.ndarray:
    dummies = rows.select("region", pl.col("year").cast(pl.String)).to_dummies().to_numpy().astype(float)
    y = rows[column].to_numpy()
    return y - dummies @ np.linalg.lstsq(dummies, y, rcond=None)[0]


def test_recovers_a_spillover() -> None:
    """Quality moved by the own and the neighbours' index; leaving the neighbours out biases the own effect."""
    names = [p.english for p in PROVINCES]
    given = prices(8, names, years=10)
    index = relative_price(given).rename({"integration": "market"})
    rng = np.random.default_rng(0)
    firms = pl.DataFrame({"firm": range(1200), "region": rng.choice(names, 1200)})
    panel = firms.join(index.select("region", "year", "market"), on="region").sort("firm", "year")
    panel = add_spillover(panel, prices=given, method=LINK).drop_nulls("market_neighbours")
    noise = pl.Series(rng.normal(0, 0.05, panel.height))
    panel = panel.with_columns(quality=0.4 * pl.col("market") + 0.8 * pl.col("market_neighbours") + noise)
    found = fit(panel, "quality ~ market + market_neighbours | firm + year", cluster="region")
    for term, truth in (("market", 0.4), ("market_neighbours", 0.8)):
        assert abs(found[term].estimate - truth) < 4 * found[term].std_error
        assert found[term].std_error < 0.05


@each(
    ("given", "error", "text"),
    [
        ({}, UsageError, "either prices or an index"),
        ({"prices": prices(1), "index": prices(1)}, UsageError, "either prices or an index"),
        ({"prices": prices(1), "neighbours": "adjacent"}, UnknownName, "needs the places of the regions"),
        ({"prices": prices(1), "neighbours": [("A", "X")]}, UnknownName, "'X'"),
        ({"prices": prices(1), "neighbours": RING, "shared": "dropp"}, UnknownName, "did you mean 'drop'"),
        ({"prices": prices(1).with_columns(month=pl.lit(1)), "neighbours": RING}, UsageError, "monthly"),
    ],
)
def test_errors(given: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        add_spillover(pl.DataFrame({"region": ["A"], "year": [2004]}), **given)


def test_errors_of_the_panel() -> None:
    with pytest.raises(UnknownColumn, match="'region'"):
        add_spillover(pl.DataFrame({"Region": ["A"], "year": [2004]}), Spillover(neighbours=RING), prices=prices(1))
    with pytest.raises(Coverage, match="no region-year"):
        add_spillover(pl.DataFrame({"region": ["A"], "year": [1990]}), prices=prices(1), neighbours=RING)
