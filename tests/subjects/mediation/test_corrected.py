"""The corrected twin of a mediation: its equations by a direct call, its products by the laws of normal draws."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import special

from integrade.estimate.results import FitResult
from integrade.study.records import from_json, to_json
from integrade.subjects.mediation.mediate import mediate
from integrade.subjects.mediation.records import MediationResult
from twin_economy import FORMULA, NOISY, TOO_NOISY, direct, drawn, halves

PATH = FORMULA.replace("y ~", "m ~")
DIRECT = FORMULA.replace(" | ", " + m | ")
DRAWS = 4000


@pytest.fixture(scope="module")
def both() -> MediationResult:
    return mediate(drawn().panel, FORMULA, "m", cluster="region", draws=99, halves=halves())


@pytest.fixture(scope="module")
def twin(both: MediationResult) -> MediationResult:
    assert both.uncorrected == ""
    assert both.corrected is not None
    return both.corrected


def same(a: FitResult, b: FitResult) -> None:
    assert [c.term for c in a.coefficients] == [c.term for c in b.coefficients]
    assert (a.nobs, a.kind, a.df_t) == (b.nobs, b.kind, b.df_t)
    for x, y in zip(a.coefficients, b.coefficients, strict=True):
        assert (x.estimate, x.std_error) == pytest.approx((y.estimate, y.std_error), rel=1e-9)  # the same arithmetic
    np.testing.assert_allclose(a.vcov, b.vcov, rtol=1e-8)


def test_each_equation_is_the_corrected_regression_of_that_equation(twin: MediationResult) -> None:
    same(twin.total, direct(FORMULA).fit)
    same(twin.direct, direct(DIRECT).fit)
    same(twin.mediators[0].a_path, direct(PATH).fit)


def test_the_correction_moves_the_path_from_a_mediator_that_does_nothing_towards_zero(
    both: MediationResult, twin: MediationResult
) -> None:
    """The mediator has no effect, but it moves with the true index, so that the printed regression finds one."""
    assert abs(twin.mediators[0].b.statistic) < abs(both.mediators[0].b.statistic)


def test_the_table_as_printed_does_not_change(both: MediationResult) -> None:
    alone = mediate(drawn().panel, FORMULA, "m", cluster="region", draws=99)
    assert alone.corrected is None
    assert to_json(replace(both, corrected=None)) == to_json(alone)


def test_a_linear_path_to_the_mediator_is_corrected_as_such() -> None:
    found = mediate(drawn().panel, FORMULA, "m", cluster="region", draws=19, a_path="linear", halves=halves()).corrected
    assert found is not None
    same(found.mediators[0].a_path, direct("m ~ market | firm + year").fit)


def test_products_and_their_tests_follow_from_both_paths() -> None:
    found = mediate(drawn().panel, FORMULA, "m", cluster="region", draws=DRAWS, halves=halves()).corrected
    assert found is not None
    path, b = direct(PATH).fit, direct(DIRECT).fit["m"]
    a1, a2 = path["market"].estimate, path["market^2"].estimate
    p_b = 2 * special.stdtr(15, -abs(b.statistic))
    m = found.mediators[0]
    assert m.clustered is not None
    assert m.clustered.p_b == pytest.approx(p_b, rel=1e-9)
    assert (m.clustered.cluster, m.clustered.n) == ("region", 16)
    assert m.clustered.indirect == m.indirect
    rng = np.random.default_rng(99)
    slopes = rng.multivariate_normal([a1, a2], path.vcov[:2, :2], 200_000)
    other = rng.normal(b.estimate, b.std_error, 200_000)
    for i in m.indirect:
        assert i.x is not None
        slope = a1 + 2 * a2 * i.x
        assert i.estimate == pytest.approx(slope * b.estimate, rel=1e-9)
        products = (slopes[:, 0] + 2 * i.x * slopes[:, 1]) * other
        spread = products.std()
        # ends of an interval by 4,000 draws have a Monte Carlo error of about .05 of the products' s.d.
        assert i.conf_low == pytest.approx(np.quantile(products, 0.025), abs=0.2 * spread)
        assert i.conf_high == pytest.approx(np.quantile(products, 0.975), abs=0.2 * spread)


def test_places_are_those_of_the_table_as_printed(both: MediationResult, twin: MediationResult) -> None:
    assert [(d.place, d.x) for d in twin.together] == [(d.place, d.x) for d in both.together]
    assert twin.mediators[0].sensitivity == both.mediators[0].sensitivity


def test_several_mediators_share_one_last_equation() -> None:
    panel = drawn().panel.with_columns(k=pl.col("m") * 0.3 + pl.col("firm") % 7 + (pl.col("year") * pl.col("firm")) % 5)
    found = mediate(panel, FORMULA, ("m", "k"), cluster="region", draws=19, halves=halves()).corrected
    assert found is not None
    same(found.direct, direct(FORMULA.replace(" | ", " + m + k | "), panel).fit)
    same(found.mediators[1].a_path, direct(FORMULA.replace("y ~", "k ~"), panel).fit)


def test_without_clusters_the_twin_has_those_of_regions() -> None:
    """Its errors are CR3 by region although the table's are iid."""
    found = mediate(drawn().panel, FORMULA, "m", interval="monte_carlo", draws=99, halves=halves())
    assert found.total.kind == "iid"
    assert found.corrected is not None
    same(found.corrected.direct, direct(DIRECT).fit)


def test_halves_that_do_not_agree_are_said_and_the_table_stays() -> None:
    panel = drawn(NOISY).panel
    found = mediate(panel, FORMULA, "m", cluster="region", draws=19, halves=halves(NOISY))
    assert found.corrected is None
    assert TOO_NOISY in found.uncorrected
    alone = mediate(panel, FORMULA, "m", cluster="region", draws=19)
    assert to_json(replace(found, uncorrected="")) == to_json(alone)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (pl.col("market") + 0.01, "not the index of the prices"),
        (pl.col("market").clip(None, pl.col("market").quantile(0.9)), "not the index of the prices"),
    ],
    ids=["another column", "a winsorised index"],
)
def test_another_treatment_is_not_corrected(change: pl.Expr, why: str) -> None:
    panel = drawn().panel.with_columns(change.alias("market"))
    found = mediate(panel, FORMULA, "m", cluster="region", draws=19, halves=halves())
    assert found.corrected is None
    assert why in found.uncorrected


def test_the_printed_record_has_both(both: MediationResult) -> None:
    m = both.corrected.mediators[0]  # type: ignore[union-attr]
    after = str(both.sheet().text()).split("with the index corrected for noise:")[1]
    assert f"b {m.b.estimate:.5g} ({m.b.std_error:.3g})" in after


def test_the_record_survives_json(both: MediationResult) -> None:
    again = from_json(MediationResult, to_json(both))
    assert to_json(again) == to_json(both)
    assert again.corrected is not None
    assert again.corrected.corrected is None
    assert math.isnan(again.corrected.total.r2)
    assert again.corrected.direct["m"] == both.corrected.direct["m"]  # type: ignore[union-attr]
