"""Each variant against the regression made by hand, leave-one-out against refits, Poisson against dense dummies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from integrade.errors import NotIdentified, UnknownName, UsageError
from integrade.estimate.contrasts import joint_test
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit
from integrade.estimate.quasi import ppml
from integrade.panel.outliers import winsorise
from integrade.subjects.robustness.alternatives import GROUP
from integrade.subjects.robustness.model import Variant, robustness
from integrade.subjects.robustness.tables import change_name
from integrade.verdicts.naming import INDUSTRIES
from panels import dummies
from panels import panel as small_panel
from plainwords.texts import say

FORMULA = "y ~ market + market^2 + scale | firm + year"
CR3 = Fit(cluster="region", vcov="CR3")


def table(seed: int = 1, **more: int) -> pl.DataFrame:
    made = small_panel(seed, firms=120, **more)
    low = made["y"].min()
    return made.with_columns(
        q=(pl.col("y") - low) / (made["y"].max() - low), other=pl.col("market") * 1.1 + pl.col("year") % 3 * 0.01
    )


def one(panel: pl.DataFrame, check: str, formula: str = FORMULA, **changes: object) -> Variant:
    found = robustness(panel, formula, "market", checks=(check,), **changes)
    assert found[0].family == "baseline"
    assert len(found) == 2
    return found[1]


def same(variant: Variant, expected, treatment: str = "market") -> None:
    """The numbers of a variant are those of a fit."""
    test = u_test(expected, treatment)
    assert (variant.b1, variant.se1) == pytest.approx((expected[treatment].estimate, expected[treatment].std_error))
    square = expected[f"{treatment}^2"]
    assert (variant.b2, variant.se2) == pytest.approx((square.estimate, square.std_error))
    assert (variant.turning_point, variant.u_test_p) == pytest.approx((test.turning_point, test.p_value))
    assert variant.share_past == pytest.approx(test.share_past)
    assert variant.shape == test.shape
    assert [s[0] for s in variant.slopes] == ["p10", "p50", "p90"]
    slopes = [s[1:] for s in test.slopes if s[0] in ("p10", "p50", "p90")]
    assert np.array([s[1:] for s in variant.slopes]) == pytest.approx(np.array(slopes))
    assert variant.nobs == expected.nobs


def test_baseline_and_options_of_the_fit() -> None:
    panel = table()
    same(robustness(panel, FORMULA, "market", checks=())[0], fit(panel, FORMULA, CR3))
    same(robustness(panel, FORMULA, "market", checks=(), vcov="HC1", cluster=None)[0], fit(panel, FORMULA, vcov="HC1"))
    linear = robustness(panel, "y ~ market + scale | firm + year", "market", checks=())[0]
    assert linear.b2 is None
    assert linear.slopes == ()
    assert linear.b1 == pytest.approx(fit(panel, "y ~ market + scale | firm + year")["market"].estimate)


def test_balanced_panel() -> None:
    panel = table().with_columns(scale=pl.when(pl.col("firm") != "F003").then("scale"))  # a row lost is a year lost
    sample = panel.drop_nulls()
    full = sample.filter(pl.len().over("firm") == 6)
    assert 0 < full.height < sample.height
    same(one(panel, "balanced"), fit(full, FORMULA, CR3))
    holes = panel.filter(pl.col("firm").str.slice(1).cast(int) % 6 != pl.col("year") - 2000)
    assert one(holes, "balanced").note == "no firm is observed in all 6 years"


@pytest.mark.parametrize("weights", [None, "weight"])
@pytest.mark.parametrize("column", ["region", "year", "industry"])
def test_leaving_out_is_refitting(column: str, weights: str | None) -> None:
    panel = table(2)
    found = one(panel, "leave_out", leave_out=(column,), weights=weights)
    base = fit(panel, FORMULA, replace(CR3, weights=weights))
    places = {where: x for where, x, *_ in u_test(base, "market").slopes}
    terms = ["market", "market^2"]
    v = np.array([[base.covariance(a, b) for b in terms] for a in terms])
    refits, distance = {}, {}
    for level in sorted(panel[column].unique()):
        refits[str(level)] = other = fit(panel.filter(pl.col(column) != level), FORMULA, replace(CR3, weights=weights))
        away = np.array([other[t].estimate - base[t].estimate for t in terms])
        distance[str(level)] = away @ np.linalg.solve(v, away)
    worst = max(distance, key=lambda level: distance[level])
    assert found.label == f"without {column} {worst}"
    same(found, refits[worst])
    made = {
        "market": lambda f: f["market"].estimate,
        "market^2": lambda f: f["market^2"].estimate,
        "turning point": lambda f: -f["market"].estimate / 2 / f["market^2"].estimate,
        "slope at p50": lambda f: f["market"].estimate + 2 * places["p50"] * f["market^2"].estimate,
    }
    by_name = {r.quantity: r for r in found.ranges}
    assert set(made) < set(by_name)
    for name, value in made.items():
        values = {level: value(f) for level, f in refits.items()}
        low, high = min(values, key=lambda k: values[k]), max(values, key=lambda k: values[k])
        r = by_name[name]
        assert (r.low_without, r.high_without) == (low, high)
        assert (r.low, r.high) == pytest.approx((values[low], values[high]), rel=1e-6)


def test_leaving_out_with_instruments() -> None:
    panel = table(3)
    formula = "y ~ market + scale | firm + year | x ~ z1 + z2"
    found = robustness(panel, formula, "x", checks=("leave_out",), leave_out=("region",))[1]
    refits = {r: fit(panel.filter(pl.col("region") != r), formula)["x"].estimate for r in panel["region"].unique()}
    assert found.ranges[0].low == pytest.approx(min(refits.values()), rel=1e-6)
    assert refits[found.ranges[0].high_without] == pytest.approx(max(refits.values()), rel=1e-6)


def test_leaving_out_what_is_needed_says_so() -> None:
    panel = table(4).with_columns(special=pl.when(pl.col("region") == "R0").then(pl.col("z1")).otherwise(0.0))
    found = one(panel, "leave_out", "y ~ market + market^2 + special | firm + year", leave_out=("region",))
    assert found.note == "1 of 9 levels cannot be left out, because a coefficient is then not identified"
    lacking = one(panel, "leave_out", leave_out=("ward",))
    assert lacking.b1 is None
    assert "no column 'ward'" in lacking.note


def test_winsor_grid_cuts_outcome_and_controls_of_the_sample() -> None:
    panel = table(5)
    found = robustness(panel, FORMULA, "market", checks=("winsor",), winsor=((5, 95), (10, 90)))
    kept = panel.filter(pl.len().over("firm") > 1)
    for variant, cuts in zip(found[1:], ((5, 95), (10, 90)), strict=True):
        same(variant, fit(winsorise(kept, ["y", "scale"], cuts=cuts), FORMULA, CR3))
    assert found[1].label == "p5-p95"
    assert found[1].b1 != found[0].b1


def test_more_effects() -> None:
    panel = table(6)
    found = robustness(
        panel, FORMULA, "market", checks=("effects",), effects=("region", "industry^year", "year", "nope")
    )
    same(found[1], fit(panel, "y ~ market + market^2 + scale | firm + year + region", CR3))
    same(found[2], fit(panel, "y ~ market + market^2 + scale | firm + year + industry^year", CR3))
    assert found[2].formula == "y ~ market + market^2 + scale | firm + year + industry^year"
    assert [v.note.split(":")[0] for v in found[3:]] == ["already in the formula", "no column 'nope' in the panel"]
    absorbed = one(panel, "effects", effects=("region^year",))
    assert absorbed.b1 is None
    assert "'market' was dropped" in absorbed.note


def test_usual_effects_are_those_that_the_panel_can_have() -> None:
    panel = table(6)
    tried = [v.label for v in robustness(panel, FORMULA, "market", checks=("effects",))[1:]]
    assert tried == ["region", "industry^year"]
    staying = panel.with_columns(pl.col("region").first().over("firm"))
    tried = [v.label for v in robustness(staying, FORMULA, "market", checks=("effects",))[1:]]
    assert tried == ["industry^year"], "firms stay in their regions, so effects of regions change nothing"
    lacking = robustness(panel.drop("industry"), FORMULA, "market", checks=("effects",))[1:]
    assert [(v.label, v.note) for v in lacking] == [("region", "")]
    (asked,) = robustness(panel.drop("industry"), FORMULA, "market", checks=("effects",), effects=("industry^year",))[
        1:
    ]
    assert asked.note.startswith("no column 'industry' in the panel")


def test_an_industry_that_is_left_out_has_one_name() -> None:
    """It was "industry 24" in the name of the change and by its words in the remark."""
    label = say("models_samples.without", column="industry", level="24")
    found = Variant("leave-one-out", label, "", "")
    named = change_name(found, {INDUSTRIES: "GB/T 4754-2002"})
    assert named == "leave-one-out: without Articles for culture, education and sport"
    assert change_name(found, {}) == "leave-one-out: without industry 24"


def test_groups_of_provinces() -> None:
    names = ["北京市", "Hebei", "四川省", "Hunan", "Shanxi", "Yunnan", "广东", "Jilin", "Gansu"]
    groups = ["East", "East", "West", "Central", "Central", "West", "East", "Central", "West"]
    panel = table(7).with_columns(pl.col("region").replace_strict({f"R{i}": n for i, n in enumerate(names)}))
    marked = panel.with_columns(part=pl.col("region").replace_strict(dict(zip(names, groups, strict=True))))
    found = one(panel, "effects", effects=("group^year",))
    same(found, fit(marked, "y ~ market + market^2 + scale | firm + year + part^year", CR3))
    assert found.label == "areas^year"
    assert change_name(found, {}) == "effects added: area (East, Central, West) × year"
    own = one(marked.rename({"part": GROUP}), "effects", effects=("group^year",))
    assert change_name(own, {"group": "Business group"}) == "effects added: Business group × year"
    same(own, fit(marked, "y ~ market + market^2 + scale | firm + year + part^year", CR3))
    assert "not all its regions are provinces" in one(table(7), "effects", effects=("group^year",)).note


def test_weights_outcomes_and_indices() -> None:
    panel = table(8)
    found = robustness(
        panel,
        FORMULA,
        "market",
        checks=("weights", "outcomes", "indices"),
        weight_columns=("weight", "value"),
        outcomes=("q",),
        indices=("other", "none"),
    )
    same(found[1], fit(panel, FORMULA, replace(CR3, weights="weight")))
    assert "no column 'value'" in found[2].note
    same(found[3], fit(panel, "q ~ market + market^2 + scale | firm + year", CR3))
    same(found[4], fit(panel, "y ~ other + other^2 + scale | firm + year", CR3), "other")
    assert found[4].formula == "y ~ other + other^2 + scale | firm + year"
    assert found[5].b1 is None


def test_lead_placebo_follows_the_calendar() -> None:
    panel = table(9).filter(pl.col("year") != 2003)
    series = panel.select("region", "year", "market").unique()
    ahead = series.with_columns(pl.col("year") - 1).rename({"market": "next"})
    joined = panel.join(ahead, on=["region", "year"], how="left")
    expected = fit(joined, "y ~ market + market^2 + scale + next + next^2 | firm + year", CR3)
    found = one(panel, "placebo")
    same(found, expected)
    assert found.joint_p == pytest.approx(joint_test(expected, ["next", "next^2"]).p_value)
    assert 2002 not in joined.drop_nulls()["year"].to_list()
    assert "differs within" in robustness(panel, "y ~ x + scale | firm + year", "x", checks=("placebo",))[1].note


def test_the_placebo_alone_has_the_wild_p_of_the_terms_of_the_next_year() -> None:
    panel = table(9)
    drawn = Fit(cluster="region", vcov="CR3", wild=299)
    ahead = panel.select("region", "year", "market").unique().with_columns(pl.col("year") - 1)
    joined = panel.join(ahead.rename({"market": "next"}), on=["region", "year"], how="left")
    formula = "y ~ market + market^2 + scale + next + next^2 | firm + year"
    expected = fit(joined, formula, replace(drawn, wild_joint="next + next^2"))
    wild = next(w.p_value for w in expected.wild if w.null == "next + next^2")
    baseline, *others, placebo = robustness(panel, FORMULA, "market", checks=("winsor", "placebo"), fit=drawn)
    assert placebo.wild_p == pytest.approx(wild, abs=1e-12)
    assert placebo.wild_p != placebo.joint_p
    assert [v.wild_p for v in (baseline, *others)] == [None] * 4
    assert f"wild {placebo.wild_p:.4f}" in str(placebo)
    assert one(panel, "placebo").wild_p is None


def test_cells_give_the_same_slopes_where_nothing_varies_within_them() -> None:
    """METHODS 5.12: without controls, weighted by rows and with cell effects the slopes are exactly equal."""
    panel = table(10)
    formula = "y ~ market + market^2 | region + year"
    firms, cells = robustness(panel, formula, "market", checks=("collapsed",))
    assert (cells.b1, cells.b2) == pytest.approx((firms.b1, firms.b2), rel=1e-9)
    assert cells.nobs == panel.select("region", "year").unique().height
    assert cells.nobs < firms.nobs


def test_cells_hold_means_of_terms() -> None:
    panel = table(11)
    found = one(panel, "collapsed", "q ~ market + market^2 + ln(age) + scale^2 | firm + year")
    kept = panel.filter(pl.len().over("firm") > 1)
    means = kept.group_by("region", "year").agg(
        pl.col("q", "market").mean(), la=pl.col("age").log().mean(), ss=(pl.col("scale") ** 2).mean(), n=pl.len()
    )
    same(found, fit(means, "q ~ market + market^2 + la + ss | region + year", replace(CR3, weights="n")))
    assert "instruments or weights" in one(panel, "collapsed", weights="weight").note


def poisson_by_dummies(y: np.ndarray, x: np.ndarray, effects: list[np.ndarray], clusters: np.ndarray):
    """Newton on all dummies, and the sandwich."""
    z = np.hstack([x, dummies(effects[0]), *(dummies(e)[:, 1:] for e in effects[1:])])
    scale = np.abs(z).max(axis=0)
    z = z / scale
    b = np.linalg.lstsq(z, np.log(y + 0.1), rcond=None)[0]
    for _ in range(100):
        mu = np.exp(z @ b)
        b = b + np.linalg.solve(z.T @ (z * mu[:, None]), z.T @ (y - mu))
    mu = np.exp(z @ b)
    bread = np.linalg.inv(z.T @ (z * mu[:, None]))
    scores = np.array([z[clusters == g].T @ (y - mu)[clusters == g] for g in np.unique(clusters)])
    groups = len(scores)
    k = x.shape[1]
    vcov = groups / (groups - 1) * bread @ scores.T @ scores @ bread / np.outer(scale, scale)
    return (b / scale)[:k], vcov[:k, :k]


def test_poisson_by_dense_dummies() -> None:
    panel = table(12)
    formula = "q ~ market + market^2 + scale | firm + year"
    kept = panel.filter(pl.len().over("firm") > 1)
    x = np.column_stack([kept["market"], kept["market"] ** 2, kept["scale"]])
    codes = [kept[c].rank("dense").to_numpy() for c in ("firm", "year", "region")]
    b, vcov = poisson_by_dummies(kept["q"].to_numpy(), x, codes[:2], codes[2])
    found = ppml(panel, formula, Fit(cluster="region"))
    assert [c.estimate for c in found.coefficients] == pytest.approx(b.tolist(), rel=1e-8)
    assert [c.std_error for c in found.coefficients] == pytest.approx(np.sqrt(np.diag(vcov)).tolist(), rel=1e-7)
    assert found.df_t == 8
    variant = one(panel, "poisson", formula)
    same(variant, ppml(panel, formula, CR3))
    assert "CR3" in variant.note
    assert "average marginal effect of market" in variant.note


def test_poisson_drops_levels_without_outcome_and_refuses_negative_ones() -> None:
    panel = table(13)
    formula = "q ~ market + scale | firm + year"
    zero = panel.with_columns(q=pl.when(pl.col("firm") == "F007").then(0.0).otherwise("q"))
    found, expected = ppml(zero, formula, CR3), ppml(panel.filter(pl.col("firm") != "F007"), formula, CR3)
    assert found["market"].estimate == pytest.approx(expected["market"].estimate, rel=1e-8)
    assert f"{panel.filter(pl.col('firm') == 'F007').height} rows dropped" in " ".join(found.notes)
    assert "negative values" in one(panel.with_columns(pl.col("y") - 100), "poisson").note


def test_a_fractional_logit_needs_an_outcome_from_0_to_1() -> None:
    panel = table(14)
    assert "values outside 0 to 1" in one(panel, "fractional", "y ~ market + market^2 | firm + year").note
    formula = "share ~ market + market^2 | firm + year"
    shares = panel.with_columns(share=pl.col("q") / (1 + pl.col("q")))
    variant = one(shares, "fractional", formula)
    same(variant, fit(shares, formula, CR3, model="fractional"))
    assert "rows per fixed effect: firm" in variant.note


def test_row_order_and_summary() -> None:
    panel = table(15)
    checks = ("balanced", "leave_out", "winsor", "effects", "placebo", "collapsed")
    a = robustness(panel, FORMULA, "market", checks=checks)
    b = robustness(panel.sample(fraction=1, shuffle=True, seed=3), FORMULA, "market", checks=checks)
    for one_way, other_way in zip(a, b, strict=True):
        assert one_way.label == other_way.label
        assert one_way.nobs == other_way.nobs
        if one_way.b1 is not None:
            assert other_way.b2 == pytest.approx(one_way.b2, rel=1e-6)
    text = str(a)
    assert text.splitlines()[2].startswith("baseline")
    assert "(without R" in text
    assert "terms of the next year, jointly: p = " in text
    assert "not all its regions are provinces" not in text  # nobody asked for effects of groups of provinces


def test_errors() -> None:
    panel = table()
    with pytest.raises(UsageError, match="did you mean 'winsor'"):
        robustness(panel, FORMULA, "market", checks=("winsr",))
    with pytest.raises(UnknownName, match="did you mean 'market'"):
        robustness(panel, FORMULA, "markt")
    with pytest.raises(NotIdentified, match="was dropped"):
        robustness(panel, "y ~ market + market^2 + scale | firm + region^year", "market")
    with pytest.raises(UnknownName, match="unknown option"):
        robustness(panel, FORMULA, "market", winsr=1)
