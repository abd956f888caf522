"""The wild cluster bootstrap: golden numbers (METHODS 5.2, G8) and draw-by-draw re-estimation."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from integrade.errors import UsageError
from integrade.estimate.fit import fit
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.results import FitResult
from integrade.regress import partial
from integrade.regress.wild import draw, weights_for
from panels import annihilator, panel
from public_numbers import grunfeld

FORMULA = "y ~ market + market^2 + scale | firm + year"


def p_values(result: FitResult) -> dict[str, float]:
    return {w.null: w.p_value for w in result.wild}


def test_golden_enumeration() -> None:
    # G8: 1,024 sign vectors; ties count, so capital is 52/1024 and not 50/1024
    result = fit(grunfeld(), "inv ~ value + capital | firm + year", cluster="firm", wild=9999)
    assert p_values(result) == {"value": 2 / 1024, "capital": 52 / 1024}
    assert {(w.draws, w.weights, w.smallest_p) for w in result.wild} == {(1024, "enumerated", 2 / 1024)}


def re_estimated(table: pl.DataFrame, names: list[str], null: list[int], w: np.ndarray) -> tuple[np.ndarray, float]:
    """Every draw re-estimated with all dummies: the statistic of each draw, and that of the sample. No shortcut."""
    m = annihilator([table["firm"].to_numpy(), table["year"].to_numpy()], np.ones(table.height))
    market = table["market"].to_numpy()
    columns = {"market": market, "market^2": market**2, "scale": table["scale"].to_numpy()}
    x = m @ np.column_stack([columns[n] for n in names])
    y = m @ table["y"].to_numpy()
    _, code = np.unique(table["region"].to_numpy(), return_inverse=True)
    pick = np.arange(code.max() + 1)[:, None] == code
    bread = np.linalg.inv(x.T @ x)

    def statistic(outcome: np.ndarray) -> float:
        b = bread @ (x.T @ outcome)
        s = pick @ (x * (outcome - x @ b)[:, None])
        v = (bread @ s.T @ s @ bread)[np.ix_(null, null)]
        return float(b[null] @ np.linalg.solve(v, b[null]))

    rest = [j for j in range(len(names)) if j not in null]
    b_r = np.zeros(len(names))
    b_r[rest] = np.linalg.lstsq(x[:, rest], y, rcond=None)[0]
    u_r = y - x @ b_r
    return np.array([statistic(m @ (x @ b_r + u_r * row[code])) for row in w]), statistic(y)


@pytest.mark.parametrize(("regions", "movers"), [(10, 0), (10, 5), (8, 3)])
def test_every_draw_equals_re_estimation(regions: int, movers: int) -> None:
    # year effects are not nested in regions; with movers the firm effects are not either
    table = panel(4, regions=regions, movers=movers, years=5, firms=50)
    design = prepare(table, FORMULA)
    table = table.join(design.labels.select("firm").unique(), on="firm", how="semi")  # without singletons
    count = 1024 if regions == 10 else 399
    result = estimate(design, cluster="region", wild=count)
    found = p_values(result)
    kind = weights_for(regions, count)
    assert {w.weights for w in result.wild} == {kind}
    w = draw(kind, regions, np.arange(count), 20240101)
    names = ["market", "market^2", "scale"]
    for label, null in (("market", [0]), ("market^2", [1]), ("scale", [2]), ("market + market^2", [0, 1])):
        stars, sample = re_estimated(table, names, null, w)
        extreme = int((stars >= sample * (1 - 1e-9) ** 2).sum())
        expected = extreme / count if kind == "enumerated" else (1 + extreme) / (count + 1)
        assert found[label] == expected, label


def test_several_large_effects_and_weights_give_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    table = panel(7, regions=10, movers=4)
    exact = fit(table, FORMULA, cluster="region", wild=999, weights="weight")
    monkeypatch.setattr(partial, "SMALL", 2)
    design = prepare(table, FORMULA, weights="weight")
    assert not design.plan.exact
    assert p_values(estimate(design, cluster="region", wild=999)) == p_values(exact)


def test_many_clusters_use_the_factored_form(monkeypatch: pytest.MonkeyPatch) -> None:
    table = panel(5, movers=3)
    small = p_values(fit(table, FORMULA, cluster="firm", wild=199))
    monkeypatch.setattr("integrade.regress.wild.DENSE_GROUPS", 3)
    assert p_values(fit(table, FORMULA, cluster="firm", wild=199)) == small


@pytest.mark.parametrize(
    ("groups", "draws", "kind"),
    [
        (9, 99_999, "webb"),
        (10, 1024, "enumerated"),
        (10, 1023, "rademacher"),
        (12, 9999, "enumerated"),
        (31, 9999, "rademacher"),
    ],
)
def test_which_weights(groups: int, draws: int, kind: str) -> None:
    assert weights_for(groups, draws) == kind


def test_draws_depend_on_their_number_and_the_seed_alone() -> None:
    for kind in ("rademacher", "webb"):
        every = draw(kind, 31, np.arange(5000), 1)  # type: ignore[arg-type]
        np.testing.assert_array_equal(every[1200:1300], draw(kind, 31, np.arange(1200, 1300), 1))  # type: ignore[arg-type]
        assert (every != draw(kind, 31, np.arange(5000), 2)).mean() > 0.4  # type: ignore[arg-type]
        # mean 0, variance 1, no correlation between clusters: four standard errors of 155,000 draws
        assert abs(every.mean()) < 4 / np.sqrt(every.size)
        assert abs((every**2).mean() - 1) < 4 / np.sqrt(every.size)
        off = np.corrcoef(every.T) - np.eye(31)
        assert np.abs(off).max() < 5 / np.sqrt(5000)
    assert np.unique(np.round(draw("webb", 9, np.arange(500), 1) ** 2, 12)).tolist() == [0.5, 1.0, 1.5]
    signs = draw("enumerated", 10, np.arange(1024), 1)
    assert len(np.unique(signs, axis=0)) == 1024


@pytest.mark.parametrize(
    ("regions", "weights", "count"),
    [(4, "webb", 4999), (5, "mammen", 999), (6, "rademacher", 63), (6, "rademacher", 64), (4, "auto", 199)],
)
def test_smallest_p_counts_the_draws_that_repeat_the_sample(regions: int, weights: str, count: int) -> None:
    """Brute force: each draw re-estimated; those with |t| of the sample are counted, and a t beyond all others has
    that p. All-equal weights repeat it: 6 of 6^4 vectors of Webb's, 2 of 64 signs."""
    table = panel(4, regions=regions, movers=0, years=5, firms=50)
    table = table.with_columns(y=5 * pl.col("scale") + 0.01 * pl.col("y"))
    design = prepare(table, FORMULA)
    table = table.join(design.labels.select("firm").unique(), on="firm", how="semi")
    result = estimate(design, cluster="region", wild=count, wild_weights=weights)
    one = next(w for w in result.wild if w.null == "scale")
    w = draw(one.weights, regions, np.arange(one.draws), one.seed)
    stars, sample = re_estimated(table, ["market", "market^2", "scale"], [2], w)
    extra = int(one.weights != "enumerated")
    again = int((np.abs(stars / sample - 1) < 1e-6).sum())
    assert again > 0
    assert one.smallest_p == (extra + again) / (one.draws + extra)
    assert one.p_value == one.smallest_p
    free = estimate(design, cluster="region", wild=count, wild_weights=weights, wild_null="free")
    assert free.wild[2].smallest_p == 1 / (one.draws + 1)  # w = 1 then gives t* = 0


def test_a_cluster_without_information_repeats_the_sample_too() -> None:
    """Whatever weight a cluster has whose regressor does not move within its firms: the other clusters decide."""
    table = panel(4, regions=10, movers=0, years=5, firms=50).with_columns(
        x=pl.when(pl.col("region") == "R3").then(0.0).otherwise(pl.col("scale"))
    )
    table = table.with_columns(y=5 * pl.col("x") + 0.01 * pl.col("y"))
    one = fit(table, "y ~ x | firm", cluster="region", wild=9999).wild[0]
    assert (one.weights, one.draws, one.smallest_p, one.p_value) == ("enumerated", 1024, 4 / 1024, 4 / 1024)


def test_seed_is_recorded_and_matters() -> None:
    table = panel(3)
    a, b, c = (fit(table, FORMULA, cluster="region", wild=199, seed=s) for s in (1, 1, 2))
    assert p_values(a) == p_values(b) != p_values(c)
    assert a.wild[0].seed == 1
    assert fit(table, FORMULA, cluster="region", wild=9).wild[0].seed == 20240101
    assert a.wild[0].smallest_p == 1 / 200


@pytest.mark.parametrize(
    "options", [{"wild": 99}, {"wild": 99, "cluster": "firm+region"}, {"wild": -1, "cluster": "region"}]
)
def test_wild_needs_one_cluster(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        fit(panel(3), FORMULA, None, **options)
