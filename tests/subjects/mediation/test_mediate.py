"""Mediation: the identity, re-estimation twins, the simulated truth, tests of products (METHODS 5.6)."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from each import each
from integrade.errors import NotIdentified, UnknownName, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.multiple import holm
from integrade.regress import bootstrap as cb
from integrade.simulation import Economy, simulate
from integrade.study.records import from_json, to_json
from integrade.subjects.mediation import indirect
from integrade.subjects.mediation.mediate import Mediation, mediate
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.mediation.tables import mediation_table
from integrade.subjects.mediation.verdict import verdict_sentence
from panels import panel

FORMULA = "y ~ market + market^2 + scale + age | firm + year"


def table(seed: int = 1, **options: Any) -> pl.DataFrame:
    """A panel with a mediator of the firm (``skill``), one of the cell (``schools``) and one unrelated (``noise``)."""
    rows = panel(seed, **options)
    rng = np.random.default_rng(seed + 1000)
    cells = rows.select("region", "year", "market").unique().sort("region", "year")
    cells = cells.with_columns(
        schools=(pl.col("market") - 4) ** 2 + 0.4 * pl.col("market") + pl.Series(rng.normal(0, 0.05, cells.height))
    ).drop("market")
    rows = rows.join(cells, on=["region", "year"], how="left", maintain_order="left")
    return rows.with_columns(
        skill=pl.col("schools") + pl.Series(rng.normal(0, 0.5, rows.height)),
        noise=pl.Series(rng.normal(size=rows.height)),
    ).with_columns(y=pl.col("y") + 0.8 * pl.col("skill"))


def away(result: MediationResult, d: Any) -> bool:
    """Whether the 95% interval of the total slope excludes zero: its standard error times t(regions - 1)."""
    return bool(abs(d.total) > d.total_std_error * stats.t.ppf(0.975, result.total.df_t))


def by_hand(rows: pl.DataFrame, x: float, mediator: str = "skill", weights: str | None = None) -> tuple[float, ...]:
    """theta(x), total and direct slope at x from three ordinary fits."""
    how: dict[str, Any] = {"singletons": "keep", "weights": weights}
    total, direct = fit(rows, FORMULA, **how), fit(rows, FORMULA.replace(" |", f" + {mediator} |"), **how)
    path = fit(rows, FORMULA.replace("y ~", f"{mediator} ~"), **how)

    def slope(f: Any) -> float:
        return float(f["market"].estimate + 2 * x * f["market^2"].estimate)

    return slope(path) * direct[mediator].estimate, slope(total), slope(direct)


@each("weights", [None, "weight"])
@each("mediators", ["skill", ("skill", "noise", "z1")])
@each("effects", [" | firm + year", " | firm + industry^year", ""])
def test_total_minus_direct_is_the_sum_of_products(weights: str | None, mediators: Any, effects: str) -> None:
    formula = "y ~ market + market^2 + scale + age" + effects
    result = mediate(table(), formula, mediators, cluster="region", weights=weights, draws=5)
    assert [i.term for i in result.identity] == ["market", "market^2"]
    for i in result.identity:
        assert abs(i.gap) < 1e-10 * max(1, abs(i.total))  # METHODS 5.6: exact algebra, only rounding
        assert abs(i.indirect) > 1e-4
    for d in result.together:
        assert d.total - d.direct == pytest.approx(d.indirect, abs=1e-10)
        assert d.share == (pytest.approx(d.indirect / d.total) if away(result, d) else None)
    assert sum(m.at("p90").estimate for m in result.mediators) == pytest.approx(result.together[2].indirect, abs=1e-12)


def test_three_equations_on_one_sample() -> None:
    rows = table().with_columns(skill=pl.when(pl.col("noise") > 1).then(None).otherwise("skill"))
    result = mediate(rows, FORMULA, "skill", cluster="region", draws=5)
    assert result.total.nobs == result.direct.nobs == result["skill"].a_path.nobs < rows.height
    used = rows.drop_nulls("skill")
    x = float(np.percentile(_sample(used)["market"], 10, method="averaged_inverted_cdf"))
    theta, total, direct = by_hand(_sample(used), x)
    first = result["skill"].indirect[0]
    assert (first.place, first.x) == ("p10", pytest.approx(x))
    assert first.estimate == pytest.approx(theta, abs=1e-10)
    assert (result.together[0].total, result.together[0].direct) == pytest.approx((total, direct), abs=1e-10)
    assert result["skill"].at("market^2").a == result["skill"].a_path["market^2"].estimate
    assert result.r2_gain == pytest.approx(result.direct.r2_within - result.total.r2_within)
    assert result.r2_gain > 0


def _sample(rows: pl.DataFrame) -> pl.DataFrame:
    """Without singletons, as the fits drop them."""
    while True:
        kept = rows.filter((pl.len().over("firm") > 1) & (pl.len().over("year") > 1))
        if kept.height == rows.height:
            return kept
        rows = kept


@pytest.mark.parametrize("weights", [None, "weight"])
def test_percentile_interval_is_that_of_re_estimation(weights: str | None) -> None:
    """Regions drawn with replacement, firms renamed in every copy, all three equations estimated anew."""
    rows = _sample(table(3, movers=5)).with_columns(y=pl.col("y") + 4 * pl.col("market"))
    result = mediate(rows, FORMULA, "skill", cluster="region", draws=9, at=("4.1",), weights=weights)
    names = rows["region"].unique().sort().to_list()
    thetas, shares = [], []
    for counts in cb.drawn(len(names), np.arange(9), Mediation().seed):
        parts = [
            rows.filter(pl.col("region") == name).with_columns(firm=pl.col("firm") + f"#{name}#{copy}")
            for name, times in zip(names, counts.astype(int), strict=True)
            for copy in range(times)
        ]
        theta, total, _ = by_hand(pl.concat(parts), 4.1, weights=weights)
        thetas.append(theta)
        shares.append(theta / total)
    found = result["skill"].indirect[0]
    assert (found.conf_low, found.conf_high) == pytest.approx(np.quantile(thetas, [0.025, 0.975]), abs=1e-9)
    assert [found.share_low, found.share_high] == pytest.approx(np.quantile(shares, [0.025, 0.975]), abs=1e-8)
    assert result.lost == 0
    assert any("a separate firm in each cluster" in n for n in result.notes)


def test_bca_interval_uses_the_fits_without_each_cluster() -> None:
    rows = _sample(table(4, movers=3))
    options: dict[str, Any] = {"cluster": "region", "draws": 400, "at": ("4",), "level": 0.9}
    plain = mediate(rows, FORMULA, "skill", **options)
    bca = mediate(rows, FORMULA, "skill", interval="bca", **options)
    names = rows["region"].unique().sort().to_list()
    without = np.array([by_hand(_kept(rows, name), 4.0)[0] for name in names])
    draws = _thetas(rows, 400)
    found = bca["skill"].indirect[0]
    wanted = cb.bca_interval(draws, found.estimate, without, 0.9)
    assert (found.conf_low, found.conf_high) == pytest.approx(wanted, abs=1e-9)
    assert (found.conf_low, found.conf_high) != pytest.approx(
        (plain["skill"].indirect[0].conf_low, plain["skill"].indirect[0].conf_high)
    )


def _kept(rows: pl.DataFrame, region: str) -> pl.DataFrame:
    return rows.filter(pl.col("region") != region)


def _thetas(rows: pl.DataFrame, draws: int) -> np.ndarray:
    """Replicates of theta(4) from the cluster cross-products themselves."""
    from integrade.estimate.linear import prepare

    design = prepare(rows, FORMULA.replace(" |", " + skill |"))
    known = cb.clusters(design.plan, design.matrix, design.cluster("region"))
    a, full = cb.bootstrap(
        known, [cb.Equation((0, 1, 2, 3), 4), cb.Equation((0, 1, 2, 3, 4), 5)], draws=draws, seed=Mediation().seed
    )
    return np.asarray((a[:, 0] + 8 * a[:, 1]) * full[:, 4])


def test_the_simulated_share_is_recovered() -> None:
    """Human capital carries a fifth of the effect; research spending nothing. True index, true quality (5.6)."""
    economy = simulate(Economy(n_firms=2500, rows_per_firm_year=1, seed=5))
    rows = economy.true_quality.filter(pl.col("ownership") != "state")
    rows = rows.join(economy.true_index.select("region", "year", "ln_human_capital"), on=["region", "year"])
    rows = rows.join(economy.rd.select("region", "year", "rd"), on=["region", "year"])
    formula = "quality ~ market + market^2 + scale + age + roa + rdebt + fic | firm + year"
    result = mediate(rows, formula, ("ln_human_capital", "rd"), cluster="region", interval="bca")
    truth = economy.truth["human_capital"]
    hc = result["ln_human_capital"]
    for place in ("market", "market^2", "p10", "p90"):
        effect = hc.at(place)
        assert effect.share_low is not None
        assert effect.share_high is not None
        assert effect.share_low < truth["share_of_effect"] < effect.share_high
        assert effect.conf_low * effect.conf_high > 0
    for term, key in (("market", "linear"), ("market^2", "square")):
        effect = hc.at(term)
        assert effect.conf_low < truth[key] * truth["effect"] < effect.conf_high
    assert hc.verdict == "mixed"  # schooling rises with integration, then falls: the indirect effect changes its sign
    assert [hc.at(p).sense for p in ("p10", "p90")] == ["rises and raises", "falls and raises"]
    assert not hc.suppression
    assert result["rd"].verdict == "not mediated"
    assert hc.cells is not None
    assert hc.cells.n_cells == 310
    assert hc.cells.left_out == ("scale", "age", "roa", "rdebt", "fic")


def test_cells_are_the_collapsed_panel() -> None:
    rows = _sample(table(6))
    result = mediate(rows, FORMULA, ("schools", "skill"), cluster="region", draws=5)
    cells = rows.group_by("region", "year").agg(
        pl.col("schools").first(), pl.col("market").first(), n=pl.len().cast(pl.Float64)
    )
    found = result["schools"].cells
    assert found is not None
    for mine, weights in ((found.weighted, "n"), (found.unweighted, None)):
        ref = fit(cells, "schools ~ market + market^2 | region + year", weights=weights, cluster="region", vcov="CR3")
        assert mine["market^2"].estimate == pytest.approx(ref["market^2"].estimate, abs=1e-10)
        assert mine["market^2"].std_error == pytest.approx(ref["market^2"].std_error, rel=1e-8)
    assert found.n_cells == cells.height
    assert result["skill"].cells is None
    assert any("skill varies within region, year" in n for n in result.notes)
    other = mediate(rows, FORMULA, "skill", cluster="region", draws=5, cell_level=("postcode",))
    assert any(
        "the path to the mediator on cells is not reported, because the panel has no postcode" in n for n in other.notes
    )


def test_rows_taken_as_independent_are_called_so() -> None:
    result = mediate(table(), FORMULA, "schools", interval="monte_carlo", draws=50)
    assert any("The test treats 235 rows as independent" in n for n in result.notes)
    clustered = mediate(table(), FORMULA, "schools", cluster="region", draws=5)
    assert not any("rows as independent" in n for n in clustered.notes)


def test_the_published_equation_leaves_the_square_out() -> None:
    result = mediate(table(), FORMULA, "skill", a_path="linear", cluster="region", draws=50)
    found = result["skill"]
    assert [c.term for c in found.a_path.coefficients] == ["market", "scale", "age"]
    assert len({i.estimate for i in found.indirect}) == 1
    assert [i.place for i in found.by_term] == ["market"]
    assert max(abs(i.gap) for i in result.identity) > 1e-3
    assert any("omits the square" in n for n in result.notes)
    b = fit(table(), FORMULA.replace(" |", " + skill |"))["skill"].estimate
    a = fit(table(), "skill ~ market + scale + age | firm + year")["market"].estimate
    assert found.indirect[1].estimate == pytest.approx(a * b, abs=1e-10)


def test_a_formula_without_a_square() -> None:
    result = mediate(table(), "y ~ market + scale | firm + year", "skill", cluster="region", draws=99)
    assert [i.term for i in result.identity] == ["market"]
    assert abs(result.identity[0].gap) < 1e-10
    one, other = result["skill"].at("p10"), result["skill"].at("market")
    assert (one.estimate, one.conf_low) == (other.estimate, other.conf_low)


@pytest.mark.parametrize(
    ("a", "t_a", "b", "t_b", "z", "p"),
    [
        (0.0303, 129.99, 0.0338, 8.25, (8.233, 8.233, 8.234), 0.0),  # human capital: METHODS 5.6, audit B14
        (0.0804, 84.04, -0.0016, -1.59, (-1.590, -1.590, -1.590), 0.1119),  # research spending
    ],
)
def test_products_from_the_published_table(a: float, t_a: float, b: float, t_b: float, z: Any, p: float) -> None:
    tests = indirect.product_tests(a, abs(a / t_a), b, abs(b / t_b))
    assert [t.z for t in tests] == pytest.approx(z, abs=6e-4)  # printed to three decimals
    assert tests[0].p_value == pytest.approx(p, abs=6e-5)


def test_goodman_has_no_error_where_its_variance_is_negative() -> None:
    sobel, aroian, goodman = indirect.product_tests(0.1, 1.0, 0.1, 1.0)
    assert math.isnan(goodman.z)
    assert math.isnan(goodman.p_value)
    assert aroian.std_error == pytest.approx(math.sqrt(1.02))
    assert sobel.std_error == pytest.approx(math.sqrt(0.02))


def test_sensitivity_recovers_b_when_the_correlation_of_errors_is_known() -> None:
    """M = .5 X + e2, Y = .3 X + .7 M + e3 with corr(e2, e3) = .4: least squares overstates b, b(.4) does not."""
    rng = np.random.default_rng(8)
    n = 200_000
    e2 = rng.normal(0, 1.5, n)
    e3 = 2.0 * (0.4 * e2 / 1.5 + math.sqrt(1 - 0.16) * rng.normal(size=n))
    x = rng.normal(size=n)
    m = 0.5 * x + e2
    rows = pl.DataFrame({"market": x, "m": m, "y": 0.3 * x + 0.7 * m + e3, "region": rng.integers(0, 20, n)})
    result = mediate(rows, "y ~ market", "m", cluster="region", draws=5)["m"]
    s = result.sensitivity
    grid = {rho: (b, acme) for rho, b, acme in s.grid}
    assert grid[0.0][0] == pytest.approx(result.b.estimate, abs=1e-10)
    assert result.b.estimate == pytest.approx(0.7 + 0.4 * 2 / 1.5, abs=0.02)  # biased by rho s3/s2
    assert grid[0.4][0] == pytest.approx(0.7, abs=0.02)  # s.e. of b about .003, of its correction about .005
    assert grid[0.4][1] == pytest.approx(0.35, abs=0.02)
    assert np.sign(grid[0.7][0]) != np.sign(grid[0.8][0])
    # corr(.7 e2 + e3, e2) = (.7 2.25 + 1.2) / (1.5 sqrt(.49 2.25 + 4 + 1.68)) = .7104, s.e. about .001
    assert s.rho_zero == pytest.approx(0.7104, abs=0.005)
    assert s.r2_residual == pytest.approx(s.rho_zero**2)
    assert s.r2_total == pytest.approx(s.rho_zero**2 * (1 - result.a_path.r2) * (1 - fit(rows, "y ~ market + m").r2))


def test_residuals_against_explicit_regressions() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5))
    e = indirect.residuals(z.T @ z, [0, 2, 3], 4, 1)
    given = z[:, [0, 2, 3]]
    y, m = (z[:, j] - given @ np.linalg.lstsq(given, z[:, j], rcond=None)[0] for j in (4, 1))
    assert e.outcome / e.mediator == pytest.approx(np.linalg.norm(y) / np.linalg.norm(m))
    assert e.correlation == pytest.approx(y @ m / np.linalg.norm(y) / np.linalg.norm(m))


@each(
    ("effects", "direct", "significant", "word"),
    [
        ([], [], True, "not mediated"),
        ([1], [-1], False, "mediated"),
        ([1, 1], [-1, -1], True, "suppression"),
        ([1, 1], [0, -1], True, "suppression"),
        ([1, 1], [1, 1], True, "partially mediated"),
        ([1, 1], [0, 0], True, "partially mediated"),
        ([1, 1], [1, -1], True, "mixed"),
        ([1, -1], [1, -1], True, "mixed"),
        ([1, -1], [0, 0], False, "mixed"),
    ],
)
def test_verdict_words(effects: list[int], direct: list[int], significant: bool, word: str) -> None:
    assert indirect.verdict(effects, direct, significant) == word


def turning() -> pl.DataFrame:
    """A mediator that is linear in the treatment and an outcome whose direct slope changes its sign within the data."""
    rng = np.random.default_rng(11)
    region = np.repeat(np.arange(30), 40)
    x = rng.normal(size=1200)
    m = x + rng.normal(size=1200)
    return pl.DataFrame({"region": region, "market": x, "m": m, "y": -(x**2) + 0.5 * m + rng.normal(size=1200)})


PLACES = ("p10", "p50", "p90")


@pytest.fixture(scope="module")
def published() -> MediationResult:
    return _published(PLACES)


def _published(at: tuple[str, ...]) -> MediationResult:
    return mediate(turning(), "y ~ market + market^2", "m", a_path="linear", cluster="region", draws=60, at=at)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(PLACES), max_size=4), st.permutations(PLACES))
def test_the_order_of_places_and_repeats_decide_nothing(
    published: MediationResult, more: list[str], order: list[str]
) -> None:
    other = _published((*order, *more))
    before, after = published["m"], other["m"]
    assert after.verdict == before.verdict
    assert after.suppression == before.suppression
    assert after.sentence == before.sentence
    assert verdict_sentence(other, {}) == verdict_sentence(published, {})
    assert after.sensitivity == before.sensitivity
    assert {i.place: i for i in after.indirect} == {i.place: i for i in before.indirect}
    assert len(after.indirect) == len(PLACES)


def test_a_direct_effect_that_turns_makes_the_verdict_mixed(published: MediationResult) -> None:
    """Without a square in the mediator's equation the indirect effect is the same everywhere, and the direct is not."""
    m = published["m"]
    assert len({i.estimate for i in m.indirect}) == 1
    assert m.verdict == "mixed"
    assert not m.suppression
    for i in m.indirect:
        assert i.p_holm == i.p_value  # one effect at all places is one test
        assert (i.sense, i.p_value) == ("rises and raises", max(i.p_a, m.b.p_value, i.p_draws))
    assert _published(("p10",))["m"].verdict == "partially mediated"
    assert _published(("p90",))["m"].verdict == "suppression"


def test_a_direct_slope_that_its_test_does_not_reject_has_no_sign() -> None:
    """Next to where the direct effect turns: on either side its slope is nothing, so it is not against the mediator."""
    direct = fit(turning(), "y ~ market + market^2 + m")
    turn = -direct["market"].estimate / (2 * direct["market^2"].estimate)
    for x in (turn - 0.001, turn + 0.001):
        assert _published((repr(x),))["m"].verdict == "partially mediated"


def test_the_sentence_has_what_is_found_at_each_place_with_its_p(published: MediationResult) -> None:
    m = published["m"]
    assert len(m.indirect) == 3
    for i in m.indirect:
        assert f"{i.estimate:.4g} [{i.conf_low:.4g}, {i.conf_high:.4g}], the mediator {i.sense}" in m.sentence
        assert f"(Holm p = {i.p_holm:.4f})" in m.sentence


def bent(a: float, bend: float, b: float, seed: int = 3) -> pl.DataFrame:
    """M = a x + bend x^2 + e, Y = x + b M + e in 30 regions: the path to M has slope a + 2 bend x."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(30), 40)
    x = rng.normal(size=1200)
    m = a * x + bend * x**2 + rng.normal(size=1200)
    return pl.DataFrame({"region": region, "market": x, "m": m, "y": x + b * m + rng.normal(size=1200)})


def through(rows: pl.DataFrame, **options: Any) -> MediationResult:
    given: dict[str, Any] = {"cluster": "region", "draws": 299} | options
    return mediate(rows, "y ~ market + market^2", "m", **given)


@pytest.mark.parametrize(
    ("a", "bend", "b", "senses"),
    [
        (1.0, 0.0, 0.6, ["rises and raises"] * 3),
        (-1.0, 0.0, -0.6, ["falls and lowers"] * 3),
        (1.0, 0.0, -0.6, ["rises and lowers"] * 3),
        (0.0, -0.5, 0.6, ["rises and raises", "falls and raises"]),
    ],
)
def test_every_place_says_how_the_mediator_moves_and_what_it_does(
    a: float, bend: float, b: float, senses: list[str]
) -> None:
    m = through(bent(a, bend, b), at=("p10", "p90") if bend else ("p10", "p50", "p90"))["m"]
    assert [i.sense for i in m.indirect] == senses
    assert m.verdict == ("mixed" if bend else "suppression" if a * b < 0 else "partially mediated")


@pytest.mark.parametrize("kind", ["percentile", "bca"])
def test_p_of_places_is_that_of_both_paths_and_the_product_adjusted_by_holm(kind: Any) -> None:
    result = through(bent(0.05, -0.06, 0.6, seed=8), interval=kind)
    m = result["m"]
    for i in m.indirect:
        assert i.p_a == pytest.approx(2 * stats.t.sf(abs(i.a / i.a_std_error), 29))
        assert i.p_value == max(i.p_a, m.b.p_value, i.p_draws)
        if abs(i.p_draws - 0.05) > 0.02:  # the p of the draws and their interval count alike, but for interpolation
            assert (i.p_draws < 0.05) == indirect.excludes_zero(i)
    own = [max(i.p_a, i.p_draws) for i in m.indirect]
    assert [i.p_holm for i in m.indirect] == [max(p, m.b.p_value) for p in holm(own)]
    assert m.at("market").p_holm is None


def test_a_share_is_given_only_where_the_total_slope_is_away_from_zero() -> None:
    """Y = M - x^2 turns at zero, where the total slope is nothing and a share of it would be anything."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=1200)
    m = 0.5 * x + rng.normal(size=1200)
    y = m - 0.5 * x - x**2 + rng.normal(size=1200)
    rows = pl.DataFrame({"region": np.repeat(np.arange(30), 40), "market": x, "m": m, "y": y})
    left = fit(rows, "y ~ market + market^2")["market"].estimate  # exactly nothing at zero, whatever the draw
    rows = rows.with_columns(y=pl.col("y") - left * pl.col("market"))
    result = through(rows, at=("p10", "0", "p90"))
    here, there = result["m"].at("0"), result["m"].at("p10")
    assert (here.share, here.share_low, here.share_high) == (None, None, None)
    assert there.share == pytest.approx(there.estimate / result.together[0].total)
    assert (result.together[1].share, result.together[1].share_low) == (None, None)
    assert result["m"].at("market").share is None
    assert "share - (the total slope is not away from zero)" in str(result)
    printed = mediation_table(result, {})
    cells = {r.key: r.cells[1:3] for r in printed.rows}
    assert cells["share.0"] == ("-", "")
    assert cells["share.p10"][0].endswith("%")
    assert any("only where the 95% interval of the total effect excludes zero" in note for note in printed.notes)
    assert "share" not in verdict_sentence(result, {})  # the table alone gives shares
    assert from_json(MediationResult, to_json(result))["m"].at("0").share is None
    tiny = mediation_table(replace(result, r2_gain=1.6e-7), {})
    assert any("adds less than 0.0001 to the within R-squared" in note for note in tiny.notes)


@pytest.mark.parametrize(("direct", "word"), [(-1.0, "suppression"), (1.0, "partially mediated"), (0.0, "mediated")])
def test_verdicts_on_made_data(direct: float, word: str) -> None:
    rng = np.random.default_rng(4)
    region = np.repeat(np.arange(30), 40)
    x = rng.normal(size=1200)
    m = x + rng.normal(size=1200)
    rows = pl.DataFrame({"region": region, "market": x, "m": m, "y": direct * x + 0.6 * m + rng.normal(size=1200)})
    if direct == 0.0:  # exactly nothing left, whatever the draw
        left = fit(rows, "y ~ market + m")["market"].estimate
        rows = rows.with_columns(y=pl.col("y") - left * pl.col("market"))
    found = mediate(rows, "y ~ market", "m", cluster="region", draws=300)["m"]
    assert found.verdict == word
    assert word in found.sentence
    assert [s.passed for s in found.steps] == [True, True, True, direct == 0.0]
    assert found.suppression == (word == "suppression")


def test_monte_carlo_interval() -> None:
    """With a and b far from zero the product is nearly normal: estimate -+ 1.96 standard errors (Aroian's)."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=2000)
    m = 0.8 * x + rng.normal(size=2000)
    rows = pl.DataFrame({"market": x, "m": m, "y": 0.5 * m + rng.normal(size=2000)})
    found = mediate(rows, "y ~ market", "m", interval="monte_carlo", draws=40_000)["m"].indirect[0]
    assert found.conf_high - found.conf_low == pytest.approx(2 * 1.96 * found.aroian.std_error, rel=0.03)
    assert math.isnan(found.share_low)


@pytest.mark.parametrize(("draws", "few"), [(118, True), (119, True), (120, False)])
def test_draws_that_can_establish_nothing_are_called_few(draws: int, few: bool) -> None:
    """With B draws and three places the smallest Holm-adjusted p is 6 / (B + 1), which must be below .05."""
    result = through(bent(1.0, -0.1, 0.6), draws=draws)
    assert any("are too few to establish an effect at 3 values" in note for note in result.notes) == few
    assert (max(i.p_holm or 0 for i in result["m"].indirect) >= 0.05) >= few


def test_row_order_does_not_matter() -> None:
    rows = table(7)
    one = mediate(rows, FORMULA, "skill", cluster="region", draws=50)
    other = mediate(rows.sample(fraction=1.0, shuffle=True, seed=1), FORMULA, "skill", cluster="region", draws=50)
    for a, b in zip(one["skill"].indirect, other["skill"].indirect, strict=True):
        assert (a.estimate, a.conf_low, a.conf_high) == pytest.approx((b.estimate, b.conf_low, b.conf_high), abs=1e-9)


def test_record_is_plain_and_printable() -> None:
    result = mediate(table(), FORMULA, ("skill", "schools"), cluster="region", draws=20)
    again = from_json(MediationResult, to_json(result))
    assert json.loads(to_json(again)) == json.loads(to_json(result))
    text = str(result)
    assert str(result).startswith(text)
    for part in ("skill:", "schools:", "Sobel z", "total - direct", "a-path on", "sequential ignorability"):
        assert part in text


@each(
    ("formula", "mediator", "options", "error", "match"),
    [
        (FORMULA, "scale", {"cluster": "region"}, UsageError, "in the equation already"),
        (FORMULA, ("skill", "skill"), {"cluster": "region"}, UsageError, "in the equation already"),
        (FORMULA, (), {"cluster": "region"}, UsageError, "no mediator"),
        (FORMULA, "skill", {}, UsageError, "one cluster variable is needed"),
        (FORMULA, "skill", {"cluster": "region + firm"}, UsageError, "one cluster variable is needed"),
        (FORMULA, "skill", {"cluster": "region", "treatment": "markt"}, UnknownName, "market"),
        (FORMULA, "skill", {"cluster": "region", "draw": 3}, UnknownName, "draws"),
        (FORMULA, "skill", {"cluster": "region", "at": ("p150",)}, UsageError, "no percentile"),
        (FORMULA, "skill", {"cluster": "region", "at": ("low",)}, UsageError, "neither a percentile"),
        (FORMULA, "skill", {"cluster": "region", "at": ("nan",)}, UsageError, "neither a percentile"),
        (FORMULA, "skill", {"cluster": "region", "at": ("inf",)}, UsageError, "neither a percentile"),
        (FORMULA, "skill", {"cluster": "region", "at": ("1e400",)}, UsageError, "neither a percentile"),
        (FORMULA, "skill", {"cluster": "region", "at": ("pnan",)}, UsageError, "neither a percentile"),
        (FORMULA, "skill", {"cluster": "region", "at": ()}, UsageError, "no value at which"),
        (FORMULA, "skill", {"cluster": "region", "at": "low"}, UsageError, "'low' is neither"),
        ("y ~ market + market:scale | firm", "skill", {"cluster": "region"}, UsageError, "market:scale"),
        ("y ~ scale | firm | market ~ z1", "skill", {"cluster": "region"}, UsageError, "instruments"),
        ("y ~ market | firm + region^year", "skill", {"cluster": "region"}, NotIdentified, "market"),
        ("y ~ market | firm + region^year", "schools", {"cluster": "region"}, NotIdentified, "dropped|no reg"),
    ],
)
def test_refusals(formula: str, mediator: Any, options: dict[str, Any], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        mediate(table(), formula, mediator, **options)


def test_one_place_is_a_text_or_a_number() -> None:
    def places(at: Any) -> Any:
        return mediate(table(), FORMULA, "skill", cluster="region", draws=9, at=at).mediators[0].indirect

    assert repr(places("p50")) == repr(places(("p50",)))
    assert repr(places((4.1,))) == repr(places(("4.1",)))


def test_a_p_equal_to_the_size_of_the_test_establishes_nothing() -> None:
    """With 119 draws the smallest p over three places is 3 * 2 / 120 = .05, and 1 - .95 is a little above .05."""
    effect = mediate(table(), FORMULA, "schools", cluster="region", draws=19).mediators[0].indirect[0]
    places = [replace(effect, a=1.0 + i, estimate=1.0 + i, p_a=0.001, p_draws=2 / 120) for i in range(3)]
    found = indirect.over_places(places, 0.001, 0.95)
    assert [e.p_holm for e in found] == [pytest.approx(0.05, abs=1e-15)] * 3
    assert [e.sense for e in found] == ["open"] * 3
    clear = indirect.over_places([replace(e, p_draws=2 / 130) for e in places], 0.001, 0.95)
    assert "open" not in [e.sense for e in clear]
