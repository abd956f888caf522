"""Permuted paths of regions against regressions on the permuted panel (METHODS 5.11)."""

from __future__ import annotations

from itertools import permutations
from typing import Literal

import numpy as np
import polars as pl
import pytest

from integrade.errors import NotIdentified, TooFew, UsageError
from integrade.estimate.contrasts import joint_test
from integrade.estimate.fit import fit
from integrade.estimate.fit_json import plain
from integrade.estimate.results import FitResult
from integrade.subjects.inference.randomisation import Randomisation, randomisation
from panels import panel

FORMULA = "y ~ market + market^2 + scale | firm + year"
SEED = 20240101


def everywhere(table: pl.DataFrame) -> pl.DataFrame:
    """Every region with every year, so that all paths can be exchanged: rows without an outcome carry the treatment."""
    cells = table.select("region").unique().join(table.select("year").unique(), how="cross")
    known = table.select("region", "year", "market").unique()
    lacking = cells.join(known, on=["region", "year"], how="anti").sort("region", "year")
    extra = lacking.with_columns(
        market=pl.Series(np.random.default_rng(3).normal(4, 0.3, lacking.height)), firm=pl.lit("none")
    )
    return pl.concat([table, extra.select("region", "year", "market", "firm")], how="diagonal_relaxed")


def permuted(table: pl.DataFrame, order: np.ndarray) -> pl.DataFrame:
    """The panel whose regions have the paths of others: a join, no shortcut."""
    regions = sorted(table["region"].unique())
    donors = pl.DataFrame({"region": regions, "donor": [regions[j] for j in order]})
    paths = table.select(pl.col("region").alias("donor"), "year", "market").unique()
    return table.drop("market").join(donors, on="region").join(paths, on=["donor", "year"], how="left")


def reached(
    table: pl.DataFrame, formula: str, orders: list[np.ndarray], **how: object
) -> tuple[np.ndarray, np.ndarray]:
    """|t| of market, of its square and joint F: in the data, and under each permutation."""

    def three(result: FitResult) -> list[float]:
        pair = ["market", "market^2"]
        return [*(abs(result[t].statistic) for t in pair), joint_test(result, pair).statistic]

    own = np.array(three(fit(table, formula, None, **how)))
    return own, np.array([three(fit(permuted(table, o), formula, None, **how)) for o in orders])


def p_of(found: Randomisation) -> list[float]:
    return [*(t.p_value for t in found.terms), found.p_joint]


@pytest.mark.parametrize("vcov", ["CR1", "CR3"])
@pytest.mark.parametrize(
    ("formula", "extra"),
    [
        (FORMULA, {}),
        (FORMULA, {"weights": "weight", "cluster": "firm"}),
        ("y ~ scale + market + age + market^2 | firm + industry^year", {"singletons": "keep"}),
        ("y ~ market + market^2 + scale", {}),
        ("y ~ market^2 + market | year", {}),
    ],
)
def test_p_values_equal_regressions_on_the_permuted_panel(
    vcov: Literal["CR1", "CR3"], formula: str, extra: dict[str, str]
) -> None:
    # unbalanced, firms that move, weights, other clusters, other effects, none
    table = everywhere(panel(8, regions=7, movers=6, firms=50))
    how = {"vcov": vcov, "cluster": "region", **extra}
    count = 24
    found = randomisation(table, formula, permutations=count, **how)
    assert not found.enumerated
    orders = [np.random.default_rng([SEED, b]).permutation(7) for b in range(count)]
    own, drawn = reached(table, formula, orders, **how)
    expected = (1 + (drawn >= own * (1 - 1e-9)).sum(axis=0)) / (count + 1)
    swap = [t.term for t in found.terms].index("market")
    np.testing.assert_array_equal(p_of(found), expected[[swap, 1 - swap, 2]])
    for term in found.terms:
        at = 0 if term.term == "market" else 1
        assert abs(term.statistic) == pytest.approx(own[at])
        # the permutations' t themselves, to rounding of the two ways of removing effects
        assert term.critical == pytest.approx(np.quantile(drawn[:, at], 0.95, method="higher"), rel=1e-6)
    assert found.joint.statistic == pytest.approx(own[2])


def test_few_regions_are_enumerated() -> None:
    table = everywhere(panel(2, regions=4, movers=3, firms=40))
    found = randomisation(table, "y ~ market + scale | firm + year", vcov="CR1")
    assert (found.permutations, found.enumerated, found.smallest_p) == (24, True, 1 / 24)
    assert found.terms[0].p_value * 24 == pytest.approx(round(found.terms[0].p_value * 24))
    assert found.terms[0].p_value >= 1 / 24
    assert found.p_joint == found.terms[0].p_value


def test_paths_change_places_only_between_regions_with_the_same_years() -> None:
    # R0 and R1 lack 2005, R5 lacks 2000: R5 keeps its path, R0 and R1 exchange theirs
    table = everywhere(panel(8, regions=6, movers=0, firms=50)).filter(
        ~(pl.col("region").is_in(["R0", "R1"]) & (pl.col("year") == 2005))
        & ~((pl.col("region") == "R5") & (pl.col("year") == 2000))
    )
    found = randomisation(table, FORMULA, permutations=999, vcov="CR1")
    assert (found.regions, found.exchanged, found.permutations, found.enumerated) == (6, 5, 12, True)
    assert "1 region that covers other years keeps its treatment history" in found.note
    orders = [np.array([*two, *three, 5]) for two in permutations((0, 1)) for three in permutations((2, 3, 4))]
    own, drawn = reached(table, FORMULA, orders, vcov="CR1", cluster="region")
    np.testing.assert_array_equal(p_of(found), (drawn >= own * (1 - 1e-9)).mean(axis=0))
    alone = everywhere(panel(8, regions=6, movers=0, firms=50)).filter(
        pl.col("year") != 2000 + pl.col("region").str.slice(1).cast(pl.Int64)
    )
    with pytest.raises(TooFew, match="same years"):
        randomisation(alone, FORMULA)


def test_neither_order_of_rows_nor_of_terms_matters_and_the_seed_does() -> None:
    table = everywhere(panel(8, regions=9, movers=4))
    base = randomisation(table, FORMULA, permutations=199)
    again = randomisation(table.sample(fraction=1, shuffle=True, seed=1), FORMULA, permutations=199)
    assert p_of(base) == p_of(again)
    assert p_of(randomisation(table, FORMULA, permutations=199, seed=5)) != p_of(base)
    other = randomisation(table.with_columns(y=3 * pl.col("y") + 7), FORMULA, permutations=199)
    assert p_of(other) == p_of(base)
    assert base.smallest_p == 1 / 200
    assert base.kind == "CR3"


def shocks(seed: int, effect: float) -> pl.DataFrame:
    """12 regions by 8 years, 4 firms each; treatment and region-year shocks follow AR(1) with .8."""
    rng = np.random.default_rng(seed)
    series = rng.normal(size=(2, 12, 8))
    for t in range(1, 8):
        series[:, :, t] = 0.8 * series[:, :, t - 1] + 0.6 * series[:, :, t]
    r, f, t = (a.ravel() for a in np.meshgrid(np.arange(12), np.arange(4), np.arange(8), indexing="ij"))
    y = series[1][r, t] + effect * series[0][r, t] + rng.normal(size=len(r))
    return pl.DataFrame({"firm": r * 4 + f, "year": t, "region": r, "market": series[0][r, t], "y": y})


@pytest.mark.slow
def test_size_and_power() -> None:
    formula = "y ~ market | firm + year"
    null = np.array([randomisation(shocks(s, 0.0), formula, permutations=99, vcov="CR1").p_joint for s in range(120)])
    # the null holds exactly, so P(p <= .2) = .2; four standard errors of 120 samples
    assert abs((null <= 0.2).mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 120)
    assert abs(null.mean() - 0.505) < 4 * np.sqrt(1 / 12 / 120)
    strong = [randomisation(shocks(s, 1.0), formula, permutations=99, vcov="CR1").p_joint for s in range(8)]
    assert max(strong) <= 0.05


def test_text_json_and_refusals() -> None:
    table = everywhere(panel(8, regions=9))
    found = randomisation(table, FORMULA, permutations=49)
    text = str(found)
    for words in (
        "49 random permutations of the paths of 9 regions",
        "market and market^2: F =",
        "exchangeable",
        "seed",
    ):
        assert words in text
    assert plain(found)["terms"][1]["term"] == "market^2"
    with pytest.raises(UsageError, match="CR1"):
        randomisation(table, FORMULA, vcov="HC1", cluster=None)
    with pytest.raises(UsageError, match="permutations"):
        randomisation(table, FORMULA, permutations=0)
    with pytest.raises(UsageError, match="varies within"):
        randomisation(table.with_columns(market=pl.col("scale")), "y ~ market | firm + year")
    with pytest.raises(UsageError, match="powers"):
        randomisation(table, "y ~ market + market:scale | firm + year")
    uneven = table.with_columns(market=pl.when(pl.col("firm") == "none").then(9.0).otherwise("market"))
    doubled = pl.concat([uneven, uneven.filter(pl.col("firm") == "none").with_columns(market=pl.lit(8.0))])
    assert doubled.height > uneven.height  # rows without an outcome, whose values disagree
    with pytest.raises(UsageError, match="varies within"):
        randomisation(doubled, FORMULA)


def test_a_coefficient_that_hangs_on_one_cluster() -> None:
    table = panel(5, regions=8, movers=0, years=6, firms=80)
    on = (pl.col("region") == "R0") & (pl.col("year") >= 2003)
    treated = table.with_columns(market=on.cast(pl.Float64))
    with pytest.raises(NotIdentified, match="when one of the clusters is left out"):
        randomisation(treated, "y ~ market | firm + year", permutations=99)
    # CR1 exists; the treated region can be any of eight
    found = randomisation(treated, "y ~ market | firm + year", permutations=199, vcov="CR1")
    assert found.terms[0].p_value >= 1 / 8 - 3 * np.sqrt(1 / 8 * 7 / 8 / 199)
