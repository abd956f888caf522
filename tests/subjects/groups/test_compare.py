"""Group comparisons: the stacked regression, its covariance and the permutations against plain refitting."""

from __future__ import annotations

import subprocess
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table
from integrade.errors import CodesReadAsNumbers, EmptyTable, TooFew, UnknownColumn, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.multiple import benjamini_hochberg, holm
from integrade.simulation import Economy, simulate
from integrade.study.records import from_json, to_json
from integrade.subjects.groups.compare import adjust_family, compare_groups, group_column, industry_intensity
from integrade.subjects.groups.records import GroupComparison
from library import needs_r
from panels import dummies, panel
from plainwords.texts import speaking

FORMULA = "y ~ market + market^2 + scale | firm + year"
TERMS = ("market", "market^2", "scale")


def grouped(seed: int, groups: int = 2, *, changing: bool = False, **shape: int) -> pl.DataFrame:
    """The hard panel with a label on firms (or on rows, for firms that change group)."""
    table = panel(seed, **{"firms": 90, "movers": 5, **shape})
    rng = np.random.default_rng(seed + 100)
    firms = table["firm"].unique().sort()
    kind = dict(zip(firms, rng.integers(0, groups, len(firms)), strict=True))
    labels = [f"k{kind[f]}" for f in table["firm"]]
    if changing:
        labels = [f"k{rng.integers(0, groups)}" if rng.random() < 0.1 else v for v in labels]
    return table.with_columns(kind=pl.Series(labels))


@each("groups", [2, 3])
@each("weights", [None, "weight"])
@each("effects", ["firm + year", "region + year", "0", "firm + industry^year"])
def test_stacked_reproduces_the_split_samples(groups: int, weights: str | None, effects: str) -> None:
    table = grouped(1, groups, changing=True)
    formula = f"y ~ market + market^2 + scale | {effects}"
    found = compare_groups(table, formula, "kind", weights=weights, vcov="HC1", permutations=0)
    for group in found.groups:
        split = fit(table.filter(pl.col("kind") == group.group), formula, weights=weights, vcov="HC1")
        assert group.fit.nobs == split.nobs
        for term in TERMS:
            stacked = found.stacked[f"{term}:kind={group.group}"].estimate
            assert stacked == pytest.approx(split[term].estimate, rel=1e-10, abs=1e-10)
    assert found.stacked.nobs == sum(g.fit.nobs for g in found.groups)
    assert found.stacked.n_singletons == sum(g.fit.n_singletons for g in found.groups)


def test_clustered_groups_with_an_instrument_are_the_split_samples() -> None:
    """One group's regressor and instrument are zero in the other: errors of its first stage are zero there."""
    table = grouped(3, firms=120)
    formula = "y ~ scale | firm + year | x ~ z1"
    how: dict[str, Any] = {"treatment": "x", "cluster": "region", "singletons": "keep", "permutations": 0}
    found = compare_groups(table, formula, "kind", **how)

    def net(rows: pl.DataFrame) -> list[np.ndarray]:
        d = np.column_stack([rows["scale"], dummies(rows["firm"].to_numpy()), dummies(rows["year"].to_numpy())])
        return [v - d @ np.linalg.lstsq(d, v, rcond=None)[0] for v in rows.select("y", "x", "z1").to_numpy().T]

    def gap(rows: pl.DataFrame) -> float:
        one, other = (net(rows.filter(pl.col("kind") == k)) for k in ("k0", "k1"))
        return float(one[2] @ one[0] / (one[2] @ one[1]) - other[2] @ other[0] / (other[2] @ other[1]))

    regions = table["region"].unique().sort()
    moved = np.array([gap(table.filter(pl.col("region") != r)) for r in regions]) - gap(table)
    assert found.differences[0].estimate == pytest.approx(gap(table), rel=1e-8)
    variance = (len(regions) - 1) / len(regions) * moved @ moved
    assert found.differences[0].std_error == pytest.approx(variance**0.5, rel=1e-6)
    walds = []
    for k in ("k0", "k1"):
        rows = table.filter(pl.col("kind") == k)
        _, x, z = net(rows)
        u = z * (x - z * (z @ x) / (z @ z))
        scores = np.array([u[(rows["region"] == r).to_numpy()].sum() for r in regions])
        walds.append((z @ x) ** 2 / (scores @ scores))
    assert found.stacked.iv is not None
    first, second = found.stacked.iv.first_stage_f.values()  # both have the same correction for small samples
    assert first / second == pytest.approx(walds[0] / walds[1], rel=1e-8)
    assert 0.5 < first / walds[0] < 1  # (n - parameters) / (n - 1) (G - 1) / G


def b_within(table: pl.DataFrame) -> np.ndarray:
    """Coefficients of the formula by least squares on all dummies."""
    m = table["market"].to_numpy()
    x = np.column_stack([m, m**2, table["scale"]])
    d = np.hstack([dummies(table["firm"].to_numpy()), dummies(table["year"].to_numpy())])
    return np.linalg.lstsq(np.hstack([x, d]), table["y"].to_numpy(), rcond=None)[0][:3]


def test_cr3_of_differences_is_the_jackknife_of_differences() -> None:
    """A region is deleted from both groups at once: that is how groups that share regions are correlated."""
    table = grouped(2, firms=140)

    def gap(rows: pl.DataFrame) -> np.ndarray:
        return b_within(rows.filter(pl.col("kind") == "k0")) - b_within(rows.filter(pl.col("kind") == "k1"))

    found = compare_groups(table, FORMULA, "kind", cluster="region", singletons="keep", permutations=0)
    regions = table["region"].unique().sort()
    moved = np.array([gap(table.filter(pl.col("region") != r)) for r in regions]) - gap(table)
    v = (len(regions) - 1) / len(regions) * moved.T @ moved
    b = gap(table)
    for j, term in enumerate(TERMS[:2]):
        d = found.difference(term, "k0", "k1")
        assert d.estimate == pytest.approx(b[j], rel=1e-7)  # lstsq on dummies
        assert d.std_error == pytest.approx(np.sqrt(v[j, j]), rel=1e-6)
    wald = b[:2] @ np.linalg.solve(v[:2, :2], b[:2]) / 2
    assert found.joint[0].test.statistic == pytest.approx(wald, rel=1e-5)
    assert (found.joint[0].test.df1, found.joint[0].test.df2) == (2, len(regions) - 1)
    naive = np.hypot(*(g.fit["market"].std_error for g in found.groups))
    assert abs(found.difference("market", "k0", "k1").std_error / naive - 1) > 0.01


def test_disjoint_clusters_are_not_correlated() -> None:
    """Groups of regions: the variances add up, apart from the factors (G - 1) / G."""
    table = panel(3, movers=0).with_columns(half=pl.col("region").is_in(["R0", "R1", "R2", "R3"]))
    found = compare_groups(table, FORMULA, "half", cluster="region", permutations=0)
    for term in TERMS[:2]:
        parts = [(g.fit[term].std_error, g.fit.clusters["region"]) for g in found.groups]
        variance = 8 / 9 * sum(s**2 * n / (n - 1) for s, n in parts)
        assert (found.differences[0].a, found.differences[0].b) == ("False", "True")
        assert found.difference(term, "False", "True").std_error == pytest.approx(np.sqrt(variance), rel=1e-8)


def test_turning_point_difference_by_numerical_delta() -> None:
    found = compare_groups(grouped(4), FORMULA, "kind", cluster="region", permutations=0)
    names = [f"{t}:kind={g}" for g in ("k0", "k1") for t in ("market", "market^2")]
    terms = [c.term for c in found.stacked.coefficients]
    at = [terms.index(n) for n in names]
    b, v = np.array([found.stacked[n].estimate for n in names]), found.stacked.vcov[np.ix_(at, at)]

    def gap(b: np.ndarray) -> float:
        return float(-b[0] / (2 * b[1]) + b[2] / (2 * b[3]))

    gradient = np.array([(gap(b + h) - gap(b - h)) / 2e-6 for h in 1e-6 * np.eye(4)])
    assert found.turning_points[0].estimate == pytest.approx(gap(b), rel=1e-12)
    assert found.turning_points[0].std_error == pytest.approx(np.sqrt(gradient @ v @ gradient), rel=1e-5)  # differences
    tests = [g.u_test for g in found.groups]
    assert tests[0] is not None
    assert tests[1] is not None
    assert found.turning_points[0].estimate == pytest.approx(tests[0].turning_point - tests[1].turning_point, rel=1e-9)


def refitted(
    table: pl.DataFrame, label: np.ndarray, cluster: np.ndarray | None, root: np.ndarray
) -> dict[str, np.ndarray]:
    """|t| and Wald of every pair by dense regressions in every group, CR0 (or iid by group with divisor n)."""
    b, scores, variances = [], [], []
    for g in np.unique(label):
        rows = label == g
        m = table["market"].to_numpy()[rows]
        x = np.column_stack([m, m**2, table["scale"].to_numpy()[rows]]) * root[rows, None]
        d = (
            np.hstack([dummies(table["unit"].to_numpy()[rows]), dummies(table["year"].to_numpy()[rows])])
            * root[rows, None]
        )
        y = table["y"].to_numpy()[rows] * root[rows]
        x, y = (v - d @ np.linalg.lstsq(d, v, rcond=None)[0] for v in (x, y))
        bread = np.linalg.inv(x.T @ x)
        beta = bread @ x.T @ y
        u = y - x @ beta
        b.append(beta[:2])
        variances.append((bread * (u @ u / rows.sum()))[:2, :2])
        if cluster is not None:
            own = [bread @ x[cluster[rows] == c].T @ u[cluster[rows] == c] for c in np.unique(cluster)]
            scores.append(np.array(own)[:, :2])
    t, joint = [], []
    for i, j in combinations(range(len(b)), 2):
        gap = b[i] - b[j]
        v = variances[i] + variances[j] if cluster is None else (scores[i] - scores[j]).T @ (scores[i] - scores[j])
        t.append(abs(gap) / np.sqrt(np.diag(v)))
        joint.append(gap @ np.linalg.solve(v, gap))
    return {"t": np.array(t), "joint": np.array(joint)}


@pytest.mark.parametrize(
    ("groups", "cluster", "weights", "changing"),
    [(2, "region", None, False), (3, "region", None, False), (2, None, None, False), (2, "region", "weight", True)],
)
def test_permutations_by_refitting(groups: int, cluster: str | None, weights: str | None, changing: bool) -> None:
    """Every draw from cross-products is the regression fitted again with labels dealt anew to the units."""
    table = grouped(5, groups, changing=changing, firms=70).sort("firm", "year")
    draws, seed = 12, 7
    found = compare_groups(
        table, FORMULA, "kind", cluster=cluster, weights=weights, permutations=draws, seed=seed, singletons="keep"
    )
    units = table.select("firm", "kind").unique().sort("firm", "kind")
    table = table.with_columns(unit=pl.concat_str("firm", "kind"))
    where = {f + k: i for i, (f, k) in enumerate(units.iter_rows())}
    at = np.array([where[u] for u in table["unit"]])
    own = units["kind"].to_numpy()
    regions = None if cluster is None else table["region"].to_numpy()
    root = np.ones(table.height) if weights is None else np.sqrt(table[weights].to_numpy())
    codes = np.unique(own, return_inverse=True)[1]
    observed = refitted(table, own[at], regions, root)
    drawn = [
        refitted(table, np.unique(own)[np.random.default_rng([seed, b]).permutation(codes)][at], regions, root)
        for b in range(draws)
    ]
    for key in ("t", "joint"):
        reached = sum((d[key] >= observed[key] * (1 - 1e-9)).astype(int) for d in drawn)
        expected = (1 + reached) / (draws + 1)
        if key == "t":
            ours = np.array([d.p_permutation for d in found.differences]).reshape(expected.shape)
        else:
            ours = np.array([j.p_permutation for j in found.joint])
        np.testing.assert_allclose(ours, expected, rtol=1e-12)
    assert found.permuted is not None
    assert (found.permuted.unit, found.permuted.units, found.permuted.draws) == ("firm", units.height, draws)
    if changing:
        assert any("in several groups" in n for n in found.notes)


def test_observed_statistic_of_the_permutations_is_the_stacked_one() -> None:
    """CR1 t of the stacked regression but for its constant factor, exactly, with movers and singletons."""
    from integrade.estimate.formula import Formula, parse_formula
    from integrade.estimate.linear import prepare
    from integrade.estimate.ready import ready
    from integrade.subjects.groups.labels import _columns, _factor, _plan
    from integrade.subjects.groups.permutation import pieces, statistics

    table = grouped(6)
    found = compare_groups(table, FORMULA, "kind", cluster="region", vcov="CR1", singletons="keep", permutations=0)
    parsed = parse_formula(FORMULA)
    rows = ready(table)
    plan, problem = _plan(rows, parsed, "firm", "kind")
    assert (plan.inside, plan.outside, problem) == (("firm", "kind"), (("year",),), "")
    bare = Formula("", parsed.outcome, parsed.regressors, (plan.inside,), intercept=False)
    design = prepare(rows, bare, singletons="keep")
    columns, width = _columns(design, rows, parsed, plan)
    factors = [_factor(rows, c) for c in (("firm", "kind"), ("region",), ("kind",))]
    data = pieces(columns, width, *factors)
    own = statistics(data, data.labels[None, :], [0, 1])
    ratios = [own.t[0, 0, j] / abs(found.difference(t, "k0", "k1").statistic) for j, t in enumerate(TERMS[:2])]
    n, k = found.stacked.nobs, design.plan.effects[0].levels + 2 * 6 - 2 + 6
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-10)
    assert ratios[0] ** 2 == pytest.approx(9 / 8 * (n - 1) / (n - k), rel=0.05)  # K to within redundant levels
    assert own.joint[0, 0] == pytest.approx(2 * found.joint[0].test.statistic * ratios[0] ** 2, rel=1e-9)


def test_cross_products_of_many_units_are_added_by_a_compiled_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    from integrade.regress import partial
    from integrade.subjects.groups import permutation

    rng = np.random.default_rng(1)
    columns, group = rng.normal(size=(200, 5)), rng.integers(0, 30, 200)
    plain = permutation._products(columns, group, 30)
    monkeypatch.setattr(partial, "_LARGE", 0)
    monkeypatch.setattr(partial, "_HUGE", 0)
    assert (permutation._products(columns, group, 30) == plain).all()
    by_hand = np.array([(columns[group == g].T @ columns[group == g])[np.triu_indices(5)] for g in range(30)])
    np.testing.assert_allclose(plain, by_hand, rtol=1e-12, atol=1e-14)


def test_the_wild_p_of_a_pair_is_that_of_its_stacked_regression() -> None:
    """The former way: every null of the regression is tested, and those of the added terms are taken."""
    from integrade.estimate.formula import parse_formula
    from integrade.estimate.linear import Fit
    from integrade.estimate.ready import ready
    from integrade.subjects.groups.stacking import wild_gap

    table, how = grouped(8, groups=3), Fit(cluster="region", vcov="CR3", wild=99)
    found = wild_gap(ready(table), parse_formula(FORMULA), "market", "kind", ("k0", "k2"), how)
    part = table.filter(pl.col("kind") != "k1").with_columns(a=(pl.col("kind") == "k0").cast(float))
    part = part.with_columns(added=pl.col("market") * pl.col("a"))
    own, effects = (side.strip() for side in FORMULA.split("|"))
    terms = [t.strip() for t in own.split("~")[1].split("+")]
    more = [t.replace("market", "added") if t in ("market", "market^2") else f"{t}:a" for t in terms]
    wide = " + ".join([own, *more]) + " | " + " + ".join(f"{e.strip()}^kind" for e in effects.split("+"))
    drawn = {w.null: w.p_value for w in fit(part, wide, how).wild}
    assert found == {"market": drawn["added"], "market^2": drawn["added^2"], "joint": drawn["added + added^2"]}


def test_a_pair_in_which_a_term_says_nothing_has_no_joint_p() -> None:
    """The null that all terms are equal is not the null that those left are."""
    from integrade.estimate.formula import parse_formula
    from integrade.estimate.linear import Fit
    from integrade.estimate.ready import ready
    from integrade.subjects.groups.stacking import wild_gap

    table = grouped(8, groups=3).with_columns(flag=(pl.col("kind") == "k1").cast(float))
    parsed = parse_formula("y ~ market + market^2 + market:flag | firm + year")
    found = wild_gap(ready(table), parsed, "market", "kind", ("k0", "k2"), Fit(cluster="region", vcov="CR3", wild=99))
    assert set(found) == {"market", "market^2"}


def test_who_carries_the_labels() -> None:
    table = grouped(7).with_columns(
        half=pl.when(pl.col("region") < "R4").then(pl.lit("a")).otherwise(pl.lit("b")),
        early=pl.when(pl.col("year") < 2003).then(pl.lit("early")).otherwise(pl.lit("late")),
    )
    by_region = compare_groups(table, FORMULA, "half", cluster="region", permutations=19)
    assert by_region.permuted is not None
    assert (by_region.permuted.unit, by_region.permuted.units) == ("region", 9)
    periods = compare_groups(table, FORMULA, "early", cluster="region", permutations=19)
    assert periods.permuted is None
    assert periods.joint[0].p_permutation is None
    assert any("groups of years" in n for n in periods.notes)
    asked = compare_groups(table, FORMULA, "early", cluster="region", permutations=19, permute="firm")
    assert asked.permuted is not None
    assert asked.joint[0].p_permutation is not None
    dense = compare_groups(
        table,
        "y ~ market + scale | firm + industry^year + region^year",
        "kind",
        cluster="region",
        vcov="CR1",
        treatment="scale",
        permutations=19,
    )
    assert dense.permuted is None or dense.permuted.draws == 19


def test_family_adjustments_and_overall_test() -> None:
    found = compare_groups(grouped(8, 3, firms=150), FORMULA, "kind", cluster="region", permutations=99)
    p = [d.p_value for d in found.differences]
    assert [d.p_holm for d in found.differences] == pytest.approx(holm(p).tolist())
    assert [d.p_bh for d in found.differences] == pytest.approx(benjamini_hochberg(p).tolist())
    assert [(j.a, j.b) for j in found.joint] == [("k0", "k1"), ("k0", "k2"), ("k1", "k2")]
    assert [j.p_holm for j in found.joint] == pytest.approx(holm([j.test.p_value for j in found.joint]).tolist())
    assert found.overall is not None
    terms = [c.term for c in found.stacked.coefficients]
    contrast = np.zeros((4, len(terms)))
    for row, (g, t) in enumerate((g, t) for g in ("k1", "k2") for t in TERMS[:2]):
        contrast[row, terms.index(f"{t}:kind={g}")] = 1
        contrast[row, terms.index(f"{t}:kind=k0")] = -1
    gap = contrast @ [c.estimate for c in found.stacked.coefficients]
    wald = gap @ np.linalg.solve(contrast @ found.stacked.vcov @ contrast.T, gap) / 4
    assert found.overall.statistic == pytest.approx(wald, rel=1e-9)
    assert found.overall_p_permutation is not None
    family = adjust_family({"a": found, "b": found})
    assert family[0].p_holm == pytest.approx(min(1, 2 * found.overall.p_value))


def test_wild_p_of_differences() -> None:
    """The wild bootstrap of what one group adds: the term of the same regression written in the other way."""
    table = grouped(9)
    found = compare_groups(table, FORMULA, "kind", cluster="region", wild=199, permutations=0)
    extra = table.with_columns(
        m=pl.col("market") * (pl.col("kind") == "k0"), s=pl.col("scale") * (pl.col("kind") == "k0")
    )
    other = fit(
        extra, "y ~ market + market^2 + scale + m + m^2 + s | firm^kind + year^kind", cluster="region", wild=199
    )
    p = {w.null: w.p_value for w in other.wild}
    assert found.difference("market", "k0", "k1").p_wild == p["m"]
    assert found.difference("market^2", "k0", "k1").p_wild == p["m^2"]
    assert found.joint[0].p_wild == p["m + m^2"]
    assert other["m"].estimate == pytest.approx(found.difference("market", "k0", "k1").estimate, rel=1e-8)
    assert found.groups[0].fit.wild[0].null == "market"


@pytest.fixture(scope="module")
def economy() -> pl.DataFrame:
    return simulate(Economy(n_firms=2500, n_years=8, state_share=0.3)).true_quality


@pytest.fixture(scope="module")
def by_ownership(economy: pl.DataFrame) -> GroupComparison:
    table = group_column(economy, "ownership")
    return compare_groups(table, "quality ~ market + market^2 + scale | firm + year", "state_owned", cluster="region")


def test_simulated_truth_state_owned_firms_do_not_respond(by_ownership: GroupComparison) -> None:
    other, state = by_ownership.groups
    assert (other.group, state.group) == ("non_state", "state")
    for term, truth in (("market", 8.1), ("market^2", -1.0)):
        assert abs(other.fit[term].estimate - truth) < 3 * other.fit[term].std_error
        assert abs(state.fit[term].estimate) < 3 * state.fit[term].std_error
        gap = by_ownership.difference(term, "non_state", "state")
        assert abs(gap.estimate - truth) < 3 * gap.std_error
        assert gap.p_permutation == 0.001  # no draw of 999 comes near
    assert by_ownership.joint[0].p_holm < 1e-6
    assert other.u_test is not None
    assert other.u_test.p_value < 1e-4
    assert state.u_test is not None
    assert state.u_test.p_value > 0.05


def test_simulated_truth_private_and_foreign_firms_respond_alike(economy: pl.DataFrame) -> None:
    table = economy.filter(pl.col("ownership") != "state")
    found = compare_groups(table, "quality ~ market + market^2 + scale | firm + year", "ownership", cluster="region")
    assert found.joint[0].test.p_value > 0.01
    assert found.joint[0].p_permutation is not None
    assert found.joint[0].p_permutation > 0.01


def test_rows_and_kinds_of_frames_do_not_matter() -> None:
    table = grouped(10)
    expected = compare_groups(table, FORMULA, "kind", cluster="region", permutations=49)
    shuffled = table.sample(fraction=1, shuffle=True, seed=1)
    for given in (shuffled, shuffled.to_pandas(), duckdb.from_arrow(shuffled.to_arrow()), Table("panel", shuffled)):
        found = compare_groups(given, FORMULA, "kind", cluster="region", permutations=49)
        for a, b in zip(found.differences, expected.differences, strict=True):
            assert (a.estimate, a.std_error) == pytest.approx((b.estimate, b.std_error), rel=1e-8)
            assert a.p_permutation == b.p_permutation


def test_text_and_json(by_ownership: GroupComparison) -> None:
    text = str(by_ownership)
    for part in ("non_state - state", "all terms", "turning point", "permutation 0.0010", "labels permuted 999 times"):
        assert part in text
    assert to_json(from_json(GroupComparison, to_json(by_ownership))) == to_json(by_ownership)


def test_refusals() -> None:
    table = grouped(11)
    with pytest.raises(UsageError, match="has 1 groups"):
        compare_groups(table.with_columns(one=pl.lit("a")), FORMULA, "one")
    with pytest.raises(UsageError, match="is not a regressor"):
        compare_groups(table, FORMULA, "kind", treatment="age")
    with pytest.raises(UnknownColumn, match="knid"):
        compare_groups(table, FORMULA, "knid")
    tiny = table.with_columns(kind=pl.when(pl.col("firm") == "F010").then(pl.lit("tiny")).otherwise("kind"))
    with pytest.raises(TooFew, match="kind = tiny"):
        compare_groups(tiny, "y ~ scale", "kind", treatment="scale", cluster="region")
    some = table.with_columns(kind=pl.when(pl.col("firm") > "F020").then("kind"))
    assert "rows without kind dropped" in compare_groups(some, "y ~ market | year", "kind", permutations=0).notes[0]


def test_group_columns() -> None:
    table = pl.DataFrame(
        {
            "firm": list("abcdef"),
            "year": [2004, 2005, 2007, 2008, 2012, 2013],
            "region": ["Beijing", "湖北省", "Sichuan", "nowhere", "Guangdong", None],
            "ownership": ["State", "110", "private", "外资", None, "国有"],
        }
    )
    assert group_column(table, "ownership")["state_owned"].to_list() == [
        "state",
        "state",
        "non_state",
        "non_state",
        None,
        "state",
    ]
    assert (
        group_column(table, "period", first_of_later=2008)["period"].to_list() == ["2004-2007"] * 3 + ["2008-2013"] * 3
    )
    assert group_column(table, "period", name="when")["when"].to_list() == ["2004-2008"] * 4 + ["2009-2013"] * 2
    areas = group_column(Table("panel", table), "area")
    assert areas.polars()["area"].to_list() == ["East", "Central", "West", None, "East", None]
    assert "no group 2" in str(areas.account)
    assert "nowhere" in str(areas.account)
    departments = table.with_columns(region=pl.Series(["11", "12", "40", "75", "11", "12"]))
    with pytest.raises(EmptyTable, match="no region in the data belongs to an area that integrade knows"):
        group_column(Table("panel", departments), "area")
    with pytest.raises(EmptyTable, match="one group"):
        group_column(table.filter(pl.col("ownership") == "private"), "ownership")
    with pytest.raises(UsageError, match="did you mean 'period'"):
        group_column(table, "periods")  # type: ignore[arg-type]


TICINO = pl.DataFrame(
    {"region": ["Leventina", "Lavizzara"], "ownership": ["Privato", "Estero"], "industry": ["3101", "3212"]}
)


@pytest.mark.parametrize(
    ("how", "english", "chinese"),
    [
        (
            "area",
            "the split by area is not possible: no region in the data belongs to an area that integrade knows",
            "数据中的地区不在软件已收录的国家分区之内",
        ),
        ("ownership", "no value of ownership means state-owned", "没有表示国有的取值"),
        ("list", "no industry of the data has a group in the list of groups", "在分组名单中有分组"),
    ],
)
def test_a_split_without_two_groups_says_what_the_data_lack(how: Any, english: str, chinese: str) -> None:
    codes = {"groups": {"01": "low", "02": "high"}} if how == "list" else {}
    with pytest.raises(EmptyTable, match=english):
        group_column(TICINO, how, **codes)
    with speaking("zh"), pytest.raises(EmptyTable, match=chinese):
        group_column(TICINO, how, **codes)


def test_a_split_with_one_group_names_it() -> None:
    east = pl.DataFrame({"region": ["Beijing", "Leventina"]})
    with pytest.raises(EmptyTable, match="all rows with a group are in one group: East"):
        group_column(east, "area")


def test_industry_intensity_by_median_of_two_digit_industries() -> None:
    rows = [
        ("0610", 10.0, 1.0),
        ("0620", 30.0, 1.0),
        ("1310", 1.0, 1.0),
        ("1311", 3.0, 1.0),
        ("2200", 90.0, 3.0),
        ("2201", 0.0, 5.0),
        ("3000", None, 1.0),
        (None, 1.0, 1.0),
    ]
    table = pl.DataFrame(rows, schema=["industry", "capital", "labour"], orient="row")
    # medians: 06: 20, 13: 2, 22: 30 (the row without capital does not count); cut at 20, which is not above itself
    found = industry_intensity(Table("panel", table), "capital", "labour", "industry")
    assert found.polars()["intensity"].to_list() == [
        "labour_intensive",
        "labour_intensive",
        "labour_intensive",
        "labour_intensive",
        "capital_intensive",
        "capital_intensive",
        None,
        None,
    ]
    assert "at the median of capital/labour, 20" in str(found.account)
    same = group_column(table, "intensity", capital="capital", labour="labour")
    assert same["intensity"].to_list() == found.polars()["intensity"].to_list()
    duck = industry_intensity(duckdb.from_arrow(table.to_arrow()), "capital", "labour", "industry").pl()
    assert sorted(duck["intensity"].drop_nulls()) == sorted(same["intensity"].drop_nulls())
    with pytest.raises(CodesReadAsNumbers):
        industry_intensity(table.with_columns(pl.col("industry").cast(pl.Int64)), "capital", "labour", "industry")


@pytest.mark.slow
def test_size_of_the_permutation_test() -> None:
    """Labels that mean nothing, groups with different noise: about 5% of 200 panels reject at 5%."""
    rejected = 0
    for seed in range(200):
        table = grouped(1000 + seed, firms=80, movers=0)
        noise = pl.Series(np.random.default_rng(seed).normal(size=table.height)) * (
            1 + 2 * (table["kind"] == "k0").cast(pl.Float64)
        )
        found = compare_groups(
            table.with_columns(y=pl.col("y") + noise), FORMULA, "kind", cluster="region", permutations=99
        )
        assert found.joint[0].p_permutation is not None
        rejected += found.joint[0].p_permutation <= 0.05
    assert 3 <= rejected <= 22  # 10 expected; binomial bounds at about 1 in 1,000


@pytest.mark.system
def test_differences_against_clubsandwich(tmp_path: Path) -> None:
    """Stacked lm with every dummy by group in R; firms that move make K the rank, as in CR1S."""
    needs_r("clubSandwich")
    table = grouped(12, firms=60)
    table.select("firm", "year", "region", "kind", "market", "scale", "y").write_csv(tmp_path / "in.csv")
    script = (
        "suppressMessages(library(clubSandwich)); d <- read.csv('in.csv');"
        "for (g in c('k0', 'k1')) for (v in c('market', 'scale')) d[[paste0(v, g)]] <- d[[v]] * (d$kind == g);"
        "d$fk <- paste(d$firm, d$kind); d$yk <- paste(d$year, d$kind);"
        "m <- lm(y ~ 0 + marketk0 + I(marketk0^2) + scalek0 + marketk1 + I(marketk1^2) + scalek1 + fk + yk, d);"
        "V <- as.matrix(vcovCR(m, cluster = d$region, type = 'CR1S'))[1:6, 1:6]; b <- coef(m)[1:6];"
        "cat(sprintf('%.15g ', c(b[1:2] - b[4:5], sqrt(V[1,1] + V[4,4] - 2*V[1,4]), sqrt(V[2,2] + V[5,5] - 2*V[2,5]))))"
    )
    done = subprocess.run(["Rscript", "-e", script], cwd=tmp_path, check=True, capture_output=True, text=True)
    theirs = [float(v) for v in done.stdout.split()]
    found = compare_groups(table, FORMULA, "kind", cluster="region", vcov="CR1", singletons="keep", permutations=0)
    ours = [found.difference(t, "k0", "k1") for t in TERMS[:2]]
    assert [d.estimate for d in ours] == pytest.approx(theirs[:2], rel=1e-7)  # R's QR on some 130 dummies
    assert [d.std_error for d in ours] == pytest.approx(theirs[2:], rel=1e-6)
