"""Figures of results draw the numbers of their records, and say what they leave out; none ends in a traceback."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

import integrade as ig
from integrade.estimate.contrasts import combination
from integrade.regress import weak
from integrade.regress.students import t_quantile
from integrade.report.forest import ForestRow, forest
from integrade.subjects.groups.figures import heterogeneity_figure, place
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.groups.strength import steepness
from integrade.subjects.groups.verdict import overall
from integrade.subjects.instruments.weak_iv import ARSet
from integrade.subjects.robustness.model import Variants
from integrade.verdicts.moves import effect_of_move
from integrade.verdicts.naming import fieller_pieces
from integrade.wording.numerals import p_equals
from panels import panel
from plainwords.texts import speaking

FORMULA = "y ~ market + market^2 + scale | firm + year"
ROWS = panel(8, firms=160, years=8).with_columns(
    half=pl.when(pl.col("age") > 5).then(pl.lit("old")).otherwise(None), y=pl.col("y") - 6 * (pl.col("market") - 4) ** 2
)
SPLIT = ROWS.with_columns(kind=pl.when(pl.col("firm") < "F080").then(pl.lit("a")).otherwise(pl.lit("b")))
BASE = ig.fit(ROWS, FORMULA, cluster="region", vcov="CR3")


def values(chart: Any, *keys: str) -> list[dict[str, Any]]:
    """The rows of a figure that have these columns."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows if set(keys) <= set(row)]


def subtitle(chart: Any) -> str:
    return " ".join(chart.to_dict()["title"]["subtitle"])


@pytest.fixture(scope="module")
def compared() -> ig.results.GroupComparison:
    return ig.compare_groups(SPLIT, FORMULA, "kind", cluster="region", treatment="market", permutations=0)


@pytest.fixture(scope="module")
def variants() -> Variants:
    checks = ("balanced", "leave_out", "winsor", "outcomes", "placebo", "collapsed")
    return ig.robustness(ROWS, FORMULA, "market", checks=checks, outcomes=("x",), cluster="region")


# groups


def test_a_forest_of_groups_has_the_slope_of_each_group_at_one_value(compared: Any) -> None:
    chart = ig.plot.groups(compared, BASE)
    drawn = {r["name"]: r for r in values(chart, "estimate")}
    at, _ = place(compared, BASE)
    assert compared.middle[0] <= at <= compared.middle[1]
    for name, fit in [*((g.group, g.fit) for g in compared.groups), ("All groups", BASE)]:
        slope = combination(fit, {"market": 1.0, "market^2": 2 * at}, "slope")
        row = drawn[name]
        assert row["n"] == fit.nobs
        assert (row["estimate"], row["low"], row["high"]) == pytest.approx(
            (slope.estimate, slope.conf_low, slope.conf_high)
        )
        assert row["marked"] == (name == "All groups")
    said = subtitle(chart)
    assert "Slopes are evaluated at the median of the treatment" in said
    assert f"Joint test of equal effects of the treatment across groups: p = {joint_p(compared):.4f}" in said
    assert f"= {at:.3f}" in str(chart.to_dict())


def joint_p(found: Any) -> float:
    return float(found.joint[0].test.p_value)


def test_the_slopes_stand_where_all_groups_have_rows(compared: Any) -> None:
    low, high = compared.middle
    moved = replace(compared, middle=(high, high + 2))
    assert "Slopes are evaluated at the middle of the treatment range that all groups share" in subtitle(
        ig.plot.groups(moved, BASE)
    )
    bare = replace(BASE, spreads=())
    assert "Slopes are evaluated at the middle" in subtitle(ig.plot.groups(compared, bare))
    with pytest.raises(ig.errors.EmptyTable, match="share no range of 'market'"):
        ig.plot.groups(replace(compared, middle=(high, low)), BASE)


def test_the_errors_and_rows_of_a_forest_are_those_of_its_rows(compared: Any) -> None:
    a, b = compared.groups
    own = "each group's own regression, CR3 (jackknife) standard errors clustered by region"
    assert own in subtitle(ig.plot.groups(compared))
    fewer = replace(a, fit=replace(a.fit, clusters={"region": 4}))
    said = subtitle(ig.plot.groups(replace(compared, groups=(fewer, b)), BASE))
    most = b.fit.clusters["region"]
    assert f"own regression, CR3 (jackknife) standard errors clustered by region (4 to {most} clusters)" in said
    assert "The diamond uses" not in said
    other = replace(a, fit=replace(a.fit, kind="CR1"))
    assert "(a: CR1 standard errors clustered by region" in subtitle(
        ig.plot.groups(replace(compared, groups=(other, b)))
    )
    said = subtitle(ig.plot.groups(compared, replace(BASE, kind="CR1", nobs=BASE.nobs + 7)))
    assert f"The diamond uses {BASE.nobs + 7:,} rows. The groups use {BASE.nobs:,} rows in total" in said


def test_the_test_of_a_forest_is_of_what_it_draws(compared: Any) -> None:
    turn, steep = compared.turning_points[0].p_value, compared.stronger[0].p_value
    square = compared.difference("market^2", "a", "b").p_value
    for target, p in (("turning_point", turn), ("steepness", steep), ("market^2", square)):
        assert f"Test of equality: a and b p = {p:.4f}" in subtitle(ig.plot.groups(compared, target=target))
    line = ig.compare_groups(SPLIT, "y ~ x + scale | firm + year", "kind", treatment="x", permutations=0)
    chart = ig.plot.groups(line)
    assert [r["estimate"] for r in values(chart, "estimate")] == [g.fit["x"].estimate for g in line.groups]
    assert f"Test of equal coefficients across groups: p = {joint_p(line):.4f}" in subtitle(chart)


def test_a_mean_of_absolute_slopes_is_called_one_and_is_not_below_zero(compared: Any) -> None:
    low = tuple(replace(s, conf_low=-1.0) for s in compared.strengths)
    chart = ig.plot.groups(replace(compared, strengths=low), BASE, "steepness")
    drawn = {r["name"]: r for r in values(chart, "estimate")}
    assert [drawn[s.name]["low"] for s in low] == [0.0, 0.0]
    assert drawn["All groups"]["estimate"] == pytest.approx(
        steepness(BASE["market"].estimate, BASE["market^2"].estimate, *compared.middle)[0]
    )
    assert "Mean absolute slope" in str(chart.to_dict())
    assert "is not a 95% interval" in subtitle(chart)
    assert not values(chart, "x") or {"x": 0.0} not in values(chart, "x")


def test_other_targets_are_those_of_each_group(compared: Any) -> None:
    turns = {r["name"]: r for r in values(ig.plot.groups(compared, BASE, "turning_point"), "estimate")}
    scale = {r["name"]: r for r in values(ig.plot.groups(compared, BASE, "scale"), "estimate")}
    for g in compared.groups:
        assert turns[g.group]["estimate"] == g.u_test.turning_point
        assert (turns[g.group]["low"] is None) == (g.u_test.fieller_kind != "interval")
        assert scale[g.group]["low"] == g.fit["scale"].conf_low
    assert scale["All groups"]["high"] == BASE["scale"].conf_high
    with pytest.raises(ig.errors.UnknownName, match="did you mean 'scale'"):
        ig.plot.groups(compared, target="scales")
    with pytest.raises(ig.errors.EmptyTable, match="share too little"):
        ig.plot.groups(replace(compared, strengths=()), target="steepness")


def test_one_group_and_estimates_without_errors_are_drawn(compared: Any) -> None:
    one = replace(compared, groups=compared.groups[:1], strengths=compared.strengths[:1], joint=(), overall=None)
    assert "groups cannot be compared" in subtitle(ig.plot.groups(one))
    bare = [replace(s, std_error=math.nan, conf_low=math.nan, conf_high=math.nan) for s in compared.strengths]
    chart = ig.plot.groups(replace(compared, strengths=tuple(bare)), target="steepness")
    assert not values(chart, "open_left")
    assert len(values(chart, "estimate")) == 2
    chart.to_dict()
    gone = [replace(s, estimate=math.nan) for s in compared.strengths]
    with pytest.raises(ig.errors.EmptyTable):
        ig.plot.groups(replace(compared, strengths=tuple(gone)), target="steepness")


def test_heterogeneity_is_the_move_of_the_headline_in_every_group_of_every_split(compared: Any) -> None:
    """With few rows in common the groups are hollow, because the move leaves the data of some."""
    apart = replace(compared, shared=0.02)
    splits = [GroupSplit("column", "kind", compared), GroupSplit("column", "other", apart)]
    chart = heterogeneity_figure(splits, BASE)
    sd = BASE.deviations["y"]
    whole = effect_of_move(BASE, BASE, "market")
    assert whole is not None
    drawn = values(chart, "estimate")
    assert [r["marked"] for r in drawn] == [True, *[False] * 4]
    assert drawn[0]["estimate"] == pytest.approx(whole.estimate / sd)
    weights = {"market": whole.end - whole.start, "market^2": whole.end**2 - whole.start**2}
    for row, group in zip(drawn[1:], [*compared.groups, *compared.groups], strict=True):
        c = combination(group.fit, weights, "move")
        assert (row["estimate"], row["low"]) == pytest.approx((c.estimate / sd, c.conf_low / sd))
        assert row["n"] == group.fit.nobs
    assert [r["hollow"] for r in drawn] == [False] * 3 + [True] * 2
    p = p_equals(overall(splits[0]).p)
    assert [r["heading"] for r in values(chart, "heading")] == [f"{n} (equal effects: {p})" for n in ("Kind", "Other")]
    heads = [r["at"] for r in values(chart, "heading")]
    rows = [r["at"] for r in drawn]
    assert rows[0] < heads[0] < rows[1] < rows[2] < heads[1] < rows[3]
    assert "Hollow" in subtitle(chart)
    assert "Hollow" not in subtitle(heterogeneity_figure(splits[:1], BASE))
    with pytest.raises(ig.errors.EmptyTable):
        heterogeneity_figure([], BASE)


# robustness


def test_a_forest_of_robustness_has_the_numbers_of_each_variant(variants: Variants) -> None:
    chart = ig.plot.robustness(variants, "market")
    drawn = values(chart, "estimate")
    shown = [v for v in variants if v.turning_point is not None and v.family not in ("placebo", "index")]
    assert [r["estimate"] for r in drawn] == [v.turning_point for v in shown]
    assert [r["n"] for r in drawn] == [v.nobs for v in shown]
    assert [r["marked"] for r in drawn] == [True] + [False] * (len(shown) - 1)
    for row, v in zip(drawn, shown, strict=True):
        if v.fieller_kind == "interval":
            assert (row["low"], row["high"]) == (v.fieller_low, v.fieller_high)
    test = ig.u_test(BASE, "market")
    assert test.fieller_kind == "interval"
    assert (variants[0].fieller_low, variants[0].fieller_high) == pytest.approx((test.fieller_low, test.fieller_high))
    lost = sum(v.turning_point is None for v in variants if v.family not in ("placebo", "index"))
    assert (f"{lost} change" in subtitle(chart)) == (lost > 0)


def test_slopes_have_intervals_from_t_and_other_units_are_counted(variants: Variants) -> None:
    chart = ig.plot.robustness(variants, "market", "p50")
    first, v = values(chart, "estimate")[0], variants[0]
    where, _, slope, error = v.slopes[1]
    assert where == "p50"
    assert v.basis is not None
    assert first["estimate"] == slope
    assert first["high"] == pytest.approx(slope + t_quantile(0.975, v.basis.df_t) * error)
    assert "1 change in other units" in subtitle(chart)
    plain = values(ig.plot.robustness(variants, "market", "coefficient"), "estimate")[0]
    assert (plain["estimate"], plain["low"]) == pytest.approx((BASE["market"].estimate, BASE["market"].conf_low))
    with pytest.raises(ig.errors.UnknownName):
        ig.plot.robustness(variants, "market", "p51")
    with pytest.raises(ig.errors.EmptyTable):
        ig.plot.robustness(Variants(()), "market")


def test_intervals_under_cr2_are_those_of_the_regression() -> None:
    """Satterthwaite's degrees of freedom are those of the term, or of the combination, not clusters less one."""
    found = ig.robustness(ROWS, FORMULA, "market", checks=("winsor",), winsor=((1, 99),), cluster="region", vcov="CR2")
    base = ig.fit(ROWS, FORMULA, cluster="region", vcov="CR2")
    drawn = values(ig.plot.robustness(found, "market", "coefficient"), "estimate")[0]
    assert (drawn["low"], drawn["high"]) == pytest.approx((base["market"].conf_low, base["market"].conf_high))
    slope = values(ig.plot.robustness(found, "market", "p50"), "estimate")[0]
    at = next(x for where, x, *_ in found[0].slopes if where == "p50")
    own = combination(base, {"market": 1.0, "market^2": 2 * at}, "slope")
    assert (slope["low"], slope["high"]) == pytest.approx((own.conf_low, own.conf_high))


def test_without_a_square_it_is_the_coefficient() -> None:
    found = ig.robustness(ROWS, "y ~ x + scale | firm + year", "x", checks=("leave_out",), cluster="region")
    assert values(ig.plot.robustness(found, "x"), "estimate")[0]["estimate"] == found[0].b1
    drawn = values(ig.plot.leave_one_out(found, "x"), "influence")
    assert {r["estimate"] for r in drawn} == {w.b1 for w in found[1].each}


def test_leaving_out_each_cluster_is_the_regression_without_it(variants: Variants) -> None:
    chart = ig.plot.leave_one_out(variants, "market")
    drawn = {r["name"]: r for r in values(chart, "influence")}
    assert sorted(drawn) == sorted(ROWS["region"].unique())
    for name in ("R0", "R5"):
        own = ig.u_test(ig.fit(ROWS.filter(pl.col("region") != name), FORMULA, cluster="region"), "market")
        assert drawn[name]["estimate"] == pytest.approx(own.turning_point, rel=1e-6)
    worst = max(drawn.values(), key=lambda r: r["influence"])
    assert worst["worst"]
    assert sum(r["worst"] for r in drawn.values()) == 1
    assert f"Orange: {worst['name']}" in subtitle(chart)
    left = next(v for v in variants if v.column == "region")
    assert worst["name"] in left.label
    with pytest.raises(ig.errors.UnknownName, match="did you mean 'region'"):
        ig.plot.leave_one_out(variants, "market", "regions")


def test_the_level_that_moves_the_estimate_most_is_named_beside_the_most_influential(variants: Variants) -> None:
    first, left = variants[0], next(v for v in variants if v.column == "region")
    assert first.turning_point is not None
    (a, b), rest = left.each[:2], left.each[2:]
    near, far = first.turning_point + 0.001, first.turning_point + 9.0
    for moved, said in (
        ((near, far), "the most influential by Cook's distance. Leaving out R1 changes the estimate most"),
        ((far, near), "the most influential by Cook's distance. Leaving out R0 also changes the estimate most"),
    ):
        two = (replace(a, turning_point=moved[0], influence=9e9), replace(b, turning_point=moved[1]))
        chart = ig.plot.leave_one_out(Variants((first, replace(left, each=(*two, *rest)))), "market")
        assert f"Orange: {a.level}" in subtitle(chart)
        assert said in subtitle(chart)


@pytest.mark.parametrize("kind", ["interval", "two_rays"])
def test_a_far_interval_leaves_the_points_readable(variants: Variants, kind: str) -> None:
    """The points take at least a third of the axis, however wide the interval of the whole sample is."""
    first = replace(variants.variants[0], fieller_kind=kind, fieller_low=-400.0, fieller_high=900.0)
    chart = ig.plot.leave_one_out(Variants((first, *variants.variants[1:])), "market")
    at = [r["estimate"] for r in values(chart, "influence")] + [first.turning_point]
    low, high = chart.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < min(at) <= max(at) < high
    assert max(at) - min(at) > (high - low) / 4
    assert all(low <= r["a"] < r["b"] <= high for r in values(chart, "a", "b"))


def test_levels_that_are_not_identified_and_many_levels_are_said(variants: Variants) -> None:
    at = next(i for i, v in enumerate(variants) if v.column == "region")
    left = variants[at]
    lost = replace(left, each=(*left.each[1:], replace(left.each[0], b1=None, b2=None, turning_point=None)))
    chart = ig.plot.leave_one_out(Variants((*variants.variants[:at], lost)), "market")
    assert "The estimate is not identified if 1 unit is left out" in subtitle(chart)
    many = tuple(
        replace(left.each[0], level=f"L{i}", turning_point=4 + i / 99, influence=-abs(i - 50)) for i in range(99)
    )
    chart = ig.plot.leave_one_out(Variants((*variants.variants[:at], replace(left, each=many))), "market")
    assert "Of 99 estimates, only the 41 lowest and highest are drawn" in subtitle(chart)
    assert "L50" in {r["name"] for r in values(chart, "influence")}
    empty = replace(left, each=(), note="no such column")
    with pytest.raises(ig.errors.EmptyTable, match="no such column"):
        ig.plot.leave_one_out(Variants((*variants.variants[:at], empty)), "market")


def test_errors_of_another_kind_and_the_name_of_a_vertex_are_said(variants: Variants) -> None:
    first, other = variants[0], variants[1]
    assert other.basis is not None
    same = ig.plot.robustness(Variants((first, other)), "market")
    kind = replace(other, label="Poisson", basis=replace(other.basis, kind="CR1"))
    chart = ig.plot.robustness(Variants((first, kind)), "market")
    assert ": CR1" not in subtitle(same)
    assert "Poisson: CR1" in subtitle(chart)
    rows = replace(kind, basis=replace(other.basis, clusters={"firm": 9}))
    assert "Poisson: CR3 (jackknife) standard errors clustered by firm (9 clusters" in subtitle(
        ig.plot.robustness(Variants((first, rows)), "market")
    )
    flat = Variants((replace(first, u_test_p=0.4), *variants.variants[1:]))
    sure = Variants((replace(first, u_test_p=0.01), *variants.variants[1:]))
    for draw in (ig.plot.robustness, ig.plot.leave_one_out):
        assert "Turning point of the fitted parabola" in str(draw(flat, "market").to_dict()["title"])
        assert "Turning point" in str(draw(flat, "market", established=True).to_dict()["title"])
        assert "Turning point" in str(draw(sure, "market").to_dict()["title"])
        assert "Turning point of the fitted parabola" in str(draw(sure, "market", established=False).to_dict()["title"])


def test_the_interval_of_the_whole_sample_has_its_digits(variants: Variants) -> None:
    ends = {"fieller_kind": "interval", "fieller_low": 0.00021, "fieller_high": 0.00043}
    small = replace(variants[0], turning_point=0.00032, **ends)  # type: ignore[arg-type]
    chart = ig.plot.leave_one_out(Variants((small, *variants.variants[1:])), "market")
    assert "[0.000210, 0.000430]" in subtitle(chart)


# the forest itself


def test_what_lies_beyond_the_axis_has_an_arrow_and_its_numbers() -> None:
    rows = [
        ForestRow("own", 1.0, ((0.8, 1.2),), 100, marked=True),
        ForestRow("rays", 1.1, fieller_pieces("two_rays", 0.9, 1.05), 50),
        ForestRow("line", 1.0, fieller_pieces("line", None, None), 50),
        ForestRow("far", 900.0, ((-5e4, 5e4),), 50),
        ForestRow("same", 1.05, (), 50),
        ForestRow("same", 1.06, (), 50),
    ]
    chart = forest(rows, title="t", x_title="x")
    lines = values(chart, "open_left")
    assert [(r["open_left"], r["open_right"]) for r in lines if r["name"] == "rays"] == [(True, False), (False, True)]
    assert [(r["open_left"], r["open_right"]) for r in lines if r["name"] == "line"] == [(True, True)]
    points = {r["name"]: r for r in values(chart, "place")}
    assert points["far"]["place"] == 1
    assert points["far"]["estimate"] == 900.0
    assert points["far"]["x"] < 10
    assert set(points) == {"own", "rays", "line", "far", "same", "same (2)"}
    text = str(chart.to_dict())
    assert "all but [0.90" in text
    assert "every number" in text
    assert "[\\u221250" in text.replace("−", "\\u2212")


def test_forests_with_the_same_marked_row_print_as_many_decimals() -> None:
    """One narrow interval in a figure gave four decimals where the figures beside it had three."""
    own = ForestRow("all", -0.06, ((-0.105, -0.016),), 100, marked=True)
    wide, narrow = (ForestRow("a", -0.05, ((-0.05 - e, -0.05 + e),), 50) for e in (0.1, 0.004))
    texts = [str(forest([row, own], title="t", x_title="x").to_dict()) for row in (wide, narrow)]
    assert all("\\u22120.060 [" in text.replace("−", "\\u2212") for text in texts)
    tiny = ForestRow("a", 0.00021, ((0.0002, 0.00022),), 50)
    assert "[0.000200, 0.000220]" in str(forest([tiny, own], title="t", x_title="x").to_dict())


# distributions


def test_distributions_have_the_quantiles_of_each_group() -> None:
    own = ROWS.filter(pl.col("industry") == 1, pl.col("year") == 2003)["y"].to_numpy()
    rows = values(ig.plot.distributions(ROWS, "y", "industry"), "p50")
    row = next(r for r in rows if r["group"] == "1" and r["year"] == 2003)
    expected = np.quantile(own, (0.1, 0.5, 0.9), method="averaged_inverted_cdf").tolist()
    assert [row["p10"], row["p50"], row["p90"]] == pytest.approx(expected)
    assert row["n"] == len(own)


def test_missing_rows_and_groups_are_said() -> None:
    chart = ig.plot.distributions(ROWS, "y", "half", weight="weight")
    assert f"{ROWS['half'].null_count()} rows with a missing value" in subtitle(chart)
    assert "Weighted by weight" in subtitle(chart)
    many = ROWS.with_columns(g=pl.int_range(pl.len()) % 12)
    chart = ig.plot.distributions(many, "y", "g")
    assert "The 5 largest of 12 groups" in subtitle(chart)
    assert len({r["group"] for r in values(chart, "p50")}) == 5
    alone = ig.plot.distributions(ROWS.filter(pl.col("year") == 2003), "y")
    assert [r["year"] for r in values(alone, "p50")] == [2003]


def test_single_rows_are_not_shown_and_years_lie_in_time() -> None:
    few = ROWS.filter((pl.col("industry") != 1) | (pl.col("firm") < "F020") | (pl.col("year") != 2003))
    few = few.with_columns(g=pl.when(pl.col("industry") == 1).then(2.0).otherwise(10.0), year=pl.col("year") * 2)
    few = few.with_columns(g=pl.when(pl.int_range(pl.len()) < 3).then(math.nan).otherwise(pl.col("g")))
    cells = few.filter(pl.col("g").is_not_nan()).group_by("g", "year").len()
    small = cells.filter(pl.col("len") < 10)
    assert small.height == 1
    chart = ig.plot.distributions(few, "y", "g")
    rows = values(chart, "p50")
    assert {r["n"] < 10 for r in rows} == {False}
    assert list(dict.fromkeys(r["group"] for r in rows)) == ["2.0", "10.0"]
    said = subtitle(chart)
    assert f"{cells['len'].sum() - small['len'].sum():,} rows" in said
    assert "3 rows with a missing value left out" in said
    assert f"{small['len'].sum()} rows of 1 group and year with fewer than 10 rows are not drawn" in said
    spec = chart.to_dict()
    assert {layer["encoding"]["x"]["type"] for layer in spec["layer"]} == {"quantitative"}
    gap = ig.plot.distributions(ROWS.filter(~pl.col("year").is_in([2003, 2004])), "y")
    assert [r["year"] for r in values(gap, "p50") if r["p50"] is None] == [2003, 2004]
    with pytest.raises(ig.errors.EmptyTable, match="no group has 10 rows"):
        ig.plot.distributions(ROWS.head(9), "y")


# instruments


@pytest.fixture(scope="module")
def instrumented() -> Any:
    return ig.questions.weak_iv(ROWS, "y ~ scale | firm + year | x ~ z1 + z2", cluster="region", draws=0)


def shifted(s: ARSet, kind: Any, intervals: Any) -> ARSet:
    return replace(s, kind=kind, intervals=intervals)


def test_the_shade_is_the_set_and_the_line_its_test(instrumented: Any) -> None:
    (s,) = instrumented.sets_cr3
    chart = ig.plot.anderson_rubin(instrumented)
    assert values(chart, "a", "b") == [{"a": s.intervals[0][0], "b": s.intervals[0][1]}]
    for row in values(chart, "p", "fit"):
        assert (row["p"] >= 0.05 - 1e-9) == (row["x"] in s)
    with pytest.raises(ig.errors.UnknownName, match="did you mean 'x'"):
        ig.plot.anderson_rubin(instrumented, "x1")
    old = replace(instrumented, sets_cr3=(replace(s, behind=None),))
    with pytest.raises(ig.errors.EmptyTable, match="no statistic"):
        ig.plot.anderson_rubin(old)


@pytest.mark.parametrize("estimator", ["2SLS", "LIML", "GMM"])
def test_the_estimate_is_called_by_its_estimator(instrumented: Any, estimator: str) -> None:
    fit = replace(instrumented.fit, iv=replace(instrumented.fit.iv, estimator=estimator))
    (mark,) = values(ig.plot.anderson_rubin(replace(instrumented, fit=fit)), "text", "x")
    assert mark["text"].startswith(f"{estimator} ")


@pytest.mark.parametrize(
    ("kind", "intervals", "shades"),
    [
        ("line", ((None, None),), 1),
        ("empty", (), 0),
        ("two_rays", ((None, -0.1), (0.2, None)), 2),
        ("pieces", ((-0.2, -0.1), (0.1, 0.3)), 2),
        ("interval", ((-1e9, 1e9),), 1),
    ],
)
def test_every_kind_of_set_is_drawn(instrumented: Any, kind: str, intervals: Any, shades: int) -> None:
    (s,) = instrumented.sets_cr3
    chart = ig.plot.anderson_rubin(replace(instrumented, sets_cr3=(shifted(s, kind, intervals),)))
    found = values(chart, "a", "b")
    assert len(found) == shades
    xs = [r["x"] for r in values(chart, "p", "fit")]
    assert all(min(xs) <= r["a"] < r["b"] <= max(xs) for r in found)
    assert "95% set" in subtitle(chart)


def test_an_empty_set_of_contradicting_instruments_is_drawn() -> None:
    torn = ROWS.with_columns(y=pl.col("y") + 5 * pl.col("z1"))
    found = ig.questions.weak_iv(torn, "y ~ scale | firm + year | x ~ z1 + z2", draws=0, vcov="HC1")
    assert found["x"].kind == "empty"
    chart = ig.plot.anderson_rubin(found)
    assert not values(chart, "a", "b")
    assert max(r["p"] for r in values(chart, "p", "fit")) < 0.05
    assert isinstance(found["x"].behind.of, weak.AndersonRubin)  # type: ignore[union-attr]


# lags


def test_lags_have_their_intervals_and_the_band_around_them() -> None:
    found = ig.lag_table(ROWS, FORMULA, lags=(1, 2), leads=(1,), cluster="region")
    chart = ig.plot.lags(found)
    drawn = values(chart, "band_low")
    assert [r["when"] for r in drawn] == ["2 earlier", "1 earlier", "Same year", "1 later"]
    assert all(r["band_low"] < r["low"] < r["slope"] < r["high"] < r["band_high"] for r in drawn)
    assert "seed 20240101" in subtitle(chart)
    fit = found.placebo.fit  # type: ignore[union-attr]
    kept = [i for i, c in enumerate(fit.coefficients) if "_l1" not in c.term]
    lost = replace(fit, coefficients=tuple(fit.coefficients[i] for i in kept), vcov=fit.vcov[np.ix_(kept, kept)])
    gap = ig.plot.lags(replace(found, placebo=replace(found.placebo, fit=lost)))  # type: ignore[type-var]
    assert [r["slope"] is None for r in values(gap, "band_low")] == [False, True, False, False]
    assert "Not estimated: 1 earlier" in subtitle(gap)
    assert "Orange" in subtitle(chart)
    assert "cannot" not in subtitle(chart)
    assert "90% band" in subtitle(ig.plot.lags(found, level=0.9))
    assert "Orange" not in subtitle(ig.plot.lags(replace(found, placebo=None)))
    blank = replace(fit, vcov=fit.vcov * np.nan)
    empty = ig.plot.lags(replace(found, placebo=replace(found.placebo, fit=blank)))  # type: ignore[type-var]
    assert all(r["low"] is None and r["slope"] is not None for r in values(empty, "band_low"))


def test_no_year_of_lags_loses_its_label() -> None:
    """Labels that met were dropped on a phone: each stands in two lines, or is its number with its sign."""
    found = ig.lag_table(ROWS, FORMULA, lags=(1, 2), leads=(1,), cluster="region")
    axes = [layer["encoding"].get("x", {}).get("axis") for layer in ig.plot.lags(found).to_dict()["layer"]]
    axis = next(axis for axis in axes if axis)
    assert axis["labelOverlap"] is False
    assert '"1 earlier": ["1", "earlier"]' in axis["labelExpr"]
    assert '"2 earlier": "−2"' in axis["labelExpr"]
    assert '"Same year": "0"' in axis["labelExpr"]
    assert '"1 later": "+1"' in axis["labelExpr"]
    assert '"1 later": ["1", "later"]' in axis["labelExpr"]


def test_a_legend_stands_in_one_column_on_a_phone() -> None:
    """In a row it was cut at the edge of the page."""
    spec = ig.plot.distributions(SPLIT, "y", "kind").to_dict()
    legends = [layer["encoding"]["color"]["legend"] for layer in spec["layer"]]
    assert all(legend["columns"] == {"expr": "containerSize()[0] < 520 ? 1 : 0"} for legend in legends)


# coefficients


def test_coefficients_are_ordered_and_referred_to_as_asked() -> None:
    short = ig.fit(ROWS, "y ~ market + scale | firm + year", cluster="region")
    fits = {f"({i})": short for i in range(1, 8)} | {"full": BASE}
    chart = ig.plot.coefficients(fits, ["scale", "market", "market^2"], labels={"market": "M"}, reference=0.1)
    rows = values(chart, "estimate")
    assert len(rows) == 17
    assert [r["fit"] for r in rows if r["term"] == "M²"] == ["full"]
    assert values(chart, "at") == [{"at": 0.1}]
    sizes = ig.plot.coefficients(short, order="size").to_dict()
    order = next(layer["encoding"]["y"]["sort"] for layer in sizes["layer"] if "y" in layer["encoding"])
    own = {r["term"]: r["estimate"] for r in values(ig.plot.coefficients(short), "estimate")}
    assert [own[term] for term in order] == sorted(own.values(), reverse=True)
    assert not values(ig.plot.coefficients(short, reference=None), "at")
    twice = ig.plot.coefficients(short, labels={"market": "same", "scale": "same"})
    assert {r["term"] for r in values(twice, "estimate")} == {"same", "same (2)"}
    with pytest.raises(ig.errors.UnknownName, match="order"):
        ig.plot.coefficients(short, order="up")  # type: ignore[arg-type]


def test_twenty_regressions_have_each_a_mark_of_their_own() -> None:
    names = [f"({i})" for i in range(20)]
    layers = ig.plot.coefficients(dict.fromkeys(names, BASE), ["scale"]).to_dict()["layer"]
    marks = next(layer["encoding"] for layer in layers if "shape" in layer["encoding"])
    pairs = zip(marks["color"]["scale"]["range"], marks["shape"]["scale"]["range"], strict=True)
    assert len(set(pairs)) == 20


def test_an_estimate_without_an_error_is_a_point() -> None:
    first = replace(BASE.coefficients[0], std_error=math.nan)
    bare = replace(BASE, coefficients=(first, *BASE.coefficients[1:]))
    row = values(ig.plot.coefficients(bare, ["market"]), "estimate")[0]
    assert row["low"] is None
    assert row["estimate"] == BASE["market"].estimate


# all of them


@pytest.fixture(scope="module")
def every(compared: Any, variants: Variants, instrumented: Any) -> Any:
    lags = ig.lag_table(ROWS, FORMULA, lags=(1,), leads=(), cluster="region")

    def made() -> Iterator[Any]:
        yield ig.plot.groups(compared, BASE)
        yield ig.plot.robustness(variants, "market")
        yield ig.plot.leave_one_out(variants, "market")
        yield ig.plot.distributions(ROWS, "y", "industry")
        yield ig.plot.anderson_rubin(instrumented)
        yield ig.plot.lags(lags)
        yield ig.plot.coefficients({"a": BASE, "b": BASE})

    return made


def test_all_are_saved_and_speak_chinese(every: Any, tmp_path: Any) -> None:
    for i, chart in enumerate(every()):
        chart.save(str(tmp_path / f"{i}.svg"))
        assert "<svg" in (tmp_path / f"{i}.svg").read_text(encoding="utf-8")
        assert chart.to_dict()["description"]
    with speaking("zh"):
        for chart in every():
            assert any("\u4e00" <= c <= "\u9fff" for c in chart.to_dict()["title"]["text"])
            assert any("\u4e00" <= c <= "\u9fff" for c in subtitle(chart))


def test_titles_of_axes_stand_in_lines_and_numbers_give_way_on_a_phone() -> None:
    rows = [ForestRow("a", 1.0, ((0.5, 2.0),), 10, marked=True), ForestRow("b", 1.0, ((0.5, 2.0),), 10)]
    long = "Average steepness of the quality of exports over integration from 3.756 to 4.390"
    chart = forest(rows, title="t", x_title=long).to_dict()
    titles = [layer["encoding"]["x"].get("title") for layer in chart["layer"] if "x" in layer["encoding"]]
    assert {" ".join(title) for title in titles if title} == {long}
    assert all(len(title) == 2 for title in titles if title)
    labels = [layer["encoding"]["y"]["axis"] for layer in chart["layer"] if layer["encoding"].get("y", {}).get("axis")]
    assert [axis.get("orient") for axis in labels] == [None, "right"]
    assert labels[1]["labelExpr"].startswith("containerSize()[0] < 520 ? '' : {")
