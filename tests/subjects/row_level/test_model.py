"""Regressions on customs rows: dense dummies, the firm-year regression they contain, groups, and lost rows."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import (
    CodesReadAsNumbers,
    Coverage,
    DuplicateKeys,
    MissingColumn,
    NotIdentified,
    UnknownColumn,
    UnknownName,
    UsageError,
)
from integrade.estimate.fit import fit
from integrade.integration import relative_price
from integrade.panel import assemble
from integrade.quality import demand_residual
from integrade.report.regression import regression_table
from integrade.simulation import Economy, simulate
from integrade.subjects.row_level.model import row_level
from integrade.subjects.row_level.tables import row_level_table
from integrade.wording.numerals import fixed
from panels import annihilator, panel

FORMULA = "quality ~ market + market^2 + scale | firm + product + destination^year"
PRODUCTS = ("870321", "870323", "010121", "847130", "61091000")


def customs(seed: int, *, products: tuple[str, ...] = PRODUCTS) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with quality, and the firm-years they belong to; two of the firms are not in the panel."""
    firms = panel(seed, firms=50).select("firm", "year", "region", "market", "scale")
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 5, firms.height)
    rows = firms.select(pl.all().repeat_by(pl.Series(n)).explode()).with_columns(
        product=pl.Series(rng.choice(products, n.sum())),
        destination=pl.Series(rng.choice(["USA", "JPN", "DEU"], n.sum())),
        regime=pl.Series(rng.choice(["一般贸易", "来料加工装配贸易", "processing with imports", "gift"], n.sum())),
        value=pl.Series(rng.lognormal(0, 1, n.sum())),
        noise=pl.Series(rng.normal(size=n.sum())),
    )
    quality = 0.8 * pl.col("market") - 0.1 * pl.col("market") ** 2 + 0.2 * pl.col("scale") + 0.3 * pl.col("noise")
    rows = rows.with_columns(quality=pl.when(pl.col("noise") < 2).then(quality))
    return rows.drop("region", "market", "scale", "noise"), firms.filter(~pl.col("firm").is_in(["F003", "F007"]))


def test_rows_with_the_effects_of_firm_years_stand_between_the_two() -> None:
    rows, firms = customs(4)
    found = row_level(rows, firms, FORMULA, cluster="region")
    joined = rows.join(firms, on=["firm", "year"])
    plain = fit(joined, "quality ~ market + market^2 + scale | firm + year", cluster="region", vcov="CR1")
    assert found.alike == pytest.approx({c.term: c.estimate for c in plain.coefficients}, abs=1e-10)
    shared = row_level(rows, firms, FORMULA, weights="share", cluster="region", vcov="CR1")
    own = {c.term: c.estimate for c in shared.firm_year.coefficients}  # every firm-year once: only effects are left
    assert shared.alike == pytest.approx(own, abs=1e-8)
    table = row_level_table(found, "market")
    row = next(r for r in table.rows if r.key == "square_alike")
    assert row.cells[1:3] == ("", fixed(found.alike["market^2"], 4))


def test_texts_of_a_dictionary_are_the_same_texts() -> None:
    rows, firms = customs(4)
    classes = {"8703": "differentiated", "0101": "homogeneous"}
    plain = row_level(rows, firms, FORMULA, rauch=classes)
    kinds = {"firm": pl.Categorical, "product": pl.Categorical, "regime": pl.Enum(rows["regime"].unique().sort())}
    coded = row_level(rows.cast(kinds), firms.cast({"firm": pl.Enum(firms["firm"].unique())}), FORMULA, rauch=classes)
    lazy = row_level(rows.lazy(), firms.lazy(), FORMULA, rauch=classes)
    assert coded.tidy().equals(plain.tidy())
    assert lazy.tidy().equals(plain.tidy())
    assert coded.account == plain.account
    assert coded.notes == plain.notes


def test_whole_numbers_and_texts_are_the_same_firms() -> None:
    rows, firms = customs(4)
    number = pl.col("firm").str.slice(1).cast(pl.Int64)
    plain = row_level(rows, firms, FORMULA)
    as_numbers = row_level(rows.with_columns(number), firms.with_columns(number.cast(pl.String)), FORMULA)
    assert as_numbers.tidy().equals(plain.tidy())
    year = row_level(rows, firms.cast({"year": pl.String}), FORMULA)
    assert year.tidy().equals(plain.tidy())
    with pytest.raises(Coverage, match="no row matches a firm and year"):
        row_level(rows.with_columns(number), firms, FORMULA)  # F001 is not a number


def test_equals_dense_dummies() -> None:
    """Weighted by value: least squares on all dummies, with the panel's columns looked up row by row."""
    rows, firms = customs(1)
    found = row_level(rows, firms, FORMULA, weights="value", singletons="keep", vcov="CR1").rows
    known = {(r["firm"], r["year"]): r for r in firms.iter_rows(named=True)}
    used = [r for r in rows.iter_rows(named=True) if (r["firm"], r["year"]) in known and r["quality"] is not None]
    own = [known[r["firm"], r["year"]] for r in used]
    x = np.array([(o["market"], o["market"] ** 2, o["scale"]) for o in own])
    y, w = (np.array([r[c] for r in used]) for c in ("quality", "value"))
    effects = [np.array([r[c] for r in used]) for c in ("firm", "product")]
    effects.append(np.array([f"{r['destination']} {r['year']}" for r in used]))
    root = np.sqrt(w)[:, None]
    net = annihilator(effects, w) @ np.column_stack([x, y])
    b = np.linalg.lstsq(root * net[:, :3], root[:, 0] * net[:, 3], rcond=None)[0]
    assert found.nobs == len(used)
    # 1e-8: the dense twin inverts 60 dummies
    assert [c.estimate for c in found.coefficients] == pytest.approx(b.tolist(), rel=1e-8)


def test_shares_contain_the_firm_year_regression() -> None:
    """METHODS 3.3: TQ is the value-weighted mean of its rows, so with shares as weights the slopes are the same."""
    rows, firms = customs(2)
    formula = "quality ~ market + market^2 + scale | firm + year"
    found = row_level(rows, firms, formula, weights="share", vcov="CR1", singletons="keep")
    usable = rows.drop_nulls("quality").join(firms, on=["firm", "year"])
    mean = (pl.col("quality") * pl.col("value")).sum() / pl.col("value").sum()
    by_hand = usable.group_by("firm", "year", "region", "market", "scale").agg(mean)
    twin = fit(by_hand, formula, cluster="region", singletons="keep")
    assert found.firm_year.nobs == by_hand.height < found.rows.nobs
    for term in ("market", "market^2", "scale"):
        for result in (found.rows, found.firm_year):
            assert result[term].estimate == pytest.approx(twin[term].estimate, rel=1e-9)
    equal = row_level(rows, firms, formula, vcov="CR1", singletons="keep")
    mean = usable.group_by("firm", "year", "region", "market", "scale").agg(pl.col("quality").mean())
    twin = fit(mean, formula, cluster="region", singletons="keep")
    assert equal.firm_year["market"].estimate == pytest.approx(twin["market"].estimate, rel=1e-9)


def test_a_panel_with_the_outcome_is_used_as_it_is() -> None:
    rows, firms = customs(3)
    firms = firms.with_columns(quality=pl.col("market") ** 0.5 + 0.01 * pl.col("scale") ** 2)
    found = row_level(rows, firms, FORMULA, cluster="region", vcov="CR3")
    twin = fit(firms, "quality ~ market + market^2 + scale | firm + year", cluster="region", vcov="CR3")
    assert found.firm_year["market"].estimate == twin["market"].estimate
    other = row_level(rows, firms, FORMULA, firm_year="quality ~ market | firm")
    assert [c.term for c in other.firm_year.coefficients] == ["market"]
    assert other.firm_year.kind == other.rows.kind == "CR3"


def test_lost_rows_are_counted_by_reason() -> None:
    rows, firms = customs(4)
    firms = firms.filter((pl.col("year") != 2005) & ~((pl.col("firm") == "F010") & (pl.col("year") == 2001)))
    found = row_level(Table("quality", rows), Table("panel", firms), FORMULA, vcov="CR1")
    assert rows.filter((pl.col("firm") == "F010") & (pl.col("year") == 2001)).height
    lost = {e.reason.split(",")[0]: e.rows for e in found.account if e.kind == "dropped"}
    early = rows.filter(pl.col("year") != 2005)
    absent = early.filter(pl.col("firm").is_in(["F003", "F007"])).height
    assert lost["year not in the panel"] == rows.height - early.height
    assert lost["firm not in the panel"] == absent
    assert lost["the panel has no row for this firm and year"] == rows.filter(firm="F010", year=2001).height
    joined = rows.join(firms, on=["firm", "year"])
    assert lost["a value missing"] == joined["quality"].null_count() > 0
    assert sum(lost.values()) + found.rows.nobs == rows.height
    share = rows.filter(year=2005)["value"].sum() / rows["value"].sum()
    assert f"year not in the panel, {100 * share:.2f}% of value" in str(found.account)


def test_ordinary_and_processing_trade() -> None:
    rows, firms = customs(5)
    found = row_level(rows, firms, FORMULA, vcov="CR1")
    assert list(found.groups) == ["trade=ordinary", "trade=processing"]
    joined = rows.join(firms, on=["firm", "year"])
    for name, regimes in (("ordinary", ["一般贸易"]), ("processing", ["来料加工装配贸易", "processing with imports"])):
        twin = fit(joined.filter(pl.col("regime").is_in(regimes)), FORMULA, cluster="region")
        assert found.groups[f"trade={name}"]["market"].estimate == pytest.approx(twin["market"].estimate, rel=1e-9)
    gifts = joined.filter(regime="gift").height
    assert f"neither ordinary nor processing trade: {gifts:,} rows" in str(found.account)
    coded = rows.with_columns(regime=pl.col("regime").replace({"一般贸易": "10", "gift": "11"}))
    again = row_level(coded, firms, FORMULA, vcov="CR1").groups["trade=ordinary"]
    assert again["market"].estimate == found.groups["trade=ordinary"]["market"].estimate
    assert "trade" not in str(row_level(rows.drop("regime"), firms, FORMULA, vcov="CR1").columns.keys())


def test_missing_keys_and_regimes_belong_to_nothing() -> None:
    """The former way, a join and a filter, is the twin."""
    rows, firms = customs(9)
    n = rows.height
    for column, every in (("firm", 13), ("year", 17), ("regime", 7)):
        gone = pl.Series(np.arange(n) % every == 0)
        rows = rows.with_columns(pl.when(gone).then(None).otherwise(pl.col(column)).alias(column))
    rows = rows.sample(fraction=1, shuffle=True, seed=1)
    found = row_level(rows, firms, FORMULA, vcov="CR1")
    joined = rows.join(firms.drop("scale"), on=["firm", "year"]).join(
        firms.select("firm", "year", "scale"), on=["firm", "year"]
    )
    named = {"ordinary": ["一般贸易"], "processing": ["来料加工装配贸易", "processing with imports"]}
    parts = {"rows": joined} | {k: joined.filter(pl.col("regime").is_in(v)) for k, v in named.items()}
    for name, part in parts.items():
        own, twin = (
            found.columns[name if name == "rows" else f"trade={name}"],
            fit(part, FORMULA, cluster="region", vcov="CR1"),
        )
        assert (own.nobs, own.n_singletons, own.n_missing) == (twin.nobs, twin.n_singletons, twin.n_missing)
        assert [c.estimate for c in own.coefficients] == pytest.approx(
            [c.estimate for c in twin.coefficients], rel=1e-9
        )
    other = joined.filter(pl.col("regime").is_null() | (pl.col("regime") == "gift")).height
    assert f"neither ordinary nor processing trade: {other:,} rows" in str(found.account)
    lost = rows.filter(pl.col("firm").is_null() | pl.col("year").is_null()).height
    assert lost in [e.rows for e in found.account if "missing" in e.reason and e.kind == "dropped"]


@pytest.mark.parametrize("kind", ["mapping", "frame"])
def test_rauch_classes_by_the_longest_code(kind: str) -> None:
    """870323 is its own code, 870321 takes that of 8703, 61091000 (HS8) that of its HS6; 847130 has none."""
    rows, firms = customs(6)
    classes = {"8703": "reference", "870323": "differentiated", "610910": "differentiated", "01": "homogeneous"}
    given: Any = classes if kind == "mapping" else pl.DataFrame({"product": list(classes), "class": classes.values()})
    found = row_level(rows, firms, FORMULA, rauch=given, vcov="CR1", regime="none")
    joined = rows.join(firms, on=["firm", "year"])
    members = {"differentiated": ["61091000", "870323"], "homogeneous": ["010121"], "reference": ["870321"]}
    assert list(found.groups) == [f"rauch={c}" for c in members]
    for name, products in members.items():
        twin = fit(joined.filter(pl.col("product").is_in(products)), FORMULA, cluster="region")
        assert found.groups[f"rauch={name}"]["market"].estimate == pytest.approx(twin["market"].estimate, rel=1e-9)
    assert f"no Rauch class: {joined.filter(product='847130').height:,} rows of 1 products" in str(found.account)


def test_a_group_that_cannot_be_estimated_is_said() -> None:
    rows, firms = customs(7)
    rows = rows.with_columns(
        regime=pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("ordinary")).otherwise(pl.lit("15"))
    )
    found = row_level(rows, firms, FORMULA, vcov="CR1")
    assert list(found.groups) == ["trade=processing"]
    assert any(n.startswith("trade=ordinary could not be estimated: ") for n in found.notes)
    assert "trade=ordinary could not be estimated" in str(found)


def test_a_panel_by_region_and_year() -> None:
    """Treatment alone, by region and year, for rows that know their region."""
    rows, firms = customs(8)
    where = panel(8, firms=50).select("firm", "year", "region")
    rows = rows.join(where, on=["firm", "year"])
    index = firms.select("region", "year", "market").unique().sort("region", "year")
    formula = "quality ~ market | firm + product + destination^year"
    found = row_level(rows, index, formula, vcov="CR1")
    twin = fit(rows.join(index, on=["region", "year"]), formula, cluster="region")
    assert found.rows["market"].estimate == pytest.approx(twin["market"].estimate, rel=1e-9)
    assert found.firm_year.effects[0].name == "firm"
    assert found.firm_year.nobs < found.rows.nobs


def test_clusters_that_firm_years_lack() -> None:
    rows, firms = customs(9)
    both = row_level(rows, firms, FORMULA, cluster="region+product")
    assert (list(both.rows.clusters), list(both.firm_year.clusters)) == (["region", "product"], ["region"])
    alone = row_level(rows, firms, FORMULA, cluster="destination^year", vcov="CR1")
    assert (alone.rows.kind, alone.firm_year.kind) == ("CR1", "HC1")


def test_several_large_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The iterative solver gives what dummies give."""
    from integrade.regress import partial

    rows, firms = customs(10)
    exact = row_level(rows, firms, FORMULA, vcov="CR3").rows
    monkeypatch.setattr(partial, "SMALL", 3)
    solved = row_level(rows, firms, FORMULA, vcov="CR3").rows
    for a, b in zip(exact.coefficients, solved.coefficients, strict=True):
        assert (a.estimate, a.std_error) == pytest.approx((b.estimate, b.std_error), rel=1e-8)


def test_engines_agree() -> None:
    rows, firms = customs(11)
    here = row_level(rows, firms, FORMULA, vcov="CR1")
    there = row_level(duckdb.from_arrow(rows.to_arrow()), firms.to_pandas(), FORMULA, vcov="CR1")
    assert there.rows["market"].estimate == pytest.approx(here.rows["market"].estimate, rel=1e-9)
    printed = regression_table(here.columns)
    assert "trade=ordinary" in str(printed)


def test_the_mix_of_products_does_not_mislead_rows() -> None:
    """Firms in integrated provinces sell more of a product of high quality: firm-years say 0.5 + mix, rows say 0.5."""
    rng = np.random.default_rng(0)
    firm, year = (a.ravel() for a in np.meshgrid(np.arange(400), np.arange(6)))
    market = rng.normal(4, 0.3, (20, 6))[firm % 20, year]
    firms = pl.DataFrame({"firm": firm, "year": year, "region": firm % 20, "market": market})
    rows = firms.select(pl.all().repeat_by(pl.lit(5)).explode()).with_columns(
        luxury=pl.Series(rng.random(5 * len(firm))) < (pl.col("market") - 3) / 2, destination=pl.lit("USA")
    )
    noise = pl.Series(rng.normal(0, 0.2, rows.height))
    rows = rows.with_columns(
        product=pl.when("luxury").then(pl.lit("1")).otherwise(pl.lit("2")),
        quality=0.5 * pl.col("market") + 2 * pl.col("luxury") + noise,
    ).drop("market", "region", "luxury")
    found = row_level(rows, firms, "quality ~ market | firm + product + destination^year", vcov="CR1")
    own = found.rows["market"]
    assert abs(own.estimate - 0.5) < 3 * own.std_error < 0.2
    assert found.firm_year["market"].estimate > 1.2


def test_from_raw_records_to_rows() -> None:
    """Customs with regimes through demand_residual(level="row"): the truth lies in the interval of the rows."""
    economy = simulate(Economy(n_firms=400, n_years=6, n_goods=40, seed=3))
    tables = {"sigma": economy.sigma, "standardise": "none"}
    rows = demand_residual(Table("customs", economy.customs), level="row", **tables)
    assert {"regime", "quality"} <= set(rows.columns)
    quality = demand_residual(Table("customs", economy.customs), **tables)
    index = relative_price(Table("prices", economy.prices))
    firms = assemble(economy.firms, integration=index, quality=quality)
    found = row_level(rows, firms, FORMULA, vcov="CR1")
    assert list(found.groups) == ["trade=ordinary", "trade=processing"]
    assert found.rows.nobs > 4 * found.firm_year.nobs
    square = found.rows["market^2"]
    assert square.conf_low < economy.truth["market"]["square"] < square.conf_high
    assert square.conf_high < 0


ROWS, FIRMS = customs(12)


@each(
    ("changes", "error", "text"),
    [
        ({"formula": "quality ~ markt | firm"}, UnknownColumn, "did you mean 'market'"),
        ({"weights": "volume"}, UnknownName, "is not a choice"),
        ({"wieghts": "value"}, UnknownName, "did you mean 'weights'"),
        ({"rauch": {870323: "differentiated"}}, CodesReadAsNumbers, "is a number"),
        ({"rauch": pl.DataFrame({"hs": ["870323"], "class": ["d"]})}, MissingColumn, "needs 'product'"),
        ({"rauch": pl.DataFrame({"product": ["01", "01"], "class": ["d", "h"]})}, DuplicateKeys, "two Rauch classes"),
        ({"panel": pl.concat([FIRMS, FIRMS])}, DuplicateKeys, "the panel repeats firm, year"),
        ({"panel": FIRMS.with_columns(firm=pl.lit("X") + pl.col("firm"))}, Coverage, "no row matches a firm"),
        ({"panel": FIRMS.drop("year")}, UnknownColumn, "no column 'year' in the panel"),
        ({"formula": "scale ~ market | firm"}, NotIdentified, "scale is not the quality of customs rows"),
        ({"formula": "quality ~ market + value | firm"}, UsageError, "'value' varies within firm-years"),
    ],
)
def test_errors(changes: dict[str, Any], error: type[Exception], text: str) -> None:
    given = {"panel": FIRMS, "formula": FORMULA, "vcov": "CR1"} | changes
    with pytest.raises(error, match=text):
        row_level(ROWS, given.pop("panel"), given.pop("formula"), **given)


def test_weights_are_given_once() -> None:
    from integrade.estimate.linear import Fit

    with pytest.raises(UsageError, match="exclude each other"):
        row_level(ROWS, FIRMS, FORMULA, weights="value", fit=Fit(cluster="region", weights="value"))
